//! `cargo xtask tables`: prints the page of tables, `docs/TABLES.md`, from the tables that the core runs on.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project};

pub fn run(_: Vec<OsString>) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "onhand-tests", "--bin", "tables"]);
    process::run(cargo.current_dir(project::root()))
}
