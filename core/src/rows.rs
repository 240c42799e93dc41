//! Bulk facts as fixed-width rows: no texts, no allocation for each event.
//!
//! A row is [`ROW_BYTES`] little-endian bytes. Names are numbers that [`Book::intern`] gave out for this very book:
//!
//! | bytes | field | |
//! |---|---|---|
//! | 0 | kind | place of the kind in [`TABLE`](crate::kind::TABLE) |
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

use crate::book::{Book, Kept, Standing, TEXT};
use crate::content::PlainContent;
use crate::dense::NONE;
use crate::event::{Event, Id, Line, Malformed, Problem};
use crate::evolve::TurnedAway;
use crate::kind::{End, Kind, Lines, Row as KindRow, Subject};
use crate::limits::{BALANCE_MAX, EVENT_NUMBER_MAX, EVENTS_KEPT_MAX, NAMES_MAX, POSITIONS_MAX};
use crate::measure::{Money, Quantity, Time};
use crate::name::{Name, NameProblem};
use crate::place::StockState;
use crate::stock::PositionKey;

/// Bytes of a row.
pub const ROW_BYTES: usize = 56;

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
    /// Exceptions that the rows left open: deficits, missing reasons, prior periods, unknown items and nodes.
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
    /// A row without state, actor, role and value.
    pub fn new(kind: Kind, source: u32, number: u64, occurred: Time) -> Row {
        Row {
            kind: kind.ordinal(),
            state: NO_STATE,
            source,
            number,
            occurred: occurred.millis(),
            sku: NONE,
            node: NONE,
            quantity: 0,
            actor: NONE,
            role: NONE,
            value: NO_VALUE,
        }
    }

    /// The row as bytes.
    pub fn to_bytes(&self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        let head = [self.kind, self.state, 0, 0];
        let parts: [&[u8]; 11] = [
            &head,
            &self.source.to_le_bytes(),
            &self.number.to_le_bytes(),
            &self.occurred.to_le_bytes(),
            &self.sku.to_le_bytes(),
            &self.node.to_le_bytes(),
            &self.quantity.to_le_bytes(),
            &self.actor.to_le_bytes(),
            &self.role.to_le_bytes(),
            &self.value.to_le_bytes(),
            &[],
        ];
        for (to, from) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }

    #[inline]
    fn from_bytes(bytes: &[u8; ROW_BYTES]) -> Row {
        Row {
            kind: bytes[0],
            state: bytes[1],
            source: u32::from_le_bytes(part(bytes, 4)),
            number: u64::from_le_bytes(part(bytes, 8)),
            occurred: i64::from_le_bytes(part(bytes, 16)),
            sku: u32::from_le_bytes(part(bytes, 24)),
            node: u32::from_le_bytes(part(bytes, 28)),
            quantity: i64::from_le_bytes(part(bytes, 32)),
            actor: u32::from_le_bytes(part(bytes, 40)),
            role: u32::from_le_bytes(part(bytes, 44)),
            value: i64::from_le_bytes(part(bytes, 48)),
        }
    }
}

/// `N` bytes from a fixed place.
#[inline]
fn part<const N: usize>(bytes: &[u8; ROW_BYTES], from: usize) -> [u8; N] {
    let mut part = [0; N];
    for (to, from) in part.iter_mut().zip(bytes.iter().skip(from)) {
        *to = *from;
    }
    part
}

/// What the rows door needs to know of a kind, drawn from its row of the table once.
#[derive(Clone, Copy)]
struct PlainKind {
    kind: Kind,
    /// The state that units are added to or taken from unless the row says another.
    state: StockState,
    /// Whether units are added (`true`) or taken.
    adds: bool,
    outside: crate::place::Outside,
    signed: bool,
    needs_reason: bool,
}

/// A kind that rows can carry on the fast path: one leg between a node and an account outside, and no document.
fn plain_kind(row: &'static KindRow) -> Option<PlainKind> {
    let [leg] = row.legs else { return None };
    let (state, adds, outside) = match (leg.from, leg.to) {
        (End::Outside(outside), End::Here(state)) => (state, true, outside),
        (End::Here(state), End::Outside(outside)) => (state, false, outside),
        _ => return None,
    };
    let alone = row.subject != Subject::Needed && row.lines == Lines::Needed;
    alone.then_some(PlainKind {
        kind: row.kind,
        state,
        adds,
        outside,
        signed: row.sign == crate::kind::Sign::Signed,
        needs_reason: row.needs.reason,
    })
}

enum RowOutcome {
    Posted { exceptions: u32 },
    Replayed,
    Parked,
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
        };
        if held >= NAMES_MAX {
            return Err(InternError::Full);
        }
        Ok(match kind {
            NameKind::Source => self.source_id(text),
            NameKind::Sku => self.sku_id(text),
            NameKind::Node => self.node_id(text),
            NameKind::Word => self.words.intern(text),
        })
    }

    /// Posts a batch of facts as rows; each row on its own, as if it came alone.
    ///
    /// Bytes beyond the last whole row are left alone and not counted.
    pub fn evolve_rows(&mut self, bytes: &[u8]) -> BatchOutcome {
        let mut outcome = BatchOutcome { first_turned_away: NONE, ..BatchOutcome::default() };
        let mut last: Option<(u8, Option<PlainKind>)> = None;
        let (rows, _) = bytes.as_chunks::<ROW_BYTES>();
        for bytes in rows {
            let row = Row::from_bytes(bytes);
            let plain = match last {
                Some((kind, plain)) if kind == row.kind => plain,
                _ => Kind::from_ordinal(row.kind).and_then(|kind| plain_kind(kind.row())),
            };
            last = Some((row.kind, plain));
            let posted = match plain {
                Some(plain) => self.evolve_plain(&row, plain),
                None => self.evolve_as_event(&row),
            };
            match posted {
                Ok(RowOutcome::Posted { exceptions }) => {
                    outcome.posted += 1;
                    outcome.exceptions += exceptions;
                }
                Ok(RowOutcome::Replayed) => outcome.replayed += 1,
                Ok(RowOutcome::Parked) => {
                    outcome.parked += 1;
                    outcome.exceptions += 1;
                }
                Err(_) => {
                    outcome.first_turned_away = outcome.first_turned_away.min(outcome.rows);
                    outcome.turned_away += 1;
                }
            }
            outcome.rows += 1;
        }
        outcome
    }

    /// The common case: known names, an open period, one position and one account outside.
    #[inline]
    fn evolve_plain(&mut self, row: &Row, plain: PlainKind) -> Result<RowOutcome, TurnedAway> {
        let usual = row.number != 0
            && row.number <= EVENT_NUMBER_MAX
            && (0..=crate::limits::TIME_MAX).contains(&row.occurred)
            && row.quantity.unsigned_abs() <= crate::limits::QUANTITY_MAX.unsigned_abs()
            && (row.quantity >= 0 || plain.signed)
            && self.kept.len() < EVENTS_KEPT_MAX
            && self.positions.rows.len() < POSITIONS_MAX
            && (row.value == NO_VALUE || Money::new(row.value).is_some());
        let state = match StockState::from_ordinal(row.state) {
            Some(state) => state,
            None => plain.state,
        };
        let known = self.skus.find(row.sku).is_some_and(|sku| sku.item.is_some())
            && self
                .locations
                .find(row.node)
                .is_some_and(|node| node.terms.is_some() && node.closed_through < row.occurred);
        let actor = self.word_hash(row.actor);
        let role = self.word_hash(row.role);
        let (Some(seen), true, true, Some(actor), Some(role)) =
            (self.seen.find(row.source), usual, known, actor, role)
        else {
            return self.evolve_as_event(row);
        };
        if row.state != NO_STATE && StockState::from_ordinal(row.state).is_none() {
            return self.evolve_as_event(row);
        }
        if row.number < seen.settled_below {
            return Ok(RowOutcome::Replayed);
        }
        let print = PlainContent {
            kind: u64::from(row.kind),
            occurred: row.occurred,
            actor,
            role,
            node: self.locations[row.node].hash,
            sku: self.sku_names.hash(row.sku),
            quantity: row.quantity,
            state: (row.state != NO_STATE).then_some(u64::from(row.state)),
            value: (row.value != NO_VALUE).then_some(row.value),
        }
        .fingerprint();
        if let Some(slot) = seen.number(row.number) {
            return match self.kept[slot].print == print {
                true => Ok(RowOutcome::Replayed),
                false => Err(TurnedAway::IdConflict),
            };
        }
        let units = if plain.adds { row.quantity } else { -row.quantity };
        let position = self.position(PositionKey::plain(row.sku, row.node, state));
        let held =
            self.positions.rows[position].quantity.abs().max(self.outside(row.sku, plain.outside).abs());
        if held + units.abs() > BALANCE_MAX / 2 {
            return Err(TurnedAway::OverLimit { limit: "balance", max: BALANCE_MAX / 2 });
        }
        // Every check has passed. Nothing below can fail.
        let slot = self.kept.push(Kept {
            occurred: row.occurred,
            number: row.number,
            print,
            source: row.source,
            kind: plain.kind,
            standing: Standing::Posted,
            forgotten: false,
        });
        self.seen[row.source].insert_number(row.number, slot);
        self.version += 1;
        self.post_leg(position, slot, units);
        self.add_outside(row.sku, plain.outside, -units);
        let mut exceptions = 0;
        let held = &self.positions.rows[position];
        if units < 0 && held.quantity < 0 {
            exceptions += 1;
        }
        if units < 0 && held.claimed != 0 && self.overcommitment(position, row.occurred).is_some() {
            exceptions += 1;
        }
        if plain.needs_reason {
            let at = self.event_at(slot);
            self.notes.insert((crate::book::NoteKind::ReasonDue, at));
            exceptions += 1;
        }
        Ok(RowOutcome::Posted { exceptions })
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
    fn evolve_as_event(&mut self, row: &Row) -> Result<RowOutcome, TurnedAway> {
        let event = self.event_of(row)?;
        let outcome = self.evolve(&event)?;
        Ok(match (outcome.replayed, outcome.standing) {
            (true, _) => RowOutcome::Replayed,
            (false, Standing::Parked | Standing::TooOld) => RowOutcome::Parked,
            (false, _) => {
                RowOutcome::Posted { exceptions: u32::try_from(outcome.exceptions.len()).unwrap_or(u32::MAX) }
            }
        })
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

impl core::fmt::Display for InternError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for InternError {}
