//! Which rules of a rulebook are about a request, in the numbers of a book.

use alloc::vec::Vec;

use super::rules::{Rule, Rulebook, Term};
use crate::book::Book;
use crate::dense::NONE;
use crate::event::NodeType;
use crate::name::Name;
use crate::ordered::{Gather as _, sort, sort_by_key};

/// What a rule may ask of a request; what a reading does not say fits every rule.
pub(super) struct Circumstances<'a> {
    pub(super) channel: Option<&'a Name>,
    pub(super) zone: Option<&'a Name>,
    pub(super) pick_up: Option<bool>,
    pub(super) now: i64,
}

/// A rule that is about a request.
pub(super) struct Applied<'a> {
    pub(super) rule: &'a Rule,
    /// Its place in the rulebook.
    pub(super) place: usize,
    /// It has not been relaxed.
    pub(super) holds: bool,
    /// The nodes that it names, sorted; `None` for all.
    nodes: Option<Vec<u32>>,
    /// The nodes of the book that are of a type that it names, as far as `nodes` has them; empty types name all.
    types: &'a [NodeType],
    /// The lines that it is about, as bits.
    pub(super) lines: u64,
    /// Its table, sorted by node; rows about every node come last.
    rows: Vec<Place>,
}

/// A row of a rule's table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    node: u32,
    /// Bits of the lines that it is about.
    pub(super) lines: u64,
    /// Its method or lot.
    pub(super) word: u32,
    /// Its place in the table.
    pub(super) row: usize,
}

/// A bit for each line of a request.
pub(super) const fn bit(line: usize) -> u64 {
    if line < 64 { 1 << line } else { 0 }
}

const _: () = assert!(crate::limits::REQUEST_LINES_MAX <= 64);

/// The rules that are about a request for these items, in their order.
pub(super) fn applied<'a>(
    book: &Book,
    rulebook: &'a Rulebook,
    asked: &Circumstances<'_>,
    skus: &[u32],
) -> Vec<Applied<'a>> {
    let rules = rulebook.rules.iter().enumerate();
    let fitting = rules.filter(|(_, rule)| fits(rule, asked));
    fitting
        .map(|(place, rule)| Applied {
            rule,
            place,
            holds: true,
            nodes: nodes_of(book, rulebook, rule),
            types: &rule.when.types,
            lines: lines_of(book, &rule.when.skus, skus),
            rows: rows_of(book, &rule.then, skus),
        })
        .filter(|applied| applied.lines != 0)
        .gather()
}

fn fits(rule: &Rule, asked: &Circumstances<'_>) -> bool {
    let named =
        |list: &[Name], name: Option<&Name>| list.is_empty() || name.is_some_and(|name| list.contains(name));
    rule.from.is_none_or(|from| from.millis() <= asked.now)
        && rule.until.is_none_or(|until| asked.now < until.millis())
        && named(&rule.when.channels, asked.channel)
        && (named(&rule.when.zones, asked.zone) || asked.pick_up.is_none())
        && rule.when.pick_up.is_none_or(|pick_up| asked.pick_up.is_none_or(|asked| asked == pick_up))
}

fn nodes_of(book: &Book, rulebook: &Rulebook, rule: &Rule) -> Option<Vec<u32>> {
    if rule.when.nodes.is_empty() && rule.when.groups.is_empty() {
        return None;
    }
    let groups = rulebook.groups.iter().filter(|group| rule.when.groups.contains(&group.name));
    let names = rule.when.nodes.iter().chain(groups.flat_map(|group| &group.nodes));
    let mut nodes: Vec<u32> = names.filter_map(|name| book.known_node(name.as_str())).gather();
    sort(&mut nodes);
    Some(nodes)
}

fn lines_of(book: &Book, named: &[Name], skus: &[u32]) -> u64 {
    if named.is_empty() {
        return skus.iter().enumerate().fold(0, |bits, (line, _)| bits | bit(line));
    }
    named.iter().fold(0, |bits, name| bits | line_of(book, Some(name), skus))
}

fn line_of(book: &Book, sku: Option<&Name>, skus: &[u32]) -> u64 {
    let Some(sku) = sku else { return u64::MAX };
    let line = book.known_sku(sku.as_str()).and_then(|sku| skus.iter().position(|one| *one == sku));
    line.map_or(0, bit)
}

fn rows_of(book: &Book, term: &Term, skus: &[u32]) -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |row: usize, node: Option<&Name>, sku: Option<&Name>, word: Option<&Name>| {
        let lines = line_of(book, sku, skus);
        let node = match node {
            Some(node) => book.known_node(node.as_str()),
            None => Some(NONE),
        };
        // A row about what the book does not know matches nothing.
        let word = match word {
            Some(word) => book.words.id(word.as_str()),
            None => Some(NONE),
        };
        if let Some((node, word)) = node.zip(word).filter(|_| lines != 0) {
            places.push(Place { node, lines, word, row });
        }
    };
    match term {
        Term::Safety { rows } => rows.iter().enumerate().for_each(|(row, one)| {
            add(row, one.node.as_ref(), one.sku.as_ref(), one.method.as_ref());
        }),
        Term::Allocation { rows, .. } => rows.iter().enumerate().for_each(|(row, one)| {
            add(row, one.node.as_ref(), one.sku.as_ref(), None);
        }),
        Term::Capacity { rows } => {
            rows.iter().enumerate().for_each(|(row, one)| add(row, Some(&one.node), None, None));
        }
        Term::CoolDown { rows, .. } => rows.iter().enumerate().for_each(|(row, one)| {
            add(row, Some(&one.node), one.sku.as_ref(), None);
        }),
        Term::LotLife { rows, .. } => rows.iter().enumerate().for_each(|(row, one)| {
            add(row, None, Some(&one.sku), Some(&one.lot));
        }),
        Term::LeastValue { rows, .. } => {
            rows.iter().enumerate().for_each(|(row, one)| add(row, None, Some(&one.sku), None));
        }
        Term::StandIn { rows } => {
            rows.iter().enumerate().for_each(|(row, one)| add(row, None, Some(&one.sku), None));
        }
        Term::Verdict { rows } => rows.iter().enumerate().for_each(|(row, one)| {
            add(row, Some(&one.node), one.sku.as_ref(), None);
        }),
        _ => {}
    }
    sort_by_key(&mut places, |place| (place.node, place.row));
    places
}

impl Applied<'_> {
    /// Whether it is about a node.
    pub(super) fn names(&self, book: &Book, node: u32) -> bool {
        let named = self.nodes.as_ref().is_none_or(|nodes| nodes.binary_search(&node).is_ok());
        let of_type = || {
            let terms = book.locations.find(node).and_then(|node| node.terms.as_ref());
            terms.is_some_and(|terms| self.types.contains(&terms.value.node_type))
        };
        named && (self.types.is_empty() || of_type())
    }

    /// Whether it is about a line.
    pub(super) fn about_line(&self, line: usize) -> bool {
        self.lines & bit(line) != 0
    }

    /// The rows of its table about a node, those about every node after those that name it.
    pub(super) fn rows_of_node(&self, node: u32) -> Rows<'_> {
        let slice = |node: u32| {
            let from = self.rows.partition_point(|place| place.node < node);
            let until = self.rows.partition_point(|place| place.node <= node);
            self.rows.get(from..until).unwrap_or_default()
        };
        let everywhere = if node == NONE { &[] } else { slice(NONE) };
        Rows { named: slice(node), everywhere, line: None }
    }

    /// The same, as far as they are about a line.
    pub(super) fn rows_at(&self, node: u32, line: usize) -> Rows<'_> {
        Rows { line: Some(bit(line)), ..self.rows_of_node(node) }
    }
}

/// Rows of a table, one after the other. What walks them is compiled once, where a chain of iterators would be for every walk.
pub(super) struct Rows<'a> {
    named: &'a [Place],
    everywhere: &'a [Place],
    /// The line that they are about.
    line: Option<u64>,
}

impl Iterator for Rows<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        loop {
            let rows = if self.named.is_empty() { &mut self.everywhere } else { &mut self.named };
            let (place, rest) = rows.split_first()?;
            *rows = rest;
            if self.line.is_none_or(|line| place.lines & line != 0) {
                return Some(*place);
            }
        }
    }
}
