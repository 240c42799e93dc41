//! A year of real till lines, with the stock and deliveries that they need invented around them.
//!
//! The lines are facts: what was sold was there. So each store is stocked by a policy that knows the year: it opens with what
//! the first four weeks sell, in whole cartons; every seventh morning it looks at each shelf that will not last the coming
//! week, and what comes is enough for three weeks, again in whole cartons. Nobody can order an item that no product file
//! names: its lines are posted as they are, and wait in the book for the item.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use onhand::{Event, Id, Kind, Line, Money, Name, NodeType};

use crate::input::{Input, Product, TillLine};
use crate::log::{Log, Origin, Record};
use crate::random::Random;
use crate::recorder::{Fact, Intents, register};
use crate::truth::{Mistake, Place, Truth};
use crate::world::{DAY, HOUR, Item, MINUTE, Node, World, name, time};
use crate::year::{Notes, Year, shares};

const WEEK: i64 = 7 * DAY;
/// Cartons of ordinary items, in units, and of fuel, in its own small unit.
const PACKS: [i64; 6] = [1, 2, 3, 4, 6, 12];
const FUEL_PACK: i64 = 10_000;
const FUEL_UNIT: &str = "fuel_unit";
/// Nobody buys so many of anything else.
const FUEL_IN_SMALL_UNITS: i64 = 100;
const FUEL: &str = "GASOLINE-REG UNLEADED";
const ZONES: usize = 20;

/// What is odd in the till lines. They are all posted, or parked; none is dropped.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Oddities {
    pub quantity_zero: u64,
    pub money_zero: u64,
    /// Money that is less than half a cent and not 0.
    pub money_below_a_cent: u64,
    /// Lines of fuel that count in small units, a hundred and more; other lines of fuel are not odd.
    pub fuel: u64,
    pub unknown_item: u64,
}

/// A record on its way to the book.
struct Sent {
    arrival: i64,
    record: Record,
    origin: Origin,
}

struct Tills {
    world: World,
    random: Random,
    truth: Truth,
    notes: Notes,
    sent: Vec<Sent>,
    numbers: Vec<u64>,
}

/// Something that happens at a shelf. Counts are last at their moment, as in the book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Sale { units: i64 },
    Loss { units: i64 },
    Look { says: i64 },
    Count { seen: i64 },
}

pub fn generate(input: &Input, seed: u64) -> (Year, Oddities) {
    let world = world_of(input);
    let mut log = Log::default();
    let of_node = |node: &Node| ["dock", "count"].map(|what| format!("{what}-{}", node.name));
    let sources: Vec<String> = world.nodes.iter().flat_map(of_node).collect();
    register(&mut log, &world, &sources);
    let mut tills = Tills {
        random: Random::new(seed ^ 0x7177),
        truth: Truth::default(),
        notes: Notes::default(),
        sent: Vec::new(),
        numbers: vec![0; sources.len()],
        world,
    };
    for event in tills.world.master_data() {
        log.push(&Record::text(&event), Origin::Other);
    }
    let oddities = tills.ring_up(&input.lines, &mut log);
    tills.sent.sort_by_key(|sent| sent.arrival);
    for sent in &tills.sent {
        log.push(&sent.record, sent.origin);
    }
    let Tills { world, truth, notes, .. } = tills;
    let (intents, promises, since) = (Intents::default(), None, HashMap::new());
    (Year { world, log, truth, notes, intents, promises, since }, oddities)
}

impl Tills {
    /// Posts every line, and stocks the shelf that it was sold from.
    fn ring_up(&mut self, lines: &[TillLine], log: &mut Log) -> Oddities {
        let mut oddities = Oddities::default();
        let mut shelves: BTreeMap<(u32, u32), Vec<(i64, i64)>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for line in lines {
            let item = log.skus.number(line.product.as_str());
            let node = log.nodes.number(&format!("store-{}", line.store));
            oddities.quantity_zero += u64::from(line.quantity == 0);
            oddities.money_zero += u64::from(line.cents == 0 && !line.below_a_cent);
            oddities.money_below_a_cent += u64::from(line.below_a_cent);
            let Item { known, unit, .. } = self.world.items[item as usize];
            oddities.fuel += u64::from(unit == FUEL_UNIT && line.quantity >= FUEL_IN_SMALL_UNITS);
            oddities.unknown_item += u64::from(!known);
            self.post_line(line, node);
            // A line that is there twice was sold once.
            if known && seen.insert(&line.id) {
                shelves.entry((node, item)).or_default().push((line.when, line.quantity));
                *self.notes.lines_by_item.entry(item).or_default() += 1;
            }
        }
        for ((node, item), mut sales) in shelves {
            sales.sort_unstable();
            self.keep_shelf(node, item, &sales);
        }
        oddities
    }

    fn post_line(&mut self, line: &TillLine, node: u32) {
        let source = name(&format!("till-{}", line.store));
        let mut sale = Event::new(source, Id::Text(line.id.clone()), Kind::Sell, time(line.when));
        sale.node = Some(self.world.nodes[node as usize].name.clone());
        let mut sold = Line::new(line.product.clone(), line.quantity).expect("the reader has checked it");
        sold.value = Money::new(line.cents);
        sale.lines.push(sold);
        let late = self.random.chance(shares::SALE_POSTED_LATE);
        self.notes.sales_posted_late += u64::from(late);
        let arrival = line.when + if late { self.random.between(1, 72) * HOUR } else { 0 };
        self.sent.push(Sent { arrival, record: Record::text(&sale), origin: Origin::Till });
    }

    /// One shelf's year: opening stock, deliveries, losses and counts around its sales, in time order.
    fn keep_shelf(&mut self, node: u32, item: u32, sales: &[(i64, i64)]) {
        let pack = self.world.items[item as usize].pack;
        let sold_in = |from: i64, to: i64| {
            let start = sales.partition_point(|(when, _)| *when < from);
            let end = sales.partition_point(|(when, _)| *when < to);
            &sales[start..end.max(start)]
        };
        let units = |from, to| sold_in(from, to).iter().map(|(_, units)| units).sum::<i64>();
        let place = Place::shelf(item, node);
        let opening = cartons(units(i64::MIN, self.world.start + 4 * WEEK), pack);
        self.open(node, item, opening);
        // Every store has its own weekday; the morning's delivery is for what sells from then on.
        let mut morning = self.world.start + i64::from(node % 7) * DAY + 5 * HOUR;
        let mut since = i64::MIN;
        while since < self.world.end {
            let mut unposted_until = since;
            if since != i64::MIN && self.truth.held(place) < units(since, since + WEEK) {
                let wanted = units(since, since + 3 * WEEK) - self.truth.held(place);
                unposted_until = self.deliver(node, item, since, cartons(wanted, pack));
            }
            let week = sold_in(since, morning);
            let before = week.iter().filter(|(when, _)| *when < unposted_until).count();
            self.notes.sales_before_their_delivery += before as u64;
            self.live_through(node, item, (since.max(self.world.start), morning), week);
            (since, morning) = (morning, morning + WEEK);
        }
    }

    fn open(&mut self, node: u32, item: u32, units: i64) {
        if units > 0 {
            self.truth.moved(Place::shelf(item, node), units);
            let when = self.world.start - HOUR;
            let value = self.value(item, units);
            self.send(
                Fact { kind: Kind::Opening, source: 2 * node, when, sku: item, node, units, value },
                when,
            );
        }
    }

    /// A delivery comes, and is booked: as it is, or wrong, or with another date, or later. Answers when its record is there.
    fn deliver(&mut self, node: u32, item: u32, came: i64, units: i64) -> i64 {
        let dated_late = self.random.chance(shares::DELIVERY_DATED_LATE);
        let posted_late = !dated_late && self.random.chance(shares::DELIVERY_POSTED_LATE);
        let wrong = self.is_plain(item) && self.random.chance(shares::RECEIPT_WRONG);
        let dated = if dated_late { came + self.random.between(4, 30) * HOUR } else { came };
        let arrival = if posted_late { came + self.random.between(2, 48) * HOUR } else { dated };
        let recorded = if wrong { (units + self.random.between(-3, 3)).max(0) } else { units };
        self.notes.deliveries_posted_late += u64::from(posted_late);
        self.truth.booked(Place::shelf(item, node), (came, units), (dated, recorded));
        let fact = Fact {
            kind: Kind::Receipt,
            source: 2 * node,
            when: dated,
            sku: item,
            node,
            units: recorded,
            value: self.value(item, recorded),
        };
        self.send(fact, arrival);
        arrival
    }

    /// From one delivery morning to the next: what the tills say, and what chance adds.
    fn live_through(&mut self, node: u32, item: u32, (from, to): (i64, i64), sales: &[(i64, i64)]) {
        let place = Place::shelf(item, node);
        let mut day: Vec<(i64, Happening)> =
            sales.iter().map(|(when, units)| (*when, Happening::Sale { units: *units })).collect();
        if self.is_plain(item) && from < to {
            let wanted: i64 = sales.iter().map(|(_, units)| units).sum();
            // Nothing is lost that is sold before the next delivery: it was there to be sold.
            let spare = (self.truth.held(place) - wanted).min(2);
            if spare > 0 && self.random.chance(4_000) {
                let units = self.random.between(1, spare);
                day.push((self.random.between(from, to - 1), Happening::Loss { units }));
            }
            if self.random.chance(8_000) {
                let says = self.random.between(from, to - 1);
                let moving = self.random.chance(shares::COUNT_WHILE_MOVING);
                let looked = says - if moving { self.random.between(10, 240) * MINUTE } else { 0 };
                day.push((looked.max(from), Happening::Look { says }));
            }
        }
        day.sort_unstable();
        while !day.is_empty() {
            let (when, happening) = day.remove(0);
            match happening {
                Happening::Sale { units } => self.truth.moved(place, -units),
                Happening::Loss { units } => self.truth.lost(Mistake::UnrecordedLoss, place, when, units),
                Happening::Look { says } => {
                    day.push((says, Happening::Count { seen: self.truth.held(place) }));
                    day.sort_unstable();
                }
                Happening::Count { seen } => self.count(node, item, when, seen),
            }
        }
    }

    fn count(&mut self, node: u32, item: u32, when: i64, seen: i64) {
        let place = Place::shelf(item, node);
        let moved = seen != self.truth.held(place);
        let wrong = !moved && self.random.chance(shares::COUNT_WRONG);
        let found = if wrong { seen + 1 } else { seen };
        let how = if moved { Mistake::CountedWhileMoving } else { Mistake::Miscounted };
        self.truth.counted(place, when, found, how);
        self.notes.counts += 1;
        let late = self.random.chance(shares::COUNT_POSTED_LATE);
        self.notes.counts_posted_late += u64::from(late);
        let arrival = when + if late { self.random.between(1, 48) * HOUR } else { 0 };
        let source = 2 * node + 1;
        self.send(
            Fact { kind: Kind::Count, source, when, sku: item, node, units: found, value: None },
            arrival,
        );
    }

    fn send(&mut self, fact: Fact, arrival: i64) {
        let number = &mut self.numbers[fact.source as usize];
        *number += 1;
        let record = Record::row(fact.kind, &fact.row(*number));
        self.sent.push(Sent { arrival, record, origin: Origin::Other });
    }

    /// What units cost, in cents. A small unit of fuel costs less than a cent, and tills ring fuel up in other units too: its money
    /// is not known.
    fn value(&self, item: u32, units: i64) -> Option<i64> {
        self.is_plain(item).then(|| units * self.world.items[item as usize].cost())
    }

    fn is_plain(&self, item: u32) -> bool {
        self.world.items[item as usize].unit == "each"
    }
}

/// So many units in whole cartons.
fn cartons(units: i64, pack: i64) -> i64 {
    (units.max(0) + pack - 1) / pack * pack
}

/// The stores and items that the lines name, and the items of the product file that were sold.
fn world_of(input: &Input) -> World {
    let start = input.lines.iter().map(|line| line.when).min().unwrap_or(0) / DAY * DAY;
    let end = input.lines.iter().map(|line| line.when).max().unwrap_or(0) / DAY * DAY + DAY;
    let mut prices: HashMap<&Name, i64> = HashMap::new();
    for line in input.lines.iter().filter(|line| line.quantity > 0 && line.cents > 0) {
        prices.insert(&line.product, (line.cents / line.quantity).max(1));
    }
    let sold: BTreeSet<&Name> = input.lines.iter().map(|line| &line.product).collect();
    let items = sold.into_iter().map(|sku| {
        let price = prices.get(sku).copied().unwrap_or(0);
        item_of(sku, input.products.get(sku.as_str()), price)
    });
    let stores: BTreeSet<&Name> = input.lines.iter().map(|line| &line.store).collect();
    let nodes = stores.into_iter().enumerate().map(|(at, store)| Node {
        name: name(&format!("store-{store}")),
        title: format!("Store {store}"),
        kind: NodeType::Store,
        zone: Some(name(&format!("zone-{:02}", at % ZONES + 1))),
    });
    let mut world = World {
        items: items.collect(),
        nodes: nodes.collect(),
        lanes: Vec::new(),
        protections: Vec::new(),
        currency: "USD",
        start,
        end,
    };
    let zones = world.zones();
    world.lanes = world.nodes.iter().flat_map(|node| node.lanes(&zones)).collect();
    world
}

/// The file shouts: `BANANAS` is `Bananas` to people.
fn spoken(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn item_of(sku: &Name, product: Option<&Product>, price: i64) -> Item {
    let is_fuel = product.is_some_and(|product| product.kind == FUEL);
    let said = product.map_or([""; 2], |product| [&product.kind, &product.package]);
    let title = said.map(spoken).into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    // The carton belongs to the item, whatever else is in the file.
    let spread = sku.as_str().bytes().fold(0_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 1009);
    Item {
        sku: sku.clone(),
        title: if title.is_empty() { format!("Item {sku}") } else { title },
        department: product.map_or_else(String::new, |product| spoken(&product.department)),
        unit: if is_fuel { FUEL_UNIT } else { "each" },
        pack: if is_fuel { FUEL_PACK } else { PACKS[spread % PACKS.len()] },
        price,
        lines_in_1000_weeks: 0,
        direct: true,
        known: product.is_some(),
    }
}
