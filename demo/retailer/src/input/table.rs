//! A CSV file as rows with named columns.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use csv::StringRecord;
use flate2::write::MultiGzDecoder;

use super::InputError;

pub struct Table {
    file: String,
    records: Vec<(u64, StringRecord)>,
    header: StringRecord,
    has_no_end: bool,
}

pub struct Row<'a> {
    table: &'a Table,
    row: u64,
    record: &'a StringRecord,
    columns: &'a [&'static str],
}

impl Table {
    pub fn read(path: &Path) -> Result<Table, InputError> {
        let mut table = Table {
            file: path.display().to_string(),
            records: Vec::new(),
            header: StringRecord::new(),
            has_no_end: false,
        };
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| table.wrong(0, None, format!("cannot be read: {error}")))?;
        let (bytes, cut) = match bytes.starts_with(&[0x1f, 0x8b]) {
            true => unpack(&bytes),
            false => (bytes, None),
        };
        let parsed = table.parse(&bytes);
        match cut {
            Some(problem) => Err(table.cut_short(&bytes, &problem)),
            None => parsed.map(|()| table),
        }
    }

    fn parse(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut record = StringRecord::new();
        let mut row = 0;
        loop {
            row += 1 + empty_lines(bytes, usize::try_from(reader.position().byte()).unwrap_or(0));
            match reader.read_record(&mut record) {
                Ok(false) if self.header.is_empty() => return Err(self.wrong(0, None, "is empty".into())),
                Ok(false) => break,
                Ok(true) if self.header.is_empty() => self.header = record.clone(),
                Ok(true) => self.records.push((row, record.clone())),
                Err(error) => {
                    let column = match error.kind() {
                        csv::ErrorKind::Utf8 { err, .. } => Some(match self.header.get(err.field()) {
                            Some(name) => name.to_owned(),
                            None => format!("number {}", err.field() + 1),
                        }),
                        _ => None,
                    };
                    return Err(self.wrong(row, column.as_deref(), "is no text in UTF-8".into()));
                }
            }
        }
        self.has_no_end = !bytes.ends_with(b"\n");
        let quotes = bytes.iter().filter(|byte| **byte == b'"').count();
        if quotes % 2 == 1 {
            let last = self.records.last().map_or(1, |(row, _)| *row);
            return Err(self.cut_at(last));
        }
        Ok(())
    }

    /// Whether the last row lacks the end of its line.
    pub fn has_no_end(&self) -> bool {
        self.has_no_end
    }

    /// The rows, whose columns are these in any order.
    pub fn rows<'a>(&'a self, columns: &'a [&'static str]) -> Result<Vec<Row<'a>>, InputError> {
        if let Some(unknown) = self.header.iter().find(|name| !columns.contains(name)) {
            let known = columns.join(", ");
            return Err(self.wrong(1, Some(unknown), format!("is no column of this file; it has {known}")));
        }
        for column in columns {
            match self.header.iter().filter(|name| name == column).count() {
                1 => {}
                0 => return Err(self.wrong(1, Some(column), "is missing".into())),
                _ => return Err(self.wrong(1, Some(column), "is there twice".into())),
            }
        }
        Ok(self.records.iter().map(|(row, record)| Row { table: self, row: *row, record, columns }).collect())
    }

    pub fn wrong(&self, row: u64, column: Option<&str>, problem: String) -> InputError {
        InputError { file: self.file.clone(), row, column: column.map(str::to_owned), problem }
    }

    /// Names the row and column in which the file stops.
    fn cut_short(&self, bytes: &[u8], problem: &str) -> InputError {
        let rows = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut error = self.cut_at(rows + 1);
        error.problem = format!("the file is cut short or damaged here: {problem}");
        error
    }

    fn cut_at(&self, row: u64) -> InputError {
        let fields = self.records.iter().find(|(at, _)| *at == row).map_or(1, |(_, record)| record.len());
        let column = self.header.get(fields.saturating_sub(1)).or(self.header.get(0));
        self.wrong(row, column, "the file ends in the middle of the row".into())
    }
}

/// Lines with nothing in them at a place of a file, where a row begins. The reader passes over them; who looks for a row counts them.
fn empty_lines(bytes: &[u8], place: usize) -> u64 {
    let (before, mut rest) = bytes.split_at(place.min(bytes.len()));
    // The end of the row before may be half read.
    if before.ends_with(b"\r") {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut lines = 0;
    while let [b'\r', b'\n', after @ ..] | [b'\r' | b'\n', after @ ..] = rest {
        (lines, rest) = (lines + 1, after);
    }
    lines
}

/// Unpacks as much as there is; with what is wrong, if anything.
fn unpack(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut decoder = MultiGzDecoder::new(Vec::new());
    let written = decoder.write_all(bytes);
    match written.and_then(|()| decoder.try_finish()) {
        Ok(()) => (decoder.finish().unwrap_or_default(), None),
        Err(error) => (std::mem::take(decoder.get_mut()), Some(format!("gzip: {error}"))),
    }
}

impl Row<'_> {
    pub fn number(&self) -> u64 {
        self.row
    }

    /// The fields, in the order in which the columns were asked for.
    pub fn fields<const N: usize>(&self) -> Result<[&str; N], InputError> {
        let (has, needs) = (self.record.len(), self.table.header.len());
        if has < needs {
            let column = self.table.header.get(has);
            return Err(self.table.wrong(
                self.row,
                column,
                format!("is missing: the row has {has} of {needs}"),
            ));
        }
        if has > needs {
            let last = self.table.header.get(needs - 1);
            let problem = format!("is followed by more: the row has {has} columns and the header {needs}");
            return Err(self.table.wrong(self.row, last, problem));
        }
        let mut fields = [""; N];
        for (field, column) in fields.iter_mut().zip(self.columns) {
            let place = self.table.header.iter().position(|name| name == *column);
            *field = place.and_then(|place| self.record.get(place)).unwrap_or("");
        }
        Ok(fields)
    }

    pub fn wrong(&self, column: &str, problem: String) -> InputError {
        self.table.wrong(self.row, Some(column), problem)
    }
}
