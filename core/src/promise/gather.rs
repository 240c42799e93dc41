//! What each node could ship: the checks that it has to pass, and its units by the moment they are there.

use alloc::vec::Vec;

use super::{PlanPassed, Question};
use crate::book::{Book, LocationKind};
use crate::dense::NONE;
use crate::event::NodeTerms;
use crate::kind::Ledger;
use crate::limits::REQUEST_NODES_MAX;
use crate::ordered::{sort_by, sort_by_key};
use crate::place::{StockState, codes};
use crate::sourcing::Cell;

/// What a node has to pass to be in a plan, in the order in which it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// It is not the node that the order is picked up at. Only that one is looked at, and no other is listed.
    OtherNode,
    /// It is off line.
    OffLine,
    /// It does not ship, or does not hand over at its counter.
    NotCapable,
    /// No open lane goes to the zone by a method that is wanted.
    NoLane,
    /// It has none of the items: `number` is 0, or below zero what the book is short of.
    NoStock,
    /// Nothing from it arrives in time: `number` is the earliest arrival, in milliseconds.
    TooLate,
    /// It passed all checks; the best plan that uses it costs at least `number`, in minor units.
    NotNeeded,
}

codes!(Check:
    OtherNode "other_node", OffLine "off_line", NotCapable "not_capable", NoLane "no_lane", NoStock "no_stock",
    TooLate "too_late", NotNeeded "not_needed",
);

/// A node at a moment: what it can ship then. Units of a later moment are those that come on top of the earlier ones.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) node: u32,
    pub(super) method: u32,
    pub(super) release_by: i64,
    pub(super) arrive_by: i64,
    pub(super) parcel_cost: i64,
    pub(super) cells: Vec<Cell>,
    /// By line: the supply that the units come from, `NONE` for on hand.
    pub(super) supplies: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    pub(super) failed: Vec<PlanPassed>,
}

/// The way an order leaves a node.
#[derive(Clone, Copy)]
struct Way {
    method: u32,
    transit_ms: i64,
    parcel_cost: i64,
    unit_cost: i64,
}

/// Units that a node has of a line at a moment, from a supply or (`NONE`) on hand.
#[derive(Clone, Copy)]
struct Portion {
    ready: i64,
    supply: u32,
    line: usize,
    units: i64,
}

impl Book {
    /// Nodes in the order of their names: the order that decides ties.
    pub(super) fn gather(&self, question: &Question) -> Gathered {
        let mut gathered = Gathered::default();
        let nodes: Vec<u32> = match question.pick_up {
            true => alloc::vec![question.to],
            false => self.nodes.values().copied().take(REQUEST_NODES_MAX).collect(),
        };
        let on_hand = self.on_hand_by_node(question);
        for node in nodes {
            let Some(terms) = &self.locations[node].terms else { continue };
            let on_hand = usize::try_from(node).ok().and_then(|node| {
                let lines = question.lines.len();
                on_hand.get(node * lines..(node + 1) * lines)
            });
            if let Err((check, number)) =
                self.candidates_of(node, &terms.value, question, on_hand.unwrap_or(&[]), &mut gathered)
            {
                gathered.failed.push(PlanPassed { node, check, number });
            }
        }
        gathered
    }

    /// Sellable less open claims of each line, by node: every position of the wanted items is looked at once.
    fn on_hand_by_node(&self, question: &Question) -> Vec<i64> {
        let lines = question.lines.len();
        let mut free = alloc::vec![0; self.locations.len() * lines];
        for (line, (sku, _)) in question.lines.iter().enumerate() {
            for position in &self.skus[*sku].positions {
                let row = &self.positions.rows[*position];
                if row.key.state != StockState::Sellable || row.key.owner != 0 {
                    continue;
                }
                let node = usize::try_from(self.node_of(row.key.location)).unwrap_or(usize::MAX);
                let place = node.saturating_mul(lines).saturating_add(line);
                if let Some(free) = free.get_mut(place) {
                    *free += row.quantity - self.claimed_at(*position, question.now);
                }
            }
        }
        free
    }

    /// Adds a candidate for each moment at which the node has something, or says which check it fails.
    fn candidates_of(
        &self,
        node: u32,
        terms: &NodeTerms,
        question: &Question,
        on_hand: &[i64],
        gathered: &mut Gathered,
    ) -> Result<(), (Check, i64)> {
        if !terms.on_line {
            return Err((Check::OffLine, 0));
        }
        if !(if question.pick_up { terms.picks_up } else { terms.ships }) {
            return Err((Check::NotCapable, 0));
        }
        let ways = self.ways(node, question);
        if ways.is_empty() {
            return Err((Check::NoLane, 0));
        }
        let mut portions: Vec<Portion> = Vec::new();
        let mut least = 0;
        for (line, (free, (sku, _))) in on_hand.iter().zip(&question.lines).enumerate() {
            least = least.min(self.portions(node, *sku, line, *free, question, &mut portions));
        }
        if portions.is_empty() {
            return Err((Check::NoStock, least));
        }
        sort_by_key(&mut portions, |portion| (portion.ready, portion.line));
        let mut earliest = i64::MAX;
        let mut any = false;
        for chunk in portions.chunk_by(|one, other| one.ready == other.ready) {
            let release_by = chunk.first().map_or(question.now, |portion| portion.ready) + terms.handling_ms;
            let in_time = ways.iter().filter(|way| {
                earliest = earliest.min(release_by + way.transit_ms);
                release_by + way.transit_ms <= question.needed_by
            });
            // The cheapest way that arrives in time; of equal ones the faster, then the first by name.
            let Some(way) = in_time.min_by_key(|way| (way.parcel_cost, way.unit_cost, way.transit_ms)) else {
                continue;
            };
            any = true;
            let mut cells =
                alloc::vec![Cell { available: 0, unit_cost: way.unit_cost }; question.lines.len()];
            let mut supplies = alloc::vec![NONE; question.lines.len()];
            for portion in chunk {
                if let (Some(cell), Some(supply)) =
                    (cells.get_mut(portion.line), supplies.get_mut(portion.line))
                {
                    // Two supplies due at one moment: the units add up, the first is named.
                    if cell.available == 0 {
                        *supply = portion.supply;
                    }
                    cell.available += portion.units;
                }
            }
            gathered.candidates.push(Candidate {
                node,
                method: way.method,
                release_by,
                arrive_by: release_by + way.transit_ms,
                parcel_cost: way.parcel_cost,
                cells,
                supplies,
            });
        }
        if any { Ok(()) } else { Err((Check::TooLate, earliest)) }
    }

    /// The ways from a node to where the order goes, in the order of the methods' names.
    fn ways(&self, node: u32, question: &Question) -> Vec<Way> {
        if question.pick_up {
            return alloc::vec![Way { method: NONE, transit_ms: 0, parcel_cost: 0, unit_cost: 0 }];
        }
        let lanes = self
            .lanes
            .from(&(node, question.to, 0))
            .take_while(|(lane, _)| (lane.0, lane.1) == (node, question.to));
        let wanted = |method: &u32| question.methods.is_empty() || question.methods.contains(method);
        let open = lanes.filter(|((_, _, method), lane)| lane.value.open && wanted(method));
        let mut ways: Vec<(&str, Way)> = open
            .map(|((_, _, method), lane)| {
                let way = Way {
                    method: *method,
                    transit_ms: lane.value.transit_ms,
                    parcel_cost: lane.value.parcel_cost.minor(),
                    unit_cost: lane.value.unit_cost.minor(),
                };
                (lane.value.method.as_str(), way)
            })
            .collect();
        sort_by_key(&mut ways, |(method, _)| *method);
        ways.into_iter().map(|(_, way)| way).collect()
    }

    /// Units of a line at a node by moment: on hand now, then what dated supply adds. A deficit is filled first.
    ///
    /// Answers what is free now, which is below zero when more is spoken for than there is.
    fn portions(
        &self,
        node: u32,
        sku: u32,
        line: usize,
        free: i64,
        question: &Question,
        portions: &mut Vec<Portion>,
    ) -> i64 {
        let method = match question.methods.as_slice() {
            [only] => *only,
            _ => NONE,
        };
        let mut free = free;
        if !self.skus[sku].protections.is_empty() {
            free -= self.protected(sku, node, method);
        }
        let now = free;
        if free > 0 {
            portions.push(Portion { ready: question.now, supply: NONE, line, units: free });
        }
        let mut deficit = free.min(0);
        for (due, supply, units) in self.supply_to(sku, node, question) {
            let fills = units.min(-deficit);
            deficit += fills;
            if units > fills {
                portions.push(Portion { ready: due, supply, line, units: units - fills });
            }
        }
        now
    }

    /// Supply of an item to a node within the horizon, earliest first: due moment, supply and units nobody has claimed.
    fn supply_to(&self, sku: u32, node: u32, question: &Question) -> Vec<(i64, u32, i64)> {
        let until = question.now.saturating_add(question.policy.horizon_ms);
        let mut dated: Vec<(i64, u32, i64)> = Vec::new();
        for id in &self.skus[sku].supplies {
            let supply = &self.supplies[*id];
            let units = supply.open() - supply.claimed;
            let due = supply.expected.as_ref().map_or(i64::MAX, |expected| expected.value.1);
            if supply.node == node && units > 0 && due <= until {
                // What is past due and has not come may come at any moment: it counts from now.
                dated.push((due.max(question.now), *id, units));
            }
        }
        dated.extend(self.transfers_under_way(sku, node, question.now, until));
        sort_by(&mut dated, |one, other| {
            (one.0, self.supply_text(one.1)).cmp(&(other.0, self.supply_text(other.1)))
        });
        dated
    }

    fn supply_text(&self, id: u32) -> &str {
        self.supplies.find(id).map_or("", |supply| self.words.text(supply.name))
    }

    /// Units in transit to a node. A transfer that arrived before it left is below zero and is never supply.
    fn transfers_under_way(&self, sku: u32, node: u32, now: i64, until: i64) -> Vec<(i64, u32, i64)> {
        let mut under_way = Vec::new();
        if self.transits.is_empty() {
            return under_way;
        }
        for position in &self.skus[sku].positions {
            let row = &self.positions.rows[*position];
            let location = &self.locations[row.key.location];
            if location.kind != LocationKind::Transit
                || row.quantity <= 0
                || row.key.state != StockState::Sellable
            {
                continue;
            }
            let document = self.documents.get(&(Ledger::Transfer, self.location_name(row.key.location)));
            if let Some((to_node, due)) = document.and_then(|document| document.to_node)
                && to_node == node
                && due <= until
            {
                under_way.push((due.max(now), NONE, row.quantity));
            }
        }
        under_way
    }
}
