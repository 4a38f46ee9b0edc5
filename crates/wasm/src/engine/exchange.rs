//! Exchanging with the server.

use super::Engine;
use crate::failure::Outcome;
use crate::js::{count, give, tell};
use crate::state::State;
use crate::transport::Browser;
use crate::types::{Failure, NewsRequest, SyncReport, SyncStatus};
use crate::view;
use js_sys::Function;
use tsify::Ts;
use wardbook_client::sync as client;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// Needs nobody to be unlocked.
    #[wasm_bindgen(js_name = "syncStatus")]
    pub fn sync_status(&self) -> Outcome<Ts<SyncStatus>> {
        give(&view::sync::status(self.state.vault()?, &self.reach)?)
    }

    /// Exchanges everything: hands in what waits, takes what came, renews the lease. Whoever was waiting for that is
    /// open then.
    pub fn sync(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "(progress: SyncProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<SyncReport>> {
        let report = self.exchange(&mut teller(on_progress))?;
        give(&view::sync::report(&report))
    }

    /// Shows the alarms of this device no more; gives how many were open.
    #[wasm_bindgen(js_name = "acknowledgeAlarms")]
    pub fn acknowledge_alarms(&mut self) -> Outcome<u32> {
        self.with(|session| Ok(count(session.acknowledge_alarms()?)))
    }

    /// What opens the stream that tells when there is more.
    #[wasm_bindgen(js_name = "newsRequest")]
    pub fn news_request(&self) -> Outcome<Ts<NewsRequest>> {
        let news = match &self.state {
            State::Open(session) if session.vault().has_server() => session.ask_for_news(),
            State::Waiting(waiting) => waiting.session.ask_for_news(),
            State::Open(_) => return Err(Failure::invalid("this organisation has no server")),
            _ => return Err(Failure::locked()),
        };
        give(&view::sync::news(news))
    }

    /// Puts the organisation on a server, and hands everything in; only an admin can.
    #[wasm_bindgen(js_name = "putOnServer")]
    pub fn put_on_server(
        &mut self,
        link: &str,
        #[wasm_bindgen(unchecked_param_type = "(progress: SyncProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<SyncReport>> {
        self.put_on(link)?;
        self.sync(on_progress)
    }

    /// After the server was put back to an earlier state: it goes on in a new generation. Only an admin can.
    #[wasm_bindgen(js_name = "acceptRestored")]
    pub fn accept_restored(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "(progress: SyncProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<SyncReport>> {
        let done = match &mut self.state {
            State::Open(session) => session.accept_restored(&mut Browser),
            State::Waiting(waiting) => waiting.session.accept_restored(&mut Browser),
            _ => return Err(Failure::locked()),
        };
        self.settle(done.map_err(Failure::from))?;
        self.sync(on_progress)
    }
}

impl Engine {
    /// # Errors
    /// No server, not reached, or it refuses; what was exchanged before stays.
    fn exchange(&mut self, progress: &mut dyn FnMut(&client::SyncProgress)) -> Outcome<client::SyncReport> {
        if !self.state.vault()?.has_server() {
            return Err(Failure::invalid("this organisation has no server"));
        }
        let done = self.state.sync(&mut Browser, progress)?;
        self.reach.note(&done);
        self.settle(done.map_err(Failure::from))
    }
}

/// Tells a callback of the page how far an exchange is.
fn teller(callback: &Function) -> impl FnMut(&client::SyncProgress) + '_ {
    move |progress| tell(callback, &view::sync::progress(progress))
}
