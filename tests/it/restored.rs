//! What orders took is restored exactly, lot by lot and owner by owner, whatever happened between: recalls, returns, claims that went
//! from one order to another, shipments cancelled in part and picked anew.
//!
//! The statement beside the book: a ledger of our own, moved by hand by each intent that was accepted, and by facts.

use std::collections::BTreeMap;

use onhand::kind::Ledger;
use onhand::{
    Book, Decision, Event, ExceptionCode, Id, Kind, Line, LotTerms, Refusal, StockState, Terms, Time, testing,
};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

/// Owner, lot and state of units at the one node.
type Spot = (Option<String>, Option<String>, StockState);

const LOTS: [Option<&str>; 3] = [None, Some("A"), Some("B")];
const OWNERS: [Option<&str>; 2] = [None, Some("mill")];
/// Each with whose goods it is on.
const ORDERS: [(&str, Option<&str>); 4] =
    [("O1", None), ("O2", None), ("O3", Some("mill")), ("O4", Some("mill"))];

struct Shop {
    book: Book,
    told: u64,
    held: BTreeMap<Spot, i64>,
    /// What would be there if no order had ever been.
    alone: BTreeMap<Spot, i64>,
    recalled: BTreeMap<&'static str, bool>,
    said: Vec<String>,
}

impl Shop {
    fn new() -> Shop {
        let book = testing::book(&["TEA"], &["S1"]);
        Shop {
            book,
            told: 0,
            held: BTreeMap::new(),
            alone: BTreeMap::new(),
            recalled: BTreeMap::new(),
            said: Vec::new(),
        }
    }

    fn now(&self) -> Time {
        Time::new(self.told as i64 * 1_000).expect("in range")
    }

    fn event(&mut self, kind: Kind, units: i64, owner: Option<&str>) -> Event {
        self.told += 1;
        let mut event = Event::new(name("shop"), Id::Number(self.told), kind, self.now());
        event.node = Some(name("S1"));
        event.reason = kind.row().needs.reason.then(|| name("because"));
        let mut line = Line::new(name("TEA"), units).expect("in range");
        line.owner = owner.map(name);
        event.lines.push(line);
        event
    }

    /// Asks; what is accepted moves the ledger as it was bound to lots.
    fn ask(&mut self, event: &Event) -> Result<(), Refusal> {
        let Decision::Accept(accepted) = self.book.decide(event)? else { panic!("a new id") };
        self.book.execute(event)?;
        self.said.push(accepted.to_json());
        let moves = |line: &Line| -> (Option<StockState>, Option<StockState>) {
            use StockState::{Picked, Quarantined, Recalled, Returned, Sellable};
            let from = |usual| Some(line.state.unwrap_or(usual));
            match event.kind {
                Kind::Pick => (from(Sellable), Some(Picked)),
                Kind::Unpick => (Some(Picked), Some(line.to_state.unwrap_or(Sellable))),
                Kind::Ship => (from(Sellable), None),
                Kind::HandOver => (from(Picked), None),
                Kind::VoidShip => (None, from(Sellable)),
                Kind::Hold => (from(Sellable), Some(line.to_state.unwrap_or(Recalled))),
                Kind::ReleaseHold => (from(Quarantined), Some(Sellable)),
                Kind::Grade => (from(Returned), Some(line.to_state.unwrap_or(Sellable))),
                _ => (None, None),
            }
        };
        for line in &accepted.lines {
            let units = line.quantity.units();
            let own = |state| (text(&line.owner), text(&line.lot), state);
            let (from, to) = moves(line);
            if matches!(event.kind, Kind::Pick | Kind::Ship | Kind::HandOver) {
                let lot = line.lot.as_ref().map(|lot| lot.as_str());
                assert!(
                    lot.is_none_or(|lot| self.recalled.get(lot) != Some(&true)),
                    "recalled: {accepted:?}"
                );
            }
            for (state, units) in [(from, -units), (to, units)] {
                if let Some(state) = state {
                    *self.held.entry(own(state)).or_default() += units;
                    if event.subject.is_none() && !matches!(event.kind, Kind::Pick | Kind::Unpick) {
                        *self.alone.entry(own(state)).or_default() += units;
                    }
                }
            }
        }
        self.audit();
        Ok(())
    }

    fn fact(&mut self, mut event: Event, lot: Option<&str>, state: StockState) {
        event.lines[0].lot = lot.map(name);
        self.book.evolve(&event).expect("posted");
        self.said.push(event.to_json());
        let spot = (text(&event.lines[0].owner), lot.map(str::to_owned), state);
        for ledger in [&mut self.held, &mut self.alone] {
            *ledger.entry(spot.clone()).or_default() += event.lines[0].quantity.units();
        }
        self.audit();
    }

    fn recall(&mut self, lot: &'static str, recalled: bool) {
        let mut event = self.event(Kind::LotChange, 0, None);
        (event.node, event.lines) = (None, Vec::new());
        let terms = LotTerms { sku: name("TEA"), lot: name(lot), expires: None, recalled };
        event.terms = Some(Box::new(Terms::Lot(terms)));
        self.book.execute(&event).expect("known");
        self.recalled.insert(lot, recalled);
        self.audit();
    }

    /// The book against the ledger: every position, and what orders have that is not there or not fit.
    fn audit(&self) {
        let mut there: BTreeMap<Spot, i64> = BTreeMap::new();
        for one in self.book.positions("TEA") {
            *there.entry((text(&one.owner), text(&one.lot), one.state)).or_default() += one.quantity;
        }
        for ledger in [&there, &self.held] {
            for spot in ledger.keys() {
                let both = [&there, &self.held].map(|one| one.get(spot).copied().unwrap_or(0));
                assert_eq!(both[0], both[1], "{spot:?}: the book and the ledger");
                assert!(both[0] >= 0, "{spot:?} below zero by intents");
            }
        }
        let open = self.book.exceptions(self.now());
        for owner in OWNERS {
            let claims = ORDERS.iter().filter(|(_, whose)| *whose == owner);
            let claims: Vec<_> = claims
                .flat_map(|(order, _)| self.book.claims(Ledger::Order, &name(*order), self.now()))
                .collect();
            let fit = |state| {
                let of_it = self.held.iter().filter(|((whose, lot, is), _)| {
                    let recalled = lot.as_deref().is_some_and(|lot| self.recalled.get(lot) == Some(&true));
                    whose.as_deref() == owner && *is == state && !recalled
                });
                of_it.map(|(_, units)| units).sum::<i64>()
            };
            let sums = [
                (None, claims.iter().map(|one| one.open).sum::<i64>(), fit(StockState::Sellable)),
                (
                    Some(StockState::Picked),
                    claims.iter().map(|one| one.picked).sum(),
                    fit(StockState::Picked),
                ),
            ];
            for (state, claimed, fit) in sums {
                let told = open.iter().filter(|one| one.code == ExceptionCode::Overcommitted);
                let mut told = told.filter(|one| one.state == state && text(&one.owner).as_deref() == owner);
                let said = told.next().map_or(0, |one| one.quantity);
                assert_eq!(said, (claimed - fit).max(0), "claimed of {owner:?} {state:?} beyond what is fit");
            }
        }
    }

    /// Something that an order, or somebody else, does.
    fn step(&mut self, dice: &mut Dice) {
        use StockState::{Picked, Quarantined, Returned, Sellable};
        let (order, owner) = *dice.pick(&ORDERS);
        let units = 1 + dice.below(4) as i64;
        let kind = *dice.pick(&[
            Kind::Receipt,
            Kind::Reserve,
            Kind::Reserve,
            Kind::Resize,
            Kind::Release,
            Kind::Reallocate,
            Kind::Pick,
            Kind::Pick,
            Kind::Pick,
            Kind::Unpick,
            Kind::Ship,
            Kind::Ship,
            Kind::HandOver,
            Kind::VoidShip,
            Kind::VoidShip,
            Kind::LotChange,
            Kind::Hold,
            Kind::ReleaseHold,
            Kind::ReturnReceive,
            Kind::Grade,
        ]);
        let mut event = self.event(kind, units, owner);
        event.subject = kind.row().claim.is_some().then(|| name(order));
        // Taken by name or not; given back by name never, so that the book has to know.
        let lot = *dice.pick(&LOTS);
        match kind {
            Kind::LotChange => {
                return self.recall(if dice.percent(50) { "A" } else { "B" }, dice.percent(40));
            }
            Kind::Receipt => return self.fact(event, lot, Sellable),
            Kind::ReturnReceive => return self.fact(event, lot, Returned),
            Kind::Reallocate => {
                let others = ORDERS.iter().filter(|(other, whose)| *other != order && *whose == owner);
                event.to_subject = others.map(|(other, _)| name(*other)).next();
            }
            Kind::Pick => event.lines[0].lot = lot.filter(|_| dice.percent(40)).map(name),
            Kind::Ship if dice.percent(50) => event.lines[0].state = Some(Picked),
            Kind::Ship => event.lines[0].lot = lot.filter(|_| dice.percent(40)).map(name),
            Kind::VoidShip if dice.percent(40) => event.lines[0].state = Some(Picked),
            Kind::Hold => {
                (event.lines[0].lot, event.lines[0].to_state) = (lot.map(name), Some(Quarantined));
            }
            Kind::ReleaseHold | Kind::Grade => event.lines[0].lot = lot.map(name),
            _ => {}
        }
        let _ = self.ask(&event);
    }

    /// Every order gives back all that it has, and names no lot.
    fn unwind(&mut self) -> Result<(), Refusal> {
        ["A", "B"].into_iter().for_each(|lot| self.recall(lot, false));
        for (order, owner) in ORDERS {
            for kind in [Kind::VoidShip, Kind::Unpick, Kind::Release] {
                let claims = self.book.claims(Ledger::Order, &name(order), self.now());
                for claim in claims {
                    let units = match kind {
                        Kind::VoidShip => claim.shipped,
                        Kind::Unpick => claim.picked,
                        _ => claim.open,
                    };
                    let mut event = self.event(kind, units, owner);
                    event.subject = Some(name(order));
                    event.lines[0].line = Some(claim.line.clone());
                    if units > 0 {
                        self.ask(&event)?;
                    }
                }
            }
        }
        // What left the shelf for an order that had others picked leaves those staged for nobody; lots by name come first.
        let staged = self.held.clone().into_iter().rev();
        for ((owner, lot, _), units) in
            staged.filter(|((.., state), units)| *state == StockState::Picked && *units > 0)
        {
            let mut event = self.event(Kind::Unpick, units, owner.as_deref());
            event.lines[0].lot = lot.as_deref().map(name);
            self.ask(&event)?;
        }
        Ok(())
    }
}

fn text(name: &Option<onhand::Name>) -> Option<String> {
    name.as_ref().map(|name| name.as_str().to_owned())
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    #[test]
    fn what_orders_took_is_restored_lot_by_lot(words in prop::collection::vec(any::<u64>(), 1..60)) {
        let mut shop = Shop::new();
        words.iter().for_each(|word| shop.step(&mut Dice::new(*word)));
        let unwound = shop.unwind();
        prop_assert!(unwound.is_ok(), "{:?} after {:#?}", unwound, shop.said);
        shop.held.retain(|_, units| *units != 0);
        shop.alone.retain(|_, units| *units != 0);
        prop_assert_eq!(&shop.held, &shop.alone, "{:#?}", shop.said);
    }
}
