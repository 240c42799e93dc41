//! The period close: legs before it are forgotten, their sums stay.

use alloc::vec::Vec;

use crate::book::{Book, Kept, Standing};
use crate::dense::{Dense, Log, NONE};
use crate::event::Event;
use crate::seen::Seen;
use crate::stock::{CountRecord, KeptLeg, Position};

impl Book {
    /// Closes the books of the event's node through its `due` moment. Reads everything that is kept, once.
    pub(crate) fn close(&mut self, event: &Event) {
        let Some(node) = event.node.as_ref().and_then(|node| self.known_node(node.as_str())) else { return };
        let through = event.due.map_or(-1, |due| due.millis());
        let location = &mut self.locations[node];
        location.closed_through = location.closed_through.max(through);
        let keep_legs = self.forget_legs(node);
        self.forget_counts(node);
        self.forget_moves();
        self.forget_events(&keep_legs);
    }

    pub(crate) fn closed_through(&self, location: u32) -> i64 {
        let node = self.locations.find(location).map_or(NONE, |location| location.node);
        self.locations.find(node).map_or(-1, |node| node.closed_through)
    }

    /// Drops the legs of the node's positions that it has closed. Answers which events still have legs.
    ///
    /// Legs are taken out of their position's list where they stand. The log itself is made anew only when most of it is
    /// gone: the nodes of a company close one after the other, and each close would copy what all others keep.
    fn forget_legs(&mut self, node: u32) -> Vec<bool> {
        let Book { positions, locations, legs, kept, .. } = self;
        let closed = locations[node].closed_through;
        let has_legs = |row: &&mut Position| row.legs != NONE && locations[row.key.location].node == node;
        for row in positions.rows.iter_mut().filter(has_legs) {
            let (mut leg, mut last) = (core::mem::replace(&mut row.legs, NONE), NONE);
            while leg != NONE {
                let previous = legs[leg].previous;
                if kept[legs[leg].event].occurred > closed {
                    *(if last == NONE { &mut row.legs } else { &mut legs[last].previous }) = leg;
                    last = leg;
                } else {
                    legs[leg].event = NONE;
                }
                leg = previous;
            }
            if last != NONE {
                legs[last].previous = NONE;
            }
        }
        let gone = legs.iter().filter(|leg| leg.event == NONE).count();
        if gone * 2 > legs.len() {
            self.gather_legs();
        }
        let mut has_legs = alloc::vec![false; self.kept.len()];
        for leg in self.legs.iter() {
            if let Some(has) = usize::try_from(leg.event).ok().and_then(|slot| has_legs.get_mut(slot)) {
                *has = true;
            }
        }
        has_legs
    }

    /// A log of the legs that positions still have.
    fn gather_legs(&mut self) {
        let mut left: Log<KeptLeg> = Log::default();
        let mut list = Vec::new();
        for row in self.positions.rows.iter_mut().filter(|row| row.legs != NONE) {
            list.clear();
            while row.legs != NONE {
                let leg = &self.legs[row.legs];
                list.push((leg.event, leg.quantity));
                row.legs = leg.previous;
            }
            for (event, quantity) in list.iter().rev() {
                row.legs = left.push(KeptLeg { event: *event, previous: row.legs, quantity: *quantity });
            }
        }
        self.legs = left;
    }

    /// Keeps the last count of each of the node's positions (it decides what a prior-period leg does) and the counts of open periods.
    fn forget_counts(&mut self, node: u32) {
        let Book { positions, locations, counts, .. } = self;
        let mut left: Dense<CountRecord> = Dense::default();
        let mut list = Vec::new();
        for row in positions.rows.iter_mut().filter(|row| row.count != NONE) {
            let closed = locations[node].closed_through;
            let is_here = locations[row.key.location].node == node;
            list.clear();
            while row.count != NONE {
                let held = &counts[row.count];
                if !is_here || list.is_empty() || held.key.occurred > closed {
                    list.push(held.clone());
                }
                row.count = held.earlier;
            }
            for held in list.drain(..).rev() {
                row.count = left.push(CountRecord { earlier: row.count, ..held });
            }
        }
        self.counts = left;
    }

    /// Takes moves of closed periods into the base of their documents; documents with nothing left to do are dropped.
    ///
    /// A move belongs to the nodes of its lines and of the claims that it touches, or to all nodes when it names none; a
    /// document is taken in only up to its first move that is still open, because later moves follow from it.
    fn forget_moves(&mut self) {
        let mut documents = core::mem::take(&mut self.documents);
        documents.retain(|_, document| {
            let claims = document.claims.values().chain(document.base.values()).map(|claim| claim.node);
            let told = document.moves.iter().flat_map(|one| &one.lines).map(|line| line.node);
            let nodes = claims.chain(told).filter(|node| *node != NONE);
            let closed = nodes.map(|node| self.closed_through(node)).min();
            let closed = closed.unwrap_or_else(|| self.closed_everywhere());
            let place = document.moves.partition_point(|one| one.key.occurred <= closed);
            if place > 0 {
                let later = document.moves.split_off(place);
                document.replay();
                document.base = document.claims.clone();
                document.base_irregular = document.irregular.clone();
                document.moves = later;
                document.replay();
            }
            let ended = document.claims.values().all(|claim| claim.open + claim.picked == 0);
            !(ended && document.moves.is_empty() && document.irregular.is_empty())
        });
        self.documents = documents;
    }

    /// The moment that every known node is closed through; -1 when one never was.
    fn closed_everywhere(&self) -> i64 {
        let nodes = self.locations.iter().filter(|one| one.terms.is_some());
        nodes.map(|node| node.closed_through).min().unwrap_or(-1)
    }

    /// Settles numbered ids by watermark and drops the ids of closed periods.
    ///
    /// An id may go when the event has no leg left, waits for nothing, and its moment is closed at every node. Numbered ids
    /// go up to the first gap; those above it stay as bare ids, because only a number below the watermark is known to be used.
    fn forget_events(&mut self, has_legs: &[bool]) {
        let closed = self.closed_everywhere();
        let done = |kept: &Kept, slot: u32| {
            let legs =
                usize::try_from(slot).ok().and_then(|slot| has_legs.get(slot)).copied().unwrap_or(true);
            let waits = matches!(kept.standing, Standing::Parked | Standing::TooOld);
            !legs && !waits && kept.occurred <= closed
        };
        if !(0..).zip(self.kept.iter()).any(|(slot, kept)| !kept.forgotten && done(kept, slot)) {
            return;
        }
        let mut kept: Log<Kept> = Log::default();
        let mut moved = alloc::vec![NONE; self.kept.len()];
        let mut seen_now: Dense<Seen> = Dense::default();
        for seen in self.seen.iter() {
            let mut left = Seen::settled_below(seen.settled_below, seen.used);
            let mut contiguous = true;
            for (number, slot) in seen.numbers() {
                contiguous &= number <= left.settled_below.max(1);
                let done = done(&self.kept[slot], slot);
                if done && contiguous {
                    left.settled_below = number + 1;
                    continue;
                }
                contiguous &= done;
                let id = kept.push(Kept { forgotten: done, ..self.kept[slot].clone() });
                left.insert_number(number, id);
                mark(&mut moved, slot, id);
            }
            for (text, slot) in seen.texts() {
                if !done(&self.kept[slot], slot) {
                    let id = kept.push(self.kept[slot].clone());
                    left.insert_text(text, id);
                    mark(&mut moved, slot, id);
                }
            }
            seen_now.push(left);
        }
        for leg in self.legs.iter_mut() {
            let event = usize::try_from(leg.event).ok().and_then(|slot| moved.get(slot)).copied();
            leg.event = event.unwrap_or(NONE);
        }
        self.dropped += u64::try_from(self.kept.len() - kept.len()).unwrap_or(u64::MAX);
        self.kept = kept;
        self.seen = seen_now;
    }
}

fn mark(moved: &mut [u32], slot: u32, id: u32) {
    if let Some(entry) = usize::try_from(slot).ok().and_then(|slot| moved.get_mut(slot)) {
        *entry = id;
    }
}
