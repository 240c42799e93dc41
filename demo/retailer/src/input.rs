//! Till lines and items from CSV files, plain or gzip. A file is read whole before any of it is used.
//!
//! Columns may stand in any order, but each must be there and no other. What is wrong names file, row and column; rows
//! are counted as editors and spreadsheets show them, the header being row 1.

mod table;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use onhand::Name;

use crate::world::DAY;
use table::{Row, Table};

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    pub file: String,
    /// 0 where no row could be read.
    pub row: u64,
    pub column: Option<String>,
    pub problem: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {}", shown(column))?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for InputError {}

/// What a file says, for people: in one line, and no more than tells what it is.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut shown = String::from("`");
    for letter in text.chars().take(MOST) {
        match letter.is_control() {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    shown + if text.chars().nth(MOST).is_some() { "…`" } else { "`" }
}

/// One line of a till receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillLine {
    /// Basket and product: what the till calls this line.
    pub id: Name,
    /// Milliseconds.
    pub when: i64,
    pub store: Name,
    pub product: Name,
    pub quantity: i64,
    /// Money taken, in cents.
    pub cents: i64,
    /// The file says a little more than nothing, which is no cent.
    pub below_a_cent: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    pub department: String,
    pub category: String,
    pub kind: String,
    pub package: String,
}

/// The files as they are, with nothing left out.
pub struct Input {
    pub lines: Vec<TillLine>,
    /// Lines that say again what an earlier line has said; they are among `lines`.
    pub repeated: u64,
    pub products: BTreeMap<String, Product>,
}

/// A till sells no more at once, not even of fuel in its small units.
const QUANTITY_MAX: i64 = 1_000_000;
/// Nor for more money.
const DOLLARS_MAX: f64 = 10_000_000.0;
/// A file holds a year; a moment further away than this from its first is a mistake.
const APART_MAX: i64 = 400 * DAY;

const TRANSACTION_COLUMNS: [&str; 7] =
    ["timestamp", "basket_id", "store_id", "product_id", "quantity", "sales_value", "week"];
const PRODUCT_COLUMNS: [&str; 6] =
    ["product_id", "department", "brand", "product_category", "product_type", "package_size"];

impl Input {
    pub fn read(transactions: &Path, products: &Path) -> Result<Input, InputError> {
        let products = read_products(&Table::read(products)?)?;
        let table = Table::read(transactions)?;
        let (lines, repeated) = read_transactions(&table)?;
        Ok(Input { lines, repeated, products })
    }
}

fn read_transactions(table: &Table) -> Result<(Vec<TillLine>, u64), InputError> {
    let rows = table.rows(&TRANSACTION_COLUMNS)?;
    let mut lines: Vec<TillLine> = Vec::with_capacity(rows.len());
    let mut seen: HashMap<Name, (usize, u64)> = HashMap::with_capacity(rows.len());
    let mut repeated = 0;
    for row in &rows {
        let line = till_line(row)?;
        let first = lines.first().map_or(line.when, |first| first.when);
        if (line.when - first).abs() > APART_MAX {
            return Err(
                row.wrong("timestamp", "is more than 400 days away from that of the first row".into())
            );
        }
        match seen.get(&line.id) {
            Some((before, _)) if lines[*before] == line => repeated += 1,
            Some((_, before)) => {
                let said = format!("basket and product are those of row {before}, whose content differs");
                return Err(row.wrong("basket_id", said));
            }
            None => {
                seen.insert(line.id.clone(), (lines.len(), row.number()));
            }
        }
        lines.push(line);
    }
    if let (Some(row), Some(first), Some(last)) = (rows.last(), lines.first(), lines.last())
        && table.has_no_end()
    {
        check_week_is_whole(row, first.when, last.when)?;
    }
    if lines.is_empty() {
        return Err(table.wrong(1, None, "the file has no till lines".into()));
    }
    Ok((lines, repeated))
}

/// The last column of a row without an end may have lost a digit: it is held against the date.
fn check_week_is_whole(row: &Row<'_>, first: i64, when: i64) -> Result<(), InputError> {
    let [.., week] = row.fields::<7>()?;
    // Weeks begin on Mondays, as 29 December 1969 was one; in other zones than UTC some hours earlier or later.
    let week_of = |millis: i64| (millis / DAY + 3) / 7;
    let year = Timestamp::from_millisecond(first).map(|first| first.to_zoned(TimeZone::UTC).year());
    let new_year = year.and_then(|year| jiff::civil::date(year, 1, 1).to_zoned(TimeZone::UTC));
    let expected = new_year.map(|day| week_of(when) - week_of(day.timestamp().as_millisecond()) + 1);
    match (week.parse::<i64>(), expected) {
        (Ok(week), Ok(expected)) if (week - expected).abs() > 1 => Err(row.wrong(
            "week",
            format!("the file ends in the middle of the row: `{week}` is not the week of its date"),
        )),
        _ => Ok(()),
    }
}

fn till_line(row: &Row<'_>) -> Result<TillLine, InputError> {
    let [when, basket, store, product, quantity, value, week] = row.fields()?;
    let moment: Timestamp = when.parse().map_err(|_| {
        let said = format!("{} is no moment in the form 2017-01-31T12:30:00Z", shown(when));
        row.wrong("timestamp", said)
    })?;
    let whole = |column, text: &str, least: i64, most: i64| match text.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(row.wrong(column, format!("{} is no whole number from {least} to {most}", shown(text)))),
    };
    // What the demo makes of a text has to be a name.
    let name = |column, text: &str, made: &str| {
        Name::new(made).map_err(|problem| row.wrong(column, format!("{} is no name: {problem}", shown(text))))
    };
    whole("week", week, 1, 53)?;
    name("store_id", store, &format!("count-store-{store}"))?;
    let millis = moment.as_millisecond();
    if !(0..=onhand::limits::TIME_MAX).contains(&millis) {
        return Err(row.wrong("timestamp", format!("{} is out of range", shown(when))));
    }
    Ok(TillLine {
        id: name("basket_id", basket, &format!("{basket}-{product}"))?,
        when: millis,
        store: name("store_id", store, store)?,
        product: name("product_id", product, product)?,
        quantity: whole("quantity", quantity, 0, QUANTITY_MAX)?,
        below_a_cent: cents(value) == Some(0) && value.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
        cents: cents(value).ok_or_else(|| {
            let said = format!("{} is no amount of dollars from 0 to {DOLLARS_MAX}", shown(value));
            row.wrong("sales_value", said)
        })?,
    })
}

/// Dollars as cents, rounded: the files were written by programs that keep money in binary fractions, and have amounts
/// such as `4.440892e-16`.
fn cents(text: &str) -> Option<i64> {
    let is_number = |letter: char| letter.is_ascii_digit() || ".eE+-".contains(letter);
    let dollars = Some(text).filter(|text| text.chars().all(is_number))?.parse::<f64>().ok()?;
    (0.0..=DOLLARS_MAX).contains(&dollars).then_some((dollars * 100.0).round() as i64)
}

fn read_products(table: &Table) -> Result<BTreeMap<String, Product>, InputError> {
    let mut products = BTreeMap::new();
    for row in &table.rows(&PRODUCT_COLUMNS)? {
        let [id, department, _brand, category, kind, package] = row.fields()?;
        Name::new(id)
            .map_err(|problem| row.wrong("product_id", format!("{} is no name: {problem}", shown(id))))?;
        let [department, category, kind, package] = [department, category, kind, package].map(str::to_owned);
        let product = Product { department, category, kind, package };
        if products.insert(id.to_owned(), product).is_some() {
            return Err(row.wrong("product_id", format!("{} is there twice", shown(id))));
        }
    }
    if products.is_empty() {
        return Err(table.wrong(1, None, "the file has no items".into()));
    }
    Ok(products)
}

#[cfg(test)]
mod tests;
