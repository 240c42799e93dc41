//! An event in the canonical form: for facts that wait.

use alloc::boxed::Box;

use super::wire::{Malformed, Read, Reader, Writer};
use crate::catalogue::{Card, Field, List, Value};
use crate::event::{
    Event, Id, ItemTerms, LaneTerms, Line, LotTerms, NodeTerms, NodeType, ProtectionTerms, Terms,
};
use crate::kind::Kind;
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::place::StockState;

/// The time of recording is no part of the content, so it is not carried.
pub(super) fn write(to: &mut Writer, event: &Event) {
    to.name(&event.source);
    write_id(to, &event.id);
    to.byte(event.kind.ordinal());
    to.integer(event.occurred.millis());
    let names = [
        &event.actor,
        &event.role,
        &event.node,
        &event.to_node,
        &event.subject,
        &event.to_subject,
        &event.channel,
        &event.reason,
    ];
    for name in names {
        to.optional_name(name.as_ref());
    }
    to.optional_integer(event.expires.map(Time::millis));
    to.optional_integer(event.due.map(Time::millis));
    to.byte(event.asks.map_or(u8::MAX, Kind::ordinal));
    to.flag(event.partial);
    to.length(event.lines.len());
    for line in &event.lines {
        write_line(to, line);
    }
    to.flag(event.terms.is_some());
    if let Some(terms) = &event.terms {
        write_terms(to, terms);
    }
}

pub(super) fn read(from: &mut Reader<'_>) -> Read<Event> {
    let source = from.name()?;
    let id = read_id(from)?;
    let kind = from.byte()?;
    let kind = Kind::from_ordinal(kind).ok_or(Malformed)?;
    let occurred = from.measure(Time::new)?;
    let mut event = Event::new(source, id, kind, occurred);
    event.recorded = Time::ZERO;
    let names = [
        &mut event.actor,
        &mut event.role,
        &mut event.node,
        &mut event.to_node,
        &mut event.subject,
        &mut event.to_subject,
        &mut event.channel,
        &mut event.reason,
    ];
    for name in names {
        *name = from.optional_name()?;
    }
    event.expires = optional(from, Time::new)?;
    event.due = optional(from, Time::new)?;
    event.asks = match from.byte()? {
        u8::MAX => None,
        ordinal => Some(Kind::from_ordinal(ordinal).ok_or(Malformed)?),
    };
    event.partial = from.flag()?;
    for _ in 0..from.length()? {
        event.lines.push(read_line(from)?);
    }
    if from.flag()? {
        event.terms = Some(Box::new(read_terms(from)?));
    }
    event.check().map_err(|_| Malformed)?;
    Ok(event)
}

fn optional<T>(from: &mut Reader<'_>, check: impl Fn(i64) -> Option<T>) -> Read<Option<T>> {
    match from.optional_integer()? {
        Some(value) => check(value).map(Some).ok_or(Malformed),
        None => Ok(None),
    }
}

pub(super) fn write_id(to: &mut Writer, id: &Id) {
    match id {
        Id::Number(number) => to.natural(*number),
        Id::Text(text) => {
            to.natural(0);
            to.name(text);
        }
    }
}

pub(super) fn read_id(from: &mut Reader<'_>) -> Read<Id> {
    match from.natural()? {
        0 => Ok(Id::Text(from.name()?)),
        number => Ok(Id::Number(number)),
    }
}

fn write_line(to: &mut Writer, line: &Line) {
    to.name(&line.sku);
    to.integer(line.quantity.units());
    let names = [
        &line.line,
        &line.node,
        &line.owner,
        &line.lot,
        &line.place,
        &line.to_place,
        &line.to_sku,
        &line.supply,
        &line.pack,
    ];
    for name in names {
        to.optional_name(name.as_ref());
    }
    for state in [line.state, line.to_state] {
        to.byte(state.map_or(u8::MAX, StockState::ordinal));
    }
    to.optional_integer(line.granted.map(Quantity::units));
    to.optional_integer(line.bound.map(Quantity::units));
    to.optional_integer(line.value.map(Money::minor));
    to.optional_integer(line.grams.map(Quantity::units));
}

fn read_line(from: &mut Reader<'_>) -> Read<Line> {
    let sku = from.name()?;
    let quantity = from.measure(Quantity::new)?;
    let mut line = Line::new(sku, quantity.units()).map_err(|_| Malformed)?;
    let names = [
        &mut line.line,
        &mut line.node,
        &mut line.owner,
        &mut line.lot,
        &mut line.place,
        &mut line.to_place,
        &mut line.to_sku,
        &mut line.supply,
        &mut line.pack,
    ];
    for name in names {
        *name = from.optional_name()?;
    }
    for state in [&mut line.state, &mut line.to_state] {
        *state = match from.byte()? {
            u8::MAX => None,
            ordinal => Some(StockState::from_ordinal(ordinal).ok_or(Malformed)?),
        };
    }
    line.granted = optional(from, Quantity::new)?;
    line.bound = optional(from, Quantity::new)?;
    line.value = optional(from, Money::new)?;
    line.grams = optional(from, Quantity::new)?;
    Ok(line)
}

pub(super) fn write_terms(to: &mut Writer, terms: &Terms) {
    match terms {
        Terms::Item(item) => {
            to.byte(0);
            write_item(to, item);
        }
        Terms::Node(node) => {
            to.byte(1);
            write_node(to, node);
        }
        Terms::Lane(lane) => {
            to.byte(2);
            write_lane(to, lane);
        }
        Terms::Protection(protection) => {
            to.byte(3);
            to.name(&protection.sku);
            to.optional_name(protection.node.as_ref());
            to.optional_name(protection.method.as_ref());
            to.integer(protection.quantity.units());
        }
        Terms::Card(card) => {
            to.byte(4);
            write_card(to, card);
        }
        Terms::Lot(lot) => {
            to.byte(5);
            to.name(&lot.sku);
            to.name(&lot.lot);
            to.optional_integer(lot.expires.map(Time::millis));
            to.flag(lot.recalled);
        }
    }
}

fn read_terms(from: &mut Reader<'_>) -> Read<Terms> {
    Ok(match from.byte()? {
        0 => Terms::Item(read_item(from)?),
        1 => Terms::Node(read_node(from)?),
        2 => Terms::Lane(read_lane(from)?),
        3 => Terms::Protection(ProtectionTerms {
            sku: from.name()?,
            node: from.optional_name()?,
            method: from.optional_name()?,
            quantity: from.measure(Quantity::new)?,
        }),
        4 => Terms::Card(read_card(from)?),
        5 => Terms::Lot(LotTerms {
            sku: from.name()?,
            lot: from.name()?,
            expires: optional(from, Time::new)?,
            recalled: from.flag()?,
        }),
        _ => return Err(Malformed),
    })
}

fn write_card(to: &mut Writer, card: &Card) {
    to.byte(card.list.ordinal());
    to.optional_name(card.of.as_ref());
    to.name(&card.name);
    to.length(card.says().len());
    for (field, value) in card.says() {
        to.byte(field.ordinal());
        match value {
            Value::Flag(flag) => to.byte((*flag).into()),
            Value::Number(number) => {
                to.byte(2);
                to.integer(*number);
            }
            Value::Name(name) => {
                to.byte(3);
                to.name(name);
            }
        }
    }
}

fn read_card(from: &mut Reader<'_>) -> Read<Card> {
    let list = List::from_ordinal(from.byte()?).ok_or(Malformed)?;
    let of = from.optional_name()?;
    let mut card = Card::new(list, from.name()?);
    card.of = of;
    for _ in 0..from.length()? {
        let field = Field::from_ordinal(from.byte()?).ok_or(Malformed)?;
        let value = match from.byte()? {
            flag @ (0 | 1) => Value::Flag(flag == 1),
            2 => Value::Number(from.integer()?),
            3 => Value::Name(from.name()?),
            _ => return Err(Malformed),
        };
        // One byte form for one card: fields come in order.
        if card.says().last().is_some_and(|(last, _)| *last >= field) {
            return Err(Malformed);
        }
        card = card.with(field, value);
    }
    Ok(card)
}

fn write_item(to: &mut Writer, item: &ItemTerms) {
    to.name(&item.sku);
    to.optional_name(item.title.as_ref());
    write_common(to, item);
}

fn read_item(from: &mut Reader<'_>) -> Read<ItemTerms> {
    let (sku, title) = (from.name()?, from.optional_name()?);
    read_common(from, sku, title)
}

/// What many items have in common: all but their own names.
pub(super) fn write_common(to: &mut Writer, item: &ItemTerms) {
    to.name(&item.unit);
    to.integer(item.backorder_limit.units());
}

pub(super) fn read_common(from: &mut Reader<'_>, sku: Name, title: Option<Name>) -> Read<ItemTerms> {
    Ok(ItemTerms { sku, title, unit: from.name()?, backorder_limit: from.measure(Quantity::new)? })
}

pub(super) fn write_node(to: &mut Writer, node: &NodeTerms) {
    to.name(&node.node);
    to.byte(node.node_type.ordinal());
    to.optional_name(node.title.as_ref());
    for flag in [node.on_line, node.ships, node.picks_up] {
        to.flag(flag);
    }
    to.integer(node.handling_ms);
}

pub(super) fn read_node(from: &mut Reader<'_>) -> Read<NodeTerms> {
    let node = from.name()?;
    let node_type = from.byte()?;
    Ok(NodeTerms {
        node,
        node_type: NodeType::from_ordinal(node_type).ok_or(Malformed)?,
        title: from.optional_name()?,
        on_line: from.flag()?,
        ships: from.flag()?,
        picks_up: from.flag()?,
        handling_ms: from.integer()?,
    })
}

pub(super) fn write_lane(to: &mut Writer, lane: &LaneTerms) {
    for name in [&lane.node, &lane.zone, &lane.method] {
        to.name(name);
    }
    to.flag(lane.open);
    for value in [lane.transit_ms, lane.parcel_cost.minor(), lane.unit_cost.minor()] {
        to.integer(value);
    }
}

pub(super) fn read_lane(from: &mut Reader<'_>) -> Read<LaneTerms> {
    Ok(LaneTerms {
        node: from.name()?,
        zone: from.name()?,
        method: from.name()?,
        open: from.flag()?,
        transit_ms: from.integer()?,
        parcel_cost: from.measure(Money::new)?,
        unit_cost: from.measure(Money::new)?,
    })
}
