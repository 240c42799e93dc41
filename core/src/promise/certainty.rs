//! How sure a plan is: the probability that each line is found where it is to be picked, and what it costs where it is not.
//!
//! How records err is told by the caller, by item and node. Units that others have claimed are picked first, so the probability
//! of a line is that its units are there on top of theirs.

use alloc::vec::Vec;

use super::chance::{Chance, ErrorModel, SURE};
use super::gather::Gathered;
use super::tries::times;
use super::{Offer, Overlay, Plan, Question, Request, RequestRefused, View};
use crate::book::Book;
use crate::dense::NONE;
use crate::limits::RISK_TERMS_MAX;
use crate::name::Name;
use crate::ordered::{Gather as _, Map};
use crate::sourcing::COST_MAX;

/// What may go wrong with a promise, and what that costs. `N` is a name or, for bindings, its number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Risk<N = Name> {
    /// How records err; of several rows that fit, that of the item at the node counts, then that of the item, then that of the
    /// node. A record that no row fits is right.
    pub errors: Vec<ErrorTerms<N>>,
    /// The probability that dated supply comes as announced, in parts per million.
    pub supply_ppm: i64,
    /// What a promised unit that cannot be had costs, in minor units.
    pub failure_cost: i64,
    /// What it costs to look for a line at a node, in minor units.
    pub attempt_cost: i64,
    /// The plan is chosen by its expected cost, failure included.
    pub weigh: bool,
}

/// How the records of an item or a node err.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ErrorTerms<N = Name> {
    /// The item; every item unless said.
    #[cfg_attr(feature = "serde", serde(default = "none"))]
    pub sku: Option<N>,
    /// The node; every node unless said.
    #[cfg_attr(feature = "serde", serde(default = "none"))]
    pub node: Option<N>,
    /// How they err.
    pub error: ErrorModel,
}

#[cfg(feature = "serde")]
fn none<N>() -> Option<N> {
    None
}

impl<N> Default for Risk<N> {
    fn default() -> Risk<N> {
        Risk { errors: Vec::new(), supply_ppm: SURE, failure_cost: 0, attempt_cost: 0, weigh: false }
    }
}

/// How sure an offer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Certainty<N = Name> {
    /// What the plan costs, and what its failure costs times the probability of it, in minor units rounded up.
    pub expected_cost: i64,
    /// The probability that all of it is found, in parts per million rounded down. Errors at one node often come together: then
    /// the plan is surer than this product says.
    pub ppm: i64,
    /// Beside the offer's shipments.
    pub shipments: Vec<ShipmentCertainty<N>>,
}

/// How sure a shipment is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ShipmentCertainty<N = Name> {
    /// The probability that all of it is found, in parts per million.
    pub ppm: i64,
    /// Its items.
    pub lines: Vec<LineCertainty<N>>,
}

/// How sure an item of a shipment is, with what that follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LineCertainty<N = Name> {
    /// The item.
    pub sku: N,
    /// Units that are on hand.
    pub on_hand: i64,
    /// Units that dated supply is to bring.
    pub to_come: i64,
    /// What the book says is sellable at the node, less what is withheld; what is supposed there or given back is added.
    pub record: i64,
    /// Units there that others have claimed.
    pub claimed: i64,
    /// How the record errs.
    pub error: ErrorModel,
    /// The probability that all units are found, in parts per million.
    pub ppm: i64,
    /// What the item's failure costs times the probability of it, in minor units rounded up.
    pub failure_cost: i64,
}

/// An offer and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SureOffer {
    /// The offer. Where the plan was chosen by its expected cost, what it costs has a charge for failure in it: that of a node
    /// which is asked for as much of a line as it could give.
    pub offer: Offer,
    /// How sure it is.
    pub certainty: Certainty,
}

/// Error models by item and node.
pub(super) struct Errors(Map<(u32, u32), ErrorModel>);

impl Errors {
    pub(super) fn of(risk: &Risk<u32>) -> Errors {
        let mut errors = Map::new();
        for terms in &risk.errors {
            errors.insert((terms.sku.unwrap_or(NONE), terms.node.unwrap_or(NONE)), terms.error);
        }
        Errors(errors)
    }

    pub(super) fn at(&self, sku: u32, node: u32) -> ErrorModel {
        let rows = [(sku, node), (sku, NONE), (NONE, node), (NONE, NONE)];
        let found = rows.iter().find_map(|row| self.0.get(row));
        found.copied().unwrap_or(ErrorModel { wrong_ppm: 0, mean_milli: 1_000 })
    }
}

impl Book {
    /// What can be offered and how sure it is; the cheapest plan or, where `risk` says so, the one with the lowest expected cost.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`]; what the risk names must be known, and [`RequestRefused::OutOfRange`] names what of it is not in its
    /// range.
    ///
    /// ```
    /// use onhand::promise::{Destination, ErrorTerms, ErrorModel, Request, Risk};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut receipt = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// receipt.node = Some(Name::new("store-1")?);
    /// receipt.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// book.evolve(&receipt)?;
    /// let error = ErrorModel { wrong_ppm: 650_000, mean_milli: 5_000 };
    /// let risk = Risk { errors: vec![ErrorTerms { sku: None, node: None, error }], ..Risk::default() };
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 1)?;
    /// assert_eq!(book.promise_surely(&request, &risk)?.certainty.ppm, 792_000);
    /// # Ok(()) }
    /// ```
    pub fn promise_surely(&self, request: &Request, risk: &Risk) -> Result<SureOffer, RequestRefused> {
        let risk = self.numbered_risk(risk)?;
        let question = self.question(request)?;
        let (plan, certainty) = self.plan_surely(&question, &risk)?;
        let offer = self.offer(request, &question, &plan);
        Ok(SureOffer { offer, certainty: certainty.named(|sku| self.sku_name(sku)) })
    }

    /// [`Book::promise_surely`] in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::promise_surely`].
    pub fn plan_surely(
        &self,
        question: &Question,
        risk: &Risk<u32>,
    ) -> Result<(Plan, Certainty<u32>), RequestRefused> {
        self.check_question(question)?;
        risk.check()?;
        let view = View { overlay: &Overlay::default(), risk: Some(risk) };
        let plan = self.plan_over(question, view)?;
        let certainty = self.certainty_of(question, risk, view.overlay, &plan);
        Ok((plan, certainty))
    }

    pub(super) fn certainty_of(
        &self,
        question: &Question,
        risk: &Risk<u32>,
        overlay: &Overlay,
        plan: &Plan,
    ) -> Certainty<u32> {
        let errors = Errors::of(risk);
        let mut of_plan = Chance::CERTAIN;
        let mut expected_cost = plan.cost - plan.charged;
        let mut shipments = Vec::with_capacity(plan.shipments.len());
        for shipment in &plan.shipments {
            let mut of_shipment = Chance::CERTAIN;
            let mut lines: Vec<LineCertainty<u32>> = Vec::new();
            let mut takes = shipment.takes.as_slice();
            while let Some((place, ..)) = takes.first() {
                let of_line = takes.iter().take_while(|(other, ..)| other == place);
                let (mut on_hand, mut to_come, mut length) = (0, 0, 0);
                for (_, units, supply) in of_line {
                    *(if *supply == NONE { &mut on_hand } else { &mut to_come }) += units;
                    length += 1;
                }
                takes = takes.get(length..).unwrap_or_default();
                let sku = question.lines.get(*place).map_or(NONE, |(sku, _)| *sku);
                let shelf = self.shelf(sku, shipment.node, question.now);
                let record = shelf.fit() + overlay.on_record(self, sku, shipment.node);
                let error = errors.at(sku, shipment.node);
                let chance = risk.chance(error, record - shelf.claimed, on_hand, to_come);
                let of_unit = chance.not().of(scaled(risk.failure_cost));
                let failure_cost = rounded_up(times(of_unit, on_hand + to_come));
                of_shipment = of_shipment.and(chance);
                expected_cost = expected_cost.saturating_add(failure_cost);
                let (claimed, ppm) = (shelf.claimed, chance.ppm());
                lines.push(LineCertainty {
                    sku,
                    on_hand,
                    to_come,
                    record,
                    claimed,
                    error,
                    ppm,
                    failure_cost,
                });
            }
            of_plan = of_plan.and(of_shipment);
            shipments.push(ShipmentCertainty { ppm: of_shipment.ppm(), lines });
        }
        Certainty { expected_cost, ppm: of_plan.ppm(), shipments }
    }

    /// Charges every unit that a node could give with what its failure is expected to cost, and answers the charges by cell.
    pub(super) fn charge(
        &self,
        question: &Question,
        risk: &Risk<u32>,
        overlay: &Overlay,
        gathered: &mut Gathered,
    ) -> Vec<i64> {
        let errors = Errors::of(risk);
        let lines = question.lines.len();
        let mut charges = alloc::vec![0; gathered.cells.len()];
        for (at, candidate) in gathered.candidates.iter().enumerate() {
            for (line, (sku, wanted)) in question.lines.iter().enumerate() {
                let place = at * lines + line;
                let Some(available) = gathered.cells.get(place).map(|cell| cell.available) else { continue };
                if available == 0 {
                    continue;
                }
                let most = available.min(*wanted);
                let (mut on_hand, mut to_come) = (0, 0);
                for portion in gathered.portions_of(candidate, line) {
                    let units = portion.units.min(most - on_hand - to_come);
                    *(if portion.supply == NONE { &mut on_hand } else { &mut to_come }) += units;
                }
                on_hand += most - on_hand - to_come;
                if let Some(charge) = charges.get_mut(place) {
                    let at = (*sku, candidate.node, question.now);
                    *charge = self.charge_at(risk, &errors, overlay, at, (on_hand, to_come));
                }
            }
        }
        for (cell, charge) in gathered.cells.iter_mut().zip(&charges) {
            cell.unit_cost += charge;
        }
        charges
    }

    /// What failure is expected to cost of each unit of an item at a node at a moment, with so many on hand and to come.
    pub(super) fn charge_at(
        &self,
        risk: &Risk<u32>,
        errors: &Errors,
        overlay: &Overlay,
        (sku, node, now): (u32, u32, i64),
        (on_hand, to_come): (i64, i64),
    ) -> i64 {
        let shelf = self.shelf(sku, node, now);
        let record = shelf.fit() + overlay.on_record(self, sku, node);
        let chance = risk.chance(errors.at(sku, node), record - shelf.claimed, on_hand, to_come);
        rounded_up(chance.not().of(scaled(risk.failure_cost)))
    }

    pub(super) fn numbered_risk(&self, risk: &Risk) -> Result<Risk<u32>, RequestRefused> {
        let sku_of = |sku: &Name| {
            self.known_sku(sku.as_str()).ok_or_else(|| RequestRefused::UnknownSku { sku: sku.clone() })
        };
        let node_of = |node: &Name| {
            self.known_node(node.as_str()).ok_or_else(|| RequestRefused::UnknownNode { node: node.clone() })
        };
        let mut errors = Vec::with_capacity(risk.errors.len());
        for terms in &risk.errors {
            let (sku, node) = (terms.sku.as_ref(), terms.node.as_ref());
            errors.push(ErrorTerms {
                sku: sku.map(sku_of).transpose()?,
                node: node.map(node_of).transpose()?,
                error: terms.error,
            });
        }
        let Risk { supply_ppm, failure_cost, attempt_cost, weigh, .. } = *risk;
        Ok(Risk { errors, supply_ppm, failure_cost, attempt_cost, weigh })
    }
}

impl Risk<u32> {
    pub(super) fn check(&self) -> Result<(), RequestRefused> {
        let costs = |cost: i64| (0..=COST_MAX).contains(&cost);
        let ranges = [
            ("risk.errors", self.errors.len() <= RISK_TERMS_MAX),
            ("risk.errors.error", self.errors.iter().all(|terms| terms.error.is_within())),
            ("risk.supply_ppm", (0..=SURE).contains(&self.supply_ppm)),
            ("risk.failure_cost", costs(self.failure_cost)),
            ("risk.attempt_cost", costs(self.attempt_cost)),
        ];
        match ranges.iter().find(|(_, within)| !within) {
            Some((field, _)) => Err(RequestRefused::out_of_range(field)),
            None => Ok(()),
        }
    }

    /// The probability that units are found on top of those that others have claimed, and that supply brings its units.
    pub(super) fn chance(&self, error: ErrorModel, unclaimed: i64, on_hand: i64, to_come: i64) -> Chance {
        // What the claims of others exceed the record by has to be there as well.
        let found = match on_hand {
            0 => Chance::CERTAIN,
            _ => error.found(unclaimed, on_hand),
        };
        match to_come {
            0 => found,
            _ => found.and(Chance::of_ppm(self.supply_ppm)),
        }
    }
}

impl Certainty<u32> {
    pub(super) fn named(self, name: impl Fn(u32) -> Name) -> Certainty {
        let shipments = self.shipments.into_iter().map(|shipment| ShipmentCertainty {
            ppm: shipment.ppm,
            lines: shipment.lines.into_iter().map(|line| line.named(&name)).gather(),
        });
        Certainty { expected_cost: self.expected_cost, ppm: self.ppm, shipments: shipments.gather() }
    }
}

impl LineCertainty<u32> {
    fn named(self, name: impl Fn(u32) -> Name) -> LineCertainty {
        let LineCertainty { sku, on_hand, to_come, record, claimed, error, ppm, failure_cost } = self;
        LineCertainty { sku: name(sku), on_hand, to_come, record, claimed, error, ppm, failure_cost }
    }
}

/// Parts of a minor unit that sums are kept in before they are rounded.
const PARTS: i128 = 1 << 20;

pub(super) fn scaled(cost: i64) -> i128 {
    i128::from(cost) * PARTS
}

/// Whole minor units, rounded up: a failure is never said to cost less than it does.
pub(super) fn rounded_up(parts: i128) -> i64 {
    i64::try_from((parts + PARTS - 1).div_euclid(PARTS)).unwrap_or(i64::MAX)
}
