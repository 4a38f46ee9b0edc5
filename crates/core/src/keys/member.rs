//! Key pairs: Ed25519 for signing, X-Wing (X25519 + ML-KEM-768) for receiving sealed keys. Each is a 32-byte seed.

use super::ParentKey;
use super::symmetric::KeyringKey;
use core::fmt;
use ed25519_dalek::Signer;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use rand_core::CryptoRng;
use wardbook_wire::signed::{Domain, Signable, Signed};
use wardbook_wire::statement::SealKey;
use wardbook_wire::{Entry, EntryHeader, VerifyKey, WireError, strict};
use zeroize::Zeroizing;

/// Signs for one member, device or organisation.
#[derive(Clone)]
pub struct SigningKey(Box<ed25519_dalek::SigningKey>);

impl SigningKey {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))
    }

    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key().to_bytes())
    }

    pub fn sign_bytes(&self, domain: Domain, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&domain.message(bytes)).to_bytes()
    }

    /// The travelling form of a message.
    pub fn sign<T: Signable>(&self, message: &T) -> Vec<u8> {
        let bytes = strict::encode(message);
        let signature = self.sign_bytes(T::DOMAIN, &bytes);
        strict::encode(&Signed { bytes, signature })
    }

    /// # Errors
    /// ENT-01 where the header contradicts itself.
    pub fn sign_entry(&self, header: EntryHeader, body: Vec<u8>) -> Result<Entry, WireError> {
        let bytes = EntryHeader::to_sign(&strict::encode(&header), &body);
        Entry::assemble(header, body, self.sign_bytes(Domain::ENTRY, &bytes))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(secret)")
    }
}

/// Opens what was sealed to one member, team or device (`hpke_seal`).
#[derive(Clone)]
pub struct SealingKey {
    seed: Box<Zeroizing<[u8; 32]>>,
    public: SealKey,
}

impl SealingKey {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::from_seed(KeyringKey::generate(rng).expose())
    }

    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let public = <XWing as Kem>::PrivateKey::from_bytes(seed)
            .map(|private| SealKey(XWing::sk_to_pk(&private).to_bytes().to_vec()))
            // Every 32-byte string is a valid X-Wing decapsulation key.
            .unwrap_or(SealKey(Vec::new()));
        Self { seed: Box::new(Zeroizing::new(*seed)), public }
    }

    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    pub fn public(&self) -> &SealKey {
        &self.public
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(secret)")
    }
}

/// A member's private keys.
#[derive(Clone, Debug)]
pub struct MemberKeys {
    pub signing: SigningKey,
    pub sealing: SealingKey,
}

impl MemberKeys {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { signing: SigningKey::generate(rng), sealing: SealingKey::generate(rng) }
    }
}

/// A device's private keys.
#[derive(Clone, Debug)]
pub struct DeviceKeys {
    pub signing: SigningKey,
    pub sealing: SealingKey,
}

impl DeviceKeys {
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { signing: SigningKey::generate(rng), sealing: SealingKey::generate(rng) }
    }
}

/// The organisation's root key: never stored, only held as shares (`root`).
#[derive(Debug)]
pub struct RootKey(pub SigningKey);
