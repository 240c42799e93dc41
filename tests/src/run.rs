//! Plays cases on a host and says what differed.

use std::path::PathBuf;

use anyhow::{Context, Result};
use onhand::kind::Ledger;
use onhand::{Name, Outside, StockState, Time};
use serde_json::Value;

use crate::case::{About, Case, Does, Door, Reading, Step};
use crate::host::{self, Host};
use crate::{atp, catalogue, floor, live, moment, promise, render};

/// A step that answered something else than its case says.
#[derive(Clone, Debug)]
pub struct Difference {
    pub id: String,
    pub host: &'static str,
    /// `evolve`, `execute`, `decide`, or what else the step does.
    pub door: &'static str,
    pub file: String,
    pub line: usize,
    pub step: String,
    pub expected: String,
    pub got: String,
    pub differs_because: Option<String>,
}

/// What became of one case on one host.
pub struct Played {
    pub differences: Vec<Difference>,
    /// Of the book at the end.
    pub digest: String,
    /// What each step answered, as text.
    pub answers: Vec<String>,
    /// The door and the answer or reading of the last step that was held to something.
    pub last: (&'static str, String),
}

/// Files of cases: those named, or all that the corpus has.
pub fn files(named: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(named);
    }
    let folder = host::folder().join("cases");
    let listed = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = listed.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    Ok(files)
}

/// Plays a case from its first step to its last; steps after a difference are played all the same.
pub fn play(host: &mut dyn Host, case: &Case) -> Result<Played> {
    host.open()?;
    let mut played = Played {
        differences: Vec::new(),
        digest: String::new(),
        answers: Vec::new(),
        last: ("check", String::new()),
    };
    for step in &case.steps {
        play_step(host, case, step, &mut played).with_context(|| format!("{}:{}", case.file, step.line))?;
    }
    played.digest = host.digest()?;
    Ok(played)
}

fn play_step(host: &mut dyn Host, case: &Case, step: &Step, played: &mut Played) -> Result<()> {
    let before = match step.readings.contains(&Reading::Unchanged) {
        true => Some(host.digest()?),
        false => None,
    };
    let mut whole = None;
    let (door, expected, got) = match &step.does {
        Does::Given(facts) => {
            let mut got = String::from("ok");
            for fact in facts {
                let answer = render::answer(&host.tell(Door::Fact, &fact.json)?);
                if answer != "ok" {
                    got = answer;
                }
            }
            ("given", Some("ok"), got)
        }
        Does::Tell(door, told) => {
            let answer = host.tell(*door, &told.json)?;
            (door.code(), step.expected_of(host.name()), render::answer(&answer))
        }
        Does::Promise(asked) => {
            let digest = host.digest()?;
            let answer = host.promise(&asked.request)?;
            // What is held against the crate's own answer is every number; what a case says is the text.
            whole = Some(promise::whole(&answer));
            let changed = if host.digest()? == digest { "" } else { ", and the book changed" };
            let got = format!("{}{changed}", promise::answer(&answer));
            ("promise", step.expected_of(host.name()), got)
        }
        Does::Live(asked) => {
            let digest = host.digest()?;
            let (got, all) = live::answer(asked, &host.live(asked.door, &asked.query)?);
            whole = Some(all);
            let may_change = asked.door == "accept" || host.digest()? == digest;
            let changed = if may_change { "" } else { ", and the book changed" };
            (asked.door, step.expected_of(host.name()), format!("{got}{changed}"))
        }
        Does::Floor(asked) => {
            let digest = host.digest()?;
            let answer = host.live(asked.door, &asked.query)?;
            whole = Some(answer.to_string());
            let changed = if host.digest()? == digest { "" } else { ", and the book changed" };
            (
                asked.door,
                step.expected_of(host.name()),
                format!("{}{changed}", floor::answer(asked.door, &answer)),
            )
        }
        Does::Rulebook => ("rulebook", None, String::new()),
        Does::Shown(query) => ("shown", step.expected_of(host.name()), host.shown(query)?.to_string()),
        Does::Catalogue(asked) => {
            let answer = host.catalogue(asked.door, &asked.query)?;
            whole = Some(answer.to_string());
            (asked.door, step.expected_of(host.name()), catalogue::answer(asked.door, &answer))
        }
        Does::Atp(asked) => {
            let answer = host.atp(&asked.query)?;
            whole = Some(answer.to_string());
            ("atp", step.expected_of(host.name()), atp::answer(&answer))
        }
        Does::Check => ("check", None, String::new()),
        Does::Exceptions => {
            let list = host.exceptions(step.now)?;
            ("exceptions", step.expected_of(host.name()), render::exceptions(&list))
        }
        Does::Restore => {
            let (snapshot, digest) = (host.snapshot()?, host.digest()?);
            host.restore(&snapshot)?;
            let same = host.digest()? == digest;
            ("restore", Some("same digest"), if same { "same digest" } else { "another digest" }.to_owned())
        }
    };
    let mut wrong = Vec::new();
    if let Some(expected) = expected {
        played.last = (door, expected.to_owned());
    }
    if let Some(expected) = expected.filter(|expected| *expected != got) {
        wrong.push((expected.to_owned(), got.clone()));
    }
    for reading in &step.readings {
        let (expected, got) = match reading {
            Reading::Unchanged => {
                let same = before.as_deref() == Some(host.digest()?.as_str());
                ("unchanged".to_owned(), if same { "unchanged" } else { "changed" }.to_owned())
            }
            Reading::Of { about, values } => read(host, about, values, step.now)?,
        };
        played.last = (door, expected.clone());
        if expected != got {
            wrong.push((expected, got));
        }
    }
    for (expected, got) in wrong {
        played.differences.push(Difference {
            id: case.id.clone(),
            host: host.name(),
            door,
            file: case.file.clone(),
            line: step.line,
            step: step.text.clone(),
            expected,
            got,
            differs_because: case.differs_because.clone(),
        });
    }
    played.answers.push(whole.unwrap_or(got));
    Ok(())
}

/// The values that a reading names: as expected, and as they are.
fn read(
    host: &mut dyn Host,
    about: &About,
    values: &[(String, String)],
    now: i64,
) -> Result<(String, String)> {
    let text = |values: &[(String, String)]| {
        values.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
    };
    let mut got = Vec::new();
    for (key, expected) in values {
        let value = value_of(host, about, key, expected, now)?;
        got.push((key.clone(), value.unwrap_or_else(|| "nothing".to_owned())));
    }
    Ok((format!("{} {}", subject(about), text(values)), format!("{} {}", subject(about), text(&got))))
}

fn subject(about: &About) -> String {
    match about {
        About::Shelf { node, place: None, sku } => format!("{node} {sku}"),
        About::Shelf { node, place: Some(place), sku } => format!("{node}/{place} {sku}"),
        About::Claim { ledger, subject, line } => format!("{ledger} {subject} {line}"),
        About::Outside { sku } => format!("outside {sku}"),
        About::Transit { transfer } => format!("transit {transfer}"),
        About::Supply { supply, node, sku } => format!("supply {supply} {node} {sku}"),
        About::Known => "known".to_owned(),
    }
}

fn value_of(
    host: &mut dyn Host,
    about: &About,
    key: &str,
    expected: &str,
    now: i64,
) -> Result<Option<String>> {
    let book = || Time::new(now).context("a moment before 1970");
    Ok(match about {
        About::Shelf { node, place, sku } => match place {
            None if key == "sellable" || StockState::from_code(position_parts(key).0).is_none() => {
                let shelf = host.availability(sku, node, now)?;
                shelf.get(key).map(Value::to_string)
            }
            _ => {
                let (code, lot, owner) = position_parts(key);
                let state = StockState::from_code(code).with_context(|| format!("`{code}` is no state"))?;
                let positions = host.book()?.positions(sku);
                let here = positions.iter().filter(|one| {
                    !one.in_transit
                        && one.location.as_str() == node
                        && one.state == state
                        && place
                            .as_deref()
                            .is_none_or(|place| place == one.place.as_ref().map_or("-", Name::as_str))
                        && lot.is_none_or(|lot| lot == one.lot.as_ref().map_or("-", Name::as_str))
                        && owner.is_none_or(|owner| owner == one.owner.as_ref().map_or("-", Name::as_str))
                });
                Some(here.map(|one| one.quantity).sum::<i64>().to_string())
            }
        },
        About::Claim { ledger, subject, line } => {
            let ledger = match *ledger {
                "transfer" => Ledger::Transfer,
                "lease" => Ledger::Lease,
                _ => Ledger::Order,
            };
            let claims = host.book()?.claims(ledger, &name(subject)?, book()?);
            let claim = claims.into_iter().find(|claim| claim.line.as_str() == line);
            match claim {
                None if key == "status" => Some("unknown".to_owned()),
                None => Some("0".to_owned()),
                Some(claim) => {
                    let value = serde_json::to_value(claim)?.get(key).cloned();
                    value.map(|value| match (key, value.as_i64()) {
                        ("expires", Some(millis)) => moment::format(millis),
                        _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    })
                }
            }
        }
        About::Outside { sku } => {
            let account = Outside::from_code(key).with_context(|| format!("`{key}` is no account"))?;
            Some(host.book()?.account(sku, account).to_string())
        }
        About::Transit { transfer } => Some(host.book()?.in_transit(key, transfer).to_string()),
        About::Supply { supply, node, sku } => {
            let supplies = host.book()?.dated_supply(sku, node);
            let one = supplies.into_iter().find(|one| one.supply.as_str() == supply);
            let value = one.map(serde_json::to_value).transpose()?;
            value.and_then(|value| value.get(key).cloned()).map(|value| match (key, value.as_i64()) {
                ("due", Some(millis)) => moment::format(millis),
                _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            })
        }
        About::Known => {
            let (sku, node) = key.split_once('@').context("`known` needs SKU@NODE")?;
            let known = !host.availability(sku, node, now)?.is_null();
            Some(if known { "yes" } else { "no" }.to_owned()).filter(|_| !expected.is_empty())
        }
    })
}

/// `sellable`, `sellable[LOT]`, `sellable[LOT:OWNER]`, `sellable[:OWNER]`; `-` is none.
fn position_parts(key: &str) -> (&str, Option<&str>, Option<&str>) {
    let Some((code, parts)) = key.strip_suffix(']').and_then(|key| key.split_once('[')) else {
        return (key, None, None);
    };
    let (lot, owner) = parts.split_once(':').unwrap_or((parts, ""));
    (code, Some(lot).filter(|lot| !lot.is_empty()), Some(owner).filter(|owner| !owner.is_empty()))
}

fn name(text: &str) -> Result<Name> {
    Name::new(text).map_err(|problem| anyhow::anyhow!("`{text}` is {problem}"))
}
