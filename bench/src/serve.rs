//! The native side of `js/native.mjs`: a round of work for each line that comes in, its CPU seconds out.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, Write, stdin, stdout};

use anyhow::{Context, Result, bail, ensure};
use onhand::Book;
use onhand::promise::Request;
use serde_json::Value;

use crate::clock::timed;
use crate::shop::{Shop, Size};

/// Rows of a batch.
const BATCH: usize = 10_000;

/// Batches of random rows: `rounds 10k|1m BATCHES`.
pub fn rows(arguments: &[OsString]) -> Result<()> {
    let [size, batches] = arguments else { bail!("rounds needs a size and a number of batches") };
    let size = match size.to_str() {
        Some("10k") => Size::TEN_THOUSAND,
        Some("1m") => Size::MILLION,
        _ => bail!("a size is 10k or 1m"),
    };
    let batches: usize = batches.to_str().context("batches are a number")?.parse()?;
    let mut shop = Shop::new(size);
    each_line(|| {
        let made: Vec<Vec<u8>> = (0..batches).map(|_| shop.batch(BATCH).0).collect();
        let (seconds, ()) = timed(|| {
            for rows in &made {
                assert_eq!(shop.book.evolve_rows(rows).posted as usize, BATCH);
            }
        });
        shop.close();
        Ok(seconds)
    })
}

/// Every request of a file against the facts of another one: `promises FACTS REQUESTS`.
pub fn promises(arguments: &[OsString]) -> Result<()> {
    let [facts, requests] = arguments else { bail!("promises needs a file of facts and one of requests") };
    let mut book = Book::new();
    let batch = book.evolve_json(&fs::read_to_string(facts)?)?;
    ensure!(batch.posted == batch.events, "every fact is posted");
    let requests: Vec<Value> = serde_json::from_str(&fs::read_to_string(requests)?)?;
    let requests: Vec<Request> =
        requests.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
    each_line(|| {
        let (seconds, proven) = timed(|| {
            requests.iter().filter(|request| book.promise(request).is_ok_and(|offer| offer.proven)).count()
        });
        ensure!(proven == requests.len(), "{proven} of {} offers are proven", requests.len());
        Ok(seconds)
    })
}

fn each_line(mut round: impl FnMut() -> Result<f64>) -> Result<()> {
    for line in stdin().lock().lines() {
        line?;
        println!("{}", round()?);
        stdout().flush()?;
    }
    Ok(())
}
