//! Settlement with the owners of goods that are not the company's: what was sold of whose, and what else became of it.

use alloc::vec::Vec;

use super::Log;
use super::replay::{Replay, Shift, Side};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use crate::place::Outside;

/// What became of an owner's goods of one item at one node. Units are base units, values minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The owner.
    pub owner: Name,
    /// The item.
    pub sku: Name,
    /// The node.
    pub node: Option<Name>,
    /// Units that the owner delivered, less those taken back.
    pub received: i64,
    /// Units that were sold, less cancelled shipments.
    pub sold: i64,
    /// What was taken for them, as their lines say.
    pub taken: i128,
    /// Units that customers brought back.
    pub returned: i64,
    /// What was given back for them, as their lines say.
    pub refunded: i128,
    /// Units that were lost or destroyed, less those found.
    pub lost: i64,
    /// Units that moved to other nodes, less those that came from there, and all else.
    pub moved: i64,
}

impl Log {
    /// What became of the goods of all owners but the company from one moment on and before another, by owner, item and node. An event
    /// counts at the moment of its [`Posting`](super::Posting::moment): what was settled for a closed period stays.
    ///
    /// `received - sold + returned - lost - moved` is by how much the units of the owner at the node have changed. Tells all entries
    /// to a book anew.
    ///
    /// ```
    /// use onhand::log::Log;
    /// use onhand::{Event, Id, Kind, Line, Money, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["BAG"], &["store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// for (id, kind, units, value) in [(1, Kind::Receipt, 9, 0), (2, Kind::Sell, 2, 5_000), (3, Kind::ReturnReceive, 1, 2_500)] {
    ///     let mut event = Event::new(Name::new("shop")?, Id::Number(id), kind, at(1_000 * id as i64));
    ///     event.node = Some(Name::new("store-1")?);
    ///     event.lines.push(Line::new(Name::new("BAG")?, units)?);
    ///     event.lines[0].owner = Some(Name::new("acme")?);
    ///     event.lines[0].value = Money::new(value);
    ///     log.evolve(&mut book, &event, event.occurred)?;
    /// }
    /// let settled = &log.settlement(at(0), at(9_000))[0];
    /// assert_eq!((settled.received, settled.sold, settled.taken), (9, 2, 5_000));
    /// assert_eq!((settled.returned, settled.refunded), (1, 2_500));
    /// # Ok(()) }
    /// ```
    pub fn settlement(&self, from: Time, until: Time) -> Vec<Settled> {
        let mut replay = Replay::begin(&self.before);
        let mut settled: Map<(Name, Name, Option<Name>), Settled> = Map::new();
        for one in &replay.place(self) {
            let mut shifts: Vec<(Shift, i128)> = Vec::new();
            if one.event.kind == Kind::Count {
                shifts.extend(replay.found(one).into_iter().map(|shift| (shift, 0)));
            }
            for line in &one.lines {
                let value = line.value.map_or(0, |value| value.minor().into());
                shifts.extend(replay.moved(one, line).map(|shift| (shift, value)));
            }
            let is_in = (from.millis()..until.millis()).contains(&one.moment);
            for (shift, value) in shifts.into_iter().filter(|_| is_in) {
                let Some(owner) = shift.owner.checked_sub(1) else { continue };
                let owner = Name::known(replay.book.owners.text(owner.into()));
                let [from, to] = shift.said;
                for (side, stays, other, sign) in [(from, shift.from, to, 1), (to, shift.to, from, -1)] {
                    let Side::Stock(key) = side else { continue };
                    let node = replay.book.node_of(key.location);
                    // Units under way are at no node.
                    let node = (node != crate::dense::NONE).then(|| replay.book.location_name(node));
                    let sku = replay.book.sku_name(shift.sku);
                    let at = (owner.clone(), sku.clone(), node.clone());
                    let row = settled.entry_or(at, || Settled::nothing(owner.clone(), sku, node));
                    row.add(one.event.kind, other, sign * shift.units, value);
                    // A later count has found what this leaves: so much less was lost.
                    if stays != side {
                        row.add(one.event.kind, stays, -sign * shift.units, 0);
                    }
                }
            }
        }
        settled
            .into_iter()
            .map(|(_, row)| row)
            .filter(|row| *row != Settled::nothing(row.owner.clone(), row.sku.clone(), row.node.clone()))
            .collect()
    }
}

impl Settled {
    fn nothing(owner: Name, sku: Name, node: Option<Name>) -> Settled {
        Settled {
            owner,
            sku,
            node,
            received: 0,
            sold: 0,
            taken: 0,
            returned: 0,
            refunded: 0,
            lost: 0,
            moved: 0,
        }
    }

    /// Takes down units that left for the other side, or came from there when below zero.
    fn add(&mut self, kind: Kind, other: Side, units: i64, value: i128) {
        match (other, kind) {
            (Side::Outside(Outside::Customer), Kind::ReturnReceive) => {
                (self.returned, self.refunded) = (self.returned - units, self.refunded + value);
            }
            (Side::Outside(Outside::Customer), _) => {
                let sign = i128::from(units.signum());
                (self.sold, self.taken) = (self.sold + units, self.taken + sign * value);
            }
            (Side::Outside(Outside::Supplier | Outside::Opening), _) => self.received -= units,
            (
                Side::Outside(
                    Outside::Shrink
                    | Outside::Found
                    | Outside::CountVariance
                    | Outside::Scrapped
                    | Outside::Liquidated,
                ),
                _,
            ) => self.lost += units,
            (Side::Outside(Outside::Conversion) | Side::Stock(_), _) => self.moved += units,
        }
    }
}
