//! What leaves a node together: what is there at several moments may leave with one parcel, and what there is no room for leaves later.

use alloc::vec::Vec;
use core::ops::Range;

use super::Check;
use super::asked::{Asked, Seat};
use super::branch::Most;
use super::reach::{Failed, Failure, Portion, Reach};
use super::rules::Term;
use super::timetable::Times;
use crate::dense::NONE;
use crate::event::NodeTerms;
use crate::lanes::Way;
use crate::limits::{CALENDAR_DAYS_MAX, CAPACITY_SPANS_MAX, SHARED_CUTS_MAX};
use crate::measure::{Quantity, Time};
use crate::ordered::{Gather as _, sort, sort_by};

/// What leaves a node at a moment.
#[derive(Clone, PartialEq)]
pub(super) struct Leaving {
    pub(super) times: Times,
    /// The rows of capacity that it uses, by rule and place.
    pub(super) rooms: Vec<(usize, usize)>,
    /// Lines that there is no room for any unit of, by the rule that says so.
    pub(super) full: Vec<(u64, usize)>,
}

/// What leaves a node by a way, with the places of the portions that may be in it.
pub(super) struct Parcel<'w> {
    pub(super) way: &'w Way,
    pub(super) leaving: Leaving,
    pub(super) portions: Range<usize>,
}

impl<'w> Parcel<'w> {
    /// In parts: none of them goes beyond a cut.
    fn cut(&self, cuts: &[usize]) -> Vec<Parcel<'w>> {
        let Parcel { way, leaving, portions } = self;
        let spans = cuts.iter().zip(cuts.iter().skip(1));
        let within = spans.filter(|(start, end)| portions.start <= **start && **end <= portions.end);
        within.map(|(start, end)| Parcel { way, leaving: leaving.clone(), portions: *start..*end }).gather()
    }
}

impl Asked<'_> {
    /// What leaves a node in time by each way. What leaves at the same time by a way is one parcel.
    pub(super) fn parcels<'w>(
        &self,
        node: u32,
        terms: &NodeTerms,
        ways: &'w [Way],
        portions: &[Portion],
        first: usize,
        late: &mut Option<Failure>,
    ) -> Vec<Parcel<'w>> {
        let mut parcels = Vec::new();
        for way in ways {
            let (mut start, mut end, mut held) = (first, first, Vec::new());
            for moment in portions.chunk_by(|one, other| one.ready == other.ready) {
                let ready = moment.first().map_or(self.question.now, |portion| portion.ready);
                let leaving = self.leaving(node, terms, way, ready, late);
                if leaving != held {
                    for leaving in core::mem::replace(&mut held, leaving) {
                        parcels.push(Parcel { way, leaving, portions: start..end });
                    }
                    start = if self.question.policy.consolidate { first } else { end };
                }
                end += moment.len();
            }
            parcels.extend(held.into_iter().map(|leaving| Parcel { way, leaving, portions: start..end }));
        }
        let cuts = cuts_of(parcels.iter().map(|one| one.portions.clone()));
        if cuts.len() > SHARED_CUTS_MAX && !self.question.policy.consolidate {
            parcels = parcels.iter().flat_map(|one| one.cut(&cuts)).gather();
        }
        let key = |one: &Parcel<'_>| {
            let (way, portions) = (one.way, &one.portions);
            // What is handed over has no method.
            let method = (way.method != NONE).then(|| self.book.words.text(way.method));
            let cost = (way.parcel_cost, way.unit_cost, one.leaving.times.arrive_by);
            (portions.start, portions.end, cost, method)
        };
        sort_by(&mut parcels, |one, other| key(one).cmp(&key(other)));
        parcels
    }

    /// What leaves a node in time by a way that begins with it at a moment.
    fn leaving(
        &self,
        node: u32,
        terms: &NodeTerms,
        way: &Way,
        ready: i64,
        late: &mut Option<Failure>,
    ) -> Vec<Leaving> {
        let (mut fitting, mut too_late) = (Vec::new(), None);
        let left = self.leaves(node, terms, way, ready, &mut |leaving| {
            let arrive_by = leaving.times.arrive_by;
            too_late = (arrive_by > self.question.needed_by).then_some((Check::TooLate, arrive_by, None));
            fitting.extend(too_late.is_none().then_some(leaving));
            too_late.is_some() || fitting.len() == CAPACITY_SPANS_MAX
        });
        if let Some(failure) = left.err().or(too_late) {
            // Of several ways that fail, the earliest arrival says most.
            let key = |failure: &Failure| (failure.0 != Check::TooLate, failure.1);
            if late.as_ref().is_none_or(|late| key(&failure) < key(late)) {
                *late = Some(failure);
            }
        }
        fitting
    }

    /// A candidate for each parcel of a node that is of use; the lines that any of them has.
    pub(super) fn add_parcels(
        &self,
        seat: Seat,
        parcels: Vec<Parcel<'_>>,
        reach: &mut Reach,
        notes: &mut Vec<Failed>,
    ) -> u64 {
        let (before, mut all) = (reach.candidates.len(), 0);
        let mut taken: Vec<Parcel<'_>> = Vec::new();
        for one in parcels {
            if reach.spare == 0 && !taken.is_empty() {
                break;
            }
            // Another way is of use where it costs less for what may be shipped, where it is earlier and that matters, or where there is
            // other room for what leaves by it.
            let worse = |other: &Parcel<'_>| {
                let costs = !one.way.saves(other.way, self.units);
                let later = other.leaving.times.arrive_by <= one.leaving.times.arrive_by;
                let rooms = other.leaving.rooms == one.leaving.rooms;
                let has =
                    other.portions.start <= one.portions.start && one.portions.end <= other.portions.end;
                has && rooms && costs && (later || !self.looks_at_time())
            };
            let has = if taken.iter().any(worse) { 0 } else { self.add_candidate(seat, &one, reach, notes) };
            if has == 0 {
                continue;
            }
            all |= has;
            let candidate = reach.candidates.len() - 1;
            reach.rooms.extend(one.leaving.rooms.iter().map(|room| (*room, candidate)));
            taken.push(one);
        }
        let candidates = before..reach.candidates.len();
        let differ_in_cost = |same: &[Parcel<'_>]| {
            let is_same = |one: &Parcel<'_>| same.first().is_some_and(|first| first.portions == one.portions);
            !self.looks_at_time() && same.iter().all(|one| one.leaving.rooms.is_empty() && is_same(one))
        };
        if self.question.policy.consolidate {
            reach.ways.extend((candidates.len() > 1).then_some(candidates));
            return all;
        }
        // Those that overlap share what is there.
        let (mut from, mut end) = (0, 0);
        for at in 0..=taken.len() {
            let (start, until) =
                taken.get(at).map_or((usize::MAX, 0), |one| (one.portions.start, one.portions.end));
            if end <= start {
                let candidates = before + from..before + at;
                match taken.get(from..at).unwrap_or_default() {
                    [] | [_] => {}
                    same if differ_in_cost(same) => reach.ways.push(candidates),
                    _ => reach.share(candidates),
                }
                from = at;
            }
            end = end.max(until);
        }
        all
    }

    /// Tells what leaves a node by a way that begins with it at a moment, and then whenever a row of capacity ends that may not have room
    /// for all; until that is enough.
    pub(super) fn leaves(
        &self,
        node: u32,
        terms: &NodeTerms,
        way: &Way,
        ready: i64,
        tell: &mut dyn FnMut(Leaving) -> bool,
    ) -> Result<(), Failure> {
        let (mut begins, mut turns, units) = (ready, 0, self.units);
        // Each turn begins later: a row ends after the moment that it was asked for. One turn a day is enough.
        loop {
            let times = match self.schedule.times((node, way.method), terms.handling_ms, begins) {
                Some(times) => times.map_err(|check| (check, 0, None))?,
                None => {
                    let release_by = begins + terms.handling_ms;
                    Times { release_by, arrive_by: release_by + way.transit_ms }
                }
            };
            let (mut rooms, mut full, mut next) = (Vec::new(), Vec::new(), i64::MAX);
            for applied in self.holding_at(node) {
                let Term::Capacity { rows } = &applied.rule.then else { continue };
                for place in applied.rows_of_node(node) {
                    let Some(row) = rows.get(place.row) else { continue };
                    let until = row.until.map_or(i64::MAX, Time::millis);
                    if row.from.is_some_and(|from| from.millis() > times.release_by)
                        || until <= times.release_by
                    {
                        continue;
                    }
                    rooms.push((applied.place, place.row));
                    // Each parcel of a line counts.
                    for (left, wanted) in [(row.orders, 1), (row.lines, units), (row.units, units)] {
                        let left = left.map_or(wanted, Quantity::units);
                        if left < wanted {
                            next = next.min(until);
                        }
                        if left == 0 {
                            full.push((applied.lines, applied.place));
                        }
                    }
                }
            }
            let first = full.first().map(|(_, place)| *place);
            let is_full = full.iter().fold(0, |full, (lines, _)| full | lines) & self.all() == self.all();
            if !is_full && tell(Leaving { times, rooms, full }) {
                return Ok(());
            }
            if next == i64::MAX || turns == CALENDAR_DAYS_MAX {
                return if is_full { Err((Check::NoCapacity, 0, first)) } else { Ok(()) };
            }
            (begins, turns) = (next, turns + 1);
        }
    }
}

impl Reach {
    /// The places of a candidate's portions.
    fn range(&self, candidate: usize) -> Range<usize> {
        self.candidates.get(candidate).map_or(0..0, |one| one.at.portions.clone())
    }

    /// Candidates that overlap take no more together than there is: of all from the first portion of one to the last of another.
    fn share(&mut self, candidates: Range<usize>) {
        let ranges: Vec<(usize, Range<usize>)> = candidates.map(|one| (one, self.range(one))).gather();
        let cuts = cuts_of(ranges.iter().map(|(_, range)| range.clone()));
        for (at, start) in cuts.iter().enumerate() {
            for end in cuts.iter().skip(at + 1) {
                let is_within = |range: &Range<usize>| *start <= range.start && range.end <= *end;
                let within = ranges.iter().filter(|(_, range)| is_within(range));
                let is_cut = |cut: usize| within.clone().any(|(_, one)| one.start == cut || one.end == cut);
                // What is within less, too, is looked at there.
                if is_cut(*start) && is_cut(*end) {
                    let within: Vec<usize> = within.map(|(one, _)| *one).gather();
                    self.share_within(&within, *start..*end);
                }
            }
        }
    }

    fn share_within(&mut self, candidates: &[usize], portions: Range<usize>) {
        // One alone has no more than there is.
        for line in (0..self.lines).filter(|_| candidates.len() > 1) {
            let mut most = 0;
            for place in portions.clone() {
                let Some(portion) = self.portions.get(place).filter(|one| one.line == line) else { continue };
                let fit = candidates.iter().filter_map(|one| {
                    let candidate = self.candidates.get(*one)?;
                    candidate.at.portions.contains(&place).then(|| candidate.fit(portion))
                });
                most += fit.max().unwrap_or(0);
            }
            let cells = candidates.iter().map(|one| (one * self.lines + line, 1)).gather();
            self.limits.sums.push(Most { cells, most });
        }
    }
}

/// Where ranges begin and end, each place once.
fn cuts_of(ranges: impl Iterator<Item = Range<usize>>) -> Vec<usize> {
    let mut cuts: Vec<usize> = ranges.flat_map(|range| [range.start, range.end]).gather();
    sort(&mut cuts);
    cuts.dedup();
    cuts
}
