//! The steps of `cargo xtask test`, in the order in which they run: quick ones first.
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::Options;
use super::runner::Runner;
use crate::setup::WasmToolchain;
use crate::{cases, docs, process, project, setup, tidy, wasm};

type Run = dyn Fn(&Runner) -> Result<()>;

pub struct Step {
    pub name: String,
    pub about: &'static str,
    /// What `--long` adds to it. Nothing of that is skipped: the step runs, with smaller numbers.
    pub left_for_long: Option<&'static str>,
    pub run: Box<Run>,
}

impl Step {
    fn new(name: &str, about: &'static str, run: impl Fn(&Runner) -> Result<()> + 'static) -> Step {
        Step { name: name.to_owned(), about, left_for_long: None, run: Box::new(run) }
    }

    fn longer(self, what: &'static str) -> Step {
        Step { left_for_long: Some(what), ..self }
    }
}

/// The steps that the options ask for.
pub fn chosen(options: &Options) -> Result<Vec<Step>> {
    let all = all();
    for name in &options.only {
        if !all.iter().any(|step| step.name == *name) {
            let names: Vec<&str> = all.iter().map(|step| step.name.as_str()).collect();
            bail!("no step `{name}`; there are {}", names.join(", "));
        }
    }
    Ok(all.into_iter().filter(|step| options.only.is_empty() || options.only.contains(&step.name)).collect())
}

fn all() -> Vec<Step> {
    let mut steps = vec![
        Step::new("set-up", "finds or installs what the steps need", set_up),
        Step::new("format", "rustfmt has nothing to change", format),
        Step::new("tidy", "the rules of the house that no compiler knows", check_tidy),
        Step::new("lint", "clippy has nothing to say", lint),
        Step::new("native", "unit, property and integration tests", native)
            .longer("twenty times the cases of each property, a million orders against brute force"),
        Step::new("examples", "the examples in the documentation", examples),
        Step::new("docs", "the documentation builds and its links lead somewhere", |runner| {
            runner.run(&mut docs::command())
        }),
        Step::new("no-std", "core builds without the standard library", no_std),
    ];
    steps.push(
        Step::new("laws", "every law, and the model, on a million random events", |runner| {
            runner.run(&mut checked("laws"))
        })
        .longer("ten million events"),
    );
    steps.push(Step::new("orders", "ten thousand histories, one digest each in whatever order", |runner| {
        runner.run(&mut checked("orders"))
    }));
    steps.push(Step::new("planted", "every bug planted in a copy of the core breaks a law", |runner| {
        runner.run(cargo("run").args(["--quiet", "--package", "onhand-tests", "--bin", "planted"]))
    }));
    steps.push(Step::new("sizes", "what is too large is refused by name, within bounds", |runner| {
        runner.run(&mut checked("sizes"))
    }));
    if project::exists("wasm") {
        steps.push(Step::new("wasm", "the WebAssembly module and the npm package build", |_| {
            wasm::ensure().map(|_| ())
        }));
    }
    if project::exists("tests/src/bin/cases.rs") {
        steps.push(Step::new("cases", "the corpus of text cases, on every host", |runner| {
            wasm::ensure()?;
            runner.run(&mut cases::command())
        }));
    }
    if has_script(&project::path("npm"), "size") {
        steps.push(Step::new("size", "what the package weighs is within its budget", |runner| {
            wasm::ensure()?;
            runner.run(setup::npm().args(["run", "size"]).current_dir(project::path("npm")))
        }));
    }
    for package in project::npm_packages().into_iter().filter(|package| has_script(package, "test")) {
        let folder = package.strip_prefix(project::root()).unwrap_or(&package).display().to_string();
        steps.push(Step::new(&folder, "the tests of a JavaScript package", move |runner| {
            wasm::ensure()?;
            setup::ensure_npm_packages(&package)?;
            runner.run(setup::npm().arg("test").current_dir(&package))
        }));
    }
    if process::succeeds(Command::new("cargo").args(["deny", "--version"])) {
        steps.push(Step::new("licences", "every dependency may be used as we use it", |runner| {
            runner.run(cargo("deny").args(["check", "bans", "licenses", "sources"]))
        }));
    }
    steps
}

fn set_up(_: &Runner) -> Result<()> {
    setup::ensure_build_tools()?;
    setup::ensure_browser();
    Ok(())
}

fn format(runner: &Runner) -> Result<()> {
    runner.run(cargo("fmt").args(["--all", "--check"]))
}

fn check_tidy(_: &Runner) -> Result<()> {
    tidy::check()
}

fn lint(runner: &Runner) -> Result<()> {
    runner.run(cargo("clippy").args(WORKSPACE).args(["--all-targets", "--", "--deny", "warnings"]))?;
    // The main module has doors that the others have not.
    let promising = ["--package", "onhand-wasm", "--no-default-features", "--features", "promising"];
    runner.run(cargo("clippy").args(promising).args(["--", "--deny", "warnings"]))
}

fn native(runner: &Runner) -> Result<()> {
    if process::succeeds(Command::new("cargo").args(["nextest", "--version"])) {
        return runner.run(cargo("nextest").arg("run").args(WORKSPACE).arg("--no-fail-fast"));
    }
    runner.run(cargo("test").args(WORKSPACE).args(["--all-targets", "--no-fail-fast"]))
}

/// A program of tests/ that plays many histories, built to do so.
fn checked(program: &str) -> Command {
    let mut cargo = cargo("run");
    cargo.args(["--quiet", "--profile", "checked", "--package", "onhand-tests", "--bin", program]);
    cargo
}

fn examples(runner: &Runner) -> Result<()> {
    runner.run(cargo("test").args(["--doc", "--package", "onhand", "--features", "serde,zones"]))
}

/// Without default features and for a target without an operating system, as small hosts use it.
fn no_std(runner: &Runner) -> Result<()> {
    let toolchain: WasmToolchain = setup::ensure_build_tools()?.toolchain;
    let mut cargo = toolchain.cargo();
    cargo.args([
        "build",
        "--package",
        "onhand",
        "--no-default-features",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    runner.run(cargo.current_dir(project::root()))
}

/// All of the workspace but one small program, whose libraries alone take a minute to check.
const WORKSPACE: &[&str] = &["--workspace", "--exclude", "onhand-bindgen"];

fn cargo(command: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.arg(command).current_dir(project::root());
    cargo
}

fn has_script(package: &Path, script: &str) -> bool {
    project::json_string(&package.join("package.json"), script).is_some()
}
