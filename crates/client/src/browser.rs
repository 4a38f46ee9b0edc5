//! What only a browser has: its storage, and a page that keeps the site key.
//!
//! ```text
//! page ──prepare, give_site_key──► this worker: vaults open
//! page ◄──take_site_key, take_forgotten── a site key was made, learnt or wiped
//! ```
//!
//! The page keeps the key wrapped by one of WebCrypto's that nobody can take out. That takes promises, and nothing here waits
//! for one but [`prepare`]: so the key is left here, and whoever called into this crate hands it over afterwards.

use crate::{Error, SiteKeyPlace};
use std::cell::{Cell, RefCell};
use std::path::Path;
use wardbook_core::keys::{ParentKey, SiteKey};
use zeroize::Zeroizing;

thread_local! {
    /// Of the one vault of this origin.
    static KEY: RefCell<Option<SiteKey>> = const { RefCell::new(None) };
    /// What the page has not been told yet.
    static KEPT: RefCell<Option<Zeroizing<Vec<u8>>>> = const { RefCell::new(None) };
    static FORGOTTEN: Cell<bool> = const { Cell::new(false) };
}

/// Takes hold of this origin's files, before anything else is done. The folder is a name among them.
///
/// # Errors
/// [`Error::Store`]: another tab holds them (`Busy`), or this browser has none.
pub async fn prepare(_folder: &Path) -> Result<(), Error> {
    Ok(wardbook_store::install().await?)
}

/// Gives the site key that the page has kept, which opens the vault from now on.
pub fn give_site_key(key: &[u8; 32]) {
    KEY.set(SiteKey::from_slice(key));
}

/// The site key that the page shall keep, if there is a new one since this was last asked.
pub fn take_site_key() -> Option<Zeroizing<Vec<u8>>> {
    KEPT.take()
}

/// True if the page shall delete the site key that it keeps, once.
pub fn take_forgotten() -> bool {
    FORGOTTEN.take()
}

pub(crate) fn keep(_folder: &Path, key: &SiteKey) -> Result<SiteKeyPlace, Error> {
    KEY.set(Some(key.clone()));
    KEPT.set(Some(Zeroizing::new(key.expose().to_vec())));
    FORGOTTEN.set(false);
    Ok(SiteKeyPlace::KeyStore)
}

/// Finds the site key of the vault.
///
/// # Errors
/// [`Error::NoSiteKey`] where the page has given none.
pub(crate) fn find(_folder: &Path) -> Result<(SiteKey, SiteKeyPlace), Error> {
    let key = KEY.with_borrow(|key| key.clone());
    let key = key.ok_or_else(|| Error::NoSiteKey("this browser does not have it any more".into()))?;
    Ok((key, SiteKeyPlace::KeyStore))
}

/// Removes the site key from this device.
pub(crate) fn forget(_folder: &Path) -> Result<(), Error> {
    KEY.set(None);
    KEPT.set(None);
    FORGOTTEN.set(true);
    Ok(())
}
