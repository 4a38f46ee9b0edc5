//! The sealed box: authenticated, committing, bound to its place, padded (`spec/envelope.md`).
//!
//! ```text
//! box      = suite(1) ‖ kind(1) ‖ salt(32) ‖ commitment(32) ‖ ciphertext ‖ tag(16)
//! context  = CBOR [org, kind, id, epoch, position]
//! key(32) ‖ commitment(32) = HKDF-SHA-512(ikm = parent key, salt, info = "wardbook/1/box" ‖ 0x00 ‖ context)
//! ciphertext ‖ tag = AES-256-GCM(key, nonce = 0^12, aad = context, pad(plaintext))
//! pad(p)   = p ‖ 0x80 ‖ 0x00*, to padme(len(p) + 1); keys of fixed length are not padded
//! ```
//!
//! A fresh salt gives each message its own key, so the nonce can be zero and there is no limit on messages per parent
//! key. AES-GCM alone does not commit to its key; the commitment, compared first, does.

use crate::OpenError;
use crate::keys::ParentKey;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use wardbook_wire::{OrgId, strict};
use zeroize::Zeroizing;

/// The only suite: HKDF-SHA-512, AES-256-GCM, X-Wing, Ed25519, SHA-256.
pub const SUITE: u8 = 1;
/// Bytes that a box has beside the padded plaintext.
pub const OVERHEAD: usize = 2 + 32 + 32 + 16;
const LABEL: &[u8] = b"wardbook/1/box\0";

/// What a box holds. Its number is part of the box and of its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    #[n(1)]
    Slot = 1,
    #[n(2)]
    Keyring = 2,
    #[n(3)]
    Name = 3,
    #[n(4)]
    TeamSecretToMember = 4,
    #[n(5)]
    TeamSecretPrevious = 5,
    #[n(6)]
    ChartKeyToMember = 6,
    #[n(7)]
    ChartKeyToTeam = 7,
    #[n(8)]
    ChartKeyPrevious = 8,
    #[n(9)]
    EntryBody = 9,
    #[n(10)]
    Cover = 10,
    #[n(11)]
    ChartKeyCache = 11,
    #[n(12)]
    DeviceSecrets = 12,
    #[n(13)]
    DeviceState = 13,
    #[n(14)]
    Bundle = 14,
    #[n(15)]
    Invite = 15,
    /// An attachment; its layout is `blob`'s.
    #[n(16)]
    Blob = 16,
    #[n(17)]
    Draft = 17,
}

impl Kind {
    /// Shortest padded length: names and covers below it all look alike. None: a key of fixed length, not padded.
    fn padded_min(self) -> Option<usize> {
        match self {
            Self::Slot
            | Self::TeamSecretToMember
            | Self::TeamSecretPrevious
            | Self::ChartKeyToMember
            | Self::ChartKeyToTeam
            | Self::ChartKeyPrevious => None,
            Self::Name | Self::ChartKeyCache => Some(128),
            Self::Cover | Self::DeviceState | Self::Draft => Some(256),
            _ => Some(64),
        }
    }
}

/// Where a box belongs; one lifted to another place does not open (ENV-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    pub org: OrgId,
    pub kind: Kind,
    /// The object: a chart, member or team id, a key check or a header digest, as `spec/envelope.md` lists per kind.
    pub id: &'a [u8],
    pub epoch: u64,
    pub position: u64,
}

impl Context<'_> {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let id: &minicbor::bytes::ByteSlice = self.id.into();
        strict::encode(&(self.org, self.kind, id, self.epoch, self.position))
    }
}

/// Seals `plaintext` under a key derived from `parent` for this one message.
pub fn seal(parent: &impl ParentKey, context: &Context<'_>, plaintext: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    seal_with_salt(parent, context, plaintext, &salt)
}

fn seal_with_salt(parent: &impl ParentKey, context: &Context<'_>, plaintext: &[u8], salt: &[u8; 32]) -> Vec<u8> {
    let aad = context.encode();
    let (key, commitment) = message_key(LABEL, parent, salt, &aad);
    let padded = pad(plaintext, context.kind);
    // AES-GCM fails only past 64 GiB, and no object of the protocol comes near.
    let sealed = Aes256Gcm::new((&*key).into())
        .encrypt(&Nonce::default(), Payload { msg: &padded, aad: &aad })
        .unwrap_or_default();
    [&[SUITE, context.kind as u8], salt.as_slice(), &commitment, &sealed].concat()
}

/// Opens a box at its place.
///
/// # Errors
/// One error for everything: another suite or kind (ENV-01), a commitment or tag that does not match (ENV-02), another
/// place (ENV-03), bad padding (ENV-04).
pub fn open(parent: &impl ParentKey, context: &Context<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (head, rest) = sealed.split_first_chunk::<2>().ok_or(OpenError)?;
    if *head != [SUITE, context.kind as u8] {
        return Err(OpenError); // ENV-01
    }
    let (salt, rest) = rest.split_first_chunk::<32>().ok_or(OpenError)?;
    let (commitment, ciphertext) = rest.split_first_chunk::<32>().ok_or(OpenError)?;
    let aad = context.encode();
    let (key, expected) = message_key(LABEL, parent, salt, &aad);
    if !bool::from(expected.ct_eq(commitment)) {
        return Err(OpenError); // ENV-02, ENV-03
    }
    let padded = Aes256Gcm::new((&*key).into())
        .decrypt(&Nonce::default(), Payload { msg: ciphertext, aad: &aad })
        .map_err(|_| OpenError)?; // ENV-02
    unpad(Zeroizing::new(padded), context.kind)
}

/// `key(32) ‖ commitment(32) = HKDF-SHA-512(ikm = parent key, salt, info = label ‖ context)`; the label ends with 0x00.
pub(crate) fn message_key(
    label: &[u8],
    parent: &impl ParentKey,
    salt: &[u8; 32],
    context: &[u8],
) -> (Zeroizing<[u8; 32]>, [u8; 32]) {
    let mut okm = Zeroizing::new([0; 64]);
    // 64 bytes are within the 255 blocks that HKDF can give.
    let _ = Hkdf::<Sha512>::new(Some(salt), parent.expose()).expand(&[label, context].concat(), okm.as_mut_slice());
    let (mut key, mut commitment) = (Zeroizing::new([0; 32]), [0; 32]);
    let (left, right) = okm.split_at(32);
    key.copy_from_slice(left);
    commitment.copy_from_slice(right);
    (key, commitment)
}

fn pad(plaintext: &[u8], kind: Kind) -> Zeroizing<Vec<u8>> {
    let Some(min) = kind.padded_min() else { return Zeroizing::new(plaintext.to_vec()) };
    let length = padme(plaintext.len() + 1).max(min);
    // One allocation of the final size: growing would leave copies of the plaintext behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(plaintext);
    padded.push(0x80);
    padded.resize(length, 0);
    padded
}

fn unpad(mut padded: Zeroizing<Vec<u8>>, kind: Kind) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if kind.padded_min().is_some() {
        let end = padded.iter().rposition(|byte| *byte != 0).ok_or(OpenError)?;
        if padded.get(end) != Some(&0x80) || pad(padded.get(..end).ok_or(OpenError)?, kind).len() != padded.len() {
            return Err(OpenError); // ENV-04
        }
        padded.truncate(end);
    }
    Ok(padded)
}

/// Padmé (Nikitin et al., PETS 2019, section 4): leaks O(log log n) bits of the length and adds at most 12 %.
pub fn padme(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1usize << (exponent.saturating_sub(kept))) - 1;
    (length + mask) & !mask
}

#[cfg(test)]
mod tests;
