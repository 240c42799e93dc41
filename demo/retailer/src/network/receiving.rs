//! At the dock: a delivery is held against its order before it is booked. Some are short, over, broken, of a wrong item, or counted in
//! cartons; what is not accepted is held until somebody decides.

use std::collections::BTreeMap;

use onhand::receiving::{Expected, Inspection, Oddity, Scanned, Tolerance, inspect};
use onhand::{Event, Kind, Money, Name, StockState};

use super::replenish::purchase_name;
use super::{Happening, MINUTE, Network, Units};
use crate::truth::{Mistake, Place};
use crate::world::{DAY, HOUR, name, time};
use crate::year::shares;

#[derive(Clone)]
pub(super) struct Purchase {
    pub(super) node: u32,
    pub(super) due: i64,
    /// What the next delivery should bring.
    pub(super) coming: Units,
    /// What was booked against it.
    pub(super) received: Units,
}

/// How a delivery is booked: the moment that its record says, and when that arrives.
#[derive(Clone, Copy)]
pub(super) struct Booking {
    pub(super) dated: i64,
    pub(super) arrival: i64,
}

/// What stands at the dock of one item, and what was scanned of it.
#[derive(Clone, Copy, Default)]
struct Goods {
    fit: i64,
    broken: i64,
    scanned: i64,
}

impl Network {
    /// As it is, or with another date, or later.
    pub(super) fn booking(&mut self) -> Booking {
        let dated_late = self.random.chance(shares::DELIVERY_DATED_LATE);
        let posted_late = !dated_late && self.random.chance(shares::DELIVERY_POSTED_LATE);
        let dated = if dated_late { self.now + self.random.between(4, 30) * HOUR } else { self.now };
        let arrival = if posted_late { self.now + self.random.between(2, 48) * HOUR } else { dated };
        self.notes.deliveries_posted_late += u64::from(posted_late);
        Booking { dated, arrival }
    }

    /// What is recorded of so many units.
    pub(super) fn record(&mut self, units: i64) -> i64 {
        match units > 0 && self.random.chance(shares::RECEIPT_WRONG) {
            true => (units + self.random.between(-3, 3)).max(0),
            false => units,
        }
    }

    pub(super) fn deliver(&mut self, number: u32) {
        let Purchase { node, coming, .. } = self.purchases[number as usize].clone();
        let goods = self.unload(node, &coming);
        let order = purchase_name(number);
        let expected = self.expected_of(node, &order, &coming);
        let scans = |goods: &BTreeMap<u32, Goods>| self.scans(goods);
        let look = |scanned: &[Scanned]| inspect(Some((&order, &expected)), scanned, time(self.now));
        let first = look(&scans(&goods));
        // Cartons booked as pieces: the dock counts again before anything is posted.
        let mistaken = |item: &u32| {
            let sku = &self.world.items[*item as usize].sku;
            first.findings.iter().any(|one| one.oddity == Oddity::PackMistaken && one.sku == *sku)
        };
        let goods: BTreeMap<u32, Goods> = goods
            .into_iter()
            .map(|(item, one)| (item, if mistaken(&item) { Goods { scanned: one.fit, ..one } } else { one }))
            .collect();
        let second = look(&scans(&goods));
        for finding in first.findings.iter().filter(|one| one.oddity == Oddity::PackMistaken) {
            self.notes.note_finding(finding.oddity.code(), finding.limit - finding.units);
        }
        for finding in second.findings.iter().filter(|one| one.oddity != Oddity::PackMistaken) {
            self.notes.note_finding(finding.oddity.code(), finding.units);
        }
        self.book_delivery(number, second, &goods);
    }

    /// What the supplier really brought, and what the dock scans of it.
    fn unload(&mut self, node: u32, coming: &Units) -> BTreeMap<u32, Goods> {
        let mut goods: BTreeMap<u32, Goods> = BTreeMap::new();
        let there = self.items_of(node);
        for (item, units) in coming {
            let pack = self.pack(node, *item).min(*units);
            let mut fit = *units;
            match self.random.between(1, 1000) {
                ..=40 => fit -= pack,
                41..=60 => fit += pack,
                61..=70 => {
                    fit -= pack;
                    let other = there[self.random.index(there.len())];
                    if !coming.contains_key(&other) && pack > 0 {
                        let wrong = goods.entry(other).or_default();
                        (wrong.fit, wrong.scanned) = (wrong.fit + pack, wrong.scanned + pack);
                    }
                }
                _ => {}
            }
            let broken = match fit > 0 && self.random.chance(shares::BROKEN_BY_SUPPLIER) {
                true => self.random.between(1, 3.min(fit)),
                false => 0,
            };
            fit -= broken;
            let carton = self.world.items[*item as usize].pack;
            let scanned =
                match self.random.chance(shares::PACK_MISTAKEN) && fit == *units && fit % carton == 0 {
                    true => fit / carton,
                    false => self.record(fit),
                };
            let one = goods.entry(*item).or_default();
            *one = Goods { fit: one.fit + fit, broken, scanned: one.scanned + scanned };
        }
        goods
    }

    /// What the book has open of an order, item by item.
    fn expected_of(&self, node: u32, order: &Name, coming: &Units) -> Vec<Expected> {
        let at = self.node_name(node);
        let expected = |item: &u32| {
            let known = &self.world.items[*item as usize];
            let supplies = self.recorder.book.dated_supply(known.sku.as_str(), at.as_str());
            Expected {
                sku: known.sku.clone(),
                open: supplies.iter().find(|one| one.supply == *order).map_or(0, |one| one.open),
                packs: vec![(name("carton"), known.pack)],
                over: Tolerance { units: 0, ppm: 20_000 },
                under: Tolerance::default(),
                by_lot: false,
                life_ms: None,
            }
        };
        coming.keys().map(expected).collect()
    }

    fn scans(&self, goods: &BTreeMap<u32, Goods>) -> Vec<Scanned> {
        let scan = |item: u32, units: i64, state: Option<StockState>| {
            let mut line = self.line(item, units);
            line.state = state;
            Scanned { line, expires: None }
        };
        let of_item = |(item, one): (&u32, &Goods)| {
            let broken = (one.broken > 0).then(|| scan(*item, one.broken, Some(StockState::Damaged)));
            let fit = (one.scanned > 0).then(|| scan(*item, one.scanned, None));
            fit.into_iter().chain(broken)
        };
        goods.iter().flat_map(of_item).collect()
    }

    /// Posts the receipt that came of the inspection. People put goods where the scanner says, as far as there are any.
    fn book_delivery(&mut self, number: u32, inspection: Inspection, goods: &BTreeMap<u32, Goods>) {
        let Purchase { node, coming, .. } = self.purchases[number as usize].clone();
        let booking = self.booking();
        let mut receipt: Event = self.event("receiving", node, Kind::Receipt);
        receipt.occurred = time(booking.dated);
        let mut receipt = inspection.receipt(receipt);
        let mut recorded: BTreeMap<(u32, StockState), i64> = BTreeMap::new();
        for line in &mut receipt.lines {
            let item = self.item_numbers[&line.sku];
            let units = line.quantity.units();
            *recorded.entry((item, line.state.unwrap_or_default())).or_default() += units;
            line.value = Money::new(units * self.cost(item));
            if line.supply.is_some() {
                *self.purchases[number as usize].received.entry(item).or_default() += units;
            }
        }
        for (item, one) in goods {
            let said = |state| recorded.get(&(*item, state)).copied().unwrap_or(0);
            let (shelf, held) = (said(StockState::Sellable), said(StockState::Quarantined));
            let really_held = (one.fit - shelf).clamp(0, held);
            let really = [
                (StockState::Sellable, one.fit - really_held, shelf),
                (StockState::Quarantined, really_held, held),
                (StockState::Damaged, one.broken, said(StockState::Damaged)),
            ];
            for (state, units, recorded) in really.into_iter().filter(|one| (one.1, one.2) != (0, 0)) {
                let place = Place::shelf(*item, node).in_state(state);
                self.truth.booked(place, (self.now, units), (booking.dated, recorded));
                if state != StockState::Sellable {
                    let keep = state == StockState::Quarantined && self.random.chance(600_000);
                    let when = self.now + self.random.between(3, 5) * DAY;
                    self.plan(when, Happening::Held { node, item: *item, state, keep });
                }
            }
            if booking.arrival > self.now {
                self.unposted_until.insert((node, *item), booking.arrival);
            }
        }
        for (item, units) in coming {
            *self.on_order.entry((node, item)).or_default() -= units;
        }
        if !receipt.lines.is_empty() {
            self.recorder.report(receipt, booking.arrival);
        }
        let when = booking.dated.max(booking.arrival) + HOUR;
        self.plan(when, Happening::AfterDelivery { purchase: number });
    }

    /// What is still open of an order comes later, or is given up: nobody waits for supply that will not come.
    pub(super) fn after_delivery(&mut self, number: u32) {
        let Purchase { node, coming, received, .. } = self.purchases[number as usize].clone();
        let short = |item: &u32, units: &i64| units - received.get(item).copied().unwrap_or(0).min(*units);
        let open: Units = coming
            .iter()
            .map(|(item, units)| (*item, short(item, units)))
            .filter(|(_, units)| *units > 0)
            .collect();
        if open.is_empty() {
            return;
        }
        let comes_later = self.random.chance(shares::REST_COMES_LATER);
        let said: Units = open
            .iter()
            .map(|(item, open)| {
                let got = received.get(item).copied().unwrap_or(0);
                (*item, if comes_later { got + open } else { got })
            })
            .collect();
        let purchase = &mut self.purchases[number as usize];
        if comes_later {
            purchase.due = self.now + 5 * DAY;
            // What comes next is told apart from what has come.
            purchase.coming.clone_from(&open);
            purchase.received.clear();
            for (item, units) in &open {
                *self.on_order.entry((node, *item)).or_default() += units;
            }
        }
        let due = purchase.due;
        self.announce("buying", number, &said);
        if comes_later {
            self.plan(due, Happening::Delivery { purchase: number });
        }
    }

    /// Somebody decides on what is held at the dock. What is there is looked at first: where the book says something else, it
    /// is counted.
    pub(super) fn decide_on_held(&mut self, node: u32, item: u32, state: StockState, keep: bool) {
        let place = Place::shelf(item, node).in_state(state);
        let (held, sku) = (self.truth.held(place), self.world.items[item as usize].sku.clone());
        let at = self.node_name(node);
        if self.recorder.book.quantity(sku.as_str(), at.as_str(), None, state) != held {
            let mut count = self.event("counting", node, Kind::Count);
            let mut line = self.line(item, held);
            line.state = Some(state);
            count.lines.push(line);
            self.truth.counted(place, self.now, held, Mistake::Miscounted);
            self.recorder.report(count, self.now);
            // At one moment a count comes last: the decision comes after it.
            self.plan(self.now + MINUTE, Happening::Held { node, item, state, keep });
            return;
        }
        if held == 0 {
            return;
        }
        let to_supplier = !keep && (state == StockState::Quarantined || self.random.chance(500_000));
        if !keep && !to_supplier {
            return self.destroy(node, item, held, state, "damaged");
        }
        let mut event =
            self.event("receiving", node, if keep { Kind::ReleaseHold } else { Kind::ReceiptCancel });
        event.lines.push(self.line_at_cost(item, held, state));
        if keep {
            self.restate(item, node, (state, StockState::Sellable), held);
        } else {
            self.truth.moved(place, -held);
            event.reason = Some(name(if state == StockState::Damaged { "damaged" } else { "not_ordered" }));
        }
        self.recorder.do_or_report(event);
    }
}
