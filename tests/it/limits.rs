//! Every named limit that a test can reach: at the limit it is accepted, one beyond it is turned away by name.

use onhand::calendar::{Calendar, Hours, OffsetTable, Span};
use onhand::limits::*;
use onhand::promise::{
    CarrierHours, Destination, NamedCalendar, NamedClock, NodeHours, Request, Room, Rule, Rulebook, Term,
    Timetable,
};
use onhand::{
    Book, Event, Id, ItemTerms, Kind, Line, Money, Name, NodeTerms, NodeType, Quantity, Terms, Time,
    TurnedAway, testing,
};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn event(kind: Kind, number: u64) -> Event {
    let mut event = Event::new(name("till"), Id::Number(number), kind, Time::new(1_000).unwrap());
    event.node = Some(name("S1"));
    event
}

fn receipt(number: u64, sku: &str, units: i64, lines: usize) -> Event {
    let mut event = event(Kind::Receipt, number);
    event.lines = vec![Line::new(name(sku), units).unwrap(); lines];
    event
}

fn over(answer: Result<onhand::Outcome, TurnedAway>) -> (&'static str, i64) {
    match answer {
        Err(TurnedAway::OverLimit { limit, max }) => (limit, max),
        other => panic!("{other:?} is within every limit"),
    }
}

#[test]
fn bytes_of_a_name() {
    assert!(Name::new(&"x".repeat(NAME_BYTES_MAX)).is_ok());
    assert_eq!(Name::new(&"x".repeat(NAME_BYTES_MAX + 1)).unwrap_err().code(), "too_long");
    // Bytes, not characters.
    assert!(Name::new(&"é".repeat(NAME_BYTES_MAX / 2)).is_ok());
    assert!(Name::new(&"é".repeat(NAME_BYTES_MAX / 2 + 1)).is_err());
}

#[test]
fn measures() {
    for (max, accepts) in [
        (QUANTITY_MAX, (|value| Quantity::new(value).is_some()) as fn(i64) -> bool),
        (MONEY_MAX, |value| Money::new(value).is_some()),
        (TIME_MAX, |value| Time::new(value).is_some()),
    ] {
        assert!(accepts(max) && !accepts(max + 1));
    }
    assert!(Quantity::new(-QUANTITY_MAX).is_some() && Quantity::new(-QUANTITY_MAX - 1).is_none());
    assert!(Money::new(-MONEY_MAX).is_some() && Money::new(-MONEY_MAX - 1).is_none());
    assert!(Time::new(0).is_some() && Time::new(-1).is_none());
}

#[test]
fn number_of_an_event() {
    assert!(receipt(EVENT_NUMBER_MAX, "TEA", 1, 1).check().is_ok());
    for number in [0, EVENT_NUMBER_MAX + 1, u64::MAX] {
        assert_eq!(receipt(number, "TEA", 1, 1).check().unwrap_err().field, "id");
    }
}

#[test]
fn lines_of_an_event() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    assert!(book.evolve(&receipt(1, "TEA", 1, LINES_MAX)).is_ok());
    let away = book.evolve(&receipt(2, "TEA", 1, LINES_MAX + 1)).unwrap_err();
    assert_eq!(away.code(), "malformed");
    assert_eq!(book.quantity("TEA", "S1", None, onhand::StockState::Sellable), 10_000);
}

/// A line that takes from one lot needs no line more: an intent of as many lines as there may be gets its lots.
#[test]
fn lines_of_an_intent_by_lots() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut post = receipt(1, "TEA", 10_000, 1);
    post.lines[0].lot = Some(name("L1"));
    book.evolve(&post).unwrap();
    let mut spoilt = Event { kind: Kind::WriteOff, ..receipt(2, "TEA", 1, LINES_MAX) };
    spoilt.reason = Some(name("spoilt"));
    book.execute(&spoilt).unwrap();
    assert_eq!(book.availability("TEA", "S1", spoilt.occurred).unwrap().sellable, 0);
}

/// Nodes at moments of supply may be more than a plan can look at: each node still has its first, with a rulebook and without.
#[test]
fn moments_of_many_nodes() {
    let nodes: Vec<String> = (0..400).map(|node| format!("S{node:03}")).collect();
    let mut book = testing::book(&["TEA"], &nodes.iter().map(String::as_str).collect::<Vec<_>>());
    let mut post = |id: u64, json: String| {
        let event = format!(r#"{{ "source": "shop", "id": {id}, "occurred": 1000, {json} }}"#);
        book.evolve(&Event::from_json(&event).unwrap()).unwrap();
    };
    let lines = r#""lines": [{ "sku": "TEA", "quantity": 2 }]"#;
    for (id, node) in (0..).step_by(10).zip(&nodes) {
        let lane = format!(
            r#"{{ "node": "{node}", "zone": "NORTH", "method": "van", "open": true, "transit_ms": 0, "parcel_cost": 0, "unit_cost": 1 }}"#
        );
        post(id + 1, format!(r#""kind": "lane_change", "terms": {{ "lane": {lane} }}"#));
        post(id + 2, format!(r#""kind": "receipt", "node": "{node}", {lines}"#));
        for more in (3..9).filter(|_| id < 2_900) {
            post(
                id + more,
                format!(
                    r#""kind": "supply_change", "subject": "PO-{more}", "due": {}, "node": "{node}", {lines}"#,
                    90_000 + more
                ),
            );
        }
    }
    let asked = Request::new(Destination::Zone(name("NORTH")), Time::new(60_000).unwrap());
    // More than there is: all that is looked at is shipped.
    let asked = asked.line(name("TEA"), 10_000).unwrap();
    let offer = book.promise(&asked).unwrap();
    let mut shipping: Vec<&Name> = offer.shipments.iter().map(|shipment| &shipment.node).collect();
    shipping.dedup();
    assert_eq!((shipping.len(), offer.unmet[0].quantity), (400, 10_000 - 2 * 2_000));
    assert_eq!(book.promise_under(&Rulebook::default(), &asked), Ok(offer));
}

/// A node that has no room in one span of time after the other is passed over, however many there are.
#[test]
fn spans_without_room() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    book.evolve(&receipt(1, "TEA", 1, 1)).unwrap();
    for (spans, found) in [(CALENDAR_DAYS_MAX, true), (CALENDAR_DAYS_MAX + 1, false)] {
        let room = |span: i64| Room {
            node: name("S1"),
            from: None,
            until: Time::new(100_000 + span),
            orders: Quantity::new(0),
            lines: None,
            units: None,
        };
        let load = Term::Capacity { rows: (1..=spans).map(room).collect() };
        let rulebook = Rulebook { rules: vec![Rule::new(name("load"), load)], ..Rulebook::default() };
        let asked = Request::new(Destination::PickUp(name("S1")), Time::new(60_000).unwrap());
        let offer = book.promise_under(&rulebook, &asked.line(name("TEA"), 1).unwrap()).unwrap();
        assert_eq!(
            offer.shipments.first().map(|shipment| shipment.release_by),
            found.then_some(100_000 + spans)
        );
    }
}

/// A node that has room for one unit in each span of time ships one in each, as far as they are looked at.
#[test]
fn spans_with_little_room() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    book.evolve(&receipt(1, "TEA", 100, 1)).unwrap();
    let (spans, most) = (CAPACITY_SPANS_MAX as i64 + 3, CAPACITY_SPANS_MAX as i64);
    let room = |span: i64| Room {
        node: name("S1"),
        from: Time::new(100_000 * span),
        until: Time::new(100_000 * (span + 1)),
        orders: None,
        lines: None,
        units: Quantity::new(1),
    };
    let load = Term::Capacity { rows: (0..spans).map(room).collect() };
    let rulebook = Rulebook { rules: vec![Rule::new(name("load"), load)], ..Rulebook::default() };
    let asked = Request::new(Destination::PickUp(name("S1")), Time::new(60_000).unwrap());
    for (units, shipped) in [(most - 1, most - 1), (most, most), (most + 1, most)] {
        let offer = book.promise_under(&rulebook, &asked.clone().line(name("TEA"), units).unwrap()).unwrap();
        let moments: Vec<i64> = offer.shipments.iter().map(|shipment| shipment.release_by).collect();
        let each = (0..shipped).map(|span| (100_000 * span).max(60_000)).collect::<Vec<_>>();
        assert_eq!((moments, offer.proven), (each, true));
    }
}

/// Parcels that leave by turns share what comes each hour: all of it is shipped, each unit once. Where they are too many to look at how
/// they share it, each leaves with what comes between two of them.
#[test]
fn parcels_that_share() {
    const HOUR: i64 = 3_600_000;
    let shipped = |supplies: i64| {
        let mut book = testing::book(&["TEA"], &["S1"]);
        let mut post = |id: i64, json: String| {
            let event = format!(r#"{{ "source": "shop", "id": {id}, "occurred": 1000, {json} }}"#);
            book.evolve(&Event::from_json(&event).unwrap()).unwrap();
        };
        for (id, (method, cost)) in (1..).zip([("van", 3), ("air", 4)]) {
            let lane = format!(
                r#"{{ "node": "S1", "zone": "NORTH", "method": "{method}", "open": true, "transit_ms": 0, "parcel_cost": {cost}, "unit_cost": 0 }}"#
            );
            post(id, format!(r#""kind": "lane_change", "terms": {{ "lane": {lane} }}"#));
        }
        for supply in 0..supplies {
            let lines = r#""lines": [{ "sku": "TEA", "quantity": 1 }]"#;
            let due = (supply + 1) * HOUR - 1;
            let json = format!(
                r#""kind": "supply_change", "subject": "PO-{supply}", "due": {due}, "node": "S1", {lines}"#
            );
            post(10 + supply, json);
        }
        let calendar = |named: &str, spans: Vec<Span>| {
            let hours = std::array::from_fn(|_| Hours { spans: spans.clone(), cut_off: None });
            NamedCalendar { name: name(named), calendar: Calendar::new(hours, Vec::new()).unwrap() }
        };
        let each = |first: u16, hours: u16| {
            (first..1_440).step_by(usize::from(hours) * 60).map(|at| Span { from: at, to: at }).collect()
        };
        let carrier = |method: &str| CarrierHours {
            method: name(method),
            node: None,
            zone: None,
            calls: name(method),
            clock: name("utc"),
            deliveries: name("always"),
            transit_days: 0,
        };
        let table = OffsetTable::new("utc".into(), vec![(Time::ZERO, 0)], Time::MAX).unwrap();
        let timetable = Timetable {
            clocks: vec![NamedClock { name: name("utc"), table }],
            calendars: vec![
                calendar("always", vec![Span { from: 0, to: 1_440 }]),
                calendar("van", each(0, 4)),
                calendar("air", each(120, 4)),
            ],
            nodes: vec![NodeHours {
                node: name("S1"),
                clock: name("utc"),
                picking: name("always"),
                opening: None,
            }],
            carriers: vec![carrier("van"), carrier("air")],
        };
        let rulebook = Rulebook { timetable, ..Rulebook::default() };
        let asked = Request::new(Destination::Zone(name("NORTH")), Time::ZERO).line(name("TEA"), supplies);
        let offer = book.promise_under(&rulebook, &asked.unwrap()).unwrap();
        let lines = offer.shipments.iter().flat_map(|shipment| &shipment.lines);
        let mut named: Vec<Name> = lines.map(|line| line.supply.clone().unwrap()).collect();
        let units: i64 = offer.shipments.iter().flat_map(|one| &one.lines).map(|line| line.quantity).sum();
        named.sort();
        named.dedup();
        assert_eq!(units, named.len() as i64, "each supply once");
        (units, offer.shipments.len(), offer.unmet.iter().map(|unmet| unmet.quantity).sum::<i64>())
    };
    assert_eq!(shipped(8), (8, 2, 0));
    assert_eq!(shipped(40), (40, 10, 0));
    assert_eq!(shipped(400), (400, 200, 0));
}

#[test]
fn durations() {
    let node = |handling_ms| {
        let mut event = event(Kind::NodeChange, 1);
        event.terms = Some(Box::new(Terms::Node(NodeTerms {
            node: name("S1"),
            node_type: NodeType::Store,
            title: None,
            on_line: true,
            ships: true,
            picks_up: true,
            handling_ms,
        })));
        event.check()
    };
    assert!(node(DURATION_MAX).is_ok() && node(0).is_ok());
    assert!(node(DURATION_MAX + 1).is_err() && node(-1).is_err());
}

#[test]
fn balance_of_a_position() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut number = 0;
    let away = loop {
        number += 1;
        match book.evolve(&receipt(number, "TEA", QUANTITY_MAX, LINES_MAX)) {
            Ok(_) => assert!(number < 100, "nothing stops a balance from growing"),
            away => break away,
        }
    };
    assert_eq!(over(away), ("balance", BALANCE_MAX / 2));
    let held = book.quantity("TEA", "S1", None, onhand::StockState::Sellable);
    assert!(held <= BALANCE_MAX && held > 0);
    assert!(book.evolve(&receipt(number, "TEA", 1, 1)).is_ok(), "what was turned away burnt no id");
}

/// Many lines of many orders come to claim as much as a line may. Who changes their size need say neither where nor on whose goods they are.
#[test]
fn balance_of_claims() {
    for (owner, supply) in [(None, None), (Some("mill"), None), (None, Some("PO-1"))] {
        let mut book = testing::book(&["TEA"], &["S1"]);
        let mut number = 0;
        let mut told = |kind, order: u64, units, first: bool| {
            number += 1;
            let mut event = event(kind, number);
            event.node = event.node.filter(|_| first);
            event.subject = Some(name(&format!("order-{order}")));
            let said = |what: Option<&str>| what.filter(|_| first).map(name);
            let line = |at: usize| Line {
                line: Some(name(&at.to_string())),
                owner: said(owner),
                supply: said(supply),
                ..Line::new(name("TEA"), units).unwrap()
            };
            event.lines = (0..LINES_MAX).map(line).collect();
            book.evolve(&event)
        };
        for order in 1..=6 {
            told(Kind::Reserve, order, 1, true).unwrap();
        }
        let away = (1..=6).find_map(|order| told(Kind::Resize, order, QUANTITY_MAX, false).err());
        let away = away.unwrap_or_else(|| panic!("nothing stops claims from growing: {owner:?} {supply:?}"));
        assert_eq!(over(Err(away)), ("balance", BALANCE_MAX / 2));
    }
}

#[test]
fn moves_of_an_order() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut number = 0;
    let mut pick = |book: &mut Book| {
        number += 1;
        let mut event = event(Kind::Pick, number);
        event.subject = Some(name("order-1"));
        event.lines = vec![Line::new(name("TEA"), 1).unwrap()];
        book.evolve(&event)
    };
    for _ in 0..MOVES_MAX {
        pick(&mut book).unwrap();
    }
    assert_eq!(over(pick(&mut book)), ("moves", 10_000));
}

/// An item that is known from now on.
fn known(number: u64, sku: &str) -> Event {
    let (sku, unit) = (name(sku), name("each"));
    let terms = ItemTerms { sku, unit, title: None, backorder_limit: Quantity::ZERO };
    Event { terms: Some(Box::new(Terms::Item(terms))), ..event(Kind::ItemChange, number) }
}

#[test]
fn facts_that_wait() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let most = u64::try_from(PARKED_MAX).unwrap();
    for number in 1..=most {
        assert_eq!(book.evolve(&receipt(number, "NEW", 1, 1)).unwrap().standing.code(), "parked");
    }
    let digest = book.digest();
    assert_eq!(over(book.evolve(&receipt(most + 1, "NEW", 1, 1))), ("parked", 65_536));
    assert_eq!(book.digest(), digest, "it stays with its source");
    // What is known is posted all the same, and what waits is posted once it is known.
    assert_eq!(book.evolve(&receipt(most + 1, "TEA", 1, 1)).unwrap().standing.code(), "posted");
    book.evolve(&known(most + 2, "NEW")).unwrap();
    assert_eq!(book.quantity("NEW", "S1", None, onhand::StockState::Sellable), 65_536);
}

#[test]
fn lines_that_wait() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut lines = 0;
    let mut number = 0;
    while lines + LINES_MAX <= PARKED_LINES_MAX {
        number += 1;
        book.evolve(&receipt(number, "NEW", 1, LINES_MAX)).unwrap();
        lines += LINES_MAX;
    }
    assert_eq!(over(book.evolve(&receipt(number + 1, "NEW", 1, LINES_MAX))), ("parked_lines", 1_048_576));
    // Up to the limit and no further; and what has been posted waits no more.
    let room = PARKED_LINES_MAX - lines;
    assert_eq!(over(book.evolve(&receipt(number + 1, "NEW", 1, room + 1))), ("parked_lines", 1_048_576));
    assert_eq!(book.evolve(&receipt(number + 1, "NEW", 1, room)).unwrap().standing.code(), "parked");
    assert_eq!(over(book.evolve(&receipt(number + 2, "NEW", 1, 1))), ("parked_lines", 1_048_576));
    book.evolve(&known(number + 3, "NEW")).unwrap();
    assert_eq!(book.quantity("NEW", "S1", None, onhand::StockState::Sellable), 1_048_576);
    for again in 0..PARKED_LINES_MAX / LINES_MAX {
        let id = number + 4 + u64::try_from(again).unwrap();
        assert_eq!(book.evolve(&receipt(id, "NEWER", 1, LINES_MAX)).unwrap().standing.code(), "parked");
    }
}

/// The bytes that a book says it holds are those of what is in it: for each position and kept event at least what it is made of, and
/// not many times as much; and a close gives back what was kept.
#[test]
fn bytes_in_memory_follow_what_is_held() {
    let skus: Vec<String> = (0..1_000).map(|sku| format!("sku-{sku}")).collect();
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let mut book = testing::book(&skus, &["S1"]);
    let (positions, kept) = (book.position_bytes(), book.kept_bytes());
    assert_eq!(book.position_count(), 0);
    for (number, sku) in (1..).zip(&skus) {
        let mut event = receipt(number, sku, 7, 4);
        for (line, place) in event.lines.iter_mut().zip(["a", "b", "c"]) {
            line.place = Some(name(place));
        }
        // Half of the ids are texts, which are kept as they are.
        if number % 2 == 0 {
            event.id = Id::Text(name(&format!("{number:0>100}")));
        }
        book.evolve(&event).unwrap();
    }
    assert_eq!(book.position_count(), 4_000);
    // A position is 32 bytes and has two slots of four in the table; an event and its first leg are 26, a further leg 16.
    let grown = book.position_bytes() - positions;
    assert!((4_000 * 40..4_000 * 120).contains(&grown), "{grown}");
    let grown = book.kept_bytes() - kept;
    let least = 1_000 * 26 + 3_000 * 16 + 500 * 100;
    assert!((least..least * 4).contains(&grown), "{grown}");
    let before = book.kept_bytes();
    let close = Event { due: Some(Time::new(1_000).unwrap()), ..event(Kind::PeriodClose, 2_000) };
    book.evolve(&close).unwrap();
    assert!(book.kept_bytes() < before / 4, "{} of {before}", book.kept_bytes());
}

/// Numbers of a source that come backwards stand beside one another as those that come in order do.
#[test]
fn numbers_that_come_backwards_take_little_room() {
    let bytes = |numbers: &mut dyn Iterator<Item = u64>| {
        let mut book = testing::book(&["TEA"], &["S1"]);
        for number in numbers {
            book.evolve(&receipt(number, "TEA", 1, 1)).unwrap();
        }
        book.kept_bytes()
    };
    let (forwards, backwards) = (bytes(&mut (1..=1_000)), bytes(&mut (1..=1_000).rev()));
    assert!(backwards - forwards <= 1_000 * 8, "{backwards} of {forwards}");
    // Nor does it matter with which number a source begins.
    let far = 1_000_000_000;
    assert_eq!(bytes(&mut (far + 1..=far + 1_000)), forwards);
}

#[test]
fn owners_of_stock() {
    let mut book = testing::book(&["TEA"], &["S1"]);
    let mut owners = 0;
    for number in 1..=6 {
        let mut event = receipt(number, "TEA", 1, LINES_MAX);
        for line in &mut event.lines {
            owners += 1;
            line.owner = Some(name(&format!("owner-{owners}")));
        }
        book.evolve(&event).unwrap();
    }
    let mut event = receipt(7, "TEA", 1, OWNERS_MAX - owners + 1);
    for line in &mut event.lines {
        line.owner = Some(name("one-more"));
    }
    assert_eq!(over(book.evolve(&event)), ("owners", 65_000));
}

/// A leg for each line that moves something, the first of an event as well as the others; what moves nothing has none.
#[test]
fn what_is_kept_is_counted() {
    let mut book = testing::book(&["TEA", "CUP"], &["S1"]);
    let (events, legs) = book.kept_counts();
    assert_eq!(legs, 0);
    let told = [
        (Kind::Receipt, vec![5, 3, 2]),
        (Kind::Sell, vec![1]),
        (Kind::Sell, vec![0]),
        (Kind::Count, vec![4]),
    ];
    for (number, (kind, units)) in (1..).zip(told) {
        let mut event = event(kind, number);
        event.lines = units.into_iter().map(|units| Line::new(name("TEA"), units).unwrap()).collect();
        book.evolve(&event).unwrap();
    }
    assert_eq!(book.kept_counts(), (events + 4, 4));
}
