//! A problem whose numbers are in range, as the searches read it.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{COST_MAX, LINES_MAX, NODES_MAX, Problem, ProblemError, Stock, Stocked, TIE, Take, times};
use crate::ordered::sort_by;

/// What is wanted of a line.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) quantity: i64,
    /// Fewest units that a node may ship: all of them where lines are not split.
    fewest: i64,
    /// What a unit costs that is not filled. When all must be shipped it costs more than any plan.
    pub(super) price: i64,
}

/// What a node offers of a line: cost of a unit, the node and units.
pub(super) type Offer = (i64, usize, i64);

pub(super) fn cheapest_first(one: &Offer, other: &Offer) -> bool {
    one.0 <= other.0
}

pub(super) struct Order<'a> {
    pub(super) problem: &'a Problem,
    pub(super) lines: Vec<Line>,
    pub(super) nodes_max: usize,
    stocked: &'a Stocked,
}

impl Line {
    /// How many of so many units can be taken: none that are dearer than leaving them unfilled.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(super) fn taken(&self, stock: &Stock, wanted: i64) -> i64 {
        // Which of the two holds nobody can foresee, a processor neither: both are looked at.
        match (stock.available >= self.fewest) & (stock.unit_cost < self.price) {
            true => stock.available.min(wanted),
            false => 0,
        }
    }
}

impl<'a> Order<'a> {
    pub(super) fn new(problem: &'a Problem, stocked: &'a Stocked) -> Result<Order<'a>, ProblemError> {
        let (lines, nodes) = (problem.needs.len(), problem.parcel_costs.len());
        if lines == 0 || lines > LINES_MAX || nodes > NODES_MAX || stocked.lines() != lines {
            return Err(ProblemError::Size);
        }
        let mut order = Order {
            problem,
            lines: Vec::with_capacity(lines),
            nodes_max: problem.nodes_max.unwrap_or(nodes).min(nodes),
            stocked,
        };
        let highest = order.highest().ok_or(ProblemError::Range)?;
        for need in &problem.needs {
            let price = if problem.ship_complete { highest + 1 } else { need.shortfall_cost };
            // What is missing is told at its own price, whatever it weighed in the search.
            if price.max(need.shortfall_cost) > COST_MAX / need.quantity {
                return Err(ProblemError::Range);
            }
            let fewest = if problem.line_split { 1 } else { need.quantity };
            order.lines.push(Line { quantity: need.quantity, fewest, price });
        }
        Ok(order)
    }

    pub(super) fn nodes(&self) -> usize {
        self.problem.parcel_costs.len()
    }

    #[inline]
    pub(super) fn parcel_cost(&self, node: usize) -> i64 {
        self.problem.parcel_costs.get(node).copied().unwrap_or(0)
    }

    /// Units of a line that can be taken from a node, and the cost of one.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(super) fn cell(&self, node: usize, line: usize) -> (i64, i64) {
        match (self.stocked.at(node, line), self.lines.get(line)) {
            (Some(stock), Some(line)) => (line.taken(stock, line.quantity), stock.unit_cost),
            _ => (0, 0),
        }
    }

    pub(super) fn stock_count(&self) -> usize {
        self.stocked.all().len()
    }

    /// Stock of a line.
    pub(super) fn stocks(&self, line: usize) -> &[Stock] {
        self.stocked.of_line(line)
    }

    /// What shipping nothing costs, scaled.
    pub(super) fn nothing(&self) -> i64 {
        let units: i64 = self.lines.iter().map(|line| times(line.quantity, line.price)).sum();
        times(units, TIE)
    }

    /// Whether a plan of this cost leaves something unfilled that has to be shipped.
    pub(super) fn is_incomplete(&self, cost: i64) -> bool {
        // INVARIANT: when all must be shipped, a missing unit costs more than any plan does.
        self.problem.ship_complete && self.lines.iter().any(|line| cost >= times(line.price, TIE))
    }

    /// The best plan that ships from these nodes only: by node and line, what is missing, and the cost.
    pub(super) fn plan_from(&self, open: &[usize]) -> (Vec<Take>, Vec<i64>, i64) {
        let mut takes: Vec<Take> = Vec::with_capacity(self.lines.len() + open.len());
        let mut shortfall = Vec::with_capacity(self.lines.len());
        let mut cost: i64 = 0;
        let mut offers: Vec<Offer> = Vec::with_capacity(open.len());
        for (place, (line, need)) in self.lines.iter().zip(&self.problem.needs).enumerate() {
            offers.clear();
            for node in open {
                let (cap, unit_cost) = self.cell(*node, place);
                if cap > 0 {
                    offers.push((unit_cost, *node, cap));
                }
            }
            sort_few(&mut offers, cheapest_first);
            let mut wanted = line.quantity;
            for (unit_cost, node, cap) in &offers {
                let units = wanted.min(*cap);
                if units > 0 {
                    wanted -= units;
                    cost += times(units, *unit_cost);
                    takes.push(Take { node: *node, line: place, units });
                }
            }
            cost += times(wanted, need.shortfall_cost);
            shortfall.push(wanted);
        }
        sort_few(&mut takes, |one, other| one.node <= other.node);
        for node in takes.chunk_by(|one, other| one.node == other.node).filter_map(<[Take]>::first) {
            cost += self.parcel_cost(node.node);
        }
        (takes, shortfall, cost)
    }
}

/// Sorts and keeps the order of equals; a plan has few nodes and few takes, which are put where they belong one by one.
pub(super) fn sort_few<T: Copy>(items: &mut [T], in_order: impl Fn(&T, &T) -> bool) {
    const FEW: usize = 24;
    if items.len() > FEW {
        return sort_by(items, |one, other| match (in_order(one, other), in_order(other, one)) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, _) => Ordering::Greater,
        });
    }
    for end in 1..items.len() {
        for at in (1..=end).rev() {
            match items.get_mut(at - 1..=at) {
                Some([one, other]) if !in_order(one, other) => core::mem::swap(one, other),
                _ => break,
            }
        }
    }
}

impl Order<'_> {
    /// What no plan costs more than, shortfall apart; `None` where a number is out of range or all together are too much.
    fn highest(&self) -> Option<i64> {
        let within = |value: i64| (0..=COST_MAX).contains(&value);
        let mut units: i64 = 0;
        for need in &self.problem.needs {
            if need.quantity < 1 || !within(need.quantity) || !within(need.shortfall_cost) {
                return None;
            }
            units = units.saturating_add(need.quantity);
        }
        // As an unsigned number one below zero is the largest of all.
        let mut dearest = 0;
        for stock in self.stocked.all() {
            dearest = dearest.max(stock.unit_cost.cast_unsigned());
        }
        let dearest = i64::try_from(dearest).ok().filter(|cost| within(*cost))?;
        let mut parcels: i64 = 0;
        for cost in &self.problem.parcel_costs {
            if !within(*cost) {
                return None;
            }
            parcels = parcels.saturating_add(*cost);
        }
        Some(dearest.saturating_mul(units).saturating_add(parcels)).filter(|cost| within(*cost))
    }
}
