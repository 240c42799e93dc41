//! The laws of DESIGN as properties: of every history, whatever it says.
//!
//! A history is a seed and a list of words, so that proptest finds the shortest list that breaks a law.

use onhand::{Book, Decision, Event, Id, Outside, Quantity, Time};
use onhand_tests::random::{Dice, Step, World};
use proptest::prelude::*;

/// What a history is made from.
fn words(length: usize) -> impl Strategy<Value = (u64, Vec<u64>)> {
    (any::<u64>(), prop::collection::vec(any::<u64>(), 1..length))
}

fn history(seed: u64, words: &[u64], closes: bool) -> (World, Vec<Step>) {
    let mut world = World::new(seed, closes);
    let mut steps = world.first_steps();
    steps.extend(words.iter().map(|word| world.step(*word)));
    (world, steps)
}

/// Plays a step; answers the event as it was accepted, if it was and is new.
fn play(book: &mut Book, step: &Step) -> Option<Event> {
    let accepted = match step {
        Step::Fact(event) => event.clone(),
        Step::Command(event) => match book.decide(event) {
            Ok(Decision::Accept(accepted)) => accepted,
            Ok(Decision::Replayed(_)) | Err(_) => return None,
        },
    };
    let outcome = book.evolve(&accepted).ok()?;
    (!outcome.replayed).then_some(accepted)
}

fn accepted(steps: &[Step]) -> (Book, Vec<Event>) {
    let mut book = Book::new();
    let events = steps.iter().filter_map(|step| play(&mut book, step)).collect();
    (book, events)
}

fn post(events: &[Event]) -> Book {
    let mut book = Book::new();
    for event in events {
        book.evolve(event).expect("it was accepted before");
    }
    book
}

fn shuffle(events: &mut [Event], dice: &mut Dice) {
    for at in (1..events.len()).rev() {
        events.swap(at, dice.below(at + 1));
    }
}

/// What is inside and outside for an item; law 1 says that it is nothing.
fn balance(book: &Book, sku: &str) -> i64 {
    let inside: i64 = book.positions(sku).iter().map(|one| one.quantity).sum();
    inside + Outside::ALL.iter().map(|account| book.account(sku, *account)).sum::<i64>()
}

proptest! {
    #![proptest_config(crate::cases_of(64))]

    /// Law 1: per item the legs of every event add to zero.
    #[test]
    fn conservation((seed, words) in words(120), closes: bool) {
        let (world, steps) = history(seed, &words, closes);
        let mut book = Book::new();
        for step in &steps {
            play(&mut book, step);
            for sku in world.skus() {
                prop_assert_eq!(balance(&book, sku.as_str()), 0, "{} after {:?}", sku, step);
            }
        }
    }

    /// Law 2: no intent drives a position below zero, nor claims above what policy allows.
    #[test]
    fn intents_take_what_is_there((seed, words) in words(120)) {
        let (world, steps) = history(seed, &words, false);
        let mut book = Book::new();
        for step in &steps {
            let before = book.clone();
            if play(&mut book, step).is_none() || !matches!(step, Step::Command(_)) {
                continue;
            }
            let event = step.event();
            // A change of master data may wake facts that waited, and may lower a limit.
            if event.terms.is_some() {
                continue;
            }
            for sku in world.skus() {
                let held = before.positions(sku.as_str());
                for after in book.positions(sku.as_str()).iter().filter(|one| one.quantity < 0) {
                    let same = held.iter().find(|one| onhand::Position { quantity: after.quantity, ..(*one).clone() } == *after);
                    prop_assert!(same.is_some_and(|one| one.quantity <= after.quantity), "{after:?} by {event:?}");
                }
                for node in world.nodes() {
                    let over = |book: &Book| {
                        let shelf = book.availability(sku.as_str(), node.as_str(), event.occurred).unwrap_or_default();
                        (shelf.claimed - shelf.sellable - shelf.backorder_limit).max(0)
                    };
                    prop_assert!(over(&book) <= over(&before), "{sku} at {node} by {event:?}");
                }
            }
        }
    }

    /// Law 3: the same again changes nothing and is success; the id with other content is turned away.
    #[test]
    fn exactly_once((seed, words) in words(100), pick: u64) {
        let (_, steps) = history(seed, &words, false);
        let (mut book, events) = accepted(&steps);
        let digest = book.digest();
        let mut dice = Dice::new(pick);
        for _ in 0..10 {
            let mut again = dice.pick(&events).clone();
            again.recorded = Time::new(dice.below(1_000_000) as i64).unwrap();
            prop_assert!(book.evolve(&again).unwrap().replayed);
            let mut other = again.clone();
            match other.lines.first_mut() {
                Some(line) => line.quantity = Quantity::new((line.quantity.units() + 1).min(1_000)).unwrap(),
                None => other.occurred = Time::new(other.occurred.millis() + 1).unwrap(),
            }
            if other.check().is_ok() && other.lines != again.lines {
                prop_assert_eq!(book.evolve(&other).unwrap_err().code(), "id_conflict");
                prop_assert_eq!(book.execute(&other).unwrap_err().code(), "id_conflict");
            }
            prop_assert_eq!(book.digest(), digest);
        }
    }

    /// Law 4: the state is a function of the set of accepted events. Twenty orders of arrival, each with duplicates.
    #[test]
    fn order_of_arrival_does_not_matter((seed, words) in words(100)) {
        let (_, steps) = history(seed, &words, false);
        let (book, mut events) = accepted(&steps);
        let mut dice = Dice::new(seed);
        for _ in 0..20 {
            shuffle(&mut events, &mut dice);
            let mut twice = events.clone();
            for _ in 0..events.len() / 8 {
                let again = dice.pick(&events).clone();
                twice.insert(dice.below(twice.len()), again);
            }
            prop_assert_eq!(post(&twice).digest(), book.digest());
        }
        events.sort_by_key(|event| event.occurred);
        prop_assert_eq!(post(&events).digest(), book.digest());
        events.reverse();
        prop_assert_eq!(post(&events).digest(), book.digest());
    }

    /// Law 3 and 6: what is refused or turned away changes no byte, and a dry run never does.
    #[test]
    fn refusals_change_nothing((seed, words) in words(100), closes: bool) {
        let (_, steps) = history(seed, &words, closes);
        let mut book = Book::new();
        for step in &steps {
            let digest = book.digest();
            let _ = book.decide(step.event());
            prop_assert_eq!(book.digest(), digest, "a dry run of {:?}", step);
            let refused = match step {
                Step::Fact(event) => book.evolve(event).is_err(),
                Step::Command(event) => book.execute(event).is_err(),
            };
            prop_assert!(!refused || book.digest() == digest, "{:?}", step);
        }
    }

    /// A dry run says what the door then does.
    #[test]
    fn dry_runs_tell_the_truth((seed, words) in words(100), closes: bool) {
        let (_, steps) = history(seed, &words, closes);
        let mut book = Book::new();
        for step in &steps {
            if let Step::Command(event) = step {
                match (book.decide(event), book.clone().execute(event)) {
                    (Err(one), Err(other)) => prop_assert_eq!(one, other),
                    (Ok(Decision::Replayed(one)), Ok(other)) => prop_assert_eq!(one, other),
                    (Ok(Decision::Accept(accepted)), Ok(other)) => {
                        prop_assert_eq!(book.clone().evolve(&accepted).unwrap(), other);
                    }
                    (one, other) => prop_assert!(false, "{one:?} and {other:?}"),
                }
            }
            play(&mut book, step);
        }
    }

    /// A snapshot at any cut and the events since are the whole replay, and one state has one form.
    #[test]
    fn snapshot_and_tail((seed, words) in words(80), cut: prop::sample::Index, closes: bool) {
        let (_, steps) = history(seed, &words, closes);
        let cut = cut.index(steps.len() + 1);
        let mut whole = Book::new();
        let mut events = Vec::new();
        let mut restored = Book::new();
        for (at, step) in steps.iter().enumerate() {
            if at == cut {
                let snapshot = whole.snapshot();
                restored = Book::restore(&snapshot).unwrap();
                prop_assert_eq!(restored.snapshot(), snapshot);
                events.clear();
            }
            events.extend(play(&mut whole, step));
        }
        if cut == steps.len() {
            restored = Book::restore(&whole.snapshot()).unwrap();
            events.clear();
        }
        for event in &events {
            restored.evolve(event).unwrap();
        }
        prop_assert_eq!(restored.digest(), whole.digest());
        prop_assert_eq!(restored.exceptions(Time::MAX), whole.exceptions(Time::MAX));
    }

    /// Two histories that share no name do not touch one another, however they interleave.
    #[test]
    fn disjoint_histories_commute((seed, one) in words(60), other_words in prop::collection::vec(any::<u64>(), 1..60), mix: u64) {
        let (_, one) = history(seed, &one, false);
        let (_, other) = history(!seed, &other_words, false);
        let other: Vec<Step> = other.iter().map(|step| renamed(step, "other-")).collect();
        let mut apart = Book::new();
        let answers = |book: &mut Book, steps: &[Step]| steps.iter().map(|step| play(book, step)).collect::<Vec<_>>();
        let first = answers(&mut apart, &one);
        let second = answers(&mut apart, &other);
        let mut mixed = Book::new();
        let (mut left, mut right) = (one.iter(), other.iter());
        let (mut first_mixed, mut second_mixed) = (Vec::new(), Vec::new());
        let mut dice = Dice::new(mix);
        while left.len() + right.len() > 0 {
            if dice.below(left.len() + right.len()) < left.len() {
                first_mixed.extend(left.next().map(|step| play(&mut mixed, step)));
            } else {
                second_mixed.extend(right.next().map(|step| play(&mut mixed, step)));
            }
        }
        prop_assert_eq!((first, second), (first_mixed, second_mixed));
        prop_assert_eq!(apart.digest(), mixed.digest());
    }

    /// Renaming items and nodes renames the answers.
    #[test]
    fn renaming_commutes((seed, words) in words(80)) {
        let (world, steps) = history(seed, &words, false);
        let (mut book, mut other) = (Book::new(), Book::new());
        for step in &steps {
            let one = play(&mut book, step).is_some();
            prop_assert_eq!(play(&mut other, &renamed(step, "zz-")).is_some(), one, "{:?}", step);
        }
        let moment = Time::new(world.now()).unwrap();
        for sku in world.skus() {
            for node in world.nodes() {
                prop_assert_eq!(
                    book.availability(sku.as_str(), node.as_str(), moment),
                    other.availability(&format!("zz-{sku}"), &format!("zz-{node}"), moment)
                );
            }
        }
        prop_assert_eq!(book.exceptions(moment).len(), other.exceptions(moment).len());
    }

    /// An event is read as it is written.
    #[test]
    fn json_is_read_as_it_is_written((seed, words) in words(60)) {
        let (_, steps) = history(seed, &words, true);
        for step in &steps {
            prop_assert_eq!(&Event::from_json(&step.event().to_json()).unwrap(), step.event());
        }
    }
}

/// The same step under other names: everything that is named, apart from what the whole company shares.
fn renamed(step: &Step, before: &str) -> Step {
    let json = match step {
        Step::Fact(event) | Step::Command(event) => event.to_json(),
    };
    let mut json = json;
    for stem in ["sku-", "node-", "subject-", "source-", "owner-", "lot-"] {
        json = json.replace(&format!("\"{stem}"), &format!("\"{before}{stem}"));
    }
    let event = Event::from_json(&json).expect("it was an event before");
    match step {
        Step::Fact(_) => Step::Fact(event),
        Step::Command(_) => Step::Command(event),
    }
}

/// Ids are remembered, however many others came since.
#[test]
fn exactly_once_after_thousands() {
    let (_, steps) = history(7, &(0..3_000).collect::<Vec<u64>>(), false);
    let (mut book, events) = accepted(&steps);
    let digest = book.digest();
    assert!(events.len() > 1_000, "only {} events were accepted", events.len());
    for event in &events {
        assert!(book.evolve(event).unwrap().replayed, "{:?} {}", event.id, event.source);
    }
    assert_eq!(book.digest(), digest);
    let numbers = events.iter().filter(|event| matches!(event.id, Id::Number(_))).count();
    assert!(numbers > 0 && numbers < events.len(), "both ways to name an event are met");
}

proptest! {
    #![proptest_config(super::cases_of(60))]

    /// Who loses adds up to what is overcommitted, and nobody loses more than they claim.
    #[test]
    fn losing_claims_add_up_to_what_is_overcommitted((seed, words) in words(80)) {
        let (world, steps) = history(seed, &words, true);
        let (book, _) = accepted(&steps);
        for now in [world.now(), world.now() + 1_000_000] {
            let now = Time::new(now).expect("in range");
            for (sku, node) in world.skus().iter().flat_map(|sku| world.nodes().iter().map(move |node| (sku, node))) {
                let (sku, node) = (sku.as_str(), node.as_str());
                let Some(shelf) = book.availability(sku, node, now) else { continue };
                let losing = book.losing_claims(sku, node, now);
                prop_assert_eq!(losing.iter().map(|one| one.units).sum::<i64>(), shelf.overcommitted);
                for one in &losing {
                    let claims = book.claims(one.ledger, &one.subject, Time::ZERO);
                    let claim = claims.iter().find(|claim| claim.line == one.line).expect("a claim of the book");
                    prop_assert!(one.units > 0 && one.units <= claim.open, "{:?} of {:?}", one, claim);
                }
            }
        }
    }
}
