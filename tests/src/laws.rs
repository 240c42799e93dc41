//! The laws of DESIGN.md, each as a check of one history: whatever it says, the law holds.
//!
//! A law asks the public doors and readings alone, and knows no rule of the core beyond what it says itself. `cargo test` holds
//! it against some histories, `laws` (`bin/laws.rs`) against a million events, and each planted bug must break one.

mod ladder;
mod lines;
mod offers;
pub(crate) mod order;
mod raised;
mod sums;
mod trail;

use onhand::{Book, Decision, Event, Id, Quantity, Time};

use crate::history::History;
use crate::lockstep::{self, Met};
use crate::random::{Dice, Step};

/// How a law is broken, in words; `Ok` where it holds.
pub type Check = Result<(), String>;

/// A law and how it is checked.
pub struct Law {
    /// Its number in the list of properties.
    pub code: &'static str,
    pub says: &'static str,
    pub check: fn(&History) -> Check,
}

const fn law(code: &'static str, says: &'static str, check: fn(&History) -> Check) -> Law {
    Law { code, says, check }
}

/// Every law. The first that a history breaks is the one that is reported.
pub const LAWS: &[Law] = &[
    law("P1", "what is inside and outside adds up to nothing, per item", sums::conservation),
    law(
        "P2",
        "claims are the sum of open claims, and only facts overcommit or take below zero",
        sums::claims,
    ),
    law("P3", "what was ordered on a line is open, picked, shipped or given back", lines::add_up),
    law("P4", "no intent claims more of a supply than it brings", sums::supplies),
    law("P5", "the same id counts once, and for one content", exactly_once),
    law("P6", "a dry run and what is refused change nothing", refusals_change_nothing),
    law(
        "P7",
        "an intent is accepted where the table of moves allows it, and nowhere else",
        lines::table_of_moves,
    ),
    law("P8", "of several faults the first on the ladder is named", ladder::first_fault_is_named),
    law("P9", "the same events give the same digest, told one by one or as text", replay),
    law("P10", "a snapshot at any cut and the events since are the whole", snapshot_and_tail),
    law("P11", "a batch in two parts is the batch", batches),
    law("P12", "histories that share no name do not touch one another", order::disjoint_histories),
    law("P13", "other names give the same answers under those names", order::renaming),
    law(
        "raised",
        "an event says every contradiction that it opens, and each once",
        raised::says_what_it_opens,
    ),
    law("offers", "an offer has what it names, and can be accepted", offers::never_more_than_there_is),
    law(
        "trail",
        "a log tells its book, those of past moments, and what was done to it",
        trail::tells_the_book,
    ),
    law("order", "the order of arrival does not matter", order::of_arrival),
    law("model", "the core answers as the reference model does", model),
];

/// The law of a code.
pub fn find(code: &str) -> Option<&'static Law> {
    LAWS.iter().find(|law| law.code == code)
}

/// The first of these laws that a history breaks; what the model met is counted.
pub fn broken(laws: &[&'static Law], history: &History, met: &mut Met) -> Option<(&'static Law, String)> {
    laws.iter().find_map(|law| {
        let check = match law.code {
            "model" => lock_step(history, met),
            _ => (law.check)(history),
        };
        Some((*law, check.err()?))
    })
}

impl Law {
    /// What to print of a history that breaks this law: the seed, and the shortest history that does.
    pub fn report(&self, history: &History, wrong: String) -> String {
        let (shortest, wrong) = history.shrink(wrong, |history| (self.check)(history).err());
        let steps = shortest.steps.len();
        format!(
            "seed {}: {} is broken ({}) in {steps} steps: {wrong}\n{}",
            history.seed,
            self.code,
            self.says,
            shortest.to_text()
        )
    }
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

/// The book that a history ends in, and what it accepted.
pub(crate) fn accepted(steps: &[Step]) -> (Book, Vec<Event>) {
    let mut book = Book::new();
    let events = steps.iter().filter_map(|step| play(&mut book, step)).collect();
    (book, events)
}

fn post(events: &[Event]) -> Book {
    let mut book = Book::new();
    for event in events {
        // What was accepted once is, in whatever order; where it is not, the digest says so.
        let _ = book.evolve(event);
    }
    book
}

/// Breaks the law with these words unless the condition holds.
pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn same<T: PartialEq + std::fmt::Debug>(one: &T, other: &T, what: impl FnOnce() -> String) -> Check {
    ensure(one == other, || format!("{}: {one:?} and {other:?}", what()))
}

/// Each event once more now and then, and all of them at the end; the id with other content is a conflict.
fn exactly_once(history: &History) -> Check {
    let closes = history.closes();
    let (mut book, mut told, mut dice) = (Book::new(), Vec::new(), history.dice());
    for step in &history.steps {
        told.extend(play(&mut book, step));
        if told.is_empty() || !dice.percent(25) {
            continue;
        }
        let again = dice.pick(&told).clone();
        once_more(&mut book, &again, closes, &mut dice)?;
    }
    let digest = book.digest();
    for event in &told {
        once_more(&mut book, event, closes, &mut dice)?;
    }
    ensure(closes || book.digest() == digest, || "events that were told again changed the book".to_owned())
}

fn once_more(book: &mut Book, event: &Event, closes: bool, dice: &mut Dice) -> Check {
    // The names of ids are forgotten with their period; what comes under one later goes to the queue.
    if closes && matches!(event.id, Id::Text(_)) {
        return Ok(());
    }
    let mut again = event.clone();
    again.recorded = Time::new(dice.below(1_000_000) as i64).unwrap_or_default();
    let answer = book.evolve(&again);
    ensure(answer.as_ref().is_ok_and(|outcome| outcome.replayed), || format!("{again:?} again: {answer:?}"))?;
    let mut other = event.clone();
    match other.lines.first_mut() {
        // What an intent was bound to is no part of what it said.
        Some(line) if line.bound.is_some() => {
            line.bound = line.bound.and_then(|units| Quantity::new(units.units() + 1));
        }
        Some(line) => {
            line.quantity = Quantity::new((line.quantity.units() + 1).min(1_000)).unwrap_or_default()
        }
        None => other.occurred = Time::new(other.occurred.millis() + 1).unwrap_or_default(),
    }
    if closes || other.check().is_err() || (other.lines == event.lines && other.occurred == event.occurred) {
        return Ok(());
    }
    let (told, asked) = (book.evolve(&other), book.execute(&other));
    let conflicts = told.as_ref().is_err_and(|away| away.code() == "id_conflict")
        && asked.as_ref().is_err_and(|refusal| refusal.code() == "id_conflict");
    ensure(conflicts, || format!("{other:?} after {event:?}: {told:?} and {asked:?}"))
}

/// What is refused or turned away leaves the bytes as they are; a dry run does, and says what the door then does.
fn refusals_change_nothing(history: &History) -> Check {
    let mut book = Book::new();
    let mut digest = book.digest();
    for step in &history.steps {
        let event = step.event();
        let decision = book.decide(event);
        same(&book.digest(), &digest, || format!("a dry run of {event:?}"))?;
        let refused = match step {
            Step::Fact(event) => book.evolve(event).is_err(),
            Step::Command(event) => {
                let answer = book.execute(event);
                let told = match (&decision, &answer) {
                    (Err(one), Err(other)) => one == other,
                    (Ok(Decision::Replayed(one)), Ok(other)) => one == other,
                    (Ok(Decision::Accept(_)), Ok(other)) => !other.replayed,
                    _ => false,
                };
                ensure(told, || format!("a dry run says {decision:?}, the door {answer:?} to {event:?}"))?;
                answer.is_err()
            }
        };
        let after = book.digest();
        ensure(!refused || after == digest, || format!("refused, and the book is another: {event:?}"))?;
        digest = after;
    }
    Ok(())
}

fn replay(history: &History) -> Check {
    let (book, events) = accepted(&history.steps);
    same(&post(&events).digest(), &book.digest(), || "told once more".to_owned())?;
    let mut by_text = Book::new();
    let read = by_text.evolve_json(&array(&events));
    ensure(read.as_ref().is_ok_and(|batch| batch.turned_away_count == 0), || format!("as text: {read:?}"))?;
    same(&by_text.digest(), &book.digest(), || "told as text".to_owned())?;
    for event in &events {
        let read = Event::from_json(&event.to_json());
        ensure(read.as_ref() == Ok(event), || format!("{event:?} is read as {read:?}"))?;
    }
    Ok(())
}

fn array(events: &[Event]) -> String {
    format!("[{}]", events.iter().map(Event::to_json).collect::<Vec<_>>().join(","))
}

/// Every cut of a history of up to this many events; of a longer one, [`CUTS`] of them.
const EVERY_CUT_TO: usize = 200;
const CUTS: usize = 50;

/// One state has one form; a book that was carried goes on as the one that was not.
fn snapshot_and_tail(history: &History) -> Check {
    let length = history.steps.len();
    let mut dice = history.dice();
    let every = length <= EVERY_CUT_TO;
    let cuts: Vec<usize> = match every {
        true => (0..=length).collect(),
        false => (0..CUTS).map(|_| dice.below(length + 1)).collect(),
    };
    let mut whole = Book::new();
    let mut carried: Vec<(usize, Book)> = Vec::new();
    for at in 0..=length {
        if cuts.contains(&at) {
            let snapshot = whole.snapshot();
            let restored = Book::restore(&snapshot).map_err(|error| format!("cut {at}: {error}"))?;
            ensure(restored.snapshot() == snapshot, || {
                format!("cut {at}: another form after it was carried")
            })?;
            carried.push((at, restored));
        }
        let Some(step) = history.steps.get(at) else { break };
        if let Some(event) = play(&mut whole, step) {
            for (cut, book) in &mut carried {
                let answer = book.evolve(&event);
                ensure(answer.is_ok(), || format!("cut {cut}, step {at}: {answer:?}"))?;
            }
        }
    }
    let (digest, open) = (whole.digest(), whole.exceptions(Time::MAX));
    for (cut, book) in &carried {
        same(&book.digest(), &digest, || format!("cut {cut}"))?;
        same(&book.exceptions(Time::MAX), &open, || format!("cut {cut}"))?;
    }
    Ok(())
}

fn batches(history: &History) -> Check {
    let events: Vec<Event> = history.steps.iter().map(|step| step.event().clone()).collect();
    let cut = history.dice().below(events.len() + 1);
    let (first, second) = events.split_at(cut);
    let (mut whole, mut parts) = (Book::new(), Book::new());
    let read = |book: &mut Book, events: &[Event]| {
        book.evolve_json(&array(events)).map_err(|error| format!("{error:?}"))
    };
    let all = read(&mut whole, &events)?;
    let (one, other) = (read(&mut parts, first)?, read(&mut parts, second)?);
    same(&parts.digest(), &whole.digest(), || format!("cut {cut}"))?;
    let sums = |batch: &onhand::TextBatch| {
        [batch.events, batch.posted, batch.replayed, batch.parked, batch.turned_away_count]
    };
    let (one, other) = (sums(&one), sums(&other));
    let together: Vec<u32> = one.iter().zip(other).map(|(one, other)| one + other).collect();
    same(&together.as_slice(), &sums(&all).as_slice(), || format!("cut {cut}"))
}

fn model(history: &History) -> Check {
    lock_step(history, &mut Met::new())
}

/// Steps up to which the model plays every history. It works everything out from the whole list each time, so that of longer
/// ones it plays one in eight.
const LOCK_STEP_TO: usize = 80;

fn lock_step(history: &History, met: &mut Met) -> Check {
    let length = history.steps.len();
    if length > LOCK_STEP_TO && !(history.seed / 16).is_multiple_of(8) {
        return Ok(());
    }
    *met.entry("steps beside the model".to_owned()).or_default() += length;
    lockstep::play(history, 1 + length / 16, met).map_err(|parted| parted.to_string())
}
