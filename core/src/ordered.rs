//! Sorting and ordered maps that cost little room: the module is sent to every page that uses it.
//!
//! The standard library compiles its sort and its tree anew for each type, five kilobytes at a time. Here the one
//! algorithm of each works on numbers, and what is compiled for a type is the comparison and the move.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::cmp::Ordering;

/// Sorts and keeps the order of equals.
pub(crate) fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order =
        sorted(items.len(), &mut |one, other| match (items.get(place(one)), items.get(place(other))) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        });
    bring_into(order, &mut |to, from| items.swap(to, from));
}

/// The places of items in the order of the items; nothing if that is how they stand.
fn sorted(length: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order = numbers(length);
    if !sort_numbers(&mut order, compare) {
        order.clear();
    }
    order
}

/// Swaps items until they stand in an order: each cycle of the permutation is walked once.
fn bring_into(mut order: Vec<u32>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut to = start;
        while let Some(held) = order.get_mut(to) {
            let from = place(core::mem::replace(held, number(to)));
            if from == start || from == to {
                break;
            }
            swap(to, from);
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
fn sort_numbers(order: &mut Vec<u32>, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> bool {
    let in_order = order.iter().zip(order.iter().skip(1)).all(|(one, next)| compare(*one, *next).is_le());
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
                if compare(*one, *other).is_le() {
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
struct Order {
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

impl Order {
    /// Where the first number stands that the comparison does not call less, and whether it calls it equal.
    fn find(&self, compare: &mut dyn FnMut(u32) -> Ordering) -> (Place, Option<u32>) {
        let before = |piece: &Vec<u32>| piece.last().is_some_and(|last| compare(*last).is_lt());
        let piece = self.pieces.partition_point(before);
        let Some(numbers) = self.pieces.get(piece) else {
            // Behind all others: at the end of the last piece.
            let piece = self.pieces.len().saturating_sub(1);
            return (Place { piece, at: self.pieces.get(piece).map_or(0, Vec::len) }, None);
        };
        let at = numbers.partition_point(|number| compare(*number).is_lt());
        let found = numbers.get(at).copied().filter(|number| compare(*number).is_eq());
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

    fn from(&self, place: Place) -> impl DoubleEndedIterator<Item = u32> {
        let first = self.pieces.get(place.piece).and_then(|piece| piece.get(place.at..)).unwrap_or_default();
        let rest = self.pieces.get(place.piece + 1..).unwrap_or_default();
        first.iter().chain(rest.iter().flatten()).copied()
    }
}

/// A map whose entries are read in the order of their keys.
#[derive(Clone, Debug)]
pub(crate) struct Map<K, V> {
    order: Order,
    entries: Vec<Option<(K, V)>>,
    free: Vec<u32>,
}

/// A set that is read in order.
pub(crate) type Set<K> = Map<K, ()>;

impl<K, V> Default for Map<K, V> {
    fn default() -> Map<K, V> {
        Map { order: Order::default(), entries: Vec::new(), free: Vec::new() }
    }
}

impl<K: Ord, V> Map<K, V> {
    pub(crate) fn new() -> Map<K, V> {
        Map::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (_, found) = self.find(key);
        self.held(found?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (_, found) = self.find(key);
        self.value_mut(found?)
    }

    /// Puts a value under a key; what was there is returned.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (place, found) = self.find(&key);
        if let Some(number) = found {
            return self.value_mut(number).map(|held| core::mem::replace(held, value));
        }
        self.put(place, key, value);
        None
    }

    /// The value under a key, made if there is none.
    pub(crate) fn entry_or(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let (place, found) = self.find(&key);
        let number = match found {
            Some(number) => number,
            None => self.put(place, key, make()),
        };
        let entry = self.entries.get_mut(self::place(number)).and_then(Option::as_mut);
        // INVARIANT: a number in the order has an entry, and `put` has just made one.
        #[expect(clippy::expect_used, reason = "see above")]
        entry.map(|(_, value)| value).expect("an entry for each number")
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
        self.order.remove(place);
        self.free.push(number);
        let entry = self.entries.get_mut(self::place(number)).and_then(Option::take);
        entry.map(|(_, value)| value)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        for piece in &mut self.order.pieces {
            piece.retain(|number| {
                let Some(slot) = self.entries.get_mut(place(*number)) else { return false };
                let kept = slot.as_mut().is_some_and(|(key, value)| keep(key, value));
                if !kept {
                    *slot = None;
                    self.free.push(*number);
                }
                kept
            });
        }
        self.order.pieces.retain(|piece| !piece.is_empty());
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.numbers(Place { piece: 0, at: 0 })
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Entries from a key on, that key's own first.
    pub(crate) fn from<'a, Q: Ord + ?Sized>(
        &'a self,
        key: &Q,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)> + use<'a, Q, K, V>
    where
        K: Borrow<Q>,
    {
        self.numbers(self.find(key).0)
    }

    fn numbers(&self, place: Place) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.order.from(place).filter_map(|number| self.held(number)).map(|(key, value)| (key, value))
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> (Place, Option<u32>)
    where
        K: Borrow<Q>,
    {
        self.order
            .find(&mut |number| self.held(number).map_or(Ordering::Less, |(held, _)| held.borrow().cmp(key)))
    }

    fn held(&self, number: u32) -> Option<&(K, V)> {
        self.entries.get(place(number)).and_then(Option::as_ref)
    }

    fn value_mut(&mut self, number: u32) -> Option<&mut V> {
        self.entries.get_mut(place(number)).and_then(Option::as_mut).map(|(_, value)| value)
    }

    fn put(&mut self, place: Place, key: K, value: V) -> u32 {
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.entries.push(None);
                number(self.entries.len() - 1)
            }
        };
        if let Some(slot) = self.entries.get_mut(self::place(number)) {
            *slot = Some((key, value));
        }
        self.order.insert(place, number);
        number
    }
}

impl<K: Ord> Set<K> {
    /// Adds a key; false if it was there.
    pub(crate) fn add(&mut self, key: K) -> bool {
        self.insert(key, ()).is_none()
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
        let numbers = self.order.from(Place { piece: 0, at: 0 });
        let entries: Vec<(K, V)> =
            numbers.filter_map(|number| self.entries.get_mut(place(number)).and_then(Option::take)).collect();
        entries.into_iter()
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
                0 | 1 => assert_eq!(ours.insert(key, round), theirs.insert(key, round)),
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
