//! Kits: how many can be made, how deep they may be, and that none is in itself.

use onhand::catalogue::{Card, Field, FlawCode, KitProblem, List, Value};
use onhand::promise::{Rule, Rulebook, Term};
use onhand::{Event, Id, Kind, Line, Quantity, Terms};
use onhand_tests::random::name;

use super::{Office, at, text};

/// G17 of the scenarios: kits in kits, made of what is there.
#[test]
fn kits_of_kits_are_as_many_as_their_components_allow() {
    let mut office = Office::default();
    for sku in ["KIT", "SUB", "U", "D", "K", "G"] {
        office.item(sku);
    }
    office.node("S1").kit("KIT", &[("G", 3_000), ("SUB", 24)]).kit("SUB", &[("U", 24), ("D", 12), ("K", 5)]);
    let now = at(1_000);
    assert_eq!(
        office.catalogue.expand(&name("KIT"), 2, now).unwrap(),
        [("D", 576), ("G", 6_000), ("K", 240), ("U", 1_152)].map(|(sku, units)| (name(sku), units))
    );
    assert_eq!(office.flaws(), []);
    let mut book = office.book();
    let mut kits = Vec::new();
    for times in [1, 2, 2] {
        let mut receipt = Event::new(name("dock"), Id::Number(kits.len() as u64 + 1), Kind::Receipt, at(900));
        receipt.node = Some(name("S1"));
        let goods = [("U", 576), ("D", 288), ("K", 120), ("G", 3_000)];
        receipt.lines.extend(goods.map(|(sku, units)| Line::new(name(sku), units * times).unwrap()));
        book.evolve(&receipt).unwrap();
        let have = office.catalogue.kit_availability(&book, &name("KIT"), &name("S1"), now).unwrap();
        kits.push((have.to_make, have.binds.as_str().to_owned()));
        assert!(have.parts.iter().all(|part| have.to_make * part.units <= part.available));
    }
    assert_eq!(kits, [(1, "D".to_owned()), (3, "D".to_owned()), (5, "D".to_owned())]);
    // One component sold: it binds; and what stands there ready made is counted apart.
    let mut sale = Event::new(name("till"), Id::Number(1), Kind::Sell, at(950));
    sale.node = Some(name("S1"));
    sale.lines.push(Line::new(name("K"), 1).unwrap());
    book.evolve(&sale).unwrap();
    let mut made = Event::new(name("dock"), Id::Number(9), Kind::Receipt, at(950));
    (made.node, made.lines) = (Some(name("S1")), vec![Line::new(name("KIT"), 2).unwrap()]);
    book.evolve(&made).unwrap();
    let have = office.catalogue.kit_availability(&book, &name("KIT"), &name("S1"), now).unwrap();
    assert_eq!((have.ready, have.to_make, have.binds.as_str()), (2, 4, "K"));
    let nowhere = office.catalogue.kit_availability(&book, &name("KIT"), &name("S9"), now).unwrap();
    assert_eq!((nowhere.ready, nowhere.to_make), (0, 0));
    assert_eq!(office.catalogue.expand(&name("U"), 1, now), Err(KitProblem::NotAKit));
}

#[test]
fn kits_are_bounded_and_in_no_circle() {
    // Eight deep is well, nine is not.
    let mut office = Office::default();
    office.item("K0");
    for depth in 1..=9 {
        office.item(&format!("K{depth}")).kit(&format!("K{depth}"), &[(&format!("K{}", depth - 1), 2)]);
        let expanded = office.catalogue.expand(&name(format!("K{depth}")), 1, office.now());
        match depth {
            9 => assert_eq!(expanded, Err(KitProblem::TooDeep)),
            depth => assert_eq!(expanded, Ok(vec![(name("K0"), 1 << depth)])),
        }
    }
    assert_eq!(office.flaws(), [(FlawCode::KitTooDeep, "K9".to_owned())]);
    // Ten thousand lines in the end are well, one more is not: a hundred kits of 99 lines, and the hundred that name them.
    let mut office = Office::default();
    let skus: Vec<String> = (0..101).map(|number| format!("part-{number}")).collect();
    for sku in &skus {
        office.item(sku);
    }
    let parts: Vec<(&str, i64)> = skus.iter().take(99).map(|sku| (sku.as_str(), 1)).collect();
    let kits: Vec<String> = (0..100).map(|number| format!("kit-{number}")).collect();
    for kit in &kits {
        office.item(kit).kit(kit, &parts);
    }
    let mut whole: Vec<(&str, i64)> = kits.iter().map(|kit| (kit.as_str(), 1)).collect();
    office.item("WHOLE").kit("WHOLE", &whole);
    assert_eq!(office.catalogue.expand(&name("WHOLE"), 1, office.now()).unwrap().len(), 99);
    whole.push(("part-100", 1));
    office.kit("WHOLE", &whole);
    assert_eq!(office.catalogue.expand(&name("WHOLE"), 1, office.now()), Err(KitProblem::TooLarge));
    // Nor is more than a quantity can be.
    let mut office = Office::default();
    office.item("BIG").item("PART").kit("BIG", &[("PART", Quantity::MAX.units())]);
    assert!(office.catalogue.expand(&name("BIG"), 1, office.now()).is_ok());
    assert_eq!(office.catalogue.expand(&name("BIG"), 2, office.now()), Err(KitProblem::TooLarge));
    // A kit in itself, through others: seen before it is told, and found when it was told all the same.
    let mut office = Office::default();
    office
        .item("A")
        .item("B")
        .item("C")
        .item("D")
        .kit("A", &[("B", 1)])
        .kit("B", &[("C", 1)])
        .kit("D", &[("A", 1)]);
    assert_eq!(office.flaws(), []);
    let mut wrong = office.event(Kind::CatalogueChange);
    wrong.terms = Some(Terms::Card(Card::new(List::Kit, name("C")).with(Field::Version, text("v1"))).into());
    wrong.lines = vec![Line::new(name("A"), 1).unwrap()];
    let seen: Vec<FlawCode> = office.catalogue.flaws_of(&wrong).iter().map(|flaw| flaw.code).collect();
    assert_eq!(seen, [FlawCode::KitCycle]);
    office.tell(wrong);
    let told: Vec<FlawCode> = office.flaws().into_iter().map(|(code, _)| code).collect();
    assert_eq!(told, [FlawCode::KitCycle], "a circle is one flaw");
    for kit in ["A", "B", "C", "D"] {
        let problem = office.catalogue.expand(&name(kit), 1, office.now()).unwrap_err();
        assert_eq!(problem.code(), "kit_too_deep");
    }
    let mut office = Office::default();
    office.item("A").kit("A", &[("A", 1)]);
    assert_eq!(office.flaws(), [(FlawCode::KitCycle, "A".to_owned())]);
    // Of many of itself, it is too large before it is too deep: it is in itself all the same.
    let mut office = Office::default();
    office.item("A").item("B").kit("A", &[("B", 1_000_000)]).kit("B", &[("A", 1_000_000)]);
    assert_eq!(office.flaws(), [(FlawCode::KitCycle, "B".to_owned())]);
    // And it may come to that later, by what was told beforehand.
    let mut office = Office::default();
    office.item("A").item("B");
    let recipe = |office: &Office, kit: &str, part: &str, due| {
        let mut event = office.event(Kind::CatalogueChange);
        let card = Card::new(List::Kit, name(kit)).with(Field::Version, text("v1"));
        (event.terms, event.due) = (Some(Terms::Card(card).into()), due);
        event.lines = vec![Line::new(name(part), 1).unwrap()];
        event
    };
    office.tell(recipe(&office, "B", "A", Some(at(1_000))));
    let wrong = recipe(&office, "A", "B", None);
    let seen: Vec<FlawCode> = office.catalogue.flaws_of(&wrong).iter().map(|flaw| flaw.code).collect();
    assert_eq!(seen, [FlawCode::KitCycle]);
    // Unless it ends before.
    let mut ends = office.event(Kind::CatalogueChange);
    (ends.terms, ends.due) =
        (Some(Terms::Card(Card::new(List::Kit, name("A")).closed()).into()), Some(at(999)));
    office.tell(ends);
    assert_eq!(office.catalogue.flaws_of(&wrong), []);
}

#[test]
fn a_kit_is_promised_by_its_parts_as_its_card_has_them() {
    let mut office = Office::default();
    let parts: Vec<String> = (0..65).map(|at| format!("PART-{at:02}")).collect();
    let parts: Vec<(&str, i64)> = parts.iter().map(|part| (part.as_str(), 2)).collect();
    office.kit("SET", &parts[..64]).kit("CHEST", &parts).kit("BOX", &[("SET", 1), ("LID", 1)]);
    let row = |office: &Office, kit: &str| office.catalogue.stand_in(&name(kit), office.now());
    let set = row(&office, "SET").unwrap();
    assert_eq!((set.parts.len(), set.parts[0].units.units(), set.split), (64, 2, false));
    assert_eq!(row(&office, "CHEST"), Err(KitProblem::TooLarge));
    assert_eq!(row(&office, "LID"), Err(KitProblem::NotAKit));
    let card = Card::new(List::Kit, name("SET")).with(Field::Version, text("v2"));
    office.card(card.with(Field::Split, Value::Flag(true)), &parts[..3]);
    let set = row(&office, "SET").unwrap();
    assert!(set.split);
    // A kit with that one in it has a card of its own.
    let boxed = row(&office, "BOX").unwrap();
    assert_eq!((boxed.parts.len(), boxed.split), (4, false));
    let then = Term::StandIn { rows: vec![set, boxed] };
    let rulebook = Rulebook { rules: vec![Rule::new(name("kits"), then)], ..Rulebook::default() };
    assert_eq!(rulebook.check(), Ok(()));
}
