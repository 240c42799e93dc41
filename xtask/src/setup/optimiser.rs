//! wasm-opt, in the version that xtask/package.json pins: its output is part of what the size budget measures.
use std::process::Command;

use anyhow::{Context, Result};

use super::{found, npm};
use crate::{process, project};

pub fn ensure() -> Result<()> {
    let version = version()?;
    if is_installed(&version) {
        found("wasm-opt", &format!("{version}, on the search path"));
    } else {
        npm::ensure(&project::path("xtask"))?;
        found("wasm-opt", &format!("{version}, from npm"));
    }
    Ok(())
}

/// wasm-opt, once [`ensure`] has seen to it.
pub fn wasm_opt() -> Result<Command> {
    if is_installed(&version()?) {
        return Ok(Command::new("wasm-opt"));
    }
    let mut node = Command::new("node");
    node.arg(project::path("xtask/node_modules/binaryen/bin/wasm-opt"));
    Ok(node)
}

fn version() -> Result<String> {
    project::json_string(&project::path("xtask/package.json"), "binaryen")
        .context("xtask/package.json pins no binaryen")
}

/// Whether the same version is on the search path: compiled for this machine, it is the quicker one.
fn is_installed(version: &str) -> bool {
    let release = version.split('.').next();
    process::output(Command::new("wasm-opt").arg("--version"))
        .is_some_and(|text| text.split_whitespace().nth(2) == release)
}
