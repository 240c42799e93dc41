//! Seals: each entry's SHA-256 covers the seal of the entry before it, so that no entry can change unseen.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

use super::{Entry, Verdict};
use crate::carry;
use crate::event::Id;
use crate::sentence::{Hex, Part as _};

/// First byte of what is sealed: the version of its form.
const FORM: u8 = 1;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A SHA-256; as text 64 hexadecimal digits in lower case.
///
/// ```
/// use onhand::log::Seal;
/// let text = "00".repeat(32);
/// assert_eq!(Seal::from_hex(&text), Some(Seal::default()));
/// assert_eq!(Seal::default().to_string(), text);
/// assert_eq!(Seal::from_hex("00"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seal(pub [u8; 32]);

/// How far a log goes: its last entry and that entry's seal. The default is before the first entry of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Head {
    /// The number of the last entry; 0 when there is none.
    pub entries: u64,
    /// Its seal.
    pub seal: Seal,
}

/// What was done to a log since it was written: the first entry at which it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The entry is not what was sealed.
    Edited {
        /// Its number.
        entry: u64,
    },
    /// Entries are missing.
    Gap {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        through: u64,
    },
    /// Another entry stands in the place of this one, which comes later.
    Swapped {
        /// The entry that should stand there.
        entry: u64,
        /// The entry that does.
        found: u64,
    },
    /// An entry stands where it comes once more, or where one was put in.
    Repeated {
        /// Its number.
        entry: u64,
    },
    /// The newest entries are missing: the known head is further than the log.
    Cut {
        /// The first that is missing.
        from: u64,
        /// The last that is known of.
        through: u64,
    },
    /// Every seal follows from the one before, and yet the entry is not the known head: the log was written anew.
    Rewritten {
        /// The number of the known head.
        entry: u64,
    },
}

/// Holds each entry against its number and seal, and all of them against a head that was kept elsewhere.
///
/// Without a known head, a cut of the newest entries and a log sealed anew cannot be told from an honest one. A known head
/// may be older than the log: the entries written since then only have to follow from it.
///
/// # Errors
///
/// The first [`Fault`]. What stands behind it is not believed either.
///
/// ```
/// use onhand::log::{Fault, Head, verify};
/// let known = Head { entries: 2, ..Head::default() };
/// assert_eq!(verify(&[], Head::default(), None), Ok(Head::default()));
/// assert_eq!(verify(&[], Head::default(), Some(known)), Err(Fault::Cut { from: 1, through: 2 }));
/// ```
pub fn verify(entries: &[Entry], start: Head, known: Option<Head>) -> Result<Head, Fault> {
    let is_other = |head: Head| known.is_some_and(|known| known.entries == head.entries && known != head);
    if is_other(start) {
        return Err(Fault::Rewritten { entry: start.entries });
    }
    if let Some(known) = known
        && known.entries < start.entries
    {
        return Err(Fault::Gap { from: known.entries + 1, through: start.entries });
    }
    let mut head = start;
    let mut rest = entries;
    while let Some((entry, after)) = rest.split_first() {
        let number = head.entries.saturating_add(1);
        let seal = entry.sealed(number, head.seal);
        if entry.number != number || entry.seal != seal {
            return Err(fault_at(entry, after, number, seal));
        }
        head = Head { entries: number, seal };
        if is_other(head) {
            return Err(Fault::Rewritten { entry: number });
        }
        rest = after;
    }
    match known {
        Some(known) if known.entries > head.entries => {
            Err(Fault::Cut { from: head.entries.saturating_add(1), through: known.entries })
        }
        _ => Ok(head),
    }
}

/// Names the fault of an entry that does not stand where its number and seal say.
fn fault_at(entry: &Entry, after: &[Entry], number: u64, seal: Seal) -> Fault {
    let found = entry.number;
    if found == number || entry.seal == seal {
        // With the right number the seal fits: the number is all that was edited.
        return Fault::Edited { entry: number };
    }
    if found < number {
        return Fault::Repeated { entry: found };
    }
    match after.iter().any(|later| later.number == number) {
        true => Fault::Swapped { entry: number, found },
        false => Fault::Gap { from: number, through: found - 1 },
    }
}

impl Entry {
    /// The seal that this entry should have in a place of the log.
    pub(super) fn sealed(&self, number: u64, previous: Seal) -> Seal {
        let (verdict, code) = match &self.verdict {
            Verdict::Fact => (0, ""),
            Verdict::Intent => (1, ""),
            Verdict::Replayed => (2, ""),
            Verdict::Refused(code) => (3, code.as_str()),
            Verdict::TurnedAway(code) => (4, code.as_str()),
        };
        let mut head = Vec::with_capacity(128);
        head.extend_from_slice(&previous.0);
        head.push(FORM);
        head.extend_from_slice(&number.to_le_bytes());
        head.extend_from_slice(&self.event.recorded.millis().to_le_bytes());
        head.push(verdict);
        // A code is a name: its length fits in a byte.
        head.push(u8::try_from(code.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(code.as_bytes());
        // An event that was turned away may have the number 0, which else stands for a text.
        head.push(matches!(self.event.id, Id::Text(_)).into());
        let sealed = Sha256::new().chain_update(head).chain_update(carry::told(&self.event));
        Seal(sealed.finalize().into())
    }
}

impl Seal {
    fn text(&self) -> String {
        let mut text = String::new();
        self.0.iter().for_each(|byte| Hex(*byte).add_to(&mut text));
        text
    }

    /// Reads 64 hexadecimal digits in lower case.
    pub fn from_hex(text: &str) -> Option<Seal> {
        let digit =
            |byte: u8| HEX.iter().position(|digit| *digit == byte).and_then(|at| u8::try_from(at).ok());
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut seal = Seal::default();
        if pairs.len() != seal.0.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in seal.0.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(seal)
    }
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Seal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Seal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Seal, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        Seal::from_hex(&text)
            .ok_or_else(|| serde::de::Error::custom("a seal is 64 hexadecimal digits in lower case"))
    }
}

impl Fault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Fault::Edited { .. } => "edited",
            Fault::Gap { .. } => "gap",
            Fault::Swapped { .. } => "swapped",
            Fault::Repeated { .. } => "repeated",
            Fault::Cut { .. } => "cut",
            Fault::Rewritten { .. } => "rewritten",
        }
    }

    /// The number of the first entry that is not as it was written.
    pub const fn entry(&self) -> u64 {
        match self {
            Fault::Edited { entry }
            | Fault::Swapped { entry, .. }
            | Fault::Repeated { entry }
            | Fault::Rewritten { entry } => *entry,
            Fault::Gap { from, .. } | Fault::Cut { from, .. } => *from,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Swapped { entry, found } => {
                write!(f, "entry {found} stands in the place of entry {entry}")
            }
            Fault::Gap { from, through } => write!(f, "entries {from} to {through} are missing"),
            Fault::Cut { from, through } => write!(f, "the log ends before entries {from} to {through}"),
            Fault::Edited { entry } => write!(f, "entry {entry} was edited"),
            Fault::Repeated { entry } => write!(f, "entry {entry} stands in the log once more"),
            Fault::Rewritten { entry } => write!(f, "entry {entry} is not the known head"),
        }
    }
}

impl core::error::Error for Fault {}
