//! The life of an approval: one step for each event, the same for an intent that is judged and for a replay.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{NotAllowed, Policy, actor_of};
use crate::event::{Event, Line, Terms};
use crate::kind::Kind;
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::place::codes;

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApprovalStatus {
    /// Somebody asked.
    Requested,
    /// Somebody else granted it: it may be used until it ends.
    Granted,
    /// Somebody else refused it.
    Refused,
    /// Who asked took the request back.
    Withdrawn,
    /// All that was granted was done.
    Used,
    /// Its end came first.
    Expired,
}

codes!(ApprovalStatus:
    Requested "requested", Granted "granted", Refused "refused", Withdrawn "withdrawn", Used "used", Expired "expired",
);

/// A move of an approval: what may be done with a request in which status, and where it leads.
#[derive(Clone, Copy, Debug)]
pub struct ApprovalMove {
    /// The kind of event; `None` for one that is done under the approval.
    pub kind: Option<Kind>,
    /// Where it may stand.
    pub from: &'static [ApprovalStatus],
    /// Where it stands then; once all that was granted is done, for what is done under it.
    pub to: ApprovalStatus,
}

const fn when(kind: Option<Kind>, from: &'static [ApprovalStatus], to: ApprovalStatus) -> ApprovalMove {
    ApprovalMove { kind, from, to }
}

/// Every move. What the table does not have is refused (`approval_not_open`), and moves nothing when it was told all the same.
pub static MOVES: &[ApprovalMove] = &[
    // A request begins an approval; the name of one that has come to its end may be asked for again.
    when(
        Some(Kind::ApprovalRequest),
        &[ApprovalStatus::Refused, ApprovalStatus::Withdrawn, ApprovalStatus::Used, ApprovalStatus::Expired],
        ApprovalStatus::Requested,
    ),
    when(Some(Kind::ApprovalGrant), &[ApprovalStatus::Requested], ApprovalStatus::Granted),
    when(Some(Kind::ApprovalRefuse), &[ApprovalStatus::Requested], ApprovalStatus::Refused),
    when(
        Some(Kind::ApprovalWithdraw),
        &[ApprovalStatus::Requested, ApprovalStatus::Granted],
        ApprovalStatus::Withdrawn,
    ),
    when(None, &[ApprovalStatus::Granted], ApprovalStatus::Used),
];

/// A request for approval and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Approval {
    /// Its name.
    pub name: Name,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// The kind of event that it is for.
    pub kind: Kind,
    /// The node that it is for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub node: Option<Name>,
    /// The reason that it is for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Name>,
    /// Who asked.
    pub requester: Name,
    /// Who granted or refused it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub decided_by: Option<Name>,
    /// From when on it is of no use.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expires: Option<Time>,
    /// What was asked and is not done yet.
    pub left: Vec<Line>,
    /// The master data that was asked for: it may be said as it was granted, with all its lines, and in no other way.
    pub terms: Option<Box<Terms>>,
    /// Where units or claims are to go, and until when.
    #[cfg_attr(feature = "serde", serde(skip))]
    to: To,
}

/// The node, the order and the moment that an event leads to.
type To = (Option<Name>, Option<Name>, Option<Time>);

fn to_of(event: &Event) -> To {
    (event.to_node.clone(), event.to_subject.clone(), event.due)
}

impl Approval {
    /// Where it stands at a moment.
    pub fn status_at(&self, now: Time) -> ApprovalStatus {
        let ended = self.expires.is_some_and(|expires| now >= expires);
        match self.status {
            ApprovalStatus::Requested | ApprovalStatus::Granted if ended => ApprovalStatus::Expired,
            status => status,
        }
    }

    /// Takes what an event does from what is left, or says what the approval does not cover.
    fn use_up(&mut self, event: &Event) -> Result<(), NotAllowed> {
        let differs = |field| NotAllowed::NotCovered { approval: self.name.clone(), field };
        let parts = [
            ("kind", event.kind == self.kind),
            ("reason", event.reason == self.reason),
            ("to", to_of(event) == self.to),
            ("terms", event.terms == self.terms),
        ];
        if let Some((field, _)) = parts.into_iter().find(|(_, same)| !same) {
            return Err(differs(field));
        }
        if self.terms.is_some() || is_said(self.kind) {
            if event.lines != self.left {
                return Err(differs("lines"));
            }
            if event.node != self.node {
                return Err(differs("node"));
            }
            self.left.clear();
            return Ok(());
        }
        let mut left = self.left.clone();
        for line in &event.lines {
            let same = |one: &&mut Line| is_same(one, self.node.as_ref(), line, event.node.as_ref());
            let asked = left.iter_mut().find(same).ok_or_else(|| differs("lines"))?;
            let (units, wanted) = (asked.quantity.units(), line.quantity.units());
            if !is_part(wanted, units) {
                return Err(differs("lines.quantity"));
            }
            // INVARIANT: nearer to zero than a quantity that is in range.
            asked.quantity = Quantity::new(units - wanted).unwrap_or_default();
            asked.value = match (asked.value.map(Money::minor), line.value.map(Money::minor)) {
                (None, None) => None,
                (Some(value), Some(wanted)) if is_part(wanted, value) => Money::new(value - wanted),
                _ => return Err(differs("lines.value")),
            };
        }
        left.retain(|line| line.quantity != Quantity::ZERO);
        self.left = left;
        Ok(())
    }
}

/// Whether a number is no further from zero than another, on the same side.
const fn is_part(part: i64, whole: i64) -> bool {
    part.signum() * whole.signum() >= 0 && part.abs() <= whole.abs()
}

/// Whether an event says what something is from then on: a part of what was approved is something else.
const fn is_said(kind: Kind) -> bool {
    use Kind::{CostChange, PriceChange, Resize, SupplyChange};
    matches!(kind, PriceChange | CostChange | SupplyChange | Resize)
}

/// Whether a line is about the same stock as one that was asked for.
fn is_same(asked: &Line, asked_at: Option<&Name>, line: &Line, at: Option<&Name>) -> bool {
    let place = |line: &Line| {
        let texts = [&line.owner, &line.lot, &line.place, &line.to_place, &line.to_sku, &line.supply];
        (line.sku.clone(), texts.map(Clone::clone), line.state, line.to_state)
    };
    place(asked) == place(line) && asked.node.as_ref().or(asked_at) == line.node.as_ref().or(at)
}

/// Whether a kind is about approvals alone.
pub(super) const fn is_paper(kind: Kind) -> bool {
    use Kind::{ApprovalGrant, ApprovalRefuse, ApprovalRequest, ApprovalWithdraw};
    matches!(kind, ApprovalRequest | ApprovalGrant | ApprovalRefuse | ApprovalWithdraw)
}

/// What an event makes of an approval.
pub(super) fn step(
    approval: Option<Approval>,
    event: &Event,
    policy: &Policy,
) -> Result<Approval, NotAllowed> {
    // INVARIANT: papers have a subject; guarded events come here by theirs.
    let name = event.subject.as_ref().unwrap_or(&event.source);
    let actor = actor_of(event);
    let Some(mut approval) = approval else { return request(name, event) };
    let status = approval.status_at(event.occurred);
    let kind = Some(event.kind).filter(|kind| is_paper(*kind));
    let allowed = MOVES.iter().find(|row| row.kind == kind && row.from.contains(&status));
    let Some(row) = allowed else {
        return Err(NotAllowed::NotOpen { approval: name.clone(), status });
    };
    match event.kind {
        Kind::ApprovalRequest => return request(name, event),
        Kind::ApprovalGrant | Kind::ApprovalRefuse => {
            if *actor == approval.requester {
                return Err(NotAllowed::SelfApproval { actor: actor.clone() });
            }
            let is_approver = |role: &Name| policy.approvers.contains(role);
            if !policy.approvers.is_empty() && !event.role.as_ref().is_some_and(is_approver) {
                return Err(NotAllowed::NotApprover { role: event.role.clone() });
            }
            approval.decided_by = Some(actor.clone());
            approval.status = row.to;
            approval.expires = event.expires.or(approval.expires);
        }
        Kind::ApprovalWithdraw => {
            if *actor != approval.requester {
                return Err(NotAllowed::NotRequester { requester: approval.requester });
            }
            approval.status = row.to;
        }
        _ => {
            if approval.decided_by.as_ref() == Some(actor) {
                return Err(NotAllowed::SelfApproval { actor: actor.clone() });
            }
            approval.use_up(event)?;
            if approval.left.is_empty() {
                approval.status = row.to;
            }
        }
    }
    Ok(approval)
}

fn request(name: &Name, event: &Event) -> Result<Approval, NotAllowed> {
    match (event.kind, event.asks) {
        (Kind::ApprovalRequest, Some(kind)) => Ok(Approval {
            name: name.clone(),
            status: ApprovalStatus::Requested,
            kind,
            node: event.node.clone(),
            reason: event.reason.clone(),
            requester: actor_of(event).clone(),
            decided_by: None,
            expires: event.expires,
            left: event.lines.clone(),
            terms: event.terms.clone(),
            to: to_of(event),
        }),
        _ => Err(NotAllowed::Unknown { approval: name.clone() }),
    }
}
