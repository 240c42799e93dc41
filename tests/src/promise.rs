//! Promises as cases ask for them, turned into the JSON that every host reads, and offers turned into text.
//!
//! ```text
//! promise [@MOMENT] QUANTITY SKU [line=LINE] {+ QUANTITY SKU [line=LINE]} (to ZONE | at NODE)
//!         [methods=NAME,…] [by=MOMENT] [channel=NAME] [explain=none|summary|full] [line_split=no] [ship_complete=yes] [consolidate=yes]
//!         [search=greedy] [nodes_max=N] [horizon=DURATION] [shortfall_cost=N] [steps_max=N]
//! ```
//!
//! A duration is `3d`, `6h`, `30m` or `500ms`. An offer reads
//! `ok proven cost=880, S3 by van 10:00-12:00 cost=880: 2 TEA + 1 CUP supply=PO1, unmet 1 MUG available=0, passed S1 no_stock 0`:
//! from each node when it leaves and when it arrives; `bound=N` instead of `proven`; a pick-up has no method. Under a rulebook
//! also `order_by=MOMENT` of a shipment, `2 TEA backorder`, `2 CUP for MUG` (what stands in), `passed S1 TEA protected 3 by RULE` for one item, `relaxed RULE units=2
//! saves=300` and `reached shipments=2 cost=400`.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::moment;

/// What is asked, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request with the keys of the wire.
    pub request: Value,
    pub now: i64,
}

/// Reads the words after `promise`; `now` is the moment unless they say one.
pub fn parse(words: &[&str], now: i64) -> Result<Asked> {
    let mut asked = Map::new();
    let mut policy = Map::new();
    let mut lines: Vec<Map<String, Value>> = Vec::new();
    asked.insert("now".into(), json!(now));
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut follows = || words.next().with_context(|| format!("nothing follows `{word}`"));
        match *word {
            "to" => drop(asked.insert("to".into(), json!({ "zone": follows()? }))),
            "at" => drop(asked.insert("to".into(), json!({ "pick_up": follows()? }))),
            "+" => {}
            word => match (word.strip_prefix('@'), word.split_once('='), word.parse::<i64>()) {
                (Some(moment), ..) => drop(asked.insert("now".into(), json!(moment::parse(moment)?))),
                (_, Some(("line", line)), _) => {
                    let last = lines.last_mut().context("`line` belongs to a line")?;
                    last.insert("line".into(), json!(line));
                }
                (_, Some((key, value)), _) => term(&mut asked, &mut policy, key, value)?,
                (.., Ok(quantity)) => {
                    let sku = json!(follows()?);
                    lines.push(
                        [("sku".to_owned(), sku), ("quantity".to_owned(), json!(quantity))]
                            .into_iter()
                            .collect(),
                    );
                }
                _ => bail!("`{word}` is neither a quantity nor a field"),
            },
        }
    }
    asked.insert("lines".into(), json!(lines));
    if !policy.is_empty() {
        asked.insert("policy".into(), Value::from(policy));
    }
    let now = asked["now"].as_i64().unwrap_or(now);
    Ok(Asked { request: Value::from(asked), now })
}

fn term(
    asked: &mut Map<String, Value>,
    policy: &mut Map<String, Value>,
    key: &str,
    value: &str,
) -> Result<()> {
    let number = || value.parse::<i64>().with_context(|| format!("`{value}` is no number"));
    match key {
        "methods" => drop(asked.insert(key.into(), value.split(',').collect())),
        "by" => drop(asked.insert("needed_by".into(), json!(moment::parse(value)?))),
        "channel" | "explain" => drop(asked.insert(key.into(), json!(value))),
        "line_split" | "ship_complete" | "consolidate" => {
            drop(policy.insert(key.into(), json!(value == "yes")))
        }
        "search" => drop(policy.insert(key.into(), json!(value))),
        "nodes_max" | "shortfall_cost" | "steps_max" => drop(policy.insert(key.into(), json!(number()?))),
        "horizon" => drop(policy.insert("horizon_ms".into(), json!(moment::duration(value)?))),
        _ => bail!("`{key}` is no term of a promise"),
    }
    Ok(())
}

/// An offer, or why the request cannot be looked at.
pub fn answer(answer: &Value) -> String {
    if answer["ok"] != json!(true) {
        let facts =
            ["sku", "node"].iter().filter_map(|key| Some(format!(" {key}={}", answer[*key].as_str()?)));
        return format!("{}{}", word(&answer["code"]), facts.collect::<String>());
    }
    let bound = match answer["proven"] == json!(true) && answer["bound"] == answer["cost"] {
        true => "proven".to_owned(),
        false => format!("bound={}", answer["bound"]),
    };
    let mut text = format!("ok {bound} cost={}", answer["cost"]);
    for shipment in list(&answer["shipments"]) {
        let method =
            shipment.get("method").map_or_else(String::new, |method| format!(" by {}", word(method)));
        let [release, arrive] = ["release_by", "arrive_by"].map(|key| moment_of(&shipment[key]));
        let lines: Vec<String> = list(&shipment["lines"]).iter().map(line).collect();
        let order_by = shipment.get("order_by").map(|moment| format!(" order_by={}", moment_of(moment)));
        text.push_str(&format!(
            ", {}{method} {release}-{arrive} cost={}{}: {}",
            word(&shipment["node"]),
            shipment["cost"],
            order_by.unwrap_or_default(),
            lines.join(" + ")
        ));
    }
    for unmet in list(&answer["unmet"]) {
        text.push_str(&format!(", unmet {} available={}", line(unmet), unmet["available"]));
        if let Some(earliest) = unmet.get("earliest") {
            text.push_str(&format!(" earliest={}", moment_of(earliest)));
        }
    }
    for passed in list(&answer["passed"]) {
        let number = match passed["check"].as_str() {
            Some("too_late" | "cooling_down" | "not_launched") => moment_of(&passed["number"]),
            _ => passed["number"].to_string(),
        };
        let sku = passed.get("sku").map(|sku| format!(" {}", word(sku))).unwrap_or_default();
        let rule = passed.get("rule").map(|rule| format!(" by {}", word(rule))).unwrap_or_default();
        let (node, check) = (word(&passed["node"]), word(&passed["check"]));
        text.push_str(&format!(", passed {node}{sku} {check} {number}{rule}"));
    }
    text.push_str(&relaxed(answer));
    let reached = list(&answer["reached"]).iter();
    let reached: Vec<String> =
        reached.map(|one| format!("{}={}", word(&one["measure"]), one["value"])).collect();
    if !reached.is_empty() {
        text.push_str(&format!(", reached {}", reached.join(" ")));
    }
    text
}

/// `, relaxed RULE units=2 saves=300` for each rule that was relaxed.
pub fn relaxed(answer: &Value) -> String {
    let said = |one: &Value| {
        format!(", relaxed {} units={} saves={}", word(&one["rule"]), one["units"], one["saves"])
    };
    list(&answer["relaxed"]).iter().map(said).collect()
}

/// Every number of an offer, with lists that are empty and not there made the same: for hosts to be held against each other.
pub fn whole(answer: &Value) -> String {
    let mut answer = answer.clone();
    if let Some(fields) = answer.as_object_mut() {
        fields.retain(|_, value| *value != json!([]));
    }
    answer.to_string()
}

fn line(line: &Value) -> String {
    let mut text = format!("{} {}", line["quantity"], word(&line["sku"]));
    let asked = line.get("asked").unwrap_or(&line["sku"]);
    if line["line"] != *asked {
        text.push_str(&format!(" line={}", word(&line["line"])));
    }
    if let Some(supply) = line.get("supply") {
        text.push_str(&format!(" supply={}", word(supply)));
    }
    if line["backorder"] == json!(true) {
        text.push_str(" backorder");
    }
    if let Some(asked) = line.get("asked") {
        text.push_str(&format!(" for {}", word(asked)));
    }
    text
}

fn moment_of(value: &Value) -> String {
    value.as_i64().map_or_else(|| value.to_string(), moment::format)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
