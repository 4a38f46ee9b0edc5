//! Unlocking, locking, and the lease.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::give;
use crate::state::State;
use crate::types::{DeviceStatus, ExtensionCode, Failure, RecoveryCode};
use tsify::Ts;
use wardbook_client::{Credential, Secret};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// Opens the vault for a member, without any network. Where the lease has ended it opens what a sync needs, and
    /// records after that. Whoever was there before is locked out, also if the password is wrong.
    pub fn unlock(&mut self, user: &str, password: String) -> Outcome<Ts<DeviceStatus>> {
        let password = Secret::new(password);
        let done = self.state.unlock(user, &Credential::Password(&password));
        self.settle(done)?;
        self.status()
    }

    /// Wipes keys and records from memory.
    pub fn lock(&mut self) -> Outcome<Ts<DeviceStatus>> {
        self.state.lock();
        self.status()
    }

    /// Unlocks with a recovery code, and makes a new password and code. Where the lease has ended it throws
    /// `leaseExpired` with the member waiting: sync, then `changePassword` and `newRecoveryCode`.
    pub fn recover(&mut self, user: &str, code: String, new_password: String) -> Outcome<Ts<RecoveryCode>> {
        let (code, new_password) = (Secret::new(code), Secret::new(new_password));
        let made = self.state.recover(user, &code, &new_password);
        give(&RecoveryCode { words: self.settle(made)? })
    }

    #[wasm_bindgen(js_name = "changePassword")]
    pub fn change_password(&mut self, new_password: String) -> Outcome<()> {
        let new_password = Secret::new(new_password);
        self.with(|session| Ok(session.change_password(&new_password)?))
    }

    /// Ends the one before.
    #[wasm_bindgen(js_name = "newRecoveryCode")]
    pub fn new_recovery_code(&mut self) -> Outcome<Ts<RecoveryCode>> {
        let words = self.with(|session| Ok(session.new_recovery_code()?))?;
        give(&RecoveryCode { words })
    }

    /// New signing and sealing keys for this member, under a new password; gives the new recovery code.
    #[wasm_bindgen(js_name = "replaceKeys")]
    pub fn replace_keys(&mut self, new_password: String) -> Outcome<Ts<RecoveryCode>> {
        let new_password = Secret::new(new_password);
        let words = self.with(|session| Ok(session.rekey_self(&new_password)?))?;
        give(&RecoveryCode { words })
    }

    /// Makes the lease longer by the four lines that an officer has read out. The vault is locked after it.
    #[wasm_bindgen(js_name = "extendLease")]
    pub fn extend_lease(&mut self, hours: u32, lines: Vec<String>) -> Outcome<Ts<DeviceStatus>> {
        let lines: Vec<_> = lines.into_iter().map(Secret::new).collect();
        let mut vault = self.state.take_vault()?;
        let extended = vault.extend_lease(hours, &lines);
        self.state = State::Locked(Box::new(vault));
        extended?;
        self.status()
    }

    /// For an officer: the code that extends another device's lease. `request` is what that device shows.
    #[wasm_bindgen(js_name = "signExtension")]
    pub fn sign_extension(&self, request: &str, hours: u32) -> Outcome<Ts<ExtensionCode>> {
        let (device, lease) = ids::lease_request(request)?;
        let lines = match &self.state {
            State::Open(session) => session.sign_extension(device, lease, hours)?,
            State::Waiting(waiting) => waiting.session.sign_extension(device, lease, hours)?,
            _ => return Err(Failure::locked()),
        };
        give(&ExtensionCode { hours, lines })
    }
}
