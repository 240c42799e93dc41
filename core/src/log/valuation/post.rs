//! How events become postings: what each line moves, and what it is worth on either side.

use alloc::vec::Vec;

use super::measure::Measure;
use super::pool::{Amount, Pool, Rate, share};
use super::{Account, Checkpoint, Posting, Valuation};
use crate::book::Book;
use crate::dense::NONE;
use crate::event::Line;
use crate::kind::Kind;
use crate::log::replay::{Placed, Replay, Said, Shift, Side};
use crate::measure::Time;
use crate::name::Name;

impl Valuation {
    /// The stock of a book, and what a checkpoint says that it is worth.
    pub(super) fn begin(book: &Book, before: &Checkpoint) -> Valuation {
        let mut valuation = Valuation {
            postings: Vec::new(),
            replay: Replay::begin(book),
            cost: Measure::default(),
            retail: Measure { clearance_apart: true, ..Measure::default() },
        };
        let book = &mut valuation.replay.book;
        for row in &before.rows {
            let measure = if row.retail { &mut valuation.retail } else { &mut valuation.cost };
            let sku = book.sku_id(row.sku.as_str());
            let of = Amount { units: row.rate.1.max(0), grams: row.rate_grams.max(0) };
            let rate = Rate { value: row.rate.0, of };
            let at = match (&row.location, row.in_transit) {
                (None, _) => {
                    measure.latest.insert(sku, rate);
                    continue;
                }
                (Some(node), false) => book.node_id(node.as_str()),
                (Some(transfer), true) => book.transit_id(transfer.as_str()),
            };
            // The units of stock are the book's; only their value is carried.
            let units = if row.variance { row.units } else { 0 };
            let held = Amount { units, grams: row.grams.max(0) };
            let pool = Pool { held, value: row.value, rate, fixed: row.fixed };
            match row.variance {
                true => measure.variances.insert((sku, at), pool),
                false => measure.pools.insert((sku, at, row.clearance), pool),
            };
        }
        let Valuation { replay, cost, retail, .. } = &mut valuation;
        for (key, units) in replay.stock().filter(|(key, _)| key.owner == 0) {
            for measure in [&mut *cost, &mut *retail] {
                let at = measure.at(&replay.book, key);
                measure.pools.entry(at).held.units += units;
            }
        }
        valuation
    }

    pub(super) fn post(&mut self, one: &Placed<'_>) {
        match one.event.kind {
            Kind::PriceChange | Kind::CostChange => self.reprice(one),
            Kind::KitAssemble | Kind::KitBreak | Kind::Relabel => self.convert(one),
            Kind::Count => {
                for shift in self.replay.found(one) {
                    self.shift(one, shift, None);
                }
            }
            _ => {
                for said in one.said() {
                    self.post_line(one, said, said.value);
                }
            }
        }
    }

    /// Posts what a line moves, with the value that goes with it. Answers what its units cost where they left.
    fn post_line(&mut self, one: &Placed<'_>, said: Said<'_>, value: Option<i128>) -> i128 {
        let Some(shift) = self.replay.moved(one, said.line) else { return 0 };
        let shift = Shift { grams: said.grams, ..shift };
        // What is taken back is worth what it is said to be, whichever sign is written before it.
        let value = value.map(|value| if said.line.quantity.units() < 0 { value.abs() } else { value });
        match one.event.kind {
            Kind::Opening
            | Kind::Receipt
            | Kind::ReceiptCancel
            | Kind::KitAssemble
            | Kind::KitBreak
            | Kind::Relabel => self.shift(one, shift, value),
            Kind::MarkDown => {
                let cost = self.shift(one, shift, None);
                self.mark_down(one, shift, value.unwrap_or(0));
                cost
            }
            _ => self.shift(one, shift, None),
        }
    }

    /// Posts what goes from one side to another. Answers what it cost where it left.
    fn shift(&mut self, one: &Placed<'_>, shift: Shift, stated: Option<i128>) -> i128 {
        let (mut cost, mut retail) = ((0, 0), (0, 0));
        if shift.owner == 0 {
            cost = self.cost.shift(&self.replay.book, shift, stated);
            retail = self.retail.shift(&self.replay.book, shift, None);
        }
        let from = self.posting(one, shift.sku, shift.owner, self.account_of(shift, shift.from));
        let to = self.posting(one, shift.sku, shift.owner, self.account_of(shift, shift.to));
        let rest = Posting { transfer: None, ..to.clone() };
        let stays = (from.account, &from.node, &from.transfer) == (to.account, &to.node, &to.transfer);
        if stays {
            // Between states and places of one node only a markdown changes what it has.
            let off = retail.0 - retail.1;
            self.write(Posting { retail: -off, ..to });
            self.write(Posting { account: Account::Markdown, retail: off, ..rest });
        } else {
            self.write(Posting { units: -shift.units, cost: -cost.0, retail: -retail.0, ..from });
            self.write(Posting { units: shift.units, cost: cost.1, retail: retail.1, ..to });
            let (cost, retail) = (cost.0 - cost.1, retail.0 - retail.1);
            self.write(Posting { account: Account::Difference, cost, retail, ..rest });
        }
        cost.0
    }

    /// What a markdown takes off is off what is in clearance, also where a count has found that before the markdown was told.
    fn mark_down(&mut self, one: &Placed<'_>, shift: Shift, value: i128) {
        let (Side::Stock(key), 0) = (shift.said[1], shift.owner) else { return };
        let pool = self.retail.pools.entry(self.retail.at(&self.replay.book, key));
        let off = share(value, pool.held.units.min(shift.units), shift.units);
        pool.value -= off;
        pool.learn();
        let node = self.replay.book.node_of(key.location);
        let posting = self.posting(one, shift.sku, 0, (Account::Stock, node, None));
        self.write(Posting { retail: -off, ..posting.clone() });
        self.write(Posting { account: Account::Markdown, retail: off, ..posting });
    }

    /// What goes into a conversion is shared among what comes out of it, to the last minor unit.
    fn convert(&mut self, one: &Placed<'_>) {
        let lines = one.said();
        let with_sign =
            |sign| lines.iter().copied().filter(move |said| said.line.quantity.units().signum() == sign);
        let mut used = None;
        for said in with_sign(-1) {
            *used.get_or_insert(0) += self.post_line(one, said, None);
        }
        // Goods of others are units without value: what went in is in the company's own.
        let (own, others): (Vec<Said<'_>>, Vec<Said<'_>>) =
            with_sign(1).partition(|said| said.line.owner.is_none());
        for said in others {
            self.post_line(one, said, None);
        }
        let said = |line: &Line| line.value.map_or(0, |value| value.minor());
        let worth = |line: &Line| {
            let at = self.replay.book.sku_and_node(one.event, line);
            let rate = at.map_or(Rate::default(), |(sku, node)| self.cost.rate((sku, node, false)));
            i64::try_from(rate.worth_units(line.quantity.units())).unwrap_or(i64::MAX)
        };
        let units = |line: &Line| line.quantity.units();
        let weights = |weight: &dyn Fn(&Line) -> i64| {
            let weights: Vec<i64> = own.iter().map(|said| weight(said.line)).collect();
            weights.iter().all(|weight| *weight > 0).then_some(weights)
        };
        let weights =
            weights(&said).or_else(|| weights(&worth)).or_else(|| weights(&units)).unwrap_or_default();
        let whole = weights.iter().fold(0, |sum: i64, weight| sum.saturating_add(*weight));
        let (mut sum, mut given) = (0i64, 0);
        for (said, weight) in own.iter().zip(weights) {
            sum = sum.saturating_add(weight);
            let value = used.map(|used| share(used, sum, whole) - given);
            given += value.unwrap_or(0);
            self.post_line(one, *said, value);
        }
    }

    /// A change of cost or price gives what is at the node another value.
    fn reprice(&mut self, one: &Placed<'_>) {
        for line in &one.lines {
            let (Some(value), Some((sku, node))) =
                (line.value, self.replay.book.sku_and_node(one.event, line))
            else {
                continue;
            };
            let grams = line.grams.map_or(0, |grams| grams.units().max(0));
            let rate = Rate::of(value.minor().into(), Amount { units: line.quantity.units(), grams });
            let is_price = one.event.kind == Kind::PriceChange;
            let (measure, account) = match is_price {
                true => (&mut self.retail, Account::Markdown),
                false => (&mut self.cost, Account::Revaluation),
            };
            let off = measure.pools.entry((sku, node, false)).set(rate, is_price);
            measure.latest.insert(sku, rate);
            let (cost, retail) = if is_price { (0, off) } else { (off, 0) };
            let posting = self.posting(one, sku, 0, (Account::Stock, node, None));
            self.write(Posting { cost: -cost, retail: -retail, ..posting.clone() });
            self.write(Posting { account, cost, retail, ..posting });
        }
    }

    /// The account of one side of a move, the node, and the transfer that it is on.
    fn account_of(&self, shift: Shift, side: Side) -> (Account, u32, Option<Name>) {
        match side {
            Side::Outside(account) => (Account::Outside(account), shift.node, None),
            Side::Stock(key) if self.in_transit(key.location) => {
                (Account::Transit, shift.node, Some(self.replay.book.location_name(key.location)))
            }
            Side::Stock(key) => (Account::Stock, self.replay.book.node_of(key.location), None),
        }
    }

    /// A posting of nothing yet.
    fn posting(
        &self,
        one: &Placed<'_>,
        sku: u32,
        owner: u16,
        (account, node, transfer): (Account, u32, Option<Name>),
    ) -> Posting {
        let owner = owner.checked_sub(1).map(|owner| Name::known(self.replay.book.owners.text(owner.into())));
        Posting {
            entry: one.entry,
            moment: Time::new(one.moment).unwrap_or(Time::MAX),
            kind: one.event.kind,
            account,
            sku: self.replay.book.sku_name(sku),
            node: (node != NONE).then(|| self.replay.book.location_name(node)),
            transfer,
            owner,
            reason: one.event.reason.clone(),
            units: 0,
            cost: 0,
            retail: 0,
        }
    }

    fn write(&mut self, posting: Posting) {
        if (posting.units, posting.cost, posting.retail) != (0, 0, 0) {
            self.postings.push(posting);
        }
    }
}
