//! Signatures: Ed25519 (RFC 8032) over `"wardbook/1/<kind>" ‖ 0x00 ‖ bytes`, checked over the bytes as received.
//!
//! See `spec/encoding.md`, rule SIG-01. Strict verification refuses small-order and non-canonical keys and points.

use crate::{WireError, strict};
use core::marker::PhantomData;
use ed25519_dalek::VerifyingKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// The public half of a signing key: 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct VerifyKey(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl VerifyKey {
    /// # Errors
    /// SIG-01, for a malformed or small-order key and for any signature that does not match.
    pub fn verify(&self, domain: Domain, bytes: &[u8], signature: &[u8; 64]) -> Result<(), WireError> {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(&domain.message(bytes), &signature.into()))
            .map_err(|_| WireError::BadSignature) // SIG-01
    }

    /// Checks a signature over bytes without a domain: only for formats of others, which bring their own.
    pub(crate) fn verify_raw(&self, bytes: &[u8], signature: &[u8; 64]) -> Result<(), WireError> {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(bytes, &signature.into()))
            .map_err(|_| WireError::BadSignature) // SIG-01
    }
}

/// What a signature is about; a signature over one kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(&'static str);

impl Domain {
    pub const STATEMENT: Self = Self("statement");
    pub const ENTRY: Self = Self("entry");
    pub const SLOT: Self = Self("slot");
    pub const BUNDLE: Self = Self("bundle");
    pub const KEYRING: Self = Self("keyring");
    pub const LEASE: Self = Self("lease");
    pub const EXTENSION: Self = Self("extension");
    pub const REQUEST: Self = Self("request");

    /// The bytes that are signed and, hashed, identify the object.
    pub fn message(self, bytes: &[u8]) -> Vec<u8> {
        [b"wardbook/1/".as_slice(), self.0.as_bytes(), &[0], bytes].concat()
    }

    /// SHA-256 of the signed bytes.
    pub fn digest(self, bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(self.message(bytes)).into()
    }
}

/// A message that travels signed.
pub trait Signable: Encode<()> + for<'b> Decode<'b, ()> {
    const DOMAIN: Domain;
    /// The largest encoded message that is read.
    const BYTES_MAX: usize;
}

/// The travelling form: `[bytes, signature(64)]`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A decoded message whose signature has not been checked. Its content is visible only through [`Unverified::peek`],
/// which is for finding the key to check with.
#[derive(Clone, Debug)]
pub struct Unverified<T> {
    signed: Signed,
    message: T,
}

impl<T: Signable> Unverified<T> {
    /// Reads the travelling form.
    ///
    /// # Errors
    /// ENC-01 and ENC-02, for the frame and for the message inside.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let signed: Signed = strict::decode(bytes, T::BYTES_MAX + 128)?;
        let message = strict::decode(&signed.bytes, T::BYTES_MAX)?;
        Ok(Self { signed, message })
    }

    /// The content, of unknown origin.
    pub fn peek(&self) -> &T {
        &self.message
    }

    /// # Errors
    /// SIG-01.
    pub fn verify(self, key: &VerifyKey) -> Result<Verified<T>, WireError> {
        key.verify(T::DOMAIN, &self.signed.bytes, &self.signed.signature)?;
        Ok(Verified { digest: T::DOMAIN.digest(&self.signed.bytes), message: self.message, seal: PhantomData })
    }

    /// The message with a signature that travelled apart from it.
    pub fn from_parts(message: &T, signature: [u8; 64]) -> Self
    where
        T: Clone,
    {
        Self { signed: Signed { bytes: strict::encode(message), signature }, message: message.clone() }
    }
}

/// A message whose signature was checked with the key that its holder named.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    digest: [u8; 32],
    message: T,
    seal: PhantomData<()>,
}

impl<T> Verified<T> {
    /// SHA-256 of the signed bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub fn into_inner(self) -> T {
        self.message
    }
}

impl<T> core::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}
