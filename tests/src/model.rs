//! The reference model: a book as a specification would have it.
//!
//! It keeps the list of accepted events and works everything out from that list on every question. It shares with the core
//! nothing but the types of events: no caching, no numbers for names, and its own table of what each kind moves.

use std::collections::{BTreeMap, BTreeSet};

use onhand::{Event, Id, Kind, Line, StockState, Terms};

mod claims;
mod doors;

use claims::run;

const NEVER: i64 = i64::MAX;
const COUNT: &str = "count_variance";

/// Owner, SKU, lot, location (`@T` is the transfer T) and place, state.
pub type Place = (String, String, String, String, String, StockState);
type Key = (i64, bool, String, Id);
type Document = (&'static str, String);
/// An event of a document, and whether it opens there what it takes from another.
type Told<'a> = (&'a Event, bool);
/// What was said last of a supply: the event, units, when they are due and whose they are.
type Word = (Key, i64, i64, String);
/// The last count of a place: its moment and what was counted.
type LastCount = Option<(Key, i64)>;
/// An item and an account outside.
type Account = (String, String);

#[derive(Clone, Debug)]
struct Entry {
    event: Event,
    /// Events of one list before it was posted: more than its own place when it waited.
    posted: usize,
    standing: &'static str,
}

/// The list of accepted events.
#[derive(Clone, Debug, Default)]
pub struct Model {
    log: Vec<Entry>,
}

/// What an order line has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub sku: String,
    pub node: String,
    pub owner: String,
    pub supply: String,
    pub open: i64,
    pub picked: i64,
    pub shipped: i64,
    pub expires: i64,
    pub status: &'static str,
}

#[derive(Clone, Debug, Default)]
struct Claims {
    lines: BTreeMap<String, Claim>,
    /// Event, line, SKU and units that a fact moved without a claim.
    stray: Vec<(Key, String, String, i64)>,
    /// Where a transfer goes, and when it is due there; 0 when nobody said.
    to: Option<(String, i64)>,
}

/// What is announced of an item under one name at one node.
struct Bucket {
    owner: String,
    is_said: bool,
    received: i64,
    under_way: i64,
    open: i64,
    claimed: i64,
    due: i64,
}

/// On hand, sellable, claimed, protected, available, overcommitted, backorder limit.
/// What is withheld comes last.
pub type Shelf = (i64, i64, i64, i64, i64, i64, i64, i64);

#[rustfmt::skip]
fn legs(kind: Kind) -> Option<(&'static str, &'static str)> {
    use Kind::*;
    Some(match kind {
        Opening => ("-opening", "sellable"),                Receipt => ("-supplier", "sellable"),
        ReceiptCancel => ("sellable", "-supplier"),
        Hold => ("sellable", ">quarantined"),               ReleaseHold => ("quarantined", ">sellable"),
        Relocate => ("sellable", "place"),                  Unpick => ("!picked", ">sellable"),
        Pick | TransferPick => ("sellable", "!picked"),     Ship | Sell => ("sellable", "-customer"),
        VoidShip => ("-customer", "sellable"),              HandOver => ("picked", "-customer"),
        TransferShip => ("sellable", "@"),                  TransferReceive => ("@", "<sellable"),
        TransferReconcile => ("@", "-shrink"),              ReturnReceive => ("-customer", "returned"),
        Grade => ("returned", ">sellable"),                 Adjust => ("-adjustment", "sellable"),
        CountExplain => ("-adjustment", "-count_variance"), MarkDown => ("sellable", "!clearance"),
        WriteOff => ("sellable", "-scrapped"),              Liquidate => ("liquidation", "-liquidated"),
        KitAssemble | KitBreak | Relabel => ("-conversion", "sellable"),
        _ => return None,
    })
}

/// States that lines may say, here and where units are going; nothing for any, and after a `-` all but those.
#[rustfmt::skip]
fn states(kind: Kind) -> (&'static str, &'static str) {
    use Kind::*;
    match kind {
        Receipt | ReceiptCancel => ("sellable damaged quarantined recalled vendor_return clearance", ""),
        Hold => ("", "damaged quarantined recalled"),
        ReleaseHold => ("damaged quarantined recalled clearance", "- picked returned"),
        Pick | TransferPick => ("sellable clearance", ""),
        Unpick => ("", "- picked returned"),
        Ship | Sell | VoidShip | HandOver => ("sellable picked clearance", ""),
        ReturnReceive => ("- picked", ""),
        Grade => ("returned refurbishing vendor_return liquidation", "- picked"),
        MarkDown => ("sellable damaged clearance", ""),
        Liquidate => ("sellable damaged returned liquidation clearance", ""),
        KitAssemble | KitBreak | Relabel => ("- quarantined recalled vendor_return liquidation", ""),
        _ => ("", ""),
    }
}

/// The item and state of the first line that says a state in which its kind moves nothing.
fn misplaced(event: &Event) -> Option<(&Line, StockState)> {
    let (here, into) = states(event.kind);
    let may = |list: &str, state: StockState| {
        let named = list.split(' ').any(|one| one == state.code());
        list.is_empty() || named != list.starts_with('-')
    };
    let (from, to) = legs(event.kind)?;
    let moved = event.lines.iter().filter(|line| line.quantity.units() != 0);
    moved.into_iter().find_map(|line| {
        let said = |end: &str| match end.chars().next() {
            Some('>') => line.to_state.filter(|state| !may(into, *state)),
            Some('-' | '!' | '@' | '<') => None,
            _ if end == "place" => None,
            _ => line.state.filter(|state| !may(here, *state)),
        };
        Some((line, said(from).or_else(|| said(to))?))
    })
}

#[rustfmt::skip]
fn claim_move(kind: Kind) -> Option<(&'static str, &'static str)> {
    use Kind::*;
    Some(match kind {
        Reserve => ("order", "open"),       Resize => ("order", "resize"),        Release | Substitute => ("order", "release"),
        Expire => ("order", "expire"),      Reallocate => ("order", "release"),   Pick => ("order", "pick"),
        Unpick => ("order", "unpick"),      ShortPick => ("order", "release"),    Ship | HandOver => ("order", "ship"),
        VoidShip => ("order", "void"),      TransferApprove => ("transfer", "open"), TransferPick => ("transfer", "pick"),
        TransferShip => ("transfer", "ship"), TransferCancel => ("transfer", "release"), LeaseGrant => ("lease", "open"),
        LeaseSpend | LeaseReturn => ("lease", "release"), LeaseReclaim => ("lease", "expire"),
        _ => return None,
    })
}

fn fact_only(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Opening | Receipt | Sell | TransferReceive | ReturnReceive | Count)
}

fn reason_needed(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Hold | ShortPick
            | TransferReconcile
            | Adjust
            | CountExplain
            | MarkDown
            | WriteOff
            | Relabel
            | ApprovalRequest
            | ReceiptCancel
    )
}

/// Whether a line is about a claim: what a transfer sends in a state in which nothing is claimed is not.
pub fn is_about_claim(kind: Kind, line: &Line) -> bool {
    let sends = matches!(kind, Kind::TransferApprove | Kind::TransferShip | Kind::TransferCancel);
    !sends || matches!(line.state.map(StockState::code), None | Some("sellable" | "picked"))
}

/// The lines of an event that are about claims; nothing where it has lines and none is.
fn about_claims(event: &Event) -> Option<Vec<&Line>> {
    let lines: Vec<&Line> = event.lines.iter().filter(|line| is_about_claim(event.kind, line)).collect();
    (event.lines.is_empty() || !lines.is_empty()).then_some(lines)
}

fn allows(status: &str, told: &str) -> bool {
    match told {
        "open" => matches!(status, "unknown" | "released" | "expired"),
        "void" => matches!(status, "open" | "shipped"),
        _ => status == "open",
    }
}

fn key(event: &Event) -> Key {
    (event.occurred.millis(), event.kind == Kind::Count, event.source.to_string(), event.id.clone())
}

fn text(name: &Option<onhand::Name>) -> String {
    name.as_ref().map_or_else(String::new, ToString::to_string)
}

fn node_of(event: &Event, line: &Line) -> String {
    text(if line.node.is_some() { &line.node } else { &event.node })
}

fn by(key: &Key) -> String {
    match &key.3 {
        Id::Number(number) => format!("by {}/{number}", key.2),
        Id::Text(text) => format!("by {}/{text}", key.2),
    }
}

/// What the source said: the same event again has the same.
fn content(event: &Event) -> Event {
    let mut event = event.clone();
    event.recorded = onhand::Time::ZERO;
    event.lines.iter_mut().for_each(|line| line.granted = None);
    // What an intent was bound to is no part of it: the first of the lines that it became stands for all.
    event.lines.retain(|line| line.bound.is_none_or(|units| units != onhand::Quantity::ZERO));
    for line in event.lines.iter_mut().filter(|line| line.bound.is_some()) {
        line.quantity = line.bound.take().unwrap_or(line.quantity);
        line.lot = None;
    }
    event
}

impl Model {
    /// The answer to a fact, as text; it is in the list from now on unless it was turned away or here before.
    pub fn evolve(&mut self, event: &Event) -> String {
        if event.check().is_err() {
            return "malformed".to_owned();
        }
        if let Some(answer) = self.before(event) {
            return answer;
        }
        let posted = self.log.len();
        self.log.push(Entry { event: event.clone(), posted, standing: "parked" });
        self.post_what_waits();
        let mut answer = format!("ok {}", self.log[posted].standing).replace(" posted", "");
        if event.partial && self.log[posted].standing != "parked" && self.log[posted].standing != "too_old" {
            for line in &event.lines {
                answer +=
                    &format!(", granted {} {}", line.line_name(), line.granted.unwrap_or(line.quantity));
            }
        }
        answer
    }

    fn before(&self, event: &Event) -> Option<String> {
        let (settled, forgotten) = self.settled();
        if let Id::Number(number) = event.id
            && number < settled.get(event.source.as_str()).copied().unwrap_or(0)
        {
            return Some("ok replayed already_settled".to_owned());
        }
        let same = |entry: &&Entry| entry.event.source == event.source && entry.event.id == event.id;
        let known =
            self.log.iter().enumerate().filter(|(at, _)| !forgotten.contains(at)).map(|(_, entry)| entry);
        let first = known.rev().find(same)?;
        Some(match content(&first.event) == content(event) {
            true => format!("ok replayed {}", first.standing).replace(" posted", ""),
            false => "id_conflict".to_owned(),
        })
    }

    /// Gives everything that waits and misses nothing any more its standing.
    fn post_what_waits(&mut self) {
        for at in 0..self.log.len() {
            if self.log[at].standing != "parked" {
                continue;
            }
            let event = &self.log[at].event;
            let closed = event.occurred.millis() <= self.closed_for(event, self.log.len() - 1);
            let waited = at + 1 < self.log.len();
            // What is too old is so when it arrives, whatever else is known of it.
            let too_old = closed && !waited && matches!(event.id, Id::Text(_));
            if !too_old && self.missing(event).is_some() {
                continue;
            }
            let standing = match (closed, too_old) {
                (false, _) => "posted",
                (true, true) => "too_old",
                (true, false) => "prior_period",
            };
            let posted = self.log.len() - 1;
            (self.log[at].posted, self.log[at].standing) = (posted, standing);
        }
    }

    fn posted(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter().filter(|entry| entry.standing != "parked" && entry.standing != "too_old")
    }

    /// The moment that a node was closed through before the list had `length` events; -1 for never.
    fn closed(&self, node: &str, length: usize) -> i64 {
        let closes = self.posted().filter(|one| one.event.kind == Kind::PeriodClose && one.posted < length);
        let here = closes.filter(|one| text(&one.event.node) == node);
        here.filter_map(|one| one.event.due).map(|due| due.millis()).max().unwrap_or(-1)
    }

    /// The moment through which the period of an event is closed: at one of its nodes, or everywhere for a claim at none that it names.
    fn closed_for(&self, event: &Event, length: usize) -> i64 {
        let mut nodes: Vec<String> = event.lines.iter().map(|line| node_of(event, line)).collect();
        nodes.push(text(&event.node));
        if nodes.iter().all(String::is_empty) && claim_move(event.kind).is_some() {
            let closes = self.posted().filter(|one| one.event.kind == Kind::PeriodClose);
            let closes = closes.map(|one| one.posted + 1).filter(|at| *at <= length);
            return closes.map(|at| self.closed_everywhere(at)).max().unwrap_or(-1);
        }
        nodes.iter().map(|node| self.closed(node, length)).max().unwrap_or(-1)
    }

    /// The moment that every known node was closed through; -1 when one never was.
    fn closed_everywhere(&self, length: usize) -> i64 {
        let nodes = self.log[..length].iter().filter_map(|one| match one.event.terms.as_deref()? {
            Terms::Node(node) => Some(self.closed(node.node.as_str(), length)),
            _ => None,
        });
        nodes.min().unwrap_or(-1)
    }

    fn terms<'a, T: 'a>(&'a self, of: impl Fn(&'a Terms) -> Option<T>) -> Option<T> {
        // Terms that approval is asked for are not said yet, and what is too old is not said.
        let said = self.log.iter().filter(|one| one.standing != "too_old");
        let said = said.filter(|one| one.event.kind != Kind::ApprovalRequest);
        let said = said.filter_map(|one| Some((key(&one.event), of(one.event.terms.as_deref()?)?)));
        said.max_by_key(|(key, _)| key.clone()).map(|(_, value)| value)
    }

    /// When a lot expires, and whether it is recalled.
    fn lot(&self, place: &Place) -> (i64, bool) {
        let said = self.terms(|terms| match terms {
            Terms::Lot(lot) if lot.sku.as_str() == place.1 && lot.lot.as_str() == place.2 => {
                Some((lot.expires.map_or(NEVER, |expires| expires.millis()), lot.recalled))
            }
            _ => None,
        });
        said.unwrap_or((NEVER, false))
    }

    fn is_withheld(&self, place: &Place, now: i64) -> bool {
        let (expires, recalled) = self.lot(place);
        recalled || expires <= now
    }

    fn knows_sku(&self, sku: &str) -> bool {
        self.terms(|terms| matches!(terms, Terms::Item(one) if one.sku.as_str() == sku).then_some(()))
            .is_some()
    }

    fn knows_node(&self, node: &str) -> bool {
        self.terms(|terms| matches!(terms, Terms::Node(one) if one.node.as_str() == node).then_some(()))
            .is_some()
    }

    fn missing(&self, event: &Event) -> Option<String> {
        if event.terms.is_some() {
            return None;
        }
        let nodes =
            event.node.iter().chain(&event.to_node).chain(event.lines.iter().flat_map(|line| &line.node));
        let mut skus = event.lines.iter().flat_map(|line| std::iter::once(&line.sku).chain(&line.to_sku));
        let node = nodes.into_iter().find(|node| !self.knows_node(node.as_str()));
        node.map(|node| format!("unknown_node {node}")).or_else(|| {
            skus.find(|sku| !self.knows_sku(sku.as_str())).map(|sku| format!("unknown_sku {sku}"))
        })
    }

    /// Numbers settled by watermark, and events whose ids are forgotten: what each close left behind.
    fn settled(&self) -> (BTreeMap<String, u64>, BTreeSet<usize>) {
        let (mut settled, mut forgotten) = (BTreeMap::new(), BTreeSet::new());
        for (at, _) in self.log.iter().enumerate().filter(|(_, one)| one.event.kind == Kind::PeriodClose) {
            let closed = self.closed_everywhere(at + 1);
            let mut ids: Vec<_> = self.log[..=at].iter().enumerate().collect();
            ids.sort_by(|one, other| one.1.event.id.cmp(&other.1.event.id));
            let mut gap: BTreeSet<&str> = BTreeSet::new();
            for (place, one) in ids {
                let waits = one.standing == "too_old" || one.standing == "parked" || one.posted > at;
                let done = !waits && one.event.occurred.millis() <= closed;
                let source = one.event.source.as_str();
                match &one.event.id {
                    Id::Text(_) if done => drop(forgotten.insert(place)),
                    Id::Text(_) => {}
                    Id::Number(number) => {
                        let below: &mut u64 = settled.entry(source.to_owned()).or_default();
                        if *number >= *below && (!done || *number > (*below).max(1) || gap.contains(source)) {
                            gap.insert(source);
                        } else if *number >= *below {
                            *below = number + 1;
                        }
                    }
                }
            }
        }
        (settled, forgotten)
    }

    /// Every place: what the book says is there, and what counts found that nobody explained.
    pub fn places(&self) -> BTreeMap<Place, (i64, i64)> {
        let mut places: BTreeMap<Place, (i64, i64, LastCount)> = BTreeMap::new();
        let all: Vec<(Key, Legs)> =
            self.posted().map(|one| (key(&one.event), effect(&one.event).0)).collect();
        for (place, units) in all.iter().flat_map(|(_, legs)| legs) {
            places.entry(place.clone()).or_default().1 += units;
        }
        for one in self.posted().filter(|one| one.event.kind == Kind::Count) {
            for (place, units) in effect(&one.event).2 {
                // A count of a closed period says nothing that can be told from what was forgotten.
                if one.event.occurred.millis() <= self.closed(&place.3, one.posted) {
                    continue;
                }
                let last = &mut places.entry(place).or_default().2;
                if last.as_ref().is_none_or(|(before, _)| *before < key(&one.event)) {
                    *last = Some((key(&one.event), units));
                }
            }
        }
        for (place, (quantity, sum, count)) in &mut places {
            *quantity = *sum;
            if let Some((moment, counted)) = count {
                *quantity = *counted;
                let later = all.iter().filter(|(key, _)| key > moment).flat_map(|(_, legs)| legs);
                *quantity += later.filter(|leg| leg.0 == *place).map(|leg| leg.1).sum::<i64>();
            }
        }
        let mut answer: BTreeMap<Place, (i64, i64)> = places
            .into_iter()
            .map(|(place, (quantity, sum, _))| (place, (quantity, quantity - sum)))
            .collect();
        for one in self.posted().filter(|one| one.event.kind == Kind::CountExplain) {
            for line in &one.event.lines {
                answer.entry(place(&one.event, line, "sellable")).or_default().1 -= line.quantity.units();
            }
        }
        answer
    }

    /// Whether a place was counted after a moment; at one instant the count is last.
    fn is_counted_later(&self, place: &Place, now: i64) -> bool {
        let mut later = self.posted().filter(|one| {
            let occurred = one.event.occurred.millis();
            occurred >= now && occurred > self.closed(&place.3, one.posted)
        });
        later.any(|one| effect(&one.event).2.iter().any(|(counted, _)| counted == place))
    }

    /// The sums of an item on the accounts outside.
    pub fn outside(&self, sku: &str) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        for (account, units) in self.posted().flat_map(|one| effect(&one.event).1) {
            if account.0 == sku {
                *sums.entry(account.1).or_default() += units;
            }
        }
        let found: i64 =
            self.places().iter().filter(|(place, _)| place.1 == sku).map(|(_, (_, found))| found).sum();
        // What is unexplained is what counts found without what was explained: the account holds its opposite.
        sums.insert(COUNT.to_owned(), -found);
        sums.retain(|_, units| *units != 0);
        sums
    }

    /// The claims of every order, transfer and lease.
    fn documents(&self) -> BTreeMap<Document, Claims> {
        let moved = self.moved().into_iter();
        moved.map(|(name, (base, moves))| (name, run(base, &moves))).collect()
    }

    /// What every document stood at when its moves were last closed, and the moves since.
    fn moved(&self) -> BTreeMap<Document, (Claims, Vec<Told<'_>>)> {
        let mut documents: BTreeMap<Document, (Claims, Vec<Told<'_>>)> = BTreeMap::new();
        let mut posted: Vec<Vec<&Entry>> = vec![Vec::new(); self.log.len()];
        self.posted().for_each(|one| posted[one.posted].push(one));
        for (at, posted) in posted.into_iter().enumerate() {
            for one in posted {
                let (Some((ledger, _)), Some(subject)) = (claim_move(one.event.kind), &one.event.subject)
                else {
                    continue;
                };
                if about_claims(&one.event).is_none() {
                    continue;
                }
                documents.entry((ledger, subject.to_string())).or_default().1.push((&one.event, false));
                if one.event.kind == Kind::Reallocate {
                    documents
                        .entry((ledger, text(&one.event.to_subject)))
                        .or_default()
                        .1
                        .push((&one.event, true));
                }
            }
            if self.log[at].event.kind == Kind::PeriodClose && self.log[at].standing != "parked" {
                documents.retain(|(ledger, subject), (base, moves)| {
                    let now = run(base.clone(), moves);
                    let claims =
                        now.lines.values().chain(base.lines.values()).map(|claim| claim.node.clone());
                    let told = moves.iter().flat_map(|(event, _)| {
                        about_claims(event).unwrap_or_default().into_iter().map(|line| node_of(event, line))
                    });
                    let nodes = claims.chain(told).filter(|node| !node.is_empty());
                    let closed = nodes.map(|node| self.closed(&node, at + 1)).min();
                    let closed = closed.unwrap_or_else(|| self.closed_everywhere(at + 1));
                    let (old, new): (Vec<_>, Vec<_>) =
                        moves.iter().copied().partition(|(event, _)| event.occurred.millis() <= closed);
                    (*base, *moves) = (run(base.clone(), &old), new);
                    let ended = now.lines.values().all(|claim| claim.open + claim.picked == 0);
                    // What is still under way has to be found where it goes.
                    let under_way = *ledger == "transfer"
                        && now.to.is_some()
                        && self.in_transit(subject, at).values().any(|units| *units > 0);
                    under_way || !(ended && moves.is_empty() && now.stray.is_empty())
                });
            }
        }
        documents
    }

    /// The claims of one document at a moment, by line.
    pub fn claims(&self, ledger: &'static str, subject: &str, now: i64) -> BTreeMap<String, Claim> {
        let mut claims = self.documents().remove(&(ledger, subject.to_owned())).unwrap_or_default().lines;
        for claim in claims.values_mut().filter(|claim| claim.open > 0 && now >= claim.expires) {
            claim.status = "expired";
        }
        claims
    }

    /// The company's sellable units in a transfer by item, as the list stood with its event `at`.
    fn in_transit(&self, transfer: &str, at: usize) -> BTreeMap<String, i64> {
        let mut units = BTreeMap::new();
        let legs = self.posted().filter(|one| one.posted <= at).flat_map(|one| effect(&one.event).0);
        for (place, leg) in legs {
            if place.3.strip_prefix('@') == Some(transfer)
                && place.0.is_empty()
                && place.5 == StockState::Sellable
            {
                *units.entry(place.1).or_default() += leg;
            }
        }
        units
    }

    /// What a transfer has still to bring of an item to a node, when, and what of it is withheld then.
    fn coming(&self, transfer: &str, sku: &str, node: &str) -> (i64, i64, i64) {
        let document = self.documents().remove(&("transfer", transfer.to_owned())).unwrap_or_default();
        let Some((_, due)) = document.to.filter(|(to, _)| to == node) else { return (0, 0, 0) };
        let claims = document.lines.values().filter(|claim| claim.sku == sku && due != 0);
        let claims = claims.filter(|claim| claim.owner.is_empty());
        let allocated: i64 = claims.map(|claim| claim.open + claim.picked).sum();
        let transit = self.in_transit(transfer, self.log.len()).get(sku).copied().unwrap_or(0);
        let (places, at) = (self.places(), format!("@{transfer}"));
        let own = |one: &&Place| (one.0.as_str(), one.1.as_str(), one.5) == ("", sku, StockState::Sellable);
        let here = places.keys().filter(own).filter(|one| one.3 == at && self.is_withheld(one, due));
        let withheld = here.map(|place| places[place].0.max(0)).sum();
        ((allocated + transit).max(0), due, withheld)
    }

    /// The latest word on a supply, with when it is due, and what was received under its name.
    fn announced(&self, supply: &str, sku: &str, node: &str) -> (Option<Word>, i64) {
        let (mut expected, mut received): (Option<Word>, i64) = (None, 0);
        for one in self.posted() {
            for line in one
                .event
                .lines
                .iter()
                .filter(|line| line.sku.as_str() == sku && node_of(&one.event, line) == node)
            {
                let due = one.event.due.map_or(0, |due| due.millis());
                let said = (key(&one.event), line.quantity.units(), due, text(&line.owner));
                match one.event.kind {
                    Kind::SupplyChange if text(&one.event.subject) == supply => {
                        expected = match expected {
                            Some(later) if later.0 > said.0 => Some(later),
                            // Another line of the same word.
                            Some(same) if same.0 == said.0 => {
                                let owner = if same.3.is_empty() { said.3 } else { same.3 };
                                Some((said.0, same.1 + said.1, due, owner))
                            }
                            _ => Some(said),
                        };
                    }
                    Kind::Receipt if text(&line.supply) == supply => received += said.1,
                    Kind::ReceiptCancel if text(&line.supply) == supply => received -= said.1,
                    _ => {}
                }
            }
        }
        (expected, received)
    }

    fn bucket(&self, supply: &str, sku: &str, node: &str) -> Bucket {
        let (expected, received) = self.announced(supply, sku, node);
        let claims = self.documents().into_values().flat_map(|claims| claims.lines.into_values());
        let on_it = claims.filter(|claim| claim.supply == supply && claim.sku == sku && claim.node == node);
        let is_said = expected.is_some();
        let (expected, due, owner) =
            expected.map_or((0, 0, String::new()), |(_, units, due, owner)| (units, due, owner));
        let (under_way, arrives, withheld) = self.coming(supply, sku, node);
        let coming = (under_way - withheld).max(0);
        let ordered = (expected - received.max(0)).max(0);
        let due = if ordered > 0 { due } else { 0 }.max(if coming > 0 { arrives } else { 0 });
        Bucket {
            is_said,
            received,
            under_way,
            open: ordered + coming,
            claimed: on_it.map(|claim| claim.open).sum(),
            due,
            owner,
        }
    }

    /// What is still to come of a supply, and what is claimed on it.
    fn supply(&self, supply: &str, sku: &str, node: &str) -> (i64, i64) {
        let bucket = self.bucket(supply, sku, node);
        // Others' goods are nothing to promise.
        let ours = if bucket.owner.is_empty() { bucket.open } else { 0 };
        (ours, bucket.claimed)
    }

    /// Name, when all that is to come is due (0 for nothing), received, still to come, claimed, whose it is.
    pub fn dated_supply(&self, sku: &str, node: &str) -> Vec<(String, i64, i64, i64, i64, String)> {
        if !self.knows_sku(sku) || !self.knows_node(node) {
            return Vec::new();
        }
        let said = self.log.iter().map(|one| text(&one.event.subject));
        let named = self.log.iter().flat_map(|one| &one.event.lines).map(|line| text(&line.supply));
        let mut names: Vec<String> = said.chain(named).filter(|name| !name.is_empty()).collect();
        names.sort();
        names.dedup();
        let buckets = names.into_iter().map(|name| (self.bucket(&name, sku, node), name));
        let units = |one: &Bucket| (one.received, one.under_way, one.open, one.claimed) != (0, 0, 0, 0);
        let something = |one: &Bucket| one.is_said || units(one);
        let listed = buckets.filter(|(one, _)| something(one));
        listed.map(|(one, name)| (name, one.due, one.received, one.open, one.claimed, one.owner)).collect()
    }

    /// Availability of the company's goods of a known item at a known node.
    pub fn shelf(&self, sku: &str, node: &str, now: i64) -> Option<Shelf> {
        self.shelf_of("", sku, node, now)
    }

    /// Availability of an owner's goods: nothing is held back of others' goods, and none are owed.
    pub fn shelf_of(&self, owner: &str, sku: &str, node: &str, now: i64) -> Option<Shelf> {
        if !self.knows_sku(sku) || !self.knows_node(node) {
            return None;
        }
        let places = self.places();
        let here = || places.iter().filter(|(place, _)| place.1 == sku && place.3 == node);
        let all = here().filter(|(place, _)| owner.is_empty() || place.0 == owner);
        let on_hand = all.map(|(_, held)| held.0).sum();
        let own = here().filter(|(place, _)| place.0 == owner && place.5 == StockState::Sellable);
        let sellable: i64 = own.clone().map(|(_, held)| held.0).sum();
        let withheld: i64 =
            own.filter(|(place, _)| self.is_withheld(place, now)).map(|(_, held)| held.0.max(0)).sum();
        let fit = sellable - withheld;
        let (mut claimed, mut supplies) = (0, BTreeSet::new());
        let claims = self.documents().into_values().flat_map(|claims| claims.lines.into_values());
        for claim in claims.filter(|claim| claim.owner == owner) {
            if claim.sku == sku && claim.node == node && claim.supply.is_empty() && now < claim.expires {
                claimed += claim.open;
            } else if claim.sku == sku && claim.node == node && !claim.supply.is_empty() {
                supplies.insert(claim.supply);
            }
        }
        for supply in supplies {
            let (open, on_it) = self.supply(&supply, sku, node);
            claimed += (on_it - open).max(0);
        }
        let rule = |at: Option<&str>| {
            self.terms(|terms| match terms {
                Terms::Protection(rule) if rule.sku.as_str() == sku && rule.method.is_none() => {
                    (rule.node.as_ref().map(|node| node.as_str()) == at).then_some(rule.quantity.units())
                }
                _ => None,
            })
        };
        let own = |units: Option<i64>| units.filter(|_| owner.is_empty()).unwrap_or(0);
        let protected = own(rule(Some(node)).or(rule(None)));
        let limit = self.terms(|terms| match terms {
            Terms::Item(item) if item.sku.as_str() == sku => Some(item.backorder_limit.units()),
            _ => None,
        });
        let limit = own(limit);
        let available = (fit - claimed - protected).max(0);
        Some((
            on_hand,
            sellable,
            claimed,
            protected,
            available,
            (claimed - fit.max(0) - limit).max(0),
            limit,
            withheld,
        ))
    }
}

/// What a position of no lot lacks, when units of its lots may be those that left without one.
pub fn lacks(places: &BTreeMap<Place, (i64, i64)>, place: &Place) -> i64 {
    let quantity = places.get(place).map_or(0, |held| held.0);
    let lots = places.iter().filter(|(lot, held)| is_beside(lot, place) && held.0 > 0);
    match quantity < 0 && place.2.is_empty() {
        true => quantity + lots.map(|(_, held)| held.0).sum::<i64>(),
        false => quantity,
    }
}

/// Whether a place is that of a lot of what stands at another place without one.
pub fn is_beside(lot: &Place, place: &Place) -> bool {
    let none = (place.0.clone(), place.1.clone(), String::new(), place.3.clone(), place.4.clone(), place.5);
    !lot.2.is_empty()
        && (&lot.0, &lot.1, &lot.3, &lot.4, lot.5) == (&none.0, &none.1, &none.3, &none.4, none.5)
}

fn place(event: &Event, line: &Line, state: &str) -> Place {
    let (node, place) = (node_of(event, line), text(&line.place));
    let own = line.state.or_else(|| StockState::from_code(state)).unwrap_or_default();
    let lot = text(&line.lot).replace("unassigned", "");
    (text(&line.owner), line.sku.to_string(), lot, node, place, own)
}

type Legs = Vec<(Place, i64)>;

/// Legs of places, legs of accounts outside, and what was counted where.
fn effect(event: &Event) -> (Legs, Vec<(Account, i64)>, Legs) {
    let (mut legs, mut outside, mut counted) = (Vec::new(), Vec::new(), Legs::new());
    for line in &event.lines {
        let units = line.quantity.units();
        if event.kind == Kind::Count {
            let here = place(event, line, "sellable");
            match counted.iter_mut().find(|one| one.0 == here) {
                Some(sum) => sum.1 += units,
                None => counted.push((here, units)),
            }
        }
        let Some((from, to)) = self::legs(event.kind) else { continue };
        for (end, units) in [(from, -units), (to, units)] {
            let mut here = place(event, line, end);
            match end.split_at(1) {
                ("-", "adjustment") => {
                    let account = if line.quantity.units() > 0 { "found" } else { "shrink" };
                    outside.push(((here.1, account.to_owned()), units));
                    continue;
                }
                ("-", account) => {
                    outside.push(((here.1, account.to_owned()), units));
                    continue;
                }
                (">", state) => {
                    here.5 = line.to_state.or_else(|| StockState::from_code(state)).unwrap_or_default()
                }
                ("<", _) => {
                    let sent = line.state.filter(|state| *state != StockState::Picked);
                    here.5 = line.to_state.or(sent).unwrap_or_default();
                }
                ("!", state) => here.5 = StockState::from_code(state).unwrap_or_default(),
                ("@", _) => {
                    (here.3, here.4) = (format!("@{}", text(&event.subject)), String::new());
                    here.5 = line.state.filter(|state| *state != StockState::Picked).unwrap_or_default();
                }
                _ if end == "place" => here.4 = text(&line.to_place),
                _ => {}
            }
            legs.push((here, units));
        }
    }
    (legs, outside, counted)
}
