//! What is to be as small as can be: cost, or several measures, one after the other or weighed against each other.

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use super::branch::{self, Limits};
use super::reach::Reach;
use super::{Question, Search, added, product};
use crate::measure::Quantity;
use crate::place::codes;
use crate::sourcing::{COST_MAX, Cell, Need, Problem, ProblemError, Solution};

/// What is to be as small as can be. The default is cost alone.
///
/// In order: of the plans that are best by the first goal, those that are best by the second, and so on. Filling the order comes
/// before all of them unless [`Measure::Shortfall`] is one of them. Weighed: the sum of all goals, each times its weight. Where cost
/// is none of the goals it comes after the last: of the plans that are as good the cheapest is chosen.
///
/// A proven plan's bound is its own cost: of the plans that are as good, none costs less. What a plan with another node measures at
/// least is in units of the sum, or of what the goals in order were made one of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    /// At most [`GOALS_MAX`]; none is cost alone.
    pub goals: Vec<Goal>,
    /// Weighed against each other instead of one after the other.
    pub weighed: bool,
    /// Distances within the same band of so many metres are equal; 1,000 unless said.
    pub band_m: i64,
}

/// Goals of one objective.
pub const GOALS_MAX: usize = 8;

impl Default for Objective {
    fn default() -> Objective {
        Objective { goals: Vec::new(), weighed: false, band_m: 1_000 }
    }
}

/// One goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What is measured.
    pub measure: Measure,
    /// What it is multiplied by where goals are weighed; 1 unless said.
    pub weight: Quantity,
}

/// What can be measured of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Money, in minor units, with the price of what is not filled.
    Cost,
    /// Units that are not filled.
    Shortfall,
    /// Parcels, or hand-overs.
    Shipments,
    /// Bands of distance, for each parcel.
    Distance,
    /// The rank of the node, for each unit.
    Rank,
    /// Minutes begun from the question to arrival, for each unit.
    Arrival,
    /// What being late costs by the rules that say so, in minor units.
    Lateness,
}

codes!(Measure:
    Cost "cost", Shortfall "shortfall", Shipments "shipments", Distance "distance", Rank "rank", Arrival "arrival",
    Lateness "lateness",
);

/// What decides between plans that are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tie {
    /// The rank of the node.
    Rank,
    /// Its distance, by bands.
    Distance,
}

codes!(Tie: Rank "rank", Distance "distance");

/// What a plan measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reached {
    /// What is measured.
    pub measure: Measure,
    /// How much it is.
    pub value: i64,
}

impl Objective {
    pub(super) fn is_within(&self) -> bool {
        let weights = self.goals.iter().all(|goal| goal.weight.units() >= 0);
        self.goals.len() <= GOALS_MAX && weights && self.band_m >= 1
    }

    /// Whether it matters when units arrive, beyond whether they are in time.
    pub(super) fn looks_at_time(&self) -> bool {
        self.goals.iter().any(|goal| matches!(goal.measure, Measure::Arrival | Measure::Lateness))
    }

    pub(super) fn looks_at_distance(&self) -> bool {
        self.goals.iter().any(|goal| goal.measure == Measure::Distance)
    }
}

/// What a measure makes of parcels, units and units not filled.
struct Costs {
    parcels: Vec<i64>,
    units: Vec<i64>,
    shortfall: i64,
}

/// The plan that was chosen.
pub(super) struct Chosen {
    pub(super) solution: Solution,
    /// Of the plan, in minor units.
    pub(super) cost: i64,
    pub(super) reached: Vec<Reached>,
}

/// Chooses the plan that is best by the objective.
pub(super) fn choose(
    question: &Question,
    reach: &Reach,
    objective: &Objective,
    steps_max: u64,
) -> Result<Chosen, ProblemError> {
    let costs = |measure| costs_of(measure, question, reach, objective);
    let money = costs(Measure::Cost);
    if !money.is_within(question) {
        return Err(ProblemError::Range);
    }
    let goals = objective.goals.iter();
    let is_goal = |measure| goals.clone().any(|goal| goal.measure == measure);
    let mut list = Vec::new();
    if objective.weighed {
        let mut sum = money.times(0);
        for goal in goals.clone() {
            sum = sum.plus(&costs(goal.measure).times(goal.weight.units()));
        }
        list.push(sum);
    } else {
        // Filling the order comes first.
        let filled =
            (!objective.goals.is_empty() && !is_goal(Measure::Shortfall)).then_some(Measure::Shortfall);
        list.extend(filled.into_iter().chain(goals.clone().map(|goal| goal.measure)).map(costs));
    }
    if !is_goal(Measure::Cost) {
        list.push(costs(Measure::Cost));
    }
    let mut solution = in_order(&list, &|costs, steps| solve(question, reach, costs, steps), steps_max)?;
    let reached = goals
        .map(|goal| Reached { measure: goal.measure, value: costs(goal.measure).of(&solution, reach.lines) });
    let (reached, cost) = (reached.gather(), money.of(&solution, reach.lines));
    if !objective.goals.is_empty() {
        // A bound is money in every offer: of the plans that are as good, none costs less.
        solution.bound = if solution.proven { cost } else { money.lowest(&solution).min(cost) };
    }
    Ok(Chosen { solution, cost, reached })
}

/// One goal after the other. The goals so far are multiplied by more than the plan at hand leaves to gain by the next one, so that
/// nothing of them is given up for it. Where the numbers grow too large, the goals that are left decide nothing and the plan is
/// not called proven.
fn in_order(
    list: &[Costs],
    solve: &dyn Fn(&Costs, u64) -> Result<Solution, ProblemError>,
    steps_max: u64,
) -> Result<Solution, ProblemError> {
    let Some((first, list)) = list.split_first() else { return Err(ProblemError::Size) };
    let mut sum = first.times(1);
    let mut solution = solve(&sum, steps_max)?;
    let (mut steps, mut proven) = (solution.steps, solution.proven);
    for next in list {
        let lines = next.units.len() / next.parcels.len().max(1);
        let highest = added(next.of(&solution, lines), 1).saturating_sub(next.lowest(&solution));
        let both = sum.times(highest).plus(next);
        let Ok(better) = solve(&both, steps_max.saturating_sub(steps)) else {
            proven = false;
            break;
        };
        steps += better.steps;
        proven &= better.proven;
        (solution, sum) = (better, both);
    }
    Ok(Solution { steps, proven, ..solution })
}

impl Costs {
    /// Whether no plan costs more than sourcing counts to: goals other than cost say nothing of money.
    fn is_within(&self, question: &Question) -> bool {
        let dearest =
            self.units.iter().fold(self.shortfall, |dearest, unit| unit.saturating_abs().max(dearest));
        let units = question.lines.iter().fold(0i64, |sum, (_, units)| added(sum, *units));
        let parcels = self.parcels.iter().fold(0i64, |sum, parcel| added(sum, *parcel));
        added(product(dearest, units), parcels) <= COST_MAX
    }

    fn times(&self, factor: i64) -> Costs {
        let times = |list: &[i64]| list.iter().map(|one| product(*one, factor)).gather();
        Costs {
            parcels: times(&self.parcels),
            units: times(&self.units),
            shortfall: product(self.shortfall, factor),
        }
    }

    fn plus(&self, other: &Costs) -> Costs {
        let plus = |one: &[i64], other: &[i64]| {
            one.iter().zip(other).map(|(one, other)| added(*one, *other)).gather()
        };
        Costs {
            parcels: plus(&self.parcels, &other.parcels),
            units: plus(&self.units, &other.units),
            shortfall: added(self.shortfall, other.shortfall),
        }
    }

    /// Of a plan.
    fn of(&self, solution: &Solution, lines: usize) -> i64 {
        let (mut sum, mut last) = (0i64, usize::MAX);
        for take in &solution.takes {
            let unit = self.units.get(take.node * lines + take.line).copied().unwrap_or(0);
            sum = added(sum, product(unit, take.units));
            if take.node != last {
                sum = added(sum, self.parcels.get(take.node).copied().unwrap_or(0));
                last = take.node;
            }
        }
        let missing: i64 = solution.shortfall.iter().sum();
        added(sum, product(missing, self.shortfall))
    }

    /// No plan of as many units measures less.
    fn lowest(&self, solution: &Solution) -> i64 {
        let unit = self.units.iter().copied().min().unwrap_or(0).min(0);
        let units: i64 = solution.takes.iter().map(|take| take.units).sum::<i64>()
            + solution.shortfall.iter().sum::<i64>();
        product(unit, units)
    }
}

fn costs_of(measure: Measure, question: &Question, reach: &Reach, objective: &Objective) -> Costs {
    let (nodes, cells) = (reach.candidates.len(), reach.cells.len());
    let mut costs = Costs { parcels: alloc::vec![0; nodes], units: alloc::vec![0; cells], shortfall: 0 };
    let candidates = reach.candidates.iter();
    // What is measured of a candidate counts for each of its units.
    let by_unit = |of: &dyn Fn(&super::reach::Candidate) -> i64| {
        let cells = reach.cells.iter().enumerate();
        let candidate = |at: usize| reach.candidates.get(at / reach.lines);
        cells.map(|(at, cell)| candidate(at).map_or(0, |one| product(of(one), cell.each))).gather()
    };
    match measure {
        Measure::Cost => {
            costs.parcels = candidates.map(|one| one.at.parcel_cost).gather();
            costs.units = reach.cells.iter().map(|cell| cell.unit_cost).gather();
            costs.shortfall = question.policy.shortfall_cost;
        }
        Measure::Shortfall => costs.shortfall = 1,
        Measure::Shipments => costs.parcels.fill(1),
        Measure::Distance => {
            costs.parcels = candidates.map(|one| one.distance_m.unwrap_or(FAR) / objective.band_m).gather();
        }
        Measure::Rank => costs.units = by_unit(&|one| one.rank),
        Measure::Arrival => {
            costs.units = by_unit(&|one| (one.at.arrive_by - question.now + 59_999).div_euclid(60_000));
        }
        Measure::Lateness => costs.units = reach.cells.iter().map(|cell| cell.late_cost).gather(),
    }
    costs
}

/// Where it is not known how far away something is: half around the globe.
pub(super) const FAR: i64 = 20_015_115;

/// Unit costs below zero are no costs that sourcing knows: every unit of a line, filled or not, is made dearer by as much, which
/// changes no plan, and the sum is taken off again.
fn solve(
    question: &Question,
    reach: &Reach,
    costs: &Costs,
    steps_max: u64,
) -> Result<Solution, ProblemError> {
    let lines = reach.lines;
    let mut lowest = alloc::vec![0i64; lines];
    for units in costs.units.chunks_exact(lines.max(1)) {
        for (lowest, unit) in lowest.iter_mut().zip(units) {
            *lowest = (*lowest).min(*unit);
        }
    }
    let mut needs = Vec::with_capacity(lines);
    let mut taken_off = 0i64;
    for ((_, quantity), lowest) in question.lines.iter().zip(&lowest) {
        needs.push(Need { quantity: *quantity, shortfall_cost: costs.shortfall.saturating_sub(*lowest) });
        taken_off = added(taken_off, product(*lowest, *quantity));
    }
    if taken_off < -COST_MAX {
        return Err(ProblemError::Range);
    }
    let cells = reach.cells.iter().zip(&costs.units).enumerate().map(|(at, (cell, unit))| Cell {
        available: cell.available,
        unit_cost: unit.saturating_sub(lowest.get(at % lines.max(1)).copied().unwrap_or(0)),
    });
    let problem = Problem {
        needs,
        parcel_costs: costs.parcels.clone(),
        cells: cells.gather(),
        line_split: reach.line_split,
        ship_complete: reach.ship_complete,
        nodes_max: reach.shipments_max,
        ways: reach.ways.clone(),
    };
    let limits: &Limits = &reach.limits;
    let mut solution = branch::solve(&problem, limits, question.policy.search == Search::Greedy, steps_max)?;
    solution.cost += taken_off;
    solution.bound += taken_off;
    for cost in &mut solution.cost_if_used {
        *cost += taken_off;
    }
    Ok(solution)
}
