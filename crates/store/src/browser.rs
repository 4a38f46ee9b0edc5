//! A vault in a browser: one checked copy in the origin private file system, held by one dedicated worker.
//!
//! [`install`] has to be awaited once before anything else: it takes the files that the browser gives this origin. Whoever
//! starts the worker sees to it that there is one (Web Locks); a second one finds the files taken, which is
//! [`StoreError::Busy`].
//!
//! There is no second copy. What a browser loses it loses as a whole, so a copy beside would be lost with it, and would take
//! twice the room; what was handed in comes back from the server.

use crate::copy::Copy;
use crate::{Batch, Check, Kind, MAIN, Repair, Row, StoreError};
use rsqlite_vfs::VfsFilesManager;
use sqlite_wasm_vfs::sahpool::{self, OpfsSAHError, OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// Where the files are, below the root of this origin.
const FOLDER: &str = "wardbook";
const NAME: &str = "wardbook";
/// Files that are held open: the database, its journal, and some that SQLite makes for a moment.
const FILES: usize = 6;

thread_local! {
    static POOL: RefCell<Option<OpfsSAHPoolUtil>> = const { RefCell::new(None) };
}

/// Takes hold of this origin's files.
///
/// # Errors
/// [`StoreError::Busy`] where another worker holds them; [`StoreError::Io`] where the browser has no such files, which is so in
/// some private windows and on pages without TLS.
pub async fn install() -> Result<(), StoreError> {
    let options = OpfsSAHPoolCfgBuilder::new().vfs_name(NAME).directory(FOLDER).initial_capacity(FILES).build();
    let pool = sahpool::install::<sqlite_wasm_rs::WasmOsCallback>(&options, true).await.map_err(failure)?;
    POOL.set(Some(pool));
    Ok(())
}

fn with<T>(work: impl FnOnce(&OpfsSAHPoolUtil) -> Result<T, StoreError>) -> Result<T, StoreError> {
    POOL.with_borrow(|pool| match pool {
        Some(pool) => work(pool),
        None => Err(StoreError::Io("the browser's files were not taken hold of".into())),
    })
}

fn failure(error: OpfsSAHError) -> StoreError {
    let text = error.to_string();
    // What browsers say where another worker has a file open; the second is Safari's.
    let held = ["NoModificationAllowedError", "InvalidStateError"];
    if text.starts_with("acquire") && held.iter().any(|name| text.contains(name)) {
        return StoreError::Busy;
    }
    if text.contains("QuotaExceededError") { StoreError::Full } else { StoreError::Io(text) }
}

/// The vault of this origin, open.
pub struct Store {
    main: Copy,
    folder: PathBuf,
}

impl Store {
    /// Makes an empty vault where there is none.
    ///
    /// # Errors
    /// [`StoreError::Exists`], or the disk's.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        if Self::exists(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        // What is left of one whose making was broken off.
        Self::remove(folder)?;
        Ok(Self { main: Copy::create(&file(folder))?, folder: folder.to_owned() })
    }

    /// True if there is anything of a vault.
    pub fn exists(folder: &Path) -> bool {
        Copy::unused(&file(folder)).is_none()
    }

    /// Opens the vault.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], [`StoreError::Newer`], [`StoreError::Damaged`], or the disk's.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        if !Self::exists(folder) {
            return Err(StoreError::NoVault(folder.to_owned()));
        }
        Ok(Self { main: Copy::open(&file(folder))?, folder: folder.to_owned() })
    }

    /// Removes a vault that nobody has open.
    ///
    /// # Errors
    /// The disk's.
    pub fn remove(folder: &Path) -> Result<(), StoreError> {
        with(|pool| {
            let name = name(&file(folder));
            // The file first: beside a file that is whole, a journal may be what makes it so.
            pool.remove(&name).map_err(failure)?;
            pool.remove(&format!("{name}-journal")).map_err(failure)?;
            Ok(())
        })
    }

    /// Nothing is rebuilt from one copy.
    pub fn repaired(&self) -> Option<&Repair> {
        None
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One value.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn get(&self, kind: Kind, owner: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.main.get(kind, owner, key)
    }

    /// All rows of one owner, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.main.list(kind, Some(owner))
    }

    /// All rows of a kind, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list_all(&self, kind: Kind) -> Result<Vec<Row>, StoreError> {
        self.main.list(kind, None)
    }

    /// Every owner that has rows of a kind.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn owners(&self, kind: Kind) -> Result<Vec<Vec<u8>>, StoreError> {
        self.main.owners(kind)
    }

    /// As [`Store::list`], without the rows that are not whole.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list_whole(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.main.list_whole(kind, owner)
    }

    /// Writes all of a batch or nothing. When it returns, the batch is on disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others of the disk; nothing has changed then.
    pub fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.main.write(batch, self.main.generation()? + 1)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// Only those that end the check itself.
    pub fn check(&self) -> Result<Check, StoreError> {
        // No second copy is missing: there is to be none.
        Ok(Check { main_faults: self.main.check()?, mirror_faults: Some(0) })
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join(MAIN)
}

/// The browser's files are named as they are opened; there are no folders.
fn name(file: &Path) -> String {
    file.display().to_string()
}

/// True for a file that was made. False too where the files were not taken hold of, as if there were none.
pub(crate) fn is_there(file: &Path) -> bool {
    with(|pool| pool.contains(&name(file)).map_err(failure)).unwrap_or(false)
}
