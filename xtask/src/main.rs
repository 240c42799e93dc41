//! The project's commands: `cargo xtask help` lists them.
//!
//! To add a command: a file beside this one with `pub const USAGE` and `pub fn run(arguments: Vec<OsString>) -> Result<()>`,
//! and a line in [`COMMANDS`].
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
    /// What `--help` says; nothing where the program behind the command says it.
    usage: Option<&'static str>,
    run: fn(Vec<OsString>) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "setup",
        about: "find or install all that the other commands need",
        usage: Some(setup::USAGE),
        run: setup::run,
    },
    Command {
        name: "wasm",
        about: "build the WebAssembly module and the npm package",
        usage: Some(wasm::USAGE),
        run: wasm::run,
    },
    Command {
        name: "demo",
        about: "replay a retailer's year and answer orders from it",
        usage: None,
        run: demo::run,
    },
    Command { name: "test", about: "run every check and test", usage: Some(test::USAGE), run: test::run },
    Command { name: "cases", about: "run files of text cases on every host", usage: None, run: cases::run },
    Command {
        name: "bench",
        about: "measure side by side, and hold the figures to their bars",
        usage: Some(bench::USAGE),
        run: bench::run,
    },
    Command {
        name: "evidence",
        about: "hold every claim to its bar",
        usage: Some(evidence::USAGE),
        run: evidence::run,
    },
    Command {
        name: "docs",
        about: "build the documentation of the crate",
        usage: Some(docs::USAGE),
        run: docs::run,
    },
    Command {
        name: "tables",
        about: "print the page of tables, docs/TABLES.md",
        usage: Some(tables::USAGE),
        run: tables::run,
    },
    Command {
        name: "mutants",
        about: "make slips in the core, and see the tests fail",
        usage: None,
        run: mutants::run,
    },
    Command {
        name: "tidy",
        about: "check the rules of the house that no compiler knows",
        usage: Some(tidy::USAGE),
        run: tidy::run,
    },
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
    let arguments: Vec<OsString> = arguments.collect();
    if let Some(usage) = command.usage.filter(|_| asks_for_help(&arguments)) {
        println!("{usage}");
        return ExitCode::SUCCESS;
    }
    match (command.run)(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {}: {error:#}", command.name);
            if !error.is::<lexopt::Error>() {
                return ExitCode::FAILURE;
            }
            eprintln!("`cargo xtask {} --help` says what there is", command.name);
            ExitCode::from(2)
        }
    }
}

fn print_help() {
    println!("usage: cargo xtask COMMAND [ARGUMENTS]\n");
    for command in COMMANDS {
        println!("  {:<9} {}", command.name, command.about);
    }
    println!("\n`cargo xtask COMMAND --help` says more of each.");
}

fn asks_for_help(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--help" || argument == "-h")
}

/// For a command that has no arguments.
fn no_arguments(arguments: Vec<OsString>) -> Result<()> {
    match lexopt::Parser::from_args(arguments).next()? {
        None => Ok(()),
        Some(argument) => Err(argument.unexpected().into()),
    }
}
