//! Identifiers: one type per object, so that none can be passed where another belongs.
//!
//! Ids of 32 bytes are SHA-256 digests of signed bytes; ids of 16 bytes are random.

use core::fmt;
use minicbor::{Decode, Encode};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(with = "minicbor::bytes")] pub [u8; $len]);

        impl $name {
            /// Bytes in this id.
            pub const LEN: usize = $len;

            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Takes exactly the right number of bytes, else nothing.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

id!(/// An organisation: the id of its genesis statement, so the id itself is the root of trust.
    OrgId, 32);
id!(/// A statement of the directory: SHA-256 of its signed bytes.
    StatementId, 32);
id!(/// An entry of a chart: SHA-256 of its signed bytes.
    EntryId, 32);
id!(/// A chart: the id of its genesis entry.
    ChartId, 32);
id!(/// A lease: SHA-256 of its signed bytes.
    LeaseId, 32);
id!(/// An attachment: SHA-256 of its sealed bytes.
    BlobId, 32);
id!(/// A member: random.
    MemberId, 16);
id!(/// A device: random.
    DeviceId, 16);
id!(/// A team: random.
    TeamId, 16);

impl From<StatementId> for OrgId {
    fn from(genesis: StatementId) -> Self {
        Self(genesis.0)
    }
}

impl From<EntryId> for ChartId {
    fn from(genesis: EntryId) -> Self {
        Self(genesis.0)
    }
}

impl From<ChartId> for EntryId {
    fn from(chart: ChartId) -> Self {
        Self(chart.0)
    }
}
