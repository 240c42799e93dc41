//! The exact search: Lagrangian bounds, fixing by reduced cost, and branching on what is left.

use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use super::cover::Cover;
use super::few::{DROPS_MAX, Few};
use super::order::Order;
use super::{LINES_MAX, TIE, place, times};
use crate::ordered::{Gather as _, sort, sort_by_key};

/// Multipliers are kept in parts of a cost unit.
const SCALE: i64 = 256;

/// Steps on the multipliers at the root, in a branch, and without gain until they are halved: found by trying.
const ROOT_ROUNDS: u32 = 40;
const BRANCH_ROUNDS: u32 = 10;
const IDLE_ROUNDS: u32 = 3;
/// How far a step goes at first, in parts of 256 of the way to the best cost: a branch begins near its best multipliers.
const ROOT_PACE: i64 = 256;
const BRANCH_PACE: i64 = 64;
/// Bits of a slack that count in a step.
const SLACK_BITS: u32 = 17;

// The remainder of a step by a slack stays within 64 bits.
const _: () = assert!(LINES_MAX <= 1 << 6 && 6 + 3 * SLACK_BITS < 63);
const _: () = assert!(super::COST_MAX < i64::MAX / TIE / SCALE);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed {
    Free,
    Open,
    Closed,
}

/// A part of the tree that is still to be looked at: the choices that lead to it.
struct Branch {
    bound: i64,
    depth: usize,
    node: usize,
    to: Fixed,
}

/// What a node has of a line.
pub(super) struct Arc {
    pub(super) line: usize,
    pub(super) cap: i64,
    pub(super) cost: i64,
}

pub(super) struct Search {
    pub(super) lines: usize,
    pub(super) nodes: usize,
    /// Units wanted that somebody has.
    pub(super) quantity: Vec<i64>,
    /// Cost of those that nobody has; no other cost here has it in.
    pub(super) inevitable: i64,
    /// Costs times `TIE`.
    pub(super) shortfall_cost: Vec<i64>,
    pub(super) parcel: Vec<i64>,
    /// By node, then line: units that may be taken, and their cost.
    pub(super) cells: Vec<(i64, i64)>,
    /// What each node has, one node behind the other, and which of that is whose.
    arcs: Vec<Arc>,
    rows: Vec<Range<usize>>,
    /// By line: nodes that have some of it, cheapest first, one line behind the other.
    pub(super) cheapest: Vec<u32>,
    /// Where each line's nodes begin, and the end of the last.
    pub(super) starts: Vec<usize>,
    pub(super) nodes_max: usize,
    /// By line what its units cost if all nodes are open.
    pub(super) floor: Vec<i64>,

    pub(super) multipliers: Vec<i64>,
    pub(super) best_multipliers: Vec<i64>,
    pub(super) reduced: Vec<i64>,
    pub(super) fixed: Vec<Fixed>,
    pub(super) best_open: Vec<bool>,
    pub(super) best_cost: i64,
    pub(super) bound: i64,
    /// For each node, no plan that ships from it costs less.
    pub(super) cost_if_used: Vec<i64>,
    pub(super) steps: u64,

    /// The nodes of the plan that `finish` looks at.
    pub(super) opened: Vec<usize>,
    /// Units and the cost of one, the dearest first, those that are not filled among them. What a plan does not change it has in
    /// common with the one that it comes from; where that one ends, its own begin.
    pub(super) units: Vec<(i64, i64)>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: every index is a node or line of the problem that sized the tables"
)]
impl Search {
    pub(super) fn new(order: &Order<'_>, cover: Cover) -> Search {
        let (lines, nodes) = (order.lines.len(), order.nodes());
        let mut cells = Vec::with_capacity(lines * nodes);
        let mut arcs = Vec::with_capacity(order.stock_count());
        let mut rows = Vec::with_capacity(nodes);
        let mut quantity = alloc::vec![0i64; lines];
        // Nodes mostly cost the same for every line: one order is enough then.
        let mut same = true;
        for node in 0..nodes {
            let from = arcs.len();
            for (line, quantity) in quantity.iter_mut().enumerate() {
                let (cap, unit_cost) = order.cell(node, line);
                if cap > 0 {
                    let cost = times(unit_cost, TIE);
                    *quantity = quantity.saturating_add(cap);
                    arcs.push(Arc { line, cap, cost });
                    same &= cost == arcs[from].cost;
                }
            }
            // What a node does not have would cost what the rest does: then the order of one line is that of all.
            let cost = arcs.get(from).map_or(0, |arc| arc.cost);
            cells.resize((node + 1) * lines, (0, cost));
            for arc in &arcs[from..] {
                cells[node * lines + arc.line] = (arc.cap, arc.cost);
            }
            rows.push(from..arcs.len());
        }
        // What nobody has is missing in every plan: without it costs are close to each other, and so are bounds to costs.
        let mut inevitable = 0;
        for (line, quantity) in order.lines.iter().zip(&mut quantity) {
            *quantity = line.quantity.min(*quantity);
            inevitable += times(line.quantity - *quantity, times(line.price, TIE));
        }
        let (cheapest, starts) = cheapest_first(lines, nodes, &cells, same);
        // A node that has nothing is never opened and not looked at: its parcel would come on top.
        let mut fixed = alloc::vec![Fixed::Closed; nodes];
        for node in &cheapest {
            fixed[place(*node)] = Fixed::Free;
        }
        let mut best_open = alloc::vec![false; nodes];
        for node in &cover.open {
            best_open[*node] = true;
        }
        let parcel: Vec<i64> = order.problem.parcel_costs.iter().map(|cost| times(*cost, TIE) + 1).collect();
        Search {
            lines,
            nodes,
            quantity,
            inevitable,
            shortfall_cost: order.lines.iter().map(|line| times(line.price, TIE)).collect(),
            cells,
            arcs,
            rows,
            cheapest,
            starts,
            nodes_max: order.nodes_max,
            floor: Vec::new(),
            multipliers: alloc::vec![0; lines],
            best_multipliers: alloc::vec![0; lines],
            reduced: parcel.iter().map(|cost| times(*cost, SCALE)).collect(),
            parcel,
            fixed,
            best_open,
            best_cost: cover.cost - inevitable,
            bound: (cover.bound - inevitable).max(0),
            cost_if_used: Vec::new(),
            steps: cover.steps,
            opened: Vec::new(),
            units: Vec::new(),
        }
    }

    /// What a node has.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(super) fn arcs(&self, node: usize) -> &[Arc] {
        &self.arcs[self.rows[node].clone()]
    }

    /// Nodes that have some of a line, cheapest first.
    fn cheapest(&self, line: usize) -> &[u32] {
        &self.cheapest[self.starts[line]..self.starts[line + 1]]
    }

    /// Cost of a line's units from the cheapest open nodes, which is optimal once it is settled which nodes are open.
    /// Answers the nodes looked at, too.
    fn fill(
        &self,
        line: usize,
        open: impl Fn(usize) -> bool,
        mut took: impl FnMut(usize, i64),
    ) -> (i64, u64) {
        let shortfall = self.shortfall_cost[line];
        let (mut wanted, mut total, mut looked) = (self.quantity[line], 0, 0);
        for node in self.cheapest(line) {
            looked += 1;
            let node = place(*node);
            let at = node * self.lines + line;
            if wanted == 0 {
                break;
            }
            if open(node) {
                let (cap, cost) = self.cells[at];
                let taken = wanted.min(cap);
                total += times(taken, cost);
                wanted -= taken;
                took(node, taken);
            }
        }
        (total + times(wanted, shortfall), looked)
    }

    /// Cost of the best plan that ships from open nodes only; closes what it does not use.
    fn evaluate(&mut self, open: &mut [bool]) -> i64 {
        let mut total = 0;
        let mut used = alloc::vec![false; self.nodes];
        for line in 0..self.lines {
            let (cost, looked) = self.fill(line, |node| open[node], |node, _| used[node] = true);
            total += cost;
            self.steps += looked;
        }
        for ((open, used), parcel) in open.iter_mut().zip(used).zip(&self.parcel) {
            *open = used;
            total += if used { *parcel } else { 0 };
        }
        total
    }

    /// Takes a set of at most `nodes_max` nodes as a candidate: evaluates it and drops nodes as long as that makes it cheaper.
    pub(super) fn try_open(&mut self, mut open: Vec<bool>) {
        let mut opened: Vec<usize> = (0..self.nodes).filter(|node| open[*node]).gather();
        if opened.len() > DROPS_MAX {
            let cost = self.evaluate(&mut open);
            opened = (0..self.nodes).filter(|node| open[*node]).gather();
            if opened.len() > DROPS_MAX {
                self.keep_if_better(cost, open);
                return;
            }
        }
        let lines = self.quantity.iter().copied().zip(self.shortfall_cost.iter().copied());
        let few = Few::of(
            &opened,
            lines,
            |node| self.parcel[node],
            |node, line| self.cells[node * self.lines + line],
        );
        let (cost, kept, steps) = few.drop_nodes();
        self.steps += steps;
        if cost < self.best_cost {
            for (place, node) in opened.iter().enumerate() {
                open[*node] = kept >> place & 1 == 1;
            }
            self.keep_if_better(cost, open);
        }
    }

    fn keep_if_better(&mut self, cost: i64, open: Vec<bool>) {
        if cost < self.best_cost {
            self.best_cost = cost;
            self.best_open = open;
        }
    }

    pub(super) fn run(&mut self, steps_max: u64) {
        self.floor = (0..self.lines).map(|line| self.fill(line, |_| true, |_, _| {}).0).collect();
        self.first_multipliers();
        self.best_multipliers = self.multipliers.clone();
        let all = self.fixed.clone();
        // What holds here holds in every branch: it is never undone.
        let bound = self.improve(ROOT_ROUNDS, ROOT_PACE, steps_max, &mut Vec::new());
        self.bound = self.bound.max(bound);
        self.bound_if_used(all);
        if bound < self.best_cost {
            self.branch(bound, steps_max);
        } else {
            self.bound = self.best_cost;
        }
        for cost in [&mut self.best_cost, &mut self.bound] {
            *cost += self.inevitable;
        }
    }

    /// A unit is worth about what it costs at its cheapest node, with its share of the parcel.
    fn first_multipliers(&mut self) {
        self.multipliers = self.shortfall_cost.iter().map(|most| most * SCALE).collect();
        for (row, parcel) in self.rows.iter().zip(&self.parcel) {
            let arcs = &self.arcs[row.clone()];
            let units: i64 = arcs.iter().map(|arc| arc.cap).sum();
            let share = parcel * SCALE / units.max(1);
            for arc in arcs {
                let worth = &mut self.multipliers[arc.line];
                *worth = (arc.cost * SCALE + share).min(*worth);
            }
        }
    }

    /// Depth first over open and closed, nearest to undecided first; bounds of what is left give the bound at the end.
    fn branch(&mut self, bound: i64, steps_max: u64) {
        let mut trail: Vec<usize> = Vec::new();
        let mut stack: Vec<Branch> = Vec::new();
        let mut here = if self.finish(steps_max) { i64::MAX } else { bound };
        loop {
            let chosen = (here < self.best_cost).then(|| self.undecided()).flatten();
            if let Some(node) = chosen {
                // First the side that the relaxation leans to; the other waits.
                let (first, second) = if self.reduced[node] < 0 {
                    (Fixed::Open, Fixed::Closed)
                } else {
                    (Fixed::Closed, Fixed::Open)
                };
                stack.push(Branch { bound: here, depth: trail.len(), node, to: second });
                stack.push(Branch { bound: here, depth: trail.len(), node, to: first });
            }
            let Some(next) = stack.pop() else {
                self.bound = self.best_cost;
                return;
            };
            if next.bound >= self.best_cost {
                here = i64::MAX;
                continue;
            }
            if self.steps >= steps_max {
                let open = stack.iter().map(|branch| branch.bound).fold(next.bound, i64::min);
                self.bound = self.bound.max(open).min(self.best_cost);
                return;
            }
            for node in trail.drain(next.depth..) {
                self.fixed[node] = Fixed::Free;
            }
            self.fixed[next.node] = next.to;
            trail.push(next.node);
            self.multipliers.clone_from(&self.best_multipliers);
            let bound = self.improve(BRANCH_ROUNDS, BRANCH_PACE, steps_max, &mut trail);
            here = bound.max(next.bound);
            if here < self.best_cost && self.finish(steps_max) {
                here = i64::MAX;
            }
        }
    }

    /// A free node whose reduced cost is nearest to zero among those that have something to give.
    fn undecided(&self) -> Option<usize> {
        if self.open_count() >= self.nodes_max {
            return None;
        }
        let free = (0..self.nodes).filter(|node| self.fixed[*node] == Fixed::Free);
        free.min_by_key(|node| (self.reduced[*node].abs(), *node))
    }

    /// Nodes whose other choice cannot lead to a better plan need no branch.
    fn fix_by_reduced_cost(&mut self, bound: i64, trail: &mut Vec<usize>) {
        if bound >= self.best_cost {
            return;
        }
        let mut free: Vec<usize> = (0..self.nodes).filter(|node| self.fixed[*node] == Fixed::Free).gather();
        let room = self.nodes_max.saturating_sub(self.open_count());
        // With no room for all that pay, a node takes the place of another one.
        let paying = free.iter().filter(|node| self.reduced[**node] < 0).count();
        let (mut last_in, mut first_out) = (0, 0);
        if paying >= room {
            sort_by_key(&mut free, |node| (self.reduced[*node], *node));
            let Some(last) = room.checked_sub(1) else { return };
            last_in = free.get(last).map_or(0, |node| self.reduced[*node]);
            first_out = free.get(room).map_or(0, |node| self.reduced[*node].min(0));
        }
        for (place, node) in free.iter().enumerate() {
            let reduced = self.reduced[*node];
            let is_in = if paying >= room { place < room } else { reduced < 0 };
            let dearer = if is_in { first_out - reduced } else { reduced - last_in };
            if bound.saturating_add(dearer / SCALE) >= self.best_cost {
                self.fixed[*node] = if is_in { Fixed::Open } else { Fixed::Closed };
                trail.push(*node);
            }
        }
    }

    fn open_count(&self) -> usize {
        self.fixed.iter().filter(|fixed| **fixed == Fixed::Open).count()
    }

    /// Subgradient steps on the multipliers. Answers the best bound, leaving its reduced costs and multipliers behind.
    fn improve(&mut self, rounds: u32, pace: i64, steps_max: u64, trail: &mut Vec<usize>) -> i64 {
        let mut best = i64::MIN;
        let mut best_reduced = self.reduced.clone();
        let mut best_multipliers = self.multipliers.clone();
        let mut open = alloc::vec![false; self.nodes];
        let mut slack = alloc::vec![0; self.lines];
        // Halved each time when some rounds did not help.
        let (mut pace, mut idle) = (pace, 0);
        for round in 0..rounds {
            let value = self.relax(&mut open, &mut slack);
            if value > best {
                (best, idle) = (value, 0);
                best_reduced.clone_from(&self.reduced);
                best_multipliers.clone_from(&self.multipliers);
            } else {
                idle += 1;
                if idle == IDLE_ROUNDS {
                    (pace, idle) = (pace / 2, 0);
                }
            }
            if round % 8 == 0 {
                self.try_open(open.clone());
                // What is settled now is not looked at in the rounds to come.
                core::mem::swap(&mut self.reduced, &mut best_reduced);
                self.fix_by_reduced_cost(round_up(best), trail);
                core::mem::swap(&mut self.reduced, &mut best_reduced);
            }
            if pace == 0 || round_up(best) >= self.best_cost || self.steps >= steps_max {
                break;
            }
            let gap = times(self.best_cost, SCALE).saturating_sub(value).max(SCALE);
            if !self.move_multipliers(&slack, times(gap / 256, pace)) {
                break;
            }
        }
        self.try_open(open);
        self.reduced = best_reduced;
        self.best_multipliers = best_multipliers;
        self.fix_by_reduced_cost(round_up(best), trail);
        round_up(best)
    }

    /// From the relaxation at the root, with all nodes as they were before: opening one costs at least its reduced cost more.
    fn bound_if_used(&mut self, all: Vec<Fixed>) {
        let fixed = core::mem::replace(&mut self.fixed, all);
        let reduced = self.reduced.clone();
        self.multipliers.clone_from(&self.best_multipliers);
        let bound =
            round_up(self.relax(&mut alloc::vec![false; self.nodes], &mut alloc::vec![0; self.lines]));
        let dearer = self.reduced.iter().map(|reduced| (reduced / SCALE).max(0));
        self.cost_if_used = dearer.map(|dearer| (bound + dearer + self.inevitable) / TIE).collect();
        (self.fixed, self.reduced) = (fixed, reduced);
    }

    /// A step of a length towards what is unfilled, away from what is filled twice; false if nothing is either.
    fn move_multipliers(&mut self, slack: &[i64], length: i64) -> bool {
        // Slacks are taken as so small that no square and no product leaves 64 bits: a step may be of any length.
        let largest = slack.iter().fold(0, |largest, slack| slack.unsigned_abs().max(largest));
        let shift = (64 - largest.leading_zeros()).saturating_sub(SLACK_BITS);
        let mut norm = 0;
        for slack in slack {
            norm += times(slack >> shift, slack >> shift);
        }
        if norm == 0 {
            return false;
        }
        let (whole, rest) = (length / norm, length % norm);
        let limits = slack.iter().zip(&self.shortfall_cost);
        for (worth, (slack, shortfall)) in self.multipliers.iter_mut().zip(limits) {
            let slack = slack >> shift;
            let step = (times(whole, slack) + times(rest, slack) / norm) >> shift;
            *worth = (*worth + step).clamp(0, times(*shortfall, SCALE));
        }
        true
    }

    /// The relaxed problem: every node on its own opens if that pays at these multipliers. Scaled.
    fn relax(&mut self, open: &mut [bool], slack: &mut [i64]) -> i64 {
        slack.clone_from_slice(&self.quantity);
        let mut value: i64 = 0;
        for (worth, wanted) in self.multipliers.iter().zip(&self.quantity) {
            value += times(*worth, *wanted);
        }
        let mut chosen: Vec<usize> = Vec::new();
        let mut looked = 0;
        open.fill(false);
        for node in 0..self.nodes {
            if self.fixed[node] == Fixed::Closed {
                continue;
            }
            looked += 1;
            let mut reduced = times(self.parcel[node], SCALE);
            for arc in self.arcs(node) {
                // INVARIANT: what a node saves is within range, as every cost is.
                let saved =
                    times(times(arc.cost, SCALE).wrapping_sub(self.multipliers[arc.line]).min(0), arc.cap);
                reduced = reduced.wrapping_add(saved);
            }
            self.reduced[node] = reduced;
            if self.fixed[node] == Fixed::Open || reduced < 0 {
                chosen.push(node);
            }
        }
        self.steps += u64::try_from(looked * self.lines).unwrap_or(u64::MAX);
        if chosen.len() > self.nodes_max {
            sort_by_key(&mut chosen, |node| {
                (Reverse(self.fixed[*node] == Fixed::Open), self.reduced[*node], *node)
            });
            chosen.truncate(self.nodes_max);
        }
        for node in chosen {
            open[node] = true;
            value += self.reduced[node];
            for arc in self.arcs(node) {
                if times(arc.cost, SCALE) < self.multipliers[arc.line] {
                    slack[arc.line] -= arc.cap;
                }
            }
        }
        value
    }

    /// The nodes of the best plan, in their order.
    pub(super) fn open(&self) -> Vec<usize> {
        (0..self.nodes).filter(|node| self.best_open[*node]).gather()
    }
}

/// By line the nodes that have some of it, cheapest first and then in the order given, and where each line begins.
#[expect(clippy::indexing_slicing, reason = "INVARIANT: the tables have a cell for each node and line")]
fn cheapest_first(lines: usize, nodes: usize, cells: &[(i64, i64)], same: bool) -> (Vec<u32>, Vec<usize>) {
    let mut order: Vec<(i64, u32)> = (0..).take(nodes).map(|node| (0, node)).collect();
    let mut cheapest = Vec::with_capacity(lines * nodes);
    let mut starts = Vec::with_capacity(lines + 1);
    for line in 0..lines {
        starts.push(cheapest.len());
        if line == 0 || !same {
            for (cost_of, node) in &mut order {
                *cost_of = cells[place(*node) * lines + line].1;
            }
            sort(&mut order);
        }
        for (_, node) in &order {
            if cells[place(*node) * lines + line].0 > 0 {
                cheapest.push(*node);
            }
        }
    }
    starts.push(cheapest.len());
    (cheapest, starts)
}

/// Scaled to costs: a bound may be rounded up, because costs are whole.
pub(super) fn round_up(scaled: i64) -> i64 {
    scaled.div_euclid(SCALE) + i64::from(scaled.rem_euclid(SCALE) > 0)
}
