//! Lanes: by which ways an order gets from nodes to a zone.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::book::Dated;
use crate::event::LaneTerms;
use crate::ordered::Map;

/// A lane by zone, node and method (words).
type LaneKey = (u32, u32, u32);

/// What was said of lanes, and beside it, always in step, what promising reads: the open ones of a zone in a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lanes {
    said: Map<LaneKey, Dated<LaneTerms>>,
    /// By zone; by name of the node, the best way of a node first.
    open: Map<u32, Vec<Way>>,
}

/// An open lane in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) node: u32,
    /// A word, or `NONE` for pick-up.
    pub(crate) method: u32,
    pub(crate) transit_ms: i64,
    pub(crate) parcel_cost: i64,
    pub(crate) unit_cost: i64,
}

impl Way {
    /// Whether it costs less than another way, whose parcel is no dearer, for so many units and more.
    pub(crate) fn saves(&self, than: &Way, units: i64) -> bool {
        (than.unit_cost - self.unit_cost).saturating_mul(units) > self.parcel_cost - than.parcel_cost
    }
}

impl Lanes {
    pub(crate) fn get(&self, key: &LaneKey) -> Option<&Dated<LaneTerms>> {
        self.said.get(key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &LaneKey> {
        self.said.keys()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Dated<LaneTerms>> {
        self.said.values()
    }

    /// The ways to a zone: nodes in the order of their names; of a node the cheapest first, then the faster, then the first by name.
    pub(crate) fn to(&self, zone: u32) -> &[Way] {
        self.open.get(&zone).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn insert(&mut self, key: LaneKey, lane: Dated<LaneTerms>) {
        let (zone, node, method) = key;
        let terms = &lane.value;
        let way = terms.open.then(|| Way {
            node,
            method,
            transit_ms: terms.transit_ms,
            parcel_cost: terms.parcel_cost.minor(),
            unit_cost: terms.unit_cost.minor(),
        });
        let known = !self.said.insert(key, lane);
        let ways = self.open.entry(zone);
        if known {
            ways.retain(|way| (way.node, way.method) != (node, method));
        }
        if let Some(way) = way {
            let said = &self.said;
            let place = ways.partition_point(|held| compare(said, zone, held, &way).is_lt());
            ways.insert(place, way);
        }
    }
}

fn compare(said: &Map<LaneKey, Dated<LaneTerms>>, zone: u32, one: &Way, other: &Way) -> Ordering {
    let terms = |way: &Way| said.get(&(zone, way.node, way.method)).map(|lane| &lane.value);
    let costs = |way: &Way| (way.parcel_cost, way.unit_cost, way.transit_ms);
    let (of_one, of_other) = (terms(one), terms(other));
    let node = of_one.map(|terms| &terms.node).cmp(&of_other.map(|terms| &terms.node));
    let method = of_one.map(|terms| &terms.method).cmp(&of_other.map(|terms| &terms.method));
    node.then(costs(one).cmp(&costs(other))).then(method)
}
