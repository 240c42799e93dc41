//! The trail beside the book: that it says what the book says, and that nothing in it can change unseen.

use std::collections::{BTreeMap, BTreeSet};

use onhand::log::{About, Entry, Fault, Head, Log, Verdict, verify};
use onhand::{Book, ExceptionCode, Kind, Name, Quantity, StockState, Time};
use onhand_tests::random::{Dice, Step, World, name};
use proptest::prelude::*;

/// When an entry is recorded: one tick for each, so that a moment is a place in the log.
fn tick(count: usize) -> Time {
    Time::new(count as i64).expect("in range")
}

/// Plays a history through a log; answers the book that it wrote.
fn written(seed: u64, words: &[u64], closes: bool) -> (World, Log, Book) {
    let (mut world, mut log, mut book) = (World::new(seed, closes), Log::new(), Book::new());
    let mut steps = world.first_steps();
    steps.extend(words.iter().map(|word| world.step(*word)));
    for (place, step) in steps.iter().enumerate() {
        let entries = log.entries().len();
        match step {
            Step::Fact(event) => drop(log.evolve(&mut book, event, tick(place + 1))),
            Step::Command(event) => drop(log.execute(&mut book, event, tick(place + 1))),
        }
        assert_eq!(log.entries().len(), entries + 1, "every answer is written down");
    }
    (world, log, book)
}

fn words() -> impl Strategy<Value = (u64, Vec<u64>)> {
    (any::<u64>(), prop::collection::vec(any::<u64>(), 1..60))
}

/// Another name than the one that is there, or one where there is none.
fn other(name_there: &Option<Name>) -> Option<Name> {
    match name_there {
        Some(_) => None,
        None => Some(name("other")),
    }
}

/// Every way to change one field of an entry.
const EDITS: &[fn(&mut Entry)] = &[
    |entry| entry.number += 1,
    |entry| entry.number = 0,
    |entry| entry.seal.0[31] ^= 1,
    |entry| {
        entry.verdict = if entry.verdict == Verdict::Fact { Verdict::Replayed } else { Verdict::Fact };
    },
    |entry| {
        entry.verdict = match &entry.verdict {
            Verdict::Refused(code) => Verdict::TurnedAway(code.clone()),
            _ => Verdict::Refused(name("insufficient")),
        };
    },
    |entry| entry.event.recorded = tick(entry.event.recorded.millis() as usize + 1),
    |entry| entry.event.occurred = tick(entry.event.occurred.millis() as usize + 1),
    |entry| entry.event.source = name(format!("{}-other", entry.event.source)),
    |entry| entry.event.id = onhand::Id::Text(name("other")),
    |entry| {
        entry.event.kind = if entry.event.kind == Kind::Sell { Kind::Ship } else { Kind::Sell };
    },
    |entry| entry.event.actor = other(&entry.event.actor),
    |entry| entry.event.role = other(&entry.event.role),
    |entry| entry.event.node = other(&entry.event.node),
    |entry| entry.event.to_node = other(&entry.event.to_node),
    |entry| entry.event.subject = other(&entry.event.subject),
    |entry| entry.event.to_subject = other(&entry.event.to_subject),
    |entry| entry.event.channel = other(&entry.event.channel),
    |entry| entry.event.reason = other(&entry.event.reason),
    |entry| entry.event.expires = entry.event.expires.map_or(Some(tick(7)), |_| None),
    |entry| entry.event.due = entry.event.due.map_or(Some(tick(7)), |_| None),
    |entry| entry.event.asks = entry.event.asks.map_or(Some(Kind::Sell), |_| None),
    |entry| entry.event.partial = !entry.event.partial,
    |entry| entry.event.terms = None,
    |entry| drop(entry.event.lines.pop()),
    |entry| entry.event.lines.reverse(),
    |entry| line(entry, |line| line.sku = name(format!("{}-other", line.sku))),
    |entry| {
        line(entry, |line| line.quantity = Quantity::new(line.quantity.units() / 2 - 1).expect("in range"))
    },
    |entry| line(entry, |line| line.line = other(&line.line)),
    |entry| line(entry, |line| line.node = other(&line.node)),
    |entry| line(entry, |line| line.owner = other(&line.owner)),
    |entry| line(entry, |line| line.lot = other(&line.lot)),
    |entry| line(entry, |line| line.place = other(&line.place)),
    |entry| line(entry, |line| line.to_place = other(&line.to_place)),
    |entry| line(entry, |line| line.to_sku = other(&line.to_sku)),
    |entry| line(entry, |line| line.supply = other(&line.supply)),
    |entry| line(entry, |line| line.pack = other(&line.pack)),
    |entry| line(entry, |line| line.state = line.state.map_or(Some(StockState::Damaged), |_| None)),
    |entry| line(entry, |line| line.to_state = line.to_state.map_or(Some(StockState::Damaged), |_| None)),
    |entry| line(entry, |line| line.granted = line.granted.map_or(Some(Quantity::ZERO), |_| None)),
    |entry| line(entry, |line| line.value = line.value.map_or(Some(onhand::Money::ZERO), |_| None)),
    |entry| line(entry, |line| line.grams = line.grams.map_or(Some(Quantity::ZERO), |_| None)),
];

fn line(entry: &mut Entry, edit: impl Fn(&mut onhand::Line)) {
    entry.event.lines.last_mut().into_iter().for_each(edit);
}

proptest! {
    #![proptest_config(crate::cases_of(64))]

    #[test]
    fn the_log_gives_the_book_that_wrote_it((seed, words) in words(), closes: bool) {
        let (_, log, book) = written(seed, &words, closes);
        prop_assert_eq!(log.book().digest(), book.digest());
        let last = Time::MAX;
        prop_assert_eq!(log.known_then(last).digest(), book.digest());
        prop_assert_eq!(log.known_now(last).digest(), book.digest());
        // A log that goes on from the middle ends at the same head and the same book.
        let middle = log.entries().len() / 2;
        let (old, new) = log.entries().split_at(middle);
        let head = verify(old, Head::default(), None).expect("untouched");
        let before = log.known_then(tick(middle));
        let rest = Log::read(head, before, new.to_vec(), Some(log.head())).expect("untouched");
        prop_assert_eq!(rest.book().digest(), book.digest());
    }

    #[test]
    fn a_past_moment_is_the_book_of_what_was_known_or_of_what_occurred((seed, words) in words(), pick: usize) {
        let (_, log, _) = written(seed, &words, true);
        let place = pick % log.entries().len();
        let (mut then, mut now) = (Book::new(), Book::new());
        let moment = log.entries()[place].event.occurred;
        for (at, entry) in log.entries().iter().enumerate().filter(|(_, entry)| entry.is_accepted()) {
            if at <= place {
                then.evolve(&entry.event).expect("it was accepted");
            }
            if entry.event.occurred <= moment {
                let _ = now.evolve(&entry.event);
            }
        }
        prop_assert_eq!(log.known_then(tick(place + 1)).digest(), then.digest());
        prop_assert_eq!(log.known_now(moment).digest(), now.digest());
    }

    #[test]
    fn every_edit_of_a_field_is_found_and_named((seed, words) in words(), pick: usize, edit in 0..EDITS.len()) {
        let (_, log, _) = written(seed, &words, true);
        let place = pick % log.entries().len();
        let mut entries = log.entries().to_vec();
        EDITS[edit](&mut entries[place]);
        let number = log.entries()[place].number;
        let fault = (entries != log.entries()).then_some(Fault::Edited { entry: number });
        prop_assert_eq!(verify(&entries, log.start(), None).err(), fault);
    }

    #[test]
    fn every_deletion_is_found_and_named((seed, words) in words(), from: usize, length in 1..4usize) {
        let (_, log, _) = written(seed, &words, true);
        let mut entries = log.entries().to_vec();
        let from = from % entries.len();
        let end = (from + length).min(entries.len());
        entries.drain(from..end);
        let (first, last) = (from as u64 + 1, end as u64);
        let fault = match end == log.entries().len() {
            true => Fault::Cut { from: first, through: last },
            false => Fault::Gap { from: first, through: last },
        };
        prop_assert_eq!(verify(&entries, log.start(), Some(log.head())), Err(fault));
    }

    #[test]
    fn every_swap_and_every_repeat_is_found_and_named((seed, words) in words(), one: usize, other: usize) {
        let (_, log, _) = written(seed, &words, true);
        let count = log.entries().len();
        let (one, other) = (one % count, other % count);
        let (first, second) = (one.min(other), one.max(other));
        let mut swapped = log.entries().to_vec();
        swapped.swap(first, second);
        let fault = Fault::Swapped { entry: first as u64 + 1, found: second as u64 + 1 };
        prop_assert_eq!(verify(&swapped, log.start(), None).err(), (first != second).then_some(fault));
        let mut repeated = log.entries().to_vec();
        repeated.insert(second + 1, repeated[first].clone());
        let fault = Fault::Repeated { entry: first as u64 + 1 };
        prop_assert_eq!(verify(&repeated, log.start(), None), Err(fault));
    }

    #[test]
    fn a_log_sealed_anew_is_found_by_a_head_that_was_kept((seed, words) in words(), pick: usize) {
        let (_, log, _) = written(seed, &words, true);
        let place = pick % log.entries().len();
        let mut forged = Log::new();
        for (at, entry) in log.entries().iter().enumerate() {
            let later = if at == place { 1 } else { 0 };
            forged.write(entry.event.clone(), entry.verdict.clone(), tick(at + 1 + later));
        }
        prop_assert_eq!(forged.verify(None), Ok(forged.head()));
        let entry = log.head().entries;
        prop_assert_eq!(forged.verify(Some(log.head())), Err(Fault::Rewritten { entry }));
    }

    #[test]
    fn the_history_of_a_position_is_all_that_moved_it((seed, words) in words()) {
        let (world, log, book) = written(seed, &words, false);
        let mut dice = Dice::new(seed);
        let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
        let about = About::Position { sku: sku.clone(), node: node.clone() };
        let history: BTreeSet<u64> = log.history(&about).iter().map(|entry| entry.number).collect();
        let mut alone = Book::new();
        let entries = log.entries().iter().filter(|entry| entry.is_accepted());
        for entry in entries.filter(|one| one.event.terms.is_some() || history.contains(&one.number)) {
            let _ = alone.evolve(&entry.event);
        }
        let now = Time::new(world.now()).expect("in range");
        let (sku, node) = (sku.as_str(), node.as_str());
        prop_assert_eq!(alone.availability(sku, node, now), book.availability(sku, node, now));
        for state in StockState::ALL {
            prop_assert_eq!(alone.quantity(sku, node, None, *state), book.quantity(sku, node, None, *state));
        }
    }

    #[test]
    fn a_history_is_in_key_order_and_names_what_it_is_about((seed, words) in words()) {
        let (_, log, _) = written(seed, &words, true);
        let Some(subject) = log.entries().iter().find_map(|entry| entry.event.subject.clone()) else {
            return Ok(());
        };
        let history = log.history(&About::Order { subject: subject.clone() });
        let keys: Vec<_> = history.iter().map(|entry| (entry.event.occurred, entry.event.kind == Kind::Count)).collect();
        prop_assert!(keys.is_sorted());
        let found: BTreeSet<u64> = history.iter().map(|entry| entry.number).collect();
        for entry in log.entries() {
            let event = &entry.event;
            let names = [&event.subject, &event.to_subject].into_iter().chain(event.lines.iter().map(|line| &line.supply));
            prop_assert_eq!(names.flatten().any(|one| *one == subject), found.contains(&entry.number));
        }
        for line in log.entries().iter().flat_map(|entry| &entry.event.lines).take(3) {
            let line = line.line_name().clone();
            for entry in log.history(&About::Claim { subject: subject.clone(), line: line.clone() }) {
                prop_assert!(found.contains(&entry.number));
                let lines = &entry.event.lines;
                prop_assert!(lines.is_empty() || lines.iter().any(|one| *one.line_name() == line));
            }
        }
    }

    #[test]
    fn entries_come_back_from_json((seed, words) in words()) {
        let (_, log, book) = written(seed, &words, true);
        let text = onhand::to_json(&log.entries());
        let entries: Vec<Entry> = serde_json::from_str(&text).expect("as written");
        let again = Log::read(log.start(), Book::new(), entries, Some(log.head())).expect("untouched");
        prop_assert_eq!(again.book().digest(), book.digest());
    }
}

#[test]
fn a_head_that_does_not_meet_the_log_is_a_fault() {
    let (_, log, _) = written(1, &[2, 3, 4], false);
    let early = verify(&log.entries()[..2], Head::default(), None).expect("untouched");
    let middle = verify(&log.entries()[..3], Head::default(), None).expect("untouched");
    assert_eq!(log.verify(Some(early)), Ok(log.head()), "an older head is of the same log");
    assert_eq!(
        verify(&log.entries()[3..], middle, Some(early)),
        Err(Fault::Gap { from: 3, through: 3 }),
        "what lies between the known head and the log is not here"
    );
    let forged = Head { entries: 3, ..early };
    assert_eq!(verify(&log.entries()[3..], middle, Some(forged)), Err(Fault::Rewritten { entry: 3 }));
}

/// A claim on units on their way to a store falls on its shelf when they turn up somewhere else, or are lost.
#[test]
fn the_history_of_a_position_has_what_became_of_units_on_their_way_to_it() {
    use onhand::{Event, Id, Line, testing};
    for kind in [Kind::TransferReceive, Kind::TransferReconcile] {
        let first = testing::book(&["TEA"], &["DC", "S1"]);
        let (mut book, mut log) = (first.clone(), Log::after(Head::default(), first.clone()));
        let mut moved =
            |id: usize, kind, from: &str, to: Option<&str>, subject: &str, supply: Option<&str>| {
                let mut event = Event::new(name("wms"), Id::Number(id as u64), kind, tick(id));
                (event.node, event.to_node, event.subject) =
                    (Some(name(from)), to.map(name), Some(name(subject)));
                event.reason = (kind == Kind::TransferReconcile).then(|| name("lost"));
                let mut line = Line::new(name("TEA"), 4).expect("in range");
                line.supply = supply.map(name);
                event.lines.push(line);
                log.evolve(&mut book, &event, tick(id)).expect("posted");
            };
        moved(1, Kind::Receipt, "DC", None, "po-1", None);
        moved(2, Kind::Receipt, "S1", None, "po-2", None);
        moved(3, Kind::TransferShip, "DC", Some("S1"), "transfer", None);
        moved(4, Kind::Reserve, "S1", None, "order", Some("transfer"));
        moved(5, kind, "DC", None, "transfer", None);
        let about = About::Position { sku: name("TEA"), node: name("S1") };
        let history: Vec<u64> = log.history(&about).iter().map(|entry| entry.number).collect();
        assert_eq!(history, [2, 3, 4, 5], "{kind:?}");
        let mut alone = first;
        for entry in log.history(&about) {
            alone.evolve(&entry.event).expect("posted");
        }
        assert_eq!(alone.availability("TEA", "S1", tick(9)), book.availability("TEA", "S1", tick(9)));
    }
}

proptest! {
    #![proptest_config(super::cases_of(40))]

    /// Every open exception has one life, ids differ, and what was raised under an id was raised by an event of the log.
    #[test]
    fn every_open_exception_has_a_life_of_its_own((seed, words) in words(), closes in any::<bool>()) {
        let (world, log, book) = written(seed, &words, closes);
        let now = Time::new(world.now() + 1).expect("in range");
        let lives = log.lives(&book, now, |_, _| Some(2));
        let mut open: BTreeMap<Name, i64> = BTreeMap::new();
        for exception in book.exceptions(now) {
            *open.entry(book.exception_id(&exception)).or_default() += exception.quantity;
        }
        // Order lines of which more came back than was sold are known to the log, not to the book.
        for life in lives.iter().filter(|life| life.exception.code == ExceptionCode::OverReturned) {
            let (order, line) = life.exception.subject.as_ref().zip(life.exception.line.as_ref()).expect("both");
            open.insert(life.id.clone(), log.sold_line(order, line).over_returned());
        }
        let back = log.entries().iter().filter(|entry| entry.is_accepted() && entry.event.kind == Kind::ReturnReceive);
        for event in back.map(|entry| &entry.event) {
            for (order, line) in event.subject.iter().flat_map(|order| event.lines.iter().map(move |line| (order, line.line_name()))) {
                let listed = lives.iter().any(|life| {
                    let about = &life.exception;
                    (about.code, about.subject.as_ref(), about.line.as_ref()) == (ExceptionCode::OverReturned, Some(order), Some(line))
                });
                prop_assert_eq!(listed, log.sold_line(order, line).over_returned() > 0, "{} {}", order, line);
            }
        }
        let told: BTreeMap<_, _> = lives.iter().map(|life| (life.id.clone(), life.exception.quantity)).collect();
        prop_assert_eq!((told.len(), told), (lives.len(), open));
        for pair in lives.windows(2) {
            prop_assert!((pair[0].severity, pair[0].value) >= (pair[1].severity, pair[1].value));
        }
        // Since an event of the log, or since the first moment of its period; only time brings an exception that nothing raised.
        let events = log.entries().iter().map(|entry| &entry.event);
        let mut moments: BTreeSet<Time> = events.clone().map(|event| event.occurred).collect();
        moments.extend(events.filter_map(|event| Time::new(event.due?.millis() + 1)));
        for life in &lives {
            let known = life.since.is_some_and(|since| moments.contains(&since));
            prop_assert!(known || life.exception.code == ExceptionCode::Overcommitted, "{:?}", life);
        }
    }
}

#[test]
fn an_exception_is_open_assigned_resolved_and_reopened() {
    use onhand::log::{LifeStatus, Severity};
    use onhand::{Event, Id, Line, testing};
    let mut book = testing::book(&["TEA", "CUP"], &["S1"]);
    let mut log = Log::after(Head::default(), book.clone());
    let sale = |id, sku, units| {
        let mut sale = Event::new(name("till"), Id::Number(id), Kind::Sell, tick(id as usize));
        sale.node = Some(name("S1"));
        sale.lines.push(Line::new(name(sku), units).expect("in range"));
        sale
    };
    log.evolve(&mut book, &sale(10, "TEA", 2), tick(10)).expect("posted");
    log.evolve(&mut book, &sale(11, "CUP", 9), tick(11)).expect("posted");
    let lives =
        |log: &Log, book: &Book| log.lives(book, tick(99), |sku, _| (sku.as_str() == "TEA").then_some(500));
    let first = lives(&log, &book);
    // The same severity: what is known to be worth something comes first.
    let told: Vec<_> =
        first.iter().map(|life| (life.severity, life.value, life.since, life.status)).collect();
    assert_eq!(
        told,
        [
            (Severity::High, Some(1_000), Some(tick(10)), LifeStatus::Open),
            (Severity::High, None, Some(tick(11)), LifeStatus::Open)
        ]
    );
    let record = |log: &mut Log, book: &mut Book, id: usize, kind| {
        let mut event = Event::new(name("office"), Id::Number(id as u64), kind, tick(id));
        (event.subject, event.actor) = (Some(first[0].id.clone()), Some(name("grace")));
        log.execute(book, &event, tick(id)).expect("accepted");
        let life = lives(log, book).remove(0);
        (life.status, life.assignee)
    };
    let grace = Some(name("grace"));
    assert_eq!(record(&mut log, &mut book, 20, Kind::ExceptionAssign), (LifeStatus::Assigned, grace.clone()));
    assert_eq!(
        record(&mut log, &mut book, 30, Kind::ExceptionResolve),
        (LifeStatus::Resolved, grace.clone())
    );
    // One more sale of what is not there: the same exception, again.
    log.evolve(&mut book, &sale(40, "TEA", 1), tick(40)).expect("posted");
    let life = lives(&log, &book).remove(0);
    assert_eq!((life.status, life.assignee, life.since), (LifeStatus::Reopened, grace, Some(tick(10))));
    assert_eq!((life.id.clone(), life.exception.quantity), (first[0].id.clone(), -3));
    // A resolution that is told late counts from its own moment.
    assert_eq!(record(&mut log, &mut book, 35, Kind::ExceptionResolve).0, LifeStatus::Reopened);
    assert_eq!(record(&mut log, &mut book, 45, Kind::ExceptionResolve).0, LifeStatus::Resolved);
    // Nor did who resolved it know of a sale that is told late.
    log.evolve(&mut book, &sale(42, "TEA", 1), tick(50)).expect("posted");
    assert_eq!(lives(&log, &book).remove(0).status, LifeStatus::Reopened);
    assert_eq!(record(&mut log, &mut book, 46, Kind::ExceptionResolve).0, LifeStatus::Resolved);
}

proptest! {
    #![proptest_config(super::cases_of(60))]

    /// What lanes miss and have over is what is in transit, and no order of the log changes it.
    #[test]
    fn what_lanes_miss_is_in_transit((seed, words) in words()) {
        let (world, log, book) = written(seed, &words, false);
        let lanes = log.lanes(tick(0));
        let transit: i64 = world.skus().iter().flat_map(|sku| book.positions(sku.as_str()))
            .filter(|position| position.in_transit).map(|position| position.quantity).sum();
        // What waits for master data is in the log and not in the book.
        let waiting = book.exceptions(tick(0)).iter().any(|one| one.code.code().starts_with("unknown"));
        let missing = lanes.iter().map(|lane| lane.missing - lane.over).sum::<i64>();
        prop_assert!(waiting || missing == transit, "{} {}", missing, transit);
        for lane in &lanes {
            prop_assert_eq!(lane.shipped - lane.received - lane.lost, lane.missing - lane.over);
        }
        let mut entries = log.entries().to_vec();
        entries.reverse();
        let mut turned = Log::new();
        entries.into_iter().for_each(|entry| turned.write(entry.event, entry.verdict, tick(0)));
        prop_assert_eq!(turned.lanes(tick(0)), lanes);
    }
}

#[test]
fn what_is_returned_beyond_what_was_sold_is_not_refunded_or_sold_again() {
    use onhand::log::{LifeStatus, Severity, SoldLine};
    use onhand::{Event, Id, Line, testing};
    let (order, tea) = (name("order-1"), name("TEA"));
    let mut book = testing::book(&["TEA"], &["S1", "S2"]);
    let mut log = Log::after(Head::default(), book.clone());
    let mut number = 0;
    let mut tell = |log: &mut Log, kind, node: &str, units, to_state| {
        number += 1;
        let mut event = Event::new(name("shop"), Id::Number(number), kind, tick(number as usize));
        (event.node, event.subject) = (Some(name(node)), Some(order.clone()));
        event.lines.push(Line { to_state, ..Line::new(tea.clone(), units).expect("in range") });
        log.evolve(&mut book, &event, tick(number as usize)).expect("posted");
        event
    };
    let sellable = Some(StockState::Sellable);
    tell(&mut log, Kind::Ship, "S1", 4, None);
    tell(&mut log, Kind::VoidShip, "S1", 1, None);
    tell(&mut log, Kind::ReturnReceive, "S2", 2, None);
    let line = log.sold_line(&order, &tea);
    assert_eq!(line, SoldLine { sold: 3, returned: 2, resold: 0 });
    assert_eq!((line.over_returned(), line.refundable(), line.resellable()), (0, 2, 2));
    tell(&mut log, Kind::ReturnReceive, "S1", 3, None);
    let grade = tell(&mut log, Kind::Grade, "S1", 2, sellable);
    tell(&mut log, Kind::Grade, "S1", 1, Some(StockState::Liquidation));
    let line = log.sold_line(&order, &tea);
    assert_eq!((line.over_returned(), line.refundable(), line.resellable()), (2, 3, 1));
    // One more may be sold again, and not two; a path that sells nothing here is free.
    let refused = log.may_resell(&grade).expect_err("two are too many");
    assert_eq!((refused.requested, refused.allowed), (2, 1));
    let with = |units, to_state| {
        let mut grade = grade.clone();
        grade.lines[0] = Line { to_state, ..Line::new(tea.clone(), units).expect("in range") };
        log.may_resell(&grade)
    };
    assert_eq!(with(1, sellable), Ok(()));
    assert_eq!(with(1, Some(StockState::Clearance)), Ok(()));
    assert_eq!(with(2, Some(StockState::Clearance)).expect_err("clearance is a sale").allowed, 1);
    assert_eq!(with(9, Some(StockState::VendorReturn)), Ok(()));
    assert_eq!(log.may_refund(&order, &tea, 3), Ok(()));
    assert_eq!(log.may_refund(&order, &tea, 4).expect_err("one was never sold").allowed, 3);
    assert_eq!(log.sold_line(&name("order-2"), &tea), SoldLine::default());
    // It is an exception since the second return, and what people do about it is recorded as of any other.
    let life = |log: &Log| {
        log.lives(&log.book(), tick(99), |_, _| Some(250))
            .into_iter()
            .find(|life| life.exception.code == ExceptionCode::OverReturned)
    };
    let open = life(&log).expect("open");
    assert_eq!((open.exception.subject, open.exception.line), (Some(order.clone()), Some(tea.clone())));
    assert_eq!((open.exception.quantity, open.value), (2, Some(500)));
    assert_eq!((open.status, open.since, open.severity), (LifeStatus::Open, Some(tick(4)), Severity::Medium));
    let mut resolve = Event::new(name("office"), Id::Number(1), Kind::ExceptionResolve, tick(6));
    (resolve.subject, resolve.actor) = (Some(open.id), Some(name("grace")));
    log.write(resolve, Verdict::Intent, tick(6));
    assert_eq!(life(&log).map(|life| life.status), Some(LifeStatus::Resolved));
    tell(&mut log, Kind::ReturnReceive, "S1", 1, None);
    assert_eq!(
        life(&log).map(|life| (life.status, life.exception.quantity)),
        Some((LifeStatus::Reopened, 3))
    );
}

proptest! {
    #![proptest_config(super::cases_of(40))]

    /// Every unit that came back is on one path, or still waits for one.
    #[test]
    fn every_return_is_on_one_path((seed, words) in words()) {
        let (_, log, _) = written(seed, &words, false);
        let back = log.entries().iter().filter(|entry| entry.is_accepted() && entry.event.kind == Kind::ReturnReceive);
        let lines = back.flat_map(|entry| entry.event.lines.iter().map(|line| (entry.event.subject.is_some(), line.quantity.units())));
        let (mut expected, mut walk_in) = (0, 0);
        for (is_expected, units) in lines {
            *(if is_expected { &mut expected } else { &mut walk_in }) += units;
        }
        let returned = log.returned(Time::MAX, |_, _| Some(2));
        let sums = |of: fn(&onhand::log::Returned) -> i64| returned.iter().map(of).sum::<i64>();
        // A return that a later count has counted is found there, and one of an unknown item waits.
        let all_known = log.entries().iter().all(|entry| entry.event.kind != Kind::Count);
        let (got_expected, got_walk_in) = (sums(|one| one.expected), sums(|one| one.walk_in));
        prop_assert!(got_expected <= expected && got_walk_in <= walk_in);
        if all_known {
            let parked = log.book().exceptions(Time::MAX).iter().any(|one| one.code.code().starts_with("unknown"));
            prop_assert!(parked || (got_expected, got_walk_in) == (expected, walk_in));
        }
        for one in &returned {
            prop_assert!(one.units() > 0 && one.unit_ms >= 0, "{:?}", one);
        }
    }
}

/// A shop with items and nodes, to tell things one after the other.
struct Shop {
    log: Log,
    book: Book,
    number: u64,
}

impl Shop {
    fn new() -> Shop {
        let book = onhand::testing::book(&["TEA", "CUP", "NEW"], &["S1", "DC"]);
        Shop { log: Log::after(Head::default(), book.clone()), book, number: 0 }
    }

    fn tell(
        &mut self,
        kind: Kind,
        millis: usize,
        node: &str,
        lines: &[(&str, i64)],
        change: impl Fn(&mut onhand::Event),
    ) {
        self.number += 1;
        let mut event = onhand::Event::new(name("shop"), onhand::Id::Number(self.number), kind, tick(millis));
        event.node = Some(name(node));
        event
            .lines
            .extend(lines.iter().map(|(sku, units)| onhand::Line::new(name(sku), *units).expect("few")));
        change(&mut event);
        self.log.evolve(&mut self.book, &event, tick(self.number as usize)).expect("posted");
    }

    fn close(&mut self, millis: usize, through: usize) {
        for node in ["S1", "DC"] {
            self.tell(Kind::PeriodClose, millis, node, &[], |event| event.due = Some(tick(through)));
        }
    }

    fn lives(&self) -> Vec<(String, onhand::log::LifeStatus, Option<Time>)> {
        let lives = self.log.lives(&self.book, tick(9_999), |_, _| None).into_iter();
        lives.map(|life| (life.exception.code.to_string(), life.status, life.since)).collect()
    }
}

#[test]
fn what_a_fact_that_waited_leaves_open_is_open_since_it_occurred() {
    use onhand::log::LifeStatus;
    let mut shop = Shop::new();
    let item = |event: &mut onhand::Event| {
        event.terms = Some(Box::new(onhand::Terms::Item(onhand::ItemTerms {
            sku: name("LATE"),
            unit: name("each"),
            title: None,
            backorder_limit: Quantity::ZERO,
        })));
        event.node = None;
    };
    shop.tell(Kind::Sell, 50, "S1", &[("LATE", 3)], |_| ());
    shop.tell(Kind::Sell, 60, "DC", &[("LATE", 1)], |_| ());
    shop.tell(Kind::WriteOff, 55, "S1", &[("TEA", 1), ("LATE", 1)], |_| ());
    shop.tell(Kind::ItemChange, 80, "S1", &[], item);
    let open = |code: &str, since| (code.to_owned(), LifeStatus::Open, Some(tick(since)));
    let mut lives = shop.lives();
    lives.sort_by_key(|life| (life.0.clone(), life.2));
    assert_eq!(
        lives,
        [open("deficit", 50), open("deficit", 55), open("deficit", 60), open("reason_due", 55)]
    );
    // What it makes worse is open again.
    let mut shop = Shop::new();
    shop.tell(Kind::Sell, 10, "S1", &[("TEA", 1)], |_| ());
    let id = shop.log.lives(&shop.book, tick(99), |_, _| None).remove(0).id;
    shop.tell(Kind::ExceptionResolve, 20, "S1", &[], |event| event.subject = Some(id.clone()));
    assert_eq!(shop.lives(), [("deficit".to_owned(), LifeStatus::Resolved, Some(tick(10)))]);
    shop.tell(Kind::Sell, 30, "S1", &[("TEA", 1), ("LATE", 0)], |_| ());
    shop.tell(Kind::ItemChange, 40, "S1", &[], item);
    assert_eq!(shop.lives(), [("deficit".to_owned(), LifeStatus::Reopened, Some(tick(10)))]);
}

#[test]
fn what_is_open_over_a_close_is_open_since_its_period_began() {
    use onhand::log::LifeStatus;
    let mut shop = Shop::new();
    shop.tell(Kind::Sell, 10, "S1", &[("TEA", 1)], |_| ());
    let since = |shop: &Shop| shop.lives().into_iter().map(|life| life.2).collect::<Vec<_>>();
    assert_eq!(since(&shop), [Some(tick(10))]);
    shop.close(110, 100);
    assert_eq!(shop.lives(), [("deficit".to_owned(), LifeStatus::Open, Some(tick(101)))]);
    // A log that begins with the book of that moment says the same.
    let cut = Log::after(shop.log.head(), shop.book.clone());
    assert_eq!(cut.lives(&shop.book, tick(999), |_, _| None)[0].since, Some(tick(101)));
    shop.tell(Kind::Sell, 150, "S1", &[("TEA", 1)], |_| ());
    assert_eq!(since(&shop), [Some(tick(150))], "in this period it was raised then");
}

#[test]
fn what_cannot_be_told_from_a_duplicate_counts_in_no_report() {
    use onhand::log::SoldLine;
    let mut shop = Shop::new();
    let text = |event: &mut onhand::Event| {
        event.id = onhand::Id::Text(name(format!("slip-{}", event.kind)));
        event.subject = Some(name("order-1"));
        event.to_node = (event.kind == Kind::TransferShip).then(|| name("DC"));
    };
    let tell = |shop: &mut Shop| {
        shop.tell(Kind::Sell, 10, "S1", &[("TEA", 2)], text);
        shop.tell(Kind::ReturnReceive, 20, "S1", &[("TEA", 2)], text);
        shop.tell(Kind::TransferShip, 30, "S1", &[("CUP", 4)], text);
    };
    let sold = |shop: &Shop| shop.log.sold_line(&name("order-1"), &name("TEA"));
    tell(&mut shop);
    shop.close(110, 100);
    let (log, book) = (Log::after(shop.log.head(), shop.book.clone()), shop.book.clone());
    let mut later = Shop { log, book, number: shop.number };
    tell(&mut shop);
    assert_eq!(sold(&shop), SoldLine { sold: 2, returned: 2, resold: 0 });
    assert_eq!(shop.log.lanes(tick(200))[0].shipped, 4);
    // Nor where the close is in the book that a log begins with, or is of the node of the line alone.
    tell(&mut later);
    later.tell(Kind::Sell, 10, "S1", &[("TEA", 2)], |event| {
        text(event);
        event.id = onhand::Id::Text(name("another"));
        event.lines[0].node = event.node.take();
        event.node = Some(name("DC"));
    });
    assert_eq!(sold(&later), SoldLine::default());
    later.tell(Kind::Sell, 101, "S1", &[("TEA", 2)], |event| {
        text(event);
        event.id = onhand::Id::Text(name("the-next"));
    });
    assert_eq!(sold(&later).sold, 2, "it is of the open period");
}

/// Of a transfer to a warehouse, in a state and into another.
fn sent(from: StockState, to: Option<StockState>) -> impl Fn(&mut onhand::Event) {
    move |event| {
        (event.subject, event.to_node) = (Some(name("T1")), Some(name("DC")));
        (event.lines[0].state, event.lines[0].to_state) = (Some(from), to);
    }
}

#[test]
fn each_return_ends_where_it_is_for_sale_again() {
    use onhand::log::ReturnPath::{Open, Refurbishment, Resale};
    let mut shop = Shop::new();
    let paths = |shop: &Shop| {
        let rows = shop.log.returned(tick(100), |_, _| Some(7)).into_iter();
        rows.map(|row| (row.path, row.sku.to_string(), row.units(), row.unit_ms, row.recovered))
            .collect::<Vec<_>>()
    };
    let row = |path, sku: &str, units, unit_ms, recovered| (path, sku.to_owned(), units, unit_ms, recovered);
    // Straight to the shelf: it waits for nothing.
    shop.tell(Kind::ReturnReceive, 10, "S1", &[("TEA", 2)], |event| {
        event.lines[0].state = Some(StockState::Sellable);
    });
    assert_eq!(paths(&shop), [row(Resale, "TEA", 2, 0, 14)]);
    // Sent to a warehouse that sells it: for sale where it arrives, and not before.
    shop.tell(Kind::ReturnReceive, 11, "S1", &[("CUP", 3)], |_| ());
    shop.tell(Kind::TransferPick, 19, "S1", &[("CUP", 3)], sent(StockState::Returned, None));
    shop.tell(Kind::TransferShip, 20, "S1", &[("CUP", 3)], sent(StockState::Picked, None));
    assert_eq!(paths(&shop), [row(Resale, "TEA", 2, 0, 14), row(Open, "CUP", 3, 3 * 89, 0)]);
    shop.tell(Kind::TransferReceive, 31, "DC", &[("CUP", 1)], sent(StockState::Sellable, None));
    let refurbishing = sent(StockState::Sellable, Some(StockState::Refurbishing));
    shop.tell(Kind::TransferReceive, 31, "DC", &[("CUP", 2)], refurbishing);
    let resold = [row(Resale, "CUP", 1, 20, 7), row(Resale, "TEA", 2, 0, 14)];
    assert_eq!(paths(&shop)[..2], resold);
    assert_eq!(paths(&shop)[2], row(Open, "CUP", 2, 2 * 89, 0));
    // And sold as another item when it was made as new.
    shop.tell(Kind::Relabel, 41, "DC", &[("CUP", -2), ("NEW", 2)], |event| {
        event.lines[0].state = Some(StockState::Refurbishing);
    });
    assert_eq!(paths(&shop)[..2], resold);
    assert_eq!(paths(&shop)[2..], [row(Refurbishment, "CUP", 2, 2 * 30, 14)]);
}

/// What was broken before it left was not broken on the way.
#[test]
fn what_arrives_as_it_was_sent_is_not_damaged_on_its_lane() {
    let mut shop = Shop::new();
    let damaged = |shop: &Shop| shop.log.lanes(tick(100))[0].damaged;
    shop.tell(Kind::TransferShip, 10, "S1", &[("TEA", 3)], sent(StockState::Damaged, None));
    shop.tell(Kind::TransferShip, 11, "S1", &[("TEA", 3)], sent(StockState::Picked, None));
    shop.tell(Kind::TransferReceive, 20, "DC", &[("TEA", 2)], sent(StockState::Damaged, None));
    shop.tell(Kind::TransferReceive, 21, "DC", &[("TEA", 1)], sent(StockState::Picked, None));
    assert_eq!(damaged(&shop), 0);
    let broken = sent(StockState::Picked, Some(StockState::Damaged));
    shop.tell(Kind::TransferReceive, 22, "DC", &[("TEA", 2)], broken);
    assert_eq!(damaged(&shop), 2);
    let fit = sent(StockState::Picked, Some(StockState::Sellable));
    shop.tell(Kind::TransferReceive, 23, "DC", &[("TEA", 2)], fit);
    assert_eq!(damaged(&shop), 2);
    assert_eq!(shop.book.quantity("TEA", "DC", None, StockState::Damaged), 4);
}

/// What is another's has cost the company nothing, and leaves apart from what is the company's.
#[test]
fn what_came_back_of_others_goods_is_theirs_on_every_path() {
    use onhand::log::ReturnPath::{Open, Resale};
    let mut shop = Shop::new();
    let of = |owner: Option<&'static str>, to: Option<StockState>| {
        move |event: &mut onhand::Event| {
            (event.lines[0].owner, event.lines[0].to_state) = (owner.map(name), to);
        }
    };
    shop.tell(Kind::ReturnReceive, 10, "S1", &[("TEA", 3)], of(Some("mill"), None));
    shop.tell(Kind::ReturnReceive, 20, "S1", &[("TEA", 3)], of(None, None));
    shop.tell(Kind::Grade, 30, "S1", &[("TEA", 2)], of(None, Some(StockState::Sellable)));
    shop.tell(Kind::Grade, 40, "S1", &[("TEA", 1)], of(Some("mill"), Some(StockState::Sellable)));
    let paths = shop.log.returned(tick(100), |_, _| Some(200));
    let paths: Vec<_> = paths
        .iter()
        .map(|row| (row.path, row.owner.clone(), row.units(), row.unit_ms, row.recovered))
        .collect();
    let mill = || Some(name("mill"));
    assert_eq!(
        paths,
        [
            (Resale, None, 2, 2 * 10, 400),
            (Resale, mill(), 1, 30, 0),
            (Open, None, 1, 80, 0),
            (Open, mill(), 2, 2 * 90, 0),
        ]
    );
}

/// What is over of one owner's makes up for nothing that is missing of another's.
#[test]
fn each_owner_has_a_lane_of_their_own() {
    let mut shop = Shop::new();
    let of = |owner: Option<&'static str>| {
        move |event: &mut onhand::Event| {
            (event.subject, event.to_node) = (Some(name("T1")), Some(name("DC")));
            event.lines.iter_mut().for_each(|line| line.owner = owner.map(name));
        }
    };
    shop.tell(Kind::TransferShip, 10, "S1", &[("TEA", 5), ("CUP", 1)], of(None));
    shop.tell(Kind::TransferShip, 11, "S1", &[("TEA", 2), ("CUP", 1)], of(Some("mill")));
    shop.tell(Kind::TransferReceive, 20, "DC", &[("TEA", 7), ("CUP", 1)], of(None));
    let lanes = shop.log.lanes(tick(100));
    let lanes: Vec<_> =
        lanes.iter().map(|lane| (lane.owner.clone(), lane.transfers, lane.missing, lane.over)).collect();
    assert_eq!(lanes, [(None, 1, 0, 2), (Some(name("mill")), 1, 3, 0)]);
}

/// What a liquidator gave for units of several lots is shared by all of them, those that came back and the others.
#[test]
fn what_returns_brought_is_their_share_of_all_lots_that_were_sold() {
    use onhand::log::ReturnPath::Liquidation;
    let mut shop = Shop::new();
    let of = |lot: &'static str| {
        move |event: &mut onhand::Event| {
            event.lines[0].lot = Some(name(lot));
            event.lines[0].state = Some(StockState::Liquidation);
        }
    };
    shop.tell(Kind::ReturnReceive, 10, "S1", &[("TEA", 2)], of("A"));
    shop.tell(Kind::Receipt, 20, "S1", &[("TEA", 3)], of("B"));
    let mut sale = onhand::Event::new(name("shop"), onhand::Id::Number(99), Kind::Liquidate, tick(30));
    sale.node = Some(name("S1"));
    sale.lines.push(onhand::Line::new(name("TEA"), 5).expect("in range"));
    sale.lines[0].value = onhand::Money::new(100);
    shop.log.execute(&mut shop.book, &sale, tick(30)).expect("five are there");
    let paths = shop.log.returned(tick(100), |_, _| None);
    let paths: Vec<_> = paths.iter().map(|one| (one.path, one.units(), one.recovered)).collect();
    assert_eq!(paths, [(Liquidation, 2, 40)]);
}
