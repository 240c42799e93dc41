//! `planted [NAME…]`: plants each bug of `planted/` in a copy of the core and says which harness caught it.
//!
//! Fails if a bug survives, or if the core without any is not green. A bug that is caught has passed.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use onhand_tests::planted::{self, Caught, Tree};

fn main() -> ExitCode {
    match plant_all(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::from(2)
        }
    }
}

fn plant_all(names: &[String]) -> Result<bool> {
    let named =
        |patch: &PathBuf| names.is_empty() || names.iter().any(|name| patch.to_string_lossy().contains(name));
    let patches: Vec<PathBuf> = planted::patches()?.into_iter().filter(named).collect();
    let tree = Tree::copy("planted")?;
    eprintln!("building the core as it is");
    let red = tree.run_all()?;
    if !red.is_empty() {
        println!("the core without a planted bug is red: {}", told(&red));
        return Ok(false);
    }
    let mut survivors = 0;
    for (number, patch) in (1..).zip(&patches) {
        eprintln!("planting {number} of {}", patches.len());
        tree.patch(patch, false)?;
        let caught = tree.run_all();
        tree.patch(patch, true)?;
        let caught = caught?;
        survivors += usize::from(caught.is_empty());
        let verdict = if caught.is_empty() { "SURVIVED".to_owned() } else { told(&caught) };
        println!("{}\n    {verdict}", planted::says(patch)?);
    }
    println!("planted: {} passed, {survivors} failed", patches.len() - survivors);
    Ok(survivors == 0)
}

fn told(caught: &[Caught]) -> String {
    let one = |caught: &Caught| match caught.histories {
        Some(histories) => format!("{} after {histories}", caught.test),
        None => caught.test.clone(),
    };
    caught.iter().map(one).collect::<Vec<_>>().join(", ")
}
