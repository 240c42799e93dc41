//! Offers: never more than there is, each unit from a named source, and what is offered can be had.

use std::collections::BTreeMap;

use onhand::promise::{Destination, Offer, Request, Search};
use onhand::{
    Event, Id, Kind, LaneTerms, Line, LotTerms, Money, Name, NodeTerms, NodeType, ProtectionTerms, Quantity,
    Refusal, Terms, Time,
};

use super::sums::ours;
use super::{Check, accepted, ensure, same};
use crate::history::History;
use crate::random::{Dice, World, name};

/// Requests that each history is asked.
const REQUESTS: usize = 3;

/// Asks the book that a history ends in, once its nodes ship and some supply is announced.
pub fn never_more_than_there_is(history: &History) -> Check {
    let (mut book, _) = accepted(&history.steps);
    let mut dice = history.dice();
    let network = network(&history.world, &mut dice);
    for event in &network {
        book.evolve(event).map_err(|away| format!("{away}: {event:?}"))?;
    }
    let kept = kept_by_method(&network);
    for _ in 0..REQUESTS {
        let request = request(&history.world, &mut dice);
        let digest = book.digest();
        let Ok(offer) = book.promise(&request) else { continue };
        same(&book.digest(), &digest, || "an offer commits nothing".to_owned())?;
        check(&book, &request, &offer, &kept).map_err(|wrong| format!("{wrong}\n{request:?}\n{offer:?}"))?;
        let reserve = acceptance(&offer, request.now);
        if !reserve.lines.is_empty() {
            let answer = book.clone().execute(&reserve);
            // A moment of a closed period can be asked about, and nothing can be claimed in it.
            let closed = matches!(answer, Err(Refusal::PeriodClosed { .. }));
            ensure(answer.is_ok() || closed, || format!("{answer:?} when {offer:?} was accepted"))?;
        }
    }
    Ok(())
}

fn check(book: &onhand::Book, request: &Request, offer: &Offer, kept: &Kept<'_>) -> Check {
    let mut wanted: BTreeMap<&Name, i64> = BTreeMap::new();
    for line in &request.lines {
        *wanted.entry(&line.sku).or_default() += line.quantity.units();
    }
    let mut answered: BTreeMap<&Name, i64> = BTreeMap::new();
    let mut taken: BTreeMap<(Way<'_>, Option<&Name>), i64> = BTreeMap::new();
    for shipment in &offer.shipments {
        let in_time =
            request.now.millis() <= shipment.release_by && shipment.release_by <= shipment.arrive_by;
        ensure(in_time, || "it arrives before it leaves".to_owned())?;
        for line in &shipment.lines {
            *answered.entry(&line.sku).or_default() += line.quantity;
            let from = ((&line.sku, &shipment.node, shipment.method.as_ref()), line.supply.as_ref());
            *taken.entry(from).or_default() += line.quantity;
        }
    }
    for unmet in &offer.unmet {
        *answered.entry(&unmet.sku).or_default() += unmet.quantity;
    }
    same(&answered, &wanted, || "what is answered and what was asked".to_owned())?;
    for (((sku, node, method), supply), units) in taken {
        let there = match supply {
            None => book.availability(sku.as_str(), node.as_str(), request.now).map_or(0, |shelf| {
                let kept = kept.get(&(sku, node, method)).copied().unwrap_or(shelf.protected);
                shelf.sellable - shelf.withheld - shelf.claimed - kept
            }),
            Some(supply) => {
                let all = book.dated_supply(sku.as_str(), node.as_str());
                all.iter().find(|one| one.supply == *supply).map_or(0, |one| ours(one) - one.claimed)
            }
        };
        ensure(0 < units && units <= there, || {
            format!("{units} of {sku} at {node} from {supply:?}: {there}")
        })?;
    }
    ensure(offer.bound <= offer.cost, || format!("costs {} and {} is the least", offer.cost, offer.bound))
}

/// An item, the node it is at, and how it ships.
type Way<'a> = (&'a Name, &'a Name, Option<&'a Name>);
/// Units held back.
type Kept<'a> = BTreeMap<Way<'a>, i64>;

fn kept_by_method(network: &[Event]) -> Kept<'_> {
    let rules = network.iter().filter_map(|event| match event.terms.as_deref() {
        Some(Terms::Protection(rule)) => {
            Some(((&rule.sku, rule.node.as_ref()?, rule.method.as_ref()), rule.quantity.units()))
        }
        _ => None,
    });
    rules.collect()
}

/// Nodes that ship by two methods, for which less or more is held back, and a purchase order or two.
fn network(world: &World, dice: &mut Dice) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut tell = |kind: Kind, change: &dyn Fn(&mut Event)| {
        let id = Id::Number(events.len() as u64 + 1);
        let mut event = Event::new(name("network"), id, kind, Time::new(world.now()).unwrap_or_default());
        change(&mut event);
        events.push(event);
    };
    // Where nothing is announced, the usual question is answered in one pass over the shelves.
    let announced = dice.percent(70);
    let money = |dice: &mut Dice| Money::new(dice.below(4) as i64).unwrap_or(Money::ZERO);
    for node in world.nodes() {
        let terms = NodeTerms {
            node: node.clone(),
            node_type: NodeType::Store,
            title: None,
            on_line: dice.percent(90),
            ships: dice.percent(90),
            picks_up: dice.percent(90),
            handling_ms: dice.below(3) as i64 * 100,
        };
        tell(Kind::NodeChange, &|event| event.terms = Some(Terms::Node(terms.clone()).into()));
        for method in ["van", "express"] {
            let lane = LaneTerms {
                node: node.clone(),
                zone: name("zone-1"),
                method: name(method),
                open: dice.percent(80),
                transit_ms: dice.below(3) as i64 * 1_000,
                parcel_cost: money(dice),
                unit_cost: money(dice),
            };
            tell(Kind::LaneChange, &|event| event.terms = Some(Terms::Lane(lane.clone()).into()));
            // The last word on each: what the history said is no matter.
            for sku in world.skus() {
                let rule = ProtectionTerms {
                    sku: sku.clone(),
                    node: Some(node.clone()),
                    method: Some(name(method)),
                    quantity: Quantity::new(dice.below(5).saturating_sub(1) as i64).unwrap_or(Quantity::ZERO),
                };
                tell(Kind::ProtectionChange, &|event| {
                    event.terms = Some(Terms::Protection(rule.clone()).into());
                });
            }
        }
        for sku in world.skus().iter().filter(|_| announced) {
            let (units, due) = (dice.below(8) as i64, world.now() + dice.below(5) as i64 * 1_000 - 1_000);
            let (supply, consigned) = (format!("supply-{}", dice.below(2)), dice.percent(20));
            tell(Kind::SupplyChange, &|event| {
                (event.node, event.subject, event.due) =
                    (Some(node.clone()), Some(name(&supply)), Time::new(due));
                let mut line = Line::new(sku.clone(), units).expect("in range");
                line.owner = consigned.then(|| name("owner-1"));
                event.lines = vec![line];
            });
        }
    }
    // What no history has said yet is known from here on.
    for sku in world.skus() {
        let item = onhand::ItemTerms {
            sku: sku.clone(),
            unit: name("each"),
            title: None,
            backorder_limit: onhand::Quantity::ZERO,
        };
        tell(Kind::ItemChange, &|event| event.terms = Some(Terms::Item(item.clone()).into()));
        for lot in ["lot-1", "lot-2"].into_iter().filter(|_| dice.percent(30)) {
            let lot = LotTerms { sku: sku.clone(), lot: name(lot), expires: None, recalled: true };
            tell(Kind::LotChange, &|event| event.terms = Some(Terms::Lot(lot.clone()).into()));
        }
    }
    events
}

fn request(world: &World, dice: &mut Dice) -> Request {
    let to = match dice.percent(60) {
        true => Destination::Zone(name("zone-1")),
        false => Destination::PickUp(dice.pick(world.nodes()).clone()),
    };
    let mut request = Request::new(to, Time::new(world.now()).unwrap_or_default());
    for _ in 0..1 + dice.below(3) {
        request = request.line(dice.pick(world.skus()).clone(), 1 + dice.below(12) as i64).expect("in range");
    }
    request.methods = ["van", "express"].into_iter().filter(|_| dice.percent(40)).map(name).collect();
    request.policy.line_split = dice.percent(70);
    request.policy.ship_complete = dice.percent(20);
    request.policy.consolidate = dice.percent(25);
    request.policy.search = if dice.percent(20) { Search::Greedy } else { Search::Exact };
    request
}

/// A reserve of everything in the offer, to be asked at its moment.
fn acceptance(offer: &Offer, now: Time) -> Event {
    let mut reserve = Event::new(name("asker"), Id::Number(1), Kind::Reserve, now);
    reserve.subject = Some(name("asked-for"));
    for shipment in &offer.shipments {
        reserve.node = Some(shipment.node.clone());
        for taken in &shipment.lines {
            let mut line = Line::new(taken.sku.clone(), taken.quantity).expect("in range");
            line.line = Some(name(format!("line-{}", reserve.lines.len())));
            line.node = Some(shipment.node.clone());
            line.supply = taken.supply.clone();
            reserve.lines.push(line);
        }
    }
    reserve
}
