//! The canonical form, read: every number is checked before it is used.

use alloc::vec::Vec;

use super::event;
use super::wire::{Reader, SnapshotError};
use crate::book::{Book, Dated, EventRef, NoteKind, Protection, TEXT};
use crate::claim::{Claim, ClaimStatus, Document, Irregular, Move, MoveLine};
use crate::dense::NONE;
use crate::event::Id;
use crate::kept::{Kept, Standing};
use crate::kind::{ClaimMove, Kind, Ledger};
use crate::limits::{BALANCE_MAX, OWNERS_MAX};
use crate::measure::{Quantity, Time};
use crate::name::Name;
use crate::ordered::{Map, Set};
use crate::stock::{CountRecord, Key, PositionKey};

type Read<T> = Result<T, SnapshotError>;

pub(super) fn book(bytes: &[u8]) -> Read<Book> {
    let mut form = Form {
        from: Reader::new(bytes),
        book: Book::new(),
        sources: Vec::new(),
        locations: Vec::new(),
        skus: Vec::new(),
        events: Vec::new(),
    };
    form.sources()?;
    form.locations()?;
    form.skus()?;
    form.events()?;
    form.positions()?;
    form.supplies()?;
    form.lanes()?;
    form.documents()?;
    form.book.expect_all_transfers();
    form.waiting()?;
    match form.from.is_at_end() {
        true => Ok(form.book),
        false => Err(form.from.malformed()),
    }
}

struct Form<'a> {
    from: Reader<'a>,
    book: Book,
    sources: Vec<u32>,
    locations: Vec<u32>,
    skus: Vec<u32>,
    events: Vec<u32>,
}

impl Form<'_> {
    fn bad<T>(&self) -> Read<T> {
        Err(self.from.malformed())
    }

    /// The id at a place that was written from 1; `NONE` for 0.
    fn optional_at(&mut self, places: fn(&Self) -> &Vec<u32>) -> Read<u32> {
        let place = self.from.natural()?;
        let Some(place) = place.checked_sub(1) else { return Ok(NONE) };
        let found = usize::try_from(place).ok().and_then(|place| places(self).get(place)).copied();
        found.ok_or_else(|| self.from.malformed())
    }

    fn at(&mut self, places: fn(&Self) -> &Vec<u32>) -> Read<u32> {
        match self.optional_at(places)? {
            NONE => self.bad(),
            id => Ok(id),
        }
    }

    fn node(&mut self) -> Read<u32> {
        let id = self.at(|form| &form.locations)?;
        match self.book.node_of(id) == id {
            true => Ok(id),
            false => self.bad(),
        }
    }

    fn optional_node(&mut self) -> Read<u32> {
        let id = self.optional_at(|form| &form.locations)?;
        match id == NONE || self.book.node_of(id) == id {
            true => Ok(id),
            false => self.bad(),
        }
    }

    /// An integer whose size a balance may have.
    fn balance(&mut self) -> Read<i64> {
        self.from.measure(|value| (value.abs() <= BALANCE_MAX).then_some(value))
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
            self.sources.push(id);
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
                _ => return self.bad(),
            };
            self.book.locations[id].closed_through =
                self.from.measure(|value| (value >= -1).then_some(value))?;
            if self.from.flag()? {
                let said = self.key()?;
                let value = event::read_node(&mut self.from)?;
                if value.node != name || kind != 0 {
                    return self.bad();
                }
                self.book.locations[id].terms = Some(Dated { said, value });
            }
            self.locations.push(id);
        }
        Ok(())
    }

    fn skus(&mut self) -> Read<()> {
        for _ in 0..self.from.length()? {
            let name = self.from.name()?;
            let id = self.book.sku_id(name.as_str());
            if self.from.flag()? {
                let said = self.key()?;
                let value = event::read_item(&mut self.from)?;
                if value.sku != name {
                    return self.bad();
                }
                self.book.skus[id].item = Some(Dated { said, value }.into());
            }
            let mut outside = [0; crate::place::Outside::ALL.len()];
            for sum in &mut outside {
                *sum = self.balance()?;
            }
            self.book.skus[id].outside = outside;
            for _ in 0..self.from.length()? {
                let node = self.optional_node()?;
                let method = self.from.optional_name()?;
                let method = method.map_or(NONE, |method| self.book.words.intern(method.as_str()));
                let said = self.key()?;
                let value = self.quantity()?;
                self.book.skus[id].protections.push(Protection {
                    node,
                    method,
                    units: Dated { said, value },
                });
            }
            self.skus.push(id);
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
        let source = self.at(|form| &form.sources)?;
        let number = self.id()?;
        Ok(EventRef { source, number })
    }

    fn id(&mut self) -> Read<u64> {
        match event::read_id(&mut self.from)? {
            Id::Number(number) if number & TEXT == 0 => Ok(number),
            Id::Number(_) => self.bad(),
            Id::Text(text) => Ok(TEXT | u64::from(self.book.words.intern(text.as_str()))),
        }
    }

    fn events(&mut self) -> Read<()> {
        for source in self.sources.clone() {
            for _ in 0..self.from.length()? {
                let number = self.id()?;
                let occurred = self.from.measure(|value| Time::new(value).map(Time::millis))?;
                let print = self.from.fixed()?;
                let kind = self.from.byte()?;
                let kind = Kind::from_ordinal(kind).ok_or_else(|| self.from.malformed())?;
                let standing = match self.from.byte()? {
                    0 => Standing::Posted,
                    1 => Standing::Parked,
                    2 => Standing::PriorPeriod,
                    3 => Standing::TooOld,
                    _ => return self.bad(),
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
            let sku = self.at(|form| &form.skus)?;
            let location = self.at(|form| &form.locations)?;
            let lot = self.from.optional_name()?;
            let lot = lot.map_or(0, |lot| self.book.words.intern(lot.as_str()) + 1);
            let owner = self.from.optional_name()?;
            let owner = owner.map_or(0, |owner| self.book.owner_id(owner.as_str()));
            if self.book.owners.len() > OWNERS_MAX {
                return self.bad();
            }
            let state = self.from.state()?;
            let id = self.book.position(PositionKey { sku, location, lot, owner, state });
            self.position(id)?;
        }
        Ok(())
    }

    fn position(&mut self, id: u32) -> Read<()> {
        let quantity = self.balance()?;
        let mut previous = NONE;
        for _ in 0..self.from.length()? {
            let event = self.at(|form| &form.events)?;
            let quantity = self.balance()?;
            if quantity == 0 {
                return self.bad();
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
        let row = &mut self.book.positions.rows[id];
        row.quantity = quantity;
        row.legs = previous;
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
                return self.bad();
            }
            let expected = match self.from.flag()? {
                true => {
                    let said = self.key()?;
                    Some(Dated { said, value: (self.quantity()?, self.from.integer()?) })
                }
                false => None,
            };
            let received = self.balance()?;
            self.book.change_supply(id, |supply| {
                supply.expected = expected;
                supply.received = received;
            });
        }
        Ok(())
    }

    fn supply_ref(&mut self) -> Read<u32> {
        let Some(name) = self.from.optional_name()? else { return Ok(NONE) };
        let sku = self.at(|form| &form.skus)?;
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
                _ => return self.bad(),
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
            return self.bad();
        }
        document.replay();
        Ok(document)
    }

    fn claim(&mut self) -> Read<Claim> {
        let sku = self.at(|form| &form.skus)?;
        let node = self.optional_node()?;
        let supply = self.supply_ref()?;
        let [open, picked, shipped] = [self.balance()?, self.balance()?, self.balance()?];
        let expires = self.from.integer()?;
        let status = self.from.byte()?;
        let status = ClaimStatus::from_ordinal(status).ok_or_else(|| self.from.malformed())?;
        match open < 0 || picked < 0 || shipped < 0 || open > Quantity::MAX.units() {
            true => self.bad(),
            false => Ok(Claim { sku, node, supply, open, picked, shipped, expires, status }),
        }
    }

    fn irregular(&mut self) -> Read<Irregular> {
        let event = self.key()?;
        let line = self.from.name()?;
        let sku = self.at(|form| &form.skus)?;
        let quantity = self.balance()?;
        Ok(Irregular { event, line, sku, quantity })
    }

    fn told(&mut self) -> Read<Move> {
        let key = self.key()?;
        let kind = self.from.byte()?;
        let kind = Kind::from_ordinal(kind).ok_or_else(|| self.from.malformed())?;
        let opens = self.from.flag()?;
        let Some((_, claim)) = kind.row().claim else { return self.bad() };
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
        let sku = self.at(|form| &form.skus)?;
        let node = self.optional_node()?;
        let supply = self.supply_ref()?;
        let quantity = self.quantity()?;
        if quantity < 0 {
            return self.bad();
        }
        Ok(MoveLine { line, sku, node, supply, quantity, from_picked: self.from.flag()? })
    }

    fn waiting(&mut self) -> Read<()> {
        let parked = self.queue(Standing::Parked)?;
        for (at, event) in parked.iter() {
            self.book.parked_lines += event.lines.len();
            let Some(missing) = self.book.missing(event) else { return self.bad() };
            self.book.waiting.entry_or(missing, Set::new).add(*at);
        }
        self.book.parked = parked;
        let too_old = self.queue(Standing::TooOld)?;
        self.book.parked_lines += too_old.values().map(|event| event.lines.len()).sum::<usize>();
        self.book.too_old = too_old;
        for _ in 0..self.from.length()? {
            let note = match self.from.byte()? {
                0 => NoteKind::ReasonDue,
                1 => NoteKind::PriorPeriod,
                _ => return self.bad(),
            };
            let at = self.event_ref()?;
            self.book.notes.add((note, at));
        }
        Ok(())
    }

    fn queue(&mut self, standing: Standing) -> Read<Map<EventRef, crate::event::Event>> {
        let mut queue = Map::new();
        for _ in 0..self.from.length()? {
            let event = event::read(&mut self.from)?;
            let Some(source) = self.book.sources.id(event.source.as_str()) else { return self.bad() };
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
                return self.bad();
            }
            queue.insert(EventRef { source, number }, event);
        }
        Ok(queue)
    }
}
