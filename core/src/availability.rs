//! Availability: what is there, what of it is spoken for, and what may be sold.

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use crate::book::Book;
use crate::dense::NONE;
use crate::measure::Time;
use crate::place::StockState;
use crate::stock::PositionKey;

/// What the book says of one item at one node. Units of the item's base unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Availability {
    /// All states at the node.
    pub on_hand: i64,
    /// Fit for sale at the node; below zero after facts that contradict the book.
    pub sellable: i64,
    /// What of it is of lots that are recalled or have expired: there, and not to be sold.
    pub withheld: i64,
    /// Open claims against on hand; expired holds do not count.
    pub claimed: i64,
    /// Held back by policy.
    pub protected: i64,
    /// `sellable - withheld - claimed - protected`, shown as zero when below.
    pub available: i64,
    /// What claims exceed sellable, less what is withheld, and the backorder limit by.
    pub overcommitted: i64,
    /// What may be claimed beyond `sellable`.
    pub backorder_limit: i64,
}

impl Availability {
    /// Sellable units of lots that may be sold, and of none.
    pub(crate) const fn fit(&self) -> i64 {
        self.sellable - self.withheld
    }
}

impl Book {
    /// What may be sold of an item at a node, or `None` when the book knows the item or the node not.
    ///
    /// `now` decides which holds still count: a hold is open before its end and not at it.
    pub fn availability(&self, sku: &str, node: &str, now: Time) -> Option<Availability> {
        Some(self.shelf(self.known_sku(sku)?, self.known_node(node)?, now.millis()))
    }

    /// What may be sold of the goods of an owner that is not the company, of which nothing is held back by policy and none is owed.
    /// `None` when the book knows the item or the node not.
    ///
    /// ```
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 12)?);
    /// event.lines[0].owner = Some(Name::new("acme")?);
    /// book.evolve(&event)?;
    /// // An order of the marketplace claims what is its seller's.
    /// let mut hold = Event { id: Id::Number(2), kind: Kind::Reserve, ..event.clone() };
    /// hold.subject = Some(Name::new("order-1")?);
    /// hold.lines[0].quantity = 5.try_into()?;
    /// book.execute(&hold).unwrap();
    /// let shelf = book.availability_of("acme", "TEA-250", "store-1", hold.occurred).unwrap();
    /// assert_eq!((shelf.sellable, shelf.claimed, shelf.available), (12, 5, 7));
    /// assert_eq!(book.availability("TEA-250", "store-1", hold.occurred).unwrap().available, 0);
    /// # Ok(()) }
    /// ```
    pub fn availability_of(&self, owner: &str, sku: &str, node: &str, now: Time) -> Option<Availability> {
        let plain = PositionKey::plain(self.known_sku(sku)?, self.known_node(node)?, StockState::Sellable);
        match self.owners.id(owner).and_then(|owner| u16::try_from(owner + 1).ok()) {
            Some(owner) => Some(self.shelf_at(PositionKey { owner, ..plain }, now.millis())),
            // Whoever the book has not heard of has nothing here.
            None => Some(Availability::default()),
        }
    }

    /// What may be sold of an item at each node, in the order in which nodes came, known or not, and whether it is the same at every
    /// moment until the book changes: for bindings. `None` where the book does not know the item. [`Book::nodes_by_name`] says
    /// which nodes these are.
    pub fn available_by_node(&self, sku: u32, now: Time) -> Option<(Vec<i64>, bool)> {
        let row = self.skus.find(sku).filter(|row| row.item.is_some())?;
        let (mut available, mut always) = (alloc::vec![0; self.nodes.len()], true);
        let place = |location: u32| usize::try_from(self.locations[location].rank).unwrap_or(usize::MAX);
        for id in &row.shelves {
            let position = &self.positions.rows[*id];
            // Only holds end and only lots expire by themselves.
            always &= position.key.lot == 0 && (position.is_free() || self.expiring.is_empty());
            if let Some(units) = available.get_mut(place(position.key.location)) {
                *units += self.free_at(*id, now.millis());
            }
        }
        if !row.protections.is_empty() {
            for node in self.nodes.values() {
                if let Some(units) = available.get_mut(place(*node)) {
                    *units -= self.protected(sku, *node, NONE);
                }
            }
        }
        for units in &mut available {
            *units = (*units).max(0);
        }
        Some((available, always))
    }

    /// A number that is another one whenever [`Book::available_by_node`] may say something else of an item where it said that it is
    /// the same at every moment, or [`Book::nodes_by_name`] lists other nodes: for bindings that keep what they have read. Below 2^53;
    /// from the 29th bit on it counts the known nodes. `None` for a number that is no item's.
    ///
    /// ```
    /// use onhand::rows::NameKind;
    /// use onhand::{Book, Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250", "HONEY"], &["store-1"]);
    /// let stamp = |book: &Book, sku| book.item_stamp(book.number_of(NameKind::Sku, sku));
    /// let (tea, honey) = (stamp(&book, "TEA-250"), stamp(&book, "HONEY"));
    /// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// receipt.node = Some(Name::new("store-1")?);
    /// receipt.lines.push(Line::new(Name::new("TEA-250")?, 12)?);
    /// book.evolve(&receipt)?;
    /// assert_ne!(stamp(&book, "TEA-250"), tea);
    /// assert_eq!(stamp(&book, "HONEY"), honey); // what was read of it is still so
    /// # Ok(()) }
    /// ```
    pub fn item_stamp(&self, sku: u32) -> Option<u64> {
        let accounts = self.accounts.find(sku)?;
        Some(u64::from(self.known_nodes) << 29 | u64::from(accounts.changes) & ((1 << 29) - 1))
    }

    /// The known nodes in the order of their names, in the numbers of the book, each with its place in [`Book::available_by_node`].
    pub fn nodes_by_name(&self) -> Vec<(u32, i64)> {
        let nodes = self.nodes.values().map(|node| (*node, &self.locations[*node]));
        let known = nodes.filter(|(_, location)| location.terms.is_some());
        known.map(|(node, location)| (node, location.rank.into())).gather()
    }

    /// The book quantity of the company's own stock without lot at a node (or at a place in it) in a state.
    pub fn quantity(&self, sku: &str, node: &str, place: Option<&str>, state: StockState) -> i64 {
        let location = self.known_node(node).and_then(|node| match place {
            Some(place) => self.places.get(&(node, place.into())).copied(),
            None => Some(node),
        });
        self.quantity_at(sku, location, state)
    }

    /// Units of a transfer that have left and not arrived; below zero while its shipment is unknown.
    pub fn in_transit(&self, sku: &str, transfer: &str) -> i64 {
        self.quantity_at(sku, self.transits.get(transfer).copied(), StockState::Sellable)
    }

    fn quantity_at(&self, sku: &str, location: Option<u32>, state: StockState) -> i64 {
        let key = self.known_sku(sku).zip(location).map(|(sku, at)| PositionKey::plain(sku, at, state));
        let position = key.and_then(|key| self.positions.find(key));
        position.map_or(0, |position| self.positions.rows[position].quantity)
    }

    /// Availability of the company's goods in the numbers of the book.
    #[cfg_attr(onhand_small, inline(never))]
    pub(crate) fn shelf(&self, sku: u32, node: u32, now: i64) -> Availability {
        self.shelf_at(PositionKey::plain(sku, node, StockState::Sellable), now)
    }

    /// Availability of an item at a node, of the goods of the owner whose claims are summed at a position.
    pub(crate) fn shelf_at(&self, at: PositionKey, now: i64) -> Availability {
        let mut shelf = Availability::default();
        self.sum_positions(at, now, &mut shelf);
        // Others say under their own terms what is held back of their goods.
        if at.owner == 0 {
            shelf.protected = self.protected(at.sku, at.location, NONE);
            shelf.backorder_limit = self.backorder_limit(at.sku);
        }
        shelf.available = (shelf.fit() - shelf.claimed - shelf.protected).max(0);
        shelf.overcommitted = (shelf.claimed - shelf.fit().max(0) - shelf.backorder_limit).max(0);
        shelf
    }

    /// Units of an owner in a state at a node and in its places, of all lots that are not withheld.
    pub(crate) fn held_at(&self, at: PositionKey, now: i64) -> i64 {
        let at_node = self.positions.find(at);
        let mut held = at_node.map_or(0, |id| self.positions.rows[id].quantity);
        for id in self.parts_of(at.location, at.sku, NONE) {
            let row = &self.positions.rows[id];
            let is_it = (row.key.state, row.key.owner) == (at.state, at.owner);
            // What is others' is a part itself.
            held += if is_it && Some(id) != at_node { row.quantity - self.withheld_at(id, now) } else { 0 };
        }
        held
    }

    fn sum_positions(&self, at: PositionKey, now: i64, shelf: &mut Availability) {
        for state in StockState::ALL {
            if let Some(id) = self.positions.find(PositionKey::plain(at.sku, at.location, *state)) {
                self.add_position(id, at.owner, now, shelf);
            }
        }
        if self.skus[at.sku].has_parts {
            for id in self.parts_of(at.location, at.sku, NONE) {
                self.add_position(id, at.owner, now, shelf);
            }
        }
    }

    fn add_position(&self, id: u32, owner: u16, now: i64, shelf: &mut Availability) {
        let row = &self.positions.rows[id];
        if owner == 0 || row.key.owner == owner {
            shelf.on_hand += row.quantity;
        }
        // Stock of other owners is promised under their own terms, not the company's.
        if row.key.state == StockState::Sellable && row.key.owner == owner {
            shelf.sellable += row.quantity;
            shelf.withheld += self.withheld_at(id, now);
            shelf.claimed += self.claimed_at(id, now);
        }
    }

    /// Units of the company's own sellable position less what is withheld of them and the open claims on it.
    #[inline]
    pub(crate) fn free_at(&self, position: u32, now: i64) -> i64 {
        let row = &self.positions.rows[position];
        let claimed = if row.is_free() { 0 } else { self.claimed_at(position, now) };
        // INVARIANT: the units of an item, and the claims on them, add up to no more than `BALANCE_MAX`.
        row.quantity.wrapping_sub(claimed).wrapping_sub(self.withheld_at(position, now))
    }

    /// Open claims at a position, without the holds that have ended by `now`.
    #[inline]
    pub(crate) fn claimed_at(&self, position: u32, now: i64) -> i64 {
        let claimed = self.positions.claimed(position);
        if claimed == 0 || self.expiring.is_empty() {
            return claimed;
        }
        let ended: i64 = self
            .expiring
            .from(&(position, i64::MIN))
            .take_while(|(end, _)| **end <= (position, now))
            .map(|(_, units)| units)
            .sum();
        claimed - ended
    }

    pub(crate) fn backorder_limit(&self, sku: u32) -> i64 {
        self.skus[sku].item.as_ref().map_or(0, |item| item.value.backorder_limit.units())
    }

    /// Units of a shelf held back from every claim. A claim does not say by which method it ships: a promise does, and keeps more.
    #[cfg_attr(onhand_small, inline(never))]
    pub(crate) fn least_protected(&self, at: PositionKey, shelf: &Availability) -> i64 {
        let rules = self.skus[at.sku].protections.iter();
        let of_methods = rules.filter(|one| one.node == at.location && one.method != NONE);
        of_methods.map(|one| one.units.value).fold(shelf.protected, i64::min)
    }

    /// Units held back at a node for a method (`NONE`: for any): the most specific rule wins.
    pub(crate) fn protected(&self, sku: u32, node: u32, method: u32) -> i64 {
        let fits = |one: &&crate::book::Protection| {
            (one.node == NONE || one.node == node) && (one.method == NONE || one.method == method)
        };
        let specific = |one: &&crate::book::Protection| (one.node != NONE, one.method != NONE);
        let rules = self.skus[sku].protections.iter();
        rules.filter(fits).max_by_key(specific).map_or(0, |one| one.units.value)
    }
}
