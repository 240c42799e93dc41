//! The door for intents: check, then apply in one step.
//!
//! The ladder is: seen before, well formed, known, allowed by the table of moves, enough. The first rung that fails
//! names the refusal; a refused intent changes nothing and burns no id.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::book::{Book, Missing, Supply};
use crate::claim::{Claim, ClaimStatus, allows};
use crate::dense::NONE;
use crate::event::{Event, Line, Malformed, Problem};
use crate::evolve::{Before, Effect, Outcome, TurnedAway};
use crate::kind::{ClaimMove, Door, Kind, Ledger};
use crate::measure::Quantity;
use crate::name::Name;
use crate::ordered::{Gather as _, Map, sort};
use crate::place::StockState;
use crate::stock::PositionKey;

/// Why an intent is refused, with the numbers needed to act on it. Listed in the order in which they are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Malformed, in conflict with an earlier id, or over a limit.
    TurnedAway(TurnedAway),
    /// The kind is a fact only: report it, nobody can ask for it.
    FactOnly {
        /// The kind.
        kind: Kind,
    },
    /// An intent of nothing.
    QuantityIsZero {
        /// The order line or SKU.
        line: Name,
    },
    /// The kind needs a reason.
    ReasonMissing,
    /// A hold that has ended before it begins.
    AlreadyExpired {
        /// Its end, in milliseconds.
        expires: i64,
    },
    /// The book does not know the node.
    UnknownNode {
        /// The node.
        node: Name,
    },
    /// The book does not know the item.
    UnknownSku {
        /// The item.
        sku: Name,
    },
    /// The books of the node are closed through a later moment.
    PeriodClosed {
        /// The moment, in milliseconds.
        closed_through: i64,
    },
    /// Units do not move in this state by an intent of this kind: the table of events has those that do.
    StateNotAllowed {
        /// The item.
        sku: Name,
        /// The state that the line says.
        state: StockState,
    },
    /// The order, transfer or lease was moved at a later moment than this intent is asked at: in key order the intent
    /// would come before that move, whatever is known of it now. Ask again with the present moment.
    OutOfOrder {
        /// The order, transfer or lease.
        subject: Name,
        /// The moment of its latest move, in milliseconds.
        latest: i64,
    },
    /// The claim's status does not allow the move.
    ClaimNotOpen {
        /// The order line; the order itself where the intent is about all of it and it has none.
        line: Name,
        /// Where the claim stands.
        status: ClaimStatus,
    },
    /// The hold has not come to its end.
    NotEnded {
        /// The order line.
        line: Name,
        /// Its end in milliseconds; `None` when it has none.
        expires: Option<i64>,
    },
    /// The claim is at another node, of another item or on the goods of another owner.
    ClaimElsewhere {
        /// The order line.
        line: Name,
        /// The node that it is at.
        node: Name,
        /// The item that it is of.
        sku: Name,
        /// Whose goods it is on, where they are not the company's.
        owner: Option<Name>,
    },
    /// The claim has fewer units than the move needs.
    ClaimTooSmall {
        /// The order line.
        line: Name,
        /// Units that it has.
        claimed: i64,
        /// Units that the intent needs.
        requested: i64,
    },
    /// Units of a lot that is recalled or has expired do not go to a customer, or into a kit for one.
    LotWithheld {
        /// The item.
        sku: Name,
        /// The lot.
        lot: Name,
    },
    /// Not enough for all lines; every line that falls short is listed, on the sum per position.
    Insufficient {
        /// What is short.
        shortages: Vec<Shortage>,
    },
}

/// What is there and what was asked, on the sum of the batch at one position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Shortage {
    /// The item.
    pub sku: Name,
    /// The node, place or transfer.
    pub location: Name,
    /// The state that is short; for a claim, `sellable`.
    pub state: StockState,
    /// The dated supply that is short, where the claim names one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// Whose goods are short, where they are not the company's.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<Name>,
    /// Units that the intent could have.
    pub available: i64,
    /// Units that it needs.
    pub requested: i64,
}

impl Refusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refusal::TurnedAway(turned_away) => turned_away.code(),
            Refusal::FactOnly { .. } => "fact_only",
            Refusal::QuantityIsZero { .. } => "quantity_is_zero",
            Refusal::ReasonMissing => "reason_missing",
            Refusal::AlreadyExpired { .. } => "already_expired",
            Refusal::UnknownNode { .. } => "unknown_node",
            Refusal::UnknownSku { .. } => "unknown_sku",
            Refusal::PeriodClosed { .. } => "period_closed",
            Refusal::StateNotAllowed { .. } => "state_not_allowed",
            Refusal::OutOfOrder { .. } => "out_of_order",
            Refusal::ClaimNotOpen { .. } => "claim_not_open",
            Refusal::NotEnded { .. } => "not_ended",
            Refusal::ClaimElsewhere { .. } => "claim_elsewhere",
            Refusal::ClaimTooSmall { .. } => "claim_too_small",
            Refusal::LotWithheld { .. } => "lot_withheld",
            Refusal::Insufficient { .. } => "insufficient",
        }
    }
}

/// The code, then the facts: a log line from which to see what to do.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Refusal::TurnedAway(turned_away) = self {
            return turned_away.fmt(f);
        }
        f.write_str(self.code())?;
        match self {
            Refusal::TurnedAway(_) | Refusal::ReasonMissing => Ok(()),
            Refusal::FactOnly { kind } => write!(f, ": kind `{kind}`"),
            Refusal::QuantityIsZero { line } => write!(f, ": line `{line}`"),
            Refusal::AlreadyExpired { expires } => write!(f, ": expires `{expires}`"),
            Refusal::UnknownNode { node } => write!(f, ": node `{node}`"),
            Refusal::UnknownSku { sku } => write!(f, ": SKU `{sku}`"),
            Refusal::PeriodClosed { closed_through } => write!(f, ": closed through `{closed_through}`"),
            Refusal::StateNotAllowed { sku, state } => write!(f, ": SKU `{sku}`, state `{state}`"),
            Refusal::OutOfOrder { subject, latest } => write!(f, ": `{subject}` moved at `{latest}`"),
            Refusal::ClaimNotOpen { line, status } => write!(f, ": line `{line}` is `{status}`"),
            Refusal::NotEnded { line, expires: Some(end) } => write!(f, ": line `{line}` ends at `{end}`"),
            Refusal::NotEnded { line, expires: None } => write!(f, ": line `{line}` has no end"),
            Refusal::ClaimElsewhere { line, node, sku, owner } => {
                write!(f, ": line `{line}` is of `{sku}` at `{node}`")?;
                owner.iter().try_for_each(|owner| write!(f, ", owned by `{owner}`"))
            }
            Refusal::ClaimTooSmall { line, claimed, requested } => {
                write!(f, ": line `{line}` has {claimed}, {requested} requested")
            }
            Refusal::LotWithheld { sku, lot } => write!(f, ": lot `{lot}` of `{sku}`"),
            Refusal::Insufficient { shortages } => shortages.iter().try_for_each(|short| {
                let Shortage { sku, location, available, requested, owner, .. } = short;
                write!(f, ": `{sku}` at `{location}`")?;
                owner.iter().try_for_each(|owner| write!(f, ", owned by `{owner}`,"))?;
                write!(f, " has {available}, {requested} requested")
            }),
        }
    }
}

impl core::error::Error for Refusal {}

impl From<TurnedAway> for Refusal {
    fn from(turned_away: TurnedAway) -> Refusal {
        Refusal::TurnedAway(turned_away)
    }
}

impl Book {
    /// Checks an intent against the book and, when it is allowed, applies it. No policy and no approval stands in front: what people
    /// ask goes through [`Desk::execute`](crate::approval::Desk::execute).
    ///
    /// # Errors
    ///
    /// The first [`Refusal`] on the ladder; the book is unchanged and the id may be used again.
    ///
    /// ```
    /// use onhand::{Event, Id, Kind, Line, Name, Refusal, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut hold = Event::new(Name::new("shop")?, Id::Text(Name::new("r1")?), Kind::Reserve, Time::new(1).unwrap());
    /// hold.node = Some(Name::new("store-1")?);
    /// hold.subject = Some(Name::new("order-1")?);
    /// hold.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// match book.execute(&hold) {
    ///     Err(Refusal::Insufficient { shortages }) => assert_eq!(shortages[0].available, 0),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn execute(&mut self, command: &Event) -> Result<Outcome, Refusal> {
        match self.decide(command)? {
            Decision::Replayed(outcome) => Ok(outcome),
            Decision::Accept(accepted) => Ok(self.evolve(&accepted)?),
        }
    }

    /// What [`Book::execute`] would answer, as a dry run: nothing is applied.
    ///
    /// # Errors
    ///
    /// As [`Book::execute`].
    pub fn decide(&mut self, command: &Event) -> Result<Decision, Refusal> {
        command.check().map_err(TurnedAway::Malformed)?;
        match self.seen_before(command) {
            Before::Seen(outcome) => return Ok(Decision::Replayed(outcome)),
            Before::Conflict => return Err(TurnedAway::IdConflict.into()),
            Before::New => {}
        }
        check_alone(command)?;
        self.room_for(command)?;
        self.check_known(command)?;
        self.check_open_period(command)?;
        let mut accepted = command.clone();
        for line in &mut accepted.lines {
            line.granted = None;
        }
        self.bind_lots(&mut accepted);
        let effect = self.effect_of(&accepted);
        if let Some((sku, state)) = effect.misplaced {
            return Err(Refusal::StateNotAllowed { sku: self.sku_name(sku), state });
        }
        self.check_claims(&effect, command.occurred.millis())?;
        self.check_lots(command.kind, &effect, command.occurred.millis())?;
        let short_of =
            |book: &Book, effect: &Effect| book.shortages(command.kind, effect, command.occurred.millis());
        let shortages = short_of(self, &effect);
        if shortages.is_empty() {
            return Ok(Decision::Accept(accepted));
        }
        if command.partial && opens(command.kind) {
            self.grant_in_part(&mut accepted);
            let grants = |line: &Line| line.granted.is_some_and(|granted| granted > Quantity::ZERO);
            let effect = self.effect_of(&accepted);
            if accepted.lines.iter().any(grants)
                // What is short beside the lines themselves is no less so for granting less.
                && short_of(self, &effect).is_empty()
            {
                return Ok(Decision::Accept(accepted));
            }
        }
        Err(Refusal::Insufficient { shortages })
    }

    fn check_known(&self, command: &Event) -> Result<(), Refusal> {
        match self.missing(command) {
            None => Ok(()),
            Some(Missing::Node(node)) => Err(Refusal::UnknownNode { node }),
            Some(Missing::Sku(sku)) => Err(Refusal::UnknownSku { sku }),
        }
    }

    fn check_open_period(&self, command: &Event) -> Result<(), Refusal> {
        let closed = self.closed_before(command);
        match command.occurred.millis() < closed && command.kind != Kind::PeriodClose {
            true => Err(Refusal::PeriodClosed { closed_through: closed - 1 }),
            false => Ok(()),
        }
    }

    /// Holds each move of a claim against the claim as it is known now.
    fn check_claims(&self, effect: &Effect, now: i64) -> Result<(), Refusal> {
        for (ledger, subject, told) in &effect.moves {
            let document = self.documents.get(&(*ledger, subject.clone()));
            if let Some(last) = document.and_then(|document| document.moves.last())
                && self.compare(last.key, told.key) == Ordering::Greater
            {
                return Err(Refusal::OutOfOrder { subject: subject.clone(), latest: last.key.occurred });
            }
            if told.lines.is_empty() {
                self.check_whole(*ledger, subject, told.claim, now)?;
            }
            // Of each line, and what of that is not about what is staged.
            let mut asked: Map<&Name, Asked> = Map::new();
            for line in &told.lines {
                let sums = asked.entry(&line.line);
                sums.claimed += line.quantity;
                sums.taken += if line.from_picked { 0 } else { line.quantity };
            }
            for line in &told.lines {
                let Some(sums) = asked.get(&&line.line) else { continue };
                let requested = if line.from_picked { sums.claimed } else { sums.taken };
                let held = self.claim(*ledger, subject, &line.line, now);
                let status = held.as_ref().map_or(ClaimStatus::Unknown, |claim| claim.status);
                // An end that has come is what `expire` says: the claim counts as open for it.
                let lapsed =
                    status == ClaimStatus::Expired && held.as_ref().is_some_and(|claim| claim.open > 0);
                let ends = lapsed && told.claim == ClaimMove::Expire;
                if !allows(status, told.claim) && !ends {
                    return Err(Refusal::ClaimNotOpen { line: line.line.clone(), status });
                }
                if let (ClaimMove::Expire, false, Some(claim)) = (told.claim, lapsed, &held) {
                    return Err(not_ended(&line.line, claim));
                }
                let Some(claim) = held.filter(|_| told.claim != ClaimMove::Open) else { continue };
                if claim.is_elsewhere(told, line) {
                    return Err(Refusal::ClaimElsewhere {
                        line: line.line.clone(),
                        node: self.location_name(claim.node),
                        sku: self.sku_name(claim.sku),
                        owner: self.owner_name(claim.owner),
                    });
                }
                let claimed = match told.claim {
                    ClaimMove::Resize => i64::MAX,
                    ClaimMove::Unpick => claim.picked,
                    _ if line.from_picked && told.gives_up() => claim.picked,
                    ClaimMove::VoidShip => claim.shipped,
                    // From the shelf goes what is not staged for the line.
                    ClaimMove::Ship if line.from_picked => claim.open + claim.picked,
                    ClaimMove::Release if told.kind == Kind::TransferCancel => claim.open + claim.picked,
                    _ => claim.open,
                };
                if requested > claimed {
                    return Err(Refusal::ClaimTooSmall { line: line.line.clone(), claimed, requested });
                }
            }
        }
        Ok(())
    }

    /// An intent about a whole document must have a line to move. A transfer that only was requested may be cancelled:
    /// it has no claim yet.
    fn check_whole(&self, ledger: Ledger, subject: &Name, told: ClaimMove, now: i64) -> Result<(), Refusal> {
        let document = self.documents.get(&(ledger, subject.clone()));
        let lines = document.into_iter().flat_map(|document| document.claims.keys());
        let mut first = None;
        for line in lines {
            let Some(claim) = self.claim(ledger, subject, line, now) else { continue };
            let lapsed = claim.status == ClaimStatus::Expired && claim.open > 0;
            let moves = match told {
                ClaimMove::Expire => lapsed,
                _ => allows(claim.status, told),
            };
            if moves {
                return Ok(());
            }
            first.get_or_insert_with(|| {
                match told == ClaimMove::Expire && claim.status == ClaimStatus::Open {
                    true => not_ended(line, &claim),
                    false => Refusal::ClaimNotOpen { line: line.clone(), status: claim.status },
                }
            });
        }
        match first {
            Some(refusal) => Err(refusal),
            None if ledger == Ledger::Transfer => Ok(()),
            None => Err(Refusal::ClaimNotOpen { line: subject.clone(), status: ClaimStatus::Unknown }),
        }
    }

    /// A claim as it stands at `now`: a hold whose end has come is expired.
    pub(crate) fn claim(&self, ledger: Ledger, subject: &Name, line: &Name, now: i64) -> Option<Claim> {
        let mut claim = self.documents.get(&(ledger, subject.clone()))?.claims.get(line)?.clone();
        if claim.open > 0 && now >= claim.expires && claim.status == ClaimStatus::Open {
            claim.status = ClaimStatus::Expired;
        }
        Some(claim)
    }

    /// Every position and claim that the effect would need more of than there is, on sums per position.
    fn shortages(&self, kind: Kind, effect: &Effect, now: i64) -> Vec<Shortage> {
        let mut short = self.short_positions(kind, effect, now);
        short.extend(self.short_claims(effect, now));
        short.extend(self.short_supplies(effect, now));
        sort(&mut short);
        // A position and the claims on it can be short of the same units.
        short.dedup();
        short
    }

    /// What is taken of all lots of a place against what they have together; and, where they have enough, of each lot and of units of
    /// none against its own. Law 2: no intent drives a position below zero, so what comes to one lot makes up for no other.
    fn short_positions(&self, kind: Kind, effect: &Effect, now: i64) -> Vec<Shortage> {
        let mut taken: Map<PositionKey, i64> = Map::new();
        let mut of_place: Map<PositionKey, i64> = Map::new();
        for (key, units) in &effect.legs {
            *taken.entry(*key) -= units;
            *of_place.entry(PositionKey { lot: 0, ..*key }) -= units;
        }
        let held =
            |key: PositionKey| self.positions.find(key).map_or(0, |id| self.positions.rows[id].quantity);
        let mut short = Vec::new();
        for (key, units) in of_place.iter() {
            let of_lots = self.of_lots_for(kind, *key, now, &|lot| taken.get(&lot).is_some());
            // What is said of the place is not said of its units of no lot once more.
            if self.say_if_short(*key, *units, held(*key) + of_lots, &mut short) {
                *taken.entry(*key) = 0;
            }
        }
        for (key, units) in taken.iter() {
            // More than is under way, or came beyond what left, is no explanation of it: it would be the same the other way.
            let way = if kind == Kind::TransferReconcile { units.signum() } else { 1 };
            self.say_if_short(*key, *units * way, held(*key) * way, &mut short);
        }
        self.say_if_picked_for_others(effect, now, &mut short);
        // More than counts found is no explanation of it: it would be a variance the other way.
        for (key, units) in effect.counted.iter().filter(|_| kind == Kind::CountExplain) {
            let found = self.positions.find(*key).and_then(|id| self.variances.get(&id));
            let found = found.map_or(0, |found| found * units.signum());
            self.say_if_short(*key, units.abs(), found, &mut short);
        }
        short
    }

    /// What is staged for one order or transfer is not another's: an intent takes what was picked for its own, and what was for none.
    fn say_if_picked_for_others(&self, effect: &Effect, now: i64, short: &mut Vec<Shortage>) {
        // What is taken, and what of it was picked for the intent's own document.
        let mut staged: Map<PositionKey, Asked> = Map::new();
        let is_staged = |key: PositionKey| key.state == StockState::Picked && !self.is_withheld(key, now);
        // What is withheld nobody gets: it may be set aside.
        for (key, units) in effect.legs.iter().filter(|(key, _)| is_staged(*key)) {
            let location = self.node_of(key.location);
            staged.entry(PositionKey { location, lot: 0, ..*key }).taken -= units;
        }
        let documents = effect
            .moves
            .iter()
            .filter_map(|(ledger, subject, _)| self.documents.get(&(*ledger, subject.clone())));
        for claim in documents.flat_map(|document| document.claims.values()) {
            if let Some(staged) = staged.get_mut(&PositionKey { state: StockState::Picked, ..claim.shelf() })
            {
                staged.claimed += claim.picked;
            }
        }
        for (here, Asked { taken, claimed: own, .. }) in staged {
            let claimed = self.positions.find(here).map_or(0, |id| self.positions.claimed(id));
            if claimed > 0 {
                self.say_if_short(here, taken, own.max(self.held_at(here, now) - claimed + own), short);
            }
        }
    }

    /// Says in `short` that more is taken of a position than is held there; answers whether it is.
    fn say_if_short(&self, key: PositionKey, requested: i64, held: i64, short: &mut Vec<Shortage>) -> bool {
        let is_short = requested > held.max(0);
        if is_short {
            short.push(self.shortage(key, held, requested));
        }
        is_short
    }

    fn shortage(&self, at: PositionKey, available: i64, requested: i64) -> Shortage {
        Shortage {
            sku: self.sku_name(at.sku),
            location: self.location_name(at.location),
            state: at.state,
            supply: None,
            owner: self.owner_name(at.owner),
            available: available.max(0),
            requested,
        }
    }

    /// Claims and takings against what is free at each node. Units that a claim already has are not asked for twice.
    fn short_claims(&self, effect: &Effect, now: i64) -> Vec<Shortage> {
        let mut asked: Map<PositionKey, Asked> = Map::new();
        let mut on_supply: Map<u32, i64> = Map::new();
        for (key, units) in &effect.legs {
            let location = self.node_of(key.location);
            // What comes back before a later count is in what that count found: it frees nothing now.
            if *units > 0 && self.is_counted_later(*key, now) {
                continue;
            }
            // What is withheld is not free, and takes nothing from what is.
            let withheld = self.is_withheld(*key, now);
            if key.state == StockState::Sellable && location != NONE && !withheld {
                asked.entry(PositionKey { location, lot: 0, ..*key }).taken -= units;
            }
        }
        for (ledger, subject, told) in &effect.moves {
            for line in &told.lines {
                let held = self.claim(*ledger, subject, &line.line, now);
                // A claim that is opened again may be made elsewhere than before.
                let Some(claim) = held.filter(|_| told.claim != ClaimMove::Open) else {
                    match (line.supply, line.node) {
                        (NONE, NONE) => {}
                        (NONE, _) => asked.entry(line.shelf()).claimed += line.quantity,
                        // What goes from one order to another is given up by the one and taken by the other.
                        (supply, _) if told.kind == Kind::Reallocate => {
                            *on_supply.entry(supply) += line.quantity
                        }
                        // What is asked of the supply itself is no matter of the shelf.
                        _ => {}
                    }
                    continue;
                };
                let open = claim.open;
                if claim.supply != NONE {
                    *on_supply.entry(claim.supply) += match told.claim {
                        ClaimMove::Resize => (line.quantity - open).min(0),
                        ClaimMove::VoidShip if line.from_picked => 0,
                        ClaimMove::Unpick | ClaimMove::VoidShip => line.quantity,
                        _ => -line.quantity.min(open),
                    };
                } else if claim.node != NONE {
                    let asked = asked.entry(claim.shelf());
                    match told.claim {
                        ClaimMove::Resize => asked.claimed += line.quantity - open,
                        ClaimMove::VoidShip if line.from_picked => {}
                        ClaimMove::Unpick | ClaimMove::VoidShip => asked.given += line.quantity,
                        _ => asked.given -= line.quantity.min(open),
                    }
                }
            }
        }
        self.send_elsewhere(effect, &mut on_supply);
        // What a supply can no longer meet is claimed on the shelf, and is given up there with its claim.
        for (id, change) in on_supply {
            let supply = &self.supplies[id];
            let spill = (supply.claimed + change - supply.open()).max(0);
            let shelf = PositionKey::plain(supply.sku, supply.node, StockState::Sellable);
            asked.entry(shelf).given += spill - supply.spill();
        }
        let short = asked.into_iter().filter_map(|(at, asked)| {
            let shelf = self.shelf_at(at, now);
            let held_back = if asked.claimed > 0 { self.least_protected(at, &shelf) } else { 0 };
            let free = shelf.fit() - shelf.claimed - held_back + shelf.backorder_limit;
            // What a claim gives up stays free for what it was claimed for: a pick takes both together.
            let requested = asked.claimed + asked.given + asked.taken;
            let needs_more = requested > 0 && requested > free;
            needs_more.then(|| self.shortage(at, free, requested))
        });
        short.gather()
    }

    /// Whether a count of the position comes after `now` in key order; at one instant the count is last.
    fn is_counted_later(&self, key: PositionKey, now: i64) -> bool {
        let count = self.positions.find(key).map(|id| self.positions.last_count(id));
        count.is_some_and(|count| count != NONE && self.counts[count].key.occurred >= now)
    }

    /// What a transfer no longer brings to where it went, when it is said to go elsewhere: as if it were claimed of the supply there.
    fn send_elsewhere(&self, effect: &Effect, on_supply: &mut Map<u32, i64>) {
        for (ledger, subject, told) in &effect.moves {
            let name = self.words.id(subject.as_str()).filter(|_| *ledger == Ledger::Transfer);
            let Some(name) = name.filter(|_| told.to_node != NONE) else { continue };
            let supplies = self.supply_ids.from(&(name, 0, 0)).take_while(|((one, ..), _)| *one == name);
            for (_, id) in supplies.filter(|((_, _, node), _)| *node != told.to_node) {
                *on_supply.entry(*id) += self.supplies[*id].brings();
            }
        }
    }

    fn short_supplies(&self, effect: &Effect, now: i64) -> Vec<Shortage> {
        let mut asked: Map<u32, i64> = Map::new();
        for (ledger, subject, told) in &effect.moves {
            for line in &told.lines {
                let held = self.claim(*ledger, subject, &line.line, now);
                let supply = held.as_ref().map_or(line.supply, |claim| claim.supply);
                let wanted = match told.claim {
                    ClaimMove::Open => line.quantity,
                    ClaimMove::Resize => line.quantity - held.map_or(0, |claim| claim.open),
                    // What goes from one order to another asks for nothing new.
                    ClaimMove::Reallocate => -line.quantity,
                    _ => continue,
                };
                // A claim that is opened again may be made on another supply than before.
                let supply = if told.claim == ClaimMove::Open { line.supply } else { supply };
                if supply != NONE {
                    *asked.entry(supply) += wanted;
                }
            }
        }
        let mut short = Vec::new();
        for (id, requested) in asked {
            let supply = &self.supplies[id];
            self.say_if_short_of(supply, requested, supply.open() - supply.claimed, &mut short);
        }
        // No more goes back than came.
        for (id, units) in effect.received.iter() {
            let supply = &self.supplies[*id];
            self.say_if_short_of(supply, -units, supply.received, &mut short);
        }
        short
    }

    fn say_if_short_of(&self, supply: &Supply, requested: i64, held: i64, short: &mut Vec<Shortage>) {
        let at = PositionKey::plain(supply.sku, supply.node, StockState::Sellable);
        if self.say_if_short(at, requested, held, short)
            && let Some(said) = short.last_mut()
        {
            said.supply = Some(Name::known(self.words.text(supply.name)));
        }
    }

    /// Grants each line, in the order given, what is left for it.
    fn grant_in_part(&self, accepted: &mut Event) {
        let now = accepted.occurred.millis();
        let (mut of_shelf, mut of_supply): (Map<PositionKey, i64>, Map<u32, i64>) = Default::default();
        let (kind, node_of_event) = (accepted.kind, accepted.node.clone());
        for line in accepted.lines.iter_mut().filter(|line| kind.claims_in(line.state)) {
            let Some((at, supply)) = self.source_of_claim(line, node_of_event.as_ref()) else {
                continue;
            };
            let left = match self.supplies.find(supply) {
                Some(held) => of_supply.entry_or(supply, || (held.open() - held.claimed).max(0)),
                None => of_shelf.entry_or(at, || {
                    let shelf = self.shelf_at(at, now);
                    let held_back = self.least_protected(at, &shelf);
                    (shelf.fit() - shelf.claimed - held_back + shelf.backorder_limit).max(0)
                }),
            };
            let granted = line.quantity.units().min(*left);
            *left -= granted;
            line.granted = Quantity::new(granted);
        }
    }

    fn source_of_claim(&self, line: &Line, node: Option<&Name>) -> Option<(PositionKey, u32)> {
        let sku = self.known_sku(line.sku.as_str())?;
        let node = self.known_node(line.node.as_ref().or(node)?.as_str())?;
        let supply = match &line.supply {
            Some(name) => {
                let name = self.words.id(name.as_str())?;
                *self.supply_ids.get(&(name, sku, node))?
            }
            None => NONE,
        };
        // Whoever the book has not heard of has nothing here.
        let owner = match &line.owner {
            Some(owner) => u16::try_from(self.owners.id(owner.as_str())? + 1).ok()?,
            None => 0,
        };
        Some((PositionKey { owner, ..PositionKey::plain(sku, node, StockState::Sellable) }, supply))
    }
}

fn not_ended(line: &Name, claim: &Claim) -> Refusal {
    let expires = Some(claim.expires).filter(|expires| *expires != i64::MAX);
    Refusal::NotEnded { line: line.clone(), expires }
}

/// What an intent asks of one node, net of what it gives back.
#[derive(Default)]
struct Asked {
    taken: i64,
    claimed: i64,
    given: i64,
}

/// What a dry run answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The id was used before for the same content.
    Replayed(Outcome),
    /// It would be accepted as this event; granted quantities are filled in.
    Accept(Event),
}

const fn opens(kind: Kind) -> bool {
    matches!(kind, Kind::Reserve | Kind::LeaseGrant | Kind::TransferApprove)
}

/// What can be said of an intent without a book.
fn check_alone(command: &Event) -> Result<(), Refusal> {
    let row = command.kind.row();
    let malformed =
        |field, problem| Err(TurnedAway::Malformed(Malformed { field, line: None, problem }).into());
    if command.to_node.is_some() && command.to_node == command.node {
        return malformed("to_node", Problem::Same);
    }
    // Of nothing nothing is made: what becomes something else is taken by the same intent.
    let first = command.lines.first().map_or(0, |line| line.quantity.units());
    if matches!(command.kind, Kind::KitAssemble | Kind::KitBreak | Kind::Relabel)
        && command.lines.iter().all(|line| line.quantity.units().signum() == first.signum())
    {
        return malformed("lines.quantity", Problem::WrongSign(first));
    }
    if row.door == Door::Fact {
        return Err(Refusal::FactOnly { kind: command.kind });
    }
    let may_be_zero =
        matches!(command.kind, Kind::SupplyChange | Kind::PriceChange | Kind::CostChange | Kind::Resize);
    if let Some(line) = command.lines.iter().find(|line| line.quantity == Quantity::ZERO && !may_be_zero) {
        return Err(Refusal::QuantityIsZero { line: line.line_name().clone() });
    }
    if row.needs.reason && command.reason.is_none() {
        return Err(Refusal::ReasonMissing);
    }
    match command.expires {
        Some(expires) if expires <= command.occurred => {
            Err(Refusal::AlreadyExpired { expires: expires.millis() })
        }
        _ => Ok(()),
    }
}
