//! Other people's vectors for every primitive, so that a change of a library or of its features shows.
//!
//! Small ones are in `spec/vectors/published/`, each with its source; the large ones are C2SP Wycheproof's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use wycheproof::TestResult;

fn load(name: &str) -> Value {
    let path = format!("{}/../../spec/vectors/published/{name}", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(file["source"].is_string(), "{name} names its source");
    file
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn cases(file: &Value) -> &Vec<Value> {
    file["cases"].as_array().unwrap()
}

#[test]
fn sha256_fips_180() {
    for case in cases(&load("sha256.json")) {
        assert_eq!(Sha256::digest(bytes(&case["message"])).as_slice(), bytes(&case["digest"]));
    }
}

#[test]
fn hmac_sha256_wycheproof() {
    use hmac::{Hmac, KeyInit, Mac};
    for case in cases(&load("hmac.json")) {
        let mut mac = Hmac::<Sha256>::new_from_slice(&bytes(&case["key"])).unwrap();
        mac.update(&bytes(&case["msg"]));
        let tag = mac.finalize().into_bytes();
        assert_eq!(tag.as_slice() == bytes(&case["tag"]), text(&case["result"]) == "valid", "{}", case["tcId"]);
    }
}

#[test]
fn hkdf_sha256_rfc_5869() {
    for case in cases(&load("hkdf_sha256.json")) {
        let (prk, hkdf) = hkdf::Hkdf::<Sha256>::extract(Some(&bytes(&case["salt"])), &bytes(&case["ikm"]));
        assert_eq!(prk.as_slice(), bytes(&case["prk"]), "{}", case["section"]);
        let mut okm = vec![0; bytes(&case["okm"]).len()];
        hkdf.expand(&bytes(&case["info"]), &mut okm).unwrap();
        assert_eq!(okm, bytes(&case["okm"]), "{}", case["section"]);
    }
}

#[test]
fn hkdf_sha512_wycheproof() {
    use wycheproof::hkdf::{TestName, TestSet};
    let mut run = 0;
    for test in TestSet::load(TestName::HkdfSha512).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
        let mut okm = vec![0; test.size];
        let expanded = hkdf::Hkdf::<Sha512>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        let right = expanded.is_ok() && okm == *test.okm;
        assert_eq!(right, test.result == TestResult::Valid, "{}", test.tc_id);
        run += 1;
    }
    assert!(run > 50, "{run}");
}

#[test]
fn aes_256_gcm_wycheproof() {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use aes_gcm::{Aes256Gcm, Nonce};
    use wycheproof::aead::{TestName, TestSet};
    let groups = TestSet::load(TestName::AesGcm).unwrap().test_groups.into_iter();
    let fits =
        |group: &wycheproof::aead::TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
    let mut run = 0;
    for test in groups.filter(fits).flat_map(|group| group.tests) {
        let key: [u8; 32] = test.key.as_slice().try_into().unwrap();
        let nonce: [u8; 12] = test.nonce.as_slice().try_into().unwrap();
        let (cipher, nonce) = (Aes256Gcm::new((&key).into()), Nonce::from(nonce));
        let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
        let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &test.aad });
        if test.result.must_fail() {
            assert!(opened.is_err(), "{}", test.tc_id);
        } else {
            assert_eq!(opened.unwrap(), *test.pt, "{}", test.tc_id);
            assert_eq!(
                cipher.encrypt(&nonce, Payload { msg: &test.pt, aad: &test.aad }).unwrap(),
                sealed,
                "{}",
                test.tc_id
            );
        }
        run += 1;
    }
    assert!(run > 50, "{run}");
}

#[test]
fn ed25519_rfc_8032() {
    use ed25519_dalek::{Signer, SigningKey};
    for case in cases(&load("ed25519.json")) {
        let key = SigningKey::from_bytes(&fixed(&case["seed"]));
        assert_eq!(key.verifying_key().to_bytes(), fixed::<32>(&case["public_key"]), "{}", case["name"]);
        let signature = key.sign(&bytes(&case["message"]));
        assert_eq!(signature.to_bytes(), fixed::<64>(&case["signature"]), "{}", case["name"]);
        key.verifying_key().verify_strict(&bytes(&case["message"]), &signature).unwrap();
    }
}

#[test]
fn ed25519_wycheproof_with_strict_verification() {
    use ed25519_dalek::{Signature, VerifyingKey};
    use wycheproof::eddsa::{TestName, TestSet};
    let mut run = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let public: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        let key = VerifyingKey::from_bytes(&public).unwrap();
        for test in group.tests {
            let signature = Signature::from_slice(&test.sig);
            let right = signature.is_ok_and(|signature| key.verify_strict(&test.msg, &signature).is_ok());
            assert_eq!(right, test.result == TestResult::Valid, "{}", test.tc_id);
            run += 1;
        }
    }
    assert!(run > 100, "{run}");
}

#[test]
fn argon2id_rfc_9106() {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
    let case = load("argon2id.json");
    let number = |name: &str| u32::try_from(case[name].as_u64().unwrap()).unwrap();
    let params = ParamsBuilder::new()
        .m_cost(number("memory_kib"))
        .t_cost(number("passes"))
        .p_cost(number("lanes"))
        .data(AssociatedData::new(&bytes(&case["associated_data"])).unwrap())
        .build()
        .unwrap();
    assert_eq!(number("version"), 0x13);
    let secret = bytes(&case["secret"]);
    let argon2 = Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&bytes(&case["password"]), &bytes(&case["salt"]), &mut tag).unwrap();
    assert_eq!(tag, fixed::<32>(&case["tag"]));
}

#[test]
fn pbkdf2_hmac_sha512_wycheproof() {
    for case in cases(&load("pbkdf2.json")) {
        let mut derived = vec![0; bytes(&case["dk"]).len()];
        let rounds = u32::try_from(case["iterationCount"].as_u64().unwrap()).unwrap();
        pbkdf2::pbkdf2_hmac::<Sha512>(&bytes(&case["password"]), &bytes(&case["salt"]), rounds, &mut derived);
        assert_eq!(derived, bytes(&case["dk"]), "{}", case["tcId"]);
    }
}

/// The draft's keys through `x-wing`, and the same public keys through `hpke`, which is what this crate seals with.
#[test]
fn x_wing_draft_connolly_cfrg_xwing_kem() {
    use wardbook_core::keys::SealingKey;
    use x_wing::{Decapsulate, DecapsulationKey, Decapsulator, KeyExport};
    for case in cases(&load("xwing.json")) {
        let seed: [u8; 32] = fixed(&case["seed"]);
        let eseed: [u8; 64] = fixed(&case["eseed"]);
        let private = DecapsulationKey::from(seed);
        assert_eq!(private.encapsulation_key().to_bytes().as_slice(), bytes(&case["pk"]));
        assert_eq!(SealingKey::from_seed(&seed).public().0, bytes(&case["pk"]));
        let (ciphertext, shared) = private.encapsulation_key().encapsulate_deterministic((&eseed).into());
        assert_eq!(ciphertext.as_slice(), bytes(&case["ct"]));
        assert_eq!(shared.as_slice(), bytes(&case["ss"]));
        assert_eq!(private.decapsulate(&ciphertext).as_slice(), bytes(&case["ss"]));
    }
}

#[test]
fn bip_39_by_trezor() {
    use bip39::{Language, Mnemonic};
    use wardbook_core::recovery::RecoveryCode;
    for case in cases(&load("bip39.json")) {
        let words = text(&case["words"]);
        let code = Mnemonic::from_entropy_in(Language::English, &bytes(&case["entropy"])).unwrap();
        assert_eq!(code.to_string(), words);
        assert_eq!(RecoveryCode::from_words(words).unwrap().to_words().as_str(), words);
        let mut seed = [0; 64];
        pbkdf2::pbkdf2_hmac::<Sha512>(words.as_bytes(), b"mnemonicTREZOR", 2048, &mut seed);
        assert_eq!(seed, fixed::<64>(&case["seed"]));
    }
}
