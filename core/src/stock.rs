//! Positions and their legs: the quantity of each (owner, SKU, lot, location, state).

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use crate::dense::{Dense, NONE};
use crate::place::StockState;

/// Which position: the whole key in 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PositionKey {
    pub(crate) sku: u32,
    pub(crate) location: u32,
    /// 0: none.
    pub(crate) lot: u32,
    /// 0: the company.
    pub(crate) owner: u16,
    pub(crate) state: StockState,
}

impl PositionKey {
    pub(crate) const fn plain(sku: u32, location: u32, state: StockState) -> PositionKey {
        PositionKey { sku, location, lot: 0, owner: 0, state }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn hash(self) -> u64 {
        let low = u64::from(self.sku) << 32 | u64::from(self.location);
        let high = u64::from(self.lot) << 24 | u64::from(self.owner) << 8 | u64::from(self.state.ordinal());
        let mut hash = (low ^ high.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
        hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53)
    }
}

/// A position: 32 bytes, two in a line of cache.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) key: PositionKey,
    /// What the book says is there: may be below zero after a fact.
    pub(crate) quantity: i64,
    /// The latest leg since the close, or `NONE`.
    pub(crate) legs: u32,
    /// Its claims and counts, or `NONE` while it has had neither, as most.
    bonds: u32,
}

impl Position {
    /// Nothing was ever claimed or counted here.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn is_free(&self) -> bool {
        self.bonds == NONE
    }
}

/// What binds a position beside its legs.
#[derive(Clone, Debug)]
struct Bonds {
    /// Open claims against on hand; only at the company's plain sellable position of a node.
    claimed: i64,
    /// The last count in key order, or `NONE`.
    count: u32,
}

/// The place of an event in the canonical order. A count comes last at its instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) occurred: i64,
    pub(crate) is_count: bool,
    pub(crate) source: u32,
    pub(crate) number: u64,
}

/// A count of one position. Counts of a position form a list from the last in key order to the first.
#[derive(Clone, Debug)]
pub(crate) struct CountRecord {
    pub(crate) key: Key,
    pub(crate) counted: i64,
    pub(crate) earlier: u32,
}

/// All positions, found by key through an open-addressed table of dense ids.
///
/// The table's order reaches no answer: lookups only, and every listing sorts by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions {
    pub(crate) rows: Dense<Position>,
    bonds: Dense<Bonds>,
    slots: Dense<u32>,
    mask: u32,
}

impl Positions {
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn find(&self, key: PositionKey) -> Option<u32> {
        let mut slot = self.start(key);
        // INVARIANT: half of the slots are free, so a probe ends; an empty table has no slot to find.
        while let Some(id) = self.slots.find(slot & self.mask)
            && *id != NONE
        {
            if self.rows[*id].key == key {
                return Some(*id);
            }
            slot = slot.wrapping_add(1);
        }
        None
    }

    /// The position where that of a key should be, or `NONE`: most keys stand where their probe begins.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn guess(&self, key: PositionKey) -> u32 {
        self.slots.find(self.start(key) & self.mask).copied().unwrap_or(NONE)
    }

    /// Whether a position is that of a key.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn is_at(&self, id: u32, key: PositionKey) -> bool {
        self.rows.find(id).is_some_and(|row| row.key == key)
    }

    /// Where the probe for a key begins.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn start(&self, key: PositionKey) -> u32 {
        u32::try_from(key.hash() >> 32).unwrap_or(0)
    }

    /// Adds a position that is not there yet.
    pub(crate) fn add(&mut self, key: PositionKey) -> u32 {
        if self.rows.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let id = self.rows.push(Position { key, quantity: 0, legs: NONE, bonds: NONE });
        self.place(key, id);
        id
    }

    fn place(&mut self, key: PositionKey, id: u32) {
        let mut slot = self.start(key);
        while self.slots[slot & self.mask] != NONE {
            slot = slot.wrapping_add(1);
        }
        self.slots[slot & self.mask] = id;
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(16);
        self.slots = Dense::filled(length, NONE);
        // INVARIANT: `POSITIONS_MAX` keeps the table below 2^32 slots.
        self.mask = u32::try_from(length - 1).unwrap_or(u32::MAX);
        let keys: Vec<(u32, PositionKey)> = self.rows.enumerate().map(|(id, row)| (id, row.key)).gather();
        for (id, key) in keys {
            self.place(key, id);
        }
    }

    /// Open claims against on hand.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn claimed(&self, id: u32) -> i64 {
        self.bonds.find(self.rows[id].bonds).map_or(0, |bonds| bonds.claimed)
    }

    pub(crate) fn claim(&mut self, id: u32, units: i64) {
        self.bonds_of(id).claimed += units;
    }

    /// The last count in key order, or `NONE`.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn last_count(&self, id: u32) -> u32 {
        self.bonds.find(self.rows[id].bonds).map_or(NONE, |bonds| bonds.count)
    }

    pub(crate) fn set_last_count(&mut self, id: u32, count: u32) {
        if count != self.last_count(id) {
            self.bonds_of(id).count = count;
        }
    }

    /// The positions that have had claims or counts.
    pub(crate) fn bound(&self) -> Vec<u32> {
        self.rows.enumerate().filter(|(_, row)| !row.is_free()).map(|(id, _)| id).gather()
    }

    fn bonds_of(&mut self, id: u32) -> &mut Bonds {
        let row = &mut self.rows[id];
        if row.bonds == NONE {
            row.bonds = self.bonds.push(Bonds { claimed: 0, count: NONE });
        }
        &mut self.bonds[row.bonds]
    }

    /// Claims apart.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes() + self.slots.bytes()
    }
}
