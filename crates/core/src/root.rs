//! The root key as shares: any `t` of `n` give it back, fewer give nothing (`spec/keys.md`).
//!
//! ```text
//! secret = seed(32) ‖ SHA-256("wardbook/1/root-check" ‖ 0x00 ‖ seed)[0..8]
//! share  = bech32m("wbroot", threshold(1) ‖ x(1) ‖ y(40))
//! ```
//!
//! Shamir's scheme over GF(2^8) gives some secret for any shares, so the secret carries a check of its own; the text
//! form has a checksum against typing errors.

use crate::keys::{RootKey, SigningKey};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use blahaj::{Share, Sharks};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "wbroot";

/// Why shares do not give the root key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("a root share is misspelt or incomplete")]
    Misspelt,
    #[error("{needed} different root shares are needed, {given} were given")]
    TooFew { needed: u8, given: usize },
    #[error("these root shares do not belong together")]
    Mismatch,
    #[error("2 to 16 shares can be made, and the number needed must be between 2 and that")]
    BadNumbers,
}

impl RootKey {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// The shares to print, once.
    ///
    /// # Errors
    /// [`ShareError::BadNumbers`].
    pub fn to_shares(
        &self,
        needed: u8,
        made: u8,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Zeroizing<String>>, ShareError> {
        if !(2..=16).contains(&made) || !(2..=made).contains(&needed) {
            return Err(ShareError::BadNumbers);
        }
        let seed = self.0.seed();
        let secret = Zeroizing::new([seed.as_slice(), &check(&seed)].concat());
        let prefix = Hrp::parse(PREFIX).map_err(|_| ShareError::BadNumbers)?;
        Sharks(needed)
            .dealer_rng(&secret, rng)
            .take(made.into())
            .map(|share| {
                let bytes = Zeroizing::new([&[needed], Vec::from(&share).as_slice()].concat());
                bech32::encode::<Bech32m>(prefix, &bytes).map(Zeroizing::new).map_err(|_| ShareError::BadNumbers)
            })
            .collect()
    }

    /// Puts shares together.
    ///
    /// # Errors
    /// ROOT-01: misspelt, too few, or not of one set.
    pub fn from_shares(typed: &[impl AsRef<str>]) -> Result<Self, ShareError> {
        let (mut needed, mut shares) = (0, Vec::<Share>::new());
        for text in typed {
            let checked = CheckedHrpstring::new::<Bech32m>(text.as_ref().trim()).map_err(|_| ShareError::Misspelt)?;
            let (prefix, bytes) = (checked.hrp(), Zeroizing::new(checked.byte_iter().collect::<Vec<u8>>()));
            let (threshold, share) = bytes.split_first().ok_or(ShareError::Misspelt)?;
            if prefix.as_str() != PREFIX || share.len() != 41 {
                return Err(ShareError::Misspelt);
            }
            needed = needed.max(*threshold);
            let share = Share::try_from(share).map_err(|_| ShareError::Misspelt)?;
            if shares.iter().all(|held| held.x != share.x) {
                shares.push(share);
            }
        }
        if shares.is_empty() || shares.len() < usize::from(needed) {
            return Err(ShareError::TooFew { needed: needed.max(2), given: shares.len() });
        }
        let secret = Sharks(needed).recover(&shares).map(Zeroizing::new).map_err(|_| ShareError::Mismatch)?;
        let (seed, tail) = secret.split_first_chunk::<32>().ok_or(ShareError::Mismatch)?;
        if check(seed) != tail {
            return Err(ShareError::Mismatch); // ROOT-01
        }
        Ok(Self(SigningKey::from_seed(seed)))
    }
}

fn check(seed: &[u8; 32]) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest([b"wardbook/1/root-check\0".as_slice(), seed].concat()).into();
    digest.first_chunk::<8>().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;

    #[test]
    fn any_two_of_three_give_the_root_key() {
        let root = RootKey::generate(&mut UnwrapErr(SysRng));
        let shares = root.to_shares(2, 3, &mut UnwrapErr(SysRng)).unwrap();
        for pair in [[0, 1], [1, 2], [2, 0]] {
            let pair = pair.map(|n| shares[n].as_str());
            assert_eq!(RootKey::from_shares(&pair).unwrap().0.verify_key(), root.0.verify_key());
        }
    }

    #[test]
    fn root_01_wrong_shares_are_told_apart_from_right_ones() {
        let mut rng = UnwrapErr(SysRng);
        let (root, other) = (RootKey::generate(&mut rng), RootKey::generate(&mut rng));
        let (ours, theirs) = (root.to_shares(2, 3, &mut rng).unwrap(), other.to_shares(2, 3, &mut rng).unwrap());
        let refuse = |shares: &[&str]| RootKey::from_shares(shares).unwrap_err();
        assert_eq!(refuse(&[&ours[0]]), ShareError::TooFew { needed: 2, given: 1 });
        assert_eq!(refuse(&[&ours[0], &ours[0]]), ShareError::TooFew { needed: 2, given: 1 });
        assert_eq!(refuse(&[&ours[0], &theirs[1]]), ShareError::Mismatch);
        let misspelt = ours[1].replacen(|c: char| c == ours[1].chars().nth(20).unwrap(), "b", 1);
        assert_eq!(refuse(&[&ours[0], &misspelt]), ShareError::Misspelt);
    }
}
