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

            /// Takes exactly what is displayed: lower-case hexadecimal digits, two for each byte.
            pub fn from_text(text: &str) -> Option<Self> {
                from_hex(text).map(Self)
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

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().try_fold(0u8, |high, digit| Some((high << 4) | value_of(*digit)?))?;
    }
    Some(bytes)
}

fn value_of(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = ChartId(core::array::from_fn(|at| at as u8 * 7));
        let text = id.to_string();
        assert_eq!(ChartId::from_text(&text), Some(id));
        for other in ["", "ab", &text.to_uppercase(), &text[1..], &format!("{text}00"), &format!("+{}", &text[1..])] {
            assert_eq!(ChartId::from_text(other), None, "{other}");
        }
        assert_eq!(DeviceId::from_text(&"é".repeat(16)), None);
    }
}
