//! Chance with a seed, in integers only, so that a seed means the same year on every machine.

pub struct Random(fastrand::Rng);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    /// True so many times in a million.
    pub fn chance(&mut self, parts_per_million: u32) -> bool {
        self.0.u32(0..1_000_000) < parts_per_million
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// A place in a list of this length, which is not 0.
    pub fn index(&mut self, length: usize) -> usize {
        self.0.usize(0..length)
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        self.0.shuffle(list);
    }
}
