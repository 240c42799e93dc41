//! Takes out of a module what a panic would say: nobody reads it on a page, where a panic is a trap and nothing more.
//!
//! The compiler keeps, for each sum that might overflow, the file, line and column, and the code that would write it all down.
//! Here every function that only leads to the trap becomes the trap itself, and the places in source files become zeros. wasm-opt
//! then drops what has no use any more. Where nothing writes texts by the formatter, the same goes for what prints numbers. What a later
//! compiler names otherwise stays as it is, and is only larger.
use std::collections::HashMap;

use anyhow::{Result, ensure};

use crate::module::{
    CODE, CUSTOM, DATA, IMPORTS, imported_functions, number, put_number, put_sized, rewritten, sections,
    sized, take, text,
};

/// Parts of the names of functions that never return and that say on which panic, in either way of mangling names.
const LEADS_TO_TRAP: &[&str] = &[
    "4core9panicking",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "4core6option13unwrap_failed",
    "4core6option13expect_failed",
    "4core6result13unwrap_failed",
    "16slice_index_fail",
    "17len_mismatch_fail",
    "13assert_failed",
    "16slice_error_fail",
    "5alloc18handle_alloc_error",
    "7raw_vec12handle_error",
    "7raw_vec17capacity_overflow",
    "17rust_begin_unwind",
];

/// Parts of the names of functions that print into a formatter, in either way of mangling names, as the numbers of a panic are printed.
const PRINTS: &[&str] = &["9Formatter", "7Display3fmt", "Display$GT$3fmt", "5Debug3fmt", "Debug$GT$3fmt"];

/// Part of the name of what a formatter writes by. Where no function is called so, there is no formatter but for panics.
const WRITES: &str = "9write_str";

/// Texts of the standard library that only those functions would say, and parts of such.
const SAID: &[&[u8]] = &[
    b"attempt to add with overflow",
    b"attempt to divide with overflow",
    b"attempt to multiply with overflow",
    b"attempt to negate with overflow",
    b"attempt to shift left with overflow",
    b"attempt to shift right with overflow",
    b"attempt to subtract with overflow",
    b"attempt to divide by zero",
    b"attempt to calculate the remainder with a divisor of zero",
    b"called `Option::unwrap()` on a `None` value",
    b"called `Result::unwrap()` on an `Err` value",
    b"destination and source slices have different lengths",
    b"assertion failed: mid <= self.len()",
    b"a Display implementation returned an error unexpectedly",
    b"Tried to shrink to a larger capacity",
    b"chunk size must be non-zero",
    b"capacity overflow",
    b"a formatting trait implementation returned an error when the underlying stream did not",
    b"RefCell already mutably borrowed",
    b"RefCell already borrowed",
    b"min > max. min = ",
    b", max = ",
    b"mid > len",
    // And what a broken invariant of the core would say.
    b"an entry for each number",
    b"index out of bounds: the len is ",
    b" but the index is ",
    b"slice index starts at ",
    b" but ends at ",
    b"range start index ",
    b"range end index ",
    b" out of range for slice of length ",
    b"copy_from_slice: source slice length (",
    b") does not match destination slice length (",
    b"split index (is ",
    b"insertion index (is ",
    b"removal index (is ",
    b"swap_remove index (is ",
    b") should be <= len (is ",
    b") should be < len (is ",
];

/// A body without locals that traps.
const TRAP: &[u8] = &[0, 0x00, 0x0b];

/// Bytes of a place in a source file: address and length of the path, line, column.
const PLACE: usize = 16;

pub fn mute(module: &[u8]) -> Result<Vec<u8>> {
    let mut names = HashMap::new();
    let mut imported = 0;
    for (kind, mut section) in sections(module)? {
        match kind {
            CUSTOM if text(&mut section)? == "name" => names = function_names(section)?,
            IMPORTS => imported = imported_functions(section)?,
            _ => {}
        }
    }
    let writes = names.values().any(|name| name.contains(WRITES));
    let gone = |place| {
        let name = names.get(&(imported + place)).copied().unwrap_or_default();
        let named = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        named(LEADS_TO_TRAP) || !writes && named(PRINTS)
    };
    rewritten(module, |kind, section| {
        Ok(Some(match kind {
            CODE => with_traps(section, gone)?,
            DATA => without_places(section)?,
            _ => section.to_vec(),
        }))
    })
}

fn function_names(mut section: &[u8]) -> Result<HashMap<usize, &str>> {
    const FUNCTIONS: u8 = 1;
    let mut names = HashMap::new();
    while !section.is_empty() {
        let kind = take(&mut section, 1)?[0];
        let mut part = sized(&mut section)?;
        if kind != FUNCTIONS {
            continue;
        }
        for _ in 0..number(&mut part)? {
            names.insert(number(&mut part)?, text(&mut part)?);
        }
    }
    Ok(names)
}

/// The code with a trap in the place of each function that is gone.
fn with_traps(mut section: &[u8], gone: impl Fn(usize) -> bool) -> Result<Vec<u8>> {
    let count = number(&mut section)?;
    let mut code = Vec::new();
    put_number(&mut code, count);
    for place in 0..count {
        let body = sized(&mut section)?;
        put_sized(&mut code, if gone(place) { TRAP } else { body });
    }
    Ok(code)
}

fn without_places(mut section: &[u8]) -> Result<Vec<u8>> {
    let count = number(&mut section)?;
    let mut data = Vec::new();
    put_number(&mut data, count);
    for _ in 0..count {
        // Where it goes is a constant: `i32.const address end`.
        let start = section;
        ensure!(take(&mut section, 2)? == [0, 0x41], "data that does not go to a fixed address");
        let address = number(&mut section)?;
        ensure!(take(&mut section, 1)? == [0x0b], "data that does not go to a fixed address");
        data.extend_from_slice(&start[..start.len() - section.len()]);
        let mut bytes = sized(&mut section)?.to_vec();
        clear_places(address, &mut bytes);
        clear_texts(&mut bytes);
        put_sized(&mut data, &bytes);
    }
    Ok(data)
}

/// Clears each place in a source file, and the path that it names.
fn clear_places(address: usize, bytes: &mut [u8]) {
    let mut found = Vec::new();
    for at in (0..bytes.len().saturating_sub(PLACE - 1)).step_by(4) {
        let field = |nth: usize| {
            let at = at + 4 * nth;
            bytes[at..at + 4].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let Some(path) = field(0).checked_sub(address).map(|start| start..start + field(1)) else { continue };
        let (line, column) = (field(2), field(3));
        let is_path = bytes.get(path.clone()).is_some_and(|path| path.is_ascii() && path.ends_with(b".rs"));
        if is_path && path.len() < 256 && (1..100_000).contains(&line) && (1..1_000).contains(&column) {
            found.extend([at..at + PLACE, path]);
        }
    }
    for range in found {
        bytes[range].fill(0);
    }
}

fn clear_texts(bytes: &mut [u8]) {
    for text in SAID {
        while let Some(at) = bytes.windows(text.len()).position(|here| here == *text) {
            bytes[at..at + text.len()].fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two functions of the type at 0 and one segment at address 64.
    fn module(bodies: [&[u8]; 2], names: [&str; 2], data: &[u8]) -> Vec<u8> {
        let mut code = vec![2];
        bodies.iter().for_each(|body| put_sized(&mut code, body));
        let mut named = vec![2];
        for (place, name) in names.iter().enumerate() {
            put_number(&mut named, place);
            put_sized(&mut named, name.as_bytes());
        }
        let mut name_section = vec![4];
        name_section.extend(b"name\x01");
        put_sized(&mut name_section, &named);
        let mut segment = vec![1, 0, 0x41, 0xc0, 0, 0x0b];
        put_sized(&mut segment, data);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (kind, section) in [(CODE, code), (DATA, segment), (CUSTOM, name_section)] {
            module.push(kind);
            put_sized(&mut module, &section);
        }
        module
    }

    #[test]
    fn what_a_panic_would_say_is_gone_and_all_else_stays() {
        let names = ["_RNvNtCs_4core9panicking9panic_fmt", "sum"];
        let bodies: [&[u8]; 2] = [&[0, 0x41, 1, 0x1a, 0x0b], &[0, 0x41, 2, 0x1a, 0x0b]];
        let path = b"core/src/a.rs\0\0\0";
        // Of the path, a place in it, and a number that only looks like one: its text is no path.
        let data = |path: &[u8], place: [u32; 4]| {
            let other = [64_u32, 4, 1, 1];
            path.iter()
                .copied()
                .chain(place.into_iter().chain(other).flat_map(u32::to_le_bytes))
                .collect::<Vec<_>>()
        };
        let told = module(bodies, names, &data(path, [64, 13, 7, 9]));
        let muted = module([TRAP, bodies[1]], names, &data(&[0; 16], [0; 4]));
        assert_eq!(mute(&told).unwrap(), muted);
    }

    #[test]
    fn what_prints_is_gone_unless_something_is_written_to() {
        let printing = "_RNvMsa_NtCs_4core3fmtNtB5_9Formatter3pad";
        let writing = "_RNvXs_NtCs_5alloc6stringNtB4_6StringNtNtCs_4core3fmt5Write9write_str";
        let bodies: [&[u8]; 2] = [&[0, 0x41, 1, 0x1a, 0x0b], &[0, 0x41, 2, 0x1a, 0x0b]];
        let told = |other| module(bodies, [printing, other], b"text");
        let muted = module([TRAP, bodies[1]], [printing, "sum"], b"text");
        assert_eq!(mute(&told("sum")).unwrap(), muted);
        assert_eq!(mute(&told(writing)).unwrap(), told(writing));
    }

    #[test]
    fn a_module_that_ends_too_early_is_an_error() {
        let whole = module([TRAP, TRAP], ["a", "b"], b"text");
        assert!(mute(&whole[..whole.len() - 1]).is_err());
    }
}
