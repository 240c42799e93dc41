//! Integration tests of onhand, in one binary.
mod approval;
mod calendar;
mod calendar_walk;
mod carry;
mod cases;
mod counting;
mod hostile;
mod laws;
mod limits;
mod log;
mod model;
mod planted;
mod promise;
mod receiving;
mod sourcing;
mod table;

use proptest::test_runner::Config;

/// How many cases proptest makes up: `PROPTEST_CASES` of them, or as many as the normal run has time for, and twenty times as
/// many when `cargo xtask test --long` asks (`ONHAND_LONG`).
fn cases_of(usual: u32) -> Config {
    let said = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let usual = if std::env::var_os("ONHAND_LONG").is_some() { usual * 20 } else { usual };
    Config { cases: said.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}
