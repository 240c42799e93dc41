//! Walks the tables of events and moves: each row is what it says, through both doors.

use std::collections::BTreeSet;

use onhand::catalogue::{Card, Field, List, Value};
use onhand::claim::{ClaimStatus, MOVES};
use onhand::kind::{ClaimMove, Door, End, Ledger, Lines, Subject, TABLE};
use onhand::{
    Book, Event, Exception, ExceptionCode, Id, ItemTerms, Kind, LaneTerms, Line, LotTerms, Money, Name,
    NodeTerms, NodeType, Outside, ProtectionTerms, Quantity, Refusal, StockState, Terms, Time, testing,
};
use onhand_tests::case::{self, Does, Door as Way};
use onhand_tests::run;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn book() -> Book {
    testing::book(&["TEA", "CUP"], &["S1", "S2"])
}

/// An event with what its row asks for, and nothing else.
fn sample(kind: Kind) -> Event {
    let row = kind.row();
    let mut event = Event::new(name("shop"), Id::Number(1), kind, Time::new(1_000).unwrap());
    event.asks = row.needs.asks.then_some(Kind::Adjust);
    event.subject = (row.subject == Subject::Needed).then(|| name("order-1"));
    event.reason = row.needs.reason.then(|| name("because"));
    // A request has the parts of what it asks for.
    let row = event.asks.map_or(row, Kind::row);
    event.node = row.needs.node.then(|| name("S1"));
    event.to_node = row.needs.to_node.then(|| name("S2"));
    event.to_subject = row.needs.to_subject.then(|| name("order-2"));
    event.due = row.needs.due.then(|| Time::new(500).unwrap());
    event.terms = row.needs.terms.then(|| Box::new(terms(kind)));
    if row.lines == Lines::Needed {
        let mut line = Line::new(name("TEA"), 1).unwrap();
        line.to_state = row.needs.to_state.then_some(StockState::Damaged);
        line.to_place = row.needs.to_place.then(|| name("shelf"));
        line.to_sku = row.needs.to_sku.then(|| name("CUP"));
        event.lines.push(line);
    }
    event
}

fn terms(kind: Kind) -> Terms {
    let (sku, node) = (name("TEA"), name("S1"));
    match kind {
        Kind::ItemChange => {
            Terms::Item(ItemTerms { sku, unit: name("each"), title: None, backorder_limit: Quantity::ZERO })
        }
        Kind::NodeChange => Terms::Node(NodeTerms {
            node,
            node_type: NodeType::Warehouse,
            title: None,
            on_line: true,
            ships: true,
            picks_up: false,
            handling_ms: 0,
        }),
        Kind::LaneChange => Terms::Lane(LaneTerms {
            node,
            zone: name("north"),
            method: name("standard"),
            open: true,
            transit_ms: 0,
            parcel_cost: Money::ZERO,
            unit_cost: Money::ZERO,
        }),
        Kind::CatalogueChange => {
            let case = Card::new(List::Pack, name("case")).of(sku);
            Terms::Card(case.with(Field::Count, Value::Number(12)))
        }
        Kind::LotChange => Terms::Lot(LotTerms { sku, lot: name("L1"), expires: None, recalled: true }),
        _ => Terms::Protection(ProtectionTerms { sku, node: None, method: None, quantity: Quantity::ZERO }),
    }
}

#[test]
fn each_kind_has_the_row_in_its_place() {
    assert_eq!(TABLE.len(), Kind::ALL.len());
    for (row, kind) in TABLE.iter().zip(Kind::ALL) {
        assert_eq!(row.kind, *kind);
        assert_eq!(kind.row().kind, *kind);
        assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        assert!(!row.says.is_empty(), "{kind} says what it is");
    }
    let codes: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(codes.len(), TABLE.len(), "no two kinds share a code");
    assert_eq!(Kind::from_code("no_kind"), None);
}

#[test]
fn each_kind_is_accepted_with_what_its_row_needs_and_not_without() {
    for row in TABLE {
        let event = sample(row.kind);
        assert_eq!(event.check(), Ok(()), "{}", row.kind);
        let mut without: Vec<(bool, Event)> = Vec::new();
        let mut leave_out = |needed: bool, change: fn(&mut Event)| {
            let mut event = sample(row.kind);
            change(&mut event);
            without.push((needed, event));
        };
        let about = event.asks.map_or(row, Kind::row);
        leave_out(about.needs.node, |event| event.node = None);
        leave_out(row.needs.to_node, |event| event.to_node = None);
        leave_out(row.subject == Subject::Needed, |event| event.subject = None);
        leave_out(row.needs.to_subject, |event| event.to_subject = None);
        leave_out(row.needs.due, |event| event.due = None);
        leave_out(about.needs.terms, |event| event.terms = None);
        leave_out(row.needs.asks, |event| event.asks = None);
        leave_out(about.lines == Lines::Needed, |event| event.lines.clear());
        for (needed, event) in without {
            assert_eq!(event.check().is_err(), needed, "{} without a part: {event:?}", row.kind);
        }
    }
}

#[test]
fn a_fact_only_kind_cannot_be_asked_for_and_every_kind_can_be_told() {
    for row in TABLE {
        let event = sample(row.kind);
        let refused = book().execute(&event).err().map(|refusal| refusal.code());
        assert_eq!(refused == Some("fact_only"), row.door == Door::Fact, "{}", row.kind);
        // What another process accepted, or what happened, is posted whatever the door.
        let mut book = book();
        let outcome = book.evolve(&event).unwrap_or_else(|away| panic!("{}: {away}", row.kind));
        assert_eq!(outcome.standing.code(), "posted", "{}", row.kind);
        assert!(book.evolve(&event).unwrap().replayed, "{}", row.kind);
    }
}

#[test]
fn each_kind_moves_its_units_and_no_others() {
    for row in TABLE.iter().filter(|row| row.kind != Kind::Count) {
        let mut book = book();
        book.evolve(&sample(row.kind)).unwrap();
        let inside: i64 = book.positions("TEA").iter().map(|one| one.quantity.abs()).sum();
        let outside: i64 = Outside::ALL.iter().map(|account| book.account("TEA", *account).abs()).sum();
        let ends = if row.leg.is_some() { 2 } else { 0 };
        // A variance that is explained moves between two accounts, and back by the same event.
        let moved = inside + outside;
        assert!(moved == ends, "{} moves {moved} units, its row {ends}", row.kind);
    }
}

#[test]
fn each_move_is_in_the_table_once() {
    let moves: Vec<_> = MOVES.iter().map(|(claim_move, _)| *claim_move).collect();
    let distinct: BTreeSet<_> = moves.iter().copied().collect();
    assert_eq!(moves.len(), distinct.len());
    for row in TABLE {
        if let Some((_, claim_move)) = row.claim {
            assert!(distinct.contains(&claim_move), "{} makes a move that the table has", row.kind);
        }
    }
}

/// Ten minutes in which a claim gets where it is asked.
const STEPS: i64 = 600_000;

/// A book whose claim of 6 of a document stands in a status; `None` where no event of that ledger leads there.
///
/// A claim that is open has 3 open, 2 picked and 1 shipped, where its ledger has such moves. One that is to expire has an end.
fn claim_in(ledger: Ledger, status: ClaimStatus, ends: bool) -> Option<Book> {
    let mut book = book();
    let mut told = 0;
    let mut tell = |kind: Kind, units: i64, change: &dyn Fn(&mut Event)| {
        told += 1;
        let mut event = Event { id: Id::Number(told), source: name("before"), ..sample(kind) };
        event.occurred = Time::new(i64::try_from(told).unwrap() * 1_000).unwrap();
        event.subject = kind.row().claim.map(|_| name("order-1"));
        for line in &mut event.lines {
            line.quantity = Quantity::new(units).unwrap();
        }
        change(&mut event);
        let outcome = book.evolve(&event).unwrap();
        assert_eq!(outcome.exceptions, [], "{event:?}");
    };
    for state in [StockState::Sellable, StockState::Picked] {
        tell(Kind::Opening, 100, &|event| event.lines[0].state = Some(state));
    }
    if status == ClaimStatus::Unknown {
        return Some(book);
    }
    // The kinds of this ledger by what they do.
    let kind = |wanted| TABLE.iter().find(|row| row.claim == Some((ledger, wanted))).map(|row| row.kind);
    let expires = Time::new(STEPS - 1).filter(|_| ends || status == ClaimStatus::Expired);
    tell(kind(ClaimMove::Open)?, 6, &|event| event.expires = expires);
    let in_full = |event: &mut Event| {
        if event.lines.is_empty() {
            let mut line = Line::new(name("TEA"), 6).unwrap();
            line.node = Some(name("S1"));
            event.lines.push(line);
        }
    };
    match status {
        ClaimStatus::Open if !ends => {
            if let (Some(pick), Some(ship)) = (kind(ClaimMove::Pick), kind(ClaimMove::Ship)) {
                tell(pick, 2, &|_| {});
                tell(ship, 1, &|_| {});
            }
        }
        ClaimStatus::Shipped => tell(kind(ClaimMove::Ship)?, 6, &|_| {}),
        ClaimStatus::Released => tell(kind(ClaimMove::Release)?, 6, &in_full),
        ClaimStatus::Expired => {
            tell(kind(ClaimMove::Expire)?, 6, &|event| {
                in_full(event);
                event.occurred = expires.unwrap();
            });
        }
        _ => {}
    }
    Some(book)
}

/// Every kind that moves a claim, of orders, transfers and leases alike: what [`MOVES`] allows works through both doors, what it
/// does not is refused by name as a command, and as a fact moves the same units with an exception.
#[test]
fn each_kind_that_moves_a_claim_does_what_the_table_of_moves_says() {
    let (mut works, mut refused) = (0, 0);
    for row in TABLE {
        let Some((ledger, claim_move)) = row.claim else { continue };
        let mut moved: BTreeSet<Vec<(StockState, bool, i64)>> = BTreeSet::new();
        for status in ClaimStatus::ALL {
            let Some(before) = claim_in(ledger, *status, claim_move == ClaimMove::Expire) else { continue };
            let mut event = sample(row.kind);
            event.occurred = Time::new(STEPS).unwrap();
            event.subject = Some(name("order-1"));
            if event.lines.is_empty() {
                let mut line = Line::new(name("TEA"), 1).unwrap();
                line.node = Some(name("S1"));
                event.lines.push(line);
            }
            let held = before.claims(ledger, &name("order-1"), event.occurred);
            let held = held.first().map_or(ClaimStatus::Unknown, |claim| claim.status);
            // A hold whose end has come counts as expired for every move but the one that says so.
            let ended = claim_move == ClaimMove::Expire && *status == ClaimStatus::Open;
            assert_eq!(
                held,
                if ended { ClaimStatus::Expired } else { *status },
                "{} before {}",
                status,
                row.kind
            );
            let allowed = MOVES.iter().any(|(one, from)| *one == claim_move && from.contains(status));
            let what = format!("{} of a claim that is {status}", row.kind);

            let mut book = before.clone();
            match book.execute(&event) {
                Ok(_) => assert!(allowed, "{what} is not allowed"),
                Err(Refusal::ClaimNotOpen { line, status: told }) => {
                    assert!(!allowed, "{what} is allowed");
                    assert_eq!((line.as_str(), told), ("TEA", *status), "{what}");
                    assert_eq!(book.digest(), before.digest(), "{what} was refused");
                }
                Err(other) => panic!("{what}: {other:?}"),
            }

            let mut book = before.clone();
            let outcome = book.evolve(&event).unwrap();
            assert_eq!(outcome.standing.code(), "posted");
            let odd = outcome.exceptions.iter().any(|one| one.code == ExceptionCode::OutOfOrderMove);
            assert_eq!(odd, !allowed, "{what}, reported");
            // Whatever the claim says, the same units have moved.
            let quantities = |book: &Book| -> Vec<(StockState, bool, i64)> {
                book.positions("TEA").iter().map(|one| (one.state, one.in_transit, one.quantity)).collect()
            };
            let (was, is) = (quantities(&before), quantities(&book));
            let change = is.into_iter().map(|(state, transit, units)| {
                let earlier = was.iter().find(|one| (one.0, one.1) == (state, transit));
                (state, transit, units - earlier.map_or(0, |one| one.2))
            });
            moved.insert(change.filter(|one| one.2 != 0).collect());
            (works, refused) = (works + usize::from(allowed), refused + usize::from(!allowed));
        }
        assert_eq!(moved.len(), 1, "{} moves the same units in every status", row.kind);
    }
    assert!(works >= 26 && refused >= 66, "{works} moves work and {refused} do not");
}

/// Every kind in every state that a line may say, here and where units are going: what the row allows works through both doors, what it
/// does not is refused by name as a command, and as a fact moves the same units with an exception.
#[test]
fn each_kind_moves_units_in_the_states_that_its_row_says() {
    let mut before = book();
    for (number, state) in (1..).zip(StockState::ALL) {
        let mut opening = Event { id: Id::Number(number), source: name("before"), ..sample(Kind::Opening) };
        opening.lines[0].quantity = Quantity::new(9).unwrap();
        opening.lines[0].state = Some(*state);
        assert_eq!(before.evolve(&opening).unwrap().exceptions, []);
    }
    let (mut works, mut refused) = (0, 0);
    for row in TABLE {
        for (end, other) in row.leg.iter().flat_map(|leg| [(leg.from, leg.to), (leg.to, leg.from)]) {
            let (goes, states) = match end {
                End::Here(_, states) => (false, states),
                End::Into(_, states) => (true, states),
                _ => continue,
            };
            for state in StockState::ALL {
                let mut event = sample(row.kind);
                let line = &mut event.lines[0];
                *(if goes { &mut line.to_state } else { &mut line.state }) = Some(*state);
                if matches!(row.kind, Kind::KitAssemble | Kind::KitBreak | Kind::Relabel) {
                    event.lines.push(Line::new(name("CUP"), -1).unwrap());
                }
                let (allowed, what) = (states.has(*state), format!("{} of {state}", row.kind));
                let mut book = before.clone();
                match book.execute(&event) {
                    Err(Refusal::StateNotAllowed { sku, state: said }) => {
                        assert_eq!((sku.as_str(), said, allowed), ("TEA", *state, false), "{what}");
                        assert_eq!(book.digest(), before.digest(), "{what} was refused");
                    }
                    _ => assert!(allowed || row.door == Door::Fact, "{what} is not allowed"),
                }
                let mut book = before.clone();
                let outcome = book.evolve(&event).unwrap();
                // Whatever the row says, the units have moved, if not to where they were.
                let line = &event.lines[0];
                let there = match other {
                    End::Here(usual, _) => line.state.or(Some(usual)),
                    End::Into(usual, _) => line.to_state.or(Some(usual)),
                    End::Always(usual) => Some(usual),
                    _ => None,
                };
                let stays = there == Some(*state);
                assert_eq!(book.quantity("TEA", "S1", None, *state) == 9, stays, "{what}, reported");
                // With a subject, it is a claim that was moved.
                let is_odd = |one: &&Exception| {
                    one.code == ExceptionCode::OutOfOrderMove
                        && one.subject.is_none()
                        && one.source == Some(name("shop"))
                };
                assert_eq!(
                    outcome.exceptions.iter().filter(is_odd).count(),
                    usize::from(!allowed),
                    "{what}, reported"
                );
                (works, refused) = (works + usize::from(allowed), refused + usize::from(!allowed));
                event.lines[0].quantity = Quantity::ZERO;
                let outcome = before.clone().evolve(&event).unwrap();
                assert_eq!(outcome.exceptions.iter().filter(is_odd).count(), 0, "{what}, none of it");
            }
        }
    }
    assert!(works > 150 && refused > 80, "{works} states are allowed and {refused} are not");
}

/// The corpus has a case for every cell of the table of moves, every refusal, every exception and every kind.
#[test]
fn the_corpus_leaves_nothing_out() {
    let files = run::files(Vec::new()).unwrap();
    let cases: Vec<_> = files.iter().flat_map(|file| case::read(file).unwrap()).collect();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    for status in ClaimStatus::ALL {
        for claim_move in [
            "reserve",
            "resize",
            "release",
            "expire",
            "reallocate",
            "pick",
            "unpick",
            "short-pick",
            "ship",
            "void-ship",
        ] {
            for way in ["asked", "reported"] {
                let id = format!("MOVE-{status}-{claim_move}-{way}");
                assert!(ids.contains(id.as_str()), "no case {id}");
            }
        }
    }
    let steps: Vec<_> = cases.iter().flat_map(|case| &case.steps).collect();
    let answers: Vec<&str> = steps.iter().filter_map(|step| step.expected.as_deref()).collect();
    let answered = |code: &str| {
        answers.iter().any(|answer| answer.split(", ").any(|part| part.split(' ').next() == Some(code)))
    };
    for code in onhand_tests::lockstep::exceptions() {
        assert!(answered(code.code()), "no case raises {code}");
    }
    for code in onhand_tests::lockstep::refusals() {
        assert!(answered(code), "no case is refused with {code}");
    }
    for row in TABLE {
        let told = |way: Way| {
            let kind = format!("\"kind\":\"{}\"", row.kind);
            steps.iter().any(|step| matches!(&step.does, Does::Tell(door, told) if *door == way && told.json.contains(&kind)))
        };
        assert!(told(Way::Fact) || told(Way::Command), "no case tells {}", row.kind);
        assert!(row.door != Door::Fact || told(Way::Fact), "no case reports {}", row.kind);
        assert!(row.door == Door::Fact || told(Way::Command), "no case asks for {}", row.kind);
    }
}
