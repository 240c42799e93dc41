//! Promises after they are made: what would be if is what is, once it is so.

use std::collections::BTreeMap;

use onhand::claim::ClaimStatus;
use onhand::kind::Ledger;
use onhand::promise::{
    AcceptRefused, Change, Dealt, ErrorModel, ErrorTerms, Offer, REMEDY_STEPS_DEFAULT, Remedy, RemedyKind,
    Request, RequestLine, Risk, SURE, Shipment, Strategy, TryTerms, Want, Wish, sequence,
};
use onhand::{Book, Event, Id, Kind, Line, LineClaim, Name, ProtectionTerms, Quantity, Terms, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::promise::{history, post, request};

/// A book with a history, and some of its stock held back.
pub(crate) fn book_of(seed: u64, words: &[u64]) -> (World, Vec<Event>, Book) {
    let (world, mut events) = history(seed, words);
    let mut dice = Dice::new(seed ^ 0xba11);
    for number in 0..3 {
        let mut event =
            Event::new(name("holder"), Id::Number(number + 1), Kind::ProtectionChange, now(&world));
        let node = dice.percent(60).then(|| dice.pick(world.nodes()).clone());
        let quantity = Quantity::new(dice.below(4) as i64).unwrap();
        let sku = dice.pick(world.skus()).clone();
        event.terms = Some(Terms::Protection(ProtectionTerms { sku, node, method: None, quantity }).into());
        events.push(event);
    }
    let mut book = Book::new();
    post(&mut book, &events);
    (world, events, book)
}

/// A moment after all that happened.
pub(crate) fn now(world: &World) -> Time {
    Time::new(world.now() + 1).unwrap()
}

pub(crate) fn change(world: &World, book: &Book, dice: &mut Dice) -> Option<Change> {
    let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
    book.availability(sku.as_str(), node.as_str(), now(world))?;
    let due = now(world).millis() + dice.below(6) as i64 * 1_000 - 2_000;
    Some(match dice.below(5) {
        0 => Change::Stock { sku, node, units: dice.below(12) as i64 - 4 },
        1 => Change::Supply { sku, node, units: 1 + dice.below(6) as i64, due: due.max(0) },
        2 => Change::OnLine { node, on_line: dice.percent(60) },
        3 => Change::Unprotected { sku, node },
        _ => {
            let announced = book.dated_supply(sku.as_str(), node.as_str());
            let announced: Vec<_> =
                announced.iter().filter(|one| one.supply.as_str().starts_with("supply-")).collect();
            let supply = announced.get(dice.below(announced.len()))?.supply.clone();
            Change::Moved { supply, sku, node, due: dice.percent(70).then_some(due.max(0)) }
        }
    })
}

/// Makes a change for good.
pub(crate) fn make(book: &mut Book, events: &[Event], change: &Change, number: u64, now: Time) {
    let mut tell = |kind: Kind, fill: &dyn Fn(&mut Event)| {
        let mut event = Event::new(name("maker"), Id::Number(number), kind, now);
        fill(&mut event);
        book.evolve(&event).unwrap();
    };
    match change {
        Change::Stock { units: 0, .. } => {}
        Change::Stock { sku, node, units } => tell(Kind::Adjust, &|event| {
            event.node = Some(node.clone());
            event.reason = Some(name("supposed"));
            event.lines.push(Line::new(sku.clone(), *units).unwrap());
        }),
        Change::Supply { sku, node, units, due } => tell(Kind::SupplyChange, &|event| {
            event.node = Some(node.clone());
            event.subject = Some(name("supposed"));
            event.due = Time::new(*due);
            event.lines.push(Line::new(sku.clone(), *units).unwrap());
        }),
        Change::Moved { supply, sku, node, due } => {
            let as_said = events.iter().rev().find(|event| {
                event.kind == Kind::SupplyChange
                    && event.subject.as_ref() == Some(supply)
                    && event.node.as_ref() == Some(node)
                    && event.lines.iter().any(|line| line.sku == *sku)
            });
            let as_said = as_said.expect("only what was announced is moved");
            let units = as_said.lines.iter().find(|line| line.sku == *sku).unwrap().quantity.units();
            tell(Kind::SupplyChange, &|event| {
                event.node = Some(node.clone());
                event.subject = Some(supply.clone());
                event.due = due.map_or(as_said.due, Time::new);
                event.lines.push(Line::new(sku.clone(), due.map_or(0, |_| units)).unwrap());
            });
        }
        Change::OnLine { node, on_line } => {
            let said = events.iter().filter_map(|event| match event.terms.as_deref() {
                Some(Terms::Node(terms)) if terms.node == *node => {
                    Some((event.occurred, event.source.clone(), event.id.clone(), terms.clone()))
                }
                _ => None,
            });
            let last = said.max_by_key(|(occurred, source, id, _)| (*occurred, source.clone(), id.clone()));
            let (.., mut terms) = last.expect("every node of the network has its terms");
            terms.on_line = *on_line;
            tell(Kind::NodeChange, &|event| event.terms = Some(Terms::Node(terms.clone()).into()));
        }
        // By each method, too, that something is kept for.
        Change::Unprotected { sku, node } => {
            for method in [None, Some("standard"), Some("van")] {
                tell(Kind::ProtectionChange, &|event| {
                    event.source = name(format!("holder-{}", method.unwrap_or("any")));
                    let (sku, node, quantity) = (sku.clone(), Some(node.clone()), Quantity::ZERO);
                    let terms = ProtectionTerms { sku, node, method: method.map(name), quantity };
                    event.terms = Some(Terms::Protection(terms).into());
                });
            }
        }
        _ => panic!("a change that this test does not know: {change:?}"),
    }
}

/// What an offer says apart from which book said it and what supposed supply would be called.
pub(crate) fn said(offer: &Offer) -> impl PartialEq + std::fmt::Debug + use<> {
    let shipment = |one: &Shipment| {
        let mut lines: BTreeMap<Name, i64> = BTreeMap::new();
        for line in &one.lines {
            *lines.entry(line.line.clone()).or_default() += line.quantity;
        }
        (one.node.clone(), one.method.clone(), one.release_by, one.arrive_by, one.cost, lines)
    };
    let shipments: Vec<_> = offer.shipments.iter().map(shipment).collect();
    (offer.cost, offer.bound, offer.proven, shipments, offer.unmet.clone(), offer.passed.clone())
}

proptest! {
    #![proptest_config(crate::cases_of(128))]

    /// Asking with changes is asking a book in which they were made; the book that was asked is as it was.
    #[test]
    fn what_would_be_if_is_what_is_once_it_is_so(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let digest = book.digest();
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let request = Request { now: now(&world), ..request(&world, &mut dice) };
            let mut changes: Vec<Change> = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let Some(one) = change(&world, &book, &mut dice) else { continue };
                // Said twice of one thing, the second would have to know what the first made of it.
                if matches!(one, Change::Stock { .. } | Change::OnLine { .. }) || !changes.contains(&one) {
                    changes.push(one);
                }
            }
            let moved = |change: &&Change| matches!(change, Change::Moved { .. } | Change::Supply { .. });
            if changes.iter().filter(moved).count() > 1 {
                continue;
            }
            let mut other = book.clone();
            for (number, change) in (1..).zip(&changes) {
                make(&mut other, &events, change, number, request.now);
            }
            let (supposed, made) = (book.promise_if(&request, &changes), other.promise(&request));
            match (&supposed, &made) {
                (Ok(supposed), Ok(made)) => prop_assert_eq!(said(supposed), said(made), "{:?} {:?}", request, changes),
                _ => prop_assert_eq!(&supposed, &made),
            }
            prop_assert_eq!(book.digest(), digest);
        }
    }
}

/// A record that errs, as a formula says it: in floats, which the core has none of.
fn found(error: ErrorModel, record: i64, wanted: i64) -> f64 {
    let (half, mean) = (error.wrong_ppm as f64 / 2e6, error.mean_milli as f64 / 1e3);
    let off_by_more_than = |units: i64| half * (1.0 - 1.0 / mean).powf(units as f64);
    match wanted {
        ..=0 => 1.0,
        _ if record >= wanted => 1.0 - off_by_more_than(record - wanted),
        _ => off_by_more_than(wanted - record - 1),
    }
}

fn error(dice: &mut Dice) -> ErrorModel {
    let mean_milli = 1_000 + dice.below(20_000) as i64 * i64::from(dice.percent(80));
    ErrorModel { wrong_ppm: dice.below(SURE as usize + 1) as i64, mean_milli }
}

pub(crate) fn risk(world: &World, book: &Book, dice: &mut Dice) -> Risk {
    let mut errors = Vec::new();
    for _ in 0..dice.below(6) {
        let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
        if book.availability(sku.as_str(), node.as_str(), now(world)).is_some() {
            let (sku, node) = (dice.percent(60).then_some(sku), dice.percent(60).then_some(node));
            errors.push(ErrorTerms { sku, node, error: error(dice) });
        }
    }
    Risk {
        errors,
        supply_ppm: dice.below(SURE as usize + 1) as i64,
        failure_cost: dice.below(5_000) as i64,
        attempt_cost: dice.below(200) as i64,
        weigh: dice.percent(50),
    }
}

/// The row that counts, looked up in the order that the documentation gives.
fn error_at(risk: &Risk, sku: &Name, node: &Name) -> ErrorModel {
    let fits = |of_sku: bool, of_node: bool| {
        let row = |terms: &&ErrorTerms| {
            terms.sku.as_ref() == of_sku.then_some(sku) && terms.node.as_ref() == of_node.then_some(node)
        };
        risk.errors.iter().rev().find(row)
    };
    let rows = [fits(true, true), fits(true, false), fits(false, true), fits(false, false)];
    rows.into_iter().flatten().next().map_or(ErrorModel { wrong_ppm: 0, mean_milli: 1_000 }, |row| row.error)
}

/// The expected cost of looking at places in an order: the formula, in floats.
fn expected(places: &[TryTerms], order: &[usize], failure_cost: i64) -> f64 {
    let (mut total, mut reached) = (0.0, 1.0);
    for at in order {
        let place = places[*at];
        let found = place.ppm as f64 / 1e6;
        total += reached * (place.attempt_cost as f64 + found * place.ship_cost as f64);
        reached *= 1.0 - found;
    }
    total + reached * failure_cost as f64
}

/// Every order of every subset of so many places.
fn orders(places: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    let mut from = 0;
    while from < all.len() {
        let held = all[from].clone();
        all.extend((0..places).filter(|at| !held.contains(at)).map(|at| [held.as_slice(), &[at]].concat()));
        from += 1;
    }
    all
}

proptest! {
    #![proptest_config(crate::cases_of(400))]

    /// Probabilities are those of the formula, and the buffer is the smallest that keeps to its target.
    #[test]
    fn a_record_is_as_sure_as_the_formula_says(word: u64, record in -30i64..60, wanted in 0i64..60, target in 1i64..300_000) {
        let error = error(&mut Dice::new(word));
        let ppm = error.found_ppm(record, wanted) as f64;
        let exact = found(error, record, wanted) * 1e6;
        prop_assert!(ppm <= exact + 1e-3 && exact - ppm < 1.001, "{error:?} {record} {wanted}: {ppm} {exact}");
        let buffer = error.buffer(target);
        let fails = |above: i64| 1e6 - found(error, above + 1, 1) * 1e6;
        prop_assert!(fails(buffer) <= target as f64 + 1e-6, "{error:?} {target}: {buffer}");
        prop_assert!(buffer == 0 || fails(buffer - 1) > target as f64 - 1e-6, "{error:?} {target}: {buffer}");
    }

    /// No order of no subset of the places costs less than the sequence.
    #[test]
    fn no_sequence_of_tries_costs_less(word: u64, count in 0usize..6, failure_cost in 0i64..4_000) {
        let mut dice = Dice::new(word);
        let places: Vec<TryTerms> = (0..count)
            .map(|_| TryTerms {
                ppm: [0, SURE, dice.below(SURE as usize + 1) as i64][dice.below(3).max(dice.below(3))],
                attempt_cost: dice.below(300) as i64,
                ship_cost: dice.below(2_300) as i64 - 300,
            })
            .collect();
        let best = sequence(&places, failure_cost);
        let cost = expected(&places, &best.order, failure_cost);
        prop_assert!((best.expected_cost as f64 - cost).abs() <= 0.501, "{places:?} {best:?} {cost}");
        let found = 1e6 * (1.0 - best.order.iter().map(|at| 1.0 - places[*at].ppm as f64 / 1e6).product::<f64>());
        prop_assert!((best.ppm as f64) <= found + 1e-3 && found - (best.ppm as f64) < 1.001, "{best:?} {found}");
        for order in orders(count) {
            prop_assert!(cost <= expected(&places, &order, failure_cost) + 1e-6, "{places:?} {best:?} {order:?}");
        }
    }
}

proptest! {
    #![proptest_config(crate::cases_of(128))]

    /// How sure an offer is follows from the facts that it carries, and those are the book's; a plan that is chosen by its
    /// expected cost is never expected to cost more than the cheapest plan where lines are one unit.
    #[test]
    fn certainty_follows_from_the_facts_that_it_carries(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let mut request = Request { now: now(&world), ..request(&world, &mut dice) };
            if dice.percent(50) {
                let mut skus: Vec<Name> = Vec::new();
                request.lines.retain(|line| !skus.contains(&line.sku) && { skus.push(line.sku.clone()); true });
                request.lines.iter_mut().for_each(|line| line.quantity = Quantity::new(1).unwrap());
            }
            let risk = risk(&world, &book, &mut dice);
            let Ok(sure) = book.promise_surely(&request, &risk) else { continue };
            let (offer, certainty) = (&sure.offer, &sure.certainty);
            let (mut of_plan, mut failure) = (1.0, 0);
            prop_assert_eq!(offer.shipments.len(), certainty.shipments.len());
            for (shipment, sureness) in offer.shipments.iter().zip(&certainty.shipments) {
                let mut of_shipment = 1.0;
                for line in &sureness.lines {
                    let of_item = shipment.lines.iter().filter(|one| one.sku == line.sku);
                    let (to_come, on_hand): (Vec<_>, Vec<_>) = of_item.partition(|one| one.supply.is_some());
                    let units = |lines: Vec<_>| lines.iter().map(|one: &&onhand::promise::OfferLine| one.quantity).sum::<i64>();
                    prop_assert_eq!((line.on_hand, line.to_come), (units(on_hand), units(to_come)));
                    let shelf = book.availability(line.sku.as_str(), shipment.node.as_str(), request.now).unwrap();
                    prop_assert_eq!((line.record, line.claimed), (shelf.sellable - shelf.withheld, shelf.claimed));
                    prop_assert_eq!(line.error, error_at(&risk, &line.sku, &shipment.node));
                    let on_hand = if line.on_hand == 0 { 1.0 } else { found(line.error, line.record, line.claimed + line.on_hand) };
                    let chance = on_hand * if line.to_come == 0 { 1.0 } else { risk.supply_ppm as f64 / 1e6 };
                    let cost = (1.0 - chance) * (risk.failure_cost * (line.on_hand + line.to_come)) as f64;
                    prop_assert!((line.ppm as f64 - chance * 1e6).abs() < 1.001, "{line:?}");
                    prop_assert!((line.failure_cost as f64 - cost).abs() < 1.01, "{line:?} {cost}");
                    of_shipment *= chance;
                    failure += line.failure_cost;
                }
                prop_assert!((sureness.ppm as f64 - of_shipment * 1e6).abs() < 1.001);
                of_plan *= of_shipment;
            }
            prop_assert!((certainty.ppm as f64 - of_plan * 1e6).abs() < 1.001);
            if !risk.weigh {
                prop_assert_eq!(certainty.expected_cost, offer.cost + failure);
                prop_assert_eq!(offer, &book.promise(&request).unwrap(), "risk that is not weighed changes no plan");
            }
            let single = request.lines.iter().all(|line| line.quantity.units() == 1);
            let of_one_unit = single && request.lines.len() == offer.shipments.iter().map(|one| one.lines.len()).sum::<usize>() + offer.unmet.len();
            if risk.weigh && of_one_unit && offer.proven {
                let cheapest = book.promise_surely(&request, &Risk { weigh: false, ..risk.clone() }).unwrap();
                // Each failure is rounded up by itself.
                let rounding = request.lines.len() as i64;
                prop_assert!(certainty.expected_cost <= cheapest.certainty.expected_cost + rounding, "{sure:?} {cheapest:?}");
            }
        }
    }
}

/// The request as a remedy would have it.
pub(crate) fn remedied(request: &Request, kind: RemedyKind, size: i64) -> Request {
    let mut request = request.clone();
    match kind {
        RemedyKind::NeededLater => {
            request.needed_by = request.needed_by.and_then(|by| Time::new(by.millis() + size));
        }
        RemedyKind::AskedEarlier => request.now = Time::new(request.now.millis() - size).unwrap(),
        RemedyKind::LineSplit => request.policy.line_split = true,
        RemedyKind::ShipComplete => request.policy.ship_complete = false,
        RemedyKind::NodesMax => request.policy.nodes_max = None,
        RemedyKind::Consolidate => request.policy.consolidate = true,
        RemedyKind::Methods => request.methods.clear(),
        RemedyKind::Horizon => request.policy.horizon_ms = onhand::limits::DURATION_MAX,
        _ => {}
    }
    request
}

/// Changes that are each a little smaller than those of a remedy.
fn smaller(remedy: &Remedy) -> Vec<Vec<Change>> {
    let mut all = Vec::new();
    for at in 0..remedy.changes.len() {
        let mut changes = remedy.changes.clone();
        match &mut changes[at] {
            Change::Stock { units, .. } => *units -= 1,
            Change::Moved { due, .. } => *due = due.map(|due| due + 1),
            _ => continue,
        }
        all.push(changes);
    }
    all
}

/// Every share of so many units at most among the lines, none of more than it asks for; some thousands of them.
fn shares(request: &Request, most: i64) -> Vec<Vec<i64>> {
    let mut all: Vec<Vec<i64>> = vec![Vec::new()];
    for line in &request.lines {
        let more = |share: &Vec<i64>| {
            let left = (most - share.iter().sum::<i64>()).min(line.quantity.units());
            let share = share.clone();
            (0..=left).map(move |units| [share.as_slice(), &[units]].concat())
        };
        all = all.iter().flat_map(more).take(2_000).collect();
    }
    all.retain(|share| share.iter().any(|units| *units > 0));
    all
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// A remedy is enough, once it is made for good, and costs what it says; a little less is not enough; and no node needs
    /// fewer units than the one that is named, however they are shared among the lines.
    #[test]
    fn a_remedy_is_enough_and_nothing_less_is(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let digest = book.digest();
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let mut request = Request { now: now(&world), ..request(&world, &mut dice) };
            request.policy.search = onhand::promise::Search::Exact;
            if dice.percent(30) {
                request.methods = vec![name("express")];
            }
            let wish = if dice.percent(30) { Wish::Cheaper(1 + dice.below(4) as i64) } else { Wish::Whole };
            let Ok(answer) = book.counterfactual(&request, wish, REMEDY_STEPS_DEFAULT) else { continue };
            let as_is = book.promise(&request).unwrap();
            let missing = |offer: &Offer| offer.unmet.iter().map(|unmet| unmet.quantity).sum::<i64>();
            prop_assert_eq!((answer.cost, answer.missing), (as_is.cost, missing(&as_is)));
            let is_enough = |offer: &Offer| match wish {
                Wish::Whole => missing(offer) == 0,
                Wish::Cheaper(by) => offer.cost <= as_is.cost - by,
            };
            prop_assert_eq!(answer.holds, is_enough(&as_is));
            // Lines that make up for each other may have a smaller share than was found, and no line does so alone.
            prop_assert!(answer.complete || request.lines.len() > 1);
            prop_assert!(!answer.holds || answer.remedies.is_empty());
            prop_assert!(answer.remedies.is_sorted_by_key(|remedy| remedy.kind));
            for remedy in &answer.remedies {
                let changed = remedied(&request, remedy.kind, remedy.size);
                let offer = book.promise_if(&changed, &remedy.changes).unwrap();
                prop_assert!(is_enough(&offer), "{request:?} {remedy:?} {offer:?}");
                prop_assert_eq!(offer.cost, remedy.cost);
                prop_assert_eq!(offer.shipments.iter().map(|one| one.arrive_by).max(), remedy.arrive_by);
                if !remedy.changes.iter().any(|change| matches!(change, Change::Moved { supply, .. } if !supply.as_str().starts_with("supply-"))) {
                    let mut made = book.clone();
                    for (number, change) in (1..).zip(&remedy.changes) {
                        make(&mut made, &events, change, number, request.now);
                    }
                    prop_assert_eq!(said(&made.promise(&changed).unwrap()), said(&offer), "{:?} {:?}", request, remedy);
                }
                for fewer in smaller(remedy) {
                    let offer = book.promise_if(&request, &fewer).unwrap();
                    prop_assert!(!is_enough(&offer), "{request:?} {remedy:?} {fewer:?}");
                }
                if matches!(remedy.kind, RemedyKind::NeededLater | RemedyKind::AskedEarlier) {
                    let sooner = remedied(&request, remedy.kind, remedy.size - 1);
                    prop_assert!(!is_enough(&book.promise(&sooner).unwrap()), "{request:?} {remedy:?}");
                }
            }
            if answer.holds || !answer.complete {
                continue;
            }
            // Every node with every share of units below the remedy's, or of what is wanted where there is none.
            let named = answer.remedies.iter().find(|remedy| remedy.kind == RemedyKind::Units);
            let wanted = request.lines.iter().map(|line| line.quantity.units()).sum();
            let most = named.map_or(wanted, |remedy| remedy.size - 1);
            for node in world.nodes() {
                for share in shares(&request, most) {
                    let stock = |(line, units): (&RequestLine, &i64)| Change::Stock {
                        sku: line.sku.clone(),
                        node: node.clone(),
                        units: *units,
                    };
                    let changes: Vec<_> = request.lines.iter().zip(&share).map(stock).collect();
                    let Ok(offer) = book.promise_if(&request, &changes) else { continue };
                    prop_assert!(!is_enough(&offer), "{request:?} {share:?} at {node} are enough: {answer:?}");
                }
            }
        }
        prop_assert_eq!(book.digest(), digest);
    }
}

/// Every order line of a history that is open at a moment, by order and line.
pub(crate) fn open_lines(book: &Book, events: &[Event], now: Time) -> BTreeMap<(Name, Name), LineClaim> {
    let mut orders: Vec<&Name> =
        events.iter().flat_map(|event| [&event.subject, &event.to_subject]).flatten().collect();
    orders.sort();
    orders.dedup();
    let mut open = BTreeMap::new();
    for order in orders {
        for claim in book.claims(Ledger::Order, order, now) {
            if claim.status == ClaimStatus::Open && claim.open > 0 && claim.node.is_some() {
                open.insert((order.clone(), claim.line.clone()), claim);
            }
        }
    }
    open
}

fn reserve(
    book: &mut Book,
    number: u64,
    now: Time,
    subject: &Name,
    line: Line,
) -> Result<onhand::Outcome, onhand::Refusal> {
    let mut command = Event::new(name("dealer"), Id::Number(number), Kind::Reserve, now);
    command.subject = Some(subject.clone());
    command.lines.push(line);
    book.execute(&command)
}

proptest! {
    #![proptest_config(crate::cases_of(128))]

    /// What an order is offered with its claims given back is what it is offered once they are released.
    #[test]
    fn an_order_is_offered_again_what_it_would_get_without_its_claims(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        let open = open_lines(&book, &events, now(&world));
        let orders: Vec<Name> = open.keys().map(|(order, _)| order.clone()).collect();
        for _ in 0..4 {
            if orders.is_empty() {
                break;
            }
            let order = dice.pick(&orders).clone();
            let request = Request { now: now(&world), ..request(&world, &mut dice) };
            let mut released = book.clone();
            let mut release = Event::new(name("dealer"), Id::Number(1), Kind::Release, request.now);
            release.subject = Some(order.clone());
            released.evolve(&release).unwrap();
            match (book.promise_again(&request, &order), released.promise(&request)) {
                (Ok(again), Ok(anew)) => prop_assert_eq!(said(&again), said(&anew), "{:?} {:?}", order, request),
                (again, anew) => prop_assert_eq!(again, anew),
            }
        }
    }

    /// Pages of open promises have every open claim once, whatever their size, and what they do not cover is what the claims lose.
    #[test]
    fn open_promises_are_all_open_claims_and_what_they_lose(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), most in 1usize..5,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let now = now(&world);
        let all = book.open_promises(None, 10_000, now).unwrap();
        prop_assert!(all.next.is_none());
        let open = open_lines(&book, &events, now);
        prop_assert_eq!(all.promises.len(), open.len());
        for (promise, ((order, line), claim)) in all.promises.iter().zip(&open) {
            prop_assert_eq!((&promise.subject, &promise.line, promise.units), (order, line, claim.open));
            prop_assert_eq!((&promise.sku, Some(&promise.node), &promise.supply), (&claim.sku, claim.node.as_ref(), &claim.supply));
            let losing = book.losing_claims(promise.sku.as_str(), promise.node.as_str(), now);
            let lost: i64 = losing
                .iter()
                .filter(|one| one.ledger == Ledger::Order && (&one.subject, &one.line) == (order, line))
                .map(|one| one.units)
                .sum();
            // Who loses of others' goods is not listed.
            let lost = if claim.owner.is_some() { promise.units - promise.covered } else { lost };
            prop_assert_eq!(promise.covered, promise.units - lost);
            prop_assert_eq!(promise.ready.is_some(), lost == 0);
        }
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let key = after.as_ref().map(|(order, line): &(Name, Name)| (order.as_str(), line.as_str()));
            let page = book.open_promises(key, most, now).unwrap();
            prop_assert!(page.promises.len() <= most);
            paged.extend(page.promises);
            match page.next {
                Some(next) => after = Some((next.subject, next.line)),
                None => break,
            }
        }
        prop_assert_eq!(paged, all.promises);
    }

    /// What is dealt out keeps to the strategies, wastes nothing, and can be done: who loses first, then who gains.
    #[test]
    fn what_is_dealt_out_can_be_done(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64,
    ) {
        let (world, events, mut book) = book_of(seed, &words);
        let now = now(&world);
        let mut dice = Dice::new(asked);
        let open = open_lines(&book, &events, now);
        let shelves: Vec<(Name, Name)> = open.values().map(|one| (one.sku.clone(), one.node.clone().unwrap())).collect();
        if shelves.is_empty() {
            return Ok(());
        }
        let (sku, node) = dice.pick(&shelves).clone();
        let mut wants: Vec<Want> = Vec::new();
        for ((order, line), claim) in &open {
            // Others' goods are dealt out by nobody here.
            let is_here = (&claim.sku, claim.node.as_ref()) == (&sku, Some(&node)) && claim.owner.is_none();
            if is_here && dice.percent(80) {
                let (subject, line) = (order.clone(), line.clone());
                let strategy = *dice.pick(Strategy::ALL);
                let wanted = (claim.open + dice.below(7) as i64 - 3).clamp(0, Quantity::MAX.units());
                let needed_by = dice.percent(40).then(|| now.millis() + dice.below(4) as i64 * 1_000);
                wants.push(Want { subject, line, strategy, wanted, needed_by });
            }
        }
        if dice.percent(50) {
            let (subject, line) = (name("new-order"), name("1"));
            wants.push(Want { subject, line, strategy: Strategy::Redistribute, wanted: 3, needed_by: None });
        }
        let dealt = book.redistribute(sku.as_str(), node.as_str(), now, &wants).unwrap();
        prop_assert_eq!(dealt.len(), wants.len());
        let units = |one: &Dealt| one.gets.iter().map(|got| got.units).sum::<i64>();
        for (one, want) in dealt.iter().zip(&wants) {
            let claim = open.get(&(want.subject.clone(), want.line.clone()));
            prop_assert_eq!(one.held, claim.map_or(0, |claim| claim.open));
            prop_assert!(units(one) <= want.wanted && one.gets.iter().all(|got| got.units > 0));
            prop_assert!(one.gets.is_sorted_by_key(|got| (got.supply.is_some(), got.ready)));
            let in_time = |got: &onhand::promise::Got| want.needed_by.is_none_or(|by| got.ready <= by);
            let exception = match want.strategy {
                Strategy::Win => units(one) < want.wanted,
                Strategy::Gain => units(one) < one.held.min(want.wanted),
                _ => false,
            };
            prop_assert_eq!(one.exception, exception, "{:?}", one);
            match want.strategy {
                Strategy::Gain => {}
                Strategy::Lose => prop_assert!(one.gets.is_empty()),
                Strategy::Fill => prop_assert!(units(one) <= one.held && one.gets.iter().all(in_time)),
                _ => prop_assert!(one.gets.iter().all(in_time)),
            }
        }
        // Who loses gives units back first.
        let mut number = 0;
        let mut tell = |book: &mut Book, kind: Kind, want: &Want, units: i64| {
            number += 1;
            let mut command = Event::new(name("dealer"), Id::Number(number), kind, now);
            command.subject = Some(want.subject.clone());
            let mut line = Line::new(sku.clone(), units).unwrap();
            (line.line, line.node) = (Some(want.line.clone()), Some(node.clone()));
            command.lines.push(line);
            book.execute(&command)
        };
        let own = |one: &Dealt, claim: &LineClaim| {
            one.gets.iter().filter(|got| got.supply == claim.supply).map(|got| got.units).sum::<i64>()
        };
        for gains in [false, true] {
            for (one, want) in dealt.iter().zip(&wants) {
                let Some(claim) = open.get(&(want.subject.clone(), want.line.clone())) else { continue };
                let stays = own(one, claim);
                let answer = match stays.cmp(&claim.open) {
                    std::cmp::Ordering::Less if !gains && stays == 0 => tell(&mut book, Kind::Release, want, claim.open),
                    std::cmp::Ordering::Less if !gains => tell(&mut book, Kind::Resize, want, stays),
                    std::cmp::Ordering::Greater if gains => tell(&mut book, Kind::Resize, want, stays),
                    _ => continue,
                };
                prop_assert!(answer.is_ok(), "{one:?} of {claim:?}: {answer:?}, {dealt:?}");
            }
        }
        let mut more = 1_000;
        for (one, want) in dealt.iter().zip(&wants) {
            let claim = open.get(&(want.subject.clone(), want.line.clone()));
            for got in one.gets.iter().filter(|got| claim.is_none_or(|claim| claim.supply != got.supply)) {
                more += 1;
                let mut line = Line::new(sku.clone(), got.units).unwrap();
                line.line = Some(name(format!("dealt-{more}")));
                (line.node, line.supply) = (Some(node.clone()), got.supply.clone());
                let answer = reserve(&mut book, more, now, &want.subject, line);
                prop_assert!(answer.is_ok(), "{got:?} of {one:?}: {answer:?}, {dealt:?}");
            }
        }
        // Nothing is left that somebody wants in time and may gain.
        let shelf = book.availability(sku.as_str(), node.as_str(), now).unwrap();
        let free = shelf.sellable - shelf.withheld - shelf.claimed - shelf.protected + shelf.backorder_limit;
        for (one, want) in dealt.iter().zip(&wants) {
            let may_gain = matches!(want.strategy, Strategy::Win | Strategy::Gain | Strategy::Redistribute);
            let is_short = may_gain && units(one) < want.wanted && want.needed_by.is_none_or(|by| by >= now.millis());
            prop_assert!(!is_short || free <= 0, "{free} are free and {one:?} wants {want:?}");
        }
    }

    /// An offer is accepted whole, once; asked again it is a replay; and where it is refused the book is as it was, with an offer
    /// that would be made now.
    #[test]
    fn an_offer_is_accepted_whole_or_refused_with_a_fresh_one(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, mut book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        let carts: Vec<(Request, Offer)> = (0..6)
            .filter_map(|_| {
                let request = Request { now: now(&world), ..request(&world, &mut dice) };
                book.promise(&request).ok().map(|offer| (request, offer))
            })
            .collect();
        for (number, (request, offer)) in (1..).zip(&carts) {
            let mut command = Event::new(name("asker"), Id::Number(number), Kind::Reserve, request.now);
            command.subject = Some(name(format!("cart-{number}")));
            let digest = book.digest();
            match book.accept(&command, request, offer) {
                Ok(outcome) => {
                    prop_assert!(!outcome.replayed);
                    let claims = book.claims(Ledger::Order, command.subject.as_ref().unwrap(), request.now);
                    let offered: i64 = offer.shipments.iter().flat_map(|one| &one.lines).map(|line| line.quantity).sum();
                    prop_assert_eq!(claims.iter().map(|claim| claim.open).sum::<i64>(), offered);
                    prop_assert_eq!(claims.len(), offer.shipments.iter().map(|one| one.lines.len()).sum::<usize>());
                    prop_assert!(book.accept(&command, request, offer).unwrap().replayed);
                }
                Err(AcceptRefused::NothingOffered) => prop_assert!(offer.shipments.is_empty()),
                Err(AcceptRefused::Refused { fresh, .. }) => {
                    prop_assert_eq!(book.digest(), digest);
                    prop_assert_eq!(fresh.map(|fresh| *fresh), book.promise(request).ok());
                }
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
