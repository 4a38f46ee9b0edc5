//! What this device keeps about itself, sealed under the site key: its identity, and what it has seen.

use crate::{Error, rng};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use wardbook_core::envelope::{self, Context, Kind};
use wardbook_core::keys::{DeviceKeys, SealingKey, SigningKey, SiteKey};
use wardbook_store::{Batch, Kind as Row, Store};
use wardbook_wire::slot::Lookup;
use wardbook_wire::{DeviceId, OrgId, strict};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const IDENTITY: &[u8] = b"identity";
/// The identity that this device is about to take.
const NEXT: &[u8] = b"next identity";
/// The identity that this device had before the one that it has.
const EARLIER: &[u8] = b"earlier identity";
const STATE: &[u8] = b"state";
const BYTES_MAX: usize = 1024 * 1024;
/// Failed attempts that are remembered with their time.
const ATTEMPTS_KEPT: usize = 100;

/// Which device this is.
pub(crate) struct Identity {
    pub org: OrgId,
    pub device: DeviceId,
    pub keys: DeviceKeys,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub(crate) struct IdentityContent {
    #[cbor(n(0), with = "minicbor::bytes")]
    org: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    device: [u8; 16],
    #[cbor(n(2), with = "minicbor::bytes")]
    signing: [u8; 32],
    #[cbor(n(3), with = "minicbor::bytes")]
    sealing: [u8; 32],
}

impl Identity {
    pub fn content(&self) -> IdentityContent {
        let (signing, sealing) = (*self.keys.signing.seed(), *self.keys.sealing.seed());
        IdentityContent { org: self.org.0, device: self.device.0, signing, sealing }
    }

    pub fn from_content(content: &IdentityContent) -> Self {
        let (signing, sealing) = (SigningKey::from_seed(&content.signing), SealingKey::from_seed(&content.sealing));
        let keys = DeviceKeys { signing, sealing };
        Self { org: OrgId(content.org), device: DeviceId(content.device), keys }
    }

    pub fn write(&self, site: &SiteKey, batch: &mut Batch) {
        let bytes = Zeroizing::new(strict::encode(&self.content()));
        batch.put(Row::Device, &[], IDENTITY, envelope::seal(site, &context(Kind::DeviceSecrets), &bytes, &mut rng()));
    }

    /// Keeps the identity that this device is about to take, beside the one that it has.
    pub fn write_next(&self, site: &SiteKey, batch: &mut Batch) {
        self.write_beside(NEXT, &NEXT_CONTEXT, site, batch);
    }

    /// The identity that this device was about to take, if any.
    pub fn read_next(site: &SiteKey, store: &Store) -> Result<Option<Self>, Error> {
        Self::read_beside(NEXT, &NEXT_CONTEXT, site, store)
    }

    /// Keeps the identity that this device had so far: a server that is put back knows no other.
    pub fn write_earlier(&self, site: &SiteKey, batch: &mut Batch) {
        self.write_beside(EARLIER, &EARLIER_CONTEXT, site, batch);
    }

    /// The identity that this device had before, if it had another.
    pub fn read_earlier(site: &SiteKey, store: &Store) -> Result<Option<Self>, Error> {
        Self::read_beside(EARLIER, &EARLIER_CONTEXT, site, store)
    }

    fn write_beside(&self, key: &[u8], context: &Context<'_>, site: &SiteKey, batch: &mut Batch) {
        let bytes = Zeroizing::new(strict::encode(&self.content()));
        batch.put(Row::Device, &[], key, envelope::seal(site, context, &bytes, &mut rng()));
    }

    fn read_beside(key: &[u8], context: &Context<'_>, site: &SiteKey, store: &Store) -> Result<Option<Self>, Error> {
        let Some(sealed) = store.get(Row::Device, &[], key)? else { return Ok(None) };
        let bytes = envelope::open(site, context, &sealed).ok();
        let content = bytes.and_then(|bytes| strict::decode(&bytes, BYTES_MAX).ok());
        Ok(content.as_ref().map(Self::from_content))
    }

    /// # Errors
    /// Another site key, or a changed or missing identity.
    pub fn read(site: &SiteKey, store: &Store) -> Result<Self, Error> {
        let damaged = || Error::damaged("the identity of this device");
        let sealed = store.get(Row::Device, &[], IDENTITY)?.ok_or_else(damaged)?;
        let bytes = envelope::open(site, &context(Kind::DeviceSecrets), &sealed).map_err(|_| damaged())?;
        Ok(Self::from_content(&strict::decode(&bytes, BYTES_MAX).map_err(|_| damaged())?))
    }
}

/// What this device has seen: failed attempts, the latest time, the version of each slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct DeviceState {
    /// Failed attempts since the last success.
    #[n(0)]
    pub failures: u32,
    /// Failed attempts with their time in milliseconds since 1970; the last hundred.
    #[n(1)]
    pub attempts_ms: Vec<i64>,
    /// The latest time that was seen.
    #[n(2)]
    pub latest_ms: i64,
    /// Highest version of each slot that was seen (SLOT-03).
    #[n(3)]
    pub slots: BTreeMap<Lookup, u64>,
}

impl DeviceState {
    pub(crate) fn note_failure(&mut self, now_ms: i64) {
        self.failures = self.failures.saturating_add(1);
        self.attempts_ms.push(now_ms);
        let surplus = self.attempts_ms.len().saturating_sub(ATTEMPTS_KEPT);
        self.attempts_ms.drain(..surplus);
    }

    pub(crate) fn write(&self, site: &SiteKey, batch: &mut Batch) {
        let bytes = strict::encode(self);
        batch.put(Row::Device, &[], STATE, envelope::seal(site, &context(Kind::DeviceState), &bytes, &mut rng()));
    }

    pub(crate) fn read(site: &SiteKey, store: &Store) -> Result<Self, Error> {
        let damaged = || Error::damaged("the state of this device");
        let sealed = store.get(Row::Device, &[], STATE)?.ok_or_else(damaged)?;
        let bytes = envelope::open(site, &context(Kind::DeviceState), &sealed).map_err(|_| damaged())?;
        strict::decode(&bytes, BYTES_MAX).map_err(|_| damaged())
    }
}

const NEXT_CONTEXT: Context<'static> =
    Context { org: OrgId([0; 32]), kind: Kind::DeviceSecrets, id: b"this device: next", epoch: 0, position: 0 };

const EARLIER_CONTEXT: Context<'static> =
    Context { org: OrgId([0; 32]), kind: Kind::DeviceSecrets, id: b"this device: earlier", epoch: 0, position: 0 };

/// The organisation is inside the identity; its box is opened before the organisation is known.
fn context(kind: Kind) -> Context<'static> {
    Context { org: OrgId([0; 32]), kind, id: b"this device", epoch: 0, position: 0 }
}
