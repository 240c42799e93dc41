//! `cargo xtask cases FILE...`: runs files of text cases on every host and prints what differed.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project, wasm};

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    if !crate::asks_for_help(&arguments) {
        wasm::ensure()?;
    }
    process::run(command().args(arguments))
}

/// The runner, to be given its arguments.
pub fn command() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "onhand-tests", "--bin", "cases", "--manifest-path"]);
    cargo.arg(project::path("Cargo.toml")).arg("--");
    cargo
}
