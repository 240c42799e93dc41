//! Start here: [`Book::evolve`] is the only way in which a book changes.
//!
//! A fact is never refused for what it says about the world. It is turned away only if it is malformed, over a limit, or
//! carries an id that was used for other content. All else is posted, with exceptions where it contradicts the book, or
//! parked until the item and node that it names are known.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::book::{Book, EventRef, Missing};
use crate::claim::{Claim, Document, Irregular, Move, MoveLine};
use crate::dense::NONE;
use crate::event::{Event, Id, Line, Malformed};
use crate::exception::Exception;
use crate::kept::{Kept, Leg, Standing};
use crate::kind::{ClaimMove, End, Kind, Ledger};
use crate::limits::{
    BALANCE_MAX, EVENTS_KEPT_MAX, LEGS_KEPT_MAX, MOVES_MAX, NAMES_MAX, OWNERS_MAX, PARKED_LINES_MAX,
    PARKED_MAX, POSITIONS_MAX, SOURCES_MAX,
};
use crate::name::Name;
use crate::ordered::{Gather as _, Map, Set, sort};
use crate::place::{Outside, StockState};
use crate::sentence::{InWords, printed, sentence};
use crate::stock::{CountRecord, Key, PositionKey};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The same event was here before: nothing changed, and the rest says what became of it then.
    pub replayed: bool,
    /// Where it stands.
    pub standing: Standing,
    /// What was granted line by line, where an intent was accepted in part.
    pub granted: Vec<(Name, i64)>,
    /// The contradictions that it opens or makes worse, wherever they are, as far as it leaves them open; of master data with those of
    /// the facts that waited for it. Empty for a replay; [`Book::exceptions`] has all that are open.
    pub exceptions: Vec<Exception>,
}

/// Why an event was not acknowledged. It stays with its source; the book is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnedAway {
    /// It cannot be read as its kind.
    Malformed(Malformed),
    /// Its id was used before for other content; the first stands.
    IdConflict,
    /// It would go over a limit of [`crate::limits`].
    OverLimit {
        /// The name of the limit.
        limit: &'static str,
        /// Its value.
        max: i64,
    },
}

impl TurnedAway {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            TurnedAway::Malformed(_) => "malformed",
            TurnedAway::IdConflict => "id_conflict",
            TurnedAway::OverLimit { .. } => "over_limit",
        }
    }
}

impl InWords for TurnedAway {
    fn in_words(&self) -> String {
        match self {
            TurnedAway::Malformed(malformed) => malformed.in_words(),
            TurnedAway::IdConflict => "the id was used before for other content".into(),
            TurnedAway::OverLimit { limit, max } => sentence!("over the limit `", *limit, "` of ", *max),
        }
    }
}

impl InWords for Malformed {
    fn in_words(&self) -> String {
        let line = self.line.map_or_else(String::new, |line| sentence!(" of line ", line));
        let value = self.problem.value().map_or_else(String::new, |value| sentence!(": `", value, "`"));
        sentence!("`", self.field, "`", line, " is ", self.problem.code(), value)
    }
}

printed!(TurnedAway, Malformed);

impl From<Malformed> for TurnedAway {
    fn from(malformed: Malformed) -> TurnedAway {
        TurnedAway::Malformed(malformed)
    }
}

/// What an id says before anything else is looked at.
pub(crate) enum Before {
    New,
    Seen(Outcome),
    Conflict,
}

/// What an event does, in the numbers of this book.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    /// Changes of positions.
    pub(crate) legs: Vec<(PositionKey, i64)>,
    /// Changes of the accounts outside.
    pub(crate) outside: Vec<(u32, Outside, i64)>,
    /// For a count: what was counted, summed by position; for an explanation of counts: what is explained.
    pub(crate) counted: Vec<(PositionKey, i64)>,
    /// The first item of which units are said to be in a state in which the kind moves none, and that state.
    pub(crate) misplaced: Option<(u32, StockState)>,
    /// What each document is told.
    pub(crate) moves: Vec<(Ledger, Name, Move)>,
    /// Units received against each supply.
    pub(crate) received: Map<u32, i64>,
}

/// What the write of an event, and of the facts that waited for it, did that may contradict the book now.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Positions that it took from or counted.
    pub(crate) taken: Vec<u32>,
    /// Positions whose claims may not be covered any more.
    pub(crate) uncovered: Vec<u32>,
    /// Positions of which it made a count find what it did not, or more of it.
    pub(crate) varied: Vec<u32>,
    /// Supplies that it received.
    pub(crate) received: Vec<u32>,
    /// Moves that are irregular since it, its own and those that it came before.
    pub(crate) irregular: Vec<(Ledger, Name, Irregular)>,
    /// What is wrong with the events themselves.
    pub(crate) raised: Vec<Exception>,
}

impl Book {
    /// Posts a fact, or an intent that another process accepted: the only way in which a book changes.
    ///
    /// The ladder: seen before? well formed? known? within limits? Then one write that cannot fail.
    ///
    /// # Errors
    ///
    /// [`TurnedAway`], with the book unchanged. See the example at [`Book`].
    pub fn evolve(&mut self, event: &Event) -> Result<Outcome, TurnedAway> {
        event.check()?;
        match self.seen_before(event) {
            Before::Seen(outcome) => return Ok(outcome),
            Before::Conflict => return Err(TurnedAway::IdConflict),
            Before::New => {}
        }
        self.room_for(event)?;
        // Before what it names: a fact is too old whether its item is known before it or after it.
        let standing = self.standing_of(event);
        if standing == Standing::TooOld {
            return self.queue_too_old(event);
        }
        if let Some(missing) = self.missing(event) {
            return self.park(event, missing);
        }
        let effect = self.effect_of(event);
        self.check_limits(&effect)?;
        // Every check has passed. Nothing below can fail.
        let slot = self.keep(event, standing);
        Ok(Outcome {
            replayed: false,
            standing,
            granted: granted(event),
            exceptions: self.post(event, slot, &effect),
        })
    }

    /// The first rung: an id that was used before is settled by it alone.
    pub(crate) fn seen_before(&self, event: &Event) -> Before {
        let Some(source) = self.sources.id(event.source.as_str()) else { return Before::New };
        let seen = &self.seen[source];
        let slot = match &event.id {
            Id::Number(number) if *number < seen.settled_below => {
                return Before::Seen(replay_of(Standing::AlreadySettled));
            }
            Id::Number(number) => seen.number(*number),
            Id::Text(text) => seen.text(text.as_str()),
        };
        let Some(slot) = slot else { return Before::New };
        let kept = self.kept.get(slot);
        if kept.print != event.fingerprint() {
            return Before::Conflict;
        }
        let mut outcome = replay_of(kept.standing);
        if let Some((ledger, _)) = event.kind.row().claim
            && let Some(subject) = &event.subject
            && event.partial
        {
            outcome.granted = self.granted_before(ledger, subject, kept.source, kept.number);
        }
        Before::Seen(outcome)
    }

    fn granted_before(&self, ledger: Ledger, subject: &Name, source: u32, number: u64) -> Vec<(Name, i64)> {
        let Some(document) = self.documents.get(&(ledger, subject.clone())) else { return Vec::new() };
        let made = document.moves.iter().find(|one| one.key.source == source && one.key.number == number);
        made.map_or_else(Vec::new, |one| {
            one.lines.iter().map(|line| (line.line.clone(), line.quantity)).gather()
        })
    }

    pub(crate) fn room_for(&self, event: &Event) -> Result<(), TurnedAway> {
        let lines = event.lines.len();
        let most = [
            ("events_kept", self.kept.len() + 1, EVENTS_KEPT_MAX),
            ("legs_kept", self.kept.legs_beside() + 4 * lines, LEGS_KEPT_MAX),
            ("supplies", self.supplies.len() + lines, NAMES_MAX),
            ("positions", self.positions.rows.len() + 2 * lines, POSITIONS_MAX),
            ("names", self.sku_names.len() + lines, NAMES_MAX),
            ("names", self.lots.len() + 1, NAMES_MAX),
            ("names", self.words.len() + 4 * lines + 8, NAMES_MAX),
            ("sources", self.sources.len() + 1, SOURCES_MAX),
            ("names", self.locations.len() + 2 * lines + 2, NAMES_MAX),
            (
                "owners",
                self.owners.len() + event.lines.iter().filter(|line| line.owner.is_some()).count(),
                OWNERS_MAX,
            ),
        ];
        for (limit, wanted, max) in most {
            if wanted > max {
                return Err(over(limit, max));
            }
        }
        if let (Some((ledger, _)), Some(subject)) = (event.kind.row().claim, &event.subject) {
            let moves = self.documents.get(&(ledger, subject.clone())).map_or(0, |one| one.moves.len());
            if moves >= MOVES_MAX {
                return Err(over("moves", MOVES_MAX));
            }
        }
        Ok(())
    }

    /// The first thing that the event names and the book does not know.
    pub(crate) fn missing(&self, event: &Event) -> Option<Missing> {
        // INVARIANT: master data waits for nothing, so that what it wakes never wakes more. Who asks for approval of it may name
        // what is not known yet.
        if event.terms.is_some() {
            return None;
        }
        let nodes = event
            .node
            .iter()
            .chain(&event.to_node)
            .chain(event.lines.iter().filter_map(|one| one.node.as_ref()));
        for node in nodes {
            if self.known_node(node.as_str()).is_none() {
                return Some(Missing::Node(node.clone()));
            }
        }
        let skus = event.lines.iter().flat_map(|line| core::iter::once(&line.sku).chain(&line.to_sku));
        for sku in skus {
            if self.known_sku(sku.as_str()).is_none() {
                return Some(Missing::Sku(sku.clone()));
            }
        }
        None
    }

    /// The moment before which what the event says is of a closed period: by the nodes that it names, and for a move of claims that
    /// names none by all nodes. Ids of what was closed at all nodes are forgotten, and such a move would count again.
    #[cfg_attr(onhand_small, inline(never))]
    pub(crate) fn closed_before(&self, event: &Event) -> i64 {
        let (mut closed, mut names_none) = (0, true);
        for node in event.node.iter().chain(event.lines.iter().filter_map(|one| one.node.as_ref())) {
            names_none = false;
            if let Some(node) = self.nodes.get(node.as_str()) {
                closed = closed.max(self.locations[*node].closed_through.saturating_add(1));
            }
        }
        match names_none && event.kind.row().claim.is_some() {
            true => self.settled_before,
            false => closed,
        }
    }

    /// Whether the event is of a closed period, and what that means for it.
    pub(crate) fn standing_of(&self, event: &Event) -> Standing {
        match (event.occurred.millis() < self.closed_before(event), &event.id) {
            (false, _) => Standing::Posted,
            (true, Id::Number(_)) => Standing::PriorPeriod,
            (true, Id::Text(_)) => Standing::TooOld,
        }
    }

    fn park(&mut self, event: &Event, missing: Missing) -> Result<Outcome, TurnedAway> {
        self.room_to_wait(event)?;
        let slot = self.keep(event, Standing::Parked);
        let at = self.event_at(slot);
        self.parked_lines += event.lines.len();
        self.waiting.entry_or(missing, Set::new).add(at);
        self.parked.insert(at, event.clone());
        Ok(self.outcome(Standing::Parked, slot))
    }

    fn queue_too_old(&mut self, event: &Event) -> Result<Outcome, TurnedAway> {
        self.room_to_wait(event)?;
        let slot = self.keep(event, Standing::TooOld);
        self.parked_lines += event.lines.len();
        self.too_old.insert(self.event_at(slot), event.clone());
        Ok(self.outcome(Standing::TooOld, slot))
    }

    fn outcome(&self, standing: Standing, slot: u32) -> Outcome {
        let exceptions = self.exception_of_waiting(standing, self.event_at(slot)).into_iter().gather();
        Outcome { replayed: false, standing, granted: Vec::new(), exceptions }
    }

    fn room_to_wait(&self, event: &Event) -> Result<(), TurnedAway> {
        if self.parked.len() + self.too_old.len() >= PARKED_MAX {
            return Err(over("parked", PARKED_MAX));
        }
        match self.parked_lines + event.lines.len() > PARKED_LINES_MAX {
            true => Err(over("parked_lines", PARKED_LINES_MAX)),
            false => Ok(()),
        }
    }

    /// Takes down the event's id and content, so that it counts once.
    fn keep(&mut self, event: &Event, standing: Standing) -> u32 {
        let source = self.source_id(event.source.as_str());
        let number = self.number(&event.id);
        let slot = self.kept.push(&Kept {
            occurred: event.occurred.millis(),
            number,
            print: event.fingerprint(),
            source,
            kind: event.kind,
            standing,
            forgotten: false,
        });
        match &event.id {
            Id::Number(number) => self.seen[source].insert_number(*number, slot),
            Id::Text(text) => self.seen[source].insert_text(text.as_str(), slot),
        }
        slot
    }

    pub(crate) fn event_at(&self, slot: u32) -> EventRef {
        let kept = self.kept.get(slot);
        EventRef { source: kept.source, number: kept.number }
    }

    /// Says in the book's own numbers what an event does. Everything that it names is known.
    pub(crate) fn effect_of(&mut self, event: &Event) -> Effect {
        let row = event.kind.row();
        let mut effect = Effect::default();
        let mut counted: Map<PositionKey, usize> = Map::new();
        for line in &event.lines {
            let Some((sku, node)) = self.sku_and_node(event, line) else { continue };
            let units = line.quantity.units();
            if let Some(leg) = row.leg {
                self.end(event, line, sku, node, leg.from, -units, &mut effect);
                self.end(event, line, sku, node, leg.to, units, &mut effect);
            }
            if matches!(event.kind, Kind::Count | Kind::CountExplain) {
                let location = self.place_or_node(node, line.place.as_ref());
                let key = self.key_at(line, sku, location, line.state.unwrap_or(StockState::Sellable));
                // Several places or people may count parts of one position: the parts add up.
                let place = *counted.entry_or(key, || effect.counted.len());
                match effect.counted.get_mut(place) {
                    Some((_, sum)) => *sum += units,
                    None => effect.counted.push((key, units)),
                }
            }
            let received = match event.kind {
                Kind::Receipt => units,
                Kind::ReceiptCancel => -units,
                _ => 0,
            };
            if received != 0
                && let Some(supply) = &line.supply
            {
                let supply = self.words.intern(supply.as_str());
                *effect.received.entry(self.supply(supply, sku, node)) += received;
            }
        }
        self.moves_of(event, &mut effect);
        effect
    }

    /// The item and node of a line. The node is `NONE` where the event needs none.
    pub(crate) fn sku_and_node(&self, event: &Event, line: &Line) -> Option<(u32, u32)> {
        let node = line.node.as_ref().or(event.node.as_ref());
        let node = node.map_or(Some(NONE), |node| self.known_node(node.as_str()))?;
        Some((self.known_sku(line.sku.as_str())?, node))
    }

    fn place_or_node(&mut self, node: u32, place: Option<&Name>) -> u32 {
        place.map_or(node, |place| self.place_id(node, place.as_str()))
    }

    fn key_at(&mut self, line: &Line, sku: u32, location: u32, state: StockState) -> PositionKey {
        // 0 is "none" and "the company": the first word of a book is never a lot or an owner.
        let lot = line.said_lot().map_or(0, |lot| self.words.intern(lot.as_str()) + 1);
        let owner = self.owner_id(line.owner.as_ref());
        PositionKey { lot, owner, ..PositionKey::plain(sku, location, state) }
    }

    #[expect(clippy::too_many_arguments, reason = "a struct would only repeat the names")]
    pub(crate) fn end(
        &mut self,
        event: &Event,
        line: &Line,
        sku: u32,
        node: u32,
        end: End,
        units: i64,
        effect: &mut Effect,
    ) {
        // Picked units that leave are on their way like any other.
        let sent = line.state.filter(|state| *state != StockState::Picked);
        let said = match end {
            End::Here(..) | End::ToPlace(_) => line.state,
            End::Into(..) => line.to_state,
            End::Arrived(_) => line.to_state.or(sent),
            End::Transit(_) => sent,
            End::Always(_) | End::Outside(_) | End::Adjustment => None,
        };
        if let (End::Here(_, states) | End::Into(_, states), Some(state)) = (end, said)
            && !states.has(state)
            && units != 0
        {
            effect.misplaced.get_or_insert((sku, state));
        }
        let (location, usual) = match end {
            End::Outside(account) => {
                effect.outside.push((sku, account, units));
                return;
            }
            End::Adjustment => {
                // The account depends on which way the line goes, not on which end this is.
                let account = if line.quantity.units() > 0 { Outside::Found } else { Outside::Shrink };
                effect.outside.push((sku, account, units));
                return;
            }
            End::Here(state, _) | End::Into(state, _) | End::Arrived(state) | End::Always(state) => {
                (self.place_or_node(node, line.place.as_ref()), state)
            }
            End::ToPlace(state) => (self.place_or_node(node, line.to_place.as_ref()), state),
            End::Transit(state) => {
                // INVARIANT: a kind with a leg in transit needs a subject.
                let transit = event.subject.as_ref().map_or("", Name::as_str);
                (self.transit_id(transit), state)
            }
        };
        let key = self.key_at(line, sku, location, said.unwrap_or(usual));
        effect.legs.push((key, units));
    }

    fn moves_of(&mut self, event: &Event, effect: &mut Effect) {
        let (Some((ledger, claim)), Some(subject)) = (event.kind.row().claim, &event.subject) else { return };
        let mut lines = Vec::with_capacity(event.lines.len());
        for line in event.lines.iter().filter(|line| event.kind.claims_in(line.state)) {
            let Some((sku, node)) = self.sku_and_node(event, line) else { continue };
            let supply = match &line.supply {
                Some(name) => {
                    let name = self.words.intern(name.as_str());
                    self.supply(name, sku, node)
                }
                None => NONE,
            };
            let quantity = line.granted.unwrap_or(line.quantity).units();
            let from_picked = line.state == Some(StockState::Picked)
                || (event.kind == Kind::HandOver && line.state.is_none());
            let owner = self.owner_id(line.owner.as_ref());
            lines.push(MoveLine {
                line: line.line_name().clone(),
                sku,
                node,
                owner,
                supply,
                quantity,
                from_picked,
            });
        }
        // A move without lines would be one of the whole document.
        if lines.is_empty() && !event.lines.is_empty() {
            return;
        }
        let source = self.source_id(event.source.as_str());
        let number = self.number(&event.id);
        let key = Key { occurred: event.occurred.millis(), is_count: false, source, number };
        let expires = event.expires.map_or(i64::MAX, |expires| expires.millis());
        let to_node = event.to_node.as_ref().and_then(|node| self.known_node(node.as_str())).unwrap_or(NONE);
        let due = event.due.map_or(0, |due| due.millis());
        let told = Move { key, kind: event.kind, claim, expires, to_node, due, lines };
        if let (ClaimMove::Reallocate, Some(to_subject)) = (claim, &event.to_subject) {
            let opened = Move { claim: ClaimMove::Open, ..told.clone() };
            effect.moves.push((ledger, to_subject.clone(), opened));
        }
        effect.moves.push((ledger, subject.clone(), told));
    }

    /// No balance may leave the range that JavaScript holds exactly. Checked on the sums of the event.
    pub(crate) fn check_limits(&self, effect: &Effect) -> Result<(), TurnedAway> {
        let widest = effect.legs.iter().map(|(_, units)| units.abs()).sum::<i64>();
        let held = effect.legs.iter().map(|(key, _)| {
            let position = self.positions.find(*key);
            position.map_or(0, |id| self.positions.rows[id].quantity.abs())
        });
        let outside = effect.outside.iter().map(|(sku, account, _)| self.outside(*sku, *account).abs());
        let counted = effect.counted.iter().map(|(_, units)| *units);
        let lines = effect.moves.iter().flat_map(|one| one.2.lines.iter().map(move |line| (one, line)));
        let widest = widest.saturating_add(lines.clone().map(|(_, line)| line.quantity).sum::<i64>());
        let claimed = lines.map(|((ledger, subject, told), line)| {
            // A change of its size need say neither where a claim is nor on whose goods.
            let resized =
                (told.claim == ClaimMove::Resize).then(|| self.claim(*ledger, subject, &line.line, 0));
            let shelf = resized.flatten().map_or(line.shelf(), |claim| claim.shelf());
            self.positions.find(shelf).map_or(0, |id| self.positions.claimed(id).abs())
        });
        let received = effect.received.iter().map(|(supply, _)| self.supplies[*supply].received.abs());
        let held = held.chain(claimed).chain(received);
        match held.chain(outside).chain(counted).any(|held| held.saturating_add(widest) > BALANCE_MAX / 2) {
            true => Err(TurnedAway::OverLimit { limit: "balance", max: BALANCE_MAX / 2 }),
            false => Ok(()),
        }
    }

    /// The one write. Answers the exceptions that the event, and the facts that waited for it, open or make worse.
    fn post(&mut self, event: &Event, slot: u32, effect: &Effect) -> Vec<Exception> {
        let mut written = Written { taken: Vec::with_capacity(effect.legs.len()), ..Written::default() };
        self.write(event, slot, effect, &mut written);
        self.raised(written, event.occurred.millis())
    }

    pub(crate) fn write(&mut self, event: &Event, slot: u32, effect: &Effect, written: &mut Written) {
        // Read first, because a close renumbers what is kept.
        let posted = (self.kept.get(slot).standing, self.event_at(slot));
        for (key, units) in &effect.legs {
            let position = self.position(*key);
            if self.post_leg(position, slot, *units) {
                written.varied.push(position);
            }
            if *units < 0 {
                written.taken.push(position);
            }
        }
        for (sku, account, units) in &effect.outside {
            self.add_outside(*sku, *account, *units);
        }
        for (key, counted) in &effect.counted {
            if event.kind == Kind::CountExplain {
                let position = self.position(*key);
                *self.variances.entry(position) -= counted;
                if self.varies_by(position, -counted) {
                    written.varied.push(position);
                }
                continue;
            }
            // Legs of a closed period are forgotten: what a count of it found can no longer be told.
            if event.occurred.millis() <= self.closed_through(key.location) {
                continue;
            }
            let position = self.position(*key);
            self.post_count(position, slot, *counted);
            written.varied.push(position);
            written.taken.push(position);
        }
        for (id, units) in effect.received.iter() {
            self.change_supply(*id, |supply| supply.received += units);
            written.received.push(*id);
        }
        let mut wide = false;
        for (ledger, subject, told) in &effect.moves {
            wide |= self.tell(*ledger, subject, told.clone(), written);
        }
        self.expect_transfer(event, wide);
        if event.kind == Kind::SupplyChange {
            self.expect_supply(event, slot);
        }
        // Terms that approval is asked for are not said yet.
        let terms = event.terms.as_ref().filter(|_| event.kind.row().needs.terms);
        let known = terms.and_then(|terms| self.learn(terms, slot, written));
        if event.kind == Kind::PeriodClose {
            self.close(event);
        }
        self.note(event, posted, effect, wide, written);
        // Last, because a close among the facts that waited renumbers what is kept.
        if let Some(known) = known {
            self.wake(&known, written);
        }
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn add_outside(&mut self, sku: u32, account: Outside, units: i64) {
        if let Some(sum) = self.accounts[sku].outside.get_mut(usize::from(account.ordinal())) {
            *sum += units;
        }
    }

    pub(crate) fn outside(&self, sku: u32, account: Outside) -> i64 {
        self.accounts[sku].outside.get(usize::from(account.ordinal())).copied().unwrap_or(0)
    }

    /// Adds a leg to a position. A leg before the last count leaves the quantity and changes what the count found; answers whether
    /// that is further from the book by it.
    pub(crate) fn post_leg(&mut self, position: u32, slot: u32, units: i64) -> bool {
        if units == 0 {
            return false;
        }
        let row = &mut self.positions.rows[position];
        row.legs = self.kept.add_leg(slot, row.legs, units);
        self.add_units(position, slot, units)
    }

    /// What a leg that was taken down does to the quantity of its position; answers as [`Book::post_leg`] does.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn add_units(&mut self, position: u32, slot: u32, units: i64) -> bool {
        let row = &mut self.positions.rows[position];
        self.accounts[row.key.sku].change();
        if row.is_free() {
            row.quantity += units;
            return false;
        }
        units != 0 && self.post_leg_at_bound(position, slot, units)
    }

    fn post_leg_at_bound(&mut self, position: u32, slot: u32, units: i64) -> bool {
        let count = self.counts.find(self.positions.last_count(position)).map(|count| count.key);
        if count.is_none_or(|count| self.compare(self.key_of(slot), count) == Ordering::Greater) {
            self.positions.rows[position].quantity += units;
            return false;
        }
        *self.variances.entry(position) -= units;
        let sku = self.positions.rows[position].key.sku;
        self.add_outside(sku, Outside::CountVariance, units);
        self.varies_by(position, -units)
    }

    /// Whether a change of what counts found at a position, which is made, led away from the book.
    fn varies_by(&self, position: u32, change: i64) -> bool {
        let found = self.variances.get(&position).copied().unwrap_or(0);
        found.signum() == change.signum()
    }

    /// Fixes a position: its quantity is what was counted plus the legs that come later in key order.
    ///
    /// Walks the legs of this position since the close, and its counts.
    fn post_count(&mut self, position: u32, slot: u32, counted: i64) {
        let key = self.key_of(slot);
        let row = &self.positions.rows[position];
        let (legs, before, sku) = (row.legs, row.quantity, row.key.sku);
        let last = self.positions.last_count(position);
        if last != NONE && self.compare(self.counts[last].key, key) == Ordering::Greater {
            self.insert_earlier_count(last, key, counted);
            return;
        }
        let mut quantity = counted;
        let mut leg = legs;
        while leg != NONE {
            let Leg { event, previous, quantity: units } = self.kept.leg(leg);
            if self.compare(self.key_of(event), key) == Ordering::Greater {
                quantity += units;
            }
            leg = previous;
        }
        let count = self.counts.push(CountRecord { key, counted, earlier: last });
        self.positions.set_last_count(position, count);
        self.positions.rows[position].quantity = quantity;
        self.accounts[sku].change();
        let found = quantity - before;
        *self.variances.entry(position) += found;
        self.add_outside(sku, Outside::CountVariance, -found);
    }

    /// A count that arrives after a later one changes no quantity: it only splits what that one found.
    fn insert_earlier_count(&mut self, last: u32, key: Key, counted: i64) {
        let mut later = last;
        loop {
            let earlier = self.counts[later].earlier;
            if earlier == NONE || self.compare(self.counts[earlier].key, key) != Ordering::Greater {
                let count = self.counts.push(CountRecord { key, counted, earlier });
                self.counts[later].earlier = count;
                return;
            }
            later = earlier;
        }
    }

    /// Tells a document of a move and carries the change of its claims to where they are summed. Answers whether the move may change
    /// more than its own lines: when it comes before one that was told already, or a transfer goes elsewhere by it.
    fn tell(&mut self, ledger: Ledger, subject: &Name, told: Move, written: &mut Written) -> bool {
        let mut document = self.documents.remove(&(ledger, subject.clone())).unwrap_or_default();
        let went = document.to_node;
        let late =
            document.moves.last().is_some_and(|last| self.compare(last.key, told.key) == Ordering::Greater);
        // An order-wide or late move may touch every claim of the document, any other only its own lines.
        let touched: Vec<Name> = match late || told.lines.is_empty() {
            true => document.claims.keys().chain(told.lines.iter().map(|line| &line.line)).cloned().gather(),
            false => told.lines.iter().map(|line| line.line.clone()).gather(),
        };
        self.sum_claims(&document, &touched, -1);
        let irregular: Vec<Irregular> = if late {
            let place =
                document.moves.partition_point(|one| self.compare(one.key, told.key) == Ordering::Less);
            document.moves.insert(place, told);
            let before = core::mem::take(&mut document.irregular);
            document.replay();
            self.irregular_since(before, &document)
        } else {
            let known = document.irregular.len();
            document.apply(&told);
            document.moves.push(told);
            document.irregular.iter().skip(known).cloned().gather()
        };
        written.irregular.extend(irregular.into_iter().map(|one| (ledger, subject.clone(), one)));
        self.sum_claims(&document, &touched, 1);
        let wide = late || document.to_node != went;
        self.documents.insert((ledger, subject.clone()), document);
        wide
    }

    fn sum_claims(&mut self, document: &Document, lines: &[Name], sign: i64) {
        let mut lines: Vec<&Name> = lines.iter().gather();
        sort(&mut lines);
        lines.dedup();
        for line in lines {
            if let Some(claim) = document.claims.get(line) {
                self.sum_claim(claim, sign);
            }
        }
    }

    pub(crate) fn sum_claim(&mut self, claim: &Claim, sign: i64) {
        if claim.node == NONE {
            return;
        }
        if claim.picked != 0 {
            let staged = self.position(PositionKey { state: StockState::Picked, ..claim.shelf() });
            self.claim_units(staged, claim.picked * sign);
        }
        if claim.open == 0 {
            return;
        }
        let units = claim.open * sign;
        if claim.supply != NONE {
            self.change_supply(claim.supply, |supply| supply.claimed += units);
            return;
        }
        let position = self.position(claim.shelf());
        self.claim_units(position, units);
        if claim.expires != i64::MAX {
            let sum = self.expiring.entry((position, claim.expires));
            *sum += units;
            if *sum == 0 {
                self.expiring.remove(&(position, claim.expires));
            }
        }
    }

    pub(crate) fn is_later(&self, said: Key, before: Option<Key>) -> bool {
        before.is_none_or(|before| self.compare(said, before) != Ordering::Less)
    }
}

fn granted(event: &Event) -> Vec<(Name, i64)> {
    match event.partial {
        true => event
            .lines
            .iter()
            .map(|line| (line.line_name().clone(), line.granted.unwrap_or(line.quantity).units()))
            .gather(),
        false => Vec::new(),
    }
}

fn replay_of(standing: Standing) -> Outcome {
    Outcome { replayed: true, standing, granted: Vec::new(), exceptions: Vec::new() }
}

fn over(limit: &'static str, max: usize) -> TurnedAway {
    TurnedAway::OverLimit { limit, max: i64::try_from(max).unwrap_or(i64::MAX) }
}
