//! Promises of a year and what became of them, by the rule that chose where each order is filled from.

use std::collections::BTreeMap;

/// Where an order is filled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The book's own promise: the plan with the lowest expected cost, deliveries to come included, by what counts have told of
    /// its records.
    Exact,
    /// From the nearest node that has some, and the rest from the next.
    NearestFirst,
    /// From the node that has most, and the rest from the next.
    HighestStock,
}

impl Rule {
    pub const ALL: [Rule; 3] = [Rule::Exact, Rule::NearestFirst, Rule::HighestStock];

    pub fn in_words(self) -> &'static str {
        match self {
            Rule::Exact => "exact promise",
            Rule::NearestFirst => "nearest first",
            Rule::HighestStock => "highest stock first",
        }
    }
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// All of it was picked.
    Kept,
    /// Some of it could not be picked: it was not where the book had it.
    Broken,
    /// The customer gave up first.
    Cancelled,
}

/// Orders of one kind. `asked` is the sum of refused, kept, broken, cancelled and open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    pub asked: u64,
    /// Not all of it could be promised in time.
    pub refused: u64,
    pub kept: u64,
    pub broken: u64,
    pub cancelled: u64,
    pub open: u64,
    /// Promised at another store than the customer's own.
    pub elsewhere: u64,
    /// Promised, in part, out of deliveries to come.
    pub out_of_supply: u64,
    pub parcels: u64,
    /// What all that was promised costs to send, in cents.
    pub cents: i64,
}

/// A year's orders under one rule.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Promises {
    pub rule: Rule,
    pub pick_up: Tally,
    pub delivery: Tally,
    /// Deliveries that every rule promised, and what those cost by this one: set where rules are compared.
    pub deliveries_of_all_rules: u64,
    pub cents_of_all_rules: i64,
    /// What each delivery costs that was promised.
    #[serde(skip)]
    cost_by_order: BTreeMap<u32, i64>,
}

impl Promises {
    pub fn new(rule: Rule) -> Promises {
        Promises {
            rule,
            pick_up: Tally::default(),
            delivery: Tally::default(),
            deliveries_of_all_rules: 0,
            cents_of_all_rules: 0,
            cost_by_order: BTreeMap::new(),
        }
    }

    fn tally(&mut self, pick_up: bool) -> &mut Tally {
        if pick_up { &mut self.pick_up } else { &mut self.delivery }
    }

    pub fn refused(&mut self, pick_up: bool) {
        let tally = self.tally(pick_up);
        tally.asked += 1;
        tally.refused += 1;
    }

    pub fn promised(
        &mut self,
        order: u32,
        pick_up: bool,
        parcels: usize,
        cents: i64,
        elsewhere: bool,
        out_of_supply: bool,
    ) {
        let tally = self.tally(pick_up);
        tally.asked += 1;
        tally.open += 1;
        tally.elsewhere += u64::from(elsewhere);
        tally.out_of_supply += u64::from(out_of_supply);
        tally.parcels += parcels as u64;
        tally.cents += cents;
        if !pick_up {
            self.cost_by_order.insert(order, cents);
        }
    }

    pub fn ended(&mut self, pick_up: bool, fate: Fate) {
        let tally = self.tally(pick_up);
        tally.open -= 1;
        match fate {
            Fate::Kept => tally.kept += 1,
            Fate::Broken => tally.broken += 1,
            Fate::Cancelled => tally.cancelled += 1,
        }
    }
}

impl Tally {
    pub fn adds_up(&self) -> bool {
        self.asked == self.refused + self.kept + self.broken + self.cancelled + self.open
    }

    pub fn promised(&self) -> u64 {
        self.asked - self.refused
    }

    /// Of a thousand promises that came due, how many were broken.
    pub fn broken_per_mille(&self) -> f64 {
        1000.0 * self.broken as f64 / (self.kept + self.broken).max(1) as f64
    }

    pub fn refused_per_mille(&self) -> f64 {
        1000.0 * self.refused as f64 / self.asked.max(1) as f64
    }
}

/// Notes of each year what the orders cost that every year promised: the only costs that can be compared.
pub fn compare(years: &mut [Promises]) {
    let Some((first, others)) = years.split_first() else { return };
    let common: Vec<u32> = first
        .cost_by_order
        .keys()
        .copied()
        .filter(|order| others.iter().all(|other| other.cost_by_order.contains_key(order)))
        .collect();
    for year in years {
        year.deliveries_of_all_rules = common.len() as u64;
        year.cents_of_all_rules = common.iter().filter_map(|order| year.cost_by_order.get(order)).sum();
    }
}
