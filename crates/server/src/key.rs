//! The server's own signing key: it signs checkpoints and leases.
//!
//! ```text
//! server.key = "WBserver" ‖ seed(32) ‖ SHA-256(of the above)[0..8]
//! ```

use crate::ServerError;
use crate::org::sync_folder;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::log::LogPoint;
use wardbook_wire::signed::{Signable, Signed};
use wardbook_wire::{OrgId, VerifyKey, strict};
use zeroize::Zeroizing;

pub(crate) const KEY_FILE: &str = "server.key";
const MAGIC: &[u8; 8] = b"WBserver";

/// Wiped when dropped.
pub(crate) struct ServerKey(Box<SigningKey>);

impl ServerKey {
    /// Reads the key; makes one where there is none and nothing that an earlier one has signed.
    pub fn open(folder: &Path, in_use: bool, rng: &mut dyn FnMut(&mut [u8])) -> Result<Self, ServerError> {
        let path = folder.join(KEY_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let seed = read(&bytes).ok_or(ServerError::DamagedKey(path))?;
                Ok(Self(Box::new(SigningKey::from_bytes(&seed))))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !in_use => {
                let mut seed = Zeroizing::new([0; 32]);
                rng(seed.as_mut_slice());
                write_private(&path, &file(&seed))?;
                Ok(Self(Box::new(SigningKey::from_bytes(&seed))))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ServerError::MissingKey(path)),
            Err(error) => Err(error.into()),
        }
    }

    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key().to_bytes())
    }

    /// The travelling form, and SHA-256 of the signed bytes.
    pub fn sign<T: Signable>(&self, message: &T) -> (Vec<u8>, [u8; 32]) {
        let bytes = strict::encode(message);
        let signature = self.0.sign(&T::DOMAIN.message(&bytes)).to_bytes();
        let digest = T::DOMAIN.digest(&bytes);
        (strict::encode(&Signed { bytes, signature }), digest)
    }

    /// The signed note.
    pub fn checkpoint(&self, org: OrgId, generation: u64, point: LogPoint) -> String {
        let checkpoint = Checkpoint { org, generation, point };
        let signature = self.0.sign(checkpoint.text().as_bytes()).to_bytes();
        checkpoint.note(&self.verify_key(), &signature)
    }
}

fn file(seed: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(48));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(seed);
    let sum = Sha256::digest(bytes.as_slice());
    bytes.extend(sum.iter().take(8));
    bytes
}

fn read(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let seed = bytes.strip_prefix(MAGIC)?.first_chunk::<32>()?;
    (file(seed).as_slice() == bytes).then(|| Zeroizing::new(*seed))
}

/// Writes a file for its owner's eyes, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServerError> {
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut made = options.open(&fresh)?;
    made.write_all(bytes)?;
    made.sync_all()?;
    std::fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, in_use: bool) -> Result<VerifyKey, ServerError> {
        ServerKey::open(folder, in_use, &mut |bytes| bytes.fill(7)).map(|key| key.verify_key())
    }

    #[test]
    fn a_key_is_kept_and_a_damaged_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE);
        assert_eq!(open(folder.path(), true), Err(ServerError::MissingKey(path.clone())));
        let key = open(folder.path(), false).unwrap();
        assert_eq!(open(folder.path(), true), Ok(key));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(open(folder.path(), true), Err(ServerError::DamagedKey(path.clone())));
        }
        std::fs::write(&path, &whole[..47]).unwrap();
        assert_eq!(open(folder.path(), true), Err(ServerError::DamagedKey(path)));
    }
}
