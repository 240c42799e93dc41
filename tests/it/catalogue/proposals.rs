//! Changes that a steward approves, and the facts that wait for them.

use onhand::approval::{Declined, Desk, NotAllowed, Policy, Rule};
use onhand::catalogue::{Card, Catalogue, Field, List, RemarkCode};
use onhand::log::{Entry, Log};
use onhand::{Book, Event, Id, ItemTerms, Kind, Line, Quantity, Standing, Terms};
use onhand_tests::random::name;

use super::{Office, at, number, text};

/// A steward's consent: nobody changes master data alone, and what is done is what was granted.
#[test]
fn a_change_is_proposed_granted_and_made() {
    let guarded = Rule {
        times: Some(0),
        ..Rule::new(name("master"), vec![Kind::ItemChange, Kind::CatalogueChange], 1)
    };
    let mut desk =
        Desk::new(Policy { rules: vec![guarded], approvers: vec![name("steward")], skew_ms: None });
    let (mut log, mut book) = (Log::new(), Book::new());
    let mut office = Office::default();
    office.node("S1").item("TEA").pack("TEA", "case", 12, None).pack("TEA", "CASE", 10, None);
    for event in &office.said {
        log.evolve(&mut book, event, event.occurred).unwrap();
    }
    // A fact is never refused, and is due for approval when nobody was asked.
    for entry in log.entries() {
        desk.note(&entry.event);
    }
    assert_eq!(desk.due().len(), 3);
    let mut last = 100;
    let mut event = |kind, who: &str, role: &str, moment| {
        last += 1;
        let mut event = Event::new(name("desk"), Id::Number(last), kind, at(moment));
        (event.actor, event.role, event.subject) =
            (Some(name(who)), Some(name(role)), Some(name("proposal-1")));
        event
    };
    let mut now = |desk: &mut Desk, event: &Event| desk.execute(&mut log, &mut book, event, event.occurred);
    let code = |answer: Result<onhand::Outcome, Declined>| match answer {
        Ok(_) => "ok",
        Err(Declined::NotAllowed(problem)) => problem.code(),
        Err(Declined::Refused(refusal)) => refusal.code(),
    };
    let flaw = office.catalogue.flaws(at(50)).remove(0);
    let mut request = flaw.mend.request(event(Kind::ApprovalRequest, "ada", "clerk", 60));
    request.reason = Some(name("pack_conflict"));
    let with_reason = |mut event: Event| {
        event.reason = Some(name("pack_conflict"));
        event
    };
    let early = with_reason(flaw.mend.event(event(Kind::CatalogueChange, "ada", "clerk", 55)));
    let alone = Event { subject: None, ..early.clone() };
    assert_eq!(code(now(&mut desk, &alone)), "over_approval_limit");
    assert_eq!(code(now(&mut desk, &request)), "ok");
    let grant = |event: Event| Event { kind: Kind::ApprovalGrant, ..event };
    assert_eq!(
        code(now(&mut desk, &grant(event(Kind::ApprovalGrant, "ada", "steward", 61)))),
        "self_approval"
    );
    assert_eq!(code(now(&mut desk, &grant(event(Kind::ApprovalGrant, "bob", "clerk", 62)))), "not_approver");
    let before_grant = with_reason(flaw.mend.event(event(Kind::CatalogueChange, "ada", "clerk", 63)));
    assert_eq!(code(now(&mut desk, &before_grant)), "approval_not_open");
    assert_eq!(code(now(&mut desk, &grant(event(Kind::ApprovalGrant, "grace", "steward", 64)))), "ok");
    // Another card, or the same with a word more, was not granted.
    let mut other = flaw.mend.clone();
    other.card = other.card.with(Field::Count, number(11));
    let other = with_reason(other.event(event(Kind::CatalogueChange, "ada", "clerk", 65)));
    assert_eq!(
        now(&mut desk, &other),
        Err(Declined::NotAllowed(NotAllowed::NotCovered { approval: name("proposal-1"), field: "terms" }))
    );
    let made = with_reason(flaw.mend.event(event(Kind::CatalogueChange, "ada", "clerk", 66)));
    let more = Event { lines: vec![Line::new(name("TEA"), 1).unwrap()], ..made.clone() };
    assert_eq!(code(now(&mut desk, &more)), "malformed");
    assert_eq!(code(now(&mut desk, &made)), "ok");
    let again = with_reason(flaw.mend.event(event(Kind::CatalogueChange, "ada", "clerk", 67)));
    assert_eq!(code(now(&mut desk, &again)), "approval_not_open");
    // The log is the catalogue; every decision is in it, and a change that was granted is not due.
    let catalogue = Catalogue::of(&log);
    assert_eq!(catalogue.flaws(at(100)), []);
    assert_eq!(desk.due().len(), 3);
    let refused = log.entries().iter().filter(|entry: &&Entry| !entry.is_accepted()).count();
    assert_eq!(refused, 7);
}

/// What was asked of a kit is granted with all its lines and not a part of them.
#[test]
fn the_lines_of_a_proposal_are_granted_as_a_whole() {
    let guarded = Rule { times: Some(0), ..Rule::new(name("master"), vec![Kind::CatalogueChange], 1) };
    let mut desk = Desk::new(Policy { rules: vec![guarded], approvers: Vec::new(), skew_ms: None });
    let (mut log, mut office) = (Log::new(), Office::default());
    office.item("SET").item("TEA").item("CUP");
    let mut book = office.book();
    let mut event = office.event(Kind::ApprovalRequest);
    event.terms =
        Some(Terms::Card(Card::new(List::Kit, name("SET")).with(Field::Version, text("v1"))).into());
    event.lines = [("TEA", 2), ("CUP", 1)].map(|(sku, units)| Line::new(name(sku), units).unwrap()).to_vec();
    (event.subject, event.reason, event.asks) =
        (Some(name("p")), Some(name("new")), Some(Kind::CatalogueChange));
    event.actor = Some(name("ada"));
    let mut now = |event: &Event| desk.execute(&mut log, &mut book, event, event.occurred).is_ok();
    assert!(now(&event));
    let mut grant = Event::new(name("grace"), Id::Number(1), Kind::ApprovalGrant, at(10));
    grant.subject = event.subject.clone();
    assert!(now(&grant));
    let made = |id, change: fn(&mut Event)| {
        let mut made = Event {
            id: Id::Number(id),
            kind: Kind::CatalogueChange,
            asks: None,
            occurred: at(20),
            ..event.clone()
        };
        change(&mut made);
        made
    };
    assert!(!now(&made(20, |event| drop(event.lines.pop()))));
    assert!(!now(&made(20, |event| event.lines[0].quantity = Quantity::new(1).unwrap())));
    assert!(!now(&made(20, |event| event.lines.reverse())));
    assert!(now(&made(20, |_| {})));
    let catalogue = Catalogue::of(&log);
    assert_eq!(catalogue.lines(List::Kit, None, &name("SET"), at(30)), [(name("TEA"), 2), (name("CUP"), 1)]);
}

/// Facts wait for what they name, and are posted in their place by the change that was granted for it.
#[test]
fn facts_that_wait_are_posted_by_the_change_that_they_waited_for() {
    let mut office = Office::default();
    office.node("S1");
    let mut book = office.book();
    let mut receipt = Event::new(name("dock"), Id::Number(1), Kind::Receipt, at(500));
    (receipt.node, receipt.lines) = (Some(name("S1")), vec![Line::new(name("NEW"), 24).unwrap()]);
    receipt.lines[0].pack = Some(name("case"));
    assert_eq!(book.evolve(&receipt).unwrap().standing, Standing::Parked);
    let mut ask = office.event(Kind::ApprovalRequest);
    let item =
        ItemTerms { sku: name("NEW"), unit: name("each"), title: None, backorder_limit: Quantity::ZERO };
    (ask.subject, ask.reason, ask.asks) = (Some(name("p")), Some(name("new_line")), Some(Kind::ItemChange));
    ask.terms = Some(Terms::Item(item).into());
    assert!(book.execute(&ask).is_ok());
    assert!(book.availability("NEW", "S1", at(1_000)).is_none(), "what is asked for is not said");
    let made = Event { id: Id::Number(9), kind: Kind::ItemChange, asks: None, occurred: at(800), ..ask };
    assert!(book.execute(&made).is_ok());
    assert_eq!(book.availability("NEW", "S1", at(1_000)).unwrap().on_hand, 24);
    assert_eq!(book.exceptions(at(1_000)), []);
    // The case is told later: of its moment, there was none, and the quantity stays what it was.
    office.catalogue.note(&made);
    let remarks: Vec<RemarkCode> = office.catalogue.check(&receipt).iter().map(|one| one.code).collect();
    assert_eq!(remarks, [RemarkCode::UnknownPack]);
}
