//! Promises under rulebooks: the doors of `onhand/rules`.

use onhand::Name;
use onhand::promise::Rulebook;
use wasm_bindgen::prelude::*;

use crate::{Engine, time, words};

/// A rulebook, read and checked once.
#[wasm_bindgen]
pub struct Rules(Rulebook);

#[wasm_bindgen]
impl Engine {
    /// Reads a rulebook from JSON text.
    pub fn rules(text: &str) -> Result<Rules, JsError> {
        let rulebook = Rulebook::from_json(text)?;
        rulebook.check()?;
        Ok(Rules(rulebook))
    }

    /// A promise under rules, in numbers: see [`words`]. The address of the answer, as [`Engine::promise`].
    pub fn promise_under(&mut self, length: usize, rules: &Rules, channel: Option<String>) -> usize {
        let channel = channel.as_deref().map(Name::new).transpose();
        let Some((question, channel)) = self.desk.question(length).zip(channel.ok()) else { return 0 };
        // Rules may name items that the request does not.
        let book = self.held.whole();
        let plan = book.plan_under(&rules.0, &question, channel.as_ref());
        self.desk.ruled_answer(book, plan)
    }

    /// Units that a channel may be shown under rules; nothing when the book knows the item or the node not.
    pub fn shown(
        &mut self,
        rules: &Rules,
        sku: &str,
        node: &str,
        channel: Option<String>,
        now: f64,
    ) -> Result<Option<f64>, JsError> {
        let channel = channel.as_deref().map(Name::new).transpose()?;
        let shown = self.held.with(&[sku]).shown(&rules.0, sku, node, channel.as_ref(), time(now)?)?;
        Ok(shown.map(words::number))
    }
}
