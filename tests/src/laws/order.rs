//! Order and names: neither the order of arrival, nor what happens elsewhere, nor what things are called changes an answer.

use onhand::kind::Ledger;
use onhand::{Book, Event, Id, Kind, Time};

use super::{Check, accepted, ensure, play, same};
use crate::history::History;
use crate::random::{Dice, Step, World};

/// Orders of arrival that a law is held against here; `orders` (`bin/orders.rs`) tries twenty.
const ORDERS: usize = 2;

pub fn of_arrival(history: &History) -> Check {
    let (book, events) = accepted(&history.steps);
    in_every_order(&history.world, &book, &events, ORDERS, &mut history.dice())
}

/// Tells what a book accepted in other orders, with duplicates: the same bytes, and the same answers to what is asked. Between
/// two closes any order will do; what came before a close stays before it.
pub fn in_every_order(world: &World, book: &Book, events: &[Event], orders: usize, dice: &mut Dice) -> Check {
    let mut periods: Vec<Vec<Event>> = vec![Vec::new()];
    for event in events {
        // INVARIANT: there is always a last period.
        match event.kind {
            Kind::PeriodClose => periods.push(vec![event.clone()]),
            _ => periods.last_mut().expect("a period").push(event.clone()),
        }
    }
    let (digest, answers) = (book.digest(), answers(world, book));
    for order in 0..orders + 2 {
        let mut told = Book::new();
        for period in &mut periods {
            let close = usize::from(period.first().is_some_and(|first| first.kind == Kind::PeriodClose));
            let (first, rest) = period.split_at_mut(close);
            match order {
                0 => rest.sort_by_key(|event| event.occurred),
                1 => rest.reverse(),
                _ => shuffle(rest, dice),
            }
            for event in first.iter().chain(rest.iter()) {
                let outcome = told.evolve(event);
                ensure(outcome.is_ok(), || format!("{outcome:?} in another order: {event:?}"))?;
                // A close of its own period forgets its own name, as it does all names.
                let forgotten = event.kind == Kind::PeriodClose && matches!(event.id, Id::Text(_));
                if dice.percent(12) && !forgotten {
                    let again = told.evolve(event);
                    ensure(again.as_ref().is_ok_and(|one| one.replayed), || {
                        format!("{again:?} to {event:?}")
                    })?;
                }
            }
        }
        same(&told.digest(), &digest, || format!("order {order}"))?;
        same(&self::answers(world, &told), &answers, || format!("order {order}"))?;
    }
    Ok(())
}

pub(crate) fn shuffle(events: &mut [Event], dice: &mut Dice) {
    for at in (1..events.len()).rev() {
        events.swap(at, dice.below(at + 1));
    }
}

/// What a book answers to what is asked most; some of it is worked out and no part of the digest.
fn answers(world: &World, book: &Book) -> String {
    let now = Time::new(world.now()).unwrap_or_default();
    let mut answers = format!("{:?}", book.exceptions(now));
    for sku in world.skus() {
        for node in world.nodes() {
            let (sku, node) = (sku.as_str(), node.as_str());
            answers += &format!(
                "\n{sku} {node} {:?} {:?}",
                book.availability(sku, node, now),
                book.dated_supply(sku, node)
            );
        }
    }
    for subject in World::subjects() {
        for ledger in [Ledger::Order, Ledger::Transfer, Ledger::Lease] {
            answers += &format!("\n{subject} {:?}", book.claims(ledger, &subject, now));
        }
    }
    answers
}

/// Plays another history beside this one, under names of its own, and mixes the two.
pub fn disjoint_histories(history: &History) -> Check {
    let mut dice = history.dice();
    let stranger = History::new(!history.seed, history.steps.len().min(64), false);
    let stranger: Vec<Step> = stranger.steps.iter().map(|step| renamed(step, "other-")).collect();
    // A close of all nodes depends on all nodes.
    let own: Vec<Step> =
        history.steps.iter().filter(|step| step.event().kind != Kind::PeriodClose).cloned().collect();
    let mut apart = Book::new();
    let answers =
        |book: &mut Book, steps: &[Step]| steps.iter().map(|step| play(book, step)).collect::<Vec<_>>();
    let (one, other) = (answers(&mut apart, &own), answers(&mut apart, &stranger));
    let mut mixed = Book::new();
    let (mut left, mut right) = (own.iter(), stranger.iter());
    let (mut one_mixed, mut other_mixed) = (Vec::new(), Vec::new());
    while left.len() + right.len() > 0 {
        match dice.below(left.len() + right.len()) < left.len() {
            true => one_mixed.extend(left.next().map(|step| play(&mut mixed, step))),
            false => other_mixed.extend(right.next().map(|step| play(&mut mixed, step))),
        }
    }
    ensure(one == one_mixed && other == other_mixed, || {
        "an answer changed by what happened elsewhere".to_owned()
    })?;
    same(&mixed.digest(), &apart.digest(), || "mixed".to_owned())
}

/// Renaming items, nodes, orders and sources renames the answers.
pub fn renaming(history: &History) -> Check {
    let (mut book, mut other) = (Book::new(), Book::new());
    for step in &history.steps {
        let told = play(&mut book, step).map(|event| renamed(&Step::Fact(event), "zz-"));
        let answer = play(&mut other, &renamed(step, "zz-")).map(Step::Fact);
        ensure(told == answer, || format!("{step:?} is answered otherwise under other names"))?;
    }
    let moment = Time::new(history.world.now()).unwrap_or_default();
    let world = &history.world;
    for (sku, node) in world.skus().iter().flat_map(|sku| world.nodes().iter().map(move |node| (sku, node))) {
        let here = book.availability(sku.as_str(), node.as_str(), moment);
        let there = other.availability(&format!("zz-{sku}"), &format!("zz-{node}"), moment);
        same(&there, &here, || format!("{sku} at {node} under other names"))?;
    }
    same(&other.exceptions(moment).len(), &book.exceptions(moment).len(), || {
        "exceptions under other names".to_owned()
    })
}

/// The same step under other names: everything that is named, apart from what the whole company shares.
fn renamed(step: &Step, before: &str) -> Step {
    let mut json = step.event().to_json();
    for stem in ["sku-", "node-", "subject-", "source-", "owner-", "lot-"] {
        json = json.replace(&format!("\"{stem}"), &format!("\"{before}{stem}"));
    }
    let event = Event::from_json(&json).expect("it was an event before");
    match step {
        Step::Fact(_) => Step::Fact(event),
        Step::Command(_) => Step::Command(event),
    }
}
