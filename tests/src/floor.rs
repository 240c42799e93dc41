//! The doors of the floor as cases ask them: a delivery held against its order, a blind count, a desk that approves. None changes the book.
//!
//! ```text
//! inspect [@MOMENT] LINES at NODE [for SUPPLY, ITEM {, ITEM}]
//! tally NAME at NODE [items=SKU/…] [owners=OWNER/…] [places=PLACE/…] {, MARK} [, close=SOURCE:FIRST]
//! desk RULE {, RULE} ; EVENT {; EVENT}
//! ```
//!
//! Lines are those of an event, with `expires=MOMENT`; an item is `OPEN SKU [pack=NAME:UNITS] [over=UNITS/PPM] [under=UNITS/PPM] [lots=yes]
//! [life=DURATION]`. A mark is `WHO PLACE UNITS SKU [owner=OWNER]`, `WHO PLACE done=MOMENT` or `WHO PLACE again`, where the place `-` is the node itself. A
//! rule is `NAME kinds=KIND/… window=DURATION [role= reason= node= units= value= share= times=]`, or `approvers=ROLE/…`; an event begins with
//! `fact` or is a command.
//!
//! An inspection answers `over TEA 3 151, books 151 TEA sellable PO1 + 3 TEA quarantined PO1, complete`; a count `unfinished back, differ TEA
//! at shelf ada 7 grace 8, not taken 2 finished, count 1 09:00 at shelf 0 CUP + 8 TEA`; a desk the answers to its events.

use anyhow::{Context, Result, bail};
use onhand::approval::{Declined, Desk, Policy};
use onhand::counting::Sheet;
use onhand::log::Log;
use onhand::receiving::{Expected, Scanned, inspect};
use onhand::{Answer, Book, Event, Name, Time};
use serde_json::{Map, Value, json};

use crate::{event, moment, render};

/// What is asked, by which door, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    pub door: &'static str,
    /// The question with the keys of the wire.
    pub query: Value,
    pub now: i64,
}

/// Reads the words of a step.
pub fn parse(words: &[&str], now: i64) -> Result<Asked> {
    let (door, query, now) = match words {
        ["inspect", rest @ ..] => inspection(rest, now)?,
        ["tally", rest @ ..] => ("tally", tally(rest)?, now),
        ["desk", rest @ ..] => ("desk", desk(rest, now)?, now),
        _ => bail!("`{}` asks for nothing", words.join(" ")),
    };
    Ok(Asked { door, query, now })
}

fn inspection(words: &[&str], now: i64) -> Result<(&'static str, Value, i64)> {
    let split = words.iter().position(|word| *word == "for").unwrap_or(words.len());
    let (receipt, order) = words.split_at(split);
    let mut expires = Vec::new();
    for line in receipt.split(|word| *word == "+") {
        let said = line.iter().find_map(|word| word.strip_prefix("expires="));
        expires.push(said.map(moment::parse).transpose()?);
    }
    let receipt: Vec<&str> = receipt.iter().copied().filter(|word| !word.starts_with("expires=")).collect();
    let told = event::parse(&[&["receipt", "1"], receipt.as_slice()].concat(), now)?;
    let order = match order {
        ["for", rest @ ..] => {
            let text = rest.join(" ");
            let mut parts = text.split(',').map(str::trim);
            let supply = parts.next().context("an order has a name")?;
            json!({ "supply": supply, "items": parts.map(item).collect::<Result<Vec<_>>>()? })
        }
        _ => Value::Null,
    };
    let receipt: Value = serde_json::from_str(&told.json)?;
    Ok(("inspect", json!({ "receipt": receipt, "expires": expires, "order": order }), told.occurred))
}

fn item(text: &str) -> Result<Value> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [open, sku, terms @ ..] = words.as_slice() else { bail!("`{text}` is no item of an order") };
    let mut item =
        json!({ "sku": sku, "open": open.parse::<i64>()?, "packs": [], "by_lot": false, "life_ms": null });
    let bounds = |text: &str| -> Result<Value> {
        let (units, ppm) = text.split_once('/').context("a tolerance is UNITS/PPM")?;
        Ok(json!({ "units": units.parse::<i64>()?, "ppm": ppm.parse::<i64>()? }))
    };
    (item["over"], item["under"]) = (bounds("0/0")?, bounds("0/0")?);
    for term in terms {
        match term.split_once('=') {
            Some(("pack", value)) => {
                let (name, units) = value.split_once(':').context("a pack is NAME:UNITS")?;
                item["packs"] = json!([[name, units.parse::<i64>()?]]);
            }
            Some((key @ ("over" | "under"), value)) => item[key] = bounds(value)?,
            Some(("lots", _)) => item["by_lot"] = json!(true),
            Some(("life", value)) => item["life_ms"] = json!(moment::duration(value)?),
            _ => bail!("`{term}` is no term of an item"),
        }
    }
    Ok(item)
}

fn tally(words: &[&str]) -> Result<Value> {
    let text = words.join(" ");
    let mut parts = text.split(',').map(str::trim);
    let head: Vec<&str> = parts.next().unwrap_or_default().split_whitespace().collect();
    let [name, "at", node, terms @ ..] = head.as_slice() else { bail!("`tally` needs NAME at NODE") };
    let (mut query, mut marks) = (json!({ "name": name, "node": node }), Vec::<Value>::new());
    for term in terms {
        let (key, value) = term.split_once('=').with_context(|| format!("`{term}` is no KEY=VALUE"))?;
        query[key] = json!(value.split('/').collect::<Vec<_>>());
    }
    for part in parts {
        let words: Vec<&str> = part.split_whitespace().collect();
        if let [close] = words.as_slice() {
            let close = close.strip_prefix("close=").and_then(|close| close.split_once(':'));
            let (source, first) = close.context("a count is closed by close=SOURCE:FIRST")?;
            query["close"] = json!({ "source": source, "first": first.parse::<u64>()? });
            continue;
        }
        let [who, place, rest @ ..] = words.as_slice() else { bail!("`{part}` is no mark") };
        let mut mark = json!({ "who": who });
        if *place != "-" {
            mark["place"] = json!(place);
        }
        match rest {
            ["again"] => mark["start_over"] = json!(true),
            [done] if done.starts_with("done=") => mark["finished"] = json!(moment::parse(&done[5..])?),
            [units, sku, owner @ ..] => {
                (mark["units"], mark["sku"]) = (json!(units.parse::<i64>()?), json!(sku));
                for owner in owner {
                    mark["owner"] = json!(owner.strip_prefix("owner=").context("only an owner may follow")?);
                }
            }
            _ => bail!("`{part}` is no mark"),
        }
        marks.push(mark);
    }
    query["marks"] = json!(marks);
    Ok(query)
}

fn desk(words: &[&str], now: i64) -> Result<Value> {
    let text = words.join(" ");
    let mut parts = text.split(';').map(str::trim);
    let mut policy = json!({ "rules": [], "approvers": [] });
    for rule in parts.next().unwrap_or_default().split(',').map(str::trim) {
        let words: Vec<&str> = rule.split_whitespace().collect();
        if let Some(roles) = rule.strip_prefix("approvers=") {
            policy["approvers"] = json!(roles.split('/').collect::<Vec<_>>());
            continue;
        }
        let mut row = Map::new();
        row.insert("name".to_owned(), json!(words.first().context("a rule has a name")?));
        for term in words.iter().skip(1) {
            let (key, value) = term.split_once('=').with_context(|| format!("`{term}` is no KEY=VALUE"))?;
            let (key, value) = match key {
                "kinds" => ("kinds", json!(value.split('/').collect::<Vec<_>>())),
                "window" => ("window_ms", json!(moment::duration(value)?)),
                "share" => ("share_ppm", json!(value.parse::<i64>()?)),
                "units" | "value" | "times" => (key, json!(value.parse::<i64>()?)),
                _ => (key, json!(value)),
            };
            row.insert(key.to_owned(), value);
        }
        policy["rules"].as_array_mut().context("rules are a list")?.push(Value::from(row));
    }
    let (mut clock, mut events) = (now, Vec::<Value>::new());
    for part in parts {
        clock += moment::STEP;
        let words: Vec<&str> = part.split_whitespace().collect();
        let (door, words) = match words.split_first() {
            Some((&"fact", rest)) => ("apply", rest),
            _ => ("execute", words.as_slice()),
        };
        let told = event::parse(words, clock)?;
        clock = told.occurred;
        events.push(json!({ "door": door, "event": told.json, "recorded": told.occurred }));
    }
    Ok(json!({ "policy": policy, "events": events }))
}

/// What the crate itself answers.
pub fn native(book: &Book, door: &str, query: &Value) -> Result<Value> {
    match door {
        "inspect" => native_inspection(query),
        "tally" => native_count(query),
        _ => native_desk(book.clone(), query),
    }
}

fn native_inspection(query: &Value) -> Result<Value> {
    let receipt = Event::from_json(&query["receipt"].to_string())?;
    let expires: Vec<Option<Time>> = serde_json::from_value(query["expires"].clone())?;
    let scanned =
        receipt.lines.iter().zip(expires).map(|(line, expires)| Scanned { line: line.clone(), expires });
    let supply: Option<Name> = serde_json::from_value(query["order"]["supply"].clone())?;
    let items: Option<Vec<Expected>> = serde_json::from_value(query["order"]["items"].clone())?;
    let order = supply.as_ref().zip(items.as_deref());
    let inspection = inspect(order, &scanned.collect::<Vec<_>>(), receipt.occurred);
    let (findings, complete) = (inspection.findings.clone(), inspection.complete);
    Ok(json!({ "findings": findings, "complete": complete, "receipt": inspection.receipt(receipt) }))
}

fn native_count(query: &Value) -> Result<Value> {
    let name = |value: &Value| serde_json::from_value::<Option<Name>>(value.clone());
    let need = |value: &Value| name(value)?.context("a name is missing");
    let mut sheet = Sheet::new(need(&query["name"])?, need(&query["node"])?);
    let names = |key: &str| serde_json::from_value::<Option<Vec<Name>>>(query[key].clone());
    sheet.items = names("items")?.unwrap_or_default();
    sheet.owners = names("owners")?.unwrap_or_default();
    if let Some(places) = names("places")? {
        sheet.places = places.into_iter().map(Some).collect();
    }
    let mut not_taken = Vec::new();
    for (at, mark) in query["marks"].as_array().into_iter().flatten().enumerate() {
        let (who, place) = (need(&mark["who"])?, name(&mark["place"])?);
        let taken = match (name(&mark["sku"])?, mark["finished"].as_i64().and_then(Time::new)) {
            (Some(sku), _) => {
                let (owner, units) = (name(&mark["owner"])?, mark["units"].as_i64().context("no units")?);
                sheet.tally(&who, place.as_ref(), &sku, None, owner.as_ref(), units)
            }
            (None, Some(at)) => sheet.finish(&who, place.as_ref(), at),
            (None, None) => sheet.start_over(&who, place.as_ref()),
        };
        if let Err(problem) = taken {
            not_taken.push(json!({ "mark": at, "code": problem.code() }));
        }
    }
    let counts = match name(&query["close"]["source"])? {
        Some(source) => {
            sheet.close(&source, query["close"]["first"].as_u64().context("no first")?).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let disputes: Vec<Value> = sheet.disputes().iter().map(dispute).collect();
    Ok(
        json!({ "not_taken": not_taken, "unfinished": sheet.unfinished(), "disputes": disputes, "counts": counts }),
    )
}

/// With the names that the package gives to who found what.
fn dispute(dispute: &onhand::counting::Dispute) -> Value {
    let found: Vec<Value> =
        dispute.found.iter().map(|(who, units)| json!({ "who": who, "units": units })).collect();
    let mut told = json!({ "sku": dispute.sku, "found": found });
    for (key, name) in [("place", &dispute.place), ("owner", &dispute.owner)] {
        if let Some(name) = name {
            told[key] = json!(name);
        }
    }
    told
}

fn native_desk(mut book: Book, query: &Value) -> Result<Value> {
    let policy: Policy = serde_json::from_value(query["policy"].clone())?;
    let (mut log, mut desk) = (Log::after(onhand::log::Head::default(), book.clone()), Desk::new(policy));
    let mut answers: Vec<Value> = Vec::new();
    for asked in query["events"].as_array().into_iter().flatten() {
        let event = Event::from_json(asked["event"].as_str().context("no event")?)?;
        let answer = match asked["door"].as_str() {
            Some("apply") => {
                let outcome = log.evolve(&mut book, &event, event.occurred);
                if outcome.as_ref().is_ok_and(|outcome| !outcome.replayed) {
                    desk.note(&event);
                }
                Answer(outcome).to_json()
            }
            _ => {
                let answer: Result<_, Declined> = desk.execute(&mut log, &mut book, &event, event.occurred);
                Answer(answer).to_json()
            }
        };
        answers.push(serde_json::from_str(&answer)?);
    }
    Ok(
        json!({ "answers": answers, "due": desk.due(), "entries": log.head().entries, "seal": log.head().seal }),
    )
}

/// The answer as text.
pub fn answer(door: &str, answer: &Value) -> String {
    let list = |key: &str| answer[key].as_array().cloned().unwrap_or_default();
    let mut parts = Vec::new();
    let lines = |event: &Value, one: &dyn Fn(&Value) -> String| {
        event["lines"].as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(" + ")
    };
    match door {
        "inspect" => {
            for finding in list("findings") {
                let words = ["oddity", "sku", "units", "limit"].map(|key| render::word(&finding[key]));
                parts.push(words.join(" "));
            }
            let booked = |line: &Value| {
                let supply = line
                    .get("supply")
                    .map_or_else(String::new, |supply| format!(" {}", render::word(supply)));
                format!(
                    "{} {} {}{supply}",
                    line["quantity"],
                    render::word(&line["sku"]),
                    render::word(&line["state"])
                )
            };
            parts.push(format!("books {}", lines(&answer["receipt"], &booked)));
            if answer["complete"] == json!(true) {
                parts.push("complete".to_owned());
            }
        }
        "tally" => {
            parts.extend(
                list("not_taken")
                    .iter()
                    .map(|one| format!("not taken {} {}", one["mark"], render::word(&one["code"]))),
            );
            let place = |place: &Value| place.as_str().unwrap_or("-").to_owned();
            let whose = |of: &Value| {
                let sku = render::word(&of["sku"]);
                of["owner"].as_str().map_or(sku.clone(), |owner| format!("{sku} owner={owner}"))
            };
            parts.extend(list("unfinished").iter().map(|one| format!("unfinished {}", place(one))));
            for one in list("disputes") {
                let found = one["found"].as_array().into_iter().flatten();
                let found: Vec<_> =
                    found.map(|one| format!("{} {}", render::word(&one["who"]), one["units"])).collect();
                parts.push(format!("differ {} at {} {}", whose(&one), place(&one["place"]), found.join(" ")));
            }
            for count in list("counts") {
                let at = count["occurred"].as_i64().map_or_else(String::new, moment::format);
                let of = place(&count["lines"][0]["place"]);
                let found = lines(&count, &|line| format!("{} {}", line["quantity"], whose(line)));
                parts.push(format!("count {} {at} at {of} {found}", count["id"]));
            }
        }
        _ => {
            parts.push(list("answers").iter().map(render::answer).collect::<Vec<_>>().join("; "));
            parts.extend(list("due").iter().map(|due| {
                format!("due {} {}", render::word(&due["id"]), render::word(&due["problem"]["code"]))
            }));
        }
    }
    parts.join(", ")
}
