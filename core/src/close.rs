//! The period close: legs before it are forgotten, their sums stay.

use alloc::vec::Vec;

use crate::book::Book;
use crate::dense::{Dense, NONE};
use crate::event::Event;
use crate::kept::{Kept, Moved, Standing};
use crate::kind::Ledger;
use crate::seen::Seen;
use crate::stock::{CountRecord, Position};

impl Book {
    /// Closes the books of the event's node through its `due` moment. Reads the positions; what is kept only as far as it goes.
    pub(crate) fn close(&mut self, event: &Event) {
        let Some(node) = event.node.as_ref().and_then(|node| self.known_node(node.as_str())) else { return };
        let through = event.due.map_or(-1, |due| due.millis());
        let location = &mut self.locations[node];
        location.closed_through = location.closed_through.max(through);
        let closed = location.closed_through;
        self.forget_legs(node, closed);
        self.forget_counts(node);
        self.forget_moves();
        let closed = self.closed_everywhere();
        if closed >= self.settled_before {
            self.settled_before = closed.saturating_add(1);
            // What is in transit is at no node, and is closed when all of them are.
            self.forget_legs(NONE, closed);
            self.gather_counts();
            self.forget_events(closed);
        }
    }

    pub(crate) fn closed_through(&self, location: u32) -> i64 {
        let node = self.locations.find(location).map_or(NONE, |location| location.node);
        self.locations.find(node).map_or(-1, |node| node.closed_through)
    }

    /// Drops the legs of the node's positions through a moment; of those in transit where the node is `NONE`.
    ///
    /// Legs are taken out of their position's list where they stand. A log is made anew only when most of it is gone: the
    /// nodes of a company close one after the other, and each close would copy what all others keep.
    fn forget_legs(&mut self, node: u32, closed: i64) {
        let Book { positions, locations, kept, .. } = self;
        let has_legs = |row: &&mut Position| row.legs != NONE && locations[row.key.location].node == node;
        for row in positions.rows.iter_mut().filter(has_legs) {
            row.legs = kept.forget_legs(row.legs, |occurred| occurred <= closed);
        }
        if kept.is_mostly_forgotten() {
            kept.gather_legs(positions.rows.iter_mut().map(|row| &mut row.legs));
        }
    }

    /// Keeps the last count of each of the node's positions (it decides what a prior-period leg does) and the counts of open periods.
    ///
    /// Counts that are let go of are cut off where they stand, and gathered up when a close brings all nodes further: the nodes of
    /// a company close one after the other, and each close would copy what all others keep.
    fn forget_counts(&mut self, node: u32) {
        let closed = self.locations[node].closed_through;
        for position in self.positions.bound() {
            if self.node_of(self.positions.rows[position].key.location) != node {
                continue;
            }
            let mut count = self.positions.last_count(position);
            while count != NONE {
                let earlier = self.counts[count].earlier;
                if earlier != NONE && self.counts[earlier].key.occurred <= closed {
                    self.counts[count].earlier = NONE;
                    break;
                }
                count = earlier;
            }
        }
    }

    /// Makes the list of counts anew with those that positions still have.
    fn gather_counts(&mut self) {
        let mut left: Dense<CountRecord> = Dense::default();
        let mut list = Vec::new();
        for position in self.positions.bound() {
            let mut count = self.positions.last_count(position);
            while count != NONE {
                list.push(self.counts[count].clone());
                count = self.counts[count].earlier;
            }
            for held in list.drain(..).rev() {
                count = left.push(CountRecord { earlier: count, ..held });
            }
            self.positions.set_last_count(position, count);
        }
        self.counts = left;
    }

    /// Takes moves of closed periods into the base of their documents; documents with nothing left to do are dropped.
    ///
    /// A move belongs to the nodes of its lines and of the claims that it touches, or to all nodes when it names none; a
    /// document is taken in only up to its first move that is still open, because later moves follow from it.
    fn forget_moves(&mut self) {
        let mut documents = core::mem::take(&mut self.documents);
        documents.retain(|(ledger, subject), document| {
            let claims = document.claims.values().chain(document.base.values()).map(|claim| claim.node);
            let told = document.moves.iter().flat_map(|one| &one.lines).map(|line| line.node);
            let nodes = claims.chain(told).filter(|node| *node != NONE);
            let first = document.moves.first().map_or(i64::MIN, |one| one.key.occurred);
            let mut closed = None;
            for through in nodes.map(|node| self.closed_through(node)) {
                // Most documents have a node that is not closed so far: nothing of them is taken in, and the rest need not be looked at.
                if through < first {
                    return true;
                }
                closed = Some(closed.unwrap_or(i64::MAX).min(through));
            }
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
            // What is still under way has to be found where it goes.
            let under_way = *ledger == Ledger::Transfer && self.is_coming(subject);
            under_way || !(ended && document.moves.is_empty() && document.irregular.is_empty())
        });
        self.documents = documents;
    }

    /// The moment that every known node is closed through; -1 when one never was.
    pub(crate) fn closed_everywhere(&self) -> i64 {
        let nodes = self.locations.iter().filter(|one| one.terms.is_some());
        nodes.map(|node| node.closed_through).min().unwrap_or(-1)
    }

    /// The first moment that is open at some node.
    pub(crate) fn open_since(&self) -> i64 {
        self.closed_everywhere().saturating_add(1)
    }

    /// Settles numbered ids by watermark and drops the ids of closed periods.
    ///
    /// An id may go when the event has no leg left, waits for nothing, and its moment is closed at every node: only a close that
    /// brings all nodes further reads the log. Numbered ids
    /// go up to the first gap; those above it stay as bare ids, because only a number below the watermark is known to be used.
    fn forget_events(&mut self, closed: i64) {
        let has_legs = self.kept.with_legs();
        let done = |kept: &Kept, slot: u32| {
            let waits = matches!(kept.standing, Standing::Parked | Standing::TooOld);
            !has_legs[slot] && !waits && kept.occurred <= closed
        };
        if !self.kept.iter().any(|(slot, kept)| !kept.forgotten && done(&kept, slot)) {
            return;
        }
        let mut before = core::mem::take(&mut self.kept);
        let mut moved = Moved::nothing(before.len());
        let mut seen_now: Dense<Seen> = Dense::default();
        for seen in self.seen.iter() {
            let mut left = Seen::settled_below(seen.settled_below, seen.used);
            let mut contiguous = true;
            for (number, slot) in seen.numbers() {
                contiguous &= number <= left.settled_below.max(1);
                let done = done(&before.get(slot), slot);
                if done && contiguous {
                    left.settled_below = number + 1;
                    continue;
                }
                contiguous &= done;
                let now = self.kept.take_over(&before, slot, done);
                left.insert_number(number, now);
                moved.put(slot, now);
            }
            for (text, slot) in seen.texts() {
                if !done(&before.get(slot), slot) {
                    let now = self.kept.take_over(&before, slot, false);
                    left.insert_text(text, now);
                    moved.put(slot, now);
                }
            }
            seen_now.push(left);
        }
        self.kept.take_legs_over(&mut before, &moved);
        for row in self.positions.rows.iter_mut() {
            row.legs = moved.leg(row.legs);
        }
        self.dropped += u64::try_from(before.len() - self.kept.len()).unwrap_or(u64::MAX);
        self.seen = seen_now;
        self.kept.reuse(before);
    }
}
