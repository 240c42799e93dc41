//! The service is killed, again and again, in the middle of its work: nothing that it answered is lost, nothing is there twice, and
//! what was told at once is there whole or not at all.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The program, listening.
struct Service {
    child: Arc<Mutex<Child>>,
    url: String,
}

impl Service {
    fn start(database: &Path) -> Service {
        Service::start_with(database, &[])
    }

    fn start_with(database: &Path, arguments: &[&str]) -> Service {
        Service::run(&mut program(
            database,
            &[&["--port", "0", "--snapshot-every", "40"], arguments].concat(),
        ))
    }

    fn run(command: &mut Command) -> Service {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let line = first_line(&mut child);
        let url = line.split("/ ").next().expect("a line has a first word").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Service { child: Arc::new(Mutex::new(child)), url }
    }

    /// Ends it as a machine that loses its power would end it.
    fn kill(self) {
        drop(self);
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, ureq::Error> {
        self.post_as("application/json", path, body)
    }

    fn post_as(&self, kind: &str, path: &str, body: &Value) -> Result<Value, ureq::Error> {
        let request = ureq::post(format!("{}{path}", self.url)).content_type(kind);
        read(request.config().http_status_as_error(false).build().send(body.to_string())?)
    }

    fn head(&self) -> Result<Value, ureq::Error> {
        read(ureq::get(format!("{}/head", self.url)).call()?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&self.child);
    }
}

/// What a program says first; nothing where it ends before.
fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let said = child.stdout.take().expect("it is piped");
    BufReader::new(said).read_line(&mut line).expect("it can be read");
    line
}

fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // Of one that has ended there is nothing to kill.
    let _ = child.kill();
    child.wait().expect("it ends");
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Result<Value, ureq::Error> {
    Ok(serde_json::from_str(&answer.body_mut().read_to_string()?).expect("answers are JSON"))
}

fn program(database: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onhand-orders"));
    command.arg(database).args(arguments);
    command
}

fn audit(database: &Path, arguments: &[&str]) -> Output {
    program(database, &[&["--audit"], arguments].concat()).output().expect("it runs")
}

const SKUS: [&str; 3] = ["TEA", "CUP", "POT"];

/// What is told: paths and bodies. Deliveries in lists, orders one by one, more of them than there is stock for.
fn day() -> Vec<(&'static str, Value)> {
    let event = |id: usize, kind: &str, node: &str| json!({ "source": "shop", "id": id, "occurred": 1_000 + id, "kind": kind, "node": node });
    let mut master: Vec<Value> = SKUS
        .iter()
        .map(|sku| json!({ "kind": "item_change", "terms": { "item": { "sku": sku, "unit": "each" } } }))
        .chain(["S1", "S2"].map(|node| {
            let terms =
                json!({ "node": node, "type": "store", "on_line": true, "ships": true, "picks_up": true });
            json!({ "kind": "node_change", "terms": { "node": terms } })
        }))
        .collect();
    for (id, event) in master.iter_mut().enumerate() {
        (event["source"], event["id"], event["occurred"]) = (json!("master"), json!(id + 1), json!(1));
    }
    let mut dice = fastrand::Rng::with_seed(1);
    let mut told = vec![("/facts", Value::Array(master))];
    let mut id = 0;
    for order in 0..120 {
        let node = dice.choice(["S1", "S2"]).expect("two");
        let mut next = |kind: &str, line: Value| {
            id += 1;
            let mut event = event(id, kind, node);
            event["lines"] = json!([line]);
            event
        };
        if order % 10 == 0 {
            let delivery = SKUS.map(|sku| next("receipt", json!({ "sku": sku, "quantity": 9 })));
            let sales = SKUS.map(|sku| next("sell", json!({ "sku": sku, "quantity": 1 })));
            told.push(("/facts", Value::Array(delivery.into_iter().chain(sales).collect())));
        }
        let line = json!({ "sku": dice.choice(SKUS).expect("three"), "quantity": dice.u8(1..4) });
        for kind in ["reserve", "ship"] {
            let mut intent = next(kind, line.clone());
            intent["subject"] = json!(format!("order-{order}"));
            told.push(("/intents", intent));
        }
    }
    told
}

/// An answer without what differs when a thing is told again.
fn first_told(mut answer: Value) -> Value {
    let answers = answer.as_array_mut().map_or_else(Vec::new, |list| list.iter_mut().collect());
    for one in answers {
        *one = first_told(one.take());
    }
    if let Some(one) = answer.as_object_mut() {
        one.remove("replayed");
        one.remove("exceptions");
    }
    answer
}

#[test]
fn nothing_is_lost_or_there_twice_however_often_the_service_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let day = day();
    let calm = folder.path().join("calm.sqlite");
    let service = Service::start(&calm);
    let begun = Instant::now();
    let expected: Vec<Value> =
        day.iter().map(|(path, body)| service.post(path, body).expect("it answers")).collect();
    // It is killed some thirty times, whether the machine is fast or slow.
    let longest = begun.elapsed() / 15;
    let end = service.head().expect("it answers");
    service.kill();
    let refused = expected.iter().filter(|answer| answer["code"] == "insufficient").count();
    assert!((10..100).contains(&refused), "{refused} orders are refused for want of stock");

    let database = folder.path().join("killed.sqlite");
    let mut dice = fastrand::Rng::with_seed(2);
    let (mut kills, mut lost_answers, mut heads) = (0, 0, Vec::new());
    let mut service = doomed(&database, longest, &mut dice);
    for ((path, body), expected) in day.iter().zip(&expected) {
        let answer = loop {
            match service.0.post(path, body) {
                Ok(answer) => break answer,
                // It was killed before it answered. Whether it had heard, nobody knows: it is told again.
                Err(_) => {
                    let Doomed(dead, stop) = service;
                    drop(stop);
                    dead.kill();
                    kills += 1;
                    service = doomed(&database, longest, &mut dice);
                }
            }
        };
        // What was told at once is there whole or not at all.
        if let Some(list) = answer.as_array() {
            assert!(list.iter().all(|one| one["replayed"] == list[0]["replayed"]), "{answer}");
        }
        let replayed = answer["replayed"] == true || answer[0]["replayed"] == true;
        lost_answers += usize::from(replayed);
        assert_eq!(first_told(answer), first_told(expected.clone()), "{body}");
        if dice.u8(0..20) == 0 {
            heads.extend(service.0.head());
        }
    }
    let Doomed(survivor, stop) = service;
    drop(stop);
    survivor.kill();
    assert!(kills >= 10, "it was killed {kills} times");
    println!("killed {kills} times, {lost_answers} times after it had kept what it had not answered");

    // All of it follows from the trail, and every head that was ever told is in it.
    let after = Service::start(&database);
    assert_eq!(after.head().expect("it answers")["digest"], end["digest"]);
    after.kill();
    for head in heads {
        let held = audit(&database, &["--known", head["known"].as_str().expect("a text")]);
        assert!(held.status.success(), "{}", String::from_utf8_lossy(&held.stderr));
    }
}

/// A service that is killed at some moment from now, unless it is stopped before.
struct Doomed(Service, Sender<()>);

fn doomed(database: &Path, longest: Duration, dice: &mut fastrand::Rng) -> Doomed {
    let service = Service::start(database);
    let (stop, stopped) = channel();
    let (child, after) = (Arc::clone(&service.child), longest.mul_f64(dice.f64()));
    thread::spawn(move || {
        if stopped.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
            end(&child);
        }
    });
    Doomed(service, stop)
}

#[test]
fn a_second_program_that_writes_stops_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("two.sqlite");
    let (first, second) = (Service::start(&database), Service::start(&database));
    let day = day();
    first.post("/facts", &day[0].1).expect("it answers");
    let answer = second.post("/facts", &day[1].1).expect("it answers");
    assert_eq!(answer["code"], "not_kept", "{answer}");
    let ended = second.child.lock().expect("nobody holds it").wait().expect("it ends");
    assert!(!ended.success());
    first.post("/facts", &day[1].1).expect("it answers");
    let head = first.head().expect("it answers");
    first.kill();
    let after = Service::start(&database);
    assert_eq!(after.head().expect("it answers"), head);
    after.kill();
}

#[test]
fn what_was_changed_behind_its_back_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("edited.sqlite");
    let service = Service::start(&database);
    for (path, body) in &day()[..4] {
        service.post(path, body).expect("it answers");
    }
    let head = service.head().expect("it answers");
    service.kill();
    let known = head["known"].as_str().expect("a text");
    assert!(audit(&database, &["--known", known]).status.success());
    let sql = rusqlite::Connection::open(&database).expect("it opens");
    sql.execute(
        "UPDATE entry SET body = replace(body, '\"quantity\":9', '\"quantity\":8') WHERE number = 6",
        [],
    )
    .expect("it runs");
    let found = audit(&database, &[]);
    assert!(!found.status.success());
    let said = String::from_utf8_lossy(&found.stderr).into_owned();
    assert!(said.contains("entry 6"), "{said}");
    // The last entries cut off is what only a head that was kept elsewhere can show.
    sql.execute(
        "UPDATE entry SET body = replace(body, '\"quantity\":8', '\"quantity\":9') WHERE number = 6",
        [],
    )
    .expect("it runs");
    sql.execute("DELETE FROM entry WHERE number = (SELECT max(number) FROM entry)", []).expect("it runs");
    assert!(audit(&database, &[]).status.success());
    assert!(!audit(&database, &["--known", known]).status.success());
}

#[test]
fn a_trail_is_audited_while_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("busy.sqlite");
    let service = Service::start(&database);
    thread::scope(|scope| {
        let writing = scope.spawn(|| day().iter().for_each(|(path, body)| drop(service.post(path, body))));
        while !writing.is_finished() {
            let held = audit(&database, &[]);
            assert!(held.status.success(), "{}", String::from_utf8_lossy(&held.stderr));
        }
    });
}

#[test]
fn a_snapshot_that_is_not_of_the_trail_is_not_gone_on_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let [database, other, tried] = ["trail", "other", "tried"].map(|name| folder.path().join(name));
    let day = day();
    for (database, first) in [(&database, 1), (&other, 2)] {
        let service = Service::start(database);
        for (path, body) in day[..1].iter().chain(&day[first..80]) {
            service.post(path, body).expect("it answers");
        }
        service.kill();
        // Nothing is left beside the file, which is then the whole database.
        let sql = rusqlite::Connection::open(database).expect("it opens");
        sql.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;").expect("it runs");
    }
    // The entries behind the snapshot are gone in all of them: without it nothing would be seen.
    let at = "(SELECT number FROM snapshot)";
    let attach = format!("ATTACH '{}' AS other", other.display());
    let harms = [
        ("", None),
        ("DELETE FROM entry WHERE number = {at}", Some("the log ends before")),
        ("DELETE FROM entry", Some("the log ends before")),
        ("UPDATE snapshot SET seal = zeroblob(32)", Some("known head")),
        (
            "UPDATE entry SET body = replace(body, '\"occurred\":1', '\"occurred\":2') WHERE number = {at}",
            Some("entry"),
        ),
        (
            "DELETE FROM entry; INSERT INTO entry SELECT * FROM other.entry WHERE number <= {at}",
            Some("entry"),
        ),
    ];
    for (harm, expected) in harms {
        std::fs::copy(&database, &tried).expect("it is copied");
        let sql = rusqlite::Connection::open(&tried).expect("it opens");
        let harm = harm.replace("{at}", at);
        sql.execute_batch(&format!("{attach}; DELETE FROM entry WHERE number > {at}; {harm}; DETACH other"))
            .expect("it runs");
        drop(sql);
        let mut child = program(&tried, &["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let line = first_line(&mut child);
        // Of one that has ended there is nothing to kill.
        let _ = child.kill();
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        match expected {
            None => assert!(line.starts_with("http://"), "{line}{said}"),
            Some(word) => {
                assert!(line.is_empty(), "{harm}: it went on: {line}");
                assert!(
                    said.contains("the snapshot is of another trail") && said.contains(word),
                    "{harm}: {said}"
                );
            }
        }
    }
}

#[test]
fn who_sends_half_of_a_request_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(&folder.path().join("slow.sqlite"));
    let halves = ["/facts", "/intents", "/promises", "/facts"].map(|path| begin(&service, path, 2_000));
    // What was sent first is heard first.
    thread::sleep(Duration::from_millis(200));
    let soon = ureq::get(format!("{}/head", service.url))
        .config()
        .timeout_global(Some(Duration::from_secs(20)))
        .build();
    let head = read(soon.call().expect("it answers in time")).expect("it can be read");
    assert_eq!(head["entries"], 0);
    service.post("/facts", &day()[0].1).expect("it answers");
    drop(halves);
    assert_eq!(service.head().expect("it answers")["entries"], 5);
    service.kill();
}

/// A connection on which nothing is said yet.
fn connect(service: &Service) -> TcpStream {
    TcpStream::connect(service.url.trim_start_matches("http://")).expect("it listens")
}

/// Sends the head of a request with a body of so many bytes, and the first of them.
fn begin(service: &Service, path: &str, length: usize) -> TcpStream {
    let mut stream = connect(service);
    let host = service.url.trim_start_matches("http://");
    let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
    write!(stream, "{head}Content-Length: {length}\r\n\r\n[").expect("it is sent");
    stream
}

/// What is said on a connection until it is closed, and how long that takes.
fn hear_out(mut stream: TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("it can be set");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("it is closed in time");
    (said, begun.elapsed())
}

#[test]
fn who_says_nothing_or_little_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start_with(&folder.path().join("idle.sqlite"), &["--patience", "2"]);
    let [idle, mut head, half] = [connect(&service), connect(&service), begin(&service, "/facts", 5_000)];
    write!(head, "GET /head HT").expect("it is sent");
    // A body that comes byte by byte, each soon after the one before.
    let slow = begin(&service, "/facts", 5_000);
    let mut sending = slow.try_clone().expect("it can be had twice");
    let trickle = thread::spawn(move || {
        while sending.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    service.post("/facts", &day()[0].1).expect("it answers");
    for stream in [idle, head] {
        let (said, after) = hear_out(stream);
        assert_eq!((said.as_str(), after < Duration::from_secs(10)), ("", true), "{after:?}");
    }
    for stream in [half, slow] {
        let (said, after) = hear_out(stream);
        assert!(said.starts_with("HTTP/1.1 408 ") && after < Duration::from_secs(10), "{after:?}: {said}");
        let why: Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON");
        assert_eq!(why, json!({ "ok": false, "code": "too_slow", "limit": "seconds", "max": 2 }));
    }
    trickle.join().expect("it ends");
    assert_eq!(service.head().expect("it answers")["entries"], 5);
}

#[test]
fn a_crowd_that_says_nothing_keeps_nobody_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let service =
        Service::start_with(&folder.path().join("crowd.sqlite"), &["--requests", "10", "--patience", "60"]);
    let crowd: Vec<TcpStream> = (0..400).map(|_| connect(&service)).collect();
    service.post("/facts", &day()[0].1).expect("it answers");
    let (said, _) = hear_out(crowd.into_iter().next().expect("a crowd has a first"));
    assert_eq!(said, "", "the oldest has made room");
    let begun: Vec<TcpStream> = (0..10).map(|_| begin(&service, "/facts", 5_000)).collect();
    // They are heard before the next.
    thread::sleep(Duration::from_millis(500));
    let refused = service.post("/facts", &day()[1].1).expect("it answers");
    assert_eq!(refused, json!({ "ok": false, "code": "busy", "limit": "requests", "max": 10 }));
    drop(begun);
    thread::sleep(Duration::from_millis(500));
    service.post("/facts", &day()[1].1).expect("it answers");
    assert_eq!(service.head().expect("it answers")["entries"], 11);
}

#[test]
fn who_does_not_fetch_the_answer_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start_with(&folder.path().join("fetched.sqlite"), &["--patience", "1"]);
    service.post("/facts", &day()[0].1).expect("it answers");
    // Refused one by one, with their numbers: more than lies between the two programs.
    let lines = SKUS.map(|sku| json!({ "sku": sku, "quantity": 1 }));
    let order = |id| json!({ "source": "a", "id": id, "occurred": 1, "kind": "reserve", "node": "S1", "subject": "a", "lines": lines });
    let text = Value::from_iter((0..23_000).map(order)).to_string();
    let mut stream = begin(&service, "/intents", text.len());
    stream.write_all(&text.as_bytes()[1..]).expect("it is sent");
    let mut first = [0; 1 << 10];
    stream.read_exact(&mut first).expect("it answers");
    let head = String::from_utf8_lossy(&first).into_owned();
    let length =
        head.split("content-length: ").nth(1).and_then(|rest| rest.split_once("\r\n")).expect("a length").0;
    thread::sleep(Duration::from_secs(3));
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    let length: usize = length.parse().expect("a number");
    assert!(rest.len() + first.len() < length, "all {length} bytes");
}

/// Out of files it heard nobody any more, ever.
#[cfg(unix)]
#[test]
fn a_system_without_files_left_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let few = program(&folder.path().join("few.sqlite"), &["--port", "0"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 40 && exec \"$@\"", "sh"]).arg(few.get_program()).args(few.get_args());
    let service = Service::run(&mut limited);
    let crowd: Vec<TcpStream> = (0..100).map(|_| connect(&service)).collect();
    service.post("/facts", &day()[0].1).expect("it answers");
    drop(crowd);
    assert_eq!(service.head().expect("it answers")["entries"], 5);
}

#[test]
fn what_is_too_long_is_refused_and_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(&folder.path().join("long.sqlite"));
    let answer = service.post("/facts", &json!("x".repeat(5 << 20))).expect("it answers");
    assert_eq!(answer, json!({ "ok": false, "code": "over_limit", "limit": "body", "max": 4 << 20 }));
    let mut stream = connect(&service);
    // It is cut off somewhere on its way, and may be told so.
    let _ = write!(stream, "GET /head HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(8 << 20));
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 "), "{said}");
    assert_eq!(service.head().expect("it answers")["entries"], 0);
}

/// The status and the text with which a question under a name is answered, as it goes over the wire.
fn asked_as(url: &str, head: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    write!(stream, "{head}Connection: close\r\n\r\n").expect("it is sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    (status, text)
}

#[test]
fn only_the_names_of_this_machine_and_those_given_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = ["--host-name", "orders.example", "--host-name", "[fd00::1]:8443"];
    let service = Service::start_with(&folder.path().join("named.sqlite"), &given);
    let port: u16 = service.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let local = |name: &str| format!("{name}:{port}");
    let known = [local("localhost"), local("127.0.0.1"), local("[::1]"), local("LocalHost")];
    for host in known.iter().map(String::as_str).chain([
        "orders.example",
        "Orders.Example",
        "orders.example:8443",
        "[fd00::1]:8443",
    ]) {
        let (status, text) = asked_as(&service.url, &format!("GET /head HTTP/1.1\r\nHost: {host}\r\n"));
        assert_eq!(status, 200, "{host}: {text}");
    }
    let foreign = ["rebound.example", "localhost.rebound.example", "orders.example.rebound", "localhost", ""];
    let others =
        [local("rebound.example"), local("127.0.0.1.rebound.example"), format!("localhost:{}", port ^ 1)];
    for host in others.iter().map(String::as_str).chain(foreign).chain(["[fd00::1]", "[fd00::1]:1"]) {
        for asks in ["GET /head", "GET /snapshot", "POST /facts", "GET /elsewhere"] {
            let (status, text) = asked_as(&service.url, &format!("{asks} HTTP/1.1\r\nHost: {host}\r\n"));
            assert_eq!(status, 421, "{host}: {text}");
            assert!(text.contains(r#""code":"unknown_host""#), "{text}");
            assert!(text.contains(&json!(host).to_string()), "{text}");
        }
    }
    for heads in ["", "Host: localhost:PORT\r\nHost: rebound.example\r\n"] {
        let heads = heads.replace("PORT", &port.to_string());
        assert_eq!(asked_as(&service.url, &format!("GET /head HTTP/1.1\r\n{heads}")).0, 421, "{heads}");
    }
    service.kill();
}

#[test]
fn what_is_wrong_with_a_request_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(&folder.path().join("wrong.sqlite"));
    let day = day();
    service.post("/facts", &day[0].1).expect("it answers");
    let before = service.head().expect("it answers");
    let mut list = day[1].1.clone();
    list[3]["lines"][0]["quantity"] = json!("nine");
    let answer = service.post("/facts", &list).expect("it answers");
    assert_eq!((answer["ok"].clone(), answer["code"].clone()), (json!(false), json!("malformed")));
    let place = list.to_string().find("\"nine\"").expect("it is there") + 1;
    assert_eq!((answer["line"].clone(), answer["column"].clone()), (json!(1), json!(place)), "{answer}");
    let answer = service.post("/promises", &json!({ "lines": [], "to": "S1" })).expect("it answers");
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("S1")), "{answer}");
    let answer =
        service.post("/promises", &json!({ "lines": [], "to": { "pick_up": "S1" } })).expect("it answers");
    assert_eq!(answer["code"], "no_lines");
    assert_eq!(service.head().expect("it answers"), before);
    let answer = service.post_as("text/plain", "/facts", &day[1].1).expect("it answers");
    assert_eq!(answer["code"], "not_json");
    assert_eq!(service.head().expect("it answers"), before);
    let answer = service.post("/orders", &json!(1)).expect("it answers");
    assert_eq!(answer["code"], "not_found");
    let request =
        json!({ "lines": [{ "sku": "TEA", "quantity": 2 }], "to": { "pick_up": "S1" }, "now": 2_000 });
    service.post("/facts", &day[1].1).expect("it answers");
    let offer = service.post("/promises", &request).expect("it answers");
    assert_eq!(offer["proven"], true, "{offer}");
    service.kill();
}

#[test]
fn the_readme_says_what_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(&folder.path().join("readme.sqlite"));
    let mut asked = 0;
    for command in include_str!("../README.md").split("$ curl http://127.0.0.1:8090").skip(1) {
        let path = command.split(' ').next().expect("it has a path");
        if let Some(body) = command.split("--json '").nth(1).and_then(|rest| rest.split('\'').next()) {
            let body = serde_json::from_str(body).expect("what the README sends is JSON");
            let answer = service.post(path, &body).expect("it answers");
            let answers = answer.as_array().cloned().unwrap_or(vec![answer]);
            assert!(
                answers.iter().all(|one| one["ok"] == true || one["proven"] == true),
                "{path}: {answers:?}"
            );
            asked += 1;
        }
    }
    assert_eq!((asked, service.head().expect("it answers")["entries"].clone()), (3, json!(4)));
}
