//! Disks in memory, for simulations: the feature `simulation`, which nothing that ships asks for.
//!
//! A folder whose path begins with `sim:/` is a [`MemoryDisk`] of this thread instead of files. It outlives its [`Store`],
//! as a disk outlives a process that was ended; it can be copied, put back, and told to fail. Every other path is what it
//! is without the feature.

use crate::files;
use crate::kind::Change;
use crate::{Batch, Check, Kind, Repair, Row, StoreError};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

const PREFIX: &str = "sim:";

/// Kind, owner, key.
type Place = (i64, Vec<u8>, Vec<u8>);

/// What is on a disk. A copy of it is cheap and shares the values.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    /// With the number of their arrival.
    rows: BTreeMap<Place, (u64, Arc<[u8]>)>,
    arrivals: u64,
    /// What the folder holds beside the vault: the site key.
    secret: Option<Vec<u8>>,
}

#[derive(Default)]
struct Disk {
    content: MemoryDisk,
    fault: Fault,
    /// A store has it open.
    held: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    /// So many commits are still done.
    After(u32),
    Full,
}

thread_local! {
    static DISKS: RefCell<BTreeMap<PathBuf, Rc<RefCell<Disk>>>> = const { RefCell::new(BTreeMap::new()) };
}

/// True for a folder that is in memory.
pub fn is_simulated(folder: &Path) -> bool {
    folder.to_str().is_some_and(|text| text.starts_with(PREFIX))
}

fn find(folder: &Path) -> Option<Rc<RefCell<Disk>>> {
    DISKS.with_borrow(|disks| disks.get(folder).cloned())
}

fn with<T: Default>(folder: &Path, work: impl FnOnce(&mut Disk) -> T) -> T {
    find(folder).map(|disk| work(&mut disk.borrow_mut())).unwrap_or_default()
}

/// A copy of a disk as it is now: a backup. None where there is none.
pub fn snapshot(folder: &Path) -> Option<MemoryDisk> {
    find(folder).map(|disk| disk.borrow().content.clone())
}

/// Puts a disk in a folder's place. A store that has the old one open goes on with the old one.
pub fn put(folder: &Path, content: MemoryDisk) {
    let disk = Disk { content, ..Disk::default() };
    DISKS.with_borrow_mut(|disks| disks.insert(folder.to_owned(), Rc::new(RefCell::new(disk))));
}

/// Takes every disk of this thread away.
pub fn clear() {
    DISKS.with_borrow_mut(BTreeMap::clear);
}

/// Takes a disk away.
pub fn remove(folder: &Path) {
    DISKS.with_borrow_mut(|disks| disks.remove(folder));
}

/// After so many more commits each one fails with [`StoreError::Io`] and changes nothing, as if the process had been ended
/// there; until [`heal`].
pub fn fail_after(folder: &Path, commits: u32) {
    with(folder, |disk| disk.fault = Fault::After(commits));
}

/// Each commit fails with [`StoreError::Full`] and changes nothing, until [`heal`].
pub fn fill(folder: &Path) {
    with(folder, |disk| disk.fault = Fault::Full);
}

/// Ends what [`fail_after`] or [`fill`] began.
pub fn heal(folder: &Path) {
    with(folder, |disk| disk.fault = Fault::None);
}

/// The rows of one owner in order of arrival, without opening the vault.
pub fn rows(folder: &Path, kind: Kind, owner: &[u8]) -> Vec<Row> {
    with(folder, |disk| disk.content.list(kind, Some(owner)))
}

/// The rows of a kind in order of arrival, without opening the vault.
pub fn all_rows(folder: &Path, kind: Kind) -> Vec<Row> {
    with(folder, |disk| disk.content.list(kind, None))
}

/// Keeps the site key of a folder.
pub fn keep_secret(folder: &Path, secret: &[u8]) {
    with(folder, |disk| disk.content.secret = Some(secret.to_vec()));
}

/// The site key of a folder.
pub fn secret(folder: &Path) -> Option<Vec<u8>> {
    with(folder, |disk| disk.content.secret.clone())
}

/// Forgets the site key of a folder.
pub fn forget_secret(folder: &Path) {
    with(folder, |disk| disk.content.secret = None);
}

impl MemoryDisk {
    fn list(&self, kind: Kind, owner: Option<&[u8]>) -> Vec<Row> {
        let from = (kind as i64, owner.unwrap_or_default().to_vec(), Vec::new());
        let wanted = |place: &Place| place.0 == kind as i64 && owner.is_none_or(|owner| place.1 == owner);
        let mut found: Vec<_> = self.rows.range(from..).take_while(|(place, _)| wanted(place)).collect();
        found.sort_by_key(|(_, (arrival, _))| *arrival);
        let rows = found.into_iter().map(|((_, owner, key), (_, value))| Row {
            owner: owner.clone(),
            key: key.clone(),
            value: value.to_vec(),
        });
        rows.collect()
    }

    fn owners(&self, kind: Kind) -> Vec<Vec<u8>> {
        let from = (kind as i64, Vec::new(), Vec::new());
        let places = self.rows.range(from..).map(|(place, _)| place).take_while(|place| place.0 == kind as i64);
        let mut owners: Vec<_> = places.map(|place| place.1.clone()).collect();
        owners.dedup();
        owners
    }

    fn write(&mut self, batch: &Batch) {
        for change in batch.changes() {
            match change {
                Change::Put { kind, owner, key, value } => {
                    // Replacing keeps the place in the order of arrival, as in the files.
                    self.arrivals += 1;
                    let place: Place = (*kind as i64, owner.clone(), key.clone());
                    let arrival = self.rows.get(&place).map_or(self.arrivals, |(arrival, _)| *arrival);
                    let value: Arc<[u8]> = Arc::from(value.as_slice());
                    self.rows.insert(place, (arrival, value));
                }
                Change::Delete { kind, owner, key } => {
                    self.rows.remove(&(*kind as i64, owner.clone(), key.clone()));
                }
            }
        }
    }
}

/// A disk that is open.
pub struct Held {
    folder: PathBuf,
    disk: Rc<RefCell<Disk>>,
}

impl Held {
    fn open(folder: &Path) -> Result<Self, StoreError> {
        let disk = find(folder).ok_or_else(|| StoreError::NoVault(folder.to_owned()))?;
        if std::mem::replace(&mut disk.borrow_mut().held, true) {
            return Err(StoreError::Busy);
        }
        Ok(Self { folder: folder.to_owned(), disk })
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut disk = self.disk.borrow_mut();
        let fault = disk.fault;
        match fault {
            Fault::None => {}
            Fault::After(0) => return Err(StoreError::Io("the process was ended here".into())),
            Fault::After(left) => disk.fault = Fault::After(left - 1),
            Fault::Full => return Err(StoreError::Full),
        }
        disk.content.write(batch);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.disk.borrow_mut().held = false;
    }
}

/// An open vault folder, on files or in memory.
#[expect(clippy::large_enum_variant, reason = "there is one of them in a process that simulates")]
pub enum Store {
    Files(files::Store),
    Memory(Held),
}

impl Store {
    /// Makes an empty vault in a folder that has none; the folder is created.
    ///
    /// # Errors
    /// [`StoreError::Exists`], or the disk's.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        if !is_simulated(folder) {
            return files::Store::create(folder).map(Self::Files);
        }
        if Self::exists(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        put(folder, MemoryDisk::default());
        Held::open(folder).map(Self::Memory)
    }

    /// True if there is anything of a vault.
    pub fn exists(folder: &Path) -> bool {
        if !is_simulated(folder) {
            return files::Store::exists(folder);
        }
        find(folder).is_some_and(|disk| {
            let disk = disk.borrow();
            disk.held || !disk.content.rows.is_empty()
        })
    }

    /// Opens a vault.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], [`StoreError::Busy`], and those of files.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        if is_simulated(folder) {
            Held::open(folder).map(Self::Memory)
        } else {
            files::Store::open(folder).map(Self::Files)
        }
    }

    /// Removes a vault that nobody has open: for one that was only just made, or was given up.
    ///
    /// # Errors
    /// The disk's.
    pub fn remove(folder: &Path) -> Result<(), StoreError> {
        if is_simulated(folder) {
            remove(folder);
            return Ok(());
        }
        files::Store::remove(folder)
    }

    /// What [`Store::open`] had to rebuild, if anything.
    pub fn repaired(&self) -> Option<&Repair> {
        match self {
            Self::Files(store) => store.repaired(),
            Self::Memory(_) => None,
        }
    }

    pub fn folder(&self) -> &Path {
        match self {
            Self::Files(store) => store.folder(),
            Self::Memory(held) => &held.folder,
        }
    }

    /// One value.
    ///
    /// # Errors
    /// Those of files.
    pub fn get(&self, kind: Kind, owner: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Files(store) => store.get(kind, owner, key),
            Self::Memory(held) => {
                let place = (kind as i64, owner.to_vec(), key.to_vec());
                Ok(held.disk.borrow().content.rows.get(&place).map(|(_, value)| value.to_vec()))
            }
        }
    }

    /// All rows of one owner, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Files(store) => store.list(kind, owner),
            Self::Memory(held) => Ok(held.disk.borrow().content.list(kind, Some(owner))),
        }
    }

    /// All rows of a kind, in order of arrival.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn list_all(&self, kind: Kind) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Files(store) => store.list_all(kind),
            Self::Memory(held) => Ok(held.disk.borrow().content.list(kind, None)),
        }
    }

    /// Every owner that has rows of a kind.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn owners(&self, kind: Kind) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::Files(store) => store.owners(kind),
            Self::Memory(held) => Ok(held.disk.borrow().content.owners(kind)),
        }
    }

    /// As [`Store::list`], without the rows that are whole in neither copy.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list_whole(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Files(store) => store.list_whole(kind, owner),
            Self::Memory(_) => self.list(kind, owner),
        }
    }

    /// Writes all of a batch or nothing. When it returns, the batch is on disk.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others of the disk; nothing has changed then.
    pub fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        match self {
            Self::Files(store) => store.commit(batch),
            Self::Memory(held) => held.commit(batch),
        }
    }

    /// Reads everything in both copies.
    ///
    /// # Errors
    /// Only those that end the check itself.
    pub fn check(&self) -> Result<Check, StoreError> {
        match self {
            Self::Files(store) => store.check(),
            Self::Memory(_) => Ok(Check { main_faults: 0, mirror_faults: Some(0) }),
        }
    }
}
