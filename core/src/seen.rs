//! Exactly once: which ids of a source have been seen, and where each one is kept.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::dense::NONE;
use crate::ordered::Map;

/// The ids of one source. Numbers near one another stand in a window, the rest in a tree; both hold the slot of the
/// event that the id was first used for.
///
/// A source that sends number after number gets slot after slot: such a run at the end of the window is one entry, and is
/// written out into the window when anything else comes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Every number below this one is settled: its content is no longer compared.
    pub(crate) settled_below: u64,
    /// Some event of this source was accepted: only such sources are part of the state.
    pub(crate) used: bool,
    first: u64,
    window: VecDeque<u32>,
    run: Run,
    scattered: Map<u64, u32>,
    texts: Map<Box<str>, u32>,
}

/// Numbers behind the window whose slots follow one another. While there are some, nothing is scattered.
#[derive(Clone, Debug, Default)]
struct Run {
    /// The first number and its slot.
    number: u64,
    slot: u32,
    length: u32,
}

/// The window may be this much longer than twice what it holds.
const SLACK: u64 = 64;

impl Seen {
    /// Nothing seen since every number below this one was settled.
    pub(crate) fn settled_below(number: u64, used: bool) -> Seen {
        Seen { settled_below: number, used, ..Seen::default() }
    }

    /// Whether a number comes next in the run: it was not seen before.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn is_next(&self, number: u64) -> bool {
        number.wrapping_sub(self.run.number) == u64::from(self.run.length) && self.run.length != 0
    }

    pub(crate) fn number(&self, number: u64) -> Option<u32> {
        if let Some(place) = number.checked_sub(self.run.number)
            && let Ok(place) = u32::try_from(place)
            && place < self.run.length
        {
            return Some(self.run.slot + place);
        }
        if let Some(place) = number.checked_sub(self.first)
            && let Some(slot) = usize::try_from(place).ok().and_then(|place| self.window.get(place))
        {
            return if *slot == NONE { None } else { Some(*slot) };
        }
        self.scattered.get(&number).copied()
    }

    pub(crate) fn text(&self, text: &str) -> Option<u32> {
        self.texts.get(text).copied()
    }

    pub(crate) fn insert_text(&mut self, text: &str, slot: u32) {
        self.used = true;
        self.texts.insert(text.into(), slot);
    }

    /// Remembers a number that was not seen before.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn insert_number(&mut self, number: u64, slot: u32) {
        self.insert(number, slot, self.is_next(number));
    }

    /// Remembers a number that was not seen before, and of which it is known whether it comes next in the run.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn insert(&mut self, number: u64, slot: u32, is_next: bool) {
        if is_next && slot.wrapping_sub(self.run.slot) == self.run.length {
            self.run.length += 1;
        } else {
            self.insert_anywhere(number, slot);
        }
    }

    #[cold]
    fn insert_anywhere(&mut self, number: u64, slot: u32) {
        self.used = true;
        self.write_out();
        let length = u64::try_from(self.window.len()).unwrap_or(u64::MAX);
        if length == 0 {
            self.first = number;
        }
        let end = self.first.saturating_add(length);
        if number == end && self.scattered.is_empty() {
            self.run = Run { number, slot, length: 1 };
        } else if number == end {
            self.window.push_back(slot);
        } else {
            self.insert_elsewhere(number, slot, length, end);
        }
        if !self.scattered.is_empty() {
            self.absorb();
        }
    }

    /// Takes the run into the window.
    fn write_out(&mut self) {
        let Run { slot, length, .. } = core::mem::take(&mut self.run);
        for slot in slot..slot + length {
            self.window.push_back(slot);
        }
    }

    fn insert_elsewhere(&mut self, number: u64, slot: u32, length: u64, end: u64) {
        let near = |gap: u64| gap <= length + SLACK;
        if number >= self.first && number < end {
            let place = usize::try_from(number - self.first).unwrap_or(usize::MAX);
            if let Some(held) = self.window.get_mut(place) {
                *held = slot;
            }
        } else if number.checked_sub(end).is_some_and(near) {
            for _ in end..number {
                self.window.push_back(NONE);
            }
            self.window.push_back(slot);
        } else if self.first.checked_sub(number).is_some_and(near) {
            for _ in number + 1..self.first {
                self.window.push_front(NONE);
            }
            self.window.push_front(slot);
            self.first = number;
        } else {
            self.scattered.insert(number, slot);
        }
    }

    /// Takes scattered numbers that the window has grown over.
    fn absorb(&mut self) {
        loop {
            let end = self.first.saturating_add(u64::try_from(self.window.len()).unwrap_or(u64::MAX));
            let Some((&number, &slot)) =
                self.scattered.from(&self.first).next().filter(|(number, _)| **number <= end)
            else {
                return;
            };
            self.scattered.remove(&number);
            if number == end {
                self.window.push_back(slot);
            } else if let Some(held) =
                usize::try_from(number - self.first).ok().and_then(|place| self.window.get_mut(place))
            {
                *held = slot;
            }
        }
    }

    /// Numbers and slots in ascending order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (u64, u32)> {
        let run = self.run.slot..self.run.slot + self.run.length;
        let window =
            (self.first..).zip(self.window.iter().copied().chain(run)).filter(|(_, slot)| *slot != NONE);
        let before = self
            .scattered
            .iter()
            .take_while(|(number, _)| **number < self.first)
            .map(|(number, slot)| (*number, *slot));
        let after = self.scattered.from(&self.first).map(|(number, slot)| (*number, *slot));
        // INVARIANT: `absorb` leaves no scattered number inside the window.
        before.chain(window).chain(after)
    }

    /// Texts and slots in the order of the texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, u32)> {
        self.texts.iter().map(|(text, slot)| (&**text, *slot))
    }

    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.texts.keys().map(|text| text.len() + 32).sum();
        self.window.capacity() * 4 + self.scattered.len() * 16 + texts
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::btree_map::{BTreeMap, Entry};
    use alloc::vec::Vec;

    use super::*;

    /// Numbers that come in runs, with gaps, late and far apart, from sources that take turns: what was inserted is found, in order.
    #[test]
    fn finds_what_was_inserted() {
        let (mut seen, mut held) = (Seen::default(), BTreeMap::new());
        let (mut number, mut slot) = (1_000_u64, 0_u32);
        for step in 0..4_000_u64 {
            // Every few steps something else than the next number under the next slot.
            match step * 7_919 % 97 {
                0 => number += 2,
                1 => number += 1_000,
                2 => number = number.saturating_sub(30),
                3 => number = 1_000_000 + step,
                4 => number = 2_000 + step,
                5..8 => slot += 1,
                _ => {}
            }
            assert_eq!(seen.number(number), held.get(&number).copied(), "{number} at step {step}");
            if let Entry::Vacant(place) = held.entry(number) {
                place.insert(slot);
                seen.insert_number(number, slot);
            }
            assert!(!held.contains_key(&number) || !seen.is_next(number));
            number += 1;
            slot += 1;
        }
        for number in 0..1_010_000 {
            assert_eq!(seen.number(number), held.get(&number).copied(), "{number}");
        }
        assert_eq!(seen.numbers().collect::<Vec<_>>(), held.into_iter().collect::<Vec<_>>());
    }
}
