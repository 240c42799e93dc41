//! A log in key order: each posted event at its place, and what its lines and counts move there. What readings stand on.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::Log;
use super::valuation::share;
use crate::book::{Book, EventRef, TEXT};
use crate::dense::NONE;
use crate::event::{Event, Id, Line};
use crate::evolve::Effect;
use crate::kept::{Leg, Standing};
use crate::kind::Kind;
use crate::measure::Quantity;
use crate::ordered::{Gather as _, Map, sort_by, sort_by_key};
use crate::place::Outside;
use crate::stock::{Key, PositionKey};

/// The positions of a book as far as a reading has come.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    /// The book that the whole log leads to: for its names and its master data.
    pub(super) book: Book,
    held: Map<PositionKey, Held>,
    /// Through which moment each node is closed, as far as the events have been placed.
    closes: Map<u32, i64>,
}

#[derive(Clone, Debug, Default)]
struct Held {
    quantity: i64,
    /// Its last count.
    count: Option<Key>,
    /// Legs that the book began with: a count that arrives later may come before them.
    legs: Vec<(Key, i64)>,
}

/// A posted event, or its lines at one node, at its place in key order.
pub(super) struct Placed<'a> {
    pub(super) entry: u64,
    pub(super) event: &'a Event,
    /// When it counts: when it occurred, or the first moment after the close that it came too late for.
    pub(super) moment: i64,
    key: Key,
    pub(super) lines: Vec<&'a Line>,
    /// What a count fixes.
    counted: Vec<(PositionKey, i64)>,
}

/// A line with what is said of its units.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) line: &'a Line,
    /// What they are worth, in minor units.
    pub(super) value: Option<i128>,
    /// What they weigh, and 0 where that is not said; never below.
    pub(super) grams: i64,
}

impl<'a> Placed<'a> {
    /// Its lines: of a line that became several by lot, each has its share of what is said of the whole.
    pub(super) fn said(&self) -> Vec<Said<'a>> {
        let (mut whole, mut units, mut sum) = (None, 0, 0);
        let shared = self.lines.iter().map(|line| {
            if line.bound != Some(Quantity::ZERO) {
                (whole, units, sum) = (Some(*line), line.asked_quantity().units().abs(), 0);
            }
            let before = sum;
            sum += line.quantity.units().abs();
            let part = |value: i64| share(value.into(), sum, units) - share(value.into(), before, units);
            let grams = whole.and_then(|whole| whole.grams).map_or(0, |grams| part(grams.units().abs()));
            Said {
                line,
                value: whole.and_then(|whole| whole.value).map(|value| part(value.minor())),
                grams: i64::try_from(grams).unwrap_or(0),
            }
        });
        shared.gather()
    }
}

/// One end of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Stock(PositionKey),
    Outside(Outside),
}

/// Units of an item that go from one side to another at a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub(super) sku: u32,
    pub(super) node: u32,
    /// 0 is the company.
    pub(super) owner: u16,
    /// Both ends as the event has them.
    pub(super) said: [Side; 2],
    /// The variance where a later count has fixed the position that is said.
    pub(super) from: Side,
    pub(super) to: Side,
    /// Above zero.
    pub(super) units: i64,
    /// What they weigh, where a reading of values has said so; else 0.
    pub(super) grams: i64,
}

impl Replay {
    /// A reading that begins with the stock of a book.
    pub(super) fn begin(before: &Book) -> Replay {
        let mut replay = Replay { book: before.clone(), held: Map::new(), closes: Map::new() };
        let Replay { book, held, closes } = &mut replay;
        for (id, location) in book.locations.enumerate() {
            closes.insert(id, location.closed_through);
        }
        for (id, row) in book.positions.rows.enumerate() {
            let count = book.counts.find(book.positions.last_count(id)).map(|count| count.key);
            let mut one = Held { quantity: row.quantity, count, legs: Vec::new() };
            let mut leg = row.legs;
            while leg != NONE {
                let Leg { event, previous, quantity } = book.kept.leg(leg);
                one.legs.push((book.key_of(event), quantity));
                leg = previous;
            }
            held.insert(row.key, one);
        }
        replay
    }

    /// What every position had when the reading began.
    pub(super) fn stock(&self) -> impl Iterator<Item = (PositionKey, i64)> {
        self.held.iter().map(|(key, held)| (*key, held.quantity))
    }

    /// Tells all accepted entries to the book, for what became of each, and answers those that were posted, in key order.
    pub(super) fn place<'a>(&mut self, log: &'a Log) -> Vec<Placed<'a>> {
        let mut placed = Vec::new();
        // What the log's own start was waiting with has no entry.
        let mut waiting: Vec<(u64, &Event, EventRef)> =
            log.before.parked.iter().map(|(at, event)| (0, event, *at)).collect();
        for entry in log.entries().iter().filter(|entry| entry.is_accepted()) {
            let event = &entry.event;
            let closed = self.book.settled_before - 1;
            // What was accepted once is accepted again, but for an id that was used twice: see `Log::known_now`.
            let Ok(outcome) = self.book.evolve(event) else { continue };
            match outcome.standing {
                Standing::Posted | Standing::PriorPeriod => {
                    self.place_event(entry.number, event, closed, &mut placed);
                }
                Standing::Parked => {
                    let Key { source, number, .. } = self.key_of(event);
                    waiting.push((entry.number, event, EventRef { source, number }));
                }
                Standing::TooOld | Standing::AlreadySettled => {}
            }
            if event.terms.is_some() {
                // As the book wakes them: a close comes last, and nothing that waited beside it is late.
                sort_by_key(&mut waiting, |(_, event, _)| event.kind == Kind::PeriodClose);
                for (entry, event, at) in core::mem::take(&mut waiting) {
                    match self.book.parked.get(&at) {
                        Some(_) => waiting.push((entry, event, at)),
                        None => self.place_event(entry, event, closed, &mut placed),
                    }
                }
            }
        }
        sort_by(&mut placed, |one, other| {
            one.moment.cmp(&other.moment).then_with(|| self.book.compare(one.key, other.key))
        });
        placed
    }

    /// Each line counts when it occurred, or at the first moment after the close of its node that it came too late for.
    fn place_event<'a>(&mut self, entry: u64, event: &'a Event, closed: i64, placed: &mut Vec<Placed<'a>>) {
        let (occurred, key) = (event.occurred.millis(), self.key_of(event));
        let mut parts: Map<i64, Placed<'a>> = Map::new();
        let part = |moment: i64| Placed { entry, event, moment, key, lines: Vec::new(), counted: Vec::new() };
        for line in &event.lines {
            let node = self.book.sku_and_node(event, line).map_or(NONE, |(_, node)| node);
            let closed = self.closed_through(node).max(closed);
            let moment = occurred.max(closed.saturating_add(1));
            parts.entry_or(moment, || part(moment)).lines.push(line);
        }
        if event.kind == Kind::Count {
            for (key, units) in self.book.effect_of(event).counted {
                let here = self.closed_through(self.book.node_of(key.location));
                let moment = occurred.max(here.max(closed).saturating_add(1));
                // A count of a closed period fixes nothing.
                if occurred > here {
                    parts.entry_or(moment, || part(moment)).counted.push((key, units));
                }
            }
        }
        placed.extend(parts.into_iter().map(|(_, part)| part));
        if event.kind == Kind::PeriodClose
            && let Some(node) = event.node.as_ref().and_then(|node| self.book.known_node(node.as_str()))
        {
            self.closes.insert(node, self.book.closed_through(node));
        }
    }

    fn closed_through(&self, node: u32) -> i64 {
        self.closes.get(&node).copied().unwrap_or(-1)
    }

    fn key_of(&mut self, event: &Event) -> Key {
        let source = self.book.source_id(event.source.as_str());
        let number = match &event.id {
            Id::Number(number) => *number,
            Id::Text(text) => TEXT | u64::from(self.book.words.intern(text.as_str())),
        };
        Key { occurred: event.occurred.millis(), is_count: event.kind == Kind::Count, source, number }
    }

    /// What a line moves, from where it leaves to where it arrives.
    pub(super) fn moved(&mut self, one: &Placed<'_>, line: &Line) -> Option<Shift> {
        let (sku, node) = self.book.sku_and_node(one.event, line)?;
        let owner = self.book.owner_id(line.owner.as_ref());
        let units = line.quantity.units();
        let leg = one.event.kind.row().leg.filter(|_| units != 0)?;
        let mut ends = [leg.from, leg.to].map(|end| {
            let mut effect = Effect::default();
            self.book.end(one.event, line, sku, node, end, units, &mut effect);
            let stock = effect.legs.first().map(|(key, _)| Side::Stock(*key));
            stock.or(effect.outside.first().map(|(_, account, _)| Side::Outside(*account)))
        });
        if units < 0 {
            ends.reverse();
        }
        let [from, to] = ends;
        let said = [from?, to?];
        let [from, to] = said;
        let from = self.as_counted(one, from, -units.abs());
        let to = self.as_counted(one, to, units.abs());
        Some(Shift { sku, node, owner, said, from, to, units: units.abs(), grams: 0 })
    }

    /// A position, unless a count that is later in key order has fixed it: then it is the variance that moves.
    fn as_counted(&mut self, one: &Placed<'_>, side: Side, units: i64) -> Side {
        let Side::Stock(key) = side else { return side };
        let held = self.held.entry(key);
        if held.count.is_some_and(|count| self.book.compare(one.key, count) != Ordering::Greater) {
            return Side::Outside(Outside::CountVariance);
        }
        held.quantity += units;
        side
    }

    /// What a count found, against what the book had at its place in key order.
    pub(super) fn found(&mut self, one: &Placed<'_>) -> Vec<Shift> {
        let mut shifts = Vec::new();
        for (key, counted) in &one.counted {
            let (held, book) = (self.held.entry(*key), &self.book);
            let is_later = |other: Key| book.compare(other, one.key) == Ordering::Greater;
            if held.count.is_some_and(is_later) {
                continue;
            }
            let later: i64 = held.legs.iter().filter(|(leg, _)| is_later(*leg)).map(|(_, units)| units).sum();
            let found = counted + later - held.quantity;
            (held.quantity, held.count) = (counted + later, Some(one.key));
            let ends = (Side::Outside(Outside::CountVariance), Side::Stock(*key));
            let (from, to) = if found > 0 { ends } else { (ends.1, ends.0) };
            if found != 0 {
                let (sku, node, owner) = (key.sku, self.book.node_of(key.location), key.owner);
                let units = found.abs();
                shifts.push(Shift { sku, node, owner, said: [from, to], from, to, units, grams: 0 });
            }
        }
        shifts
    }
}
