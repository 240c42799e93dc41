//! What a transfer has still to bring: the same units are a claim at its origin, or in transit, and dated supply where it goes.
//!
//! The bucket has the transfer's name, so that claims can be made on it like on a purchase order's. It follows from the claims of
//! the transfer and its positions in transit, and is carried by neither snapshot nor digest.

use alloc::vec::Vec;

use crate::book::{Book, LocationKind, Supply};
use crate::dense::NONE;
use crate::event::Event;
use crate::evolve::Written;
use crate::kind::{End, Kind, Ledger};
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set};
use crate::place::StockState;
use crate::stock::PositionKey;

/// Whether an event of the kind changes what a transfer has to bring.
pub(crate) fn is_transfer(kind: Kind) -> bool {
    let row = kind.row();
    let in_transit = |end| matches!(end, End::Transit(_));
    row.claim.is_some_and(|(ledger, _)| ledger == Ledger::Transfer)
        || row.leg.is_some_and(|leg| in_transit(leg.from) || in_transit(leg.to))
}

impl Book {
    /// Says anew what the transfer of an event has to bring, of the items that the event may have changed: of its own lines, or
    /// of all that is claimed or in transit.
    pub(crate) fn expect_transfer(&mut self, event: &Event, wide: bool) {
        let Some(transfer) = event.subject.as_ref().filter(|_| is_transfer(event.kind)) else { return };
        let mut skus: Set<u32> = Set::new();
        skus.add_all(event.lines.iter().filter_map(|line| self.known_sku(line.sku.as_str())));
        // A word on the whole transfer, or a late one, may change every claim; where it goes concerns what has left already.
        if wide || event.lines.is_empty() {
            let document = self.documents.get(&(Ledger::Transfer, transfer.clone()));
            skus.add_all(document.into_iter().flat_map(|one| one.claims.values()).map(|claim| claim.sku));
            if let Some(transit) = self.transits.get(transfer.as_str()) {
                for id in self.parts_of(NONE, *transit, NONE) {
                    skus.add(self.positions.rows[id].key.sku);
                }
            }
        }
        self.expect(transfer, skus);
    }

    /// Says what all transfers have to bring: after a snapshot was read.
    pub(crate) fn expect_all_transfers(&mut self) {
        let mut transfers: Map<Name, Set<u32>> = Map::new();
        for ((_, transfer), document) in
            self.documents.iter().filter(|((one, _), _)| *one == Ledger::Transfer)
        {
            let skus = document.claims.values().map(|claim| claim.sku);
            transfers.entry_or(transfer.clone(), Set::new).add_all(skus);
        }
        for (_, row) in self.positions.rows.enumerate() {
            let location = &self.locations[row.key.location];
            if location.kind == LocationKind::Transit
                && let Some(skus) = transfers.get_mut(&Name::known(&location.name))
            {
                skus.add(row.key.sku);
            }
        }
        for (transfer, skus) in transfers {
            self.expect(&transfer, skus);
        }
    }

    fn expect(&mut self, transfer: &Name, mut skus: Set<u32>) {
        let name = self.words.intern(transfer.as_str());
        let goes =
            self.documents.get(&(Ledger::Transfer, transfer.clone())).and_then(|document| document.to_node);
        // What was thought to arrive elsewhere or at another time.
        let buckets = self.supply_ids.from(&(name, 0, 0)).take_while(|((one, ..), _)| *one == name);
        let moved: Vec<(u32, u32, u32)> = buckets
            .map(|((_, sku, node), id)| (*sku, *node, *id))
            .filter(|(_, node, id)| {
                let supply = &self.supplies[*id];
                supply.coming != 0 && goes != Some((*node, supply.arrives))
            })
            .gather();
        skus.add_all(moved.iter().map(|(sku, ..)| *sku));
        for (_, node, id) in moved {
            if goes.is_none_or(|(to, _)| to != node) {
                self.change_supply(id, |supply| supply.coming = 0);
            }
        }
        let Some((node, due)) = goes else { return };
        for (sku, coming, withheld) in self.coming(transfer, due, skus) {
            if coming != 0 || self.supply_ids.get(&(name, sku, node)).is_some() {
                let id = self.supply(name, sku, node);
                self.change_supply(id, |supply| {
                    (supply.coming, supply.withheld, supply.arrives) = (coming, withheld, due);
                });
            }
        }
    }

    /// Says anew what transfers bring of an item when more or less of its lots may be withheld.
    pub(crate) fn expect_lots(&mut self, sku: u32, written: &mut Written) {
        for id in self.skus[sku].supplies.clone() {
            let Supply { name, node, coming, .. } = self.supplies[id];
            if coming == 0 {
                continue;
            }
            self.expect(&Name::known(self.words.text(name)), [(sku, ())].into_iter().collect());
            if self.supplies[id].withheld > 0 {
                let shelf = PositionKey::plain(sku, node, StockState::Sellable);
                written.uncovered.extend(self.positions.find(shelf));
            }
        }
    }

    /// Units that have left or are claimed to leave, less those that arrived before they were known to have left; and what of them
    /// is withheld, or will be when it is there.
    fn coming(&self, transfer: &Name, due: i64, skus: Set<u32>) -> Vec<(u32, i64, i64)> {
        let mut sums: Map<u32, i64> = skus.into_iter().map(|(sku, ())| (sku, 0)).collect();
        let document = self.documents.get(&(Ledger::Transfer, transfer.clone()));
        // What has not left is no supply before somebody says when it will be there.
        for claim in document.into_iter().filter(|_| due != 0).flat_map(|one| one.claims.values()) {
            if let Some(sum) = sums.get_mut(&claim.sku).filter(|_| claim.owner == 0) {
                *sum += claim.open + claim.picked;
            }
        }
        let transit = self.transits.get(transfer.as_str()).copied();
        let in_transit = |sku: u32, allocated: i64| {
            let (mut coming, mut withheld) = (allocated, 0);
            for id in transit.map_or_else(Vec::new, |transit| self.parts_of(NONE, transit, sku)) {
                let row = &self.positions.rows[id];
                // What belongs to others is promised under their terms, on the shelf and under way.
                if row.key.state == StockState::Sellable && row.key.owner == 0 {
                    coming += row.quantity;
                    withheld += if self.is_withheld(row.key, due) { row.quantity.max(0) } else { 0 };
                }
            }
            (sku, coming.max(0), withheld)
        };
        sums.into_iter().map(|(sku, allocated)| in_transit(sku, allocated)).gather()
    }

    /// Whether a transfer has still to bring something.
    pub(crate) fn is_coming(&self, transfer: &Name) -> bool {
        let Some(name) = self.words.id(transfer.as_str()) else { return false };
        let buckets = self.supply_ids.from(&(name, 0, 0)).take_while(|((one, ..), _)| *one == name);
        buckets.map(|(_, id)| &self.supplies[*id]).any(|supply| supply.coming != 0)
    }
}
