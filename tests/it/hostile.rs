//! Facts that no honest source sends must neither panic nor take the book down (law 9).

use onhand::{Book, Event, Id, ItemTerms, Kind, Line, Name, NodeTerms, NodeType, Quantity, Terms, Time};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn at(kind: Kind, number: u64) -> Event {
    Event::new(name("till"), Id::Number(number), kind, Time::new(1_000).unwrap())
}

fn node(number: u64, node: &str) -> Event {
    let mut event = at(Kind::NodeChange, number);
    event.terms = Some(Box::new(Terms::Node(NodeTerms {
        node: name(node),
        node_type: NodeType::Store,
        title: None,
        on_line: true,
        ships: true,
        picks_up: true,
        handling_ms: 0,
    })));
    event
}

fn item(number: u64, sku: &str) -> Event {
    let mut event = at(Kind::ItemChange, number);
    event.terms = Some(Box::new(Terms::Item(ItemTerms {
        sku: name(sku),
        unit: name("each"),
        title: None,
        backorder_limit: Quantity::ZERO,
    })));
    event
}

#[test]
fn a_close_that_waited_for_its_node_is_posted_when_the_node_is_known() {
    let mut book = Book::new();
    for number in 1..=3 {
        book.evolve(&item(number, &format!("other-{number}"))).unwrap();
    }
    let mut close = at(Kind::PeriodClose, 4);
    close.node = Some(name("S1"));
    close.occurred = Time::new(2_000).unwrap();
    close.due = Some(close.occurred);
    assert_eq!(book.evolve(&close).unwrap().standing.code(), "parked");
    let mut known = node(5, "S1");
    known.occurred = Time::new(3_000).unwrap();
    book.evolve(&known).unwrap();
    let again = Book::restore(&book.snapshot()).unwrap();
    assert_eq!(again.digest(), book.digest());
}

#[test]
fn master_data_that_waits_for_master_data_takes_no_stack() {
    let mut book = Book::new();
    let length = 20_000;
    for number in (1..length).rev() {
        let mut event = node(number, &format!("N{number}"));
        event.node = Some(name(&format!("N{}", number - 1)));
        book.evolve(&event).unwrap();
    }
    let mut first = node(length, "N0");
    first.lines = Vec::new();
    book.evolve(&first).unwrap();
    let mut sale = at(Kind::Receipt, length + 1);
    sale.node = Some(name(&format!("N{}", length - 1)));
    sale.lines.push(Line::new(name("TEA"), 1).unwrap());
    assert_eq!(book.evolve(&sale).unwrap().standing.code(), "parked");
}
