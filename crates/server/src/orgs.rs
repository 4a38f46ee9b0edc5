//! The organisations of this server, a limited number of them open.

use crate::ServerError;
use crate::blobs::BlobStore;
use crate::org::{Org, sync_folder};
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wardbook_wire::OrgId;

/// Below the server's folder.
pub(crate) const ORGS: &str = "orgs";
/// Organisations that are being put on the server; what is left here was never acknowledged.
const CREATING: &str = "creating";

/// Nothing here leaves a lock in a state that others could not go on from.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One organisation, open or not.
#[derive(Default)]
pub(crate) struct Place {
    /// Whoever works on the log holds the lock.
    org: Mutex<Option<Org>>,
    /// Attachments have locks of their own, so that a long upload holds nobody up. There is one store for as long as
    /// anybody uses it.
    blobs: Mutex<Option<Arc<BlobStore>>>,
}

pub(crate) struct Orgs {
    folder: PathBuf,
    open_max: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Counts the uses.
    now: u64,
    /// With the time of the last use.
    places: BTreeMap<OrgId, (u64, Arc<Place>)>,
}

impl Orgs {
    pub fn open(folder: &Path, open_max: usize) -> Result<Self, ServerError> {
        std::fs::create_dir_all(folder.join(ORGS))?;
        remove(&folder.join(CREATING))?;
        Ok(Self { folder: folder.to_owned(), open_max, held: Mutex::default() })
    }

    fn folder_of(&self, org: OrgId) -> PathBuf {
        self.folder.join(ORGS).join(org.to_string())
    }

    pub fn exists(&self, org: OrgId) -> bool {
        self.folder_of(org).is_dir()
    }

    pub fn count(&self) -> Result<u64, ServerError> {
        Ok(std::fs::read_dir(self.folder.join(ORGS))?.count() as u64)
    }

    pub fn open_count(&self) -> u64 {
        lock(&self.held).places.len() as u64
    }

    /// The place of an organisation, which stays for as long as the caller holds it; closes others, the longest unused first, where too many are open.
    pub fn place(&self, org: OrgId) -> Arc<Place> {
        let mut closed = Vec::new();
        let mut held = lock(&self.held);
        held.now += 1;
        let now = held.now;
        if !held.places.contains_key(&org) {
            while held.places.len() >= self.open_max {
                // Only this map gives places away, and it is locked: one that nobody holds stays so.
                let unused = held.places.iter().filter(|(_, (_, place))| Arc::strong_count(place) == 1);
                let Some(oldest) = unused.min_by_key(|(_, (used, _))| *used).map(|(org, _)| *org) else { break };
                closed.extend(held.places.remove(&oldest));
            }
        }
        let (used, place) = held.places.entry(org).or_default();
        *used = now;
        let place = Arc::clone(place);
        drop(held);
        // Closing a file takes a while: without the lock.
        drop(closed);
        place
    }

    /// Works on an organisation that exists. One whose storage fails is read again from disk by the next request.
    pub fn with<T>(&self, org: OrgId, work: impl FnOnce(&mut Org) -> Result<T, Problem>) -> Result<T, Problem> {
        let place = self.place(org);
        let mut held = lock(&place.org);
        if held.is_none() {
            *held = Some(Org::open(&self.folder_of(org), org, self.blobs(org, &place)?)?);
        }
        let Some(open) = held.as_mut() else { return Err(ServerError::Damaged.into()) };
        let done = work(open);
        if done.as_ref().is_err_and(Problem::is_ours) {
            *held = None;
        }
        done
    }

    fn blobs(&self, org: OrgId, place: &Place) -> Result<Arc<BlobStore>, ServerError> {
        let mut held = lock(&place.blobs);
        if held.is_none() {
            *held = Some(Arc::new(BlobStore::open(&self.folder_of(org))?));
        }
        held.clone().ok_or(ServerError::Damaged)
    }

    /// Makes the folder of an organisation that does not exist: `fill` fills it, and it appears whole or not at all.
    /// None where it exists by now.
    pub fn create<T>(&self, org: OrgId, fill: impl FnOnce(&Path) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
        let place = self.place(org);
        let _held = lock(&place.org);
        if self.exists(org) {
            return Ok(None);
        }
        let creating = self.folder.join(CREATING).join(org.to_string());
        remove(&creating)?;
        std::fs::create_dir_all(&creating)?;
        let filled = fill(&creating);
        if filled.is_err() {
            // What cannot be removed now is removed by the next attempt or start.
            let _ = remove(&creating);
        }
        let filled = filled?;
        sync_folder(&creating)?;
        std::fs::rename(&creating, self.folder_of(org))?;
        sync_folder(&self.folder.join(ORGS))?;
        Ok(Some(filled))
    }
}

fn remove(folder: &Path) -> Result<(), ServerError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
