//! How the time for an exact plan grows with lines and with nodes: a table, and a plot of it.

use std::fmt::Write as _;

use anyhow::Result;
use onhand::sourcing::STEPS_DEFAULT;

use crate::clock::timed;
use crate::measure::median;
use crate::shop::Random;
use crate::sourcing::{realistic, solved};

const LINES: &[usize] = &[1, 2, 5, 10, 20];
const NODES: &[usize] = &[10, 20, 50, 100, 200, 500];
const ORDERS: usize = 15;

/// Orders of one size: what their exact plans took.
pub struct Row {
    lines: usize,
    nodes: usize,
    median: f64,
    longest: f64,
    steps: u64,
    proven: usize,
}

pub fn rows() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for nodes in NODES {
        for lines in LINES {
            rows.push(row(*lines, *nodes)?);
        }
    }
    Ok(rows)
}

fn row(lines: usize, nodes: usize) -> Result<Row> {
    let mut random = Random::new((lines * 1_000 + nodes) as u64);
    let (mut seconds, mut steps, mut proven) = (Vec::new(), 0, 0);
    for _ in 0..ORDERS {
        let problem = realistic(&mut random, lines, nodes);
        let (spent, solution) = timed(|| solved(&problem, STEPS_DEFAULT));
        let solution = solution?;
        seconds.push(spent);
        steps = steps.max(solution.steps);
        proven += usize::from(solution.proven);
    }
    let longest = seconds.iter().copied().fold(0.0, f64::max);
    Ok(Row { lines, nodes, median: median(&seconds), longest, steps, proven })
}

/// The rows for people; in Markdown it is a table.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| lines | nodes | median us | longest us | most steps | proven |\n|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let Row { lines, nodes, steps, proven, .. } = row;
        let [median, longest] = [row.median, row.longest].map(|seconds| seconds * 1e6);
        let _ = writeln!(
            text,
            "| {lines} | {nodes} | {median:.0} | {longest:.0} | {steps} | {proven} of {ORDERS} |"
        );
    }
    text
}

/// The medians as a plot: nodes to the right, microseconds up, a curve for each number of lines, all by powers of ten.
pub fn plot(rows: &[Row]) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 400.0;
    const LEFT: f64 = 60.0;
    const BOTTOM: f64 = 350.0;
    const COLOURS: &[&str] = &["#0b6e99", "#2e8b57", "#b8860b", "#c1440e", "#7b3f99"];
    let right = |nodes: usize| LEFT + ((nodes as f64).log10() - 1.0) / 1.7 * (WIDTH - LEFT - 120.0);
    let up = |seconds: f64| BOTTOM - ((seconds * 1e6).max(1.0).log10() / 5.0) * (BOTTOM - 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Time for an exact plan, by nodes and lines</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for power in 0..=5 {
        let y = up(10f64.powi(power) / 1e6);
        let label = ["1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms"][power as usize];
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - 110.0,
            LEFT - 6.0,
            y + 4.0
        );
    }
    for nodes in NODES {
        let x = right(*nodes);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{nodes}</text>",
            BOTTOM + 18.0
        );
    }
    let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">nodes</text>", LEFT, BOTTOM + 38.0);
    for (lines, colour) in LINES.iter().zip(COLOURS) {
        let of_lines: Vec<&Row> = rows.iter().filter(|row| row.lines == *lines).collect();
        let points: Vec<String> =
            of_lines.iter().map(|row| format!("{:.1},{:.1}", right(row.nodes), up(row.median))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        if let Some(last) = of_lines.last() {
            let unit = if *lines == 1 { "line" } else { "lines" };
            let (x, y) = (right(last.nodes) + 8.0, up(last.median) + 4.0);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{lines} {unit}</text>");
        }
    }
    svg + "</svg>\n"
}
