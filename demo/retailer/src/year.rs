//! A year that was generated: its log, its truth, and what was done on purpose to make the two differ.

use std::collections::{BTreeMap, HashMap};

use onhand::StockState;

use crate::log::Log;
use crate::promises::Promises;
use crate::recorder::Intents;
use crate::truth::Truth;
use crate::world::{Item, World};

pub struct Year {
    pub world: World,
    pub log: Log,
    pub truth: Truth,
    pub notes: Notes,
    pub intents: Intents,
    /// Of a year with customers' orders: what became of them.
    pub promises: Option<Promises>,
    /// When the exceptions that are open were raised first, by what they are about ([`crate::recorder::subject_of`]).
    pub since: HashMap<String, i64>,
}

impl Year {
    /// What a shop would show: known items that are sold by the piece and have a price, the best sellers first.
    pub fn goods(&self) -> impl Iterator<Item = &Item> {
        let mut items: Vec<(u64, u32)> =
            self.notes.lines_by_item.iter().map(|(item, lines)| (*lines, *item)).collect();
        items.sort_unstable_by_key(|(lines, item)| (std::cmp::Reverse(*lines), *item));
        let items = items.into_iter().map(|(_, item)| &self.world.items[item as usize]);
        items.filter(|item| item.known && item.unit == "each" && item.price > 0)
    }
}

/// What becomes of a unit that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    Resale,
    Refurbishment,
    VendorReturn,
    Liquidation,
    Scrap,
}

impl Path {
    pub fn state(self) -> StockState {
        match self {
            Path::Resale => StockState::Sellable,
            Path::Refurbishment => StockState::Refurbishing,
            Path::VendorReturn => StockState::VendorReturn,
            Path::Liquidation => StockState::Liquidation,
            Path::Scrap => StockState::Damaged,
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Path::Resale => "resale",
            Path::Refurbishment => "refurbishment",
            Path::VendorReturn => "back to the supplier",
            Path::Liquidation => "liquidation",
            Path::Scrap => "scrap",
        }
    }

    /// Days from grading to the end of the path.
    pub fn days(self) -> i64 {
        match self {
            Path::Resale => 0,
            Path::Refurbishment => 7,
            Path::VendorReturn => 9,
            Path::Liquidation => 14,
            Path::Scrap => 1,
        }
    }

    /// What a unit brings in that cost so much: a supplier credits it, mending takes a third, a liquidator pays a fifth.
    pub fn worth(self, cost: i64) -> i64 {
        match self {
            Path::Resale | Path::VendorReturn => cost,
            Path::Refurbishment => cost * 2 / 3,
            Path::Liquidation => cost / 5,
            Path::Scrap => 0,
        }
    }
}

/// Units that went one path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct OnPath {
    pub units: i64,
    /// Days from the return to the end of the path, summed over units.
    pub unit_days: i64,
    /// What came of it, in cents.
    pub cents: i64,
}

/// Requests for approval of one kind, and how they stand at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Approvals {
    pub asked: u64,
    pub cents_asked: i64,
    /// Granted, and done.
    pub used: u64,
    /// Granted, and never done.
    pub expired: u64,
    pub refused: u64,
    pub withdrawn: u64,
    pub open: u64,
}

/// What inspections at the dock found of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Findings {
    pub lines: u64,
    pub units: i64,
}

/// What the generator counted while it made the year.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Notes {
    pub sales_posted_late: u64,
    pub deliveries_posted_late: u64,
    pub counts_posted_late: u64,
    /// Lines sold between the moment when a delivery came and the moment that its record says.
    pub sales_before_their_delivery: u64,
    /// Sheets closed, positions on them, and sheets that were counted again because two people differed.
    pub counts: u64,
    pub positions_counted: u64,
    pub recounts: u64,
    /// Suppliers' notices of another day, and lines that they cut.
    pub advance_notices: u64,
    pub supplier_cuts: u64,
    /// What inspections at the dock found, before anything was booked.
    pub findings: BTreeMap<&'static str, Findings>,
    pub returns: BTreeMap<Path, OnPath>,
    /// Returns of more than their order line was sold.
    pub over_returned: u64,
    pub approvals: BTreeMap<&'static str, Approvals>,
    /// Facts beyond somebody's limits, reported without approval.
    pub due_for_approval: u64,
    pub months_closed: u64,
    /// Lines that customers wanted and the shelf did not have.
    pub sales_lost: u64,
    /// Sales lines by the item's number.
    #[serde(skip)]
    pub lines_by_item: BTreeMap<u32, u64>,
    /// Of a generated network: items that sell a line a week or more in the average store, of all items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekly_sellers: Option<(usize, usize)>,
}

impl Notes {
    pub fn note_finding(&mut self, oddity: &'static str, units: i64) {
        let findings = self.findings.entry(oddity).or_default();
        findings.lines += 1;
        findings.units += units;
    }
}

/// How often records go wrong, in parts per million of what is named. The same for every generated year.
pub mod shares {
    /// Orders of customers that live near a store, in a day.
    pub const ORDERS_A_DAY: u32 = 250_000;
    /// Lines of orders that come back.
    pub const ORDER_LINE_RETURNED: u32 = 40_000;
    /// Suppliers that announce another day; others that come a day or two late without a word.
    pub const SUPPLIER_ANNOUNCES: u32 = 400_000;
    pub const SUPPLIER_LATE: u32 = 100_000;
    /// Lines of an announcement that bring a pack less than was ordered.
    pub const CUT_BY_SUPPLIER: u32 = 50_000;
    /// Lines of a delivery with broken units, and lines whose cartons are scanned as pieces.
    pub const BROKEN_BY_SUPPLIER: u32 = 20_000;
    pub const PACK_MISTAKEN: u32 = 20_000;
    /// Short deliveries whose rest comes later.
    pub const REST_COMES_LATER: u32 = 500_000;
    /// Transfers that are a day late; their lines that lose units on the way, and that arrive with broken ones.
    pub const TRANSFER_LATE: u32 = 50_000;
    pub const LOST_IN_TRANSIT: u32 = 10_000;
    pub const BROKEN_IN_TRANSIT: u32 = 10_000;
    /// Days of a store on which its tills are off line, and bring what they sold a week or more later.
    pub const TILLS_OFF_LINE: u32 = 500;
    /// Rounds of counting that two people go.
    pub const COUNTED_TWICE: u32 = 300_000;
    /// Receipt lines booked with another quantity.
    pub const RECEIPT_WRONG: u32 = 20_000;
    /// Deliveries whose record is dated 4 to 30 hours after they came.
    pub const DELIVERY_DATED_LATE: u32 = 30_000;
    /// Deliveries whose record has the right date and arrives 2 to 48 hours later.
    pub const DELIVERY_POSTED_LATE: u32 = 50_000;
    /// Till lines that arrive 1 to 72 hours later.
    pub const SALE_POSTED_LATE: u32 = 10_000;
    /// Counts that arrive 1 to 48 hours later.
    pub const COUNT_POSTED_LATE: u32 = 100_000;
    /// Counts in opening hours whose figure was taken 10 to 240 minutes before the moment that they say.
    pub const COUNT_WHILE_MOVING: u32 = 300_000;
    /// Other counts that are one off.
    pub const COUNT_WRONG: u32 = 20_000;
}
