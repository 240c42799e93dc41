//! Available to promise as cases ask for it, and buckets turned into text.
//!
//! ```text
//! atp [@MOMENT] SKU at NODE [flavour=CODE] [window=DURATION] [infinite_after=DURATION] [starts=MOMENT,…]
//!     [late_supply=[IGNORED_AFTER]+OFFSET] [late_demand=[IGNORED_AFTER]+OFFSET] [demand=UNITS@MOMENT …]
//! ```
//!
//! A bucket reads `day2/00:00 projected=17 available=12 bound by day4/00:00`: with `raw=-1` where units are short, and
//! `available=all` from the infinite-supply fence on.

use anyhow::{Context, Result, bail};
use onhand::atp::UNLIMITED;
use serde_json::{Map, Value, json};

use crate::moment;

/// What can be promised of an item at a node from each moment on.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question with the keys of the wire.
    pub query: Value,
    pub now: i64,
}

/// Reads the words after `atp`; `now` is the moment unless they say one.
pub fn parse(words: &[&str], now: i64) -> Result<Asked> {
    let (now, words) = match words.split_first() {
        Some((first, rest)) if first.starts_with('@') => (moment::parse(&first[1..])?, rest),
        _ => (now, words),
    };
    let [sku, "at", node, terms @ ..] = words else { bail!("`atp` needs SKU at NODE") };
    let (mut rule, mut demand) = (Map::new(), Vec::new());
    for word in terms {
        let (key, value) = word.split_once('=').with_context(|| format!("`{word}` is no KEY=VALUE"))?;
        match key {
            "demand" => {
                let (units, time) = value.split_once('@').context("demand is UNITS@MOMENT")?;
                demand.push(json!({ "time": moment::parse(time)?, "units": units.parse::<i64>()? }));
            }
            "flavour" => drop(rule.insert(key.into(), json!(value))),
            "window" | "infinite_after" => {
                rule.insert(format!("{key}_ms"), json!(moment::duration(value)?));
            }
            "starts" => {
                let starts = value.split(',').map(moment::parse).collect::<Result<Vec<i64>>>()?;
                rule.insert(key.into(), json!(starts));
            }
            "late_supply" | "late_demand" => drop(rule.insert(key.into(), late(value)?)),
            _ => bail!("`{key}` is no term of a rule"),
        }
    }
    let query = json!({ "sku": sku, "node": node, "now": now, "rule": rule, "demand": demand });
    Ok(Asked { query, now })
}

fn late(text: &str) -> Result<Value> {
    let (ignored, offset) = text.split_once('+').context("late is [IGNORED_AFTER]+OFFSET")?;
    let mut late = Map::new();
    late.insert("offset_ms".into(), json!(moment::duration(offset)?));
    if !ignored.is_empty() {
        late.insert("ignored_after_ms".into(), json!(moment::duration(ignored)?));
    }
    Ok(Value::from(late))
}

/// Buckets, or that the book knows no such shelf.
pub fn answer(answer: &Value) -> String {
    let Some(buckets) = answer["buckets"].as_array() else { return "unknown".to_owned() };
    buckets.iter().map(bucket).collect::<Vec<_>>().join(", ")
}

fn bucket(bucket: &Value) -> String {
    let [time, binds] =
        ["time", "binds_at"].map(|key| bucket[key].as_i64().map_or_else(String::new, moment::format));
    let raw = bucket["raw"].as_i64().unwrap_or_default();
    let short = if raw < 0 { format!(" raw={raw}") } else { String::new() };
    let available = match bucket["available"].as_i64() {
        Some(UNLIMITED) => "all".to_owned(),
        _ => bucket["available"].to_string(),
    };
    let bound = if binds == time { String::new() } else { format!(" bound by {binds}") };
    format!("{time} projected={}{short} available={available}{bound}", bucket["projected"])
}
