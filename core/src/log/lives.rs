//! The lives of exceptions: since when each is open, who has taken it on, and what it puts at stake.
//!
//! An exception follows from the state; what people do about it is recorded under its id (`exception_assign`,
//! `exception_resolve`), whether or not it is open at that moment. Both together are its life.

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use super::Log;
use crate::book::Book;
use crate::event::{Event, Id};
use crate::exception::{Exception, ExceptionCode};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Map, sort_by};
use crate::place::codes;

/// How much an exception matters while nothing else is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A record to complete.
    Low,
    /// A record that is wrong somewhere.
    Medium,
    /// Stock that is not there, or facts that wait.
    High,
    /// Customers who were promised what is not there.
    Critical,
}

codes!(Severity: Low "low", Medium "medium", High "high", Critical "critical");

/// Where an open exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LifeStatus {
    /// Nobody has taken it on.
    Open,
    /// Somebody has.
    Assigned,
    /// Somebody said that it is done with; what it is about is still in the book.
    Resolved,
    /// It was resolved, and happened again since.
    Reopened,
}

codes!(LifeStatus: Open "open", Assigned "assigned", Resolved "resolved", Reopened "reopened");

/// An open exception and its life so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Life {
    /// What it is recorded under: the subject of `exception_assign` and `exception_resolve`.
    pub id: Name,
    /// The contradiction.
    pub exception: Exception,
    /// Where it stands.
    pub status: LifeStatus,
    /// Who took it on last: the actor of the assignment.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub assignee: Option<Name>,
    /// When the event occurred that raised it first in this period; the log's own start for what was open before it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub since: Option<Time>,
    /// How much it matters.
    pub severity: Severity,
    /// Its units at the cost that the caller knows, in minor units and never below zero; `None` without a cost.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value: Option<i64>,
}

impl ExceptionCode {
    /// How much exceptions of this kind matter.
    ///
    /// ```
    /// use onhand::ExceptionCode;
    /// use onhand::log::Severity;
    /// assert_eq!(ExceptionCode::Overcommitted.severity(), Severity::Critical);
    /// assert!(ExceptionCode::ReasonDue.severity() < ExceptionCode::Deficit.severity());
    /// ```
    pub const fn severity(self) -> Severity {
        match self {
            ExceptionCode::Overcommitted => Severity::Critical,
            ExceptionCode::Deficit
            | ExceptionCode::TooOld
            | ExceptionCode::UnknownSku
            | ExceptionCode::UnknownNode => Severity::High,
            ExceptionCode::ReceivedBeforeShipped
            | ExceptionCode::OutOfOrderMove
            | ExceptionCode::ReceiptWithoutOrder
            | ExceptionCode::OverReturned
            | ExceptionCode::CountVariance => Severity::Medium,
            ExceptionCode::ReasonDue | ExceptionCode::PriorPeriod => Severity::Low,
        }
    }
}

impl Book {
    /// The id of an exception: its code, and 64 bits that stand for its subject and the period of its node. The same
    /// contradiction has the same id however its numbers change, until the books of the node are closed.
    ///
    /// ```
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut sale = Event::new(Name::new("till")?, Id::Number(1), Kind::Sell, Time::new(1_000).unwrap());
    /// sale.node = Some(Name::new("store-1")?);
    /// sale.lines.push(Line::new(Name::new("TEA-250")?, 1)?);
    /// let raised = book.evolve(&sale)?.exceptions;
    /// let id = book.exception_id(&raised[0]);
    /// assert!(id.as_str().starts_with("deficit-"));
    /// sale.id = Id::Number(2);
    /// assert_eq!(book.evolve(&sale)?.exceptions[0].quantity, -2);
    /// assert_eq!(book.exception_id(&book.exceptions(Time::ZERO)[0]), id);
    /// # Ok(()) }
    /// ```
    pub fn exception_id(&self, exception: &Exception) -> Name {
        let mut hash = Sha256::new();
        let number = match &exception.id {
            Some(Id::Number(number)) => *number,
            _ => 0,
        };
        let text = match &exception.id {
            Some(Id::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let about = exception;
        let names = [&about.sku, &about.location, &about.place, &about.lot, &about.owner];
        let names = names.into_iter().chain([&about.subject, &about.line, &about.source]);
        let texts = names.map(|name| name.as_ref().map(Name::as_str));
        for text in texts.chain([text, exception.state.map(|state| state.code())]) {
            let text = text.unwrap_or_default();
            // Lengths keep "a" and "bc" from being "ab" and "c".
            hash.update([u8::try_from(text.len()).unwrap_or(u8::MAX)]);
            hash.update(text);
        }
        hash.update(number.to_le_bytes());
        let node = exception.location.as_ref().and_then(|name| self.known_node(name.as_str()));
        let period = node.map_or(-1, |node| self.closed_through(node));
        hash.update(period.to_le_bytes());
        let digest = hash.finalize();
        let mut id = alloc::format!("{}-", exception.code);
        for byte in digest.iter().take(8) {
            id.push_str(&alloc::format!("{byte:02x}"));
        }
        Name::known(&id)
    }
}

impl Log {
    /// Every exception that is open at `now` with its life, the most severe first, then by value at stake and by age: those of
    /// the book, and the order lines of which more came back than was sold, as [`Log::sold_line`] knows them.
    ///
    /// `book` is the book that wrote the log; `cost` is what one unit of an item is worth at a location, in minor units. Tells
    /// the whole log to a book anew.
    ///
    /// ```
    /// use onhand::log::{LifeStatus, Log};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let mut sale = Event::new(Name::new("till")?, Id::Number(1), Kind::Sell, at(1_000));
    /// sale.node = Some(Name::new("store-1")?);
    /// sale.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// log.evolve(&mut book, &sale, at(1_000))?;
    ///
    /// let lives = |log: &Log, book: &_| log.lives(book, at(9_000), |_, _| Some(250));
    /// let open = &lives(&log, &book)[0];
    /// assert_eq!((open.status, open.since, open.value), (LifeStatus::Open, Some(at(1_000)), Some(750)));
    ///
    /// let mut assign = Event::new(Name::new("office")?, Id::Number(1), Kind::ExceptionAssign, at(2_000));
    /// (assign.subject, assign.actor) = (Some(open.id.clone()), Some(Name::new("grace")?));
    /// log.execute(&mut book, &assign, at(2_000)).unwrap();
    /// assert_eq!(lives(&log, &book)[0].assignee, Some(Name::new("grace")?));
    /// # Ok(()) }
    /// ```
    pub fn lives(
        &self,
        book: &Book,
        now: Time,
        cost: impl Fn(&Name, Option<&Name>) -> Option<i64>,
    ) -> Vec<Life> {
        let (raised, records) = (self.raised(), self.records());
        let mut lives: Vec<Life> = Vec::new();
        let of_log = self.over_returns().into_iter().map(|over| over.exception);
        for exception in book.exceptions(now).into_iter().chain(of_log) {
            let id = book.exception_id(&exception);
            // One event may move a line twice without a claim: one life, and the sum.
            if let Some(same) = lives.last_mut().filter(|last| last.id == id) {
                same.exception.quantity += exception.quantity;
                continue;
            }
            let span = raised.get(&id).copied();
            let (status, assignee) =
                record(records.get(&id).map_or(&[], Vec::as_slice), span.map(|span| span.1));
            let (since, severity) = (span.map(|span| span.0), exception.code.severity());
            lives.push(Life { id, exception, status, assignee, since, severity, value: None });
        }
        for life in &mut lives {
            let about = &life.exception;
            let cost = about.sku.as_ref().and_then(|sku| cost(sku, about.location.as_ref()));
            life.value = cost.map(|cost| {
                let value = i128::from(about.quantity.abs()) * i128::from(cost.max(0));
                i64::try_from(value).unwrap_or(i64::MAX)
            });
        }
        sort_by(&mut lives, |one, other| {
            let rank = |life: &Life| (life.severity, life.value);
            rank(other).cmp(&rank(one)).then_with(|| (one.since, &one.id).cmp(&(other.since, &other.id)))
        });
        lives
    }

    /// When the events occurred that raised each exception: the earliest and the latest.
    fn raised(&self) -> Map<Name, (Time, Time)> {
        let mut raised: Map<Name, (Time, Time)> = Map::new();
        let mut book = self.before.clone();
        for entry in self.entries.iter().filter(|entry| entry.is_accepted()) {
            let Ok(outcome) = book.evolve(&entry.event) else { continue };
            for exception in outcome.exceptions {
                let occurred = entry.event.occurred;
                let span = raised.entry_or(book.exception_id(&exception), || (occurred, occurred));
                *span = (span.0.min(occurred), span.1.max(occurred));
            }
        }
        for over in self.over_returns() {
            raised.insert(book.exception_id(&over.exception), over.raised);
        }
        raised
    }

    /// What people did about each exception, in key order.
    fn records(&self) -> Map<Name, Vec<&Event>> {
        let mut records: Map<Name, Vec<&Event>> = Map::new();
        for entry in self.entries.iter().filter(|entry| entry.is_accepted()) {
            if let (Kind::ExceptionAssign | Kind::ExceptionResolve, Some(id)) =
                (entry.event.kind, &entry.event.subject)
            {
                records.entry_or(id.clone(), Vec::new).push(&entry.event);
            }
        }
        records.retain(|_, events| {
            sort_by(events, |one, other| {
                (one.occurred, &one.source, &one.id).cmp(&(other.occurred, &other.source, &other.id))
            });
            true
        });
        records
    }
}

/// Where the records of an exception lead that was raised last at a moment.
fn record(events: &[&Event], raised: Option<Time>) -> (LifeStatus, Option<Name>) {
    let mut life = (LifeStatus::Open, None);
    for event in events {
        life = match event.kind {
            Kind::ExceptionAssign => (LifeStatus::Assigned, Some(actor_of(event).clone())),
            _ if raised.is_some_and(|raised| raised > event.occurred) => (LifeStatus::Reopened, life.1),
            _ => (LifeStatus::Resolved, life.1),
        };
    }
    life
}

fn actor_of(event: &Event) -> &Name {
    event.actor.as_ref().unwrap_or(&event.source)
}
