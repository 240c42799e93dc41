//! A batch of text is read by the shape of the event before: whatever the next one says, it is read as it would be alone.

use onhand::rows::NameKind;
use onhand::{Book, Event, Time, testing};

const FIRST: &str = r#"{"source":"till","id":1,"kind":"sell","occurred":1000,"recorded":1001,"node":"S1","actor":"ana","lines":[{"sku":"TEA","quantity":2}]}"#;
const NEXT: &str = r#"{"source":"dock","id":2,"kind":"receipt","occurred":1002,"recorded":1003,"node":"S2","actor":"ana","lines":[{"sku":"CUP","quantity":9}]}"#;

/// A book that knows every name of the two events, so that both fit in rows.
fn book() -> Book {
    let mut book = testing::book(&["TEA", "CUP"], &["S1", "S2"]);
    // Events of sources and people that are not known yet fit in no row.
    let known = r#"[{"source":"till","id":90,"kind":"receipt","occurred":1,"node":"S1","actor":"ana","lines":[{"sku":"TEA","quantity":5}]},
        {"source":"dock","id":90,"kind":"receipt","occurred":1,"node":"S1","actor":"ben","lines":[{"sku":"TEA","quantity":5}]}]"#;
    assert_eq!(book.evolve_json(known).unwrap().posted, 2);
    // An event keeps of the people in it no more than the fingerprint: rows alone make them known.
    for person in ["ana", "ben"] {
        book.intern(NameKind::Word, person).unwrap();
    }
    book
}

/// What becomes of a batch, and the book after it: read as a batch, and event by event.
fn both_ways(text: &str) -> [Result<String, String>; 2] {
    let (mut batched, mut single) = (book(), book());
    let batch = batched.evolve_json(text).map_err(|error| error.to_string()).map(|batch| {
        format!(
            "{} {} {} {} {:?}",
            batch.posted,
            batch.replayed,
            batch.parked,
            batch.exceptions,
            batched.digest()
        )
    });
    let events = Event::list_from_json(text).map_err(|error| error.to_string()).map(|events| {
        let (mut posted, mut replayed, mut parked, mut exceptions) = (0, 0, 0, 0);
        for event in &events {
            let Ok(outcome) = single.evolve(event) else { continue };
            match outcome.standing.code() {
                _ if outcome.replayed => replayed += 1,
                "parked" | "too_old" => parked += 1,
                _ => posted += 1,
            }
            exceptions += outcome.exceptions.len();
        }
        format!("{posted} {replayed} {parked} {exceptions} {:?}", single.digest())
    });
    [batch, events]
}

fn agree(next: &str) {
    // The last one shows that the shape is not lost or spoilt by what came between.
    let text = format!("[{FIRST},{next},{}]", FIRST.replace("\"id\":1,", "\"id\":3,"));
    let [batch, events] = both_ways(&text);
    assert_eq!(batch, events, "{text}");
}

#[test]
fn values_that_differ_are_read_where_the_keys_are_the_same() {
    agree(NEXT);
    for (from, to) in [
        // Each part of a row by itself.
        ("\"id\":2", "\"id\":1"),
        ("dock", "till"),
        ("dock", "van"),
        ("receipt", "count"),
        ("receipt", "reserve"),
        ("receipt", "recept"),
        ("1002", "1"),
        ("1002", "-1"),
        ("1002", "253402300800000"),
        ("1003", "253402300800000"),
        ("1003", "null"),
        ("S2", "S3"),
        ("S2", ""),
        ("S2", " S2"),
        ("\"S2\"", "null"),
        ("\"S2\"", "7"),
        ("ana", "ben"),
        ("ana", "eve"),
        ("CUP", "MUG"),
        ("CUP", "C\\u0055P"),
        ("CUP", "C\\"),
        ("CUP", "C\nP"),
        (":9", ":-9"),
        (":9", ": 9"),
        (":9", ":09"),
        (":9", ":9.0"),
        (":9", ":9e1"),
        (":9", ":100000000001"),
        (":9", ":9223372036854775808"),
        (":9", ":99999999999999999999"),
        (":9", ":\"9\""),
        ("\"id\":2", "\"id\":0"),
        ("\"id\":2", "\"id\":-2"),
        ("\"id\":2", "\"id\":\"2\""),
        ("\"id\":2", "\"id\":9007199254740992"),
        // Keys in another order, twice, missing, more of them; another line; an end too early or too late.
        (r#""source":"dock","id":2"#, r#""id":2,"source":"dock""#),
        ("\"id\":2", "\"id\":2,\"id\":2"),
        ("\"id\":2,", ""),
        (",\"actor\":\"ana\"", ""),
        (":9", ":9,\"quantity\":9"),
        (":9", ":9,\"state\":\"damaged\""),
        (":9", ":9,\"colour\":\"red\""),
        (":9}", ":9},{\"sku\":\"TEA\",\"quantity\":1}"),
        (":9}", ":9"),
        ("}]}", "}]}}"),
        ("}]}", "}]"),
    ] {
        agree(&NEXT.replacen(from, to, 1));
    }
}

#[test]
fn nodes_are_told_apart_however_many_there_are() {
    let names: Vec<String> = (0..150).map(|place| format!("store-{place}")).collect();
    let nodes: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut book = testing::book(&["TEA"], &nodes);
    let one = |id: usize, node: &str| {
        format!(
            r#"{{"source":"till","id":{id},"kind":"receipt","occurred":{id},"node":"{node}","lines":[{{"sku":"TEA","quantity":{id}}}]}}"#
        )
    };
    let texts: Vec<String> = (1..).zip(nodes.iter().chain(&nodes)).map(|(id, node)| one(id, node)).collect();
    // The first batch makes the source known: only then do its events fit in rows.
    assert_eq!(book.evolve_json(&format!("[{}]", texts[0])).unwrap().posted, 1);
    assert_eq!(book.evolve_json(&format!("[{}]", texts.join(","))).unwrap().posted, 299);
    for (place, node) in (1..).zip(nodes) {
        let held = book.availability("TEA", node, Time::ZERO).unwrap().on_hand;
        assert_eq!(held, place + place + 150, "{node}");
    }
}

#[test]
fn no_change_of_one_byte_is_read_otherwise_in_a_batch() {
    for place in 0..NEXT.len() {
        for other in
            ["", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "0", "1", "-", ".", "e", "x", "é"]
        {
            agree(&[&NEXT[..place], other, &NEXT[place + 1..]].concat());
            agree(&[&NEXT[..place], other, &NEXT[place..]].concat());
        }
        let cut = format!("[{FIRST},{}", &NEXT[..place]);
        let [batch, events] = both_ways(&cut);
        assert_eq!(batch, events, "{cut}");
    }
}
