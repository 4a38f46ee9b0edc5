//! What is compared with: one table of JSON texts in SQLite, in the clear or encrypted by SQLCipher.

use crate::{Fallible, corpus};
use rusqlite::{Connection, params};
use std::io::Read;
use std::path::{Path, PathBuf};

const SCHEMA: &str = "
CREATE TABLE resource (id TEXT NOT NULL, type TEXT NOT NULL, patient TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX resource_patient ON resource (patient, type);
";
const INSERT: &str = "INSERT INTO resource (id, type, patient, body) VALUES (?1, ?2, ?3, ?4)";
/// A key in full, not a password: deriving one takes SQLCipher a time that Wardbook's import does not include either.
const RAW_KEY: &str = r#"PRAGMA key = "x'2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99'";"#;
const PLAIN_HEAD: &[u8; 16] = b"SQLite format 3\0";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Plain,
    SqlCipher,
}

impl Database {
    /// Imports files into a new database; gives how many resources there were.
    pub fn import(self, path: &Path, files: &[PathBuf]) -> Fallible<u64> {
        let mut connection = Connection::open(path)?;
        if self == Self::SqlCipher {
            connection.execute_batch(RAW_KEY)?;
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        let mut resources = 0;
        for file in files {
            resources += import_file(&mut connection, file)?;
        }
        connection.close().map_err(|(_, error)| error)?;
        Ok(resources)
    }

    /// Fails unless the file is what it is measured as.
    pub fn check(self, path: &Path) -> Fallible<()> {
        let mut head = [0; PLAIN_HEAD.len()];
        std::fs::File::open(path)?.read_exact(&mut head)?;
        match (self, head == *PLAIN_HEAD) {
            (Self::Plain, true) | (Self::SqlCipher, false) => Ok(()),
            (Self::Plain, false) => Err("the plain database is encrypted".into()),
            (Self::SqlCipher, true) => Err("SQLCipher did not encrypt its database".into()),
        }
    }
}

fn import_file(connection: &mut Connection, file: &Path) -> Fallible<u64> {
    let transaction = connection.transaction()?;
    let mut resources = 0;
    {
        let mut insert = transaction.prepare_cached(INSERT)?;
        let mut patient = String::new();
        corpus::read_file(file, &mut |resource| {
            let key = resource.key();
            if key.kind == "Patient" {
                patient.clone_from(&key.id);
            }
            insert.execute(params![key.id, key.kind, patient, resource.json().to_text().into_bytes()])?;
            resources += 1;
            Ok(())
        })?;
    }
    transaction.commit()?;
    Ok(resources)
}

/// # Errors
/// When the build has another SQLite than SQLCipher.
pub fn cipher_version() -> Fallible<String> {
    let connection = Connection::open_in_memory()?;
    let version = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0));
    Ok(version.map_err(|error| format!("this build has no SQLCipher: {error}"))?)
}
