//! The same, for the vault's worker: what the module `wardbook_strength` exports.

use wasm_bindgen::prelude::wasm_bindgen;

/// What is to be said of a password.
#[wasm_bindgen(getter_with_clone)]
pub struct Judgement {
    /// 0 to 4.
    pub points: u8,
    /// Why it is weak, as a sentence.
    pub warning: Option<String>,
}

/// Judges a password as somebody would guess it who knows the words of the context.
#[wasm_bindgen]
pub fn judge(password: &str, context: Vec<String>) -> Judgement {
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let crate::Judgement { points, warning } = crate::judge(password, &context);
    Judgement { points, warning }
}
