//! The report for people: short tables, plain text.

mod retail;

use std::fmt;

use onhand::Name;
use onhand::promise::Destination;

use super::Report;
use crate::orders::Answered;
use crate::table::{Table, count, moment, money, number};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.about)?;
        self.rows_and_events(f)?;
        self.promises(f)?;
        self.closed_books(f)?;
        self.exceptions(f)?;
        self.workflows(f)?;
        self.book(f)?;
        self.truth(f)?;
        self.sides(f)?;
        for (at, answered) in self.offers.iter().enumerate() {
            order(f, at + 1, answered, self.currency)?;
        }
        self.steps(f)
    }
}

/// Enough to see what an offer is like.
const SHIPMENTS_SHOWN: usize = 8;

fn heading(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "{text}\n{}\n", "=".repeat(text.chars().count()))
}

impl Report {
    fn rows_and_events(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "What came in")?;
        let rows = &self.rows;
        let mut table = Table::new(["till lines", "", "of them"]);
        table.row(["read".into(), count(rows.read), String::new()]);
        table.row(["  posted".into(), count(rows.posted), String::new()]);
        table.row([
            "  parked: their item is not in the product file".into(),
            count(rows.parked),
            String::new(),
        ]);
        table.row(["  refused".into(), count(rows.refused), String::new()]);
        table.row(["  there twice".into(), count(rows.repeated), String::new()]);
        let odd = &rows.oddities;
        for (what, lines) in [
            ("odd: quantity 0, moves nothing", odd.quantity_zero),
            ("odd: money 0", odd.money_zero),
            ("odd: money below half a cent", odd.money_below_a_cent),
            ("odd: fuel by the hundred, in units of its own", odd.fuel),
            ("odd: item not in the product file", odd.unknown_item),
        ] {
            if lines > 0 {
                table.row([what.into(), String::new(), count(lines)]);
            }
        }
        writeln!(f, "{table}")?;
        let mut table = Table::new(["events", "", "kind", " "]);
        let kinds: Vec<(&&str, &u64)> = self.events_by_kind.iter().collect();
        let half = kinds.len().div_ceil(2);
        for at in 0..half {
            let cell = |at: usize| {
                kinds.get(at).map_or((String::new(), String::new()), |(kind, events)| {
                    ((**kind).into(), count(**events))
                })
            };
            let ((one, ones), (other, others)) = (cell(at), cell(at + half));
            table.row([one, ones, other, others]);
        }
        table.row(["all".into(), count(self.events), String::new(), String::new()]);
        writeln!(f, "{table}")
    }

    fn book(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "What the book holds")?;
        let mut table = Table::new(["", "at the end"]);
        table.row(["positions".into(), count(self.positions)]);
        for (unit, units) in &self.units {
            table.row([format!("stock in `{unit}`"), number(*units)]);
        }
        table.row([
            "exceptions that events left open as they arrived".into(),
            count(self.exceptions_on_arrival),
        ]);
        if self.intents.asked > 0 {
            table.row(["intents asked".into(), count(self.intents.asked)]);
            table.row(["  accepted".into(), count(self.intents.accepted)]);
            for (code, refused) in &self.intents.refused {
                table.row([format!("  refused: {}", code.replace('_', " ")), count(*refused)]);
            }
            let reported = count(self.intents.reported_afterwards);
            table.row(["  of those done all the same, and reported".into(), reported]);
        }
        writeln!(f, "{table}")
    }

    fn truth(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "Whether it is right")?;
        let mut table = Table::new([
            "mistakes seeded into the records",
            "made",
            "found by a count",
            "set right",
            "open",
            "units",
        ]);
        for (code, made) in &self.mistakes {
            let code = code.replace('_', " ");
            let numbers = [made.seeded, made.found_by_a_count, made.set_right, made.open].map(count);
            let [seeded, found, set_right, open] = numbers;
            table.row([code, seeded, found, set_right, open, number(made.open_units)]);
        }
        writeln!(f, "{table}")?;
        let made = &self.made;
        let mut table = Table::new(["and seeded without harm, because order of arrival does not matter", ""]);
        table.row(["sales posted hours or days late".into(), count(made.sales_posted_late)]);
        table.row(["deliveries posted late".into(), count(made.deliveries_posted_late)]);
        table.row(["counts posted late".into(), count(made.counts_posted_late)]);
        table.row([
            "sales before the record of their delivery".into(),
            count(made.sales_before_their_delivery),
        ]);
        writeln!(f, "{table}")?;
        let mut table = Table::new(["book against truth", "positions"]);
        table.row(["compared".into(), count(self.compared)]);
        table.row(["book differs from truth".into(), count(self.differing)]);
        table.row([
            "  by the open mistakes exactly".into(),
            count(self.differing.saturating_sub(self.unexplained)),
        ]);
        table.row(["unexplained".into(), count(self.unexplained)]);
        writeln!(f, "{table}")
    }

    fn sides(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "The same on both sides")?;
        let mut table = Table::new(["side", "events a second", "digest"]);
        table.row(["native".into(), count(self.events_per_second.native as u64), self.digest.native.clone()]);
        let host = self.host.as_deref().unwrap_or("Node.js");
        if let (Some(rate), Some(digest)) = (self.events_per_second.wasm, &self.digest.wasm) {
            table.row([
                format!("WebAssembly, by the npm package in {host}"),
                count(rate as u64),
                digest.clone(),
            ]);
        }
        writeln!(f, "{table}")?;
        let verdict = match &self.digest.wasm {
            Some(wasm) if *wasm == self.digest.native => "The digests are equal.",
            Some(_) => "THE DIGESTS DIFFER.",
            None => "WebAssembly was left out.",
        };
        let again = match self.passes {
            0 | 1 => String::new(),
            passes => format!(
                " Facts before their master data were more than a book parks: sources sent {} times.",
                count(passes.into())
            ),
        };
        writeln!(f, "  {verdict} Order of arrival: {}.{again}\n", self.order)
    }

    fn steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, "How long it took")?;
        let mut table = Table::new(["step", "seconds"]);
        for (step, seconds) in &self.seconds_by_step {
            table.row([(*step).into(), format!("{seconds:.1}")]);
        }
        table.row(["all".into(), format!("{:.1}", self.seconds)]);
        write!(f, "{table}")
    }
}

fn order(f: &mut fmt::Formatter<'_>, at: usize, answered: &Answered, currency: &str) -> fmt::Result {
    let Answered { question, request, offer, .. } = answered;
    heading(f, &format!("Order {at}: {question}"))?;
    let to = match &request.to {
        Destination::Zone(zone) => format!("to be brought to {zone}"),
        Destination::PickUp(node) => format!("to be picked up at {node}"),
    };
    let by = request.needed_by.map(|by| format!(", needed by {}", moment(by.millis()))).unwrap_or_default();
    writeln!(f, "  Asked on {}, {to}{by}. Costs are in {currency}.\n", moment(request.now.millis()))?;
    let mut table = Table::new(["wanted", "units", "available", "nodes", "most at"]);
    for (line, available) in request.lines.iter().zip(&answered.available) {
        let most = available.most.iter().map(|(node, units)| format!("{node} {}", number(*units)));
        table.row([
            available.title.clone(),
            number(line.quantity.units()),
            number(available.units),
            count(available.nodes),
            most.collect::<Vec<_>>().join(", "),
        ]);
    }
    writeln!(f, "{table}")?;
    if !offer.shipments.is_empty() {
        writeln!(f, "{}", shipments(answered))?;
        if offer.shipments.len() > SHIPMENTS_SHOWN {
            writeln!(f, "  And {} shipments more.\n", offer.shipments.len() - SHIPMENTS_SHOWN)?;
        }
    }
    why(f, answered)
}

fn shipments(answered: &Answered) -> Table {
    let mut table = Table::new(["offered from", "by", "units", "item", "out of", "ready", "there", "cost"]);
    for shipment in answered.offer.shipments.iter().take(SHIPMENTS_SHOWN) {
        for (at, line) in shipment.lines.iter().enumerate() {
            let first = |text: String| if at == 0 { text } else { String::new() };
            table.row([
                first(shipment.node.to_string()),
                first(shipment.method.as_ref().map_or("counter".into(), Name::to_string)),
                number(line.quantity),
                answered.title_of(&line.sku).to_owned(),
                line.supply.as_ref().map_or("stock".into(), Name::to_string),
                first(moment(shipment.release_by)),
                first(moment(shipment.arrive_by)),
                first(money(shipment.cost)),
            ]);
        }
    }
    table
}

/// Why this plan and no other, from what the offer carries.
fn why(f: &mut fmt::Formatter<'_>, answered: &Answered) -> fmt::Result {
    let offer = &answered.offer;
    for unmet in &offer.unmet {
        let earliest = unmet.earliest.map(|at| format!(", the first on {}", moment(at))).unwrap_or_default();
        writeln!(
            f,
            "  Cannot be met: {} of {}. All nodes that may serve this order have {} together{earliest}.",
            number(unmet.quantity),
            answered.title_of(&unmet.sku),
            number(unmet.available),
        )?;
    }
    let shipped: i64 = offer.shipments.iter().map(|shipment| shipment.cost).sum();
    let proof = match offer.proven {
        true => {
            format!("Proven in {} steps: no plan costs less than {}.", count(offer.steps), money(offer.bound))
        }
        false => format!(
            "The best found in {} steps; none costs less than {}.",
            count(offer.steps),
            money(offer.bound)
        ),
    };
    let shortfall = match offer.cost - shipped {
        0 => String::new(),
        missing => format!(" and {} for what is missing", money(missing)),
    };
    writeln!(f, "  Costs {}{shortfall}. {proof}", money(shipped))?;
    if let Some((node, cost)) = &answered.cheapest_other {
        writeln!(f, "  Next best: a plan that uses {node} costs at least {}.", money(*cost))?;
    }
    if !answered.passed.is_empty() {
        let passed = answered
            .passed
            .iter()
            .map(|(check, nodes)| format!("{} {}", count(*nodes), check.replace('_', " ")));
        writeln!(f, "  Nodes not used, by why: {}.", passed.collect::<Vec<_>>().join(", "))?;
    }
    writeln!(f)
}
