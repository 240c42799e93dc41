//! What stands in for what is short, against brute force: every way to take the units from the nodes.

use onhand::promise::{
    Destination, ErrorModel, ErrorTerms, Goal, Measure, Objective, Offer, Part, Request, Risk, Rule,
    Rulebook, SURE, StandInRow, Term, With,
};
use onhand::{Book, Event, Id, Kind, LaneTerms, Line, Money, Quantity, Terms, Time, testing};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

use crate::promise::{acceptance, history, post, request};

const SKUS: [&str; 4] = ["A", "B", "C", "D"];
const NODES: [&str; 3] = ["S1", "S2", "S3"];
const MISSING: i64 = 10_000;

fn now() -> Time {
    Time::new(60_000).unwrap()
}

/// A shop with some of each item, and what a parcel and a unit from each node cost.
struct Shop {
    book: Book,
    stock: [[i64; SKUS.len()]; NODES.len()],
    parcels: [i64; NODES.len()],
    units: [i64; NODES.len()],
}

fn shop(dice: &mut Dice) -> Shop {
    let mut book = testing::book(&SKUS, &NODES);
    let stock = [(); NODES.len()].map(|()| [(); SKUS.len()].map(|()| dice.below(4) as i64));
    let (parcels, units) = ([(); 3].map(|()| dice.below(60) as i64), [(); 3].map(|()| dice.below(9) as i64));
    for (at, node) in NODES.iter().enumerate() {
        let number = at as u64 + 1;
        let mut event = Event::new(name("lanes"), Id::Number(number), Kind::LaneChange, now());
        event.terms = Some(Terms::Lane(lane_of(node, parcels[at], units[at])).into());
        book.evolve(&event).unwrap();
        let mut receipt = Event::new(name("dock"), Id::Number(number), Kind::Receipt, now());
        receipt.node = Some(name(node));
        let there = SKUS.iter().zip(stock[at]).filter(|(_, units)| *units > 0);
        receipt.lines = there.map(|(sku, units)| Line::new(name(sku), units).unwrap()).collect();
        if !receipt.lines.is_empty() {
            book.evolve(&receipt).unwrap();
        }
    }
    Shop { book, stock, parcels, units }
}

fn lane_of(node: &str, parcel: i64, unit: i64) -> LaneTerms {
    let money = |minor: i64| Money::new(minor).unwrap();
    LaneTerms {
        node: name(node),
        zone: name("north"),
        method: name("van"),
        open: true,
        transit_ms: 0,
        parcel_cost: money(parcel),
        unit_cost: money(unit),
    }
}

/// Records that are wrong half of the time.
fn error() -> ErrorTerms {
    ErrorTerms { sku: None, node: None, error: ErrorModel { wrong_ppm: SURE / 2, mean_milli: 5_000 } }
}

/// Units that a plan has to ship, each of some items from one node.
type Column = (i64, Vec<(usize, i64)>);

impl Shop {
    /// The least cost of a plan that ships all columns; none where there is none.
    fn least(&self, columns: &[Column], most: usize) -> Option<i64> {
        let mut best = None;
        self.spread(columns, &mut self.stock.clone(), [0; NODES.len()], 0, most, &mut best);
        best
    }

    fn spread(
        &self,
        columns: &[Column],
        left: &mut [[i64; SKUS.len()]; NODES.len()],
        taken: [i64; NODES.len()],
        node: usize,
        most: usize,
        best: &mut Option<i64>,
    ) {
        let Some(((quantity, parts), rest)) = columns.split_first() else {
            if taken.iter().filter(|units| **units > 0).count() <= most {
                let of =
                    |at: usize| if taken[at] > 0 { self.parcels[at] + taken[at] * self.units[at] } else { 0 };
                let cost = (0..NODES.len()).map(of).sum();
                *best = Some(best.map_or(cost, |best: i64| best.min(cost)));
            }
            return;
        };
        if *quantity == 0 {
            return self.spread(rest, left, taken, 0, most, best);
        }
        if node == NODES.len() {
            return;
        }
        let each: i64 = parts.iter().map(|(_, units)| units).sum();
        for units in 0..=*quantity {
            if parts.iter().any(|(item, times)| left[node][*item] < times * units) {
                break;
            }
            parts.iter().for_each(|(item, times)| left[node][*item] -= times * units);
            let mut more = taken;
            more[node] += each * units;
            let fewer: Vec<Column> =
                [(quantity - units, parts.clone())].into_iter().chain(rest.iter().cloned()).collect();
            self.spread(&fewer, left, more, node + 1, most, best);
            parts.iter().for_each(|(item, times)| left[node][*item] += times * units);
        }
    }

    /// What a request costs and leaves unfilled: the items first, then row by row as much as there can be.
    fn expected(&self, asked: &[(usize, i64)], rows: &[StandInRow], most: usize, whole: bool) -> (i64, i64) {
        let item = |sku: &str| SKUS.iter().position(|one| *one == sku).unwrap();
        let mut columns: Vec<Column> = Vec::new();
        let mut left: Vec<i64> = asked.iter().map(|(_, quantity)| *quantity).collect();
        for (line, (sku, quantity)) in asked.iter().enumerate() {
            let with = |units: i64| [columns.clone(), vec![(units, vec![(*sku, 1)])]].concat();
            let units =
                (0..=*quantity).rev().find(|units| self.least(&with(*units), most).is_some()).unwrap();
            columns = with(units);
            left[line] -= units;
        }
        let mut price = 0;
        for (line, (sku, _)) in asked.iter().enumerate() {
            for row in rows.iter().filter(|row| row.sku.as_str() == SKUS[*sku]) {
                let parts: Vec<(usize, i64)> =
                    row.parts.iter().map(|part| (item(part.sku.as_str()), part.units.units())).collect();
                let with = |units: i64| {
                    let split = parts.iter().map(|(item, times)| (units * times, vec![(*item, 1)])).collect();
                    let more = if row.split { split } else { vec![(units, parts.clone())] };
                    [columns.clone(), more].concat()
                };
                let units =
                    (0..=left[line]).rev().find(|units| self.least(&with(*units), most).is_some()).unwrap();
                columns = with(units);
                left[line] -= units;
                price += units * row.unit.minor();
            }
        }
        let missing: i64 = left.iter().sum();
        if whole && missing > 0 {
            let all: i64 = asked.iter().map(|(_, quantity)| quantity).sum();
            return (all * MISSING, all);
        }
        (self.least(&columns, most).unwrap() + price + missing * MISSING, missing)
    }
}

fn rows(dice: &mut Dice, asked: usize) -> Vec<StandInRow> {
    let mut rows = Vec::new();
    for _ in 0..1 + dice.below(3) {
        let mut others: Vec<&str> = SKUS.iter().copied().filter(|sku| *sku != SKUS[asked]).collect();
        let mut parts = Vec::new();
        for _ in 0..1 + dice.below(2) {
            let sku = others.remove(dice.below(others.len()));
            let units = Quantity::new(1 + dice.below(2) as i64).unwrap();
            parts.push(Part { sku: name(sku), units });
        }
        let unit = Money::new(dice.below(30) as i64 - 5).unwrap();
        rows.push(StandInRow { sku: name(SKUS[asked]), parts, split: dice.percent(50), unit });
    }
    rows
}

fn missing(offer: &Offer) -> i64 {
    offer.unmet.iter().map(|unmet| unmet.quantity).sum()
}

/// Of each item at each node no more is shipped than there is, whatever it is shipped for; kits are whole.
fn check_units(shop: &Shop, offer: &Offer, rows: &[StandInRow]) {
    for (at, node) in NODES.iter().enumerate() {
        for (item, sku) in SKUS.iter().enumerate() {
            let here = offer.shipments.iter().filter(|shipment| shipment.node.as_str() == *node);
            let units = here.flat_map(|shipment| &shipment.lines).filter(|line| line.sku.as_str() == *sku);
            let units: i64 = units.map(|line| line.quantity).sum();
            assert!(units <= shop.stock[at][item], "{units} of {sku} at {node}: {offer:?}");
        }
    }
    // With one row, the parts of what it stands in for are the same number of times what it says.
    if let [row] = rows {
        let stood = |part: &Part| {
            let lines = offer.shipments.iter().flat_map(|shipment| &shipment.lines);
            let of_part = lines.filter(|line| line.asked.is_some() && line.sku == part.sku);
            let units: i64 = of_part.map(|line| line.quantity).sum();
            assert_eq!(units % part.units.units(), 0, "{offer:?}");
            units / part.units.units()
        };
        let times: Vec<i64> = row.parts.iter().map(stood).collect();
        assert!(times.iter().all(|one| *one == times[0]), "{offer:?}");
    }
}

#[test]
fn what_stands_in_is_what_brute_force_finds() {
    let mut dice = Dice::new(11);
    let (mut stood, mut split, mut limited, mut whole_orders) = (0, 0, 0, 0);
    for turn in 0..1_000 {
        let shop = shop(&mut dice);
        let mut asked = vec![(0, 1 + dice.below(8) as i64)];
        // With one line a limit on parcels decides alone how much of the item there is.
        let most = if dice.percent(25) { 1 + dice.below(2) } else { NODES.len() };
        if most == NODES.len() && dice.percent(60) {
            asked.push((1 + dice.below(2), 1 + dice.below(5) as i64));
        }
        let rows = rows(&mut dice, 0);
        let mut request = Request::new(Destination::Zone(name("north")), now());
        for (sku, quantity) in &asked {
            request = request.line(name(SKUS[*sku]), *quantity).unwrap();
        }
        request.policy.shortfall_cost = MISSING;
        request.policy.ship_complete = dice.percent(25);
        request.policy.nodes_max = Some(most as u32);
        let rule = Rule::new(name("stand in"), Term::StandIn { rows: rows.clone() });
        let rulebook = Rulebook { rules: vec![rule], ..Rulebook::default() };
        let offer = shop.book.promise_under(&rulebook, &request).unwrap();
        let (cost, left) = shop.expected(&asked, &rows, most, request.policy.ship_complete);
        assert_eq!((offer.cost, missing(&offer)), (cost, left), "{turn}: {rulebook:?} {request:?} {offer:?}");
        assert!(offer.proven && offer.bound == offer.cost, "{offer:?}");
        check_units(&shop, &offer, &rows);
        let stands =
            offer.shipments.iter().flat_map(|shipment| &shipment.lines).any(|line| line.asked.is_some());
        stood += usize::from(stands);
        split += usize::from(stands && rows.iter().any(|row| row.split && row.parts.len() > 1));
        limited += usize::from(stands && most < NODES.len());
        whole_orders += usize::from(stands && request.policy.ship_complete);
    }
    assert!(
        stood > 300 && split > 60 && limited > 30 && whole_orders > 30,
        "{stood} {split} {limited} {whole_orders}"
    );
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// What stands in can be reserved at its moment with all else that is offered, whatever happened before; and it is only for what
    /// its item does not fill.
    #[test]
    fn what_stands_in_can_be_accepted(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, events) = history(seed, &words);
        let mut book = Book::new();
        post(&mut book, &events);
        let mut dice = Dice::new(asked);
        for _ in 0..4 {
            let mut request = request(&world, &mut dice);
            request.policy.ship_complete = false;
            let part = |dice: &mut Dice| Part { sku: dice.pick(world.skus()).clone(), units: Quantity::new(1 + dice.below(2) as i64).unwrap() };
            let row = |dice: &mut Dice| StandInRow {
                sku: dice.pick(world.skus()).clone(), parts: vec![part(dice)], split: dice.percent(50), unit: Money::ZERO,
            };
            let rule = Rule::new(name("stand in"), Term::StandIn { rows: vec![row(&mut dice), row(&mut dice)] });
            let rulebook = Rulebook { rules: vec![rule], ..Rulebook::default() };
            let (Ok(plain), Ok(offer)) = (book.promise(&request), book.promise_under(&rulebook, &request)) else { continue };
            prop_assert!(missing(&offer) <= missing(&plain), "{plain:?} {offer:?}");
            let own = |offer: &Offer| -> i64 {
                let lines = offer.shipments.iter().flat_map(|shipment| &shipment.lines);
                lines.filter(|line| line.asked.is_none()).map(|line| line.quantity).sum()
            };
            if plain.proven && offer.proven {
                prop_assert_eq!(own(&plain), own(&offer), "{:?} {:?}", plain, offer);
            }
            let reserve = acceptance(&offer, request.now);
            if !reserve.lines.is_empty() {
                let answer = book.clone().execute(&reserve);
                prop_assert!(answer.is_ok(), "{answer:?} to {offer:?} under {rulebook:?}");
            }
        }
    }
}

/// Numbers as large as they may be, with plans that fill some of what is asked.
#[test]
fn extreme_numbers_never_panic() {
    let (mut book, largest) = (testing::book(&SKUS, &NODES), Quantity::MAX);
    for (number, node) in (1..).zip(NODES) {
        let mut lane = Event::new(name("lanes"), Id::Number(number), Kind::LaneChange, now());
        lane.terms = Some(Terms::Lane(lane_of(node, 1, 1)).into());
        book.evolve(&lane).unwrap();
        let mut receipt = Event::new(name("dock"), Id::Number(number), Kind::Receipt, now());
        receipt.node = Some(name(node));
        receipt.lines = ["B", "C"].map(|sku| Line::new(name(sku), largest.units()).unwrap()).to_vec();
        book.evolve(&receipt).unwrap();
    }
    let goals =
        Measure::ALL.iter().map(|measure| Goal { measure: *measure, weight: Quantity::new(1).unwrap() });
    let goals: Vec<Goal> = goals.collect();
    let objectives = [
        Objective::default(),
        Objective {
            goals: vec![Goal { measure: Measure::Shipments, ..goals[0] }],
            weighed: false,
            band_m: 1,
        },
        Objective { goals: goals.clone(), weighed: true, band_m: 1 },
        Objective { goals, weighed: false, band_m: 1 },
    ];
    let risk = |failure_cost| Risk {
        supply_ppm: 0,
        failure_cost,
        attempt_cost: 0,
        weigh: true,
        errors: vec![error()],
    };
    for objective in &objectives {
        for units in [1, 1_000_000_000, largest.units()] {
            for unit in [-Money::MAX.minor(), 0, Money::MAX.minor()] {
                let part = |sku: &str| Part { sku: name(sku), units: Quantity::new(units).unwrap() };
                for (parts, split) in [(vec![part("B")], false), (vec![part("B"), part("C")], true)] {
                    let row = StandInRow { sku: name("A"), parts, split, unit: Money::new(unit).unwrap() };
                    let rules = vec![Rule::new(name("instead"), Term::StandIn { rows: vec![row] })];
                    let rulebook = Rulebook { rules, objective: objective.clone(), ..Rulebook::default() };
                    for (asked, shortfall_cost) in
                        [(1, 0), (1, 1 << 40), (largest.units(), 0), (largest.units(), 1)]
                    {
                        let mut request = Request::new(Destination::Zone(name("north")), now());
                        for sku in ["A", "B"] {
                            request = request.line(name(sku), asked).unwrap();
                        }
                        (request.policy.shortfall_cost, request.policy.steps_max) = (shortfall_cost, 200);
                        let _ = book.promise_under(&rulebook, &request);
                        for failure_cost in [0, 1, 1 << 40] {
                            let risk = risk(failure_cost);
                            let with = With { risk: Some(&risk), ..With::default() };
                            let _ = book.promise_under_with(&rulebook, &request, &with);
                        }
                    }
                }
            }
        }
    }
}

/// A request of more than could ever be filled says what is left of it to the unit.
#[test]
fn what_stands_in_for_little_of_much_leaves_the_rest_unmet() {
    let mut book = testing::book(&SKUS, &NODES);
    let mut receipt = Event::new(name("dock"), Id::Number(1), Kind::Receipt, now());
    receipt.node = Some(name("S1"));
    receipt.lines.push(Line::new(name("B"), Quantity::MAX.units()).unwrap());
    book.evolve(&receipt).unwrap();
    let part = Part { sku: name("B"), units: Quantity::new(1_000_000_000).unwrap() };
    let row = StandInRow { sku: name("A"), parts: vec![part], split: false, unit: Money::ZERO };
    let rules = vec![Rule::new(name("instead"), Term::StandIn { rows: vec![row] })];
    let rulebook = Rulebook { rules, ..Rulebook::default() };
    let to = Destination::PickUp(name("S1"));
    let mut request = Request::new(to, now()).line(name("A"), Quantity::MAX.units()).unwrap();
    request.policy.shortfall_cost = 1;
    let offer = book.promise_under(&rulebook, &request).unwrap();
    assert_eq!(offer.shipments[0].lines[0].quantity, 100_000_000_000);
    assert_eq!(offer.unmet[0].quantity, Quantity::MAX.units() - 100);
}
