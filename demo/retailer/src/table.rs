//! Tables of text: as wide as what is in them, numbers to the right.

use std::fmt::{self, Write};

pub struct Table {
    rows: Vec<Vec<String>>,
    columns: usize,
}

impl Table {
    pub fn new<const N: usize>(header: [&str; N]) -> Table {
        let mut table = Table { rows: Vec::new(), columns: N };
        table.row(header.map(str::to_owned));
        table
    }

    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.columns, "each row has a cell for each column");
        self.rows.push(cells.into());
    }

    /// The same without columns of nothing but zeros: those say nothing.
    pub fn without_zeros(mut self) -> Table {
        let says = |cell: &String| cell.chars().any(|letter| !"0.".contains(letter));
        let speaks: Vec<bool> = (0..self.columns)
            .map(|column| self.rows.iter().skip(1).filter_map(|row| row.get(column)).any(says))
            .collect();
        for row in &mut self.rows {
            let mut speaks = speaks.iter();
            row.retain(|_| speaks.next() != Some(&false));
        }
        self.columns = speaks.into_iter().filter(|speaks| *speaks).count();
        self
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    /// A column of numbers: everything under its header begins with a digit or a sign, or is empty.
    fn is_numeric(&self, column: usize) -> bool {
        let is_number =
            |cell: &str| cell.chars().all(|letter| letter.is_ascii_digit() || ",.-+ %".contains(letter));
        self.rows.iter().skip(1).filter_map(|row| row.get(column)).all(|cell| is_number(cell))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.columns).map(|column| self.width(column)).collect();
        let numeric: Vec<bool> = (0..self.columns).map(|column| self.is_numeric(column)).collect();
        for (at, row) in self.rows.iter().enumerate() {
            let mut line = String::from(" ");
            for ((cell, width), numeric) in row.iter().zip(&widths).zip(&numeric) {
                match numeric {
                    true => write!(line, " {cell:>width$} ")?,
                    false => write!(line, " {cell:<width$} ")?,
                }
            }
            writeln!(f, "{}", line.trim_end())?;
            if at == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                writeln!(f, "  {}", rule.join("  "))?;
            }
        }
        Ok(())
    }
}

/// A number with its thousands set apart.
pub fn number(number: impl Into<i64>) -> String {
    let number: i64 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn count(count: u64) -> String {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Minor units as money.
pub fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, number(cents.abs() / 100), cents.abs() % 100)
}

/// A moment for people, in UTC.
pub fn moment(millis: i64) -> String {
    let moment =
        jiff::Timestamp::from_millisecond(millis).map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC));
    moment.map_or_else(|_| millis.to_string(), |moment| moment.strftime("%a %-d %b %H:%M").to_string())
}

/// The month that a moment is in, as `2025-01`, in UTC.
pub fn month_of(millis: i64) -> String {
    let moment =
        jiff::Timestamp::from_millisecond(millis).map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC));
    moment.map_or_else(|_| millis.to_string(), |moment| moment.strftime("%Y-%m").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-1_234_567), "-1,234,567");
        assert_eq!((number(0), number(999), number(1000)), ("0".into(), "999".into(), "1,000".into()));
        assert_eq!((money(123_456), money(-5)), ("1,234.56".into(), "-0.05".into()));
        assert_eq!(moment(1_483_273_827_000), "Sun 1 Jan 12:30");
        assert_eq!(month_of(1_483_273_827_000), "2017-01");
    }

    #[test]
    fn a_column_of_zeros_is_left_out() {
        let mut table = Table::new(["item", "units", "lost", "money"]);
        table.row(["tea".into(), number(5), number(0), money(0)]);
        table.row(["cup".into(), number(0), number(0), money(0)]);
        let lines: Vec<String> = table.without_zeros().to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines, ["  item  units", "  ----  -----", "  tea       5", "  cup       0"]);
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["item", "units"]);
        table.row(["tea".into(), number(5)]);
        table.row(["a long name".into(), number(12_345)]);
        let lines: Vec<String> = table.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[2], "  tea               5");
        assert_eq!(lines[3], "  a long name  12,345");
    }
}
