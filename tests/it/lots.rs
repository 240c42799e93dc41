//! Lots and owners, read from a log: that attribution moves no unit, and that a settlement is all that became of an owner's goods.

use std::collections::BTreeMap;

use onhand::log::{Account, Log};
use onhand::{
    Book, Decision, Event, Id, Kind, Line, Money, Name, Outside, Position, StockState, Time, testing,
};
use onhand_tests::random::{Step, World, name};
use proptest::prelude::*;

fn at(millis: i64) -> Time {
    Time::new(millis).expect("in range")
}

fn written(seed: u64, words: &[u64], closes: bool) -> (World, Log, Book) {
    let (mut world, mut log, mut book) = (World::new(seed, closes), Log::new(), Book::new());
    let mut steps = world.first_steps();
    steps.extend(words.iter().map(|word| world.step(*word)));
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Fact(event) => drop(log.evolve(&mut book, event, at(place as i64))),
            Step::Command(event) => drop(log.execute(&mut book, event, at(place as i64))),
        }
    }
    (world, log, book)
}

/// Units by all of a position but its lot.
fn without_lots(positions: &[Position]) -> BTreeMap<Position, i64> {
    let mut units = BTreeMap::new();
    for one in positions {
        *units.entry(Position { lot: None, quantity: 0, ..one.clone() }).or_default() += one.quantity;
    }
    units.retain(|_, units: &mut i64| *units != 0);
    units
}

/// What an intent is bound to are the lots that it takes from, each once, and nothing of any other.
#[test]
fn an_intent_is_bound_to_no_more_lots_than_it_takes_from() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let event = |id, kind, units: &[(Option<&str>, i64)]| {
        let mut event = Event::new(name("pda"), Id::Number(id), kind, at(1_000));
        (event.node, event.reason) = (Some(name("S1")), Some(name("spilt")));
        event.lines.extend(units.iter().map(|(lot, units)| {
            let line = Line::new(name("TEA"), *units).expect("in range");
            Line { lot: lot.map(name), ..line }
        }));
        event
    };
    book.evolve(&event(1, Kind::Receipt, &[(Some("A"), 3), (Some("B"), 2), (Some("C"), 4)])).unwrap();
    let asked = [(3, vec![("A", 3)]), (4, vec![("A", 3), ("B", 1)]), (5, vec![("A", 3), ("B", 2)])];
    for (units, bound) in asked {
        let Ok(Decision::Accept(accepted)) = book.decide(&event(2, Kind::WriteOff, &[(None, units)])) else {
            panic!("{units} are there");
        };
        let lots: Vec<_> = accepted
            .lines
            .iter()
            .map(|line| (line.lot.as_ref().map(Name::as_str), line.quantity.units()))
            .collect();
        assert_eq!(lots, bound.iter().map(|(lot, units)| (Some(*lot), *units)).collect::<Vec<_>>());
    }
    // Two lines of one intent share the lots between them.
    let both = event(2, Kind::WriteOff, &[(None, 3), (None, 2)]);
    let Ok(Decision::Accept(accepted)) = book.decide(&both) else { panic!("5 are there") };
    let lots: Vec<_> = accepted.lines.iter().filter_map(|line| line.lot.as_ref().map(Name::as_str)).collect();
    assert_eq!(lots, ["A", "B"]);
}

proptest! {
    #![proptest_config(crate::cases_of(60))]

    #[test]
    fn attribution_gives_units_lots_and_moves_none(seed: u64, words in prop::collection::vec(any::<u64>(), 1..120), closes: bool) {
        let (world, log, book) = written(seed, &words, closes);
        for sku in world.skus() {
            let attribution = log.attribution(sku);
            prop_assert_eq!(without_lots(&attribution.positions), without_lots(&book.positions(sku.as_str())));
            let moved: i64 = attribution.moves.iter().map(|one| one.units).sum();
            prop_assert_eq!(moved, attribution.positions.iter().map(|one| one.quantity).sum::<i64>());
            for one in &attribution.moves {
                prop_assert!(!one.attributed || one.lot.is_some(), "{:?}", one);
            }
        }
    }

    #[test]
    fn a_settlement_is_all_that_became_of_an_owners_goods(seed: u64, words in prop::collection::vec(any::<u64>(), 1..160), closes: bool) {
        let (world, log, book) = written(seed, &words, closes);
        let (start, middle, end) = (Time::ZERO, at(world.now() / 2 + 500_000), Time::MAX);
        let mut changes: BTreeMap<(Name, Option<Name>), i64> = BTreeMap::new();
        for row in log.settlement(start, middle).into_iter().chain(log.settlement(middle, end)) {
            let change = row.received - row.sold + row.returned - row.lost - row.moved;
            *changes.entry((row.sku, row.node)).or_default() += change;
        }
        changes.retain(|_, units| *units != 0);
        let mut held: BTreeMap<(Name, Option<Name>), i64> = BTreeMap::new();
        for sku in world.skus() {
            for one in book.positions(sku.as_str()).into_iter().filter(|one| one.owner.is_some()) {
                let node = (!one.in_transit).then_some(one.location);
                *held.entry((sku.clone(), node)).or_default() += one.quantity;
            }
        }
        held.retain(|_, units| *units != 0);
        prop_assert_eq!(changes, held);
    }

    /// Whatever the order of arrival, and whatever is closed: what an owner is told is what the ledger says.
    #[test]
    fn a_settlement_agrees_with_the_ledger(seed: u64, words in prop::collection::vec(any::<u64>(), 1..160), closes: bool) {
        let (_, log, _) = written(seed, &words, closes);
        let mut told: BTreeMap<Name, [i64; 3]> = BTreeMap::new();
        for row in log.settlement(Time::ZERO, Time::MAX) {
            let [received, sold, lost] = told.entry(row.sku).or_default();
            *received += row.received;
            *sold += row.sold - row.returned;
            *lost += row.lost;
        }
        let mut ledger: BTreeMap<Name, [i64; 3]> = BTreeMap::new();
        for one in log.valuation(&Default::default()).postings().iter().filter(|one| one.owner.is_some()) {
            let [received, sold, lost] = ledger.entry(one.sku.clone()).or_default();
            match one.account {
                Account::Outside(Outside::Supplier | Outside::Opening) => *received -= one.units,
                Account::Outside(Outside::Customer) => *sold += one.units,
                Account::Outside(Outside::Conversion) | Account::Stock | Account::Transit => {}
                _ => *lost += one.units,
            }
        }
        told.retain(|_, sums| *sums != [0; 3]);
        ledger.retain(|_, sums| *sums != [0; 3]);
        prop_assert_eq!(told, ledger);
    }
}

/// An owner is paid for what was sold, though a count of a closed period had taken it for lost.
#[test]
fn a_late_sale_of_a_closed_period_is_settled() {
    let mut book = testing::book(&["BAG"], &["S1"]);
    let mut log = Log::after(Default::default(), book.clone());
    let mut tell = |id, kind, millis, units: i64, change: fn(&mut Event)| {
        let mut event = Event::new(name("shop"), Id::Number(id), kind, at(millis));
        event.node = Some(name("S1"));
        event.lines.push(Line { owner: Some(name("acme")), ..Line::new(name("BAG"), units).unwrap() });
        change(&mut event);
        log.evolve(&mut book, &event, event.occurred).unwrap();
        let rows = log.settlement(Time::ZERO, Time::MAX);
        rows.iter().map(|row| [row.received, row.sold, row.returned, row.lost, row.moved]).collect::<Vec<_>>()
    };
    tell(1, Kind::Receipt, 10, 10, |_| ());
    tell(2, Kind::Count, 20, 8, |event| {
        event.lines.push(Line { place: Some(name("back")), ..event.lines[0].clone() });
    });
    let closed = tell(3, Kind::PeriodClose, 110, 0, |event| {
        (event.due, event.lines) = (Some(at(100)), Vec::new());
    });
    assert_eq!(closed, [[10, 0, 0, -6, 0]]);
    let sold = tell(4, Kind::Sell, 15, 2, |event| event.lines[0].value = Money::new(900));
    assert_eq!(sold, [[10, 2, 0, -8, 0]], "two were sold, and not lost");
    let back = tell(5, Kind::ReturnReceive, 16, 1, |event| event.lines[0].state = Some(StockState::Sellable));
    assert_eq!(back, [[10, 2, 1, -7, 0]]);
    // Between two places that were both counted later, nothing is lost or found.
    let moved = tell(6, Kind::Relocate, 17, 3, |event| event.lines[0].to_place = Some(name("back")));
    assert_eq!(moved, [[10, 2, 1, -7, 0]]);
    assert_eq!(log.settlement(Time::ZERO, Time::MAX)[0].taken, 900);
}
