//! The body of an entry before sealing: when, and which resource versions (`spec/entries.md`).
//!
//! ```text
//! body = 0x00 ‖ cbor   or   0x01 ‖ length of cbor (u32, big-endian) ‖ DEFLATE(cbor)
//! ```
//!
//! One entry is one author's act in one chart, so compression never mixes contents across a boundary of trust.

use crate::OpenError;
use crate::blob::BlobRef;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use minicbor::{Decode, Encode};
use std::io::Read;
use wardbook_wire::entry::BLOBS_MAX;
use wardbook_wire::{EntryId, strict};
use zeroize::Zeroizing;

/// An uncompressed body, at most; a larger one is refused before it is unpacked (BODY-01).
pub const BODY_RAW_MAX: usize = 18 * 1024 * 1024;
/// Changes in one entry, at most (BODY-02).
pub const CHANGES_MAX: usize = 10_000;

/// What an entry says once it is open.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
pub struct Body {
    /// When the author made it, in milliseconds since 1970 by the clock of the device. Shown, never decisive.
    #[n(0)]
    pub time_ms: i64,
    #[n(1)]
    pub changes: Vec<Change>,
    /// The attachments that the entry brings; its header names the same.
    #[n(2)]
    pub blobs: Vec<BlobRef>,
}

/// A new version of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Change {
    /// FHIR resource type.
    #[n(0)]
    pub kind: String,
    /// FHIR logical id.
    #[n(1)]
    pub id: String,
    /// The `fullUrl` it came with, where that does not follow from the id.
    #[n(2)]
    pub full_url: Option<String>,
    /// The versions that this one replaces; several when it resolves a conflict.
    #[n(3)]
    pub bases: Vec<VersionRef>,
    /// JSON text of the whole resource; None deletes it.
    #[n(4)]
    pub content: Option<Content>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Content(#[cbor(with = "minicbor::bytes")] pub Vec<u8>);

/// A version of a resource: the entry that made it and its place in that entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct VersionRef {
    #[n(0)]
    pub entry: EntryId,
    #[n(1)]
    pub index: u32,
}

/// Compresses bodies one after another. Its state takes a quarter of a megabyte, and making one for each of thousands of
/// small bodies would fragment the memory. It holds the last body it saw, so it lives no longer than a session.
pub struct Packer(Compress);

impl Default for Packer {
    fn default() -> Self {
        Self(Compress::new(Compression::default(), false))
    }
}

impl Packer {
    /// The compressed form; None where it would not be shorter.
    fn pack(&mut self, raw: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.reset();
        let mut packed = Zeroizing::new(Vec::with_capacity(raw.len() + 5));
        packed.push(1);
        packed.extend_from_slice(&u32::try_from(raw.len()).ok()?.to_be_bytes());
        // Stops at the capacity, which is as long as the other form.
        let status = self.0.compress_vec(raw, &mut packed, FlushCompress::Finish).ok()?;
        (status == Status::StreamEnd).then_some(packed)
    }
}

impl Body {
    /// The bytes to seal.
    pub fn encode(&self, packer: &mut Packer) -> Zeroizing<Vec<u8>> {
        let raw = Zeroizing::new(strict::encode(self));
        packer.pack(&raw).unwrap_or_else(|| Zeroizing::new([&[0], raw.as_slice()].concat()))
    }

    /// Reads opened bytes.
    ///
    /// # Errors
    /// BODY-01: too large, not the length it says, or followed by something. BODY-02: not the one accepted encoding, or too many changes or attachments.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        let raw = match bytes.split_first() {
            Some((0, raw)) => Zeroizing::new(raw.to_vec()),
            Some((1, packed)) => {
                let (length, packed) = packed.split_first_chunk::<4>().ok_or(OpenError)?;
                let length = u32::from_be_bytes(*length) as usize;
                if length > BODY_RAW_MAX {
                    return Err(OpenError); // BODY-01
                }
                let mut raw = Zeroizing::new(Vec::with_capacity(length + 1));
                let mut decoder = DeflateDecoder::new(packed);
                decoder.by_ref().take(length as u64 + 1).read_to_end(&mut raw).map_err(|_| OpenError)?;
                if raw.len() != length || decoder.total_in() != packed.len() as u64 {
                    return Err(OpenError); // BODY-01
                }
                raw
            }
            _ => return Err(OpenError),
        };
        let body: Self = strict::decode(&raw, BODY_RAW_MAX).map_err(|_| OpenError)?; // BODY-02
        let fits = body.changes.len() <= CHANGES_MAX && body.blobs.len() <= BLOBS_MAX;
        if fits { Ok(body) } else { Err(OpenError) } // BODY-02
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::BlobKey;
    use wardbook_wire::BlobId;

    fn change(content: Vec<u8>) -> Change {
        Change {
            kind: "Patient".into(),
            id: "x".into(),
            full_url: None,
            bases: vec![],
            content: Some(Content(content)),
        }
    }

    #[test]
    fn bodies_round_trip_small_and_large() {
        for size in [0, 10, 100_000] {
            let body = Body { time_ms: 5, changes: vec![change(vec![b'a'; size])], blobs: vec![] };
            let bytes = body.encode(&mut Packer::default());
            assert_eq!(Body::decode(&bytes).unwrap(), body);
            assert!(bytes.len() < 1000);
        }
    }

    #[test]
    fn body_01_a_bomb_is_refused_before_it_is_unpacked() {
        let body = |size| Body { changes: vec![change(vec![0; size])], ..Body::default() };
        let mut bomb = body(1_000_000).encode(&mut Packer::default());
        bomb[1..5].copy_from_slice(&((BODY_RAW_MAX as u32) + 1).to_be_bytes());
        assert_eq!(Body::decode(&bomb), Err(OpenError));
        bomb[1..5].copy_from_slice(&1000u32.to_be_bytes());
        assert_eq!(Body::decode(&bomb), Err(OpenError));
        let mut longer = body(1000).encode(&mut Packer::default());
        longer.push(0);
        assert_eq!(Body::decode(&longer), Err(OpenError));
    }

    #[test]
    fn body_02_other_encodings_are_refused() {
        let mut bytes = Zeroizing::new([&[0], strict::encode(&Body::default()).as_slice()].concat());
        assert!(Body::decode(&bytes).is_ok());
        bytes.push(0);
        assert_eq!(Body::decode(&bytes), Err(OpenError));
        assert_eq!(Body::decode(&[]), Err(OpenError));
        assert_eq!(Body::decode(&[2, 0]), Err(OpenError));
        let many = Body { changes: vec![change(vec![]); CHANGES_MAX + 1], ..Body::default() };
        assert_eq!(Body::decode(&many.encode(&mut Packer::default())), Err(OpenError));
        let key = BlobKey::from_slice(&[1; 32]).unwrap();
        let blob = BlobRef { id: BlobId([2; 32]), key, length: 3, sha256: [4; 32], content_type: "x/y".into() };
        let with = |count| Body { blobs: vec![blob.clone(); count], ..Body::default() };
        let most = with(BLOBS_MAX).encode(&mut Packer::default());
        assert_eq!(Body::decode(&most).unwrap(), with(BLOBS_MAX));
        assert_eq!(Body::decode(&with(BLOBS_MAX + 1).encode(&mut Packer::default())), Err(OpenError));
    }
}
