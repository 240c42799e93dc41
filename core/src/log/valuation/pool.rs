//! A pool of units and what they are worth together: the arithmetic of a moving average, in integers.
//!
//! Values are minor units. A share of a value is rounded to the nearest, halves away from zero, and what is taken is taken from the
//! pool: what rounding leaves stays in it, and goes with its last unit. So nothing is lost, however often a pool is shared.

/// Units of an item, and what they weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) units: i64,
    /// Their weight in grams; 0: nobody has weighed them.
    pub(super) grams: i64,
}

impl Amount {
    /// What so many of its units weigh, if all weigh the same.
    fn part(self, units: i64) -> Amount {
        Amount { units, grams: scale(self.grams, units, self.units) }
    }

    fn without(self, part: Amount) -> Amount {
        Amount { units: self.units - part.units, grams: self.grams - part.grams }
    }
}

/// Largest value of a rate: with any number of units of a balance its product stays within an `i128`.
const RATE_MAX: i128 = 100_000_000_000_000_000_000;

/// What an amount is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) value: i128,
    /// Of no units: nothing is known.
    pub(super) of: Amount,
}

impl Rate {
    /// A rate of a value for an amount, which is at least one unit.
    pub(super) fn of(value: i128, amount: Amount) -> Rate {
        let (mut value, Amount { units, mut grams }) = (value, amount);
        let mut units = units.max(1);
        while value.abs() > RATE_MAX {
            (value, units, grams) = (value / 1_024, (units / 1_024).max(1), grams / 1_024);
        }
        Rate { value, of: Amount { units, grams } }
    }

    /// What an amount is worth: by its weight, where both are weighed.
    pub(super) fn worth(self, amount: Amount) -> i128 {
        let (part, whole) = match (amount.grams, self.of.grams) {
            (1.., 1..) => (amount.grams, self.of.grams),
            _ => (amount.units, self.of.units),
        };
        match whole {
            0 => 0,
            whole => round(self.value.saturating_mul(part.into()), whole.into()),
        }
    }

    /// What units are worth that nobody has weighed.
    pub(super) fn worth_units(self, units: i64) -> i128 {
        self.worth(Amount { units, grams: 0 })
    }
}

/// An amount and its value. Where there are no units there is no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pool {
    /// Without weight while units are missing.
    pub(super) held: Amount,
    /// Below zero while units are.
    pub(super) value: i128,
    /// What units are worth that are not in it.
    pub(super) rate: Rate,
    /// Somebody has set the rate: it is a price and no average.
    pub(super) fixed: bool,
}

impl Pool {
    /// Takes an amount out and answers its value: a share of what is there, and by rate what is not.
    pub(super) fn take(&mut self, amount: Amount) -> i128 {
        let taken = amount.part(self.held.units.clamp(0, amount.units));
        // What weighs as much as all that is there is not all of it: somebody weighed wrong, and pieces decide.
        let (share_of_value, grams) = match (1..self.held.grams).contains(&taken.grams) {
            true if taken.units < self.held.units => {
                (share(self.value, taken.grams, self.held.grams), taken.grams)
            }
            _ => (share(self.value, taken.units, self.held.units), self.held.part(taken.units).grams),
        };
        let value = share_of_value + self.rate.worth(amount.without(taken));
        self.held = self.held.without(Amount { grams, ..amount });
        self.value -= value;
        self.learn();
        value
    }

    /// Puts an amount in that is worth `value`, and answers how much of it stays in the pool: units that fill a deficit are worth
    /// what was taken for them. What nobody has weighed weighs what the rest does.
    pub(super) fn put(&mut self, amount: Amount, value: i128) -> i128 {
        let fill = (-self.held.units).clamp(0, amount.units);
        let rest = amount.part(amount.units - fill);
        let kept = self.filling(fill) + share(value, rest.units, amount.units);
        let all = self.held.units.max(0) + rest.units;
        self.held.grams = match (self.held.grams, rest.grams) {
            (0, _) => rest.part(all).grams,
            (_, 0) => self.held.part(all).grams,
            (held, more) => held.saturating_add(more),
        };
        self.held.units += amount.units;
        self.value += kept;
        self.learn();
        kept
    }

    /// What was taken for units of a deficit.
    pub(super) fn filling(&self, units: i64) -> i128 {
        share(-self.value, units, -self.held.units)
    }

    /// Sets the rate and gives all that is there that value; answers by how much the pool is worth less.
    pub(super) fn set(&mut self, rate: Rate, fixed: bool) -> i128 {
        let before = self.value;
        (self.rate, self.fixed) = (rate, fixed);
        self.value = rate.worth(self.held);
        before - self.value
    }

    /// An average is known as long as there are units.
    pub(super) fn learn(&mut self) {
        if self.held.units > 0 && !self.fixed {
            self.rate = Rate::of(self.value, self.held);
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

/// A weight of `of` units, for `units` of them; of none there is no weight.
fn scale(grams: i64, units: i64, of: i64) -> i64 {
    match of {
        ..=0 => 0,
        of => i64::try_from(round(i128::from(grams) * i128::from(units), of.into())).unwrap_or(i64::MAX),
    }
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

    fn pieces(units: i64) -> Amount {
        Amount { units, grams: 0 }
    }

    fn weighed(units: i64, grams: i64) -> Amount {
        Amount { units, grams }
    }

    #[test]
    fn rounds_to_the_nearest_and_halves_away_from_zero() {
        let rounded = [(5, 2), (-5, 2), (4, 3), (5, 3), (-4, 3), (-5, 3), (6, 3), (0, 7)];
        assert_eq!(rounded.map(|(value, by)| round(value, by)), [3, -3, 1, 2, -1, -2, 2, 0]);
    }

    #[test]
    fn what_rounding_leaves_goes_with_the_last_unit() {
        let mut pool = Pool::default();
        assert_eq!(pool.put(pieces(3), 100), 100);
        assert_eq!([1, 1, 1].map(|one| pool.take(pieces(one))), [33, 34, 33]);
        assert_eq!((pool.held, pool.value), (pieces(0), 0));
        assert_eq!(pool.take(pieces(2)), 66, "what is not there is worth what the last was");
        assert_eq!(pool.put(pieces(3), 120), 66 + 40, "two fill the deficit, one stays at its own cost");
        assert_eq!((pool.held, pool.value), (pieces(1), 40));
    }

    #[test]
    fn what_is_weighed_is_worth_by_weight() {
        let mut pool = Pool::default();
        pool.put(weighed(3, 6_000), 12_000);
        assert_eq!(pool.take(weighed(1, 2_500)), 5_000);
        assert_eq!((pool.held, pool.value), (weighed(2, 3_500), 7_000));
        assert_eq!(pool.take(pieces(1)), 3_500, "what nobody weighed weighs what the others do");
        assert_eq!((pool.held, pool.value), (weighed(1, 1_750), 3_500));
        assert_eq!(pool.take(weighed(1, 1_700)), 3_500, "the last piece is all that is there");
        assert_eq!((pool.held, pool.value), (pieces(0), 0));
        assert_eq!(pool.take(weighed(1, 2_000)), 4_000, "what is not there has its weight, too");
        assert_eq!(pool.put(weighed(3, 4_500), 9_000), 4_000 + 6_000);
        assert_eq!(
            (pool.held, pool.value),
            (weighed(2, 3_000), 6_000),
            "two of three are left, with their weight"
        );
        assert_eq!(pool.take(weighed(1, 3_000)), 3_000, "one of two does not weigh as much as both");
        assert_eq!(pool.held, weighed(1, 1_500));
        pool.put(pieces(1), 1_000);
        assert_eq!((pool.held, pool.value), (weighed(2, 3_000), 4_000));
        let price = Rate::of(5, weighed(1, 2));
        assert_eq!((pool.set(price, true), pool.value), (-3_500, 7_500));
    }

    #[test]
    fn what_is_weighed_first_tells_of_what_was_there() {
        let mut pool = Pool::default();
        pool.put(pieces(2), 400);
        pool.put(weighed(2, 1_000), 400);
        assert_eq!(pool.held, weighed(4, 2_000));
        assert_eq!(pool.take(weighed(1, 400)), 160);
    }

    #[test]
    fn no_sum_is_too_large() {
        let mut pool = Pool::default();
        pool.put(weighed(1, i64::MAX), i128::from(i64::MAX) * 1_000_000_000);
        assert!(pool.take(weighed(crate::limits::BALANCE_MAX, i64::MAX)) > 0);
        assert!(pool.put(weighed(crate::limits::BALANCE_MAX, i64::MAX), 1) > 0);
        pool.put(weighed(crate::limits::BALANCE_MAX, i64::MAX), 1);
        assert!(pool.take(weighed(1, 1)) >= 0);
    }
}
