//! `cargo xtask demo`: sets up, builds both sides, and hands over to the program in demo/retailer.
use std::ffi::OsString;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{process, project, setup, wasm};

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    if crate::asks_for_help(&arguments) {
        return process::run(program("dev").args(arguments));
    }
    if !project::exists("target/release/onhand-demo") {
        setup::say("build", "compiling the demo with optimisations, once: a minute or two");
    }
    // What nobody understands is said at once, and not after everything else is built: help comes when all before it was understood.
    process::run(program("release").args(&arguments).arg("--help").stdout(Stdio::null()))?;
    wasm::ensure()?;
    for package in project::npm_packages().iter().filter(|package| package.starts_with(project::path("demo")))
    {
        setup::ensure_npm_packages(package)?;
    }
    process::run(program("release").args(arguments))
}

/// The program, to be given its arguments. Files among them are named from where the user is, so the working directory stays.
fn program(profile: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--profile", profile, "--package", "onhand-demo", "--manifest-path"]);
    cargo.arg(project::path("Cargo.toml")).arg("--");
    cargo
}
