//! From user name and password to a session (`spec/slots.md`).
//!
//! An unknown user, a wrong password and a damaged slot take the same work and give the same answer (SLOT-02). Each
//! attempt is counted on disk before the work begins, so that ending the process does not save an attempt.

use crate::sync::transport::Transport;
use crate::sync::{Caseload, ExtensionCode, SyncProgress, SyncReport};
use crate::{Error, Secret, Session, Vault, now_ms};
use std::cell::RefCell;
use wardbook_core::OpenError;
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::KeyringKey;
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{self, Unlock};
use wardbook_store::{Batch, Kind};
use wardbook_wire::link::ServerLink;
use wardbook_wire::log::KeyringObject;
use wardbook_wire::slot::Slot;
use wardbook_wire::{DeviceId, LeaseId, Unverified, Verified};

/// Failed attempts without any wait.
const FREE_FAILURES: u32 = 5;
/// The longest wait between attempts, in seconds.
const WAIT_SECS_MAX: u64 = 300;
/// NIST SP 800-63B-4 section 3.2.2: at most 100 failed attempts in a row.
const FAILURES_MAX: u32 = 100;

/// What somebody unlocks with.
pub enum Credential<'a> {
    Password(&'a Secret),
    RecoveryCode(&'a Secret),
}

/// A member who may reach the server and nothing else yet.
pub struct SyncOnly(Session);

impl SyncOnly {
    /// As [`Session::sync`]; what it reports of this member's own password and code is not reported again.
    ///
    /// # Errors
    /// As [`Session::sync`].
    pub fn sync(
        &mut self,
        link: &mut dyn Transport,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Result<SyncReport, Error> {
        let report = self.0.sync(link, progress)?;
        self.0.forget_outrun()?;
        Ok(report)
    }

    /// As [`Session::set_server`]: it opens no records, and the lease may have ended because the address did not lead
    /// to the server any more.
    ///
    /// # Errors
    /// As [`Session::set_server`].
    pub fn set_server(
        &mut self,
        link: &mut dyn Transport,
        server: &ServerLink,
        certificate: &str,
    ) -> Result<(), Error> {
        self.0.set_server(link, server, certificate)
    }

    /// Chooses, before the first sync, that this device holds these teams' charts only.
    ///
    /// # Errors
    /// An unknown team.
    pub fn hold_teams(&mut self, names: &[String]) -> Result<(), Error> {
        let teams = names.iter().map(|name| self.0.find_team(name)).collect::<Result<_, _>>()?;
        self.0.set_caseload(Caseload::Some { charts: Vec::new(), teams })
    }

    /// As [`Session::accept_restored`]: it opens no records, and the lease may have ended meanwhile.
    ///
    /// # Errors
    /// As [`Session::accept_restored`].
    pub fn accept_restored(&mut self, link: &mut dyn Transport) -> Result<u64, Error> {
        self.0.accept_restored(link)
    }

    /// As [`Session::sign_extension`]: it opens no records.
    ///
    /// # Errors
    /// As [`Session::sign_extension`].
    pub fn sign_extension(&self, device: DeviceId, lease: LeaseId, hours: u32) -> Result<ExtensionCode, Error> {
        self.0.sign_extension(device, lease, hours)
    }

    /// As [`Session::save_draft`]: it opens nothing, and the lease may have ended while somebody was typing.
    ///
    /// # Errors
    /// As [`Session::save_draft`].
    pub fn save_draft(&mut self, key: &str, bytes: &[u8]) -> Result<(), Error> {
        self.0.save_draft(key, bytes)
    }

    /// What [`Transport::wait`] needs: path, authorization, and the size of the log here.
    pub fn ask_for_news(&self) -> (String, String, u64) {
        self.0.ask_for_news()
    }

    /// The session, where the lease holds.
    ///
    /// # Errors
    /// [`Error::LeaseEnded`].
    pub fn into_session(self) -> Result<Session, (Box<Vault>, Error)> {
        match self.0.vault.check_lease() {
            Ok(()) => Ok(self.0),
            Err(error) => Err((Box::new(self.0.lock()), error)),
        }
    }

    pub fn vault(&self) -> &Vault {
        self.0.vault()
    }
}

impl Session {
    /// Closes the records of a session whose lease has ended: what it had opened of them is wiped. The time is noted as at
    /// unlocking (LSE-04), for a session may have been long.
    pub fn into_sync_only(mut self) -> SyncOnly {
        self.close_charts();
        self.packer = RefCell::default();
        self.vault.state.latest_ms = self.vault.state.latest_ms.max(now_ms());
        // Where the disk refuses, the time of unlocking stands.
        let _ = self.vault.commit_with_state(Batch::new());
        SyncOnly(self)
    }
}

impl Vault {
    /// Opens a session for a member.
    ///
    /// # Errors
    /// [`Error::NotUnlocked`], [`Error::TooSoon`] or [`Error::Blocked`] after many failures; [`Error::LeaseEnded`]. The vault
    /// comes back for another try.
    pub fn unlock(self, user: &str, credential: &Credential<'_>) -> Result<Session, (Box<Self>, Error)> {
        self.unlock_to_sync(user, credential)?.into_session()
    }

    /// Opens what a sync needs, also where the lease has ended: records stay closed until it has been renewed.
    ///
    /// # Errors
    /// As [`Vault::unlock`], without the lease.
    pub fn unlock_to_sync(mut self, user: &str, credential: &Credential<'_>) -> Result<SyncOnly, (Box<Self>, Error)> {
        match self.try_unlock(user, credential) {
            Ok((slot, key, ring)) => Session::start(self, slot.member, key, ring).map(SyncOnly),
            Err(error) => Err((Box::new(self), error)),
        }
    }

    fn try_unlock(
        &mut self,
        user: &str,
        credential: &Credential<'_>,
    ) -> Result<(Verified<Slot>, KeyringKey, Keyring), Error> {
        self.check_pace(matches!(credential, Credential::RecoveryCode(_)))?;
        let (failures, attempts) = (self.state.failures, self.state.attempts_ms.len());
        self.state.note_failure(now_ms());
        self.commit_with_state(Batch::new())?;
        let opened = match credential {
            Credential::Password(secret) => self.open_slot(user, &Unlock::Password(&secret.as_password()?)),
            Credential::RecoveryCode(secret) => match RecoveryCode::from_words(secret.expose()) {
                Ok(code) => self.open_slot(user, &Unlock::Recovery(&code)),
                Err(error) => {
                    // A misspelt code is no guess.
                    self.state.failures = failures;
                    self.commit_with_state(Batch::new())?;
                    return Err(Error::Invalid(error.to_string()));
                }
            },
        };
        let (slot, key) = opened.map_err(|_| Error::NotUnlocked)?;
        let stored = self.store.get(Kind::Keyring, &[], slot.member.as_bytes())?;
        let stored = stored.and_then(|bytes| self.verify_keyring(&bytes)).filter(|ring| ring.member == slot.member);
        let sealed = stored.map(|ring| ring.into_inner().sealed).unwrap_or_default();
        let ring = Keyring::open(&key, self.identity.org, slot.member, &sealed);
        let ring = ring.map_err(|_| Error::damaged("your keyring"))?;
        self.state.failures = 0;
        self.state.attempts_ms.truncate(attempts);
        self.state.latest_ms = self.state.latest_ms.max(now_ms());
        self.state.note_slot(slot.lookup, slot.version);
        self.commit_with_state(Batch::new())?;
        Ok((slot, key, ring))
    }

    /// Failed attempts slow the next ones down, for everybody on this device.
    fn check_pace(&self, recovering: bool) -> Result<(), Error> {
        let failures = self.state.failures;
        if failures >= FAILURES_MAX && !recovering {
            return Err(Error::Blocked);
        }
        let Some(exponent) = failures.checked_sub(FREE_FAILURES) else { return Ok(()) };
        let wait = 1u64.checked_shl(exponent).unwrap_or(WAIT_SECS_MAX).min(WAIT_SECS_MAX);
        let last = self.state.attempts_ms.last().copied().unwrap_or(0);
        // A clock that was turned back makes nobody wait less.
        let passed = u64::try_from((now_ms() - last) / 1000).unwrap_or(0);
        if passed < wait { Err(Error::TooSoon(wait - passed)) } else { Ok(()) }
    }

    fn open_slot(&self, user: &str, unlock: &Unlock<'_>) -> Result<(Verified<Slot>, KeyringKey), OpenError> {
        match self.find_slot(user, unlock) {
            Some(slot) => slots::open(&slot, &self.site, unlock).map(|key| (slot, key)),
            None => Err(slots::decoy_work(&self.site, self.directory.policy().kdf, unlock)), // SLOT-02
        }
    }

    /// The signed slot of a user, unless it is missing, not signed by its member, or older than one seen.
    fn find_slot(&self, user: &str, unlock: &Unlock<'_>) -> Option<Verified<Slot>> {
        let lookup = slots::lookup(&self.site, unlock.kind(), user);
        let bytes = self.store.get(Kind::Slot, &[], &lookup.0).ok()??;
        let slot = self.verify_slot(&bytes)?;
        let seen = self.state.slots.get(&lookup).copied().unwrap_or(0);
        (slot.lookup == lookup && slot.version >= seen).then_some(slot) // SLOT-03
    }

    /// A keyring of this organisation that its member signed.
    pub(crate) fn verify_keyring(&self, bytes: &[u8]) -> Option<Verified<KeyringObject>> {
        let ring = Unverified::<KeyringObject>::decode(bytes).ok()?;
        let member = self.directory.member(&ring.peek().member)?;
        ring.verify(&member.verify_key).ok().filter(|ring| ring.org == self.identity.org)
    }

    /// A slot of this organisation that its member signed, who still belongs to it.
    pub(crate) fn verify_slot(&self, bytes: &[u8]) -> Option<Verified<Slot>> {
        let slot = Unverified::<Slot>::decode(bytes).ok()?;
        let member = self.directory.member(&slot.peek().member)?;
        self.directory.role_at(member.id, self.directory.now())?;
        slot.verify(&member.verify_key).ok().filter(|slot| slot.org == self.identity.org)
    }
}
