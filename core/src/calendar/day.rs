//! Days of the calendar as numbers.

use crate::limits::TIME_MAX;

/// Milliseconds of a day of 24 hours.
pub(super) const DAY_MS: i64 = 86_400_000;
const LAST: i64 = TIME_MAX / DAY_MS;

/// A day of the calendar, whatever the clock: 1 January 1970 is day 0, 31 December 9999 is the last.
///
/// ```
/// use onhand::calendar::Day;
/// let leap = Day::of(2028, 2, 29).unwrap();
/// assert_eq!((leap.year_month_day(), leap.weekday()), ((2028, 2, 29), 1));
/// assert_eq!(Day::of(2027, 2, 29), None);
/// assert!(leap < Day::of(2028, 3, 1).unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day with so many days since 1 January 1970 before it; `None` outside 1970 to 9999.
    ///
    /// ```
    /// use onhand::calendar::Day;
    /// assert_eq!(Day::new(31), Day::of(1970, 2, 1));
    /// assert_eq!(Day::new(-1), None);
    /// ```
    pub const fn new(number: i64) -> Option<Day> {
        if number >= 0 && number <= LAST { Some(Day(number)) } else { None }
    }

    /// The day of a Gregorian year, month (from 1) and day of the month (from 1); `None` where there is none.
    ///
    /// ```
    /// use onhand::calendar::Day;
    /// assert_eq!(Day::of(1970, 1, 2).map(Day::number), Some(1));
    /// assert_eq!(Day::of(2026, 4, 31), None);
    /// ```
    pub fn of(year: i64, month: i64, day: i64) -> Option<Day> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // A year that begins in March has its leap day at its end, and months of 153 days in five.
        let (year_of_march, month_of_march) =
            if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leap_days = year_of_march / 4 - year_of_march / 100 + year_of_march / 400;
        let day_of_year = (153 * month_of_march + 2) / 5 + day - 1;
        let found = Day::new(365 * year_of_march + leap_days + day_of_year - MARCH_OF_YEAR_0)?;
        // 31 April would be found as 1 May.
        (found.year_month_day() == (year, month, day)).then_some(found)
    }

    /// Days since 1 January 1970.
    ///
    /// ```
    /// assert_eq!(onhand::calendar::Day::of(2000, 3, 1).unwrap().number(), 11_017);
    /// ```
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Year, month from 1 and day of the month from 1.
    ///
    /// ```
    /// assert_eq!(onhand::calendar::Day::new(11_016).unwrap().year_month_day(), (2000, 2, 29));
    /// ```
    pub const fn year_month_day(self) -> (i64, i64, i64) {
        let days = self.0 + MARCH_OF_YEAR_0;
        let era = days / DAYS_OF_400_YEARS;
        let day_of_era = days % DAYS_OF_400_YEARS;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_of_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_of_march + 2) / 5 + 1;
        let month = if month_of_march < 10 { month_of_march + 3 } else { month_of_march - 9 };
        let year = 400 * era + year_of_era;
        (if month <= 2 { year + 1 } else { year }, month, day)
    }

    /// Days since Monday, 0 to 6.
    ///
    /// ```
    /// assert_eq!(onhand::calendar::Day::of(1970, 1, 1).unwrap().weekday(), 3);
    /// ```
    pub const fn weekday(self) -> usize {
        // 1 January 1970 was a Thursday.
        match (self.0 + 3) % 7 {
            0 => 0,
            1 => 1,
            2 => 2,
            3 => 3,
            4 => 4,
            5 => 5,
            _ => 6,
        }
    }

    /// The day so many days later, or earlier where below zero; `None` outside 1970 to 9999.
    ///
    /// ```
    /// use onhand::calendar::Day;
    /// assert_eq!(Day::of(2026, 12, 31).unwrap().plus(1), Day::of(2027, 1, 1));
    /// ```
    pub const fn plus(self, days: i64) -> Option<Day> {
        Day::new(self.0.saturating_add(days))
    }

    /// What a clock shows at the beginning of the day, in milliseconds since the first day began on it.
    pub(super) const fn midnight(self) -> i64 {
        self.0 * DAY_MS
    }
}

/// Days from 1 March of the year 0 to 1 January 1970.
const MARCH_OF_YEAR_0: i64 = 719_468;
const DAYS_OF_400_YEARS: i64 = 146_097;
