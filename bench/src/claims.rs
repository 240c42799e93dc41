//! The table of claims, `bench/claims.toml`: what is said somewhere, what it takes for it to hold, and where the figure comes from.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Deserializer, Serialize};

/// A row of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub key: String,
    /// In words, for people.
    pub says: String,
    pub unit: String,
    /// Where the figure comes from.
    pub from: From,
    #[serde(default)]
    at_least: Option<Number>,
    #[serde(default)]
    at_most: Option<Number>,
    /// Where we are going, on the side of the bar.
    #[serde(default)]
    moonshot: Option<Number>,
    /// Takes long: left out with `--quick`.
    #[serde(default)]
    pub slow: bool,
}

/// What produces a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// The rows of this program.
    Native,
    /// The programs in `bench/js/`.
    Node,
    /// `cargo xtask test`.
    Test,
    /// `cargo xtask cases`.
    Cases,
    /// `cargo xtask demo`.
    Demo,
    /// This table: how many of its rows are at their moonshot.
    Moonshots,
}

impl From {
    pub fn is_bench(self) -> bool {
        matches!(self, From::Native | From::Node | From::Moonshots)
    }
}

/// What a figure has to reach, or to stay below.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bar::AtLeast(bar) => value >= bar,
            Bar::AtMost(bar) => value <= bar,
        }
    }

    pub fn value(self) -> f64 {
        match self {
            Bar::AtLeast(bar) | Bar::AtMost(bar) => bar,
        }
    }
}

impl Claim {
    pub fn bar(&self) -> Bar {
        match (self.at_least, self.at_most) {
            (Some(least), _) => Bar::AtLeast(least.0),
            (None, most) => Bar::AtMost(most.map_or(f64::NEG_INFINITY, |most| most.0)),
        }
    }

    /// The moonshot, where the claim has one.
    pub fn moonshot(&self) -> Option<Bar> {
        let at = self.moonshot?.0;
        Some(if self.at_least.is_some() { Bar::AtLeast(at) } else { Bar::AtMost(at) })
    }
}

/// A number, or a fraction as a text: `"1/30"`.
#[derive(Clone, Copy, Debug)]
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Whole(i64),
            Float(f64),
            Fraction(String),
        }
        let fraction = |text: &str| {
            let (over, under) = text.split_once('/')?;
            Some(over.parse::<f64>().ok()? / under.parse::<f64>().ok()?)
        };
        Ok(Number(match Form::deserialize(deserializer)? {
            Form::Whole(whole) => whole as f64,
            Form::Float(float) => float,
            Form::Fraction(text) => {
                fraction(&text).ok_or_else(|| serde::de::Error::custom("a bar is a number or a fraction"))?
            }
        }))
    }
}

pub fn read(file: &Path) -> Result<Vec<Claim>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        claim: Vec<Claim>,
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let Table { claim: claims } =
        toml::from_str(&text).with_context(|| format!("`{}` is no table of claims", file.display()))?;
    for (place, claim) in claims.iter().enumerate() {
        if claims.iter().take(place).any(|earlier| earlier.key == claim.key) {
            bail!("`{}` has the key `{}` twice", file.display(), claim.key);
        }
        if claim.at_least.is_some() == claim.at_most.is_some() {
            bail!("claim `{}` needs one bar: `at_least` or `at_most`", claim.key);
        }
    }
    Ok(claims)
}
