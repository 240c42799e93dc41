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

    /// Adds a row and returns its id. Callers hold the length below the limits, which are below `u32::MAX`.
    #[expect(clippy::as_conversions, reason = "INVARIANT: every table is bounded by a limit below u32::MAX")]
    pub(crate) fn push(&mut self, row: T) -> u32 {
        self.0.push(row);
        (self.0.len() - 1) as u32
    }

    pub(crate) fn iter(&self) -> core::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Rows with their ids.
    pub(crate) fn enumerate(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(self.0.iter())
    }

    pub(crate) fn find(&self, id: u32) -> Option<&T> {
        self.0.get(place(id))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<T>()
    }
}

#[expect(clippy::as_conversions, reason = "a u32 fits a usize on every target that onhand runs on")]
const fn place(id: u32) -> usize {
    id as usize
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same table")]
impl<T> core::ops::Index<u32> for Dense<T> {
    type Output = T;
    #[inline]
    fn index(&self, id: u32) -> &T {
        &self.0[place(id)]
    }
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: ids are made by `push` of the same table")]
impl<T> core::ops::IndexMut<u32> for Dense<T> {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.0[place(id)]
    }
}
