//! Promises after they are made: what would be if is what is, once it is so.

use std::collections::BTreeMap;

use onhand::promise::{Change, Offer, Request, Shipment};
use onhand::{Book, Event, Id, Kind, Line, Name, ProtectionTerms, Quantity, Terms, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::promise::{history, post, request};

/// A book with a history, and some of its stock held back.
pub(crate) fn book_of(seed: u64, words: &[u64]) -> (World, Vec<Event>, Book) {
    let (world, mut events) = history(seed, words);
    let mut dice = Dice::new(seed ^ 0xba11);
    for number in 0..3 {
        let mut event =
            Event::new(name("holder"), Id::Number(number + 1), Kind::ProtectionChange, now(&world));
        let node = dice.percent(60).then(|| dice.pick(world.nodes()).clone());
        let quantity = Quantity::new(dice.below(4) as i64).unwrap();
        let sku = dice.pick(world.skus()).clone();
        event.terms = Some(Terms::Protection(ProtectionTerms { sku, node, method: None, quantity }).into());
        events.push(event);
    }
    let mut book = Book::new();
    post(&mut book, &events);
    (world, events, book)
}

/// A moment after all that happened.
pub(crate) fn now(world: &World) -> Time {
    Time::new(world.now() + 1).unwrap()
}

fn change(world: &World, book: &Book, dice: &mut Dice) -> Option<Change> {
    let (sku, node) = (dice.pick(world.skus()).clone(), dice.pick(world.nodes()).clone());
    book.availability(sku.as_str(), node.as_str(), now(world))?;
    let due = now(world).millis() + dice.below(6) as i64 * 1_000 - 2_000;
    Some(match dice.below(5) {
        0 => Change::Stock { sku, node, units: dice.below(12) as i64 - 4 },
        1 => Change::Supply { sku, node, units: 1 + dice.below(6) as i64, due: due.max(0) },
        2 => Change::OnLine { node, on_line: dice.percent(60) },
        3 => Change::Unprotected { sku, node },
        _ => {
            let announced = book.dated_supply(sku.as_str(), node.as_str());
            let announced: Vec<_> =
                announced.iter().filter(|one| one.supply.as_str().starts_with("supply-")).collect();
            let supply = announced.get(dice.below(announced.len()))?.supply.clone();
            Change::Moved { supply, sku, node, due: dice.percent(70).then_some(due.max(0)) }
        }
    })
}

/// Makes a change for good.
fn make(book: &mut Book, events: &[Event], change: &Change, number: u64, now: Time) {
    let mut tell = |kind: Kind, fill: &dyn Fn(&mut Event)| {
        let mut event = Event::new(name("maker"), Id::Number(number), kind, now);
        fill(&mut event);
        book.evolve(&event).unwrap();
    };
    match change {
        Change::Stock { units: 0, .. } => {}
        Change::Stock { sku, node, units } => tell(Kind::Adjust, &|event| {
            event.node = Some(node.clone());
            event.reason = Some(name("supposed"));
            event.lines.push(Line::new(sku.clone(), *units).unwrap());
        }),
        Change::Supply { sku, node, units, due } => tell(Kind::SupplyChange, &|event| {
            event.node = Some(node.clone());
            event.subject = Some(name("supposed"));
            event.due = Time::new(*due);
            event.lines.push(Line::new(sku.clone(), *units).unwrap());
        }),
        Change::Moved { supply, sku, node, due } => {
            let as_said = events.iter().rev().find(|event| {
                event.kind == Kind::SupplyChange
                    && event.subject.as_ref() == Some(supply)
                    && event.node.as_ref() == Some(node)
                    && event.lines.iter().any(|line| line.sku == *sku)
            });
            let as_said = as_said.expect("only what was announced is moved");
            let units = as_said.lines.iter().find(|line| line.sku == *sku).unwrap().quantity.units();
            tell(Kind::SupplyChange, &|event| {
                event.node = Some(node.clone());
                event.subject = Some(supply.clone());
                event.due = due.map_or(as_said.due, Time::new);
                event.lines.push(Line::new(sku.clone(), due.map_or(0, |_| units)).unwrap());
            });
        }
        Change::OnLine { node, on_line } => {
            let said = events.iter().filter_map(|event| match event.terms.as_deref() {
                Some(Terms::Node(terms)) if terms.node == *node => {
                    Some((event.occurred, event.source.clone(), event.id.clone(), terms.clone()))
                }
                _ => None,
            });
            let last = said.max_by_key(|(occurred, source, id, _)| (*occurred, source.clone(), id.clone()));
            let (.., mut terms) = last.expect("every node of the network has its terms");
            terms.on_line = *on_line;
            tell(Kind::NodeChange, &|event| event.terms = Some(Terms::Node(terms.clone()).into()));
        }
        Change::Unprotected { sku, node } => tell(Kind::ProtectionChange, &|event| {
            let (sku, node, quantity) = (sku.clone(), Some(node.clone()), Quantity::ZERO);
            let terms = ProtectionTerms { sku, node, method: None, quantity };
            event.terms = Some(Terms::Protection(terms).into());
        }),
        _ => panic!("a change that this test does not know: {change:?}"),
    }
}

/// What an offer says apart from which book said it and what supposed supply would be called.
fn said(offer: &Offer) -> impl PartialEq + std::fmt::Debug {
    let shipment = |one: &Shipment| {
        let mut lines: BTreeMap<Name, i64> = BTreeMap::new();
        for line in &one.lines {
            *lines.entry(line.line.clone()).or_default() += line.quantity;
        }
        (one.node.clone(), one.method.clone(), one.release_by, one.arrive_by, one.cost, lines)
    };
    let shipments: Vec<_> = offer.shipments.iter().map(shipment).collect();
    (offer.cost, offer.bound, offer.proven, shipments, offer.unmet.clone(), offer.passed.clone())
}

proptest! {
    #![proptest_config(crate::cases_of(128))]

    /// Asking with changes is asking a book in which they were made; the book that was asked is as it was.
    #[test]
    fn what_would_be_if_is_what_is_once_it_is_so(
        seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64,
    ) {
        let (world, events, book) = book_of(seed, &words);
        let digest = book.digest();
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let request = Request { now: now(&world), ..request(&world, &mut dice) };
            let mut changes: Vec<Change> = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let Some(one) = change(&world, &book, &mut dice) else { continue };
                // Said twice of one thing, the second would have to know what the first made of it.
                if matches!(one, Change::Stock { .. } | Change::OnLine { .. }) || !changes.contains(&one) {
                    changes.push(one);
                }
            }
            let moved = |change: &&Change| matches!(change, Change::Moved { .. } | Change::Supply { .. });
            if changes.iter().filter(moved).count() > 1 {
                continue;
            }
            let mut other = book.clone();
            for (number, change) in (1..).zip(&changes) {
                make(&mut other, &events, change, number, request.now);
            }
            let (supposed, made) = (book.promise_if(&request, &changes), other.promise(&request));
            match (&supposed, &made) {
                (Ok(supposed), Ok(made)) => prop_assert_eq!(said(supposed), said(made), "{:?} {:?}", request, changes),
                _ => prop_assert_eq!(&supposed, &made),
            }
            prop_assert_eq!(book.digest(), digest);
        }
    }
}
