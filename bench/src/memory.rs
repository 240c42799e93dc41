//! Bytes on the heap, counted where they are given out.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that a piece of work leaves on the heap, and what it gives.
pub fn held<T>(work: impl FnOnce() -> T) -> (isize, T) {
    let region = Region::new(ALLOCATOR);
    let result = work();
    let change = region.change();
    (change.bytes_allocated as isize - change.bytes_deallocated as isize, result)
}
