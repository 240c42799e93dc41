//! Money: what stock is worth, and where its value went, as a reading of the log in key order. No part of `evolve`.
//!
//! Each item has a moving average cost at each node and on each transfer, and a retail value by the prices that were set. What an
//! event moves becomes postings: units, cost and retail value of one account. The units of each item and both values add to zero over
//! every event, and the units are the book's, to the last one. The arithmetic and its rounding are in `valuation/pool.rs`.
//!
//! What decides a value:
//!
//! - What comes from outside is worth its line's `value` (opening, receipt) or, unsaid, what the node's stock is worth.
//! - What leaves is worth its share of the stock it leaves. What is not there is worth what the last unit was; what fills that
//!   deficit later is worth the same, and the difference to its own cost goes to `difference`.
//! - What a conversion makes is worth what went into it, shared by the values that its lines say, else by what its items are worth.
//! - `cost_change` and `price_change` say what `quantity` units (one, unless said) are worth at a node from then on, and revalue what is
//!   there. A `mark_down` takes its line's `value` off the retail value of what it moves to clearance, which has an average of its own.
//! - What its lines weigh (`grams`) is worth by weight: what leaves, its share of the weight of the stock it leaves; a cost or price that says a
//!   weight, for that weight. What says none weighs what the rest does, piece by piece.
//! - Goods of other owners are units without value. All nodes of one log have one currency.
//!
//! What arrives late takes its place and changes what comes after it, up to the last close: a fact of a closed period counts at the first
//! moment after the close, and what was reported for the period stays.

mod measure;
mod pool;
mod post;

use alloc::vec::Vec;

use super::Log;
use super::replay::Replay;
use crate::book::LocationKind;
use crate::dense::NONE;
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use crate::place::Outside;
use measure::Measure;
use pool::Pool;
pub(super) use pool::share;

/// Whose units or value a posting changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Account {
    /// Stock at a node, in all states.
    Stock,
    /// Stock under way.
    Transit,
    /// An account outside.
    Outside(Outside),
    /// Retail value that prices and markdowns took off stock.
    Markdown,
    /// Cost that a change of cost took off stock.
    Revaluation,
    /// What a deficit was filled at more than it was issued at, and what prices differ by between nodes.
    Difference,
}

impl Account {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Account::Stock => "stock",
            Account::Transit => "transit",
            Account::Outside(outside) => outside.code(),
            Account::Markdown => "markdown",
            Account::Revaluation => "revaluation",
            Account::Difference => "difference",
        }
    }
}

/// What an event changed on one account. Values are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The number of its entry in the log.
    pub entry: u64,
    /// The moment that it counts at: when it occurred, or the first after the close that it came too late for.
    pub moment: Time,
    /// The kind of the event.
    pub kind: Kind,
    /// The account.
    pub account: Account,
    /// The item.
    pub sku: Name,
    /// The node where it happened.
    pub node: Option<Name>,
    /// The transfer, for units under way.
    pub transfer: Option<Name>,
    /// The owner, where it is not the company.
    pub owner: Option<Name>,
    /// Why, as the event says.
    pub reason: Option<Name>,
    /// Base units.
    pub units: i64,
    /// What they cost.
    pub cost: i128,
    /// What they were to be sold for.
    pub retail: i128,
}

/// What postings come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Base units: of use where all postings are of items of one unit.
    pub units: i64,
    /// Cost, in minor units.
    pub cost: i128,
    /// Retail value, in minor units.
    pub retail: i128,
}

/// The company's own stock of an item at a node or on a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The item.
    pub sku: Name,
    /// The node or transfer.
    pub location: Name,
    /// Whether it is a transfer.
    pub in_transit: bool,
    /// Base units, below zero in a deficit.
    pub units: i64,
    /// What they weigh in grams, as their lines said; 0 where none did, and in a deficit.
    pub grams: i64,
    /// What they cost, in minor units.
    pub cost: i128,
    /// What they are to be sold for, in minor units.
    pub retail: i128,
}

/// Where a valuation has come to, for the log that goes on from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Checkpoint {
    rows: Vec<CheckpointRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct CheckpointRow {
    retail: bool,
    sku: Name,
    /// None for what an item is worth wherever nothing better is known.
    location: Option<Name>,
    in_transit: bool,
    clearance: bool,
    variance: bool,
    units: i64,
    #[cfg_attr(feature = "serde", serde(default))]
    grams: i64,
    value: i128,
    rate: (i128, i64),
    #[cfg_attr(feature = "serde", serde(default))]
    rate_grams: i64,
    fixed: bool,
}

/// Postings in key order, and what every node holds.
#[derive(Clone, Debug)]
pub struct Valuation {
    postings: Vec<Posting>,
    replay: Replay,
    cost: Measure,
    retail: Measure,
}

impl Log {
    /// Values the stock: all that the log accepted, in key order, from where an earlier valuation has come to.
    ///
    /// A log that began with a book needs the [`Checkpoint`] that belongs to it; stock of that book that the checkpoint does not
    /// know is worth nothing. What a checkpoint has taken in is final: cut the log at a close, go on with [`Log::after`] and
    /// the checkpoint of that close, and what arrives later counts after it.
    ///
    /// Tells all entries to a book anew, sorts them, and makes at most six postings for a line.
    ///
    /// ```
    /// use onhand::log::{Account, Log};
    /// use onhand::{Event, Id, Kind, Line, Money, Name, Outside, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let event = |id, kind, millis, units, value: Option<i64>| {
    ///     let mut event = Event::new(Name::new("shop").unwrap(), Id::Number(id), kind, at(millis));
    ///     event.node = Some(Name::new("store-1").unwrap());
    ///     event.reason = Some(Name::new("broken").unwrap());
    ///     event.lines.push(Line::new(Name::new("TEA-250").unwrap(), units).unwrap());
    ///     event.lines[0].value = value.and_then(Money::new);
    ///     event
    /// };
    /// // Ten for 20.00 and five for 13.00: 33.00 in all, 2.20 each.
    /// log.evolve(&mut book, &event(1, Kind::PriceChange, 500, 1, Some(399)), at(500))?;
    /// log.evolve(&mut book, &event(2, Kind::Receipt, 1_000, 10, Some(2_000)), at(1_000))?;
    /// log.evolve(&mut book, &event(3, Kind::WriteOff, 3_000, 1, None), at(3_000))?;
    /// log.evolve(&mut book, &event(4, Kind::Receipt, 2_000, 5, Some(1_300)), at(4_000))?; // told late
    /// let valuation = log.valuation(&Default::default());
    /// let holding = &valuation.holdings()[0];
    /// assert_eq!((holding.units, holding.cost, holding.retail), (14, 3_080, 14 * 399));
    /// let lost = valuation.sums(|one| (one.account == Account::Outside(Outside::Scrapped)).then(|| one.reason.clone()));
    /// assert_eq!((lost[0].1.units, lost[0].1.cost), (1, 220));
    /// // Everything that came from somewhere went somewhere.
    /// let all = valuation.sums(|_| Some(()))[0].1;
    /// assert_eq!((all.units, all.cost, all.retail), (0, 0, 0));
    /// # Ok(()) }
    /// ```
    pub fn valuation(&self, before: &Checkpoint) -> Valuation {
        let mut valuation = Valuation::begin(&self.before, before);
        let placed = valuation.replay.place(self);
        for one in &placed {
            valuation.post(one);
        }
        valuation
    }
}

impl Valuation {
    /// All postings, in key order.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// Postings summed by whatever a report is about: account, reason, node, a region or category that the caller knows, or the period
    /// that [`Posting::moment`] lies in. Postings without a key are left out; sums are sorted by key.
    pub fn sums<K: Ord>(&self, key: impl Fn(&Posting) -> Option<K>) -> Vec<(K, Sum)> {
        let mut sums: Map<K, Sum> = Map::new();
        for posting in &self.postings {
            if let Some(key) = key(posting) {
                let sum = sums.entry(key);
                sum.units = sum.units.saturating_add(posting.units);
                sum.cost += posting.cost;
                sum.retail += posting.retail;
            }
        }
        sums.into_iter().collect()
    }

    /// The company's own stock by item and location; a location is left out where an item has neither units nor value.
    pub fn holdings(&self) -> Vec<Holding> {
        let mut holdings: Map<(Name, bool, Name), Holding> = Map::new();
        let pools = self.cost.pools.iter().map(|pool| (false, pool));
        for (is_retail, ((sku, at, _), pool)) in
            pools.chain(self.retail.pools.iter().map(|pool| (true, pool)))
        {
            let (sku, location) = (self.replay.book.sku_name(*sku), self.replay.book.location_name(*at));
            let in_transit = self.in_transit(*at);
            let holding = holdings.entry_or((sku.clone(), in_transit, location.clone()), || Holding {
                sku,
                location,
                in_transit,
                units: 0,
                grams: 0,
                cost: 0,
                retail: 0,
            });
            match is_retail {
                true => holding.retail += pool.value,
                false => {
                    (holding.units, holding.grams, holding.cost) =
                        (pool.held.units, pool.held.grams, pool.value);
                }
            }
        }
        let held = holdings.into_iter().map(|(_, holding)| holding);
        held.filter(|one| (one.units, one.cost, one.retail) != (0, 0, 0)).collect()
    }

    /// What one unit of an item costs at a node, in minor units, rounded; `None` where nothing was ever learned.
    pub fn unit_cost(&self, sku: &Name, location: Option<&Name>) -> Option<i64> {
        let sku = self.replay.book.known_sku(sku.as_str())?;
        let at = location.and_then(|location| {
            let transit = || self.replay.book.transits.get(location.as_str()).copied();
            self.replay.book.known_node(location.as_str()).or_else(transit)
        });
        let rate = self.cost.rate((sku, at.unwrap_or(NONE), false));
        (rate.of.units > 0).then(|| i64::try_from(rate.worth_units(1)).unwrap_or(i64::MAX))
    }

    /// Where the valuation has come to: with the book of the same moment, what the log that goes on from there needs.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut rows = Vec::new();
        for (retail, measure) in [(false, &self.cost), (true, &self.retail)] {
            let mut row = |sku, location: Option<u32>, clearance, variance, pool: &Pool| {
                rows.push(CheckpointRow {
                    retail,
                    sku: self.replay.book.sku_name(sku),
                    location: location.map(|at| self.replay.book.location_name(at)),
                    in_transit: location.is_some_and(|at| self.in_transit(at)),
                    clearance,
                    variance,
                    units: pool.held.units,
                    grams: pool.held.grams,
                    value: pool.value,
                    rate: (pool.rate.value, pool.rate.of.units),
                    rate_grams: pool.rate.of.grams,
                    fixed: pool.fixed,
                });
            };
            for ((sku, at, clearance), pool) in measure.pools.iter() {
                row(*sku, Some(*at), *clearance, false, pool);
            }
            for ((sku, node), pool) in measure.variances.iter() {
                row(*sku, Some(*node), false, true, pool);
            }
            for (sku, rate) in measure.latest.iter() {
                row(*sku, None, false, false, &Pool { rate: *rate, ..Pool::default() });
            }
        }
        Checkpoint { rows }
    }

    fn in_transit(&self, location: u32) -> bool {
        self.replay.book.locations[location].kind == LocationKind::Transit
    }
}
