//! An order service over HTTP: facts and intents in, offers and snapshots out, its book and its trail in one SQLite file.
//!
//! | ask | with | answer |
//! |---|---|---|
//! | `POST /facts` | an event, or a list | what became of each: posted, parked, replayed; never refused for what it says of the world |
//! | `POST /intents` | an event, or a list, each checked after those before it | accepted, or refused by name with the numbers |
//! | `POST /promises` | a request: lines, where to, and when unless now | an offer; commits nothing |
//! | `GET /snapshot` | | the book for a page or a worker: `restore()` of the npm package opens it |
//! | `GET /head` | | the last entry, its seal and the book's digest: keep it elsewhere, and give it to `--audit` |
//!
//! It listens on this machine alone, knows nobody and asks nobody for a password: what stands before it does that. It answers only under
//! the names of this machine and those that it is given: a page of somebody else may have a name that leads here.

mod http;
mod store;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use hyper::Method;
use onhand::log::{Head, Seal};
use onhand::{Answer, Event, TextError, Time};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::mpsc::channel;

use crate::http::{Answered, Asked, Hearing, Said, answered, listen, malformed, said};
use crate::store::{Door, Store};

/// An order service that keeps its book in SQLite.
#[derive(Parser)]
#[command(name = "onhand-orders", version)]
struct Options {
    /// The database; made where there is none
    #[arg(value_name = "FILE")]
    database: PathBuf,
    /// The port to listen on, 0 for any that is free
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Entries from one snapshot to the next: at most so many are told again at the start
    #[arg(long, value_name = "ENTRIES", default_value_t = 1_000)]
    snapshot_every: usize,
    /// A name under which what stands before it asks, besides those of this machine; may be given more than once
    #[arg(long, value_name = "NAME")]
    host_name: Vec<String>,
    /// Most requests that are read and answered at once; one more is told to come back
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = at_least_one(10_000))]
    requests: u64,
    /// Longest that the head of a request may take, and its body, and its answer to be fetched
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = at_least_one(3_600))]
    patience: u64,
    /// Read the whole trail, hold it against its seals and the book, and stop
    #[arg(long)]
    audit: bool,
    /// With --audit: a head that was kept elsewhere, as `ENTRIES:SEAL`
    #[arg(long, value_name = "HEAD", requires = "audit", value_parser = head)]
    known: Option<Head>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let mut store = Store::open(&options.database, options.snapshot_every)?;
    if options.audit {
        let head = store.audit(options.known)?;
        println!("{}:{} holds; the book is {}", head.entries, head.seal, Seal(store.digest()));
        return Ok(());
    }
    // One thread hears everybody, and this one has the book: it answers one request after the other.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", options.port)))
        .with_context(|| format!("port {} cannot be had; --port takes another", options.port))?;
    let address = listener.local_addr()?;
    println!("http://{address}/ has {} entries", store.head().entries);
    let hearing = Hearing {
        names: options.host_name.clone(),
        port: address.port(),
        requests: options.requests.try_into()?,
        patience: Duration::from_secs(options.patience),
    };
    let (hear, mut heard) = channel(1);
    let listening = runtime.spawn(listen(listener, hearing, hear));
    while let Some(Asked { method, url, text, reply }) = heard.blocking_recv() {
        let (answer, stop) = match answer(&mut store, &method, &url, text) {
            Ok(answer) => (answer, None),
            // What could not be kept is in memory alone: the program stops, and begins again where the database is.
            Err(error) => {
                let why = json!({ "ok": false, "code": "not_kept", "message": error.to_string() });
                (said(503, why.to_string()), Some(error))
            }
        };
        // Who went away asks again.
        let _ = reply.send(answer);
        if let Some(error) = stop {
            drop(heard);
            runtime.block_on(listening)?;
            return Err(error);
        }
    }
    Ok(())
}

fn answer(store: &mut Store, method: &Method, url: &str, text: Said) -> Result<Answered> {
    let door = match (method, url) {
        (&Method::POST, "/facts") => Door::Fact,
        (&Method::POST, "/intents") => Door::Intent,
        (&Method::POST, "/promises") => return promise(store, text),
        (&Method::GET, "/snapshot") => {
            return Ok(answered(200, "application/octet-stream", store.snapshot()));
        }
        (&Method::GET, "/head") => {
            let Head { entries, seal } = store.head();
            let digest = Seal(store.digest()).to_string();
            let known = format!("{entries}:{seal}");
            return Ok(said(
                200,
                json!({ "entries": entries, "known": known, "digest": digest }).to_string(),
            ));
        }
        _ => {
            let asks = json!({ "ok": false, "code": "not_found", "url": url });
            return Ok(said(404, asks.to_string()));
        }
    };
    let text = match text {
        Ok(text) => text,
        Err(refused) => return Ok(refused),
    };
    let is_list = text.trim_start().starts_with('[');
    let events =
        if is_list { Event::list_from_json(&text) } else { Event::from_json(&text).map(|event| vec![event]) };
    let answers = match events {
        Ok(events) => store.tell(door, &events, now()?)?,
        Err(error) => return Ok(unreadable(&error)),
    };
    Ok(said(200, if is_list { format!("[{}]", answers.join(",")) } else { answers.concat() }))
}

/// The question is asked now unless it says when.
fn promise(store: &Store, text: Said) -> Result<Answered> {
    let text = match text {
        Ok(text) => text,
        Err(refused) => return Ok(refused),
    };
    let mut asked: Value = match serde_json::from_str(&text) {
        Ok(asked) => asked,
        Err(error) => return Ok(malformed(&error.to_string(), error.line(), error.column())),
    };
    if let Some(asked) = asked.as_object_mut() {
        asked.entry("now").or_insert(json!(now()?.millis()));
    }
    Ok(match serde_json::from_value(asked) {
        Ok(request) => said(200, Answer(store.promise(&request)).to_json()),
        Err(error) => {
            said(400, json!({ "ok": false, "code": "malformed", "message": error.to_string() }).to_string())
        }
    })
}

fn unreadable(error: &TextError) -> Answered {
    malformed(&error.to_string(), error.line(), error.column())
}

fn now() -> Result<Time> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    i64::try_from(millis).ok().and_then(Time::new).context("the clock of this machine is out of range")
}

fn head(text: &str) -> Result<Head, String> {
    let read = text.split_once(':').and_then(|(entries, seal)| {
        Some(Head { entries: entries.parse().ok()?, seal: Seal::from_hex(seal)? })
    });
    read.ok_or_else(|| {
        "a head is as `12:` and 64 hexadecimal digits, what `GET /head` calls `known`".to_owned()
    })
}

fn at_least_one(most: u64) -> RangedU64ValueParser {
    RangedU64ValueParser::new().range(1..=most)
}
