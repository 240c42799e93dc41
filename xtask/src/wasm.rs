//! `cargo xtask wasm`: the WebAssembly module, its JavaScript side, and the npm package around them.
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::{self, BuildTools};
use crate::{order, panics, process, project, shorten, stamp};

/// Smallest after compression of what wasm-opt offers, `-Oz` among it, and quicker. The compiler has inlined what is worth
/// it; what wasm-opt inlines on top repeats code, and the compressed module grew by six per cent.
const OPTIMISATION: &[&str] = &[
    "-O3",
    // Twice: the second time it finds what the first has laid open.
    "-O3",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    // The first kilobyte is the far end of the stack.
    "--low-memory-unused",
    // How an address is aligned is a hint that engines pass over: said the same everywhere, it takes no room.
    "--dealign",
    // What is worked out twice is worth a local to an engine and not to a compressor, and the engine sees to it itself.
    "--skip-pass=local-cse",
    // And what a local is good for: a function that keeps its own is more like others than one from which they are taken.
    "--skip-pass=simplify-locals",
];

/// What rustc emits and every current engine runs; more would let wasm-opt use what a browser may lack.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A module for each entry of the package: where it is put in npm/wasm/, the doors that it has, and the compiler's level. What answers
/// carts is compiled for speed and size, the others for size alone.
const MODULES: &[(&str, &str, &str)] =
    &[("", "promising", "s"), ("floor", "floor", "z"), ("rules", "rules", "z")];

/// `#[inline]` is no order to repeat a function of three hundred instructions wherever it is called: what pays for that says
/// `#[inline(always)]`. Addresses are worked out where they are used: those that the compiler would carry through a loop take more code
/// than they save. The rounds of SHA-256 are a loop. And tables carry no sentences (`onhand_module`).
const SMALLER: &[&str] = &[
    "-Cllvm-args=-inlinehint-threshold=60",
    "-Cllvm-args=-disable-lsr",
    "--cfg=sha2_backend_soft=\"compact\"",
    "--cfg=onhand_module",
];

/// Where size is all, nothing says `#[inline(always)]`, and no branch gets a copy of what the other has worked out already.
const SMALLEST: &[&str] = &["--cfg=onhand_small", "-Cllvm-args=-enable-pre=false"];

pub const USAGE: &str = "usage: cargo xtask wasm [--force]

Builds npm/wasm/ from core/ and wasm/, then npm/dist/. What has not changed is not built again, except with --force.";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    use lexopt::prelude::*;
    let mut force = false;
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("force") => force = true,
            _ => return Err(argument.unexpected().into()),
        }
    }
    if force {
        fs::remove_file(module_stamp()).ok();
        fs::remove_file(package_stamp()).ok();
    }
    ensure()?;
    for (folder, ..) in MODULES {
        let module = Path::new("npm/wasm").join(folder).join("onhand_bg.wasm");
        println!("{}: {} bytes", module.display(), fs::metadata(project::root().join(&module))?.len());
    }
    Ok(())
}

/// Sets up, builds what is out of date, and returns the path of the module.
pub fn ensure() -> Result<PathBuf> {
    let tools = setup::ensure_build_tools()?;
    ensure_module(&tools)?;
    ensure_package()?;
    Ok(project::path("npm/wasm/onhand_bg.wasm"))
}

fn module_stamp() -> PathBuf {
    project::path("target/stamps/module")
}

fn package_stamp() -> PathBuf {
    project::path("target/stamps/package")
}

fn ensure_module(tools: &BuildTools) -> Result<()> {
    let inputs = [
        "Cargo.toml",
        "Cargo.lock",
        "core",
        "wasm",
        "xtask/bindgen",
        "xtask/src/module.rs",
        "xtask/src/order.rs",
        "xtask/src/panics.rs",
        "xtask/src/shorten.rs",
        "xtask/src/wasm.rs",
        "xtask/package.json",
    ];
    let hash = stamp::hash(&[&tools.toolchain.version()?], &inputs.map(project::path))?;
    let place = project::path("npm/wasm");
    if stamp::is_current(&module_stamp(), &hash) && place.join("onhand_bg.wasm").is_file() {
        return Ok(());
    }
    setup::say("build", "compiling the core to WebAssembly and making it small");
    // Everything is made beside its place, so that the package never holds half a build.
    let building = project::path("target/setup/wasm");
    fs::remove_dir_all(&building).ok();
    for (folder, doors, level) in MODULES {
        let folder = building.join(folder);
        fs::create_dir_all(&folder)?;
        let lowered = folder.join("lowered.wasm");
        fs::write(&lowered, panics::mute(&single_results(fs::read(compile(tools, doors, level)?)?))?)?;
        process::run(&mut tools.binder.bind(&lowered, &folder))?;
        fs::remove_file(&lowered)?;
        let (module, script) = (folder.join("onhand_bg.wasm"), folder.join("onhand.js"));
        let (short, shortened) = shorten::names(&fs::read(&module)?, &fs::read_to_string(&script)?)?;
        fs::write(&module, short)?;
        fs::write(&script, shortened)?;
        // It declares the module's exports by their long names, and nothing asks for it.
        fs::remove_file(folder.join("onhand_bg.wasm.d.ts"))?;
        optimise(&module)?;
        fs::write(&module, smallest(order::orders(&fs::read(&module)?)?, &folder)?)?;
    }

    fs::remove_dir_all(&place).ok();
    fs::create_dir_all(project::path("npm"))?;
    fs::rename(&building, &place)
        .with_context(|| format!("cannot put the build at `{}`", place.display()))?;
    stamp::write(&module_stamp(), &hash)
}

fn compile(tools: &BuildTools, doors: &str, level: &str) -> Result<PathBuf> {
    let target = project::path("target");
    let mut cargo = tools.toolchain.cargo();
    // As `cdylib` alone: a crate that is an `rlib` too is not optimised as a whole (`lto`), and kept twice as many functions.
    cargo.args(["rustc", "--quiet", "--package", "onhand-wasm", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--profile", "wasm"]);
    cargo.args(["--no-default-features", "--features", doors]);
    cargo.arg("--config").arg(format!("profile.wasm.opt-level=\"{level}\""));
    cargo.args(["--target", "wasm32-unknown-unknown", "--target-dir"]).arg(&target);
    // In this form, and not in RUSTFLAGS, the path of a folder may hold a space.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", compiler_flags(level).join("\u{1f}"));
    process::run(cargo.current_dir(project::root()))?;
    Ok(target.join("wasm32-unknown-unknown/wasm/onhand_wasm.wasm"))
}

/// What the user asks for, and paths without what is particular to this machine: panic messages name source files.
fn compiler_flags(level: &str) -> Vec<String> {
    let asked = env::var("RUSTFLAGS").unwrap_or_default();
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let crates = home.as_ref().and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let crates = crates.into_iter().flatten().flatten().map(|registry| registry.path());
    // Of the prefixes that fit the last one counts.
    let folders = home.iter().cloned().chain(crates).chain([project::root().to_owned()]);
    let remapped = folders.map(|folder| format!("--remap-path-prefix={}=", folder.display()));
    let small = if level == "z" { SMALLEST } else { &[] };
    let flags = asked.split_whitespace().chain(SMALLER.iter().chain(small).copied());
    flags.map(str::to_owned).chain(remapped).collect()
}

/// The module without the feature `multivalue`, of which rustc makes no use.
///
/// Where it is listed, wasm-bindgen gives the exports several results each. V8 keeps ready-made code for the calls of exports
/// with one result; for others it compiles a wrapper by signature while it compiles the module, which took as long as all the rest.
fn single_results(mut module: Vec<u8>) -> Vec<u8> {
    const LISTED: &[u8] = b"+\x0amultivalue";
    if let Some(place) = module.windows(LISTED.len()).rposition(|bytes| bytes == LISTED) {
        module[place] = b'-';
    }
    module
}

fn optimise(module: &Path) -> Result<()> {
    let mut wasm_opt = setup::wasm_opt()?;
    wasm_opt.args(OPTIMISATION).args(FEATURES);
    wasm_opt.args(["--strip-debug", "--strip-producers", "--strip-target-features"]);
    process::run(wasm_opt.arg(module).arg("-o").arg(module))
}

/// Says how many bytes files have after brotli, as a browser gets them.
const COMPRESSED: &str = "
    const { readFileSync } = require('node:fs'), { brotliCompressSync, constants } = require('node:zlib');
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file), { params }).length);
";

/// The one of some modules that is smallest once it is compressed; the first of equals.
fn smallest(modules: Vec<Vec<u8>>, folder: &Path) -> Result<Vec<u8>> {
    let mut files = Vec::new();
    for (number, module) in modules.iter().enumerate() {
        let file = folder.join(format!("order-{number}.wasm"));
        fs::write(&file, module)?;
        files.push(file);
    }
    let said = process::output(Command::new("node").args(["-e", COMPRESSED]).args(&files));
    files.iter().try_for_each(fs::remove_file)?;
    let sizes = said.context("Node.js compresses the module")?;
    let sizes: Vec<u64> = sizes.lines().map(str::parse).collect::<Result<_, _>>()?;
    let best = modules.into_iter().zip(sizes).min_by_key(|(_, size)| *size);
    best.map(|(module, _)| module).context("an order of the module")
}

/// Builds the TypeScript of the npm package, which has a script `build` for it.
fn ensure_package() -> Result<()> {
    let package = project::path("npm");
    if !package.join("package.json").is_file() {
        return Ok(());
    }
    setup::ensure_npm_packages(&package)?;
    // npm/wasm/ is among the inputs: the package carries the module, and the page of tables.
    let hash = stamp::hash(&[], &[package.clone(), project::path("docs/TABLES.md")])?;
    if stamp::is_current(&package_stamp(), &hash) && package.join("dist").is_dir() {
        return Ok(());
    }
    setup::say("build", "building the npm package");
    process::run(setup::npm().args(["run", "build", "--silent"]).current_dir(&package))?;
    stamp::write(&package_stamp(), &hash)
}
