//! What is asked.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Question;
use crate::book::Book;
use crate::limits::{DURATION_MAX, REQUEST_LINES_MAX};
use crate::measure::{OutOfRange, Quantity, Time};
use crate::name::Name;
use crate::place::codes;
use crate::sentence::{InWords, printed, sentence};
use crate::sourcing::STEPS_DEFAULT;

/// A question about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Request {
    /// What is wanted, 1 to [`REQUEST_LINES_MAX`] lines; lines of one item are filled in the order given.
    pub lines: Vec<RequestLine>,
    /// Where to.
    pub to: Destination,
    /// Methods that may be used; none means every method there is. A node ships by the one whose parcel costs least of those in time.
    #[cfg_attr(feature = "serde", serde(default))]
    pub methods: Vec<Name>,
    /// The sales channel that asks.
    #[cfg_attr(feature = "serde", serde(default))]
    pub channel: Option<Name>,
    /// The moment of the question: holds that end before it no longer count.
    pub now: Time,
    /// The latest arrival that is of use.
    #[cfg_attr(feature = "serde", serde(default))]
    pub needed_by: Option<Time>,
    /// How to choose among plans.
    #[cfg_attr(feature = "serde", serde(default))]
    pub policy: Policy,
    /// How much to explain. The plan is the same at each level.
    #[cfg_attr(feature = "serde", serde(default))]
    pub explain: Explain,
}

/// A line of a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RequestLine {
    /// The item.
    pub sku: Name,
    /// Units, at least 1.
    pub quantity: Quantity,
    /// What the asker calls the line; the SKU's name unless said.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub line: Option<Name>,
}

/// Where an order goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Destination {
    /// Delivered to a zone.
    Zone(Name),
    /// Picked up at a node.
    PickUp(Name),
}

/// How to choose among plans.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
pub struct Policy {
    /// A line may come from several nodes.
    pub line_split: bool,
    /// Everything or nothing.
    pub ship_complete: bool,
    /// A node ships what it ships of the order in one parcel, once all of it is there. Unless said, what is ready earlier leaves earlier,
    /// in a parcel of its own.
    pub consolidate: bool,
    /// Most parcels of the order.
    pub nodes_max: Option<u32>,
    /// How far ahead dated supply is looked at, in milliseconds; at most a year.
    pub horizon_ms: i64,
    /// What a unit that is not filled costs, in minor units: more than any way to fill it.
    pub shortfall_cost: i64,
    /// How hard to look.
    pub search: Search,
    /// Steps after which the best plan found is answered, with a bound.
    pub steps_max: u64,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            line_split: true,
            ship_complete: false,
            consolidate: false,
            nodes_max: None,
            horizon_ms: 60 * 86_400_000,
            shortfall_cost: 1_000_000,
            search: Search::Exact,
            steps_max: STEPS_DEFAULT,
        }
    }
}

/// How hard to look for the cheapest plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Search {
    /// The cheapest plan, proven or with a bound.
    #[default]
    Exact,
    /// A good plan at once.
    Greedy,
}

codes!(Search: Exact "exact", Greedy "greedy");

/// How much an offer explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explain {
    /// Only the plan.
    None,
    /// What binds and what is missing.
    #[default]
    Summary,
    /// Also, for every node that is not used, the check that it failed or what using it would cost at least.
    Full,
}

codes!(Explain: None "none", Summary "summary", Full "full");

/// Why a request cannot be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestRefused {
    /// No line.
    NoLines,
    /// More than [`REQUEST_LINES_MAX`] lines.
    TooManyLines {
        /// How many.
        lines: usize,
    },
    /// A quantity below 1.
    QuantityNotPositive {
        /// Which line, counted from 0.
        line: usize,
        /// Its quantity.
        quantity: i64,
    },
    /// A number outside its range.
    OutOfRange {
        /// The field; of a rulebook by all its keys, as `rules[3].then.capacity.rows[0]`.
        field: Cow<'static, str>,
    },
    /// The book does not know the node that the order is to be picked up at.
    UnknownNode {
        /// The node.
        node: Name,
    },
    /// The book does not know the item.
    UnknownSku {
        /// The item.
        sku: Name,
    },
}

impl RequestRefused {
    pub(crate) const fn out_of_range(field: &'static str) -> RequestRefused {
        RequestRefused::OutOfRange { field: Cow::Borrowed(field) }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            RequestRefused::NoLines => "no_lines",
            RequestRefused::TooManyLines { .. } => "too_many_lines",
            RequestRefused::QuantityNotPositive { .. } => "quantity_not_positive",
            RequestRefused::OutOfRange { .. } => "out_of_range",
            RequestRefused::UnknownNode { .. } => "unknown_node",
            RequestRefused::UnknownSku { .. } => "unknown_sku",
        }
    }
}

/// The code, then the facts.
impl InWords for RequestRefused {
    fn in_words(&self) -> String {
        let facts = match self {
            RequestRefused::NoLines => String::new(),
            RequestRefused::TooManyLines { lines } => sentence!(": ", *lines, " lines"),
            RequestRefused::QuantityNotPositive { line, quantity } => {
                sentence!(": `lines[", *line, "]` asks for ", *quantity)
            }
            RequestRefused::OutOfRange { field } => sentence!(": `", field.as_ref(), "`"),
            RequestRefused::UnknownNode { node } => sentence!(": node `", node.as_str(), "`"),
            RequestRefused::UnknownSku { sku } => sentence!(": SKU `", sku.as_str(), "`"),
        };
        sentence!(self.code(), facts)
    }
}

printed!(RequestRefused);

impl Request {
    /// A request without lines, with the default policy and explanation.
    pub fn new(to: Destination, now: Time) -> Request {
        Request {
            lines: Vec::new(),
            to,
            methods: Vec::new(),
            channel: None,
            now,
            needed_by: None,
            policy: Policy::default(),
            explain: Explain::default(),
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] for a number of units that is no quantity.
    pub fn line(mut self, sku: Name, units: i64) -> Result<Request, OutOfRange> {
        self.lines.push(RequestLine { sku, quantity: Quantity::try_from(units)?, line: None });
        Ok(self)
    }
}

impl Book {
    /// The request in the numbers of this book, one line for each item.
    pub(super) fn question(&self, request: &Request) -> Result<Question, RequestRefused> {
        // Lines of one item become one: what is too long is told before it is looked at.
        if request.lines.len() > REQUEST_LINES_MAX {
            return Err(RequestRefused::TooManyLines { lines: request.lines.len() });
        }
        let mut lines: Vec<(u32, i64)> = Vec::new();
        for (at, line) in request.lines.iter().enumerate() {
            let quantity = line.quantity.units();
            if quantity < 1 {
                return Err(RequestRefused::QuantityNotPositive { line: at, quantity });
            }
            let sku = self
                .known_sku(line.sku.as_str())
                .ok_or_else(|| RequestRefused::UnknownSku { sku: line.sku.clone() })?;
            match lines.iter_mut().find(|(held, _)| *held == sku) {
                Some((_, sum)) => *sum += quantity,
                None => lines.push((sku, quantity)),
            }
        }
        let (to, pick_up) = match &request.to {
            // A zone that no lane goes to has no number: nothing ships to it.
            Destination::Zone(zone) => (self.words.id(zone.as_str()).unwrap_or(u32::MAX), false),
            Destination::PickUp(node) => (
                self.known_node(node.as_str())
                    .ok_or_else(|| RequestRefused::UnknownNode { node: node.clone() })?,
                true,
            ),
        };
        let word = |method: &Name| self.words.id(method.as_str()).unwrap_or(u32::MAX);
        Ok(Question {
            lines,
            to,
            pick_up,
            methods: request.methods.iter().map(word).collect(),
            now: request.now.millis(),
            needed_by: request.needed_by.map_or(i64::MAX, Time::millis),
            policy: request.policy.clone(),
            explain: request.explain,
        })
    }

    pub(super) fn check_question(&self, question: &Question) -> Result<(), RequestRefused> {
        let policy = &question.policy;
        if question.lines.is_empty() {
            return Err(RequestRefused::NoLines);
        }
        if question.lines.len() > REQUEST_LINES_MAX {
            return Err(RequestRefused::TooManyLines { lines: question.lines.len() });
        }
        for (line, (sku, quantity)) in question.lines.iter().enumerate() {
            if *quantity < 1 {
                return Err(RequestRefused::QuantityNotPositive { line, quantity: *quantity });
            }
            if self.skus.find(*sku).is_none_or(|sku| sku.item.is_none()) {
                return Err(RequestRefused::out_of_range("lines.sku"));
            }
        }
        let known_to =
            !question.pick_up || self.locations.find(question.to).is_some_and(|node| node.terms.is_some());
        let ranges = [
            ("to", known_to),
            ("now", Time::new(question.now).is_some()),
            ("policy.horizon_ms", (0..=DURATION_MAX).contains(&policy.horizon_ms)),
            ("policy.shortfall_cost", (0..=crate::sourcing::COST_MAX).contains(&policy.shortfall_cost)),
            ("policy.nodes_max", policy.nodes_max != Some(0)),
        ];
        match ranges.iter().find(|(_, within)| !within) {
            Some((field, _)) => Err(RequestRefused::out_of_range(field)),
            None => Ok(()),
        }
    }
}
