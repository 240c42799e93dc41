//! What stands in for items that are short: other items, or the parts of a kit.
//!
//! The item itself comes first, from wherever it may. Then the rows of the rules fill what is left, one after the other, each as far
//! as it can while all that was filled before still is. Each of these plans is one of `sourcing` that fills everything: its columns
//! are the lines, and the rows with the parts that a unit of each takes from what the nodes have of items.

use alloc::vec::Vec;

use super::asked::Asked;
use super::branch::{Limits, Most};
use super::objective::Measure;
use super::reach::{Offered, Reach};
use super::ruled::Attempt;
use super::rules::{StandInRow, Term};
use super::{Question, RequestRefused, added, product};
use crate::dense::NONE;
use crate::limits::{QUANTITY_MAX, REQUEST_LINES_MAX, STAND_INS_MAX};
use crate::sourcing::{COST_MAX, LINES_MAX};

/// What a plan takes together from one candidate: units of items for each of its own.
#[derive(Clone, Debug)]
pub(super) struct Column {
    quantity: i64,
    /// The item, and units of it; never none.
    parts: Vec<(usize, i64)>,
    /// What it stands in for; it is a line of its own otherwise.
    pub(super) stands: Option<Stands>,
}

/// A row that is in a plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stands {
    /// The place of its rule in the rulebook.
    rule: usize,
    /// Which of the rows in the plan it is.
    pub(super) row: usize,
    /// The line that is short.
    pub(super) line: usize,
    /// Units of the column for each unit of the line.
    pub(super) times: i64,
}

impl Column {
    /// A line of the request.
    pub(super) fn line(line: usize, quantity: i64) -> Column {
        Column { quantity, parts: alloc::vec![(line, 1)], stands: None }
    }

    /// Items, and units of each for one of the line.
    pub(super) fn parts(&self) -> &[(usize, i64)] {
        &self.parts
    }
}

/// A row that may be of use.
pub(super) struct Row<'a> {
    rule: usize,
    line: usize,
    row: &'a StandInRow,
    parts: Vec<(usize, i64)>,
}

impl<'a> Asked<'a> {
    /// The same of more items: of those that may stand in, too. Rules are relaxed as they are.
    pub(super) fn with_items<'b>(&self, items: &'b Question, rows: &[Row<'_>]) -> Asked<'b>
    where
        'a: 'b,
    {
        let mut asked = Asked::of(self.book, self.rulebook, items, self.channel, self.view);
        // One unit may be stood in for by many, of items that are asked for as well.
        let parts = rows.iter().map(|row| row.parts.iter().map(|(_, units)| units).sum::<i64>());
        asked.units = product(self.units, parts.max().unwrap_or(1)).min(QUANTITY_MAX);
        for applied in &mut asked.rules {
            for one in &self.rules {
                applied.holds &= one.place != applied.place || one.holds;
            }
        }
        asked
    }

    /// A plan in which rows of the rules stand in for what is short, or the plan as it is.
    pub(super) fn with_stand_ins(
        &self,
        plain: Attempt,
        asked: &Asked<'_>,
        rows: &[Row<'_>],
        steps: &mut u64,
    ) -> Result<Attempt, RequestRefused> {
        let mut left = plain.own_shortfall.clone();
        if plain.reach.ship_complete {
            // What there is of the items themselves comes first, though alone it is not the whole order.
            let reach = Reach { ship_complete: false, ..self.reach() };
            left = self.choose(self.question, &reach, steps)?.solution.shortfall;
        }
        let own_shortfall = left.clone();
        let mut columns: Vec<Column> = Vec::new();
        for (line, ((_, wanted), left)) in self.question.lines.iter().zip(&left).enumerate() {
            if wanted > left {
                columns.push(Column::line(line, wanted - left));
            }
        }
        let mut found =
            Found { asked, pool: asked.reach(), columns, attempt: None, price: 0, gain: 0, sure: true };
        for (place, row) in rows.iter().enumerate() {
            let Some(left) = left.get_mut(row.line) else { continue };
            *left -= found.fill(row, place, *left, steps);
        }
        let Found { attempt, price, gain, sure, .. } = found;
        let missing: i64 = left.iter().sum();
        let Some(mut attempt) = attempt.filter(|_| missing == 0 || !plain.reach.ship_complete) else {
            return Ok(plain);
        };
        let unfilled = product(missing, self.question.policy.shortfall_cost);
        if added(price.saturating_abs(), unfilled).saturating_sub(gain) > COST_MAX {
            return Err(RequestRefused::out_of_range("stand_in.unit"));
        }
        let solution = &mut attempt.chosen.solution;
        if self.rulebook.objective.goals.is_empty() {
            solution.cost_if_used.iter_mut().for_each(|cost| *cost = added(*cost, price + unfilled));
        }
        attempt.chosen.cost += price + unfilled;
        // A plan that fills more, if one was missed, would leave less to pay for and not cost less otherwise.
        solution.bound += if sure { price + unfilled } else { price + gain };
        solution.proven &= sure;
        for reached in &mut attempt.chosen.reached {
            reached.value += match reached.measure {
                Measure::Cost => price + unfilled,
                Measure::Shortfall => missing,
                _ => 0,
            };
        }
        solution.shortfall = left;
        attempt.own_shortfall = own_shortfall;
        Ok(attempt)
    }

    /// The rows about lines that are short, with the items that they need beside those of the request.
    pub(super) fn rows(&self, plain: &Attempt, items: &mut Question) -> Vec<Row<'a>> {
        let mut found = Vec::new();
        for applied in self.rules.iter().filter(|applied| applied.holds) {
            let Term::StandIn { rows } = &applied.rule.then else { continue };
            for (line, short) in plain.chosen.solution.shortfall.iter().enumerate() {
                if *short == 0 || !applied.about_line(line) {
                    continue;
                }
                for place in applied.rows_at(NONE, line) {
                    let Some(row) = rows.get(place.row).filter(|_| found.len() < STAND_INS_MAX) else {
                        continue;
                    };
                    let mut parts = Vec::with_capacity(row.parts.len());
                    for part in &row.parts {
                        if let Some(item) = self.item(items, &part.sku) {
                            parts.push((item, part.units.units()));
                        }
                    }
                    if parts.len() == row.parts.len() {
                        found.push(Row { rule: applied.place, line, row, parts });
                    }
                }
            }
        }
        found
    }

    /// The place of an item; `None` where the book does not know it, or no more have room.
    fn item(&self, items: &mut Question, sku: &crate::name::Name) -> Option<usize> {
        let sku = self.book.known_sku(sku.as_str())?;
        let place = items.lines.iter().position(|(held, _)| *held == sku);
        if place.is_none() && items.lines.len() < REQUEST_LINES_MAX {
            items.lines.push((sku, 0));
            return Some(items.lines.len() - 1);
        }
        place
    }
}

/// What was found so far.
struct Found<'a> {
    asked: &'a Asked<'a>,
    /// What nodes have of items.
    pool: Reach,
    columns: Vec<Column>,
    attempt: Option<Attempt>,
    /// What the rows in it cost on top.
    price: i64,
    /// What rows that are welcome would have gained at most where they filled less than they might.
    gain: i64,
    /// No plan that would have filled more was missed because steps were used up.
    sure: bool,
}

impl Found<'_> {
    /// Fills as much of what is left of a line as a row can; answers how much that is.
    fn fill(&mut self, row: &Row<'_>, place: usize, left: i64, steps: &mut u64) -> i64 {
        // A bound on what there is, ways of one node counted twice.
        let mut above = left;
        for (item, units) in &row.parts {
            let mut has = 0i64;
            for cells in self.pool.cells.chunks_exact(self.pool.lines.max(1)) {
                has = added(has, cells.get(*item).map_or(0, |cell| cell.available));
            }
            above = above.min(has / units);
        }
        above += 1;
        let mut filled = 0;
        // All of it most often; else the halves between what can be filled and what cannot.
        let mut units = above - 1;
        while units > filled {
            let mut columns = self.columns.clone();
            let stands = |times| Some(Stands { rule: row.rule, row: place, line: row.line, times });
            let mut add = |quantity, parts, stands| columns.push(Column { quantity, parts, stands });
            if row.row.split {
                for (item, times) in &row.parts {
                    add(units * times, alloc::vec![(*item, 1)], stands(*times));
                }
            } else {
                add(units, row.parts.clone(), stands(1));
            }
            match self.attempt(columns, steps) {
                Some(attempt) => {
                    self.attempt = Some(attempt);
                    filled = units;
                }
                None => above = units,
            }
            units = filled + (above - filled) / 2;
        }
        if let Some(attempt) = self.attempt.as_ref().filter(|_| filled > 0) {
            self.columns.clone_from(&attempt.columns);
        }
        let unit = row.row.unit.minor();
        self.price = added(self.price, product(filled, unit));
        self.gain = added(self.gain, product(left - filled, unit.min(0)));
        filled
    }

    /// The plan that fills all columns.
    fn attempt(&mut self, columns: Vec<Column>, steps: &mut u64) -> Option<Attempt> {
        if columns.len() > LINES_MAX {
            return None;
        }
        let mut question = self.asked.question.clone();
        question.lines.clear();
        for column in &columns {
            question.lines.push((NONE, column.quantity));
        }
        let reach = self.pool.in_columns(&columns, self.asked);
        let chosen = self.asked.choose(&question, &reach, steps).ok()?;
        let whole = chosen.solution.shortfall.iter().all(|missing| *missing == 0);
        self.sure &= whole || chosen.solution.proven;
        whole.then_some(Attempt { reach, chosen, columns, own_shortfall: Vec::new() })
    }
}

impl Reach {
    /// What nodes could ship of columns, where this says what they could ship of items. All or nothing.
    fn in_columns(&self, columns: &[Column], asked: &Asked<'_>) -> Reach {
        let width = columns.len();
        let mut cells = Vec::with_capacity(self.candidates.len() * width);
        let mut limits = Limits { least_value: self.limits.least_value.clone(), ..Limits::default() };
        let leasts = self.limits.least_units.chunks_exact(self.lines.max(1));
        let haves = self.cells.chunks_exact(self.lines.max(1));
        for ((candidate, have), leasts) in self.candidates.iter().zip(haves).zip(leasts) {
            for column in columns {
                let (mut most, mut least) = (i64::MAX, 0);
                for applied in &asked.rules {
                    let own = column.stands.is_some_and(|stands| stands.rule == applied.place);
                    if own && !applied.names(asked.book, candidate.at.node) {
                        most = 0;
                    }
                }
                let mut cell = Offered { available: most, ..Offered::default() };
                for (item, units) in column.parts() {
                    let Some(part) = have.get(*item) else { continue };
                    cell.available = cell.available.min(part.available / units);
                    cell.unit_cost = added(cell.unit_cost, product(part.unit_cost, *units));
                    cell.charge = added(cell.charge, product(part.charge, *units));
                    cell.each += units;
                    cell.late_cost = added(cell.late_cost, product(part.late_cost, *units));
                    least = least.max((leasts.get(*item).copied().unwrap_or(0) + units - 1) / units);
                }
                cells.push(cell);
                limits.least_units.push(least);
            }
        }
        for (of_items, of_columns) in
            [(&self.limits.sums, &mut limits.sums), (&self.limits.counts, &mut limits.counts)]
        {
            for most in of_items {
                of_columns.push(self.most_of(most, columns));
            }
        }
        for column in columns {
            let mut worth = 0i64;
            for (item, units) in column.parts() {
                let of_unit = self.limits.worth.get(*item).copied().unwrap_or(0);
                worth = added(worth, product(of_unit, *units));
            }
            limits.worth.push(worth);
        }
        // Columns that take of one item share what there is of it.
        for (at, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.available > 0) {
            let shared = self.most_of(&Most { cells: alloc::vec![(at, 1)], most: cell.available }, columns);
            if shared.cells.len() > 1 {
                limits.sums.push(shared);
            }
        }
        Reach {
            lines: width,
            candidates: self.candidates.clone(),
            cells,
            portions: self.portions.clone(),
            failed: self.failed.clone(),
            limits,
            line_split: self.line_split,
            ship_complete: true,
            shipments_max: self.shipments_max,
            ways: self.ways.clone(),
            ..Reach::default()
        }
    }

    /// A limit on cells of items as one on cells of columns.
    fn most_of(&self, most: &Most, columns: &[Column]) -> Most {
        let mut cells: Vec<(usize, i64)> = Vec::new();
        for (cell, _) in &most.cells {
            let (candidate, limited) = (cell / self.lines.max(1), cell % self.lines.max(1));
            for (at, column) in columns.iter().enumerate() {
                let place = candidate * columns.len() + at;
                for (_, units) in column.parts().iter().filter(|(item, _)| *item == limited) {
                    // A column that takes of several of the items weighs as much as all of them. Those of a candidate are together.
                    match cells.iter_mut().rev().take(columns.len()).find(|(held, _)| *held == place) {
                        Some((_, weight)) => *weight += units,
                        None => cells.push((place, *units)),
                    }
                }
            }
        }
        Most { cells, most: most.most }
    }
}
