//! Replenishment is periodic review, order up to a level: what a node has to order, and purchase orders to suppliers. Stores are
//! reviewed weekly and ask their distribution centre for cartons ([`super::transfers`]); what suppliers bring to the stores
//! themselves, stores order themselves; centres order whole pallets weekly.

use onhand::{Kind, Name};

use super::receiving::Purchase;
use super::{Happening, Network, Units};
use crate::truth::Place;
use crate::world::{DAY, HOUR, name, time};
use crate::year::shares;

/// Cartons of a pallet: suppliers deliver whole ones to the centres.
const CARTONS_OF_A_PALLET: i64 = 10;

impl Network {
    /// The level that a review orders up to: three weeks' sales and two units in a store, four weeks' in a centre.
    pub(super) fn level(&self, node: u32, item: u32) -> i64 {
        let weekly = self.weekly_milliunits(node, item);
        match self.is_centre(node) {
            true => whole(4 * weekly, self.pack(node, item)),
            false => whole(3 * weekly + 2_000, self.pack(node, item)),
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

    /// What a node orders in: cartons, or pallets.
    pub(super) fn pack(&self, node: u32, item: u32) -> i64 {
        let carton = self.world.items[item as usize].pack;
        if self.is_centre(node) { carton * CARTONS_OF_A_PALLET } else { carton }
    }

    /// What a node has to order, by what is really there: staff look at the shelves.
    pub(super) fn wanted(&self, node: u32, of_suppliers: bool) -> Units {
        let mut wanted = Units::new();
        for item in self.items_of(node) {
            if !self.is_centre(node) && self.world.items[item as usize].direct != of_suppliers {
                continue;
            }
            let coming = self.on_order.get(&(node, item)).copied().unwrap_or(0);
            let there = self.truth.held(Place::shelf(item, node)) + coming;
            if there <= self.reorder_point(node, item) {
                let pack = self.pack(node, item);
                let units = (self.level(node, item) - there).div_euclid(pack).max(1) * pack;
                wanted.insert(item, units);
            }
        }
        wanted
    }

    /// Orders from suppliers. They come to a centre in 6 to 9 days, to a store in 2 to 4; sometimes the supplier announces another
    /// day and fewer cartons, and sometimes they are late without a word.
    pub(super) fn purchase(&mut self, node: u32) {
        let ordered = self.wanted(node, true);
        if ordered.is_empty() {
            return;
        }
        let purchase = self.purchases.len() as u32;
        let days = if self.is_centre(node) { (6, 9) } else { (2, 4) };
        let due = self.now + self.random.between(days.0, days.1) * DAY + self.random.between(1, 7) * HOUR;
        for (item, units) in &ordered {
            *self.on_order.entry((node, *item)).or_default() += units;
        }
        self.purchases.push(Purchase { node, due, coming: ordered.clone(), received: Units::new() });
        self.announce("buying", purchase, &ordered);
        if self.random.chance(shares::SUPPLIER_ANNOUNCES) {
            let when = self.now + self.random.between(18, 30) * HOUR;
            self.plan(when, Happening::Notice { purchase });
        } else {
            let late =
                if self.random.chance(shares::SUPPLIER_LATE) { self.random.between(1, 2) * DAY } else { 0 };
            self.plan(due + late, Happening::Delivery { purchase });
        }
    }

    /// The supplier's notice: another day, and of some items fewer packs than were ordered.
    pub(super) fn notice(&mut self, purchase: u32) {
        let Purchase { node, mut coming, .. } = self.purchases[purchase as usize].clone();
        for (item, units) in &mut coming {
            if self.random.chance(shares::CUT_BY_SUPPLIER) {
                let cut = self.pack(node, *item).min(*units);
                *units -= cut;
                *self.on_order.entry((node, *item)).or_default() -= cut;
                self.notes.supplier_cuts += 1;
            }
        }
        let (now, days) = (self.now, self.random.between(0, 2));
        let this = &mut self.purchases[purchase as usize];
        this.due = (this.due - DAY + days * DAY).max(now + 2 * HOUR);
        this.coming.clone_from(&coming);
        let due = this.due;
        self.notes.advance_notices += 1;
        self.announce("suppliers", purchase, &coming);
        self.plan(due, Happening::Delivery { purchase });
    }

    /// Says how much of a purchase order is to come in all, and when.
    pub(super) fn announce(&mut self, system: &str, number: u32, units: &Units) {
        let Purchase { node, due, .. } = self.purchases[number as usize];
        let mut supply = self.event(system, node, Kind::SupplyChange);
        supply.subject = Some(purchase_name(number));
        supply.due = Some(time(due));
        supply.lines = units.iter().map(|(item, units)| self.line(*item, *units)).collect();
        self.recorder.report(supply, self.now);
    }
}

/// So many thousandths in whole packs, at least one.
fn whole(milliunits: i64, pack: i64) -> i64 {
    (milliunits + 1000 * pack - 1) / (1000 * pack) * pack
}

pub(super) fn purchase_name(number: u32) -> Name {
    name(&format!("purchase-{number:05}"))
}
