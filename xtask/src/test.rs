//! `cargo xtask test`: sets up all it needs and runs every check and test, one row each.
//!
//! The last line reads `test: N passed, N failed, N skipped`. It counts tests where a step says how many it ran, and
//! the step itself where it does not. Skipped is what the machine cannot run, a page without a browser say; what is left for
//! `--long` is named beside the count and is no part of it.
mod counts;
mod report;
mod runner;
mod steps;

use std::ffi::OsString;
use std::process;

use anyhow::Result;

use runner::Runner;

/// What the command line asks for.
#[derive(Clone)]
pub struct Options {
    /// The steps to run; all of them if empty.
    only: Vec<String>,
    /// Whether what takes long is run too.
    long: bool,
    /// Whether the output of the steps is shown as it comes.
    verbose: bool,
}

pub const USAGE: &str = "usage: cargo xtask test [--only STEP]... [--long] [--verbose]

  --only STEP  run this step alone; may be repeated. An unknown one is answered with the list of all
  --long       run what takes long too: more cases for each property, more histories, every planted bug
  --verbose    show the output of the steps as it comes; it is in target/test-logs/ in any case";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    use lexopt::prelude::*;
    let mut options = Options { only: Vec::new(), long: false, verbose: false };
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => options.only.push(parser.value()?.string()?),
            Long("long") => options.long = true,
            Long("verbose") | Short('v') => options.verbose = true,
            _ => return Err(argument.unexpected().into()),
        }
    }
    let steps = steps::chosen(&options)?;
    let mut rows = Vec::new();
    for step in &steps {
        rows.push(Runner::new(&step.name, &options)?.row(step));
    }
    if !report::print(&rows) {
        // No word more: the closing line is for people and programs to find at the end.
        process::exit(1);
    }
    Ok(())
}
