//! Units that are there and not promised: safety stock, what is kept for other channels, and what may not be there at all.

use super::rules::{Rulebook, Term};
use super::scope::Applied;
use crate::book::Book;
use crate::dense::NONE;
use crate::measure::{Quantity, Time};
use crate::name::Name;

/// Safety stock: of the rows that fit an item at a node by a method, the one that says most about where it fits holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyRow {
    /// The item; every item unless said.
    pub sku: Option<Name>,
    /// The node; every node unless said.
    pub node: Option<Name>,
    /// The method; every method and pick-up unless said.
    pub method: Option<Name>,
    /// Units that a node keeps while it is shown on line: [`Book::shown`].
    pub on_line: Quantity,
    /// Units that a node keeps when orders are routed to it: promises.
    pub routing: Quantity,
}

/// Units that each node keeps for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationRow {
    /// The channel that they are kept for.
    pub channel: Name,
    /// The item; every item unless said.
    pub sku: Option<Name>,
    /// The node; every node, so many each, unless said.
    pub node: Option<Name>,
    /// Units that were set aside.
    pub units: Quantity,
    /// Units of these that the channel has taken.
    pub used: Quantity,
    /// The lower, the more important; 0 unless said.
    pub priority: u32,
    /// They are kept before this moment and free from it on; for good unless said.
    pub until: Option<Time>,
}

/// What is held back of an item at a node, and what for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// By the book's own protection or a rule of safety stock, whichever is more.
    pub(super) safety: i64,
    pub(super) allocated: i64,
    pub(super) buffer: i64,
    /// The rule that holds most of it back.
    pub(super) rule: Option<usize>,
}

/// Which of its two thresholds a safety stock is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Threshold {
    OnLine,
    Routing,
}

/// What rules hold back of the item of a line at a node.
pub(super) fn held_back(
    book: &Book,
    rules: &[Applied<'_>],
    at: (u32, usize),
    methods: &[u32],
    channel: Option<&Name>,
    now: i64,
    threshold: Threshold,
) -> Held {
    let (node, line) = at;
    let (mut held, mut most) = (Held::default(), 0);
    for applied in rules.iter().filter(|one| one.holds && one.about_line(line)) {
        if !applied.names(book, node) {
            continue;
        }
        let units = match &applied.rule.then {
            Term::Safety { rows } => larger(&mut held.safety, safety(applied, rows, at, methods, threshold)),
            Term::Allocation { rows, ranked } => {
                let units = allocated(applied, rows, at, channel, now, *ranked);
                held.allocated += units;
                units
            }
            Term::Buffer { error, cancel_ppm } => larger(&mut held.buffer, error.buffer(*cancel_ppm)),
            _ => 0,
        };
        if units > most {
            most = units;
            held.rule = Some(applied.place);
        }
    }
    held
}

/// What does not add up: only the largest holds, and all of it.
fn larger(held: &mut i64, units: i64) -> i64 {
    if units <= *held {
        return 0;
    }
    *held = units;
    units
}

/// The most specific row for each method, and of these the largest: whichever method is chosen, enough is kept.
fn safety(
    applied: &Applied<'_>,
    rows: &[SafetyRow],
    at: (u32, usize),
    methods: &[u32],
    threshold: Threshold,
) -> i64 {
    let one_of = |method: u32| {
        let mut best: Option<((bool, bool, bool), i64)> = None;
        for place in applied.rows_at(at.0, at.1) {
            let Some(row) = rows.get(place.row) else { continue };
            if row.method.is_some() && place.word != method {
                continue;
            }
            let specific = (row.node.is_some(), row.method.is_some(), row.sku.is_some());
            let units = if threshold == Threshold::OnLine { row.on_line } else { row.routing };
            if best.is_none_or(|(most, _)| specific > most) {
                best = Some((specific, units.units()));
            }
        }
        best.map_or(0, |(_, units)| units)
    };
    methods.iter().map(|method| one_of(*method)).max().unwrap_or_else(|| one_of(NONE))
}

/// What other channels have not taken yet of what is kept for them.
fn allocated(
    applied: &Applied<'_>,
    rows: &[AllocationRow],
    at: (u32, usize),
    channel: Option<&Name>,
    now: i64,
    ranked: bool,
) -> i64 {
    let own = rows.iter().filter(|row| Some(&row.channel) == channel).map(|row| row.priority).min();
    let own = own.unwrap_or(u32::MAX);
    let mut units = 0;
    for place in applied.rows_at(at.0, at.1) {
        let Some(row) = rows.get(place.row).filter(|row| Some(&row.channel) != channel) else { continue };
        let kept = row.until.is_none_or(|until| now < until.millis()) && (!ranked || row.priority < own);
        units += if kept { (row.units.units() - row.used.units()).max(0) } else { 0 };
    }
    units
}

impl Book {
    /// Units of an item at a node that a channel may be shown: what is available, less what rules keep with their thresholds for
    /// showing on line. `None` when the book knows the item or the node not.
    ///
    /// A promise keeps the thresholds for routing instead: a shop may sell its last two to who is in it and route orders for
    /// others, or show none while it still takes orders that were placed.
    ///
    /// # Errors
    ///
    /// As [`Rulebook::check`].
    pub fn shown(
        &self,
        rulebook: &Rulebook,
        sku: &str,
        node: &str,
        channel: Option<&Name>,
        now: Time,
    ) -> Result<Option<i64>, super::RequestRefused> {
        rulebook.check()?;
        let Some((sku, node)) = self.known_sku(sku).zip(self.known_node(node)) else { return Ok(None) };
        let shelf = self.shelf(sku, node, now.millis());
        let asked = super::scope::Circumstances { channel, zone: None, pick_up: None, now: now.millis() };
        let rules = super::scope::applied(self, rulebook, &asked, &[sku]);
        let held = held_back(self, &rules, (node, 0), &[], channel, now.millis(), Threshold::OnLine);
        let kept = shelf.protected.max(held.safety) + held.allocated + held.buffer;
        Ok(Some((shelf.fit() - shelf.claimed - kept).max(0)))
    }
}
