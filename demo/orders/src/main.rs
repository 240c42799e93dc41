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

mod store;

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use onhand::log::{Head, Seal};
use onhand::{Answer, Event, TextError, Time};
use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::store::{Door, Store};

/// Longest request, in bytes.
const BODY_MAX: u64 = 4 << 20;

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
    let server = Server::http(("127.0.0.1", options.port))
        .map_err(|error| anyhow!("port {} cannot be had ({error}); --port takes another", options.port))?;
    let address = server.server_addr();
    println!("http://{address}/ has {} entries", store.head().entries);
    let names =
        Names { port: address.to_ip().context("it has a port")?.port(), given: options.host_name.clone() };
    let (hear, heard) = channel();
    thread::spawn(move || listen(&server, &Arc::new(names), &hear));
    for (request, text) in heard {
        let answered = answer(&mut store, &request, text);
        let (answer, stop) = match answered {
            Ok(answer) => (answer, None),
            // What could not be kept is in memory alone: the program stops, and begins again where the database is.
            Err(error) => {
                let why = json!({ "ok": false, "code": "not_kept", "message": error.to_string() });
                (said(503, why.to_string()), Some(error))
            }
        };
        // Who goes away before the answer asks again.
        let _ = request.respond(answer);
        if let Some(error) = stop {
            return Err(error);
        }
    }
    Ok(())
}

/// Hears requests, and reads what each says on a thread of its own: who sends a part of it and no more keeps nobody else waiting. What they
/// ask is answered one after the other, by the one thread that has the book.
fn listen(server: &Server, names: &Arc<Names>, hear: &Sender<(Request, Said)>) {
    for mut request in server.incoming_requests() {
        let (names, hear) = (Arc::clone(names), hear.clone());
        let reading = thread::Builder::new().spawn(move || {
            let _ = match names.refuse(&request) {
                Some(refused) => request.respond(refused).map_err(drop),
                None => {
                    let text = body(&mut request);
                    hear.send((request, text)).map_err(drop)
                }
            };
        });
        // The request is answered with 500 as it goes.
        if let Err(error) = reading {
            eprintln!("a request was not read: {error}");
        }
    }
}

/// The names under which it answers.
struct Names {
    port: u16,
    given: Vec<String>,
}

impl Names {
    /// A page of somebody else whose name leads here (DNS rebinding) asks under that name: what it may not ask is not read.
    fn refuse(&self, request: &Request) -> Option<Answered> {
        let mut hosts = request.headers().iter().filter(|header| header.field.equiv("Host"));
        let host = hosts.next().map(|header| header.value.as_str());
        if hosts.next().is_none() && host.is_some_and(|host| self.has(host)) {
            return None;
        }
        let message = "a name of this machine with its port, or one that --host-name gave, is asked for";
        let why = json!({ "ok": false, "code": "unknown_host", "host": host, "message": message });
        Some(said(421, why.to_string()))
    }

    fn has(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => (name, port),
            _ => (host, "80"),
        };
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let is_local =
            ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is) && port == self.port.to_string();
        is_local || self.given.iter().any(|given| is(given) || given.eq_ignore_ascii_case(host))
    }
}

type Answered = Response<std::io::Cursor<Vec<u8>>>;

/// The text of a request, or what is wrong with it.
type Said = Result<String, Answered>;

fn answer(store: &mut Store, request: &Request, text: Said) -> Result<Answered> {
    let door = match (request.method(), request.url()) {
        (Method::Post, "/facts") => Door::Fact,
        (Method::Post, "/intents") => Door::Intent,
        (Method::Post, "/promises") => return promise(store, text),
        (Method::Get, "/snapshot") => {
            let kind = Header::from_bytes("Content-Type", "application/octet-stream");
            return Ok(Response::from_data(store.snapshot())
                .with_header(kind.expect("a fixed header is well formed")));
        }
        (Method::Get, "/head") => {
            let Head { entries, seal } = store.head();
            let digest = Seal(store.digest()).to_string();
            let known = format!("{entries}:{seal}");
            return Ok(said(
                200,
                json!({ "entries": entries, "known": known, "digest": digest }).to_string(),
            ));
        }
        (_, url) => {
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

/// The text of a request. It says that it is JSON: a page of somebody else, open on this machine, cannot without asking first.
fn body(request: &mut Request) -> Said {
    let is_json = |header: &Header| {
        header.field.equiv("Content-Type") && header.value.as_str().starts_with("application/json")
    };
    if !request.headers().iter().any(is_json) {
        return Err(said(415, json!({ "ok": false, "code": "not_json" }).to_string()));
    }
    let mut text = String::new();
    match request.as_reader().take(BODY_MAX + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > BODY_MAX => Err(said(
            413,
            json!({ "ok": false, "code": "over_limit", "limit": "body", "max": BODY_MAX }).to_string(),
        )),
        Ok(_) => Ok(text),
        Err(error) => Err(malformed(&error.to_string(), 1, 1)),
    }
}

fn unreadable(error: &TextError) -> Answered {
    malformed(&error.to_string(), error.line(), error.column())
}

fn malformed(message: &str, line: usize, column: usize) -> Answered {
    let why = json!({ "ok": false, "code": "malformed", "message": message, "line": line, "column": column });
    said(400, why.to_string())
}

fn said(status: u16, json: String) -> Answered {
    let kind = Header::from_bytes("Content-Type", "application/json").expect("a fixed header is well formed");
    Response::from_string(json).with_status_code(status).with_header(kind)
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
