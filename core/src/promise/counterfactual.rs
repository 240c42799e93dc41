//! What would have made a promise hold, or made it cheaper: the smallest change of each kind.
//!
//! Each remedy is found by asking the same question again on a changed view, so that whoever makes the change for good gets what the
//! remedy says. Sizes are halved until the size that is enough and the one below it that is not are next to each other. Work
//! is counted in steps, over all questions together.

use alloc::vec::Vec;

use super::whatif::{Overlay, View};
use super::{Change, Plan, Question, Request, RequestRefused};
use crate::book::{Book, LocationKind};
use crate::limits::{DURATION_MAX, REQUEST_NODES_MAX};
use crate::name::Name;
use crate::ordered::{Gather as _, sort_by_key};
use crate::place::codes;

/// Steps that are enough for orders of realistic shape.
pub const REMEDY_STEPS_DEFAULT: u64 = 50_000_000;
/// How much earlier an order is supposed to have been placed at most, in milliseconds: 31 days.
pub const ASKED_EARLIER_MAX: i64 = 31 * 86_400_000;

/// What is wished of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Wish {
    /// Every line is filled.
    Whole,
    /// The plan costs less by at least so much, in minor units.
    Cheaper(i64),
}

/// Kinds of remedies, in the order in which they are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RemedyKind {
    /// So many units more at one node, of all lines together.
    Units,
    /// A supply that comes so many milliseconds earlier.
    SupplyEarlier,
    /// An arrival that is of use so many milliseconds later.
    NeededLater,
    /// The question, asked so many milliseconds earlier, when nothing else was otherwise than it is now.
    AskedEarlier,
    /// Lines may come from several nodes.
    LineSplit,
    /// It need not be everything or nothing.
    ShipComplete,
    /// As many parcels as it takes.
    NodesMax,
    /// What is ready may wait for what comes later, in one parcel.
    Consolidate,
    /// Every method there is.
    Methods,
    /// Supply of a whole year counts.
    Horizon,
    /// A node that is off line is on line.
    OnLine,
    /// Nothing of an item is held back at a node.
    Unprotected,
}

codes!(RemedyKind:
    Units "units", SupplyEarlier "supply_earlier", NeededLater "needed_later", AskedEarlier "asked_earlier",
    LineSplit "line_split", ShipComplete "ship_complete", NodesMax "nodes_max", Consolidate "consolidate",
    Methods "methods", Horizon "horizon", OnLine "on_line", Unprotected "unprotected",
);

#[cfg(feature = "serde")]
impl serde::Serialize for RemedyKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// What would have made a promise as it was wished.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Counterfactual {
    /// Cost of the plan as it is.
    pub cost: i64,
    /// Units that it leaves unfilled.
    pub missing: i64,
    /// The promise is as wished: nothing has to change.
    pub holds: bool,
    /// The smallest remedy of each kind that there is, in the order of the kinds.
    pub remedies: Vec<Remedy>,
    /// Nothing smaller of these kinds helps, and nothing of the kinds that are not listed. False when the steps were used up, a plan was
    /// not proven, or lines make up for each other: fewer units may be enough then, shared among them in another way.
    pub complete: bool,
    /// Steps of all questions together.
    pub steps: u64,
}

/// A change that would have been enough.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Remedy {
    /// Which kind.
    pub kind: RemedyKind,
    /// How much of it: units or milliseconds; 1 for what is or is not.
    pub size: i64,
    /// The change of the view ([`Book::promise_if`]); none where it is the request that would be otherwise.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub changes: Vec<Change>,
    /// What the plan would cost then.
    pub cost: i64,
    /// When the last of it would arrive, in milliseconds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub arrive_by: Option<i64>,
}

/// What a question would be answered.
#[derive(Clone, Copy)]
struct Answer {
    cost: i64,
    missing: i64,
    arrive_by: Option<i64>,
}

/// The best remedy of a kind so far.
struct Found {
    size: i64,
    changes: Vec<Change<u32>>,
    answer: Answer,
}

impl Book {
    /// The smallest change of each kind that would make a promise as wished: a unit more at a node, a supply an hour earlier, a
    /// rule dropped.
    ///
    /// Of units the node that needs the fewest is named, of equal ones the first by name; units of several items are each as few
    /// as they can be while the others stay. Of supplies the one that has to move least is named. `steps_max` bounds the work
    /// ([`REMEDY_STEPS_DEFAULT`]).
    ///
    /// # Errors
    ///
    /// As [`Book::promise`]; [`RequestRefused::OutOfRange`] for a saving below 1.
    ///
    /// ```
    /// use onhand::promise::{Destination, REMEDY_STEPS_DEFAULT, RemedyKind, Request, Wish};
    /// use onhand::{Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 3)?;
    /// let answer = book.counterfactual(&request, Wish::Whole, REMEDY_STEPS_DEFAULT)?;
    /// assert_eq!((answer.remedies[0].kind, answer.remedies[0].size), (RemedyKind::Units, 3));
    /// # Ok(()) }
    /// ```
    pub fn counterfactual(
        &self,
        request: &Request,
        wish: Wish,
        steps_max: u64,
    ) -> Result<Counterfactual, RequestRefused> {
        self.counterfactual_of(&self.question(request)?, wish, steps_max)
    }

    /// [`Book::counterfactual`] of a question in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::counterfactual`].
    pub fn counterfactual_of(
        &self,
        question: &Question,
        wish: Wish,
        steps_max: u64,
    ) -> Result<Counterfactual, RequestRefused> {
        self.remedies_of(question, wish, steps_max, &|question, overlay| {
            self.plan_over(question, View::of(overlay))
        })
    }

    /// The same by whatever way plans are found.
    pub(super) fn remedies_of(
        &self,
        question: &Question,
        wish: Wish,
        steps_max: u64,
        plan: &dyn Fn(&Question, &Overlay) -> Result<Plan, RequestRefused>,
    ) -> Result<Counterfactual, RequestRefused> {
        self.check_question(question)?;
        if matches!(wish, Wish::Cheaper(by) if by < 1) {
            return Err(RequestRefused::out_of_range("wish"));
        }
        let question = Question { explain: super::Explain::None, ..question.clone() };
        let mut search = Search {
            book: self,
            plan,
            question: &question,
            cost_max: i64::MAX,
            left: steps_max,
            used: 0,
            complete: true,
        };
        let as_is = search.ask(&question, &Overlay::default())?;
        let Some(as_is) = as_is else { return Err(RequestRefused::out_of_range("steps_max")) };
        if let Wish::Cheaper(by) = wish {
            search.cost_max = as_is.cost.saturating_sub(by);
        }
        let holds = search.is_enough(wish, as_is);
        let remedies = if holds { Vec::new() } else { search.remedies(wish)? };
        Ok(Counterfactual {
            cost: as_is.cost,
            missing: as_is.missing,
            holds,
            remedies,
            complete: search.complete,
            steps: search.used,
        })
    }
}

struct Search<'a> {
    book: &'a Book,
    plan: &'a dyn Fn(&Question, &Overlay) -> Result<Plan, RequestRefused>,
    question: &'a Question,
    /// What a plan may cost to be as cheap as wished.
    cost_max: i64,
    left: u64,
    used: u64,
    complete: bool,
}

type Asked<T> = Result<T, RequestRefused>;

impl Search<'_> {
    /// Asks a question on a view; `None` when the steps are used up.
    fn ask(&mut self, question: &Question, overlay: &Overlay) -> Asked<Option<Answer>> {
        let nodes = if question.pick_up { 1 } else { self.book.nodes.len().min(REQUEST_NODES_MAX) };
        let looked = u64::try_from(nodes.saturating_mul(question.lines.len())).unwrap_or(u64::MAX);
        if looked > self.left {
            self.complete = false;
            return Ok(None);
        }
        let mut bounded = question.clone();
        bounded.policy.steps_max = bounded.policy.steps_max.min(self.left - looked);
        let plan = (self.plan)(&bounded, overlay)?;
        let steps = looked.saturating_add(plan.steps);
        self.left = self.left.saturating_sub(steps);
        self.used = self.used.saturating_add(steps);
        self.complete &= plan.proven;
        Ok(Some(Answer {
            cost: plan.cost,
            missing: plan.shortfall.iter().sum(),
            arrive_by: plan.shipments.iter().map(|shipment| shipment.arrive_by).max(),
        }))
    }

    fn is_enough(&self, wish: Wish, answer: Answer) -> bool {
        match wish {
            Wish::Whole => answer.missing == 0,
            Wish::Cheaper(_) => answer.cost <= self.cost_max,
        }
    }

    fn remedies(&mut self, wish: Wish) -> Asked<Vec<Remedy>> {
        let mut remedies = Vec::new();
        for kind in RemedyKind::ALL {
            let found = match kind {
                RemedyKind::Units => self.units(wish)?,
                RemedyKind::SupplyEarlier => self.supply_earlier(wish)?,
                RemedyKind::NeededLater => self.needed_later(wish)?,
                RemedyKind::AskedEarlier => self.asked_earlier(wish)?,
                RemedyKind::OnLine => self.best_switch(wish, &self.off_line())?,
                RemedyKind::Unprotected => self.best_switch(wish, &self.held_back())?,
                _ => self.without(wish, *kind)?,
            };
            if let Some(Found { size, changes, answer }) = found {
                let changes = changes.iter().map(|change| self.book.named(change)).gather();
                let Answer { cost, arrive_by, .. } = answer;
                remedies.push(Remedy { kind: *kind, size, changes, cost, arrive_by });
            }
        }
        Ok(remedies)
    }

    /// The answer on a changed view, if that is as wished.
    fn with(&mut self, wish: Wish, changes: &[Change<u32>]) -> Asked<Option<Answer>> {
        let overlay = self.book.overlay(changes)?;
        let question = self.question;
        let answer = self.ask(question, &overlay)?;
        Ok(answer.filter(|answer| self.is_enough(wish, *answer)))
    }

    /// The smallest size, above one that is not enough and up to one that is, with its answer.
    fn halve(
        &mut self,
        not_enough: i64,
        enough: (i64, Answer),
        mut ask: impl FnMut(&mut Self, i64) -> Asked<Option<Answer>>,
    ) -> Asked<(i64, Answer)> {
        let (mut low, mut high) = (not_enough, enough);
        while high.0 - low > 1 {
            let middle = low + (high.0 - low) / 2;
            match ask(self, middle)? {
                Some(answer) => high = (middle, answer),
                None => low = middle,
            }
        }
        Ok(high)
    }

    /// The node at which the fewest units more are enough.
    fn units(&mut self, wish: Wish) -> Asked<Option<Found>> {
        let mut best: Option<Found> = None;
        let nodes: Vec<u32> = match self.question.pick_up {
            true => alloc::vec![self.question.to],
            false => self.book.nodes.values().take(REQUEST_NODES_MAX).copied().gather(),
        };
        for node in nodes {
            if self.book.locations[node].terms.is_none() {
                continue;
            }
            // A node is of interest only with fewer units than the best so far.
            let most = best.as_ref().map_or(i64::MAX, |best| best.size - 1);
            if most == 0 {
                break;
            }
            let all: Vec<i64> = self.question.lines.iter().map(|(_, wanted)| (*wanted).min(most)).gather();
            let Some(whole) = self.with(wish, &self.stock(node, &all))? else { continue };
            // Lines may make up for each other: each in turn is the first that is made as small as it can be.
            let mut surely = false;
            for first in 0..all.len() {
                let (mut units, mut answer) = (all.clone(), whole);
                for line in (first..all.len()).chain(0..first) {
                    (units, answer) = self.fewer(wish, node, units, line, answer)?;
                }
                let size: i64 = units.iter().sum();
                // The least that there is; or the least of each line where there is all of the others.
                surely = true;
                for (line, held) in units.iter().enumerate().filter(|(_, held)| **held > 0 && size > 1) {
                    surely &= self.with_units(wish, node, &all, line, held - 1)?.is_none();
                }
                if size <= most && best.as_ref().is_none_or(|best| size < best.size) {
                    best = Some(Found { size, changes: self.stock(node, &units), answer });
                }
                if surely {
                    break;
                }
            }
            self.complete &= surely;
        }
        Ok(best)
    }

    /// The same units with as few of a line as are enough, and the answer.
    fn fewer(
        &mut self,
        wish: Wish,
        node: u32,
        mut units: Vec<i64>,
        line: usize,
        answer: Answer,
    ) -> Asked<(Vec<i64>, Answer)> {
        let all = units.get(line).copied().unwrap_or(0);
        let ask = |search: &mut Self, size: i64| search.with_units(wish, node, &units, line, size);
        let (size, answer) = match ask(self, 0)? {
            Some(answer) => (0, answer),
            None => self.halve(0, (all, answer), ask)?,
        };
        units.get_mut(line).into_iter().for_each(|units| *units = size);
        Ok((units, answer))
    }

    /// The answer with so many units of each line more at a node, and of one line so many, if that is as wished.
    fn with_units(
        &mut self,
        wish: Wish,
        node: u32,
        units: &[i64],
        line: usize,
        size: i64,
    ) -> Asked<Option<Answer>> {
        let mut units = units.to_vec();
        units.get_mut(line).into_iter().for_each(|units| *units = size);
        self.with(wish, &self.stock(node, &units))
    }

    fn stock(&self, node: u32, units: &[i64]) -> Vec<Change<u32>> {
        let lines = self.question.lines.iter().zip(units).filter(|(_, units)| **units > 0);
        lines.map(|((sku, _), units)| Change::Stock { sku: *sku, node, units: *units }).gather()
    }

    /// The supply that has to come the least earlier.
    fn supply_earlier(&mut self, wish: Wish) -> Asked<Option<Found>> {
        let (book, now) = (self.book, self.question.now);
        let mut best: Option<Found> = None;
        let lines = self.question.lines.iter();
        let mut ids: Vec<u32> = lines.flat_map(|(sku, _)| book.skus[*sku].supplies.iter().copied()).gather();
        sort_by_key(&mut ids, |id| {
            let supply = &book.supplies[*id];
            (book.words.text(supply.name), &book.locations[supply.node].name, book.sku_names.text(supply.sku))
        });
        for id in &ids {
            let supply = &book.supplies[*id];
            let Some(due) = supply.due().filter(|due| *due > now && supply.open() > supply.claimed) else {
                continue;
            };
            let moved = |size: i64| {
                let due = Some(due - size);
                [Change::Moved { supply: supply.name, sku: supply.sku, node: supply.node, due }]
            };
            let most = best.as_ref().map_or(i64::MAX, |best| best.size - 1).min(due - now);
            if most == 0 {
                continue;
            }
            let mut enough = self.with(wish, &moved(most))?.map(|answer| (most, answer));
            // What comes at the moment of another supply goes into a parcel with it.
            for other in ids.iter().map(|id| &book.supplies[*id]).filter(|other| other.node == supply.node) {
                let size = due - other.due().unwrap_or(due).max(now);
                if size > 0 && size < enough.map_or(most, |enough| enough.0) {
                    enough = self.with(wish, &moved(size))?.map(|answer| (size, answer)).or(enough);
                }
            }
            let Some(enough) = enough else { continue };
            let (size, answer) = self.halve(0, enough, |search, size| search.with(wish, &moved(size)))?;
            best = Some(Found { size, changes: moved(size).to_vec(), answer });
        }
        Ok(best)
    }

    /// The question with something in it otherwise, if the answer is as wished.
    fn asked_with(&mut self, wish: Wish, change: impl FnOnce(&mut Question)) -> Asked<Option<Answer>> {
        let mut question = self.question.clone();
        change(&mut question);
        let answer = self.ask(&question, &Overlay::default())?;
        Ok(answer.filter(|answer| self.is_enough(wish, *answer)))
    }

    fn needed_later(&mut self, wish: Wish) -> Asked<Option<Found>> {
        let needed_by = self.question.needed_by;
        if needed_by == i64::MAX {
            return Ok(None);
        }
        let later = |search: &mut Self, size: i64| {
            search.asked_with(wish, |question| question.needed_by = needed_by.saturating_add(size))
        };
        let Some(answer) = later(self, i64::MAX)? else { return Ok(None) };
        // What would do at any moment most often does at that of its last arrival.
        let last = answer.arrive_by.map_or(1, |last| last.saturating_sub(needed_by).max(1));
        let enough = later(self, last)?.map_or((i64::MAX, answer), |answer| (last, answer));
        let (size, answer) = self.halve(0, enough, later)?;
        Ok(Some(Found { size, changes: Vec::new(), answer }))
    }

    /// Earlier is not always better (supply may be beyond the horizon then): a minute is tried, then twice that, and so on.
    fn asked_earlier(&mut self, wish: Wish) -> Asked<Option<Found>> {
        let now = self.question.now;
        if self.question.needed_by == i64::MAX {
            return Ok(None);
        }
        let earlier =
            |search: &mut Self, size: i64| search.asked_with(wish, |question| question.now = now - size);
        let most = ASKED_EARLIER_MAX.min(now);
        let (mut not_enough, mut size) = (0, most.min(60_000));
        while size > not_enough {
            if let Some(answer) = earlier(self, size)? {
                let (size, answer) = self.halve(not_enough, (size, answer), earlier)?;
                return Ok(Some(Found { size, changes: Vec::new(), answer }));
            }
            (not_enough, size) = (size, most.min(size * 2));
        }
        Ok(None)
    }

    /// A rule of the request dropped.
    fn without(&mut self, wish: Wish, kind: RemedyKind) -> Asked<Option<Found>> {
        let (question, policy) = (self.question, &self.question.policy);
        let is_set = match kind {
            RemedyKind::LineSplit => !policy.line_split,
            RemedyKind::ShipComplete => policy.ship_complete,
            RemedyKind::NodesMax => policy.nodes_max.is_some(),
            RemedyKind::Consolidate => !policy.consolidate,
            RemedyKind::Methods => !question.methods.is_empty(),
            RemedyKind::Horizon => policy.horizon_ms < DURATION_MAX,
            _ => false,
        };
        if !is_set {
            return Ok(None);
        }
        let answer = self.asked_with(wish, |question| match kind {
            RemedyKind::LineSplit => question.policy.line_split = true,
            RemedyKind::ShipComplete => question.policy.ship_complete = false,
            RemedyKind::NodesMax => question.policy.nodes_max = None,
            RemedyKind::Consolidate => question.policy.consolidate = true,
            RemedyKind::Methods => question.methods.clear(),
            _ => question.policy.horizon_ms = DURATION_MAX,
        })?;
        Ok(answer.map(|answer| Found { size: 1, changes: Vec::new(), answer }))
    }

    /// Of changes that are made or not the one with the cheapest plan, of equal ones the first.
    fn best_switch(&mut self, wish: Wish, switches: &[Change<u32>]) -> Asked<Option<Found>> {
        let mut best: Option<Found> = None;
        for switch in switches {
            let Some(answer) = self.with(wish, core::slice::from_ref(switch))? else { continue };
            if best.as_ref().is_none_or(|best| answer.cost < best.answer.cost) {
                best = Some(Found { size: 1, changes: alloc::vec![switch.clone()], answer });
            }
        }
        Ok(best)
    }

    /// Nodes that are off line.
    fn off_line(&self) -> Vec<Change<u32>> {
        let nodes = self.book.nodes.values().take(REQUEST_NODES_MAX).copied();
        let off = nodes.filter(|node| {
            let asked = !self.question.pick_up || *node == self.question.to;
            asked && self.book.locations[*node].terms.as_ref().is_some_and(|terms| !terms.value.on_line)
        });
        off.map(|node| Change::OnLine { node, on_line: true }).gather()
    }

    /// Items that are held back, with their nodes.
    fn held_back(&self) -> Vec<Change<u32>> {
        let (book, question) = (self.book, self.question);
        let mut held = Vec::new();
        let methods = book.methods_of(question);
        for node in book.nodes.values().take(REQUEST_NODES_MAX).copied() {
            let is_node =
                book.locations[node].kind == LocationKind::Node && book.locations[node].terms.is_some();
            if !is_node || (question.pick_up && node != question.to) {
                continue;
            }
            for (sku, _) in &question.lines {
                if book.kept(*sku, node, &methods) > 0 {
                    held.push(Change::Unprotected { sku: *sku, node });
                }
            }
        }
        held
    }
}

impl Book {
    fn named(&self, change: &Change<u32>) -> Change {
        let (sku_of, node_of) = (|sku: u32| self.sku_name(sku), |node: u32| self.location_name(node));
        match *change {
            Change::Stock { sku, node, units } => {
                Change::Stock { sku: sku_of(sku), node: node_of(node), units }
            }
            Change::Supply { sku, node, units, due } => {
                Change::Supply { sku: sku_of(sku), node: node_of(node), units, due }
            }
            Change::Moved { supply, sku, node, due } => Change::Moved {
                supply: Name::known(self.words.text(supply)),
                sku: sku_of(sku),
                node: node_of(node),
                due,
            },
            Change::OnLine { node, on_line } => Change::OnLine { node: node_of(node), on_line },
            Change::Unprotected { sku, node } => {
                Change::Unprotected { sku: sku_of(sku), node: node_of(node) }
            }
        }
    }
}
