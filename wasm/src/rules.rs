//! Promises under rulebooks: the doors of `onhand/rules`.

use onhand::promise::{Leg, Rulebook};
use onhand::{Name, to_json};
use wasm_bindgen::prelude::*;

use crate::{Engine, time, told, words};

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

    /// A promise under rules, in numbers: see [`words`]. What is supposed otherwise, the order whose claims are given back and what may go
    /// wrong may each be left out. The address of the answer, as [`Engine::promise`].
    pub fn promise_under(
        &mut self,
        length: usize,
        rules: &Rules,
        channel: Option<String>,
        changes: &[f64],
        order: Option<String>,
        risk: &[f64],
    ) -> Result<usize, JsError> {
        let (channel, order) = (named(channel)?, named(order)?);
        let read = self.desk.question(length).zip(words::changes(changes));
        let Some((question, changes)) = read else { return Ok(0) };
        let risk = words::risk(risk);
        // Rules may name items that the request does not.
        let book = self.held.whole();
        let answered = book.plan_under_with(
            &rules.0,
            &question,
            channel.as_ref(),
            &changes,
            order.as_ref(),
            risk.as_ref(),
        );
        Ok(self.desk.ruled_answer(book, answered))
    }

    /// Where to look for one item under rules, and in which order: as [`Engine::tries`].
    pub fn tries_under(
        &mut self,
        length: usize,
        rules: &Rules,
        channel: Option<String>,
        risk: &[f64],
    ) -> Result<String, JsError> {
        let (question, risk) = self.sought(length, risk)?;
        let (channel, book) = (named(channel)?, self.held.whole());
        let answer = book.tries_under_of(&rules.0, &question, channel.as_ref(), &risk);
        Ok(told(answer.map(|answer| to_json(&answer))))
    }

    /// What would have made a promise under rules hold, or cheaper: as [`Engine::counterfactual`].
    pub fn counterfactual_under(
        &mut self,
        length: usize,
        rules: &Rules,
        channel: Option<String>,
        cheaper_by: f64,
        steps_max: f64,
    ) -> Result<String, JsError> {
        let (question, wish, steps_max) = self.wished(length, cheaper_by, steps_max)?;
        let (channel, book) = (named(channel)?, self.held.whole());
        let answer = book.counterfactual_under_of(&rules.0, &question, channel.as_ref(), wish, steps_max);
        Ok(told(answer.map(|answer| to_json(&answer))))
    }

    /// By the hours of rules, when an order placed at a moment leaves and arrives, or `[minus one less the check]` that it fails; or
    /// until when to place one that arrives on the day of the moment (`ask` 1) or by it (2). Empty where nothing is known of the node.
    pub fn scheduled(
        &mut self,
        rules: &Rules,
        node: &str,
        zone: Option<String>,
        method: Option<String>,
        at: f64,
        ask: u8,
    ) -> Result<Vec<f64>, JsError> {
        let (zone, at, book) = (named(zone)?, time(at)?, self.held.with(&[]));
        let leg = Leg { node, zone: zone.as_ref(), method: method.as_deref() };
        let latest = match ask {
            0 => None,
            1 => Some(book.latest(&rules.0, leg, at)?),
            _ => Some(book.latest_by(&rules.0, leg, at)?),
        };
        if let Some(latest) = latest {
            return Ok(latest.map(words::number).into_iter().collect());
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
