//! A vault folder on this device, locked: the directory can be checked, nothing can be read.

use crate::device::{DeviceState, Identity};
use crate::sync::{Sync, SyncState};
use crate::{Error, SiteKeyPlace, site};
use std::path::Path;
use wardbook_core::directory::Directory;
use wardbook_core::keys::SiteKey;
use wardbook_store::{Batch, Kind, Repair, Store, StoreError};

pub struct Vault {
    pub(crate) store: Store,
    pub(crate) site: SiteKey,
    pub(crate) site_place: SiteKeyPlace,
    pub(crate) identity: Identity,
    pub(crate) directory: Directory,
    pub(crate) state: DeviceState,
    pub(crate) sync: Option<Sync>,
    /// Statements that were made and have to be handed in before they count.
    pub(crate) made: Vec<Vec<u8>>,
}

impl Vault {
    /// Opens a vault folder.
    ///
    /// # Errors
    /// No vault there, in use, damaged beyond repair, no site key, or a directory that does not hold together.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let store = Store::open(folder)?;
        let site = site::find(folder)?;
        Self::read(store, site)
    }

    /// # Errors
    /// As [`Vault::open`]; damage also where it is another vault's site key.
    pub(crate) fn read(store: Store, (site, site_place): (SiteKey, SiteKeyPlace)) -> Result<Self, Error> {
        let identity = Identity::read(&site, &store).map_err(beyond_repair)?;
        let state = DeviceState::read(&site, &store).map_err(beyond_repair)?;
        let directory = read_directory(&store).map_err(beyond_repair)?;
        if directory.org() != identity.org {
            return Err(beyond_repair(Error::damaged("the directory (it belongs to another organisation)")));
        }
        let sync = SyncState::read(&site, &store).map_err(beyond_repair)?;
        let lease = sync.as_ref().and_then(|sync| sync.held_lease(&directory, identity.device));
        let sync = sync.map(|state| Sync { state, lease });
        Ok(Self { store, site, site_place, identity, directory, state, sync, made: Vec::new() })
    }

    /// True if there is anything of a vault in a folder.
    pub fn is_at(folder: &Path) -> bool {
        Store::exists(folder)
    }

    /// Removes a vault that nobody can open any more, to make room for another: one without its site key and, where a
    /// person has given it up, a damaged one (`damaged_too`). A lost key comes back with an invite (`sync::reopen`): whoever
    /// calls this has tried that, or was told to by a person who has given it up.
    ///
    /// # Errors
    /// [`Error::Conflict`] for one that can be opened; else why it cannot be, where that may pass; the disk's.
    pub fn discard(folder: &Path, damaged_too: bool) -> Result<(), Error> {
        match Self::open(folder) {
            Err(Error::NoSiteKey(_)) => {}
            Err(Error::Damaged(_) | Error::Directory(_) | Error::Store(StoreError::Damaged)) if damaged_too => {}
            Err(error) => return Err(error),
            Ok(_) => return Err(Error::Conflict("this vault can be opened, so it stays".into())),
        }
        site::forget(folder)?;
        Ok(Store::remove(folder)?)
    }

    /// What opening had to rebuild, if anything.
    pub fn repaired(&self) -> Option<&Repair> {
        self.store.repaired()
    }

    pub fn folder(&self) -> &Path {
        self.store.folder()
    }

    pub fn site_key_place(&self) -> &SiteKeyPlace {
        &self.site_place
    }

    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Failed attempts and the latest time seen on this device.
    pub fn device_state(&self) -> &DeviceState {
        &self.state
    }

    pub fn device_id(&self) -> wardbook_wire::DeviceId {
        self.identity.device
    }

    /// Writes the changed state of this device, alone or with other changes.
    pub(crate) fn commit_with_state(&self, mut batch: Batch) -> Result<(), Error> {
        self.state.write(&self.site, &mut batch);
        Ok(self.store.commit(&batch)?)
    }
}

/// For what every unlock needs: neither copy has it whole, and `verify` could say no more.
fn beyond_repair(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Damaged) | Error::Damaged(_) | Error::Directory(_) => Error::Damaged(format!(
            "what every unlock needs is damaged in this vault ({error}): put it back from a backup, or make this device anew \
             from another one"
        )),
        other => other,
    }
}

/// The key of a statement: its position, so that they come in order.
pub(crate) fn statement_key(position: u64) -> [u8; 8] {
    position.to_be_bytes()
}

pub(crate) fn read_directory(store: &Store) -> Result<Directory, Error> {
    let rows = store.list_all(Kind::Statement)?;
    let mut rows: Vec<_> = rows.into_iter().map(|row| (row.key, row.value)).collect();
    rows.sort();
    let mut rows = rows.into_iter();
    let (_, genesis) = rows.next().ok_or_else(|| Error::damaged("the directory"))?;
    let mut directory = Directory::start(&genesis)?;
    for (_, bytes) in rows {
        directory.apply(&bytes)?;
    }
    Ok(directory)
}
