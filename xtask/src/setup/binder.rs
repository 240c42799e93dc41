//! wasm-bindgen, in exactly the version that the binding is compiled with.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{found, say};
use crate::{process, project};

/// What writes the JavaScript side of the binding.
pub enum Binder {
    /// A `wasm-bindgen` of the right version that was there.
    Installed,
    /// The program in xtask/bindgen.
    Own(PathBuf),
}

impl Binder {
    /// The command that writes the JavaScript side of `input` into `output`.
    pub fn bind(&self, input: &Path, output: &Path) -> Command {
        match self {
            Binder::Installed => {
                let mut command = Command::new("wasm-bindgen");
                // The options of xtask/bindgen, which says why.
                command.args(["--target", "web", "--out-name", "onhand", "--omit-default-module-path"]);
                command.args(["--remove-name-section", "--remove-producers-section", "--out-dir"]);
                command.arg(output).arg(input);
                command
            }
            Binder::Own(program) => {
                let mut command = Command::new(program);
                command.arg(input).arg(output);
                command
            }
        }
    }
}

pub fn ensure() -> Result<Binder> {
    let wanted = locked_version()?;
    let installed = process::output(Command::new("wasm-bindgen").arg("--version"));
    if installed.and_then(|text| text.split_whitespace().nth(1).map(|version| version == wanted))
        == Some(true)
    {
        found("wasm-bindgen", &format!("{wanted}, on the search path"));
        return Ok(Binder::Installed);
    }
    let program =
        project::path("target/tool").join(format!("onhand-bindgen{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        say("wasm-bindgen", &format!("compiling {wanted} as a library, once: half a minute"));
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--package", "onhand-bindgen", "--profile", "tool", "--target-dir"]);
    process::run(cargo.arg(project::path("target")).current_dir(project::root()))?;
    found("wasm-bindgen", &format!("{wanted}, as a library"));
    Ok(Binder::Own(program))
}

/// The version of wasm-bindgen that the binding is compiled with.
pub fn locked_version() -> Result<String> {
    let lock = fs::read_to_string(project::path("Cargo.lock"))?;
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"wasm-bindgen\"");
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(str::to_owned).context("Cargo.lock names no wasm-bindgen")
}
