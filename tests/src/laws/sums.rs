//! Sums: what is inside and outside, what is claimed, and what is still to come.

use std::collections::BTreeMap;

use onhand::kind::Ledger;
use onhand::limits::BALANCE_MAX;
use onhand::rows::NameKind;
use onhand::{
    Book, DatedSupply, Exception, ExceptionCode, Kind, LineClaim, Name, Outside, Position, StockState, Time,
};

use super::{Check, ensure, play, same};
use crate::history::History;
use crate::random::{Step, World};

pub fn conservation(history: &History) -> Check {
    let mut book = Book::new();
    for step in &history.steps {
        play(&mut book, step);
        for sku in history.world.skus() {
            let inside: i64 = book.positions(sku.as_str()).iter().map(|one| one.quantity).sum();
            let outside: i64 = Outside::ALL.iter().map(|account| book.account(sku.as_str(), *account)).sum();
            ensure(inside + outside == 0, || {
                format!("{sku}: {inside} inside, {outside} outside after {step:?}")
            })?;
        }
    }
    Ok(())
}

/// What stands at one item and node.
type At = (Name, Name);

pub fn claims(history: &History) -> Check {
    let (mut book, mut now, mut columns) = (Book::new(), 0, BTreeMap::new());
    let every = 1 + history.steps.len() / 64;
    for (at, step) in history.steps.iter().enumerate() {
        let command = matches!(step, Step::Command(_)).then(|| book.clone());
        now = now.max(step.event().occurred.millis());
        let accepted = play(&mut book, step).is_some();
        if let Some(before) = command.filter(|_| accepted) {
            takes_what_is_there(&history.world, &before, &book, step)?;
        }
        stamps(&history.world, &book, &mut columns)?;
        if at % every == 0 || at + 1 == history.steps.len() {
            audit(&history.world, &book, Time::new(now).unwrap_or_default())?;
        }
    }
    Ok(())
}

/// What was available by node at every moment is available as long as the item has the same stamp, at the same nodes.
fn stamps(world: &World, book: &Book, columns: &mut BTreeMap<Name, (u64, Vec<i64>)>) -> Check {
    for sku in world.skus() {
        let number = book.number_of(NameKind::Sku, sku.as_str());
        let Some((units, always)) = book.available_by_node(number, Time::ZERO) else { continue };
        let nodes = book.nodes_by_name();
        let known: Vec<i64> = nodes.iter().map(|(_, at)| units[*at as usize]).collect();
        let stamp = book.item_stamp(number).unwrap_or_default();
        if let Some((_, before)) = columns.get(sku).filter(|(read, _)| *read == stamp) {
            same(&known, before, || format!("{sku} by node under one stamp"))?;
        }
        match always {
            true => columns.insert(sku.clone(), (stamp, known)),
            false => columns.remove(sku),
        };
    }
    Ok(())
}

/// No intent takes a position further below zero, or claims above what policy allows.
fn takes_what_is_there(world: &World, before: &Book, book: &Book, step: &Step) -> Check {
    let event = step.event();
    // Master data may wake facts that waited, and may lower a limit.
    if event.terms.is_some() {
        return Ok(());
    }
    for sku in world.skus() {
        let held = before.positions(sku.as_str());
        for after in book.positions(sku.as_str()).iter().filter(|one| one.quantity < 0) {
            let same =
                held.iter().find(|one| Position { quantity: after.quantity, ..(*one).clone() } == *after);
            ensure(same.is_some_and(|one| one.quantity <= after.quantity), || {
                format!("{after:?} by {event:?}")
            })?;
        }
        for node in world.nodes() {
            let over = |book: &Book| {
                let shelf =
                    book.availability(sku.as_str(), node.as_str(), event.occurred).unwrap_or_default();
                (shelf.claimed - (shelf.sellable - shelf.withheld) - shelf.backorder_limit).max(0)
            };
            // A supply that is said not to come leaves what was claimed on it to the shelf.
            let spilled = |book: &Book| -> i64 {
                let supplies = book.dated_supply(sku.as_str(), node.as_str());
                supplies.iter().map(|one| (one.claimed - ours(one)).max(0)).sum()
            };
            let gone = if ends_supply(event.kind) { (spilled(book) - spilled(before)).max(0) } else { 0 };
            ensure(over(book) <= over(before) + gone, || {
                format!("overcommitted {sku} at {node} by {event:?}")
            })?;
        }
    }
    Ok(())
}

/// What is to come and is the company's to promise.
pub fn ours(supply: &DatedSupply) -> i64 {
    if supply.owner.is_none() { supply.open } else { 0 }
}

/// Whether a kind may say that a supply, or a part of it, will not come.
fn ends_supply(kind: Kind) -> bool {
    use Kind::{SupplyChange, TransferCancel, TransferPick, TransferReconcile, TransferShip};
    matches!(kind, SupplyChange | TransferCancel | TransferPick | TransferReconcile | TransferShip)
}

/// Every claim of the book at a moment.
fn all_claims(book: &Book, now: Time) -> Vec<LineClaim> {
    let ledgers = [Ledger::Order, Ledger::Transfer, Ledger::Lease];
    let documents =
        World::subjects().into_iter().flat_map(|subject| ledgers.map(|ledger| (ledger, subject.clone())));
    documents.flat_map(|(ledger, subject)| book.claims(ledger, &subject, now)).collect()
}

/// Every sum of the book against its parts, and every contradiction against its exception.
fn audit(world: &World, book: &Book, now: Time) -> Check {
    let mut direct: BTreeMap<At, i64> = BTreeMap::new();
    for claim in all_claims(book, now).into_iter().filter(|claim| claim.supply.is_none()) {
        let parts = [claim.open, claim.picked, claim.shipped];
        ensure(parts.iter().all(|units| *units >= 0), || format!("{claim:?}"))?;
        if let Some(node) = claim.node.filter(|_| claim.owner.is_none()) {
            *direct.entry((claim.sku, node)).or_default() += claim.open;
        }
    }
    // What is claimed on a supply counts until its end is recorded.
    let mut on_supply: BTreeMap<(At, Name), i64> = BTreeMap::new();
    let mut picked: BTreeMap<At, i64> = BTreeMap::new();
    for claim in all_claims(book, Time::ZERO) {
        if let Some(node) = claim.node.clone().filter(|_| claim.owner.is_none()) {
            *picked.entry((claim.sku.clone(), node)).or_default() += claim.picked;
        }
        if let (Some(node), Some(supply)) = (claim.node, claim.supply) {
            *on_supply.entry(((claim.sku, node), supply)).or_default() += claim.open;
        }
    }
    let open = book.exceptions(now);
    for sku in world.skus() {
        let positions = book.positions(sku.as_str());
        for one in &positions {
            ensure(one.quantity.abs() <= BALANCE_MAX, || format!("{sku} {one:?}"))?;
        }
        let short = [ExceptionCode::Deficit, ExceptionCode::ReceivedBeforeShipped];
        // Units of no lot may be those that the lots beside them have.
        let lots_beside = |one: &Position| -> i64 {
            let beside = positions.iter().filter(|lot| {
                lot.lot.is_some() && Position { lot: None, quantity: one.quantity, ..(*lot).clone() } == *one
            });
            beside.map(|lot| lot.quantity.max(0)).sum()
        };
        let deficits: i64 = positions.iter().map(|one| (one.quantity + lots_beside(one)).min(0)).sum();
        let told = open.iter().filter(|one| one.sku.as_ref() == Some(sku));
        let said: i64 = told.clone().filter(|one| short.contains(&one.code)).map(|one| one.quantity).sum();
        same(&said, &deficits, || format!("deficits of {sku} said and there"))?;
        let number = book.number_of(NameKind::Sku, sku.as_str());
        let units = book.available_by_node(number, now);
        let nodes = if units.is_some() { book.nodes_by_name() } else { Vec::new() };
        let (units, always) = units.unwrap_or_default();
        if always {
            let early = book.available_by_node(number, Time::ZERO).map(|(units, _)| units);
            same(&early.as_ref(), &Some(&units), || format!("{sku} by node, at every moment"))?;
        }
        let by_node =
            nodes.iter().map(|(node, at)| (book.name_of(NameKind::Node, *node), units[*at as usize]));
        let everywhere = book.availability_everywhere(sku.as_str(), now);
        let one_by_one = everywhere.iter().map(|(node, shelf)| (Some(node.as_str()), shelf.available));
        same(&by_node.collect::<Vec<_>>(), &one_by_one.collect(), || format!("{sku} by node"))?;
        for node in world.nodes() {
            let Some(shelf) = book.availability(sku.as_str(), node.as_str(), now) else { continue };
            let here = positions.iter().filter(|one| one.location == *node && !one.in_transit);
            let on_hand: i64 = here.clone().map(|one| one.quantity).sum();
            let own = |state| move |one: &&Position| one.owner.is_none() && one.state == state;
            // What a state has, and what of it is of lots: those may be withheld.
            let held = |state| {
                let own = here.clone().filter(own(state));
                let of_lots = own.clone().filter(|one| one.lot.is_some()).map(|one| one.quantity.max(0));
                (own.map(|one| one.quantity).sum::<i64>(), of_lots.sum::<i64>())
            };
            let ((sellable, of_lots), (staged, staged_of_lots)) =
                (held(StockState::Sellable), held(StockState::Picked));
            ensure((0..=of_lots).contains(&shelf.withheld), || format!("withheld of {sku} at {node}"))?;
            let fit = sellable - shelf.withheld;
            let at = (sku.clone(), node.clone());
            let mut claimed = direct.get(&at).copied().unwrap_or(0);
            for supply in book.dated_supply(sku.as_str(), node.as_str()) {
                let sum = on_supply.get(&(at.clone(), supply.supply.clone())).copied().unwrap_or(0);
                same(&supply.claimed, &sum, || format!("claims on {supply:?} of {sku} at {node}"))?;
                ensure(supply.open >= 0, || format!("{supply:?}"))?;
                claimed += (supply.claimed - ours(&supply)).max(0);
            }
            let over = (claimed - fit.max(0) - shelf.backorder_limit).max(0);
            let free = (fit - claimed - shelf.protected).max(0);
            let parts = [on_hand, sellable, claimed, over, free];
            let said = [shelf.on_hand, shelf.sellable, shelf.claimed, shelf.overcommitted, shelf.available];
            same(&said, &parts, || format!("{sku} at {node}"))?;
            let is_own = |one: &Exception| one.owner.is_none() && one.location.as_ref() == Some(node);
            let own = told.clone().filter(|one| one.code == ExceptionCode::Overcommitted && is_own(one));
            let missed = |staged: i64| (picked.get(&at).copied().unwrap_or(0) - staged.max(0)).max(0);
            let most = missed(staged - staged_of_lots);
            for (state, units) in [(None, over..=over), (Some(StockState::Picked), missed(staged)..=most)] {
                let said = own.clone().find(|one| one.state == state).map_or(0, |one| one.quantity);
                ensure(units.contains(&said), || {
                    format!("overcommitment of {sku} at {node}: {said} said, {units:?} there")
                })?;
            }
            let losing: i64 =
                book.losing_claims(sku.as_str(), node.as_str(), now).iter().map(|one| one.units).sum();
            same(&losing, &over, || format!("what the claims on {sku} at {node} lose"))?;
        }
    }
    Ok(())
}

pub fn supplies(history: &History) -> Check {
    let mut book = Book::new();
    for step in &history.steps {
        let command = matches!(step, Step::Command(_)).then(|| book.clone());
        let Some(accepted) = play(&mut book, step) else { continue };
        let opens = accepted.kind.row().claim.is_some();
        let Some(before) = command.filter(|_| opens && accepted.kind != Kind::Reallocate) else { continue };
        for line in &accepted.lines {
            let Some(node) = line.node.as_ref().or(accepted.node.as_ref()) else { continue };
            let was = before.dated_supply(line.sku.as_str(), node.as_str());
            for supply in book.dated_supply(line.sku.as_str(), node.as_str()) {
                let claimed = was.iter().find(|one| one.supply == supply.supply).map_or(0, |one| one.claimed);
                let fits = supply.claimed <= ours(&supply).max(claimed);
                // What was picked or shipped of a claim comes back as it left.
                let returns = matches!(accepted.kind, Kind::Unpick | Kind::VoidShip);
                ensure(fits || returns, || format!("{supply:?} at {node} by {accepted:?}"))?;
            }
        }
    }
    Ok(())
}
