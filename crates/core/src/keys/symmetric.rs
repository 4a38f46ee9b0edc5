//! Symmetric secrets: 32 random or derived bytes each, under a type of their own.

use core::fmt;
use hkdf::HkdfExtract;
use rand_core::CryptoRng;
use sha2::Sha512;
use wardbook_wire::entry::KeyCheck;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const CHART_KEY_CHECK: &[u8] = b"wardbook/1/chart-key-check";
const INVITE_SIGN: &[u8] = b"wardbook/1/invite-sign";
const INVITE_BOX: &[u8] = b"wardbook/1/invite-box";
const TEAM_SEALING: &[u8] = b"wardbook/1/team-sealing";
const BLOB_SALT: &[u8] = b"wardbook/1/blob-salt";
const DRAFT_PLACE: &[u8] = b"wardbook/1/draft-place\0";

/// A key under which boxes are sealed (`envelope`).
pub trait ParentKey {
    /// The secret bytes. Named so that every place that touches them is found by searching for it.
    fn expose(&self) -> &[u8; 32];
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name(Box<[u8; 32]>);

        impl $name {
            pub fn generate(rng: &mut impl CryptoRng) -> Self {
                let mut key = Self(Box::new([0; 32]));
                rng.fill_bytes(key.0.as_mut_slice());
                key
            }

            /// Takes exactly 32 bytes, else nothing.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                let mut key = Self(Box::new([0; 32]));
                (bytes.len() == 32).then(|| {
                    key.0.copy_from_slice(bytes);
                    key
                })
            }
        }

        impl ParentKey for $name {
            fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
    };
}

key!(/// Known to the organisation's enrolled devices and to nobody else; part of every slot key.
    SiteKey);
key!(/// Opens one slot; derived from a password or recovery code and the site key.
    SlotKey);
key!(/// Random, one per member: opens the keyring, and is what slots hold.
    KeyringKey);
key!(/// Opens the names in the directory; every member holds it.
    DirectoryKey);
key!(/// One team's secret at one epoch.
    TeamSecret);
key!(/// One chart's key at one epoch.
    ChartKey);
key!(/// Seals one attachment; random, and kept in the entry that brings it.
    BlobKey);
key!(/// In the link of an invite: whoever knows it may join once.
    InviteSecret);
key!(/// Seals what the holder of an invite needs; derived from the invite's secret.
    InviteBoxKey);
key!(/// Seals a file that carries a vault from one device to another.
    BundleKey);

/// `HKDF-SHA-512(ikm = parts in order, salt, info)`, 32 bytes.
fn hkdf(salt: &[u8], ikm: &[&[u8]], info: &[u8]) -> Box<[u8; 32]> {
    let mut extract = HkdfExtract::<Sha512>::new(Some(salt));
    ikm.iter().for_each(|part| extract.input_ikm(part));
    let mut key = Box::new([0; 32]);
    // 32 bytes are within the 255 blocks that HKDF can give.
    let _ = extract.finalize().1.expand(info, key.as_mut_slice());
    key
}

impl SlotKey {
    /// `HKDF-SHA-512(ikm = site key ‖ secret, salt, info)`, 32 bytes; `slots` says what the secret is.
    pub(crate) fn derive(site: &SiteKey, secret: &[u8], salt: &[u8; 32], info: &[u8]) -> Self {
        Self(hkdf(salt, &[site.expose(), secret], info))
    }
}

impl ChartKey {
    /// `HKDF-SHA-512(ikm = chart key, info = "wardbook/1/chart-key-check")`, 32 bytes: names the key (ENT-09).
    pub fn check(&self) -> KeyCheck {
        KeyCheck(*hkdf(&[], &[self.expose()], CHART_KEY_CHECK))
    }
}

impl KeyringKey {
    /// `HKDF-SHA-512(ikm = keyring key, info = "wardbook/1/draft-place" ‖ 0x00 ‖ name)`, 32 bytes: where a draft of
    /// that name is kept. Without the key it says nothing of the name, not even whether two members have given the same.
    pub fn draft_place(&self, name: &str) -> [u8; 32] {
        *hkdf(&[], &[self.expose()], &[DRAFT_PLACE, name.as_bytes()].concat())
    }
}

impl TeamSecret {
    /// `HKDF-SHA-512(ikm = team secret, info = "wardbook/1/team-sealing")`, 32 bytes: the seed of the team's X-Wing key.
    pub fn sealing_key(&self) -> super::SealingKey {
        super::SealingKey::from_seed(Self(hkdf(&[], &[self.expose()], TEAM_SEALING)).expose())
    }
}

impl BlobKey {
    /// `HKDF-SHA-512(ikm = file key, info = "wardbook/1/blob-salt")`, 32 bytes: the same file under the same key becomes the
    /// same blob again.
    pub(crate) fn salt(&self) -> [u8; 32] {
        *hkdf(&[], &[self.expose()], BLOB_SALT)
    }
}

impl InviteSecret {
    /// `HKDF-SHA-512(ikm = secret, info = "wardbook/1/invite-sign")`, 32 bytes: the seed of the key that joins.
    pub fn signing_key(&self) -> super::SigningKey {
        super::SigningKey::from_seed(&Zeroizing::new(*hkdf(&[], &[self.expose()], INVITE_SIGN)))
    }

    /// `HKDF-SHA-512(ikm = secret, info = "wardbook/1/invite-box")`, 32 bytes.
    pub fn box_key(&self) -> InviteBoxKey {
        InviteBoxKey(hkdf(&[], &[self.expose()], INVITE_BOX))
    }
}

impl BundleKey {
    /// `HKDF-SHA-512(ikm = site key, info = "wardbook/1/bundle")`: any enrolled device of the organisation opens it.
    pub fn for_site(site: &SiteKey) -> Self {
        Self(hkdf(&[], &[site.expose()], b"wardbook/1/bundle"))
    }

    /// `HKDF-SHA-512(ikm = 16 bytes of the transfer code, info = "wardbook/1/bundle-transfer")`: opens it on a new device.
    pub fn for_transfer(code: &crate::recovery::RecoveryCode) -> Self {
        Self(hkdf(&[], &[code.expose()], b"wardbook/1/bundle-transfer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_01_secrets_have_no_printed_form() {
        let key = ChartKey::from_slice(&[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "ChartKey(secret)");
        assert!(ChartKey::from_slice(&[0; 31]).is_none());
    }

    #[test]
    fn the_place_of_a_draft_depends_on_its_name_and_on_whose_it_is() {
        let [ana, ben] = [1, 2].map(|byte| KeyringKey::from_slice(&[byte; 32]).unwrap());
        assert_eq!(ana.draft_place("note"), ana.draft_place("note"));
        assert_ne!(ana.draft_place("note"), ana.draft_place("notes"));
        assert_ne!(ana.draft_place("note"), ben.draft_place("note"));
    }
}
