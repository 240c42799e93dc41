//! Readings of the book for people and tests: positions, accounts outside, claims and dated supply, by name.

use alloc::vec::Vec;

use crate::book::{Book, LocationKind};
use crate::claim::ClaimStatus;
use crate::dense::NONE;
use crate::kind::Ledger;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Map, sort, sort_by};
use crate::place::{Outside, StockState};
use crate::stock::PositionKey;

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
    /// Whose goods it is on, where they are not the company's.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
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

/// A claim that the stock no longer covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LosingClaim {
    /// Whether it is reserved, allocated or leased.
    pub ledger: Ledger,
    /// The order, transfer or lease.
    pub subject: Name,
    /// Its line.
    pub line: Name,
    /// Units that it loses, 1 to all that it has open.
    pub units: i64,
}

/// One item of one purchase order or transfer, due at a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DatedSupply {
    /// When it is due, in milliseconds.
    pub due: i64,
    /// The purchase order or transfer.
    pub supply: Name,
    /// Units announced, as last said; for a transfer, what it has still to bring.
    pub expected: i64,
    /// Units received against it.
    pub received: i64,
    /// Units still to come: none of a lot that is recalled, or will have expired when its transfer is due.
    pub open: i64,
    /// Units claimed on it.
    pub claimed: i64,
    /// Whose goods it brings, where they are not the company's: nothing of it is promised or claimed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
}

impl Book {
    /// Every position of an item whose quantity is not zero, sorted by location, place, state, lot and owner.
    pub fn positions(&self, sku: &str) -> Vec<Position> {
        let Some(sku) = self.sku_names.id(sku) else { return Vec::new() };
        let ids = self.skus[sku].positions();
        let held = ids.filter(|id| self.positions.rows[*id].quantity != 0);
        let mut positions: Vec<Position> = held.map(|id| self.position_by_name(id)).gather();
        sort(&mut positions);
        positions
    }

    pub(crate) fn position_by_name(&self, id: u32) -> Position {
        let row = &self.positions.rows[id];
        self.position_named(row.key, row.quantity)
    }

    pub(crate) fn position_named(&self, key: PositionKey, quantity: i64) -> Position {
        let location = &self.locations[key.location];
        let place = (location.kind == LocationKind::Place).then(|| Name::known(&location.name));
        let node = if place.is_some() { location.node } else { key.location };
        Position {
            location: self.location_name(node),
            in_transit: location.kind == LocationKind::Transit,
            place,
            state: key.state,
            lot: key.lot.checked_sub(1).map(|lot| Name::known(self.words.text(lot))),
            owner: self.owner_name(key.owner),
            quantity,
        }
    }

    /// `None` for the company.
    pub(crate) fn owner_name(&self, owner: u16) -> Option<Name> {
        owner.checked_sub(1).map(|owner| Name::known(self.owners.text(owner.into())))
    }

    /// The sum of an item on an account outside; with all positions these sums add to zero.
    pub fn account(&self, sku: &str, account: Outside) -> i64 {
        self.sku_names.id(sku).map_or(0, |sku| self.outside(sku, account))
    }

    /// The claims of an order, transfer or lease at a moment, by line. A hold is open before its end and not at it.
    pub fn claims(&self, ledger: Ledger, subject: &Name, now: Time) -> Vec<LineClaim> {
        let Some(document) = self.documents.get(&(ledger, subject.clone())) else { return Vec::new() };
        let lines = document.claims.keys();
        lines.filter_map(|line| self.line_claim(ledger, subject, line, now)).gather()
    }

    fn line_claim(&self, ledger: Ledger, subject: &Name, line: &Name, now: Time) -> Option<LineClaim> {
        let claim = self.claim(ledger, subject, line, now.millis())?;
        let supply = self.supplies.find(claim.supply);
        Some(LineClaim {
            line: line.clone(),
            sku: self.sku_name(claim.sku),
            node: (claim.node != NONE).then(|| self.location_name(claim.node)),
            owner: self.owner_name(claim.owner),
            supply: supply.map(|supply| Name::known(self.words.text(supply.name))),
            status: claim.status,
            open: if claim.status == ClaimStatus::Expired { 0 } else { claim.open },
            picked: claim.picked,
            shipped: claim.shipped,
            expires: (claim.expires != i64::MAX).then_some(claim.expires),
        })
    }

    /// The claims on the company's goods that lose when open claims exceed what is sellable and may be backordered: the claim that was
    /// opened last loses first, at one instant by source and id. Their units add up to what is overcommitted; empty when nothing is.
    ///
    /// After a receipt was cancelled, a count found less or a till sold what was claimed: these are the customers to tell. Looks
    /// at every claim of the book.
    ///
    /// ```
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(1_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 5)?);
    /// book.evolve(&event)?;
    /// for (number, order) in [(2, "order-1"), (3, "order-2")] {
    ///     let mut hold = Event { id: Id::Number(number), kind: Kind::Reserve, ..event.clone() };
    ///     (hold.subject, hold.lines[0]) = (Some(Name::new(order)?), Line::new(Name::new("TEA-250")?, 2)?);
    ///     book.execute(&hold).unwrap();
    /// }
    /// // Two of the five never came.
    /// let mut cancel = Event { id: Id::Number(4), kind: Kind::ReceiptCancel, ..event.clone() };
    /// (cancel.reason, cancel.lines[0]) = (Some(Name::new("miscounted")?), Line::new(Name::new("TEA-250")?, 2)?);
    /// book.evolve(&cancel)?;
    /// let losing = book.losing_claims("TEA-250", "store-1", Time::new(2_000).unwrap());
    /// assert_eq!((losing.len(), losing[0].subject.as_str(), losing[0].units), (1, "order-2", 1));
    /// # Ok(()) }
    /// ```
    pub fn losing_claims(&self, sku: &str, node: &str, now: Time) -> Vec<LosingClaim> {
        let (Some(sku), Some(node)) = (self.known_sku(sku), self.known_node(node)) else { return Vec::new() };
        self.losing(&[PositionKey::plain(sku, node, StockState::Sellable)], now.millis())
    }

    /// The claims that lose on shelves by what each is overcommitted by: of all shelves together the one that was opened last is
    /// first.
    pub(crate) fn losing(&self, shelves: &[PositionKey], now: i64) -> Vec<LosingClaim> {
        let mut over: Map<PositionKey, i64> = Map::new();
        for at in shelves {
            over.entry_or(*at, || self.shelf_at(*at, now).overcommitted);
        }
        over.retain(|_, units| *units > 0);
        let mut claims = Vec::new();
        if over.is_empty() {
            return Vec::new();
        }
        for ((ledger, subject), document) in self.documents.iter() {
            for line in document.claims.keys() {
                let Some(claim) = self.claim(*ledger, subject, line, now) else { continue };
                // What is claimed on a supply counts until its end is recorded.
                let is_open = claim.status == ClaimStatus::Open || claim.supply != NONE;
                if is_open && claim.open > 0 && over.get(&claim.shelf()).is_some() {
                    claims.push((document.opened(line), *ledger, subject, line, claim));
                }
            }
        }
        sort_by(&mut claims, |one, other| match (one.0, other.0) {
            (Some(one), Some(other)) => self.compare(other, one),
            // Opened before the last close.
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
        let (mut losing, mut spilled) = (Vec::new(), Map::new());
        for (_, ledger, subject, line, claim) in claims {
            let Some(left) = over.get_mut(&claim.shelf()) else { continue };
            let mut units = claim.open;
            if let Some(supply) = self.supplies.find(claim.supply) {
                // Only what the supply cannot meet falls on the shelf.
                let spill = spilled.entry_or(claim.supply, || supply.spill());
                units = units.min(*spill);
                *spill -= units;
            }
            units = units.min(*left);
            if units > 0 {
                losing.push(LosingClaim { ledger, subject: subject.clone(), line: line.clone(), units });
            }
            *left -= units;
        }
        losing
    }

    /// What is announced for an item at a node, by the moment it is due.
    pub fn dated_supply(&self, sku: &str, node: &str) -> Vec<DatedSupply> {
        let (Some(sku), Some(node)) = (self.known_sku(sku), self.known_node(node)) else {
            return Vec::new();
        };
        let ids = self.skus[sku].supplies.iter();
        let here =
            ids.map(|id| &self.supplies[*id]).filter(|supply| supply.node == node && !supply.is_nothing());
        let mut supplies: Vec<DatedSupply> = here
            .map(|supply| {
                let (expected, due) =
                    supply.expected.as_ref().map_or((0, supply.arrives), |dated| dated.value);
                DatedSupply {
                    due: supply.due().unwrap_or(due),
                    supply: Name::known(self.words.text(supply.name)),
                    expected: expected + supply.coming,
                    received: supply.received,
                    open: supply.to_come(),
                    claimed: supply.claimed,
                    owner: self.owner_name(supply.owner),
                }
            })
            .gather();
        sort(&mut supplies);
        supplies
    }
}
