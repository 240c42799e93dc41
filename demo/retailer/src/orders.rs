//! Orders that the finished book answers: a parcel, a pick-up, an order that no node can fill alone, one that nobody can fill.

use std::collections::BTreeMap;

use anyhow::Result;
use onhand::promise::{Check, Destination, Explain, Offer, Request};
use onhand::{Book, Name};

use crate::world::{DAY, World, time};
use crate::year::Year;

/// A question, what is there, and the answer.
#[derive(serde::Serialize)]
pub struct Answered {
    pub question: String,
    pub request: Request,
    /// Items by what is available in all: nodes that have some, units, and the three nodes that have most.
    pub available: Vec<Available>,
    pub offer: Offer,
    /// Why nodes are not in the plan: how many by the check that they fail.
    pub passed: BTreeMap<&'static str, u64>,
    /// The best plan that uses another node costs at least this, in minor units.
    pub cheapest_other: Option<(Name, i64)>,
}

#[derive(serde::Serialize)]
pub struct Available {
    pub sku: Name,
    pub title: String,
    pub nodes: u64,
    pub units: i64,
    pub most: Vec<(Name, i64)>,
}

/// The moment of all questions: the morning after the year.
pub fn now(world: &World) -> i64 {
    world.end + 9 * 3_600_000
}

pub fn answer(year: &Year, book: &Book) -> Result<Vec<Answered>> {
    let world = &year.world;
    let best: Vec<Name> = year.goods().map(|item| item.sku.clone()).take(4).collect();
    let (Some((_, store)), Some(first)) = (world.stores().next(), best.first()) else {
        return Ok(Vec::new());
    };
    let zone = Destination::Zone(store.zone.clone().unwrap_or_else(|| store.name.clone()));
    let sku = |at: usize| best[at % best.len()].clone();
    let moment = now(world);
    let ask = |to: &Destination| Request::new(to.clone(), time(moment));
    let reach = reach(book, ask(&zone), first)?;
    let pick_up =
        Destination::PickUp(pick_up_at(world, book, &sku(1), moment).unwrap_or_else(|| store.name.clone()));

    let parcel = ask(&zone).line(sku(0), 2)?.line(sku(1), 1)?;
    let collected = ask(&pick_up).line(sku(1), 1)?;
    let mut tomorrow = ask(&zone).line(sku(2), 1)?;
    tomorrow.needed_by = Some(time(moment + DAY));
    let split = ask(&zone).line(first.clone(), reach.beyond_one_node())?.line(sku(2), 1)?;
    let impossible = ask(&zone).line(first.clone(), reach.units + 5)?.line(sku(3), 1)?;
    [
        ("two items, delivered", parcel),
        ("one item, picked up", collected),
        ("one item, here by tomorrow", tomorrow),
        ("more than one node has", split),
        ("more than all nodes have", impossible),
    ]
    .into_iter()
    .map(|(question, mut request)| {
        request.explain = Explain::Full;
        answer_one(question, request, world, book)
    })
    .collect()
}

fn answer_one(question: &str, request: Request, world: &World, book: &Book) -> Result<Answered> {
    let offer = book.promise(&request)?;
    let mut passed: BTreeMap<&'static str, u64> = BTreeMap::new();
    for one in &offer.passed {
        *passed.entry(one.check.code()).or_default() += 1;
    }
    let others = offer.passed.iter().filter(|one| one.check == Check::NotNeeded);
    let cheapest_other = others.min_by_key(|one| one.number).map(|one| (one.node.clone(), one.number));
    let available = request.lines.iter().map(|line| available(world, book, &line.sku, request.now)).collect();
    Ok(Answered { question: question.to_owned(), request, available, offer, passed, cheapest_other })
}

fn available(world: &World, book: &Book, sku: &Name, now: onhand::Time) -> Available {
    let shelves = book.availability_everywhere(sku.as_str(), now);
    let mut having: Vec<(Name, i64)> = shelves
        .into_iter()
        .map(|(node, shelf)| (node, shelf.available))
        .filter(|(_, units)| *units > 0)
        .collect();
    having.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Available {
        sku: sku.clone(),
        title: world.title_of(sku).to_owned(),
        nodes: having.len() as u64,
        units: having.iter().map(|(_, units)| units).sum(),
        most: having.into_iter().take(3).collect(),
    }
}

/// What nodes can send to a zone: all of them together, and the one that gives most in the cheapest plan for everything.
struct Reach {
    units: i64,
    largest: i64,
}

impl Answered {
    /// What people call an item that was asked for.
    pub fn title_of<'a>(&'a self, sku: &'a Name) -> &'a str {
        let asked = self.available.iter().find(|available| available.sku == *sku);
        asked.map_or(sku.as_str(), |available| &available.title)
    }
}

impl Reach {
    fn beyond_one_node(&self) -> i64 {
        (self.largest + 1).min(self.units).max(1)
    }
}

fn reach(book: &Book, request: Request, sku: &Name) -> Result<Reach> {
    const MORE_THAN_ANYBODY_HAS: i64 = 1_000_000;
    let offer = book.promise(&request.line(sku.clone(), MORE_THAN_ANYBODY_HAS)?)?;
    let mut by_node: BTreeMap<&Name, i64> = BTreeMap::new();
    for shipment in &offer.shipments {
        let units = shipment.lines.iter().map(|line| line.quantity).sum::<i64>();
        *by_node.entry(&shipment.node).or_default() += units;
    }
    let largest = by_node.into_values().max().unwrap_or(0);
    Ok(Reach { units: offer.unmet.first().map_or(0, |unmet| unmet.available), largest })
}

/// The first store that has the item.
fn pick_up_at(world: &World, book: &Book, sku: &Name, now: i64) -> Option<Name> {
    let mut stores = world.stores().map(|(_, store)| &store.name);
    stores.find(|store| has_some(book, sku, store, now)).cloned()
}

fn has_some(book: &Book, sku: &Name, store: &Name, now: i64) -> bool {
    let shelf = book.availability(sku.as_str(), store.as_str(), time(now));
    shelf.is_some_and(|shelf| shelf.available > 0)
}
