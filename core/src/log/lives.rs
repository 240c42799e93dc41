//! The lives of exceptions: since when each is open, who has taken it on, and what it puts at stake.
//!
//! An exception follows from the state; what people do about it is recorded under its id (`exception_assign`,
//! `exception_resolve`), whether or not it is open at that moment. Both together are its life.

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use super::{Entry, Log};
use crate::book::Book;
use crate::event::{Event, Id};
use crate::exception::{Exception, ExceptionCode};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Map, sort_by};
use crate::place::codes;
use crate::sentence::{Hex, Part as _, sentence};

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
    /// It was resolved, and happened again or was told of anew since.
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
    /// When the event occurred that raised it first in this period; the first moment of the period for what was open before it. `None`
    /// where the log began with it, or time alone has brought it.
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
        hash.update(self.period_of(exception).unwrap_or(-1).to_le_bytes());
        let digest = hash.finalize();
        let mut id = sentence!(exception.code.code(), "-");
        digest.iter().take(8).for_each(|byte| Hex(*byte).add_to(&mut id));
        Name::known(&id)
    }

    /// The moment through which the node of an exception is closed, if it ever was.
    fn period_of(&self, exception: &Exception) -> Option<i64> {
        let node = self.known_node(exception.location.as_ref()?.as_str())?;
        Some(self.closed_through(node)).filter(|closed| *closed >= 0)
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
            let (status, assignee) = record(records.get(&id).map_or(&[], Vec::as_slice), span);
            let severity = exception.code.severity();
            let since = span.map(|span| span.first).or_else(|| Time::new(book.period_of(&exception)? + 1));
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

    /// By which events each exception was raised.
    fn raised(&self) -> Map<Name, Raised> {
        let mut raised: Map<Name, Raised> = Map::new();
        let mut book = self.before.clone();
        let mut raise = |id: Name, by: Raised| {
            let before = raised.entry_or(id, || by);
            *before = before.and(by);
        };
        for Entry { number, event, .. } in self.entries.iter().filter(|entry| entry.is_accepted()) {
            let waiting = book.waiting_for(event);
            let Ok(outcome) = book.evolve(event) else { continue };
            for exception in outcome.exceptions {
                let id = book.exception_id(&exception);
                // What opens with master data that facts waited for is theirs, and since they occurred.
                let about = |fact: &&Event| is_about(fact, &exception);
                // A move of one order may make another event irregular: then it was one of them.
                let all = !waiting.iter().any(|fact| about(&fact));
                let facts = waiting.iter().filter(|fact| all || about(fact));
                facts.for_each(|fact| raise(id.clone(), Raised::by(fact.occurred, *number)));
                if waiting.is_empty() {
                    raise(id, Raised::by(event.occurred, *number));
                }
            }
        }
        for over in self.over_returns() {
            raised.insert(book.exception_id(&over.exception), over.raised);
        }
        raised
    }

    /// What people did about each exception, in key order.
    fn records(&self) -> Map<Name, Vec<&Entry>> {
        let mut records: Map<Name, Vec<&Entry>> = Map::new();
        for entry in self.entries.iter().filter(|entry| entry.is_accepted()) {
            if let (Kind::ExceptionAssign | Kind::ExceptionResolve, Some(id)) =
                (entry.event.kind, &entry.event.subject)
            {
                records.entry_or(id.clone(), Vec::new).push(entry);
            }
        }
        records.retain(|_, entries| {
            sort_by(entries, |one, other| {
                let [one, other] = [&one.event, &other.event];
                (one.occurred, &one.source, &one.id).cmp(&(other.occurred, &other.source, &other.id))
            });
            true
        });
        records
    }
}

/// What raised an exception.
#[derive(Clone, Copy)]
pub(super) struct Raised {
    /// When the first of its events occurred.
    first: Time,
    /// When the last did.
    last: Time,
    /// The entry that told of it last: of what had occurred, it may be, before somebody resolved what was known.
    entry: u64,
}

impl Raised {
    pub(super) const fn by(occurred: Time, entry: u64) -> Raised {
        Raised { first: occurred, last: occurred, entry }
    }

    pub(super) fn and(self, other: Raised) -> Raised {
        Raised {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            entry: self.entry.max(other.entry),
        }
    }
}

/// Where the records of an exception lead.
fn record(entries: &[&Entry], raised: Option<Raised>) -> (LifeStatus, Option<Name>) {
    let mut life = (LifeStatus::Open, None);
    for Entry { number, event, .. } in entries {
        let again = raised.is_some_and(|raised| raised.last > event.occurred || raised.entry > *number);
        life = match event.kind {
            Kind::ExceptionAssign => (LifeStatus::Assigned, Some(actor_of(event).clone())),
            _ if again => (LifeStatus::Reopened, life.1),
            _ => (LifeStatus::Resolved, life.1),
        };
    }
    life
}

/// Whether an exception is about a fact itself, or about an item where the fact moves it.
fn is_about(fact: &Event, exception: &Exception) -> bool {
    let is_own = exception.source.as_ref() == Some(&fact.source) && exception.id.as_ref() == Some(&fact.id);
    let mut moved = fact.lines.iter().filter(|line| exception.sku.as_ref() == Some(&line.sku));
    is_own
        || moved.any(|line| {
            let mut places = [&line.node, &fact.node, &fact.to_node, &fact.subject].into_iter();
            exception.location.is_some() && places.any(|at| *at == exception.location)
        })
}

fn actor_of(event: &Event) -> &Name {
    event.actor.as_ref().unwrap_or(&event.source)
}
