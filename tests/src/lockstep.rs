//! The core and the reference model, step by step on the same history.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use onhand::claim::{ClaimStatus, MOVES, allows};
use onhand::kind::{ClaimMove, Ledger};
use onhand::{Answer, Book, Event, ExceptionCode, Name, Outside, Time};
use serde_json::Value;

use crate::history::History;
use crate::model::{Model, Place, is_about_claim};
use crate::random::{Step, World};
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

impl fmt::Display for Parted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} on {}\nmodel: {}\ncore:  {}", self.step, self.what, self.model, self.core)
    }
}

/// Plays a history on both; the whole state is compared after every `every` steps and at the end.
pub fn play(history: &History, every: usize, met: &mut Met) -> Result<(), Box<Parted>> {
    let History { world, steps, .. } = history;
    let (mut book, mut model) = (Book::new(), Model::default());
    let mut now = 0;
    for (at, step) in steps.iter().enumerate() {
        let event = step.event();
        now = now.max(event.occurred.millis());
        let part = |what: &str, model: String, core: String| {
            Err(Box::new(Parted { step: at, what: what.to_owned(), model, core }))
        };
        let statuses = statuses(&book, event);
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
        count_moves(met, step, &statuses, &got);
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

/// Where the claims stand that an event is about to move.
fn statuses(book: &Book, event: &Event) -> Vec<ClaimStatus> {
    let (Some((ledger, _)), Some(subject)) = (event.kind.row().claim, &event.subject) else {
        return Vec::new();
    };
    let claims = book.claims(ledger, subject, event.occurred);
    let about = event.lines.iter().filter(|line| is_about_claim(event.kind, line));
    let named = about.map(|line| line.line_name());
    let status = |line: &Name| {
        claims.iter().find(|claim| claim.line == *line).map_or(ClaimStatus::Unknown, |one| one.status)
    };
    match event.lines.is_empty() {
        true => claims.iter().map(|claim| claim.status).collect(),
        false => named.map(status).collect(),
    }
}

/// Every cell of the table of moves that was tried, through which door and with which answer.
fn count_moves(met: &mut Met, step: &Step, statuses: &[ClaimStatus], got: &str) {
    let Some((_, claim_move)) = step.event().kind.row().claim else { return };
    let way = match (step, got.starts_with("ok")) {
        (_, _) if got.starts_with("ok replayed") => return,
        (Step::Fact(_), true) => "reported",
        (Step::Command(_), true) => "accepted",
        (Step::Command(_), false) if got.starts_with("claim_not_open") => "refused",
        _ => return,
    };
    for status in statuses {
        *met.entry(format!("move {status} {claim_move:?} {way}")).or_default() += 1;
    }
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
        for (node, owner) in
            world.nodes().iter().flat_map(|node| ["", "owner-1"].map(|owner| (node.clone(), owner)))
        {
            let got = match owner {
                "" => book.availability(sku.as_str(), node.as_str(), moment),
                _ => book.availability_of(owner, sku.as_str(), node.as_str(), moment),
            };
            let got = got.map(|one| {
                let first = (one.on_hand, one.sellable, one.claimed, one.protected);
                (
                    first.0,
                    first.1,
                    first.2,
                    first.3,
                    one.available,
                    one.overcommitted,
                    one.backorder_limit,
                    one.withheld,
                )
            });
            let expected = model.shelf_of(owner, sku.as_str(), node.as_str(), now);
            let of = format!("availability {sku} {node} {owner}");
            differ(of, format!("{expected:?}"), format!("{got:?}"))?;
        }
        for node in world.nodes() {
            let got = book.dated_supply(sku.as_str(), node.as_str()).into_iter();
            let got: Vec<_> = got
                .map(|one| {
                    let due = if one.open > 0 { one.due } else { 0 };
                    let owner = one.owner.map_or_else(String::new, |owner| owner.to_string());
                    (one.supply.to_string(), due, one.received, one.open, one.claimed, owner)
                })
                .collect();
            let expected = model.dated_supply(sku.as_str(), node.as_str());
            let [got, expected] = [got, expected].map(|mut all| {
                all.sort();
                format!("{all:?}")
            });
            differ(format!("dated supply {sku} {node}"), expected, got)?;
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
                    let (sku, node, owner, supply) = (one.sku, one.node, one.owner, one.supply);
                    format!(
                        "{line} {sku} {node} {owner} {supply} {open} {} {} {}",
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
    let (node, owner, supply) = (text(&one.node), text(&one.owner), text(&one.supply));
    format!(
        "{} {} {node} {owner} {supply} {} {} {} {}",
        one.line,
        one.sku,
        one.open,
        one.picked,
        one.shipped,
        one.status.code()
    )
}

/// Exceptions that a book raises: all but over-returns, which are known to the log (tests/it/log.rs).
pub fn exceptions() -> impl Iterator<Item = ExceptionCode> {
    ExceptionCode::ALL.iter().copied().filter(|code| *code != ExceptionCode::OverReturned)
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
        "state_not_allowed",
        "out_of_order",
        "claim_not_open",
        "not_ended",
        "claim_elsewhere",
        "claim_too_small",
        "lot_withheld",
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
    for code in exceptions() {
        all.insert(format!("exception {code}"));
    }
    for standing in onhand::Standing::ALL {
        all.insert(format!("standing {standing}"));
    }
    all.insert("replayed".to_owned());
    for status in ClaimStatus::ALL {
        for (claim_move, _) in MOVES {
            all.insert(format!("move {status} {claim_move:?} reported"));
            let allowed = allows(*status, *claim_move);
            // An end that has come is said of a hold that has lapsed.
            let ends = *claim_move == ClaimMove::Expire;
            if !ends {
                let way = if allowed { "accepted" } else { "refused" };
                all.insert(format!("move {status} {claim_move:?} {way}"));
            }
        }
    }
    all.insert("move expired Expire accepted".to_owned());
    all
}
