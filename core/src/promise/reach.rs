//! What each node could ship under a rulebook: `gather` with every rule asked where it stands.

use alloc::vec::Vec;
use core::ops::Range;

use super::asked::{Asked, Seat, place_of};
use super::branch::{Limits, Most};
use super::certainty::{Errors, Risk};
use super::gather;
use super::parcels::Parcel;
use super::protection::{Held, Threshold, held_back};
use super::rules::{Room, Term};
use super::scope::{Applied, bit};
use super::{Check, added, product};
use crate::dense::NONE;
use crate::event::NodeTerms;
use crate::lanes::Way;
use crate::limits::{BALANCE_MAX, QUANTITY_MAX};
use crate::ordered::{Gather as _, sort_by_key};

/// In place of a supply: units beyond what is there and to come.
pub(super) const BACKORDER: u32 = NONE - 1;
/// In place of a supply: what is only supposed to come, and has no name.
pub(super) const SUPPOSED: u32 = NONE - 2;

/// A node at a moment by a way.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Its portions are places in [`Reach::portions`].
    pub(super) at: gather::Candidate,
    pub(super) distance_m: Option<i64>,
    pub(super) rank: i64,
    /// Units on hand of a line that do not live long enough, where there are any.
    short: Vec<(usize, i64)>,
}

impl Candidate {
    /// Units of a portion that are not of use, being on hand and too old.
    pub(super) fn too_old(&self, portion: &Portion) -> i64 {
        let of_line = self.short.iter().find(|(line, _)| portion.supply == NONE && *line == portion.line);
        of_line.map_or(0, |(_, units)| *units)
    }

    /// Units of a portion that are of use.
    pub(super) fn fit(&self, portion: &Portion) -> i64 {
        (portion.units - self.too_old(portion)).max(0)
    }
}

/// What a candidate has of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offered {
    pub(super) available: i64,
    /// With prices and what being late costs.
    pub(super) unit_cost: i64,
    pub(super) late_cost: i64,
    /// What of the unit's cost is a charge for failure.
    pub(super) charge: i64,
    /// Units of items that are shipped for one.
    pub(super) each: i64,
}

/// Units of a line at a moment, from a supply, on hand (`NONE`) or beyond both ([`BACKORDER`]).
#[derive(Clone, Copy, Debug)]
pub(super) struct Portion {
    pub(super) ready: i64,
    pub(super) line: usize,
    pub(super) supply: u32,
    pub(super) units: i64,
}

/// A check that a node, or a node for a line, does not pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    pub(super) node: u32,
    pub(super) line: Option<usize>,
    pub(super) check: Check,
    pub(super) number: i64,
    /// The place of the rule in the rulebook.
    pub(super) rule: Option<usize>,
}

/// What all nodes could ship, and what plans have to keep.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) lines: usize,
    /// In the order that decides ties, then of moments.
    pub(super) candidates: Vec<Candidate>,
    /// By candidate, then line.
    pub(super) cells: Vec<Offered>,
    pub(super) portions: Vec<Portion>,
    pub(super) failed: Vec<Failed>,
    pub(super) limits: Limits,
    pub(super) line_split: bool,
    pub(super) ship_complete: bool,
    pub(super) shipments_max: Option<usize>,
    /// Candidates that are a node at a moment by ways that differ in cost alone.
    pub(super) ways: Vec<Range<usize>>,
    /// Candidates by the row of capacity that they use.
    pub(super) rooms: Vec<((usize, usize), usize)>,
    /// Candidates that there is room for beside the first of each node.
    pub(super) spare: usize,
}

/// The check, its number and the rule.
pub(super) type Failure = (Check, i64, Option<usize>);

impl<'a> Asked<'a> {
    /// What can be shipped while the rules hold that do.
    pub(super) fn reach(&self) -> Reach {
        let policy = &self.question.policy;
        let mut reach = Reach {
            lines: self.question.lines.len(),
            line_split: policy.line_split,
            ship_complete: policy.ship_complete,
            shipments_max: policy.nodes_max.and_then(|most| usize::try_from(most).ok()),
            spare: gather::spare(&self.ways),
            ..Reach::default()
        };
        for seat in &self.nodes {
            let Some(terms) = &self.book.locations[seat.node].terms else { continue };
            if let Err((check, number, rule)) = self.look_at(*seat, &terms.value, &mut reach) {
                reach.failed.push(Failed { node: seat.node, line: None, check, number, rule });
            }
        }
        self.limit(&mut reach);
        if let Some(risk) = self.view.risk.filter(|risk| risk.weigh) {
            self.charge(risk, &mut reach);
        }
        reach
    }

    /// Charges every unit that a node could give with what its failure is expected to cost.
    fn charge(&self, risk: &Risk<u32>, reach: &mut Reach) {
        let errors = Errors::of(risk);
        for (candidate, cells) in
            reach.candidates.iter().zip(reach.cells.chunks_exact_mut(reach.lines.max(1)))
        {
            let portions = reach.portions.get(candidate.at.portions.clone()).unwrap_or_default();
            let lines = self.question.lines.iter().zip(cells).enumerate();
            for (line, ((sku, wanted), cell)) in lines.filter(|(_, (_, cell))| cell.available > 0) {
                // Of an item that only stands in it is not known how much is wanted.
                let mut most = if *wanted == 0 { cell.available } else { cell.available.min(*wanted) };
                let (mut on_hand, mut to_come) = (0, 0);
                for portion in portions.iter().filter(|portion| portion.line == line) {
                    let units = candidate.fit(portion).min(most);
                    let of_record = matches!(portion.supply, NONE | SUPPOSED);
                    *(if of_record { &mut on_hand } else { &mut to_come }) += units;
                    most -= units;
                }
                let at = (*sku, candidate.at.node, self.question.now);
                cell.charge = self.book.charge_at(risk, &errors, self.view.overlay, at, (on_hand, to_come));
                cell.unit_cost = added(cell.unit_cost, cell.charge);
            }
        }
    }

    fn holding(&self) -> impl Iterator<Item = &Applied<'a>> {
        self.rules.iter().filter(|applied| applied.holds)
    }

    /// Rules that hold and are about a node.
    pub(super) fn holding_at(&self, node: u32) -> impl Iterator<Item = &Applied<'a>> {
        self.holding().filter(move |applied| applied.names(self.book, node))
    }

    /// All lines.
    pub(super) fn all(&self) -> u64 {
        (0..self.question.lines.len()).fold(0, |bits, line| bits | bit(line))
    }

    fn ways_from(&self, node: u32) -> &[Way] {
        let from = self.ways.partition_point(|way| way.node < node);
        let rest = self.ways.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|way| way.node == node)).unwrap_or_default()
    }

    /// Adds a candidate for each moment at which the node has something, or says which check it fails.
    fn look_at(&self, seat: Seat, terms: &NodeTerms, reach: &mut Reach) -> Result<(), Failure> {
        if !self.view.overlay.on_line(seat.node).unwrap_or(terms.on_line) {
            return Err((Check::OffLine, 0, None));
        }
        if !(if self.question.pick_up { terms.picks_up } else { terms.ships }) {
            return Err((Check::NotCapable, 0, None));
        }
        let ways = self.ways_from(seat.node);
        if ways.is_empty() {
            return Err((Check::NoLane, 0, None));
        }
        let mut notes = Vec::new();
        let closed = self.closed(seat, &mut notes)?;
        let mut portions = Vec::new();
        let least = self.fill_portions(seat.node, ways, closed, &mut portions, &mut notes);
        if portions.is_empty() {
            if notes.is_empty() {
                return Err((Check::NoStock, least, None));
            }
            reach.failed.append(&mut notes);
            return Ok(());
        }
        let mut late: Option<Failure> = None;
        let parcels = self.parcels(seat.node, terms, ways, &portions, reach.portions.len(), &mut late);
        reach.portions.append(&mut portions);
        reach.failed.append(&mut notes);
        // A line that one parcel has is not closed by another; what closes it is said once.
        let has = self.add_parcels(seat, parcels, reach, &mut notes);
        let mut said = has;
        for note in notes {
            let line = note.line.map_or(0, bit);
            if said & line == 0 {
                reach.failed.push(note);
            }
            said |= line;
        }
        late.filter(|_| has == 0).map_or(Ok(()), Err)
    }

    /// The lines that rules close at a node. Where they close all of them, the first rule that does is the answer.
    fn closed(&self, seat: Seat, notes: &mut Vec<Failed>) -> Result<u64, Failure> {
        let all = self.all();
        let mut closed = 0;
        for applied in self.holding() {
            let named = applied.names(self.book, seat.node);
            for (lines, check, number) in self.turned_down(applied, named, seat) {
                if lines & all == all {
                    return Err((check, number, Some(applied.place)));
                }
                let newly = lines & all & !closed;
                for line in (0..self.question.lines.len()).filter(|line| newly & bit(*line) != 0) {
                    let rule = Some(applied.place);
                    notes.push(Failed { node: seat.node, line: Some(line), check, number, rule });
                }
                closed |= newly;
            }
        }
        if closed == all {
            let first = notes.first().map(|note| (note.check, note.number, note.rule));
            notes.truncate(usize::from(first.is_none()));
            return first.map_or(Ok(closed), Err);
        }
        Ok(closed)
    }

    /// The lines that one rule turns down at a node, why, and the number behind it.
    fn turned_down(&self, applied: &Applied<'_>, named: bool, seat: Seat) -> Vec<(u64, Check, i64)> {
        let now = self.question.now;
        let mut down = Vec::new();
        match &applied.rule.then {
            Term::Only {} if !named => down.push((applied.lines, Check::NotSelected, 0)),
            _ if !named => {}
            Term::Exclude {} => down.push((applied.lines, Check::Excluded, 0)),
            Term::Distance { max_m } => match seat.distance_m {
                None => down.push((applied.lines, Check::TooFar, -1)),
                Some(distance) if distance > *max_m => down.push((applied.lines, Check::TooFar, distance)),
                Some(_) => {}
            },
            Term::Launch { at, pre_order: false } if now < at.millis() => {
                down.push((applied.lines, Check::NotLaunched, at.millis()));
            }
            Term::CoolDown { rows, count, for_ms } => {
                for line in (0..self.question.lines.len()).filter(|line| applied.about_line(*line)) {
                    let places = applied.rows_at(seat.node, line).filter_map(|place| rows.get(place.row));
                    let moments = places.map(|row| row.at.millis());
                    let mut recent: Vec<i64> =
                        moments.filter(|at| *at <= now && now < added(*at, *for_ms)).gather();
                    sort_by_key(&mut recent, |at| core::cmp::Reverse(*at));
                    let last = usize::try_from(*count - 1).ok().and_then(|place| recent.get(place));
                    if let Some(last) = last {
                        let until = last + for_ms;
                        match down.last_mut() {
                            Some((lines, _, number)) if *number == until => *lines |= bit(line),
                            _ => down.push((bit(line), Check::CoolingDown, until)),
                        }
                    }
                }
            }
            Term::Verdict { rows } => {
                for place in applied.rows_of_node(seat.node) {
                    if let Some(number) = rows.get(place.row).and_then(|row| row.refuse) {
                        down.push((place.lines & applied.lines, Check::RuledOut, number));
                    }
                }
            }
            _ => {}
        }
        down
    }

    /// Units of each line at a node by moment. A deficit is filled first. Answers the lowest of what is free, if that is below zero.
    fn fill_portions(
        &self,
        node: u32,
        ways: &[Way],
        closed: u64,
        portions: &mut Vec<Portion>,
        notes: &mut Vec<Failed>,
    ) -> i64 {
        let (book, now) = (self.book, self.question.now);
        let methods: Vec<u32> = ways.iter().map(|way| way.method).filter(|method| *method != NONE).gather();
        let rank = book.locations[node].rank;
        let from = self.dated.partition_point(|dated| dated.node < node);
        let until = self.dated.partition_point(|dated| dated.node <= node);
        let dated = self.dated.get(from..until).unwrap_or_default();
        let mut least = 0;
        for (line, (sku, _)) in self.question.lines.iter().enumerate() {
            let overlay = self.view.overlay;
            let at_hand = self.free.get(place_of(rank, self.question.lines.len(), line));
            let unheld = at_hand.copied().unwrap_or(0) + overlay.on_shelf(book, *sku, node);
            let unheld = unheld.clamp(-BALANCE_MAX, BALANCE_MAX);
            let unprotected = overlay.is_unprotected(*sku, node);
            let protected = match unprotected || book.skus[*sku].protections.is_empty() {
                true => 0,
                false => book.kept(*sku, node, &self.methods),
            };
            let held = match unprotected {
                true => Held::default(),
                false => held_back(
                    book,
                    &self.rules,
                    (node, line),
                    &methods,
                    self.channel,
                    now,
                    Threshold::Routing,
                ),
            };
            let kept = protected.max(held.safety) + held.allocated + held.buffer;
            let free = unheld - kept;
            least = least.min(unheld - protected);
            if closed & bit(line) != 0 {
                continue;
            }
            let mut note = |check: Check, number: i64, rule: Option<usize>| {
                notes.push(Failed { node, line: Some(line), check, number, rule });
            };
            if let Some((place, _)) = self.minimum(node, line).filter(|(_, minimum)| unheld < *minimum) {
                note(Check::BelowMinimum, unheld, Some(place));
                continue;
            }
            if free <= 0 && unheld - protected > 0 {
                note(Check::Protected, unheld, held.rule);
            }
            let start = self.earliest(node, line);
            let mut add = |ready: i64, supply: u32, units: i64| {
                if units > 0 {
                    portions.push(Portion { ready: ready.max(start), line, supply, units });
                }
            };
            add(now, NONE, free);
            let mut deficit = free.min(0);
            for next in dated.iter().filter(|next| next.line == line) {
                let fills = next.units.min(-deficit);
                deficit += fills;
                add(next.ready, next.supply.min(SUPPOSED), next.units - fills);
            }
            if let Some((depth, lead_ms)) = self.backorder(node, line) {
                // What supply will fill of a deficit is not there when it is reserved.
                add(now + lead_ms, BACKORDER, depth.min(book.backorder_limit(*sku) + free.min(0)));
            }
        }
        // On hand comes before supply, as it was put in.
        sort_by_key(portions, |portion| (portion.ready, portion.line));
        least
    }

    /// The highest minimum for a line at a node, and its rule.
    fn minimum(&self, node: u32, line: usize) -> Option<(usize, i64)> {
        let rules = self.holding_at(node).filter(|applied| applied.about_line(line));
        let minima = rules.filter_map(|applied| match &applied.rule.then {
            Term::Minimum { units } => Some((applied.place, units.units())),
            _ => None,
        });
        minima.max_by_key(|(_, units)| *units)
    }

    /// When a node begins with a line, by holds and launches.
    fn earliest(&self, node: u32, line: usize) -> i64 {
        let rules = self.holding_at(node).filter(|applied| applied.about_line(line));
        let moments = rules.filter_map(|applied| match &applied.rule.then {
            Term::Hold { to: moment } | Term::Launch { at: moment, pre_order: true } => Some(moment.millis()),
            _ => None,
        });
        moments.max().unwrap_or(0)
    }

    fn backorder(&self, node: u32, line: usize) -> Option<(i64, i64)> {
        let rules = self.holding_at(node).filter(|applied| applied.about_line(line));
        let mut found = rules.filter_map(|applied| match &applied.rule.then {
            Term::Backorder { depth, lead_ms } => Some((depth.units(), *lead_ms)),
            _ => None,
        });
        found.next()
    }

    pub(super) fn looks_at_time(&self) -> bool {
        let by_time =
            |applied: &Applied<'_>| matches!(applied.rule.then, Term::Lateness { .. } | Term::LotLife { .. });
        self.rulebook.objective.looks_at_time() || self.holding().any(by_time)
    }

    /// The lines that it has anything of.
    pub(super) fn add_candidate(
        &self,
        seat: Seat,
        Parcel { way, leaving, portions }: &Parcel<'_>,
        reach: &mut Reach,
        notes: &mut Vec<Failed>,
    ) -> u64 {
        let times = &leaving.times;
        let more = usize::from(reach.candidates.last().is_some_and(|last| last.at.node == seat.node));
        if more > reach.spare {
            return 0;
        }
        let mut parcel_cost = way.parcel_cost;
        for applied in self.holding_at(seat.node) {
            if let Term::Price { parcel, .. } = &applied.rule.then {
                parcel_cost += parcel.minor();
            }
        }
        let start = reach.cells.len();
        for line in 0..reach.lines {
            let (unit, late_cost) = self.prices(seat.node, line, times.arrive_by);
            let unit_cost = added(added(way.unit_cost, unit), late_cost);
            reach.cells.push(Offered { available: 0, unit_cost, late_cost, charge: 0, each: 1 });
        }
        let (mut has, mut short_lived) = (0, Vec::new());
        let fitting = reach.portions.get(portions.clone()).unwrap_or_default().iter();
        for portion in fitting {
            let (line, mut units) = (portion.line, portion.units);
            let mut note = |check: Check, number: i64, rule: usize| {
                notes.push(Failed { node: seat.node, line: Some(line), check, number, rule: Some(rule) });
            };
            if let Some((_, place)) = leaving.full.iter().find(|(lines, _)| lines & bit(line) != 0) {
                note(Check::NoCapacity, 0, *place);
                continue;
            }
            if portion.supply == NONE
                && let Some((place, short)) = self.short_lived(seat.node, line, times.arrive_by)
            {
                units = (units - short).max(0);
                short_lived.push((line, short));
                if units == 0 && short > 0 {
                    note(Check::ShortLife, short, place);
                }
            }
            if let Some(cell) = reach.cells.get_mut(start + line) {
                cell.available += units;
            }
            has |= if units > 0 { bit(line) } else { 0 };
        }
        if has == 0 {
            reach.cells.truncate(start);
            return 0;
        }
        let at = gather::Candidate {
            node: seat.node,
            method: way.method,
            release_by: times.release_by,
            arrive_by: times.arrive_by,
            parcel_cost,
            portions: portions.clone(),
        };
        let Seat { distance_m, rank, .. } = seat;
        reach.candidates.push(Candidate { at, distance_m, rank, short: short_lived });
        reach.spare -= more;
        has
    }

    /// What a unit of a line costs on top at a node, and what of it is for being late.
    fn prices(&self, node: u32, line: usize, arrive_by: i64) -> (i64, i64) {
        let (mut unit, mut late) = (0i64, 0i64);
        for applied in self.holding_at(node).filter(|applied| applied.about_line(line)) {
            match &applied.rule.then {
                Term::Price { unit: price, .. } => unit = added(unit, price.minor()),
                Term::Lateness { due, unit: price, step_ms } => {
                    let over = (arrive_by - due.millis()).max(0);
                    let steps = (over + step_ms - 1) / step_ms;
                    late = added(late, product(steps, price.minor()));
                }
                Term::Verdict { rows } => {
                    for place in applied.rows_at(node, line) {
                        unit = added(unit, rows.get(place.row).map_or(0, |row| row.unit.minor()));
                    }
                }
                _ => {}
            }
        }
        (unit, late)
    }

    /// Units on hand of a line whose lots do not live long enough after a moment, and the rule that says so.
    fn short_lived(&self, node: u32, line: usize, arrive_by: i64) -> Option<(usize, i64)> {
        // A lot counts once, by the first rule that it does not live long enough for.
        let is_short = |applied: &Applied<'_>, lot: u32| {
            let Term::LotLife { least_ms, rows } = &applied.rule.then else { return false };
            let place = applied.rows_at(node, line).find(|place| place.word == lot);
            let row = place.and_then(|place| rows.get(place.row));
            applied.about_line(line) && row.is_some_and(|row| row.expires.millis() < arrive_by + least_ms)
        };
        let mut short: Option<(usize, i64)> = None;
        let from = self.lots.partition_point(|lot| (lot.0, lot.1) < (node, line));
        for lot in self.lots.iter().skip(from).take_while(|lot| (lot.0, lot.1) == (node, line)) {
            if let Some(applied) = self.holding_at(node).find(|applied| is_short(applied, lot.2)) {
                short.get_or_insert((applied.place, 0)).1 += lot.3;
            }
        }
        short
    }

    /// What plans have to keep as a whole.
    fn limit(&self, reach: &mut Reach) {
        let (lines, width) = (reach.lines, reach.cells.len());
        let mut limits = core::mem::take(&mut reach.limits);
        limits.least_units = alloc::vec![0; width];
        limits.least_value = alloc::vec![0; reach.candidates.len()];
        limits.worth = alloc::vec![0; lines];
        for applied in self.holding() {
            let names = |candidate: usize| {
                let node = reach.candidates.get(candidate).map_or(NONE, |one| one.at.node);
                applied.names(self.book, node)
            };
            let is_about = |cell: usize| applied.about_line(cell % lines) && names(cell / lines);
            let mut at_least = |units: i64| {
                for (_, held) in limits.least_units.iter_mut().enumerate().filter(|one| is_about(one.0)) {
                    *held = units.max(*held);
                }
            };
            match &applied.rule.then {
                Term::ShipComplete {} => reach.ship_complete = true,
                Term::NoLineSplit {} if (0..width).all(is_about) => reach.line_split = false,
                // A part of some lines, or of some nodes, is all of the line.
                Term::NoLineSplit {} => at_least(QUANTITY_MAX),
                Term::MaxShipments { most } => {
                    let most = usize::try_from(*most).unwrap_or(usize::MAX);
                    reach.shipments_max = Some(reach.shipments_max.map_or(most, |held| held.min(most)));
                }
                Term::MaxPerLine { most } => {
                    for line in 0..lines {
                        let cells = (line..width).step_by(lines).filter(|cell| is_about(*cell));
                        let cells = cells.map(|cell| (cell, 1)).gather();
                        limits.counts.push(Most { cells, most: i64::from(*most) });
                    }
                }
                Term::LeastUnits { units } => at_least(units.units()),
                Term::LeastValue { value, rows } => {
                    let leasts = limits.least_value.iter_mut().enumerate();
                    for (_, held) in leasts.filter(|one| names(one.0)) {
                        *held = value.minor().max(*held);
                    }
                    for line in 0..lines {
                        let row = applied.rows_at(NONE, line).find_map(|place| rows.get(place.row));
                        if let Some((worth, row)) = limits.worth.get_mut(line).zip(row) {
                            *worth = row.value.minor();
                        }
                    }
                }
                _ => {}
            }
        }
        self.limit_rooms(reach, &mut limits);
        reach.limits = limits;
    }

    /// A row of capacity and its rule.
    pub(super) fn room(&self, (place, row): (usize, usize)) -> Option<(&Applied<'a>, &'a Room)> {
        let applied = self.rules.iter().find(|applied| applied.place == place)?;
        let Term::Capacity { rows } = &applied.rule.then else { return None };
        Some((applied, rows.get(row)?))
    }

    /// What is taken from the candidates of a row of capacity is limited together.
    fn limit_rooms(&self, reach: &mut Reach, limits: &mut Limits) {
        let (mut rooms, width) = (core::mem::take(&mut reach.rooms), reach.lines);
        sort_by_key(&mut rooms, |room| *room);
        for same in rooms.chunk_by(|one, other| one.0 == other.0) {
            let Some((applied, row)) = same.first().and_then(|(room, _)| self.room(*room)) else { continue };
            let about = |line: &usize| applied.about_line(*line);
            let cells: Vec<(usize, i64)> = same
                .iter()
                .flat_map(|(_, candidate)| {
                    (0..width).filter(about).map(move |line| (candidate * width + line, 1))
                })
                .gather();
            if let Some(units) = row.units {
                limits.sums.push(Most { cells: cells.clone(), most: units.units() });
            }
            if let Some(lines) = row.lines {
                limits.counts.push(Most { cells, most: lines.units() });
            }
        }
    }
}
