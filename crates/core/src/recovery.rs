//! Recovery codes: 128 random bits as 12 words of BIP-39, which carry a checksum of 4 bits (`spec/slots.md`).

use bip39::{Language, Mnemonic};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The secret behind a printed recovery code.
pub struct RecoveryCode(Zeroizing<[u8; 16]>);

/// A typed code that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not a recovery code: it has 12 English words, and one of them is misspelt, missing or out of order")]
pub struct NotACode;

impl RecoveryCode {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut entropy = Zeroizing::new([0; 16]);
        rng.fill_bytes(entropy.as_mut_slice());
        Self(entropy)
    }

    /// The words to print, once.
    pub fn to_words(&self) -> Zeroizing<String> {
        // 16 bytes are one of the lengths that BIP-39 takes.
        let words = Mnemonic::from_entropy_in(Language::English, self.0.as_slice()).map(|code| code.to_string());
        Zeroizing::new(words.unwrap_or_default())
    }

    /// Reads words as a person types them: any case, any spaces.
    ///
    /// # Errors
    /// A word that is not in the list, a wrong number of words, a checksum that does not match.
    pub fn from_words(typed: &str) -> Result<Self, NotACode> {
        let words = Zeroizing::new(typed.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" "));
        let code = Mnemonic::parse_in_normalized(Language::English, &words).map_err(|_| NotACode)?;
        let entropy = Zeroizing::new(code.to_entropy());
        entropy.as_slice().try_into().map(|entropy| Self(Zeroizing::new(entropy))).map_err(|_| NotACode)
    }

    /// Sixteen bytes as words: for whatever else is read out or written down.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes behind the words.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;

    #[test]
    fn words_come_back_as_the_same_secret() {
        let code = RecoveryCode::generate(&mut UnwrapErr(SysRng));
        let typed = format!("  {}\n", code.to_words().to_uppercase().replace(' ', "  "));
        assert_eq!(RecoveryCode::from_words(&typed).unwrap().expose(), code.expose());
    }

    #[test]
    fn a_misspelt_or_swapped_word_is_noticed() {
        // The checksum has 4 bits, so a swap may pass one time in 16: this pair of words does not.
        let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        assert!(RecoveryCode::from_words(words).is_ok());
        for bad in [
            "legal winner thank year wave sausage worth useful legal winner thank yelow",
            "winner legal thank year wave sausage worth useful legal winner thank yellow",
            "legal winner thank year wave sausage worth useful legal winner thank",
            "",
        ] {
            assert!(RecoveryCode::from_words(bad).is_err(), "{bad}");
        }
    }
}
