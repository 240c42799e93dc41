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
    /// By hash, the id that came there last: most names are found here, and names made to collide only miss.
    quick: Dense<u32>,
}

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
        let quick = self.quick.find(self.slot(hash)).and_then(|id| Some((*id, self.texts.find(*id)?)));
        match quick {
            Some((id, held)) if held.hash == hash && same(held.text.as_bytes(), text.as_bytes()) => Some(id),
            _ => self.ids.get(text).copied(),
        }
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
            for (id, held) in self.texts.enumerate() {
                let slot = self.slot(held.hash);
                self.quick[slot] = id;
            }
        } else {
            let slot = self.slot(hash);
            self.quick[slot] = id;
        }
        id
    }

    fn slot(&self, hash: u64) -> u32 {
        let mask = u32::try_from(self.quick.len()).unwrap_or(0).saturating_sub(1);
        u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0) & mask
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
