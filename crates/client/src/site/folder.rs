//! The site key of a vault folder: in the operating system's key store where there is one, else in a file with mode 0600.

use super::SiteKeyPlace;
use crate::{Error, rng};
use keyring::v1::Entry;
use std::io::Write;
use std::path::Path;
use wardbook_core::keys::{ParentKey, SiteKey};
#[cfg(feature = "simulation")]
use wardbook_store::memory;
use zeroize::Zeroizing;

const FILES: [&str; 2] = ["site.key", "site.key.copy"];
const SERVICE: &str = "wardbook";
/// Holds the name under which the key store keeps the key; its presence says that it does.
const POINTER: &str = "site.keystore";

/// Puts a site key where this device keeps it. With `WARDBOOK_KEYSTORE=file` the key store is not tried.
pub(crate) fn keep(folder: &Path, key: &SiteKey) -> Result<SiteKeyPlace, Error> {
    #[cfg(feature = "simulation")]
    if memory::is_simulated(folder) {
        memory::keep_secret(folder, key.expose());
        return Ok(SiteKeyPlace::File(folder.join(FILES[0])));
    }
    // What is left of a vault whose making was broken off would be found in place of this one.
    forget(folder)?;
    if std::env::var("WARDBOOK_KEYSTORE").as_deref() != Ok("file")
        && let Some(name) = keep_in_key_store(key)
    {
        write_private(&folder.join(POINTER), name.as_bytes())?;
        return Ok(SiteKeyPlace::KeyStore);
    }
    // Twice, each with a check, so that one damaged file does not lock everybody out.
    let bytes = Zeroizing::new([key.expose().as_slice(), &check(key.expose())].concat());
    for name in FILES {
        write_private(&folder.join(name), &bytes)?;
    }
    Ok(SiteKeyPlace::File(folder.join(FILES[0])))
}

/// Finds the site key of a vault folder.
///
/// # Errors
/// [`Error::NoSiteKey`] with where it was looked for.
pub(crate) fn find(folder: &Path) -> Result<(SiteKey, SiteKeyPlace), Error> {
    #[cfg(feature = "simulation")]
    if memory::is_simulated(folder) {
        let missing = || Error::NoSiteKey("the disk in memory does not have it".into());
        let key = memory::secret(folder).and_then(|secret| SiteKey::from_slice(&secret)).ok_or_else(missing)?;
        return Ok((key, SiteKeyPlace::File(folder.join(FILES[0]))));
    }
    if let Ok(name) = std::fs::read_to_string(folder.join(POINTER)) {
        let secret = Entry::new(SERVICE, &name).and_then(|entry| entry.get_secret()).map(Zeroizing::new);
        let missing = || Error::NoSiteKey("the key store of this user does not give it".into());
        let key = secret.ok().and_then(|secret| SiteKey::from_slice(&secret)).ok_or_else(missing)?;
        return Ok((key, SiteKeyPlace::KeyStore));
    }
    for name in FILES {
        let path = folder.join(name);
        let Ok(bytes) = std::fs::read(&path).map(Zeroizing::new) else { continue };
        let Some((key, _)) = bytes.split_first_chunk::<32>().filter(|(key, tail)| check(key.as_slice()) == **tail)
        else {
            continue;
        };
        if let Some(key) = SiteKey::from_slice(key) {
            return Ok((key, SiteKeyPlace::File(path)));
        }
    }
    Err(Error::NoSiteKey(format!("{} is missing or damaged", folder.join(FILES[0]).display())))
}

/// Removes the site key from this device.
pub(crate) fn forget(folder: &Path) -> Result<(), Error> {
    #[cfg(feature = "simulation")]
    if memory::is_simulated(folder) {
        memory::forget_secret(folder);
        return Ok(());
    }
    if let Ok(name) = std::fs::read_to_string(folder.join(POINTER)) {
        let _ = Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential());
    }
    for name in FILES.into_iter().chain([POINTER]) {
        let path = folder.join(name);
        if path.exists() {
            // Written over first: what is deleted may stay on the disk.
            let _ = write_private(&path, &[0; 64]);
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, &error))?;
        }
    }
    Ok(())
}

fn keep_in_key_store(key: &SiteKey) -> Option<String> {
    let name = rand_name();
    let entry = Entry::new(SERVICE, &name).ok()?;
    entry.set_secret(key.expose()).ok()?;
    // A store that takes a secret and does not give it back is none.
    let kept = Zeroizing::new(entry.get_secret().ok()?);
    (kept.as_slice() == key.expose()).then_some(name)
}

fn rand_name() -> String {
    let mut bytes = [0; 16];
    rand_core::Rng::fill_bytes(&mut rng(), &mut bytes);
    format!("vault-{}", wardbook_wire::DeviceId(bytes))
}

/// Tells a damaged file from a whole one; gives nothing about the key away that the key itself does not.
fn check(key: &[u8]) -> [u8; 8] {
    let parent = SiteKey::from_slice(key).map(|key| wardbook_core::slots::site_check(&key));
    parent.unwrap_or_default()
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| Error::file(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| Error::file(path, &error))
}
