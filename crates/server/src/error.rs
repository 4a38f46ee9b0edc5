//! What can go wrong with the server's own storage. Faults of a request are problems (`problem.rs`).

use std::path::PathBuf;

/// The texts say what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    #[error("another process uses {}: stop it, or name another folder", .0.display())]
    Busy(PathBuf),
    #[error("the server key {} is damaged: put it back from a backup", .0.display())]
    DamagedKey(PathBuf),
    #[error("there are organisations, but no server key {}: put it back from a backup", .0.display())]
    MissingKey(PathBuf),
    #[error("{} is not empty: name a new folder", .0.display())]
    NotEmpty(PathBuf),
    #[error("there is no server in {}: name the folder of one", .0.display())]
    NoServer(PathBuf),
    #[error("an organisation was stored by a newer Wardbook (format {0}): update this program")]
    Newer(i64),
    #[error("the storage of an organisation is damaged: put it back from a backup")]
    Damaged,
    #[error("the disk is full: free some space")]
    Full,
    #[error("{path} cannot be read or written: {reason}")]
    Io { path: String, reason: String },
    #[error("the configuration is not valid: {0}")]
    Config(String),
}

impl From<std::io::Error> for ServerError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => storage(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for ServerError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged,
            _ => storage(error.to_string()),
        }
    }
}

fn storage(reason: String) -> ServerError {
    ServerError::Io { path: "the storage".to_owned(), reason }
}
