//! Promises under rulebooks against brute force: every way to take the units is held against the rules, read as their documentation has
//! them. Small shops, any few rules of nearly every kind, hard and soft.

mod accepted;
mod hours;
mod plans;
mod shop;
mod stand_ins;
mod tries;

use std::collections::BTreeMap;

use onhand::promise::{
    AllocationRow, Change, Destination, ErrorModel, Explain, Goal, Group, Leg, LotRow, Measure, Objective,
    Offer, Rejection, Request, Room, Rule, Rulebook, SafetyRow, Scope, Site, Term, VerdictRow, With,
    WorthRow,
};
use onhand::{Name, Quantity, Time};
use onhand_tests::random::{Dice, name};

use plans::{Asked, Candidate, Plan, Shipped};
use shop::{LOTS, Lane, MINUTE, NODES, NOW, OWN, SKUS, Shop, at, below, moment, money, units};

const CHANNELS: [&str; 3] = ["web", "shop", "app"];
/// What a unit costs that is missing: more than any way to ship it.
const MISSING: i64 = 100_000;

fn some_sku(dice: &mut Dice) -> Option<Name> {
    dice.percent(50).then(|| name(*dice.pick(&SKUS)))
}

fn some_node(dice: &mut Dice) -> Option<Name> {
    dice.percent(60).then(|| name(*dice.pick(&NODES)))
}

/// A few rows of a table.
fn rows<T>(dice: &mut Dice, row: impl Fn(&mut Dice) -> T) -> Vec<T> {
    (0..1 + dice.below(3)).map(|_| row(dice)).collect()
}

fn term(dice: &mut Dice) -> Term {
    match dice.below(24) {
        0 => Term::Exclude {},
        1 => Term::Only {},
        2 => Term::Hold { to: moment(dice) },
        3 => Term::Launch { at: moment(dice), pre_order: dice.percent(60) },
        4 => Term::Safety {
            rows: rows(dice, |dice| SafetyRow {
                sku: some_sku(dice),
                node: some_node(dice),
                method: dice.percent(40).then(|| name(*dice.pick(&["van", "air"]))),
                on_line: Quantity::ZERO,
                routing: units(below(dice, 4)),
            }),
        },
        5 => Term::Allocation {
            ranked: dice.percent(50),
            rows: rows(dice, |dice| AllocationRow {
                channel: name(*dice.pick(&CHANNELS)),
                sku: some_sku(dice),
                node: some_node(dice),
                units: units(below(dice, 5)),
                used: units(below(dice, 3)),
                priority: dice.below(3) as u32,
                until: dice.percent(40).then(|| moment(dice)),
            }),
        },
        6 | 7 => Term::Capacity {
            rows: rows(dice, |dice| Room {
                node: name(*dice.pick(&NODES)),
                from: dice.percent(30).then(|| moment(dice)),
                until: dice.percent(50).then(|| moment(dice)),
                orders: dice.percent(15).then(|| units(below(dice, 2))),
                lines: dice.percent(30).then(|| units(below(dice, 3))),
                units: dice.percent(60).then(|| units(below(dice, 6))),
            }),
        },
        8 => Term::CoolDown {
            rows: rows(dice, |dice| Rejection {
                node: name(*dice.pick(&NODES)),
                sku: some_sku(dice),
                at: moment(dice),
            }),
            count: 1 + below(dice, 2),
            for_ms: 2 * MINUTE,
        },
        9 => Term::Minimum { units: units(below(dice, 4)) },
        10 => Term::MaxPerLine { most: 1 + dice.below(2) as u32 },
        11 => Term::LeastUnits { units: units(below(dice, 4)) },
        12 => Term::Price { unit: money(below(dice, 12) - 4), parcel: money(below(dice, 20)) },
        13 => Term::Lateness { due: moment(dice), unit: money(below(dice, 5)), step_ms: MINUTE * 7 / 10 },
        14 => Term::Backorder { depth: units(below(dice, 4)), lead_ms: below(dice, 4) * MINUTE },
        15 => Term::ShipComplete {},
        16 => Term::NoLineSplit {},
        17 => Term::MaxShipments { most: 1 + dice.below(2) as u32 },
        18 => Term::LeastValue {
            value: money(below(dice, 9)),
            rows: SKUS.map(|sku| WorthRow { sku: name(sku), value: money(below(dice, 4)) }).to_vec(),
        },
        19 => Term::Buffer {
            error: ErrorModel { wrong_ppm: 300_000, mean_milli: 1_000 + below(dice, 2_000) },
            cancel_ppm: 50_000 + below(dice, 100_000),
        },
        20 => Term::Distance { max_m: 300_000 * below(dice, 6) + 150_000 },
        21 | 22 => Term::LotLife {
            least_ms: below(dice, 3) * MINUTE,
            rows: (0..SKUS.len() * LOTS.len())
                .filter(|_| dice.percent(50))
                .map(|at| (SKUS[at / LOTS.len()], LOTS[at % LOTS.len()]))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|(sku, lot)| LotRow { sku: name(sku), lot: name(lot), expires: moment(dice) })
                .collect(),
        },
        _ => Term::Verdict {
            rows: rows(dice, |dice| VerdictRow {
                node: name(*dice.pick(&NODES)),
                sku: some_sku(dice),
                refuse: dice.percent(30).then_some(9),
                unit: money(below(dice, 15) - 5),
            }),
        },
    }
}

fn rulebook(dice: &mut Dice, soft: usize) -> Rulebook {
    let mut rules: Vec<Rule> = Vec::new();
    for number in 0..1 + dice.below(4) {
        let then = term(dice);
        // Of two that say what a unit is worth the last would count.
        let worth = |rule: &Rule| matches!(rule.then, Term::LeastValue { .. });
        if matches!(then, Term::LeastValue { .. }) && rules.iter().any(worth) {
            continue;
        }
        let one = |dice: &mut Dice, share: usize, of: &[&str]| -> Vec<Name> {
            if dice.percent(share) { vec![name(*dice.pick(of))] } else { Vec::new() }
        };
        let when = Scope {
            channels: one(dice, 12, &CHANNELS),
            zones: one(dice, 8, &["north", "south"]),
            pick_up: dice.percent(8).then(|| dice.percent(50)),
            nodes: one(dice, 50, &NODES),
            skus: one(dice, 30, &SKUS),
            ..Scope::default()
        };
        let from = dice.percent(7).then(|| moment(dice));
        let until = dice.percent(7).then(|| moment(dice));
        // Without a wait that joins what comes at several moments, less may be shipped: more rules are not always less.
        let waits = matches!(then, Term::Hold { .. } | Term::Launch { .. });
        let soft = !waits && dice.percent(soft);
        rules.push(Rule { soft, from, until, when, ..Rule::new(name(format!("rule-{number}")), then) });
    }
    let site = |of: &&str, dice: &mut Dice| Site {
        name: name(*of),
        latitude: 48_000_000 + below(dice, 10) * 1_000_000,
        longitude: 9_000_000 + below(dice, 6) * 1_300_000,
    };
    let known = NODES.iter().chain(&["north"]).filter(|_| dice.percent(92)).collect::<Vec<_>>();
    let sites = known.into_iter().map(|of| site(of, dice)).collect();
    Rulebook { rules, sites, ..Rulebook::default() }
}

/// Something else than cost to be as small as can be, and lists of nodes that go first.
fn aim(dice: &mut Dice, rulebook: &mut Rulebook) {
    let mut measures = Measure::ALL.to_vec();
    let goals = (0..1 + dice.below(3)).map(|_| Goal {
        measure: measures.remove(dice.below(measures.len())),
        weight: units(*dice.pick(&[0, 1, 1, 2, 7, 50])),
    });
    let goals = goals.collect();
    rulebook.objective =
        Objective { goals, weighed: dice.percent(40), band_m: *dice.pick(&[1_000, 100_000, 350_000]) };
    let pair = vec![name(*dice.pick(&NODES)), name(*dice.pick(&NODES))];
    rulebook.groups = vec![Group { name: name("pair"), nodes: pair }];
    let lists = 0..dice.below(3);
    rulebook.priority = lists
        .map(|_| (0..1 + dice.below(2)).map(|_| name(*dice.pick(&["S1", "S2", "S3", "pair"]))).collect())
        .collect();
}

fn request(dice: &mut Dice) -> Request {
    let to = match dice.percent(80) {
        true => Destination::Zone(name("north")),
        false => Destination::PickUp(name(*dice.pick(&NODES))),
    };
    let (first, wanted) = (dice.below(SKUS.len()), 1 + below(dice, 4));
    let mut request = Request::new(to, at(NOW)).line(name(SKUS[first]), wanted).unwrap();
    if dice.percent(50) {
        request = request.line(name(SKUS[(first + 1) % SKUS.len()]), 1 + below(dice, 3)).unwrap();
    }
    request.needed_by = dice.percent(25).then(|| at(NOW + below(dice, 6) * MINUTE));
    request.channel = dice.percent(60).then(|| name(*dice.pick(&CHANNELS)));
    if dice.percent(10) {
        request.methods = vec![name(*dice.pick(&["van", "air"]))];
    }
    request.policy.line_split = dice.percent(80);
    request.policy.ship_complete = dice.percent(15);
    request.policy.nodes_max = dice.percent(15).then(|| 1 + dice.below(2) as u32);
    request.policy.shortfall_cost = MISSING;
    request.policy.consolidate = dice.percent(25);
    request
}

/// What an offer ships, in the words of a plan.
fn shipped(asked: &Asked<'_>, offer: &Offer) -> Shipped {
    let mut shipped = BTreeMap::new();
    for shipment in &offer.shipments {
        let node = *NODES.iter().find(|node| **node == shipment.node.as_str()).unwrap();
        let method =
            shipment.method.as_ref().map(|method| if method.as_str() == "van" { "van" } else { "air" });
        let held =
            shipped.entry((node, method, shipment.release_by)).or_insert_with(|| vec![0; asked.lines.len()]);
        for line in &shipment.lines {
            let place = asked.lines.iter().position(|(item, _)| SKUS[*item] == line.sku.as_str()).unwrap();
            held[place] += line.quantity;
        }
    }
    shipped
}

/// Gives nodes and carriers hours, with rules and a wish that are about what leaves and arrives by them.
fn keep_hours(dice: &mut Dice, shop: &mut Shop, rulebook: &mut Rulebook, request: &mut Request) {
    let hours = hours::Table::of(dice);
    rulebook.timetable = hours.timetable();
    shop.hours = Some(hours);
    for node in &mut shop.nodes {
        node.handling = below(dice, 9) * MINUTE / 2;
        // By several ways, that what leaves together by one may leave apart by another.
        let by_air = Lane { method: "air", transit: 0, parcel: below(dice, 30), unit: below(dice, 6) };
        if node.lanes.len() == 1 && node.lanes[0].method == "van" && dice.percent(60) {
            node.lanes.push(by_air);
        }
        for supply in node.supply.iter_mut().filter(|supply| supply.is_none()) {
            *supply = dice.percent(30).then(|| (NOW + below(dice, 5) * MINUTE, 1 + below(dice, 3)));
        }
        // At whole minutes, as hours and cut-offs are.
        node.supply.iter_mut().flatten().for_each(|(due, _)| *due += 20_000 * below(dice, 2));
    }
    request.needed_by = None;
    let plain = Rulebook::default();
    let asked = Asked::of(shop, &plain, request);
    let (mut leave, mut arrive) = (Vec::new(), Vec::new());
    for one in asked.candidates() {
        leave.push(one.release);
        arrive.push(one.arrive);
    }
    if leave.is_empty() {
        return;
    }
    let near = |dice: &mut Dice, of: &[i64]| at(*dice.pick(of) + *dice.pick(&[-MINUTE, -1, 0, 0, 1, MINUTE]));
    for node in &mut shop.nodes {
        for supply in node.supply.iter_mut().flatten() {
            if dice.percent(40) {
                continue;
            }
            supply.0 = (near(dice, &leave).millis() - node.handling) / 1_000 * 1_000;
        }
    }
    for rule in &mut rulebook.rules {
        match &mut rule.then {
            Term::Capacity { rows } => {
                for row in rows.iter_mut() {
                    row.from = row.from.map(|from| if dice.percent(50) { near(dice, &leave) } else { from });
                    row.until =
                        row.until.map(|until| if dice.percent(70) { near(dice, &leave) } else { until });
                }
                if dice.percent(50) {
                    // One after the other.
                    let (node, mut from) = (rows[0].node.clone(), None::<Time>);
                    for row in rows {
                        let after = from.map(|from| at(from.millis() + MINUTE * (1 + below(dice, 4))));
                        let until = after.filter(|_| dice.percent(50)).unwrap_or_else(|| near(dice, &leave));
                        let until = until.max(from.unwrap_or(until));
                        (row.node, row.from, row.until) = (node.clone(), from, Some(until));
                        (row.orders, from) = (Some(units(0)), Some(until));
                    }
                }
            }
            Term::Lateness { due, .. } => *due = near(dice, &arrive),
            Term::Hold { to } if dice.percent(30) => *to = near(dice, &leave),
            Term::Backorder { lead_ms, .. } if dice.percent(30) => *lead_ms *= 700,
            Term::LotLife { rows, .. } => rows.iter_mut().for_each(|row| row.expires = near(dice, &arrive)),
            _ => {}
        }
    }
    if dice.percent(60) {
        request.needed_by = Some(near(dice, &arrive));
    }
}

/// What promises are about beside a few rules.
#[derive(Clone, Copy, Default)]
struct About {
    /// Something else than cost is to be as small as can be.
    goals: bool,
    /// Nodes and carriers keep hours.
    hours: bool,
    /// The book says otherwise, and is asked what would be if it were so.
    supposed: bool,
}

/// What became of one promise.
enum Tried {
    Held,
    Unproven,
    /// There are too many plans, or a limit of the core is in the way.
    LeftOut,
}

/// Whether what is said to be on hand is, and lives long enough.
fn names_what_is_there(asked: &Asked<'_>, offer: &Offer) -> bool {
    let candidates = asked.candidates();
    offer.shipments.iter().all(|shipment| {
        let method = shipment.method.as_ref().map(Name::as_str);
        let at = |one: &&Candidate| {
            let place = (NODES[one.node], one.method, one.release);
            place == (shipment.node.as_str(), method, shipment.release_by)
        };
        asked.lines.iter().enumerate().all(|(line, (item, _))| {
            let there = candidates.iter().filter(at).map(|one| one.on_hand[line]).sum::<i64>();
            let on_hand = shipment.lines.iter().filter(|one| one.supply.is_none() && !one.backorder);
            let of_item = on_hand.filter(|one| one.sku.as_str() == SKUS[*item]);
            of_item.map(|one| one.quantity).sum::<i64>() <= there
        })
    })
}

/// Holds one promise against every plan under every choice of its soft rules.
fn hold_against_brute_force(seed: u64, about: About) -> Tried {
    let mut dice = Dice::new(seed);
    let mut shop = Shop::of(&mut dice);
    let soft = if dice.percent(50) { 60 } else { 0 };
    let (mut rulebook, mut request) = (rulebook(&mut dice, soft), request(&mut dice));
    request.explain = Explain::Full;
    if about.hours {
        keep_hours(&mut dice, &mut shop, &mut rulebook, &mut request);
    }
    let aimed = about.goals;
    if aimed {
        aim(&mut dice, &mut rulebook);
        // Soft rules are about what is filled: they are left out where that does not come first.
        let objective = &rulebook.objective;
        let first = objective.goals.iter().position(|goal| goal.measure == Measure::Shortfall);
        if objective.weighed || first.is_some_and(|place| place > 0) {
            rulebook.rules.iter_mut().for_each(|rule| rule.soft = false);
        }
    }
    let mut made = Vec::new();
    let offer = match about.supposed {
        true => {
            let (other, changes) = shop.supposed(&mut dice);
            made.extend_from_slice(&changes);
            let (own, changes) = (name(OWN), changes.as_slice());
            let with = With { changes, order: Some(&own).filter(|_| !other.own.is_empty()), risk: None };
            other.book().promise_under_with(&rulebook, &request, &with).unwrap().offer
        }
        false => shop.book().promise_under(&rulebook, &request).unwrap(),
    };
    if let Some(hours) = shop.hours.as_ref().filter(|_| !about.supposed) {
        let node = dice.pick(&shop.nodes);
        // Of a method that no lane names the book knows nothing.
        let known = shop.nodes.iter().flat_map(|node| &node.lanes).map(|lane| Some(lane.method));
        let method = *dice.pick(&known.chain([None]).collect::<Vec<_>>());
        let zone = name("north");
        let leg = Leg { node: node.name, zone: method.map(|_| &zone), method };
        hours.hold(&shop.book(), &rulebook, leg, node.handling, &mut dice);
    }
    let mut asked = Asked::of(&shop, &rulebook, &request);
    let all = asked.rules.clone();
    let supposed = made.iter().any(|change| matches!(change, Change::Supply { .. }));
    // What a rule allows is never given up.
    let may_be_relaxed = |rule: &Rule| rule.soft && !matches!(rule.then, Term::Backorder { .. });
    let soft: Vec<usize> =
        all.iter().filter(|(_, rule)| may_be_relaxed(rule)).map(|(place, _)| *place).collect();
    // By the soft rules that are dropped: of two sets the smaller number drops later rules.
    let bit = |at: usize| 1 << (soft.len() - 1 - at);
    let mut best: Vec<Vec<Plan>> = Vec::new();
    let without = |dropped: usize| -> Vec<(usize, &Rule)> {
        let holds =
            |place: &usize| soft.iter().position(|one| one == place).is_none_or(|at| dropped & bit(at) == 0);
        all.iter().copied().filter(|(place, _)| holds(place)).collect()
    };
    for dropped in 0..1usize << soft.len() {
        asked.rules = without(dropped);
        let Some(plans) = asked.best() else { return Tried::LeftOut };
        best.push(plans);
    }
    let least = best.iter().map(|plans| plans[0].missing).min().unwrap();
    let dropped = best.iter().position(|plans| plans[0].missing == least).unwrap();
    let facts =
        || format!("{seed}: {shop:?}\n{made:?}\n{rulebook:?}\n{request:?}\n{offer:?}\n{:?}", best[dropped]);
    let unmet: i64 = offer.unmet.iter().map(|unmet| unmet.quantity).sum();
    let ships = shipped(&asked, &offer);
    asked.rules = without(dropped);
    assert!(supposed || names_what_is_there(&asked, &offer), "{}", facts());
    asked.hold_passed(&offer, &asked.candidates()).unwrap_or_else(|why| panic!("{why}: {}", facts()));
    if !offer.proven {
        // Where weights, distances and costs together make numbers that are too large, what comes last is not proven.
        assert!(aimed && offer.bound <= best[dropped][0].cost, "{}", facts());
        return Tried::Unproven;
    }
    assert_eq!(offer.bound, offer.cost, "{}", facts());
    // The plan itself is one of the best, and measures what is said.
    let chosen =
        best[dropped].iter().find(|plan| plan.shipped == ships && plan.parcels == offer.shipments.len());
    let Some(chosen) = chosen else { panic!("no such plan is as good: {}", facts()) };
    assert_eq!((offer.cost, unmet), (chosen.cost, chosen.missing), "{}", facts());
    let candidates = asked.candidates();
    for shipment in &offer.shipments {
        asked.hold_times(shipment, &candidates).unwrap_or_else(|why| panic!("{why}: {}", facts()));
    }
    let reached: Vec<i64> = offer.reached.iter().map(|one| one.value).collect();
    assert_eq!(reached, chosen.reached, "{}", facts());
    // Where cost is weighed with others, plans that are as good may cost more or less.
    let goals = &rulebook.objective.goals;
    let one_cost = !rulebook.objective.weighed || goals.iter().all(|goal| goal.measure != Measure::Cost);
    let relaxed = (0..soft.len()).filter(|at| dropped & bit(*at) != 0).map(|at| {
        let with = &best[dropped & !bit(at)][0];
        (rulebook.rules[soft[at]].name.clone(), with.missing - chosen.missing, with.cost - chosen.cost)
    });
    let said = offer.relaxed.iter().map(|one| (one.rule.clone(), one.units, one.saves));
    assert!(one_cost || soft.is_empty());
    assert_eq!(said.collect::<Vec<_>>(), relaxed.collect::<Vec<_>>(), "{}", facts());
    Tried::Held
}

fn hold_many(usual: u64, about: About) {
    let promises = if crate::is_long() { usual * 20 } else { usual };
    let (mut held, mut unproven) = (0, 0);
    for seed in 0..promises {
        match hold_against_brute_force(seed, about) {
            Tried::Held => held += 1,
            Tried::Unproven => unproven += 1,
            Tried::LeftOut => {}
        }
    }
    assert!(held > promises * 9 / 10, "{held} of {promises} were held");
    assert!(unproven <= promises / 200, "{unproven} of {promises} were not proven");
}

/// What is promised is the cheapest plan that keeps every rule, of soft ones the first that can be kept, and what is said to be gained by
/// those that are not is.
#[test]
fn what_rules_leave_is_what_brute_force_finds() {
    hold_many(20_000, About::default());
}

/// The same where something else than cost is to be as small as can be: measures one after the other, or weighed.
#[test]
fn what_is_aimed_at_is_what_brute_force_finds() {
    hold_many(20_000, About { goals: true, ..About::default() });
}

/// The same where nodes and carriers keep hours, near changes of their clocks; and the last moment to order is the last.
#[test]
fn what_hours_leave_is_what_brute_force_finds() {
    hold_many(3_000, About { hours: true, ..About::default() });
    hold_many(1_000, About { hours: true, goals: true, ..About::default() });
}

/// The same of a book that says otherwise, asked with the changes that make it so and with what the order holds given back.
#[test]
fn what_would_be_left_is_what_brute_force_finds() {
    hold_many(5_000, About { supposed: true, ..About::default() });
    hold_many(1_000, About { supposed: true, hours: true, goals: true });
}
