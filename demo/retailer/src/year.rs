//! A year that was generated: its log, its truth, and what was done on purpose to make the two differ.

use std::collections::BTreeMap;

use crate::log::Log;
use crate::recorder::Intents;
use crate::truth::Truth;
use crate::world::World;

pub struct Year {
    pub world: World,
    pub log: Log,
    pub truth: Truth,
    pub notes: Notes,
    pub intents: Intents,
}

/// What the generator counted while it made the year.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Notes {
    pub sales_posted_late: u64,
    pub deliveries_posted_late: u64,
    pub counts_posted_late: u64,
    /// Lines sold between the moment when a delivery came and the moment that its record says.
    pub sales_before_their_delivery: u64,
    pub counts: u64,
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
    /// Items by how often they sold, the best first.
    pub fn best_sellers(&self) -> Vec<u32> {
        let mut items: Vec<(u64, u32)> =
            self.lines_by_item.iter().map(|(item, lines)| (*lines, *item)).collect();
        items.sort_unstable_by_key(|(lines, item)| (std::cmp::Reverse(*lines), *item));
        items.into_iter().map(|(_, item)| item).collect()
    }
}

/// How often records go wrong, in parts per million of what is named. The same for every generated year.
pub mod shares {
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
