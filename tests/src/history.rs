//! Histories: a seed stands for a world and its steps, and a history that breaks something is made short before anyone reads it.

use crate::random::{Dice, Step, World};

/// What happened in one world, in the order of arrival.
#[derive(Clone, Debug)]
pub struct History {
    /// What it is made from: the same seed, the same history.
    pub seed: u64,
    pub world: World,
    pub steps: Vec<Step>,
}

impl History {
    /// The history of a seed: most are short, some long enough for what shows only after hundreds of events. A third of them
    /// close periods.
    pub fn of(seed: u64) -> History {
        History::new(seed, History::length(seed), seed.is_multiple_of(3))
    }

    /// Steps of the history of a seed, or a few more where its world is large.
    pub fn length(seed: u64) -> usize {
        match seed % 256 {
            255 => 1_200,
            tail if tail % 16 == 15 => 320,
            tail => 16 << (tail % 4),
        }
    }

    /// `length` steps of the world of a seed.
    pub fn new(seed: u64, length: usize, closes: bool) -> History {
        let mut world = World::new(seed, closes);
        let mut steps = world.first_steps();
        let mut words = Dice::new(!seed);
        while steps.len() < length {
            steps.push(world.step(words.word()));
        }
        History { seed, world, steps }
    }

    /// Whether any period is closed in it: what arrives before and after a close is not the same.
    pub fn closes(&self) -> bool {
        self.steps.iter().any(|step| step.event().kind == onhand::Kind::PeriodClose)
    }

    /// Numbers of its own, the same each time it is checked.
    pub fn dice(&self) -> Dice {
        Dice::new(self.seed ^ 0x5eed)
    }

    fn with(&self, steps: Vec<Step>) -> History {
        History { steps, ..self.clone() }
    }

    /// Leaves out steps as long as the history is still broken; answers the shortest found and what is wrong with it.
    pub fn shrink<T>(&self, mut wrong: T, is_broken: impl Fn(&History) -> Option<T>) -> (History, T) {
        let mut shortest = self.clone();
        let (mut size, mut played) = (self.steps.len() / 2, 0);
        while size > 0 {
            let mut at = 0;
            while at < shortest.steps.len() && played < SHRINK_STEPS_MAX {
                let mut fewer = shortest.steps.clone();
                fewer.drain(at..(at + size).min(fewer.len()));
                played += fewer.len();
                let fewer = self.with(fewer);
                match is_broken(&fewer) {
                    Some(found) => (shortest, wrong) = (fewer, found),
                    None => at += size,
                }
            }
            size /= 2;
        }
        (shortest, wrong)
    }

    /// The steps as JSON, a line each, to be played again by hand.
    pub fn to_text(&self) -> String {
        let line = |step: &Step| match step {
            Step::Fact(event) => format!("fact {}", event.to_json()),
            Step::Command(event) => format!("command {}", event.to_json()),
        };
        self.steps.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Steps that shrinking may play in all; a long history is not cut as short as it could be.
const SHRINK_STEPS_MAX: usize = 60_000;
