//! Bytes of the canonical form: integers as little-endian base 128, texts with their length.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::BALANCE_MAX;
use crate::name::{self, Name};
use crate::place::StockState;
use crate::sentence::{InWords, printed, sentence};

/// A snapshot that cannot be loaded. Callers cannot usefully branch on more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    problem: &'static str,
    at: usize,
}

impl SnapshotError {
    pub(super) const fn new(problem: &'static str, at: usize) -> SnapshotError {
        SnapshotError { problem, at }
    }

    /// What is wrong: `not_a_snapshot`, `version_not_supported`, `checksum_mismatch`, `malformed`, `not_canonical`,
    /// `does_not_add_up`.
    pub const fn code(&self) -> &'static str {
        self.problem
    }
}

impl InWords for SnapshotError {
    fn in_words(&self) -> String {
        sentence!("snapshot is ", self.problem, " at byte ", self.at)
    }
}

printed!(SnapshotError);

/// What was read has not the form. Where that is, the reader knows: an error without content takes no room where it is passed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Malformed;

pub(super) type Read<T> = Result<T, Malformed>;

/// How many bytes a quantity takes among others: as few as the largest needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Width {
    #[default]
    Two,
    Four,
    Eight,
}

impl Width {
    #[inline]
    pub(super) fn of(quantity: i64) -> Width {
        match (i16::try_from(quantity), i32::try_from(quantity)) {
            (Ok(_), _) => Width::Two,
            (_, Ok(_)) => Width::Four,
            _ => Width::Eight,
        }
    }

    pub(super) const fn bytes(self) -> usize {
        match self {
            Width::Two => 2,
            Width::Four => 4,
            Width::Eight => 8,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Width> {
        [Width::Two, Width::Four, Width::Eight].into_iter().find(|width| width.code() == code)
    }

    pub(super) fn code(self) -> u8 {
        match self {
            Width::Two => 0,
            Width::Four => 1,
            Width::Eight => 2,
        }
    }

    /// The quantity at a place; 0 beyond the last.
    pub(super) fn quantity(self, quantities: &[u8], place: usize) -> i64 {
        let width = self.bytes();
        let bytes = quantities.get(place.saturating_mul(width)..).and_then(|bytes| bytes.get(..width));
        let bytes = bytes.unwrap_or_default();
        // The sign goes on above the bytes that are there.
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut word = [if negative { u8::MAX } else { 0 }; 8];
        for (to, from) in word.iter_mut().zip(bytes) {
            *to = *from;
        }
        i64::from_le_bytes(word)
    }
}

/// An integer whose size a balance may have.
pub(super) fn balance(value: i64) -> Option<i64> {
    (-BALANCE_MAX..=BALANCE_MAX).contains(&value).then_some(value)
}

#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.byte(flag.into());
    }

    pub(super) fn natural(&mut self, mut value: u64) {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                return self.byte(low & 0x7f);
            }
            self.byte(low | 0x80);
        }
    }

    /// Zigzag: small either way is short.
    pub(super) fn integer(&mut self, value: i64) {
        let folded = (value << 1) ^ (value >> 63);
        self.natural(u64::from_le_bytes(folded.to_le_bytes()));
    }

    pub(super) fn fixed(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn quantity(&mut self, quantity: i64, width: Width) {
        self.0.extend(quantity.to_le_bytes().into_iter().take(width.bytes()));
    }

    pub(super) fn length(&mut self, length: usize) {
        self.natural(u64::try_from(length).unwrap_or(u64::MAX));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn name(&mut self, name: &Name) {
        self.text(name.as_str());
    }

    /// An empty text stands for no name: no name is empty.
    pub(super) fn optional_name(&mut self, name: Option<&Name>) {
        self.text(name.map_or("", Name::as_str));
    }

    pub(super) fn optional_integer(&mut self, value: Option<i64>) {
        self.flag(value.is_some());
        if let Some(value) = value {
            self.integer(value);
        }
    }
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, length: bytes.len() }
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> usize {
        self.length - self.bytes.len()
    }

    pub(super) fn bytes(&mut self, length: usize) -> Read<&'a [u8]> {
        let Some((bytes, rest)) = self.bytes.split_at_checked(length) else { return Err(Malformed) };
        self.bytes = rest;
        Ok(bytes)
    }

    /// Bytes with their length before them.
    pub(super) fn long_bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.length()?;
        self.bytes(length)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn byte(&mut self) -> Read<u8> {
        let Some((first, rest)) = self.bytes.split_first() else { return Err(Malformed) };
        self.bytes = rest;
        Ok(*first)
    }

    pub(super) fn flag(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    #[inline]
    pub(super) fn natural(&mut self) -> Read<u64> {
        // Most numbers are small.
        match self.bytes.split_first() {
            Some((byte, rest)) if *byte < 0x80 => {
                self.bytes = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_natural(),
        }
    }

    fn long_natural(&mut self) -> Read<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                return Err(Malformed);
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                // The shortest form is the only one.
                return if byte == 0 && shift > 0 { Err(Malformed) } else { Ok(value) };
            }
        }
        Err(Malformed)
    }

    pub(super) fn integer(&mut self) -> Read<i64> {
        let folded = self.natural()?;
        let magnitude = i64::from_le_bytes((folded >> 1).to_le_bytes());
        Ok(if folded & 1 == 1 { !magnitude } else { magnitude })
    }

    pub(super) fn fixed(&mut self) -> Read<u32> {
        let Some((word, rest)) = self.bytes.split_first_chunk::<4>() else { return Err(Malformed) };
        self.bytes = rest;
        Ok(u32::from_le_bytes(*word))
    }

    /// A count or place.
    pub(super) fn size(&mut self) -> Read<usize> {
        usize::try_from(self.natural()?).map_err(|_| Malformed)
    }

    /// A count of things that take at least a byte each: never more than there are bytes left.
    pub(super) fn length(&mut self) -> Read<usize> {
        let length = self.natural()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.bytes.len() => Ok(length),
            _ => Err(Malformed),
        }
    }

    pub(super) fn text(&mut self) -> Read<&'a str> {
        core::str::from_utf8(self.long_bytes()?).map_err(|_| Malformed)
    }

    pub(super) fn name(&mut self) -> Read<Name> {
        self.optional_name()?.ok_or(Malformed)
    }

    pub(super) fn optional_name(&mut self) -> Read<Option<Name>> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        match name::check(text) {
            Ok(()) => Ok(Some(Name::known(text))),
            Err(_) => Err(Malformed),
        }
    }

    pub(super) fn optional_integer(&mut self) -> Read<Option<i64>> {
        match self.flag()? {
            true => Ok(Some(self.integer()?)),
            false => Ok(None),
        }
    }

    pub(super) fn state(&mut self) -> Read<StockState> {
        let ordinal = self.byte()?;
        StockState::from_ordinal(ordinal).ok_or(Malformed)
    }

    /// A checked measure of the core from an integer.
    pub(super) fn measure<T>(&mut self, check: impl Fn(i64) -> Option<T>) -> Read<T> {
        let value = self.integer()?;
        check(value).ok_or(Malformed)
    }
}
