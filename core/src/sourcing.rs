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
//! Nodes that are one node by several ways ([`Problem::ways`]) have `y = 1` at most once.
//!
//! [`solve`] relaxes the demand equations (Lagrange), improves the multipliers by subgradient steps, fixes nodes by their reduced
//! cost and branches on the rest. Where few nodes are left, or room for few parcels, it tries which of them save enough together.
//! Multipliers are scaled integers, so that every bound is a true bound and the same on every machine. Work is counted in steps,
//! never in time: when `steps_max` is used up the best plan found is answered with `proven: false` and a true lower bound.
//!
//! Ties: the lowest cost, then the fewest parcels; what is still equal is decided by the order in which nodes are given.
//! Published method: Geoffrion 1974, "Lagrangean relaxation for integer programming"; Held, Wolfe and Crowder 1974 for the steps;
//! Nemhauser, Wolsey and Fisher 1978 for what nodes save together.

mod cover;
mod few;
mod finish;
mod order;
mod search;
mod stocked;
mod ways;

use crate::ordered::Gather as _;
use alloc::vec::Vec;
use core::ops::Range;

use order::Order;
use search::Search;
pub(crate) use stocked::{Stock, Stocked};

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
const _: () = assert!(NODES_MAX < 2_048);

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
    /// Nodes in a row that are one node by several ways: a plan ships by one of them. They may differ in what
    /// they have: it is of the same units.
    pub ways: Vec<Range<usize>>,
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
    solve_stocked(problem, &stocked_of(problem)?, Some(steps_max))
}

/// A good plan at once: one node that has everything, else the node that covers most for its cost, again and again.
///
/// `proven` is false unless the plan is as cheap as `bound`: one parcel, and every unit at its cheapest node.
///
/// # Errors
///
/// As [`solve`].
pub fn greedy(problem: &Problem) -> Result<Solution, ProblemError> {
    solve_stocked(problem, &stocked_of(problem)?, None)
}

fn stocked_of(problem: &Problem) -> Result<Stocked, ProblemError> {
    let (lines, nodes) = (problem.needs.len(), problem.parcel_costs.len());
    // Not more than a table of the largest problem: the product is within range.
    match lines <= LINES_MAX && nodes <= NODES_MAX && problem.cells.len() == lines * nodes {
        true => Ok(Stocked::of(problem)),
        false => Err(ProblemError::Size),
    }
}

/// [`solve`] within so many steps or else [`greedy`], when it is known what there is: the cells of the problem are not looked at.
#[inline(never)]
pub(crate) fn solve_stocked(
    problem: &Problem,
    stocked: &Stocked,
    steps_max: Option<u64>,
) -> Result<Solution, ProblemError> {
    match problem.ways.is_empty() {
        true => part(problem, stocked, steps_max),
        false => ways::solve(problem, stocked, steps_max),
    }
}

/// [`solve_stocked`] where every node is a node of its own.
#[inline(never)]
fn part(problem: &Problem, stocked: &Stocked, steps_max: Option<u64>) -> Result<Solution, ProblemError> {
    let order = Order::new(problem, stocked)?;
    let cover = cover::cover(&order);
    let Some(steps_max) = steps_max else {
        let mut solution = solution(&order, cover.open, cover.cost, cover.bound, cover.steps);
        solution.cost_if_used = alloc::vec![solution.bound; order.nodes()];
        return Ok(solution);
    };
    let mut search = Search::new(&order, cover);
    search.run(steps_max);
    let mut solution = solution(&order, search.open(), search.best_cost, search.bound, search.steps);
    solution.bound_if_used(&search.cost_if_used);
    Ok(solution)
}

impl Solution {
    /// What a plan is chosen by: cost, then parcels. Of everything or nothing, nothing is what is left where everything cannot be, whatever
    /// it costs.
    pub(crate) fn rank(&self, problem: &Problem) -> (i64, usize) {
        match problem.ship_complete && self.takes.is_empty() {
            true => (i64::MAX, 0),
            false => (self.cost, self.parcels()),
        }
    }

    /// Parcels of the plan.
    pub(crate) fn parcels(&self) -> usize {
        self.takes.chunk_by(|one, other| one.node == other.node).count()
    }

    /// Says what a plan with each node costs at least, which is known but for what the plan itself and its bound say.
    pub(crate) fn bound_if_used(&mut self, least: &[i64]) {
        // A plan that may be improved says nothing of what another one with the same node would cost.
        let costs = least.iter().enumerate().map(|(node, least)| match self.proven && self.ships(node) {
            true => self.cost,
            false => self.bound.max(*least),
        });
        self.cost_if_used = costs.gather();
    }

    fn ships(&self, node: usize) -> bool {
        self.takes.iter().any(|take| take.node == node)
    }
}

/// The plan that ships from these nodes, whose scaled cost and bound are known.
fn solution(order: &Order<'_>, mut open: Vec<usize>, scaled: i64, bound: i64, steps: u64) -> Solution {
    if order.is_incomplete(scaled) {
        open.clear();
    }
    let (takes, shortfall, cost) = order.plan_from(&open);
    let proven = bound >= scaled;
    let bound = if proven { cost } else { (bound / TIE).min(cost) };
    Solution { takes, shortfall, cost, bound, proven, steps, cost_if_used: Vec::new() }
}

/// A product of two factors of a cost. The check would cost more than the product does where 64 bits are two words.
///
/// INVARIANT: no cost exceeds `COST_MAX`, and `COST_MAX` times all scales is within range.
const fn times(one: i64, other: i64) -> i64 {
    one.wrapping_mul(other)
}

#[expect(clippy::as_conversions, reason = "a u32 fits a usize on every target that onhand runs on")]
const fn place(node: u32) -> usize {
    node as usize
}
