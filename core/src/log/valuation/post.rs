//! How a log becomes postings: what was posted when, and what each line moves.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::measure::{Measure, Shift, Side};
use super::pool::{Pool, Rate, share};
use super::{Account, Checkpoint, Posting, Valuation};
use crate::book::{Book, EventRef, TEXT};
use crate::dense::NONE;
use crate::event::{Event, Id, Line};
use crate::evolve::Effect;
use crate::kept::{Leg, Standing};
use crate::kind::Kind;
use crate::log::Log;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use crate::place::Outside;
use crate::stock::{Key, PositionKey};

/// A position as far as events were valued.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    quantity: i64,
    /// Its last count.
    count: Option<Key>,
    /// Legs that the book began with: a count that arrives later may come before them.
    legs: Vec<(Key, i64)>,
}

/// A posted event, or its lines at one node, at its place in key order.
pub(super) struct Placed<'a> {
    entry: u64,
    event: &'a Event,
    pub(super) moment: i64,
    pub(super) key: Key,
    lines: Vec<&'a Line>,
    /// What a count fixes.
    counted: Vec<(PositionKey, i64)>,
}

impl Valuation {
    /// The stock of a book, and what a checkpoint says that it is worth.
    pub(super) fn begin(book: &Book, before: &Checkpoint) -> Valuation {
        let mut valuation = Valuation {
            postings: Vec::new(),
            book: book.clone(),
            cost: Measure::default(),
            retail: Measure { clearance_apart: true, ..Measure::default() },
            held: Map::new(),
        };
        let book = &mut valuation.book;
        for row in &before.rows {
            let measure = if row.retail { &mut valuation.retail } else { &mut valuation.cost };
            let sku = book.sku_id(row.sku.as_str());
            let rate = Rate { value: row.rate.0, units: row.rate.1.max(0) };
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
            let pool = Pool { units, value: row.value, rate, fixed: row.fixed };
            match row.variance {
                true => measure.variances.insert((sku, at), pool),
                false => measure.pools.insert((sku, at, row.clearance), pool),
            };
        }
        let Valuation { book, cost, retail, held, .. } = &mut valuation;
        for (id, row) in book.positions.rows.enumerate() {
            let count = book.counts.find(book.positions.last_count(id)).map(|count| count.key);
            let mut one = Held { quantity: row.quantity, count, legs: Vec::new() };
            let mut leg = row.legs;
            while leg != NONE {
                let Leg { event, previous, quantity } = book.kept.leg(leg);
                one.legs.push((book.key_of(event), quantity));
                leg = previous;
            }
            held.insert(row.key, one);
            for measure in [&mut *cost, &mut *retail] {
                if row.key.owner == 0 {
                    let at = measure.at(book, row.key);
                    measure.pools.entry(at).units += row.quantity;
                }
            }
        }
        valuation
    }

    /// Tells all accepted entries to the book, for what became of each, and answers those that were posted.
    pub(super) fn place<'a>(&mut self, log: &'a Log) -> Vec<Placed<'a>> {
        let mut placed = Vec::new();
        // What the log's own start was waiting with has no entry.
        let mut waiting: Vec<(u64, &Event, EventRef)> =
            log.before.parked.iter().map(|(at, event)| (0, event, *at)).collect();
        let mut closed = self.book.closed_everywhere();
        for entry in log.entries().iter().filter(|entry| entry.is_accepted()) {
            let event = &entry.event;
            // A node that is new has closed nothing; what was closed stays so.
            closed = closed.max(self.book.closed_everywhere());
            // What was accepted once is accepted again, but for an id that was used twice: see `Log::known_now`.
            let Ok(outcome) = self.book.evolve(event) else { continue };
            match outcome.standing {
                Standing::Posted | Standing::PriorPeriod => {
                    self.place_event(entry.number, event, closed, &mut placed);
                }
                Standing::Parked => {
                    let Key { source, number, .. } = self.key_of(event);
                    waiting.push((entry.number, event, EventRef { source, number }));
                }
                Standing::TooOld | Standing::AlreadySettled => {}
            }
            if event.terms.is_some() {
                for (entry, event, at) in core::mem::take(&mut waiting) {
                    match self.book.parked.get(&at) {
                        Some(_) => waiting.push((entry, event, at)),
                        None => self.place_event(entry, event, closed, &mut placed),
                    }
                }
            }
        }
        placed
    }

    /// Each line counts when it occurred, or at the first moment after the close of its node that it came too late for.
    fn place_event<'a>(&mut self, entry: u64, event: &'a Event, closed: i64, placed: &mut Vec<Placed<'a>>) {
        let (occurred, key) = (event.occurred.millis(), self.key_of(event));
        let mut parts: Map<i64, Placed<'a>> = Map::new();
        let part = |moment: i64| Placed { entry, event, moment, key, lines: Vec::new(), counted: Vec::new() };
        for line in &event.lines {
            let node = self.book.sku_and_node(event, line).map_or(NONE, |(_, node)| node);
            let closed = self.book.closed_through(node).max(closed);
            let moment = occurred.max(closed.saturating_add(1));
            parts.entry_or(moment, || part(moment)).lines.push(line);
        }
        if event.kind == Kind::Count {
            for (key, units) in self.book.effect_of(event).counted {
                let here = self.book.closed_through(key.location);
                let moment = occurred.max(here.max(closed).saturating_add(1));
                // A count of a closed period fixes nothing.
                if occurred > here {
                    parts.entry_or(moment, || part(moment)).counted.push((key, units));
                }
            }
        }
        placed.extend(parts.into_iter().map(|(_, part)| part));
    }

    fn key_of(&mut self, event: &Event) -> Key {
        let source = self.book.source_id(event.source.as_str());
        let number = match &event.id {
            Id::Number(number) => *number,
            Id::Text(text) => TEXT | u64::from(self.book.words.intern(text.as_str())),
        };
        Key { occurred: event.occurred.millis(), is_count: event.kind == Kind::Count, source, number }
    }

    pub(super) fn post(&mut self, one: &Placed<'_>) {
        match one.event.kind {
            Kind::PriceChange | Kind::CostChange => self.reprice(one),
            Kind::KitAssemble | Kind::KitBreak | Kind::Relabel => self.convert(one),
            Kind::Count => self.count(one),
            _ => {
                for line in &one.lines {
                    self.post_line(one, line, line.value.map(|value| i128::from(value.minor())));
                }
            }
        }
    }

    /// Posts what a line moves; `said` is the value that goes with it. Answers what its units cost where they left.
    fn post_line(&mut self, one: &Placed<'_>, line: &Line, said: Option<i128>) -> i128 {
        let Some((sku, node)) = self.book.sku_and_node(one.event, line) else { return 0 };
        let owner = line.owner.as_ref().map_or(0, |owner| self.book.owner_id(owner.as_str()));
        let units = line.quantity.units();
        let mut cost = 0;
        for leg in one.event.kind.row().legs.iter().filter(|_| units != 0) {
            let mut ends = [leg.from, leg.to].map(|end| {
                let mut effect = Effect::default();
                self.book.end(one.event, line, sku, node, end, units, &mut effect);
                let stock = effect.legs.first().map(|(key, _)| Side::Stock(*key));
                stock.or(effect.outside.first().map(|(_, account, _)| Side::Outside(*account)))
            });
            if units < 0 {
                ends.reverse();
            }
            let [Some(from), Some(to)] = ends else { continue };
            let from = self.as_counted(one, from, -units.abs());
            let to = self.as_counted(one, to, units.abs());
            let is_reduction = one.event.kind == Kind::MarkDown;
            let is_cost = matches!(
                one.event.kind,
                Kind::Opening
                    | Kind::Receipt
                    | Kind::ReceiptCancel
                    | Kind::KitAssemble
                    | Kind::KitBreak
                    | Kind::Relabel
            );
            let stated = said.filter(|_| is_cost);
            let reduction = said.filter(|_| is_reduction).unwrap_or(0);
            cost +=
                self.shift(one, Shift { sku, node, owner, from, to, units: units.abs(), stated, reduction });
        }
        cost
    }

    /// A position, unless a count that is later in key order has fixed it: then it is the variance that moves.
    fn as_counted(&mut self, one: &Placed<'_>, side: Side, units: i64) -> Side {
        let Side::Stock(key) = side else { return side };
        let held = self.held.entry(key);
        if held.count.is_some_and(|count| self.book.compare(one.key, count) != Ordering::Greater) {
            return Side::Outside(Outside::CountVariance);
        }
        held.quantity += units;
        side
    }

    /// Posts what goes from one side to another. Answers what it cost where it left.
    fn shift(&mut self, one: &Placed<'_>, shift: Shift) -> i128 {
        let (mut cost, mut retail) = ((0, 0), (0, 0));
        if shift.owner == 0 {
            cost = self.cost.shift(&self.book, Shift { reduction: 0, ..shift });
            retail = self.retail.shift(&self.book, Shift { stated: None, ..shift });
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

    fn count(&mut self, one: &Placed<'_>) {
        for (key, counted) in &one.counted {
            let (held, book) = (self.held.entry(*key), &self.book);
            let is_later = |other: Key| book.compare(other, one.key) == Ordering::Greater;
            if held.count.is_some_and(is_later) {
                continue;
            }
            let later: i64 = held.legs.iter().filter(|(leg, _)| is_later(*leg)).map(|(_, units)| units).sum();
            let found = counted + later - held.quantity;
            (held.quantity, held.count) = (counted + later, Some(one.key));
            let ends = (Side::Outside(Outside::CountVariance), Side::Stock(*key));
            let (from, to) = if found > 0 { ends } else { (ends.1, ends.0) };
            if found != 0 {
                let (sku, node, owner) = (key.sku, self.book.node_of(key.location), key.owner);
                let units = found.abs();
                self.shift(one, Shift { sku, node, owner, from, to, units, stated: None, reduction: 0 });
            }
        }
    }

    /// What goes into a conversion is shared among what comes out of it, to the last minor unit.
    fn convert(&mut self, one: &Placed<'_>) {
        let with_sign =
            |sign| one.lines.iter().copied().filter(move |line| line.quantity.units().signum() == sign);
        let mut used = None;
        for line in with_sign(-1) {
            *used.get_or_insert(0) += self.post_line(one, line, None);
        }
        let said = |line: &Line| line.value.map_or(0, |value| value.minor());
        let worth = |line: &Line| {
            let at = self.book.sku_and_node(one.event, line);
            let rate = at.map_or(Rate::default(), |(sku, node)| self.cost.rate((sku, node, false)));
            i64::try_from(rate.worth(line.quantity.units())).unwrap_or(i64::MAX)
        };
        let units = |line: &Line| line.quantity.units();
        let weights = |weight: &dyn Fn(&Line) -> i64| {
            let weights: Vec<i64> = with_sign(1).map(weight).collect();
            weights.iter().all(|weight| *weight > 0).then_some(weights)
        };
        let weights =
            weights(&said).or_else(|| weights(&worth)).or_else(|| weights(&units)).unwrap_or_default();
        let whole = weights.iter().fold(0, |sum: i64, weight| sum.saturating_add(*weight));
        let (mut sum, mut given) = (0i64, 0);
        for (line, weight) in with_sign(1).zip(weights) {
            sum = sum.saturating_add(weight);
            let said = used.map(|used| share(used, sum, whole) - given);
            given += said.unwrap_or(0);
            self.post_line(one, line, said);
        }
    }

    /// A change of cost or price gives what is at the node another value.
    fn reprice(&mut self, one: &Placed<'_>) {
        for line in &one.lines {
            let (Some(value), Some((sku, node))) = (line.value, self.book.sku_and_node(one.event, line))
            else {
                continue;
            };
            let rate = Rate::of(value.minor().into(), line.quantity.units());
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
                (Account::Transit, shift.node, Some(self.book.location_name(key.location)))
            }
            Side::Stock(key) => (Account::Stock, self.book.node_of(key.location), None),
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
        let owner = owner.checked_sub(1).map(|owner| Name::known(self.book.owners.text(owner.into())));
        Posting {
            entry: one.entry,
            moment: Time::new(one.moment).unwrap_or(Time::MAX),
            kind: one.event.kind,
            account,
            sku: self.book.sku_name(sku),
            node: (node != NONE).then(|| self.book.location_name(node)),
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
