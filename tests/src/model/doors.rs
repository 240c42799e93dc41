//! The model's doors: which intents it accepts, and which exceptions are open.

use std::collections::{BTreeMap, BTreeSet};

use onhand::{Event, Kind, Line, Quantity, StockState};

use super::claims::is_staged;
use super::{
    Claim, Model, NEVER, Place, about_claims, allows, by, claim_move, effect, fact_only, is_about_claim,
    is_beside, key, lacks, misplaced, node_of, reason_needed, text,
};
use crate::moment;

/// Item, location, state, supply, owner, available and requested.
type Short = (String, String, StockState, String, String, i64, i64);

/// An owner, as answers say it: nothing for the company.
fn of(owner: &str) -> String {
    if owner.is_empty() { String::new() } else { format!(" owner={owner}") }
}

fn wants_fit(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Pick | Ship | HandOver | TransferPick | TransferShip | KitAssemble | KitBreak | Relabel)
}

impl Model {
    /// The answer to an intent, as text; what is accepted is in the list from now on.
    pub fn execute(&mut self, command: &Event) -> String {
        match self.decide(command) {
            Ok(accepted) => self.evolve(&accepted),
            Err(answer) => answer,
        }
    }

    /// The event that an intent is accepted as, or the answer that it gets instead.
    fn decide(&self, command: &Event) -> Result<Event, String> {
        if command.check().is_err() {
            return Err("malformed".to_owned());
        }
        if let Some(answer) = self.before(command) {
            return Err(answer);
        }
        let mut command = command.clone();
        command.lines.iter_mut().for_each(|line| line.granted = None);
        self.refused_alone(&command)?;
        if let Some(missing) = self.missing(&command) {
            let (code, name) = missing.split_once(' ').unwrap_or_default();
            return Err(format!("{code} {}={name}", code.trim_start_matches("unknown_")));
        }
        let closed = self.closed_for(&command, self.log.len());
        if command.occurred.millis() <= closed && command.kind != Kind::PeriodClose {
            return Err(format!("period_closed closed_through={}", moment::format(closed)));
        }
        if let Some((line, state)) = misplaced(&command) {
            return Err(format!("state_not_allowed sku={} state={state}", line.sku));
        }
        self.bind(&mut command);
        self.refused_by_claims(&command)?;
        if matches!(command.kind, Kind::Pick | Kind::Ship | Kind::HandOver | Kind::KitAssemble) {
            let now = command.occurred.millis();
            let sold = effect(&command).0.into_iter().filter(|(_, units)| *units < 0);
            if let Some((place, _)) = sold.into_iter().find(|(place, _)| self.is_withheld(place, now)) {
                return Err(format!("lot_withheld lot={} sku={}", place.2, place.1));
            }
        }
        let short = self.shortages(&command);
        if short.is_empty() {
            return Ok(command);
        }
        let opens = matches!(command.kind, Kind::Reserve | Kind::LeaseGrant | Kind::TransferApprove);
        if command.partial && opens && self.grant_in_part(&mut command) {
            // What is short beside the lines themselves is no less so for granting less.
            let mut granted = command.clone();
            granted.lines.iter_mut().for_each(|line| line.quantity = line.granted.unwrap_or(line.quantity));
            if self.shortages(&granted).is_empty() {
                return Ok(command);
            }
        }
        Err(format!("insufficient {}", short.join(", ")))
    }

    /// Takes what names no lot from the lots that expire first.
    fn bind(&self, command: &mut Event) {
        let now = command.occurred.millis();
        let places = self.places();
        let mut taken: BTreeMap<(bool, Place), i64> = BTreeMap::new();
        let mut lines = Vec::new();
        for line in command.lines.clone() {
            let mut alone = command.clone();
            alone.lines = vec![line.clone()];
            let void = command.kind == Kind::VoidShip;
            let leaves = effect(&alone).0.into_iter().find(|(_, units)| *units < 0 || void);
            let Some((from, _)) = leaves.filter(|(from, _)| from.2.is_empty() && line.bound.is_none()) else {
                lines.push(line);
                continue;
            };
            let own = match void || from.5 == StockState::Picked {
                true => self.moved_for(command, &from, void),
                false => BTreeMap::new(),
            };
            // What was picked for it comes first, whatever is known of its lot.
            let mut lots: Vec<(bool, Place, i64)> = Vec::new();
            for (lot, held) in own.iter().filter(|(lot, _)| is_beside(lot, &from) || (!void && **lot == from))
            {
                lots.push((false, lot.clone(), *held));
            }
            for (lot, (held, _)) in places.iter().filter(|(lot, held)| is_beside(lot, &from) && held.0 > 0) {
                let picked = own.get(lot).map_or(0, |picked| (*picked).max(0));
                if !wants_fit(command.kind) || !self.is_withheld(lot, now) {
                    lots.push((true, lot.clone(), held - picked));
                }
            }
            lots.retain(|(others, ..)| !void || !others);
            lots.sort_by_key(|(others, lot, _)| (*others, self.lot(lot).0, lot.2.clone()));
            let mut left = line.quantity.units().abs();
            let mut parts = Vec::new();
            for (others, lot, held) in lots {
                let taken = taken.entry((others, lot.clone())).or_default();
                let share = (held - *taken).min(left).max(0);
                (*taken, left) = (*taken + share, left - share);
                let named = (!lot.2.is_empty()).then(|| crate::random::name(&lot.2));
                parts.extend((share > 0).then_some((named, share)));
            }
            if parts.iter().all(|(lot, _)| lot.is_none()) {
                lines.push(line);
                continue;
            }
            parts.extend((left > 0).then_some((None, left)));
            for (place, (lot, units)) in parts.into_iter().enumerate() {
                let mut part = line.clone();
                part.lot = lot;
                part.quantity =
                    Quantity::new(units * line.quantity.units().signum()).unwrap_or(line.quantity);
                part.bound = Some(if place == 0 { line.quantity } else { Quantity::ZERO });
                if place > 0 {
                    (part.value, part.grams) = (None, None);
                }
                lines.push(part);
            }
        }
        command.lines = lines;
    }

    /// What left for an order of the lots of a place and did not come back, or what is picked for a document and has not left; as far
    /// as it is kept.
    fn moved_for(&self, command: &Event, from: &Place, void: bool) -> BTreeMap<Place, i64> {
        let mut left = BTreeMap::new();
        let Some((ledger, _)) = claim_move(command.kind) else { return left };
        let moved = self.moved().remove(&(ledger, text(&command.subject))).unwrap_or_default().1;
        for entry in self.posted() {
            let (event, occurred) = (&entry.event, entry.event.occurred.millis());
            let told = claim_move(event.kind).filter(|(one, _)| *one == ledger);
            let ships = told.is_some_and(|(_, told)| !void || ["ship", "void"].contains(&told));
            let known = ships && moved.iter().any(|(one, _)| key(one) == key(event));
            // A close of the node lets what was before it be forgotten.
            let closes = self.posted().filter(|one| one.event.kind == Kind::PeriodClose);
            let mut closes = closes
                .filter(|one| one.posted >= entry.posted && text(&one.event.node) == from.3)
                .map(|one| self.closed(&from.3, one.posted + 1));
            if !known || closes.any(|closed| closed >= occurred) {
                continue;
            }
            for (mut place, units) in effect(event).0 {
                if void {
                    place.5 = from.5;
                }
                *left.entry(place).or_insert(0) += if void { -units } else { units };
            }
        }
        left
    }

    fn refused_alone(&self, command: &Event) -> Result<(), String> {
        let one_way = |sign: i64| command.lines.iter().all(|line| line.quantity.units().signum() == sign);
        let makes = matches!(command.kind, Kind::KitAssemble | Kind::KitBreak | Kind::Relabel);
        let from_here = command.to_node.is_some() && command.node == command.to_node;
        if from_here || (makes && [-1, 0, 1].into_iter().any(one_way)) {
            return Err("malformed".to_owned());
        }
        if fact_only(command.kind) {
            return Err(format!("fact_only kind={}", command.kind));
        }
        let free = [Kind::SupplyChange, Kind::PriceChange, Kind::CostChange, Kind::Resize];
        let zero = command.lines.iter().find(|line| line.quantity == Quantity::ZERO);
        if let Some(line) = zero.filter(|_| !free.contains(&command.kind)) {
            return Err(format!("quantity_is_zero line={}", line.line_name()));
        }
        if reason_needed(command.kind) && command.reason.is_none() {
            return Err("reason_missing".to_owned());
        }
        match command.expires {
            Some(end) if end <= command.occurred => {
                Err(format!("already_expired expires={}", moment::format(end.millis())))
            }
            _ => Ok(()),
        }
    }

    /// What the command tells each document: its claims now, the move, and the lines.
    fn told(&self, command: &Event) -> Vec<(BTreeMap<String, Claim>, &'static str, &'static str, String)> {
        let (Some((ledger, told)), Some(subject), Some(_)) =
            (claim_move(command.kind), &command.subject, about_claims(command))
        else {
            return Vec::new();
        };
        let claims = |subject: &str| self.claims(ledger, subject, command.occurred.millis());
        let mut all = vec![(claims(subject.as_str()), ledger, told, subject.to_string())];
        if let (Kind::Reallocate, Some(to)) = (command.kind, &command.to_subject) {
            all.insert(0, (claims(to.as_str()), ledger, "open", to.to_string()));
        }
        all
    }

    fn refused_by_claims(&self, command: &Event) -> Result<(), String> {
        for (claims, ledger, told, subject) in self.told(command) {
            let moved = self.moved().remove(&(ledger, subject.clone())).unwrap_or_default().1;
            let latest =
                moved.iter().map(|(event, _)| key(event)).max().filter(|latest| *latest > key(command));
            if let Some((latest, ..)) = latest {
                return Err(format!("out_of_order latest={} subject={subject}", moment::format(latest)));
            }
            let lapsed = |claim: &Claim| claim.status == "expired" && claim.open > 0;
            let moves =
                |claim: &Claim| if told == "expire" { lapsed(claim) } else { allows(claim.status, told) };
            let not_open =
                |line: &str, status: &str| Err(format!("claim_not_open line={line} status={status}"));
            let not_ended = |line: &str, claim: &Claim| match claim.expires {
                NEVER => Err(format!("not_ended line={line}")),
                end => Err(format!("not_ended expires={} line={line}", moment::format(end))),
            };
            if command.lines.is_empty() && !claims.values().any(moves) {
                match claims.iter().next() {
                    Some((line, claim)) if told == "expire" && claim.status == "open" => {
                        not_ended(line, claim)?
                    }
                    Some((line, claim)) => not_open(line, claim.status)?,
                    None if ledger == "transfer" => {}
                    None => not_open(&subject, "unknown")?,
                }
            }
            for line in about_claims(command).unwrap_or_default() {
                let name = line.line_name().as_str();
                let claim = claims.get(name);
                if !claim.map_or(allows("unknown", told), |claim| {
                    allows(claim.status, told) || (told == "expire" && lapsed(claim))
                }) {
                    not_open(name, claim.map_or("unknown", |claim| claim.status))?;
                }
                let Some(claim) = claim.filter(|_| told != "open") else { continue };
                if told == "expire" && !lapsed(claim) {
                    not_ended(name, claim)?;
                }
                if claim.is_elsewhere(command, line) {
                    let owner = of(&claim.owner);
                    let (node, sku) = (&claim.node, &claim.sku);
                    return Err(format!("claim_elsewhere line={name} node={node}{owner} sku={sku}"));
                }
                let staged = |line: &Line| is_staged(command, line);
                let claimed = match told {
                    "resize" => i64::MAX,
                    "unpick" => claim.picked,
                    "void" => claim.shipped,
                    "ship" if staged(line) => claim.open + claim.picked,
                    "release" if matches!(command.kind, Kind::Release | Kind::ShortPick) && staged(line) => {
                        claim.picked
                    }
                    "release" if command.kind == Kind::TransferCancel => claim.open + claim.picked,
                    _ => claim.open,
                };
                let lines = about_claims(command).unwrap_or_default().into_iter();
                // What is on the shelf is not staged; what is staged may make up for it.
                let same =
                    lines.filter(|one| one.line_name() == line.line_name() && (staged(line) || !staged(one)));
                let requested: i64 = same.map(|line| line.quantity.units()).sum();
                if requested > claimed {
                    return Err(format!(
                        "claim_too_small claimed={claimed} line={name} requested={requested}"
                    ));
                }
            }
        }
        Ok(())
    }

    fn shortages(&self, command: &Event) -> Vec<String> {
        let now = command.occurred.millis();
        let mut short: Vec<Short> = Vec::new();
        // Positions: what the sum of the legs takes from each.
        let (legs, ..) = effect(command);
        let mut taken = BTreeMap::new();
        let mut asked: BTreeMap<(String, String, String), (i64, i64)> = BTreeMap::new();
        for (place, units) in legs {
            // What comes back before a later count is in what that count found.
            let counted = units > 0 && self.is_counted_later(&place, now);
            let fit = place.5 == StockState::Sellable && !place.3.starts_with('@');
            if !counted && fit && !self.is_withheld(&place, now) {
                asked.entry((place.1.clone(), place.3.clone(), place.0.clone())).or_default().0 -= units;
            }
            *taken.entry(place).or_insert(0) -= units;
        }
        let places = self.places();
        let mut asked_of: BTreeMap<Place, (i64, i64)> = BTreeMap::new();
        for (place, units) in &taken {
            let mut none = place.clone();
            none.2 = String::new();
            asked_of.entry(none).or_default().0 += units;
            if !place.2.is_empty() {
                let held = places.get(place).map_or(0, |held| held.0);
                asked_of.insert(place.clone(), (*units, held));
            }
        }
        for (none, (_, held)) in asked_of.iter_mut().filter(|(place, _)| place.2.is_empty()) {
            let all = places.iter().filter(|(place, _)| *place == none || is_beside(place, none));
            let had = all.filter(|(place, held)| {
                held.0 < 0
                    || taken.contains_key(*place)
                    || !wants_fit(command.kind)
                    || !self.is_withheld(place, now)
            });
            *held = had.map(|(_, held)| held.0).sum();
        }
        // What all lots have together may still be more than one of them has: units of no lot have their own, too.
        for (none, asked) in asked_of.iter_mut().filter(|(place, _)| place.2.is_empty()) {
            let units = taken.get(none).copied().unwrap_or(0);
            let held = places.get(none).map_or(0, |held| held.0);
            if (asked.0 <= 0 || asked.0 <= asked.1) && units > held {
                *asked = (units, held);
            }
        }
        for (place, (units, held)) in asked_of {
            if units > 0 && units > held {
                let location = if place.4.is_empty() { place.3.trim_start_matches('@') } else { &place.4 };
                short.push((
                    place.1.clone(),
                    location.to_owned(),
                    place.5,
                    String::new(),
                    place.0.clone(),
                    held.max(0),
                    units,
                ));
            }
        }
        // Nor more than came of a transfer beyond what left.
        for (place, units) in taken.iter().filter(|_| command.kind == Kind::TransferReconcile) {
            let beyond = places.get(place).map_or(0, |held| -held.0).max(0);
            if -units > beyond {
                let at = place.3.trim_start_matches('@').to_owned();
                short.push((place.1.clone(), at, place.5, String::new(), place.0.clone(), beyond, -units));
            }
        }
        self.picked_for_others(command, &taken, &places, &mut short);
        // Nobody explains more than counts found.
        let mut explained: BTreeMap<Place, i64> = BTreeMap::new();
        for line in command.lines.iter().filter(|_| command.kind == Kind::CountExplain) {
            *explained.entry(super::place(command, line, "sellable")).or_default() += line.quantity.units();
        }
        for (place, units) in explained {
            let found = places.get(&place).map_or(0, |held| held.1 * units.signum()).max(0);
            let at = if place.4.is_empty() { &place.3 } else { &place.4 };
            let said =
                (place.1.clone(), at.clone(), place.5, String::new(), place.0.clone(), found, units.abs());
            short.extend((units.abs() > found).then_some(said));
        }
        // Claims and takings, net of what they give back, against what is free; and claims on dated supply.
        let mut on_supply: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        let mut given_up: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for (claims, _, told, _) in self.told(command) {
            for line in about_claims(command).unwrap_or_default() {
                let (units, node) = (line.quantity.units(), node_of(command, line));
                // A claim that is opened anew has nothing of what it was before.
                let claim = claims.get(line.line_name().as_str()).filter(|_| told != "open");
                let supply = claim.map_or(text(&line.supply), |claim| claim.supply.clone());
                let node = claim.map_or(node, |claim| claim.node.clone());
                let owner = claim.map_or(text(&line.owner), |claim| claim.owner.clone());
                let open = claim.map_or(0, |claim| claim.open);
                if !supply.is_empty() {
                    // What goes from one order to another asks for nothing new.
                    let wanted = match told {
                        "open" => units,
                        "resize" => units - open,
                        _ if command.kind == Kind::Reallocate => -units,
                        _ => 0,
                    };
                    // What is given up of a claim that the supply cannot meet is given up on the shelf.
                    let given = match told {
                        "open" if command.kind == Kind::Reallocate => units,
                        "open" => 0,
                        "resize" => (units - open).min(0),
                        "void" if line.state == Some(StockState::Picked) => 0,
                        "unpick" | "void" => units,
                        _ => -units.min(open),
                    };
                    *given_up.entry((line.sku.to_string(), node.clone(), supply.clone())).or_default() +=
                        given;
                    *on_supply.entry((line.sku.to_string(), node, supply)).or_default() += wanted;
                    continue;
                }
                if node.is_empty() {
                    continue;
                }
                let sums = asked.entry((line.sku.to_string(), node, owner)).or_default();
                match told {
                    "open" => sums.1 += units,
                    "resize" => sums.1 += units - open,
                    "void" if line.state == Some(StockState::Picked) => {}
                    "unpick" | "void" => sums.0 += units,
                    _ => sums.0 -= units.min(open),
                }
            }
        }
        // A transfer that is said to go elsewhere brings nothing more to where it went.
        let mut elsewhere: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for (_, ledger, _, subject) in self.told(command).into_iter().filter(|_| command.to_node.is_some()) {
            let document = self.documents().remove(&(ledger, subject.clone())).unwrap_or_default();
            let Some((went, _)) =
                document.to.filter(|(to, _)| ledger == "transfer" && *to != text(&command.to_node))
            else {
                continue;
            };
            let transit = self.in_transit(&subject, self.log.len());
            for sku in document.lines.values().map(|claim| &claim.sku).chain(transit.keys()) {
                let supply = (sku.clone(), went.clone(), subject.clone());
                given_up.entry(supply.clone()).or_default();
                let (coming, _, withheld) = self.coming(&subject, sku, &went);
                elsewhere.insert(supply, (coming - withheld).max(0));
            }
        }
        // No more goes back than came.
        let mut sent_back: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for line in command.lines.iter().filter(|_| command.kind == Kind::ReceiptCancel) {
            let of = (line.sku.to_string(), node_of(command, line), text(&line.supply));
            if !of.2.is_empty() {
                *sent_back.entry(of).or_default() += line.quantity.units();
            }
        }
        for (of, units) in sent_back {
            let (_, received) = self.announced(&of.2, &of.0, &of.1);
            if units > received.max(0) {
                let (sku, node, supply) = of;
                let held = received.max(0);
                short.push((sku, node, StockState::Sellable, supply, String::new(), held, units));
            }
        }
        for (supply, given) in given_up {
            let (open, claimed) = self.supply(&supply.2, &supply.0, &supply.1);
            let left = open - elsewhere.get(&supply).copied().unwrap_or(0);
            let more = (claimed + given - left).max(0) - (claimed - open).max(0);
            asked.entry((supply.0, supply.1, String::new())).or_default().0 += more;
        }
        for ((sku, node, owner), (taken, claimed)) in asked {
            let Some(shelf) = self.shelf_of(&owner, &sku, &node, now) else { continue };
            let held_back = if claimed > 0 { self.least_protected(&sku, &node, shelf.3) } else { 0 };
            let (free, requested) = (shelf.1 - shelf.7 - shelf.2 - held_back + shelf.6, taken + claimed);
            if requested > 0 && requested > free {
                short.push((sku, node, StockState::Sellable, String::new(), owner, free.max(0), requested));
            }
        }
        for ((sku, node, supply), requested) in on_supply {
            let (open, claimed) = self.supply(&supply, &sku, &node);
            let left = (open - claimed).max(0);
            if requested > 0 && requested > left {
                short.push((sku, node, StockState::Sellable, supply, String::new(), left, requested));
            }
        }
        short.sort();
        short.dedup();
        let told = short.into_iter().map(|(sku, location, state, supply, owner, available, requested)| {
            let supply = if supply.is_empty() { supply } else { format!(" supply={supply}") };
            let owner = of(&owner);
            format!("{sku} {location} {state}{supply}{owner} available={available} requested={requested}")
        });
        told.collect()
    }

    /// What is staged for other orders and transfers than that of the intent is not for it to take.
    fn picked_for_others(
        &self,
        command: &Event,
        taken: &BTreeMap<Place, i64>,
        places: &BTreeMap<Place, (i64, i64)>,
        short: &mut Vec<Short>,
    ) {
        let now = command.occurred.millis();
        let staged = |place: &Place| place.5 == StockState::Picked && !self.is_withheld(place, now);
        let staged = taken.iter().filter(|(place, _)| staged(place));
        let mut at: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for (place, units) in staged {
            *at.entry((place.1.clone(), place.3.clone(), place.0.clone())).or_default() += units;
        }
        let documents = self.documents();
        let mine = claim_move(command.kind).map(|(ledger, _)| (ledger, text(&command.subject)));
        for ((sku, node, owner), wanted) in at {
            let here = (&owner, &sku, &node);
            let is_here =
                |place: &Place| (&place.0, &place.1, &place.3) == here && place.5 == StockState::Picked;
            let fit =
                |place: &Place| is_here(place) && !(self.is_withheld(place, now) && places[place].0 > 0);
            let held: i64 = places.iter().filter(|(place, _)| fit(place)).map(|(_, held)| held.0).sum();
            let (mut own, mut others) = (0, 0);
            for (name, document) in &documents {
                let claims = document.lines.values();
                let here = claims.filter(|claim| (&claim.owner, &claim.sku, &claim.node) == here);
                let picked: i64 = here.map(|claim| claim.picked).sum();
                *(if Some(name) == mine.as_ref() { &mut own } else { &mut others }) += picked;
            }
            let left = own.max(held - others);
            if wanted > own && own + others > 0 && wanted > left.max(0) {
                short.push((sku, node, StockState::Picked, String::new(), owner, left.max(0), wanted));
            }
        }
    }

    /// Held back from every claim of what is held back at a node: nobody says by which method a claim ships.
    fn least_protected(&self, sku: &str, node: &str, protected: i64) -> i64 {
        let rule_of = |terms: &onhand::Terms| match terms {
            onhand::Terms::Protection(rule) if rule.sku.as_str() == sku => (rule.node.as_ref()?.as_str()
                == node)
                .then_some((rule.method.clone()?, rule.quantity.units())),
            _ => None,
        };
        let said = self.log.iter().filter_map(|one| one.event.terms.as_deref());
        let methods: BTreeSet<_> = said.filter_map(rule_of).map(|(method, _)| method).collect();
        let of_method = |method| {
            self.terms(|terms| rule_of(terms).filter(|(held, _)| held == method).map(|(_, units)| units))
        };
        methods.iter().filter_map(of_method).fold(protected, i64::min)
    }

    /// Grants each line, in the order given, what is left for it. Whether any got something.
    fn grant_in_part(&self, command: &mut Event) -> bool {
        let mut left: BTreeMap<(String, String, String, String), i64> = BTreeMap::new();
        let asked = command.clone();
        for line in command.lines.iter_mut().filter(|line| is_about_claim(asked.kind, line)) {
            let from = (line.sku.to_string(), node_of(&asked, line), text(&line.supply), text(&line.owner));
            let left = left.entry(from.clone()).or_insert_with(|| match from.2.is_empty() {
                true => {
                    self.shelf_of(&from.3, &from.0, &from.1, asked.occurred.millis()).map_or(0, |shelf| {
                        let held_back = self.least_protected(&from.0, &from.1, shelf.3);
                        (shelf.1 - shelf.7 - shelf.2 - held_back + shelf.6).max(0)
                    })
                }
                false => {
                    let (open, claimed) = self.supply(&from.2, &from.0, &from.1);
                    (open - claimed).max(0)
                }
            });
            let granted = line.quantity.units().min(*left);
            *left -= granted;
            line.granted = Quantity::new(granted);
        }
        command.lines.iter().any(|line| line.granted > Some(Quantity::ZERO))
    }

    /// Every name that goods were received under, with the item and the node.
    fn received_under(&self) -> BTreeSet<(String, String, String)> {
        let receipts = self.posted().filter(|one| one.event.kind == Kind::Receipt);
        let lines = receipts.flat_map(|one| one.event.lines.iter().map(move |line| (one, line)));
        let named = lines.filter(|(_, line)| line.supply.is_some());
        named
            .map(|(one, line)| (text(&line.supply), line.sku.to_string(), node_of(&one.event, line)))
            .collect()
    }

    /// Every open exception as text, sorted.
    pub fn exceptions(&self, now: i64) -> Vec<String> {
        let mut open = Vec::new();
        let places = self.places();
        for (place, (_, found)) in places.clone() {
            let quantity = lacks(&places, &place);
            let inside = if place.4.is_empty() { String::new() } else { format!("/{}", place.4) };
            let [lot, owner] = [(&place.2, "lot"), (&place.0, "owner")]
                .map(|(name, key)| if name.is_empty() { String::new() } else { format!(" {key}={name}") });
            let about =
                format!("{} {}{inside} {}{lot}{owner}", place.1, place.3.trim_start_matches('@'), place.5);
            let code = if place.3.starts_with('@') { "received_before_shipped" } else { "deficit" };
            open.extend((quantity < 0).then(|| format!("{code} {about} {quantity}")));
            open.extend((found != 0).then(|| format!("count_variance {about} {found}")));
        }
        let documents = self.documents();
        let mut claimed: Vec<(String, String, String)> = Vec::new();
        for ((_, subject), claims) in &documents {
            let shelf = |claim: &Claim| (claim.sku.clone(), claim.node.clone(), claim.owner.clone());
            claimed.extend(claims.lines.values().map(shelf));
            open.extend(claims.stray.iter().map(|(event, line, sku, units)| {
                let line = if line == sku { String::new() } else { format!(" line={line}") };
                format!("out_of_order_move {sku} {subject}{line} {} {units}", by(event))
            }));
        }
        claimed.sort();
        claimed.dedup();
        for (sku, node, owner) in claimed {
            let over = self.shelf_of(&owner, &sku, &node, now).map_or(0, |shelf| shelf.5);
            open.extend((over > 0).then(|| format!("overcommitted {sku} {node}{} {over}", of(&owner))));
            let lines = documents.values().flat_map(|claims| claims.lines.values());
            let of_it = lines.filter(|one| (&one.sku, &one.node, &one.owner) == (&sku, &node, &owner));
            let picked: i64 = of_it.map(|claim| claim.picked).sum();
            let staged = places.iter().filter(|(place, _)| {
                (&place.0, &place.1, &place.3, place.5) == (&owner, &sku, &node, StockState::Picked)
                    && !(self.is_withheld(place, now) && places[*place].0 > 0)
            });
            let over = picked - staged.map(|(_, (quantity, _))| quantity).sum::<i64>().max(0);
            open.extend(
                (over > 0).then(|| format!("overcommitted {sku} {node} picked{} {over}", of(&owner))),
            );
        }
        for (supply, sku, node) in self.received_under() {
            let (said, received) = self.announced(&supply, &sku, &node);
            let odd = said.is_none() && received > 0;
            open.extend(odd.then(|| format!("receipt_without_order {sku} {node} {supply} {received}")));
        }
        for one in &self.log {
            let by = by(&key(&one.event));
            match one.standing {
                "parked" => open.extend(self.missing(&one.event).map(|missing| format!("{missing} {by}"))),
                "too_old" => open.push(format!("too_old {by}")),
                "prior_period" => open.push(format!("prior_period {by}")),
                _ => {}
            }
            let posted = !["parked", "too_old"].contains(&one.standing);
            if posted && reason_needed(one.event.kind) && one.event.reason.is_none() {
                open.push(format!("reason_due {by}"));
            }
            if posted && misplaced(&one.event).is_some() {
                open.push(format!("out_of_order_move {by}"));
            }
        }
        open.sort();
        open
    }
}
