//! Bulk facts as fixed-width rows: no texts, no allocation for each event.
//!
//! A row is [`ROW_BYTES`] little-endian bytes. Names are numbers that [`Book::intern`] gave out for this very book:
//!
//! | bytes | field | |
//! |---|---|---|
//! | 0 | kind | place of the kind in [`TABLE`] |
//! | 1 | state | place in [`StockState::ALL`], 255 for the kind's own |
//! | 2..4 | | zero |
//! | 4..8 | source | a number of [`NameKind::Source`] |
//! | 8..16 | id | the number that the source gave the event |
//! | 16..24 | occurred | milliseconds |
//! | 24..28 | sku | a number of [`NameKind::Sku`] |
//! | 28..32 | node | a number of [`NameKind::Node`] |
//! | 32..40 | quantity | base units, signed |
//! | 40..44 | actor | a number of [`NameKind::Word`], or 2^32 - 1 |
//! | 44..48 | role | a number of [`NameKind::Word`], or 2^32 - 1 |
//! | 48..56 | value | minor units, or the smallest 64-bit integer for none |
//!
//! A row says exactly what the [`Event`] with these parts says; sent again the other way it is a replay. The time of
//! recording is no part of the content and stays with the log.

use alloc::string::String;
use alloc::vec::Vec;

use crate::book::{Book, TEXT};
use crate::content::PlainContent;
use crate::dense::NONE;
use crate::event::{Event, Id, Line, Malformed, Problem};
use crate::evolve::TurnedAway;
use crate::exception::ExceptionCode;
use crate::kept::{Kept, Standing};
use crate::kind::{End, Kind, Lines, Row as KindRow, Sign, States, Subject, TABLE};
use crate::limits::{
    BALANCE_MAX, EVENT_NUMBER_MAX, EVENTS_KEPT_MAX, NAMES_MAX, POSITIONS_MAX, QUANTITY_MAX, TIME_MAX,
};
use crate::measure::{Money, Quantity, Time};
use crate::name::{Name, NameProblem};
use crate::place::StockState;
use crate::print::mix;
use crate::seen::Seen;
use crate::sentence::{InWords, printed};
use crate::stock::{PositionKey, Probe};

/// Rows whose positions are looked for at once.
pub(crate) const BLOCK: usize = 64;

/// How many rows are in a block.
pub(crate) fn length(block: &[RowBytes]) -> u32 {
    u32::try_from(block.len()).unwrap_or(0)
}

/// Bytes of a row.
pub const ROW_BYTES: usize = 56;

/// A row as bytes: each step reads the fields that it needs.
pub(crate) type RowBytes = [u8; ROW_BYTES];

/// Which table of names a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// Sources of events.
    Source,
    /// Items.
    Sku,
    /// Nodes.
    Node,
    /// Actors, roles, zones, methods.
    Word,
    /// Dated supplies: numbers that answers carry; none can be interned.
    Supply,
}

/// What became of a batch of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Rows read.
    pub rows: u32,
    /// Posted, prior-period facts among them.
    pub posted: u32,
    /// Here before: nothing changed.
    pub replayed: u32,
    /// Waiting for master data.
    pub parked: u32,
    /// Turned away: malformed, in conflict, or over a limit.
    pub turned_away: u32,
    /// Place of the first row turned away, or 2^32 - 1.
    pub first_turned_away: u32,
    /// Exceptions that the rows left open: deficits, count variances, missing reasons, prior periods, unknown items and nodes.
    pub exceptions: u32,
}

/// The fields of a row, as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table at the top of the module says what each one is")]
pub struct Row {
    pub kind: u8,
    pub state: u8,
    pub source: u32,
    pub number: u64,
    pub occurred: i64,
    pub sku: u32,
    pub node: u32,
    pub quantity: i64,
    pub actor: u32,
    pub role: u32,
    pub value: i64,
}

/// "The kind's own state", "no actor", "no role", "no value".
const NO_STATE: u8 = 255;
const NO_VALUE: i64 = i64::MIN;

impl Row {
    /// Of no kind: turned away.
    const NOTHING: Row = Row {
        kind: u8::MAX,
        state: NO_STATE,
        source: NONE,
        number: 0,
        occurred: 0,
        sku: NONE,
        node: NONE,
        quantity: 0,
        actor: NONE,
        role: NONE,
        value: NO_VALUE,
    };

    /// A row without state, actor, role and value.
    pub fn new(kind: Kind, source: u32, number: u64, occurred: Time) -> Row {
        Row { kind: kind.ordinal(), source, number, occurred: occurred.millis(), ..Row::NOTHING }
    }

    /// Says a state and a value, where there are some.
    #[cfg(feature = "serde")]
    pub(crate) fn say(&mut self, state: Option<StockState>, value: Option<Money>) {
        self.state = state.map_or(NO_STATE, StockState::ordinal);
        self.value = value.map_or(NO_VALUE, Money::minor);
    }

    /// The row as bytes.
    pub fn to_bytes(&self) -> [u8; ROW_BYTES] {
        let head = u32::from_le_bytes([self.kind, self.state, 0, 0]);
        let words = [
            whole(head, self.source),
            self.number.to_le_bytes(),
            self.occurred.to_le_bytes(),
            whole(self.sku, self.node),
            self.quantity.to_le_bytes(),
            whole(self.actor, self.role),
            self.value.to_le_bytes(),
        ];
        let mut bytes = [0; ROW_BYTES];
        for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *to = word;
        }
        bytes
    }

    /// Seven words, each loaded once.
    #[cfg_attr(not(onhand_small), inline(always))]
    pub(crate) fn from_bytes(bytes: &RowBytes) -> Row {
        let (words, _) = bytes.as_chunks::<8>();
        // INVARIANT: `ROW_BYTES` is seven words.
        let [head, number, occurred, place, quantity, people, value] = *words else { return Row::NOTHING };
        let [kind, state, _, _, source @ ..] = head;
        let (sku, node) = halves(place);
        let (actor, role) = halves(people);
        Row {
            kind,
            state,
            source: u32::from_le_bytes(source),
            number: u64::from_le_bytes(number),
            occurred: i64::from_le_bytes(occurred),
            sku,
            node,
            quantity: i64::from_le_bytes(quantity),
            actor,
            role,
            value: i64::from_le_bytes(value),
        }
    }
}

/// What is found out of a row before its turn comes.
#[derive(Clone, Copy)]
struct Ahead {
    /// `None` sends it the way of an event.
    plain: Option<&'static PlainKind>,
    key: PositionKey,
    probe: Probe,
    /// The position, or `NONE` when it is not where it should be.
    position: u32,
    /// Of the SKU's name.
    hash: u64,
}

impl Ahead {
    const NOTHING: Ahead = Ahead {
        plain: None,
        key: PositionKey::plain(NONE, NONE, StockState::Sellable),
        probe: Probe::NOWHERE,
        position: NONE,
        hash: 0,
    };

    #[cfg_attr(not(onhand_small), inline(always))]
    fn new(row: &Row) -> Ahead {
        let Some(Some(plain)) = PLAIN.get(usize::from(row.kind)) else { return Ahead::NOTHING };
        let state = match row.state {
            NO_STATE => plain.state,
            state => match StockState::from_ordinal(state) {
                Some(state) if plain.states.has(state) => state,
                _ => return Ahead::NOTHING,
            },
        };
        let key = PositionKey::plain(row.sku, row.node, state);
        Ahead { plain: Some(plain), key, probe: key.probe(), ..Ahead::NOTHING }
    }
}

#[inline]
fn halves(word: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = word;
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

#[inline]
fn whole(low: u32, high: u32) -> [u8; 8] {
    (u64::from(high) << 32 | u64::from(low)).to_le_bytes()
}

/// What the rows door needs to know of a kind, drawn from its row of the table once.
#[derive(Clone, Copy)]
struct PlainKind {
    kind: Kind,
    /// The state that units are added to or taken from unless the row says another.
    state: StockState,
    /// Other states that a row may say.
    states: States,
    /// What a unit of a row is at the position: 1 where units are added, -1 where they are taken.
    sign: i8,
    outside: crate::place::Outside,
    /// Whether a row may say less than nothing.
    signed: bool,
    needs_reason: bool,
}

/// A kind that rows can carry on the fast path: one leg between a node and an account outside, and no document.
const fn plain_kind(row: &KindRow) -> Option<PlainKind> {
    let Some(leg) = row.leg else { return None };
    let ((state, states), sign, outside) = match (leg.from, leg.to) {
        (End::Outside(outside), End::Here(state, states)) => ((state, states), 1, outside),
        (End::Here(state, states), End::Outside(outside)) => ((state, states), -1, outside),
        _ => return None,
    };
    if matches!(row.subject, Subject::Needed) || !matches!(row.lines, Lines::Needed) {
        return None;
    }
    Some(PlainKind {
        kind: row.kind,
        state,
        states,
        sign,
        outside,
        signed: matches!(row.sign, Sign::Signed),
        needs_reason: row.needs.reason,
    })
}

/// The plain kinds by their place in the table of kinds.
static PLAIN: [Option<PlainKind>; Kind::ALL.len()] = plain_kinds();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn plain_kinds() -> [Option<PlainKind>; Kind::ALL.len()] {
    let mut plain = [None; Kind::ALL.len()];
    let mut at = 0;
    while at < plain.len() {
        plain[at] = plain_kind(&TABLE[at]);
        at += 1;
    }
    plain
}

/// Whether rows carry a kind on the fast path.
#[cfg(feature = "serde")]
pub(crate) fn is_plain(kind: Kind) -> bool {
    PLAIN.get(usize::from(kind.ordinal())).is_some_and(Option::is_some)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowOutcome {
    Posted { exceptions: u32 },
    Replayed,
    Parked,
    TurnedAway,
}

/// Posted, and nothing to say about it: nearly every row.
const QUIET: RowOutcome = RowOutcome::Posted { exceptions: 0 };

impl BatchOutcome {
    /// Counts the row that comes `at` places after `rows` others. What is posted is counted at the end, as the rest.
    fn add(&mut self, at: u32, row: RowOutcome) {
        match row {
            RowOutcome::Posted { exceptions } => self.exceptions += exceptions,
            RowOutcome::Replayed => self.replayed += 1,
            RowOutcome::Parked => {
                self.parked += 1;
                self.exceptions += 1;
            }
            RowOutcome::TurnedAway => {
                self.first_turned_away = self.first_turned_away.min(self.rows + at);
                self.turned_away += 1;
            }
        }
    }
}

impl Book {
    /// The number of a name in this book, for rows and numeric questions. Interning says nothing about the world.
    ///
    /// # Errors
    ///
    /// [`TurnedAway::Malformed`] for a text that is no [`Name`], [`TurnedAway::OverLimit`] when a table is full.
    pub fn intern(&mut self, kind: NameKind, text: &str) -> Result<u32, InternError> {
        Name::new(text).map_err(InternError::Name)?;
        let held = match kind {
            NameKind::Source => self.sources.len(),
            NameKind::Sku => self.sku_names.len(),
            NameKind::Node => self.locations.len(),
            NameKind::Word => self.words.len(),
            NameKind::Supply => return Err(InternError::Full),
        };
        if held >= NAMES_MAX {
            return Err(InternError::Full);
        }
        Ok(match kind {
            NameKind::Source => self.source_id(text),
            NameKind::Sku => self.sku_id(text),
            NameKind::Node => self.node_id(text),
            NameKind::Word | NameKind::Supply => self.words.intern(text),
        })
    }

    /// Posts a batch of facts as rows; each row on its own, as if it came alone.
    ///
    /// Bytes beyond the last whole row are left alone and not counted.
    pub fn evolve_rows(&mut self, bytes: &[u8]) -> BatchOutcome {
        let mut batch = BatchOutcome { first_turned_away: NONE, ..BatchOutcome::default() };
        let (rows, _) = bytes.as_chunks::<ROW_BYTES>();
        for block in rows.chunks(BLOCK) {
            self.evolve_block(block, &mut |_, _, at, outcome| batch.add(at, outcome));
            batch.rows += length(block);
        }
        batch.posted = batch.rows - batch.replayed - batch.parked - batch.turned_away;
        batch
    }

    /// Posts up to [`BLOCK`] rows, and says what became of those that were not posted quietly: the row, its place and that.
    ///
    /// Out of cache the waiting for memory is most of the work, so that memory is asked for a whole block at once: for the slots of
    /// its positions, for the positions, for the accounts. Each has a loop of its own, as short as can be: a processor has as many
    /// loads under way as turns of the loop fit into it.
    pub(crate) fn evolve_block(
        &mut self,
        block: &[RowBytes],
        say: &mut dyn FnMut(&mut Book, &RowBytes, u32, RowOutcome),
    ) {
        let mut ahead: Vec<Ahead> = block.iter().map(|row| Ahead::new(&Row::from_bytes(row))).collect();
        for one in ahead.iter_mut() {
            one.position = self.positions.first_held(one.probe);
        }
        for one in ahead.iter_mut() {
            one.position = self.positions.guess(one.probe, one.position);
        }
        for one in ahead.iter_mut() {
            if !self.positions.is_at(one.position, one.key) {
                one.position = NONE;
            }
        }
        for one in ahead.iter_mut() {
            one.hash = self.accounts.find(one.key.sku).map_or(0, |accounts| accounts.hash);
        }
        let room =
            self.kept.len() + BLOCK < EVENTS_KEPT_MAX && self.positions.rows.len() + BLOCK < POSITIONS_MAX;
        for ((at, row), ahead) in (0..length(block)).zip(block).zip(ahead.iter()) {
            let outcome = match room {
                true => self.evolve_plain(row, ahead),
                false => self.evolve_as_event(row),
            };
            if outcome != QUIET {
                say(self, row, at, outcome);
            }
        }
    }

    /// The fingerprint of a row of the common case: well formed, known names, an open period.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn print_of(&self, row: &Row, plain: &PlainKind, ahead: &Ahead) -> Option<u32> {
        let well_formed = row.number.wrapping_sub(1) < EVENT_NUMBER_MAX
            && (0..=TIME_MAX).contains(&row.occurred)
            && (if plain.signed { -QUANTITY_MAX } else { 0 }..=QUANTITY_MAX).contains(&row.quantity)
            && (row.value == NO_VALUE || Money::new(row.value).is_some());
        // Only known items have positions.
        let known = ahead.position != NONE || self.skus.find(row.sku).is_some_and(|sku| sku.item.is_some());
        let node = self.locations.find(row.node)?;
        let open = node.terms.is_some() && node.closed_through < row.occurred;
        if !(well_formed && known && open) {
            return None;
        }
        let content = PlainContent {
            kind: mix(row.kind.into()),
            occurred: row.occurred,
            actor: self.word_hash(row.actor)?,
            role: self.word_hash(row.role)?,
            node: node.hash,
            sku: ahead.hash,
            quantity: row.quantity,
            state: (row.state != NO_STATE).then_some(row.state),
            value: (row.value != NO_VALUE).then_some(row.value),
        };
        Some(content.fingerprint())
    }

    /// Posts a row of the common case, with one position and one account outside.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn evolve_plain(&mut self, bytes: &RowBytes, ahead: &Ahead) -> RowOutcome {
        let row = Row::from_bytes(bytes);
        let Some(plain) = ahead.plain else { return self.evolve_as_event(bytes) };
        let Some(print) = self.print_of(&row, plain, ahead) else { return self.evolve_as_event(bytes) };
        let position = match ahead.position {
            NONE => self.position_ahead(&row, ahead),
            found => found,
        };
        let Book { positions, accounts, seen, kept, .. } = self;
        let Some(seen) = seen.find_mut(row.source) else { return self.evolve_as_event(bytes) };
        let Some(held) = positions.rows.find_mut(position) else { return self.evolve_as_event(bytes) };
        let accounts = &mut accounts[row.sku];
        let is_next = seen.is_next(row.number);
        if !is_next {
            if row.number < seen.settled_below {
                return RowOutcome::Replayed;
            }
            if let Some(slot) = seen.number(row.number) {
                return match kept.get(slot).print == print {
                    true => RowOutcome::Replayed,
                    false => RowOutcome::TurnedAway,
                };
            }
        }
        let units = row.quantity.wrapping_mul(plain.sign.into());
        let outside = accounts.account(plain.outside);
        let widest = BALANCE_MAX / 2 - QUANTITY_MAX;
        if !(-widest..=widest).contains(&held.quantity) || !(-widest..=widest).contains(outside) {
            return self.evolve_as_event(bytes);
        }
        // Every check has passed. Nothing below can fail.
        let event = Kept {
            occurred: row.occurred,
            number: row.number,
            print,
            source: row.source,
            kind: plain.kind,
            standing: Standing::Posted,
            forgotten: false,
        };
        *outside -= units;
        accounts.change();
        let slot;
        (slot, held.legs) = kept.push_with_leg(&event, held.legs, units);
        seen.insert(row.number, slot, is_next);
        let mut varies = false;
        if held.is_free() && !plain.needs_reason {
            held.quantity += units;
            if held.quantity >= 0 || units >= 0 {
                return QUIET;
            }
        } else {
            varies = self.add_units(position, slot, units);
        }
        self.exceptions_of_row(bytes, plain, position, slot, varies)
    }

    /// The position of a row, new if there is none yet; `NONE` for a row that goes the way of an event.
    #[cold]
    fn position_ahead(&mut self, row: &Row, ahead: &Ahead) -> u32 {
        let is_new = |seen: &Seen| row.number >= seen.settled_below && seen.number(row.number).is_none();
        match self.seen.find(row.source).is_some_and(is_new) {
            true => self.position(ahead.key),
            false => NONE,
        }
    }

    #[cold]
    fn exceptions_of_row(
        &mut self,
        row: &RowBytes,
        plain: &PlainKind,
        position: u32,
        slot: u32,
        varies: bool,
    ) -> RowOutcome {
        let row = Row::from_bytes(row);
        let takes = row.quantity.wrapping_mul(plain.sign.into()) < 0;
        let mut exceptions = u32::from(varies);
        if takes && self.deficit(position).is_some() {
            exceptions += 1;
        }
        if takes && self.overcommitment(position, row.occurred).is_some() {
            exceptions += 1;
        }
        if plain.needs_reason {
            let at = self.event_at(slot);
            self.notes.add((ExceptionCode::ReasonDue, at));
            exceptions += 1;
        }
        RowOutcome::Posted { exceptions }
    }

    /// `Some(None)` for no word, `None` for a number that is none.
    #[inline]
    fn word_hash(&self, word: u32) -> Option<Option<u64>> {
        match word {
            NONE => Some(None),
            word if usize::try_from(word).is_ok_and(|word| word < self.words.len()) => {
                Some(Some(self.words.hash(word)))
            }
            _ => None,
        }
    }

    /// Everything else goes the way of an event: counts, unknown items, closed periods, and rows that are malformed.
    #[cold]
    fn evolve_as_event(&mut self, row: &RowBytes) -> RowOutcome {
        let Ok(outcome) = self.event_of(&Row::from_bytes(row)).and_then(|event| self.evolve(&event)) else {
            return RowOutcome::TurnedAway;
        };
        match (outcome.replayed, outcome.standing) {
            (true, _) => RowOutcome::Replayed,
            (false, Standing::Parked | Standing::TooOld) => RowOutcome::Parked,
            (false, _) => {
                RowOutcome::Posted { exceptions: u32::try_from(outcome.exceptions.len()).unwrap_or(u32::MAX) }
            }
        }
    }

    /// The event that a row stands for.
    ///
    /// # Errors
    ///
    /// [`TurnedAway::Malformed`] names the field whose number is none.
    pub fn event_of(&self, row: &Row) -> Result<Event, TurnedAway> {
        let wrong = |field, problem| TurnedAway::Malformed(Malformed { field, line: None, problem });
        let out_of_range = |field, value| wrong(field, Problem::OutOfRange(value));
        let kind = Kind::from_ordinal(row.kind).ok_or_else(|| out_of_range("kind", row.kind.into()))?;
        let source = self.text_of(&self.sources, "source", row.source)?;
        let occurred = Time::new(row.occurred).ok_or_else(|| out_of_range("occurred", row.occurred))?;
        if row.number & TEXT != 0 {
            return Err(out_of_range("id", i64::MAX));
        }
        let mut event = Event::new(source, Id::Number(row.number), kind, occurred);
        let node = self.locations.find(row.node).filter(|location| location.node == row.node);
        let node = node.ok_or_else(|| wrong("node", Problem::UnknownNumber(row.node)))?;
        event.node = Some(Name::known(&node.name));
        for (word, to, field) in [(row.actor, &mut event.actor, "actor"), (row.role, &mut event.role, "role")]
        {
            if word != NONE {
                *to = Some(self.text_of(&self.words, field, word)?);
            }
        }
        let sku = self.text_of(&self.sku_names, "sku", row.sku)?;
        let mut line = Line::new(sku, 0).map_err(|_| out_of_range("quantity", row.quantity))?;
        line.quantity = Quantity::new(row.quantity).ok_or_else(|| out_of_range("quantity", row.quantity))?;
        if row.state != NO_STATE {
            let state = StockState::from_ordinal(row.state);
            line.state = Some(state.ok_or_else(|| out_of_range("state", row.state.into()))?);
        }
        if row.value != NO_VALUE {
            line.value = Some(Money::new(row.value).ok_or_else(|| out_of_range("value", row.value))?);
        }
        event.lines.push(line);
        Ok(event)
    }

    fn text_of(&self, names: &crate::names::Names, field: &'static str, id: u32) -> Result<Name, TurnedAway> {
        match usize::try_from(id).is_ok_and(|id| id < names.len()) {
            true => Ok(Name::known(names.text(id))),
            false => Err(TurnedAway::Malformed(Malformed {
                field,
                line: None,
                problem: Problem::UnknownNumber(id),
            })),
        }
    }
}

/// Why a text has no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InternError {
    /// It is no name.
    Name(NameProblem),
    /// The table of names is full.
    Full,
}

impl InternError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            InternError::Name(problem) => problem.code(),
            InternError::Full => "over_limit",
        }
    }
}

impl InWords for InternError {
    fn in_words(&self) -> String {
        self.code().into()
    }
}

printed!(InternError);
