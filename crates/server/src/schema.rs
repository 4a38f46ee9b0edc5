//! The SQLite file of one organisation.

use crate::ServerError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// `user_version` of the schema.
const FORMAT: i64 = 1;
/// `application_id`: "WBor".
const APPLICATION: i64 = 0x5742_6f72;
/// A backup in another process holds the file for a moment.
const BUSY_WAIT: Duration = Duration::from_secs(2);

pub(crate) const DATABASE: &str = "org.db";

const SCHEMA: &str = "
CREATE TABLE leaf (
    idx         INTEGER PRIMARY KEY,  -- from 0 on
    kind        INTEGER NOT NULL,     -- LeafKind
    id          BLOB NOT NULL,
    stream      BLOB NOT NULL,
    seq         INTEGER NOT NULL,     -- from 1 on, in its stream
    received_ms INTEGER NOT NULL,
    late        INTEGER NOT NULL,
    device      BLOB                  -- who handed it in, where that was a device
) STRICT;
CREATE UNIQUE INDEX leaf_id ON leaf (id);
CREATE INDEX leaf_stream ON leaf (stream, idx, seq);
-- Apart from the leaves, so that walking those does not read what they record. Replaced slots and keyrings have no row.
CREATE TABLE object (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
-- Roots of complete subtrees of 2^level leaves, from level 1 on.
CREATE TABLE node (
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE grant_to (team BLOB NOT NULL, chart BLOB NOT NULL, PRIMARY KEY (team, chart)) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
    device      BLOB NOT NULL,
    number      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    attempt     BLOB NOT NULL,
    issued_ms   INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    extended_ms INTEGER NOT NULL,  -- expires_ms where nobody has extended it
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX lease_id ON lease (id);
CREATE TABLE slot (
    lookup  BLOB PRIMARY KEY,
    member  BLOB NOT NULL,
    kind    INTEGER NOT NULL,  -- SlotKind
    version INTEGER NOT NULL,
    idx     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX slot_member ON slot (member, kind);
-- What admins have left for the holders of invites, by the key of the invite.
CREATE TABLE welcome (key BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE keyring (member BLOB PRIMARY KEY, version INTEGER NOT NULL, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

/// Makes the file.
pub(crate) fn create(path: &Path) -> Result<Connection, ServerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.pragma_update(None, "page_size", 4096)?;
    stamp(&db)?;
    configure(&db)?;
    db.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT;"))?;
    Ok(db)
}

/// Opens a file that is there.
pub(crate) fn open(path: &Path) -> Result<Connection, ServerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    if number(&db, "application_id")? != APPLICATION {
        return Err(ServerError::Damaged);
    }
    match number(&db, "user_version")? {
        FORMAT => {}
        newer if newer > FORMAT => return Err(ServerError::Newer(newer)),
        _ => return Err(ServerError::Damaged),
    }
    configure(&db)?;
    Ok(db)
}

/// Says what the file is.
pub(crate) fn stamp(db: &Connection) -> Result<(), ServerError> {
    db.pragma_update(None, "application_id", APPLICATION)?;
    Ok(db.pragma_update(None, "user_version", FORMAT)?)
}

fn configure(db: &Connection) -> Result<(), ServerError> {
    db.busy_timeout(BUSY_WAIT)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // What was acknowledged survives a power cut.
    db.pragma_update(None, "synchronous", "FULL")?;
    // Replaced slots and keyrings leave no trace in free pages.
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn number(db: &Connection, name: &str) -> Result<i64, ServerError> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}

/// Bytes of the file.
pub(crate) fn bytes(db: &Connection) -> Result<u64, ServerError> {
    let bytes = number(db, "page_count")?.saturating_mul(number(db, "page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}
