//! Writing into a chart.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::give;
use crate::types::{Edited, ResourceText, Written};
use crate::view::writing;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// A resource as text, for the editor.
    pub fn resource(&mut self, chart: &str, key: &str) -> Outcome<Ts<ResourceText>> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        give(&self.with(|session| writing::text(session, id, &key))?)
    }

    /// Writes FHIR JSON: a new resource, or what came of the one that was edited.
    pub fn put(&mut self, chart: &str, text: &str, edited: Option<Ts<Edited>>) -> Outcome<Ts<Written>> {
        let (id, edited) = (ids::chart(chart)?, edited.map(|edited| edited.to_rust()).transpose()?);
        give(&self.with(|session| writing::put(session, id, text, edited.as_ref()))?)
    }

    /// Deletes a resource as it was shown. Its history stays.
    pub fn remove(&mut self, chart: &str, key: &str, versions: Vec<String>) -> Outcome<()> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        self.with(|session| writing::remove(session, id, &key, &versions))
    }
}
