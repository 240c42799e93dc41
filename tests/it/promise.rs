//! Offers of every history: never more than there is, each unit named, and the same whatever numbers names have.

use std::collections::{BTreeMap, BTreeSet};

use onhand::promise::{Destination, Explain, Offer, Request, Search};
use onhand::rows::NameKind;
use onhand::{
    Book, Event, Id, Kind, LaneTerms, Line, Money, Name, NodeTerms, NodeType, StockState, Terms, Time,
};
use onhand_tests::random::{Dice, Step, World, name};
use proptest::prelude::*;

/// A history whose nodes ship, with lanes of all prices and supply to come; the events that were accepted.
pub(crate) fn history(seed: u64, words: &[u64]) -> (World, Vec<Event>) {
    history_of(seed, words, false)
}

/// The same, with or without periods that are closed.
pub(crate) fn history_of(seed: u64, words: &[u64], closes: bool) -> (World, Vec<Event>) {
    let mut world = World::new(seed, closes);
    let mut book = Book::new();
    let mut steps = world.first_steps();
    steps.extend(words.iter().map(|word| world.step(*word)));
    let mut dice = Dice::new(seed ^ 0x5eed);
    steps.extend(network(&world, &mut dice).into_iter().map(Step::Fact));
    let accepted = steps.iter().filter(|step| {
        let accepted = match step {
            Step::Fact(event) => book.evolve(event).is_ok(),
            Step::Command(event) => book.execute(event).is_ok(),
        };
        // What is granted in part is another event than what was asked.
        accepted && !step.event().partial
    });
    (world.clone(), accepted.map(|step| step.event().clone()).collect())
}

fn network(world: &World, dice: &mut Dice) -> Vec<Event> {
    let mut events = Vec::new();
    let mut tell = |kind: Kind, change: &dyn Fn(&mut Event)| {
        let id = Id::Number(events.len() as u64 + 1);
        let mut event = Event::new(name("network"), id, kind, Time::new(world.now()).unwrap());
        change(&mut event);
        events.push(event);
    };
    for node in world.nodes() {
        let handling_ms = dice.below(3) as i64 * 100;
        let terms = NodeTerms {
            node: node.clone(),
            node_type: NodeType::Store,
            title: None,
            on_line: dice.percent(90),
            ships: dice.percent(90),
            picks_up: dice.percent(90),
            handling_ms,
        };
        tell(Kind::NodeChange, &|event| event.terms = Some(Terms::Node(terms.clone()).into()));
        for method in ["van", "express"] {
            let money = |most: usize, dice: &mut Dice| Money::new(dice.below(most) as i64).unwrap();
            let lane = LaneTerms {
                node: node.clone(),
                zone: name("zone-1"),
                method: name(method),
                open: dice.percent(80),
                transit_ms: dice.below(3) as i64 * 1_000,
                parcel_cost: money(4, dice),
                unit_cost: money(3, dice),
            };
            tell(Kind::LaneChange, &|event| event.terms = Some(Terms::Lane(lane.clone()).into()));
        }
        for sku in world.skus() {
            let (units, due) = (dice.below(8) as i64, world.now() + dice.below(5) as i64 * 1_000 - 1_000);
            let supply = format!("supply-{}", dice.below(3));
            tell(Kind::SupplyChange, &|event| {
                event.node = Some(node.clone());
                event.subject = Some(name(&supply));
                event.due = Time::new(due);
                event.lines = vec![Line::new(sku.clone(), units).unwrap()];
            });
        }
    }
    events
}

pub(crate) fn request(world: &World, dice: &mut Dice) -> Request {
    let to = match dice.percent(60) {
        true => Destination::Zone(name("zone-1")),
        false => Destination::PickUp(dice.pick(world.nodes()).clone()),
    };
    let mut request = Request::new(to, Time::new(world.now()).unwrap());
    for _ in 0..1 + dice.below(3) {
        request = request.line(dice.pick(world.skus()).clone(), 1 + dice.below(12) as i64).unwrap();
    }
    request.needed_by = dice.percent(30).then(|| Time::new(world.now() + dice.below(6_000) as i64).unwrap());
    request.explain = *dice.pick(&[Explain::None, Explain::Summary, Explain::Full]);
    request.policy.line_split = dice.percent(70);
    request.policy.ship_complete = dice.percent(20);
    request.policy.consolidate = dice.percent(25);
    request.policy.nodes_max = dice.percent(20).then_some(1);
    request.policy.search = if dice.percent(20) { Search::Greedy } else { Search::Exact };
    request
}

pub(crate) fn post(book: &mut Book, events: &[Event]) {
    for event in events {
        book.evolve(event).expect("it was accepted before");
    }
}

/// A reserve of everything in the offer, to be asked at its moment.
pub(crate) fn acceptance(offer: &Offer, now: Time) -> Event {
    let mut reserve = Event::new(name("asker"), Id::Number(1), Kind::Reserve, now);
    reserve.subject = Some(name("asked-for"));
    for shipment in &offer.shipments {
        reserve.node = Some(shipment.node.clone());
        for taken in &shipment.lines {
            let mut line = Line::new(taken.sku.clone(), taken.quantity).unwrap();
            line.line = Some(name(format!("line-{}", reserve.lines.len())));
            line.node = Some(shipment.node.clone());
            line.supply = taken.supply.clone();
            reserve.lines.push(line);
        }
    }
    reserve
}

/// Whether something is kept for one method and not for others.
pub(crate) fn keeps_by_method(event: &Event) -> bool {
    matches!(event.terms.as_deref(), Some(Terms::Protection(rule)) if rule.method.is_some())
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// What is offered from on hand is available now, what is offered from supply is still to come and unclaimed, and each
    /// line of the request is filled or said to be unmet.
    #[test]
    fn an_offer_never_promises_more_than_there_is(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let request = request(&world, &mut dice);
            let Ok(offer) = book.promise(&request) else { continue };
            let digest = book.digest();
            let mut filled: BTreeMap<&Name, i64> = BTreeMap::new();
            let mut on_hand: BTreeMap<(&Name, &Name), i64> = BTreeMap::new();
            let mut to_come: BTreeMap<(&Name, &Name), i64> = BTreeMap::new();
            for shipment in &offer.shipments {
                prop_assert!(request.needed_by.is_none_or(|by| shipment.arrive_by <= by.millis()));
                prop_assert!(request.now.millis() <= shipment.release_by && shipment.release_by <= shipment.arrive_by);
                for line in &shipment.lines {
                    prop_assert!(line.quantity > 0);
                    *filled.entry(&line.sku).or_default() += line.quantity;
                    let from = if line.supply.is_some() { &mut to_come } else { &mut on_hand };
                    *from.entry((&line.sku, &shipment.node)).or_default() += line.quantity;
                }
            }
            for ((sku, node), units) in &on_hand {
                let shelf = book.availability(sku.as_str(), node.as_str(), request.now).unwrap();
                let coming = transit_to(&book, &events, sku, node);
                prop_assert!(*units <= shelf.available + coming, "{units} of {sku} at {node}: {shelf:?} and {coming}");
            }
            for ((sku, node), units) in &to_come {
                let supplies = book.dated_supply(sku.as_str(), node.as_str());
                let own = supplies.iter().filter(|one| one.owner.is_none());
                let left: i64 = own.map(|one| (one.open - one.claimed).max(0)).sum();
                prop_assert!(*units <= left, "{units} of {sku} at {node}: {supplies:?}");
            }
            let mut wanted: BTreeMap<&Name, i64> = BTreeMap::new();
            for line in &request.lines {
                *wanted.entry(&line.sku).or_default() += line.quantity.units();
            }
            for unmet in &offer.unmet {
                *filled.entry(&unmet.sku).or_default() += unmet.quantity;
            }
            prop_assert_eq!(filled, wanted);
            prop_assert!(!request.policy.ship_complete || offer.shipments.is_empty() || offer.unmet.is_empty());
            prop_assert!(request.policy.nodes_max.is_none() || offer.shipments.len() <= 1);
            prop_assert_eq!(book.digest(), digest, "an offer commits nothing");
        }
    }

    /// Where a parcel is cheap by one way and units are by another, what is proven costs no more than any choice of one way for each node.
    #[test]
    fn no_choice_of_ways_costs_less_than_what_is_proven(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, mut events) = history(seed, &words);
        // What is kept for a method is no longer kept once it leads nowhere: there would be more to offer, and not other ways alone.
        events.retain(|event| !keeps_by_method(event));
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        let books = (0..1usize << world.nodes().len()).map(|choice| {
            let mut chosen = book.clone();
            for (at, event) in (1..).zip(&events) {
                let Some(Terms::Lane(lane)) = event.terms.as_deref() else { continue };
                let node = world.nodes().iter().position(|node| *node == lane.node).unwrap();
                if lane.method.as_str() != ["van", "express"][choice >> node & 1] {
                    let closed = Terms::Lane(LaneTerms { open: false, ..lane.clone() });
                    let mut close = Event::new(name("closer"), Id::Number(at), Kind::LaneChange, Time::new(world.now() + 1).unwrap());
                    close.terms = Some(closed.into());
                    chosen.evolve(&close).unwrap();
                }
            }
            chosen
        });
        let books: Vec<Book> = books.collect();
        for _ in 0..6 {
            let mut request = request(&world, &mut dice);
            request.policy.search = Search::Exact;
            let Ok(offer) = book.promise(&request) else { continue };
            prop_assert!(offer.proven && offer.bound == offer.cost, "{offer:?}");
            for other in &books {
                let other = other.promise(&request).unwrap();
                prop_assert!(offer.cost <= other.cost, "{request:?} {offer:?} {other:?}");
            }
        }
    }

    /// Accepting an offer at its moment is granted, as long as it takes nothing from transfers under way.
    #[test]
    fn an_offer_can_be_accepted(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let request = request(&world, &mut dice);
            let Ok(offer) = book.promise(&request) else { continue };
            let reserve = acceptance(&offer, request.now);
            let from_transfers = offer.shipments.iter().any(|shipment| {
                shipment.lines.iter().any(|line| transit_to(&book, &events, &line.sku, &shipment.node) > 0)
            });
            if !reserve.lines.is_empty() && !from_transfers {
                let answer = book.clone().execute(&reserve);
                prop_assert!(answer.is_ok(), "{answer:?} to {offer:?}");
            }
        }
    }

    /// Other numbers behind the names, and another order of arrival, give the same offer.
    #[test]
    fn an_offer_does_not_depend_on_numbers(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64) {
        let (world, mut events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut other = Book::new();
        let names = |names: &[Name]| names.iter().rev().cloned().collect::<Vec<Name>>();
        for (kind, names) in [(NameKind::Sku, names(world.skus())), (NameKind::Node, names(world.nodes()))] {
            for name in names {
                other.intern(kind, "before").unwrap();
                other.intern(kind, name.as_str()).unwrap();
            }
        }
        for word in ["van", "supply-2", "zone-1", "express", "supply-1", "standard"] {
            other.intern(NameKind::Word, word).unwrap();
        }
        let mut dice = Dice::new(asked);
        for at in (1..events.len()).rev() {
            events.swap(at, dice.below(at + 1));
        }
        post(&mut other, &events);
        for _ in 0..6 {
            let request = request(&world, &mut dice);
            prop_assert_eq!(book.promise(&request), other.promise(&request), "{:?}", request);
        }
    }
}

/// Units of the company on their way to a node by transfers that the history names: they are offered without a name of a
/// supply.
fn transit_to(book: &Book, events: &[Event], sku: &Name, node: &Name) -> i64 {
    let to_node: BTreeSet<&Name> = events
        .iter()
        .filter(|event| event.to_node.as_ref() == Some(node))
        .filter_map(|event| event.subject.as_ref())
        .collect();
    let positions = book.positions(sku.as_str()).into_iter();
    let under_way = positions.filter(|one| one.in_transit && to_node.contains(&one.location));
    let promised = under_way.filter(|one| one.owner.is_none() && one.state == StockState::Sellable);
    promised.map(|one| one.quantity.max(0)).sum()
}
