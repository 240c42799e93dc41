//! The flavours of available to promise: what each makes of projected stock. One formula a flavour, and where it is published.
//!
//! In the formulas `projected[t]` is on hand and all supply through bucket `t` less all demand through it.

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use super::Bucket;
use crate::place::codes;

/// What a bucket can promise. The answer names the one that was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flavour {
    /// The smallest `projected` from here to the end: what can leave without making any later commitment fail.
    ///
    /// Source: Microsoft Dynamics 365 Inventory Visibility, "available to promise": on hand 20, supply 10 on day 3, 1 on day 5
    /// and 3 on day 6, demand 3 on day 1 and 15 on day 4. Day 4 binds what the days before it can promise.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let at = |time, units| Dated { time, units };
    /// let rule = Rule { flavour: Flavour::LookAhead, ..Rule::default() };
    /// let supply = [at(3, 10), at(5, 1), at(6, 3)];
    /// let atp = available_to_promise(&rule, 20, 1, &supply, &[at(1, 3), at(4, 15)]);
    /// let row: Vec<(i64, i64, i64)> = atp.buckets.iter().map(|one| (one.time, one.projected, one.available)).collect();
    /// assert_eq!(row, [(1, 17, 12), (3, 27, 12), (4, 12, 12), (5, 13, 13), (6, 16, 16)]);
    /// assert_eq!(atp.buckets[0].binds_at, 4);
    /// ```
    #[default]
    LookAhead,
    /// `projected` itself: the running sum of supply less demand. It does not look ahead, so what it promises early may be
    /// missing later.
    ///
    /// Source: APICS, "cumulative available-to-promise". The entries of [`Flavour::LookAhead`]: day 3 would promise 27, and
    /// whoever takes more than 12 leaves day 4 short.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let at = |time, units| Dated { time, units };
    /// let rule = Rule { flavour: Flavour::Cumulative, ..Rule::default() };
    /// let supply = [at(3, 10), at(5, 1), at(6, 3)];
    /// let atp = available_to_promise(&rule, 20, 1, &supply, &[at(1, 3), at(4, 15)]);
    /// let row: Vec<i64> = atp.buckets.iter().map(|one| one.available).collect();
    /// assert_eq!(row, [17, 27, 12, 13, 16]);
    /// ```
    Cumulative,
    /// What each receipt leaves after the demand until the next receipt; nothing in buckets without one. On hand counts as
    /// a receipt at `now`. Buckets are never added up for a request.
    ///
    /// Source: JD Edwards EnterpriseOne, "ATP": on hand 80, 60 come in periods 3 and 6.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let at = |time, units| Dated { time, units };
    /// let rule = Rule { flavour: Flavour::Discrete, ..Rule::default() };
    /// let orders = [at(1, 30), at(2, 25), at(3, 30), at(4, 10), at(6, 35)];
    /// let atp = available_to_promise(&rule, 80, 1, &[at(3, 60), at(6, 60)], &orders);
    /// let row: Vec<(i64, i64)> = atp.buckets.iter().map(|one| (one.time, one.available)).collect();
    /// assert_eq!(row, [(1, 25), (2, 0), (3, 20), (4, 0), (6, 25)]);
    /// ```
    Discrete,
    /// The running sum of [`Flavour::Discrete`]: `projected` in the last bucket before the next receipt. It looks ahead to
    /// the next receipt and no further.
    ///
    /// Source: JD Edwards EnterpriseOne, "cumulative available to promise", the same entries.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let at = |time, units| Dated { time, units };
    /// let rule = Rule { flavour: Flavour::CumulativeDiscrete, ..Rule::default() };
    /// let orders = [at(1, 30), at(2, 25), at(3, 30), at(4, 10), at(6, 35)];
    /// let atp = available_to_promise(&rule, 80, 1, &[at(3, 60), at(6, 60)], &orders);
    /// let row: Vec<i64> = atp.buckets.iter().map(|one| one.available).collect();
    /// assert_eq!(row, [25, 25, 45, 45, 70]);
    /// ```
    CumulativeDiscrete,
    /// What a bucket's own supply leaves after its own demand (on hand is supply of the first). A shortage takes from the
    /// nearest earlier bucket with a surplus, then from the one before; what is still short stays below zero there. A surplus
    /// is not carried on.
    ///
    /// Source: Oracle Inventory, "ATP with Backward Consumption". Period 7 can promise only its own 2, although 6 are projected.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let dated = |row: [i64; 8]| -> Vec<Dated> { (1..).zip(row).map(|(time, units)| Dated { time, units }).collect() };
    /// let rule = Rule { flavour: Flavour::Backward, ..Rule::default() };
    /// let (supply, demand) = (dated([6, 4, 2, 4, 8, 4, 4, 4]), dated([6, 2, 3, 6, 6, 1, 2, 2]));
    /// let atp = available_to_promise(&rule, 0, 1, &supply, &demand);
    /// let row: Vec<i64> = atp.buckets.iter().map(|one| one.raw).collect();
    /// assert_eq!(row, [0, 0, 0, -1, 2, 3, 2, 2]);
    /// assert_eq!(atp.earliest(3).map(|one| one.time), Some(6));
    /// ```
    Backward,
    /// The running sum of what [`Flavour::Backward`] leaves. What is short is not carried on: later supply is not held back
    /// for it.
    ///
    /// Source: Oracle Inventory, "ATP with Backward Consumption and Accumulation", the same entries.
    ///
    /// ```
    /// use onhand::atp::{Dated, Flavour, Rule, available_to_promise};
    /// let dated = |row: [i64; 8]| -> Vec<Dated> { (1..).zip(row).map(|(time, units)| Dated { time, units }).collect() };
    /// let rule = Rule { flavour: Flavour::BackwardAccumulated, ..Rule::default() };
    /// let (supply, demand) = (dated([6, 4, 2, 4, 8, 4, 4, 4]), dated([6, 2, 3, 6, 6, 1, 2, 2]));
    /// let atp = available_to_promise(&rule, 0, 1, &supply, &demand);
    /// let row: Vec<i64> = atp.buckets.iter().map(|one| one.raw).collect();
    /// assert_eq!(row, [0, 0, 0, -1, 2, 5, 7, 9]);
    /// ```
    BackwardAccumulated,
}

codes!(Flavour:
    LookAhead "look_ahead", Cumulative "cumulative", Discrete "discrete", CumulativeDiscrete "cumulative_discrete",
    Backward "backward", BackwardAccumulated "backward_accumulated",
);

impl Flavour {
    /// Says what each bucket can promise and which one binds it.
    pub(super) fn fill(self, buckets: &mut [Bucket], window: i64) {
        match self {
            Flavour::LookAhead => look_ahead(buckets),
            Flavour::Cumulative => buckets.iter_mut().for_each(|bucket| bucket.raw = bucket.projected),
            Flavour::Discrete => {
                sum_to_next_receipt(buckets);
                take_differences(buckets);
            }
            Flavour::CumulativeDiscrete => sum_to_next_receipt(buckets),
            Flavour::Backward => consume_backward(buckets, window),
            Flavour::BackwardAccumulated => {
                consume_backward(buckets, window);
                accumulate(buckets, window);
            }
        }
    }
}

fn look_ahead(buckets: &mut [Bucket]) {
    let mut smallest = (i64::MAX, 0);
    for bucket in buckets.iter_mut().rev() {
        // Of equal moments the earliest binds: it is the first that a larger promise would break.
        if bucket.projected <= smallest.0 {
            smallest = (bucket.projected, bucket.time);
        }
        (bucket.raw, bucket.binds_at) = smallest;
    }
}

/// `raw` is `projected` in the last bucket before the next receipt.
fn sum_to_next_receipt(buckets: &mut [Bucket]) {
    let mut last = None;
    for bucket in buckets.iter_mut().rev() {
        (bucket.raw, bucket.binds_at) = *last.get_or_insert((bucket.projected, bucket.time));
        if bucket.supply > 0 {
            last = None;
        }
    }
}

/// From running sums to what each bucket adds.
fn take_differences(buckets: &mut [Bucket]) {
    let mut before = 0;
    for bucket in buckets {
        let sum = core::mem::replace(&mut before, bucket.raw);
        bucket.raw = bucket.raw.saturating_sub(sum);
    }
}

/// `raw` is what a bucket has beyond its demand once later shortages have taken from it, the nearest first.
fn consume_backward(buckets: &mut [Bucket], window: i64) {
    for bucket in buckets.iter_mut() {
        bucket.raw = bucket.projected;
    }
    take_differences(buckets);
    // Places with a surplus; the last is the nearest.
    let mut surplus: Vec<usize> = Vec::new();
    for place in 0..buckets.len() {
        let Some((earlier, [bucket, ..])) = buckets.split_at_mut_checked(place) else { return };
        while bucket.raw < 0 {
            let nearest = surplus.last().and_then(|place| earlier.get_mut(*place));
            let Some(nearest) = nearest.filter(|nearest| keeps(nearest.time, bucket.time, window)) else {
                break;
            };
            let units = nearest.raw.min(bucket.raw.saturating_neg());
            nearest.raw -= units;
            nearest.binds_at = bucket.time;
            bucket.raw += units;
            if nearest.raw == 0 {
                surplus.pop();
            }
        }
        if bucket.raw > 0 {
            surplus.push(place);
        }
    }
}

/// Carries every surplus on for as long as it keeps.
fn accumulate(buckets: &mut [Bucket], window: i64) {
    let left: Vec<(i64, i64)> = buckets.iter().map(|bucket| (bucket.time, bucket.raw.max(0))).gather();
    let mut left = left.into_iter().peekable();
    let (mut sum, mut binds_at) = (0_i64, i64::MIN);
    for bucket in buckets {
        while let Some((_, units)) = left.next_if(|(time, _)| !keeps(*time, bucket.time, window)) {
            sum = sum.saturating_sub(units);
        }
        sum = sum.saturating_add(bucket.raw.max(0));
        bucket.raw = sum.saturating_add(bucket.raw.min(0));
        // Who took from any surplus so far holds down the sum of all.
        binds_at = binds_at.max(bucket.binds_at);
        bucket.binds_at = binds_at;
    }
}

/// Whether a surplus of one moment is still of use at a later one.
fn keeps(from: i64, to: i64, window: i64) -> bool {
    to.saturating_sub(from) <= window
}
