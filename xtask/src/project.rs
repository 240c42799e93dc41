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

/// The folders that hold an npm package, the package `onhand` first because others depend on it.
pub fn npm_packages() -> Vec<PathBuf> {
    let mut packages = vec![path("npm")];
    for parent in ["demo", "tests", "."] {
        let Ok(entries) = fs::read_dir(path(parent)) else { continue };
        let mut children: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        children.sort();
        packages.extend(children);
    }
    let mut seen = Vec::new();
    for package in packages {
        // The tools of the build are set up on their own.
        let package =
            package.strip_prefix(root().join(".")).map_or(package.clone(), |inner| root().join(inner));
        if package.join("package.json").is_file() && !package.ends_with("xtask") && !seen.contains(&package) {
            seen.push(package);
        }
    }
    seen
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
