//! Inventory truth as pure functions: events in, positions and offers out, the same bits on every machine.
#![no_std]
extern crate alloc;
