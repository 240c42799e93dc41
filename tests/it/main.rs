//! Integration tests of onhand, in one binary.
mod cases;
mod hostile;
mod model;
