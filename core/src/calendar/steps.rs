//! The steps that an order takes through hours, each with its way back.
//!
//! A step never overtakes: of two moments the later one comes out no earlier. Its way back answers the latest moment that comes
//! out no later than a given one. So `step(moment) <= limit` exactly when `moment <= step_back(limit)`, and steps in a
//! row keep this.

use super::clock::OffsetTable;
use super::day::Day;
use super::hours::Calendar;
use super::{Step, Unanswered};
use crate::measure::Time;

/// Hours on a clock, within the days that a search may look at.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) clock: &'a OffsetTable,
    pub(super) calendar: &'a Calendar,
    /// The number of the first day and the last.
    pub(super) days: (i64, i64),
    /// What to say when nothing is found.
    pub(super) step: Step,
}

impl Desk<'_> {
    /// An order after the cut-off counts as one of the next day.
    pub(super) fn cut_off(&self, moment: i64) -> Result<i64, Unanswered> {
        let day = self.day(moment)?;
        match self.calendar.hours(day).cut_off {
            Some(minute) if moment > self.moment(day, minute)? => self.moment(day, MIDNIGHT),
            _ => Ok(moment),
        }
    }

    pub(super) fn cut_off_back(&self, limit: i64) -> Result<i64, Unanswered> {
        let day = self.day(limit)?;
        match self.calendar.hours(day).cut_off {
            Some(minute) => Ok(limit.min(self.moment(day, minute)?)),
            None => Ok(limit),
        }
    }

    /// The first moment of the hours.
    pub(super) fn open(&self, moment: i64) -> Result<i64, Unanswered> {
        self.ahead(moment, |from, to| (to >= moment).then(|| from.max(moment)))
    }

    pub(super) fn open_back(&self, limit: i64) -> Result<i64, Unanswered> {
        self.behind(limit, |from, to| (from <= limit).then(|| to.min(limit)))
    }

    /// When work of so many milliseconds is done that goes on only within the hours.
    pub(super) fn work(&self, moment: i64, length: i64) -> Result<i64, Unanswered> {
        if length <= 0 {
            return Ok(moment);
        }
        let mut left = length;
        self.ahead(moment, |from, to| {
            let from = from.max(moment);
            if to >= from && left <= to - from {
                return Some(from + left);
            }
            left -= (to - from).max(0);
            None
        })
    }

    pub(super) fn work_back(&self, limit: i64, length: i64) -> Result<i64, Unanswered> {
        if length <= 0 {
            return Ok(limit);
        }
        let mut left = length;
        self.behind(limit, |from, to| {
            let to = to.min(limit);
            if to >= from && left <= to - from {
                return Some(to - left);
            }
            left -= (to - from).max(0);
            None
        })
    }

    /// When the carrier that takes what is ready has left.
    pub(super) fn call(&self, moment: i64) -> Result<i64, Unanswered> {
        self.ahead(moment, |from, to| (from >= moment).then_some(to))
    }

    pub(super) fn call_back(&self, limit: i64) -> Result<i64, Unanswered> {
        self.behind(limit, |from, to| (to <= limit).then_some(from))
    }

    /// The day of arrival after so many working days from the day that a moment has on the clock of departure, and the end of its
    /// hours. Without any it is the same day, or the first working day after it.
    pub(super) fn arrival(
        &self,
        departure: &OffsetTable,
        moment: i64,
        days: u32,
    ) -> Result<(Day, i64), Unanswered> {
        let from = departure.day(time(moment)?)?.number();
        let mut to_go = days;
        for number in from + i64::from(days > 0)..=self.days.1 {
            let Some(day) = Day::new(number).filter(|day| self.calendar.is_open(*day)) else { continue };
            to_go = to_go.saturating_sub(1);
            if to_go > 0 {
                continue;
            }
            // What leaves after the day's last hour cannot come on that day.
            let end = self.end(day)?;
            if end >= moment {
                return Ok((day, end));
            }
        }
        Err(self.nothing())
    }

    pub(super) fn arrival_back(
        &self,
        departure: &OffsetTable,
        limit: Day,
        days: u32,
    ) -> Result<i64, Unanswered> {
        let mut working = (self.days.0..=limit.number())
            .rev()
            .filter_map(Day::new)
            .filter(|day| self.calendar.is_open(*day));
        let last = working.next().ok_or(self.nothing())?;
        let departs = match days {
            0 => last,
            1 => last.plus(-1).ok_or(self.nothing())?,
            _ => {
                let before = usize::try_from(days - 2).unwrap_or(usize::MAX);
                working.nth(before).and_then(|day| day.plus(-1)).ok_or(self.nothing())?
            }
        };
        let day_ends = departure.moment(departs, MIDNIGHT)?.millis() - 1;
        Ok(day_ends.min(self.end(last)?))
    }

    /// The end of the last hours of a day.
    pub(super) fn end(&self, day: Day) -> Result<i64, Unanswered> {
        match self.calendar.hours(day).spans.last() {
            Some(last) => self.moment(day, last.to),
            None => Err(self.nothing()),
        }
    }

    /// The first answer that hours give, from those of the day before on: they may end with the day, at this very moment.
    fn ahead(&self, moment: i64, mut answer: impl FnMut(i64, i64) -> Option<i64>) -> Result<i64, Unanswered> {
        let first = self.day(moment)?.number() - 1;
        for day in (first.max(self.days.0)..=self.days.1).filter_map(Day::new) {
            for span in &self.calendar.hours(day).spans {
                if let Some(found) = answer(self.moment(day, span.from)?, self.moment(day, span.to)?) {
                    return Ok(found);
                }
            }
        }
        Err(self.nothing())
    }

    /// The last answer that hours give, from those of the day back.
    fn behind(&self, limit: i64, mut answer: impl FnMut(i64, i64) -> Option<i64>) -> Result<i64, Unanswered> {
        let last = self.day(limit)?.number();
        for day in (self.days.0..=last.min(self.days.1)).rev().filter_map(Day::new) {
            for span in self.calendar.hours(day).spans.iter().rev() {
                if let Some(found) = answer(self.moment(day, span.from)?, self.moment(day, span.to)?) {
                    return Ok(found);
                }
            }
        }
        Err(self.nothing())
    }

    fn day(&self, moment: i64) -> Result<Day, Unanswered> {
        self.clock.day(time(moment)?)
    }

    fn moment(&self, day: Day, minute: u16) -> Result<i64, Unanswered> {
        self.clock.moment(day, minute).map(Time::millis)
    }

    fn nothing(&self) -> Unanswered {
        Unanswered::NothingWithin(self.step)
    }
}

const MIDNIGHT: u16 = 1_440;

/// A moment of the tables is always one that can be expressed.
pub(super) fn time(moment: i64) -> Result<Time, Unanswered> {
    Time::new(moment).ok_or(Unanswered::OutsideTable)
}
