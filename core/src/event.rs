//! The shape of an event: the same for a fact that is reported and for an intent that is asked.
//!
//! One flat record carries every kind; [`kind::TABLE`](crate::kind::TABLE) says for each kind which parts it needs,
//! what it moves and through which door it may come. [`Event::check`] holds a record against its row.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::catalogue::Card;
use crate::kind::{ClaimMove, Kind, Lines, Sign, Subject};
use crate::limits::{DURATION_MAX, EVENT_NUMBER_MAX, LINES_MAX, QUANTITY_MAX};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::place::StockState;

/// The lot of units whose lot nobody said: as a lot, the same as none.
pub const UNASSIGNED: &str = "unassigned";

/// What a source calls its event: sources either number their events or name them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// A number, 1 to 2^53 - 1, that this source gives once; settled by watermark at a close.
    Number(u64),
    /// A text that this source gives once; kept to the close of its period.
    Text(Name),
}

/// Something that happened, or that someone wants to happen.
///
/// Build one with [`Event::new`] and set the parts that its kind needs; unused parts stay empty.
///
/// ```
/// use onhand::{Event, Id, Kind, Line, Name, Time};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = |text| Name::new(text);
/// let mut sale = Event::new(name("till-319")?, Id::Number(1), Kind::Sell, Time::new(1_483_273_827_000).unwrap());
/// sale.node = Some(name("store-319")?);
/// sale.lines.push(Line::new(name("TEA-250")?, 2)?);
/// assert!(sale.check().is_ok());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Event {
    /// Who says so: a till, a device, a system.
    pub source: Name,
    /// What the source calls this event.
    pub id: Id,
    /// What happened or is wanted.
    pub kind: Kind,
    /// When it happened, or for an intent the moment it is asked (its `now`).
    pub occurred: Time,
    /// When it was written down; no part of the content.
    #[cfg_attr(feature = "serde", serde(default))]
    pub recorded: Time,
    /// The person or program that did it; the source itself unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub actor: Option<Name>,
    /// In which role, as the company calls it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub role: Option<Name>,
    /// The node where it happened.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub node: Option<Name>,
    /// The node it goes to: the destination of a transfer.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub to_node: Option<Name>,
    /// The order, transfer, purchase order, lease or approval that it moves, or is made under.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub subject: Option<Name>,
    /// The order that a reallocated claim goes to.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub to_subject: Option<Name>,
    /// The sales channel.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub channel: Option<Name>,
    /// Why, in the company's own list of reasons.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub reason: Option<Name>,
    /// When a hold or lease ends: it is open before this moment and not at it. A claim that is reallocated ends when its event says, and
    /// not by itself unless it says so: whoever gives it to another order says its end again.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub expires: Option<Time>,
    /// When supply is due or demand is needed; for a period close, the moment through which it closes, which is not to come; for a change of the
    /// catalogue, the moment from which it holds, `occurred` unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub due: Option<Time>,
    /// For a request for approval: the kind of the event that somebody wants to do.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub asks: Option<Kind>,
    /// An intent that may be accepted in part.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
    pub partial: bool,
    /// What it moves, line by line.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub lines: Vec<Line>,
    /// For a change of master data: the data.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub terms: Option<Box<Terms>>,
}

/// One SKU of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Line {
    /// The item.
    pub sku: Name,
    /// Base units; signed where the kind says so.
    pub quantity: Quantity,
    /// The order line; the SKU's name unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub line: Option<Name>,
    /// The node of this line, where an event touches several.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub node: Option<Name>,
    /// Whose goods; the company's own unless said. A claim is made on them too, and dated supply is the company's. What only gives a
    /// claim back or changes its size need not say whose goods it is on.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// The lot; none unless the item asks for lots. `unassigned` is the same as none.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub lot: Option<Name>,
    /// The place inside the node: shelf, back room, bin.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub place: Option<Name>,
    /// The place it moves to.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub to_place: Option<Name>,
    /// The state it is in; the kind's own unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub state: Option<StockState>,
    /// The state it moves to.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub to_state: Option<StockState>,
    /// The item that takes its place: substitution and relabelling.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub to_sku: Option<Name>,
    /// The dated supply it belongs to: a purchase order received against, or the bucket a claim is made on.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// What an intent was granted when it was accepted in part; no part of the content.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub granted: Option<Quantity>,
    /// What an intent was bound to lot by lot, when it named none: on the first of the lines that it became the units of the whole
    /// line, on the others zero. The lot is then no part of the content, and neither is this.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub bound: Option<Quantity>,
    /// Money of the whole line, in minor units: price taken, cost paid, what a markdown takes off.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub value: Option<Money>,
    /// Catch weight of the whole line in grams: a second measure, for value only.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub grams: Option<Quantity>,
    /// The pack or recipe version that the source counted in; the quantity is in base units all the same.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub pack: Option<Name>,
}

/// Master data: what a change says about its subject from that moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Terms {
    /// An item.
    Item(ItemTerms),
    /// A node.
    Node(NodeTerms),
    /// The way from a node to a zone by a method.
    Lane(LaneTerms),
    /// Stock that is not promised.
    Protection(ProtectionTerms),
    /// A card of the catalogue, which stands beside the book: see [`crate::catalogue`].
    Card(Card),
    /// A lot.
    Lot(LotTerms),
}

/// An item, as the ledger needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ItemTerms {
    /// The SKU.
    pub sku: Name,
    /// Base unit: `each`, `gram`. Totals never add across units.
    pub unit: Name,
    /// What people call it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub title: Option<Name>,
    /// Units that claims may exceed sellable stock by, at each node; 0 unless said.
    #[cfg_attr(feature = "serde", serde(default))]
    pub backorder_limit: Quantity,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NodeType {
    /// A shop with shelves.
    Store,
    /// A warehouse or distribution centre.
    Warehouse,
    /// A channel that sells and holds no shelf: a web shop, a marketplace.
    Channel,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NodeTerms {
    /// The node.
    pub node: Name,
    /// What it is.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub node_type: NodeType,
    /// What people call it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub title: Option<Name>,
    /// Takes part in promising; facts are posted all the same when it does not.
    pub on_line: bool,
    /// Ships orders.
    pub ships: bool,
    /// Hands orders over at its counter.
    pub picks_up: bool,
    /// Time from order to release, in milliseconds.
    #[cfg_attr(feature = "serde", serde(default))]
    pub handling_ms: i64,
}

/// The way from a node to a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LaneTerms {
    /// The node that ships.
    pub node: Name,
    /// The zone it ships to.
    pub zone: Name,
    /// The method: `standard`, `express`.
    pub method: Name,
    /// Whether it is open; a closed lane is no lane.
    pub open: bool,
    /// Time from release to arrival, in milliseconds.
    pub transit_ms: i64,
    /// Cost of one parcel, in minor units.
    pub parcel_cost: Money,
    /// Cost of one unit in it, in minor units.
    pub unit_cost: Money,
}

/// Stock that is not promised: safety stock by item, item and node, or item and node and method; the most specific wins. Of the methods that
/// a request may use the one that keeps most holds, so that enough is kept whichever is chosen. A claim does not say how it ships: it is held
/// to the least that is kept at its node for any method, or what is promised by that method could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ProtectionTerms {
    /// The item.
    pub sku: Name,
    /// The node; every node unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub node: Option<Name>,
    /// The method; every method unless said. Needs a node.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub method: Option<Name>,
    /// Units held back.
    pub quantity: Quantity,
}

/// A lot: units made together, which expire together and are recalled together, wherever they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LotTerms {
    /// The item.
    pub sku: Name,
    /// The lot.
    pub lot: Name,
    /// When it expires: fit for sale before this moment and not at it; never unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub expires: Option<Time>,
    /// Whether the maker or an authority has called it back.
    #[cfg_attr(feature = "serde", serde(default))]
    pub recalled: bool,
}

/// An event that cannot be read as its kind: names the part and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The part, as in `lines[3].quantity`: the name of the field and, for lines, which.
    pub field: &'static str,
    /// Which line, counted from 0.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The kind needs it.
    Missing,
    /// The kind has no use for it.
    NotExpected,
    /// The number is outside its range.
    OutOfRange(i64),
    /// The quantity has a sign that the kind does not take.
    WrongSign(i64),
    /// The terms are of another kind of master data.
    WrongTerms,
    /// More than the limit.
    TooMany(usize),
    /// The two must differ.
    Same,
    /// Not a number of GS1: something else than digits, or not as many as it has.
    NotANumber,
    /// The last digit of a number of GS1 is wrong; this is the one that it would have to be.
    CheckDigit(u8),
    /// The text is not a [`Name`]: only in rows, whose names are numbers.
    UnknownNumber(u32),
}

impl Problem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Problem::Missing => "missing",
            Problem::NotExpected => "not_expected",
            Problem::OutOfRange(_) => "out_of_range",
            Problem::WrongSign(_) => "wrong_sign",
            Problem::WrongTerms => "wrong_terms",
            Problem::TooMany(_) => "too_many",
            Problem::Same => "same",
            Problem::NotANumber => "not_a_number",
            Problem::CheckDigit(_) => "check_digit",
            Problem::UnknownNumber(_) => "unknown_number",
        }
    }

    /// The value that is wrong, where it is a number.
    pub fn value(self) -> Option<i64> {
        match self {
            Problem::OutOfRange(value) | Problem::WrongSign(value) => Some(value),
            Problem::TooMany(count) => i64::try_from(count).ok(),
            Problem::UnknownNumber(number) => Some(number.into()),
            Problem::CheckDigit(digit) => Some(digit.into()),
            Problem::Missing
            | Problem::NotExpected
            | Problem::WrongTerms
            | Problem::Same
            | Problem::NotANumber => None,
        }
    }
}

impl Event {
    /// An event with nothing but its id, kind and moment.
    pub fn new(source: Name, id: Id, kind: Kind, occurred: Time) -> Event {
        Event {
            source,
            id,
            kind,
            occurred,
            recorded: occurred,
            actor: None,
            role: None,
            node: None,
            to_node: None,
            subject: None,
            to_subject: None,
            channel: None,
            reason: None,
            expires: None,
            due: None,
            asks: None,
            partial: false,
            lines: Vec::new(),
            terms: None,
        }
    }

    /// Holds the event against the row of its kind. Says nothing about the world.
    pub fn check(&self) -> Result<(), Malformed> {
        let row = self.kind.row();
        let about = self.about().row();
        let wrong = |field, problem, is_so: bool| match is_so {
            true => Err(Malformed { field, line: None, problem }),
            false => Ok(()),
        };
        let need = |field, there: bool, needed: bool| wrong(field, Problem::Missing, needed && !there);
        if let Id::Number(number) = self.id {
            let value = i64::try_from(number).unwrap_or(i64::MAX);
            wrong("id", Problem::OutOfRange(value), number == 0 || number > EVENT_NUMBER_MAX)?;
        }
        let each_line_has_node = !self.lines.is_empty() && self.lines.iter().all(|line| line.node.is_some());
        need("node", self.node.is_some() || each_line_has_node, about.needs.node)?;
        need("to_node", self.to_node.is_some(), row.needs.to_node)?;
        need("subject", self.subject.is_some(), row.subject == Subject::Needed)?;
        need("to_subject", self.to_subject.is_some(), row.needs.to_subject)?;
        need("due", self.due.is_some(), row.needs.due)?;
        need("terms", self.terms.is_some(), about.needs.terms)?;
        need("asks", self.asks.is_some(), row.needs.asks)?;
        wrong("subject", Problem::NotExpected, row.subject == Subject::None && self.subject.is_some())?;
        wrong("to_subject", Problem::Same, row.needs.to_subject && self.subject == self.to_subject)?;
        // Books that were closed through a moment to come would turn every fact until then into one of a closed period.
        let due = self.due.map_or(0, Time::millis);
        let closes = self.kind == Kind::PeriodClose;
        wrong("due", Problem::OutOfRange(due), closes && due > self.occurred.millis())?;
        wrong("lines", Problem::TooMany(self.lines.len()), self.lines.len() > LINES_MAX)?;
        need("lines", !self.lines.is_empty(), about.lines == Lines::Needed)?;
        wrong("lines", Problem::NotExpected, about.lines == Lines::None && !self.lines.is_empty())?;
        let mut units = 0;
        for (at, line) in self.lines.iter().enumerate() {
            // What a supply brings of an item is one quantity, whatever lines say it.
            units += line.quantity.units();
            line.check(self.kind, units).map_err(|malformed| Malformed { line: Some(at), ..malformed })?;
        }
        match &self.terms {
            Some(terms) => terms.check(self.about(), &self.lines),
            None => Ok(()),
        }
    }

    /// The kind whose parts the event has: a request for approval has those of what it asks for.
    pub(crate) fn about(&self) -> Kind {
        match self.kind {
            Kind::ApprovalRequest => self.asks.unwrap_or(self.kind),
            kind => kind,
        }
    }
}

impl Line {
    /// A line of an item and a number of base units.
    pub fn new(sku: Name, units: i64) -> Result<Line, crate::measure::OutOfRange> {
        Ok(Line {
            sku,
            quantity: Quantity::try_from(units)?,
            line: None,
            node: None,
            owner: None,
            lot: None,
            place: None,
            to_place: None,
            state: None,
            to_state: None,
            to_sku: None,
            supply: None,
            granted: None,
            bound: None,
            value: None,
            grams: None,
            pack: None,
        })
    }

    /// The order line: the SKU's own name unless another is given.
    pub fn line_name(&self) -> &Name {
        self.line.as_ref().unwrap_or(&self.sku)
    }

    /// The lot, where it is said to be of one.
    pub(crate) fn said_lot(&self) -> Option<&Name> {
        self.lot.as_ref().filter(|lot| lot.as_str() != UNASSIGNED)
    }

    /// The units that were asked for, whatever lots they were bound to.
    pub(crate) fn asked_quantity(&self) -> Quantity {
        self.bound.unwrap_or(self.quantity)
    }

    fn check(&self, kind: Kind, so_far: i64) -> Result<(), Malformed> {
        let row = kind.row();
        let wrong = |field, problem| Err(Malformed { field, line: None, problem });
        let units = self.quantity.units();
        let fits = match row.sign {
            Sign::NotNegative => units >= 0,
            Sign::Signed => true,
        };
        if !fits {
            return wrong("lines.quantity", Problem::WrongSign(units));
        }
        if kind == Kind::SupplyChange && so_far > QUANTITY_MAX {
            return wrong("lines.quantity", Problem::OutOfRange(so_far));
        }
        if let Some(granted) = self.granted
            && (granted.units() < 0 || granted > self.quantity)
        {
            return wrong("lines.granted", Problem::OutOfRange(granted.units()));
        }
        // Dated supply is the company's.
        let claims = matches!(row.claim, Some((_, ClaimMove::Open | ClaimMove::Reallocate)));
        if claims && self.supply.is_some() && self.owner.is_some() {
            return wrong("lines.owner", Problem::NotExpected);
        }
        if row.needs.to_state && self.to_state.is_none() {
            return wrong("lines.to_state", Problem::Missing);
        }
        if row.needs.to_place && self.to_place.is_none() && self.place.is_none() {
            return wrong("lines.to_place", Problem::Missing);
        }
        if row.needs.to_sku && self.to_sku.is_none() {
            return wrong("lines.to_sku", Problem::Missing);
        }
        if self.to_sku.as_ref() == Some(&self.sku) {
            return wrong("lines.to_sku", Problem::Same);
        }
        Ok(())
    }
}

impl Terms {
    fn check(&self, kind: Kind, lines: &[Line]) -> Result<(), Malformed> {
        let wrong = |field, problem| Err(Malformed { field, line: None, problem });
        let duration = |field, ms: i64| match (0..=DURATION_MAX).contains(&ms) {
            true => Ok(()),
            false => wrong(field, Problem::OutOfRange(ms)),
        };
        match (kind, self) {
            (Kind::ItemChange, Terms::Item(item)) => match item.backorder_limit.units() {
                units @ ..=-1 => wrong("terms.backorder_limit", Problem::OutOfRange(units)),
                _ => Ok(()),
            },
            (Kind::NodeChange, Terms::Node(node)) => duration("terms.handling_ms", node.handling_ms),
            // Units that nobody knows the lot of do not expire together.
            (Kind::LotChange, Terms::Lot(lot)) if lot.lot.as_str() == UNASSIGNED => {
                wrong("terms.lot", Problem::NotExpected)
            }
            (Kind::LotChange, Terms::Lot(_)) => Ok(()),
            (Kind::LaneChange, Terms::Lane(lane)) => {
                duration("terms.transit_ms", lane.transit_ms)?;
                for (field, money) in
                    [("terms.parcel_cost", lane.parcel_cost), ("terms.unit_cost", lane.unit_cost)]
                {
                    if money.minor() < 0 {
                        return wrong(field, Problem::OutOfRange(money.minor()));
                    }
                }
                Ok(())
            }
            (Kind::ProtectionChange, Terms::Protection(protection)) => {
                if protection.method.is_some() && protection.node.is_none() {
                    return wrong("terms.node", Problem::Missing);
                }
                match protection.quantity.units() {
                    units @ ..=-1 => wrong("terms.quantity", Problem::OutOfRange(units)),
                    _ => Ok(()),
                }
            }
            (Kind::CatalogueChange, Terms::Card(card)) => card.check(lines),
            _ => wrong("terms", Problem::WrongTerms),
        }
    }
}

crate::place::codes!(NodeType: Store "store", Warehouse "warehouse", Channel "channel");
