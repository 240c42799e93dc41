//! A whole network's year, invented hour by hour: stores, two distribution centres, a web shop.
//!
//! What happens happens to the truth. What is recorded of it goes to the recorder, sometimes wrong, sometimes late, sometimes
//! not at all; each such mistake is seeded into the truth's own list. What customers want, what is lost and what is counted is
//! decided day by day before it happens (`plan_day`), by a chance of its own: a year in which orders are promised by another
//! rule has the same customers.

mod customers;
mod office;
mod receiving;
mod replenish;
mod returns;
mod rules;
mod shelves;
mod transfers;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use onhand::log::Log as Trail;
use onhand::{Event, Id, Kind, Line, Money, Name, NodeType, StockState};

use crate::catalogue::Shape;
use crate::log::{Log, Origin};
use crate::progress::Progress;
use crate::promises::{Promises, Rule};
use crate::random::Random;
use crate::recorder::{Fact, Recorder};
use crate::truth::{Place, Truth};
use crate::world::{DAY, HOUR, MINUTE, World, name, time};
use crate::year::{Notes, Path, Year, shares};
use customers::CustomerOrder;
use office::{Petition, policy};
use receiving::Purchase;
use rules::Errors;
use shelves::Round;
use transfers::Transfer;

const OPENS: i64 = 8 * HOUR;
const CLOSES: i64 = 21 * HOUR;
/// Sales of a weekday, in per cent of the average; the first day of the year is a Wednesday.
const WEEKDAYS: [i64; 7] = [90, 95, 115, 135, 90, 85, 90];

/// Something that happens at a moment. Counts are last at their moment, as in the book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Sale { store: u32, item: u32, units: i64 },
    BargainSale { store: u32, item: u32 },
    Return { node: u32, item: u32, units: i64, parcel: Option<(u32, usize)> },
    Grade { node: u32, item: u32, units: i64, parcel: Option<(u32, usize)>, came: i64 },
    EndPath { node: u32, item: u32, units: i64, path: Path, came: i64 },
    Loss { node: u32, item: u32, units: i64 },
    Breakage { store: u32, item: u32, units: i64 },
    OutOfDate { store: u32, item: u32, units: i64 },
    MarkDown { store: u32, item: u32, units: i64 },
    EndBargain { store: u32, item: u32 },
    Look { round: u32, at: usize },
    EndRound { round: u32 },
    Review { store: u32 },
    Approve { transfer: u32 },
    PickTransfer { transfer: u32 },
    Dispatch { transfer: u32 },
    Arrive { transfer: u32 },
    Reconcile { transfer: u32 },
    Purchase { node: u32 },
    Notice { purchase: u32 },
    Delivery { purchase: u32 },
    AfterDelivery { purchase: u32 },
    Held { node: u32, item: u32, state: StockState, keep: bool },
    Order { order: u32 },
    Pick { order: u32, parcel: usize },
    Send { order: u32, parcel: usize },
    Collect { order: u32, parcel: usize },
    GiveUp { order: u32, parcel: usize },
    CancelOrder { order: u32 },
    Lapse { order: u32 },
    Decide { petition: u32 },
    CarryOut { petition: u32 },
    Explain,
    CloseMonth { through: i64 },
}

/// The sources that send rows, three for each node and one for the opening stock.
fn sources(world: &World) -> Vec<String> {
    let of_node =
        |node: &crate::world::Node| ["till", "count", "dock"].map(|what| format!("{what}-{}", node.name));
    world.nodes.iter().flat_map(of_node).chain(["opening-stock".to_owned()]).collect()
}

struct Network {
    world: World,
    rule: Rule,
    /// What the day brings, whatever the book says.
    fate: Random,
    /// What people and records make of it.
    random: Random,
    recorder: Recorder,
    truth: Truth,
    notes: Notes,
    promises: Promises,
    agenda: BinaryHeap<Reverse<(i64, bool, u64, Happening)>>,
    planned: u64,
    now: i64,
    stores: Vec<u32>,
    centres: Vec<u32>,
    node_numbers: HashMap<Name, u32>,
    item_numbers: HashMap<Name, u32>,
    /// Units on their way to a node, by node and item.
    on_order: HashMap<(u32, u32), i64>,
    transfers: Vec<Transfer>,
    purchases: Vec<Purchase>,
    orders: Vec<CustomerOrder>,
    petitions: Vec<Petition>,
    rounds: Vec<Round>,
    /// Until when the record of a delivery that is there is not.
    unposted_until: HashMap<(u32, u32), i64>,
    /// Of stores whose tills were off line: when that ended, and when the sales arrive.
    off_line: HashMap<u32, (i64, i64)>,
    /// What was sold to which order and came back: who grades a return asks it.
    trail: Trail,
    head_office: u64,
    /// What counting has told of the records.
    errors: Errors,
}

/// A year by the rule that the book itself has: the cheapest plan.
pub fn generate(shape: Shape, progress: &Progress) -> Year {
    generate_by(Rule::Exact, shape, Log::default(), progress)
}

/// A year in which orders are promised by some rule. Of a year that is only compared the log need not be kept.
pub fn generate_by(rule: Rule, shape: Shape, log: Log, progress: &Progress) -> Year {
    let world = World::invented(shape);
    let recorder = Recorder::new(&world, &sources(&world), policy(), log);
    let of_kind = |kind| {
        let nodes = (0..).zip(&world.nodes).filter(move |(_, node)| node.kind == kind);
        nodes.map(|(number, _)| number).collect::<Vec<u32>>()
    };
    let mut network = Network {
        stores: of_kind(NodeType::Store),
        centres: of_kind(NodeType::Warehouse),
        node_numbers: world.nodes.iter().map(|node| node.name.clone()).zip(0..).collect(),
        item_numbers: world.items.iter().map(|item| item.sku.clone()).zip(0..).collect(),
        world,
        rule,
        fate: Random::new(shape.seed ^ 0xFA7E),
        random: Random::new(shape.seed ^ 0x5EED),
        recorder,
        truth: Truth::default(),
        notes: Notes::default(),
        promises: Promises::new(rule),
        agenda: BinaryHeap::new(),
        planned: 0,
        now: 0,
        on_order: HashMap::new(),
        transfers: Vec::new(),
        purchases: Vec::new(),
        orders: Vec::new(),
        petitions: Vec::new(),
        rounds: Vec::new(),
        unposted_until: HashMap::new(),
        off_line: HashMap::new(),
        trail: Trail::new(),
        head_office: 0,
        errors: Errors::default(),
    };
    network.open();
    network.plan_closes();
    let what = match rule {
        Rule::Exact => "generating the year".to_owned(),
        rule => format!("the same year, {}", rule.in_words()),
    };
    let bar = progress.step(&what, shape.days.unsigned_abs());
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
        self.now = when;
        let source = 3 * u32::try_from(self.world.nodes.len()).expect("few nodes");
        for node in self.stores.clone().into_iter().chain(self.centres.clone()) {
            self.set_prices(node);
            for item in self.items_of(node) {
                let units = self.level(node, item);
                self.truth.moved(Place::shelf(item, node), units);
                let value = Some(units * self.cost(item));
                let fact = Fact { kind: Kind::Opening, source, when, sku: item, node, units, value };
                self.recorder.fact(&fact, when, Origin::Other);
            }
        }
    }

    /// What units are to be sold for at a node: what their retail value follows from.
    fn set_prices(&mut self, node: u32) {
        let mut prices = self.event("pricing", node, Kind::PriceChange);
        prices.occurred = time(self.now - HOUR);
        for item in self.items_of(node) {
            let mut line = self.line(item, 1);
            line.value = Money::new(self.world.items[item as usize].price);
            prices.lines.push(line);
        }
        self.recorder.report(prices, self.now);
    }

    /// The year is over: what is still on its way to the books arrives, and they are closed.
    fn close(mut self, shape: Shape) -> Year {
        self.recorder.catch_up();
        self.now = self.world.end + 8 * HOUR;
        self.explain();
        self.close_month(self.world.end - 1);
        let lines_for_weekly = u64::try_from(shape.days / 7).unwrap_or(0) * self.stores.len() as u64;
        let weekly = self.notes.lines_by_item.values().filter(|lines| **lines >= lines_for_weekly).count();
        self.notes.weekly_sellers = Some((weekly, self.world.items.len()));
        self.note_approvals();
        let Network { world, truth, notes, promises, recorder, .. } = self;
        let Recorder { log, intents, since, .. } = recorder;
        Year { world, log, truth, notes, intents, promises: Some(promises), since }
    }

    /// What chance decides of a day before it begins.
    fn plan_day(&mut self, day: i64) {
        let midnight = self.world.start + day * DAY;
        let weekday = usize::try_from(day % 7).expect("a day of the week");
        for store in self.stores.clone() {
            for item in self.items() {
                let lines = self.world.items[item as usize].lines_in_1000_weeks;
                let share = lines * WEEKDAYS[weekday] * 10 / 7;
                if self.fate.chance(u32::try_from(share).unwrap_or(u32::MAX)) {
                    let units = [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][self.fate.index(10)];
                    let when = midnight + self.fate.between(OPENS, CLOSES - 1);
                    self.plan(when, Happening::Sale { store, item, units });
                }
            }
            if i64::from(store) % 7 == day % 7 {
                self.plan(midnight + 4 * HOUR, Happening::Review { store });
                self.plan(midnight + 4 * HOUR, Happening::Purchase { node: store });
            }
            if i64::from(store) % 7 == (day + 3) % 7 {
                self.plan_round(store, 7, (day + i64::from(store) * 13) as usize, midnight);
            }
            if self.fate.chance(shares::TILLS_OFF_LINE) {
                let arrival = midnight + self.fate.between(8, 40) * DAY;
                self.off_line.insert(store, (midnight + DAY, arrival));
            }
            self.plan_mishaps(store, midnight);
            self.plan_orders(store, midnight);
        }
        for centre in self.centres.clone() {
            self.plan_round(centre, 4, (day * 4) as usize, midnight);
            if day % 7 == 1 {
                self.plan(midnight + 3 * HOUR, Happening::Purchase { node: centre });
            }
        }
    }

    fn plan_mishaps(&mut self, store: u32, midnight: i64) {
        let in_opening_hours = |network: &mut Network| midnight + network.fate.between(OPENS, CLOSES - 1);
        if self.fate.chance(250_000) {
            let (when, item, units) = (in_opening_hours(self), self.any_item(), self.fate.between(1, 2));
            self.plan(when, Happening::Loss { node: store, item, units });
        }
        if self.fate.chance(50_000) {
            let (when, item, units) = (in_opening_hours(self), self.any_item(), self.fate.between(1, 5));
            self.plan(when, Happening::Breakage { store, item, units });
        }
        if self.fate.chance(30_000) {
            let (item, units) = (self.any_item(), self.fate.between(1, 8));
            self.plan(midnight + CLOSES + HOUR, Happening::OutOfDate { store, item, units });
        }
        if self.fate.chance(40_000) {
            let (item, units) = (self.any_item(), self.fate.between(1, 3));
            self.plan(midnight + 7 * HOUR, Happening::MarkDown { store, item, units });
        }
    }

    fn plan(&mut self, when: i64, happening: Happening) {
        self.planned += 1;
        let is_count = matches!(happening, Happening::EndRound { .. });
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
            Happening::BargainSale { store, item } => self.sell_bargain(store, item),
            Happening::Return { node, item, units, parcel } => self.take_back(node, item, units, parcel),
            Happening::Grade { node, item, units, parcel, came } => {
                self.grade(node, item, units, parcel, came);
            }
            Happening::EndPath { node, item, units, path, came } => {
                self.end_path(node, item, units, path, came);
            }
            Happening::Loss { node, item, units } => self.lose(node, item, units),
            Happening::Breakage { store, item, units } => self.break_some(store, item, units),
            Happening::OutOfDate { store, item, units } => self.out_of_date(store, item, units),
            Happening::MarkDown { store, item, units } => self.mark_down(store, item, units),
            Happening::EndBargain { store, item } => self.end_bargain(store, item),
            Happening::Look { round, at } => self.look(round, at),
            Happening::EndRound { round } => self.end_round(round),
            Happening::Review { store } => self.review(store),
            Happening::Approve { transfer } => self.approve(transfer),
            Happening::PickTransfer { transfer } => self.pick_transfer(transfer),
            Happening::Dispatch { transfer } => self.dispatch(transfer),
            Happening::Arrive { transfer } => self.arrive(transfer),
            Happening::Reconcile { transfer } => self.reconcile(transfer),
            Happening::Purchase { node } => self.purchase(node),
            Happening::Notice { purchase } => self.notice(purchase),
            Happening::Delivery { purchase } => self.deliver(purchase),
            Happening::AfterDelivery { purchase } => self.after_delivery(purchase),
            Happening::Held { node, item, state, keep } => self.decide_on_held(node, item, state, keep),
            Happening::Order { order } => self.place_order(order),
            Happening::Pick { order, parcel } => self.pick(order, parcel),
            Happening::Send { order, parcel } => self.send(order, parcel),
            Happening::Collect { order, parcel } => self.collect(order, parcel),
            Happening::GiveUp { order, parcel } => self.give_up(order, parcel),
            Happening::CancelOrder { order } => self.end_order(order, Kind::Release),
            Happening::Lapse { order } => self.end_order(order, Kind::Expire),
            Happening::Decide { petition } => self.decide(petition),
            Happening::CarryOut { petition } => self.carry_out(petition),
            Happening::Explain => self.explain(),
            Happening::CloseMonth { through } => self.close_month(through),
        }
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

    /// A line of units in a state, at what they cost.
    fn line_at_cost(&self, item: u32, units: i64, state: StockState) -> Line {
        let mut line = self.line(item, units);
        line.state = Some(state).filter(|state| *state != StockState::Sellable);
        line.value = Money::new(units.abs() * self.cost(item));
        line
    }

    /// What a unit costs now, in cents: half of its price, and four thousandths more with each month.
    fn cost(&self, item: u32) -> i64 {
        let months = (self.now - self.world.start).max(0) / (30 * DAY);
        self.world.items[item as usize].cost() * (1000 + 4 * months) / 1000
    }

    fn node_name(&self, node: u32) -> Name {
        self.world.nodes[node as usize].name.clone()
    }

    fn items(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.world.items.len()).expect("few items")
    }

    /// What a node has on its shelves: what suppliers bring to the stores themselves is in no distribution centre.
    fn items_of(&self, node: u32) -> Vec<u32> {
        let is_centre = self.is_centre(node);
        self.items().filter(|item| !(is_centre && self.world.items[*item as usize].direct)).collect()
    }

    fn is_centre(&self, node: u32) -> bool {
        self.centres.contains(&node)
    }

    fn any_item(&mut self) -> u32 {
        self.fate.index(self.world.items.len()) as u32
    }

    /// Moves units in truth from one state at a node to another.
    fn restate(&mut self, item: u32, node: u32, (from, to): (StockState, StockState), units: i64) {
        self.truth.moved(Place::shelf(item, node).in_state(from), -units);
        self.truth.moved(Place::shelf(item, node).in_state(to), units);
    }
}

/// Units of each item on a document, in the order of items.
type Units = BTreeMap<u32, i64>;
