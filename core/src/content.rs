//! The content of an event: what its source said, and nothing of how it travelled.

use crate::catalogue::{Card, Value};
use crate::event::{Event, ItemTerms, LaneTerms, Line, LotTerms, NodeTerms, ProtectionTerms, Terms};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::print::Print;

/// Tags of the parts of an event, all different and below 64.
mod tag {
    pub(super) const KIND: u32 = 0;
    pub(super) const OCCURRED: u32 = 1;
    pub(super) const ACTOR: u32 = 2;
    pub(super) const ROLE: u32 = 3;
    pub(super) const NODE: u32 = 4;
    pub(super) const TO_NODE: u32 = 5;
    pub(super) const SUBJECT: u32 = 6;
    pub(super) const TO_SUBJECT: u32 = 7;
    pub(super) const CHANNEL: u32 = 8;
    pub(super) const REASON: u32 = 9;
    pub(super) const EXPIRES: u32 = 10;
    pub(super) const DUE: u32 = 11;
    pub(super) const PARTIAL: u32 = 12;
    pub(super) const TERMS: u32 = 13;
    pub(super) const ASKS: u32 = 14;

    /// Parts of a line.
    pub(super) const SKU: u32 = 20;
    pub(super) const QUANTITY: u32 = 21;
    pub(super) const LINE: u32 = 22;
    pub(super) const LINE_NODE: u32 = 23;
    pub(super) const OWNER: u32 = 24;
    pub(super) const LOT: u32 = 25;
    pub(super) const PLACE: u32 = 26;
    pub(super) const TO_PLACE: u32 = 27;
    pub(super) const TO_SKU: u32 = 28;
    pub(super) const SUPPLY: u32 = 29;
    pub(super) const STATE: u32 = 30;
    pub(super) const TO_STATE: u32 = 31;
    pub(super) const PACK: u32 = 32;
    pub(super) const GRAMS: u32 = 33;
    pub(super) const VALUE: u32 = 34;
    /// The first line's parts as one; each later line mixes its place in.
    pub(super) const LINES: u32 = 35;
}

/// What a row or an event with one plain line says: the common case, printed without looking at texts.
#[derive(Clone, Copy)]
pub(crate) struct PlainContent {
    /// Its place in the table, mixed.
    pub(crate) kind: u64,
    pub(crate) occurred: i64,
    /// Hashes of names; `None` where not said.
    pub(crate) actor: Option<u64>,
    pub(crate) role: Option<u64>,
    pub(crate) node: u64,
    pub(crate) sku: u64,
    pub(crate) quantity: i64,
    pub(crate) state: Option<u8>,
    pub(crate) value: Option<i64>,
}

impl PlainContent {
    /// The same fingerprint that the event's own would be.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn fingerprint(&self) -> u32 {
        let mut line = Print::new().hashed(tag::SKU, self.sku).signed(tag::QUANTITY, self.quantity);
        if let Some(state) = self.state {
            line = line.word(tag::STATE, state.into());
        }
        if let Some(value) = self.value {
            line = line.signed(tag::VALUE, value);
        }
        let mut print = Print::new().hashed(tag::KIND, self.kind).signed(tag::OCCURRED, self.occurred);
        if let Some(actor) = self.actor {
            print = print.hashed(tag::ACTOR, actor);
        }
        if let Some(role) = self.role {
            print = print.hashed(tag::ROLE, role);
        }
        print.hashed(tag::NODE, self.node).hashed(tag::LINES, line.finish()).short()
    }
}

fn named(print: Print, tag: u32, name: Option<&Name>) -> Print {
    match name {
        Some(name) => print.text(tag, name.as_str()),
        None => print,
    }
}

fn number(print: Print, tag: u32, number: Option<i64>) -> Print {
    match number {
        Some(number) => print.signed(tag, number),
        None => print,
    }
}

impl Event {
    /// 32 bits that stand for the content: everything but the id, the time of recording and what was granted.
    pub(crate) fn fingerprint(&self) -> u32 {
        let kind = self.kind.ordinal().into();
        let mut print = Print::new().word(tag::KIND, kind).signed(tag::OCCURRED, self.occurred.millis());
        let names = [
            (tag::ACTOR, &self.actor),
            (tag::ROLE, &self.role),
            (tag::NODE, &self.node),
            (tag::TO_NODE, &self.to_node),
            (tag::SUBJECT, &self.subject),
            (tag::TO_SUBJECT, &self.to_subject),
            (tag::CHANNEL, &self.channel),
            (tag::REASON, &self.reason),
        ];
        for (tag, name) in names {
            print = named(print, tag, name.as_ref());
        }
        print = number(print, tag::EXPIRES, self.expires.map(Time::millis));
        print = number(print, tag::DUE, self.due.map(Time::millis));
        print = number(print, tag::ASKS, self.asks.map(|kind| kind.ordinal().into()));
        if self.partial {
            print = print.word(tag::PARTIAL, 1);
        }
        for (place, line) in (0..).zip(self.lines.iter().filter(|line| line.bound != Some(Quantity::ZERO))) {
            print = match place {
                0 => print.hashed(tag::LINES, line.fingerprint()),
                place => print.word(tag::LINES, line.fingerprint().wrapping_add(place)),
            };
        }
        match &self.terms {
            Some(terms) => print.hashed(tag::TERMS, terms.fingerprint()).short(),
            None => print.short(),
        }
    }
}

impl Line {
    fn fingerprint(&self) -> u64 {
        let mut print = Print::new()
            .text(tag::SKU, self.sku.as_str())
            .signed(tag::QUANTITY, self.asked_quantity().units());
        let names = [
            (tag::LINE, &self.line),
            (tag::LINE_NODE, &self.node),
            (tag::OWNER, &self.owner),
            (tag::LOT, if self.bound.is_some() { &None } else { &self.lot }),
            (tag::PLACE, &self.place),
            (tag::TO_PLACE, &self.to_place),
            (tag::TO_SKU, &self.to_sku),
            (tag::SUPPLY, &self.supply),
            (tag::PACK, &self.pack),
        ];
        for (tag, name) in names {
            print = named(print, tag, name.as_ref());
        }
        for (tag, state) in [(tag::STATE, self.state), (tag::TO_STATE, self.to_state)] {
            print = number(print, tag, state.map(|state| state.ordinal().into()));
        }
        print = number(print, tag::GRAMS, self.grams.map(Quantity::units));
        number(print, tag::VALUE, self.value.map(Money::minor)).finish()
    }
}

impl Terms {
    /// Fields are tagged by their place.
    fn fingerprint(&self) -> u64 {
        match self {
            Terms::Item(ItemTerms { sku, unit, title, backorder_limit }) => {
                let print = Print::new().word(0, 1).text(1, sku.as_str()).text(2, unit.as_str());
                named(print, 3, title.as_ref()).signed(4, backorder_limit.units()).finish()
            }
            Terms::Node(NodeTerms { node, node_type, title, on_line, ships, picks_up, handling_ms }) => {
                let print =
                    Print::new().word(0, 2).text(1, node.as_str()).word(2, node_type.ordinal().into());
                let print =
                    print.word(4, (*on_line).into()).word(5, (*ships).into()).word(6, (*picks_up).into());
                named(print, 3, title.as_ref()).signed(7, *handling_ms).finish()
            }
            Terms::Lane(LaneTerms { node, zone, method, open, transit_ms, parcel_cost, unit_cost }) => {
                let print = Print::new().word(0, 3).text(1, node.as_str()).text(2, zone.as_str());
                let print = print.text(3, method.as_str()).word(4, (*open).into()).signed(5, *transit_ms);
                print.signed(6, parcel_cost.minor()).signed(7, unit_cost.minor()).finish()
            }
            Terms::Lot(LotTerms { sku, lot, expires, recalled }) => {
                let print = Print::new().word(0, 6).text(1, sku.as_str()).text(2, lot.as_str());
                number(print, 3, expires.map(Time::millis)).word(4, (*recalled).into()).finish()
            }
            Terms::Protection(ProtectionTerms { sku, node, method, quantity }) => {
                let print = Print::new().word(0, 4).text(1, sku.as_str()).signed(4, quantity.units());
                named(named(print, 2, node.as_ref()), 3, method.as_ref()).finish()
            }
            Terms::Card(card) => card.fingerprint(),
        }
    }
}

impl Card {
    /// Fields are tagged by their place in the table, which grows at its end.
    fn fingerprint(&self) -> u64 {
        let print = Print::new().word(0, 5).word(1, self.list.ordinal().into()).text(2, self.name.as_str());
        let print = named(print, 3, self.of.as_ref());
        let says = self.says().iter().fold(Print::new(), |print, (field, value)| {
            let tag = field.ordinal().into();
            match value {
                Value::Name(name) => print.text(tag, name.as_str()),
                Value::Number(number) => print.signed(tag, *number),
                Value::Flag(flag) => print.word(tag, (*flag).into()),
            }
        });
        print.hashed(4, says.finish()).finish()
    }
}
