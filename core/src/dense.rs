//! Rows under dense ids: the one place where core indexes into memory by a number.

use alloc::vec::Vec;

/// "No row".
pub(crate) const NONE: u32 = u32::MAX;

/// Rows that are added and never removed; their ids are their places.
#[derive(Clone, Debug)]
pub(crate) struct Dense<T>(Vec<T>);

impl<T> Default for Dense<T> {
    fn default() -> Dense<T> {
        Dense(Vec::new())
    }
}

impl<T> Dense<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn filled(length: usize, row: T) -> Dense<T>
    where
        T: Clone,
    {
        Dense(alloc::vec![row; length])
    }

    /// Adds a row and returns its id. Callers hold the length below the limits, which are below `u32::MAX`.
    #[expect(clippy::as_conversions, reason = "INVARIANT: every table is bounded by a limit below u32::MAX")]
    pub(crate) fn push(&mut self, row: T) -> u32 {
        let id = self.0.len();
        put(&mut self.0, row);
        id as u32
    }

    pub(crate) fn iter(&self) -> core::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> core::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }

    /// Rows with their ids.
    pub(crate) fn enumerate(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(self.0.iter())
    }

    #[inline]
    pub(crate) fn find(&self, id: u32) -> Option<&T> {
        self.0.get(place(id))
    }

    #[inline]
    pub(crate) fn find_mut(&mut self, id: u32) -> Option<&mut T> {
        self.0.get_mut(place(id))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<T>()
    }
}

/// Adds to a list, which grows by a quarter: of one that doubles up to half stands empty.
pub(crate) fn put<T>(list: &mut Vec<T>, row: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 4 + 4);
    }
    list.push(row);
}

#[expect(clippy::as_conversions, reason = "a u32 fits a usize on every target that onhand runs on")]
const fn place(id: u32) -> usize {
    id as usize
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same table")]
impl<T> core::ops::Index<u32> for Dense<T> {
    type Output = T;
    #[cfg_attr(not(onhand_small), inline(always))]
    fn index(&self, id: u32) -> &T {
        &self.0[place(id)]
    }
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same table")]
impl<T> core::ops::IndexMut<u32> for Dense<T> {
    #[cfg_attr(not(onhand_small), inline(always))]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.0[place(id)]
    }
}

/// Rows under dense ids that may grow to many: kept in pieces, so that growing copies nothing and frees leave no large holes.
#[derive(Clone, Debug)]
pub(crate) struct Log<T> {
    /// Full pieces.
    pieces: Vec<Vec<T>>,
    /// How many rows are in them.
    full: usize,
    /// The piece that is being filled.
    last: Vec<T>,
    /// Empty pieces that were full before: what comes next finds its memory at hand.
    spare: Vec<Vec<T>>,
}

const PIECE_BITS: u32 = 13;
const PIECE: usize = 1 << PIECE_BITS;
/// Most empty pieces that are kept: about as many events as a shop of ten thousand positions posts in a period.
const SPARE: usize = 26;

impl<T> Default for Log<T> {
    fn default() -> Log<T> {
        Log { pieces: Vec::new(), full: 0, last: Vec::new(), spare: Vec::new() }
    }
}

impl<T> Log<T> {
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn len(&self) -> usize {
        self.full + self.last.len()
    }

    /// Adds a row and returns its id. Callers hold the length below the limits, which are below `u32::MAX`.
    #[cfg_attr(not(onhand_small), inline(always))]
    #[expect(clippy::as_conversions, reason = "INVARIANT: every log is bounded by a limit below u32::MAX")]
    pub(crate) fn push(&mut self, row: T) -> u32 {
        if self.last.len() == PIECE {
            self.next_piece();
        }
        let id = self.len() as u32;
        self.last.push(row);
        id
    }

    /// The first piece grows as it must, so that a small book stays small; the others are made whole.
    #[cold]
    fn next_piece(&mut self) {
        let next = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(PIECE));
        let full = core::mem::replace(&mut self.last, next);
        self.pieces.push(full);
        self.full += PIECE;
    }

    /// Keeps some of the memory of a log that this one has taken the place of.
    pub(crate) fn reuse(&mut self, before: Log<T>) {
        for mut piece in before.spare.into_iter().chain(before.pieces).take(SPARE) {
            piece.clear();
            self.spare.push(piece);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flatten().chain(&self.last)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pieces.iter_mut().flatten().chain(&mut self.last)
    }

    pub(crate) fn find(&self, id: u32) -> Option<&T> {
        self.pieces.get(place(id >> PIECE_BITS)).unwrap_or(&self.last).get(place(id) % PIECE)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pieces
            .iter()
            .chain([&self.last])
            .chain(&self.spare)
            .map(|piece| piece.capacity() * size_of::<T>())
            .sum()
    }
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same log")]
impl<T> core::ops::Index<u32> for Log<T> {
    type Output = T;
    #[cfg_attr(not(onhand_small), inline(always))]
    fn index(&self, id: u32) -> &T {
        &self.pieces.get(place(id >> PIECE_BITS)).unwrap_or(&self.last)[place(id) % PIECE]
    }
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same log")]
impl<T> core::ops::IndexMut<u32> for Log<T> {
    #[cfg_attr(not(onhand_small), inline(always))]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.pieces.get_mut(place(id >> PIECE_BITS)).unwrap_or(&mut self.last)[place(id) % PIECE]
    }
}
