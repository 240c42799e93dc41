//! `cargo xtask evidence`: runs what produces figures and holds every claim of bench/claims.toml to its bar.
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::{bench, process, project, setup};

pub const USAGE: &str = "usage: cargo xtask evidence [--quick]

Runs the tests, the cases, the demo and the bench, and writes target/evidence.json and the page target/evidence.md. A claim
without a figure is short.

  --quick  leave out what takes long; its claims are then short";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    use lexopt::prelude::*;
    let mut quick = false;
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => quick = true,
            _ => return Err(argument.unexpected().into()),
        }
    }
    let reports = project::path("target/evidence");
    // Reports of an earlier run are no evidence of this one.
    fs::remove_dir_all(&reports).ok();
    fs::create_dir_all(&reports)?;
    collect(&reports, quick)?;

    let mut judge = Command::new(bench::ensure()?);
    judge.arg("evidence").args(quick.then_some("--quick"));
    judge.arg("--reports").arg(&reports);
    judge.arg("--json").arg(project::path("target/evidence.json"));
    judge.arg("--page").arg(project::path("target/evidence.md"));
    process::run(&mut judge)?;
    setup::say("evidence", "target/evidence.json and target/evidence.md");
    Ok(())
}

/// What the other commands report. One that fails leaves its claims without a figure.
fn collect(reports: &Path, quick: bool) -> Result<()> {
    let report = |name: &str| reports.join(name).into_os_string();
    log_of(&["test".into()], &reports.join("test.log"))?;
    log_of(&["cases".into(), "--json".into(), report("cases.json")], &reports.join("cases.log"))?;
    if quick {
        return Ok(());
    }
    for (name, order) in
        [("demo", vec![]), ("demo-shuffle", vec!["--shuffle", "1"]), ("demo-reverse", vec!["--reverse"])]
    {
        let mut demo = vec!["demo".into(), "--json".into(), report(&format!("{name}.json"))];
        demo.extend(order.into_iter().map(OsString::from));
        log_of(&demo, &reports.join(format!("{name}.log")))?;
    }
    Ok(())
}

/// Runs another command of this program, its output into a file.
fn log_of(arguments: &[OsString], log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot write `{}`", log.display()))?;
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments).stdin(Stdio::null()).stdout(file).current_dir(project::root());
    setup::say("evidence", &format!("cargo xtask {}", arguments[0].display()));
    if !command.status()?.success() {
        setup::say("evidence", &format!("it failed; see {}", log.display()));
    }
    Ok(())
}
