//! A slot: one way to unlock one member's keyring (`spec/slots.md`).
//!
//! The table of slots names nobody: a slot is found by an HMAC of the user name under the site key. It is signed by
//! the member, so nobody else can plant one, and carries a version, so an old one can be told from the current.

use crate::kdf::Kdf;
use crate::signed::{Domain, Signable};
use crate::{MemberId, OrgId};
use minicbor::{Decode, Encode};

/// Where a slot is found: `HMAC-SHA-256(site key, "wardbook/1/slot" ‖ 0x00 ‖ kind ‖ normalised user name)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Lookup(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

/// What opens the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum SlotKind {
    #[n(0)]
    Password,
    #[n(1)]
    Recovery,
}

/// The signed content of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Slot {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub member: MemberId,
    #[n(2)]
    pub kind: SlotKind,
    #[n(3)]
    pub lookup: Lookup,
    /// Counts the changes of this slot from 1; a lower one than seen is refused (SLOT-03).
    #[n(4)]
    pub version: u64,
    #[n(5)]
    pub kdf: Kdf,
    #[cbor(n(6), with = "minicbor::bytes")]
    pub salt: [u8; 32],
    /// The keyring key, sealed under the slot key.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

impl Signable for Slot {
    const DOMAIN: Domain = Domain::SLOT;
    const BYTES_MAX: usize = 1024;
}
