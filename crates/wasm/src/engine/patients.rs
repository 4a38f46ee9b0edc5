//! The list of patients.

use super::Engine;
use crate::failure::Outcome;
use crate::js::{give, give_all};
use crate::types::{Duplicate, PatientAdded, PatientList, PatientQuery};
use crate::view::patients;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// For each key that is pressed.
    pub fn patients(&mut self, query: Ts<PatientQuery>) -> Outcome<Ts<PatientList>> {
        let query = query.to_rust()?;
        let recent = if query.recent { self.recent()? } else { Vec::new() };
        give(&self.with(|session| patients::search(session, &query, &recent))?)
    }

    /// Charts that may be of the person who is being registered. `patient` is their FHIR Patient as typed so far.
    #[wasm_bindgen(js_name = "likelyDuplicates")]
    pub fn likely_duplicates(&mut self, patient: &str, most: u32) -> Outcome<Vec<Ts<Duplicate>>> {
        give_all(&self.with(|session| patients::duplicates(session, patient, most))?)
    }

    /// Opens a chart with a FHIR Patient. It is shared with the team that is named, else with one's only team; else it
    /// is one's own.
    #[wasm_bindgen(js_name = "addPatient")]
    pub fn add_patient(&mut self, patient: &str, team: Option<String>) -> Outcome<Ts<PatientAdded>> {
        give(&self.with(|session| patients::add(session, patient, team.as_deref()))?)
    }
}
