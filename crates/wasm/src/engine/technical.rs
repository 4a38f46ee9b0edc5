//! The technical page and the checks.

use super::Engine;
use crate::failure::Outcome;
use crate::js::{give, large, tell};
use crate::transport::Browser;
use crate::types::{CheckProgress, ServerVerification, Technical, Verification};
use crate::view::technical;
use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// Needs nobody to be unlocked; then it knows less.
    pub fn technical(&mut self) -> Outcome<Ts<Technical>> {
        give(&technical::page(&mut self.state)?)
    }

    /// Reads and checks everything that is stored here.
    pub fn verify(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "(progress: CheckProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<Verification>> {
        let mut progress = |done| tell(on_progress, &CheckProgress { done: large(done), all: 0.0 });
        let done = self.with(|session| Ok(session.verify(&mut progress)?))?;
        give(&technical::verification(&done))
    }

    /// Checks what is stored here against the server's log.
    #[wasm_bindgen(js_name = "verifyServer")]
    pub fn verify_server(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "(progress: CheckProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<ServerVerification>> {
        let mut progress = |done, all| tell(on_progress, &CheckProgress { done: large(done), all: large(all) });
        let done = self.with(|session| Ok(session.verify_server(&mut Browser, &mut progress)?))?;
        give(&technical::server_verification(&done))
    }
}
