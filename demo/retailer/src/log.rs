//! The log: every event once, in the order of arrival, in the two bulk forms that the package takes.
//!
//! A numbered fact of one line is a row, everything else is JSON text. On disk a log is a series of frames, a tag byte, a
//! length (32 bits, little-endian) and so many bytes, so that both replays read the very same bytes.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use onhand::kind::TABLE;
use onhand::rows::{ROW_BYTES, Row};
use onhand::{Event, Kind, StockState};

use crate::random::Random;

/// Most bytes of a frame: small enough to show progress, large enough that crossing into WebAssembly costs nothing.
const FRAME_BYTES_MAX: usize = 1 << 20;

/// Who says it: a till, whose lines the report counts one by one; who closes the books; or anybody else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    Till,
    Other,
    /// A period close. Order of arrival means nothing between closes: what came before one is never told after it.
    Close,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Row,
    Text,
}

/// An event on its way to the log, which keeps it in its bulk form.
pub enum Record {
    Row(Kind, [u8; ROW_BYTES]),
    Text(Box<Event>),
}

impl Record {
    pub fn row(kind: Kind, row: &Row) -> Record {
        Record::Row(kind, row.to_bytes())
    }

    pub fn text(event: &Event) -> Record {
        Record::Text(Box::new(event.clone()))
    }
}

/// The order in which events arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Arrival,
    Shuffled(u64),
    Reversed,
}

/// Names that rows call by number: a book that interns them in this order gives out the same numbers.
#[derive(Default)]
pub struct Names {
    list: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).expect("a log has fewer than 2^32 names");
        self.list.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    pub fn list(&self) -> &[String] {
        &self.list
    }
}

#[derive(Clone, Copy)]
struct Entry {
    form: Form,
    origin: Origin,
    at: u32,
}

#[derive(Default)]
pub struct Log {
    pub sources: Names,
    pub skus: Names,
    pub nodes: Names,
    rows: Vec<[u8; ROW_BYTES]>,
    texts: String,
    /// Where each text begins; it ends where the next one begins.
    starts: Vec<usize>,
    entries: Vec<Entry>,
    by_kind: BTreeMap<&'static str, u64>,
    /// Only counts: for a year of which nobody wants to see the events.
    only_counts: bool,
}

impl Log {
    /// A log that counts events and keeps none.
    pub fn counting() -> Log {
        Log { only_counts: true, ..Log::default() }
    }

    pub fn push(&mut self, record: &Record, origin: Origin) {
        let kind = match record {
            Record::Row(kind, _) => *kind,
            Record::Text(event) => event.kind,
        };
        *self.by_kind.entry(kind.code()).or_default() += 1;
        if self.only_counts {
            return;
        }
        let (form, at) = match record {
            Record::Row(_, row) => {
                self.rows.push(*row);
                (Form::Row, self.rows.len() - 1)
            }
            Record::Text(event) => {
                self.starts.push(self.texts.len());
                self.texts.push_str(&event.to_json());
                (Form::Text, self.starts.len() - 1)
            }
        };
        let at = u32::try_from(at).expect("a log has fewer than 2^32 events");
        self.entries.push(Entry { form, origin, at });
    }

    /// Every event in the order of arrival, and who says it.
    pub fn told(&self) -> impl Iterator<Item = (Told<'_>, Origin)> {
        self.entries.iter().map(|entry| match entry.form {
            Form::Row => (Told::Row(&self.rows[entry.at as usize]), entry.origin),
            Form::Text => (Told::Text(self.text(entry.at as usize)), entry.origin),
        })
    }

    fn text(&self, at: usize) -> &str {
        let end = self.starts.get(at + 1).copied().unwrap_or(self.texts.len());
        &self.texts[self.starts[at]..end]
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn by_kind(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_kind
    }

    /// Writes the log to a file; answers how many bytes it has.
    pub fn write(&self, path: &Path, order: Order) -> Result<u64> {
        let file = File::create(path).with_context(|| format!("cannot create `{}`", path.display()))?;
        let mut out = BufWriter::with_capacity(FRAME_BYTES_MAX, file);
        self.write_to(&mut out, order)
            .and_then(|()| out.flush())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(std::fs::metadata(path)?.len())
    }

    fn write_to(&self, out: &mut impl Write, order: Order) -> io::Result<()> {
        let names = serde_json::json!({
            "events": self.len(),
            "sources": self.sources.list(),
            "skus": self.skus.list(),
            "nodes": self.nodes.list(),
        });
        write_frame(out, NAMES_TAG, names.to_string().as_bytes())?;
        let mut frame: Vec<u8> = Vec::new();
        let mut open = None;
        for entry in self.ordered(order) {
            let kind = (entry.form, entry.origin);
            if open != Some(kind) || frame.len() >= FRAME_BYTES_MAX {
                close_frame(out, open, &mut frame)?;
                open = Some(kind);
            }
            let at = entry.at as usize;
            match entry.form {
                Form::Row => frame.extend_from_slice(&self.rows[at]),
                Form::Text => {
                    frame.push(if frame.is_empty() { b'[' } else { b',' });
                    frame.extend_from_slice(self.text(at).as_bytes());
                }
            }
        }
        close_frame(out, open, &mut frame)
    }

    /// The texts in some order of arrival: for tests.
    #[cfg(test)]
    pub fn ordered_texts(&self, order: Order) -> Vec<&str> {
        self.ordered(order).iter().map(|entry| self.text(entry.at as usize)).collect()
    }

    fn ordered(&self, order: Order) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        let mut random = match order {
            Order::Arrival => return entries,
            Order::Shuffled(seed) => Some(Random::new(seed)),
            Order::Reversed => None,
        };
        for period in entries.chunk_by_mut(|one, next| is_close(one) == is_close(next)) {
            match &mut random {
                _ if period.iter().any(is_close) => {}
                Some(random) => random.shuffle(period),
                None => period.reverse(),
            }
        }
        entries
    }
}

fn is_close(entry: &Entry) -> bool {
    entry.origin == Origin::Close
}

/// An event of a log in its bulk form.
pub enum Told<'a> {
    Row(&'a [u8; ROW_BYTES]),
    Text(&'a str),
}

/// The parts of a row that a reader of the log wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    pub kind: Kind,
    pub source: u32,
    pub number: u64,
    pub occurred: i64,
    pub sku: u32,
    pub node: u32,
    pub units: i64,
    pub state: Option<StockState>,
    /// Cents.
    pub value: Option<i64>,
}

impl Plain {
    /// As the table at the top of [`onhand::rows`] has them.
    pub fn read(bytes: &[u8; ROW_BYTES]) -> Plain {
        let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let eight = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        Plain {
            kind: TABLE[usize::from(bytes[0])].kind,
            source: four(4),
            number: eight(8),
            occurred: eight(16).cast_signed(),
            sku: four(24),
            node: four(28),
            units: eight(32).cast_signed(),
            state: StockState::ALL.get(usize::from(bytes[1])).copied(),
            value: Some(eight(48).cast_signed()).filter(|value| *value != i64::MIN),
        }
    }
}

const NAMES_TAG: u8 = b'N';

/// Capital letters for tills; closes are always texts.
fn tag(form: Form, origin: Origin) -> u8 {
    match (form, origin) {
        (Form::Row, Origin::Till) => b'R',
        (Form::Row, Origin::Other) => b'r',
        (Form::Text, Origin::Till) => b'T',
        (Form::Text, Origin::Other) => b't',
        (_, Origin::Close) => b'c',
    }
}

fn close_frame(out: &mut impl Write, open: Option<(Form, Origin)>, frame: &mut Vec<u8>) -> io::Result<()> {
    let Some((form, origin)) = open else { return Ok(()) };
    if form == Form::Text {
        frame.push(b']');
    }
    write_frame(out, tag(form, origin), frame)?;
    frame.clear();
    Ok(())
}

fn write_frame(out: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    out.write_all(&[tag])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

/// What the first frame says.
#[derive(serde::Deserialize)]
pub struct Head {
    pub events: u64,
    pub sources: Vec<String>,
    pub skus: Vec<String>,
    pub nodes: Vec<String>,
}

/// A log read from its file, frame by frame.
pub struct Frames {
    file: BufReader<File>,
    pub head: Head,
}

pub struct Frame {
    pub form: Form,
    pub origin: Origin,
    pub bytes: Vec<u8>,
}

impl Frames {
    pub fn open(path: &Path) -> Result<Frames> {
        let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
        let mut file = BufReader::with_capacity(FRAME_BYTES_MAX, file);
        match read_frame(&mut file)? {
            Some((NAMES_TAG, bytes)) => Ok(Frames { file, head: serde_json::from_slice(&bytes)? }),
            _ => bail!("`{}` is no log of events", path.display()),
        }
    }

    pub fn next_frame(&mut self) -> Result<Option<Frame>> {
        let Some((tag, bytes)) = read_frame(&mut self.file)? else { return Ok(None) };
        let (form, origin) = match tag {
            b'R' => (Form::Row, Origin::Till),
            b'r' => (Form::Row, Origin::Other),
            b'T' => (Form::Text, Origin::Till),
            b't' => (Form::Text, Origin::Other),
            b'c' => (Form::Text, Origin::Close),
            other => bail!("a log of events has no frames `{}`", char::from(other)),
        };
        Ok(Some(Frame { form, origin, bytes }))
    }
}

fn read_frame(file: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut tag = [0; 1];
    if file.read(&mut tag)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut bytes)?;
    Ok(Some((tag[0], bytes)))
}
