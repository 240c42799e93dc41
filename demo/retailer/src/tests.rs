//! A small year from end to end: explained to the last unit, one digest in every order, and a check that would see a mistake.

use std::path::PathBuf;

use onhand::rows::Row;
use onhand::{Kind, StockState};

use crate::catalogue::Shape;
use crate::input::{Input, Product, TillLine};
use crate::log::{Log, Order, Origin, Record};
use crate::network;
use crate::orders;
use crate::progress::Progress;
use crate::recorder::{Intents, register};
use crate::replay::{self, Native};
use crate::report::Rows;
use crate::tills::{self, Oddities};
use crate::truth::{Mistake, Place, Truth, Unexplained};
use crate::world::{DAY, HOUR, World, name, time};
use crate::year::{Notes, Year};

const ORDERS: [Order; 4] = [Order::Arrival, Order::Shuffled(7), Order::Shuffled(8), Order::Reversed];

fn small_network() -> Year {
    network::generate(Shape { stores: 9, items: 24, days: 120, seed: 5 }, &Progress::quiet())
}

fn replayed(year: &Year, order: Order) -> Native {
    static FILES: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = FILES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file: PathBuf =
        std::env::temp_dir().join(format!("onhand-demo-test-{}-{number}", std::process::id()));
    year.log.write(&file, order).unwrap();
    let native = replay::native(&file, &Progress::quiet()).unwrap();
    std::fs::remove_file(file).unwrap();
    native
}

fn unexplained(year: &Year, native: &Native) -> Unexplained {
    year.truth.compare(&native.book, year.log.skus.list(), year.log.nodes.list())
}

/// Every order of arrival ends in one digest, explained by the mistakes; answers the book of the order as it was.
fn assert_one_truth(year: &Year) -> Native {
    let [arrival, others @ ..] = ORDERS.map(|order| replayed(year, order));
    for native in &others {
        assert_eq!(native.book.digest(), arrival.book.digest());
        assert_eq!(native.all.turned_away, 0);
    }
    let found = unexplained(year, &arrival);
    assert_eq!((found.positions, found.units), (0, 0), "{found:?}");
    assert!(found.differing > 0, "without mistakes in the book nothing is proven: {found:?}");
    arrival
}

#[test]
fn a_network_is_explained_and_has_one_digest() {
    let year = small_network();
    let native = assert_one_truth(&year);
    let mistakes = year.truth.mistakes();
    for mistake in [Mistake::WrongReceipt, Mistake::UnrecordedLoss, Mistake::DatedLate, Mistake::Miscounted] {
        let made = mistakes[mistake.code()];
        assert!(made.found_by_a_count > 0 && made.open > 0, "{mistake:?}: {made:?}");
    }
    assert!(mistakes.contains_key(Mistake::CountedWhileMoving.code()));
    assert!(year.notes.sales_before_their_delivery > 0);
    assert!(year.intents.accepted > 0 && year.intents.refused.values().sum::<u64>() > 0);
    let read = year.notes.lines_by_item.values().sum();
    let rows = Rows::new(read, 0, native.tills, Oddities::default(), &native.book, orders::now(&year.world));
    assert!(rows.add_up() && rows.posted == read, "{rows:?}");
}

#[test]
fn the_same_seed_makes_the_same_year() {
    let digest = |seed| {
        let shape = Shape { stores: 3, items: 6, days: 30, seed };
        replayed(&network::generate(shape, &Progress::quiet()), Order::Arrival).book.digest()
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn a_mistake_that_was_not_seeded_is_seen() {
    let mut year = small_network();
    let mut row = Row::new(Kind::Opening, 0, 1_000_000, time(year.world.end));
    (row.sku, row.node, row.quantity) = (3, 2, 1);
    year.log.push(&Record::row(Kind::Opening, &row), Origin::Other);
    let found = unexplained(&year, &replayed(&year, Order::Arrival));
    assert_eq!((found.positions, found.units), (1, 1));
}

#[test]
fn a_loss_that_the_truth_forgot_is_seen() {
    let mut year = small_network();
    let native = replayed(&year, Order::Arrival);
    year.truth.moved(Place::shelf(3, 2), -2);
    let found = unexplained(&year, &native);
    assert_eq!((found.positions, found.units), (1, 2));
}

#[test]
fn a_place_that_only_the_book_knows_is_seen() {
    let mut year = small_network();
    let mut row = Row::new(Kind::Opening, 0, 1_000_000, time(year.world.end));
    // The web shop has no shelf.
    (row.sku, row.node, row.quantity) = (3, 11, 4);
    year.log.push(&Record::row(Kind::Opening, &row), Origin::Other);
    let found = unexplained(&year, &replayed(&year, Order::Arrival));
    assert_eq!((found.positions, found.units), (1, 4));
}

#[test]
fn facts_beyond_what_a_book_parks_are_sent_again() {
    let world = World::invented(Shape { stores: 1, items: 1, days: 1, seed: 1 });
    let mut year = Year {
        log: Log::default(),
        truth: Truth::default(),
        notes: Notes::default(),
        intents: Intents::default(),
        world,
    };
    register(&mut year.log, &year.world, &["till-1".to_owned()]);
    for event in year.world.master_data() {
        year.log.push(&Record::text(&event), Origin::Other);
    }
    for number in 1..=onhand::limits::PARKED_MAX as u64 + 500 {
        let mut row = Row::new(Kind::Sell, 0, number, time(year.world.start));
        (row.sku, row.node, row.quantity) = (0, 0, 1);
        year.log.push(&Record::row(Kind::Sell, &row), Origin::Till);
    }
    let (arrival, reversed) = (replayed(&year, Order::Arrival), replayed(&year, Order::Reversed));
    assert_eq!((arrival.passes, reversed.passes), (1, 2));
    assert_eq!((arrival.tills.parked, reversed.tills.parked), (0, onhand::limits::PARKED_MAX as u64));
    assert_eq!(reversed.all.turned_away, 0);
    assert_eq!(arrival.book.digest(), reversed.book.digest());
}

#[test]
fn orders_are_answered_from_what_is_there() {
    let year = small_network();
    let answered = orders::answer(&year, &replayed(&year, Order::Arrival).book).unwrap();
    assert_eq!(answered.len(), 5);
    let [parcel, collected, _, split, impossible] = answered.as_slice() else { panic!("five orders") };
    assert!(parcel.offer.unmet.is_empty() && !parcel.offer.shipments.is_empty());
    assert_eq!(collected.offer.shipments.len(), 1);
    assert!(split.offer.unmet.is_empty() && split.offer.shipments.len() > 1);
    let short = &impossible.offer.unmet[0];
    assert_eq!(short.quantity, impossible.request.lines[0].quantity.units() - short.available);
    assert!(answered.iter().all(|one| one.offer.proven));
}

fn till_lines() -> Input {
    let start = 1_483_228_800_000;
    let mut lines = Vec::new();
    for at in 0..2_000_i64 {
        // Product 9 is in no product file, 8 is fuel.
        let product = at % 9 + 1;
        let quantity = [1, 2, 0, 3][(at % 4) as usize] * if product == 8 { 700 } else { 1 };
        lines.push(TillLine {
            id: name(&format!("{at}-{product}")),
            when: start + at * 4 * HOUR,
            store: name(&(at % 5).to_string()),
            product: name(&product.to_string()),
            quantity,
            cents: if at % 10 == 0 { 0 } else { 150 * quantity },
            below_a_cent: false,
        });
    }
    lines.push(lines[4].clone());
    let kind = |product| if product == 8 { "GASOLINE-REG UNLEADED" } else { "TEA" };
    let product = |at: i64| (at.to_string(), Product { kind: kind(at).into(), ..Product::default() });
    Input { lines, repeated: 1, products: (1..9).map(product).collect() }
}

#[test]
fn till_lines_are_explained_and_add_up() {
    let input = till_lines();
    let (year, oddities) = tills::generate(&input, 3);
    assert_eq!((year.world.end - year.world.start) / DAY, 334);
    let native = assert_one_truth(&year);
    let read = input.lines.len() as u64;
    for order in ORDERS {
        let native = replayed(&year, order);
        let rows =
            Rows::new(read, input.repeated, native.tills, oddities, &native.book, orders::now(&year.world));
        assert!(rows.add_up(), "{rows:?}");
        assert_eq!((rows.read, rows.posted, rows.parked, rows.repeated), (2001, 1778, 222, 1));
    }
    assert_eq!(oddities.unknown_item, 222);
    assert_eq!(oddities.quantity_zero, 500);
    assert!(oddities.fuel > 100 && oddities.money_zero > 0);
    // Fuel has a unit of its own, and what is sold of an unknown item is nowhere.
    let units = crate::report::Report::units_of(&year, &native.book);
    assert_eq!(units.keys().copied().collect::<Vec<_>>(), ["each", "fuel_unit"]);
    assert_eq!(native.book.quantity("9", "store-0", None, StockState::Sellable), 0);
}
