//! The canonical form, written.

use alloc::vec::Vec;

use super::MAGIC;
use super::event;
use super::wire::Writer;
use crate::book::{Book, Dated, EventRef, LocationKind, NoteKind};
use crate::claim::{Claim, Document, Irregular, Move, MoveLine};
use crate::dense::NONE;
use crate::kept::Standing;
use crate::kind::{ClaimMove, Ledger};
use crate::name::Name;
use crate::ordered::{Set, sort, sort_by, sort_by_key};
use crate::stock::Key;

pub(super) fn canonical(book: &Book) -> Vec<u8> {
    let mut form = Form::new(book);
    form.to.0.extend_from_slice(MAGIC);
    form.sources();
    form.locations();
    form.skus();
    form.events();
    form.positions();
    form.supplies();
    form.lanes();
    form.documents();
    form.waiting();
    form.to.0
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

    fn sources(&mut self) {
        let used: Vec<(&str, u32)> =
            self.book.sources.in_order().filter(|(_, id)| self.book.seen[*id].used).collect();
        self.to.length(used.len());
        let mut next = 0;
        for (text, id) in used {
            number(&mut self.sources, id, &mut next);
            self.to.text(text);
            self.to.natural(self.book.seen[id].settled_below);
        }
    }

    fn is_live(&self, position: u32) -> bool {
        let row = &self.book.positions.rows[position];
        let unexplained = self.book.variances.get(&position).is_some_and(|found| *found != 0);
        row.quantity != 0
            || row.legs != NONE
            || self.book.positions.last_count(position) != NONE
            || unexplained
    }

    fn is_live_supply(&self, id: u32) -> bool {
        let supply = &self.book.supplies[id];
        supply.expected.is_some() || supply.received != 0
    }

    /// Nodes by name, then places by node and name, then transfers by name.
    fn locations(&mut self) {
        let book = self.book;
        let mut used: Set<u32> = Set::new();
        for (id, row) in book.positions.rows.enumerate() {
            if self.is_live(id) {
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
        let mut sorted: Vec<u32> = used.keys().copied().collect();
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

    fn skus(&mut self) {
        let book = self.book;
        let used: Vec<(&str, u32)> = book
            .sku_names
            .in_order()
            .filter(|(_, id)| {
                let sku = &book.skus[*id];
                sku.item.is_some() || !sku.protections.is_empty()
            })
            .collect();
        self.to.length(used.len());
        let mut next = 0;
        for (text, id) in used {
            number(&mut self.skus, id, &mut next);
            let sku = &book.skus[id];
            self.to.text(text);
            self.to.flag(sku.item.is_some());
            if let Some(item) = &sku.item {
                self.key(item.said);
                event::write_item(&mut self.to, &item.value);
            }
            for sum in sku.outside {
                self.to.integer(sum);
            }
            let word = |id: u32| if id == NONE { "" } else { book.words.text(id) };
            let mut protections: Vec<_> = sku.protections.iter().collect();
            sort_by_key(&mut protections, |one| (place_of(&self.locations, one.node), word(one.method)));
            self.to.length(protections.len());
            for one in protections {
                self.to.natural(place_of(&self.locations, one.node));
                self.to.text(word(one.method));
                self.key(one.units.said);
                self.to.integer(one.units.value);
            }
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
            book.sources.in_order().map(|(_, id)| id).filter(|id| book.seen[*id].used).collect();
        let mut next = 0;
        for source in sources {
            let seen = &book.seen[source];
            let slots: Vec<u32> =
                seen.numbers().map(|(_, slot)| slot).chain(seen.texts().map(|(_, slot)| slot)).collect();
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

    fn positions(&mut self) {
        let book = self.book;
        let mut live: Vec<u32> =
            book.positions.rows.enumerate().map(|(id, _)| id).filter(|id| self.is_live(*id)).collect();
        sort_by_key(&mut live, |id| {
            let key = book.positions.rows[*id].key;
            let (lot, owner) = self.part_names(key.lot, key.owner);
            (place_of(&self.skus, key.sku), place_of(&self.locations, key.location), lot, owner, key.state)
        });
        self.to.length(live.len());
        for id in live {
            self.position(id);
        }
    }

    fn part_names(&self, lot: u32, owner: u16) -> (&'a str, &'a str) {
        let lot = lot.checked_sub(1).map_or("", |lot| self.book.words.text(lot));
        let owner = owner.checked_sub(1).map_or("", |owner| self.book.owners.text(owner.into()));
        (lot, owner)
    }

    fn position(&mut self, id: u32) {
        let book = self.book;
        let row = &book.positions.rows[id];
        let (lot, owner) = self.part_names(row.key.lot, row.key.owner);
        self.to.natural(place_of(&self.skus, row.key.sku));
        self.to.natural(place_of(&self.locations, row.key.location));
        self.to.text(lot);
        self.to.text(owner);
        self.to.byte(row.key.state.ordinal());
        self.to.integer(row.quantity);
        let mut legs = Vec::new();
        let mut leg = row.legs;
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
            book.supplies.enumerate().map(|(id, _)| id).filter(|id| self.is_live_supply(*id)).collect();
        sort_by_key(&mut live, |id| self.supply_key(*id));
        self.to.length(live.len());
        for id in live {
            self.supply_ref(id);
            let supply = &book.supplies[id];
            self.to.flag(supply.expected.is_some());
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
        let mut lanes: Vec<_> = book.lanes.values().collect();
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
            .collect();
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
        self.to.byte(claim.status.ordinal());
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
        self.to.flag(line.from_picked);
    }

    /// Facts that wait, facts too old, and notes, by source and id.
    fn waiting(&mut self) {
        let book = self.book;
        for queue in [&book.parked, &book.too_old] {
            let mut events: Vec<_> = queue.values().collect();
            sort_by(&mut events, |one, other| (&one.source, &one.id).cmp(&(&other.source, &other.id)));
            self.to.length(events.len());
            for one in events {
                event::write(&mut self.to, one);
            }
        }
        let mut notes: Vec<(NoteKind, EventRef)> = book.notes.keys().copied().collect();
        sort_by_key(&mut notes, |(note, at)| (*note, book.event_name(*at)));
        self.to.length(notes.len());
        for (note, at) in notes {
            self.to.byte(match note {
                NoteKind::ReasonDue => 0,
                NoteKind::PriorPeriod => 1,
            });
            self.event_ref(at);
        }
    }
}
