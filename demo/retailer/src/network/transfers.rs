//! Transfers from a distribution centre to a store: requested, approved, picked, shipped, received, and explained where units are
//! missing.

use onhand::{Event, Kind, Name, StockState};

use super::{Happening, Network, Units};
use crate::truth::{Mistake, Place, transfer_name};
use crate::world::{DAY, HOUR, MINUTE, name, time};
use crate::year::shares;

pub(super) struct Transfer {
    centre: u32,
    store: u32,
    due: i64,
    /// What is wanted, then approved, picked and under way.
    units: Units,
}

impl Network {
    /// A store looks at its shelves and asks its centre for cartons.
    pub(super) fn review(&mut self, store: u32) {
        let units = self.wanted(store, false);
        if units.is_empty() {
            return;
        }
        let centre = self.centres[store as usize % self.centres.len()];
        let transfer = self.transfers.len() as u32;
        let due = self.now + 38 * HOUR;
        for (item, units) in &units {
            *self.on_order.entry((store, *item)).or_default() += units;
        }
        self.transfers.push(Transfer { centre, store, due, units });
        let request = self.of_transfer(transfer, "staff", Kind::TransferRequest);
        self.recorder.ask(request).expect("a request asks for no stock");
        self.plan(self.now + 2 * HOUR, Happening::Approve { transfer });
    }

    /// What the centre's book cannot give is not approved.
    pub(super) fn approve(&mut self, number: u32) {
        let mut approve = self.of_transfer(number, "planning", Kind::TransferApprove);
        approve.partial = true;
        let granted: Vec<i64> = match self.recorder.ask(approve) {
            Ok(accepted) => {
                accepted.lines.iter().map(|line| line.granted.unwrap_or(line.quantity).units()).collect()
            }
            Err(_) => Vec::new(),
        };
        let wanted = std::mem::take(&mut self.transfers[number as usize].units);
        let granted = granted.into_iter().chain(std::iter::repeat(0));
        let granted: Vec<(u32, i64, i64)> = wanted
            .into_iter()
            .zip(granted)
            .map(|((item, wanted), granted)| (item, wanted, granted))
            .collect();
        self.keep(number, granted);
        if !self.transfers[number as usize].units.is_empty() {
            self.plan(self.now + 6 * HOUR, Happening::PickTransfer { transfer: number });
        }
    }

    /// What is really in the centre is picked; what was approved beyond that is given back.
    pub(super) fn pick_transfer(&mut self, number: u32) {
        let Transfer { centre, .. } = self.transfers[number as usize];
        let approved = std::mem::take(&mut self.transfers[number as usize].units);
        let picked: Vec<(u32, i64, i64)> = approved
            .iter()
            .map(|(item, wanted)| {
                (*item, *wanted, (*wanted).min(self.truth.held(Place::shelf(*item, centre))))
            })
            .collect();
        for (item, _, units) in &picked {
            self.restate(*item, centre, (StockState::Sellable, StockState::Picked), *units);
        }
        let falls_short = picked.iter().any(|(_, wanted, units)| units < wanted);
        self.keep(number, picked);
        let pick = self.of_transfer(number, "staff", Kind::TransferPick);
        self.recorder.do_or_report(pick);
        if falls_short {
            let mut cancel = self.of_transfer(number, "staff", Kind::TransferCancel);
            cancel.lines.clear();
            cancel.node = None;
            // Refused when the picking was reported as a fact and has ended every claim.
            let _ = self.recorder.ask(cancel);
        }
        if !self.transfers[number as usize].units.is_empty() {
            self.plan(self.now + 4 * HOUR, Happening::Dispatch { transfer: number });
        }
    }

    pub(super) fn dispatch(&mut self, number: u32) {
        let Transfer { centre, .. } = self.transfers[number as usize];
        for (item, units) in self.transfers[number as usize].units.clone() {
            self.truth.moved(Place::shelf(item, centre).in_state(StockState::Picked), -units);
            self.truth.moved(Place::transit(item, number), units);
        }
        let mut ship = self.of_transfer(number, "staff", Kind::TransferShip);
        ship.lines.iter_mut().for_each(|line| line.state = Some(StockState::Picked));
        self.recorder.do_or_report(ship);
        let late = if self.random.chance(shares::TRANSFER_LATE) { DAY } else { 0 };
        let when = self.now + 24 * HOUR + self.random.between(0, 90) * MINUTE + late;
        self.plan(when, Happening::Arrive { transfer: number });
    }

    /// Some of it was lost on the way, and some is broken. The rest is booked, mostly right.
    pub(super) fn arrive(&mut self, number: u32) {
        let Transfer { store, .. } = self.transfers[number as usize];
        let sent = std::mem::take(&mut self.transfers[number as usize].units);
        let booking = self.booking();
        let mut receive = self.event("receiving", store, Kind::TransferReceive);
        receive.occurred = time(booking.dated);
        receive.subject = Some(name(&transfer_name(number)));
        for (item, sent) in sent {
            *self.on_order.entry((store, item)).or_default() -= sent;
            let lost =
                if self.random.chance(shares::LOST_IN_TRANSIT) { self.random.between(1, sent) } else { 0 };
            self.truth.lost(Mistake::LostInTransit, Place::transit(item, number), self.now, lost);
            let broken = match self.random.chance(shares::BROKEN_IN_TRANSIT) {
                true => self.random.between(1, 3).min(sent - lost),
                false => 0,
            };
            for (units, state) in
                [(sent - lost - broken, StockState::Sellable), (broken, StockState::Damaged)]
            {
                let recorded = match state {
                    StockState::Sellable => self.record(units),
                    _ => units,
                };
                if (units, recorded) == (0, 0) {
                    continue;
                }
                let place = Place::shelf(item, store).in_state(state);
                self.truth.booked(place, (self.now, units), (booking.dated, recorded));
                let transit = Place::transit(item, number);
                self.truth.booked(transit, (self.now, -units), (booking.dated, -recorded));
                let mut line = self.line(item, recorded);
                line.to_state = Some(state).filter(|state| *state != StockState::Sellable);
                receive.lines.push(line);
            }
            if broken > 0 {
                let (node, state, keep) = (store, StockState::Damaged, false);
                self.plan(self.now + 3 * DAY, Happening::Held { node, item, state, keep });
            }
            if booking.arrival > self.now {
                self.unposted_until.insert((store, item), booking.arrival);
            }
        }
        self.recorder.report(receive, booking.arrival);
        self.plan(self.now + 3 * DAY, Happening::Reconcile { transfer: number });
    }

    /// What the book still has under way, and nobody has seen, is explained as lost; what came beyond what left, as found.
    pub(super) fn reconcile(&mut self, number: u32) {
        let Transfer { store, .. } = self.transfers[number as usize];
        let transfer = transfer_name(number);
        let mut reconcile = self.event("planning", store, Kind::TransferReconcile);
        reconcile.subject = Some(name(&transfer));
        reconcile.reason = Some(name("lost_in_transit"));
        for item in self.items() {
            let sku = self.world.items[item as usize].sku.clone();
            let missing = self.recorder.book.in_transit(sku.as_str(), &transfer);
            if missing != 0 {
                reconcile.lines.push(self.line(item, missing));
            }
        }
        if reconcile.lines.is_empty() {
            return;
        }
        let items: Vec<u32> = reconcile.lines.iter().map(|line| self.item_numbers[&line.sku]).collect();
        if self.recorder.ask(reconcile).is_ok() {
            items.into_iter().for_each(|item| self.truth.set_right(Place::transit(item, number)));
        }
    }

    /// Takes what was got of what was wanted; the rest is on order no more.
    fn keep(&mut self, number: u32, got: Vec<(u32, i64, i64)>) {
        let Transfer { store, units, .. } = &mut self.transfers[number as usize];
        for (item, wanted, got) in got {
            *self.on_order.entry((*store, item)).or_default() -= wanted - got;
            if got > 0 {
                units.insert(item, got);
            }
        }
    }

    /// An event about all that a transfer has now, at its origin.
    fn of_transfer(&self, number: u32, system: &str, kind: Kind) -> Event {
        let Transfer { centre, store, due, units } = &self.transfers[number as usize];
        let mut event = self.event(system, *centre, kind);
        event.subject = Some(transfer_subject(number));
        if kind != Kind::TransferPick && kind != Kind::TransferCancel {
            event.to_node = Some(self.node_name(*store));
            event.due = Some(time(*due));
        }
        event.lines = units.iter().map(|(item, units)| self.line(*item, *units)).collect();
        event
    }
}

fn transfer_subject(number: u32) -> Name {
    name(&transfer_name(number))
}
