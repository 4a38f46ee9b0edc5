//! Where the site key is kept.

#[cfg(not(target_arch = "wasm32"))]
mod folder;

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::browser::{find, forget, keep};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use folder::{find, forget, keep};

use std::path::PathBuf;

/// Where it was found or put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteKeyPlace {
    /// The operating system's; in a browser a key of the page that nobody can take out.
    KeyStore,
    File(PathBuf),
}
