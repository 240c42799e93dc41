//! The core in lock-step with the reference model.
//!
//! `ONHAND_SEED=7 ONHAND_LENGTH=400 ONHAND_CLOSES=1 cargo test -p onhand-tests model` plays one history again;
//! `ONHAND_HISTORIES=10000` plays more of them.

use onhand_tests::lockstep::{self, Met};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Plays the history of a seed; `number` is how many were played with it.
fn play(number_of_it: u64, seed: u64, length: usize, every: usize, closes: bool, met: &mut Met) {
    let (world, steps) = lockstep::history(seed, length, closes);
    if let Err(parted) = lockstep::play(&world, &steps, every, met) {
        let shrinks = number("ONHAND_SHRINK") != Some(0);
        panic!("history number {number_of_it}: {}", lockstep::report(seed, length, closes, &parted, shrinks));
    }
}

#[test]
fn core_and_model_agree_on_every_history() {
    let mut met = Met::new();
    if let Some(seed) = number("ONHAND_SEED") {
        let length = number("ONHAND_LENGTH").unwrap_or(100) as usize;
        return play(1, seed, length, 1, number("ONHAND_CLOSES").is_some(), &mut met);
    }
    let histories = number("ONHAND_HISTORIES").unwrap_or(300);
    println!("seeds 1 to {histories}");
    for seed in 1..=histories {
        // Lengths from 16 to 128, most of them short.
        let length = 16 << (seed % 4);
        play(seed, seed, length, 8, seed % 3 == 0, &mut met);
    }
    for (what, times) in &met {
        println!("{times:>8} {what}");
    }
    let never: Vec<String> =
        lockstep::must_meet().into_iter().filter(|what| !met.contains_key(what)).collect();
    assert!(never.is_empty(), "never met: {}", never.join(", "));
}

/// What is forgotten by mistake shows only long after.
#[test]
fn core_and_model_agree_on_long_histories() {
    if number("ONHAND_SEED").is_some() {
        return;
    }
    for (seed, length) in [(1, 400), (2, 800), (3, 2_000)] {
        play(seed, 1_000_000 + seed, length, 200, seed == 1, &mut Met::new());
    }
}
