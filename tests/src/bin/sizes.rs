//! `sizes`: what is too large or too deep is refused by name, at no more cost than the largest that is right.
//!
//! Each door of the crate takes its largest valid input, and then inputs that no honest caller has. Every byte that is asked for
//! is counted: what is refused may hold three times what the largest valid input held, and changes nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use onhand::limits::{LINES_MAX, NAME_BYTES_MAX, REQUEST_LINES_MAX};
use onhand::promise::{Destination, Request, RequestLine};
use onhand::rows::NameKind;
use onhand::{Book, Event, Id, Kind, Line, Name, Quantity, StockState, Time, testing};
use twox_hash::XxHash64;

/// The system's allocator, counting.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came; the counters touch no memory of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's layout, unchanged.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's place and layout, unchanged.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a door answered, the bytes that it held at most beyond those before, and how long it took.
fn measured(act: impl FnOnce() -> String) -> (String, usize, f64) {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let started = Instant::now();
    let answer = act();
    (answer, MOST.load(Ordering::Relaxed) - before, started.elapsed().as_secs_f64() * 1e3)
}

/// Holds the inputs of one door against each other.
struct Door {
    name: &'static str,
    /// Bytes that the largest valid input held.
    most: usize,
    passed: u64,
    failed: u64,
}

impl Door {
    fn new(name: &'static str, largest: impl FnOnce() -> String) -> Door {
        let (answer, most, ms) = measured(largest);
        let mut door = Door { name, most, passed: 0, failed: 0 };
        door.say("the largest that is right", &answer, answer.starts_with("ok"), most, ms);
        door
    }

    /// Refused, and the answer has this word in it.
    fn refuses(&mut self, what: &str, word: &str, act: impl FnOnce() -> String) {
        let (answer, held, ms) = measured(act);
        let right = !answer.starts_with("ok") && answer.contains(word) && held <= 3 * self.most;
        self.say(what, &answer, right, held, ms);
    }

    fn say(&mut self, what: &str, answer: &str, right: bool, held: usize, ms: f64) {
        let answer: String = answer.chars().take(60).collect();
        let mark = if right { "" } else { "WRONG " };
        println!("{mark}{:<9} {what:<44} {:>10} bytes {ms:>8.1} ms  {answer}", self.name, held);
        self.passed += u64::from(right);
        self.failed += u64::from(!right);
    }
}

fn main() -> ExitCode {
    let doors = [typed_events(), texts(), batches(), rows(), snapshots(), requests(), names()];
    let sum = |of: fn(&Door) -> u64| doors.iter().map(of).sum::<u64>();
    let (passed, failed) = (sum(|door| door.passed), sum(|door| door.failed));
    println!("sizes: {passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn book() -> Book {
    testing::book(&["TEA"], &["S1"])
}

/// A receipt of many lines, each with a lot of its own as long as a name can be.
fn receipt(lines: usize) -> Event {
    let mut event =
        Event::new(name("dock"), Id::Number(1), Kind::Receipt, Time::new(1_000).expect("in range"));
    event.node = Some(name("S1"));
    event.lines = (0..lines)
        .map(|number| {
            let mut line = Line::new(name("TEA"), 100_000_000_000).expect("in range");
            line.lot = Some(name(&format!("{number:0>width$}", width = NAME_BYTES_MAX)));
            line
        })
        .collect();
    event
}

/// The book's answer; a refusal must have left it as it was.
fn told(book: &mut Book, answer: Result<(), String>, digest: [u8; 32]) -> String {
    match answer {
        Ok(()) => "ok".to_owned(),
        Err(_) if book.digest() != digest => "ok, and the book is another".to_owned(),
        Err(why) => why,
    }
}

fn typed_events() -> Door {
    let (mut book, digest) = (book(), book().digest());
    let largest = receipt(LINES_MAX);
    let mut door = Door::new("event", || {
        let mut fresh = self::book();
        told(&mut fresh, self::book().evolve(&largest).map(drop).map_err(|away| away.to_string()), digest)
    });
    for (what, lines) in [("one line more", LINES_MAX + 1), ("a million lines", 1_000_000)] {
        let event = receipt(lines);
        door.refuses(what, "lines", || {
            let answer = book.evolve(&event).map(drop).map_err(|away| away.to_string());
            told(&mut book, answer, digest)
        });
    }
    let mut hold = receipt(LINES_MAX + 1);
    (hold.kind, hold.subject) = (Kind::Reserve, Some(name("order-1")));
    door.refuses("an intent of one line more", "lines", || {
        let answer = book.execute(&hold).map(drop).map_err(|refusal| refusal.to_string());
        told(&mut book, answer, digest)
    });
    wide(&mut door);
    door
}

/// Events of as many lines, each at a place of its own of one item by lots: each place is looked at for itself, and not all of them
/// for each.
fn wide(door: &mut Door) {
    let mut book = book();
    let place = |line: &mut Line, number: usize| line.place = Some(name(&format!("bin-{number}")));
    let mut fill = receipt(LINES_MAX);
    for (number, line) in fill.lines.iter_mut().enumerate() {
        place(line, number);
        (line.quantity, line.lot) = (Quantity::try_from(2).expect("in range"), Some(name("L1")));
    }
    book.evolve(&fill).expect("posted");
    let mut ask = fill.clone();
    for line in &mut ask.lines {
        (line.quantity, line.lot) = (Quantity::try_from(1).expect("in range"), None);
    }
    (ask.kind, ask.reason) = (Kind::WriteOff, Some(name("spoilt")));
    for (number, what, kind) in [
        (2, "an intent at as many places by lots", Kind::WriteOff),
        (3, "a count of as many places", Kind::Count),
    ] {
        (ask.id, ask.kind) = (Id::Number(number), kind);
        let posts = |book: &mut Book| match kind {
            Kind::Count => book.evolve(&ask).map_err(|away| away.to_string()),
            _ => book.execute(&ask).map_err(|refusal| refusal.to_string()),
        };
        let (answer, held, ms) = measured(|| format!("{:?}", posts(&mut book).map(|posted| posted.standing)));
        door.say(what, &answer, answer == "Ok(Posted)" && held <= 3 * door.most, held, ms);
    }
}

fn texts() -> Door {
    let text = receipt(LINES_MAX).to_json();
    let read = |text: &str| match Event::from_json(text) {
        Ok(event) if event.check().is_ok() => "ok".to_owned(),
        Ok(event) => event.check().expect_err("checked").to_string(),
        Err(error) => error.to_string(),
    };
    let mut door = Door::new("text", || read(&text));
    for (what, lines) in [("one line more", LINES_MAX + 1), ("a hundred thousand lines", 100_000)] {
        let text = receipt(lines).to_json();
        door.refuses(what, "lines", || read(&text));
    }
    let (start, end) = text.split_once("\"S1\"").expect("a node");
    for (what, value, word) in [
        ("a name of 64 MiB", format!("\"{}\"", "x".repeat(64 << 20)), "too_long"),
        ("a name of 129 bytes", format!("\"{}\"", "x".repeat(129)), "too_long"),
        ("a number of a million digits", "9".repeat(1_000_000), "expected"),
        ("lists, a million deep", "[".repeat(1_000_000), "expected"),
        ("objects, 17 deep", "{\"node\":".repeat(17), "expected"),
    ] {
        let text = format!("{start}{value}{end}");
        door.refuses(what, word, || read(&text));
    }
    let keys: String = (0..1_000_000).map(|key| format!("\"key-{key}\":1,")).collect();
    let text = format!("{{{keys}\"kind\":\"sell\"}}");
    door.refuses("a million keys", "key-0", || read(&text));
    door.refuses("nothing", "expected", || read(""));
    door
}

fn batches() -> Door {
    const SALES: usize = 200_000;
    let sale = |number: usize| {
        format!(
            r#"{{"kind":"sell","source":"till","id":{number},"occurred":{number},"node":"S1","lines":[{{"sku":"TEA","quantity":1}}]}}"#
        )
    };
    let text = format!("[{}]", (1..=SALES).map(sale).collect::<Vec<_>>().join(","));
    let digest = book().digest();
    let read = |text: &str| {
        let mut book = book();
        let answer = book.evolve_json(text).map(drop).map_err(|error| error.to_string());
        told(&mut book, answer, digest)
    };
    let mut door = Door::new("batch", || read(&text));
    for (what, bad, word) in [
        ("as long, and nothing but brackets", "[".repeat(text.len()), "expected"),
        ("as long, and cut off", text[..text.len() - 1].to_owned(), "expected"),
        ("as long, one event of many lines", one_event(text.len()), "lines"),
        ("as long, the last of another form", text.replace(&format!("\"id\":{SALES},"), "\"id\":-1,"), "id"),
        ("as long, one name", format!("[{{\"source\":\"{}\"}}]", "x".repeat(text.len())), ""),
    ] {
        door.refuses(what, word, || read(&bad));
    }
    door
}

fn one_event(bytes: usize) -> String {
    let line = r#"{"sku":"TEA","quantity":1},"#;
    let lines = line.repeat(bytes / line.len());
    format!(
        r#"[{{"kind":"sell","source":"till","id":1,"occurred":1,"node":"S1","lines":[{}]}}]"#,
        lines.trim_end_matches(',')
    )
}

fn rows() -> Door {
    const ROWS: u32 = 200_000;
    use onhand::rows::Row;
    let bytes = |change: fn(&mut Row)| -> (Book, Vec<u8>) {
        let mut book = book();
        let source = book.intern(NameKind::Source, "till").expect("room");
        let sku = book.intern(NameKind::Sku, "TEA").expect("room");
        let node = book.intern(NameKind::Node, "S1").expect("room");
        let mut bytes = Vec::new();
        for number in 1..=ROWS {
            let mut row = Row::new(Kind::Sell, source, number.into(), Time::new(1_000).expect("in range"));
            (row.sku, row.node, row.quantity) = (sku, node, 1);
            change(&mut row);
            bytes.extend_from_slice(&row.to_bytes());
        }
        (book, bytes)
    };
    let told = |book: &mut Book, bytes: &[u8]| {
        let digest = book.digest();
        let outcome = book.evolve_rows(bytes);
        match outcome.turned_away == 0 {
            true => "ok".to_owned(),
            false if book.digest() != digest => "ok, and the book is another".to_owned(),
            false => format!("{} turned away", outcome.turned_away),
        }
    };
    let (mut book, valid) = bytes(|_| {});
    let mut door = Door::new("rows", || told(&mut book, &valid));
    for (what, change) in [
        ("numbers that no name has", (|row| row.sku = u32::MAX) as fn(&mut Row)),
        ("quantities beyond all limits", |row| row.quantity = i64::MAX),
        ("moments beyond the calendar", |row| row.occurred = i64::MAX),
        ("numbers of events beyond all limits", |row| row.number = u64::MAX),
        ("a kind that is none", |row| row.kind = u8::MAX),
    ] {
        let (mut book, bad) = bytes(change);
        door.refuses(what, "turned away", || told(&mut book, &bad));
    }
    door
}

fn snapshots() -> Door {
    let mut book = book();
    book.evolve(&receipt(LINES_MAX)).expect("accepted");
    let snapshot = book.snapshot();
    let read = |bytes: &[u8]| match Book::restore(bytes) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    };
    let mut door = Door::new("snapshot", || read(&snapshot));
    // A right checksum under counts that are not there.
    let sealed = |canonical: &[u8]| {
        let carried = [&1u64.to_le_bytes(), canonical].concat();
        [&snapshot[..8], &XxHash64::oneshot(0, &carried).to_le_bytes(), &carried].concat()
    };
    for length in [1u64 << 20, 1 << 32, 1 << 62] {
        let mut body = Vec::new();
        let mut left = length;
        while left >= 0x80 {
            body.push((left & 0x7f) as u8 | 0x80);
            left >>= 7;
        }
        body.push(left as u8);
        let bytes = sealed(&body);
        door.refuses(&format!("a count of {length} and nothing behind it"), "", || read(&bytes));
    }
    let ones = sealed(&vec![1; snapshot.len()]);
    door.refuses("as long, and every count 1", "", || read(&ones));
    let cut = snapshot[..snapshot.len() / 2].to_vec();
    door.refuses("half of it", "", || read(&cut));
    door.refuses("nothing", "", || read(&[]));
    door
}

fn requests() -> Door {
    let book = {
        let mut book = book();
        book.evolve(&receipt(LINES_MAX)).expect("accepted");
        book
    };
    let request = |lines: usize| {
        let mut request = Request::new(Destination::PickUp(name("S1")), Time::new(2_000).expect("in range"));
        let units = Quantity::new(1).expect("in range");
        let line = |number: usize| RequestLine {
            sku: name("TEA"),
            quantity: units,
            line: Some(name(&format!("L{number}"))),
        };
        request.lines = (0..lines).map(line).collect();
        request
    };
    let ask = |request: &Request| match book.promise(request) {
        Ok(_) => "ok".to_owned(),
        Err(refused) => refused.code().to_owned(),
    };
    let largest = request(REQUEST_LINES_MAX);
    let mut door = Door::new("request", || ask(&largest));
    for (what, lines) in [("one line more", REQUEST_LINES_MAX + 1), ("a million lines", 1_000_000)] {
        let request = request(lines);
        door.refuses(what, "too_many_lines", || ask(&request));
    }
    door
}

fn names() -> Door {
    let read =
        |text: &str| Name::new(text).map_or_else(|problem| problem.code().to_owned(), |_| "ok".to_owned());
    let mut door = Door::new("name", || read(&"x".repeat(NAME_BYTES_MAX)));
    let long = "x".repeat(256 << 20);
    door.refuses("a byte more", "too_long", || read(&long[..NAME_BYTES_MAX + 1]));
    door.refuses("256 MiB", "too_long", || read(&long));
    let mut book = book();
    door.refuses("256 MiB to be interned", "", || {
        book.intern(NameKind::Sku, &long).map_or_else(|error| error.code().to_owned(), |_| "ok".to_owned())
    });
    assert_eq!(book.quantity("TEA", "S1", None, StockState::Sellable), 0);
    door
}
