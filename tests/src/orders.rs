//! Orders of arrival: histories in which everything happens that makes the order of arrival tempting to matter.
//!
//! Each has late and duplicated facts, facts that a device made off line, counts, and every pair of facts that cross. What it
//! accepted is told in many orders: the digest, the exceptions, the claims, the dated supply and the approvals are the same.

use onhand::approval::{Desk, Policy, Rule};
use onhand::{Event, Kind, Time};

use crate::history::History;
use crate::laws::{self, Check};
use crate::random::{CROSSINGS, Dice, Step, World, name};

/// What a history has of each thing that it must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Has {
    pub late: bool,
    pub counts: bool,
    pub off_line: bool,
    pub crossings: usize,
}

/// The history of a seed, and what it has.
pub fn history(seed: u64) -> (History, Has) {
    let mut world = World::new(seed, false);
    let (mut dice, mut steps) = (Dice::new(seed ^ 0x0dde_5eed), world.first_steps());
    let some = |world: &mut World, steps: &mut Vec<Step>, dice: &mut Dice| {
        for _ in 0..2 + dice.below(4) {
            steps.push(world.step(dice.word()));
        }
    };
    some(&mut world, &mut steps, &mut dice);
    let mut off_line = world.off_line(&mut dice);
    // The close comes last: what is of its period and arrives after it is late for good.
    let mut crossings = 0;
    for crossing in CROSSINGS {
        let facts = world.crossing(crossing, &mut dice);
        crossings += usize::from(facts.len() > 1 && facts.iter().all(|fact| fact.check().is_ok()));
        steps.extend(facts.into_iter().map(Step::Fact));
        if dice.percent(30) {
            steps.extend(off_line.drain(..).map(Step::Fact));
        }
        some(&mut world, &mut steps, &mut dice);
    }
    steps.extend(off_line.into_iter().map(Step::Fact));
    let mut latest = 0;
    let late = steps.iter().any(|step| {
        let occurred = step.event().occurred.millis();
        latest = latest.max(occurred);
        occurred < latest
    });
    let counts = steps.iter().any(|step| step.event().kind == Kind::Count);
    let off_line = steps.iter().any(|step| step.event().source.as_str() == "device-1");
    (History { seed, world, steps }, Has { late, counts, off_line, crossings })
}

/// Tells the history in `orders` orders drawn by lot, and sorted by moment, and backwards.
pub fn check(history: &History, orders: usize) -> Check {
    let (book, events) = laws::accepted(&history.steps);
    laws::order::in_every_order(&history.world, &book, &events, orders, &mut history.dice())?;
    approvals(&events, orders, &mut history.dice())
}

/// The desk is a function of the set of events that it was told, whatever is closed meanwhile.
fn approvals(events: &[Event], orders: usize, dice: &mut Dice) -> Check {
    let rule =
        Rule { units: Some(2), ..Rule::new(name("rule-1"), vec![Kind::WriteOff, Kind::Adjust], 1_000) };
    let told = |events: &[Event]| {
        let mut desk = Desk::new(Policy { rules: vec![rule.clone()], approvers: Vec::new(), skew_ms: None });
        events.iter().for_each(|event| desk.note(event));
        let approvals: Vec<_> =
            World::subjects().iter().map(|subject| desk.approval(subject, Time::MAX)).collect();
        format!("{approvals:?} {:?}", desk.due())
    };
    let (expected, mut events) = (told(events), events.to_vec());
    for _ in 0..orders {
        laws::order::shuffle(&mut events, dice);
        let got = told(&events);
        laws::ensure(got == expected, || format!("approvals: {expected} and {got}"))?;
    }
    Ok(())
}
