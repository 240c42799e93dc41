//! What stands in for what is short under rules, against every way to take it: the item itself first, then row by row as much as can be.

use onhand::promise::{Measure, Part, Rule, Rulebook, Scope, StandInRow, Term};
use onhand_tests::random::{Dice, name};

use super::plans::{Asked, Candidate, Plan, is_there};
use super::shop::{NODES, SKUS, Shop, below, money, units};
use super::{aim, request, rulebook};

/// Plans of a question that are too many to try.
const PLANS_MAX: usize = 20_000;

/// Units that a plan has to ship, each of some items together, from the nodes that a rule names.
#[derive(Clone, Debug)]
struct Column {
    quantity: i64,
    /// Lines of the items, and units of each.
    parts: Vec<(usize, i64)>,
    rule: Option<usize>,
}

fn rows(dice: &mut Dice) -> Vec<StandInRow> {
    let row = |dice: &mut Dice| {
        let mut others: Vec<&str> = SKUS.to_vec();
        let sku = others.remove(dice.below(others.len()));
        let parts = (0..1 + dice.below(2)).map(|_| Part {
            sku: name(others.remove(dice.below(others.len()))),
            units: units(1 + i64::from(dice.percent(25))),
        });
        let parts = parts.collect();
        StandInRow { sku: name(sku), parts, split: dice.percent(50), unit: money(below(dice, 30) - 5) }
    };
    (0..1 + dice.below(3)).map(|_| row(dice)).collect()
}

/// Adds rules about what may stand in for what.
pub(super) fn add(dice: &mut Dice, rulebook: &mut Rulebook) {
    for number in 0..1 + dice.below(2) {
        let nodes = if dice.percent(25) { vec![name(*dice.pick(&NODES))] } else { Vec::new() };
        let skus = if dice.percent(25) { vec![name(*dice.pick(&SKUS))] } else { Vec::new() };
        let when = Scope { nodes, skus, ..Scope::default() };
        let rule = Rule::new(name(format!("stand-in-{number}")), Term::StandIn { rows: rows(dice) });
        rulebook.rules.insert(dice.below(rulebook.rules.len() + 1), Rule { when, ..rule });
    }
}

/// Rules that say of an item what they say, whatever it is shipped for.
fn is_of_items(rule: &Rule) -> bool {
    match &rule.then {
        // A line and what stands in for some of it are not one line.
        Term::NoLineSplit {} | Term::MaxPerLine { .. } | Term::LeastUnits { .. } => false,
        Term::Capacity { rows } => rows.iter().all(|row| row.lines.is_none()),
        Term::Price { .. } | Term::ShipComplete {} | Term::MaxShipments { .. } => rule.when.skus.is_empty(),
        _ => true,
    }
}

/// Every way to take so many from the candidates.
fn spread(quantity: i64, most: &[i64]) -> Vec<Vec<i64>> {
    let Some((here, rest)) = most.split_first() else {
        return if quantity == 0 { vec![Vec::new()] } else { Vec::new() };
    };
    let takes = 0..=quantity.min(*here);
    takes
        .flat_map(|taken| {
            spread(quantity - taken, rest).into_iter().map(move |more| [&[taken], more.as_slice()].concat())
        })
        .collect()
}

/// The plan that is best by the objective of those that ship all columns; `Err` where there are too many to try.
fn best_of(asked: &Asked<'_>, candidates: &[Candidate], columns: &[Column]) -> Result<Option<Plan>, ()> {
    let mut every: Vec<Vec<Vec<i64>>> = Vec::new();
    for column in columns {
        let most = candidates.iter().map(|one| {
            let rule = column.rule.map(|rule| &asked.rulebook.rules[rule]);
            match rule.is_none_or(|rule| asked.names(rule, one.node)) {
                true => column
                    .parts
                    .iter()
                    .map(|(line, times)| one.has[*line].len() as i64 / times)
                    .min()
                    .unwrap(),
                false => 0,
            }
        });
        every.push(spread(column.quantity, &most.collect::<Vec<_>>()));
    }
    let plans = every.iter().map(Vec::len).product::<usize>();
    if plans >= PLANS_MAX {
        return Err(());
    }
    let mut best: Option<Plan> = None;
    for number in 0..plans {
        let mut items = vec![vec![0; candidates.len()]; asked.lines.len()];
        let mut rest = number;
        for (column, ways) in columns.iter().zip(&every) {
            let way = &ways[rest % ways.len()];
            rest /= ways.len();
            for (line, times) in &column.parts {
                items[*line].iter_mut().zip(way).for_each(|(held, units)| *held += units * times);
            }
        }
        let plan: Vec<&Vec<i64>> = items.iter().collect();
        let used: Vec<usize> =
            (0..candidates.len()).filter(|at| plan.iter().any(|line| line[*at] > 0)).collect();
        let there_is = plan.iter().enumerate().all(|(line, fill)| is_there(line, fill, candidates));
        if there_is && asked.keeps(&plan, &used, 0, candidates) {
            let one = asked.measured(&plan, &used, 0, candidates);
            best = Some(match best {
                Some(held) if held.key <= one.key => held,
                _ => one,
            });
        }
    }
    Ok(best)
}

/// The best plan, with the units of each line that it leaves; `None` where there are too many to try, or plans that differ in them, in what
/// they cost or in what they measure are as good.
fn left_by(asked: &Asked<'_>) -> Option<(Plan, Vec<i64>)> {
    let best = asked.best()?;
    let left = |plan: &Plan| -> Vec<i64> {
        let lines = asked.lines.iter().enumerate();
        lines
            .map(|(at, (_, wanted))| wanted - plan.shipped.values().map(|one| one[at]).sum::<i64>())
            .collect()
    };
    let said = |plan: &Plan| (left(plan), plan.cost, plan.reached.clone());
    let first = said(&best[0]);
    best.iter().all(|plan| said(plan) == first).then(|| (best[0].clone(), first.0))
}

/// What is answered, and whether something stands in.
struct Expected {
    cost: i64,
    missing: i64,
    /// What the goals measure.
    reached: Vec<i64>,
    stands: bool,
}

/// The sum of what goals measure, each times its weight.
fn weighed(asked: &Asked<'_>, reached: &[i64]) -> i64 {
    let goals = asked.rulebook.objective.goals.iter();
    goals.zip(reached).map(|(goal, value)| goal.weight.units() * value).sum()
}

/// What a request gets; `None` where that cannot be worked out here.
fn expected(asked: &mut Asked<'_>, price_of_missing: i64) -> Option<Expected> {
    let own = asked.lines.clone();
    let is_whole = |rule: &Rule| matches!(rule.then, Term::ShipComplete {});
    let whole = asked.whole || asked.rules.iter().any(|(_, rule)| is_whole(rule));
    let (best, plain) = left_by(asked)?;
    let missing = plain.iter().sum();
    let plain_answer = Expected { cost: best.cost, missing, reached: best.reached, stands: false };
    let mut rows: Vec<(usize, usize, &StandInRow)> = Vec::new();
    for (place, rule) in &asked.rules {
        let Term::StandIn { rows: of_rule } = &rule.then else { continue };
        for line in (0..own.len()).filter(|line| plain[*line] > 0 && asked.is_about(rule, *line)) {
            let about = of_rule.iter().filter(|row| row.sku.as_str() == SKUS[own[line].0]);
            rows.extend(about.map(|row| (*place, line, row)));
        }
    }
    if rows.is_empty() {
        return Some(plain_answer);
    }
    // What there is of the items themselves comes first, though alone it is not the whole order.
    let mut left = plain;
    if whole {
        asked.whole = false;
        let held = asked.rules.clone();
        asked.rules.retain(|(_, rule)| !is_whole(rule));
        left = left_by(asked)?.1;
        (asked.rules, asked.whole) = (held, true);
    }
    let mut columns: Vec<Column> = Vec::new();
    for (line, ((_, wanted), left)) in own.iter().zip(&left).enumerate() {
        columns.push(Column { quantity: wanted - left, parts: vec![(line, 1)], rule: None });
    }
    for (.., row) in &rows {
        for part in &row.parts {
            let item = SKUS.iter().position(|sku| *sku == part.sku.as_str()).unwrap();
            if asked.lines.iter().all(|(held, _)| *held != item) {
                asked.lines.push((item, 0));
            }
        }
    }
    asked.apply();
    let candidates = asked.candidates();
    let mut price = 0;
    for (rule, line, row) in &rows {
        let of_part = |part: &Part| {
            let is_it = |(item, _): &(usize, i64)| SKUS[*item] == part.sku.as_str();
            (asked.lines.iter().position(is_it).unwrap(), part.units.units())
        };
        let parts: Vec<(usize, i64)> = row.parts.iter().map(of_part).collect();
        for quantity in (0..=left[*line]).rev() {
            let rule = Some(*rule);
            let more = match row.split {
                true => {
                    let of_part = |(line, times): &(usize, i64)| Column {
                        quantity: quantity * times,
                        parts: vec![(*line, 1)],
                        rule,
                    };
                    parts.iter().map(of_part).collect()
                }
                false => vec![Column { quantity, parts: parts.clone(), rule }],
            };
            let with = [columns.as_slice(), &more].concat();
            if best_of(asked, &candidates, &with).ok()?.is_some() {
                columns = with;
                left[*line] -= quantity;
                price += quantity * row.unit.minor();
                break;
            }
        }
    }
    let missing: i64 = left.iter().sum();
    let stands = columns.iter().any(|column| column.rule.is_some() && column.quantity > 0);
    if whole && missing > 0 || !stands {
        return Some(plain_answer);
    }
    let plan = best_of(asked, &candidates, &columns).ok()?.unwrap();
    let on_top = price + missing * price_of_missing;
    let objective = &asked.rulebook.objective;
    let measures = objective.goals.iter().map(|goal| goal.measure).zip(plan.reached);
    let reached = measures.map(|(measure, value)| match measure {
        Measure::Cost => value + on_top,
        Measure::Shortfall => missing,
        _ => value,
    });
    let reached: Vec<i64> = reached.collect();
    Some(Expected { cost: plan.cost + on_top, missing, reached, stands: true })
}

/// `None` where it could not be held, else whether something stands in.
fn hold_stand_ins(seed: u64, goals: bool) -> Option<bool> {
    let mut dice = Dice::new(seed);
    let shop = Shop::of(&mut dice);
    let (mut rulebook, mut request): (Rulebook, _) = (rulebook(&mut dice, 0), request(&mut dice));
    rulebook.rules.retain(is_of_items);
    add(&mut dice, &mut rulebook);
    if goals {
        aim(&mut dice, &mut rulebook);
    }
    request.policy.line_split = true;
    let offer = shop.book().promise_under(&rulebook, &request).unwrap();
    let mut asked = Asked::of(&shop, &rulebook, &request);
    let expected = expected(&mut asked, request.policy.shortfall_cost)?;
    // Where several parts share what little there is, not all plans are looked at.
    if !offer.proven {
        assert!(goals || offer.bound <= expected.cost && expected.cost <= offer.cost, "{seed}: {offer:?}");
        return None;
    }
    let unmet: i64 = offer.unmet.iter().map(|unmet| unmet.quantity).sum();
    let facts = || format!("{seed}: {shop:?}\n{rulebook:?}\n{request:?}\n{offer:?}");
    let reached: Vec<i64> = offer.reached.iter().map(|one| one.value).collect();
    let is_stand_in = |line: &onhand::promise::OfferLine| line.asked.is_some();
    let stands = offer.shipments.iter().any(|one| one.lines.iter().any(is_stand_in));
    assert_eq!((unmet, stands), (expected.missing, expected.stands), "{}", facts());
    // Plans that measure otherwise may be as good where goals are weighed.
    if rulebook.objective.weighed {
        assert_eq!(weighed(&asked, &reached), weighed(&asked, &expected.reached), "{}", facts());
    } else {
        assert_eq!((offer.cost, reached), (expected.cost, expected.reached), "{}", facts());
    }
    assert_eq!(offer.bound, offer.cost, "{}", facts());
    Some(stands)
}

fn hold_many(usual: u64, goals: bool) {
    let orders = if crate::is_long() { usual * 20 } else { usual };
    let held: Vec<bool> = (0..orders).filter_map(|seed| hold_stand_ins(seed, goals)).collect();
    let least = if goals { orders * 4 / 5 } else { orders * 9 / 10 };
    assert!(held.len() as u64 > least, "{} of {orders} were held", held.len());
    let stood = held.iter().filter(|stands| **stands).count() as u64;
    assert!(stood > orders / 12, "{stood} of {orders} had something that stands in");
}

#[test]
fn what_stands_in_under_rules_is_what_brute_force_finds() {
    hold_many(10_000, false);
}

/// The same where something else than cost is to be as small as can be: measures one after the other, or weighed.
#[test]
fn what_stands_in_by_goals_is_what_brute_force_finds() {
    hold_many(10_000, true);
}
