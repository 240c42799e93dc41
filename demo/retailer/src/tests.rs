//! A small year from end to end: explained to the last unit, one digest in every order, and a check that would see a mistake.

use std::path::PathBuf;
use std::sync::LazyLock;

use onhand::rows::Row;
use onhand::{Kind, StockState};

use crate::books::{Books, Class};
use crate::catalogue::Shape;
use crate::input::{Input, Product, TillLine};
use crate::log::{Log, Order, Origin, Record};
use crate::network;
use crate::orders;
use crate::plot;
use crate::progress::Progress;
use crate::promises::{self, Rule};
use crate::recorder::{Intents, register, subject_of};
use crate::replay::{self, Native};
use crate::report::{Rows, retail};
use crate::tills::{self, Oddities};
use crate::truth::{Mistake, Place, Truth, Unexplained};
use crate::world::{DAY, HOUR, World, name, time};
use crate::year::{Notes, Year};

const ORDERS: [Order; 4] = [Order::Arrival, Order::Shuffled(7), Order::Shuffled(8), Order::Reversed];

const SMALL: Shape = Shape { stores: 9, items: 24, days: 120, seed: 5 };

fn small_network() -> Year {
    network::generate(SMALL, &Progress::quiet())
}

/// The same, made once, for tests that only read it.
fn shared_network() -> &'static Year {
    static YEAR: LazyLock<Year> = LazyLock::new(small_network);
    &YEAR
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
    let year = shared_network();
    let native = assert_one_truth(year);
    let mistakes = year.truth.mistakes();
    for mistake in [Mistake::WrongReceipt, Mistake::UnrecordedLoss, Mistake::DatedLate] {
        let made = mistakes[mistake.code()];
        assert!(made.found_by_a_count > 0, "{mistake:?}: {made:?}");
    }
    assert!(mistakes.contains_key(Mistake::CountedWhileMoving.code()));
    assert!(mistakes[Mistake::Miscounted.code()].found_by_a_count > 0, "{mistakes:?}");
    assert!(mistakes[Mistake::LostInTransit.code()].set_right > 0, "{mistakes:?}");
    assert!(mistakes.contains_key(Mistake::NotYetApproved.code()));
    assert!(mistakes.values().map(|made| made.open).sum::<u64>() > 0, "{mistakes:?}");
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
        promises: None,
        since: std::collections::HashMap::new(),
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
    let year = shared_network();
    let answered = orders::answer(year, &replayed(year, Order::Arrival).book).unwrap();
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

#[test]
fn a_year_goes_through_every_workflow() {
    let year = shared_network();
    let kinds = year.log.by_kind();
    let needed = "adjust approval_grant approval_request count count_explain expire grade hand_over \
                  liquidate mark_down period_close pick price_change receipt receipt_cancel release release_hold reserve \
                  return_receive sell ship short_pick supply_change transfer_approve transfer_pick transfer_receive \
                  transfer_reconcile transfer_request transfer_ship unpick write_off";
    for kind in needed.split_whitespace() {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:?}");
    }
    let notes = &year.notes;
    for oddity in ["damaged", "over", "pack_mistaken", "short", "wrong_item"] {
        assert!(notes.findings.contains_key(oddity), "no {oddity} in {:?}", notes.findings);
    }
    assert!(notes.advance_notices > 0 && notes.supplier_cuts > 0 && notes.recounts > 0, "{notes:?}");
    assert_eq!(notes.returns.len(), 5, "{:?}", notes.returns);
    let write_offs = notes.approvals["write_off"];
    assert!(write_offs.used > 0 && write_offs.used < write_offs.asked, "{write_offs:?}");
    // January, February and March, and the rest when the year is over.
    assert_eq!(notes.months_closed, 4);
}

#[test]
fn no_order_of_arrival_carries_an_event_over_a_close() {
    let mut log = Log::default();
    for number in 1..=40_u64 {
        let kind = if number % 10 == 0 { Kind::PeriodClose } else { Kind::SupplyChange };
        let event = onhand::Event::new(name("test"), onhand::Id::Number(number), kind, time(1_000));
        log.push(&Record::text(&event), if number % 10 == 0 { Origin::Close } else { Origin::Other });
    }
    for order in [Order::Shuffled(3), Order::Reversed] {
        let periods: Vec<usize> =
            log.ordered_texts(order).iter().map(|text| (number_of(text) - 1) / 10).collect();
        assert!(periods.is_sorted(), "{periods:?}");
        let numbers: Vec<usize> = log.ordered_texts(order).iter().map(|text| number_of(text)).collect();
        assert!(!numbers.is_sorted() && numbers[9] == 10, "{numbers:?}");
    }
}

fn number_of(text: &str) -> usize {
    let onhand::Id::Number(number) = onhand::Event::from_json(text).unwrap().id else { panic!("a number") };
    number.try_into().unwrap()
}

#[test]
fn the_books_close_for_every_node_and_month_in_units_and_money() {
    let year = shared_network();
    let native = replayed(year, Order::Arrival);
    let books = Books::read(&year.world, &year.log, &native.book, &Progress::quiet()).unwrap();
    assert_eq!(books.failures, Vec::<String>::new());
    let [closed] = retail::Closed::all(&year.world, &books).try_into().unwrap();
    assert!(closed.adds_up());
    assert_eq!((closed.by_month.len(), closed.by_node.len()), (4, 12));
    let company = &closed.by_place[&Class::Company];
    let units: i64 = crate::report::Report::units_of(year, &native.book).values().sum();
    assert_eq!(company[retail::CLOSING].units, units);
    for account in [
        "from suppliers, less sent back",
        "sold, less returned",
        "lost",
        "found",
        "written off",
        "liquidated",
    ] {
        assert_ne!(company[account].cost, 0, "{account}");
    }
    assert!(company["marked down"].retail < 0 && company["marked down"].cost == 0);
    assert!(!company.contains_key("transfers") && closed.by_place[&Class::Stores].contains_key("transfers"));
    // What came from suppliers is worth what they were paid.
    let mut bad = closed.clone();
    bad.by_node.get_mut("store-001").unwrap().get_mut("lost").unwrap().cost += 1;
    assert!(!bad.adds_up());
}

#[test]
fn books_that_are_not_those_of_the_book_are_seen() {
    let mut year = small_network();
    let before = replayed(&year, Order::Arrival);
    let mut row = Row::new(Kind::Opening, 0, 1_000_000, time(year.world.end));
    (row.sku, row.node, row.quantity) = (3, 2, 1);
    year.log.push(&Record::row(Kind::Opening, &row), Origin::Other);
    let books = Books::read(&year.world, &year.log, &before.book, &Progress::quiet()).unwrap();
    assert_eq!(books.failures, ["the units of 1 places are not those of the book"]);
}

#[test]
fn the_same_customers_are_served_by_every_rule() {
    let live = |rule| network::generate_by(rule, SMALL, Log::counting(), &Progress::quiet());
    let years = Rule::ALL.map(live);
    assert!(years.iter().all(|year| year.log.is_empty() && !year.log.by_kind().is_empty()));
    let mut promises = years.map(|year| year.promises.unwrap());
    promises::compare(&mut promises);
    let [exact, nearest, highest] = &promises;
    for year in [nearest, highest] {
        assert_eq!(year.pick_up.asked, exact.pick_up.asked);
        assert_eq!(year.delivery.asked, exact.delivery.asked);
        assert_eq!(year.deliveries_of_all_rules, exact.deliveries_of_all_rules);
        assert!(year.cents_of_all_rules > exact.cents_of_all_rules, "{year:?} {exact:?}");
        assert_eq!(year.pick_up.out_of_supply, 0);
    }
    for tally in promises.iter().flat_map(|year| [year.pick_up, year.delivery]) {
        assert!(tally.adds_up() && tally.kept > 0 && tally.cancelled > 0, "{tally:?}");
    }
    let broken: u64 = promises.iter().map(|year| year.pick_up.broken + year.delivery.broken).sum();
    assert!(broken > 0, "the records drift: {promises:?}");
    let drawn = plot::svg(&promises, "EUR");
    assert_eq!(drawn.matches(r#"height="20""#).count(), 18, "three panels of two groups of three bars");
    assert!(Rule::ALL.iter().all(|rule| drawn.contains(rule.in_words())));
}

#[test]
fn lanes_say_what_was_lost_on_the_way() {
    let year = shared_network();
    let lanes = retail::lanes(&year.log, orders::now(&year.world));
    assert_eq!(lanes.len(), 9, "each store has one centre");
    for lane in &lanes {
        assert_eq!(lane.shipped - lane.received - lane.lost, lane.missing - lane.over, "{lane:?}");
    }
    assert!(lanes.iter().any(|lane| lane.lost > 0) && lanes[0].lost + lanes[0].missing > 0);
}

#[test]
fn odd_things_are_known_by_kind_age_and_value() {
    let mut year = small_network();
    let now = orders::now(&year.world);
    let mut row = Row::new(Kind::Sell, 0, 1_000_000, time(now - 1));
    (row.sku, row.node, row.quantity) = (3, 2, 1_000);
    year.log.push(&Record::row(Kind::Sell, &row), Origin::Till);
    let native = replayed(&year, Order::Arrival);
    let books = Books::read(&year.world, &year.log, &native.book, &Progress::quiet()).unwrap();
    let odd = retail::oddities(&year, &native.book, Some(&books), now);
    let open: u64 = odd.iter().map(|row| row.open).sum();
    assert_eq!(open, native.book.exceptions(time(now)).len() as u64);
    // More than there was, after the close.
    let deficit = odd.iter().find(|row| row.code == "deficit").unwrap();
    let missing = -native.book.quantity(
        year.world.items[3].sku.as_str(),
        year.world.nodes[2].name.as_str(),
        None,
        StockState::Sellable,
    );
    assert_eq!(deficit.cents, missing * books.costs[year.world.items[3].sku.as_str()]);
    assert_eq!((deficit.open, deficit.severity, deficit.oldest_days), (1, "high", None));
    year.since.insert(subject_of(&native.book.exceptions(time(now))[0]), now - 3 * DAY);
    let odd = retail::oddities(&year, &native.book, None, now);
    assert!(odd.iter().any(|row| row.oldest_days == Some(3)), "{odd:?}");
}
