//! Exactly once: which ids of a source have been seen, and where each one is kept.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::dense::NONE;
use crate::ordered::Map;

/// The ids of one source. Numbers near one another stand in a window, the rest in a tree; both hold the slot of the
/// event that the id was first used for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Every number below this one is settled: its content is no longer compared.
    pub(crate) settled_below: u64,
    /// Some event of this source was accepted: only such sources are part of the state.
    pub(crate) used: bool,
    first: u64,
    window: VecDeque<u32>,
    scattered: Map<u64, u32>,
    texts: Map<Box<str>, u32>,
}

/// The window may be this much longer than twice what it holds.
const SLACK: u64 = 64;

impl Seen {
    /// Nothing seen since every number below this one was settled.
    pub(crate) fn settled_below(number: u64, used: bool) -> Seen {
        Seen { settled_below: number, used, ..Seen::default() }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn number(&self, number: u64) -> Option<u32> {
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
        let length = u64::try_from(self.window.len()).unwrap_or(u64::MAX);
        if number == self.first.wrapping_add(length) && length != 0 && self.scattered.is_empty() {
            self.window.push_back(slot);
        } else {
            self.insert_anywhere(number, slot, length);
        }
    }

    #[cold]
    fn insert_anywhere(&mut self, number: u64, slot: u32, length: u64) {
        self.used = true;
        if length == 0 {
            self.first = number;
        }
        let end = self.first.saturating_add(length);
        if number == end {
            self.window.push_back(slot);
        } else {
            self.insert_elsewhere(number, slot, length, end);
        }
        if !self.scattered.is_empty() {
            self.absorb();
        }
    }

    fn insert_elsewhere(&mut self, number: u64, slot: u32, length: u64, end: u64) {
        if number >= self.first && number < end {
            let place = usize::try_from(number - self.first).unwrap_or(usize::MAX);
            if let Some(held) = self.window.get_mut(place) {
                *held = slot;
            }
        } else if number > end && number - end <= length + SLACK {
            for _ in end..number {
                self.window.push_back(NONE);
            }
            self.window.push_back(slot);
        } else if number < self.first && self.first - number <= length + SLACK {
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
        let window = (self.first..).zip(self.window.iter().copied()).filter(|(_, slot)| *slot != NONE);
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
