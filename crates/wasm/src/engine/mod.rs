//! What the page can ask of the worker: one method for each thing, none of which waits for anything but the server.
//! Each takes and gives plain data (`types/`), and throws a [`Failure`](crate::types::Failure).

mod charts;
mod conflicts;
mod devices;
mod drafts;
mod exchange;
mod files;
mod joining;
mod patients;
mod people;
mod quarantine;
mod sharing;
mod technical;
mod unlocking;
mod writing;

use crate::failure::Outcome;
use crate::js::give;
use crate::judge;
use crate::site;
use crate::state::{Reach, State};
use crate::types::{DeviceStatus, FailureKind};
use crate::view;
use js_sys::Function;
use tsify::Ts;
use wardbook_client::Session;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// The device of this browser.
#[wasm_bindgen]
pub struct Engine {
    state: State,
    reach: Reach,
    /// The page's way to keep the site key, or to delete it.
    keep_site_key: Function,
}

#[wasm_bindgen]
impl Engine {
    /// Opens the browser's storage and looks what is there.
    ///
    /// The first is the site key that the page has kept, unwrapped. The second is called with a new one to keep, and
    /// with `undefined` to delete it. That happens during a method: the page waits for its own storing before it says
    /// that all is done. The last judges new passwords, within methods that take one.
    pub async fn start(
        site_key: Option<Vec<u8>>,
        #[wasm_bindgen(unchecked_param_type = "(siteKey: Uint8Array | undefined) => void")] keep_site_key: Function,
        #[wasm_bindgen(
            unchecked_param_type = "(password: string, context: string[]) => { points: number; warning?: string }"
        )]
        judge: Function,
    ) -> Outcome<Self> {
        judge::appoint(judge);
        let state = match site::prepare(site_key.map(Zeroizing::new)).await {
            Ok(()) => State::of(site::folder()),
            Err(failure) => State::Unusable(failure),
        };
        Ok(Self { state, reach: Reach::default(), keep_site_key })
    }

    /// What this browser is. Somebody whose lease has ended since they unlocked is waiting from here on.
    pub fn status(&mut self) -> Outcome<Ts<DeviceStatus>> {
        self.state.close_unless_leased();
        give(&view::device::status(&self.state)?)
    }

    /// Removes a vault that a person has given up and that does not open, so that this browser can join anew.
    #[wasm_bindgen(js_name = "discardVault")]
    pub fn discard_vault(&mut self) -> Outcome<Ts<DeviceStatus>> {
        self.discard(true)?;
        self.status()
    }
}

impl Engine {
    /// Does something in the session of whoever has unlocked.
    fn with<T>(&mut self, work: impl FnOnce(&mut Session) -> Outcome<T>) -> Outcome<T> {
        let done = work(self.state.session()?);
        self.settle(done)
    }

    /// After whatever may have made or wiped keys.
    fn settle<T>(&mut self, done: Outcome<T>) -> Outcome<T> {
        site::hand_over(&self.keep_site_key);
        if matches!(&done, Err(failure) if failure.kind == FailureKind::Retired) {
            // Keys were wiped, of the member or of the whole device: what is left decides what this is now.
            self.look_again();
        }
        done
    }

    /// Closes the vault before it is opened again: only one may have it.
    fn look_again(&mut self) {
        self.state = State::Empty;
        self.state = State::of(site::folder());
    }

    /// As [`State::discard`], with what that means for the site key.
    fn discard(&mut self, damaged_too: bool) -> Outcome<()> {
        let done = self.state.discard(site::folder(), damaged_too);
        site::hand_over(&self.keep_site_key);
        done
    }
}
