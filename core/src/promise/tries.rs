//! Where to look first: the sequence of nodes to try for one item when picks may fail, and what it is expected to cost.

use alloc::vec::Vec;

use super::asked::Asked;
use super::certainty::Errors;
use super::chance::{ErrorModel, SURE};
use super::gather::Candidate;
use super::ruled::named;
use super::{Overlay, Question, Relaxed, Request, RequestRefused, Risk, Rulebook, View, added, product};
use crate::book::Book;
use crate::dense::NONE;
use crate::name::Name;
use crate::ordered::{Gather as _, sort_by};

/// One place to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TryTerms {
    /// The probability that it is found there, in parts per million; 0 to [`SURE`].
    pub ppm: i64,
    /// What it costs to look, found or not, in minor units; 0 to [`crate::sourcing::COST_MAX`].
    pub attempt_cost: i64,
    /// What it costs to ship from there once it is found, in minor units, up to [`crate::sourcing::COST_MAX`] either way: below zero
    /// where a rule prefers the place.
    pub ship_cost: i64,
}

impl TryTerms {
    /// `attempt / p + ship` times `p`, in parts of 10^-6: what it costs to have it from there, tried again and again.
    fn weight(self) -> i128 {
        i128::from(self.attempt_cost) * i128::from(SURE) + i128::from(self.ppm) * i128::from(self.ship_cost)
    }

    /// Whether looking there costs less than giving up.
    fn pays(self, failure_cost: i64) -> bool {
        self.ppm > 0 && self.weight() < i128::from(self.ppm) * i128::from(failure_cost)
    }

    /// `attempt / p + ship`, rounded up; none where nothing is ever found.
    fn index_cost(self) -> Option<i64> {
        (self.ppm > 0).then(|| minor(rounded_up(self.weight(), self.ppm.min(SURE))))
    }
}

/// The best sequence of places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// The places in the order in which they are tried; those that do not pay are not among them.
    pub order: Vec<usize>,
    /// What that is expected to cost, giving up included, in minor units, rounded to the nearest.
    pub expected_cost: i64,
    /// The probability that it is found at all, in parts per million, rounded down.
    pub ppm: i64,
}

/// The cheapest sequence of places to look at, where each is found or not on its own and giving up at the end costs
/// `failure_cost`.
///
/// The expected cost of a sequence is the sum over its places of the probability of getting there times `attempt + p ship`, plus
/// the probability of finding nothing times the cost of giving up. Two neighbours are in their better order when the one with the
/// lower `attempt / p + ship` is first, and a place pays if that is below the cost of giving up: sorting is optimal, and exact
/// because fractions are compared by products of integers. Of equal places the first given is tried first.
///
/// ```
/// use onhand::promise::{TryTerms, sequence};
/// // Near but doubtful, or dear and sure.
/// let near = TryTerms { ppm: 500_000, attempt_cost: 100, ship_cost: 200 };
/// let sure = TryTerms { ppm: 1_000_000, attempt_cost: 100, ship_cost: 600 };
/// let best = sequence(&[sure, near], 5_000);
/// assert_eq!((best.order, best.expected_cost, best.ppm), (vec![1, 0], 550, 1_000_000));
/// ```
pub fn sequence(places: &[TryTerms], failure_cost: i64) -> Sequence {
    let mut paying: Vec<(usize, TryTerms)> =
        places.iter().copied().enumerate().filter(|(_, place)| place.pays(failure_cost)).gather();
    sort_by(&mut paying, |(_, one), (_, other)| {
        times(one.weight(), other.ppm).cmp(&times(other.weight(), one.ppm))
    });
    // From the end: what it costs to go on from each place, in millionths, each rounded up.
    let (mut expected, mut missed) = (times(failure_cost.into(), SURE), SURE * SURE);
    for (_, place) in paying.iter().rev() {
        let fails = (SURE - place.ppm).max(0);
        expected = place.weight() + rounded_up(times(expected, fails), SURE);
        missed = (missed * fails + SURE - 1) / SURE;
    }
    Sequence {
        order: paying.into_iter().map(|(at, _)| at).gather(),
        expected_cost: minor(over(expected + i128::from(SURE / 2), SURE)),
        ppm: SURE - (missed + SURE - 1) / SURE,
    }
}

/// A product whose factors are within their limits: it is within 128 bits, and is not held against them again.
pub(super) fn times(parts: i128, by: i64) -> i128 {
    parts.wrapping_mul(by.into())
}

/// Parts over a number of at most 2^31, rounded down, below zero as well: 32 bits at a time, from the top.
fn over(parts: i128, per: i64) -> i128 {
    let low = |parts: i128| i64::try_from(parts & i128::from(u32::MAX)).unwrap_or(0);
    let (mut whole, mut rest) = (0, 0);
    for bits in [i64::try_from(parts >> 96).unwrap_or(0), low(parts >> 64), low(parts >> 32), low(parts)] {
        let next = (rest << 32) + bits;
        whole = (whole << 32) + i128::from(next.div_euclid(per));
        rest = next.rem_euclid(per);
    }
    whole
}

fn rounded_up(parts: i128, per: i64) -> i128 {
    over(parts + i128::from(per - 1), per)
}

/// Whole minor units, as far as they are in range.
fn minor(units: i128) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// Where to look for one item, in the order in which to look, and what that is expected to cost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tries {
    /// What it is expected to cost, giving up included, in minor units, rounded to the nearest.
    pub expected_cost: i64,
    /// The probability that it is found at all, in parts per million, rounded down.
    pub ppm: i64,
    /// What giving up costs, in minor units: the policy's cost of failure for all units.
    pub failure_cost: i64,
    /// The nodes to try, in that order.
    pub tries: Vec<Try>,
    /// Nodes that have it and where looking costs no less than giving up, in the order of their names; under rules, in the order that
    /// decides ties.
    pub left_out: Vec<Try>,
    /// Soft rules that were relaxed, as in a promise of the request; none without a rulebook.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub relaxed: Vec<Relaxed>,
}

/// A node to look at, with what its place in the sequence follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Try {
    /// The node.
    pub node: Name,
    /// How it would be shipped; `None` for pick-up.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub method: Option<Name>,
    /// When it would arrive if it was looked for now, in milliseconds.
    pub arrive_by: i64,
    /// What the book says is sellable at the node, less what is withheld.
    pub record: i64,
    /// Units there that others have claimed.
    pub claimed: i64,
    /// How the record errs.
    pub error: ErrorModel,
    /// The probability that it is found, in parts per million.
    pub ppm: i64,
    /// What it costs to look.
    pub attempt_cost: i64,
    /// What it costs to ship all of it, in minor units; below zero where a rule prefers the node.
    pub ship_cost: i64,
    /// `attempt / p + ship`, in minor units rounded up: the lowest is tried first; none where nothing is ever found.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub index_cost: Option<i64>,
}

impl Book {
    /// Where to look for one item and in which order, when picks may fail: every node that has all units of it now and passes
    /// the checks. Giving up costs the risk's `failure_cost` for each unit, and looking its `attempt_cost`. A later try leaves
    /// later: the caller holds the arrival of each against the time that failed tries took.
    ///
    /// # Errors
    ///
    /// As [`Book::promise_surely`]; a request for more than one item is [`RequestRefused::TooManyLines`].
    pub fn tries(&self, request: &Request, risk: &Risk) -> Result<Tries, RequestRefused> {
        let risk = self.numbered_risk(risk)?;
        self.tries_of(&self.question(request)?, &risk)
    }

    /// [`Book::tries`] of a question in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::tries`].
    pub fn tries_of(&self, question: &Question, risk: &Risk<u32>) -> Result<Tries, RequestRefused> {
        self.check_question(question)?;
        let item = sought(question, risk)?;
        let gathered = self.gather(question, &Overlay::default());
        let mut places = Vec::new();
        for (candidate, cell) in gathered.candidates.iter().zip(&gathered.cells) {
            let portions = gathered.portions_of(candidate, 0).filter(|portion| portion.supply != NONE);
            let to_come: i64 = portions.map(|portion| portion.units).sum();
            if cell.available - to_come >= item.1 {
                add_place(&mut places, candidate, ship_cost(candidate, cell.unit_cost, item.1));
            }
        }
        Ok(self.tries_at(question.now, item, risk, &places))
    }

    /// Where to look under the rules of a rulebook: every node that has all units now and may ship all of them. Soft rules are relaxed that
    /// [`Book::promise_under`] relaxes for the request. Of several ways from a node the cheapest is named. Without any rules it
    /// answers what [`Book::tries`] does; what stands in for the item is not looked for.
    ///
    /// # Errors
    ///
    /// As [`Book::tries`] and [`Book::promise_under`].
    ///
    /// ```
    /// use onhand::promise::{Destination, Request, Risk, Rule, Rulebook, Term};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// receipt.node = Some(Name::new("store-1")?);
    /// receipt.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// book.evolve(&receipt)?;
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 1)?;
    /// let risk = Risk { failure_cost: 500, ..Risk::default() };
    /// assert_eq!(book.tries_under(&Rulebook::default(), &request, &risk)?.tries.len(), 1);
    /// let closed = Rule::new(Name::new("closed for stocktaking")?, Term::Exclude {});
    /// let rulebook = Rulebook { rules: vec![closed], ..Rulebook::default() };
    /// let tries = book.tries_under(&rulebook, &request, &risk)?;
    /// assert_eq!((tries.tries.len(), tries.expected_cost), (0, 500));
    /// # Ok(()) }
    /// ```
    pub fn tries_under(
        &self,
        rulebook: &Rulebook,
        request: &Request,
        risk: &Risk,
    ) -> Result<Tries, RequestRefused> {
        let risk = self.numbered_risk(risk)?;
        self.tries_under_of(rulebook, &self.question(request)?, request.channel.as_ref(), &risk)
    }

    /// [`Book::tries_under`] of a question in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::tries_under`].
    pub fn tries_under_of(
        &self,
        rulebook: &Rulebook,
        question: &Question,
        channel: Option<&Name>,
        risk: &Risk<u32>,
    ) -> Result<Tries, RequestRefused> {
        rulebook.check()?;
        self.check_question(question)?;
        let item = sought(question, risk)?;
        let overlay = Overlay::default();
        let mut asked = Asked::of(self, rulebook, question, channel, View::of(&overlay));
        // Only for soft rules it matters what a plan fills.
        let (reach, relaxed) = match asked.rules.iter().any(|applied| applied.rule.soft) {
            true => asked.relax().map(|(attempt, relaxed, _)| (attempt.reach, relaxed))?,
            false => (asked.reach(), Vec::new()),
        };
        // All of it in one parcel breaks no other limit than room for so many units.
        let has_room = |at: usize| {
            let mut full = reach.limits.sums.iter().filter(|sum| sum.most < item.1);
            full.all(|sum| sum.cells.iter().all(|(cell, _)| *cell != at))
        };
        let mut places: Vec<(&Candidate, i64)> = Vec::new();
        for (at, (candidate, cell)) in reach.candidates.iter().zip(&reach.cells).enumerate() {
            let candidate = &candidate.at;
            let portions = reach.portions.get(candidate.portions.clone()).unwrap_or_default().iter();
            let to_come = portions.filter(|portion| portion.supply != NONE).map(|portion| portion.units);
            if cell.available - to_come.sum::<i64>() < item.1 || !has_room(at) {
                continue;
            }
            add_place(&mut places, candidate, ship_cost(candidate, cell.unit_cost, item.1));
        }
        let tries = self.tries_at(question.now, item, risk, &places);
        Ok(Tries { relaxed: named(rulebook, &relaxed), ..tries })
    }

    /// The best sequence of nodes that have all units now, each with what it costs to ship them from there.
    fn tries_at(
        &self,
        now: i64,
        (sku, wanted): (u32, i64),
        risk: &Risk<u32>,
        places: &[(&Candidate, i64)],
    ) -> Tries {
        let errors = Errors::of(risk);
        let (mut tries, mut terms): (Vec<Try>, Vec<TryTerms>) = (Vec::new(), Vec::new());
        for (candidate, ship_cost) in places {
            let shelf = self.shelf(sku, candidate.node, now);
            let error = errors.at(sku, candidate.node);
            let ppm = error.found_ppm(shelf.fit() - shelf.claimed, wanted);
            let place = TryTerms { ppm, attempt_cost: risk.attempt_cost, ship_cost: *ship_cost };
            terms.push(place);
            tries.push(Try {
                node: self.location_name(candidate.node),
                method: (candidate.method != NONE).then(|| Name::known(self.words.text(candidate.method))),
                arrive_by: candidate.arrive_by,
                record: shelf.fit(),
                claimed: shelf.claimed,
                error,
                ppm,
                attempt_cost: risk.attempt_cost,
                ship_cost: *ship_cost,
                index_cost: place.index_cost(),
            });
        }
        let failure_cost = product(risk.failure_cost, wanted);
        let best = sequence(&terms, failure_cost);
        let left_out = (0..tries.len()).filter(|at| !best.order.contains(at));
        let pick = |at: usize| tries.get(at).cloned();
        Tries {
            expected_cost: best.expected_cost,
            ppm: best.ppm,
            failure_cost,
            left_out: left_out.filter_map(pick).gather(),
            tries: best.order.into_iter().filter_map(pick).gather(),
            relaxed: Vec::new(),
        }
    }
}

/// The one item of a question, and how many of it.
fn sought(question: &Question, risk: &Risk<u32>) -> Result<(u32, i64), RequestRefused> {
    risk.check()?;
    match *question.lines.as_slice() {
        [item] => Ok(item),
        _ => Err(RequestRefused::TooManyLines { lines: question.lines.len() }),
    }
}

/// Each node once, by its cheapest way; of equal ones by that which arrives first.
fn add_place<'a>(places: &mut Vec<(&'a Candidate, i64)>, candidate: &'a Candidate, ship_cost: i64) {
    match places.last_mut().filter(|(last, _)| last.node == candidate.node) {
        Some((last, cost)) if (*cost, last.arrive_by) <= (ship_cost, candidate.arrive_by) => {}
        Some(last) => *last = (candidate, ship_cost),
        None => places.push((candidate, ship_cost)),
    }
}

fn ship_cost(candidate: &Candidate, unit_cost: i64, units: i64) -> i64 {
    added(candidate.parcel_cost, product(unit_cost, units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_shared_out_exactly_on_both_sides_of_zero() {
        let mut parts: i128 = 1;
        for step in 0..40_000u32 {
            parts = parts.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(step.into());
            let (sized, per) = (parts >> (step % 128), 1 + i64::from(step) * 53_687);
            for per in [1, 2, SURE, 1 << 31, per] {
                assert_eq!(over(sized, per), sized.div_euclid(per.into()), "{sized} over {per}");
            }
        }
        assert_eq!([-7, -6, -1, 0, 1, 6, 7].map(|parts| rounded_up(parts, 3)), [-2, -2, 0, 0, 1, 2, 3]);
    }
}
