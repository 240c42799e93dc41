//! Exact order sourcing: from which nodes to ship an order at the lowest cost.
//!
//! The program (fixed-charge allocation, as in facility location): with `y` for a parcel from a node, `x` for the units of a
//! line from a node and `u` for units not filled,
//!
//! ```text
//! minimise  sum F y + sum c x + sum b u
//! where     sum over nodes of x + u = q for every line,  0 <= x <= available * y,  at most `nodes_max` parcels
//! ```
//!
//! [`solve`] relaxes the demand equations (Lagrange), improves the multipliers by subgradient steps, fixes nodes by their reduced
//! cost and branches on the rest. Multipliers are scaled integers, so that every bound is a true bound and the same on every
//! machine. Work is counted in steps, never in time: when `steps_max` is used up the best plan found is answered with
//! `proven: false` and a true lower bound.
//!
//! Ties: the lowest cost, then the fewest parcels; what is still equal is decided by the order in which nodes are given.
//! Published method: Geoffrion 1974, "Lagrangean relaxation for integer programming"; Held, Wolfe and Crowder 1974 for the steps.

mod few;

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::ordered::{sort, sort_by_key};
use few::{DROPS_MAX, Few};

/// Most nodes of a problem.
pub const NODES_MAX: usize = 2_000;
/// Most lines of a problem.
pub const LINES_MAX: usize = 64;
/// Largest sum of all costs of a problem, in minor units.
pub const COST_MAX: i64 = 1 << 40;
/// Steps (a node looked at for a line) that are enough for every realistic order of 20 lines and 500 nodes.
pub const STEPS_DEFAULT: u64 = 20_000_000;

/// Costs are multiplied by this and a parcel costs one more: of equal costs the fewest parcels win.
const TIE: i64 = 2_048;
/// Multipliers are kept in parts of a cost unit.
const SCALE: i64 = 256;

/// Steps on the multipliers at the root, in a branch, and without gain until they are halved: found by trying.
const ROOT_ROUNDS: u32 = 80;
const BRANCH_ROUNDS: u32 = 10;
const IDLE_ROUNDS: u32 = 3;
/// Bits of a slack that count in a step.
const SLACK_BITS: u32 = 17;

const _: () = assert!(NODES_MAX < 2_048);
// The remainder of a step by a slack stays within 64 bits.
const _: () = assert!(LINES_MAX <= 1 << 6 && 6 + 3 * SLACK_BITS < 63);

/// What is wanted of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Units wanted, at least 1.
    pub quantity: i64,
    /// Cost of a unit that is not filled, in minor units.
    pub shortfall_cost: i64,
}

/// What a node has for a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Units that may be taken; 0 where the node is not eligible.
    pub available: i64,
    /// Cost of a unit, in minor units: handling, freight share, lateness, opportunity price.
    pub unit_cost: i64,
}

/// An order and the network it may be filled from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Lines; the caller has merged lines of one SKU.
    pub needs: Vec<Need>,
    /// Fixed cost of a parcel from each node, in minor units, in the order that decides ties.
    pub parcel_costs: Vec<i64>,
    /// For each node, its cells in the order of the lines.
    pub cells: Vec<Cell>,
    /// A line may come from several nodes.
    pub line_split: bool,
    /// Everything or nothing.
    pub ship_complete: bool,
    /// Most parcels.
    pub nodes_max: Option<usize>,
}

/// Why a problem cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemError {
    /// More than [`NODES_MAX`] nodes or [`LINES_MAX`] lines, or none.
    Size,
    /// A quantity or cost is negative, or all costs together exceed [`COST_MAX`].
    Range,
}

/// Units that a node ships of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Take {
    /// Place of the node.
    pub node: usize,
    /// Place of the line.
    pub line: usize,
    /// Units, at least 1.
    pub units: i64,
}

/// A plan, and how good it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// What is shipped, by node and line.
    pub takes: Vec<Take>,
    /// Units of each line that are not filled.
    pub shortfall: Vec<i64>,
    /// Cost of the plan, shortfall included.
    pub cost: i64,
    /// No plan costs less than this.
    pub bound: i64,
    /// No plan costs less, nor as much with fewer parcels; `bound == cost` then.
    pub proven: bool,
    /// Steps that were used.
    pub steps: u64,
    /// For each node, no plan that ships from it costs less than this.
    pub cost_if_used: Vec<i64>,
}

/// Finds the cheapest plan, or the best one within `steps_max` steps and a bound on what could be better.
///
/// # Errors
///
/// [`ProblemError`] when the problem is too large or has a number out of range.
///
/// ```
/// use onhand::sourcing::{Cell, Need, Problem, solve};
/// let cell = |available, unit_cost| Cell { available, unit_cost };
/// let problem = Problem {
///     needs: vec![Need { quantity: 2, shortfall_cost: 9_000 }, Need { quantity: 1, shortfall_cost: 9_000 }],
///     parcel_costs: vec![500, 500, 700],
///     // The first two nodes have one line each; the third has both.
///     cells: vec![cell(2, 50), cell(0, 0), cell(0, 0), cell(1, 50), cell(2, 60), cell(1, 60)],
///     line_split: true,
///     ..Problem::default()
/// };
/// let plan = solve(&problem, 100_000).unwrap();
/// assert_eq!((plan.cost, plan.proven), (880, true));
/// assert!(plan.takes.iter().all(|take| take.node == 2));
/// ```
pub fn solve(problem: &Problem, steps_max: u64) -> Result<Solution, ProblemError> {
    let mut search = Search::new(problem)?;
    search.run(steps_max);
    Ok(search.solution(problem))
}

/// A good plan at once: one node that has everything, else the node that covers most for its cost, again and again.
///
/// `proven` is false and `bound` the sum of the cheapest units.
///
/// # Errors
///
/// As [`solve`].
pub fn greedy(problem: &Problem) -> Result<Solution, ProblemError> {
    let mut search = Search::new(problem)?;
    search.start_greedily();
    Ok(search.solution(problem))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fixed {
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

struct Search {
    lines: usize,
    nodes: usize,
    quantity: Vec<i64>,
    /// Costs times `TIE`.
    shortfall_cost: Vec<i64>,
    parcel: Vec<i64>,
    /// By node, then line: units that may be taken, and their cost.
    cap: Vec<i64>,
    cost: Vec<i64>,
    /// By line: nodes that have some of it, cheapest first, one line behind the other.
    cheapest: Vec<u32>,
    /// Where each line's nodes begin, and the end of the last.
    starts: Vec<usize>,
    complete: bool,
    nodes_max: usize,

    multipliers: Vec<i64>,
    best_multipliers: Vec<i64>,
    reduced: Vec<i64>,
    fixed: Vec<Fixed>,
    best_open: Vec<bool>,
    best_cost: i64,
    bound: i64,
    root_reduced: Vec<i64>,
    root_bound: i64,
    steps: u64,
}

#[expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: every index is a node or line of the problem that sized the tables"
)]
impl Search {
    fn new(problem: &Problem) -> Result<Search, ProblemError> {
        let (lines, nodes) = (problem.needs.len(), problem.parcel_costs.len());
        if lines == 0 || lines > LINES_MAX || nodes > NODES_MAX || problem.cells.len() != lines * nodes {
            return Err(ProblemError::Size);
        }
        check_range(problem)?;
        let quantity: Vec<i64> = problem.needs.iter().map(|need| need.quantity).collect();
        let highest = if problem.ship_complete { highest(problem) } else { 0 };
        let mut shortfall_cost = Vec::with_capacity(lines);
        for need in &problem.needs {
            // When all must be shipped, a missing unit costs more than any plan.
            let price = if problem.ship_complete { highest + 1 } else { need.shortfall_cost };
            if price.saturating_mul(need.quantity) > COST_MAX {
                return Err(ProblemError::Range);
            }
            shortfall_cost.push(price * TIE);
        }
        let mut cap = alloc::vec![0; lines * nodes];
        let mut cost = alloc::vec![0; lines * nodes];
        let tables = cap.chunks_exact_mut(lines).zip(cost.chunks_exact_mut(lines));
        for (cells, (caps, costs)) in problem.cells.chunks_exact(lines).zip(tables) {
            for line in 0..lines {
                let some = cells[line].available.clamp(0, quantity[line]);
                costs[line] = times(cells[line].unit_cost, TIE);
                // Never taken: less than the whole line where lines are not split, or dearer than leaving it unfilled.
                let taken =
                    (problem.line_split || some == quantity[line]) && costs[line] < shortfall_cost[line];
                caps[line] = if taken { some } else { 0 };
            }
        }
        let (cheapest, starts) = cheapest_first(lines, nodes, &cap, &cost);
        Ok(Search {
            lines,
            nodes,
            parcel: problem.parcel_costs.iter().map(|cost| cost * TIE + 1).collect(),
            quantity,
            shortfall_cost,
            cap,
            cost,
            cheapest,
            starts,
            complete: problem.ship_complete,
            nodes_max: problem.nodes_max.unwrap_or(nodes).min(nodes),
            multipliers: alloc::vec![0; lines],
            best_multipliers: alloc::vec![0; lines],
            reduced: alloc::vec![0; nodes],
            fixed: alloc::vec![Fixed::Free; nodes],
            best_open: alloc::vec![false; nodes],
            best_cost: i64::MAX,
            bound: 0,
            root_reduced: alloc::vec![0; nodes],
            root_bound: 0,
            steps: 0,
        })
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
                let taken = wanted.min(self.cap[at]);
                total += times(taken, self.cost[at]);
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
    fn try_open(&mut self, mut open: Vec<bool>) {
        let mut opened: Vec<usize> = (0..self.nodes).filter(|node| open[*node]).collect();
        if opened.len() > DROPS_MAX {
            let cost = self.evaluate(&mut open);
            opened = (0..self.nodes).filter(|node| open[*node]).collect();
            if opened.len() > DROPS_MAX {
                self.keep_if_better(cost, open);
                return;
            }
        }
        let (cost, kept, steps) = Few::of(self, &opened).drop_nodes();
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

    /// The single best node, and a greedy cover: the node that saves most against leaving the units unfilled, again and again.
    fn start_greedily(&mut self) {
        let nothing = self.quantity.iter().zip(&self.shortfall_cost);
        self.best_cost = nothing.map(|(quantity, shortfall)| times(*quantity, *shortfall)).sum();
        let mut left = self.quantity.clone();
        let mut open = alloc::vec![false; self.nodes];
        let mut useful: Vec<usize> = (0..self.nodes).collect();
        let mut single: Option<(i64, usize)> = None;
        for round in 0..self.nodes_max {
            let mut best: Option<(i64, i64, usize)> = None;
            self.steps += u64::try_from(useful.len()).unwrap_or(u64::MAX);
            let mut kept = 0;
            for at in 0..useful.len() {
                let node = useful[at];
                let (saved, units) = self.saving(node, &left);
                if saved > 0 {
                    // What a node saves never grows: once it saves nothing it is not looked at again.
                    useful[kept] = node;
                    kept += 1;
                }
                if round == 0 && single.is_none_or(|(most, _)| saved > most) {
                    single = Some((saved, node));
                }
                let better = best.is_none_or(|(most, per, _)| saves_more(saved, units, most, per));
                if saved > 0 && better {
                    best = Some((saved, units, node));
                }
            }
            let Some((_, _, node)) = best else { break };
            useful.truncate(kept);
            useful.retain(|one| *one != node);
            open[node] = true;
            for (left, cap) in left.iter_mut().zip(&self.cap[node * self.lines..]) {
                *left -= (*left).min(*cap);
            }
        }
        if let Some((_, node)) = single {
            let mut alone = alloc::vec![false; self.nodes];
            alone[node] = true;
            self.try_open(alone);
        }
        self.try_open(open);
        self.bound = self.cheapest_units();
    }

    /// What shipping from a node saves against leaving the units unfilled, and how many units it covers.
    fn saving(&self, node: usize, left: &[i64]) -> (i64, i64) {
        let row = node * self.lines..(node + 1) * self.lines;
        let cells = self.cap[row.clone()].iter().zip(&self.cost[row]);
        let (mut saved, mut units) = (0, 0);
        for ((cap, cost), (left, shortfall)) in cells.zip(left.iter().zip(&self.shortfall_cost)) {
            let taken = *cap.min(left);
            saved += times(taken, shortfall - cost);
            units += taken;
        }
        (saved - self.parcel[node], units.max(1))
    }

    /// A bound without any parcel: every line from its cheapest nodes.
    fn cheapest_units(&mut self) -> i64 {
        let filled: Vec<(i64, u64)> =
            (0..self.lines).map(|line| self.fill(line, |_| true, |_, _| ())).collect();
        self.steps += filled.iter().map(|(_, looked)| looked).sum::<u64>();
        filled.iter().map(|(cost, _)| cost).sum()
    }

    fn run(&mut self, steps_max: u64) {
        self.start_greedily();
        self.first_multipliers();
        self.best_multipliers = self.multipliers.clone();
        let bound = self.improve(ROOT_ROUNDS, steps_max);
        self.bound = self.bound.max(bound);
        self.root_bound = bound;
        self.root_reduced = self.reduced.clone();
        if bound < self.best_cost {
            self.branch(bound, steps_max);
        } else {
            self.bound = self.best_cost;
        }
    }

    /// A unit is worth about what it costs at its cheapest node, with its share of the parcel.
    fn first_multipliers(&mut self) {
        for line in 0..self.lines {
            let worth = self.cheapest(line).iter().map(|node| place(*node)).map(|node| {
                let row = &self.cap[node * self.lines..(node + 1) * self.lines];
                self.cost[node * self.lines + line] * SCALE
                    + self.parcel[node] * SCALE / row.iter().sum::<i64>().max(1)
            });
            let most = self.shortfall_cost[line] * SCALE;
            self.multipliers[line] = worth.min().unwrap_or(most).min(most);
        }
    }

    /// Depth first over open and closed, nearest to undecided first; bounds of what is left give the bound at the end.
    fn branch(&mut self, bound: i64, steps_max: u64) {
        let mut trail: Vec<usize> = Vec::new();
        let mut stack: Vec<Branch> = Vec::new();
        let mut here = bound;
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
            let bound = self.improve(BRANCH_ROUNDS, steps_max);
            self.fix_by_reduced_cost(bound, &mut trail);
            here = bound.max(next.bound);
        }
    }

    /// A free node whose reduced cost is nearest to zero among those that have something to give.
    fn undecided(&self) -> Option<usize> {
        let open = self.fixed.iter().filter(|fixed| **fixed == Fixed::Open).count();
        if open >= self.nodes_max {
            return None;
        }
        let free = (0..self.nodes).filter(|node| self.fixed[*node] == Fixed::Free);
        free.min_by_key(|node| (self.reduced[*node].abs(), *node))
    }

    /// Nodes whose other choice cannot lead to a better plan need no branch.
    fn fix_by_reduced_cost(&mut self, bound: i64, trail: &mut Vec<usize>) {
        if bound >= self.best_cost || self.nodes_max < self.nodes {
            return;
        }
        for node in 0..self.nodes {
            let reduced = self.reduced[node] / SCALE;
            if self.fixed[node] == Fixed::Free && bound.saturating_add(reduced.abs()) >= self.best_cost {
                self.fixed[node] = if reduced > 0 { Fixed::Closed } else { Fixed::Open };
                trail.push(node);
            }
        }
    }

    /// Subgradient steps on the multipliers. Answers the best bound, leaving its reduced costs and multipliers behind.
    fn improve(&mut self, rounds: u32, steps_max: u64) -> i64 {
        let mut best = i64::MIN;
        let mut best_reduced = self.reduced.clone();
        let mut best_multipliers = self.multipliers.clone();
        let mut open = alloc::vec![false; self.nodes];
        let mut slack = alloc::vec![0; self.lines];
        // Halved each time when some rounds did not help.
        let (mut pace, mut idle) = (256_i64, 0);
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
            }
            if pace == 0 || round_up(best) >= self.best_cost || self.steps >= steps_max {
                break;
            }
            let gap = (self.best_cost * SCALE).saturating_sub(value).max(SCALE);
            if !self.move_multipliers(&slack, gap / 256 * pace) {
                break;
            }
        }
        self.try_open(open);
        self.reduced = best_reduced;
        self.best_multipliers = best_multipliers;
        round_up(best)
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
        let mut value: i64 =
            self.multipliers.iter().zip(&self.quantity).map(|(worth, wanted)| worth * wanted).sum();
        let mut chosen: Vec<usize> = Vec::new();
        open.fill(false);
        for node in 0..self.nodes {
            if self.fixed[node] == Fixed::Closed {
                continue;
            }
            let row = node * self.lines..(node + 1) * self.lines;
            let mut reduced = self.parcel[node] * SCALE;
            for ((cap, cost), worth) in
                self.cap[row.clone()].iter().zip(&self.cost[row]).zip(&self.multipliers)
            {
                reduced += times((times(*cost, SCALE) - worth).min(0), *cap);
            }
            self.reduced[node] = reduced;
            if self.fixed[node] == Fixed::Open || reduced < 0 {
                chosen.push(node);
            }
        }
        self.steps += u64::try_from(self.nodes * self.lines).unwrap_or(u64::MAX);
        if chosen.len() > self.nodes_max {
            sort_by_key(&mut chosen, |node| {
                (Reverse(self.fixed[*node] == Fixed::Open), self.reduced[*node], *node)
            });
            chosen.truncate(self.nodes_max);
        }
        for node in chosen {
            open[node] = true;
            value += self.reduced[node];
            let row = node * self.lines..(node + 1) * self.lines;
            let cells = self.cap[row.clone()].iter().zip(&self.cost[row]);
            for (((cap, cost), worth), slack) in cells.zip(&self.multipliers).zip(slack.iter_mut()) {
                if times(*cost, SCALE) < *worth {
                    *slack -= cap;
                }
            }
        }
        value
    }

    fn solution(&mut self, problem: &Problem) -> Solution {
        let mut open = self.best_open.clone();
        let missing_any = self.complete && {
            let cost = self.evaluate(&mut open);
            // INVARIANT: when all must be shipped, a missing unit costs more than any plan does.
            (0..self.lines).any(|line| cost >= self.shortfall_cost[line])
        };
        if missing_any {
            open.fill(false);
        }
        let mut takes = Vec::new();
        let mut shortfall = Vec::with_capacity(self.lines);
        let mut cost: i64 = 0;
        for line in 0..self.lines {
            let mut wanted = self.quantity[line];
            self.fill(
                line,
                |node| open[node],
                |node, units| {
                    takes.push(Take { node, line, units });
                    cost += units * problem.cells[node * self.lines + line].unit_cost;
                    wanted -= units;
                },
            );
            cost += wanted * problem.needs[line].shortfall_cost;
            shortfall.push(wanted);
        }
        sort(&mut takes);
        let mut shipping: Vec<usize> = takes.iter().map(|take| take.node).collect();
        shipping.dedup();
        cost += shipping.iter().map(|node| problem.parcel_costs[*node]).sum::<i64>();
        let proven = self.bound >= self.best_cost;
        let bound = if proven { cost } else { (self.bound / TIE).min(cost) };
        // A plan that may be improved says nothing of what another one with the same node would cost.
        let cost_if_used = (0..self.nodes).map(|node| match proven && shipping.contains(&node) {
            true => cost,
            false => self.bound_if_used(node).max(bound),
        });
        let cost_if_used = cost_if_used.collect();
        Solution { takes, shortfall, cost, bound, proven, steps: self.steps, cost_if_used }
    }

    /// From the relaxation at the root: opening this node, and taking a unit from it, costs at least its reduced cost more.
    fn bound_if_used(&self, node: usize) -> i64 {
        let with_it = self.root_bound.saturating_add((self.root_reduced[node] / SCALE).max(0));
        with_it / TIE
    }
}

/// By line the nodes that have some of it, cheapest first and then in the order given, and where each line begins.
#[expect(clippy::indexing_slicing, reason = "INVARIANT: the tables have a cell for each node and line")]
fn cheapest_first(lines: usize, nodes: usize, cap: &[i64], cost: &[i64]) -> (Vec<u32>, Vec<usize>) {
    // Nodes mostly cost the same for every line: one order is enough then.
    let mut same = true;
    for row in cost.chunks_exact(lines) {
        for cost in row {
            same &= *cost == row[0];
        }
    }
    let mut order: Vec<(i64, u32)> = (0..).take(nodes).map(|node| (0, node)).collect();
    let mut cheapest = Vec::with_capacity(lines * nodes);
    let mut starts = Vec::with_capacity(lines + 1);
    for line in 0..lines {
        starts.push(cheapest.len());
        if line == 0 || !same {
            for (cost_of, node) in &mut order {
                *cost_of = cost[place(*node) * lines + line];
            }
            sort(&mut order);
        }
        for (_, node) in &order {
            if cap[place(*node) * lines + line] > 0 {
                cheapest.push(*node);
            }
        }
    }
    starts.push(cheapest.len());
    (cheapest, starts)
}

#[expect(clippy::as_conversions, reason = "a u32 fits a usize on every target that onhand runs on")]
const fn place(node: u32) -> usize {
    node as usize
}

/// A product of two factors of a cost. The check would cost more than the product does where 64 bits are two words.
///
/// INVARIANT: no cost exceeds `COST_MAX`, and `COST_MAX * TIE * SCALE` is within range.
const fn times(one: i64, other: i64) -> i64 {
    one.wrapping_mul(other)
}

const _: () = assert!(COST_MAX < i64::MAX / TIE / SCALE);

/// Whether a node saves more for each unit than another one: products instead of fractions.
fn saves_more(saved: i64, units: i64, most: i64, per: i64) -> bool {
    const SMALL: i64 = i64::MAX / (COST_MAX * TIE);
    match units < SMALL && per < SMALL {
        true => times(saved, per) > times(most, units),
        false => i128::from(saved) * i128::from(per) > i128::from(most) * i128::from(units),
    }
}

/// Scaled to costs: a bound may be rounded up, because costs are whole.
fn round_up(scaled: i64) -> i64 {
    scaled.div_euclid(SCALE) + i64::from(scaled.rem_euclid(SCALE) > 0)
}

/// What no plan costs more than, shortfall apart.
fn highest(problem: &Problem) -> i64 {
    let lines = problem.needs.len();
    let units = problem.needs.iter().enumerate().map(|(line, need)| {
        let costs = problem.cells.iter().skip(line).step_by(lines).map(|cell| cell.unit_cost);
        costs.max().unwrap_or(0) * need.quantity
    });
    problem.parcel_costs.iter().sum::<i64>() + units.sum::<i64>()
}

fn check_range(problem: &Problem) -> Result<(), ProblemError> {
    let within = |value: i64| (0..=COST_MAX).contains(&value);
    let needs = problem
        .needs
        .iter()
        .all(|need| need.quantity > 0 && within(need.quantity) && within(need.shortfall_cost));
    let (mut lowest_unit, mut highest_unit) = (0, 0);
    for cell in &problem.cells {
        lowest_unit = cell.unit_cost.min(lowest_unit);
        highest_unit = cell.unit_cost.max(highest_unit);
    }
    let parcels = problem.parcel_costs.iter().all(|cost| within(*cost));
    if !needs || lowest_unit < 0 || !within(highest_unit) || !parcels {
        return Err(ProblemError::Range);
    }
    let units = problem.needs.iter().fold(0i64, |sum, need| sum.saturating_add(need.quantity));
    let parcels = problem.parcel_costs.iter().fold(0i64, |sum, cost| sum.saturating_add(*cost));
    match highest_unit.saturating_mul(units).saturating_add(parcels) <= COST_MAX {
        true => Ok(()),
        false => Err(ProblemError::Range),
    }
}
