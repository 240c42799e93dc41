//! What is odd about an event as it was captured.

use std::collections::BTreeSet;

use onhand::catalogue::{Card, Field, List, RemarkCode, Value};
use onhand::{Decision, Event, Id, Kind, Line, Quantity, Standing};
use onhand_tests::random::name;

use super::{Office, number};

#[test]
fn each_remark_is_made_where_it_belongs() {
    let mut office = Office::default();
    office.node("S1").node("S2").item("TEA").item("CUP").item("SET").item("HAM").item("OLD");
    office.pack("TEA", "case", 12, None).kit("SET", &[("TEA", 2), ("CUP", 1)]);
    let ham = Card::new(List::Item, name("HAM")).with(Field::ByLot, Value::Flag(true));
    office.card(ham.with(Field::Grams, number(1_000)).with(Field::GramsPpm, number(100_000)), &[]);
    office.card(Card::new(List::Item, name("OLD")).closed(), &[]);
    office.card(Card::new(List::Place, name("shelf")).of(name("S1")), &[]);
    office.card(Card::new(List::Place, name("cellar")).of(name("S1")).closed(), &[]);
    office.card(Card::new(List::Node, name("S2")).closed(), &[]);
    let now = office.now();
    let event = |kind, node: &str, lines: &[Line]| {
        let mut event = Event::new(name("dock"), Id::Number(1), kind, now);
        (event.node, event.lines) = (Some(name(node)), lines.to_vec());
        event
    };
    let line = |sku: &str, units, change: fn(&mut Line)| {
        let mut line = Line::new(name(sku), units).unwrap();
        change(&mut line);
        line
    };
    let remarks = |event: &Event| -> Vec<(Option<usize>, RemarkCode, i64, i64)> {
        let remarks = office.catalogue.check(event).into_iter();
        remarks.map(|one| (one.line, one.code, one.found, one.wanted)).collect()
    };
    let mut made: BTreeSet<RemarkCode> = BTreeSet::new();
    let mut expect = |event: Event, expected: &[(Option<usize>, RemarkCode, i64, i64)]| {
        assert_eq!(remarks(&event), expected, "{event:?}");
        made.extend(expected.iter().map(|one| one.1));
        // Whatever is odd, the event is posted as it stands.
        let mut book = office.book();
        assert_eq!(book.evolve(&event).unwrap().standing, Standing::Posted);
    };
    let case: fn(&mut Line) = |line| line.pack = Some(name("case"));
    let lot_and_grams: fn(&mut Line) = |line| {
        (line.lot, line.grams) = (Some(name("L1")), Quantity::new(2_200));
    };
    expect(event(Kind::Receipt, "S1", &[line("TEA", 24, case), line("HAM", 2, lot_and_grams)]), &[]);
    expect(
        event(Kind::Receipt, "S1", &[line("TEA", 25, case), line("CUP", 12, case)]),
        &[(Some(0), RemarkCode::BrokenPack, 1, 12), (Some(1), RemarkCode::UnknownPack, 0, 0)],
    );
    expect(
        event(
            Kind::Sell,
            "S1",
            &[
                line("HAM", 1, |_| {}),
                line("HAM", 2, |line| {
                    (line.lot, line.grams) = (Some(name("L1")), Quantity::new(2_201));
                }),
            ],
        ),
        &[
            (Some(0), RemarkCode::LotMissing, 0, 0),
            (Some(0), RemarkCode::WeightMissing, 0, 1_000),
            (Some(1), RemarkCode::WeightUnlikely, 2_201, 2_000),
        ],
    );
    expect(event(Kind::Count, "S1", &[line("HAM", 0, |_| {})]), &[]);
    // A reservation is of no units in anybody's hands.
    let mut hold = event(Kind::Reserve, "S1", &[line("HAM", 1, |_| {})]);
    hold.subject = Some(name("order-1"));
    expect(hold, &[]);
    expect(
        event(Kind::Receipt, "S2", &[line("OLD", 1, |_| {})]),
        &[(None, RemarkCode::ClosedNode, 0, 0), (Some(0), RemarkCode::ClosedItem, 0, 0)],
    );
    expect(
        event(Kind::Receipt, "S1", &[line("TEA", 1, |line| line.node = Some(name("S2")))]),
        &[(Some(0), RemarkCode::ClosedNode, 0, 0)],
    );
    let mut other = event(Kind::Substitute, "S1", &[line("TEA", 1, |line| line.to_sku = Some(name("OLD")))]);
    other.subject = Some(name("order-1"));
    expect(other, &[(Some(0), RemarkCode::ClosedItem, 0, 0)]);
    expect(
        event(
            Kind::Receipt,
            "S1",
            &[
                line("TEA", 1, |line| line.place = Some(name("shelf"))),
                line("TEA", 1, |line| line.place = Some(name("cellar"))),
                line("TEA", 1, |line| line.place = Some(name("attic"))),
            ],
        ),
        &[(Some(1), RemarkCode::ClosedPlace, 0, 0), (Some(2), RemarkCode::UnknownPlace, 0, 0)],
    );
    let recipe: fn(&mut Line) = |line| line.pack = Some(name("v1"));
    let parts = |cups| [line("SET", 3, recipe), line("TEA", -6, |_| {}), line("CUP", cups, |_| {})];
    expect(event(Kind::KitAssemble, "S1", &parts(-3)), &[]);
    expect(event(Kind::KitAssemble, "S1", &parts(-2)), &[(Some(0), RemarkCode::RecipeDiffers, -2, -3)]);
    // Kits of several lots are several lines, and what they are made of is one sum.
    let by_lot = |units, lot: &str| Line { lot: Some(name(lot)), ..line("SET", units, recipe) };
    let lots = |cups| [by_lot(1, "A"), by_lot(2, "B"), line("TEA", -6, |_| {}), line("CUP", cups, |_| {})];
    expect(event(Kind::KitAssemble, "S1", &lots(-3)), &[]);
    expect(event(Kind::KitAssemble, "S1", &lots(-2)), &[(Some(0), RemarkCode::RecipeDiffers, -2, -3)]);
    let other = line("SET", 1, |line| line.pack = Some(name("v2")));
    expect(event(Kind::KitAssemble, "S1", &[other]), &[(Some(0), RemarkCode::UnknownPack, 0, 0)]);
    assert_eq!(made.len(), RemarkCode::ALL.len());
}

/// A line that was bound lot by lot is as odd as what was asked: its pack and its weight are those of the whole.
#[test]
fn a_line_of_several_lots_is_held_against_its_whole() {
    let mut office = Office::default();
    office.node("S1").item("TEA").item("HAM").item("SET").item("CUP");
    office.pack("TEA", "case", 12, None).kit("SET", &[("CUP", 2)]);
    let ham = Card::new(List::Item, name("HAM")).with(Field::Grams, number(1_000));
    office.card(ham.with(Field::ByLot, Value::Flag(true)).with(Field::GramsPpm, number(100_000)), &[]);
    let (mut book, now) = (office.book(), office.now());
    let event = |id, kind, lines: &[Line]| {
        let mut event = Event::new(name("dock"), Id::Number(id), kind, now);
        (event.node, event.reason, event.lines) = (Some(name("S1")), Some(name("broken")), lines.to_vec());
        event
    };
    let line = |sku: &str, units, lot: Option<&str>| Line {
        lot: lot.map(name),
        ..Line::new(name(sku), units).unwrap()
    };
    let lots = |sku| [line(sku, 5, Some("A")), line(sku, 9, Some("B"))];
    for (id, sku) in [(1, "TEA"), (2, "HAM"), (3, "SET")] {
        book.evolve(&event(id, Kind::Receipt, &lots(sku))).unwrap();
    }
    let remarks = |event: &Event| -> Vec<(Option<usize>, RemarkCode, i64, i64)> {
        let remarks = office.catalogue.check(event).into_iter();
        remarks.map(|one| (one.line, one.code, one.found, one.wanted)).collect()
    };
    let mut bound = |kind, lines: &[Line]| match book.decide(&event(9, kind, lines)) {
        Ok(Decision::Accept(accepted)) => (accepted.lines.len(), remarks(&accepted)),
        other => panic!("{other:?}"),
    };
    let case = |units| Line { pack: Some(name("case")), ..line("TEA", units, None) };
    assert_eq!(bound(Kind::WriteOff, &[case(12)]), (2, vec![]));
    assert_eq!(bound(Kind::WriteOff, &[case(13)]), (2, vec![(Some(0), RemarkCode::BrokenPack, 1, 12)]));
    let box_of = Line { pack: Some(name("box")), ..line("TEA", 12, None) };
    assert_eq!(bound(Kind::WriteOff, &[box_of]), (2, vec![(Some(0), RemarkCode::UnknownPack, 0, 0)]));
    let ham = |grams| Line { grams: Quantity::new(grams), ..line("HAM", 7, None) };
    assert_eq!(bound(Kind::WriteOff, &[ham(7_500)]), (2, vec![]));
    assert_eq!(
        bound(Kind::WriteOff, &[ham(7_701)]),
        (2, vec![(Some(0), RemarkCode::WeightUnlikely, 7_701, 7_000)])
    );
    let recipe =
        |version: &str| [Line { pack: Some(name(version)), ..line("SET", -7, None) }, line("CUP", 14, None)];
    assert_eq!(bound(Kind::KitBreak, &recipe("v1")), (3, vec![]));
    assert_eq!(bound(Kind::KitBreak, &recipe("v0")), (3, vec![(Some(0), RemarkCode::UnknownPack, 0, 0)]));
    // Nor is a recipe a pack where somebody asks whether kits may be made by it.
    let mut asked = event(9, Kind::ApprovalRequest, &recipe("v1"));
    (asked.asks, asked.subject) = (Some(Kind::KitBreak), Some(name("approval-1")));
    assert_eq!((asked.check(), remarks(&asked)), (Ok(()), vec![]));
    asked.lines[1] = line("CUP", 13, None);
    assert_eq!(remarks(&asked), [(Some(0), RemarkCode::RecipeDiffers, 13, 14)]);
    // What is said to be of no lot is of none.
    let none = [Line { grams: Quantity::new(1_000), ..line("HAM", 1, Some("unassigned")) }];
    assert_eq!(remarks(&event(9, Kind::Sell, &none)), [(Some(0), RemarkCode::LotMissing, 0, 0)]);
}
