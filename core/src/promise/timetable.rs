//! Hours of nodes and carriers by name, and by when an order of a moment leaves and arrives by them.

use alloc::vec::Vec;

use super::Check;
use crate::book::Book;
use crate::calendar::{self, Calendar, Carrier, Node, OffsetTable, Unanswered};
use crate::dense::NONE;
use crate::limits::CALENDAR_DAYS_MAX;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::sort_by_key;

/// Hours of nodes and carriers. The offset tables are made once by whoever makes the rulebook, with a time-zone database whose
/// version they carry: [`OffsetTable`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timetable {
    /// Clocks by name.
    pub clocks: Vec<NamedClock>,
    /// Calendars by name.
    pub calendars: Vec<NamedCalendar>,
    /// Nodes that keep hours.
    pub nodes: Vec<NodeHours>,
    /// Carriers that call there: of the rows that fit, the one that names node and zone holds, then one that names the node, then the zone.
    pub carriers: Vec<CarrierHours>,
}

/// A clock that nodes and carriers name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedClock {
    /// What it is called.
    pub name: Name,
    /// Its offsets.
    pub table: OffsetTable,
}

/// A calendar that nodes and carriers name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCalendar {
    /// What it is called.
    pub name: Name,
    /// Its hours.
    pub calendar: Calendar,
}

/// The hours of a node; its handling time is that of its master data, within its picking hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeHours {
    /// The node.
    pub node: Name,
    /// Its clock.
    pub clock: Name,
    /// The calendar by which orders are prepared, with cut-offs.
    pub picking: Name,
    /// The calendar by which customers can collect; that of picking unless said.
    pub opening: Option<Name>,
}

/// The hours of a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierHours {
    /// The method.
    pub method: Name,
    /// The node that it calls at; every node unless said.
    pub node: Option<Name>,
    /// The zone that it delivers to; every zone unless said.
    pub zone: Option<Name>,
    /// The calendar of its calls, on the clock of the node.
    pub calls: Name,
    /// The clock of the destination.
    pub clock: Name,
    /// The calendar of its deliveries, on that clock.
    pub deliveries: Name,
    /// Working days in transit after the day of the call.
    pub transit_days: u32,
}

impl Timetable {
    /// Every name that is used has a row, and no transit is longer than the calendars look ahead.
    pub(super) fn is_within(&self) -> bool {
        let clock = |name: &Name| self.clocks.iter().any(|clock| clock.name == *name);
        let calendar = |name: &Name| self.calendars.iter().any(|calendar| calendar.name == *name);
        self.nodes.iter().all(|node| {
            clock(&node.clock) && calendar(&node.picking) && node.opening.as_ref().is_none_or(calendar)
        }) && self.carriers.iter().all(|carrier| {
            clock(&carrier.clock)
                && calendar(&carrier.calls)
                && calendar(&carrier.deliveries)
                && i64::from(carrier.transit_days) <= CALENDAR_DAYS_MAX
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.clocks.len() + self.calendars.len() + self.nodes.len() + self.carriers.len()
    }

    fn clock(&self, name: &Name) -> Option<&OffsetTable> {
        self.clocks.iter().find(|clock| clock.name == *name).map(|clock| &clock.table)
    }

    fn calendar(&self, name: &Name) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.name == *name).map(|calendar| &calendar.calendar)
    }
}

/// A timetable in the numbers of a book, for one destination.
#[derive(Default)]
pub(super) struct Schedule<'a> {
    /// Sorted by node.
    nodes: Vec<(u32, Node<'a>)>,
    /// By method and node (`NONE`: every node), the most specific of each kept.
    carriers: Vec<(u32, u32, bool, Carrier<'a>)>,
}

/// When an order leaves a node and arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Times {
    /// When it has left, or is ready at the counter, in milliseconds.
    pub release_by: i64,
    /// When it has arrived, or can be collected, in milliseconds.
    pub arrive_by: i64,
}

/// A node, and where to and how it ships.
#[derive(Clone, Copy, Debug)]
pub struct Leg<'a> {
    /// The node.
    pub node: &'a str,
    /// Where to; carriers of one zone serve no other.
    pub zone: Option<&'a Name>,
    /// By which method; `None` for pick-up at the node.
    pub method: Option<&'a str>,
}

impl Book {
    /// When an order that is placed at a moment leaves a node and arrives at the earliest, by the hours of a rulebook and the node's handling
    /// time; the check that it fails otherwise. `None` where the book does not know the node or the timetable says nothing of it.
    ///
    /// # Errors
    ///
    /// As [`super::Rulebook::check`].
    ///
    /// ```
    /// use onhand::promise::{Leg, Rulebook};
    /// use onhand::{Time, testing};
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let leg = Leg { node: "store-1", zone: None, method: None };
    /// assert_eq!(book.earliest(&Rulebook::default(), leg, Time::ZERO), Ok(None));
    /// ```
    pub fn earliest(
        &self,
        rulebook: &super::Rulebook,
        leg: Leg<'_>,
        now: Time,
    ) -> Result<Option<Result<Times, Check>>, super::RequestRefused> {
        self.scheduled(rulebook, leg, |schedule, way, handling_ms| {
            schedule.times(way, handling_ms, now.millis())
        })
    }

    /// Until when an order can be placed that arrives at a node's destination, or can be collected, on the day of a moment.
    /// `None` where there is no such moment, or nothing is known of the node.
    ///
    /// # Errors
    ///
    /// As [`super::Rulebook::check`].
    pub fn latest(
        &self,
        rulebook: &super::Rulebook,
        leg: Leg<'_>,
        arrive_by: Time,
    ) -> Result<Option<i64>, super::RequestRefused> {
        self.latest_of(rulebook, leg, arrive_by, false)
    }

    /// Until when an order can be placed that has arrived at a node's destination, or can be collected, by a moment: it is exactly
    /// up to then that [`Book::earliest`] answers no later arrival. `None` as in [`Book::latest`].
    ///
    /// # Errors
    ///
    /// As [`super::Rulebook::check`].
    ///
    /// ```
    /// use onhand::calendar::{Calendar, Hours, OffsetTable};
    /// use onhand::promise::{Leg, NamedCalendar, NamedClock, NodeHours, Rulebook};
    /// use onhand::{Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let (node, name) = (Name::new("store-1")?, Name::new("daily")?);
    /// let mut rulebook = Rulebook::default();
    /// let table = &mut rulebook.timetable;
    /// table.clocks.push(NamedClock { name: name.clone(), table: OffsetTable::utc() });
    /// let calendar = Calendar::every_day(Hours::of(8 * 60, 18 * 60))?;
    /// table.calendars.push(NamedCalendar { name: name.clone(), calendar });
    /// table.nodes.push(NodeHours { node, clock: name.clone(), picking: name, opening: None });
    /// let leg = Leg { node: "store-1", zone: None, method: None };
    /// let hours = |hours: i64| Time::new(hours * 3_600_000).unwrap();
    /// assert_eq!(book.latest(&rulebook, leg, hours(24 + 9))?, Some(hours(24 + 18).millis()));
    /// assert_eq!(book.latest_by(&rulebook, leg, hours(24 + 9))?, Some(hours(24 + 9).millis()));
    /// # Ok(()) }
    /// ```
    pub fn latest_by(
        &self,
        rulebook: &super::Rulebook,
        leg: Leg<'_>,
        arrive_by: Time,
    ) -> Result<Option<i64>, super::RequestRefused> {
        self.latest_of(rulebook, leg, arrive_by, true)
    }

    fn latest_of(
        &self,
        rulebook: &super::Rulebook,
        leg: Leg<'_>,
        arrive_by: Time,
        exactly: bool,
    ) -> Result<Option<i64>, super::RequestRefused> {
        self.scheduled(rulebook, leg, |schedule, way, handling_ms| {
            schedule.order_by(way, handling_ms, arrive_by.millis(), exactly)
        })
    }

    fn scheduled<T>(
        &self,
        rulebook: &super::Rulebook,
        leg: Leg<'_>,
        ask: impl Fn(&Schedule<'_>, (u32, u32), i64) -> Option<T>,
    ) -> Result<Option<T>, super::RequestRefused> {
        rulebook.check()?;
        let Some(node) = self.known_node(leg.node) else { return Ok(None) };
        let Some(terms) = &self.locations[node].terms else { return Ok(None) };
        // A method that the book does not know has no carrier: it is asked for all the same.
        let method = leg.method.map_or(NONE, |method| self.words.id(method).unwrap_or(NONE - 1));
        let schedule = Schedule::of(self, &rulebook.timetable, leg.zone);
        Ok(ask(&schedule, (node, method), terms.value.handling_ms))
    }
}

impl<'a> Schedule<'a> {
    pub(super) fn of(book: &Book, timetable: &'a Timetable, zone: Option<&Name>) -> Schedule<'a> {
        let mut nodes: Vec<(u32, Node<'a>)> = Vec::new();
        for hours in &timetable.nodes {
            let picking = timetable.calendar(&hours.picking);
            let opening = hours.opening.as_ref().map_or(picking, |name| timetable.calendar(name));
            let found = timetable.clock(&hours.clock).zip(picking.zip(opening));
            let Some((clock, (picking, opening))) = found else { continue };
            if let Some(node) = book.known_node(hours.node.as_str()) {
                nodes.push((node, Node { clock, picking, opening, handling_ms: 0 }));
            }
        }
        sort_by_key(&mut nodes, |(node, _)| *node);
        let mut carriers = Vec::new();
        let serves = |row: &&CarrierHours| row.zone.is_none() || row.zone.as_ref() == zone;
        for row in timetable.carriers.iter().filter(serves) {
            let calendars = timetable.calendar(&row.calls).zip(timetable.calendar(&row.deliveries));
            let Some((clock, (calls, deliveries))) = timetable.clock(&row.clock).zip(calendars) else {
                continue;
            };
            let node = match &row.node {
                Some(node) => book.known_node(node.as_str()),
                None => Some(NONE),
            };
            let Some((method, node)) = book.words.id(row.method.as_str()).zip(node) else { continue };
            let carrier = Carrier { calls, clock, deliveries, transit_days: row.transit_days };
            carriers.push((method, node, row.zone.is_some(), carrier));
        }
        Schedule { nodes, carriers }
    }

    /// Whether it says anything of a node.
    fn node(&self, node: u32, handling_ms: i64) -> Option<Node<'a>> {
        let place = self.nodes.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        self.nodes.get(place).map(|(_, hours)| Node { handling_ms, ..*hours })
    }

    fn carrier(&self, node: u32, method: u32) -> Option<&Carrier<'a>> {
        let fit = self.carriers.iter().filter(|one| one.0 == method && (one.1 == node || one.1 == NONE));
        fit.max_by_key(|one| (one.1 != NONE, one.2)).map(|one| &one.3)
    }

    /// When an order that a node can begin with at a moment leaves and arrives; `None` where the timetable says nothing of the node.
    /// Pick-up has no method (`NONE`).
    pub(super) fn times(&self, way: (u32, u32), handling_ms: i64, from: i64) -> Option<Result<Times, Check>> {
        let hours = self.node(way.0, handling_ms)?;
        let Some(from) = Time::new(from) else { return Some(Err(Check::NoHours)) };
        if way.1 == NONE {
            let found = calendar::pick_up(&hours, from);
            let found =
                found.map(|one| Times { release_by: one.ready.millis(), arrive_by: one.from.millis() });
            return Some(found.map_err(|_| Check::NoHours));
        }
        let Some(carrier) = self.carrier(way.0, way.1) else { return Some(Err(Check::NoCarrier)) };
        let found = calendar::delivery(&hours, carrier, from);
        let found = found.map(|one| Times { release_by: one.leaves.millis(), arrive_by: one.by.millis() });
        Some(found.map_err(|_| Check::NoHours))
    }

    /// Until when an order can be placed that is to arrive on the day of a moment, or by the moment itself where `exactly`.
    pub(super) fn order_by(
        &self,
        way: (u32, u32),
        handling_ms: i64,
        arrive_by: i64,
        exactly: bool,
    ) -> Option<i64> {
        let hours = self.node(way.0, handling_ms)?;
        let latest = || -> Result<Time, Unanswered> {
            let arrive_by = Time::new(arrive_by).ok_or(Unanswered::OutsideTable)?;
            if way.1 == NONE {
                let day = hours.clock.day(arrive_by)?;
                let ends =
                    if exactly { None } else { Time::new(hours.clock.moment(day, 1_440)?.millis() - 1) };
                return calendar::latest_order_for_pick_up(&hours, ends.unwrap_or(arrive_by));
            }
            let carrier = self.carrier(way.0, way.1).ok_or(Unanswered::OutsideTable)?;
            match exactly {
                true => calendar::latest_order_by(&hours, carrier, arrive_by),
                false => calendar::latest_order(&hours, carrier, carrier.clock.day(arrive_by)?),
            }
        };
        latest().ok().map(Time::millis)
    }
}
