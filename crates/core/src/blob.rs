//! Attachments: a file sealed in chunks, so that any part of it can be read without the rest (`spec/attachments.md`).
//!
//! ```text
//! blob     = head ‖ chunk*                            its name is SHA-256(blob)
//! head     = suite(1) ‖ kind(1) ‖ salt(32) ‖ commitment(32)
//! context  = CBOR [org, kind, chart, 0, 0]
//! salt     = HKDF-SHA-512(ikm = file key, info = "wardbook/1/blob-salt")
//! key(32) ‖ commitment(32) = HKDF-SHA-512(ikm = file key, salt, info = "wardbook/1/blob" ‖ 0x00 ‖ context)
//! chunk i  = AES-256-GCM(key, nonce = i (11 bytes, big-endian) ‖ last (0 or 1), aad = "", part i)
//! part i   = bytes 65536 i to 65536 (i + 1) of pad(content); the last one is shorter or as long, never empty
//! pad(p)   = p ‖ 0x80 ‖ 0x00*, to max(padme(len(p) + 1), 64)
//! ```
//!
//! The chunks are STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015), as in age: a chunk opens only at its
//! number, and as the last one only if it is. File key and true length are in the entry that brings it ([`BlobRef`]).

use crate::OpenError;
use crate::envelope::{Context, Kind, SUITE, message_key, padme};
use crate::keys::{BlobKey, ParentKey};
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::ops::Range;
use subtle::ConstantTimeEq;
use wardbook_wire::{BlobId, ChartId, OrgId};
use zeroize::Zeroizing;

/// Content of an attachment, at most: 2 GiB (BLB-04). It is read and sent in pieces, so the limit protects disks.
pub const CONTENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes before the first chunk.
pub const HEAD_BYTES: usize = 2 + 32 + 32;
/// Padded content in each chunk but the last.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes that each chunk has beside its content.
pub const TAG_BYTES: usize = 16;
/// As short as an entry's body gets: files below it all look alike.
const PADDED_BYTES_MIN: u64 = 64;
const LABEL: &[u8] = b"wardbook/1/blob\0";

/// More than [`CONTENT_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an attachment has at most 2 GiB (BLB-04)")]
pub struct TooLarge;

/// What an entry says of an attachment that it brings. The key is in the sealed body and nowhere else.
#[derive(Clone, Debug, Encode, Decode)]
pub struct BlobRef {
    #[n(0)]
    pub id: BlobId,
    #[cbor(n(1), with = "key_bytes")]
    pub key: BlobKey,
    /// Bytes of the content, without padding.
    #[n(2)]
    pub length: u64,
    /// SHA-256 of the content: finds the same file again in the same chart, and nowhere else.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sha256: [u8; 32],
    /// MIME type.
    #[n(4)]
    pub content_type: String,
}

impl PartialEq for BlobRef {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.length, self.sha256) == (other.id, other.length, other.sha256)
            && self.content_type == other.content_type
            && bool::from(self.key.expose().as_slice().ct_eq(other.key.expose().as_slice()))
    }
}

impl Eq for BlobRef {}

/// A file key in CBOR: a byte string.
mod key_bytes {
    use crate::keys::{BlobKey, ParentKey};
    use minicbor::encode::Write;
    use minicbor::{Decoder, Encoder};

    type WriteError<W> = minicbor::encode::Error<<W as Write>::Error>;

    pub fn encode<C, W: Write>(key: &BlobKey, out: &mut Encoder<W>, _: &mut C) -> Result<(), WriteError<W>> {
        out.bytes(key.expose())?.ok()
    }

    pub fn decode<C>(from: &mut Decoder<'_>, _: &mut C) -> Result<BlobKey, minicbor::decode::Error> {
        let key = BlobKey::from_slice(from.bytes()?);
        key.ok_or_else(|| minicbor::decode::Error::message("a file key has 32 bytes"))
    }
}

/// Where the chunks of a blob are: a function of the length of its content alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    length: u64,
    padded: u64,
}

impl Layout {
    /// # Errors
    /// BLB-04.
    pub fn of(length: u64) -> Result<Self, TooLarge> {
        if length > CONTENT_BYTES_MAX {
            return Err(TooLarge); // BLB-04
        }
        // At most 2 GiB and a little, which every `usize` holds from 32 bits on.
        let padded = padme((length + 1) as usize) as u64;
        Ok(Self { length, padded: padded.max(PADDED_BYTES_MIN) })
    }

    /// How many chunks there are; never none.
    pub fn chunks(self) -> u64 {
        self.padded.div_ceil(CHUNK_BYTES as u64)
    }

    /// Length of the whole blob.
    pub fn sealed_bytes(self) -> u64 {
        HEAD_BYTES as u64 + self.padded + self.chunks() * TAG_BYTES as u64
    }

    /// The chunks that hold these bytes of the content.
    pub fn chunks_with(self, content: &Range<u64>) -> Range<u64> {
        let chunk = CHUNK_BYTES as u64;
        let first = content.start.min(self.length) / chunk;
        if content.is_empty() { first..first } else { first..content.end.min(self.length).div_ceil(chunk).max(first) }
    }

    /// The bytes of the blob that are these chunks.
    pub fn sealed_range(self, chunks: &Range<u64>) -> Range<u64> {
        let start = |number: u64| {
            let sealed_chunk = (CHUNK_BYTES + TAG_BYTES) as u64;
            (HEAD_BYTES as u64).saturating_add(number.saturating_mul(sealed_chunk)).min(self.sealed_bytes())
        };
        start(chunks.start)..start(chunks.end)
    }
}

/// Seals a file as it is read, in pieces of any size; what it gives out goes to a sink in order.
pub struct BlobSealer {
    key: BlobKey,
    cipher: Aes256Gcm,
    head: Vec<u8>,
    /// Padded content of the chunk that is next, whole at most: it is sealed when it is known whether more follows.
    next: Zeroizing<Vec<u8>>,
    number: u64,
    length: u64,
    content: Sha256,
    sealed: Sha256,
}

impl BlobSealer {
    /// Begins a blob of a chart, under a new key.
    pub fn new(org: OrgId, chart: ChartId, rng: &mut impl CryptoRng) -> Self {
        Self::under(BlobKey::generate(rng), org, chart)
    }

    /// Begins the blob that an entry of the chart names already, for sealed bytes that were lost. The content has to be the
    /// very same (BLB-08); then so are the sealed bytes.
    pub fn again(blob: &BlobRef, org: OrgId, chart: ChartId) -> Self {
        Self::under(blob.key.clone(), org, chart)
    }

    fn under(key: BlobKey, org: OrgId, chart: ChartId) -> Self {
        let salt = key.salt();
        let (cipher, commitment) = cipher(&key, &salt, org, chart);
        Self {
            key,
            cipher,
            head: [[SUITE, Kind::Blob as u8].as_slice(), &salt, &commitment].concat(),
            next: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)),
            number: 0,
            length: 0,
            content: Sha256::new(),
            sealed: Sha256::new(),
        }
    }

    /// Takes the next piece of the content.
    ///
    /// # Errors
    /// BLB-04, and whatever the sink says.
    pub fn push<E: From<TooLarge>>(
        &mut self,
        content: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let length = self.length.saturating_add(content.len() as u64);
        if length > CONTENT_BYTES_MAX {
            return Err(TooLarge.into()); // BLB-04
        }
        self.length = length;
        self.content.update(content);
        self.fill(content, sink)
    }

    /// Pads and seals the rest.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish<E: From<TooLarge>>(
        mut self,
        content_type: String,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<BlobRef, E> {
        self.fill(&[0x80], sink)?;
        let mut zeros = Layout::of(self.length)?.padded.saturating_sub(self.length + 1);
        while zeros > 0 {
            if self.next.len() == CHUNK_BYTES {
                self.seal_next(false, sink)?;
            }
            let now = zeros.min((CHUNK_BYTES - self.next.len()) as u64);
            let filled = self.next.len() + now as usize;
            self.next.resize(filled, 0);
            zeros -= now;
        }
        self.seal_next(true, sink)?;
        Ok(BlobRef {
            id: BlobId(self.sealed.finalize().into()),
            key: self.key,
            length: self.length,
            sha256: self.content.finalize().into(),
            content_type,
        })
    }

    fn fill<E>(&mut self, padded: &[u8], sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut rest = padded;
        while !rest.is_empty() {
            if self.next.len() == CHUNK_BYTES {
                self.seal_next(false, sink)?;
            }
            let (now, later) = rest.split_at(rest.len().min(CHUNK_BYTES - self.next.len()));
            self.next.extend_from_slice(now);
            rest = later;
        }
        Ok(())
    }

    fn seal_next<E>(&mut self, last: bool, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if self.number == 0 {
            self.sealed.update(&self.head);
            sink(&self.head)?;
        }
        // AES-GCM fails only past 64 GiB, and a chunk has 64 KiB.
        let nonce = Nonce::from(nonce(self.number, last));
        let chunk = self.cipher.encrypt(&nonce, self.next.as_slice()).unwrap_or_default();
        self.next.clear();
        self.number += 1;
        self.sealed.update(&chunk);
        sink(&chunk)
    }
}

/// Opens chunks of a blob, in any order.
pub struct BlobOpener {
    cipher: Aes256Gcm,
    layout: Layout,
}

impl BlobOpener {
    /// Takes the first [`HEAD_BYTES`] of a blob.
    ///
    /// # Errors
    /// BLB-01: the head of another blob, or of one that was sealed for another chart. BLB-04.
    pub fn new(blob: &BlobRef, org: OrgId, chart: ChartId, head: &[u8]) -> Result<Self, OpenError> {
        let layout = Layout::of(blob.length).map_err(|_| OpenError)?; // BLB-04
        let (start, rest) = head.split_first_chunk::<2>().ok_or(OpenError)?;
        let (salt, commitment) = rest.split_first_chunk::<32>().ok_or(OpenError)?;
        if *start != [SUITE, Kind::Blob as u8] {
            return Err(OpenError); // BLB-01
        }
        let (cipher, expected) = cipher(&blob.key, salt, org, chart);
        if !bool::from(expected.as_slice().ct_eq(commitment)) {
            return Err(OpenError); // BLB-01
        }
        Ok(Self { cipher, layout })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The content in one chunk: [`CHUNK_BYTES`], or fewer where the content ends.
    ///
    /// # Errors
    /// BLB-01, BLB-02, BLB-05.
    pub fn open(&self, number: u64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let chunks = self.layout.chunks();
        let place = self.layout.sealed_range(&(number..number.saturating_add(1)));
        if number >= chunks || sealed.len() as u64 != place.end - place.start {
            return Err(OpenError); // BLB-02
        }
        let nonce = Nonce::from(nonce(number, number + 1 == chunks)); // BLB-02
        let mut content = Zeroizing::new(self.cipher.decrypt(&nonce, sealed).map_err(|_| OpenError)?); // BLB-01
        let start = number * CHUNK_BYTES as u64;
        let kept = self.layout.length.saturating_sub(start).min(content.len() as u64) as usize;
        let (_, padding) = content.split_at(kept);
        let zeros = match padding.split_first() {
            Some((mark, zeros)) if start <= self.layout.length => {
                if *mark != 0x80 {
                    return Err(OpenError); // BLB-05
                }
                zeros
            }
            _ => padding,
        };
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(OpenError); // BLB-05
        }
        content.truncate(kept);
        Ok(content)
    }
}

fn cipher(key: &BlobKey, salt: &[u8; 32], org: OrgId, chart: ChartId) -> (Aes256Gcm, [u8; 32]) {
    let context = Context { org, kind: Kind::Blob, id: chart.as_bytes(), epoch: 0, position: 0 };
    let (key, commitment) = message_key(LABEL, key, salt, &context.encode());
    (Aes256Gcm::new((&*key).into()), commitment)
}

/// `number (11 bytes, big-endian) ‖ last (0 or 1)`
fn nonce(number: u64, last: bool) -> [u8; 12] {
    let [_, _, _, _, nonce @ ..] = ((u128::from(number) << 8) | u128::from(last)).to_be_bytes();
    nonce
}

#[cfg(test)]
mod tests;
