//! `laws [--events N] [--seed FIRST] [--histories N] [--law CODE]…`: holds every law against random histories.
//!
//! Prints the seeds first, then how often each answer, move, exception and standing was met: a run that never meets one of them
//! fails, because it proves nothing about it. A history that breaks a law is made short and printed.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use onhand_tests::history::History;
use onhand_tests::laws::{self, LAWS, Law};
use onhand_tests::lockstep::{self, Met};
use onhand_tests::seeds;

const USAGE: &str = "usage: laws [--events N] [--seed FIRST] [--histories N] [--law CODE]… [--raw]

Holds every law against random histories, and prints the first that breaks one, made short.

  --events N      as many histories as have N events together; 1000000 as a rule, 10000000 with ONHAND_LONG
  --histories N   as many histories
  --seed FIRST    the first seed; 1 as a rule
  --law CODE      this law alone; may be repeated
  --raw           say which law breaks first, after how many histories, and no more";

struct Options {
    seed: u64,
    histories: Option<u64>,
    events: u64,
    laws: Vec<&'static Law>,
    raw: bool,
}

fn main() -> ExitCode {
    onhand_tests::exit(&run())
}

fn options() -> Result<Options> {
    let long = std::env::var_os("ONHAND_LONG").is_some();
    let events = if long { 10_000_000 } else { 1_000_000 };
    let mut options = Options { seed: 1, histories: None, events, laws: Vec::new(), raw: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` needs a value\n{USAGE}"));
        match word.as_str() {
            "--events" => options.events = value()?.parse()?,
            "--histories" => options.histories = Some(value()?.parse()?),
            "--seed" => options.seed = value()?.parse()?,
            "--law" => {
                let code = value()?;
                options.laws.push(laws::find(&code).with_context(|| format!("there is no law `{code}`"))?);
            }
            "--raw" => options.raw = true,
            other => bail!("`{other}` is not known\n{USAGE}"),
        }
    }
    if options.laws.is_empty() {
        options.laws.extend(LAWS);
    }
    Ok(options)
}

/// What one thread has seen.
#[derive(Default)]
struct Seen {
    met: Met,
    histories: u64,
    events: u64,
}

fn run() -> Result<bool> {
    let options = options()?;
    let end = match options.histories {
        Some(histories) => options.seed + histories,
        None => enough(options.seed, options.events),
    };
    println!("seeds {} to {}", options.seed, end - 1);
    let started = Instant::now();
    let (seen, wrong) = seeds::each(options.seed..end, |seed, seen: &mut Seen| {
        let history = History::of(seed);
        seen.histories += 1;
        seen.events += history.steps.len() as u64;
        match laws::broken(&options.laws, &history, &mut seen.met) {
            Some((law, wrong)) => Err(Box::new((law, history, wrong))),
            None => Ok(()),
        }
    });
    if let Some((seed, broken)) = wrong {
        let (law, history, wrong) = *broken;
        let histories = seed - options.seed + 1;
        println!("{} broken after {histories}", law.code);
        if !options.raw {
            println!("{}", law.report(&history, wrong));
            println!("laws: {} passed, 1 failed", options.laws.len() - 1);
        }
        return Ok(false);
    }
    if options.raw {
        return Ok(true);
    }
    let seconds = started.elapsed().as_secs_f64();
    let histories: u64 = seen.iter().map(|one| one.histories).sum();
    let events: u64 = seen.iter().map(|one| one.events).sum();
    let mut met: Met = BTreeMap::new();
    for (what, times) in seen.into_iter().flat_map(|one| one.met) {
        *met.entry(what).or_default() += times;
    }
    for law in &options.laws {
        println!("{:>6}  {}", law.code, law.says);
    }
    println!(
        "{histories} histories, {events} events, {seconds:.1} s, {:.0} events a second",
        events as f64 / seconds
    );
    Ok(report(&options.laws, &met))
}

/// The first seed after those whose histories have this many events together.
fn enough(first: u64, events: u64) -> u64 {
    let (mut seed, mut sum) = (first, 0);
    while sum < events {
        sum += History::length(seed) as u64;
        seed += 1;
    }
    seed
}

/// Says how often each was met; false when one never was.
fn report(laws: &[&'static Law], met: &Met) -> bool {
    if !laws.iter().any(|law| law.code == "model") {
        println!("laws: {} passed, 0 failed", laws.len());
        return true;
    }
    println!("\nhow often each was met");
    for (what, times) in met {
        println!("{times:>9} {what}");
    }
    let sum = |start: &str| {
        met.iter().filter(|(what, _)| what.starts_with(start)).map(|(_, times)| times).sum::<usize>()
    };
    let (accepted, refused) = (sum("command "), sum("refused "));
    println!(
        "{:.0} % of intents were accepted",
        100.0 * accepted as f64 / (accepted + refused).max(1) as f64
    );
    let never: Vec<String> =
        lockstep::must_meet().into_iter().filter(|what| !met.contains_key(what)).collect();
    for what in &never {
        println!("NEVER MET: {what}");
    }
    let failed = usize::from(!never.is_empty());
    println!("laws: {} passed, {failed} failed", laws.len());
    failed == 0
}
