//! Hours by weekday, and the days on which they are others.

use alloc::string::String;
use alloc::vec::Vec;

use super::day::Day;
use crate::limits::{HOLIDAYS_MAX, SPANS_MAX};
use crate::ordered::sort_by_key;
use crate::sentence::{InWords, Two, printed, sentence};

/// Minutes of a local day, from and to, 0 to 1,440 (the end of the day); both ends belong to it. A carrier's call is such a
/// span too: parcels have to be ready by `from` and have left by `to`, which may be the same.
///
/// ```
/// use onhand::calendar::Span;
/// let nine_to_five = Span { from: 9 * 60, to: 17 * 60 };
/// assert_eq!(nine_to_five.to - nine_to_five.from, 480);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight, not before `from`.
    pub to: u16,
}

/// The hours of one day. The default is closed.
///
/// ```
/// use onhand::calendar::Hours;
/// let saturday = Hours { cut_off: Some(12 * 60), ..Hours::of(10 * 60, 16 * 60) };
/// assert!(!saturday.spans.is_empty() && Hours::default().spans.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// In order, none within another; none at all means closed. Hours past midnight are a span of the next day.
    pub spans: Vec<Span>,
    /// An order of this minute is still of this day, a later one is of the next; none unless said.
    pub cut_off: Option<u16>,
}

impl Hours {
    /// One span, in minutes after midnight, and no cut-off.
    ///
    /// ```
    /// use onhand::calendar::{Hours, Span};
    /// assert_eq!(Hours::of(540, 1_020).spans, [Span { from: 540, to: 1_020 }]);
    /// ```
    pub fn of(from: u16, to: u16) -> Hours {
        Hours { spans: alloc::vec![Span { from, to }], cut_off: None }
    }
}

/// The hours of every day: by weekday, with holidays that have other hours or none.
///
/// ```
/// use onhand::calendar::{Calendar, Day, Hours};
/// let workday = Hours::of(9 * 60, 17 * 60);
/// let mut week: [Hours; 7] = std::array::from_fn(|_| workday.clone());
/// week[6] = Hours::default();
/// let christmas = Day::of(2026, 12, 25).unwrap();
/// let eve = Day::of(2026, 12, 24).unwrap();
/// let calendar =
///     Calendar::new(week, vec![(christmas, Hours::default()), (eve, Hours::of(9 * 60, 12 * 60))]).unwrap();
/// assert!(!calendar.is_open(christmas));
/// assert_eq!(calendar.hours(eve).spans[0].to, 720);
/// assert!(!calendar.is_open(Day::of(2026, 12, 27).unwrap()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    week: [Hours; 7],
    /// In the order of days, each once.
    holidays: Vec<(Day, Hours)>,
    /// What a day has that is not in the week; never seen, as a week has every weekday.
    closed: Hours,
}

/// Why there is no [`Calendar`] of some hours.
///
/// ```
/// use onhand::calendar::{Calendar, CalendarProblem, Hours};
/// let late = Calendar::every_day(Hours::of(540, 1_441));
/// assert_eq!(late, Err(CalendarProblem::MinuteOutOfRange(1_441)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CalendarProblem {
    /// A minute is after 1,440.
    MinuteOutOfRange(u16),
    /// A span ends before it begins, or begins before the one before it ends; the minute at which it begins.
    SpansOutOfOrder(u16),
    /// A day has more than [`SPANS_MAX`] spans.
    TooManySpans,
    /// A holiday is named twice.
    HolidayTwice(Day),
    /// There are more than [`HOLIDAYS_MAX`] holidays.
    TooManyHolidays,
}

impl Calendar {
    /// Checks the hours of the week, Monday first, and of the holidays, in any order.
    ///
    /// ```
    /// use onhand::calendar::{Calendar, CalendarProblem, Day, Hours};
    /// let day = Day::new(0).unwrap();
    /// let twice = vec![(day, Hours::default()), (day, Hours::of(0, 60))];
    /// assert_eq!(Calendar::new(Default::default(), twice), Err(CalendarProblem::HolidayTwice(day)));
    /// ```
    pub fn new(week: [Hours; 7], mut holidays: Vec<(Day, Hours)>) -> Result<Calendar, CalendarProblem> {
        if holidays.len() > HOLIDAYS_MAX {
            return Err(CalendarProblem::TooManyHolidays);
        }
        week.iter().chain(holidays.iter().map(|(_, hours)| hours)).try_for_each(check)?;
        sort_by_key(&mut holidays, |(day, _)| *day);
        if let Some((one, _)) =
            holidays.iter().zip(holidays.iter().skip(1)).find(|(one, next)| one.0 == next.0)
        {
            return Err(CalendarProblem::HolidayTwice(one.0));
        }
        Ok(Calendar { week, holidays, closed: Hours::default() })
    }

    /// The same hours every day, without holidays.
    ///
    /// ```
    /// use onhand::calendar::{Calendar, Day, Hours};
    /// assert!(Calendar::every_day(Hours::of(0, 1_440)).unwrap().is_open(Day::new(3).unwrap()));
    /// ```
    pub fn every_day(hours: Hours) -> Result<Calendar, CalendarProblem> {
        Calendar::new(core::array::from_fn(|_| hours.clone()), Vec::new())
    }

    /// The hours of a day.
    ///
    /// ```
    /// use onhand::calendar::{Calendar, Day};
    /// assert!(Calendar::default().hours(Day::new(0).unwrap()).spans.is_empty());
    /// ```
    pub fn hours(&self, day: Day) -> &Hours {
        match self.holidays.binary_search_by_key(&day, |(day, _)| *day) {
            Ok(place) => self.holidays.get(place).map(|(_, hours)| hours),
            Err(_) => self.week.get(day.weekday()),
        }
        .unwrap_or(&self.closed)
    }

    /// Whether the day has hours at all: for a carrier, a working day.
    ///
    /// ```
    /// use onhand::calendar::{Calendar, Day};
    /// assert!(!Calendar::default().is_open(Day::new(0).unwrap()));
    /// ```
    pub fn is_open(&self, day: Day) -> bool {
        !self.hours(day).spans.is_empty()
    }
}

fn check(hours: &Hours) -> Result<(), CalendarProblem> {
    if hours.spans.len() > SPANS_MAX {
        return Err(CalendarProblem::TooManySpans);
    }
    let minutes = hours.spans.iter().flat_map(|span| [span.from, span.to]);
    if let Some(minute) = minutes.chain(hours.cut_off).find(|minute| *minute > MINUTES_OF_DAY) {
        return Err(CalendarProblem::MinuteOutOfRange(minute));
    }
    let ends = [0].into_iter().chain(hours.spans.iter().map(|span| span.to));
    match hours.spans.iter().zip(ends).find(|(span, end)| span.from < *end || span.to < span.from) {
        Some((span, _)) => Err(CalendarProblem::SpansOutOfOrder(span.from)),
        None => Ok(()),
    }
}

const MINUTES_OF_DAY: u16 = 1_440;

impl InWords for CalendarProblem {
    fn in_words(&self) -> String {
        match self {
            CalendarProblem::MinuteOutOfRange(minute) => {
                sentence!("minute `", *minute, "` is not of the day")
            }
            CalendarProblem::SpansOutOfOrder(minute) => {
                sentence!("the hours from minute `", *minute, "` are out of order")
            }
            CalendarProblem::TooManySpans => sentence!("a day has more than ", SPANS_MAX, " spans of hours"),
            CalendarProblem::HolidayTwice(day) => {
                let (year, month, day) = day.year_month_day();
                sentence!("the holiday `", year, "-", Two(month), "-", Two(day), "` is named twice")
            }
            CalendarProblem::TooManyHolidays => sentence!("there are more than ", HOLIDAYS_MAX, " holidays"),
        }
    }
}

printed!(CalendarProblem);
