//! Cards: the one shape in which the catalogue is told things.

use alloc::vec::Vec;

use super::gtin::{Gtin, GtinProblem, check_gln};
use super::list::{Field, List, Takes};
use crate::event::{Line, Malformed, Problem};
use crate::name::Name;

/// What a card says of one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Value {
    /// A text.
    Name(Name),
    /// A number, in the unit of its field.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// What a change of the catalogue says of one thing, from its moment on: the whole of it, each time.
///
/// ```
/// use onhand::Name;
/// use onhand::catalogue::{Card, Field, List, Value};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let case = Card::new(List::Pack, Name::new("case")?)
///     .of(Name::new("TEA-250")?)
///     .with(Field::Count, Value::Number(12))
///     .with(Field::Gtin, Value::Name(Name::new("10036000291459")?));
/// assert_eq!(case.number(Field::Count), Some(12));
/// assert!(!case.is_closed());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The list that it is in.
    pub list: List,
    /// What it belongs to, where its list says so: the item of a pack, the node of a place, the supplier of terms.
    pub of: Option<Name>,
    /// Its name there.
    pub name: Name,
    /// In the order of fields, each once.
    says: Vec<(Field, Value)>,
}

impl Card {
    /// A card that says nothing but its name.
    pub fn new(list: List, name: Name) -> Card {
        Card { list, of: None, name, says: Vec::new() }
    }

    /// Says what it belongs to.
    pub fn of(self, of: Name) -> Card {
        Card { of: Some(of), ..self }
    }

    /// Says a field; what it said of that before is replaced.
    pub fn with(mut self, field: Field, value: Value) -> Card {
        match self.place(field) {
            Ok(place) => {
                if let Some(held) = self.says.get_mut(place) {
                    held.1 = value;
                }
            }
            Err(place) => self.says.insert(place, (field, value)),
        }
        self
    }

    /// No longer says a field.
    pub fn without(mut self, field: Field) -> Card {
        self.says.retain(|(said, _)| *said != field);
        self
    }

    /// No longer used from its moment on: this is how something is deleted.
    pub fn closed(self) -> Card {
        self.with(Field::Closed, Value::Flag(true))
    }

    /// What it says of a field.
    pub fn get(&self, field: Field) -> Option<&Value> {
        let place = self.place(field).ok()?;
        self.says.get(place).map(|(_, value)| value)
    }

    /// Everything that it says, in the order of fields.
    pub fn says(&self) -> &[(Field, Value)] {
        &self.says
    }

    /// The text of a field.
    pub fn text(&self, field: Field) -> Option<&Name> {
        match self.get(field) {
            Some(Value::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The number of a field.
    pub fn number(&self, field: Field) -> Option<i64> {
        match self.get(field) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Whether it says yes to a field.
    pub fn is(&self, field: Field) -> bool {
        self.get(field) == Some(&Value::Flag(true))
    }

    /// Whether it closes what it is about.
    pub fn is_closed(&self) -> bool {
        self.is(Field::Closed)
    }

    /// Its GTIN in the canonical form.
    pub fn gtin(&self) -> Option<Gtin> {
        self.text(Field::Gtin).and_then(|text| Gtin::try_from(text).ok())
    }

    fn place(&self, field: Field) -> Result<usize, usize> {
        self.says.binary_search_by_key(&field, |(said, _)| *said)
    }

    /// Holds a card and the lines that came with it against the row of its list. Says nothing about other cards.
    pub(crate) fn check(&self, lines: &[Line]) -> Result<(), Malformed> {
        let row = self.list.row();
        let wrong = |field, problem| Err(Malformed { field, line: None, problem });
        match (row.of, &self.of) {
            (Some(_), None) => return wrong("terms.of", Problem::Missing),
            (None, Some(_)) => return wrong("terms.of", Problem::NotExpected),
            _ => {}
        }
        for (field, value) in &self.says {
            let may = matches!(field, Field::Title | Field::Closed);
            if !may && !row.needs.contains(field) && !row.may.contains(field) {
                return wrong(field.row().path, Problem::NotExpected);
            }
            if let Some(problem) = field.row().takes.problem(value) {
                return wrong(field.row().path, problem);
            }
        }
        if !self.is_closed()
            && let Some(missing) = row.needs.iter().find(|field| self.get(**field).is_none())
        {
            return wrong(missing.row().path, Problem::Missing);
        }
        match (row.lines, lines) {
            (None, [_, ..]) => wrong("lines", Problem::NotExpected),
            (Some(_), []) if !self.is_closed() => wrong("lines", Problem::Missing),
            _ => Ok(()),
        }
    }
}

impl Takes {
    fn problem(self, value: &Value) -> Option<Problem> {
        let of_gtin = |problem| match problem {
            GtinProblem::CheckDigit { expected, .. } => Problem::CheckDigit(expected),
            _ => Problem::NotANumber,
        };
        match (self, value) {
            (Takes::Name | Takes::One(_), Value::Name(_)) | (Takes::Flag, Value::Flag(_)) => None,
            (Takes::Gtin, Value::Name(text)) => Gtin::try_from(text).err().map(of_gtin),
            (Takes::Gln, Value::Name(text)) => check_gln(text.as_str()).err().map(of_gtin),
            (Takes::Number(min, max), Value::Number(number)) => {
                (!(min..=max).contains(number)).then_some(Problem::OutOfRange(*number))
            }
            _ => Some(Problem::WrongTerms),
        }
    }
}
