//! A pool of units and what they are worth together: the arithmetic of a moving average, in integers.
//!
//! Values are minor units. A share of a value is rounded to the nearest, halves away from zero, and what is taken is taken from the
//! pool: what rounding leaves stays in it, and goes with its last unit. So nothing is lost, however often a pool is shared.

/// Largest value of a rate: with any number of units of a balance its product stays within an `i128`.
const RATE_MAX: i128 = 100_000_000_000_000_000_000;

/// What so many units are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) value: i128,
    /// 0: nothing is known.
    pub(super) units: i64,
}

impl Rate {
    /// A rate of a value for units, which are at least one.
    pub(super) fn of(value: i128, units: i64) -> Rate {
        let (mut value, mut units) = (value, units.max(1));
        while value.abs() > RATE_MAX {
            (value, units) = (value / 1_024, (units / 1_024).max(1));
        }
        Rate { value, units }
    }

    /// What units are worth.
    pub(super) fn worth(self, units: i64) -> i128 {
        match self.units {
            0 => 0,
            whole => round(self.value.saturating_mul(units.into()), whole.into()),
        }
    }
}

/// Units and their value. Where there are none there is no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pool {
    pub(super) units: i64,
    /// Below zero while units are.
    pub(super) value: i128,
    /// What units are worth that are not in it.
    pub(super) rate: Rate,
    /// Somebody has set the rate: it is a price and no average.
    pub(super) fixed: bool,
}

impl Pool {
    /// Takes units out and answers their value: a share of what is there, and by rate what is not.
    pub(super) fn take(&mut self, units: i64) -> i128 {
        let there = self.units.clamp(0, units);
        let value = share(self.value, there, self.units) + self.rate.worth(units - there);
        self.units -= units;
        self.value -= value;
        self.learn();
        value
    }

    /// Puts units in that are worth `value`, and answers how much of it stays in the pool: units that fill a deficit are worth
    /// what was taken for them.
    pub(super) fn put(&mut self, units: i64, value: i128) -> i128 {
        let fill = (-self.units).clamp(0, units);
        let kept = self.filling(fill) + share(value, units - fill, units);
        self.units += units;
        self.value += kept;
        self.learn();
        kept
    }

    /// What was taken for units of a deficit.
    pub(super) fn filling(&self, units: i64) -> i128 {
        share(-self.value, units, -self.units)
    }

    /// Sets the rate and gives all units that value; answers by how much the pool is worth less.
    pub(super) fn set(&mut self, rate: Rate, fixed: bool) -> i128 {
        let before = self.value;
        (self.rate, self.fixed) = (rate, fixed);
        self.value = rate.worth(self.units);
        before - self.value
    }

    /// An average is known as long as there are units.
    pub(super) fn learn(&mut self) {
        if self.units > 0 && !self.fixed {
            self.rate = Rate::of(self.value, self.units);
        }
    }
}

/// The share that `part` of `whole` units has of a value; `part` is between zero and `whole`.
pub(in crate::log) fn share(value: i128, part: i64, whole: i64) -> i128 {
    if part <= 0 || part >= whole {
        return if part <= 0 { 0 } else { value };
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    value / whole * part + round(value % whole * part, whole)
}

/// A quotient to the nearest, halves away from zero.
fn round(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    match rest.abs() >= by - rest.abs() {
        true => quotient + rest.signum(),
        false => quotient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_the_nearest_and_halves_away_from_zero() {
        let rounded = [(5, 2), (-5, 2), (4, 3), (5, 3), (-4, 3), (-5, 3), (6, 3), (0, 7)];
        assert_eq!(rounded.map(|(value, by)| round(value, by)), [3, -3, 1, 2, -1, -2, 2, 0]);
    }

    #[test]
    fn what_rounding_leaves_goes_with_the_last_unit() {
        let mut pool = Pool::default();
        assert_eq!(pool.put(3, 100), 100);
        assert_eq!([pool.take(1), pool.take(1), pool.take(1)], [33, 34, 33]);
        assert_eq!((pool.units, pool.value), (0, 0));
        assert_eq!(pool.take(2), 66, "what is not there is worth what the last was");
        assert_eq!(pool.put(3, 120), 66 + 40, "two fill the deficit, one stays at its own cost");
        assert_eq!((pool.units, pool.value), (1, 40));
    }

    #[test]
    fn no_sum_is_too_large() {
        let mut pool = Pool::default();
        pool.put(1, i128::from(i64::MAX) * 1_000_000_000);
        assert!(pool.take(crate::limits::BALANCE_MAX) > 0);
        assert!(pool.put(crate::limits::BALANCE_MAX, 1) > 0);
    }
}
