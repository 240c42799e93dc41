//! A retailer's year of inventory events, replayed through the core twice, and proof that the answer is right.
//!
//! In reading order: a year is read from files ([`input`], [`tills`]) or invented ([`catalogue`], [`network`]), and either way
//! ends as a [`year::Year`]: a log of events and, apart from it, the truth. The log is replayed ([`replay`]), the book is held
//! against the truth ([`truth`]), valued ([`books`]), compared with years that promise by other rules ([`promises`], [`plot`]),
//! and answers orders ([`orders`]).

pub mod books;
pub mod catalogue;
mod demo;
pub mod input;
pub mod log;
pub mod network;
pub mod options;
pub mod orders;
pub mod plot;
pub mod progress;
pub mod promises;
mod random;
pub mod recorder;
pub mod replay;
pub mod report;
mod serve;
pub mod storefront;
mod table;
#[cfg(test)]
mod tests;
pub mod tills;
pub mod truth;
pub mod world;
pub mod year;

pub use demo::run;
