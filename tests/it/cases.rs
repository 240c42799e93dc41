//! The corpus on the crate itself. `cargo xtask cases` plays it on every host.

use std::collections::BTreeMap;

use onhand_tests::case::{self, Case};
use onhand_tests::host::Native;
use onhand_tests::run;

fn corpus() -> Vec<Case> {
    let files = run::files(Vec::new()).unwrap();
    files.iter().flat_map(|file| case::read(file).unwrap()).collect()
}

#[test]
fn every_case_answers_as_it_says() {
    let mut native = Native::default();
    let mut wrong = Vec::new();
    for case in corpus() {
        let played = run::play(&mut native, &case).unwrap();
        wrong.extend(played.differences.into_iter().map(|one| {
            format!("{} {}:{}: expected {}, got {}", one.id, one.file, one.line, one.expected, one.got)
        }));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_has_an_id_of_its_own() {
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for case in corpus() {
        let twin = ids.insert(case.id.clone(), case.file.clone());
        assert_eq!(twin, None, "case {} of {} is there twice", case.id, case.file);
    }
    assert!(ids.len() >= 300, "the corpus has only {} cases", ids.len());
}

/// The paper beside the cases says how many scenarios there are.
#[test]
fn the_paper_counts_the_scenarios() {
    let folder = onhand_tests::host::folder().join("cases");
    let scenarios = case::read(&folder.join("scenarios.txt")).unwrap().len();
    let paper = std::fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(paper.contains(&format!("has {scenarios} of the 128 scenarios")), "there are {scenarios}");
    let left_out = paper.lines().filter(|line| line.starts_with("| G")).count();
    assert_eq!(scenarios + left_out, 128);
}

#[test]
fn an_error_in_a_file_names_its_line() {
    for (text, line) in [
        ("reserve r1 1 TEA at S1\n", 1),
        ("case X why\n\nfact sell 1 many TEA at S1\n", 3),
        ("case X why\n# a comment\nfact sell 1 2 TEA at S1 colour=red\n", 3),
        ("case X why\ngiven S1\n", 2),
        ("case X why\nfact sell 1 2 TEA at S1 | S1\n", 2),
        ("case X why\nfact sell 1 @noon 2 TEA at S1\n", 2),
        ("case X why\nfact sell 1\ncase X again\nfact sell 1\n", 3),
        ("case X why\n", 1),
        ("case X why\ngiven S1 TEA\npromise many TEA at S1\n", 3),
        ("case X why\npromise 1 TEA at\n", 2),
        ("case X why\ngiven lane S1 NORTH van transit=soon\n", 2),
        ("case X why\natp TEA S1\n", 2),
    ] {
        let error = format!("{:#}", case::parse("some.txt", text).unwrap_err());
        assert!(error.starts_with(&format!("some.txt:{line}: ")), "{text:?} gives {error}");
    }
}
