//! The office: approvals of what is above somebody's limits, the explanation of what counts found, and the monthly close.

use std::collections::BTreeMap;

use onhand::approval::{ApprovalStatus, Declined, NotAllowed, Policy, Rule};
use onhand::log::Verdict;
use onhand::{Event, ExceptionCode, Id, Kind, Line, Name, StockState};

use super::{Happening, Network};
use crate::truth::{Mistake, Place};
use crate::world::{DAY, HOUR, name, time};

/// What is true once a guarded event is done.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    /// The units were gone before anybody asked.
    Gone { item: u32, units: i64 },
    /// The units are destroyed when it is done.
    Destroyed { item: u32, units: i64, state: StockState },
    /// Nothing moves.
    Words,
}

/// Something that somebody wants to do and may not do alone.
pub(super) struct Petition {
    event: Event,
    node: u32,
    effect: Effect,
}

/// Who may do what alone in a day, in cents.
pub(super) fn policy() -> Policy {
    let rule = |called: &str, kinds: &[Kind], role: &str, value: i64| Rule {
        role: Some(name(role)),
        value: Some(value),
        ..Rule::new(name(called), kinds.to_vec(), DAY)
    };
    Policy {
        rules: vec![
            rule("staff-write-offs", &[Kind::WriteOff], "staff", 1_200),
            Rule { units: Some(3), ..rule("staff-adjustments", &[Kind::Adjust], "staff", 900) },
            rule("stock-control-explains", &[Kind::CountExplain], "stock-control", 15_000),
        ],
        approvers: vec![name("manager"), name("regional-manager")],
        skew_ms: None,
    }
}

impl Network {
    /// Somebody does something, or asks for approval where it is above their limits. What the book refuses is done all the
    /// same when it is about goods, and reported.
    pub(super) fn attempt(&mut self, mut event: Event, node: u32, role: &str, effect: Effect) {
        event.role = Some(name(role));
        event.actor = Some(name(&format!("{role}-of-{}", self.node_name(node))));
        match self.recorder.ask(event.clone()) {
            Ok(_) => self.take_effect(node, effect),
            Err(Declined::NotAllowed(NotAllowed::OverLimit { .. })) => self.petition(event, node, effect),
            Err(_) if matches!(effect, Effect::Words) => {}
            Err(_) => {
                self.recorder.report_afterwards(event);
                self.take_effect(node, effect);
            }
        }
    }

    fn take_effect(&mut self, node: u32, effect: Effect) {
        if let Effect::Destroyed { item, units, state } = effect {
            self.truth.moved(Place::shelf(item, node).in_state(state), -units);
        }
    }

    fn petition(&mut self, event: Event, node: u32, effect: Effect) {
        if let Effect::Gone { item, units } = effect {
            self.truth.mistaken(Mistake::NotYetApproved, Place::shelf(item, node), self.now, units);
        }
        let petition = self.petitions.len() as u32;
        let mut request = Event { kind: Kind::ApprovalRequest, asks: Some(event.kind), ..event.clone() };
        request.subject = Some(approval_name(petition));
        request.expires = Some(time(self.now + 3 * DAY));
        self.recorder.ask(request).expect("anybody may ask");
        self.petitions.push(Petition { event, node, effect });
        let when = self.now + self.random.between(1, 30) * HOUR;
        self.plan(when, Happening::Decide { petition });
    }

    /// A manager grants or refuses it, unless who asked thinks better of it.
    pub(super) fn decide(&mut self, petition: u32) {
        let Petition { event, node, .. } = &self.petitions[petition as usize];
        let (node, requester) = (*node, event.actor.clone());
        let kind = match self.random.between(1, 100) {
            ..=86 => Kind::ApprovalGrant,
            87..=95 => Kind::ApprovalRefuse,
            _ => Kind::ApprovalWithdraw,
        };
        let mut paper = self.event("office", node, kind);
        paper.node = None;
        paper.subject = Some(approval_name(petition));
        if kind == Kind::ApprovalWithdraw {
            paper.actor = requester;
        } else {
            paper.actor = Some(name(&format!("manager-of-{}", self.node_name(node))));
            paper.role = Some(name("manager"));
        }
        self.recorder.ask(paper).expect("nobody else has decided");
        // Now and then nobody remembers what was granted.
        if kind == Kind::ApprovalGrant && self.random.chance(980_000) {
            let when = self.now + self.random.between(1, 12) * HOUR;
            self.plan(when, Happening::CarryOut { petition });
        }
    }

    /// What was granted is done, as far as the goods are still there.
    pub(super) fn carry_out(&mut self, petition: u32) {
        let Petition { event, node, effect } = &self.petitions[petition as usize];
        let (mut event, node, mut effect) = (event.clone(), *node, *effect);
        event.subject = Some(approval_name(petition));
        event.occurred = time(self.now);
        match &mut effect {
            Effect::Destroyed { item, units, state } => {
                let there = self.truth.held(Place::shelf(*item, node).in_state(*state));
                if there < *units {
                    *units = there;
                    event.lines = vec![self.line_at_cost(*item, there, *state)];
                }
                if there <= 0 {
                    return;
                }
            }
            Effect::Gone { item, units } => {
                let place = Place::shelf(*item, node);
                self.truth.mistaken(Mistake::NotYetApproved, place, self.now, -*units);
            }
            Effect::Words => {}
        }
        // Costs may have risen since: what was granted is what was asked.
        for (line, granted) in event.lines.iter_mut().zip(&self.petitions[petition as usize].event.lines) {
            line.value = line.value.min(granted.value);
        }
        match self.recorder.ask(event.clone()) {
            Err(Declined::Refused(_)) if !matches!(effect, Effect::Words) => {
                self.recorder.report_afterwards(event);
            }
            Err(Declined::NotAllowed(problem)) => panic!("what was granted is allowed: {problem}"),
            _ => {}
        }
        self.take_effect(node, effect);
    }

    /// What counts found and nobody has explained, node by node: loss or gain.
    pub(super) fn explain(&mut self) {
        let before = self.now - 2 * DAY;
        let open = self.recorder.review(before, self.now);
        let mut by_node: BTreeMap<(Name, bool), Vec<Line>> = BTreeMap::new();
        for exception in open.iter().filter(|one| one.code == ExceptionCode::CountVariance) {
            let (Some(sku), Some(node)) = (&exception.sku, &exception.location) else { continue };
            let state = exception.state.unwrap_or_default();
            let line = self.line_at_cost(self.item_numbers[sku], exception.quantity, state);
            by_node.entry((node.clone(), exception.quantity > 0)).or_default().push(line);
        }
        for ((node, is_gain), lines) in by_node {
            let node = self.node_numbers[&node];
            let mut explain = self.event("stock-control", node, Kind::CountExplain);
            explain.reason = Some(name(if is_gain { "found" } else { "shrinkage" }));
            explain.lines = lines;
            self.attempt(explain, node, "stock-control", Effect::Words);
        }
    }

    /// The books of a month are closed on the fifth day of the next, two days after its variances were explained.
    pub(super) fn plan_closes(&mut self) {
        const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut ends = self.world.start;
        for days in DAYS {
            ends += days * DAY;
            self.plan(ends + 2 * DAY + 10 * HOUR, Happening::Explain);
            self.plan(ends + 4 * DAY + 5 * HOUR, Happening::CloseMonth { through: ends - 1 });
        }
    }

    pub(super) fn close_month(&mut self, through: i64) {
        for node in self.world.nodes.iter().map(|node| node.name.clone()).collect::<Vec<Name>>() {
            self.head_office += 1;
            let id = Id::Number(self.head_office);
            let mut close = Event::new(name("accounts"), id, Kind::PeriodClose, time(self.now));
            close.node = Some(node);
            close.due = Some(time(through));
            self.recorder.close(close);
        }
        self.notes.months_closed += 1;
    }

    /// Writes down what an order was sold or what came back of it.
    pub(super) fn on_trail(&mut self, event: &Event) {
        self.trail.write(event.clone(), Verdict::Fact, event.occurred);
    }

    /// What became of all that somebody asked approval for.
    pub(super) fn note_approvals(&mut self) {
        let now = time(self.now);
        for (number, Petition { event, .. }) in (0..).zip(&self.petitions) {
            let Some(approval) = self.recorder.desk.approval(&approval_name(number), now) else { continue };
            let sum = self.notes.approvals.entry(event.kind.code()).or_default();
            sum.asked += 1;
            sum.cents_asked += event
                .lines
                .iter()
                .filter_map(|line| line.value)
                .map(|value| value.minor().abs())
                .sum::<i64>();
            match approval.status {
                ApprovalStatus::Used => sum.used += 1,
                ApprovalStatus::Refused => sum.refused += 1,
                ApprovalStatus::Withdrawn => sum.withdrawn += 1,
                ApprovalStatus::Granted | ApprovalStatus::Requested => sum.open += 1,
                _ => sum.expired += 1,
            }
        }
        self.notes.due_for_approval = self.recorder.due.len() as u64;
    }
}

fn approval_name(petition: u32) -> Name {
    name(&format!("approval-{petition:05}"))
}
