//! Who loses and who gains when an item at a node is promised anew: by a declared strategy for each order line.
//!
//! All claims that are named are given back, and what is there then, on hand and to come, is dealt out again in this order, within
//! each step by the order in which the lines are given: `gain` keeps what it has; `win` gets all it wants in time; `gain` gets more;
//! `redistribute` gets what it wants; `fill` gets no more than it had; `lose` gets nothing. Claims that are not named keep what they have.
//! The strategies are those of SAP's backorder processing; that what `gain` holds is set aside before `win` takes anything is ours, as
//! `win` alone is said to end in an exception.

use alloc::vec::Vec;

use super::RequestRefused;
use super::whatif::Overlay;
use crate::book::Book;
use crate::claim::{Claim, ClaimStatus};
use crate::dense::NONE;
use crate::kind::Ledger;
use crate::limits::{LINES_MAX, QUANTITY_MAX, REDISTRIBUTED_SUPPLIES_MAX};
use crate::measure::Time;
use crate::name::Name;
use crate::ordered::{Gather as _, Set, sort_by};
use crate::place::{StockState, codes};
use crate::stock::PositionKey;

/// What becomes of an order line when there is more or less than was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// All that it wants, in time; else it is an exception.
    Win,
    /// It keeps what it has and may get more; if it cannot keep it, it is an exception.
    Gain,
    /// It may gain and lose.
    Redistribute,
    /// It gains nothing and may lose.
    Fill,
    /// It loses all.
    Lose,
}

codes!(Strategy: Win "win", Gain "gain", Redistribute "redistribute", Fill "fill", Lose "lose");

#[cfg(feature = "serde")]
impl serde::Serialize for Strategy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// What an order line wants, whether it holds a claim already or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The order.
    pub subject: Name,
    /// Its line.
    pub line: Name,
    /// What becomes of it.
    pub strategy: Strategy,
    /// Units that it wants in all, those that it holds included.
    pub wanted: i64,
    /// The latest moment at which units are of use, in milliseconds; `None` for any.
    pub needed_by: Option<i64>,
}

/// What became of an order line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dealt {
    /// The order.
    pub subject: Name,
    /// Its line.
    pub line: Name,
    /// By which strategy.
    pub strategy: Strategy,
    /// Units that it held.
    pub held: i64,
    /// Units that it wants.
    pub wanted: i64,
    /// What it gets: on hand first, then supply by the moment it is due.
    pub gets: Vec<Got>,
    /// The strategy could not be kept to: `win` gets less than it wants, or `gain` less than it had.
    pub exception: bool,
}

/// Units that an order line gets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Got {
    /// The dated supply; `None` for what is on hand.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub supply: Option<Name>,
    /// Units, at least 1.
    pub units: i64,
    /// When they are there, in milliseconds.
    pub ready: i64,
}

/// What there is to deal out.
struct Source {
    supply: u32,
    ready: i64,
    /// Units that claims may be kept on.
    left: i64,
    /// Of those, units that nobody may gain: they are protected.
    protected: i64,
    /// Somebody has gained units: what is protected is out of reach for all who come later.
    gained: bool,
}

/// An order line while units are dealt out.
struct Hand<'a> {
    want: &'a Want,
    held: i64,
    /// Where its claim is.
    own: u32,
    /// By source: units dealt to it.
    gets: Vec<i64>,
}

impl Hand<'_> {
    fn dealt(&self) -> i64 {
        self.gets.iter().sum()
    }

    /// Takes units until it has so many, of its own source first, then of the earliest; `in_time` leaves out what comes too late.
    fn take(&mut self, up_to: i64, in_time: bool, sources: &mut [Source]) {
        let own = sources.iter().position(|source| source.supply == self.own && self.held > 0);
        for at in own.into_iter().chain(0..sources.len()) {
            let (Some(source), Some(got)) = (sources.get_mut(at), self.gets.get(at).copied()) else {
                continue;
            };
            if in_time && self.want.needed_by.is_some_and(|by| source.ready > by) {
                continue;
            }
            // A claim may be kept on what is protected; nobody gains it.
            let kept = if Some(at) == own && !source.gained { (self.held - got).max(0) } else { 0 };
            let most = source.left.min(kept.max(source.left - source.protected)).max(0);
            let units = most.min(up_to - self.dealt()).max(0);
            source.left -= units;
            source.gained |= units > kept;
            self.gets.get_mut(at).into_iter().for_each(|got| *got += units);
        }
    }
}

impl Book {
    /// Deals out anew what there is of an item at a node, on hand and to come, among order lines, by their strategies. Commits
    /// nothing: the caller resizes, releases and reserves as it says, those that lose first.
    ///
    /// Lines come in the order of their priority, at most [`LINES_MAX`]; a line without a claim may want units too. The first
    /// [`REDISTRIBUTED_SUPPLIES_MAX`] supplies are looked at.
    ///
    /// # Errors
    ///
    /// [`RequestRefused`] for an item or node that is not known, and [`RequestRefused::OutOfRange`] for a quantity, for too many lines,
    /// for a line that is named twice, and for a claim that is on another item or node.
    ///
    /// ```
    /// use onhand::promise::{Strategy, Want};
    /// use onhand::{Event, Id, Kind, Line, Name, Time, testing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut book = testing::book(&["TEA-250"], &["store-1"]);
    /// let mut event = Event::new(Name::new("dock")?, Id::Number(1), Kind::Receipt, Time::new(60_000).unwrap());
    /// event.node = Some(Name::new("store-1")?);
    /// event.lines.push(Line::new(Name::new("TEA-250")?, 3)?);
    /// book.evolve(&event)?;
    /// let want = |order: &str, strategy, wanted| {
    ///     let (subject, line) = (Name::new(order).unwrap(), Name::new("1").unwrap());
    ///     Want { subject, line, strategy, wanted, needed_by: None }
    /// };
    /// let wants = [want("order-1", Strategy::Redistribute, 2), want("order-2", Strategy::Win, 2)];
    /// let dealt = book.redistribute("TEA-250", "store-1", Time::new(60_000).unwrap(), &wants)?;
    /// assert_eq!((dealt[0].gets[0].units, dealt[1].gets[0].units), (1, 2));
    /// # Ok(()) }
    /// ```
    pub fn redistribute(
        &self,
        sku: &str,
        node: &str,
        now: Time,
        wants: &[Want],
    ) -> Result<Vec<Dealt>, RequestRefused> {
        let unknown = |text: &str| Name::new(text).map_err(|_| RequestRefused::out_of_range("name"));
        let Some(sku) = self.known_sku(sku) else {
            return Err(RequestRefused::UnknownSku { sku: unknown(sku)? });
        };
        let Some(node) = self.known_node(node) else {
            return Err(RequestRefused::UnknownNode { node: unknown(node)? });
        };
        let now = now.millis();
        let mut overlay = Overlay::default();
        let mut hands = self.hands(sku, node, now, wants, &mut overlay)?;
        let mut sources = self.sources(sku, node, now, &overlay);
        for hand in &mut hands {
            hand.gets.resize(sources.len(), 0);
        }
        deal(&mut hands, &mut sources);
        let dealt = hands.into_iter().map(|hand| {
            let gets = hand.gets.iter().zip(&sources).filter(|(units, _)| **units > 0);
            let gets = gets.map(|(units, source)| Got {
                supply: self.supplies.find(source.supply).map(|one| Name::known(self.words.text(one.name))),
                units: *units,
                ready: source.ready,
            });
            let Want { subject, line, strategy, wanted, .. } = hand.want.clone();
            let exception = match strategy {
                Strategy::Win => hand.dealt() < wanted,
                Strategy::Gain => hand.dealt() < hand.held.min(wanted),
                _ => false,
            };
            Dealt { subject, line, strategy, held: hand.held, wanted, gets: gets.gather(), exception }
        });
        Ok(dealt.gather())
    }

    /// The lines with what they hold, given back.
    fn hands<'a>(
        &self,
        sku: u32,
        node: u32,
        now: i64,
        wants: &'a [Want],
        overlay: &mut Overlay,
    ) -> Result<Vec<Hand<'a>>, RequestRefused> {
        if wants.len() > LINES_MAX {
            return Err(RequestRefused::out_of_range("wants"));
        }
        let mut named: Set<(&Name, &Name)> = Set::new();
        let mut hands = Vec::with_capacity(wants.len());
        for want in wants {
            if !(0..=QUANTITY_MAX).contains(&want.wanted) {
                return Err(RequestRefused::out_of_range("wants.wanted"));
            }
            if !named.add((&want.subject, &want.line)) {
                return Err(RequestRefused::out_of_range("wants.line"));
            }
            let is_open = |claim: &Claim| claim.status == ClaimStatus::Open && claim.open > 0;
            let claim = self.claim(Ledger::Order, &want.subject, &want.line, now).filter(is_open);
            let (held, own) = claim.as_ref().map_or((0, NONE), |claim| (claim.open, claim.supply));
            if let Some(claim) = &claim {
                if claim.shelf() != PositionKey::plain(sku, node, StockState::Sellable) {
                    return Err(RequestRefused::out_of_range("wants.line"));
                }
                overlay.give_back(self, claim);
            }
            hands.push(Hand { want, held, own, gets: Vec::new() });
        }
        Ok(hands)
    }

    /// What there is once the claims are given back: on hand, then supply by the moment it is due and its name.
    fn sources(&self, sku: u32, node: u32, now: i64, overlay: &Overlay) -> Vec<Source> {
        let shelf = self.shelf(sku, node, now);
        let free = shelf.fit() - shelf.claimed + overlay.on_shelf(self, sku, node);
        let mut sources = Vec::new();
        for id in &self.skus[sku].supplies {
            let supply = &self.supplies[*id];
            let said = (supply.open() - supply.claimed, supply.due().unwrap_or(i64::MAX));
            let (units, due) = overlay.supply(*id).unwrap_or(said);
            if supply.node == node && units > 0 && due != i64::MAX {
                sources.push(Source {
                    supply: *id,
                    ready: due.max(now),
                    left: units,
                    protected: 0,
                    gained: false,
                });
            }
        }
        sort_by(&mut sources, |one, other| {
            let name = |source: &Source| {
                self.supplies.find(source.supply).map_or("", |one| self.words.text(one.name))
            };
            one.ready.cmp(&other.ready).then_with(|| name(one).cmp(name(other)))
        });
        sources.truncate(REDISTRIBUTED_SUPPLIES_MAX);
        // What is to come fills a deficit first.
        let mut deficit = (free + shelf.backorder_limit).min(0);
        for source in &mut sources {
            let fills = source.left.min(-deficit);
            source.left -= fills;
            deficit += fills;
        }
        let left = (free + shelf.backorder_limit).max(0);
        sources
            .insert(0, Source { supply: NONE, ready: now, left, protected: shelf.protected, gained: false });
        sources
    }
}

/// Deals out by strategy, and within each by the order in which the lines are given.
fn deal(hands: &mut [Hand<'_>], sources: &mut [Source]) {
    type Step = (Strategy, fn(&Hand<'_>) -> i64, bool);
    let steps: [Step; 5] = [
        (Strategy::Gain, |hand| hand.held.min(hand.want.wanted), false),
        (Strategy::Win, |hand| hand.want.wanted, true),
        (Strategy::Gain, |hand| hand.want.wanted, true),
        (Strategy::Redistribute, |hand| hand.want.wanted, true),
        (Strategy::Fill, |hand| hand.held.min(hand.want.wanted), true),
    ];
    for (strategy, up_to, in_time) in steps {
        for hand in hands.iter_mut().filter(|hand| hand.want.strategy == strategy) {
            let up_to = up_to(hand);
            hand.take(up_to, in_time, sources);
        }
    }
}
