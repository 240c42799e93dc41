//! Calendars: by when an order can be there, and until when it has to be placed to be there in time.
//!
//! A [`Node`] prepares orders in its picking hours, a [`Carrier`] calls for them and delivers on its working days, each by a
//! [`Calendar`] of hours by weekday and holiday, and each on the clock of its place, an [`OffsetTable`]. Every question is
//! answered both ways, and the two agree: a delivery asked for `now` comes by a day exactly when `now` is no later than
//! [`latest_order`] for the day. Everything happens on or after the day of the question and within
//! [`CALENDAR_DAYS_MAX`] days of it.

mod clock;
mod day;
mod hours;
mod steps;
mod transit;
#[cfg(feature = "zones")]
mod zones;

use core::fmt;

use crate::limits::CALENDAR_DAYS_MAX;
use crate::measure::Time;
use steps::{Desk, time};

pub use clock::{OffsetProblem, OffsetTable};
pub use day::Day;
pub use hours::{Calendar, CalendarProblem, Hours, Span};
pub use transit::{Transit, TransitTwice};
#[cfg(feature = "zones")]
pub use zones::ZoneProblem;

/// A place that prepares orders.
///
/// ```
/// use onhand::calendar::{Calendar, Hours, Node, OffsetTable};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// assert!(std::ptr::eq(node.picking, node.opening));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// The clock of the place.
    pub clock: &'a OffsetTable,
    /// When orders are prepared, and the cut-offs for orders of the day.
    pub picking: &'a Calendar,
    /// When customers can collect.
    pub opening: &'a Calendar,
    /// How long it takes to prepare an order, in milliseconds of picking hours; nothing where below zero.
    pub handling_ms: i64,
}

/// Who takes parcels from a node to a zone by one method.
///
/// ```
/// use onhand::calendar::{Calendar, Carrier, Hours, OffsetTable};
/// let clock = OffsetTable::utc();
/// let calls = Calendar::every_day(Hours::of(16 * 60, 16 * 60)).unwrap();
/// let deliveries = Calendar::every_day(Hours::of(8 * 60, 20 * 60)).unwrap();
/// let carrier = Carrier { calls: &calls, clock: &clock, deliveries: &deliveries, transit_days: 1 };
/// assert_eq!(carrier.transit_days, 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// When parcels are called for, on the clock of the node: what is ready by the beginning of a span has left at its end.
    pub calls: &'a Calendar,
    /// The clock of the destination.
    pub clock: &'a OffsetTable,
    /// When parcels are delivered, on the clock of the destination: a day with hours is a working day.
    pub deliveries: &'a Calendar,
    /// Working days in transit after the day of the call; with none a parcel comes on the same day where that is a working
    /// day whose hours have not ended. See [`Transit`].
    pub transit_days: u32,
}

/// The earliest delivery of an order, with the moment of each step.
///
/// ```
/// use onhand::calendar::{Calendar, Carrier, Hours, Node, OffsetTable, delivery};
/// # let clock = OffsetTable::utc();
/// # let hours = Calendar::every_day(Hours::of(480, 1_080)).unwrap();
/// # let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// # let carrier = Carrier { calls: &hours, clock: &clock, deliveries: &hours, transit_days: 1 };
/// let delivery = delivery(&node, &carrier, onhand::Time::new(864_000_000).unwrap()).unwrap();
/// assert!(delivery.starts < delivery.ready && delivery.ready < delivery.leaves && delivery.leaves < delivery.by);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When the node begins to prepare it.
    pub starts: Time,
    /// When it is prepared.
    pub ready: Time,
    /// When the carrier has left with it.
    pub leaves: Time,
    /// The day of arrival, at the destination.
    pub day: Day,
    /// The end of the carrier's hours of that day.
    pub by: Time,
}

/// The earliest moment that a customer can collect an order.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{Calendar, Hours, Node, OffsetTable, pick_up};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// let from = pick_up(&node, Time::new(864_000_000).unwrap()).unwrap().from; // of midnight
/// assert_eq!(from, Time::new(864_000_000 + 9 * 3_600_000).unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PickUp {
    /// When the node begins to prepare it.
    pub starts: Time,
    /// When it is prepared.
    pub ready: Time,
    /// From when on it can be collected.
    pub from: Time,
    /// The day of that, at the node.
    pub day: Day,
}

/// A step of an order.
///
/// ```
/// use onhand::calendar::{Step, Unanswered};
/// assert_eq!(Unanswered::NothingWithin(Step::Call).to_string(), "no carrier calls within 400 days");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Preparing it.
    Picking,
    /// The carrier's call.
    Call,
    /// The carrier's delivery.
    Delivery,
    /// The customer's coming.
    Collecting,
}

/// Why there is no answer.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{Calendar, Node, OffsetTable, Step, Unanswered, pick_up};
/// let (clock, closed) = (OffsetTable::utc(), Calendar::default());
/// let node = Node { clock: &clock, picking: &closed, opening: &closed, handling_ms: 0 };
/// let answer = pick_up(&node, Time::new(864_000_000).unwrap());
/// assert_eq!(answer, Err(Unanswered::NothingWithin(Step::Picking)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unanswered {
    /// The hours of this step do not suffice within [`CALENDAR_DAYS_MAX`] days.
    NothingWithin(Step),
    /// An offset table begins too late or ends too early to say.
    OutsideTable,
}

/// The earliest delivery of an order that is placed now.
///
/// # Errors
///
/// [`Unanswered`] where a step has no hours within [`CALENDAR_DAYS_MAX`] days of `now`, or a clock does not reach so far.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{Calendar, Carrier, Day, Hours, Node, OffsetTable, delivery, latest_order};
/// let clock = OffsetTable::utc();
/// let workdays = |hours: Hours| {
///     let mut week: [Hours; 7] = std::array::from_fn(|_| hours.clone());
///     week[5] = Hours::default();
///     week[6] = Hours::default();
///     Calendar::new(week, vec![]).unwrap()
/// };
/// let picking = workdays(Hours { cut_off: Some(14 * 60), ..Hours::of(8 * 60, 18 * 60) });
/// let (calls, deliveries) = (workdays(Hours::of(17 * 60, 17 * 60)), workdays(Hours::of(9 * 60, 18 * 60)));
/// let node = Node { clock: &clock, picking: &picking, opening: &picking, handling_ms: 2 * 3_600_000 };
/// let carrier = Carrier { calls: &calls, clock: &clock, deliveries: &deliveries, transit_days: 2 };
/// // Ordered on Thursday at two in the afternoon, it comes on Monday; a moment later, on Tuesday.
/// let two = clock.moment(Day::of(2026, 1, 8).unwrap(), 14 * 60).unwrap();
/// let monday = Day::of(2026, 1, 12).unwrap();
/// assert_eq!(delivery(&node, &carrier, two).unwrap().day, monday);
/// let late = Time::new(two.millis() + 1).unwrap();
/// assert_eq!(Some(delivery(&node, &carrier, late).unwrap().day), monday.plus(1));
/// assert_eq!(latest_order(&node, &carrier, monday), Ok(two));
/// ```
pub fn delivery(node: &Node<'_>, carrier: &Carrier<'_>, now: Time) -> Result<Delivery, Unanswered> {
    let days = days_after(node, now)?;
    let (starts, ready) = node.prepare(now, days)?;
    let leaves = node.desk(carrier.calls, days, Step::Call).call(ready)?;
    let (day, by) = carrier.desk(days).arrival(node.clock, leaves, carrier.transit_days)?;
    Ok(Delivery { starts: time(starts)?, ready: time(ready)?, leaves: time(leaves)?, day, by: time(by)? })
}

/// The latest moment at which an order for delivery on a day or before can be placed, which is when it has to be released to the
/// node at the latest.
///
/// # Errors
///
/// [`Unanswered`] where a step has no hours in the [`CALENDAR_DAYS_MAX`] days before, or a clock does not know them.
///
/// ```
/// use onhand::calendar::{Calendar, Carrier, Day, Hours, Node, OffsetTable, latest_order};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// let calls = Calendar::every_day(Hours::of(1_020, 1_020)).unwrap();
/// let carrier = Carrier { calls: &calls, clock: &clock, deliveries: &hours, transit_days: 1 };
/// // Ready for the call at five in the afternoon of the day before, an hour of work.
/// let by = latest_order(&node, &carrier, Day::new(10).unwrap());
/// assert_eq!(by, clock.moment(Day::new(9).unwrap(), 960));
/// ```
pub fn latest_order(node: &Node<'_>, carrier: &Carrier<'_>, day: Day) -> Result<Time, Unanswered> {
    let days = days_before(day);
    let leaves = carrier.desk(days).arrival_back(node.clock, day, carrier.transit_days)?;
    let ready = node.desk(carrier.calls, days, Step::Call).call_back(leaves)?;
    node.prepare_back(ready, days)
}

/// The latest moment at which an order that has arrived by a moment, at the end of the carrier's hours of its day, can be placed.
///
/// # Errors
///
/// As [`latest_order`].
///
/// ```
/// use onhand::calendar::{Calendar, Carrier, Day, Hours, Node, OffsetTable, latest_order, latest_order_by};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// let carrier = Carrier { calls: &hours, clock: &clock, deliveries: &hours, transit_days: 1 };
/// let (at, day) = (|minute| clock.moment(Day::new(10).unwrap(), minute).unwrap(), |day| Day::new(day).unwrap());
/// assert_eq!(latest_order_by(&node, &carrier, at(1_080)), latest_order(&node, &carrier, day(10)));
/// assert_eq!(latest_order_by(&node, &carrier, at(1_079)), latest_order(&node, &carrier, day(9)));
/// ```
pub fn latest_order_by(node: &Node<'_>, carrier: &Carrier<'_>, wanted: Time) -> Result<Time, Unanswered> {
    let day = carrier.clock.day(wanted)?;
    match carrier.desk(days_before(day)).end(day) {
        Ok(end) if end > wanted.millis() => {
            latest_order(node, carrier, day.plus(-1).ok_or(Unanswered::OutsideTable)?)
        }
        _ => latest_order(node, carrier, day),
    }
}

/// "Order within 2 h 10 min": milliseconds until the latest moment at which an order comes on the day on which one of now does.
///
/// # Errors
///
/// Those of [`delivery`] and [`latest_order`].
///
/// ```
/// use onhand::calendar::{Calendar, Carrier, Day, Hours, Node, OffsetTable, order_within_ms};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 3_600_000 };
/// let calls = Calendar::every_day(Hours::of(1_020, 1_020)).unwrap();
/// let carrier = Carrier { calls: &calls, clock: &clock, deliveries: &hours, transit_days: 1 };
/// let now = clock.moment(Day::new(9).unwrap(), 13 * 60 + 50).unwrap();
/// assert_eq!(order_within_ms(&node, &carrier, now), Ok((2 * 60 + 10) * 60_000));
/// ```
pub fn order_within_ms(node: &Node<'_>, carrier: &Carrier<'_>, now: Time) -> Result<i64, Unanswered> {
    let day = delivery(node, carrier, now)?.day;
    Ok(latest_order(node, carrier, day)?.millis() - now.millis())
}

/// The earliest moment that a customer can collect an order that is placed now.
///
/// # Errors
///
/// [`Unanswered`] where a step has no hours within [`CALENDAR_DAYS_MAX`] days of `now`, or a clock does not reach so far.
///
/// ```
/// use onhand::calendar::{Calendar, Day, Hours, Node, OffsetTable, pick_up};
/// let clock = OffsetTable::utc();
/// let (picking, opening) = (Hours::of(360, 1_200), Hours::of(600, 1_080));
/// let [picking, opening] = [picking, opening].map(|hours| Calendar::every_day(hours).unwrap());
/// let node = Node { clock: &clock, picking: &picking, opening: &opening, handling_ms: 7_200_000 };
/// let at = |day, minute| clock.moment(Day::new(day).unwrap(), minute).unwrap();
/// // Ready at half past six in the evening, when the shop has closed.
/// assert_eq!(pick_up(&node, at(9, 990)).unwrap().from, at(10, 600));
/// ```
pub fn pick_up(node: &Node<'_>, now: Time) -> Result<PickUp, Unanswered> {
    let days = days_after(node, now)?;
    let (starts, ready) = node.prepare(now, days)?;
    let from = time(node.desk(node.opening, days, Step::Collecting).open(ready)?)?;
    Ok(PickUp { starts: time(starts)?, ready: time(ready)?, from, day: node.clock.day(from)? })
}

/// The latest moment at which an order that is to be collected at a moment can be placed.
///
/// # Errors
///
/// [`Unanswered`] where a step has no hours in the [`CALENDAR_DAYS_MAX`] days before, or the clock does not know them.
///
/// ```
/// use onhand::calendar::{Calendar, Day, Hours, Node, OffsetTable, latest_order_for_pick_up};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 7_200_000 };
/// let at = |day, minute| clock.moment(Day::new(day).unwrap(), minute).unwrap();
/// // Wanted at nine in the morning: an hour of that day and one of the evening before.
/// assert_eq!(latest_order_for_pick_up(&node, at(10, 540)), Ok(at(9, 1_020)));
/// ```
pub fn latest_order_for_pick_up(node: &Node<'_>, wanted: Time) -> Result<Time, Unanswered> {
    let days = days_before(node.clock.day(wanted)?);
    let ready = node.desk(node.opening, days, Step::Collecting).open_back(wanted.millis())?;
    node.prepare_back(ready, days)
}

/// Milliseconds until the latest moment at which an order can be collected on the day on which one of now can.
///
/// # Errors
///
/// Those of [`pick_up`] and [`latest_order_for_pick_up`].
///
/// ```
/// use onhand::calendar::{Calendar, Day, Hours, Node, OffsetTable, order_for_pick_up_within_ms};
/// let (clock, hours) = (OffsetTable::utc(), Calendar::every_day(Hours::of(480, 1_080)).unwrap());
/// let node = Node { clock: &clock, picking: &hours, opening: &hours, handling_ms: 7_200_000 };
/// let now = clock.moment(Day::new(9).unwrap(), 900).unwrap();
/// assert_eq!(order_for_pick_up_within_ms(&node, now), Ok(3_600_000));
/// ```
pub fn order_for_pick_up_within_ms(node: &Node<'_>, now: Time) -> Result<i64, Unanswered> {
    let day = pick_up(node, now)?.day;
    let day_ends = time(node.clock.moment(day, 1_440)?.millis() - 1)?;
    Ok(latest_order_for_pick_up(node, day_ends)?.millis() - now.millis())
}

impl Node<'_> {
    /// When an order of a moment is begun, and when it is ready.
    fn prepare(&self, now: Time, days: (i64, i64)) -> Result<(i64, i64), Unanswered> {
        let desk = self.desk(self.picking, days, Step::Picking);
        let starts = desk.open(desk.cut_off(now.millis())?)?;
        Ok((starts, desk.work(starts, self.handling_ms)?))
    }

    /// The latest order that is ready by a moment.
    fn prepare_back(&self, ready: i64, days: (i64, i64)) -> Result<Time, Unanswered> {
        let desk = self.desk(self.picking, days, Step::Picking);
        let starts = desk.open_back(desk.work_back(ready, self.handling_ms)?)?;
        time(desk.cut_off_back(starts)?)
    }

    fn desk<'a>(&'a self, calendar: &'a Calendar, days: (i64, i64), step: Step) -> Desk<'a> {
        Desk { clock: self.clock, calendar, days, step }
    }
}

impl Carrier<'_> {
    fn desk(&self, days: (i64, i64)) -> Desk<'_> {
        Desk { clock: self.clock, calendar: self.deliveries, days, step: Step::Delivery }
    }
}

/// The days that a search for the earliest looks at; hours of the day before may end at the moment of the question.
fn days_after(node: &Node<'_>, now: Time) -> Result<(i64, i64), Unanswered> {
    let today = node.clock.day(now)?.number();
    Ok((today - 1, today + CALENDAR_DAYS_MAX))
}

/// The days that a search for the latest looks at. They reach a little further, as clocks differ by up to two days: what was found
/// forward is found backward.
fn days_before(day: Day) -> (i64, i64) {
    (day.number() - CALENDAR_DAYS_MAX - 3, day.number() + 2)
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Unanswered::NothingWithin(Step::Picking) => "too few picking hours",
            Unanswered::NothingWithin(Step::Call) => "no carrier calls",
            Unanswered::NothingWithin(Step::Delivery) => "no delivery",
            Unanswered::NothingWithin(Step::Collecting) => "no opening hours",
            Unanswered::OutsideTable => return f.write_str("the clock's table does not reach so far"),
        };
        write!(f, "{what} within {CALENDAR_DAYS_MAX} days")
    }
}

impl core::error::Error for Unanswered {}
