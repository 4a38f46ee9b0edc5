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
/// An identity, at most: it has four fields of fixed length.
const IDENTITY_BYTES_MAX: usize = 1024;
/// Slots whose versions are remembered: the password's and the recovery code's of 50,000 members, more than the largest
/// hospitals have staff.
const SLOTS_KEPT: usize = 100_000;
/// The state, at most: each of [`SLOTS_KEPT`] slots has 43 bytes, and the rest some thousand.
const STATE_BYTES_MAX: usize = 8 * 1024 * 1024;
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
        let content = bytes.and_then(|bytes| strict::decode(&bytes, IDENTITY_BYTES_MAX).ok());
        Ok(content.as_ref().map(Self::from_content))
    }

    /// # Errors
    /// Another site key, or a changed or missing identity.
    pub fn read(site: &SiteKey, store: &Store) -> Result<Self, Error> {
        let damaged = || Error::damaged("the identity of this device");
        let sealed = store.get(Row::Device, &[], IDENTITY)?.ok_or_else(damaged)?;
        let bytes = envelope::open(site, &context(Kind::DeviceSecrets), &sealed).map_err(|_| damaged())?;
        Ok(Self::from_content(&strict::decode(&bytes, IDENTITY_BYTES_MAX).map_err(|_| damaged())?))
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
    /// Highest version of each slot that was seen (SLOT-03), for as many slots as a device remembers.
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

    /// Remembers the version of a slot (SLOT-03). Where there are too many, the lowest is forgotten: it says least
    /// about what came before it, and one of version 1 says nothing.
    pub(crate) fn note_slot(&mut self, slot: Lookup, version: u64) {
        self.slots.insert(slot, version);
        if self.slots.len() > SLOTS_KEPT {
            let lowest = self.slots.iter().min_by_key(|(_, version)| **version).map(|(slot, _)| *slot);
            if let Some(slot) = lowest {
                self.slots.remove(&slot);
            }
        }
    }

    pub(crate) fn write(&self, site: &SiteKey, batch: &mut Batch) {
        let bytes = strict::encode(self);
        batch.put(Row::Device, &[], STATE, envelope::seal(site, &context(Kind::DeviceState), &bytes, &mut rng()));
    }

    pub(crate) fn read(site: &SiteKey, store: &Store) -> Result<Self, Error> {
        let damaged = || Error::damaged("the state of this device");
        let sealed = store.get(Row::Device, &[], STATE)?.ok_or_else(damaged)?;
        let bytes = envelope::open(site, &context(Kind::DeviceState), &sealed).map_err(|_| damaged())?;
        strict::decode(&bytes, STATE_BYTES_MAX).map_err(|_| damaged())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(number: u32) -> Lookup {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Lookup(bytes)
    }

    /// SLOT-03: versions are remembered up to a limit, and what is remembered can be read back.
    #[test]
    fn slot_03_of_too_many_slots_the_lowest_version_is_forgotten() {
        let kept = u32::try_from(SLOTS_KEPT).unwrap();
        let slots = (0..kept).map(|number| (lookup(number), u64::MAX - u64::from(number))).collect();
        let mut state = DeviceState { slots, attempts_ms: vec![i64::MIN; ATTEMPTS_KEPT], ..DeviceState::default() };
        state.note_slot(lookup(kept), 1);
        assert!(!state.slots.contains_key(&lookup(kept)), "it is the lowest itself");
        state.note_slot(lookup(kept), u64::MAX);
        assert!(state.slots.contains_key(&lookup(kept)) && !state.slots.contains_key(&lookup(kept - 1)));
        assert_eq!((state.slots.len(), state.slots[&lookup(0)]), (SLOTS_KEPT, u64::MAX));
        let read: DeviceState = strict::decode(&strict::encode(&state), STATE_BYTES_MAX).unwrap();
        assert_eq!(read, state);
    }
}
