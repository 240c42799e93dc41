//! What comes back: received at any store, graded a day later, and sent on its path.

use onhand::{Kind, Money, StockState};

use super::{Happening, Network};
use crate::log::Origin;
use crate::recorder::Fact;
use crate::truth::Place;
use crate::world::{DAY, name};
use crate::year::Path;

impl Network {
    pub(super) fn take_back(&mut self, node: u32, item: u32, units: i64, parcel: Option<(u32, usize)>) {
        self.truth.moved(Place::shelf(item, node).in_state(StockState::Returned), units);
        match parcel {
            Some((order, at)) => {
                let mut back = self.event("returns", node, Kind::ReturnReceive);
                back.subject = Some(self.parcel_name(order, at));
                back.lines.push(self.line(item, units));
                self.on_trail(&back);
                self.recorder.report(back, self.now);
            }
            None => {
                let (kind, source, when) = (Kind::ReturnReceive, 3 * node + 2, self.now);
                let fact = Fact { kind, source, when, sku: item, node, units, value: None };
                self.recorder.fact(&fact, self.now, Origin::Other);
            }
        }
        let came = self.now;
        self.plan(self.now + DAY, Happening::Grade { node, item, units, parcel, came });
    }

    /// What an order was never sold is not sold again: it goes to a liquidator.
    pub(super) fn grade(
        &mut self,
        node: u32,
        item: u32,
        units: i64,
        parcel: Option<(u32, usize)>,
        came: i64,
    ) {
        let path = match self.random.between(1, 100) {
            ..=70 => Path::Resale,
            71..=78 => Path::Refurbishment,
            79..=85 => Path::VendorReturn,
            86..=92 => Path::Liquidation,
            _ => Path::Scrap,
        };
        let mut grade = self.event("returns", node, Kind::Grade);
        grade.subject = parcel.map(|(order, at)| self.parcel_name(order, at));
        let mut line = self.line(item, units);
        line.to_state = Some(path.state());
        grade.lines.push(line);
        let mut on_path = units;
        if let Err(over) = self.trail.may_resell(&grade) {
            self.notes.over_returned += 1;
            on_path = over.allowed;
            let mut rest = self.line(item, units - on_path);
            rest.to_state = Some(Path::Liquidation.state());
            grade.lines[0].quantity = self.line(item, on_path).quantity;
            grade.lines.push(rest);
            grade.lines.retain(|line| line.quantity.units() > 0);
        }
        if grade.subject.is_some() {
            self.on_trail(&grade);
        }
        self.recorder.do_or_report(grade);
        for (path, units) in [(path, on_path), (Path::Liquidation, units - on_path)] {
            if units > 0 {
                self.restate(item, node, (StockState::Returned, path.state()), units);
                let ends = self.now + path.days() * DAY;
                self.plan(ends, Happening::EndPath { node, item, units, path, came });
            }
        }
    }

    /// Where a path leads: to the shelf, to the supplier, to a liquidator, or to the bin.
    pub(super) fn end_path(&mut self, node: u32, item: u32, units: i64, path: Path, came: i64) {
        let state = path.state();
        let place = Place::shelf(item, node).in_state(state);
        let value = path.worth(self.cost(item)) * units;
        let sum = self.notes.returns.entry(path).or_default();
        sum.units += units;
        sum.unit_days += units * (self.now - came) / DAY;
        sum.cents += value;
        let (kind, reason) = match path {
            Path::Resale => return,
            Path::Refurbishment => (Kind::Grade, None),
            Path::VendorReturn => (Kind::ReceiptCancel, Some("returned_by_customer")),
            Path::Liquidation => (Kind::Liquidate, None),
            Path::Scrap => return self.destroy(node, item, units, state, "unsaleable"),
        };
        self.truth.moved(place, -units);
        let mut event = self.event("returns", node, kind);
        event.reason = reason.map(name);
        let mut line = self.line_at_cost(item, units, state);
        line.value = Money::new(value);
        if path == Path::Refurbishment {
            self.truth.moved(Place::shelf(item, node), units);
            line.to_state = Some(StockState::Sellable);
        }
        event.lines.push(line);
        self.recorder.do_or_report(event);
    }
}
