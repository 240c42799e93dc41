//! `mutants [--sample N] [--seed S] [--again | --anew] [--at-once N] [FILE…]`: makes a sample of mutants of the core and says which
//! the tests catch.
//!
//! Without files it draws from the code of transitions and decisions. Each verdict is printed and kept as it falls: a run that was
//! interrupted goes on where it stopped. Fails if fewer than 90 of 100 are caught, those apart that `mutants.txt` explains.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use onhand_tests::mutants::{self, Mutant, Nest, Verdict, Verdicts};

const USAGE: &str =
    "usage: cargo xtask mutants [--sample N] [--seed S] [--again | --anew] [--at-once N] [FILE…]

  --sample N   so many mutants (300 as a rule)
  --seed S     of this draw (1)
  --again      judges those again that survived an earlier run and are not explained: what new tests are for
  --anew       forgets what earlier runs found
  --at-once N  so many mutants at one time (2)
  FILE         from these files of core/src, not from the code of transitions and decisions";

/// Of 100 mutants, how many must be caught.
const BAR: usize = 90;

/// More are drawn than asked for, since some do not compile.
const SPARE: usize = 3;

fn main() -> ExitCode {
    if std::env::args().skip(1).any(|word| ["--help", "-h"].contains(&word.as_str())) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    onhand_tests::exit(&run())
}

fn run() -> Result<bool> {
    let (mut sample, mut seed, mut at_once, mut files) = (300_usize, 1_u64, 2_usize, Vec::new());
    let (mut again, mut anew) = (false, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` needs a value\n{USAGE}"));
        match word.as_str() {
            "--sample" => sample = value()?.parse()?,
            "--seed" => seed = value()?.parse()?,
            "--at-once" => at_once = value()?.parse()?,
            "--again" => again = true,
            "--anew" => anew = true,
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
    let mut nest = Nest::build(drawn, sample)?;
    let verdicts = Verdicts::of(&nest, anew)?;
    let reviewed = mutants::reviewed()?;
    let explained = |mutant: &Mutant| reviewed.iter().any(|one| one.is_about(mutant));
    let (mut left, mut judged) = (Vec::new(), BTreeMap::new());
    for (number, mutant) in &nest.mutants {
        match verdicts.known(mutant)? {
            Some(Verdict::Survived) if again && !explained(mutant) => left.push(*number),
            Some(verdict) => drop(judged.insert(*number, verdict.clone())),
            None => left.push(*number),
        }
    }
    if !left.is_empty() {
        println!("{} to judge, {} judged before", left.len(), judged.len());
        nest.measure()?;
        judged.extend(judge_all(&nest, &left, verdicts, at_once)?);
    }
    let mut judged: Vec<_> =
        judged.into_iter().map(|(number, verdict)| (nest.mutants[&number].clone(), verdict)).collect();
    judged.sort_by(|(one, _), (other, _)| (&one.file, one.line).cmp(&(&other.file, other.line)));
    report(&judged)
}

/// The mutants of these numbers, each with its verdict, which is told as it falls.
fn judge_all(
    nest: &Nest,
    numbers: &[usize],
    verdicts: Verdicts,
    at_once: usize,
) -> Result<Vec<(usize, Verdict)>> {
    let (next, told) = (AtomicUsize::new(0), Mutex::new((verdicts, Vec::new())));
    let work = || -> Result<()> {
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = nest.judge(*number)?;
            let mutant = &nest.mutants[number];
            let mut told = told.lock().expect("no thread stops while it writes");
            let (verdicts, judged) = &mut *told;
            verdicts.note(mutant, &verdict)?;
            judged.push((*number, verdict.clone()));
            println!("{} of {}: {} {verdict:?}", judged.len(), numbers.len(), mutant.name());
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread that ends"))
    })?;
    Ok(told.into_inner().expect("no thread stops while it writes").1)
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
