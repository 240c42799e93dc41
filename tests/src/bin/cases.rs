//! `cases [--host native|wasm|npm|all] [--json] FILE…`: plays files of text cases and prints what differed.
//!
//! Without FILE it plays the whole corpus, without `--host` every host that is built.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use onhand_tests::case::{self, Case, Step};
use onhand_tests::host::{self, Host, Native, Remote};
use onhand_tests::run::{self, Difference};
use serde_json::json;

const USAGE: &str = "usage: cases [--host native|wasm|npm|all] [--json] [FILE…]";

fn main() -> ExitCode {
    match cases() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::from(2)
        }
    }
}

struct Options {
    hosts: Vec<&'static str>,
    json: bool,
    files: Vec<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options { hosts: Vec::new(), json: false, files: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--host" => match words.next().as_deref() {
                Some("native") => options.hosts.push("native"),
                Some("wasm") => options.hosts.push("wasm"),
                Some("npm") => options.hosts.push("npm"),
                Some("all") => options.hosts.extend(["native", "wasm", "npm"]),
                _ => bail!("{USAGE}"),
            },
            "--json" => options.json = true,
            "--help" | "-h" => bail!("{USAGE}"),
            flag if flag.starts_with('-') => bail!("`{flag}` is not known\n{USAGE}"),
            file => options.files.push(file.into()),
        }
    }
    if options.hosts.is_empty() {
        options.hosts.push("native");
        for name in ["wasm", "npm"] {
            match host::is_built(name) {
                true => options.hosts.push(name),
                false => eprintln!("skipped: {name} is not built; `cargo xtask wasm` builds it"),
            }
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

fn cases() -> Result<bool> {
    let options = options()?;
    let mut cases: Vec<Case> = Vec::new();
    for file in run::files(options.files)? {
        cases.extend(case::read(&file)?);
    }
    let mut differences = Vec::new();
    for name in &options.hosts {
        differences.extend(play_all(name, &cases)?);
    }
    if options.json {
        println!("{}", report(&options.hosts, &cases, &differences));
    } else {
        for one in &differences {
            println!("{}", told(one));
        }
        let steps: usize = cases.iter().map(|case| case.steps.len()).sum();
        println!(
            "{} cases, {steps} steps, on {}: {} differences",
            cases.len(),
            options.hosts.join(", "),
            differences.len()
        );
    }
    Ok(differences.is_empty())
}

/// Every host must say what its case says, and the same as the crate itself where the case says nothing.
fn play_all(name: &'static str, cases: &[Case]) -> Result<Vec<Difference>> {
    let mut host = start(name)?;
    let mut native = Native::default();
    let mut differences = Vec::new();
    for case in cases {
        let played = run::play(host.as_mut(), case).with_context(|| format!("case {} on {name}", case.id))?;
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
        differences.extend(played.differences);
    }
    Ok(differences)
}

fn told(one: &Difference) -> String {
    let because =
        one.differs_because.as_ref().map_or_else(String::new, |why| format!("\n  differs because {why}"));
    format!(
        "{}:{}: case {} on {} ({})\n  {}\n  expected {}\n  got      {}{because}\n",
        one.file, one.line, one.id, one.host, one.door, one.step, one.expected, one.got
    )
}

fn report(hosts: &[&str], cases: &[Case], differences: &[Difference]) -> String {
    let differences: Vec<_> = differences
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "host": one.host, "door": one.door, "expected": one.expected, "got": one.got,
                "differs_because": one.differs_because, "file": one.file, "line": one.line, "step": one.step,
            })
        })
        .collect();
    let cases: Vec<_> = cases
        .iter()
        .map(|case| json!({ "id": case.id, "why": case.why, "differs_because": case.differs_because }))
        .collect();
    serde_json::to_string_pretty(&json!({ "hosts": hosts, "cases": cases, "differences": differences }))
        .unwrap_or_default()
}
