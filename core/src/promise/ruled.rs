//! Promising under a rulebook: what a request gets while all rules hold, and which soft ones are relaxed where that fills more of it.

use alloc::vec::Vec;

use super::asked::Asked;
use super::objective::{self, Chosen, Reached};
use super::reach::{BACKORDER, Failed, Reach, SUPPOSED};
use super::rules::{Rulebook, Term};
use super::scope::Applied;
use super::stand_in::{Column, Stands};
use super::whatif::View;
use super::{
    Certainty, Change, Check, Counterfactual, Explain, Offer, OfferLine, Plan, PlanPassed, PlanShipment,
    Question, Relaxed, Request, RequestRefused, Risk, SureOffer, Wish, added, product, shipment_of,
};
use crate::book::Book;
use crate::dense::NONE;
use crate::lanes::Way;
use crate::name::Name;
use crate::ordered::{Gather as _, sort_by, sort_by_key};
use crate::sourcing::Take;

/// A plan under some of the rules.
pub(super) struct Attempt {
    pub(super) reach: Reach,
    pub(super) chosen: Chosen,
    /// What its lines are of the request.
    pub(super) columns: Vec<Column>,
    /// For each line of the request, units that its own item does not fill.
    pub(super) own_shortfall: Vec<i64>,
}

impl Attempt {
    /// Units that are not filled.
    fn missing(&self) -> i64 {
        self.chosen.solution.shortfall.iter().sum()
    }
}

impl Book {
    /// Answers what can be offered under the rules of a rulebook. Without any it answers what [`Book::promise`] does.
    ///
    /// All soft rules hold if the order is filled as far with them as without. Otherwise those are kept, from the first in the list to
    /// the last, that leave it filled as far as it can be; the others are relaxed, and the offer says what each would have cost.
    /// That takes at most two plans and two for each soft rule; all of them together take the steps of the request's policy.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`] and [`Rulebook::check`].
    ///
    /// ```
    /// use onhand::promise::{Check, Destination, Explain, Request, Rule, Rulebook, Term};
    /// use onhand::{Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let closed = Rule::new(Name::new("closed for stocktaking")?, Term::Exclude {});
    /// let rulebook = Rulebook { rules: vec![closed], ..Rulebook::default() };
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let mut request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 1)?;
    /// request.explain = Explain::Full;
    /// let offer = book.promise_under(&rulebook, &request)?;
    /// assert_eq!(offer.passed[0].check, Check::Excluded);
    /// # Ok(()) }
    /// ```
    pub fn promise_under(&self, rulebook: &Rulebook, request: &Request) -> Result<Offer, RequestRefused> {
        let (question, channel) = (self.question(request)?, request.channel.as_ref());
        let (under, _) = self.plan_under_with(rulebook, &question, channel, &[], None, None)?;
        Ok(self.offer_under(rulebook, request, &question, under))
    }

    /// The same with more to be said: on a changed view, for an order that holds claims, and how sure it is. Each part of `with` may
    /// be left out; where nothing may go wrong, everything is sure.
    ///
    /// # Errors
    ///
    /// As [`Book::promise_under`], [`Book::promise_if`] and [`Book::promise_surely`].
    ///
    /// ```
    /// use onhand::promise::{Change, Destination, Request, Rulebook, With};
    /// use onhand::{Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let (sku, node) = (Name::new("TEA-250")?, Name::new("store-1")?);
    /// let request = Request::new(Destination::PickUp(node.clone()), Time::new(60_000).unwrap()).line(sku.clone(), 2)?;
    /// let changes = [Change::Stock { sku, node, units: 2 }];
    /// let with = With { changes: &changes, ..With::default() };
    /// let sure = book.promise_under_with(&Rulebook::default(), &request, &with)?;
    /// assert_eq!((sure.offer.unmet.len(), sure.certainty.ppm), (0, 1_000_000));
    /// # Ok(()) }
    /// ```
    pub fn promise_under_with(
        &self,
        rulebook: &Rulebook,
        request: &Request,
        with: &With<'_>,
    ) -> Result<SureOffer, RequestRefused> {
        let changes =
            with.changes.iter().map(|change| self.numbered(change)).collect::<Result<Vec<_>, _>>()?;
        let risk = with.risk.map(|risk| self.numbered_risk(risk)).transpose()?.unwrap_or_default();
        let question = self.question(request)?;
        let (channel, order) = (request.channel.as_ref(), with.order);
        let (under, certainty) =
            self.plan_under_with(rulebook, &question, channel, &changes, order, Some(&risk))?;
        let certainty = certainty.unwrap_or_default().named(|sku| self.sku_name(sku));
        Ok(SureOffer { offer: self.offer_under(rulebook, request, &question, under), certainty })
    }

    /// [`Book::promise_under_with`] in numbers, for bindings: how sure it is, too, where there is a risk to weigh.
    ///
    /// # Errors
    ///
    /// As [`Book::promise_under_with`].
    pub fn plan_under_with(
        &self,
        rulebook: &Rulebook,
        question: &Question,
        channel: Option<&Name>,
        changes: &[Change<u32>],
        order: Option<&Name>,
        risk: Option<&Risk<u32>>,
    ) -> Result<(PlanUnder, Option<Certainty<u32>>), RequestRefused> {
        if let Some(risk) = risk {
            risk.check()?;
        }
        let mut overlay = self.overlay(changes)?;
        if let Some(order) = order {
            self.give_back(order, question.now, &mut overlay);
        }
        let under = self.plan_under_on(rulebook, question, channel, View { overlay: &overlay, risk })?;
        let Some(risk) = risk else { return Ok((under, None)) };
        // What stands in is found, or not, as any other item is.
        let (mut question, mut plan) = (question.clone(), under.plan.clone());
        for one in &under.stand_ins {
            let held = question.place_of(one.sku);
            let place = held.unwrap_or(question.lines.len());
            question.lines.extend(held.is_none().then_some((one.sku, 0)));
            if let Some(shipment) = plan.shipments.get_mut(one.shipment) {
                shipment.takes.push((place, one.units, one.supply));
            }
        }
        plan.shipments.iter_mut().for_each(|shipment| sort_by_key(&mut shipment.takes, |take| take.0));
        let certainty = self.certainty_of(&question, risk, &overlay, &plan);
        Ok((under, Some(certainty)))
    }

    /// What would have made a promise hold, or cheaper, under the rules of a rulebook: as [`Book::counterfactual`]. Each remedy is
    /// enough; under rules with which more is not always better (soft ones, everything or nothing) a smaller one may be, too.
    ///
    /// # Errors
    ///
    /// As [`Book::counterfactual`] and [`Book::promise_under`].
    pub fn counterfactual_under(
        &self,
        rulebook: &Rulebook,
        request: &Request,
        wish: Wish,
        steps_max: u64,
    ) -> Result<Counterfactual, RequestRefused> {
        let question = self.question(request)?;
        self.counterfactual_under_of(rulebook, &question, request.channel.as_ref(), wish, steps_max)
    }

    /// [`Book::counterfactual_under`] of a question in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::counterfactual_under`].
    pub fn counterfactual_under_of(
        &self,
        rulebook: &Rulebook,
        question: &Question,
        channel: Option<&Name>,
        wish: Wish,
        steps_max: u64,
    ) -> Result<Counterfactual, RequestRefused> {
        self.remedies_of(question, wish, steps_max, &|question, overlay| {
            let under = self.plan_under_on(rulebook, question, channel, View::of(overlay))?;
            Ok(Plan { shortfall: under.missing, ..under.plan })
        })
    }

    fn offer_under(
        &self,
        rulebook: &Rulebook,
        request: &Request,
        question: &Question,
        under: PlanUnder,
    ) -> Offer {
        let mut offer = self.offer(request, question, &under.plan);
        for (shipment, order_by) in offer.shipments.iter_mut().zip(&under.order_by) {
            shipment.order_by = *order_by;
        }
        let rule = |place: usize| rulebook.rules.get(place).map(|rule| rule.name.clone());
        for (passed, (sku, place)) in offer.passed.iter_mut().zip(&under.about) {
            passed.sku = sku.map(|sku| self.sku_name(sku));
            passed.rule = place.and_then(rule);
        }
        offer.relaxed = named(rulebook, &under.relaxed);
        self.add_stand_ins(question, &under.stand_ins, &mut offer);
        offer.reached = under.reached;
        offer
    }

    /// What stands in for what goes to the request's lines that are short, in the order given.
    fn add_stand_ins(&self, question: &Question, stand_ins: &[StandIn], offer: &mut Offer) {
        for of_row in stand_ins.chunk_by(|one, other| one.row == other.row) {
            let Some(first) = of_row.first() else { continue };
            let Some((asked, _)) = question.lines.get(first.line) else { continue };
            let asked = self.sku_name(*asked);
            // By line that is short, the most it could take, and what it took.
            let mut takes: Vec<(usize, i64, i64)> = Vec::new();
            for of_item in of_row.chunk_by(|one, other| one.sku == other.sku) {
                let times = of_item.first().map_or(1, |one| one.times);
                let short = offer.unmet.iter().enumerate().filter(|(_, unmet)| unmet.sku == asked);
                // Each part of a kit goes to the same lines.
                takes = short.map(|(at, unmet)| (at, product(unmet.quantity, times), 0)).gather();
                for one in of_item {
                    let mut units = one.units;
                    let supply = self.supplies.find(one.supply);
                    for (at, most, taken) in &mut takes {
                        let quantity = units.min(*most - *taken);
                        (units, *taken) = (units - quantity, *taken + quantity);
                        let line = offer.unmet.get(*at).map(|unmet| unmet.line.clone());
                        let Some((shipment, line)) = offer.shipments.get_mut(one.shipment).zip(line) else {
                            continue;
                        };
                        shipment.lines.extend((quantity > 0).then(|| OfferLine {
                            line,
                            sku: self.sku_name(one.sku),
                            quantity,
                            supply: supply.map(|supply| Name::known(self.words.text(supply.name))),
                            backorder: one.supply == BACKORDER,
                            asked: Some(asked.clone()),
                        }));
                    }
                }
            }
            let times = of_row.last().map_or(1, |one| one.times);
            for (at, _, taken) in takes {
                if let Some(unmet) = offer.unmet.get_mut(at) {
                    unmet.quantity -= taken / times;
                }
            }
        }
        offer.unmet.retain(|unmet| unmet.quantity > 0);
    }

    fn plan_under_on(
        &self,
        rulebook: &Rulebook,
        question: &Question,
        channel: Option<&Name>,
        view: View<'_>,
    ) -> Result<PlanUnder, RequestRefused> {
        rulebook.check()?;
        self.check_question(question)?;
        let mut asked = Asked::of(self, rulebook, question, channel, view);
        let (mut attempt, relaxed, mut steps) = asked.relax()?;
        let reach = reach_of(&attempt.reach, question);
        let mut items = question.clone();
        let rows = asked.rows(&attempt, &mut items);
        if !rows.is_empty() {
            let with_items = asked.with_items(&items, &rows);
            attempt = asked.with_stand_ins(attempt, &with_items, &rows, &mut steps)?;
            asked = with_items;
        }
        let (mut plan, stand_ins, order_by) = asked.plan_of(&attempt);
        plan.reach = reach;
        let missing = core::mem::replace(&mut plan.shortfall, attempt.own_shortfall.clone());
        plan.steps = steps;
        let failed = match question.explain {
            Explain::Full => passed(&attempt),
            Explain::None | Explain::Summary => Vec::new(),
        };
        let mut about = Vec::with_capacity(failed.len());
        for Failed { node, line, check, number, rule } in failed {
            plan.passed.push(PlanPassed { node, check, number });
            about.push((line.and_then(|line| asked.question.lines.get(line)).map(|(sku, _)| *sku), rule));
        }
        Ok(PlanUnder { plan, order_by, about, relaxed, reached: attempt.chosen.reached, stand_ins, missing })
    }
}

/// What a promise under rules is asked with beside its request.
#[derive(Clone, Copy, Debug, Default)]
pub struct With<'a> {
    /// What is supposed to be otherwise, as in [`Book::promise_if`].
    pub changes: &'a [Change],
    /// The order whose claims are given back for the question, as in [`Book::promise_again`].
    pub order: Option<&'a Name>,
    /// What may go wrong, as in [`Book::promise_surely`].
    pub risk: Option<&'a Risk>,
}

/// A [`Plan`] under a rulebook, and what the rules have to do with it. Rules are places in the rulebook.
#[derive(Clone, Debug, Default)]
pub struct PlanUnder {
    /// The plan; its `shortfall` is what the items themselves do not fill.
    pub plan: Plan,
    /// For each shipment, until when an order can be placed that is to arrive on the same day, in milliseconds.
    pub order_by: Vec<Option<i64>>,
    /// For each node passed over: the item that it is about, and the rule that makes the check.
    pub about: Vec<(Option<u32>, Option<usize>)>,
    /// Rules that were relaxed.
    pub relaxed: Vec<RelaxedRule>,
    /// What the plan measures.
    pub reached: Vec<Reached>,
    /// What stands in for units that are short by the plan's own lines, by row, item and shipment.
    pub stand_ins: Vec<StandIn>,
    /// For each line of the question, units that nothing fills.
    pub missing: Vec<i64>,
}

/// Units of an item in a shipment that stand in for some of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// Which of the rows of the rules it is by.
    pub row: usize,
    /// The item.
    pub sku: u32,
    /// The shipment.
    pub shipment: usize,
    /// The line of the question.
    pub line: usize,
    /// Units of the item for one of the line.
    pub times: i64,
    /// Units of the item, a whole number of times for each item and row.
    pub units: i64,
    /// The supply, as of a shipment's own takes.
    pub supply: u32,
}

/// A rule that was relaxed: [`Relaxed`] without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelaxedRule {
    /// The rule.
    pub rule: usize,
    /// Units that are filled more.
    pub units: i64,
    /// What the plan costs less, in minor units.
    pub saves: i64,
}

impl Asked<'_> {
    /// The plan, the soft rules that do not hold in it, and the steps of all searches.
    pub(super) fn relax(&mut self) -> Result<(Attempt, Vec<RelaxedRule>, u64), RequestRefused> {
        let mut steps = 0;
        let all = self.attempt(&mut steps)?;
        // What a rule allows fills nothing more where it does not hold.
        let soft = |one: &Applied<'_>| one.rule.soft && !matches!(one.rule.then, Term::Backorder { .. });
        let soft: Vec<usize> =
            (0..self.rules.len()).filter(|at| self.rules.get(*at).is_some_and(soft)).gather();
        if soft.is_empty() || all.missing() == 0 {
            return Ok((all, Vec::new(), steps));
        }
        self.hold(&soft, false);
        let mut best = self.attempt(&mut steps)?;
        if best.missing() >= all.missing() {
            self.hold(&soft, true);
            return Ok((all, Vec::new(), steps));
        }
        let mut dropped = Vec::new();
        for at in soft {
            self.hold(&[at], true);
            let with = self.attempt(&mut steps)?;
            if with.missing() > best.missing() {
                self.hold(&[at], false);
                dropped.push(at);
            } else {
                best = with;
            }
        }
        let mut relaxed = Vec::with_capacity(dropped.len());
        for at in dropped {
            self.hold(&[at], true);
            let with = self.attempt(&mut steps)?;
            self.hold(&[at], false);
            let Some(applied) = self.rules.get(at) else { continue };
            let units = with.missing() - best.missing();
            let saves = with.chosen.cost - best.chosen.cost;
            relaxed.push(RelaxedRule { rule: applied.place, units, saves });
        }
        Ok((best, relaxed, steps))
    }

    fn hold(&mut self, rules: &[usize], holds: bool) {
        for at in rules {
            if let Some(applied) = self.rules.get_mut(*at) {
                applied.holds = holds;
            }
        }
    }

    fn attempt(&self, steps: &mut u64) -> Result<Attempt, RequestRefused> {
        let reach = self.reach();
        let chosen = self.choose(self.question, &reach, steps)?;
        let lines = self.question.lines.iter().enumerate();
        let columns = lines.map(|(line, (_, quantity))| Column::line(line, *quantity)).gather();
        let own_shortfall = chosen.solution.shortfall.clone();
        Ok(Attempt { reach, chosen, columns, own_shortfall })
    }

    /// The best plan for what a question asks of each line. All plans together have the steps of the request.
    pub(super) fn choose(
        &self,
        question: &Question,
        reach: &Reach,
        steps: &mut u64,
    ) -> Result<Chosen, RequestRefused> {
        let left = question.policy.steps_max.saturating_sub(*steps);
        let chosen = objective::choose(question, reach, &self.rulebook.objective, left)
            .map_err(|_| RequestRefused::out_of_range("policy.shortfall_cost"))?;
        *steps += chosen.solution.steps;
        Ok(chosen)
    }

    /// The plan, what stands in in it, and until when each of its shipments can be ordered.
    fn plan_of(&self, attempt: &Attempt) -> (Plan, Vec<StandIn>, Vec<Option<i64>>) {
        let (Attempt { reach, chosen, columns, .. }, items) = (attempt, &self.question.lines);
        // By row and item.
        let mut stand_ins: Vec<StandIn> = Vec::new();
        let place = |one: &StandIn| (one.row, items.iter().position(|(sku, _)| *sku == one.sku));
        // Parcels with something that is to come.
        let mut waits: Vec<usize> = Vec::new();
        let mut charged = 0;
        let solution = &chosen.solution;
        let mut left: Vec<i64> = reach.portions.iter().map(|portion| portion.units).gather();
        let mut shipments: Vec<(usize, PlanShipment)> = Vec::new();
        let mut takes = solution.takes.clone();
        // Parcels that share what is there name it one after the other, whatever it is for: first those that wait least for it.
        let end = |take: &Take| reach.candidates.get(take.node).map_or(0, |one| one.at.portions.end);
        sort_by_key(&mut takes, |take| (end(take), take.node));
        for take in &takes {
            let Some(candidate) = reach.candidates.get(take.node) else { continue };
            let cell = reach.cells.get(take.node * reach.lines + take.line).copied().unwrap_or_default();
            let unit_cost = cell.unit_cost;
            charged = added(product(cell.charge, take.units), charged);
            let Some(shipment) = shipment_of(&mut shipments, take, &candidate.at, unit_cost) else {
                continue;
            };
            let Some(column) = columns.get(take.line) else { continue };
            for (item, times) in column.parts() {
                let takes = &mut shipment.takes;
                let sku = items.get(*item).map_or(NONE, |(sku, _)| *sku);
                name_units(reach, take, (*item, take.units * times), &mut left, &mut |units, supply| {
                    if supply != NONE {
                        waits.push(take.node);
                    }
                    // To others what is only supposed has no name, as what is on hand has none.
                    let supply = if supply == SUPPOSED { NONE } else { supply };
                    if let Some(Stands { row, line, times: each, .. }) = column.stands {
                        let (shipment, times) = (take.node, times * each);
                        let one = StandIn { row, sku, shipment, line, times, units, supply };
                        let before = stand_ins.iter().take_while(|other| place(other) <= place(&one));
                        return stand_ins.insert(before.count(), one);
                    }
                    match takes.last_mut() {
                        Some((line, held, from)) if (*line, *from) == (*item, supply) => *held += units,
                        _ => takes.push((*item, units, supply)),
                    }
                });
            }
        }
        let name = |node: u32| &self.book.locations[node].name;
        sort_by(&mut shipments, |(_, one), (_, other)| {
            name(one.node).cmp(name(other.node)).then(one.release_by.cmp(&other.release_by))
        });
        let order_by = |(node, shipment): &(usize, PlanShipment)| match waits.contains(node) {
            true => None,
            false => self.order_by(shipment, *node, &takes, columns),
        };
        let order_by = shipments.iter().map(order_by).gather();
        for one in &mut stand_ins {
            one.shipment = shipments.iter().position(|(node, _)| *node == one.shipment).unwrap_or(0);
        }
        let shipments = shipments.into_iter().map(|(_, shipment)| shipment).gather();
        let plan = Plan {
            cost: chosen.cost,
            bound: solution.bound,
            proven: solution.proven,
            steps: solution.steps,
            shipments,
            reach: Vec::new(),
            shortfall: solution.shortfall.clone(),
            passed: Vec::new(),
            charged,
        };
        (plan, stand_ins, order_by)
    }

    /// Until when the order could be placed and still arrive on the day of a shipment, which waits for nothing.
    fn order_by(
        &self,
        shipment: &PlanShipment,
        candidate: usize,
        takes: &[Take],
        columns: &[Column],
    ) -> Option<i64> {
        let terms = &self.book.locations[shipment.node].terms.as_ref()?.value;
        let (way, handling_ms) = ((shipment.node, shipment.method), terms.handling_ms);
        // What is delivered until midnight arrives at the first moment of the next day, which is not the day that is meant.
        let exactly = shipment.method != NONE;
        let last = self.schedule.order_by(way, handling_ms, shipment.arrive_by, exactly)?;
        let arrive_by = self.schedule.times(way, handling_ms, last)?.ok()?.arrive_by;
        let way = Way { node: way.0, method: way.1, transit_ms: 0, parcel_cost: 0, unit_cost: 0 };
        // A row has room for as many orders, lines and units as are in the shipment.
        let fits = |room: &(usize, usize)| {
            let Some((applied, row)) = self.room(*room) else { return true };
            let (mut lines, mut units) = (0, 0);
            for take in takes.iter().filter(|take| take.node == candidate) {
                let parts = columns.get(take.line).map_or(&[][..], Column::parts).iter();
                let about = parts.filter(|(item, _)| applied.about_line(*item));
                let some: i64 = about.map(|(_, times)| take.units * times).sum();
                (lines, units) = (lines + some.min(1), units + some);
            }
            let wanted = [(row.orders, lines.min(1)), (row.lines, lines), (row.units, units)];
            wanted.iter().all(|(left, wanted)| left.is_none_or(|left| left.units() >= *wanted))
        };
        let has_room = |from: i64| {
            let mut first = i64::MAX;
            let _ = self.leaves(way.node, terms, &way, from, &mut |leaving| {
                let has_room = leaving.rooms.iter().all(fits);
                first = if has_room { leaving.times.arrive_by } else { first };
                has_room
            });
            first <= arrive_by
        };
        if has_room(last) {
            return Some(last);
        }
        // The node is full before: by halving, as what is begun later arrives no earlier.
        let (mut fits, mut full) = (self.question.now, last);
        while full - fits > 1 {
            let middle = fits + (full - fits) / 2;
            *(if has_room(middle) { &mut fits } else { &mut full }) = middle;
        }
        Some(fits)
    }
}

/// Rules that were relaxed, by name.
pub(super) fn named(rulebook: &Rulebook, relaxed: &[RelaxedRule]) -> Vec<Relaxed> {
    let named = relaxed.iter().filter_map(|one| {
        let rule = rulebook.rules.get(one.rule)?.name.clone();
        Some(Relaxed { rule, units: one.units, saves: one.saves })
    });
    named.gather()
}

/// Names the units that a take has of an item, as they lie there and while some are left: those that are too old for it after all others,
/// as another way of the node may have been content with them.
fn name_units(
    reach: &Reach,
    take: &Take,
    (item, mut wanted): (usize, i64),
    left: &mut [i64],
    tell: &mut dyn FnMut(i64, u32),
) {
    let Some(candidate) = reach.candidates.get(take.node) else { return };
    for of_all in [false, true] {
        for place in candidate.at.portions.clone() {
            let Some((portion, left)) = reach.portions.get(place).zip(left.get_mut(place)) else { continue };
            let kept = if of_all { 0 } else { candidate.too_old(portion) };
            let units = if portion.line == item { wanted.min((*left - kept).max(0)) } else { 0 };
            (*left, wanted) = (*left - units, wanted - units);
            if units > 0 {
                tell(units, portion.supply);
            }
        }
    }
}

/// Checks that nodes do not pass, then nodes that passed all and are not needed, with what using them would cost at least.
fn passed(attempt: &Attempt) -> Vec<Failed> {
    let Attempt { reach, chosen, .. } = attempt;
    let mut failed = reach.failed.clone();
    let ships =
        |take: &Take, node: u32| reach.candidates.get(take.node).is_some_and(|one| one.at.node == node);
    let mut last = NONE;
    for (candidate, cost) in reach.candidates.iter().zip(&chosen.solution.cost_if_used) {
        let node = candidate.at.node;
        if chosen.solution.takes.iter().any(|take| ships(take, node)) {
            continue;
        }
        match failed.last_mut().filter(|_| last == node) {
            Some(held) => held.number = held.number.min(*cost),
            None => {
                failed.push(Failed { node, line: None, check: Check::NotNeeded, number: *cost, rule: None })
            }
        }
        last = node;
    }
    failed
}

/// Of each line: what all candidates have together, and the earliest arrival among them.
fn reach_of(reach: &Reach, question: &Question) -> Vec<(i64, i64)> {
    let mut of = alloc::vec![(0, i64::MAX); question.lines.len()];
    // Of each portion, as much as one candidate finds of use.
    let mut most = alloc::vec![0; reach.portions.len()];
    for (at, candidate) in reach.candidates.iter().enumerate() {
        let cells = reach.cells.get(at * reach.lines..).unwrap_or_default();
        for place in candidate.at.portions.clone() {
            let Some((portion, most)) = reach.portions.get(place).zip(most.get_mut(place)) else { continue };
            let units = candidate.fit(portion);
            let has = cells.get(portion.line).is_some_and(|cell| cell.available > 0);
            if let Some((all, first)) = of.get_mut(portion.line).filter(|_| has && units > 0) {
                *all += (units - *most).max(0);
                *most = units.max(*most);
                *first = candidate.at.arrive_by.min(*first);
            }
        }
    }
    of
}
