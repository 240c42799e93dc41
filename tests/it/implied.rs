//! What the scenarios of other systems imply, as properties of any stock and any units.
//!
//! `cases/scenarios.txt` plays the scenarios one by one. What they have in common is listed here; a law or test that holds
//! one of them already is named and not repeated.
//!
//! | what they imply | held by |
//! |---|---|
//! | J1 stock changes only by movements, and claims are the sum of claims | laws P1 and P2, `log::the_history_of_a_position_is_all_that_moved_it` |
//! | J2 nothing claimed is below zero; what is released beyond what is held is said | laws P2, P3, P7 and the model |
//! | J3 a batch is checked on its sum, and a failure writes nothing | `j3_a_batch_is_checked_on_its_sum` |
//! | J4 a holder's own hold does not count against it | `j4_an_own_claim_is_no_obstacle_to_its_resize` |
//! | J5 the same again changes nothing | law P5 |
//! | J6 a cancel gives back what was taken, where it was taken, once | `j6_a_cancel_restores_what_was_taken_where_it_was_taken` |
//! | J7 what was promised in full and ships changes nothing that is available | `j7_a_promised_shipment_leaves_what_is_available` |
//! | J8 what leaves without a promise takes none of another order | `j8_what_leaves_unpromised_takes_no_promise` |
//! | J9 what is missing at one node takes nothing from another | `j9_a_node_that_is_short_takes_nothing_from_another` |
//! | J10 kits are the least of their components, and factors apply once | `j10_kits_are_the_least_of_their_components` |
//! | J11 what comes back unfit is not for sale | `j11_a_return_is_for_sale_only_where_it_is_graded_so` |
//! | J12 a count is a difference at its moment, never an overwrite | `counting::counts_of_any_scope_in_any_order_end_in_one_book` |

use onhand::catalogue::{Card, Catalogue, List};
use onhand::kind::Ledger;
use onhand::{Availability, Book, Event, Id, Kind, Line, Refusal, StockState, Terms, Time, testing};
use onhand_tests::random::name;
use proptest::prelude::*;

/// A book that is told one thing a second.
struct Shop {
    book: Book,
    told: u64,
}

impl Shop {
    /// Two nodes with so many of `TEA` each.
    fn with(units: [i64; 2]) -> Shop {
        let mut shop = Shop { book: testing::book(&["TEA", "CUP", "TRAY"], &["S1", "S2"]), told: 0 };
        for (node, units) in ["S1", "S2"].into_iter().zip(units) {
            shop.fact(Kind::Opening, node, &[units], |_| {});
        }
        shop
    }

    fn now(&self) -> Time {
        Time::new(self.told as i64 * 1_000).unwrap()
    }

    /// An event about order-1, with a line for each of these quantities.
    fn event(&mut self, kind: Kind, node: &str, units: &[i64], change: impl Fn(&mut Event)) -> Event {
        self.told += 1;
        let mut event = Event::new(name("shop"), Id::Number(self.told), kind, self.now());
        event.node = Some(name(node));
        if kind.row().claim.is_some() || kind.row().needs.to_node {
            event.subject = Some(name("order-1"));
        }
        event.reason = kind.row().needs.reason.then(|| name("because"));
        for (at, units) in units.iter().enumerate() {
            let mut line = Line::new(name("TEA"), *units).unwrap();
            line.line = (units != &0 && event.subject.is_some()).then(|| name(format!("line-{at}")));
            event.lines.push(line);
        }
        change(&mut event);
        event
    }

    fn fact(&mut self, kind: Kind, node: &str, units: &[i64], change: impl Fn(&mut Event)) {
        let event = self.event(kind, node, units, change);
        self.book.evolve(&event).unwrap();
    }

    /// Whether it was accepted; what was refused has changed nothing.
    fn ask(
        &mut self,
        kind: Kind,
        node: &str,
        units: &[i64],
        change: impl Fn(&mut Event),
    ) -> Result<(), Refusal> {
        let event = self.event(kind, node, units, change);
        let before = self.book.digest();
        let answer = self.book.execute(&event).map(drop);
        assert!(
            answer.is_ok() || self.book.digest() == before,
            "{event:?} was refused and has changed the book"
        );
        answer
    }

    fn shelf(&self, node: &str) -> Availability {
        self.book.availability("TEA", node, self.now()).unwrap()
    }

    fn open(&self) -> i64 {
        let claims = self.book.claims(Ledger::Order, &name("order-1"), self.now());
        claims.iter().map(|claim| claim.open).sum()
    }
}

fn of(subject: &'static str) -> impl Fn(&mut Event) {
    move |event| event.subject = Some(name(subject))
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    #[test]
    fn j3_a_batch_is_checked_on_its_sum(stock in 0..20i64, lines in prop::collection::vec(1..8i64, 1..6)) {
        let mut shop = Shop::with([stock, 100]);
        let sum: i64 = lines.iter().sum();
        match shop.ask(Kind::Reserve, "S1", &lines, |_| {}) {
            Ok(()) => prop_assert!(sum <= stock && shop.open() == sum),
            Err(Refusal::Insufficient { .. }) => prop_assert!(sum > stock && shop.open() == 0),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn j4_an_own_claim_is_no_obstacle_to_its_resize(stock in 1..20i64, own in 1..20i64, other in 0..20i64, to in 1..30i64) {
        let own = own.min(stock);
        let other = other.min(stock - own);
        let mut shop = Shop::with([stock, 100]);
        shop.ask(Kind::Reserve, "S1", &[own], |_| {}).unwrap();
        if other > 0 {
            shop.ask(Kind::Reserve, "S1", &[other], of("order-2")).unwrap();
        }
        let resized = shop.ask(Kind::Resize, "S1", &[to], |_| {}).is_ok();
        prop_assert_eq!(resized, to <= stock - other);
        prop_assert_eq!(shop.open(), if resized { to } else { own });
        prop_assert_eq!(shop.shelf("S1").claimed, shop.open() + other);
    }

    /// Part of a claim is shipped, the shipment is cancelled, the order is cancelled: each twice.
    #[test]
    fn j6_a_cancel_restores_what_was_taken_where_it_was_taken(stock in 1..20i64, claim in 1..20i64, ship in 1..20i64, picks: bool) {
        let (claim, mut shop) = (claim.min(stock), Shop::with([stock, 7]));
        let ship = ship.min(claim);
        let (before, beside) = (shop.shelf("S1"), shop.shelf("S2"));
        shop.ask(Kind::Reserve, "S1", &[claim], |_| {}).unwrap();
        let claimed = shop.shelf("S1");
        if picks {
            shop.ask(Kind::Pick, "S1", &[ship], |_| {}).unwrap();
        }
        let from = picks.then_some(StockState::Picked);
        shop.ask(Kind::Ship, "S1", &[ship], |event| event.lines[0].state = from).unwrap();
        prop_assert_eq!(shop.shelf("S1").on_hand, stock - ship);
        shop.ask(Kind::VoidShip, "S1", &[ship], |_| {}).unwrap();
        prop_assert_eq!(shop.shelf("S1"), claimed, "the claim and the units are back");
        prop_assert!(shop.ask(Kind::VoidShip, "S1", &[ship], |_| {}).is_err(), "and not a second time");
        shop.ask(Kind::Release, "S1", &[], |_| {}).unwrap();
        prop_assert_eq!(shop.shelf("S1"), before);
        prop_assert!(shop.ask(Kind::Release, "S1", &[], |_| {}).is_err(), "and not a second time");
        prop_assert_eq!(shop.shelf("S1"), before);
        prop_assert_eq!(shop.shelf("S2"), beside);
    }

    #[test]
    fn j7_a_promised_shipment_leaves_what_is_available(stock in 1..20i64, claim in 1..20i64, ship in 1..20i64) {
        let (claim, mut shop) = (claim.min(stock), Shop::with([stock, 0]));
        let ship = ship.min(claim);
        shop.ask(Kind::Reserve, "S1", &[claim], |_| {}).unwrap();
        let before = shop.shelf("S1");
        shop.ask(Kind::Ship, "S1", &[ship], |_| {}).unwrap();
        let after = shop.shelf("S1");
        prop_assert_eq!(after.available, before.available);
        prop_assert_eq!((after.sellable, after.claimed), (before.sellable - ship, before.claimed - ship));
    }

    /// A write-off, an adjustment, a hold or a transfer that nobody claimed for.
    #[test]
    fn j8_what_leaves_unpromised_takes_no_promise(stock in 1..20i64, claim in 1..20i64, units in 1..20i64, way in 0..4usize) {
        let (claim, mut shop) = (claim.min(stock), Shop::with([stock, 0]));
        shop.ask(Kind::Reserve, "S1", &[claim], |_| {}).unwrap();
        let kind = [Kind::WriteOff, Kind::Adjust, Kind::Hold, Kind::TransferApprove][way];
        let signed = if kind == Kind::Adjust { -units } else { units };
        let left = shop.ask(kind, "S1", &[signed], |event| {
            if kind == Kind::TransferApprove {
                (event.subject, event.to_node) = (Some(name("transfer-1")), Some(name("S2")));
            }
        });
        prop_assert_eq!(left.is_ok(), units <= stock - claim, "{:?}", left);
        prop_assert_eq!(shop.open(), claim);
        prop_assert_eq!(shop.shelf("S1").overcommitted, 0);
        shop.ask(Kind::Ship, "S1", &[claim], |_| {}).unwrap();
    }

    #[test]
    fn j9_a_node_that_is_short_takes_nothing_from_another(stock in [0..20i64, 1..20i64], claim in 0..20i64, sold in 0..40i64) {
        let mut shop = Shop::with(stock);
        let claim = claim.min(stock[0]);
        if claim > 0 {
            shop.ask(Kind::Reserve, "S1", &[claim], |_| {}).unwrap();
        }
        shop.fact(Kind::Sell, "S1", &[sold], |_| {});
        let short = shop.shelf("S1");
        prop_assert_eq!(short.available, (stock[0] - sold - claim).max(0));
        prop_assert_eq!(shop.shelf("S2").available, stock[1]);
        prop_assert!(shop.ask(Kind::Reserve, "S2", &[stock[1] + 1], of("order-2")).is_err());
        shop.ask(Kind::Reserve, "S2", &[stock[1]], of("order-3")).unwrap();
    }

    /// A set of so many cups and trays, of which there are some; what makes several sets is that of one, times their number.
    #[test]
    fn j10_kits_are_the_least_of_their_components(needs in [1..5i64, 1..5i64], stock in [0..30i64, 0..30i64], kits in 1..9i64) {
        let mut shop = Shop::with([0, 0]);
        let parts = ["CUP", "TRAY"];
        let mut catalogue = Catalogue::default();
        let mut card = Event::new(name("office"), Id::Number(1), Kind::CatalogueChange, Time::ZERO);
        card.terms = Some(Terms::Card(Card::new(List::Kit, name("TEA"))).into());
        card.lines = parts.iter().zip(needs).map(|(part, units)| Line::new(name(part), units).unwrap()).collect();
        catalogue.note(&card);
        for (part, units) in parts.iter().zip(stock) {
            shop.fact(Kind::Receipt, "S1", &[units], |event| event.lines[0].sku = name(part));
        }
        let least = needs.iter().zip(stock).map(|(needs, stock)| stock / needs).min().unwrap();
        let had = catalogue.kit_availability(&shop.book, &name("TEA"), &name("S1"), shop.now()).unwrap();
        prop_assert_eq!((had.ready, had.to_make), (0, least));
        let expanded = catalogue.expand(&name("TEA"), kits, shop.now()).unwrap();
        let once: Vec<_> = parts.iter().zip(needs).map(|(part, units)| (name(part), units * kits)).collect();
        prop_assert_eq!(expanded, once);
    }

    #[test]
    fn j11_a_return_is_for_sale_only_where_it_is_graded_so(
        back in 1..20i64,
        grades in prop::collection::vec((0..StockState::ALL.len(), 1..6i64), 0..5),
    ) {
        let mut shop = Shop::with([3, 0]);
        shop.fact(Kind::ReturnReceive, "S1", &[back], |_| {});
        prop_assert_eq!(shop.shelf("S1").available, 3);
        let (mut left, mut fit) = (back, 0);
        for (state, units) in grades {
            let state = StockState::ALL[state];
            let graded = shop.ask(Kind::Grade, "S1", &[units], |event| event.lines[0].to_state = Some(state)).is_ok();
            prop_assert!(graded || units > left || state == StockState::Returned || state == StockState::Picked);
            if graded {
                left -= units;
                fit += if state == StockState::Sellable { units } else { 0 };
            }
            prop_assert_eq!(shop.shelf("S1").available, 3 + fit);
            prop_assert_eq!(shop.shelf("S1").on_hand, 3 + back);
        }
    }
}
