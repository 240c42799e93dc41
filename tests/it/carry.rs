//! What carries a book: snapshots that were damaged, bulk rows, and bytes that never were either.

use onhand::rows::{NameKind, ROW_BYTES, Row};
use onhand::{Book, Event, Image, Kind, StockState, Time, testing};
use onhand_tests::random::{Dice, Step, World};
use proptest::prelude::*;
use twox_hash::XxHash64;

/// The place of a state that no claim is met from.
const DAMAGED: u8 = 2;

/// A book of about 2 KiB with claims, counts, facts that wait and a closed period.
fn small_book() -> Book {
    let mut world = World::new(11, true);
    let mut book = Book::new();
    let mut words = Dice::new(12);
    let mut steps = world.first_steps();
    while book.snapshot().len() < 2_048 {
        steps.push(world.step(words.word()));
        for step in steps.drain(..) {
            let _ = match &step {
                Step::Fact(event) => book.evolve(event).is_ok(),
                Step::Command(event) => book.execute(event).is_ok(),
            };
        }
    }
    book
}

#[test]
fn every_bit_flip_is_refused() {
    let snapshot = small_book().snapshot();
    assert!(Book::restore(&snapshot).is_ok());
    for bit in 0..snapshot.len() * 8 {
        let mut damaged = snapshot.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Book::restore(&damaged).is_err(), "bit {bit} of {} was not missed", snapshot.len() * 8);
    }
}

#[test]
fn every_truncation_is_refused() {
    let snapshot = small_book().snapshot();
    for length in 0..snapshot.len() {
        assert!(Book::restore(&snapshot[..length]).is_err(), "{length} bytes of {}", snapshot.len());
    }
    let mut longer = snapshot.clone();
    longer.push(0);
    assert!(Book::restore(&longer).is_err());
}

/// First bytes of a snapshot; behind them stand its checksum and what it is the checksum of.
const MAGIC: &[u8] = b"onhand\x00\x02";
const CHECKED_FROM: usize = MAGIC.len() + 8;

/// Puts a right checksum before what was changed.
fn sealed(carried: &[u8]) -> Vec<u8> {
    [MAGIC, &XxHash64::oneshot(0, carried).to_le_bytes(), carried].concat()
}

#[test]
fn a_version_outlives_a_close_and_a_snapshot() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    for number in 1..=40 {
        let sale = format!(
            r#"{{ "kind": "sell", "source": "till", "id": {number}, "occurred": {number}, "node": "S1", "lines": [{{ "sku": "TEA", "quantity": 1 }}] }}"#
        );
        book.evolve(&Event::from_json(&sale).unwrap()).unwrap();
    }
    let close = r#"{ "kind": "period_close", "source": "office", "id": 1, "occurred": 100, "node": "S1", "due": 50 }"#;
    let before = book.version();
    book.evolve(&Event::from_json(close).unwrap()).unwrap();
    assert_eq!(book.version(), before + 1);
    assert_eq!(Book::restore(&book.snapshot()).unwrap().version(), before + 1);
}

/// A lie with a right checksum: refused, or a book that adds up and is its own only form.
fn refused_or_whole(snapshot: &[u8]) -> bool {
    let Ok(book) = Book::restore(snapshot) else { return Image::open(snapshot.to_vec()).is_err() };
    let skus = ["sku-a", "sku-b", "sku-c", "sku-d"];
    // What is found out on loading is found out on opening: afterwards nothing may be missing.
    let image = Image::open(snapshot.to_vec()).expect("what can be restored can be opened");
    assert_eq!(image.digest(), book.digest());
    assert_eq!(image.clone().into_book().snapshot(), snapshot);
    one_by_one(image, &book, &skus);
    let adds_up = skus.iter().all(|sku| {
        let inside: i64 = book.positions(sku).iter().map(|one| one.quantity).sum();
        inside + onhand::Outside::ALL.iter().map(|account| book.account(sku, *account)).sum::<i64>() == 0
    });
    // Questions about whatever was loaded are answered, not survived.
    let _ = book.exceptions(Time::MAX);
    adds_up && book.snapshot() == snapshot
}

/// Items that are brought one at a time say what they say in the whole book.
fn one_by_one(mut image: Image, book: &Book, skus: &[&str]) {
    let nodes = ["node-a", "node-b", "node-c"];
    for sku in skus.iter().rev() {
        let part = image.with(&[sku]);
        assert_eq!(part.positions(sku), book.positions(sku));
        for node in nodes {
            assert_eq!(part.availability(sku, node, Time::MAX), book.availability(sku, node, Time::MAX));
        }
        assert_eq!(part.version(), book.version());
    }
    assert_eq!(image.into_book().digest(), book.digest());
}

#[test]
fn a_lie_with_a_right_checksum_is_refused_or_adds_up() {
    let snapshot = small_book().snapshot();
    let carried = &snapshot[CHECKED_FROM..];
    assert_eq!(sealed(carried), snapshot);
    for bit in 0..carried.len() * 8 {
        let mut lie = carried.to_vec();
        lie[bit / 8] ^= 1 << (bit % 8);
        assert!(refused_or_whole(&sealed(&lie)), "bit {bit}");
    }
    for length in 0..carried.len() {
        assert!(refused_or_whole(&sealed(&carried[..length])), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(crate::cases_of(256))]

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Book::restore(&bytes);
        prop_assert!(refused_or_whole(&sealed(&bytes)));
        let mut book = testing::book(&["TEA"], &["S1"]);
        book.evolve_rows(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = Event::from_json(&text);
        let _ = Event::list_from_json(&text);
    }

    #[test]
    fn no_rows_are_a_panic(rows in prop::collection::vec((0u8..60, 0u8..12, 0u32..4, 0u64..6, -2i64..2_000, 0u32..4, 0u32..5, -4i64..9), 0..60)) {
        let mut book = testing::book(&["TEA", "CUP"], &["S1", "S2"]);
        for kind in [NameKind::Source, NameKind::Sku, NameKind::Node, NameKind::Word] {
            book.intern(kind, "new").unwrap();
        }
        let mut bytes = Vec::new();
        for (kind, state, source, number, occurred, sku, node, quantity) in rows {
            let state = if state > 10 { 255 } else { state };
            let row = Row { kind, state, source, number, occurred, sku, node, quantity, ..Row::new(Kind::Sell, 0, 1, Time::ZERO) };
            bytes.extend_from_slice(&row.to_bytes());
        }
        let outcome = book.evolve_rows(&bytes);
        let sum = outcome.posted + outcome.replayed + outcome.parked + outcome.turned_away;
        prop_assert_eq!(sum, outcome.rows);
        prop_assert_eq!(Book::restore(&book.snapshot()).unwrap().digest(), book.digest());
    }

    /// Half of a valid text, a valid text with one character changed: read or refused, never a panic.
    #[test]
    fn no_text_is_a_panic(seed: u64, word: u64, at: prop::sample::Index, with: char) {
        let mut world = World::new(seed, true);
        let text = world.step(word).event().to_json();
        let mut changed: Vec<char> = text.chars().collect();
        let at = at.index(changed.len());
        let half: String = changed[..at].iter().collect();
        prop_assert!(Event::from_json(&half).is_err());
        changed[at] = with;
        if let Ok(event) = Event::from_json(&changed.into_iter().collect::<String>()) {
            let mut book = testing::book(&["TEA"], &["S1"]);
            let _ = book.evolve(&event);
            let _ = book.execute(&event);
        }
    }

    /// A row says what the event with its parts says: the book is the same either way, in one batch or in several, and so is what is
    /// told of contradictions.
    #[test]
    fn rows_are_events(rows in prop::collection::vec((0usize..6, 1u64..40, 0i64..400, 0u32..3, 0u32..3, 0i64..5, 0usize..3, 0usize..6), 1..80), cut: prop::sample::Index) {
        let kinds = [Kind::Sell, Kind::Receipt, Kind::Count, Kind::ReturnReceive, Kind::Adjust, Kind::Opening];
        assert_eq!(StockState::ALL[usize::from(DAMAGED)], StockState::Damaged);
        // The last item and node are not known yet.
        let mut book = testing::book(&["TEA", "CUP"], &["S1", "S2"]);
        let source = book.intern(NameKind::Source, "till").unwrap();
        let skus: Vec<u32> = ["TEA", "CUP", "NEW"].iter().map(|sku| book.intern(NameKind::Sku, sku).unwrap()).collect();
        let nodes: Vec<u32> = ["S1", "S2", "NEW"].iter().map(|node| book.intern(NameKind::Node, node).unwrap()).collect();
        // Claims on what is not there yet, and a lot beside the units of none.
        for fact in [
            r#"{ "kind": "receipt", "source": "dock", "id": 1, "occurred": 0, "node": "S1", "lines": [{ "sku": "CUP", "quantity": 3, "lot": "L1" }] }"#,
            r#"{ "kind": "reserve", "source": "shop", "id": 1, "occurred": 1, "subject": "order-1", "node": "S1", "lines": [{ "sku": "TEA", "quantity": 4 }] }"#,
        ] {
            book.evolve(&Event::from_json(fact).unwrap()).unwrap();
        }
        let words = [u32::MAX, book.intern(NameKind::Word, "ada").unwrap(), book.intern(NameKind::Word, "clerk").unwrap()];
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(kind, number, occurred, sku, node, quantity, actor, role)| Row {
                state: if role < 3 { 255 } else { DAMAGED },
                actor: words[actor],
                role: words[role % 3],
                sku: skus[sku as usize],
                node: nodes[node as usize],
                quantity,
                ..Row::new(kinds[kind], source, number, Time::new(occurred).unwrap())
            })
            .collect();
        let mut as_events = book.clone();
        let mut in_two = book.clone();
        let (mut turned_away, mut exceptions) = (0, 0);
        for row in &rows {
            let event = as_events.event_of(row).unwrap();
            match as_events.evolve(&event) {
                Ok(outcome) => exceptions += outcome.exceptions.len(),
                Err(_) => turned_away += 1,
            }
        }
        let bytes: Vec<u8> = rows.iter().flat_map(Row::to_bytes).collect();
        let outcome = book.evolve_rows(&bytes);
        prop_assert_eq!((outcome.turned_away, outcome.exceptions as usize), (turned_away, exceptions));
        prop_assert_eq!(book.digest(), as_events.digest());
        for row in &rows {
            let event = as_events.event_of(row).unwrap();
            prop_assert_eq!(book.clone().evolve(&event).is_ok(), as_events.evolve(&event).is_ok(), "{:?}", row);
        }
        let (first, second) = bytes.split_at(cut.index(rows.len()) * ROW_BYTES);
        in_two.evolve_rows(first);
        in_two.evolve_rows(second);
        prop_assert_eq!(in_two.digest(), book.digest());
        prop_assert_eq!(in_two.exceptions(Time::MAX), book.exceptions(Time::MAX));
    }
}
