//! Sorting and ordered maps that cost little room: the module is sent to every page that uses it.
//!
//! The standard library compiles its sort and its tree anew for each type, five kilobytes at a time. Here the one
//! algorithm of each works on numbers, and what is compiled for a type is the comparison and the move.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::slice::Iter;

/// A comparison with one number. Not `dyn FnMut`, whose table carries a third function for each comparison that nobody calls.
pub(crate) trait Compare {
    fn compare(&mut self, number: u32) -> Ordering;
}

impl<F: FnMut(u32) -> Ordering> Compare for F {
    fn compare(&mut self, number: u32) -> Ordering {
        self(number)
    }
}

/// A comparison of two numbers, as [`Compare`].
trait Pair {
    fn compare(&mut self, one: u32, other: u32) -> Ordering;
}

impl<F: FnMut(u32, u32) -> Ordering> Pair for F {
    fn compare(&mut self, one: u32, other: u32) -> Ordering {
        self(one, other)
    }
}

/// A swap of two items, as [`Compare`].
trait Swap {
    fn swap(&mut self, to: usize, from: usize);
}

impl<F: FnMut(usize, usize)> Swap for F {
    fn swap(&mut self, to: usize, from: usize) {
        self(to, from);
    }
}

/// `collect` into a list, in half the code: the standard library asks for the first item apart, to know what to set aside, and
/// so compiles what comes next twice.
pub(crate) trait Gather: Iterator + Sized {
    fn gather(self) -> Vec<Self::Item> {
        let mut all = Vec::with_capacity(self.size_hint().0);
        self.for_each(|item| all.push(item));
        all
    }
}

impl<I: Iterator> Gather for I {}

/// Sorts and keeps the order of equals.
pub(crate) fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order = sorted(items.len(), &mut |one: u32, other: u32| match (
        items.get(place(one)),
        items.get(place(other)),
    ) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    bring_into(order, &mut |to: usize, from: usize| items.swap(to, from));
}

/// The places of items in the order of the items; nothing if that is how they stand.
fn sorted(length: usize, compare: &mut dyn Pair) -> Vec<u32> {
    let mut order = numbers(length);
    if !sort_numbers(&mut order, compare) {
        order.clear();
    }
    order
}

/// Swaps items until they stand in an order: each cycle of the permutation is walked once.
fn bring_into(mut order: Vec<u32>, swap: &mut dyn Swap) {
    for start in 0..order.len() {
        let mut to = start;
        while let Some(held) = order.get_mut(to) {
            let from = place(core::mem::replace(held, number(to)));
            if from == start || from == to {
                break;
            }
            swap.swap(to, from);
            to = from;
        }
    }
}

/// Sorts by a key, and keeps the order of equals.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts, and keeps the order of equals.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts numbers by merging ever longer runs; false if they were in order.
fn sort_numbers(order: &mut Vec<u32>, compare: &mut dyn Pair) -> bool {
    let in_order =
        order.iter().zip(order.iter().skip(1)).all(|(one, next)| compare.compare(*one, *next).is_le());
    if in_order {
        return false;
    }
    let mut merged: Vec<u32> = Vec::with_capacity(order.len());
    let mut run = 1;
    while run < order.len() {
        merged.clear();
        for pair in order.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some((one, rest_of_left)), Some((other, rest_of_right))) =
                (left.split_first(), right.split_first())
            {
                if compare.compare(*one, *other).is_le() {
                    merged.push(*one);
                    left = rest_of_left;
                } else {
                    merged.push(*other);
                    right = rest_of_right;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        core::mem::swap(order, &mut merged);
        run *= 2;
    }
    true
}

/// Numbers in an order that is given from outside, in pieces so that a place among many is made quickly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// No piece is empty.
    pieces: Vec<Vec<u32>>,
}

/// A piece that grows to this length is cut in two.
const PIECE: usize = 512;

/// A place in an order: the piece, and the place in it.
#[derive(Clone, Copy)]
struct Place {
    piece: usize,
    at: usize,
}

const FIRST: Place = Place { piece: 0, at: 0 };

impl Order {
    /// Puts a number behind all that the comparison does not call greater than it.
    pub(crate) fn add(&mut self, number: u32, compare: &mut dyn Compare) {
        let (place, _) = self.find(&mut |held: u32| {
            if compare.compare(held).is_gt() { Ordering::Greater } else { Ordering::Less }
        });
        self.insert(place, number);
    }

    /// The numbers from the first one on that the comparison does not call less.
    pub(crate) fn starting(&self, compare: &mut dyn Compare) -> Numbers<'_> {
        self.from(self.find(compare).0)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| size_of::<Vec<u32>>() + piece.capacity() * size_of::<u32>()).sum()
    }

    /// Where the first number stands that the comparison does not call less, and whether it calls it equal.
    fn find(&self, compare: &mut dyn Compare) -> (Place, Option<u32>) {
        let before = |piece: &Vec<u32>| piece.last().is_some_and(|last| compare.compare(*last).is_lt());
        let piece = self.pieces.partition_point(before);
        let Some(numbers) = self.pieces.get(piece) else {
            // Behind all others: at the end of the last piece.
            let piece = self.pieces.len().saturating_sub(1);
            return (Place { piece, at: self.pieces.get(piece).map_or(0, Vec::len) }, None);
        };
        let at = numbers.partition_point(|number| compare.compare(*number).is_lt());
        let found = numbers.get(at).copied().filter(|number| compare.compare(*number).is_eq());
        (Place { piece, at }, found)
    }

    fn insert(&mut self, place: Place, number: u32) {
        let Some(piece) = self.pieces.get_mut(place.piece) else {
            self.pieces.push(alloc::vec![number]);
            return;
        };
        piece.insert(place.at, number);
        if piece.len() >= PIECE {
            let half = piece.split_off(PIECE / 2);
            self.pieces.insert(place.piece + 1, half);
        }
    }

    fn remove(&mut self, place: Place) {
        let Some(piece) = self.pieces.get_mut(place.piece) else { return };
        piece.remove(place.at);
        if piece.is_empty() {
            self.pieces.remove(place.piece);
        }
    }

    /// Puts another number where one stands.
    fn replace(&mut self, place: Place, number: u32) {
        let held = self.pieces.get_mut(place.piece).and_then(|piece| piece.get_mut(place.at));
        if let Some(held) = held {
            *held = number;
        }
    }

    /// Keeps the numbers that stay, and counts them anew.
    fn keep(&mut self, stays: &[bool]) {
        let mut staying = 0;
        let mut renumbered = Vec::with_capacity(stays.len());
        for stays in stays {
            renumbered.push(staying);
            staying += u32::from(*stays);
        }
        for piece in &mut self.pieces {
            piece.retain_mut(|number| {
                let at = place(*number);
                *number = renumbered.get(at).copied().unwrap_or_default();
                stays.get(at).copied().unwrap_or_default()
            });
        }
        self.pieces.retain(|piece| !piece.is_empty());
    }

    fn from(&self, place: Place) -> Numbers<'_> {
        let first = self.pieces.get(place.piece).and_then(|piece| piece.get(place.at..)).unwrap_or_default();
        let rest = self.pieces.get(place.piece + 1..).unwrap_or_default();
        Numbers { first: first.iter(), rest, last: [].iter() }
    }
}

/// Numbers in their order, from both ends. One type, so that going through them is compiled once.
pub(crate) struct Numbers<'a> {
    first: Iter<'a, u32>,
    rest: &'a [Vec<u32>],
    last: Iter<'a, u32>,
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(number) = self.first.next() {
                return Some(*number);
            }
            let Some((piece, rest)) = self.rest.split_first() else { return self.last.next().copied() };
            (self.first, self.rest) = (piece.iter(), rest);
        }
    }
}

impl DoubleEndedIterator for Numbers<'_> {
    fn next_back(&mut self) -> Option<u32> {
        loop {
            if let Some(number) = self.last.next_back() {
                return Some(*number);
            }
            let Some((piece, rest)) = self.rest.split_last() else { return self.first.next_back().copied() };
            (self.last, self.rest) = (piece.iter(), rest);
        }
    }
}

/// A map whose entries are read in the order of their keys.
#[derive(Clone, Debug)]
pub(crate) struct Map<K, V> {
    order: Order,
    /// By number, without gaps.
    entries: Vec<(K, V)>,
}

/// A set that is read in order.
pub(crate) type Set<K> = Map<K, ()>;

impl<K, V> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map { order: Order::default(), entries: Vec::new() }
    }
}

impl<K: Ord, V> Map<K, V> {
    pub(crate) fn new() -> Map<K, V> {
        Map::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (_, found) = self.find(key);
        self.entries.get(self::place(found?)).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (_, found) = self.find(key);
        self.value_mut(found?)
    }

    /// Puts a value under a key; true if the key is new.
    pub(crate) fn insert(&mut self, key: K, value: V) -> bool {
        let (place, found) = self.find(&key);
        match found.and_then(|number| self.value_mut(number)) {
            Some(held) => *held = value,
            None => {
                self.put(place, key, value);
            }
        }
        found.is_none()
    }

    /// The value under a key, made if there is none.
    pub(crate) fn entry_or(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let (place, found) = self.find(&key);
        let number = found.unwrap_or_else(|| self.put(place, key, make()));
        // INVARIANT: a number in the order has an entry, and `put` has just made one.
        #[expect(clippy::expect_used, reason = "see above")]
        self.value_mut(number).expect("an entry for each number")
    }

    /// The value under a key, the type's own empty one if there is none.
    pub(crate) fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.entry_or(key, V::default)
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (place, found) = self.find(key);
        let number = found?;
        // The last entry takes the number that becomes free.
        let (last, _) = self.entries.last()?;
        let (place_of_last, _) = self.find::<K>(last);
        self.order.replace(place_of_last, number);
        self.order.remove(place);
        Some(self.entries.swap_remove(self::place(number)).1)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        let mut stays = alloc::vec![false; self.entries.len()];
        for number in self.order.from(FIRST) {
            let at = place(number);
            if let (Some((key, value)), Some(stays)) = (self.entries.get_mut(at), stays.get_mut(at)) {
                *stays = keep(key, value);
            }
        }
        self.order.keep(&stays);
        let mut stays = stays.into_iter();
        self.entries.retain(|_| stays.next().unwrap_or_default());
    }

    pub(crate) fn iter(&self) -> Entries<'_, K, V> {
        self.entries_from(FIRST)
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Entries from a key on, that key's own first.
    pub(crate) fn from<Q: Ord + ?Sized>(&self, key: &Q) -> Entries<'_, K, V>
    where
        K: Borrow<Q>,
    {
        self.entries_from(self.find(key).0)
    }

    fn entries_from(&self, place: Place) -> Entries<'_, K, V> {
        Entries { numbers: self.order.from(place), entries: &self.entries }
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> (Place, Option<u32>)
    where
        K: Borrow<Q>,
    {
        self.order.find(&mut |number: u32| {
            let held = self.entries.get(place(number));
            held.map_or(Ordering::Less, |(held, _)| held.borrow().cmp(key))
        })
    }

    fn value_mut(&mut self, number: u32) -> Option<&mut V> {
        self.entries.get_mut(place(number)).map(|(_, value)| value)
    }

    fn put(&mut self, place: Place, key: K, value: V) -> u32 {
        let number = number(self.entries.len());
        self.entries.push((key, value));
        self.order.insert(place, number);
        number
    }
}

/// Entries in the order of their keys.
pub(crate) struct Entries<'a, K, V> {
    numbers: Numbers<'a>,
    entries: &'a [(K, V)],
}

impl<'a, K, V> Iterator for Entries<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        let (key, value) = self.entries.get(place(self.numbers.next()?))?;
        Some((key, value))
    }
}

impl<K, V> DoubleEndedIterator for Entries<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (key, value) = self.entries.get(place(self.numbers.next_back()?))?;
        Some((key, value))
    }
}

impl<K: Ord> Set<K> {
    /// Adds a key; false if it was there.
    pub(crate) fn add(&mut self, key: K) -> bool {
        self.insert(key, ())
    }

    pub(crate) fn add_all(&mut self, keys: impl IntoIterator<Item = K>) {
        for key in keys {
            self.add(key);
        }
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = alloc::vec::IntoIter<(K, V)>;

    fn into_iter(mut self) -> Self::IntoIter {
        bring_into(self.order.from(FIRST).collect(), &mut |to: usize, from: usize| {
            self.entries.swap(to, from)
        });
        self.entries.into_iter()
    }
}

impl<K: Ord, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Map<K, V>) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Ord, V: Eq> Eq for Map<K, V> {}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map<K, V> {
        let mut map = Map::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

fn numbers(length: usize) -> Vec<u32> {
    (0..number(length)).collect()
}

#[expect(clippy::as_conversions, reason = "INVARIANT: every table is bounded by a limit below u32::MAX")]
const fn number(place: usize) -> u32 {
    place as u32
}

#[expect(clippy::as_conversions, reason = "a u32 fits a usize on every target that onhand runs on")]
const fn place(number: u32) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;

    /// A stream of numbers that is the same each time.
    fn stream(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        }
    }

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut next = stream(1);
        for length in [0, 1, 2, 3, 7, 8, 9, 64, 1_000] {
            let mut ours: Vec<(u64, u64)> = (0..length).map(|place| (next(length / 3 + 1), place)).collect();
            let mut theirs = ours.clone();
            sort_by_key(&mut ours, |one| one.0);
            theirs.sort_by_key(|one| one.0);
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn maps_as_the_standard_library_does() {
        let mut next = stream(2);
        let mut ours: Map<u64, u64> = Map::new();
        let mut theirs: BTreeMap<u64, u64> = BTreeMap::new();
        for round in 0..20_000 {
            let key = next(3_000);
            match next(5) {
                0 | 1 => assert_eq!(ours.insert(key, round), theirs.insert(key, round).is_none()),
                2 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                3 => {
                    *ours.entry_or(key, || 7) += 1;
                    *theirs.entry(key).or_insert(7) += 1;
                }
                _ => assert_eq!(ours.get(&key), theirs.get(&key)),
            }
            if round % 1_000 == 0 {
                assert!(ours.from(&key).eq(theirs.range(key..)));
                ours.retain(|key, _| key % 7 != 3);
                theirs.retain(|key, _| key % 7 != 3);
                assert!(ours.iter().rev().eq(theirs.iter().rev()));
            }
            assert_eq!(ours.len(), theirs.len());
        }
        assert!(ours.keys().eq(theirs.keys()) && ours.values().eq(theirs.values()));
    }
}
