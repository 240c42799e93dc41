//! The binding on Node.js, by `wasm-pack test --node`. What the package makes of it is tested in npm/.
#![cfg(target_arch = "wasm32")]

use onhand_wasm::Engine;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const ITEM: &str = r#"{ "source": "master", "id": 1, "kind": "item_change", "occurred": 1,
    "terms": { "item": { "sku": "TEA", "unit": "each" } } }"#;

fn loaded(snapshot: &[u8]) -> Result<Engine, JsValue> {
    let mut engine = Engine::new();
    engine.load(snapshot.to_vec())?;
    Ok(engine)
}

#[wasm_bindgen_test]
fn an_engine_posts_a_fact_and_comes_back_from_its_snapshot() {
    let mut engine = Engine::new();
    assert!(engine.tell(0, ITEM).is_ok_and(|answer| answer.contains(r#""posted""#)));
    let again = loaded(&engine.snapshot()).unwrap();
    assert_eq!(again.digest(), engine.digest());
    assert_eq!(again.version(), 1.0);
}

#[wasm_bindgen_test]
fn misuse_is_an_error_and_changes_nothing() {
    let mut engine = Engine::new();
    assert!(engine.tell(0, "{").is_err());
    assert!(engine.number_of(9, "TEA", true).is_err());
    assert!(loaded(b"no snapshot").is_err());
    assert_eq!(engine.version(), 0.0);
}

#[wasm_bindgen_test]
fn names_in_another_normal_form_are_refused_by_the_tables_of_the_host() {
    let mut engine = Engine::new();
    assert!(engine.number_of(1, "caf\u{e9}", true).is_ok());
    assert!(engine.number_of(1, "cafe\u{301}", true).is_err());
}
