//! Offers under rules of every kind, accepted: what is committed is what the offer names, where it names it, and each line of the request
//! is filled as it says. Of two carts, who comes too late is offered afresh what can be had.

use std::collections::BTreeMap;

use onhand::kind::Ledger;
use onhand::promise::{
    AcceptRefused, Offer, OfferLine, Request, RequestLine, Rulebook, Shipment, StandInRow, Term,
};
use onhand::{Book, Event, Id, Kind, Name};
use onhand_tests::random::{Dice, name};

use super::shop::{NODES, NOW, SKUS, Shop, at};
use super::{aim, keep_hours, request, rulebook, stand_ins};

/// Units by item, node and supply.
type Places = BTreeMap<(Name, Name, Option<Name>), i64>;

/// What a book has claimed.
fn claimed(book: &Book) -> Places {
    let mut places = Places::new();
    for (sku, node) in SKUS.iter().flat_map(|sku| NODES.iter().map(move |node| (sku, node))) {
        let shelf = book.availability(sku, node, at(NOW)).unwrap();
        places.insert((name(*sku), name(*node), None), shelf.claimed);
        for supply in book.dated_supply(sku, node) {
            places.insert((name(*sku), name(*node), Some(supply.supply)), supply.claimed);
        }
    }
    places
}

/// The rows that may stand in for an item.
fn rows_for<'a>(rulebook: &'a Rulebook, sku: &'a Name) -> impl Iterator<Item = &'a StandInRow> {
    let rows = rulebook.rules.iter().filter_map(|rule| match &rule.then {
        Term::StandIn { rows } => Some(rows),
        _ => None,
    });
    rows.flatten().filter(move |row| row.sku == *sku)
}

/// Whether so many of the rows, each any number of times, are made up of these units.
fn made_up(units: &BTreeMap<&Name, i64>, rows: &[&StandInRow], times: i64) -> bool {
    let Some((row, rest)) = rows.split_first() else {
        return times == 0 && units.values().all(|left| *left == 0);
    };
    (0..=times).any(|some| {
        let mut left = units.clone();
        row.parts.iter().for_each(|part| *left.entry(&part.sku).or_default() -= some * part.units.units());
        left.values().all(|left| *left >= 0) && made_up(&left, rest, times - some)
    })
}

/// Each line of the request is filled by its own item, by what stands in for it and by what is unmet, and nothing leaves before it is there.
fn fills(shop: &Shop, rulebook: &Rulebook, request: &Request, offer: &Offer) -> Result<(), String> {
    let called = |line: &RequestLine| line.line.clone().unwrap_or_else(|| line.sku.clone());
    let lines = || offer.shipments.iter().flat_map(|shipment| &shipment.lines);
    for line in &request.lines {
        let of_line = || lines().filter(|one| one.line == called(line));
        let own = |one: &&OfferLine| one.asked.is_none() && one.sku == line.sku;
        let filled: i64 = of_line().filter(own).map(|one| one.quantity).sum();
        let unmet: i64 =
            offer.unmet.iter().filter(|one| one.line == called(line)).map(|one| one.quantity).sum();
        let mut units: BTreeMap<&Name, i64> = BTreeMap::new();
        for one in of_line().filter(|one| one.asked.as_ref() == Some(&line.sku)) {
            *units.entry(&one.sku).or_default() += one.quantity;
        }
        let rows: Vec<&StandInRow> = rows_for(rulebook, &line.sku).collect();
        if !made_up(&units, &rows, line.quantity.units() - filled - unmet) {
            return Err(format!("{filled} and {units:?} of {line:?}"));
        }
    }
    let known = |one: &OfferLine| request.lines.iter().any(|line| called(line) == one.line);
    if !lines().all(known) {
        return Err("a line that nobody asked for".into());
    }
    for shipment in &offer.shipments {
        let node = shop.nodes.iter().find(|node| node.name == shipment.node.as_str()).unwrap();
        for line in shipment.lines.iter().filter(|line| line.supply.is_some()) {
            let item = SKUS.iter().position(|sku| *sku == line.sku.as_str()).unwrap();
            let (due, _) = node.supply[item].expect("only what is announced is named");
            if shipment.release_by < due {
                return Err(format!("{line:?} leaves before {due}"));
            }
        }
    }
    Ok(())
}

/// Accepts an offer; where it is taken the book has claimed exactly what the offer names, under the names of its lines.
fn accept(
    book: &mut Book,
    number: u64,
    rulebook: &Rulebook,
    request: &Request,
    offer: &Offer,
) -> Result<(), AcceptRefused> {
    let before = claimed(book);
    let mut command = Event::new(name("asker-2"), Id::Number(number), Kind::Reserve, at(NOW));
    let order = name(format!("cart-{number}"));
    command.subject = Some(order.clone());
    book.accept_under(rulebook, &command, request, offer)?;
    let (mut expected, mut named) = (before, Vec::new());
    for (shipment, line) in
        offer.shipments.iter().flat_map(|shipment| shipment.lines.iter().map(move |line| (shipment, line)))
    {
        let place = (line.sku.clone(), shipment.node.clone(), line.supply.clone());
        *expected.get_mut(&place).expect("what is named is there") += line.quantity;
        named.push((line.line.clone(), place, line.quantity));
    }
    assert_eq!(claimed(book), expected, "{offer:?}");
    let of_order = book.claims(Ledger::Order, &order, at(NOW)).into_iter().map(|claim| {
        let line = claim.line.as_str().split('#').next().unwrap();
        (name(line), (claim.sku, claim.node.unwrap(), claim.supply), claim.open)
    });
    let mut of_order: Vec<_> = of_order.collect();
    of_order.sort();
    named.sort();
    assert_eq!(of_order, named, "{offer:?}");
    Ok(())
}

/// What became of two carts.
#[derive(Default)]
struct Tally {
    accepted: usize,
    with_stand_ins: usize,
    with_supply: usize,
    with_parcels: usize,
    too_late: usize,
    afresh: usize,
}

fn hold_carts(seed: u64, tally: &mut Tally) {
    let mut dice = Dice::new(seed);
    let mut shop = Shop::of(&mut dice);
    let soft = if dice.percent(30) { 60 } else { 0 };
    let (mut rulebook, mut request) = (rulebook(&mut dice, soft), request(&mut dice));
    if dice.percent(40) {
        keep_hours(&mut dice, &mut shop, &mut rulebook, &mut request);
    }
    if dice.percent(70) {
        stand_ins::add(&mut dice, &mut rulebook);
    }
    if dice.percent(40) {
        aim(&mut dice, &mut rulebook);
    }
    if dice.percent(40) {
        // One item on two lines.
        let again = RequestLine { line: Some(name("again")), ..request.lines[0].clone() };
        request.lines.push(again);
    }
    let mut book = shop.book();
    let offer = book.promise_under(&rulebook, &request).unwrap();
    let facts = |offer: &Offer| format!("{seed}: {shop:?}\n{rulebook:?}\n{request:?}\n{offer:?}");
    fills(&shop, &rulebook, &request, &offer).unwrap_or_else(|why| panic!("{why}: {}", facts(&offer)));
    match accept(&mut book, 1, &rulebook, &request, &offer) {
        Err(AcceptRefused::NothingOffered) => {
            assert!(offer.shipments.is_empty(), "{}", facts(&offer));
            return;
        }
        answer => answer.unwrap_or_else(|why| panic!("{why:?}: {}", facts(&offer))),
    }
    let lines = || offer.shipments.iter().flat_map(|shipment| &shipment.lines);
    tally.accepted += 1;
    tally.with_stand_ins += usize::from(lines().any(|line| line.asked.is_some()));
    tally.with_supply += usize::from(lines().any(|line| line.supply.is_some()));
    tally.with_parcels += usize::from(offer.shipments.len() > 1);
    // The other cart was offered the same.
    let (digest, now) = (book.digest(), book.promise_under(&rulebook, &request).unwrap());
    match accept(&mut book, 2, &rulebook, &request, &offer) {
        // What is accepted under rules is what they offer at that moment.
        Ok(()) => {
            let named = |offer: &Offer| -> Vec<_> {
                let all =
                    offer.shipments.iter().flat_map(|one| one.lines.iter().map(move |line| (one, line)));
                let said = |(one, line): (&Shipment, &OfferLine)| {
                    let (node, supply) = (one.node.clone(), line.supply.clone());
                    (node, line.line.clone(), line.sku.clone(), line.quantity, supply)
                };
                all.map(said).collect()
            };
            assert_eq!(named(&offer), named(&now), "{}", facts(&offer));
        }
        Err(AcceptRefused::Refused { fresh: Some(fresh), .. } | AcceptRefused::Changed { fresh }) => {
            tally.too_late += 1;
            assert_eq!(book.digest(), digest, "{}", facts(&offer));
            let fresh = *fresh;
            assert_eq!(fresh, now, "{}", facts(&offer));
            assert_ne!(fresh, offer, "{}", facts(&offer));
            fills(&shop, &rulebook, &request, &fresh)
                .unwrap_or_else(|why| panic!("{why}: {}", facts(&fresh)));
            match accept(&mut book, 3, &rulebook, &request, &fresh) {
                Err(AcceptRefused::NothingOffered) => assert!(fresh.shipments.is_empty()),
                answer => {
                    answer.unwrap_or_else(|why| panic!("{why:?}: {}", facts(&fresh)));
                    tally.afresh += 1;
                }
            }
        }
        Err(why) => panic!("{why:?}: {}", facts(&offer)),
    }
}

#[test]
fn what_is_accepted_under_rules_is_what_was_offered() {
    let carts = if crate::is_long() { 200_000 } else { 10_000 };
    let mut tally = Tally::default();
    (0..carts).for_each(|seed| hold_carts(seed, &mut tally));
    let Tally { accepted, with_stand_ins, with_supply, with_parcels, too_late, afresh } = tally;
    let counts = [accepted, with_stand_ins, with_supply, with_parcels, too_late, afresh];
    let least = [6, 1, 2, 1, 3, 1].map(|tenths| carts as usize * tenths / 20);
    assert!(counts.iter().zip(least).all(|(count, least)| *count > least), "{counts:?} of {carts}");
}
