//! The truth, kept apart from the core: what is really there, and every mistake that was seeded into the records.
//!
//! A position's book may differ from its truth by the mistakes made there, and by nothing else. A count finds all
//! mistakes dated up to its moment; what it got wrong itself is a mistake that only a later count finds. What is missing of
//! a transfer is set right when somebody explains it. So
//!
//! ```text
//! book - truth = sum of the mistakes at the position that no count has found and nobody has set right
//! ```
//!
//! and what that leaves over is `unexplained`.

use std::collections::{BTreeMap, HashMap};

use onhand::{Book, StockState};

/// Where units are, in the numbers of the generator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    pub sku: u32,
    pub at: At,
    pub state: StockState,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum At {
    Node(u32),
    /// The number of a transfer under way.
    Transit(u32),
}

impl Place {
    pub fn shelf(sku: u32, node: u32) -> Place {
        Place { sku, at: At::Node(node), state: StockState::Sellable }
    }

    pub fn in_state(self, state: StockState) -> Place {
        Place { state, ..self }
    }

    pub fn transit(sku: u32, transfer: u32) -> Place {
        Place { sku, at: At::Transit(transfer), state: StockState::Sellable }
    }
}

/// How a record came to differ from the truth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mistake {
    WrongReceipt,
    UnrecordedLoss,
    LostInTransit,
    DatedLate,
    /// Gone, and not taken off the book before somebody has approved it.
    NotYetApproved,
    CountedWhileMoving,
    Miscounted,
}

impl Mistake {
    pub fn code(self) -> &'static str {
        match self {
            Mistake::WrongReceipt => "receipt_booked_wrong",
            Mistake::UnrecordedLoss => "unrecorded_loss",
            Mistake::LostInTransit => "lost_in_transit",
            Mistake::NotYetApproved => "loss_not_yet_approved",
            Mistake::DatedLate => "delivery_dated_late",
            Mistake::CountedWhileMoving => "counted_while_stock_moved",
            Mistake::Miscounted => "miscounted",
        }
    }

    fn is_of_a_count(self) -> bool {
        matches!(self, Mistake::CountedWhileMoving | Mistake::Miscounted)
    }
}

#[derive(Clone, Copy)]
struct Seeded {
    mistake: Mistake,
    when: i64,
    units: i64,
    /// Somebody has explained it, and the book was put right.
    set_right: bool,
}

#[derive(Default)]
pub struct Truth {
    held: HashMap<Place, i64>,
    seeded: HashMap<Place, Vec<Seeded>>,
    /// The last count of each position, by the moment that it says.
    counted: HashMap<Place, i64>,
}

/// Of one kind of mistake: how many were made, found and set right. A mistake of dates is two records that differ from the
/// truth, one at each date.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Made {
    pub seeded: u64,
    pub found_by_a_count: u64,
    pub set_right: u64,
    pub open: u64,
    pub open_units: i64,
}

/// Positions and units where book minus truth is not what the open mistakes add up to.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Unexplained {
    pub compared: u64,
    pub differing: u64,
    pub positions: u64,
    pub units: i64,
}

impl Truth {
    /// Units that are really there.
    pub fn held(&self, place: Place) -> i64 {
        self.held.get(&place).copied().unwrap_or(0)
    }

    /// Units come (or, below zero, go), and the records will say so.
    pub fn moved(&mut self, place: Place, units: i64) {
        *self.held.entry(place).or_default() += units;
    }

    /// The records say `units` more than is true, from this moment on.
    pub fn mistaken(&mut self, mistake: Mistake, place: Place, when: i64, units: i64) {
        if units != 0 {
            self.seeded.entry(place).or_default().push(Seeded { mistake, when, units, set_right: false });
        }
    }

    /// Units come at one moment and are booked, perhaps others and perhaps with another date.
    pub fn booked(&mut self, place: Place, (when, units): (i64, i64), (dated, recorded): (i64, i64)) {
        self.moved(place, units);
        if dated != when {
            self.mistaken(Mistake::DatedLate, place, when, -units);
            self.mistaken(Mistake::DatedLate, place, dated, units);
        }
        self.mistaken(Mistake::WrongReceipt, place, dated, recorded - units);
    }

    /// Units are gone and no record says so.
    pub fn lost(&mut self, mistake: Mistake, place: Place, when: i64, units: i64) {
        self.moved(place, -units);
        self.mistaken(mistake, place, when, units);
    }

    /// The book was put right at a place where it said other than is true.
    pub fn set_right(&mut self, place: Place) {
        self.seeded.get_mut(&place).into_iter().flatten().for_each(|one| one.set_right = true);
    }

    /// A count says that at this moment there were `found` units. Everything dated up to it has happened.
    pub fn counted(&mut self, place: Place, when: i64, found: i64, how: Mistake) {
        let last = self.counted.entry(place).or_insert(when);
        *last = (*last).max(when);
        let held = self.held(place);
        self.mistaken(how, place, when, found - held);
    }

    fn is_found(&self, place: Place, seeded: Seeded) -> bool {
        self.counted.get(&place).is_some_and(|counted| match seeded.mistake.is_of_a_count() {
            true => seeded.when < *counted,
            false => seeded.when <= *counted,
        })
    }

    /// What a book with these mistakes says is there.
    pub fn expected_in_book(&self, place: Place) -> i64 {
        let seeded = self.seeded.get(&place).into_iter().flatten();
        let open = seeded.filter(|one| !one.set_right && !self.is_found(place, **one)).map(|one| one.units);
        self.held(place) + open.sum::<i64>()
    }

    pub fn mistakes(&self) -> BTreeMap<&'static str, Made> {
        let mut made: BTreeMap<&'static str, Made> = BTreeMap::new();
        for (place, seeded) in &self.seeded {
            for one in seeded {
                let made = made.entry(one.mistake.code()).or_default();
                made.seeded += 1;
                match (one.set_right, self.is_found(*place, *one)) {
                    (true, _) => made.set_right += 1,
                    (_, true) => made.found_by_a_count += 1,
                    _ => {
                        made.open += 1;
                        made.open_units += one.units;
                    }
                }
            }
        }
        made
    }

    /// Holds every position of the book and every place of the truth against each other.
    pub fn compare(&self, book: &Book, skus: &[String], nodes: &[String]) -> Unexplained {
        let node_numbers: HashMap<&str, u32> = nodes.iter().map(String::as_str).zip(0..).collect();
        let mut in_book: HashMap<Place, i64> = HashMap::new();
        let mut unexplained = Unexplained::default();
        for (number, sku) in (0..).zip(skus) {
            for position in book.positions(sku) {
                let at = match position.in_transit {
                    true => transfer_number(position.location.as_str()).map(At::Transit),
                    false => node_numbers.get(position.location.as_str()).copied().map(At::Node),
                };
                let plain = position.place.is_none() && position.lot.is_none() && position.owner.is_none();
                match at.filter(|_| plain) {
                    Some(at) => {
                        let place = Place { sku: number, at, state: position.state };
                        *in_book.entry(place).or_default() += position.quantity;
                    }
                    // The generator knows of no such place.
                    None => unexplained.add(position.quantity),
                }
            }
        }
        let mut places: Vec<Place> = self.held.keys().chain(in_book.keys()).copied().collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            let booked = in_book.get(&place).copied().unwrap_or(0);
            unexplained.compared += 1;
            unexplained.differing += u64::from(booked != self.held(place));
            unexplained.add(booked - self.expected_in_book(place));
        }
        unexplained
    }
}

impl Unexplained {
    fn add(&mut self, units: i64) {
        self.positions += u64::from(units != 0);
        self.units += units.abs();
    }
}

/// What a transfer is called.
pub fn transfer_name(number: u32) -> String {
    format!("transfer-{number:06}")
}

fn transfer_number(name: &str) -> Option<u32> {
    name.strip_prefix("transfer-")?.parse().ok()
}

#[cfg(test)]
mod tests;
