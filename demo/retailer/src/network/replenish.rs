//! Goods on their way to the shelves: purchase orders to the distribution centres, transfers from them to the stores.

use onhand::{Kind, Name};

use super::{Happening, Network, Units};
use crate::truth::{Place, transfer_name};
use crate::world::{DAY, HOUR, name, time};
use crate::year::shares;

/// Cartons of a pallet: suppliers deliver whole ones.
const CARTONS_OF_A_PALLET: i64 = 10;

pub(super) struct Transfer {
    centre: u32,
    store: u32,
    due: i64,
    units: Units,
}

pub(super) struct Purchase {
    centre: u32,
    due: i64,
    units: Units,
}

impl Network {
    /// The level that a review orders up to: three weeks' sales and two units in a store, four weeks' in a centre.
    pub(super) fn level(&self, node: u32, item: u32) -> i64 {
        let weekly = self.weekly_milliunits(node, item);
        match self.is_centre(node) {
            true => whole(4 * weekly, self.pallet(item)),
            false => whole(3 * weekly + 2_000, self.world.items[item as usize].pack),
        }
    }

    /// A review orders when what is there and on its way is below this: two weeks' sales and a unit, or three weeks'.
    fn reorder_point(&self, node: u32, item: u32) -> i64 {
        let weekly = self.weekly_milliunits(node, item);
        match self.is_centre(node) {
            true => 3 * weekly / 1000,
            false => (2 * weekly + 1_000) / 1000,
        }
    }

    /// Thousandths of a unit that leave a node in a week; a sales line has 1.4 units on average.
    fn weekly_milliunits(&self, node: u32, item: u32) -> i64 {
        let in_store = self.world.items[item as usize].lines_in_1000_weeks * 14 / 10;
        match self.is_centre(node) {
            true => in_store * self.stores.len().div_ceil(self.centres.len()) as i64,
            false => in_store,
        }
    }

    fn is_centre(&self, node: u32) -> bool {
        self.centres.contains(&node)
    }

    fn pallet(&self, item: u32) -> i64 {
        self.world.items[item as usize].pack * CARTONS_OF_A_PALLET
    }

    /// What a node has to order, by what is really there: staff look at the shelves.
    fn wanted(&self, node: u32, pack: impl Fn(u32) -> i64) -> Units {
        let mut wanted = Units::new();
        for item in self.items() {
            let coming = self.on_order.get(&(node, item)).copied().unwrap_or(0);
            let there = self.truth.held(Place::shelf(item, node)) + coming;
            if there <= self.reorder_point(node, item) {
                let pack = pack(item);
                let units = (self.level(node, item) - there).div_euclid(pack).max(1) * pack;
                wanted.insert(item, units);
            }
        }
        wanted
    }

    /// A store asks its centre for cartons. What the centre's book cannot give is not approved.
    pub(super) fn review(&mut self, store: u32) {
        let units = self.wanted(store, |item| self.world.items[item as usize].pack);
        if units.is_empty() {
            return;
        }
        let centre = self.centres[store as usize % self.centres.len()];
        let (number, due) = (self.transfers.len() as u32, self.now + 36 * HOUR);
        let mut approve = self.event("planning", centre, Kind::TransferApprove);
        approve.to_node = Some(self.node_name(store));
        approve.subject = Some(name(&transfer_name(number)));
        approve.due = Some(time(due));
        approve.partial = true;
        approve.lines = units.iter().map(|(item, units)| self.line(*item, *units)).collect();
        let Ok(accepted) = self.recorder.ask(approve) else { return };
        let granted = accepted.lines.iter().map(|line| line.granted.unwrap_or(line.quantity).units());
        let units: Units = units.keys().copied().zip(granted).filter(|(_, units)| *units > 0).collect();
        for (item, units) in &units {
            *self.on_order.entry((store, *item)).or_default() += units;
        }
        self.transfers.push(Transfer { centre, store, due, units });
        self.plan(self.now + 8 * HOUR, Happening::Dispatch { transfer: number });
    }

    /// What is really in the centre leaves; what was approved beyond that is given back.
    pub(super) fn dispatch(&mut self, number: u32) {
        let Transfer { centre, store, due, .. } = self.transfers[number as usize];
        let approved = std::mem::take(&mut self.transfers[number as usize].units);
        let mut left = Units::new();
        let mut ship = self.event("staff", centre, Kind::TransferShip);
        ship.to_node = Some(self.node_name(store));
        ship.subject = Some(name(&transfer_name(number)));
        ship.due = Some(time(due));
        for (item, wanted) in &approved {
            let place = Place::shelf(*item, centre);
            let units = (*wanted).min(self.truth.held(place));
            *self.on_order.entry((store, *item)).or_default() -= wanted - units;
            if units > 0 {
                self.truth.moved(place, -units);
                self.truth.moved(Place::transit(*item, number), units);
                ship.lines.push(self.line(*item, units));
                left.insert(*item, units);
            }
        }
        let falls_short = left != approved;
        // From the same system, whose numbers say that it comes after the shipment of the same moment.
        let mut cancel = self.event("staff", centre, Kind::TransferCancel);
        cancel.subject.clone_from(&ship.subject);
        self.recorder.do_or_report(ship);
        if falls_short {
            // Refused when the shipment was reported as a fact and has ended every claim.
            let _ = self.recorder.ask(cancel);
        }
        if !left.is_empty() {
            self.transfers[number as usize].units = left;
            self.plan(self.now + 24 * HOUR, Happening::Arrive { transfer: number });
        }
    }

    pub(super) fn arrive(&mut self, number: u32) {
        let Transfer { store, .. } = self.transfers[number as usize];
        let units = std::mem::take(&mut self.transfers[number as usize].units);
        let subject = name(&transfer_name(number));
        self.receive(store, &units, Kind::TransferReceive, &subject, Some(number));
    }

    /// A centre orders whole pallets. They come in 6 to 9 days.
    pub(super) fn purchase(&mut self, centre: u32) {
        let units = self.wanted(centre, |item| self.pallet(item));
        if units.is_empty() {
            return;
        }
        let number = self.purchases.len() as u32;
        let due = self.now + self.random.between(6, 9) * DAY + self.random.between(5, 11) * HOUR;
        let mut supply = self.event("buying", centre, Kind::SupplyChange);
        supply.subject = Some(purchase_name(number));
        supply.due = Some(time(due));
        supply.lines = units.iter().map(|(item, units)| self.line(*item, *units)).collect();
        self.recorder.report(supply, self.now);
        for (item, units) in &units {
            *self.on_order.entry((centre, *item)).or_default() += units;
        }
        self.purchases.push(Purchase { centre, due, units });
        self.plan(due, Happening::Delivery { purchase: number });
    }

    pub(super) fn deliver(&mut self, number: u32) {
        let Purchase { centre, due, .. } = self.purchases[number as usize];
        debug_assert_eq!(due, self.now);
        let units = std::mem::take(&mut self.purchases[number as usize].units);
        self.receive(centre, &units, Kind::Receipt, &purchase_name(number), None);
    }

    /// Goods come in, and are booked: as they are, or wrong, or with another date, or later.
    fn receive(&mut self, node: u32, units: &Units, kind: Kind, document: &Name, transfer: Option<u32>) {
        let came = self.now;
        let dated_late = self.random.chance(shares::DELIVERY_DATED_LATE);
        let posted_late = !dated_late && self.random.chance(shares::DELIVERY_POSTED_LATE);
        let dated = if dated_late { came + self.random.between(4, 30) * HOUR } else { came };
        let arrival = if posted_late { came + self.random.between(2, 48) * HOUR } else { dated };
        self.notes.deliveries_posted_late += u64::from(posted_late);
        let mut receipt = self.event("receiving", node, kind);
        receipt.occurred = time(dated);
        if transfer.is_some() {
            receipt.subject = Some(document.clone());
        }
        for (item, units) in units {
            let wrong = self.random.chance(shares::RECEIPT_WRONG);
            let recorded = match wrong {
                true => (units + self.random.between(-3, 3)).max(0),
                false => *units,
            };
            self.truth.booked(Place::shelf(*item, node), (came, *units), (dated, recorded));
            if let Some(transfer) = transfer {
                self.truth.booked(Place::transit(*item, transfer), (came, -units), (dated, -recorded));
            }
            let mut line = self.line(*item, recorded);
            if transfer.is_none() {
                line.supply = Some(document.clone());
            }
            receipt.lines.push(line);
            *self.on_order.entry((node, *item)).or_default() -= units;
            if arrival > came {
                self.unposted_until.insert((node, *item), arrival);
            }
        }
        self.recorder.report(receipt, arrival);
    }
}

/// So many thousandths in whole packs, at least one.
fn whole(milliunits: i64, pack: i64) -> i64 {
    (milliunits + 1000 * pack - 1) / (1000 * pack) * pack
}

fn purchase_name(number: u32) -> Name {
    name(&format!("purchase-{number:05}"))
}
