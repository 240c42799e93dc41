//! Integration tests of onhand, in one binary.
mod approval;
mod atp;
mod calendar;
mod calendar_clock;
mod calendar_walk;
mod carried;
mod carry;
mod cases;
mod catalogue;
mod cbv;
mod clock;
mod content;
mod counting;
mod dealt;
mod doors;
mod explained;
mod hostile;
mod implied;
mod json;
mod laws;
mod limits;
mod live;
mod log;
mod lots;
mod planted;
mod promise;
mod readme;
mod receiving;
mod restored;
mod rulebook;
mod ruled;
mod sourcing;
mod split;
mod stand_in;
mod table;
mod tables;
mod text;
mod undone;
mod valuation;

use proptest::test_runner::Config;

/// Whether there is time for what takes long: `cargo xtask test --long` says so. No test is left out without it; those that could
/// go on for ever take a smaller number.
fn is_long() -> bool {
    std::env::var_os("ONHAND_LONG").is_some()
}

/// How many cases proptest makes up: `PROPTEST_CASES` of them, or as many as the normal run has time for, and twenty times as
/// many where there is time.
fn cases_of(usual: u32) -> Config {
    let said = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let usual = if is_long() { usual * 20 } else { usual };
    Config { cases: said.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}
