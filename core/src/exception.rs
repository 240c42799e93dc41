//! Exceptions: where what happened contradicts the book. Derived from the state, never stored beside it.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::book::{Book, EventRef, LocationKind};
use crate::claim::{Claim, Document, Irregular, MoveLine};
use crate::dense::NONE;
use crate::event::{Event, Id, Terms};
use crate::evolve::{Effect, Written};
use crate::kept::Standing;
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Set, sort, sort_by};
use crate::place::{StockState, codes};
use crate::stock::PositionKey;
use crate::transfer::is_transfer;

/// What kind of contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ExceptionCode {
    /// A position is below zero: more left than the book had. `quantity` is what is missing, as a negative number. Units of no lot
    /// may be below zero as long as the lots have as many.
    Deficit,
    /// Units of a transfer arrived that never left: a receipt before its shipment. Never supply.
    ReceivedBeforeShipped,
    /// Open claims exceed what is sellable and what may be backordered, or, with `state` picked, what was picked for orders exceeds what
    /// is staged, without what is recalled or has expired. `quantity` is by how much.
    Overcommitted,
    /// An event moved a claim in a way that the table of moves does not allow: `quantity` is the units without a claim. Without a subject:
    /// it moved units in a state in which its kind does not.
    OutOfOrderMove,
    /// A count found another quantity than the book had, and nobody has explained it. `quantity` is found minus book.
    CountVariance,
    /// A fact came without the reason that its kind needs.
    ReasonDue,
    /// A fact of a closed period arrived after the close, and was posted.
    PriorPeriod,
    /// An unnumbered fact of a closed period arrived after the close: it cannot be told from a duplicate, and waits.
    TooOld,
    /// A fact names an item that the book does not know, and waits for it.
    UnknownSku,
    /// A fact names a node that the book does not know, and waits for it.
    UnknownNode,
    /// Goods were received under the name of an order or notice that nobody has announced. `quantity` is what was received.
    ReceiptWithoutOrder,
    /// More of an order line came back than left for the customer. `quantity` is what came back beyond it. A close lets a book forget
    /// what it sold, so that the log knows this: [`Log::lives`](crate::log::Log::lives) lists it.
    OverReturned,
}

codes!(ExceptionCode:
    Deficit "deficit", ReceivedBeforeShipped "received_before_shipped", Overcommitted "overcommitted",
    OutOfOrderMove "out_of_order_move", CountVariance "count_variance", ReasonDue "reason_due",
    PriorPeriod "prior_period", TooOld "too_old", UnknownSku "unknown_sku", UnknownNode "unknown_node",
    ReceiptWithoutOrder "receipt_without_order", OverReturned "over_returned",
);

/// A contradiction with its facts. Fields that its kind has no use for are `None`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Exception {
    /// What kind.
    pub code: ExceptionCode,
    /// The item.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sku: Option<Name>,
    /// The node, or the transfer for units in transit.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub location: Option<Name>,
    /// The place inside the node.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub place: Option<Name>,
    /// The lot, where there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub lot: Option<Name>,
    /// The owner, where it is not the company.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// The state of the stock.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub state: Option<StockState>,
    /// The order, transfer or lease; for what was received, the order or notice that was named.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub subject: Option<Name>,
    /// Its line.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub line: Option<Name>,
    /// Who said the event that it is about.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub source: Option<Name>,
    /// The id of that event.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub id: Option<Id>,
    /// Units, as the code says.
    pub quantity: i64,
}

impl Exception {
    pub(crate) const fn new(code: ExceptionCode) -> Exception {
        Exception {
            code,
            sku: None,
            location: None,
            place: None,
            lot: None,
            owner: None,
            state: None,
            subject: None,
            line: None,
            source: None,
            id: None,
            quantity: 0,
        }
    }
}

impl Book {
    /// Every exception that is open at `now`, sorted by code, item, location and the rest.
    ///
    /// `now` decides which holds still count: an expired hold overcommits nothing. Reads the whole book.
    pub fn exceptions(&self, now: Time) -> Vec<Exception> {
        let mut open = Vec::new();
        for (id, _) in self.positions.rows.enumerate() {
            open.extend(self.deficit(id));
            open.extend(self.overcommitment(id, now.millis()));
        }
        open.extend(self.variances.keys().filter_map(|position| self.count_variance(*position)));
        for ((_, subject), document) in self.documents.iter() {
            open.extend(document.irregular.iter().map(|one| self.irregular(subject, one)));
        }
        open.extend(self.supplies.enumerate().filter_map(|(id, _)| self.receipt_without_order(id)));
        open.extend(self.notes.keys().map(|(code, at)| self.about_event(*code, *at)));
        let waiting = self.parked.keys().map(|at| (Standing::Parked, at));
        let waiting = waiting.chain(self.too_old.keys().map(|at| (Standing::TooOld, at)));
        open.extend(waiting.filter_map(|(standing, at)| self.exception_of_waiting(standing, *at)));
        sort(&mut open);
        open
    }

    /// What an event may open or make worse beside what its write did: its own standing, what it lacks, and claims that it concerns.
    pub(crate) fn note(
        &mut self,
        event: &Event,
        (standing, at): (Standing, EventRef),
        effect: &Effect,
        wide: bool,
        written: &mut Written,
    ) {
        let notes = [
            (ExceptionCode::PriorPeriod, standing == Standing::PriorPeriod),
            (ExceptionCode::ReasonDue, event.kind.row().needs.reason && event.reason.is_none()),
            (ExceptionCode::OutOfOrderMove, effect.misplaced.is_some()),
        ];
        for (code, _) in notes.into_iter().filter(|(_, is_so)| *is_so) {
            self.notes.add((code, at));
            written.raised.push(self.about_event(code, at));
        }
        if let Some(Terms::Lot(lot)) = event.terms.as_deref() {
            written.taken.extend(self.positions_of_lot(lot));
        }
        let places = self.claimed_by(event, effect, wide);
        for key in places.keys() {
            let staged = self.positions.find(PositionKey { state: StockState::Picked, ..*key });
            written.uncovered.extend(self.positions.find(*key).into_iter().chain(staged));
        }
    }

    /// What is open of what was written, at the moment of the event that is answered.
    pub(crate) fn raised(&mut self, written: Written, now: i64) -> Vec<Exception> {
        let Written { taken, uncovered, varied, received, irregular, mut raised } = written;
        raised.extend(varied.into_iter().filter_map(|position| self.count_variance(position)));
        for position in taken {
            raised.extend(self.deficit(position));
            raised.extend(self.unassigned_beside(position).and_then(|position| self.deficit(position)));
            raised.extend(self.overcommitment_near(position, now));
        }
        raised.extend(uncovered.into_iter().filter_map(|position| self.overcommitment(position, now)));
        raised.extend(received.into_iter().filter_map(|supply| self.receipt_without_order(supply)));
        for (ledger, subject, one) in irregular {
            let key = (ledger, subject);
            // A fact that woke after it may have made more or less of it, or nothing.
            let held = self.documents.get(&key).into_iter().flat_map(|document| &document.irregular);
            let held = held.filter(|held| self.of_line(held, &one).is_eq());
            raised.extend(held.map(|one| self.irregular(&key.1, one)));
        }
        sort(&mut raised);
        raised.dedup();
        raised
    }

    /// Where an event may have changed what is claimed on hand: where its lines say, where the claims are that it moves (a line may
    /// say no node, or another than its claim is at), and where a supply may bring less than is claimed of it.
    fn claimed_by(&self, event: &Event, effect: &Effect, wide: bool) -> Set<PositionKey> {
        let at = |sku: u32, node: u32| PositionKey::plain(sku, node, StockState::Sellable);
        let mut places: Set<PositionKey> = Set::new();
        for (ledger, subject, told) in &effect.moves {
            places.add_all(told.lines.iter().map(MoveLine::shelf));
            let Some(document) = self.documents.get(&(*ledger, subject.clone())) else { continue };
            if wide || told.lines.is_empty() {
                places.add_all(document.claims.values().map(Claim::shelf));
            } else {
                let claims = told.lines.iter().filter_map(|line| document.claims.get(&line.line));
                places.add_all(claims.map(Claim::shelf));
            }
        }
        let received = effect.received.iter().map(|(id, _)| &self.supplies[*id]);
        places.add_all(received.map(|supply| at(supply.sku, supply.node)));
        let brings = event.kind == Kind::SupplyChange || is_transfer(event.kind);
        let named = event.subject.as_ref().filter(|_| brings).and_then(|name| self.words.id(name.as_str()));
        if let Some(name) = named {
            let named = self.supply_ids.from(&(name, 0, 0)).take_while(|((one, ..), _)| *one == name);
            if wide || event.lines.is_empty() {
                places.add_all(named.map(|((_, sku, node), _)| at(*sku, *node)));
            } else {
                for sku in event.lines.iter().filter_map(|line| self.known_sku(line.sku.as_str())) {
                    let of_sku = self.supply_ids.from(&(name, sku, 0));
                    let of_sku = of_sku.take_while(|((one, item, _), _)| (*one, *item) == (name, sku));
                    places.add_all(of_sku.map(|((.., node), _)| at(sku, *node)));
                }
            }
        }
        places
    }

    /// The deficit of a position, if it has one.
    pub(crate) fn deficit(&self, position: u32) -> Option<Exception> {
        let row = &self.positions.rows[position];
        let missing = row.quantity + if row.quantity < 0 { self.of_other_lots(row.key) } else { 0 };
        if missing >= 0 {
            return None;
        }
        let code = match self.locations[row.key.location].kind {
            LocationKind::Transit => ExceptionCode::ReceivedBeforeShipped,
            LocationKind::Node | LocationKind::Place => ExceptionCode::Deficit,
        };
        let mut exception = self.at_position(code, position);
        exception.quantity = missing;
        Some(exception)
    }

    /// What counts found at a position and nobody has explained, if anything.
    pub(crate) fn count_variance(&self, position: u32) -> Option<Exception> {
        let found = self.variances.get(&position).copied().filter(|found| *found != 0)?;
        let mut exception = self.at_position(ExceptionCode::CountVariance, position);
        exception.quantity = found;
        Some(exception)
    }

    /// What was received under a name that nobody has announced, if anything is left of it.
    pub(crate) fn receipt_without_order(&self, supply: u32) -> Option<Exception> {
        let supply = &self.supplies[supply];
        (supply.expected.is_none() && supply.received > 0).then(|| Exception {
            sku: Some(self.sku_name(supply.sku)),
            location: Some(self.location_name(supply.node)),
            subject: Some(Name::known(self.words.text(supply.name))),
            quantity: supply.received,
            ..Exception::new(ExceptionCode::ReceiptWithoutOrder)
        })
    }

    /// By how much claims at a position exceed what may be claimed there, or what was picked exceeds what is staged.
    pub(crate) fn overcommitment(&self, position: u32, now: i64) -> Option<Exception> {
        let key = self.positions.rows[position].key;
        let claimed = self.positions.claimed(position);
        if claimed == 0 {
            return None;
        }
        let is_staged = key.state == StockState::Picked;
        let over = match is_staged {
            true => claimed - self.held_at(key, now).max(0),
            false => self.shelf_at(key, now).overcommitted,
        };
        if over <= 0 {
            return None;
        }
        let mut exception = self.at_position(ExceptionCode::Overcommitted, position);
        if !is_staged {
            exception.state = None;
        }
        exception.quantity = over;
        Some(exception)
    }

    /// The overcommitment at the node that a position is at, if units of the position may meet claims.
    pub(crate) fn overcommitment_near(&self, position: u32, now: i64) -> Option<Exception> {
        let key = self.positions.rows[position].key;
        let node = self.node_of(key.location);
        if node == NONE {
            return None;
        }
        let position = self.positions.find(PositionKey { location: node, lot: 0, ..key })?;
        self.overcommitment(position, now)
    }

    pub(crate) fn irregular(&self, subject: &Name, one: &Irregular) -> Exception {
        let at = EventRef { source: one.event.source, number: one.event.number };
        Exception {
            sku: Some(self.sku_name(one.sku)),
            subject: Some(subject.clone()),
            line: Some(one.line.clone()),
            quantity: one.quantity,
            ..self.about_event(ExceptionCode::OutOfOrderMove, at)
        }
    }

    /// What is irregular in a document that was not before, or in fewer units.
    pub(crate) fn irregular_since(&self, mut before: Vec<Irregular>, document: &Document) -> Vec<Irregular> {
        let order = |one: &Irregular, other: &Irregular| {
            self.of_line(one, other).then(one.quantity.cmp(&other.quantity))
        };
        sort_by(&mut before, order);
        let is_new = |one: &&Irregular| {
            let place = before.partition_point(|held| order(held, one).is_lt());
            before.get(place).is_none_or(|held| self.of_line(held, one).is_ne())
        };
        document.irregular.iter().filter(is_new).cloned().gather()
    }

    /// By the event and the line of it that they are about.
    fn of_line(&self, one: &Irregular, other: &Irregular) -> Ordering {
        let by_event = self.compare(one.event, other.event);
        by_event.then_with(|| (&one.line, one.sku).cmp(&(&other.line, other.sku)))
    }

    /// What an event waits for.
    pub(crate) fn exception_of_waiting(&self, standing: Standing, at: EventRef) -> Option<Exception> {
        match standing {
            Standing::TooOld => Some(self.about_event(ExceptionCode::TooOld, at)),
            _ => self.unknown(at),
        }
    }

    fn unknown(&self, at: EventRef) -> Option<Exception> {
        use crate::book::Missing;
        let (code, sku, location) = match self.missing(self.parked.get(&at)?)? {
            Missing::Sku(sku) => (ExceptionCode::UnknownSku, Some(sku), None),
            Missing::Node(node) => (ExceptionCode::UnknownNode, None, Some(node)),
        };
        Some(Exception { sku, location, ..self.about_event(code, at) })
    }

    fn about_event(&self, code: ExceptionCode, at: EventRef) -> Exception {
        let (source, id) = self.event_name(at);
        Exception { source: Some(source), id: Some(id), ..Exception::new(code) }
    }

    fn at_position(&self, code: ExceptionCode, position: u32) -> Exception {
        let key = self.positions.rows[position].key;
        let at = self.position_by_name(position);
        Exception {
            sku: Some(self.sku_name(key.sku)),
            location: Some(at.location),
            place: at.place,
            lot: at.lot,
            owner: at.owner,
            state: Some(key.state),
            ..Exception::new(code)
        }
    }
}
