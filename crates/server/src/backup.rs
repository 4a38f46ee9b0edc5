//! A copy of a server's folder that is itself the folder of a server, made while the server runs.
//!
//! ```text
//! org.db ──VACUUM INTO──► org.db      then attachments, which never change once they are whole; then the key
//! ```
//!
//! Each organisation is copied as of one moment. Attachments come after its database, so none that it names is missing.

use crate::ServerError;
use crate::key::{KEY_FILE, write_private};
use crate::org::sync_folder;
use crate::orgs::ORGS;
use crate::schema::{self, DATABASE};
use crate::service::restrict;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where `blobs.rs` keeps whole attachments of an organisation.
const BLOBS: &str = "blobs";

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupReport {
    pub orgs: u64,
    /// Attachments.
    pub blobs: u64,
    /// Of databases and attachments.
    pub bytes: u64,
}

/// Copies the server of one folder to another, which is empty or does not exist. The server may run.
///
/// # Errors
/// [`ServerError::NoServer`], [`ServerError::NotEmpty`], or the disk's; what was copied so far stays.
pub fn backup(folder: &Path, to: &Path) -> Result<BackupReport, ServerError> {
    let key = folder.join(KEY_FILE);
    if !key.is_file() {
        return Err(ServerError::NoServer(folder.to_owned()));
    }
    std::fs::create_dir_all(to.join(ORGS))?;
    let foreign = names(to)?.iter().any(|path| *path != to.join(ORGS));
    if foreign || !names(&to.join(ORGS))?.is_empty() {
        return Err(ServerError::NotEmpty(to.to_owned()));
    }
    restrict(to)?;
    let mut report = BackupReport::default();
    for org in names(&folder.join(ORGS))? {
        let Some(name) = org.file_name() else { continue };
        let target = to.join(ORGS).join(name);
        std::fs::create_dir_all(&target)?;
        copy_database(&org.join(DATABASE), &target.join(DATABASE))?;
        report.bytes += std::fs::metadata(target.join(DATABASE))?.len();
        copy_blobs(&org.join(BLOBS), &target.join(BLOBS), &mut report)?;
        sync_folder(&target)?;
        report.orgs += 1;
    }
    sync_folder(&to.join(ORGS))?;
    // The key comes last: what has one is complete.
    write_private(&to.join(KEY_FILE), &Zeroizing::new(std::fs::read(key)?))?;
    Ok(report)
}

fn copy_database(from: &Path, to: &Path) -> Result<(), ServerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(from, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    db.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    let copy = Connection::open_with_flags(to, flags)?;
    schema::stamp(&copy)?;
    drop(copy);
    Ok(File::open(to)?.sync_all()?)
}

/// Whole attachments. Uploads that have not ended begin again on the server that the copy becomes.
fn copy_blobs(from: &Path, to: &Path, report: &mut BackupReport) -> Result<(), ServerError> {
    std::fs::create_dir_all(to)?;
    if !from.is_dir() {
        return Ok(()); // Made at the first opening, which may not have been yet.
    }
    for path in names(from)? {
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if path.is_dir() {
            copy_blobs(&path, &target, report)?;
            continue;
        }
        report.bytes += std::fs::metadata(&path)?.len();
        report.blobs += 1;
        // They never change, so on the same disk both may share the bytes.
        if std::fs::hard_link(&path, &target).is_err() {
            std::fs::copy(&path, &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    sync_folder(to)
}

/// What a folder holds, in order.
fn names(folder: &Path) -> Result<Vec<PathBuf>, ServerError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.path());
    }
    names.sort();
    Ok(names)
}
