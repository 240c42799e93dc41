//! Counting: how several people and places make one count.
//!
//! A [`Sheet`] says which items are counted at which places of a node. People tally what they find, in any order and as often as
//! they come by a shelf, and finish a place; when two have finished one place and differ, it is counted again. A closed sheet
//! gives the facts to post, a count for each place at the moment it was finished: an item of the sheet that nobody found at a
//! finished place is zero there, with its units of no lot where all were found with one, and a place that nobody finished says
//! nothing. Goods are the company's unless whoever finds them says whose they are. The sheet never knows the book: what it shows
//! is blind.

use alloc::vec::Vec;

use crate::event::{Event, Id, Line};
use crate::kind::Kind;
use crate::limits::LINES_MAX;
use crate::measure::{Quantity, Time};
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set};
use crate::place::StockState;

/// What is to be counted, and what was found so far.
///
/// ```
/// use onhand::counting::Sheet;
/// use onhand::{Name, Time, testing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = |text: &str| Name::new(text).unwrap();
/// let at = |millis| Time::new(millis).unwrap();
/// let mut sheet = Sheet::new(name("count-7"), name("store-1"));
/// sheet.items = vec![name("TEA-250"), name("CUP")];
/// sheet.places = vec![Some(name("shelf")), Some(name("back-room"))];
///
/// // Ada counts the shelf in two goes; Grace finds another number, and Ada looks again.
/// sheet.tally(&name("ada"), Some(&name("shelf")), &name("TEA-250"), None, None, 3)?;
/// sheet.tally(&name("ada"), Some(&name("shelf")), &name("TEA-250"), None, None, 4)?;
/// sheet.finish(&name("ada"), Some(&name("shelf")), at(1_000))?;
/// sheet.tally(&name("grace"), Some(&name("shelf")), &name("TEA-250"), None, None, 8)?;
/// sheet.finish(&name("grace"), Some(&name("shelf")), at(2_000))?;
/// assert_eq!(sheet.disputes().len(), 1);
/// sheet.start_over(&name("ada"), Some(&name("shelf")))?;
/// sheet.tally(&name("ada"), Some(&name("shelf")), &name("TEA-250"), None, None, 8)?;
/// sheet.finish(&name("ada"), Some(&name("shelf")), at(3_000))?;
///
/// // Nobody went to the back room: nothing is said about it.
/// assert_eq!(sheet.unfinished(), [Some(&name("back-room"))]);
/// let counts = sheet.close(&name("pda-4"), 1).unwrap();
/// assert_eq!(counts.len(), 1);
/// assert_eq!(counts[0].occurred, at(3_000));
/// let found: Vec<_> = counts[0].lines.iter().map(|line| (line.sku.as_str(), line.quantity.units())).collect();
/// assert_eq!(found, [("CUP", 0), ("TEA-250", 8)]);
///
/// let mut book = testing::book(&["TEA-250", "CUP"], &["store-1"]);
/// assert!(book.evolve(&counts[0]).is_ok());
/// assert_eq!(book.quantity("TEA-250", "store-1", Some("shelf"), onhand::StockState::Sellable), 8);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The count: the subject of the facts.
    pub name: Name,
    /// The node.
    pub node: Name,
    /// The items that are counted. Empty for a full count: every item that is found, and nothing is zero for not being found.
    pub items: Vec<Name>,
    /// Lots of those items that should be there: each that nobody found at a finished place is zero there.
    pub lots: Vec<(Name, Name)>,
    /// Owners whose goods are counted with the company's: each item and lot of the sheet that nobody found of theirs at a finished
    /// place is zero there too. What was found of others is counted all the same.
    pub owners: Vec<Name>,
    /// The places that are counted; `None` is the node itself, outside of its places.
    pub places: Vec<Option<Name>>,
    /// The state that is counted.
    pub state: StockState,
    /// What each person found at each place.
    walks: Map<(Option<Name>, Name), Walk>,
}

/// One person at one place.
#[derive(Clone, Debug, Default)]
struct Walk {
    found: Map<Thing, i64>,
    finished: Option<Time>,
}

/// Item, lot and owner.
type Thing = (Name, Option<Name>, Option<Name>);

/// Why a tally is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotTaken {
    /// The sheet does not count this place.
    OtherPlace {
        /// The place.
        place: Option<Name>,
    },
    /// The sheet does not count this item.
    OtherItem {
        /// The item.
        sku: Name,
    },
    /// The units are below zero, or their sum is out of range.
    OutOfRange {
        /// The units.
        units: i64,
    },
    /// This person has finished this place: start over to count it again.
    Finished {
        /// The place.
        place: Option<Name>,
    },
    /// More items, lots and owners than one count can have: [`LINES_MAX`].
    TooMany,
}

impl NotTaken {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            NotTaken::OtherPlace { .. } => "other_place",
            NotTaken::OtherItem { .. } => "other_item",
            NotTaken::OutOfRange { .. } => "out_of_range",
            NotTaken::Finished { .. } => "finished",
            NotTaken::TooMany => "too_many",
        }
    }
}

impl core::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for NotTaken {}

/// A place where people found different numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dispute {
    /// The place.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub place: Option<Name>,
    /// The item.
    pub sku: Name,
    /// The lot.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub lot: Option<Name>,
    /// The owner, where it is not the company.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// What each person found who finished the place.
    pub found: Vec<(Name, i64)>,
}

impl Sheet {
    /// A sheet for a full count of the sellable stock of a node that has no places.
    pub fn new(name: Name, node: Name) -> Sheet {
        Sheet {
            name,
            node,
            items: Vec::new(),
            lots: Vec::new(),
            owners: Vec::new(),
            places: alloc::vec![None],
            state: StockState::Sellable,
            walks: Map::new(),
        }
    }

    /// Adds units that a person found, of the company's goods unless an owner is said; what is found in several goes adds up.
    ///
    /// # Errors
    ///
    /// [`NotTaken`]; the sheet is unchanged.
    pub fn tally(
        &mut self,
        who: &Name,
        place: Option<&Name>,
        sku: &Name,
        lot: Option<&Name>,
        owner: Option<&Name>,
        units: i64,
    ) -> Result<(), NotTaken> {
        if !self.items.is_empty() && !self.items.contains(sku) {
            return Err(NotTaken::OtherItem { sku: sku.clone() });
        }
        let expected = (self.items.len() + self.lots.len()) * (self.owners.len() + 1);
        let walk = self.walk(who, place)?;
        if walk.finished.is_some() {
            return Err(NotTaken::Finished { place: place.cloned() });
        }
        let thing = (sku.clone(), lot.cloned(), owner.cloned());
        let before = walk.found.get(&thing).copied();
        if before.is_none() && walk.found.len() + expected >= LINES_MAX {
            return Err(NotTaken::TooMany);
        }
        let sum = Quantity::new(units).and_then(|_| Quantity::new(before.unwrap_or(0).saturating_add(units)));
        let sum = sum.filter(|_| units >= 0).ok_or(NotTaken::OutOfRange { units })?;
        walk.found.insert(thing, sum.units());
        Ok(())
    }

    /// Says that a person has been everywhere in a place. What they did not find of the sheet's items is not there.
    ///
    /// # Errors
    ///
    /// [`NotTaken::OtherPlace`] and [`NotTaken::Finished`].
    pub fn finish(&mut self, who: &Name, place: Option<&Name>, at: Time) -> Result<(), NotTaken> {
        let walk = self.walk(who, place)?;
        if walk.finished.is_some() {
            return Err(NotTaken::Finished { place: place.cloned() });
        }
        walk.finished = Some(at);
        Ok(())
    }

    /// Forgets what a person found at a place: a recount begins.
    ///
    /// # Errors
    ///
    /// [`NotTaken::OtherPlace`].
    pub fn start_over(&mut self, who: &Name, place: Option<&Name>) -> Result<(), NotTaken> {
        *self.walk(who, place)? = Walk::default();
        Ok(())
    }

    fn walk(&mut self, who: &Name, place: Option<&Name>) -> Result<&mut Walk, NotTaken> {
        if !self.places.iter().any(|one| one.as_ref() == place) {
            return Err(NotTaken::OtherPlace { place: place.cloned() });
        }
        Ok(self.walks.entry_or((place.cloned(), who.clone()), Walk::default))
    }

    /// Places that nobody has finished. They are not zero: a close says nothing about them.
    pub fn unfinished(&self) -> Vec<Option<&Name>> {
        self.each_place().filter(|place| self.finished_at(*place).next().is_none()).gather()
    }

    /// Where those who finished a place differ, by place, item, lot and owner.
    pub fn disputes(&self) -> Vec<Dispute> {
        let mut disputes = Vec::new();
        for place in self.each_place() {
            let walks: Vec<(&Name, &Walk, Time)> = self.finished_at(place).gather();
            for thing in found_by(&walks).into_iter().map(|(thing, ())| thing.clone()) {
                let units = |walk: &Walk| walk.found.get(&thing).copied().unwrap_or(0);
                let found: Vec<_> = walks.iter().map(|(who, walk, _)| ((*who).clone(), units(walk))).gather();
                if found.iter().any(|(_, units)| found.first().is_some_and(|(_, first)| first != units)) {
                    let (sku, lot, owner) = thing;
                    disputes.push(Dispute { place: place.cloned(), sku, lot, owner, found });
                }
            }
        }
        disputes
    }

    /// The facts of the count: for each finished place one, at the moment it was finished last, with ids from `first` on.
    ///
    /// # Errors
    ///
    /// The disputes that are open.
    pub fn close(&self, source: &Name, first: u64) -> Result<Vec<Event>, Vec<Dispute>> {
        let disputes = self.disputes();
        if !disputes.is_empty() {
            return Err(disputes);
        }
        let mut counts: Vec<Event> = Vec::new();
        let mut number = first;
        for place in self.each_place() {
            let walks: Vec<(&Name, &Walk, Time)> = self.finished_at(place).gather();
            let Some((_, walk, at)) = walks.iter().max_by_key(|(.., at)| *at) else { continue };
            let mut lines = Vec::new();
            for thing in self.scope_of(&walks) {
                let units = walk.found.get(&thing).copied().unwrap_or(0);
                let (sku, lot, owner) = thing;
                // INVARIANT: `tally` takes only units that are in range.
                let Ok(line) = Line::new(sku, units) else { continue };
                let state = Some(self.state).filter(|state| *state != StockState::Sellable);
                lines.push(Line { lot, owner, place: place.cloned(), state, ..line });
            }
            for lines in lines.chunks(LINES_MAX) {
                let mut count = Event::new(source.clone(), Id::Number(number), Kind::Count, *at);
                count.node = Some(self.node.clone());
                count.subject = Some(self.name.clone());
                count.lines = lines.to_vec();
                number += 1;
                counts.push(count);
            }
        }
        Ok(counts)
    }

    /// Each place once, in the order of their names.
    fn each_place(&self) -> impl Iterator<Item = Option<&Name>> {
        let mut places: Set<Option<&Name>> = Set::new();
        places.add_all(self.places.iter().map(Option::as_ref));
        places.into_iter().map(|(place, ())| place)
    }

    /// What a count of a place is about: what was found there, and what should have been.
    fn scope_of(&self, walks: &[(&Name, &Walk, Time)]) -> Vec<Thing> {
        let found = found_by(walks);
        let mut scope: Set<Thing> = found.keys().map(|thing| ((*thing).clone(), ())).collect();
        for owner in core::iter::once(None).chain(self.owners.iter().map(Some)) {
            let of_owner = |sku: &Name, lot: Option<&Name>| (sku.clone(), lot.cloned(), owner.cloned());
            scope.add_all(self.lots.iter().map(|(sku, lot)| of_owner(sku, Some(lot))));
            // Who counts an item has found its units of no lot too, which may be below zero on the books: all that are there.
            scope.add_all(self.items.iter().map(|sku| of_owner(sku, None)));
        }
        scope.into_iter().map(|(thing, ())| thing).gather()
    }

    fn finished_at<'a>(
        &'a self,
        place: Option<&'a Name>,
    ) -> impl Iterator<Item = (&'a Name, &'a Walk, Time)> {
        let here = self.walks.iter().filter(move |((one, _), _)| one.as_ref() == place);
        here.filter_map(|((_, who), walk)| Some((who, walk, walk.finished?)))
    }
}

/// What somebody found.
fn found_by<'a>(walks: &[(&'a Name, &'a Walk, Time)]) -> Set<&'a Thing> {
    walks.iter().flat_map(|(_, walk, _)| walk.found.keys()).map(|thing| (thing, ())).collect()
}
