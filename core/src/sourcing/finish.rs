//! The end of a branch: with few nodes left, or room for few parcels more, every choice that could still be better.
//!
//! What a node saves on a line is no more the more nodes are open already. So what nodes save one by one, added up, is a bound, and
//! so is what the best node for each line saves there. If a plan is better, some node of it has its share in what has to be saved
//! on a line: those that have it are tried, on the line where they are fewest, unless the relaxation says that none of their plans is.

use alloc::vec::Vec;

use super::order::sort_few;
use super::search::{Fixed, Search, round_up};
use super::times;
use crate::ordered::{Gather as _, sort};

/// With more free nodes and room for more parcels than this, branching goes on: found by trying.
const FREE_MAX: usize = 16;
const ROOM_MAX: usize = 3;
/// Where relaxations say little, so that branching took many steps for each node and line, more nodes are tried at once.
const FREE_MAX_LATE: usize = 50;
const LATE: u64 = 100;

/// A plan, and what it comes to with its parcels.
#[derive(Clone)]
struct Plan {
    lines: Vec<Held>,
    cost: i64,
    /// What the relaxation says that it costs at least, if no other node pays there. Scaled.
    relaxed: i64,
}

/// What a plan has of a line.
#[derive(Clone, Copy)]
struct Held {
    /// Which of [`Search::units`].
    from: usize,
    to: usize,
    /// What all nodes together could still save.
    left: i64,
}

/// What a node saves beside a plan, less its parcel: below zero where that pays.
#[derive(Clone, Copy)]
struct Net {
    net: i64,
    node: usize,
    /// Which of what all of them save.
    from: usize,
    to: usize,
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
        let late = u64::try_from(self.cells.len()).unwrap_or(u64::MAX).saturating_mul(LATE);
        let free_max = if self.steps < late { FREE_MAX } else { FREE_MAX_LATE };
        if room > ROOM_MAX && free.len() > free_max {
            return false;
        }
        self.opened.clear();
        self.units.clear();
        let mut plan = Plan { lines: Vec::with_capacity(self.lines), cost: 0, relaxed: 0 };
        for line in 0..self.lines {
            let (wanted, price) = (self.quantity[line], self.shortfall_cost[line]);
            let cost = times(wanted, price);
            self.units.push((wanted, price));
            plan.lines.push(Held { from: line, to: line + 1, left: cost - self.floor[line] });
            plan.cost += cost;
            plan.relaxed += times(wanted, self.best_multipliers[line]);
        }
        for node in open {
            plan = self.with(&plan, node);
        }
        self.try_plan(None, plan.cost);
        let single: Vec<i64> = plan.lines.iter().map(|held| held.left).collect();
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
        if self.slack(plan, free.iter().copied(), room, 1, single) < 0 {
            return true;
        }
        if self.steps >= steps_max {
            return false;
        }
        let (mut nets, savings) = self.nets(plan, free);
        if let Some(Net { net, node, .. }) = nets.first() {
            self.try_plan(Some(*node), plan.cost + net);
        }
        let net_of = |rank: usize| nets.get(rank).map_or(0, |one| -one.net);
        let together: i64 = (0..room).map(net_of).sum();
        let needed = plan.cost - self.best_cost + 1;
        if room < 2 || together < needed {
            return true;
        }
        // Those that save enough with the best others.
        let others = together - net_of(room - 1);
        nets.truncate(nets.partition_point(|one| others - one.net >= needed));
        let mut single = alloc::vec![0; self.lines];
        for one in &nets {
            for (line, saved) in &savings[one.from..one.to] {
                single[*line] = (*saved).max(single[*line]);
            }
        }
        // What one more does is known: two parcels at least.
        let slack = self.slack(plan, nets.iter().map(|one| one.node), room, 2, &single);
        if nets.len() < 2 || slack < 0 {
            return true;
        }
        // What one of so many saves at least if together they save enough; nothing, and all have their share in it.
        let share = |line: usize| most_of(single[line], &plan.lines[line], room) - slack;
        let has_share = |line: usize, saved: i64| times(saved, many(room)) >= share(line);
        let all = |line: usize| if share(line) <= 0 { nets.len() } else { 0 };
        let mut lines: Vec<(usize, usize)> = (0..self.lines).map(|line| (all(line), line)).collect();
        for one in &nets {
            for (line, saved) in &savings[one.from..one.to] {
                if share(*line) > 0 && has_share(*line, *saved) {
                    lines[*line].0 += 1;
                }
            }
        }
        if room == 2 {
            sort(&mut lines);
        }
        let Some((_, line)) = lines.iter().min().copied() else { return true };
        let is_tried = |one: &&Net| {
            let saved = &savings[one.from..one.to];
            share(line) <= 0 || saved.iter().any(|(other, saved)| *other == line && has_share(line, *saved))
        };
        let (tried, rest): (Vec<&Net>, Vec<&Net>) = nets.iter().partition(is_tried);
        // What was tried is not tried again with what comes after it.
        let count = tried.len();
        let mut rest: Vec<usize> = rest.iter().chain(tried.iter().rev()).map(|one| one.node).gather();
        let units = self.units.len();
        // What those that are not tried yet bring in the relaxation.
        let mut others: i64 = rest.iter().map(|node| self.reduced[*node].min(0)).sum();
        for _ in 0..count {
            let Some(node) = rest.pop() else { break };
            others -= self.reduced[node].min(0);
            if round_up(plan.relaxed + self.reduced[node] + others) >= self.best_cost {
                continue;
            }
            let with = self.with(plan, node);
            let done = match room {
                2 => self.finish_with_one(&with, &rest, &single, &lines, steps_max),
                _ => self.finish_from(&with, &rest, room - 1, &single, steps_max),
            };
            self.units.truncate(units);
            self.opened.pop();
            if !done {
                return false;
            }
        }
        true
    }

    /// How much less than what so many of some nodes save at most would still be better than the best plan.
    fn slack(
        &self,
        plan: &Plan,
        nodes: impl Iterator<Item = usize>,
        room: usize,
        fewest: i64,
        single: &[i64],
    ) -> i64 {
        let most: i64 =
            single.iter().zip(&plan.lines).map(|(single, held)| most_of(*single, held, room)).sum();
        let parcel = nodes.map(|node| self.parcel[node]).min().unwrap_or(0);
        most - times(parcel, fewest) - (plan.cost - self.best_cost + 1)
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
        if self.slack(plan, free.iter().copied(), 1, 1, single) < 0 {
            return true;
        }
        let most = |line: usize| most_of(single[line], &plan.lines[line], 1);
        let lowest = plan.cost - (0..self.lines).map(most).sum::<i64>();
        self.steps += u64::try_from(free.len()).unwrap_or(u64::MAX);
        for node in free {
            let mut cost = lowest + self.parcel[*node];
            for (_, line) in lines {
                if cost >= self.best_cost {
                    break;
                }
                self.steps += 1;
                let at = node * self.lines + line;
                cost += most(*line) - self.saving(&plan.lines[*line], self.cells[at]);
            }
            self.try_plan(Some(*node), cost);
        }
        self.steps < steps_max
    }

    /// What free nodes save beside a plan, where that pays for their parcel: those that save most first. And on which lines.
    fn nets(&mut self, plan: &Plan, free: &[usize]) -> (Vec<Net>, Vec<(usize, i64)>) {
        let (mut nets, mut savings) = (Vec::with_capacity(free.len()), Vec::with_capacity(free.len() * 4));
        for node in free {
            let (from, mut net) = (savings.len(), self.parcel[*node]);
            for arc in self.arcs(*node) {
                let saved = self.saving(&plan.lines[arc.line], (arc.cap, arc.cost));
                if saved > 0 {
                    savings.push((arc.line, saved));
                    net -= saved;
                }
            }
            if net < 0 {
                nets.push(Net { net, node: *node, from, to: savings.len() });
            }
        }
        sort_few(&mut nets, |one, other| one.net <= other.net);
        self.steps += u64::try_from(free.len() * self.lines).unwrap_or(u64::MAX);
        (nets, savings)
    }

    /// What so many units at a cost save beside what a plan has of their line.
    fn saving(&self, held: &Held, (cap, cost): (i64, i64)) -> i64 {
        let (mut left, mut saved) = (cap, 0);
        for (units, dearer) in &self.units[held.from..held.to] {
            if left == 0 || *dearer <= cost {
                break;
            }
            let taken = left.min(*units);
            saved += times(taken, dearer - cost);
            left -= taken;
        }
        saved
    }

    /// The plan with a node more: units come from it instead of from where they are dearer.
    fn with(&mut self, plan: &Plan, node: usize) -> Plan {
        let mut with = plan.clone();
        with.cost += self.parcel[node];
        with.relaxed += self.reduced[node];
        let mut units = core::mem::take(&mut self.units);
        for arc in self.arcs(node) {
            let held = &mut with.lines[arc.line];
            let (from, mut at) = (units.len(), held.from);
            let (mut wanted, mut saved) = (arc.cap, 0);
            while at < held.to && units[at].1 > arc.cost {
                let (there, dearer) = units[at];
                let taken = wanted.min(there);
                wanted -= taken;
                saved += times(taken, dearer - arc.cost);
                if there > taken {
                    units.push((there - taken, dearer));
                }
                at += 1;
            }
            units.push((arc.cap - wanted, arc.cost));
            units.extend_from_within(at..held.to);
            *held = Held { from, to: units.len(), left: held.left - saved };
            with.cost -= saved;
        }
        self.units = units;
        self.opened.push(node);
        with
    }

    /// Takes the open nodes, with one more or without, as a candidate if they are known to be better.
    fn try_plan(&mut self, node: Option<usize>, cost: i64) {
        if cost < self.best_cost {
            let mut open = alloc::vec![false; self.nodes];
            for node in self.opened.iter().copied().chain(node) {
                open[node] = true;
            }
            self.try_open(open);
        }
    }
}

/// What so many nodes save on a line at most, when none saves more than `single`.
fn most_of(single: i64, held: &Held, room: usize) -> i64 {
    // INVARIANT: what a line costs, so many times as there may be nodes, is within range.
    times(single, many(room)).min(held.left)
}

fn many(room: usize) -> i64 {
    i64::try_from(room).unwrap_or(i64::MAX)
}
