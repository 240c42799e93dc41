//! The claims of a document in the model: what its events make of them, in key order.

use onhand::{Event, Kind, Line, StockState};

use super::{Claim, Claims, NEVER, Told, about_claims, allows, claim_move, key, legs, node_of, text};

/// Runs events over the claims of one document, in key order; the flag is the order that a reallocated claim goes to.
pub(super) fn run(mut claims: Claims, moves: &[Told<'_>]) -> Claims {
    let mut moves: Vec<&Told<'_>> = moves.iter().collect();
    moves.sort_by_key(|(event, _)| key(event));
    for (event, opens) in moves {
        if let Some(node) = &event.to_node {
            claims.to = Some((node.to_string(), event.due.map_or(0, |due| due.millis())));
        }
        let told = if *opens { "open" } else { claim_move(event.kind).map_or("", |(_, told)| told) };
        if event.lines.is_empty() {
            for (line, claim) in &mut claims.lines {
                lapse(claim, told, event);
                let early = told == "expire" && event.occurred.millis() < claim.expires;
                if allows(claim.status, told) && !early {
                    let picked = if event.kind == Kind::TransferCancel { claim.picked } else { 0 };
                    let (sku, all) = (claim.sku.clone(), claim.open + picked);
                    let stray = shift(claim, told, event, all, false);
                    claims.stray.extend((stray > 0).then(|| (key(event), line.clone(), sku, stray)));
                }
            }
        }
        for line in about_claims(event).unwrap_or_default() {
            let quantity = line.granted.unwrap_or(line.quantity).units();
            let name = line.line_name().to_string();
            let fresh = Claim {
                sku: line.sku.to_string(),
                node: node_of(event, line),
                owner: text(&line.owner),
                supply: text(&line.supply),
                open: 0,
                picked: 0,
                shipped: 0,
                expires: NEVER,
                status: "unknown",
            };
            let claim = claims.lines.entry(name.clone()).or_insert_with(|| fresh.clone());
            lapse(claim, told, event);
            let stray = if !allows(claim.status, told) || (told != "open" && claim.is_elsewhere(event, line))
            {
                quantity.max(1)
            } else {
                if told == "open" {
                    *claim = Claim { shipped: claim.shipped, ..fresh };
                }
                shift(claim, told, event, quantity, is_staged(event, line))
            };
            let nothing = claim.status == "unknown";
            claims.stray.extend((stray > 0).then(|| (key(event), name.clone(), line.sku.to_string(), stray)));
            if nothing {
                claims.lines.remove(&name);
            }
        }
    }
    claims
}

impl Claim {
    /// Whether a line means another item, node or owner. Paper need not say whose goods it is about; a claim that changes hands must.
    pub(super) fn is_elsewhere(&self, event: &Event, line: &Line) -> bool {
        let (node, owner) = (node_of(event, line), text(&line.owner));
        let must_say = legs(event.kind).is_some() || event.kind == Kind::Reallocate;
        self.sku != line.sku.as_str()
            || (!node.is_empty() && self.node != node)
            || ((must_say || !owner.is_empty()) && self.owner != owner)
    }
}

/// Whether a line is about what is staged for its order.
pub(super) fn is_staged(event: &Event, line: &Line) -> bool {
    line.state == Some(StockState::Picked) || (event.kind == Kind::HandOver && line.state.is_none())
}

/// A hold whose end has come gives back what is open; saying so is left to `expire`.
fn lapse(claim: &mut Claim, told: &str, event: &Event) {
    if told != "expire" && claim.open > 0 && event.occurred.millis() >= claim.expires {
        claim.open = 0;
        settle(claim, "expired");
    }
}

/// Moves units of a claim; answers how many there were none for.
fn shift(claim: &mut Claim, told: &str, event: &Event, quantity: i64, picked_first: bool) -> i64 {
    let (mut moved, mut ended) = (quantity, "released");
    match told {
        "open" => (claim.open, claim.expires) = (quantity, event.expires.map_or(NEVER, |end| end.millis())),
        "resize" => claim.open = quantity,
        "release" if matches!(event.kind, Kind::Release | Kind::ShortPick) && picked_first => {
            moved = quantity.min(claim.picked);
            claim.picked -= moved;
        }
        "release" => {
            moved = quantity.min(claim.open);
            claim.open -= moved;
            // A transfer that is cancelled needs what was picked for it no more.
            if event.kind == Kind::TransferCancel {
                let picked = (quantity - moved).min(claim.picked);
                (claim.picked, moved) = (claim.picked - picked, moved + picked);
            }
        }
        "expire" => {
            moved = if event.occurred.millis() < claim.expires { 0 } else { quantity.min(claim.open) };
            (claim.open, ended) = (claim.open - moved, "expired");
        }
        "pick" => {
            moved = quantity.min(claim.open);
            (claim.open, claim.picked, claim.expires) = (claim.open - moved, claim.picked + moved, NEVER);
        }
        "unpick" => {
            moved = quantity.min(claim.picked);
            (claim.open, claim.picked) = (claim.open + moved, claim.picked - moved);
        }
        "ship" => {
            moved = quantity.min(claim.open + claim.picked);
            let picked = if picked_first { moved.min(claim.picked) } else { (moved - claim.open).max(0) };
            (claim.open, claim.picked) = (claim.open - (moved - picked), claim.picked - picked);
            (claim.shipped, claim.expires, ended) = (claim.shipped + moved, NEVER, "shipped");
            // The shelf was shipped from, and what was staged is still there.
            moved -= if picked_first { 0 } else { picked };
        }
        _ => {
            moved = quantity.min(claim.shipped);
            (claim.shipped, ended) = (claim.shipped - moved, "shipped");
            *(if picked_first { &mut claim.picked } else { &mut claim.open }) += moved;
        }
    }
    settle(claim, ended);
    quantity - moved
}

fn settle(claim: &mut Claim, ended: &'static str) {
    claim.status = match claim.open + claim.picked > 0 {
        true => "open",
        false if claim.shipped > 0 && ended != "expired" => "shipped",
        false => ended,
    };
}
