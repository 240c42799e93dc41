//! Reads JSON text into what derives serde's `Deserialize`: as much of JSON as events have.
//!
//! The events' texts hold objects, lists, strings, whole numbers and booleans. A reader for just those is a third of a
//! general one's size, which a page would pay for: it knows no fractions and never skips what it does not know.

use alloc::string::{String, ToString};
use core::fmt;

use serde::de::{self, DeserializeSeed, Unexpected, Visitor};

/// A text that is not what it should be: where, and what is wrong. Callers cannot usefully branch on more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    message: String,
    line: usize,
    column: usize,
}

impl TextError {
    /// The line of the text, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character of the line, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

impl core::error::Error for TextError {}

impl de::Error for TextError {
    fn custom<T: fmt::Display>(message: T) -> TextError {
        TextError { message: message.to_string(), line: 0, column: 0 }
    }

    // What was found is not shown as it would be by default: that would bring in the printing of floats.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> TextError {
        TextError { message: alloc::format!("expected {expected}"), line: 0, column: 0 }
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> TextError {
        TextError { message: alloc::format!("expected {expected}"), line: 0, column: 0 }
    }
}

/// Reads a whole text.
pub(crate) fn read<'de, T: de::Deserialize<'de>>(text: &'de str) -> Result<T, TextError> {
    let mut reader = Reader { text, at: 0 };
    let read = T::deserialize(&mut reader).and_then(|value| match reader.next() {
        None => Ok(value),
        Some(_) => Err(de::Error::custom("expected the end")),
    });
    read.map_err(|error| reader.place(error))
}

struct Reader<'de> {
    text: &'de str,
    /// The byte that is read next.
    at: usize,
}

type Read<T> = Result<T, TextError>;

impl<'de> Reader<'de> {
    fn left(&self) -> &'de str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space; it is not taken.
    fn next(&mut self) -> Option<u8> {
        let left = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let space = left.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.at += space.unwrap_or(left.len());
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes a byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.next() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        match self.take(byte) {
            true => Ok(()),
            false => Err(de::Error::custom(format_args!("expected `{}`", char::from(byte)))),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.left().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Where an error that has no place yet came up: behind what was read last.
    fn place(&self, error: TextError) -> TextError {
        let read = self.text.get(..self.at).unwrap_or_default();
        let line = read.matches('\n').count() + 1;
        let column = read.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        TextError { line, column, ..error }
    }

    /// A string; borrowed from the text when it has no escape.
    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        self.expect(b'"')?;
        let left = self.left();
        let end = left.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ');
        match end.and_then(|end| Some((end, left.as_bytes().get(end)?))) {
            Some((end, b'"')) => {
                self.at += end + 1;
                visitor.visit_borrowed_str(left.get(..end).unwrap_or_default())
            }
            Some((_, b'\\')) => visitor.visit_str(&self.escaped()?),
            Some(_) => Err(de::Error::custom("control character in a string")),
            None => Err(de::Error::custom("the string has no end")),
        }
    }

    fn escaped(&mut self) -> Read<String> {
        let mut text = String::new();
        let mut characters = self.left().char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += place + 1;
                    return Ok(text);
                }
                '\\' => {
                    text.push(escape(&mut characters).ok_or_else(|| de::Error::custom("malformed escape"))?)
                }
                '\0'..' ' => return Err(de::Error::custom("control character in a string")),
                _ => text.push(character),
            }
        }
        Err(de::Error::custom("the string has no end"))
    }

    /// A whole number.
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Read<V::Value> {
        let minus = self.take(b'-');
        let left = self.left();
        let digits = left.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(left.len());
        let (digits, rest) = left.split_at(digits);
        if digits.is_empty()
            || (digits.len() > 1 && digits.starts_with('0'))
            || rest.starts_with(['.', 'e', 'E'])
        {
            return Err(de::Error::custom("expected a whole number"));
        }
        let too_large =
            || de::Error::custom(format_args!("`{}` is out of range", digits.get(..40).unwrap_or(digits)));
        let value: u64 = digits.parse().map_err(|_| too_large())?;
        self.at += digits.len();
        if minus {
            return visitor.visit_i64(0_i64.checked_sub_unsigned(value).ok_or_else(too_large)?);
        }
        visitor.visit_u64(value)
    }
}

/// The character that an escape stands for, once its backslash is read.
fn escape(characters: &mut core::str::CharIndices<'_>) -> Option<char> {
    let (_, code) = characters.next()?;
    Some(match code {
        '"' | '\\' | '/' => code,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let unit = hexadecimal(characters)?;
            match unit {
                // The first half of a pair, whose second half must follow.
                0xd800..0xdc00 => {
                    let follows = characters.next()?.1 == '\\' && characters.next()?.1 == 'u';
                    let second = hexadecimal(characters).filter(|_| follows)?.checked_sub(0xdc00)?;
                    char::from_u32(0x10000 + ((unit - 0xd800) << 10) + second).filter(|_| second < 0x400)?
                }
                _ => char::from_u32(unit)?,
            }
        }
        _ => return None,
    })
}

fn hexadecimal(characters: &mut core::str::CharIndices<'_>) -> Option<u32> {
    (0..4).try_fold(0, |value, _| Some(value * 16 + characters.next()?.1.to_digit(16)?))
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = TextError;

    /// What is either: an id is a text or a number.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.next() {
            Some(b'"') => self.string(visitor),
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            _ => Err(de::Error::custom("expected a text or a whole number")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.next() {
            Some(b't') if self.word("true") => visitor.visit_bool(true),
            Some(b'f') if self.word("false") => visitor.visit_bool(false),
            _ => Err(de::Error::custom("expected `true` or `false`")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.next() == Some(b'n') && self.word("null") {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// `{"variant": value}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.expect(b'{')?;
        let value = visitor.visit_enum(Items { reader: self, first: true })?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.expect(b'{')?;
        let value = visitor.visit_map(Items { reader: self, first: true })?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.expect(b'[')?;
        let value = visitor.visit_seq(Items { reader: self, first: true })?;
        self.expect(b']')?;
        Ok(value)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.string(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.number(visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 f32 f64 char string bytes byte_buf unit unit_struct tuple tuple_struct map ignored_any
    }
}

/// What stands between brackets, with a comma before each but the first.
struct Items<'reader, 'de> {
    reader: &'reader mut Reader<'de>,
    first: bool,
}

impl Items<'_, '_> {
    /// Whether another one follows.
    fn more(&mut self, end: u8) -> Read<bool> {
        if self.reader.next() == Some(end) {
            return Ok(false);
        }
        if !core::mem::take(&mut self.first) {
            self.reader.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = TextError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        match self.more(b']')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> de::MapAccess<'de> for Items<'_, 'de> {
    type Error = TextError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        match self.more(b'}')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> de::EnumAccess<'de> for Items<'_, 'de> {
    type Error = TextError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Self)> {
        let variant = seed.deserialize(&mut *self.reader)?;
        self.reader.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for Items<'_, 'de> {
    type Error = TextError;

    fn unit_variant(self) -> Read<()> {
        Err(de::Error::custom("expected a value"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Read<T::Value> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Read<V::Value> {
        Err(de::Error::custom("expected a value"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Read<V::Value> {
        de::Deserializer::deserialize_struct(self.reader, "", &[], visitor)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn says<'de, T: de::Deserialize<'de> + fmt::Debug>(text: &'de str) -> String {
        match read::<T>(text) {
            Ok(value) => alloc::format!("{value:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn reads_what_json_allows_and_nothing_else() {
        for (text, expected) in [
            ("[]", "[]"),
            (" [ 1 , -2 ]\n", "[1, -2]"),
            ("[-9223372036854775808]", "[-9223372036854775808]"),
            ("[18446744073709551616]", "`18446744073709551616` is out of range at line 1 column 2"),
            ("[1,]", "expected a whole number at line 1 column 4"),
            ("[,1]", "expected a whole number at line 1 column 2"),
            ("[1 2]", "expected `,` at line 1 column 4"),
            ("[1]]", "expected the end at line 1 column 4"),
            ("[1", "expected `,` at line 1 column 3"),
            ("[01]", "expected a whole number at line 1 column 2"),
            ("[1.0]", "expected a whole number at line 1 column 2"),
            ("[1e3]", "expected a whole number at line 1 column 2"),
            ("[\n \"1\"]", "expected a whole number at line 2 column 2"),
        ] {
            assert_eq!(says::<Vec<i64>>(text), expected, "{text}");
        }
        for (text, expected) in [(r#""tea""#, "tea"), (r#""caf\u00e9 \ud83c\udf75 \n\/\"""#, "café 🍵 \n/\"")]
        {
            assert_eq!(read::<String>(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            r#""tea"#,
            r#""\ud83c""#,
            r#""\udf75""#,
            r#""\ud83c\u0041""#,
            r#""\x""#,
            "\"\t\"",
            "\"\\n\t\"",
            r#""\u00""#,
        ] {
            assert!(read::<String>(text).is_err(), "{text}");
        }
        for text in ["truth", "nul", "1", "\"true\""] {
            assert!(read::<Vec<bool>>(&alloc::format!("[{text}]")).is_err(), "{text}");
        }
    }
}
