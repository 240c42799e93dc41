//! Facts that cross: pairs of which either may come first, and that mean another thing if it does.

use onhand::{Event, Kind, Line, Time, kind};

use super::{Dice, TICK, World, name};

/// The pairs that cross. Each is a handful of facts about one document.
pub const CROSSINGS: &[&str] =
    &["ship and cancel", "pick and expire", "grant and withdraw", "receive and ship", "close and late fact"];

impl World {
    /// The facts of a crossing. Their moments lie close together, in either order and now and then at one instant.
    pub fn crossing(&mut self, which: &str, dice: &mut Dice) -> Vec<Event> {
        let subject = dice.pick(&World::subjects()).clone();
        let (sku, node) = (dice.pick(&self.skus).clone(), self.nodes[0].clone());
        let to_node = dice.pick(&self.nodes).clone();
        let clock = self.clock;
        let (mut events, mut tick) = (Vec::new(), 0);
        let tell = |world: &mut World, dice: &mut Dice, kind: Kind, moment: i64| {
            let mut event = world.bare(dice, kind, false);
            event.occurred = Time::new(clock + moment).unwrap_or_default();
            // A request has the parts of what it asks for.
            event.asks = kind.row().needs.asks.then_some(Kind::WriteOff);
            let about = event.asks.unwrap_or(kind).row();
            event.node = (about.needs.node || kind.row().claim.is_some()).then(|| node.clone());
            event.subject = (kind.row().subject != kind::Subject::None).then(|| subject.clone());
            event.to_node = kind.row().needs.to_node.then(|| to_node.clone());
            event.reason = about.needs.reason.then(|| name("reason-1"));
            if about.lines != kind::Lines::None {
                event.lines = vec![Line::new(sku.clone(), 1 + dice.below(4) as i64).expect("in range")];
            }
            event
        };
        // Before, at or after the first step of the pair.
        let either = |dice: &mut Dice| TICK * (dice.below(5) as i64 - 2);
        match which {
            "ship and cancel" => {
                events.push(tell(self, dice, Kind::Reserve, 0));
                events.push(tell(self, dice, Kind::Ship, 5 * TICK));
                let cancel = *dice.pick(&[Kind::Release, Kind::Release, Kind::VoidShip]);
                let moment = 5 * TICK + either(dice);
                events.push(tell(self, dice, cancel, moment));
            }
            "pick and expire" => {
                let mut hold = tell(self, dice, Kind::Reserve, 0);
                hold.expires = Time::new(clock + 5 * TICK);
                events.push(hold);
                for kind in [Kind::Pick, Kind::Expire] {
                    let moment = 5 * TICK + either(dice);
                    events.push(tell(self, dice, kind, moment));
                }
            }
            "grant and withdraw" => {
                let mut request = tell(self, dice, Kind::ApprovalRequest, 0);
                request.actor = Some(name("ada"));
                events.push(request);
                let grant = *dice.pick(&[Kind::ApprovalGrant, Kind::ApprovalGrant, Kind::ApprovalRefuse]);
                for (kind, who) in [(grant, "bob"), (Kind::ApprovalWithdraw, "ada"), (Kind::WriteOff, "ada")]
                {
                    let moment = 5 * TICK + either(dice);
                    let mut paper = tell(self, dice, kind, moment);
                    paper.actor = Some(name(who));
                    events.push(paper);
                }
                events.push(tell(self, dice, Kind::LeaseGrant, 0));
                for kind in [Kind::LeaseSpend, *dice.pick(&[Kind::LeaseReturn, Kind::LeaseReclaim])] {
                    let moment = 5 * TICK + either(dice);
                    events.push(tell(self, dice, kind, moment));
                }
            }
            "receive and ship" => {
                if dice.percent(50) {
                    let mut approve = tell(self, dice, Kind::TransferApprove, 0);
                    approve.due = Time::new(clock + 20 * TICK).filter(|_| dice.percent(70));
                    events.push(approve);
                }
                for kind in [Kind::TransferShip, Kind::TransferReceive] {
                    let moment = 5 * TICK + either(dice);
                    let mut event = tell(self, dice, kind, moment);
                    if kind == Kind::TransferReceive {
                        event.node = Some(to_node.clone());
                    }
                    events.push(event);
                }
            }
            _ => {
                // The node was known from the start: closing waits for nothing.
                let mut close = tell(self, dice, Kind::PeriodClose, 0);
                tick = dice.below(60) as i64;
                close.due = Time::new(clock - TICK * tick);
                close.lines.clear();
                events.push(close);
                for kind in [Kind::Sell, Kind::Count, Kind::Receipt] {
                    let moment = either(dice) - TICK * tick;
                    events.push(tell(self, dice, kind, moment));
                }
            }
        }
        self.clock = clock + 10 * TICK + tick;
        events
    }

    /// Facts that a device made while it was off line, in its own order, to be told later.
    pub fn off_line(&mut self, dice: &mut Dice) -> Vec<Event> {
        let from = self.clock;
        let facts = 3 + dice.below(4);
        let mut events = Vec::new();
        for _ in 0..facts {
            let kind = *dice.pick(&[Kind::Sell, Kind::Sell, Kind::ReturnReceive, Kind::Ship, Kind::Count]);
            let mut event = self.bare(dice, kind, false);
            // A device of its own, with numbers of its own.
            event.source = name("device-1");
            event.occurred = Time::new(from - TICK * (20 - dice.below(20) as i64)).unwrap_or_default();
            event.node = Some(dice.pick(&self.nodes).clone());
            event.subject = (kind == Kind::Ship).then(|| dice.pick(&World::subjects()).clone());
            event.lines.push(self.line(dice));
            events.push(event);
        }
        events
    }
}
