//! The report: what was read, what the book holds, whether it is right, whether both sides agree, and what it offers.

mod print;
pub mod retail;

use std::collections::BTreeMap;

use onhand::{Book, ExceptionCode};

use crate::books::Books;
use crate::orders::Answered;
use crate::promises::Promises;
use crate::recorder::Intents;
use crate::replay::{Fed, Native, Wasm};
use crate::tills::Oddities;
use crate::truth::{Made, Unexplained};
use crate::world::{World, time};
use crate::year::{Notes, Year};

/// The same as data: what `--json` writes.
#[derive(serde::Serialize)]
pub struct Report {
    /// What the year is of, in a sentence.
    pub about: String,
    /// Of all money, by ISO 4217; amounts are in its minor unit.
    pub currency: &'static str,
    pub rows: Rows,
    pub events: u64,
    pub events_by_kind: BTreeMap<&'static str, u64>,
    pub positions: u64,
    /// Units on hand and under way, by unit of measure: totals never add across units.
    pub units: BTreeMap<&'static str, i64>,
    /// Open when the year is over.
    pub exceptions: u64,
    pub exceptions_by_code: BTreeMap<&'static str, u64>,
    /// That the events left open as they arrived.
    pub exceptions_on_arrival: u64,
    /// The same with what is at stake.
    pub oddities: Vec<retail::Oddity>,
    /// By unit of measure: opening and movements are the closing. Empty where the books were left out.
    pub books: Vec<retail::Closed>,
    /// Books that do not close, and what else the valuation found not to add up.
    pub books_open: u64,
    /// What became of customers' orders, the exact promise first, then by other rules.
    pub promises: Vec<Promises>,
    pub lanes: Vec<retail::Lane>,
    pub intents: Intents,
    pub mistakes: BTreeMap<&'static str, Made>,
    pub made: Notes,
    /// Positions held against the truth, and those among them whose book is not the truth.
    pub compared: u64,
    pub differing: u64,
    /// Positions where the mistakes that no count has found do not explain the difference. The generator reckons it.
    pub unexplained: u64,
    pub unexplained_units: i64,
    pub order: String,
    pub passes: u32,
    pub digest: Digests,
    /// Where the package ran.
    pub host: Option<String>,
    pub offers: Vec<Answered>,
    /// What the valuation found not to add up.
    #[serde(skip)]
    pub book_failures: Vec<String>,
    pub seconds: f64,
    pub seconds_by_step: Vec<(&'static str, f64)>,
    pub events_per_second: Rates,
}

/// Till lines: `read` is the sum of the four others. The oddities are among them.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Rows {
    pub read: u64,
    pub posted: u64,
    /// Waiting for an item that no product file has named.
    pub parked: u64,
    pub refused: u64,
    /// There twice: the second changed nothing.
    pub repeated: u64,
    pub oddities: Oddities,
}

#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Digests {
    pub native: String,
    pub wasm: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Rates {
    pub native: f64,
    pub wasm: Option<f64>,
}

impl Rows {
    pub fn new(read: u64, repeated: u64, tills: Fed, oddities: Oddities, book: &Book, now: i64) -> Rows {
        let open = book.exceptions(time(now));
        let waits = |code| matches!(code, ExceptionCode::UnknownSku | ExceptionCode::UnknownNode);
        let of_till = open.iter().filter(|one| {
            waits(one.code) && one.source.as_ref().is_some_and(|source| source.as_str().starts_with("till-"))
        });
        let parked = of_till.count() as u64;
        // What was parked when it came and waits no longer has been posted in its place.
        let posted = tills.posted + tills.parked - parked;
        Rows { read, posted, parked, refused: tills.turned_away, repeated, oddities }
    }

    pub fn add_up(&self) -> bool {
        self.read == self.posted + self.parked + self.refused + self.repeated
    }
}

impl Report {
    pub fn exceptions_of(book: &Book, now: i64) -> BTreeMap<&'static str, u64> {
        let mut by_code = BTreeMap::new();
        for exception in book.exceptions(time(now)) {
            *by_code.entry(exception.code.code()).or_default() += 1;
        }
        by_code
    }

    pub fn units_of(year: &Year, book: &Book) -> BTreeMap<&'static str, i64> {
        let mut units = BTreeMap::new();
        for item in &year.world.items {
            let held = book.positions(item.sku.as_str());
            *units.entry(item.unit).or_default() +=
                held.iter().map(|position| position.quantity).sum::<i64>();
        }
        units
    }

    /// Takes what a valuation found into the report.
    pub fn set_books(&mut self, world: &World, books: &Books) {
        self.books = retail::Closed::all(world, books);
        self.book_failures.clone_from(&books.failures);
        let open = self.books.iter().filter(|closed| !closed.adds_up());
        self.book_failures.extend(open.map(|closed| format!("the books in `{}` do not close", closed.unit)));
        self.books_open = self.book_failures.len() as u64;
    }

    pub fn set_unexplained(&mut self, unexplained: Unexplained) {
        self.compared = unexplained.compared;
        self.differing = unexplained.differing;
        self.unexplained = unexplained.positions;
        self.unexplained_units = unexplained.units;
    }

    pub fn set_sides(&mut self, native: &Native, digest: String, wasm: Option<&Wasm>) {
        let rate = |seconds: f64| self.events as f64 / seconds.max(0.001);
        self.events_per_second =
            Rates { native: rate(native.seconds), wasm: wasm.map(|wasm| rate(wasm.seconds)) };
        self.host = wasm.map(|wasm| wasm.host.clone());
        self.digest = Digests { native: digest, wasm: wasm.map(|wasm| wasm.digest.clone()) };
    }

    /// What is wrong, each in a sentence. Empty when all is well.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        if self.digest.wasm.as_ref().is_some_and(|wasm| *wasm != self.digest.native) {
            failures.push("the native digest and that of WebAssembly differ".to_owned());
        }
        if self.unexplained > 0 {
            failures.push(format!("{} positions are not explained by the seeded mistakes", self.unexplained));
        }
        if !self.rows.add_up() {
            failures.push("the rows do not add up".to_owned());
        }
        if !self.promises.iter().all(|year| year.pick_up.adds_up() && year.delivery.adds_up()) {
            failures.push("what became of the orders does not add up".to_owned());
        }
        failures.extend(self.book_failures.iter().cloned());
        failures
    }
}
