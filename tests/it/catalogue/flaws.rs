//! What is wrong with master data: each flaw, and that its mend mends it.

use std::collections::BTreeSet;

use onhand::Kind;
use onhand::catalogue::{Card, Field, FlawCode, List};
use onhand_tests::random::name;

use super::{Office, number, text};

/// Each flaw, what it is found by, and that its mend mends it and nothing else breaks.
#[test]
fn each_flaw_is_found_and_mended() {
    type Wrong = fn(&mut Office);
    let wrongs: &[(FlawCode, &str, Wrong)] = &[
        (FlawCode::DuplicateSku, "tea 250", |office| {
            office.item("TEA250").item("tea 250");
        }),
        (FlawCode::DuplicateSku, "00036000291452", |office| {
            office.item("036000291452").item("00036000291452");
        }),
        (FlawCode::UnitRedefined, "TEA", |office| {
            office.item_in("TEA", "gram").item("CUP").item("TEA").item_in("CUP", "pair").item("CUP");
        }),
        (FlawCode::DuplicateGtin, "CUP", |office| {
            office.item("TEA").item("CUP").gtin("TEA", "036000291452").gtin("CUP", "00036000291452");
        }),
        (FlawCode::PackConflict, "CASE", |office| {
            office.item("TEA").pack("TEA", "case", 12, None).pack("TEA", "CASE", 10, None);
        }),
        (FlawCode::PackRedefined, "case", |office| {
            office.item("TEA").pack("TEA", "case", 12, None).pack("TEA", "case", 10, None);
        }),
        (FlawCode::PackOfOtherItem, "case", |office| {
            office.item("TEA").item("CUP").gtin("CUP", "036000291452");
            let case = Card::new(List::Pack, name("case")).of(name("TEA")).with(Field::Count, number(12));
            office.card(case.with(Field::Gtin, text("10036000291459")), &[]);
        }),
        (FlawCode::PackCycle, "layer", |office| {
            office.item("TEA").pack("TEA", "case", 12, Some("layer")).pack("TEA", "layer", 8, Some("case"));
        }),
        (FlawCode::Dangling, "case", |office| {
            office.pack("TEA", "case", 12, None);
        }),
        (FlawCode::Dangling, "layer", |office| {
            office.item("TEA").pack("TEA", "layer", 12, Some("case"));
        }),
        (FlawCode::Dangling, "SET", |office| {
            office.item("SET").kit("SET", &[("TEA", 1)]);
        }),
        (FlawCode::Dangling, "shelf", |office| {
            office.card(Card::new(List::Place, name("shelf")).of(name("S1")), &[]);
        }),
        (FlawCode::Dangling, "MAY", |office| {
            let card = Card::new(List::Promotion, name("MAY")).with(Field::Until, number(5_000));
            office.item("TEA").card(card.with(Field::Channel, text("web")), &[("TEA", 1)]);
        }),
        (FlawCode::NamesClosed, "SET", |office| {
            office.item("SET").item("TEA").kit("SET", &[("TEA", 1)]);
            office.card(Card::new(List::Item, name("TEA")).closed(), &[]);
        }),
    ];
    for (code, about, wrong) in wrongs {
        let mut office = Office::default();
        wrong(&mut office);
        assert_eq!(office.flaws(), [(*code, (*about).to_owned())]);
        // A mend may leave something that named what it closed, which is then mended too.
        for _ in 0..2 {
            let Some(flaw) = office.catalogue.flaws(office.now()).into_iter().next() else { break };
            let mend = flaw.mend.event(office.event(Kind::CatalogueChange));
            office.tell(mend);
            assert!(!office.catalogue.flaws(office.now()).contains(&flaw), "{code} is mended");
        }
        assert_eq!(office.flaws(), [], "{code} is mended");
    }
    // The rest are in the tests of packs and kits.
    let here = wrongs.iter().map(|(code, _, _)| *code);
    let elsewhere = [
        FlawCode::PackTooDeep,
        FlawCode::PackTooLarge,
        FlawCode::KitCycle,
        FlawCode::KitTooDeep,
        FlawCode::KitTooLarge,
    ];
    let all: BTreeSet<FlawCode> = here.chain(elsewhere).collect();
    assert_eq!(all.len(), FlawCode::ALL.len());
}

/// Where the case is an item too, a pack of either is made from its own.
#[test]
fn a_pack_is_of_its_own_item_whatever_else_has_that_number() {
    let mut office = Office::default();
    office.item("TEA").item("TEA-CASE").gtin("TEA", "036000291452").gtin("TEA-CASE", "10036000291459");
    for sku in ["TEA", "TEA-CASE"] {
        let pack = Card::new(List::Pack, name("pallet")).of(name(sku)).with(Field::Count, number(12));
        let gtin = if sku == "TEA" { "20036000291456" } else { "30036000291453" };
        office.card(pack.with(Field::Gtin, text(gtin)), &[]);
    }
    assert_eq!(office.flaws(), []);
}

/// What was meant is proposed where somebody only wrote it otherwise.
#[test]
fn a_name_written_otherwise_is_mended_by_the_right_one() {
    let mut office = Office::default();
    office.item("TEA").item("CUP").item("SET").kit("SET", &[("tea", 2), ("CUP", 1)]);
    office.pack("TEA", "Case", 12, None).pack("TEA", "layer", 8, Some("case"));
    for _ in 0..2 {
        let flaw = office.catalogue.flaws(office.now()).remove(0);
        let mend = flaw.mend.event(office.event(Kind::CatalogueChange));
        office.tell(mend);
    }
    assert_eq!(office.flaws(), []);
    assert_eq!(office.catalogue.pack_units(&name("TEA"), &name("layer"), office.now()), Some(96));
    let parts = office.catalogue.expand(&name("SET"), 1, office.now()).unwrap();
    assert_eq!(parts, [(name("CUP"), 1), (name("TEA"), 2)]);
    // A promotion goes on without the item that nobody knows.
    let card = Card::new(List::Promotion, name("MAY")).with(Field::Until, number(5_000));
    office.card(card, &[("TEA", 1), ("GONE", 1)]);
    let flaw = office.catalogue.flaws(office.now()).remove(0);
    assert_eq!(flaw.mend.lines, [(name("TEA"), 1)]);
}
