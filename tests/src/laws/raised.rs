//! What an event answers: every contradiction that it or what waited for it opens, and none that is not open.

use onhand::{Book, Exception};

use super::{Check, ensure};
use crate::history::History;
use crate::random::Step;

pub fn says_what_it_opens(history: &History) -> Check {
    let mut book = Book::new();
    for step in &history.steps {
        let event = step.event();
        let before = book.exceptions(event.occurred);
        let answer = match step {
            Step::Fact(event) => book.evolve(event).ok(),
            Step::Command(event) => book.execute(event).ok(),
        };
        let Some(outcome) = answer.filter(|outcome| !outcome.replayed) else { continue };
        let (raised, after) = (outcome.exceptions, book.exceptions(event.occurred));
        ensure(raised.is_sorted_by(|one, other| one < other), || {
            format!("told twice, or in no order: {raised:?} after {event:?}")
        })?;
        let closed: Vec<&Exception> = raised.iter().filter(|one| !after.contains(one)).collect();
        ensure(closed.is_empty(), || format!("not open: {closed:?} after {event:?}"))?;
        // What was open and is no worse is not opened.
        let was = |one: &Exception| {
            let same = |other: &&Exception| Exception { quantity: one.quantity, ..(*other).clone() } == *one;
            before.iter().filter(same).any(|other| other.quantity.abs() >= one.quantity.abs())
        };
        let opened = after.iter().filter(|one| !raised.contains(one) && !was(one));
        let unsaid: Vec<&Exception> = opened.collect();
        ensure(unsaid.is_empty(), || format!("not told: {unsaid:?} after {event:?}"))?;
    }
    Ok(())
}
