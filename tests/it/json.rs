//! What onhand writes as JSON is what serde_json writes, to the byte, whatever serialises.

use std::collections::BTreeMap;

use onhand::{Answer, TurnedAway};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;

fn written<T: Serialize>(value: T) -> String {
    Answer::<T, TurnedAway>(Ok(value)).to_json()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x24\\\\\u{7f}\u{2028}]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,3}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[derive(Clone, Serialize)]
struct Unit;

#[derive(Clone, Serialize)]
struct Wrapped(i16);

#[derive(Clone, Serialize)]
struct Pair(u8, String);

#[derive(Clone, Serialize)]
enum Shape {
    Nothing,
    One(Option<u32>),
    Two(i8, char),
    Named { empty: Vec<u8>, more: Option<Box<Shape>> },
}

#[derive(Clone, Serialize)]
struct All {
    unit: Unit,
    nothing: (),
    wrapped: Wrapped,
    pair: Pair,
    shapes: Vec<Shape>,
    large: (i128, u128),
    parts: (f32, f64, f64),
    map: BTreeMap<String, Option<bool>>,
}

fn all(text: &str, wrapped: i16) -> All {
    let named = Shape::Named { empty: Vec::new(), more: None };
    let more = Shape::Named { empty: vec![0, 255], more: Some(Box::new(Shape::Two(-1, '"'))) };
    All {
        unit: Unit,
        nothing: (),
        wrapped: Wrapped(wrapped),
        pair: Pair(7, text.to_owned()),
        shapes: vec![Shape::Nothing, Shape::One(None), Shape::One(Some(3)), Shape::Two(1, 'é'), named, more],
        large: (i128::MIN, u128::MAX),
        parts: (0.1, -2.0, f64::NAN),
        map: [(text.to_owned(), None), (format!("{text}["), Some(false))].into(),
    }
}

proptest! {
    #![proptest_config(crate::cases_of(256))]

    #[test]
    fn json_is_what_serde_json_writes(value in value(), text in any::<String>(), number in any::<i16>()) {
        prop_assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
        let all = all(&text, number);
        prop_assert_eq!(written(&all), serde_json::to_string(&all).unwrap());
    }
}

#[test]
fn what_cannot_be_written_is_an_empty_text() {
    struct Never;
    impl Serialize for Never {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("never"))
        }
    }
    assert_eq!(written(vec![Never]), "");
}
