//! Every plan of a small order under rules, as the documentation of the rules has them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use onhand::promise::{
    Check, Destination, Measure, Offer, Rejection, Request, Rule, Rulebook, SafetyRow, Shipment, Term,
    VerdictRow,
};
use onhand::{Name, Quantity, Time};
use onhand_tests::random::name;

use super::shop::{LOTS, Lane, MINUTE, NOW, Node, SKUS, Shop};

/// Plans of a question that are too many to try.
pub(super) const PLANS_MAX: usize = 60_000;

/// Rows of capacity by rule and place.
type Rooms = Vec<(usize, usize)>;

/// What leaves a node by a way that begins with it at a moment.
#[derive(PartialEq)]
struct Leaving {
    release: i64,
    arrive: i64,
    /// The lines that there is any room for.
    open: Vec<bool>,
    rooms: Rooms,
}

/// What a node could ship at a moment by a way.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) node: usize,
    pub(super) method: Option<&'static str>,
    pub(super) release: i64,
    pub(super) arrive: i64,
    pub(super) parcel: i64,
    /// With what being late costs, which comes after it. By line.
    pub(super) unit: Vec<(i64, i64)>,
    /// Units of each line at the node that may be in it, as places among all that the node has and will have of it.
    pub(super) has: Vec<Vec<usize>>,
    /// How many of them are on hand.
    pub(super) on_hand: Vec<i64>,
    /// Rows of capacity that it uses.
    pub(super) rooms: Rooms,
}

pub(super) struct Way {
    method: Option<&'static str>,
    transit: i64,
    parcel: i64,
    unit: i64,
}

/// A question and the rules that hold for it.
pub(super) struct Asked<'a> {
    pub(super) shop: &'a Shop,
    pub(super) rulebook: &'a Rulebook,
    pub(super) request: &'a Request,
    /// With their places.
    pub(super) rules: Vec<(usize, &'a Rule)>,
    /// Items and units.
    pub(super) lines: Vec<(usize, i64)>,
    /// Everything or nothing, whatever rules say.
    pub(super) whole: bool,
}

/// A plan, and what it is measured by.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What is to be as small as can be, one after the other.
    pub(super) key: Vec<i64>,
    pub(super) cost: i64,
    pub(super) missing: i64,
    pub(super) parcels: usize,
    /// What the goals measure.
    pub(super) reached: Vec<i64>,
    pub(super) shipped: Shipped,
}

/// Units of each line by node, method and release.
pub(super) type Shipped = BTreeMap<(&'static str, Option<&'static str>, i64), Vec<i64>>;

pub(super) fn fits(named: &Option<Name>, one: &str) -> bool {
    named.as_ref().is_none_or(|name| name.as_str() == one)
}

impl<'a> Asked<'a> {
    /// With all rules that apply.
    pub(super) fn of(shop: &'a Shop, rulebook: &'a Rulebook, request: &'a Request) -> Asked<'a> {
        let item = |sku: &Name| SKUS.iter().position(|one| *one == sku.as_str()).unwrap();
        let lines = request.lines.iter().map(|line| (item(&line.sku), line.quantity.units()));
        let (lines, whole) = (lines.collect(), request.policy.ship_complete);
        let mut asked = Asked { shop, rulebook, request, rules: Vec::new(), lines, whole };
        asked.apply();
        asked
    }

    pub(super) fn apply(&mut self) {
        let places = self.rulebook.rules.iter().enumerate();
        self.rules = places.filter(|(_, rule)| self.applies(rule)).collect();
    }

    pub(super) fn is_about(&self, rule: &Rule, line: usize) -> bool {
        rule.when.skus.is_empty() || rule.when.skus.contains(&name(self.sku(line)))
    }

    pub(super) fn names(&self, rule: &Rule, node: usize) -> bool {
        rule.when.nodes.is_empty() || rule.when.nodes.contains(&name(self.shop.nodes[node].name))
    }

    fn sku(&self, line: usize) -> &'static str {
        SKUS[self.lines[line].0]
    }

    fn applies(&self, rule: &Rule) -> bool {
        let pick_up = matches!(self.request.to, Destination::PickUp(_));
        let when = &rule.when;
        let channel = self.request.channel.as_ref();
        rule.from.is_none_or(|from| from.millis() <= NOW)
            && rule.until.is_none_or(|until| NOW < until.millis())
            && (when.channels.is_empty() || channel.is_some_and(|one| when.channels.contains(one)))
            && (when.zones.is_empty() || !pick_up && when.zones.contains(&name("north")))
            && when.pick_up.is_none_or(|one| one == pick_up)
            && (0..self.lines.len()).any(|line| self.is_about(rule, line))
    }

    fn ways(&self, node: &Node) -> Vec<Way> {
        match &self.request.to {
            Destination::PickUp(to) if to.as_str() != node.name || !node.picks_up => Vec::new(),
            Destination::PickUp(_) => vec![Way { method: None, transit: 0, parcel: 0, unit: 0 }],
            Destination::Zone(_) if !node.ships => Vec::new(),
            Destination::Zone(_) => {
                let wanted = |lane: &&Lane| {
                    self.request.methods.is_empty() || self.request.methods.contains(&name(lane.method))
                };
                let way = |lane: &Lane| {
                    let Lane { method, transit, parcel, unit } = *lane;
                    Way { method: Some(method), transit, parcel, unit }
                };
                node.lanes.iter().filter(wanted).map(way).collect()
            }
        }
    }

    /// Whether a rule closes a node for a line.
    fn closes(&self, rule: &Rule, node: usize, line: usize, free: i64) -> bool {
        let (here, sku) = (self.shop.nodes[node].name, self.sku(line));
        let named = self.names(rule, node);
        match &rule.then {
            Term::Only {} => !named,
            _ if !named => false,
            Term::Exclude {} => true,
            Term::Launch { at, pre_order: false } => NOW < at.millis(),
            Term::Distance { max_m } => self.distance(node).is_none_or(|metres| *max_m < metres),
            Term::Minimum { units } => free < units.units(),
            Term::CoolDown { rows, count, for_ms } => {
                let recent = |row: &&Rejection| {
                    let held = row.at.millis() <= NOW && NOW < row.at.millis() + for_ms;
                    held && row.node.as_str() == here && fits(&row.sku, sku)
                };
                rows.iter().filter(recent).count() as i64 >= *count
            }
            Term::Verdict { rows } => {
                let refuses = |row: &VerdictRow| {
                    row.refuse.is_some() && row.node.as_str() == here && fits(&row.sku, sku)
                };
                rows.iter().any(refuses)
            }
            _ => false,
        }
    }

    /// What rules hold back of a line at a node.
    fn held_back(&self, node: usize, line: usize, ways: &[Way]) -> i64 {
        let (here, sku) = (self.shop.nodes[node].name, self.sku(line));
        let (mut safety, mut allocated, mut buffer) = (0, 0, 0);
        let about = |rule: &Rule| self.is_about(rule, line) && self.names(rule, node);
        for (_, rule) in self.rules.iter().filter(|(_, rule)| about(rule)) {
            match &rule.then {
                Term::Safety { rows } => {
                    let of_method = |method: Option<&str>| {
                        let fit = rows.iter().rev().filter(|row| {
                            let by = row.method.as_ref().is_none_or(|one| Some(one.as_str()) == method);
                            by && fits(&row.sku, sku) && fits(&row.node, here)
                        });
                        let specific =
                            |row: &&SafetyRow| (row.node.is_some(), row.method.is_some(), row.sku.is_some());
                        fit.max_by_key(specific).map_or(0, |row| row.routing.units())
                    };
                    safety = ways.iter().map(|way| of_method(way.method)).fold(safety, i64::max);
                }
                Term::Allocation { rows, ranked } => {
                    let channel = self.request.channel.as_ref();
                    let own = rows.iter().filter(|row| Some(&row.channel) == channel);
                    let own = own.map(|row| row.priority).min().unwrap_or(u32::MAX);
                    let kept = rows.iter().filter(|row| {
                        let others = Some(&row.channel) != channel && (!ranked || row.priority < own);
                        let still = row.until.is_none_or(|until| NOW < until.millis());
                        others && still && fits(&row.sku, sku) && fits(&row.node, here)
                    });
                    allocated += kept.map(|row| (row.units.units() - row.used.units()).max(0)).sum::<i64>();
                }
                Term::Buffer { error, cancel_ppm } => buffer = error.buffer(*cancel_ppm).max(buffer),
                _ => {}
            }
        }
        if self.shop.unprotected.contains(&(node, self.lines[line].0)) {
            return 0;
        }
        safety.max(self.kept(node, line)) + allocated + buffer
    }

    /// What the book itself keeps of a line at a node: of the methods that may be used, the one that most is kept for counts.
    fn kept(&self, node: usize, line: usize) -> i64 {
        let lanes = self.shop.nodes.iter().flat_map(|node| &node.lanes).map(|lane| lane.method);
        let mut methods: Vec<&str> = match (&self.request.methods[..], &self.request.to) {
            ([], Destination::Zone(_)) => lanes.collect(),
            (wanted, _) => wanted.iter().map(Name::as_str).collect(),
        };
        if methods.is_empty() {
            methods.push("counter");
        }
        let of_method = |method: &&str| {
            let fits = self.shop.kept.iter().filter(|(item, at, by, _)| {
                let here = at.is_none_or(|at| at == node) && by.is_none_or(|by| by == *method);
                here && *item == self.lines[line].0
            });
            fits.max_by_key(|(_, at, by, _)| (at.is_some(), by.is_some())).map_or(0, |one| one.3)
        };
        methods.iter().map(of_method).max().unwrap_or(0)
    }

    /// Metres to the destination by the haversine formula, in floats.
    fn distance(&self, node: usize) -> Option<i64> {
        if matches!(self.request.to, Destination::PickUp(_)) {
            return Some(0);
        }
        let place = |of: &str| {
            let site = self.rulebook.sites.iter().find(|site| site.name.as_str() == of)?;
            Some([site.latitude, site.longitude].map(|millionths| (millionths as f64 / 1e6).to_radians()))
        };
        let ([north, east], [to_north, to_east]) = (place(self.shop.nodes[node].name)?, place("north")?);
        let half = |one: f64, other: f64| ((one - other) / 2.0).sin().powi(2);
        let chord = half(north, to_north) + north.cos() * to_north.cos() * half(east, to_east);
        Some((2.0 * 6_371_009.0 * chord.sqrt().asin()).round() as i64)
    }

    /// Bands of distance; half around the globe where it is not known.
    fn bands(&self, node: usize) -> i64 {
        self.distance(node).unwrap_or(20_015_115) / self.rulebook.objective.band_m
    }

    /// The place of the first list of nodes or groups that names a node.
    fn rank(&self, node: usize) -> i64 {
        let here = self.shop.nodes[node].name;
        let names = |list: &[Name]| {
            list.iter().any(|one| match self.rulebook.groups.iter().find(|group| group.name == *one) {
                Some(group) => group.nodes.iter().any(|node| node.as_str() == here),
                None => one.as_str() == here,
            })
        };
        let lists = &self.rulebook.priority;
        lists.iter().position(|list| names(list)).unwrap_or(lists.len()) as i64
    }

    /// Units of a line that do not live long enough, where they arrive at a moment.
    fn short_lived(&self, node: usize, line: usize, arrive: i64) -> i64 {
        let about = |rule: &Rule| self.is_about(rule, line) && self.names(rule, node);
        let is_short = |lot: &str| {
            self.rules.iter().filter(|(_, rule)| about(rule)).any(|(_, rule)| {
                let Term::LotLife { least_ms, rows } = &rule.then else { return false };
                let row =
                    rows.iter().find(|row| row.sku.as_str() == self.sku(line) && row.lot.as_str() == lot);
                row.is_some_and(|row| row.expires.millis() < arrive + least_ms)
            })
        };
        let lots = LOTS.iter().zip(self.shop.nodes[node].lots[self.lines[line].0]);
        lots.filter(|(lot, _)| is_short(lot)).map(|(_, units)| units).sum()
    }

    /// Units of a line at a node by the moment from which they are there, and whether they are on hand.
    fn portions(&self, node: usize, line: usize, ways: &[Way]) -> Vec<(i64, i64, bool)> {
        let (here, item) = (&self.shop.nodes[node], self.lines[line].0);
        let unheld = here.on_hand[item] - here.claimed[item];
        let about = self.rules.iter().map(|(_, rule)| *rule).filter(|rule| self.is_about(rule, line));
        if about.clone().any(|rule| self.closes(rule, node, line, unheld)) {
            return Vec::new();
        }
        let (mut start, mut backorder) = (NOW, None);
        for rule in about.filter(|rule| self.names(rule, node)) {
            match &rule.then {
                Term::Hold { to: at } | Term::Launch { at, .. } => start = at.millis().max(start),
                Term::Backorder { depth, lead_ms } => {
                    backorder = backorder.or(Some((depth.units(), NOW + lead_ms)));
                }
                _ => {}
            }
        }
        let free = unheld - self.held_back(node, line, ways);
        let mut portions = vec![(start, free, true)];
        if let Some((due, units)) = here.supply[item] {
            // A deficit is filled first.
            portions.push((due.max(start), units + free.min(0), false));
        }
        if let Some((depth, ready)) = backorder {
            let most = self.shop.backorder_limit[item] + free.min(0);
            portions.push((ready.max(start), depth.min(most), false));
        }
        portions.retain(|(_, units, _)| *units > 0);
        portions
    }

    /// When an order leaves and arrives that a node begins with at a moment or when a row of capacity ends after it: for each line of what
    /// leaves then, whether there is room for any of it, and the rows that it uses.
    fn leaves(&self, node: usize, way: &Way, ready: i64) -> Vec<Leaving> {
        let (here, mut begins, mut all) = (&self.shop.nodes[node], ready, Vec::new());
        loop {
            let by_hours =
                self.shop.hours.as_ref().map(|hours| hours.times(node, way.method, here.handling, begins));
            let (release, arrive) = match by_hours {
                Some(Ok(None)) => return all,
                Some(Ok(Some((release, arrive, _)))) => (release, arrive),
                _ => (begins + here.handling, begins + here.handling + way.transit),
            };
            let (mut rooms, mut open, mut next) = (Vec::new(), vec![true; self.lines.len()], None::<i64>);
            for (place, rule) in self.rules.iter().filter(|(_, rule)| self.names(rule, node)) {
                let Term::Capacity { rows } = &rule.then else { continue };
                for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.node.as_str() == here.name) {
                    let from = row.from.is_none_or(|from| from.millis() <= release);
                    if from && row.until.is_none_or(|until| release < until.millis()) {
                        rooms.push((*place, at));
                        next = [next, row.until.map(Time::millis)].into_iter().flatten().min();
                        let none = [row.orders, row.lines, row.units].into_iter().flatten();
                        let none = none.map(Quantity::units).any(|left| left == 0);
                        let lines = open.iter_mut().enumerate();
                        lines.for_each(|(line, open)| *open &= !(none && self.is_about(rule, line)));
                    }
                }
            }
            all.push(Leaving { release, arrive, open, rooms });
            let Some(until) = next else { return all };
            begins = until;
        }
    }

    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let lines = 0..self.lines.len();
        for (node, here) in self.shop.nodes.iter().enumerate().filter(|(_, node)| node.on_line) {
            let ways = self.ways(here);
            let portions: Vec<_> = lines.clone().map(|line| self.portions(node, line, &ways)).collect();
            let mut moments: Vec<i64> = portions.iter().flatten().map(|(ready, ..)| *ready).collect();
            moments.sort_unstable();
            moments.dedup();
            for (way, moments, Leaving { release, arrive, open, rooms }) in self.apart(node, &ways, &moments)
            {
                let parcels =
                    self.rules.iter().filter(|(_, rule)| self.names(rule, node)).map(|(_, rule)| {
                        if let Term::Price { parcel, .. } = &rule.then { parcel.minor() } else { 0 }
                    });
                let of = |(line, portions): (usize, &Vec<(i64, i64, bool)>)| {
                    let short = self.short_lived(node, line, arrive);
                    let (mut has, mut there, mut on_hand) = (Vec::new(), 0, 0);
                    for (at, units, is_there) in portions {
                        // A parcel that waits has all that is there by then.
                        let waits = self.request.policy.consolidate && at < moments.end();
                        // Of what is on hand the oldest comes first.
                        let short = if *is_there { short.min(*units) } else { 0 };
                        if open[line] && (moments.contains(at) || waits) {
                            has.extend((there + short..there + units).map(|at| at as usize));
                            on_hand += if *is_there { units - short } else { 0 };
                        }
                        there += units;
                    }
                    (on_hand, has)
                };
                let (on_hand, has) = portions.iter().enumerate().map(of).unzip();
                candidates.push(Candidate {
                    node,
                    method: way.method,
                    release,
                    arrive,
                    parcel: way.parcel + parcels.sum::<i64>(),
                    unit: lines
                        .clone()
                        .map(|line| {
                            let (unit, late) = self.price(node, line, arrive);
                            (way.unit + unit + late, late)
                        })
                        .collect(),
                    on_hand,
                    has,
                    rooms,
                });
            }
        }
        candidates
    }

    /// What leaves a node by each way, with the moments at which it is there: what leaves at the same time by a way is one parcel.
    fn apart<'w>(
        &self,
        node: usize,
        ways: &'w [Way],
        moments: &[i64],
    ) -> Vec<(&'w Way, RangeInclusive<i64>, Leaving)> {
        let by = self.request.needed_by.map_or(i64::MAX, Time::millis);
        let mut all = Vec::new();
        for way in ways {
            let leave = |from: &i64| {
                let leaving = self.leaves(node, way, *from).into_iter();
                leaving.filter(|one| one.arrive <= by && one.open.contains(&true)).collect::<Vec<_>>()
            };
            for same in moments.chunk_by(|one, other| leave(one) == leave(other)) {
                let (first, last) = (same[0], same[same.len() - 1]);
                all.extend(leave(&first).into_iter().map(|leaving| (way, first..=last, leaving)));
            }
        }
        all
    }

    /// Whether a shipment arrives when its candidate does, and an order of the last moment that it names on the same day, and no later one.
    pub(super) fn hold_times(&self, shipment: &Shipment, candidates: &[Candidate]) -> Result<(), String> {
        let (node, method) = (shipment.node.as_str(), shipment.method.as_ref().map(Name::as_str));
        let is_it = |one: &&Candidate| {
            let way = (self.shop.nodes[one.node].name, one.method, one.release);
            way == (node, method, shipment.release_by)
        };
        let same: Vec<&Candidate> = candidates.iter().filter(is_it).collect();
        let one = *same.first().ok_or("no such candidate")?;
        if one.arrive != shipment.arrive_by {
            return Err(format!("arrives at {} and not at {}", one.arrive, shipment.arrive_by));
        }
        // What is only supposed to come has no name. Of what is there at several moments it is not said which leaves.
        let is_on_hand = |one: &&Candidate| {
            self.lines.iter().enumerate().all(|(line, (item, _))| {
                let of_item = shipment.lines.iter().filter(|one| one.sku.as_str() == SKUS[*item]);
                of_item.map(|one| one.quantity).sum::<i64>() <= one.on_hand[line]
            })
        };
        let named = shipment.lines.iter().any(|line| line.supply.is_some() || line.backorder);
        let hours = self.shop.hours.as_ref();
        let handling = self.shop.nodes[one.node].handling;
        let arrives =
            |from: i64| hours.map_or(Err(()), |hours| hours.times(one.node, method, handling, from));
        let Some(last) = shipment.order_by else {
            let all_on_hand = !named && same.iter().all(is_on_hand);
            return if all_on_hand && arrives(NOW).is_ok() { Err("no last moment".into()) } else { Ok(()) };
        };
        if named || !same.iter().any(is_on_hand) {
            return Err("a last moment of what is to come".into());
        }
        let Some(hours) = hours else { return Err("a last moment without hours".into()) };
        let ways = self.ways(&self.shop.nodes[one.node]);
        let way = ways.into_iter().find(|way| way.method == method).ok_or("no such way")?;
        let units = |line: usize| -> i64 {
            let of_line = shipment.lines.iter().filter(|one| one.sku.as_str() == self.sku(line));
            of_line.map(|one| one.quantity).sum()
        };
        // There is as much room in a row as the shipment takes.
        let fits = |(place, at): &(usize, usize)| {
            let rule = &self.rulebook.rules[*place];
            let Term::Capacity { rows } = &rule.then else { return true };
            let about = (0..self.lines.len()).filter(|line| self.is_about(rule, *line)).map(units);
            let about: Vec<i64> = about.filter(|units| *units > 0).collect();
            let taken = [i64::from(!about.is_empty()), about.len() as i64, about.iter().sum()];
            let left = [rows[*at].orders, rows[*at].lines, rows[*at].units];
            left.iter().zip(taken).all(|(left, taken)| left.is_none_or(|left| taken <= left.units()))
        };
        let in_time = |from: i64| {
            // Who orders later may come when the node has no room for all of it.
            let leaving = self.leaves(one.node, &way, from);
            let first = leaving.into_iter().find(|leaving| leaving.rooms.iter().all(fits));
            first.is_some_and(|Leaving { arrive, .. }| match method {
                Some(_) => arrive <= one.arrive,
                None => hours.day(one.node, None, arrive) <= hours.day(one.node, None, one.arrive),
            })
        };
        if in_time(last) && !in_time(last + 1) {
            Ok(())
        } else {
            Err(format!("{last} is not the last moment"))
        }
    }

    /// Whether each node is in the plan or says why it is not, and what closes an item there is true, and said once.
    pub(super) fn hold_passed(&self, offer: &Offer, candidates: &[Candidate]) -> Result<(), String> {
        for (node, here) in self.shop.nodes.iter().enumerate() {
            let said = || offer.passed.iter().filter(|one| one.node.as_str() == here.name);
            let used = offer.shipments.iter().any(|one| one.node.as_str() == here.name);
            if matches!(self.request.to, Destination::Zone(_)) && !used && said().next().is_none() {
                return Err(format!("not a word of {}", here.name));
            }
            for line in 0..self.lines.len() {
                let of_line = said().filter(|one| one.sku.as_ref() == Some(&name(self.sku(line))));
                let closed: Vec<_> =
                    of_line.filter(|one| matches!(one.check, Check::NoCapacity | Check::ShortLife)).collect();
                let [one] = closed[..] else {
                    if closed.is_empty() {
                        continue;
                    }
                    return Err(format!("said twice: {closed:?}"));
                };
                if candidates.iter().any(|one| one.node == node && !one.has[line].is_empty()) {
                    return Err(format!("not closed: {one:?}"));
                }
                let mut rules = self.rules.iter().map(|(_, rule)| *rule);
                let rule = rules.find(|rule| Some(&rule.name) == one.rule.as_ref());
                let rule = rule.filter(|rule| self.names(rule, node) && self.is_about(rule, line));
                let is_so = match rule.map(|rule| &rule.then) {
                    Some(Term::Capacity { rows }) => rows.iter().any(|row| {
                        let mut left = [row.orders, row.lines, row.units].into_iter().flatten();
                        row.node.as_str() == here.name && left.any(|left| left == Quantity::ZERO)
                    }),
                    Some(Term::LotLife { .. }) => one.number > 0,
                    _ => false,
                };
                if !is_so {
                    return Err(format!("not by that rule: {one:?}"));
                }
            }
        }
        Ok(())
    }

    /// What a unit of a line costs on top, and what being late costs.
    fn price(&self, node: usize, line: usize, arrive: i64) -> (i64, i64) {
        let here = self.shop.nodes[node].name;
        let about = |rule: &Rule| self.is_about(rule, line) && self.names(rule, node);
        let prices = self.rules.iter().filter(|(_, rule)| about(rule)).map(|(_, rule)| match &rule.then {
            Term::Price { unit, .. } => (unit.minor(), 0),
            Term::Lateness { due, unit, step_ms } => {
                let late = (arrive - due.millis()).max(0);
                (0, (late + step_ms - 1) / step_ms * unit.minor())
            }
            Term::Verdict { rows } => {
                let fit =
                    rows.iter().filter(|row| row.node.as_str() == here && fits(&row.sku, self.sku(line)));
                (fit.map(|row| row.unit.minor()).sum(), 0)
            }
            _ => (0, 0),
        });
        prices.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Every way to take units of a line from the candidates that keeps the limits on lines.
    fn fills(&self, line: usize, candidates: &[Candidate]) -> Vec<Vec<i64>> {
        let wanted = self.lines[line].1;
        let mut split = self.request.policy.line_split;
        let mut least = vec![1; candidates.len()];
        for (_, rule) in self.rules.iter().filter(|(_, rule)| self.is_about(rule, line)) {
            let units = match &rule.then {
                Term::NoLineSplit {} if rule.when.nodes.is_empty() && rule.when.skus.is_empty() => {
                    split = false;
                    continue;
                }
                Term::NoLineSplit {} => wanted,
                Term::LeastUnits { units } => units.units().min(wanted),
                _ => continue,
            };
            let named = candidates.iter().zip(&mut least).filter(|(one, _)| self.names(rule, one.node));
            named.for_each(|(_, least)| *least = units.max(*least));
        }
        let least = |at: usize| if split { least[at] } else { wanted };
        let mut all = vec![Vec::new()];
        for (at, one) in candidates.iter().enumerate() {
            let more = all.iter().flat_map(|held: &Vec<i64>| {
                let most = (wanted - held.iter().sum::<i64>()).min(one.has[line].len() as i64);
                let some = (least(at)..=most).chain([0]);
                let some = some.map(|units| [held.as_slice(), &[units]].concat());
                let others =
                    held.iter().zip(candidates).any(|(units, other)| *units > 0 && other.node == one.node);
                some.filter(|fill| !others || is_there(line, fill, candidates)).collect::<Vec<_>>()
            });
            all = more.take(PLANS_MAX).collect();
        }
        let parcels = |fill: &[i64], rule: &Rule| {
            let named = |(units, one): &(&i64, &Candidate)| **units > 0 && self.names(rule, one.node);
            fill.iter().zip(candidates).filter(named).count()
        };
        for (_, rule) in self.rules.iter().filter(|(_, rule)| self.is_about(rule, line)) {
            if let Term::MaxPerLine { most } = &rule.then {
                all.retain(|fill| parcels(fill, rule) <= *most as usize);
            }
        }
        all
    }

    /// Whether a plan keeps the limits on parcels, nodes and the order; `plan` is what it takes of each line.
    pub(super) fn keeps(
        &self,
        plan: &[&Vec<i64>],
        used: &[usize],
        missing: i64,
        candidates: &[Candidate],
    ) -> bool {
        let policy = &self.request.policy;
        let mut most = policy.nodes_max.unwrap_or(u32::MAX);
        let mut complete = self.whole;
        for (place, rule) in &self.rules {
            match &rule.then {
                Term::ShipComplete {} => complete = true,
                Term::MaxShipments { most: said } => most = most.min(*said),
                Term::LeastValue { value, rows } if used.len() > 1 => {
                    let worth = |line: usize| {
                        let row = rows.iter().find(|row| row.sku.as_str() == self.sku(line));
                        row.map_or(0, |row| row.value.minor())
                    };
                    let is_little = |at: &&usize| {
                        let lines = plan.iter().enumerate();
                        let sum: i64 = lines.map(|(line, fill)| fill[**at] * worth(line)).sum();
                        self.names(rule, candidates[**at].node) && sum < value.minor()
                    };
                    if used.iter().any(|at| is_little(&at)) {
                        return false;
                    }
                }
                Term::Capacity { rows } => {
                    for (at, row) in rows.iter().enumerate() {
                        let here = used.iter().filter(|one| candidates[**one].rooms.contains(&(*place, at)));
                        let about = plan.iter().enumerate().filter(|(line, _)| self.is_about(rule, *line));
                        let parts = here.flat_map(|one| about.clone().map(|(_, fill)| fill[*one]));
                        let (units, lines) = parts
                            .filter(|units| *units > 0)
                            .fold((0, 0), |sum, units| (sum.0 + units, sum.1 + 1));
                        let over = |room: Option<Quantity>, taken: i64| {
                            room.is_some_and(|room| room.units() < taken)
                        };
                        let none = row.orders.filter(|orders| orders.units() == 0);
                        if over(row.units, units) || over(row.lines, lines) || over(none, units) {
                            return false;
                        }
                    }
                }
                _ => {}
            }
        }
        let nodes: BTreeSet<usize> = used.iter().map(|at| candidates[*at].node).collect();
        used.len() <= most as usize
            && (!complete || used.is_empty() || missing == 0)
            && (!policy.consolidate || nodes.len() == used.len())
    }

    /// What a plan is measured by.
    pub(super) fn measured(
        &self,
        plan: &[&Vec<i64>],
        used: &[usize],
        missing: i64,
        candidates: &[Candidate],
    ) -> Plan {
        let units = |of: &dyn Fn(&Candidate, usize) -> i64| -> i64 {
            let taken = used.iter().flat_map(|at| plan.iter().enumerate().map(move |one| (at, one)));
            taken.map(|(at, (line, fill))| fill[*at] * of(&candidates[*at], line)).sum()
        };
        let parcels =
            |of: &dyn Fn(&Candidate) -> i64| used.iter().map(|at| of(&candidates[*at])).sum::<i64>();
        let cost = missing * self.request.policy.shortfall_cost
            + parcels(&|one| one.parcel)
            + units(&|one, line| one.unit[line].0);
        let objective = &self.rulebook.objective;
        let measure = |measure: Measure| match measure {
            Measure::Cost => cost,
            Measure::Shortfall => missing,
            Measure::Shipments => used.len() as i64,
            Measure::Distance => parcels(&|one| self.bands(one.node)),
            Measure::Rank => units(&|one, _| self.rank(one.node)),
            Measure::Arrival => units(&|one, _| (one.arrive - NOW + MINUTE - 1) / MINUTE),
            Measure::Lateness => units(&|one, line| one.unit[line].1),
            _ => panic!("a measure that this test does not know: {measure:?}"),
        };
        let reached: Vec<i64> = objective.goals.iter().map(|goal| measure(goal.measure)).collect();
        let is_goal = |measure| objective.goals.iter().any(|goal| goal.measure == measure);
        let mut key = Vec::new();
        if objective.weighed {
            let weights = objective.goals.iter().map(|goal| goal.weight.units());
            key.push(weights.zip(&reached).map(|(weight, value)| weight * value).sum());
        } else {
            // Filling the order comes first.
            key.extend((!objective.goals.is_empty() && !is_goal(Measure::Shortfall)).then_some(missing));
            key.extend(&reached);
        }
        key.extend((!is_goal(Measure::Cost)).then_some(cost));
        let mut shipped = Shipped::new();
        for one in used.iter().map(|at| (&candidates[*at], plan.iter().map(move |fill| fill[*at]))) {
            let place = (self.shop.nodes[one.0.node].name, one.0.method, one.0.release);
            let held = shipped.entry(place).or_insert_with(|| vec![0; plan.len()]);
            held.iter_mut().zip(one.1).for_each(|(held, units)| *held += units);
        }
        Plan { key, cost, missing, parcels: used.len(), reached, shipped }
    }

    /// The plans that are best by the objective, of as many parcels as need be; `None` where there are too many to try.
    pub(super) fn best(&self) -> Option<Vec<Plan>> {
        let candidates = self.candidates();
        let fills: Vec<Vec<Vec<i64>>> =
            (0..self.lines.len()).map(|line| self.fills(line, &candidates)).collect();
        if fills.iter().map(Vec::len).product::<usize>() >= PLANS_MAX {
            return None;
        }
        let mut plans: Vec<Vec<&Vec<i64>>> = vec![Vec::new()];
        for of_line in &fills {
            plans = plans
                .iter()
                .flat_map(|plan| of_line.iter().map(|one| [plan.as_slice(), &[one]].concat()))
                .collect();
        }
        let mut best: Vec<Plan> = Vec::new();
        let whole =
            self.whole || self.rules.iter().any(|(_, rule)| matches!(rule.then, Term::ShipComplete {}));
        for plan in &plans {
            let takes = |at: &usize| plan.iter().any(|fill| fill[*at] > 0);
            let used: Vec<usize> = (0..candidates.len()).filter(takes).collect();
            let lines = plan.iter().zip(&self.lines);
            let missing = lines.map(|(fill, (_, wanted))| wanted - fill.iter().sum::<i64>()).sum();
            if !self.keeps(plan, &used, missing, &candidates) {
                continue;
            }
            let mut one = self.measured(plan, &used, missing, &candidates);
            if whole {
                // Everything, where that is possible, and else nothing.
                one.key.insert(0, i64::from(missing > 0));
            }
            match best.first().map(|held| (&one.key, one.parcels).cmp(&(&held.key, held.parcels))) {
                Some(Ordering::Greater) => continue,
                Some(Ordering::Less) => best.clear(),
                _ => {}
            }
            best.push(one);
        }
        Some(best)
    }
}

/// Whether there is as much of a line as is taken of it from each candidate, where candidates share what there is.
pub(super) fn is_there(line: usize, fill: &[i64], candidates: &[Candidate]) -> bool {
    let mut holders = BTreeMap::new();
    let mut all = fill.iter().enumerate().flat_map(|(at, units)| (0..*units).map(move |_| at));
    all.all(|at| finds_one(at, line, candidates, &mut holders, &mut BTreeSet::new()))
}

/// Whether a candidate finds one more unit of a line, if need be by letting another find another.
fn finds_one(
    at: usize,
    line: usize,
    candidates: &[Candidate],
    holders: &mut BTreeMap<(usize, usize), usize>,
    asked: &mut BTreeSet<(usize, usize)>,
) -> bool {
    let one = &candidates[at];
    one.has[line].iter().map(|unit| (one.node, *unit)).any(|unit| {
        let is_new = asked.insert(unit);
        let held = holders.get(&unit).copied();
        let free = is_new && held.is_none_or(|other| finds_one(other, line, candidates, holders, asked));
        if free {
            holders.insert(unit, at);
        }
        free
    })
}
