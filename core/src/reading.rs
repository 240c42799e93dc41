//! Readings of the book for people and tests: positions, accounts outside, claims and dated supply, by name.

use alloc::vec::Vec;

use crate::book::{Book, LocationKind};
use crate::claim::ClaimStatus;
use crate::dense::NONE;
use crate::kind::Ledger;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::sort;
use crate::place::{Outside, StockState};

/// One position of an item: the whole key and what the book says is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Position {
    /// The node, or the transfer for units in transit.
    pub location: Name,
    /// Whether the location is a transfer.
    pub in_transit: bool,
    /// The place inside the node.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub place: Option<Name>,
    /// The state.
    pub state: StockState,
    /// The lot, where there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub lot: Option<Name>,
    /// The owner, where it is not the company.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// Base units; below zero after facts that contradict the book.
    pub quantity: i64,
}

/// One order line's claim, as it stands at a moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LineClaim {
    /// The order line.
    pub line: Name,
    /// The item.
    pub sku: Name,
    /// The node that it is on; none where the claim names none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub node: Option<Name>,
    /// The dated supply that it is on, where it is not on hand.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// Where it stands.
    pub status: ClaimStatus,
    /// Units claimed.
    pub open: i64,
    /// Units picked.
    pub picked: i64,
    /// Units shipped.
    pub shipped: i64,
    /// The end of the hold in milliseconds, where it has one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expires: Option<i64>,
}

/// One item of one purchase order, due at a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DatedSupply {
    /// When it is due, in milliseconds.
    pub due: i64,
    /// The purchase order.
    pub supply: Name,
    /// Units announced, as last said.
    pub expected: i64,
    /// Units received against it.
    pub received: i64,
    /// Units still to come.
    pub open: i64,
    /// Units claimed on it.
    pub claimed: i64,
}

impl Book {
    /// Every position of an item whose quantity is not zero, sorted by location, place, state, lot and owner.
    pub fn positions(&self, sku: &str) -> Vec<Position> {
        let Some(sku) = self.sku_names.id(sku) else { return Vec::new() };
        let ids = self.skus[sku].positions();
        let held = ids.filter(|id| self.positions.rows[*id].quantity != 0);
        let mut positions: Vec<Position> = held.map(|id| self.position_by_name(id)).collect();
        sort(&mut positions);
        positions
    }

    fn position_by_name(&self, id: u32) -> Position {
        let row = &self.positions.rows[id];
        let location = &self.locations[row.key.location];
        let place = (location.kind == LocationKind::Place).then(|| Name::known(&location.name));
        let node = if place.is_some() { location.node } else { row.key.location };
        Position {
            location: self.location_name(node),
            in_transit: location.kind == LocationKind::Transit,
            place,
            state: row.key.state,
            lot: row.key.lot.checked_sub(1).map(|lot| Name::known(self.words.text(lot))),
            owner: row.key.owner.checked_sub(1).map(|owner| Name::known(self.owners.text(owner.into()))),
            quantity: row.quantity,
        }
    }

    /// The sum of an item on an account outside; with all positions these sums add to zero.
    pub fn account(&self, sku: &str, account: Outside) -> i64 {
        self.sku_names.id(sku).map_or(0, |sku| self.outside(sku, account))
    }

    /// The claims of an order, transfer or lease at a moment, by line. A hold is open before its end and not at it.
    pub fn claims(&self, ledger: Ledger, subject: &Name, now: Time) -> Vec<LineClaim> {
        let Some(document) = self.documents.get(&(ledger, subject.clone())) else { return Vec::new() };
        let lines = document.claims.keys();
        lines.filter_map(|line| self.line_claim(ledger, subject, line, now)).collect()
    }

    fn line_claim(&self, ledger: Ledger, subject: &Name, line: &Name, now: Time) -> Option<LineClaim> {
        let claim = self.claim(ledger, subject, line, now.millis())?;
        let supply = self.supplies.find(claim.supply);
        Some(LineClaim {
            line: line.clone(),
            sku: self.sku_name(claim.sku),
            node: (claim.node != NONE).then(|| self.location_name(claim.node)),
            supply: supply.map(|supply| Name::known(self.words.text(supply.name))),
            status: claim.status,
            open: if claim.status == ClaimStatus::Expired { 0 } else { claim.open },
            picked: claim.picked,
            shipped: claim.shipped,
            expires: (claim.expires != i64::MAX).then_some(claim.expires),
        })
    }

    /// What is announced for an item at a node, by the moment it is due.
    pub fn dated_supply(&self, sku: &str, node: &str) -> Vec<DatedSupply> {
        let (Some(sku), Some(node)) = (self.known_sku(sku), self.known_node(node)) else {
            return Vec::new();
        };
        let ids = self.skus[sku].supplies.iter();
        let here = ids.map(|id| &self.supplies[*id]).filter(|supply| supply.node == node);
        let mut supplies: Vec<DatedSupply> = here
            .map(|supply| {
                let (expected, due) = supply.expected.as_ref().map_or((0, 0), |dated| dated.value);
                DatedSupply {
                    due,
                    supply: Name::known(self.words.text(supply.name)),
                    expected,
                    received: supply.received,
                    open: supply.open(),
                    claimed: supply.claimed,
                }
            })
            .collect();
        sort(&mut supplies);
        supplies
    }
}
