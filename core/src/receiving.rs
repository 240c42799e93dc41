//! Receiving: goods at the dock held against what was ordered, before they are booked.
//!
//! [`inspect`] looks at a delivery as it was scanned and at what is open of its purchase order or advance notice. It answers what
//! is odd, line by line with the numbers, and the receipt to post: each unit in the state in which it may be booked. Only what is
//! accepted is sellable; the rest is on hand and held until somebody decides (`release_hold`, `receipt_cancel`). It reads
//! nothing and posts nothing.

use alloc::vec::Vec;

use crate::event::{Event, Line};
use crate::measure::{Quantity, Time};
use crate::name::Name;
use crate::ordered::Map;
use crate::place::{StockState, codes};

/// How far a delivery may differ from what is open. The wider of the two bounds holds.
///
/// ```
/// use onhand::receiving::Tolerance;
/// // Two units or five percent, whichever is more.
/// let tolerance = Tolerance { units: 2, ppm: 50_000 };
/// assert_eq!((tolerance.of(10), tolerance.of(100)), (2, 5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Tolerance {
    /// Base units, 0 or more.
    pub units: i64,
    /// Parts per million of what is open, 0 or more; rounded down to whole units.
    pub ppm: i64,
}

impl Tolerance {
    /// The units by which a delivery of `open` may differ.
    pub fn of(self, open: i64) -> i64 {
        let share = i128::from(open.max(0)) * i128::from(self.ppm.max(0)) / 1_000_000;
        self.units.max(i64::try_from(share).unwrap_or(i64::MAX)).max(0)
    }
}

/// What a purchase order or an advance notice says of one item, as far as it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Expected {
    /// The item.
    pub sku: Name,
    /// Base units still to come: [`DatedSupply::open`](crate::DatedSupply::open).
    pub open: i64,
    /// Packs that it is delivered in: the name of each and its base units. Empty when any count will do.
    #[cfg_attr(feature = "serde", serde(default))]
    pub packs: Vec<(Name, i64)>,
    /// By how much more may be accepted.
    #[cfg_attr(feature = "serde", serde(default))]
    pub over: Tolerance,
    /// How much less completes it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub under: Tolerance,
    /// Whether each unit needs a lot.
    #[cfg_attr(feature = "serde", serde(default))]
    pub by_lot: bool,
    /// Milliseconds of life that goods must have left when they arrive; `None` for goods that do not expire.
    #[cfg_attr(feature = "serde", serde(default))]
    pub life_ms: Option<i64>,
}

impl Expected {
    /// Units that may be accepted.
    fn most(&self) -> i64 {
        self.open.saturating_add(self.over.of(self.open))
    }
}

/// What was scanned: one line of the receipt to be, and what only the dock knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Item, base units, lot, place, pack; the state where the dock found units damaged.
    pub line: Line,
    /// When the goods expire.
    pub expires: Option<Time>,
}

/// What is odd about a line of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Oddity {
    /// There is no order: nothing was expected at all.
    NoOrder,
    /// The order does not have this item.
    WrongItem,
    /// More than is open and tolerated, in whatever state it arrived. `units` is the surplus, `limit` the rest of the line.
    Over,
    /// Less than is open and tolerated, on the sum of the delivery. `units` is what is missing, `limit` what is open.
    Short,
    /// Pieces booked as packs or packs as pieces: the count is what is open times or divided by a pack, in this line, or in all
    /// lines of the item that name no pack. Or a delivery in part is: those lines make up no whole packs of an order in whole packs,
    /// and less than a fifth of it as pieces, but most of it as packs. `units` is what was scanned, `limit` what it is likely to be.
    PackMistaken,
    /// Not a whole number of the pack that it names. `units` is the rest, `limit` the pack.
    BrokenPack,
    /// The order does not know the pack that the line names.
    UnknownPack,
    /// The item is kept by lot and the line names none.
    LotMissing,
    /// The item expires and the line does not say when.
    ExpiryMissing,
    /// Expired, or with less life left than was agreed. `units` is the life left in milliseconds, `limit` what was agreed.
    LifeTooShort,
    /// The dock found it not fit for sale.
    Damaged,
}

codes!(Oddity:
    NoOrder "no_order", WrongItem "wrong_item", Over "over", Short "short", PackMistaken "pack_mistaken",
    BrokenPack "broken_pack", UnknownPack "unknown_pack", LotMissing "lot_missing", ExpiryMissing "expiry_missing",
    LifeTooShort "life_too_short", Damaged "damaged",
);

/// An oddity with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Finding {
    /// The place of the scanned line, from 0; `None` for what is missing from the whole delivery.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub line: Option<usize>,
    /// The item.
    pub sku: Name,
    /// What is odd.
    pub oddity: Oddity,
    /// As the oddity says.
    pub units: i64,
    /// As the oddity says.
    pub limit: i64,
}

/// What came of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What is odd, by line.
    pub findings: Vec<Finding>,
    /// The lines to post, each in the state in which it may be booked: `sellable` when accepted, else `damaged` or `quarantined`.
    pub lines: Vec<Line>,
    /// Whether every item of the order is complete within its tolerance with what was accepted.
    pub complete: bool,
}

/// Holds a delivery against what is open.
///
/// Units of one item are accepted in the order in which they were scanned. What is beyond the tolerance is split off its line
/// and quarantined; so is every line that is of no order, of a wrong item, likely miscounted in packs, without its lot or
/// expiry, or too old. Damaged units are booked as the dock says and complete no order. What has arrived is no longer to come,
/// whatever its state: every line of an ordered item is received against the order, and a replacement is announced anew
/// (`supply_change`). So what is put aside counts too when more arrives than is open and tolerated: it is over, the last scanned
/// first, unless its count is in doubt.
///
/// `arrived` decides how much life is left; `supply` is the order that the lines are received against. Work grows with the lines
/// times the packs of their items.
///
/// ```
/// use onhand::receiving::{Expected, Oddity, Scanned, Tolerance, inspect};
/// use onhand::{Line, Name, StockState, Time};
/// let name = |text: &str| Name::new(text).unwrap();
/// let order = Expected {
///     sku: name("TEA-250"),
///     open: 144,
///     packs: vec![(name("case"), 12)],
///     over: Tolerance { units: 0, ppm: 50_000 },
///     under: Tolerance::default(),
///     by_lot: false,
///     life_ms: None,
/// };
/// let scan = |units| Scanned { line: Line::new(name("TEA-250"), units).unwrap(), expires: None };
/// let at = Time::new(1_000).unwrap();
///
/// // Twelve cases of twelve, booked as twelve.
/// let inspection = inspect(Some((&name("PO-1"), &[order.clone()])), &[scan(12)], at);
/// let finding = &inspection.findings[0];
/// assert_eq!((finding.oddity, finding.units, finding.limit), (Oddity::PackMistaken, 12, 144));
/// assert_eq!(inspection.lines[0].state, Some(StockState::Quarantined));
///
/// // Ten more than 144: seven are tolerated.
/// let inspection = inspect(Some((&name("PO-1"), &[order])), &[scan(154)], at);
/// let booked: Vec<_> = inspection.lines.iter().map(|line| (line.quantity.units(), line.state)).collect();
/// assert_eq!(booked, [(151, Some(StockState::Sellable)), (3, Some(StockState::Quarantined))]);
/// ```
pub fn inspect(order: Option<(&Name, &[Expected])>, delivery: &[Scanned], arrived: Time) -> Inspection {
    let mut inspection = Inspection { findings: Vec::new(), lines: Vec::new(), complete: true };
    let items = order.map_or(&[][..], |(_, items)| items);
    let mut expected: Map<&Name, &Expected> = Map::new();
    for item in items {
        expected.insert(&item.sku, item);
    }
    // By item, what names no pack: a lot at a time, or a case at a time.
    let mut loose: Map<&Name, i64> = Map::new();
    for line in delivery.iter().map(|scanned| &scanned.line).filter(|line| line.pack.is_none()) {
        let sum = loose.entry(&line.sku);
        *sum = sum.saturating_add(line.quantity.units());
    }
    let mut accepted: Map<&Name, i64> = Map::new();
    // By item, what arrived and is not said to be over yet; and the lines of which nothing is accepted.
    let mut came: Map<&Name, i64> = Map::new();
    let mut aside: Vec<(usize, &Expected, i64)> = Vec::new();
    for (place, scanned) in delivery.iter().enumerate() {
        let line = &scanned.line;
        let mut odd = |oddity, units, limit| {
            inspection.findings.push(Finding {
                line: Some(place),
                sku: line.sku.clone(),
                oddity,
                units,
                limit,
            });
        };
        let item = expected.get(&line.sku).copied();
        let before = accepted.get(&line.sku).copied().unwrap_or(0);
        let units = line.quantity.units();
        let (mut fit, mut is_counted) = (true, true);
        match item {
            None => {
                odd(if order.is_none() { Oddity::NoOrder } else { Oddity::WrongItem }, units, 0);
                fit = false;
            }
            Some(item) => {
                let loose = loose.get(&line.sku).copied().unwrap_or(0);
                for (oddity, units, limit) in oddities(item, scanned, (before, loose), arrived) {
                    odd(oddity, units, limit);
                    is_counted &= oddity != Oddity::PackMistaken;
                    fit = false;
                }
            }
        }
        let damaged = line.state.is_some_and(|state| state != StockState::Sellable);
        if damaged {
            odd(Oddity::Damaged, units, 0);
        }
        let most = item.map_or(0, |item| item.most() - before).max(0);
        fit &= !damaged;
        let take = if fit { units.min(most) } else { 0 };
        if fit && units > most {
            odd(Oddity::Over, units - most, most);
        }
        *accepted.entry(&line.sku) += take;
        if let Some(item) = item.filter(|_| is_counted) {
            let counts = if fit { take } else { units };
            let sum = came.entry(&line.sku);
            *sum = sum.saturating_add(counts);
            if !fit {
                aside.push((place, item, units));
            }
        }
        let held_in = line.state.filter(|_| damaged).unwrap_or(StockState::Quarantined);
        let mut book = |units, state| {
            // Nothing is received against an order that does not have the item.
            let supply = item.and(order).map(|(name, _)| name.clone());
            let quantity = Quantity::new(units).unwrap_or(line.quantity);
            inspection.lines.push(Line { quantity, state: Some(state), supply, ..line.clone() });
        };
        // A line of nothing is kept, as it was scanned.
        if take != 0 || (fit && units == 0) {
            book(take, StockState::Sellable);
        }
        if units != take || !fit {
            book(units - take, held_in);
        }
    }
    for (place, item, units) in aside.into_iter().rev() {
        let sum = came.entry(&item.sku);
        let surplus = sum.saturating_sub(item.most()).min(units).max(0);
        *sum -= surplus;
        if surplus > 0 {
            let (sku, limit) = (item.sku.clone(), units - surplus);
            let over = Finding { line: Some(place), sku, oddity: Oddity::Over, units: surplus, limit };
            inspection.findings.push(over);
        }
    }
    crate::ordered::sort_by_key(&mut inspection.findings, |finding| finding.line);
    for item in expected.values() {
        let missing = item.open - accepted.get(&item.sku).copied().unwrap_or(0);
        if missing > item.under.of(item.open) {
            inspection.complete = false;
            let sku = item.sku.clone();
            inspection.findings.push(Finding {
                line: None,
                sku,
                oddity: Oddity::Short,
                units: missing,
                limit: item.open,
            });
        }
    }
    inspection
}

/// What is odd about a line of an item that was ordered, with what was accepted before it and what names no pack.
fn oddities(
    item: &Expected,
    scanned: &Scanned,
    (before, loose): (i64, i64),
    arrived: Time,
) -> Vec<(Oddity, i64, i64)> {
    let (line, mut odd) = (&scanned.line, Vec::new());
    let units = line.quantity.units();
    if let Some(pack) = &line.pack {
        match item.packs.iter().find(|(name, _)| name == pack) {
            None => odd.push((Oddity::UnknownPack, units, 0)),
            Some((_, size)) if *size > 0 && units % size != 0 => {
                odd.push((Oddity::BrokenPack, units % size, *size))
            }
            Some(_) => {}
        }
    }
    let open = item.open - before;
    let is_whole = |size: &i64| *size > 0 && loose % size == 0;
    let is_few = loose.saturating_mul(5) < item.open && !item.packs.iter().any(|(_, size)| is_whole(size));
    let likely = item.packs.iter().map(|(_, size)| *size).filter(|size| *size > 1);
    let mistaken = likely.filter_map(|size| {
        let times = |few: i64, many: i64| few > 0 && many % size == 0 && many / size == few;
        // Who names a pack that fits has not taken it for a piece.
        let is_loose = line.pack.is_none() && units > 0;
        if is_loose && (times(units, open) || times(loose, item.open)) {
            // INVARIANT: no more than is open.
            return Some(units.wrapping_mul(size));
        }
        let as_packs = loose.saturating_mul(size);
        if is_loose && is_few && item.open % size == 0 && (item.open / 2 + 1..=item.open).contains(&as_packs)
        {
            // INVARIANT: no more than is open.
            return Some(units.wrapping_mul(size));
        }
        (times(open, units) || (is_loose && times(item.open, loose))).then_some(units / size)
    });
    if let Some(likely) = mistaken.max() {
        odd.push((Oddity::PackMistaken, units, likely));
    }
    if item.by_lot && line.said_lot().is_none() {
        odd.push((Oddity::LotMissing, units, 0));
    }
    if let Some(agreed) = item.life_ms {
        match scanned.expires.map(|expires| expires.millis() - arrived.millis()) {
            None => odd.push((Oddity::ExpiryMissing, units, 0)),
            Some(left) if left <= 0 || left < agreed => odd.push((Oddity::LifeTooShort, left, agreed)),
            Some(_) => {}
        }
    }
    odd
}

impl Inspection {
    /// The receipt to post: the event that the dock sends, with the lines as they may be booked.
    ///
    /// ```
    /// use onhand::receiving::{Scanned, inspect};
    /// use onhand::{Event, Id, Kind, Line, Name, StockState, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(1_000).unwrap());
    /// receipt.node = Some(Name::new("store-1")?);
    /// // Nobody ordered it: it is on hand, and not for sale.
    /// let scanned = Scanned { line: Line::new(Name::new("TEA-250")?, 6)?, expires: None };
    /// book.evolve(&inspect(None, &[scanned], receipt.occurred).receipt(receipt))?;
    /// let shelf = book.availability("TEA-250", "store-1", Time::new(2_000).unwrap()).unwrap();
    /// assert_eq!((shelf.on_hand, shelf.available), (6, 0));
    /// # Ok(()) }
    /// ```
    pub fn receipt(self, event: Event) -> Event {
        Event { lines: self.lines, ..event }
    }
}
