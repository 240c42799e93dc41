//! Names of SKUs, nodes, sources and documents: compared byte for byte and never changed.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::limits::NAME_BYTES_MAX;
use crate::sentence::{InWords, printed};

/// A checked name: 1 to 128 bytes of UTF-8 in Unicode normal form C, without control characters and without
/// white space at either end.
///
/// Names are compared byte for byte. A name in another form is refused rather than changed, so that two
/// systems never fold two SKUs into one.
///
/// ```
/// use onhand::{Name, NameProblem};
/// assert_eq!(Name::new("TEA-250").unwrap().as_str(), "TEA-250");
/// assert_eq!(Name::new(" TEA-250"), Err(NameProblem::Padded));
/// assert_eq!(Name::new("cafe\u{301}"), Err(NameProblem::NotNormalized));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

/// Why a text is not a [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameProblem {
    /// No character at all.
    Empty,
    /// More than [`NAME_BYTES_MAX`] bytes of UTF-8.
    TooLong,
    /// White space at an end.
    Padded,
    /// A control character.
    ControlCharacter,
    /// Not in Unicode normal form C.
    NotNormalized,
}

impl NameProblem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            NameProblem::Empty => "empty",
            NameProblem::TooLong => "too_long",
            NameProblem::Padded => "padded",
            NameProblem::ControlCharacter => "control_character",
            NameProblem::NotNormalized => "not_normalized",
        }
    }
}

impl Name {
    /// Checks a text and takes a copy of it.
    pub fn new(text: &str) -> Result<Name, NameProblem> {
        check(text)?;
        Ok(Name(text.into()))
    }

    /// A text that was checked when it was interned.
    pub(crate) fn known(text: &str) -> Name {
        Name(text.into())
    }

    /// The text, unchanged.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether bytes are a name of printable ASCII without spaces, as nearly all are: one look says so.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    (1..=NAME_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

pub(crate) fn check(text: &str) -> Result<(), NameProblem> {
    if is_plain(text.as_bytes()) {
        return Ok(());
    }
    if text.is_empty() {
        return Err(NameProblem::Empty);
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(NameProblem::TooLong);
    }
    if text.trim().len() != text.len() {
        return Err(NameProblem::Padded);
    }
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_control()) {
            true => Err(NameProblem::ControlCharacter),
            false => Ok(()),
        };
    }
    if text.chars().any(char::is_control) {
        return Err(NameProblem::ControlCharacter);
    }
    if !is_normal(text) {
        return Err(NameProblem::NotNormalized);
    }
    Ok(())
}

/// Whether a text is in Unicode normal form C.
fn is_normal(text: &str) -> bool {
    // No character below U+0300 is changed by form C, or composes with another one below it.
    text.chars().all(|character| character < '\u{300}') || is_normal_by_table(text)
}

#[cfg(not(all(feature = "js", target_arch = "wasm32")))]
fn is_normal_by_table(text: &str) -> bool {
    unicode_normalization::is_nfc(text)
}

#[cfg(all(feature = "js", target_arch = "wasm32"))]
fn is_normal_by_table(text: &str) -> bool {
    let text = js_sys::JsString::from(text);
    text.normalize("NFC") == text
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<&str> for Name {
    type Error = NameProblem;
    fn try_from(text: &str) -> Result<Name, NameProblem> {
        Name::new(text)
    }
}

impl TryFrom<String> for Name {
    type Error = NameProblem;
    fn try_from(text: String) -> Result<Name, NameProblem> {
        check(&text)?;
        Ok(Name(text.into_boxed_str()))
    }
}

impl InWords for NameProblem {
    fn in_words(&self) -> String {
        self.code().into()
    }
}

printed!(NameProblem);
