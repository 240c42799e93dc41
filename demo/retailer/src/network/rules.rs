//! From where an order is promised: by the book's own exact promise, or by the rules that most shops use.

use onhand::promise::{Destination, ErrorModel, ErrorTerms, Offer, Policy, Request, Risk, SureOffer};
use onhand::{NodeType, Time};

use super::customers::{CustomerOrder, Parcel, ParcelLine};
use super::{Name, Network, Units};
use crate::promises::Rule;
use crate::world::time;

/// What is promised, and what it costs in cents.
pub(super) struct Choice {
    pub(super) parcels: Vec<Parcel>,
    pub(super) cost: i64,
    /// How probable it is that all of it is found, in parts per million, where the rule knows.
    certainty: i64,
}

/// Sure enough to send nobody to another store, in parts per million.
const SURE_ENOUGH: i64 = 970_000;
/// How often deliveries come as announced, in parts per million.
const SUPPLY_COMES: i64 = 900_000;
/// What a promised unit that is not found is reckoned at, in cents: a refund, an excuse, a customer who may not come again.
const FAILURE_COST: i64 = 500;

/// What rounds of counting have told of the records, as a retailer knows it.
#[derive(Clone, Copy)]
pub(super) struct Errors {
    counted: i64,
    off: i64,
    units_off: i64,
}

impl Default for Errors {
    /// Before anything is counted: one record in twenty, by a unit and a half.
    fn default() -> Errors {
        Errors { counted: 2_000, off: 100, units_off: 150 }
    }
}

impl Errors {
    /// The book had so many, and so many were found.
    pub(super) fn note(&mut self, booked: i64, found: i64) {
        self.counted += 1;
        self.off += i64::from(booked != found);
        self.units_off += (booked - found).abs();
    }

    fn model(self) -> ErrorModel {
        ErrorModel {
            wrong_ppm: 1_000_000 * self.off / self.counted,
            mean_milli: (1000 * self.units_off / self.off).max(1000),
        }
    }
}

impl Network {
    /// All of an order or nothing. When the store of somebody who picks up cannot serve them, every second goes to another.
    pub(super) fn choose(&self, order: &CustomerOrder) -> Option<Choice> {
        let needed_by = self.now + order.needed_within;
        if !order.pick_up {
            return match self.rule {
                Rule::Exact => {
                    let zone = self.world.nodes[order.home as usize].zone.clone()?;
                    self.promised(Destination::Zone(zone), &order.wanted, needed_by)
                }
                rule => self.first_come(rule, order, needed_by),
            };
        }
        let mut stores = self.by_distance(order.home);
        stores.retain(|node| self.world.nodes[*node as usize].kind == NodeType::Store);
        if !order.goes_elsewhere {
            stores.truncate(1);
        } else if self.rule == Rule::HighestStock {
            let fullest = |node: &u32| {
                let stock = order.wanted.keys().map(|item| self.available(*node, *item)).sum::<i64>();
                (*node != order.home, -stock)
            };
            stores.sort_by_key(fullest);
        }
        match self.rule {
            Rule::Exact => self.surest(&stores, &order.wanted, needed_by),
            _ => stores.into_iter().find_map(|store| self.at_counter(store, order, needed_by)),
        }
    }

    /// The first store where the order is sure enough to be found, else the one where it is surest.
    fn surest(&self, stores: &[u32], wanted: &Units, needed_by: i64) -> Option<Choice> {
        let mut best: Option<Choice> = None;
        for store in stores {
            let to = Destination::PickUp(self.node_name(*store));
            let Some(choice) = self.promised(to, wanted, needed_by) else { continue };
            if best.as_ref().is_none_or(|best| choice.certainty > best.certainty) {
                best = Some(choice);
            }
            if best.as_ref().is_some_and(|best| best.certainty >= SURE_ENOUGH) {
                break;
            }
        }
        best
    }

    /// What the book offers: the plan with the lowest expected cost, by what counts have told of its records.
    fn promised(&self, to: Destination, wanted: &Units, needed_by: i64) -> Option<Choice> {
        let mut request = Request::new(to.clone(), time(self.now));
        for (item, units) in wanted {
            let sku = self.world.items[*item as usize].sku.clone();
            request = request.line(sku, *units).expect("a small quantity");
        }
        request.needed_by = Some(time(needed_by));
        request.channel = Some(crate::world::name("web"));
        let one_counter = matches!(to, Destination::PickUp(_)).then_some(1);
        request.policy = Policy { ship_complete: true, nodes_max: one_counter, ..Policy::default() };
        let risk = Risk {
            errors: vec![ErrorTerms { sku: None, node: None, error: self.errors.model() }],
            supply_ppm: SUPPLY_COMES,
            failure_cost: FAILURE_COST,
            attempt_cost: 0,
            weigh: true,
        };
        let sure = self.recorder.book.promise_surely(&request, &risk);
        let SureOffer { offer, certainty } = sure.expect("the book knows what the demo asks for");
        if !offer.unmet.is_empty() {
            return None;
        }
        let parcels = offer.shipments.iter().map(|shipment| {
            let lines = shipment.lines.iter().map(|line| ParcelLine {
                item: self.item_numbers[&line.sku],
                units: line.quantity,
                supply: line.supply.clone(),
            });
            Parcel {
                node: self.node_numbers[&shipment.node],
                lines: lines.collect(),
                release_by: shipment.release_by,
            }
        });
        let cost = self.cost_of(&offer);
        Some(Choice { parcels: parcels.collect(), cost, certainty: certainty.ppm })
    }

    /// Line by line from the nearest node, or from the one that has most, until there is enough.
    fn first_come(&self, rule: Rule, order: &CustomerOrder, needed_by: i64) -> Option<Choice> {
        let ways: Vec<(u32, i64, i64, i64)> = self
            .by_distance(order.home)
            .into_iter()
            .filter_map(|node| {
                let (release_by, parcel, unit) = self.way(node, order.home, needed_by)?;
                Some((node, release_by, parcel, unit))
            })
            .collect();
        let mut parcels: Vec<Parcel> = Vec::new();
        let mut cost = 0;
        for (item, wanted) in &order.wanted {
            let mut left = *wanted;
            let mut ways = ways.clone();
            if rule == Rule::HighestStock {
                ways.sort_by_key(|(node, ..)| -self.available(*node, *item));
            }
            for (node, release_by, parcel_cost, unit_cost) in ways {
                let units = left.min(self.available(node, *item));
                if units <= 0 {
                    continue;
                }
                left -= units;
                cost += units * unit_cost;
                let line = ParcelLine { item: *item, units, supply: None };
                match parcels.iter_mut().find(|parcel| parcel.node == node) {
                    Some(parcel) => parcel.lines.push(line),
                    None => {
                        cost += parcel_cost;
                        parcels.push(Parcel { node, lines: vec![line], release_by });
                    }
                }
            }
            if left > 0 {
                return None;
            }
        }
        Some(Choice { parcels, cost, certainty: 0 })
    }

    fn at_counter(&self, store: u32, order: &CustomerOrder, needed_by: i64) -> Option<Choice> {
        let release_by = self.now + self.world.nodes[store as usize].handling();
        let has_all = order.wanted.iter().all(|(item, units)| self.available(store, *item) >= *units);
        (has_all && release_by <= needed_by).then(|| {
            let lines = order.wanted.iter().map(|(item, units)| ParcelLine {
                item: *item,
                units: *units,
                supply: None,
            });
            let parcel = Parcel { node: store, lines: lines.collect(), release_by };
            Choice { parcels: vec![parcel], cost: 0, certainty: 0 }
        })
    }

    /// The store itself, then others of its zone by how far they are, then the distribution centres, the own one first.
    fn by_distance(&self, home: u32) -> Vec<u32> {
        let zone = &self.world.nodes[home as usize].zone;
        let mut nodes: Vec<u32> = self
            .stores
            .iter()
            .copied()
            .filter(|node| self.world.nodes[*node as usize].zone == *zone)
            .collect();
        nodes.sort_by_key(|node| (node.abs_diff(home), *node));
        let mut centres = self.centres.clone();
        let own = home as usize % centres.len();
        centres.rotate_left(own);
        nodes.extend(centres);
        nodes
    }

    /// The cheapest way from a node to the zone of a store that arrives in time: when the parcel leaves, what it costs, and what each
    /// unit in it does.
    fn way(&self, node: u32, home: u32, needed_by: i64) -> Option<(i64, i64, i64)> {
        let (from, zone) = (&self.world.nodes[node as usize], self.world.nodes[home as usize].zone.as_ref()?);
        let release_by = self.now + from.handling();
        let lanes = self.world.lanes.iter().filter(|lane| lane.node == from.name && lane.zone == *zone);
        let in_time = lanes.filter(|lane| release_by + lane.transit_ms <= needed_by);
        let costs = in_time.map(|lane| (lane.parcel_cost.minor(), lane.unit_cost.minor()));
        costs.min().map(|(parcel, unit)| (release_by, parcel, unit))
    }

    /// What the parcels of an offer cost: without the charge for failure that its plan was chosen by.
    fn cost_of(&self, offer: &Offer) -> i64 {
        let lane = |shipment: &onhand::promise::Shipment| {
            let method = shipment.method.as_ref()?;
            let of = |lane: &&onhand::LaneTerms| lane.node == shipment.node && lane.method == *method;
            let lane = self.world.lanes.iter().find(of)?;
            let units: i64 = shipment.lines.iter().map(|line| line.quantity).sum();
            Some(lane.parcel_cost.minor() + lane.unit_cost.minor() * units)
        };
        offer.shipments.iter().filter_map(lane).sum()
    }

    /// What the book says is available: the same for every rule.
    fn available(&self, node: u32, item: u32) -> i64 {
        let (sku, at): (&Name, &Name) =
            (&self.world.items[item as usize].sku, &self.world.nodes[node as usize].name);
        let now: Time = time(self.now);
        self.recorder.book.availability(sku.as_str(), at.as_str(), now).map_or(0, |shelf| shelf.available)
    }
}
