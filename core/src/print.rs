//! Fingerprints: 64 bits that stand for the content of an event when its id comes again.
//!
//! A fingerprint tells an honest retry from an honest mistake. It is no seal against forgery: whoever forges a
//! collision gains that the first event stands, which it does anyway.

/// A fold of words into 64 bits, the same on every machine.
#[derive(Clone, Copy)]
pub(crate) struct Print(u64);

impl Print {
    pub(crate) const fn new() -> Print {
        Print(0x9e37_79b9_7f4a_7c15)
    }

    #[inline]
    pub(crate) fn word(mut self, word: u64) -> Print {
        self.0 = (self.0 ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        self.0 ^= self.0 >> 32;
        self
    }

    pub(crate) fn text(self, text: &str) -> Print {
        self.word(hash_of(text))
    }

    #[inline]
    pub(crate) fn signed(self, value: i64) -> Print {
        self.word(u64::from_le_bytes(value.to_le_bytes()))
    }

    #[inline]
    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// The fold of a text on its own, so that it can be kept beside an interned name.
pub(crate) fn hash_of(text: &str) -> u64 {
    let mut print = Print::new();
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        print = print.word(u64::from_le_bytes(word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(chunks.remainder()) {
        *to = *from;
    }
    print.word(u64::from_le_bytes(last)).word(u64::try_from(text.len()).unwrap_or(u64::MAX)).finish()
}
