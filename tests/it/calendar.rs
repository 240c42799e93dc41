//! Calendars: clocks that are set forward and back, cut-offs to the millisecond, and that earliest and latest agree.

use onhand::calendar::{
    Calendar, Carrier, Day, Hours, Node, OffsetTable, Span, Step, Unanswered, ZoneProblem, delivery,
    latest_order, latest_order_by, latest_order_for_pick_up, order_within_ms, pick_up,
};
use onhand::{Name, Time};
use onhand_tests::random::Dice;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

fn at(millis: i64) -> Time {
    Time::new(millis).unwrap()
}

fn day(year: i64, month: i64, day: i64) -> Day {
    Day::of(year, month, day).unwrap()
}

fn zone(name: &str) -> OffsetTable {
    let (from, until) = (day(2024, 1, 1).number() * 24 * HOUR, day(2029, 1, 1).number() * 24 * HOUR);
    OffsetTable::of_zone(name, at(from), at(until)).unwrap()
}

fn every_day(hours: Hours) -> Calendar {
    Calendar::every_day(hours).unwrap()
}

#[test]
fn clocks_are_set_forward_and_back_where_the_database_says() {
    // Zone, day, hours of that day.
    let days = [
        ("Europe/Berlin", day(2026, 3, 29), 23),
        ("Europe/Berlin", day(2026, 10, 25), 25),
        ("Europe/Berlin", day(2026, 7, 1), 24),
        ("America/New_York", day(2026, 3, 8), 23),
        ("America/New_York", day(2026, 11, 1), 25),
        ("Asia/Tokyo", day(2026, 3, 29), 24),
    ];
    for (name, date, hours) in days {
        let clock = zone(name);
        let (start, end) = (clock.moment(date, 0).unwrap(), clock.moment(date, 1_440).unwrap());
        assert_eq!(end.millis() - start.millis(), hours * HOUR, "{name} {date:?}");
        assert_eq!(clock.day(start), Ok(date));
        assert_eq!(clock.day(at(start.millis() - 1)), Ok(date.plus(-1).unwrap()));
        assert_eq!(
            clock.day_starts(at(start.millis() + 5 * HOUR), 2),
            Ok(vec![start.millis(), end.millis()])
        );
    }
    // What is skipped is the moment of the change; of what comes twice the first counts. 2026-03-08 and 2026-11-01 in New York.
    let clock = zone("America/New_York");
    let forward = clock.moment(day(2026, 3, 8), 120).unwrap();
    assert_eq!(forward, at(day(2026, 3, 8).number() * 24 * HOUR + 7 * HOUR));
    assert_eq!(clock.moment(day(2026, 3, 8), 150), Ok(forward));
    assert_eq!(clock.moment(day(2026, 3, 8), 180), Ok(forward));
    let back = clock.moment(day(2026, 11, 1), 90).unwrap();
    assert_eq!(back, at(day(2026, 11, 1).number() * 24 * HOUR + 5 * HOUR + 30 * MINUTE));
    assert!(clock.version().starts_with("20"), "{}", clock.version());
    assert!(matches!(OffsetTable::of_zone("Mars/Base", at(0), at(1)), Err(ZoneProblem::Unknown(_))));
}

#[test]
fn a_cut_off_holds_in_local_time_on_both_sides_of_a_change() {
    let (clock, target) = (zone("Europe/Berlin"), zone("Europe/Berlin"));
    let picking = every_day(Hours { cut_off: Some(14 * 60), ..Hours::of(8 * 60, 18 * 60) });
    let (calls, deliveries) = (every_day(Hours::of(17 * 60, 17 * 60)), every_day(Hours::of(9 * 60, 18 * 60)));
    let node = Node { clock: &clock, picking: &picking, opening: &picking, handling_ms: 2 * HOUR };
    let carrier = Carrier { calls: &calls, clock: &target, deliveries: &deliveries, transit_days: 1 };
    for date in [day(2026, 3, 28), day(2026, 3, 29), day(2026, 10, 24), day(2026, 10, 25)] {
        let cut_off = clock.moment(date, 14 * 60).unwrap();
        let next = date.plus(1).unwrap();
        assert_eq!(delivery(&node, &carrier, cut_off).unwrap().day, next);
        assert_eq!(delivery(&node, &carrier, at(cut_off.millis() + 1)).unwrap().day, next.plus(1).unwrap());
        assert_eq!(latest_order(&node, &carrier, next), Ok(cut_off));
        let before = at(cut_off.millis() - (2 * 60 + 10) * MINUTE);
        assert_eq!(order_within_ms(&node, &carrier, before), Ok((2 * 60 + 10) * MINUTE));
    }
}

#[test]
fn holidays_of_the_node_and_of_the_carrier_move_the_day() {
    let clock = zone("Europe/Berlin");
    let workday = || Hours::of(8 * 60, 18 * 60);
    let mut week: [Hours; 7] = std::array::from_fn(|_| workday());
    week[6] = Hours::default();
    // Christmas Eve until noon; both holidays closed. 24 December 2026 is a Thursday.
    let eve = day(2026, 12, 24);
    let off = |number: i64| (day(2026, 12, number), Hours::default());
    let hours = Calendar::new(week, vec![(eve, Hours::of(8 * 60, 12 * 60)), off(25), off(26)]).unwrap();
    let calls = every_day(Hours::of(16 * 60, 16 * 60));
    let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3 * HOUR };
    let carrier = Carrier { calls: &calls, clock: &clock, deliveries: &hours, transit_days: 1 };
    let ordered = |minute| delivery(&node, &carrier, clock.moment(eve, minute).unwrap()).unwrap();
    // Three hours are left at nine: called for the same day, delivered on Monday.
    assert_eq!(
        (ordered(9 * 60).day, ordered(9 * 60).ready),
        (day(2026, 12, 28), clock.moment(eve, 12 * 60).unwrap())
    );
    // An hour later one hour is left for Monday, and it comes on Tuesday.
    let late = ordered(10 * 60);
    assert_eq!((late.day, late.ready), (day(2026, 12, 29), clock.moment(day(2026, 12, 28), 9 * 60).unwrap()));
    let collected = pick_up(&node, clock.moment(eve, 11 * 60).unwrap()).unwrap();
    assert_eq!(collected.from, clock.moment(day(2026, 12, 28), 10 * 60).unwrap());
}

#[test]
fn what_never_comes_is_said_within_bounds() {
    let (clock, open, closed) = (OffsetTable::utc(), every_day(Hours::of(0, 1_440)), Calendar::default());
    let now = at(1_000 * 24 * HOUR);
    let node = |picking, opening| Node { clock: &clock, picking, opening, handling_ms: HOUR };
    let carrier = |calls, deliveries| Carrier { calls, clock: &clock, deliveries, transit_days: 1 };
    let asked = |node: &Node<'_>, carrier: &Carrier<'_>| delivery(node, carrier, now).map(drop);
    let nothing = |step| Err(Unanswered::NothingWithin(step));
    assert_eq!(asked(&node(&closed, &open), &carrier(&open, &open)), nothing(Step::Picking));
    assert_eq!(asked(&node(&open, &open), &carrier(&closed, &open)), nothing(Step::Call));
    assert_eq!(asked(&node(&open, &open), &carrier(&open, &closed)), nothing(Step::Delivery));
    assert_eq!(pick_up(&node(&open, &closed), now).map(drop), nothing(Step::Collecting));
    let slow = Node { handling_ms: i64::MAX, ..node(&open, &open) };
    assert_eq!(pick_up(&slow, now).map(drop), nothing(Step::Picking));
    let far = Carrier { transit_days: u32::MAX, ..carrier(&open, &open) };
    assert_eq!(asked(&node(&open, &open), &far), nothing(Step::Delivery));
    let short = OffsetTable::new("2026a".into(), vec![(at(0), 0)], at(24 * HOUR)).unwrap();
    let early = Node { clock: &short, ..node(&open, &open) };
    assert_eq!(pick_up(&early, now).map(drop), Err(Unanswered::OutsideTable));
    assert_eq!(
        latest_order(&early, &carrier(&open, &open), Day::new(1_000).unwrap()),
        Err(Unanswered::OutsideTable)
    );
}

/// Hours of some spans, and now and then a cut-off; some days are closed.
fn hours(dice: &mut Dice) -> Hours {
    let mut minutes: Vec<u16> = (0..2 * dice.below(3)).map(|_| (dice.below(97) * 15) as u16).collect();
    minutes.sort_unstable();
    let spans = minutes.chunks(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect();
    Hours { spans, cut_off: dice.percent(30).then(|| (dice.below(97) * 15) as u16) }
}

fn calendar(dice: &mut Dice) -> Calendar {
    let week = std::array::from_fn(|_| hours(dice));
    let mut holidays: Vec<(Day, Hours)> = Vec::new();
    for _ in 0..dice.below(6) {
        let date = day(2026, 3, 1).plus(dice.below(60) as i64).unwrap();
        if holidays.iter().all(|(other, _)| *other != date) {
            holidays.push((date, hours(dice)));
        }
    }
    Calendar::new(week, holidays).unwrap()
}

proptest! {
    #![proptest_config(super::cases_of(300))]

    /// For every order and every day: it comes by the day exactly when it is placed no later than the latest order for it.
    #[test]
    fn earliest_and_latest_agree(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "UTC"];
        let [here, there] = [(); 2].map(|()| zone(zones[dice.below(zones.len())]));
        let [picking, opening, calls, deliveries] = [(); 4].map(|()| calendar(&mut dice));
        let handling_ms = dice.below(20) as i64 * HOUR / 2;
        let node = Node { clock: &here, picking: &picking, opening: &opening, handling_ms };
        let carrier = Carrier { calls: &calls, clock: &there, deliveries: &deliveries, transit_days: dice.below(5) as u32 };
        let now = |dice: &mut Dice| at((day(2026, 3, 1).number() * 24 * 60 + dice.below(60 * 24 * 60) as i64) * MINUTE + dice.below(3) as i64);
        let mut moments = [(); 12].map(|()| now(&mut dice));
        moments.sort_unstable();
        let mut before = None;
        for now in moments {
            let Ok(found) = delivery(&node, &carrier, now) else { continue };
            prop_assert!(now <= found.starts && found.starts <= found.ready && found.ready <= found.leaves && found.leaves <= found.by);
            prop_assert!(before <= Some(found.day), "an order placed later comes no earlier");
            before = Some(found.day);
            for ahead in -3..4 {
                let wanted = found.day.plus(ahead).unwrap();
                if let Ok(latest) = latest_order(&node, &carrier, wanted) {
                    prop_assert_eq!(found.day <= wanted, now <= latest, "now {} day {:?} latest {}", now, wanted, latest);
                }
            }
            let by = found.by.millis();
            for wanted in [by - 26 * HOUR, by - HOUR, by - 1, by, by + 1, by + 9 * HOUR, by + 26 * HOUR] {
                if let Ok(latest) = latest_order_by(&node, &carrier, at(wanted)) {
                    prop_assert_eq!(by <= wanted, now <= latest, "now {} by {} wanted {} latest {}", now, by, wanted, latest);
                }
            }
            prop_assert!(order_within_ms(&node, &carrier, now).unwrap() >= 0);
        }
        for now in moments {
            let Ok(found) = pick_up(&node, now) else { continue };
            for wanted in [found.from.millis() - 1, found.from.millis(), found.from.millis() + HOUR] {
                if let Ok(latest) = latest_order_for_pick_up(&node, at(wanted)) {
                    // Wanted while closed means: the latest that can be collected before.
                    prop_assert_eq!(found.from.millis() <= wanted, now <= latest);
                }
            }
        }
    }
}

#[test]
fn days_in_transit_are_by_zone_and_method() {
    let name = |text: &str| Name::new(text).unwrap();
    let rows = vec![(name("north"), name("standard"), 2), (name("north"), name("express"), 1)];
    let transit = onhand::calendar::Transit::new(rows).unwrap();
    assert_eq!(transit.days(&name("north"), &name("express")), Some(1));
    assert_eq!(transit.days(&name("south"), &name("express")), None);
}
