//! Promises under rulebooks: the same as without one where it says nothing, and what more of anything may not make worse.

use onhand::promise::{
    AllocationRow, Change, ErrorModel, ErrorTerms, Explain, Goal, Measure, Objective, Offer, Rejection,
    Request, RequestRefused, Risk, Room, Rule, Rulebook, SafetyRow, Scope, Term, VerdictRow, Wish, With,
};
use onhand::{Book, Event, Id, Kind, Line, Money, Name, Quantity, Terms, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::promise::{history, post, request};

fn units(units: usize) -> Quantity {
    Quantity::new(units as i64).unwrap()
}

fn money(minor: usize) -> Money {
    Money::new(minor as i64).unwrap()
}

fn moment(world: &World, dice: &mut Dice) -> Time {
    Time::new(world.now() - 3_000 + dice.below(9_000) as i64).unwrap()
}

/// What is wrong with a rulebook is said with its place in it: by its keys while it is read, and by rule and row when it is checked.
#[test]
fn what_is_wrong_with_a_rulebook_names_its_place() {
    let read = |text: &str| Rulebook::from_json(text).map(|rulebook| rulebook.check());
    let rules = |second: &str| {
        format!(r#"{{"rules":[{{"name":"fine","then":{{"only":{{}}}}}},{{"name":"x",{second}}}]}}"#)
    };
    for (text, path) in [
        (r#"{"weather":1}"#.to_owned(), "weather"),
        (r#"{"priority":[["a"],["b",7]]}"#.to_owned(), "priority[1][1]"),
        (
            r#"{"objective":{"goals":[{"measure":"cost"},{"measure":"beauty"}]}}"#.to_owned(),
            "objective.goals[1].measure",
        ),
        (r#"{"timetable":{"clocks":[{"name":"a"}]}}"#.to_owned(), "timetable.clocks[0].table"),
        (
            r#"{"timetable":{"clocks":[{"name":"a","table":{"rows":[[0,0],[1]]}}]}}"#.to_owned(),
            "timetable.clocks[0].table.rows[1]",
        ),
        (rules(r#""soft":true"#), "rules[1].then"),
        (rules(r#""when":{"nodes":["a",""]},"then":{"only":{}}"#), "rules[1].when.nodes[1]"),
        (rules(r#""then":{"teleport":{}}"#), "rules[1].then.teleport"),
        (rules(r#""then":{"distance":7}"#), "rules[1].then.distance"),
        (rules(r#""then":{"distance":{"max_km":1}}"#), "rules[1].then.distance.max_m"),
        (rules(r#""then":{"capacity":{"rows":[{"node":"a"},{}]}}"#), "rules[1].then.capacity.rows[1].node"),
    ] {
        let wrong = read(&text).unwrap_err();
        assert_eq!(wrong.path(), path, "{wrong}");
        assert!(wrong.to_string().starts_with(&format!("`{path}`: ")), "{wrong}");
    }
    assert_eq!(read("[").unwrap_err().path(), "");
    for (text, place) in [
        (r#"{"sites":[{"name":"a","latitude":0,"longitude":0},{"name":"b","latitude":0,"longitude":180000001}]}"#.to_owned(), "sites[1]"),
        (rules(r#""then":{"distance":{"max_m":-1}}"#), "rules[1].then.distance.max_m"),
        (rules(r#""then":{"max_shipments":{"most":0}}"#), "rules[1].then.max_shipments.most"),
        (rules(r#""then":{"max_per_line":{"most":0}}"#), "rules[1].then.max_per_line.most"),
        (rules(r#""then":{"least_value":{"value":-1}}"#), "rules[1].then.least_value.value"),
        (rules(r#""then":{"least_value":{"rows":[{"sku":"a"},{"sku":"b","value":-1}]}}"#), "rules[1].then.least_value.rows[1]"),
        (rules(r#""then":{"capacity":{"rows":[{"node":"a"},{"node":"b","lines":-1}]}}"#), "rules[1].then.capacity.rows[1]"),
        (rules(r#""then":{"stand_in":{"rows":[{"sku":"a","parts":[{"sku":"a","units":1}]}]}}"#), "rules[1].then.stand_in.rows[0]"),
        (rules(r#""then":{"safety":{"rows":[{"on_line":0,"routing":0},{"on_line":-1,"routing":0}]}}"#), "rules[1].then.safety.rows[1]"),
        (
            rules(r#""then":{"allocation":{"rows":[{"channel":"shop","units":1},{"channel":"shop","units":-1}]}}"#),
            "rules[1].then.allocation.rows[1]",
        ),
    ] {
        let Ok(Err(RequestRefused::OutOfRange { field })) = read(&text) else { panic!("{text} is read") };
        assert_eq!(field, place);
    }
}

/// A few hard rules of many kinds about things that the world has.
pub(crate) fn rulebook(world: &World, dice: &mut Dice) -> Rulebook {
    let mut rules = Vec::new();
    for at in 0..1 + dice.below(4) {
        let (node, sku) = (dice.pick(world.nodes()).clone(), dice.pick(world.skus()).clone());
        let then = match dice.below(15) {
            0 => Term::Exclude {},
            1 => Term::Only {},
            2 => Term::Hold { to: moment(world, dice) },
            3 => Term::Launch { at: moment(world, dice), pre_order: dice.percent(60) },
            4 => Term::Safety {
                rows: vec![SafetyRow {
                    sku: dice.percent(50).then(|| sku.clone()),
                    node: dice.percent(50).then(|| node.clone()),
                    method: dice.percent(30).then(|| name("van")),
                    on_line: units(dice.below(4)),
                    routing: units(dice.below(4)),
                }],
            },
            5 => Term::Allocation {
                ranked: dice.percent(50),
                rows: vec![AllocationRow {
                    channel: name("shop"),
                    sku: None,
                    node: dice.percent(50).then(|| node.clone()),
                    units: units(dice.below(6)),
                    used: units(dice.below(3)),
                    priority: 1,
                    until: dice.percent(50).then(|| moment(world, dice)),
                }],
            },
            6 => Term::Capacity {
                rows: vec![Room {
                    node: node.clone(),
                    from: None,
                    until: dice.percent(50).then(|| moment(world, dice)),
                    orders: dice.percent(20).then(|| units(dice.below(2))),
                    lines: dice.percent(30).then(|| units(dice.below(3))),
                    units: dice.percent(60).then(|| units(dice.below(8))),
                }],
            },
            7 => Term::CoolDown {
                rows: vec![Rejection { node: node.clone(), sku: None, at: moment(world, dice) }],
                count: 1,
                for_ms: 2_000,
            },
            8 => Term::Minimum { units: units(dice.below(4)) },
            9 => Term::MaxPerLine { most: 1 + dice.below(2) as u32 },
            10 => Term::LeastUnits { units: units(dice.below(4)) },
            11 => Term::Price { unit: money(dice.below(3)), parcel: money(dice.below(4)) },
            12 => Term::Lateness { due: moment(world, dice), unit: money(1), step_ms: 1_000 },
            13 => Term::Backorder { depth: units(dice.below(4)), lead_ms: 2_000 },
            _ => Term::Verdict {
                rows: vec![VerdictRow {
                    node: node.clone(),
                    sku: dice.percent(50).then(|| sku.clone()),
                    refuse: dice.percent(50).then_some(9),
                    unit: money(dice.below(5)),
                }],
            },
        };
        let when = Scope {
            nodes: if dice.percent(50) { vec![node] } else { Vec::new() },
            skus: if dice.percent(30) { vec![sku] } else { Vec::new() },
            ..Scope::default()
        };
        rules.push(Rule { when, ..Rule::new(name(format!("rule-{at}")), then) });
    }
    Rulebook { rules, ..Rulebook::default() }
}

fn missing(offer: &Offer) -> i64 {
    offer.unmet.iter().map(|unmet| unmet.quantity).sum()
}

/// A day later, or as many times as much: what makes of an event, request and rulebook those of another history.
struct Moved {
    by_ms: i64,
    times: i64,
}

impl Moved {
    fn time(&self, time: Time) -> Time {
        Time::new(time.millis() + self.by_ms).unwrap()
    }

    fn units(&self, units: Quantity) -> Quantity {
        Quantity::new(units.units() * self.times).unwrap()
    }

    fn money(&self, money: Money) -> Money {
        Money::new(money.minor() * self.times).unwrap()
    }

    fn event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        let shifted = |time: Option<Time>| time.map(|time| self.time(time));
        event.occurred = self.time(event.occurred);
        (event.expires, event.due) = (shifted(event.expires), shifted(event.due));
        for line in &mut event.lines {
            line.quantity = self.units(line.quantity);
            line.granted = line.granted.map(|granted| self.units(granted));
            line.bound = line.bound.map(|bound| self.units(bound));
        }
        match event.terms.as_deref_mut() {
            Some(Terms::Item(item)) => item.backorder_limit = self.units(item.backorder_limit),
            Some(Terms::Protection(protection)) => protection.quantity = self.units(protection.quantity),
            Some(Terms::Lot(lot)) => lot.expires = shifted(lot.expires),
            // A parcel costs as many times as much, so that the same plans are the cheapest.
            Some(Terms::Lane(lane)) => lane.parcel_cost = self.money(lane.parcel_cost),
            _ => {}
        }
        event
    }

    fn request(&self, request: &Request) -> Request {
        let mut request = request.clone();
        request.now = self.time(request.now);
        request.needed_by = request.needed_by.map(|by| self.time(by));
        for line in &mut request.lines {
            line.quantity = self.units(line.quantity);
        }
        request
    }

    fn rulebook(&self, rulebook: &Rulebook) -> Rulebook {
        let mut rulebook = rulebook.clone();
        let shifted = |time: &mut Option<Time>| *time = time.map(|time| self.time(time));
        for rule in &mut rulebook.rules {
            match &mut rule.then {
                Term::Hold { to: at } | Term::Launch { at, .. } | Term::Lateness { due: at, .. } => {
                    *at = self.time(*at)
                }
                Term::Safety { rows } => rows.iter_mut().for_each(|row| {
                    (row.on_line, row.routing) = (self.units(row.on_line), self.units(row.routing));
                }),
                Term::Allocation { rows, .. } => rows.iter_mut().for_each(|row| {
                    (row.units, row.used) = (self.units(row.units), self.units(row.used));
                    shifted(&mut row.until);
                }),
                Term::Capacity { rows } => rows.iter_mut().for_each(|row| {
                    row.units = row.units.map(|units| self.units(units));
                    shifted(&mut row.from);
                    shifted(&mut row.until);
                }),
                Term::CoolDown { rows, .. } => rows.iter_mut().for_each(|row| row.at = self.time(row.at)),
                Term::Minimum { units }
                | Term::LeastUnits { units }
                | Term::Backorder { depth: units, .. } => {
                    *units = self.units(*units);
                }
                Term::Price { parcel, .. } => *parcel = self.money(*parcel),
                _ => {}
            }
        }
        rulebook
    }

    /// The offer as it would be if only it had moved.
    fn offer(&self, mut offer: Offer) -> Offer {
        for shipment in &mut offer.shipments {
            shipment.release_by += self.by_ms;
            shipment.arrive_by += self.by_ms;
        }
        for unmet in &mut offer.unmet {
            unmet.earliest = unmet.earliest.map(|earliest| earliest + self.by_ms);
        }
        for passed in &mut offer.passed {
            if matches!(passed.check.code(), "too_late" | "cooling_down" | "not_launched") {
                passed.number += self.by_ms;
            }
        }
        offer
    }
}

/// More units of an item at a node.
fn receipt(node: &Name, sku: &Name, quantity: i64, now: Time) -> Event {
    let mut receipt = Event::new(name("more"), Id::Number(1), Kind::Receipt, now);
    receipt.node = Some(node.clone());
    receipt.lines.push(Line::new(sku.clone(), quantity).unwrap());
    receipt
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// A rulebook that says nothing changes nothing: two ways to gather what nodes have agree on every number.
    #[test]
    fn an_empty_rulebook_changes_no_offer(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let request = request(&world, &mut dice);
            prop_assert_eq!(book.promise_under(&Rulebook::default(), &request), book.promise(&request), "{:?}", request);
        }
    }

    /// So it is by every other door: on a changed view, for an order with claims, with what may go wrong, for where to look first and
    /// for what would have helped.
    #[test]
    fn an_empty_rulebook_changes_no_other_answer(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        let empty = Rulebook::default();
        for _ in 0..4 {
            let mut request = request(&world, &mut dice);
            let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
            let due = moment(&world, &mut dice).millis();
            let changes = [
                Change::Stock { sku: sku.clone(), node: node.clone(), units: dice.below(9) as i64 - 4 },
                Change::Supply { sku: sku.clone(), node: node.clone(), units: 1 + dice.below(4) as i64, due },
                Change::OnLine { node: node.clone(), on_line: dice.percent(50) },
                Change::Unprotected { sku, node },
            ];
            let changes = &changes[..1 + dice.below(4)];
            let error = ErrorModel { wrong_ppm: 100_000 * (1 + dice.below(8) as i64), mean_milli: 3_000 };
            let errors = vec![ErrorTerms { sku: None, node: None, error }];
            let risk = Risk { errors, failure_cost: dice.below(50) as i64, weigh: dice.percent(60), ..Risk::default() };
            let orders = events.iter().filter(|event| event.kind == Kind::Reserve).filter_map(|event| event.subject.clone());
            let orders: Vec<Name> = orders.collect();
            let under = |with: With<'_>| book.promise_under_with(&empty, &request, &with);
            let offer = |with: With<'_>| under(with).map(|sure| sure.offer);
            prop_assert_eq!(offer(With { changes, ..With::default() }), book.promise_if(&request, changes), "{:?} {:?}", request, changes);
            prop_assert_eq!(under(With { risk: Some(&risk), ..With::default() }), book.promise_surely(&request, &risk), "{:?} {:?}", request, risk);
            if !orders.is_empty() {
                let order = dice.pick(&orders);
                let again = offer(With { order: Some(order), ..With::default() });
                prop_assert_eq!(again, book.promise_again(&request, order), "{:?} {}", request, order);
            }
            request.lines.truncate(1);
            let tries = book.tries_under(&empty, &request, &risk);
            prop_assert_eq!(tries, book.tries(&request, &risk), "{:?} {:?}", request, risk);
            let plain = book.counterfactual(&request, Wish::Whole, 100_000);
            let other = book.counterfactual_under(&empty, &request, Wish::Whole, 100_000);
            prop_assert_eq!(plain, other, "{:?}", request);
        }
    }

    /// Supply that comes earlier makes no answer worse, dearer nor shorter, where an item has one supply at most and units alone decide:
    /// parcels cost nothing, and rules ask for nothing that a moment decides (a hold, a launch, room in a span of time, what being late
    /// costs, dates of their own) nor for limits on parcels and parts. Each moment ships its own: `RULE-not-monotone-earlier` has why.
    #[test]
    fn earlier_supply_never_makes_an_answer_worse_where_parcels_are_free(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64, earlier in 1_i64..4_000,
    ) {
        let (world, mut events) = history(seed, &words);
        for event in &mut events {
            if let Some(Terms::Lane(lane)) = event.terms.as_deref_mut() {
                lane.parcel_cost = Money::ZERO;
            }
        }
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (mut rulebook, mut request) = (rulebook(&world, &mut dice), request(&world, &mut dice));
            rulebook.rules.retain(|rule| matches!(rule.then,
                Term::Exclude {} | Term::Only {} | Term::Safety { .. } | Term::Minimum { .. } | Term::Verdict { .. } | Term::Backorder { .. }));
            request.policy.ship_complete = false;
            request.policy.line_split = true;
            request.policy.nodes_max = None;
            request.explain = Explain::None;
            let (sku, node) = (dice.pick(world.skus()), dice.pick(world.nodes()));
            let Some(first) = book.dated_supply(sku.as_str(), node.as_str()).into_iter().next() else { continue };
            let due = (first.due - earlier).max(0);
            let moved = Change::Moved { supply: first.supply.clone(), sku: sku.clone(), node: node.clone(), due: Some(due) };
            let with = With { changes: std::slice::from_ref(&moved), ..With::default() };
            let (Ok(offer), Ok(other)) = (book.promise_under(&rulebook, &request), book.promise_under_with(&rulebook, &request, &with)) else { continue };
            let other = other.offer;
            if offer.proven && other.proven {
                prop_assert!(other.cost <= offer.cost, "{moved:?} {rulebook:?} {request:?} {offer:?} {other:?}");
                prop_assert!(missing(&other) <= missing(&offer), "{moved:?} {rulebook:?} {request:?} {offer:?} {other:?}");
            }
        }
    }

    /// P14: if everything happens so much later, so does what is promised, under any rules.
    #[test]
    fn promises_move_with_all_dates(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64, days in 1_i64..400) {
        let moved = Moved { by_ms: days * 86_400_000, times: 1 };
        let (world, events) = history(seed, &words);
        let (mut book, mut later) = (Book::new(), Book::new());
        post(&mut book, &events);
        post(&mut later, &events.iter().map(|event| moved.event(event)).collect::<Vec<_>>());
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (rulebook, request) = (rulebook(&world, &mut dice), request(&world, &mut dice));
            let offer = book.promise_under(&rulebook, &request);
            let other = later.promise_under(&moved.rulebook(&rulebook), &moved.request(&request));
            prop_assert_eq!(offer.map(|offer| moved.offer(offer)), other, "{:?} {:?}", rulebook, request);
        }
    }

    /// P15: with as many times as much of everything, parcels as many times as dear, a promise is as many times as large.
    #[test]
    fn promises_grow_with_all_quantities(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64, times in 2_i64..9) {
        let moved = Moved { by_ms: 0, times };
        let (world, events) = history(seed, &words);
        let lines = events.iter().flat_map(|event| &event.lines);
        let largest = lines.map(|line| line.quantity.units().abs()).max().unwrap_or(0);
        prop_assume!(largest * times <= Quantity::MAX.units());
        let (mut book, mut larger) = (Book::new(), Book::new());
        post(&mut book, &events);
        post(&mut larger, &events.iter().map(|event| moved.event(event)).collect::<Vec<_>>());
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (rulebook, request) = (rulebook(&world, &mut dice), request(&world, &mut dice));
            let (Ok(offer), Ok(other)) = (
                book.promise_under(&rulebook, &request),
                larger.promise_under(&moved.rulebook(&rulebook), &moved.request(&request)),
            ) else { continue };
            if offer.proven && other.proven {
                prop_assert_eq!(offer.cost * times, other.cost, "{:?} {:?}", rulebook, request);
                prop_assert_eq!(missing(&offer) * times, missing(&other), "{:?} {:?}", rulebook, request);
            }
        }
    }

    /// P16: more units never make an answer dearer nor shorter, under any hard rules. Soft rules and all-or-nothing are other
    /// policies: the cases `RULE-not-monotone-…` pin how.
    #[test]
    fn more_units_never_make_an_answer_worse(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64, more in 1_i64..9) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (rulebook, mut request) = (rulebook(&world, &mut dice), request(&world, &mut dice));
            request.policy.ship_complete = false;
            request.explain = Explain::None;
            let (node, sku) = (dice.pick(world.nodes()), dice.pick(world.skus()));
            let mut fuller = book.clone();
            if fuller.evolve(&receipt(node, sku, more, request.now)).is_err() {
                continue;
            }
            let (Ok(offer), Ok(other)) =
                (book.promise_under(&rulebook, &request), fuller.promise_under(&rulebook, &request)) else { continue };
            if offer.proven && other.proven {
                prop_assert!(other.cost <= offer.cost, "{rulebook:?} {request:?} {offer:?} {other:?}");
                prop_assert!(missing(&other) <= missing(&offer), "{rulebook:?} {request:?} {offer:?} {other:?}");
            }
        }
    }

    /// What is offered under rules is granted at its moment.
    #[test]
    fn an_order_under_rules_can_be_accepted(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let (rulebook, request) = (rulebook(&world, &mut dice), request(&world, &mut dice));
            let Ok(offer) = book.promise_under(&rulebook, &request) else { continue };
            let reserve = crate::promise::acceptance(&offer, request.now);
            if !reserve.lines.is_empty() {
                let answer = book.clone().execute(&reserve);
                prop_assert!(answer.is_ok(), "{answer:?} to {offer:?} under {rulebook:?}");
            }
        }
    }
}

/// Numbers at their limits are refused by name or answered, and never a panic.
#[test]
fn extreme_numbers_never_panic() {
    let (world, events) = history(7, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let mut book = Book::new();
    post(&mut book, &events);
    let mut dice = Dice::new(3);
    let largest = Quantity::MAX;
    let terms = [
        Term::Price { unit: Money::MAX, parcel: Money::MAX },
        Term::Price { unit: Money::new(-Money::MAX.minor()).unwrap(), parcel: Money::ZERO },
        Term::Lateness { due: Time::ZERO, unit: Money::MAX, step_ms: 1 },
        Term::Backorder { depth: largest, lead_ms: 0 },
        Term::Hold { to: Time::MAX },
        Term::Launch { at: Time::MAX, pre_order: true },
        Term::Minimum { units: largest },
        Term::LeastUnits { units: largest },
        Term::MaxPerLine { most: u32::MAX },
        Term::MaxShipments { most: u32::MAX },
        Term::Safety {
            rows: vec![SafetyRow { sku: None, node: None, method: None, on_line: largest, routing: largest }],
        },
    ];
    let measures = Measure::ALL.iter().map(|measure| Goal { measure: *measure, weight: largest });
    let goals = [
        Objective::default(),
        Objective { goals: measures.clone().collect(), weighed: true, band_m: 1 },
        Objective { goals: measures.collect(), weighed: false, band_m: i64::MAX },
    ];
    for then in terms {
        for objective in &goals {
            let rules = vec![Rule::new(name("extreme"), then.clone()).softly()];
            let rulebook = Rulebook { rules, objective: objective.clone(), ..Rulebook::default() };
            for _ in 0..8 {
                let mut request = request(&world, &mut dice);
                let _ = book.promise_under(&rulebook, &request);
                request.lines[0].quantity = largest;
                request.policy.shortfall_cost = 1;
                let _ = book.promise_under(&rulebook, &request);
            }
        }
    }
}
