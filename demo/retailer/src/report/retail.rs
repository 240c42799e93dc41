//! What a retailer asks of a year: were promises kept, do the books close, what is odd, what was lost on the way, what came back,
//! who approved what.

use std::collections::BTreeMap;

use onhand::log::{Account, LaneReport, Log as Trail, Verdict};
use onhand::{Book, Event, ExceptionCode};

use crate::books::{ACCOUNTS, Amount, Books, Class};
use crate::log::{Log, Told};
use crate::recorder::subject_of;
use crate::table::month_of;
use crate::world::{DAY, World, time};
use crate::year::Year;

/// The books as data: opening and movements are the closing, in each column.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Closed {
    pub unit: &'static str,
    /// By kind of place, then by account; `closing` is what they add up to.
    pub by_place: BTreeMap<Class, BTreeMap<&'static str, Amount>>,
    /// The company month by month, as `2025-01`.
    pub by_month: Vec<(String, BTreeMap<&'static str, Amount>)>,
    /// What each node closes with.
    pub by_node: BTreeMap<String, BTreeMap<&'static str, Amount>>,
}

/// Open exceptions of one kind.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Oddity {
    pub code: &'static str,
    pub severity: &'static str,
    pub open: u64,
    /// Their units at cost, in cents.
    pub cents: i64,
    /// Days since the oldest was raised, where that is known.
    pub oldest_days: Option<i64>,
}

/// One lane of transfers.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Lane {
    pub from: String,
    pub to: String,
    pub transfers: i64,
    pub shipped: i64,
    pub received: i64,
    pub damaged: i64,
    pub lost: i64,
    pub missing: i64,
    pub over: i64,
}

pub const CLOSING: &str = "closing";

impl Closed {
    pub fn all(world: &World, books: &Books) -> Vec<Closed> {
        books.units_of_measure().into_iter().map(|unit| Closed::new(world, books, unit)).collect()
    }

    fn new(world: &World, books: &Books, unit: &'static str) -> Closed {
        let table = |amount: &dyn Fn(Account) -> Amount| {
            let rows = ACCOUNTS.iter().map(|(account, called)| (*called, amount(*account)));
            let rows = rows.chain([(CLOSING, amount(Account::Stock))]);
            rows.filter(|(_, amount)| *amount != Amount::default()).collect::<BTreeMap<_, _>>()
        };
        let place = |class| table(&|account| books.amount(world, class, unit, account, 0..usize::MAX));
        let month = |at: usize| {
            table(&|account| match account {
                // What is there after a month came in all months until then.
                Account::Stock => books.amount(world, Class::Company, unit, account, 0..at + 1),
                account => books.amount(world, Class::Company, unit, account, at..at + 1),
            })
        };
        let node = |number: u32| table(&|account| books.amount_at(number, unit, account));
        Closed {
            unit,
            by_place: Class::ALL.into_iter().map(|class| (class, place(class))).collect(),
            by_month: (0..).zip(world.months()).map(|(at, start)| (month_of(start), month(at))).collect(),
            by_node: (0..).zip(&world.nodes).map(|(at, one)| (one.name.to_string(), node(at))).collect(),
        }
    }

    /// Whether opening and movements are the closing everywhere, and what was transferred adds to zero.
    pub fn adds_up(&self) -> bool {
        let adds_up = |table: &BTreeMap<&'static str, Amount>| {
            let closing = table.get(CLOSING).copied().unwrap_or_default();
            let rest = table.iter().filter(|(called, _)| **called != CLOSING).map(|(_, amount)| amount);
            let sum = rest.fold(Amount::default(), |sum, one| Amount {
                units: sum.units + one.units,
                cost: sum.cost + one.cost,
                retail: sum.retail + one.retail,
            });
            sum == closing
        };
        let company = self.by_place.get(&Class::Company);
        let months = self.by_month.iter().map(|(_, table)| table);
        let moved = |table: &BTreeMap<&'static str, Amount>| {
            let rest = table.iter().filter(|(called, _)| **called != CLOSING);
            rest.map(|(_, amount)| amount.cost).sum::<i64>()
        };
        let closing =
            |table: &BTreeMap<&'static str, Amount>| table.get(CLOSING).map_or(0, |amount| amount.cost);
        let mut so_far = 0;
        let months_add_up = months.into_iter().all(|table| {
            so_far += moved(table);
            so_far == closing(table)
        });
        months_add_up
            && company.is_none_or(|company| !company.contains_key("transfers"))
            && self.by_place.values().chain(self.by_node.values()).all(adds_up)
    }
}

/// What is open, by kind, the most severe first.
pub fn oddities(year: &Year, book: &Book, books: Option<&Books>, now: i64) -> Vec<Oddity> {
    let mut by_code: BTreeMap<ExceptionCode, Oddity> = BTreeMap::new();
    for exception in book.exceptions(time(now)) {
        let row = by_code.entry(exception.code).or_insert_with(|| Oddity {
            code: exception.code.code(),
            severity: exception.code.severity().code(),
            open: 0,
            cents: 0,
            oldest_days: None,
        });
        row.open += 1;
        let cost = exception.sku.as_ref().and_then(|sku| books?.costs.get(sku.as_str()));
        row.cents += exception.quantity.abs() * cost.copied().unwrap_or(0);
        let age = year.since.get(&subject_of(&exception)).map(|since| (now - since) / DAY);
        row.oldest_days = row.oldest_days.max(age);
    }
    let mut rows: Vec<(ExceptionCode, Oddity)> = by_code.into_iter().collect();
    rows.sort_by_key(|(code, row)| (std::cmp::Reverse(code.severity()), std::cmp::Reverse(row.cents)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Transfers by lane, the lossiest first: what the core reads from the trail.
pub fn lanes(log: &Log, now: i64) -> Vec<Lane> {
    let mut trail = Trail::new();
    for (told, _) in log.told() {
        if let Told::Text(text) = told
            && ["transfer_ship", "transfer_receive", "transfer_reconcile"]
                .iter()
                .any(|kind| text.contains(kind))
            && let Ok(event) = Event::from_json(text)
        {
            let recorded = event.occurred;
            trail.write(event, Verdict::Fact, recorded);
        }
    }
    let mut lanes: Vec<Lane> = trail.lanes(time(now)).into_iter().map(Lane::from).collect();
    lanes.sort_by(|one, other| {
        (other.lost + other.missing, &one.from, &one.to).cmp(&(
            one.lost + one.missing,
            &other.from,
            &other.to,
        ))
    });
    lanes
}

impl From<LaneReport> for Lane {
    fn from(lane: LaneReport) -> Lane {
        let name = |name: Option<onhand::Name>| name.map_or_else(|| "?".to_owned(), |name| name.to_string());
        Lane {
            from: name(lane.from),
            to: name(lane.to),
            transfers: lane.transfers,
            shipped: lane.shipped,
            received: lane.received,
            damaged: lane.damaged,
            lost: lane.lost,
            missing: lane.missing,
            over: lane.over,
        }
    }
}
