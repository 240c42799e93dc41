//! Many seeds on all cores, with the same answer as on one: the first seed that fails is the one that is reported.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Checks each seed until one fails; answers what each thread gathered, and the lowest seed that failed with what it said.
pub fn each<T: Default + Send, F: Send>(
    seeds: Range<u64>,
    check: impl Fn(u64, &mut T) -> Result<(), F> + Sync,
) -> (Vec<T>, Option<(u64, F)>) {
    let next = AtomicU64::new(seeds.start);
    let failed = AtomicU64::new(seeds.end);
    let work = || {
        let mut gathered = T::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            // A lower seed may still fail on another thread; a higher one is of no interest.
            if seed >= failed.load(Ordering::Relaxed) {
                return (gathered, None);
            }
            if let Err(wrong) = check(seed, &mut gathered) {
                failed.fetch_min(seed, Ordering::Relaxed);
                return (gathered, Some((seed, wrong)));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let ended: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        started.into_iter().map(|thread| thread.join().expect("a thread that ends")).collect()
    });
    let (gathered, failures): (Vec<T>, Vec<_>) = ended.into_iter().unzip();
    (gathered, failures.into_iter().flatten().min_by_key(|(seed, _)| *seed))
}
