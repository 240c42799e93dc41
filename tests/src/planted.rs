//! Planted bugs: are the model and the laws worth anything?
//!
//! `planted.txt` lists bugs of the kind that people make. One copy of the core gets all of them, each behind a switch that only
//! the copy has; a program in the copy turns on one after the other and plays histories until a law breaks. Cases take no part:
//! what catches a bug knows nothing of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::host;

/// A bug, and where it goes.
#[derive(Clone, Debug, Default)]
pub struct Bug {
    /// The part of the core: transition, decision, promise, carry or log.
    pub area: String,
    /// What it does, in a sentence.
    pub says: String,
    /// The file, from the root of the workspace.
    pub file: String,
    function: String,
    right: String,
    wrong: String,
}

/// How a bug was caught: the law that broke, and the histories played until then.
#[derive(Clone, Debug)]
pub struct Caught {
    pub law: String,
    pub histories: u64,
}

/// The bugs of `planted.txt`, in its order.
pub fn bugs() -> Result<Vec<Bug>> {
    let list = host::folder().join("planted.txt");
    let text = std::fs::read_to_string(list).context("there is no list of planted bugs")?;
    let mut bugs: Vec<Bug> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        match (mark, bugs.last_mut()) {
            ("" | "#", _) => {}
            ("bug", _) => bugs.push(Bug { area: first.into(), says: second.into(), ..Bug::default() }),
            ("at", Some(bug)) => (bug.file, bug.function) = (first.into(), second.into()),
            ("-", Some(bug)) => bug.right = rest.into(),
            ("+", Some(bug)) => bug.wrong = rest.into(),
            _ => bail!("planted.txt:{number}: `{line}` is no part of a bug"),
        }
    }
    Ok(bugs)
}

impl Bug {
    /// The text of its file with the bug behind the switch of this number.
    pub fn plant(&self, number: usize, text: &str) -> Result<String> {
        let Bug { file, function, right, wrong, .. } = self;
        let starts = ["(", "<"].map(|after| text.find(&format!("fn {function}{after}")));
        let start = starts.into_iter().flatten().min();
        let start = start.with_context(|| format!("{file} has no function `{function}`"))?;
        let place = text[start..].find(right).with_context(|| format!("no `{right}` in {file}"))? + start;
        let end = place + right.len();
        let (open, close) = if right.ends_with(';') { ("", "") } else { ("(", ")") };
        let switched = format!("{open}if crate::planted({number}) {{ {wrong} }} else {{ {right} }}{close}");
        Ok(format!("{}{switched}{}", &text[..place], &text[end..]))
    }
}

/// The text of a file of the core with all its bugs, each behind the switch of its place in the list, counted from 1.
pub fn plant_all(bugs: &[Bug], file: &str, text: String) -> Result<String> {
    let here = (1..).zip(bugs).filter(|(_, bug)| bug.file == file);
    here.into_iter().try_fold(text, |text, (number, bug)| bug.plant(number, &text))
}

/// The tests that are asked first, because they are quick; the others only when these see nothing.
pub const QUICK: &[&str] =
    &["cases::every_case", "table::", "limits::", "hostile::", "content::", "json::", "text::"];
/// The other tests that see the rules of the core.
pub const REST: &[&str] = &[
    "live::",
    "promise::",
    "rulebook::",
    "sourcing::",
    "laws::",
    "carry::",
    "valuation::",
    "catalogue::",
    "approval::",
    "cbv::",
    "implied::",
    "counting::",
    "receiving::",
    "log::",
    "lots::",
    "explained::",
];

const SWITCH: &str = "
/// The planted bug that is switched on; 0 for none.
pub static PLANTED: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);

pub(crate) fn planted(bug: usize) -> bool {
    PLANTED.load(core::sync::atomic::Ordering::Relaxed) == bug
}
";

/// Plays histories against each bug: how each was caught, in the order of the list; `None` for what was not within `most`
/// histories.
pub fn catch_all(bugs: &[Bug], most: u64) -> Result<Vec<Option<Caught>>> {
    let tree = Tree::copy_with("planted", |file, text| match file {
        "core/src/lib.rs" => Ok(text + SWITCH),
        file => plant_all(bugs, file, text),
    })?;
    write_if_new(&tree.root.join("tests/src/bin/probe.rs"), include_bytes!("planted/probe.rs"))?;
    let mut cargo = tree.cargo();
    cargo.args([
        "run",
        "--quiet",
        "--profile",
        "checked",
        "--package",
        "onhand-tests",
        "--bin",
        "probe",
        "--",
    ]);
    // A switch is written without regard to taste.
    cargo.env("RUSTFLAGS", "-Awarnings");
    cargo.args([bugs.len().to_string(), most.to_string()]).stderr(std::process::Stdio::inherit());
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "the planted core does not build, or is red without a bug: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .map(|line| match line.split_once(' ') {
            Some((histories, law)) => Ok(Some(Caught { law: law.into(), histories: histories.parse()? })),
            None => Ok(None),
        })
        .collect()
}
/// A copy of core and tests in a folder of its own, with its own build.
pub struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Copies core and tests to `target/NAME/tree`; what was built there before is used again.
    pub fn copy(name: &str) -> Result<Tree> {
        Tree::copy_with(name, |_, text| Ok(text))
    }

    /// As [`Tree::copy`], with each file of Rust as `edit` makes it.
    pub(crate) fn copy_with(name: &str, edit: impl Fn(&str, String) -> Result<String>) -> Result<Tree> {
        let workspace = host::folder().parent().context("this crate has a workspace")?.to_owned();
        let place = workspace.join("target").join(name);
        let root = place.join("tree");
        for folder in ["core", "tests"] {
            copy_folder(&workspace, Path::new(folder), &root, &edit)?;
        }
        let manifest = std::fs::read_to_string(workspace.join("Cargo.toml"))?;
        let members = |line: &str| line.starts_with("members") || line.starts_with("default-members");
        let lines = manifest.lines().map(|line| match members(line) {
            true if line.starts_with("members") => "members = [\"core\", \"tests\"]",
            true => "",
            false => line,
        });
        write_if_new(&root.join("Cargo.toml"), lines.collect::<Vec<_>>().join("\n").as_bytes())?;
        write_if_new(&root.join("Cargo.lock"), &std::fs::read(workspace.join("Cargo.lock"))?)?;
        Ok(Tree { root, target: place.join("build") })
    }

    /// The folder that holds the copy.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).env("RUST_BACKTRACE", "0");
        cargo
    }

    /// Builds and runs the tests whose names begin with one of these; answers those that turned red.
    pub fn run(&self, tests: &[&str]) -> Result<Vec<String>> {
        let mut cargo = self.cargo();
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
            .args(["test", "--offline", "--package", "onhand-tests", "--test", "it", "--no-fail-fast", "--"])
            .args(tests)
            // The copy has no package: a test that reads it is red by itself, and would hide a bug that nothing else sees.
            .args(["--skip", "the_package_knows"]);
        let output = cargo.output().context("cannot start cargo")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !text.contains("test result:") {
            bail!("the copy does not build:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let red = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        Ok(red.map(str::to_owned).collect())
    }
}

/// Copies a folder of `from` to the same place in `to`, and takes away what is no longer there.
fn copy_folder(
    from: &Path,
    folder: &Path,
    to: &Path,
    edit: &impl Fn(&str, String) -> Result<String>,
) -> Result<()> {
    std::fs::create_dir_all(to.join(folder))?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(from.join(folder))? {
        let entry = entry?;
        names.push(entry.file_name());
        let place = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(from, &place, to, edit)?;
        } else if place.extension().is_some_and(|extension| extension == "rs") {
            let file = place.to_string_lossy().replace('\\', "/");
            let text = edit(&file, std::fs::read_to_string(entry.path())?)?;
            write_if_new(&to.join(&place), text.as_bytes())?;
        } else {
            write_if_new(&to.join(&place), &std::fs::read(entry.path())?)?;
        }
    }
    for entry in std::fs::read_dir(to.join(folder))? {
        let entry = entry?;
        if !names.contains(&entry.file_name()) && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file that is the same keeps its time, so that cargo builds only what changed.
fn write_if_new(path: &Path, bytes: &[u8]) -> Result<()> {
    match std::fs::read(path).is_ok_and(|before| before == bytes) {
        true => Ok(()),
        false => std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display())),
    }
}
