//! The page of tables is what the tables print, and leaves nothing out.

use onhand::cbv::Term;
use onhand_tests::tables;

#[test]
fn the_page_is_up_to_date() {
    let page = tables::page().unwrap();
    let checked_in = std::fs::read_to_string(tables::path()).unwrap_or_default();
    let differs = page.lines().zip(checked_in.lines()).find(|(now, before)| now != before);
    assert_eq!(differs, None, "`cargo xtask tables` prints it anew");
    assert_eq!(page.len(), checked_in.len(), "`cargo xtask tables` prints it anew");
}

#[test]
fn the_page_leaves_nothing_out() {
    let page = tables::page().unwrap();
    // Every URI of our own leads to a row.
    for term in Term::all() {
        let anchor = format!("<a id=\"{}\"></a>", term.anchor());
        assert_eq!(page.matches(&anchor).count(), 1, "{anchor}");
    }
    // What a case can be refused with stands there under its code.
    for code in onhand_tests::lockstep::refusals() {
        assert!(page.contains(&format!("| `{code}` |")), "no row for {code}");
    }
    // A table whose words were not found has empty cells: under a code there is a meaning.
    for line in page.lines().filter(|line| line.starts_with("| `") || line.starts_with("| <a")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        assert!(cells.len() >= 3 && !cells[0].contains("``") && !cells[1].trim().is_empty(), "{line}");
    }
}
