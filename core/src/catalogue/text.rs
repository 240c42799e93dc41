//! What crosses as text. A card is a flat object: `list`, `of`, `name`, and each field by its code.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Card, Field, Found, Gtin, GtinProblem, KitAvailability, KitProblem, List, ScanProblem, Value};
use crate::name::Name;

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("list", self.list.code())?;
        if let Some(of) = &self.of {
            map.serialize_entry("of", of)?;
        }
        map.serialize_entry("name", &self.name)?;
        for (field, value) in self.says() {
            match value {
                Value::Name(name) => map.serialize_entry(field.code(), name)?,
                Value::Number(number) => map.serialize_entry(field.code(), number)?,
                Value::Flag(flag) => map.serialize_entry(field.code(), flag)?,
            }
        }
        map.end()
    }
}

struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, a whole number, or true or false")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Name::new(text).map(Value::Name).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct CardVisitor;

impl<'de> Visitor<'de> for CardVisitor {
    type Value = Card;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a card of the catalogue")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Card, A::Error> {
        let (mut list, mut of, mut name) = (None, None, None);
        let mut says: Vec<(Field, Value)> = Vec::new();
        let twice = |key: &str| <A::Error as de::Error>::custom(format_args!("duplicate field `{key}`"));
        while let Some(key) = map.next_key::<String>()? {
            let again = match key.as_str() {
                "list" => {
                    let code: String = map.next_value()?;
                    let known = List::from_code(&code)
                        .ok_or_else(|| de::Error::custom("no list of the catalogue"))?;
                    list.replace(known).is_some()
                }
                "of" => of.replace(map.next_value::<Name>()?).is_some(),
                "name" => name.replace(map.next_value::<Name>()?).is_some(),
                code => {
                    let field =
                        Field::from_code(code).ok_or_else(|| de::Error::custom("unknown field of a card"))?;
                    let again = says.iter().any(|(said, _)| *said == field);
                    says.push((field, map.next_value()?));
                    again
                }
            };
            if again {
                return Err(twice(&key));
            }
        }
        let missing = <A::Error as de::Error>::missing_field;
        let card = Card::new(list.ok_or_else(|| missing("list"))?, name.ok_or_else(|| missing("name"))?);
        let card = says.into_iter().fold(card, |card, (field, value)| card.with(field, value));
        Ok(match of {
            Some(of) => card.of(of),
            None => card,
        })
    }
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Card, D::Error> {
        deserializer.deserialize_map(CardVisitor)
    }
}

/// `{"ok":true,"sku":…,"units":…}` for what was found.
impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &true)?;
        map.serialize_entry("sku", &self.sku)?;
        if let Some(pack) = &self.pack {
            map.serialize_entry("pack", pack)?;
        }
        map.serialize_entry("units", &self.units)?;
        if let Some(grams) = &self.grams {
            map.serialize_entry("grams", grams)?;
        }
        map.serialize_entry("by_lot", &self.by_lot)?;
        map.end()
    }
}

/// `{"ok":false,"code":"check_digit","expected":2}`: the code and what it is about.
impl Serialize for ScanProblem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &false)?;
        map.serialize_entry("code", self.code())?;
        match self {
            ScanProblem::NotAGtin(GtinProblem::CheckDigit { expected, .. }) => {
                map.serialize_entry("expected", expected)?;
            }
            ScanProblem::NotAGtin(_) => {}
            ScanProblem::UnknownGtin { gtin } => map.serialize_entry("gtin", gtin.as_str())?,
            ScanProblem::Ambiguous { found } => map.serialize_entry("found", found)?,
        }
        map.end()
    }
}

/// `{"ok":true,"ready":…,"to_make":…,"binds":…,"parts":[…]}`.
impl Serialize for KitAvailability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &true)?;
        map.serialize_entry("ready", &self.ready)?;
        map.serialize_entry("to_make", &self.to_make)?;
        map.serialize_entry("binds", &self.binds)?;
        map.serialize_entry("parts", &self.parts)?;
        map.serialize_entry("split", &self.split)?;
        map.end()
    }
}

/// `{"ok":false,"code":"not_a_kit"}`.
impl Serialize for KitProblem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ok", &false)?;
        map.serialize_entry("code", self.code())?;
        map.end()
    }
}

/// A GTIN in 14 digits.
pub(super) fn gtin<S: Serializer>(gtin: &Option<Gtin>, serializer: S) -> Result<S::Ok, S::Error> {
    match gtin {
        Some(gtin) => serializer.serialize_some(gtin.as_str()),
        None => serializer.serialize_none(),
    }
}
