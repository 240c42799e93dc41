//! Interned names: texts become dense numbers once, at the border.

use alloc::sync::Arc;

use crate::dense::{Dense, NONE};
use crate::ordered::Map;
use crate::print::{hash_of, same};

/// A two-way table of names. Ids follow the order of arrival and never reach an answer or a digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    ids: Map<Arc<str>, u32>,
    texts: Dense<Interned>,
    /// By hash, ids or [`NONE`]: nearly all names are found here. One that had no slot within reach is in `ids` alone, as names made
    /// to collide are.
    quick: Dense<u32>,
}

/// In how many slots of the quick table a name may be.
const REACH: u64 = 8;

#[derive(Clone, Debug)]
struct Interned {
    text: Arc<str>,
    hash: u64,
}

impl Names {
    pub(crate) fn id(&self, text: &str) -> Option<u32> {
        self.id_of(text, hash_of(text))
    }

    fn id_of(&self, text: &str, hash: u64) -> Option<u32> {
        for slot in self.slots(hash) {
            let id = *self.quick.find(slot)?;
            // A free slot ends the search: the name would be in it.
            let held = self.texts.find(id)?;
            if held.hash == hash && same(held.text.as_bytes(), text.as_bytes()) {
                return Some(id);
            }
        }
        self.ids.get(text).copied()
    }

    /// The id of a text, new if it has none yet.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let hash = hash_of(text);
        if let Some(id) = self.id_of(text, hash) {
            return id;
        }
        let shared: Arc<str> = text.into();
        let id = self.texts.push(Interned { text: shared.clone(), hash });
        self.ids.insert(shared, id);
        if self.texts.len() * 2 > self.quick.len() {
            self.quick = Dense::filled((self.texts.len() * 4).next_power_of_two(), NONE);
            for id in 0..=id {
                self.place(id);
            }
        } else {
            self.place(id);
        }
        id
    }

    /// Puts a name into the first free slot within its reach, if there is one.
    fn place(&mut self, id: u32) {
        let mut slots = self.slots(self.texts[id].hash);
        if let Some(slot) = slots.find(|slot| self.quick.find(*slot) == Some(&NONE)) {
            self.quick[slot] = id;
        }
    }

    fn slots(&self, hash: u64) -> impl Iterator<Item = u32> + use<> {
        let mask = u64::try_from(self.quick.len()).unwrap_or(0).saturating_sub(1);
        (0..REACH).map(move |step| u32::try_from(hash.wrapping_add(step) & mask).unwrap_or(NONE))
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        &self.texts[id].text
    }

    pub(crate) fn hash(&self, id: u32) -> u64 {
        self.texts[id].hash
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Ids in the order of their texts: the order of every canonical form.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ids.iter().map(|(text, id)| (&**text, *id))
    }

    /// Bytes held, an estimate for reports: texts, both tables and the tree's own overhead.
    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|one| one.text.len() + 16).sum();
        texts + self.texts.bytes() + self.quick.bytes() + self.ids.len() * 32
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;

    /// More names than a name can reach slots for, all made to stand in the same one.
    #[test]
    fn names_made_to_collide_are_found() {
        let colliding = (0..).map(|number| format!("name-{number}")).filter(|name| hash_of(name) % 64 == 7);
        let all: Vec<String> = colliding.take(20).collect();
        let (known, unknown) = all.split_at(12);
        let mut names = Names::default();
        for (id, name) in (0..).zip(known) {
            assert_eq!(names.intern(name), id);
        }
        for (id, name) in (0..).zip(known) {
            assert_eq!((names.id(name), names.intern(name)), (Some(id), id));
        }
        assert!(unknown.iter().all(|name| names.id(name).is_none()));
        assert!(names.quick.iter().filter(|id| **id != NONE).count() < known.len());
    }
}
