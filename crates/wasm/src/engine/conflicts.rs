//! Deciding what was edited apart.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::{give, give_all};
use crate::types::{Conflict, ConflictLine, ElementChoice, Written};
use crate::view::conflicts;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// In one chart, or in all.
    pub fn conflicts(&mut self, chart: Option<String>) -> Outcome<Vec<Ts<ConflictLine>>> {
        let id = chart.map(|chart| ids::chart(&chart)).transpose()?;
        give_all(&self.with(|session| conflicts::list(session, id))?)
    }

    pub fn conflict(&mut self, chart: &str, key: &str) -> Outcome<Ts<Conflict>> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        give(&self.with(|session| conflicts::detail(session, id, &key))?)
    }

    /// What the resource becomes by those choices, as text to look at; nothing is written.
    pub fn combine(&mut self, chart: &str, key: &str, choices: Vec<Ts<ElementChoice>>) -> Outcome<String> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        let choices = choices.iter().map(|choice| Ok(choice.to_rust()?)).collect::<Outcome<Vec<_>>>()?;
        self.with(|session| conflicts::combine(session, id, &key, &choices))
    }

    /// Decides by one of the versions that were shown, `versions`; where it deletes the resource, that is deleted.
    #[wasm_bindgen(js_name = "takeVersion")]
    pub fn take_version(&mut self, chart: &str, key: &str, version: &str, versions: Vec<String>) -> Outcome<()> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        self.with(|session| conflicts::take(session, id, &key, version, &versions))
    }

    /// Decides between the versions that were shown by a text.
    pub fn decide(&mut self, chart: &str, key: &str, text: &str, versions: Vec<String>) -> Outcome<Ts<Written>> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        give(&self.with(|session| conflicts::decide(session, id, &key, text, &versions))?)
    }
}
