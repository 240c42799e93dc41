//! What a scanned code means and how many kits there are, as cases ask for it, and the answers turned into text.
//!
//! ```text
//! scan [@MOMENT] CODE
//! kit [@MOMENT] SKU at NODE
//! ```
//!
//! A code reads `TEA case x12`, or `TEA x1 by lot 250 g`; a kit `ready=0 to_make=3 bound by CUP: CUP 1 of 3, TEA 2 of 8`, with the
//! units of each component in one kit and what is available of it. What is wrong reads as a refusal does.

use anyhow::{Result, bail};
use onhand::catalogue::Catalogue;
use onhand::{Answer, Book, Name, Time};
use serde_json::{Value, json};

use crate::{moment, render};

/// What is asked, by which door, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    pub door: &'static str,
    pub query: Value,
    pub now: i64,
}

/// Reads the words of a step; `now` is the moment unless they say one.
pub fn parse(words: &[&str], now: i64) -> Result<Asked> {
    let Some((door, words)) = words.split_first() else { bail!("asks for nothing") };
    let (now, words) = match words.split_first() {
        Some((first, rest)) if first.starts_with('@') => (moment::parse(&first[1..])?, rest),
        _ => (now, words),
    };
    let (door, query) = match (*door, words) {
        ("scan", [code]) => ("scan", json!({ "code": code, "at": now })),
        ("kit", [sku, "at", node]) => ("kit", json!({ "sku": sku, "node": node, "now": now })),
        _ => bail!("`{door}` needs a CODE, or a SKU at NODE"),
    };
    Ok(Asked { door, query, now })
}

/// The answer of the crate itself.
pub fn native(catalogue: &Catalogue, book: &Book, door: &str, query: &Value) -> Result<Value> {
    let word = |key: &str| query[key].as_str().unwrap_or_default();
    let moment = |key: &str| Time::new(query[key].as_i64().unwrap_or(-1)).unwrap_or_default();
    let name = |key: &str| Name::new(word(key)).map_err(|problem| anyhow::anyhow!("`{key}` is {problem}"));
    let json = match door {
        "scan" => Answer(catalogue.scan(word("code"), moment("at"))).to_json(),
        _ => {
            let (sku, node) = (name("sku")?, name("node")?);
            Answer(catalogue.kit_availability(book, &sku, &node, moment("now"))).to_json()
        }
    };
    Ok(serde_json::from_str(&json)?)
}

/// The answer as text.
pub fn answer(door: &str, answer: &Value) -> String {
    match (door, &answer["ok"], answer["found"].as_array()) {
        ("scan", Value::Bool(true), _) => found(answer),
        ("scan", _, Some(several)) => {
            let several: Vec<String> = several.iter().map(found).collect();
            format!("ambiguous {}", several.join(", "))
        }
        (_, Value::Bool(true), _) => {
            let parts = answer["parts"].as_array().into_iter().flatten();
            let parts: Vec<String> = parts
                .map(|part| format!("{} {} of {}", word(part, "sku"), part["units"], part["available"]))
                .collect();
            let (ready, to_make) = (&answer["ready"], &answer["to_make"]);
            let split = if answer["split"] == json!(true) { " split" } else { "" };
            format!(
                "ready={ready} to_make={to_make}{split} bound by {}: {}",
                word(answer, "binds"),
                parts.join(", ")
            )
        }
        _ => render::answer(answer),
    }
}

fn found(one: &Value) -> String {
    let pack = one.get("pack").map_or_else(String::new, |_| format!(" {}", word(one, "pack")));
    let lot = if one["by_lot"] == json!(true) { " by lot" } else { "" };
    let grams = one.get("grams").map_or_else(String::new, |grams| format!(" {grams} g"));
    format!("{}{pack} x{}{lot}{grams}", word(one, "sku"), one["units"])
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
