//! Hosts: where a case can be played. All of them are asked in JSON and answer in JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use onhand::atp::{Dated, Rule};
use onhand::catalogue::Catalogue;
use onhand::promise::{Offer, Request, RequestRefused, Rulebook};
use onhand::{Answer, Book, Event, Time};
use serde_json::{Value, json};

use crate::case::Door;
use crate::{catalogue, floor, live};

/// Every host, the crate itself first.
pub const ALL: [&str; 3] = ["native", "wasm", "npm"];

/// An engine with one book.
pub trait Host {
    /// `native`, `wasm` or `npm`.
    fn name(&self) -> &'static str;
    /// Starts with an empty book.
    fn open(&mut self) -> Result<()>;
    /// Tells an event, as JSON text, through a door.
    fn tell(&mut self, door: Door, event: &str) -> Result<Value>;
    /// Availability, or `null` for what is not known.
    fn availability(&mut self, sku: &str, node: &str, now: i64) -> Result<Value>;
    /// An offer, or why the request cannot be looked at.
    fn promise(&mut self, request: &Value) -> Result<Value>;
    /// Units that a channel may be shown under the query's rulebook, or `null` for what is not known.
    fn shown(&mut self, query: &Value) -> Result<Value>;
    /// What a promise lives by after it is made: see [`crate::live`].
    fn live(&mut self, door: &str, query: &Value) -> Result<Value>;
    /// What a code means, or how many of a kit there are: see [`crate::catalogue`].
    fn catalogue(&mut self, door: &str, query: &Value) -> Result<Value>;
    /// What can be promised from each moment on, or `null` for what is not known; the question has the keys of the wire.
    fn atp(&mut self, query: &Value) -> Result<Value>;
    /// The open exceptions.
    fn exceptions(&mut self, now: i64) -> Result<Value>;
    /// The digest in hexadecimal.
    fn digest(&mut self) -> Result<String>;
    /// The book as bytes.
    fn snapshot(&mut self) -> Result<Vec<u8>>;
    /// Goes on with the book that these bytes carry.
    fn restore(&mut self, snapshot: &[u8]) -> Result<()>;

    /// The host's book, loaded here: for readings that need no door of their own.
    fn book(&mut self) -> Result<Book> {
        Book::restore(&self.snapshot()?)
            .map_err(|error| anyhow::anyhow!("its snapshot does not load: {error}"))
    }
}

/// The crate itself, in this process.
#[derive(Default)]
pub struct Native {
    book: Book,
    carts: live::Carts,
    catalogue: Catalogue,
}

impl Host for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn open(&mut self) -> Result<()> {
        *self = Native::default();
        Ok(())
    }

    fn tell(&mut self, door: Door, event: &str) -> Result<Value> {
        let event = match Event::from_json(event) {
            Ok(event) => event,
            Err(_) => return Ok(unreadable()),
        };
        let (accepted, answer) = match door {
            Door::Fact => {
                let answer = self.book.evolve(&event);
                (answer.is_ok(), Answer(answer).to_json())
            }
            Door::Command => {
                let answer = self.book.execute(&event);
                (answer.is_ok(), Answer(answer).to_json())
            }
            Door::DryRun => (false, Answer(self.book.decide(&event)).to_json()),
        };
        if accepted {
            self.catalogue.note(&event);
        }
        Ok(serde_json::from_str(&answer)?)
    }

    fn availability(&mut self, sku: &str, node: &str, now: i64) -> Result<Value> {
        Ok(serde_json::to_value(self.book.availability(sku, node, time(now)?))?)
    }

    fn promise(&mut self, request: &Value) -> Result<Value> {
        let mut request = request.clone();
        let rules = request.as_object_mut().and_then(|request| request.remove("rules"));
        let Ok(request) = serde_json::from_value::<Request>(request) else { return Ok(unreadable()) };
        let Some(rules) = rules else { return offered(self.book.promise(&request)) };
        match Rulebook::from_json(&rules.to_string()).map(|rulebook| (rulebook.check(), rulebook)) {
            Ok((Ok(()), rulebook)) => offered(self.book.promise_under(&rulebook, &request)),
            _ => Ok(unreadable()),
        }
    }

    fn shown(&mut self, query: &Value) -> Result<Value> {
        let rulebook = Rulebook::from_json(&query["rules"].to_string())?;
        let channel: Option<onhand::Name> = serde_json::from_value(query["channel"].clone())?;
        let word = |key: &str| query[key].as_str().context("a question without its item or node");
        let now = time(query["now"].as_i64().context("no moment")?)?;
        let shown = self.book.shown(&rulebook, word("sku")?, word("node")?, channel.as_ref(), now);
        Ok(json!(shown?))
    }

    fn live(&mut self, door: &str, query: &Value) -> Result<Value> {
        match door {
            "inspect" | "tally" | "desk" => floor::native(&self.book, door, query),
            _ => live::native(&mut self.book, &mut self.carts, door, query),
        }
    }

    fn catalogue(&mut self, door: &str, query: &Value) -> Result<Value> {
        catalogue::native(&self.catalogue, &self.book, door, query)
    }

    fn atp(&mut self, query: &Value) -> Result<Value> {
        let rule: Rule = serde_json::from_value(query["rule"].clone())?;
        let demand: Vec<Dated> = serde_json::from_value(query["demand"].clone())?;
        let word = |key: &str| query[key].as_str().context("a question without its item or node");
        let now = time(query["now"].as_i64().context("no moment")?)?;
        Ok(serde_json::to_value(self.book.atp(word("sku")?, word("node")?, now, &rule, &demand))?)
    }

    fn exceptions(&mut self, now: i64) -> Result<Value> {
        Ok(serde_json::to_value(self.book.exceptions(time(now)?))?)
    }

    fn digest(&mut self) -> Result<String> {
        Ok(hex(&self.book.digest()))
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(self.book.snapshot())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<()> {
        let book = Book::restore(snapshot).map_err(|error| anyhow::anyhow!("{error}"))?;
        // No snapshot carries the catalogue: it is told again.
        (self.book, self.catalogue) = (book, Catalogue::new());
        Ok(())
    }

    fn book(&mut self) -> Result<Book> {
        Ok(self.book.clone())
    }
}

/// The answer for a text that is no event and no request.
pub fn unreadable() -> Value {
    json!({ "ok": false, "code": "unreadable" })
}

/// An offer as every host tells it.
pub fn offered(offer: Result<Offer, RequestRefused>) -> Result<Value> {
    told(offer.map(|offer| Ok(serde_json::to_value(offer)?)))
}

/// An answer to a request as every host tells it, or why the request cannot be looked at.
pub fn told(answer: Result<Result<Value>, RequestRefused>) -> Result<Value> {
    Ok(match answer {
        Ok(answer) => {
            let mut answer = answer?;
            answer["ok"] = json!(true);
            answer
        }
        Err(RequestRefused::UnknownNode { node }) => {
            json!({ "ok": false, "code": "unknown_node", "node": node })
        }
        Err(RequestRefused::UnknownSku { sku }) => {
            json!({ "ok": false, "code": "unknown_sku", "sku": sku })
        }
        Err(refused) => json!({ "ok": false, "code": refused.code() }),
    })
}

fn time(millis: i64) -> Result<Time> {
    Time::new(millis).context("a moment before 1970")
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let digits: Vec<char> = text.chars().collect();
    let bytes = digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16));
    bytes.collect::<Result<_, _>>().context("not hexadecimal")
}

/// A host in a process of its own that reads a question on each line and answers on the next: see `hosts/`.
pub struct Remote {
    name: &'static str,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Remote {
    /// Starts `hosts/NAME.mjs` under Node.js.
    pub fn start(name: &'static str) -> Result<Remote> {
        let script = folder().join("hosts").join(format!("{name}.mjs"));
        if !script.is_file() {
            bail!("there is no host `{name}`: {} is missing", script.display());
        }
        let mut process = Command::new("node")
            .arg(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Node.js")?;
        let questions = process.stdin.take().context("no way to ask")?;
        let answers = BufReader::new(process.stdout.take().context("no way to listen")?);
        let mut remote = Remote { name, process, questions, answers };
        remote.open().with_context(|| {
            format!("host `{name}` does not answer; `cargo xtask cases` builds what it needs")
        })?;
        Ok(remote)
    }

    fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            bail!("host `{}` ended while it was asked {question}", self.name);
        }
        let mut answer: Value = serde_json::from_str(&answer)?;
        match answer.get_mut("answer") {
            Some(answer) => Ok(answer.take()),
            None => bail!("host `{}` failed on {question}: {}", self.name, answer["error"]),
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        // Nothing is lost with a host that is no longer needed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Host for Remote {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open(&mut self) -> Result<()> {
        self.ask(&json!({ "do": "open" })).map(drop)
    }

    fn tell(&mut self, door: Door, event: &str) -> Result<Value> {
        self.ask(&json!({ "do": door.code(), "event": event }))
    }

    fn availability(&mut self, sku: &str, node: &str, now: i64) -> Result<Value> {
        self.ask(&json!({ "do": "availability", "sku": sku, "node": node, "now": now }))
    }

    fn promise(&mut self, request: &Value) -> Result<Value> {
        self.ask(&json!({ "do": "promise", "request": request }))
    }

    fn shown(&mut self, query: &Value) -> Result<Value> {
        self.ask(&json!({ "do": "shown", "query": query }))
    }

    fn live(&mut self, door: &str, query: &Value) -> Result<Value> {
        self.ask(&json!({ "do": door, "query": query }))
    }

    fn catalogue(&mut self, door: &str, query: &Value) -> Result<Value> {
        self.ask(&json!({ "do": door, "query": query }))
    }

    fn atp(&mut self, query: &Value) -> Result<Value> {
        self.ask(&json!({ "do": "atp", "query": query }))
    }

    fn exceptions(&mut self, now: i64) -> Result<Value> {
        self.ask(&json!({ "do": "exceptions", "now": now }))
    }

    fn digest(&mut self) -> Result<String> {
        Ok(self.ask(&json!({ "do": "digest" }))?.as_str().context("no digest")?.to_owned())
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        unhex(self.ask(&json!({ "do": "snapshot" }))?.as_str().context("no snapshot")?)
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<()> {
        self.ask(&json!({ "do": "restore", "snapshot": hex(snapshot) })).map(drop)
    }
}

/// Whether what a host runs on has been built.
pub fn is_built(name: &str) -> bool {
    let built = match name {
        "native" => return true,
        "npm" => "npm/dist/node.js",
        _ => "npm/wasm/onhand_bg.wasm",
    };
    folder().parent().is_some_and(|workspace| workspace.join(built).is_file())
}

/// The folder of this crate: cases, hosts and planted bugs are in it.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
