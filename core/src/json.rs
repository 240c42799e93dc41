//! JSON as events have it: objects, lists, strings, whole numbers and booleans.
//!
//! What is read goes into a target by a table of keys, and a string stays where it is in the text until it is known what it
//! is for. A reader for just that is small, which a page pays for, and quick: it knows no fractions, makes no tree, and never
//! skips what it does not know.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;

use crate::print::{same, word_of};
use crate::sentence::{InWords, printed, sentence};

pub(crate) mod writer;

/// A text that is not what it should be: where, and what is wrong. Callers cannot usefully branch on more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    path: String,
    message: String,
    line: usize,
    column: usize,
}

impl TextError {
    /// The part of a rulebook that is wrong, by its keys, as `rules[3].then.distance.max_m`. Empty where the place in the text is all that is
    /// known.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line of the text, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character of the line, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl InWords for TextError {
    fn in_words(&self) -> String {
        let (before, behind) = if self.path.is_empty() { ("", "") } else { ("`", "`: ") };
        sentence!(before, self.path, behind, self.message, " at line ", self.line, " column ", self.column)
    }
}

printed!(TextError);

/// What is wrong, before it is said where. No more than a pointer: what was read passes through many hands.
pub(crate) struct Wrong(Box<TextError>);

pub(crate) type Read<T> = Result<T, Wrong>;

impl Wrong {
    #[cold]
    pub(crate) fn new(what: &str) -> Wrong {
        Wrong::said(what.into())
    }

    #[cold]
    pub(crate) fn said(message: String) -> Wrong {
        Wrong(Box::new(TextError { path: String::new(), message, line: 0, column: 0 }))
    }

    /// What is wrong within a part: a key, or a place in a list as in `[3]`.
    #[cold]
    pub(crate) fn within(mut self, part: &str) -> Wrong {
        let path = &mut self.0.path;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, part);
        self
    }

    /// `what`, then the value, as much of it as belongs in a message, then `problem`.
    #[cold]
    pub(crate) fn value(what: &str, value: &str, problem: &str) -> Wrong {
        Wrong::said(sentence!(what, "`", shown(value), "`", problem))
    }
}

/// As much of a hostile text as belongs in a message. By its number stands what is not seen or turns around what is beside it: the
/// ranges are a few, where the tables of Unicode that `char::escape_debug` has are kilobytes.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for one in text.chars().take(40) {
        let seen = !one.is_control()
            && !matches!(one,
                '"' | '\'' | '\\' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{600}'..='\u{605}' | '\u{61c}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..);
        match seen {
            true => shown.push(one),
            false => shown.extend(one.escape_default()),
        }
    }
    shown
}

/// A string of the text, without its quotes; of no length where nothing was said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    start: usize,
    end: usize,
    escaped: bool,
}

impl Span {
    /// A string begins behind its quote, and so never at the start of the text.
    pub(crate) fn is_said(self) -> bool {
        self.start != 0
    }
}

/// A key and what reads its value.
pub(crate) type Field<T> = (&'static str, fn(&mut T, &mut Reader<'_>) -> Read<()>);

/// Where values stood in the text that is remembered of an object: as many as a row can have, and then some.
const TRACED: usize = 16;

/// A field that was read, and where its value begins and ends.
pub(crate) type Traced = (&'static str, usize, usize);

pub(crate) struct Reader<'text> {
    text: &'text str,
    /// The byte that is read next.
    at: usize,
    /// The values that were read since `retrace`, those of an inner object before the one that it is in.
    trace: [Traced; TRACED],
    traced: usize,
}

impl<'text> Reader<'text> {
    /// Reads a whole text.
    pub(crate) fn whole<T>(
        text: &'text str,
        read: impl FnOnce(&mut Reader<'text>) -> Read<T>,
    ) -> Result<T, TextError> {
        let mut reader = Reader { text, at: 0, trace: [("", 0, 0); TRACED], traced: 0 };
        let value = read(&mut reader).and_then(|value| match reader.next() {
            None => Ok(value),
            Some(_) => Err(Wrong::new("expected the end")),
        });
        value.map_err(|wrong| reader.place(wrong))
    }

    /// Where an error came up: behind what was read last.
    fn place(&self, Wrong(mut error): Wrong) -> TextError {
        let read = self.text.get(..self.at).unwrap_or_default();
        let mut at = (1, 1);
        for one in read.chars() {
            at = if one == '\n' { (at.0 + 1, 1) } else { (at.0, at.1 + 1) };
        }
        (error.line, error.column) = at;
        *error
    }

    /// Begins a new trace; answers where the reader stands.
    pub(crate) fn retrace(&mut self) -> usize {
        self.traced = 0;
        self.at
    }

    /// What was read since then, unless it is more than is remembered.
    pub(crate) fn trace(&self) -> Option<&[Traced]> {
        self.trace.get(..self.traced)
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes back to where the reader stood once.
    pub(crate) fn go_back(&mut self, at: usize) {
        self.at = at;
    }

    /// What was read from a place on.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'text [u8] {
        self.between(start, self.at)
    }

    #[inline]
    pub(crate) fn between(&self, start: usize, end: usize) -> &'text [u8] {
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    /// Takes a piece of text if it comes next.
    pub(crate) fn again(&mut self, piece: &[u8]) -> bool {
        let found = self.left().get(..piece.len()).is_some_and(|next| same(next, piece));
        self.at += if found { piece.len() } else { 0 };
        found
    }

    #[inline]
    fn left(&self) -> &'text [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space; it is not taken.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn next(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.after_space(),
            next => next.copied(),
        }
    }

    fn after_space(&mut self) -> Option<u8> {
        let space = self.left().iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.at += space.count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes a byte if it comes next.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.next() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[cfg_attr(not(onhand_small), inline(always))]
    fn expect(&mut self, byte: u8, what: &str) -> Read<()> {
        match self.take(byte) {
            true => Ok(()),
            false => Err(Wrong::new(what)),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.next();
        self.again(word.as_bytes())
    }

    /// Whether another one follows in what ends with this byte.
    fn more(&mut self, end: u8, first: &mut bool) -> Read<bool> {
        let first = core::mem::take(first);
        if self.take(end) {
            return Ok(false);
        }
        if !first {
            self.expect(b',', "expected `,`")?;
        }
        Ok(true)
    }

    pub(crate) fn list(&mut self, mut one: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.expect(b'[', "expected `[`")?;
        let mut first = true;
        while self.more(b']', &mut first)? {
            one(self)?;
        }
        Ok(())
    }

    /// The byte that a value begins with; it is not taken.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.next()
    }

    /// An object: each key is one of the fields, and said at most once. Answers which were said, by place.
    pub(crate) fn object<T>(&mut self, target: &mut T, fields: &[Field<T>]) -> Read<u32> {
        self.expect(b'{', "expected `{`")?;
        let (mut said, mut next, mut first) = (0_u32, 0, true);
        while self.more(b'}', &mut first)? {
            let (place, (name, set)) = match fields.get(next) {
                // Keys mostly come in the order of the table.
                Some(field) if self.key(field.0) => (next, field),
                _ => self.any_key(fields)?,
            };
            if said >> place & 1 == 1 {
                return Err(Wrong::value("duplicate field ", name, ""));
            }
            said |= 1 << place;
            next = place + 1;
            let start = self.at;
            set(target, self)?;
            if let Some(traced) = self.trace.get_mut(self.traced) {
                *traced = (name, start, self.at);
            }
            self.traced = self.traced.saturating_add(1);
        }
        Ok(said)
    }

    /// An object whose keys are looked up by the caller, who also sees to it that none is said twice.
    pub(crate) fn pairs(&mut self, mut one: impl FnMut(&mut Self, &'text str) -> Read<()>) -> Read<()> {
        self.expect(b'{', "expected `{`")?;
        let mut first = true;
        while self.more(b'}', &mut first)? {
            let key = self.string()?;
            let key = self.raw(key);
            self.expect(b':', "expected `:`")?;
            one(self, key)?;
        }
        Ok(())
    }

    /// Whether a number comes next.
    pub(crate) fn is_number(&mut self) -> bool {
        matches!(self.next(), Some(b'-' | b'0'..=b'9'))
    }

    /// Takes this key and its colon if they come next, as most programs write them.
    #[cfg_attr(not(onhand_small), inline(always))]
    fn key(&mut self, name: &str) -> bool {
        let rest = self.left().strip_prefix(b"\"").and_then(|left| left.strip_prefix(name.as_bytes()));
        let found = rest.is_some_and(|rest| rest.starts_with(b"\":"));
        self.at += if found { name.len() + 3 } else { 0 };
        found
    }

    /// Takes a key that is one of the fields, and its colon.
    fn any_key<'fields, T>(&mut self, fields: &'fields [Field<T>]) -> Read<(usize, &'fields Field<T>)> {
        let key = self.string()?;
        let name = self.raw(key);
        let Some((place, field)) = fields.iter().enumerate().find(|(_, (field, _))| *field == name) else {
            return Err(Wrong::value("unknown field ", name, ""));
        };
        self.expect(b':', "expected `:`")?;
        Ok((place, field))
    }

    /// A string.
    pub(crate) fn string(&mut self) -> Read<Span> {
        self.expect(b'"', "expected a text")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.left());
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Span { start, end: self.at - 1, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    // The character behind it is no end of the string; what it stands for is seen when the text is needed.
                    self.at += 2;
                }
                Some(_) => return Err(Wrong::new("control character in a string")),
                None => return Err(Wrong::new("the string has no end")),
            }
        }
    }

    /// A string as it stands in the text.
    #[inline]
    pub(crate) fn raw(&self, span: Span) -> &'text str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// What a string says.
    pub(crate) fn text(&self, span: Span) -> Read<Cow<'text, str>> {
        let raw = self.raw(span);
        match span.escaped {
            false => Ok(Cow::Borrowed(raw)),
            true => unescaped(raw).map(Cow::Owned).ok_or_else(|| Wrong::new("malformed escape")),
        }
    }

    /// What a string says where it has no escapes: what is looked up and never kept.
    #[inline]
    pub(crate) fn plain(&self, span: Span) -> Option<&'text str> {
        (!span.escaped).then(|| self.raw(span))
    }

    /// Whether a text comes next, and no number: an id is either.
    pub(crate) fn is_string(&mut self) -> bool {
        self.next() == Some(b'"')
    }

    pub(crate) fn null(&mut self) -> bool {
        self.next() == Some(b'n') && self.word("null")
    }

    pub(crate) fn boolean(&mut self) -> Read<bool> {
        match self.word("true") {
            true => Ok(true),
            false if self.word("false") => Ok(false),
            false => Err(Wrong::new("expected `true` or `false`")),
        }
    }

    /// A whole number.
    pub(crate) fn number(&mut self) -> Read<i64> {
        self.next();
        let left = self.left();
        let sign = usize::from(left.first() == Some(&b'-'));
        let digits = left.get(sign..).unwrap_or_default();
        let (value, count) = leading_number(digits);
        let wrong = (count == 0)
            | (count > 1 && digits.first() == Some(&b'0'))
            | matches!(digits.get(count), Some(b'.' | b'e' | b'E'));
        if wrong {
            return Err(Wrong::new("expected a whole number"));
        }
        if count > 18 {
            return self.long_number(sign + count);
        }
        self.at += sign + count;
        // INVARIANT: 18 digits fit.
        Ok(if sign == 1 { -value } else { value })
    }

    #[cold]
    fn long_number(&mut self, length: usize) -> Read<i64> {
        let text = self.text.get(self.at..self.at + length).unwrap_or_default();
        let value = text.parse().map_err(|_| Wrong::value("", text, " is out of range"))?;
        self.at += length;
        Ok(value)
    }
}

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// How many of the eight bytes of a text come before the first whose highest bit is set in `marks`.
fn before(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0)
}

/// How many bytes come before the first that is a quote, a backslash or a control character, or before the end: eight at a time.
fn plain_length(text: &[u8]) -> usize {
    let mut length = 0;
    loop {
        let word = word_of(text.get(length..).unwrap_or_default());
        // The lowest byte that is below a number is marked, and none before it.
        let below = |word: u64, number: u8| word.wrapping_sub(eight(number)) & !word;
        let ends = below(word, b' ') | below(word ^ eight(b'"'), 1) | below(word ^ eight(b'\\'), 1);
        match ends & eight(0x80) {
            0 => length += 8,
            ends => return length + before(ends),
        }
    }
}

/// The number that a text begins with, and its digits. With more than 18 it is another number: what does not fit is read once more.
fn leading_number(text: &[u8]) -> (i64, usize) {
    const TENS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let (mut value, mut length) = (0_u64, 0);
    loop {
        let word = word_of(text.get(length..).unwrap_or_default()) ^ eight(b'0');
        // The lowest byte that is no digit is marked, and none before it.
        let count = before((word.wrapping_add(eight(0x76)) | word) & eight(0x80));
        value = value.wrapping_mul(TENS.get(count).copied().unwrap_or(0)).wrapping_add(joined(word, count));
        length += count;
        if count < 8 {
            return (i64::from_le_bytes(value.to_le_bytes()), length);
        }
    }
}

/// The number that the first digits of a word make: by pairs, then fours, then eights, all at once.
fn joined(digits: u64, count: usize) -> u64 {
    let last = digits.unbounded_shl(64 - 8 * u32::try_from(count).unwrap_or(0));
    let pairs = last.wrapping_mul(10).wrapping_add(last >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = raw.char_indices();
    while let Some((_, character)) = characters.next() {
        text.push(if character == '\\' { escape(&mut characters)? } else { character });
    }
    Some(text)
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

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::*;

    fn numbers(text: &str) -> String {
        let mut list = Vec::new();
        let mut one = |reader: &mut Reader<'_>| {
            list.push(reader.number()?);
            Ok(())
        };
        match Reader::whole(text, |reader| reader.list(&mut one)) {
            Ok(()) => format!("{list:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn string(text: &str) -> Result<String, TextError> {
        Reader::whole(text, |reader| {
            let span = reader.string()?;
            Ok(reader.text(span)?.into_owned())
        })
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
            assert_eq!(numbers(text), expected, "{text}");
        }
        for (text, expected) in [(r#""tea""#, "tea"), (r#""caf\u00e9 \ud83c\udf75 \n\/\"""#, "café 🍵 \n/\"")]
        {
            assert_eq!(string(text).as_deref(), Ok(expected), "{text}");
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
            assert!(string(text).is_err(), "{text}");
        }
        for text in ["truth", "nul", "1", "\"true\""] {
            assert!(Reader::whole(text, Reader::boolean).is_err(), "{text}");
        }
    }
}
