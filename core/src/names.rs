//! Interned names: texts become dense numbers once, at the border.

use alloc::sync::Arc;

use crate::dense::Dense;
use crate::ordered::Map;
use crate::print::hash_of;

/// A two-way table of names. Ids follow the order of arrival and never reach an answer or a digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    ids: Map<Arc<str>, u32>,
    texts: Dense<Interned>,
}

#[derive(Clone, Debug)]
struct Interned {
    text: Arc<str>,
    hash: u64,
}

impl Names {
    pub(crate) fn id(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    /// The id of a text, new if it has none yet.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.id(text) {
            return id;
        }
        let shared: Arc<str> = text.into();
        let id = self.texts.push(Interned { text: shared.clone(), hash: hash_of(text) });
        self.ids.insert(shared, id);
        id
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
        texts + self.texts.bytes() + self.ids.len() * 32
    }
}
