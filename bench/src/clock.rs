//! CPU time of this thread: what others do on the machine is no part of it.

use rustix::time::{ClockId, clock_gettime};

/// Seconds of CPU time that a piece of work takes on this thread, and what it gives.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = seconds();
    let result = work();
    (seconds() - before, result)
}

fn seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}
