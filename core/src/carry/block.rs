//! The block of items in a snapshot: read in place, and checked without making anything of it.
//!
//! | part | |
//! |---|---|
//! | commons | what items have in common, each once, in the order of their bytes |
//! | items, width | how many items there are, and how many bytes a quantity takes |
//! | ends | for each item where its record and its quantities end: twice 4 bytes |
//! | records | for each item its names, who said its terms, the accounts outside, and the nodes that it has positions at |
//! | quantities | of all positions, 2, 4 or 8 bytes each: as few as the largest needs |

use alloc::vec::Vec;
use core::ops::Range;

use super::event;
use super::wire::{Malformed, Read, Reader, Width, Writer, balance};
use crate::book::TEXT;
use crate::event::{Id, ItemTerms};
use crate::limits::{NAMES_MAX, POSITIONS_MAX};
use crate::name::{self, Name};
use crate::place::Outside;

/// Where the parts of the block stand among the bytes that it was read from.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    commons: Vec<Range<usize>>,
    ends: Range<usize>,
    records: Range<usize>,
    quantities: Range<usize>,
    width: Width,
}

/// The names of an item and who said its terms; what the reader has not read yet are the accounts outside and the nodes.
pub(super) struct Record<'a> {
    sku: &'a [u8],
    /// Its terms, unless nobody has said them.
    pub(super) said: Option<Said<'a>>,
    from: Reader<'a>,
}

/// Terms of an item and the event that said them.
pub(super) struct Said<'a> {
    common: usize,
    title: &'a [u8],
    pub(super) occurred: i64,
    /// From 0, in the order of the snapshot.
    pub(super) source: usize,
    number: u64,
    /// The id where it is no number.
    text: &'a [u8],
}

/// Nodes in runs of neighbours: how many nodes are left out, and how many come then.
struct Runs<'a> {
    left: usize,
    next_node: usize,
    from: Reader<'a>,
}

/// What a look at the whole block found out.
#[derive(Default)]
pub(super) struct Seen {
    /// Nodes that positions stand at.
    pub(super) nodes: Vec<bool>,
    /// Items of which quantities and accounts outside do not add to zero: other positions have to.
    pub(super) unbalanced: Vec<usize>,
    /// Items that nobody has made known: units that are held back have to name them.
    pub(super) unknown: Vec<usize>,
    /// Items and nodes of positions with nothing in them: their past has to say why they are carried.
    pub(super) empty: Vec<(usize, usize)>,
}

/// How much there is of what the block refers to.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) sources: usize,
    pub(super) nodes: usize,
}

/// What a look at the quantities of an item found out.
#[derive(Default)]
struct Tally {
    sum: i128,
    widest: Width,
    has_zero: bool,
    is_beyond: bool,
}

impl Tally {
    #[cfg_attr(not(onhand_small), inline(always))]
    fn of<const BYTES: usize>(quantities: impl Iterator<Item = i64>) -> Tally {
        let mut tally = Tally::default();
        // INVARIANT: `POSITIONS_MAX` quantities of four bytes stay within 64 bits; of eight, their upper half is summed apart.
        let (mut upper, mut lower, mut zero) = (0i64, 0i64, 0i64);
        for quantity in quantities {
            zero |= i64::from(quantity == 0);
            if BYTES == Width::Eight.bytes() {
                upper = upper.wrapping_add(quantity >> 32);
                lower = lower.wrapping_add(quantity & 0xffff_ffff);
                tally.is_beyond |= balance(quantity).is_none();
            } else {
                lower = lower.wrapping_add(quantity);
            }
            // Only what is wide can be wider than it has to be.
            if BYTES > Width::Two.bytes() {
                tally.widest = tally.widest.max(Width::of(quantity));
            }
        }
        tally.has_zero = zero != 0;
        tally.sum = (i128::from(upper) << 32) + i128::from(lower);
        tally
    }
}

impl<'a> Record<'a> {
    pub(super) fn sku(&self) -> Read<&'a str> {
        text(self.sku).ok_or(Malformed)
    }

    /// What the accounts outside hold, by their place.
    pub(super) fn outside(&mut self) -> Read<[i64; Outside::ALL.len()]> {
        let mut outside = [0; Outside::ALL.len()];
        self.each_outside(|account, sum| {
            if let Some(held) = outside.get_mut(account) {
                *held = sum;
            }
        })?;
        Ok(outside)
    }

    /// A bit for each account that holds something, then how much.
    #[inline]
    fn each_outside(&mut self, mut each: impl FnMut(usize, i64)) -> Read<()> {
        let mut held = self.from.natural()?;
        if held >> Outside::ALL.len() != 0 {
            return Err(Malformed);
        }
        while held != 0 {
            let account = usize::try_from(held.trailing_zeros()).unwrap_or(usize::MAX);
            held &= held - 1;
            each(account, self.from.measure(|sum| balance(sum).filter(|sum| *sum != 0))?);
        }
        Ok(())
    }

    /// The nodes that it has positions at; behind the accounts outside.
    fn nodes(mut self) -> Read<Runs<'a>> {
        Ok(Runs { left: self.from.size()?, next_node: 0, from: self.from })
    }
}

impl Said<'_> {
    pub(super) fn id(&self) -> Id {
        match text(self.text) {
            Some(text) if !text.is_empty() => Id::Text(Name::known(text)),
            _ => Id::Number(self.number),
        }
    }
}

impl Runs<'_> {
    /// The next run. Only the first may leave out nothing: another one would be part of the run before it.
    fn next(&mut self) -> Read<Option<Range<usize>>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let (skipped, taken) = (self.from.size()?, self.from.size()?);
        let start = self.next_node.checked_add(skipped);
        match start.and_then(|start| Some((start, start.checked_add(taken)?))) {
            Some((start, end)) if taken > 0 && (skipped > 0 || self.next_node == 0) => {
                (self.left, self.next_node) = (left, end);
                Ok(Some(start..end))
            }
            _ => Err(Malformed),
        }
    }
}

impl Block {
    /// Takes the block's measure, and steps over it.
    pub(super) fn read(from: &mut Reader<'_>, bytes: &[u8]) -> Read<Block> {
        let mut commons = Vec::new();
        for _ in 0..from.length()? {
            let length = from.length()?;
            commons.push(span(from, length, 1)?);
        }
        let items = from.length()?;
        let width = Width::from_code(from.byte()?).ok_or(Malformed)?;
        let ends = span(from, items, 8)?;
        let last =
            ends.end.checked_sub(8).filter(|_| items > 0).and_then(|last| bytes.get(last..)?.first_chunk());
        let (records, positions) = last.map_or((0, 0), pair);
        if items > NAMES_MAX || positions > POSITIONS_MAX {
            return Err(Malformed);
        }
        let records = span(from, records, 1)?;
        let quantities = span(from, positions, width.bytes())?;
        Ok(Block { commons, ends, records, quantities, width })
    }

    pub(super) fn items(&self) -> usize {
        self.ends.len() / 8
    }

    /// The bytes of an item's record, and the places of its quantities.
    fn item<'a>(&self, bytes: &'a [u8], item: usize) -> Option<(&'a [u8], Range<usize>)> {
        let (ends, _) = part(bytes, &self.ends).as_chunks::<8>();
        let (record, position) = match item.checked_sub(1) {
            Some(before) => pair(ends.get(before)?),
            None => (0, 0),
        };
        let (record_end, position_end) = pair(ends.get(item)?);
        Some((part(bytes, &self.records).get(record..record_end)?, position..position_end))
    }

    /// The item of a name.
    pub(super) fn find(&self, bytes: &[u8], sku: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.items());
        while low < high {
            let middle = low.midpoint(high);
            let (record, _) = self.item(bytes, middle)?;
            match Reader::new(record).long_bytes().ok()?.cmp(sku.as_bytes()) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Equal => return Some(middle),
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(super) fn record<'a>(&self, bytes: &'a [u8], item: usize) -> Read<Record<'a>> {
        let (record, _) = self.item(bytes, item).ok_or(Malformed)?;
        self.record_of(record)
    }

    #[inline]
    fn record_of<'a>(&self, record: &'a [u8]) -> Read<Record<'a>> {
        let mut from = Reader::new(record);
        let sku = from.long_bytes()?;
        let said = match from.size()? {
            0 => None,
            common if common > self.commons.len() => return Err(Malformed),
            common => {
                let title = from.long_bytes()?;
                let (occurred, source, number) = (from.integer()?, from.size()?, from.natural()?);
                let text = if number == 0 { from.long_bytes()? } else { &[] };
                Some(Said { common: common - 1, title, occurred, source, number, text })
            }
        };
        Ok(Record { sku, said, from })
    }

    /// The terms of an item.
    pub(super) fn terms(&self, bytes: &[u8], sku: &str, said: &Said<'_>) -> Read<ItemTerms> {
        let common = self.commons.get(said.common).map(|common| part(bytes, common));
        let title = text(said.title).filter(|title| !title.is_empty()).map(Name::known);
        event::read_common(&mut Reader::new(common.unwrap_or_default()), Name::known(sku), title)
    }

    /// The nodes (from 0, in the order of the snapshot) and quantities of an item's positions.
    pub(super) fn positions(&self, bytes: &[u8], item: usize) -> Read<Vec<(usize, i64)>> {
        let (record, mut places) = self.item(bytes, item).ok_or(Malformed)?;
        let mut record = self.record_of(record)?;
        record.each_outside(|_, _| ())?;
        let mut nodes = record.nodes()?;
        let quantities = part(bytes, &self.quantities);
        let mut positions = Vec::with_capacity(places.len());
        while let Some(run) = nodes.next()? {
            for (node, place) in run.zip(&mut places) {
                positions.push((node, self.width.quantity(quantities, place)));
            }
        }
        Ok(positions)
    }

    /// Holds the whole block against its one form: names and nodes in order, all that it refers to there, no number out of range.
    pub(super) fn check(&self, bytes: &[u8], around: Around) -> Read<Seen> {
        let seen = self.check_items(bytes, around)?;
        for common in &self.commons {
            let mut again = Writer::default();
            let title = event::read_common(&mut Reader::new(part(bytes, common)), Name::known("-"), None)?;
            event::write_common(&mut again, &title);
            if again.0 != part(bytes, common) {
                return Err(Malformed);
            }
        }
        Ok(seen)
    }

    fn check_items(&self, bytes: &[u8], around: Around) -> Read<Seen> {
        let mut seen = Seen { nodes: alloc::vec![false; around.nodes], ..Seen::default() };
        let mut used = alloc::vec![false; self.commons.len()];
        let mut widest = Width::default();
        let (mut last, mut records) = ([].as_slice(), part(bytes, &self.records));
        let mut quantities = part(bytes, &self.quantities);
        let (mut record_start, mut position_start) = (0, 0);
        for (item, ends) in part(bytes, &self.ends).as_chunks::<8>().0.iter().enumerate() {
            let (record_end, position_end) = pair(ends);
            let here =
                record_end.checked_sub(record_start).and_then(|length| records.split_at_checked(length));
            let count = position_end.checked_sub(position_start).ok_or(Malformed)?;
            let held = quantities.split_at_checked(count.saturating_mul(self.width.bytes()));
            let ((here, later), (held, held_later)) = here.zip(held).ok_or(Malformed)?;
            (record_start, position_start, records, quantities) =
                (record_end, position_end, later, held_later);

            let mut record = self.record_of(here)?;
            if record.sku <= last || !is_name(record.sku) {
                return Err(Malformed);
            }
            last = record.sku;
            match &record.said {
                Some(said) => self.check_said(said, around, &mut used)?,
                None => seen.unknown.push(item),
            }
            let mut outside = 0;
            // INVARIANT: a sum of few balances is far from 64 bits.
            record.each_outside(|_, sum| outside += sum)?;
            self.check_nodes(record.nodes()?, count, &mut seen.nodes)?;
            let tally = self.tally(held);
            if tally.is_beyond {
                return Err(Malformed);
            }
            widest = widest.max(tally.widest);
            if tally.sum + i128::from(outside) != 0 {
                seen.unbalanced.push(item);
            }
            if tally.has_zero {
                let positions = self.positions(bytes, item)?;
                seen.empty
                    .extend(positions.iter().filter(|(_, held)| *held == 0).map(|(node, _)| (item, *node)));
            }
        }
        let ascend = self.commons.is_sorted_by(|one, other| part(bytes, one) < part(bytes, other));
        match records.is_empty() && ascend && used.iter().all(|used| *used) && widest == self.width {
            true => Ok(seen),
            false => Err(Malformed),
        }
    }

    fn tally(&self, held: &[u8]) -> Tally {
        match self.width {
            Width::Two => {
                Tally::of::<2>(held.as_chunks().0.iter().map(|two| i16::from_le_bytes(*two).into()))
            }
            Width::Four => {
                Tally::of::<4>(held.as_chunks().0.iter().map(|four| i32::from_le_bytes(*four).into()))
            }
            Width::Eight => Tally::of::<8>(held.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight))),
        }
    }

    #[inline]
    fn check_said(&self, said: &Said<'_>, around: Around, used: &mut [bool]) -> Read<()> {
        let has_title = said.title.is_empty() || is_name(said.title);
        let has_id = if said.number == 0 { is_name(said.text) } else { said.number & TEXT == 0 };
        if let Some(used) = used.get_mut(said.common) {
            *used = true;
        }
        match has_title && has_id && said.source < around.sources {
            true => Ok(()),
            false => Err(Malformed),
        }
    }

    #[inline]
    fn check_nodes(&self, mut nodes: Runs<'_>, positions: usize, seen: &mut [bool]) -> Read<()> {
        let mut left = Some(positions);
        while let Some(run) = nodes.next()? {
            left = left.and_then(|left| left.checked_sub(run.len()));
            seen.get_mut(run).ok_or(Malformed)?.fill(true);
        }
        match left == Some(0) && nodes.from.is_at_end() {
            true => Ok(()),
            false => Err(Malformed),
        }
    }
}

/// The bytes that `count` things of a size take, stepped over.
fn span(from: &mut Reader<'_>, count: usize, size: usize) -> Read<Range<usize>> {
    let start = from.position();
    from.bytes(count.checked_mul(size).ok_or(Malformed)?)?;
    Ok(start..from.position())
}

fn text(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

#[inline]
fn is_name(bytes: &[u8]) -> bool {
    name::is_plain(bytes) || text(bytes).is_some_and(|text| name::check(text).is_ok())
}

fn part<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

/// Two numbers of four bytes.
fn pair(bytes: &[u8; 8]) -> (usize, usize) {
    let [a, b, c, d, e, f, g, h] = *bytes;
    let number = |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX);
    (number([a, b, c, d]), number([e, f, g, h]))
}
