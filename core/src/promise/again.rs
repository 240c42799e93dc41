//! Promises that are open, looked at again: what the stock still covers of them, and the same question for an order that holds
//! claims already.

use alloc::vec::Vec;

use super::whatif::Overlay;
use super::{Offer, Request, RequestRefused};
use crate::book::Book;
use crate::claim::{Claim, ClaimStatus};
use crate::dense::NONE;
use crate::kind::Ledger;
use crate::limits::PROMISES_PAGE_MAX;
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Map};
use crate::stock::PositionKey;

/// An order line that is promised, and what the stock covers of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OpenPromise {
    /// The order.
    pub subject: Name,
    /// Its line.
    pub line: Name,
    /// The item.
    pub sku: Name,
    /// The node that it is promised from.
    pub node: Name,
    /// The dated supply that it is promised from; `None` for what is on hand.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// Units promised and not picked yet, at least 1.
    pub units: i64,
    /// Units that the stock or the supply still covers; who loses is declared as in [`Book::losing_claims`].
    pub covered: i64,
    /// When all units are there, in milliseconds: the moment of the question for what is on hand, and for what is overdue; when
    /// the supply is due; `None` when not all are covered.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ready: Option<i64>,
}

/// Some of the open promises, in the order of their orders' and lines' names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PromisesPage {
    /// At most as many as were asked for.
    pub promises: Vec<OpenPromise>,
    /// The line to ask on after; `None` when there are no more.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub next: Option<PromiseRef>,
}

/// An order line by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PromiseRef {
    /// The order.
    pub subject: Name,
    /// Its line.
    pub line: Name,
}

impl Book {
    /// The order lines that are promised at a moment, a page at a time, each with what the stock still covers of it and when. After
    /// a late receipt, a short pick or a count these are the promises to keep, to improve or to tell about.
    ///
    /// A page has at most `most` lines, 1 to [`PROMISES_PAGE_MAX`], and goes on after the order and line of the page before. Where a
    /// shelf of the page is overcommitted, every claim of the book is looked at, once for the page.
    ///
    /// # Errors
    ///
    /// [`RequestRefused::OutOfRange`] for a page of no or too many lines.
    pub fn open_promises(
        &self,
        after: Option<(&str, &str)>,
        most: usize,
        now: Time,
    ) -> Result<PromisesPage, RequestRefused> {
        if most == 0 || most > PROMISES_PAGE_MAX {
            return Err(RequestRefused::out_of_range("most"));
        }
        let now = now.millis();
        let mut page: Vec<(&Name, &Name, Claim)> = Vec::new();
        let mut next = None;
        let from = (Ledger::Order, Name::known(after.map_or("", |(subject, _)| subject)));
        let documents = self.documents.from(&from).take_while(|((ledger, _), _)| *ledger == Ledger::Order);
        'all: for ((ledger, subject), document) in documents {
            for line in document.claims.keys() {
                if after.is_some_and(|after| (subject.as_str(), line.as_str()) <= after) {
                    continue;
                }
                let Some(claim) = self.claim(*ledger, subject, line, now) else { continue };
                if claim.status != ClaimStatus::Open || claim.open == 0 || claim.node == NONE {
                    continue;
                }
                if page.len() == most {
                    next = page.last().map(|(subject, line, _)| PromiseRef {
                        subject: (*subject).clone(),
                        line: (*line).clone(),
                    });
                    break 'all;
                }
                page.push((subject, line, claim));
            }
        }
        let lost = self.lost_on(&page.iter().map(|(.., claim)| claim.shelf()).gather(), now);
        let promises = page.into_iter().map(|(subject, line, claim)| {
            let lost = lost.get(&(Ledger::Order, subject.clone(), line.clone())).copied().unwrap_or(0);
            self.open_promise(subject, line, &claim, lost, now)
        });
        Ok(PromisesPage { promises: promises.gather(), next })
    }

    fn open_promise(&self, subject: &Name, line: &Name, claim: &Claim, lost: i64, now: i64) -> OpenPromise {
        let supply = self.supplies.find(claim.supply);
        // What a supply no longer meets comes from the shelf, as far as that covers it.
        let brings = supply.filter(|supply| supply.owner == 0);
        let due = brings.and_then(|supply| supply.due()).map_or(now, |due| due.max(now));
        OpenPromise {
            subject: subject.clone(),
            line: line.clone(),
            sku: self.sku_name(claim.sku),
            node: self.location_name(claim.node),
            supply: supply.map(|supply| Name::known(self.words.text(supply.name))),
            units: claim.open,
            covered: claim.open - lost,
            ready: (lost == 0).then_some(due),
        }
    }

    /// Units that claims lose on shelves, by their ledger, subject and line.
    fn lost_on(&self, shelves: &[PositionKey], now: i64) -> Map<(Ledger, Name, Name), i64> {
        let losing = self.losing(shelves, now).into_iter();
        losing.map(|one| ((one.ledger, one.subject, one.line), one.units)).collect()
    }

    /// What can be offered to an order that holds claims: they are given back for the question, so that it may keep what it has,
    /// get it earlier or cheaper, or more of it. Nothing is copied, and nothing moves.
    ///
    /// What is picked for the order already is no part of the question.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`].
    ///
    /// ```
    /// use onhand::promise::{Destination, Request};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// book.evolve(&event)?;
    /// let order = Name::new("order-1")?;
    /// let hold = Event { id: Id::Number(2), kind: Kind::Reserve, subject: Some(order.clone()), ..event };
    /// book.execute(&hold).unwrap();
    /// let to = Destination::PickUp(Name::new("store-1")?);
    /// let request = Request::new(to, Time::new(60_000).unwrap()).line(Name::new("TEA-250")?, 3)?;
    /// assert_eq!(book.promise(&request)?.unmet[0].quantity, 3);
    /// assert!(book.promise_again(&request, &order)?.unmet.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn promise_again(&self, request: &Request, order: &Name) -> Result<Offer, RequestRefused> {
        let question = self.question(request)?;
        let overlay = self.given_back(order, question.now);
        let plan = self.plan_if(&question, &overlay)?;
        Ok(self.offer(request, &question, &plan))
    }

    /// The claims of an order given back, for [`Book::plan_if`].
    pub fn given_back(&self, order: &Name, now: i64) -> Overlay {
        let mut overlay = Overlay::default();
        self.give_back(order, now, &mut overlay);
        overlay
    }

    pub(super) fn give_back(&self, order: &Name, now: i64, overlay: &mut Overlay) {
        let Some(document) = self.documents.get(&(Ledger::Order, order.clone())) else { return };
        for line in document.claims.keys() {
            if let Some(claim) = self.claim(Ledger::Order, order, line, now) {
                overlay.give_back(self, &claim);
            }
        }
    }
}
