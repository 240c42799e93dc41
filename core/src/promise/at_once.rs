//! What each node can ship at once: the usual question, where nothing is to come, read in one pass over the positions.

use super::gather::{Choice, Gathered, split_off_ways};
use super::{Explain, Overlay, Question};
use crate::book::Book;
use crate::dense::NONE;
use crate::lanes::Way;
use crate::limits::REQUEST_NODES_MAX;
use crate::sourcing::Cell;

impl Book {
    /// As [`Book::gather`] would gather, or nothing where more than stock on hand is asked about: supply to come, a view that is
    /// supposed otherwise, a counter, or why a node is not in the plan.
    pub(super) fn gather_at_once(&self, question: &Question, overlay: &Overlay) -> Option<Gathered> {
        let nothing_to_come = question.lines.iter().all(|(sku, _)| self.skus[*sku].supplies.is_empty());
        if question.pick_up || question.explain == Explain::Full || !overlay.is_empty() || !nothing_to_come {
            return None;
        }
        let mut gathered = Gathered::default();
        // By rank of the node, the place of its candidate.
        let mut places = alloc::vec![NONE; self.nodes.len()];
        self.ready_nodes(question, overlay, &mut gathered, &mut places);
        let lines = question.lines.len();
        gathered.stocked.ends.reserve(lines);
        gathered.stocked.nodes.reserve(gathered.cells.len());
        for (line, (sku, _)) in question.lines.iter().enumerate() {
            self.free_of_line(question, line, *sku, &places, &mut gathered);
            gathered.stocked.ends.push(gathered.stocked.nodes.len());
        }
        Some(gathered)
    }

    /// A candidate for each node from which a way leads there in time, and its cells, still empty.
    fn ready_nodes(
        &self,
        question: &Question,
        overlay: &Overlay,
        gathered: &mut Gathered,
        places: &mut [u32],
    ) {
        let lines = question.lines.len();
        let mut ways = self.lanes.to(question.to);
        let most = self.nodes.len().min(REQUEST_NODES_MAX);
        gathered.candidates.reserve(most);
        gathered.cells.reserve(most * lines);
        for _ in 0..REQUEST_NODES_MAX {
            let Some(Way { node, .. }) = ways.first().copied() else { break };
            let own = split_off_ways(&mut ways, node);
            let location = &self.locations[node];
            let Some(terms) = location.terms.as_ref().map(|terms| &terms.value) else { continue };
            let release_by = question.now + terms.handling_ms;
            let mut choice = Choice { ways: own, question, earliest: i64::MAX };
            let on_line = overlay.on_line(node).unwrap_or(terms.on_line);
            if let (true, Some(way)) = (on_line && terms.ships, choice.best(release_by)) {
                if let Some(place) = places.get_mut(index(location.rank)) {
                    *place = u32::try_from(gathered.candidates.len()).unwrap_or(NONE);
                }
                let cells = gathered.cells.len() + lines;
                gathered.cells.resize(cells, Cell { available: 0, unit_cost: way.unit_cost });
                gathered.add_candidate(way, release_by);
            }
        }
    }

    /// Sellable less open claims and what is held back of a line at each candidate, and which of them have some.
    fn free_of_line(
        &self,
        question: &Question,
        line: usize,
        sku: u32,
        places: &[u32],
        gathered: &mut Gathered,
    ) {
        let lines = question.lines.len();
        let Gathered { candidates, cells, stocked, .. } = gathered;
        let sku_row = &self.skus[sku];
        // Several positions of one node are first added up; one is told at once whether it has some.
        let single = !sku_row.has_parts && sku_row.protections.is_empty();
        for id in &sku_row.shelves {
            let row = &self.positions.rows[*id];
            let place = places.get(index(self.locations[row.key.location].rank)).copied().unwrap_or(NONE);
            // INVARIANT: a candidate times the lines is within the table; no candidate is far outside of it.
            if let Some(cell) = cells.get_mut(index(place).wrapping_mul(lines).wrapping_add(line))
                && place != NONE
            {
                // Most are of no lot and were never claimed: all of them is free.
                let free = match row.is_free() && row.key.lot == 0 {
                    true => row.quantity,
                    false => self.free_at(*id, question.now),
                };
                // INVARIANT: the units of an item, and the claims on them, add up to no more than `BALANCE_MAX`.
                cell.available = cell.available.wrapping_add(free);
                if single {
                    cell.available = cell.available.max(0);
                    if cell.available > 0 {
                        stocked.nodes.push(place);
                    }
                }
            }
        }
        if single {
            return;
        }
        let held = cells.iter_mut().skip(line).step_by(lines);
        for ((place, candidate), cell) in (0..).zip(candidates.iter()).zip(held) {
            if !sku_row.protections.is_empty() {
                cell.available -= self.protected(sku, candidate.node, question.only_method());
            }
            cell.available = cell.available.max(0);
            if cell.available > 0 {
                stocked.nodes.push(place);
            }
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
