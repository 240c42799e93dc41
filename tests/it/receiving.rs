//! Receiving: every oddity is found and named, no unit is lost or made, and only what is accepted is for sale.

use onhand::receiving::{Expected, Finding, Inspection, Oddity, Scanned, Tolerance, inspect};
use onhand::{Event, Id, Kind, Line, Name, StockState, Time, testing};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn at(millis: i64) -> Time {
    Time::new(millis).unwrap()
}

/// 144 of TEA in cases of twelve, five percent over and four units under tolerated, kept by lot, with ten days of life.
fn order() -> Expected {
    Expected {
        sku: name("TEA"),
        open: 144,
        packs: vec![(name("inner"), 4), (name("case"), 12)],
        over: Tolerance { units: 2, ppm: 50_000 },
        under: Tolerance { units: 4, ppm: 0 },
        by_lot: true,
        life_ms: Some(10 * DAY),
    }
}

/// A scan that has nothing odd about it but its count.
fn scan(units: i64) -> Scanned {
    let mut line = Line::new(name("TEA"), units).unwrap();
    line.lot = Some(name("L1"));
    Scanned { line, expires: Some(at(40 * DAY)) }
}

fn inspected(scans: &[Scanned]) -> Inspection {
    inspect(Some((&name("PO1"), &[order()])), scans, at(20 * DAY))
}

fn booked(inspection: &Inspection) -> Vec<(i64, StockState)> {
    inspection.lines.iter().map(|line| (line.quantity.units(), line.state.unwrap())).collect()
}

#[test]
fn every_oddity_is_found_with_its_numbers_and_held_back() {
    use StockState::{Damaged, Quarantined, Sellable};
    type Change = fn(&mut Scanned);
    type Case = (i64, Change, &'static [(Oddity, i64, i64)], &'static [(i64, StockState)]);
    let none: Change = |_| {};
    let cases: &[Case] = &[
        (144, none, &[], &[(144, Sellable)]),
        // Seven more are five percent; an eighth is too much.
        (151, none, &[], &[(151, Sellable)]),
        (152, none, &[(Oddity::Over, 1, 151)], &[(151, Sellable), (1, Quarantined)]),
        // Four fewer complete it; a fifth is missing.
        (140, none, &[], &[(140, Sellable)]),
        (139, none, &[(Oddity::Short, 5, 144)], &[(139, Sellable)]),
        // Cases taken for pieces, and pieces for cases.
        (12, none, &[(Oddity::PackMistaken, 12, 144), (Oddity::Short, 144, 144)], &[(12, Quarantined)]),
        (
            1_728,
            none,
            &[(Oddity::PackMistaken, 1_728, 144), (Oddity::Short, 144, 144)],
            &[(1_728, Quarantined)],
        ),
        // One case is a delivery in part when it says so.
        (12, |scan| scan.line.pack = Some(name("case")), &[(Oddity::Short, 132, 144)], &[(12, Sellable)]),
        (
            143,
            |scan| scan.line.pack = Some(name("case")),
            &[(Oddity::BrokenPack, 11, 12), (Oddity::Short, 144, 144)],
            &[(143, Quarantined)],
        ),
        (
            144,
            |scan| scan.line.pack = Some(name("crate")),
            &[(Oddity::UnknownPack, 144, 0), (Oddity::Short, 144, 144)],
            &[(144, Quarantined)],
        ),
        (
            144,
            |scan| scan.line.lot = None,
            &[(Oddity::LotMissing, 144, 0), (Oddity::Short, 144, 144)],
            &[(144, Quarantined)],
        ),
        (
            144,
            |scan| scan.line.lot = Some(name("unassigned")),
            &[(Oddity::LotMissing, 144, 0), (Oddity::Short, 144, 144)],
            &[(144, Quarantined)],
        ),
        (
            144,
            |scan| scan.expires = None,
            &[(Oddity::ExpiryMissing, 144, 0), (Oddity::Short, 144, 144)],
            &[(144, Quarantined)],
        ),
        (144, |scan| scan.expires = Some(at(30 * DAY)), &[], &[(144, Sellable)]),
        (
            144,
            |scan| scan.expires = Some(at(30 * DAY - 1)),
            &[(Oddity::LifeTooShort, 10 * DAY - 1, 10 * DAY), (Oddity::Short, 144, 144)],
            &[(144, Quarantined)],
        ),
        (
            144,
            |scan| scan.line.state = Some(Damaged),
            &[(Oddity::Damaged, 144, 0), (Oddity::Short, 144, 144)],
            &[(144, Damaged)],
        ),
        (
            10,
            |scan| scan.line.sku = name("CUP"),
            &[(Oddity::WrongItem, 10, 0), (Oddity::Short, 144, 144)],
            &[(10, Quarantined)],
        ),
    ];
    for (units, change, findings, lines) in cases {
        let mut scanned = scan(*units);
        change(&mut scanned);
        let inspection = inspected(&[scanned]);
        let found: Vec<_> =
            inspection.findings.iter().map(|one| (one.oddity, one.units, one.limit)).collect();
        assert_eq!((found.as_slice(), booked(&inspection).as_slice()), (*findings, *lines), "{units} units");
        assert_eq!(inspection.complete, !findings.iter().any(|(oddity, ..)| *oddity == Oddity::Short));
    }
    let nobody_asked = inspect(None, &[scan(3)], at(0));
    let finding = Finding { line: Some(0), sku: name("TEA"), oddity: Oddity::NoOrder, units: 3, limit: 0 };
    assert_eq!((nobody_asked.findings, nobody_asked.complete), (vec![finding], true));
    assert_eq!(nobody_asked.lines[0].supply, None);
}

#[test]
fn lines_of_one_item_fill_the_order_together_in_the_order_scanned() {
    let mut broken = scan(4);
    broken.line.state = Some(StockState::Damaged);
    let inspection = inspected(&[scan(100), broken, scan(60)]);
    use StockState::{Damaged, Quarantined, Sellable};
    assert_eq!(booked(&inspection), [(100, Sellable), (4, Damaged), (51, Sellable), (9, Quarantined)]);
    let places: Vec<_> = inspection.findings.iter().map(|one| (one.line, one.oddity, one.units)).collect();
    let over = |line, units| (Some(line), Oddity::Over, units);
    assert_eq!(places, [(Some(1), Oddity::Damaged, 4), over(1, 4), over(2, 9)]);
    assert!(inspection.complete);
}

/// Of what is open once the lines before are accepted, as of a whole order: and a pack of one is no pack.
#[test]
fn packs_are_mistaken_at_their_bounds() {
    let found = |packs: &[(&str, i64)], open: i64, scans: &[i64]| -> Vec<(Option<usize>, i64, i64)> {
        let packs = packs.iter().map(|(pack, size)| (name(pack), *size)).collect();
        let order = Expected { packs, open, ..order() };
        let scans: Vec<Scanned> = scans.iter().map(|units| scan(*units)).collect();
        let inspection = inspect(Some((&name("PO1"), &[order])), &scans, at(20 * DAY));
        let odd = inspection.findings.iter().filter(|one| one.oddity == Oddity::PackMistaken);
        odd.map(|one| (one.line, one.units, one.limit)).collect()
    };
    // One case of twelve was open, and one piece of a pair.
    assert_eq!(found(&[("case", 12)], 12, &[1]), [(Some(0), 1, 12)]);
    assert_eq!(found(&[("pair", 2)], 2, &[1]), [(Some(0), 1, 2)]);
    assert_eq!(found(&[("pair", 2)], 1, &[2]), [(Some(0), 2, 1)]);
    assert_eq!(found(&[("each", 1)], 12, &[12]), []);
    assert_eq!(found(&[("case", 12)], 144, &[132, 1]), [(Some(1), 1, 12)]);
    assert_eq!(found(&[("case", 12)], 144, &[142, 24]), [(Some(1), 24, 2)]);
    // Nothing is open, and nothing was scanned: no pack is mistaken by that.
    assert_eq!(found(&[("case", 12)], 0, &[0]), []);
    assert_eq!(found(&[("case", 12)], 12, &[12, 5, 0]), []);
}

/// A tolerance of nothing is nothing, however much is open, and below nothing there is none.
#[test]
fn a_tolerance_is_the_wider_bound_and_never_below_zero() {
    let of = |units, ppm, open| Tolerance { units, ppm }.of(open);
    assert_eq!((of(0, 0, 0), of(0, 0, 5_000_000), of(0, 1, 5_000_000)), (0, 0, 5));
    assert_eq!((of(-3, -1, 5_000_000), of(-3, 1, -5_000_000), of(0, 1_000_000, 7)), (0, 0, 7));
    assert_eq!((of(4, 500_000, 7), of(2, 500_000, 7)), (4, 3));
}

#[test]
fn what_arrived_is_no_longer_to_come_and_what_is_held_can_be_released_or_sent_back() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let event = |id, kind, units| {
        let mut event = Event::new(name("dock"), Id::Number(id), kind, at(20 * DAY + id as i64));
        event.node = Some(name("S1"));
        event.lines.push(Line::new(name("TEA"), units).unwrap());
        event
    };
    let announced =
        Event { subject: Some(name("PO1")), due: Some(at(21 * DAY)), ..event(1, Kind::SupplyChange, 144) };
    book.evolve(&announced).unwrap();
    let open = book.dated_supply("TEA", "S1")[0].open;
    let expected = [Expected { open, by_lot: false, ..order() }];
    let mut scanned = scan(153);
    scanned.line.lot = None;
    let inspection = inspect(Some((&name("PO1"), &expected)), &[scanned], at(20 * DAY));
    book.evolve(&inspection.receipt(event(2, Kind::Receipt, 0))).unwrap();
    let shelf = |book: &onhand::Book| {
        let shelf = book.availability("TEA", "S1", at(22 * DAY)).unwrap();
        (shelf.on_hand, shelf.sellable)
    };
    assert_eq!((shelf(&book), book.dated_supply("TEA", "S1")[0].open), ((153, 151), 0));
    // One of the two is taken after all, the other goes back.
    book.execute(&event(3, Kind::ReleaseHold, 1)).unwrap();
    let mut back = Event { reason: Some(name("over")), ..event(4, Kind::ReceiptCancel, 1) };
    back.lines[0].state = Some(StockState::Quarantined);
    book.execute(&back).unwrap();
    assert_eq!(shelf(&book), (152, 152));
}

proptest! {
    #![proptest_config(super::cases_of(300))]

    #[test]
    fn no_unit_is_lost_and_no_more_is_accepted_than_tolerated(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let skus = ["TEA", "CUP", "JAM"];
        let orders: Vec<Expected> = skus.iter().take(dice.below(4)).map(|sku| Expected {
            sku: name(sku),
            open: dice.below(50) as i64,
            over: Tolerance { units: dice.below(4) as i64, ppm: dice.below(200_000) as i64 },
            by_lot: dice.percent(30),
            life_ms: dice.percent(30).then_some(DAY),
            ..order()
        }).collect();
        let scans: Vec<Scanned> = (0..dice.below(8)).map(|_| {
            let mut scanned = scan(dice.below(60) as i64);
            scanned.line.sku = name(dice.pick(&skus));
            scanned.line.lot = dice.percent(70).then(|| name("L1"));
            scanned.line.state = dice.percent(20).then_some(StockState::Damaged);
            scanned.line.pack = dice.percent(20).then(|| name(dice.pick(&["case", "inner", "crate"])));
            scanned.expires = dice.percent(80).then(|| at(dice.below(60) as i64 * DAY));
            scanned
        }).collect();
        let purchase = name("PO1");
        let inspection = inspect(Some((&purchase, &orders)), &scans, at(20 * DAY));
        for sku in skus.map(|sku| -> Name { name(sku) }) {
            let units = |lines: &mut dyn Iterator<Item = &Line>| -> i64 {
                lines.filter(|line| line.sku == sku).map(|line| line.quantity.units()).sum()
            };
            prop_assert_eq!(units(&mut inspection.lines.iter()), units(&mut scans.iter().map(|scan| &scan.line)));
            let accepted = units(&mut inspection.lines.iter().filter(|line| line.state == Some(StockState::Sellable)));
            let most = orders.iter().find(|order| order.sku == sku).map_or(0, |order| order.open + order.over.of(order.open));
            prop_assert!(accepted <= most, "{} of {}", accepted, most);
            // What arrived of an ordered item beyond that is over, but for lines whose count is in doubt.
            let odd = |place: usize, what| inspection.findings.iter().find(|one| one.line == Some(place) && one.oddity == what);
            let mine = (0..scans.len()).filter(|place| scans[*place].line.sku == sku && odd(*place, Oddity::PackMistaken).is_none());
            let (came, over) = mine.fold((0, 0), |(came, over), place| {
                (came + scans[place].line.quantity.units(), over + odd(place, Oddity::Over).map_or(0, |one| one.units))
            });
            let is_ordered = orders.iter().any(|order| order.sku == sku);
            prop_assert_eq!(over, if is_ordered { (came - most).max(0) } else { 0 });
        }
        // What is held has a finding, and what has none is accepted whole.
        for (place, scanned) in scans.iter().enumerate() {
            let odd = inspection.findings.iter().any(|one| one.line == Some(place));
            let whole = inspection.lines.iter().any(|line| line.quantity == scanned.line.quantity && line.state == Some(StockState::Sellable));
            prop_assert!(odd || whole, "line {} of {:?}", place, inspection);
        }
        let event = Event::new(name("dock"), Id::Number(1), Kind::Receipt, at(20 * DAY));
        let receipt = inspection.receipt(Event { node: Some(name("S1")), ..event });
        prop_assert!(receipt.lines.is_empty() || receipt.check().is_ok());
    }
}
