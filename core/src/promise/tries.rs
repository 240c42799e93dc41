//! Where to look first: the sequence of nodes to try for one item when picks may fail, and what it is expected to cost.

use alloc::vec::Vec;

use super::certainty::Errors;
use super::chance::{ErrorModel, SURE};
use super::{Overlay, Question, Request, RequestRefused, Risk};
use crate::book::Book;
use crate::dense::NONE;
use crate::name::Name;
use crate::ordered::{Gather as _, sort_by};

/// One place to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TryTerms {
    /// The probability that it is found there, in parts per million.
    pub ppm: i64,
    /// What it costs to look, found or not, in minor units; 0 to [`crate::sourcing::COST_MAX`].
    pub attempt_cost: i64,
    /// What it costs to ship from there once it is found, in minor units; 0 to [`crate::sourcing::COST_MAX`].
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
        let ppm = i128::from(self.ppm);
        (ppm > 0).then(|| i64::try_from((self.weight() + ppm - 1) / ppm).unwrap_or(i64::MAX))
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
        (one.weight() * i128::from(other.ppm)).cmp(&(other.weight() * i128::from(one.ppm)))
    });
    // From the end: what it costs to go on from each place, in millionths, each rounded up.
    let million = i128::from(SURE);
    let (mut expected, mut missed) = (i128::from(failure_cost) * million, million * million);
    for (_, place) in paying.iter().rev() {
        let fails = million - i128::from(place.ppm);
        expected = place.weight() + (fails * expected + million - 1) / million;
        missed = (fails * missed + million - 1) / million;
    }
    let found = million - (missed + million - 1) / million;
    Sequence {
        order: paying.into_iter().map(|(at, _)| at).gather(),
        expected_cost: i64::try_from((expected + million / 2) / million).unwrap_or(i64::MAX),
        ppm: i64::try_from(found).unwrap_or(0),
    }
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
    /// Nodes that have it and where looking costs no less than giving up, in the order of their names.
    pub left_out: Vec<Try>,
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
    /// What it costs to ship.
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
        risk.check()?;
        let [(sku, wanted)] = *question.lines.as_slice() else {
            return Err(RequestRefused::TooManyLines { lines: question.lines.len() });
        };
        let errors = Errors::of(risk);
        let gathered = self.gather(question, &Overlay::default());
        let (mut tries, mut terms): (Vec<Try>, Vec<TryTerms>) = (Vec::new(), Vec::new());
        for (candidate, cell) in gathered.candidates.iter().zip(&gathered.cells) {
            let to_come = gathered.portions_of(candidate, 0).any(|portion| portion.supply != NONE);
            if cell.available < wanted || to_come {
                continue;
            }
            let shelf = self.shelf(sku, candidate.node, question.now);
            let error = errors.at(sku, candidate.node);
            let ppm = error.found_ppm(shelf.fit() - shelf.claimed, wanted);
            let ship_cost = candidate.parcel_cost.saturating_add(cell.unit_cost.saturating_mul(wanted));
            let place = TryTerms { ppm, attempt_cost: risk.attempt_cost, ship_cost };
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
                ship_cost,
                index_cost: place.index_cost(),
            });
        }
        let failure_cost = risk.failure_cost.saturating_mul(wanted);
        let best = sequence(&terms, failure_cost);
        let left_out = (0..tries.len()).filter(|at| !best.order.contains(at));
        let pick = |at: usize| tries.get(at).cloned();
        Ok(Tries {
            expected_cost: best.expected_cost,
            ppm: best.ppm,
            failure_cost,
            left_out: left_out.filter_map(pick).gather(),
            tries: best.order.into_iter().filter_map(pick).gather(),
        })
    }
}
