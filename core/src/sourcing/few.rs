//! Plans from a few open nodes: which of them to do without.

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use super::order::{Offer, cheapest_first, sort_few};
use super::times;

/// Plans of more parcels than this are not improved by dropping one after the other.
pub(super) const DROPS_MAX: usize = 24;
// Nodes are bits of a u32.
const _: () = assert!(DROPS_MAX < 32);

/// A few open nodes, and the lines as they see them: small enough to look again at every plan with a node less.
pub(super) struct Few {
    /// Parcel costs of the nodes.
    parcels: Vec<i64>,
    /// Units wanted, the price of one that is missing, and where the offers of the line end.
    needs: Vec<(i64, i64, usize)>,
    /// Cheapest first, one line behind the other.
    offers: Vec<Offer>,
}

impl Few {
    /// `lines`: units wanted and the price of one that is missing; `cell`: units of a node for a line, and the cost of one.
    pub(super) fn of(
        opened: &[usize],
        lines: impl ExactSizeIterator<Item = (i64, i64)>,
        parcel: impl Fn(usize) -> i64,
        cell: impl Fn(usize, usize) -> (i64, i64),
    ) -> Few {
        let mut offers: Vec<Offer> = Vec::with_capacity(opened.len() * lines.len());
        let mut needs = Vec::with_capacity(lines.len());
        let mut from = 0;
        for (line, (quantity, price)) in lines.enumerate() {
            for (place, node) in opened.iter().enumerate() {
                let (cap, cost) = cell(*node, line);
                if cap > 0 {
                    offers.push((cost, place, cap));
                }
            }
            sort_few(offers.get_mut(from..).unwrap_or_default(), cheapest_first);
            from = offers.len();
            needs.push((quantity, price, from));
        }
        Few { parcels: opened.iter().map(|node| parcel(*node)).collect(), needs, offers }
    }

    /// The nodes that are kept.
    pub(super) fn open_of(&self, opened: &[usize], kept: u32) -> Vec<usize> {
        let places = (0..).zip(opened).filter(|(place, _)| kept >> place & 1 == 1);
        places.map(|(_, node)| *node).gather()
    }

    /// Drops the node without which the plan is cheapest, as long as that makes it cheaper. Answers the cost, the nodes
    /// kept as bits, and the steps it took.
    pub(super) fn drop_nodes(&self) -> (i64, u32, u64) {
        let each = u64::try_from(self.offers.len()).unwrap_or(u64::MAX);
        let (mut cost, mut kept, mut steps) = (i64::MAX, u32::MAX, 0);
        // First all of them, then one less.
        let mut dropped = 0..1;
        loop {
            let mut better = None;
            for place in dropped.filter(|place| kept >> place & 1 == 1) {
                let without = if cost == i64::MAX { kept } else { kept & !(1 << place) };
                let (without, used) = self.evaluate(without);
                steps += each;
                if without < cost {
                    cost = without;
                    better = Some(used);
                }
            }
            match better {
                Some(used) => kept = used,
                None => return (cost, kept, steps),
            }
            dropped = 0..self.parcels.len();
        }
    }

    /// Cost of the best plan from the nodes whose bits are set, and the bits of those that it uses.
    fn evaluate(&self, open: u32) -> (i64, u32) {
        let (mut total, mut used, mut from) = (0, 0u32, 0);
        for (quantity, price, end) in &self.needs {
            let mut wanted = *quantity;
            for (cost, place, cap) in self.offers.get(from..*end).unwrap_or_default() {
                if open >> place & 1 == 1 && wanted > 0 {
                    let taken = wanted.min(*cap);
                    total += times(taken, *cost);
                    wanted -= taken;
                    used |= 1 << place;
                }
            }
            total += times(wanted, *price);
            from = *end;
        }
        for (place, parcel) in self.parcels.iter().enumerate() {
            total += if used >> place & 1 == 1 { *parcel } else { 0 };
        }
        (total, used)
    }
}
