//! Gives what crosses between a module and its JavaScript names of one or two letters, in both: nobody reads them, every page loads them.
use std::collections::HashMap;

use anyhow::{Result, ensure};

use crate::module::{EXPORTS, IMPORTS, number, put_number, put_sized, rewritten, take, text};

/// As wasm-bindgen names the module from which it imports.
const IMPORTED_FROM: &str = "./onhand_bg.js";

/// What the package asks for by name itself (npm/scripts/build.mjs).
const KEPT: &[&str] = &["memory"];

/// The module and its JavaScript. What nobody asks the module for it does not export; a name that the JavaScript says in a way that is
/// not known here is an error.
pub fn names(module: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let mut script = script.replace(&format!("{IMPORTED_FROM:?}"), "\"a\"");
    let mut exported = HashMap::new();
    let module = rewritten(module, |kind, mut section| {
        let mut out = Vec::new();
        match kind {
            IMPORTS => {
                let count = number(&mut section)?;
                put_number(&mut out, count);
                for place in 0..count {
                    ensure!(text(&mut section)? == IMPORTED_FROM, "a module that imports from elsewhere");
                    put_sized(&mut out, b"a");
                    let short = short_name(place);
                    script = with_import(&script, text(&mut section)?, &short)?;
                    put_sized(&mut out, short.as_bytes());
                    // A function, and its type.
                    out.extend_from_slice(take(&mut section, 1)?);
                    put_number(&mut out, number(&mut section)?);
                }
            }
            EXPORTS => {
                let mut kept = 0;
                for _ in 0..number(&mut section)? {
                    let name = text(&mut section)?;
                    let kind = take(&mut section, 1)?[0];
                    let place = number(&mut section)?;
                    if !is_asked(&script, name) {
                        ensure!(
                            !script.contains(name),
                            "the binding's JavaScript says `{name}` in a way that is not known"
                        );
                        continue;
                    }
                    let short = if KEPT.contains(&name) { name.to_owned() } else { short_name(kept) };
                    kept += 1;
                    put_sized(&mut out, short.as_bytes());
                    out.push(kind);
                    put_number(&mut out, place);
                    exported.insert(name.to_owned(), short);
                }
                let mut counted = Vec::new();
                put_number(&mut counted, kept);
                out.splice(0..0, counted);
            }
            _ => out.extend_from_slice(section),
        }
        Ok(Some(out))
    })?;
    let script = with_exports(&script, &exported);
    Ok((module, script))
}

/// `a` to `z`, `A` to `Z`, `aa`, `ba` and so on.
fn short_name(place: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = char::from(LETTERS[place % LETTERS.len()]);
    match place / LETTERS.len() {
        0 => letter.to_string(),
        more => format!("{letter}{}", short_name(more - 1)),
    }
}

/// An import is a member of an object: `name: function(`.
fn with_import(script: &str, name: &str, short: &str) -> Result<String> {
    let told = format!(" {name}: function(");
    ensure!(
        script.matches(&told).count() == 1,
        "the binding's JavaScript does not give `{name}` in the way that is known"
    );
    Ok(script.replace(&told, &format!(" {short}: function(")))
}

/// An export is always asked for as `wasm.name`.
const ASKED: &str = "wasm.";

fn is_asked(script: &str, name: &str) -> bool {
    script.split(ASKED).skip(1).any(|piece| leading_name(piece) == name)
}

fn with_exports(script: &str, exported: &HashMap<String, String>) -> String {
    let mut pieces = script.split(ASKED);
    let mut shortened = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let name = leading_name(piece);
        shortened.push_str(ASKED);
        shortened.push_str(exported.get(name).map_or(name, String::as_str));
        shortened.push_str(&piece[name.len()..]);
    }
    shortened
}

fn leading_name(piece: &str) -> &str {
    let end = piece.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    &piece[..end.unwrap_or(piece.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(from: &str, import: &str, exports: &[(&str, u8)]) -> Vec<u8> {
        let mut imports = vec![1];
        put_sized(&mut imports, from.as_bytes());
        put_sized(&mut imports, import.as_bytes());
        imports.extend([0, 0]);
        let mut exported = Vec::new();
        put_number(&mut exported, exports.len());
        for (name, place) in exports {
            put_sized(&mut exported, name.as_bytes());
            exported.extend([0, *place]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (kind, section) in [(IMPORTS, imports), (EXPORTS, exported)] {
            module.push(kind);
            put_sized(&mut module, &section);
        }
        module
    }

    const SCRIPT: &str = "{ \"./onhand_bg.js\": { __wbg_throw_1: function(a) {} } }; \
        wasm.engine_apply_json(wasm.memory, wasm.engine_apply, wasm.engine_apply); const { other } = wasm;";

    #[test]
    fn the_module_and_its_javascript_have_the_same_short_names() {
        let exports = [("engine_apply", 0), ("unasked", 1), ("memory", 2), ("engine_apply_json", 3)];
        let (short, script) = names(&module("./onhand_bg.js", "__wbg_throw_1", &exports), SCRIPT).unwrap();
        assert_eq!(short, module("a", "a", &[("a", 0), ("memory", 2), ("c", 3)]));
        assert_eq!(
            script,
            "{ \"a\": { a: function(a) {} } }; wasm.c(wasm.memory, wasm.a, wasm.a); const { other } = wasm;"
        );
    }

    #[test]
    fn names_said_in_another_way_are_refused() {
        let told = |import, export| names(&module("./onhand_bg.js", import, &[(export, 0)]), SCRIPT);
        assert!(told("__wbg_other", "engine_apply").is_err());
        assert!(told("__wbg_throw_1", "other").is_err());
        assert!(names(&module("./other.js", "__wbg_throw_1", &[]), SCRIPT).is_err());
    }

    #[test]
    fn short_names_are_all_different() {
        let mut all: Vec<String> = (0..200).map(short_name).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 200);
    }
}
