//! Hours on clocks that are set as no place sets them, against a walk that looks at the clock each minute: changes of any size at any
//! minute of the day, near hours, cut-offs, calls and deliveries.

use onhand::Time;
use onhand::calendar::{Calendar, Carrier, Day, Hours, Node, Span, delivery, pick_up};
use onhand_tests::random::Dice;
use proptest::prelude::*;

use crate::clock::Clock;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;
/// In minutes: what every clock here knows.
const FROM: i64 = 20_000 * DAY;
const TO: i64 = FROM + 90 * DAY;

fn a_clock(dice: &mut Dice) -> Clock {
    let mut offset = dice.below(24) as i64 * 60 - 720;
    let mut rows = vec![(FROM, offset)];
    let mut at = FROM + 2 * DAY;
    for _ in 0..dice.below(12) {
        at += 1 + dice.below(10 * DAY as usize) as i64;
        if at >= TO {
            break;
        }
        offset += match dice.below(10) {
            0 => 1_440,
            1 => -1_440,
            2 => 25,
            3 => -7,
            4..7 => 60,
            _ => -60,
        };
        offset = offset.clamp(-1_430, 1_430);
        rows.push((at, offset));
    }
    Clock::new(&rows, FROM..TO, TO)
}

/// Hours as minutes of UTC, of every day that all of is known of.
fn hours(clock: &Clock, calendar: &Calendar) -> Vec<(i64, i64)> {
    let days = FROM / DAY + 2..TO / DAY - 2;
    let spans = |day: i64| {
        calendar
            .hours(Day::new(day).unwrap())
            .spans
            .iter()
            .map(move |span| (clock.first(day, span.from), clock.first(day, span.to)))
    };
    days.flat_map(spans).collect()
}

fn calendar(dice: &mut Dice) -> Calendar {
    let hours = |dice: &mut Dice| {
        let step = *dice.pick(&[15, 60, 1]);
        let mut minutes: Vec<u16> =
            (0..2 * dice.below(4)).map(|_| (dice.below(DAY as usize / step + 1) * step) as u16).collect();
        if dice.percent(30) {
            minutes.extend([0, 1_440]);
        }
        minutes.sort_unstable();
        let spans = minutes.chunks(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect();
        Hours {
            spans,
            cut_off: dice.percent(50).then(|| (dice.below(DAY as usize / step + 1) * step) as u16),
        }
    };
    let holidays = (0..60).filter(|_| dice.percent(15)).collect::<Vec<i64>>();
    let holidays =
        holidays.into_iter().map(|ahead| (Day::new(FROM / DAY + ahead).unwrap(), hours(dice))).collect();
    Calendar::new(std::array::from_fn(|_| hours(dice)), holidays).unwrap()
}

/// The first minute from one on that is within hours.
fn open(hours: &[(i64, i64)], from: i64) -> Option<i64> {
    (from..TO - 3 * DAY).find(|minute| hours.iter().any(|(from, to)| from <= minute && minute <= to))
}

proptest! {
    #![proptest_config(crate::cases_of(400))]

    /// What is earliest is what a walk finds, on whatever clocks.
    #[test]
    fn the_earliest_is_what_a_walk_finds_on_any_clock(word: u64) {
        let mut dice = Dice::new(word);
        let (here, there) = (a_clock(&mut dice), a_clock(&mut dice));
        let [picking, opening, calls, deliveries] = std::array::from_fn(|_| calendar(&mut dice));
        let handling = dice.below(3) as i64 * dice.below(900) as i64;
        let transit_days = dice.below(4) as u32;
        let node = Node { clock: &here.table, picking: &picking, opening: &opening, handling_ms: handling * MINUTE };
        let carrier = Carrier { calls: &calls, clock: &there.table, deliveries: &deliveries, transit_days };
        let (picks, opens, leaves) = (hours(&here, &picking), hours(&here, &opening), hours(&here, &calls));
        for _ in 0..8 {
            let now = FROM + 4 * DAY + dice.below(50 * DAY as usize) as i64;
            let today = here.day(now);
            let cut_off = picking.hours(Day::new(today).unwrap()).cut_off;
            let counts = match cut_off {
                Some(minute) if now > here.first(today, minute) => here.first(today, 1_440),
                _ => now,
            };
            let Some(starts) = open(&picks, counts) else { continue };
            let worked = |minute: &i64| picks.iter().any(|(from, to)| from <= minute && minute < to);
            let ready = match handling {
                0 => Some(starts),
                _ => (starts..TO - 3 * DAY).filter(worked).nth(handling as usize - 1).map(|last| last + 1),
            };
            let Some(ready) = ready else { continue };
            if let Some(from) = open(&opens, ready) {
                let found = pick_up(&node, Time::new(now * MINUTE).unwrap());
                let Ok(found) = found else { prop_assert!(false, "{found:?} {now} {from}"); continue };
                let found = (found.starts.millis(), found.ready.millis(), found.from.millis(), found.day.number());
                prop_assert_eq!(found, (starts * MINUTE, ready * MINUTE, from * MINUTE, here.day(from)));
            }
            let Some((_, left)) = leaves.iter().find(|(from, _)| *from >= ready) else { continue };
            let from = here.day(*left);
            let works = |day: i64| deliveries.is_open(Day::new(day).unwrap());
            let end = |day: i64| there.first(day, deliveries.hours(Day::new(day).unwrap()).spans.last().unwrap().to);
            let in_transit = |day: i64| (from + 1..=day).filter(|day| works(*day)).count() as u32;
            let comes = |day: &i64| works(*day) && in_transit(*day) >= transit_days && end(*day) >= *left;
            let Some(day) = (from..TO / DAY - 3).find(comes) else { continue };
            let found = delivery(&node, &carrier, Time::new(now * MINUTE).unwrap());
            let Ok(found) = found else { prop_assert!(false, "{found:?} {now} {day}"); continue };
            let found = (found.starts.millis(), found.ready.millis(), found.leaves.millis(), found.day.number(), found.by.millis());
            prop_assert_eq!(found, (starts * MINUTE, ready * MINUTE, left * MINUTE, day, end(day) * MINUTE));
        }
    }
}
