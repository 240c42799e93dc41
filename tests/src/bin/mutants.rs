//! `mutants [--sample N] [--seed S] [FILE…]`: makes a sample of mutants of the core and says which the tests catch.
//!
//! Without files it draws from the code of transitions and decisions. Fails if fewer than 90 of 100 are caught, those apart that
//! `mutants.txt` explains.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use onhand_tests::mutants::{self, Mutant, Nest, Verdict};

const USAGE: &str = "usage: mutants [--sample N] [--seed S] [FILE…]

  --sample N  so many mutants (300 as a rule)
  --seed S    of this draw (1)
  FILE        from these files of core/src, not from the code of transitions and decisions";

/// Of 100 mutants, how many must be caught.
const BAR: usize = 90;

/// More are drawn than asked for, since some do not compile.
const SPARE: usize = 3;

fn main() -> ExitCode {
    onhand_tests::exit(&run())
}

fn run() -> Result<bool> {
    let (mut sample, mut seed, mut files) = (300_usize, 1_u64, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` needs a value\n{USAGE}"));
        match word.as_str() {
            "--sample" => sample = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            _ if word.starts_with('-') => bail!("`{word}` is not known\n{USAGE}"),
            _ => files.push(word),
        }
    }
    let files: Vec<&str> = match files.is_empty() {
        true => mutants::FILES.to_vec(),
        false => files.iter().map(String::as_str).collect(),
    };
    let all = mutants::all(&files)?;
    println!("{} mutants could be made; {sample} are drawn with seed {seed}", all.len());
    let drawn = mutants::drawn(all, seed, sample + sample / SPARE);
    let nest = Nest::build(drawn, sample)?;
    let started = Instant::now();
    if let Verdict::Caught(by) = nest.judge(0, Duration::from_secs(600))? {
        bail!("the core without a mutant is red: {by}");
    }
    // A mutant that takes five times as long as the core would never be let in.
    let limit = (started.elapsed() * 5).max(Duration::from_secs(30));
    let judged = judge_all(&nest, limit)?;
    report(&judged)
}

/// Every mutant with its verdict, in the order of the files.
fn judge_all(nest: &Nest, limit: Duration) -> Result<Vec<(Mutant, Verdict)>> {
    let numbers: Vec<usize> = nest.mutants.keys().copied().collect();
    let (next, judged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> Result<()> {
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = nest.judge(*number, limit)?;
            let mutant = nest.mutants[number].clone();
            let mut judged = judged.lock().expect("no thread stops while it writes");
            judged.push((mutant.clone(), verdict.clone()));
            eprintln!("{} of {}: {}:{} {verdict:?}", judged.len(), numbers.len(), mutant.file, mutant.line);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread that ends"))
    })?;
    let mut judged = judged.into_inner().expect("no thread stops while it writes");
    judged.sort_by(|(one, _), (other, _)| (&one.file, one.line).cmp(&(&other.file, other.line)));
    Ok(judged)
}

fn report(judged: &[(Mutant, Verdict)]) -> Result<bool> {
    let reviewed = mutants::reviewed()?;
    let (mut caught, mut explained) = (0, 0);
    for (mutant, verdict) in judged {
        let known = reviewed.iter().find(|one| one.is_about(mutant));
        let became = match (verdict, known) {
            (Verdict::Caught(by), _) => {
                caught += 1;
                by.clone()
            }
            (Verdict::Survived, Some(known)) => {
                explained += 1;
                format!("same: {}", known.why)
            }
            (Verdict::Survived, None) => "SURVIVED".to_owned(),
        };
        println!("{}:{} {}: {became}", mutant.file, mutant.line, mutant.function);
        if *verdict == Verdict::Survived {
            println!("  - {}\n  + {}", mutants::one_line(&mutant.right), mutants::one_line(&mutant.wrong));
        }
    }
    let survived = judged.len() - caught - explained;
    println!(
        "mutants: {caught} caught, {explained} the same by review, {survived} survived, of {}",
        judged.len()
    );
    Ok(caught * 100 >= (judged.len() - explained) * BAR)
}
