//! How many tests passed, from what the usual runners print.
use std::iter::Sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    pub const ONE_PASSED: Counts = Counts { passed: 1, failed: 0, skipped: 0 };
    pub const ONE_FAILED: Counts = Counts { passed: 0, failed: 1, skipped: 0 };

    /// The sum of all summaries in an output.
    pub fn of_output(output: &str) -> Counts {
        output.lines().map(|line| of_line(&without_colours(line))).sum()
    }

    fn add(&mut self, number: u64, word: &str) {
        match word {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "timed" | "cancelled" => self.failed += number,
            "skipped" | "ignored" | "todo" => self.skipped += number,
            _ => {}
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(items: I) -> Counts {
        items.fold(Counts::default(), |sum, item| Counts {
            passed: sum.passed + item.passed,
            failed: sum.failed + item.failed,
            skipped: sum.skipped + item.skipped,
        })
    }
}

fn of_line(line: &str) -> Counts {
    let mut counts = Counts::default();
    let line = line.trim();
    // Node.js prints a line for each count: `# pass 12` or `ℹ pass 12`.
    if let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
        if let Some((word, number)) = rest.split_once(' ')
            && let Ok(number) = number.trim().parse()
        {
            counts.add(number, word);
        }
        return counts;
    }
    // The others print one line: cargo test, nextest, Vitest, and our own runners.
    let is_summary = line.starts_with("test result:")
        || line.starts_with("Summary [")
        || line.starts_with("Tests ")
        || is_plain_summary(line);
    if is_summary {
        let words: Vec<&str> =
            line.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            if let Ok(number) = pair[0].parse() {
                counts.add(number, pair[1]);
            }
        }
    }
    counts
}

/// `12 passed, 0 failed`, with a word and a colon before it or not.
fn is_plain_summary(line: &str) -> bool {
    let line =
        line.split_once(": ").map_or(line, |(word, rest)| if word.contains(' ') { line } else { rest });
    let mut parts = line.split(", ").map(|part| part.split_once(' '));
    let is = |part: Option<Option<(&str, &str)>>, word| matches!(part, Some(Some((number, found))) if number.parse::<u64>().is_ok() && found == word);
    is(parts.next(), "passed") && is(parts.next(), "failed")
}

fn without_colours(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn summaries_of_the_usual_runners_are_read() {
        let lines = [
            (
                "test result: FAILED. 12 passed; 1 failed; 3 ignored; 0 measured; 2 filtered out; finished in 0.02s",
                counts(12, 1, 3),
            ),
            (
                "     Summary [   0.055s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 4 skipped",
                counts(10, 2, 4),
            ),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\u{1b}[22m | 2 skipped (14)",
                counts(12, 0, 2),
            ),
            ("ℹ pass 7", counts(7, 0, 0)),
            ("# fail 2", counts(0, 2, 0)),
            ("# duration_ms 31", counts(0, 0, 0)),
            ("cases: 40 passed, 1 failed, 2 skipped", counts(40, 1, 2)),
            ("40 passed, 1 failed", counts(40, 1, 0)),
            ("I have 40 passed, 1 failed", counts(0, 0, 0)),
        ];
        for (line, expected) in lines {
            assert_eq!(Counts::of_output(line), expected, "{line}");
        }
    }

    #[test]
    fn summaries_add_up() {
        let output = "running\n# pass 2\n# fail 1\ntest result: ok. 3 passed; 0 failed; 0 ignored\n";
        assert_eq!(Counts::of_output(output), counts(5, 1, 0));
    }
}
