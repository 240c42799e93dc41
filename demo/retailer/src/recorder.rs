//! The records of the year as they are made: facts when they arrive, intents when they are asked.
//!
//! The recorder keeps a book of its own, because an intent is accepted or refused by the book of that moment. What is
//! really there it is never asked.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use onhand::rows::{NameKind, Row};
use onhand::{Book, Event, Id, Kind, Money, Quantity, Refusal, Time};

use crate::log::{Log, Origin, Record};
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
    book: Book,
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
    pub fn new(world: &World, sources: &[String]) -> Recorder {
        let mut recorder = Recorder {
            log: Log::default(),
            intents: Intents::default(),
            book: Book::new(),
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
        self.arrive(Record::text(&fact), arrival, Origin::Other);
    }

    /// An intent, asked now: posted as it was accepted.
    pub fn ask(&mut self, mut command: Event) -> Result<Event, Refusal> {
        command.id = self.number(&command);
        self.intents.asked += 1;
        match self.book.decide(&command) {
            Ok(onhand::Decision::Accept(accepted)) => {
                self.intents.accepted += 1;
                self.numbered(&accepted);
                self.post(Record::text(&accepted), Origin::Other);
                Ok(accepted)
            }
            Ok(onhand::Decision::Replayed(_)) => unreachable!("the recorder gives no number twice"),
            Err(refusal) => {
                *self.intents.refused.entry(refusal.code()).or_default() += 1;
                Err(refusal)
            }
        }
    }

    /// Something is done whatever the book says: asked first, and when it is refused reported as a fact.
    pub fn do_or_report(&mut self, event: Event) {
        if event.lines.is_empty() {
            return;
        }
        if self.ask(event.clone()).is_err() {
            self.intents.reported_afterwards += 1;
            self.report(event, self.now);
        }
    }

    /// The year is over: what is still on its way arrives.
    pub fn finish(mut self) -> (Log, Intents) {
        self.advance(i64::MAX);
        (self.log, self.intents)
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
            }
            Record::Text(_, text) => {
                let event = Event::from_json(text).expect("the generator writes events");
                self.book.evolve(&event).expect("the generator makes well-formed events");
            }
        }
        self.log.push(&record, origin);
    }
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
