//! A sealed log and a desk that approves, beside the book of an engine.

use onhand::approval::{Desk, Policy, Rule};
use onhand::log::{About, Entry, Fault, Head, Log, OverReturned, Seal, Verdict};
use onhand::{Answer, Event, Kind, Name, to_json};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::reader::Reader;
use crate::words::{integer, number};
use crate::{Engine, Misuse, time, understood};

/// What an engine was told and answered, and who may do what alone.
#[wasm_bindgen]
pub struct Trail {
    log: Log,
    desk: Desk,
    policy: Policy,
    /// Entries that were handed in, until they are read.
    entries: Vec<Entry>,
}

/// A head that holds.
#[derive(Serialize)]
struct Verified {
    ok: bool,
    entries: u64,
    seal: Seal,
}

/// What may be done.
#[derive(Serialize)]
struct Allowed {
    ok: bool,
}

#[wasm_bindgen]
impl Trail {
    /// A trail of an engine from here on. Words: the policy, then the head where the log begins.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &mut Engine, numbers: &[f64], names: &str) -> Result<Trail, Misuse> {
        let words = &mut Reader::new(numbers, names);
        let policy = understood(policy(words))?;
        let start = understood(head(words))?.unwrap_or_default();
        let log = Log::after(start, engine.held.whole().clone());
        Ok(Trail { log, desk: Desk::new(policy.clone()), policy, entries: Vec::new() })
    }

    /// Hands in an entry of a log that was kept. The verdict by its place, a refusal with its code.
    pub fn hand_in(
        &mut self,
        number: f64,
        event: &str,
        verdict: u8,
        code: &str,
        seal: &str,
    ) -> Result<(), Misuse> {
        let number = understood(integer(number).and_then(|number| u64::try_from(number).ok()))?;
        let verdict = match verdict {
            0 => Verdict::Fact,
            1 => Verdict::Intent,
            2 => Verdict::Replayed,
            3 => Verdict::Refused(Name::new(code)?),
            _ => Verdict::TurnedAway(Name::new(code)?),
        };
        let seal = understood(Seal::from_hex(seal))?;
        self.entries.push(Entry { number, event: Event::from_json(event)?, verdict, seal });
        Ok(())
    }

    /// Reads what was handed in: holds it against its seals and a known head, and tells it to the engine's book.
    pub fn read(&mut self, engine: &mut Engine, numbers: &[f64], names: &str) -> Result<String, Misuse> {
        let known = understood(head(&mut Reader::new(numbers, names)))?;
        let entries = std::mem::take(&mut self.entries);
        let read = Log::read(self.log.start(), engine.held.whole().clone(), entries, known);
        Ok(verified(read.map(|log| {
            engine.held = crate::Held::of(log.book());
            self.desk = Desk::of(self.policy.clone(), &log);
            self.log = log;
            self.log.head()
        })))
    }

    /// Posts a fact and writes down what became of it.
    pub fn apply(&mut self, engine: &mut Engine, event: &str, recorded: f64) -> Result<String, Misuse> {
        let event = Event::from_json(event)?;
        let outcome = self.log.evolve(engine.held.whole(), &event, time(recorded)?);
        if outcome.as_ref().is_ok_and(|outcome| !outcome.replayed) {
            self.desk.note(&event);
        }
        Ok(Answer(outcome).to_json())
    }

    /// Asks the policy and the book for an intent and writes down what became of it.
    pub fn execute(&mut self, engine: &mut Engine, command: &str, recorded: f64) -> Result<String, Misuse> {
        let command = Event::from_json(command)?;
        Ok(Answer(self.desk.execute(&mut self.log, engine.held.whole(), &command, time(recorded)?)).to_json())
    }

    /// The number and seal of the last entry.
    pub fn head(&self) -> String {
        to_json(&self.log.head())
    }

    /// Entries behind a number, at most so many.
    pub fn entries(&self, after: f64, most: u32) -> Result<String, Misuse> {
        let after = understood(integer(after).and_then(|after| u64::try_from(after).ok()))?;
        let entries = self.log.entries();
        // A service asks for the last of many after each event.
        let behind = entries.iter().skip(entries.partition_point(|entry| entry.number <= after));
        Ok(to_json(&behind.take(understood(usize::try_from(most).ok())?).collect::<Vec<_>>()))
    }

    /// Holds all entries against their seals and a known head.
    pub fn verify(&self, numbers: &[f64], names: &str) -> Result<String, Misuse> {
        Ok(verified(self.log.verify(understood(head(&mut Reader::new(numbers, names)))?)))
    }

    /// The snapshot of the book of a moment: as known then, or as known now.
    pub fn book_at(&self, moment: f64, then: bool) -> Result<Vec<u8>, Misuse> {
        let moment = time(moment)?;
        Ok(if then { self.log.known_then(moment) } else { self.log.known_now(moment) }.snapshot())
    }

    /// The entries about an order, a line of it, or an item at a node.
    pub fn history(&self, form: u8, one: &str, other: &str) -> Result<String, Misuse> {
        let (one, other) = (Name::new(one)?, Name::new(other)?);
        let about = match form {
            0 => About::Order { subject: one },
            1 => About::Claim { subject: one, line: other },
            _ => About::Position { sku: one, node: other },
        };
        Ok(to_json(&self.log.history(&about)))
    }

    /// Open exceptions and their lives. Words: the costs, each `sku, node, cost`.
    pub fn lives(
        &self,
        engine: &mut Engine,
        now: f64,
        numbers: &[f64],
        names: &str,
    ) -> Result<String, Misuse> {
        let words = &mut Reader::new(numbers, names);
        let costs = words.list(|words| Some((words.name()?, words.maybe_name()?, words.integer()?)));
        let costs = understood(costs)?;
        let cost = |sku: &Name, location: Option<&Name>| {
            let mut fitting = costs
                .iter()
                .filter(|(item, node, _)| item == sku && (node.is_none() || node.as_ref() == location));
            fitting.next().map(|(.., cost)| *cost)
        };
        Ok(to_json(&self.log.lives(engine.held.whole(), time(now)?, cost)))
    }

    /// What was sent against what arrived.
    pub fn lanes(&self, now: f64) -> Result<String, Misuse> {
        Ok(to_json(&self.log.lanes(time(now)?)))
    }

    /// What an order line was sold and what came back.
    pub fn sold_line(&self, order: &str, line: &str) -> Result<Vec<f64>, Misuse> {
        let sold = self.log.sold_line(&Name::new(order)?, &Name::new(line)?);
        let fields = [
            sold.sold,
            sold.returned,
            sold.resold,
            sold.over_returned(),
            sold.refundable(),
            sold.resellable(),
        ];
        Ok(fields.map(number).to_vec())
    }

    /// Whether so many units of an order line may be refunded.
    pub fn may_refund(&self, order: &str, line: &str, units: f64) -> Result<String, Misuse> {
        let units = integer(units).unwrap_or(i64::MAX);
        Ok(allowed(self.log.may_refund(&Name::new(order)?, &Name::new(line)?, units)))
    }

    /// Whether a grading sells nothing again that came back beyond what was sold.
    pub fn may_resell(&self, grade: &str) -> Result<String, Misuse> {
        Ok(allowed(self.log.may_resell(&Event::from_json(grade)?)))
    }

    /// How an approval stands, or `null`.
    pub fn approval(&self, name: &str, now: f64) -> Result<String, Misuse> {
        Ok(to_json(&self.desk.approval(&Name::new(name)?, time(now)?)))
    }

    /// What went beyond its limits without approval.
    pub fn due(&self) -> String {
        to_json(&self.desk.due())
    }
}

fn allowed(result: Result<(), OverReturned>) -> String {
    Answer(result.map(|()| Allowed { ok: true })).to_json()
}

fn policy(words: &mut Reader<'_>) -> Option<Policy> {
    Some(Policy {
        rules: words.list(rule)?,
        approvers: words.list(Reader::name)?,
        skew_ms: words.optional()?,
    })
}

fn rule(words: &mut Reader<'_>) -> Option<Rule> {
    Some(Rule {
        name: words.name()?,
        kinds: words.list(|words| Kind::ALL.get(words.place()?).copied())?,
        role: words.maybe_name()?,
        reason: words.maybe_name()?,
        node: words.maybe_name()?,
        window_ms: words.integer()?,
        units: words.optional()?,
        value: words.optional()?,
        share_ppm: words.optional()?,
        times: words.optional()?,
    })
}

/// A head, or -1 for none.
fn head(words: &mut Reader<'_>) -> Option<Option<Head>> {
    let Some(entries) = words.optional()? else { return Some(None) };
    Some(Some(Head { entries: u64::try_from(entries).ok()?, seal: Seal::from_hex(words.text()?)? }))
}

fn verified(result: Result<Head, Fault>) -> String {
    let held = |head: Head| Verified { ok: true, entries: head.entries, seal: head.seal };
    Answer(result.map(held)).to_json()
}
