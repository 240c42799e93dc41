//! Each law against some histories. `cargo run -p onhand-tests --bin laws` holds them against a million events.

use onhand::{Book, Event, Id};
use onhand_tests::history::History;
use onhand_tests::laws;
use onhand_tests::random::Step;

/// Histories that each law is held against here.
const HISTORIES: u64 = 20;

fn holds(code: &str) {
    let law = laws::find(code).unwrap();
    for seed in 1..=HISTORIES {
        let history = History::of(seed);
        if let Err(wrong) = (law.check)(&history) {
            panic!("{}", law.report(&history, wrong));
        }
    }
}

macro_rules! laws {
    ($($name:ident $code:literal,)*) => {
        $(#[test] fn $name() { holds($code); })*

        /// No law is left out.
        #[test]
        fn every_law_is_held() {
            assert_eq!(laws::LAWS.iter().map(|law| law.code).collect::<Vec<_>>(), [$($code),*]);
        }
    };
}

laws! {
    conservation "P1",
    claims_are_sums_of_claims "P2",
    order_lines_add_up "P3",
    supplies_are_not_claimed_twice "P4",
    exactly_once "P5",
    refusals_change_nothing "P6",
    the_table_of_moves_holds "P7",
    the_first_fault_is_named "P8",
    replay "P9",
    snapshot_and_tail "P10",
    batches "P11",
    disjoint_histories_commute "P12",
    renaming_commutes "P13",
    what_is_opened_is_told "raised",
    offers_can_be_had "offers",
    the_log_tells_the_book "trail",
    order_of_arrival_does_not_matter "order",
    core_and_model_agree "model",
}

/// Ids are remembered, however many others came since.
#[test]
fn exactly_once_after_thousands() {
    let history = History::new(7, 3_000, false);
    let mut book = Book::new();
    let events: Vec<&Event> = history
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Fact(event) => book.evolve(event).is_ok_and(|outcome| !outcome.replayed).then_some(event),
            Step::Command(_) => None,
        })
        .collect();
    let digest = book.digest();
    assert!(events.len() > 1_000, "only {} events were accepted", events.len());
    for event in &events {
        assert!(book.evolve(event).unwrap().replayed, "{:?} {}", event.id, event.source);
    }
    assert_eq!(book.digest(), digest);
    let numbers = events.iter().filter(|event| matches!(event.id, Id::Number(_))).count();
    assert!(numbers > 0 && numbers < events.len(), "both ways to name an event are met");
}
