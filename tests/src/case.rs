//! Text cases: what a file of them says.
//!
//! ```text
//! case A01 A claim takes from what can be sold at its node and nowhere else.
//! given   S1 TEA sellable=2
//! given   S2 TEA sellable=2
//! reserve r1 2 TEA at S1 for order-1 -> ok           | available=0 claimed=2; S2 TEA available=2
//! reserve r1 2 TEA at S1 for order-1 -> ok replayed  | unchanged
//! fact sell s1 3 TEA at S1           -> ok, deficit TEA S1 sellable -1, overcommitted TEA S1 2
//! ```
//!
//! - `case ID SENTENCE` begins a case with an empty book; `differs_because SENTENCE` says why it answers differently from
//!   where it was taken. `#` begins a comment.
//! - `given NODE SKU STATE=UNITS …` makes both known and opens the books with that stock; `given node NODE …` and
//!   `given item SKU …` take terms; `given NODE SKU` alone only makes them known.
//! - `fact EVENT` reports, `EVENT` alone asks, `decide EVENT` asks for a dry run, `fact json {…}` and `json {…}` give the
//!   text itself. An event is what [`crate::event`] reads. A line that ends in `\` goes on in the next.
//! - `given lane NODE ZONE METHOD [transit=DURATION] [parcel=COST] [unit=COST]` makes a way from a node to a zone.
//! - `rule …`, `group …` and the other lines of [`crate::rulebook`] say under what promises are asked from then on; `shown SKU
//!   NODE [@MOMENT] [channel=NAME] -> UNITS` asks what a channel may be shown.
//! - `promise …` asks for an offer and `atp …` for what can be promised when: see [`crate::promise`], [`crate::atp`]. Neither may change the book.
//!   So do the questions of [`crate::live`], `if … promise …` first.
//! - `scan CODE` and `kit SKU at NODE` ask the catalogue: see [`crate::catalogue`].
//! - `inspect …`, `tally …` and `desk …` ask the doors of [`crate::floor`], which leave the book alone too.
//! - `-> ANSWER` is what [`crate::render`] makes of the answer; without it the answer is not looked at. `-> ANSWER (npm: OTHER)`
//!   is for a door that answers differently on purpose: the package takes a number out of its range for misuse.
//! - `| READING; READING` holds the book to numbers after the step: `unchanged`, `NODE[/PLACE] SKU NAME=UNITS …` (node and
//!   SKU of the step unless said), `order|transfer|lease SUBJECT [LINE] NAME=… …`, `outside SKU ACCOUNT=UNITS …`,
//!   `transit TRANSFER SKU=UNITS …`, `supply NAME NODE SKU NAME=UNITS …`, `known NODE|SKU=yes|no`.
//! - `check [@MOMENT] READING; …` does so without a step; `exceptions [@MOMENT] -> LIST` lists what is open; `restore`
//!   takes a snapshot, loads it and goes on with that.
//!
//! A step happens a minute after the latest one before it unless it says `@MOMENT`; the first at 09:00.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use crate::atp;
use crate::catalogue;
use crate::event::{self, Told};
use crate::floor;
use crate::live;
use crate::moment;
use crate::promise::{self, Asked};
use crate::rulebook;

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: String,
    pub why: String,
    pub differs_because: Option<String>,
    /// The file and the line of its first line.
    pub file: String,
    pub line: usize,
    pub steps: Vec<Step>,
}

/// One line of a case.
#[derive(Clone, Debug)]
pub struct Step {
    pub line: usize,
    pub text: String,
    pub does: Does,
    pub expected: Option<String>,
    /// A host that answers differently on purpose, and what it answers.
    pub elsewhere: Option<(String, String)>,
    pub readings: Vec<Reading>,
    /// The moment that readings are taken at.
    pub now: i64,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Does {
    /// Facts that set the scene and must be posted.
    Given(Vec<Told>),
    /// Tells the host an event through a door.
    Tell(Door, Told),
    /// Asks for a promise, which changes nothing.
    Promise(Asked),
    /// Adds to the rulebook under which promises are asked.
    Rulebook,
    /// Asks how many units a channel may be shown, under the rulebook.
    Shown(Value),
    /// Asks what can be promised from each moment on.
    Atp(atp::Asked),
    /// Asks what a code means, or for kits.
    Catalogue(catalogue::Asked),
    /// Asks what a promise lives by after it is made.
    Live(live::Asked),
    /// Asks a door of the floor.
    Floor(floor::Asked),
    /// Only reads.
    Check,
    /// Lists open exceptions.
    Exceptions,
    /// Takes a snapshot and goes on from it.
    Restore,
}

/// How an event comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Fact,
    Command,
    DryRun,
}

impl Door {
    /// As hosts and reports call it.
    pub const fn code(self) -> &'static str {
        match self {
            Door::Fact => "evolve",
            Door::Command => "execute",
            Door::DryRun => "decide",
        }
    }
}

/// What the book is held to after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The digest is what it was before the step.
    Unchanged,
    /// Named numbers of one thing.
    Of { about: About, values: Vec<(String, String)> },
}

/// What a reading is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    Shelf { node: String, place: Option<String>, sku: String },
    Claim { ledger: &'static str, subject: String, line: String },
    Outside { sku: String },
    Transit { transfer: String },
    Supply { supply: String, node: String, sku: String },
    Known,
}

/// Reads a file of cases.
pub fn read(path: &Path) -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    parse(&file, &text)
}

/// Reads the text of a file of cases. An error names the file and the line.
pub fn parse(file: &str, text: &str) -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    let mut state = State::default();
    for (line, text) in joined(text) {
        parse_line(&mut cases, &mut state, file, line, &text)
            .map_err(|why| anyhow!("{file}:{line}: {why:#}"))?;
    }
    for case in &cases {
        if case.steps.is_empty() {
            bail!("{file}:{}: case `{}` has no step", case.line, case.id);
        }
    }
    Ok(cases)
}

/// What the next line of a case needs to know of those before it.
#[derive(Default)]
struct State {
    /// The latest moment so far.
    latest: Option<i64>,
    /// Nodes and items that are known, and how many facts set the scene so far.
    known: Vec<String>,
    given: u64,
    /// The rulebook so far.
    rulebook: Map<String, Value>,
}

impl State {
    fn clock(&self) -> i64 {
        self.latest.map_or(moment::START, |latest| latest + moment::STEP)
    }

    fn passes(&mut self, now: i64) -> i64 {
        self.latest = Some(self.latest.map_or(now, |latest| latest.max(now)));
        now
    }
}

/// Lines without comments, with those that end in `\` joined to the next.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = if line.trim_start().starts_with('#') { "" } else { line.trim() };
        let (line, more) = line.strip_suffix('\\').map_or((line, false), |line| (line.trim_end(), true));
        match lines.last_mut() {
            Some((_, before)) if goes_on => {
                before.push(' ');
                before.push_str(line);
            }
            _ => lines.push((number, line.to_owned())),
        }
        goes_on = more;
    }
    lines.retain(|(_, line)| !line.is_empty());
    lines
}

fn parse_line(cases: &mut Vec<Case>, state: &mut State, file: &str, line: usize, text: &str) -> Result<()> {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    if first == "case" {
        let (id, why) = rest.split_once(char::is_whitespace).context("a case needs an id and a sentence")?;
        if let Some(twin) = cases.iter().find(|case| case.id == id) {
            bail!("case `{id}` is already in line {}", twin.line);
        }
        *state = State::default();
        cases.push(Case {
            id: id.to_owned(),
            why: why.trim().to_owned(),
            differs_because: None,
            file: file.to_owned(),
            line,
            steps: Vec::new(),
        });
        return Ok(());
    }
    let case = cases.last_mut().context("a file begins with a case")?;
    if first == "differs_because" {
        case.differs_because = Some(rest.to_owned());
        return Ok(());
    }
    case.steps.push(parse_step(state, line, text)?);
    Ok(())
}

fn parse_step(state: &mut State, line: usize, text: &str) -> Result<Step> {
    let (body, readings) = text.split_once(" | ").map_or((text, None), |(body, rest)| (body, Some(rest)));
    let (body, expected) =
        body.split_once(" -> ").map_or((body, None), |(body, answer)| (body, Some(answer)));
    let words: Vec<&str> = body.split_whitespace().collect();
    let (does, now, context) = match words[..] {
        ["given", ref rest @ ..] => {
            (Does::Given(given(state, rest)?), state.latest.unwrap_or(0), Here::default())
        }
        ["check", ref rest @ ..] => {
            let (now, rest) = moment_first(state, rest)?;
            let readings = parse_readings(&rest.join(" "), &Here::default())?;
            let text = text.to_owned();
            return Ok(Step {
                line,
                text,
                does: Does::Check,
                expected: None,
                elsewhere: None,
                readings,
                now,
            });
        }
        ["exceptions", ref rest @ ..] => {
            let (now, _) = moment_first(state, rest)?;
            (Does::Exceptions, now, Here::default())
        }
        [first, ..] if rulebook::WORDS.contains(&first) => {
            rulebook::add(&mut state.rulebook, &words)?;
            (Does::Rulebook, state.latest.unwrap_or(0), Here::default())
        }
        ["shown", sku, node, ref rest @ ..] => {
            let (now, rest) = moment_first(state, rest)?;
            let channel = rest.first().and_then(|word| word.strip_prefix("channel="));
            let rules = Value::from(state.rulebook.clone());
            let query = json!({ "sku": sku, "node": node, "channel": channel, "now": now, "rules": rules });
            (Does::Shown(query), now, Here::default())
        }
        ["promise", ref rest @ ..] => {
            let mut asked = promise::parse(rest, state.latest.unwrap_or(0))?;
            let now = asked.now;
            if !state.rulebook.is_empty() {
                asked.request["rules"] = Value::from(state.rulebook.clone());
            }
            (Does::Promise(asked), now, Here::default())
        }
        ["atp", ref rest @ ..] => {
            let asked = atp::parse(rest, state.latest.unwrap_or(0))?;
            let now = asked.now;
            (Does::Atp(asked), now, Here::default())
        }
        ["scan" | "kit", ..] => {
            let asked = catalogue::parse(&words, state.latest.unwrap_or(0))?;
            let now = asked.now;
            (Does::Catalogue(asked), now, Here::default())
        }
        ["accept", ..] => {
            let asked = live::accept(&words, state.clock())?;
            let now = state.passes(asked.now);
            (Does::Live(asked), now, Here::default())
        }
        [
            "if" | "sure" | "tries" | "instead" | "again" | "promises" | "deal" | "cart" | "earliest"
            | "latest" | "latest_by",
            ..,
        ] => {
            let mut asked = live::parse(&words, state.latest.unwrap_or(0))?;
            if !state.rulebook.is_empty() {
                asked.under(&Value::from(state.rulebook.clone()));
            }
            let now = asked.now;
            (Does::Live(asked), now, Here::default())
        }
        ["inspect" | "tally" | "desk", ..] => {
            let asked = floor::parse(&words, state.latest.unwrap_or(0))?;
            let now = asked.now;
            (Does::Floor(asked), now, Here::default())
        }
        ["restore"] => (Does::Restore, state.latest.unwrap_or(0), Here::default()),
        ["fact", ref rest @ ..] => tell(state, Door::Fact, rest)?,
        ["decide", ref rest @ ..] => tell(state, Door::DryRun, rest)?,
        _ => tell(state, Door::Command, &words)?,
    };
    let readings = readings.map_or(Ok(Vec::new()), |readings| parse_readings(readings, &context))?;
    let (expected, elsewhere) = answers(expected);
    Ok(Step { line, text: text.to_owned(), does, expected, elsewhere, readings, now })
}

/// The answer of every host, and that of the one that differs.
fn answers(text: Option<&str>) -> (Option<String>, Option<(String, String)>) {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(text) = text else { return (None, None) };
    let differs =
        text.trim().strip_suffix(')').and_then(|text| text.rsplit_once(" (")).and_then(|(answer, other)| {
            let (host, other) = other.split_once(": ")?;
            Some((plain(answer), (host.to_owned(), plain(other))))
        });
    match differs {
        Some((answer, other)) => (Some(answer), Some(other)),
        None => (Some(plain(text)), None),
    }
}

impl Step {
    /// What a host is to answer.
    pub fn expected_of(&self, host: &str) -> Option<&str> {
        let elsewhere = self.elsewhere.as_ref().filter(|(name, _)| name == host);
        elsewhere.map(|(_, answer)| answer.as_str()).or(self.expected.as_deref())
    }
}

/// Node and SKU that a reading is about unless it says.
#[derive(Default)]
struct Here {
    node: Option<String>,
    sku: Option<String>,
}

fn moment_first<'a>(state: &mut State, words: &[&'a str]) -> Result<(i64, Vec<&'a str>)> {
    match words.split_first() {
        Some((first, rest)) if first.starts_with('@') => Ok((moment::parse(&first[1..])?, rest.to_vec())),
        _ => Ok((state.latest.unwrap_or(0), words.to_vec())),
    }
}

fn tell(state: &mut State, door: Door, words: &[&str]) -> Result<(Does, i64, Here)> {
    if let ["json", json @ ..] = words {
        let now = state.latest.unwrap_or(0);
        let told = Told { json: json.join(" "), occurred: now, node: None, sku: None };
        return Ok((Does::Tell(door, told), now, Here::default()));
    }
    let told = event::parse(words, state.clock())?;
    let now = state.passes(told.occurred);
    let context = Here { node: told.node.clone(), sku: told.sku.clone() };
    Ok((Does::Tell(door, told), now, context))
}

/// Master data and opening stock, as facts of the source `given` at midnight of the first day.
fn given(state: &mut State, words: &[&str]) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    match words {
        ["node", node, terms @ ..] => learn(state, &mut told, "node", node, terms)?,
        ["item", sku, terms @ ..] => learn(state, &mut told, "item", sku, terms)?,
        ["lane", node, zone, method, terms @ ..] => told.push(lane(state, node, zone, method, terms)?),
        [node, sku, stock @ ..] => {
            learn_once(state, &mut told, "node", node)?;
            learn_once(state, &mut told, "item", sku)?;
            let parts: Vec<&str> = stock.iter().copied().filter(|word| is_part(word)).collect();
            for word in stock.iter().filter(|word| !is_part(word)) {
                let (code, units) = word.split_once('=').with_context(|| format!("`{word}` is no stock"))?;
                let state_of_stock = format!("state={code}");
                let mut words = vec![units, *sku, state_of_stock.as_str()];
                words.extend(parts.iter().copied());
                words.extend(["at", *node]);
                told.push(fact(state, "opening", &words)?);
            }
        }
        _ => bail!("`given` needs a node and an item"),
    }
    Ok(told)
}

/// Parts of a position beside its state.
fn is_part(word: &str) -> bool {
    ["place=", "lot=", "owner="].iter().any(|part| word.starts_with(part))
}

fn learn_once(state: &mut State, told: &mut Vec<Told>, what: &str, name: &str) -> Result<()> {
    match state.known.contains(&format!("{what} {name}")) {
        true => Ok(()),
        false => learn(state, told, what, name, &[]),
    }
}

fn learn(state: &mut State, told: &mut Vec<Told>, what: &str, name: &str, terms: &[&str]) -> Result<()> {
    let subject = format!("{}={name}", if what == "item" { "sku" } else { what });
    let mut words = vec!["with", subject.as_str()];
    if what == "item" && !terms.iter().any(|term| term.starts_with("unit=")) {
        words.push("unit=each");
    }
    words.extend(terms);
    told.push(fact(state, &format!("{what}_change"), &words)?);
    state.known.push(format!("{what} {name}"));
    Ok(())
}

fn lane(state: &mut State, node: &str, zone: &str, method: &str, terms: &[&str]) -> Result<Told> {
    let mut costs = [0, 0, 0];
    for term in terms {
        let (key, value) = term.split_once('=').with_context(|| format!("`{term}` is no term of a lane"))?;
        let (place, value) = match key {
            "transit" => (0, moment::duration(value)?),
            "parcel" => (1, value.parse()?),
            "unit" => (2, value.parse()?),
            _ => bail!("`{term}` is no term of a lane"),
        };
        costs[place] = value;
    }
    let [transit, parcel, unit] = costs;
    let words = format!(
        "with node={node} zone={zone} method={method} open=yes transit_ms={transit} parcel_cost={parcel} unit_cost={unit}"
    );
    fact(state, "lane_change", &words.split(' ').collect::<Vec<_>>())
}

fn fact(state: &mut State, kind: &str, words: &[&str]) -> Result<Told> {
    state.given += 1;
    let id = state.given.to_string();
    let mut all = vec![kind, id.as_str(), "source=given"];
    all.extend(words);
    event::parse(&all, 0)
}

fn parse_readings(text: &str, context: &Here) -> Result<Vec<Reading>> {
    text.split(';')
        .map(|one| parse_reading(one.trim(), context).with_context(|| format!("reading `{one}`")))
        .collect()
}

fn parse_reading(text: &str, context: &Here) -> Result<Reading> {
    if text == "unchanged" {
        return Ok(Reading::Unchanged);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let (values, names): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.contains('='));
    let values: Vec<(String, String)> = values
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    if values.is_empty() {
        bail!("names no value");
    }
    let sku = || context.sku.clone().context("names no item");
    let about = match names[..] {
        [ledger @ ("order" | "transfer" | "lease"), subject, ref line @ ..] => About::Claim {
            ledger: match ledger {
                "order" => "order",
                "transfer" => "transfer",
                _ => "lease",
            },
            subject: subject.into(),
            line: line.first().map_or_else(sku, |line| Ok((*line).into()))?,
        },
        ["outside", ref one @ ..] => {
            About::Outside { sku: one.first().map_or_else(sku, |sku| Ok((*sku).into()))? }
        }
        ["transit", transfer] => About::Transit { transfer: transfer.into() },
        ["supply", supply, node, sku] => {
            About::Supply { supply: supply.into(), node: node.into(), sku: sku.into() }
        }
        ["known"] => About::Known,
        [] => shelf(context.node.as_deref().context("names no node")?, sku()?),
        [node, one] => shelf(node, one.into()),
        [node] => shelf(node, sku()?),
        _ => bail!("is about nothing that can be read"),
    };
    Ok(Reading::Of { about, values })
}

fn shelf(node: &str, sku: String) -> About {
    let (node, place) = node.split_once('/').map_or((node, None), |(node, place)| (node, Some(place)));
    About::Shelf { node: node.into(), place: place.map(str::to_owned), sku }
}
