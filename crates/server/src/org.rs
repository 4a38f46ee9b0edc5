//! One organisation: its file, and in memory what every request needs of it.
//!
//! ```text
//! orgs/<organisation in hex>/org.db     log, objects, leases: a file of its own
//! orgs/<organisation in hex>/…          attachments (`blobs.rs`)
//! ```
//!
//! Organisations are apart by construction: each has its own database and its own connection, so there is no query that
//! could reach from one into another, and nothing that a `WHERE` could forget (A16).

use crate::ServerError;
use crate::accept::Taken;
use crate::blobs::BlobStore;
use crate::log;
use crate::schema::{self, DATABASE};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::Arc;
use wardbook_wire::OrgId;
use wardbook_wire::directory::Directory;
use wardbook_wire::log::{LogPoint, Range};

pub(crate) struct Org {
    pub db: Connection,
    pub blobs: Arc<BlobStore>,
    /// Replayed from the statements of the log.
    pub directory: Directory,
    /// The whole log.
    pub range: Range,
}

impl Org {
    /// Opens the folder of an organisation and replays its directory.
    pub fn open(folder: &Path, org: OrgId, blobs: Arc<BlobStore>) -> Result<Self, ServerError> {
        let db = schema::open(&folder.join(DATABASE))?;
        let range = log::range_at(&db, log::size(&db)?)?;
        let directory = replay(&db, org)?;
        Ok(Self { db, blobs, directory, range })
    }

    /// Begins what is committed or undone as one.
    pub fn begin(&self) -> Result<Transaction<'_>, ServerError> {
        // Nobody else writes: a reader becomes a writer without waiting, and one that writes nothing syncs nothing.
        Ok(Transaction::new_unchecked(&self.db, TransactionBehavior::Deferred)?)
    }

    /// Takes over what was committed.
    pub fn adopt(&mut self, taken: Taken) {
        if let Some(directory) = taken.directory {
            self.directory = directory;
        }
        self.range = taken.range;
    }

    /// True for a point that this log has gone through.
    pub fn has_been_at(db: &Connection, size: u64, point: LogPoint) -> Result<bool, ServerError> {
        Ok(point.size <= size && log::range_at(db, point.size)?.root() == point.root)
    }
}

/// Number of the log that the directory says is the current one; 0 without a server.
pub(crate) fn generation(directory: &Directory) -> u64 {
    directory.server().map_or(0, |server| server.generation)
}

/// The directory, each statement at the time it was received.
fn replay(db: &Connection, org: OrgId) -> Result<Directory, ServerError> {
    let mut statements = db.prepare_cached(
        "SELECT object.bytes, leaf.received_ms FROM leaf JOIN object ON object.idx = leaf.idx
         WHERE leaf.stream = ?1 AND leaf.kind = 0 ORDER BY leaf.idx",
    )?;
    let mut rows = statements.query([org.0])?;
    let first = rows.next()?.ok_or(ServerError::Damaged)?;
    let mut directory = Directory::start(&first.get::<_, Vec<u8>>(0)?).map_err(|_| ServerError::Damaged)?;
    while let Some(row) = rows.next()? {
        let statement: Vec<u8> = row.get(0)?;
        directory.apply_at(&statement, Some(row.get(1)?)).map_err(|_| ServerError::Damaged)?;
    }
    if directory.org() == org { Ok(directory) } else { Err(ServerError::Damaged) }
}

/// Makes a rename or a new file in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ServerError> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
