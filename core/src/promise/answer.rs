//! What is answered: the plan with names, and why.

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use super::objective::Reached;
use super::reach::BACKORDER;
use super::{Check, Plan, PlanShipment, Question, Request};
use crate::book::Book;
use crate::dense::NONE;
use crate::name::Name;

/// What can be offered. It commits nothing; accepting it checks again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Offer {
    /// The book that answered: events that it had accepted.
    pub version: u64,
    /// Which rule says what can be promised when.
    pub flavour: &'static str,
    /// Cost of the plan, in minor units, with the policy's cost of what is unmet.
    pub cost: i64,
    /// No plan costs less; under goals other than cost, none that is as good by them.
    pub bound: i64,
    /// The plan is the cheapest there is: `bound == cost`.
    pub proven: bool,
    /// Steps of the search.
    pub steps: u64,
    /// Parcels, or the hand-over, in the order of node and time.
    pub shipments: Vec<Shipment>,
    /// What cannot be filled, with what could.
    pub unmet: Vec<Unmet>,
    /// Why nodes are not in the plan; only with [`super::Explain::Full`].
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub passed: Vec<Passed>,
    /// Soft rules that do not hold, in their order.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub relaxed: Vec<Relaxed>,
    /// What the plan measures by each goal of the objective, where that is not cost alone.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub reached: Vec<Reached>,
}

/// A soft rule that was relaxed, against the plan in which it holds too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Relaxed {
    /// The rule.
    pub rule: Name,
    /// Units that are filled more.
    pub units: i64,
    /// What the plan costs less, in minor units, with the price of what is not filled; below zero where it costs more.
    pub saves: i64,
}

/// A parcel or hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shipment {
    /// From where.
    pub node: Name,
    /// How; `None` for pick-up.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub method: Option<Name>,
    /// When it leaves or is ready, in milliseconds.
    pub release_by: i64,
    /// When it arrives, in milliseconds.
    pub arrive_by: i64,
    /// Parcel and units, in minor units.
    pub cost: i64,
    /// Until when an order can be placed that is to arrive on the same day, in milliseconds, by the hours of the node and the carrier and while
    /// every row of capacity has room for it; where a timetable says so.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub order_by: Option<i64>,
    /// What is in it.
    pub lines: Vec<OfferLine>,
}

/// Units of a line in a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OfferLine {
    /// The request's line.
    pub line: Name,
    /// The item.
    pub sku: Name,
    /// Units.
    pub quantity: i64,
    /// The dated supply that they come from; `None` for stock on hand.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// Beyond what is there and to come: promised by lead time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub backorder: bool,
    /// The item that was asked for, where another one stands in for it: a substitute, or a part of a kit.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub asked: Option<Name>,
}

/// What cannot be filled of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Unmet {
    /// The request's line.
    pub line: Name,
    /// The item.
    pub sku: Name,
    /// Units that are missing.
    pub quantity: i64,
    /// Units of the item that eligible nodes have together within the horizon.
    pub available: i64,
    /// When the first of them would arrive, in milliseconds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub earliest: Option<i64>,
}

/// A node that is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Passed {
    /// The node.
    pub node: Name,
    /// The item that it does not pass for; every item unless said.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sku: Option<Name>,
    /// The first check that it does not pass.
    pub check: Check,
    /// The number behind it, as [`Check`] says.
    pub number: i64,
    /// The rule that makes the check.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub rule: Option<Name>,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Check {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Book {
    pub(super) fn offer(&self, request: &Request, question: &Question, plan: &Plan) -> Offer {
        // What each line of the request still wants of its item, in the order given.
        let mut wanted: Vec<i64> = request.lines.iter().map(|line| line.quantity.units()).gather();
        let mut shipments = Vec::with_capacity(plan.shipments.len());
        for shipment in &plan.shipments {
            shipments.push(self.shipment(request, question, shipment, &mut wanted));
        }
        let unmet = request.lines.iter().zip(&wanted).filter(|(_, missing)| **missing > 0);
        let unmet = unmet.map(|(line, missing)| {
            let (available, earliest) = self.reach_of(question, plan, &line.sku);
            Unmet {
                line: line.line.clone().unwrap_or_else(|| line.sku.clone()),
                sku: line.sku.clone(),
                quantity: *missing,
                available,
                earliest: (earliest != i64::MAX).then_some(earliest),
            }
        });
        let passed = plan.passed.iter().map(|one| Passed {
            node: self.location_name(one.node),
            sku: None,
            check: one.check,
            number: one.number,
            rule: None,
        });
        Offer {
            version: self.version(),
            flavour: crate::atp::Flavour::LookAhead.code(),
            cost: plan.cost,
            bound: plan.bound,
            proven: plan.proven,
            steps: plan.steps,
            shipments,
            unmet: unmet.gather(),
            passed: passed.gather(),
            relaxed: Vec::new(),
            reached: Vec::new(),
        }
    }

    fn reach_of(&self, question: &Question, plan: &Plan, sku: &Name) -> (i64, i64) {
        let id = self.known_sku(sku.as_str());
        let place = question.lines.iter().position(|(held, _)| Some(*held) == id);
        place.and_then(|place| plan.reach.get(place)).copied().unwrap_or((0, i64::MAX))
    }

    fn shipment(
        &self,
        request: &Request,
        question: &Question,
        shipment: &PlanShipment,
        wanted: &mut [i64],
    ) -> Shipment {
        let mut lines = Vec::new();
        for (place, units, number) in &shipment.takes {
            let Some((sku, _)) = question.lines.get(*place) else { continue };
            let sku = self.sku_name(*sku);
            let supply = self.supplies.find(*number).map(|supply| Name::known(self.words.text(supply.name)));
            let backorder = *number == BACKORDER;
            let mut units = *units;
            for (line, wanted) in request.lines.iter().zip(wanted.iter_mut()) {
                if line.sku != sku || units == 0 || *wanted == 0 {
                    continue;
                }
                let quantity = units.min(*wanted);
                *wanted -= quantity;
                units -= quantity;
                lines.push(OfferLine {
                    line: line.line.clone().unwrap_or_else(|| sku.clone()),
                    sku: sku.clone(),
                    quantity,
                    supply: supply.clone(),
                    backorder,
                    asked: None,
                });
            }
        }
        Shipment {
            node: self.location_name(shipment.node),
            method: (shipment.method != NONE).then(|| Name::known(self.words.text(shipment.method))),
            release_by: shipment.release_by,
            arrive_by: shipment.arrive_by,
            cost: shipment.cost,
            order_by: None,
            lines,
        }
    }
}
