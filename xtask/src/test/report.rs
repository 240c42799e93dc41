//! The table at the end of `cargo xtask test`.
use super::counts::Counts;

pub struct Row {
    pub name: String,
    pub counts: Counts,
    pub seconds: f64,
}

/// Prints the table and the closing line; returns whether nothing failed.
pub fn print(rows: &[Row]) -> bool {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(4);
    println!("\n{:<width$}  {:>7} {:>7} {:>7} {:>8}", "step", "passed", "failed", "skipped", "seconds");
    for row in rows {
        let Counts { passed, failed, skipped } = row.counts;
        println!("{:<width$}  {passed:>7} {failed:>7} {skipped:>7} {:>8.1}", row.name, row.seconds);
    }
    let Counts { passed, failed, skipped } = rows.iter().map(|row| row.counts).sum();
    println!("\ntest: {passed} passed, {failed} failed, {skipped} skipped");
    failed == 0
}
