//! A whole network's year, invented hour by hour: stores, two distribution centres, a web shop.
//!
//! What happens happens to the truth. What is recorded of it goes to the recorder, sometimes wrong, sometimes late, sometimes
//! not at all; each such mistake is seeded into the truth's own list. Replenishment is periodic review, order up to a level:
//! every store looks at its shelves once a week and asks its distribution centre for cartons, every centre orders from
//! suppliers once a week.

mod customers;
mod replenish;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use onhand::{Event, Id, Kind, Line, Name, NodeType};

use crate::catalogue::Shape;
use crate::log::Origin;
use crate::progress::Progress;
use crate::random::Random;
use crate::recorder::{Fact, Recorder};
use crate::truth::{Mistake, Place, Truth};
use crate::world::{DAY, HOUR, MINUTE, World, name, time};
use crate::year::{Notes, Year, shares};
use customers::CustomerOrder;
use replenish::{Purchase, Transfer};

const OPENS: i64 = 8 * HOUR;
const CLOSES: i64 = 21 * HOUR;
/// Sales of a weekday, in per cent of the average; the first day of the year is a Wednesday.
const WEEKDAYS: [i64; 7] = [90, 95, 115, 135, 90, 85, 90];

/// Something that happens at a moment. Counts are last at their moment, as in the book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Sale { store: u32, item: u32, units: i64 },
    Return { store: u32, item: u32 },
    Grade { store: u32, item: u32, fit: bool },
    Loss { node: u32, item: u32, units: i64 },
    Breakage { store: u32, item: u32 },
    OutOfDate { store: u32, item: u32 },
    Look { node: u32, item: u32, says: i64 },
    Review { store: u32 },
    Dispatch { transfer: u32 },
    Arrive { transfer: u32 },
    Purchase { centre: u32 },
    Delivery { purchase: u32 },
    Order { node: u32 },
    Pick { order: u32 },
    Send { order: u32 },
    Collect { order: u32 },
    GiveUp { order: u32 },
    CancelOrder { order: u32 },
    Lapse { order: u32 },
    Count { node: u32, item: u32, seen: i64, how: Counted },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Still,
    Moving,
}

/// The sources that send rows, three for each node and one for the opening stock.
fn sources(world: &World) -> Vec<String> {
    let of_node =
        |node: &crate::world::Node| ["till", "count", "dock"].map(|what| format!("{what}-{}", node.name));
    world.nodes.iter().flat_map(of_node).chain(["opening-stock".to_owned()]).collect()
}

struct Network {
    world: World,
    random: Random,
    recorder: Recorder,
    truth: Truth,
    notes: Notes,
    agenda: BinaryHeap<Reverse<(i64, bool, u64, Happening)>>,
    planned: u64,
    now: i64,
    stores: Vec<u32>,
    centres: Vec<u32>,
    /// Units on their way to a node, by node and item.
    on_order: HashMap<(u32, u32), i64>,
    transfers: Vec<Transfer>,
    purchases: Vec<Purchase>,
    orders: Vec<CustomerOrder>,
    /// Until when the record of a delivery that is there is not.
    unposted_until: HashMap<(u32, u32), i64>,
}

pub fn generate(shape: Shape, progress: &Progress) -> Year {
    let world = World::invented(shape);
    let recorder = Recorder::new(&world, &sources(&world));
    let of_kind = |kind| {
        let nodes = (0..).zip(&world.nodes).filter(move |(_, node)| node.kind == kind);
        nodes.map(|(number, _)| number).collect::<Vec<u32>>()
    };
    let mut network = Network {
        stores: of_kind(NodeType::Store),
        centres: of_kind(NodeType::Warehouse),
        world,
        random: Random::new(shape.seed ^ 0x5EED),
        recorder,
        truth: Truth::default(),
        notes: Notes::default(),
        agenda: BinaryHeap::new(),
        planned: 0,
        now: 0,
        on_order: HashMap::new(),
        transfers: Vec::new(),
        purchases: Vec::new(),
        orders: Vec::new(),
        unposted_until: HashMap::new(),
    };
    network.open();
    let bar = progress.step("generating the year", shape.days.unsigned_abs());
    for day in 0..shape.days {
        network.plan_day(day);
        network.live_until(network.world.start + (day + 1) * DAY);
        bar.advance(1);
    }
    network.close(shape)
}

impl Network {
    fn open(&mut self) {
        let when = self.world.start - HOUR;
        self.recorder.advance(when);
        let source = 3 * u32::try_from(self.world.nodes.len()).expect("few nodes");
        for node in self.stores.clone().into_iter().chain(self.centres.clone()) {
            for item in self.items() {
                let units = self.level(node, item);
                self.truth.moved(Place::shelf(item, node), units);
                let value = Some(units * self.world.items[item as usize].price / 2);
                let fact = Fact { kind: Kind::Opening, source, when, sku: item, node, units, value };
                self.recorder.fact(&fact, when, Origin::Other);
            }
        }
    }

    fn close(mut self, shape: Shape) -> Year {
        let lines_for_weekly = u64::try_from(shape.days / 7).unwrap_or(0) * self.stores.len() as u64;
        let weekly = self.notes.lines_by_item.values().filter(|lines| **lines >= lines_for_weekly).count();
        self.notes.weekly_sellers = Some((weekly, self.world.items.len()));
        let (log, intents) = self.recorder.finish();
        Year { world: self.world, log, truth: self.truth, notes: self.notes, intents }
    }

    /// What chance decides of a day before it begins.
    fn plan_day(&mut self, day: i64) {
        let midnight = self.world.start + day * DAY;
        let weekday = usize::try_from(day % 7).expect("a day of the week");
        for store in self.stores.clone() {
            for item in self.items() {
                let lines = self.world.items[item as usize].lines_in_1000_weeks;
                let share = lines * WEEKDAYS[weekday] * 10 / 7;
                if self.random.chance(u32::try_from(share).unwrap_or(u32::MAX)) {
                    let units = [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][self.random.index(10)];
                    let when = midnight + self.random.between(OPENS, CLOSES - 1);
                    self.plan(when, Happening::Sale { store, item, units });
                }
            }
            if i64::from(store) % 7 == day % 7 {
                self.plan(midnight + 4 * HOUR, Happening::Review { store });
            }
            self.plan_mishaps(store, midnight);
            self.plan_count(store, (day + i64::from(store) * 13) as usize, midnight);
            if self.random.chance(150_000) {
                let when = midnight + self.random.between(6 * HOUR, 23 * HOUR);
                self.plan(when, Happening::Order { node: store });
            }
        }
        for centre in self.centres.clone() {
            for at in 0..4 {
                self.plan_count(centre, (day * 4 + at) as usize, midnight);
            }
            for _ in 0..self.stores.len().div_ceil(20) {
                let when = midnight + self.random.between(0, DAY - 1);
                self.plan(when, Happening::Order { node: centre });
            }
            if day % 7 == 1 {
                self.plan(midnight + 3 * HOUR, Happening::Purchase { centre });
            }
        }
    }

    fn plan_mishaps(&mut self, store: u32, midnight: i64) {
        let item = self.any_item();
        if self.random.chance(250_000) {
            let when = midnight + self.random.between(OPENS, CLOSES - 1);
            let units = self.random.between(1, 2);
            self.plan(when, Happening::Loss { node: store, item, units });
        }
        if self.random.chance(50_000) {
            let when = midnight + self.random.between(OPENS, CLOSES - 1);
            let item = self.any_item();
            self.plan(when, Happening::Breakage { store, item });
        }
        if self.random.chance(30_000) {
            let item = self.any_item();
            self.plan(midnight + CLOSES + HOUR, Happening::OutOfDate { store, item });
        }
    }

    /// Items are counted in turn. A count in opening hours is of a shelf that people take from.
    fn plan_count(&mut self, node: u32, turn: usize, midnight: i64) {
        let item = (turn % self.world.items.len()) as u32;
        if self.random.chance(shares::COUNT_WHILE_MOVING) {
            let says = midnight + self.random.between(13 * HOUR, 20 * HOUR);
            let looked = says - self.random.between(10, 240) * MINUTE;
            self.plan(looked, Happening::Look { node, item, says });
        } else {
            let when = midnight + 6 * HOUR + self.random.between(0, HOUR);
            let how = Counted::Still;
            self.plan(when, Happening::Count { node, item, seen: -1, how });
        }
    }

    fn plan(&mut self, when: i64, happening: Happening) {
        self.planned += 1;
        let is_count = matches!(happening, Happening::Count { .. });
        self.agenda.push(Reverse((when, is_count, self.planned, happening)));
    }

    fn live_until(&mut self, end: i64) {
        while let Some(Reverse((when, _, _, happening))) = self.agenda.peek().copied() {
            if when >= end {
                return;
            }
            self.agenda.pop();
            self.now = when;
            self.recorder.advance(when);
            self.happen(happening);
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Sale { store, item, units } => self.sell(store, item, units),
            Happening::Return { store, item } => self.take_back(store, item),
            Happening::Grade { store, item, fit } => self.grade(store, item, fit),
            Happening::Loss { node, item, units } => {
                let place = Place::shelf(item, node);
                self.truth.lost(place, self.now, units.min(self.truth.held(place)));
            }
            Happening::Breakage { store, item } => self.take_off(store, item, Kind::Adjust, "breakage"),
            Happening::OutOfDate { store, item } => self.take_off(store, item, Kind::WriteOff, "out_of_date"),
            Happening::Look { node, item, says } => {
                let seen = self.truth.held(Place::shelf(item, node));
                self.plan(says, Happening::Count { node, item, seen, how: Counted::Moving });
            }
            Happening::Count { node, item, seen, how } => self.count(node, item, seen, how),
            Happening::Review { store } => self.review(store),
            Happening::Dispatch { transfer } => self.dispatch(transfer),
            Happening::Arrive { transfer } => self.arrive(transfer),
            Happening::Purchase { centre } => self.purchase(centre),
            Happening::Delivery { purchase } => self.deliver(purchase),
            Happening::Order { node } => self.place_order(node),
            Happening::Pick { order } => self.pick(order),
            Happening::Send { order } => self.send(order),
            Happening::Collect { order } => self.collect(order),
            Happening::GiveUp { order } => self.give_up(order),
            Happening::CancelOrder { order } => self.end_order(order, Kind::Release),
            Happening::Lapse { order } => self.end_order(order, Kind::Expire),
        }
    }

    fn sell(&mut self, store: u32, item: u32, units: i64) {
        let place = Place::shelf(item, store);
        let units = units.min(self.truth.held(place));
        if units == 0 {
            self.notes.sales_lost += 1;
            return;
        }
        self.truth.moved(place, -units);
        *self.notes.lines_by_item.entry(item).or_default() += 1;
        if self.unposted_until.get(&(store, item)).is_some_and(|until| self.now < *until) {
            self.notes.sales_before_their_delivery += 1;
        }
        let late = self.random.chance(shares::SALE_POSTED_LATE);
        self.notes.sales_posted_late += u64::from(late);
        let arrival = if late { self.now + self.random.between(1, 72) * HOUR } else { self.now };
        let value = Some(units * self.world.items[item as usize].price);
        let fact = Fact {
            kind: Kind::Sell,
            source: 3 * store,
            when: self.now,
            sku: item,
            node: store,
            units,
            value,
        };
        self.recorder.fact(&fact, arrival, Origin::Till);
        if self.random.chance(10_000) {
            let when = self.now + self.random.between(1, 20) * DAY;
            self.plan(when, Happening::Return { store, item });
        }
    }

    fn take_back(&mut self, store: u32, item: u32) {
        let place = Place::shelf(item, store).in_state(onhand::StockState::Returned);
        self.truth.moved(place, 1);
        let (kind, source, when) = (Kind::ReturnReceive, 3 * store + 2, self.now);
        let fact = Fact { kind, source, when, sku: item, node: store, units: 1, value: None };
        self.recorder.fact(&fact, self.now, Origin::Other);
        let fit = self.random.chance(800_000);
        self.plan(self.now + DAY, Happening::Grade { store, item, fit });
    }

    fn grade(&mut self, store: u32, item: u32, fit: bool) {
        use onhand::StockState::{Damaged, Returned, Sellable};
        let state = if fit { Sellable } else { Damaged };
        let place = Place::shelf(item, store);
        self.truth.moved(place.in_state(Returned), -1);
        self.truth.moved(place.in_state(state), 1);
        let mut event = self.event("staff", store, Kind::Grade);
        let mut line = self.line(item, 1);
        line.to_state = Some(state);
        event.lines.push(line);
        self.recorder.do_or_report(event);
    }

    fn take_off(&mut self, store: u32, item: u32, kind: Kind, reason: &str) {
        let place = Place::shelf(item, store);
        if self.truth.held(place) < 1 {
            return;
        }
        self.truth.moved(place, -1);
        let mut event = self.event("staff", store, kind);
        event.reason = Some(name(reason));
        event.lines.push(self.line(item, if kind == Kind::Adjust { -1 } else { 1 }));
        self.recorder.do_or_report(event);
    }

    fn count(&mut self, node: u32, item: u32, seen: i64, how: Counted) {
        let place = Place::shelf(item, node);
        let held = self.truth.held(place);
        let (found, mistake) = match how {
            Counted::Moving => (seen, Mistake::CountedWhileMoving),
            Counted::Still if self.random.chance(shares::COUNT_WRONG) => {
                (held + if self.random.chance(500_000) || held == 0 { 1 } else { -1 }, Mistake::Miscounted)
            }
            Counted::Still => (held, Mistake::Miscounted),
        };
        self.truth.counted(place, self.now, found, mistake);
        self.notes.counts += 1;
        let late = self.random.chance(shares::COUNT_POSTED_LATE);
        self.notes.counts_posted_late += u64::from(late);
        let arrival = if late { self.now + self.random.between(1, 48) * HOUR } else { self.now };
        let (kind, source, when) = (Kind::Count, 3 * node + 1, self.now);
        let fact = Fact { kind, source, when, sku: item, node, units: found, value: None };
        self.recorder.fact(&fact, arrival, Origin::Other);
    }

    /// An event at a node, now, from one of the node's systems. The recorder numbers it.
    fn event(&self, system: &str, node: u32, kind: Kind) -> Event {
        let node = self.node_name(node);
        let mut event = Event::new(name(&format!("{system}-{node}")), Id::Number(1), kind, time(self.now));
        event.node = Some(node);
        event
    }

    fn line(&self, item: u32, units: i64) -> Line {
        let sku = self.world.items[item as usize].sku.clone();
        Line::new(sku, units).expect("quantities of the demo are in range")
    }

    fn node_name(&self, node: u32) -> Name {
        self.world.nodes[node as usize].name.clone()
    }

    fn items(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.world.items.len()).expect("few items")
    }

    fn any_item(&mut self) -> u32 {
        self.random.index(self.world.items.len()) as u32
    }
}

/// Units of each item on a document, in the order of items.
type Units = BTreeMap<u32, i64>;
