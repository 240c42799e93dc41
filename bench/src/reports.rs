//! Figures from what the project's other commands wrote: tests, cases and the demo.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::measure::Measure;

/// Everything that is found under a folder of reports.
pub fn read_all(folder: &Path) -> Vec<Measure> {
    let mut measures = Vec::new();
    if let Ok(log) = fs::read_to_string(folder.join("test.log")) {
        measures.extend(tests(&log));
    }
    let json = |name: &str| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).ok()?).ok()
    };
    if let Some(cases) = json("cases.json") {
        measures.extend(case_counts(&cases));
    }
    if let Some(demo) = json("demo.json") {
        let shuffled = [json("demo-shuffle.json"), json("demo-reverse.json")];
        measures.extend(demo_figures(&demo, &shuffled));
    }
    measures
}

/// The closing line of `cargo xtask test`, and the laws and planted bugs by the names of their tests.
fn tests(log: &str) -> Vec<Measure> {
    let closing = log.lines().rev().find_map(|line| line.trim().strip_prefix("test: "));
    let Some(closing) = closing else { return Vec::new() };
    let count = |word: &str| {
        let part = closing.split(", ").find_map(|part| part.strip_suffix(word))?;
        part.trim().parse::<f64>().ok()
    };
    let figure = |key: &str, word: &str| Some(Measure::figure(key, count(word)?));
    [figure("tests_passed", "passed"), figure("tests_failed", "failed"), figure("tests_skipped", "skipped")]
        .into_iter()
        .flatten()
        .collect()
}

/// `cargo xtask cases --json`: how many cases each host ran, and how many differed without saying why.
fn case_counts(report: &Value) -> Vec<Measure> {
    let rows = report.as_array().or_else(|| report.get("cases").and_then(Value::as_array));
    let Some(rows) = rows else { return Vec::new() };
    let mut by_host: BTreeMap<&str, f64> = BTreeMap::new();
    let mut differing = 0.0;
    for row in rows {
        let host = row.get("host").and_then(Value::as_str).unwrap_or("unknown");
        *by_host.entry(host).or_default() += 1.0;
        let says_why = row.get("differs_because").is_some_and(|why| !why.is_null());
        if row.get("expected") != row.get("got") && !says_why {
            differing += 1.0;
        }
    }
    let hosts = by_host.iter().map(|(host, count)| Measure::figure(&format!("cases_{host}"), *count));
    hosts.chain([Measure::figure("cases_differing", differing)]).collect()
}

/// `cargo xtask demo --json`, and the same events in other orders of arrival.
fn demo_figures(demo: &Value, others: &[Option<Value>]) -> Vec<Measure> {
    let mut measures = Vec::new();
    let number = |name: &str| demo.get(name).and_then(Value::as_f64);
    for (key, name) in [
        ("demo_unexplained", "unexplained"),
        ("demo_events", "events"),
        ("demo_positions", "positions"),
        ("demo_books_open", "books_open"),
    ] {
        measures.extend(number(name).map(|value| Measure::figure(key, value)));
    }
    // Promises by the exact rule come first, then those from the nearest node.
    let cost =
        |year: &str| demo.pointer(&format!("/promises/{year}/cents_of_all_rules")).and_then(Value::as_f64);
    if let (Some(exact), Some(nearest)) = (cost("0"), cost("1")) {
        measures.push(Measure::figure("demo_greedy_cost", nearest / exact.max(1.0)));
    }
    let digest = |report: &Value, side: &str| report.pointer(&format!("/digest/{side}")).cloned();
    let native = digest(demo, "native");
    if let (Some(native), Some(wasm)) = (&native, digest(demo, "wasm")) {
        measures.push(Measure::figure("demo_digests_differing", f64::from(u8::from(*native != wasm))));
    }
    let orders: Vec<&Value> = others.iter().flatten().collect();
    if native.is_some() && orders.len() == others.len() {
        let differing = orders.iter().filter(|order| digest(order, "native") != native).count();
        measures.push(Measure::figure("demo_orders_differing", differing as f64));
    }
    measures
}
