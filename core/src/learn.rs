//! What a book is told: master data and the facts that waited for it, and what orders say is to come.

use alloc::vec::Vec;

use crate::book::{Book, Dated, LotFate, Missing, Protection};
use crate::dense::NONE;
use crate::event::{Event, Id, Terms};
use crate::evolve::{Effect, Written};
use crate::kept::Standing;
use crate::kind::Kind;
use crate::ordered::Gather as _;

impl Book {
    /// Takes master data in: the last word in key order holds. Answers what is known now and may have been waited for.
    pub(crate) fn learn(&mut self, terms: &Terms, slot: u32, written: &mut Written) -> Option<Missing> {
        let said = self.key_of(slot);
        match terms {
            Terms::Item(item) => {
                let sku = self.sku_id(item.sku.as_str());
                let limit = self.backorder_limit(sku);
                if self.is_later(said, self.skus[sku].item.as_ref().map(|dated| dated.said)) {
                    self.skus[sku].item = Some(Dated { said, value: item.clone() }.into());
                }
                if self.backorder_limit(sku) < limit {
                    written.uncovered.clone_from(&self.skus[sku].shelves);
                }
                return Some(Missing::Sku(item.sku.clone()));
            }
            Terms::Node(node) => {
                let id = self.node_id(node.node.as_str());
                if self.is_later(said, self.locations[id].terms.as_ref().map(|dated| dated.said)) {
                    self.know_node(id, Dated { said, value: node.clone() });
                }
                return Some(Missing::Node(node.node.clone()));
            }
            Terms::Lane(lane) => {
                let node = self.node_id(lane.node.as_str());
                let zone = self.words.intern(lane.zone.as_str());
                let method = self.words.intern(lane.method.as_str());
                if self.is_later(said, self.lanes.get(&(zone, node, method)).map(|dated| dated.said)) {
                    self.lanes.insert((zone, node, method), Dated { said, value: lane.clone() });
                }
            }
            Terms::Lot(lot) => {
                let at = (self.sku_id(lot.sku.as_str()), self.words.intern(lot.lot.as_str()) + 1);
                let expires = lot.expires.map_or(i64::MAX, |expires| expires.millis());
                if self.is_later(said, self.lots.get(&at).map(|dated| dated.said)) {
                    let value = LotFate { expires, recalled: lot.recalled };
                    self.lots.insert(at, Dated { said, value });
                    self.expect_lots(at.0, written);
                }
            }
            Terms::Protection(protection) => {
                let sku = self.sku_id(protection.sku.as_str());
                let node = protection.node.as_ref().map_or(NONE, |node| self.node_id(node.as_str()));
                let method = protection.method.as_ref().map_or(NONE, |one| self.words.intern(one.as_str()));
                let units = Dated { said, value: protection.quantity.units() };
                self.protect(sku, Protection { node, method, units });
            }
            // The catalogue is a reading beside the book.
            Terms::Card(_) => {}
        }
        None
    }

    fn protect(&mut self, sku: u32, protection: Protection) {
        let same = |one: &Protection| one.node == protection.node && one.method == protection.method;
        let place = self.skus[sku].protections.iter().position(same);
        let before = place.and_then(|place| self.skus[sku].protections.get(place)).map(|one| one.units.said);
        if !self.is_later(protection.units.said, before) {
            return;
        }
        self.accounts[sku].change();
        let protections = &mut self.skus[sku].protections;
        match place.and_then(|place| protections.get_mut(place)) {
            Some(held) => *held = protection,
            None => protections.push(protection),
        }
    }

    /// The facts that wait for what an event makes known.
    pub(crate) fn waiting_for(&self, event: &Event) -> Vec<Event> {
        let known = match event.terms.as_deref().filter(|_| event.kind.row().needs.terms) {
            Some(Terms::Item(item)) => Missing::Sku(item.sku.clone()),
            Some(Terms::Node(node)) => Missing::Node(node.node.clone()),
            _ => return Vec::new(),
        };
        let waiting = self.waiting.get(&known).into_iter().flat_map(|waiting| waiting.keys());
        waiting.filter_map(|at| self.parked.get(at)).cloned().gather()
    }

    /// Posts the facts that waited for an item or a node, unless they wait for another one too. A close among them makes a difference
    /// to what is posted after it, and comes last: the others follow the order of arrival of their sources.
    pub(crate) fn wake(&mut self, known: &Missing, written: &mut Written) {
        let Some(waiting) = self.waiting.remove(known) else { return };
        for closes in [false, true] {
            for at in waiting.keys().copied() {
                if closes != self.parked.get(&at).is_some_and(|event| event.kind == Kind::PeriodClose) {
                    continue;
                }
                let Some(event) = self.parked.remove(&at) else { continue };
                let still_missing = self.missing(&event);
                let effect = match still_missing {
                    None => self.effect_of(&event),
                    Some(_) => Effect::default(),
                };
                if still_missing.is_some() || self.check_limits(&effect).is_err() {
                    self.parked.insert(at, event);
                    written.raised.extend(self.exception_of_waiting(Standing::Parked, at));
                    self.waiting.entry(still_missing.unwrap_or_else(|| known.clone())).add(at);
                    continue;
                }
                self.parked_lines -= event.lines.len();
                let slot = match &event.id {
                    Id::Number(number) => self.seen[at.source].number(*number),
                    Id::Text(text) => self.seen[at.source].text(text.as_str()),
                };
                let Some(slot) = slot else { continue };
                let standing = self.standing_of(&event);
                // INVARIANT: a fact that was parked before the close is known not to be a duplicate.
                let standing = match standing {
                    Standing::TooOld => Standing::PriorPeriod,
                    other => other,
                };
                self.kept.set_standing(slot, standing);
                self.write(&event, slot, &effect, written);
            }
        }
    }

    /// What an order says is to come.
    pub(crate) fn expect_supply(&mut self, event: &Event, slot: u32) {
        let said = self.key_of(slot);
        let Some(name) = event.subject.as_ref().map(|name| self.words.intern(name.as_str())) else { return };
        for line in &event.lines {
            let Some((sku, node)) = self.sku_and_node(event, line) else { continue };
            let id = self.supply(name, sku, node);
            let due = event.due.map_or(0, |due| due.millis());
            let owner = self.owner_id(line.owner.as_ref());
            let before = self.supplies[id].expected.as_ref().map(|dated| (dated.said, dated.value.0));
            if self.is_later(said, before.map(|(said, _)| said)) {
                let of_it = before.filter(|(before, _)| *before == said).map(|(_, units)| units);
                self.change_supply(id, |supply| {
                    // Lines of one event add up. What is others' in part is nothing to promise.
                    let value = (of_it.unwrap_or(0) + line.quantity.units(), due);
                    supply.expected = Some(Dated { said, value });
                    if of_it.is_none() || supply.owner == 0 {
                        supply.owner = owner;
                    }
                });
            }
        }
    }
}
