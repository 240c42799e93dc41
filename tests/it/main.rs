//! Integration tests of onhand, in one binary.
mod carry;
mod cases;
mod hostile;
mod laws;
mod limits;
mod model;
mod planted;
mod table;

use proptest::test_runner::Config;

/// How many cases proptest makes up: `PROPTEST_CASES` of them, or as many as the normal run has time for.
fn cases_of(usual: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, ..Config::default() }
}
