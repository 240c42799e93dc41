//! What each node could ship: the checks that it has to pass, and its units by the moment they are there.

use alloc::vec::Vec;
use core::ops::Range;

use super::{Check, Explain, Overlay, PlanPassed, Question};
use crate::book::{Book, LocationKind};
use crate::dense::NONE;
use crate::event::NodeTerms;
use crate::lanes::Way;
use crate::limits::REQUEST_NODES_MAX;
use crate::ordered::{sort_by, sort_by_key};
use crate::sourcing::{Cell, NODES_MAX};

/// A node at a moment: what it can ship then. Units of a later moment are those that come on top of the earlier ones; where parcels
/// wait, all that is there by then.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) node: u32,
    pub(super) method: u32,
    pub(super) release_by: i64,
    pub(super) arrive_by: i64,
    pub(super) parcel_cost: i64,
    /// What the units are of, as places in [`Gathered::portions`]; none where all are on hand.
    pub(super) portions: Range<usize>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    /// In the order of the nodes' names, then of the moments: the order that decides ties.
    pub(super) candidates: Vec<Candidate>,
    /// By candidate, then line.
    pub(super) cells: Vec<Cell>,
    /// By candidate and line: on hand first, then supplies in the order of their names.
    portions: Vec<Portion>,
    pub(super) failed: Vec<PlanPassed>,
    /// Candidates that are a node at a moment by several ways; where parcels wait, at all its moments.
    pub(super) ways: Vec<Range<usize>>,
    /// Candidates that there is room for beside the first of each node.
    spare: usize,
}

/// What is read from the book once for all nodes.
pub(super) struct Stock<'a> {
    question: &'a Question,
    /// Sellable less open claims and what is held back, by rank of the node, then line.
    free: Vec<i64>,
    /// Sorted by node, line and moment.
    dated: Vec<Dated>,
}

/// Units that are due at a node.
#[derive(Clone, Copy)]
pub(super) struct Dated {
    pub(super) node: u32,
    pub(super) line: usize,
    pub(super) ready: i64,
    pub(super) supply: u32,
    pub(super) units: i64,
}

/// Units that a node has of a line at a moment, from a supply or (`NONE`) on hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portion {
    ready: i64,
    pub(super) supply: u32,
    line: usize,
    pub(super) units: i64,
}

impl Stock<'_> {
    fn free_at(&self, rank: u32) -> &[i64] {
        let lines = self.question.lines.len();
        let from = place_of(rank, lines);
        self.free.get(from..from + lines).unwrap_or_default()
    }

    /// Units of a line that are free at a node, to be changed.
    pub(super) fn free_mut(&mut self, rank: u32, line: usize) -> Option<&mut i64> {
        self.free.get_mut(place_of(rank, self.question.lines.len()) + line)
    }

    fn dated_at(&self, node: u32) -> &[Dated] {
        let from = self.dated.partition_point(|dated| dated.node < node);
        let rest = self.dated.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|dated| dated.node == node)).unwrap_or_default()
    }
}

impl Book {
    /// Nodes in the order of their names: the order that decides ties.
    pub(super) fn gather(&self, question: &Question, overlay: &Overlay) -> Gathered {
        let mut stock =
            Stock { question, free: self.free_by_node(question), dated: self.due_supply(question, overlay) };
        if !overlay.is_empty() {
            self.lay_over(question, overlay, &mut stock);
        }
        let mut ways = if question.pick_up { &[] } else { self.lanes.to(question.to) };
        let mut gathered = Gathered { spare: spare(ways), ..Gathered::default() };
        gathered.candidates.reserve(self.nodes.len().min(REQUEST_NODES_MAX));
        gathered.cells.reserve(self.nodes.len().min(REQUEST_NODES_MAX) * question.lines.len());
        let mut portions = Vec::new();
        let mut look_at = |node: u32, ways: &[Way]| {
            let location = &self.locations[node];
            let Some(terms) = &location.terms else { return };
            let looked = match overlay.on_line(node).unwrap_or(terms.value.on_line) {
                true => self.candidates_of(node, &terms.value, ways, &stock, &mut portions, &mut gathered),
                false => Err((Check::OffLine, 0)),
            };
            if let Err((check, number)) = looked {
                gathered.failed.push(PlanPassed { node, check, number });
            }
        };
        if question.pick_up {
            let counter =
                Way { node: question.to, method: NONE, transit_ms: 0, parcel_cost: 0, unit_cost: 0 };
            look_at(question.to, &[counter]);
            return gathered;
        }
        let mut looked = 0;
        let named = if question.explain == Explain::Full { usize::MAX } else { 0 };
        // Both are in the order of the nodes' names. Nodes that no way leads from are only of use to say so.
        let mut silent = self.nodes.values().take(named);
        while let Some(Way { node, .. }) = ways.first().copied().filter(|_| looked < REQUEST_NODES_MAX) {
            while let Some(other) = silent.next().filter(|other| **other != node) {
                look_at(*other, &[]);
            }
            look_at(node, split_off_ways(&mut ways, node));
            looked += 1;
        }
        if ways.is_empty() {
            silent.for_each(|other| look_at(*other, &[]));
        }
        gathered
    }

    /// Sellable less open claims of each line, by node: every position of the wanted items is looked at once.
    fn free_by_node(&self, question: &Question) -> Vec<i64> {
        let lines = question.lines.len();
        let mut free = alloc::vec![0; self.nodes.len() * lines];
        for (line, (sku, _)) in question.lines.iter().enumerate() {
            for id in &self.skus[*sku].shelves {
                let rank = self.locations[self.positions.rows[*id].key.location].rank;
                if let Some(free) = free.get_mut(place_of(rank, lines) + line) {
                    *free += self.free_at(*id, question.now);
                }
            }
            if !self.skus[*sku].protections.is_empty() {
                self.hold_back(*sku, question, free.iter_mut().skip(line).step_by(lines));
            }
        }
        free
    }

    fn hold_back<'a>(&self, sku: u32, question: &Question, free: impl Iterator<Item = &'a mut i64>) {
        let methods = self.methods_of(question);
        let nodes = self.locations.enumerate().filter(|(_, location)| location.kind == LocationKind::Node);
        for ((node, _), free) in nodes.zip(free) {
            *free -= self.kept(sku, node, &methods);
        }
    }

    /// Adds a candidate for each moment at which the node has something, or says which check it fails.
    fn candidates_of(
        &self,
        node: u32,
        terms: &NodeTerms,
        ways: &[Way],
        stock: &Stock<'_>,
        portions: &mut Vec<Portion>,
        gathered: &mut Gathered,
    ) -> Result<(), (Check, i64)> {
        let Stock { question, .. } = stock;
        if !(if question.pick_up { terms.picks_up } else { terms.ships }) {
            return Err((Check::NotCapable, 0));
        }
        let mut choice = Choice { ways, question, earliest: i64::MAX };
        if !ways.iter().any(|way| choice.is_wanted(way)) {
            return Err((Check::NoLane, 0));
        }
        let free = stock.free_at(self.locations[node].rank);
        let dated = match stock.dated.is_empty() {
            true => &[],
            false => stock.dated_at(node),
        };
        let (mut least, mut most) = (0, 0);
        for free in free {
            least = least.min(*free);
            most = most.max(*free);
        }
        if dated.is_empty() && most == 0 {
            return Err((Check::NoStock, least));
        }
        let before = gathered.candidates.len();
        if dated.is_empty() {
            let release_by = question.now + terms.handling_ms;
            if let Some(way) = choice.best(release_by) {
                gathered.add(way, release_by, free);
                gathered.add_others(&choice, way);
            }
        } else {
            fill_portions(question.now, free, dated, portions);
            if portions.is_empty() {
                return Err((Check::NoStock, least));
            }
            let start = (gathered.ways.len(), gathered.portions.len());
            for moment in portions.chunk_by(|one, other| one.ready == other.ready) {
                let release_by =
                    moment.first().map_or(question.now, |portion| portion.ready) + terms.handling_ms;
                // Each moment is a candidate of its own: those of the nodes still to come have room left.
                let more = usize::from(gathered.candidates.len() > before);
                if let Some(way) = choice.best(release_by).filter(|_| more <= gathered.spare) {
                    gathered.spare -= more;
                    gathered.add_portions(way, release_by, question, moment, start.1);
                    gathered.add_others(&choice, way);
                }
            }
            if question.policy.consolidate {
                gathered.ways.truncate(start.0);
                gathered.add_ways(before);
            }
        }
        match gathered.candidates.len() > before {
            true => Ok(()),
            false => Err((Check::TooLate, choice.earliest)),
        }
    }

    /// Supply of the wanted items within the horizon that nobody has claimed, by purchase order and by transfer.
    pub(super) fn due_supply(&self, question: &Question, overlay: &Overlay) -> Vec<Dated> {
        let until = question.now.saturating_add(question.policy.horizon_ms);
        let mut dated: Vec<Dated> = Vec::new();
        for (line, (sku, _)) in question.lines.iter().enumerate() {
            for id in &self.skus[*sku].supplies {
                let supply = &self.supplies[*id];
                let as_said = (supply.open() - supply.claimed, supply.due().unwrap_or(i64::MAX));
                let (units, due) = overlay.supply(*id).unwrap_or(as_said);
                if units > 0 && due <= until {
                    // What is past due and has not come may come at any moment: it counts from now.
                    dated.push(Dated {
                        node: supply.node,
                        line,
                        ready: due.max(question.now),
                        supply: *id,
                        units,
                    });
                }
            }
        }
        self.supposed_supply(question, overlay, &mut dated);
        sort_by(&mut dated, |one, other| {
            let key = |dated: &Dated| (dated.node, dated.line, dated.ready);
            key(one)
                .cmp(&key(other))
                .then_with(|| self.supply_text(one.supply).cmp(self.supply_text(other.supply)))
        });
        dated
    }

    fn supply_text(&self, id: u32) -> &str {
        self.supplies.find(id).map_or("", |supply| self.words.text(supply.name))
    }
}

/// Where the lines of a node begin. INVARIANT: the table has room for every rank, so that the product is within range.
fn place_of(rank: u32, lines: usize) -> usize {
    usize::try_from(rank).unwrap_or(usize::MAX).wrapping_mul(lines).min(usize::MAX - lines)
}

/// The ways that a node has, and the earliest arrival seen among them.
pub(super) struct Choice<'a> {
    pub(super) ways: &'a [Way],
    pub(super) question: &'a Question,
    pub(super) earliest: i64,
}

impl<'a> Choice<'a> {
    fn is_wanted(&self, way: &Way) -> bool {
        self.question.methods.is_empty() || self.question.methods.contains(&way.method)
    }

    /// The best way that arrives in time: the best come first.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(super) fn best(&mut self, release_by: i64) -> Option<&'a Way> {
        for way in self.ways {
            if !self.is_wanted(way) {
                continue;
            }
            let arrive_by = release_by + way.transit_ms;
            self.earliest = self.earliest.min(arrive_by);
            if arrive_by <= self.question.needed_by {
                return Some(way);
            }
        }
        None
    }

    /// The other ways that arrive in time and cost less than the best, and than those before, where all is shipped by them.
    pub(super) fn others(&self, best: &Way, release_by: i64) -> Vec<Way> {
        let mut others: Vec<Way> = Vec::new();
        for way in self.ways {
            let last = others.last().unwrap_or(best);
            let in_time = release_by + way.transit_ms <= self.question.needed_by;
            let saves = way.unit_cost < last.unit_cost && way.saves(last, self.question.units());
            if saves && in_time && self.is_wanted(way) {
                others.push(*way);
            }
        }
        others
    }
}

/// Candidates that there is room for beside one for each node that a way leads from.
pub(super) fn spare(ways: &[Way]) -> usize {
    NODES_MAX.saturating_sub(ways.chunk_by(|one, other| one.node == other.node).count())
}

/// Takes the ways of a node off the front of all ways.
#[cfg_attr(not(onhand_small), inline(always))]
pub(super) fn split_off_ways<'a>(ways: &mut &'a [Way], node: u32) -> &'a [Way] {
    let own = ways.iter().position(|way| way.node != node).unwrap_or(ways.len());
    let (first, rest) = ways.split_at(own);
    *ways = rest;
    first
}

/// Units of each line at a node by moment: on hand now, then what dated supply adds. A deficit is filled first.
fn fill_portions(now: i64, free: &[i64], dated: &[Dated], portions: &mut Vec<Portion>) {
    portions.clear();
    let mut dated = dated;
    for (line, free) in free.iter().enumerate() {
        if *free > 0 {
            portions.push(Portion { ready: now, supply: NONE, line, units: *free });
        }
        let mut deficit = (*free).min(0);
        while let Some((next, rest)) = dated.split_first().filter(|(next, _)| next.line == line) {
            dated = rest;
            let fills = next.units.min(-deficit);
            deficit += fills;
            if next.units > fills {
                let units = next.units - fills;
                portions.push(Portion { ready: next.ready, supply: next.supply, line, units });
            }
        }
    }
    sort_by_key(portions, |portion| (portion.ready, portion.line));
}

impl Gathered {
    /// A node as it is now.
    fn add(&mut self, way: &Way, release_by: i64, free: &[i64]) {
        self.cells
            .extend(free.iter().map(|free| Cell { available: (*free).max(0), unit_cost: way.unit_cost }));
        self.add_candidate(way, release_by);
    }

    /// A node at a moment, whose portions begin at a place.
    fn add_portions(
        &mut self,
        way: &Way,
        release_by: i64,
        question: &Question,
        moment: &[Portion],
        first: usize,
    ) {
        let start = self.cells.len();
        self.cells.resize(start + question.lines.len(), Cell { available: 0, unit_cost: way.unit_cost });
        let first = if question.policy.consolidate { first } else { self.portions.len() };
        self.portions.extend_from_slice(moment);
        for portion in self.portions.iter().skip(first) {
            if let Some(cell) = self.cells.get_mut(start + portion.line) {
                cell.available += portion.units;
            }
        }
        self.add_candidate(way, release_by);
        if let Some(last) = self.candidates.last_mut() {
            last.portions.start = first;
        }
    }

    /// The last candidate by its other ways that may cost less.
    fn add_others(&mut self, choice: &Choice<'_>, best: &Way) {
        let lines = &choice.question.lines;
        let Some(first) = self.candidates.last().filter(|_| choice.ways.len() > 1).cloned() else { return };
        let (place, start) = (self.candidates.len() - 1, self.cells.len() - lines.len());
        let cells: Vec<Cell> = self.cells.get(start..).unwrap_or_default().to_vec();
        for way in choice.others(best, first.release_by).into_iter().take(self.spare) {
            self.spare -= 1;
            self.cells.extend(cells.iter().map(|cell| Cell { unit_cost: way.unit_cost, ..*cell }));
            self.add_candidate(&way, first.release_by);
            if let Some(last) = self.candidates.last_mut() {
                last.portions = first.portions.clone();
            }
        }
        self.add_ways(place);
    }

    /// The candidates from a place on are one node by several ways.
    fn add_ways(&mut self, place: usize) {
        if self.candidates.len() > place + 1 {
            self.ways.push(place..self.candidates.len());
        }
    }

    /// A candidate without portions: all that it has is on hand.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(super) fn add_candidate(&mut self, way: &Way, release_by: i64) {
        let portions = self.portions.len()..self.portions.len();
        self.candidates.push(Candidate {
            node: way.node,
            method: way.method,
            release_by,
            arrive_by: release_by + way.transit_ms,
            parcel_cost: way.parcel_cost,
            portions,
        });
    }

    /// What a candidate's units of a line are of, in the order in which they are taken; nothing where all are on hand.
    pub(super) fn portions_of(&self, candidate: &Candidate, line: usize) -> impl Iterator<Item = &Portion> {
        let portions = self.portions.get(candidate.portions.clone()).unwrap_or_default();
        portions.iter().filter(move |portion| portion.line == line)
    }
}
