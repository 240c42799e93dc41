//! What if: the same question on a changed view. Nothing is copied: a few differences are laid over what is gathered.

use alloc::vec::Vec;

use super::gather::{Dated, Stock};
use super::{Offer, Plan, Question, Request, RequestRefused, Risk};
use crate::book::Book;
use crate::claim::{Claim, ClaimStatus};
use crate::dense::NONE;
use crate::limits::{BALANCE_MAX, CHANGES_MAX, QUANTITY_MAX, TIME_MAX};
use crate::name::Name;
use crate::rows::NameKind;

/// Something that is supposed to be otherwise than the book says. `N` is a name or, for bindings, its number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Change<N = Name> {
    /// So many sellable units more are on hand, or fewer when below zero.
    Stock {
        /// The item.
        sku: N,
        /// Where.
        node: N,
        /// Units, either way.
        units: i64,
    },
    /// Units that nobody has announced become due.
    Supply {
        /// The item.
        sku: N,
        /// Where.
        node: N,
        /// Units, at least 1.
        units: i64,
        /// When, in milliseconds.
        due: i64,
    },
    /// An announced supply comes at another moment.
    Moved {
        /// The purchase order or transfer.
        supply: N,
        /// The item.
        sku: N,
        /// Where.
        node: N,
        /// When, in milliseconds; `None`: it does not come, and what was claimed on it falls on what is on hand.
        due: Option<i64>,
    },
    /// A node is on line, or off.
    OnLine {
        /// The node.
        node: N,
        /// Whether it is.
        on_line: bool,
    },
    /// Nothing of an item is held back at a node.
    Unprotected {
        /// The item.
        sku: N,
        /// Where.
        node: N,
    },
}

/// Changes in the numbers of a book: what is laid over the view.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Item, node, and units more.
    stock: Vec<(u32, u32, i64)>,
    buckets: Vec<Bucket>,
    /// Item, node, units and moment of what nobody has announced.
    coming: Vec<(u32, u32, i64, i64)>,
    on_line: Vec<(u32, bool)>,
    /// Item and node.
    unprotected: Vec<(u32, u32)>,
}

/// What a plan is worked out on beside the book: what is supposed otherwise, and what may go wrong.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) overlay: &'a Overlay,
    pub(super) risk: Option<&'a Risk<u32>>,
}

impl<'a> View<'a> {
    pub(super) fn of(overlay: &'a Overlay) -> View<'a> {
        View { overlay, risk: None }
    }
}

/// A supply as it is supposed to be.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    supply: u32,
    open: i64,
    claimed: i64,
    due: i64,
}

impl Overlay {
    /// Nothing is supposed to be otherwise.
    pub(super) fn is_empty(&self) -> bool {
        (self.stock.len(), self.buckets.len(), self.coming.len(), self.unprotected.len()) == (0, 0, 0, 0)
    }

    /// Units that nobody has claimed of a supply and when it is due, where that is supposed to be otherwise.
    pub(super) fn supply(&self, supply: u32) -> Option<(i64, i64)> {
        let bucket = self.buckets.iter().find(|bucket| bucket.supply == supply)?;
        Some((bucket.open - bucket.claimed, bucket.due))
    }

    /// Whether a node is on line, where that is supposed.
    pub(super) fn on_line(&self, node: u32) -> Option<bool> {
        self.on_line.iter().rev().find(|(one, _)| *one == node).map(|(_, on_line)| *on_line)
    }

    /// Units of an item more on hand at a node.
    pub(super) fn add_stock(&mut self, sku: u32, node: u32, units: i64) {
        self.stock.push((sku, node, units));
    }

    /// A claim given back: what is claimed on hand only while it is open, what is claimed on supply until its end is recorded.
    pub(super) fn give_back(&mut self, book: &Book, claim: &Claim) {
        if let Some(bucket) = self.bucket(book, claim.supply) {
            bucket.claimed -= claim.open;
        } else if claim.status == ClaimStatus::Open && claim.node != NONE && claim.owner == 0 {
            self.add_stock(claim.sku, claim.node, claim.open);
        }
    }

    /// Whether nothing of an item is held back at a node.
    pub(super) fn is_unprotected(&self, sku: u32, node: u32) -> bool {
        self.unprotected.contains(&(sku, node))
    }

    /// Units of an item more on the shelf of a node, what is held back apart.
    pub(super) fn on_shelf(&self, book: &Book, sku: u32, node: u32) -> i64 {
        let stock = self.stock.iter().copied().chain(self.spills(book));
        stock.filter(|(of, at, _)| (*of, *at) == (sku, node)).map(|(.., units)| units).sum()
    }

    /// Units of an item more that the record of a node would have, those that nobody has announced among them once they are there.
    pub(super) fn on_record(&self, book: &Book, sku: u32, node: u32) -> i64 {
        let coming = self.coming.iter().filter(|(of, at, ..)| (*of, *at) == (sku, node));
        self.on_shelf(book, sku, node) + coming.map(|(.., units, _)| units).sum::<i64>()
    }

    /// What supplies give back to the shelf, or claim from it, by what they can meet: item, node, units.
    fn spills(&self, book: &Book) -> impl Iterator<Item = (u32, u32, i64)> {
        self.buckets.iter().filter_map(|bucket| {
            let held = book.supplies.find(bucket.supply)?;
            let spill = (bucket.claimed - bucket.open).max(0);
            Some((held.sku, held.node, held.spill() - spill))
        })
    }

    /// A supply, to be supposed otherwise.
    fn bucket(&mut self, book: &Book, supply: u32) -> Option<&mut Bucket> {
        if let Some(at) = self.buckets.iter().position(|bucket| bucket.supply == supply) {
            return self.buckets.get_mut(at);
        }
        let held = book.supplies.find(supply)?;
        let due = held.due().unwrap_or(i64::MAX);
        self.buckets.push(Bucket { supply, open: held.open(), claimed: held.claimed, due });
        self.buckets.last_mut()
    }
}

impl Book {
    /// What could be offered if a few things were otherwise. The book is not copied and not changed.
    ///
    /// Units that are only supposed have no name: they are offered without a supply, from the moment they would be there.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`]; what a change names must be known, and [`RequestRefused::OutOfRange`] says which number is not in
    /// its range or that there are more than [`CHANGES_MAX`] changes.
    ///
    /// ```
    /// use onhand::promise::{Change, Destination, Request};
    /// use onhand::{Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let book = testing::book(&["TEA-250"], &["store-1"]);
    /// let (sku, node) = (Name::new("TEA-250")?, Name::new("store-1")?);
    /// let request = Request::new(Destination::PickUp(node.clone()), Time::new(60_000).unwrap()).line(sku.clone(), 2)?;
    /// assert_eq!(book.promise(&request)?.unmet[0].quantity, 2);
    /// let offer = book.promise_if(&request, &[Change::Stock { sku, node, units: 2 }])?;
    /// assert_eq!((offer.unmet.len(), offer.shipments[0].lines[0].quantity), (0, 2));
    /// # Ok(()) }
    /// ```
    pub fn promise_if(&self, request: &Request, changes: &[Change]) -> Result<Offer, RequestRefused> {
        if changes.len() > CHANGES_MAX {
            return Err(RequestRefused::out_of_range("changes"));
        }
        let changes = changes.iter().map(|change| self.numbered(change)).collect::<Result<Vec<_>, _>>()?;
        let overlay = self.overlay(&changes)?;
        let question = self.question(request)?;
        let plan = self.plan_if(&question, &overlay)?;
        Ok(self.offer(request, &question, &plan))
    }

    /// Changes in the numbers of this book, for [`Book::plan_if`].
    ///
    /// # Errors
    ///
    /// [`RequestRefused::OutOfRange`] with the field of the change that is not in its range or is not known.
    pub fn overlay(&self, changes: &[Change<u32>]) -> Result<Overlay, RequestRefused> {
        if changes.len() > CHANGES_MAX {
            return Err(RequestRefused::out_of_range("changes"));
        }
        let mut overlay = Overlay::default();
        for change in changes {
            self.check_change(change)?;
            match *change {
                Change::Stock { sku, node, units } => overlay.add_stock(sku, node, units),
                Change::Supply { sku, node, units, due } => overlay.coming.push((sku, node, units, due)),
                Change::OnLine { node, on_line } => overlay.on_line.push((node, on_line)),
                Change::Unprotected { sku, node } => overlay.unprotected.push((sku, node)),
                Change::Moved { supply, sku, node, due } => {
                    let id = self.supply_ids.get(&(supply, sku, node)).copied().unwrap_or(NONE);
                    let bucket =
                        overlay.bucket(self, id).ok_or(RequestRefused::out_of_range("changes.supply"))?;
                    match due {
                        Some(due) => bucket.due = due,
                        None => bucket.open = 0,
                    }
                }
            }
        }
        Ok(overlay)
    }

    fn check_change(&self, change: &Change<u32>) -> Result<(), RequestRefused> {
        let known_sku = |sku: u32| self.skus.find(sku).is_some_and(|sku| sku.item.is_some());
        let known_node = |node: u32| self.locations.find(node).is_some_and(|node| node.terms.is_some());
        let moment = |due: i64| (0..=TIME_MAX).contains(&due);
        let (sku, node, units, due) = match *change {
            Change::Stock { sku, node, units } => (Some(sku), node, units.abs() <= QUANTITY_MAX, true),
            Change::Supply { sku, node, units, due } => {
                (Some(sku), node, (1..=QUANTITY_MAX).contains(&units), moment(due))
            }
            Change::Moved { sku, node, due, .. } => (Some(sku), node, true, due.is_none_or(moment)),
            Change::OnLine { node, .. } => (None, node, true, true),
            Change::Unprotected { sku, node } => (Some(sku), node, true, true),
        };
        let fields = [
            ("changes.sku", sku.is_none_or(known_sku)),
            ("changes.node", known_node(node)),
            ("changes.units", units),
            ("changes.due", due),
        ];
        match fields.iter().find(|(_, within)| !within) {
            Some((field, _)) => Err(RequestRefused::out_of_range(field)),
            None => Ok(()),
        }
    }

    pub(super) fn numbered(&self, change: &Change) -> Result<Change<u32>, RequestRefused> {
        let sku_of = |sku: &Name| {
            self.known_sku(sku.as_str()).ok_or_else(|| RequestRefused::UnknownSku { sku: sku.clone() })
        };
        let node_of = |node: &Name| {
            self.known_node(node.as_str()).ok_or_else(|| RequestRefused::UnknownNode { node: node.clone() })
        };
        Ok(match change {
            Change::Stock { sku, node, units } => {
                Change::Stock { sku: sku_of(sku)?, node: node_of(node)?, units: *units }
            }
            Change::Supply { sku, node, units, due } => {
                Change::Supply { sku: sku_of(sku)?, node: node_of(node)?, units: *units, due: *due }
            }
            Change::Moved { supply, sku, node, due } => Change::Moved {
                supply: self.number_of(NameKind::Word, supply.as_str()),
                sku: sku_of(sku)?,
                node: node_of(node)?,
                due: *due,
            },
            Change::OnLine { node, on_line } => Change::OnLine { node: node_of(node)?, on_line: *on_line },
            Change::Unprotected { sku, node } => {
                Change::Unprotected { sku: sku_of(sku)?, node: node_of(node)? }
            }
        })
    }

    /// [`Book::promise_if`] in numbers, for bindings.
    ///
    /// # Errors
    ///
    /// As [`Book::promise`].
    pub fn plan_if(&self, question: &Question, overlay: &Overlay) -> Result<Plan, RequestRefused> {
        self.check_question(question)?;
        self.plan_over(question, View::of(overlay))
    }

    /// Lays differences over what was read from the book.
    pub(super) fn lay_over(&self, question: &Question, overlay: &Overlay, stock: &mut Stock<'_>) {
        let methods = self.methods_of(question);
        let unprotected = overlay.unprotected.iter();
        let held_back = unprotected.map(|(sku, node)| (*sku, *node, self.kept(*sku, *node, &methods)));
        for (sku, node, units) in overlay.stock.iter().copied().chain(overlay.spills(self)).chain(held_back) {
            let rank = self.locations[node].rank;
            if let Some(free) = question.place_of(sku).and_then(|line| stock.free_mut(rank, line)) {
                *free = (*free + units).clamp(-BALANCE_MAX, BALANCE_MAX);
            }
        }
    }

    /// The methods that may be used: those that are wanted, or all that lead there.
    #[cfg_attr(onhand_small, inline(never))]
    pub(super) fn methods_of(&self, question: &Question) -> Vec<u32> {
        let mut methods = question.methods.clone();
        if methods.is_empty() && !question.pick_up {
            // There are a few methods, and as many ways as nodes times methods.
            for way in self.lanes.to(question.to) {
                if !methods.contains(&way.method) {
                    methods.push(way.method);
                }
            }
        }
        methods
    }

    /// Units of an item held back at a node; of several methods the largest holds.
    #[cfg_attr(onhand_small, inline(never))]
    pub(super) fn kept(&self, sku: u32, node: u32, methods: &[u32]) -> i64 {
        let of_methods = methods.iter().map(|method| self.protected(sku, node, *method));
        of_methods.max().unwrap_or_else(|| self.protected(sku, node, NONE))
    }

    /// What nobody has announced, as supply that is due within the horizon.
    pub(super) fn supposed_supply(&self, question: &Question, overlay: &Overlay, dated: &mut Vec<Dated>) {
        let until = question.now.saturating_add(question.policy.horizon_ms);
        for (sku, node, units, due) in &overlay.coming {
            if let Some(line) = question.place_of(*sku).filter(|_| *due <= until) {
                let ready = (*due).max(question.now);
                dated.push(Dated { node: *node, line, ready, supply: NONE, units: *units });
            }
        }
    }
}

impl Question {
    /// The line of an item.
    pub(super) fn place_of(&self, sku: u32) -> Option<usize> {
        self.lines.iter().position(|(held, _)| *held == sku)
    }
}
