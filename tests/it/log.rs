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
        let moments: BTreeSet<_> = log.entries().iter().map(|entry| entry.event.occurred).collect();
        prop_assert!(lives.iter().filter_map(|life| life.since).all(|since| moments.contains(&since)));
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
