//! The page of tables: states, events, doors, moves, refusals, exceptions, limits and words, printed from the tables that the core
//! runs on. Where a table has no words of its own, they are those of the documentation in the core's own files.
//!
//! `cargo xtask tables` writes it to `docs/TABLES.md`; a test holds the page that is checked in against it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use onhand::approval::{self, ApprovalStatus};
use onhand::catalogue::{FIELDS, LISTS, Takes};
use onhand::cbv::{Document, Term, WORDS};
use onhand::claim::{ClaimStatus, MOVES};
use onhand::kind::{Door, End, Leg, Lines, Needs, Row, Sign, Subject, TABLE};
use onhand::{ExceptionCode, Outside, StockState};

use crate::host;

/// Where the page is.
pub fn path() -> PathBuf {
    root().join("docs/TABLES.md")
}

fn root() -> PathBuf {
    host::folder().parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

const HEAD: &str = "# Tables

What onhand knows: states, events, moves, refusals, exceptions and limits. The code runs on these tables, and tests walk them both
ways. This page is printed from them by `cargo xtask tables`; a test fails when it is not up to date, so change the tables and not
the page.

In the column CBV stands what is said to partners who read GS1's Core Business Vocabulary 2.0. Where there is no word, the row's
own address on this page is the URI that is said.
";

/// The page as it has to be.
pub fn page() -> Result<String> {
    let mut page = Page { text: HEAD.to_owned() };
    states(&mut page)?;
    events(&mut page);
    moves(&mut page);
    refusals(&mut page)?;
    exceptions(&mut page)?;
    catalogue(&mut page)?;
    limits(&mut page)?;
    words(&mut page);
    Ok(page.text)
}

struct Page {
    text: String,
}

impl Page {
    fn section(&mut self, title: &str, says: &str) {
        let _ = write!(self.text, "\n## {title}\n\n{says}\n");
    }

    fn table<const N: usize>(&mut self, head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        self.text.push('\n');
        self.text.push_str(&line(&head.map(str::to_owned)));
        self.text.push_str(&format!("|{}\n", "---|".repeat(N)));
        for row in rows {
            // A bar would end the cell.
            self.text.push_str(&line(&row.map(|cell| cell.replace('|', "\\|"))));
        }
    }
}

fn code(code: impl std::fmt::Display) -> String {
    format!("`{code}`")
}

/// A code that can be linked to: what a URI of our own leads to.
fn at(term: Term, text: &str) -> String {
    format!("<a id=\"{}\"></a>`{text}`", term.anchor())
}

fn cbv(term: Term) -> String {
    term.word().map_or_else(String::new, |word| code(word.word))
}

fn states(page: &mut Page) -> Result<()> {
    let says = Source::read("core/src/place.rs")?;
    page.section(
        "States of stock",
        "The last part of a position (owner, SKU, lot, location, state). Each unit is in exactly one.",
    );
    page.table(
        ["state", "meaning", "CBV disposition"],
        StockState::ALL.iter().map(|state| {
            let term = Term::State(*state);
            [at(term, state.code()), says.variant("StockState", &format!("{state:?}")), cbv(term)]
        }),
    );
    page.section("Accounts outside", "With them the legs of every event add to zero for each SKU.");
    let cbv_says = Source::read("core/src/cbv.rs")?;
    let accounts = Outside::ALL.iter().map(|account| {
        let term = Term::Account(*account);
        [at(term, account.code()), says.variant("Outside", &format!("{account:?}")), cbv(term)]
    });
    let transit =
        [at(Term::InTransit, "in_transit"), cbv_says.variant("Term", "InTransit"), cbv(Term::InTransit)];
    page.table(["account", "meaning", "CBV disposition"], accounts.chain([transit]));
    page.section("Documents", "What the subject of an event is.");
    page.table(
        ["document", "meaning", "CBV transaction"],
        Document::ALL.iter().map(|document| {
            let term = Term::Document(*document);
            [at(term, document.code()), cbv_says.variant("Document", &format!("{document:?}")), cbv(term)]
        }),
    );
    Ok(())
}

fn events(page: &mut Page) {
    page.section(
        "Events",
        "Every kind, with the doors that it comes in by: a fact is posted whatever it says, a command is checked and may be refused. \
         A line's units leave one end and arrive at the other; a negative quantity, where it is signed, goes back. In *italics* stands \
         the state unless the line says another, with those that it may say: any other is refused as a command (`state_not_allowed`), \
         and of a fact it is an exception (`out_of_order_move`).",
    );
    page.table(
        ["kind", "meaning", "door", "needs", "lines", "legs", "claim", "CBV step"],
        TABLE.iter().map(|row| {
            let term = Term::Kind(row.kind);
            let claim = row.claim.map_or_else(String::new, |(ledger, claim)| {
                format!("{ledger}: {}", words_of(&format!("{claim:?}")))
            });
            [
                at(term, row.kind.code()),
                row.says.into(),
                door(row.door).into(),
                needs(row),
                lines(row).into(),
                legs(row),
                claim,
                cbv(term),
            ]
        }),
    );
}

const fn door(door: Door) -> &'static str {
    match door {
        Door::Fact => "fact",
        Door::Command => "command",
        Door::Both => "both",
    }
}

fn needs(row: &Row) -> String {
    // Taken apart, so that a need that is added is printed too.
    let Needs { node, to_node, to_subject, due, terms, asks, to_state, to_place, to_sku, reason } = row.needs;
    let parts = [
        (row.subject == Subject::Needed, "subject"),
        (node, "node"),
        (to_node, "to_node"),
        (to_subject, "to_subject"),
        (due, "due"),
        (terms, "terms"),
        (asks, "asks"),
        (to_state, "to_state"),
        (to_place, "to_place"),
        (to_sku, "to_sku"),
        (reason, "reason"),
    ];
    parts.iter().filter(|(needed, _)| *needed).map(|(_, name)| code(name)).collect::<Vec<_>>().join(" ")
}

const fn lines(row: &Row) -> &'static str {
    match (row.lines, row.sign) {
        (Lines::None, _) => "none",
        (Lines::Optional, Sign::NotNegative) => "may",
        (Lines::Optional, Sign::Signed) => "may, signed",
        (Lines::Needed, Sign::NotNegative) => "yes",
        (Lines::Needed, Sign::Signed) => "yes, signed",
    }
}

fn legs(row: &Row) -> String {
    row.leg.map_or_else(String::new, |Leg { from, to }| format!("{} → {}", end(from), end(to)))
}

fn end(end: End) -> String {
    match end {
        End::Here(state, states) | End::Into(state, states) => {
            let others: Vec<_> =
                StockState::ALL.iter().filter(|one| **one != state && states.has(**one)).collect();
            match others.len() + 1 == StockState::ALL.len() {
                true => format!("*{state}* (or any)"),
                false => format!("*{state}* (or {})", others.iter().map(code).collect::<Vec<_>>().join(" ")),
            }
        }
        End::Always(state) => state.to_string(),
        End::ToPlace(state) => format!("*{state}* at `to_place`"),
        End::Transit(state) => format!("*{state}* in transit"),
        End::Arrived(state) => format!("*{state}* (or as it was in transit)"),
        End::Outside(account) => format!("outside: {account}"),
        End::Adjustment => "outside: found or shrink".into(),
    }
}

fn moves(page: &mut Page) {
    page.section(
        "Moves of a claim",
        "What an order line, an approved transfer or a lease allows in each status. Any other move is refused as a command \
         (`claim_not_open`); as a fact it keeps its legs, moves no claim and raises `out_of_order_move`.",
    );
    let yes = |allowed: bool| if allowed { "yes" } else { "" }.to_owned();
    let mut head = vec!["move".to_owned()];
    head.extend(ClaimStatus::ALL.iter().map(code));
    let mut rows = vec![];
    for (claim, from) in MOVES {
        let mut row = vec![words_of(&format!("{claim:?}"))];
        row.extend(ClaimStatus::ALL.iter().map(|status| yes(from.contains(status))));
        rows.push(row);
    }
    page.any_table(&head, &rows);
    page.section(
        "Moves of an approval",
        "What may be done with a request for approval in each status, and where it leads. Any other move is refused (`approval_not_open`).",
    );
    let mut head = vec!["move".to_owned(), "leads to".to_owned()];
    head.extend(ApprovalStatus::ALL.iter().map(code));
    let mut rows = vec![];
    for step in approval::MOVES {
        let what = step.kind.map_or_else(|| "what was asked is done".to_owned(), code);
        let mut row = vec![what, code(step.to)];
        row.extend(ApprovalStatus::ALL.iter().map(|status| yes(step.from.contains(status))));
        rows.push(row);
    }
    page.any_table(&head, &rows);
}

impl Page {
    fn any_table(&mut self, head: &[String], rows: &[Vec<String>]) {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        self.text.push('\n');
        self.text.push_str(&line(head));
        self.text.push_str(&format!("|{}\n", "---|".repeat(head.len())));
        rows.iter().for_each(|row| self.text.push_str(&line(row)));
    }
}

fn refusals(page: &mut Page) -> Result<()> {
    let turned_away = Source::read("core/src/evolve.rs")?;
    page.section(
        "Turned away",
        "What is not acknowledged at all, through either door; it stays with its source.",
    );
    page.table(["code", "meaning", "facts"], turned_away.coded("TurnedAway"));
    let problems = Source::read("core/src/event.rs")?;
    page.section("Problems of a malformed event", "What is wrong with the part that `field` names.");
    page.table(["code", "meaning", "facts"], problems.coded("Problem"));
    let refused = Source::read("core/src/execute.rs")?;
    page.section(
        "Refusals of a command",
        "In the order in which they are checked: of several faults the first is named. A refused command changes nothing, and its id \
         may be used again.",
    );
    page.table(
        ["code", "meaning", "facts"],
        refused.coded("Refusal").into_iter().filter(|row| row[0] != "``"),
    );
    let approval = Source::read("core/src/approval.rs")?;
    page.section(
        "Refusals by a policy",
        "Why an intent needs an approval, or why an approval does not allow it.",
    );
    page.table(["code", "meaning", "facts"], approval.coded("NotAllowed"));
    Ok(())
}

fn exceptions(page: &mut Page) -> Result<()> {
    let says = Source::read("core/src/exception.rs")?;
    page.section(
        "Exceptions",
        "Where what happened contradicts the book. None is stored: each follows from the state.",
    );
    page.table(
        ["code", "meaning", "severity"],
        ExceptionCode::ALL
            .iter()
            .map(|one| [code(one), says.variant("ExceptionCode", &format!("{one:?}")), code(one.severity())]),
    );
    let receiving = Source::read("core/src/receiving.rs")?;
    page.section("Oddities of a delivery", "What a delivery is held against before it is booked.");
    page.table(["code", "meaning", "facts"], receiving.coded("Oddity"));
    Ok(())
}

fn catalogue(page: &mut Page) -> Result<()> {
    page.section(
        "Lists of the catalogue",
        "What a card of each list is about, and what it says. Every card may have a `title` and be `closed`.",
    );
    let fields = |fields: &[onhand::catalogue::Field]| fields.iter().map(code).collect::<Vec<_>>().join(" ");
    page.table(
        ["list", "a card is", "belongs to", "is named in", "needs", "may say", "lines"],
        LISTS.iter().map(|row| {
            let [of, named_in] = [row.of, row.named_in].map(|list| list.map_or_else(String::new, code));
            [
                code(row.list),
                row.says.into(),
                of,
                named_in,
                fields(row.needs),
                fields(row.may),
                row.lines.unwrap_or_default().into(),
            ]
        }),
    );
    page.section("Fields of a card", "");
    page.table(
        ["field", "meaning", "takes"],
        FIELDS.iter().map(|row| {
            let takes = match row.takes {
                Takes::Name => "a name".into(),
                Takes::One(list) => format!("the name of a `{list}`"),
                Takes::Gtin => "a GTIN".into(),
                Takes::Gln => "a GLN".into(),
                Takes::Number(min, max) => format!("{min} to {max}"),
                Takes::Flag => "yes or no".into(),
            };
            [code(row.field), row.says.into(), takes]
        }),
    );
    let remarks = Source::read("core/src/catalogue/capture.rs")?;
    page.section(
        "Remarks",
        "What is odd about an event by the catalogue of its moment. The event stays as it is.",
    );
    page.table(["code", "meaning", "facts"], remarks.coded("RemarkCode"));
    let flaws = Source::read("core/src/catalogue/flaw.rs")?;
    page.section(
        "Flaws",
        "What is wrong with the master data itself. Each comes with a change that would mend it.",
    );
    page.table(["code", "meaning", "facts"], flaws.coded("FlawCode"));
    let scan = Source::read("core/src/catalogue.rs")?;
    let gtin = Source::read("core/src/catalogue/gtin.rs")?;
    let kit = Source::read("core/src/catalogue/kit.rs")?;
    page.section("Problems of a scan and of a kit", "");
    let scans = scan.coded("ScanProblem").into_iter().filter(|row| row[0] != "``");
    let all = gtin.coded("GtinProblem").into_iter().chain(scans).chain(kit.coded("KitProblem"));
    page.table(["code", "meaning", "facts"], all);
    Ok(())
}

fn limits(page: &mut Page) -> Result<()> {
    page.section("Limits", "Beyond a limit input is turned away by name, never cut short.");
    page.table(["limit", "meaning", "value"], Source::read("core/src/limits.rs")?.constants());
    Ok(())
}

fn words(page: &mut Page) {
    page.section(
        "Words of CBV 2.0",
        "Every business step, disposition and business transaction type, what it is read as, and what is lost, or why it is not read.",
    );
    page.table(
        ["word", "in", "read as", "lost, or why not"],
        WORDS.iter().map(|word| {
            let reads = word.reads.map_or_else(String::new, |term| format!("[`{0}`](#{0})", term.anchor()));
            [code(word.word), words_of(&format!("{:?}", word.vocabulary)), reads, word.note.into()]
        }),
    );
}

/// `VoidShip` as `void ship`.
fn words_of(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}

/// A file of the core, for the documentation in it.
struct Source {
    lines: Vec<String>,
}

/// A variant as its file has it.
struct Variant {
    name: String,
    says: String,
    fields: Vec<String>,
}

impl Source {
    fn read(file: &str) -> Result<Source> {
        let text =
            std::fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {file}"))?;
        Ok(Source { lines: text.lines().map(str::to_owned).collect() })
    }

    /// The variants of an enum, in their order, with their documentation.
    fn variants(&self, of: &str) -> Vec<Variant> {
        let start = format!("pub enum {of} {{");
        let inside =
            self.lines.iter().skip_while(|line| **line != start).skip(1).take_while(|line| *line != "}");
        let (mut variants, mut says) = (Vec::<Variant>::new(), Vec::new());
        for line in inside {
            // By the indentation that rustfmt gives: variants are at four spaces, their fields at eight.
            let (depth, text) = (line.len() - line.trim_start().len(), line.trim());
            if let Some(sentence) = text.strip_prefix("///") {
                if depth == 4 {
                    says.push(sentence.trim().to_owned());
                }
                continue;
            }
            let name: String = text.chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect();
            match (depth, name.chars().next()) {
                (4, Some('A'..='Z')) => {
                    let says = prose(&std::mem::take(&mut says).join(" "));
                    variants.push(Variant { name, says, fields: Vec::new() });
                }
                (8, Some('a'..='z')) => {
                    variants.last_mut().into_iter().for_each(|one| one.fields.push(name.clone()))
                }
                _ => {}
            }
        }
        variants
    }

    fn variant(&self, of: &str, name: &str) -> String {
        self.variants(of).into_iter().find(|one| one.name == name).map_or_else(String::new, |one| one.says)
    }

    /// The code of a variant: as `codes!` has it, or as the arm of `code()`.
    fn code_of(&self, of: &str, variant: &str) -> String {
        let text = self.lines.join("\n");
        let list = text.split(&format!("codes!({of}:")).nth(1).and_then(|rest| rest.split(");").next());
        let in_list = list.and_then(|list| {
            let mut words = list.split([',', '\n']).map(str::trim);
            words.find_map(|word| word.strip_prefix(variant)?.strip_prefix(' ').map(str::to_owned))
        });
        let arm = |line: &str| {
            let rest = line.trim().strip_prefix(&format!("{of}::{variant}"))?;
            let (pattern, value) = rest.split_once("=>")?;
            let whole = !pattern.starts_with(|one: char| one.is_alphanumeric());
            (whole && value.trim().starts_with('"')).then(|| value.trim().to_owned())
        };
        let found = in_list.or_else(|| self.lines.iter().find_map(|line| arm(line)));
        found.unwrap_or_default().trim_matches([',', '"']).to_owned()
    }

    /// Code, meaning and facts of each variant. One that hands on another's code has none.
    fn coded(&self, of: &str) -> Vec<[String; 3]> {
        let variants = self.variants(of).into_iter();
        variants
            .map(|one| {
                let facts = one.fields.iter().map(code).collect::<Vec<_>>().join(" ");
                [code(self.code_of(of, &one.name)), one.says, facts]
            })
            .collect()
    }

    /// Name, meaning and value of each public constant.
    fn constants(&self) -> Vec<[String; 3]> {
        let (mut constants, mut says) = (Vec::new(), Vec::new());
        for line in &self.lines {
            if let Some(sentence) = line.strip_prefix("/// ") {
                says.push(sentence.to_owned());
            } else if let Some(rest) = line.strip_prefix("pub const ") {
                let (name, value) = rest.split_once(" = ").unwrap_or_default();
                let name = name.split(':').next().unwrap_or_default();
                constants.push([
                    code(name),
                    prose(&says.join(" ")),
                    value.trim_end_matches(';').replace('_', "\u{2009}"),
                ]);
                says.clear();
            }
        }
        constants
    }
}

/// Documentation without its links.
fn prose(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let (name, after) = after.split_once("`]").unwrap_or((after, ""));
        let after =
            after.strip_prefix('(').and_then(|link| link.split_once(')')).map_or(after, |(_, after)| after);
        let _ = write!(plain, "{before}`{}`", name.rsplit("::").next().unwrap_or(name));
        rest = after;
    }
    plain + rest
}
