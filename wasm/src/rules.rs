//! Promises under rulebooks: the doors of `onhand/rules`.

use onhand::Name;
use onhand::promise::{Leg, Rulebook};
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

    /// By the hours of rules, when an order placed at a moment leaves and arrives, or `[minus one less the check]` that it fails; with
    /// `latest` until when to place one that arrives on the day of the moment. Empty where nothing is known of the node.
    pub fn scheduled(
        &mut self,
        rules: &Rules,
        node: &str,
        zone: Option<String>,
        method: Option<String>,
        at: f64,
        latest: bool,
    ) -> Result<Vec<f64>, JsError> {
        let (zone, at, book) = (named(zone)?, time(at)?, self.held.with(&[]));
        let leg = Leg { node, zone: zone.as_ref(), method: method.as_deref() };
        if latest {
            return Ok(book.latest(&rules.0, leg, at)?.map(words::number).into_iter().collect());
        }
        Ok(match book.earliest(&rules.0, leg, at)? {
            Some(Ok(times)) => vec![words::number(times.release_by), words::number(times.arrive_by)],
            Some(Err(check)) => vec![-1.0 - f64::from(check as u8)],
            None => Vec::new(),
        })
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
        let channel = named(channel)?;
        let shown = self.held.with(&[sku]).shown(&rules.0, sku, node, channel.as_ref(), time(now)?)?;
        Ok(shown.map(words::number))
    }
}

fn named(name: Option<String>) -> Result<Option<Name>, JsError> {
    Ok(name.as_deref().map(Name::new).transpose()?)
}
