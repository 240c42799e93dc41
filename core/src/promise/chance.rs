//! How sure a record is: the one place where probabilities are worked out.
//!
//! A probability is a whole number of 2^-62, products are rounded down, and what leaves this file is a whole number of parts per
//! million. No float is involved, so every machine has the same bits; no probability is further than 2^-50 from its formula.
//!
//! The model of a record's error is a plain one: a record is right, or it is off by a two-sided geometric error. With `e` the
//! share of records that are off, `m` the mean size of an error in units, `r = 1 - 1/m`, and `R` the record,
//!
//! ```text
//! P(found >= q) = 1 - (e/2) r^(R-q)      for R >= q
//!                 (e/2) r^(q-R-1)        for R < q
//! ```

use crate::limits::BALANCE_MAX;

/// Parts per million of certainty.
pub const SURE: i64 = 1_000_000;
/// The largest buffer that a model asks for.
pub const BUFFER_MAX: i64 = 1 << 32;
/// Largest mean size of an error, in thousandths of a unit.
pub const MEAN_MILLI_MAX: i64 = 1_000_000_000;

/// A probability in parts of 2^62.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const CERTAIN: Chance = Chance(1 << 62);
    const ZERO: Chance = Chance(0);

    /// A share of two whole numbers, at most 1.
    fn share(part: i64, whole: i64) -> Chance {
        let whole = whole.clamp(1, MEAN_MILLI_MAX);
        let (part, whole) = (part.clamp(0, whole).unsigned_abs(), whole.unsigned_abs());
        // In two halves of 31 bits: no number is above 2^31, so no product leaves 64 bits.
        let (upper, rest) = ((part << 31) / whole, (part << 31) % whole);
        Chance((upper << 31) + (rest << 31) / whole)
    }

    pub(super) fn of_ppm(ppm: i64) -> Chance {
        Chance::share(ppm, SURE)
    }

    pub(super) fn and(self, other: Chance) -> Chance {
        let product = (u128::from(self.0) * u128::from(other.0)) >> 62;
        Chance(u64::try_from(product).unwrap_or(u64::MAX))
    }

    pub(super) const fn not(self) -> Chance {
        Chance(Chance::CERTAIN.0.saturating_sub(self.0))
    }

    /// So many times in a row, by squaring.
    fn power(self, times: i64) -> Chance {
        let (mut base, mut left, mut product) = (self, times, Chance::CERTAIN);
        while left > 0 && product > Chance::ZERO {
            if left & 1 == 1 {
                product = product.and(base);
            }
            base = base.and(base);
            left >>= 1;
        }
        product
    }

    /// In parts per million, rounded down: nothing is said to be surer than it is. What is below a whole part only by the rounding
    /// of products (2^-42 of certainty) is that part.
    pub(super) fn ppm(self) -> i64 {
        let million = u128::from(SURE.unsigned_abs());
        i64::try_from(((u128::from(self.0) + (1 << 20)) * million) >> 62).map_or(SURE, |ppm| ppm.min(SURE))
    }

    /// This share of an amount, in parts of 2^20 of a minor unit, for sums that are rounded once.
    pub(super) fn of(self, amount: i128) -> i128 {
        // Amounts are kept below 2^64 by their limits, so the product is within 128 bits.
        amount.wrapping_mul(self.0.into()) >> 62
    }
}

/// How a record errs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ErrorModel {
    /// The share of records that are off, in parts per million.
    pub wrong_ppm: i64,
    /// By how much those are off on average, in thousandths of a unit: at least 1,000.
    pub mean_milli: i64,
}

impl ErrorModel {
    /// Whether both numbers are in their ranges.
    pub fn is_within(self) -> bool {
        (0..=SURE).contains(&self.wrong_ppm) && (1_000..=MEAN_MILLI_MAX).contains(&self.mean_milli)
    }

    /// The probability that at least so many units are there, in parts per million rounded down.
    ///
    /// ```
    /// use onhand::promise::ErrorModel;
    /// let error = ErrorModel { wrong_ppm: 650_000, mean_milli: 5_000 };
    /// assert_eq!([1, 2, 3].map(|record| error.found_ppm(record, 1)), [675_000, 740_000, 792_000]);
    /// ```
    pub fn found_ppm(self, record: i64, wanted: i64) -> i64 {
        self.found(record, wanted).ppm()
    }

    pub(super) fn found(self, record: i64, wanted: i64) -> Chance {
        if wanted <= 0 {
            return Chance::CERTAIN;
        }
        let beyond = record.saturating_sub(wanted).clamp(-BALANCE_MAX, BALANCE_MAX);
        match beyond >= 0 {
            true => self.off_by_more_than(beyond).not(),
            false => self.off_by_more_than(-beyond - 1),
        }
    }

    /// The probability that a record is off to one side by more than so many units.
    fn off_by_more_than(self, units: i64) -> Chance {
        let half = Chance::share(self.wrong_ppm, 2 * SURE);
        let again = Chance::share(self.mean_milli - 1_000, self.mean_milli);
        half.and(again.power(units))
    }

    /// The smallest buffer with which no more than so many of a million promises fail: sell while the record is above it. At most
    /// [`BUFFER_MAX`].
    ///
    /// ```
    /// use onhand::promise::ErrorModel;
    /// let error = ErrorModel { wrong_ppm: 650_000, mean_milli: 5_000 };
    /// assert_eq!([100_000, 50_000, 20_000, 10_000].map(|target| error.buffer(target)), [6, 9, 13, 16]);
    /// ```
    pub fn buffer(self, cancel_ppm: i64) -> i64 {
        let target = Chance::of_ppm(cancel_ppm);
        // What a larger buffer leaves over is never more.
        let (mut low, mut high) = (0, BUFFER_MAX);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.off_by_more_than(middle) <= target {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    }
}
