//! The data of the storefront page: the book after the year's close, as a snapshot, and the catalogue.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use onhand::{Book, Event, Id, Kind, NodeType};

use crate::orders;
use crate::progress::Progress;
use crate::replay::hex;
use crate::world::{World, name, time};
use crate::year::Year;

#[derive(serde::Serialize)]
struct Catalogue<'a> {
    /// ISO 4217.
    currency: &'a str,
    /// The moment that the page takes for the present, in milliseconds.
    now: i64,
    /// Of the book in the snapshot: whoever restores it can see that it is the same.
    digest: String,
    zones: Vec<String>,
    nodes: Vec<CatalogueNode<'a>>,
    /// The best sellers first.
    items: Vec<CatalogueItem<'a>>,
}

#[derive(serde::Serialize)]
struct CatalogueNode<'a> {
    node: &'a str,
    title: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
}

#[derive(serde::Serialize)]
struct CatalogueItem<'a> {
    sku: &'a str,
    title: &'a str,
    department: &'a str,
    unit: &'static str,
    /// Cents.
    price: i64,
}

/// Closes the year at every node and writes `snapshot.bin` and `catalogue.json`.
pub fn write(year: &Year, mut book: Book, folder: &Path, progress: &Progress) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    close_year(&year.world, &mut book, progress)?;
    let catalogue = serde_json::to_vec(&catalogue(year, &book))?;
    for (file, bytes) in [("snapshot.bin", book.snapshot()), ("catalogue.json", catalogue)] {
        let path = folder.join(file);
        fs::write(&path, &bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        eprintln!("wrote {}: {} bytes", path.display(), bytes.len());
    }
    Ok(())
}

fn close_year(world: &World, book: &mut Book, progress: &Progress) -> Result<()> {
    let step = progress.step("closing the year", world.nodes.len() as u64);
    let now = orders::now(world);
    for (number, node) in (1..).zip(&world.nodes) {
        let mut close =
            Event::new(name("head-office-closing"), Id::Number(number), Kind::PeriodClose, time(now));
        close.node = Some(node.name.clone());
        close.due = Some(time(world.end - 1));
        book.execute(&close).with_context(|| format!("the year at `{}` cannot be closed", node.name))?;
        step.advance(1);
    }
    Ok(())
}

fn catalogue<'a>(year: &'a Year, book: &Book) -> Catalogue<'a> {
    let nodes = &year.world.nodes;
    Catalogue {
        currency: year.world.currency,
        now: orders::now(&year.world),
        digest: hex(&book.digest()),
        zones: year.world.zones().iter().map(ToString::to_string).collect(),
        nodes: nodes
            .iter()
            .filter(|node| node.kind != NodeType::Channel)
            .map(|node| CatalogueNode {
                node: node.name.as_str(),
                title: &node.title,
                kind: node.kind.code(),
                zone: node.zone.as_ref().map(onhand::Name::as_str),
            })
            .collect(),
        items: year
            .goods()
            .map(|item| CatalogueItem {
                sku: item.sku.as_str(),
                title: &item.title,
                department: &item.department,
                unit: item.unit,
                price: item.price,
            })
            .collect(),
    }
}
