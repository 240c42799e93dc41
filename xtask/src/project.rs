//! Where the parts of the project are.
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the root")
}

/// A place in the repository, `path` as seen from the root.
pub fn path(path: &str) -> PathBuf {
    root().join(path)
}

pub fn exists(relative: &str) -> bool {
    path(relative).exists()
}

/// The folders that hold an npm package, the package `onhand` first because others depend on it. The tools of the build,
/// in xtask/, are not among them: set-up brings those before anything else.
pub fn npm_packages() -> Vec<PathBuf> {
    let mut packages = Vec::new();
    for parent in [root().to_owned(), path("demo"), path("tests")] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        packages.extend(entries.flatten().map(|entry| entry.path()));
    }
    packages.retain(|package| package.join("package.json").is_file() && !package.ends_with("xtask"));
    packages.sort_by_key(|package| (!package.ends_with("npm"), package.clone()));
    packages
}

/// The value of the first `"key": "value"` in a JSON file that npm laid out, one pair to a line.
pub fn json_string(file: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let start = format!("\"{key}\": \"");
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix(&start)?;
        value.split('"').next().map(str::to_owned)
    })
}
