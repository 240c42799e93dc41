//! Lots: which of them may be sold, which an intent takes first, and what units of no lot stand for.
//!
//! A recall is one event: it says that a lot is recalled, and from then on all its units at all nodes are withheld, those that arrive
//! later too. Nothing moves by it, so that its order among other events does not matter; people who find the units move them
//! (`hold` into `recalled`).

use alloc::vec::Vec;

use crate::book::{Book, Dated, EventRef, LotFate};
use crate::claim::Move;
use crate::dense::NONE;
use crate::event::{Event, LotTerms};
use crate::evolve::Effect;
use crate::execute::Refusal;
use crate::kept::Leg;
use crate::kind::{ClaimMove, Door, Kind};
use crate::limits::LINES_MAX;
use crate::measure::Quantity;
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set, sort_by};
use crate::place::StockState;
use crate::stock::PositionKey;

/// Intents that give units to a customer, or make something else of them that has no lot: none of a lot that is withheld.
const fn sells(kind: Kind) -> bool {
    matches!(kind, Kind::Pick | Kind::Ship | Kind::HandOver | Kind::KitAssemble)
}

/// Intents that leave lots alone which are withheld, unless they name them: what is made of others may have no lot to withhold.
const fn wants_fit(kind: Kind) -> bool {
    sells(kind) || matches!(kind, Kind::TransferPick | Kind::TransferShip | Kind::KitBreak | Kind::Relabel)
}

impl Event {
    /// The event as it was asked, without the lots that it was bound to.
    pub(crate) fn as_asked(&self) -> Event {
        let mut event = self.clone();
        event.lines.retain(|line| line.bound != Some(Quantity::ZERO));
        for line in &mut event.lines {
            if let Some(bound) = line.bound.take() {
                (line.quantity, line.lot) = (bound, None);
            }
        }
        event
    }
}

impl Book {
    /// The lots of an item that something is known of.
    pub(crate) fn lots_of(&self, sku: u32) -> impl Iterator<Item = (u32, &Dated<LotFate>)> {
        let lots = self.lots.from(&(sku, 0)).take_while(move |((one, _), _)| *one == sku);
        lots.map(|((_, lot), fate)| (*lot, fate))
    }

    /// Whether a position is of a lot that is recalled or has expired.
    pub(crate) fn is_withheld(&self, key: PositionKey, now: i64) -> bool {
        let fate = (key.lot != 0).then(|| self.lots.get(&(key.sku, key.lot))).flatten();
        fate.is_some_and(|lot| lot.value.recalled || lot.value.expires <= now)
    }

    /// Units of a position that are withheld: all or none.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn withheld_at(&self, position: u32, now: i64) -> i64 {
        let row = &self.positions.rows[position];
        match row.key.lot != 0 && self.is_withheld(row.key, now) {
            true => row.quantity.max(0),
            false => 0,
        }
    }

    /// The place of a lot among those of an item: the one that expires first is first, of equal ones the first by name.
    pub(crate) fn lot_rank(&self, sku: u32, lot: u32) -> (i64, &str) {
        let fate = self.lots.get(&(sku, lot));
        let name = lot.checked_sub(1).map_or("", |lot| self.words.text(lot));
        (fate.map_or(i64::MAX, |lot| lot.value.expires), name)
    }

    /// The positions of a lot.
    pub(crate) fn positions_of_lot(&self, terms: &LotTerms) -> Vec<u32> {
        let (sku, lot) = (self.known_sku(terms.sku.as_str()), self.words.id(terms.lot.as_str()));
        let (Some(sku), Some(lot)) = (sku, lot) else { return Vec::new() };
        let all = self.skus[sku].positions();
        all.filter(|id| self.positions.rows[*id].key.lot == lot + 1).gather()
    }

    /// The position of units of no lot beside one of a lot.
    pub(crate) fn unassigned_beside(&self, position: u32) -> Option<u32> {
        let key = self.positions.rows[position].key;
        (key.lot != 0).then(|| self.positions.find(PositionKey { lot: 0, ..key })).flatten()
    }

    /// What the lots beside a position of none have for an intent, which leaves alone what is withheld and not named.
    pub(crate) fn of_lots_for(
        &self,
        kind: Kind,
        key: PositionKey,
        now: i64,
        is_named: &dyn Fn(PositionKey) -> bool,
    ) -> i64 {
        if !self.skus[key.sku].has_parts {
            return 0;
        }
        let lots = self.rows_beside(key).filter(|(lot, units)| {
            *units < 0 || is_named(*lot) || !wants_fit(kind) || !self.is_withheld(*lot, now)
        });
        lots.map(|(_, units)| units).sum()
    }

    /// What the lots have that units of no lot may be of: units that left without their lot are still on the books of one.
    pub(crate) fn of_other_lots(&self, key: PositionKey) -> i64 {
        match key.lot == 0 && self.skus[key.sku].has_parts {
            true => self.lots_beside(key).map(|(_, units)| units).sum(),
            false => 0,
        }
    }

    /// Lots beside a position of none, which have units.
    fn lots_beside(&self, key: PositionKey) -> impl Iterator<Item = (PositionKey, i64)> {
        self.rows_beside(key).filter(|(_, units)| *units > 0)
    }

    /// Positions of lots beside one of none.
    fn rows_beside(&self, key: PositionKey) -> impl Iterator<Item = (PositionKey, i64)> {
        let rows = self.parts_at(key).into_iter().map(|id| &self.positions.rows[id]);
        let beside = rows.filter(move |row| row.key.lot != 0 && PositionKey { lot: 0, ..row.key } == key);
        beside.map(|row| (row.key, row.quantity))
    }

    /// Positions of lots and owners of an item where one of its positions is.
    fn parts_at(&self, key: PositionKey) -> Vec<u32> {
        match self.node_of(key.location) {
            NONE => self.parts_of(NONE, key.location, key.sku),
            node => self.parts_of(node, key.sku, key.location),
        }
    }

    /// Gives the lines of an intent that name no lot those that expire first: a line becomes one for each lot that it takes from.
    /// What the lots do not have stays without one. A shipment that is cancelled gives its lots back what it took of them.
    pub(crate) fn bind_lots(&mut self, command: &mut Event) {
        let row = command.kind.row();
        let Some(leg) = row.leg.filter(|_| row.door != Door::Fact) else { return };
        let mut lots: Map<PositionKey, Vec<(u32, i64)>> = Map::new();
        let mut told = None;
        let mut lines = Vec::with_capacity(command.lines.len());
        let unbound = core::mem::take(&mut command.lines);
        let mut left = LINES_MAX.saturating_sub(unbound.len());
        for line in unbound {
            let at = self.sku_and_node(command, &line).filter(|(sku, _)| self.skus[*sku].has_parts);
            let Some((sku, node)) = at.filter(|_| line.bound.is_none()) else {
                lines.push(line);
                continue;
            };
            let units = line.quantity.units();
            let mut effect = Effect::default();
            let end = if units > 0 && command.kind != Kind::VoidShip { leg.from } else { leg.to };
            self.end(command, &line, sku, node, end, units, &mut effect);
            let key = effect.legs.pop().map(|(key, _)| key).filter(|key| key.lot == 0);
            let mut shares = match key {
                Some(key) => {
                    take(lots.entry_or(key, || self.first_to_expire(key, command, &mut told)), units.abs())
                }
                None => Vec::new(),
            };
            let rest = units.abs() - shares.iter().map(|(_, units)| units).sum::<i64>();
            if rest > 0 && !shares.is_empty() {
                shares.push((0, rest));
            }
            let more = shares.len().saturating_sub(1);
            if shares.iter().all(|(lot, _)| *lot == 0) || more > left {
                lines.push(line);
                continue;
            }
            left -= more;
            let mut bound = line.quantity;
            for (lot, share) in shares {
                let mut part = line.clone();
                part.lot = lot.checked_sub(1).map(|lot| Name::known(self.words.text(lot)));
                // INVARIANT: a part of a quantity that is in range.
                part.quantity = Quantity::new(share * units.signum()).unwrap_or(line.quantity);
                part.bound = Some(core::mem::take(&mut bound));
                if part.bound == Some(Quantity::ZERO) {
                    (part.value, part.grams) = (None, None);
                }
                lines.push(part);
            }
        }
        command.lines = lines;
    }

    /// The lots that an intent takes from at a place and what each one has: first what was picked for its own order or transfer, then
    /// the one that expires first; of equal ones the first by name.
    fn first_to_expire(
        &self,
        key: PositionKey,
        command: &Event,
        told: &mut Option<Set<EventRef>>,
    ) -> Vec<(u32, i64)> {
        let voids = command.kind == Kind::VoidShip;
        let own = match voids || key.state == StockState::Picked {
            true => self.moved_by(told.get_or_insert_with(|| self.told_to(command)), key, voids),
            false => Map::new(),
        };
        let now = command.occurred.millis();
        // What was picked for it is what it gets, or it is told why not.
        let mut lots: Vec<_> = own.iter().map(|(lot, units)| (false, *lot, *units)).gather();
        for (lot, held) in self.lots_beside(key).filter(|_| !voids) {
            if !wants_fit(command.kind) || !self.is_withheld(lot, now) {
                let picked = own.get(&lot).map_or(0, |units| (*units).max(0));
                lots.push((true, lot, held - picked));
            }
        }
        sort_by(&mut lots, |one, other| {
            let rank = |key: PositionKey| self.lot_rank(key.sku, key.lot);
            one.0.cmp(&other.0).then_with(|| rank(one.1).cmp(&rank(other.1)))
        });
        lots.into_iter().map(|(_, key, held)| (key.lot, held)).gather()
    }

    /// The moves of an intent's order or transfer, as far as they are kept; for a shipment that is cancelled those of shipments.
    fn told_to(&self, command: &Event) -> Set<EventRef> {
        let voids = command.kind == Kind::VoidShip;
        let ledger = command.kind.row().claim.map(|(ledger, _)| ledger);
        let document = ledger.zip(command.subject.clone()).and_then(|at| self.documents.get(&at));
        let moves = document.into_iter().flat_map(|document| &document.moves);
        let moves =
            moves.filter(|told| !voids || matches!(told.claim, ClaimMove::Ship | ClaimMove::VoidShip));
        let event = |told: &Move| EventRef { source: told.key.source, number: told.key.number };
        moves.map(|told| (event(told), ())).collect()
    }

    /// What such moves took of the lots of a place and did not give back, from whatever state; or what of each lot they brought into
    /// its state and did not take. Walks the legs of those positions since the close.
    fn moved_by(&self, told: &Set<EventRef>, key: PositionKey, voids: bool) -> Map<PositionKey, i64> {
        let mut moved: Map<PositionKey, i64> = Map::new();
        let lots = self.parts_at(key).into_iter().filter(|id| self.positions.rows[*id].key.lot != 0);
        let unassigned = self.positions.find(key).filter(|_| !voids);
        for row in lots.chain(unassigned).map(|id| &self.positions.rows[id]) {
            // From whatever state it left: what was picked comes back as well.
            let lot = if voids { PositionKey { state: key.state, ..row.key } } else { row.key };
            if (PositionKey { lot: 0, ..lot }) != key {
                continue;
            }
            let mut leg = row.legs;
            while leg != NONE {
                let Leg { event, previous, quantity } = self.kept.leg(leg);
                if told.get(&self.event_at(event)).is_some() {
                    *moved.entry(lot) += if voids { -quantity } else { quantity };
                }
                leg = previous;
            }
        }
        moved
    }

    /// No unit of a lot that is withheld goes to a customer, or into a kit for one.
    pub(crate) fn check_lots(&self, kind: Kind, effect: &Effect, now: i64) -> Result<(), Refusal> {
        let sold = effect.legs.iter().filter(|(_, units)| *units < 0 && sells(kind));
        match sold.map(|(key, _)| *key).find(|key| self.is_withheld(*key, now)) {
            Some(key) => Err(Refusal::LotWithheld {
                sku: self.sku_name(key.sku),
                lot: Name::known(self.lot_rank(key.sku, key.lot).1),
            }),
            None => Ok(()),
        }
    }
}

/// Takes units from lots in their order, as far as they go; answers how many of each.
fn take(lots: &mut [(u32, i64)], units: i64) -> Vec<(u32, i64)> {
    let (mut left, mut shares) = (units, Vec::new());
    for (lot, held) in lots {
        let share = (*held).clamp(0, left);
        if share > 0 {
            shares.push((*lot, share));
        }
        *held -= share;
        left -= share;
    }
    shares
}
