//! The content of an event: what its source said, and nothing of how it travelled.

use crate::event::{Event, ItemTerms, LaneTerms, Line, NodeTerms, ProtectionTerms, Terms};
use crate::name::Name;
use crate::print::{Print, hash_of};

/// Tags of the optional parts, so that one part missing and another there never print alike.
mod tag {
    pub(super) const ACTOR: u64 = 1;
    pub(super) const ROLE: u64 = 2;
    pub(super) const NODE: u64 = 3;
    pub(super) const TO_NODE: u64 = 4;
    pub(super) const SUBJECT: u64 = 5;
    pub(super) const TO_SUBJECT: u64 = 6;
    pub(super) const CHANNEL: u64 = 7;
    pub(super) const REASON: u64 = 8;
    pub(super) const EXPIRES: u64 = 9;
    pub(super) const DUE: u64 = 10;
    pub(super) const PARTIAL: u64 = 11;
    pub(super) const LINE: u64 = 12;
    pub(super) const TERMS: u64 = 13;
}

/// What a row or an event with one plain line says: the common case, printed without looking at texts.
#[derive(Clone, Copy)]
pub(crate) struct PlainContent {
    pub(crate) kind: u64,
    pub(crate) occurred: i64,
    /// Hashes of names; `None` where not said.
    pub(crate) actor: Option<u64>,
    pub(crate) role: Option<u64>,
    pub(crate) node: u64,
    pub(crate) sku: u64,
    pub(crate) quantity: i64,
    pub(crate) state: Option<u64>,
    pub(crate) value: Option<i64>,
}

impl PlainContent {
    /// The same fingerprint that the event's own would be.
    #[inline]
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut print = Print::new().word(self.kind).signed(self.occurred);
        print = hashed(print, tag::ACTOR, self.actor);
        print = hashed(print, tag::ROLE, self.role);
        print = print.word(tag::NODE).word(self.node);
        print = print.word(tag::LINE).word(self.sku).signed(self.quantity);
        print = hashed(print, 9, self.state);
        if let Some(value) = self.value {
            print = print.word(13).signed(value);
        }
        print.finish()
    }
}

#[inline]
fn hashed(print: Print, tag: u64, hash: Option<u64>) -> Print {
    match hash {
        Some(hash) => print.word(tag).word(hash),
        None => print,
    }
}

fn named(print: Print, tag: u64, name: Option<&Name>) -> Print {
    hashed(print, tag, name.map(|name| hash_of(name.as_str())))
}

fn number(print: Print, tag: u64, number: Option<i64>) -> Print {
    match number {
        Some(number) => print.word(tag).signed(number),
        None => print,
    }
}

impl Event {
    /// 64 bits that stand for the content: everything but the id, the time of recording and what was granted.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut print = Print::new().word(self.kind.ordinal().into()).signed(self.occurred.millis());
        print = named(print, tag::ACTOR, self.actor.as_ref());
        print = named(print, tag::ROLE, self.role.as_ref());
        print = named(print, tag::NODE, self.node.as_ref());
        print = named(print, tag::TO_NODE, self.to_node.as_ref());
        print = named(print, tag::SUBJECT, self.subject.as_ref());
        print = named(print, tag::TO_SUBJECT, self.to_subject.as_ref());
        print = named(print, tag::CHANNEL, self.channel.as_ref());
        print = named(print, tag::REASON, self.reason.as_ref());
        print = number(print, tag::EXPIRES, self.expires.map(|time| time.millis()));
        print = number(print, tag::DUE, self.due.map(|time| time.millis()));
        if self.partial {
            print = print.word(tag::PARTIAL);
        }
        for line in &self.lines {
            print = line.print(print);
        }
        match &self.terms {
            Some(terms) => terms.print(print.word(tag::TERMS)).finish(),
            None => print.finish(),
        }
    }
}

impl Line {
    fn print(&self, print: Print) -> Print {
        let mut print = print.word(tag::LINE).text(self.sku.as_str()).signed(self.quantity.units());
        print = named(print, 1, self.line.as_ref());
        print = named(print, 2, self.node.as_ref());
        print = named(print, 3, self.owner.as_ref());
        print = named(print, 4, self.lot.as_ref());
        print = named(print, 5, self.place.as_ref());
        print = named(print, 6, self.to_place.as_ref());
        print = named(print, 7, self.to_sku.as_ref());
        print = named(print, 8, self.supply.as_ref());
        print = hashed(print, 9, self.state.map(|state| state.ordinal().into()));
        print = hashed(print, 10, self.to_state.map(|state| state.ordinal().into()));
        print = named(print, 11, self.pack.as_ref());
        print = number(print, 12, self.grams.map(|grams| grams.units()));
        number(print, 13, self.value.map(|value| value.minor()))
    }
}

impl Terms {
    fn print(&self, print: Print) -> Print {
        match self {
            Terms::Item(ItemTerms { sku, unit, title, backorder_limit }) => {
                let print =
                    print.word(1).text(sku.as_str()).text(unit.as_str()).signed(backorder_limit.units());
                named(print, 1, title.as_ref())
            }
            Terms::Node(NodeTerms { node, node_type, title, on_line, ships, picks_up, handling_ms }) => {
                let print = print.word(2).text(node.as_str()).word(node_type.ordinal().into());
                let print = print.word((*on_line).into()).word((*ships).into()).word((*picks_up).into());
                named(print.signed(*handling_ms), 1, title.as_ref())
            }
            Terms::Lane(LaneTerms { node, zone, method, open, transit_ms, parcel_cost, unit_cost }) => {
                let print = print.word(3).text(node.as_str()).text(zone.as_str()).text(method.as_str());
                let print = print.word((*open).into()).signed(*transit_ms);
                print.signed(parcel_cost.minor()).signed(unit_cost.minor())
            }
            Terms::Protection(ProtectionTerms { sku, node, method, quantity }) => {
                let print = print.word(4).text(sku.as_str()).signed(quantity.units());
                named(named(print, 1, node.as_ref()), 2, method.as_ref())
            }
        }
    }
}
