//! Writes whatever serialises as JSON text: no space between, keys in the order in which they are told.
use alloc::string::String;
use core::fmt::{self, Write};

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::sentence::{Hex, Part};

/// The text so far. Whether a part is the first of what it is in is seen from how the text ends.
#[derive(Default)]
pub(crate) struct Writer(String);

/// A list or an object that is being written, and how it ends.
pub(crate) struct Open<'a> {
    writer: &'a mut Writer,
    end: &'static str,
}

type Written = Result<(), fmt::Error>;

impl Writer {
    /// The value as JSON text.
    pub(crate) fn text(value: &(impl Serialize + ?Sized)) -> Result<String, fmt::Error> {
        let mut writer = Writer::default();
        value.serialize(&mut writer)?;
        Ok(writer.0)
    }

    #[cfg_attr(onhand_small, inline(never))]
    fn string(&mut self, text: &str) {
        self.0.push('"');
        for one in text.chars() {
            let short = match one {
                '"' | '\\' => one,
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\0'..' ' => 'u',
                _ => {
                    self.0.push(one);
                    continue;
                }
            };
            self.0.push('\\');
            self.0.push(short);
            if short == 'u' {
                self.0.push_str("00");
                Hex(u8::try_from(one).unwrap_or_default()).add_to(&mut self.0);
            }
        }
        self.0.push('"');
    }

    /// What comes before the next part of a list or an object.
    #[cfg_attr(onhand_small, inline(never))]
    fn next(&mut self) {
        if !matches!(self.0.as_bytes().last(), Some(b'[' | b'{')) {
            self.0.push(',');
        }
    }

    fn key(&mut self, key: &str) {
        self.next();
        self.string(key);
        self.0.push(':');
    }

    fn open(&mut self, begin: &str, end: &'static str) -> Open<'_> {
        self.0.push_str(begin);
        Open { writer: self, end }
    }

    /// A list or an object that is the one part of an object, by its name.
    fn variant(&mut self, name: &str, begin: &str, end: &'static str) -> Open<'_> {
        self.0.push('{');
        self.key(name);
        self.open(begin, end)
    }
}

impl Open<'_> {
    fn part(&mut self, part: &(impl Serialize + ?Sized)) -> Written {
        self.writer.next();
        part.serialize(&mut *self.writer)
    }

    fn field(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Written {
        self.writer.key(key);
        value.serialize(&mut *self.writer)
    }

    fn close(self) -> Written {
        self.writer.0.push_str(self.end);
        Ok(())
    }
}

/// Numbers as they print.
macro_rules! numbers {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, number: $type) -> Written {
            number.add_to(&mut self.0);
            Ok(())
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    numbers!(serialize_i64 i64, serialize_u64 u64);

    fn serialize_i128(self, number: i128) -> Written {
        write!(self.0, "{number}")
    }

    fn serialize_u128(self, number: u128) -> Written {
        write!(self.0, "{number}")
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_u8(self, number: u8) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_f32(self, number: f32) -> Written {
        match number.is_finite() {
            true => write!(self.0, "{number:?}"),
            false => self.serialize_unit(),
        }
    }

    fn serialize_f64(self, number: f64) -> Written {
        match number.is_finite() {
            true => write!(self.0, "{number:?}"),
            false => self.serialize_unit(),
        }
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Written {
        self.string(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut open = self.open("{", "}");
        open.field(variant, value)?;
        open.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a>, fmt::Error> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'a>, fmt::Error> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, fmt::Error> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'a>, fmt::Error> {
        Ok(self.variant(variant, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a>, fmt::Error> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a>, fmt::Error> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'a>, fmt::Error> {
        Ok(self.variant(variant, "{", "}}"))
    }
}

/// Lists, whatever they are called.
macro_rules! lists {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for Open<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, part: &T) -> Written {
                self.part(part)
            }

            fn end(self) -> Written {
                self.close()
            }
        })*
    };
}

/// Objects whose keys are told with their values.
macro_rules! objects {
    ($($trait:ident),*) => {
        $(impl $trait for Open<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
                self.field(key, value)
            }

            fn end(self) -> Written {
                self.close()
            }
        })*
    };
}

lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);
objects!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.writer.0.push(':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.close()
    }
}
