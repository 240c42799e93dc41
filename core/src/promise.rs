//! Promising: what can be offered, from where, by when, at what cost, and why.
//!
//! An offer commits nothing: it offers only what [`Book::execute`] would reserve at this moment, and accepting it checks
//! again. The path is one: gather what each node has (`gather`), let [`crate::sourcing`] choose, say what was chosen.

mod accept;
mod again;
mod answer;
mod asked;
mod at_once;
mod branch;
mod certainty;
mod chance;
mod check;
mod counterfactual;
mod gather;
mod geo;
mod objective;
mod parcels;
mod protection;
mod reach;
mod redistribute;
mod request;
mod ruled;
mod rules;
mod scope;
mod stand_in;
#[cfg(feature = "serde")]
mod text;
mod timetable;
mod tries;
mod whatif;

use crate::ordered::Gather as _;
use alloc::vec::Vec;

pub use accept::AcceptRefused;
pub use again::{OpenPromise, PromiseRef, PromisesPage};
pub use answer::{Offer, OfferLine, Passed, Relaxed, Shipment, Unmet};
pub use certainty::{Certainty, ErrorTerms, LineCertainty, Risk, ShipmentCertainty, SureOffer};
pub use chance::{BUFFER_MAX, ErrorModel, MEAN_MILLI_MAX, SURE};
pub use check::Check;
pub use counterfactual::{ASKED_EARLIER_MAX, Counterfactual, REMEDY_STEPS_DEFAULT, Remedy, RemedyKind, Wish};
pub use objective::{GOALS_MAX, Goal, Measure, Objective, Reached, Tie};
pub use protection::{AllocationRow, SafetyRow};
pub use redistribute::{Dealt, Got, Strategy, Want};
pub use request::{Destination, Explain, Policy, Request, RequestLine, RequestRefused, Search};
pub use ruled::{PlanUnder, RelaxedRule, StandIn, With};
pub use rules::{
    Group, LotRow, Part, Rejection, Room, Rule, Rulebook, Scope, Site, StandInRow, Term, VerdictRow, WorthRow,
};
pub use timetable::{CarrierHours, Leg, NamedCalendar, NamedClock, NodeHours, Times, Timetable};
pub use tries::{Sequence, Tries, Try, TryTerms, sequence};
pub use whatif::{Change, Overlay};

use crate::book::Book;
use crate::dense::NONE;
use crate::sourcing::{self, Need, Problem, Stocked, Take};
use gather::{Candidate, Gathered};
use whatif::View;

/// A question in the numbers of a book ([`Book::intern`]).
#[derive(Clone, Debug)]
pub struct Question {
    /// Items and units; one line for each item.
    pub lines: Vec<(u32, i64)>,
    /// The zone (a word) or, for pick-up, the node.
    pub to: u32,
    /// Whether `to` is a node.
    pub pick_up: bool,
    /// Methods (words) that may be used; none means all.
    pub methods: Vec<u32>,
    /// The moment of the question, in milliseconds.
    pub now: i64,
    /// The latest arrival, in milliseconds; `i64::MAX` for none.
    pub needed_by: i64,
    /// How to choose.
    pub policy: Policy,
    /// How much to explain.
    pub explain: Explain,
}

impl Question {
    /// Units of all lines.
    fn units(&self) -> i64 {
        self.lines.iter().map(|(_, wanted)| wanted).sum()
    }
}

/// An answer in the numbers of a book: [`Offer`] without names.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Cost in minor units, shortfall included.
    pub cost: i64,
    /// No plan costs less.
    pub bound: i64,
    /// The plan is the cheapest there is.
    pub proven: bool,
    /// Steps of the search.
    pub steps: u64,
    /// Parcels or hand-overs.
    pub shipments: Vec<PlanShipment>,
    /// For each line of the question: units that are not filled.
    pub shortfall: Vec<i64>,
    /// For each line that is not filled: units that all eligible nodes have together, and when the first of them arrives
    /// (`i64::MAX`: never). Nothing is said of the others.
    pub reach: Vec<(i64, i64)>,
    /// Why nodes are not in the plan; only with [`Explain::Full`].
    pub passed: Vec<PlanPassed>,
    /// What of the cost is a charge for failure: 0 unless the plan was chosen by its expected cost.
    pub charged: i64,
}

/// A parcel or hand-over of a [`Plan`].
#[derive(Clone, Debug)]
pub struct PlanShipment {
    /// The node.
    pub node: u32,
    /// The method (a word); `u32::MAX` for pick-up.
    pub method: u32,
    /// When it leaves or is ready, in milliseconds.
    pub release_by: i64,
    /// When it arrives, in milliseconds.
    pub arrive_by: i64,
    /// Parcel and units, in minor units.
    pub cost: i64,
    /// Place of the line, units, and the supply (a number of the book) or `u32::MAX` for on hand.
    pub takes: Vec<(usize, i64, u32)>,
}

/// Why a node is not in a [`Plan`].
#[derive(Clone, Copy, Debug)]
pub struct PlanPassed {
    /// The node.
    pub node: u32,
    /// The check that it did not pass.
    pub check: Check,
    /// The number behind the check, as [`Check`] says.
    pub number: i64,
}

impl Book {
    /// Answers what can be offered.
    ///
    /// # Errors
    ///
    /// [`RequestRefused`] when the request cannot be looked at; an order that cannot be filled is an offer with `unmet` lines.
    ///
    /// ```
    /// use onhand::promise::{Destination, Request};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// receipt.node = Some(Name::new("store-1")?);
    /// receipt.lines.push(Line::new(Name::new("TEA-250")?, 5)?);
    /// book.evolve(&receipt)?;
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let offer = book.promise(&Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 7)?)?;
    /// assert_eq!(offer.shipments[0].lines[0].quantity, 5);
    /// assert_eq!((offer.unmet[0].quantity, offer.unmet[0].available), (2, 5));
    /// # Ok(()) }
    /// ```
    pub fn promise(&self, request: &Request) -> Result<Offer, RequestRefused> {
        let question = self.question(request)?;
        let plan = self.plan(&question)?;
        Ok(self.offer(request, &question, &plan))
    }

    /// [`Book::promise`] in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`].
    pub fn plan(&self, question: &Question) -> Result<Plan, RequestRefused> {
        self.plan_if(question, &Overlay::default())
    }

    /// [`Book::plan`] where that takes no more than what nodes have on hand, as of most questions in a page; `None` where supply to come,
    /// a counter, a choice of ways or an explanation has to be looked at. For bindings whose other questions go another way.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`].
    pub fn plan_at_once(&self, question: &Question) -> Result<Option<Plan>, RequestRefused> {
        self.check_question(question)?;
        let at_once = self.gather_at_once(question, &Overlay::default());
        at_once.map(|(gathered, stocked)| chosen(question, gathered, Some(stocked), &[])).transpose()
    }

    /// The plan of a question that was checked, on a view that may be supposed otherwise than the book says.
    fn plan_over(&self, question: &Question, view: View<'_>) -> Result<Plan, RequestRefused> {
        let weighed = view.risk.filter(|risk| risk.weigh);
        // What a risk is charged for is the cells of the table.
        let at_once = if weighed.is_none() { self.gather_at_once(question, view.overlay) } else { None };
        if let Some((gathered, stocked)) = at_once {
            return chosen(question, gathered, Some(stocked), &[]);
        }
        let mut gathered = self.gather(question, view.overlay);
        let charges =
            weighed.map_or_else(Vec::new, |risk| self.charge(question, risk, view.overlay, &mut gathered));
        chosen(question, gathered, None, &charges)
    }
}

/// The plan that is chosen from what was gathered, with what each cell is charged for failure.
fn chosen(
    question: &Question,
    mut gathered: Gathered,
    stocked: Option<Stocked>,
    charges: &[i64],
) -> Result<Plan, RequestRefused> {
    let problem = problem_of(question, &mut gathered);
    let stocked = stocked.unwrap_or_else(|| Stocked::of(&problem));
    let steps_max = match question.policy.search {
        Search::Exact => Some(question.policy.steps_max),
        Search::Greedy => None,
    };
    let solution = sourcing::solve_stocked(&problem, &stocked, steps_max);
    let solution = solution.map_err(|_| RequestRefused::out_of_range("policy.shortfall_cost"))?;
    let charge =
        |take: &Take| charges.get(take.node * question.lines.len() + take.line).copied().unwrap_or(0);
    let charged = solution.takes.iter().map(|take| take.units * charge(take)).sum();
    Ok(Plan { charged, ..plan_of(question, &gathered, &stocked, solution) })
}

fn plan_of(
    question: &Question,
    gathered: &Gathered,
    stocked: &Stocked,
    solution: sourcing::Solution,
) -> Plan {
    let mut shipments: Vec<(usize, PlanShipment)> = Vec::new();
    for take in &solution.takes {
        let Some(candidate) = gathered.candidates.get(take.node) else { continue };
        let unit_cost = stocked.at(take.node, take.line).map_or(0, |stock| stock.unit_cost);
        if let Some(shipment) = shipment_of(&mut shipments, take, candidate, unit_cost) {
            add_takes(&mut shipment.takes, take, gathered, candidate);
        }
    }
    let passed = match question.explain {
        Explain::Full => passed_nodes(gathered, &solution),
        Explain::None | Explain::Summary => Vec::new(),
    };
    Plan {
        cost: solution.cost,
        bound: solution.bound,
        proven: solution.proven,
        steps: solution.steps,
        shipments: shipments.into_iter().map(|(_, shipment)| shipment).collect(),
        reach: reach_of_missing(gathered, stocked, &solution.shortfall),
        shortfall: solution.shortfall,
        passed,
        charged: 0,
    }
}

/// The shipment that a take goes into, with what its units cost. Takes come by candidate.
fn shipment_of<'a>(
    shipments: &'a mut Vec<(usize, PlanShipment)>,
    take: &Take,
    candidate: &Candidate,
    unit_cost: i64,
) -> Option<&'a mut PlanShipment> {
    if shipments.last().is_none_or(|(node, _)| *node != take.node) {
        let shipment = PlanShipment {
            node: candidate.node,
            method: candidate.method,
            release_by: candidate.release_by,
            arrive_by: candidate.arrive_by,
            cost: candidate.parcel_cost,
            takes: Vec::new(),
        };
        shipments.push((take.node, shipment));
    }
    let (_, shipment) = shipments.last_mut()?;
    // INVARIANT: no plan costs more than `COST_MAX`.
    shipment.cost += unit_cost.wrapping_mul(take.units);
    Some(shipment)
}

/// Units that are there at one moment may be on hand and of several supplies: each names its own.
fn add_takes(takes: &mut Vec<(usize, i64, u32)>, take: &Take, gathered: &Gathered, candidate: &Candidate) {
    let mut left = take.units;
    for portion in gathered.portions_of(candidate, take.line) {
        let units = left.min(portion.units);
        left -= units;
        match takes.last_mut() {
            Some((line, taken, supply)) if (*line, *supply) == (take.line, portion.supply) => *taken += units,
            _ if units > 0 => takes.push((take.line, units, portion.supply)),
            _ => {}
        }
    }
    if left > 0 {
        takes.push((take.line, left, NONE));
    }
}

fn problem_of(question: &Question, gathered: &mut Gathered) -> Problem {
    let policy = &question.policy;
    let needs = question.lines.iter();
    Problem {
        needs: needs
            .map(|(_, quantity)| Need { quantity: *quantity, shortfall_cost: policy.shortfall_cost })
            .collect(),
        parcel_costs: gathered.candidates.iter().map(|candidate| candidate.parcel_cost).collect(),
        cells: core::mem::take(&mut gathered.cells),
        line_split: policy.line_split,
        ship_complete: policy.ship_complete,
        nodes_max: policy.nodes_max.and_then(|most| usize::try_from(most).ok()),
        ways: gathered.ways.clone(),
    }
}

/// Of lines that are not filled: what all candidates have, and the earliest arrival among them.
fn reach_of_missing(gathered: &Gathered, stocked: &Stocked, shortfall: &[i64]) -> Vec<(i64, i64)> {
    let reach = shortfall.iter().enumerate().map(|(line, missing)| {
        let (mut units, mut first) = (0, i64::MAX);
        for stock in stocked.of_line(line).iter().filter(|_| *missing > 0) {
            let at = usize::try_from(stock.node).unwrap_or(usize::MAX);
            // Ways of a node share what is there: the last has all of it.
            let counted = gathered.ways.iter().any(|ways| ways.contains(&at) && at + 1 != ways.end);
            units += if counted { 0 } else { stock.available };
            let candidate = gathered.candidates.get(at);
            first = candidate.map_or(first, |candidate| first.min(candidate.arrive_by));
        }
        (units, first)
    });
    reach.gather()
}

/// Nodes that failed a check, then nodes that passed all and are not needed, with what using them would cost at least.
fn passed_nodes(gathered: &Gathered, solution: &sourcing::Solution) -> Vec<PlanPassed> {
    let mut passed = gathered.failed.clone();
    let used: Vec<u32> = solution
        .takes
        .iter()
        .filter_map(|take| gathered.candidates.get(take.node))
        .map(|candidate| candidate.node)
        .gather();
    let mut cheapest: Vec<PlanPassed> = Vec::new();
    for (candidate, cost) in gathered.candidates.iter().zip(&solution.cost_if_used) {
        let Candidate { node, .. } = *candidate;
        if used.contains(&node) {
            continue;
        }
        match cheapest.last_mut().filter(|last| last.node == node) {
            Some(last) => last.number = last.number.min(*cost),
            None => cheapest.push(PlanPassed { node, check: Check::NotNeeded, number: *cost }),
        }
    }
    passed.append(&mut cheapest);
    passed
}

/// A product of costs and units that stays in range. In WebAssembly the check takes many instructions: they stand in one place.
#[cfg_attr(onhand_small, inline(never))]
fn product(one: i64, other: i64) -> i64 {
    one.saturating_mul(other)
}

/// A sum of them, as well.
#[cfg_attr(onhand_small, inline(never))]
fn added(one: i64, other: i64) -> i64 {
    one.saturating_add(other)
}
