//! Promises under rulebooks: the doors of `onhand/rules`.

use onhand::promise::{Leg, Rulebook};
use onhand::{Name, to_json};
use wasm_bindgen::prelude::*;

use crate::reader::Reader;
use crate::{Engine, Misuse, told, understood, words};

/// A rulebook, read and checked once.
#[wasm_bindgen]
pub struct Rules(Rulebook);

#[wasm_bindgen]
impl Engine {
    /// Reads a rulebook from JSON text.
    pub fn rules(text: &str) -> Result<Rules, Misuse> {
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
    ) -> Result<usize, Misuse> {
        let (channel, order) = (named(channel)?, named(order)?);
        let changes = words::changes(&mut Reader::new(changes, ""));
        let Some((question, changes)) = self.desk.question(length).zip(changes) else { return Ok(0) };
        let risk = words::risk(&mut Reader::new(risk, ""));
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

    /// Answers what is asked under rules now and then: see [`Engine::asked_under`].
    pub fn ask_under(
        &mut self,
        rules: &Rules,
        door: u8,
        numbers: &[f64],
        names: &str,
    ) -> Result<String, Misuse> {
        understood(self.asked_under(&rules.0, door, &mut Reader::new(numbers, names)))
    }
}

impl Engine {
    fn asked_under(&mut self, rules: &Rulebook, door: u8, words: &mut Reader<'_>) -> Option<String> {
        Some(match door {
            // Where to look for one item under rules, and in which order.
            0 => {
                let (question, channel) = (self.desk.question(words.place()?)?, words.maybe_name()?);
                let risk = words::risk(words)?;
                let answer = self.held.whole().tries_under_of(rules, &question, channel.as_ref(), &risk);
                told(answer.map(|answer| to_json(&answer)))
            }
            // What would have made a promise under rules hold, or cheaper.
            1 => {
                let (question, channel) = (self.desk.question(words.place()?)?, words.maybe_name()?);
                let (wish, steps_max) = words::wish(words)?;
                let book = self.held.whole();
                let answer =
                    book.counterfactual_under_of(rules, &question, channel.as_ref(), wish, steps_max);
                told(answer.map(|answer| to_json(&answer)))
            }
            // Units that a channel may be shown; nothing when the book knows the item or the node not.
            2 => {
                let (sku, node, channel) = (words.text()?, words.text()?, words.maybe_name()?);
                let book = self.held.with(&[sku]);
                to_json(&book.shown(rules, sku, node, channel.as_ref(), words.time()?).ok()?)
            }
            // By the hours of rules, when an order placed at a moment leaves and arrives, or `[minus one less the check]` that it
            // fails; or until when to place one that arrives on the day of the moment (4) or by it (5). Empty where nothing is known
            // of the node.
            _ => {
                let (node, zone, method) = (words.text()?, words.maybe_name()?, words.maybe_name()?);
                let leg = Leg { node, zone: zone.as_ref(), method: method.as_ref().map(Name::as_str) };
                let (at, book) = (words.time()?, self.held.with(&[]));
                let latest = match door {
                    3 => match book.earliest(rules, leg, at).ok()? {
                        Some(Ok(times)) => return Some(to_json(&[times.release_by, times.arrive_by])),
                        earliest => earliest.and_then(Result::err).map(|check| -1 - i64::from(check as u8)),
                    },
                    4 => book.latest(rules, leg, at).ok()?,
                    _ => book.latest_by(rules, leg, at).ok()?,
                };
                to_json(&Vec::from_iter(latest))
            }
        })
    }
}

fn named(name: Option<String>) -> Result<Option<Name>, Misuse> {
    Ok(name.as_deref().map(Name::new).transpose()?)
}
