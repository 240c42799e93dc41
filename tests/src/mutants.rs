//! Mutants: would the tests see a slip of the pen anywhere in the rules?
//!
//! A mutant is one small change of the kind that a slip makes: `<` for `<=`, a condition turned round, a number off by one, a
//! statement left out, a function that returns at once. A seeded draw takes some of all that could be made in the code of
//! transitions and decisions; one copy of the core gets them all, each behind a switch, and the tests run against each by itself.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use twox_hash::XxHash64;

use crate::host;
use crate::planted::{QUICK, REST, Tree};

/// The files that the draw is from: what an event does, and what is decided of an intent.
pub const FILES: &[&str] = &[
    "approval.rs",
    "approval/paper.rs",
    "approval/policy.rs",
    "availability.rs",
    "book.rs",
    "claim.rs",
    "close.rs",
    "content.rs",
    "counting.rs",
    "event.rs",
    "evolve.rs",
    "exception.rs",
    "execute.rs",
    "kept.rs",
    "kind.rs",
    "learn.rs",
    "lot.rs",
    "receiving.rs",
    "seen.rs",
    "stock.rs",
    "transfer.rs",
];

/// A change, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file, from the root of the workspace.
    pub file: String,
    pub line: usize,
    pub function: String,
    /// What stands there; empty where something is put in.
    pub right: String,
    /// What the mutant has instead; empty where something is left out.
    pub wrong: String,
    /// Of those of its function that read the same, which, from 0.
    nth: usize,
    place: Range<usize>,
    is_statement: bool,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By this test.
    Caught(String),
    Survived,
}

/// A survivor that someone has looked at: why no test can tell it from what is right.
#[derive(Clone, Debug, Default)]
pub struct Reviewed {
    pub file: String,
    pub function: String,
    pub right: String,
    pub wrong: String,
    pub why: String,
}

impl Reviewed {
    pub fn is_about(&self, mutant: &Mutant) -> bool {
        let said = [&self.file, &self.function, &self.right, &self.wrong];
        said == [&mutant.file, &mutant.function, &one_line(&mutant.right), &one_line(&mutant.wrong)]
    }
}

/// A text without its line breaks and indentation.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every mutant that `mutants.txt` explains, in its order.
pub fn reviewed() -> Result<Vec<Reviewed>> {
    let text =
        std::fs::read_to_string(host::folder().join("mutants.txt")).context("there is no list of mutants")?;
    let mut all: Vec<Reviewed> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        match (mark, all.last_mut()) {
            ("" | "#", _) => {}
            ("at", _) => {
                all.push(Reviewed { file: first.into(), function: second.into(), ..Reviewed::default() })
            }
            ("-", Some(one)) => one.right = rest.into(),
            ("+", Some(one)) => one.wrong = rest.into(),
            ("why", Some(one)) => one.why = rest.into(),
            _ => bail!("mutants.txt:{number}: `{line}` is no part of a mutant"),
        }
    }
    Ok(all)
}

/// Every mutant of these files, in the order of the text.
pub fn all(files: &[&str]) -> Result<Vec<Mutant>> {
    let core = host::folder().parent().context("this crate has a workspace")?.join("core/src");
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(core.join(file)).with_context(|| format!("no core/src/{file}"))?;
        found.extend(of_text(&format!("core/src/{file}"), &text)?);
    }
    Ok(found)
}

/// Every mutant of one file.
pub fn of_text(file: &str, text: &str) -> Result<Vec<Mutant>> {
    let parsed = syn::parse_file(text).with_context(|| format!("{file} is not read"))?;
    let mut finder = Finder { file, text, function: String::new(), found: Vec::new() };
    finder.visit_file(&parsed);
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in &mut finder.found {
        let before = alike.entry(mutant.name()).or_default();
        mutant.nth = *before;
        *before += 1;
    }
    Ok(finder.found)
}

/// The mutants in the order of a seeded draw, without those that reach into one drawn before.
///
/// Each draws its own lot, so that a change of the core leaves the others where they are.
pub fn drawn(mut mutants: Vec<Mutant>, seed: u64, most: usize) -> Vec<Mutant> {
    mutants.sort_by_cached_key(|mutant| XxHash64::oneshot(seed, mutant.name().as_bytes()));
    let mut drawn: Vec<Mutant> = Vec::new();
    for mutant in mutants {
        let reaches = |other: &Mutant| {
            other.file == mutant.file
                && other.place.start <= mutant.place.end
                && mutant.place.start <= other.place.end
        };
        if drawn.len() < most && !drawn.iter().any(reaches) {
            drawn.push(mutant);
        }
    }
    drawn
}

impl Mutant {
    /// What it is called, wherever in its file it stands: of two mutants no name is the same.
    pub fn name(&self) -> String {
        let Mutant { file, function, right, wrong, nth, .. } = self;
        format!("{file} {function} {nth}: {} => {}", one_line(right), one_line(wrong))
    }

    /// The change behind the switch of this number.
    fn switched(&self, number: usize) -> String {
        let Mutant { right, wrong, is_statement, .. } = self;
        let (open, close) = if *is_statement { ("", "") } else { ("(", ")") };
        format!("{open}if crate::mutant({number}) {{ {wrong} }} else {{ {right} }}{close}")
    }
}

/// The text of a file with its mutants, each behind its number.
pub fn with_mutants(mutants: &BTreeMap<usize, Mutant>, file: &str, text: &str) -> String {
    let mut here: Vec<_> = mutants.iter().filter(|(_, mutant)| mutant.file == file).collect();
    here.sort_by_key(|(_, mutant)| mutant.place.start);
    let (mut whole, mut from) = (String::new(), 0);
    for (number, mutant) in here {
        whole.push_str(&text[from..mutant.place.start]);
        whole.push_str(&mutant.switched(*number));
        from = mutant.place.end;
    }
    whole + &text[from..]
}

/// Where a line of the copy belongs to: the number of the mutant that stands there.
fn numbers_in(text: &str, lines: Range<usize>) -> Vec<usize> {
    let told = text.lines().skip(lines.start - 1).take(lines.len());
    told.flat_map(|line| line.split("crate::mutant(").skip(1))
        .filter_map(|rest| rest.split(')').next()?.parse().ok())
        .collect()
}

/// Histories that the laws hold against each mutant at once, and against those that tests let pass.
const FEW: &str = "16";
const MANY: &str = "160";

/// A mutant that takes so many times as long as the core would never be let in.
const SLOWER: u32 = 5;
const SHORTEST: Duration = Duration::from_secs(20);
const LONGEST: Duration = Duration::from_secs(600);

const SWITCH: &str = "
extern crate std;

/// Whether the mutant of this number is switched on.
pub(crate) fn mutant(number: usize) -> bool {
    static ON: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let said = || std::env::var(\"ONHAND_MUTANT\").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    *ON.get_or_init(said) == number
}
";

/// A copy of the core with mutants, built.
pub struct Nest {
    tree: Tree,
    /// The mutants that compile, by number.
    pub mutants: BTreeMap<usize, Mutant>,
    tests: PathBuf,
    laws: PathBuf,
    /// How long each stage may take.
    limits: Vec<Duration>,
}

/// A stage of judging: a program and what it is told.
type Stage<'a> = (&'a PathBuf, Vec<&'static str>);

impl Nest {
    /// Builds a copy with the first `most` of these mutants that compile.
    pub fn build(drawn: Vec<Mutant>, most: usize) -> Result<Nest> {
        let mut mutants: BTreeMap<usize, Mutant> = (1..).zip(drawn).collect();
        loop {
            let tree = Tree::copy_with("mutants", |file, text| match file {
                "core/src/lib.rs" => Ok(format!("#![allow(warnings, clippy::all)]\n{text}{SWITCH}")),
                file => Ok(with_mutants(&mutants, file, &text)),
            })?;
            let refused = refused(&tree)?;
            if refused.is_empty() {
                while mutants.len() > most {
                    mutants.pop_last();
                }
                let tests = executable(&tree, &["test", "--no-run", "--test", "it"])?;
                let laws = executable(&tree, &["build", "--bin", "laws"])?;
                return Ok(Nest { tree, mutants, tests, laws, limits: Vec::new() });
            }
            eprintln!("{} mutants do not compile", refused.len());
            mutants.retain(|number, _| !refused.contains(number));
        }
    }

    /// What sees most in the least time comes first.
    fn stages(&self) -> [Stage<'_>; 4] {
        let tests = |groups: &[&'static str]| [groups, &["--skip", "the_package_knows"]].concat();
        let laws = |histories: &'static str| vec!["--raw", "--histories", histories];
        [
            (&self.laws, laws(FEW)),
            (&self.tests, tests(QUICK)),
            (&self.laws, laws(MANY)),
            (&self.tests, tests(REST)),
        ]
    }

    /// Runs the tests against the core as it is: all are to pass, and the time that each takes says how long a mutant may.
    pub fn measure(&mut self) -> Result<()> {
        let mut limits = Vec::new();
        for (program, arguments) in self.stages() {
            let (spent, red) = self.run(program, &arguments, 0, LONGEST)?;
            if let Some(by) = red {
                bail!("the core without a mutant is red: {by}");
            }
            limits.push((spent * SLOWER).max(SHORTEST));
        }
        self.limits = limits;
        Ok(())
    }

    /// Runs the tests against the mutant of a number, until one fails.
    pub fn judge(&self, number: usize) -> Result<Verdict> {
        for ((program, arguments), limit) in self.stages().into_iter().zip(&self.limits) {
            if let (_, Some(by)) = self.run(program, &arguments, number, *limit)? {
                return Ok(Verdict::Caught(by));
            }
        }
        Ok(Verdict::Survived)
    }

    /// The time that one program took, and what failed of it, if anything did.
    fn run(
        &self,
        program: &PathBuf,
        arguments: &[&str],
        number: usize,
        limit: Duration,
    ) -> Result<(Duration, Option<String>)> {
        // A mutant may ask for memory without end; where there is a shell it gets only some.
        let mut command = match cfg!(unix) {
            true => {
                let mut shell = Command::new("sh");
                shell.args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\""]).arg(program);
                shell
            }
            false => Command::new(program),
        };
        let said = self.tree.root().join(format!("said-{number}"));
        let output = std::fs::File::create(&said)?;
        let mut child = command
            .args(arguments)
            .current_dir(self.tree.root().join("tests"))
            .env("ONHAND_MUTANT", number.to_string())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start a test")?;
        let (started, mut spent) = (Instant::now(), Duration::ZERO);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            spent = cpu_time(child.id()).unwrap_or_else(|| started.elapsed());
            if spent > limit {
                child.kill()?;
                child.wait()?;
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let text = String::from_utf8_lossy(&std::fs::read(&said)?).into_owned();
        std::fs::remove_file(&said)?;
        let by = match status {
            Some(status) if status.success() => return Ok((spent, None)),
            Some(_) => text.lines().find_map(|line| {
                line.strip_prefix("test ")
                    .and_then(|line| line.strip_suffix(" ... FAILED"))
                    .or_else(|| line.contains(" broken after ").then_some(line))
            }),
            None => Some("the time limit"),
        };
        Ok((spent, Some(by.unwrap_or("a stop").to_owned())))
    }
}

/// What a process had of the processors so far, where the system says so: unlike the time on the wall it is the same beside others that
/// are busy.
fn cpu_time(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which is in brackets; the hundredths of a second for itself, and for the system on its behalf.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Verdicts of earlier runs, kept where the copy is: a run that was interrupted goes on, and one after new tests judges only what
/// survived. A verdict holds as long as the file that the mutant is in stays as it was.
pub struct Verdicts {
    place: PathBuf,
    known: BTreeMap<(u64, String), Verdict>,
}

impl Verdicts {
    /// What earlier runs of this copy found; nothing, and that for good, when it is to be judged anew.
    pub fn of(nest: &Nest, anew: bool) -> Result<Verdicts> {
        let place = nest.tree.root().with_file_name("verdicts.txt");
        if anew || !place.exists() {
            std::fs::write(&place, "")?;
        }
        let text = std::fs::read_to_string(&place)?;
        let known = text.lines().filter_map(|line| {
            let [print, by, name] = line.splitn(3, '\t').collect::<Vec<_>>().try_into().ok()?;
            let verdict = match by {
                "" => Verdict::Survived,
                by => Verdict::Caught(by.into()),
            };
            Some(((print.parse().ok()?, name.into()), verdict))
        });
        Ok(Verdicts { known: known.collect(), place })
    }

    fn key(mutant: &Mutant) -> Result<(u64, String)> {
        let text = std::fs::read(host::folder().join("..").join(&mutant.file))?;
        Ok((XxHash64::oneshot(0, &text), mutant.name()))
    }

    /// What was found of a mutant, if its file is what it was.
    pub fn known(&self, mutant: &Mutant) -> Result<Option<&Verdict>> {
        Ok(self.known.get(&Verdicts::key(mutant)?))
    }

    /// Takes a verdict down at once. The later of two holds.
    pub fn note(&mut self, mutant: &Mutant, verdict: &Verdict) -> Result<()> {
        let (print, name) = Verdicts::key(mutant)?;
        let by = match verdict {
            Verdict::Caught(by) => by,
            Verdict::Survived => "",
        };
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&self.place)?;
        writeln!(file, "{print}\t{}\t{name}", by.replace('\t', " "))?;
        self.known.insert((print, name), verdict.clone());
        Ok(())
    }
}

fn cargo(tree: &Tree, arguments: &[&str]) -> Command {
    let mut cargo = tree.cargo();
    cargo.env("CARGO_PROFILE_CHECKED_DEBUG", "0");
    cargo.args(arguments).args(["--profile", "checked", "--package", "onhand-tests"]);
    cargo.args(["--message-format", "json"]).stderr(Stdio::inherit());
    cargo
}

fn messages(mut cargo: Command) -> Result<Vec<serde_json::Value>> {
    let output = cargo.output().context("cannot start cargo")?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The numbers of the mutants that do not compile.
fn refused(tree: &Tree) -> Result<Vec<usize>> {
    let mut numbers = Vec::new();
    for message in messages(cargo(tree, &["check", "--lib"]))? {
        let told = &message["message"];
        if told["level"] != "error" {
            continue;
        }
        let spans = told["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        let before = numbers.len();
        for span in spans.iter().filter(|span| span["is_primary"] == true) {
            let line = |end: &str| span[end].as_u64().and_then(|line| usize::try_from(line).ok());
            let (Some(file), Some(first), Some(last)) =
                (span["file_name"].as_str(), line("line_start"), line("line_end"))
            else {
                continue;
            };
            let text = std::fs::read_to_string(tree.root().join(file))?;
            numbers.extend(numbers_in(&text, first..last + 1));
        }
        if numbers.len() == before && !spans.is_empty() {
            bail!("the copy does not build, and no mutant is to blame: {}", told["rendered"]);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn executable(tree: &Tree, arguments: &[&str]) -> Result<PathBuf> {
    let messages = messages(cargo(tree, arguments))?;
    let built = messages.iter().rev().find_map(|message| message["executable"].as_str());
    built.map(PathBuf::from).context("the copy with its mutants does not build")
}

/// Walks a file and notes every mutant.
struct Finder<'a> {
    file: &'a str,
    text: &'a str,
    function: String,
    found: Vec<Mutant>,
}

/// Operators and methods, and what a slip makes of them.
const SWAPPED: &[(&str, &str)] = &[
    ("<", "<="),
    ("<=", "<"),
    (">", ">="),
    (">=", ">"),
    ("==", "!="),
    ("!=", "=="),
    ("+", "-"),
    ("-", "+"),
    ("*", "+"),
    ("/", "*"),
    ("&&", "||"),
    ("||", "&&"),
    ("+=", "-="),
    ("-=", "+="),
    ("min", "max"),
    ("max", "min"),
    ("min_by_key", "max_by_key"),
    ("max_by_key", "min_by_key"),
    ("any", "all"),
    ("all", "any"),
    ("first", "last"),
    ("last", "first"),
    ("saturating_add", "saturating_sub"),
    ("saturating_sub", "saturating_add"),
    ("checked_add", "checked_sub"),
    ("checked_sub", "checked_add"),
    ("is_some", "is_none"),
    ("is_none", "is_some"),
    ("is_some_and", "is_none_or"),
    ("is_none_or", "is_some_and"),
    ("is_ok", "is_err"),
    ("is_err", "is_ok"),
];

fn swapped(word: &str) -> Option<&'static str> {
    SWAPPED.iter().find(|(from, _)| *from == word).map(|(_, to)| *to)
}

/// Traits that make text for people; no rule is in them.
const TEXT: &[&str] = &["Debug", "Deserialize", "Display", "Error", "Serialize", "Visitor"];

impl Finder<'_> {
    fn note(&mut self, place: Range<usize>, wrong: String, is_statement: bool, line: usize) {
        self.found.push(Mutant {
            file: self.file.to_owned(),
            line,
            function: self.function.clone(),
            right: self.text[place.clone()].to_owned(),
            wrong,
            nth: 0,
            place,
            is_statement,
        });
    }

    fn replace(&mut self, whole: &impl Spanned, wrong: String) {
        let span = whole.span();
        self.note(span.byte_range(), wrong, false, span.start().line);
    }

    /// An expression with one of its words swapped.
    fn swap(&mut self, whole: &impl Spanned, word: &impl Spanned) {
        let (whole_at, word_at) = (whole.span().byte_range(), word.span().byte_range());
        if let Some(to) = swapped(&self.text[word_at.clone()]) {
            let wrong = format!(
                "{}{to}{}",
                &self.text[whole_at.start..word_at.start],
                &self.text[word_at.end..whole_at.end]
            );
            let statement = matches!(to, "+=" | "-=");
            self.note(whole_at, wrong, statement, word.span().start().line);
        }
    }

    fn negate(&mut self, condition: &syn::Expr) {
        if !has_let(condition) && !matches!(condition, syn::Expr::Unary(_)) {
            let text = &self.text[condition.span().byte_range()];
            self.replace(condition, format!("!({text})"));
        }
    }

    fn walk_function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        // What runs while the compiler does cannot ask for a switch.
        if signature.constness.is_some() {
            return;
        }
        let outer = std::mem::replace(&mut self.function, signature.ident.to_string());
        for value in at_once(&signature.output) {
            let start = block.brace_token.span.open().byte_range().end;
            self.note(start..start, format!("return {value};"), true, signature.span().start().line);
        }
        visit::visit_block(self, block);
        self.function = outer;
    }
}

/// Values that a function of this type could return at once.
fn at_once(output: &syn::ReturnType) -> &'static [&'static str] {
    let syn::ReturnType::Type(_, kind) = output else { return &[""] };
    let syn::Type::Path(path) = &**kind else { return &[] };
    let Some(last) = path.path.segments.last() else { return &[] };
    let unit = |arguments: &syn::PathArguments| match arguments {
        syn::PathArguments::AngleBracketed(some) => {
            matches!(some.args.first(), Some(syn::GenericArgument::Type(syn::Type::Tuple(one))) if one.elems.is_empty())
        }
        _ => false,
    };
    match last.ident.to_string().as_str() {
        "bool" => &["true", "false"],
        "i64" | "u64" | "usize" | "u32" | "i128" | "u8" => &["0", "1"],
        "Option" => &["None"],
        "Vec" => &["Default::default()"],
        "Quantity" => &["Quantity::ZERO"],
        "Result" if unit(&last.arguments) => &["Ok(())"],
        _ => &[],
    }
}

fn has_let(condition: &syn::Expr) -> bool {
    match condition {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("cfg") && one.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item.trait_.as_ref().and_then(|path| path.1.segments.last());
        if !of.is_some_and(|of| TEXT.iter().any(|text| of.ident == text)) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.walk_function(&item.sig, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.walk_function(&item.sig, &item.block);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Expr(what, Some(_)) = statement {
            let leaves_out = match what {
                syn::Expr::Assign(_) | syn::Expr::Call(_) | syn::Expr::MethodCall(_) | syn::Expr::Try(_) => {
                    true
                }
                syn::Expr::Binary(binary) => swapped(&self.text[binary.op.span().byte_range()]).is_some(),
                _ => false,
            };
            if leaves_out {
                let span = statement.span();
                self.note(span.byte_range(), String::new(), true, span.start().line);
            }
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !has_let(&binary.left) && !has_let(&binary.right) {
            self.swap(binary, &binary.op);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.swap(call, &call.method);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_if(&mut self, condition: &'ast syn::ExprIf) {
        self.negate(&condition.cond);
        visit::visit_expr_if(self, condition);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.negate(guard);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, syn::UnOp::Not(_)) {
            let inner = self.text[unary.expr.span().byte_range()].to_owned();
            self.replace(unary, inner);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr_lit(&mut self, literal: &'ast syn::ExprLit) {
        let text = &self.text[literal.span().byte_range()];
        match &literal.lit {
            syn::Lit::Int(_) => self.replace(literal, format!("{text} + 1")),
            syn::Lit::Bool(one) => self.replace(literal, (!one.value).to_string()),
            _ => {}
        }
    }
}
