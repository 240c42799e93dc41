//! Feeds a log to the core: natively, and through WebAssembly behind the npm package. Both read the same file.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use onhand::Book;
use onhand::rows::NameKind;

use crate::log::{Form, Frame, Frames, Head, Origin};
use crate::progress::{Progress, Step};

/// What became of events as they were fed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// Fed for the first time.
    pub events: u64,
    pub posted: u64,
    pub parked: u64,
    /// Here before.
    pub replayed: u64,
    /// Not acknowledged when they were fed last.
    pub turned_away: u64,
    /// Exceptions that they left open when they arrived.
    pub exceptions: u64,
}

#[derive(Default)]
pub struct Native {
    pub book: Book,
    pub all: Fed,
    pub tills: Fed,
    /// How often a period was fed at most: once, unless more facts waited for master data than a book holds.
    pub passes: u32,
    pub seconds: f64,
}

/// More passes of a period than any order of arrival needs: each wakes what the one before could not hold.
const PASSES_MAX: u32 = 50;

/// Feeds the file to an empty book, period by period: a close waits until all before it is acknowledged. A fact that is turned
/// away stays with its source, which sends it again; what was posted before is then a replay.
pub fn native(file: &Path, progress: &Progress) -> Result<Native> {
    let mut native = Native::default();
    let began = Instant::now();
    let mut frames = Frames::open(file)?;
    let step = progress.step("replaying natively", frames.head.events);
    native.intern(&frames.head)?;
    let mut period = Vec::new();
    while let Some(frame) = frames.next_frame()? {
        if frame.origin == Origin::Close {
            native.feed_period(&period, &step)?;
            native.feed_period(&[frame], &step)?;
            period.clear();
        } else {
            period.push(frame);
        }
    }
    native.feed_period(&period, &step)?;
    native.seconds = began.elapsed().as_secs_f64();
    Ok(native)
}

impl Native {
    fn intern(&mut self, head: &Head) -> Result<()> {
        for (kind, names) in
            [(NameKind::Source, &head.sources), (NameKind::Sku, &head.skus), (NameKind::Node, &head.nodes)]
        {
            for (number, name) in (0..).zip(names) {
                ensure!(self.book.intern(kind, name)? == number, "the book numbers `{name}` another way");
            }
        }
        Ok(())
    }

    fn feed_period(&mut self, frames: &[Frame], step: &Step) -> Result<()> {
        for passes in 1..=PASSES_MAX {
            let mut pass = [Fed::default(); 2];
            for frame in frames {
                let fed = feed(&mut self.book, frame)?;
                pass[0].add(fed);
                if frame.origin == Origin::Till {
                    pass[1].add(fed);
                }
                if passes == 1 {
                    step.advance(fed.events);
                }
            }
            let away = pass[0].turned_away;
            let is_last = away == 0 || pass[0].posted == 0 || passes == PASSES_MAX;
            for (sum, fed) in [&mut self.all, &mut self.tills].into_iter().zip(pass) {
                let events = if passes == 1 { fed.events } else { 0 };
                sum.add(Fed { events, turned_away: if is_last { fed.turned_away } else { 0 }, ..fed });
            }
            self.passes = self.passes.max(passes);
            if is_last {
                break;
            }
        }
        Ok(())
    }
}

fn feed(book: &mut Book, frame: &Frame) -> Result<Fed> {
    Ok(match frame.form {
        Form::Row => {
            let batch = book.evolve_rows(&frame.bytes);
            Fed {
                events: batch.rows.into(),
                posted: batch.posted.into(),
                parked: batch.parked.into(),
                replayed: batch.replayed.into(),
                turned_away: batch.turned_away.into(),
                exceptions: batch.exceptions.into(),
            }
        }
        Form::Text => {
            let batch = book.evolve_json(std::str::from_utf8(&frame.bytes)?)?;
            Fed {
                events: batch.events.into(),
                posted: batch.posted.into(),
                parked: batch.parked.into(),
                replayed: batch.replayed.into(),
                turned_away: batch.turned_away_count.into(),
                exceptions: batch.exceptions.into(),
            }
        }
    })
}

impl Fed {
    fn add(&mut self, more: Fed) {
        self.events += more.events;
        self.posted += more.posted;
        self.parked += more.parked;
        self.replayed += more.replayed;
        self.turned_away += more.turned_away;
        self.exceptions += more.exceptions;
    }
}

/// What the other side says at its end.
#[derive(serde::Deserialize, Debug)]
pub struct Wasm {
    pub digest: String,
    pub version: u64,
    pub passes: u32,
    pub seconds: f64,
    pub digest_seconds: f64,
    pub host: String,
}

/// A line that the script prints: how far it is, or what it found.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Fed(u64),
    Done(Wasm),
}

/// Feeds the same file to the npm package in Node.js.
pub fn wasm(file: &Path, script: &Path, events: u64, progress: &Progress) -> Result<Wasm> {
    let step = progress.step("replaying through WebAssembly", events);
    let mut node = Command::new("node")
        .arg(script)
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `node`; Node.js 20 or later is needed for this side")?;
    let said = node.stdout.take().context("no output of `node`")?;
    let heard = listen(BufReader::new(said), &step);
    let status = node.wait()?;
    if !status.success() {
        bail!("the replay in Node.js ended with {status}; `cargo xtask demo` builds what it needs");
    }
    heard?.context("the replay in Node.js ended without a digest")
}

fn listen(lines: impl BufRead, step: &Step) -> Result<Option<Wasm>> {
    for line in lines.lines() {
        let line = line?;
        match serde_json::from_str(&line).with_context(|| format!("the replay in Node.js said `{line}`"))? {
            Said::Fed(events) => step.reach(events),
            Said::Done(wasm) => return Ok(Some(wasm)),
        }
    }
    Ok(None)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
