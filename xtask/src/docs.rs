//! `cargo xtask docs`: the documentation of the crate, with every warning an error.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project};

pub const USAGE: &str = "usage: cargo xtask docs

Builds the documentation of the crate and says where it is. A warning is an error.";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    crate::no_arguments(arguments)?;
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
