//! A good plan at once: the best single node, or a cover by the nodes that save most for each unit, less what it can drop.

use alloc::vec::Vec;

use super::few::{DROPS_MAX, Few};
use super::order::Order;
use super::{COST_MAX, TIE, times};

/// Open nodes in their order and what shipping from them costs, scaled.
pub(super) struct Cover {
    pub(super) open: Vec<usize>,
    pub(super) cost: i64,
    /// No plan costs less: one parcel, and every unit at its cheapest node, however little that one has.
    pub(super) bound: i64,
    pub(super) steps: u64,
}

/// What a node saves against leaving the units unfilled, its parcel included, and how many units it covers.
#[derive(Clone, Copy)]
struct Saving {
    saved: i64,
    units: i64,
}

pub(super) fn cover(order: &Order<'_>) -> Cover {
    let nothing = order.nothing();
    let mut found = Cover { open: Vec::new(), cost: nothing, bound: nothing, steps: 0 };
    // Units of each line that are not filled yet.
    let mut left: Vec<i64> = order.lines.iter().map(|line| line.quantity).collect();
    let mut savings = alloc::vec![Saving { saved: 0, units: 0 }; order.nodes()];
    let cheapest = look(order, &left, &mut savings, &mut found.steps);
    let parcel = order.problem.parcel_costs.iter().min().copied().unwrap_or(0);
    found.bound = nothing.min(times(cheapest + parcel, TIE) + 1);

    let (mut single, mut most) = (0, 0);
    for (node, one) in savings.iter().enumerate() {
        if one.saved > most {
            (single, most) = (node, one.saved);
        }
    }
    if most == 0 {
        return found;
    }
    (found.cost, found.open) = (nothing - times(most, TIE) + 1, alloc::vec![single]);

    let mut cover: Vec<usize> = Vec::with_capacity(8);
    while cover.len() < order.nodes_max
        && let Some(chosen) = best_of(&savings)
    {
        cover.insert(cover.partition_point(|node| *node < chosen), chosen);
        let mut missing = 0;
        for (place, left) in left.iter_mut().enumerate() {
            *left -= order.cell(chosen, place).0.min(*left);
            missing |= *left;
        }
        if missing == 0 {
            break;
        }
        look(order, &left, &mut savings, &mut found.steps);
        // What they have they have given.
        for node in &cover {
            if let Some(one) = savings.get_mut(*node) {
                one.saved = 0;
            }
        }
    }
    if cover != found.open {
        try_open(order, cover, &mut found);
    }
    found
}

/// What each node saves on what is left. Answers what these lines cost at least, whatever their nodes have.
fn look(order: &Order<'_>, left: &[i64], savings: &mut [Saving], steps: &mut u64) -> i64 {
    for (one, parcel) in savings.iter_mut().zip(&order.problem.parcel_costs) {
        *one = Saving { saved: -parcel, units: 0 };
    }
    let mut cheapest: i64 = 0;
    for (place, (line, units)) in order.lines.iter().zip(left).enumerate().filter(|(_, (_, left))| **left > 0)
    {
        let (stocks, mut least) = (order.stocks(place), line.price);
        for stock in stocks {
            let taken = line.taken(stock, *units);
            if let Some(one) = savings.get_mut(super::place(stock.node)) {
                // INVARIANT: no sum of costs or units leaves its range, as `Order::new` has checked.
                one.saved = one.saved.wrapping_add(times(taken, line.price.wrapping_sub(stock.unit_cost)));
                one.units = one.units.wrapping_add(taken);
            }
            least = least.min(stock.unit_cost);
        }
        *steps += u64::try_from(stocks.len()).unwrap_or(u64::MAX);
        cheapest += times(line.quantity, least);
    }
    cheapest
}

/// The first of those that save most for each unit, if any saves something: products instead of fractions.
fn best_of(savings: &[Saving]) -> Option<usize> {
    const SMALL: i64 = i64::MAX / (COST_MAX * TIE);
    let (mut best, mut most, mut per) = (None, 0, 1);
    for (node, one) in savings.iter().enumerate() {
        if one.saved <= 0 {
            continue;
        }
        let saved = times(one.saved, TIE) - 1;
        let more = match one.units < SMALL && per < SMALL {
            true => times(saved, per) > times(most, one.units),
            false => i128::from(saved) * i128::from(per) > i128::from(most) * i128::from(one.units),
        };
        if more {
            (best, most, per) = (Some(node), saved, one.units);
        }
    }
    best
}

/// Takes a set of at most `nodes_max` nodes as a candidate, less what it can do without.
fn try_open(order: &Order<'_>, open: Vec<usize>, found: &mut Cover) {
    if open.len() > DROPS_MAX {
        let (takes, ..) = order.plan_from(&open);
        let mut used: Vec<usize> = takes.iter().map(|take| take.node).collect();
        used.dedup();
        found.steps += u64::try_from(open.len() * order.lines.len()).unwrap_or(u64::MAX);
        if used.len() <= DROPS_MAX {
            return try_open(order, used, found);
        }
        let mut cost = order.nothing();
        for take in &takes {
            if let Some(line) = order.lines.get(take.line) {
                cost -= times(take.units * (line.price - order.cell(take.node, take.line).1), TIE);
            }
        }
        cost += used.iter().map(|node| times(order.parcel_cost(*node), TIE) + 1).sum::<i64>();
        if cost < found.cost {
            (found.cost, found.open) = (cost, used);
        }
        return;
    }
    let few = Few::of(
        &open,
        order.lines.iter().map(|line| (line.quantity, times(line.price, TIE))),
        |node| times(order.parcel_cost(node), TIE) + 1,
        |node, place| {
            let (cap, unit_cost) = order.cell(node, place);
            (cap, times(unit_cost, TIE))
        },
    );
    let (cost, kept, steps) = few.drop_nodes();
    found.steps += steps;
    if cost < found.cost {
        (found.cost, found.open) = (cost, few.open_of(&open, kept));
    }
}
