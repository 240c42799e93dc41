//! What a retailer declares ahead of its requests: one ordered list of rules as data, and what is to be as small as can be.
//!
//! A rule says to which requests, nodes and items it applies ([`Scope`]), from when until when, whether it is hard or soft, and what
//! it asks for ([`Term`]). All soft rules hold if they can. Where an order can be filled further without some of them, those are
//! relaxed: the first in the list hold before the later ones, and the offer says which were relaxed and what each would have cost.
//!
//! Names that the book does not know match nothing. Everything else that is wrong with a rulebook is refused by field.

use alloc::string::String;
use alloc::vec::Vec;

use super::RequestRefused;
use super::chance::ErrorModel;
use super::objective::{Objective, Tie};
use super::protection::{AllocationRow, SafetyRow};
use super::timetable::Timetable;
use crate::event::NodeType;
use crate::limits::{DURATION_MAX, REQUEST_LINES_MAX, RULE_ROWS_MAX, RULES_MAX, SOFT_RULES_MAX};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::ordered::Gather as _;
use crate::sentence::sentence;

/// Everything that a retailer declares ahead of its requests. The default says nothing: promises are as without it.
///
/// ```
/// use onhand::promise::{Rule, Rulebook, Term};
/// use onhand::Name;
/// let name = |text| Name::new(text).unwrap();
/// let near = Rule::new(name("near"), Term::Distance { max_m: 50_000 }).softly();
/// let rulebook = Rulebook { rules: vec![near], ..Rulebook::default() };
/// assert!(rulebook.check().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// In the order of their importance, at most [`RULES_MAX`], of which [`SOFT_RULES_MAX`] may be soft.
    pub rules: Vec<Rule>,
    /// Nodes that rules name together: networks, regions, store formats.
    pub groups: Vec<Group>,
    /// Where nodes and zones are.
    pub sites: Vec<Site>,
    /// Nodes or groups, those that come first in a list of their own each: the rank of a node is the place of its list. Nodes that
    /// no list names rank last.
    pub priority: Vec<Vec<Name>>,
    /// What is to be as small as can be; cost unless said.
    pub objective: Objective,
    /// What decides between plans that are equal by the objective and have equally many parcels; the names of nodes come last.
    pub ties: Vec<Tie>,
    /// Hours of nodes and carriers; where it says nothing of a node, its lanes and handling time count around the clock.
    pub timetable: Timetable,
}

/// Nodes that rules name together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is called.
    pub name: Name,
    /// Its nodes.
    pub nodes: Vec<Name>,
}

/// Where a node or a zone is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The node or the zone.
    pub name: Name,
    /// Millionths of a degree north, -90,000,000 to 90,000,000.
    pub latitude: i64,
    /// Millionths of a degree east, -180,000,000 to 180,000,000.
    pub longitude: i64,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What explanations call it.
    pub name: Name,
    /// It may be relaxed where that fills more of an order.
    pub soft: bool,
    /// It holds from this moment on; always unless said.
    pub from: Option<Time>,
    /// It holds before this moment and not at it; always unless said.
    pub until: Option<Time>,
    /// What it is about; everything unless said.
    pub when: Scope,
    /// What it asks for.
    pub then: Term,
}

/// What a rule is about. An empty list names everything. Limits on an order as a whole (`ship_complete`, `max_shipments`) are about every
/// request for one of the items, whichever nodes they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Requests of these channels.
    pub channels: Vec<Name>,
    /// Requests for delivery to these zones.
    pub zones: Vec<Name>,
    /// Requests for pick-up, or for delivery.
    pub pick_up: Option<bool>,
    /// These items.
    pub skus: Vec<Name>,
    /// These nodes, with those of `groups`.
    pub nodes: Vec<Name>,
    /// The nodes of these groups, with `nodes`.
    pub groups: Vec<Name>,
    /// Nodes of these types; of those that `nodes` and `groups` name.
    pub types: Vec<NodeType>,
}

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Term {
    /// Safety stock: units of an item that a node keeps. Of the rows that fit, the most specific holds; where several methods are
    /// wanted at once, the largest. What the book's own protection keeps is kept in any case.
    Safety {
        /// By item, item and node, item and node and method.
        rows: Vec<SafetyRow>,
    },
    /// Units that are kept for other channels than the one that asks.
    Allocation {
        /// What is kept for whom.
        rows: Vec<AllocationRow>,
        /// Only channels of a higher priority than the asking one's are kept for.
        ranked: bool,
    },
    /// Units that may not be there, though the book says so: how many follows from how wrong records are and how many of the units
    /// that are promised may have to be cancelled.
    Buffer {
        /// How wrong records are.
        error: ErrorModel,
        /// Of a million units promised, those that may not be found.
        cancel_ppm: i64,
    },
    /// The nodes are not used.
    Exclude {},
    /// Only the nodes are used.
    Only {},
    /// The nodes are used where they are not further from the destination. A node or zone without a site is too far.
    Distance {
        /// Metres, along the great circle.
        max_m: i64,
    },
    /// What the nodes can still take. What there is no room for leaves when it has room again, within the first
    /// [`CAPACITY_SPANS_MAX`](crate::limits::CAPACITY_SPANS_MAX) spans that have some.
    Capacity {
        /// One row for a node and a span of time, as far as it is limited.
        rows: Vec<Room>,
    },
    /// Nodes that turned orders down of late are not asked for a while.
    CoolDown {
        /// When who turned what down.
        rows: Vec<Rejection>,
        /// So many within `for_ms` and the node is not asked; 1 unless said.
        count: i64,
        /// How long, in milliseconds.
        for_ms: i64,
    },
    /// A node that has fewer units of an item is not asked for it.
    Minimum {
        /// Units on hand that nobody claims.
        units: Quantity,
    },
    /// Units of lots are promised only if they live long enough after they arrive. Lots without a row live for ever.
    LotLife {
        /// Milliseconds from arrival.
        least_ms: i64,
        /// When lots expire.
        rows: Vec<LotRow>,
    },
    /// The items are for sale from a moment on.
    Launch {
        /// The moment: no earlier does a node begin to prepare them.
        at: Time,
        /// They are promised before it, too.
        pre_order: bool,
    },
    /// Nodes begin with the orders no earlier than at a moment.
    Hold {
        /// The moment.
        to: Time,
    },
    /// Units beyond what is there and to come are promised by lead time: made, bought or moved when they are asked for. Never more
    /// than the item's backorder limit lets be reserved.
    Backorder {
        /// Units at each node.
        depth: Quantity,
        /// Milliseconds from the moment of the question.
        lead_ms: i64,
    },
    /// Everything or nothing.
    ShipComplete {},
    /// A line comes from one node at one moment.
    NoLineSplit {},
    /// Most parcels of the order. Systems differ: D365 counts warehouses, Fluent the parcels after the first.
    MaxShipments {
        /// At least 1.
        most: u32,
    },
    /// Most parcels that a line is spread over.
    MaxPerLine {
        /// At least 1.
        most: u32,
    },
    /// A part of a line in a parcel is at least so large, unless it is the whole line.
    LeastUnits {
        /// Units.
        units: Quantity,
    },
    /// A parcel is worth at least so much, unless it is the whole of what is shipped.
    LeastValue {
        /// Minor units.
        value: Money,
        /// What a unit is worth; items without a row are worth nothing.
        rows: Vec<WorthRow>,
    },
    /// Costs that come on top.
    Price {
        /// For each unit, in minor units; below zero to prefer it.
        unit: Money,
        /// For each parcel, in minor units.
        parcel: Money,
    },
    /// What being late costs.
    Lateness {
        /// On time until this moment.
        due: Time,
        /// For each unit and each `step_ms` begun, in minor units.
        unit: Money,
        /// Milliseconds.
        step_ms: i64,
    },
    /// What may stand in for an item that is short: another item, or the parts of a kit. The item itself comes first, from wherever it
    /// may; then the rows in their order fill what is left of its line, each as far as it can.
    StandIn {
        /// What stands in for what, best first; of all rules, as many rows as [`crate::limits::STAND_INS_MAX`] are tried for one request.
        rows: Vec<StandInRow>,
    },
    /// What the caller's own rules say: the hook for everything else.
    Verdict {
        /// By node, or node and item.
        rows: Vec<VerdictRow>,
    },
}

/// What a node can still take in a span of time; what is not said is not limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The node.
    pub node: Name,
    /// For what leaves from this moment on.
    pub from: Option<Time>,
    /// For what leaves before this moment. What there may be no room for can begin then.
    pub until: Option<Time>,
    /// Orders.
    pub orders: Option<Quantity>,
    /// Lines of orders.
    pub lines: Option<Quantity>,
    /// Units.
    pub units: Option<Quantity>,
}

/// An order, or one item of it, that a node turned down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The node.
    pub node: Name,
    /// The item; the whole order unless said.
    pub sku: Option<Name>,
    /// When.
    pub at: Time,
}

/// When a lot expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRow {
    /// The item.
    pub sku: Name,
    /// The lot.
    pub lot: Name,
    /// The moment.
    pub expires: Time,
}

/// What a unit of an item is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorthRow {
    /// The item.
    pub sku: Name,
    /// Minor units.
    pub value: Money,
}

/// What may stand in for an item, in this direction alone. The nodes of its rule are those that may ship it; what other rules say, they
/// say of the item that is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandInRow {
    /// The item that is asked for: what is short of it, or a kit.
    pub sku: Name,
    /// What is shipped for one unit of it, 1 to [`REQUEST_LINES_MAX`] parts: several are a kit, of which only whole ones count.
    /// [`crate::catalogue::Catalogue::stand_in`] makes the row of a kit as its card has it.
    pub parts: Vec<Part>,
    /// The parts may come in different parcels; all from one node in one parcel unless said.
    pub split: bool,
    /// What it costs on top for each unit that is asked for, in minor units; below zero where it is welcome.
    pub unit: Money,
}

/// A part of what stands in for one unit of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The item that is shipped.
    pub sku: Name,
    /// Units, at least 1.
    pub units: Quantity,
}

/// What the caller's own rules say of a node, or of a node for one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// The node.
    pub node: Name,
    /// The item; every item unless said.
    pub sku: Option<Name>,
    /// It is turned down, and the number that explanations carry.
    pub refuse: Option<i64>,
    /// What each unit costs on top, in minor units: an opportunity price; below zero to prefer it.
    pub unit: Money,
}

impl Rule {
    /// A hard rule that always holds and is about everything.
    pub fn new(name: Name, then: Term) -> Rule {
        Rule { name, soft: false, from: None, until: None, when: Scope::default(), then }
    }

    /// The same rule, which may be relaxed.
    pub fn softly(self) -> Rule {
        Rule { soft: true, ..self }
    }
}

impl Rulebook {
    /// Holds the rulebook against its limits and ranges.
    ///
    /// # Errors
    ///
    /// [`RequestRefused::OutOfRange`], which names the field.
    pub fn check(&self) -> Result<(), RequestRefused> {
        let soft = self.rules.iter().filter(|rule| rule.soft).count();
        let ranges = [
            ("rules", self.rules.len() <= RULES_MAX && soft <= SOFT_RULES_MAX && self.names_differ()),
            ("rules.rows", self.rows() <= RULE_ROWS_MAX),
            ("objective", self.objective.is_within()),
            ("timetable", self.timetable.is_within()),
        ];
        if let Some((field, _)) = ranges.iter().find(|(_, within)| !within) {
            return Err(RequestRefused::out_of_range(field));
        }
        let degrees = |value: i64, most: i64| (-most..=most).contains(&value);
        let outside = |one: &Site| !degrees(one.latitude, 90_000_000) || !degrees(one.longitude, 180_000_000);
        let site = self.sites.iter().position(outside).map(|at| sentence!("sites[", at, "]"));
        let mut terms = self.rules.iter().enumerate().filter_map(|(at, rule)| {
            let (field, row) = rule.then.out_of_range()?;
            let row = row.map_or_else(String::new, |row| sentence!("[", row, "]"));
            Some(sentence!("rules[", at, "].then.", field, row))
        });
        match site.or_else(|| terms.next()) {
            Some(field) => Err(RequestRefused::OutOfRange { field: field.into() }),
            None => Ok(()),
        }
    }

    /// Explanations tell rules by their names.
    fn names_differ(&self) -> bool {
        let mut names: Vec<&Name> = self.rules.iter().map(|rule| &rule.name).gather();
        crate::ordered::sort(&mut names);
        names.iter().zip(names.iter().skip(1)).all(|(one, next)| one != next)
    }

    fn rows(&self) -> usize {
        let groups = self.groups.iter().map(|group| group.nodes.len() + 1).sum::<usize>();
        let lists = self.priority.iter().map(|list| list.len() + 1).sum::<usize>();
        let rules = self.rules.iter().map(|rule| rule.when.rows() + rule.then.rows()).sum::<usize>();
        groups + lists + rules + self.sites.len() + self.timetable.rows()
    }
}

impl Scope {
    fn rows(&self) -> usize {
        self.channels.len() + self.zones.len() + self.skus.len() + self.nodes.len() + self.groups.len()
    }
}

impl StandInRow {
    /// Some parts, each once and none the item itself.
    fn is_within(&self) -> bool {
        let parts = self.parts.iter().enumerate();
        let mut once = parts.clone().map(|(at, part)| {
            let before = self.parts.get(..at).unwrap_or_default();
            part.units.units() >= 1
                && part.sku != self.sku
                && before.iter().all(|other| other.sku != part.sku)
        });
        (1..=REQUEST_LINES_MAX).contains(&self.parts.len()) && once.all(|within| within)
    }
}

impl Term {
    fn rows(&self) -> usize {
        match self {
            Term::Safety { rows } => rows.len(),
            Term::Allocation { rows, .. } => rows.len(),
            Term::Capacity { rows } => rows.len(),
            Term::CoolDown { rows, .. } => rows.len(),
            Term::LotLife { rows, .. } => rows.len(),
            Term::LeastValue { rows, .. } => rows.len(),
            Term::Verdict { rows } => rows.len(),
            Term::StandIn { rows } => rows.iter().map(|row| row.parts.len()).sum(),
            _ => 0,
        }
    }

    /// The field that is outside its range, and which of its rows.
    fn out_of_range(&self) -> Option<(&'static str, Option<usize>)> {
        let lasts = |ms: i64| (0..=DURATION_MAX).contains(&ms);
        let units = |units: Quantity| units.units() >= 0;
        let room = |room: &Room| [room.orders, room.lines, room.units].into_iter().flatten().all(units);
        let (field, within) = match self {
            Term::Safety { rows } => {
                return row_of("safety.rows", rows, |row| units(row.on_line) && units(row.routing));
            }
            Term::Allocation { rows, .. } => {
                return row_of("allocation.rows", rows, |row| units(row.units) && units(row.used));
            }
            Term::Buffer { error, cancel_ppm } => {
                ("buffer", error.is_within() && (1..=1_000_000).contains(cancel_ppm))
            }
            Term::Distance { max_m } => ("distance.max_m", *max_m >= 0),
            Term::Capacity { rows } => return row_of("capacity.rows", rows, room),
            Term::CoolDown { count, for_ms, .. } => ("cool_down", *count >= 1 && lasts(*for_ms)),
            Term::Minimum { units: least } => ("minimum.units", units(*least)),
            Term::LotLife { least_ms, .. } => ("lot_life.least_ms", lasts(*least_ms)),
            Term::Backorder { depth, lead_ms } => ("backorder", units(*depth) && lasts(*lead_ms)),
            Term::MaxShipments { most } => ("max_shipments.most", *most >= 1),
            Term::MaxPerLine { most } => ("max_per_line.most", *most >= 1),
            Term::LeastUnits { units: least } => ("least_units.units", units(*least)),
            Term::LeastValue { value, rows } if value.minor() >= 0 => {
                return row_of("least_value.rows", rows, |row| row.value.minor() >= 0);
            }
            Term::LeastValue { .. } => ("least_value.value", false),
            Term::StandIn { rows } => return row_of("stand_in.rows", rows, StandInRow::is_within),
            Term::Price { parcel, .. } => ("price.parcel", parcel.minor() >= 0),
            Term::Lateness { unit, step_ms, .. } => {
                ("lateness", unit.minor() >= 0 && (1..=DURATION_MAX).contains(step_ms))
            }
            Term::Exclude {}
            | Term::Only {}
            | Term::Launch { .. }
            | Term::Hold { .. }
            | Term::ShipComplete {}
            | Term::NoLineSplit {}
            | Term::Verdict { .. } => return None,
        };
        (!within).then_some((field, None))
    }
}

/// The first row that is not within its range.
fn row_of<T>(
    field: &'static str,
    rows: &[T],
    within: impl Fn(&T) -> bool,
) -> Option<(&'static str, Option<usize>)> {
    rows.iter().position(|row| !within(row)).map(|at| (field, Some(at)))
}
