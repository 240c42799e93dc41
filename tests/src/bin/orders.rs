//! `orders [--histories N] [--orders N] [--seed FIRST]`: one digest for each history, in whatever order its facts arrive.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use onhand_tests::history::History;
use onhand_tests::laws::Check;
use onhand_tests::random::CROSSINGS;
use onhand_tests::{orders, seeds};

const USAGE: &str = "usage: orders [--histories N] [--orders N] [--seed FIRST]

Tells each of N histories (10000 as a rule) in N orders (20), beside sorted and backwards, each with duplicates.";

fn main() -> ExitCode {
    onhand_tests::exit(&run())
}

fn run() -> Result<bool> {
    let (mut histories, mut in_orders, mut first) = (10_000, 20, 1);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("`{word}` needs a value\n{USAGE}"))?
                .parse::<u64>()
                .context(USAGE)
        };
        match word.as_str() {
            "--histories" => histories = value()?,
            "--orders" => in_orders = value()? as usize,
            "--seed" => first = value()?,
            _ => bail!("`{word}` is not known\n{USAGE}"),
        }
    }
    println!("seeds {first} to {}", first + histories - 1);
    let started = Instant::now();
    let (told, wrong) = seeds::each(first..first + histories, |seed, told: &mut (u64, u64)| {
        let (history, has) = orders::history(seed);
        if !(has.late && has.counts && has.off_line) || has.crossings < CROSSINGS.len() {
            return Err(Box::new((history, format!("the history is hollow: {has:?}"))));
        }
        *told = (told.0 + 1, told.1 + history.steps.len() as u64);
        orders::check(&history, in_orders).map_err(|wrong| Box::new((history, wrong)))
    });
    if let Some((seed, broken)) = wrong {
        let (history, wrong) = *broken;
        let check = |history: &History| -> Check { orders::check(history, in_orders) };
        let (shortest, wrong) = history.shrink(wrong, |history| check(history).err());
        println!(
            "seed {seed}: the order matters in {} steps: {wrong}\n{}",
            shortest.steps.len(),
            shortest.to_text()
        );
        println!("orders: {} passed, 1 failed", seed - first);
        return Ok(false);
    }
    let (histories, events) = told.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!(
        "{histories} histories of {:.0} events, each in {} orders with duplicates: one digest each; {:.1} s",
        events as f64 / histories.max(1) as f64,
        in_orders + 2,
        started.elapsed().as_secs_f64()
    );
    println!("orders: {histories} passed, 0 failed");
    Ok(true)
}
