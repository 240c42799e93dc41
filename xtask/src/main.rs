//! The project's commands: `cargo xtask help` lists them.
//!
//! To add a command: a file beside this one with `pub fn run(arguments: Vec<OsString>) -> Result<()>`, and a line in
//! [`COMMANDS`].
mod bench;
mod cases;
mod demo;
mod docs;
mod evidence;
mod module;
mod mutants;
mod order;
mod panics;
mod process;
mod project;
mod setup;
mod shorten;
mod stamp;
mod tables;
mod test;
mod tidy;
mod wasm;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(Vec<OsString>) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command { name: "setup", about: "find or install all that the other commands need", run: setup::run },
    Command { name: "wasm", about: "build the WebAssembly module and the npm package", run: wasm::run },
    Command { name: "demo", about: "replay a retailer's year and answer orders from it", run: demo::run },
    Command { name: "test", about: "run every check and test", run: test::run },
    Command { name: "cases", about: "run files of text cases on every host", run: cases::run },
    Command {
        name: "bench",
        about: "measure side by side, and hold the figures to their bars",
        run: bench::run,
    },
    Command { name: "evidence", about: "hold every claim to its bar", run: evidence::run },
    Command { name: "docs", about: "build the documentation of the crate", run: docs::run },
    Command { name: "tables", about: "print the page of tables, docs/TABLES.md", run: tables::run },
    Command { name: "mutants", about: "make slips in the core, and see the tests fail", run: mutants::run },
    Command { name: "tidy", about: "check the rules of the house that no compiler knows", run: tidy::run },
];

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".into());
    if ["help", "--help", "-h"].iter().any(|help| name == *help) {
        print_help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| name == command.name) else {
        eprintln!("xtask: no command `{}`; `cargo xtask help` lists them", name.display());
        return ExitCode::from(2);
    };
    match (command.run)(arguments.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {}: {error:#}", command.name);
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("usage: cargo xtask COMMAND [ARGUMENTS]\n");
    for command in COMMANDS {
        println!("  {:<9} {}", command.name, command.about);
    }
}
