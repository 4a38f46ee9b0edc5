//! Checkpoints: the server's signed word that a log has a size and a root, in the format of C2SP `tlog-checkpoint`
//! inside a C2SP `signed-note` (`spec/log.md`).
//!
//! ```text
//! wardbook/<organisation in hex>/<generation>
//! <size>
//! <root in base64>
//!
//! — <the first line> <base64(key id(4) ‖ signature(64))>
//!
//! key id    = SHA-256(name ‖ 0x0a ‖ 0x01 ‖ public key)[0..4]
//! signature = Ed25519 over the text up to and with the line feed before the empty line
//! ```

use crate::log::{LogPoint, TreeHash};
use crate::{OrgId, VerifyKey, WireError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A checkpoint in text, at most.
pub const CHECKPOINT_BYTES_MAX: usize = 1024;

/// What a checkpoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub org: OrgId,
    pub generation: u64,
    pub point: LogPoint,
}

impl Checkpoint {
    /// The name of the log, which is also the name of the key.
    pub fn origin(&self) -> String {
        format!("wardbook/{}/{}", self.org, self.generation)
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin(), self.point.size, STANDARD.encode(self.point.root.0))
    }

    /// The signed note, given the signature over [`Checkpoint::text`].
    pub fn note(&self, key: &VerifyKey, signature: &[u8; 64]) -> String {
        let origin = self.origin();
        let signature = STANDARD.encode([key_id(&origin, key).as_slice(), signature].concat());
        format!("{}\n\u{2014} {origin} {signature}\n", self.text())
    }

    /// Reads a note whose signature by this key is valid. Signatures by others (witnesses) are passed over.
    ///
    /// # Errors
    /// LOG-01: another form, no signature by that key, another organisation or generation than asked for.
    pub fn open(note: &str, org: OrgId, generation: u64, key: &VerifyKey) -> Result<Self, WireError> {
        Self::read(note, org, generation, key).ok_or(WireError::BadCheckpoint) // LOG-01
    }

    fn read(note: &str, org: OrgId, generation: u64, key: &VerifyKey) -> Option<Self> {
        if note.len() > CHECKPOINT_BYTES_MAX {
            return None;
        }
        let (text, signatures) = note.split_once("\n\n")?;
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = TreeHash(STANDARD.decode(root).ok()?.try_into().ok()?);
        let read = Self { org, generation, point: LogPoint { size: size.parse().ok()?, root } };
        // One text for one checkpoint: what was read gives back what was signed.
        if origin != read.origin() || format!("{text}\n") != read.text() {
            return None;
        }
        let signed = signatures.split('\n').any(|line| {
            let Some(signature) = line.strip_prefix("\u{2014} ").and_then(|line| line.strip_prefix(origin)) else {
                return false;
            };
            let bytes = signature.strip_prefix(' ').and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else { return false };
            let Ok(signature) = signature.try_into() else { return false };
            *id == key_id(origin, key) && key.verify_raw(read.text().as_bytes(), &signature).is_ok()
        });
        signed.then_some(read)
    }
}

/// Key id of C2SP `signed-note` for Ed25519.
fn key_id(name: &str, key: &VerifyKey) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::digest([name.as_bytes(), b"\n\x01", &key.0].concat()).into();
    digest.first_chunk().copied().unwrap_or_default()
}
