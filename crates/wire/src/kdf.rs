//! Password parameters as they are stored: which function, how expensive, and the range that is accepted.
//!
//! Below the floor a server or thief could have weakened a slot; above the ceiling one could hang the device
//! (`spec/slots.md`, KDF-01 and KDF-02).

use crate::WireError;
use minicbor::{Decode, Encode};
use std::fmt;

/// How a password becomes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Kdf {
    /// Argon2id version 1.3 (RFC 9106), one lane.
    #[n(0)]
    Argon2id {
        #[n(0)]
        memory_kib: u32,
        #[n(1)]
        passes: u32,
    },
    /// PBKDF2-HMAC-SHA-512 (RFC 8018), for organisations that demand FIPS-approved algorithms.
    #[n(1)]
    Pbkdf2 {
        #[n(0)]
        rounds: u32,
    },
}

impl fmt::Display for Kdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2id { memory_kib, passes } => write!(f, "Argon2id, {} MiB, {passes} passes", memory_kib / 1024),
            Self::Pbkdf2 { rounds } => write!(f, "PBKDF2-HMAC-SHA-512, {rounds} rounds"),
        }
    }
}

impl Kdf {
    pub const ARGON2_FLOOR: Self = Self::Argon2id { memory_kib: 64 * 1024, passes: 3 };
    pub const PBKDF2_FLOOR: Self = Self::Pbkdf2 { rounds: 600_000 };
    const MEMORY_KIB_MAX: u32 = 1024 * 1024;
    const PASSES_MAX: u32 = 32;
    const ROUNDS_MAX: u32 = 20_000_000;

    /// # Errors
    /// KDF-01 below the floor, KDF-02 above the ceiling.
    pub fn check(self) -> Result<Self, WireError> {
        let in_range = match self {
            Self::Argon2id { memory_kib, passes } => {
                (64 * 1024..=Self::MEMORY_KIB_MAX).contains(&memory_kib) && (3..=Self::PASSES_MAX).contains(&passes)
            }
            Self::Pbkdf2 { rounds } => (600_000..=Self::ROUNDS_MAX).contains(&rounds),
        };
        if in_range { Ok(self) } else { Err(WireError::KdfOutOfRange) } // KDF-01, KDF-02
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kdf_01_below_the_floor_is_refused() {
        for kdf in [
            Kdf::Argon2id { memory_kib: 64 * 1024 - 1, passes: 3 },
            Kdf::Argon2id { memory_kib: 64 * 1024, passes: 2 },
            Kdf::Pbkdf2 { rounds: 599_999 },
        ] {
            assert_eq!(kdf.check(), Err(WireError::KdfOutOfRange));
        }
        assert!(Kdf::ARGON2_FLOOR.check().is_ok() && Kdf::PBKDF2_FLOOR.check().is_ok());
    }

    #[test]
    fn kdf_02_above_the_ceiling_is_refused() {
        for kdf in [
            Kdf::Argon2id { memory_kib: u32::MAX, passes: 3 },
            Kdf::Argon2id { memory_kib: 64 * 1024, passes: u32::MAX },
            Kdf::Pbkdf2 { rounds: u32::MAX },
        ] {
            assert_eq!(kdf.check(), Err(WireError::KdfOutOfRange));
        }
    }
}
