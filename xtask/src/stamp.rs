//! Stamps: a step whose inputs are what they were when it last succeeded is not done again.
//!
//! A stamp is written last, so a step that was interrupted is done again from the start.
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that are made, not written.
const MADE: &[&str] = &["node_modules", "target", "dist", "pkg"];

/// A hash of words and of every file under some paths. A path that does not exist counts as empty.
pub fn hash(words: &[&str], paths: &[PathBuf]) -> Result<String> {
    // The standard hasher may change with the compiler; then a step is done once more.
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for path in paths {
        hash_path(path, &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

pub fn is_current(stamp: &Path, hash: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|written| written == hash)
}

pub fn write(stamp: &Path, hash: &str) -> Result<()> {
    if let Some(parent) = stamp.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(stamp, hash).with_context(|| format!("cannot write `{}`", stamp.display()))
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut children: Vec<_> = fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect();
        children.sort();
        for child in children.iter().filter(|child| !MADE.iter().any(|made| child.ends_with(made))) {
            hash_path(child, hasher)?;
        }
    } else if path.is_file() {
        path.hash(hasher);
        fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?.hash(hasher);
    }
    Ok(())
}
