//! The trail: what a book was told and what it answered, in the order in which it was written, each entry sealed.
//!
//! A log stands beside a book and is no part of it. [`Log::evolve`] and [`Log::execute`] tell the book and write down what
//! became of it; [`Log::verify`] finds what was changed since; [`Log::known_then`] and [`Log::known_now`] give the book of a
//! past moment; [`Log::history`] lists the entries about one order, claim or position.
//!
//! What it costs: to write is one SHA-256 over one entry, to verify one for each entry, a book of the past one
//! [`Book::evolve`] for each accepted entry, a history one look at each entry and a sort of those found. Nothing else grows.

mod history;
mod lanes;
mod lives;
mod lots;
mod replay;
mod return_paths;
mod returns;
mod seal;
mod settlement;
mod valuation;

use alloc::vec::Vec;

pub use history::About;
pub use lanes::LaneReport;
pub use lives::{Life, LifeStatus, Severity};
pub use lots::{Attribution, LotMove};
pub use return_paths::{ReturnPath, Returned};
pub use returns::{OverReturned, SoldLine};
pub use seal::{Fault, Head, Seal, verify};
pub use settlement::Settled;
pub use valuation::{Account, Checkpoint, Holding, Posting, Sum, Valuation};

use crate::book::Book;
use crate::event::{Event, Id};
use crate::evolve::{Outcome, TurnedAway};
use crate::execute::{Decision, Refusal};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;

/// What the book answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Verdict {
    /// Accepted as a fact.
    Fact,
    /// Accepted as an intent; the lines of the event say what was granted where that is less than was asked.
    Intent,
    /// Here before: nothing changed.
    Replayed,
    /// An intent refused, with the code of its [`Refusal`].
    Refused(Name),
    /// Turned away, with the code of its [`TurnedAway`].
    TurnedAway(Name),
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Entry {
    /// Its place in the log, counted from 1.
    pub number: u64,
    /// The event as it was told. [`Event::recorded`] is when the entry was written, in milliseconds.
    pub event: Event,
    /// What the book answered.
    pub verdict: Verdict,
    /// SHA-256 over the seal of the entry before and all the rest of this one.
    pub seal: Seal,
}

impl Entry {
    /// Whether the book changed by it.
    pub const fn is_accepted(&self) -> bool {
        matches!(self.verdict, Verdict::Fact | Verdict::Intent)
    }
}

/// Entries in the order in which they were written, from an empty book or from a book as it stood.
///
/// ```
/// use onhand::log::{About, Fault, Log, Verdict, verify};
/// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let at = |millis| Time::new(millis).unwrap();
/// let mut book = testing::book(&["TEA-250"], &["store-1"]);
/// let mut log = Log::after(Default::default(), book.clone());
///
/// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, at(1_000));
/// receipt.node = Some(Name::new("store-1")?);
/// receipt.lines.push(Line::new(Name::new("TEA-250")?, 12)?);
/// let mut sale = Event { id: Id::Number(2), kind: Kind::Sell, occurred: at(500), ..receipt.clone() };
/// sale.lines[0] = Line::new(Name::new("TEA-250")?, 2)?;
///
/// log.evolve(&mut book, &receipt, at(1_001))?;
/// log.evolve(&mut book, &sale, at(9_000))?; // told late
/// log.evolve(&mut book, &sale, at(9_500))?; // and told again
/// assert_eq!(log.entries()[2].verdict, Verdict::Replayed);
///
/// // At 2,000 nobody had heard of the sale; of what was true at 900, nobody knew anything yet.
/// let units = |book: &onhand::Book| book.availability("TEA-250", "store-1", at(0)).unwrap().on_hand;
/// assert_eq!(units(&log.known_then(at(2_000))), 12);
/// assert_eq!(units(&log.known_now(at(900))), -2);
/// assert_eq!(log.book().digest(), book.digest());
///
/// // The sale occurred first, so it comes first.
/// let about = About::Position { sku: Name::new("TEA-250")?, node: Name::new("store-1")? };
/// let numbers: Vec<u64> = log.history(&about).iter().map(|entry| entry.number).collect();
/// assert_eq!(numbers, [2, 3, 1]);
///
/// // Keep the head elsewhere, and whatever is done to the entries is found.
/// let head = log.verify(None)?;
/// let mut entries = log.entries().to_vec();
/// entries[1].event.occurred = at(501);
/// assert_eq!(verify(&entries, log.start(), Some(head)), Err(Fault::Edited { entry: 2 }));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Log {
    start: Head,
    before: Book,
    entries: Vec<Entry>,
}

impl Log {
    /// An empty log of an empty book.
    pub fn new() -> Log {
        Log::default()
    }

    /// A log that goes on where another ended: at its head, with the book as it stood there.
    ///
    /// Entries before `start` may then be put away: the seals still follow from them.
    pub fn after(start: Head, before: Book) -> Log {
        Log { start, before, entries: Vec::new() }
    }

    /// A log from its entries, held against their seals and against a head that was kept elsewhere.
    ///
    /// # Errors
    ///
    /// The first [`Fault`], as [`verify`].
    pub fn read(start: Head, before: Book, entries: Vec<Entry>, known: Option<Head>) -> Result<Log, Fault> {
        verify(&entries, start, known)?;
        Ok(Log { start, before, entries })
    }

    /// Tells a book a fact, as [`Book::evolve`], and writes down what became of it, at the moment `recorded`.
    ///
    /// # Errors
    ///
    /// As [`Book::evolve`]; that it was turned away is written down too.
    pub fn evolve(&mut self, book: &mut Book, event: &Event, recorded: Time) -> Result<Outcome, TurnedAway> {
        let outcome = book.evolve(event);
        let verdict = match &outcome {
            Ok(outcome) if outcome.replayed => Verdict::Replayed,
            Ok(_) => Verdict::Fact,
            Err(turned_away) => Verdict::TurnedAway(Name::known(turned_away.code())),
        };
        self.write(event.clone(), verdict, recorded);
        outcome
    }

    /// Asks a book for an intent, as [`Book::execute`], and writes down what became of it, at the moment `recorded`.
    ///
    /// # Errors
    ///
    /// As [`Book::execute`]; the refusal is written down too.
    pub fn execute(&mut self, book: &mut Book, command: &Event, recorded: Time) -> Result<Outcome, Refusal> {
        let (told, answer) = match book.decide(command) {
            Ok(Decision::Replayed(outcome)) => (command.clone(), Ok(outcome)),
            Ok(Decision::Accept(accepted)) => {
                let answer = book.evolve(&accepted).map_err(Refusal::from);
                (accepted, answer)
            }
            Err(refusal) => (command.clone(), Err(refusal)),
        };
        let verdict = match &answer {
            Ok(outcome) if outcome.replayed => Verdict::Replayed,
            Ok(_) => Verdict::Intent,
            Err(Refusal::TurnedAway(turned_away)) => Verdict::TurnedAway(Name::known(turned_away.code())),
            Err(refusal) => Verdict::Refused(Name::known(refusal.code())),
        };
        self.write(told, verdict, recorded);
        answer
    }

    /// Writes an entry for those who told the book themselves, and seals it.
    ///
    /// An accepted intent is written as it was accepted: with what was granted. The log believes the verdict; when it is not
    /// what the book answered, [`Log::book`] is another book.
    pub fn write(&mut self, mut event: Event, verdict: Verdict, recorded: Time) {
        event.recorded = recorded;
        let head = self.head();
        let number = head.entries.saturating_add(1);
        let mut entry = Entry { number, event, verdict, seal: Seal::default() };
        entry.seal = entry.sealed(number, head.seal);
        self.entries.push(entry);
    }

    /// Where the log begins.
    pub const fn start(&self) -> Head {
        self.start
    }

    /// The number and seal of the last entry. Kept elsewhere, it proves all before it.
    pub fn head(&self) -> Head {
        self.entries.last().map_or(self.start, |last| Head { entries: last.number, seal: last.seal })
    }

    /// All entries, in the order in which they were written.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Holds every entry against its seal, and the log against a head that was kept elsewhere.
    ///
    /// # Errors
    ///
    /// The first [`Fault`], as [`verify`].
    pub fn verify(&self, known: Option<Head>) -> Result<Head, Fault> {
        verify(&self.entries, self.start, known)
    }

    /// The book that wrote the log: its accepted entries, told again.
    pub fn book(&self) -> Book {
        self.told(|_| true)
    }

    /// The book as it was known at a moment: the entries recorded until then.
    ///
    /// A log that began with a book cannot go behind it: that book is in every answer.
    pub fn known_then(&self, until: Time) -> Book {
        self.told(|event| event.recorded <= until)
    }

    /// The book of a moment as it is known now: all that occurred until then, whenever it was recorded.
    ///
    /// Master data, counts and closes are facts with a moment like any other: one that occurred later is not in this book. A
    /// text that its source gave to a second event once the period of the first was closed stands for the first here, as
    /// long as that close is not in this book. A log that began with a book cannot go behind it.
    pub fn known_now(&self, until: Time) -> Book {
        self.told(|event| event.occurred <= until)
    }

    /// The entries that were accepted, each event once: what came too late to be told from a duplicate waits for somebody to judge it.
    fn once(&self) -> impl Iterator<Item = &Entry> {
        let before = |node: &Name| {
            let node = self.before.known_node(node.as_str());
            node.map_or(-1, |node| self.before.closed_through(node))
        };
        let mut closes: Map<&Name, i64> = Map::new();
        let accepted = self.entries.iter().filter(|entry| entry.is_accepted());
        accepted.filter(move |Entry { event, .. }| {
            if let (Kind::PeriodClose, Some(node), Some(due)) = (event.kind, &event.node, event.due) {
                let through = closes.entry_or(node, || before(node));
                *through = due.millis().max(*through);
            }
            let mut nodes = event.node.iter().chain(event.lines.iter().filter_map(|line| line.node.as_ref()));
            let closed = |node: &Name| closes.get(&node).copied().unwrap_or_else(|| before(node));
            matches!(event.id, Id::Number(_)) || nodes.all(|node| event.occurred.millis() > closed(node))
        })
    }

    /// In the order in which they were written: a close makes a difference to what came after it.
    fn told(&self, wanted: impl Fn(&Event) -> bool) -> Book {
        let mut book = self.before.clone();
        for entry in &self.entries {
            if entry.is_accepted() && wanted(&entry.event) {
                // What was accepted is well formed and within limits; an id used twice is described at `known_now`.
                let _ = book.evolve(&entry.event);
            }
        }
        book
    }
}
