//! Plans from a few open nodes: which of them to do without.

use alloc::vec::Vec;

use super::{Search, times};

/// Plans of more parcels than this are not improved by dropping one after the other.
pub(super) const DROPS_MAX: usize = 24;
// Nodes are bits of a u32.
const _: () = assert!(DROPS_MAX < 32);

/// A few open nodes, and the lines as they see them: small enough to look again at every plan with a node less.
pub(super) struct Few {
    /// Parcel costs of the nodes.
    parcels: Vec<i64>,
    quantity: Vec<i64>,
    shortfall_cost: Vec<i64>,
    /// Place among the nodes, units and cost of one, cheapest first, one line behind the other.
    offers: Vec<(u32, i64, i64)>,
    /// Where each line's offers end.
    ends: Vec<usize>,
}

impl Few {
    #[expect(clippy::indexing_slicing, reason = "INVARIANT: every index is a node or line of the problem")]
    pub(super) fn of(search: &Search, opened: &[usize]) -> Few {
        let mut offers: Vec<(u32, i64, i64)> = Vec::with_capacity(opened.len() * search.lines);
        let mut ends = Vec::with_capacity(search.lines);
        let mut from = 0;
        for line in 0..search.lines {
            for (place, node) in (0..).zip(opened) {
                let at = node * search.lines + line;
                let (cap, cost) = (search.cap[at], search.cost[at]);
                if cap > 0 {
                    // Few enough to be put where they belong one by one.
                    let dearer = offers[from..].iter().rposition(|held| held.2 <= cost);
                    offers.insert(dearer.map_or(from, |held| from + held + 1), (place, cap, cost));
                }
            }
            from = offers.len();
            ends.push(from);
        }
        Few {
            parcels: opened.iter().map(|node| search.parcel[*node]).collect(),
            quantity: search.quantity.clone(),
            shortfall_cost: search.shortfall_cost.clone(),
            offers,
            ends,
        }
    }

    /// Drops the node without which the plan is cheapest, as long as that makes it cheaper. Answers the cost, the nodes
    /// kept as bits, and the steps it took.
    pub(super) fn drop_nodes(&self) -> (i64, u32, u64) {
        let each = u64::try_from(self.offers.len()).unwrap_or(u64::MAX);
        let (mut cost, mut kept) = self.evaluate(u32::MAX);
        let mut steps = each;
        loop {
            let mut better = None;
            for place in (0..).take(self.parcels.len()).filter(|place| kept >> place & 1 == 1) {
                let (without, used) = self.evaluate(kept & !(1 << place));
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
        }
    }

    /// Cost of the best plan from the nodes whose bits are set, and the bits of those that it uses.
    fn evaluate(&self, open: u32) -> (i64, u32) {
        let (mut total, mut used, mut from) = (0, 0u32, 0);
        for ((quantity, shortfall), end) in self.quantity.iter().zip(&self.shortfall_cost).zip(&self.ends) {
            let mut wanted = *quantity;
            for (place, cap, cost) in self.offers.get(from..*end).unwrap_or_default() {
                if open >> place & 1 == 1 && wanted > 0 {
                    let taken = wanted.min(*cap);
                    total += times(taken, *cost);
                    wanted -= taken;
                    used |= 1 << place;
                }
            }
            total += times(wanted, *shortfall);
            from = *end;
        }
        for (place, parcel) in self.parcels.iter().enumerate() {
            total += if used >> place & 1 == 1 { *parcel } else { 0 };
        }
        (total, used)
    }
}
