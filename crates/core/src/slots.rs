//! Slots: ways to unlock a member's keyring (`spec/slots.md`).
//!
//! ```text
//! lookup   = HMAC-SHA-256(site key, "wardbook/1/slot" ‖ 0x00 ‖ kind ‖ normalised user name)
//! secret   = Argon2id or PBKDF2 (password, salt)          for a password
//!          = the 16 bytes of the recovery code            for a recovery code
//! slot key = HKDF-SHA-512(ikm = site key ‖ secret, salt, info = "wardbook/1/slot-key" ‖ 0x00 ‖ kind)
//! sealed   = box(slot key, [org, Slot, member, version, kind], keyring key)
//! ```
//!
//! The site key in every slot key means that who holds the slots but no device cannot guess at passwords at all.

use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::keys::{KeyringKey, ParentKey, SigningKey, SiteKey, SlotKey};
use crate::password::{Password, normalise_user, stretch};
use crate::recovery::RecoveryCode;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use wardbook_wire::kdf::Kdf;
use wardbook_wire::slot::{Lookup, Slot, SlotKind};
use wardbook_wire::{MemberId, OrgId, Verified};

/// What a person unlocks with.
pub enum Unlock<'a> {
    Password(&'a Password),
    Recovery(&'a RecoveryCode),
}

impl Unlock<'_> {
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Password(_) => SlotKind::Password,
            Self::Recovery(_) => SlotKind::Recovery,
        }
    }

    /// Takes as long for a slot that exists as for [`decoy_work`].
    fn slot_key(&self, site: &SiteKey, kdf: Kdf, salt: &[u8; 32]) -> Result<SlotKey, OpenError> {
        let info = [b"wardbook/1/slot-key\0".as_slice(), &[self.kind() as u8]].concat();
        Ok(match self {
            Self::Password(password) => SlotKey::derive(site, stretch(kdf, salt, password)?.as_slice(), salt, &info),
            Self::Recovery(code) => SlotKey::derive(site, code.expose(), salt, &info),
        })
    }
}

/// Where the slot of a user is found; tells nothing to who lacks the site key.
pub fn lookup(site: &SiteKey, kind: SlotKind, user: &str) -> Lookup {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(site.expose()) else { return Lookup([0; 32]) };
    mac.update(b"wardbook/1/slot\0");
    mac.update(&[kind as u8]);
    mac.update(normalise_user(user).as_bytes());
    Lookup(mac.finalize().into_bytes().into())
}

/// Tells a damaged copy of the site key from a whole one: 8 bytes of `HMAC-SHA-256(site key, "wardbook/1/site-check")`.
pub fn site_check(site: &SiteKey) -> [u8; 8] {
    let mac = Hmac::<Sha256>::new_from_slice(site.expose()).map(|mut mac| {
        mac.update(b"wardbook/1/site-check");
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest
    });
    mac.ok().and_then(|digest| digest.first_chunk().copied()).unwrap_or_default()
}

/// Whose slot is made, and at which version.
#[derive(Clone, Copy)]
pub struct SlotOf<'a> {
    pub org: OrgId,
    pub member: MemberId,
    pub user: &'a str,
    pub version: u64,
}

/// Makes and signs a slot; gives its travelling form.
///
/// # Errors
/// KDF-01, KDF-02: parameters outside the accepted range.
pub fn create(
    of: SlotOf<'_>,
    site: &SiteKey,
    kdf: Kdf,
    unlock: &Unlock<'_>,
    keyring_key: &KeyringKey,
    signing: &SigningKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, OpenError> {
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let kind = unlock.kind();
    let slot_key = unlock.slot_key(site, kdf, &salt)?;
    let sealed =
        envelope::seal(&slot_key, &context(of.org, of.member.as_bytes(), of.version, kind), keyring_key.expose(), rng);
    let lookup = lookup(site, kind, of.user);
    let slot = Slot { org: of.org, member: of.member, kind, lookup, version: of.version, kdf, salt, sealed };
    Ok(signing.sign(&slot))
}

/// Opens a slot whose signature was checked.
///
/// # Errors
/// SLOT-01: a wrong password or code, another site, a changed slot. KDF-01, KDF-02. All alike.
pub fn open(slot: &Verified<Slot>, site: &SiteKey, unlock: &Unlock<'_>) -> Result<KeyringKey, OpenError> {
    if slot.kind != unlock.kind() {
        return Err(OpenError);
    }
    let slot_key = unlock.slot_key(site, slot.kdf, &slot.salt)?;
    let context = context(slot.org, slot.member.as_bytes(), slot.version, slot.kind);
    let keyring_key = envelope::open(&slot_key, &context, &slot.sealed)?; // SLOT-01
    KeyringKey::from_slice(&keyring_key).ok_or(OpenError)
}

/// The work of [`open`] for a user who does not exist, so that time does not tell (SLOT-02).
pub fn decoy_work(site: &SiteKey, kdf: Kdf, unlock: &Unlock<'_>) -> OpenError {
    let opened = unlock.slot_key(site, kdf, &[0; 32]).and_then(|key| {
        let context = context(OrgId([0; 32]), &[0; 16], 0, unlock.kind());
        envelope::open(&key, &context, &[envelope::SUITE, Kind::Slot as u8].repeat(57))
    });
    opened.err().unwrap_or(OpenError) // SLOT-02
}

fn context(org: OrgId, member: &[u8], version: u64, kind: SlotKind) -> Context<'_> {
    Context { org, kind: Kind::Slot, id: member, epoch: version, position: kind as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;
    use wardbook_wire::Unverified;

    const KDF: Kdf = Kdf::PBKDF2_FLOOR;

    struct Scene {
        site: SiteKey,
        key: KeyringKey,
        signing: SigningKey,
    }

    impl Scene {
        fn new() -> Self {
            let mut rng = UnwrapErr(SysRng);
            Self {
                site: SiteKey::generate(&mut rng),
                key: KeyringKey::generate(&mut rng),
                signing: SigningKey::generate(&mut rng),
            }
        }

        fn slot(&self, unlock: &Unlock<'_>) -> Verified<Slot> {
            let of = SlotOf { org: OrgId([1; 32]), member: MemberId([2; 16]), user: "Ana", version: 1 };
            let bytes = create(of, &self.site, KDF, unlock, &self.key, &self.signing, &mut UnwrapErr(SysRng)).unwrap();
            Unverified::<Slot>::decode(&bytes).unwrap().verify(&self.signing.verify_key()).unwrap()
        }
    }

    #[test]
    fn slot_01_only_the_password_on_this_site_opens() {
        let scene = Scene::new();
        let (right, wrong) = (Password::new("right").unwrap(), Password::new("wrong").unwrap());
        let slot = scene.slot(&Unlock::Password(&right));
        assert_eq!(open(&slot, &scene.site, &Unlock::Password(&right)).unwrap().expose(), scene.key.expose());
        assert!(open(&slot, &scene.site, &Unlock::Password(&wrong)).is_err());
        assert!(open(&slot, &Scene::new().site, &Unlock::Password(&right)).is_err());
        let code = RecoveryCode::generate(&mut UnwrapErr(SysRng));
        assert!(open(&slot, &scene.site, &Unlock::Recovery(&code)).is_err());
        let slot = scene.slot(&Unlock::Recovery(&code));
        assert_eq!(open(&slot, &scene.site, &Unlock::Recovery(&code)).unwrap().expose(), scene.key.expose());
    }

    #[test]
    fn slot_01_a_slot_moved_to_another_member_does_not_open() {
        let scene = Scene::new();
        let password = Password::new("right").unwrap();
        let slot = scene.slot(&Unlock::Password(&password)).into_inner();
        let moved = scene.signing.sign(&Slot { member: MemberId([3; 16]), ..slot });
        let moved = Unverified::<Slot>::decode(&moved).unwrap().verify(&scene.signing.verify_key()).unwrap();
        assert!(open(&moved, &scene.site, &Unlock::Password(&password)).is_err());
    }

    #[test]
    fn slot_02_a_decoy_does_the_same_derivation_and_never_opens() {
        let scene = Scene::new();
        let password = Password::new("right").unwrap();
        assert_eq!(decoy_work(&scene.site, KDF, &Unlock::Password(&password)), OpenError);
    }

    #[test]
    fn the_lookup_depends_on_site_kind_and_normalised_name() {
        let site = Scene::new().site;
        let password = lookup(&site, SlotKind::Password, "Ana");
        assert_eq!(password, lookup(&site, SlotKind::Password, " ANA "));
        assert_ne!(password, lookup(&site, SlotKind::Recovery, "Ana"));
        assert_ne!(password, lookup(&Scene::new().site, SlotKind::Password, "Ana"));
    }
}
