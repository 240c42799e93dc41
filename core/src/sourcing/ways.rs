//! Nodes that are one node by several ways, of which a plan uses one. To a search they are nodes of their own.
//!
//! A plan that ships by two ways of a node is a bound. Each of the ways is then looked at while the others are closed, the cheapest
//! first. After so many plans, or steps, the best so far is answered with a true bound. Of ways by which the same units cost the same
//! the first is used.

use alloc::vec::Vec;
use core::ops::Range;

use super::{Problem, ProblemError, Solution, Stocked, Take, part, times};
use crate::ordered::sort_by_key;

/// Plans that are looked at: two ways are rarely of use for the same node, and so a few are enough.
const PLANS_MAX: u32 = 400;
/// The same where a plan is wanted at once.
const PLANS_AT_ONCE: u32 = 8;

pub(super) fn solve(
    problem: &Problem,
    stocked: &Stocked,
    steps_max: Option<u64>,
) -> Result<Solution, ProblemError> {
    // A plan that every search can fall back on: all go by their first ways.
    let is_first = |node| problem.ways.iter().all(|ways| node == ways.start || !ways.contains(&node));
    let mut best = part(problem, &stocked.of_nodes(&is_first), None)?;
    let root = part(problem, stocked, steps_max)?;
    let if_used = root.cost_if_used.clone();
    let plans_max = if steps_max.is_some() { PLANS_MAX } else { PLANS_AT_ONCE };
    let (mut plans, mut steps, mut left_out) = (1, best.steps + root.steps, (i64::MAX, 0));
    // Which ways are closed, and the plan without them.
    let mut parts: Vec<(Vec<usize>, Solution)> = alloc::vec![(Vec::new(), root)];
    while let Some((closed, plan)) = parts.pop() {
        let rank = plan.rank(problem);
        let least = if plan.proven { rank } else { (plan.bound, 0) };
        let of_best = best.rank(problem);
        if least >= of_best {
            continue;
        }
        let two = |ways: &&Range<usize>| (*ways).clone().filter(|node| plan.ships(*node)).count() > 1;
        let Some(both) = problem.ways.iter().find(two) else {
            left_out = left_out.min(least);
            if rank < of_best {
                best = plan;
            }
            continue;
        };
        if plans >= plans_max || steps_max.is_some_and(|most| steps >= most) {
            left_out = left_out.min(least);
            continue;
        }
        let from = parts.len();
        for way in both.clone() {
            let mut closed = closed.clone();
            closed.extend(both.clone().filter(|other| *other != way));
            let left = stocked.of_nodes(&|node| !closed.contains(&node));
            let mut one = part(problem, &left, steps_max.map(|most| most.saturating_sub(steps)))?;
            (plans, steps) = (plans + 1, steps + one.steps);
            one.bound = one.bound.max(plan.bound);
            parts.push((closed, one));
        }
        sort_by_key(parts.get_mut(from..).unwrap_or_default(), |(_, one)| core::cmp::Reverse(one.bound));
    }
    best.steps = steps;
    best.bound = left_out.0.min(best.cost);
    best.proven = left_out >= best.rank(problem);
    for ways in &problem.ways {
        best.use_first(problem, stocked, ways.clone());
    }
    best.bound_if_used(&if_used);
    Ok(best)
}

impl Solution {
    /// Ships by the first way of a node that has what the plan takes there, and costs the same.
    fn use_first(&mut self, problem: &Problem, stocked: &Stocked, ways: Range<usize>) {
        let from = self.takes.partition_point(|take| take.node < ways.start);
        let until = self.takes.partition_point(|take| take.node < ways.end);
        let Some(takes) = self.takes.get_mut(from..until) else { return };
        let cost_by = |way: usize, takes: &[Take]| {
            let parcel = problem.parcel_costs.get(way).copied().unwrap_or(0);
            takes.iter().try_fold(parcel, |cost, take| {
                let stock = stocked.at(way, take.line).filter(|stock| stock.available >= take.units)?;
                Some(cost + times(stock.unit_cost, take.units))
            })
        };
        let Some(cost) = takes.first().and_then(|take| cost_by(take.node, takes)) else { return };
        if let Some(first) = ways.clone().find(|way| cost_by(*way, takes) == Some(cost)) {
            takes.iter_mut().for_each(|take| take.node = first);
        }
    }
}
