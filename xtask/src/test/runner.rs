//! Runs one step: its programs write to a log, a terminal sees that time passes, and a failure shows the log's end.
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Options;
use super::counts::Counts;
use super::report::Row;
use super::steps::Step;
use crate::{process, project, setup};

/// A program that is still running after this has hung; with `--long` it may take three times as long.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// Lines of the log that a failure shows.
const LINES_SHOWN: usize = 80;

pub struct Runner {
    name: String,
    pub options: Options,
    log: PathBuf,
    counts: RefCell<Counts>,
}

impl Runner {
    pub fn new(name: &str, options: &Options) -> Result<Runner> {
        let log = project::path("target/test-logs").join(format!("{}.log", name.replace('/', "-")));
        fs::create_dir_all(project::path("target/test-logs"))?;
        fs::write(&log, "").with_context(|| format!("cannot write `{}`", log.display()))?;
        Ok(Runner { name: name.to_owned(), options: options.clone(), log, counts: RefCell::default() })
    }

    /// Runs the step and tells how it went.
    pub fn row(&self, step: &Step) -> Row {
        let started = Instant::now();
        eprintln!("{:>16}  {}", self.name, step.about);
        let result = (step.run)(self);
        let mut counts = *self.counts.borrow();
        match &result {
            Ok(()) if counts == Counts::default() => counts = Counts::ONE_PASSED,
            Ok(()) => {}
            Err(error) => {
                self.show_log();
                eprintln!("{:>16}  FAILED: {error:#}", self.name);
                // A runner that died before its summary failed all the same.
                if counts.failed == 0 {
                    counts.failed = Counts::ONE_FAILED.failed;
                }
            }
        }
        Row {
            name: self.name.clone(),
            counts,
            seconds: started.elapsed().as_secs_f64(),
            left_for_long: step.left_for_long.filter(|_| !self.options.long),
        }
    }

    /// Runs a program of the step, adding up the tests that it reports. Failed tests fail the step.
    pub fn run(&self, command: &mut Command) -> Result<()> {
        let line = process::line(command);
        let before = fs::metadata(&self.log)?.len();
        let output = File::options().append(true).open(&self.log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never").env_remove("FORCE_COLOR");
        if let Some(browser) = setup::find_browser() {
            command.env("CHROME_PATH", browser);
        }
        if self.options.long {
            command.env("ONHAND_LONG", "1");
        }
        let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
        let started = Instant::now();
        let limit = if self.options.long { LIMIT * 3 } else { LIMIT };
        let mut shown = before;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if started.elapsed() > limit {
                child.kill()?;
                child.wait()?;
                bail!("`{line}` was still running after {} minutes", limit.as_secs() / 60);
            }
            thread::sleep(Duration::from_millis(100));
            shown = self.show_progress(shown, started)?;
        };
        self.show_progress(shown, started)?;
        self.clear_progress();

        let counts = Counts::of_output(&self.text_from(before)?);
        let sum = [*self.counts.borrow(), counts].into_iter().sum();
        self.counts.replace(sum);
        if !status.success() {
            bail!("`{line}` failed ({status})");
        }
        if counts.failed > 0 {
            bail!("`{line}` reports {} failed tests", counts.failed);
        }
        Ok(())
    }

    fn show_progress(&self, shown: u64, started: Instant) -> Result<u64> {
        if self.options.verbose {
            let text = self.text_from(shown)?;
            eprint!("{text}");
            return Ok(shown + text.len() as u64);
        }
        if io::stderr().is_terminal() {
            eprint!("\r{:>16}  {} s ", "", started.elapsed().as_secs());
            let _ = io::stderr().flush();
        }
        Ok(shown)
    }

    fn clear_progress(&self) {
        if !self.options.verbose && io::stderr().is_terminal() {
            eprint!("\r{:>30}\r", "");
        }
    }

    fn show_log(&self) {
        let Ok(text) = self.text_from(0) else { return };
        if self.options.verbose {
            return;
        }
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(LINES_SHOWN)..] {
            eprintln!("    {line}");
        }
        if lines.len() > LINES_SHOWN {
            eprintln!("    (all of it: {})", self.log.display());
        }
    }

    fn text_from(&self, offset: u64) -> Result<String> {
        use std::io::{Seek, SeekFrom};
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
