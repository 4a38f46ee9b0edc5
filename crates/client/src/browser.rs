//! What only a browser has: its storage, and a page that keeps the site key.
//!
//! ```text
//! page ──prepare, give_site_key──► this worker: vaults open
//! page ◄──take_untold──────────── a site key was made, learnt or wiped
//! ```
//!
//! The page keeps the key wrapped by one of WebCrypto's that nobody can take out. That takes promises, and nothing here waits
//! for one but [`prepare`]: so the key is left here, and whoever called into this crate hands it over afterwards.

use crate::{Error, SiteKeyPlace};
use std::cell::RefCell;
use std::path::Path;
use wardbook_core::keys::{ParentKey, SiteKey};
use zeroize::Zeroizing;

/// Of the one vault of this origin.
struct Held {
    key: Option<SiteKey>,
    /// The page has not been told of it yet.
    untold: bool,
}

thread_local! {
    static HELD: RefCell<Held> = const { RefCell::new(Held { key: None, untold: false }) };
}

/// What the page shall do.
pub enum Untold {
    /// It keeps this site key, in place of one that it has.
    Kept(Zeroizing<Vec<u8>>),
    /// It deletes the one that it has.
    Forgotten,
}

/// Takes hold of this origin's files, before anything else is done.
///
/// # Errors
/// [`Error::Store`]: another tab holds them (`Busy`), or this browser has none.
pub async fn prepare() -> Result<(), Error> {
    Ok(wardbook_store::install().await?)
}

/// Gives the site key that the page has kept, which opens the vault from now on.
pub fn give_site_key(key: &[u8; 32]) {
    HELD.set(Held { key: SiteKey::from_slice(key), untold: false });
}

/// What became of the site key since this was last asked, if anything.
pub fn take_untold() -> Option<Untold> {
    HELD.with_borrow_mut(|held| {
        std::mem::take(&mut held.untold).then(|| match &held.key {
            Some(key) => Untold::Kept(Zeroizing::new(key.expose().to_vec())),
            None => Untold::Forgotten,
        })
    })
}

pub(crate) fn keep(_folder: &Path, key: &SiteKey) -> Result<SiteKeyPlace, Error> {
    HELD.set(Held { key: Some(key.clone()), untold: true });
    Ok(SiteKeyPlace::KeyStore)
}

/// Finds the site key of the vault.
///
/// # Errors
/// [`Error::NoSiteKey`] where the page has given none.
pub(crate) fn find(_folder: &Path) -> Result<(SiteKey, SiteKeyPlace), Error> {
    let key = HELD.with_borrow(|held| held.key.clone());
    let key = key.ok_or_else(|| Error::NoSiteKey("this browser does not have it any more".into()))?;
    Ok((key, SiteKeyPlace::KeyStore))
}

/// Removes the site key from this device.
pub(crate) fn forget(_folder: &Path) -> Result<(), Error> {
    HELD.set(Held { key: None, untold: true });
    Ok(())
}
