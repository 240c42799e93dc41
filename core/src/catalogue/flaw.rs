//! What is wrong with the master data itself, each with a mend to propose.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Card, Catalogue, Dated, Drawer, Field, Gtin, KitProblem, List, Said, SaidBy, Takes, Value};
use crate::event::{Event, Line, Terms};
use crate::kind::Kind;
use crate::limits::PACK_DEPTH_MAX;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set, sort_by_key};
use crate::place::codes;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FlawCode {
    /// An item that was there before under a name that differs only in case, in spaces or in the form of a GTIN.
    DuplicateSku,
    /// An item that is kept in another base unit than at first: what was posted stays in the first. `other` is that unit.
    UnitRedefined,
    /// A GTIN that another card has.
    DuplicateGtin,
    /// Two packs of one item under names that differ only in case or spaces. `found` and `wanted` are their sizes.
    PackConflict,
    /// A pack that has another size than before under the same name: events that name it can no longer be read by it.
    /// `found` is how many it contains now, `wanted` how many before.
    PackRedefined,
    /// The GTIN of the pack is made from that of another item.
    PackOfOtherItem,
    /// A pack that is in itself.
    PackCycle,
    /// Packs in packs, deeper than [`PACK_DEPTH_MAX`].
    PackTooDeep,
    /// A pack of more units than a quantity can be.
    PackTooLarge,
    /// A kit that is in itself.
    KitCycle,
    /// Kits in kits, deeper than [`KIT_DEPTH_MAX`](crate::limits::KIT_DEPTH_MAX).
    KitTooDeep,
    /// A kit of more lines than [`KIT_LINES_MAX`](crate::limits::KIT_LINES_MAX), or of more units than a quantity can be.
    KitTooLarge,
    /// It names something that nobody knows.
    Dangling,
    /// It names something that is closed.
    NamesClosed,
}

codes!(FlawCode:
    DuplicateSku "duplicate_sku", UnitRedefined "unit_redefined", DuplicateGtin "duplicate_gtin", PackConflict "pack_conflict",
    PackRedefined "pack_redefined", PackOfOtherItem "pack_of_other_item", PackCycle "pack_cycle",
    PackTooDeep "pack_too_deep", PackTooLarge "pack_too_large", KitCycle "kit_cycle", KitTooDeep "kit_too_deep",
    KitTooLarge "kit_too_large", Dangling "dangling", NamesClosed "names_closed",
);

/// Something wrong with the master data, with its numbers and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub code: FlawCode,
    /// The list of the card that it is about.
    pub list: List,
    /// What the card belongs to.
    pub of: Option<Name>,
    /// Its name.
    pub name: Name,
    /// The field that is wrong, where it is one.
    pub field: Option<Field>,
    /// What it is in conflict with or names in vain.
    pub other: Option<Name>,
    /// As the code says, or 0.
    pub found: i64,
    /// As the code says, or 0.
    pub wanted: i64,
    /// A change that would mend it: to be looked at by somebody who knows the thing.
    pub mend: Change,
}

/// A change of the catalogue that nobody has made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The card as it would be.
    pub card: Card,
    /// Its lines.
    pub lines: Vec<(Name, i64)>,
}

impl Change {
    /// The event that makes the change: `event` says who, when and under which approval.
    pub fn event(&self, event: Event) -> Event {
        let lines = self.lines.iter().filter_map(|(sku, units)| Line::new(sku.clone(), *units).ok());
        let (kind, terms) = (Kind::CatalogueChange, Terms::Card(self.card.clone()));
        Event { kind, terms: Some(terms.into()), lines: lines.gather(), ..event }
    }

    /// The request that a steward may grant: `event` says who asks, when, why, and what the approval is called.
    ///
    /// With a [`Policy`](crate::approval::Policy) that guards the kind, the change is then made by [`Change::event`] under that
    /// approval, just as it was asked for. Any other event of master data is asked for in the same way.
    pub fn request(&self, event: Event) -> Event {
        Event { kind: Kind::ApprovalRequest, asks: Some(Kind::CatalogueChange), ..self.event(event) }
    }
}

/// Where a name leads.
enum Lead {
    Nothing,
    Closed,
    Open,
}

impl Catalogue {
    /// Everything that is wrong at a moment, by code and name. Looks at every card.
    pub fn flaws(&self, at: Time) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        self.find_item_flaws(at, &mut flaws);
        self.find_duplicate_gtins(at, &mut flaws);
        self.find_pack_flaws(at, &mut flaws);
        self.find_kit_flaws(at, &mut flaws);
        for list in List::ALL {
            for dated in self.open(*list, at) {
                self.find_vain_names(&dated.value, at, &mut flaws);
            }
        }
        sort_by_key(&mut flaws, |flaw| (flaw.code, flaw.list, flaw.of.clone(), flaw.name.clone()));
        flaws
    }

    /// What a change would make wrong that is not wrong without it: to refuse it before it is told, or to ask again. A change that
    /// makes a kit a part of itself has a `kit_cycle` here.
    ///
    /// Looks at every card at the moment of the change, and at each later moment for which a card was told beforehand.
    pub fn flaws_of(&self, change: &Event) -> Vec<Flaw> {
        let mut changed = self.clone();
        changed.note(change);
        let at = change.due.unwrap_or(change.occurred);
        let mut moments: Set<Time> = Set::new();
        moments.add(at);
        for told in self.told.values() {
            let ahead = told.0.iter().filter(|dated| dated.from > dated.key.0.max(at));
            moments.add_all(ahead.map(|dated| dated.from));
        }
        let mut flaws: Vec<Flaw> = Vec::new();
        for at in moments.keys().copied() {
            let before = self.flaws(at);
            for flaw in changed.flaws(at) {
                if !before.contains(&flaw) && !flaws.contains(&flaw) {
                    flaws.push(flaw);
                }
            }
        }
        flaws
    }

    fn find_item_flaws(&self, at: Time, flaws: &mut Vec<Flaw>) {
        let items =
            self.places(Drawer::Items, None).filter_map(|place| Some((&place.2, self.told.get(place)?)));
        let open = items.filter(|(sku, _)| !self.is_closed(List::Item, None, sku, at));
        let open = open.filter_map(|(sku, said)| Some((sku, said.first(at)?)));
        let mut by_fold: Map<String, Vec<(&Name, &SaidBy)>> = Map::new();
        let mut find = |code, sku: &Name, other: &Name| {
            let card = self.card(List::Item, None, sku, at).cloned();
            let card = card.unwrap_or_else(|| Card::new(List::Item, sku.clone()));
            let said = Said { card, lines: Vec::new(), terms: None };
            flaws.push(Flaw { other: Some(other.clone()), ..flaw(code, &said) });
        };
        for (sku, first) in open {
            by_fold.entry(folded(sku)).push((sku, &first.key));
            if let (Some(Terms::Item(first)), Some(now)) = (&first.value.terms, self.item(sku, at))
                && first.unit != now.unit
            {
                find(FlawCode::UnitRedefined, sku, &first.unit);
            }
        }
        for mut twins in by_fold.into_iter().map(|(_, twins)| twins) {
            sort_by_key(&mut twins, |(_, said)| (*said).clone());
            let Some(((first, _), others)) = twins.split_first() else { continue };
            others.iter().for_each(|(sku, _)| find(FlawCode::DuplicateSku, sku, first));
        }
    }

    fn find_duplicate_gtins(&self, at: Time, flaws: &mut Vec<Flaw>) {
        let mut gtins: Vec<Gtin> = self.by_gtin.keys().map(|(gtin, _)| *gtin).gather();
        gtins.dedup();
        for gtin in gtins {
            let held = self.of_gtin(gtin).filter_map(|place| self.dated(place, at));
            let open =
                held.filter(|dated| !dated.value.card.is_closed() && dated.value.card.gtin() == Some(gtin));
            let mut open: Vec<&Dated> = open.gather();
            sort_by_key(&mut open, |dated| (dated.from, dated.key.clone()));
            let Some((first, others)) = open.split_first() else { continue };
            for dated in others {
                flaws.push(Flaw {
                    field: Some(Field::Gtin),
                    other: Some(first.value.card.name.clone()),
                    mend: without(&dated.value, Field::Gtin),
                    ..flaw(FlawCode::DuplicateGtin, &dated.value)
                });
            }
        }
    }

    fn find_pack_flaws(&self, at: Time, flaws: &mut Vec<Flaw>) {
        // Items by the core of their GTIN: what the GTIN of a pack is made from.
        let mut cores: Map<&str, &Name> = Map::new();
        let gtins: Vec<(Gtin, &Name)> =
            self.cards(List::Item, at).filter_map(|card| Some((card.gtin()?, &card.name))).gather();
        for (gtin, sku) in &gtins {
            cores.insert(gtin.core(), *sku);
        }
        let mut by_fold: Map<(Name, String), &Dated> = Map::new();
        let mut open: Vec<&Dated> = self.open(List::Pack, at).gather();
        sort_by_key(&mut open, |dated| (dated.from, dated.key.clone()));
        for dated in open {
            let said = &dated.value;
            let (Some(sku), name) = (&said.card.of, &said.card.name) else { continue };
            let size = |name| self.pack_units(sku, name, at).unwrap_or(0);
            let first = *by_fold.entry_or((sku.clone(), folded(name)), || dated);
            if first.value.card.name != *name {
                flaws.push(Flaw {
                    other: Some(first.value.card.name.clone()),
                    found: size(name),
                    wanted: size(&first.value.card.name),
                    ..flaw(FlawCode::PackConflict, said)
                });
            }
            if let Some(gtin) = said.card.gtin().filter(|gtin| (1..=8).contains(&gtin.indicator()))
                && let Some(other) = cores.get(gtin.core()).filter(|other| **other != sku)
                && !self.card(List::Item, None, sku, at).is_some_and(|own| is_of_core(own, gtin))
            {
                flaws.push(Flaw {
                    field: Some(Field::Gtin),
                    other: Some((*other).clone()),
                    mend: without(said, Field::Gtin),
                    ..flaw(FlawCode::PackOfOtherItem, said)
                });
            }
            self.find_redefined_pack(dated, at, flaws);
            if let Some(code) = self.pack_problem(sku, dated, at) {
                flaws.push(flaw(code, said));
            }
        }
    }

    /// A pack that had another size under the same name since it was opened.
    fn find_redefined_pack(&self, dated: &Dated, at: Time, flaws: &mut Vec<Flaw>) {
        let card = &dated.value.card;
        let place = (Drawer::Cards(List::Pack), card.of.clone(), card.name.clone());
        let told = self.told.get(&place).into_iter().flat_map(|told| &told.0);
        let told = told.take_while(|one| one.from <= at).map(|one| &one.value.card);
        let first = told.fold(None, |first: Option<&Card>, card| match card.is_closed() {
            true => None,
            false => first.or(Some(card)),
        });
        // Another way to write the name of what it contains is no other size.
        let size = |card: &Card| (card.number(Field::Count), card.text(Field::Contains).map(folded));
        if let Some(first) = first.filter(|first| size(first) != size(card)) {
            let [found, wanted] = [card, first].map(|card| card.number(Field::Count).unwrap_or(0));
            let mend = Change { card: first.clone(), lines: Vec::new() };
            let field = Some(Field::Count);
            flaws.push(Flaw { field, found, wanted, mend, ..flaw(FlawCode::PackRedefined, &dated.value) });
        }
    }

    /// Why the size of a pack cannot be worked out; a cycle is told of the pack that was said last.
    fn pack_problem(&self, sku: &Name, dated: &Dated, at: Time) -> Option<FlawCode> {
        let (mut inner, mut last) = (dated, dated);
        for _ in 0..PACK_DEPTH_MAX {
            let Some(next) = inner.value.card.text(Field::Contains) else {
                let name = &dated.value.card.name;
                return self.pack_units(sku, name, at).is_none().then_some(FlawCode::PackTooLarge);
            };
            // A name that leads nowhere is a flaw of its own.
            let place = (Drawer::Cards(List::Pack), Some(sku.clone()), next.clone());
            inner = self.dated(&place, at).filter(|dated| !dated.value.card.is_closed())?;
            if (inner.from, &inner.key) > (last.from, &last.key) {
                last = inner;
            }
            if core::ptr::eq(inner, dated) {
                return core::ptr::eq(last, dated).then_some(FlawCode::PackCycle);
            }
        }
        Some(FlawCode::PackTooDeep).filter(|_| !self.is_on_pack_cycle(sku, inner, at))
    }

    fn is_on_pack_cycle(&self, sku: &Name, dated: &Dated, at: Time) -> bool {
        let mut inner = dated;
        (0..PACK_DEPTH_MAX).any(|_| {
            let next = inner.value.card.text(Field::Contains);
            let next = next.and_then(|next| {
                self.dated(&(Drawer::Cards(List::Pack), Some(sku.clone()), next.clone()), at)
            });
            inner = next.unwrap_or(inner);
            next.is_some() && core::ptr::eq(inner, dated)
        })
    }

    fn find_kit_flaws(&self, at: Time, flaws: &mut Vec<Flaw>) {
        let mut told: Set<Name> = Set::new();
        for dated in self.open(List::Kit, at) {
            let kit = &dated.value.card.name;
            let code = match self.expand(kit, 1, at) {
                Err(KitProblem::TooDeep) => FlawCode::KitTooDeep,
                Err(KitProblem::TooLarge) => FlawCode::KitTooLarge,
                Ok(_) | Err(KitProblem::NotAKit) => continue,
            };
            // What is in itself is too large before it is too deep, where it has many of itself.
            let cycle = self.cycle(kit, at).map(|sku| (FlawCode::KitCycle, sku));
            let (code, sku) = cycle.unwrap_or_else(|| (code, kit.clone()));
            // A cycle is met from every kit that is in it or over it, and is one flaw.
            if told.add(sku.clone())
                && let Some(said) = self.said(&(Drawer::Cards(List::Kit), None, sku), at)
            {
                flaws.push(flaw(code, said));
            }
        }
    }

    /// Names on a card that lead to nothing, or to what is closed.
    fn find_vain_names(&self, said: &Said, at: Time, flaws: &mut Vec<Flaw>) {
        let (card, row) = (&said.card, said.card.list.row());
        let mut vain = |list,
                        of: Option<&Name>,
                        name: &Name,
                        field: Option<Field>,
                        mend: &dyn Fn(Option<Name>) -> Change| {
            let code = match self.leads(list, of, name, at) {
                Lead::Open => return,
                Lead::Closed => FlawCode::NamesClosed,
                Lead::Nothing => FlawCode::Dangling,
            };
            // Perhaps it was only written otherwise.
            let meant =
                self.names(list, of, at).find(|known| *known != name && folded(known) == folded(name));
            let mend = mend(meant.cloned());
            flaws.push(Flaw { field, other: Some(name.clone()), mend, ..flaw(code, said) });
        };
        if let (Some(list), Some(of)) = (row.of, &card.of) {
            vain(list, None, of, None, &|_| closing(said));
        }
        if let Some(list) = row.named_in {
            vain(list, None, &card.name, None, &|_| closing(said));
        }
        let sku = if card.list == List::SupplierItem { Some(&card.name) } else { card.of.as_ref() };
        for (field, value) in card.says() {
            if let (Takes::One(list), Value::Name(name)) = (field.row().takes, value) {
                let of = sku.filter(|_| list == List::Pack);
                vain(list, of, name, Some(*field), &|meant| match meant {
                    Some(meant) => Change {
                        card: card.clone().with(*field, Value::Name(meant)),
                        lines: said.lines.clone(),
                    },
                    // A size that nobody can work out is no size.
                    None if *field == Field::Contains => closing(said),
                    None => without(said, *field),
                });
            }
        }
        for (sku, _) in &said.lines {
            vain(List::Item, None, sku, None, &|meant| match (meant, card.list) {
                (Some(meant), _) => {
                    let mut lines = said.lines.clone();
                    lines.iter_mut().filter(|line| line.0 == *sku).for_each(|line| line.0 = meant.clone());
                    Change { card: card.clone(), lines }
                }
                (None, List::Promotion) if said.lines.len() > 1 => {
                    let lines = said.lines.iter().filter(|line| line.0 != *sku).cloned().gather();
                    Change { card: card.clone(), lines }
                }
                // A kit without one of its components is another kit.
                (None, _) => closing(said),
            });
        }
    }

    fn leads(&self, list: List, of: Option<&Name>, name: &Name, at: Time) -> Lead {
        let is_known = match list {
            List::Item => self.item(name, at).is_some(),
            List::Node => self.node(name, at).is_some(),
            _ => self.card(list, of, name, at).is_some(),
        };
        match (is_known, self.is_closed(list, of, name, at)) {
            (_, true) => Lead::Closed,
            (true, false) => Lead::Open,
            (false, false) => Lead::Nothing,
        }
    }

    /// Names that lead somewhere.
    fn names<'a>(&'a self, list: List, of: Option<&'a Name>, at: Time) -> impl Iterator<Item = &'a Name> {
        let items = self.places(Drawer::Items, None).filter(move |_| list == List::Item);
        let nodes = self.places(Drawer::Nodes, None).filter(move |_| list == List::Node);
        let cards = self.cards(list, at).filter(move |_| !matches!(list, List::Item | List::Node));
        let cards = cards.filter(move |card| card.of.as_ref() == of).map(|card| &card.name);
        let all = items.chain(nodes).map(|(_, _, name)| name).chain(cards);
        all.filter(move |name| matches!(self.leads(list, of, name, at), Lead::Open))
    }
}

/// A flaw that is mended by closing the card.
fn flaw(code: FlawCode, said: &Said) -> Flaw {
    Flaw {
        code,
        list: said.card.list,
        of: said.card.of.clone(),
        name: said.card.name.clone(),
        field: None,
        other: None,
        found: 0,
        wanted: 0,
        mend: closing(said),
    }
}

fn closing(said: &Said) -> Change {
    Change { card: said.card.clone().closed(), lines: said.lines.clone() }
}

fn without(said: &Said, field: Field) -> Change {
    Change { card: said.card.clone().without(field), lines: said.lines.clone() }
}

/// Whether an item has a GTIN that a pack's may be made from.
fn is_of_core(item: &Card, pack: Gtin) -> bool {
    item.gtin().is_some_and(|own| own.core() == pack.core())
}

/// What is left of a name without case and spaces; a GTIN in its canonical form.
fn folded(name: &Name) -> String {
    let text: String =
        name.as_str().chars().filter(|one| !one.is_whitespace()).flat_map(char::to_lowercase).collect();
    match Gtin::parse(&text) {
        Ok(gtin) => gtin.as_str().into(),
        Err(_) => text,
    }
}
