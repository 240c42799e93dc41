//! The shortest program that uses onhand: it applies events to a book and asks the book for an offer.

use std::error::Error;

use onhand::promise::{Destination, Request};
use onhand::{Event, Id, Kind, Line, Name, Time, testing};

fn main() -> Result<(), Box<dyn Error>> {
    let now = Time::new(1_767_225_600_000).ok_or("not a moment")?;
    let tea = Name::new("tea-assam")?;
    let store = Name::new("store-1")?;

    // A book that knows one item and one store: a service has this from its master data.
    let mut book = testing::book(&[tea.as_str()], &[store.as_str()]);

    // Facts: twelve arrive, a till sells two. Each is posted, whatever it says.
    for (source, kind, units) in [("dock-1", Kind::Receipt, 12), ("till-1", Kind::Sell, 2)] {
        let mut fact = Event::new(Name::new(source)?, Id::Number(1), kind, now);
        fact.node = Some(store.clone());
        fact.lines.push(Line::new(tea.clone(), units)?);
        book.evolve(&fact)?;
    }

    // An intent: somebody wants to hold seven. It is accepted, or refused by name with the numbers behind it.
    let mut hold = Event::new(Name::new("web")?, Id::Text(Name::new("basket-7")?), Kind::Reserve, now);
    hold.node = Some(store.clone());
    hold.subject = Some(Name::new("order-7")?);
    hold.lines.push(Line::new(tea.clone(), 7)?);
    book.execute(&hold)?;

    // A question: four more for pick-up. Three are left.
    let offer = book.promise(&Request::new(Destination::PickUp(store), now).line(tea, 4)?)?;
    for line in offer.shipments.iter().flat_map(|shipment| &shipment.lines) {
        println!("can be picked up: {} of {}", line.quantity, line.sku);
    }
    for unmet in &offer.unmet {
        println!(
            "cannot be met:    {} of {}, because {} are available",
            unmet.quantity, unmet.sku, unmet.available
        );
    }
    Ok(())
}
