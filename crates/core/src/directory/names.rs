//! Names of members, devices and teams: sealed under the directory key, so that the server and the disk see random ids.

use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::keys::DirectoryKey;
use rand_core::CryptoRng;
use wardbook_wire::{OrgId, strict};

/// Bytes of a name, at most.
const NAME_BYTES_MAX: usize = 1024;

/// Seals a name for the object with that id; `short` is the user name of a member, else empty.
pub fn seal_name(
    key: &DirectoryKey,
    org: OrgId,
    id: &[u8; 16],
    short: &str,
    display: &str,
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    envelope::seal(key, &context(org, id), &strict::encode(&(short.to_owned(), display.to_owned())), rng)
}

/// # Errors
/// Another organisation's key, another object's name, changed bytes.
pub fn open_name(key: &DirectoryKey, org: OrgId, id: &[u8; 16], sealed: &[u8]) -> Result<(String, String), OpenError> {
    let bytes = envelope::open(key, &context(org, id), sealed)?;
    strict::decode::<(String, String)>(&bytes, NAME_BYTES_MAX).map_err(|_| OpenError)
}

fn context(org: OrgId, id: &[u8; 16]) -> Context<'_> {
    Context { org, kind: Kind::Name, id, epoch: 0, position: 0 }
}
