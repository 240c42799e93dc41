//! Available to promise against its formulas, read as they stand: every bucket added up anew from the entries, units moved one by one.

use onhand::atp::{Atp, Bucket, Dated, Flavour, Late, Rule, UNLIMITED, available_to_promise};
use onhand_tests::random::Dice;
use proptest::prelude::*;

const NOW: i64 = 100;

#[derive(Clone, Debug)]
struct Asked {
    rule: Rule,
    on_hand: i64,
    supply: Vec<Dated>,
    demand: Vec<Dated>,
}

impl Asked {
    fn of(dice: &mut Dice) -> Asked {
        let late = |dice: &mut Dice| Late {
            ignored_after_ms: dice.percent(50).then(|| dice.below(20) as i64),
            offset_ms: if dice.percent(50) { dice.below(30) as i64 } else { 0 },
        };
        let mut starts: Vec<i64> = match dice.percent(60) {
            true => (0..dice.below(12)).map(|_| 70 + dice.below(110) as i64).collect(),
            false => Vec::new(),
        };
        starts.sort_unstable();
        let rule = Rule {
            flavour: *dice.pick(Flavour::ALL),
            window_ms: dice.percent(40).then(|| dice.below(60) as i64),
            infinite_after_ms: dice.percent(30).then(|| dice.below(80) as i64),
            starts,
            late_supply: late(dice),
            late_demand: late(dice),
        };
        let entries = |dice: &mut Dice| -> Vec<Dated> {
            let near = *dice.pick(&[8, 40, 120]);
            let one = |dice: &mut Dice| Dated {
                time: 85 + dice.below(near) as i64,
                units: dice.below(9) as i64 - 1,
            };
            (0..dice.below(9)).map(|_| one(dice)).collect()
        };
        let on_hand = dice.below(20) as i64 - 5;
        Asked { rule, on_hand, supply: entries(dice), demand: entries(dice) }
    }

    fn answer(&self) -> Atp {
        available_to_promise(&self.rule, self.on_hand, NOW, &self.supply, &self.demand)
    }

    /// The beginning of the bucket in which an entry counts.
    fn counts_at(&self, late: &Late, entry: &Dated) -> Option<i64> {
        let late_by = NOW - entry.time;
        let time = match late_by > 0 {
            true if late.ignored_after_ms.is_some_and(|after| late_by > after) => return None,
            true => NOW + late.offset_ms,
            false => entry.time,
        };
        let day = self.rule.starts.iter().filter(|start| **start <= time).max();
        Some(day.map_or(time, |day| NOW.max(*day)))
    }

    fn units(&self, late: &Late, entries: &[Dated], of: i64) -> i64 {
        let counted = entries.iter().filter(|entry| entry.units > 0);
        counted.filter(|entry| self.counts_at(late, entry) == Some(of)).map(|entry| entry.units).sum()
    }

    fn fence(&self) -> Option<i64> {
        self.rule.infinite_after_ms.map(|after| NOW + after)
    }

    /// Moment, supply and demand of each bucket before the fence.
    fn rows(&self) -> Vec<(i64, i64, i64)> {
        let supply = self.supply.iter().filter(|entry| entry.units > 0);
        let demand = self.demand.iter().filter(|entry| entry.units > 0);
        let supply = supply.filter_map(|entry| self.counts_at(&self.rule.late_supply, entry));
        let demand = demand.filter_map(|entry| self.counts_at(&self.rule.late_demand, entry));
        let mut moments: Vec<i64> = [NOW].into_iter().chain(supply).chain(demand).collect();
        moments.sort_unstable();
        moments.dedup();
        moments.retain(|time| *time == NOW || self.fence().is_none_or(|fence| *time < fence));
        let row = |time| {
            let supply = self.units(&self.rule.late_supply, &self.supply, time);
            (time, supply, self.units(&self.rule.late_demand, &self.demand, time))
        };
        moments.into_iter().map(row).collect()
    }

    /// What each bucket can promise.
    fn raw(&self, rows: &[(i64, i64, i64)]) -> Vec<i64> {
        let projected = |at: usize| -> i64 {
            self.on_hand + rows[..=at].iter().map(|(_, supply, demand)| supply - demand).sum::<i64>()
        };
        let all = 0..rows.len();
        let receipt = |at: &usize| *at == 0 || rows[*at].1 > 0;
        let discrete = |at: usize| -> i64 {
            let next = all.clone().skip(at + 1).find(receipt).unwrap_or(rows.len());
            let demand: i64 = rows[at..next].iter().map(|(_, _, demand)| demand).sum();
            let on_hand = if at == 0 { self.on_hand } else { 0 };
            if receipt(&at) { on_hand + rows[at].1 - demand } else { 0 }
        };
        let backward = || self.backward(rows);
        let keeps =
            |from: usize, to: usize| rows[to].0 - rows[from].0 <= self.rule.window_ms.unwrap_or(i64::MAX);
        match self.rule.flavour {
            Flavour::LookAhead => {
                all.clone().map(|at| (at..rows.len()).map(projected).min().unwrap()).collect()
            }
            Flavour::Cumulative => all.clone().map(projected).collect(),
            Flavour::Discrete => all.clone().map(discrete).collect(),
            Flavour::CumulativeDiscrete => all.clone().map(|at| (0..=at).map(discrete).sum()).collect(),
            Flavour::Backward => backward(),
            Flavour::BackwardAccumulated => {
                let left = backward();
                let carried = |at: usize| -> i64 {
                    let kept = (0..=at).filter(|from| keeps(*from, at)).map(|from| left[from].max(0));
                    kept.sum::<i64>() + left[at].min(0)
                };
                all.clone().map(carried).collect()
            }
            other => panic!("a flavour that this test does not know: {other:?}"),
        }
    }

    /// Shortages, the earliest first, take unit by unit from the nearest bucket before them that has some and whose units keep so long.
    fn backward(&self, rows: &[(i64, i64, i64)]) -> Vec<i64> {
        let mut left: Vec<i64> = rows.iter().map(|(_, supply, demand)| supply - demand).collect();
        left[0] += self.on_hand;
        for at in 0..rows.len() {
            while left[at] < 0 {
                let window = self.rule.window_ms.unwrap_or(i64::MAX);
                let of_use = |from: &usize| left[*from] > 0 && rows[at].0 - rows[*from].0 <= window;
                let Some(from) = (0..at).rev().find(of_use) else { break };
                left[from] -= 1;
                left[at] += 1;
            }
        }
        left
    }
}

proptest! {
    #![proptest_config(crate::cases_of(2_000))]

    /// Buckets, what is projected and what each flavour makes of it are as the formulas have them, up to the fence and from there on.
    #[test]
    fn every_flavour_is_its_formula(word: u64) {
        let asked = Asked::of(&mut Dice::new(word));
        let rows = asked.rows();
        let mut expected: Vec<(i64, i64, i64, i64)> = rows.iter().zip(asked.raw(&rows)).map(|(row, raw)| (row.0, row.1, row.2, raw)).collect();
        if let Some(fence) = asked.fence() {
            expected.retain(|row| row.0 < fence || fence == NOW);
            match expected.last_mut() {
                Some(last) if last.0 == fence => last.3 = UNLIMITED,
                _ => expected.push((fence, 0, 0, UNLIMITED)),
            }
        }
        let atp = asked.answer();
        let row = |bucket: &Bucket| (bucket.time, bucket.supply, bucket.demand, bucket.raw);
        prop_assert_eq!(atp.buckets.iter().map(row).collect::<Vec<_>>(), expected, "{:?}", asked);
        let mut projected = asked.on_hand;
        for bucket in &atp.buckets {
            projected += bucket.supply - bucket.demand;
            prop_assert_eq!((bucket.projected, bucket.available), (projected, bucket.raw.max(0)), "{:?}", asked);
            let binding = atp.binding(bucket);
            prop_assert_eq!(binding.map(|one| one.time), Some(bucket.binds_at), "{:?} {:?}", asked, atp);
            prop_assert!(bucket.binds_at >= bucket.time, "{asked:?} {atp:?}");
        }
        for time in 90..220 {
            let at = atp.buckets.iter().filter(|bucket| bucket.time <= time).max_by_key(|bucket| bucket.time);
            prop_assert_eq!(atp.at(time), at);
        }
    }

    /// The bucket that binds does: a unit more asked for there leaves a unit less. Where shortages have taken all, a unit more may be taken
    /// by the next of them, and where surpluses keep only so long, another may be out of reach; there it is one of those that took.
    #[test]
    fn what_binds_changes_the_answer(word: u64) {
        let asked = Asked::of(&mut Dice::new(word));
        let atp = asked.answer();
        let raw_at = |asked: &Asked, time: i64| asked.answer().buckets.iter().find(|one| one.time == time).map(|one| one.raw);
        for bucket in &atp.buckets {
            let backward = matches!(asked.rule.flavour, Flavour::Backward | Flavour::BackwardAccumulated);
            let adds_nothing = asked.rule.flavour == Flavour::Discrete && bucket.supply == 0 && bucket.time > NOW;
            if bucket.raw == UNLIMITED || adds_nothing {
                continue;
            }
            let expires = asked.rule.flavour == Flavour::BackwardAccumulated && asked.rule.window_ms.is_some();
            if backward && bucket.raw == 0 || expires && bucket.raw > 0 {
                let binding = atp.binding(bucket).unwrap();
                prop_assert!(binding == bucket || binding.demand > binding.supply, "{bucket:?} {asked:?} {atp:?}");
                continue;
            }
            let mut wanted = asked.clone();
            wanted.demand.push(Dated { time: bucket.binds_at, units: 1 });
            let less = raw_at(&wanted, bucket.time) == Some(bucket.raw - 1);
            prop_assert!(less, "{bucket:?} {asked:?} {atp:?}");
        }
    }
}
