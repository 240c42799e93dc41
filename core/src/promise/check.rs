//! What a node has to pass to be in a plan.

use crate::place::codes;

/// What a node, or a node for one item, has to pass to be in a plan. The checks without a rule come in the order in which they are
/// made; those of a [`crate::promise::Rulebook`] are made where the rule stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// It is not the node that the order is picked up at. Only that one is looked at, and no other is listed.
    OtherNode,
    /// It is off line.
    OffLine,
    /// It does not ship, or does not hand over at its counter.
    NotCapable,
    /// No open lane goes to the zone by a method that is wanted.
    NoLane,
    /// It has none of the items: `number` is 0, or below zero what the book is short of.
    NoStock,
    /// Nothing from it arrives in time: `number` is the earliest arrival, in milliseconds.
    TooLate,
    /// It passed all checks; the best plan that uses it costs at least `number`, in minor units (under other goals than
    /// cost: in units of those).
    NotNeeded,
    /// It has units, and all of them are held back by policy: `number` is how many.
    Protected,
    /// Its calendar or its carrier's has no hours for the order within the days that are looked at.
    NoHours,
    /// No carrier of the timetable takes parcels from it to the zone by a method that is wanted.
    NoCarrier,
    /// A rule takes it out.
    Excluded,
    /// A rule names others.
    NotSelected,
    /// It is too far away: `number` is the distance in metres; -1 where it is not known.
    TooFar,
    /// Its orders, lines or units of the day are used up: `number` is what is left, 0.
    NoCapacity,
    /// It turned orders down of late: `number` is the moment until which it is not asked, in milliseconds.
    CoolingDown,
    /// It has fewer units than a node needs to be asked: `number` is how many it has.
    BelowMinimum,
    /// Its lots do not live long enough: `number` is how many units are left out.
    ShortLife,
    /// The item is not for sale yet: `number` is its launch, in milliseconds.
    NotLaunched,
    /// The caller's own rule turned it down: `number` is the caller's.
    RuledOut,
}

codes!(Check:
    OtherNode "other_node", OffLine "off_line", NotCapable "not_capable", NoLane "no_lane", NoStock "no_stock",
    TooLate "too_late", NotNeeded "not_needed", Protected "protected", NoHours "no_hours", NoCarrier "no_carrier",
    Excluded "excluded", NotSelected "not_selected", TooFar "too_far", NoCapacity "no_capacity",
    CoolingDown "cooling_down", BelowMinimum "below_minimum", ShortLife "short_life", NotLaunched "not_launched",
    RuledOut "ruled_out",
);
