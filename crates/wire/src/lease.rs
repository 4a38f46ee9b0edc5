//! Leases: the server's signed permission for one device to work without it until a time (`spec/leases.md`).

use crate::log::Seen;
use crate::signed::{Domain, Signable};
use crate::{DeviceId, LeaseId, MemberId, OrgId, StatementId};
use minicbor::{Decode, Encode};

/// What a device's own clock and the server's may differ by, and what arrives on the way.
pub const LEASE_GRACE_MS: i64 = 10 * 60 * 1000;
/// How far a clock may run backwards against the latest time that was seen (LSE-04).
pub const CLOCK_BACK_MS: i64 = 5 * 60 * 1000;
/// How long after a server was set or restored entries come in that name no lease of it: what was written before it, and
/// under leases that it has forgotten.
pub const SETTLING_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// An officer's extension, at most.
pub const EXTENSION_HOURS_MAX: u32 = 7 * 24;

/// Signed by the server key of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Lease {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub device: DeviceId,
    /// Counts the leases of this device from 1. A device that comes with an earlier one was put back to an old state.
    #[n(2)]
    pub number: u64,
    /// By the server's clock, in milliseconds since 1970.
    #[n(3)]
    pub issued_ms: i64,
    #[n(4)]
    pub expires_ms: i64,
    /// The directory at that time: a device learns of retirements no later than its lease ends.
    #[n(5)]
    pub directory: StatementId,
    #[n(6)]
    pub seen: Seen,
}

impl Signable for Lease {
    const DOMAIN: Domain = Domain::LEASE;
    const BYTES_MAX: usize = 512;
}

/// An officer's word that a device may go on past the end of its lease. It travels as its signature alone, read out
/// over the telephone; who takes it knows the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Extension {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub device: DeviceId,
    /// The lease that is extended.
    #[n(2)]
    pub lease: LeaseId,
    /// Counted from the end of the lease.
    #[n(3)]
    pub hours: u32,
}

impl Signable for Extension {
    const DOMAIN: Domain = Domain::EXTENSION;
    const BYTES_MAX: usize = 256;
}

/// An extension as a device hands it to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GivenExtension {
    #[n(0)]
    pub extension: Extension,
    #[n(1)]
    pub officer: MemberId,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}
