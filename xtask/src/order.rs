//! Puts the functions of a module in an order in which similar ones stand side by side: compressed, they take less room.
//!
//! What the compressor has seen a moment ago is what it says again most cheaply. The compiler's order follows the crates, and that of
//! wasm-opt how often each is called, which spares a byte a call and costs more than that. Only places change: what a function
//! does, and how fast, does not.
use anyhow::{Context, Result, bail, ensure};

use crate::module::{
    CODE, CUSTOM, ELEMENTS, EXPORTS, FUNCTION, FUNCTIONS, GLOBALS, IMPORTS, START, imported_functions,
    number, put_number, put_sized, rewritten, sections, sized, take,
};

/// Opcodes of the instructions that say something about other parts of the module or have a form of their own.
const END: u8 = 0x0b;
const BRANCH_TABLE: u8 = 0x0e;
const CALL: u8 = 0x10;
const CALL_INDIRECT: u8 = 0x11;
const SELECT_TYPED: u8 = 0x1c;
const FLOAT_32: u8 = 0x43;
const FLOAT_64: u8 = 0x44;
const REFERENCE: u8 = 0xd2;
const EXTENDED: u8 = 0xfc;

/// Where a chain of functions begins, of so many parts of all, and by how much it is remembered what stands further back. How well an
/// order compresses is not known before it is compressed: a few are made, and [`orders`] leaves the choice to who can tell.
const CHAINS: [(usize, f64); 12] = [
    (0, 0.0),
    (1, 0.0),
    (2, 0.0),
    (3, 0.0),
    (0, 0.6),
    (1, 0.6),
    (2, 0.6),
    (3, 0.6),
    (4, 0.6),
    (5, 0.6),
    (6, 0.5),
    (7, 0.5),
];
const PARTS: usize = 8;

/// The module in each of a few orders of its functions.
pub fn orders(module: &[u8]) -> Result<Vec<Vec<u8>>> {
    let functions = functions(module)?;
    let mut alike = vec![vec![0.0; functions.len()]; functions.len()];
    for (one, function) in functions.iter().enumerate() {
        for (other, held) in functions.iter().enumerate().take(one) {
            let likeness = likeness(&function.pieces, &held.pieces);
            (alike[one][other], alike[other][one]) = (likeness, likeness);
        }
    }
    let chains = CHAINS.iter().map(|(part, memory)| chained(&alike, functions.len() * part / PARTS, *memory));
    chains.map(|chain| ordered(module, &functions, &chain)).collect()
}

fn functions(module: &[u8]) -> Result<Vec<Function<'_>>> {
    let (mut types, mut bodies) = (Vec::new(), Vec::new());
    for (kind, mut section) in sections(module)? {
        match kind {
            FUNCTIONS => types = list(&mut section, number)?,
            CODE => bodies = list(&mut section, sized)?,
            _ => {}
        }
    }
    ensure!(types.len() == bodies.len(), "a module with as many types as functions");
    let mut functions = Vec::new();
    for (place, (kind, body)) in types.into_iter().zip(bodies).enumerate() {
        functions.push(Function { kind, body, pieces: pieces(body), place });
    }
    functions.sort_unstable();
    Ok(functions)
}

/// The module with its functions in an order.
fn ordered(module: &[u8], functions: &[Function<'_>], order: &[usize]) -> Result<Vec<u8>> {
    let imports = sections(module)?.into_iter().find(|(kind, _)| *kind == IMPORTS);
    let imported = imports.map_or(Ok(0), |(_, section)| imported_functions(section))?;
    let functions: Vec<&Function<'_>> = order.iter().map(|number| &functions[*number]).collect();
    let mut places: Vec<usize> = (0..imported + functions.len()).collect();
    for (new, function) in functions.iter().enumerate() {
        places[imported + function.place] = imported + new;
    }
    rewritten(module, |kind, mut section| {
        let mut out = Vec::new();
        match kind {
            // Names of functions that are now elsewhere, if anything.
            CUSTOM => return Ok(None),
            FUNCTIONS => {
                put_number(&mut out, functions.len());
                functions.iter().for_each(|function| put_number(&mut out, function.kind));
            }
            GLOBALS => globals(&mut section, &mut out, &places)?,
            EXPORTS => exports(&mut section, &mut out, &places)?,
            START => put_place(&mut section, &mut out, &places)?,
            ELEMENTS => elements(&mut section, &mut out, &places)?,
            CODE => {
                put_number(&mut out, functions.len());
                for function in &functions {
                    put_sized(&mut out, &moved(function.body, &places)?);
                }
            }
            _ => out.extend_from_slice(section),
        }
        Ok(Some(out))
    })
}

/// A function, in the order of what it is by itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Function<'a> {
    kind: usize,
    body: &'a [u8],
    /// What stands in its body, sorted.
    pieces: Vec<u32>,
    place: usize,
}

/// Four bytes at a time, about two instructions: more finds too little, less too much.
fn pieces(body: &[u8]) -> Vec<u32> {
    let four = body.windows(4).map(|four| four.iter().fold(0, |piece, byte| piece << 8 | u32::from(*byte)));
    let mut pieces: Vec<u32> = four.collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// Each function behind the one that is most like it, and what stands before it, of those that stand nowhere yet.
fn chained(alike: &[Vec<f64>], first: usize, memory: f64) -> Vec<usize> {
    let mut left: Vec<usize> = (0..alike.len()).collect();
    let mut likes = vec![0.0; alike.len()];
    let mut chain = Vec::with_capacity(left.len());
    let mut next = Some(first);
    while let Some(place) = next.filter(|_| !left.is_empty()) {
        let last = left.remove(place);
        chain.push(last);
        for one in &left {
            likes[*one] = likes[*one] * memory + alike[last][*one];
        }
        next = (0..left.len()).max_by(|one, other| likes[left[*one]].total_cmp(&likes[left[*other]]));
    }
    chain
}

/// How much two functions have in common for their length: long ones have something in common with most others.
fn likeness(one: &[u32], other: &[u32]) -> f64 {
    let (mut left, mut common) = (other, 0);
    for piece in one {
        while left.first().is_some_and(|first| first < piece) {
            left = &left[1..];
        }
        common += u32::from(left.first() == Some(piece));
    }
    let lengths = (one.len() + 1) as f64 * (other.len() + 1) as f64;
    f64::from(common).powi(3) / lengths.powi(2)
}

fn list<'a, T>(section: &mut &'a [u8], mut item: impl FnMut(&mut &'a [u8]) -> Result<T>) -> Result<Vec<T>> {
    (0..number(section)?).map(|_| item(section)).collect()
}

fn globals(section: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<()> {
    for _ in 0..copied_number(section, out)? {
        // Its type, and whether it changes.
        out.extend_from_slice(take(section, 2)?);
        expression(section, out, places)?;
    }
    Ok(())
}

fn exports(section: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<()> {
    for _ in 0..copied_number(section, out)? {
        put_sized(out, sized(section)?);
        let kind = take(section, 1)?[0];
        out.push(kind);
        if kind == FUNCTION {
            put_place(section, out, places)?;
        } else {
            copied_number(section, out)?;
        }
    }
    Ok(())
}

/// Tables of functions: at a place in the first table, or in one that is named.
fn elements(section: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<()> {
    for _ in 0..copied_number(section, out)? {
        let form = copied_number(section, out)?;
        ensure!(form == 0 || form == 2, "a table of functions in a form that is not known");
        if form == 2 {
            copied_number(section, out)?;
        }
        expression(section, out, places)?;
        if form == 2 {
            out.extend_from_slice(take(section, 1)?);
        }
        for _ in 0..copied_number(section, out)? {
            put_place(section, out, places)?;
        }
    }
    Ok(())
}

/// A body in which functions are called at their new places.
fn moved(body: &[u8], places: &[usize]) -> Result<Vec<u8>> {
    let mut rest = body;
    let mut out = Vec::new();
    for _ in 0..copied_number(&mut rest, &mut out)? {
        copied_number(&mut rest, &mut out)?;
        out.extend_from_slice(take(&mut rest, 1)?);
    }
    while !rest.is_empty() {
        instruction(&mut rest, &mut out, places)?;
    }
    Ok(out)
}

/// Instructions up to the end of what a constant is made of.
fn expression(code: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<()> {
    while instruction(code, out, places)? != END {}
    Ok(())
}

/// Copies an instruction and says which it was. Those that the module has no use for are refused, and not guessed.
fn instruction(code: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<u8> {
    let opcode = take(code, 1)?[0];
    out.push(opcode);
    let numbers = match opcode {
        CALL | REFERENCE => {
            put_place(code, out, places)?;
            0
        }
        BRANCH_TABLE => copied_number(code, out)? + 1,
        SELECT_TYPED => copied_number(code, out)?,
        FLOAT_32 => copied(code, out, 4)?,
        FLOAT_64 => copied(code, out, 8)?,
        // Type and table; alignment and offset.
        CALL_INDIRECT | 0x28..=0x3e => 2,
        // Blocks and their types, branches, locals, globals and tables, the size of memory, constants, no reference.
        0x02..=0x04 | 0x0c | 0x0d | 0x20..=0x26 | 0x3f..=0x42 | 0xd0 => 1,
        // Unreachable, nothing, else, end, return, drop, select, arithmetic, whether there is a reference.
        0x00 | 0x01 | 0x05 | END | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => 0,
        EXTENDED => match copied_number(code, out)? {
            // To whole numbers without a trap.
            0..=7 => 0,
            // Dropping and filling; growing, measuring and filling a table.
            9 | 11 | 13 | 15..=17 => 1,
            // Putting and copying.
            8 | 10 | 12 | 14 => 2,
            other => bail!("a module with an instruction that is not known: {EXTENDED:#x} {other}"),
        },
        other => bail!("a module with an instruction that is not known: {other:#x}"),
    };
    for _ in 0..numbers {
        while copied_byte(code, out)? >= 0x80 {}
    }
    Ok(opcode)
}

/// Copies bytes that are no numbers in LEB128, and says that none of those follow.
fn copied(code: &mut &[u8], out: &mut Vec<u8>, bytes: usize) -> Result<usize> {
    out.extend_from_slice(take(code, bytes)?);
    Ok(0)
}

fn copied_byte(code: &mut &[u8], out: &mut Vec<u8>) -> Result<u8> {
    let byte = take(code, 1)?[0];
    out.push(byte);
    Ok(byte)
}

fn copied_number(code: &mut &[u8], out: &mut Vec<u8>) -> Result<usize> {
    let number = number(code)?;
    put_number(out, number);
    Ok(number)
}

fn put_place(code: &mut &[u8], out: &mut Vec<u8>, places: &[usize]) -> Result<()> {
    let function = number(code)?;
    put_number(out, *places.get(function).context("a call of a function that is not there")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::put_number;

    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (kind, section) in sections {
            module.push(*kind);
            put_sized(&mut module, section);
        }
        module
    }

    fn code(bodies: &[&[u8]]) -> Vec<u8> {
        let mut code = Vec::new();
        put_number(&mut code, bodies.len());
        bodies.iter().for_each(|body| put_sized(&mut code, body));
        code
    }

    /// One function is imported; of three, the first is like none of the others.
    #[test]
    fn like_functions_stand_together_and_who_names_one_finds_it() {
        let imports: &[u8] = &[1, 1, b'a', 1, b'b', 0, 0];
        // Each with a block, a constant that looks like a call, and calls of the import, of the first and of the last.
        let of_later_type: &[u8] = &[0, 0x02, 0x40, 0x41, 0x90, 0x01, 0x1a, 0x0b, 0x10, 0, 0x10, 1, 0x0b];
        let second: &[u8] = &[0, 0x41, 7, 0x1a, 0x41, 9, 0x1a, 0x10, 1, 0x0b];
        let third: &[u8] = &[0, 0x41, 6, 0x1a, 0x41, 9, 0x1a, 0x10, 3, 0x0b];
        let told = module(&[
            (IMPORTS, imports),
            (FUNCTIONS, &[3, 1, 0, 0]),
            (GLOBALS, &[1, 0x70, 0, 0xd2, 1, 0x0b]),
            (EXPORTS, &[2, 1, b'f', 0, 1, 1, b'm', 2, 0]),
            (START, &[2]),
            (ELEMENTS, &[1, 0, 0x41, 1, 0x0b, 3, 1, 2, 3]),
            (CODE, &code(&[of_later_type, second, third])),
            (CUSTOM, b"\x04name"),
        ]);
        let first_now: &[u8] = &[0, 0x41, 6, 0x1a, 0x41, 9, 0x1a, 0x10, 1, 0x0b];
        let second_now: &[u8] = &[0, 0x41, 7, 0x1a, 0x41, 9, 0x1a, 0x10, 3, 0x0b];
        let third_now: &[u8] = &[0, 0x02, 0x40, 0x41, 0x90, 0x01, 0x1a, 0x0b, 0x10, 0, 0x10, 3, 0x0b];
        let sorted = module(&[
            (IMPORTS, imports),
            (FUNCTIONS, &[3, 0, 0, 1]),
            (GLOBALS, &[1, 0x70, 0, 0xd2, 3, 0x0b]),
            (EXPORTS, &[2, 1, b'f', 0, 3, 1, b'm', 2, 0]),
            (START, &[2]),
            (ELEMENTS, &[1, 0, 0x41, 1, 0x0b, 3, 3, 2, 1]),
            (CODE, &code(&[first_now, second_now, third_now])),
        ]);
        assert_eq!(orders(&told).unwrap()[0], sorted);
    }

    #[test]
    fn an_instruction_that_is_not_known_is_refused() {
        let told = module(&[(FUNCTIONS, &[1, 0]), (CODE, &code(&[&[0, 0xfd, 0, 0x0b]]))]);
        assert!(orders(&told).is_err());
    }
}
