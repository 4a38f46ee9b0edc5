//! Sealed bytes on disk. Nothing here has a key; whatever is stored is opaque and was sealed or signed above.
//!
//! ```text
//! Batch ──commit──► vault.db   (SQLite, synchronous: acknowledged once this is on disk)
//!              └──► mirror.db  (the same rows; one commit behind at most)
//! ```
//!
//! Each row carries a checksum. What cannot be read from one copy is read from the other, and [`Store::open`] rebuilds a
//! damaged copy from whatever is whole in both; a damaged file is set aside, never deleted. A flipped bit or a
//! lost file therefore loses nothing. (Checksums find accidents. Attacks are found above, by keys and signatures.)
//!
//! A browser has one copy and no second process (`browser`); there are no folders, locks or repairs then.

#[cfg(target_arch = "wasm32")]
mod browser;
mod copy;
#[cfg(not(target_arch = "wasm32"))]
mod files;
mod kind;
#[cfg(not(target_arch = "wasm32"))]
mod lock;
#[cfg(feature = "simulation")]
pub mod memory;
#[cfg(not(target_arch = "wasm32"))]
mod repair;

#[cfg(target_arch = "wasm32")]
pub use browser::{Store, install};
#[cfg(not(any(feature = "simulation", target_arch = "wasm32")))]
pub use files::Store;
pub use kind::{Batch, Kind, Row};
#[cfg(not(target_arch = "wasm32"))]
pub use lock::LOCK_WAIT;
#[cfg(feature = "simulation")]
pub use memory::Store;

use std::path::PathBuf;

const MAIN: &str = "vault.db";
#[cfg(not(target_arch = "wasm32"))]
const MIRROR: &str = "mirror.db";

/// What can go wrong with the disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("there is no vault in {}", .0.display())]
    NoVault(PathBuf),
    #[error("there is a vault in {} already", .0.display())]
    Exists(PathBuf),
    #[error("the disk is full: nothing was changed; free some space and try again")]
    Full,
    #[error("another wardbook process is using this vault: wait for it to end and try again")]
    Busy,
    #[error("this vault was made by a newer Wardbook (format {0}): update this program")]
    Newer(i64),
    #[error("the vault's storage is damaged")]
    Damaged,
    #[error("the vault cannot be read or written: {0}")]
    Io(String),
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, PermissionDenied, ReadOnly,
            SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(CannotOpen | OutOfMemory | PermissionDenied | ReadOnly | SystemIoFailure) => {
                Self::Io(error.to_string())
            }
            // Anything else that fixed statements run into: the file is not what they were written for.
            _ => Self::Damaged,
        }
    }
}

/// What [`Store::open`] had to rebuild, for telling people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Objects that were found whole.
    pub kept: usize,
    /// Objects that were whole in neither copy.
    pub lost: usize,
    /// The damaged files, as they were set aside.
    pub set_aside: Vec<String>,
}

/// What [`Store::check`] found: rows or structures that are not whole, in each copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    pub main_faults: usize,
    /// None while there is no second copy, for lack of space.
    pub mirror_faults: Option<usize>,
}
