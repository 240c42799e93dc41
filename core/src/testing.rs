//! Small books for examples and tests.

use alloc::boxed::Box;

use crate::book::Book;
use crate::event::{Event, Id, ItemTerms, NodeTerms, NodeType, Terms};
use crate::kind::Kind;
use crate::measure::{Quantity, Time};
use crate::name::Name;

/// A book that knows these items (unit `each`) and these nodes (stores that ship and hand over), and nothing else.
///
/// Its master data comes from the source `setup`. Texts that are no [`Name`] are left out.
///
/// ```
/// let book = onhand::testing::book(&["TEA-250"], &["store-1"]);
/// assert_eq!(book.position_count(), 0);
/// ```
pub fn book(skus: &[&str], nodes: &[&str]) -> Book {
    let mut book = Book::new();
    let items = skus.iter().filter_map(|sku| Name::new(sku).ok()).map(item);
    let nodes = nodes.iter().filter_map(|node| Name::new(node).ok()).map(node);
    for (number, (kind, terms)) in (1..).zip(items.chain(nodes)) {
        let mut event = Event::new(Name::known("setup"), Id::Number(number), kind, Time::ZERO);
        event.terms = Some(Box::new(terms));
        // INVARIANT: these events are well formed and new.
        let _ = book.evolve(&event);
    }
    book
}

fn item(sku: Name) -> (Kind, Terms) {
    let unit = Name::known("each");
    (Kind::ItemChange, Terms::Item(ItemTerms { sku, unit, title: None, backorder_limit: Quantity::ZERO }))
}

fn node(node: Name) -> (Kind, Terms) {
    let terms = NodeTerms {
        node,
        node_type: NodeType::Store,
        title: None,
        on_line: true,
        ships: true,
        picks_up: true,
        handling_ms: 0,
    };
    (Kind::NodeChange, Terms::Node(terms))
}
