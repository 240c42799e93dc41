//! Random events: plausible ones by what was opened before, and blind ones; with duplicates, conflicts and late arrivals.
//!
//! A world makes one step out of one word, so that a list of words is a history and a shorter list a shorter history.

mod crossing;

pub use crossing::CROSSINGS;
use onhand::catalogue::{Card, Field, List, Value};
use onhand::{
    Event, Id, ItemTerms, Kind, LaneTerms, Line, LotTerms, Money, Name, NodeTerms, NodeType, ProtectionTerms,
    Quantity, StockState, Terms, Time, kind,
};

/// Numbers drawn from a word, the same on every machine (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(word: u64) -> Dice {
        Dice(word)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// 0 to `sides` - 1.
    pub fn below(&mut self, sides: usize) -> usize {
        (self.word() % sides.max(1) as u64) as usize
    }

    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Small as a rule; else, `edges` times in a hundred, within 8 of 0, of a power of two, or of the largest quantity.
    fn units(&mut self, edges: usize) -> i64 {
        let near = self.below(17) as i64 - 8;
        let units = match self.percent(edges) {
            true => match self.below(5) {
                0 => near,
                1 if self.percent(40) => Quantity::MAX.units() + near,
                _ => (1 << self.below(37)) + near,
            },
            false if self.percent(5) => 0,
            false => 1 + self.below(6) as i64,
        };
        units.clamp(0, Quantity::MAX.units())
    }
}

/// One step of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Fact(Event),
    Command(Event),
}

impl Step {
    pub fn event(&self) -> &Event {
        match self {
            Step::Fact(event) | Step::Command(event) => event,
        }
    }
}

/// Names and habits of one history, and what it has done so far.
#[derive(Clone, Debug)]
pub struct World {
    skus: Vec<Name>,
    nodes: Vec<Name>,
    sources: Vec<Name>,
    /// The kinds that it has; a random half of all is switched off, so that the rest meet more often.
    kinds: Vec<Kind>,
    /// How many of a hundred quantities are at an edge: half of them in one world of four, few elsewhere.
    edges: usize,
    closes: bool,
    /// The moment of the last close.
    closed: Option<i64>,
    clock: i64,
    /// The last number of each source; one count for all of them where a world has gaps.
    numbers: Vec<u64>,
    gaps: bool,
    /// How many of a hundred lines name a lot.
    lots: usize,
    /// What was claimed: subject, line, SKU, node.
    opened: Vec<Named>,
    /// What was shipped, as much of it as an event said.
    shipped: Vec<Named>,
    past: Vec<Event>,
    first_steps: Vec<Step>,
}

const TICK: i64 = 100;

pub fn name(text: impl AsRef<str>) -> Name {
    Name::new(text.as_ref()).expect("names of a world are names")
}

impl World {
    /// A world of its own for each seed; `closes` lets periods be closed, after which arrival order matters.
    pub fn new(seed: u64, closes: bool) -> World {
        let mut dice = Dice::new(seed);
        // Names whose order is not the order of arrival.
        let several = |of: &str, from: &str, dice: &mut Dice| -> Vec<Name> {
            let mut letters: Vec<char> = from.chars().collect();
            let count = 2 + dice.below(letters.len() - 1);
            (0..count).map(|_| name(format!("{of}{}", letters.remove(dice.below(letters.len()))))).collect()
        };
        let skus = several("sku-", "badc", &mut dice);
        let nodes = several("node-", "cab", &mut dice);
        let sources = several("source-", "zay", &mut dice);
        let all = kind::TABLE.iter().map(|row| row.kind).filter(|kind| *kind != Kind::PeriodClose);
        let kinds: Vec<Kind> = all.filter(|_| dice.percent(50)).collect();
        let kinds = if kinds.is_empty() { vec![Kind::Sell] } else { kinds };
        let mut world = World {
            skus,
            nodes,
            sources,
            kinds,
            edges: if dice.percent(25) { 50 } else { 6 },
            closes,
            closed: None,
            clock: 1_000_000,
            numbers: vec![0; 4],
            gaps: dice.percent(40),
            lots: if dice.percent(30) { 40 } else { 4 },
            opened: Vec::new(),
            shipped: Vec::new(),
            past: Vec::new(),
            first_steps: Vec::new(),
        };
        world.set_the_scene(&mut dice);
        world
    }

    /// Master data and some stock. The last item and the last node may stay unknown for a while.
    fn set_the_scene(&mut self, dice: &mut Dice) {
        let late_sku = usize::from(dice.percent(50));
        let late_node = usize::from(dice.percent(30));
        let skus: Vec<Name> = self.skus[..self.skus.len() - late_sku].to_vec();
        let nodes: Vec<Name> = self.nodes[..self.nodes.len() - late_node].to_vec();
        for sku in &skus {
            let event = self.item(dice, sku.clone());
            self.first_steps.push(Step::Fact(event));
        }
        for node in &nodes {
            let event = self.node(dice, node.clone());
            self.first_steps.push(Step::Fact(event));
        }
        for sku in &skus {
            for node in &nodes {
                let mut event = self.bare(dice, Kind::Receipt, false);
                event.node = Some(node.clone());
                event.lines = vec![Line::new(sku.clone(), dice.below(20) as i64).expect("in range")];
                self.first_steps.push(Step::Fact(event));
            }
        }
        self.past = self.first_steps.iter().map(|step| step.event().clone()).collect();
    }

    /// What every history of this world begins with.
    pub fn first_steps(&self) -> Vec<Step> {
        self.first_steps.clone()
    }

    pub fn skus(&self) -> &[Name] {
        &self.skus
    }

    pub fn nodes(&self) -> &[Name] {
        &self.nodes
    }

    /// The moment that the world has come to.
    pub fn now(&self) -> i64 {
        self.clock
    }

    /// Orders, transfers and leases that events may name.
    pub fn subjects() -> Vec<Name> {
        (0..6).map(|number| name(format!("subject-{number}"))).collect()
    }

    /// The step that a word stands for.
    pub fn step(&mut self, word: u64) -> Step {
        let mut dice = Dice::new(word);
        let event = match dice.below(100) {
            0..12 => self.again(&mut dice),
            12..15 => self.conflicting(&mut dice),
            15..18 => {
                let sku = dice.pick(&self.skus).clone();
                self.item(&mut dice, sku)
            }
            18..20 => {
                let node = dice.pick(&self.nodes).clone();
                self.node(&mut dice, node)
            }
            20..23 if self.closes => self.close(&mut dice),
            23..38 => self.stock(&mut dice),
            38..50 => self.order(&mut dice),
            50..53 => self.lot(&mut dice),
            _ => self.any(&mut dice),
        };
        let command = match event.kind.row().door {
            kind::Door::Fact => dice.percent(5),
            kind::Door::Command => dice.percent(80),
            kind::Door::Both => dice.percent(50),
        };
        self.past.push(event.clone());
        if command { Step::Command(event) } else { Step::Fact(event) }
    }

    /// An earlier event as it was, perhaps recorded at another time.
    fn again(&self, dice: &mut Dice) -> Event {
        let mut event = dice.pick(&self.past).clone();
        if dice.percent(50) {
            event.recorded = Time::new(self.clock + 1).expect("in range");
        }
        event
    }

    /// An earlier id with other content.
    fn conflicting(&self, dice: &mut Dice) -> Event {
        let mut event = self.again(dice);
        match event.lines.first_mut() {
            Some(line) if dice.percent(70) => {
                line.quantity = Quantity::new(dice.units(self.edges)).expect("in range")
            }
            _ => event.actor = Some(name("somebody-else")),
        }
        event
    }

    /// An event with an id of its own; a fifth of them carry no number.
    fn bare(&mut self, dice: &mut Dice, kind: Kind, late: bool) -> Event {
        let source = dice.below(self.sources.len());
        let count = if self.gaps { 0 } else { source };
        self.numbers[count] += 1;
        let number = self.numbers[count];
        self.clock += TICK * dice.below(4) as i64;
        let past = if late && dice.percent(25) { TICK * dice.below(80) as i64 } else { 0 };
        let id = match dice.percent(if self.gaps { 20 } else { 3 }) {
            true => Id::Text(name(format!("text-{number}"))),
            false => Id::Number(number),
        };
        let source = self.sources[source].clone();
        let occurred = match self.closed {
            // The very moment of a close.
            Some(closed) if late && dice.percent(8) => closed,
            _ => (self.clock - past).max(1),
        };
        let mut event = Event::new(source, id, kind, Time::new(occurred).expect("in range"));
        event.recorded = Time::new(self.clock).expect("in range");
        event
    }

    fn item(&mut self, dice: &mut Dice, sku: Name) -> Event {
        let mut event = self.bare(dice, Kind::ItemChange, true);
        let limit = if dice.percent(50) { 0 } else { dice.below(5) as i64 };
        event.terms = Some(Box::new(Terms::Item(ItemTerms {
            sku,
            unit: name("each"),
            title: None,
            backorder_limit: Quantity::new(limit).expect("in range"),
        })));
        event
    }

    fn node(&mut self, dice: &mut Dice, node: Name) -> Event {
        let mut event = self.bare(dice, Kind::NodeChange, true);
        event.terms = Some(Box::new(Terms::Node(NodeTerms {
            node,
            node_type: *dice.pick(NodeType::ALL),
            title: None,
            on_line: dice.percent(80),
            ships: true,
            picks_up: dice.percent(50),
            handling_ms: dice.below(1_000) as i64,
        })));
        event
    }

    fn close(&mut self, dice: &mut Dice) -> Event {
        let mut event = self.bare(dice, Kind::PeriodClose, false);
        // The first node is known from the start: closing waits for nothing.
        let known = self.nodes.len() - 1;
        event.node = Some(self.nodes[dice.below(known.max(1))].clone());
        let through = match dice.percent(50) {
            true => dice.pick(&self.past).occurred.millis(),
            false => self.clock - TICK * dice.below(60) as i64,
        };
        event.due = Time::new(through);
        self.closed = Some(through);
        event
    }

    /// Stock that comes, goes, and is counted: what most of a retailer's events are.
    fn stock(&mut self, dice: &mut Dice) -> Event {
        let kind = *dice.pick(&[Kind::Sell, Kind::Sell, Kind::Receipt, Kind::Count]);
        if !self.kinds.contains(&kind) {
            return self.any(dice);
        }
        let mut event = self.bare(dice, kind, true);
        event.node = Some(dice.pick(&self.nodes).clone());
        for _ in 0..1 + dice.below(2) {
            event.lines.push(self.line(dice));
        }
        event
    }

    fn line(&self, dice: &mut Dice) -> Line {
        let mut line = Line::new(dice.pick(&self.skus).clone(), dice.units(self.edges)).expect("in range");
        if dice.percent(self.lots) {
            line.lot = Some(name(*dice.pick(&["lot-1", "lot-2", "lot-1", "lot-2", "unassigned"])));
        }
        if dice.percent(4) {
            line.owner = Some(name("owner-1"));
        }
        if dice.percent(6) {
            line.place = Some(name(*dice.pick(&["shelf", "back"])));
        }
        line
    }

    /// Any kind, with what its row needs; now and then something is left out or too much.
    fn any(&mut self, dice: &mut Dice) -> Event {
        let kinds = self.kinds.clone();
        let kind = *dice.pick(&kinds);
        self.of_kind(dice, kind, false)
    }

    /// An order on its way: claimed, picked, shipped, and its shipment cancelled.
    fn order(&mut self, dice: &mut Dice) -> Event {
        let kind = match dice.below(12) {
            0..3 if !self.shipped.is_empty() => Kind::VoidShip,
            0..6 if !self.opened.is_empty() => *dice.pick(&[Kind::Ship, Kind::Ship, Kind::Pick, Kind::Pick]),
            6..8 if !self.opened.is_empty() => *dice.pick(&[
                Kind::Unpick,
                Kind::Release,
                Kind::Resize,
                Kind::Expire,
                Kind::Release,
                Kind::ShortPick,
                Kind::Reallocate,
            ]),
            _ => Kind::Reserve,
        };
        match self.kinds.contains(&kind) {
            true => self.of_kind(dice, kind, true),
            false => self.any(dice),
        }
    }

    /// A lot that something is said of, and what leaves of it.
    fn lot(&mut self, dice: &mut Dice) -> Event {
        let told = self.past.iter().rev().find_map(|event| match event.terms.as_deref() {
            Some(Terms::Lot(lot)) => Some(lot.clone()),
            _ => None,
        });
        let Some(lot) = told.filter(|_| dice.percent(80)) else {
            return self.of_kind(dice, Kind::LotChange, false);
        };
        let kind = *dice.pick(&[Kind::Ship, Kind::Pick, Kind::HandOver, Kind::Receipt, Kind::Hold]);
        let mut event = self.of_kind(dice, kind, false);
        event.subject = event.subject.filter(|_| dice.percent(20));
        if let Some(line) = event.lines.first_mut() {
            (line.sku, line.lot) = (lot.sku, Some(lot.lot).filter(|_| dice.percent(70)));
        }
        event
    }

    /// An event of a kind; `surely` about something that was claimed or shipped before, if anything was.
    fn of_kind(&mut self, dice: &mut Dice, kind: Kind, surely: bool) -> Event {
        let row = kind.row();
        let late = !surely || dice.percent(30);
        let mut event = self.bare(dice, kind, late);
        let whole = surely || dice.percent(97);
        let plausible = surely || dice.percent(70);
        event.asks = (row.needs.asks && whole).then_some(kind::Kind::Adjust);
        // A request has the parts of what it asks for.
        let about = event.asks.map_or(row, Kind::row);
        event.node = (about.needs.node || dice.percent(20)).then(|| dice.pick(&self.nodes).clone());
        event.to_node = row.needs.to_node.then(|| dice.pick(&self.nodes).clone());
        event.to_subject = row.needs.to_subject.then(|| dice.pick(&World::subjects()).clone());
        event.due = (row.needs.due && whole).then(|| Time::new(self.clock + 1_000).expect("in range"));
        if row.subject == kind::Subject::Needed
            || (row.subject == kind::Subject::Optional && dice.percent(60))
        {
            event.subject = Some(dice.pick(&World::subjects()).clone());
        }
        if (row.needs.reason && dice.percent(70)) || dice.percent(3) {
            event.reason = Some(name("reason-1"));
        }
        event.terms = row.needs.terms.then(|| Box::new(self.terms(dice, kind)));
        let opens = matches!(kind, Kind::Reserve | Kind::LeaseGrant | Kind::TransferApprove);
        event.partial = opens && dice.percent(20);
        let wanted = match about.lines {
            // The cards that are drawn here have none.
            _ if kind == Kind::CatalogueChange => 0,
            kind::Lines::None => 0,
            kind::Lines::Optional => dice.below(3),
            kind::Lines::Needed => 1 + dice.below(2) * usize::from(dice.percent(40)),
        };
        for _ in 0..if whole { wanted } else { dice.below(3) } {
            let line = self.line_of(dice, kind, &event);
            event.lines.push(line);
        }
        if opens {
            self.opens(dice, &mut event);
        } else if plausible {
            self.follow(dice, &mut event);
        }
        if matches!(kind, Kind::Ship | Kind::HandOver | Kind::TransferShip) {
            self.shipped.extend(named(&event));
        }
        event
    }

    fn line_of(&self, dice: &mut Dice, kind: Kind, event: &Event) -> Line {
        let row = kind.row();
        let mut line = self.line(dice);
        if row.claim.is_some() && dice.percent(85) {
            // Claims are summed over lots, owners and places.
            (line.owner, line.place) = (None, None);
            line.lot = line.lot.filter(|_| dice.percent(self.lots / 2));
        }
        if row.sign == kind::Sign::Signed && dice.percent(50) {
            line.quantity = Quantity::new(-line.quantity.units()).expect("in range");
        }
        if dice.percent(10) {
            line.node = Some(dice.pick(&self.nodes).clone());
        }
        if row.needs.to_state || dice.percent(5) {
            line.to_state = Some(*dice.pick(StockState::ALL));
        }
        if row.needs.to_place {
            line.to_place = Some(name(*dice.pick(&["shelf", "back"])));
        }
        if row.needs.to_sku {
            line.to_sku = Some(dice.pick(&self.skus).clone());
        }
        // What is liquidated is seldom where it should be.
        if kind == Kind::Liquidate && dice.percent(60) {
            line.state = Some(StockState::Sellable);
            line.quantity = Quantity::new(1).expect("in range");
        }
        let may_say =
            [Kind::Ship, Kind::ShortPick, Kind::TransferShip, Kind::WriteOff, Kind::Count, Kind::Sell]
                .contains(&kind);
        if dice.percent(if may_say { 25 } else { 3 }) {
            line.state = Some(*dice.pick(&[
                StockState::Picked,
                StockState::Picked,
                StockState::Damaged,
                StockState::Sellable,
            ]));
        }
        if matches!(kind, Kind::Receipt | Kind::ReceiptCancel) && dice.percent(40) {
            line.supply = Some(dice.pick(&World::subjects()).clone());
        }
        // A hold on dated supply has no end of its own here.
        if kind == Kind::Reserve && event.expires.is_none() && dice.percent(15) {
            line.supply = Some(dice.pick(&World::subjects()).clone());
        }
        if dice.percent(5) {
            line.line = Some(name("line-1"));
        }
        line
    }

    fn opens(&mut self, dice: &mut Dice, event: &mut Event) {
        if event.lines.iter().all(|line| line.supply.is_none()) && dice.percent(40) {
            event.expires = Time::new(event.occurred.millis() + TICK * (dice.below(30) as i64 - 1));
        }
        self.opened.extend(named(event));
    }

    /// Aims an event at something that was claimed before.
    fn follow(&self, dice: &mut Dice, event: &mut Event) {
        let Some((ledger, _)) = event.kind.row().claim else { return };
        let shipped = event.kind == Kind::VoidShip || dice.percent(10);
        let from = if shipped { &self.shipped } else { &self.opened };
        let claims = from.iter().filter(|one| one.0.row().claim.map(|(one, _)| one) == Some(ledger));
        let claims: Vec<_> = claims.rev().take(8).collect();
        if claims.is_empty() {
            return;
        }
        let (_, subject, line, sku, node, owner) = dice.pick(&claims);
        event.subject = Some(subject.clone());
        // Now and then at another node than it was claimed at; what comes back may well come back elsewhere.
        let elsewhere = if event.kind == Kind::VoidShip { 30 } else { 15 };
        let there = event.node.is_some() && !dice.percent(elsewhere);
        if there {
            event.node = Some(node.clone());
        }
        if let Some(first) = event.lines.first_mut() {
            if there {
                first.owner = first.owner.take().or_else(|| owner.clone());
            }
            first.sku = sku.clone();
            first.node = None;
            first.line = (line != sku).then(|| line.clone());
            first.quantity = Quantity::new(1 + dice.below(3) as i64).expect("in range");
        }
        event.lines.truncate(1);
    }

    fn card(&self, dice: &mut Dice, sku: Name, node: Name) -> Card {
        let card = match dice.below(3) {
            0 => Card::new(List::Pack, name("case"))
                .of(sku)
                .with(Field::Count, Value::Number(1 + dice.below(12) as i64)),
            1 => Card::new(List::Place, name("shelf")).of(node),
            _ => Card::new(List::Item, sku).with(Field::ByLot, Value::Flag(dice.percent(50))),
        };
        if dice.percent(10) { card.closed() } else { card }
    }

    fn terms(&self, dice: &mut Dice, kind: Kind) -> Terms {
        let quantity = Quantity::new(dice.below(4) as i64).expect("in range");
        let sku = dice.pick(&self.skus).clone();
        let node = dice.pick(&self.nodes).clone();
        match kind {
            Kind::ItemChange => {
                Terms::Item(ItemTerms { sku, unit: name("each"), title: None, backorder_limit: quantity })
            }
            Kind::NodeChange => Terms::Node(NodeTerms {
                node,
                node_type: NodeType::Store,
                title: None,
                on_line: true,
                ships: true,
                picks_up: true,
                handling_ms: 0,
            }),
            Kind::LaneChange => Terms::Lane(LaneTerms {
                node,
                zone: name("zone-1"),
                method: name("standard"),
                open: dice.percent(80),
                transit_ms: dice.below(1_000) as i64,
                parcel_cost: Money::ZERO,
                unit_cost: Money::ZERO,
            }),
            Kind::CatalogueChange => Terms::Card(self.card(dice, sku, node)),
            Kind::LotChange => Terms::Lot(LotTerms {
                sku,
                lot: name(*dice.pick(&["lot-1", "lot-2", "unassigned"])),
                expires: dice.percent(50).then(|| {
                    Time::new((self.clock + TICK * (dice.below(200) as i64 - 100)).max(1)).expect("in range")
                }),
                recalled: dice.percent(40),
            }),
            _ => {
                let node = dice.percent(60).then_some(node);
                let method = node.is_some() && dice.percent(40);
                let method = method.then(|| name(*dice.pick(&["standard", "van"])));
                Terms::Protection(ProtectionTerms { sku, node, method, quantity })
            }
        }
    }
}

/// Subject, order line, item and node of each line that names them all.
/// Kind, order, line, item, node and owner.
type Named = (Kind, Name, Name, Name, Name, Option<Name>);

fn named(event: &Event) -> Vec<Named> {
    let lines = event.lines.iter().filter_map(|line| {
        let node = line.node.as_ref().or(event.node.as_ref())?;
        let (subject, sku, owner) = (event.subject.clone()?, line.sku.clone(), line.owner.clone());
        Some((event.kind, subject, line.line_name().clone(), sku, node.clone(), owner))
    });
    lines.collect()
}
