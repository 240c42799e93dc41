//! Available to promise: what can still be promised at each moment, by which rule, and which moment binds.
//!
//! [`available_to_promise`] lays supply and demand out in buckets and lets the [`Flavour`] of the [`Rule`] say what each
//! bucket can promise; `atp/flavour.rs` has every flavour with its formula and its source. `Book::atp` asks the same of a book.

mod flavour;
mod reading;

use alloc::vec::Vec;

use crate::limits::QUANTITY_MAX;
use crate::ordered::sort_by_key;

pub use flavour::Flavour;

/// What can be promised from the infinite-supply fence on: more than any request may ask for.
pub const UNLIMITED: i64 = QUANTITY_MAX;

/// Units at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Dated {
    /// Milliseconds, or days, or any other count that all entries and the rule share.
    pub time: i64,
    /// Units, 1 to 10^11; an entry of none or less says nothing.
    pub units: i64,
}

/// How available to promise is worked out. The default is a look-ahead without fences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Rule {
    /// What a bucket can promise.
    pub flavour: Flavour,
    /// Backward flavours only: how long after its bucket a surplus may still meet a shortage or be carried on; without end unless
    /// said. For goods of a short shelf life.
    pub window_ms: Option<i64>,
    /// The infinite-supply fence: from so long after `now` on everything can be promised, and no supply or demand is looked
    /// at. The lead time in which any quantity can be had.
    pub infinite_after_ms: Option<i64>,
    /// The moments at which buckets begin, in order: the days of the node as its clock and calendar have them. Whatever comes
    /// within a bucket counts at its beginning, that of `now` at `now`, so that supply of a day comes before demand of it. Each
    /// moment is a bucket of its own where none begins before it.
    pub starts: Vec<i64>,
    /// Supply that should have come before `now`.
    pub late_supply: Late,
    /// Demand that should have been met before `now`.
    pub late_demand: Late,
}

/// What is made of entries of before `now`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Late {
    /// The past-due fence: what is later than this is ignored; nothing is unless said.
    pub ignored_after_ms: Option<i64>,
    /// What is not ignored counts so long after `now`.
    pub offset_ms: i64,
}

/// What can be promised, bucket by bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Atp {
    /// The flavour that was used.
    pub flavour: Flavour,
    /// In the order of time, each moment once; the first is `now`.
    pub buckets: Vec<Bucket>,
}

/// One moment at which supply comes or demand is due. It lasts until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Bucket {
    /// The moment.
    pub time: i64,
    /// Supply at it.
    pub supply: i64,
    /// Demand at it; supply of the same moment comes first.
    pub demand: i64,
    /// On hand and all supply until then, less all demand until then. May be below zero.
    pub projected: i64,
    /// What the flavour makes of it; below zero by what is short.
    pub raw: i64,
    /// What can be promised: `raw`, shown as zero when below.
    pub available: i64,
    /// The bucket that binds, in which more demand or less supply would change `raw`: another than this where later demand
    /// takes what is here. Where shortages have taken all, or surpluses keep only so long, it is the last that took.
    pub binds_at: i64,
}

impl Atp {
    /// The bucket that a moment falls in; `None` before `now`.
    pub fn at(&self, time: i64) -> Option<&Bucket> {
        self.buckets.iter().rev().find(|bucket| bucket.time <= time)
    }

    /// The earliest bucket in which `units` can be promised. Only a rule with an infinite-supply fence always has one.
    pub fn earliest(&self, units: i64) -> Option<&Bucket> {
        self.buckets.iter().find(|bucket| bucket.available >= units)
    }

    /// The bucket that binds another one, with the supply and demand at it.
    pub fn binding(&self, bucket: &Bucket) -> Option<&Bucket> {
        self.at(bucket.binds_at)
    }
}

/// What can be promised of `on_hand` at `now` and of supply and demand to come, by a rule.
///
/// At one moment supply comes before demand. Entries of before `now` are late and follow the rule's fences. Sums saturate;
/// with up to 10,000 entries of at most 10^11 units they are exact.
///
/// ```
/// use onhand::atp::{Dated, Late, Rule, UNLIMITED, available_to_promise};
/// let at = |time, units| Dated { time, units };
/// // Everything can be had in 20 days. Supply is believed for 3 days after it was due, and then counts from tomorrow.
/// let rule = Rule {
///     infinite_after_ms: Some(20),
///     late_supply: Late { ignored_after_ms: Some(3), offset_ms: 1 },
///     ..Rule::default()
/// };
/// let atp = available_to_promise(&rule, 5, 100, &[at(95, 40), at(98, 10)], &[at(110, 2), at(130, 9)]);
/// let row: Vec<(i64, i64)> = atp.buckets.iter().map(|one| (one.time, one.available)).collect();
/// assert_eq!(row, [(100, 5), (101, 13), (110, 13), (120, UNLIMITED)]);
/// assert_eq!(atp.earliest(6).map(|one| one.time), Some(101));
/// assert_eq!(atp.binding(&atp.buckets[1]).map(|one| (one.time, one.demand)), Some((110, 2)));
/// ```
pub fn available_to_promise(rule: &Rule, on_hand: i64, now: i64, supply: &[Dated], demand: &[Dated]) -> Atp {
    let fence = rule.infinite_after_ms.map(|after| now.saturating_add(after.max(0)));
    let mut buckets = lay_out(rule, on_hand, now, fence, supply, demand);
    rule.flavour.fill(&mut buckets, rule.window_ms.unwrap_or(i64::MAX));
    if let Some(time) = fence {
        open_fence(&mut buckets, time);
    }
    for bucket in &mut buckets {
        bucket.available = bucket.raw.max(0);
    }
    Atp { flavour: rule.flavour, buckets }
}

/// Buckets up to the fence, with what is projected and nothing promised yet.
fn lay_out(
    rule: &Rule,
    on_hand: i64,
    now: i64,
    fence: Option<i64>,
    supply: &[Dated],
    demand: &[Dated],
) -> Vec<Bucket> {
    let mut entries: Vec<(i64, i64, i64)> = Vec::with_capacity(1 + supply.len() + demand.len());
    entries.push((now, 0, 0));
    entries.extend(counted(&rule.late_supply, now, supply).map(|(time, units)| (time, units, 0)));
    entries.extend(counted(&rule.late_demand, now, demand).map(|(time, units)| (time, 0, units)));
    for (time, _, _) in &mut entries {
        let begun = rule.starts.partition_point(|start| start <= time);
        let start = begun.checked_sub(1).and_then(|last| rule.starts.get(last));
        *time = start.map_or(*time, |start| *start).max(now);
    }
    sort_by_key(&mut entries, |(time, _, _)| *time);
    let mut buckets: Vec<Bucket> = Vec::with_capacity(entries.len());
    let mut projected = on_hand;
    for (time, supply, demand) in entries {
        if time > now && fence.is_some_and(|fence| time >= fence) {
            break;
        }
        projected = projected.saturating_add(supply).saturating_sub(demand);
        match buckets.last_mut().filter(|last| last.time == time) {
            Some(last) => {
                last.supply = last.supply.saturating_add(supply);
                last.demand = last.demand.saturating_add(demand);
                last.projected = projected;
            }
            None => {
                buckets.push(Bucket { time, supply, demand, projected, raw: 0, available: 0, binds_at: time })
            }
        }
    }
    buckets
}

/// The entries that count, at the moment at which they do.
fn counted(late: &Late, now: i64, entries: &[Dated]) -> impl Iterator<Item = (i64, i64)> {
    entries.iter().filter(|entry| entry.units > 0).filter_map(move |entry| {
        if entry.time >= now {
            return Some((entry.time, entry.units));
        }
        let late_by = now.saturating_sub(entry.time);
        let believed = late.ignored_after_ms.is_none_or(|after| late_by <= after);
        believed.then(|| (now.saturating_add(late.offset_ms.max(0)), entry.units))
    })
}

/// The last bucket begins at the fence and has no end of supply.
fn open_fence(buckets: &mut Vec<Bucket>, time: i64) {
    let Some(last) = buckets.last_mut() else { return };
    if last.time < time {
        let projected = last.projected;
        buckets.push(Bucket {
            time,
            supply: 0,
            demand: 0,
            projected,
            raw: UNLIMITED,
            available: 0,
            binds_at: time,
        });
    } else {
        last.raw = UNLIMITED;
        last.binds_at = time;
    }
}
