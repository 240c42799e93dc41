//! Questions as numbers, and the names that some of them stand for.

use onhand::{Name, Time};

use crate::words::integer;

/// Numbers in order, and the names that some of them stand for.
pub(crate) struct Reader<'a> {
    numbers: std::slice::Iter<'a, f64>,
    names: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    /// Names come in one text, a line each.
    pub(crate) fn new(numbers: &'a [f64], names: &'a str) -> Reader<'a> {
        let names = if names.is_empty() { Vec::new() } else { names.split(['\n']).collect() };
        Reader { numbers: numbers.iter(), names }
    }

    /// Whether all numbers are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.as_slice().is_empty()
    }

    pub(crate) fn integer(&mut self) -> Option<i64> {
        integer(*self.numbers.next()?)
    }

    pub(crate) fn id(&mut self) -> Option<u32> {
        u32::try_from(self.integer()?).ok()
    }

    /// A number that is not given when it is -1.
    pub(crate) fn optional(&mut self) -> Option<Option<i64>> {
        Some(Some(self.integer()?).filter(|value| *value >= 0))
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        Some(self.integer()? != 0)
    }

    /// A place in a table.
    pub(crate) fn place(&mut self) -> Option<usize> {
        usize::try_from(self.id()?).ok()
    }

    pub(crate) fn time(&mut self) -> Option<Time> {
        Time::new(self.integer()?)
    }

    /// A moment that is not given when it is -1.
    #[cfg(feature = "floor")]
    pub(crate) fn moment(&mut self) -> Option<Option<Time>> {
        self.optional()?.map_or(Some(None), |moment| Time::new(moment).map(Some))
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let place = self.place()?;
        self.names.get(place).copied()
    }

    pub(crate) fn name(&mut self) -> Option<Name> {
        Name::new(self.text()?).ok()
    }

    /// A name that is not given when its number is -1.
    pub(crate) fn maybe_name(&mut self) -> Option<Option<Name>> {
        let Some(place) = self.optional()? else { return Some(None) };
        Name::new(self.names.get(usize::try_from(place).ok()?)?).ok().map(Some)
    }

    /// A number, then so many of something.
    pub(crate) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.id()?).map(|_| one(self)).collect()
    }
}
