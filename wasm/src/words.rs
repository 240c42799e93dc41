//! Questions and answers that are asked often, as lists of numbers: no texts cross, JavaScript knows the names.
//!
//! Question: `to, pick_up, now, needed_by (-1 none), line_split, ship_complete, consolidate, nodes_max (0 none), horizon_ms, shortfall_cost,
//! greedy, steps_max, explain, methods, lines`, then the methods, then `sku, quantity` for each line.
//!
//! Answer: `refused (0 or the place of the refusal, from 1), value`; when not refused `cost, bound, proven, steps, version,
//! shipments, short, passed`, then for each shipment `node, method, release_by, arrive_by, cost, takes` and for each take `line,
//! units, supply`, then for each line that is short `line, available, earliest (-1 never)`, then for each node passed over `node, check,
//! number`.
//!
//! Changes of the view, for each: `kind (its place), sku, node, units, due (-1 none), supply (a word)`, where what a kind does not need is 0.
//!
//! Risk: `supply_ppm, failure_cost, attempt_cost, weigh`, then `sku (-1 every), node (-1 every), wrong_ppm, mean_milli` for each error
//! model. Answer, before that of the promise: `how many numbers follow (0 when refused), expected_cost, ppm, shipments`, then for each
//! shipment `ppm, lines`, and for each line `sku, on_hand, to_come, record, claimed, wrong_ppm, mean_milli, ppm, failure_cost`.
//!
//! Under rules, before that of the promise: `how many numbers follow (0 when refused), relaxed, reached`, for each relaxed rule `rule,
//! units, saves`, for each goal `measure (its place), value`, then for each shipment `order_by (-1 none)`, then for each node
//! passed over `sku, rule (-1 none each)`, then how much stands in for what is short, and for each `row, sku, shipment, line, times,
//! units, supply`, by row and item; then, where there is a risk, how sure it is, as above.
//!
//! Question of available to promise: `now, flavour (its place), window_ms (-1 none), infinite_after_ms (-1 none)`, for supply and
//! for demand `ignored_after_ms (-1 none), offset_ms`, `starts`, then the starts, `demands`, then `time, units` for each. Answer: `time,
//! supply, demand, projected, raw, available, binds_at` for each bucket.

use onhand::atp::{Atp, Dated, Flavour, Late, Rule};
use onhand::limits::REQUEST_LINES_MAX;
#[cfg(feature = "rules")]
use onhand::promise::PlanUnder;
use onhand::promise::{
    Certainty, Change, ErrorModel, ErrorTerms, Explain, Plan, Policy, Question, RequestRefused, Risk, Search,
    Strategy, Want, Wish,
};
use onhand::{Availability, Book, Time};

use crate::reader::Reader;

/// Numbers of the core stay within what a float holds exactly.
pub(crate) fn number(value: i64) -> f64 {
    value as f64
}

/// A float that is a whole number within the safe range.
pub(crate) fn integer(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_991.0).then_some(value as i64)
}

pub(crate) fn availability(shelf: &Availability) -> [f64; 8] {
    let fields = [
        shelf.on_hand,
        shelf.sellable,
        shelf.claimed,
        shelf.protected,
        shelf.available,
        shelf.overcommitted,
        shelf.backorder_limit,
        shelf.withheld,
    ];
    fields.map(number)
}

pub(crate) fn rule(words: &mut Reader<'_>) -> Option<(Time, Rule, Vec<Dated>)> {
    let now = words.time()?;
    let flavour = *Flavour::ALL.get(words.place()?)?;
    let (window_ms, infinite_after_ms) = (words.optional()?, words.optional()?);
    let mut late = || Some(Late { ignored_after_ms: words.optional()?, offset_ms: words.integer()? });
    let (late_supply, late_demand) = (late()?, late()?);
    let starts = words.list(Reader::integer)?;
    let demand = words.list(|words| Some(Dated { time: words.integer()?, units: words.integer()? }))?;
    Some((now, Rule { flavour, window_ms, infinite_after_ms, starts, late_supply, late_demand }, demand))
}

pub(crate) fn buckets(atp: &Atp) -> Vec<i64> {
    let buckets = atp.buckets.iter().flat_map(|one| {
        [one.time, one.supply, one.demand, one.projected, one.raw, one.available, one.binds_at]
    });
    buckets.collect()
}

/// Where questions of promising are written and answered: JavaScript reads and writes the memory itself.
pub(crate) struct Desk {
    question: Box<[f64]>,
    answer: Vec<f64>,
}

/// Numbers of the longest question: its head, and methods and lines at their limits.
const QUESTION: usize = 15 + METHODS_MAX + 2 * REQUEST_LINES_MAX;
const METHODS_MAX: usize = 64;

impl Default for Desk {
    fn default() -> Desk {
        Desk { question: vec![0.0; QUESTION].into(), answer: Vec::new() }
    }
}

impl Desk {
    /// Where questions are written.
    pub(crate) fn address(&self) -> usize {
        self.question.as_ptr().addr()
    }

    /// The question of so many numbers that was written.
    pub(crate) fn question(&self, length: usize) -> Option<Question> {
        question(self.question.get(..length)?)
    }

    /// Writes whether something is so, then units, and says where.
    pub(crate) fn column(&mut self, is_so: bool, units: &[i64]) -> usize {
        self.answer.clear();
        self.answer.push(f64::from(u8::from(is_so)));
        self.answer.extend(units.iter().map(|units| number(*units)));
        self.answer.as_ptr().addr()
    }

    /// Writes how many pairs there are, then the first of each, then the second of each, and says where.
    pub(crate) fn columns(&mut self, pairs: &[(u32, i64)]) -> usize {
        self.answer.clear();
        self.answer.push(pairs.len() as f64);
        self.answer.extend(pairs.iter().map(|(number, _)| f64::from(*number)));
        self.answer.extend(pairs.iter().map(|(_, units)| number(*units)));
        self.answer.as_ptr().addr()
    }

    /// Writes the answer, and says where.
    pub(crate) fn answer(&mut self, book: &Book, plan: &Result<Plan, RequestRefused>) -> usize {
        self.answer.clear();
        self.add(book, plan)
    }

    /// Writes how sure an answer is, then the answer, and says where.
    #[cfg(not(feature = "rules"))]
    pub(crate) fn sure_answer(
        &mut self,
        book: &Book,
        answered: Result<(Plan, Certainty<u32>), RequestRefused>,
    ) -> usize {
        self.answer.clear();
        self.answer.push(0.0);
        let plan = answered.map(|(plan, sure)| {
            certainty(&sure, &mut self.answer);
            self.answer[0] = (self.answer.len() - 1) as f64;
            plan
        });
        self.add(book, &plan)
    }

    /// Writes what rules have to do with an answer and how sure it is, where that was asked, then the answer, and says where.
    #[cfg(feature = "rules")]
    pub(crate) fn ruled_answer(
        &mut self,
        book: &Book,
        answered: Result<(PlanUnder, Option<Certainty<u32>>), RequestRefused>,
    ) -> usize {
        self.answer.clear();
        self.answer.push(0.0);
        let plan = answered.map(|(under, sure)| {
            ruled(&under, &mut self.answer);
            if let Some(sure) = sure {
                certainty(&sure, &mut self.answer);
            }
            self.answer[0] = (self.answer.len() - 1) as f64;
            under.plan
        });
        self.add(book, &plan)
    }

    fn add(&mut self, book: &Book, plan: &Result<Plan, RequestRefused>) -> usize {
        match plan {
            Ok(plan) => answer(book, plan, &mut self.answer),
            Err(refused) => self.answer.extend(refusal(refused)),
        }
        self.answer.as_ptr().addr()
    }
}

fn question(words: &[f64]) -> Option<Question> {
    let words = &mut Reader::new(words, "");
    let to = words.id()?;
    let pick_up = words.flag()?;
    let now = words.integer()?;
    let needed_by = words.integer()?;
    let policy = Policy {
        line_split: words.flag()?,
        ship_complete: words.flag()?,
        consolidate: words.flag()?,
        nodes_max: Some(words.id()?).filter(|most| *most != 0),
        horizon_ms: words.integer()?,
        shortfall_cost: words.integer()?,
        search: if words.flag()? { Search::Greedy } else { Search::Exact },
        steps_max: u64::try_from(words.integer()?).ok()?,
    };
    let explain = match words.integer()? {
        0 => Explain::None,
        1 => Explain::Summary,
        _ => Explain::Full,
    };
    let (methods, lines) = (words.id()?, words.id()?);
    let methods = (0..methods).map(|_| words.id()).collect::<Option<Vec<u32>>>()?;
    let mut asked = Vec::with_capacity(REQUEST_LINES_MAX);
    for _ in 0..lines {
        asked.push((words.id()?, words.integer()?));
    }
    let needed_by = if needed_by < 0 { i64::MAX } else { needed_by };
    Some(Question { lines: asked, to, pick_up, methods, now, needed_by, policy, explain })
}

pub(crate) fn changes(words: &mut Reader<'_>) -> Option<Vec<Change<u32>>> {
    let mut changes = Vec::new();
    while !words.is_empty() {
        let (kind, sku, node) = (words.id()?, words.id()?, words.id()?);
        let (units, due, supply) = (words.integer()?, words.optional()?, words.id()?);
        changes.push(match kind {
            0 => Change::Stock { sku, node, units },
            1 => Change::Supply { sku, node, units, due: due? },
            2 => Change::Moved { supply, sku, node, due },
            3 => Change::OnLine { node, on_line: units != 0 },
            4 => Change::Unprotected { sku, node },
            _ => return None,
        });
    }
    Some(changes)
}

pub(crate) fn risk(words: &mut Reader<'_>) -> Option<Risk<u32>> {
    let [supply_ppm, failure_cost, attempt_cost] = [words.integer()?, words.integer()?, words.integer()?];
    let weigh = words.flag()?;
    let mut errors = Vec::new();
    while !words.is_empty() {
        let mut id = || Some(words.optional()?.and_then(|id| u32::try_from(id).ok()));
        let (sku, node) = (id()?, id()?);
        let error = ErrorModel { wrong_ppm: words.integer()?, mean_milli: words.integer()? };
        errors.push(ErrorTerms { sku, node, error });
    }
    Some(Risk { errors, supply_ppm, failure_cost, attempt_cost, weigh })
}

/// What is wished of an answer, and the steps.
pub(crate) fn wish(words: &mut Reader<'_>) -> Option<(Wish, u64)> {
    let (by, steps_max) = (words.integer()?, words.integer()?);
    let wish = if by == 0 { Wish::Whole } else { Wish::Cheaper(by) };
    Some((wish, steps_max.unsigned_abs()))
}

/// What an order line wants of an item that is dealt out anew.
pub(crate) fn want(words: &mut Reader<'_>) -> Option<Want> {
    Some(Want {
        subject: words.name()?,
        line: words.name()?,
        strategy: *Strategy::ALL.get(words.place()?)?,
        wanted: words.integer()?,
        needed_by: words.optional()?,
    })
}

fn certainty(sure: &Certainty<u32>, words: &mut Vec<f64>) {
    words.extend([number(sure.expected_cost), number(sure.ppm), sure.shipments.len() as f64]);
    for shipment in &sure.shipments {
        words.extend([number(shipment.ppm), shipment.lines.len() as f64]);
        for line in &shipment.lines {
            words.push(f64::from(line.sku));
            let error = line.error;
            words
                .extend([line.on_hand, line.to_come, line.record, line.claimed, error.wrong_ppm].map(number));
            words.extend([error.mean_milli, line.ppm, line.failure_cost].map(number));
        }
    }
}

#[cfg(feature = "rules")]
fn ruled(under: &PlanUnder, words: &mut Vec<f64>) {
    let place = |place: Option<usize>| place.map_or(-1.0, |place| place as f64);
    words.extend([under.relaxed.len() as f64, under.reached.len() as f64]);
    for one in &under.relaxed {
        words.extend([one.rule as f64, number(one.units), number(one.saves)]);
    }
    for one in &under.reached {
        words.extend([f64::from(one.measure as u8), number(one.value)]);
    }
    words.extend(under.order_by.iter().map(|moment| number(moment.unwrap_or(-1))));
    for (sku, rule) in &under.about {
        words.extend([sku.map_or(-1.0, f64::from), place(*rule)]);
    }
    words.push(under.stand_ins.len() as f64);
    for one in &under.stand_ins {
        words.extend([one.row as f64, f64::from(one.sku), one.shipment as f64, one.line as f64]);
        words.extend([number(one.times), number(one.units), f64::from(one.supply)]);
    }
}

fn answer(book: &Book, plan: &Plan, words: &mut Vec<f64>) {
    let count = |length: usize| length as f64;
    let short =
        || plan.shortfall.iter().zip(&plan.reach).enumerate().filter(|(_, (missing, _))| **missing > 0);
    words.extend([0.0, 0.0, number(plan.cost), number(plan.bound), f64::from(u8::from(plan.proven))]);
    words.extend([plan.steps as f64, book.version() as f64, count(plan.shipments.len())]);
    words.extend([count(short().count()), count(plan.passed.len())]);
    for shipment in &plan.shipments {
        words.extend([f64::from(shipment.node), f64::from(shipment.method)]);
        words.extend([shipment.release_by, shipment.arrive_by, shipment.cost].map(number));
        words.push(count(shipment.takes.len()));
        for (line, units, supply) in &shipment.takes {
            words.extend([count(*line), number(*units), f64::from(*supply)]);
        }
    }
    for (line, (_, (available, earliest))) in short() {
        let earliest = if *earliest == i64::MAX { -1 } else { *earliest };
        words.extend([count(line), number(*available), number(earliest)]);
    }
    for passed in &plan.passed {
        words.extend([f64::from(passed.node), f64::from(passed.check as u8), number(passed.number)]);
    }
}

/// The refusals that a question in numbers can meet.
fn refusal(refused: &RequestRefused) -> [f64; 2] {
    let (place, value) = match refused {
        RequestRefused::NoLines => (1.0, 0.0),
        RequestRefused::TooManyLines { lines } => (2.0, *lines as f64),
        RequestRefused::QuantityNotPositive { line, .. } => (3.0, *line as f64),
        RequestRefused::UnknownNode { .. } => (5.0, 0.0),
        RequestRefused::UnknownSku { .. } => (6.0, 0.0),
        _ => (4.0, 0.0),
    };
    [place, value]
}
