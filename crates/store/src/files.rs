//! A vault folder on a file system: two checked copies, and one process at a time.

use crate::copy::{Copy, Unused};
use crate::lock::{self, Lock};
use crate::repair;
use crate::{Batch, Check, Kind, MAIN, MIRROR, Repair, Row, StoreError};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An open vault folder, held by this process alone.
pub struct Store {
    main: Copy,
    mirror: RefCell<Option<Copy>>,
    folder: PathBuf,
    /// Set when a read had to fall back on the mirror; the next [`Store::open`] rebuilds.
    damaged: Cell<bool>,
    repaired: Option<Repair>,
    _lock: Lock,
}

impl Store {
    /// Makes an empty vault in a folder that has none; the folder is created. Files that were made and never written
    /// to, because the process was ended, are made anew.
    ///
    /// # Errors
    /// [`StoreError::Exists`], or the disk's.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)?;
        lock::restrict(folder)?;
        if Self::exists(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        let lock = Lock::take(folder)?;
        // Somebody else may have been faster.
        if !is_unused(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        Self::remove(folder)?;
        let main = Copy::create(&folder.join(MAIN))?;
        let mirror = Copy::create(&folder.join(MIRROR))?;
        Ok(Self::of(folder, main, Some(mirror), None, lock))
    }

    /// True if there is anything of a vault. Files that nothing was ever written to are none, unless a process has them
    /// open, which may be about to write.
    pub fn exists(folder: &Path) -> bool {
        let unused = |_held: Lock| is_unused(folder);
        has_files(folder) && !Lock::take_within(folder, Duration::ZERO).is_ok_and(unused)
    }

    /// Opens a vault, waiting up to [`crate::LOCK_WAIT`] for another process; rebuilds damaged files from what is whole.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], [`StoreError::Busy`], [`StoreError::Newer`], [`StoreError::Damaged`] when neither copy can
    /// be read at all, or the disk's.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        if !has_files(folder) {
            return Err(StoreError::NoVault(folder.to_owned()));
        }
        let lock = Lock::take(folder)?;
        let (main, mirror) = (Copy::open(&folder.join(MAIN)), Copy::open(&folder.join(MIRROR)));
        let commits = main.as_ref().ok().and_then(|main| main.generation().ok()).unwrap_or(0);
        if commits == 0 && is_unused(folder) {
            return Err(StoreError::NoVault(folder.to_owned()));
        }
        match (&main, &mirror) {
            (Err(error @ (StoreError::Io(_) | StoreError::Full | StoreError::Busy)), _)
            | (_, Err(error @ (StoreError::Io(_) | StoreError::Full | StoreError::Busy)))
            // One copy alone with another number is a damaged one.
            | (Err(error @ StoreError::Newer(_)), Err(StoreError::Newer(_))) => return Err(error.clone()),
            _ => {}
        }
        let level = match (&main, &mirror) {
            (Ok(main), Ok(mirror)) if !repair::is_asked_for(folder) => Some((main.generation()?, mirror.generation()?)),
            _ => None,
        };
        match (main, mirror, level) {
            (Ok(main), Ok(mirror), Some((one, other))) if one == other => {
                Ok(Self::of(folder, main, Some(mirror), None, lock))
            }
            // Stopped between the two commits: the one that is ahead is copied, if both are whole.
            (Ok(main), Ok(mirror), Some((one, other))) if main.check()? == 0 && mirror.check()? == 0 => {
                let (ahead, behind) = if one > other { (&main, MIRROR) } else { (&mirror, MAIN) };
                match ahead.replace(&folder.join(behind)) {
                    Ok(()) => {
                        drop((main, mirror));
                        let (main, mirror) = (Copy::open(&folder.join(MAIN))?, Copy::open(&folder.join(MIRROR))?);
                        Ok(Self::of(folder, main, Some(mirror), None, lock))
                    }
                    // No room for the second copy: the newer one is read and written meanwhile.
                    Err(StoreError::Full) if behind == MIRROR => Ok(Self::of(folder, main, None, None, lock)),
                    Err(error) => Err(error),
                }
            }
            (main, mirror, _) => {
                let repair = repair::rebuild(folder, main.ok(), mirror.ok())?;
                let (main, mirror) = (Copy::open(&folder.join(MAIN))?, Copy::open(&folder.join(MIRROR))?);
                Ok(Self::of(folder, main, Some(mirror), Some(repair), lock))
            }
        }
    }

    /// Removes a vault that nobody has open: for one that was only just made, or was given up.
    ///
    /// # Errors
    /// The disk's.
    pub fn remove(folder: &Path) -> Result<(), StoreError> {
        crate::copy::remove(&folder.join(MAIN))?;
        crate::copy::remove(&folder.join(MIRROR))
    }

    fn of(folder: &Path, main: Copy, mirror: Option<Copy>, repaired: Option<Repair>, lock: Lock) -> Self {
        let (mirror, damaged) = (RefCell::new(mirror), Cell::new(false));
        Self { main, mirror, folder: folder.to_owned(), damaged, repaired, _lock: lock }
    }

    /// What [`Store::open`] had to rebuild, if anything.
    pub fn repaired(&self) -> Option<&Repair> {
        self.repaired.as_ref()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One value.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when neither copy has it whole.
    pub fn get(&self, kind: Kind, owner: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.read(|copy| copy.get(kind, owner, key))?;
        // A damaged index hides rows without any error: what is missing here may be in the mirror.
        let hidden = match (&found, self.mirror.borrow().as_ref()) {
            (None, Some(mirror)) => mirror.get(kind, owner, key).ok().flatten(),
            _ => None,
        };
        if hidden.is_some() {
            self.note_damage();
        }
        Ok(found.or(hidden))
    }

    /// All rows of one owner, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        self.list_of(kind, Some(owner))
    }

    /// All rows of a kind, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list_all(&self, kind: Kind) -> Result<Vec<Row>, StoreError> {
        self.list_of(kind, None)
    }

    /// Every owner that has rows of a kind.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn owners(&self, kind: Kind) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read(|copy| copy.owners(kind))
    }

    /// As [`Store::list`], without the rows that are whole in neither copy.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list_whole(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        let mut rows = self.main.list_whole(kind, owner)?;
        if let Some(mirror) = self.mirror.borrow().as_ref() {
            for row in mirror.list_whole(kind, owner)? {
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        Ok(rows)
    }

    fn list_of(&self, kind: Kind, owner: Option<&[u8]>) -> Result<Vec<Row>, StoreError> {
        let rows = self.read(|copy| copy.list(kind, owner))?;
        if let Some(mirror) = self.mirror.borrow().as_ref()
            && mirror.count(kind, owner).is_ok_and(|count| count > rows.len())
        {
            self.note_damage();
            return mirror.list(kind, owner);
        }
        Ok(rows)
    }

    /// Reads from the main copy, and where that is damaged from the mirror.
    fn read<T>(&self, read: impl Fn(&Copy) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match read(&self.main) {
            Err(StoreError::Damaged) => {
                self.note_damage();
                self.mirror.borrow().as_ref().map_or(Err(StoreError::Damaged), read)
            }
            done => done,
        }
    }

    fn note_damage(&self) {
        if !self.damaged.replace(true) {
            repair::ask_for(&self.folder);
        }
    }

    /// Writes all of a batch or nothing. When it returns, the batch is on disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others of the disk; nothing has changed then.
    pub fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let generation = self.main.generation()? + 1;
        self.main.write(batch, generation).inspect_err(|error| {
            if *error == StoreError::Damaged {
                self.note_damage();
            }
        })?;
        // From here on the batch is acknowledged. A mirror that cannot follow is caught up by the next open.
        let followed = self.mirror.borrow().as_ref().map(|mirror| mirror.write(batch, generation));
        if let Some(Err(error)) = followed {
            self.mirror.replace(None);
            if error == StoreError::Damaged {
                self.note_damage();
            }
        }
        Ok(())
    }

    /// Reads everything in both copies.
    ///
    /// # Errors
    /// Only those that end the check itself.
    pub fn check(&self) -> Result<Check, StoreError> {
        let main = self.main.check()?;
        let mirror = self.mirror.borrow().as_ref().map(Copy::check).transpose()?;
        if main > 0 || mirror.is_some_and(|faults| faults > 0) {
            self.note_damage();
        }
        Ok(Check { main_faults: main, mirror_faults: mirror })
    }
}

fn has_files(folder: &Path) -> bool {
    folder.join(MAIN).exists() || folder.join(MIRROR).exists()
}

/// True where the process that made the files was ended before its first commit, or nobody has begun: the main file is
/// made first. A main file that is missing or broken beside a mirror is damage.
fn is_unused(folder: &Path) -> bool {
    let mirror = folder.join(MIRROR);
    match (Copy::unused(&folder.join(MAIN)), Copy::unused(&mirror)) {
        (Some(Unused::Made), Some(_)) => true,
        (Some(Unused::Begun), Some(Unused::Begun)) => !mirror.exists(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
