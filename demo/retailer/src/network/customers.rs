//! Orders of customers: picked up in a store or sent from a distribution centre. Each step is an intent that the book
//! accepts or refuses; what people do all the same is reported.

use onhand::{Event, Kind, Name, StockState};

use super::{Happening, Network, Units};
use crate::truth::Place;
use crate::world::{DAY, HOUR, name, time};

pub(super) struct CustomerOrder {
    node: u32,
    /// What is still wanted, then what is picked.
    units: Units,
}

impl Network {
    /// A hold for two days; the customer may cancel it, and the store may forget it.
    pub(super) fn place_order(&mut self, node: u32) {
        let number = self.orders.len() as u32;
        let mut units = Units::new();
        for _ in 0..self.random.between(1, 3) {
            units.insert(self.any_item(), self.random.between(1, 2));
        }
        let mut reserve = self.of_order(number, node, Kind::Reserve, &units);
        let ends = self.now + 48 * HOUR;
        reserve.expires = Some(time(ends));
        reserve.channel = Some(name("web"));
        if self.recorder.ask(reserve).is_err() {
            return;
        }
        self.orders.push(CustomerOrder { node, units });
        let order = number;
        if self.centres.contains(&node) {
            self.plan(self.now + 12 * HOUR, Happening::Send { order });
        } else if self.random.chance(60_000) {
            self.plan(self.now + HOUR, Happening::CancelOrder { order });
        } else if self.random.chance(60_000) {
            self.plan(ends, Happening::Lapse { order });
        } else {
            let when = self.now + self.random.between(1, 5) * HOUR;
            self.plan(when, Happening::Pick { order });
        }
    }

    pub(super) fn pick(&mut self, number: u32) {
        let node = self.orders[number as usize].node;
        let found = self.take_found(number, Kind::Pick);
        for (item, units) in &found {
            self.truth.moved(Place::shelf(*item, node).in_state(StockState::Picked), *units);
        }
        if found.is_empty() {
            return;
        }
        self.orders[number as usize].units = found;
        let order = number;
        match self.random.chance(920_000) {
            true => {
                let when = self.now + self.random.between(2, 48) * HOUR;
                self.plan(when, Happening::Collect { order });
            }
            false => self.plan(self.now + 3 * DAY, Happening::GiveUp { order }),
        }
    }

    pub(super) fn send(&mut self, number: u32) {
        self.take_found(number, Kind::Ship);
    }

    /// Takes from the shelf what is really there of an order, and says that the rest was not found.
    fn take_found(&mut self, number: u32, kind: Kind) -> Units {
        let node = self.orders[number as usize].node;
        let wanted = std::mem::take(&mut self.orders[number as usize].units);
        let (mut found, mut missing) = (Units::new(), Units::new());
        for (item, wanted) in wanted {
            let place = Place::shelf(item, node);
            let units = wanted.min(self.truth.held(place));
            self.truth.moved(place, -units);
            if units > 0 {
                found.insert(item, units);
            }
            if units < wanted {
                missing.insert(item, wanted - units);
            }
        }
        let taken = self.of_order(number, node, kind, &found);
        self.recorder.do_or_report(taken);
        let mut short = self.of_order(number, node, Kind::ShortPick, &missing);
        short.reason = Some(name("not_found"));
        self.recorder.do_or_report(short);
        found
    }

    pub(super) fn collect(&mut self, number: u32) {
        let node = self.orders[number as usize].node;
        let units = std::mem::take(&mut self.orders[number as usize].units);
        for (item, units) in &units {
            self.truth.moved(Place::shelf(*item, node).in_state(StockState::Picked), -units);
        }
        let hand_over = self.of_order(number, node, Kind::HandOver, &units);
        self.recorder.do_or_report(hand_over);
    }

    /// Nobody came: the units go back to the shelf and the claim is given back.
    pub(super) fn give_up(&mut self, number: u32) {
        let node = self.orders[number as usize].node;
        let units = std::mem::take(&mut self.orders[number as usize].units);
        for (item, units) in &units {
            let place = Place::shelf(*item, node);
            self.truth.moved(place.in_state(StockState::Picked), -units);
            self.truth.moved(place, *units);
        }
        let unpick = self.of_order(number, node, Kind::Unpick, &units);
        self.recorder.do_or_report(unpick);
        self.end_order(number, Kind::Release);
    }

    /// Ends all of an order that is still claimed.
    pub(super) fn end_order(&mut self, number: u32, kind: Kind) {
        let node = self.orders[number as usize].node;
        let end = self.of_order(number, node, kind, &Units::new());
        // Refused when nothing is left to end; the intents of the report say how often.
        let _ = self.recorder.ask(end);
    }

    fn of_order(&self, number: u32, node: u32, kind: Kind, units: &Units) -> Event {
        let mut event = self.event("orders", node, kind);
        event.subject = Some(order_name(number));
        event.lines = units.iter().map(|(item, units)| self.line(*item, *units)).collect();
        event
    }
}

fn order_name(number: u32) -> Name {
    name(&format!("order-{number:06}"))
}
