//! How far a long step is: a bar where somebody watches, else one line when a step begins.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

#[derive(Default)]
pub struct Progress {
    quiet: bool,
}

pub struct Step(ProgressBar);

impl Progress {
    /// Says nothing: for tests.
    pub fn quiet() -> Progress {
        Progress { quiet: true }
    }

    /// Begins a step of so many parts. The bar goes when the step is dropped.
    pub fn step(&self, what: &str, parts: u64) -> Step {
        if self.quiet || !stderr().is_terminal() {
            if !self.quiet {
                eprintln!("{what}");
            }
            return Step(ProgressBar::hidden());
        }
        let style =
            ProgressStyle::with_template("{msg:32} {bar:32} {percent:>3} %  {elapsed} of about {duration}");
        let bar = ProgressBar::new(parts).with_message(what.to_owned());
        Step(bar.with_style(style.expect("the template is fixed")))
    }
}

impl Step {
    pub fn advance(&self, parts: u64) {
        self.0.inc(parts);
    }

    pub fn reach(&self, parts: u64) {
        self.0.set_position(parts);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Runs a step and says how long it took.
pub fn timed<T>(step: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = step();
    (result, began.elapsed())
}
