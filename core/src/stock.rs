//! Positions and their legs: the quantity of each (owner, SKU, lot, location, state).

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use crate::dense::{Dense, NONE};
use crate::limits::POSITIONS_MAX;
use crate::place::StockState;

/// Which position: the whole key in 16 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialOrd, Ord)]
#[repr(C)]
pub(crate) struct PositionKey {
    pub(crate) sku: u32,
    pub(crate) location: u32,
    /// 0: none.
    pub(crate) lot: u32,
    /// 0: the company.
    pub(crate) owner: u16,
    pub(crate) state: StockState,
    /// Nothing: it fills the second word.
    pub(crate) rest: u8,
}

impl PartialEq for PositionKey {
    #[cfg_attr(not(onhand_small), inline(always))]
    fn eq(&self, other: &PositionKey) -> bool {
        self.words() == other.words()
    }
}

impl PositionKey {
    pub(crate) const fn plain(sku: u32, location: u32, state: StockState) -> PositionKey {
        PositionKey { sku, location, lot: 0, owner: 0, state, rest: 0 }
    }

    /// The key as two words, as it stands in memory.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn words(self) -> (u64, u64) {
        let state = u64::from(self.rest) << 8 | u64::from(self.state.ordinal());
        let parts = state << 48 | u64::from(self.owner) << 32 | u64::from(self.lot);
        (u64::from(self.location) << 32 | u64::from(self.sku), parts)
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn probe(self) -> Probe {
        let (slot, mark) = halves(self.hash());
        Probe { slot, mark: mark & !(MARK - 1) }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn hash(self) -> u64 {
        let (low, high) = self.words();
        let mut hash = (low ^ high.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
        hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53)
    }
}

/// The upper and the lower half of a hash.
#[inline]
#[expect(clippy::as_conversions, reason = "the halves are what is wanted")]
fn halves(hash: u64) -> (u32, u32) {
    ((hash >> 32) as u32, hash as u32)
}

/// The lowest bit of a slot that is not of an id. From here up stand the same bits of the key's hash, its mark: a probe passes
/// other positions without a look at them, which out of cache is most of what it costs.
const MARK: u32 = 1 << 26;

// INVARIANT: no id has all of its bits set, so that no slot in use is `NONE`.
const _: () = assert!(POSITIONS_MAX < 1 << 26);

/// Where the search for a key is, and the mark of the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    slot: u32,
    mark: u32,
}

impl Probe {
    pub(crate) const NOWHERE: Probe = Probe { slot: 0, mark: 0 };

    /// The id in a slot if it has the mark; in a free slot no id that there is.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn id(self, held: u32) -> Option<u32> {
        let id = held ^ self.mark;
        (id < MARK).then_some(id)
    }
}

/// A position: 32 bytes, two in a line of cache and none in two of them, wherever the allocator puts them.
#[derive(Clone, Debug)]
#[repr(align(32))]
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
    /// Open claims against on hand, at the company's plain sellable position of a node; at its plain picked one what is picked for claims.
    claimed: i64,
    /// The last count in key order, or `NONE`.
    count: u32,
    /// The position that they are of.
    position: u32,
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

/// All positions, found by key through an open-addressed table of dense ids with marks.
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
    pub(crate) fn find(&self, key: PositionKey) -> Option<u32> {
        self.search(key.probe(), |id| self.rows[id].key == key)
    }

    /// What the first slot of a search holds: nothing is decided by it yet.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn first_held(&self, probe: Probe) -> u32 {
        self.slots.find(probe.slot & self.mask).copied().unwrap_or(NONE)
    }

    /// The position that a search most likely ends at, or `NONE`: no position is looked at. `held` is what the first slot holds.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn guess(&self, probe: Probe, held: u32) -> u32 {
        match probe.id(held) {
            Some(id) => id,
            None => self.search(probe, |_| true).unwrap_or(NONE),
        }
    }

    /// Whether a position is that of a key.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn is_at(&self, id: u32, key: PositionKey) -> bool {
        self.rows.find(id).is_some_and(|row| row.key == key)
    }

    /// The first position with the mark that `is_it` takes for the one that is looked for.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn search(&self, mut probe: Probe, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        // INVARIANT: half of the slots are free, so a probe ends; an empty table has no slot to find.
        while let Some(held) = self.slots.find(probe.slot & self.mask)
            && *held != NONE
        {
            match probe.id(*held) {
                Some(id) if is_it(id) => return Some(id),
                _ => probe.slot = probe.slot.wrapping_add(1),
            }
        }
        None
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
        let Probe { mut slot, mark } = key.probe();
        while self.slots[slot & self.mask] != NONE {
            slot = slot.wrapping_add(1);
        }
        self.slots[slot & self.mask] = id | mark;
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
        self.bonds.iter().map(|bonds| bonds.position).gather()
    }

    fn bonds_of(&mut self, id: u32) -> &mut Bonds {
        let row = &mut self.rows[id];
        if row.bonds == NONE {
            row.bonds = self.bonds.push(Bonds { claimed: 0, count: NONE, position: id });
        }
        &mut self.bonds[row.bonds]
    }

    /// Claims apart.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes() + self.slots.bytes()
    }
}
