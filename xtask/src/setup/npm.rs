//! npm packages, exactly as the lock files say.
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{found, say};
use crate::{process, project, stamp};

pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Installs the packages of every folder of the project that has some.
pub fn ensure_all() -> Result<()> {
    project::npm_packages().iter().try_for_each(|package| ensure(package))
}

/// Installs the packages of one folder, unless they are those of its lock file already.
pub fn ensure(package: &Path) -> Result<()> {
    let lock = package.join("package-lock.json");
    if !lock.is_file() {
        return Ok(());
    }
    let hash = stamp::hash(&[], &[package.join("package.json"), lock])?;
    // Inside node_modules, so that it goes when the packages go.
    let stamp = package.join("node_modules/.onhand-installed");
    let name = package.strip_prefix(project::root()).unwrap_or(package).display();
    if !stamp::is_current(&stamp, &hash) {
        say("npm", &format!("installing the packages of {name}/"));
        process::run(npm().args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(package))?;
        stamp::write(&stamp, &hash)?;
    }
    found("npm", &format!("the packages of {name}/ are there"));
    Ok(())
}
