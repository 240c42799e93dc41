//! The canonical form, written.

use alloc::vec::Vec;

use super::event;
use super::wire::{Width, Writer};
use crate::book::{Book, Dated, EventRef, LocationKind, Protection};
use crate::claim::{Claim, Document, Irregular, Move, MoveLine};
use crate::dense::NONE;
use crate::exception::ExceptionCode;
use crate::kept::Standing;
use crate::kind::{ClaimMove, Ledger};
use crate::name::Name;
use crate::ordered::{Gather as _, Set, sort, sort_by, sort_by_key};
use crate::place::StockState;
use crate::stock::{Key, PositionKey};

pub(super) fn canonical(book: &Book) -> Vec<u8> {
    let mut form = Form::new(book);
    form.before_items(&[]);
    form.items();
    form.after_items();
    form.to.0
}

/// What stands before and after the block of items, of a book whose items are not all there yet.
///
/// `skus` are the ids of the items in the order of the block, and `locations` those that positions of the block are at.
pub(super) fn around_items(book: &Book, skus: &[u32], locations: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let mut form = Form::new(book);
    form.before_items(locations);
    let before = core::mem::take(&mut form.to.0);
    let mut next = 0;
    for id in skus {
        match *id {
            NONE => next += 1,
            id => number(&mut form.skus, id, &mut next),
        }
    }
    form.after_items();
    (before, form.to.0)
}

/// Set in a byte of a claim, or of a line of a move, behind which the owner of the goods follows.
pub(super) const OWNED: u8 = 0x80;

/// What is noted of an event, by the byte that stands for it.
pub(super) const NOTES: [ExceptionCode; 3] =
    [ExceptionCode::ReasonDue, ExceptionCode::PriorPeriod, ExceptionCode::OutOfOrderMove];

/// Whether a position stands in the columns of the block of items: fit for sale, at a node, of no lot and the company's own.
pub(super) fn is_in_columns(book: &Book, key: PositionKey) -> bool {
    let plain = (key.lot, key.owner, key.state) == (0, 0, StockState::Sellable);
    plain && book.locations[key.location].kind == LocationKind::Node
}

/// Whether a position has to be carried: whether there is anything to say of it.
pub(super) fn is_live(book: &Book, position: u32) -> bool {
    book.positions.rows[position].quantity != 0 || has_past(book, position)
}

/// Whether legs, counts or a variance of a position are kept.
fn has_past(book: &Book, position: u32) -> bool {
    let unexplained = book.variances.get(&position).is_some_and(|found| *found != 0);
    book.positions.rows[position].legs != NONE || book.positions.last_count(position) != NONE || unexplained
}

/// Where each thing of the book stands in the canonical order; `NONE` for what is no part of the state.
struct Form<'a> {
    book: &'a Book,
    to: Writer,
    sources: Vec<u32>,
    locations: Vec<u32>,
    skus: Vec<u32>,
    events: Vec<u32>,
}

/// Takes the next place in the canonical order for an id.
fn number(places: &mut [u32], id: u32, next: &mut u32) {
    if let Some(place) = usize::try_from(id).ok().and_then(|id| places.get_mut(id)) {
        *place = *next;
        *next += 1;
    }
}

fn place_of(places: &[u32], id: u32) -> u64 {
    let place = usize::try_from(id).ok().and_then(|id| places.get(id)).copied();
    // 0 is "none"; places are written from 1.
    place.filter(|place| *place != NONE).map_or(0, |place| u64::from(place) + 1)
}

impl<'a> Form<'a> {
    fn new(book: &'a Book) -> Form<'a> {
        Form {
            book,
            to: Writer::default(),
            sources: alloc::vec![NONE; book.sources.len()],
            locations: alloc::vec![NONE; book.locations.len()],
            skus: alloc::vec![NONE; book.skus.len()],
            events: alloc::vec![NONE; book.kept.len()],
        }
    }

    fn before_items(&mut self, locations: &[u32]) {
        self.sources();
        self.locations(locations);
    }

    fn after_items(&mut self) {
        self.protections();
        self.lots();
        self.events();
        self.positions();
        self.supplies();
        self.lanes();
        self.documents();
        self.waiting();
        self.settled();
    }

    /// What was closed everywhere before a node was known that is open: else it follows from the nodes.
    fn settled(&mut self) {
        if self.book.settled_before > self.book.open_since() {
            self.to.integer(self.book.settled_before);
        }
    }

    fn sources(&mut self) {
        let used: Vec<(&str, u32)> =
            self.book.sources.in_order().filter(|(_, id)| self.book.seen[*id].used).gather();
        self.to.length(used.len());
        let mut next = 0;
        for (text, id) in used {
            number(&mut self.sources, id, &mut next);
            self.to.text(text);
            self.to.natural(self.book.seen[id].settled_below);
        }
    }

    fn is_live_supply(&self, id: u32) -> bool {
        let supply = &self.book.supplies[id];
        supply.expected.is_some() || supply.received != 0
    }

    /// Nodes by name, then places by node and name, then transfers by name.
    fn locations(&mut self, of_columns: &[u32]) {
        let book = self.book;
        let mut used: Set<u32> = Set::new();
        used.add_all(of_columns.iter().copied());
        for (id, row) in book.positions.rows.enumerate() {
            if is_live(book, id) {
                used.add(row.key.location);
                used.add_all(Some(book.node_of(row.key.location)).filter(|node| *node != NONE));
            }
        }
        let known =
            book.locations.enumerate().filter(|(_, one)| one.terms.is_some() || one.closed_through >= 0);
        used.add_all(known.map(|(id, _)| id));
        used.add_all(book.lanes.keys().map(|(_, node, _)| *node));
        let protections = book.skus.iter().flat_map(|sku| &sku.protections).map(|one| one.node);
        used.add_all(protections.filter(|node| *node != NONE));
        let mut sorted: Vec<u32> = used.keys().copied().gather();
        sort_by(&mut sorted, |one, other| self.location_order(*one).cmp(&self.location_order(*other)));
        self.to.length(sorted.len());
        let mut next = 0;
        for id in sorted {
            number(&mut self.locations, id, &mut next);
            self.location(id);
        }
    }

    fn location_order(&self, id: u32) -> (LocationKind, &str, &str) {
        let location = &self.book.locations[id];
        let node = match location.kind {
            LocationKind::Place => &self.book.locations[location.node].name,
            LocationKind::Node | LocationKind::Transit => "",
        };
        (location.kind, node, &location.name)
    }

    fn location(&mut self, id: u32) {
        let location = &self.book.locations[id];
        self.to.byte(match location.kind {
            LocationKind::Node => 0,
            LocationKind::Place => 1,
            LocationKind::Transit => 2,
        });
        self.to.text(&location.name);
        if location.kind == LocationKind::Place {
            self.to.natural(place_of(&self.locations, location.node));
        }
        self.to.integer(location.closed_through);
        self.to.flag(location.terms.is_some());
        if let Some(Dated { said, value }) = &location.terms {
            self.key(*said);
            event::write_node(&mut self.to, value);
        }
    }

    /// The block that can be read in place: what items have in common, a record for each item, and its positions in columns.
    fn items(&mut self) {
        let book = self.book;
        let used: Vec<u32> = book
            .sku_names
            .in_order()
            .map(|(_, id)| id)
            .filter(|id| {
                book.skus[*id].item.is_some()
                    || !book.skus[*id].protections.is_empty()
                    || book.lots_of(*id).next().is_some()
            })
            .gather();
        let common = |id: u32| {
            let mut to = Writer::default();
            if let Some(item) = &book.skus[id].item {
                event::write_common(&mut to, &item.value);
            }
            to.0
        };
        let mut commons: Vec<Vec<u8>> = used.iter().map(|id| common(*id)).gather();
        sort(&mut commons);
        commons.dedup();
        // Of what nobody has said there is nothing in common.
        commons.retain(|common| !common.is_empty());
        self.to.length(commons.len());
        for common in &commons {
            self.to.length(common.len());
            self.to.0.extend_from_slice(common);
        }

        let (mut next, mut records, mut quantities, mut ends) =
            (0, Writer::default(), Vec::new(), Vec::new());
        for id in &used {
            number(&mut self.skus, *id, &mut next);
            let place = commons.binary_search(&common(*id)).map_or(0, |place| place + 1);
            core::mem::swap(&mut self.to, &mut records);
            self.item(*id, place, &mut quantities);
            core::mem::swap(&mut self.to, &mut records);
            ends.push([records.0.len(), quantities.len()]);
        }
        let width = quantities.iter().map(|quantity| Width::of(*quantity)).max().unwrap_or_default();
        self.to.length(ends.len());
        self.to.byte(width.code());
        for end in ends.into_iter().flatten() {
            // INVARIANT: the limits on names and positions keep both ends below 2^32.
            self.to.fixed(u32::try_from(end).unwrap_or(NONE));
        }
        self.to.0.append(&mut records.0);
        for quantity in quantities {
            self.to.quantity(quantity, width);
        }
    }

    /// An item's record; its quantities are put beside it.
    fn item(&mut self, id: u32, common: usize, quantities: &mut Vec<i64>) {
        let sku = &self.book.skus[id];
        self.to.text(self.book.sku_names.text(id));
        self.to.length(common);
        if let Some(item) = &sku.item {
            self.to.optional_name(item.value.title.as_ref());
            self.to.integer(item.said.occurred);
            // INVARIANT: who said something was used.
            self.to.natural(place_of(&self.sources, item.said.source).saturating_sub(1));
            self.id(item.said.number);
        }
        let held = self.book.accounts[id].outside.iter().enumerate().filter(|(_, sum)| **sum != 0);
        self.to.natural(held.clone().map(|(account, _)| 1 << account).sum());
        for (_, sum) in held {
            self.to.integer(*sum);
        }
        let mut here = self.in_columns(id);
        sort(&mut here);
        let mut runs: Vec<(u64, u64)> = Vec::new();
        let mut next = 0;
        for (node, quantity) in here {
            match runs.last_mut().filter(|_| node == next) {
                Some((_, taken)) => *taken += 1,
                None => runs.push((node - next, 1)),
            }
            next = node + 1;
            quantities.push(quantity);
        }
        self.to.length(runs.len());
        for (skipped, taken) in runs {
            self.to.natural(skipped);
            self.to.natural(taken);
        }
    }

    /// The nodes, from 0, and quantities of an item's positions that stand in columns.
    fn in_columns(&self, sku: u32) -> Vec<(u64, i64)> {
        let rows = self.book.skus[sku].shelves.iter().filter(|id| is_live(self.book, **id));
        let rows = rows.map(|id| &self.book.positions.rows[*id]);
        rows.filter(|row| is_in_columns(self.book, row.key))
            .map(|row| (place_of(&self.locations, row.key.location).saturating_sub(1), row.quantity))
            .gather()
    }

    fn protections(&mut self) {
        let book = self.book;
        let word = |id: u32| if id == NONE { "" } else { book.words.text(id) };
        let all =
            book.skus.enumerate().flat_map(|(id, sku)| sku.protections.iter().map(move |one| (id, one)));
        let mut all: Vec<_> = all.gather();
        let order = |(sku, one): &(u32, &'a Protection)| {
            (place_of(&self.skus, *sku), place_of(&self.locations, one.node), word(one.method))
        };
        sort_by_key(&mut all, order);
        self.to.length(all.len());
        for (sku, one) in all {
            self.to.natural(place_of(&self.skus, sku));
            self.to.natural(place_of(&self.locations, one.node));
            self.to.text(word(one.method));
            self.key(one.units.said);
            self.to.integer(one.units.value);
        }
    }

    fn lots(&mut self) {
        let book = self.book;
        let mut all: Vec<_> = book.lots.iter().gather();
        sort_by_key(&mut all, |((sku, lot), _)| (place_of(&self.skus, *sku), book.lot_rank(*sku, *lot).1));
        self.to.length(all.len());
        for ((sku, lot), Dated { said, value }) in all {
            self.to.natural(place_of(&self.skus, *sku));
            self.to.text(book.lot_rank(*sku, *lot).1);
            self.key(*said);
            self.to.integer(value.expires);
            self.to.flag(value.recalled);
        }
    }

    fn key(&mut self, key: Key) {
        self.to.integer(key.occurred);
        self.to.flag(key.is_count);
        self.event_ref(EventRef { source: key.source, number: key.number });
    }

    fn event_ref(&mut self, at: EventRef) {
        self.to.natural(place_of(&self.sources, at.source));
        self.id(at.number);
    }

    fn id(&mut self, number: u64) {
        match self.book.id_text(number) {
            Some(text) => {
                self.to.natural(0);
                self.to.text(text);
            }
            None => self.to.natural(number),
        }
    }

    /// Kept events by source, numbers first.
    fn events(&mut self) {
        let book = self.book;
        let sources: Vec<u32> =
            book.sources.in_order().map(|(_, id)| id).filter(|id| book.seen[*id].used).gather();
        let mut next = 0;
        for source in sources {
            let seen = &book.seen[source];
            let slots: Vec<u32> =
                seen.numbers().map(|(_, slot)| slot).chain(seen.texts().map(|(_, slot)| slot)).gather();
            self.to.length(slots.len());
            for slot in slots {
                number(&mut self.events, slot, &mut next);
                let kept = book.kept.get(slot);
                self.id(kept.number);
                self.to.integer(kept.occurred);
                self.to.fixed(kept.print);
                self.to.byte(kept.kind.ordinal());
                self.to.byte(match kept.standing {
                    Standing::Posted => 0,
                    Standing::Parked => 1,
                    Standing::PriorPeriod => 2,
                    Standing::TooOld => 3,
                    Standing::AlreadySettled => 4,
                });
                self.to.flag(kept.forgotten);
            }
        }
    }

    /// The past of positions that stand in columns, then all others with theirs.
    fn positions(&mut self) {
        let book = self.book;
        let ids = || book.positions.rows.enumerate().map(|(id, row)| (id, is_in_columns(book, row.key)));
        let mut of_columns: Vec<u32> =
            ids().filter(|(id, columns)| *columns && has_past(book, *id)).map(|(id, _)| id).gather();
        let place = |id: u32| {
            let key = book.positions.rows[id].key;
            (place_of(&self.skus, key.sku), place_of(&self.locations, key.location))
        };
        sort_by_key(&mut of_columns, |id| place(*id));
        let mut others: Vec<u32> =
            ids().filter(|(id, columns)| !*columns && is_live(book, *id)).map(|(id, _)| id).gather();
        sort_by_key(&mut others, |id| {
            let key = book.positions.rows[*id].key;
            (place(*id), self.part_names(key.lot, key.owner), key.state)
        });
        self.to.length(of_columns.len());
        for id in of_columns {
            self.position_place(id);
            self.past(id);
        }
        self.to.length(others.len());
        for id in others {
            self.position_place(id);
            let row = &book.positions.rows[id];
            let (lot, owner) = self.part_names(row.key.lot, row.key.owner);
            self.to.text(lot);
            self.to.text(owner);
            self.to.byte(row.key.state.ordinal());
            self.to.integer(row.quantity);
            self.past(id);
        }
    }

    fn position_place(&mut self, id: u32) {
        let key = self.book.positions.rows[id].key;
        self.to.natural(place_of(&self.skus, key.sku));
        self.to.natural(place_of(&self.locations, key.location));
    }

    fn part_names(&self, lot: u32, owner: u16) -> (&'a str, &'a str) {
        let lot = lot.checked_sub(1).map_or("", |lot| self.book.words.text(lot));
        let owner = owner.checked_sub(1).map_or("", |owner| self.book.owners.text(owner.into()));
        (lot, owner)
    }

    fn past(&mut self, id: u32) {
        let book = self.book;
        let mut legs = Vec::new();
        let mut leg = book.positions.rows[id].legs;
        while leg != NONE {
            let kept = book.kept.leg(leg);
            legs.push((place_of(&self.events, kept.event), kept.quantity));
            leg = kept.previous;
        }
        sort(&mut legs);
        self.to.length(legs.len());
        for (event, quantity) in legs {
            self.to.natural(event);
            self.to.integer(quantity);
        }
        let mut counts = Vec::new();
        let mut count = book.positions.last_count(id);
        while count != NONE {
            counts.push(&book.counts[count]);
            count = book.counts[count].earlier;
        }
        self.to.length(counts.len());
        for count in counts {
            self.key(count.key);
            self.to.integer(count.counted);
        }
        self.to.integer(book.variances.get(&id).copied().unwrap_or(0));
    }

    fn supply_key(&self, id: u32) -> (&'a str, u64, u64) {
        let supply = &self.book.supplies[id];
        let name = self.book.words.text(supply.name);
        (name, place_of(&self.skus, supply.sku), place_of(&self.locations, supply.node))
    }

    fn supplies(&mut self) {
        let book = self.book;
        let mut live: Vec<u32> =
            book.supplies.enumerate().map(|(id, _)| id).filter(|id| self.is_live_supply(*id)).gather();
        sort_by_key(&mut live, |id| self.supply_key(*id));
        self.to.length(live.len());
        for id in live {
            self.supply_ref(id);
            let supply = &book.supplies[id];
            self.owned(supply.expected.is_some().into(), supply.owner);
            if let Some(Dated { said, value: (units, due) }) = &supply.expected {
                self.key(*said);
                self.to.integer(*units);
                self.to.integer(*due);
            }
            self.to.integer(supply.received);
        }
    }

    /// An empty name for no supply: on hand.
    fn supply_ref(&mut self, id: u32) {
        if id == NONE {
            return self.to.text("");
        }
        let (name, sku, node) = self.supply_key(id);
        self.to.text(name);
        self.to.natural(sku);
        self.to.natural(node);
    }

    fn lanes(&mut self) {
        let book = self.book;
        let mut lanes: Vec<_> = book.lanes.values().gather();
        sort_by(&mut lanes, |one, other| {
            let order = |one: &'a Dated<crate::event::LaneTerms>| {
                (&one.value.node, &one.value.zone, &one.value.method)
            };
            order(one).cmp(&order(other))
        });
        self.to.length(lanes.len());
        for lane in lanes {
            self.key(lane.said);
            event::write_lane(&mut self.to, &lane.value);
        }
    }

    fn documents(&mut self) {
        let book = self.book;
        let live: Vec<_> = book
            .documents
            .iter()
            .filter(|(_, one)| {
                !one.moves.is_empty() || !one.base.is_empty() || !one.base_irregular.is_empty()
            })
            .gather();
        self.to.length(live.len());
        for ((ledger, subject), document) in live {
            self.to.byte(match ledger {
                Ledger::Order => 0,
                Ledger::Transfer => 1,
                Ledger::Lease => 2,
            });
            self.to.name(subject);
            self.document(document);
        }
    }

    fn document(&mut self, document: &Document) {
        self.to.length(document.base.len());
        for (line, claim) in document.base.iter() {
            self.claim(line, claim);
        }
        self.to.length(document.base_irregular.len());
        for one in &document.base_irregular {
            self.irregular(one);
        }
        self.to.flag(document.to_node.is_some());
        if let Some((node, due)) = document.to_node {
            self.to.natural(place_of(&self.locations, node));
            self.to.integer(due);
        }
        self.to.length(document.moves.len());
        for one in &document.moves {
            self.told(one);
        }
    }

    fn claim(&mut self, line: &Name, claim: &Claim) {
        self.to.name(line);
        self.to.natural(place_of(&self.skus, claim.sku));
        self.to.natural(place_of(&self.locations, claim.node));
        self.supply_ref(claim.supply);
        for value in [claim.open, claim.picked, claim.shipped, claim.expires] {
            self.to.integer(value);
        }
        self.owned(claim.status.ordinal(), claim.owner);
    }

    /// A byte, and behind it the owner, if it is not the company.
    fn owned(&mut self, byte: u8, owner: u16) {
        if owner == 0 {
            return self.to.byte(byte);
        }
        self.to.byte(byte | OWNED);
        self.to.text(self.part_names(0, owner).1);
    }

    fn irregular(&mut self, one: &Irregular) {
        self.key(one.event);
        self.to.name(&one.line);
        self.to.natural(place_of(&self.skus, one.sku));
        self.to.integer(one.quantity);
    }

    fn told(&mut self, one: &Move) {
        self.key(one.key);
        self.to.byte(one.kind.ordinal());
        self.to.flag(one.claim == ClaimMove::Open);
        self.to.integer(one.expires);
        self.to.natural(place_of(&self.locations, one.to_node));
        self.to.integer(one.due);
        self.to.length(one.lines.len());
        for line in &one.lines {
            self.told_line(line);
        }
    }

    fn told_line(&mut self, line: &MoveLine) {
        self.to.name(&line.line);
        self.to.natural(place_of(&self.skus, line.sku));
        self.to.natural(place_of(&self.locations, line.node));
        self.supply_ref(line.supply);
        self.to.integer(line.quantity);
        self.owned(line.from_picked.into(), line.owner);
    }

    /// Facts that wait, facts too old, and notes, by source and id.
    fn waiting(&mut self) {
        let book = self.book;
        for queue in [&book.parked, &book.too_old] {
            let mut events: Vec<_> = queue.values().gather();
            sort_by(&mut events, |one, other| (&one.source, &one.id).cmp(&(&other.source, &other.id)));
            self.to.length(events.len());
            for one in events {
                event::write(&mut self.to, one);
            }
        }
        let mut notes: Vec<(ExceptionCode, EventRef)> = book.notes.keys().copied().gather();
        sort_by_key(&mut notes, |(code, at)| (*code, book.event_name(*at)));
        self.to.length(notes.len());
        for (code, at) in notes {
            // INVARIANT: nothing else is noted.
            let place = NOTES.iter().position(|one| *one == code);
            self.to.byte(place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default());
            self.event_ref(at);
        }
    }
}
