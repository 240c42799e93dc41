//! WebAssembly with Debian's packages, for a machine whose rustup can fetch nothing.
//!
//! Debian 12 brings a compiler and the source of the standard library, but no compiled library for WebAssembly. It is
//! compiled once, put where Debian's compiler looks for it, and used for WebAssembly alone.
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::target::{TARGET, WasmToolchain};
use super::{apt, say};
use crate::{process, project};

const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const LIBRARIES: &str = "/usr/lib/rustlib";
/// Under this name `cargo +debian-wasm` and wasm-pack find the compiler.
const LINKED_NAME: &str = "debian-wasm";

/// A program of Debian's Rust, free of what rustup and cargo tell the programs that they start.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command.env("RUSTC", "/usr/bin/rustc");
    command
}

pub fn ensure() -> Result<()> {
    if is_current() && WasmToolchain::Debian.works() {
        return Ok(());
    }
    apt::install(PACKAGES, "to compile WebAssembly where rustup cannot add the target")?;
    ensure_linker()?;
    if !is_current() {
        compile_library()?;
    }
    if !WasmToolchain::Debian.works() {
        bail!("Debian's compiler is installed and still does not compile for {TARGET}");
    }
    Ok(())
}

/// `rust-lld` is a link into a package that none of the others asks for.
fn ensure_linker() -> Result<()> {
    let linker = Path::new("/usr/bin/rust-lld");
    if linker.exists() {
        return Ok(());
    }
    let link = fs::read_link(linker).context("Debian's rust-web-llvm brings no `rust-lld`")?;
    let package = link.file_name().and_then(|name| name.to_str()).context("`rust-lld` leads nowhere")?;
    apt::install(&[package], "to link WebAssembly")
}

fn compile_library() -> Result<()> {
    say("target", &format!("compiling the standard library for {TARGET}, once: a minute or two"));
    let build = project::path("target/setup/library");
    let made = compile_library_in(&build);
    fs::remove_dir_all(&build).ok();
    made
}

fn compile_library_in(build: &Path) -> Result<()> {
    fs::remove_dir_all(build).ok();
    fs::create_dir_all(build.join("src"))?;
    fs::write(build.join("src/lib.rs"), "")?;
    let manifest = "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";
    fs::write(build.join("Cargo.toml"), manifest)?;

    let mut cargo = command("/usr/bin/cargo");
    cargo.current_dir(build).args(["build", "--quiet", "--release", "--target", TARGET]);
    cargo.arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test");
    // Building the library is open to Debian's stable compiler only by this variable.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // cargo leaves out bitcode where nothing asks for it, and link-time optimisation needs it later.
    cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes -Ccodegen-units=1");
    cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    cargo.env("CARGO_TARGET_DIR", build.join("target"));
    process::run(&mut cargo)?;

    put_in_place(&build.join("target").join(TARGET).join("release/deps"))
}

/// Copies the libraries beside their place and renames the folder, so that it is there whole or not at all.
fn put_in_place(built: &Path) -> Result<()> {
    let (partial, place) = (format!("{LIBRARIES}/.{TARGET}.partial"), format!("{LIBRARIES}/{TARGET}"));
    fs::remove_dir_all(&partial).ok();
    fs::create_dir_all(format!("{partial}/lib"))?;
    for entry in fs::read_dir(built)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("lib") && name.ends_with(".rlib") && !name.starts_with("libseed-") {
            fs::copy(entry.path(), format!("{partial}/lib/{name}"))?;
        }
    }
    fs::write(format!("{partial}/compiler"), compiler().context("Debian's rustc does not run")?)?;
    fs::remove_dir_all(&place).ok();
    fs::rename(&partial, &place).with_context(|| format!("cannot put the library at `{place}`"))
}

/// Whether the library was compiled by the compiler that is installed now.
fn is_current() -> bool {
    let written = fs::read_to_string(format!("{LIBRARIES}/{TARGET}/compiler")).ok();
    written.is_some() && written == compiler()
}

fn compiler() -> Option<String> {
    process::output(command("/usr/bin/rustc").arg("-vV"))
}

/// Makes the compiler known to rustup, where there is one, for people and for wasm-pack. The project does without.
pub fn link() -> Result<()> {
    let Some(listed) = process::output(Command::new("rustup").args(["toolchain", "list"])) else {
        return Ok(());
    };
    if listed.lines().any(|line| line.split_whitespace().next() == Some(LINKED_NAME)) {
        return Ok(());
    }
    if !apt::agreed(&format!("Make Debian's compiler known to rustup as the toolchain `{LINKED_NAME}`?")) {
        return Ok(());
    }
    say("target", &format!("linking Debian's compiler as rustup's toolchain `{LINKED_NAME}`"));
    process::run(Command::new("rustup").args(["toolchain", "link", LINKED_NAME, "/usr"]))
}
