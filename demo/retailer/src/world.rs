//! The retailer: items, nodes, the ways from nodes to zones, and what is not promised. Told to the book as master data.

use anyhow::{Context, Result};
use onhand::{
    Event, Id, ItemTerms, Kind, LaneTerms, Money, Name, NodeTerms, NodeType, ProtectionTerms, Quantity,
    Terms, Time,
};

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

pub struct World {
    pub items: Vec<Item>,
    pub nodes: Vec<Node>,
    pub lanes: Vec<LaneTerms>,
    pub protections: Vec<ProtectionTerms>,
    /// Of all money, by ISO 4217.
    pub currency: &'static str,
    /// The first moment of the year and the first after it, in milliseconds.
    pub start: i64,
    pub end: i64,
}

pub struct Item {
    pub sku: Name,
    pub title: String,
    pub department: String,
    pub unit: &'static str,
    /// Units of a carton: deliveries come in whole cartons.
    pub pack: i64,
    /// What one costs, in cents.
    pub price: i64,
    /// Sales lines that a store expects in 1,000 weeks; 0 where the till file says what was sold.
    pub lines_in_1000_weeks: i64,
    /// Suppliers bring it to the stores themselves.
    pub direct: bool,
    /// The book is told of it. An item that no product file names is not, and its facts wait.
    pub known: bool,
}

pub struct Node {
    pub name: Name,
    pub title: String,
    pub kind: NodeType,
    pub zone: Option<Name>,
}

/// A name that the program itself puts together.
pub fn name(text: &str) -> Name {
    Name::new(text).expect("names of the demo are well formed")
}

/// A moment that the program itself reckons.
pub fn time(millis: i64) -> Time {
    Time::new(millis).expect("moments of the demo are in range")
}

/// The same without a panic, for what a file says.
pub fn named(text: &str) -> Result<Name> {
    Name::new(text).with_context(|| format!("`{text}` is no name"))
}

impl World {
    /// Everything that the book has to know first, as numbered events of the head office.
    pub fn master_data(&self) -> Vec<Event> {
        let items = self.items.iter().filter(|item| item.known).map(|item| {
            let title = Name::new(&item.title).ok();
            let unit = name(item.unit);
            let terms = ItemTerms { sku: item.sku.clone(), unit, title, backorder_limit: Quantity::ZERO };
            (Kind::ItemChange, Terms::Item(terms))
        });
        let nodes = self.nodes.iter().map(|node| (Kind::NodeChange, Terms::Node(node.terms())));
        let lanes = self.lanes.iter().map(|lane| (Kind::LaneChange, Terms::Lane(lane.clone())));
        let protections = self.protections.iter();
        let protections = protections.map(|one| (Kind::ProtectionChange, Terms::Protection(one.clone())));
        let all = items.chain(nodes).chain(lanes).chain(protections);
        (1..)
            .zip(all)
            .map(|(number, (kind, terms))| {
                let said = time(self.start - DAY);
                let mut event = Event::new(name("head-office"), Id::Number(number), kind, said);
                event.terms = Some(Box::new(terms));
                event
            })
            .collect()
    }

    /// The first moment of each month of the year, in UTC.
    pub fn months(&self) -> Vec<i64> {
        let start = jiff::Timestamp::from_millisecond(self.start).expect("a year that people live in");
        let start =
            start.to_zoned(jiff::tz::TimeZone::UTC).first_of_month().expect("a month has a first day");
        let month = |at: i64| start.checked_add(jiff::Span::new().months(at)).expect("months go on");
        let months = (0..).map(|at| month(at).timestamp().as_millisecond());
        months.take_while(|start| *start < self.end).collect()
    }

    pub fn stores(&self) -> impl Iterator<Item = (u32, &Node)> {
        (0..).zip(&self.nodes).filter(|(_, node)| node.kind == NodeType::Store)
    }

    pub fn zones(&self) -> Vec<Name> {
        let mut zones: Vec<Name> = self.nodes.iter().filter_map(|node| node.zone.clone()).collect();
        zones.sort();
        zones.dedup();
        zones
    }

    pub fn title_of<'a>(&'a self, sku: &'a Name) -> &'a str {
        let item = self.items.iter().find(|item| item.sku == *sku);
        item.map_or(sku.as_str(), |item| item.title.as_str())
    }
}

impl Item {
    /// What a unit costs when the year begins, in cents.
    pub fn cost(&self) -> i64 {
        self.price / 2
    }
}

impl Node {
    fn terms(&self) -> NodeTerms {
        let is_channel = self.kind == NodeType::Channel;
        NodeTerms {
            node: self.name.clone(),
            node_type: self.kind,
            title: Name::new(&self.title).ok(),
            on_line: !is_channel,
            ships: !is_channel,
            picks_up: self.kind == NodeType::Store,
            handling_ms: self.handling(),
        }
    }

    /// From an order to its release, in milliseconds.
    pub fn handling(&self) -> i64 {
        if self.kind == NodeType::Store { 2 * HOUR } else { 12 * HOUR }
    }

    /// A store brings orders to its own zone on the same day; a distribution centre sends parcels to every zone.
    pub fn lanes(&self, zones: &[Name]) -> Vec<LaneTerms> {
        let lane = |zone: &Name, method, hours, parcel, unit| LaneTerms {
            node: self.name.clone(),
            zone: zone.clone(),
            method: name(method),
            open: true,
            transit_ms: hours * HOUR,
            parcel_cost: Money::new(parcel).expect("a price in range"),
            unit_cost: Money::new(unit).expect("a price in range"),
        };
        match self.kind {
            NodeType::Store => self.zone.iter().map(|zone| lane(zone, "courier", 3, 590, 25)).collect(),
            NodeType::Warehouse => zones
                .iter()
                .flat_map(|zone| [lane(zone, "standard", 48, 395, 15), lane(zone, "express", 20, 895, 15)])
                .collect(),
            _ => Vec::new(),
        }
    }
}
