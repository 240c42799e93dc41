//! serde for the checked types, and batches of facts as JSON text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::approval::{ApprovalStatus, Limit};
use crate::atp::Flavour;
use crate::book::Book;
use crate::draft::Batch;
use crate::event::{Event, Id, NodeType};
use crate::evolve::{Outcome, TurnedAway};
use crate::json::writer::Writer;
use crate::json::{TextError, shown};
use crate::kept::Standing;
use crate::kind::{Kind, Ledger};
use crate::log::{LifeStatus, Severity};
use crate::measure::{Money, Quantity, Time};
use crate::name::{self, Name};
use crate::place::{Outside, StockState};
use crate::promise::{Explain, Measure, Search};
use crate::receiving::Oddity;
use crate::rows::{BLOCK, Row, RowBytes, RowOutcome, length};
use crate::sentence::InWords;

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name of 1 to 128 bytes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        checked_name(text)
    }
}

fn checked_name<E: de::Error>(text: &str) -> Result<Name, E> {
    match name::check(text) {
        Ok(()) => Ok(Name::known(text)),
        Err(problem) => Err(E::custom(format_args!("name `{}` is {problem}", shown(text)))),
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct IntegerVisitor;

/// Whole numbers only.
impl Visitor<'_> for IntegerVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom(format_args!("`{value}` is out of range")))
    }
}

macro_rules! integer {
    ($type:ident, $get:ident, $what:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.$get())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let value = deserializer.deserialize_i64(IntegerVisitor)?;
                $type::new(value).ok_or_else(|| {
                    de::Error::custom(format_args!(concat!($what, " `{}` is out of range"), value))
                })
            }
        }
    };
}

integer!(Quantity, units, "quantity");
integer!(Money, minor, "money");
integer!(Time, millis, "time");

macro_rules! coded {
    ($($type:ident $what:literal),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let code = deserializer.deserialize_str(CodeVisitor)?;
                $type::from_code(&code)
                    .ok_or_else(|| de::Error::custom(format_args!(concat!("`{}` is no ", $what), shown(&code))))
            }
        }
    )+};
}

/// Codes that only answers have.
macro_rules! code_only {
    ($($type:ty),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }
    )+};
}

struct CodeVisitor;

impl Visitor<'_> for CodeVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.chars().take(64).collect())
    }
}

coded!(Flavour "flavour", Kind "kind of event", Ledger "ledger", Search "search", Explain "level of explanation", StockState "state of stock", Outside "account", NodeType "type of node");

code_only!(crate::exception::ExceptionCode, Measure, Oddity, ApprovalStatus, Limit, LifeStatus, Severity);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Id::Number(number) => serializer.serialize_u64(*number),
            Id::Text(text) => text.serialize(serializer),
        }
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id: a whole number from 1, or a name")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Id, E> {
        Ok(Id::Number(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Id, E> {
        let number = u64::try_from(value);
        number.map(Id::Number).map_err(|_| E::custom(format_args!("id `{value}` is out of range")))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
        checked_name(text).map(Id::Text)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

/// An answer or reading as JSON text.
pub fn to_json(answer: &impl Serialize) -> String {
    // INVARIANT: answers hold texts, numbers and lists only, and no maps with other keys than texts; they can always be written.
    Writer::text(answer).unwrap_or_default()
}

impl Event {
    /// Writes the event as JSON.
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

/// What became of a batch of events as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct TextBatch {
    /// Events read.
    pub events: u32,
    /// Posted, prior-period facts among them.
    pub posted: u32,
    /// Here before: nothing changed.
    pub replayed: u32,
    /// Waiting for master data, or too old.
    pub parked: u32,
    /// Exceptions that the events left open.
    pub exceptions: u32,
    /// Turned away: place in the batch and why. The first 1,000.
    pub turned_away: Vec<TurnedAwayAt>,
    /// How many were turned away in all.
    pub turned_away_count: u32,
}

/// An event of a batch that was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TurnedAwayAt {
    /// Place in the batch, counted from 0.
    pub index: u32,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
}

/// Places of events turned away that a batch lists.
const LISTED_MAX: usize = 1_000;

impl TextBatch {
    fn add(&mut self, outcome: Result<Outcome, TurnedAway>) {
        match outcome {
            Ok(outcome) if outcome.replayed => self.replayed += 1,
            Ok(outcome) => {
                self.exceptions += u32::try_from(outcome.exceptions.len()).unwrap_or(u32::MAX);
                match outcome.standing {
                    Standing::Parked | Standing::TooOld => self.parked += 1,
                    _ => self.posted += 1,
                }
            }
            Err(turned_away) => {
                self.turned_away_count += 1;
                if self.turned_away.len() < LISTED_MAX {
                    let (code, message) = (turned_away.code(), turned_away.in_words());
                    self.turned_away.push(TurnedAwayAt { index: self.events, code, message });
                }
            }
        }
        self.events += 1;
    }
}

impl Book {
    /// Posts a JSON array of facts, each on its own, as if it came alone. The text is read whole before anything is posted.
    ///
    /// # Errors
    ///
    /// [`TextError`] when the text is no array of events; the book is unchanged.
    pub fn evolve_json(&mut self, text: &str) -> Result<TextBatch, TextError> {
        self.evolve_json_noting(text, &mut |_| {})
    }

    /// As [`Book::evolve_json`], and hands on each accepted event that changes master data: to a
    /// [`Catalogue`](crate::catalogue::Catalogue), which takes down the same event once however often it is handed on.
    ///
    /// # Errors
    ///
    /// As [`Book::evolve_json`]; nothing is handed on.
    pub fn evolve_json_noting(
        &mut self,
        text: &str,
        note: &mut dyn FnMut(&Event),
    ) -> Result<TextBatch, TextError> {
        let Batch { rows, events } = Batch::read(text, self)?;
        let (mut batch, mut rows, mut posted) = (TextBatch::default(), rows.as_slice(), 0);
        for (place, event) in events {
            let (before, after) = rows.split_at_checked(place - posted).unwrap_or((rows, &[]));
            self.evolve_run(before, &mut batch);
            (rows, posted) = (after, place);
            let outcome = self.evolve(&event);
            if outcome.is_ok() && event.kind.row().needs.terms {
                note(&event);
            }
            batch.add(outcome);
        }
        self.evolve_run(rows, &mut batch);
        Ok(batch)
    }

    fn evolve_run(&mut self, rows: &[RowBytes], batch: &mut TextBatch) {
        for block in rows.chunks(BLOCK) {
            let (before, mut quiet) = (batch.events, length(block));
            self.evolve_block(block, &mut |book, row, at, outcome| {
                quiet -= 1;
                match outcome {
                    RowOutcome::Posted { exceptions } => {
                        batch.posted += 1;
                        batch.exceptions += exceptions;
                    }
                    RowOutcome::Replayed => batch.replayed += 1,
                    RowOutcome::Parked => {
                        batch.parked += 1;
                        batch.exceptions += 1;
                    }
                    // Told once more, as the event that it is: what is turned away has changed nothing, and now says why.
                    RowOutcome::TurnedAway => {
                        batch.events = before + at;
                        batch.add(book.event_of(&Row::from_bytes(row)).and_then(|event| book.evolve(&event)));
                    }
                }
            });
            batch.posted += quiet;
            batch.events = before + length(block);
        }
    }
}
