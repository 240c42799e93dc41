//! What an answer says of itself, held against the book and against the same question asked a little otherwise.

use std::collections::BTreeMap;

use onhand::promise::{
    Change, Check, Destination, Explain, Offer, Passed, Request, RequestLine, Rule, Scope, Search, Term,
};
use onhand::{Book, Event, Id, Kind, LaneTerms, Line, Name, NodeTerms, Quantity, Refusal, Terms, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::live::{book_of, now};
use crate::promise::{keeps_by_method, post, request};

/// Nodes and lanes as they were said last.
struct Network {
    nodes: BTreeMap<Name, NodeTerms>,
    lanes: BTreeMap<(Name, Name, Name), LaneTerms>,
}

impl Network {
    fn of(events: &[Event]) -> Network {
        let mut events: Vec<&Event> = events.iter().collect();
        events.sort_by_key(|event| (event.occurred, event.source.clone(), event.id.clone()));
        let mut network = Network { nodes: BTreeMap::new(), lanes: BTreeMap::new() };
        for event in events {
            match event.terms.as_deref() {
                Some(Terms::Node(terms)) => drop(network.nodes.insert(terms.node.clone(), terms.clone())),
                Some(Terms::Lane(terms)) => {
                    let key = (terms.node.clone(), terms.zone.clone(), terms.method.clone());
                    network.lanes.insert(key, terms.clone());
                }
                _ => {}
            }
        }
        network
    }

    /// Lanes that may be used for a request from a node.
    fn ways<'a>(&'a self, request: &'a Request, node: &'a Name) -> impl Iterator<Item = &'a LaneTerms> {
        self.lanes.values().filter(move |lane| {
            let wanted = request.methods.is_empty() || request.methods.contains(&lane.method);
            matches!(&request.to, Destination::Zone(zone) if *zone == lane.zone)
                && lane.open
                && wanted
                && lane.node == *node
        })
    }
}

fn missing(offer: &Offer) -> i64 {
    offer.unmet.iter().map(|unmet| unmet.quantity).sum()
}

fn passed<'a>(offer: &'a Offer, node: &Name) -> Option<&'a Passed> {
    offer.passed.iter().find(|passed| passed.node == *node)
}

/// Costs and moments of an offer follow from the network, and its cost from its parts.
fn check_plan(network: &Network, request: &Request, offer: &Offer) -> Result<(), TestCaseError> {
    let mut cost = missing(offer) * request.policy.shortfall_cost;
    for shipment in &offer.shipments {
        let units: i64 = shipment.lines.iter().map(|line| line.quantity).sum();
        let handling = network.nodes[&shipment.node].handling_ms;
        prop_assert!(shipment.release_by >= request.now.millis() + handling);
        match &shipment.method {
            Some(method) => {
                let lane = network.ways(request, &shipment.node).find(|lane| lane.method == *method);
                let lane = lane.expect("the way is open");
                prop_assert_eq!(shipment.cost, lane.parcel_cost.minor() + units * lane.unit_cost.minor());
                prop_assert_eq!(shipment.arrive_by, shipment.release_by + lane.transit_ms);
            }
            None => prop_assert_eq!((shipment.cost, shipment.arrive_by), (0, shipment.release_by)),
        }
        cost += shipment.cost;
    }
    prop_assert_eq!(offer.cost, cost);
    prop_assert!(offer.bound <= offer.cost && offer.proven == (offer.bound == offer.cost), "{offer:?}");
    Ok(())
}

/// Each check that a node failed fails by the network or the book, and no longer fails once what it names is otherwise.
fn check_passed(
    book: &Book,
    network: &Network,
    request: &Request,
    one: &Passed,
) -> Result<(), TestCaseError> {
    let terms = &network.nodes[&one.node];
    let again = |changes: &[Change], needed_by: Option<Time>| {
        let request = Request { needed_by, ..request.clone() };
        let offer = book.promise_if(&request, changes).expect("the request is looked at");
        passed(&offer, &one.node).map(|passed| passed.check)
    };
    let pick_up = matches!(request.to, Destination::PickUp(_));
    match one.check {
        Check::OffLine => {
            prop_assert!(!terms.on_line);
            let on_line = Change::OnLine { node: one.node.clone(), on_line: true };
            prop_assert_ne!(again(&[on_line], request.needed_by), Some(Check::OffLine));
        }
        Check::NotCapable => {
            let is_capable = if pick_up { terms.picks_up } else { terms.ships };
            prop_assert!(!is_capable);
        }
        Check::NoLane => prop_assert_eq!(network.ways(request, &one.node).count(), 0),
        Check::NoStock => {
            prop_assert!(one.number <= 0);
            let shelf = |line: &RequestLine| {
                book.availability(line.sku.as_str(), one.node.as_str(), request.now).unwrap()
            };
            prop_assert!(request.lines.iter().all(|line| shelf(line).available == 0));
            let more = |line: &RequestLine| Change::Stock {
                sku: line.sku.clone(),
                node: one.node.clone(),
                units: 1 - one.number,
            };
            let mut changes: Vec<Change> = Vec::new();
            for line in &request.lines {
                if !changes.contains(&more(line)) {
                    changes.push(more(line));
                }
            }
            // A deficit may be larger than a change.
            if Quantity::new(1 - one.number).is_some() {
                prop_assert_ne!(again(&changes, request.needed_by), Some(Check::NoStock));
            }
        }
        Check::TooLate => {
            let earliest = Time::new(one.number).unwrap();
            prop_assert!(request.needed_by.is_some_and(|by| by < earliest));
            prop_assert_ne!(
                again(&[], Some(earliest)),
                Some(Check::TooLate),
                "it would arrive at {}",
                one.number
            );
            prop_assert_eq!(again(&[], Time::new(one.number - 1)), Some(Check::TooLate));
        }
        _ => {}
    }
    Ok(())
}

/// No plan that uses a node costs less than is said of it: every set of nodes that it is in is asked for its best plan.
fn check_not_needed(
    book: &Book,
    world: &World,
    request: &Request,
    one: &Passed,
) -> Result<(), TestCaseError> {
    let others: Vec<&Name> = world.nodes().iter().filter(|node| **node != one.node).collect();
    for set in 0..1usize << others.len() {
        let off = others.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        let off = off.filter(|(_, node)| {
            book.availability(request.lines[0].sku.as_str(), node.as_str(), request.now).is_some()
        });
        let changes: Vec<Change> =
            off.map(|(_, node)| Change::OnLine { node: (*node).clone(), on_line: false }).collect();
        let offer = book.promise_if(request, &changes).unwrap();
        if offer.shipments.iter().any(|shipment| shipment.node == one.node) {
            prop_assert!(offer.cost >= one.number, "{one:?}, and {offer:?}");
        }
    }
    Ok(())
}

/// What is said to be in reach of a line is, to the last unit, and not before the moment that is said.
fn check_unmet(book: &Book, request: &Request, offer: &Offer) -> Result<(), TestCaseError> {
    for unmet in &offer.unmet {
        let alone = |units: i64, needed_by: Option<Time>| {
            let quantity = Quantity::new(units).unwrap();
            let lines = vec![RequestLine { sku: unmet.sku.clone(), quantity, line: None }];
            let mut alone = Request { lines, needed_by, ..request.clone() };
            alone.policy.line_split = true;
            alone.policy.ship_complete = false;
            alone.policy.nodes_max = None;
            alone.policy.search = Search::Exact;
            book.promise(&alone).map(|offer| missing(&offer)).expect("the request is looked at")
        };
        // What so many unfilled units cost would be no cost any more.
        if unmet.available > 100_000 {
            continue;
        }
        // Of lines of one item together, no more is in reach than is wanted of them.
        let wanted: i64 =
            request.lines.iter().filter(|line| line.sku == unmet.sku).map(|line| line.quantity.units()).sum();
        if unmet.available > 0 {
            prop_assert_eq!(alone(unmet.available, request.needed_by), 0, "{:?}", unmet);
        }
        prop_assert_eq!(alone(unmet.available + 1, request.needed_by), 1, "{:?} of {}", unmet, wanted);
        prop_assert_eq!(unmet.earliest.is_some(), unmet.available > 0);
        if let Some(earliest) = unmet.earliest {
            prop_assert_eq!(alone(1, Time::new(earliest)), 0, "{:?}", unmet);
            // By a way that costs more it may be there earlier, where somebody asks for that.
            if matches!(request.to, Destination::PickUp(_)) {
                prop_assert_eq!(alone(1, Time::new(earliest - 1)), 1, "{:?}", unmet);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// P17: every part of an offer's explanation, recomputed from the facts that it carries.
    #[test]
    fn an_offer_explains_itself_by_facts(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, mut events, mut book) = book_of(seed, &words);
        // What is on the shelf says nothing of what is kept there for one method.
        if events.iter().any(keeps_by_method) {
            events.retain(|event| !keeps_by_method(event));
            book = Book::new();
            post(&mut book, &events);
        }
        let network = Network::of(&events);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let mut request = Request { now: now(&world), ..request(&world, &mut dice) };
            (request.explain, request.policy.search) = (Explain::Full, Search::Exact);
            let Ok(offer) = book.promise(&request) else { continue };
            check_plan(&network, &request, &offer)?;
            check_unmet(&book, &request, &offer)?;
            for one in &offer.passed {
                check_passed(&book, &network, &request, one)?;
                if one.check == Check::NotNeeded {
                    check_not_needed(&book, &world, &request, one)?;
                }
            }
            // Each node that could have been asked is in the plan or says why it is not.
            if matches!(request.to, Destination::Zone(_)) {
                let said = |node: &Name| passed(&offer, node).is_some() || offer.shipments.iter().any(|one| one.node == *node);
                prop_assert!(network.nodes.keys().all(said), "{offer:?}");
            }
        }
    }

    /// P17 for shortages: what is said to be available can be reserved, and no unit more.
    #[test]
    fn a_shortage_says_what_can_be_had(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for number in 1..8 {
            let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
            let ask = |units: i64| {
                let mut reserve = Event::new(name("asker"), Id::Number(number), Kind::Reserve, now(&world));
                (reserve.subject, reserve.node) = (Some(name("asked-for")), Some(node.clone()));
                reserve.lines.push(Line::new(sku.clone(), units).unwrap());
                book.clone().execute(&reserve)
            };
            let Err(Refusal::Insufficient { shortages }) = ask(1 + dice.below(40) as i64) else { continue };
            prop_assert_eq!(shortages.len(), 1);
            let short = &shortages[0];
            prop_assert!(short.available < short.requested);
            prop_assert!(short.available == 0 || ask(short.available).is_ok(), "{short:?}");
            let one_more = ask(short.available + 1);
            let Err(Refusal::Insufficient { shortages }) = &one_more else {
                return Err(TestCaseError::fail(format!("{short:?}, and one more is {one_more:?}")));
            };
            prop_assert_eq!((shortages[0].available, shortages[0].requested), (short.available, short.available + 1));
        }
    }
}

/// What is refused says in a line of a log what it is about, and not only its code.
#[test]
fn a_refusal_is_printed_with_its_facts() {
    let now = Time::new(1_000).unwrap();
    let mut book = onhand::testing::book(&["TEA"], &["s1"]);
    let mut hold = Event::new(name("web"), Id::Number(1), Kind::Reserve, now);
    hold.subject = Some(name("order-1"));
    let mut printed = |node: &str, sku: &str, units: i64, expires: Option<Time>| {
        (hold.node, hold.expires) = (Some(name(node)), expires);
        hold.lines = vec![Line::new(name(sku), units).unwrap()];
        book.execute(&hold).unwrap_err().to_string()
    };
    assert_eq!(printed("s2", "TEA", 1, None), "unknown_node: node `s2`");
    assert_eq!(printed("s1", "TEE", 1, None), "unknown_sku: SKU `TEE`");
    assert_eq!(printed("s1", "TEA", 0, None), "quantity_is_zero: line `TEA`");
    assert_eq!(printed("s1", "TEA", 1, Some(now)), format!("already_expired: expires `{now}`"));
    assert_eq!(printed("s1", "TEA", 3, None), "insufficient: `TEA` at `s1` has 0, 3 requested");
    assert_eq!(Refusal::FactOnly { kind: Kind::Count }.to_string(), "fact_only: kind `count`");
    let asked = |node: &str, sku: &str| {
        Request::new(Destination::PickUp(name(node)), now).line(name(sku), 1).unwrap()
    };
    assert_eq!(book.promise(&asked("s2", "TEA")).unwrap_err().to_string(), "unknown_node: node `s2`");
    assert_eq!(book.promise(&asked("s1", "TEE")).unwrap_err().to_string(), "unknown_sku: SKU `TEE`");
}

/// The terms that limit plans as a whole, or how much of a line a node may send: what is in reach is not what a plan may have.
fn limits_plans(rule: &Rule) -> bool {
    use Term::*;
    matches!(
        rule.then,
        ShipComplete {}
            | NoLineSplit {}
            | MaxShipments { .. }
            | MaxPerLine { .. }
            | LeastUnits { .. }
            | LeastValue { .. }
            | Minimum { .. }
            | Capacity { .. }
    )
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// P17 under hard rules: no plan that uses a node costs less than is said of it, each node is in the plan or says why it is not, and
    /// what is in reach of a line is, to the last unit.
    #[test]
    fn an_offer_under_rules_explains_itself_by_facts(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let network = Network::of(&events);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let mut rulebook = crate::doors::rules(&world, &mut dice);
            rulebook.objective.goals.clear();
            let mut request = Request { now: now(&world), ..request(&world, &mut dice) };
            (request.explain, request.policy.search) = (Explain::Full, Search::Exact);
            let Ok(offer) = book.promise_under(&rulebook, &request) else { continue };
            let used = |offer: &Offer, node: &Name| offer.shipments.iter().any(|one| one.node == *node);
            let nodes: Vec<&Name> = network.nodes.keys().collect();
            for one in offer.passed.iter().filter(|one| one.check == Check::NotNeeded) {
                prop_assert!(!used(&offer, &one.node), "{offer:?}");
                for set in 0..1usize << nodes.len() {
                    let others = nodes.iter().enumerate().filter(|(at, node)| set >> at & 1 == 1 && **node != &one.node);
                    let off: Vec<Name> = others.map(|(_, node)| (*node).clone()).collect();
                    let mut without = rulebook.clone();
                    if !off.is_empty() {
                        let when = Scope { nodes: off, ..Scope::default() };
                        without.rules.push(Rule { when, ..Rule::new(name("off"), Term::Exclude {}) });
                    }
                    let other = book.promise_under(&without, &request).unwrap();
                    prop_assert!(!used(&other, &one.node) || other.cost >= one.number, "{rulebook:?} {request:?} {one:?} {other:?} {offer:?}");
                }
            }
            for one in offer.passed.iter().filter(|one| one.check == Check::Protected) {
                let sku = one.sku.as_ref().expect("units are of an item");
                let shelf = book.availability(sku.as_str(), one.node.as_str(), request.now).unwrap();
                prop_assert_eq!(one.number, shelf.sellable - shelf.withheld - shelf.claimed, "{:?} {:?} {:?}", one, rulebook, shelf);
            }
            if matches!(request.to, Destination::Zone(_)) {
                let said = |node: &&Name| passed(&offer, node).is_some() || used(&offer, node);
                prop_assert!(nodes.iter().all(said), "{rulebook:?} {request:?} {offer:?}");
            }
            if rulebook.rules.iter().any(limits_plans) {
                continue;
            }
            for unmet in offer.unmet.iter().filter(|unmet| unmet.available <= 100_000) {
                let alone = |units: i64, needed_by: Option<Time>| {
                    let lines = vec![RequestLine { sku: unmet.sku.clone(), quantity: Quantity::new(units).unwrap(), line: None }];
                    let mut alone = Request { lines, needed_by, ..request.clone() };
                    (alone.policy.line_split, alone.policy.ship_complete, alone.policy.nodes_max) = (true, false, None);
                    missing(&book.promise_under(&rulebook, &alone).unwrap())
                };
                if unmet.available > 0 {
                    prop_assert_eq!(alone(unmet.available, request.needed_by), 0, "{:?} {:?} {:?}", unmet, rulebook, request);
                }
                prop_assert_eq!(alone(unmet.available + 1, request.needed_by), 1, "{:?} {:?} {:?}", unmet, rulebook, request);
                prop_assert_eq!(unmet.earliest.is_some(), unmet.available > 0);
            }
        }
    }
}
