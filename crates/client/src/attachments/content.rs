//! What is attached: a file, or bytes that somebody holds. It is read twice, in pieces, from its start.

use super::BUFFER_BYTES;
use crate::Error;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::Path;
use zeroize::Zeroizing;

/// Takes the next piece.
pub type Take<'a> = dyn FnMut(&[u8]) -> Result<(), Error> + 'a;

pub trait Content {
    /// How long it is.
    ///
    /// # Errors
    /// It is no file; the disk's.
    fn length(&self) -> Result<u64, Error>;

    /// # Errors
    /// The disk's, and whatever `take` says.
    fn read(&mut self, take: &mut Take<'_>) -> Result<(), Error>;

    /// As people know it.
    fn name(&self) -> String;
}

/// An open file.
pub struct Picked<'a> {
    file: File,
    path: &'a Path,
}

impl<'a> Picked<'a> {
    pub fn open(path: &'a Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        Ok(Self { file, path })
    }
}

impl Content for Picked<'_> {
    fn length(&self) -> Result<u64, Error> {
        let found = self.file.metadata().map_err(|error| Error::file(self.path, &error))?;
        if !found.is_file() {
            return Err(Error::Invalid(format!("{} is not a file", self.path.display())));
        }
        Ok(found.len())
    }

    fn read(&mut self, take: &mut Take<'_>) -> Result<(), Error> {
        let failed = |error: std::io::Error| Error::file(self.path, &error);
        self.file.rewind().map_err(failed)?;
        let mut buffer = Zeroizing::new(vec![0u8; BUFFER_BYTES]);
        loop {
            match self.file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => take(buffer.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

impl Content for &[u8] {
    fn length(&self) -> Result<u64, Error> {
        Ok(self.len() as u64)
    }

    fn read(&mut self, take: &mut Take<'_>) -> Result<(), Error> {
        self.chunks(BUFFER_BYTES).try_for_each(take)
    }

    fn name(&self) -> String {
        "the file".into()
    }
}
