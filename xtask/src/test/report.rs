//! The table at the end of `cargo xtask test`.
use super::counts::Counts;

pub struct Row {
    pub name: String,
    pub counts: Counts,
    pub seconds: f64,
    /// What `--long` would add, where it was not asked for.
    pub left_for_long: Option<&'static str>,
}

/// Prints the table and the closing line; returns whether nothing failed.
pub fn print(rows: &[Row]) -> bool {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(4);
    println!("\n{:<width$}  {:>7} {:>7} {:>7} {:>8}", "step", "passed", "failed", "skipped", "seconds");
    for row in rows {
        let Counts { passed, failed, skipped } = row.counts;
        println!("{:<width$}  {passed:>7} {failed:>7} {skipped:>7} {:>8.1}", row.name, row.seconds);
    }
    let left: Vec<(&Row, &str)> =
        rows.iter().filter_map(|row| row.left_for_long.map(|what| (row, what))).collect();
    if !left.is_empty() {
        println!("\nleft for --long, beside what ran");
        for (row, what) in left {
            println!("{:<width$}  {what}", row.name);
        }
    }
    let Counts { passed, failed, skipped } = rows.iter().map(|row| row.counts).sum();
    println!("\ntest: {passed} passed, {failed} failed, {skipped} skipped");
    failed == 0
}
