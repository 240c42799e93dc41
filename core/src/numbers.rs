//! Doors for bindings: the same answers by number instead of by name ([`Book::intern`]).

use crate::ordered::Gather as _;
use alloc::vec::Vec;

use crate::availability::Availability;
use crate::book::Book;
use crate::dense::NONE;
use crate::measure::Time;
use crate::name::Name;
use crate::rows::NameKind;

impl Book {
    /// [`Book::availability`] by number; `None` for what the book does not know.
    pub fn availability_by_number(&self, sku: u32, node: u32, now: Time) -> Option<Availability> {
        let known = self.skus.find(sku)?.item.is_some() && self.locations.find(node)?.terms.is_some();
        known.then(|| self.shelf(sku, node, now.millis()))
    }

    /// Availability of an item at every node, in the order of the nodes' names. Empty for an item that the book does not know.
    pub fn availability_everywhere(&self, sku: &str, now: Time) -> Vec<(Name, Availability)> {
        let Some(sku) = self.known_sku(sku) else { return Vec::new() };
        let nodes = self.nodes.iter().filter(|(_, node)| self.locations[**node].terms.is_some());
        nodes.map(|(name, node)| (Name::known(name), self.shelf(sku, *node, now.millis()))).gather()
    }

    /// The name behind a number, or `None` for a number that stands for nothing.
    pub fn name_of(&self, kind: NameKind, number: u32) -> Option<&str> {
        let within = |length: usize| usize::try_from(number).is_ok_and(|number| number < length);
        match kind {
            NameKind::Source => within(self.sources.len()).then(|| self.sources.text(number)),
            NameKind::Sku => within(self.sku_names.len()).then(|| self.sku_names.text(number)),
            NameKind::Node => self.locations.find(number).map(|location| &*location.name),
            NameKind::Word => within(self.words.len()).then(|| self.words.text(number)),
            NameKind::Supply => self.supplies.find(number).map(|supply| self.words.text(supply.name)),
        }
    }

    /// The number of a name that the book has seen, or 2^32 - 1; asking changes nothing.
    pub fn number_of(&self, kind: NameKind, name: &str) -> u32 {
        let number = match kind {
            NameKind::Source => self.sources.id(name),
            NameKind::Sku => self.sku_names.id(name),
            NameKind::Node => self.nodes.get(name).copied(),
            NameKind::Word => self.words.id(name),
            NameKind::Supply => None,
        };
        number.unwrap_or(NONE)
    }
}
