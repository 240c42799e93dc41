//! What promises live by after they are made, as cases ask for it: the same question on a changed view.
//!
//! ```text
//! if CHANGE {, CHANGE} promise …
//! sure {error=WRONG_PPM/MEAN_MILLI[:SKU][@NODE]} [failure=COST] [attempt=COST] [supply=PPM] [weigh=yes] promise …
//! tries {error=…} [failure=COST] [attempt=COST] promise …
//! instead [cheaper=COST] [steps_max=N] promise …
//! ```
//!
//! A change is `+3 TEA at S1` or `-3 TEA at S1` (on hand), `+3 TEA at S1 due=MOMENT` (supply that nobody announced), `PO1 TEA at S1
//! due=MOMENT` or `PO1 TEA at S1 never` (an announced supply comes then, or not), `S1 on` or `S1 off` (line), `TEA at S1
//! unprotected`. The answer is that of `promise`.
//!
//! `sure` answers the offer and how sure it is: `…, found 792000 expected=208, from S1 792000: 1 TEA of 3-0 is 792000 costs 208`, where `3-0`
//! is what the record has, less what others have claimed. `tries` answers the nodes in the order in which to look: `found 990000
//! expected=450 failure=9000, S1 by van 900000 of 5-0 attempt=50 ship=300 index=356, …, left out S3 …`.
//!
//! `instead` answers what would have made the promise hold, or cheaper by so much: `missing 2 cost=2000000, units 2: +2 TEA at S1
//! cost=0 arrive=09:00, needed_later 1h cost=0 arrive=10:00`; `holds cost=0` where nothing has to change; `incomplete` at the end where the
//! steps were used up.

use anyhow::{Context, Result, bail};
use onhand::Book;
use onhand::promise::{Change, REMEDY_STEPS_DEFAULT, Request, Risk, Wish};
use serde_json::{Map, Value, json};

use crate::{host, moment, promise};

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
    match words {
        ["if", rest @ ..] => promise_if(rest, now),
        ["sure", rest @ ..] => with_risk("promise_surely", rest, now),
        ["tries", rest @ ..] => with_risk("tries", rest, now),
        ["instead", rest @ ..] => instead(rest, now),
        _ => bail!("`{}` asks for nothing", words.join(" ")),
    }
}

/// The words before `promise`, and what is asked after it.
fn before_promise<'a>(words: &'a [&'a str], now: i64) -> Result<(&'a [&'a str], promise::Asked)> {
    let at = words.iter().position(|word| *word == "promise").context("nothing is asked by `promise`")?;
    let (before, after) = words.split_at(at);
    Ok((before, promise::parse(&after[1..], now)?))
}

fn promise_if(words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let text = before.join(" ");
    let changes = text.split(',').map(|one| change(one.trim())).collect::<Result<Vec<Value>>>()?;
    let query = json!({ "request": asked.request, "changes": changes });
    Ok(Asked { door: "promise_if", query, now: asked.now })
}

fn change(text: &str) -> Result<Value> {
    let words: Vec<&str> = text.split(' ').collect();
    let due = |word: &str| moment::parse(word.strip_prefix("due=").context("`due=MOMENT` is missing")?);
    Ok(match words[..] {
        [node, line @ ("on" | "off")] => json!({ "on_line": { "node": node, "on_line": line == "on" } }),
        [sku, "at", node, "unprotected"] => json!({ "unprotected": { "sku": sku, "node": node } }),
        [units, sku, "at", node] => {
            json!({ "stock": { "sku": sku, "node": node, "units": units.parse::<i64>()? } })
        }
        [units, sku, "at", node, last] => match units.parse::<i64>() {
            Ok(units) => json!({ "supply": { "sku": sku, "node": node, "units": units, "due": due(last)? } }),
            Err(_) if last == "never" => json!({ "moved": { "supply": units, "sku": sku, "node": node } }),
            Err(_) => json!({ "moved": { "supply": units, "sku": sku, "node": node, "due": due(last)? } }),
        },
        _ => bail!("`{text}` is no change"),
    })
}

fn with_risk(door: &'static str, words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let (mut risk, mut errors) = (Map::new(), Vec::new());
    for word in before {
        let (key, value) = word.split_once('=').with_context(|| format!("`{word}` is no KEY=VALUE"))?;
        match key {
            "error" => errors.push(error_terms(value)?),
            "failure" | "attempt" => drop(risk.insert(format!("{key}_cost"), json!(value.parse::<i64>()?))),
            "supply" => drop(risk.insert("supply_ppm".into(), json!(value.parse::<i64>()?))),
            "weigh" => drop(risk.insert(key.into(), json!(value == "yes"))),
            _ => bail!("`{key}` is no term of a risk"),
        }
    }
    risk.insert("errors".into(), Value::from(errors));
    let query = json!({ "request": asked.request, "risk": risk });
    Ok(Asked { door, query, now: asked.now })
}

fn instead(words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let (mut cheaper_by, mut steps_max) = (0, None);
    for word in before {
        match word.split_once('=') {
            Some(("cheaper", cost)) => cheaper_by = cost.parse::<i64>()?,
            Some(("steps_max", steps)) => steps_max = Some(steps.parse::<u64>()?),
            _ => bail!("`{word}` is no wish"),
        }
    }
    let query = json!({ "request": asked.request, "cheaper_by": cheaper_by, "steps_max": steps_max });
    Ok(Asked { door: "counterfactual", query, now: asked.now })
}

fn error_terms(text: &str) -> Result<Value> {
    let (text, node) = text.split_once('@').map_or((text, None), |(text, node)| (text, Some(node)));
    let (text, sku) = text.split_once(':').map_or((text, None), |(text, sku)| (text, Some(sku)));
    let (wrong, mean) = text.split_once('/').context("an error is WRONG_PPM/MEAN_MILLI")?;
    let error = json!({ "wrong_ppm": wrong.parse::<i64>()?, "mean_milli": mean.parse::<i64>()? });
    let mut terms = Map::new();
    terms.insert("error".into(), error);
    for (key, value) in [("sku", sku), ("node", node)] {
        if let Some(value) = value {
            terms.insert(key.into(), json!(value));
        }
    }
    Ok(Value::from(terms))
}

/// The answer of the crate itself.
pub fn native(book: &Book, door: &str, query: &Value) -> Result<Value> {
    let request = || serde_json::from_value::<Request>(query["request"].clone());
    match door {
        "promise_if" => {
            let changes = serde_json::from_value::<Vec<Change>>(query["changes"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::offered(book.promise_if(&request, &changes))
        }
        "promise_surely" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::told(book.promise_surely(&request, &risk).map(|sure| {
                let offer = host::offered(Ok(sure.offer))?;
                Ok(json!({ "offer": offer, "certainty": serde_json::to_value(sure.certainty)? }))
            }))
        }
        "tries" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::told(book.tries(&request, &risk).map(|tries| Ok(serde_json::to_value(tries)?)))
        }
        "counterfactual" => {
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            let by = query["cheaper_by"].as_i64().context("no wish")?;
            let wish = if by == 0 { Wish::Whole } else { Wish::Cheaper(by) };
            let steps_max = query["steps_max"].as_u64().unwrap_or(REMEDY_STEPS_DEFAULT);
            host::told(
                book.counterfactual(&request, wish, steps_max).map(|one| Ok(serde_json::to_value(one)?)),
            )
        }
        _ => bail!("there is no door `{door}`"),
    }
}

/// An answer as text, and with every number for hosts to be held against each other.
pub fn answer(asked: &Asked, answer: &Value) -> (String, String) {
    let refused = answer["ok"] == json!(false);
    let text = match asked.door {
        "promise_surely" if !refused => {
            format!("{}, {}", promise::answer(&answer["offer"]), certainty(answer))
        }
        "tries" if !refused => tries(answer),
        "counterfactual" if !refused => remedies(answer),
        _ => promise::answer(answer),
    };
    let mut all = answer.clone();
    if let Some(offer) = all.get_mut("offer").and_then(Value::as_object_mut) {
        offer.retain(|_, value| *value != json!([]));
    }
    (text, promise::whole(&all))
}

fn certainty(answer: &Value) -> String {
    let certainty = &answer["certainty"];
    let mut text = format!("found {} expected={}", certainty["ppm"], certainty["expected_cost"]);
    let from = list(&answer["offer"]["shipments"]).iter().map(|shipment| word(&shipment["node"]));
    for (shipment, node) in list(&certainty["shipments"]).iter().zip(from) {
        let lines = list(&shipment["lines"]).iter().map(|line| {
            let units = line["on_hand"].as_i64().unwrap_or(0) + line["to_come"].as_i64().unwrap_or(0);
            let (sku, ppm, cost) = (word(&line["sku"]), &line["ppm"], &line["failure_cost"]);
            format!("{units} {sku} of {}-{} is {ppm} costs {cost}", line["record"], line["claimed"])
        });
        let lines: Vec<String> = lines.collect();
        text.push_str(&format!(", from {node} {}: {}", shipment["ppm"], lines.join(" + ")));
    }
    text
}

fn tries(answer: &Value) -> String {
    let mut text = format!(
        "found {} expected={} failure={}",
        answer["ppm"], answer["expected_cost"], answer["failure_cost"]
    );
    for (key, mark) in [("tries", ""), ("left_out", "left out ")] {
        for one in list(&answer[key]) {
            let method = one.get("method").map_or_else(String::new, |method| format!(" by {}", word(method)));
            let index = one.get("index_cost").map_or_else(|| "none".to_owned(), Value::to_string);
            text.push_str(&format!(
                ", {mark}{}{method} {} of {}-{} attempt={} ship={} index={index}",
                word(&one["node"]),
                one["ppm"],
                one["record"],
                one["claimed"],
                one["attempt_cost"],
                one["ship_cost"]
            ));
        }
    }
    text
}

fn remedies(answer: &Value) -> String {
    if answer["holds"] == json!(true) {
        return format!("holds cost={}", answer["cost"]);
    }
    let mut text = format!("missing {} cost={}", answer["missing"], answer["cost"]);
    for remedy in list(&answer["remedies"]) {
        let kind = word(&remedy["kind"]);
        let size = remedy["size"].as_i64().unwrap_or(0);
        let size = match kind.as_str() {
            "units" => format!(" {size}"),
            "supply_earlier" | "needed_later" | "asked_earlier" => format!(" {}", moment::span(size)),
            _ => String::new(),
        };
        let changes: Vec<String> = list(&remedy["changes"]).iter().map(told_change).collect();
        let changes = if changes.is_empty() { String::new() } else { format!(": {}", changes.join(" and ")) };
        let arrive = remedy["arrive_by"].as_i64();
        let arrive = arrive.map_or_else(String::new, |at| format!(" arrive={}", moment::format(at)));
        text.push_str(&format!(", {kind}{size}{changes} cost={}{arrive}", remedy["cost"]));
    }
    if answer["complete"] != json!(true) {
        text.push_str(", incomplete");
    }
    text
}

fn told_change(change: &Value) -> String {
    let Some((kind, said)) = change.as_object().and_then(|change| change.iter().next()) else {
        return change.to_string();
    };
    let node = word(&said["node"]);
    let at = || format!("{} at {node}", word(&said["sku"]));
    match kind.as_str() {
        "stock" => format!("+{} {}", said["units"], at()),
        "moved" => {
            let due = said["due"].as_i64().map_or_else(|| "never".to_owned(), moment::format);
            format!("{} {} due={due}", word(&said["supply"]), at())
        }
        "on_line" => format!("{node} on"),
        _ => format!("{} {kind}", at()),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
