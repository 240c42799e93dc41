//! Approvals: what a person may do alone, and what needs a second one.
//!
//! A [`Policy`] is a table of limits by kind of event, role, reason and node. A [`Desk`] stands in front of a book and its log:
//! it knows what each person did lately and how each request for approval stands, as a function of the set of events that it
//! was told. An intent above a limit is refused by name, until somebody else has granted it; many small ones count together. A
//! fact is posted all the same and is [`Desk::due`] for approval.
//!
//! An intent names the approval that it is done under as its subject. Requests, grants, refusals, withdrawals and all that was
//! refused are entries of the log: every decision is in the trail.
//!
//! [`Desk::execute`] is the one door for what people and their devices ask: it holds an intent against the policy, against what
//! an order line was sold, and against the book, and nothing is booked that fails any of them. `Book::execute` and
//! `Log::execute` know no policy: they are for processes that nobody has to approve of.

mod paper;
mod policy;

use alloc::vec::Vec;
use core::fmt;

pub use paper::{Approval, ApprovalMove, ApprovalStatus, MOVES};
pub use policy::{Limit, Policy, Rule};

use crate::book::Book;
use crate::event::{Event, Id};
use crate::evolve::Outcome;
use crate::execute::{Decision, Refusal};
use crate::kept::Standing;
use crate::kind::{Kind, Subject};
use crate::log::{Log, OverReturned, Verdict};
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use paper::{is_paper, step};

/// Why an intent needs an approval, or why an approval does not allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAllowed {
    /// The policy guards the kind and no rule lets this role do it for this reason at this node.
    NoRule {
        /// The kind.
        kind: Kind,
    },
    /// More than the rule allows without approval, together with what the same person did there lately.
    OverLimit {
        /// The name of the rule.
        rule: Name,
        /// Which of its limits.
        limit: Limit,
        /// The node, where it is about one.
        node: Option<Name>,
        /// The item, for limits by item.
        sku: Option<Name>,
        /// The most that is allowed.
        max: i64,
        /// What it would come to.
        found: i64,
    },
    /// The rule limits value, and a line does not say its own.
    ValueMissing {
        /// The name of the rule.
        rule: Name,
        /// The item of the line.
        sku: Name,
    },
    /// Nobody has asked for this approval.
    Unknown {
        /// The approval.
        approval: Name,
    },
    /// The approval stands where this cannot be done.
    NotOpen {
        /// The approval.
        approval: Name,
        /// Where it stands.
        status: ApprovalStatus,
    },
    /// Nobody approves what they asked for or do themselves.
    SelfApproval {
        /// The person.
        actor: Name,
    },
    /// The role may not approve.
    NotApprover {
        /// The role, where one was said.
        role: Option<Name>,
    },
    /// Only who asked may withdraw.
    NotRequester {
        /// Who asked.
        requester: Name,
    },
    /// The approval is for something else: names the part that differs.
    NotCovered {
        /// The approval.
        approval: Name,
        /// The part of the event; `to` for where it leads: to which node or order, and until when.
        field: &'static str,
    },
    /// More of an order line is to be sold again than was sold and came back: somebody has to approve.
    OverReturned(OverReturned),
    /// The intent says that it is asked at another moment than it came at: limits count by moment, so the moment has to be true.
    WrongMoment {
        /// When it came, in milliseconds.
        recorded: i64,
        /// By how much it may differ, in milliseconds.
        skew: i64,
    },
    /// The approval was decided on or used at a later moment than this is asked at.
    OutOfOrder {
        /// That moment, in milliseconds.
        latest: i64,
    },
}

impl NotAllowed {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            NotAllowed::NoRule { .. } => "approval_needed",
            NotAllowed::OverLimit { .. } => "over_approval_limit",
            NotAllowed::ValueMissing { .. } => "value_missing",
            NotAllowed::Unknown { .. } => "approval_unknown",
            NotAllowed::NotOpen { .. } => "approval_not_open",
            NotAllowed::SelfApproval { .. } => "self_approval",
            NotAllowed::NotApprover { .. } => "not_approver",
            NotAllowed::NotRequester { .. } => "not_requester",
            NotAllowed::NotCovered { .. } => "not_covered",
            NotAllowed::OverReturned(_) => "over_returned",
            NotAllowed::WrongMoment { .. } => "wrong_moment",
            NotAllowed::OutOfOrder { .. } => "approval_out_of_order",
        }
    }
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for NotAllowed {}

/// Why a desk did not let an intent through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// By the policy.
    NotAllowed(NotAllowed),
    /// By the book.
    Refused(Refusal),
}

/// An event that went beyond its limits without approval: a fact, or an intent that an earlier fact, told later, put beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Due {
    /// The source of the event.
    pub source: Name,
    /// Its id.
    pub id: Id,
    /// What it goes beyond.
    pub problem: NotAllowed,
}

/// What each person did, and how each approval stands.
///
/// To judge an intent looks at what its actor did of the guarded kinds, and at the papers of its approval. A desk keeps every
/// guarded event until [`Desk::forget`].
///
/// ```
/// use onhand::approval::{Declined, Desk, Limit, NotAllowed, Policy, Rule};
/// use onhand::log::Log;
/// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = |text: &str| Name::new(text).unwrap();
/// let at = |millis| Time::new(millis).unwrap();
/// let clerk = Rule { units: Some(5), ..Rule::new(name("clerk-adjusts"), vec![Kind::Adjust], 86_400_000) };
/// let mut desk = Desk::new(Policy { rules: vec![clerk], approvers: vec![name("manager")], skew_ms: None });
/// let (mut log, mut book) = (Log::new(), testing::book(&["TEA-250"], &["store-1"]));
///
/// let event = |id, kind, millis, who: &str, units| {
///     let mut event = Event::new(name("handheld-4"), Id::Number(id), kind, at(millis));
///     event.actor = Some(name(who));
///     event.node = Some(name("store-1"));
///     event.reason = Some(name("found"));
///     event.lines.push(Line::new(name("TEA-250"), units).unwrap());
///     event
/// };
/// let mut now = |event: &Event| desk.execute(&mut log, &mut book, event, event.occurred);
///
/// // Four are few enough; four more within the day are not.
/// assert!(now(&event(1, Kind::Adjust, 1_000, "ada", 4)).is_ok());
/// let mut more = event(2, Kind::Adjust, 2_000, "ada", 4);
/// match now(&more) {
///     Err(Declined::NotAllowed(NotAllowed::OverLimit { limit: Limit::Units, max: 5, found: 8, .. })) => {}
///     other => panic!("{other:?}"),
/// }
/// // Ada asks, Grace grants, and Ada may.
/// let mut ask = event(3, Kind::ApprovalRequest, 3_000, "ada", 4);
/// ask.subject = Some(name("approval-1"));
/// ask.asks = Some(Kind::Adjust);
/// assert!(now(&ask).is_ok());
/// let mut grant = Event::new(name("office"), Id::Number(1), Kind::ApprovalGrant, at(4_000));
/// (grant.subject, grant.actor, grant.role) = (ask.subject.clone(), Some(name("ada")), Some(name("manager")));
/// assert_eq!(now(&grant), Err(Declined::NotAllowed(NotAllowed::SelfApproval { actor: name("ada") })));
/// grant.actor = Some(name("grace"));
/// assert!(now(&grant).is_ok());
/// (more.subject, more.occurred) = (ask.subject.clone(), at(5_000));
/// assert!(now(&more).is_ok());
/// assert_eq!(book.availability("TEA-250", "store-1", at(6_000)).unwrap().on_hand, 8);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Desk {
    policy: Policy,
    /// Guarded events of each actor, in key order.
    done: Map<Name, Vec<Event>>,
    /// Papers and guarded events of each subject, in key order.
    papers: Map<Name, Vec<Event>>,
}

impl Desk {
    /// A desk that was told nothing yet.
    pub fn new(policy: Policy) -> Desk {
        Desk { policy, ..Desk::default() }
    }

    /// A desk that was told all that a log has accepted.
    pub fn of(policy: Policy, log: &Log) -> Desk {
        let mut desk = Desk::new(policy);
        log.entries().iter().filter(|entry| entry.is_accepted()).for_each(|entry| desk.note(&entry.event));
        desk
    }

    /// Takes down an event that the book accepted. The same event twice counts once.
    pub fn note(&mut self, event: &Event) {
        // Asked and approved is the line, not the lots that it was bound to.
        let event = &event.as_asked();
        let guarded = self.policy.guards(event.kind);
        if guarded {
            insert(self.done.entry_or(actor_of(event).clone(), Vec::new), event);
        }
        if let Some(subject) = event.subject.as_ref().filter(|_| guarded || takes_approval(event.kind)) {
            insert(self.papers.entry_or(subject.clone(), Vec::new), event);
        }
    }

    /// Whether an intent may go to the book.
    ///
    /// # Errors
    ///
    /// [`NotAllowed`], with the limit or the approval that stands against it.
    pub fn judge(&self, book: &Book, command: &Event) -> Result<(), NotAllowed> {
        let paper = is_paper(command.kind);
        let guarded = self.policy.guards(command.kind);
        if !guarded && !takes_approval(command.kind) {
            return Ok(());
        }
        if let Some(subject) = &command.subject {
            let papers = self.papers.get(subject).map_or(&[][..], Vec::as_slice);
            // The moves of an order or transfer are all named for it: each is approved for itself.
            let is_named = command.kind.row().subject != Subject::Needed;
            let approval = self.replay(papers).filter(|one| paper || is_named || one.kind == command.kind);
            if paper || approval.is_some() {
                if let Some(last) = papers.last().filter(|last| key(last) > key(command)) {
                    return Err(NotAllowed::OutOfOrder { latest: last.occurred.millis() });
                }
                return step(approval, command, &self.policy).map(drop);
            }
        }
        if !guarded {
            return Ok(());
        }
        // Whatever moment the intent claims: what was done before and after it counts.
        let others = self.own_account(actor_of(command)).filter(|other| key(other) != key(command));
        self.policy.check(command, others, Some(book))
    }

    /// Judges an intent, asks the book for it, and writes down what became of it, at the moment `recorded`. What puts
    /// returns up for sale has to be of what its order line was sold ([`Log::may_resell`]), unless it is done under an approval; that reads
    /// the log once.
    ///
    /// # Errors
    ///
    /// [`Declined`], by the policy or by the book; the book is unchanged, and the refusal is in the log.
    pub fn execute(
        &mut self,
        log: &mut Log,
        book: &mut Book,
        command: &Event,
        recorded: Time,
    ) -> Result<Outcome, Declined> {
        if let Ok(Decision::Accept(_)) = book.decide(command)
            && let Err(problem) = self.judge_all(log, book, command, recorded)
        {
            log.write(command.clone(), Verdict::Refused(Name::known(problem.code())), recorded);
            return Err(Declined::NotAllowed(problem));
        }
        let outcome = log.execute(book, command, recorded).map_err(Declined::Refused)?;
        // What is settled by its number alone was not compared: it may say anything, and nobody has judged it.
        if outcome.standing != Standing::AlreadySettled {
            self.note(command);
        }
        Ok(outcome)
    }

    fn judge_all(&self, log: &Log, book: &Book, command: &Event, recorded: Time) -> Result<(), NotAllowed> {
        let off = (command.occurred.millis() - recorded.millis()).abs();
        if let Some(skew) = self.policy.skew_ms.filter(|skew| off > *skew)
            && self.policy.guards(command.kind)
        {
            return Err(NotAllowed::WrongMoment { recorded: recorded.millis(), skew });
        }
        self.judge(book, command)?;
        let papers = command.subject.as_ref().and_then(|subject| self.papers.get(subject));
        match papers.is_some_and(|papers| self.replay(papers).is_some()) {
            true => Ok(()),
            false => log.may_resell(command).map_err(NotAllowed::OverReturned),
        }
    }

    /// How an approval stands at a moment; `None` when nobody has asked for it.
    pub fn approval(&self, name: &Name, now: Time) -> Option<Approval> {
        let mut approval = self.replay(self.papers.get(name)?)?;
        approval.status = approval.status_at(now);
        Some(approval)
    }

    /// What went beyond its limits without approval, by actor and in key order.
    ///
    /// The share of stock is a limit of intents only: of a fact it would change with all that is told later.
    pub fn due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (actor, events) in self.done.iter() {
            for event in events.iter().filter(|event| !self.is_covered(event)) {
                let before = self.own_account(actor).filter(|other| key(other) < key(event));
                if let Err(problem) = self.policy.check(event, before, None) {
                    due.push(Due { source: event.source.clone(), id: event.id.clone(), problem });
                }
            }
        }
        due
    }

    /// Lets go of what was done before a moment. Approvals stay.
    pub fn forget(&mut self, before: Time) {
        self.done.retain(|_, events| {
            events.retain(|event| event.occurred >= before);
            !events.is_empty()
        });
    }

    /// What somebody did without approval.
    fn own_account<'a>(&'a self, actor: &Name) -> impl Iterator<Item = &'a Event> + Clone {
        self.done.get(actor).into_iter().flatten().filter(|event| !self.is_covered(event))
    }

    fn is_covered(&self, event: &Event) -> bool {
        let Some(papers) = event.subject.as_ref().and_then(|subject| self.papers.get(subject)) else {
            return false;
        };
        let before = papers.partition_point(|paper| key(paper) < key(event));
        let approval = self.replay(papers.get(..before).unwrap_or_default());
        approval.is_some() && step(approval, event, &self.policy).is_ok()
    }

    /// Where papers in key order lead. What was not allowed there moves nothing.
    fn replay(&self, papers: &[Event]) -> Option<Approval> {
        papers.iter().fold(None, |approval, paper| match step(approval.clone(), paper, &self.policy) {
            Ok(next) => Some(next),
            Err(_) => approval,
        })
    }
}

/// Whether a kind is about approvals, or may be done under one whatever the policy says.
const fn takes_approval(kind: Kind) -> bool {
    is_paper(kind) || matches!(kind, Kind::Grade | Kind::ReleaseHold | Kind::MarkDown | Kind::VoidShip)
}

/// Who did it: the actor, or the source where none is said.
fn actor_of(event: &Event) -> &Name {
    event.actor.as_ref().unwrap_or(&event.source)
}

fn key(event: &Event) -> impl Ord + '_ {
    (event.occurred, &event.source, &event.id)
}

fn insert(events: &mut Vec<Event>, event: &Event) {
    let place = events.partition_point(|other| key(other) < key(event));
    if events.get(place).is_none_or(|other| key(other) != key(event)) {
        events.insert(place, event.clone());
    }
}
