//! `cargo xtask demo`: sets up, builds both sides, and hands over to the program in demo/retailer.
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{process, project, setup, wasm};

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    wasm::ensure()?;
    for package in project::npm_packages().iter().filter(|package| package.starts_with(project::path("demo")))
    {
        setup::ensure_npm_packages(package)?;
    }
    if !project::exists("target/release/onhand-demo") {
        setup::say("build", "compiling the demo with optimisations, once: a minute or two");
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "onhand-demo", "--manifest-path"]);
    // Files among the arguments are named from where the user is, so the working directory stays.
    process::run(cargo.arg(project::path("Cargo.toml")).arg("--").args(arguments))
}
