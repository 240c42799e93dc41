//! Every planted bug can be planted and every rule deleted. `cargo run -p onhand-tests --bin planted` plants the bugs and sees the
//! laws break, `--bin rules` deletes the rules and sees tests fail, `--bin mutants` makes mutants of the core and does the same.

use std::collections::BTreeMap;

use onhand_tests::{host, mutants, planted, rules};

#[test]
fn every_bug_has_its_place() {
    let bugs = planted::bugs().unwrap();
    let mut areas: BTreeMap<&str, usize> = BTreeMap::new();
    for bug in &bugs {
        let path = host::folder().parent().unwrap().join(&bug.file);
        let text = std::fs::read_to_string(path).unwrap();
        let planted = bug.plant(1, &text).unwrap();
        assert!(planted.len() > text.len(), "{} is planted", bug.says);
        *areas.entry(&bug.area).or_default() += 1;
    }
    assert!(bugs.len() >= 25, "only {} bugs", bugs.len());
    assert_eq!(areas.into_keys().collect::<Vec<_>>(), ["carry", "decision", "log", "promise", "transition"]);
}

#[test]
fn every_rule_has_its_place() {
    let lost: Vec<String> = rules::all()
        .unwrap()
        .iter()
        .filter_map(|rule| {
            let path = host::folder().parent().unwrap().join(&rule.file);
            let text = std::fs::read_to_string(path).unwrap_or_default();
            rule.without(&text).err().map(|why| format!("{}: {why}", rule.says))
        })
        .collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// What is said of a mutant holds only as long as it could be made.
#[test]
fn every_mutant_that_is_explained_could_be_made() {
    let all = mutants::all(mutants::FILES).unwrap();
    assert!(all.len() >= 1_000, "only {} mutants could be made", all.len());
    let lost: Vec<String> = mutants::reviewed()
        .unwrap()
        .iter()
        .filter(|one| one.why.is_empty() || !all.iter().any(|mutant| one.is_about(mutant)))
        .map(|one| format!("{} {}: {} for {}", one.file, one.function, one.wrong, one.right))
        .collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
