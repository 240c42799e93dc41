//! Counting: several people and places make one count, blind, and what nobody counted is not zero.

use onhand::counting::{NotTaken, Sheet};
use onhand::limits::LINES_MAX;
use std::collections::BTreeMap;

use onhand::{
    Book, Event, ExceptionCode, Id, Kind, Line, Name, Outside, Standing, StockState, Time, testing,
};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

fn at(millis: i64) -> Time {
    Time::new(millis).unwrap()
}

fn sheet(items: &[&str], places: &[&str]) -> Sheet {
    let mut sheet = Sheet::new(name("count-1"), name("S1"));
    sheet.items = items.iter().map(name).collect();
    sheet.places = places.iter().map(|place| Some(name(place))).collect();
    sheet
}

fn count(sheet: &mut Sheet, who: &str, place: &str, millis: i64, found: &[(&str, i64)]) {
    for (sku, units) in found {
        sheet.tally(&name(who), Some(&name(place)), &name(sku), None, None, *units).unwrap();
    }
    sheet.finish(&name(who), Some(&name(place)), at(millis)).unwrap();
}

fn lines(event: &Event) -> Vec<(String, i64)> {
    event.lines.iter().map(|line| (line.sku.to_string(), line.quantity.units())).collect()
}

#[test]
fn a_place_that_nobody_finished_is_not_zero() {
    let mut book = testing::book(&["TEA", "CUP"], &["S1"]);
    let mut opening = Event::new(name("setup-2"), Id::Number(1), Kind::Opening, at(1));
    opening.node = Some(name("S1"));
    for (place, sku, units) in [("shelf", "TEA", 5), ("shelf", "CUP", 2), ("back", "TEA", 20)] {
        opening.lines.push(Line { place: Some(name(place)), ..Line::new(name(sku), units).unwrap() });
    }
    book.evolve(&opening).unwrap();
    let mut sheet = sheet(&["TEA", "CUP"], &["shelf", "back"]);
    count(&mut sheet, "ada", "shelf", 1_000, &[("TEA", 4)]);
    sheet.tally(&name("grace"), Some(&name("back")), &name("TEA"), None, None, 3).unwrap();
    assert_eq!(sheet.unfinished(), [Some(&name("back"))]);
    let counts = sheet.close(&name("pda"), 7).unwrap();
    // Of the shelf: four, and no cup. Of the back room, where Grace is still at it: nothing.
    assert_eq!(counts.iter().map(lines).collect::<Vec<_>>(), [[("CUP".into(), 0), ("TEA".into(), 4)]]);
    assert_eq!(counts[0].id, Id::Number(7));
    assert_eq!(
        counts[0].subject,
        Some(sheet.name.clone()),
        "all that was counted on one sheet is found by its name"
    );
    counts.iter().for_each(|count| drop(book.evolve(count).unwrap()));
    let there = |book: &Book, place, sku| book.quantity(sku, "S1", Some(place), StockState::Sellable);
    assert_eq!(
        (there(&book, "shelf", "TEA"), there(&book, "shelf", "CUP"), there(&book, "back", "TEA")),
        (4, 0, 20)
    );
}

#[test]
fn who_differs_counts_again_and_a_close_waits_for_it() {
    let mut sheet = sheet(&["TEA", "CUP"], &["shelf"]);
    count(&mut sheet, "ada", "shelf", 1_000, &[("TEA", 4)]);
    count(&mut sheet, "grace", "shelf", 2_000, &[("TEA", 4), ("CUP", 1)]);
    let disputes = sheet.close(&name("pda"), 1).unwrap_err();
    let found = [(name("ada"), 0), (name("grace"), 1)];
    assert_eq!(
        (disputes.len(), disputes[0].sku.clone(), disputes[0].found.clone()),
        (1, name("CUP"), found.to_vec())
    );
    // Ada has another look: she must say so first.
    let shelf = name("shelf");
    let again = sheet.tally(&name("ada"), Some(&shelf), &name("CUP"), None, None, 1);
    assert_eq!(again, Err(NotTaken::Finished { place: Some(shelf.clone()) }));
    assert_eq!(sheet.finish(&name("ada"), Some(&shelf), at(3_000)), again);
    sheet.start_over(&name("ada"), Some(&shelf)).unwrap();
    // While she looks, Grace's count stands alone.
    assert_eq!(sheet.disputes(), []);
    count(&mut sheet, "ada", "shelf", 3_000, &[("CUP", 1), ("TEA", 4)]);
    let counts = sheet.close(&name("pda"), 1).unwrap();
    assert_eq!(
        (counts[0].occurred, lines(&counts[0])),
        (at(3_000), vec![("CUP".into(), 1), ("TEA".into(), 4)])
    );
}

#[test]
fn what_is_not_on_the_sheet_is_not_taken() {
    let mut sheet = sheet(&["TEA"], &["shelf"]);
    let (ada, shelf, tea) = (name("ada"), name("shelf"), name("TEA"));
    let mut tally =
        |place: Option<&Name>, sku: &str, units| sheet.tally(&ada, place, &name(sku), None, None, units);
    assert_eq!(tally(None, "TEA", 1), Err(NotTaken::OtherPlace { place: None }));
    assert_eq!(tally(Some(&shelf), "CUP", 1), Err(NotTaken::OtherItem { sku: name("CUP") }));
    assert_eq!(tally(Some(&shelf), "TEA", -1), Err(NotTaken::OutOfRange { units: -1 }));
    assert_eq!(tally(Some(&shelf), "TEA", 100_000_000_000), Ok(()));
    assert_eq!(tally(Some(&shelf), "TEA", 1), Err(NotTaken::OutOfRange { units: 1 }));
    assert_eq!(sheet.finish(&ada, None, at(1)), Err(NotTaken::OtherPlace { place: None }));
    // A lot that should be there and was not found is zero; one that was found counts though nobody expected it.
    let mut sheet = self::sheet(&["TEA"], &["shelf", "shelf"]);
    sheet.lots = vec![(tea.clone(), name("A")), (tea.clone(), name("B"))];
    for lot in ["B", "C"] {
        sheet.tally(&ada, Some(&shelf), &tea, Some(&name(lot)), None, 2).unwrap();
    }
    sheet.finish(&ada, Some(&shelf), at(1)).unwrap();
    let counts = sheet.close(&name("pda"), 1).unwrap();
    let found: Vec<_> =
        counts[0].lines.iter().map(|line| (line.lot.clone(), line.quantity.units())).collect();
    assert_eq!(
        (counts.len(), found),
        (1, vec![(None, 0), (Some(name("A")), 0), (Some(name("B")), 2), (Some(name("C")), 2)])
    );
    // A full count has no list: what was found is counted, and nothing is zero.
    let mut full = Sheet::new(name("count-2"), name("S1"));
    full.finish(&ada, None, at(1)).unwrap();
    assert_eq!(full.close(&name("pda"), 1), Ok(vec![]));
}

/// What a till sold without its lot is below zero on the books, beside lots that have as many too much. A count by lots sets both right.
#[test]
fn a_count_by_lots_leaves_no_units_of_no_lot() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut told = |id, kind, units, lot: Option<&str>| {
        let mut event = Event::new(name("till"), Id::Number(id), kind, at(id as i64));
        event.node = Some(name("S1"));
        event.lines.push(Line::new(name("TEA"), units).unwrap());
        event.lines[0].lot = lot.map(name);
        book.evolve(&event).unwrap();
    };
    told(1, Kind::Receipt, 10, Some("A"));
    told(2, Kind::Sell, 3, None);
    let mut sheet = Sheet::new(name("count-1"), name("S1"));
    sheet.items = vec![name("TEA")];
    sheet.tally(&name("ada"), None, &name("TEA"), Some(&name("A")), None, 7).unwrap();
    sheet.finish(&name("ada"), None, at(1_000)).unwrap();
    for count in sheet.close(&name("pda"), 1).unwrap() {
        book.evolve(&count).unwrap();
    }
    assert_eq!(book.availability("TEA", "S1", at(2_000)).unwrap().on_hand, 7);
}

/// Nothing at all is something that a person can say; and each place is a fact of its own, numbered one after the other.
#[test]
fn nothing_is_tallied_and_each_place_has_the_next_number() {
    let mut sheet = sheet(&["TEA"], &["back", "shelf", "window"]);
    count(&mut sheet, "ada", "shelf", 1_000, &[("TEA", 0)]);
    count(&mut sheet, "ada", "window", 2_000, &[("TEA", 0), ("TEA", 2)]);
    count(&mut sheet, "ada", "back", 3_000, &[]);
    let counts = sheet.close(&name("pda"), 7).unwrap();
    let told: Vec<_> = counts.iter().map(|count| (count.id.clone(), lines(count))).collect();
    let tea = |units| vec![("TEA".to_owned(), units)];
    assert_eq!(told, [(Id::Number(7), tea(0)), (Id::Number(8), tea(0)), (Id::Number(9), tea(2))]);
}

/// A count of one place never has more lines than an event may have, those of what should be there among them.
#[test]
fn a_place_has_no_more_things_than_a_count_has_lines() {
    for (items, lots) in [(0, 0), (3, 0), (3, 2)] {
        let mut sheet = sheet(&[], &["shelf"]);
        sheet.items = (0..items).map(|item| name(format!("item-{item}"))).collect();
        sheet.lots = (0..lots).map(|lot| (name("item-0"), name(format!("lot-{lot}")))).collect();
        let (ada, shelf) = (name("ada"), name("shelf"));
        let mut tally = |thing: usize, units| {
            let sku = if items == 0 { format!("sku-{thing}") } else { "item-1".to_owned() };
            let lot = (items > 0).then(|| name(format!("found-{thing}")));
            sheet.tally(&ada, Some(&shelf), &name(sku), lot.as_ref(), None, units)
        };
        let most = LINES_MAX - items - lots;
        for thing in 0..most {
            assert_eq!(tally(thing, 1), Ok(()), "{thing} of {most}");
        }
        assert_eq!(tally(most, 1), Err(NotTaken::TooMany));
        assert_eq!(tally(0, 1), Ok(()), "what was found before is found once more");
        sheet.finish(&ada, Some(&shelf), at(1)).unwrap();
        let counts = sheet.close(&name("pda"), 1).unwrap();
        assert_eq!(counts.len(), 1);
        assert_eq!(counts[0].check(), Ok(()));
    }
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    /// What a sheet says does not depend on the order in which people come back with what they found.
    #[test]
    fn tallies_in_any_order_make_the_same_count(words in prop::collection::vec(any::<u64>(), 1..40), seed in any::<u64>()) {
        let tallies: Vec<_> = words.iter().map(|word| {
            let mut dice = Dice::new(*word);
            let (who, place) = (name(["ada", "bob"][dice.below(2)]), name(["shelf", "back"][dice.below(2)]));
            (who, place, name(["TEA", "CUP"][dice.below(2)]), dice.percent(30).then(|| name("L")), dice.below(4) as i64)
        }).collect();
        let told = |tallies: &[(Name, Name, Name, Option<Name>, i64)]| {
            let mut sheet = sheet(&["TEA", "CUP", "JAM"], &["shelf", "back"]);
            for (who, place, sku, lot, units) in tallies {
                sheet.tally(who, Some(place), sku, lot.as_ref(), None, *units).unwrap();
            }
            for (millis, (who, place)) in [("ada", "shelf"), ("bob", "shelf"), ("bob", "back")].iter().enumerate() {
                sheet.finish(&name(who), Some(&name(place)), at(millis as i64)).unwrap();
            }
            sheet.close(&name("pda"), 1)
        };
        let mut shuffled = tallies.clone();
        let mut dice = Dice::new(seed);
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, dice.below(place + 1));
        }
        let counts = told(&tallies);
        prop_assert_eq!(&counts, &told(&shuffled));
        for event in counts.unwrap_or_default() {
            prop_assert!(event.check().is_ok());
            prop_assert!(event.lines.iter().any(|line| line.sku == name("JAM") && line.quantity.units() == 0));
        }
    }
}

/// An item, a place, a lot and a state at S1.
type Spot = (Name, Option<Name>, Option<Name>, StockState);

fn spot(line: &Line, state: StockState) -> Spot {
    (line.sku.clone(), line.place.clone(), line.lot.clone(), line.state.unwrap_or(state))
}

/// What is counted and what moves at a node, some of it at the same moment and by several sources: receipts, sales, holds and
/// moves between places, cycle counts of some spots, recounts, and sheets of two people that close with no dispute.
fn floor(words: &[u64]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for word in words {
        let mut dice = Dice::new(*word);
        let moment = at(1_000 * dice.below(12) as i64);
        let source = *dice.pick(&["ada", "bob", "dock", "till"]);
        let number = numbers.entry(source).or_insert(0);
        let mut event = |kind: Kind| {
            *number += 1;
            let mut event = Event::new(name(source), Id::Number(*number), kind, moment);
            event.node = Some(name("S1"));
            event.reason = kind.row().needs.reason.then(|| name("because"));
            event
        };
        let line = |dice: &mut Dice| {
            let mut line = Line::new(name(dice.pick(&["TEA", "CUP"])), dice.below(9) as i64).unwrap();
            line.place = dice.percent(60).then(|| name(dice.pick(&["shelf", "back"])));
            line.lot = dice.percent(30).then(|| name("L"));
            line
        };
        match dice.below(8) {
            0 => {
                let mut sheet = sheet(&["TEA", "CUP"], &["shelf", "back"]);
                sheet.state = *dice.pick(&[StockState::Sellable, StockState::Damaged]);
                let (place, found) = (*dice.pick(&["shelf", "back"]), dice.below(5) as i64);
                for who in ["ada", "bob"] {
                    count(&mut sheet, who, place, moment.millis(), &[("TEA", found)]);
                }
                let first = event(Kind::Count).id;
                let Id::Number(first) = first else { unreachable!("the floor numbers its events") };
                let counts = sheet.close(&name(source), first).unwrap();
                *numbers.entry(source).or_insert(0) += counts.len() as u64;
                events.extend(counts);
            }
            1 | 2 => {
                let mut counted = event(Kind::Count);
                for _ in 0..1 + dice.below(4) {
                    let state = dice.percent(30).then_some(StockState::Damaged);
                    counted.lines.push(Line { state, ..line(&mut dice) });
                }
                events.push(counted);
            }
            way => {
                let kind = [Kind::Receipt, Kind::Sell, Kind::Hold, Kind::Relocate, Kind::Receipt][way - 3];
                let mut moved = event(kind);
                let mut line = line(&mut dice);
                line.to_state = (kind == Kind::Hold).then_some(StockState::Damaged);
                line.to_place = (kind == Kind::Relocate).then(|| name("back"));
                moved.lines.push(line);
                events.push(moved);
            }
        }
    }
    events
}

/// What moves at each spot by these events, in key order, and what is counted there.
fn legs(event: &Event) -> Vec<(Spot, i64)> {
    let mut legs = Vec::new();
    for line in &event.lines {
        let (units, from) = (line.quantity.units(), spot(line, StockState::Sellable));
        match event.kind {
            Kind::Receipt => legs.push((from, units)),
            Kind::Sell => legs.push((from, -units)),
            Kind::Hold => legs.extend([
                ((from.0.clone(), from.1.clone(), from.2.clone(), StockState::Damaged), units),
                (from, -units),
            ]),
            Kind::Relocate => legs.extend([
                ((from.0.clone(), line.to_place.clone(), from.2.clone(), from.3), units),
                (from, -units),
            ]),
            _ => {}
        }
    }
    legs
}

/// Into key order.
fn sort(events: &mut [Event]) {
    events.sort_by_key(|event| {
        let Id::Number(number) = event.id else { unreachable!("the floor numbers its events") };
        (event.occurred, event.kind == Kind::Count, event.source.clone(), number)
    });
}

/// What is at each spot after events in key order, and what moved there in all.
fn stands(events: &[Event]) -> (BTreeMap<Spot, i64>, BTreeMap<Spot, i64>) {
    let (mut there, mut moved): (BTreeMap<Spot, i64>, BTreeMap<Spot, i64>) = Default::default();
    for event in events {
        for (spot, units) in legs(event) {
            *there.entry(spot.clone()).or_default() += units;
            *moved.entry(spot).or_default() += units;
        }
        if event.kind == Kind::Count {
            let mut counted: BTreeMap<Spot, i64> = BTreeMap::new();
            for line in &event.lines {
                *counted.entry(spot(line, StockState::Sellable)).or_default() += line.quantity.units();
            }
            there.extend(counted);
        }
    }
    (there, moved)
}

/// What a book says that counts found and nobody has explained, by spot.
fn unexplained(book: &Book) -> BTreeMap<Spot, i64> {
    let open = book.exceptions(Time::MAX).into_iter().filter(|one| one.code == ExceptionCode::CountVariance);
    let spot = |one: &onhand::Exception| {
        let (sku, state) = (one.sku.clone().expect("of an item"), one.state.expect("in a state"));
        (sku, one.place.clone(), one.lot.clone(), state)
    };
    open.map(|one| (spot(&one), one.quantity)).collect()
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    /// J12. A count fixes what it counted, the parts of several people together, and nothing beside it; what moved later is added, what moved earlier
    /// changes only what the count found. In every order of arrival that is one book, and the accounts add up.
    #[test]
    fn counts_of_any_scope_in_any_order_end_in_one_book(words in prop::collection::vec(any::<u64>(), 1..24), seed in any::<u64>()) {
        let mut events = floor(&words);
        sort(&mut events);
        let (there, moved) = stands(&events);
        let (mut dice, mut digest) = (Dice::new(seed), None);
        for _ in 0..6 {
            let mut book = testing::book(&["TEA", "CUP"], &["S1"]);
            for event in &events {
                prop_assert!(book.evolve(event).is_ok());
            }
            prop_assert_eq!(*digest.get_or_insert(book.digest()), book.digest());
            for sku in ["TEA", "CUP"] {
                let held = book.positions(sku).into_iter();
                let held: BTreeMap<Spot, i64> = held.map(|one| ((name(sku), one.place, one.lot, one.state), one.quantity)).collect();
                let of_sku = |spots: &BTreeMap<Spot, i64>| -> BTreeMap<Spot, i64> {
                    spots.iter().filter(|(spot, units)| spot.0 == name(sku) && **units != 0).map(|(spot, units)| (spot.clone(), *units)).collect()
                };
                prop_assert_eq!(of_sku(&held), of_sku(&there));
                let found: i64 = there.iter().filter(|(spot, _)| spot.0 == name(sku)).map(|(spot, units)| units - moved.get(spot).unwrap_or(&0)).sum();
                prop_assert_eq!(book.account(sku, Outside::CountVariance), -found);
                let open = book.exceptions(Time::MAX).into_iter();
                let said = open.filter(|one| one.code == ExceptionCode::CountVariance && one.sku == Some(name(sku)));
                prop_assert_eq!(said.map(|one| one.quantity).sum::<i64>(), found);
            }
            for place in (1..events.len()).rev() {
                events.swap(place, dice.below(place + 1));
            }
        }
    }

    /// What counts found is explained in parts, now and then after its period was closed; what moved before a count and is told later
    /// changes what is left to explain and not what is there, whether its period is open or not.
    #[test]
    fn what_counts_found_is_explained_over_closes(words in prop::collection::vec(any::<u64>(), 1..24), seed in any::<u64>()) {
        let mut events = floor(&words);
        // Each of its own source: what comes late is told from what came before.
        for (at, event) in events.iter_mut().enumerate() {
            (event.source, event.id) = (name(format!("{}-{at}", event.source)), Id::Number(1));
        }
        sort(&mut events);
        let (there, moved) = stands(&events);
        let mut dice = Dice::new(seed);
        for place in (1..events.len()).rev() {
            events.swap(place, dice.below(place + 1));
        }
        let mut book = testing::book(&["TEA", "CUP"], &["S1"]);
        let mut explained: BTreeMap<Spot, i64> = BTreeMap::new();
        for (told, event) in events.iter().enumerate() {
            let outcome = book.evolve(event);
            prop_assert!(outcome.is_ok_and(|outcome| outcome.standing != Standing::TooOld), "{:?}", event);
            let office = |kind| {
                let mut event = Event::new(name(format!("office-{kind}")), Id::Number(told as u64 + 1), kind, at(20_000 + told as i64));
                (event.node, event.reason) = (Some(name("S1")), Some(name("because")));
                event
            };
            if dice.percent(30) {
                // Counts that are still to come fix what is there: they are not before a close.
                let counts = events[told + 1..].iter().filter(|event| event.kind == Kind::Count);
                let through = counts.map(|event| event.occurred.millis()).min().unwrap_or(15_000) - 1;
                let mut close = office(Kind::PeriodClose);
                (close.due, close.reason) = (Time::new(through), None);
                if close.due.is_some() {
                    let closed = book.execute(&close);
                    prop_assert!(closed.is_ok(), "{:?}", closed);
                }
            }
            let some: Vec<_> = unexplained(&book).into_iter().filter(|_| dice.percent(40)).collect();
            for (spot, found) in some {
                let units = found.signum() * (1 + dice.below(found.unsigned_abs() as usize) as i64);
                let mut explain = office(Kind::CountExplain);
                explain.source = name(format!("office-{spot:?}").replace(|one: char| !one.is_ascii_alphanumeric(), "-"));
                let mut line = Line::new(spot.0.clone(), units).expect("in range");
                (line.place, line.lot, line.state) = (spot.1.clone(), spot.2.clone(), Some(spot.3));
                explain.lines.push(line.clone());
                // One more than was found is no explanation.
                explain.lines[0].quantity = (found + found.signum()).try_into().expect("in range");
                prop_assert!(book.execute(&explain).is_err());
                explain.lines[0] = line;
                let answer = book.execute(&explain);
                prop_assert!(answer.is_ok(), "{:?}", answer);
                *explained.entry(spot).or_default() += units;
            }
        }
        let mut left: BTreeMap<Spot, i64> = there.iter().map(|(spot, units)| (spot.clone(), units - moved.get(spot).unwrap_or(&0))).collect();
        for (spot, units) in &explained {
            *left.entry(spot.clone()).or_default() -= units;
        }
        left.retain(|_, units| *units != 0);
        prop_assert_eq!(unexplained(&book), left);
        for sku in ["TEA", "CUP"] {
            let held = book.positions(sku).into_iter().filter(|one| one.quantity != 0);
            let held: BTreeMap<Spot, i64> = held.map(|one| ((name(sku), one.place, one.lot, one.state), one.quantity)).collect();
            let of_sku = there.iter().filter(|(spot, units)| spot.0 == name(sku) && **units != 0);
            prop_assert_eq!(held, of_sku.map(|(spot, units)| (spot.clone(), *units)).collect());
            let found: i64 = there.iter().filter(|(spot, _)| spot.0 == name(sku)).map(|(spot, units)| units - moved.get(spot).unwrap_or(&0)).sum();
            let said: i64 = explained.iter().filter(|(spot, _)| spot.0 == name(sku)).map(|(_, units)| units).sum();
            prop_assert_eq!(book.account(sku, Outside::CountVariance), said - found);
        }
    }
}
