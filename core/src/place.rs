//! What is where: the states of stock and the accounts outside.

/// Fitness of a unit: the last part of a position (owner, SKU, lot, location, state).
///
/// What GS1's Core Business Vocabulary 2.0 calls it, where it has a word, is in [`cbv`](crate::cbv).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StockState {
    /// Fit for sale, here.
    #[default]
    Sellable,
    /// Taken for an order or a transfer, staged.
    Picked,
    /// Not for sale: damaged.
    Damaged,
    /// Not for sale: held until someone decides.
    Quarantined,
    /// Not for sale: called back by the maker or an authority.
    Recalled,
    /// Came back, not yet graded.
    Returned,
    /// On its way to be made as new.
    Refurbishing,
    /// On its way back to the supplier.
    VendorReturn,
    /// On its way to a liquidator.
    Liquidation,
    /// Marked down to be cleared; sold where the policy says so.
    Clearance,
}

/// An account outside the company's stock; with it the legs of every event add to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outside {
    /// Balances brought in when the book was opened.
    Opening,
    /// Suppliers.
    Supplier,
    /// Customers.
    Customer,
    /// Kits and relabelled items turn into one another here.
    Conversion,
    /// What counts changed and nobody has explained yet.
    CountVariance,
    /// Lost, and known to be.
    Shrink,
    /// Found, and known to be.
    Found,
    /// Destroyed or given away.
    Scrapped,
    /// Sold to a liquidator.
    Liquidated,
}

macro_rules! codes {
    ($type:ident: $($variant:ident $code:literal),+ $(,)?) => {
        impl $type {
            /// All of them, in declared order.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $($type::$variant => $code),+ }
            }

            /// The one with this code.
            pub fn from_code(code: &str) -> Option<$type> {
                $type::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// Its place in the declared order; part of the binary forms.
            #[allow(dead_code, reason = "not every set of codes has a binary form")]
            #[expect(clippy::as_conversions, reason = "an enum without data is its ordinal")]
            pub(crate) const fn ordinal(self) -> u8 {
                self as u8
            }

            /// The one at this place.
            #[allow(dead_code, reason = "not every set of codes has a binary form")]
            pub(crate) fn from_ordinal(ordinal: u8) -> Option<$type> {
                $type::ALL.get(usize::from(ordinal)).copied()
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes!(StockState:
    Sellable "sellable", Picked "picked", Damaged "damaged", Quarantined "quarantined", Recalled "recalled",
    Returned "returned", Refurbishing "refurbishing", VendorReturn "vendor_return", Liquidation "liquidation",
    Clearance "clearance",
);

codes!(Outside:
    Opening "opening", Supplier "supplier", Customer "customer", Conversion "conversion",
    CountVariance "count_variance", Shrink "shrink", Found "found", Scrapped "scrapped", Liquidated "liquidated",
);
