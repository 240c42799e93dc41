//! One way to value stock: its pools, and what units are worth where there are none.

use super::pool::{Amount, Pool, Rate};
use crate::book::{Book, LocationKind};
use crate::log::replay::{Shift, Side};
use crate::ordered::Map;
use crate::place::{Outside, StockState};
use crate::stock::PositionKey;

/// Cost, or retail value.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    pub(super) pools: Map<At, Pool>,
    /// By item and node, what counts found and nobody has explained: below zero for what was found.
    pub(super) variances: Map<(u32, u32), Pool>,
    /// By item, what was learned last.
    pub(super) latest: Map<u32, Rate>,
    /// Whether clearance is a pool of its own.
    pub(super) clearance_apart: bool,
}

/// An item at a node or on a transfer; apart from it what is in clearance.
pub(super) type At = (u32, u32, bool);

impl Measure {
    /// The pool that a position is part of.
    pub(super) fn at(&self, book: &Book, key: PositionKey) -> At {
        let location = match book.locations[key.location].kind {
            LocationKind::Transit => key.location,
            LocationKind::Node | LocationKind::Place => book.node_of(key.location),
        };
        (key.sku, location, self.clearance_apart && key.state == StockState::Clearance)
    }

    /// What is known of the value of a unit: here, out of clearance, or of the item anywhere.
    pub(super) fn rate(&self, at: At) -> Rate {
        let here = [at, (at.0, at.1, false)];
        let known = here.iter().filter_map(|at| self.pools.get(at)).map(|pool| pool.rate);
        known.chain(self.latest.get(&at.0).copied()).find(|rate| rate.of.units > 0).unwrap_or_default()
    }

    /// Moves an amount, which is said to be worth `stated`; answers their value where they left and where they arrived.
    pub(super) fn shift(&mut self, book: &Book, shift: Shift, stated: Option<i128>) -> (i128, i128) {
        let pool_of = |side| match side {
            Side::Stock(key) => Some(self.at(book, key)),
            Side::Outside(_) => None,
        };
        let (source, target) = (pool_of(shift.from), pool_of(shift.to));
        // Nor is it another's variance where counts have fixed both ends.
        if source == target && (source.is_some() || shift.from == shift.to) {
            return (0, 0);
        }
        let Shift { units, grams, .. } = shift;
        let (amount, here) = (Amount { units, grams }, (shift.sku, shift.node));
        let rate = self.rate(target.or(source).unwrap_or((shift.sku, shift.node, false)));
        let left = match (source, shift.from, shift.to) {
            (Some(at), ..) => self.take(at, amount),
            (_, Side::Outside(Outside::CountVariance), _) => self.variance(here, rate).take(amount),
            // What is explained as found is worth what it was found at.
            (.., Side::Outside(Outside::CountVariance)) => {
                let variance = self.variance(here, rate);
                let found = (-variance.held.units).clamp(0, units);
                let worth = variance.filling(found) + rate.worth_units(units - found);
                stated.unwrap_or(worth)
            }
            _ => stated.unwrap_or_else(|| rate.worth(amount)),
        };
        let arrived = match (target, shift.to) {
            (Some(at), _) => self.put(at, amount, left),
            (_, Side::Outside(Outside::CountVariance)) => self.variance(here, rate).put(amount, left),
            // What a supplier takes back is worth what is credited for it.
            _ => stated.unwrap_or(left),
        };
        (left, arrived)
    }

    fn variance(&mut self, here: (u32, u32), rate: Rate) -> &mut Pool {
        let variance = self.variances.entry(here);
        (variance.rate, variance.fixed) = (rate, true);
        variance
    }

    fn take(&mut self, at: At, amount: Amount) -> i128 {
        let rate = self.rate(at);
        let pool = self.pools.entry(at);
        pool.rate = rate;
        let value = pool.take(amount);
        self.learn(at);
        value
    }

    fn put(&mut self, at: At, amount: Amount, value: i128) -> i128 {
        let rate = self.rate(at);
        let pool = self.pools.entry(at);
        pool.rate = rate;
        let value = if pool.fixed { rate.worth(amount) } else { value };
        let kept = pool.put(amount, value);
        self.learn(at);
        kept
    }

    /// What was learned of an item anywhere is the best guess everywhere else; a price of clearance says nothing.
    fn learn(&mut self, at: At) {
        let rate = self.pools.entry(at).rate;
        if rate.of.units > 0 && !at.2 {
            self.latest.insert(at.0, rate);
        }
    }
}
