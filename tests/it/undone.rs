//! What is undone leaves the book as it was: whatever happened before, between and after, in whatever order it is told.
//!
//! A history is told twice, once with a pair of deed and undoing somewhere in it and once without. Positions with their lots, places and
//! owners, accounts, claims of all others, supplies, availability and exceptions are then the same. What is not, by design:
//!
//! | what stays | why |
//! |---|---|
//! | the claim that was given back, as `released` or `shipped` of nothing | it is the history of the order line |
//! | `found` and `shrink` of an adjustment and of an explanation that are taken back | both were said, and both are in the trail |
//! | what a count between the two found | it saw what was there, so that what it saw goes once more: see [`a_count_between_is_believed`] |
//! | a supply that was said not to come, as nothing of nothing | the latest word is that of its cancellation |
//! | which lots go back where nobody said so and no order knows | units that are set aside have no name; who took down the lots says them |
//! | what nothing undoes: sales, returns, write-offs, liquidation, closes | they happened; the opposite is an event of its own |

use std::collections::BTreeMap;

use onhand::kind::Ledger;
use onhand::{
    Book, Decision, Event, Id, Kind, Line, LotTerms, Name, Outside, Quantity, StockState, Terms, Time,
};
use onhand_tests::history::History;
use onhand_tests::random::{Dice, Step, name};

/// Where a pair takes place.
struct Scene {
    sku: Name,
    other_sku: Name,
    node: Name,
    other_node: Name,
    units: i64,
    /// Which lot is named, if any.
    lot: Option<Name>,
}

type Events = Vec<Event>;

/// A deed, and what undoes it; the second is told what the first was accepted as.
struct Pair {
    says: &'static str,
    /// What has to be there before it, and stays.
    given: fn(&Scene) -> Events,
    does: fn(&Scene) -> Events,
    undoes: fn(&Scene, &[Event]) -> Events,
}

impl Scene {
    fn event(&self, kind: Kind, units: i64) -> Event {
        let mut event = Event::new(name("undoer"), Id::Number(1), kind, Time::ZERO);
        let row = kind.row();
        event.node = Some(self.node.clone());
        event.reason = Some(name("because"));
        event.to_node = row.needs.to_node.then(|| self.other_node.clone());
        event.due = row.needs.due.then(|| Time::new(9_000_000).expect("in range"));
        if row.subject == onhand::kind::Subject::Needed {
            event.subject = Some(name("undone"));
        }
        let mut line = Line::new(self.sku.clone(), units).expect("in range");
        line.lot = self.lot.clone().filter(|_| row.claim.is_none());
        line.to_sku = row.needs.to_sku.then(|| self.other_sku.clone());
        event.lines.push(line);
        event
    }

    fn of(&self, kind: Kind) -> Event {
        self.event(kind, self.units)
    }

    fn for_order(&self, kind: Kind) -> Event {
        Event { subject: Some(name("undone")), ..self.of(kind) }
    }

    fn whole(&self, kind: Kind) -> Event {
        Event { lines: Vec::new(), ..self.for_order(kind) }
    }

    /// Units of one item become units of another.
    fn turned(&self, kind: Kind, sign: i64) -> Event {
        let mut event = self.event(kind, -sign * self.units);
        let mut made = Line::new(self.other_sku.clone(), sign * self.units).expect("in range");
        made.place = Some(name("bench"));
        event.lines.push(made);
        event
    }

    fn lot_is(&self, recalled: bool) -> Event {
        let mut event = self.of(Kind::LotChange);
        (event.node, event.lines) = (None, Vec::new());
        let (sku, lot) = (self.sku.clone(), name("lot-3"));
        event.terms = Some(Box::new(Terms::Lot(LotTerms { sku, lot, expires: None, recalled })));
        event
    }
}

/// The lines of what was accepted, with the lots that they were bound to, as lines of another kind.
fn back(kind: Kind, done: &[Event], change: impl Fn(&mut Line)) -> Events {
    let mut event = Event { kind, ..done.last().expect("it was done").clone() };
    for line in &mut event.lines {
        line.bound = None;
        change(line);
    }
    vec![event]
}

fn nothing(_: &Scene) -> Events {
    Vec::new()
}

fn held(scene: &Scene) -> Events {
    vec![scene.for_order(Kind::Reserve)]
}

fn sent(scene: &Scene) -> Events {
    let mut approved = scene.of(Kind::TransferApprove);
    approved.lines[0].lot = None;
    vec![approved]
}

fn picked(scene: &Scene) -> Events {
    [sent(scene), vec![scene.of(Kind::TransferPick)]].concat()
}

fn is_picked(line: &mut Line) {
    line.state = Some(StockState::Picked);
}

const PAIRS: &[Pair] = &[
    Pair {
        says: "a receipt",
        given: nothing,
        does: |scene| vec![scene.of(Kind::Receipt)],
        undoes: |_, done| back(Kind::ReceiptCancel, done, |_| ()),
    },
    Pair {
        says: "a receipt for an order",
        given: |scene| vec![scene.of(Kind::SupplyChange)],
        does: |scene| {
            let mut receipt = scene.of(Kind::Receipt);
            receipt.lines[0].supply = Some(name("undone"));
            vec![receipt]
        },
        undoes: |_, done| back(Kind::ReceiptCancel, done, |_| ()),
    },
    Pair {
        says: "a hold",
        given: nothing,
        does: |scene| vec![scene.of(Kind::Hold)],
        undoes: |_, done| back(Kind::ReleaseHold, done, |_| ()),
    },
    Pair {
        says: "a markdown",
        given: nothing,
        does: |scene| vec![scene.of(Kind::MarkDown)],
        undoes: |_, done| back(Kind::ReleaseHold, done, |line| line.state = Some(StockState::Clearance)),
    },
    Pair {
        says: "a move between places",
        given: nothing,
        does: |scene| {
            let mut moved = scene.of(Kind::Relocate);
            moved.lines[0].to_place = Some(name("attic"));
            vec![moved]
        },
        undoes: |_, done| {
            back(Kind::Relocate, done, |line| {
                (line.place, line.to_place) = (line.to_place.take(), line.place.take())
            })
        },
    },
    Pair { says: "a claim", given: nothing, does: held, undoes: |scene, _| vec![scene.whole(Kind::Release)] },
    Pair {
        says: "a larger claim",
        given: held,
        does: |scene| {
            let mut resized = scene.for_order(Kind::Resize);
            resized.lines[0].quantity = Quantity::new(scene.units + 1).expect("in range");
            vec![resized]
        },
        undoes: |scene, _| vec![scene.for_order(Kind::Resize)],
    },
    Pair {
        says: "a claim that goes to another order",
        given: held,
        does: |scene| {
            vec![Event { to_subject: Some(name("undone-too")), ..scene.for_order(Kind::Reallocate) }]
        },
        undoes: |scene, _| {
            let to_subject = Some(name("undone"));
            vec![Event { subject: Some(name("undone-too")), to_subject, ..scene.of(Kind::Reallocate) }]
        },
    },
    Pair {
        says: "a substitution",
        given: held,
        does: |scene| vec![scene.for_order(Kind::Substitute)],
        undoes: |scene, _| vec![scene.for_order(Kind::Reserve)],
    },
    Pair {
        says: "a pick",
        given: held,
        does: |scene| vec![scene.for_order(Kind::Pick)],
        undoes: |scene, _| vec![scene.for_order(Kind::Unpick)],
    },
    Pair {
        says: "a pick for nobody",
        given: nothing,
        does: |scene| {
            let mut pick = scene.of(Kind::Pick);
            pick.lines[0].lot.clone_from(&scene.lot);
            vec![pick]
        },
        undoes: |_, done| back(Kind::Unpick, done, |_| ()),
    },
    Pair {
        says: "a shipment",
        given: held,
        does: |scene| vec![scene.for_order(Kind::Ship)],
        undoes: |scene, _| vec![scene.for_order(Kind::VoidShip)],
    },
    Pair {
        says: "a pick and what was handed over of it",
        given: held,
        does: |scene| vec![scene.for_order(Kind::Pick), scene.for_order(Kind::HandOver)],
        undoes: |scene, _| vec![scene.for_order(Kind::VoidShip)],
    },
    Pair {
        says: "a transfer that was asked for",
        given: nothing,
        does: |scene| vec![scene.of(Kind::TransferRequest)],
        undoes: |scene, _| vec![scene.whole(Kind::TransferCancel)],
    },
    Pair {
        says: "a transfer",
        given: nothing,
        does: sent,
        undoes: |scene, _| vec![scene.whole(Kind::TransferCancel)],
    },
    Pair {
        says: "a transfer that was picked",
        given: nothing,
        does: picked,
        undoes: |scene, done| {
            let mut all = back(Kind::Unpick, done, |_| ());
            all[0].subject = None;
            all.insert(0, scene.whole(Kind::TransferCancel));
            all
        },
    },
    Pair {
        says: "a transfer that was sent and turned round",
        given: nothing,
        does: |scene| {
            let mut ship = scene.of(Kind::TransferShip);
            is_picked(&mut ship.lines[0]);
            [picked(scene), vec![ship]].concat()
        },
        undoes: |_, done| back(Kind::TransferReceive, done, |line| line.state = None),
    },
    Pair {
        says: "a lease",
        given: nothing,
        does: |scene| vec![scene.of(Kind::LeaseGrant)],
        undoes: |scene, _| vec![scene.whole(Kind::LeaseReturn)],
    },
    Pair {
        says: "a grading",
        given: |scene| vec![scene.of(Kind::ReturnReceive)],
        does: |scene| {
            let mut grade = scene.of(Kind::Grade);
            grade.lines[0].to_state = Some(StockState::VendorReturn);
            vec![grade]
        },
        undoes: |_, done| {
            back(Kind::Grade, done, |line| {
                (line.state, line.to_state) = (line.to_state, Some(StockState::Returned))
            })
        },
    },
    Pair {
        says: "a relabelling",
        given: nothing,
        does: |scene| vec![scene.turned(Kind::Relabel, 1)],
        undoes: |_, done| back(Kind::Relabel, done, turn),
    },
    Pair {
        says: "a kit",
        given: nothing,
        does: |scene| vec![scene.turned(Kind::KitAssemble, 1)],
        undoes: |_, done| back(Kind::KitBreak, done, turn),
    },
    Pair {
        says: "an order from a supplier",
        given: nothing,
        does: |scene| vec![scene.of(Kind::SupplyChange)],
        undoes: |_, done| back(Kind::SupplyChange, done, |line| line.quantity = Quantity::ZERO),
    },
    Pair {
        says: "an adjustment",
        given: nothing,
        does: |scene| vec![scene.of(Kind::Adjust)],
        undoes: |_, done| back(Kind::Adjust, done, turn),
    },
    Pair {
        says: "a recall",
        given: |scene| {
            let mut found = scene.of(Kind::Adjust);
            found.lines[0].lot = Some(name("lot-3"));
            vec![found, scene.lot_is(false)]
        },
        does: |scene| vec![scene.lot_is(true)],
        undoes: |scene, _| vec![scene.lot_is(false)],
    },
];

fn turn(line: &mut Line) {
    line.quantity = Quantity::new(-line.quantity.units()).expect("in range");
}

/// All that a book says, but of the document that the pair is about.
fn readings(history: &History, book: &Book, now: Time) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    let undone = [name("undone"), name("undone-too")];
    for sku in history.world.skus() {
        said.insert(format!("positions of {sku}"), format!("{:?}", book.positions(sku.as_str())));
        for account in Outside::ALL {
            let mut units = book.account(sku.as_str(), *account);
            match account {
                Outside::Found => units += book.account(sku.as_str(), Outside::Shrink),
                Outside::Shrink => units = 0,
                _ => {}
            }
            said.insert(format!("{account} of {sku}"), units.to_string());
        }
        for node in history.world.nodes() {
            let at = format!("of {sku} at {node}");
            said.insert(
                format!("shelf {at}"),
                format!("{:?}", book.availability(sku.as_str(), node.as_str(), now)),
            );
            let mut supplies = book.dated_supply(sku.as_str(), node.as_str());
            supplies.retain(|one| (one.expected, one.received, one.open, one.claimed) != (0, 0, 0, 0));
            said.insert(format!("supplies {at}"), format!("{supplies:?}"));
            let losing = book.losing_claims(sku.as_str(), node.as_str(), now);
            said.insert(format!("losing claims {at}"), format!("{losing:?}"));
        }
    }
    for subject in onhand_tests::random::World::subjects().iter().chain(&undone) {
        for ledger in Ledger::ALL {
            let mut claims = book.claims(*ledger, subject, now);
            if undone.contains(subject) {
                claims.retain(|claim| claim.open + claim.picked > 0);
            }
            said.insert(format!("{ledger} {subject}"), format!("{claims:?}"));
        }
    }
    said.insert("exceptions".to_owned(), format!("{:?}", book.exceptions(now)));
    said
}

/// A book, and what it accepted.
#[derive(Default)]
struct Told {
    book: Book,
    accepted: Vec<Event>,
    latest: i64,
    number: u64,
}

impl Told {
    fn step(&mut self, step: &Step) {
        let accepted = match step {
            Step::Fact(event) => Some(event.clone()),
            Step::Command(event) => match self.book.decide(event) {
                Ok(Decision::Accept(accepted)) => Some(accepted),
                _ => None,
            },
        };
        if let Some(event) = accepted
            && self.book.evolve(&event).is_ok_and(|outcome| !outcome.replayed)
        {
            self.latest = self.latest.max(event.occurred.millis());
            self.accepted.push(event);
        }
    }

    /// Asks for events one after the other, or tells them where nobody can ask; `Err` with the refusal.
    fn ask(&mut self, events: Events) -> Result<Events, String> {
        let mut done = Vec::new();
        for mut event in events {
            self.number += 1;
            event.id = Id::Number(self.number);
            event.occurred = Time::new(self.latest).expect("in range");
            let event = match event.kind.row().door {
                onhand::kind::Door::Fact => event,
                _ => match self.book.decide(&event) {
                    Ok(Decision::Accept(accepted)) => accepted,
                    other => return Err(format!("{}: {other:?}", event.to_json())),
                },
            };
            self.book.evolve(&event).map_err(|away| format!("{}: {away}", event.to_json()))?;
            self.accepted.push(event.clone());
            done.push(event);
        }
        Ok(done)
    }
}

/// What became of a pair in a history.
enum Came {
    /// It was done, undone and compared.
    Undone,
    /// It could not be done, or what it needs had gone before it was undone.
    Refused,
    /// A count came between.
    Counted,
}

fn try_pair(pair: &Pair, history: &History, scene: &Scene, cuts: [usize; 2]) -> Result<Came, String> {
    let mut told = Told::default();
    history.steps[..cuts[0]].iter().for_each(|step| told.step(step));
    if told.ask((pair.given)(scene)).is_err() {
        return Ok(Came::Refused);
    }
    let from = (told.accepted.len(), told.latest);
    let Ok(done) = told.ask((pair.does)(scene)) else { return Ok(Came::Refused) };
    let between = told.accepted.len();
    history.steps[cuts[0]..cuts[1]].iter().for_each(|step| told.step(step));
    let until = (told.accepted.len(), told.latest);
    let undoes = (pair.undoes)(scene, &done);
    // What nobody knows the lot of, and no order knows, may be units of any lot: see above.
    let nameless = |event: &Event| {
        event.kind == Kind::Unpick
            && event.subject.is_none()
            && event.lines.iter().any(|line| line.lot.is_none())
    };
    if undoes.iter().any(nameless) {
        return Ok(Came::Refused);
    }
    if let Err(refused) = told.ask(undoes) {
        // Others may have sold, moved or counted it away; what is about the claim itself is its own.
        let gone = ["Insufficient", "LotWithheld"].iter().any(|code| refused.contains(code));
        return if gone { Ok(Came::Refused) } else { Err(refused) };
    }
    let after = told.accepted.len();
    history.steps[cuts[1]..].iter().for_each(|step| told.step(step));
    let pair_is = |at: usize| (from.0..between).contains(&at) || (until.0..after).contains(&at);
    let counts =
        |event: &Event| event.kind == Kind::Count && (from.1..until.1).contains(&event.occurred.millis());
    if told.accepted.iter().any(counts) {
        return Ok(Came::Counted);
    }
    let others = told.accepted.iter().enumerate().filter(|(at, _)| !pair_is(*at)).map(|(_, event)| event);
    let mut without = Book::new();
    for event in others {
        without.evolve(event).map_err(|away| format!("without the pair: {away}"))?;
    }
    let now = Time::new(told.latest + 1).expect("in range");
    let (with, without) = (readings(history, &told.book, now), readings(history, &without, now));
    for (what, said) in &without {
        if with[what] != *said {
            return Err(format!("{what}\nwithout the pair: {said}\nwith it: {}\n{done:?}", with[what]));
        }
    }
    let mut shuffled = told.accepted.clone();
    let mut dice = history.dice();
    for place in (1..shuffled.len()).rev() {
        shuffled.swap(place, dice.below(place + 1));
    }
    let mut other = Book::new();
    for event in &shuffled {
        other.evolve(event).map_err(|away| format!("shuffled: {away}"))?;
    }
    match other.digest() == told.book.digest() {
        true => Ok(Came::Undone),
        false => Err("another digest in another order".to_owned()),
    }
}

/// Histories that each pair is put into.
const HISTORIES: u64 = 100;

#[test]
fn what_is_undone_leaves_the_book_as_it_was() {
    let histories = if crate::is_long() { 20 * HISTORIES } else { HISTORIES };
    for (at, pair) in PAIRS.iter().enumerate() {
        let mut met = [0; 3];
        for seed in 1..=histories {
            let mut history = History::new(seed * 64 + at as u64, 24 + (seed % 4) as usize * 16, false);
            let mut dice = Dice::new(seed);
            let (skus, nodes) = (history.world.skus(), history.world.nodes());
            let scene = Scene {
                sku: skus[0].clone(),
                other_sku: skus[1].clone(),
                node: nodes[0].clone(),
                other_node: nodes[1].clone(),
                units: 1 + dice.below(3) as i64,
                lot: Some(name(*dice.pick(&["lot-1", "lot-2"]))),
            };
            // Some stock of two lots, some of it staged for others, and everything known.
            let first = history.world.first_steps().len();
            let stock = stock_of(&scene);
            history.steps.splice(first..first, stock.into_iter().map(Step::Command));
            // A count in every history would be between in most: half of them have none.
            if seed % 2 == 0 {
                history.steps.retain(|step| step.event().kind != Kind::Count);
            }
            let length = history.steps.len();
            let start = (first + 8).min(length);
            let cut = start + dice.below(length + 1 - start);
            let cuts = [cut, cut + dice.below(length + 1 - cut)];
            match try_pair(pair, &history, &scene, cuts) {
                Ok(Came::Undone) => met[0] += 1,
                Ok(Came::Refused) => met[1] += 1,
                Ok(Came::Counted) => met[2] += 1,
                Err(wrong) => panic!(
                    "{} is not undone, seed {seed}, at {cuts:?}: {wrong}\n{}",
                    pair.says,
                    history.to_text()
                ),
            }
        }
        assert!(met[0] as u64 > histories / 5, "{}: {met:?} undone, refused, counted", pair.says);
    }
}

/// Two lots on the shelf, both staged in part for orders that stay.
fn stock_of(scene: &Scene) -> Events {
    let mut events = Vec::new();
    let mut number = 0;
    let mut say = |kind: Kind, units: i64, lot: Option<&str>, subject: Option<&str>| {
        number += 1;
        let mut event = Scene {
            lot: None,
            sku: scene.sku.clone(),
            other_sku: scene.other_sku.clone(),
            node: scene.node.clone(),
            other_node: scene.other_node.clone(),
            units,
        }
        .of(kind);
        event.source = name("stocker");
        event.id = Id::Number(number);
        event.occurred = Time::new(1_000_000 + number as i64).expect("in range");
        event.lines[0].lot = lot.map(name);
        event.subject = subject.map(name);
        events.push(event);
    };
    say(Kind::Adjust, 9, Some("lot-1"), None);
    say(Kind::Adjust, 9, Some("lot-2"), None);
    for order in ["stays-1", "stays-2"] {
        say(Kind::Reserve, 3, None, Some(order));
    }
    say(Kind::Pick, 3, Some("lot-2"), Some("stays-1"));
    say(Kind::Pick, 1, Some("lot-1"), Some("stays-2"));
    events
}

/// A count between deed and undoing believes what it saw.
#[test]
fn a_count_between_is_believed() {
    let mut book = onhand::testing::book(&["TEA"], &["S1"]);
    let mut tell = |id, kind, units| {
        let mut event =
            Event::new(name("shop"), Id::Number(id), kind, Time::new(1_000 * id as i64).expect("in range"));
        (event.node, event.reason) = (Some(name("S1")), Some(name("because")));
        event.lines.push(Line::new(name("TEA"), units).expect("in range"));
        book.evolve(&event).expect("posted");
        (book.quantity("TEA", "S1", None, StockState::Sellable), book.account("TEA", Outside::CountVariance))
    };
    tell(1, Kind::Receipt, 5);
    assert_eq!(tell(2, Kind::Count, 5), (5, 0));
    assert_eq!(tell(3, Kind::ReceiptCancel, 5), (0, 0));
}
