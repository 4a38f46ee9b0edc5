//! Values on their way to and from JavaScript.

use crate::failure::Outcome;
use js_sys::Function;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;

/// One value for a screen.
pub fn give<T: Tsify + Serialize>(value: &T) -> Outcome<Ts<T>> {
    Ok(value.into_ts()?)
}

/// A list for a screen.
pub fn give_all<T: Tsify + Serialize>(values: &[T]) -> Outcome<Vec<Ts<T>>> {
    values.iter().map(give).collect()
}

/// Tells a callback how far something is. Whatever it throws concerns nobody here: the work goes on.
pub fn tell<T: Tsify + Serialize>(callback: &Function, value: &T) {
    if let Ok(value) = value.into_js() {
        let value: JsValue = value.into();
        let _ = callback.call1(&JsValue::UNDEFINED, &value);
    }
}

/// A number of things, for JavaScript, which has no larger whole numbers that are exact.
pub fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Bytes, places and the like: exact up to 2^53.
pub fn large(number: u64) -> f64 {
    number as f64
}

/// A time in milliseconds since 1970.
pub fn time(ms: i64) -> f64 {
    ms as f64
}
