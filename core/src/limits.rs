//! Every limit in one place, related by compile-time asserts.
//!
//! A limit is part of the contract: input beyond it is turned away by name
//! ([`TurnedAway::OverLimit`](crate::TurnedAway::OverLimit) or [`Malformed`](crate::Malformed)), never cut short.

/// Largest integer that JavaScript holds exactly (2^53 - 1); no balance goes beyond it.
pub const BALANCE_MAX: i64 = 9_007_199_254_740_991;
/// Largest quantity of one line, in base units.
pub const QUANTITY_MAX: i64 = 100_000_000_000;
/// Largest amount of money of one line, in minor units of the node's currency.
pub const MONEY_MAX: i64 = 100_000_000_000_000;
/// Lines of one event.
pub const LINES_MAX: usize = 10_000;
/// Bytes of UTF-8 of one name.
pub const NAME_BYTES_MAX: usize = 128;
/// Latest moment that can be expressed, in milliseconds of UTC since 1970: the end of the year 9999.
pub const TIME_MAX: i64 = 253_402_300_799_999;
/// Largest number that a source may give an event.
pub const EVENT_NUMBER_MAX: u64 = 9_007_199_254_740_991;
/// Longest handling, transit or lead time: one year, in milliseconds.
pub const DURATION_MAX: i64 = 366 * 86_400_000;

/// SKUs, locations and other words that one book may name, each.
pub const NAMES_MAX: usize = 16_777_216;
/// Sources that one book may hear.
pub const SOURCES_MAX: usize = 4_194_304;
/// Owners of stock in one book, the company apart.
pub const OWNERS_MAX: usize = 65_000;
/// Positions of one book.
pub const POSITIONS_MAX: usize = 33_554_432;
/// Events kept since the last close.
pub const EVENTS_KEPT_MAX: usize = 134_217_728;
/// Legs of events with more than one that are kept since the last close.
pub const LEGS_KEPT_MAX: usize = 536_870_912;
/// Facts waiting for master data, and facts too old to be told from a duplicate, each.
pub const PARKED_MAX: usize = 65_536;
/// Lines of all waiting facts together.
pub const PARKED_LINES_MAX: usize = 1_048_576;
/// Moves of one order or transfer since the last close.
pub const MOVES_MAX: usize = 10_000;

/// Packs in packs: how deep a pack of the catalogue may be.
pub const PACK_DEPTH_MAX: usize = 8;
/// Kits in kits: how deep a recipe of the catalogue may be.
pub const KIT_DEPTH_MAX: usize = 8;
/// Lines of a kit when the kits in it are taken apart.
pub const KIT_LINES_MAX: usize = 10_000;

/// Rows of rules that are tried to stand in for what is short of one request: each takes a few plans.
pub const STAND_INS_MAX: usize = 64;

/// Lines of one promise request.
pub const REQUEST_LINES_MAX: usize = 64;
/// Nodes that one promise looks at, and nodes at moments of supply: each node has its first, and those that come first by name more.
pub const REQUEST_NODES_MAX: usize = 2_000;
/// Rules of one rulebook.
pub const RULES_MAX: usize = 64;
/// Rules of one rulebook that may be relaxed: each costs two more plans where not all can hold.
pub const SOFT_RULES_MAX: usize = 16;
/// Rows of all tables of one rulebook together: groups, sites, hours, rows of rules.
pub const RULE_ROWS_MAX: usize = 100_000;
/// Plans that are looked at for limits that no single node or line decides: capacity, parts of lines and of orders.
pub const RULE_PLANS_MAX: u32 = 400;
/// Spans of time in which a node has room for a part of an order that are looked at, one after the other, for each way to ship it.
pub const CAPACITY_SPANS_MAX: usize = 32;
/// Moments at which parcels of one node that share what is there begin and end to do so; where there are more, each is cut at all of them.
pub const SHARED_CUTS_MAX: usize = 64;
/// Changes that one question is asked with.
pub const CHANGES_MAX: usize = 64;
/// Open promises of one page.
pub const PROMISES_PAGE_MAX: usize = 10_000;
/// Supplies of an item at a node that are dealt out anew.
pub const REDISTRIBUTED_SUPPLIES_MAX: usize = 1_000;
/// Rows of error models that one question is asked with.
pub const RISK_TERMS_MAX: usize = 100_000;

/// Days that a question to the calendars looks ahead or back.
pub const CALENDAR_DAYS_MAX: i64 = 400;
/// Holidays of one calendar.
pub const HOLIDAYS_MAX: usize = 4_096;
/// Spans of hours of one day.
pub const SPANS_MAX: usize = 16;
/// Rows of one table of offsets.
pub const OFFSETS_MAX: usize = 4_096;

// A sum over the lines of one event is still a safe integer in JavaScript.
const _: () = assert!(QUANTITY_MAX * 10_000 <= BALANCE_MAX);
const _: () = assert!(LINES_MAX == 10_000);
