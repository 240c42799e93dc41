//! GTINs and GLNs: the numbers that GS1 gives to trade items and to places, with their check digit.
//!
//! Source: GS1 General Specifications, section 7.9 (check digit) and 3.3 (GTIN-8, -12, -13 and -14 are one number, written in
//! 14 digits with zeros in front).

use core::fmt;

use crate::name::Name;

/// A Global Trade Item Number in its one canonical form, whichever of its lengths it was written in.
///
/// ```
/// use onhand::catalogue::{Gtin, GtinProblem};
/// let short = Gtin::parse("036000291452").unwrap(); // UPC-A, GTIN-12
/// assert_eq!(Gtin::parse("0036000291452"), Ok(short)); // the same in 13 digits
/// assert_eq!(short.to_string(), "00036000291452");
/// assert_eq!(short.short(), "036000291452");
/// assert_eq!(Gtin::parse("036000291453"), Err(GtinProblem::CheckDigit { found: 3, expected: 2 }));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin([u8; 14]);

/// Why a text is no GTIN, or no GLN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GtinProblem {
    /// Something else than digits, or none at all.
    NotDigits,
    /// Not 8, 12, 13 or 14 digits; for a GLN, not 13.
    Length {
        /// How many there are.
        digits: usize,
    },
    /// The last digit is not what the others make it: one was misread, or two changed places.
    CheckDigit {
        /// The last digit.
        found: u8,
        /// What it would have to be.
        expected: u8,
    },
    /// Nothing but zeros.
    Zero,
}

impl GtinProblem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            GtinProblem::NotDigits => "not_digits",
            GtinProblem::Length { .. } => "wrong_length",
            GtinProblem::CheckDigit { .. } => "check_digit",
            GtinProblem::Zero => "zero",
        }
    }
}

impl fmt::Display for GtinProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for GtinProblem {}

impl Gtin {
    /// Reads 8, 12, 13 or 14 digits and holds the last against the others.
    ///
    /// Eight digits are a GTIN-8; a UPC-E code has to be written out in 12 first, as scanners do.
    ///
    /// # Errors
    ///
    /// [`GtinProblem`]: the first of what is not digits, the length, zeros alone, the check digit.
    pub fn parse(text: &str) -> Result<Gtin, GtinProblem> {
        digits(text, &[8, 12, 13, 14]).map(Gtin)
    }

    /// Fourteen digits.
    pub fn as_str(&self) -> &str {
        // INVARIANT: only digits are taken in.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// As it is printed under a bar code: without the zeros in front, in the shortest of the four lengths.
    pub fn short(&self) -> &str {
        let zeros = self.as_str().len() - self.as_str().trim_start_matches('0').len();
        let from = match zeros {
            0 => 0,
            1 => 1,
            2..6 => 2,
            _ => 6,
        };
        self.as_str().get(from..).unwrap_or_default()
    }

    /// The first of fourteen digits: 0 for what is sold one by one, 1 to 8 for a pack of it, 9 for what varies in weight.
    pub fn indicator(&self) -> u8 {
        self.0.first().map_or(0, |digit| digit - b'0')
    }

    /// The twelve digits between the indicator and the check digit: a pack that was numbered after what is in it has the same.
    pub fn core(&self) -> &str {
        self.as_str().get(1..13).unwrap_or_default()
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<&Name> for Gtin {
    type Error = GtinProblem;
    fn try_from(name: &Name) -> Result<Gtin, GtinProblem> {
        Gtin::parse(name.as_str())
    }
}

/// Whether a text is a Global Location Number: 13 digits, the last of which follows from the others.
///
/// # Errors
///
/// As [`Gtin::parse`].
///
/// ```
/// use onhand::catalogue::check_gln;
/// assert_eq!(check_gln("9501101020016"), Ok(()));
/// assert_eq!(check_gln("9501101020017").unwrap_err().code(), "check_digit");
/// ```
pub fn check_gln(text: &str) -> Result<(), GtinProblem> {
    digits(text, &[13]).map(drop)
}

/// Digits of one of these lengths, with zeros in front to make 14, and with the right digit last.
fn digits(text: &str, lengths: &[usize]) -> Result<[u8; 14], GtinProblem> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(GtinProblem::NotDigits);
    }
    if !lengths.contains(&bytes.len()) {
        return Err(GtinProblem::Length { digits: bytes.len() });
    }
    let mut whole = [b'0'; 14];
    for (to, from) in whole.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    if whole == [b'0'; 14] {
        return Err(GtinProblem::Zero);
    }
    // From the left of 14 digits, those before the last count three times and once in turn.
    let sum: u32 =
        whole.iter().take(13).zip([3, 1].iter().cycle()).map(|(d, w)| u32::from(d - b'0') * w).sum();
    let expected = u8::try_from((10 - sum % 10) % 10).unwrap_or_default();
    let found = whole.last().map_or(0, |digit| digit - b'0');
    match found == expected {
        true => Ok(whole),
        false => Err(GtinProblem::CheckDigit { found, expected }),
    }
}
