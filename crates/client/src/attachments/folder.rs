//! Sealed attachments on this device, in the vault's folder `blobs`.
//!
//! | name | holds |
//! | --- | --- |
//! | `<hex>` | a whole one |
//! | `<hex>.part` | the beginning of one that is being fetched |
//! | `<hex>.damaged` | one that was found to be changed, set aside |
//! | `sealing-…` | one that is being sealed |
//! | `sweep-needed` | a note that there may be some which no entry names |

use super::blob_named;
use super::content::{Content, Picked};
use super::out::private;
use crate::Error;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use wardbook_store::Store;
use wardbook_wire::BlobId;

const FOLDER: &str = "blobs";
const SEALING: &str = "sealing-";
const SWEEP_NEEDED: &str = "sweep-needed";

/// It borrows the store although it has no need to, so that whoever uses it can use the store's pieces in its place.
pub(super) struct BlobFolder<'a>(PathBuf, PhantomData<&'a Store>);

/// One that is being sealed.
pub(super) struct Sealing {
    file: NamedTempFile,
    folder: PathBuf,
}

impl Sealing {
    pub fn write(&mut self, sealed: &[u8]) -> Result<(), Error> {
        self.file.write_all(sealed).map_err(|error| Error::file(&self.folder, &error))
    }
}

impl<'a> BlobFolder<'a> {
    /// The folder of a vault, which is made where it is missing.
    pub fn of(store: &'a Store) -> Result<Self, Error> {
        let folder = store.folder().join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, &error))?;
        Ok(Self(folder, PhantomData))
    }

    /// The folder of a vault, if it has one.
    pub fn existing(store: &'a Store) -> Option<Self> {
        Some(Self(store.folder().join(FOLDER), PhantomData)).filter(|folder| folder.0.is_dir())
    }

    fn place(&self, blob: &BlobId) -> PathBuf {
        self.0.join(blob.to_string())
    }

    fn part(&self, blob: &BlobId) -> PathBuf {
        self.0.join(format!("{blob}.part"))
    }

    /// Where it is or would be, for telling people.
    pub fn place_name(&self, blob: &BlobId) -> String {
        self.place(blob).display().to_string()
    }

    /// Sealed bytes of one that is here whole.
    pub fn length(&self, blob: &BlobId) -> Option<u64> {
        fs::metadata(self.place(blob)).ok().filter(fs::Metadata::is_file).map(|found| found.len())
    }

    /// A file for sealing into. One process holds the vault, so one of that name was left by one that was ended.
    pub fn create(&self) -> Result<Sealing, Error> {
        let failed = |error: std::io::Error| Error::file(&self.0, &error);
        for found in fs::read_dir(&self.0).map_err(failed)? {
            let found = found.map_err(failed)?;
            if found.file_name().to_string_lossy().starts_with(SEALING) {
                fs::remove_file(found.path()).map_err(failed)?;
            }
        }
        let file = tempfile::Builder::new().prefix(SEALING).tempfile_in(&self.0).map_err(failed)?;
        Ok(Sealing { file, folder: self.0.clone() })
    }

    /// Puts a sealed file in its place, for good.
    pub fn keep(&self, sealing: Sealing, blob: &BlobId) -> Result<(), Error> {
        let (place, file) = (self.place(blob), sealing.file);
        file.as_file().sync_all().map_err(|error| Error::file(&place, &error))?;
        file.persist(&place).map_err(|error| Error::file(&place, &error.error))?;
        self.sync()
    }

    /// Exactly these sealed bytes of one that is here whole.
    pub fn read(&self, blob: &BlobId, range: &Range<u64>) -> Result<Vec<u8>, Error> {
        let place = self.place(blob);
        let mut bytes = vec![0; usize::try_from(range.end.saturating_sub(range.start)).unwrap_or_default()];
        let mut file = File::open(&place).map_err(|error| Error::file(&place, &error))?;
        let read = file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| Error::file(&place, &error))?;
        Ok(bytes)
    }

    /// How much of one that is being fetched is here. More than there is cannot be of it, and is thrown away.
    pub fn begin_part(&self, blob: &BlobId, sealed_bytes: u64) -> Result<u64, Error> {
        let path = self.part(blob);
        let failed = |error: std::io::Error| Error::file(&path, &error);
        let file = private().create(true).append(true).open(&path).map_err(failed)?;
        let held = file.metadata().map_err(failed)?.len();
        if held <= sealed_bytes {
            return Ok(held);
        }
        file.set_len(0).map_err(failed)?;
        Ok(0)
    }

    /// Adds what was fetched to the `held` bytes that are here.
    pub fn add_to_part(&self, blob: &BlobId, _held: u64, fetched: &[u8]) -> Result<(), Error> {
        let path = self.part(blob);
        let file = private().append(true).open(&path);
        file.and_then(|mut file| file.write_all(fetched)).map_err(|error| Error::file(&path, &error))
    }

    /// Puts a fetched file in its place, if it is what it is named.
    ///
    /// # Errors
    /// BLB-03; what came is thrown away then.
    pub fn take_part(&self, blob: &BlobId) -> Result<(), Error> {
        let (part, place) = (self.part(blob), self.place(blob));
        if hash(&part)? != blob.0 {
            fs::remove_file(&part).map_err(|error| Error::file(&part, &error))?;
            return Err(Error::cheat("an attachment that it gave is not the one that its name says (BLB-03)")); // BLB-03
        }
        File::open(&part).and_then(|file| file.sync_all()).map_err(|error| Error::file(&part, &error))?;
        fs::rename(&part, &place).map_err(|error| Error::file(&place, &error))?;
        self.sync()
    }

    /// Sets one aside that is not what it is named; true if so.
    pub fn set_aside_if_damaged(&self, blob: &BlobId) -> Result<bool, Error> {
        let place = self.place(blob);
        if hash(&place)? == blob.0 {
            return Ok(false); // BLB-03
        }
        fs::rename(&place, self.aside(blob)).map_err(|error| Error::file(&place, &error))?;
        Ok(true)
    }

    /// True where one was set aside.
    pub fn has_damaged(&self, blob: &BlobId) -> bool {
        self.aside(blob).exists()
    }

    fn aside(&self, blob: &BlobId) -> PathBuf {
        self.0.join(format!("{blob}.damaged"))
    }

    /// The files of each attachment: whole, begun or set aside.
    pub fn files(&self) -> Result<BTreeMap<BlobId, Vec<PathBuf>>, Error> {
        let failed = |error: std::io::Error| Error::file(&self.0, &error);
        let mut files = BTreeMap::<BlobId, Vec<PathBuf>>::new();
        for found in fs::read_dir(&self.0).map_err(failed)? {
            let path = found.map_err(failed)?.path();
            let named = path.file_stem().and_then(|stem| blob_named(stem.to_str()?));
            let ours = path.extension().is_none_or(|end| end == "part" || end == "damaged");
            if let Some(blob) = named.filter(|_| ours) {
                files.entry(blob).or_default().push(path);
            }
        }
        Ok(files)
    }

    /// Notes on the disk that something may be here which no entry names, until a sweep is done.
    pub fn ask_for_sweep(&self) -> Result<(), Error> {
        if self.sweep_is_asked_for() {
            return Ok(());
        }
        let note = self.0.join(SWEEP_NEEDED);
        File::create(&note).map_err(|error| Error::file(&note, &error))?;
        self.sync()
    }

    pub fn sweep_is_asked_for(&self) -> bool {
        self.0.join(SWEEP_NEEDED).exists()
    }

    /// Ends a sweep: removes what it found, for good, and then the note that asked for it.
    pub fn remove(&self, files: &[PathBuf]) -> Result<(), Error> {
        for file in files {
            fs::remove_file(file).map_err(|error| Error::file(file, &error))?;
        }
        self.sync()?;
        let note = self.0.join(SWEEP_NEEDED);
        fs::remove_file(&note).map_err(|error| Error::file(&note, &error))
    }

    /// Makes a change of names last. Only Unix opens folders as files.
    fn sync(&self) -> Result<(), Error> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(|error| Error::file(&self.0, &error))
    }
}

fn hash(path: &Path) -> Result<[u8; 32], Error> {
    let mut hash = Sha256::new();
    Picked::open(path)?.read(&mut |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(hash.finalize().into())
}
