//! Settling what is kept aside.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::{count, give_all};
use crate::types::Quarantined;
use crate::view::quarantine;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// What waits; with `decidedToo` also what was decided, for which every chart is read.
    pub fn quarantine(&mut self, decided_too: bool) -> Outcome<Vec<Ts<Quarantined>>> {
        give_all(&self.with(|session| quarantine::list(session, decided_too))?)
    }

    /// Lets entries count, all that wait in a chart or these; gives how many.
    pub fn admit(&mut self, chart: &str, entries: Option<Vec<String>>) -> Outcome<u32> {
        let (id, only) = (ids::chart(chart)?, quarantine::only(entries)?);
        self.with(|session| Ok(count(session.admit(id, only.as_deref())?)))
    }

    /// Sets them aside. Nothing is deleted, and each can still be admitted.
    pub fn reject(&mut self, chart: &str, entries: Option<Vec<String>>) -> Outcome<u32> {
        let (id, only) = (ids::chart(chart)?, quarantine::only(entries)?);
        self.with(|session| Ok(count(session.reject(id, only.as_deref())?)))
    }
}
