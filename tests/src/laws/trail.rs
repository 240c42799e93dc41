//! The trail: a log tells the book that wrote it, the book of any moment, and whatever was done to it since.

use onhand::log::{Entry, Fault, Log, verify};
use onhand::{Book, Event, Time};

use super::{Check, ensure, same};
use crate::history::History;
use crate::random::{Dice, Step};

pub fn tells_the_book(history: &History) -> Check {
    let (mut log, mut book, mut dice) = (Log::new(), Book::new(), history.dice());
    let cut = dice.below(history.steps.len());
    let mut then = book.digest();
    for (at, step) in history.steps.iter().enumerate() {
        let recorded = Time::new(2_000_000 + at as i64).unwrap_or_default();
        let _ = match step {
            Step::Fact(event) => log.evolve(&mut book, event, recorded).is_ok(),
            Step::Command(command) => log.execute(&mut book, command, recorded).is_ok(),
        };
        if at == cut {
            then = book.digest();
        }
    }
    same(&log.book().digest(), &book.digest(), || "told again from the log".to_owned())?;
    let until = Time::new(2_000_000 + cut as i64).unwrap_or_default();
    same(&log.known_then(until).digest(), &then, || format!("as known at entry {cut}"))?;
    let until = history.steps[cut].event().occurred;
    let mut now = Book::new();
    let accepted: Vec<&Event> =
        log.entries().iter().filter(|entry| entry.is_accepted()).map(|entry| &entry.event).collect();
    for event in accepted.iter().filter(|event| event.occurred <= until) {
        let _ = now.evolve(event);
    }
    same(&log.known_now(until).digest(), &now.digest(), || format!("of {until:?} as known now"))?;
    faults(&log, &mut dice)
}

/// An edit, a gap, a swap and a cut are found, and named.
fn faults(log: &Log, dice: &mut Dice) -> Check {
    let head = log.verify(None).map_err(|fault| format!("nothing was done to it: {fault:?}"))?;
    let entries = log.entries();
    let at = dice.below(entries.len());
    let number = entries[at].number;
    let found = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut entries = entries.to_vec();
        change(&mut entries);
        verify(&entries, log.start(), Some(head)).err()
    };
    let named = |what: &str, fault: Option<Fault>, right: bool| {
        ensure(right, || format!("{what} at {number} is answered {fault:?}"))
    };
    for (field, change) in EDITS {
        let fault = found(&|entries| change(&mut entries[at]));
        named(field, fault, fault == Some(Fault::Edited { entry: number }))?;
    }
    let gap = found(&|entries| drop(entries.remove(at)));
    named("a gap", gap, matches!(gap, Some(Fault::Gap { .. } | Fault::Cut { .. })))?;
    if at + 1 < entries.len() {
        let swap = found(&|entries| entries.swap(at, at + 1));
        named("a swap", swap, matches!(swap, Some(Fault::Swapped { entry, .. }) if entry == number))?;
    }
    Ok(())
}

type Edit = (&'static str, fn(&mut Entry));

const EDITS: &[Edit] = &[
    ("another moment", |entry| {
        entry.event.occurred = Time::new(entry.event.occurred.millis() + 1).unwrap_or_default()
    }),
    ("another time of recording", |entry| {
        entry.event.recorded = Time::new(entry.event.recorded.millis() + 1).unwrap_or_default();
    }),
    ("another verdict", |entry| {
        use onhand::log::Verdict::{Fact, Replayed};
        entry.verdict = if entry.verdict == Replayed { Fact } else { Replayed };
    }),
    ("another actor", |entry| entry.event.actor = Some(crate::random::name("nobody"))),
];
