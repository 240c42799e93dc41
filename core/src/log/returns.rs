//! What an order line was sold and what came back of it.

use alloc::vec::Vec;

use super::lives::Raised;
use super::{Entry, Log};
use crate::event::{Event, Line};
use crate::exception::{Exception, ExceptionCode};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Map, sort};
use crate::place::StockState;

/// An order line from its sale to its return, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SoldLine {
    /// Units that left for the customer, less cancelled shipments.
    pub sold: i64,
    /// Units that came back.
    pub returned: i64,
    /// Units of those that are for sale again, at their price or on clearance: graded so, or graded otherwise first and then released or
    /// marked down for the order, less those that were set aside for it.
    pub resold: i64,
}

impl SoldLine {
    /// Adds what an event says of the line.
    fn add(&mut self, kind: Kind, line: &Line) {
        let units = line.quantity.units();
        match kind {
            // Units for an order leave by shipment, over the counter, or at the till.
            Kind::Ship | Kind::HandOver | Kind::Sell => self.sold += units,
            Kind::VoidShip => self.sold -= units,
            Kind::ReturnReceive => self.returned += units,
            _ => self.resold += resold(kind, line),
        }
    }

    /// Units that came back beyond what was sold: received all the same, neither refunded nor sold again without approval.
    pub fn over_returned(self) -> i64 {
        (self.returned - self.sold.max(0)).max(0)
    }

    /// Units that came back and may be refunded.
    pub fn refundable(self) -> i64 {
        self.returned - self.over_returned()
    }

    /// Units that may still be put up for sale without approval.
    pub fn resellable(self) -> i64 {
        (self.refundable() - self.resold).max(0)
    }
}

/// Units that a line puts up for sale, at their price or on clearance; below zero where it sets aside what was.
fn resold(kind: Kind, line: &Line) -> i64 {
    let for_sale = |state| i64::from(matches!(state, StockState::Sellable | StockState::Clearance));
    let (from, to) = match kind {
        Kind::Grade | Kind::ReleaseHold => (StockState::Quarantined, StockState::Sellable),
        Kind::Hold => (StockState::Sellable, StockState::Quarantined),
        Kind::MarkDown => (StockState::Sellable, StockState::Clearance),
        // What is cancelled is back where it left: for sale, or staged for its order.
        Kind::VoidShip => return line.quantity.units(),
        // What becomes something else comes from nowhere and goes nowhere but by its own lines.
        Kind::Relabel | Kind::KitAssemble | Kind::KitBreak => {
            return line.quantity.units() * for_sale(line.state.unwrap_or(StockState::Sellable));
        }
        _ => return 0,
    };
    let change = for_sale(line.to_state.unwrap_or(to)) - for_sale(line.state.unwrap_or(from));
    line.quantity.units() * change
}

/// Why a return is not refunded or sold again as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverReturned {
    /// The order.
    pub order: Name,
    /// The order line.
    pub line: Name,
    /// Units that were asked for.
    pub requested: i64,
    /// Units that could be had.
    pub allowed: i64,
}

/// What became of an order line, and when how many of which item came back.
type Told<'a> = (SoldLine, Vec<(Time, &'a Name, i64, u64)>);

/// Of one order line more came back than was sold.
pub(super) struct OverReturn {
    pub exception: Exception,
    /// By the first unit beyond what was sold that came back, and the last.
    pub raised: Raised,
}

impl Log {
    /// What an order line was sold and what came back of it. Reads all entries once.
    ///
    /// Returns that name no order, walk-ins, belong to none and are judged by people.
    ///
    /// ```
    /// use onhand::log::Log;
    /// use onhand::{Event, Id, Kind, Line, Name, StockState, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (order, tea) = (Name::new("order-1")?, Name::new("TEA-250")?);
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let mut event = Event::new(Name::new("shop")?, Id::Number(1), Kind::Sell, Time::new(1_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.subject = Some(order.clone());
    /// event.lines.push(Line::new(tea.clone(), 2)?);
    /// log.evolve(&mut book, &event, event.occurred)?;
    /// // Two were sold, three come back: all three are taken.
    /// let mut back = Event { id: Id::Number(2), kind: Kind::ReturnReceive, ..event.clone() };
    /// back.lines[0] = Line::new(tea.clone(), 3)?;
    /// log.evolve(&mut book, &back, event.occurred)?;
    /// let line = log.sold_line(&order, &tea);
    /// assert_eq!((line.over_returned(), line.refundable()), (1, 2));
    /// let mut grade = Event { id: Id::Number(3), kind: Kind::Grade, ..back };
    /// grade.lines[0].to_state = Some(StockState::Sellable);
    /// assert_eq!(log.may_resell(&grade).unwrap_err().allowed, 2);
    /// # Ok(()) }
    /// ```
    pub fn sold_line(&self, order: &Name, line: &Name) -> SoldLine {
        let mut sum = SoldLine::default();
        let events = self.once().map(|entry| &entry.event);
        for event in events.filter(|event| event.subject.as_ref() == Some(order)) {
            for one in event.lines.iter().filter(|one| one.line_name() == line) {
                sum.add(event.kind, one);
            }
        }
        sum
    }

    /// The order lines of which more came back than was sold, in the order of their names. Reads all entries once.
    pub(super) fn over_returns(&self) -> Vec<OverReturn> {
        let mut lines: Map<(&Name, &Name), Told<'_>> = Map::new();
        for Entry { number, event, .. } in self.once() {
            let Some(order) = &event.subject else { continue };
            for line in &event.lines {
                let (sum, back) = lines.entry_or((order, line.line_name()), Default::default);
                sum.add(event.kind, line);
                if event.kind == Kind::ReturnReceive {
                    back.push((event.occurred, &line.sku, line.quantity.units(), *number));
                }
            }
        }
        let mut over = Vec::new();
        for ((order, line), (sum, back)) in lines.iter().filter(|(_, (sum, _))| sum.over_returned() > 0) {
            let mut back = back.clone();
            sort(&mut back);
            let mut left = sum.sold.max(0);
            let beyond = back.iter().filter(|(_, _, units, _)| {
                left -= units;
                left < 0
            });
            let mut beyond = beyond.map(|(occurred, sku, _, entry)| (Raised::by(*occurred, *entry), *sku));
            let Some((first, sku)) = beyond.next() else { continue };
            let exception = Exception {
                sku: Some(sku.clone()),
                subject: Some((*order).clone()),
                line: Some((*line).clone()),
                quantity: sum.over_returned(),
                ..Exception::new(ExceptionCode::OverReturned)
            };
            let raised = beyond.fold(first, |raised, (next, _)| raised.and(next));
            over.push(OverReturn { exception, raised });
        }
        over
    }

    /// Whether an intent puts nothing up for sale that was returned beyond what was sold: a grading, or for an order of which more came back
    /// than it was sold a release or a markdown of what was graded otherwise, or a shipment cancelled of which units came back as a return:
    /// they would be back twice. [`Desk::execute`](crate::approval::Desk::execute) asks; what is
    /// refused here needs an approval. What names no order, as of walk-ins, a policy may guard.
    ///
    /// # Errors
    ///
    /// [`OverReturned`] with the first line of which more is to be sold again than was sold and came back.
    pub fn may_resell(&self, intent: &Event) -> Result<(), OverReturned> {
        let Some(order) = &intent.subject else { return Ok(()) };
        for line in intent.lines.iter().filter(|line| resold(intent.kind, line) > 0) {
            let same = intent.lines.iter().filter(|one| one.line_name() == line.line_name());
            let requested = same.map(|one| resold(intent.kind, one)).sum();
            let sold = self.sold_line(order, line.line_name());
            let (allowed, is_held) = match intent.kind {
                Kind::VoidShip => ((sold.sold - sold.returned).max(0), sold.returned > 0),
                kind => (sold.resellable(), kind == Kind::Grade || sold.over_returned() > 0),
            };
            if requested > allowed && is_held {
                return Err(OverReturned {
                    order: order.clone(),
                    line: line.line_name().clone(),
                    requested,
                    allowed,
                });
            }
        }
        Ok(())
    }

    /// Whether so many units of an order line may be refunded.
    ///
    /// # Errors
    ///
    /// [`OverReturned`] when fewer came back of what was sold.
    pub fn may_refund(&self, order: &Name, line: &Name, units: i64) -> Result<(), OverReturned> {
        let allowed = self.sold_line(order, line).refundable();
        match units > allowed {
            true => Err(OverReturned { order: order.clone(), line: line.clone(), requested: units, allowed }),
            false => Ok(()),
        }
    }
}
