//! `cargo xtask bench`: ratios measured side by side in one run, held to their bars.
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{process, project, setup, wasm};

pub const USAGE: &str = "usage: cargo xtask bench [--quick] [--json FILE]

Measures onhand and what it is compared with in turn, by CPU time, after checking that both give the same results. A bar
holds if the better quartile of the rounds reaches it; bench/claims.toml has the bars. A bar that is missed is reported and is
no failure of the command.

  --quick      leave out what takes long; its rows are then short
  --json FILE  write the same as data";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    use lexopt::prelude::*;
    let mut passed_on: Vec<OsString> = Vec::new();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => passed_on.push("--quick".into()),
            Long("json") => passed_on.extend(["--json".into(), parser.value()?]),
            _ => return Err(argument.unexpected().into()),
        }
    }
    process::run(Command::new(ensure()?).arg("bench").args(passed_on))
}

/// Builds all that is measured, and answers the program that measures.
pub fn ensure() -> Result<PathBuf> {
    wasm::ensure()?;
    setup::ensure_npm_packages(&project::path("bench"))?;
    setup::say("build", "compiling what is measured natively");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", "onhand-bench", "--target-dir"]);
    process::run(cargo.arg(project::path("target")).current_dir(project::root()))?;
    Ok(project::path("target/release").join(format!("onhand-bench{}", std::env::consts::EXE_SUFFIX)))
}
