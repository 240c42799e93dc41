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
struct Ready {
    gathered: Gathered,
    /// By node its place among them, or `NONE`, and what a unit costs from there. Places within a node are not listed: ask for their node.
    places: Vec<(u32, i64)>,
}

impl Ready {
    #[inline]
    fn place_of(&self, location: u32) -> Option<(u32, i64)> {
        self.places.get(index(location)).copied().filter(|(node, _)| *node != NONE)
    }
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
        let nodes = ready.gathered.candidates.len();
        let stocks = skus.map(|sku| sku.shelves.len().min(nodes)).sum();
        let mut stocked = Stocked::with_room(question.lines.len(), nodes, stocks);
        for (sku, _) in &question.lines {
            self.stock_of(question, *sku, &ready, &mut stocked);
            stocked.end_line();
        }
        Some((ready.gathered, stocked))
    }

    /// Nothing where the way of a node depends on how much it ships.
    fn ready_nodes(&self, question: &Question, overlay: &Overlay) -> Option<Ready> {
        let mut ready =
            Ready { gathered: Gathered::default(), places: alloc::vec![(NONE, 0); self.locations.len()] };
        let mut ways = self.lanes.to(question.to);
        ready.gathered.candidates.reserve(self.nodes.len().min(REQUEST_NODES_MAX));
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
                if let Some(place) = ready.places.get_mut(index(node)) {
                    let at = ready.gathered.candidates.len();
                    *place = (u32::try_from(at).unwrap_or(NONE), way.unit_cost);
                }
                ready.gathered.add_candidate(way, release_by);
            }
        }
        Some(ready)
    }

    /// Adds what the nodes that are ready have of an item: sellable less open claims and what is held back.
    fn stock_of(&self, question: &Question, sku: u32, ready: &Ready, stocked: &mut Stocked) {
        let sku_row = &self.skus[sku];
        // Where size is all, all go the way of those that have several positions at a node.
        if cfg!(not(onhand_small)) && !sku_row.has_parts && sku_row.protections.is_empty() {
            for id in &sku_row.shelves {
                let row = &self.positions.rows[*id];
                let Some((node, unit_cost)) = ready.place_of(row.key.location) else { continue };
                // Most were never claimed: all of them is free.
                let available = if row.is_free() { row.quantity } else { self.free_at(*id, question.now) };
                if available > 0 {
                    stocked.tell(Stock { node, available, unit_cost });
                }
            }
            return;
        }
        // Several positions of one node are first added up.
        let mut free = alloc::vec![0i64; ready.gathered.candidates.len()];
        let methods = if sku_row.protections.is_empty() { Vec::new() } else { self.methods_of(question) };
        for id in &sku_row.shelves {
            let place = ready.place_of(self.node_of(self.positions.rows[*id].key.location));
            if let Some(free) = place.and_then(|(node, _)| free.get_mut(index(node))) {
                // INVARIANT: the units of an item, and the claims on them, add up to no more than `BALANCE_MAX`.
                *free = free.wrapping_add(self.free_at(*id, question.now));
            }
        }
        for (candidate, free) in ready.gathered.candidates.iter().zip(free) {
            let held_back = match sku_row.protections.is_empty() {
                true => 0,
                false => self.kept(sku, candidate.node, &methods),
            };
            if let Some((node, unit_cost)) = ready.place_of(candidate.node).filter(|_| free > held_back) {
                stocked.tell(Stock { node, available: free - held_back, unit_cost });
            }
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
