//! Planted bugs: are the model and the laws worth anything?
//!
//! Each patch in `planted/` puts one bug into the core. A copy of core and tests is built with it, and the model and the
//! laws, not the cases, must turn red.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::host;

/// Tests that may catch a bug: what knows nothing of any one of them.
const HARNESSES: &[&str] = &["model::", "laws::", "carry::"];

/// A test that turned red, and after how many histories.
#[derive(Clone, Debug)]
pub struct Caught {
    pub test: String,
    pub histories: Option<usize>,
}

/// A copy of core and tests in a folder of its own, with its own build.
pub struct Tree {
    root: PathBuf,
    target: PathBuf,
}

/// The patches, sorted by name.
pub fn patches() -> Result<Vec<PathBuf>> {
    let listed =
        std::fs::read_dir(host::folder().join("planted")).context("there is no folder of planted bugs")?;
    let mut patches: Vec<PathBuf> = listed.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    patches.retain(|path| path.extension().is_some_and(|extension| extension == "patch"));
    patches.sort();
    Ok(patches)
}

/// What a patch plants: the first line of its file.
pub fn says(patch: &Path) -> Result<String> {
    let text = std::fs::read_to_string(patch)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

impl Tree {
    /// Copies core and tests to `target/NAME/tree`; what was built there before is used again.
    pub fn copy(name: &str) -> Result<Tree> {
        let workspace = host::folder().parent().context("this crate has a workspace")?.to_owned();
        let place = workspace.join("target").join(name);
        let root = place.join("tree");
        for folder in ["core", "tests"] {
            copy_folder(&workspace.join(folder), &root.join(folder))?;
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

    /// Applies a patch, or takes it back.
    pub fn patch(&self, patch: &Path, back: bool) -> Result<()> {
        let mut git = Command::new("git");
        // The copy lies inside a repository that ignores it, and is none of it: git would leave every path alone.
        let above = self.root.parent().context("the copy has a folder of its own")?;
        git.env("GIT_CEILING_DIRECTORIES", above).current_dir(&self.root);
        git.args(["apply", "--whitespace=nowarn"]).args(back.then_some("--reverse")).arg(patch);
        let output = git.output().context("cannot start git")?;
        match output.status.success() {
            true => Ok(()),
            false => bail!(
                "{} does not apply: {}",
                patch.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            ),
        }
    }

    /// Builds and runs the tests whose names begin with one of these; answers those that turned red.
    pub fn run(&self, tests: &[&str]) -> Result<Vec<Caught>> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        // The first red history is enough: nobody reads the shortest one here.
        cargo.env("ONHAND_SHRINK", "0").env("RUST_BACKTRACE", "0");
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
        Ok(red.map(|test| Caught { test: test.to_owned(), histories: histories(&text, test) }).collect())
    }

    /// Everything that may catch a planted bug.
    pub fn run_all(&self) -> Result<Vec<Caught>> {
        self.run(HARNESSES)
    }
}

/// How many histories a red test had played, as its own output says.
fn histories(text: &str, test: &str) -> Option<usize> {
    let told = text.split(&format!("---- {test} stdout ----")).nth(1)?;
    let told = told.split("\n---- ").next()?;
    let after = |mark: &str| {
        let rest = told.split(mark).nth(1)?;
        rest.trim_start().split(|one: char| !one.is_ascii_digit()).next()?.parse::<usize>().ok()
    };
    after("successes:").map(|before| before + 1).or_else(|| after("history number"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        names.push(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name()))?,
            false => write_if_new(&to.join(entry.file_name()), &std::fs::read(entry.path())?)?,
        }
    }
    for entry in std::fs::read_dir(to)? {
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
