//! Who judges new passwords here: a function of the worker, which loads the module of `crates/strength` before it asks
//! for anything that takes a new password.

use js_sys::{Array, Function, Reflect};
use wardbook_client::{Judgement, set_judge};
use wasm_bindgen::JsValue;

const POINTS_MAX: f64 = 4.0;

/// Has that function judge from now on.
pub fn appoint(judge: Function) {
    set_judge(move |password, context| ask(&judge, password, context));
}

/// None where it throws, or gives anything else: then the password is refused (PWD-02).
fn ask(judge: &Function, password: &str, context: &[&str]) -> Option<Judgement> {
    let context: JsValue = context.iter().map(|word| JsValue::from_str(word)).collect::<Array>().into();
    let said = judge.call2(&JsValue::UNDEFINED, &JsValue::from_str(password), &context).ok()?;
    let points = Reflect::get(&said, &JsValue::from_str("points")).ok()?.as_f64()?;
    let warning = Reflect::get(&said, &JsValue::from_str("warning")).ok()?.as_string();
    // Without what is behind the point.
    (0.0..=POINTS_MAX).contains(&points).then_some(Judgement { points: points as u8, warning })
}
