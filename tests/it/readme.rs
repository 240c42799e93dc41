//! The README's program in Rust: what stands there is what runs here, and prints what stands there.

use std::error::Error;

/// What the program prints.
#[rustfmt::skip]
fn said() -> Result<String, Box<dyn Error>> {
    let mut said = String::new();
    macro_rules! println { ($($part:tt)*) => { said += &format!("{}\n", format_args!($($part)*)) } }
    // The program begins.
    use onhand::promise::{Destination, Request};
    use onhand::{Event, Name, Time, testing};

    let mut book = testing::book(&["TEA-250"], &["store-1"]);
    let event = |json: &str| Event::from_json(json);

    // A fact: goods arrived. It is posted whatever the book thought.
    book.evolve(&event(r#"{ "kind": "receipt", "source": "dock", "id": 1, "occurred": 1000, "node": "store-1",
        "lines": [{ "sku": "TEA-250", "quantity": 12 }] }"#)?)?;

    // An intent: an order wants stock. It is checked; sent again, it changes nothing.
    let order = event(r#"{ "kind": "reserve", "source": "shop", "id": 1, "occurred": 2000, "node": "store-1",
        "subject": "order-7", "lines": [{ "sku": "TEA-250", "quantity": 5 }] }"#)?;
    println!("replayed: {}", book.execute(&order)?.replayed);
    println!("replayed: {}", book.execute(&order)?.replayed);

    // Too much is refused, with the numbers.
    let large = event(r#"{ "kind": "reserve", "source": "shop", "id": 2, "occurred": 3000, "node": "store-1",
        "subject": "order-8", "lines": [{ "sku": "TEA-250", "quantity": 9 }] }"#)?;
    println!("{:?}", book.execute(&large).unwrap_err());

    // What can be promised commits nothing: seven are left to pick up.
    let to = Destination::PickUp(Name::new("store-1")?);
    let offer = book.promise(&Request::new(to, Time::new(3000).unwrap()).line(Name::new("TEA-250")?, 7)?)?;
    println!("{} units, proven: {}", offer.shipments[0].lines[0].quantity, offer.proven);
    // The program ends.
    Ok(said)
}

/// What stands between two marks of a text, each line without the indent of the first.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let text = text.split_once(from).unwrap().1.split_once(to).unwrap().0.trim_end();
    let lines = text.lines().skip_while(|line| line.is_empty());
    let indent = lines.clone().next().map_or(0, |line| line.len() - line.trim_start().len());
    lines.map(|line| line.get(indent..).unwrap_or_default()).collect()
}

#[test]
fn the_program_of_the_readme_prints_what_it_says() {
    let readme = std::fs::read_to_string(onhand_tests::host::folder().join("../README.md")).unwrap();
    let program = between(include_str!("readme.rs"), "// The program begins.\n", "// The program ends.");
    assert_eq!(program, between(&readme, "```rust\n", "```"));
    assert_eq!(said().unwrap().lines().collect::<Vec<_>>(), between(&readme, "```text\n", "```"));
}
