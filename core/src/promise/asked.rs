//! A request and the rules that are about it, with what is read from the book once for all nodes.

use alloc::vec::Vec;

use super::Question;
use super::gather::Dated;
use super::geo;
use super::objective::{FAR, Tie};
use super::rules::{Rulebook, Term};
use super::scope::{Applied, Circumstances, applied};
use super::timetable::Schedule;
use super::whatif::View;
use crate::book::Book;
use crate::dense::NONE;
use crate::lanes::Way;
use crate::limits::REQUEST_NODES_MAX;
use crate::name::Name;
use crate::ordered::{Gather as _, sort_by_key};

/// A request and the rules that are about it.
pub(super) struct Asked<'a> {
    pub(super) book: &'a Book,
    pub(super) rulebook: &'a Rulebook,
    pub(super) question: &'a Question,
    pub(super) rules: Vec<Applied<'a>>,
    pub(super) schedule: Schedule<'a>,
    pub(super) channel: Option<&'a Name>,
    pub(super) view: View<'a>,
    /// No plan ships more units.
    pub(super) units: i64,
    /// Sellable less open claims, by rank of the node, then line.
    pub(super) free: Vec<i64>,
    /// Sorted by node, line, moment and name.
    pub(super) dated: Vec<Dated>,
    /// Sorted by node.
    pub(super) ways: Vec<Way>,
    /// The methods that may be used.
    pub(super) methods: Vec<u32>,
    /// Nodes to look at, in the order that decides ties, with their ranks and distances.
    pub(super) nodes: Vec<Seat>,
    /// Units of lots on hand, sorted by node and line; only where a rule asks for their lives.
    pub(super) lots: Vec<(u32, usize, u32, i64)>,
}

/// A node, its rank and its distance to the destination where that is known.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) node: u32,
    pub(super) rank: i64,
    pub(super) distance_m: Option<i64>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(
        book: &'a Book,
        rulebook: &'a Rulebook,
        question: &'a Question,
        channel: Option<&'a Name>,
        view: View<'a>,
    ) -> Asked<'a> {
        // A zone that the book does not know has no lane: nothing ships to it, whatever rules say of it.
        let zone =
            (!question.pick_up && question.to != NONE).then(|| Name::known(book.words.text(question.to)));
        let zone = zone.as_ref();
        let circumstances =
            Circumstances { channel, zone, pick_up: Some(question.pick_up), now: question.now };
        let skus: Vec<u32> = question.lines.iter().map(|(sku, _)| *sku).gather();
        let mut asked = Asked {
            book,
            rulebook,
            question,
            rules: applied(book, rulebook, &circumstances, &skus),
            schedule: Schedule::of(book, &rulebook.timetable, zone),
            channel,
            view,
            units: question.units(),
            free: Vec::new(),
            dated: book.due_supply(question, view.overlay),
            ways: Vec::new(),
            methods: book.methods_of(question),
            nodes: Vec::new(),
            lots: Vec::new(),
        };
        asked.read_stock();
        asked.read_ways();
        asked.read_nodes(zone);
        asked
    }

    /// Sellable less open claims of each line, by node, and lots where their lives are asked for.
    fn read_stock(&mut self) {
        let (book, lines) = (self.book, self.question.lines.len());
        let lots = self.rules.iter().any(|applied| matches!(applied.rule.then, Term::LotLife { .. }));
        self.free = alloc::vec![0; book.nodes.len() * lines];
        for (line, (sku, _)) in self.question.lines.iter().enumerate() {
            for position in &book.skus[*sku].shelves {
                let row = &book.positions.rows[*position];
                let location = &book.locations[row.key.location];
                if let Some(free) = self.free.get_mut(place_of(location.rank, lines, line)) {
                    *free += book.free_at(*position, self.question.now);
                }
                let is_fit = lots && row.quantity > 0 && book.withheld_at(*position, self.question.now) == 0;
                if let Some(lot) = row.key.lot.checked_sub(1).filter(|_| is_fit) {
                    self.lots.push((location.node, line, lot, row.quantity));
                }
            }
        }
        sort_by_key(&mut self.lots, |lot| (lot.0, lot.1));
    }

    fn read_ways(&mut self) {
        let question = self.question;
        if question.pick_up {
            self.ways.push(Way {
                node: question.to,
                method: NONE,
                transit_ms: 0,
                parcel_cost: 0,
                unit_cost: 0,
            });
            return;
        }
        let wanted = |way: &&Way| question.methods.is_empty() || question.methods.contains(&way.method);
        self.ways = self.book.lanes.to(question.to).iter().filter(wanted).copied().gather();
        sort_by_key(&mut self.ways, |way| way.node);
    }

    /// The nodes to look at. What is equal otherwise is decided by their names.
    fn read_nodes(&mut self, zone: Option<&Name>) {
        let (book, rulebook) = (self.book, self.rulebook);
        let ranks = ranks_of(book, rulebook);
        let sites = Sites::of(self, zone);
        let seat = |node: u32| {
            let listed = ranks.binary_search_by_key(&node, |(node, _)| *node).ok();
            let rank =
                listed.and_then(|place| ranks.get(place)).map_or(rulebook.priority.len(), |(_, rank)| *rank);
            let rank = i64::try_from(rank).unwrap_or(i64::MAX);
            Seat { node, rank, distance_m: sites.as_ref().and_then(|sites| sites.distance(node)) }
        };
        self.nodes = match self.question.pick_up {
            true => alloc::vec![Seat { distance_m: Some(0), ..seat(self.question.to) }],
            false => book.nodes.values().take(REQUEST_NODES_MAX).map(|node| seat(*node)).gather(),
        };
        let band = rulebook.objective.band_m;
        for tie in rulebook.ties.iter().rev() {
            sort_by_key(&mut self.nodes, |seat| match tie {
                Tie::Rank => seat.rank,
                Tie::Distance => seat.distance_m.unwrap_or(FAR) / band,
            });
        }
    }
}

/// The place of a line at a node in a table by rank.
pub(super) fn place_of(rank: u32, lines: usize, line: usize) -> usize {
    usize::try_from(rank).unwrap_or(usize::MAX).saturating_mul(lines).saturating_add(line)
}

/// Nodes that a list of priority names, sorted, with the place of their first list.
fn ranks_of(book: &Book, rulebook: &Rulebook) -> Vec<(u32, usize)> {
    let mut ranks: Vec<(u32, usize)> = Vec::new();
    for (rank, list) in rulebook.priority.iter().enumerate() {
        for name in list {
            let group = rulebook.groups.iter().find(|group| group.name == *name);
            let nodes = group.map_or_else(|| core::slice::from_ref(name), |group| group.nodes.as_slice());
            ranks.extend(
                nodes.iter().filter_map(|node| book.known_node(node.as_str())).map(|node| (node, rank)),
            );
        }
    }
    sort_by_key(&mut ranks, |one| *one);
    ranks.dedup_by_key(|(node, _)| *node);
    ranks
}

/// Where nodes are, and the destination.
struct Sites {
    to: geo::Place,
    /// Sorted by node.
    nodes: Vec<(u32, geo::Place)>,
}

impl Sites {
    /// `None` where nothing asks for distances, or the destination has no site.
    fn of(asked: &Asked<'_>, zone: Option<&Name>) -> Option<Sites> {
        let rulebook = asked.rulebook;
        let by_rule = asked.rules.iter().any(|applied| matches!(applied.rule.then, Term::Distance { .. }));
        let by_tie = rulebook.ties.contains(&Tie::Distance);
        if !by_rule && !by_tie && !rulebook.objective.looks_at_distance() {
            return None;
        }
        let zone = zone?;
        let to = rulebook.sites.iter().find(|site| site.name == *zone)?;
        let known = rulebook.sites.iter().filter_map(|site| {
            Some((asked.book.known_node(site.name.as_str())?, (site.latitude, site.longitude)))
        });
        let mut nodes: Vec<(u32, geo::Place)> = known.gather();
        sort_by_key(&mut nodes, |(node, _)| *node);
        Some(Sites { to: (to.latitude, to.longitude), nodes })
    }

    fn distance(&self, node: u32) -> Option<i64> {
        let place = self.nodes.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        self.nodes.get(place).map(|(_, site)| geo::metres(*site, self.to))
    }
}
