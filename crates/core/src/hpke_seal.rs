//! Sealing a key to a public key: HPKE (RFC 9180) base mode with X-Wing, HKDF-SHA-512 and AES-256-GCM (`spec/envelope.md`).
//!
//! ```text
//! sealed = enc(1120) ‖ ciphertext ‖ tag(16);  info = "wardbook/1/hpke" ‖ 0x00 ‖ context;  aad = empty
//! ```
//!
//! Base mode does not say who sealed it: the signed statement or entry around it does.

use crate::OpenError;
use crate::envelope::Context;
use crate::keys::SealingKey;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha512;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use rand_core::CryptoRng;
use wardbook_wire::statement::{SealKey, SealedBytes};
use zeroize::Zeroizing;

const LABEL: &[u8] = b"wardbook/1/hpke\0";
const ENC_BYTES: usize = 1120;

/// Seals a key to `to`.
///
/// # Errors
/// HPK-01: `to` is not a valid X-Wing public key.
pub fn seal_to(
    to: &SealKey,
    context: &Context<'_>,
    key: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<SealedBytes, OpenError> {
    let to = <XWing as Kem>::PublicKey::from_bytes(&to.0).map_err(|_| OpenError)?; // HPK-01
    let info = [LABEL, &context.encode()].concat();
    let (enc, sealed) =
        single_shot_seal_with_rng::<AesGcm256, HkdfSha512, XWing>(&OpModeS::Base, &to, &info, key, &[], rng)
            .map_err(|_| OpenError)?;
    Ok(SealedBytes([enc.to_bytes().as_slice(), &sealed].concat()))
}

/// Opens a key that was sealed to `mine`.
///
/// # Errors
/// HPK-02: sealed to somebody else, for another place, or changed.
pub fn open_with(
    mine: &SealingKey,
    context: &Context<'_>,
    sealed: &SealedBytes,
) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let (enc, ciphertext) = sealed.0.split_at_checked(ENC_BYTES).ok_or(OpenError)?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| OpenError)?;
    let private = <XWing as Kem>::PrivateKey::from_bytes(mine.seed()).map_err(|_| OpenError)?;
    let info = [LABEL, &context.encode()].concat();
    let opened =
        single_shot_open::<AesGcm256, HkdfSha512, XWing>(&OpModeR::Base, &private, &enc, &info, ciphertext, &[])
            .map(Zeroizing::new)
            .map_err(|_| OpenError)?; // HPK-02
    let mut key = Zeroizing::new([0; 32]);
    if opened.len() != key.len() {
        return Err(OpenError);
    }
    key.copy_from_slice(&opened);
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Kind;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;
    use wardbook_wire::OrgId;

    fn context(epoch: u64) -> Context<'static> {
        Context { org: OrgId([1; 32]), kind: Kind::ChartKeyToMember, id: b"id", epoch, position: 0 }
    }

    #[test]
    fn hpk_02_only_the_addressee_opens_and_only_at_its_place() {
        let mut rng = UnwrapErr(SysRng);
        let (mine, other) = (SealingKey::generate(&mut rng), SealingKey::generate(&mut rng));
        let sealed = seal_to(mine.public(), &context(1), &[5; 32], &mut rng).unwrap();
        assert_eq!(*open_with(&mine, &context(1), &sealed).unwrap(), [5; 32]);
        assert!(open_with(&other, &context(1), &sealed).is_err());
        assert!(open_with(&mine, &context(2), &sealed).is_err());
        for at in (0..sealed.0.len()).step_by(37) {
            let mut bad = sealed.clone();
            bad.0[at] ^= 1;
            assert!(open_with(&mine, &context(1), &bad).is_err(), "byte {at}");
        }
    }

    #[test]
    fn hpk_01_malformed_public_keys_are_refused() {
        let mut rng = UnwrapErr(SysRng);
        for bytes in [vec![], vec![0; 1215], vec![0xff; 1216]] {
            assert!(seal_to(&SealKey(bytes), &context(1), &[5; 32], &mut rng).is_err());
        }
    }
}
