//! What was sent against what arrived, lane by lane.

use alloc::vec::Vec;

use super::{Entry, Log};
use crate::event::{Event, Line};
use crate::kind::Kind;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::Map;
use crate::place::StockState;

/// Transfers of one owner's goods from one node to another, of all items and states. Units are base units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LaneReport {
    /// Where they left; `None` for what arrived and is not known to have left.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub from: Option<Name>,
    /// Where they go, by the latest word.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub to: Option<Name>,
    /// Whose goods they bring, where they are not the company's.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// How many transfers; one that brings goods of several owners is one of each.
    pub transfers: i64,
    /// Units that left.
    pub shipped: i64,
    /// Units that arrived.
    pub received: i64,
    /// Those of them that were booked in another state than they were sent in.
    pub damaged: i64,
    /// Units that were explained as lost, less those that were found again.
    pub lost: i64,
    /// Units that left, have not arrived and are not explained, by transfer and item.
    pub missing: i64,
    /// Those of them whose transfer was due before the moment of the question.
    pub overdue: i64,
    /// Units that arrived and are not known to have left, by transfer and item.
    pub over: i64,
}

/// One transfer, as its events have it.
#[derive(Default)]
struct Sent<'a> {
    /// The latest word on where it goes: when that was said, from where, to where and by when.
    way: Option<(Said<'a>, Option<&'a Name>, &'a Name, Option<Time>)>,
    /// Shipped, received, damaged and lost, by owner and item.
    items: Map<(Option<&'a Name>, &'a Name), [i64; 4]>,
}

type Said<'a> = (Time, &'a Name, &'a crate::event::Id);

impl Log {
    /// Transfers by lane at a moment, by origin, destination and owner: where units go missing, arrive broken or too many.
    ///
    /// `shipped - received - lost = missing - over` for each lane. Reads all entries once.
    ///
    /// ```
    /// use onhand::log::Log;
    /// use onhand::{Event, Id, Kind, Line, Name, StockState, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let at = |millis| Time::new(millis).unwrap();
    /// let mut book = testing::book(&["TEA-250"], &["dc", "store-1"]);
    /// let mut log = Log::after(Default::default(), book.clone());
    /// let mut ship = Event::new(Name::new("dc")?, Id::Number(1), Kind::TransferShip, at(1_000));
    /// ship.node = Some(Name::new("dc")?);
    /// ship.to_node = Some(Name::new("store-1")?);
    /// ship.subject = Some(Name::new("T1")?);
    /// ship.lines.push(Line::new(Name::new("TEA-250")?, 12)?);
    /// let mut receive = Event { kind: Kind::TransferReceive, id: Id::Number(2), node: ship.to_node.clone(), ..ship.clone() };
    /// receive.lines[0] = Line::new(Name::new("TEA-250")?, 9)?;
    /// let mut broken = Line::new(Name::new("TEA-250")?, 1)?;
    /// broken.to_state = Some(StockState::Damaged);
    /// receive.lines.push(broken);
    /// log.evolve(&mut book, &ship, at(1_000))?;
    /// log.evolve(&mut book, &receive, at(2_000))?;
    /// let lane = &log.lanes(at(3_000))[0];
    /// assert_eq!((lane.shipped, lane.received, lane.damaged, lane.missing), (12, 10, 1, 2));
    /// # Ok(()) }
    /// ```
    pub fn lanes(&self, now: Time) -> Vec<LaneReport> {
        let mut transfers: Map<&Name, Sent<'_>> = Map::new();
        for Entry { event, .. } in self.once() {
            if let Some(subject) = event.subject.as_ref().filter(|_| column(event.kind).is_some()) {
                transfers.entry_or(subject, Sent::default).add(event);
            }
        }
        let mut lanes: Map<[Option<&Name>; 3], LaneReport> = Map::new();
        for sent in transfers.values() {
            let (from, to, due) =
                sent.way.map_or((None, None, None), |(_, from, to, due)| (from, Some(to), due));
            let mut counted = None;
            for ((owner, _), [shipped, received, damaged, lost]) in sent.items.iter() {
                let lane = lanes.entry_or([from, to, *owner], || LaneReport {
                    from: from.cloned(),
                    to: to.cloned(),
                    owner: owner.cloned(),
                    ..LaneReport::default()
                });
                if counted.replace(*owner) != Some(*owner) {
                    lane.transfers += 1;
                }
                let open = shipped - received - lost;
                lane.shipped += shipped;
                lane.received += received;
                lane.damaged += damaged;
                lane.lost += lost;
                lane.missing += open.max(0);
                lane.over += (-open).max(0);
                if due.is_some_and(|due| due < now) {
                    lane.overdue += open.max(0);
                }
            }
        }
        lanes.into_iter().map(|(_, lane)| lane).collect()
    }
}

/// Which of the sums a kind adds to.
const fn column(kind: Kind) -> Option<usize> {
    match kind {
        Kind::TransferShip => Some(0),
        Kind::TransferReceive => Some(1),
        Kind::TransferReconcile => Some(3),
        _ => None,
    }
}

impl<'a> Sent<'a> {
    fn add(&mut self, event: &'a Event) {
        for line in &event.lines {
            let units = line.quantity.units();
            let sums = self.items.entry_or((line.owner.as_ref(), &line.sku), || [0; 4]);
            if let Some(sum) = column(event.kind).and_then(|column| sums.get_mut(column)) {
                *sum += units;
            }
            if event.kind == Kind::TransferReceive && !arrives_as_sent(line) {
                sums[2] += units;
            }
        }
        let said: Said<'_> = (event.occurred, &event.source, &event.id);
        if let (Kind::TransferShip, Some(to)) = (event.kind, &event.to_node)
            && self.way.is_none_or(|(before, ..)| before < said)
        {
            let from = event.lines.first().and_then(|line| line.node.as_ref()).or(event.node.as_ref());
            self.way = Some((said, from, to, event.due));
        }
    }
}

fn arrives_as_sent(line: &Line) -> bool {
    let sent = line.state.filter(|state| *state != StockState::Picked).unwrap_or(StockState::Sellable);
    line.to_state.is_none_or(|state| state == sent)
}
