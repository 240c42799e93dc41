//! What is odd about an event as it was captured, by the catalogue of its moment. The event is posted as it stands.

use alloc::vec::Vec;

use super::{Catalogue, Drawer, Field, List};
use crate::event::{Event, Line};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::place::codes;

/// What is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RemarkCode {
    /// The item is closed.
    ClosedItem,
    /// The node is closed.
    ClosedNode,
    /// The place is closed.
    ClosedPlace,
    /// The catalogue has places of this node, and not this one.
    UnknownPlace,
    /// The item has no such pack, or the kit no such recipe.
    UnknownPack,
    /// Not a whole number of the pack that the line names. `found` is the rest, `wanted` the pack.
    BrokenPack,
    /// The item is kept by lot and the line names none.
    LotMissing,
    /// The item is sold by weight and the line has none.
    WeightMissing,
    /// Pieces do not weigh that. `found` is grams, `wanted` what as many pieces are expected to weigh.
    WeightUnlikely,
    /// Kits made or taken apart otherwise than by the recipe that the line names. `found` is the units of the component,
    /// `wanted` what the recipe makes of them.
    RecipeDiffers,
}

codes!(RemarkCode:
    ClosedItem "closed_item", ClosedNode "closed_node", ClosedPlace "closed_place", UnknownPlace "unknown_place",
    UnknownPack "unknown_pack", BrokenPack "broken_pack", LotMissing "lot_missing", WeightMissing "weight_missing",
    WeightUnlikely "weight_unlikely", RecipeDiffers "recipe_differs",
);

/// Something odd about an event, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The line, counted from 0; `None` for the event as a whole.
    pub line: Option<usize>,
    /// What is odd.
    pub code: RemarkCode,
    /// What it is about: the item, node, place or pack.
    pub name: Name,
    /// As the code says, or 0.
    pub found: i64,
    /// As the code says, or 0.
    pub wanted: i64,
}

impl Catalogue {
    /// What is odd about an event by the catalogue of the moment at which it occurred, in the order of its lines.
    ///
    /// It is no reason to turn an event away, and changes no quantity: whoever captures may be asked, and whoever reads the log
    /// finds the same remarks again. An item or node that nobody knows is the book's own exception and none here.
    pub fn check(&self, event: &Event) -> Vec<Remark> {
        let at = event.occurred;
        let mut remarks = Vec::new();
        let mut remark = |line, code, name: &Name, found, wanted| {
            remarks.push(Remark { line, code, name: name.clone(), found, wanted });
        };
        for node in event.node.iter().chain(&event.to_node) {
            if self.is_closed(List::Node, None, node, at) {
                remark(None, RemarkCode::ClosedNode, node, 0, 0);
            }
        }
        for (number, line) in event.lines.iter().enumerate() {
            let mut odd = |code, name: &Name, found, wanted| remark(Some(number), code, name, found, wanted);
            if self.is_closed(List::Item, None, &line.sku, at) {
                odd(RemarkCode::ClosedItem, &line.sku, 0, 0);
            }
            let node = line.node.as_ref().or(event.node.as_ref());
            for place in line.place.iter().chain(&line.to_place) {
                if self.is_closed(List::Place, node, place, at) {
                    odd(RemarkCode::ClosedPlace, place, 0, 0);
                } else if self.card(List::Place, node, place, at).is_none() && self.has_places(node, at) {
                    odd(RemarkCode::UnknownPlace, place, 0, 0);
                }
            }
            if moves_units(event.kind) {
                self.check_rules(event, line, &mut odd);
            }
            match (&line.pack, event.kind) {
                (None, _) => {}
                (Some(version), Kind::KitAssemble | Kind::KitBreak) => {
                    self.check_recipe(event, line, version, &mut odd);
                }
                (Some(pack), _) => match self.pack_units(&line.sku, pack, at) {
                    None => odd(RemarkCode::UnknownPack, pack, 0, 0),
                    Some(size) => {
                        let rest = line.quantity.units() % size;
                        if rest != 0 {
                            odd(RemarkCode::BrokenPack, pack, rest, size);
                        }
                    }
                },
            }
        }
        remarks
    }

    fn has_places(&self, node: Option<&Name>, at: Time) -> bool {
        self.places(Drawer::Cards(List::Place), node).any(|place| self.said(place, at).is_some())
    }

    /// Lot and weight, as the item asks for them.
    fn check_rules(&self, event: &Event, line: &Line, odd: &mut impl FnMut(RemarkCode, &Name, i64, i64)) {
        let Some(rules) = self.card(List::Item, None, &line.sku, event.occurred) else { return };
        if rules.is(Field::ByLot) && line.lot.is_none() {
            odd(RemarkCode::LotMissing, &line.sku, 0, 0);
        }
        let Some(grams) = rules.number(Field::Grams) else { return };
        let wanted = grams.saturating_mul(line.quantity.units().abs());
        let Some(found) = line.grams.map(|grams| grams.units().abs()) else {
            return odd(RemarkCode::WeightMissing, &line.sku, 0, wanted);
        };
        let off = i128::from(rules.number(Field::GramsPpm).unwrap_or(0)) * i128::from(wanted) / 1_000_000;
        if i128::from(found.saturating_sub(wanted).abs()) > off {
            odd(RemarkCode::WeightUnlikely, &line.sku, found, wanted);
        }
    }

    /// Kits are one line, their components the others: of each kit as many as its recipe says.
    fn check_recipe(
        &self,
        event: &Event,
        kit: &Line,
        version: &Name,
        odd: &mut impl FnMut(RemarkCode, &Name, i64, i64),
    ) {
        let at = event.occurred;
        let recipe = self.card(List::Kit, None, &kit.sku, at);
        if recipe.and_then(|recipe| recipe.text(Field::Version)) != Some(version) {
            return odd(RemarkCode::UnknownPack, version, 0, 0);
        }
        for (part, units) in self.lines(List::Kit, None, &kit.sku, at) {
            let lines = event.lines.iter().filter(|line| line.sku == *part);
            let found: i64 = lines.map(|line| line.quantity.units()).sum();
            let wanted = units.saturating_mul(kit.quantity.units()).saturating_neg();
            if found != wanted {
                odd(RemarkCode::RecipeDiffers, part, found, wanted);
            }
        }
    }
}

/// Whether lines of the kind are units in somebody's hands, of which lot and weight can be read.
fn moves_units(kind: Kind) -> bool {
    !kind.row().legs.is_empty() || kind == Kind::Count
}
