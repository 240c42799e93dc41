//! Rules of the core, each of which must make a test fail when it is deleted.
//!
//! `rules.txt` lists them: what the rule says, its file, the lines that are it (`-`, as they stand there, indentation
//! apart) and the lines that stand there without it (`+`).

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::host;

/// A rule, and how to delete it.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub says: String,
    pub file: String,
    lines: Vec<String>,
    without: Vec<String>,
}

/// Every rule of `rules.txt`.
pub fn all() -> Result<Vec<Rule>> {
    let text =
        std::fs::read_to_string(host::folder().join("rules.txt")).context("there is no list of rules")?;
    let mut rules: Vec<Rule> = Vec::new();
    let mut file = "";
    for (number, line) in (1..).zip(text.lines()) {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (mark, rules.last_mut()) {
            ("" | "#", _) => {}
            ("file", _) => file = rest,
            ("rule", _) => rules.push(Rule { says: rest.into(), file: file.into(), ..Rule::default() }),
            ("-", Some(rule)) => rule.lines.push(rest.trim().into()),
            ("+", Some(rule)) => rule.without.push(rest.into()),
            _ => bail!("rules.txt:{number}: `{line}` is no part of a rule"),
        }
    }
    Ok(rules)
}

impl Rule {
    /// The text of its file without the rule.
    ///
    /// # Errors
    ///
    /// Unless the lines of the rule stand there exactly once.
    pub fn without(&self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.lines().collect();
        let found: Vec<usize> = (0..lines.len())
            .filter(|at| {
                let here = lines[*at..].iter().map(|line| line.trim());
                here.take(self.lines.len()).eq(self.lines.iter().map(String::as_str))
            })
            .collect();
        let [at] = found[..] else {
            bail!("`{}` is in {} {} times, not once", self.lines.join(" "), self.file, found.len())
        };
        let mut without: Vec<&str> = lines[..at].to_vec();
        without.extend(self.without.iter().map(String::as_str));
        without.extend(&lines[at + self.lines.len()..]);
        Ok(without.join("\n"))
    }

    /// Deletes the rule from its file under `root`; answers what was there.
    pub fn delete(&self, root: &Path) -> Result<String> {
        let path = root.join(&self.file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        std::fs::write(&path, self.without(&text)?)?;
        Ok(text)
    }

    /// Puts back what [`Rule::delete`] answered.
    pub fn put_back(&self, root: &Path, text: &str) -> Result<()> {
        std::fs::write(root.join(&self.file), text).with_context(|| format!("cannot write {}", self.file))
    }
}
