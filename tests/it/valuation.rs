//! Money: that the units of a valuation are the book's, that values balance, and that what is closed stays.

use std::collections::BTreeMap;

use onhand::log::{Account, Checkpoint, Head, Log, Posting, Valuation, Verdict};
use onhand::{
    Book, Event, Id, Kind, Line, Money, Name, NodeTerms, NodeType, Outside, Quantity, StockState, Terms,
    Time, testing,
};
use onhand_tests::random::{Dice, Step, World, name};
use proptest::prelude::*;

fn at(millis: i64) -> Time {
    Time::new(millis).expect("in range")
}

/// A history with money: what a line is worth follows from the id of its event, so that the same event again says the same.
fn written(seed: u64, words: &[u64], closes: bool) -> (World, Log, Book) {
    let (mut world, mut log, mut book) = (World::new(seed, closes), Log::new(), Book::new());
    let mut steps = world.first_steps();
    steps.extend(words.iter().map(|word| world.step(*word)));
    for (place, step) in steps.iter().enumerate() {
        let mut event = step.event().clone();
        // Some closes wait for the last node to be known, as other facts do.
        let waits = event.kind == Kind::PeriodClose && place % 3 == 0;
        if waits {
            event.node = world.nodes().last().cloned();
        }
        let number = match &event.id {
            Id::Number(number) => *number,
            Id::Text(text) => text.as_str().len() as u64,
        };
        let mut dice = Dice::new(number ^ seed);
        for line in &mut event.lines {
            let value = if dice.percent(2) { Money::MAX.minor() } else { dice.below(1_000) as i64 };
            line.value = dice.percent(60).then(|| Money::new(value).expect("in range"));
            let grams = if dice.percent(2) { Quantity::MAX.units() } else { dice.below(1_000) as i64 };
            line.grams = dice.percent(40).then(|| Quantity::new(grams).expect("in range"));
        }
        match step {
            Step::Command(_) if !waits => drop(log.execute(&mut book, &event, at(place as i64))),
            _ => drop(log.evolve(&mut book, &event, at(place as i64))),
        }
    }
    (world, log, book)
}

fn words() -> impl Strategy<Value = (u64, Vec<u64>)> {
    (any::<u64>(), prop::collection::vec(any::<u64>(), 1..120))
}

/// Units by item, node or transfer, and owner.
type Units = BTreeMap<(Name, Option<Name>, bool, Option<Name>), i64>;

fn units_of_book(world: &World, book: &Book) -> Units {
    let mut units = Units::new();
    for sku in world.skus() {
        for one in book.positions(sku.as_str()) {
            *units.entry((sku.clone(), Some(one.location), one.in_transit, one.owner)).or_default() +=
                one.quantity;
        }
    }
    units.retain(|_, units| *units != 0);
    units
}

fn units_of(valuation: &Valuation) -> Units {
    let mut units = Units::new();
    for one in valuation.postings() {
        let (place, in_transit) = match one.account {
            Account::Stock => (one.node.clone(), false),
            Account::Transit => (one.transfer.clone(), true),
            _ => continue,
        };
        *units.entry((one.sku.clone(), place, in_transit, one.owner.clone())).or_default() += one.units;
    }
    units.retain(|_, units| *units != 0);
    units
}

fn holdings(valuation: &Valuation) -> BTreeMap<(Name, Name, bool), (i64, i128, i128)> {
    let held = valuation.holdings().into_iter();
    held.map(|one| ((one.sku, one.location, one.in_transit), (one.units, one.cost, one.retail))).collect()
}

/// A posting without its place in the log.
fn plain(valuation: &Valuation) -> Vec<Posting> {
    valuation.postings().iter().map(|one| Posting { entry: 0, ..one.clone() }).collect()
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// Units are the book's, position by position and account by account, whatever came late, twice or after a close.
    #[test]
    fn units_are_those_of_the_book((seed, words) in words(), closes: bool) {
        let (world, log, book) = written(seed, &words, closes);
        let valuation = log.valuation(&Checkpoint::default());
        prop_assert_eq!(units_of(&valuation), units_of_book(&world, &book));
        for sku in world.skus() {
            for account in Outside::ALL {
                let postings = valuation.postings().iter();
                let here = postings.filter(|one| one.sku == *sku && one.account == Account::Outside(*account));
                prop_assert_eq!(here.map(|one| one.units).sum::<i64>(), book.account(sku.as_str(), *account), "{} {}", sku, account);
            }
        }
    }

    /// Every event balances in units and in both values; what is held is the sum of its postings, and nothing is worth nothing.
    #[test]
    fn values_balance_to_the_last_unit((seed, words) in words(), closes: bool) {
        let (_, log, _) = written(seed, &words, closes);
        let valuation = log.valuation(&Checkpoint::default());
        for ((entry, sku), sum) in valuation.sums(|one| Some((one.entry, one.sku.clone()))) {
            prop_assert_eq!(sum.units, 0, "units of {} in entry {}", sku, entry);
        }
        for (entry, sum) in valuation.sums(|one| Some(one.entry)) {
            prop_assert_eq!((sum.cost, sum.retail), (0, 0), "entry {}", entry);
        }
        let mut sums = BTreeMap::new();
        for one in valuation.postings().iter().filter(|one| one.owner.is_none()) {
            let place = match one.account {
                Account::Stock => (one.sku.clone(), one.node.clone().expect("stock is at a node"), false),
                Account::Transit => (one.sku.clone(), one.transfer.clone().expect("it is on a transfer"), true),
                _ => continue,
            };
            let sum: &mut (i64, i128, i128) = sums.entry(place).or_default();
            *sum = (sum.0 + one.units, sum.1 + one.cost, sum.2 + one.retail);
        }
        sums.retain(|_, sum| *sum != (0, 0, 0));
        prop_assert_eq!(holdings(&valuation), sums);
        for holding in valuation.holdings() {
            prop_assert!(holding.units != 0 || (holding.cost == 0), "{:?}", holding);
            prop_assert!(holding.grams == 0 || (holding.grams > 0 && holding.units > 0), "{:?}", holding);
            prop_assert!(holding.cost * i128::from(holding.units) >= 0, "{:?}", holding);
        }
        for one in valuation.postings().iter().filter(|one| one.owner.is_some()) {
            prop_assert_eq!((one.cost, one.retail), (0, 0), "goods of others have no value");
        }
    }

    /// Between closes the order of arrival does not matter.
    #[test]
    fn values_are_a_function_of_the_set_of_events((seed, words) in words()) {
        let (_, log, book) = written(seed, &words, false);
        let valuation = log.valuation(&Checkpoint::default());
        let mut events: Vec<Event> =
            log.entries().iter().filter(|entry| entry.is_accepted()).map(|entry| entry.event.clone()).collect();
        let mut dice = Dice::new(seed);
        for place in (1..events.len()).rev() {
            events.swap(place, dice.below(place + 1));
        }
        let (mut other, mut told) = (Log::new(), Book::new());
        for (place, event) in events.iter().enumerate() {
            other.evolve(&mut told, event, at(place as i64)).expect("it was accepted");
        }
        prop_assert_eq!(told.digest(), book.digest());
        prop_assert_eq!(plain(&other.valuation(&Checkpoint::default())), plain(&valuation));
    }

    /// What was reported for a closed period stays, whatever arrives later.
    #[test]
    fn what_is_closed_stays((seed, words) in words()) {
        let (world, mut log, mut book) = written(seed, &words, false);
        let nodes: Vec<Name> =
            world.nodes().iter().filter(|node| book.availability(world.skus()[0].as_str(), node.as_str(), Time::ZERO).is_some()).cloned().collect();
        let mut world = world;
        let through = at(world.now() / 2 + 500_000);
        for (number, node) in (1..).zip(&nodes) {
            let mut close = Event::new(name("closer"), Id::Number(number), Kind::PeriodClose, at(world.now()));
            (close.node, close.due) = (Some(node.clone()), Some(through));
            log.execute(&mut book, &close, at(0)).expect("a close");
        }
        let until = |valuation: &Valuation| -> Vec<Posting> {
            valuation.postings().iter().filter(|one| one.moment <= through).cloned().collect()
        };
        let before = until(&log.valuation(&Checkpoint::default()));
        for word in &words {
            let step = world.step(!*word);
            let mut event = step.event().clone();
            // Half of them are of the closed period.
            if word % 2 == 0 && !event.lines.is_empty() {
                event.occurred = at(through.millis() - (word % 1_000) as i64);
            }
            let _ = log.evolve(&mut book, &event, at(1));
        }
        let after = log.valuation(&Checkpoint::default());
        if nodes.len() == world.nodes().len() {
            prop_assert_eq!(until(&after), before);
        }
        prop_assert_eq!(units_of(&after), units_of_book(&world, &book));
    }

    /// A log that was cut goes on from its checkpoint: units and balances hold, and nothing of value is lost at the cut.
    #[test]
    fn a_checkpoint_carries_the_value_over((seed, words) in words(), closes: bool, cut: prop::sample::Index) {
        let (world, log, book) = written(seed, &words, closes);
        let cut = cut.index(log.entries().len());
        let mut first = Log::new();
        let mut middle = Book::new();
        for entry in &log.entries()[..cut] {
            first.write(entry.event.clone(), entry.verdict.clone(), entry.event.recorded);
            if entry.is_accepted() {
                let _ = middle.evolve(&entry.event);
            }
        }
        let middle = Book::restore(&middle.snapshot()).expect("as written");
        let mut second = Log::after(first.head(), middle);
        for entry in &log.entries()[cut..] {
            second.write(entry.event.clone(), entry.verdict.clone(), entry.event.recorded);
        }
        let one = first.valuation(&Checkpoint::default());
        let carried = serde_json::to_string(&one.checkpoint()).expect("rows");
        let two = second.valuation(&serde_json::from_str(&carried).expect("as written"));
        let mut units = units_of(&one);
        for (place, change) in units_of(&two) {
            *units.entry(place).or_default() += change;
        }
        units.retain(|_, units| *units != 0);
        prop_assert_eq!(&units, &units_of_book(&world, &book));
        let held: i128 = two.holdings().iter().map(|one| one.cost).sum();
        let stock = |valuation: &Valuation| -> i128 {
            let all = valuation.postings().iter();
            all.filter(|one| matches!(one.account, Account::Stock | Account::Transit)).map(|one| one.cost).sum()
        };
        prop_assert_eq!(held, stock(&one) + stock(&two));
        // A cut at the end changes nothing.
        let whole = log.valuation(&Checkpoint::default());
        let nothing = Log::after(log.head(), book).valuation(&whole.checkpoint());
        prop_assert_eq!(nothing.holdings(), whole.holdings());
    }
}

/// A shop of two stores and a distribution centre, told step by step.
struct Shop {
    log: Log,
    book: Book,
    number: u64,
}

impl Shop {
    fn new() -> Shop {
        let book = testing::book(&["TEA", "CUP", "SET"], &["DC", "S1", "S2"]);
        Shop { log: Log::after(Head::default(), book.clone()), book, number: 0 }
    }

    fn tell(
        &mut self,
        kind: Kind,
        millis: i64,
        node: &str,
        lines: &[(&str, i64, Option<i64>)],
        change: impl Fn(&mut Event),
    ) {
        self.number += 1;
        let mut event = Event::new(name("shop"), Id::Number(self.number), kind, at(millis));
        event.node = Some(name(node));
        event.reason = Some(name("because"));
        for (sku, units, value) in lines {
            let mut line = Line::new(name(sku), *units).expect("in range");
            line.value = value.map(|value| Money::new(value).expect("in range"));
            event.lines.push(line);
        }
        change(&mut event);
        self.log.evolve(&mut self.book, &event, at(self.number as i64)).expect("posted");
        assert_eq!(self.log.entries().last().map(|entry| &entry.verdict), Some(&Verdict::Fact));
    }

    fn now(&self) -> Valuation {
        self.log.valuation(&Checkpoint::default())
    }

    fn holding(&self, sku: &str, location: &str) -> (i64, i128, i128) {
        holdings(&self.now())
            .into_iter()
            .find(|((one, at, _), _)| one.as_str() == sku && at.as_str() == location)
            .map_or((0, 0, 0), |(_, held)| held)
    }

    fn on(&self, account: Account) -> (i64, i128, i128) {
        let sums = self.now().sums(|one| (one.account == account).then_some(()));
        sums.first().map_or((0, 0, 0), |(_, sum)| (sum.units, sum.cost, sum.retail))
    }
}

fn as_is(_: &mut Event) {}

#[test]
fn an_average_moves_with_what_arrives_and_stays_with_what_leaves() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    shop.tell(Kind::Sell, 20, "S1", &[("TEA", 4, Some(999))], as_is);
    assert_eq!(shop.holding("TEA", "S1"), (6, 600, 0), "what the till took is no cost");
    shop.tell(Kind::Receipt, 30, "S1", &[("TEA", 3, Some(400))], as_is);
    shop.tell(Kind::Sell, 40, "S1", &[("TEA", 1, None)], as_is);
    // 1000 for nine: 111 leaves, and the rest stays with what is there.
    assert_eq!(shop.holding("TEA", "S1"), (8, 889, 0));
    shop.tell(Kind::ReturnReceive, 50, "S1", &[("TEA", 1, None)], as_is);
    assert_eq!(shop.holding("TEA", "S1"), (9, 1_000, 0), "what comes back is worth what is there");
    assert_eq!(shop.on(Account::Outside(Outside::Customer)), (4, 400, 0));
    shop.tell(Kind::ReceiptCancel, 60, "S1", &[("TEA", 3, Some(400))], as_is);
    assert_eq!(
        shop.on(Account::Outside(Outside::Supplier)),
        (-10, -1_000, 0),
        "a supplier credits what was paid"
    );
    assert_eq!(shop.on(Account::Difference), (0, -67, 0), "three were worth 333");
    assert_eq!(shop.now().unit_cost(&name("TEA"), Some(&name("S1"))), Some(111));
    assert_eq!(shop.now().unit_cost(&name("TEA"), Some(&name("S2"))), Some(111), "the best guess elsewhere");
    assert_eq!(shop.now().unit_cost(&name("CUP"), None), None);
}

#[test]
fn an_opening_that_is_taken_back_is_worth_what_is_said() {
    for said in [450, -450] {
        let mut shop = Shop::new();
        shop.tell(Kind::Opening, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
        shop.tell(Kind::Opening, 20, "S1", &[("TEA", -4, Some(said))], as_is);
        assert_eq!(shop.holding("TEA", "S1"), (6, 600, 0));
        assert_eq!(shop.on(Account::Outside(Outside::Opening)), (-6, -550, 0));
        assert_eq!(shop.on(Account::Difference), (0, -50, 0));
    }
}

/// Weighs each line of an event.
fn weighing(grams: &[i64]) -> impl Fn(&mut Event) + '_ {
    move |event| {
        for (line, grams) in event.lines.iter_mut().zip(grams) {
            line.grams = Quantity::new(*grams);
        }
    }
}

#[test]
fn what_is_weighed_is_worth_by_weight() {
    let mut shop = Shop::new();
    let grams = |shop: &Shop, at: &str| {
        let held = shop.now().holdings();
        held.into_iter().find(|one| one.location.as_str() == at).map_or(0, |one| one.grams)
    };
    // Ten hams of 15 kilograms for 300.00; their price is 35.00 a kilogram.
    shop.tell(Kind::PriceChange, 1, "S1", &[("TEA", 1, Some(3_500))], weighing(&[1_000]));
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(30_000))], weighing(&[15_000]));
    assert_eq!((shop.holding("TEA", "S1"), grams(&shop, "S1")), ((10, 30_000, 52_500), 15_000));
    shop.tell(Kind::Sell, 20, "S1", &[("TEA", 1, None)], weighing(&[2_000]));
    assert_eq!(shop.on(Account::Outside(Outside::Customer)), (1, 4_000, 7_000), "a heavy one");
    // Nobody weighed the next: it weighs what the nine that are there do.
    shop.tell(Kind::WriteOff, 30, "S1", &[("TEA", 1, None)], as_is);
    assert_eq!(shop.on(Account::Outside(Outside::Scrapped)), (1, 2_889, 5_056));
    assert_eq!(grams(&shop, "S1"), 11_556);
    // What goes to another store has its weight and its value there, too.
    let to_store = |grams| {
        move |event: &mut Event| {
            (event.subject, event.to_node) = (Some(name("T1")), Some(name("S2")));
            weighing(&[grams])(event);
        }
    };
    shop.tell(Kind::TransferShip, 40, "S1", &[("TEA", 2, None)], to_store(2_500));
    assert_eq!((shop.holding("TEA", "T1").1, grams(&shop, "T1")), (5_000, 2_500));
    shop.tell(Kind::TransferReceive, 50, "S2", &[("TEA", 2, None)], to_store(2_490));
    assert_eq!((shop.holding("TEA", "S2").1, grams(&shop, "S2")), (5_000, 2_490), "it dried on its way");
    // The cost of a kilogram changes.
    shop.tell(Kind::CostChange, 60, "S2", &[("TEA", 1, Some(3_000))], weighing(&[1_000]));
    assert_eq!(shop.holding("TEA", "S2").1, 7_470);
    assert_eq!(shop.on(Account::Revaluation), (0, -2_470, 0));
    // Without stock the next sale is worth its own weight.
    shop.tell(Kind::Sell, 70, "S2", &[("TEA", 2, None)], weighing(&[2_490]));
    shop.tell(Kind::Sell, 80, "S2", &[("TEA", 1, None)], weighing(&[900]));
    assert_eq!(shop.holding("TEA", "S2").1, -2_700);
}

#[test]
fn what_nobody_weighed_weighs_what_the_rest_does() {
    let mut shop = Shop::new();
    let grams = |shop: &Shop| shop.now().holdings().first().map(|one| one.grams);
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 2, Some(400))], as_is);
    assert_eq!(grams(&shop), Some(0));
    shop.tell(Kind::Receipt, 20, "S1", &[("TEA", 2, Some(400))], weighing(&[1_000]));
    assert_eq!(grams(&shop), Some(2_000));
    shop.tell(Kind::Receipt, 30, "S1", &[("TEA", 1, Some(200))], as_is);
    assert_eq!(grams(&shop), Some(2_500));
    shop.tell(Kind::Sell, 40, "S1", &[("TEA", 1, None)], weighing(&[250]));
    assert_eq!(shop.holding("TEA", "S1"), (4, 900, 0));
}

/// Three of one lot and two of another, written off as one line of ten kilograms: the lots share the weight as they share the value.
#[test]
fn the_weight_of_a_line_is_shared_by_the_lots_that_it_is_bound_to() {
    let mut shop = Shop::new();
    let lot = |lot: &'static str, grams| {
        move |event: &mut Event| {
            event.lines[0].lot = Some(name(lot));
            weighing(&[grams])(event);
        }
    };
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 3, Some(6_000))], lot("A", 6_000));
    shop.tell(Kind::Receipt, 20, "S1", &[("TEA", 4, Some(9_000))], lot("B", 9_000));
    let mut event = Event::new(name("shop"), Id::Number(9), Kind::WriteOff, at(30));
    (event.node, event.reason) = (Some(name("S1")), Some(name("because")));
    event.lines.push(Line::new(name("TEA"), 5).expect("in range"));
    event.lines[0].grams = Quantity::new(10_000);
    shop.log.execute(&mut shop.book, &event, at(30)).expect("accepted");
    assert_eq!(shop.log.entries().last().map(|entry| entry.event.lines.len()), Some(2));
    assert_eq!(shop.holding("TEA", "S1"), (2, 5_000, 0));
}

#[test]
fn a_deficit_is_filled_at_what_was_taken_for_it() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 1, Some(100))], as_is);
    shop.tell(Kind::Sell, 20, "S1", &[("TEA", 4, None)], as_is);
    assert_eq!(shop.holding("TEA", "S1"), (-3, -300, 0));
    shop.tell(Kind::Receipt, 30, "S1", &[("TEA", 5, Some(750))], as_is);
    assert_eq!(shop.holding("TEA", "S1"), (2, 300, 0), "two are there at their own cost");
    assert_eq!(shop.on(Account::Difference), (0, 150, 0), "three cost 50 more than they were sold at");
    // Told late that two came before the sale, for 180: one was missing then, and it cost 93.
    shop.tell(Kind::Receipt, 15, "S1", &[("TEA", 2, Some(180))], as_is);
    assert_eq!(shop.holding("TEA", "S1"), (4, 600, 0));
    assert_eq!(shop.on(Account::Difference), (0, 57, 0));
}

#[test]
fn value_goes_with_a_transfer_and_meets_other_prices() {
    let mut shop = Shop::new();
    let to_store = |event: &mut Event| (event.subject, event.to_node) = (Some(name("T1")), Some(name("S1")));
    shop.tell(Kind::PriceChange, 1, "DC", &[("TEA", 1, Some(300))], as_is);
    shop.tell(Kind::PriceChange, 2, "S1", &[("TEA", 10, Some(3_500))], as_is);
    shop.tell(Kind::Receipt, 10, "DC", &[("TEA", 10, Some(1_000))], as_is);
    shop.tell(Kind::TransferShip, 20, "DC", &[("TEA", 4, None)], to_store);
    assert_eq!((shop.holding("TEA", "T1"), shop.holding("TEA", "DC")), ((4, 400, 1_200), (6, 600, 1_800)));
    shop.tell(Kind::TransferReceive, 30, "S1", &[("TEA", 3, None)], to_store);
    assert_eq!((shop.holding("TEA", "T1"), shop.holding("TEA", "S1")), ((1, 100, 300), (3, 300, 1_050)));
    assert_eq!(shop.on(Account::Difference), (0, 0, -150), "a store sells at its own price");
    shop.tell(Kind::TransferReconcile, 40, "S1", &[("TEA", 1, None)], to_store);
    assert_eq!(shop.on(Account::Outside(Outside::Shrink)), (1, 100, 300));
}

#[test]
fn a_markdown_is_what_prices_and_clearance_take_off() {
    let mut shop = Shop::new();
    shop.tell(Kind::PriceChange, 1, "S1", &[("TEA", 1, Some(300))], as_is);
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    shop.tell(Kind::PriceChange, 20, "S1", &[("TEA", 1, Some(280))], as_is);
    assert_eq!((shop.holding("TEA", "S1"), shop.on(Account::Markdown)), ((10, 1_000, 2_800), (0, 0, 200)));
    shop.tell(Kind::MarkDown, 30, "S1", &[("TEA", 4, Some(400))], as_is);
    assert_eq!((shop.holding("TEA", "S1"), shop.on(Account::Markdown)), ((10, 1_000, 2_400), (0, 0, 600)));
    let clearance = |event: &mut Event| event.lines[0].state = Some(StockState::Clearance);
    shop.tell(Kind::Sell, 40, "S1", &[("TEA", 1, None)], clearance);
    assert_eq!(
        shop.on(Account::Outside(Outside::Customer)),
        (1, 100, 180),
        "it is sold at what it was marked down to"
    );
    shop.tell(Kind::CostChange, 50, "S1", &[("TEA", 1, Some(90))], as_is);
    assert_eq!((shop.holding("TEA", "S1"), shop.on(Account::Revaluation)), ((9, 810, 2_220), (0, 90, 0)));
    let by_kind =
        shop.now().sums(|one| (one.account == Account::Markdown).then_some((one.reason.clone(), one.kind)));
    let by_kind: Vec<_> =
        by_kind.iter().map(|((reason, kind), sum)| (reason.clone(), *kind, sum.retail)).collect();
    assert_eq!(
        by_kind,
        [(Some(name("because")), Kind::MarkDown, 400), (Some(name("because")), Kind::PriceChange, 200)]
    );
}

#[test]
fn what_is_in_clearance_is_marked_down_further() {
    let mut shop = Shop::new();
    shop.tell(Kind::PriceChange, 1, "S1", &[("TEA", 1, Some(300))], as_is);
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    let clearance = |event: &mut Event| event.lines[0].state = Some(StockState::Clearance);
    shop.tell(Kind::MarkDown, 20, "S1", &[("TEA", 4, Some(400))], as_is);
    shop.tell(Kind::MarkDown, 30, "S1", &[("TEA", 4, Some(200))], clearance);
    assert_eq!((shop.holding("TEA", "S1"), shop.on(Account::Markdown)), ((10, 1_000, 2_400), (0, 0, 600)));
    shop.tell(Kind::Sell, 40, "S1", &[("TEA", 3, None)], clearance);
    assert_eq!(
        shop.on(Account::Outside(Outside::Customer)),
        (3, 300, 450),
        "at what they were marked down to"
    );
    // Of four that are said to lose 40 each one is left.
    shop.tell(Kind::MarkDown, 50, "S1", &[("TEA", 4, Some(160))], |event| {
        clearance(event);
        event.lines[0].to_place = None;
    });
    assert_eq!((shop.holding("TEA", "S1"), shop.on(Account::Markdown)), ((7, 700, 1_910), (0, 0, 640)));
}

/// Whichever end a count had fixed before the markdown of a closed period was told: the value is off what is in clearance, and on
/// `markdown`, as if it had been told in time.
#[test]
fn a_late_markdown_of_a_closed_period_takes_its_value_off() {
    let counts: [&[(&str, i64, StockState)]; 3] = [
        &[("TEA", 6, StockState::Sellable)],
        &[("TEA", 4, StockState::Clearance)],
        &[("TEA", 6, StockState::Sellable), ("TEA", 4, StockState::Clearance)],
    ];
    for counted in counts {
        for closes in [false, true] {
            let mut shop = Shop::new();
            shop.tell(Kind::PriceChange, 1, "S1", &[("TEA", 1, Some(300))], as_is);
            shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
            let lines: Vec<_> = counted.iter().map(|(sku, units, _)| (*sku, *units, None)).collect();
            shop.tell(Kind::Count, 50, "S1", &lines, |event| {
                let states = counted.iter().map(|(.., state)| Some(*state));
                event.lines.iter_mut().zip(states).for_each(|(line, state)| line.state = state);
            });
            for node in ["DC", "S1", "S2"].iter().filter(|_| closes) {
                shop.tell(Kind::PeriodClose, 110, node, &[], |event| event.due = Some(at(100)));
            }
            shop.tell(Kind::MarkDown, 30, "S1", &[("TEA", 4, Some(400))], as_is);
            assert_eq!(shop.holding("TEA", "S1"), (10, 1_000, 2_600), "{counted:?}, closed: {closes}");
            assert_eq!(shop.on(Account::Markdown), (0, 0, 400), "{counted:?}, closed: {closes}");
            assert_eq!(shop.on(Account::Difference), (0, 0, 0), "{counted:?}, closed: {closes}");
            assert_eq!(shop.on(Account::Outside(Outside::CountVariance)), (0, 0, 0), "{counted:?}");
        }
    }
}

#[test]
fn a_variance_is_explained_at_what_was_found() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    shop.tell(Kind::Count, 20, "S1", &[("TEA", 7, None)], as_is);
    shop.tell(Kind::Receipt, 30, "S1", &[("TEA", 7, Some(1_400))], as_is);
    assert_eq!(shop.on(Account::Outside(Outside::CountVariance)), (3, 300, 0));
    shop.tell(Kind::CountExplain, 40, "S1", &[("TEA", -2, None)], as_is);
    assert_eq!(shop.on(Account::Outside(Outside::Shrink)), (2, 200, 0), "though stock is dearer by now");
    // Told late that one was sold before the count: it was not lost.
    shop.tell(Kind::Sell, 15, "S1", &[("TEA", 1, None)], as_is);
    assert_eq!(shop.on(Account::Outside(Outside::CountVariance)), (0, 0, 0));
    assert_eq!(shop.on(Account::Outside(Outside::Customer)), (1, 100, 0));
    // And one more was found than the book had, and is explained as found: at what it was found at, though stock is dearer by then.
    shop.tell(Kind::Count, 50, "S1", &[("TEA", 15, None)], as_is);
    shop.tell(Kind::Receipt, 55, "S1", &[("TEA", 15, Some(4_500))], as_is);
    shop.tell(Kind::CountExplain, 60, "S1", &[("TEA", 1, None)], as_is);
    assert_eq!(shop.on(Account::Outside(Outside::Found)), (-1, -150, 0));
    assert_eq!(shop.on(Account::Outside(Outside::CountVariance)), (0, 0, 0));
}

#[test]
fn what_counts_left_unexplained_keeps_its_value_when_units_only_changed_their_state() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    // One is missing, and of three that somebody set aside nobody told.
    shop.tell(Kind::Count, 20, "S1", &[("TEA", 6, None), ("TEA", 3, None)], |event| {
        event.lines[1].state = Some(StockState::Quarantined);
    });
    shop.tell(Kind::CostChange, 30, "S1", &[("TEA", 1, Some(70))], as_is);
    let variance = Account::Outside(Outside::CountVariance);
    assert_eq!(shop.on(variance), (1, 100, 0));
    for node in ["DC", "S1", "S2"] {
        shop.tell(Kind::PeriodClose, 110, node, &[], |event| event.due = Some(at(100)));
    }
    shop.tell(Kind::Hold, 15, "S1", &[("TEA", 3, None)], as_is);
    assert_eq!(shop.on(variance), (1, 100, 0));
    shop.tell(Kind::CountExplain, 120, "S1", &[("TEA", -1, None)], as_is);
    assert_eq!((shop.on(variance), shop.on(Account::Outside(Outside::Shrink))), ((0, 0, 0), (1, 100, 0)));
}

/// A line that became several by lot is worth what is said of the whole.
#[test]
fn what_goes_back_of_several_lots_is_worth_what_is_said_of_them_together() {
    let mut shop = Shop::new();
    let lots = |event: &mut Event| {
        for (line, lot) in event.lines.iter_mut().zip(["A", "B"]) {
            line.lot = Some(name(lot));
        }
    };
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 2, Some(200)), ("TEA", 4, Some(400))], lots);
    let mut back = Event::new(name("shop"), Id::Number(99), Kind::ReceiptCancel, at(20));
    (back.node, back.reason) = (Some(name("S1")), Some(name("broken")));
    let line = Line::new(name("TEA"), 5).expect("in range");
    back.lines.push(Line { value: Money::new(400), ..line });
    shop.log.execute(&mut shop.book, &back, at(20)).expect("six are there");
    assert_eq!(shop.holding("TEA", "S1"), (1, 100, 0));
    assert_eq!(
        shop.on(Account::Outside(Outside::Supplier)),
        (-1, -200, 0),
        "the supplier credits 400 for five"
    );
    assert_eq!(shop.on(Account::Difference), (0, 100, 0), "five were worth 500");
}

#[test]
fn what_a_kit_is_made_of_is_what_it_costs() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000)), ("CUP", 10, Some(333))], as_is);
    shop.tell(Kind::KitAssemble, 20, "S1", &[("TEA", -6, None), ("CUP", -3, None), ("SET", 3, None)], as_is);
    assert_eq!(shop.holding("SET", "S1"), (3, 700, 0));
    shop.tell(Kind::KitBreak, 30, "S1", &[("SET", -1, None), ("TEA", 2, None), ("CUP", 1, None)], as_is);
    // 233 is shared as 200 to 33.
    assert_eq!((shop.holding("TEA", "S1"), shop.holding("CUP", "S1")), ((6, 600, 0), (8, 266, 0)));
    shop.tell(Kind::Relabel, 40, "S1", &[("SET", -2, None), ("TEA", 1, Some(2)), ("CUP", 1, Some(1))], as_is);
    assert_eq!(
        (shop.holding("TEA", "S1"), shop.holding("CUP", "S1")),
        ((7, 911, 0), (9, 422, 0)),
        "shared as the lines say"
    );
    assert_eq!(shop.on(Account::Outside(Outside::Conversion)).1, 0);
}

/// What goods of others are part of a conversion is units without value, so that all cost is in what is the company's own.
#[test]
fn what_is_taken_apart_costs_what_is_the_companys_own() {
    let mut shop = Shop::new();
    let cup_is_theirs = |event: &mut Event| {
        let cups = event.lines.iter_mut().filter(|line| line.sku.as_str() == "CUP");
        cups.for_each(|line| line.owner = Some(name("acme")));
    };
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 4, Some(400)), ("CUP", 4, None)], cup_is_theirs);
    shop.tell(
        Kind::KitAssemble,
        20,
        "S1",
        &[("TEA", -2, None), ("CUP", -2, None), ("SET", 2, None)],
        cup_is_theirs,
    );
    assert_eq!((shop.holding("SET", "S1"), shop.holding("TEA", "S1")), ((2, 200, 0), (2, 200, 0)));
    for values in [(None, None), (Some(10), Some(30))] {
        shop.tell(
            Kind::KitBreak,
            30,
            "S1",
            &[("SET", -1, None), ("CUP", 1, values.0), ("TEA", 1, values.1)],
            cup_is_theirs,
        );
        assert_eq!(shop.on(Account::Outside(Outside::Conversion)).1, 0, "{values:?}");
    }
    assert_eq!((shop.holding("SET", "S1"), shop.holding("TEA", "S1")), ((0, 0, 0), (4, 400, 0)));
}

#[test]
fn what_comes_after_a_close_counts_after_it() {
    let mut shop = Shop::new();
    shop.tell(Kind::Receipt, 10, "S1", &[("TEA", 10, Some(1_000))], as_is);
    shop.tell(Kind::Count, 20, "S1", &[("TEA", 8, None)], as_is);
    for node in ["DC", "S1", "S2"] {
        shop.tell(Kind::PeriodClose, 110, node, &[], |event| event.due = Some(at(100)));
    }
    shop.tell(Kind::Sell, 15, "S1", &[("TEA", 1, None)], as_is);
    shop.tell(Kind::WriteOff, 50, "S1", &[("TEA", 1, None)], as_is);
    let valuation = shop.now();
    let by_moment = valuation.sums(|one| (one.account == Account::Stock).then_some(one.moment.millis()));
    let by_moment: Vec<_> = by_moment.iter().map(|(moment, sum)| (*moment, sum.units, sum.cost)).collect();
    assert_eq!(by_moment, [(10, 10, 1_000), (20, -2, -200), (101, -1, -100)]);
    // The sale was before the count: it explains one of the two, and no unit is missing twice.
    assert_eq!(shop.on(Account::Outside(Outside::CountVariance)), (1, 100, 0));
    assert_eq!(shop.holding("TEA", "S1"), (7, 700, 0));
}

#[test]
fn what_waited_beside_a_close_is_not_late_for_it() {
    let mut shop = Shop::new();
    let mut told = |kind, millis, units: &[(&str, i64, Option<i64>)], due: Option<i64>| {
        shop.tell(kind, millis, "S9", units, |event| event.due = due.map(at));
    };
    told(Kind::PeriodClose, 110, &[], Some(100));
    told(Kind::Receipt, 50, &[("TEA", 10, Some(1_000))], None);
    told(Kind::Count, 60, &[("TEA", 7, None)], None);
    shop.tell(Kind::NodeChange, 5, "S9", &[], |event| {
        (event.node, event.reason) = (None, None);
        event.terms = Some(Box::new(Terms::Node(NodeTerms {
            node: name("S9"),
            node_type: NodeType::Store,
            title: None,
            on_line: true,
            ships: true,
            picks_up: true,
            handling_ms: 0,
        })));
    });
    assert_eq!(shop.holding("TEA", "S9"), (7, 700, 0));
    assert_eq!(shop.book.quantity("TEA", "S9", None, StockState::Sellable), 7);
    let late = |valuation: Valuation| valuation.postings().iter().filter(|one| one.moment > at(100)).count();
    assert_eq!(late(shop.now()), 0);
    // And what comes after it is.
    shop.tell(Kind::Sell, 70, "S9", &[("TEA", 1, None)], as_is);
    assert_eq!((shop.holding("TEA", "S9"), late(shop.now())), ((6, 600, 0), 2));
}
