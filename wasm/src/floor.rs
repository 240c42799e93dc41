//! Receiving and counting: a delivery held against its order, and a blind count. Neither asks the book.

use onhand::counting::{Dispute, NotTaken, Sheet};
use onhand::receiving::{Expected, Finding, Scanned, Tolerance, inspect};
use onhand::{Event, Name, StockState, Time, to_json};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::reader::Reader;
use crate::{Engine, Misuse, understood};

#[wasm_bindgen]
impl Engine {
    /// A receipt as it was scanned held against its order: see [`inspection`].
    pub fn inspect(&self, receipt: &str, numbers: &[f64], names: &str) -> Result<String, Misuse> {
        understood(inspection(Event::from_json(receipt)?, &mut Reader::new(numbers, names)))
    }
}

#[derive(Serialize)]
struct Inspected {
    findings: Vec<Finding>,
    complete: bool,
    receipt: Event,
}

/// Holds a receipt as it was scanned against its order.
///
/// Words: when the goods of each line expire, then the order or nothing, and for each of its items `sku, open, over (units, ppm),
/// under (units, ppm), by lot, life` and its packs.
fn inspection(receipt: Event, words: &mut Reader<'_>) -> Option<String> {
    let expires = words.list(Reader::moment)?;
    let scanned = receipt.lines.iter().zip(expires);
    let scanned: Vec<_> = scanned.map(|(line, expires)| Scanned { line: line.clone(), expires }).collect();
    let supply = words.maybe_name()?;
    let items = words.list(item)?;
    let order = supply.as_ref().map(|supply| (supply, items.as_slice()));
    let inspection = inspect(order, &scanned, receipt.occurred);
    let (findings, complete) = (inspection.findings.clone(), inspection.complete);
    Some(to_json(&Inspected { findings, complete, receipt: inspection.receipt(receipt) }))
}

fn item(words: &mut Reader<'_>) -> Option<Expected> {
    let tolerance =
        |words: &mut Reader<'_>| Some(Tolerance { units: words.integer()?, ppm: words.integer()? });
    Some(Expected {
        sku: words.name()?,
        open: words.integer()?,
        over: tolerance(words)?,
        under: tolerance(words)?,
        by_lot: words.flag()?,
        life_ms: words.optional()?,
        packs: words.list(|words| Some((words.name()?, words.integer()?)))?,
    })
}

#[derive(Serialize)]
struct NotTakenAt {
    mark: usize,
    code: &'static str,
}

#[derive(Serialize)]
struct Counted<'a> {
    not_taken: Vec<NotTakenAt>,
    unfinished: Vec<Option<&'a Name>>,
    disputes: Vec<Dispute>,
    counts: Vec<Event>,
}

/// What the marks of a count come to; with a source also the facts to post.
///
/// Words: `name, node, state`, the items, the lots as `sku, lot`, the owners, the places, the marks, then `source, first` or nothing.
pub(crate) fn counted(words: &mut Reader<'_>) -> Option<String> {
    let mut sheet = Sheet::new(words.name()?, words.name()?);
    sheet.state = *StockState::ALL.get(words.place()?)?;
    sheet.items = words.list(Reader::name)?;
    sheet.lots = words.list(|words| Some((words.name()?, words.name()?)))?;
    sheet.owners = words.list(Reader::name)?;
    let places = words.list(Reader::maybe_name)?;
    if !places.is_empty() {
        sheet.places = places;
    }
    let mut not_taken = Vec::new();
    for mark in 0..words.id()? {
        if let Err(problem) = take(&mut sheet, words)? {
            not_taken.push(NotTakenAt { mark: usize::try_from(mark).ok()?, code: problem.code() });
        }
    }
    let counts = match words.maybe_name()? {
        Some(source) => sheet.close(&source, u64::try_from(words.integer()?).ok()?).unwrap_or_default(),
        None => Vec::new(),
    };
    let (unfinished, disputes) = (sheet.unfinished(), sheet.disputes());
    Some(to_json(&Counted { not_taken, unfinished, disputes, counts }))
}

/// A mark: `who, place`, then 0 and `sku, lot, owner, units`, 1 and when the place was finished, or 2 for beginning anew.
fn take(sheet: &mut Sheet, words: &mut Reader<'_>) -> Option<Result<(), NotTaken>> {
    let (who, place) = (words.name()?, words.maybe_name()?);
    let place = place.as_ref();
    Some(match words.id()? {
        0 => {
            let (sku, lot, owner) = (words.name()?, words.maybe_name()?, words.maybe_name()?);
            sheet.tally(&who, place, &sku, lot.as_ref(), owner.as_ref(), words.integer()?)
        }
        1 => sheet.finish(&who, place, Time::new(words.integer()?)?),
        _ => sheet.start_over(&who, place),
    })
}
