//! `rules [WORD…]`: deletes each rule of `rules.txt` (whose sentence or file has one of the words) from a copy of the core and
//! says which test failed.
//!
//! Fails if a rule survives its deletion, or is no longer where the list says.

use std::process::ExitCode;

use anyhow::Result;
use onhand_tests::planted::{QUICK, REST, Tree};
use onhand_tests::rules::{self, Rule};

fn main() -> ExitCode {
    onhand_tests::exit(&delete_all(&std::env::args().skip(1).collect::<Vec<_>>()))
}

fn delete_all(words: &[String]) -> Result<bool> {
    let wanted = |rule: &Rule| {
        words.is_empty() || words.iter().any(|word| rule.says.contains(word) || rule.file.contains(word))
    };
    let rules: Vec<Rule> = rules::all()?.into_iter().filter(wanted).collect();
    let tree = Tree::copy("rules")?;
    eprintln!("building the core as it is");
    let red = tree.run(QUICK)?;
    if let Some(red) = red.first() {
        println!("the core with all its rules is red: {}", red);
        return Ok(false);
    }
    let mut survivors = 0;
    for (number, rule) in (1..).zip(&rules) {
        eprintln!("deleting {number} of {}", rules.len());
        let verdict = match fails_without(&tree, rule) {
            Ok(Some(test)) => test,
            Ok(None) => "SURVIVED".to_owned(),
            Err(why) => format!("NOT DELETED: {why:#}"),
        };
        survivors += usize::from(["SURVIVED", "NOT DELETED"].iter().any(|bad| verdict.starts_with(bad)));
        println!("{}: {}\n    {verdict}", rule.file, rule.says);
    }
    println!("rules: {} deleted, {survivors} survived", rules.len());
    Ok(survivors == 0)
}

/// The first test that fails without the rule.
fn fails_without(tree: &Tree, rule: &Rule) -> Result<Option<String>> {
    let before = rule.delete(tree.root())?;
    let caught = tree.run(QUICK).and_then(|red| if red.is_empty() { tree.run(REST) } else { Ok(red) });
    rule.put_back(tree.root(), &before)?;
    Ok(caught?.first().cloned())
}
