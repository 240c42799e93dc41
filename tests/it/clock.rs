//! A clock that is set forwards and back, looked at each minute.

use std::ops::Range;

use onhand::Time;
use onhand::calendar::OffsetTable;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;

/// A clock, and the most that it has shown up to each minute that it is looked at.
pub(crate) struct Clock {
    pub(crate) table: OffsetTable,
    from: i64,
    furthest: Vec<i64>,
}

impl Clock {
    /// By the minutes at which it is set, each with what it then is ahead in minutes. The table says it up to a minute.
    pub(crate) fn new(rows: &[(i64, i64)], looked_at: Range<i64>, known_to: i64) -> Clock {
        let from = looked_at.start;
        let mut furthest = i64::MIN;
        let offset_at = |minute| rows.iter().rev().find(|(from, _)| *from <= minute).unwrap().1;
        let furthest = looked_at.map(|minute| {
            furthest = furthest.max(minute + offset_at(minute));
            furthest
        });
        let furthest = furthest.collect();
        let time = |minute: i64| Time::new(minute * MINUTE).unwrap();
        let rows = rows.iter().map(|(from, offset)| (time(*from), offset * 60)).collect();
        Clock { table: OffsetTable::new("made up".into(), rows, time(known_to)).unwrap(), from, furthest }
    }

    /// The first minute at which it shows a day's minute or more.
    pub(crate) fn first(&self, day: i64, minute: u16) -> i64 {
        let shown = day * DAY + i64::from(minute);
        self.from + self.furthest.partition_point(|furthest| *furthest < shown) as i64
    }

    pub(crate) fn day(&self, minute: i64) -> i64 {
        self.furthest[(minute - self.from) as usize].div_euclid(DAY)
    }
}
