//! Bytes that devices and servers exchange: ids, messages, the one accepted encoding, and signature checks.
//!
//! Nothing here can decrypt: no secret key type is defined in this crate. It does no I/O and reads no clock.
//!
//! ```text
//! bytes ──strict::decode──► Unverified<Statement | Slot> / Entry ──verify(key)──► Verified<…>
//! ```
//!
//! Whatever acts on a message takes the [`Verified`] form, which only a signature check creates.

pub mod checkpoint;
pub mod directory;
pub mod entry;
pub mod exchange;
pub mod ids;
pub mod kdf;
pub mod lease;
pub mod link;
pub mod log;
pub mod request;
pub mod signed;
pub mod slot;
pub mod statement;
pub mod strict;

pub use entry::{Access, Entry, EntryHeader, EntryKind, Grant, Grantee};
pub use ids::{BlobId, ChartId, DeviceId, EntryId, LeaseId, MemberId, OrgId, StatementId, TeamId};
pub use signed::{Signed, Unverified, Verified, VerifyKey};
pub use statement::{Act, Author, Policy, Role, Statement};

/// Why bytes from elsewhere are not accepted. Says which rule of `spec/` was broken, never what the bytes held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// ENC-01: more bytes than this kind of message may have.
    #[error("a message is larger than {limit} bytes (ENC-01)")]
    TooLarge { limit: usize },
    /// ENC-02: not the one accepted encoding.
    #[error("a message is not in the accepted encoding (ENC-02)")]
    Malformed,
    /// SIG-01: the signature does not match.
    #[error("a signature does not match (SIG-01)")]
    BadSignature,
    /// ENT-01: the parts of an entry contradict one another.
    #[error("an entry is not well formed (ENT-01)")]
    BadEntry,
    /// LOG-01: not a checkpoint of this log, or not signed by its server.
    #[error("a checkpoint is not valid (LOG-01)")]
    BadCheckpoint,
    /// KDF-01, KDF-02: password parameters outside the accepted range.
    #[error("password parameters are outside the accepted range (KDF-01, KDF-02)")]
    KdfOutOfRange,
}
