//! Inventory truth as pure functions: events in, positions and offers out, the same bits on every machine.
//!
//! A [`Book`] is the state. [`Book::evolve`] posts what happened, [`Book::execute`] checks what somebody wants and posts it or refuses it
//! by name, [`Book::promise`] answers what can be had, from where and by when, and commits nothing. None of them asks the time, draws a
//! random number, or reads or writes anything: `now` is an argument, and keeping events and snapshots is the caller's.
//!
//! ```
//! use onhand::promise::{Destination, Request};
//! use onhand::{Book, Event, Id, ItemTerms, Kind, Line, Name, NodeTerms, NodeType, Quantity, Terms, Time};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Time::try_from(1_767_225_600_000)?; // milliseconds of UTC
//! let (tea, store) = (Name::new("TEA-250")?, Name::new("store-1")?);
//! let mut book = Book::new();
//!
//! // Master data comes in as events, too: what is to be known of an item and of a node.
//! let item = ItemTerms { sku: tea.clone(), unit: Name::new("each")?, title: None, backorder_limit: Quantity::ZERO };
//! let node = NodeTerms {
//!     node: store.clone(), node_type: NodeType::Store, title: None, on_line: true, ships: true, picks_up: true, handling_ms: 0,
//! };
//! let said = [(Kind::ItemChange, Terms::Item(item)), (Kind::NodeChange, Terms::Node(node))];
//! for (number, (kind, terms)) in (1..).zip(said) {
//!     let mut event = Event::new(Name::new("master")?, Id::Number(number), kind, now);
//!     event.terms = Some(Box::new(terms));
//!     book.evolve(&event)?;
//! }
//!
//! // A fact: twelve arrived. Told again, it changes nothing.
//! let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, now);
//! receipt.node = Some(store.clone());
//! receipt.lines.push(Line::new(tea.clone(), 12)?);
//! assert!(!book.evolve(&receipt)?.replayed);
//! assert!(book.evolve(&receipt)?.replayed);
//!
//! // An intent: too much is refused, with the numbers, and the book is as it was.
//! let mut hold = Event::new(Name::new("shop")?, Id::Text(Name::new("basket-7")?), Kind::Reserve, now);
//! hold.node = Some(store.clone());
//! hold.subject = Some(Name::new("order-7")?);
//! hold.lines.push(Line::new(tea.clone(), 13)?);
//! let refused = book.execute(&hold).unwrap_err();
//! assert_eq!(refused.to_string(), "insufficient: `TEA-250` at `store-1` has 12, 13 requested");
//!
//! let offer = book.promise(&Request::new(Destination::PickUp(store), now).line(tea, 13)?)?;
//! assert_eq!((offer.shipments[0].lines[0].quantity, offer.unmet[0].quantity), (12, 1));
//! # Ok(()) }
//! ```
//!
//! # Where to look
//!
//! - What kinds of events there are and what each needs: [`Kind`], its table in [`kind`] and, printed, `docs/TABLES.md`.
//! - Readings: [`Book::availability`], [`Book::positions`], [`Book::claims`], [`Book::exceptions`], [`Book::dated_supply`].
//! - Promising under rules, what if, how sure, what would have helped: [`promise`]. At each moment: [`atp`]. By the clock: [`calendar`].
//! - People: what they may do alone ([`approval`]), deliveries ([`receiving`]), counts ([`counting`]), what codes and packs mean
//!   ([`catalogue`]).
//! - Carrying: [`Book::snapshot`] and [`Book::restore`], [`Image`] which answers where it lies, [`log`] for a sealed trail, [`rows`] for
//!   bulk.
//!
//! # Features
//!
//! None is on unless asked for, and the crate is `no_std` with `alloc` under each but `zones`. `serde`: public types as JSON and from it
//! (`Event::from_json`, `to_json`, `Book::evolve_json`), with checked constructors on the way in. `zones`: offset tables from the names
//! of time zones, with their database. `js` is for the npm package.
//!
//! # Untrusted input
//!
//! Whatever comes from outside is checked on its way in, and what is wrong is named with its part and value; nothing of it is applied.
//! Every input has a limit in [`limits`]. No input panics: a panic is a fault of this crate.
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
mod sentence;
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
pub use sentence::InWords;
#[cfg(feature = "serde")]
pub use text::{TextBatch, TurnedAwayAt, to_json};
