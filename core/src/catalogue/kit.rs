//! Kits: what one is made of in the end, and how many can be made at a node.

use alloc::vec::Vec;
use core::fmt;

use super::{Catalogue, List, SaidBy};
use crate::book::Book;
use crate::limits::{KIT_DEPTH_MAX, KIT_LINES_MAX, QUANTITY_MAX};
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Map, Set};

/// Why a kit cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KitProblem {
    /// No open recipe makes it.
    NotAKit,
    /// It is in itself, through this kit.
    Cycle {
        /// The kit.
        sku: Name,
    },
    /// Kits in kits, deeper than [`KIT_DEPTH_MAX`].
    TooDeep,
    /// More lines than [`KIT_LINES_MAX`] in the end, or more units than a quantity can be.
    TooLarge,
}

impl KitProblem {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            KitProblem::NotAKit => "not_a_kit",
            KitProblem::Cycle { .. } => "kit_cycle",
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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct KitAvailability {
    /// Kits that stand there ready made, as [`Availability::available`](crate::Availability::available).
    pub ready: i64,
    /// Kits that can be made of the components that are available there; 0 when the book does not know one of them.
    pub to_make: i64,
    /// The component that binds: the first by name of those that allow the fewest.
    pub binds: Name,
    /// The components in the end, by name.
    pub parts: Vec<KitPart>,
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
                return Ok(parts.into_iter().collect());
            }
            level = next;
        }
        Err(self.cycle(kit, at).map_or(KitProblem::TooDeep, |sku| KitProblem::Cycle { sku }))
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
            parts.map(|(sku, units)| KitPart { available: available(&sku), sku, units }).collect();
        // A component of which a kit has none binds nothing.
        let makes =
            parts.iter().filter(|part| part.units > 0).map(|part| (part.available / part.units, &part.sku));
        let (to_make, binds) = makes.min().ok_or(KitProblem::NotAKit)?;
        Ok(KitAvailability { ready: available(kit), to_make, binds: binds.clone(), parts })
    }

    /// The components of a kit as its open recipe has them; none for what is no kit.
    fn recipe(&self, sku: &Name, at: Time) -> &[(Name, i64)] {
        self.lines(List::Kit, None, sku, at)
    }

    /// The kit that was told last of those in a circle, among the kits that a kit is made of, if there is a circle.
    ///
    /// Walks each kit once: `path` are those whose components are being looked at, `done` those that are in no circle.
    fn cycle(&self, kit: &Name, at: Time) -> Option<Name> {
        let mut done: Set<&Name> = Set::new();
        let mut open: Set<&Name> = Set::new();
        let mut path: Vec<(&Name, &[(Name, i64)])> = Vec::new();
        let mut enter = Some(kit);
        loop {
            if let Some(sku) = enter.take() {
                open.add(sku);
                path.push((sku, self.recipe(sku, at)));
            }
            let (sku, left) = path.last_mut()?;
            match left.split_first() {
                Some(((part, _), rest)) => {
                    *left = rest;
                    if open.get(&part).is_some() {
                        let circle = path.iter().map(|(sku, _)| *sku).skip_while(|sku| *sku != part);
                        return circle.max_by_key(|sku| self.told(sku, at)).cloned();
                    }
                    if done.get(&part).is_none() && !self.recipe(part, at).is_empty() {
                        enter = Some(part);
                    }
                }
                None => {
                    let sku = *sku;
                    open.remove(&sku);
                    done.add(sku);
                    path.pop();
                }
            }
        }
    }

    /// When the recipe of a kit was told, in key order.
    fn told(&self, kit: &Name, at: Time) -> Option<(Time, &SaidBy)> {
        let dated = self.cards.get(&(List::Kit, None, kit.clone()))?.at(at)?;
        Some((dated.from, &dated.key))
    }
}
