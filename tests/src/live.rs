//! What promises live by after they are made, as cases ask for it: the same question on a changed view.
//!
//! ```text
//! if CHANGE {, CHANGE} promise …
//! ```
//!
//! A change is `+3 TEA at S1` or `-3 TEA at S1` (on hand), `+3 TEA at S1 due=MOMENT` (supply that nobody announced), `PO1 TEA at S1
//! due=MOMENT` or `PO1 TEA at S1 never` (an announced supply comes then, or not), `S1 on` or `S1 off` (line), `TEA at S1
//! unprotected`. The answer is that of `promise`.

use anyhow::{Context, Result, bail};
use onhand::Book;
use onhand::promise::{Change, Request};
use serde_json::{Value, json};

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

/// The answer of the crate itself.
pub fn native(book: &Book, door: &str, query: &Value) -> Result<Value> {
    let request = || serde_json::from_value::<Request>(query["request"].clone());
    match door {
        "promise_if" => {
            let changes = serde_json::from_value::<Vec<Change>>(query["changes"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::offered(book.promise_if(&request, &changes))
        }
        _ => bail!("there is no door `{door}`"),
    }
}

/// An answer as text, and with every number for hosts to be held against each other.
pub fn answer(_: &Asked, answer: &Value) -> (String, String) {
    (promise::answer(answer), promise::whole(answer))
}
