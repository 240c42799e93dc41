//! Content: what makes another event under an id that was used, and that a snapshot of an earlier day still knows it.

use std::path::PathBuf;

use onhand::{Book, Event};
use onhand_tests::history::History;
use onhand_tests::host;
use serde_json::{Value, json};

/// Events that say all that an event can say, and no two texts or numbers of one are the same. Of flags beside one another one is
/// up and one is not.
fn full() -> Vec<Value> {
    let line = |at: i64| {
        let word = |part: &str| format!("{part}-{at}");
        json!({
            "sku": word("sku"), "quantity": 100 + at, "line": word("line"), "node": word("at"),
            "owner": word("owner"), "lot": word("lot"), "place": word("place"), "to_place": word("to-place"),
            "state": "damaged", "to_state": "recalled", "to_sku": word("to-sku"), "supply": word("supply"),
            "value": 200 + at, "grams": 300 + at, "pack": word("pack"),
        })
    };
    let common = |id: u64, kind: &str| {
        json!({
            "source": "till", "id": id, "kind": kind, "occurred": 1_000, "actor": "ada", "role": "clerk",
            "node": "node", "to_node": "to-node", "to_subject": "to-subject", "channel": "web",
            "reason": "because", "expires": 3_000, "due": 4_000,
        })
    };
    let mut pick = common(1, "pick");
    (pick["subject"], pick["partial"]) = (json!("subject"), json!(true));
    pick["lines"] = json!([line(1), line(2), line(3)]);
    let terms = [
        (
            "item_change",
            json!({ "item": { "sku": "TEA", "unit": "each", "title": "Tea", "backorder_limit": 4 } }),
        ),
        (
            "node_change",
            json!({ "node": { "node": "S1", "type": "store", "title": "Shop", "on_line": true, "ships": false,
                "picks_up": true, "handling_ms": 0 } }),
        ),
        (
            "lane_change",
            json!({ "lane": { "node": "S1", "zone": "north", "method": "post", "open": true, "transit_ms": 0,
                "parcel_cost": 450, "unit_cost": 20 } }),
        ),
        (
            "protection_change",
            json!({ "protection": { "sku": "TEA", "node": "S1", "method": "post", "quantity": 3 } }),
        ),
        ("lot_change", json!({ "lot": { "sku": "TEA", "lot": "L1", "expires": 1, "recalled": false } })),
        (
            "catalogue_change",
            json!({ "card": { "list": "item", "name": "TEA", "title": "Tea", "category": "drinks", "by_lot": false,
                "life_on_arrival_ms": 1, "grams": 250, "grams_ppm": 2 } }),
        ),
        (
            "catalogue_change",
            json!({ "card": { "list": "pack", "name": "case", "of": "TEA", "title": "Case", "count": 12 } }),
        ),
    ];
    let mut request = common(2, "approval_request");
    (request["subject"], request["asks"]) = (json!("request"), json!("adjust"));
    request["lines"] = json!([{ "sku": "TEA", "quantity": 5 }]);
    let mut all = vec![pick, request];
    for (id, (kind, said)) in (3..).zip(terms) {
        let mut event = common(id, kind);
        event["terms"] = said;
        all.push(event);
    }
    all
}

/// The places of what a value says: each text, number and flag.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| leaves(field, &format!("{at}/{name}"), found));
        }
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(place, one)| leaves(one, &format!("{at}/{place}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// What is no part of the content.
const APART: &[&str] = &["/source", "/id", "/recorded"];

/// One event in another's words: two of its parts exchanged, a flag and a number where the one can be read as the other.
fn exchanged(event: &Value, one: &str, other: &str) -> Option<Value> {
    let (first, second) = (event.pointer(one)?, event.pointer(other)?);
    let (first, second) = match (first, second) {
        (Value::Bool(flag), Value::Number(number)) => (json!(number.as_i64()? == 1), json!(i64::from(*flag))),
        (Value::Number(number), Value::Bool(flag)) => (json!(i64::from(*flag)), json!(number.as_i64()? == 1)),
        (first, second) => (second.clone(), first.clone()),
    };
    let mut event = event.clone();
    *event.pointer_mut(one)? = first;
    *event.pointer_mut(other)? = second;
    Some(event)
}

/// One event less a part.
fn without(event: &Value, part: &str) -> Option<Value> {
    let mut event = event.clone();
    let (parent, name) = part.rsplit_once('/')?;
    event.pointer_mut(parent)?.as_object_mut()?.remove(name)?;
    Some(event)
}

/// One event with another text, number or flag in a part.
fn altered(event: &Value, part: &str) -> Option<Value> {
    let mut event = event.clone();
    let held = event.pointer_mut(part)?;
    *held = match held {
        Value::Bool(flag) => json!(!*flag),
        Value::Number(number) => json!(number.as_i64()? + 1),
        Value::String(_) if part == "/asks" => json!("write_off"),
        Value::String(text) => json!(format!("{text}x")),
        _ => return None,
    };
    Some(event)
}

fn read(event: &Value) -> Option<Event> {
    Event::from_json(&event.to_string()).ok().filter(|event| event.check().is_ok())
}

/// Law 3: the content is what was said, each part in its own place. Nothing is forgotten, and no part passes for another.
#[test]
fn no_part_of_an_event_is_left_out_or_passes_for_another() {
    for json in full() {
        let event = read(&json).unwrap_or_else(|| panic!("{json} is an event"));
        let mut book = Book::new();
        book.evolve(&event).unwrap();
        let mut parts = Vec::new();
        leaves(&json, "", &mut parts);
        parts.retain(|part| !APART.contains(&part.as_str()));
        let pairs = parts.iter().flat_map(|one| parts.iter().map(move |other| (one, other)));
        let mut others: Vec<Value> = pairs.filter_map(|(one, other)| exchanged(&json, one, other)).collect();
        others.extend(parts.iter().filter_map(|part| without(&json, part)));
        others.extend(parts.iter().filter_map(|part| altered(&json, part)));
        let others: Vec<Event> = others.iter().filter_map(read).filter(|other| *other != event).collect();
        assert!(others.len() >= parts.len(), "{} of {} parts of {json}", others.len(), parts.len());
        for other in others {
            let answers = [
                book.evolve(&other).map_err(|away| away.code()),
                book.execute(&other).map_err(|no| no.code()),
            ];
            for answer in answers {
                assert_eq!(
                    answer.err(),
                    Some("id_conflict"),
                    "{} after {}",
                    other.to_json(),
                    event.to_json()
                );
            }
        }
        assert!(book.evolve(&event).unwrap().replayed);
    }
}

fn kept(form: &str, extension: &str) -> PathBuf {
    host::folder().join("kept").join(form).with_extension(extension)
}

/// The newest form of a snapshot. A change of the format, or of what facts leave behind, needs a name of its own.
const NEWEST: &str = "format-2-states";

/// A snapshot of an earlier day opens for ever, byte by byte as it was, and knows every event that it was told.
///
/// A change that is meant needs a snapshot of its own beside the old ones; delete none.
#[test]
fn a_snapshot_of_an_earlier_day_knows_what_it_was_told() {
    let (snapshot, events) = (kept(NEWEST, "bin"), kept(NEWEST, "jsonl"));
    if !snapshot.exists() {
        let (mut book, mut told) = (Book::new(), String::new());
        let steps = History::new(2, 160, false).steps.into_iter();
        let random = steps.map(|step| step.event().clone());
        for event in full().iter().filter_map(read).chain(random) {
            if book.evolve(&event).is_ok_and(|outcome| !outcome.replayed) {
                told += &(event.to_json() + "\n");
            }
        }
        std::fs::write(&snapshot, book.snapshot()).unwrap();
        std::fs::write(&events, told).unwrap();
        panic!("there was no {}: look at what was written", snapshot.display());
    }
    for form in ["format-2", NEWEST] {
        knows_what_it_was_told(form);
    }
}

fn knows_what_it_was_told(form: &str) {
    let (snapshot, events) = (kept(form, "bin"), kept(form, "jsonl"));
    let snapshot = std::fs::read(snapshot).unwrap();
    let mut book = Book::restore(&snapshot).unwrap();
    assert_eq!(book.snapshot(), snapshot);
    let digest = book.digest();
    let told = std::fs::read_to_string(events).unwrap();
    for line in told.lines() {
        let event = Event::from_json(line).unwrap();
        assert!(book.evolve(&event).is_ok_and(|outcome| outcome.replayed), "{line}");
    }
    assert_eq!(book.digest(), digest);
    if form != NEWEST {
        return;
    }
    // And whoever is told the same today has the same book.
    let mut today = Book::new();
    for line in told.lines() {
        today.evolve(&Event::from_json(line).unwrap()).unwrap();
    }
    assert_eq!(today.snapshot(), snapshot);
}
