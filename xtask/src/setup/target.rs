//! A Rust compiler for the target `wasm32-unknown-unknown`.
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{debian, found, say};
use crate::{process, project};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// rustup that can reach its server needs seconds for the target; one that cannot may wait for ever.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// Which compiler builds WebAssembly. Native builds and tests always use the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasmToolchain {
    /// The one that built this program.
    Usual,
    /// Debian's, with a standard library that was compiled here once.
    Debian,
}

impl WasmToolchain {
    /// cargo, to be given the target.
    pub fn cargo(self) -> Command {
        match self {
            WasmToolchain::Usual => Command::new("cargo"),
            WasmToolchain::Debian => debian::command("/usr/bin/cargo"),
        }
    }

    pub fn rustc(self) -> Command {
        match self {
            WasmToolchain::Usual => Command::new("rustc"),
            WasmToolchain::Debian => debian::command("/usr/bin/rustc"),
        }
    }

    pub fn version(self) -> Result<String> {
        process::output(self.rustc().arg("--version")).context("rustc does not tell its version")
    }

    /// Whether it compiles for the target. A folder of the right name proves nothing, so a program is compiled.
    pub fn works(self) -> bool {
        let directory = project::path("target/setup");
        let source = directory.join("probe.rs");
        let program = "//! Needs an allocator.\n#[unsafe(no_mangle)]\npub extern \"C\" fn sum(a: u32, b: u32) -> u32 { vec![a, b].iter().sum() }\n";
        if fs::create_dir_all(&directory).and_then(|()| fs::write(&source, program)).is_err() {
            return false;
        }
        let mut rustc = self.rustc();
        rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", TARGET, "-o"]);
        process::succeeds(rustc.arg(directory.join("probe.wasm")).arg(Path::new(&source)))
    }
}

/// Whether every command is to behave as on a machine whose rustup can fetch nothing.
pub fn fallback_is_forced() -> bool {
    env::var("ONHAND_WASM_FALLBACK").is_ok_and(|value| !value.is_empty() && value != "0")
}

pub fn ensure(fallback: bool) -> Result<WasmToolchain> {
    let toolchain = if fallback {
        debian::ensure()?;
        WasmToolchain::Debian
    } else if WasmToolchain::Usual.works() || add_by_rustup() {
        WasmToolchain::Usual
    } else {
        debian::ensure().with_context(|| {
            format!(
                "no compiler for {TARGET}: rustup cannot add the target, and the way without rustup failed"
            )
        })?;
        WasmToolchain::Debian
    };
    found("target", &format!("{TARGET} by {}", toolchain.version()?));
    Ok(toolchain)
}

fn add_by_rustup() -> bool {
    if process::find(&["rustup"]).is_none() {
        say("target", &format!("the Rust here has no {TARGET}, and there is no rustup to add it"));
        return false;
    }
    if WasmToolchain::Debian.works() {
        // rustup could not add it before; asking again would cost minutes on every run.
        return false;
    }
    say("target", &format!("adding {TARGET} with rustup"));
    let mut rustup = Command::new("rustup");
    // What is wrong is said in a line; where in rustup it was noticed helps nobody here.
    rustup.args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
    match process::run_within(&mut rustup, RUSTUP_LIMIT) {
        Ok(()) => WasmToolchain::Usual.works(),
        Err(error) => {
            say("target", &format!("{error:#}; taking Debian's compiler instead"));
            false
        }
    }
}
