//! What is kept of accepted events and their legs until their period closes.
//!
//! Most events of a shop are one sale or one receipt of one item: one leg. So an event's first leg stands in the record of
//! the event, and both together take 26 bytes; what does not fit there (further legs, numbers beyond 31 bits, texts as ids) stands beside.

use alloc::vec::Vec;

use crate::dense::{Dense, Log, NONE};
use crate::kind::Kind;
use crate::limits::{EVENTS_KEPT_MAX, LEGS_KEPT_MAX, SOURCES_MAX, TIME_MAX};

/// An accepted event, as much of it as is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) occurred: i64,
    /// The number that its source gave it, or [`TEXT`](crate::book::TEXT) and the place of its text among the book's words.
    pub(crate) number: u64,
    /// The fingerprint of its content.
    pub(crate) print: u32,
    pub(crate) source: u32,
    pub(crate) kind: Kind,
    pub(crate) standing: Standing,
    /// Its period is closed: only its id is still kept.
    pub(crate) forgotten: bool,
}

/// What became of an accepted event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Standing {
    /// It is in the book.
    Posted,
    /// It waits for the master data of an item or node that it names.
    Parked,
    /// It is in the book, though its period was closed: an exception says so.
    PriorPeriod,
    /// Its period is closed and its source does not number its events, so it cannot be told from a duplicate: it
    /// waits in the exception queue.
    TooOld,
    /// It was settled by watermark before: nothing was compared.
    AlreadySettled,
}

crate::place::codes!(Standing:
    Posted "posted", Parked "parked", PriorPeriod "prior_period", TooOld "too_old",
    AlreadySettled "already_settled",
);

/// A change of one position by one kept event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// The slot of its event; `NONE` when its period is closed.
    pub(crate) event: u32,
    /// The leg of this position that arrived before it, or `NONE`.
    pub(crate) previous: u32,
    pub(crate) quantity: i64,
}

/// An event and its first leg. Packed to two bytes: a quarter less memory than if it were aligned to eight.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(2))]
struct Record {
    /// The moment, whose upper 16 bits come second.
    occurred: u32,
    occurred_upper: u16,
    /// The number when it is below [`WIDE`]; else its place in `wide`.
    number: u32,
    print: u32,
    /// From the lowest bit: forgotten, standing, kind, source.
    head: u32,
    /// The leg of the position that arrived before this one.
    previous: u32,
    /// Units of the leg; 0: no leg.
    quantity: i32,
}

/// Set in `Record::number` when the number stands beside, and in the id of a leg that does.
const WIDE: u32 = 1 << 31;

const STANDING_AT: u32 = 1;
const KIND_AT: u32 = 4;
const SOURCE_AT: u32 = 10;

const _: () = assert!(Kind::ALL.len() <= 1 << (SOURCE_AT - KIND_AT));
const _: () = assert!(Standing::ALL.len() <= 1 << (KIND_AT - STANDING_AT));
const _: () = assert!(SOURCES_MAX <= 1 << (u32::BITS - SOURCE_AT));
const _: () = assert!(TIME_MAX < 1 << 48);
const _: () = assert!(EVENTS_KEPT_MAX < 1 << 31 && LEGS_KEPT_MAX < 1 << 31);

/// Kept events under slots, and their legs under ids: the id of the leg in a record is the record's slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keep {
    records: Log<Record>,
    wide: Dense<u64>,
    legs: Log<Leg>,
}

impl Record {
    #[cfg_attr(not(onhand_small), inline(always))]
    #[expect(
        clippy::as_conversions,
        reason = "INVARIANT: the limits asserted above leave room for each part"
    )]
    fn new(kept: &Kept, number: u32) -> Record {
        let head = u32::from(kept.forgotten)
            | u32::from(kept.standing.ordinal()) << STANDING_AT
            | u32::from(kept.kind.ordinal()) << KIND_AT
            | kept.source << SOURCE_AT;
        Record {
            occurred: kept.occurred as u32,
            occurred_upper: (kept.occurred >> 32) as u16,
            number,
            print: kept.print,
            head,
            previous: NONE,
            quantity: 0,
        }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn occurred(self) -> i64 {
        i64::from(self.occurred_upper) << 32 | i64::from(self.occurred)
    }
}

impl Keep {
    /// How many events are kept.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// How many legs stand beside the records, those of closed periods among them.
    pub(crate) fn legs_beside(&self) -> usize {
        self.legs.len()
    }

    /// How many legs there are.
    pub(crate) fn count_legs(&self) -> usize {
        let in_records = self.records.iter().filter(|record| record.quantity != 0).count();
        in_records + self.legs.iter().filter(|leg| leg.event != NONE).count()
    }

    /// Takes an event down without a leg.
    pub(crate) fn push(&mut self, kept: &Kept) -> u32 {
        let number = self.narrow(kept.number);
        self.records.push(Record::new(kept, number))
    }

    /// Takes an event down with its leg; answers its slot, and the leg that is now the latest of the position.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn push_with_leg(&mut self, kept: &Kept, previous: u32, units: i64) -> (u32, u32) {
        let number = self.narrow(kept.number);
        let record = Record::new(kept, number);
        match i32::try_from(units) {
            Ok(0) => (self.records.push(record), previous),
            Ok(quantity) => {
                let slot = self.records.push(Record { previous, quantity, ..record });
                (slot, slot)
            }
            Err(_) => {
                let slot = self.records.push(record);
                (slot, self.add_leg(slot, previous, units))
            }
        }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn narrow(&mut self, number: u64) -> u32 {
        match u32::try_from(number) {
            Ok(number) if number < WIDE => number,
            _ => WIDE | self.wide.push(number),
        }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn get(&self, slot: u32) -> Kept {
        self.read(self.records[slot])
    }

    pub(crate) fn find(&self, slot: u32) -> Option<Kept> {
        self.records.find(slot).map(|record| self.read(*record))
    }

    /// The moment of an event.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn occurred(&self, slot: u32) -> i64 {
        self.records[slot].occurred()
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn read(&self, record: Record) -> Kept {
        let part = |from: u32, bits: u32| u8::try_from(record.head >> from & ((1 << bits) - 1)).unwrap_or(0);
        let number = record.number;
        Kept {
            occurred: record.occurred(),
            number: if number < WIDE { number.into() } else { self.wide[number & !WIDE] },
            print: record.print,
            source: record.head >> SOURCE_AT,
            // INVARIANT: what is read is what was written: the defaults are never used.
            kind: Kind::from_ordinal(part(KIND_AT, SOURCE_AT - KIND_AT)).unwrap_or(Kind::PeriodClose),
            standing: Standing::from_ordinal(part(STANDING_AT, KIND_AT - STANDING_AT))
                .unwrap_or(Standing::Posted),
            forgotten: record.head & 1 != 0,
        }
    }

    pub(crate) fn set_standing(&mut self, slot: u32, standing: Standing) {
        let kept = Kept { standing, ..self.get(slot) };
        let Record { number, previous, quantity, .. } = self.records[slot];
        self.records[slot] = Record { previous, quantity, ..Record::new(&kept, number) };
    }

    /// Events with their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Kept)> {
        (0..).zip(self.records.iter().map(|record| self.read(*record)))
    }

    /// Takes down a leg of an event; answers its id.
    pub(crate) fn add_leg(&mut self, event: u32, previous: u32, units: i64) -> u32 {
        let record = &mut self.records[event];
        match i32::try_from(units) {
            Ok(quantity) if record.quantity == 0 => {
                (record.previous, record.quantity) = (previous, quantity);
                event
            }
            _ => WIDE | self.legs.push(Leg { event, previous, quantity: units }),
        }
    }

    pub(crate) fn leg(&self, id: u32) -> Leg {
        match id & WIDE {
            0 => {
                let record = self.records[id];
                Leg { event: id, previous: record.previous, quantity: record.quantity.into() }
            }
            _ => self.legs[id & !WIDE],
        }
    }

    fn set_previous(&mut self, id: u32, previous: u32) {
        match id & WIDE {
            0 => self.records[id].previous = previous,
            _ => self.legs[id & !WIDE].previous = previous,
        }
    }

    /// Takes the legs that `closed` holds out of a position's list; answers the list's new head.
    pub(crate) fn forget_legs(&mut self, head: u32, closed: impl Fn(i64) -> bool) -> u32 {
        let (mut leg, mut first, mut last) = (head, NONE, NONE);
        while leg != NONE {
            let Leg { event, previous, .. } = self.leg(leg);
            if closed(self.occurred(event)) {
                match leg & WIDE {
                    0 => self.records[leg].quantity = 0,
                    _ => self.legs[leg & !WIDE].event = NONE,
                }
            } else {
                match last {
                    NONE => first = leg,
                    last => self.set_previous(last, leg),
                }
                last = leg;
            }
            leg = previous;
        }
        if last != NONE {
            self.set_previous(last, NONE);
        }
        first
    }

    /// Whether most of the legs that stand beside the records are forgotten.
    pub(crate) fn is_mostly_forgotten(&self) -> bool {
        self.legs.iter().filter(|leg| leg.event == NONE).count() * 2 > self.legs.len()
    }

    /// Makes the log of legs anew with those that positions still have; changes the heads of their lists.
    pub(crate) fn gather_legs<'a>(&mut self, heads: impl Iterator<Item = &'a mut u32>) {
        let before = core::mem::take(&mut self.legs);
        for head in heads {
            let (mut leg, mut last) = (*head, NONE);
            while leg != NONE {
                let (id, previous) = match leg & WIDE {
                    0 => (leg, self.records[leg].previous),
                    _ => (WIDE | self.legs.push(before[leg & !WIDE]), before[leg & !WIDE].previous),
                };
                match last {
                    NONE => *head = id,
                    last => self.set_previous(last, id),
                }
                (leg, last) = (previous, id);
            }
        }
    }

    /// By slot, which events have legs.
    pub(crate) fn with_legs(&self) -> Dense<bool> {
        let mut with_legs = Dense::filled(self.records.len(), false);
        for (has, record) in with_legs.iter_mut().zip(self.records.iter()) {
            *has = record.quantity != 0;
        }
        for leg in self.legs.iter().filter(|leg| leg.event != NONE) {
            with_legs[leg.event] = true;
        }
        with_legs
    }

    /// Takes an event over from another log, with the leg in its record.
    pub(crate) fn take_over(&mut self, from: &Keep, slot: u32, forgotten: bool) -> u32 {
        let kept = Kept { forgotten, ..from.get(slot) };
        let number = self.narrow(kept.number);
        let Record { previous, quantity, .. } = from.records[slot];
        self.records.push(Record { previous, quantity, ..Record::new(&kept, number) })
    }

    /// Takes the other legs over from a log whose events have moved here.
    pub(crate) fn take_legs_over(&mut self, from: &mut Keep, moved: &Moved) {
        for record in self.records.iter_mut() {
            record.previous = moved.leg(record.previous);
        }
        self.legs = core::mem::take(&mut from.legs);
        for leg in self.legs.iter_mut() {
            (leg.event, leg.previous) = (moved.leg(leg.event), moved.leg(leg.previous));
        }
    }

    /// Keeps some of the memory of a log that this one has taken the place of.
    pub(crate) fn reuse(&mut self, before: Keep) {
        self.records.reuse(before.records);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.records.bytes() + self.wide.bytes() + self.legs.bytes()
    }
}

/// Where events have moved to, by slot.
pub(crate) struct Moved(Vec<u32>);

impl Moved {
    pub(crate) fn nothing(slots: usize) -> Moved {
        Moved(alloc::vec![NONE; slots])
    }

    pub(crate) fn put(&mut self, slot: u32, now: u32) {
        if let Some(entry) = usize::try_from(slot).ok().and_then(|slot| self.0.get_mut(slot)) {
            *entry = now;
        }
    }

    /// The id that a leg has now: one in a record has moved with it, one beside keeps its own.
    pub(crate) fn leg(&self, id: u32) -> u32 {
        match id & WIDE {
            0 => usize::try_from(id).ok().and_then(|slot| self.0.get(slot)).copied().unwrap_or(NONE),
            _ => id,
        }
    }
}
