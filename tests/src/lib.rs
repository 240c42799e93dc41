//! Tests of onhand: the corpus of text cases and its runner, the reference model, and what makes up random events.
//!
//! A case is text that a shop person can read (`cases/*.txt`, grammar in [`case`]). One runner ([`run`]) plays it on any
//! [`host::Host`]: the crate itself, its WebAssembly under Node.js, or the npm package. What a host answers becomes text in
//! one place ([`render`]), so hosts can only differ where the engine does.
pub mod atp;
pub mod case;
pub mod catalogue;
pub mod event;
pub mod floor;
pub mod history;
pub mod host;
pub mod laws;
pub mod live;
pub mod lockstep;
pub mod model;
pub mod moment;
pub mod mutants;
pub mod orders;
pub mod planted;
pub mod promise;
pub mod random;
pub mod render;
pub mod rulebook;
pub mod rules;
pub mod run;
pub mod seeds;
pub mod tables;

/// How a program of tests ends: 0 where all is well, 1 where a test failed, 2 where it could not be run, which is said.
pub fn exit(all_well: &anyhow::Result<bool>) -> std::process::ExitCode {
    std::process::ExitCode::from(match all_well {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(why) => {
            eprintln!("{why:#}");
            2
        }
    })
}
