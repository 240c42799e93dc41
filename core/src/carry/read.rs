//! The canonical form, read: every number is checked before it is used.

use alloc::vec::Vec;
use core::ops::Range;

use super::block::{Around, Block, Seen};
use super::wire::{Malformed, Read, Reader, SnapshotError, balance};
use super::write::{NOTES, OWNED};
use super::{event, write};
use crate::book::{Book, Dated, EventRef, LotFate, Protection, TEXT};
use crate::claim::{Claim, ClaimStatus, Document, Irregular, Move, MoveLine};
use crate::dense::NONE;
use crate::event::Id;
use crate::kept::{Kept, Standing};
use crate::kind::{ClaimMove, Kind, Ledger};
use crate::limits::OWNERS_MAX;
use crate::measure::{Quantity, Time};
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set};
use crate::place::StockState;
use crate::stock::{CountRecord, Key, PositionKey};

/// A book whose items stand in the bytes that it was read from, until they are asked for.
#[derive(Clone, Debug)]
pub(super) struct Carried {
    pub(super) book: Book,
    pub(super) items: Items,
}

/// The items of a snapshot, and what their records refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    block: Block,
    /// Ids in the book; `NONE` while an item is only in the bytes.
    ids: Vec<u32>,
    sources: Vec<u32>,
    locations: Vec<u32>,
}

/// Reads what is not an item, checks what is, and holds all of it against the one form that it may have.
pub(super) fn carried(bytes: &[u8]) -> Result<Carried, SnapshotError> {
    let mut form = Form {
        from: Reader::new(bytes),
        bytes,
        book: Book::new(),
        items: Items::default(),
        events: Vec::new(),
    };
    let Ok((block, seen)) = form.all() else {
        return Err(SnapshotError::new("malformed", form.from.position()));
    };
    if !form.balances(&seen) {
        return Err(SnapshotError::new("does_not_add_up", 0));
    }
    match form.is_whole(&seen) && form.is_canonical(block, &seen) {
        true => Ok(Carried { book: form.book, items: form.items }),
        false => Err(SnapshotError::new("not_canonical", 0)),
    }
}

impl Items {
    /// The item of a name.
    pub(super) fn find(&self, bytes: &[u8], sku: &str) -> Option<usize> {
        self.block.find(bytes, sku)
    }

    /// Brings an item and its positions into the book, once.
    pub(super) fn bring(&mut self, bytes: &[u8], item: usize, book: &mut Book) -> Read<u32> {
        let held = self.ids.get_mut(item).ok_or(Malformed)?;
        if *held != NONE {
            return Ok(*held);
        }
        let mut record = self.block.record(bytes, item)?;
        let sku = record.sku()?;
        let id = book.sku_id(sku);
        *held = id;
        if let Some(said) = &record.said {
            let source = *self.sources.get(said.source).ok_or(Malformed)?;
            let key =
                Key { occurred: said.occurred, is_count: false, source, number: book.number(&said.id()) };
            let value = self.block.terms(bytes, sku, said)?;
            book.skus[id].item = Some(Dated { said: key, value }.into());
        }
        book.accounts[id].outside = record.outside()?;
        for (node, quantity) in self.block.positions(bytes, item)? {
            let location = *self.locations.get(node).ok_or(Malformed)?;
            let position = book.position(PositionKey::plain(id, location, StockState::Sellable));
            book.positions.rows[position].quantity = quantity;
        }
        Ok(id)
    }

    /// Brings all items into the book.
    pub(super) fn bring_all(&mut self, bytes: &[u8], book: &mut Book) -> Read<()> {
        (0..self.ids.len()).try_for_each(|item| self.bring(bytes, item, book).map(|_| ()))
    }
}

struct Form<'a> {
    from: Reader<'a>,
    bytes: &'a [u8],
    book: Book,
    items: Items,
    events: Vec<u32>,
}

impl Form<'_> {
    /// Everything to the last byte: where the block of items stands, and what a look at it found out.
    fn all(&mut self) -> Read<(Range<usize>, Seen)> {
        self.sources()?;
        self.locations()?;
        let start = self.from.position();
        self.items.block = Block::read(&mut self.from, self.bytes)?;
        self.items.ids = alloc::vec![NONE; self.items.block.items()];
        let block = start..self.from.position();
        let nodes = self.items.locations.iter().take_while(|id| self.book.node_of(**id) == **id).count();
        let around = Around { sources: self.items.sources.len(), nodes };
        let seen = self.items.block.check(self.bytes, around)?;
        self.protections()?;
        self.lots()?;
        self.events()?;
        self.positions()?;
        self.supplies()?;
        self.lanes()?;
        self.documents()?;
        self.book.expect_all_transfers();
        self.waiting()?;
        let open_since = self.book.open_since();
        self.book.settled_before = match self.from.is_at_end() {
            true => open_since,
            false => self.from.measure(|value| (value > open_since).then_some(value))?,
        };
        match self.from.is_at_end() {
            true => Ok((block, seen)),
            false => Err(Malformed),
        }
    }

    /// An item; it comes into the book, since something is said of it.
    fn sku(&mut self) -> Read<u32> {
        let item = usize::try_from(self.from.natural()?).ok().and_then(|place| place.checked_sub(1));
        let item = item.ok_or(Malformed)?;
        self.items.bring(self.bytes, item, &mut self.book)
    }

    fn id(&self, item: usize) -> u32 {
        self.items.ids.get(item).copied().unwrap_or(NONE)
    }

    /// Law 1 for every item.
    fn balances(&self, seen: &Seen) -> bool {
        seen.unbalanced.iter().all(|item| self.id(*item) != NONE) && self.book.adds_up()
    }

    /// Nothing is carried that there is nothing to say of.
    fn is_whole(&self, seen: &Seen) -> bool {
        let is_held_back = |item: &usize| {
            let id = self.id(*item);
            self.book.lots_of(id).next().is_some()
                || self.book.skus.find(id).is_some_and(|sku| !sku.protections.is_empty())
        };
        let is_live = |(item, node): &(usize, usize)| {
            let location = self.items.locations.get(*node).copied().unwrap_or(NONE);
            let key = PositionKey::plain(self.id(*item), location, StockState::Sellable);
            self.book.positions.find(key).is_some_and(|position| write::is_live(&self.book, position))
        };
        seen.unknown.iter().all(is_held_back) && seen.empty.iter().all(is_live)
    }

    /// What stands around the block of items is what would be written there.
    fn is_canonical(&self, block: Range<usize>, seen: &Seen) -> bool {
        let locations = self.items.locations.iter().zip(&seen.nodes);
        let of_columns: Vec<u32> = locations.filter(|(_, used)| **used).map(|(id, _)| *id).gather();
        let (first, last) = write::around_items(&self.book, &self.items.ids, &of_columns);
        self.bytes.get(..block.start) == Some(&first) && self.bytes.get(block.end..) == Some(&last)
    }

    /// The id at a place that was written from 1; `NONE` for 0.
    fn optional_at(&mut self, places: fn(&Self) -> &Vec<u32>) -> Read<u32> {
        let place = self.from.natural()?;
        let Some(place) = place.checked_sub(1) else { return Ok(NONE) };
        let found = usize::try_from(place).ok().and_then(|place| places(self).get(place)).copied();
        found.ok_or(Malformed)
    }

    fn at(&mut self, places: fn(&Self) -> &Vec<u32>) -> Read<u32> {
        match self.optional_at(places)? {
            NONE => Err(Malformed),
            id => Ok(id),
        }
    }

    fn node(&mut self) -> Read<u32> {
        let id = self.at(|form| &form.items.locations)?;
        match self.book.node_of(id) == id {
            true => Ok(id),
            false => Err(Malformed),
        }
    }

    fn optional_node(&mut self) -> Read<u32> {
        let id = self.optional_at(|form| &form.items.locations)?;
        match id == NONE || self.book.node_of(id) == id {
            true => Ok(id),
            false => Err(Malformed),
        }
    }

    /// An integer whose size a balance may have.
    fn balance(&mut self) -> Read<i64> {
        self.from.measure(balance)
    }

    fn quantity(&mut self) -> Read<i64> {
        self.from.measure(|value| Quantity::new(value).map(Quantity::units))
    }

    fn sources(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let name = self.from.name()?;
            let id = self.book.source_id(name.as_str());
            self.book.seen[id].settled_below = self.from.natural()?;
            self.book.seen[id].used = true;
            self.items.sources.push(id);
        }
        Ok(())
    }

    fn locations(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let kind = self.from.byte()?;
            let name = self.from.name()?;
            let id = match kind {
                0 => self.book.node_id(name.as_str()),
                1 => {
                    let node = self.node()?;
                    self.book.place_id(node, name.as_str())
                }
                2 => self.book.transit_id(name.as_str()),
                _ => return Err(Malformed),
            };
            self.book.locations[id].closed_through =
                self.from.measure(|value| (value >= -1).then_some(value))?;
            if self.from.flag()? {
                let said = self.key()?;
                let value = event::read_node(&mut self.from)?;
                if value.node != name || kind != 0 {
                    return Err(Malformed);
                }
                self.book.know_node(id, Dated { said, value });
            }
            self.items.locations.push(id);
        }
        Ok(())
    }

    fn lots(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let sku = self.sku()?;
            let lot = self.from.name()?;
            let lot = self.book.words.intern(lot.as_str()) + 1;
            let said = self.key()?;
            let expires = self.from.measure(|value| (value >= 0).then_some(value))?;
            let value = LotFate { expires, recalled: self.from.flag()? };
            self.book.lots.insert((sku, lot), Dated { said, value });
        }
        Ok(())
    }

    fn protections(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let sku = self.sku()?;
            let node = self.optional_node()?;
            let method = self.from.optional_name()?;
            let method = method.map_or(NONE, |method| self.book.words.intern(method.as_str()));
            let said = self.key()?;
            let value = self.quantity()?;
            let units = Dated { said, value };
            self.book.skus[sku].protections.push(Protection { node, method, units });
        }
        Ok(())
    }

    fn key(&mut self) -> Read<Key> {
        let occurred = self.from.integer()?;
        let is_count = self.from.flag()?;
        let EventRef { source, number } = self.event_ref()?;
        Ok(Key { occurred, is_count, source, number })
    }

    fn event_ref(&mut self) -> Read<EventRef> {
        let source = self.at(|form| &form.items.sources)?;
        let number = self.event_id()?;
        Ok(EventRef { source, number })
    }

    fn event_id(&mut self) -> Read<u64> {
        match event::read_id(&mut self.from)? {
            Id::Number(number) if number & TEXT != 0 => Err(Malformed),
            id => Ok(self.book.number(&id)),
        }
    }

    fn events(&mut self) -> Read<()> {
        for source in self.items.sources.clone() {
            for _ in 0..self.from.length()? {
                let number = self.event_id()?;
                let occurred = self.from.measure(|value| Time::new(value).map(Time::millis))?;
                let print = self.from.fixed()?;
                let kind = self.from.byte()?;
                let kind = Kind::from_ordinal(kind).ok_or(Malformed)?;
                let standing = match self.from.byte()? {
                    0 => Standing::Posted,
                    1 => Standing::Parked,
                    2 => Standing::PriorPeriod,
                    3 => Standing::TooOld,
                    _ => return Err(Malformed),
                };
                let forgotten = self.from.flag()?;
                let kept = Kept { occurred, number, print, source, kind, standing, forgotten };
                let slot = self.book.kept.push(&kept);
                match self.book.id_text(number).map(Name::known) {
                    Some(text) => self.book.seen[source].insert_text(text.as_str(), slot),
                    None => self.book.seen[source].insert_number(number, slot),
                }
                self.events.push(slot);
            }
        }
        Ok(())
    }

    fn positions(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let (sku, location) = (self.sku()?, self.location()?);
            let position = self.book.positions.find(PositionKey::plain(sku, location, StockState::Sellable));
            let position = position.ok_or(Malformed)?;
            self.past(position)?;
        }
        for _ in 0..self.from.length()? {
            let (sku, location) = (self.sku()?, self.location()?);
            let lot = self.from.optional_name()?;
            let lot = lot.map_or(0, |lot| self.book.words.intern(lot.as_str()) + 1);
            let owner = self.from.optional_name()?;
            let owner = self.owner(owner)?;
            let key = PositionKey { lot, owner, ..PositionKey::plain(sku, location, self.from.state()?) };
            if write::is_in_columns(&self.book, key) {
                return Err(Malformed);
            }
            let id = self.book.position(key);
            self.book.positions.rows[id].quantity = self.balance()?;
            self.past(id)?;
        }
        Ok(())
    }

    fn location(&mut self) -> Read<u32> {
        self.at(|form| &form.items.locations)
    }

    fn past(&mut self, id: u32) -> Read<()> {
        let mut previous = NONE;
        for _ in 0..self.from.length()? {
            let event = self.at(|form| &form.events)?;
            let quantity = self.balance()?;
            if quantity == 0 {
                return Err(Malformed);
            }
            previous = self.book.kept.add_leg(event, previous, quantity);
        }
        let mut counts = Vec::new();
        for _ in 0..self.from.length()? {
            let key = self.key()?;
            counts.push((key, self.balance()?));
        }
        let mut earlier = NONE;
        for (key, counted) in counts.into_iter().rev() {
            earlier = self.book.counts.push(CountRecord { key, counted, earlier });
        }
        self.book.positions.rows[id].legs = previous;
        self.book.positions.set_last_count(id, earlier);
        let unexplained = self.balance()?;
        if unexplained != 0 || earlier != NONE {
            self.book.variances.insert(id, unexplained);
        }
        Ok(())
    }

    fn supplies(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let id = self.supply_ref()?;
            if id == NONE {
                return Err(Malformed);
            }
            let (is_said, owner) = self.owned()?;
            let expected = match is_said {
                1 => {
                    let said = self.key()?;
                    Some(Dated { said, value: (self.quantity()?, self.from.integer()?) })
                }
                0 => None,
                _ => return Err(Malformed),
            };
            let received = self.balance()?;
            self.book.change_supply(id, |supply| {
                supply.expected = expected;
                supply.owner = owner;
                supply.received = received;
            });
        }
        Ok(())
    }

    fn supply_ref(&mut self) -> Read<u32> {
        let Some(name) = self.from.optional_name()? else { return Ok(NONE) };
        let sku = self.sku()?;
        let node = self.node()?;
        let name = self.book.words.intern(name.as_str());
        Ok(self.book.supply(name, sku, node))
    }

    fn lanes(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let said = self.key()?;
            let value = event::read_lane(&mut self.from)?;
            let node = self.book.node_id(value.node.as_str());
            let zone = self.book.words.intern(value.zone.as_str());
            let method = self.book.words.intern(value.method.as_str());
            self.book.lanes.insert((zone, node, method), Dated { said, value });
        }
        Ok(())
    }

    fn documents(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let ledger = match self.from.byte()? {
                0 => Ledger::Order,
                1 => Ledger::Transfer,
                2 => Ledger::Lease,
                _ => return Err(Malformed),
            };
            let subject = self.from.name()?;
            let document = self.document()?;
            for claim in document.claims.values() {
                self.book.sum_claim(claim, 1);
            }
            self.book.documents.insert((ledger, subject), document);
        }
        Ok(())
    }

    fn document(&mut self) -> Read<Document> {
        let mut document = Document::default();
        for _ in 0..self.from.length()? {
            let line = self.from.name()?;
            document.base.insert(line, self.claim()?);
        }
        for _ in 0..self.from.length()? {
            document.base_irregular.push(self.irregular()?);
        }
        if self.from.flag()? {
            document.to_node = Some((self.node()?, self.from.integer()?));
        }
        for _ in 0..self.from.length()? {
            document.moves.push(self.told()?);
        }
        let sorted = document.moves.is_sorted_by(|one, other| self.book.compare(one.key, other.key).is_le());
        if !sorted {
            return Err(Malformed);
        }
        document.replay();
        Ok(document)
    }

    fn claim(&mut self) -> Read<Claim> {
        let sku = self.sku()?;
        let node = self.optional_node()?;
        let supply = self.supply_ref()?;
        let [open, picked, shipped] = [self.balance()?, self.balance()?, self.balance()?];
        let expires = self.from.integer()?;
        let (status, owner) = self.owned()?;
        let status = ClaimStatus::from_ordinal(status).ok_or(Malformed)?;
        match open < 0 || picked < 0 || shipped < 0 || open > Quantity::MAX.units() {
            true => Err(Malformed),
            false => Ok(Claim { sku, node, owner, supply, open, picked, shipped, expires, status }),
        }
    }

    fn irregular(&mut self) -> Read<Irregular> {
        let event = self.key()?;
        let line = self.from.name()?;
        let sku = self.sku()?;
        let quantity = self.balance()?;
        Ok(Irregular { event, line, sku, quantity })
    }

    fn told(&mut self) -> Read<Move> {
        let key = self.key()?;
        let kind = self.from.byte()?;
        let kind = Kind::from_ordinal(kind).ok_or(Malformed)?;
        let opens = self.from.flag()?;
        let Some((_, claim)) = kind.row().claim else { return Err(Malformed) };
        // The order that a reallocated claim goes to is told that it opens.
        let claim = if opens { ClaimMove::Open } else { claim };
        let expires = self.from.integer()?;
        let to_node = self.optional_node()?;
        let due = self.from.integer()?;
        let mut lines = Vec::new();
        for _ in 0..self.from.length()? {
            lines.push(self.told_line()?);
        }
        Ok(Move { key, kind, claim, expires, to_node, due, lines })
    }

    fn told_line(&mut self) -> Read<MoveLine> {
        let line = self.from.name()?;
        let sku = self.sku()?;
        let node = self.optional_node()?;
        let supply = self.supply_ref()?;
        let quantity = self.quantity()?;
        if quantity < 0 {
            return Err(Malformed);
        }
        let (from_picked, owner) = self.owned()?;
        match from_picked {
            0 | 1 => Ok(MoveLine { line, sku, node, owner, supply, quantity, from_picked: from_picked == 1 }),
            _ => Err(Malformed),
        }
    }

    /// A byte, and the owner that it says is there.
    fn owned(&mut self) -> Read<(u8, u16)> {
        let byte = self.from.byte()?;
        let owner = if byte & OWNED == 0 { None } else { Some(self.from.name()?) };
        Ok((byte & !OWNED, self.owner(owner)?))
    }

    fn owner(&mut self, owner: Option<Name>) -> Read<u16> {
        let owner = self.book.owner_id(owner.as_ref());
        match self.book.owners.len() > OWNERS_MAX {
            true => Err(Malformed),
            false => Ok(owner),
        }
    }

    fn waiting(&mut self) -> Read<()> {
        let parked = self.queue(Standing::Parked)?;
        for (at, event) in parked.iter() {
            self.book.parked_lines += event.lines.len();
            for sku in event.lines.iter().flat_map(|line| core::iter::once(&line.sku).chain(&line.to_sku)) {
                if let Some(item) = self.items.find(self.bytes, sku.as_str()) {
                    self.items.bring(self.bytes, item, &mut self.book)?;
                }
            }
            let Some(missing) = self.book.missing(event) else { return Err(Malformed) };
            self.book.waiting.entry_or(missing, Set::new).add(*at);
        }
        self.book.parked = parked;
        let too_old = self.queue(Standing::TooOld)?;
        self.book.parked_lines += too_old.values().map(|event| event.lines.len()).sum::<usize>();
        self.book.too_old = too_old;
        for _ in 0..self.from.length()? {
            let place = usize::from(self.from.byte()?);
            let code = *NOTES.get(place).ok_or(Malformed)?;
            let at = self.event_ref()?;
            self.book.notes.add((code, at));
        }
        Ok(())
    }

    fn queue(&mut self, standing: Standing) -> Read<Map<EventRef, crate::event::Event>> {
        let mut queue = Map::new();
        for _ in 0..self.from.length()? {
            let event = event::read(&mut self.from)?;
            let Some(source) = self.book.sources.id(event.source.as_str()) else { return Err(Malformed) };
            let seen = &self.book.seen[source];
            let (slot, number) = match &event.id {
                Id::Number(number) => (seen.number(*number), *number),
                Id::Text(text) => {
                    let word = self.book.words.id(text.as_str()).unwrap_or(NONE);
                    (seen.text(text.as_str()), TEXT | u64::from(word))
                }
            };
            let held = slot.and_then(|slot| self.book.kept.find(slot));
            if !held.is_some_and(|kept| kept.standing == standing && kept.print == event.fingerprint()) {
                return Err(Malformed);
            }
            queue.insert(EventRef { source, number }, event);
        }
        Ok(queue)
    }
}
