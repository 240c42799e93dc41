//! What happens at the shelves: sales, losses, markdowns, and the rounds on which people count.

use onhand::counting::Sheet;
use onhand::{Kind, Money, Name, StockState};

use super::office::Effect;
use super::{CLOSES, Happening, MINUTE, Network, OPENS};
use crate::log::Origin;
use crate::recorder::Fact;
use crate::truth::{Mistake, Place};
use crate::world::{DAY, HOUR, name, time};
use crate::year::shares;

/// A round on which somebody counts some items of a node.
pub(super) struct Round {
    node: u32,
    items: Vec<u32>,
    /// What was seen of each item; `None` where one looks at the end of the round.
    seen: Vec<Option<i64>>,
    /// Two people go.
    twice: bool,
}

impl Network {
    pub(super) fn sell(&mut self, store: u32, item: u32, units: i64) {
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
        let arrival = self.arrival_of_sale(store);
        self.notes.sales_posted_late += u64::from(arrival > self.now);
        let value = Some(units * self.world.items[item as usize].price);
        let (kind, source, when) = (Kind::Sell, 3 * store, self.now);
        let fact = Fact { kind, source, when, sku: item, node: store, units, value };
        self.recorder.fact(&fact, arrival, Origin::Till);
        if self.random.chance(10_000) {
            let when = self.now + self.random.between(1, 20) * DAY;
            let node = self.near(store);
            self.plan(when, Happening::Return { node, item, units: 1, parcel: None });
        }
    }

    /// Now, some hours late, or when somebody has brought what the tills kept while they were off line.
    fn arrival_of_sale(&mut self, store: u32) -> i64 {
        match self.off_line.get(&store) {
            Some((until, arrival)) if self.now < *until => *arrival,
            _ if self.random.chance(shares::SALE_POSTED_LATE) => self.now + self.random.between(1, 72) * HOUR,
            _ => self.now,
        }
    }

    /// Mostly the store itself, else another of its zone.
    fn near(&mut self, store: u32) -> u32 {
        let zone = self.world.nodes[store as usize].zone.clone();
        let near: Vec<u32> =
            self.stores.iter().copied().filter(|one| self.world.nodes[*one as usize].zone == zone).collect();
        match self.random.chance(800_000) {
            true => store,
            false => near[self.random.index(near.len())],
        }
    }

    pub(super) fn lose(&mut self, node: u32, item: u32, units: i64) {
        let place = Place::shelf(item, node);
        let units = units.min(self.truth.held(place));
        self.truth.lost(Mistake::UnrecordedLoss, place, self.now, units);
    }

    /// Broken goods are gone at once; the book follows when it may.
    pub(super) fn break_some(&mut self, store: u32, item: u32, units: i64) {
        let units = units.min(self.truth.held(Place::shelf(item, store)));
        if units > 0 {
            self.truth.moved(Place::shelf(item, store), -units);
            let mut adjust = self.event("staff", store, Kind::Adjust);
            adjust.reason = Some(name("breakage"));
            adjust.lines.push(self.line_at_cost(item, -units, StockState::Sellable));
            self.attempt(adjust, store, "staff", Effect::Gone { item, units });
        }
    }

    /// Goods past their date are destroyed when that is allowed.
    pub(super) fn out_of_date(&mut self, store: u32, item: u32, units: i64) {
        self.destroy(store, item, units, StockState::Sellable, "out_of_date");
    }

    pub(super) fn destroy(&mut self, node: u32, item: u32, units: i64, state: StockState, reason: &str) {
        let units = units.min(self.truth.held(Place::shelf(item, node).in_state(state)));
        if units > 0 {
            let mut write_off = self.event("staff", node, Kind::WriteOff);
            write_off.reason = Some(name(reason));
            write_off.lines.push(self.line_at_cost(item, units, state));
            self.attempt(write_off, node, "staff", Effect::Destroyed { item, units, state });
        }
    }

    /// Some units go to the bargain table, and most of them are sold there.
    pub(super) fn mark_down(&mut self, store: u32, item: u32, units: i64) {
        let units = units.min(self.truth.held(Place::shelf(item, store)));
        if units == 0 {
            return;
        }
        self.restate(item, store, (StockState::Sellable, StockState::Clearance), units);
        let mut mark_down = self.event("staff", store, Kind::MarkDown);
        mark_down.reason = Some(name("short_dated"));
        let mut line = self.line(item, units);
        // A bargain costs seven tenths.
        line.value = Money::new(units * (self.world.items[item as usize].price * 3 / 10));
        mark_down.lines.push(line);
        self.recorder.do_or_report(mark_down);
        for _ in 0..units {
            if self.random.chance(850_000) {
                let when =
                    self.now + self.random.between(0, 2) * DAY + self.random.between(OPENS, CLOSES - 1);
                self.plan(when - 7 * HOUR, Happening::BargainSale { store, item });
            }
        }
        self.plan(self.now + 3 * DAY + 15 * HOUR, Happening::EndBargain { store, item });
    }

    pub(super) fn sell_bargain(&mut self, store: u32, item: u32) {
        let place = Place::shelf(item, store).in_state(StockState::Clearance);
        if self.truth.held(place) > 0 {
            self.truth.moved(place, -1);
            let mut sale = self.event("bargain-till", store, Kind::Sell);
            let mut line = self.line_at_cost(item, 1, StockState::Clearance);
            line.value = Money::new(self.world.items[item as usize].price * 7 / 10);
            sale.lines.push(line);
            self.recorder.report(sale, self.now);
        }
    }

    pub(super) fn end_bargain(&mut self, store: u32, item: u32) {
        self.destroy(store, item, i64::MAX, StockState::Clearance, "unsold");
    }

    /// Items are counted in turn. A round in opening hours goes along shelves that people take from.
    pub(super) fn plan_round(&mut self, node: u32, items: usize, turn: usize, midnight: i64) {
        let there = self.items_of(node);
        let mut items: Vec<u32> = (0..items).map(|at| there[(turn + at) % there.len()]).collect();
        items.sort_unstable();
        items.dedup();
        let twice = self.fate.chance(shares::COUNTED_TWICE);
        let (round, mut seen) = (self.rounds.len() as u32, vec![None; items.len()]);
        let when = if self.fate.chance(shares::COUNT_WHILE_MOVING) {
            let says = midnight + self.fate.between(13 * HOUR, 20 * HOUR);
            for (at, seen) in seen.iter_mut().enumerate() {
                *seen = Some(0);
                let looked = says - self.fate.between(10, 240) * MINUTE;
                self.plan(looked, Happening::Look { round, at });
            }
            says
        } else {
            midnight + 6 * HOUR + self.fate.between(0, HOUR)
        };
        self.rounds.push(Round { node, items, seen, twice });
        self.plan(when, Happening::EndRound { round });
    }

    pub(super) fn look(&mut self, round: u32, at: usize) {
        let Round { node, items, seen, .. } = &mut self.rounds[round as usize];
        seen[at] = Some(self.truth.held(Place::shelf(items[at], *node)));
    }

    /// The round is over: the sheet is closed, after those who found different numbers have looked again.
    pub(super) fn end_round(&mut self, number: u32) {
        let round = &mut self.rounds[number as usize];
        let (node, items, twice) = (round.node, std::mem::take(&mut round.items), round.twice);
        let seen: Vec<i64> = items
            .iter()
            .zip(std::mem::take(&mut round.seen))
            .map(|(item, seen)| seen.unwrap_or_else(|| self.truth.held(Place::shelf(*item, node))))
            .collect();
        let sheet = self.count_on_sheet(number, node, &items, &seen, twice);
        let counts = sheet.close(&name(&format!("counting-{}", self.node_name(node))), 1);
        self.notes.counts += 1;
        for mut count in counts.expect("disputes were settled") {
            for line in &count.lines {
                let item = self.item_numbers[&line.sku];
                let (place, found) = (Place::shelf(item, node), line.quantity.units());
                let at = items.iter().position(|one| *one == item).expect("an item of the sheet");
                let mistake = match seen[at] == self.truth.held(place) {
                    true => Mistake::Miscounted,
                    false => Mistake::CountedWhileMoving,
                };
                let at = self.world.nodes[node as usize].name.as_str();
                let booked = self.recorder.book.quantity(line.sku.as_str(), at, None, StockState::Sellable);
                self.errors.note(booked, found);
                self.truth.counted(place, self.now, found, mistake);
                self.notes.positions_counted += 1;
            }
            let late = self.random.chance(shares::COUNT_POSTED_LATE);
            self.notes.counts_posted_late += u64::from(late);
            let arrival = if late { self.now + self.random.between(1, 48) * HOUR } else { self.now };
            count.actor = Some(name("ada"));
            self.recorder.report(count, arrival);
        }
    }

    /// A sheet filled in by one or two people, who are one off now and then.
    fn count_on_sheet(&mut self, number: u32, node: u32, items: &[u32], seen: &[i64], twice: bool) -> Sheet {
        let mut sheet = Sheet::new(name(&format!("count-{number:05}")), self.node_name(node));
        let sku = |network: &Network, item: u32| network.world.items[item as usize].sku.clone();
        sheet.items = items.iter().map(|item| sku(self, *item)).collect();
        let people: &[&str] = if twice { &["ada", "grace"] } else { &["ada"] };
        for who in people {
            for (item, seen) in items.iter().zip(seen) {
                let found = match self.random.chance(shares::COUNT_WRONG) {
                    true if self.random.chance(500_000) || *seen == 0 => seen + 1,
                    true => seen - 1,
                    false => *seen,
                };
                tally(&mut sheet, who, &sku(self, *item), found);
            }
            sheet.finish(&name(who), None, time(self.now)).expect("a place of the sheet");
        }
        if !sheet.disputes().is_empty() {
            self.notes.recounts += 1;
            for who in people {
                sheet.start_over(&name(who), None).expect("a place of the sheet");
                for (item, seen) in items.iter().zip(seen) {
                    tally(&mut sheet, who, &sku(self, *item), *seen);
                }
                sheet.finish(&name(who), None, time(self.now)).expect("a place of the sheet");
            }
        }
        sheet
    }
}

fn tally(sheet: &mut Sheet, who: &str, sku: &Name, units: i64) {
    sheet.tally(&name(who), None, sku, None, None, units).expect("an item of the sheet, in range");
}
