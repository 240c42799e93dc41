//! The table of limits, and an event held against it.

use alloc::vec::Vec;

use super::NotAllowed;
use crate::book::Book;
use crate::event::Event;
use crate::kind::{End, Kind};
use crate::name::Name;
use crate::ordered::{Map, Set};
use crate::place::codes;

/// What may be done without approval, and who may approve the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Policy {
    /// The first rule that fits an event decides. A kind that no rule names is not guarded.
    pub rules: Vec<Rule>,
    /// Roles that may grant and refuse; everybody else than the requester when empty.
    pub approvers: Vec<Name>,
    /// By how much the moment of a guarded intent may differ from the moment at which the desk hears of it, in milliseconds; any unless
    /// said. Without it, who chooses the moment of an intent chooses which others it counts together with.
    #[cfg_attr(feature = "serde", serde(default))]
    pub skew_ms: Option<i64>,
}

/// A row of the table. Parts that are not said fit everything, limits that are not said do not limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rule {
    /// What refusals call it.
    pub name: Name,
    /// The kinds that it is about. Its limits are on all that this rule decides, together.
    pub kinds: Vec<Kind>,
    /// The role of the actor.
    #[cfg_attr(feature = "serde", serde(default))]
    pub role: Option<Name>,
    /// The reason.
    #[cfg_attr(feature = "serde", serde(default))]
    pub reason: Option<Name>,
    /// The node.
    #[cfg_attr(feature = "serde", serde(default))]
    pub node: Option<Name>,
    /// For how long one person's events at one node count together, in milliseconds.
    pub window_ms: i64,
    /// The most units of one item, either way.
    #[cfg_attr(feature = "serde", serde(default))]
    pub units: Option<i64>,
    /// The most value of all items, in minor units, either way, as the lines say it: the program that sends an intent fills it in, as
    /// [`Valuation::unit_cost`](crate::log::Valuation::unit_cost) has it, and not the person who asks.
    #[cfg_attr(feature = "serde", serde(default))]
    pub value: Option<i64>,
    /// The largest part of an item's stock at the node, in parts per million of what was on hand before.
    #[cfg_attr(feature = "serde", serde(default))]
    pub share_ppm: Option<i64>,
    /// How many events.
    #[cfg_attr(feature = "serde", serde(default))]
    pub times: Option<i64>,
}

/// Which limit of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// [`Rule::units`].
    Units,
    /// [`Rule::value`].
    Value,
    /// [`Rule::share_ppm`].
    Share,
    /// [`Rule::times`].
    Times,
}

codes!(Limit: Units "units", Value "value", Share "share", Times "times");

impl Rule {
    /// A rule that limits nothing yet.
    pub fn new(name: Name, kinds: Vec<Kind>, window_ms: i64) -> Rule {
        Rule {
            name,
            kinds,
            role: None,
            reason: None,
            node: None,
            window_ms,
            units: None,
            value: None,
            share_ppm: None,
            times: None,
        }
    }

    fn fits(&self, event: &Event, node: Option<&Name>) -> bool {
        let is =
            |wanted: &Option<Name>, said: Option<&Name>| wanted.as_ref().is_none_or(|it| said == Some(it));
        self.kinds.contains(&event.kind)
            && is(&self.role, event.role.as_ref())
            && is(&self.reason, event.reason.as_ref())
            && is(&self.node, node)
    }

    fn over(
        &self,
        limit: Limit,
        node: Option<&Name>,
        sku: Option<&Name>,
        max: i64,
        found: i64,
    ) -> Result<(), NotAllowed> {
        match found > max {
            true => Err(NotAllowed::OverLimit {
                rule: self.name.clone(),
                limit,
                node: node.cloned(),
                sku: sku.cloned(),
                max,
                found,
            }),
            false => Ok(()),
        }
    }
}

/// What events at one node come to.
#[derive(Default)]
struct Sum<'a> {
    times: i64,
    value: i64,
    units: Map<&'a Name, i64>,
    /// Units that were added less those that were taken: what the book would have without them.
    net: Map<&'a Name, i64>,
}

impl<'a> Sum<'a> {
    fn add(&mut self, event: &'a Event, node: Option<&Name>) {
        let mut lines =
            event.lines.iter().filter(|line| node_of(event, line.node.as_ref()) == node).peekable();
        self.times +=
            i64::from(lines.peek().is_some() || (event.lines.is_empty() && event.node.as_ref() == node));
        for line in lines {
            let units = line.quantity.units();
            let value = line.value.map_or(0, |value| value.minor().abs());
            self.value = self.value.saturating_add(value);
            let sum = self.units.entry(&line.sku);
            *sum = sum.saturating_add(units.abs());
            // A write-off of 3 takes 3, as an adjustment of -3 does; a markdown takes nothing, and a conversion what its sign says.
            let net = self.net.entry(&line.sku);
            *net = net.saturating_add(units.wrapping_mul(adds(event.kind)));
        }
    }
}

/// What a unit of an event of the kind adds to what is on hand at its node.
fn adds(kind: Kind) -> i64 {
    let is_here = |end| i64::from(!matches!(end, End::Transit(_) | End::Outside(_) | End::Adjustment));
    kind.row().leg.map_or(0, |leg| is_here(leg.to) - is_here(leg.from))
}

fn node_of<'a>(event: &'a Event, line: Option<&'a Name>) -> Option<&'a Name> {
    line.or(event.node.as_ref())
}

impl Policy {
    /// Whether some rule is about the kind.
    pub fn guards(&self, kind: Kind) -> bool {
        self.rules.iter().any(|rule| rule.kinds.contains(&kind))
    }

    /// The first rule that fits.
    fn rule_of(&self, event: &Event, node: Option<&Name>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(event, node))
    }

    /// Holds an event against its rule at each node, together with the actor's others within the window.
    pub(super) fn check<'a>(
        &self,
        event: &'a Event,
        others: impl Iterator<Item = &'a Event> + Clone,
        book: Option<&Book>,
    ) -> Result<(), NotAllowed> {
        // What is at no node, as a change of master data, is held against the rules of every node.
        let mut nodes: Set<Option<&Name>> = Set::new();
        nodes.add_all(event.lines.iter().map(|line| node_of(event, line.node.as_ref())));
        if event.lines.is_empty() {
            nodes.add(event.node.as_ref());
        }
        for node in nodes.keys().copied() {
            let rule = self.rule_of(event, node);
            let rule = rule.ok_or(NotAllowed::NoRule { kind: event.kind })?;
            self.check_rule(rule, node, event, others.clone(), book)?;
        }
        Ok(())
    }

    fn check_rule<'a>(
        &self,
        rule: &Rule,
        node: Option<&Name>,
        event: &'a Event,
        others: impl Iterator<Item = &'a Event>,
        book: Option<&Book>,
    ) -> Result<(), NotAllowed> {
        let valueless = event.lines.iter().find(|line| line.value.is_none());
        if let Some(line) = valueless.filter(|_| rule.value.is_some()) {
            return Err(NotAllowed::ValueMissing { rule: rule.name.clone(), sku: line.sku.clone() });
        }
        let now = event.occurred.millis();
        let near = |other: &&Event| (other.occurred.millis() - now).abs() < rule.window_ms;
        let mut before = Sum::default();
        let same = others
            .filter(near)
            .filter(|other| self.rule_of(other, node).is_some_and(|one| core::ptr::eq(one, rule)));
        same.for_each(|other| before.add(other, node));
        let mut sum =
            Sum { times: before.times, value: before.value, units: before.units.clone(), net: Map::new() };
        sum.add(event, node);
        if let Some(max) = rule.times {
            rule.over(Limit::Times, node, None, max, sum.times)?;
        }
        if let Some(max) = rule.value {
            rule.over(Limit::Value, node, None, max, sum.value)?;
        }
        // Only items of this event: what was too much of another is no matter of this one.
        for sku in sum.net.keys() {
            let found = sum.units.get(sku).copied().unwrap_or(0);
            if let Some(max) = rule.units {
                rule.over(Limit::Units, node, Some(sku), max, found)?;
            }
            if let (Some(max), Some(book), Some(node)) = (rule.share_ppm, book, node) {
                let shelf = book.availability(sku.as_str(), node.as_str(), event.occurred);
                let on_hand = shelf.map_or(0, |shelf| shelf.on_hand);
                let first = on_hand.saturating_sub(before.net.get(sku).copied().unwrap_or(0));
                rule.over(Limit::Share, Some(node), Some(sku), max, share_ppm(found, first))?;
            }
        }
        Ok(())
    }
}

/// Units as parts per million of a stock, rounded up; of no stock, any unit is more than any limit.
fn share_ppm(units: i64, stock: i64) -> i64 {
    match (units, stock) {
        (0, _) => 0,
        (_, ..=0) => i64::MAX,
        (units, stock) => {
            let parts = i128::from(units) * 1_000_000;
            i64::try_from((parts + i128::from(stock) - 1) / i128::from(stock)).unwrap_or(i64::MAX)
        }
    }
}
