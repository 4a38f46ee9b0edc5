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
use crate::Error;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use wardbook_core::blob::{BlobRef, Layout};
use wardbook_wire::BlobId;
use zeroize::Zeroizing;

const FOLDER: &str = "blobs";
const SEALING: &str = "sealing-";
const SWEEP_NEEDED: &str = "sweep-needed";
const BUFFER_BYTES: usize = 256 * 1024;

pub(super) struct BlobFolder(PathBuf);

impl BlobFolder {
    /// The folder of a vault, which is made where it is missing.
    pub fn of(vault: &Path) -> Result<Self, Error> {
        let folder = vault.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, &error))?;
        Ok(Self(folder))
    }

    /// The folder of a vault, if it has one.
    pub fn existing(vault: &Path) -> Option<Self> {
        Some(Self(vault.join(FOLDER))).filter(|folder| folder.0.is_dir())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn place(&self, blob: &BlobId) -> PathBuf {
        self.0.join(blob.to_string())
    }

    pub fn part(&self, blob: &BlobId) -> PathBuf {
        self.0.join(format!("{blob}.part"))
    }

    /// Sealed bytes of one that is here whole.
    pub fn length(&self, blob: &BlobId) -> Option<u64> {
        fs::metadata(self.place(blob)).ok().filter(fs::Metadata::is_file).map(|found| found.len())
    }

    /// True if it is here, with the length that it has to have.
    pub fn has(&self, blob: &BlobRef) -> bool {
        Layout::of(blob.length).is_ok_and(|layout| self.length(&blob.id) == Some(layout.sealed_bytes()))
    }

    /// A file for sealing into. One process holds the vault, so one of that name was left by one that was ended.
    pub fn create(&self) -> Result<NamedTempFile, Error> {
        let failed = |error: std::io::Error| Error::file(&self.0, &error);
        for found in fs::read_dir(&self.0).map_err(failed)? {
            let found = found.map_err(failed)?;
            if found.file_name().to_string_lossy().starts_with(SEALING) {
                fs::remove_file(found.path()).map_err(failed)?;
            }
        }
        tempfile::Builder::new().prefix(SEALING).tempfile_in(&self.0).map_err(failed)
    }

    /// Puts a sealed file in its place, for good.
    pub fn keep(&self, file: NamedTempFile, blob: &BlobId) -> Result<(), Error> {
        let place = self.place(blob);
        file.as_file().sync_all().map_err(|error| Error::file(&place, &error))?;
        file.persist(&place).map_err(|error| Error::file(&place, &error.error))?;
        self.sync()
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

/// Hands a file on in pieces, from its start.
pub(super) fn read_through(
    file: &mut File,
    path: &Path,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    file.rewind().map_err(|error| Error::file(path, &error))?;
    let mut buffer = Zeroizing::new(vec![0u8; BUFFER_BYTES]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => take(buffer.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::file(path, &error)),
        }
    }
}

/// Exactly these bytes of a file.
pub(super) fn read_range(file: &mut File, path: &Path, range: &Range<u64>) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; usize::try_from(range.end.saturating_sub(range.start)).unwrap_or_default()];
    let read = file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut bytes));
    read.map_err(|error| Error::file(path, &error))?;
    Ok(bytes)
}

fn hash(path: &Path) -> Result<[u8; 32], Error> {
    let mut file = File::open(path).map_err(|error| Error::file(path, &error))?;
    let mut hash = Sha256::new();
    read_through(&mut file, path, &mut |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(hash.finalize().into())
}
