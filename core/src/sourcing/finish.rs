//! The end of a branch: with few nodes left, or room for few parcels more, every choice that could still be better.
//!
//! What a node saves on a line is no more the more nodes are open already. So what nodes save one by one, added up, is a bound, and
//! so is what the best node for each line saves there. If a plan is better, some node of it has its share in what has to be saved
//! on a line: those that have it are tried, on the line where they are fewest.

use alloc::vec::Vec;

use super::search::{Fixed, Search};
use super::times;
use crate::ordered::{Gather as _, sort};

/// With more free nodes and room for more parcels than this, branching goes on: found by trying.
const FREE_MAX: usize = 16;
const ROOM_MAX: usize = 3;
/// Where relaxations say little, so that branching took many steps for each node and line, more nodes are tried at once.
const FREE_MAX_LATE: usize = 50;
const LATE: u64 = 100;

/// What is open, and what that costs with its parcels.
#[derive(Clone)]
struct Plan {
    open: Vec<usize>,
    /// By line units and the cost of one, the dearest first, those that are not filled among them; each in a row of the same length.
    units: Vec<(i64, i64)>,
    row: usize,
    /// By line what all nodes together could still save.
    left: Vec<i64>,
    cost: i64,
}

/// What free nodes save beside a plan.
struct Savings {
    /// By node, then line.
    cells: Vec<i64>,
    /// By line the most that one of them saves.
    most: Vec<i64>,
    /// What each saves less its parcel, below zero, and its place; those that save most first.
    nets: Vec<(i64, usize)>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: every index is a node or line of the problem that sized the tables"
)]
impl Search {
    /// Whether every plan of the branch was looked at, as far as it could be better.
    pub(super) fn finish(&mut self, steps_max: u64) -> bool {
        let those = |fixed| (0..self.nodes).filter(|node| self.fixed[*node] == fixed).gather();
        let (open, free): (Vec<usize>, Vec<usize>) = (those(Fixed::Open), those(Fixed::Free));
        let room = self.room(&open, &free);
        let late = u64::try_from(self.cap.len()).unwrap_or(u64::MAX).saturating_mul(LATE);
        let free_max = if self.steps < late { FREE_MAX } else { FREE_MAX_LATE };
        if room > ROOM_MAX && free.len() > free_max {
            return false;
        }
        let lines = self.quantity.iter().zip(&self.shortfall_cost);
        let units: Vec<(i64, i64)> = lines.map(|(wanted, price)| (*wanted, *price)).collect();
        let costs: Vec<i64> = units.iter().map(|(wanted, price)| times(*wanted, *price)).collect();
        let left = costs.iter().zip(&self.floor).map(|(cost, floor)| cost - floor).collect();
        let mut plan = Plan { open: Vec::new(), units, row: 1, left, cost: costs.iter().sum() };
        for node in open {
            plan = self.with(&plan, node);
        }
        self.try_plan(&plan, None, plan.cost);
        let single = alloc::vec![plan.cost; self.lines];
        room == 0 || self.finish_from(&plan, &free, room, &single, steps_max)
    }

    /// Most parcels beside those that are open, so that they and all units at their cheapest cost less than the best plan.
    fn room(&self, open: &[usize], free: &[usize]) -> usize {
        let parcel = |node: &usize| self.parcel[*node];
        let mut parcels: Vec<i64> = free.iter().map(parcel).collect();
        sort(&mut parcels);
        let mut cost = self.floor.iter().chain(&open.iter().map(parcel).collect::<Vec<i64>>()).sum::<i64>();
        let fits = |parcel: &&i64| {
            cost += **parcel;
            cost < self.best_cost
        };
        parcels.iter().take_while(fits).count().min(self.nodes_max.saturating_sub(open.len()))
    }

    /// Opens up to `room` of the free nodes beside a plan in every way that could be better. False when steps ran out before.
    ///
    /// `single` is by line the most that one of them saves.
    fn finish_from(
        &mut self,
        plan: &Plan,
        free: &[usize],
        room: usize,
        single: &[i64],
        steps_max: u64,
    ) -> bool {
        if self.slack(plan, free, room, 1, single).1 < 0 {
            return true;
        }
        if self.steps >= steps_max {
            return false;
        }
        let savings = self.savings(plan, free);
        let net_of = |rank: usize| savings.nets.get(rank).map_or(0, |(net, _)| (-net).max(0));
        if let Some((net, place)) = savings.nets.first() {
            self.try_plan(plan, Some(free[*place]), plan.cost + net);
        }
        let needed = plan.cost - self.best_cost + 1;
        let together: i64 = (0..room).map(net_of).sum();
        if room < 2 || together < needed {
            return true;
        }
        // Those that save enough with the best others.
        let others = together - net_of(room - 1);
        let nets = savings.nets.iter().take_while(|(net, _)| *net < 0 && others - net >= needed);
        let places: Vec<usize> = nets.map(|(_, place)| *place).gather();
        let nodes: Vec<usize> = places.iter().map(|place| free[*place]).gather();
        let single: Vec<i64> = (0..self.lines)
            .map(|line| {
                places.iter().map(|place| savings.cells[place * self.lines + line]).max().unwrap_or(0)
            })
            .collect();
        // What one more does is known: two parcels at least.
        let (most, slack) = self.slack(plan, &nodes, room, 2, &single);
        if nodes.len() < 2 || slack < 0 {
            return true;
        }
        // What one of so many saves at least if together they save enough.
        let many = i64::try_from(room).unwrap_or(i64::MAX);
        let has_share = |place: usize, line: usize| {
            times(savings.cells[place * self.lines + line], many) >= most[line] - slack
        };
        let sharing = |line: usize| match most[line] <= slack {
            true => places.len(),
            false => places.iter().filter(|place| has_share(**place, line)).count(),
        };
        let mut lines: Vec<(usize, usize)> = (0..self.lines).map(|line| (sharing(line), line)).collect();
        if room == 2 {
            sort(&mut lines);
        }
        let Some((_, line)) = lines.iter().min() else { return true };
        let ranks = 0..places.len();
        let (tried, mut rest): (Vec<usize>, Vec<usize>) =
            ranks.partition(|rank| has_share(places[*rank], *line));
        // What was tried is not tried again with what comes after it.
        rest.extend(tried.iter().rev());
        for rank in &mut rest {
            *rank = nodes[*rank];
        }
        for _ in tried {
            let Some(node) = rest.pop() else { break };
            let with = self.with(plan, node);
            let done = match room {
                2 => self.finish_with_one(&with, &rest, &single, &lines, steps_max),
                _ => self.finish_from(&with, &rest, room - 1, &single, steps_max),
            };
            if !done {
                return false;
            }
        }
        true
    }

    /// By line what so many of some nodes save at most, and how much less would still be better than the best plan.
    fn slack(
        &self,
        plan: &Plan,
        nodes: &[usize],
        room: usize,
        fewest: i64,
        single: &[i64],
    ) -> (Vec<i64>, i64) {
        let many = i64::try_from(room).unwrap_or(i64::MAX);
        let lines = single.iter().zip(&plan.left);
        let most: Vec<i64> = lines.map(|(most, left)| most.saturating_mul(many).min(*left)).collect();
        let parcel = nodes.iter().map(|node| self.parcel[*node]).min().unwrap_or(0);
        let slack = most.iter().sum::<i64>() - times(parcel, fewest) - (plan.cost - self.best_cost + 1);
        (most, slack)
    }

    /// One node more. Each is looked at line by line, until it falls too far short of the most that any saves.
    fn finish_with_one(
        &mut self,
        plan: &Plan,
        free: &[usize],
        single: &[i64],
        lines: &[(usize, usize)],
        steps_max: u64,
    ) -> bool {
        let (most, slack) = self.slack(plan, free, 1, 1, single);
        if slack < 0 {
            return true;
        }
        let lowest = plan.cost - most.iter().sum::<i64>();
        self.steps += u64::try_from(free.len()).unwrap_or(u64::MAX);
        for node in free {
            let mut cost = lowest + self.parcel[*node];
            for (_, line) in lines {
                if cost >= self.best_cost {
                    break;
                }
                self.steps += 1;
                cost += most[*line] - self.saving(plan, *node, *line);
            }
            self.try_plan(plan, Some(*node), cost);
        }
        self.steps < steps_max
    }

    fn savings(&mut self, plan: &Plan, free: &[usize]) -> Savings {
        let mut savings = Savings {
            cells: Vec::with_capacity(free.len() * self.lines),
            most: alloc::vec![0; self.lines],
            nets: Vec::with_capacity(free.len()),
        };
        for (place, node) in free.iter().enumerate() {
            let mut net = self.parcel[*node];
            for (line, most) in savings.most.iter_mut().enumerate() {
                let saved = self.saving(plan, *node, line);
                savings.cells.push(saved);
                *most = saved.max(*most);
                net -= saved;
            }
            savings.nets.push((net, place));
        }
        sort(&mut savings.nets);
        self.steps += u64::try_from(savings.cells.len()).unwrap_or(u64::MAX);
        savings
    }

    /// What a node saves on a line beside a plan.
    fn saving(&self, plan: &Plan, node: usize, line: usize) -> i64 {
        let at = node * self.lines + line;
        let (mut left, mut saved) = (self.cap[at], 0);
        if left == 0 {
            return 0;
        }
        let cost = self.cost[at];
        for (units, held) in plan.units_of(line) {
            if left == 0 || *held <= cost {
                break;
            }
            let taken = left.min(*units);
            saved += times(taken, held - cost);
            left -= taken;
        }
        saved
    }

    /// The plan with a node more: units come from it instead of from where they are dearer.
    fn with(&self, plan: &Plan, node: usize) -> Plan {
        let row = plan.row + 1;
        let mut open = Vec::with_capacity(row);
        open.extend(&plan.open);
        open.push(node);
        let units = Vec::with_capacity(self.lines * row);
        let mut with =
            Plan { open, units, row, left: plan.left.clone(), cost: plan.cost + self.parcel[node] };
        for line in 0..self.lines {
            let at = node * self.lines + line;
            let (mut wanted, cost) = (self.cap[at], self.cost[at]);
            let mut held = plan.units_of(line).iter().peekable();
            let mut saved = 0;
            while let Some((units, dearer)) = held.next_if(|held| held.1 > cost) {
                let taken = wanted.min(*units);
                wanted -= taken;
                saved += times(taken, dearer - cost);
                if *units > taken {
                    with.units.push((units - taken, *dearer));
                }
            }
            with.units.push((self.cap[at] - wanted, cost));
            with.units.extend(held);
            with.units.resize((line + 1) * row, (0, 0));
            with.left[line] -= saved;
            with.cost -= saved;
        }
        with
    }

    /// Takes a plan, with a node more or without, as a candidate if it is known to be better.
    fn try_plan(&mut self, plan: &Plan, node: Option<usize>, cost: i64) {
        if cost < self.best_cost {
            let mut open = alloc::vec![false; self.nodes];
            for node in plan.open.iter().copied().chain(node) {
                open[node] = true;
            }
            self.try_open(open);
        }
    }
}

impl Plan {
    fn units_of(&self, line: usize) -> &[(i64, i64)] {
        self.units.get(line * self.row..(line + 1) * self.row).unwrap_or_default()
    }
}
