//! Doors of a rulebook that have to agree: what one of them says of a network holds where the others are asked.

use onhand::calendar::{Calendar, Hours, OffsetTable, Span};
use onhand::kind::Ledger;
use onhand::promise::{
    AcceptRefused, CarrierHours, Change, Check, Destination, ErrorModel, Explain, Goal, Leg, Measure,
    NamedCalendar, NamedClock, NodeHours, Offer, OfferLine, Part, REMEDY_STEPS_DEFAULT, Request, Risk, Rule,
    Rulebook, Scope, Search, Site, StandInRow, Term, Tie, Times, Timetable, Try, Wish, With, WorthRow,
};
use onhand::{Book, Event, Id, Kind, Money, Name, Quantity, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::live::{book_of, change, make, now, open_lines, remedied, risk};
use crate::promise::request;
use crate::rulebook::rulebook;

/// A rulebook with limits on plans as a whole and distances among its rules, in which it matters now and then when something arrives:
/// then a node has several ways.
pub(crate) fn rules(world: &World, dice: &mut Dice) -> Rulebook {
    let mut rulebook = rulebook(world, dice);
    for at in 0..dice.below(3) {
        let sku = dice.pick(world.skus()).clone();
        let then = match dice.below(6) {
            0 => Term::ShipComplete {},
            1 => Term::NoLineSplit {},
            2 => Term::MaxShipments { most: 1 + dice.below(2) as u32 },
            3 => Term::LeastValue {
                value: money(dice, 9),
                rows: vec![WorthRow { sku, value: money(dice, 4) }],
            },
            4 => Term::Distance { max_m: dice.below(400_000) as i64 },
            _ => {
                let error = ErrorModel { wrong_ppm: 300_000, mean_milli: 1_000 + dice.below(3_000) as i64 };
                Term::Buffer { error, cancel_ppm: 20_000 + dice.below(200_000) as i64 }
            }
        };
        let nodes = if dice.percent(50) { vec![dice.pick(world.nodes()).clone()] } else { Vec::new() };
        let when = Scope { nodes, ..Scope::default() };
        rulebook.rules.push(Rule { when, ..Rule::new(name(format!("more-{at}")), then) });
    }
    for place in world.nodes().iter().chain([&name("zone-1")]) {
        if dice.percent(90) {
            let (latitude, longitude) = (dice.below(3) as i64 * 1_000_000, dice.below(3) as i64 * 1_000_000);
            rulebook.sites.push(Site { name: place.clone(), latitude, longitude });
        }
    }
    if dice.percent(40) {
        rulebook.ties = vec![Tie::Distance];
    }
    if dice.percent(30) {
        let goal = |measure| Goal { measure, weight: Quantity::new(1).unwrap() };
        rulebook.objective.goals = vec![goal(Measure::Cost), goal(Measure::Arrival)];
    }
    rulebook
}

/// A request for one item, answered by the cheapest plan.
fn of_one_item(world: &World, dice: &mut Dice) -> Request {
    let mut request = Request { now: now(world), ..request(world, dice) };
    request.lines.truncate(1);
    request.policy.search = Search::Exact;
    request
}

fn money(dice: &mut Dice, most: usize) -> Money {
    Money::new(dice.below(most) as i64).unwrap()
}

fn only(rulebook: &Rulebook, node: &Name) -> Rulebook {
    let mut alone = rulebook.clone();
    let when = Scope { nodes: vec![node.clone()], ..Scope::default() };
    alone.rules.push(Rule { when, ..Rule::new(name("alone"), Term::Only {}) });
    alone
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// Under hard rules those nodes are looked at, and no others, that a promise may fill all of the request from alone, at once and from
    /// what is on hand; what shipping costs from there is what that promise costs.
    #[test]
    fn what_is_tried_is_what_is_promised_from_there_alone(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (rulebook, request) = (rules(&world, &mut dice), of_one_item(&world, &mut dice));
            let risk = risk(&world, &book, &mut dice);
            let Ok(tries) = book.tries_under(&rulebook, &request, &risk) else { continue };
            let listed = |node: &Name| {
                let found: Vec<&Try> = tries.tries.iter().chain(&tries.left_out).filter(|one| one.node == *node).collect();
                assert!(found.len() < 2, "{node} is listed twice: {tries:?}");
                found.first().map(|one| one.ship_cost)
            };
            prop_assert!(tries.relaxed.is_empty());
            for node in world.nodes() {
                let offer = book.promise_under(&only(&rulebook, node), &request).unwrap();
                let on_hand = |line: &OfferLine| line.supply.is_none() && !line.backorder && line.asked.is_none();
                let from_hand = offer.shipments.iter().all(|one| one.lines.iter().all(on_hand));
                let at_once = offer.unmet.is_empty() && offer.shipments.len() == 1 && from_hand;
                let ship_cost = listed(node);
                prop_assert!(ship_cost.is_none() || offer.unmet.is_empty(), "{rulebook:?} {request:?} {node} {tries:?} {offer:?}");
                if at_once {
                    prop_assert_eq!(ship_cost, Some(offer.cost), "{:?} {:?} {} {:?}", rulebook, request, node, tries);
                    let plain = Risk { weigh: false, ..risk.clone() };
                    let with = With { risk: Some(&plain), ..With::default() };
                    let sure = book.promise_under_with(&only(&rulebook, node), &request, &with).unwrap();
                    let line = &sure.certainty.shipments[0].lines[0];
                    let one = tries.tries.iter().chain(&tries.left_out).find(|one| one.node == *node).unwrap();
                    prop_assert_eq!((one.ppm, one.record, one.claimed), (line.ppm, line.record, line.claimed));
                }
            }
        }
    }

    /// Soft rules are relaxed where a promise relaxes them: what is tried is what is tried while only the others are rules, all of them hard.
    #[test]
    fn what_is_tried_is_under_the_rules_that_a_promise_keeps(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (mut rulebook, request) = (rules(&world, &mut dice), of_one_item(&world, &mut dice));
            rulebook.rules.iter_mut().for_each(|rule| rule.soft = dice.percent(60));
            let risk = risk(&world, &book, &mut dice);
            let (Ok(mut tries), Ok(offer)) = (book.tries_under(&rulebook, &request, &risk), book.promise_under(&rulebook, &request)) else { continue };
            prop_assert_eq!(std::mem::take(&mut tries.relaxed), offer.relaxed.clone(), "{:?} {:?}", rulebook, request);
            rulebook.rules.retain(|rule| offer.relaxed.iter().all(|relaxed| relaxed.rule != rule.name));
            rulebook.rules.iter_mut().for_each(|rule| rule.soft = false);
            prop_assert_eq!(tries, book.tries_under(&rulebook, &request, &risk).unwrap(), "{:?} {:?}", rulebook, request);
        }
    }
}

/// Hours of some nodes and carriers, on one clock.
fn timetable(world: &World, dice: &mut Dice) -> Timetable {
    let mut timetable = Timetable::default();
    timetable.clocks.push(NamedClock { name: name("utc"), table: OffsetTable::utc() });
    let calendars: Vec<Name> = (0..4).map(|at| name(format!("calendar-{at}"))).collect();
    for calendar in &calendars {
        let week = std::array::from_fn(|_| {
            let mut minutes: Vec<u16> = (0..2 * dice.below(3)).map(|_| dice.below(25) as u16 * 60).collect();
            minutes.sort_unstable();
            let spans = minutes.chunks(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect();
            Hours { spans, cut_off: dice.percent(30).then(|| dice.below(25) as u16 * 60) }
        });
        let calendar =
            NamedCalendar { name: calendar.clone(), calendar: Calendar::new(week, Vec::new()).unwrap() };
        timetable.calendars.push(calendar);
    }
    for node in world.nodes().iter().filter(|_| dice.percent(80)).cloned().collect::<Vec<_>>() {
        let opening = dice.percent(50).then(|| dice.pick(&calendars).clone());
        let picking = dice.pick(&calendars).clone();
        timetable.nodes.push(NodeHours { node, clock: name("utc"), picking, opening });
    }
    for _ in 0..1 + dice.below(5) {
        timetable.carriers.push(CarrierHours {
            method: name(["van", "express"][dice.below(2)]),
            node: dice.percent(50).then(|| dice.pick(world.nodes()).clone()),
            zone: dice.percent(30).then(|| name("zone-1")),
            calls: dice.pick(&calendars).clone(),
            clock: name("utc"),
            deliveries: dice.pick(&calendars).clone(),
            transit_days: dice.below(4) as u32,
        });
    }
    timetable
}

/// What an offer under rules says, apart from which book said it.
fn said(offer: &Offer) -> impl PartialEq + std::fmt::Debug + use<> {
    (crate::live::said(offer), offer.relaxed.clone(), offer.reached.clone())
}

/// A rulebook with soft rules in it and, now and then, something that stands in.
fn soft_rules(world: &World, dice: &mut Dice) -> Rulebook {
    let mut rulebook = rules(world, dice);
    if dice.percent(30) {
        let (sku, other) = (dice.pick(world.skus()).clone(), dice.pick(world.skus()).clone());
        if sku != other {
            let part = Part { sku: other, units: Quantity::new(1 + dice.below(2) as i64).unwrap() };
            let row = StandInRow { sku, parts: vec![part], split: false, unit: Money::ZERO };
            rulebook.rules.push(Rule::new(name("other"), Term::StandIn { rows: vec![row] }));
        }
    }
    rulebook.rules.iter_mut().for_each(|rule| rule.soft = dice.percent(40));
    rulebook
}

fn asked_now(world: &World, dice: &mut Dice) -> Request {
    let channel = dice.percent(40).then(|| name("shop"));
    Request { now: now(world), channel, ..request(world, dice) }
}

/// Changes of which at most one is about supply, and none about what is held back: rules hold back, too.
fn changes(world: &World, book: &Book, dice: &mut Dice) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..dice.below(3) {
        let Some(one) = change(world, book, dice) else { continue };
        let about_supply = |one: &Change| matches!(one, Change::Moved { .. } | Change::Supply { .. });
        let second = about_supply(&one) && changes.iter().any(about_supply);
        if !second && !matches!(one, Change::Unprotected { .. }) {
            changes.push(one);
        }
    }
    changes
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// Under rules, too, asking with changes and for an order is asking a book in which those were made and its claims released; what
    /// may go wrong changes no offer that is not chosen by it.
    #[test]
    fn what_is_supposed_under_rules_is_what_is_once_it_is_so(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        let orders: Vec<Name> = open_lines(&book, &events, now(&world)).into_keys().map(|(order, _)| order).collect();
        for _ in 0..4 {
            let (rulebook, request) = (soft_rules(&world, &mut dice), asked_now(&world, &mut dice));
            let changes = changes(&world, &book, &mut dice);
            // A supply that an order has claims on is another one once they are released.
            let order = (!orders.is_empty() && changes.is_empty()).then(|| dice.pick(&orders));
            let risk = Risk { weigh: false, ..risk(&world, &book, &mut dice) };
            let with = With { changes: &changes, order, risk: Some(&risk) };
            let supposed = book.promise_under_with(&rulebook, &request, &with).map(|sure| sure.offer);
            let mut made = book.clone();
            for (number, change) in (1..).zip(&changes) {
                make(&mut made, &events, change, number, request.now);
            }
            if let Some(order) = order {
                let mut release = Event::new(name("dealer"), Id::Number(1), Kind::Release, request.now);
                release.subject = Some(order.clone());
                made.evolve(&release).unwrap();
            }
            match (supposed, made.promise_under(&rulebook, &request)) {
                (Ok(supposed), Ok(made)) => prop_assert_eq!(said(&supposed), said(&made), "{:?} {:?} {:?}", rulebook, request, with),
                (supposed, made) => prop_assert_eq!(supposed, made),
            }
        }
    }

    /// What is relaxed is relaxed alike by every door, and the rest holds: the answer is that of the rules that were kept, all of them hard.
    #[test]
    fn what_is_kept_of_soft_rules_answers_as_hard_rules_do(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        let orders: Vec<Name> = open_lines(&book, &events, now(&world)).into_keys().map(|(order, _)| order).collect();
        for _ in 0..4 {
            let (rulebook, request) = (soft_rules(&world, &mut dice), asked_now(&world, &mut dice));
            let changes = changes(&world, &book, &mut dice);
            let order = (!orders.is_empty() && dice.percent(50)).then(|| dice.pick(&orders));
            let risk = risk(&world, &book, &mut dice);
            let with = With { changes: &changes, order, risk: Some(&risk) };
            let Ok(mut sure) = book.promise_under_with(&rulebook, &request, &with) else { continue };
            let relaxed = std::mem::take(&mut sure.offer.relaxed);
            let mut kept = rulebook.clone();
            kept.rules.retain(|rule| relaxed.iter().all(|relaxed| relaxed.rule != rule.name));
            kept.rules.iter_mut().for_each(|rule| rule.soft = false);
            let mut hard = book.promise_under_with(&kept, &request, &with).unwrap();
            (sure.offer.steps, hard.offer.steps) = (0, 0);
            prop_assert_eq!(sure, hard, "{:?} {:?} {:?}", rulebook, request, with);
        }
    }

    /// A remedy under rules is enough by the door that asks on a changed view, and costs what it says.
    #[test]
    fn a_remedy_under_rules_is_enough(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..2 {
            let (rulebook, request) = (soft_rules(&world, &mut dice), asked_now(&world, &mut dice));
            let Ok(as_is) = book.promise_under(&rulebook, &request) else { continue };
            let wish = if dice.percent(60) { Wish::Whole } else { Wish::Cheaper(1 + dice.below(4) as i64) };
            let missing = |offer: &Offer| offer.unmet.iter().map(|unmet| unmet.quantity).sum::<i64>();
            let is_enough = |offer: &Offer| match wish {
                Wish::Whole => missing(offer) == 0,
                Wish::Cheaper(by) => offer.cost <= as_is.cost - by,
            };
            let answer = book.counterfactual_under(&rulebook, &request, wish, REMEDY_STEPS_DEFAULT).unwrap();
            prop_assert_eq!((answer.cost, answer.missing, answer.holds), (as_is.cost, missing(&as_is), is_enough(&as_is)),
                "{:?} {:?} {:?}", rulebook, request, as_is);
            for remedy in &answer.remedies {
                let changed = remedied(&request, remedy.kind, remedy.size);
                let with = With { changes: &remedy.changes, ..With::default() };
                let offer = book.promise_under_with(&rulebook, &changed, &with).unwrap().offer;
                prop_assert!(is_enough(&offer), "{rulebook:?} {request:?} {remedy:?} {offer:?}");
                prop_assert_eq!(offer.cost, remedy.cost, "{:?} {:?} {:?}", rulebook, request, remedy);
                prop_assert_eq!(offer.shipments.iter().map(|one| one.arrive_by).max(), remedy.arrive_by);
            }
        }
    }

    /// An offer under rules is accepted whole, once, and where it is refused the fresh offer is what those rules allow now.
    #[test]
    fn an_offer_under_rules_is_accepted_whole_or_refused_with_a_fresh_one(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, _, mut book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        let rulebook = soft_rules(&world, &mut dice);
        let carts: Vec<(Request, Offer)> = (0..5)
            .filter_map(|_| {
                let request = asked_now(&world, &mut dice);
                book.promise_under(&rulebook, &request).ok().map(|offer| (request, offer))
            })
            .collect();
        for (number, (request, offer)) in (1..).zip(&carts) {
            let mut command = Event::new(name("asker"), Id::Number(number), Kind::Reserve, request.now);
            command.subject = Some(name(format!("cart-{number}")));
            let (digest, now) = (book.digest(), book.promise_under(&rulebook, request).unwrap());
            match book.accept_under(&rulebook, &command, request, offer) {
                Ok(outcome) => {
                    prop_assert!(!outcome.replayed);
                    let claims = book.claims(Ledger::Order, command.subject.as_ref().unwrap(), request.now);
                    let lines = offer.shipments.iter().flat_map(|one| &one.lines);
                    let offered: i64 = lines.map(|line| line.quantity).sum();
                    prop_assert_eq!(claims.iter().map(|claim| claim.open).sum::<i64>(), offered, "{:?} {:?}", rulebook, offer);
                    prop_assert!(book.accept_under(&rulebook, &command, request, offer).unwrap().replayed);
                }
                Err(AcceptRefused::NothingOffered) => prop_assert!(offer.shipments.is_empty()),
                Err(AcceptRefused::Refused { fresh: Some(fresh), .. } | AcceptRefused::Changed { fresh }) => {
                    prop_assert_eq!(book.digest(), digest);
                    prop_assert!(&now != offer, "{rulebook:?} {request:?} {offer:?}");
                    prop_assert_eq!(*fresh, now);
                }
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
    }

    /// What may be shown of an item at a node is what a promise hands over there from what is on hand, where rules keep as much of both.
    #[test]
    fn what_is_shown_is_what_is_promised(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let mut rulebook = rules(&world, &mut dice);
            rulebook.rules.retain(|rule| matches!(rule.then, Term::Safety { .. } | Term::Allocation { .. } | Term::Buffer { .. }));
            for rule in &mut rulebook.rules {
                if let Term::Safety { rows } = &mut rule.then {
                    rows.iter_mut().for_each(|row| row.on_line = row.routing);
                }
            }
            let channel = dice.percent(40).then(|| name("shop"));
            for (sku, node) in world.skus().iter().flat_map(|sku| world.nodes().iter().map(move |node| (sku, node))) {
                let mut request = Request::new(Destination::PickUp(node.clone()), now(&world)).line(sku.clone(), 100_000).unwrap();
                (request.channel, request.explain) = (channel.clone(), Explain::Full);
                let Ok(offer) = book.promise_under(&rulebook, &request) else { continue };
                let lines = offer.shipments.iter().flat_map(|one| &one.lines);
                let units: i64 = lines.filter(|line| line.supply.is_none()).map(|line| line.quantity).sum();
                let shown = book.shown(&rulebook, sku.as_str(), node.as_str(), channel.as_ref(), request.now).unwrap();
                let closed = offer.passed.iter().any(|passed| matches!(passed.check, Check::OffLine | Check::NotCapable));
                // Where it is enough, supply may come first.
                let enough = offer.unmet.is_empty();
                prop_assert!(closed || enough || shown == Some(units), "{shown:?} {rulebook:?} {request:?} {offer:?}");
            }
        }
    }

    /// A promise by hours leaves and arrives when `earliest` says, fails the check that it says, and names the moment that `latest` says:
    /// up to it an order comes on that day, and after it no more.
    #[test]
    fn a_promise_keeps_the_hours_of_the_timetable(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, _, book) = book_of(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let rulebook = Rulebook { timetable: timetable(&world, &mut dice), ..Rulebook::default() };
            let request = Request { needed_by: None, ..of_one_item(&world, &mut dice) };
            let zone = match &request.to {
                Destination::Zone(zone) => Some(zone),
                Destination::PickUp(_) => None,
            };
            // What is delivered comes at the end of its day, which is another day's first moment where that is midnight.
            let day = |millis: i64| if zone.is_some() { millis } else { millis.div_euclid(86_400_000) };
            for (node, method) in world.nodes().iter().flat_map(|node| ["van", "express"].map(|method| (node, method))) {
                let mut request = Request { explain: Explain::Full, ..request.clone() };
                request.methods = zone.map(|_| name(method)).into_iter().collect();
                let Ok(offer) = book.promise_under(&only(&rulebook, node), &request) else { continue };
                let leg = Leg { node: node.as_str(), zone, method: zone.map(|_| method) };
                let earliest = |now| book.earliest(&rulebook, leg, now).unwrap();
                for shipment in offer.shipments.iter().filter(|one| one.lines.iter().all(|line| line.supply.is_none())) {
                    let Some(times) = earliest(request.now) else {
                        prop_assert_eq!(shipment.order_by, None);
                        continue;
                    };
                    prop_assert_eq!(times, Ok(Times { release_by: shipment.release_by, arrive_by: shipment.arrive_by }), "{:?} {:?}", rulebook, leg);
                    let arrive_by = Time::new(shipment.arrive_by).unwrap();
                    let latest = match zone {
                        Some(_) => book.latest_by(&rulebook, leg, arrive_by),
                        None => book.latest(&rulebook, leg, arrive_by),
                    };
                    let latest = latest.unwrap();
                    prop_assert_eq!(latest, shipment.order_by, "{:?} {:?} {:?}", rulebook, leg, shipment);
                    let Some(order_by) = latest else { continue };
                    let comes = |now: i64| earliest(Time::new(now).unwrap()).and_then(Result::ok).map(|times| day(times.arrive_by));
                    prop_assert!(order_by >= request.now.millis(), "{rulebook:?} {leg:?} {shipment:?}");
                    prop_assert_eq!(comes(order_by), Some(day(shipment.arrive_by)), "{:?} {:?} {:?}", rulebook, leg, shipment);
                    prop_assert_ne!(comes(order_by + 1), Some(day(shipment.arrive_by)), "{:?} {:?} {:?}", rulebook, leg, shipment);
                }
                let passed = offer.passed.iter().find(|passed| passed.node == *node);
                if let Some(passed) = passed.filter(|passed| matches!(passed.check, Check::NoHours | Check::NoCarrier)) {
                    prop_assert_eq!(earliest(request.now), Some(Err(passed.check)), "{:?} {:?}", rulebook, leg);
                }
            }
        }
    }
}
