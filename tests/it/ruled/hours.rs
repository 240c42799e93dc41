//! Hours of nodes and carriers near changes of the clock, and when an order leaves and arrives by them: by all hours that there are, as a clock
//! shows them that is looked at each minute.

use std::sync::LazyLock;

use onhand::Book;
use onhand::calendar::{Calendar, Day, Hours, Span};
use onhand::promise::{CarrierHours, Leg, NamedCalendar, NamedClock, NodeHours, Rulebook, Timetable};
use onhand_tests::random::{Dice, name};

use crate::clock;

use super::shop::{DAY_MS, MINUTE, NODES, NOW, at, below};

const DAY: i64 = 1_440;
/// The minutes that clocks are looked at.
const FROM: i64 = (NOW / DAY_MS - 6) * DAY;
const TO: i64 = FROM + 90 * DAY;
const LAST_DAY: i64 = TO / DAY - 2;

/// A clock in moments, and the minute of the day that it shows now.
struct Clock {
    minutes: clock::Clock,
    shows: i64,
}

impl Clock {
    fn of(dice: &mut Dice) -> Clock {
        let now = NOW / MINUTE;
        let mut offset = *dice.pick(&[0, 60, 345, -170, -164, 1_270, -720]);
        let shows = (now + offset).rem_euclid(DAY);
        let mut rows = vec![(FROM, offset)];
        let mut at = now - 5 + below(dice, 8);
        for _ in 0..dice.below(4) {
            offset += *dice.pick(&[60, -60, 60, -60, 3, -2, 1_440, -1_440]);
            offset = offset.clamp(-1_430, 1_430);
            rows.push((at, offset));
            at += if dice.percent(50) { 1 + below(dice, 6) } else { DAY - 5 + below(dice, 10) };
        }
        // What is never found is looked for as far as the core looks.
        Clock { minutes: clock::Clock::new(&rows, FROM..TO, TO + 1_000 * DAY), shows }
    }

    /// The first moment at which it shows a day's minute or more.
    fn first(&self, day: i64, minute: u16) -> i64 {
        self.minutes.first(day, minute) * MINUTE
    }

    fn day(&self, moment: i64) -> i64 {
        self.minutes.day(moment / MINUTE)
    }
}

static CLOCKS: LazyLock<Vec<Clock>> =
    LazyLock::new(|| (0..24).map(|seed| Clock::of(&mut Dice::new(seed))).collect());

/// A calendar on a clock.
#[derive(Clone)]
struct Listed {
    clock: usize,
    calendar: Calendar,
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.hours(NOW).take(9).map(|(from, to)| (from - NOW, to - NOW))).finish()
    }
}

impl Listed {
    /// Hours near what a clock shows now, on some days.
    fn of(dice: &mut Dice, clock: usize, busy: usize) -> Listed {
        let near = CLOCKS[clock].shows;
        let hours = |dice: &mut Dice| {
            let minute = |dice: &mut Dice| match dice.below(8) {
                0 => 0,
                1 => DAY,
                2 => below(dice, DAY as usize + 1),
                _ => (near - 4 + below(dice, 12)).rem_euclid(DAY),
            };
            let mut minutes: Vec<u16> = (0..2 * dice.below(3)).map(|_| minute(dice) as u16).collect();
            if dice.percent(busy) {
                minutes.extend([0, DAY as u16]);
            }
            minutes.sort_unstable();
            let spans = minutes.chunks(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect();
            Hours { spans, cut_off: dice.percent(40).then(|| minute(dice) as u16) }
        };
        let today = NOW / DAY_MS;
        let holidays: Vec<i64> = (today - 1..today + 4).filter(|_| dice.percent(25)).collect();
        let holidays = holidays.into_iter().map(|day| (Day::new(day).unwrap(), hours(dice))).collect();
        let calendar = Calendar::new(std::array::from_fn(|_| hours(dice)), holidays).unwrap();
        Listed { clock, calendar }
    }

    /// Its hours as moments, from those of two days before a moment on.
    fn hours(&self, moment: i64) -> impl Iterator<Item = (i64, i64)> {
        let clock = &CLOCKS[self.clock];
        (clock.day(moment) - 2..LAST_DAY).flat_map(move |day| {
            let spans = self.hours_of(day).spans.iter();
            spans.map(move |span| (clock.first(day, span.from), clock.first(day, span.to)))
        })
    }

    /// The first moment from one on that is within hours.
    fn open(&self, from: i64) -> Option<i64> {
        let (start, end) = self.hours(from).find(|(_, end)| from <= *end)?;
        Some(from.clamp(start, end))
    }

    /// When work of so many milliseconds is done that goes on only within hours.
    fn worked(&self, from: i64, length: i64) -> Option<i64> {
        let mut left = length;
        let mut at = from;
        if left <= 0 {
            return Some(at);
        }
        for (start, end) in self.hours(from) {
            at = at.max(start);
            if left <= end - at {
                return Some(at + left);
            }
            left -= (end - at).max(0);
        }
        None
    }

    fn hours_of(&self, day: i64) -> &Hours {
        self.calendar.hours(Day::new(day).unwrap())
    }
}

#[derive(Clone, Debug)]
struct Keeper {
    picking: Listed,
    opening: Option<Listed>,
}

#[derive(Clone, Debug)]
struct Carrier {
    method: &'static str,
    node: Option<&'static str>,
    zone: Option<&'static str>,
    /// By node, as each has a clock of its own.
    calls: Vec<Listed>,
    deliveries: Listed,
    transit_days: u32,
}

/// Nodes that keep hours, and carriers.
#[derive(Clone, Debug)]
pub(super) struct Table {
    nodes: Vec<Option<Keeper>>,
    carriers: Vec<Carrier>,
}

/// When an order has left, when it has arrived, and on which day that is where it arrives.
pub(super) type Times = (i64, i64, i64);

impl Table {
    pub(super) fn of(dice: &mut Dice) -> Table {
        let keeper = |dice: &mut Dice| {
            let clock = dice.below(CLOCKS.len());
            let picking = Listed::of(dice, clock, 30);
            let opening = dice.percent(50).then(|| Listed::of(dice, clock, 30));
            dice.percent(75).then_some(Keeper { picking, opening })
        };
        let nodes: Vec<Option<Keeper>> = (0..NODES.len()).map(|_| keeper(dice)).collect();
        let carrier = |dice: &mut Dice, method| {
            let clock = dice.below(CLOCKS.len());
            let pattern = Listed::of(dice, clock, 25);
            let calls = nodes.iter().map(|keeper| {
                let clock = keeper.as_ref().map_or(clock, |keeper| keeper.picking.clock);
                Listed { clock, ..pattern.clone() }
            });
            let there = if dice.percent(50) { clock } else { dice.below(CLOCKS.len()) };
            Carrier {
                method,
                node: dice.percent(50).then(|| *dice.pick(&NODES)),
                zone: dice.percent(40).then(|| *dice.pick(&["north", "north", "south"])),
                calls: calls.collect(),
                deliveries: Listed::of(dice, there, 25),
                transit_days: dice.below(3) as u32,
            }
        };
        let mut carriers = Vec::new();
        for method in ["van", "air", "van", "air"] {
            if dice.percent(70) {
                carriers.push(carrier(dice, method));
            }
        }
        Table { nodes, carriers }
    }

    /// As a rulebook has it.
    pub(super) fn timetable(&self) -> Timetable {
        let mut table = Timetable::default();
        for (at, clock) in CLOCKS.iter().enumerate() {
            table
                .clocks
                .push(NamedClock { name: name(format!("clock-{at}")), table: clock.minutes.table.clone() });
        }
        let mut named = |of: &Listed| {
            let name = name(format!("calendar-{}", table.calendars.len()));
            table.calendars.push(NamedCalendar { name: name.clone(), calendar: of.calendar.clone() });
            name
        };
        let clock = |of: &Listed| name(format!("clock-{}", of.clock));
        for (node, keeper) in NODES.iter().zip(&self.nodes) {
            let Some(Keeper { picking, opening }) = keeper else { continue };
            table.nodes.push(NodeHours {
                node: name(*node),
                clock: clock(picking),
                picking: named(picking),
                opening: opening.as_ref().map(&mut named),
            });
        }
        for one in &self.carriers {
            table.carriers.push(CarrierHours {
                method: name(one.method),
                node: one.node.map(name),
                zone: one.zone.map(name),
                calls: named(&one.calls[0]),
                clock: clock(&one.deliveries),
                deliveries: named(&one.deliveries),
                transit_days: one.transit_days,
            });
        }
        table
    }

    /// The carrier that calls at a node for what goes north by a method: the row that names node and zone, then node, then zone.
    fn carrier(&self, node: usize, method: &str) -> Option<&Carrier> {
        let fits = |one: &&Carrier| {
            let here = one.node.is_none_or(|of| of == NODES[node]);
            one.method == method && here && one.zone.is_none_or(|zone| zone == "north")
        };
        let fit = self.carriers.iter().filter(fits);
        fit.max_by_key(|one| (one.node.is_some(), one.zone.is_some()))
    }

    /// When an order that a node begins with at a moment leaves and arrives. `Err` where nothing is said of the node, `Ok(None)` where it never
    /// does.
    pub(super) fn times(
        &self,
        node: usize,
        method: Option<&str>,
        handling: i64,
        from: i64,
    ) -> Result<Option<Times>, ()> {
        let Some(keeper) = &self.nodes[node] else { return Err(()) };
        let picking = &keeper.picking;
        let clock = &CLOCKS[picking.clock];
        let today = clock.day(from);
        let counts = match picking.hours_of(today).cut_off {
            Some(minute) if clock.first(today, minute) < from => clock.first(today, DAY as u16),
            _ => from,
        };
        let ready = || picking.worked(picking.open(counts)?, handling);
        let Some(method) = method else {
            let opening = keeper.opening.as_ref().unwrap_or(picking);
            let from = || {
                let ready = ready()?;
                let from = opening.open(ready)?;
                Some((ready, from, clock.day(from)))
            };
            return Ok(from());
        };
        let arrives = || {
            let carrier = self.carrier(node, method)?;
            let ready = ready()?;
            let (_, left) = carrier.calls[node].hours(ready).find(|(from, _)| ready <= *from)?;
            let (there, from) = (&carrier.deliveries, clock.day(left));
            let end = |day: i64| Some(CLOCKS[there.clock].first(day, there.hours_of(day).spans.last()?.to));
            let mut to_go = i64::from(carrier.transit_days);
            for day in from..LAST_DAY {
                let Some(end) = end(day) else { continue };
                to_go -= i64::from(day > from);
                if to_go <= 0 && left <= end {
                    return Some((left, end, day));
                }
            }
            None
        };
        Ok(arrives())
    }

    /// The day of a moment where what leaves a node by a method arrives.
    pub(super) fn day(&self, node: usize, method: Option<&str>, moment: i64) -> Option<i64> {
        let keeper = self.nodes[node].as_ref()?;
        let clock = match method {
            Some(method) => self.carrier(node, method)?.deliveries.clock,
            None => keeper.picking.clock,
        };
        Some(CLOCKS[clock].day(moment))
    }

    /// Holds the earliest and the latest that a book answers for a node and a method against what is so, near a moment.
    pub(super) fn hold(
        &self,
        book: &Book,
        rulebook: &Rulebook,
        leg: Leg<'_>,
        handling: i64,
        dice: &mut Dice,
    ) {
        let node = NODES.iter().position(|node| *node == leg.node).unwrap();
        let times = |from: i64| self.times(node, leg.method, handling, from);
        let mut near = |of: i64| of + *dice.pick(&[-MINUTE, -1, 0, 0, 1, MINUTE]);
        let mut moments = vec![near(NOW), near(NOW + 20_000), near(NOW + DAY_MS)];
        let wanted = times(moments[0]).ok().flatten().map_or(NOW + DAY_MS, |(_, arrive, _)| near(arrive));
        for (of_day, last) in [
            (true, book.latest(rulebook, leg, at(wanted)).unwrap()),
            (false, book.latest_by(rulebook, leg, at(wanted)).unwrap()),
        ] {
            let in_time = |from: i64| {
                times(from).unwrap_or_default().is_some_and(|(_, arrive, day)| match of_day {
                    true => Some(day) <= self.day(node, leg.method, wanted),
                    false => arrive <= wanted,
                })
            };
            // Before that day clocks are not known.
            let last = last.filter(|last| *last > NOW - 3 * DAY_MS);
            let is_last = match last {
                Some(last) => in_time(last) && !in_time(last + 1),
                None => !in_time(NOW - 2 * DAY_MS),
            };
            assert!(is_last, "{leg:?} {handling} {wanted} {last:?} {of_day}: {self:?} {rulebook:?}");
            moments.extend(last.into_iter().flat_map(|last| [last, last + 1]));
        }
        for now in moments {
            let said = book.earliest(rulebook, leg, at(now)).unwrap();
            let said = said.map(|said| said.ok().map(|times| (times.release_by, times.arrive_by)));
            let is = times(now).ok().map(|is| is.map(|(left, arrive, _)| (left, arrive)));
            assert_eq!(said, is, "{leg:?} {handling} {now}: {self:?} {rulebook:?}");
        }
    }
}
