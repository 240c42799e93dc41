//! Quantities, money and moments: integers with a unit and a range.

use core::fmt;

use crate::limits::{MONEY_MAX, QUANTITY_MAX, TIME_MAX};

/// A signed whole number of the SKU's base unit, at most [`QUANTITY_MAX`] either way. Never a float.
///
/// ```
/// use onhand::Quantity;
/// assert_eq!(Quantity::new(3).map(Quantity::units), Some(3));
/// assert_eq!(Quantity::new(100_000_000_001), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

/// A signed amount in minor units (cents) of the currency of the node it happened at, at most [`MONEY_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// A moment in milliseconds of UTC since 1970, from 0 to the end of the year 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A number is outside the range of its measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange(pub i64);

macro_rules! measure {
    ($name:ident, $min:expr, $max:expr, $get:ident, $unit:literal) => {
        impl $name {
            /// Nothing.
            pub const ZERO: $name = $name(0);
            /// The largest value.
            pub const MAX: $name = $name($max);

            /// Checks the range.
            pub const fn new(value: i64) -> Option<$name> {
                if value >= $min && value <= $max { Some($name(value)) } else { None }
            }

            #[doc = concat!("The value in ", $unit, ".")]
            pub const fn $get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = OutOfRange;
            fn try_from(value: i64) -> Result<$name, OutOfRange> {
                $name::new(value).ok_or(OutOfRange(value))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

measure!(Quantity, -QUANTITY_MAX, QUANTITY_MAX, units, "base units");
measure!(Money, -MONEY_MAX, MONEY_MAX, minor, "minor units");
measure!(Time, 0, TIME_MAX, millis, "milliseconds");

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is out of range", self.0)
    }
}

impl core::error::Error for OutOfRange {}
