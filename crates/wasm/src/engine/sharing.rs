//! Who may open a chart.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::give;
use crate::types::{Access, AccessPage, Revoked};
use crate::view::sharing;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    pub fn access(&mut self, chart: &str) -> Outcome<Ts<AccessPage>> {
        let id = ids::chart(chart)?;
        give(&self.with(|session| sharing::access(session, id))?)
    }

    /// To a user name, or `team:NAME`. Less than before takes the rest back.
    pub fn grant(&mut self, chart: &str, to: &str, access: Ts<Access>) -> Outcome<()> {
        let (id, access) = (ids::chart(chart)?, access.to_rust()?);
        self.with(|session| sharing::grant(session, id, to, access))
    }

    pub fn revoke(&mut self, chart: &str, from: &str) -> Outcome<Ts<Revoked>> {
        let id = ids::chart(chart)?;
        give(&self.with(|session| sharing::revoke(session, id, from))?)
    }
}
