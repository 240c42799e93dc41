//! Integration tests of onhand, in one binary.
mod carry;
mod cases;
mod hostile;
mod laws;
mod model;
