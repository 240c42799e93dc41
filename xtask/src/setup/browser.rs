//! A Chromium for the tests that need a real browser.
use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, found};
use crate::process;

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The browser that is there: the one that `CHROME_PATH` names, or the first on the search path.
pub fn find() -> Option<PathBuf> {
    let named = env::var_os("CHROME_PATH").map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| process::find(NAMES))
}

pub fn ensure() -> Result<PathBuf> {
    if find().is_none() {
        apt::install(&["chromium"], "to run the tests of the pages in a real browser")?;
    }
    let browser = find().context("Chromium is installed and not to be found")?;
    let version = process::output(Command::new(&browser).arg("--version")).unwrap_or_default();
    found("browser", &format!("{version} at {}", browser.display()));
    Ok(browser)
}
