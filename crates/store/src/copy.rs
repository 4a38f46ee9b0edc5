//! One SQLite file of checked rows.

use crate::kind::Change;
use crate::{Batch, Kind, Row, StoreError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::Path;

/// `user_version` of the schema.
const FORMAT: i64 = 1;
/// `application_id`: "WBvt".
const APPLICATION: i64 = 0x5742_7674;

/// An acknowledged commit survives a power cut with either, by `synchronous = FULL`.
#[cfg(not(target_arch = "wasm32"))]
const JOURNAL: &str = "WAL";
/// A write-ahead log needs memory that is shared, which a browser's files do not have. Cut to nothing after each commit,
/// the journal keeps its place among them and none of what was replaced.
#[cfg(target_arch = "wasm32")]
const JOURNAL: &str = "TRUNCATE";

const SCHEMA: &str = "
CREATE TABLE object (
    seq        INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,  -- the commit that wrote the row
    kind       INTEGER NOT NULL,
    owner      BLOB NOT NULL,
    key        BLOB NOT NULL,
    value      BLOB NOT NULL,
    sum        BLOB NOT NULL      -- SHA-256 of the above, cut to 16 bytes
) STRICT;
CREATE UNIQUE INDEX object_key ON object (kind, owner, key);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO state VALUES ('generation', 0);
";

pub(crate) struct Copy(Connection);

/// A file that no commit ever reached.
#[derive(Debug)]
pub(crate) enum Unused {
    /// It is not there, or its making was broken off.
    Begun,
    /// It was made, and holds nothing.
    Made,
}

/// A row as it stands in the file.
#[derive(Clone)]
pub(crate) struct Stored {
    pub seq: i64,
    pub generation: i64,
    pub kind: i64,
    pub row: Row,
    sum: Vec<u8>,
}

impl Stored {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            generation: row.get(1)?,
            kind: row.get(2)?,
            row: Row { owner: row.get(3)?, key: row.get(4)?, value: row.get(5)? },
            sum: row.get(6)?,
        })
    }

    pub fn is_whole(&self) -> bool {
        self.sum == sum(self.generation, self.kind, &self.row.owner, &self.row.key, &self.row.value)
    }
}

fn sum(generation: i64, kind: i64, owner: &[u8], key: &[u8], value: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(generation.to_be_bytes());
    hash.update(kind.to_be_bytes());
    for part in [owner, key, value] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

const COLUMNS: &str = "seq, generation, kind, owner, key, value, sum";

impl Copy {
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "page_size", 4096)?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
        let copy = Self::configure(connection)?;
        copy.0.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT;"))?;
        Ok(copy)
    }

    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if !is_there(path) {
            return Err(StoreError::Damaged);
        }
        let connection = Connection::open_with_flags(path, flags)?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        if number("application_id")? != APPLICATION {
            return Err(StoreError::Damaged);
        }
        match number("user_version")? {
            FORMAT => {}
            newer if (FORMAT..1000).contains(&newer) => return Err(StoreError::Newer(newer)),
            _ => return Err(StoreError::Damaged),
        }
        let copy = Self::configure(connection)?;
        copy.generation()?;
        Ok(copy)
    }

    /// None for a file that holds anything, or that cannot be read.
    pub fn unused(path: &Path) -> Option<Unused> {
        if !is_there(path) {
            return Some(Unused::Begun);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).ok()?;
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
        if number("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Some(Unused::Begun);
        }
        // The number of commits alone has no checksum.
        let (commits, rows) = (
            number("SELECT value FROM state WHERE name = 'generation'")?,
            number("SELECT EXISTS (SELECT 1 FROM object)")?,
        );
        (commits == 0 && rows == 0).then_some(Unused::Made)
    }

    fn configure(connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", JOURNAL)?;
        // An acknowledged commit survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Replaced slots and keyrings leave no trace in free pages.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(16);
        Ok(Self(connection))
    }

    /// Counts the commits of this vault.
    pub fn generation(&self) -> Result<i64, StoreError> {
        Ok(self.0.query_row("SELECT value FROM state WHERE name = 'generation'", [], |row| row.get(0))?)
    }

    pub fn get(&self, kind: Kind, owner: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM object WHERE kind = ?1 AND owner = ?2 AND key = ?3");
        let mut statement = self.0.prepare_cached(&sql)?;
        let stored = statement.query_row(params![kind as i64, owner, key], Stored::read).optional()?;
        let found = stored.map(|stored| whole(stored, kind)).transpose()?;
        match found {
            Some(row) if row.owner != owner || row.key != key => Err(StoreError::Damaged),
            found => Ok(found.map(|row| row.value)),
        }
    }

    pub fn owners(&self, kind: Kind) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT DISTINCT owner FROM object WHERE kind = ?1")?;
        let owners = statement.query_map([kind as i64], |row| row.get(0))?;
        owners.map(|owner| Ok(owner?)).collect()
    }

    /// How many rows [`Copy::list`] would give.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn count(&self, kind: Kind, owner: Option<&[u8]>) -> Result<usize, StoreError> {
        let sql = match owner {
            Some(_) => "SELECT count(*) FROM object WHERE kind = ?1 AND owner = ?2",
            None => "SELECT count(*) FROM object WHERE kind = ?1 AND ?2 IS NULL",
        };
        let count: i64 = self.0.prepare_cached(sql)?.query_row(params![kind as i64, owner], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    pub fn list(&self, kind: Kind, owner: Option<&[u8]>) -> Result<Vec<Row>, StoreError> {
        let of_owner = if owner.is_some() { "owner = ?2" } else { "?2 IS NULL" };
        let sql = format!("SELECT {COLUMNS} FROM object WHERE kind = ?1 AND {of_owner} ORDER BY seq");
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map(params![kind as i64, owner], Stored::read)?;
        let rows: Vec<Row> = rows.map(|stored| whole(stored?, kind)).collect::<Result<_, StoreError>>()?;
        let misplaced = owner.is_some_and(|owner| rows.iter().any(|row| row.owner != owner));
        if misplaced { Err(StoreError::Damaged) } else { Ok(rows) }
    }

    /// The rows of one owner that are whole.
    pub fn list_whole(&self, kind: Kind, owner: &[u8]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.scan(|stored| {
            if stored.is_whole() && stored.kind == kind as i64 && stored.row.owner == owner {
                rows.push(stored.row.clone());
            }
        })?;
        Ok(rows)
    }

    /// Writes a batch as one transaction.
    pub fn write(&self, batch: &Batch, generation: i64) -> Result<(), StoreError> {
        let transaction = rusqlite::Transaction::new_unchecked(&self.0, rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut put = transaction.prepare_cached(
                "INSERT INTO object (generation, kind, owner, key, value, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (kind, owner, key) DO UPDATE SET generation = ?1, value = ?5, sum = ?6",
            )?;
            let mut delete =
                transaction.prepare_cached("DELETE FROM object WHERE kind = ?1 AND owner = ?2 AND key = ?3")?;
            for change in batch.changes() {
                match change {
                    Change::Put { kind, owner, key, value } => {
                        let sum = sum(generation, *kind as i64, owner, key, value);
                        put.execute(params![generation, *kind as i64, owner, key, value, sum])?;
                    }
                    Change::Delete { kind, owner, key } => {
                        delete.execute(params![*kind as i64, owner, key])?;
                    }
                }
            }
            transaction.execute("UPDATE state SET value = ?1 WHERE name = 'generation'", [generation])?;
        }
        Ok(transaction.commit()?)
    }

    /// Rows and structures that are not whole.
    pub fn check(&self) -> Result<usize, StoreError> {
        let mut faults = self
            .0
            .prepare("PRAGMA integrity_check(100)")
            .and_then(|mut statement| {
                let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
                Ok(lines.filter(|line| line.as_deref() != Ok("ok")).count())
            })
            .unwrap_or(1);
        self.scan(|stored| faults += usize::from(!stored.is_whole()))?;
        Ok(faults)
    }

    /// Visits every row that can be read, whole or not, going on after unreadable stretches.
    pub fn scan(&self, mut visit: impl FnMut(&Stored)) -> Result<(), StoreError> {
        // Without the index, which may be damaged where the table is not.
        let sql = format!("SELECT {COLUMNS} FROM object NOT INDEXED WHERE seq > ?1 ORDER BY seq");
        let (mut last, mut skip) = (i64::MIN, 1i64);
        while skip < 1 << 40 {
            let mut statement = match self.0.prepare_cached(&sql) {
                Ok(statement) => statement,
                Err(_) => return Ok(()),
            };
            let Ok(rows) = statement.query_map([last], Stored::read) else { return Ok(()) };
            let mut failed = false;
            for stored in rows {
                match stored {
                    Ok(stored) => {
                        (last, skip) = (stored.seq, 1);
                        visit(&stored);
                    }
                    Err(_) => failed = true,
                }
                if failed {
                    break;
                }
            }
            if !failed {
                return Ok(());
            }
            last = last.max(0).saturating_add(skip);
            skip *= 2;
        }
        Ok(())
    }

    /// Makes `path` a copy of this file. What was there stays until the copy is complete and on disk.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn replace(&self, path: &Path) -> Result<(), StoreError> {
        let fresh = path.with_extension("new");
        remove(&fresh)?;
        let made = self.write_copy(&fresh);
        if made.is_err() {
            remove(&fresh)?;
        }
        made?;
        std::fs::File::open(&fresh)?.sync_all()?;
        // The log of the old file does not belong to the new one. Between these steps the other copy is whole.
        remove(path)?;
        Ok(std::fs::rename(&fresh, path)?)
    }

    /// VACUUM INTO writes a complete, compact file or fails.
    #[cfg(not(target_arch = "wasm32"))]
    fn write_copy(&self, path: &Path) -> Result<(), StoreError> {
        self.0.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        let copy = Connection::open(path)?;
        copy.pragma_update(None, "application_id", APPLICATION)?;
        Ok(copy.pragma_update(None, "user_version", FORMAT)?)
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn is_there(path: &Path) -> bool {
    path.exists()
}

/// The browser's files are not those of `std::fs`.
#[cfg(target_arch = "wasm32")]
fn is_there(path: &Path) -> bool {
    crate::browser::is_there(path)
}

/// Removes a database file with its log.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::remove_file(format!("{}{suffix}", path.display())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn whole(stored: Stored, kind: Kind) -> Result<Row, StoreError> {
    if stored.is_whole() && stored.kind == kind as i64 { Ok(stored.row) } else { Err(StoreError::Damaged) }
}
