//! The comparison of rules as a picture: promises broken, orders refused, and what a delivery costs, in one SVG file that reads
//! well on light and on dark paper.

use std::fmt::Write;

use crate::promises::{Promises, Rule, Tally};

const WIDTH: i64 = 860;
const LEFT: i64 = 16;
const PANEL: i64 = 276;
const BAR: i64 = 20;
/// The widest bar, with room for its figure.
const BAR_MAX: f64 = 196.0;
const TOP: i64 = 84;

struct Bar {
    rule: Rule,
    figure: f64,
    text: String,
}

struct Group {
    title: &'static str,
    bars: Vec<Bar>,
}

struct Panel {
    title: String,
    groups: Vec<Group>,
}

/// The picture of some years, the exact one first.
pub fn svg(years: &[Promises], currency: &str) -> String {
    let panels = panels(years, currency);
    let tallest = panels.iter().map(Panel::height).max().unwrap_or(0);
    let height = TOP + tallest + 28;
    let mut out = String::new();
    let alt = alt(years);
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">
<title>{alt}</title>
<style>
  :root {{ --paper: #ffffff; --ink: #1c2024; --faint: #5c636b; --line: #d9dde1; --exact: #0b6bcb; --nearest: #c2571a; --highest: #6b7280; }}
  @media (prefers-color-scheme: dark) {{
    :root {{ --paper: #14171a; --ink: #eceff1; --faint: #a3abb3; --line: #363c42; --exact: #5cacff; --nearest: #f59b5f; --highest: #a9b1bb; }}
  }}
  text {{ font: 13px system-ui, sans-serif; fill: var(--ink); }}
  .head {{ font-size: 16px; font-weight: 600; }}
  .panel {{ font-weight: 600; }}
  .faint {{ fill: var(--faint); }}
  .exact {{ fill: var(--exact); }} .nearest {{ fill: var(--nearest); }} .highest {{ fill: var(--highest); }}
  .axis {{ stroke: var(--line); }}
</style>
<rect width="{WIDTH}" height="{height}" style="fill: var(--paper)"/>
<text class="head" x="{LEFT}" y="28">What became of a year's orders, by the rule that chose where they are filled from</text>
"#
    );
    let mut x = LEFT;
    for rule in years.iter().map(|year| year.rule) {
        let _ = writeln!(
            out,
            r#"<rect class="{}" x="{x}" y="43" width="12" height="12" rx="2"/><text x="{}" y="54">{}</text>"#,
            class(rule),
            x + 18,
            rule.in_words()
        );
        x += 150;
    }
    for (at, panel) in (0..).zip(&panels) {
        panel.draw(LEFT + at * (PANEL + 8), &mut out);
    }
    out.push_str("</svg>\n");
    out
}

fn panels(years: &[Promises], currency: &str) -> Vec<Panel> {
    let rates = |rate: &dyn Fn(&Tally) -> f64| {
        let group = |title, of: &dyn Fn(&Promises) -> Tally| Group {
            title,
            bars: years
                .iter()
                .map(|year| {
                    let figure = rate(&of(year));
                    Bar { rule: year.rule, figure, text: format!("{figure:.1}") }
                })
                .collect(),
        };
        vec![group("click and collect", &|year| year.pick_up), group("delivery", &|year| year.delivery)]
    };
    let cost = |title, cents: &dyn Fn(&Promises) -> f64| Group {
        title,
        bars: years
            .iter()
            .map(|year| {
                let figure = cents(year) / 100.0;
                Bar { rule: year.rule, figure, text: format!("{figure:.2}") }
            })
            .collect(),
    };
    let each = |cents: i64, orders: u64| cents as f64 / orders.max(1) as f64;
    vec![
        Panel { title: "broken, of 1,000 promises".into(), groups: rates(&Tally::broken_per_mille) },
        Panel { title: "refused, of 1,000 orders".into(), groups: rates(&Tally::refused_per_mille) },
        Panel {
            title: format!("cost of a delivery, in {currency}"),
            groups: vec![
                cost("all that were promised", &|year| each(year.delivery.cents, year.delivery.promised())),
                cost("those that every rule promised", &|year| {
                    each(year.cents_of_all_rules, year.deliveries_of_all_rules)
                }),
            ],
        },
    ]
}

impl Panel {
    fn height(&self) -> i64 {
        let of_group = |group: &Group| 30 + (BAR + 4) * group.bars.len() as i64;
        24 + self.groups.iter().map(of_group).sum::<i64>()
    }

    fn draw(&self, x: i64, out: &mut String) {
        let _ = writeln!(out, r#"<text class="panel" x="{x}" y="{}">{}</text>"#, TOP + 12, self.title);
        let figures = self.groups.iter().flat_map(|group| &group.bars).map(|bar| bar.figure);
        let most = figures.fold(0.0_f64, f64::max).max(f64::MIN_POSITIVE);
        let mut y = TOP + 24;
        for group in &self.groups {
            let _ = writeln!(out, r#"<text class="faint" x="{x}" y="{}">{}</text>"#, y + 20, group.title);
            y += 30;
            let bottom = y + (BAR + 4) * group.bars.len() as i64 - 4;
            let _ = writeln!(out, r#"<path class="axis" d="M{x} {} V{}"/>"#, y - 2, bottom + 2);
            for bar in &group.bars {
                let width = (bar.figure / most * BAR_MAX).max(1.0);
                let _ = writeln!(
                    out,
                    r#"<rect class="{}" x="{x}" y="{y}" width="{width:.1}" height="{BAR}" rx="2"/><text x="{:.1}" y="{}">{}</text>"#,
                    class(bar.rule),
                    x as f64 + width + 6.0,
                    y + 15,
                    bar.text
                );
                y += BAR + 4;
            }
        }
    }
}

/// The figures in words, for those who do not see the picture.
fn alt(years: &[Promises]) -> String {
    let said = years.iter().map(|year| {
        let orders = [year.pick_up, year.delivery];
        let sum = |of: &dyn Fn(&Tally) -> u64| orders.iter().map(of).sum::<u64>();
        format!(
            "{}: {} kept, {} broken, {} refused",
            year.rule.in_words(),
            sum(&|tally| tally.kept),
            sum(&|tally| tally.broken),
            sum(&|tally| tally.refused),
        )
    });
    said.collect::<Vec<_>>().join("; ")
}

fn class(rule: Rule) -> &'static str {
    match rule {
        Rule::Exact => "exact",
        Rule::NearestFirst => "nearest",
        Rule::HighestStock => "highest",
    }
}
