//! Answers as text: the one place where what a host says becomes what a case expects.

use serde_json::{Map, Value};

use crate::moment;

/// The answer of a door.
///
/// `ok`, `ok replayed`, `ok parked`, with what was granted and each exception after a comma; or the code of the refusal
/// with its facts.
pub fn answer(answer: &Value) -> String {
    let Some(fields) = answer.as_object() else { return answer.to_string() };
    match fields.get("ok") {
        Some(Value::Bool(true)) => accepted(fields),
        Some(Value::Bool(false)) => refused(fields),
        _ => answer.to_string(),
    }
}

fn accepted(fields: &Map<String, Value>) -> String {
    let mut text = String::from("ok");
    if fields.get("replayed") == Some(&Value::Bool(true)) {
        text.push_str(" replayed");
    }
    match fields.get("standing").and_then(Value::as_str) {
        Some("posted") | None => {}
        Some(standing) => text.push_str(&format!(" {standing}")),
    }
    for granted in list(fields, "granted") {
        text.push_str(&format!(", granted {} {}", word(&granted["line"]), word(&granted["quantity"])));
    }
    for one in list(fields, "exceptions") {
        text.push_str(&format!(", {}", exception(one)));
    }
    text
}

fn refused(fields: &Map<String, Value>) -> String {
    let mut text = fields.get("code").map_or_else(String::new, word);
    for (key, value) in fields {
        match key.as_str() {
            "ok" | "code" | "shortages" | "message" => {}
            "expires" | "closed_through" | "latest" => {
                let moment = value.as_i64().map_or_else(|| value.to_string(), moment::format);
                text.push_str(&format!(" {key}={moment}"));
            }
            _ => text.push_str(&format!(" {key}={}", word(value))),
        }
    }
    let shortages: Vec<String> = list(fields, "shortages").iter().map(shortage).collect();
    if !shortages.is_empty() {
        text.push_str(&format!(" {}", shortages.join(", ")));
    }
    text
}

fn shortage(shortage: &Value) -> String {
    let [supply, owner] = ["supply", "owner"]
        .map(|key| shortage.get(key).map_or_else(String::new, |value| format!(" {key}={}", word(value))));
    let [sku, location, state] = ["sku", "location", "state"].map(|key| word(&shortage[key]));
    let [available, requested] = ["available", "requested"].map(|key| word(&shortage[key]));
    format!("{sku} {location} {state}{supply}{owner} available={available} requested={requested}")
}

/// An exception: its code, what it is about, who said it, and its units.
pub fn exception(exception: &Value) -> String {
    let mut text = word(&exception["code"]);
    for (before, key) in [
        (" ", "sku"),
        (" ", "location"),
        ("/", "place"),
        (" ", "state"),
        (" lot=", "lot"),
        (" owner=", "owner"),
        (" ", "subject"),
    ] {
        if let Some(value) = exception.get(key) {
            text.push_str(&format!("{before}{}", word(value)));
        }
    }
    if let Some(line) = exception.get("line").filter(|line| exception.get("sku") != Some(line)) {
        text.push_str(&format!(" line={}", word(line)));
    }
    if let (Some(source), Some(id)) = (exception.get("source"), exception.get("id")) {
        text.push_str(&format!(" by {}/{}", word(source), word(id)));
    }
    match exception.get("quantity").and_then(Value::as_i64) {
        Some(0) | None => text,
        Some(quantity) => format!("{text} {quantity}"),
    }
}

/// A list of exceptions, or `none`.
pub fn exceptions(list: &Value) -> String {
    let all: Vec<String> = list.as_array().into_iter().flatten().map(exception).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn list<'a>(fields: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    fields.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as a word.
pub fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
