//! A WebAssembly module as bytes: its sections, and the numbers and texts in them.
use anyhow::{Context, Result, bail, ensure};

pub const CUSTOM: u8 = 0;
pub const IMPORTS: u8 = 2;
pub const FUNCTIONS: u8 = 3;
pub const GLOBALS: u8 = 6;
pub const EXPORTS: u8 = 7;
pub const START: u8 = 8;
pub const ELEMENTS: u8 = 9;
pub const CODE: u8 = 10;
pub const DATA: u8 = 11;

/// Says whether an import or an export is a function.
pub const FUNCTION: u8 = 0;

/// A module with the same sections, each with what is made of it; what becomes nothing is left out.
pub fn rewritten(
    module: &[u8],
    mut rewrite: impl FnMut(u8, &[u8]) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<u8>> {
    let mut whole = module.get(..8).context("a module without a header")?.to_vec();
    for (kind, section) in sections(module)? {
        if let Some(section) = rewrite(kind, section)? {
            whole.push(kind);
            put_sized(&mut whole, &section);
        }
    }
    Ok(whole)
}

/// The kind and the bytes of each section.
pub fn sections(module: &[u8]) -> Result<Vec<(u8, &[u8])>> {
    let mut rest = module.get(8..).context("a module without a header")?;
    let mut sections = Vec::new();
    while !rest.is_empty() {
        sections.push((take(&mut rest, 1)?[0], sized(&mut rest)?));
    }
    Ok(sections)
}

pub fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count).context("a module that ends too early")?;
    *bytes = rest;
    Ok(taken)
}

/// A number in LEB128. Addresses are signed in the module: those of data are small and positive.
pub fn number(bytes: &mut &[u8]) -> Result<usize> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let byte = take(bytes, 1)?[0];
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    bail!("a module with a number that is too long")
}

pub fn sized<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    let count = number(bytes)?;
    take(bytes, count)
}

pub fn text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str> {
    Ok(str::from_utf8(sized(bytes)?)?)
}

pub fn put_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

pub fn put_sized(bytes: &mut Vec<u8>, content: &[u8]) {
    put_number(bytes, content.len());
    bytes.extend_from_slice(content);
}

/// How many functions the section of imports has: they come before those of the module.
pub fn imported_functions(mut section: &[u8]) -> Result<usize> {
    let count = number(&mut section)?;
    for _ in 0..count {
        for _of in ["module", "name"] {
            sized(&mut section)?;
        }
        ensure!(take(&mut section, 1)?[0] == FUNCTION, "a module that imports more than functions");
        number(&mut section)?;
    }
    Ok(count)
}
