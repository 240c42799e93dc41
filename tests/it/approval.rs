//! Approvals: every limit at its bound, every move of an approval both ways, and that neither splitting nor the order of arrival
//! gets around them.

use onhand::approval::{ApprovalStatus, Declined, Desk, Limit, MOVES, NotAllowed, Policy, Rule};
use onhand::log::{Log, Verdict};
use onhand::{
    Book, Event, Id, ItemTerms, Kind, Line, Money, Name, Quantity, StockState, Terms, Time, testing,
};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

type Edit = fn(&mut Event);

const DAY: i64 = 86_400_000;

fn at(millis: i64) -> Time {
    Time::new(millis).unwrap()
}

/// An event of a person at S1 about TEA.
fn event(id: u64, kind: Kind, millis: i64, who: &str, units: i64) -> Event {
    let mut event = Event::new(name("pda"), Id::Number(id), kind, at(millis));
    event.actor = Some(name(who));
    event.role = Some(name("clerk"));
    event.node = Some(name("S1"));
    event.reason = Some(name("broken"));
    let mut line = Line::new(name("TEA"), units).unwrap();
    line.value = Some(Money::new(units * 100).unwrap());
    event.lines.push(line);
    event
}

fn paper(id: u64, kind: Kind, millis: i64, who: &str) -> Event {
    let mut paper = Event::new(name("office"), Id::Number(id), kind, at(millis));
    paper.actor = Some(name(who));
    paper.role = Some(name("manager"));
    paper.subject = Some(name("A1"));
    paper
}

/// Ada asks to write off `units` of TEA.
fn request(id: u64, millis: i64, units: i64) -> Event {
    let asked = event(id, Kind::ApprovalRequest, millis, "ada", units);
    Event { subject: Some(name("A1")), asks: Some(Kind::WriteOff), source: name("office"), ..asked }
}

fn under(event: Event) -> Event {
    Event { subject: Some(name("A1")), ..event }
}

fn rule() -> Rule {
    Rule::new(name("shrinkage"), vec![Kind::Adjust, Kind::WriteOff], DAY)
}

fn desk(rules: Vec<Rule>) -> Desk {
    Desk::new(Policy { rules, approvers: vec![name("manager")], skew_ms: None })
}

/// A desk, a log and a book with 100 of TEA at S1.
struct Shop {
    desk: Desk,
    log: Log,
    book: Book,
}

impl Shop {
    fn new(rules: Vec<Rule>) -> Shop {
        let mut book = testing::book(&["TEA", "CUP"], &["S1", "S2"]);
        for (id, sku) in [(1, "TEA"), (2, "CUP")] {
            let mut opening = event(id, Kind::Opening, 0, "system", 100);
            opening.source = name("opening");
            opening.lines[0].sku = name(sku);
            book.evolve(&opening).unwrap();
        }
        Shop { desk: desk(rules), log: Log::new(), book }
    }

    fn ask(&mut self, command: &Event) -> Result<(), Declined> {
        let digest = self.book.digest();
        let answer = self.desk.execute(&mut self.log, &mut self.book, command, command.occurred);
        let last = self.log.entries().last().expect("every answer is written down");
        if let Err(Declined::NotAllowed(problem)) = &answer {
            assert_eq!(last.verdict, Verdict::Refused(name(problem.code())));
            assert_eq!(self.book.digest(), digest, "what is not allowed changes nothing");
        }
        answer.map(drop)
    }

    fn code(&mut self, command: &Event) -> &'static str {
        match self.ask(command) {
            Ok(()) => "ok",
            Err(Declined::NotAllowed(problem)) => problem.code(),
            Err(Declined::Refused(refusal)) => refusal.code(),
        }
    }
}

fn over(limit: Limit, max: i64, found: i64) -> Result<(), Declined> {
    let sku = matches!(limit, Limit::Units | Limit::Share).then(|| name("TEA"));
    let (rule, node) = (name("shrinkage"), Some(name("S1")));
    Err(Declined::NotAllowed(NotAllowed::OverLimit { rule, limit, node, sku, max, found }))
}

#[test]
fn each_limit_holds_at_its_bound_and_not_above() {
    let limited = |change: fn(&mut Rule)| {
        let mut rule = rule();
        change(&mut rule);
        Shop::new(vec![rule])
    };
    let cases = [
        (limited(|rule| rule.units = Some(5)), over(Limit::Units, 5, 6)),
        (limited(|rule| rule.value = Some(500)), over(Limit::Value, 500, 600)),
        (limited(|rule| rule.share_ppm = Some(50_000)), over(Limit::Share, 50_000, 60_000)),
        (limited(|rule| rule.times = Some(2)), over(Limit::Times, 2, 3)),
    ];
    for (mut shop, answer) in cases {
        // In two parts and by two kinds, of which the second is at the bound; one more is not.
        assert_eq!(shop.ask(&event(1, Kind::WriteOff, 1_000, "ada", 2)), Ok(()));
        assert_eq!(shop.ask(&event(2, Kind::Adjust, 2_000, "ada", -3)), Ok(()));
        assert_eq!(shop.ask(&event(3, Kind::WriteOff, 3_000, "ada", 1)), answer);
        // Said to be earlier, it is one more all the same.
        assert_eq!(shop.ask(&event(4, Kind::WriteOff, 500, "ada", 1)), answer);
        // Another person has an account of their own; the window moves on; what is not guarded is free.
        assert_eq!(shop.code(&event(5, Kind::WriteOff, 4_000, "bob", 1)), "ok");
        assert_eq!(shop.code(&event(6, Kind::WriteOff, 2_000 + DAY, "ada", 4)), "ok", "the window is over");
        assert_eq!(shop.code(&event(7, Kind::MarkDown, 5_000, "ada", 50)), "ok");
        // A replay is no second time.
        assert_eq!(shop.code(&event(2, Kind::Adjust, 2_000, "ada", -3)), "ok");
    }
}

/// What stood at the node before the window is what a share is of, though nothing was taken in it yet.
#[test]
fn the_first_share_is_of_the_whole_stock() {
    let share = || Shop::new(vec![Rule { share_ppm: Some(50_000), ..rule() }]);
    assert_eq!(share().code(&event(1, Kind::WriteOff, 1_000, "ada", 5)), "ok");
    assert_eq!(share().ask(&event(1, Kind::WriteOff, 1_000, "ada", 6)), over(Limit::Share, 50_000, 60_000));
}

/// What has lines counts where they are, and what has none where it is itself: at no node, for master data.
#[test]
fn times_count_where_a_line_is() {
    let once = |kind| Rule { times: Some(1), ..Rule::new(name("once"), vec![kind], DAY) };
    let mut shop = Shop::new(vec![once(Kind::WriteOff)]);
    let mut elsewhere = event(1, Kind::Opening, 500, "system", 9);
    elsewhere.node = Some(name("S2"));
    shop.book.evolve(&elsewhere).unwrap();
    let mut away = event(2, Kind::WriteOff, 1_000, "ada", 1);
    away.lines[0].node = Some(name("S2"));
    assert_eq!(shop.code(&away), "ok");
    assert_eq!(shop.code(&event(3, Kind::WriteOff, 2_000, "ada", 1)), "ok");
    assert_eq!(shop.code(&event(4, Kind::WriteOff, 3_000, "ada", 1)), "over_approval_limit");
    let mut shop = Shop::new(vec![once(Kind::ItemChange)]);
    let mut change = |id, sku: &str| {
        let mut change = event(id, Kind::ItemChange, 1_000, "ada", 0);
        let (sku, unit) = (name(sku), name("each"));
        let terms = ItemTerms { sku, unit, title: None, backorder_limit: Quantity::ZERO };
        (change.node, change.terms) = (None, Some(Terms::Item(terms).into()));
        change.lines.clear();
        shop.code(&change)
    };
    assert_eq!((change(1, "JAM"), change(2, "PIE")), ("ok", "over_approval_limit"));
}

#[test]
fn the_first_rule_that_fits_decides() {
    let named = |text: &str| Rule { name: name(text), units: Some(1), ..rule() };
    let broken = Rule { reason: Some(name("broken")), units: Some(10), ..named("broken") };
    let second = Rule { node: Some(name("S2")), ..named("second") };
    let managers = Rule { role: Some(name("manager")), ..named("managers") };
    let mut shop = Shop::new(vec![broken, second, managers]);
    assert_eq!(shop.code(&event(1, Kind::WriteOff, 1_000, "ada", 10)), "ok");
    // Each rule has its own account.
    let by = |id, units, change: fn(&mut Event)| {
        let mut event = event(id, Kind::WriteOff, 1_000 + id as i64, "ada", units);
        event.reason = Some(name("stolen"));
        change(&mut event);
        event
    };
    assert_eq!(shop.code(&by(2, 1, |event| event.role = Some(name("manager")))), "ok");
    assert_eq!(shop.code(&by(3, 1, |event| event.role = Some(name("manager")))), "over_approval_limit");
    assert_eq!(shop.code(&by(4, 1, |_| {})), "approval_needed");
    let no_value = |event: &mut Event| event.lines[0].value = None;
    let mut shop = Shop::new(vec![Rule { value: Some(1_000), ..rule() }]);
    assert_eq!(shop.code(&by(5, 1, no_value)), "value_missing");
    // A share of nothing is more than any share.
    let mut shop = Shop::new(vec![Rule { share_ppm: Some(999_999_999), ..rule() }]);
    let found = |event: &mut Event| {
        (event.kind, event.node) = (Kind::Adjust, Some(name("S2")));
    };
    assert_eq!(shop.code(&by(6, 1, found)), "over_approval_limit");
    // What nobody knows has no stock, not a unit.
    let unknown = by(7, 1, |event| event.lines[0].sku = name("JAM"));
    let judged = shop.desk.judge(&shop.book, &unknown).map_err(|problem| problem.code());
    assert_eq!(judged, Err("over_approval_limit"));
}

#[test]
fn an_approval_goes_where_its_table_says_and_nowhere_else() {
    use ApprovalStatus::{Expired, Granted, Refused, Requested, Used, Withdrawn};
    let grant = || paper(10, Kind::ApprovalGrant, 2_000, "grace");
    let refuse = || paper(11, Kind::ApprovalRefuse, 2_000, "grace");
    let withdraw = |millis| paper(12, Kind::ApprovalWithdraw, millis, "ada");
    let spend = |id, units| under(event(id, Kind::WriteOff, 3_000, "ada", units));
    let ended = || Event { expires: Some(at(3_500)), ..grant() };
    let ways = [
        (Requested, vec![]),
        (Granted, vec![grant()]),
        (Refused, vec![refuse()]),
        (Withdrawn, vec![withdraw(2_000)]),
        (Used, vec![grant(), spend(13, 4), spend(14, 2)]),
        (Expired, vec![ended()]),
    ];
    for (status, way) in ways {
        let shop = || {
            let mut shop = Shop::new(vec![Rule { units: Some(0), ..rule() }]);
            let unasked = paper(9, Kind::ApprovalGrant, 900, "grace");
            assert_eq!(shop.code(&unasked), "approval_unknown");
            for step in [request(1, 1_000, 6)].iter().chain(&way) {
                assert_eq!(shop.code(step), "ok", "{status}");
            }
            assert_eq!(shop.desk.approval(&name("A1"), at(4_000)).unwrap().status, status);
            shop
        };
        let later = |event: Event| Event { id: Id::Number(99), occurred: at(4_000), ..event };
        for row in MOVES {
            let told = later(match row.kind {
                Some(Kind::ApprovalRequest) => request(1, 0, 1),
                Some(Kind::ApprovalGrant) => grant(),
                Some(Kind::ApprovalRefuse) => refuse(),
                Some(Kind::ApprovalWithdraw) => withdraw(0),
                Some(other) => panic!("{other} is no paper"),
                None => spend(0, 6),
            });
            let mut shop = shop();
            let allowed = row.from.contains(&status);
            let code = shop.code(&told);
            assert_eq!(code, if allowed { "ok" } else { "approval_not_open" }, "{} when {status}", told.kind);
            let leads_to = if allowed { row.to } else { status };
            assert_eq!(shop.desk.approval(&name("A1"), at(4_000)).unwrap().status, leads_to);
        }
    }
}

#[test]
fn an_approval_is_for_what_was_asked_and_by_somebody_else() {
    let shop = |granted: bool| {
        let mut shop = Shop::new(vec![Rule { units: Some(0), ..rule() }]);
        assert_eq!(shop.code(&request(1, 1_000, 6)), "ok");
        if granted {
            assert_eq!(shop.code(&paper(2, Kind::ApprovalGrant, 2_000, "grace")), "ok");
        }
        shop
    };
    // Who asked does not decide, a clerk neither, and nobody withdraws for another.
    assert_eq!(shop(false).code(&paper(3, Kind::ApprovalGrant, 3_000, "ada")), "self_approval");
    assert_eq!(shop(false).code(&paper(3, Kind::ApprovalRefuse, 3_000, "ada")), "self_approval");
    let clerk = Event { role: Some(name("clerk")), ..paper(3, Kind::ApprovalGrant, 3_000, "grace") };
    assert_eq!(shop(false).code(&clerk), "not_approver");
    assert_eq!(shop(false).code(&Event { role: None, ..clerk }), "not_approver");
    assert_eq!(shop(false).code(&paper(3, Kind::ApprovalWithdraw, 3_000, "grace")), "not_requester");
    // Nor does who granted it do it; a third person may.
    let spend = |change: fn(&mut Event)| {
        let mut event = under(event(4, Kind::WriteOff, 3_000, "ada", 6));
        change(&mut event);
        event
    };
    assert_eq!(shop(true).code(&spend(|event| event.actor = Some(name("grace")))), "self_approval");
    assert_eq!(shop(true).code(&spend(|event| event.actor = Some(name("bob")))), "ok");
    let differs: &[(&str, Edit)] = &[
        ("kind", |event| {
            event.kind = Kind::Adjust;
        }),
        ("reason", |event| event.reason = Some(name("stolen"))),
        ("lines", |event| event.lines[0].sku = name("CUP")),
        ("lines", |event| event.node = Some(name("S2"))),
        ("lines", |event| event.lines[0].state = Some(onhand::StockState::Damaged)),
        ("lines.quantity", |event| event.lines[0] = Line::new(name("TEA"), 7).unwrap()),
        ("lines.value", |event| event.lines[0].value = None),
        ("lines.value", |event| event.lines[0].value = Money::new(601)),
        ("lines.value", |event| event.lines[0].value = Money::new(-100)),
        ("to", |event| event.to_node = Some(name("S2"))),
        ("to", |event| event.to_subject = Some(name("order-2"))),
        ("to", |event| event.due = Time::new(9_000)),
    ];
    for (field, change) in differs {
        let problem = NotAllowed::NotCovered { approval: name("A1"), field };
        let shop = shop(true);
        assert_eq!(shop.desk.judge(&shop.book, &spend(*change)), Err(problem));
    }
    // In parts, each once; and never before a decision that is known.
    let mut shop = shop(true);
    let part = |id, millis, units| under(event(id, Kind::WriteOff, millis, "ada", units));
    assert_eq!(shop.code(&part(5, 3_000, 4)), "ok");
    assert_eq!(shop.code(&part(6, 2_500, 1)), "approval_out_of_order");
    assert_eq!(shop.code(&part(7, 4_000, 3)), "not_covered");
    assert_eq!(shop.desk.approval(&name("A1"), at(5_000)).unwrap().left[0].quantity.units(), 2);
    assert_eq!(shop.code(&part(8, 4_000, 2)), "ok");
    // What was approved is no part of what is free, and nothing of it is due.
    assert_eq!(shop.desk.due(), []);
    assert_eq!(shop.desk.approval(&name("A2"), at(5_000)), None);
}

#[test]
fn a_fact_beyond_its_limit_is_posted_and_due() {
    let mut shop = Shop::new(vec![Rule { units: Some(5), ..rule() }]);
    let fact = event(1, Kind::WriteOff, 1_000, "ada", 9);
    shop.log.evolve(&mut shop.book, &fact, at(1_000)).unwrap();
    shop.desk.note(&fact);
    assert_eq!(shop.book.availability("TEA", "S1", at(2_000)).unwrap().on_hand, 91);
    let due = shop.desk.due();
    assert_eq!(
        (due.len(), due[0].id.clone(), due[0].problem.code()),
        (1, Id::Number(1), "over_approval_limit")
    );
    assert_eq!(
        Desk::of(
            Policy { rules: vec![Rule { units: Some(5), ..rule() }], approvers: vec![], skew_ms: None },
            &shop.log
        )
        .due(),
        due
    );
    shop.desk.forget(at(1_001));
    assert_eq!(shop.desk.due(), []);
}

/// Papers and events of three people about two approvals, as they come.
fn history(words: &[u64]) -> Vec<Event> {
    let mut events = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let (mut dice, id) = (Dice::new(*word), place as u64 + 1);
        let kinds = [
            Kind::ApprovalRequest,
            Kind::ApprovalGrant,
            Kind::ApprovalRefuse,
            Kind::ApprovalWithdraw,
            Kind::WriteOff,
            Kind::Adjust,
        ];
        let kind = kinds[dice.below(kinds.len())];
        let who = ["ada", "bob", "grace"][dice.below(3)];
        let mut told = event(id, kind, dice.below(50) as i64, who, dice.below(4) as i64);
        told.subject = Some(name(["A1", "A2"][dice.below(2)]));
        told.role = Some(name(["clerk", "manager"][dice.below(2)]));
        told.asks = (kind == Kind::ApprovalRequest).then_some(Kind::WriteOff);
        events.push(told);
    }
    events
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    #[test]
    fn what_is_due_and_approved_depends_on_no_order_of_arrival(
        words in prop::collection::vec(any::<u64>(), 1..24),
        seed in any::<u64>(),
    ) {
        let told = |events: &[Event]| {
            let mut desk = desk(vec![Rule { units: Some(3), times: Some(4), ..rule() }]);
            events.iter().for_each(|event| desk.note(event));
            (desk.due(), [name("A1"), name("A2")].map(|one: Name| desk.approval(&one, at(60))))
        };
        let events = history(&words);
        let mut dice = Dice::new(seed);
        let mut shuffled = events.clone();
        shuffled.extend(events.first().cloned());
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, dice.below(place + 1));
        }
        prop_assert_eq!(told(&events), told(&shuffled));
    }

    #[test]
    fn nobody_gets_more_through_alone_than_the_rule_allows(words in prop::collection::vec(any::<u64>(), 1..24)) {
        let mut shop = Shop::new(vec![Rule { units: Some(3), ..rule() }]);
        for event in history(&words).iter().filter(|event| !event.lines.is_empty()) {
            let _ = shop.ask(&Event { subject: None, ..event.clone() });
        }
        for who in ["ada", "bob", "grace"] {
            let through = shop.log.entries().iter().filter(|entry| entry.is_accepted() && entry.event.asks.is_none());
            let mine = through.filter(|entry| entry.event.actor == Some(name(who)));
            let units: i64 = mine.flat_map(|entry| &entry.event.lines).map(|line| line.quantity.units().abs()).sum();
            prop_assert!(units <= 3, "{} came to {}", who, units);
        }
    }
}

/// Two were sold for an order and four came back.
fn shop_with_a_return() -> Shop {
    let mut shop = Shop::new(vec![]);
    for (id, kind, units) in [(1, Kind::Sell, 2), (2, Kind::ReturnReceive, 4)] {
        let told = event(id, kind, id as i64 * 1_000, "till", units);
        let told = Event { subject: Some(name("order-1")), ..told };
        shop.log.evolve(&mut shop.book, &told, told.occurred).unwrap();
        shop.desk.note(&told);
    }
    shop
}

fn grade(id: u64, millis: i64, who: &str, units: i64, subject: &str) -> Event {
    let mut grade = event(id, Kind::Grade, millis, who, units);
    grade.subject = Some(name(subject));
    grade.lines[0].to_state = Some(StockState::Sellable);
    grade
}

#[test]
fn what_was_returned_beyond_its_sale_is_sold_again_only_with_approval() {
    let mut shop = shop_with_a_return();
    assert_eq!(shop.code(&grade(3, 3_000, "ada", 3, "order-1")), "over_returned");
    assert_eq!(shop.code(&grade(4, 4_000, "ada", 2, "order-1")), "ok");
    // In parts it is one too many as well, and so it is under an approval that nobody has granted.
    assert_eq!(shop.code(&grade(5, 5_000, "ada", 1, "order-1")), "over_returned");
    let mut ask = grade(6, 6_000, "ada", 1, "A1");
    (ask.kind, ask.asks) = (Kind::ApprovalRequest, Some(Kind::Grade));
    assert_eq!(shop.code(&ask), "ok");
    assert_eq!(shop.code(&grade(7, 7_000, "ada", 1, "A1")), "approval_not_open");
    let mut grant = Event { lines: vec![], reason: None, ..event(8, Kind::ApprovalGrant, 8_000, "ada", 1) };
    (grant.subject, grant.role) = (Some(name("A1")), Some(name("manager")));
    assert_eq!(shop.code(&grant), "self_approval");
    grant.actor = Some(name("grace"));
    assert_eq!(shop.code(&grant), "ok");
    // Once, and no more than was granted.
    assert_eq!(shop.code(&grade(9, 9_000, "ada", 1, "A1")), "ok");
    assert_eq!(shop.code(&grade(10, 10_000, "ada", 1, "A1")), "approval_not_open");
    assert_eq!(shop.book.quantity("TEA", "S1", None, StockState::Sellable), 101);
}

#[test]
fn what_came_back_is_not_back_once_more_by_cancelling_its_shipment() {
    let mut shop = Shop::new(vec![]);
    let told = |id: u64, kind, who, units| {
        let told = event(id, kind, id as i64 * 1_000, who, units);
        Event { subject: Some(name("order-1")), ..told }
    };
    assert_eq!(shop.code(&told(1, Kind::Reserve, "ada", 3)), "ok");
    assert_eq!(shop.code(&told(2, Kind::Ship, "ada", 3)), "ok");
    let back = told(3, Kind::ReturnReceive, "till", 2);
    shop.log.evolve(&mut shop.book, &back, back.occurred).unwrap();
    assert_eq!(shop.code(&told(4, Kind::VoidShip, "ada", 2)), "over_returned");
    assert_eq!(shop.code(&told(5, Kind::VoidShip, "ada", 1)), "ok");
    assert_eq!(shop.code(&grade(6, 6_000, "ada", 2, "order-1")), "ok");
    assert_eq!(shop.book.quantity("TEA", "S1", None, StockState::Sellable), 100);
    // Who granted it knows better: the return was booked for another order.
    let mut ask = told(7, Kind::ApprovalRequest, "ada", 2);
    ask.asks = Some(Kind::VoidShip);
    assert_eq!(shop.code(&ask), "ok");
    assert_eq!(shop.code(&told(8, Kind::VoidShip, "ada", 2)), "approval_not_open");
    let mut grant = Event { lines: vec![], reason: None, ..told(9, Kind::ApprovalGrant, "grace", 1) };
    grant.role = Some(name("manager"));
    assert_eq!(shop.code(&grant), "ok");
    assert_eq!(shop.code(&told(10, Kind::VoidShip, "ada", 2)), "ok");
}

#[test]
fn a_shipment_that_the_log_no_longer_has_is_cancelled_all_the_same() {
    let mut shop = Shop::new(vec![]);
    for (id, kind) in [(1, Kind::Reserve), (2, Kind::Ship)] {
        let told = Event { subject: Some(name("order-1")), ..event(id, kind, id as i64 * 1_000, "ada", 3) };
        shop.book.execute(&told).unwrap();
    }
    let void = Event { subject: Some(name("order-1")), ..event(3, Kind::VoidShip, 3_000, "ada", 3) };
    assert_eq!(shop.code(&void), "ok");
}

#[test]
fn other_states_need_no_approval_and_no_sale() {
    let mut shop = shop_with_a_return();
    let mut scrap = grade(3, 3_000, "ada", 3, "order-1");
    scrap.lines[0].to_state = Some(StockState::Damaged);
    assert_eq!(shop.code(&scrap), "ok");
}

#[test]
fn who_chooses_the_moment_does_not_choose_what_counts_together() {
    let mut shop = Shop::new(vec![Rule { units: Some(5), ..rule() }]);
    shop.desk = Desk::new(Policy {
        rules: vec![Rule { units: Some(5), ..rule() }],
        approvers: vec![],
        skew_ms: Some(60_000),
    });
    assert_eq!(shop.code(&event(1, Kind::WriteOff, 100_000, "ada", 5)), "ok");
    // Dated beyond the window, it would count alone; it came now.
    let later = event(2, Kind::WriteOff, 100_000 + 2 * DAY, "ada", 5);
    let answer = shop.desk.execute(&mut shop.log, &mut shop.book, &later, at(100_000));
    let wrong = NotAllowed::WrongMoment { recorded: 100_000, skew: 60_000 };
    assert_eq!(answer, Err(Declined::NotAllowed(wrong)));
    let a_little = Event { occurred: at(160_000), ..later };
    assert_eq!(
        shop.desk.execute(&mut shop.log, &mut shop.book, &a_little, at(100_000)).map(drop),
        over(Limit::Units, 5, 10)
    );
}

/// A line without a lot becomes several: they are one event of the person who asked, and one line of its approval.
#[test]
fn lots_that_an_intent_was_bound_to_are_not_counted_apart() {
    let mut shop = Shop::new(vec![Rule { units: Some(5), times: Some(1), value: Some(500), ..rule() }]);
    for (id, lot) in [(1, "A"), (2, "B")] {
        let mut receipt = event(id, Kind::Receipt, 500, "dock", 3);
        (receipt.source, receipt.lines[0].lot) = (name("dock"), Some(name(lot)));
        shop.log.evolve(&mut shop.book, &receipt, at(500)).unwrap();
    }
    assert_eq!(shop.code(&event(3, Kind::WriteOff, 1_000, "ada", 5)), "ok");
    let left = |lot| {
        let positions = shop.book.positions("TEA");
        positions.iter().find(|one| one.lot == Some(name(lot))).map_or(0, |one| one.quantity)
    };
    assert_eq!((left("A"), left("B")), (0, 1));
    let told = Desk::of(
        Policy { rules: vec![Rule { units: Some(5), times: Some(1), ..rule() }], ..Policy::default() },
        &shop.log,
    );
    assert_eq!(told.due(), [], "the log has the lines that it became, and they count as one");
    let one_more = told.judge(&shop.book, &event(5, Kind::WriteOff, 2_000, "ada", 1));
    assert_eq!(one_more.map_err(Declined::NotAllowed), over(Limit::Times, 1, 2));
    let units = Rule { units: Some(5), ..rule() };
    let told = Desk::of(Policy { rules: vec![units], ..Policy::default() }, &shop.log);
    let one_more = told.judge(&shop.book, &event(5, Kind::WriteOff, 2_000, "ada", 1));
    assert_eq!(one_more.map_err(Declined::NotAllowed), over(Limit::Units, 5, 6));
    assert_eq!(shop.code(&request(4, 2_000, 1)), "ok");
}

/// What is done in parts is worth no more than what was granted, all told.
#[test]
fn the_value_of_the_parts_is_what_was_granted() {
    let mut shop = Shop::new(vec![Rule { units: Some(0), ..rule() }]);
    assert_eq!(shop.code(&request(1, 1_000, 6)), "ok");
    assert_eq!(shop.code(&paper(2, Kind::ApprovalGrant, 2_000, "grace")), "ok");
    let part = |id, units, minor| {
        let mut part = under(event(id, Kind::WriteOff, 2_000 + id as i64, "ada", units));
        part.lines[0].value = Money::new(minor);
        part
    };
    assert_eq!(shop.code(&part(3, 2, 500)), "ok");
    let dear = NotAllowed::NotCovered { approval: name("A1"), field: "lines.value" };
    assert_eq!(shop.desk.judge(&shop.book, &part(4, 2, 101)), Err(dear));
    assert_eq!(shop.code(&part(5, 2, 100)), "ok");
    assert_eq!(shop.code(&part(6, 2, 0)), "ok");
    assert_eq!(shop.desk.approval(&name("A1"), at(3_000)).unwrap().status, ApprovalStatus::Used);
}

/// A fact that says no value is worth nothing in the account of who did it.
#[test]
fn what_says_no_value_adds_none() {
    let mut shop = Shop::new(vec![Rule { value: Some(500), ..rule() }]);
    let mut fact = event(1, Kind::WriteOff, 1_000, "ada", 9);
    fact.lines[0].value = None;
    shop.log.evolve(&mut shop.book, &fact, at(1_000)).unwrap();
    shop.desk.note(&fact);
    assert_eq!(shop.code(&event(2, Kind::WriteOff, 2_000, "ada", 5)), "ok");
    assert_eq!(shop.ask(&event(3, Kind::WriteOff, 3_000, "ada", 1)), over(Limit::Value, 500, 600));
}

/// A price, a cost, an order and the size of a claim are granted as they were asked for: a lower one is another one.
#[test]
fn what_is_said_is_granted_as_a_whole() {
    for kind in [Kind::PriceChange, Kind::CostChange, Kind::SupplyChange, Kind::Resize] {
        let guard = Rule { times: Some(0), ..Rule::new(name("said"), vec![kind], DAY) };
        let mut shop = Shop::new(vec![guard]);
        let ask = Event { asks: Some(kind), due: Time::new(9_000), ..request(1, 1_000, 10) };
        assert_eq!(shop.code(&ask), "ok");
        assert_eq!(shop.code(&paper(2, Kind::ApprovalGrant, 2_000, "grace")), "ok");
        let said = |units| Event { due: Time::new(9_000), ..under(event(3, kind, 3_000, "ada", units)) };
        let covered = |event: &Event| shop.desk.judge(&shop.book, event);
        let problem = |field| Err(NotAllowed::NotCovered { approval: name("A1"), field });
        assert_eq!(covered(&said(10)), Ok(()));
        assert_eq!(covered(&said(9)), problem("lines"));
        let mut cheap = said(10);
        cheap.lines[0].value = Money::new(1);
        assert_eq!(covered(&cheap), problem("lines"));
        assert_eq!(covered(&Event { node: Some(name("S2")), ..said(10) }), problem("node"));
    }
}

/// What nobody put a value on when it was asked for is not done at one.
#[test]
fn a_value_that_was_not_asked_for_is_not_granted() {
    let mut shop = Shop::new(vec![Rule { units: Some(0), ..rule() }]);
    let mut ask = request(1, 1_000, 6);
    ask.lines[0].value = None;
    assert_eq!(shop.code(&ask), "ok");
    assert_eq!(shop.code(&paper(2, Kind::ApprovalGrant, 2_000, "grace")), "ok");
    let mut done = under(event(3, Kind::WriteOff, 3_000, "ada", 6));
    assert_eq!(shop.code(&done), "not_covered");
    done.lines[0].value = None;
    assert_eq!(shop.code(&done), "ok");
}

/// What comes under a number that is settled was done before, whatever it says now: nobody did it once more.
#[test]
fn what_is_settled_is_not_done_again() {
    let mut shop = Shop::new(vec![Rule { units: Some(5), ..rule() }]);
    assert_eq!(shop.code(&event(1, Kind::WriteOff, 1_000, "ada", 2)), "ok");
    for (id, node) in [(1, "S1"), (2, "S2")] {
        let mut close = paper(id, Kind::PeriodClose, 3_000, "grace");
        (close.subject, close.node, close.due) = (None, Some(name(node)), Time::new(2_000));
        assert_eq!(shop.code(&close), "ok");
    }
    // Under the number of the first, and of another content: no replay of it.
    assert_eq!(shop.code(&event(1, Kind::WriteOff, 1_500, "ada", 5)), "ok");
    assert_eq!(shop.ask(&event(2, Kind::WriteOff, 4_000, "ada", 4)), over(Limit::Units, 5, 6));
    assert_eq!(shop.code(&event(3, Kind::WriteOff, 5_000, "ada", 3)), "ok");
    assert!(shop.desk.due().is_empty());
}

/// A share of stock is of what was there before, which what stays on hand has not changed: in parts it is no larger.
#[test]
fn a_share_in_parts_is_a_share_of_what_was_there() {
    for (kind, units) in [(Kind::MarkDown, 1), (Kind::Hold, 1), (Kind::WriteOff, 1), (Kind::KitAssemble, -1)]
    {
        let share = Rule { share_ppm: Some(500_000), ..Rule::new(name("shrinkage"), vec![kind], DAY) };
        let mut shop = Shop::new(vec![share]);
        let asked = |id, millis, units| {
            let mut asked = event(id, kind, millis, "ada", units);
            // What is made of it.
            asked.lines.extend((units < 0).then(|| Line::new(name("CUP"), 1).unwrap()));
            asked
        };
        assert_eq!(shop.code(&asked(1, 1_000, 50 * units)), "ok", "{kind:?}");
        assert_eq!(shop.ask(&asked(2, 2_000, units)), over(Limit::Share, 500_000, 510_000));
    }
}

/// A transfer's moves are all named for it: what one of them was approved for says nothing of the next, and the name may be asked for again.
#[test]
fn each_move_of_a_transfer_is_approved_for_itself() {
    let kinds = vec![Kind::TransferApprove, Kind::TransferShip];
    let mut shop = Shop::new(vec![Rule { units: Some(5), ..Rule::new(name("lanes"), kinds, DAY) }]);
    let to_s2 = |event: Event| Event { subject: Some(name("T1")), to_node: Some(name("S2")), ..event };
    let papers = |asks, id, millis| {
        let asked = to_s2(event(id, Kind::ApprovalRequest, millis, "ada", 8));
        let granted = paper(id + 1, Kind::ApprovalGrant, millis + 1, "grace");
        let asked = Event { asks: Some(asks), source: name("office"), ..asked };
        [asked, Event { subject: Some(name("T1")), ..granted }]
    };
    for paper in papers(Kind::TransferApprove, 20, 1_000) {
        assert_eq!(shop.code(&paper), "ok");
    }
    assert_eq!(shop.code(&to_s2(event(1, Kind::TransferApprove, 2_000, "ada", 8))), "ok");
    // Few enough to need no approval; then too many together.
    assert_eq!(shop.code(&to_s2(event(2, Kind::TransferShip, 3_000, "ada", 3))), "ok");
    assert_eq!(shop.code(&to_s2(event(3, Kind::TransferShip, 4_000, "ada", 5))), "over_approval_limit");
    for paper in papers(Kind::TransferShip, 30, 5_000) {
        assert_eq!(shop.code(&paper), "ok");
    }
    assert_eq!(shop.code(&to_s2(event(4, Kind::TransferShip, 6_000, "ada", 5))), "ok");
    assert!(shop.desk.due().is_empty());
}
