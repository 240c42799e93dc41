//! `cargo xtask tidy`: the rules of the house that no compiler knows.
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, project};

/// A file longer than this is read by nobody from end to end.
const LINES_MAX: usize = 800;
const README_LINES_MAX: usize = 119;
const ARCHITECTURE_LINES_MAX: usize = 199;

/// Files written by people, by how their names end.
const WRITTEN: &[&str] =
    &[".rs", ".ts", ".mts", ".js", ".mjs", ".md", ".css", ".html", ".toml", ".sh", ".yml"];

pub const USAGE: &str = "usage: cargo xtask tidy

Checks the rules of the house that no compiler knows: how long files and lines are, one version everywhere, and that the papers
name what is there.";

pub fn run(arguments: Vec<OsString>) -> Result<()> {
    crate::no_arguments(arguments)?;
    check()?;
    println!("tidy");
    Ok(())
}

pub fn check() -> Result<()> {
    let files = tracked_files()?;
    let mut findings = Vec::new();
    for name in &files {
        // A file that git knows and that is gone is being removed.
        let Ok(bytes) = fs::read(project::path(name)) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            check_file(name, &text, &mut findings);
        }
    }
    check_versions(&files, &mut findings);
    check_tour(&files, &mut findings);
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{} findings\n  {}", findings.len(), findings.join("\n  "));
}

/// Files that are in git, or would be after `git add`.
fn tracked_files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(project::root()).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let listed = process::output(&mut git).context("git cannot list the files; tidy needs a clone")?;
    Ok(listed.lines().map(str::to_owned).collect())
}

fn check_file(name: &str, text: &str, findings: &mut Vec<String>) {
    let is_written = WRITTEN.iter().any(|ending| name.ends_with(ending));
    let lines = text.lines().count();
    let lines_max = match name {
        "README.md" => README_LINES_MAX,
        "ARCHITECTURE.md" => ARCHITECTURE_LINES_MAX,
        _ => LINES_MAX,
    };
    if is_written && lines > lines_max {
        findings.push(format!("{name}: {lines} lines, more than {lines_max}"));
    }
    if name.ends_with(".rs") && !text.starts_with("//!") {
        findings.push(format!("{name}: does not open with `//!`, a sentence on what it is for"));
    }
    for (number, line) in text.lines().enumerate() {
        for (pattern, reason) in forbidden() {
            if line.contains(&pattern) {
                findings.push(format!("{name}:{}: {reason}", number + 1));
            }
        }
    }
}

/// What no line may hold. The patterns are put together here so that this file does not hold them itself.
fn forbidden() -> [(String, &'static str); 9] {
    let folder = |name: &str| format!("/{name}/");
    let registry = |name: &str| format!("registry.{name}");
    [
        (folder("work"), "a path of one machine"),
        (folder("root"), "a path of one machine"),
        (folder("home"), "a path of one machine"),
        (registry("npmjs.org"), "a registry's address: lock files hold versions and checksums alone"),
        (registry("yarnpkg.com"), "a registry's address: lock files hold versions and checksums alone"),
        (format!("{}!(", "todo"), "work that is not done"),
        (format!("{}!(", "dbg"), "a trace left behind"),
        (format!("{}{}", "FIX", "ME"), "work that is not done"),
        (
            format!("#[{}", "ignore"),
            "a test that the ordinary run skips: give it a smaller number there instead",
        ),
    ]
}

fn check_versions(files: &[String], findings: &mut Vec<String>) {
    let released = toml_string("Cargo.toml", "version = ");
    let package = project::json_string(&project::path("npm/package.json"), "version");
    if package.is_some() && package != released {
        findings.push(format!("npm/package.json: version {package:?}, and Cargo.toml has {released:?}"));
    }
    let compiled = toml_string("wasm/Cargo.toml", "wasm-bindgen = ");
    let binder = toml_string("xtask/bindgen/Cargo.toml", "wasm-bindgen-cli-support = ");
    if compiled != binder {
        findings
            .push(format!("xtask/bindgen/Cargo.toml: wasm-bindgen {binder:?}, and wasm/ has {compiled:?}"));
    }
    for lock in files.iter().filter(|name| name.ends_with("package-lock.json")) {
        let text = fs::read_to_string(project::path(lock)).unwrap_or_default();
        if text.contains("\"resolved\": \"http") {
            findings.push(format!(
                "{lock}: names where packages are fetched from; set omit-lockfile-registry-resolved"
            ));
        }
    }
}

/// The first quoted text after `start` at the beginning of a line.
fn toml_string(file: &str, start: &str) -> Option<String> {
    let text = fs::read_to_string(project::path(file)).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(start))?;
    value.split('"').nth(1).map(|value| value.trim_start_matches('=').to_owned())
}

/// The papers name files for readers to open: each must be there.
fn check_tour(files: &[String], findings: &mut Vec<String>) {
    for paper in files.iter().filter(|name| name.ends_with(".md")) {
        let text = fs::read_to_string(project::path(paper)).unwrap_or_default();
        let beside = Path::new(paper).parent().unwrap_or(Path::new(""));
        for named in text.split('`').skip(1).step_by(2).filter(|word| is_source_path(word)) {
            if !project::root().join(named).exists() && !project::root().join(beside).join(named).exists() {
                findings.push(format!("{paper}: `{named}` is not there"));
            }
        }
    }
}

/// A path of a source file, as opposed to a command, a pattern, an address, or what is there only once it is built.
fn is_source_path(word: &str) -> bool {
    let has_ending = [".rs", ".ts", ".md", ".toml", ".mjs"].iter().any(|ending| word.ends_with(ending));
    has_ending
        && word.contains('/')
        && !word.contains([' ', '*', '<', '{', ':', '$'])
        && !word.starts_with("http")
        && !word.starts_with("dist/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check_file(name, text, &mut findings);
        findings
    }

    #[test]
    fn a_tidy_file_has_no_findings() {
        assert_eq!(findings("core/src/lib.rs", "//! What it is for.\nfn main() {}\n"), Vec::<String>::new());
    }

    #[test]
    fn each_rule_finds_its_breach() {
        let long = format!("//! Long.\n{}", "\n".repeat(LINES_MAX));
        assert_eq!(findings("core/src/lib.rs", &long), ["core/src/lib.rs: 801 lines, more than 800"]);
        assert_eq!(findings("README.md", &"\n".repeat(120)), ["README.md: 120 lines, more than 119"]);
        assert_eq!(findings("Cargo.lock", &"\n".repeat(2000)), Vec::<String>::new());
        assert_eq!(findings("core/src/lib.rs", "fn main() {}\n").len(), 1);
        for (pattern, reason) in forbidden() {
            let text = format!("//! A line.\nhere {pattern} is\n");
            assert_eq!(findings("core/src/lib.rs", &text), [format!("core/src/lib.rs:2: {reason}")]);
        }
    }

    #[test]
    fn papers_name_files_and_other_things() {
        assert!(is_source_path("core/src/evolve.rs"));
        for word in [
            "Book::evolve",
            "evolve.rs",
            "cargo test a/b.rs",
            "core/src/*.rs",
            "https://example.com/a.md",
            "dist/TABLES.md",
        ] {
            assert!(!is_source_path(word), "{word}");
        }
    }
}
