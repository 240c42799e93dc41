//! Translates between JavaScript and the crate `onhand`; decides nothing.
