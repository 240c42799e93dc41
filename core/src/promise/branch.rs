//! Limits that no single node or line decides, by branching over the plans of [`crate::sourcing`].
//!
//! What a node can still take of all lines together, how many parcels a line may be spread over, how small a part may be: sourcing
//! knows none of them. A plan of it that breaks a limit is a bound; the ways in which any plan may keep the limit are looked at
//! each on its own, the cheapest first. After [`RULE_PLANS_MAX`] plans the best so far is answered with a true bound: at first that
//! is what is left when a plan gives up what breaks a limit and takes it from elsewhere.

use alloc::vec::Vec;

use super::{added, product};
use crate::limits::RULE_PLANS_MAX;
use crate::ordered::{Gather as _, sort, sort_by_key};
use crate::sourcing::{self, Cell, Need, Problem, ProblemError, Solution, Take};

/// What plans have to keep beyond what sourcing knows. Cells are numbered by node, then line.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// Of these cells together at most so many units, each times its weight.
    pub(super) sums: Vec<Most>,
    /// Of these cells at most so many are taken from.
    pub(super) counts: Vec<Most>,
    /// By cell: a part of a line has at least so many units, or all of them.
    pub(super) least_units: Vec<i64>,
    /// By node: a parcel is worth at least so much, or the only one.
    pub(super) least_value: Vec<i64>,
    /// What a unit of a line is worth.
    pub(super) worth: Vec<i64>,
}

/// A limit on some cells.
#[derive(Clone, Debug)]
pub(super) struct Most {
    /// With what a unit of the cell weighs in a sum.
    pub(super) cells: Vec<(usize, i64)>,
    pub(super) most: i64,
}

impl Limits {
    fn is_nothing(&self) -> bool {
        self.sums.is_empty()
            && self.counts.is_empty()
            && self.least_units.iter().all(|least| *least <= 1)
            && self.least_value.iter().all(|least| *least == 0)
    }
}

/// Choices that lead to a part of the tree.
#[derive(Clone, Debug, Default)]
struct Choices {
    /// No more units of a cell than that.
    at_most: Vec<(usize, i64)>,
    /// No fewer.
    at_least: Vec<(usize, i64)>,
    /// Limits on top.
    sums: Vec<Most>,
}

/// A part of the tree and the plan that sourcing finds there.
struct Part {
    /// No plan in it is better: cost, then parcels.
    bound: (i64, usize),
    choices: Choices,
    solution: Solution,
}

pub(super) fn solve(
    problem: &Problem,
    limits: &Limits,
    greedily: bool,
    steps_max: u64,
) -> Result<Solution, ProblemError> {
    let source = |problem: &Problem| match greedily {
        true => sourcing::greedy(problem),
        false => sourcing::solve(problem, steps_max),
    };
    if limits.is_nothing() {
        return source(problem);
    }
    let problem = without_small_parts(problem, limits);
    let root = source(&problem)?;
    let (mut steps, mut plans, mut proven) = (root.steps, 1, true);
    let mut best = kept(&problem, limits, &root, &mut steps).unwrap_or_else(|| nothing(&problem));
    let if_used = root.cost_if_used.clone();
    // What was not looked at is bounded by what it is a part of.
    let mut left_out = i64::MAX;
    let mut parts = alloc::vec![Part { bound: bound_of(&root), choices: Choices::default(), solution: root }];
    while let Some(part) = parts.pop() {
        if part.bound >= best.rank(&problem) {
            continue;
        }
        if greedily || plans >= RULE_PLANS_MAX || steps >= steps_max {
            left_out = left_out.min(part.bound.0);
            continue;
        }
        let Some((_, ways)) = ways_to_keep(&problem, limits, &part) else {
            proven &= part.solution.proven;
            if !part.solution.proven {
                left_out = left_out.min(part.bound.0);
            }
            if part.solution.rank(&problem) < best.rank(&problem) {
                best = part.solution;
            }
            continue;
        };
        let mut found = Vec::with_capacity(ways.len());
        for choices in ways {
            plans += 1;
            let left = steps_max.saturating_sub(steps);
            match plan_of(&problem, &choices, &|problem| sourcing::solve(problem, left)) {
                Some(Ok(solution)) => {
                    steps += solution.steps;
                    let bound = bound_of(&solution).max(part.bound);
                    found.push(Part { bound, choices, solution });
                }
                Some(Err(_)) => left_out = left_out.min(part.bound.0),
                None => {}
            }
        }
        // The cheapest is looked at next.
        sort_by_key(&mut found, |part| core::cmp::Reverse(part.bound));
        parts.append(&mut found);
    }
    best.steps = steps;
    best.bound = left_out.min(best.cost);
    best.proven = proven && left_out >= best.rank(&problem).0;
    best.bound_if_used(&if_used);
    Ok(best)
}

/// A plan that keeps every limit: what breaks one is given up, and what is short then is taken from elsewhere.
fn kept(problem: &Problem, limits: &Limits, root: &Solution, steps: &mut u64) -> Option<Solution> {
    let mut part = Part { bound: (0, 0), choices: Choices::default(), solution: root.clone() };
    let most = *steps + sourcing::STEPS_DEFAULT;
    for _ in 0..RULE_PLANS_MAX {
        let Some((choices, _)) = ways_to_keep(problem, limits, &part) else { return Some(part.solution) };
        part.solution = plan_of(problem, &choices, &sourcing::greedy)?.ok()?;
        part.choices = choices;
        *steps += part.solution.steps;
        if *steps > most {
            break;
        }
    }
    None
}

fn bound_of(solution: &Solution) -> (i64, usize) {
    (solution.bound, if solution.proven { solution.parcels() } else { 0 })
}

/// The plan that ships nothing: it keeps every limit.
fn nothing(problem: &Problem) -> Solution {
    let cost = problem.needs.iter().map(|need| product(need.quantity, need.shortfall_cost)).sum();
    let shortfall = problem.needs.iter().map(|need| need.quantity).gather();
    Solution { shortfall, cost, ..Solution::default() }
}

/// Cells that have less than a part needs are none.
fn without_small_parts(problem: &Problem, limits: &Limits) -> Problem {
    let mut problem = problem.clone();
    let lines = problem.needs.len();
    for (at, cell) in problem.cells.iter_mut().enumerate() {
        let line = at % lines;
        let least = limits.least_units.get(at).copied().unwrap_or(0);
        let wanted = problem.needs.get(line).map_or(0, |need| need.quantity);
        if cell.available < least.min(wanted) {
            cell.available = 0;
        }
    }
    problem
}

/// What a plan takes from a cell.
fn taken(solution: &Solution, lines: usize, cell: usize) -> i64 {
    let key = (cell / lines, cell % lines);
    let place = solution.takes.binary_search_by_key(&key, |take| (take.node, take.line)).ok();
    place.and_then(|place| solution.takes.get(place)).map_or(0, |take| take.units)
}

/// The first limit that a plan breaks, as the ways to keep it: every plan that keeps it is in one of them. The way before them takes no
/// more of anything than the plan does. `None` where it keeps all.
fn ways_to_keep(problem: &Problem, limits: &Limits, part: &Part) -> Option<(Choices, Vec<Choices>)> {
    let lines = problem.needs.len();
    let solution = &part.solution;
    let with = |change: &dyn Fn(&mut Choices)| {
        let mut choices = part.choices.clone();
        change(&mut choices);
        choices
    };
    // What a plan takes of the cells of a limit, the most first. Of equal ones it is another line at each node that comes first.
    let taken_of = |most: &Most| -> Vec<(i64, usize, i64)> {
        let (cells, mut all) = (&most.cells, Vec::with_capacity(most.cells.len()));
        let first = cells.first().map_or(0, |(cell, _)| cell / lines);
        for at in 0..cells.len() {
            if let Some((cell, weight)) = cells.get((first + at) % cells.len()) {
                all.push((product(taken(solution, lines, *cell), *weight), *cell, *weight));
            }
        }
        sort_by_key(&mut all, |one| core::cmp::Reverse(one.0));
        all
    };
    // Those that were added last first: they are what tells this part from the one that it was split off.
    for most in part.choices.sums.iter().rev().chain(&limits.sums) {
        let taken = taken_of(most);
        let sum = taken.iter().fold(0i64, |sum, (units, ..)| added(sum, *units));
        if sum <= most.most {
            continue;
        }
        let less = with(&|choices| {
            let mut left = most.most;
            for (units, cell, weight) in &taken {
                let units = left.min(*units) / weight;
                left -= units * weight;
                choices.at_most.push((*cell, units));
            }
        });
        let (units, cell, weight) = *taken.first()?;
        // Either the largest part is no more than its share, or the others are less than theirs.
        let share = scale(most.most, units, sum) / weight;
        let fewer = with(&|choices| choices.at_most.push((cell, share)));
        let others = most.cells.iter().copied().filter(|(one, _)| *one != cell).gather();
        let rest = Most { cells: others, most: most.most - (share + 1) * weight };
        let more = with(&|choices| choices.sums.push(rest.clone()));
        return Some((less, if rest.most >= 0 { alloc::vec![fewer, more] } else { alloc::vec![fewer] }));
    }
    for count in &limits.counts {
        let taken = taken_of(count);
        let most = usize::try_from(count.most).unwrap_or(usize::MAX);
        if taken.get(most).is_some_and(|(units, ..)| *units > 0) {
            let none = |choices: &mut Choices, cell: usize| choices.at_most.push((cell, 0));
            let less = with(&|choices| taken.iter().skip(most).for_each(|one| none(choices, one.1)));
            let used = taken.iter().filter(|one| one.0 > 0);
            return Some((less, used.map(|one| with(&|choices| none(choices, one.1))).gather()));
        }
    }
    for take in &solution.takes {
        let (cell, wanted) = (take.node * lines + take.line, problem.needs.get(take.line)?.quantity);
        let least = limits.least_units.get(cell).copied().unwrap_or(0).min(wanted);
        if take.units < least {
            let without = with(&|choices| choices.at_most.push((cell, 0)));
            let more = with(&|choices| choices.force(cell, least));
            return Some((without.clone(), alloc::vec![without, more]));
        }
    }
    worthless_parcel(problem, limits, solution).map(|node| {
        let row = node * lines..(node + 1) * lines;
        let close = |choices: &mut Choices, closed: &dyn Fn(usize) -> bool| {
            let cells = (0..problem.cells.len()).filter(|cell| closed(*cell));
            choices.at_most.extend(cells.map(|cell| (cell, 0)));
        };
        let without = with(&|choices| close(choices, &|cell| row.contains(&cell)));
        let alone = with(&|choices| close(choices, &|cell| !row.contains(&cell)));
        let mut ways = alloc::vec![without.clone(), alone];
        for (line, cell) in row.clone().enumerate() {
            let units = taken(solution, lines, cell);
            let worth = limits.worth.get(line).copied().unwrap_or(0);
            let room = problem.cells.get(cell).zip(problem.needs.get(line));
            if worth > 0 && room.is_some_and(|(cell, need)| units < cell.available.min(need.quantity)) {
                ways.push(with(&|choices| choices.force(cell, units + 1)));
            }
        }
        (without, ways)
    })
}

/// A parcel beside others that is worth too little.
fn worthless_parcel(problem: &Problem, limits: &Limits, solution: &Solution) -> Option<usize> {
    let worth_of = |take: &Take| product(take.units, limits.worth.get(take.line).copied().unwrap_or(0));
    let mut by_node = solution.takes.chunk_by(|one, other| one.node == other.node);
    let least = |take: &Take| limits.least_value.get(take.node).copied().unwrap_or(0);
    let small = by_node.find_map(|takes| {
        let first = takes.first()?;
        (takes.iter().map(worth_of).sum::<i64>() < least(first)).then_some(first.node)
    })?;
    (!problem.needs.is_empty() && solution.parcels() > 1).then_some(small)
}

/// `most * units / sum`, rounded down, where neither is above the sum. Bit by bit: the product may not fit.
fn scale(most: i64, units: i64, sum: i64) -> i64 {
    let (most, sum) = (most.unsigned_abs(), sum.unsigned_abs());
    let (mut share, mut rest) = (0, 0);
    for bit in (0..i64::BITS - 1).rev() {
        share *= 2;
        for more in [rest, if units >> bit & 1 == 1 { most } else { 0 }] {
            rest += more;
            if rest >= sum {
                rest -= sum;
                share += 1;
            }
        }
    }
    share
}

impl Choices {
    fn force(&mut self, cell: usize, units: i64) {
        match self.at_least.iter_mut().find(|(held, _)| *held == cell) {
            Some((_, held)) => *held = units.max(*held),
            None => self.at_least.push((cell, units)),
        }
    }
}

/// A line of the problem that sourcing sees: a line, or the units of one that have to come from a cell.
struct Column {
    line: usize,
    quantity: i64,
    forced: Option<usize>,
}

/// The plan that sourcing finds under some choices; `None` where there is none.
fn plan_of(
    problem: &Problem,
    choices: &Choices,
    source: &dyn Fn(&Problem) -> Result<Solution, ProblemError>,
) -> Option<Result<Solution, ProblemError>> {
    let lines = problem.needs.len();
    let mut available: Vec<i64> = problem.cells.iter().map(|cell| cell.available).gather();
    for (cell, units) in &choices.at_most {
        let held = available.get_mut(*cell)?;
        *held = (*held).min(*units);
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut left: Vec<i64> = problem.needs.iter().map(|need| need.quantity).gather();
    for (cell, units) in &choices.at_least {
        let (held, left) = (available.get_mut(*cell)?, left.get_mut(cell % lines)?);
        // Where a line is not split, some of it is all of it.
        let units = if problem.line_split { *units } else { (*left).max(1) };
        (*held, *left) = (*held - units, *left - units);
        if *held < 0 || *left < 0 {
            return None;
        }
        columns.push(Column { line: cell % lines, quantity: units, forced: Some(*cell) });
    }
    for (line, quantity) in left.into_iter().enumerate().filter(|(_, left)| *left > 0) {
        columns.push(Column { line, quantity, forced: None });
    }
    let solution = match source(&changed(problem, &columns, &available)) {
        Ok(solution) => solution,
        Err(error) => return Some(Err(error)),
    };
    back(problem, &columns, solution).map(Ok)
}

fn changed(problem: &Problem, columns: &[Column], available: &[i64]) -> Problem {
    let lines = problem.needs.len();
    // What must come from a cell costs more not to be shipped than any plan does.
    let dear: i64 = added(nothing(problem).cost, problem.parcel_costs.iter().copied().max().unwrap_or(0));
    let units: i64 = problem.cells.iter().map(|cell| cell.unit_cost).max().unwrap_or(0);
    let cell_of = |node: usize, column: &Column| {
        let at = node * lines + column.line;
        let cell = problem.cells.get(at).copied().unwrap_or_default();
        match column.forced {
            Some(forced) => Cell { available: if forced == at { column.quantity } else { 0 }, ..cell },
            None => Cell { available: available.get(at).copied().unwrap_or(0).max(0), ..cell },
        }
    };
    let needs = columns.iter().map(|column| {
        let shortfall_cost = match column.forced {
            Some(_) => added(dear, product(units, column.quantity)) + 1,
            None => problem.needs.get(column.line).map_or(0, |need| need.shortfall_cost),
        };
        Need { quantity: column.quantity, shortfall_cost }
    });
    let nodes = 0..problem.parcel_costs.len();
    Problem {
        needs: needs.gather(),
        parcel_costs: problem.parcel_costs.clone(),
        cells: nodes.flat_map(|node| columns.iter().map(move |column| cell_of(node, column))).gather(),
        ..problem.clone()
    }
}

/// The same plan in the lines of the problem; `None` where something that must be shipped is not.
fn back(problem: &Problem, columns: &[Column], mut solution: Solution) -> Option<Solution> {
    let mut shortfall = alloc::vec![0; problem.needs.len()];
    for (column, missing) in columns.iter().zip(&solution.shortfall) {
        if column.forced.is_some() && *missing > 0 {
            return None;
        }
        *shortfall.get_mut(column.line)? += missing;
    }
    for take in &mut solution.takes {
        take.line = columns.get(take.line)?.line;
    }
    sort(&mut solution.takes);
    let mut takes: Vec<Take> = Vec::with_capacity(solution.takes.len());
    for take in &solution.takes {
        match takes.last_mut() {
            Some(last) if (last.node, last.line) == (take.node, take.line) => last.units += take.units,
            _ => takes.push(*take),
        }
    }
    Some(Solution { takes, shortfall, ..solution })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(available: i64, unit_cost: i64) -> Cell {
        Cell { available, unit_cost }
    }

    /// Every plan, unit by unit: the least cost among those that keep all limits.
    fn brute(problem: &Problem, limits: &Limits) -> i64 {
        let mut best = i64::MAX;
        let mut units = alloc::vec![0i64; problem.cells.len()];
        try_from(problem, limits, 0, &mut units, &mut best);
        best
    }

    fn try_from(problem: &Problem, limits: &Limits, cell: usize, units: &mut Vec<i64>, best: &mut i64) {
        let lines = problem.needs.len();
        if cell < units.len() {
            for taken in 0..=problem.cells[cell].available {
                units[cell] = taken;
                try_from(problem, limits, cell + 1, units, best);
            }
            units[cell] = 0;
            return;
        }
        let (mut cost, mut used, mut worths) = (0, 0, Vec::new());
        for (node, row) in units.chunks(lines).enumerate() {
            if row.iter().any(|units| *units > 0) {
                (cost, used) = (cost + problem.parcel_costs[node], used + 1);
                worths.push((
                    node,
                    row.iter().zip(&limits.worth).map(|(units, worth)| units * worth).sum::<i64>(),
                ));
            }
        }
        let mut keeps =
            worths.len() < 2 || worths.iter().all(|(node, worth)| *worth >= limits.least_value[*node]);
        for (line, need) in problem.needs.iter().enumerate() {
            let taken: i64 = units.iter().skip(line).step_by(lines).sum();
            keeps &= taken <= need.quantity;
            keeps &= taken == need.quantity || used == 0 || !problem.ship_complete;
            cost += (need.quantity - taken) * need.shortfall_cost;
        }
        for (at, units) in units.iter().enumerate() {
            let least = limits.least_units[at].min(problem.needs[at % lines].quantity);
            keeps &= *units == 0 || *units >= least;
            cost += units * problem.cells[at].unit_cost;
        }
        keeps &= problem.nodes_max.is_none_or(|most| used <= most);
        keeps &= limits.sums.iter().all(|most| {
            most.cells.iter().map(|(cell, weight)| units[*cell] * weight).sum::<i64>() <= most.most
        });
        let count = |most: &Most| most.cells.iter().filter(|(cell, _)| units[*cell] > 0).count();
        keeps &= limits.counts.iter().all(|most| i64::try_from(count(most)).unwrap() <= most.most);
        if keeps {
            *best = cost.min(*best);
        }
    }

    /// Numbers that look random and are the same on every machine.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: i64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((self.0 >> 33) % most.unsigned_abs()).unwrap()
        }
    }

    #[test]
    fn a_share_of_a_limit_is_exact_however_large_it_is() {
        let mut dice = Dice(5);
        for _ in 0..10_000 {
            let size = 1 + dice.below(62);
            let sum = 2 + dice.below(1 << 31) + ((1 << size) | dice.below(1 << size.min(31)));
            let (most, units) = (dice.below(sum.min(1 << 31)), sum - dice.below(sum.min(1 << 31)));
            for (most, units) in [(most, units), (sum - 1 - most, units), (most, sum - units)] {
                let exact = i128::from(most) * i128::from(units) / i128::from(sum);
                assert_eq!(i128::from(scale(most, units, sum)), exact, "{most} {units} {sum}");
            }
        }
        assert_eq!(scale(i64::MAX - 1, i64::MAX, i64::MAX), i64::MAX - 1);
    }

    #[test]
    fn the_cheapest_plan_that_keeps_every_limit_is_found() {
        let mut dice = Dice(7);
        let (mut proven, mut limited) = (0, 0);
        for _ in 0..400 {
            let (lines, nodes) = (1 + dice.below(2), 2 + dice.below(2));
            let cells = lines * nodes;
            let ship_complete = dice.below(4) == 0;
            // All of it is never dearer than nothing.
            let dear = if ship_complete { 400 } else { 50 };
            let problem = Problem {
                needs: (0..lines)
                    .map(|_| Need { quantity: 1 + dice.below(4), shortfall_cost: dear + dice.below(100) })
                    .collect(),
                ship_complete,
                parcel_costs: (0..nodes).map(|_| dice.below(40)).collect(),
                cells: (0..cells).map(|_| cell(dice.below(4), dice.below(20))).collect(),
                line_split: true,
                nodes_max: (dice.below(4) == 0).then_some(2),
                ..Problem::default()
            };
            let some = |dice: &mut Dice| -> Vec<(usize, i64)> {
                let cells = (0..usize::try_from(cells).unwrap()).filter_map(|cell| {
                    let weight = if dice.below(3) > 0 { 1 } else { 2 + dice.below(2) };
                    (dice.below(3) > 0).then_some((cell, weight))
                });
                cells.collect()
            };
            let mut limits = Limits {
                least_units: (0..cells).map(|_| dice.below(4)).collect(),
                worth: (0..lines).map(|_| dice.below(4)).collect(),
                least_value: (0..nodes).map(|_| dice.below(6)).collect(),
                ..Limits::default()
            };
            for _ in 0..dice.below(3) {
                limits.sums.push(Most { cells: some(&mut dice), most: dice.below(5) });
                limits.counts.push(Most { cells: some(&mut dice), most: dice.below(3) });
            }
            let (found, best) =
                (solve(&problem, &limits, false, 1_000_000).unwrap(), brute(&problem, &limits));
            let root = sourcing::solve(&problem, 1_000_000).unwrap();
            limited += i32::from(found.cost > root.cost);
            proven += i32::from(found.proven);
            assert!(found.bound <= best && best <= found.cost, "{problem:?} {limits:?} {found:?} {best}");
            assert!(!found.proven || found.cost == best, "{problem:?} {limits:?} {found:?} {best}");
            assert!(found.cost_if_used.iter().all(|cost| *cost >= found.bound));
            // However few steps there are, and at once, too.
            for (greedily, steps) in [(true, 0), (false, 0), (false, dice.below(400).unsigned_abs())] {
                let found = solve(&problem, &limits, greedily, steps).unwrap();
                let of_bound = found.bound <= best && (!found.proven || found.cost == best);
                assert!(of_bound && best <= found.cost, "{problem:?} {limits:?} {steps} {found:?} {best}");
            }
        }
        assert!(proven > 390 && limited > 100, "{proven} proven, {limited} limited");
    }

    /// Room for two lines at each of many nodes: the order is filled though no plan of few steps is proven.
    #[test]
    fn what_breaks_a_limit_is_taken_from_elsewhere() {
        let mut dice = Dice(3);
        let (lines, nodes) = (12, 40);
        let problem = Problem {
            needs: (0..lines).map(|_| Need { quantity: 2, shortfall_cost: 10_000 }).collect(),
            parcel_costs: (0..nodes).map(|_| 300 + dice.below(300)).collect(),
            cells: (0..lines * nodes).map(|_| cell(dice.below(4), dice.below(40))).collect(),
            line_split: true,
            ..Problem::default()
        };
        let rooms = problem.cells.chunks(12).enumerate().map(|(node, row)| {
            let cells = (0..row.len()).map(|line| (node * row.len() + line, 1));
            Most { cells: cells.collect(), most: 2 }
        });
        let limits = Limits { counts: rooms.collect(), ..Limits::default() };
        for (greedily, steps) in [(true, 0), (false, 20_000)] {
            let found = solve(&problem, &limits, greedily, steps).unwrap();
            assert_eq!(found.shortfall.iter().sum::<i64>(), 0, "{found:?}");
        }
    }
}
