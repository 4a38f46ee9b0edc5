//! `slots.json`: lookups, slots of every kind at the floor of their cost, and slots that do not open.

use super::rng::VectorRng;
use super::{flipped, hex};
use crate::Result;
use serde_json::{Value, json};
use wardbook_core::keys::{KeyringKey, ParentKey, SigningKey, SiteKey};
use wardbook_core::password::{Password, normalise_user, stretch};
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{SlotOf, Unlock, create, lookup};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{MemberId, OrgId, Unverified};

const ORG: OrgId = OrgId([1; 32]);
const MEMBER: MemberId = MemberId([2; 16]);
const USER: &str = "Ana";
/// "Amélie's" with an accent of its own: normalising joins it to the letter.
const PASSWORD: &str = "Ame\u{301}lie's correct horse";

pub fn make() -> Result<Value> {
    let mut rng = VectorRng::new("slots");
    let (site, key) = (SiteKey::generate(&mut rng), KeyringKey::generate(&mut rng));
    let signing = SigningKey::generate(&mut rng);
    let (password, code) = (Password::new(PASSWORD)?, RecoveryCode::generate(&mut rng));
    let words = code.to_words().to_string();
    let of = SlotOf { org: ORG, member: MEMBER, user: USER, version: 1 };
    let mut slot = |kdf, unlock: &Unlock<'_>| create(of, &site, kdf, unlock, &key, &signing, &mut rng);
    let argon2id = slot(Kdf::ARGON2_FLOOR, &Unlock::Password(&password))?;
    let pbkdf2 = slot(Kdf::PBKDF2_FLOOR, &Unlock::Password(&password))?;
    let recovery = slot(Kdf::ARGON2_FLOOR, &Unlock::Recovery(&code))?;
    let users = ["Ana", "  ÄNNE ", "ﬁona", "ana.lopez@example.org"].map(|user| {
        json!({
            "typed": user,
            "normalised": normalise_user(user),
            "lookup_password": hex(lookup(&site, SlotKind::Password, user).0),
            "lookup_recovery": hex(lookup(&site, SlotKind::Recovery, user).0),
        })
    });
    Ok(json!({
        "about": "spec/slots.md. A slot is opened with `typed`: a password for kind 0, words for kind 1.",
        "site_key": hex(site.expose()),
        "keyring_key": hex(key.expose()),
        "signing_seed": hex(signing.seed()),
        "verify_key": hex(signing.verify_key().0),
        "org": hex(ORG.0),
        "member": hex(MEMBER.0),
        "users": users,
        "passwords": passwords()?,
        "slots": [
            described("argon2id", PASSWORD, &argon2id)?,
            described("pbkdf2", PASSWORD, &pbkdf2)?,
            described("recovery", &words, &recovery)?,
        ],
        "faults": faults(&words, &recovery, &pbkdf2, &signing)?,
        "not_recovery_codes": [
            words.split(' ').take(11).collect::<Vec<_>>().join(" "),
            words.replacen(' ', "x ", 1),
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon",
        ],
        "password_bytes_refused": { "rule": "PWD-01", "length": 4097 },
    }))
}

/// Stretching alone, at the floor of PBKDF2.
fn passwords() -> Result<Vec<Value>> {
    let password = Password::new(PASSWORD)?;
    let stretched = stretch(Kdf::PBKDF2_FLOOR, &[7; 32], &password)?;
    Ok(vec![json!({
        "typed": PASSWORD,
        "normalised": hex(password.as_str()),
        "pbkdf2_rounds": 600_000,
        "salt": hex([7u8; 32]),
        "stretched": hex(stretched),
    })])
}

fn described(name: &str, typed: &str, slot: &[u8]) -> Result<Value> {
    let read = Unverified::<Slot>::decode(slot)?;
    let content = read.peek();
    Ok(json!({
        "name": name,
        "typed": typed,
        "kind": content.kind as u8,
        "version": content.version,
        "salt": hex(content.salt),
        "sealed": hex(&content.sealed),
        "slot": hex(slot),
    }))
}

/// All but the first and last are signed by the member: the signature is right, the content is not.
fn faults(words: &str, recovery: &[u8], pbkdf2: &[u8], signing: &SigningKey) -> Result<Vec<Value>> {
    let (code_slot, password_slot) = (Unverified::<Slot>::decode(recovery)?, Unverified::<Slot>::decode(pbkdf2)?);
    let (code_slot, password_slot) = (code_slot.peek(), password_slot.peek());
    let with = |change: &dyn Fn(&mut Slot)| {
        let mut slot = code_slot.clone();
        change(&mut slot);
        signing.sign(&slot)
    };
    let with_kdf = |kdf| signing.sign(&Slot { kdf, ..password_slot.clone() });
    let other_words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let faults = [
        ("flipped_signature", "SIG-01", words, flipped(recovery, -1)),
        ("other_code", "SLOT-01", other_words, recovery.to_vec()),
        ("other_organisation", "SLOT-01", words, with(&|slot| slot.org = OrgId([9; 32]))),
        ("other_member", "SLOT-01", words, with(&|slot| slot.member = MemberId([9; 16]))),
        ("other_version", "SLOT-01", words, with(&|slot| slot.version = 2)),
        ("other_salt", "SLOT-01", words, with(&|slot| slot.salt = [9; 32])),
        ("box_flipped", "SLOT-01", words, with(&|slot| slot.sealed = flipped(&slot.sealed, -1))),
        ("argon2id_memory_below_floor", "KDF-01", PASSWORD, with_kdf(Kdf::Argon2id { memory_kib: 65_535, passes: 3 })),
        ("argon2id_passes_below_floor", "KDF-01", PASSWORD, with_kdf(Kdf::Argon2id { memory_kib: 65_536, passes: 2 })),
        ("pbkdf2_below_floor", "KDF-01", PASSWORD, with_kdf(Kdf::Pbkdf2 { rounds: 599_999 })),
        (
            "argon2id_memory_above_ceiling",
            "KDF-02",
            PASSWORD,
            with_kdf(Kdf::Argon2id { memory_kib: 1_048_577, passes: 3 }),
        ),
        (
            "argon2id_passes_above_ceiling",
            "KDF-02",
            PASSWORD,
            with_kdf(Kdf::Argon2id { memory_kib: 65_536, passes: 33 }),
        ),
        ("pbkdf2_above_ceiling", "KDF-02", PASSWORD, with_kdf(Kdf::Pbkdf2 { rounds: 20_000_001 })),
        ("wrong_password", "SLOT-01", "Amelie's correct horse", pbkdf2.to_vec()),
    ];
    Ok(faults
        .into_iter()
        .map(|(name, rule, typed, slot)| json!({ "name": name, "rule": rule, "typed": typed, "slot": hex(slot) }))
        .collect())
}
