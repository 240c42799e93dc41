//! The program: makes or reads a year, replays it on both sides, holds it against the truth, answers orders, reports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use onhand::Book;

use crate::books::Books;
use crate::input::Input;
use crate::log::{Log, Order};
use crate::options::Options;
use crate::progress::{Progress, timed};
use crate::promises::{Promises, Rule};
use crate::replay::{self, Native, Wasm};
use crate::report::{Report, Rows, retail};
use crate::table::count;
use crate::tills::{self, Oddities};
use crate::year::Year;
use crate::{network, orders, plot, promises, serve, storefront};

pub fn run(options: &Options) -> Result<ExitCode> {
    let progress = Progress::default();
    // What cannot be done in the end is said at once, and not after the year.
    for path in [&options.json, &options.plot].into_iter().flatten() {
        check_writable(path)?;
    }
    let server = options.serve.then(|| serve::listen(options.port)).transpose()?;
    if let Some(folder) = &options.data_out {
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        let made = Made::new(options, &progress)?;
        let native = made.replay(Order::Arrival, &progress)?;
        storefront::write(&made.year, native.book, folder, &progress)?;
        if let Some(server) = &server {
            serve::serve(server, project(), folder);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (report, year, native) = report(options, &progress)?;
    print!("{report}");
    if let Some(path) = &options.json {
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(path, json + "\n").with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    if let Some(path) = &options.plot {
        fs::write(path, plot::svg(&report.promises, report.currency))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let failures = report.failures();
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    if !failures.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    if let Some(server) = &server {
        let folder = project().join("target/demo");
        storefront::write(&year, native.book, &folder, &progress)?;
        serve::serve(server, project(), &folder);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a file may be written there, as far as can be told without writing it.
fn check_writable(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    anyhow::ensure!(
        folder.is_dir(),
        "cannot write `{}`: `{}` is no folder",
        path.display(),
        folder.display()
    );
    anyhow::ensure!(!path.is_dir(), "cannot write `{}`: it is a folder", path.display());
    Ok(())
}

/// The root of the project.
fn project() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// A year and where it came from.
struct Made {
    year: Year,
    about: String,
    read: u64,
    repeated: u64,
    oddities: Oddities,
}

impl Made {
    fn new(options: &Options, progress: &Progress) -> Result<Made> {
        match (&options.transactions, &options.products) {
            (Some(transactions), Some(products)) => {
                let step = progress.step("reading the till lines", 1);
                let input = Input::read(transactions, products)?;
                step.advance(1);
                let (year, oddities) = tills::generate(&input, options.seed);
                let about = about_tills(&year, transactions, options.seed);
                let read = input.lines.len() as u64;
                Ok(Made { year, about, read, repeated: input.repeated, oddities })
            }
            _ => {
                let year = network::generate(options.shape(), progress);
                let about = about_network(&year, options);
                let read = year.notes.lines_by_item.values().sum();
                Ok(Made { year, about, read, repeated: 0, oddities: Oddities::default() })
            }
        }
    }

    fn replay(&self, order: Order, progress: &Progress) -> Result<Native> {
        let file = TemporaryFile::new("replay");
        self.year.log.write(&file.0, order)?;
        replay::native(&file.0, progress)
    }
}

fn report(options: &Options, progress: &Progress) -> Result<(Report, Year, Native)> {
    let (made, making) = timed(|| Made::new(options, progress));
    let Made { year, about, read, repeated, oddities } = made?;
    let file = TemporaryFile::new("events");
    let (written, writing) = timed(|| year.log.write(&file.0, options.order()));
    written?;
    let native = replay::native(&file.0, progress)?;
    let (digest, digesting) = timed(|| replay::hex(&native.book.digest()));
    let (readings, reading) = timed(|| Readings::take(&year, &native.book, &file.0, options, progress));
    let Readings { wasm, books, promises } = readings?;
    let (skus, nodes) = (year.log.skus.list(), year.log.nodes.list());
    let (unexplained, comparing) = timed(|| year.truth.compare(&native.book, skus, nodes));
    let (offers, answering) = timed(|| orders::answer(&year, &native.book));
    let now = orders::now(&year.world);
    let exceptions_by_code = Report::exceptions_of(&native.book, now);
    let mut seconds_by_step = vec![
        (if options.transactions.is_some() { "read and stocked" } else { "invented" }, making.as_secs_f64()),
        ("written to a file", writing.as_secs_f64()),
        ("replayed natively", native.seconds),
        ("native digest", digesting.as_secs_f64()),
        (readings_in_words(options), reading.as_secs_f64()),
    ];
    seconds_by_step.push(("held against the truth", comparing.as_secs_f64()));
    seconds_by_step.push(("orders answered", answering.as_secs_f64()));
    let mut report = Report {
        about,
        currency: year.world.currency,
        rows: Rows::new(read, repeated, native.tills, oddities, &native.book, now),
        events: year.log.len() as u64,
        events_by_kind: year.log.by_kind().clone(),
        positions: native.book.position_count() as u64,
        units: Report::units_of(&year, &native.book),
        exceptions: exceptions_by_code.values().sum(),
        exceptions_by_code,
        exceptions_on_arrival: native.all.exceptions,
        oddities: retail::oddities(&year, &native.book, books.as_ref(), now),
        books: Vec::new(),
        books_open: 0,
        book_failures: Vec::new(),
        promises,
        lanes: retail::lanes(&year.log, now),
        intents: year.intents.clone(),
        mistakes: year.truth.mistakes(),
        made: year.notes.clone(),
        compared: 0,
        differing: 0,
        unexplained: 0,
        unexplained_units: 0,
        order: order_in_words(options.order()),
        passes: native.passes,
        digest: Default::default(),
        host: None,
        offers: offers?,
        seconds: seconds_by_step.iter().map(|(_, seconds)| seconds).sum(),
        seconds_by_step,
        events_per_second: Default::default(),
    };
    if let Some(books) = &books {
        report.set_books(&year.world, books);
    }
    report.set_unexplained(unexplained);
    report.set_sides(&native, digest, wasm.as_ref());
    Ok((report, year, native))
}

/// What follows from a year that is written and replayed. Nothing of it waits for anything else: it is made side by side.
struct Readings {
    wasm: Option<Wasm>,
    books: Option<Books>,
    promises: Vec<Promises>,
}

impl Readings {
    fn take(
        year: &Year,
        book: &Book,
        file: &Path,
        options: &Options,
        progress: &Progress,
    ) -> Result<Readings> {
        let whole = options.is_whole();
        std::thread::scope(|scope| {
            let rules = Rule::ALL.into_iter().skip(1).filter(|_| whole && year.promises.is_some());
            let others = scope.spawn(move || rules.map(|rule| live_by(rule, options)).collect::<Vec<Year>>());
            let wasm = match options.native_only {
                true => None,
                false => Some(replay::wasm(file, &script(), year.log.len() as u64, progress)?),
            };
            let books = whole.then(|| Books::read(&year.world, &year.log, book, progress)).transpose()?;
            let step = match whole && year.promises.is_some() {
                true => progress.step("living the year by other rules", 1),
                false => Progress::quiet().step("", 1),
            };
            let others = others.join().expect("a year that is lived by another rule ends");
            let others = others.into_iter().filter_map(|year| year.promises);
            let mut promises: Vec<Promises> = year.promises.iter().cloned().chain(others).collect();
            promises::compare(&mut promises);
            step.advance(1);
            Ok(Readings { wasm, books, promises })
        })
    }
}

/// The same customers, served by another rule. Nobody wants to see the events.
fn live_by(rule: Rule, options: &Options) -> Year {
    network::generate_by(rule, options.shape(), Log::counting(), &Progress::quiet())
}

fn readings_in_words(options: &Options) -> &'static str {
    match (options.native_only, options.is_whole()) {
        (false, true) => "replayed through WebAssembly, valued and compared",
        (false, false) => "replayed through WebAssembly",
        (true, true) => "valued and compared",
        (true, false) => "no more",
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("replay.mjs")
}

fn order_in_words(order: Order) -> String {
    match order {
        Order::Arrival => "as it was, late facts late".into(),
        Order::Shuffled(seed) => format!("shuffled by seed {seed} between closes, master data and all"),
        Order::Reversed => "reversed between closes, the last event first".into(),
    }
}

fn about_tills(year: &Year, transactions: &Path, seed: u64) -> String {
    format!(
        "The till lines of `{}`: {} stores, {} items, {} days.\n\
         Opening stock and deliveries are invented (seed {seed}): each store opens with four weeks' sales in whole cartons,\n\
         and every seventh morning gets three weeks' more of what the coming week would use up.",
        transactions.display(),
        count(year.world.nodes.len() as u64),
        count(year.world.items.len() as u64),
        (year.world.end - year.world.start) / crate::world::DAY,
    )
}

fn about_network(year: &Year, options: &Options) -> String {
    let (weekly, items) = year.notes.weekly_sellers.unwrap_or_default();
    format!(
        "An invented network (seed {}): {} stores, two distribution centres, a web shop, {} days.\n\
         {weekly} of its {items} items sell a line a week or more in the average store.\n\
         Stores look at their shelves weekly and order up to three weeks' sales in cartons, the centres up to four weeks' in pallets.\n\
         Bread and dairy come from suppliers to the stores themselves. The books are closed by the month.",
        options.seed, options.stores, options.days,
    )
}

/// A file that is gone when it is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(what: &str) -> TemporaryFile {
        TemporaryFile(std::env::temp_dir().join(format!("onhand-demo-{}-{what}", std::process::id())))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}
