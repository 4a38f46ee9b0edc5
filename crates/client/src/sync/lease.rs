//! How long this device may work without its server, and an officer's word that makes it longer.

use super::take::no_server;
use crate::{Error, Secret, Session, Vault, now_ms};
use wardbook_core::lease::{LeaseStanding, extend, standing};
use wardbook_core::recovery::RecoveryCode;
use wardbook_store::Batch;
use wardbook_wire::lease::{EXTENSION_HOURS_MAX, Extension};
use wardbook_wire::{DeviceId, LeaseId, Role, Signed, strict};
use zeroize::Zeroizing;

/// Bytes of the signature in one line of words: as many as BIP-39 puts into twelve.
const LINE_BYTES: usize = 16;

/// The lease of this device, for showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseInfo {
    pub standing: LeaseStanding,
    pub until_ms: i64,
    pub number: u64,
    /// What an officer needs to extend it.
    pub device: DeviceId,
    pub lease: LeaseId,
}

impl LeaseInfo {
    /// What is told to an officer: `DEVICE-LEASE`, in hexadecimal digits.
    pub fn request(&self) -> String {
        format!("{}-{}", self.device, self.lease)
    }
}

/// Reads a [`LeaseInfo::request`] as a person types it.
pub fn lease_request(text: &str) -> Option<(DeviceId, LeaseId)> {
    let text = text.to_ascii_lowercase();
    let (device, lease) = text.split_once('-')?;
    Some((DeviceId::from_text(device)?, LeaseId::from_text(lease)?))
}

/// Four lines of twelve words, for reading out. Each line has a checksum of its own.
pub type ExtensionCode = Vec<Zeroizing<String>>;

impl Vault {
    /// None without a server, or before the first sync.
    pub fn lease(&self) -> Option<LeaseInfo> {
        let held = self.sync.as_ref()?.lease?;
        let now = standing(&held, now_ms(), self.state.latest_ms);
        let lease = held.lease;
        Some(LeaseInfo {
            standing: now,
            until_ms: held.until_ms,
            number: lease.number,
            device: lease.device,
            lease: held.id,
        })
    }

    /// # Errors
    /// [`Error::LeaseEnded`] where this device has to reach its server first.
    pub(crate) fn check_lease(&self) -> Result<(), Error> {
        let Some(sync) = &self.sync else { return Ok(()) };
        let Some(held) = sync.lease else {
            return Err(Error::LeaseEnded(
                "this device has no lease yet: run `wardbook sync` where it reaches the server".into(),
            ));
        };
        match standing(&held, now_ms(), self.state.latest_ms) {
            LeaseStanding::Holds { .. } => Ok(()),
            LeaseStanding::Ended { at_ms } => Err(Error::LeaseEnded(format!(
                "this device may not work offline any longer: its lease ended {} hours ago. Run `wardbook sync` where it reaches the server, or ask an \
                 officer for a code (`wardbook lease` says how)",
                (now_ms() - at_ms) / 3_600_000
            ))),
            LeaseStanding::ClockBack { by_ms } => Err(Error::LeaseEnded(format!(
                "the clock of this device is {} minutes behind a time that it has shown before: set it right, or run `wardbook sync` where \
                 it reaches the server",
                by_ms / 60_000
            ))),
        }
    }

    /// Makes the lease longer by an officer's code.
    ///
    /// # Errors
    /// A word is misspelt; no officer signed it for this lease and that many hours (LSE-05).
    pub fn extend_lease(&mut self, hours: u32, lines: &[Secret]) -> Result<LeaseInfo, Error> {
        let sync = self.sync.as_ref().ok_or_else(no_server)?;
        let held =
            sync.lease.ok_or_else(|| Error::Invalid("this device has no lease that could be extended".into()))?;
        let mut signature = Vec::with_capacity(4 * LINE_BYTES);
        for (number, line) in lines.iter().enumerate() {
            let code = RecoveryCode::from_words(line.expose());
            let code = code.map_err(|error| Error::Invalid(format!("line {}: {error}", number + 1)))?;
            signature.extend_from_slice(code.expose());
        }
        let signature: [u8; 64] =
            signature.try_into().map_err(|_| Error::Invalid("the code has four lines of twelve words".into()))?;
        let (longer, given) = extend(&self.directory, &held, hours, signature).map_err(|error| {
            Error::Invalid(format!(
                "{error}: check the number of hours, and that it was made for this device's request"
            ))
        })?;
        let sync = self.sync_mut()?;
        // A code for fewer hours takes none away.
        if longer.until_ms > held.until_ms {
            sync.lease = Some(longer);
            sync.state.extension = Some(given);
        }
        let mut batch = Batch::new();
        sync.state.clone().write(&self.site, &mut batch);
        self.store.commit(&batch)?;
        self.lease().ok_or_else(no_server)
    }
}

impl Session {
    /// Signs an extension of another device's lease, to be read out.
    ///
    /// # Errors
    /// Neither officer nor admin; more hours than are allowed; an unknown device.
    pub fn sign_extension(&self, device: DeviceId, lease: LeaseId, hours: u32) -> Result<ExtensionCode, Error> {
        if self.role() < Some(Role::Officer) {
            return Err(Error::NoRight("only an officer or admin extends a lease".into()));
        }
        if !(1..=EXTENSION_HOURS_MAX).contains(&hours) {
            return Err(Error::Invalid(format!("a lease is extended by 1 to {EXTENSION_HOURS_MAX} hours")));
        }
        let directory = &self.vault.directory;
        if directory.device_at(device, directory.now()).is_none() {
            return Err(Error::Invalid("no such device is enrolled, or it was retired".into()));
        }
        let extension = Extension { org: directory.org(), device, lease, hours };
        let bytes = self.ring.keys.signing.sign(&extension);
        let signed: Signed = strict::decode(&bytes, bytes.len()).map_err(|_| Error::damaged("a signature"))?;
        let lines = signed.signature.chunks_exact(LINE_BYTES).filter_map(|line| line.try_into().ok());
        Ok(lines.map(|line: [u8; LINE_BYTES]| RecoveryCode::from_bytes(line).to_words()).collect())
    }
}
