//! The exact solver against brute force, which tries every way to fill an order.

use std::ops::Range;

use onhand::sourcing::{Cell, Need, Problem, STEPS_DEFAULT, Solution, Take, greedy, solve};
use onhand_tests::random::Dice;

const NEVER: i64 = i64::MAX / 4;

/// The cheapest plan for each set of nodes that ship: cost, and whether nothing is missing.
struct Brute {
    /// By set of nodes, as bits: the least cost of plans that ship from these and no others.
    any: Vec<i64>,
    /// The same of plans that fill every line.
    complete: Vec<i64>,
}

impl Brute {
    fn of(problem: &Problem) -> Brute {
        let (lines, nodes) = (problem.needs.len(), problem.parcel_costs.len());
        let mut any = vec![NEVER; 1 << nodes];
        any[0] = 0;
        let mut complete = any.clone();
        for line in 0..lines {
            let (mut with_missing, mut without) = (vec![NEVER; 1 << nodes], vec![NEVER; 1 << nodes]);
            fill(problem, line, 0, 0, problem.needs[line].quantity, 0, &mut |set, missing, cost| {
                with_missing[set] = with_missing[set].min(cost);
                if missing == 0 {
                    without[set] = without[set].min(cost);
                }
            });
            any = together(&any, &with_missing);
            complete = together(&complete, &without);
        }
        for set in 0..1usize << nodes {
            let parcels: i64 =
                (0..nodes).filter(|node| set >> node & 1 == 1).map(|node| problem.parcel_costs[node]).sum();
            let too_many = problem.nodes_max.is_some_and(|most| set.count_ones() as usize > most);
            let twice = two_ways(problem, |node| set >> node & 1 == 1);
            for costs in [&mut any, &mut complete] {
                costs[set] = if too_many || twice { NEVER } else { (costs[set] + parcels).min(NEVER) };
            }
        }
        Brute { any, complete }
    }

    /// Plans that count: where all must be shipped, those that do if there is one, else the one that ships nothing.
    fn plans(&self, problem: &Problem) -> Vec<i64> {
        if !problem.ship_complete {
            return self.any.clone();
        }
        let mut plans = self.complete.clone();
        if plans.iter().all(|cost| *cost == NEVER) {
            plans[0] = nothing(problem);
        }
        plans
    }
}

/// Whether some node would ship by two of its ways.
fn two_ways(problem: &Problem, ships: impl Fn(usize) -> bool) -> bool {
    problem.ways.iter().any(|ways| ways.clone().filter(|node| ships(*node)).count() > 1)
}

fn nothing(problem: &Problem) -> i64 {
    problem.needs.iter().map(|need| need.quantity * need.shortfall_cost).sum()
}

/// Every way to take a line from the nodes from `node` on.
fn fill(
    problem: &Problem,
    line: usize,
    node: usize,
    set: usize,
    left: i64,
    cost: i64,
    found: &mut dyn FnMut(usize, i64, i64),
) {
    let (lines, nodes) = (problem.needs.len(), problem.parcel_costs.len());
    if node == nodes {
        found(set, left, cost + left * problem.needs[line].shortfall_cost);
        return;
    }
    fill(problem, line, node + 1, set, left, cost, found);
    let cell = problem.cells[node * lines + line];
    let fewest = if problem.line_split { 1 } else { problem.needs[line].quantity };
    for units in fewest..=cell.available.min(left) {
        let cost = cost + units * cell.unit_cost;
        fill(problem, line, node + 1, set | 1 << node, left - units, cost, found);
    }
}

/// Costs of two lines together, by the nodes that both ship from.
fn together(one: &[i64], other: &[i64]) -> Vec<i64> {
    let mut sums = vec![NEVER; one.len()];
    for (left, one) in one.iter().enumerate().filter(|(_, cost)| **cost < NEVER) {
        for (right, other) in other.iter().enumerate().filter(|(_, cost)| **cost < NEVER) {
            sums[left | right] = sums[left | right].min(one + other);
        }
    }
    sums
}

/// Orders of up to 4 lines on up to 5 nodes, with costs that often tie.
fn order(dice: &mut Dice) -> Problem {
    let (lines, nodes) = (1 + dice.below(4), 1 + dice.below(5));
    let dear = if dice.percent(30) { 4 } else { 1_000 };
    let needs: Vec<Need> = (0..lines)
        .map(|_| Need { quantity: 1 + dice.below(4) as i64, shortfall_cost: dice.below(dear) as i64 })
        .collect();
    let spread = *dice.pick(&[1, 4, 60]);
    let mut cell = |_| {
        let available = if dice.percent(35) { 0 } else { dice.below(5) as i64 };
        Cell { available, unit_cost: dice.below(spread) as i64 }
    };
    let mut cells: Vec<Cell> = (0..lines * nodes).map(&mut cell).collect();
    let parcels = *dice.pick(&[1, 3, 200]);
    let ways = if dice.percent(40) { ways_among(nodes, dice) } else { Vec::new() };
    // Ways by which a node ships the same, or of which one has what another has not.
    let alike = dice.percent(60);
    for (node, line) in ways
        .iter()
        .filter(|_| alike)
        .flat_map(|ways| ways.clone().flat_map(|node| (0..lines).map(move |line| (node, line))))
    {
        let first = ways.iter().find(|ways| ways.contains(&node)).unwrap().start;
        cells[node * lines + line].available = cells[first * lines + line].available;
    }
    Problem {
        needs,
        parcel_costs: (0..nodes).map(|_| dice.below(parcels) as i64).collect(),
        cells,
        line_split: dice.percent(60),
        ship_complete: dice.percent(25),
        nodes_max: dice.percent(30).then(|| 1 + dice.below(nodes)),
        ways,
    }
}

/// Some nodes in a row, twice or three times, as one node by several ways.
fn ways_among(nodes: usize, dice: &mut Dice) -> Vec<Range<usize>> {
    let mut ways = Vec::new();
    let mut from = dice.below(nodes);
    while from < nodes {
        let to = (from + 1 + dice.below(3)).min(nodes);
        ways.push(from..to);
        from = to + dice.below(2);
    }
    ways
}

/// What the plan says of itself holds: units, limits and cost, recomputed from the takes.
fn check_plan(problem: &Problem, plan: &Solution) {
    let lines = problem.needs.len();
    let mut cost = 0;
    for (line, need) in problem.needs.iter().enumerate() {
        let takes: Vec<_> = plan.takes.iter().filter(|take| take.line == line).collect();
        let taken: i64 = takes.iter().map(|take| take.units).sum();
        assert_eq!(taken + plan.shortfall[line], need.quantity, "line {line} of {problem:?}: {plan:?}");
        assert!(
            problem.line_split || takes.len() <= 1 && [0, need.quantity].contains(&taken),
            "{problem:?}: {plan:?}"
        );
        assert!(
            !problem.ship_complete
                || plan.shortfall.iter().all(|missing| *missing == 0)
                || plan.takes.is_empty()
        );
        for take in takes {
            let cell = problem.cells[take.node * lines + line];
            assert!((1..=cell.available).contains(&take.units), "{problem:?}: {plan:?}");
            cost += take.units * cell.unit_cost;
        }
        cost += plan.shortfall[line] * need.shortfall_cost;
    }
    let used = shipping(plan);
    cost += used.iter().map(|node| problem.parcel_costs[*node]).sum::<i64>();
    assert_eq!(plan.cost, cost, "{problem:?}: {plan:?}");
    assert!(problem.nodes_max.is_none_or(|most| used.len() <= most), "{problem:?}: {plan:?}");
    assert!(!two_ways(problem, |node| used.contains(&node)), "{problem:?}: {plan:?}");
    for ways in &problem.ways {
        let takes: Vec<_> = plan.takes.iter().filter(|take| ways.contains(&take.node)).collect();
        let by = |way: usize| {
            let cell = |take: &Take| problem.cells[way * lines + take.line];
            let has = takes.iter().all(|take| take.units <= cell(take).available);
            let units: i64 = takes.iter().map(|take| take.units * cell(take).unit_cost).sum();
            has.then_some(problem.parcel_costs[way] + units)
        };
        let Some(used) = takes.first().map(|take| take.node) else { continue };
        assert!((ways.start..used).all(|way| by(way) != by(used)), "an earlier way: {problem:?}: {plan:?}");
    }
    assert!(plan.bound <= plan.cost && (!plan.proven || plan.bound == plan.cost), "{problem:?}: {plan:?}");
}

fn shipping(plan: &Solution) -> Vec<usize> {
    let mut nodes: Vec<usize> = plan.takes.iter().map(|take| take.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn hold_against_brute_force(orders: u64, seed: u64) {
    let mut cut = 0;
    for number in 0..orders {
        let mut dice = Dice::new(seed + number);
        let problem = order(&mut dice);
        let plans = Brute::of(&problem).plans(&problem);
        let best = *plans.iter().min().unwrap();

        let exact = solve(&problem, STEPS_DEFAULT).unwrap();
        check_plan(&problem, &exact);
        assert!(exact.proven, "order {number}: {problem:?}");
        assert_eq!(exact.cost, best, "order {number}: {problem:?}\n{exact:?}");
        let fewest = plans
            .iter()
            .enumerate()
            .filter(|(_, cost)| **cost == best)
            .map(|(set, _)| set.count_ones() as usize);
        assert_eq!(Some(shipping(&exact).len()), fewest.min(), "order {number}: {problem:?}\n{exact:?}");

        let hasty = solve(&problem, dice.below(60) as u64).unwrap();
        cut += u64::from(!hasty.proven);
        for plan in [&exact, &hasty, &greedy(&problem).unwrap()] {
            check_plan(&problem, plan);
            assert!(
                plan.bound <= best,
                "order {number}: no bound, {best} is possible: {problem:?}\n{plan:?}"
            );
            assert!(plan.cost >= best || problem.ship_complete, "order {number}: {problem:?}\n{plan:?}");
            for (node, bound) in plan.cost_if_used.iter().enumerate() {
                let with_it = plans.iter().enumerate().filter(|(set, _)| set >> node & 1 == 1);
                let least = with_it.map(|(_, cost)| *cost).min().unwrap_or(NEVER);
                assert!(
                    *bound <= least,
                    "order {number}: with node {node} {least} is possible: {problem:?}\n{plan:?}"
                );
            }
        }
    }
    assert!(cut > orders / 100, "the budget of steps was cut {cut} times only");
}

/// Twenty thousand orders as a rule, a million where there is time.
#[test]
fn the_exact_plan_is_the_cheapest_there_is() {
    hold_against_brute_force(if crate::is_long() { 1_000_000 } else { 20_000 }, 0);
}

/// An order of 20 lines, whose nodes have a share of the lines and up to so many units of each.
fn wide_order(dice: &mut Dice, nodes: usize, share: usize, units: impl Fn(usize) -> usize) -> Problem {
    let needs = (0..20).map(|_| Need { quantity: 1 + dice.below(3) as i64, shortfall_cost: 1_000_000 });
    let mut problem = Problem { needs: needs.collect(), line_split: true, ..Problem::default() };
    for node in 0..nodes {
        problem.parcel_costs.push(490 + dice.below(20) as i64);
        let unit_cost = 48 + dice.below(5) as i64;
        for _ in 0..20 {
            let available = if dice.percent(share) { 1 + dice.below(units(node)) as i64 } else { 0 };
            problem.cells.push(Cell { available, unit_cost });
        }
    }
    problem
}

/// Relaxations say little of these: which nodes fit together has to be tried, in few steps all the same.
#[test]
fn orders_that_few_sets_of_nodes_can_fill_are_proven() {
    let mut dice = Dice::new(3);
    for number in 0..6 {
        let thin = wide_order(&mut dice, 40, 15, |_| 2);
        let plain = wide_order(&mut dice, 48, 50, |node| if node < 3 { 50 } else { 6 });
        let few_parcels = Problem { nodes_max: Some(3), ..plain };
        for problem in [thin, few_parcels] {
            let plan = solve(&problem, STEPS_DEFAULT / 8).unwrap();
            check_plan(&problem, &plan);
            assert!(plan.proven, "order {number}: {plan:?}");
        }
    }
}
/// A node by two moments, the second with all of the first and more: what parcels that wait ask of a search.
#[test]
fn parcels_that_wait_are_proven() {
    for (lines, nodes) in [(5, 50), (10, 100)] {
        for seed in 0..10 {
            let mut dice = Dice::new(seed);
            let need = |dice: &mut Dice| Need { quantity: 1 + dice.below(3) as i64, shortfall_cost: 100_000 };
            let mut problem = Problem {
                needs: (0..lines).map(|_| need(&mut dice)).collect(),
                line_split: true,
                ..Problem::default()
            };
            for node in 0..nodes {
                let parcel = 300 + dice.below(400) as i64;
                let mut row: Vec<Cell> = (0..lines)
                    .map(|_| Cell {
                        available: if dice.percent(30) { dice.below(5) as i64 } else { 0 },
                        unit_cost: 10 + dice.below(20) as i64,
                    })
                    .collect();
                problem.cells.extend(&row);
                let more = row.iter_mut().filter(|_| dice.percent(15));
                more.for_each(|cell| cell.available += 4);
                problem.cells.extend(&row);
                problem.parcel_costs.extend([parcel, parcel]);
                problem.ways.push(node * 2..node * 2 + 2);
            }
            let plan = solve(&problem, STEPS_DEFAULT).unwrap();
            check_plan(&problem, &plan);
            assert!(plan.proven && plan.shortfall.iter().all(|missing| *missing == 0), "{plan:?}");
            let quick = greedy(&problem).unwrap();
            check_plan(&problem, &quick);
            assert!(quick.bound <= plan.cost && plan.cost <= quick.cost, "{quick:?}");
        }
    }
}
