//! Inventory truth as pure functions: events in, positions and offers out, the same bits on every machine.
#![no_std]
#![doc(html_no_source)]
extern crate alloc;

#[cfg(feature = "serde")]
mod answer;
pub mod approval;
pub mod atp;
mod availability;
mod book;
pub mod calendar;
mod carry;
pub mod catalogue;
pub mod cbv;
pub mod claim;
mod close;
mod content;
pub mod counting;
mod dense;
#[cfg(feature = "serde")]
mod draft;
mod event;
mod evolve;
mod exception;
mod execute;
#[cfg(feature = "serde")]
mod json;
mod kept;
pub mod kind;
mod lanes;
mod learn;
pub mod limits;
pub mod log;
mod lot;
mod measure;
mod name;
mod names;
mod numbers;
mod ordered;
mod place;
mod print;
pub mod promise;
mod reading;
pub mod receiving;
pub mod rows;
mod seen;
pub mod sourcing;
mod stock;
pub mod testing;
#[cfg(feature = "serde")]
mod text;
mod transfer;

#[cfg(feature = "serde")]
pub use answer::Answer;
pub use availability::Availability;
pub use book::Book;
pub use carry::{Image, SnapshotError};
pub use event::{
    Event, Id, ItemTerms, LaneTerms, Line, LotTerms, Malformed, NodeTerms, NodeType, Problem,
    ProtectionTerms, Terms, UNASSIGNED,
};
pub use evolve::{Outcome, TurnedAway};
pub use exception::{Exception, ExceptionCode};
pub use execute::{Decision, Refusal, Shortage};
#[cfg(feature = "serde")]
pub use json::TextError;
pub use kept::Standing;
pub use kind::Kind;
pub use measure::{Money, OutOfRange, Quantity, Time};
pub use name::{Name, NameProblem};
pub use place::{Outside, StockState};
pub use reading::{DatedSupply, LineClaim, LosingClaim, Position};
#[cfg(feature = "serde")]
pub use text::{TextBatch, TurnedAwayAt, to_json};
