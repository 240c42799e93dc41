//! A good plan at once: the best single node, or a cover by the nodes that save most for each unit, less what it can drop.

use alloc::vec::Vec;

use super::few::{DROPS_MAX, Few};
use super::order::{Line, Order};
use super::{COST_MAX, TIE, times};

/// Open nodes in their order and what shipping from them costs, scaled.
pub(super) struct Cover {
    pub(super) open: Vec<usize>,
    pub(super) cost: i64,
    /// No plan costs less: one parcel, and every unit at its cheapest node, however little that one has.
    pub(super) bound: i64,
    pub(super) steps: u64,
}

/// A node that saves something against leaving the units unfilled, its parcel included.
#[derive(Clone, Copy)]
struct Saving {
    node: usize,
    saved: i64,
    units: i64,
}

/// A line that is not filled yet, and its place among the lines.
struct Left {
    place: usize,
    line: Line,
    units: i64,
}

pub(super) fn cover(order: &Order<'_>) -> Cover {
    let mut found = Cover { open: Vec::new(), cost: order.nothing(), bound: 0, steps: 0 };
    let (mut useful, bound) = first_look(order);
    found.bound = bound.min(found.cost);
    found.steps = steps(order.problem.cells.len());
    let mut single: Option<Saving> = None;
    for one in &useful {
        if single.is_none_or(|most| one.saved > most.saved) {
            single = Some(*one);
        }
    }
    let Some(single) = single else { return found };
    (found.cost, found.open) = (found.cost - single.saved, alloc::vec![single.node]);

    let lines = order.lines.iter().enumerate();
    let mut left: Vec<Left> =
        lines.map(|(place, line)| Left { place, line: *line, units: line.quantity }).collect();
    let mut cover: Vec<usize> = Vec::with_capacity(8);
    let mut best = best_of(&useful);
    while let Some(chosen) = best
        && cover.len() < order.nodes_max
    {
        cover.insert(cover.partition_point(|node| *node < chosen.node), chosen.node);
        left.retain_mut(|left| {
            left.units -= left.line.cap(order.cell(chosen.node, left.place)).min(left.units);
            left.units > 0
        });
        if left.is_empty() {
            break;
        }
        found.steps += steps(useful.len() * left.len());
        best = look_again(order, &left, &mut useful, chosen.node);
    }
    if cover != found.open {
        try_open(order, cover, &mut found);
    }
    found
}

/// What each node saves on its own, and what no plan that ships something costs less than, scaled.
fn first_look(order: &Order<'_>) -> (Vec<Saving>, i64) {
    let mut useful = Vec::with_capacity(order.nodes());
    let mut lines: Vec<(Line, i64)> = order.lines.iter().map(|line| (*line, line.price)).collect();
    let rows = order.problem.cells.chunks_exact(lines.len());
    let mut parcel_least = i64::MAX;
    for (node, (row, parcel)) in rows.zip(&order.problem.parcel_costs).enumerate() {
        let (mut saved, mut units): (i64, i64) = (0, 0);
        // Without branches: which nodes have which items is not to be foreseen.
        for (cell, (line, cheapest)) in row.iter().zip(&mut lines) {
            let cap = line.cap(cell);
            // INVARIANT: no sum of costs or units leaves its range, as `Order::new` has checked.
            saved = saved.wrapping_add(times(cap, line.price.wrapping_sub(cell.unit_cost)));
            units = units.wrapping_add(cap);
            let cost = if cap > 0 { cell.unit_cost } else { i64::MAX };
            *cheapest = cost.min(*cheapest);
        }
        parcel_least = parcel_least.min(*parcel);
        let saved = scaled_saving(saved, *parcel);
        if saved > 0 {
            useful.push(Saving { node, saved, units });
        }
    }
    let units: i64 = lines.iter().map(|(line, cheapest)| times(line.quantity, *cheapest)).sum();
    // No more than the costs of all there is, so that scaling it stays in range.
    (useful, times(units + parcel_least.min(COST_MAX), TIE) + 1)
}

/// What the others save on what is left, and the best of them. It never grows: what saves nothing is not looked at again.
fn look_again(order: &Order<'_>, left: &[Left], useful: &mut Vec<Saving>, chosen: usize) -> Option<Saving> {
    useful.retain_mut(|one| {
        let (mut saved, mut units): (i64, i64) = (0, 0);
        for Left { place, line, units: wanted } in left {
            let cell = order.cell(one.node, *place);
            let taken = line.cap(cell).min(*wanted);
            saved = saved.wrapping_add(times(taken, line.price.wrapping_sub(cell.unit_cost)));
            units = units.wrapping_add(taken);
        }
        (one.saved, one.units) = (scaled_saving(saved, order.parcel_cost(one.node)), units);
        one.saved > 0 && one.node != chosen
    });
    best_of(useful)
}

fn scaled_saving(saved: i64, parcel: i64) -> i64 {
    times(saved.wrapping_sub(parcel), TIE).wrapping_sub(1)
}

/// The first of those that save most for each unit.
fn best_of(useful: &[Saving]) -> Option<Saving> {
    let (mut best, rest) = useful.split_first()?;
    for one in rest {
        if saves_more(one, best) {
            best = one;
        }
    }
    Some(*best)
}

/// Whether a node saves more for each unit than another one: products instead of fractions.
fn saves_more(one: &Saving, best: &Saving) -> bool {
    const SMALL: i64 = i64::MAX / (COST_MAX * TIE);
    match one.units < SMALL && best.units < SMALL {
        true => times(one.saved, best.units) > times(best.saved, one.units),
        false => {
            i128::from(one.saved) * i128::from(best.units) > i128::from(best.saved) * i128::from(one.units)
        }
    }
}

/// Takes a set of at most `nodes_max` nodes as a candidate, less what it can do without.
fn try_open(order: &Order<'_>, open: Vec<usize>, found: &mut Cover) {
    if open.len() > DROPS_MAX {
        let (takes, ..) = order.plan_from(&open);
        let mut used: Vec<usize> = takes.iter().map(|take| take.node).collect();
        used.dedup();
        found.steps += steps(open.len() * order.lines.len());
        if used.len() <= DROPS_MAX {
            return try_open(order, used, found);
        }
        let mut cost = order.nothing();
        for take in &takes {
            if let Some(line) = order.lines.get(take.line) {
                cost -= times(take.units * (line.price - order.cell(take.node, take.line).unit_cost), TIE);
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
            let cell = order.cell(node, place);
            let cap = order.lines.get(place).map_or(0, |line| line.cap(cell));
            (cap, times(cell.unit_cost, TIE))
        },
    );
    let (cost, kept, steps) = few.drop_nodes();
    found.steps += steps;
    if cost < found.cost {
        (found.cost, found.open) = (cost, few.open_of(&open, kept));
    }
}

fn steps(looked: usize) -> u64 {
    u64::try_from(looked).unwrap_or(u64::MAX)
}
