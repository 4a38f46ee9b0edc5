//! Devices, and which charts this one holds.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::{give, give_all};
use crate::types::{Caseload, CaseloadForm, Device};
use crate::view::people;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// All devices, also those that were retired.
    pub fn devices(&mut self) -> Outcome<Vec<Ts<Device>>> {
        give_all(&self.with(|session| Ok(people::devices(session)))?)
    }

    /// Ends another device's rights: it wipes its keys when it next reaches the server.
    #[wasm_bindgen(js_name = "retireDevice")]
    pub fn retire_device(&mut self, device: &str) -> Outcome<()> {
        let device = ids::device(device)?;
        self.with(|session| Ok(session.retire_device(device)?))
    }

    pub fn caseload(&mut self) -> Outcome<Ts<Caseload>> {
        give(&self.with(people::caseload)?)
    }

    /// The next sync brings what is missing and removes the rest; the server keeps everything.
    #[wasm_bindgen(js_name = "setCaseload")]
    pub fn set_caseload(&mut self, form: Ts<CaseloadForm>) -> Outcome<Ts<Caseload>> {
        let form = form.to_rust()?;
        self.with(|session| people::set_caseload(session, &form))?;
        self.caseload()
    }

    /// Removes a chart from this device; the server keeps it.
    pub fn evict(&mut self, chart: &str) -> Outcome<()> {
        let id = ids::chart(chart)?;
        self.with(|session| Ok(session.evict(id)?))
    }
}
