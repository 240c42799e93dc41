//! What becomes of returns: which path they take, how long it takes them, and what is recovered. A reading of the log in key order.

use alloc::vec::Vec;

use super::Log;
use super::replay::{Placed, Replay, Shift, Side};
use crate::dense::NONE;
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use crate::place::{Outside, StockState, codes};

/// Where units that came back end up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReturnPath {
    /// For sale again at a node, at its price or on clearance, or as another item.
    Resale,
    /// For sale again, after it was made as new.
    Refurbishment,
    /// Back to the supplier.
    VendorReturn,
    /// Sold to a liquidator.
    Liquidation,
    /// Destroyed, given away or lost.
    Scrap,
    /// Nowhere yet.
    Open,
}

codes!(ReturnPath:
    Resale "resale", Refurbishment "refurbishment", VendorReturn "vendor_return", Liquidation "liquidation", Scrap "scrap",
    Open "open",
);

/// Units of one owner that came back to one node and took one path. Units are base units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The path.
    pub path: ReturnPath,
    /// The item.
    pub sku: Name,
    /// The node where they came back.
    pub node: Option<Name>,
    /// Whose goods they are, where they are not the company's.
    pub owner: Option<Name>,
    /// Units that came back for an order.
    pub expected: i64,
    /// Units that came back for none: walk-ins.
    pub walk_in: i64,
    /// The time from coming back to the end of the path, or until now where it is open: the sum over all units, in milliseconds.
    pub unit_ms: i128,
    /// What they brought, in minor units: what is for sale again, or was made into another item, at its cost, what went back or was
    /// liquidated at the `value` of its line. Goods of other owners have cost the company nothing.
    pub recovered: i128,
}

impl Returned {
    /// All units.
    pub const fn units(&self) -> i64 {
        self.expected + self.walk_in
    }

    /// The mean time of a unit, in milliseconds, rounded down.
    pub fn mean_ms(&self) -> i64 {
        let mean = self.unit_ms / i128::from(self.units().max(1));
        i64::try_from(mean).unwrap_or(i64::MAX)
    }
}

/// Units that came back together and are still on the way.
#[derive(Clone, Copy)]
struct Batch {
    since: i64,
    node: u32,
    expected: bool,
    refurbished: bool,
    units: i64,
}

/// An owner's goods of an item in a state at a location.
type At = (u32, u32, StockState, u16);

/// A path, an item, a node and an owner.
type Row = (ReturnPath, u32, u32, u16);

impl Log {
    /// What became of all returns by `now`, by path, item, node and owner. `cost` is what one unit of an item is worth at a node, in minor
    /// units: [`Valuation::unit_cost`](super::Valuation::unit_cost).
    ///
    /// Where returned units lie among others in one state, those that came back first leave first. Tells all entries to a book anew.
    ///
    /// ```
    /// use onhand::log::{Log, ReturnPath};
    /// use onhand::{Event, Id, Kind, Line, Money, Name, StockState, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["CUP"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let event = |id, kind, units, change: fn(&mut Line)| {
    ///     let mut event = Event::new(Name::new("shop").unwrap(), Id::Number(id), kind, at(1_000 * id as i64));
    ///     event.node = Some(Name::new("store-1").unwrap());
    ///     event.lines.push(Line::new(Name::new("CUP").unwrap(), units).unwrap());
    ///     change(&mut event.lines[0]);
    ///     event
    /// };
    /// log.evolve(&mut book, &event(1, Kind::ReturnReceive, 3, |_| ()), at(1_000))?;
    /// log.evolve(&mut book, &event(2, Kind::Grade, 1, |line| line.to_state = Some(StockState::Sellable)), at(2_000))?;
    /// log.evolve(&mut book, &event(3, Kind::Grade, 1, |line| line.to_state = Some(StockState::Liquidation)), at(3_000))?;
    /// log.evolve(&mut book, &event(8, Kind::Liquidate, 1, |line| line.value = Money::new(40)), at(8_000))?;
    /// let paths = log.returned(at(9_000), |_, _| Some(250));
    /// let paths: Vec<_> = paths.iter().map(|one| (one.path, one.units(), one.mean_ms(), one.recovered)).collect();
    /// assert_eq!(paths, [
    ///     (ReturnPath::Resale, 1, 1_000, 250),
    ///     (ReturnPath::Liquidation, 1, 7_000, 40),
    ///     (ReturnPath::Open, 1, 8_000, 0),
    /// ]);
    /// # Ok(()) }
    /// ```
    pub fn returned(&self, now: Time, cost: impl Fn(&Name, Option<&Name>) -> Option<i64>) -> Vec<Returned> {
        let mut replay = Replay::begin(&self.before);
        let placed = replay.place(self);
        let mut paths = Paths { waiting: Map::new(), ended: Map::new() };
        for one in placed.iter().filter(|one| one.moment <= now.millis()) {
            if one.event.kind == Kind::Count {
                for shift in replay.found(one) {
                    paths.shift(&replay, one, shift, 0, &cost);
                }
            }
            for said in one.said() {
                if let Some(shift) = replay.moved(one, said.line) {
                    paths.shift(&replay, one, shift, said.value.unwrap_or(0), &cost);
                }
            }
        }
        paths.report(&replay, now)
    }
}

/// Units for orders and for none, their time, and what they brought.
#[derive(Default)]
struct Sums {
    expected: i64,
    walk_in: i64,
    unit_ms: i128,
    recovered: i128,
}

struct Paths {
    /// What came back and has not come to an end, in the order in which it came back.
    waiting: Map<At, Vec<Batch>>,
    ended: Map<Row, Sums>,
}

impl Paths {
    fn shift(
        &mut self,
        replay: &Replay,
        one: &Placed<'_>,
        shift: Shift,
        value: i128,
        cost: &impl Fn(&Name, Option<&Name>) -> Option<i64>,
    ) {
        let at = |side: Side| match side {
            Side::Stock(key) => {
                let node = replay.book.node_of(key.location);
                Some((key.sku, if node == NONE { key.location } else { node }, key.state, key.owner))
            }
            Side::Outside(_) => None,
        };
        // Made into another item, it is for sale under another name.
        let ends_well = match shift.to {
            Side::Stock(key) => {
                let is_at_node = replay.book.node_of(key.location) != NONE;
                is_at_node && matches!(key.state, StockState::Sellable | StockState::Clearance)
            }
            Side::Outside(account) => account == Outside::Conversion,
        };
        let (sku, node) = (replay.book.sku_name(shift.sku), named(replay, shift.node));
        let is_own = shift.owner == 0;
        let worth = cost(&sku, node.as_ref()).filter(|_| is_own).map_or(0, i128::from);
        if one.event.kind == Kind::ReturnReceive
            && let Some(to) = at(shift.to)
        {
            let expected = one.event.subject.is_some();
            let batch = Batch {
                since: one.moment,
                node: shift.node,
                expected,
                refurbished: false,
                units: shift.units,
            };
            match ends_well {
                true => {
                    let row = (ReturnPath::Resale, shift.sku, batch.node, shift.owner);
                    self.end(row, batch, one.moment, worth * i128::from(batch.units));
                }
                false => self.waiting.entry(to).push(batch),
            }
            return;
        }
        let Some(from) = at(shift.from) else { return };
        let mut left = value;
        let mut units = shift.units;
        for batch in self.take(from, shift.units) {
            // The value of a line is shared over its units in the order in which they came back.
            let share = left * i128::from(batch.units) / i128::from(units.max(1));
            (left, units) = (left - share, units - batch.units);
            let (path, brought) = match (at(shift.to), shift.to) {
                _ if ends_well => {
                    let path = if batch.refurbished { ReturnPath::Refurbishment } else { ReturnPath::Resale };
                    (path, worth * i128::from(batch.units))
                }
                (Some(to), _) => {
                    let refurbished = batch.refurbished || to.2 == StockState::Refurbishing;
                    self.waiting.entry(to).push(Batch { refurbished, ..batch });
                    continue;
                }
                (None, Side::Outside(Outside::Supplier)) => (ReturnPath::VendorReturn, share),
                (None, Side::Outside(Outside::Liquidated)) => (ReturnPath::Liquidation, share),
                // Whoever sold units out of the returns has sold them again.
                (None, Side::Outside(Outside::Customer)) => (ReturnPath::Resale, share),
                (None, _) => (ReturnPath::Scrap, 0),
            };
            self.end((path, shift.sku, batch.node, shift.owner), batch, one.moment, brought);
        }
    }

    /// Takes units that came back out of a state, those first that came back first.
    fn take(&mut self, from: At, units: i64) -> Vec<Batch> {
        let Some(batches) = self.waiting.get_mut(&from) else { return Vec::new() };
        crate::ordered::sort_by_key(batches, |batch| batch.since);
        let (mut left, mut taken) = (units, Vec::new());
        for batch in batches.iter_mut() {
            let share = batch.units.min(left);
            batch.units -= share;
            left -= share;
            taken.push(Batch { units: share, ..*batch });
        }
        batches.retain(|batch| batch.units > 0);
        taken.retain(|batch| batch.units > 0);
        taken
    }

    fn end(&mut self, row: Row, batch: Batch, moment: i64, brought: i128) {
        let sums = self.ended.entry(row);
        match batch.expected {
            true => sums.expected += batch.units,
            false => sums.walk_in += batch.units,
        }
        sums.unit_ms += i128::from((moment - batch.since).max(0)) * i128::from(batch.units);
        sums.recovered += brought;
    }

    fn report(mut self, replay: &Replay, now: Time) -> Vec<Returned> {
        for ((sku, .., owner), batches) in core::mem::take(&mut self.waiting) {
            for batch in batches {
                self.end((ReturnPath::Open, sku, batch.node, owner), batch, now.millis(), 0);
            }
        }
        let rows = self.ended.into_iter().map(|((path, sku, node, owner), sums)| {
            let (sku, node) = (replay.book.sku_name(sku), named(replay, node));
            let owner = replay.book.owner_name(owner);
            let Sums { expected, walk_in, unit_ms, recovered } = sums;
            Returned { path, sku, node, owner, expected, walk_in, unit_ms, recovered }
        });
        let mut rows: Vec<Returned> = rows.collect();
        crate::ordered::sort_by(&mut rows, |one, other| {
            (one.path, &one.sku, &one.node, &one.owner).cmp(&(
                other.path,
                &other.sku,
                &other.node,
                &other.owner,
            ))
        });
        rows
    }
}

fn named(replay: &Replay, node: u32) -> Option<Name> {
    (node != NONE).then(|| replay.book.location_name(node))
}
