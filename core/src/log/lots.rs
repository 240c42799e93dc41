//! Lots as far as anyone can know: facts that name no lot are attributed to those that expire first. A reading of the log in key order.

use alloc::vec::Vec;

use super::Log;
use super::replay::{Placed, Replay, Shift, Side};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Map, sort, sort_by};
use crate::place::{Outside, StockState};
use crate::reading::Position;
use crate::stock::PositionKey;

/// Units of a lot that came into the stock of the company's nodes, or left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotMove {
    /// The number of its entry in the log.
    pub entry: u64,
    /// When it counts: see [`Posting::moment`](super::Posting::moment).
    pub moment: Time,
    /// The kind of the event.
    pub kind: Kind,
    /// The lot; `None` for what no lot is known to have had.
    pub lot: Option<Name>,
    /// Whether the event named no lot, so that this one is the likeliest.
    pub attributed: bool,
    /// The node where it happened.
    pub node: Option<Name>,
    /// The order, transfer or other document.
    pub subject: Option<Name>,
    /// The state that they were in before they left, or are in since they came.
    pub state: StockState,
    /// The account that they went to or came from.
    pub outside: Outside,
    /// Base units, above zero for what came and below for what left.
    pub units: i64,
}

/// The units of an item by lot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// What is where: the positions of the book, with units of no lot given to the lots that they are likely to be of. At each
    /// location, in each state and of each owner the sum is the book's.
    pub positions: Vec<Position>,
    /// What came and left, in key order.
    pub moves: Vec<LotMove>,
}

impl Log {
    /// Attributes an item's units to lots. What leaves without a lot is of the lot that expires first of those that are there; what
    /// moves without one takes its lots along.
    ///
    /// For a recall: the positions of the lot say where people have to look, and its moves to customers whom to tell. Tells all
    /// entries to a book anew.
    ///
    /// ```
    /// use onhand::log::Log;
    /// use onhand::{Event, Id, Kind, Line, Name, Outside, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["MILK"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let event = |id, kind, units, lot: Option<&str>| {
    ///     let mut event = Event::new(Name::new("shop").unwrap(), Id::Number(id), kind, at(1_000 * id as i64));
    ///     event.node = Some(Name::new("store-1").unwrap());
    ///     event.lines.push(Line::new(Name::new("MILK").unwrap(), units).unwrap());
    ///     event.lines[0].lot = lot.map(|lot| Name::new(lot).unwrap());
    ///     event
    /// };
    /// log.evolve(&mut book, &event(1, Kind::Receipt, 3, Some("A")), at(1_000))?;
    /// log.evolve(&mut book, &event(2, Kind::Receipt, 3, Some("B")), at(2_000))?;
    /// // The till does not read lots: it sold the three of A and one of B, as far as anyone can know.
    /// log.evolve(&mut book, &event(3, Kind::Sell, 4, None), at(3_000))?;
    /// let milk = log.attribution(&Name::new("MILK")?);
    /// let left: Vec<_> = milk.positions.iter().map(|one| (one.lot.as_ref().unwrap().as_str(), one.quantity)).collect();
    /// assert_eq!(left, [("B", 2)]);
    /// let sold: Vec<_> = milk.moves.iter().filter(|one| one.outside == Outside::Customer).map(|one| one.units).collect();
    /// assert_eq!(sold, [-3, -1]);
    /// # Ok(()) }
    /// ```
    pub fn attribution(&self, sku: &Name) -> Attribution {
        let mut replay = Replay::begin(&self.before);
        let placed = replay.place(self);
        let Some(sku) = replay.book.known_sku(sku.as_str()) else { return Attribution::default() };
        let mut lots = Lots { held: Map::new(), moves: Vec::new() };
        for (key, units) in replay.stock().filter(|(key, _)| key.sku == sku) {
            lots.held.insert(key, units);
        }
        for one in &placed {
            let shifts: Vec<Shift> = match one.event.kind {
                Kind::Count => replay.found(one),
                _ => one.lines.iter().filter_map(|line| replay.moved(one, line)).collect(),
            };
            for shift in shifts.into_iter().filter(|shift| shift.sku == sku) {
                lots.shift(&replay, one, shift);
            }
        }
        Attribution { positions: lots.positions(&replay), moves: lots.moves }
    }
}

struct Lots {
    held: Map<PositionKey, i64>,
    moves: Vec<LotMove>,
}

impl Lots {
    fn shift(&mut self, replay: &Replay, one: &Placed<'_>, shift: Shift) {
        let (from, to) = (stock_of(shift.from), stock_of(shift.to));
        let shares = match from {
            Some(key) if key.lot == 0 => self.first_expired(replay, key, shift.units),
            Some(key) => alloc::vec![(key.lot, shift.units)],
            None => alloc::vec![(0, shift.units)],
        };
        for (lot, units) in shares {
            let with_lot =
                |key: PositionKey| PositionKey { lot: if key.lot == 0 { lot } else { key.lot }, ..key };
            if let Some(key) = from {
                *self.held.entry(PositionKey { lot, ..key }) -= units;
                self.note(
                    replay,
                    one,
                    shift,
                    PositionKey { lot, ..key },
                    key.lot == 0 && lot != 0,
                    shift.to,
                    -units,
                );
            }
            if let Some(key) = to {
                *self.held.entry(with_lot(key)) += units;
                self.note(replay, one, shift, with_lot(key), key.lot == 0 && lot != 0, shift.from, units);
            }
        }
    }

    /// The lots that units of none are taken from, and what is left over.
    fn first_expired(&self, replay: &Replay, key: PositionKey, units: i64) -> Vec<(u32, i64)> {
        let here = PositionKey { lot: 0, ..key };
        let mut lots: Vec<(u32, i64)> = Vec::new();
        for (one, units) in self.held.iter() {
            if one.lot != 0 && (PositionKey { lot: 0, ..*one }) == here && *units > 0 {
                lots.push((one.lot, *units));
            }
        }
        sort_by(&mut lots, |one, other| {
            let rank = |lot: u32| replay.book.lot_rank(key.sku, lot);
            rank(one.0).cmp(&rank(other.0))
        });
        let mut left = units;
        let mut shares = Vec::new();
        for (lot, held) in lots {
            let share = held.min(left);
            left -= share;
            shares.push((lot, share));
        }
        shares.push((0, left));
        shares.retain(|(_, units)| *units > 0);
        shares
    }

    #[expect(clippy::too_many_arguments, reason = "two call sites; a struct would only repeat the names")]
    fn note(
        &mut self,
        replay: &Replay,
        one: &Placed<'_>,
        shift: Shift,
        key: PositionKey,
        attributed: bool,
        other: Side,
        units: i64,
    ) {
        let Side::Outside(outside) = other else { return };
        self.moves.push(LotMove {
            entry: one.entry,
            moment: Time::new(one.moment).unwrap_or(Time::MAX),
            kind: one.event.kind,
            lot: key.lot.checked_sub(1).map(|lot| Name::known(replay.book.words.text(lot))),
            attributed,
            node: (shift.node != crate::dense::NONE).then(|| replay.book.location_name(shift.node)),
            subject: one.event.subject.clone(),
            state: key.state,
            outside,
            units,
        });
    }

    fn positions(&self, replay: &Replay) -> Vec<Position> {
        let held = self.held.iter().filter(|(_, units)| **units != 0);
        let mut positions: Vec<Position> =
            held.map(|(key, units)| replay.book.position_named(*key, *units)).collect();
        sort(&mut positions);
        positions
    }
}

fn stock_of(side: Side) -> Option<PositionKey> {
    match side {
        Side::Stock(key) => Some(key),
        Side::Outside(_) => None,
    }
}
