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

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    const ORG: OrgId = OrgId([7; 32]);

    fn key(seed: u8) -> (SigningKey, VerifyKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = VerifyKey(key.verifying_key().to_bytes());
        (key, public)
    }

    fn note(seed: u8) -> (Checkpoint, String) {
        let checkpoint = Checkpoint { org: ORG, generation: 2, point: LogPoint { size: 12, root: TreeHash([9; 32]) } };
        let (signing, public) = key(seed);
        let signature = signing.sign(checkpoint.text().as_bytes()).to_bytes();
        (checkpoint, checkpoint.note(&public, &signature))
    }

    /// LOG-01: one form, one log, one key; whatever else is there.
    #[test]
    fn log_01_only_the_servers_own_word_about_this_log_is_read() {
        let (checkpoint, text) = note(1);
        let open = |text: &str, org, generation, seed| Checkpoint::open(text, org, generation, &key(seed).1);
        assert_eq!(open(&text, ORG, 2, 1), Ok(checkpoint));
        let witnessed = format!("{text}\u{2014} witness.example AAAA\n");
        assert_eq!(open(&witnessed, ORG, 2, 1), Ok(checkpoint));
        for refused in [open(&text, ORG, 2, 2), open(&text, ORG, 1, 1), open(&text, OrgId([8; 32]), 2, 1)] {
            assert_eq!(refused, Err(WireError::BadCheckpoint));
        }
        for (from, to) in
            [("\n12\n", "\n13\n"), ("\n12\n", "\n012\n"), ("\n12\n", "\n+12\n"), ("/2\n", "/3\n"), ("\n\n", "\n")]
        {
            assert_eq!(open(&text.replacen(from, to, 1), ORG, 2, 1), Err(WireError::BadCheckpoint), "{from:?} {to:?}");
        }
        let extended = text.replacen("\n\n", "\nextension\n\n", 1);
        assert_eq!(open(&extended, ORG, 2, 1), Err(WireError::BadCheckpoint));
        assert_eq!(open(&"x".repeat(CHECKPOINT_BYTES_MAX + 1), ORG, 2, 1), Err(WireError::BadCheckpoint));
    }

    /// The example of golang.org/x/mod/sumdb/note, where the format comes from.
    #[test]
    fn the_key_id_and_signature_are_those_of_signed_notes() {
        let public = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = VerifyKey(public[1..].try_into().unwrap());
        assert_eq!((public[0], key_id("PeterNeumann", &key)), (1, [0xc7, 0x4f, 0x20, 0xa3]));
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let signature = STANDARD.decode(signature).unwrap();
        assert!(key.verify_raw(text.as_bytes(), &signature[4..].try_into().unwrap()).is_ok());
    }
}
