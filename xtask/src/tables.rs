//! `cargo xtask tables`: prints the page of tables, `docs/TABLES.md`, from the tables that the core runs on.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project};

pub const USAGE: &str = "usage: cargo xtask tables

Prints docs/TABLES.md from the tables that the core runs on: states, accounts, kinds, refusals and the words of GS1.";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    crate::no_arguments(arguments)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "onhand-tests", "--bin", "tables"]);
    process::run(cargo.current_dir(project::root()))
}
