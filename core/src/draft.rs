//! Events as JSON text: read into a draft by tables of keys, and then made events, or rows where they fit in one.
//!
//! The keys are those that the types in `event` have under serde, which is what writes them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::book::Book;
use crate::catalogue::{Card, Field as CardField, List, Value};
use crate::dense::NONE;
use crate::event::{
    Event, Id, ItemTerms, LaneTerms, Line, LotTerms, NodeTerms, NodeType, ProtectionTerms, Terms,
};
use crate::json::{Field, Read, Reader, Span, TextError, Wrong};
use crate::kind::Kind;
use crate::limits::LINES_MAX;
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::place::StockState;
use crate::print::{hash_of, same};
use crate::rows::{Row, RowBytes, is_plain};
use crate::sentence::sentence;

/// What the text says of an event. Strings stay where they are until it is known what becomes of it.
#[derive(Default)]
struct Draft {
    said: u32,
    source: Span,
    id: Option<DraftId>,
    kind: Option<Kind>,
    occurred: Option<Time>,
    recorded: Time,
    node: Span,
    actor: Span,
    role: Span,
    to_node: Span,
    subject: Span,
    to_subject: Span,
    channel: Span,
    reason: Span,
    expires: Option<Time>,
    due: Option<Time>,
    asks: Option<Kind>,
    partial: bool,
    lines: Vec<DraftLine>,
    /// The line that is being read.
    line: DraftLine,
    terms: Option<Box<Terms>>,
}

#[derive(Clone, Copy)]
enum DraftId {
    Number(i64),
    Text(Span),
}

#[derive(Clone, Copy, Default)]
struct DraftLine {
    said: u32,
    sku: Span,
    quantity: Option<Quantity>,
    state: Option<StockState>,
    value: Option<Money>,
    line: Span,
    node: Span,
    owner: Span,
    lot: Span,
    place: Span,
    to_place: Span,
    to_state: Option<StockState>,
    to_sku: Span,
    supply: Span,
    granted: Option<Quantity>,
    bound: Option<Quantity>,
    grams: Option<Quantity>,
    pack: Span,
}

/// The parts of all kinds of terms.
#[derive(Clone, Copy, Default)]
struct DraftTerms {
    sku: Span,
    unit: Span,
    title: Span,
    node: Span,
    node_type: Option<NodeType>,
    zone: Span,
    method: Span,
    on_line: Option<bool>,
    ships: Option<bool>,
    picks_up: Option<bool>,
    open: Option<bool>,
    handling_ms: i64,
    transit_ms: Option<i64>,
    parcel_cost: Option<Money>,
    unit_cost: Option<Money>,
    quantity: Option<Quantity>,
    backorder_limit: Quantity,
    lot: Span,
    expires: Option<Time>,
    recalled: Option<bool>,
}

/// Those that a row has come first.
const EVENT: &[Field<Draft>] = &[
    ("source", |draft, reader| needed(&mut draft.source, reader.string())),
    ("id", |draft, reader| {
        draft.id = Some(match reader.is_string() {
            true => DraftId::Text(reader.string()?),
            false => DraftId::Number(reader.number()?),
        });
        Ok(())
    }),
    ("kind", |draft, reader| {
        draft.kind = Some(kind(reader)?);
        Ok(())
    }),
    ("occurred", |draft, reader| {
        draft.occurred = Some(time(reader)?);
        Ok(())
    }),
    ("node", |draft, reader| optional(&mut draft.node, reader)),
    ("lines", |draft, reader| {
        reader.list(|reader| {
            // No more is read than can be right.
            if draft.lines.len() >= LINES_MAX {
                return Err(Wrong::new("an event has more than 10000 lines"));
            }
            draft.line = DraftLine::default();
            draft.line.said = reader.object(draft, LINE)?;
            draft.lines.push(draft.line);
            Ok(())
        })
    }),
    ("recorded", |draft, reader| needed(&mut draft.recorded, time(reader))),
    ("actor", |draft, reader| optional(&mut draft.actor, reader)),
    ("role", |draft, reader| optional(&mut draft.role, reader)),
    ("to_node", |draft, reader| optional(&mut draft.to_node, reader)),
    ("subject", |draft, reader| optional(&mut draft.subject, reader)),
    ("to_subject", |draft, reader| optional(&mut draft.to_subject, reader)),
    ("channel", |draft, reader| optional(&mut draft.channel, reader)),
    ("reason", |draft, reader| optional(&mut draft.reason, reader)),
    ("expires", |draft, reader| unless_null(&mut draft.expires, reader, time)),
    ("due", |draft, reader| unless_null(&mut draft.due, reader, time)),
    ("asks", |draft, reader| unless_null(&mut draft.asks, reader, kind)),
    ("partial", |draft, reader| needed(&mut draft.partial, reader.boolean())),
    ("terms", |draft, reader| match reader.null() {
        true => Ok(()),
        false if reader.object(draft, TERMS)? == 0 => Err(Wrong::new("terms of no kind")),
        false => Ok(()),
    }),
];
/// The first keys of `EVENT` and of `LINE`, as bits: what a row has.
const ROW: u32 = 0x1ff;
const ROW_LINE: u32 = 0xf;

const LINE: &[Field<Draft>] = &[
    ("sku", |draft, reader| needed(&mut draft.line.sku, reader.string())),
    ("quantity", |draft, reader| {
        draft.line.quantity = Some(quantity(reader)?);
        Ok(())
    }),
    ("state", |draft, reader| unless_null(&mut draft.line.state, reader, state)),
    ("value", |draft, reader| unless_null(&mut draft.line.value, reader, money)),
    ("line", |draft, reader| optional(&mut draft.line.line, reader)),
    ("node", |draft, reader| optional(&mut draft.line.node, reader)),
    ("owner", |draft, reader| optional(&mut draft.line.owner, reader)),
    ("lot", |draft, reader| optional(&mut draft.line.lot, reader)),
    ("place", |draft, reader| optional(&mut draft.line.place, reader)),
    ("to_place", |draft, reader| optional(&mut draft.line.to_place, reader)),
    ("to_state", |draft, reader| unless_null(&mut draft.line.to_state, reader, state)),
    ("to_sku", |draft, reader| optional(&mut draft.line.to_sku, reader)),
    ("supply", |draft, reader| optional(&mut draft.line.supply, reader)),
    ("granted", |draft, reader| unless_null(&mut draft.line.granted, reader, quantity)),
    ("bound", |draft, reader| unless_null(&mut draft.line.bound, reader, quantity)),
    ("grams", |draft, reader| unless_null(&mut draft.line.grams, reader, quantity)),
    ("pack", |draft, reader| optional(&mut draft.line.pack, reader)),
];

const TERMS: &[Field<Draft>] = &[
    ("item", |draft, reader| {
        let parts = parts(reader, &[SKU, UNIT, TITLE, BACKORDER_LIMIT])?;
        let terms = ItemTerms {
            sku: name(reader, parts.sku, "sku")?,
            unit: name(reader, parts.unit, "unit")?,
            title: maybe(reader, parts.title)?,
            backorder_limit: parts.backorder_limit,
        };
        draft.say(Terms::Item(terms))
    }),
    ("node", |draft, reader| {
        let parts = parts(reader, &[NODE, NODE_TYPE, TITLE, ON_LINE, SHIPS, PICKS_UP, HANDLING_MS])?;
        let terms = NodeTerms {
            node: name(reader, parts.node, "node")?,
            node_type: there(parts.node_type, "type")?,
            title: maybe(reader, parts.title)?,
            on_line: there(parts.on_line, "on_line")?,
            ships: there(parts.ships, "ships")?,
            picks_up: there(parts.picks_up, "picks_up")?,
            handling_ms: parts.handling_ms,
        };
        draft.say(Terms::Node(terms))
    }),
    ("lane", |draft, reader| {
        let parts = parts(reader, &[NODE, ZONE, METHOD, OPEN, TRANSIT_MS, PARCEL_COST, UNIT_COST])?;
        let terms = LaneTerms {
            node: name(reader, parts.node, "node")?,
            zone: name(reader, parts.zone, "zone")?,
            method: name(reader, parts.method, "method")?,
            open: there(parts.open, "open")?,
            transit_ms: there(parts.transit_ms, "transit_ms")?,
            parcel_cost: there(parts.parcel_cost, "parcel_cost")?,
            unit_cost: there(parts.unit_cost, "unit_cost")?,
        };
        draft.say(Terms::Lane(terms))
    }),
    ("protection", |draft, reader| {
        let parts = parts(reader, &[SKU, NODE, METHOD, QUANTITY])?;
        let terms = ProtectionTerms {
            sku: name(reader, parts.sku, "sku")?,
            node: maybe(reader, parts.node)?,
            method: maybe(reader, parts.method)?,
            quantity: there(parts.quantity, "quantity")?,
        };
        draft.say(Terms::Protection(terms))
    }),
    ("card", |draft, reader| {
        let card = card(reader)?;
        draft.say(Terms::Card(card))
    }),
    ("lot", |draft, reader| {
        let parts = parts(reader, &[SKU, LOT, EXPIRES, RECALLED])?;
        let terms = LotTerms {
            sku: name(reader, parts.sku, "sku")?,
            lot: name(reader, parts.lot, "lot")?,
            expires: parts.expires,
            recalled: parts.recalled.unwrap_or(false),
        };
        draft.say(Terms::Lot(terms))
    }),
];

const SKU: Field<DraftTerms> = ("sku", |parts, reader| needed(&mut parts.sku, reader.string()));
const UNIT: Field<DraftTerms> = ("unit", |parts, reader| needed(&mut parts.unit, reader.string()));
const TITLE: Field<DraftTerms> = ("title", |parts, reader| optional(&mut parts.title, reader));
const NODE: Field<DraftTerms> = ("node", |parts, reader| optional(&mut parts.node, reader));
const ZONE: Field<DraftTerms> = ("zone", |parts, reader| needed(&mut parts.zone, reader.string()));
const METHOD: Field<DraftTerms> = ("method", |parts, reader| optional(&mut parts.method, reader));
const NODE_TYPE: Field<DraftTerms> = ("type", |parts, reader| {
    let code = reader.string()?;
    parts.node_type = Some(coded(reader, code, " is no type of node", NodeType::from_code)?);
    Ok(())
});
const ON_LINE: Field<DraftTerms> = ("on_line", |parts, reader| flag(&mut parts.on_line, reader));
const SHIPS: Field<DraftTerms> = ("ships", |parts, reader| flag(&mut parts.ships, reader));
const PICKS_UP: Field<DraftTerms> = ("picks_up", |parts, reader| flag(&mut parts.picks_up, reader));
const OPEN: Field<DraftTerms> = ("open", |parts, reader| flag(&mut parts.open, reader));
const HANDLING_MS: Field<DraftTerms> =
    ("handling_ms", |parts, reader| needed(&mut parts.handling_ms, reader.number()));
const TRANSIT_MS: Field<DraftTerms> = ("transit_ms", |parts, reader| {
    parts.transit_ms = Some(reader.number()?);
    Ok(())
});
const PARCEL_COST: Field<DraftTerms> = ("parcel_cost", |parts, reader| {
    parts.parcel_cost = Some(money(reader)?);
    Ok(())
});
const UNIT_COST: Field<DraftTerms> = ("unit_cost", |parts, reader| {
    parts.unit_cost = Some(money(reader)?);
    Ok(())
});
const QUANTITY: Field<DraftTerms> = ("quantity", |parts, reader| {
    parts.quantity = Some(quantity(reader)?);
    Ok(())
});
const LOT: Field<DraftTerms> = ("lot", |parts, reader| needed(&mut parts.lot, reader.string()));
const EXPIRES: Field<DraftTerms> = ("expires", |parts, reader| unless_null(&mut parts.expires, reader, time));
const RECALLED: Field<DraftTerms> = ("recalled", |parts, reader| flag(&mut parts.recalled, reader));
const BACKORDER_LIMIT: Field<DraftTerms> =
    ("backorder_limit", |parts, reader| needed(&mut parts.backorder_limit, quantity(reader)));

fn needed<T>(to: &mut T, read: Read<T>) -> Read<()> {
    *to = read?;
    Ok(())
}

fn unless_null<T>(
    to: &mut Option<T>,
    reader: &mut Reader<'_>,
    read: fn(&mut Reader<'_>) -> Read<T>,
) -> Read<()> {
    if !reader.null() {
        *to = Some(read(reader)?);
    }
    Ok(())
}

fn optional(to: &mut Span, reader: &mut Reader<'_>) -> Read<()> {
    match reader.null() {
        true => Ok(()),
        false => needed(to, reader.string()),
    }
}

fn flag(to: &mut Option<bool>, reader: &mut Reader<'_>) -> Read<()> {
    *to = Some(reader.boolean()?);
    Ok(())
}

fn in_range<T>(value: i64, checked: Option<T>, what: &str) -> Read<T> {
    checked.ok_or_else(|| Wrong::said(sentence!(what, " `", value, "` is out of range")))
}

fn time(reader: &mut Reader<'_>) -> Read<Time> {
    let value = reader.number()?;
    in_range(value, Time::new(value), "time")
}

fn quantity(reader: &mut Reader<'_>) -> Read<Quantity> {
    let value = reader.number()?;
    in_range(value, Quantity::new(value), "quantity")
}

fn money(reader: &mut Reader<'_>) -> Read<Money> {
    let value = reader.number()?;
    in_range(value, Money::new(value), "money")
}

fn kind(reader: &mut Reader<'_>) -> Read<Kind> {
    let code = reader.string()?;
    coded(reader, code, " is no kind of event", Kind::from_code)
}

fn state(reader: &mut Reader<'_>) -> Read<StockState> {
    let code = reader.string()?;
    coded(reader, code, " is no state of stock", StockState::from_code)
}

fn coded<T>(reader: &Reader<'_>, code: Span, problem: &str, find: fn(&str) -> Option<T>) -> Read<T> {
    let code = reader.text(code)?;
    find(&code).ok_or_else(|| Wrong::value("", &code, problem))
}

fn there<T>(value: Option<T>, field: &str) -> Read<T> {
    value.ok_or_else(|| Wrong::value("missing field ", field, ""))
}

fn name(reader: &Reader<'_>, span: Span, field: &str) -> Read<Name> {
    there(maybe(reader, span)?, field)
}

fn maybe(reader: &Reader<'_>, span: Span) -> Read<Option<Name>> {
    if !span.is_said() {
        return Ok(None);
    }
    let text = reader.text(span)?;
    match Name::new(&text) {
        Ok(name) => Ok(Some(name)),
        Err(problem) => Err(Wrong::value("name ", &text, &sentence!(" is ", problem.code()))),
    }
}

/// A card of the catalogue: `list`, `of`, `name`, and fields by their codes.
fn card(reader: &mut Reader<'_>) -> Read<Card> {
    let (mut list, mut of, mut called) = (None, None, None);
    let mut says: Vec<(CardField, Value)> = Vec::new();
    reader.pairs(|reader, key| {
        let again = match key {
            "list" => {
                let code = reader.string()?;
                list.replace(coded(reader, code, " is no list", List::from_code)?).is_some()
            }
            "of" => of.replace(reader.string()?).is_some(),
            "name" => called.replace(reader.string()?).is_some(),
            _ => {
                let known = CardField::from_code(key);
                let field = known.ok_or_else(|| Wrong::value("unknown field ", key, ""))?;
                let again = says.iter().any(|(said, _)| *said == field);
                says.push((field, value(reader)?));
                again
            }
        };
        match again {
            true => Err(Wrong::value("duplicate field ", key, "")),
            false => Ok(()),
        }
    })?;
    let mut card = Card::new(there(list, "list")?, name(reader, called.unwrap_or_default(), "name")?);
    card.of = maybe(reader, of.unwrap_or_default())?;
    Ok(says.into_iter().fold(card, |card, (field, value)| card.with(field, value)))
}

fn value(reader: &mut Reader<'_>) -> Read<Value> {
    if reader.is_string() {
        let text = reader.string()?;
        return name(reader, text, "value").map(Value::Name);
    }
    match reader.is_number() {
        true => reader.number().map(Value::Number),
        false => reader.boolean().map(Value::Flag),
    }
}

fn parts(reader: &mut Reader<'_>, fields: &[Field<DraftTerms>]) -> Read<DraftTerms> {
    let mut parts = DraftTerms::default();
    reader.object(&mut parts, fields)?;
    Ok(parts)
}

impl Draft {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let mut lines = core::mem::take(&mut self.lines);
        lines.clear();
        *self = Draft { lines, ..Draft::default() };
        self.said = reader.object(self, EVENT)?;
        Ok(())
    }

    fn say(&mut self, terms: Terms) -> Read<()> {
        match self.terms.replace(Box::new(terms)) {
            None => Ok(()),
            Some(_) => Err(Wrong::new("more than one kind of terms")),
        }
    }

    fn event(&mut self, reader: &Reader<'_>) -> Read<Event> {
        let name = |span, field| name(reader, span, field);
        let maybe = |span| maybe(reader, span);
        let id = match there(self.id, "id")? {
            DraftId::Text(span) => Id::Text(name(span, "id")?),
            DraftId::Number(number) => Id::Number(
                u64::try_from(number)
                    .map_err(|_| Wrong::said(sentence!("id `", number, "` is out of range")))?,
            ),
        };
        let mut event = Event {
            source: name(self.source, "source")?,
            id,
            kind: there(self.kind, "kind")?,
            occurred: there(self.occurred, "occurred")?,
            recorded: self.recorded,
            actor: maybe(self.actor)?,
            role: maybe(self.role)?,
            node: maybe(self.node)?,
            to_node: maybe(self.to_node)?,
            subject: maybe(self.subject)?,
            to_subject: maybe(self.to_subject)?,
            channel: maybe(self.channel)?,
            reason: maybe(self.reason)?,
            expires: self.expires,
            due: self.due,
            asks: self.asks,
            partial: self.partial,
            lines: Vec::with_capacity(self.lines.len()),
            terms: self.terms.take(),
        };
        for line in &self.lines {
            event.lines.push(Line {
                sku: name(line.sku, "sku")?,
                quantity: there(line.quantity, "quantity")?,
                line: maybe(line.line)?,
                node: maybe(line.node)?,
                owner: maybe(line.owner)?,
                lot: maybe(line.lot)?,
                place: maybe(line.place)?,
                to_place: maybe(line.to_place)?,
                state: line.state,
                to_state: line.to_state,
                to_sku: maybe(line.to_sku)?,
                supply: maybe(line.supply)?,
                granted: line.granted,
                bound: line.bound,
                value: line.value,
                grams: line.grams,
                pack: maybe(line.pack)?,
            });
        }
        Ok(event)
    }

    /// The row that says the same: of a kind that rows are made for, with no other parts, and with names that the book knows.
    fn row(&self, reader: &Reader<'_>, book: &Book) -> Option<Row> {
        let [line] = self.lines.as_slice() else { return None };
        let kind = self.kind.filter(|kind| is_plain(*kind))?;
        if self.said & !ROW != 0 || line.said & !ROW_LINE != 0 {
            return None;
        }
        let Some(DraftId::Number(number)) = self.id else { return None };
        let known = |span| reader.plain(span);
        let mut row = Row::new(
            kind,
            book.sources.id(known(self.source)?)?,
            u64::try_from(number).ok()?,
            self.occurred?,
        );
        row.node = book.known_node(known(self.node)?)?;
        row.sku = book.known_sku(known(line.sku)?)?;
        row.quantity = line.quantity?.units();
        row.say(line.state, line.value);
        for (word, span) in [(&mut row.actor, self.actor), (&mut row.role, self.role)] {
            if span.is_said() {
                *word = book.words.id(known(span)?)?;
            }
        }
        Some(row)
    }
}

impl Event {
    /// Reads one event from JSON. Unknown and repeated keys are refused.
    ///
    /// # Errors
    ///
    /// [`TextError`] names the key or value and its place in the text.
    pub fn from_json(text: &str) -> Result<Event, TextError> {
        let mut draft = Draft::default();
        Reader::whole(text, |reader| {
            draft.read(reader)?;
            draft.event(reader)
        })
    }

    /// Reads a JSON array of events.
    ///
    /// # Errors
    ///
    /// As [`Event::from_json`]; none of the events is read then.
    pub fn list_from_json(text: &str) -> Result<Vec<Event>, TextError> {
        let (mut draft, mut list) = (Draft::default(), Vec::new());
        Reader::whole(text, |reader| {
            reader.list(|reader| {
                draft.read(reader)?;
                list.push(draft.event(reader)?);
                Ok(())
            })
        })?;
        Ok(list)
    }
}

/// What a row was read from: the next event mostly says other values with the same keys, in the same order and with the same
/// space between them, so that all but the values needs only be compared.
struct Shape<'text> {
    /// The row that was read last.
    row: Row,
    /// For each value that may differ, what comes before it.
    steps: Vec<Step<'text>>,
    /// The text behind the last one.
    end: &'text [u8],
}

struct Step<'text> {
    before: &'text [u8],
    differs: Differs,
    /// The value as it stood there last, which it often does again.
    value: &'text [u8],
}

/// The values that differ from event to event. All others are part of the text that has to be the same.
#[derive(Clone, Copy)]
enum Differs {
    Source,
    Node,
    Sku,
    Kind,
    Id,
    Occurred,
    Quantity,
    Recorded,
}

const DIFFERS: [(&str, Differs); 8] = [
    ("source", Differs::Source),
    ("node", Differs::Node),
    ("sku", Differs::Sku),
    ("kind", Differs::Kind),
    ("id", Differs::Id),
    ("occurred", Differs::Occurred),
    ("quantity", Differs::Quantity),
    ("recorded", Differs::Recorded),
];

/// What the reading of a batch knows of names.
struct Known<'book> {
    book: &'book Book,
    /// By hash, the node that came there last: few nodes are in a batch, and each many times.
    nodes: [u32; 64],
}

impl Known<'_> {
    fn node(&mut self, name: &str) -> Option<u32> {
        let last = self.nodes.get_mut(usize::try_from(hash_of(name) % 64).unwrap_or(0))?;
        let held = self.book.locations.find(*last);
        if held.is_none_or(|held| !same(held.name.as_bytes(), name.as_bytes())) {
            *last = self.book.known_node(name)?;
        }
        Some(*last)
    }
}

impl<'text> Shape<'text> {
    /// The shape of the row that was read last, from `start` on.
    fn of(row: Row, reader: &Reader<'text>, start: usize) -> Option<Shape<'text>> {
        let (mut steps, mut from) = (Vec::with_capacity(DIFFERS.len()), start);
        for (name, begins, ends) in reader.trace()? {
            if let Some((_, differs)) = DIFFERS.iter().find(|(differs, _)| differs == name) {
                let (before, value) = (reader.between(from, *begins), reader.between(*begins, *ends));
                steps.push(Step { before, differs: *differs, value });
                from = *ends;
            }
        }
        Some(Shape { row, steps, end: reader.since(from) })
    }

    /// The row that comes next, if it is of this shape and there is nothing to say about it.
    fn row(&mut self, reader: &mut Reader<'text>, known: &mut Known<'_>) -> Option<Row> {
        let row = &mut self.row;
        for Step { before, differs, value } in &mut self.steps {
            if !reader.again(before) {
                return None;
            }
            match differs {
                Differs::Source | Differs::Node | Differs::Sku | Differs::Kind if reader.again(value) => {
                    continue;
                }
                Differs::Source | Differs::Node | Differs::Sku | Differs::Kind => {
                    let start = reader.at();
                    let span = reader.string().ok()?;
                    let text = reader.plain(span)?;
                    match differs {
                        Differs::Source => row.source = known.book.sources.id(text)?,
                        Differs::Node => row.node = known.node(text)?,
                        Differs::Sku => row.sku = known.book.known_sku(text)?,
                        _ => row.kind = Kind::from_code(text).filter(|kind| is_plain(*kind))?.ordinal(),
                    }
                    *value = reader.since(start);
                }
                Differs::Id => row.number = u64::try_from(reader.number().ok()?).ok()?,
                Differs::Occurred => row.occurred = Time::new(reader.number().ok()?)?.millis(),
                Differs::Quantity => row.quantity = Quantity::new(reader.number().ok()?)?.units(),
                Differs::Recorded => _ = Time::new(reader.number().ok()?)?,
            }
        }
        reader.again(self.end).then_some(*row)
    }
}

/// A batch that was read whole: rows in a row, and what does not fit in one, after so many rows.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<RowBytes>,
    pub(crate) events: Vec<(usize, Event)>,
}

impl Batch {
    pub(crate) fn read(text: &str, book: &Book) -> Result<Batch, TextError> {
        let (mut draft, mut batch) = (Draft::default(), Batch::default());
        let mut shape: Option<Shape<'_>> = None;
        let mut known = Known { book, nodes: [NONE; 64] };
        Reader::whole(text, |reader| {
            reader.list(|reader| {
                let start = reader.retrace();
                if let Some(row) = shape.as_mut().and_then(|shape| shape.row(reader, &mut known)) {
                    batch.rows.push(row.to_bytes());
                    return Ok(());
                }
                // Read once more with the eyes of one who says what is wrong.
                reader.go_back(start);
                draft.read(reader)?;
                match draft.row(reader, book) {
                    Some(row) => {
                        shape = Shape::of(row, reader, start);
                        // As many as there would be if all were as long as this one.
                        batch.rows.reserve((text.len() - start) / (reader.at() - start));
                        batch.rows.push(row.to_bytes());
                    }
                    None => batch.events.push((batch.rows.len(), draft.event(reader)?)),
                }
                Ok(())
            })
        })?;
        Ok(batch)
    }
}
