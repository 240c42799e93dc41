//! A canary: with a planted bug the model must turn red. `cargo run -p onhand-tests --bin planted` plants them all.

use onhand_tests::planted::{self, Tree};

#[test]
fn a_planted_bug_turns_the_model_red() {
    let tree = Tree::copy("canary").unwrap();
    let patches = planted::patches().unwrap();
    for patch in &patches {
        tree.patch(patch, false).unwrap();
        tree.patch(patch, true).unwrap();
    }
    let bug = patches.iter().find(|patch| patch.ends_with("3-recorded-is-content.patch")).unwrap();
    tree.patch(bug, false).unwrap();
    let red = tree.run(&["model::core_and_model_agree_on_every_history"]);
    tree.patch(bug, true).unwrap();
    assert_eq!(red.unwrap().len(), 1, "the model does not see a planted bug");
}

#[test]
fn eight_bugs_are_planted() {
    let patches = planted::patches().unwrap();
    assert_eq!(patches.len(), 8);
    for patch in patches {
        assert!(planted::says(&patch).unwrap().ends_with('.'), "{} says what it plants", patch.display());
    }
}

/// Builds the core once for each bug: minutes, so it runs with what takes long.
#[test]
#[ignore = "takes five minutes"]
fn every_planted_bug_is_caught() {
    let tree = Tree::copy("planted").unwrap();
    assert!(tree.run_all().unwrap().is_empty(), "the core without a planted bug is red");
    for patch in planted::patches().unwrap() {
        tree.patch(&patch, false).unwrap();
        let caught = tree.run_all();
        tree.patch(&patch, true).unwrap();
        assert!(!caught.unwrap().is_empty(), "{} survived", patch.display());
    }
}
