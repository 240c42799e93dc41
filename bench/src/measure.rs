//! What is measured: the rounds of a comparison, or one figure.

use std::io::Write;

use serde::{Deserialize, Serialize};

/// Fewest rounds of a comparison.
pub const ROUNDS: usize = 9;

/// One line of a measuring program's output: the programs in Rust and in JavaScript write the same.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measure {
    /// The key of the claim.
    pub key: String,
    /// CPU seconds of our side, by round.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ours: Vec<f64>,
    /// CPU seconds of the other side, by round.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub theirs: Vec<f64>,
    /// The figure, where no two sides are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<f64>,
    /// Pieces of work in a round: divides the seconds that are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<f64>,
    /// Why there is no figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// What else belongs to the figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Measure {
    pub fn figure(key: &str, figure: f64) -> Measure {
        Measure { key: key.to_owned(), figure: Some(figure), ..Measure::default() }
    }

    pub fn with_note(self, note: String) -> Measure {
        Measure { note: Some(note), ..self }
    }

    /// Measures both sides round by round: CPU seconds of ours and theirs. The one that goes first is to change with `swap`.
    pub fn rounds(key: &str, pieces: usize, mut round: impl FnMut(bool) -> (f64, f64)) -> Measure {
        let mut measure = Measure { key: key.to_owned(), pieces: Some(pieces as f64), ..Measure::default() };
        // Not kept: it finds caches and memory cold.
        round(false);
        for at in 0..ROUNDS {
            let (ours, theirs) = round(at % 2 == 0);
            measure.ours.push(ours);
            measure.theirs.push(theirs);
        }
        measure
    }

    pub fn print(&self) -> anyhow::Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(std::io::stdout().flush()?)
    }

    /// How many times faster our side is: the better quartile of the rounds. Or the figure.
    pub fn value(&self) -> Option<f64> {
        if self.skipped.is_some() {
            return None;
        }
        if self.figure.is_some() {
            return self.figure;
        }
        let mut ratios: Vec<f64> =
            self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| theirs / ours).collect();
        if ratios.len() < ROUNDS || self.ours.len() != self.theirs.len() {
            return None;
        }
        ratios.sort_by(f64::total_cmp);
        Some(ratios[ratios.len() * 3 / 4])
    }
}

/// The middle of the rounds.
pub fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
