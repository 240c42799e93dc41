//! No splitting: however a person cuts up what they do, by kinds, nodes, moments, lines or ids, the limits are on all of it.
//!
//! What a desk let through is held against the law said anew: of what one person did at one node without approval, all that the
//! same rule decides within its window comes to no more than the rule allows, wherever the window is laid.

use onhand::approval::{Declined, Desk, Policy, Rule};
use onhand::log::Log;
use onhand::{Event, Id, Kind, Line, Money, Name, StockState, Time, testing};
use onhand_tests::random::{Dice, name};
use proptest::prelude::*;

const WINDOW: i64 = 10_000;
const SKUS: [&str; 2] = ["TEA", "CUP"];
const NODES: [&str; 2] = ["S1", "S2"];
const PEOPLE: [&str; 3] = ["ada", "bob", "grace"];

/// One rule on the three ways in which units leave the shelf, one on markdowns by value and number.
fn rules() -> Vec<Rule> {
    let gone = vec![Kind::Adjust, Kind::WriteOff, Kind::Liquidate];
    vec![
        Rule { units: Some(6), times: Some(5), ..Rule::new(name("gone"), gone, WINDOW) },
        Rule {
            value: Some(900),
            share_ppm: Some(300_000),
            node: Some(name("S1")),
            ..Rule::new(name("cheaper"), vec![Kind::MarkDown], WINDOW * 2)
        },
        Rule { units: Some(9), ..Rule::new(name("cheaper-elsewhere"), vec![Kind::MarkDown], WINDOW * 3) },
    ]
}

/// What somebody asks for: one thing, cut up in some way.
fn asked(word: u64, id: u64) -> Event {
    let mut dice = Dice::new(word);
    let kind = *dice.pick(&[Kind::Adjust, Kind::WriteOff, Kind::Liquidate, Kind::MarkDown, Kind::MarkDown]);
    let moment = Time::new(1_000 + dice.below(60) as i64 * 1_000).expect("in range");
    let mut event = Event::new(name(*dice.pick(&["pda-1", "pda-2"])), Id::Number(id), kind, moment);
    event.actor = Some(name(*dice.pick(&PEOPLE)));
    event.reason = Some(name(*dice.pick(&["broken", "stale"])));
    event.node = Some(name(*dice.pick(&NODES)));
    for _ in 0..1 + dice.below(3) {
        let units = 1 + dice.below(4) as i64;
        let sign = if kind == Kind::Adjust && dice.percent(50) { -1 } else { 1 };
        let mut line = Line::new(name(*dice.pick(&SKUS)), sign * units).expect("in range");
        line.value = Money::new(units * 100);
        line.state = (kind == Kind::Liquidate).then_some(StockState::Sellable);
        line.node = dice.percent(30).then(|| name(*dice.pick(&NODES)));
        line.place = dice.percent(20).then(|| name("shelf")).filter(|_| kind == Kind::Adjust);
        event.lines.push(line);
    }
    event
}

/// The rule that decides an event at a node, by its kind and node alone.
fn rule_of<'a>(rules: &'a [Rule], event: &Event, node: &Name) -> &'a Rule {
    let fits =
        |rule: &&Rule| rule.kinds.contains(&event.kind) && rule.node.as_ref().is_none_or(|at| at == node);
    rules.iter().find(fits).expect("every kind has one")
}

/// What lines of an event are at a node.
fn here<'a>(event: &'a Event, node: &'a Name) -> impl Iterator<Item = &'a Line> {
    event.lines.iter().filter(move |line| line.node.as_ref().or(event.node.as_ref()) == Some(node))
}

proptest! {
    #![proptest_config(super::cases_of(200))]

    #[test]
    fn what_is_cut_up_is_held_together(words in prop::collection::vec(any::<u64>(), 1..40)) {
        let policy = Policy { rules: rules(), approvers: vec![], skew_ms: None };
        let (mut desk, mut log) = (Desk::new(policy), Log::new());
        let mut book = testing::book(&SKUS, &NODES);
        for (id, (sku, node)) in SKUS.into_iter().flat_map(|sku| NODES.map(|node| (sku, node))).enumerate() {
            for (place, units) in [(None, 30), (Some("shelf"), 6)] {
                let number = Id::Number(id as u64 * 2 + u64::from(place.is_some()) + 1);
                let mut event = Event::new(name("opening"), number, Kind::Opening, Time::ZERO);
                event.node = Some(name(node));
                event.lines.push(Line::new(name(sku), units).expect("in range"));
                event.lines[0].place = place.map(name);
                book.evolve(&event).expect("posted");
            }
        }
        let rules = rules();
        let mut through: Vec<Event> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let event = asked(*word, at as u64 + 1);
            match desk.execute(&mut log, &mut book, &event, event.occurred) {
                Ok(_) => through.push(event),
                Err(Declined::NotAllowed(_) | Declined::Refused(_)) => {}
            }
        }
        for who in PEOPLE {
            for node in NODES.map(name) {
                for rule in &rules {
                    let mine = through.iter().filter(|one| one.actor == Some(name(who)) && here(one, &node).next().is_some());
                    let mine: Vec<&Event> = mine.filter(|one| std::ptr::eq(rule_of(&rules, one, &node), rule)).collect();
                    for first in &mine {
                        let from = first.occurred.millis();
                        let within = mine.iter().filter(|one| (from..from + rule.window_ms).contains(&one.occurred.millis()));
                        let lines: Vec<&Line> = within.clone().flat_map(|one| here(one, &node)).collect();
                        prop_assert!(rule.times.is_none_or(|most| within.count() as i64 <= most), "{who} {rule:?} {through:?}");
                        let value: i64 = lines.iter().filter_map(|line| line.value).map(|value| value.minor().abs()).sum();
                        prop_assert!(rule.value.is_none_or(|most| value <= most), "{value} by {who}: {rule:?} {through:?}");
                        for sku in SKUS.map(name) {
                            let units: i64 =
                                lines.iter().filter(|line| line.sku == sku).map(|line| line.quantity.units().abs()).sum();
                            prop_assert!(rule.units.is_none_or(|most| units <= most), "{units} by {who}: {rule:?} {through:?}");
                        }
                    }
                }
            }
        }
        // What was let through alone is due for nobody's approval: a share is a limit of intents only.
        prop_assert_eq!(desk.due(), []);
    }
}
