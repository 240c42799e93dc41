//! The networks that are measured: items, nodes and random rows, the same from run to run and on every host.

use onhand::kind::Kind;
use onhand::rows::{NameKind, ROW_BYTES, Row};
use onhand::{Book, Event, Id, ItemTerms, Name, NodeTerms, NodeType, Quantity, Terms, Time};

/// Milliseconds between two rows.
const STEP: i64 = 10;
/// When the first row occurs.
pub const START: i64 = 1_700_000_000_000;

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from 0 up to and without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }
}

/// How large a network is.
#[derive(Clone, Copy)]
pub struct Size {
    pub skus: usize,
    pub nodes: usize,
}

impl Size {
    pub const TEN_THOUSAND: Size = Size { skus: 200, nodes: 50 };
    pub const MILLION: Size = Size { skus: 20_000, nodes: 50 };

    pub fn positions(self) -> usize {
        self.skus * self.nodes
    }
}

/// A book with stock at every position, and the numbers of its names.
pub struct Shop {
    pub size: Size,
    pub book: Book,
    source: u32,
    skus: Vec<u32>,
    nodes: Vec<u32>,
    /// Rows handed out so far: each one has a number and a moment of its own.
    rows: u64,
    closes: u64,
    random: Random,
}

pub fn sku(place: usize) -> String {
    format!("SKU-{place:06}")
}

pub fn node(place: usize) -> String {
    format!("store-{place:03}")
}

/// A row that moves units of one position, and which.
#[derive(Clone, Copy)]
pub struct Change {
    pub position: u32,
    pub units: i64,
}

impl Shop {
    /// Master data, and 1,000 units of every item at every node. The opening is closed: nothing is kept.
    pub fn new(size: Size) -> Shop {
        let mut book = Book::new();
        for event in master_data(size) {
            book.evolve(&event).expect("master data is well formed");
        }
        let mut intern = |kind, text: &str| book.intern(kind, text).expect("names are well formed");
        let source = intern(NameKind::Source, "till");
        let skus = (0..size.skus).map(|place| intern(NameKind::Sku, &sku(place))).collect();
        let nodes = (0..size.nodes).map(|place| intern(NameKind::Node, &node(place))).collect();
        let mut shop = Shop { size, book, source, skus, nodes, rows: 0, closes: 0, random: Random::new(7) };
        shop.open();
        shop
    }

    fn open(&mut self) {
        let mut bytes = Vec::with_capacity(self.size.positions() * ROW_BYTES);
        for position in 0..self.size.positions() {
            bytes.extend(self.row(Kind::Opening, position as u32, 1_000).to_bytes());
        }
        let outcome = self.book.evolve_rows(&bytes);
        assert_eq!((outcome.posted as usize, outcome.exceptions), (self.size.positions(), 0));
        self.close();
    }

    fn row(&mut self, kind: Kind, position: u32, quantity: i64) -> Row {
        self.rows += 1;
        let occurred = Time::new(START + self.rows as i64 * STEP).expect("within the range of time");
        let place = position as usize;
        Row {
            sku: self.skus[place / self.size.nodes],
            node: self.nodes[place % self.size.nodes],
            quantity,
            ..Row::new(kind, self.source, self.rows, occurred)
        }
    }

    /// Random rows, nine sales of 1 to 3 units for one delivery of 18, and the same as bare additions.
    pub fn batch(&mut self, rows: usize) -> (Vec<u8>, Vec<Change>) {
        let mut bytes = Vec::with_capacity(rows * ROW_BYTES);
        let mut changes = Vec::with_capacity(rows);
        for _ in 0..rows {
            let position = self.random.below(self.size.positions() as u64) as u32;
            let (kind, units) = match self.random.below(10) {
                0 => (Kind::Receipt, 18),
                _ => (Kind::Sell, -self.random.between(1, 3)),
            };
            bytes.extend(self.row(kind, position, units.abs()).to_bytes());
            changes.push(Change { position, units });
        }
        (bytes, changes)
    }

    /// Closes the books of every node through the last row.
    pub fn close(&mut self) {
        let through = START + self.rows as i64 * STEP;
        for place in 0..self.size.nodes {
            self.closes += 1;
            self.book.evolve(&period_close(self.closes, place, through)).expect("a close is well formed");
        }
    }

    /// What the book holds at each position, in the order of [`Change::position`].
    pub fn balances(&self) -> Vec<i64> {
        let mut balances = vec![0; self.size.positions()];
        for place in 0..self.size.skus {
            // Positions are listed by the name of the location, which is the order of the nodes.
            for (at, held) in self.book.positions(&sku(place)).into_iter().enumerate() {
                balances[place * self.size.nodes + at] = held.quantity;
            }
        }
        balances
    }
}

/// A close of one node, numbered by a source of its own.
fn period_close(number: u64, place: usize, through: i64) -> Event {
    let asked = Time::new(through + 1).expect("within the range of time");
    let mut event = Event::new(name("office"), Id::Number(number), Kind::PeriodClose, asked);
    event.node = Some(name(&node(place)));
    event.due = Time::new(through);
    event
}

/// Items and nodes, numbered by the source `setup`.
pub fn master_data(size: Size) -> Vec<Event> {
    let items = (0..size.skus).map(|place| {
        let terms = ItemTerms {
            sku: name(&sku(place)),
            unit: name("each"),
            title: None,
            backorder_limit: Quantity::ZERO,
        };
        (Kind::ItemChange, Terms::Item(terms))
    });
    let nodes = (0..size.nodes).map(|place| {
        let terms = NodeTerms {
            node: name(&node(place)),
            node_type: NodeType::Store,
            title: None,
            on_line: true,
            ships: true,
            picks_up: true,
            handling_ms: 0,
        };
        (Kind::NodeChange, Terms::Node(terms))
    });
    let numbered = (1..).zip(items.chain(nodes));
    let events = numbered.map(|(number, (kind, terms))| {
        let mut event = Event::new(name("setup"), Id::Number(number), kind, Time::ZERO);
        event.terms = Some(Box::new(terms));
        event
    });
    events.collect()
}

pub fn name(text: &str) -> Name {
    Name::new(text).expect("names of the bench are well formed")
}
