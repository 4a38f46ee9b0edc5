//! From what a person types to key material (`spec/slots.md`).
//!
//! Passwords and user names are normalised (NFKC, Unicode UAX #15, as NIST SP 800-63B-4 section 3.1.1.2 asks), so that the same
//! characters typed on another keyboard give the same key.

use crate::OpenError;
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::Sha512;
use unicode_normalization::UnicodeNormalization;
use wardbook_wire::kdf::Kdf;
use zeroize::Zeroizing;

/// Longest password in bytes of UTF-8: well past the 64 characters that NIST asks for, short of a denial of service.
pub const PASSWORD_BYTES_MAX: usize = 4096;

/// What a person typed, normalised. Wiped on drop, never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// # Errors
    /// PWD-01: longer than [`PASSWORD_BYTES_MAX`].
    pub fn new(typed: &str) -> Result<Self, OpenError> {
        if typed.len() > PASSWORD_BYTES_MAX {
            return Err(OpenError); // PWD-01
        }
        // NFKC can grow a text up to 18 times (UAX #15 table); reserving avoids stray copies.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * 18));
        text.extend(typed.nfkc());
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A user name as it is compared: NFKC, lower case, no space around it.
pub fn normalise_user(user: &str) -> String {
    user.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// Stretches a password to 32 bytes; takes as long as `kdf` says.
///
/// # Errors
/// KDF-01, KDF-02: parameters outside the accepted range.
pub fn stretch(kdf: Kdf, salt: &[u8; 32], password: &Password) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let mut out = Zeroizing::new([0; 32]);
    match kdf.check().map_err(|_| OpenError)? {
        Kdf::Argon2id { memory_kib, passes } => {
            let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| OpenError)?;
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password.as_str().as_bytes(), salt, out.as_mut_slice())
                .map_err(|_| OpenError)?;
        }
        Kdf::Pbkdf2 { rounds } => {
            pbkdf2::pbkdf2_hmac::<Sha512>(password.as_str().as_bytes(), salt, rounds, out.as_mut_slice());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_characters_give_the_same_password() {
        assert_eq!(Password::new("Ame\u{301}lie").unwrap().as_str(), Password::new("Am\u{e9}lie").unwrap().as_str());
        assert_eq!(normalise_user("  ÄNNE "), "änne");
    }

    #[test]
    fn pwd_01_a_text_without_end_is_refused() {
        assert!(Password::new(&"x".repeat(PASSWORD_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn kdf_01_stretch_refuses_cheap_parameters() {
        let password = Password::new("x").unwrap();
        assert!(stretch(Kdf::Pbkdf2 { rounds: 1 }, &[0; 32], &password).is_err());
        assert!(stretch(Kdf::Argon2id { memory_kib: 8, passes: 1 }, &[0; 32], &password).is_err());
    }
}
