//! What is odd about an event as it was captured, by the catalogue of its moment. The event is posted as it stands.

use alloc::vec::Vec;

use super::{Catalogue, Drawer, Field, List};
use crate::event::{Event, Line};
use crate::kind::Kind;
use crate::measure::{Quantity, Time};
use crate::name::Name;
use crate::ordered::{Map, Set};
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
        let is_of_kits = matches!(event.about(), Kind::KitAssemble | Kind::KitBreak);
        let mut made = if is_of_kits { self.made(event) } else { Made::default() };
        for node in event.node.iter().chain(&event.to_node) {
            if self.is_closed(List::Node, None, node, at) {
                remark(None, RemarkCode::ClosedNode, node, 0, 0);
            }
        }
        for (number, line) in event.lines.iter().enumerate() {
            let mut odd = |code, name: &Name, found, wanted| remark(Some(number), code, name, found, wanted);
            for sku in core::iter::once(&line.sku).chain(&line.to_sku) {
                if self.is_closed(List::Item, None, sku, at) {
                    odd(RemarkCode::ClosedItem, sku, 0, 0);
                }
            }
            if let Some(node) = line.node.as_ref().filter(|node| self.is_closed(List::Node, None, node, at)) {
                odd(RemarkCode::ClosedNode, node, 0, 0);
            }
            let node = line.node.as_ref().or(event.node.as_ref());
            for place in line.place.iter().chain(&line.to_place) {
                if self.is_closed(List::Place, node, place, at) {
                    odd(RemarkCode::ClosedPlace, place, 0, 0);
                } else if self.card(List::Place, node, place, at).is_none() && self.has_places(node, at) {
                    odd(RemarkCode::UnknownPlace, place, 0, 0);
                }
            }
            // Of no units there is nothing to read.
            if moves_units(event.kind) && line.quantity != Quantity::ZERO {
                self.check_rules(event, line, &mut odd);
            }
            // Of a line that was bound lot by lot the first part stands for the whole.
            match line.pack.as_ref().filter(|_| line.bound != Some(Quantity::ZERO)) {
                None => {}
                Some(_) if is_of_kits => self.check_recipe(at, line, &mut made, &mut odd),
                Some(pack) => match self.pack_units(&line.sku, pack, at) {
                    None => odd(RemarkCode::UnknownPack, pack, 0, 0),
                    Some(size) => {
                        let rest = line.asked_quantity().units() % size;
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
        if rules.is(Field::ByLot) && line.said_lot().is_none() {
            odd(RemarkCode::LotMissing, &line.sku, 0, 0);
        }
        let units = line.asked_quantity().units().abs();
        let Some(grams) = rules.number(Field::Grams).filter(|_| units > 0) else { return };
        let wanted = grams.saturating_mul(units);
        let Some(found) = line.grams.map(|grams| grams.units().abs()) else {
            return odd(RemarkCode::WeightMissing, &line.sku, 0, wanted);
        };
        let off = i128::from(rules.number(Field::GramsPpm).unwrap_or(0)) * i128::from(wanted) / 1_000_000;
        if i128::from(found.saturating_sub(wanted).abs()) > off {
            odd(RemarkCode::WeightUnlikely, &line.sku, found, wanted);
        }
    }

    /// Kits are lines that name a recipe, their components the others: of each component as many as all recipes together say. What
    /// differs is told of the first line of a kit, which may be in several, by lot.
    fn check_recipe<'a>(
        &'a self,
        at: Time,
        kit: &'a Line,
        made: &mut Made<'a>,
        odd: &mut impl FnMut(RemarkCode, &Name, i64, i64),
    ) {
        let (Some(version), recipe) = (&kit.pack, self.recipe_of(kit, at)) else { return };
        if recipe.is_empty() {
            return odd(RemarkCode::UnknownPack, version, 0, 0);
        }
        if !made.told.add((&kit.sku, version)) {
            return;
        }
        for (part, _) in recipe {
            let [found, wanted] =
                [&made.found, &made.wanted].map(|sums| sums.get(part).copied().unwrap_or(0));
            if found != wanted {
                odd(RemarkCode::RecipeDiffers, part, found, wanted);
            }
        }
    }

    /// What the recipe says that a line names; nothing if it is not the one of its moment.
    fn recipe_of(&self, line: &Line, at: Time) -> &[(Name, i64)] {
        let card = self.card(List::Kit, None, &line.sku, at).filter(|_| line.pack.is_some());
        match card.is_some_and(|card| card.text(Field::Version) == line.pack.as_ref()) {
            true => self.lines(List::Kit, None, &line.sku, at),
            false => &[],
        }
    }

    fn made<'a>(&'a self, event: &'a Event) -> Made<'a> {
        let mut made = Made::default();
        for line in &event.lines {
            let units = line.quantity.units();
            *made.found.entry(&line.sku) += units;
            for (part, each) in self.recipe_of(line, event.occurred) {
                let wanted = made.wanted.entry(part);
                *wanted = wanted.saturating_sub(each.saturating_mul(units));
            }
        }
        made
    }
}

/// What goes into kits, or comes out of them, in one event.
#[derive(Default)]
struct Made<'a> {
    /// Units by item, as the lines say.
    found: Map<&'a Name, i64>,
    /// Units by component, as the recipes say.
    wanted: Map<&'a Name, i64>,
    /// Kits and recipes that were looked at.
    told: Set<(&'a Name, &'a Name)>,
}

/// Whether lines of the kind are units in somebody's hands, of which lot and weight can be read.
fn moves_units(kind: Kind) -> bool {
    kind.row().leg.is_some() || kind == Kind::Count
}
