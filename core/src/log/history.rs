//! The entries about one thing, in the order in which they count.

use alloc::vec::Vec;

use super::{Entry, Log};
use crate::event::{Event, Line, Terms};
use crate::kind::{End, Kind};
use crate::name::Name;
use crate::ordered::{Set, sort_by};

/// What a history is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum About {
    /// An order, transfer, purchase order, lease or approval: what names it as its subject or as its supply.
    Order {
        /// Its name.
        subject: Name,
    },
    /// One line of it: what names the line, and what is about the whole.
    Claim {
        /// The order.
        subject: Name,
        /// The order line; the SKU's name unless the events say another.
        line: Name,
    },
    /// An item at a node, in all states, places, lots and of all owners: what moves it there, what moves a claim that was made
    /// on it there, what became of units on their way to it, wherever they arrived, and what was said of it, of its lots
    /// and of what is kept back of it.
    Position {
        /// The item.
        sku: Name,
        /// The node.
        node: Name,
    },
}

impl Log {
    /// The entries about an order, a claim or a position, accepted or not, in key order; at one key as they were written.
    ///
    /// Key order is: when it occurred, a count last at its instant, then source and id. Each entry has its number and seal, so
    /// that it can be shown to be in the log. See the example at [`Log`].
    pub fn history(&self, about: &About) -> Vec<&Entry> {
        let bound = Bound::of(about, &self.entries);
        let mut found: Vec<&Entry> =
            self.entries.iter().filter(|entry| touches(&entry.event, about, &bound)).collect();
        sort_by(&mut found, |one, other| key_of(one).cmp(&key_of(other)));
        found
    }
}

fn key_of(entry: &Entry) -> impl Ord + '_ {
    let event = &entry.event;
    (event.occurred, event.kind == Kind::Count, &event.source, &event.id, entry.number)
}

/// The claims that were made on a position, and what was sent to it: orders and transfers, and their lines.
#[derive(Default)]
struct Bound {
    lines: Set<(Name, Name)>,
    orders: Set<Name>,
}

impl Bound {
    fn of(about: &About, entries: &[Entry]) -> Bound {
        let mut bound = Bound::default();
        let About::Position { sku, node } = about else { return bound };
        for Entry { event, .. } in entries.iter().filter(|entry| entry.event.kind.row().claim.is_some()) {
            for line in event.lines.iter().filter(|line| is_at(event, line, sku, node)) {
                for subject in subjects(event) {
                    bound.orders.add(subject.clone());
                    bound.lines.add((subject.clone(), line.line_name().clone()));
                }
            }
        }
        bound
    }
}

fn touches(event: &Event, about: &About, bound: &Bound) -> bool {
    let mut lines = event.lines.iter();
    match about {
        About::Order { subject } => {
            subjects(event).any(|one| one == subject)
                || lines.any(|line| line.supply.as_ref() == Some(subject))
        }
        About::Claim { subject, line } => {
            subjects(event).any(|one| one == subject)
                && (event.lines.is_empty() || lines.any(|one| one.line_name() == line))
        }
        About::Position { sku, node } => {
            lines.any(|line| is_at(event, line, sku, node))
                || (moves_documents(event.kind) && moves_bound(event, bound))
                || event.terms.as_ref().is_some_and(|terms| is_of(terms, sku, node))
        }
    }
}

/// Whether master data says what of an item at a node may be promised.
fn is_of(terms: &Terms, sku: &Name, node: &Name) -> bool {
    match terms {
        Terms::Item(item) => item.sku == *sku,
        Terms::Lot(lot) => lot.sku == *sku,
        Terms::Protection(kept) => kept.sku == *sku && kept.node.as_ref().is_none_or(|at| at == node),
        _ => false,
    }
}

/// Whether it moves what a document has at nodes that it does not name: its claims, or what is on its way to one of them.
fn moves_documents(kind: Kind) -> bool {
    let row = kind.row();
    row.claim.is_some() || row.leg.is_some_and(|leg| matches!(leg.from, End::Transit(_)))
}

fn moves_bound(event: &Event, bound: &Bound) -> bool {
    subjects(event).any(|subject| match event.lines.is_empty() {
        true => bound.orders.get(subject).is_some(),
        false => {
            let mut lines = event.lines.iter();
            lines.any(|line| bound.lines.get(&(subject.clone(), line.line_name().clone())).is_some())
        }
    })
}

fn subjects(event: &Event) -> impl Iterator<Item = &Name> {
    event.subject.iter().chain(&event.to_subject)
}

fn is_at(event: &Event, line: &Line, sku: &Name, node: &Name) -> bool {
    let here = line.node.as_ref().or(event.node.as_ref());
    let is_of = line.sku == *sku || line.to_sku.as_ref() == Some(sku);
    is_of && (here == Some(node) || event.to_node.as_ref() == Some(node))
}
