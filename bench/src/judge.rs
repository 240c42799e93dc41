//! Holds figures to the bars of their claims. A claim without a figure is short.

use std::fmt::Write as _;

use serde::Serialize;

use crate::claims::{Bar, Claim, From};
use crate::measure::{Measure, median};

/// A claim and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub key: String,
    pub value: Option<f64>,
    pub unit: String,
    pub bar: f64,
    pub holds: bool,
    /// Whether it is where we are going, for a claim that says where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moonshot: Option<bool>,
    pub says: String,
    /// What the figure is made of, or why there is none.
    pub note: String,
}

/// One verdict for each claim, in the order of the table.
pub fn judge(claims: &[Claim], measures: &[Measure], quick: bool) -> Vec<Verdict> {
    let verdict = |claim: &Claim| {
        let measure = measures.iter().find(|measure| measure.key == claim.key);
        let value = measure.and_then(Measure::value);
        Verdict {
            key: claim.key.clone(),
            value,
            unit: claim.unit.clone(),
            bar: claim.bar().value(),
            holds: value.is_some_and(|value| claim.bar().holds(value)),
            moonshot: claim.moonshot().map(|moonshot| value.is_some_and(|value| moonshot.holds(value))),
            says: claim.says.clone(),
            note: note(claim, measure, quick),
        }
    };
    let mut verdicts: Vec<Verdict> = claims.iter().map(verdict).collect();
    let there: Vec<String> =
        verdicts.iter().filter(|row| row.moonshot == Some(true)).map(|row| row.key.clone()).collect();
    for (claim, verdict) in
        claims.iter().zip(&mut verdicts).filter(|(claim, _)| claim.from == From::Moonshots)
    {
        let count = there.len() as f64;
        (verdict.value, verdict.holds, verdict.note) =
            (Some(count), claim.bar().holds(count), there.join(", "));
    }
    verdicts
}

impl Verdict {
    /// In a word.
    fn word(&self) -> &'static str {
        match (self.holds, self.moonshot) {
            (false, _) => "SHORT",
            (true, Some(true)) => "moonshot",
            (true, _) => "holds",
        }
    }
}

fn note(claim: &Claim, measure: Option<&Measure>, quick: bool) -> String {
    let Some(measure) = measure else {
        return match claim.slow && quick {
            true => "takes long: left out by --quick".to_owned(),
            false => "nothing measured it".to_owned(),
        };
    };
    let mut parts = Vec::new();
    if !measure.ours.is_empty() {
        let each = measure.pieces.unwrap_or(1.0);
        let ours = seconds(median(&measure.ours) / each);
        parts.push(format!("{ours} against {}", seconds(median(&measure.theirs) / each)));
    }
    parts.extend(measure.skipped.iter().map(|why| format!("skipped: {why}")));
    parts.extend(measure.note.clone());
    parts.join("; ")
}

fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.1} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.2} us", s * 1e6),
        s => format!("{:.2} ms", s * 1e3),
    }
}

/// The verdicts for people: one line each, and how many hold.
pub fn text(claims: &[Claim], verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    let width = verdicts.iter().map(|verdict| verdict.key.len()).max().unwrap_or(0);
    for (claim, verdict) in claims.iter().zip(verdicts) {
        let value = verdict.value.map_or_else(|| "-".to_owned(), |value| shown(value, &verdict.unit));
        let _ = writeln!(
            text,
            "{:<8} {:<width$}  {:>10}  {:<12}  {}",
            verdict.word(),
            verdict.key,
            value,
            bar(claim.bar(), &verdict.unit),
            verdict.note,
        );
    }
    let holding = verdicts.iter().filter(|verdict| verdict.holds).count();
    let _ = writeln!(text, "\n{holding} of {} hold", verdicts.len());
    text
}

/// The same as a page in Markdown.
pub fn page(claims: &[Claim], verdicts: &[Verdict]) -> String {
    let holding = verdicts.iter().filter(|verdict| verdict.holds).count();
    let mut page = String::from(
        "# Evidence\n\nEvery claim, what was found, and whether it holds. Made by `cargo xtask evidence`.\n",
    );
    let _ = write!(page, "\n**{holding} of {} claims hold.**\n\n", verdicts.len());
    page.push_str("| | claim | found | bar | from |\n|---|---|---:|---:|---|\n");
    for (claim, verdict) in claims.iter().zip(verdicts) {
        let value = verdict.value.map_or_else(|| "-".to_owned(), |value| shown(value, &verdict.unit));
        let _ = writeln!(
            page,
            "| {} | {} (`{}`) | {value} | {} | {} |",
            verdict.word(),
            verdict.says,
            verdict.key,
            bar(claim.bar(), &verdict.unit),
            verdict.note,
        );
    }
    page
}

fn bar(bar: Bar, unit: &str) -> String {
    match bar {
        Bar::AtLeast(value) => format!(">= {}", shown(value, unit)),
        Bar::AtMost(value) => format!("<= {}", shown(value, unit)),
    }
}

/// A figure with its unit. A ratio below a tenth is read more easily as a fraction.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "x" if value > 0.0 && value < 0.1 => format!("1/{:.1} x", 1.0 / value),
        "x" if value < 10.0 => format!("{value:.2} x"),
        _ if value.fract() == 0.0 => format!("{value:.0} {unit}"),
        _ => format!("{value:.1} {unit}"),
    }
}
