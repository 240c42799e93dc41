//! The records of the year as they are made: facts when they arrive, intents when they are asked.
//!
//! The recorder keeps a book of its own, because an intent is accepted or refused by the book of that moment, and a desk in
//! front of it, because what is above a person's limits needs an approval. What is really there it is never asked.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use onhand::approval::{Declined, Desk, Policy};
use onhand::rows::{NameKind, Row};
use onhand::{Book, Event, Exception, ExceptionCode, Id, Kind, Money, Name, Quantity, StockState, Time};

use crate::log::{Log, Names, Origin, Plain, Record};
use crate::world::World;

/// A fact of one line.
pub struct Fact {
    pub kind: Kind,
    pub source: u32,
    pub when: i64,
    pub sku: u32,
    pub node: u32,
    pub units: i64,
    /// Cents.
    pub value: Option<i64>,
}

impl Fact {
    pub fn row(&self, number: u64) -> Row {
        let when = Time::new(self.when).expect("moments of the demo are in range");
        let mut row = Row::new(self.kind, self.source, number, when);
        (row.sku, row.node) = (self.sku, self.node);
        row.quantity = Quantity::new(self.units).expect("quantities of the demo are in range").units();
        // Worth more than money can say is worth saying nothing about.
        if let Some(value) = self.value.and_then(Money::new) {
            row.value = value.minor();
        }
        row
    }
}

/// What became of the intents of the year.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Intents {
    pub asked: u64,
    pub accepted: u64,
    pub refused: BTreeMap<&'static str, u64>,
    /// Done all the same, because the goods were there although the book said otherwise: reported as facts.
    pub reported_afterwards: u64,
}

pub struct Recorder {
    pub log: Log,
    pub intents: Intents,
    pub book: Book,
    pub desk: Desk,
    /// Facts of guarded kinds that went beyond somebody's limits without approval.
    pub due: BTreeSet<(Name, Id)>,
    /// When the exceptions that are open were raised first.
    pub since: HashMap<String, i64>,
    now: i64,
    /// Facts that have happened and not arrived, by arrival and then as they happened.
    late: BinaryHeap<Reverse<(i64, u64)>>,
    waiting: HashMap<u64, (Record, Origin)>,
    sequence: u64,
    row_numbers: Vec<u64>,
    numbers: HashMap<String, u64>,
}

impl Recorder {
    /// Tells the book the master data. Sources that send rows have to be named beforehand.
    pub fn new(world: &World, sources: &[String], policy: Policy, log: Log) -> Recorder {
        let mut recorder = Recorder {
            log,
            intents: Intents::default(),
            book: Book::new(),
            desk: Desk::new(policy),
            due: BTreeSet::new(),
            since: HashMap::new(),
            now: world.start - crate::world::DAY,
            late: BinaryHeap::new(),
            waiting: HashMap::new(),
            sequence: 0,
            row_numbers: vec![0; sources.len()],
            numbers: HashMap::new(),
        };
        register(&mut recorder.log, world, sources);
        intern(&mut recorder.book, &recorder.log);
        for event in world.master_data() {
            recorder.post(Record::text(&event), Origin::Other);
        }
        recorder
    }

    /// What has arrived by `now` is posted.
    pub fn advance(&mut self, now: i64) {
        self.now = now;
        while let Some(Reverse((arrival, at))) = self.late.peek().copied() {
            if arrival > now {
                return;
            }
            self.late.pop();
            if let Some((record, origin)) = self.waiting.remove(&at) {
                self.post(record, origin);
            }
        }
    }

    /// A numbered fact of one line, now or when it arrives.
    pub fn fact(&mut self, fact: &Fact, arrival: i64, origin: Origin) {
        let number = &mut self.row_numbers[fact.source as usize];
        *number += 1;
        let record = Record::row(fact.kind, &fact.row(*number));
        self.arrive(record, arrival, origin);
    }

    /// A fact of any shape, now or when it arrives. The recorder numbers it.
    pub fn report(&mut self, mut fact: Event, arrival: i64) {
        fact.id = self.number(&fact);
        self.numbered(&fact);
        self.desk.note(&fact);
        self.arrive(Record::text(&fact), arrival, Origin::Other);
    }

    /// An intent, asked now: posted as it was accepted.
    pub fn ask(&mut self, command: Event) -> Result<Event, Declined> {
        self.ask_from(command, Origin::Other)
    }

    fn ask_from(&mut self, mut command: Event, origin: Origin) -> Result<Event, Declined> {
        command.id = self.number(&command);
        self.intents.asked += 1;
        match self.decide(&command) {
            Ok(accepted) => {
                self.intents.accepted += 1;
                self.numbered(&accepted);
                self.desk.note(&accepted);
                self.post(Record::text(&accepted), origin);
                Ok(accepted)
            }
            Err(declined) => {
                let code = match &declined {
                    Declined::NotAllowed(problem) => problem.code(),
                    Declined::Refused(refusal) => refusal.code(),
                };
                *self.intents.refused.entry(code).or_default() += 1;
                Err(declined)
            }
        }
    }

    /// By the book first, then by the policy.
    fn decide(&mut self, command: &Event) -> Result<Event, Declined> {
        match self.book.decide(command).map_err(Declined::Refused)? {
            onhand::Decision::Accept(accepted) => {
                self.desk.judge(&self.book, command).map_err(Declined::NotAllowed)?;
                Ok(accepted)
            }
            onhand::Decision::Replayed(_) => unreachable!("the recorder gives no number twice"),
        }
    }

    /// Something is done whatever the book says: asked first, and when it is refused reported as a fact.
    pub fn do_or_report(&mut self, event: Event) {
        if !event.lines.is_empty() && self.ask(event.clone()).is_err() {
            self.report_afterwards(event);
        }
    }

    /// What was done although the book refused it: a fact.
    pub fn report_afterwards(&mut self, event: Event) {
        self.intents.reported_afterwards += 1;
        self.report(event, self.now);
    }

    /// Closes the books of a node. What went beyond limits is taken down before the desk forgets it.
    pub fn close(&mut self, close: Event) {
        self.ask_from(close, Origin::Close).expect("the demo closes the books of nodes that it knows");
    }

    /// Takes down what is due for approval, and forgets what was done before a moment. Exceptions that are not open at `now`
    /// any more are forgotten too.
    pub fn review(&mut self, before: i64, now: i64) -> Vec<Exception> {
        self.due.extend(self.desk.due().into_iter().map(|due| (due.source, due.id)));
        self.desk.forget(Time::new(before).unwrap_or_default());
        let open = self.book.exceptions(Time::new(now).unwrap_or_default());
        let keys: BTreeSet<String> = open.iter().map(subject_of).collect();
        self.since.retain(|key, _| keys.contains(key));
        open
    }

    /// What has arrived and what is still on its way: all of it arrives.
    pub fn catch_up(&mut self) {
        self.advance(i64::MAX);
    }

    fn number(&self, event: &Event) -> Id {
        Id::Number(self.numbers.get(event.source.as_str()).copied().unwrap_or(0) + 1)
    }

    /// A refused intent burns no number: it is taken only now.
    fn numbered(&mut self, event: &Event) {
        *self.numbers.entry(event.source.as_str().to_owned()).or_default() += 1;
    }

    fn arrive(&mut self, record: Record, arrival: i64, origin: Origin) {
        if arrival <= self.now {
            return self.post(record, origin);
        }
        self.sequence += 1;
        self.late.push(Reverse((arrival, self.sequence)));
        self.waiting.insert(self.sequence, (record, origin));
    }

    fn post(&mut self, record: Record, origin: Origin) {
        match &record {
            Record::Row(_, bytes) => {
                let outcome = self.book.evolve_rows(bytes);
                assert_eq!(outcome.turned_away, 0, "the generator makes well-formed rows");
                if outcome.exceptions > 0 {
                    self.raised_by_row(bytes);
                }
            }
            Record::Text(event) => {
                let outcome = self.book.evolve(event).expect("the generator makes well-formed events");
                for exception in &outcome.exceptions {
                    self.since.entry(subject_of(exception)).or_insert(event.occurred.millis());
                }
            }
        }
        self.log.push(&record, origin);
    }

    /// A batch of rows does not name the exceptions that it leaves open: here a deficit, or a fact of a closed period.
    fn raised_by_row(&mut self, bytes: &[u8; onhand::rows::ROW_BYTES]) {
        let row = Plain::read(bytes);
        let name = |names: &Names, number: u32| names.list()[number as usize].clone();
        let (sku, node) = (name(&self.log.skus, row.sku), name(&self.log.nodes, row.node));
        let subject = match self.book.quantity(&sku, &node, None, StockState::Sellable) < 0 {
            true => format!("{} {sku} {node} {} - - - -", ExceptionCode::Deficit, StockState::Sellable),
            false => {
                let source = name(&self.log.sources, row.source);
                format!("{} - - - - - {source} {}", ExceptionCode::PriorPeriod, row.number)
            }
        };
        self.since.entry(subject).or_insert(row.occurred);
    }
}

/// What an exception is about, apart from its numbers: the same as long as it is open.
pub fn subject_of(exception: &Exception) -> String {
    let name = |name: &Option<Name>| name.as_ref().map_or("-".to_owned(), Name::to_string);
    let id = match &exception.id {
        Some(Id::Number(number)) => number.to_string(),
        Some(Id::Text(text)) => text.to_string(),
        None => "-".to_owned(),
    };
    let [sku, location, subject, line, source] =
        [&exception.sku, &exception.location, &exception.subject, &exception.line, &exception.source]
            .map(name);
    let state = exception.state.map_or("-", StockState::code);
    format!("{} {sku} {location} {state} {subject} {line} {source} {id}", exception.code)
}

/// Gives every name that rows may call by number its number: items and nodes as the world lists them.
pub fn register(log: &mut Log, world: &World, sources: &[String]) {
    for source in sources {
        log.sources.number(source);
    }
    for item in &world.items {
        log.skus.number(item.sku.as_str());
    }
    for node in &world.nodes {
        log.nodes.number(node.name.as_str());
    }
}

fn intern(book: &mut Book, log: &Log) {
    for (kind, names) in
        [(NameKind::Source, &log.sources), (NameKind::Sku, &log.skus), (NameKind::Node, &log.nodes)]
    {
        for (number, name) in (0..).zip(names.list()) {
            let given = book.intern(kind, name);
            assert_eq!(given, Ok(number), "an empty book numbers names as they come");
        }
    }
}
