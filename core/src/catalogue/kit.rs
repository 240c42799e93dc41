//! Kits: what one is made of in the end, and how many can be made at a node.

use alloc::vec::Vec;
use core::fmt;

use super::{Catalogue, Drawer, Field, List, SaidBy};
use crate::book::Book;
use crate::limits::{KIT_DEPTH_MAX, KIT_LINES_MAX, QUANTITY_MAX, REQUEST_LINES_MAX};
use crate::measure::{Money, Quantity, Time};
use crate::name::Name;
use crate::ordered::{Gather as _, Map};
use crate::promise::{Part, StandInRow};

/// How far down a circle of kits is looked for.
const PATH_MAX: usize = 64;

/// Why a kit cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KitProblem {
    /// No open recipe makes it.
    NotAKit,
    /// Kits in kits, deeper than [`KIT_DEPTH_MAX`]; what is in itself has no end. [`Catalogue::flaws`] tells which.
    TooDeep,
    /// More lines than [`KIT_LINES_MAX`] in the end, or more units than a quantity can be.
    TooLarge,
}

impl KitProblem {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            KitProblem::NotAKit => "not_a_kit",
            KitProblem::TooDeep => "kit_too_deep",
            KitProblem::TooLarge => "kit_too_large",
        }
    }
}

impl fmt::Display for KitProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for KitProblem {}

/// How many of a kit can be had at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitAvailability {
    /// Kits that stand there ready made, as [`Availability::available`](crate::Availability::available).
    pub ready: i64,
    /// Kits that can be made of the components that are available there; 0 when the book does not know one of them.
    pub to_make: i64,
    /// The component that binds: the first by name of those that allow the fewest.
    pub binds: Name,
    /// The components in the end, by name.
    pub parts: Vec<KitPart>,
    /// They may come in different parcels, as the card of the kit says.
    pub split: bool,
}

/// A component of a kit, kits in it taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct KitPart {
    /// The item.
    pub sku: Name,
    /// Base units in one kit.
    pub units: i64,
    /// Base units that are available at the node.
    pub available: i64,
}

impl Catalogue {
    /// What so many of a kit are made of at a moment: every component that is no kit itself, by name, with its units.
    ///
    /// # Errors
    ///
    /// [`KitProblem`]. Work is bounded: [`KIT_LINES_MAX`] lines are looked at in all.
    pub fn expand(&self, kit: &Name, kits: i64, at: Time) -> Result<Vec<(Name, i64)>, KitProblem> {
        if self.recipe(kit, at).is_empty() {
            return Err(KitProblem::NotAKit);
        }
        let (mut parts, mut looked): (Map<Name, i64>, usize) = (Map::new(), 0);
        let mut level: Map<Name, i64> = Map::new();
        level.insert(kit.clone(), kits);
        for _ in 0..KIT_DEPTH_MAX {
            let mut next: Map<Name, i64> = Map::new();
            for (sku, kits) in level.iter() {
                for (part, units) in self.recipe(sku, at) {
                    looked += 1;
                    if looked > KIT_LINES_MAX {
                        return Err(KitProblem::TooLarge);
                    }
                    let deeper = !self.recipe(part, at).is_empty();
                    let sum = if deeper { next.entry(part.clone()) } else { parts.entry(part.clone()) };
                    let more = units.checked_mul(*kits).and_then(|units| units.checked_add(*sum));
                    *sum = more.filter(|sum| *sum <= QUANTITY_MAX).ok_or(KitProblem::TooLarge)?;
                }
            }
            if next.is_empty() {
                return Ok(parts.into_iter().gather());
            }
            level = next;
        }
        Err(KitProblem::TooDeep)
    }

    /// How many of a kit can be had at a node: what stands there ready made, and what its components allow.
    ///
    /// Components are shared: two kits that need the same one cannot both have it.
    ///
    /// # Errors
    ///
    /// As [`Catalogue::expand`].
    pub fn kit_availability(
        &self,
        book: &Book,
        kit: &Name,
        node: &Name,
        now: Time,
    ) -> Result<KitAvailability, KitProblem> {
        let available = |sku: &Name| {
            book.availability(sku.as_str(), node.as_str(), now).map_or(0, |shelf| shelf.available)
        };
        let parts = self.expand(kit, 1, now)?.into_iter();
        let parts: Vec<KitPart> =
            parts.map(|(sku, units)| KitPart { available: available(&sku), sku, units }).gather();
        // A component of which a kit has none binds nothing.
        let makes =
            parts.iter().filter(|part| part.units > 0).map(|part| (part.available / part.units, &part.sku));
        let (to_make, binds) = makes.min().ok_or(KitProblem::NotAKit)?;
        Ok(KitAvailability {
            ready: available(kit),
            to_make,
            binds: binds.clone(),
            parts,
            split: self.splits(kit, now),
        })
    }

    /// What stands in for a kit by its card: its components in the end, in one parcel unless the card says that they may be split.
    /// Kits in it are taken apart with it, whatever their own cards say of parcels.
    ///
    /// # Errors
    ///
    /// As [`Catalogue::expand`]. [`KitProblem::TooLarge`] for more components than a request can have lines.
    ///
    /// ```
    /// use onhand::catalogue::{Card, Catalogue, Field, List, Value};
    /// use onhand::{Event, Id, Kind, Line, Name, Terms, Time};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = Time::new(60_000).unwrap();
    /// let card = Card::new(List::Kit, Name::new("GIFT-SET")?).with(Field::Version, Value::Name(Name::new("set-1")?));
    /// let card = card.with(Field::Split, Value::Flag(true));
    /// let mut event = Event::new(Name::new("master")?, Id::Number(1), Kind::CatalogueChange, now);
    /// event.lines = vec![Line::new(Name::new("CUP")?, 1)?, Line::new(Name::new("TEA-250")?, 2)?];
    /// event.terms = Some(Box::new(Terms::Card(card)));
    /// let mut catalogue = Catalogue::default();
    /// catalogue.note(&event);
    /// let row = catalogue.stand_in(&Name::new("GIFT-SET")?, now)?;
    /// assert_eq!((row.parts.len(), row.parts[1].units.units(), row.split), (2, 2, true));
    /// # Ok(()) }
    /// ```
    pub fn stand_in(&self, kit: &Name, at: Time) -> Result<StandInRow, KitProblem> {
        let parts = self.expand(kit, 1, at)?.into_iter().filter(|(_, units)| *units > 0);
        let parts = parts.filter_map(|(sku, units)| Some(Part { sku, units: Quantity::new(units)? }));
        let parts: Vec<Part> = parts.collect();
        if parts.len() > REQUEST_LINES_MAX {
            return Err(KitProblem::TooLarge);
        }
        Ok(StandInRow { sku: kit.clone(), parts, split: self.splits(kit, at), unit: Money::ZERO })
    }

    fn splits(&self, kit: &Name, at: Time) -> bool {
        self.card(List::Kit, None, kit, at).is_some_and(|card| card.is(Field::Split))
    }

    /// The components of a kit as its open recipe has them; none for what is no kit.
    fn recipe(&self, sku: &Name, at: Time) -> &[(Name, i64)] {
        self.lines(List::Kit, None, sku, at)
    }

    /// The kit that was told last of those in a circle, among the kits that a kit is made of, if a circle is found.
    ///
    /// Walks down as far as [`PATH_MAX`] and looks at [`KIT_LINES_MAX`] lines: a kit in a wider circle is too deep all the same.
    pub(super) fn cycle(&self, kit: &Name, at: Time) -> Option<Name> {
        let mut path: Vec<(&Name, &[(Name, i64)])> = Vec::new();
        path.push((kit, self.recipe(kit, at)));
        for _ in 0..KIT_LINES_MAX {
            let (_, left) = path.last_mut()?;
            let Some(((part, _), rest)) = left.split_first() else {
                path.pop();
                continue;
            };
            *left = rest;
            let mut circle = path.iter().map(|(sku, _)| *sku).skip_while(|sku| *sku != part).peekable();
            if circle.peek().is_some() {
                return circle.max_by_key(|sku| self.recipe_told(sku, at)).cloned();
            }
            let recipe = self.recipe(part, at);
            if !recipe.is_empty() && path.len() < PATH_MAX {
                path.push((part, recipe));
            }
        }
        None
    }

    /// When the recipe of a kit was told, in key order.
    fn recipe_told(&self, kit: &Name, at: Time) -> Option<(Time, &SaidBy)> {
        let dated = self.dated(&(Drawer::Cards(List::Kit), None, kit.clone()), at)?;
        Some((dated.from, &dated.key))
    }
}
