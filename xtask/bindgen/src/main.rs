//! Writes the JavaScript side of the WebAssembly binding: `onhand-bindgen INPUT.wasm OUTPUT_DIRECTORY`.
//!
//! This is wasm-bindgen's own library in a program of ours. Its command line takes minutes to compile and must be
//! installed apart, in a version that nothing checks; this takes a fraction and its version is in `Cargo.lock`.
use std::env;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        bail!("usage: onhand-bindgen INPUT.wasm OUTPUT_DIRECTORY");
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("onhand")
        .web(true)?
        .typescript(true)
        // Hosts say where the module is. A default path makes bundlers emit the file twice.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(output).with_context(|| format!("cannot bind `{}`", input.display()))
}
