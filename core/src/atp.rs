//! Available to promise: what can still be promised at each moment, and which moment binds.

use alloc::vec::Vec;

use crate::ordered::sort_by_key;

/// Which rule makes available to promise of projected stock. The answer names the one that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flavour {
    /// What can leave at a moment without making any later commitment fail.
    #[default]
    LookAhead,
}

crate::place::codes!(Flavour: LookAhead "look_ahead");

/// Units at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dated {
    /// Milliseconds, or days, or any other count that all entries share.
    pub time: i64,
    /// Units, not negative.
    pub units: i64,
}

/// One moment at which supply comes or demand is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The moment.
    pub time: i64,
    /// Supply at it.
    pub supply: i64,
    /// Demand at it; supply of the same moment comes first.
    pub demand: i64,
    /// On hand and all supply until then, less all demand until then. May be below zero.
    pub projected: i64,
    /// What can be promised from this moment on: the smallest `projected` from here to the end, shown as zero when below.
    pub available: i64,
    /// The moment whose `projected` is that smallest one: the bucket that binds.
    pub binds_at: i64,
}

/// Look-ahead available to promise: `available[t]` is the smallest projected stock from `t` on.
///
/// The first bucket is `now`; supply and demand before it count at it. Moments are in order, each once. Numbers are limited to
/// what the core's quantities allow (10^11 each, 10,000 entries), so that sums stay exact.
///
/// Source: Microsoft Dynamics 365 Inventory Visibility, "available to promise": on hand 20, supply 10 on day 3, 1 on day 5 and
/// 3 on day 6, demand 3 on day 1 and 15 on day 4.
///
/// ```
/// use onhand::atp::{Dated, look_ahead};
/// let at = |time, units| Dated { time, units };
/// let buckets = look_ahead(20, 1, &[at(3, 10), at(5, 1), at(6, 3)], &[at(1, 3), at(4, 15)]);
/// let row: Vec<(i64, i64, i64)> = buckets.iter().map(|one| (one.time, one.projected, one.available)).collect();
/// assert_eq!(row, [(1, 17, 12), (3, 27, 12), (4, 12, 12), (5, 13, 13), (6, 16, 16)]);
/// assert_eq!(buckets[0].binds_at, 4);
/// ```
pub fn look_ahead(on_hand: i64, now: i64, supply: &[Dated], demand: &[Dated]) -> Vec<Bucket> {
    let mut entries: Vec<(i64, i64, i64)> = alloc::vec![(now, 0, 0)];
    entries.extend(supply.iter().map(|one| (one.time.max(now), one.units, 0)));
    entries.extend(demand.iter().map(|one| (one.time.max(now), 0, one.units)));
    sort_by_key(&mut entries, |(time, _, _)| *time);
    let mut buckets: Vec<Bucket> = Vec::with_capacity(entries.len());
    let mut projected = on_hand;
    for (time, supply, demand) in entries {
        projected = projected.saturating_add(supply).saturating_sub(demand);
        match buckets.last_mut().filter(|last| last.time == time) {
            Some(last) => {
                last.supply += supply;
                last.demand += demand;
                last.projected = projected;
            }
            None => buckets.push(Bucket { time, supply, demand, projected, available: 0, binds_at: time }),
        }
    }
    let mut smallest = (i64::MAX, 0);
    for bucket in buckets.iter_mut().rev() {
        // Of equal moments the earliest binds: it is the first that a larger promise would break.
        if bucket.projected <= smallest.0 {
            smallest = (bucket.projected, bucket.time);
        }
        bucket.available = smallest.0.max(0);
        bucket.binds_at = smallest.1;
    }
    buckets
}
