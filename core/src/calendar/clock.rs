//! Clocks on the wall: which moment a local time is, across the changes to and from summer time.

use crate::ordered::Gather as _;
use alloc::string::String;
use alloc::vec::Vec;

use super::Unanswered;
use super::day::{DAY_MS, Day};
use crate::limits::OFFSETS_MAX;
use crate::measure::Time;
use crate::sentence::{InWords, printed, sentence};

/// How far a place's clock is ahead of UTC, from when on, as a version of the time-zone database has it.
///
/// Each local time means one moment: the first at which the clock shows it or has been set past it. So a time that is skipped
/// when the clock is set forward is the moment of the change, and of a time that comes twice the first counts. A day
/// begins at its midnight in this sense, and does not end when the clock is set back over midnight.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{Day, OffsetTable};
/// // Berlin in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC.
/// let at = |millis| Time::new(millis).unwrap();
/// let rows = vec![(at(1_767_225_600_000), 3_600), (at(1_774_746_000_000), 7_200), (at(1_792_890_000_000), 3_600)];
/// let berlin = OffsetTable::new("2026a".into(), rows, at(1_798_761_600_000)).unwrap();
/// let march = Day::of(2026, 3, 29).unwrap();
/// // There is no half past two: it is the moment of the change.
/// assert_eq!(berlin.moment(march, 150), Ok(at(1_774_746_000_000)));
/// let october = Day::of(2026, 10, 25).unwrap();
/// // Half past two comes twice: the first one, an hour before 01:30 UTC.
/// assert_eq!(berlin.moment(october, 150), Ok(at(1_792_888_200_000)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetTable {
    version: String,
    /// Moments in ascending order, and the seconds that the clock is ahead from then on.
    rows: Vec<(i64, i64)>,
    until: i64,
}

/// Why there is no [`OffsetTable`] of some rows.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{OffsetTable, OffsetProblem};
/// assert_eq!(OffsetTable::new("2026a".into(), vec![], Time::MAX), Err(OffsetProblem::Empty));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffsetProblem {
    /// There is no row.
    Empty,
    /// There are more than [`OFFSETS_MAX`] rows.
    TooMany,
    /// A moment is not later than the one before it, or the end is not later than the last.
    OutOfOrder(Time),
    /// An offset of a day or more, in seconds.
    OffsetOutOfRange(i64),
}

impl OffsetTable {
    /// Checks the rows: from which moment on the clock is how many seconds ahead of UTC (behind, where below zero), in the order
    /// of time. Before the first row and from `until` on nothing is known. `version` is that of the time-zone database.
    ///
    /// ```
    /// use onhand::Time;
    /// use onhand::calendar::{OffsetProblem, OffsetTable};
    /// let twice = vec![(Time::ZERO, 0), (Time::ZERO, 3_600)];
    /// assert_eq!(OffsetTable::new("2026a".into(), twice, Time::MAX), Err(OffsetProblem::OutOfOrder(Time::ZERO)));
    /// ```
    pub fn new(version: String, rows: Vec<(Time, i64)>, until: Time) -> Result<OffsetTable, OffsetProblem> {
        if rows.is_empty() {
            return Err(OffsetProblem::Empty);
        }
        if rows.len() > OFFSETS_MAX {
            return Err(OffsetProblem::TooMany);
        }
        if let Some((_, offset)) = rows.iter().find(|(_, offset)| offset.saturating_abs() >= DAY_MS / 1_000) {
            return Err(OffsetProblem::OffsetOutOfRange(*offset));
        }
        let ends = rows.iter().skip(1).map(|(time, _)| *time).chain([until]);
        if let Some((_, end)) = rows.iter().zip(ends).find(|((time, _), end)| end <= time) {
            return Err(OffsetProblem::OutOfOrder(end));
        }
        let rows = rows.into_iter().map(|(time, offset)| (time.millis(), offset)).gather();
        Ok(OffsetTable { version, rows, until: until.millis() })
    }

    /// A clock that is always UTC.
    ///
    /// ```
    /// use onhand::Time;
    /// use onhand::calendar::{Day, OffsetTable};
    /// assert_eq!(OffsetTable::utc().moment(Day::new(1).unwrap(), 0), Ok(Time::new(86_400_000).unwrap()));
    /// ```
    pub fn utc() -> OffsetTable {
        OffsetTable { version: String::new(), rows: alloc::vec![(0, 0)], until: Time::MAX.millis() }
    }

    /// The version of the time-zone database that the rows are from; empty for UTC.
    ///
    /// ```
    /// assert_eq!(onhand::calendar::OffsetTable::utc().version(), "");
    /// ```
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The moment of a local time, in minutes after the midnight at which a day begins on the clock, by the rule of the type.
    /// 1,440 is the beginning of the next day.
    ///
    /// # Errors
    ///
    /// [`Unanswered::OutsideTable`] where the table does not know.
    ///
    /// ```
    /// use onhand::calendar::{Day, OffsetTable};
    /// let moment = OffsetTable::utc().moment(Day::new(0).unwrap(), 90).unwrap();
    /// assert_eq!(moment.millis(), 5_400_000);
    /// ```
    pub fn moment(&self, day: Day, minute: u16) -> Result<Time, Unanswered> {
        let shown = day.midnight() + i64::from(minute) * 60_000;
        self.first_showing(shown).and_then(Time::new).ok_or(Unanswered::OutsideTable)
    }

    /// The local day of a moment.
    ///
    /// # Errors
    ///
    /// [`Unanswered::OutsideTable`] where the table does not know.
    ///
    /// ```
    /// use onhand::Time;
    /// use onhand::calendar::{Day, OffsetTable};
    /// assert_eq!(OffsetTable::utc().day(Time::new(86_399_999).unwrap()), Ok(Day::new(0).unwrap()));
    /// ```
    pub fn day(&self, moment: Time) -> Result<Day, Unanswered> {
        let shown = self.furthest_shown(moment.millis()).ok_or(Unanswered::OutsideTable)?;
        Day::new(shown.div_euclid(DAY_MS)).ok_or(Unanswered::OutsideTable)
    }

    /// The moments at which local days begin: that of `now`, and so many in all. What [`crate::atp::Rule::starts`] takes. A day
    /// that a place skipped begins with the one after it and is not named twice.
    ///
    /// # Errors
    ///
    /// [`Unanswered::OutsideTable`] where the table does not know.
    ///
    /// ```
    /// use onhand::Time;
    /// use onhand::calendar::OffsetTable;
    /// let starts = OffsetTable::utc().day_starts(Time::new(100_000_000).unwrap(), 3).unwrap();
    /// assert_eq!(starts, [86_400_000, 172_800_000, 259_200_000]);
    /// ```
    pub fn day_starts(&self, now: Time, days: u16) -> Result<Vec<i64>, Unanswered> {
        let first = self.day(now)?;
        let mut starts = Vec::with_capacity(usize::from(days));
        for ahead in 0..i64::from(days) {
            let day = first.plus(ahead).ok_or(Unanswered::OutsideTable)?;
            starts.push(self.moment(day, 0)?.millis());
        }
        starts.dedup();
        Ok(starts)
    }

    /// The first moment at which the clock shows `shown` or more.
    fn first_showing(&self, shown: i64) -> Option<i64> {
        // No clock is a day ahead, so rows that ended a day before cannot have shown it.
        let from = self.row_of(shown - DAY_MS).unwrap_or(0);
        let (first, offset) = self.rows.first()?;
        if shown < first + offset * 1_000 {
            return None;
        }
        (from..self.rows.len()).find_map(|row| {
            let (start, end, offset) = self.span(row)?;
            let moment = start.max(shown - offset);
            (moment < end).then_some(moment)
        })
    }

    /// The most that the clock has shown up to a moment, which is what it shows unless it was set back a short while ago.
    fn furthest_shown(&self, moment: i64) -> Option<i64> {
        let row = self.row_of(moment)?;
        if moment >= self.until {
            return None;
        }
        let recent = (0..=row).rev().map_while(|row| self.span(row)).take_while(|(_, end, _)| {
            // Two clocks differ by less than two days.
            *end > moment - 2 * DAY_MS
        });
        recent.map(|(_, end, offset)| moment.min(end - 1) + offset).max()
    }

    /// The row that holds at a moment.
    fn row_of(&self, moment: i64) -> Option<usize> {
        self.rows.partition_point(|(start, _)| *start <= moment).checked_sub(1)
    }

    /// From when until when a row holds, and its offset in milliseconds.
    fn span(&self, row: usize) -> Option<(i64, i64, i64)> {
        let (start, offset) = self.rows.get(row)?;
        let end = self.rows.get(row + 1).map_or(self.until, |(end, _)| *end);
        Some((*start, end, offset * 1_000))
    }
}

impl InWords for OffsetProblem {
    fn in_words(&self) -> String {
        match self {
            OffsetProblem::Empty => "the table has no row".into(),
            OffsetProblem::TooMany => sentence!("the table has more than ", OFFSETS_MAX, " rows"),
            OffsetProblem::OutOfOrder(time) => {
                sentence!("`", time.millis(), "` is not later than the row before it")
            }
            OffsetProblem::OffsetOutOfRange(offset) => {
                sentence!("the offset `", *offset, "` is a day or more")
            }
        }
    }
}

printed!(OffsetProblem);
