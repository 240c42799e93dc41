//! Measures onhand natively and holds figures to their bars.
//!
//! `cargo xtask bench` and `cargo xtask evidence` run it. A measuring program writes one [`measure::Measure`] a line, as JSON.

mod claims;
mod clock;
mod evolve;
mod growth;
mod judge;
mod measure;
mod memory;
mod programs;
mod reports;
mod serve;
mod shop;
mod sourcing;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use claims::Claim;
use judge::Verdict;
use shop::Size;

/// Heads the table of growth on the page.
const GROWTH: &str = "
## Time for an exact plan

Orders of realistic shape, natively: CPU time by lines and nodes.

![Time for an exact plan, by nodes and lines](growth.svg)

";

/// What the command line asks for.
#[derive(Default)]
struct Options {
    command: OsString,
    quick: bool,
    /// Where the figures go as JSON.
    json: Option<PathBuf>,
    /// Where the page goes.
    page: Option<PathBuf>,
    /// Where the other commands left their reports.
    reports: Option<PathBuf>,
    /// What else there is.
    rest: Vec<OsString>,
}

fn main() -> Result<()> {
    let options = options()?;
    match options.command.to_str() {
        Some("native") => native(options.quick),
        Some("rounds") => serve::rows(&options.rest),
        Some("promises") => serve::promises(&options.rest),
        Some("bench") => bench(&options),
        Some("evidence") => evidence(&options),
        _ => bail!(
            "usage: onhand-bench native|bench|evidence [--quick] [--json FILE] [--page FILE] [--reports FOLDER]"
        ),
    }
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => options.quick = true,
            Long("json") => options.json = Some(parser.value()?.into()),
            Long("page") => options.page = Some(parser.value()?.into()),
            Long("reports") => options.reports = Some(parser.value()?.into()),
            Value(command) if options.command.is_empty() => options.command = command,
            Value(value) => options.rest.push(value),
            _ => return Err(argument.unexpected().into()),
        }
    }
    Ok(options)
}

/// The rows that need no JavaScript.
fn native(quick: bool) -> Result<()> {
    evolve::against_bare_loop("evolve_native_10k", Size::TEN_THOUSAND, 20)?.print()?;
    for measure in sourcing::measures(quick)? {
        measure.print()?;
    }
    if quick {
        return Ok(());
    }
    evolve::against_bare_loop("evolve_native_1m", Size::MILLION, 30)?.print()?;
    for measure in evolve::bytes_held(Size::MILLION)? {
        measure.print()?;
    }
    Ok(())
}

/// Measures side by side and prints how the figures stand to their bars.
fn bench(options: &Options) -> Result<()> {
    let mut claims = all_claims()?;
    claims.retain(|claim| claim.from.is_bench());
    let measures = programs::run_all(folder(), options.quick)?;
    let verdicts = judge::judge(&claims, &measures, options.quick);
    print!("{}", judge::text(&claims, &verdicts));
    if !options.quick {
        print!("\nTime for an exact plan:\n\n{}", growth::table(&growth::rows()?));
    }
    write_json(options, &verdicts)
}

/// All claims: what is measured here and what other commands have reported.
fn evidence(options: &Options) -> Result<()> {
    let claims = all_claims()?;
    let mut measures = programs::run_all(folder(), options.quick)?;
    measures.extend(options.reports.iter().flat_map(|folder| reports::read_all(folder)));
    let verdicts = judge::judge(&claims, &measures, options.quick);
    print!("{}", judge::text(&claims, &verdicts));
    if let Some(page) = &options.page {
        let rows = growth::rows()?;
        fs::write(page.with_file_name("growth.svg"), growth::plot(&rows))?;
        fs::write(page, judge::page(&claims, &verdicts) + GROWTH + &growth::table(&rows))?;
    }
    write_json(options, &verdicts)
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all_claims() -> Result<Vec<Claim>> {
    claims::read(&folder().join("claims.toml"))
}

fn write_json(options: &Options, verdicts: &[Verdict]) -> Result<()> {
    if let Some(file) = &options.json {
        fs::write(file, serde_json::to_string_pretty(verdicts)? + "\n")?;
    }
    Ok(())
}
