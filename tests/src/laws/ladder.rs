//! The ladder of refusals: of an intent with several faults the first is named, whatever the others are.

use onhand::{Book, Event, Id, Kind, Name, Quantity, Refusal, Time};

use super::{Check, ensure, play};
use crate::history::History;
use crate::random::{Step, name};

/// A fault, the refusal that it has on its own, and how it is put into an intent (`None` where it does not fit).
type Fault = (&'static str, fn(&Event, &Told) -> Option<Event>);

/// What was told before, for faults that need it.
struct Told {
    /// Items that are known, sooner or later.
    skus: Vec<Name>,
    /// An event whose id is used.
    used: Event,
    /// A moment before a document of the intent was moved last.
    early: Option<Time>,
    /// A node that is closed, and a moment of its closed period.
    closed: Option<(Name, Time)>,
}

/// In the order in which they are checked.
const FAULTS: &[Fault] = &[
    ("malformed", |event, _| {
        let mut event = event.clone();
        event.id = Id::Number(0);
        Some(event)
    }),
    ("id_conflict", |event, told| {
        let mut event = event.clone();
        (event.source, event.id) = (told.used.source.clone(), told.used.id.clone());
        event.actor = Some(name("somebody-else-again"));
        Some(event)
    }),
    ("fact_only", |event, _| {
        let mut event = event.clone();
        // A kind of the same shape that only happens.
        event.kind = Kind::Sell;
        (event.to_node, event.to_subject, event.expires, event.due) = (None, None, None, None);
        event.partial = false;
        event
            .lines
            .iter_mut()
            .for_each(|line| (line.to_sku, line.to_place, line.to_state) = (None, None, None));
        Some(event)
    }),
    ("quantity_is_zero", |event, _| with_line(event, |line| line.quantity = Quantity::ZERO)),
    ("reason_missing", |event, _| {
        let mut event = event.clone();
        event.reason = None;
        Some(event)
    }),
    ("already_expired", |event, _| {
        let mut event = event.clone();
        event.expires = Some(event.occurred);
        Some(event)
    }),
    ("unknown_node", |event, _| {
        let mut event = event.clone();
        event.node = Some(name("node-nowhere"));
        Some(event)
    }),
    ("unknown_sku", |event, _| with_line(event, |line| line.sku = name("sku-nothing"))),
    ("period_closed", |event, told| {
        let (node, moment) = told.closed.clone()?;
        let mut event = event.clone();
        event.occurred = moment;
        match event.node.is_some() {
            true => event.node = Some(node),
            false => event.lines.iter_mut().for_each(|line| line.node = Some(node.clone())),
        }
        Some(event)
    }),
    ("out_of_order", |event, told| {
        let mut event = event.clone();
        event.occurred = told.early?;
        Some(event)
    }),
    ("claim_not_open", |event, _| with_line(event, |line| line.line = Some(name("line-never")))),
    ("claim_elsewhere", |event, told| {
        with_line(event, |line| {
            line.line = Some(line.line_name().clone());
            line.sku = told.skus.iter().find(|sku| **sku != line.sku).unwrap_or(&line.sku).clone();
        })
    }),
    ("claim_too_small", |event, _| {
        with_line(event, |line| line.quantity = Quantity::new(90_000_000_000).unwrap_or_default())
    }),
    ("insufficient", |event, _| {
        with_line(event, |line| line.quantity = Quantity::new(90_000_000_000).unwrap_or_default())
    }),
];

fn with_line(event: &Event, change: impl Fn(&mut onhand::Line)) -> Option<Event> {
    let mut event = event.clone();
    change(event.lines.first_mut()?);
    Some(event)
}

/// Puts every pair of faults that fits into intents that would be accepted.
pub fn first_fault_is_named(history: &History) -> Check {
    let (mut book, mut dice) = (Book::new(), history.dice());
    let mut told = Told {
        skus: history.world.skus().to_vec(),
        used: history.steps[0].event().clone(),
        early: None,
        closed: None,
    };
    for step in &history.steps {
        if let Step::Command(command) = step
            && dice.percent(15)
            && matches!(book.decide(command), Ok(onhand::Decision::Accept(_)))
        {
            pairs(&mut book, command, &told)?;
        }
        let Some(event) = play(&mut book, step) else { continue };
        if event.kind == Kind::PeriodClose {
            told.closed = event.node.clone().zip(event.due);
        }
        if event.kind.row().claim.is_some() {
            told.early = Time::new(event.occurred.millis() - 1);
        }
        told.used = event;
    }
    Ok(())
}

fn pairs(book: &mut Book, command: &Event, told: &Told) -> Check {
    // A fault counts where it is the only one that it makes.
    let alone = |book: &mut Book, fault: &Fault| {
        let event = fault.1(command, told)?;
        (book.decide(&event).err().as_ref().map(Refusal::code) == Some(fault.0)).then_some(event)
    };
    for (rank, first) in FAULTS.iter().enumerate() {
        if alone(book, first).is_none() {
            continue;
        }
        for second in &FAULTS[rank + 1..] {
            let Some(with_second) = alone(book, second) else { continue };
            let Some(both) = first.1(&with_second, told) else { continue };
            let code = book.decide(&both).err().as_ref().map(Refusal::code);
            ensure(code == Some(first.0), || {
                format!("{} and {} is answered {code:?}: {both:?}", first.0, second.0)
            })?;
        }
    }
    Ok(())
}
