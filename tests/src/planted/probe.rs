//! `probe BUGS MOST`: in a copy of the core that has planted bugs, plays histories against each until a law breaks.
//!
//! Prints a line for each bug: how many histories it took and which law broke, or `survived`. Without a bug all must hold.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use onhand_tests::history::History;
use onhand_tests::laws::{self, LAWS, Law};
use onhand_tests::lockstep::Met;
use onhand_tests::seeds;

/// Histories that must hold with no bug.
const GREEN: u64 = 200;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let (bugs, most) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    // What a bug makes panic is caught by that alone; nobody reads where.
    set_hook(Box::new(|_| {}));
    if let Some((histories, law)) = first_broken(0, GREEN) {
        println!("{law} after {histories} histories");
        return ExitCode::FAILURE;
    }
    for bug in 1..=bugs {
        eprintln!("{bug} of {bugs}");
        match first_broken(bug as usize, most) {
            Some((histories, law)) => println!("{histories} {law}"),
            None => println!("survived"),
        }
    }
    ExitCode::SUCCESS
}

fn first_broken(bug: usize, most: u64) -> Option<(u64, &'static str)> {
    onhand::PLANTED.store(bug, Ordering::Relaxed);
    let laws: Vec<&'static Law> = LAWS.iter().collect();
    let (_, broken) = seeds::each(1..most + 1, |seed, met: &mut Met| {
        let history = History::of(seed);
        match catch_unwind(AssertUnwindSafe(|| laws::broken(&laws, &history, met))) {
            Ok(None) => Ok(()),
            Ok(Some((law, _))) => Err(law.code),
            Err(_) => Err("no panic"),
        }
    });
    broken
}
