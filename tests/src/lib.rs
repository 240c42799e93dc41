//! What the tests share: the runner of text cases and the reference model.
