//! The tables that a retailer reads first.

use std::collections::BTreeMap;
use std::fmt;

use super::heading;
use crate::books::{ACCOUNTS, Amount, Class};
use crate::promises::{Promises, Tally};
use crate::report::Report;
use crate::report::retail::{CLOSING, Closed, Lane};
use crate::table::{Table, count, money, number};

const LANES_SHOWN: usize = 6;

impl Report {
    pub(super) fn promises(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.promises.first() else { return Ok(()) };
        heading(f, "Whether promises were kept")?;
        let mut table = Table::new([
            "click and collect",
            "orders",
            "refused",
            "kept",
            "broken",
            "cancelled",
            "open",
            "broken of 1,000",
            "at another store",
            "out of deliveries to come",
        ]);
        for year in &self.promises {
            let [rule, orders, refused, kept, broken, cancelled, open, rate] = fates(year, &year.pick_up);
            let (elsewhere, to_come) = (count(year.pick_up.elsewhere), count(year.pick_up.out_of_supply));
            table.row([rule, orders, refused, kept, broken, cancelled, open, rate, elsewhere, to_come]);
        }
        writeln!(f, "{table}")?;
        let mut table = Table::new([
            "delivery",
            "orders",
            "refused",
            "kept",
            "broken",
            "cancelled",
            "open",
            "broken of 1,000",
            "parcels",
            &format!("{} cost", self.currency),
        ]);
        for year in &self.promises {
            let [rule, orders, refused, kept, broken, cancelled, open, rate] = fates(year, &year.delivery);
            let (parcels, cost) = (count(year.delivery.parcels), money(year.delivery.cents));
            table.row([rule, orders, refused, kept, broken, cancelled, open, rate, parcels, cost]);
        }
        writeln!(f, "{table}")?;
        writeln!(
            f,
            "  A promise is broken when not all of it can be picked: the book had drifted, or a delivery did not come."
        )?;
        let costs = self.promises.iter().filter(|year| year.deliveries_of_all_rules > 0).map(|year| {
            let each = year.cents_of_all_rules / year.deliveries_of_all_rules.cast_signed();
            format!("{} {}", year.rule.in_words(), money(each))
        });
        let costs = costs.collect::<Vec<_>>().join(", ");
        let orders = count(first.deliveries_of_all_rules);
        if self.promises.len() > 1 {
            writeln!(f, "  The {orders} deliveries that every rule promised cost on average: {costs}.")?;
        }
        writeln!(f)
    }

    pub(super) fn closed_books(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.books.is_empty() {
            return Ok(());
        }
        heading(f, "How the books close")?;
        for closed in &self.books {
            let units = |amount: Amount| number(amount.units);
            writeln!(f, "{}", by_place(closed, &format!("units in `{}`", closed.unit), units))?;
            for how in ["at moving average cost", "at retail"] {
                let value = |amount: Amount| if how == "at retail" { amount.retail } else { amount.cost };
                // Some goods have no value that anybody knows.
                if closed.by_place.values().flat_map(BTreeMap::values).any(|amount| value(*amount) != 0) {
                    let what = format!("{}, {how}", self.currency);
                    writeln!(f, "{}", by_place(closed, &what, |amount| money(value(amount))))?;
                }
            }
            if closed.by_month.len() > 1 && closed.by_month.iter().any(has_cost) {
                writeln!(f, "{}", by_month(closed, self.currency))?;
            }
        }
        let verdict = match self.books.iter().all(Closed::adds_up) {
            true => {
                "Opening and movements are the closing for every node and for the company, in units and to the last cent."
            }
            false => "THE BOOKS DO NOT CLOSE.",
        };
        let closed = match self.made.months_closed {
            0 => String::new(),
            months => format!(" Months closed: {}.", count(months)),
        };
        writeln!(f, "  {verdict}{closed}\n")
    }

    pub(super) fn exceptions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "What is odd in the book")?;
        let at_stake = format!("{} at stake", self.currency);
        let mut table = Table::new(["open exceptions", "severity", "open", &at_stake, "oldest, in days"]);
        for row in &self.oddities {
            table.row([
                row.code.replace('_', " "),
                row.severity.into(),
                count(row.open),
                money(row.cents),
                row.oldest_days.map_or_else(String::new, number),
            ]);
        }
        table.row([
            "all".into(),
            String::new(),
            count(self.exceptions),
            money(self.oddities.iter().map(|row| row.cents).sum::<i64>()),
            String::new(),
        ]);
        writeln!(f, "{table}")
    }

    /// The dock, the lanes, returns and approvals: each where there were any.
    pub(super) fn workflows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = &self.made;
        if !made.findings.is_empty() {
            heading(f, "What the docks found")?;
            let mut table = Table::new(["deliveries against their orders", "lines", "units"]);
            for (oddity, found) in &made.findings {
                table.row([oddity.replace('_', " "), count(found.lines), number(found.units)]);
            }
            writeln!(f, "{table}")?;
            writeln!(
                f,
                "  Suppliers announced {} other days and cut {} lines.\n",
                count(made.advance_notices),
                count(made.supplier_cuts),
            )?;
        }
        if !self.lanes.is_empty() {
            heading(f, "What was lost between nodes")?;
            writeln!(f, "{}", lanes(&self.lanes))?;
        }
        if !made.returns.is_empty() {
            heading(f, "What came back")?;
            let mut table = Table::new(["path", "units", "days", &format!("{} worth", self.currency)]);
            for (path, sum) in &made.returns {
                let days = format!("{:.1}", sum.unit_days as f64 / sum.units.max(1) as f64);
                table.row([path.in_words().into(), number(sum.units), days, money(sum.cents)]);
            }
            writeln!(f, "{table}")?;
            let over = count(made.over_returned);
            writeln!(
                f,
                "  Of {over} order lines more came back than was sold: the surplus is not sold again.\n"
            )?;
        }
        if !made.approvals.is_empty() {
            heading(f, "What needed a second person")?;
            let mut table = Table::new([
                "asked for",
                "asked",
                &format!("{} at stake", self.currency),
                "granted, done",
                "granted, lapsed",
                "refused",
                "withdrawn",
                "open",
            ]);
            for (kind, sum) in &made.approvals {
                let numbers = [sum.used, sum.expired, sum.refused, sum.withdrawn, sum.open].map(count);
                let [used, expired, refused, withdrawn, open] = numbers;
                let (kind, asked) = (kind.replace('_', " "), count(sum.asked));
                table.row([kind, asked, money(sum.cents_asked), used, expired, refused, withdrawn, open]);
            }
            writeln!(f, "{table}")?;
            let due = count(made.due_for_approval);
            writeln!(
                f,
                "  Done beyond somebody's limits and reported as a fact, without approval: {due}.\n"
            )?;
        }
        Ok(())
    }
}

fn has_cost((_, month): &(String, BTreeMap<&'static str, Amount>)) -> bool {
    month.values().any(|amount| amount.cost != 0)
}

/// What became of the orders of one kind.
fn fates(year: &Promises, tally: &Tally) -> [String; 8] {
    let [asked, refused, kept, broken, cancelled, open] =
        [tally.asked, tally.refused, tally.kept, tally.broken, tally.cancelled, tally.open].map(count);
    let rate = format!("{:.1}", tally.broken_per_mille());
    [year.rule.in_words().into(), asked, refused, kept, broken, cancelled, open, rate]
}

fn by_place(closed: &Closed, what: &str, print: impl Fn(Amount) -> String) -> Table {
    let mut table = Table::new([what, "stores", "centres", "under way", "company"]);
    let none = BTreeMap::new();
    let columns = Class::ALL.map(|class| closed.by_place.get(&class).unwrap_or(&none));
    for called in ACCOUNTS.iter().map(|(_, called)| *called).chain([CLOSING]) {
        let amounts = columns.map(|column| column.get(called).copied().unwrap_or_default());
        let cells = amounts.map(&print);
        if called == CLOSING
            || cells.iter().any(|cell| cell.chars().any(|digit| ('1'..='9').contains(&digit)))
        {
            let [stores, centres, under_way, company] = cells;
            table.row([called.into(), stores, centres, under_way, company]);
        }
    }
    table.without_zeros()
}

/// Months as rows: what is there when each begins and ends, and what led from one to the other.
fn by_month(closed: &Closed, currency: &str) -> Table {
    let what = format!("{currency} of `{}`", closed.unit);
    let mut table = Table::new([
        &what,
        "opening",
        "from suppliers",
        "sold",
        "lost, less found",
        "by counts",
        "written off",
        "other",
        "closing",
    ]);
    let mut opening = 0;
    for (label, month) in &closed.by_month {
        let cost = |account: &str| month.get(account).map_or(0, |amount| amount.cost);
        opening += cost("opening");
        let named = [
            cost("from suppliers, less sent back"),
            cost("sold, less returned"),
            cost("lost") + cost("found"),
            cost("found by counts, not yet explained"),
            cost("written off"),
        ];
        let closing = cost(CLOSING);
        let other = money(closing - opening - named.iter().sum::<i64>());
        let [suppliers, sold, lost, counts, written_off] = named.map(money);
        let label = label.clone();
        table.row([label, money(opening), suppliers, sold, lost, counts, written_off, other, money(closing)]);
        opening = closing;
    }
    table
}

fn lanes(lanes: &[Lane]) -> Table {
    let mut table =
        Table::new(["lane", "transfers", "shipped", "received", "broken", "lost", "missing", "over"]);
    let row = |lane: &Lane, called: String| {
        let numbers =
            [lane.transfers, lane.shipped, lane.received, lane.damaged, lane.lost, lane.missing, lane.over];
        let [transfers, shipped, received, damaged, lost, missing, over] = numbers.map(number);
        [called, transfers, shipped, received, damaged, lost, missing, over]
    };
    for lane in lanes.iter().take(LANES_SHOWN) {
        table.row(row(lane, format!("{} to {}", lane.from, lane.to)));
    }
    let mut sum = Lane {
        from: String::new(),
        to: String::new(),
        transfers: 0,
        shipped: 0,
        received: 0,
        damaged: 0,
        lost: 0,
        missing: 0,
        over: 0,
    };
    for lane in lanes {
        sum.transfers += lane.transfers;
        sum.shipped += lane.shipped;
        sum.received += lane.received;
        sum.damaged += lane.damaged;
        sum.lost += lane.lost;
        sum.missing += lane.missing;
        sum.over += lane.over;
    }
    table.row(row(&sum, format!("all {} lanes", number(lanes.len() as i64))));
    table
}
