//! The books of a year in units and money, month by month: what stock was worth, and where its value came from and went.
//!
//! A reading of the log by the core's own valuation (moving average cost and retail value), cut at each close: a month is valued
//! from the checkpoint of the one before. What is checked here is that it adds up: opening and movements are the closing, every
//! posting has its other side, and the units are those of the book.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use onhand::log::{Account, Checkpoint, Log as Trail, Sum};
use onhand::{Book, Event, Id, Kind, Line, Money, NodeType, Outside};

use crate::log::{Log, Origin, Plain, Told};
use crate::progress::Progress;
use crate::world::{World, name, time};

/// The accounts of a report, in its order, and what people call them.
pub const ACCOUNTS: [(Account, &str); 13] = [
    (Account::Outside(Outside::Opening), "opening"),
    (Account::Outside(Outside::Supplier), "from suppliers, less sent back"),
    (Account::Outside(Outside::Customer), "sold, less returned"),
    (Account::Outside(Outside::Conversion), "conversion"),
    (Account::Outside(Outside::CountVariance), "found by counts, not yet explained"),
    (Account::Outside(Outside::Shrink), "lost"),
    (Account::Outside(Outside::Found), "found"),
    (Account::Outside(Outside::Scrapped), "written off"),
    (Account::Outside(Outside::Liquidated), "liquidated"),
    (Account::Markdown, "marked down"),
    (Account::Revaluation, "revalued"),
    (Account::Difference, "deficits filled at another cost"),
    (Account::Transit, "transfers"),
];

/// Where stock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Node(u32),
    Transit,
}

/// A sum of postings: month, place, unit of measure, account.
type Key = (usize, At, &'static str, Account);

#[derive(Default)]
pub struct Books {
    sums: BTreeMap<Key, Sum>,
    /// What a unit of each item cost last, in cents.
    pub costs: BTreeMap<String, i64>,
    /// What does not add up, each in a sentence.
    pub failures: Vec<String>,
}

/// Units and money of one account at one kind of place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    pub units: i64,
    /// Cents at cost, and at retail.
    pub cost: i64,
    pub retail: i64,
}

/// What a table of the books is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Stores,
    Centres,
    InTransit,
    Company,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Stores, Class::Centres, Class::InTransit, Class::Company];

    pub fn in_words(self) -> &'static str {
        match self {
            Class::Stores => "stores",
            Class::Centres => "centres",
            Class::InTransit => "under way",
            Class::Company => "company",
        }
    }
}

impl Books {
    /// Tells the log to a trail, month by month, and values it.
    pub fn read(world: &World, log: &Log, book: &Book, progress: &Progress) -> Result<Books> {
        let step = progress.step("valuing the year", log.len() as u64);
        let mut books = Books::default();
        let mut reader = Reader::new(world, log);
        let mut period = 0;
        let mut told = log.told().peekable();
        while let Some((event, origin)) = told.next() {
            let event = reader.event(event)?;
            reader.tell(event)?;
            period += 1;
            let ends = origin == Origin::Close && told.peek().is_none_or(|(_, next)| *next != Origin::Close);
            if ends || told.peek().is_none() {
                reader.value(&mut books);
                step.advance(std::mem::take(&mut period));
            }
        }
        books.check(world, &reader, book);
        Ok(books)
    }

    fn add(&mut self, key: Key, sum: Sum) {
        let all = self.sums.entry(key).or_default();
        all.units += sum.units;
        all.cost += sum.cost;
        all.retail += sum.retail;
    }

    /// Every posting has its other side, and the units of every node and of all transfers are those of the book.
    fn check(&mut self, world: &World, reader: &Reader<'_>, book: &Book) {
        for unit in self.units_of_measure() {
            let all = self.sum(|(_, _, of, _)| *of == unit);
            if all != Amount::default() {
                self.failures.push(format!("postings in `{unit}` do not add to zero: {all:?}"));
            }
        }
        let mut held: BTreeMap<(At, &'static str), i64> = BTreeMap::new();
        for item in &world.items {
            for position in book.positions(item.sku.as_str()) {
                let node = reader.nodes.get(position.location.as_str()).filter(|_| !position.in_transit);
                let at = node.map_or(At::Transit, |node| At::Node(*node));
                *held.entry((at, item.unit)).or_default() += position.quantity;
            }
        }
        let mut valued: BTreeMap<(At, &'static str), i64> = BTreeMap::new();
        for ((_, at, unit, account), sum) in &self.sums {
            if matches!(account, Account::Stock | Account::Transit) {
                *valued.entry((*at, *unit)).or_default() += sum.units;
            }
        }
        let places: BTreeSet<_> = held.keys().chain(valued.keys()).collect();
        let units = |of: &BTreeMap<(At, &'static str), i64>, at| of.get(at).copied().unwrap_or(0);
        let differing = places.into_iter().filter(|at| units(&held, at) != units(&valued, at)).count();
        if differing > 0 {
            self.failures.push(format!("the units of {differing} places are not those of the book"));
        }
    }

    pub fn units_of_measure(&self) -> Vec<&'static str> {
        let mut units: Vec<&'static str> = self.sums.keys().map(|(_, _, unit, _)| *unit).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    fn sum(&self, wanted: impl Fn(&Key) -> bool) -> Amount {
        let mut amount = Amount::default();
        for (_, sum) in self.sums.iter().filter(|(key, _)| wanted(key)) {
            amount.units += sum.units;
            // Cents of a year fit: a retailer of this size has less than the money of the world.
            amount.cost += i64::try_from(sum.cost).unwrap_or(i64::MAX);
            amount.retail += i64::try_from(sum.retail).unwrap_or(i64::MAX);
        }
        amount
    }

    /// What an account brought to the stock of a kind of place in some months, and for `Stock` what is there after it.
    pub fn amount(
        &self,
        world: &World,
        class: Class,
        unit: &str,
        account: Account,
        months: std::ops::Range<usize>,
    ) -> Amount {
        let is_in = |at: &At| match (class, at) {
            (Class::Company, _) | (Class::InTransit, At::Transit) => true,
            (Class::Stores, At::Node(node)) => world.nodes[*node as usize].kind == NodeType::Store,
            (Class::Centres, At::Node(node)) => world.nodes[*node as usize].kind != NodeType::Store,
            _ => false,
        };
        self.amount_where(is_in, unit, account, months)
    }

    /// The same for one node.
    pub fn amount_at(&self, node: u32, unit: &str, account: Account) -> Amount {
        self.amount_where(|at| *at == At::Node(node), unit, account, 0..usize::MAX)
    }

    fn amount_where(
        &self,
        is_in: impl Fn(&At) -> bool,
        unit: &str,
        account: Account,
        months: std::ops::Range<usize>,
    ) -> Amount {
        let of = |wanted: &dyn Fn(Account) -> bool| {
            self.sum(|(month, at, one, account)| {
                months.contains(month) && is_in(at) && *one == unit && wanted(*account)
            })
        };
        let is_stock = |account: Account| matches!(account, Account::Stock | Account::Transit);
        match account {
            Account::Stock => of(&is_stock),
            // What one place sends is what another gets: all that the accounts of a place do not explain.
            Account::Transit => of(&|_| true),
            account => of(&|one| one == account).negative(),
        }
    }
}

impl Amount {
    fn negative(self) -> Amount {
        Amount { units: -self.units, cost: -self.cost, retail: -self.retail }
    }
}

/// Reads events back and tells them to a trail.
struct Reader<'a> {
    world: &'a World,
    log: &'a Log,
    nodes: BTreeMap<&'a str, u32>,
    units: BTreeMap<&'a str, &'static str>,
    book: Book,
    trail: Trail,
    checkpoint: Checkpoint,
    /// The first moment of each month.
    months: Vec<i64>,
}

impl<'a> Reader<'a> {
    fn new(world: &'a World, log: &'a Log) -> Reader<'a> {
        Reader {
            world,
            log,
            nodes: world.nodes.iter().map(|node| node.name.as_str()).zip(0..).collect(),
            units: world.items.iter().map(|item| (item.sku.as_str(), item.unit)).collect(),
            book: Book::new(),
            trail: Trail::new(),
            checkpoint: Checkpoint::default(),
            months: world.months(),
        }
    }

    fn event(&self, told: Told<'_>) -> Result<Event> {
        match told {
            Told::Text(text) => Event::from_json(text).context("the log has an event that cannot be read"),
            Told::Row(bytes) => {
                let row = Plain::read(bytes);
                let source = name(&self.log.sources.list()[row.source as usize]);
                let mut event = Event::new(source, Id::Number(row.number), row.kind, time(row.occurred));
                event.node = Some(self.world.nodes[row.node as usize].name.clone());
                let mut line = Line::new(self.world.items[row.sku as usize].sku.clone(), row.units)?;
                line.state = row.state;
                line.value = row.value.and_then(Money::new);
                event.lines.push(line);
                Ok(event)
            }
        }
    }

    fn tell(&mut self, event: Event) -> Result<()> {
        self.trail.evolve(&mut self.book, &event, event.occurred).context("the log has an event twice")?;
        Ok(())
    }

    /// Values what was told since the last close, and goes on from there.
    fn value(&mut self, books: &mut Books) {
        let valuation = self.trail.valuation(&self.checkpoint);
        let (months, nodes, units) = (&self.months, &self.nodes, &self.units);
        let sums = valuation.sums(|posting| {
            let month = months.partition_point(|start| *start <= posting.moment.millis()).saturating_sub(1);
            let of_transfer = posting.account == Account::Transit || posting.kind == Kind::TransferReconcile;
            let node = posting.node.as_ref().filter(|_| !of_transfer);
            let at =
                node.and_then(|node| nodes.get(node.as_str())).map_or(At::Transit, |node| At::Node(*node));
            let unit = units.get(posting.sku.as_str()).copied().unwrap_or("each");
            Some((month, at, unit, posting.account))
        });
        for (key, sum) in sums {
            books.add(key, sum);
        }
        let costs = self.world.items.iter().map(|item| (&item.sku, valuation.unit_cost(&item.sku, None)));
        books.costs = costs.filter_map(|(sku, cost)| Some((sku.to_string(), cost?))).collect();
        self.checkpoint = valuation.checkpoint();
        self.trail = Trail::after(self.trail.head(), self.book.clone());
    }
}
