//! The log: every event once, in the order of arrival, in the two bulk forms that the package takes.
//!
//! A numbered fact of one line is a row, everything else is JSON text. On disk a log is a series of frames, a tag byte, a
//! length (32 bits, little-endian) and so many bytes, so that both replays read the very same bytes.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use onhand::rows::{ROW_BYTES, Row};
use onhand::{Event, Kind};

use crate::random::Random;

/// Most bytes of a frame: small enough to show progress, large enough that crossing into WebAssembly costs nothing.
const FRAME_BYTES_MAX: usize = 1 << 20;

/// Who says it: a till, whose lines the report counts one by one, or anybody else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    Till,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Row,
    Text,
}

/// An event in its bulk form.
pub enum Record {
    Row(Kind, [u8; ROW_BYTES]),
    Text(Kind, String),
}

impl Record {
    pub fn row(kind: Kind, row: &Row) -> Record {
        Record::Row(kind, row.to_bytes())
    }

    pub fn text(event: &Event) -> Record {
        Record::Text(event.kind, event.to_json())
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
}

impl Log {
    pub fn push(&mut self, record: &Record, origin: Origin) {
        let (kind, form, at) = match record {
            Record::Row(kind, row) => {
                self.rows.push(*row);
                (kind, Form::Row, self.rows.len() - 1)
            }
            Record::Text(kind, text) => {
                self.starts.push(self.texts.len());
                self.texts.push_str(text);
                (kind, Form::Text, self.starts.len() - 1)
            }
        };
        let at = u32::try_from(at).expect("a log has fewer than 2^32 events");
        self.entries.push(Entry { form, origin, at });
        *self.by_kind.entry(kind.code()).or_default() += 1;
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
                    let end = self.starts.get(at + 1).copied().unwrap_or(self.texts.len());
                    frame.push(if frame.is_empty() { b'[' } else { b',' });
                    frame.extend_from_slice(&self.texts.as_bytes()[self.starts[at]..end]);
                }
            }
        }
        close_frame(out, open, &mut frame)
    }

    fn ordered(&self, order: Order) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        match order {
            Order::Arrival => {}
            Order::Shuffled(seed) => Random::new(seed).shuffle(&mut entries),
            Order::Reversed => entries.reverse(),
        }
        entries
    }
}

const NAMES_TAG: u8 = b'N';

/// Capital letters for tills.
fn tag(form: Form, origin: Origin) -> u8 {
    match (form, origin) {
        (Form::Row, Origin::Till) => b'R',
        (Form::Row, Origin::Other) => b'r',
        (Form::Text, Origin::Till) => b'T',
        (Form::Text, Origin::Other) => b't',
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
