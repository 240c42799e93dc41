//! The core and the reference model, step by step on the same history.

use std::collections::{BTreeMap, BTreeSet};

use onhand::kind::Ledger;
use onhand::{Answer, Book, Name, Outside, Time};
use serde_json::Value;

use crate::model::{Model, Place};
use crate::random::{Dice, Step, World};
use crate::render;

/// How often each answer was given: a run that never meets one proves nothing about it.
pub type Met = BTreeMap<String, usize>;

/// Where core and model part.
#[derive(Clone, Debug)]
pub struct Parted {
    pub step: usize,
    pub what: String,
    pub model: String,
    pub core: String,
}

/// A history: `length` steps of the world that a seed stands for.
pub fn history(seed: u64, length: usize, closes: bool) -> (World, Vec<Step>) {
    let mut world = World::new(seed, closes);
    let mut steps = world.first_steps();
    let mut words = Dice::new(!seed);
    while steps.len() < length {
        let step = world.step(words.word());
        steps.push(step);
    }
    (world, steps)
}

/// Plays a history on both; the whole state is compared after every `every` steps and at the end.
pub fn play(world: &World, steps: &[Step], every: usize, met: &mut Met) -> Result<(), Box<Parted>> {
    let (mut book, mut model) = (Book::new(), Model::default());
    let mut now = 0;
    for (at, step) in steps.iter().enumerate() {
        let event = step.event();
        now = now.max(event.occurred.millis());
        let part = |what: &str, model: String, core: String| {
            Err(Box::new(Parted { step: at, what: what.to_owned(), model, core }))
        };
        let (json, expected) = match step {
            Step::Fact(event) => (Answer(book.evolve(event)).to_json(), model.evolve(event)),
            Step::Command(event) => (Answer(book.execute(event)).to_json(), model.execute(event)),
        };
        let answer: Value = serde_json::from_str(&json).unwrap_or_default();
        let got = told(&answer);
        if plain(&expected) != plain(&got) {
            return part("answer", expected, got);
        }
        count(met, step, &answer, &got);
        let open = book.exceptions(event.occurred);
        for raised in answer.get("exceptions").and_then(Value::as_array).into_iter().flatten() {
            if !open.iter().any(|one| serde_json::to_value(one).ok().as_ref() == Some(raised)) {
                return part("an exception that is not open", String::new(), render::exception(raised));
            }
        }
        if at % every == every - 1 || at + 1 == steps.len() {
            compare(world, &book, &model, now, at)?;
        }
    }
    Ok(())
}

/// The answer without its exceptions, which are compared as a whole.
fn told(answer: &Value) -> String {
    let mut answer = answer.clone();
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("exceptions");
    }
    render::answer(&answer)
}

/// A malformed event by its code alone, and a replay without what was granted before a close.
fn plain(answer: &str) -> &str {
    match answer {
        malformed if malformed.starts_with("malformed") => "malformed",
        replayed if replayed.starts_with("ok replayed") => replayed.split(',').next().unwrap_or(replayed),
        other => other,
    }
}

fn count(met: &mut Met, step: &Step, answer: &Value, got: &str) {
    let code = |text: &str| text.split([' ', ',']).next().unwrap_or_default().to_owned();
    let mut add = |what: String| *met.entry(what).or_default() += 1;
    match (step, answer["ok"].as_bool()) {
        (Step::Fact(event), Some(true)) => add(format!("fact {}", event.kind)),
        (Step::Command(event), Some(true)) => add(format!("command {}", event.kind)),
        (Step::Fact(_), _) => add(format!("turned away {}", code(got))),
        (Step::Command(_), _) => add(format!("refused {}", code(got))),
    }
    if let Some(standing) = answer["standing"].as_str() {
        add(format!("standing {standing}"));
    }
    if answer["replayed"] == true {
        add("replayed".to_owned());
    }
    for one in answer["exceptions"].as_array().into_iter().flatten() {
        add(format!("exception {}", code(one["code"].as_str().unwrap_or_default())));
    }
}

/// Holds every reading of the core against the model's.
fn compare(world: &World, book: &Book, model: &Model, now: i64, step: usize) -> Result<(), Box<Parted>> {
    let differ = |what: String, model: String, core: String| match model == core {
        true => Ok(()),
        false => Err(Box::new(Parted { step, what, model, core })),
    };
    let moment = Time::new(now).unwrap_or_default();
    let expected: BTreeMap<Place, i64> = model
        .places()
        .into_iter()
        .map(|(place, held)| (place, held.0))
        .filter(|(_, units)| *units != 0)
        .collect();
    let got: BTreeMap<Place, i64> = world.skus().iter().flat_map(|sku| places(book, sku)).collect();
    differ("positions".to_owned(), format!("{expected:#?}"), format!("{got:#?}"))?;
    for sku in world.skus() {
        let accounts =
            Outside::ALL.iter().map(|one| (one.code().to_owned(), book.account(sku.as_str(), *one)));
        let accounts: BTreeMap<String, i64> = accounts.filter(|(_, units)| *units != 0).collect();
        differ(
            format!("outside {sku}"),
            format!("{:?}", model.outside(sku.as_str())),
            format!("{accounts:?}"),
        )?;
        for node in world.nodes() {
            let got = book.availability(sku.as_str(), node.as_str(), moment).map(|one| {
                let first = (one.on_hand, one.sellable, one.claimed, one.protected);
                (first.0, first.1, first.2, first.3, one.available, one.overcommitted, one.backorder_limit)
            });
            let expected = model.shelf(sku.as_str(), node.as_str(), now);
            differ(format!("availability {sku} {node}"), format!("{expected:?}"), format!("{got:?}"))?;
        }
    }
    for subject in World::subjects() {
        for (ledger, code) in
            [(Ledger::Order, "order"), (Ledger::Transfer, "transfer"), (Ledger::Lease, "lease")]
        {
            let got: Vec<String> = book.claims(ledger, &subject, moment).iter().map(claim).collect();
            let expected = model.claims(code, subject.as_str(), now);
            let expected: Vec<String> = expected
                .into_iter()
                .map(|(line, one)| {
                    let open = if one.status == "expired" { 0 } else { one.open };
                    let (sku, node, supply) = (one.sku, one.node, one.supply);
                    format!(
                        "{line} {sku} {node} {supply} {open} {} {} {}",
                        one.picked, one.shipped, one.status
                    )
                })
                .collect();
            differ(format!("{code} {subject}"), format!("{expected:?}"), format!("{got:?}"))?;
        }
    }
    let open = serde_json::to_value(book.exceptions(moment)).unwrap_or_default();
    let mut got: Vec<String> = open.as_array().into_iter().flatten().map(render::exception).collect();
    got.sort();
    differ("exceptions".to_owned(), format!("{:#?}", model.exceptions(now)), format!("{got:#?}"))
}

fn places(book: &Book, sku: &Name) -> Vec<(Place, i64)> {
    let text = |name: &Option<Name>| name.as_ref().map_or_else(String::new, ToString::to_string);
    let positions = book.positions(sku.as_str()).into_iter();
    positions
        .map(|one| {
            let location =
                if one.in_transit { format!("@{}", one.location) } else { one.location.to_string() };
            let (owner, lot, place) = (text(&one.owner), text(&one.lot), text(&one.place));
            ((owner, sku.to_string(), lot, location, place, one.state), one.quantity)
        })
        .collect()
}

fn claim(one: &onhand::LineClaim) -> String {
    let text = |name: &Option<Name>| name.as_ref().map_or_else(String::new, ToString::to_string);
    let (node, supply) = (text(&one.node), text(&one.supply));
    format!(
        "{} {} {node} {supply} {} {} {} {}",
        one.line,
        one.sku,
        one.open,
        one.picked,
        one.shipped,
        one.status.code()
    )
}

/// Steps that shrinking may play in all; a long history is not cut as short as it could be.
const SHRINK_STEPS_MAX: usize = 60_000;

/// Leaves out steps as long as core and model still part: the shortest history found.
pub fn shrink(world: &World, mut steps: Vec<Step>, mut parted: Parted) -> (Vec<Step>, Parted) {
    let (mut size, mut played) = (steps.len() / 2, 0);
    while size > 0 {
        let mut at = 0;
        while at < steps.len() && played < SHRINK_STEPS_MAX {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            played += fewer.len();
            let every = 1 + fewer.len() / 50;
            match play(world, &fewer, every, &mut Met::new()) {
                Err(found) => (steps, parted) = (fewer, *found),
                Ok(()) => at += size,
            }
        }
        size /= 2;
    }
    (steps, parted)
}

/// What to print when core and model part: the seed first, then the shortest history as JSON.
pub fn report(seed: u64, length: usize, closes: bool, parted: &Parted, shrinks: bool) -> String {
    let (world, mut steps) = history(seed, length, closes);
    steps.truncate(parted.step + 1);
    let (steps, parted) = match shrinks {
        true => shrink(&world, steps, parted.clone()),
        false => (Vec::new(), parted.clone()),
    };
    let lines: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Fact(event) => format!("fact {}", event.to_json()),
            Step::Command(event) => format!("command {}", event.to_json()),
        })
        .collect();
    format!(
        "seed {seed} length {length} closes {closes}: core and model part in {} steps on {}\nmodel: {}\ncore:  {}\n{}",
        steps.len(),
        parted.what,
        parted.model,
        parted.core,
        lines.join("\n")
    )
}

/// The code of every refusal, in the order in which they are checked.
pub fn refusals() -> &'static [&'static str] {
    &[
        "malformed",
        "id_conflict",
        "fact_only",
        "quantity_is_zero",
        "reason_missing",
        "already_expired",
        "unknown_node",
        "unknown_sku",
        "period_closed",
        "out_of_order",
        "claim_not_open",
        "not_ended",
        "claim_elsewhere",
        "claim_too_small",
        "insufficient",
    ]
}

/// Answers that a run must have met, beyond one of every kind through each of its doors.
pub fn must_meet() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for row in onhand::kind::TABLE {
        all.insert(format!("fact {}", row.kind));
        if row.door != onhand::kind::Door::Fact {
            all.insert(format!("command {}", row.kind));
        }
    }
    for code in refusals() {
        all.insert(format!("refused {code}"));
    }
    all.insert("turned away malformed".to_owned());
    all.insert("turned away id_conflict".to_owned());
    for code in onhand::ExceptionCode::ALL {
        all.insert(format!("exception {code}"));
    }
    for standing in onhand::Standing::ALL {
        all.insert(format!("standing {standing}"));
    }
    all.insert("replayed".to_owned());
    all
}
