//! A book, its trail and the database in which both outlive the program.
//!
//! What the book answered is written before anybody hears of it, and all that one request told is one transaction: after a crash it is
//! there or it is not, and whoever got no answer tells it again under the same ids. One program writes: a second one finds its entries'
//! numbers taken, and stops.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use onhand::log::{Entry, Head, Log, Seal, verify};
use onhand::promise::{Offer, Request, RequestRefused};
use onhand::{Answer, Book, Event, Time};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS snapshot (number INTEGER PRIMARY KEY, seal BLOB NOT NULL, book BLOB NOT NULL) STRICT;
";

/// By which door an event comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It happened, and is posted whatever the book thought.
    Fact,
    /// Somebody wants it: it is checked, and may be refused.
    Intent,
}

/// A book that is kept.
pub struct Store {
    database: Connection,
    book: Book,
    /// What was told since the last snapshot.
    log: Log,
    /// How many entries of `log` are in the database.
    kept: usize,
    snapshot_every: usize,
}

impl Store {
    /// Opens a database, or makes one, and brings the book to where it was: a snapshot is taken every so many entries, and those after
    /// the last are told again.
    ///
    /// # Errors
    ///
    /// A database that cannot be read, a snapshot that is damaged or whose last entry is not in the trail, or an entry behind it that is not
    /// as it was sealed. What was before the snapshot only [`Store::audit`] reads.
    pub fn open(path: &Path, snapshot_every: usize) -> Result<Store> {
        let database =
            Connection::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        database.execute_batch(SCHEMA)?;
        let last = "SELECT number, seal, book FROM snapshot ORDER BY number DESC LIMIT 1";
        let snapshot: Option<(i64, [u8; 32], Vec<u8>)> =
            database.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let (start, before) = match snapshot {
            Some((number, seal, book)) => {
                let book = Book::restore(&book).context("the snapshot is damaged")?;
                let head = Head { entries: number.try_into()?, seal: Seal(seal) };
                ends_at(&database, head).context("the snapshot is of another trail than this")?;
                (head, book)
            }
            None => (Head::default(), Book::new()),
        };
        let log = Log::read(start, before, entries(&database, start.entries, u64::MAX)?, None)?;
        Ok(Store { book: log.book(), kept: log.entries().len(), log, database, snapshot_every })
    }

    /// Tells the book what happened or what is wanted, in the order given, and keeps what became of it. Each answer is as JSON.
    ///
    /// # Errors
    ///
    /// It could not be kept. The book in memory is then ahead of the database: the store is of no more use, and is opened again.
    pub fn tell(&mut self, door: Door, events: &[Event], now: Time) -> Result<Vec<String>> {
        let answers = events.iter().map(|event| match door {
            Door::Fact => Answer(self.log.evolve(&mut self.book, event, now)).to_json(),
            Door::Intent => Answer(self.log.execute(&mut self.book, event, now)).to_json(),
        });
        let answers = answers.collect();
        self.keep()?;
        Ok(answers)
    }

    fn keep(&mut self) -> Result<()> {
        let transaction = self.database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = transaction.prepare_cached("INSERT INTO entry (number, body) VALUES (?1, ?2)")?;
        for entry in &self.log.entries()[self.kept..] {
            let inserted = insert.execute((i64::try_from(entry.number)?, serde_json::to_string(entry)?));
            inserted.map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => {
                    anyhow::anyhow!(
                        "entry {} is there already: another program writes to this database",
                        entry.number
                    )
                }
                _ => error.into(),
            })?;
        }
        drop(insert);
        self.kept = self.log.entries().len();
        let due = self.kept >= self.snapshot_every;
        if due {
            let Head { entries, seal } = self.log.head();
            let number = i64::try_from(entries)?;
            let snapshot = "INSERT INTO snapshot (number, seal, book) VALUES (?1, ?2, ?3)";
            transaction.execute(snapshot, (number, seal.0, self.book.snapshot()))?;
            transaction.execute("DELETE FROM snapshot WHERE number < ?1", [number])?;
        }
        transaction.commit()?;
        if due {
            (self.log, self.kept) = (Log::after(self.log.head(), self.book.clone()), 0);
        }
        Ok(())
    }

    /// What can be had, from where and by when; commits nothing.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`].
    pub fn promise(&self, request: &Request) -> Result<Offer, RequestRefused> {
        self.book.promise(request)
    }

    /// The book for a page or a worker.
    pub fn snapshot(&self) -> Vec<u8> {
        self.book.snapshot()
    }

    /// The last entry and its seal: kept elsewhere, it proves all before it.
    pub fn head(&self) -> Head {
        self.log.head()
    }

    /// The digest of the book.
    pub fn digest(&self) -> [u8; 32] {
        self.book.digest()
    }

    /// Reads the whole trail: holds every entry against its seal, and what all of them make against the book.
    ///
    /// # Errors
    ///
    /// The first entry that was edited, is missing or stands elsewhere; a head, kept elsewhere, that is not in the trail; or a book that
    /// is another one.
    pub fn audit(&self, known: Option<Head>) -> Result<Head> {
        // What another program writes meanwhile is behind the book that was opened.
        let entries = entries(&self.database, 0, self.head().entries)?;
        if let Some(known) = known {
            let upto = usize::try_from(known.entries)?.min(entries.len());
            verify(&entries[..upto], Head::default(), Some(known))?;
        }
        let log = Log::read(Head::default(), Book::new(), entries, None)?;
        ensure!(log.head() == self.head(), "the trail ends elsewhere than the book");
        ensure!(
            log.book().digest() == self.digest(),
            "the trail makes another book than the one that is served"
        );
        Ok(log.head())
    }
}

/// Holds the trail at a head against it, whatever there was before: a trail that was cut off, changed there or put in the place of
/// another is seen at once.
fn ends_at(database: &Connection, head: Head) -> Result<()> {
    let (last, before): (Vec<Entry>, Vec<Entry>) =
        entries(database, head.entries.saturating_sub(2), head.entries)?
            .into_iter()
            .partition(|entry| entry.number == head.entries);
    let start =
        before.last().map_or(Head::default(), |entry| Head { entries: entry.number, seal: entry.seal });
    verify(&last, start, Some(head))?;
    Ok(())
}

/// The entries behind a number, through another.
fn entries(database: &Connection, after: u64, through: u64) -> Result<Vec<Entry>> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut select =
        database.prepare("SELECT body FROM entry WHERE number > ?1 AND number <= ?2 ORDER BY number")?;
    let bodies = select.query_map([number(after), number(through)], |row| row.get::<_, String>(0))?;
    bodies.map(|body| serde_json::from_str(&body?).context("an entry cannot be read")).collect()
}
