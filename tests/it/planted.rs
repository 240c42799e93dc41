//! Every planted bug can be planted. `cargo run -p onhand-tests --bin planted` plants them and sees the model turn red.

use onhand_tests::planted::{self, Tree};

#[test]
fn every_patch_applies_and_says_what_it_plants() {
    let tree = Tree::copy("patches").unwrap();
    let patches = planted::patches().unwrap();
    assert_eq!(patches.len(), 8);
    for patch in patches {
        tree.patch(&patch, false).unwrap();
        tree.patch(&patch, true).unwrap();
        assert!(planted::says(&patch).unwrap().ends_with('.'), "{} says what it plants", patch.display());
    }
}
