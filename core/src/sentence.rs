//! Sentences put together from texts and numbers, without the formatter of the standard library: a page would load it for a few of them.

use alloc::string::String;

/// What is wrong, as a sentence: what `Display` prints, without the formatter.
pub trait InWords {
    /// The sentence.
    fn in_words(&self) -> String;
}

/// Prints what says itself in words.
macro_rules! printed {
    ($($type:ty),+) => {$(
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&crate::sentence::InWords::in_words(self))
            }
        }

        impl core::error::Error for $type {}
    )+};
}
pub(crate) use printed;

/// A part of a sentence.
pub(crate) trait Part {
    fn add_to(&self, text: &mut String);
}

/// The parts, one behind the other.
macro_rules! sentence {
    ($($part:expr),+ $(,)?) => {{
        let mut text = alloc::string::String::new();
        $($crate::sentence::Part::add_to(&$part, &mut text);)+
        text
    }};
}
pub(crate) use sentence;

impl Part for &str {
    #[cfg_attr(onhand_small, inline(never))]
    fn add_to(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl Part for String {
    fn add_to(&self, text: &mut String) {
        self.as_str().add_to(text);
    }
}

impl Part for i64 {
    fn add_to(&self, text: &mut String) {
        if *self < 0 {
            text.push('-');
        }
        self.unsigned_abs().add_to(text);
    }
}

impl Part for u64 {
    fn add_to(&self, text: &mut String) {
        if *self > 9 {
            (self / 10).add_to(text);
        }
        text.push(digit(self % 10));
    }
}

impl Part for usize {
    fn add_to(&self, text: &mut String) {
        u64::try_from(*self).unwrap_or(u64::MAX).add_to(text);
    }
}

impl Part for u16 {
    fn add_to(&self, text: &mut String) {
        u64::from(*self).add_to(text);
    }
}

/// Two digits of a day or a month.
pub(crate) struct Two(pub(crate) i64);

impl Part for Two {
    fn add_to(&self, text: &mut String) {
        if self.0 < 10 {
            text.push('0');
        }
        self.0.add_to(text);
    }
}

/// Two digits of a byte, hexadecimal and in lower case.
pub(crate) struct Hex(pub(crate) u8);

impl Part for Hex {
    fn add_to(&self, text: &mut String) {
        text.push(digit(u64::from(self.0 >> 4)));
        text.push(digit(u64::from(self.0 & 15)));
    }
}

/// A digit below 16.
fn digit(value: u64) -> char {
    u32::try_from(value).ok().and_then(|value| char::from_digit(value, 16)).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn numbers_stand_as_the_formatter_prints_them() {
        for number in [0, 9, 10, 99, 100, -1, -10, 1_767_225_600_000, i64::MAX, i64::MIN] {
            assert_eq!(sentence!(number), number.to_string());
            assert_eq!(sentence!(number.unsigned_abs()), number.unsigned_abs().to_string());
        }
        assert_eq!(sentence!(u64::MAX, " ", usize::MAX), format!("{} {}", u64::MAX, usize::MAX));
        for byte in 0..=u8::MAX {
            assert_eq!(sentence!(Hex(byte)), format!("{byte:02x}"));
        }
        assert_eq!(sentence!("a", Two(9), "-", Two(12), "b".to_string()), "a09-12b");
    }
}
