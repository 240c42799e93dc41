//! Fingerprints: 32 bits that stand for the content of an event when its id comes again.
//!
//! A fingerprint tells an honest retry from an honest mistake: one mistake in four thousand million passes for a retry. It is no
//! seal against forgery: whoever forges a collision gains that the first event stands, which it does anyway.

/// A sum of parts, each mixed with the tag of the field that it is in: parts do not wait for one another.
#[derive(Clone, Copy)]
pub(crate) struct Print(u64);

impl Print {
    pub(crate) const fn new() -> Print {
        Print(0)
    }

    /// A number in the field with this tag.
    #[inline]
    pub(crate) fn word(self, tag: u32, word: u64) -> Print {
        self.hashed(tag, mix(word))
    }

    #[inline]
    pub(crate) fn signed(self, tag: u32, value: i64) -> Print {
        self.word(tag, u64::from_le_bytes(value.to_le_bytes()))
    }

    /// A text of which the hash is at hand. Turning it by the tag tells the fields apart.
    #[inline]
    pub(crate) fn hashed(self, tag: u32, hash: u64) -> Print {
        Print(self.0.wrapping_add(hash.rotate_left(tag)))
    }

    pub(crate) fn text(self, tag: u32, text: &str) -> Print {
        self.hashed(tag, hash_of(text))
    }

    #[inline]
    pub(crate) fn finish(self) -> u64 {
        self.0
    }

    /// As much of it as is kept of an event.
    #[inline]
    #[expect(clippy::as_conversions, reason = "both halves are in the one that stays")]
    pub(crate) fn short(self) -> u32 {
        (self.0 ^ self.0 >> 32) as u32
    }
}

#[inline]
pub(crate) const fn mix(word: u64) -> u64 {
    let word = (word ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (word ^ word >> 32).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
}

/// The fold of a text on its own, so that it can be kept beside an interned name.
pub(crate) fn hash_of(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word));
    }
    let last = match bytes.last_chunk::<8>() {
        // The rest is at the end of a word that overlaps the last whole one.
        Some(end) => u64::from_le_bytes(*end).unbounded_shr(64 - 8 * bits(rest.len())),
        None => word_of(rest),
    };
    mix(hash ^ last)
}

#[expect(clippy::as_conversions, reason = "fewer than eight")]
fn bits(bytes: usize) -> u32 {
    bytes as u32
}

/// The first eight bytes of a text; behind its end are zeros.
#[cfg_attr(not(onhand_small), inline(always))]
pub(crate) fn word_of(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => short_word(text),
    }
}

fn short_word(text: &[u8]) -> u64 {
    text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Whether two texts are the same, by words: WebAssembly would compare them byte by byte.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let equal = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) == u64::from_le_bytes(*other);
    // What is behind the last whole word is at the end of one that overlaps it. Names mostly differ there.
    match one.last_chunk::<8>().zip(other.last_chunk::<8>()) {
        Some(ends) => equal(ends) && one.as_chunks().0.iter().zip(other.as_chunks().0).all(equal),
        None => short_word(one) == short_word(other),
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn texts_are_the_same_when_every_byte_is() {
        let text = b"the first of all texts";
        for length in 0..text.len() {
            let one = &text[..length];
            assert!(same(one, one));
            assert!(!same(one, &text[..length + 1]) && !same(&text[..length + 1], one));
            for place in 0..length {
                let mut other = one.to_vec();
                other[place] ^= 1;
                assert!(!same(one, &other), "{length} {place}");
            }
        }
    }
}
