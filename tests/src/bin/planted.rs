//! `planted [--most N]`: plants each bug of `planted.txt` in a copy of the core and says which law caught it, and how soon.
//!
//! Fails if a bug survives N histories (10000 as a rule), or if the core without any is not green. A bug that is caught has passed.

use std::process::ExitCode;

use anyhow::{Context, Result};
use onhand_tests::planted;

fn main() -> ExitCode {
    onhand_tests::exit(&plant())
}

fn plant() -> Result<bool> {
    let most = match std::env::args().nth(2) {
        Some(most) => most.parse().context("usage: planted [--most N]")?,
        None => 10_000,
    };
    let bugs = planted::bugs()?;
    let caught = planted::catch_all(&bugs, most)?;
    let mut soon: Vec<u64> = Vec::new();
    println!("{:>10}  {:<8} planted", "histories", "caught");
    for (bug, caught) in bugs.iter().zip(&caught) {
        let (histories, law) = match caught {
            Some(caught) => (caught.histories.to_string(), caught.law.as_str()),
            None => (format!("> {most}"), "SURVIVED"),
        };
        println!("{histories:>10}  {law:<8} {}: {}", bug.area, bug.says);
        soon.extend(caught.as_ref().map(|caught| caught.histories));
    }
    soon.sort_unstable();
    let survivors = bugs.len() - soon.len();
    if let (Some(median), Some(worst)) = (soon.get(soon.len() / 2), soon.last()) {
        println!("caught after {median} histories in the middle, {worst} at most");
    }
    println!("planted: {} passed, {survivors} failed", soon.len());
    Ok(survivors == 0)
}
