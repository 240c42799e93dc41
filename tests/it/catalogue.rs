//! The catalogue: its tables both ways, numbers of GS1, packs, kits, what is odd and what is wrong, and that each mend mends.

use std::collections::BTreeSet;

use onhand::catalogue::{
    Card, Catalogue, FIELDS, Field, FlawCode, Gtin, GtinProblem, LISTS, List, Takes, Value,
};
use onhand::receiving::{Oddity, Scanned, inspect};
use onhand::{
    Book, Event, Id, ItemTerms, Kind, Line, Name, NodeTerms, NodeType, Quantity, Standing, Terms, Time,
};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

mod flaws;
mod kits;
mod proposals;
mod remarks;

fn at(millis: i64) -> Time {
    Time::new(millis).unwrap()
}

fn text(text: &str) -> Value {
    Value::Name(name(text))
}

fn number(number: i64) -> Value {
    Value::Number(number)
}

/// Says things one after the other, a millisecond apart.
#[derive(Default)]
struct Office {
    catalogue: Catalogue,
    said: Vec<Event>,
}

impl Office {
    fn now(&self) -> Time {
        at(i64::try_from(self.said.len()).unwrap())
    }

    fn event(&self, kind: Kind) -> Event {
        let id = u64::try_from(self.said.len() + 1).unwrap();
        Event::new(name("office"), Id::Number(id), kind, at(id as i64))
    }

    fn tell(&mut self, event: Event) {
        assert_eq!(event.check(), Ok(()), "{event:?}");
        self.catalogue.note(&event);
        self.said.push(event);
    }

    fn item(&mut self, sku: &str) -> &mut Office {
        self.item_in(sku, "each")
    }

    fn item_in(&mut self, sku: &str, unit: &str) -> &mut Office {
        let terms =
            ItemTerms { sku: name(sku), unit: name(unit), title: None, backorder_limit: Quantity::ZERO };
        self.tell(Event { terms: Some(Terms::Item(terms).into()), ..self.event(Kind::ItemChange) });
        self
    }

    fn node(&mut self, node: &str) -> &mut Office {
        let terms = NodeTerms {
            node: name(node),
            node_type: NodeType::Store,
            title: None,
            on_line: true,
            ships: true,
            picks_up: true,
            handling_ms: 0,
        };
        self.tell(Event { terms: Some(Terms::Node(terms).into()), ..self.event(Kind::NodeChange) });
        self
    }

    fn card(&mut self, card: Card, lines: &[(&str, i64)]) -> &mut Office {
        let lines = lines.iter().map(|(sku, units)| Line::new(name(sku), *units).unwrap()).collect();
        let event = self.event(Kind::CatalogueChange);
        self.tell(Event { terms: Some(Terms::Card(card).into()), lines, ..event });
        self
    }

    fn pack(&mut self, sku: &str, pack: &str, count: i64, contains: Option<&str>) -> &mut Office {
        let card = Card::new(List::Pack, name(pack)).of(name(sku)).with(Field::Count, number(count));
        let card = contains.into_iter().fold(card, |card, inner| card.with(Field::Contains, text(inner)));
        self.card(card, &[])
    }

    fn kit(&mut self, sku: &str, parts: &[(&str, i64)]) -> &mut Office {
        let card = Card::new(List::Kit, name(sku)).with(Field::Version, text("v1"));
        self.card(card, parts)
    }

    fn gtin(&mut self, sku: &str, gtin: &str) -> &mut Office {
        self.card(Card::new(List::Item, name(sku)).with(Field::Gtin, text(gtin)), &[])
    }

    fn flaws(&self) -> Vec<(FlawCode, String)> {
        let flaws = self.catalogue.flaws(self.now()).into_iter();
        flaws.map(|flaw| (flaw.code, flaw.name.as_str().to_owned())).collect()
    }

    /// A book that was told the same.
    fn book(&self) -> Book {
        let mut book = Book::new();
        for event in &self.said {
            book.evolve(event).unwrap();
        }
        book
    }
}

/// Fourteen digits with their check digit, from thirteen: written again, from the other end.
fn with_check_digit(digits: &str) -> String {
    let weigh = |(place, digit): (usize, u32)| digit * if place % 2 == 0 { 3 } else { 1 };
    let digits_from_the_right = digits.chars().rev().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits_from_the_right.enumerate().map(weigh).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

proptest! {
    #![proptest_config(crate::cases_of(150))]

    /// One misread digit is always seen; two neighbours that changed places are, unless they differ by five.
    #[test]
    fn a_check_digit_sees_what_people_get_wrong(core in "[0-9]{13}", place in 0_usize..14, by in 1_u32..10) {
        let right = with_check_digit(&core);
        prop_assume!(right.bytes().any(|digit| digit != b'0'));
        let gtin = Gtin::parse(&right).unwrap();
        prop_assert_eq!(gtin.to_string(), right.clone());
        prop_assert_eq!(Gtin::parse(gtin.short()), Ok(gtin));
        let digits: Vec<u32> = right.chars().map(|digit| digit.to_digit(10).unwrap()).collect();
        let parse = |digits: &[u32]| Gtin::parse(&digits.iter().map(u32::to_string).collect::<String>());
        let mut misread = digits.clone();
        misread[place] = (misread[place] + by) % 10;
        prop_assert!(parse(&misread).is_err());
        if place < 13 {
            let mut swapped = digits.clone();
            swapped.swap(place, place + 1);
            let unseen = digits[place].abs_diff(digits[place + 1]).is_multiple_of(5);
            prop_assert_eq!(parse(&swapped).is_ok(), unseen);
        }
    }

    /// Whatever order the changes are told in, the catalogue answers alike; and it answers the same when it is told them twice.
    #[test]
    fn the_order_of_arrival_does_not_matter(words in prop::collection::vec(any::<u64>(), 1..40), seed: u64) {
        let said = changes(&words);
        let mut catalogue = Catalogue::new();
        said.iter().for_each(|event| catalogue.note(event));
        let mut dice = Dice::new(seed);
        let mut shuffled = said.clone();
        shuffled.extend(said.iter().take(3).cloned());
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, dice.below(place + 1));
        }
        let mut other = Catalogue::new();
        shuffled.iter().for_each(|event| other.note(event));
        for moment in [0, 20, 50, 100] {
            prop_assert_eq!(catalogue.flaws(at(moment)), other.flaws(at(moment)));
            for sku in SKUS {
                prop_assert_eq!(catalogue.packs(&name(sku), at(moment)), other.packs(&name(sku), at(moment)));
                let expand = |catalogue: &Catalogue| catalogue.expand(&name(sku), 3, at(moment));
                prop_assert_eq!(expand(&catalogue), expand(&other));
            }
        }
    }

    /// Mends are changes like any other: done one after the other, they end, and nothing is wrong any more.
    #[test]
    fn mends_mend(words in prop::collection::vec(any::<u64>(), 1..40)) {
        let mut catalogue = Catalogue::new();
        changes(&words).iter().for_each(|event| catalogue.note(event));
        let now = at(1_000);
        for round in 0..400 {
            let Some(flaw) = catalogue.flaws(now).into_iter().next() else { return Ok(()) };
            let base = Event::new(name("steward"), Id::Number(round + 1), Kind::CatalogueChange, at(500 + round as i64));
            let mend = flaw.mend.event(base);
            prop_assert_eq!(mend.check(), Ok(()));
            catalogue.note(&mend);
            let left = catalogue.flaws(now);
            prop_assert!(!left.contains(&flaw), "{flaw:?} is still there");
        }
        prop_assert!(false, "there are still {} flaws", catalogue.flaws(now).len());
    }
}

const SKUS: [&str; 6] = ["TEA", "tea", "CUP", "SET", "BOX", "GONE"];

/// Random changes among few names, so that they meet: many of them wrong.
fn changes(words: &[u64]) -> Vec<Event> {
    let packs = ["case", "Case", "pallet", "layer"];
    let gtins = ["036000291452", "0036000291452", "10036000291459", "036000291469"];
    let mut said = Vec::new();
    for (id, word) in (1..).zip(words) {
        let mut dice = Dice::new(*word);
        let sku = name(*dice.pick(&SKUS));
        let pack = name(*dice.pick(&packs));
        let mut lines = Vec::new();
        let card = match dice.below(7) {
            0 | 1 => None,
            2 | 3 => {
                let card = Card::new(List::Pack, pack).of(sku.clone());
                let card = card.with(Field::Count, number(1 + dice.below(20) as i64));
                let card = if dice.percent(40) {
                    card.with(Field::Contains, text(dice.pick::<&str>(&packs)))
                } else {
                    card
                };
                Some(if dice.percent(30) {
                    card.with(Field::Gtin, text(dice.pick::<&str>(&gtins)))
                } else {
                    card
                })
            }
            4 => {
                lines =
                    (0..1 + dice.below(3)).map(|_| Line::new(name(*dice.pick(&SKUS)), 1).unwrap()).collect();
                Some(Card::new(List::Kit, sku.clone()).with(Field::Version, text("v1")))
            }
            5 => Some(
                Card::new(List::SupplierItem, sku.clone())
                    .of(name("maker"))
                    .with(Field::Pack, text(dice.pick::<&str>(&packs))),
            ),
            _ => Some(Card::new(List::Item, sku.clone()).with(Field::Gtin, text(dice.pick::<&str>(&gtins)))),
        };
        let card = card.map(|card| if dice.percent(10) { card.closed() } else { card });
        let kind = if card.is_some() { Kind::CatalogueChange } else { Kind::ItemChange };
        let mut event = Event::new(name("office"), Id::Number(id), kind, at(dice.below(100) as i64));
        event.terms = Some(Box::new(match card {
            Some(card) => Terms::Card(card),
            None => Terms::Item(ItemTerms {
                sku,
                unit: name("each"),
                title: None,
                backorder_limit: Quantity::ZERO,
            }),
        }));
        event.lines = lines;
        assert_eq!(event.check(), Ok(()));
        said.push(event);
    }
    said
}

#[test]
fn gtins_have_four_lengths_and_one_form() {
    let form = |text| Gtin::parse(text).map(|gtin| (gtin.to_string(), gtin.short().to_owned()));
    for (written, fourteen, short) in [
        ("73513537", "00000073513537", "73513537"),
        ("036000291452", "00036000291452", "036000291452"),
        ("0036000291452", "00036000291452", "036000291452"),
        ("4001234500010", "04001234500010", "4001234500010"),
        ("10036000291459", "10036000291459", "10036000291459"),
    ] {
        assert_eq!(form(written), Ok((fourteen.to_owned(), short.to_owned())));
    }
    let problem = |text| Gtin::parse(text).unwrap_err();
    assert_eq!(problem(""), GtinProblem::NotDigits);
    assert_eq!(problem("03600029145\u{0662}"), GtinProblem::NotDigits);
    assert_eq!(problem("36000291452"), GtinProblem::Length { digits: 11 });
    assert_eq!(problem("000000000000"), GtinProblem::Zero);
    assert_eq!(problem("036000291453"), GtinProblem::CheckDigit { found: 3, expected: 2 });
    let case = Gtin::parse("10036000291459").unwrap();
    assert_eq!((case.indicator(), case.core()), (1, Gtin::parse("036000291452").unwrap().core()));
}

/// A value that the field takes.
fn fitting(field: Field) -> Value {
    match field.row().takes {
        Takes::Name | Takes::One(_) => text("something"),
        Takes::Gtin => text("036000291452"),
        Takes::Gln => text("9501101020016"),
        Takes::Number(min, _) => number(min),
        Takes::Flag => Value::Flag(true),
    }
}

/// A card with what its row asks for, and nothing else.
fn sample(list: List) -> Event {
    let row = list.row();
    let card = row
        .needs
        .iter()
        .fold(Card::new(list, name("this")), |card, field| card.with(*field, fitting(*field)));
    let card = if row.of.is_some() { card.of(name("that")) } else { card };
    let mut event = Event::new(name("office"), Id::Number(1), Kind::CatalogueChange, at(1));
    event.terms = Some(Terms::Card(card).into());
    event.lines.extend(row.lines.map(|_| Line::new(name("part"), 1).unwrap()));
    event
}

fn card_of(event: &Event) -> Card {
    match event.terms.as_deref() {
        Some(Terms::Card(card)) => card.clone(),
        other => panic!("{other:?}"),
    }
}

fn changed(event: &Event, change: impl FnOnce(Card) -> Card) -> Event {
    Event { terms: Some(Terms::Card(change(card_of(event))).into()), ..event.clone() }
}

#[test]
fn each_list_takes_the_fields_of_its_row_and_no_others() {
    for (row, list) in LISTS.iter().zip(List::ALL) {
        assert_eq!((row.list, list.row().list), (*list, *list));
        assert!(!row.says.is_empty());
        let whole = sample(*list);
        assert_eq!(whole.check(), Ok(()), "{list}");
        for (row_of_field, field) in FIELDS.iter().zip(Field::ALL) {
            assert_eq!((row_of_field.field, field.row().field), (*field, *field));
            assert_eq!(row_of_field.path, format!("terms.{field}"));
            let takes = row.needs.contains(field)
                || row.may.contains(field)
                || matches!(field, Field::Title | Field::Closed);
            let with = changed(&whole, |card| card.with(*field, fitting(*field)));
            assert_eq!(with.check().is_ok(), takes, "{list} with {field}");
            let without = changed(&whole, |card| card.without(*field));
            assert_eq!(without.check().is_err(), row.needs.contains(field), "{list} without {field}");
            // What is closed need say no more than its name.
            assert_eq!(changed(&without, Card::closed).check(), Ok(()));
            for (wrong, problem) in wrong_values(*field) {
                let with = changed(&whole, |card| card.with(*field, wrong.clone()));
                let expected = if takes { problem } else { "not_expected" };
                assert_eq!(
                    with.check().unwrap_err().problem.code(),
                    expected,
                    "{list} with {field} {wrong:?}"
                );
            }
        }
        let of = |of: Option<Name>| {
            changed(&whole, |mut card| {
                card.of = of;
                card
            })
        };
        assert_eq!(of(Some(name("that"))).check().is_ok(), row.of.is_some());
        assert_eq!(of(None).check().is_ok(), row.of.is_none());
        let lines = |lines: Vec<Line>| Event { lines, ..whole.clone() };
        assert_eq!(lines(Vec::new()).check().is_ok(), row.lines.is_none());
        assert_eq!(lines(vec![Line::new(name("part"), 1).unwrap()]).check().is_ok(), row.lines.is_some());
    }
}

fn wrong_values(field: Field) -> Vec<(Value, &'static str)> {
    match field.row().takes {
        Takes::Name | Takes::One(_) => vec![(number(1), "wrong_terms"), (Value::Flag(true), "wrong_terms")],
        Takes::Gtin => vec![
            (text("036000291453"), "check_digit"),
            (text("3"), "not_a_number"),
            (number(1), "wrong_terms"),
        ],
        Takes::Gln => vec![(text("9501101020017"), "check_digit"), (text("036000291452"), "not_a_number")],
        Takes::Number(min, max) => {
            vec![
                (number(min - 1), "out_of_range"),
                (number(max + 1), "out_of_range"),
                (text("1"), "wrong_terms"),
            ]
        }
        Takes::Flag => vec![(number(1), "wrong_terms")],
    }
}

#[test]
fn cards_travel_whole() {
    for list in List::ALL {
        let mut event = sample(*list);
        event.terms =
            list.row().may.iter().chain([&Field::Title, &Field::Closed]).fold(event.terms, |terms, field| {
                let event = Event { terms, ..sample(*list) };
                changed(&event, |card| card.with(*field, fitting(*field))).terms
            });
        let json = event.to_json();
        assert_eq!(Event::from_json(&json).as_ref(), Ok(&event), "{json}");
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
        // A change under a text that is of a closed period waits in the snapshot.
        let mut office = Office::default();
        office.node("S1");
        let mut book = office.book();
        let mut close = Event::new(name("office"), Id::Number(90), Kind::PeriodClose, at(200));
        (close.node, close.due) = (Some(name("S1")), Some(at(100)));
        book.evolve(&close).unwrap();
        (event.id, event.node) = (Id::Text(name("late")), Some(name("S1")));
        assert_eq!(book.evolve(&event).unwrap().standing, Standing::TooOld);
        let carried = Book::restore(&book.snapshot()).unwrap();
        assert_eq!(carried.digest(), book.digest());
        assert!(carried.clone().evolve(&event).unwrap().replayed);
    }
    for text in [
        r#"{"list":"pack","list":"pack","of":"A","name":"B","count":1}"#,
        r#"{"list":"pack","of":"A","name":"B","count":1,"count":1}"#,
        r#"{"list":"pack","of":"A","name":"B","count":1.5}"#,
        r#"{"list":"pack","of":"A","name":"B","size":1}"#,
        r#"{"list":"shelf","name":"B"}"#,
        r#"{"list":"pack","of":"A"}"#,
        r#"{"name":"A"}"#,
        r#"{"list":"item","name":"A","category":null}"#,
        r#"[]"#,
    ] {
        let json = format!(
            r#"{{"source":"office","id":1,"kind":"catalogue_change","occurred":1,"terms":{{"card":{text}}}}}"#
        );
        assert!(Event::from_json(&json).is_err(), "{text}");
        assert!(serde_json::from_str::<Event>(&json).is_err(), "{text}");
    }
}

/// A code as JavaScript writes it.
fn camel(code: &str) -> String {
    let mut words = code.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
}

/// What the package hands on is what the core knows.
#[test]
fn the_package_knows_every_field() {
    let wire = onhand_tests::host::folder().parent().unwrap().join("npm/src/wire.ts");
    let wire = std::fs::read_to_string(wire).unwrap();
    let cards = wire.split("const CARD: Fields = {").nth(1).and_then(|rest| rest.split("};").next()).unwrap();
    let listed: BTreeSet<String> =
        cards.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key.trim().to_owned()).collect();
    let known = Field::ALL.iter().map(|field| field.code()).chain(["list", "of", "name"]);
    assert_eq!(listed, known.map(camel).collect());
    let types =
        std::fs::read_to_string(onhand_tests::host::folder().parent().unwrap().join("npm/src/terms.ts"))
            .unwrap();
    for list in List::ALL {
        assert!(types.contains(&format!("\"{list}\"")), "no type has the list {list}");
    }
}

#[test]
fn a_change_holds_from_its_moment_and_the_last_word_in_key_order_counts() {
    let mut office = Office::default();
    office.item("TEA").pack("TEA", "case", 12, None);
    let (tea, case) = (name("TEA"), name("case"));
    let pack = |count| Card::new(List::Pack, name("case")).of(name("TEA")).with(Field::Count, number(count));
    // Told today for the day after tomorrow.
    let mut later = office.event(Kind::CatalogueChange);
    (later.terms, later.due) = (Some(Terms::Card(pack(10)).into()), Some(at(1_000)));
    office.tell(later);
    let units = |office: &Office, moment| office.catalogue.pack_units(&tea, &case, at(moment));
    assert_eq!(
        (units(&office, 1), units(&office, 2), units(&office, 999), units(&office, 1_000)),
        (None, Some(12), Some(12), Some(10))
    );
    // Closed between, and open again when its moment comes.
    office.card(pack(12).closed(), &[]);
    assert_eq!((units(&office, 4), units(&office, 1_000)), (None, Some(10)));
    // Two words at one moment: the later key counts, whichever is told first.
    let mut office = Office::default();
    office.item("TEA");
    for (source, count) in [("b", 6), ("a", 4)] {
        let event = Event::new(name(source), Id::Number(1), Kind::CatalogueChange, at(5));
        office.tell(Event { terms: Some(Terms::Card(pack(count)).into()), ..event });
    }
    assert_eq!(units(&office, 5), Some(6));
}

#[test]
fn packs_hold_packs_with_exact_sizes() {
    let mut office = Office::default();
    office.item("TEA").pack("TEA", "case", 12, None).pack("TEA", "layer", 8, Some("case")).pack(
        "TEA",
        "pallet",
        5,
        Some("layer"),
    );
    let sizes = |office: &Office| -> Vec<(String, i64)> {
        let packs = office.catalogue.packs(&name("TEA"), office.now());
        packs.into_iter().map(|pack| (pack.name.as_str().to_owned(), pack.units)).collect()
    };
    let all = |sizes: &[(&str, i64)]| {
        sizes.iter().map(|(name, units)| ((*name).to_owned(), *units)).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&office), all(&[("case", 12), ("layer", 96), ("pallet", 480)]));
    // Eight deep is well, nine is not; nor is more than a quantity can be.
    for depth in 4..=8 {
        let inner = if depth == 4 { "pallet".to_owned() } else { format!("p{}", depth - 1) };
        office.pack("TEA", &format!("p{depth}"), 1, Some(&inner));
    }
    assert_eq!(office.flaws(), []);
    office.pack("TEA", "p9", 1, Some("p8"));
    assert_eq!(office.flaws(), [(FlawCode::PackTooDeep, "p9".to_owned())]);
    let mut office = Office::default();
    office.item("TEA").pack("TEA", "big", Quantity::MAX.units(), None);
    assert_eq!(office.flaws(), []);
    office.pack("TEA", "bigger", 2, Some("big"));
    assert_eq!(office.flaws(), [(FlawCode::PackTooLarge, "bigger".to_owned())]);
    assert_eq!(sizes(&office), all(&[("big", Quantity::MAX.units())]));
}

#[test]
fn a_scanned_code_says_what_it_is() {
    let mut office = Office::default();
    office.item("TEA").gtin("TEA", "036000291452");
    let case = Card::new(List::Pack, name("case")).of(name("TEA")).with(Field::Count, number(12));
    let case = case.with(Field::Gtin, text("10036000291459"));
    office.card(case.clone(), &[]);
    let scan = |office: &Office, code: &str| match office.catalogue.scan(code, office.now()) {
        Ok(found) => format!(
            "{} {} x{}",
            found.sku,
            found.pack.map_or("-".to_owned(), |pack| pack.to_string()),
            found.units
        ),
        Err(problem) => problem.code().to_owned(),
    };
    for (code, answer) in [
        ("TEA", "TEA - x1"),
        ("036000291452", "TEA - x1"),
        ("0036000291452", "TEA - x1"),
        ("00036000291452", "TEA - x1"),
        ("10036000291459", "TEA case x12"),
        ("20036000291456", "unknown_gtin"),
        ("10036000291458", "check_digit"),
        ("tea", "not_digits"),
        ("1003600029145", "wrong_length"),
    ] {
        let answer = if code == "1003600029145" { "check_digit" } else { answer };
        assert_eq!(scan(&office, code), answer, "{code}");
    }
    // Two cards with one number: somebody has to choose.
    office.item("CUP").gtin("CUP", "00036000291452");
    assert_eq!(scan(&office, "036000291452"), "ambiguous");
    // A number that a card no longer has means nothing.
    office.gtin("CUP", "036000291469").card(case.without(Field::Gtin), &[]);
    assert_eq!(scan(&office, "036000291452"), "TEA - x1");
    assert_eq!(scan(&office, "10036000291459"), "unknown_gtin");
    // By weight and by lot, as it is captured.
    let rules = Card::new(List::Item, name("TEA"))
        .with(Field::Grams, number(250))
        .with(Field::ByLot, Value::Flag(true));
    office.card(rules, &[]);
    let found = office.catalogue.scan("TEA", office.now()).unwrap();
    assert_eq!((found.grams, found.by_lot), (Some(250), true));
}

/// A supplier's terms and the packs of an item are what a delivery is held against.
#[test]
fn a_delivery_is_held_against_the_suppliers_terms() {
    let mut office = Office::default();
    office.item("TEA").pack("TEA", "case", 12, None).card(Card::new(List::Supplier, name("maker")), &[]);
    let terms = Card::new(List::SupplierItem, name("TEA")).of(name("maker")).with(Field::Pack, text("case"));
    office.card(terms.with(Field::OverPpm, number(50_000)).with(Field::UnderUnits, number(2)), &[]);
    let lots = Card::new(List::Item, name("TEA")).with(Field::ByLot, Value::Flag(true));
    office.card(lots.with(Field::LifeOnArrivalMs, number(1_000)), &[]);
    assert_eq!(office.flaws(), []);
    let order = office.catalogue.expected(Some(&name("maker")), &name("TEA"), 144, office.now());
    assert_eq!(
        (order.over.of(144), order.under.of(144), order.by_lot, order.life_ms),
        (7, 2, true, Some(1_000))
    );
    let scanned = Scanned { line: Line::new(name("TEA"), 12).unwrap(), expires: Some(at(9_000)) };
    let odd = inspect(Some((&name("PO-1"), &[order])), &[scanned], at(5_000)).findings;
    let odd: Vec<Oddity> = odd.into_iter().map(|finding| finding.oddity).collect();
    assert_eq!(odd, [Oddity::PackMistaken, Oddity::LotMissing, Oddity::Short]);
    let nobody = office.catalogue.expected(None, &name("TEA"), 144, office.now());
    assert_eq!((nobody.over.of(144), nobody.packs.len()), (0, 1));
}
