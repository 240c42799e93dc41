//! The book: everything that follows from the events accepted so far.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::claim::Document;
use crate::dense::{Dense, NONE, put};
use crate::event::{Event, Id, ItemTerms, NodeTerms};
use crate::exception::ExceptionCode;
use crate::kept::Keep;
use crate::kind::{Kind, Ledger};
use crate::lanes::Lanes;
use crate::name::Name;
use crate::names::Names;
use crate::ordered::{Map, Order, Set};
use crate::place::{Outside, StockState};
use crate::print::hash_of;
use crate::seen::Seen;
use crate::stock::{CountRecord, Key, PositionKey, Positions};

/// The state of a retailer's stock, or of the part of it that one process owns.
///
/// A book starts empty and changes only through [`Book::evolve`] (facts) and [`Book::execute`] (intents). It
/// follows from the set of accepted events, whatever the order they came in: [`Book::digest`] is the proof.
///
/// ```
/// use onhand::{Book, Event, Id, Kind, Line, Name, Time, testing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut book = testing::book(&["TEA-250"], &["store-1"]);
/// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
/// receipt.node = Some(Name::new("store-1")?);
/// receipt.lines.push(Line::new(Name::new("TEA-250")?, 12)?);
/// book.evolve(&receipt)?;
/// let shelf = book.availability("TEA-250", "store-1", Time::new(60_000).unwrap()).unwrap();
/// assert_eq!(shelf.available, 12);
/// assert!(book.evolve(&receipt)?.replayed); // the same again changes nothing
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub(crate) sources: Names,
    /// Beside `sources`.
    pub(crate) seen: Dense<Seen>,
    pub(crate) sku_names: Names,
    /// Beside `sku_names`.
    pub(crate) skus: Dense<Sku>,
    /// Beside `skus`.
    pub(crate) accounts: Dense<Accounts>,
    pub(crate) owners: Names,
    /// Lots, zones, methods, supplies, actors, roles and the texts of ids.
    pub(crate) words: Names,

    pub(crate) nodes: Map<Arc<str>, u32>,
    pub(crate) places: Map<(u32, Arc<str>), u32>,
    pub(crate) transits: Map<Arc<str>, u32>,
    pub(crate) locations: Dense<Location>,
    /// How many nodes are known.
    pub(crate) known_nodes: u32,

    pub(crate) positions: Positions,
    /// Positions of lots, owners and places, and those in transit, in the order of [`Book::part_of`].
    pub(crate) parts: Order,
    pub(crate) kept: Keep,
    pub(crate) counts: Dense<CountRecord>,
    /// What counts found at a position and nobody has explained, by position.
    pub(crate) variances: Map<u32, i64>,

    pub(crate) documents: Map<(Ledger, Name), Document>,
    /// Open claims that end by themselves, summed by position and end.
    pub(crate) expiring: Map<(u32, i64), i64>,
    pub(crate) supplies: Dense<Supply>,
    pub(crate) supply_ids: Map<(u32, u32, u32), u32>,
    pub(crate) lanes: Lanes,
    /// By item, and the lot as positions have it.
    pub(crate) lots: Map<(u32, u32), Dated<LotFate>>,

    pub(crate) parked: Map<EventRef, Event>,
    pub(crate) waiting: Map<Missing, Set<EventRef>>,
    pub(crate) parked_lines: usize,
    pub(crate) too_old: Map<EventRef, Event>,
    /// Exceptions about events themselves that were posted.
    pub(crate) notes: Set<(ExceptionCode, EventRef)>,
    /// What occurred before this moment is closed at every node that was known at some close: ids of it may be forgotten. A node that
    /// is new has closed nothing, and leaves this as it is.
    pub(crate) settled_before: i64,
    /// Accepted events that a close has dropped; no part of the digest.
    pub(crate) dropped: u64,
}

/// An event by its source and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventRef {
    pub(crate) source: u32,
    pub(crate) number: u64,
}

/// Set in a number that stands for a text: the rest is its place among the book's words.
pub(crate) const TEXT: u64 = 1 << 63;

/// Master data that a parked fact waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    Sku(Name),
    Node(Name),
}

/// A value and the event that said it last in key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated<T> {
    pub(crate) said: Key,
    pub(crate) value: T,
}

/// What is known of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LotFate {
    /// Fit for sale before this moment and not at it; `i64::MAX` for no end.
    pub(crate) expires: i64,
    pub(crate) recalled: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sku {
    pub(crate) item: Option<Box<Dated<ItemTerms>>>,
    /// Positions of the company's goods at nodes that may be sold: what promising looks at.
    pub(crate) shelves: Vec<u32>,
    /// All other positions.
    pub(crate) others: Vec<u32>,
    pub(crate) supplies: Vec<u32>,
    pub(crate) protections: Vec<Protection>,
    /// Some position is of a lot, an owner or a place: reading one node needs all positions.
    pub(crate) has_parts: bool,
}

impl Sku {
    pub(crate) fn positions(&self) -> impl Iterator<Item = u32> {
        self.shelves.iter().chain(&self.others).copied()
    }
}

/// What every posting of a SKU needs: what is needed most stands first, in one line of cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct Accounts {
    /// Of the SKU's name.
    pub(crate) hash: u64,
    /// Counts, around and around, what may change what is available of it.
    pub(crate) changes: u32,
    /// The accounts outside, by their place.
    pub(crate) outside: [i64; Outside::ALL.len()],
}

impl Accounts {
    #[cfg_attr(not(onhand_small), inline(always))]
    #[expect(clippy::indexing_slicing, reason = "INVARIANT: there is a sum for each account")]
    pub(crate) fn account(&mut self, outside: Outside) -> &mut i64 {
        &mut self.outside[usize::from(outside.ordinal())]
    }

    /// What may be sold of the item is no longer what it was.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn change(&mut self) {
        self.changes = self.changes.wrapping_add(1);
    }
}

/// Units of a SKU that are not promised at a node (`NONE`: at every node) by a method (`NONE`: by every method).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protection {
    pub(crate) node: u32,
    pub(crate) method: u32,
    pub(crate) units: Dated<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LocationKind {
    Node,
    Place,
    Transit,
}

#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) name: Arc<str>,
    pub(crate) hash: u64,
    pub(crate) kind: LocationKind,
    /// The node that it is or is in; `NONE` in transit.
    pub(crate) node: u32,
    /// The place of its node among the nodes, by arrival; `NONE` in transit.
    pub(crate) rank: u32,
    pub(crate) terms: Option<Dated<NodeTerms>>,
    /// The books of this node are closed through this moment; -1 when they never were.
    pub(crate) closed_through: i64,
}

/// A bucket of dated supply: one item of one purchase order or transfer, due at a node.
#[derive(Clone, Debug)]
pub(crate) struct Supply {
    pub(crate) name: u32,
    pub(crate) sku: u32,
    pub(crate) node: u32,
    /// Units expected and the moment they are due, as last said.
    pub(crate) expected: Option<Dated<(i64, i64)>>,
    /// Whose they are, as last said; 0: the company's.
    pub(crate) owner: u16,
    pub(crate) received: i64,
    /// Units that the transfer of this name has still to bring, and when it is due: follows from its claims and what is in
    /// transit.
    pub(crate) coming: i64,
    /// What of it is of lots that are recalled, or have expired by then: it comes, and is nothing to promise.
    pub(crate) withheld: i64,
    pub(crate) arrives: i64,
    pub(crate) claimed: i64,
}

impl Supply {
    /// Units still to come that may be promised: the company's.
    pub(crate) fn open(&self) -> i64 {
        if self.owner == 0 { self.to_come() } else { 0 }
    }

    /// Units still to come, whosever they are.
    pub(crate) fn to_come(&self) -> i64 {
        self.ordered() + self.brings()
    }

    /// What the transfer of this name brings that may be promised.
    pub(crate) fn brings(&self) -> i64 {
        (self.coming - self.withheld).max(0)
    }

    fn ordered(&self) -> i64 {
        let expected = self.expected.as_ref().map_or(0, |dated| dated.value.0);
        (expected - self.received.max(0)).max(0)
    }

    /// Whether there is nothing to say of it: a name that somebody asked for.
    pub(crate) fn is_nothing(&self) -> bool {
        self.expected.is_none() && (self.received, self.coming, self.claimed) == (0, 0, 0)
    }

    /// When all that is to come is due, if anything is.
    pub(crate) fn due(&self) -> Option<i64> {
        let ordered = self.expected.as_ref().filter(|_| self.ordered() > 0).map(|dated| dated.value.1);
        ordered.max((self.brings() > 0).then_some(self.arrives))
    }

    /// Claims that it can no longer meet and that fall on on hand.
    pub(crate) fn spill(&self) -> i64 {
        (self.claimed - self.open()).max(0)
    }
}

impl Book {
    /// An empty book.
    // Written out once: it sets half a hundred fields.
    #[inline(never)]
    pub fn new() -> Book {
        Book::default()
    }

    /// How many events were accepted since the book began. Hosts use it to say which answer is newer.
    pub fn version(&self) -> u64 {
        self.dropped + u64::try_from(self.kept.len()).unwrap_or(u64::MAX)
    }

    /// How many positions the book holds.
    pub fn position_count(&self) -> usize {
        self.positions.rows.len()
    }

    /// How many events are kept since the last close, and how many legs of positions are in memory for them.
    pub fn kept_counts(&self) -> (usize, usize) {
        (self.kept.len(), self.kept.count_legs())
    }

    /// Bytes that positions hold in memory, names included; claims and kept events apart. For reports.
    pub fn position_bytes(&self) -> usize {
        let lists: usize =
            self.skus.iter().map(|sku| (sku.shelves.capacity() + sku.others.capacity()) * 4).sum();
        self.positions.bytes()
            + self.parts.bytes()
            + self.sku_names.bytes()
            + self.skus.bytes()
            + self.accounts.bytes()
            + lists
            + self.locations.bytes()
    }

    /// Bytes that kept events and their legs hold in memory, their ids included. For reports.
    pub fn kept_bytes(&self) -> usize {
        let seen: usize = self.seen.iter().map(Seen::bytes).sum();
        self.kept.bytes() + seen
    }

    pub(crate) fn source_id(&mut self, source: &str) -> u32 {
        let id = self.sources.intern(source);
        if usize::try_from(id).is_ok_and(|id| id == self.seen.len()) {
            self.seen.push(Seen::default());
        }
        id
    }

    pub(crate) fn sku_id(&mut self, sku: &str) -> u32 {
        let id = self.sku_names.intern(sku);
        if usize::try_from(id).is_ok_and(|id| id == self.skus.len()) {
            self.skus.push(Sku::default());
            self.accounts.push(Accounts {
                hash: self.sku_names.hash(id),
                outside: Default::default(),
                changes: 0,
            });
        }
        id
    }

    /// The number of an owner; 0 where nobody is said: the company.
    pub(crate) fn owner_id(&mut self, owner: Option<&Name>) -> u16 {
        // INVARIANT: `OWNERS_MAX` is below the range of a u16.
        owner.map_or(0, |owner| u16::try_from(self.owners.intern(owner.as_str()) + 1).unwrap_or(u16::MAX))
    }

    pub(crate) fn node_id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.nodes.get(name) {
            return *id;
        }
        let shared: Arc<str> = name.into();
        let id = self.add_location(shared.clone(), LocationKind::Node, NONE);
        let rank = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        (self.locations[id].node, self.locations[id].rank) = (id, rank);
        self.nodes.insert(shared, id);
        id
    }

    pub(crate) fn place_id(&mut self, node: u32, name: &str) -> u32 {
        let shared: Arc<str> = name.into();
        if let Some(id) = self.places.get(&(node, shared.clone())) {
            return *id;
        }
        let id = self.add_location(shared.clone(), LocationKind::Place, node);
        self.places.insert((node, shared), id);
        id
    }

    pub(crate) fn transit_id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.transits.get(name) {
            return *id;
        }
        let shared: Arc<str> = name.into();
        let id = self.add_location(shared.clone(), LocationKind::Transit, NONE);
        self.transits.insert(shared, id);
        id
    }

    fn add_location(&mut self, name: Arc<str>, kind: LocationKind, node: u32) -> u32 {
        let hash = hash_of(&name);
        let rank = self.locations.find(node).map_or(NONE, |node| node.rank);
        self.locations.push(Location { name, hash, kind, node, rank, terms: None, closed_through: -1 })
    }

    /// A node that its master data has made known.
    pub(crate) fn known_node(&self, name: &str) -> Option<u32> {
        self.nodes.get(name).copied().filter(|id| self.locations[*id].terms.is_some())
    }

    /// An item that its master data has made known.
    pub(crate) fn known_sku(&self, name: &str) -> Option<u32> {
        self.sku_names.id(name).filter(|id| self.skus[*id].item.is_some())
    }

    /// The position of a key, new if there is none yet.
    #[inline]
    pub(crate) fn position(&mut self, key: PositionKey) -> u32 {
        match self.positions.find(key) {
            Some(id) => id,
            None => self.new_position(key),
        }
    }

    fn new_position(&mut self, key: PositionKey) -> u32 {
        let id = self.positions.add(key);
        let location = &self.locations[key.location];
        let in_part = key.lot != 0 || key.owner != 0 || location.kind == LocationKind::Place;
        let sku = &mut self.skus[key.sku];
        let in_transit = location.kind == LocationKind::Transit;
        let list = match key.state == StockState::Sellable && key.owner == 0 && !in_transit {
            true => &mut sku.shelves,
            false => &mut sku.others,
        };
        put(list, id);
        sku.has_parts |= in_part;
        if in_part || in_transit {
            let (part, mut parts) = (self.part_of(id), core::mem::take(&mut self.parts));
            parts.add(id, &mut |held: u32| self.part_of(held).cmp(&part));
            self.parts = parts;
        }
        id
    }

    /// Where a position stands among the parts: by node, item and location; in transit by the transfer and item.
    pub(crate) fn part_of(&self, position: u32) -> (u32, u32, u32) {
        let key = self.positions.rows[position].key;
        let location = &self.locations[key.location];
        match location.node {
            NONE => (NONE, key.location, key.sku),
            node => (node, key.sku, key.location),
        }
    }

    /// The parts of a node and item, or of a transfer where the node is `NONE`; of the one location or item, `NONE` for all.
    #[cfg_attr(onhand_small, inline(never))]
    pub(crate) fn parts_of(&self, node: u32, of: u32, only: u32) -> Vec<u32> {
        let first = (node, of, if only == NONE { 0 } else { only });
        let mut parts = Vec::new();
        for id in self.parts.starting(&mut |held: u32| self.part_of(held).cmp(&first)) {
            let part = self.part_of(id);
            if (part.0, part.1) != (node, of) || (only != NONE && part.2 != only) {
                break;
            }
            parts.push(id);
        }
        parts
    }

    /// Takes down what is known of a node.
    pub(crate) fn know_node(&mut self, node: u32, terms: Dated<NodeTerms>) {
        self.known_nodes += u32::from(self.locations[node].terms.is_none());
        self.locations[node].terms = Some(terms);
    }

    /// Claims units of a SKU's position.
    pub(crate) fn claim_units(&mut self, position: u32, units: i64) {
        self.positions.claim(position, units);
        self.accounts[self.positions.rows[position].key.sku].change();
    }

    pub(crate) fn supply(&mut self, name: u32, sku: u32, node: u32) -> u32 {
        if let Some(id) = self.supply_ids.get(&(name, sku, node)) {
            return *id;
        }
        let id = self.supplies.push(Supply {
            name,
            sku,
            node,
            expected: None,
            received: 0,
            owner: 0,
            coming: 0,
            withheld: 0,
            arrives: 0,
            claimed: 0,
        });
        self.supply_ids.insert((name, sku, node), id);
        self.skus[sku].supplies.push(id);
        id
    }

    /// Changes a supply; claims that it can no longer meet fall on on hand, and come back when it can.
    pub(crate) fn change_supply(&mut self, id: u32, change: impl FnOnce(&mut Supply)) {
        let supply = &mut self.supplies[id];
        let before = supply.spill();
        change(supply);
        let (after, sku, node) = (supply.spill(), supply.sku, supply.node);
        if before != after {
            // Dated supply is the company's.
            let position = self.position(PositionKey::plain(sku, node, StockState::Sellable));
            self.claim_units(position, after - before);
        }
    }

    pub(crate) fn key_of(&self, slot: u32) -> Key {
        let kept = self.kept.get(slot);
        Key {
            occurred: kept.occurred,
            is_count: kept.kind == Kind::Count,
            source: kept.source,
            number: kept.number,
        }
    }

    /// The canonical order: moment, counts last, then source and number or text of the id.
    #[inline]
    pub(crate) fn compare(&self, one: Key, other: Key) -> Ordering {
        one.occurred
            .cmp(&other.occurred)
            .then(one.is_count.cmp(&other.is_count))
            .then_with(|| self.compare_sources(one, other))
    }

    fn compare_sources(&self, one: Key, other: Key) -> Ordering {
        let by_source = match one.source == other.source {
            true => Ordering::Equal,
            false => self.sources.text(one.source).cmp(self.sources.text(other.source)),
        };
        by_source.then_with(|| match (self.id_text(one.number), self.id_text(other.number)) {
            (Some(text), Some(other)) => text.cmp(other),
            _ => one.number.cmp(&other.number),
        })
    }

    /// The text of an id that is one.
    pub(crate) fn id_text(&self, number: u64) -> Option<&str> {
        match number & TEXT {
            0 => None,
            _ => u32::try_from(number & !TEXT).ok().map(|word| self.words.text(word)),
        }
    }

    /// The number that stands for an id.
    pub(crate) fn number(&mut self, id: &Id) -> u64 {
        match id {
            Id::Number(number) => *number,
            Id::Text(text) => TEXT | u64::from(self.words.intern(text.as_str())),
        }
    }

    /// The source and id of an event, as its source said them.
    pub(crate) fn event_name(&self, event: EventRef) -> (Name, Id) {
        let id = match self.id_text(event.number) {
            Some(text) => Id::Text(Name::known(text)),
            None => Id::Number(event.number),
        };
        (Name::known(self.sources.text(event.source)), id)
    }

    pub(crate) fn sku_name(&self, sku: u32) -> Name {
        Name::known(self.sku_names.text(sku))
    }

    pub(crate) fn location_name(&self, location: u32) -> Name {
        Name::known(&self.locations[location].name)
    }

    /// The node that a location is or is in.
    pub(crate) fn node_of(&self, location: u32) -> u32 {
        self.locations[location].node
    }
}
