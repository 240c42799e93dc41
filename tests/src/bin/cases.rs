//! `cases [--host native|wasm|npm|all] [--json [FILE.json]] [FILE…]`: plays files of text cases and prints what differed.
//!
//! Without FILE it plays the whole corpus. Without `--host` it plays on every host; those that are not built are counted
//! as skipped. The last line is `cases: N passed, N failed, N skipped`, where a case counts once for each host.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use onhand_tests::case::{self, Case, Step};
use onhand_tests::host::{self, Host, Native, Remote};
use onhand_tests::run::{self, Difference};
use serde_json::{Value, json};

const USAGE: &str = "usage: cargo xtask cases [--host native|wasm|npm|all] [--json [FILE.json]] [FILE…]

Plays files of text cases, or the whole corpus, on every host and prints what differed.

  --host NAME         play on this host alone; may be repeated
  --json [FILE.json]  list for each case and host its id, host, door, expected, got and differs_because, on the
                      standard output or in FILE.json";

/// Where the list goes.
enum Report {
    Printed,
    Written(PathBuf),
}

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|word| ["--help", "-h"].contains(&word.as_str())) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    onhand_tests::exit(&cases())
}

struct Options {
    hosts: Vec<&'static str>,
    /// Hosts that are not built.
    skipped: Vec<&'static str>,
    json: Option<Report>,
    files: Vec<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options { hosts: Vec::new(), skipped: Vec::new(), json: None, files: Vec::new() };
    let mut words = std::env::args().skip(1).peekable();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--host" => match words.next().as_deref() {
                Some("all") => options.hosts.extend(host::ALL),
                Some(name) => match host::ALL.iter().find(|host| **host == name) {
                    Some(host) => options.hosts.push(host),
                    None => bail!("there is no host `{name}`\n{USAGE}"),
                },
                None => bail!("{USAGE}"),
            },
            "--json" => {
                let file = words.next_if(|word| word.ends_with(".json"));
                options.json = Some(file.map_or(Report::Printed, |file| Report::Written(file.into())));
            }
            flag if flag.starts_with('-') => bail!("`{flag}` is not known\n{USAGE}"),
            file => options.files.push(file.into()),
        }
    }
    if options.hosts.is_empty() {
        (options.hosts, options.skipped) = host::ALL.iter().partition(|name| host::is_built(name));
        for name in &options.skipped {
            eprintln!("skipped: {name} is not built; `cargo xtask wasm` builds it");
        }
    }
    Ok(options)
}

fn start(name: &'static str) -> Result<Box<dyn Host>> {
    Ok(match name {
        "native" => Box::new(Native::default()),
        _ => Box::new(Remote::start(name)?),
    })
}

/// What became of a case on a host.
struct Verdict<'a> {
    case: &'a Case,
    host: &'static str,
    /// What the last step that says so is to answer, and what it answered: shown when nothing differed.
    last: (&'static str, String),
    differences: Vec<Difference>,
}

fn cases() -> Result<bool> {
    let options = options()?;
    let mut cases: Vec<Case> = Vec::new();
    for file in run::files(options.files)? {
        cases.extend(case::read(&file)?);
    }
    let mut verdicts = Vec::new();
    for name in &options.hosts {
        verdicts.extend(play_all(name, &cases)?);
    }
    let list = || {
        let rows: Vec<Value> = verdicts.iter().map(row).collect();
        serde_json::to_string_pretty(&rows)
    };
    let closing = closing(&verdicts, cases.len() * options.skipped.len());
    match &options.json {
        // The list alone is on the standard output, so that it can be read as it is.
        Some(Report::Printed) => {
            println!("{}", list()?);
            eprintln!("{closing}");
        }
        other => {
            if let Some(Report::Written(file)) = other {
                write(file, &list()?)?;
            }
            for one in verdicts.iter().flat_map(|verdict| &verdict.differences) {
                println!("{}", told(one));
            }
            println!("{closing}");
        }
    }
    Ok(verdicts.iter().all(|verdict| verdict.differences.is_empty()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, format!("{text}\n")).with_context(|| format!("cannot write {}", file.display()))
}

fn closing(verdicts: &[Verdict<'_>], skipped: usize) -> String {
    let failed = verdicts.iter().filter(|verdict| !verdict.differences.is_empty()).count();
    format!("cases: {} passed, {failed} failed, {skipped} skipped", verdicts.len() - failed)
}

/// Every host must say what its case says, and the same as the crate itself where the case says nothing.
fn play_all<'a>(name: &'static str, cases: &'a [Case]) -> Result<Vec<Verdict<'a>>> {
    let mut host = start(name)?;
    let mut native = Native::default();
    let mut verdicts = Vec::new();
    for case in cases {
        let played = run::play(host.as_mut(), case).with_context(|| format!("case {} on {name}", case.id))?;
        let mut differences = played.differences;
        if name != "native" {
            let reference = run::play(&mut native, case)?;
            let last = case.steps.last().map_or(case.line, |step| step.line);
            let mut pairs = vec![("digest", last, "digest at the end", &reference.digest, &played.digest)];
            let apart = |step: &Step| step.elsewhere.as_ref().is_some_and(|(host, _)| host == name);
            for (step, (expected, got)) in
                case.steps.iter().zip(reference.answers.iter().zip(&played.answers))
            {
                if !apart(step) {
                    pairs.push(("as native", step.line, &step.text, expected, got));
                }
            }
            differences.extend(pairs.into_iter().filter(|(.., expected, got)| expected != got).map(
                |(door, line, step, expected, got)| Difference {
                    id: case.id.clone(),
                    host: name,
                    door,
                    file: case.file.clone(),
                    line,
                    step: step.to_owned(),
                    expected: expected.clone(),
                    got: got.clone(),
                    differs_because: case.differs_because.clone(),
                },
            ));
        }
        verdicts.push(Verdict { case, host: name, last: played.last, differences });
    }
    Ok(verdicts)
}

fn told(one: &Difference) -> String {
    let because =
        one.differs_because.as_ref().map_or_else(String::new, |why| format!("\n  differs because {why}"));
    format!(
        "{}:{}: case {} on {} ({})\n  {}\n  expected {}\n  got      {}{because}\n",
        one.file, one.line, one.id, one.host, one.door, one.step, one.expected, one.got
    )
}

/// A row of the list: the first step that differed, or the last that was held to something.
fn row(verdict: &Verdict<'_>) -> Value {
    let case = verdict.case;
    let (door, line, expected, got) = match verdict.differences.first() {
        Some(one) => (one.door, one.line, &one.expected, &one.got),
        None => (verdict.last.0, case.line, &verdict.last.1, &verdict.last.1),
    };
    json!({
        "id": case.id, "host": verdict.host, "door": door, "expected": expected, "got": got,
        "differs_because": case.differs_because, "differences": verdict.differences.len(), "why": case.why,
        "file": case.file, "line": line,
    })
}
