//! `cargo xtask setup`: finds or installs all that the other commands need.
//!
//! For each tool: what is there already; else the ordinary way; else the way for a machine whose rustup can fetch
//! nothing. It says what it does, asks before it changes the system where someone is there to ask, and leaves nothing
//! half-installed: what is built is renamed into place and stamps are written last.
mod apt;
mod binder;
mod browser;
mod debian;
mod npm;
mod optimiser;
mod target;

use std::ffi::OsString;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use crate::process;

pub use binder::Binder;
pub use browser::find as find_browser;
pub use npm::ensure as ensure_npm_packages;
pub use npm::npm;
pub use optimiser::wasm_opt;
pub use target::WasmToolchain;

/// What building the WebAssembly module takes.
pub struct BuildTools {
    pub toolchain: WasmToolchain,
    pub binder: Binder,
}

pub const USAGE: &str = "usage: cargo xtask setup [--fallback] [--wasm-pack]

  --fallback   take Debian's compiler for WebAssembly even if rustup has the target (to try that way out);
               ONHAND_WASM_FALLBACK=1 does the same for every command
  --wasm-pack  install wasm-pack and what it uses too, for those who work on the binding with it (compiles for minutes)";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    use lexopt::prelude::*;
    let (mut fallback, mut wasm_pack) = (target::fallback_is_forced(), false);
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("fallback") => fallback = true,
            Long("wasm-pack") => wasm_pack = true,
            _ => return Err(argument.unexpected().into()),
        }
    }
    TELL_WHAT_IS_THERE.store(true, Ordering::Relaxed);
    if build_tools(fallback)?.toolchain == WasmToolchain::Debian {
        debian::link()?;
    }
    npm::ensure_all()?;
    if wasm_pack {
        ensure_wasm_pack()?;
    }
    ensure_browser();
    Ok(())
}

/// The tools of the build, installed where they are missing.
pub fn ensure_build_tools() -> Result<BuildTools> {
    build_tools(target::fallback_is_forced())
}

/// A browser where one can be had. None is no error: the tests that need one are skipped, and say so.
pub fn ensure_browser() {
    if let Err(reason) = browser::ensure() {
        say("browser", &format!("none: {reason:#}; the tests that need one will be skipped"));
    }
}

fn build_tools(fallback: bool) -> Result<BuildTools> {
    ensure_node()?;
    let toolchain = target::ensure(fallback)?;
    let binder = binder::ensure()?;
    optimiser::ensure()?;
    Ok(BuildTools { toolchain, binder })
}

fn ensure_node() -> Result<()> {
    for program in ["node", "npm"] {
        if process::find(&[program]).is_none() && !process::succeeds(npm().arg("--version")) {
            bail!("`{program}` is not on the search path: install Node.js 20 or newer, which brings npm");
        }
    }
    Ok(())
}

/// wasm-pack with the tools that it would otherwise try to fetch by itself.
fn ensure_wasm_pack() -> Result<()> {
    install("wasm-pack", None)?;
    install("wasm-bindgen-cli", Some(&binder::locked_version()?))
}

/// A program from the crate registry, of one version or the newest.
fn install(package: &str, version: Option<&str>) -> Result<()> {
    let program = package.trim_end_matches("-cli");
    let installed = process::output(Command::new(program).arg("--version")).unwrap_or_default();
    let installed = installed.split_whitespace().nth(1);
    if installed.is_some() && (version.is_none() || installed == version) {
        found(program, installed.unwrap_or_default());
        return Ok(());
    }
    say(program, "installing it with cargo, which compiles it: some minutes");
    let cargo_install = || {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--quiet", "--force", package]);
        cargo.args(version.map(|version| format!("--version={version}")));
        cargo
    };
    // A registry may have lost one version of the many that the lock file names; then the newest that fit will do.
    process::run(cargo_install().arg("--locked")).or_else(|_| process::run(&mut cargo_install()))
}

/// Other commands set up on their way, and only tell what they change.
static TELL_WHAT_IS_THERE: AtomicBool = AtomicBool::new(false);

/// A line about what is done, and why.
pub fn say(tool: &str, what: &str) {
    eprintln!("{tool:>12}  {what}");
}

/// A line about a tool that is there.
fn found(tool: &str, what: &str) {
    if TELL_WHAT_IS_THERE.load(Ordering::Relaxed) {
        say(tool, what);
    }
}
