//! A book that was carried, and an image of it where it lies, beside the book itself: every reading and every promise, bit for bit.

use std::fmt::Write as _;

use onhand::atp::{Flavour, Rule as AtpRule};
use onhand::kind::Ledger;
use onhand::promise::{
    Change, Explain, Offer, REMEDY_STEPS_DEFAULT, Request, Risk, Rulebook, Search, Strategy, Want, Wish, With,
};
use onhand::rows::NameKind;
use onhand::{Book, Image, Name, Outside, StockState, Time};
use onhand_tests::random::{Dice, World, name};
use proptest::prelude::*;

use crate::live::{change, now, risk};
use crate::promise::{history_of, post, request};
use crate::rulebook::rulebook;

struct Asked {
    world: World,
    now: Time,
    requests: Vec<(Rulebook, Request, Vec<Change>, Risk)>,
    order: Name,
    wants: Vec<Want>,
    words: Vec<Name>,
}

impl Asked {
    fn of(world: &World, book: &Book, dice: &mut Dice) -> Asked {
        let one = |dice: &mut Dice| {
            let request = Request { now: now(world), ..request(world, dice) };
            (
                rulebook(world, dice),
                request,
                change(world, book, dice).into_iter().collect(),
                risk(world, book, dice),
            )
        };
        let requests = (0..3).map(|_| one(dice)).collect();
        let want = |dice: &mut Dice| Want {
            subject: dice.pick(&World::subjects()).clone(),
            line: name(format!("line-{}", dice.below(3))),
            strategy: *dice.pick(Strategy::ALL),
            wanted: dice.below(9) as i64,
            needed_by: dice.percent(40).then(|| world.now() + dice.below(4) as i64 * 1_000),
        };
        let wants = (0..dice.below(3)).map(|_| want(dice)).collect();
        let words =
            ["supply-0", "supply-1", "supply-2"].map(name).into_iter().chain(World::subjects()).collect();
        Asked {
            world: world.clone(),
            now: now(world),
            requests,
            order: dice.pick(&World::subjects()).clone(),
            wants,
            words,
        }
    }

    /// What a book says of one item.
    fn of_item(&self, book: &Book, sku: &str) -> String {
        let mut said = format!(
            "{sku} {:?} {:?}",
            book.positions(sku),
            Outside::ALL.iter().map(|one| book.account(sku, *one)).collect::<Vec<_>>()
        );
        let number = book.number_of(NameKind::Sku, sku);
        let mut by_node: Vec<_> = book
            .available_by_node(number, self.now)
            .map(|(units, _)| {
                let name = |node: u32| book.name_of(NameKind::Node, node).unwrap().to_owned();
                book.nodes_by_name()
                    .into_iter()
                    .map(|(node, place)| (name(node), units.get(place as usize).copied()))
                    .collect()
            })
            .unwrap_or_default();
        by_node.sort();
        write!(said, "\n{by_node:?} {:?}", book.availability_everywhere(sku, self.now)).unwrap();
        for node in self.world.nodes() {
            let node = node.as_str();
            let rule = |flavour: &Flavour| AtpRule { flavour: *flavour, ..AtpRule::default() };
            let atp: Vec<_> = Flavour::ALL
                .iter()
                .map(|flavour| book.atp(sku, node, self.now, &rule(flavour), &[]))
                .collect();
            let (shelf, supply, losing) = (
                book.availability(sku, node, self.now),
                book.dated_supply(sku, node),
                book.losing_claims(sku, node, self.now),
            );
            let states: Vec<_> =
                StockState::ALL.iter().map(|state| book.quantity(sku, node, None, *state)).collect();
            let name = name(sku);
            let shown = |rules: &Rulebook, request: &Request| {
                book.shown(rules, name.as_str(), node, request.channel.as_ref(), self.now)
            };
            let shown: Vec<_> =
                self.requests.iter().map(|(rules, request, ..)| shown(rules, request)).collect();
            let dealt = book.redistribute(sku, node, self.now, &self.wants);
            write!(said, "\n{node} {shelf:?} {supply:?} {losing:?} {states:?} {atp:?} {shown:?} {dealt:?}")
                .unwrap();
        }
        for word in &self.words {
            write!(said, "\n{word} {}", book.in_transit(sku, word.as_str())).unwrap();
        }
        said
    }

    /// What it says to a request, by every door.
    fn promised(&self, book: &Book, at: usize) -> String {
        let (rules, request, changes, risk) = &self.requests[at];
        let mut said = format!("{:?}\n{:?}", book.promise(request), book.promise_under(rules, request));
        let with = With { changes, order: Some(&self.order), risk: Some(risk) };
        write!(
            said,
            "\n{:?}\n{:?}",
            book.promise_under_with(rules, request, &with),
            book.promise_if(request, changes)
        )
        .unwrap();
        write!(said, "\n{:?}\n{:?}", book.promise_surely(request, risk), book.tries(request, risk)).unwrap();
        write!(
            said,
            "\n{:?}\n{:?}",
            book.tries_under(rules, request, risk),
            book.promise_again(request, &self.order)
        )
        .unwrap();
        let steps = REMEDY_STEPS_DEFAULT / 100;
        write!(said, "\n{:?}", book.counterfactual(request, Wish::Whole, steps)).unwrap();
        write!(said, "\n{:?}", book.counterfactual_under(rules, request, Wish::Whole, steps)).unwrap();
        said
    }

    /// What it says of all items together.
    fn of_all(&self, book: &Book) -> String {
        let mut said = format!("{:?} {:?}", book.exceptions(self.now), book.open_promises(None, 3, self.now));
        for subject in World::subjects() {
            for ledger in [Ledger::Order, Ledger::Transfer, Ledger::Lease] {
                write!(said, "\n{subject} {:?}", book.claims(ledger, &subject, self.now)).unwrap();
            }
        }
        said
    }
}

/// A book with periods that are closed.
fn closed_book(seed: u64, words: &[u64]) -> (World, Book) {
    let (world, events) = history_of(seed, words, true);
    let mut book = Book::new();
    post(&mut book, &events);
    (world, book)
}

fn missing(offer: &Offer) -> i64 {
    offer.unmet.iter().map(|unmet| unmet.quantity).sum()
}

proptest! {
    #![proptest_config(crate::cases_of(96))]

    /// A restored book and an image say of every item, and to every request, what the book says that they were taken of; an image that was
    /// asked for some items says so of those.
    #[test]
    fn a_carried_book_answers_as_the_book(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80), asked: u64) {
        let (world, book) = closed_book(seed, &words);
        let asked = Asked::of(&world, &book, &mut Dice::new(asked));
        let snapshot = book.snapshot();
        let restored = Book::restore(&snapshot).unwrap();
        let mut in_place = Image::open(snapshot.clone()).unwrap();
        for sku in world.skus() {
            let said = asked.of_item(&book, sku.as_str());
            prop_assert_eq!(&asked.of_item(&restored, sku.as_str()), &said);
            prop_assert_eq!(&asked.of_item(in_place.with(&[sku.as_str()]), sku.as_str()), &said);
            let mut alone = Image::open(snapshot.clone()).unwrap();
            prop_assert_eq!(&asked.of_item(alone.with(&[sku.as_str()]), sku.as_str()), &said);
        }
        for at in 0..asked.requests.len() {
            let said = asked.promised(&book, at);
            prop_assert_eq!(&asked.promised(&restored, at), &said);
            let (rules, request, changes, risk) = &asked.requests[at];
            let mut some = Image::open(snapshot.clone()).unwrap();
            let skus: Vec<&str> = request.lines.iter().map(|line| line.sku.as_str()).collect();
            let some = some.with(&skus);
            prop_assert_eq!(some.promise(request), book.promise(request));
            prop_assert_eq!(some.promise_under(rules, request), book.promise_under(rules, request));
            let own = |change: &&Change| match change {
                Change::Stock { sku, .. } | Change::Supply { sku, .. } | Change::Moved { sku, .. } | Change::Unprotected { sku, .. } => {
                    skus.contains(&sku.as_str())
                }
                _ => true,
            };
            let changes: Vec<Change> = changes.iter().filter(own).cloned().collect();
            prop_assert_eq!(some.promise_if(request, &changes), book.promise_if(request, &changes));
            prop_assert_eq!(some.promise_again(request, &asked.order), book.promise_again(request, &asked.order));
            let plain = Risk { errors: Vec::new(), ..risk.clone() };
            prop_assert_eq!(some.promise_surely(request, &plain), book.promise_surely(request, &plain));
        }
        let said = asked.of_all(&book);
        prop_assert_eq!(&asked.of_all(&restored), &said);
        let whole = in_place.into_book();
        prop_assert_eq!(&asked.of_all(&whole), &said);
        for at in 0..asked.requests.len() {
            prop_assert_eq!(asked.promised(&whole, at), asked.promised(&book, at));
        }
    }

    /// What is available by node is what is available at each, and where it is said to be so at every moment it is.
    #[test]
    fn what_is_available_by_node_is_available_at_each(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80)) {
        let (world, book) = closed_book(seed, &words);
        for sku in world.skus() {
            let number = book.number_of(NameKind::Sku, sku.as_str());
            let mut always: Option<Vec<i64>> = None;
            for at in [0, world.now() / 2, world.now(), world.now() + 1, world.now() + 1_000, world.now() * 9] {
                let at = Time::new(at).unwrap();
                let Some((units, so)) = book.available_by_node(number, at) else { continue };
                for (node, place) in book.nodes_by_name() {
                    let node = book.name_of(NameKind::Node, node).unwrap();
                    let shelf = book.availability(sku.as_str(), node, at).unwrap();
                    prop_assert_eq!(units.get(place as usize), Some(&shelf.available), "{} {} {:?}", sku, node, shelf);
                }
                if so {
                    prop_assert_eq!(always.get_or_insert_with(|| units.clone()), &units);
                }
            }
        }
    }

    /// The three levels of explaining are about the same plan; and the plan that is made in one pass costs no less than any may, and has as
    /// many units where lines may be split.
    #[test]
    fn one_plan_is_explained_and_no_quick_one_beats_it(seed: u64, words in prop::collection::vec(any::<u64>(), 1..60), asked: u64) {
        let (world, book) = closed_book(seed, &words);
        let mut dice = Dice::new(asked);
        for _ in 0..6 {
            let mut request = Request { now: now(&world), ..request(&world, &mut dice) };
            let rules = if dice.percent(50) { rulebook(&world, &mut dice) } else { Rulebook::default() };
            let risk = risk(&world, &book, &mut dice);
            let asked = |request: &Request| {
                let with = With { risk: Some(&risk), ..With::default() };
                let sure = book.promise_under_with(&rules, request, &with)?;
                Ok::<_, onhand::promise::RequestRefused>((book.promise(request)?, book.promise_under(&rules, request)?, sure))
            };
            let plan = |offer: &Offer| {
                let unmet: Vec<_> = offer.unmet.iter().map(|one| (one.sku.clone(), one.quantity)).collect();
                (offer.shipments.clone(), offer.cost, offer.bound, offer.proven, offer.relaxed.clone(), unmet)
            };
            request.explain = Explain::None;
            let Ok(none) = asked(&request) else { continue };
            for explain in [Explain::Summary, Explain::Full] {
                let more = asked(&Request { explain, ..request.clone() }).unwrap();
                prop_assert_eq!(plan(&more.0), plan(&none.0), "{:?}", request);
                prop_assert_eq!(plan(&more.1), plan(&none.1), "{:?} {:?}", rules, request);
                prop_assert_eq!(plan(&more.2.offer), plan(&none.2.offer), "{:?} {:?}", rules, request);
                prop_assert_eq!(&more.2.certainty, &none.2.certainty);
            }
            let mut quick = request.clone();
            quick.policy.search = Search::Greedy;
            let mut exact = request.clone();
            exact.policy.search = Search::Exact;
            let (quick, exact) = (asked(&quick).unwrap(), asked(&exact).unwrap());
            for (quick, exact) in [(&quick.0, &exact.0), (&quick.1, &exact.1)] {
                prop_assert!(quick.bound <= exact.cost && exact.bound <= quick.cost, "{rules:?} {request:?} {quick:?} {exact:?}");
                prop_assert!(!exact.proven || exact.cost <= quick.cost, "{rules:?} {request:?} {quick:?} {exact:?}");
                prop_assert!(!quick.proven || quick.cost == exact.cost, "{rules:?} {request:?} {quick:?} {exact:?}");
            }
            let free = request.policy.line_split && !request.policy.ship_complete && request.policy.nodes_max.is_none();
            prop_assert!(!free || missing(&quick.0) == missing(&exact.0), "{request:?} {quick:?} {exact:?}");
        }
    }

    /// What can be promised of a shelf is the formula of what the book says of it: what is free of it now, supply when it is due, and claims.
    #[test]
    fn what_can_be_promised_is_of_what_the_book_says(seed: u64, words in prop::collection::vec(any::<u64>(), 1..80)) {
        let (world, book) = closed_book(seed, &words);
        let at = now(&world);
        for (sku, node) in world.skus().iter().flat_map(|sku| world.nodes().iter().map(move |node| (sku.as_str(), node.as_str()))) {
            let Some(shelf) = book.availability(sku, node, at) else { continue };
            let atp = book.atp(sku, node, at, &AtpRule { flavour: Flavour::Cumulative, ..AtpRule::default() }, &[]).unwrap();
            let mut supply = book.dated_supply(sku, node);
            supply.retain(|one| one.owner.is_none());
            for bucket in &atp.buckets {
                let come = supply.iter().filter(|one| one.due.max(at.millis()) <= bucket.time);
                let come: i64 = come.map(|one| one.open - one.claimed.min(one.open)).sum();
                let free = shelf.sellable - shelf.withheld - shelf.protected - shelf.claimed;
                prop_assert_eq!(bucket.raw, free + come, "{} {} {:?} {:?} {:?}", sku, node, shelf, supply, atp);
            }
        }
    }
}
