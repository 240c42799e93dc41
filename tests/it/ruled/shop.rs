//! Small shops: a few nodes with stock in lots, claims on it and what is to come, and the ways from each.

use onhand::promise::Change;
use onhand::{
    Book, Event, Id, ItemTerms, Kind, LaneTerms, Line, Money, NodeTerms, NodeType, ProtectionTerms, Quantity,
    Terms, Time, testing,
};
use onhand_tests::random::{Dice, name};

use super::hours::Table;

pub(super) const SKUS: [&str; 3] = ["A", "B", "C"];
pub(super) const NODES: [&str; 3] = ["S1", "S2", "S3"];
/// The order that asks.
pub(super) const OWN: &str = "own";
pub(super) const LOTS: [&str; 2] = ["old", "new"];
pub(super) const MINUTE: i64 = 60_000;
pub(super) const DAY_MS: i64 = 1_440 * MINUTE;
pub(super) const NOW: i64 = 20_000 * DAY_MS + 10_000_000;

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) method: &'static str,
    pub(super) transit: i64,
    pub(super) parcel: i64,
    pub(super) unit: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: &'static str,
    pub(super) on_line: bool,
    pub(super) ships: bool,
    pub(super) picks_up: bool,
    pub(super) handling: i64,
    pub(super) lanes: Vec<Lane>,
    pub(super) on_hand: [i64; 3],
    /// Units of it that are of each lot.
    pub(super) lots: [[i64; 2]; 3],
    pub(super) claimed: [i64; 3],
    /// When so many units are due.
    pub(super) supply: [Option<(i64, i64)>; 3],
}

#[derive(Clone, Debug)]
pub(super) struct Shop {
    pub(super) nodes: Vec<Node>,
    pub(super) backorder_limit: [i64; 3],
    /// Hours of nodes and carriers.
    pub(super) hours: Option<Table>,
    /// Units of an item that the book itself keeps, at a node, for a method.
    pub(super) kept: Vec<(usize, Option<usize>, Option<&'static str>, i64)>,
    /// Nodes and items of which nothing is held back, by whatever rule.
    pub(super) unprotected: Vec<(usize, usize)>,
    /// Units on hand of a node and item that the order which asks holds already.
    pub(super) own: Vec<(usize, usize, i64)>,
}

pub(super) fn units(units: i64) -> Quantity {
    Quantity::new(units).unwrap()
}

pub(super) fn at(ms: i64) -> Time {
    Time::new(ms).unwrap()
}

pub(super) fn money(minor: i64) -> Money {
    Money::new(minor).unwrap()
}

pub(super) fn below(dice: &mut Dice, most: usize) -> i64 {
    dice.below(most) as i64
}

pub(super) fn moment(dice: &mut Dice) -> Time {
    at(NOW + (below(dice, 8) - 3) * MINUTE)
}

impl Shop {
    pub(super) fn of(dice: &mut Dice) -> Shop {
        let nodes = NODES.map(|node| {
            let mut lanes = Vec::new();
            if dice.percent(90) {
                let (transit, parcel, unit) = (below(dice, 3) * MINUTE, below(dice, 30), below(dice, 6));
                lanes.push(Lane { method: "van", transit, parcel, unit });
            }
            if dice.percent(30) {
                let (transit, parcel, unit) = (below(dice, 2) * MINUTE / 2, below(dice, 40), below(dice, 9));
                lanes.push(Lane { method: "air", transit, parcel, unit });
            }
            let on_hand = [(); 3].map(|()| below(dice, 5) * i64::from(dice.percent(75)));
            let lots = on_hand.map(|most| {
                let of_lots = if dice.percent(50) { below(dice, most as usize + 1) } else { 0 };
                let old = below(dice, of_lots as usize + 1);
                [old, of_lots - old]
            });
            let claimed = on_hand.map(|most| below(dice, most as usize + 1) * i64::from(dice.percent(20)));
            let supply = [(); 3].map(|()| {
                dice.percent(25).then(|| (NOW + (below(dice, 5) - 1) * MINUTE, 1 + below(dice, 3)))
            });
            Node {
                name: node,
                on_line: dice.percent(80),
                ships: dice.percent(95),
                picks_up: dice.percent(95),
                handling: below(dice, 3) * MINUTE / 2,
                lanes,
                on_hand,
                lots,
                claimed,
                supply,
            }
        });
        let backorder_limit = [(); 3].map(|()| below(dice, 4) * i64::from(dice.percent(50)));
        let mut kept: Vec<(usize, Option<usize>, Option<&'static str>, i64)> = Vec::new();
        for _ in 0..dice.below(4) * usize::from(dice.percent(30)) {
            let node = dice.percent(75).then(|| dice.below(NODES.len()));
            let method = node.and_then(|_| dice.percent(50).then(|| *dice.pick(&["van", "air"])));
            let one = (dice.below(SKUS.len()), node, method, below(dice, 4));
            kept.retain(|other| (other.0, other.1, other.2) != (one.0, one.1, one.2));
            kept.push(one);
        }
        let (unprotected, own) = (Vec::new(), Vec::new());
        Shop { nodes: nodes.to_vec(), backorder_limit, hours: None, kept, unprotected, own }
    }

    /// A shop in which a few things are otherwise, and the changes that make it this one.
    pub(super) fn supposed(&mut self, dice: &mut Dice) -> (Shop, Vec<Change>) {
        let (mut other, mut changes) = (self.clone(), Vec::new());
        for _ in 0..1 + dice.below(4) {
            let (at, item) = (dice.below(NODES.len()), dice.below(SKUS.len()));
            let (node, sku) = (name(NODES[at]), name(SKUS[item]));
            let (here, there) = (&mut self.nodes[at], &mut other.nodes[at]);
            let supply = name(format!("{node}-{sku}"));
            let is_as_it_is = there.supply[item] == here.supply[item];
            match dice.below(7) {
                0 | 1 => {
                    let of_lots = there.lots[item].iter().sum::<i64>();
                    let before = there.on_hand[item];
                    there.on_hand[item] = (before + below(dice, 7) - 3).max(of_lots);
                    changes.push(Change::Stock { sku, node, units: before - there.on_hand[item] });
                }
                2 => {
                    if !changes
                        .iter()
                        .any(|one| matches!(one, Change::OnLine { node: of, .. } if *of == node))
                    {
                        there.on_line = dice.percent(50);
                        if dice.percent(30) {
                            changes.push(Change::OnLine { node: node.clone(), on_line: dice.percent(50) });
                        }
                        changes.push(Change::OnLine { node, on_line: here.on_line });
                    }
                }
                3 => {
                    self.unprotected.push((at, item));
                    changes.push(Change::Unprotected { sku, node });
                }
                4 if is_as_it_is => {
                    // What is to come has another moment, or nobody has announced it.
                    let Some((due, units)) = here.supply[item] else { continue };
                    if dice.percent(50) {
                        there.supply[item] = Some((due + *dice.pick(&[-2, -1, 1, 2]) * MINUTE, units));
                        changes.push(Change::Moved { supply, sku, node, due: Some(due) });
                    } else {
                        there.supply[item] = None;
                        changes.push(Change::Supply { sku, node, units, due });
                    }
                }
                5 if here.supply[item].is_none() && is_as_it_is => {
                    there.supply[item] = Some((NOW + (below(dice, 5) - 1) * MINUTE, 1 + below(dice, 3)));
                    changes.push(Change::Moved { supply, sku, node, due: None });
                }
                _ => {
                    let units = 1 + below(dice, 3);
                    other.own.push((at, item, units));
                }
            }
        }
        (other, changes)
    }

    pub(super) fn book(&self) -> Book {
        let (mut book, mut number) = (testing::book(&SKUS, &NODES), 0);
        let mut tell = |kind: Kind,
                        node: &str,
                        sku: &str,
                        units: &[(Option<&str>, i64)],
                        terms: Option<Terms>,
                        due: i64| {
            number += 1;
            let mut event = Event::new(name("teller"), Id::Number(number), kind, at(1_000));
            event.terms = terms.map(Box::new);
            if event.terms.is_none() {
                (event.node, event.subject) = (Some(name(node)), Some(name(format!("{node}-{sku}"))));
                event.due = Time::new(due).filter(|_| kind == Kind::SupplyChange);
                event.lines.extend(
                    units.iter().filter(|(_, units)| *units > 0 || kind == Kind::SupplyChange).map(
                        |(lot, units)| Line { lot: lot.map(name), ..Line::new(name(sku), *units).unwrap() },
                    ),
                );
            }
            book.evolve(&event).unwrap();
        };
        for (sku, limit) in SKUS.iter().zip(self.backorder_limit) {
            let backorder_limit = units(limit);
            let terms = ItemTerms { sku: name(*sku), unit: name("each"), title: None, backorder_limit };
            tell(Kind::ItemChange, "", sku, &[], Some(Terms::Item(terms)), 0);
        }
        for node in &self.nodes {
            let terms = NodeTerms {
                node: name(node.name),
                node_type: NodeType::Store,
                title: None,
                on_line: node.on_line,
                ships: node.ships,
                picks_up: node.picks_up,
                handling_ms: node.handling,
            };
            tell(Kind::NodeChange, "", "", &[], Some(Terms::Node(terms)), 0);
            for lane in &node.lanes {
                let terms = LaneTerms {
                    node: name(node.name),
                    zone: name("north"),
                    method: name(lane.method),
                    open: true,
                    transit_ms: lane.transit,
                    parcel_cost: money(lane.parcel),
                    unit_cost: money(lane.unit),
                };
                tell(Kind::LaneChange, "", "", &[], Some(Terms::Lane(terms)), 0);
            }
            for (item, sku) in SKUS.iter().enumerate() {
                let of_lots = LOTS.iter().zip(node.lots[item]).map(|(lot, units)| (Some(*lot), units));
                let of_none = node.on_hand[item] - node.lots[item].iter().sum::<i64>();
                let there: Vec<_> = of_lots.chain([(None, of_none)]).collect();
                for (kind, units) in
                    [(Kind::Receipt, there.as_slice()), (Kind::Reserve, &[(None, node.claimed[item])])]
                {
                    if units.iter().any(|(_, units)| *units > 0) {
                        tell(kind, node.name, sku, units, None, 0);
                    }
                }
                if let Some((due, units)) = node.supply[item] {
                    tell(Kind::SupplyChange, node.name, sku, &[(None, units)], None, due);
                }
            }
        }
        for (item, node, method, quantity) in &self.kept {
            let (sku, node, method) = (name(SKUS[*item]), node.map(|at| name(NODES[at])), method.map(name));
            let terms = ProtectionTerms { sku, node, method, quantity: units(*quantity) };
            tell(Kind::ProtectionChange, "", "", &[], Some(Terms::Protection(terms)), 0);
        }
        for (number, (node, item, units)) in (1..).zip(&self.own) {
            let mut event = Event::new(name("asker"), Id::Number(number), Kind::Reserve, at(1_001));
            (event.node, event.subject) = (Some(name(NODES[*node])), Some(name(OWN)));
            let line = Some(name(format!("line-{number}")));
            event.lines.push(Line { line, ..Line::new(name(SKUS[*item]), *units).unwrap() });
            book.evolve(&event).unwrap();
        }
        book
    }
}
