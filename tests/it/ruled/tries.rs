//! Where to look first under rules, against every order of every choice of nodes.

use onhand::promise::{ErrorModel, ErrorTerms, Risk, SURE, Term, Try};
use onhand_tests::random::{Dice, name};

use super::plans::Asked;
use super::shop::{NODES, SKUS, Shop, below, units};
use super::{request, rulebook};

/// A node that may be looked at: its ways at the lowest cost, that cost, and the probability that all is found.
#[derive(Debug)]
struct Place {
    node: &'static str,
    ways: Vec<(Option<&'static str>, i64)>,
    ship_cost: i64,
    found: f64,
}

fn risk(dice: &mut Dice) -> Risk {
    let rows = (0..dice.below(4)).map(|_| {
        let mean_milli = 1_000 + below(dice, 5_000);
        ErrorTerms {
            sku: dice.percent(50).then(|| name(*dice.pick(&SKUS))),
            node: dice.percent(60).then(|| name(*dice.pick(&NODES))),
            error: ErrorModel { wrong_ppm: below(dice, SURE as usize + 1), mean_milli },
        }
    });
    Risk {
        errors: rows.collect(),
        failure_cost: below(dice, 120),
        attempt_cost: below(dice, 30),
        ..Risk::default()
    }
}

/// The probability that so many are found, by the formula, in floats; of rows that fit the last of the most specific counts.
fn found(risk: &Risk, sku: &str, node: &str, record: i64, wanted: i64) -> f64 {
    let fits = |of: &Option<onhand::Name>, one: &str| of.as_ref().is_none_or(|of| of.as_str() == one);
    let rows = risk.errors.iter().filter(|row| fits(&row.sku, sku) && fits(&row.node, node));
    let Some(row) = rows.max_by_key(|row| (row.sku.is_some(), row.node.is_some())) else {
        return f64::from(u8::from(record >= wanted));
    };
    let (half, again) = (row.error.wrong_ppm as f64 / 2e6, 1.0 - 1e3 / row.error.mean_milli as f64);
    match record >= wanted {
        true => 1.0 - half * again.powf((record - wanted) as f64),
        false => half * again.powf((wanted - record - 1) as f64),
    }
}

/// What it is expected to cost to look at places in an order.
fn expected(places: &[(f64, f64)], attempt: f64, failure: f64) -> f64 {
    let after = |rest: f64, (found, ship): &(f64, f64)| attempt + found * ship + (1.0 - found) * rest;
    places.iter().rev().fold(failure, after)
}

/// The least that any order of any choice of places is expected to cost.
fn least(left: &[(f64, f64)], before: &mut Vec<(f64, f64)>, attempt: f64, failure: f64) -> f64 {
    let mut best = expected(before, attempt, failure);
    for at in 0..left.len() {
        let rest = [&left[..at], &left[at + 1..]].concat();
        before.push(left[at]);
        best = best.min(least(&rest, before, attempt, failure));
        before.pop();
    }
    best
}

/// The nodes that have all units now and may ship all of them.
fn places(asked: &Asked<'_>, risk: &Risk) -> Vec<Place> {
    let (item, wanted) = asked.lines[0];
    let mut places: Vec<Place> = Vec::new();
    for one in asked.candidates().iter().filter(|one| one.on_hand[0] >= wanted) {
        let here = &asked.shop.nodes[one.node];
        let has_room = asked.rules.iter().all(|(place, rule)| match &rule.then {
            Term::Capacity { rows } => rows.iter().enumerate().all(|(at, row)| {
                let uses = one.rooms.contains(&(*place, at));
                !uses || row.units.is_none_or(|room| room.units() >= wanted)
            }),
            _ => true,
        });
        if !has_room {
            continue;
        }
        let ship_cost = one.parcel + one.unit[0].0 * wanted;
        let way = (one.method, one.arrive);
        let record = here.on_hand[item] - here.claimed[item];
        let found = found(risk, SKUS[item], here.name, record, wanted);
        match places.last_mut().filter(|last| last.node == here.name) {
            Some(last) if last.ship_cost < ship_cost => {}
            Some(last) if last.ship_cost == ship_cost => last.ways.push(way),
            Some(last) => (last.ship_cost, last.ways) = (ship_cost, vec![way]),
            None => places.push(Place { node: here.name, ways: vec![way], ship_cost, found }),
        }
    }
    places
}

fn hold_tries(seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let shop = Shop::of(&mut dice);
    let soft = if dice.percent(50) { 60 } else { 0 };
    let (rulebook, mut request) = (rulebook(&mut dice, soft), request(&mut dice));
    request.lines.truncate(1);
    request.lines[0].quantity = units(1 + below(&mut dice, 2));
    let risk = risk(&mut dice);
    let book = shop.book();
    let tries = book.tries_under(&rulebook, &request, &risk).unwrap();
    // What is relaxed is what the promise relaxes, which is held against brute force elsewhere.
    let relaxed = book.promise_under(&rulebook, &request).unwrap().relaxed;
    let mut asked = Asked::of(&shop, &rulebook, &request);
    asked.rules.retain(|(_, rule)| relaxed.iter().all(|one| one.rule != rule.name));
    let places = places(&asked, &risk);
    let facts = || format!("{seed}: {shop:?}\n{rulebook:?}\n{request:?}\n{risk:?}\n{tries:?}\n{places:?}");
    assert_eq!(tries.relaxed, relaxed, "{}", facts());
    let all: Vec<&Try> = tries.tries.iter().chain(&tries.left_out).collect();
    assert_eq!(all.len(), places.len(), "{}", facts());
    let place_of = |one: &Try| {
        let place = places.iter().find(|place| place.node == one.node.as_str());
        let Some(place) = place else { panic!("{} is no place to look at: {}", one.node, facts()) };
        place
    };
    for one in all {
        let place = place_of(one);
        let method = one.method.as_ref().map(onhand::Name::as_str);
        assert!(place.ways.contains(&(method, one.arrive_by)), "{}", facts());
        let ppm = place.found * 1e6;
        let exact = one.ppm as f64 <= ppm + 1e-3 && ppm - (one.ppm as f64) < 1.001;
        assert!(exact && one.ship_cost == place.ship_cost, "{ppm}: {}", facts());
    }
    let failure = (risk.failure_cost * asked.lines[0].1) as f64;
    let attempt = risk.attempt_cost as f64;
    let terms = |one: &Try| (one.ppm as f64 / 1e6, one.ship_cost as f64);
    let order: Vec<(f64, f64)> = tries.tries.iter().map(terms).collect();
    let every: Vec<(f64, f64)> = order.iter().copied().chain(tries.left_out.iter().map(terms)).collect();
    let (said, best) = (expected(&order, attempt, failure), least(&every, &mut Vec::new(), attempt, failure));
    assert!((tries.expected_cost as f64 - said).abs() <= 0.501, "{said}: {}", facts());
    assert!(said <= best + 1e-6, "{best}: {}", facts());
    let missed: f64 = order.iter().map(|(found, _)| 1.0 - found).product();
    assert!((tries.ppm as f64 - (1.0 - missed) * 1e6).abs() < 1.001, "{}", facts());
    places.len()
}

#[test]
fn where_to_look_first_is_what_brute_force_finds() {
    let questions = if crate::is_long() { 400_000 } else { 20_000 };
    let several = (0..questions).filter(|seed| hold_tries(*seed) > 1).count();
    assert!(several as u64 > questions / 10, "{several} of {questions} had several places");
}
