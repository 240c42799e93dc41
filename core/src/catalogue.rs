//! The catalogue: what is known of items, packs, kits, nodes, places, channels, suppliers and promotions, at each moment.
//!
//! A book holds the master data that `evolve` and `promise` need. All else is on cards, told by events of the kind
//! `catalogue_change` like everything that is told. A [`Catalogue`] is a reading of all changes of master data, in key order and
//! beside the book: it says what a scanned code means, what a kit is made of, what is odd about an event as it was captured
//! ([`Catalogue::check`]) and what is wrong with the master data itself ([`Catalogue::flaws`]), each with a mend to propose. It
//! changes no event: quantities are in base units when they are told, and stay as they were told.
//!
//! Each change says the whole of one thing from its moment on. Nothing is deleted; a card is closed.

mod capture;
mod card;
mod flaw;
mod gtin;
mod kit;
mod list;
#[cfg(feature = "serde")]
mod text;

use alloc::vec::Vec;

pub use capture::{Remark, RemarkCode};
pub use card::{Card, Value};
pub use flaw::{Change, Flaw, FlawCode};
pub use gtin::{Gtin, GtinProblem, check_gln};
pub use kit::{KitAvailability, KitPart, KitProblem};
pub use list::{FIELDS, Field, FieldRow, LISTS, List, ListRow, Takes};

use crate::event::{Event, Id, ItemTerms, NodeTerms, Terms};
use crate::limits::{PACK_DEPTH_MAX, QUANTITY_MAX};
use crate::log::Log;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set};
use crate::receiving::{Expected, Tolerance};

/// Where something is kept: the terms that the book has too, and the lists of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Drawer {
    Items,
    Nodes,
    Cards(List),
}

/// The drawer, what it belongs to, its name.
type Place = (Drawer, Option<Name>, Name);

/// A card and its lines; for what the book has too, the terms, and a card with nothing but the name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    card: Card,
    lines: Vec<(Name, i64)>,
    terms: Option<Terms>,
}

/// What was said of one thing, by the moment from which it holds and then in key order.
#[derive(Clone, Debug, Default)]
struct Timeline(Vec<Dated>);

/// The key of the event that said it.
type SaidBy = (Time, Name, Id);

#[derive(Clone, Debug)]
struct Dated {
    from: Time,
    key: SaidBy,
    value: Said,
}

impl Timeline {
    /// The same event twice counts once.
    fn say(&mut self, from: Time, event: &Event, value: Said) {
        let key = (event.occurred, event.source.clone(), event.id.clone());
        let place = self.0.partition_point(|one| (one.from, &one.key) < (from, &key));
        if self.0.get(place).is_none_or(|one| (one.from, &one.key) != (from, &key)) {
            self.0.insert(place, Dated { from, key, value });
        }
    }

    fn at(&self, at: Time) -> Option<&Dated> {
        let after = self.0.partition_point(|one| one.from <= at);
        self.0.get(after.checked_sub(1)?)
    }

    /// What was said first, if that holds at a moment.
    fn first(&self, at: Time) -> Option<&Dated> {
        self.0.first().filter(|first| first.from <= at)
    }
}

/// A pack of an item, with its size worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Pack {
    /// Its name: what a line says as its `pack`.
    pub name: Name,
    /// Base units in one.
    pub units: i64,
    /// Its own GTIN, in 14 digits.
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "text::gtin")
    )]
    pub gtin: Option<Gtin>,
}

/// What a scanned code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The item.
    pub sku: Name,
    /// The pack; `None` for the item itself.
    pub pack: Option<Name>,
    /// Base units in one of what was scanned.
    pub units: i64,
    /// Grams that one piece is expected to weigh, where the item is sold by weight.
    pub grams: Option<i64>,
    /// Whether each unit is of a lot that has to be captured too.
    pub by_lot: bool,
}

/// Why a scanned code means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanProblem {
    /// Neither a known SKU nor a GTIN.
    NotAGtin(GtinProblem),
    /// A GTIN that no open card has.
    UnknownGtin {
        /// The code, in its canonical form.
        gtin: Gtin,
    },
    /// A GTIN that several have: somebody has to choose, and the catalogue to be mended.
    Ambiguous {
        /// What it may mean.
        found: Vec<Found>,
    },
}

impl ScanProblem {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            ScanProblem::NotAGtin(problem) => problem.code(),
            ScanProblem::UnknownGtin { .. } => "unknown_gtin",
            ScanProblem::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// What was said of master data, and what follows at each moment.
///
/// ```
/// use onhand::catalogue::{Card, Catalogue, Field, List, Value};
/// use onhand::{Event, Id, ItemTerms, Kind, Name, Quantity, Terms, Time};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = |text: &str| Name::new(text).unwrap();
/// let mut catalogue = Catalogue::new();
/// let mut number = 0;
/// let mut say = |terms: Terms, kind: Kind, at: i64| {
///     number += 1;
///     let mut event = Event::new(name("office"), Id::Number(number), kind, Time::new(at).unwrap());
///     event.terms = Some(terms.into());
///     assert!(event.check().is_ok());
///     catalogue.note(&event);
/// };
/// let item = ItemTerms {
///     sku: name("TEA-250"), unit: name("each"), title: None, backorder_limit: Quantity::ZERO,
/// };
/// say(Terms::Item(item), Kind::ItemChange, 0);
/// let tea = Card::new(List::Item, name("TEA-250")).with(Field::Gtin, Value::Name(name("036000291452")));
/// say(Terms::Card(tea), Kind::CatalogueChange, 0);
/// let case = Card::new(List::Pack, name("case")).of(name("TEA-250"));
/// let case = case.with(Field::Count, Value::Number(12)).with(Field::Gtin, Value::Name(name("10036000291459")));
/// say(Terms::Card(case.clone()), Kind::CatalogueChange, 0);
/// say(Terms::Card(case.closed()), Kind::CatalogueChange, 1_000);
///
/// let at = |millis| Time::new(millis).unwrap();
/// let found = catalogue.scan("10036000291459", at(999)).unwrap();
/// assert_eq!((found.sku.as_str(), found.units), ("TEA-250", 12));
/// assert_eq!(catalogue.scan("0036000291452", at(999)).unwrap().units, 1);
/// assert_eq!(catalogue.scan("10036000291459", at(1_000)).unwrap_err().code(), "unknown_gtin");
/// assert_eq!(catalogue.scan("10036000291458", at(999)).unwrap_err().code(), "check_digit");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    told: Map<Place, Timeline>,
    /// Cards by the GTINs that they ever had.
    by_gtin: Set<(Gtin, Place)>,
}

impl Catalogue {
    /// A catalogue that was told nothing yet.
    pub fn new() -> Catalogue {
        Catalogue::default()
    }

    /// A catalogue that was told every change that a log has accepted.
    pub fn of(log: &Log) -> Catalogue {
        let mut catalogue = Catalogue::new();
        log.entries()
            .iter()
            .filter(|entry| entry.is_accepted())
            .for_each(|entry| catalogue.note(&entry.event));
        catalogue
    }

    /// Takes down an event that the book accepted, if it changes master data: in whatever order they come, and each once.
    ///
    /// Changes of items and nodes hold from when they occurred, as in the book; a card holds from the event's `due` if it has
    /// one, so that it may be told beforehand.
    pub fn note(&mut self, event: &Event) {
        if !event.kind.row().needs.terms {
            return;
        }
        match event.terms.as_deref() {
            Some(Terms::Item(item)) => {
                self.say(Drawer::Items, event, Card::new(List::Item, item.sku.clone()))
            }
            Some(Terms::Node(node)) => {
                self.say(Drawer::Nodes, event, Card::new(List::Node, node.node.clone()))
            }
            Some(Terms::Card(card)) => self.say(Drawer::Cards(card.list), event, card.clone()),
            Some(Terms::Lane(_) | Terms::Lot(_) | Terms::Protection(_)) | None => {}
        }
    }

    fn say(&mut self, drawer: Drawer, event: &Event, card: Card) {
        let place = (drawer, card.of.clone(), card.name.clone());
        if let Some(gtin) = card.gtin() {
            self.by_gtin.add((gtin, place.clone()));
        }
        let lines = event.lines.iter().map(|line| (line.sku.clone(), line.quantity.units())).gather();
        let (from, terms) = match drawer {
            Drawer::Cards(_) => (event.due.unwrap_or(event.occurred), None),
            Drawer::Items | Drawer::Nodes => (event.occurred, event.terms.as_deref().cloned()),
        };
        self.told.entry(place).say(from, event, Said { card, lines, terms });
    }

    /// What the book is told of an item at a moment.
    pub fn item(&self, sku: &Name, at: Time) -> Option<&ItemTerms> {
        match &self.dated(&(Drawer::Items, None, sku.clone()), at)?.value.terms {
            Some(Terms::Item(item)) => Some(item),
            _ => None,
        }
    }

    /// What the book is told of a node at a moment.
    pub fn node(&self, node: &Name, at: Time) -> Option<&NodeTerms> {
        match &self.dated(&(Drawer::Nodes, None, node.clone()), at)?.value.terms {
            Some(Terms::Node(node)) => Some(node),
            _ => None,
        }
    }

    /// A card as it stands at a moment; `None` when there is none or it is closed.
    pub fn card(&self, list: List, of: Option<&Name>, name: &Name, at: Time) -> Option<&Card> {
        self.said(&(Drawer::Cards(list), of.cloned(), name.clone()), at).map(|said| &said.card)
    }

    /// The items of a card's lines at a moment, with their units: the components of a kit, the items of a promotion.
    pub fn lines(&self, list: List, of: Option<&Name>, name: &Name, at: Time) -> &[(Name, i64)] {
        self.said(&(Drawer::Cards(list), of.cloned(), name.clone()), at)
            .map_or(&[], |said| said.lines.as_slice())
    }

    /// The open cards of a list at a moment, sorted by what they belong to and their names. Looks at all cards of the list.
    pub fn cards(&self, list: List, at: Time) -> impl Iterator<Item = &Card> {
        self.open(list, at).map(|dated| &dated.value.card)
    }

    /// The packs of an item at a moment, by name. A pack whose size cannot be worked out is left out: see [`Catalogue::flaws`].
    pub fn packs(&self, sku: &Name, at: Time) -> Vec<Pack> {
        let packs = self.places(Drawer::Cards(List::Pack), Some(sku)).filter_map(|(_, _, name)| {
            let gtin = self.card(List::Pack, Some(sku), name, at)?.gtin();
            Some(Pack { name: name.clone(), units: self.pack_units(sku, name, at)?, gtin })
        });
        packs.gather()
    }

    /// Base units in a pack of an item at a moment. `None` when it is not known or its size cannot be worked out.
    pub fn pack_units(&self, sku: &Name, pack: &Name, at: Time) -> Option<i64> {
        let (mut units, mut inner) = (1_i64, pack.clone());
        for _ in 0..PACK_DEPTH_MAX {
            let card = self.card(List::Pack, Some(sku), &inner, at)?;
            units = units.checked_mul(card.number(Field::Count)?).filter(|units| *units <= QUANTITY_MAX)?;
            match card.text(Field::Contains) {
                Some(next) => inner = next.clone(),
                None => return Some(units),
            }
        }
        None
    }

    /// What a scanned code means at a moment: a SKU as it is written, or the GTIN of an item or a pack in any of its lengths.
    ///
    /// # Errors
    ///
    /// [`ScanProblem`].
    pub fn scan(&self, code: &str, at: Time) -> Result<Found, ScanProblem> {
        if let Ok(sku) = Name::new(code)
            && self.item(&sku, at).is_some()
        {
            return Ok(self.found(sku, None, 1, at));
        }
        let gtin = Gtin::parse(code).map_err(ScanProblem::NotAGtin)?;
        let mut found: Vec<Found> = Vec::new();
        let first = (gtin, (Drawer::Items, None, Name::known("")));
        for ((held, place), ()) in self.by_gtin.from(&first) {
            if *held != gtin {
                break;
            }
            let (drawer, of, name) = place;
            let says_so = self.said(place, at).is_some_and(|said| said.card.gtin() == Some(gtin));
            let units = match (drawer, of) {
                _ if !says_so => None,
                (Drawer::Cards(List::Pack), Some(sku)) => {
                    self.pack_units(sku, name, at).map(|units| (sku, Some(name), units))
                }
                _ => Some((name, None, 1)),
            };
            if let Some((sku, pack, units)) = units {
                found.push(self.found(sku.clone(), pack.cloned(), units, at));
            }
        }
        match (found.len(), found.pop()) {
            (1, Some(one)) => Ok(one),
            (_, None) => Err(ScanProblem::UnknownGtin { gtin }),
            (_, Some(last)) => {
                found.push(last);
                Err(ScanProblem::Ambiguous { found })
            }
        }
    }

    /// What is expected of a delivery by a supplier's terms and the packs of the item; see [`crate::receiving::inspect`].
    ///
    /// `open` is how many base units are still to come.
    pub fn expected(&self, supplier: Option<&Name>, sku: &Name, open: i64, at: Time) -> Expected {
        let rules = self.card(List::Item, None, sku, at);
        let terms = supplier.and_then(|supplier| self.card(List::SupplierItem, Some(supplier), sku, at));
        let number = |field| terms.and_then(|terms| terms.number(field)).unwrap_or(0);
        Expected {
            sku: sku.clone(),
            open,
            packs: self.packs(sku, at).into_iter().map(|pack| (pack.name, pack.units)).gather(),
            over: Tolerance { units: number(Field::OverUnits), ppm: number(Field::OverPpm) },
            under: Tolerance { units: number(Field::UnderUnits), ppm: number(Field::UnderPpm) },
            by_lot: rules.is_some_and(|rules| rules.is(Field::ByLot)),
            life_ms: rules.and_then(|rules| rules.number(Field::LifeOnArrivalMs)),
        }
    }

    fn found(&self, sku: Name, pack: Option<Name>, units: i64, at: Time) -> Found {
        let rules = self.card(List::Item, None, &sku, at);
        let grams = rules.and_then(|rules| rules.number(Field::Grams));
        Found { sku, pack, units, grams, by_lot: rules.is_some_and(|rules| rules.is(Field::ByLot)) }
    }

    /// What stands on a card that is open at a moment.
    fn said(&self, place: &Place, at: Time) -> Option<&Said> {
        Some(&self.dated(place, at)?.value).filter(|said| !said.card.is_closed())
    }

    fn dated(&self, place: &Place, at: Time) -> Option<&Dated> {
        self.told.get(place)?.at(at)
    }

    /// Cards that ever had a GTIN.
    fn of_gtin(&self, gtin: Gtin) -> impl Iterator<Item = &Place> {
        let all = self.by_gtin.from(&(gtin, (Drawer::Items, None, Name::known("")))).map(|(held, ())| held);
        all.take_while(move |(held, _)| *held == gtin).map(|(_, place)| place)
    }

    /// Everything in a drawer that belongs to something, by name.
    fn places<'a>(&'a self, drawer: Drawer, of: Option<&'a Name>) -> impl Iterator<Item = &'a Place> {
        let all = self.told.from(&(drawer, of.cloned(), Name::known(""))).map(|(place, _)| place);
        all.take_while(move |(one, held, _)| *one == drawer && held.as_ref() == of)
    }

    fn open(&self, list: List, at: Time) -> impl Iterator<Item = &Dated> {
        let drawer = Drawer::Cards(list);
        let of_list = self.told.from(&(drawer, None, Name::known("")));
        let of_list = of_list.take_while(move |((one, _, _), _)| *one == drawer);
        of_list.filter_map(move |(_, said)| said.at(at)).filter(|dated| !dated.value.card.is_closed())
    }

    /// Whether the last word on a card, at a moment, is that it is closed.
    fn is_closed(&self, list: List, of: Option<&Name>, name: &Name, at: Time) -> bool {
        let dated = self.dated(&(Drawer::Cards(list), of.cloned(), name.clone()), at);
        dated.is_some_and(|dated| dated.value.card.is_closed())
    }
}
