//! Sourcing on orders of realistic shape, on orders that are made to be hard, and on the hardest that a search finds.

use anyhow::{Result, anyhow, ensure};
use onhand::sourcing::{Cell, Need, Problem, STEPS_DEFAULT, Solution, solve};

use crate::clock::timed;
use crate::measure::Measure;
use crate::shop::Random;

/// What a unit costs that is not filled: more than any way to fill it.
const SHORTFALL_COST: i64 = 1_000_000;
/// Changes that the search for the hardest order tries, and the steps after which it lets one be.
const TRIES: usize = 1_500;
const TRY_STEPS: u64 = 2_000_000;

/// A few deep warehouses and many shops, half of them stocked; lines of one to five units. As in `js/network.mjs`.
pub fn realistic(random: &mut Random, lines: usize, nodes: usize) -> Problem {
    let warehouses = (nodes / 20).max(2);
    let mut problem = empty(random, lines, 5);
    for node in 0..nodes {
        let deep = node < warehouses;
        problem.parcel_costs.push(random.between(400, 1_000));
        let unit_cost = random.between(25, 150);
        for _ in 0..lines {
            let stocked = random.below(100) < if deep { 70 } else { 50 };
            let units = if deep { random.between(10, 60) } else { random.between(1, 6) };
            problem.cells.push(Cell { available: if stocked { units } else { 0 }, unit_cost });
        }
    }
    problem
}

/// Near-identical shops, each with one or two units of 15 % of the lines: hardly any is better than the next.
pub fn hard(random: &mut Random, lines: usize, nodes: usize) -> Problem {
    let mut problem = empty(random, lines, 3);
    for _ in 0..nodes {
        problem.parcel_costs.push(random.between(490, 510));
        let unit_cost = random.between(48, 52);
        for _ in 0..lines {
            let stocked = random.below(100) < 15;
            problem.cells.push(Cell { available: if stocked { random.between(1, 2) } else { 0 }, unit_cost });
        }
    }
    problem
}

fn empty(random: &mut Random, lines: usize, most: i64) -> Problem {
    let need = |_| Need { quantity: random.between(1, most), shortfall_cost: SHORTFALL_COST };
    Problem { needs: (0..lines).map(need).collect(), line_split: true, ..Problem::default() }
}

/// The best plan within so many steps.
pub fn solved(problem: &Problem, steps: u64) -> Result<Solution> {
    solve(problem, steps).map_err(|error| anyhow!("a problem of the bench is in range: {error:?}"))
}

/// What a plan may cost more than the best one, in per cent.
fn gap(solution: &Solution) -> f64 {
    (solution.cost - solution.bound) as f64 / solution.bound.max(1) as f64 * 100.0
}

pub fn measures(quick: bool) -> Result<Vec<Measure>> {
    let orders = if quick { 10 } else { 60 };
    Ok(vec![
        large(orders)?,
        thin_steps(orders)?,
        thin_gap(orders)?,
        worst(if quick { TRIES / 10 } else { TRIES })?,
    ])
}

/// Orders of 20 lines and 500 nodes: how many are proven.
fn large(orders: usize) -> Result<Measure> {
    let mut random = Random::new(20_500);
    let (mut proven, mut most) = (0, 0);
    for _ in 0..orders {
        let solution = solved(&realistic(&mut random, 20, 500), STEPS_DEFAULT)?;
        proven += usize::from(solution.proven);
        most = most.max(solution.steps);
    }
    let note = format!("{proven} of {orders}, the longest in {most} of {STEPS_DEFAULT} steps");
    Ok(Measure::figure("sourcing_20x500_proven", proven as f64 / orders as f64 * 100.0).with_note(note))
}

/// Plans for hard orders, and the CPU seconds of the one that took longest.
fn thin(orders: usize) -> Result<(Vec<Solution>, f64)> {
    let mut random = Random::new(2_050);
    let (mut solutions, mut longest) = (Vec::with_capacity(orders), 0.0f64);
    for _ in 0..orders {
        let problem = hard(&mut random, 20, 50);
        let (seconds, solution) = timed(|| solved(&problem, STEPS_DEFAULT));
        solutions.push(solution?);
        longest = longest.max(seconds);
    }
    Ok((solutions, longest))
}

fn thin_steps(orders: usize) -> Result<Measure> {
    let (solutions, longest) = thin(orders)?;
    let most = solutions.iter().map(|solution| solution.steps).max().unwrap_or(0);
    let proven = solutions.iter().filter(|solution| solution.proven).count();
    let note = format!("{proven} of {orders} proven, the longest in {:.1} ms", longest * 1e3);
    Ok(Measure::figure("sourcing_hard_steps", most as f64 / 1e6).with_note(note))
}

fn thin_gap(orders: usize) -> Result<Measure> {
    let worst = thin(orders)?.0.iter().map(gap).fold(0.0, f64::max);
    Ok(Measure::figure("sourcing_hard_gap", worst))
}

/// Changes an order of 20 lines and 50 nodes a little, again and again, and keeps what makes it harder to prove.
fn worst(tries: usize) -> Result<Measure> {
    let mut random = Random::new(77);
    let mut problem = hard(&mut random, 20, 50);
    let mut most = solved(&problem, TRY_STEPS)?.steps;
    let first = most;
    for _ in 0..tries {
        if most >= TRY_STEPS {
            break;
        }
        let mut changed = problem.clone();
        for _ in 0..=random.below(3) {
            change(&mut changed, &mut random);
        }
        let steps = solved(&changed, TRY_STEPS)?.steps;
        if steps >= most {
            (problem, most) = (changed, steps);
        }
    }
    let solution = solved(&problem, STEPS_DEFAULT)?;
    ensure!(solution.bound <= solution.cost, "a bound is not above the cost");
    let note = format!(
        "from {first} steps; the worst found costs {}, no plan less than {} (gap {:.2} %), proven: {}",
        solution.cost,
        solution.bound,
        gap(&solution),
        solution.proven
    );
    Ok(Measure::figure("sourcing_worst_steps", solution.steps as f64 / 1e6).with_note(note))
}

fn change(problem: &mut Problem, random: &mut Random) {
    let (lines, nodes) = (problem.needs.len() as u64, problem.parcel_costs.len() as u64);
    let node = random.below(nodes) as usize;
    let cell = node * lines as usize + random.below(lines) as usize;
    match random.below(4) {
        0 => problem.parcel_costs[node] = random.between(450, 550),
        1 => problem.cells[cell].available = random.between(0, 2),
        2 => problem.cells[cell].unit_cost = random.between(40, 60),
        _ => problem.needs[random.below(lines) as usize].quantity = random.between(1, 4),
    }
}
