//! Runs the measuring programs one after the other and collects what they print.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::measure::Measure;

/// The programs in `bench/js/`, and whether each takes long.
const NODE_PROGRAMS: &[(&str, bool)] = &[
    ("size.mjs", false),
    ("start.mjs", false),
    ("promise.mjs", false),
    ("availability.mjs", false),
    ("solvers.mjs", true),
    ("optimum.mjs", true),
    ("batches.mjs", false),
    ("native.mjs", false),
];

/// Everything there is to measure. What fails leaves its claims without a figure and says so.
pub fn run_all(bench: &Path, quick: bool) -> Result<Vec<Measure>> {
    let mut measures = Vec::new();
    let this = std::env::current_exe()?;
    let mut native = Command::new(&this);
    native.arg("native").args(quick.then_some("--quick"));
    collect("native", &mut native, &mut measures);
    for (program, slow) in NODE_PROGRAMS {
        if quick && *slow {
            continue;
        }
        let mut node = Command::new("node");
        node.arg("--expose-gc").arg(bench.join("js").join(program)).env("ONHAND_BENCH", &this);
        node.args(quick.then_some("--quick"));
        collect(program, &mut node, &mut measures);
    }
    Ok(measures)
}

fn collect(name: &str, program: &mut Command, measures: &mut Vec<Measure>) {
    eprintln!("{:>12}  {name}", "measuring");
    if let Err(error) = lines_of(program, measures) {
        eprintln!("{:>12}  {name}: {error:#}", "failed");
    }
}

fn lines_of(program: &mut Command, measures: &mut Vec<Measure>) -> Result<()> {
    let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start")?;
    let output = child.stdout.take().context("has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        let measure: Measure =
            serde_json::from_str(&line).with_context(|| format!("`{line}` is no measure"))?;
        measures.push(measure);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("ended with {status}");
    }
    Ok(())
}
