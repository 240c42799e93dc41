//! Orders of customers: picked up in a store or delivered. Each is promised, reserved, picked and handed over or sent; each step is an
//! intent that the book accepts or refuses, and what people do all the same is reported.

use onhand::{Event, Kind, Line, Name, StockState};

use super::rules::Choice;
use super::{Happening, Network, Units};
use crate::promises::Fate;
use crate::truth::Place;
use crate::world::{DAY, HOUR, MINUTE, name, time};
use crate::year::shares;

pub(super) struct CustomerOrder {
    /// The store next to the customer.
    pub(super) home: u32,
    pub(super) pick_up: bool,
    /// Who picks up would go to another store of the zone.
    pub(super) goes_elsewhere: bool,
    pub(super) wanted: Units,
    pub(super) needed_within: i64,
    patience: Patience,
    parcels: Vec<Parcel>,
    parcels_to_pick: usize,
    is_broken: bool,
}

/// What the customer will do.
#[derive(Clone, Copy)]
enum Patience {
    Comes { after: i64 },
    NeverComes,
    Cancels,
    NeverPays,
}

/// What one node has to bring or hand over.
pub(super) struct Parcel {
    pub(super) node: u32,
    pub(super) lines: Vec<ParcelLine>,
    pub(super) release_by: i64,
}

#[derive(Clone)]
pub(super) struct ParcelLine {
    pub(super) item: u32,
    pub(super) units: i64,
    /// The delivery that is promised, where it is not on hand.
    pub(super) supply: Option<Name>,
}

impl Network {
    /// What customers near a store will order on a day, whatever there is.
    pub(super) fn plan_orders(&mut self, store: u32, midnight: i64) {
        if !self.fate.chance(shares::ORDERS_A_DAY) {
            return;
        }
        let mut wanted = Units::new();
        for _ in 0..self.fate.between(1, 4) {
            let item = self.any_item();
            wanted.insert(item, self.fate.between(1, 2));
        }
        let pick_up = self.fate.chance(600_000);
        let hours = match (pick_up, self.fate.between(1, 5)) {
            (true, 1..=2) => 6,
            (true, 3..=4) => 24,
            (false, 1) => 8,
            (false, 2) => 36,
            _ => 72,
        };
        let patience = match self.fate.between(1, 100) {
            ..=5 => Patience::Cancels,
            6..=9 => Patience::NeverPays,
            10..=15 if pick_up => Patience::NeverComes,
            _ => Patience::Comes { after: self.fate.between(1, 47) * HOUR },
        };
        let order = self.orders.len() as u32;
        self.orders.push(CustomerOrder {
            home: store,
            pick_up,
            goes_elsewhere: self.fate.chance(500_000),
            wanted,
            needed_within: hours * HOUR,
            patience,
            parcels: Vec::new(),
            parcels_to_pick: 0,
            is_broken: false,
        });
        let when = midnight + self.fate.between(6 * HOUR, 23 * HOUR);
        self.plan(when, Happening::Order { order });
    }

    /// Something is promised, and then reserved: a hold until a day after the customer needs it.
    pub(super) fn place_order(&mut self, number: u32) {
        let order = &self.orders[number as usize];
        let (pick_up, home) = (order.pick_up, order.home);
        let Some(Choice { parcels, cost, .. }) = self.choose(order) else {
            return self.promises.refused(pick_up);
        };
        let ends = self.now + order.needed_within + DAY;
        let elsewhere = pick_up && parcels.iter().any(|parcel| parcel.node != home);
        let out_of_supply = parcels.iter().flat_map(|parcel| &parcel.lines).any(|line| line.supply.is_some());
        let count = parcels.len();
        let order = &mut self.orders[number as usize];
        (order.parcels, order.parcels_to_pick) = (parcels, count);
        for parcel in 0..count {
            let mut reserve =
                self.of_parcel(number, parcel, Kind::Reserve, self.whole_parcel(number, parcel));
            reserve.expires = Some(time(ends));
            reserve.channel = Some(name("web"));
            self.recorder.ask(reserve).expect("what was promised a moment ago can be reserved");
        }
        self.promises.promised(number, pick_up, count, cost, elsewhere, out_of_supply);
        let order = number;
        match self.orders[number as usize].patience {
            Patience::Cancels => self.plan(self.now + HOUR / 2, Happening::CancelOrder { order }),
            Patience::NeverPays => self.plan(ends, Happening::Lapse { order }),
            Patience::Comes { .. } | Patience::NeverComes => {
                for parcel in 0..count {
                    let release_by = self.orders[number as usize].parcels[parcel].release_by;
                    let when = (release_by - self.random.between(10, 60) * MINUTE).max(self.now + MINUTE);
                    self.plan(when, Happening::Pick { order, parcel });
                }
            }
        }
    }

    /// Takes from the shelf what is really there of a parcel, and says that the rest was not found.
    pub(super) fn pick(&mut self, number: u32, at: usize) {
        let node = self.orders[number as usize].parcels[at].node;
        let wanted = self.whole_parcel(number, at);
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for line in wanted {
            let held = self.truth.held(Place::shelf(line.item, node));
            let units = line.units.min(held);
            self.restate(line.item, node, (StockState::Sellable, StockState::Picked), units);
            if units < line.units {
                missing.push(ParcelLine { units: line.units - units, ..line.clone() });
            }
            if units > 0 {
                found.push(ParcelLine { units, ..line });
            }
        }
        let pick = self.of_parcel(number, at, Kind::Pick, found.clone());
        self.recorder.do_or_report(pick);
        let mut short = self.of_parcel(number, at, Kind::ShortPick, missing.clone());
        short.reason = Some(name("not_found"));
        self.recorder.do_or_report(short);
        let order = &mut self.orders[number as usize];
        order.is_broken |= !missing.is_empty();
        order.parcels_to_pick -= 1;
        order.parcels[at].lines.clone_from(&found);
        if order.parcels_to_pick == 0 {
            let fate = if order.is_broken { Fate::Broken } else { Fate::Kept };
            self.promises.ended(order.pick_up, fate);
        }
        if found.is_empty() {
            return;
        }
        let (pick_up, patience, release_by) = (order.pick_up, order.patience, order.parcels[at].release_by);
        let (order, parcel) = (number, at);
        match patience {
            _ if !pick_up => self.plan(release_by.max(self.now + MINUTE), Happening::Send { order, parcel }),
            Patience::Comes { after } => {
                self.plan(release_by.max(self.now) + after, Happening::Collect { order, parcel });
            }
            _ => self.plan(self.now + 3 * DAY, Happening::GiveUp { order, parcel }),
        }
    }

    pub(super) fn send(&mut self, order: u32, parcel: usize) {
        self.leave(order, parcel, Kind::Ship);
    }

    pub(super) fn collect(&mut self, order: u32, parcel: usize) {
        self.leave(order, parcel, Kind::HandOver);
    }

    /// Picked units leave with the parcel or the customer; some come back, now and then more of them than were sold.
    fn leave(&mut self, number: u32, at: usize, kind: Kind) {
        let Parcel { node, lines, .. } = &mut self.orders[number as usize].parcels[at];
        let (node, lines) = (*node, std::mem::take(lines));
        let home = self.orders[number as usize].home;
        for line in &lines {
            self.truth.moved(Place::shelf(line.item, node).in_state(StockState::Picked), -line.units);
            if self.random.chance(shares::ORDER_LINE_RETURNED) {
                let more = i64::from(self.random.chance(30_000));
                let when = self.now + self.random.between(3, 20) * DAY;
                let (item, units, parcel) = (line.item, line.units + more, Some((number, at)));
                self.plan(when, Happening::Return { node: home, item, units, parcel });
            }
        }
        let mut event = self.of_parcel(number, at, kind, lines);
        if kind == Kind::Ship {
            event.lines.iter_mut().for_each(|line| line.state = Some(StockState::Picked));
        }
        for line in &mut event.lines {
            let item = self.item_numbers[&line.sku];
            line.value = onhand::Money::new(line.quantity.units() * self.world.items[item as usize].price);
        }
        self.on_trail(&event);
        self.recorder.do_or_report(event);
    }

    /// Nobody came: the units go back to the shelf and the claim is given back.
    pub(super) fn give_up(&mut self, number: u32, at: usize) {
        let Parcel { node, lines, .. } = &mut self.orders[number as usize].parcels[at];
        let (node, lines) = (*node, std::mem::take(lines));
        for line in &lines {
            self.restate(line.item, node, (StockState::Picked, StockState::Sellable), line.units);
        }
        let unpick = self.of_parcel(number, at, Kind::Unpick, lines);
        self.recorder.do_or_report(unpick);
        let end = self.of_parcel(number, at, Kind::Release, Vec::new());
        // Refused when nothing is left to end; the intents of the report say how often.
        let _ = self.recorder.ask(end);
    }

    /// The customer cancels, or has never paid: every claim of the order ends.
    pub(super) fn end_order(&mut self, number: u32, kind: Kind) {
        for at in 0..self.orders[number as usize].parcels.len() {
            let end = self.of_parcel(number, at, kind, Vec::new());
            let _ = self.recorder.ask(end);
        }
        self.promises.ended(self.orders[number as usize].pick_up, Fate::Cancelled);
    }

    fn whole_parcel(&self, order: u32, at: usize) -> Vec<ParcelLine> {
        self.orders[order as usize].parcels[at].lines.clone()
    }

    fn of_parcel(&self, order: u32, at: usize, kind: Kind, lines: Vec<ParcelLine>) -> Event {
        let node = self.orders[order as usize].parcels[at].node;
        let mut event = self.event("orders", node, kind);
        event.subject = Some(self.parcel_name(order, at));
        event.lines = lines.into_iter().map(|line| self.order_line(line, kind)).collect();
        event
    }

    /// A line of an order that is filled from the shelf and from a delivery is two.
    fn order_line(&self, line: ParcelLine, kind: Kind) -> Line {
        let mut said = self.line(line.item, line.units);
        if let Some(supply) = line.supply {
            said.line = Some(name(&format!("{} of {supply}", said.sku)));
            said.supply = Some(supply).filter(|_| kind == Kind::Reserve);
        }
        said
    }

    /// Every node of an order has a document of its own.
    pub(super) fn parcel_name(&self, order: u32, at: usize) -> Name {
        match at {
            0 => name(&format!("order-{order:06}")),
            _ => name(&format!("order-{order:06}-{}", at + 1)),
        }
    }
}
