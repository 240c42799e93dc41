//! The tables that say what each list of the catalogue holds.
//!
//! The code runs on them: they say what a card must and may have, which of its parts name other cards, and which lists have
//! lines. A new list or field is a new row.

use crate::kind::sentence;
use crate::limits::{DURATION_MAX, MONEY_MAX, QUANTITY_MAX, TIME_MAX};
use crate::place::codes;

/// A list of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the table says what each one holds")]
pub enum List {
    Item,
    Pack,
    Kit,
    Node,
    Capability,
    Place,
    Channel,
    Supplier,
    SupplierItem,
    Promotion,
}

codes!(List:
    Item "item", Pack "pack", Kit "kit", Node "node", Capability "capability", Place "place", Channel "channel",
    Supplier "supplier", SupplierItem "supplier_item", Promotion "promotion",
);

/// A part of a card beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the table says what each one means")]
pub enum Field {
    Title,
    Gtin,
    Gln,
    Category,
    ByLot,
    LifeOnArrivalMs,
    LifeForSaleMs,
    Grams,
    GramsPpm,
    Count,
    Contains,
    Version,
    Region,
    Calendar,
    Type,
    CapacityOrders,
    CapacityUnits,
    Currency,
    Pack,
    Cost,
    Minimum,
    LeadMs,
    OverUnits,
    OverPpm,
    UnderUnits,
    UnderPpm,
    Channel,
    Node,
    Until,
    OffPpm,
    Closed,
    Split,
}

codes!(Field:
    Title "title", Gtin "gtin", Gln "gln", Category "category", ByLot "by_lot", LifeOnArrivalMs "life_on_arrival_ms",
    LifeForSaleMs "life_for_sale_ms", Grams "grams", GramsPpm "grams_ppm", Count "count", Contains "contains",
    Version "version", Region "region", Calendar "calendar", Type "type", CapacityOrders "capacity_orders",
    CapacityUnits "capacity_units", Currency "currency", Pack "pack", Cost "cost", Minimum "minimum", LeadMs "lead_ms",
    OverUnits "over_units", OverPpm "over_ppm", UnderUnits "under_units", UnderPpm "under_ppm", Channel "channel",
    Node "node", Until "until", OffPpm "off_ppm", Closed "closed",
    Split "split",
);

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any name.
    Name,
    /// The name of a card of this list; for packs, of the item that the card is of or is named after.
    One(List),
    /// A GTIN of any length.
    Gtin,
    /// A GLN.
    Gln,
    /// A whole number in this range.
    Number(i64, i64),
    /// Yes or no.
    Flag,
}

/// A row of the table of fields.
#[derive(Clone, Copy, Debug)]
pub struct FieldRow {
    /// The field.
    pub field: Field,
    /// How errors call it.
    pub path: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it means, with its unit.
    pub says: &'static str,
}

/// A row of the table of lists.
#[derive(Clone, Copy, Debug)]
pub struct ListRow {
    /// The list.
    pub list: List,
    /// What its cards are about.
    pub says: &'static str,
    /// The list in which a card's `of` is found; its cards have no `of` where there is none.
    pub of: Option<List>,
    /// The list in which the name itself is found, for cards that say more of something known.
    pub named_in: Option<List>,
    /// What its lines are; its cards have no lines where there is nothing.
    pub lines: Option<&'static str>,
    /// Fields that a card cannot do without, unless it closes.
    pub needs: &'static [Field],
    /// Fields that it may have. Every card may have a title and be closed.
    pub may: &'static [Field],
}

const fn field(field: Field, path: &'static str, takes: Takes, says: &'static str) -> FieldRow {
    FieldRow { field, path, takes, says: sentence(says) }
}

const UNITS: Takes = Takes::Number(0, QUANTITY_MAX);
const PPM: Takes = Takes::Number(0, 1_000_000);
const DURATION: Takes = Takes::Number(0, DURATION_MAX);

/// Every field, in declared order.
pub static FIELDS: &[FieldRow] = &[
    field(Field::Title, "terms.title", Takes::Name, "what people call it"),
    field(Field::Gtin, "terms.gtin", Takes::Gtin, "its GTIN, in 8, 12, 13 or 14 digits"),
    field(Field::Gln, "terms.gln", Takes::Gln, "its GLN, in 13 digits"),
    field(Field::Category, "terms.category", Takes::Name, "the part of the range that it is in"),
    field(Field::ByLot, "terms.by_lot", Takes::Flag, "each unit is of a lot"),
    field(
        Field::LifeOnArrivalMs,
        "terms.life_on_arrival_ms",
        DURATION,
        "milliseconds of life it must have when it arrives",
    ),
    field(
        Field::LifeForSaleMs,
        "terms.life_for_sale_ms",
        DURATION,
        "milliseconds of life it must have when it is sold",
    ),
    field(
        Field::Grams,
        "terms.grams",
        Takes::Number(1, QUANTITY_MAX),
        "grams that a piece is expected to weigh: it is sold by weight",
    ),
    field(
        Field::GramsPpm,
        "terms.grams_ppm",
        PPM,
        "by how much a piece may differ from that, in parts per million",
    ),
    field(Field::Count, "terms.count", Takes::Number(1, QUANTITY_MAX), "how many of what it contains"),
    field(
        Field::Contains,
        "terms.contains",
        Takes::One(List::Pack),
        "the pack that it contains; base units unless said",
    ),
    field(
        Field::Version,
        "terms.version",
        Takes::Name,
        "what an event names as its `pack` when it is captured under this recipe",
    ),
    field(Field::Region, "terms.region", Takes::Name, "the region that it is in"),
    field(Field::Calendar, "terms.calendar", Takes::Name, "the calendar that it works by"),
    field(Field::Type, "terms.type", Takes::Name, "shelf, back room, bin, dock"),
    field(Field::CapacityOrders, "terms.capacity_orders", UNITS, "orders that it can do in a day"),
    field(
        Field::CapacityUnits,
        "terms.capacity_units",
        UNITS,
        "units that it can do in a day; for a place, that it can hold",
    ),
    field(Field::Currency, "terms.currency", Takes::Name, "the currency of its prices"),
    field(Field::Pack, "terms.pack", Takes::One(List::Pack), "the pack that it is delivered in"),
    field(Field::Cost, "terms.cost", Takes::Number(0, MONEY_MAX), "cost of one base unit, in minor units"),
    field(Field::Minimum, "terms.minimum", UNITS, "the least base units of one order"),
    field(Field::LeadMs, "terms.lead_ms", DURATION, "milliseconds from order to arrival"),
    field(Field::OverUnits, "terms.over_units", UNITS, "base units by which more may be accepted"),
    field(
        Field::OverPpm,
        "terms.over_ppm",
        PPM,
        "part of what is open by which more may be accepted, in parts per million",
    ),
    field(Field::UnderUnits, "terms.under_units", UNITS, "base units by which less completes an order"),
    field(
        Field::UnderPpm,
        "terms.under_ppm",
        PPM,
        "part of what is open by which less completes an order, in parts per million",
    ),
    field(
        Field::Channel,
        "terms.channel",
        Takes::One(List::Channel),
        "the channel that it is for; every channel unless said",
    ),
    field(
        Field::Node,
        "terms.node",
        Takes::One(List::Node),
        "the node that it is for; every node unless said",
    ),
    field(Field::Until, "terms.until", Takes::Number(0, TIME_MAX), "the moment at which it has ended"),
    field(Field::OffPpm, "terms.off_ppm", PPM, "part of the price that is taken off, in parts per million"),
    field(Field::Closed, "terms.closed", Takes::Flag, "it is no longer used from this moment on"),
    field(Field::Split, "terms.split", Takes::Flag, "its components may come in different parcels"),
];

const BARE: ListRow =
    ListRow { list: List::Item, says: "", of: None, named_in: None, lines: None, needs: &[], may: &[] };

/// Every list, in declared order.
pub static LISTS: &[ListRow] = &[
    ListRow {
        list: List::Item,
        says: sentence("what is asked of an item beyond its name and base unit"),
        named_in: Some(List::Item),
        may: &[
            Field::Gtin,
            Field::Category,
            Field::ByLot,
            Field::LifeOnArrivalMs,
            Field::LifeForSaleMs,
            Field::Grams,
            Field::GramsPpm,
        ],
        ..BARE
    },
    ListRow {
        list: List::Pack,
        says: sentence("a pack of an item: so many base units, or so many of another pack"),
        of: Some(List::Item),
        needs: &[Field::Count],
        may: &[Field::Gtin, Field::Contains],
        ..BARE
    },
    ListRow {
        list: List::Kit,
        says: sentence("the recipe of a kit"),
        named_in: Some(List::Item),
        lines: Some("the components of one kit"),
        needs: &[Field::Version],
        may: &[Field::Split],
        ..BARE
    },
    ListRow {
        list: List::Node,
        says: sentence("what a node is and can do, beyond what promising asks"),
        named_in: Some(List::Node),
        may: &[Field::Gln, Field::Region, Field::Calendar, Field::CapacityOrders, Field::CapacityUnits],
        ..BARE
    },
    ListRow {
        list: List::Capability,
        says: sentence("something that a node can do"),
        of: Some(List::Node),
        ..BARE
    },
    ListRow {
        list: List::Place,
        says: sentence("a place in a node"),
        of: Some(List::Node),
        may: &[Field::Type, Field::Gln, Field::CapacityUnits],
        ..BARE
    },
    ListRow {
        list: List::Channel,
        says: sentence("a sales channel"),
        may: &[Field::Region, Field::Currency, Field::Calendar],
        ..BARE
    },
    ListRow {
        list: List::Supplier,
        says: sentence("a supplier"),
        may: &[Field::Gln, Field::Currency, Field::Calendar, Field::LeadMs],
        ..BARE
    },
    ListRow {
        list: List::SupplierItem,
        says: sentence("the terms on which a supplier delivers an item"),
        of: Some(List::Supplier),
        named_in: Some(List::Item),
        may: &[
            Field::Pack,
            Field::Cost,
            Field::Minimum,
            Field::LeadMs,
            Field::OverUnits,
            Field::OverPpm,
            Field::UnderUnits,
            Field::UnderPpm,
        ],
        ..BARE
    },
    ListRow {
        list: List::Promotion,
        says: sentence("a promotion: from the moment of its card until its end"),
        lines: Some("items, each with the base units from which it holds"),
        needs: &[Field::Until],
        may: &[Field::Channel, Field::Node, Field::Region, Field::OffPpm],
        ..BARE
    },
];

impl List {
    /// The row of this list.
    pub fn row(self) -> &'static ListRow {
        // INVARIANT: the table has one row for every list, in declared order; a test walks it.
        LISTS.get(usize::from(self.ordinal())).unwrap_or(&BARE)
    }
}

impl Field {
    /// The row of this field.
    pub fn row(self) -> &'static FieldRow {
        const NONE: &FieldRow = &field(Field::Title, "terms", Takes::Name, "");
        // INVARIANT: the table has one row for every field, in declared order; a test walks it.
        FIELDS.get(usize::from(self.ordinal())).unwrap_or(NONE)
    }
}
