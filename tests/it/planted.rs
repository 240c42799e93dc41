//! Every planted bug can be planted and every rule deleted. `cargo run -p onhand-tests --bin planted` plants the bugs and sees the
//! laws break, `--bin rules` deletes the rules and sees tests fail.

use std::collections::BTreeMap;

use onhand_tests::{host, planted, rules};

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
