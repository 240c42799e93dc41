//! `cargo xtask demo` runs this program once both sides are built.

use std::process::ExitCode;

use clap::Parser;
use onhand_demo::options::Options;

fn main() -> ExitCode {
    match onhand_demo::run(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
