//! Why a server does not start, or ends.

use crate::ServerError;
use std::path::Path;

/// The texts say what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// Something that was set cannot be, or a certificate cannot be used.
    #[error("{0}")]
    Config(String),
    #[error("cannot read or write {path}: {reason}")]
    File { path: String, reason: String },
    /// Of what organisations have stored.
    #[error(transparent)]
    Service(#[from] ServerError),
}

impl ServeError {
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), reason: error.to_string() }
    }
}
