//! What each node can ship at once: the usual question, where nothing is to come, read in one pass over the positions.

use alloc::vec::Vec;

use super::gather::{Choice, Gathered, split_off_ways};
use super::{Explain, Overlay, Question};
use crate::book::Book;
use crate::dense::NONE;
use crate::lanes::Way;
use crate::limits::REQUEST_NODES_MAX;
use crate::sourcing::{Stock, Stocked};

/// Nodes from which a way leads there in time.
#[derive(Default)]
struct Ready {
    gathered: Gathered,
    /// What a unit costs of each.
    unit_costs: Vec<i64>,
    /// By rank of a node its place among them, or `NONE`.
    places: Vec<u32>,
}

impl Book {
    /// The candidates that [`Book::gather`] would gather and what they have, or nothing where more than stock on hand is asked about:
    /// supply to come, a view that is supposed otherwise, a counter, ways to choose from by what is shipped, or why a node is not in the plan.
    pub(super) fn gather_at_once(
        &self,
        question: &Question,
        overlay: &Overlay,
    ) -> Option<(Gathered, Stocked)> {
        let skus = question.lines.iter().map(|(sku, _)| &self.skus[*sku]);
        let nothing_to_come = skus.clone().all(|sku| sku.supplies.is_empty());
        if question.pick_up || question.explain == Explain::Full || !overlay.is_empty() || !nothing_to_come {
            return None;
        }
        let ready = self.ready_nodes(question, overlay)?;
        let mut stocked = Stocked::default();
        stocked.ends.reserve(question.lines.len());
        stocked.stocks.reserve(skus.map(|sku| sku.shelves.len().min(ready.unit_costs.len())).sum());
        for (sku, _) in &question.lines {
            self.stock_of(question, *sku, &ready, &mut stocked.stocks);
            stocked.ends.push(stocked.stocks.len());
        }
        Some((ready.gathered, stocked))
    }

    /// Nothing where the way of a node depends on how much it ships.
    fn ready_nodes(&self, question: &Question, overlay: &Overlay) -> Option<Ready> {
        let mut ready = Ready { places: alloc::vec![NONE; self.nodes.len()], ..Ready::default() };
        let mut ways = self.lanes.to(question.to);
        let most = self.nodes.len().min(REQUEST_NODES_MAX);
        ready.gathered.candidates.reserve(most);
        ready.unit_costs.reserve(most);
        for _ in 0..REQUEST_NODES_MAX {
            let Some(Way { node, .. }) = ways.first().copied() else { break };
            let own = split_off_ways(&mut ways, node);
            let location = &self.locations[node];
            let Some(terms) = location.terms.as_ref().map(|terms| &terms.value) else { continue };
            let release_by = question.now + terms.handling_ms;
            let mut choice = Choice { ways: own, question, earliest: i64::MAX };
            let on_line = overlay.on_line(node).unwrap_or(terms.on_line);
            if let (true, Some(way)) = (on_line && terms.ships, choice.best(release_by)) {
                let cheaper = own.iter().any(|other| other.unit_cost < way.unit_cost);
                if cheaper && !choice.others(way, release_by).is_empty() {
                    return None;
                }
                if let Some(place) = ready.places.get_mut(index(location.rank)) {
                    *place = u32::try_from(ready.unit_costs.len()).unwrap_or(NONE);
                }
                ready.unit_costs.push(way.unit_cost);
                ready.gathered.add_candidate(way, release_by);
            }
        }
        Some(ready)
    }

    /// Adds what the nodes that are ready have of an item: sellable less open claims and what is held back.
    fn stock_of(&self, question: &Question, sku: u32, ready: &Ready, stocks: &mut Vec<Stock>) {
        let sku_row = &self.skus[sku];
        let single = !sku_row.has_parts && sku_row.protections.is_empty();
        // Several positions of one node are first added up; one is told at once whether it has some.
        let mut free = alloc::vec![0i64; if single { 0 } else { ready.unit_costs.len() }];
        for id in &sku_row.shelves {
            let row = &self.positions.rows[*id];
            let rank = self.locations[row.key.location].rank;
            let node = ready.places.get(index(rank)).copied().unwrap_or(NONE);
            let Some(unit_cost) = ready.unit_costs.get(index(node)) else { continue };
            // Most are of no lot and were never claimed: all of them is free.
            let available = match row.is_free() && row.key.lot == 0 {
                true => row.quantity,
                false => self.free_at(*id, question.now),
            };
            if let Some(free) = free.get_mut(index(node)) {
                // INVARIANT: the units of an item, and the claims on them, add up to no more than `BALANCE_MAX`.
                *free = free.wrapping_add(available);
            } else if available > 0 {
                stocks.push(Stock { node, available, unit_cost: *unit_cost });
            }
        }
        // Empty where all is told.
        let candidates = ready.gathered.candidates.iter().zip(&ready.unit_costs);
        for ((node, (candidate, unit_cost)), free) in (0..).zip(candidates).zip(free) {
            let held_back = match sku_row.protections.is_empty() {
                true => 0,
                false => self.protected(sku, candidate.node, question.only_method()),
            };
            if free > held_back {
                stocks.push(Stock { node, available: free - held_back, unit_cost: *unit_cost });
            }
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
