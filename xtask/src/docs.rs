//! `cargo xtask docs`: the documentation of the crate, with every warning an error.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project};

pub fn run(_: Vec<OsString>) -> Result<()> {
    process::run(&mut command())?;
    println!("target/doc/onhand/index.html");
    Ok(())
}

pub fn command() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["doc", "--quiet", "--no-deps", "--package", "onhand", "--features", "serde,zones"]);
    cargo.env("RUSTDOCFLAGS", "--deny warnings").current_dir(project::root());
    cargo
}
