//! `cargo xtask mutants`: makes a sample of mutants of the core and says which the tests catch.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project};

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "onhand-tests", "--bin", "mutants", "--"]).args(arguments);
    process::run(cargo.current_dir(project::root()))
}
