//! Requests over HTTP, one a connection: bounded in number, in size and in time, before the book is asked anything.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::{sleep, timeout};

/// Longest body, in bytes.
const BODY_MAX: usize = 4 << 20;
/// Longest head of a request, in bytes: what it asks for, and its headers.
const HEAD_MAX: usize = 64 << 10;

/// A request that was heard, and where its answer goes.
pub struct Asked {
    pub method: Method,
    pub url: String,
    pub text: Said,
    pub reply: oneshot::Sender<Answered>,
}

pub type Answered = Response<Full<Bytes>>;

/// The text of a request, or what is wrong with it.
pub type Said = Result<String, Answered>;

/// Who is heard, and how much of them.
pub struct Hearing {
    /// The names under which it answers, besides those of this machine.
    pub names: Vec<String>,
    /// The port on which it listens.
    pub port: u16,
    /// Most requests that are read and answered at once. There may be twice as many connections.
    pub requests: usize,
    /// Longest that the head of a request may take, and then its body, and then its answer to be fetched.
    pub patience: Duration,
}

/// Hears requests until nobody wants to know of them, and those that were heard have their answer. Where there is no room for one more
/// connection, the oldest of those that have asked nothing yet makes some.
pub async fn listen(listener: TcpListener, hearing: Hearing, hear: Sender<Asked>) {
    let connections = 2 * hearing.requests;
    let (room, work) = (Arc::new(Semaphore::new(connections)), Arc::new(Semaphore::new(hearing.requests)));
    let hearing = Arc::new(hearing);
    let mut silent: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            () = hear.closed() => break,
            accepted = listener.accept() => accepted,
        };
        silent.retain(|one| !one.is_closed());
        // Without room of ours, or the system's, which is out of files.
        if room.available_permits() == 0 || accepted.is_err() {
            let _ = silent.pop_front().map(|oldest| oldest.send(()));
        }
        let Ok((stream, _)) = accepted else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let place = Arc::clone(&room).acquire_owned().await.expect("it is never closed");
        let (leave, told_to_leave) = oneshot::channel();
        silent.push_back(leave);
        let (hearing, work, hear) = (Arc::clone(&hearing), Arc::clone(&work), hear.clone());
        tokio::spawn(async move {
            attend(stream, &hearing, &work, &hear, told_to_leave).await;
            drop(place);
        });
    }
    // Those who asked nothing leave.
    drop(silent);
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let _ = timeout(hearing.patience, room.acquire_many(all)).await;
}

/// Hears and answers what one connection asks.
async fn attend(
    stream: TcpStream,
    hearing: &Hearing,
    work: &Semaphore,
    hear: &Sender<Asked>,
    told_to_leave: oneshot::Receiver<()>,
) {
    let (asked, answered) = (Notify::new(), Notify::new());
    let answer = async |request| {
        asked.notify_one();
        let answer = match work.try_acquire() {
            Ok(_working) => hearing.answer(request, hear).await,
            Err(_) => limit(503, "busy", "requests", hearing.requests as u64),
        };
        answered.notify_one();
        Ok::<_, Infallible>(answer)
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(hearing.patience)
        .max_buf_size(HEAD_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    let waited_enough = async {
        tokio::select! {
            _ = told_to_leave => return,
            () = asked.notified() => {}
        }
        answered.notified().await;
        sleep(hearing.patience).await;
    };
    tokio::select! {
        // Who goes away before the answer asks again.
        _ = connection => {}
        () = waited_enough => {}
    }
}

impl Hearing {
    async fn answer(&self, request: Request<Incoming>, hear: &Sender<Asked>) -> Answered {
        if let Some(refused) = self.refuse(&request) {
            return refused;
        }
        let (method, url) = (request.method().clone(), request.uri().to_string());
        let text = self.read(request).await;
        let (reply, answer) = oneshot::channel();
        // What is never answered came as the program stopped.
        let _ = hear.send(Asked { method, url, text, reply }).await;
        answer.await.unwrap_or_else(|_| said(503, json!({ "ok": false, "code": "stopping" }).to_string()))
    }

    /// The text of a request. It says that it is JSON: a page of somebody else, open on this machine, cannot without asking first.
    async fn read(&self, request: Request<Incoming>) -> Said {
        let kind = request.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if !kind.starts_with(b"application/json") {
            return Err(said(415, json!({ "ok": false, "code": "not_json" }).to_string()));
        }
        match timeout(self.patience, body(request.into_body())).await {
            Ok(Ok(Some(bytes))) => {
                String::from_utf8(bytes).map_err(|error| malformed(&error.to_string(), 1, 1))
            }
            Ok(Ok(None)) => Err(limit(413, "over_limit", "body", BODY_MAX as u64)),
            Ok(Err(error)) => Err(malformed(&error.to_string(), 1, 1)),
            Err(_) => Err(limit(408, "too_slow", "seconds", self.patience.as_secs())),
        }
    }

    /// A page of somebody else whose name leads here (DNS rebinding) asks under that name: what it may not ask is not read.
    fn refuse(&self, request: &Request<Incoming>) -> Option<Answered> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        if hosts.next().is_none() && host.is_some_and(|host| self.is_known(host)) {
            return None;
        }
        let message = "a name of this machine with its port, or one that --host-name gave, is asked for";
        let why = json!({ "ok": false, "code": "unknown_host", "host": host, "message": message });
        Some(said(421, why.to_string()))
    }

    fn is_known(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => (name, port),
            _ => (host, "80"),
        };
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let is_local =
            ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is) && port == self.port.to_string();
        is_local || self.names.iter().any(|given| is(given) || given.eq_ignore_ascii_case(host))
    }
}

/// A whole body. Nothing where it is too long: it is heard to its end and not kept, as who is still sending hears nothing.
async fn body(mut body: Incoming) -> hyper::Result<Option<Vec<u8>>> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let data = frame?.into_data().unwrap_or_default();
        length += data.len();
        if length <= BODY_MAX {
            bytes.extend(data);
        }
    }
    Ok((length <= BODY_MAX).then_some(bytes))
}

fn limit(status: u16, code: &str, limit: &str, max: u64) -> Answered {
    said(status, json!({ "ok": false, "code": code, "limit": limit, "max": max }).to_string())
}

pub fn malformed(message: &str, line: usize, column: usize) -> Answered {
    let why = json!({ "ok": false, "code": "malformed", "message": message, "line": line, "column": column });
    said(400, why.to_string())
}

/// An answer in JSON.
pub fn said(status: u16, json: String) -> Answered {
    answered(status, "application/json", json.into_bytes())
}

/// An answer of any kind.
pub fn answered(status: u16, kind: &'static str, bytes: Vec<u8>) -> Answered {
    let mut answer = Response::new(Full::from(bytes));
    *answer.status_mut() = StatusCode::from_u16(status).expect("it is one of ours");
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
