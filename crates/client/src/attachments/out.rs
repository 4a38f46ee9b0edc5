//! Where the content of an attachment goes as it is opened: into a new file, or into memory.

use crate::Error;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use zeroize::Zeroizing;

pub trait Out {
    /// Begins, or begins anew: what an earlier attempt wrote is gone.
    ///
    /// # Errors
    /// There is something already, or there is no room.
    fn begin(&mut self, bytes: u64) -> Result<(), Error>;

    /// # Errors
    /// The disk's.
    fn write(&mut self, content: &[u8]) -> Result<(), Error>;

    /// # Errors
    /// The disk's.
    fn finish(&mut self) -> Result<(), Error>;
}

/// A file in the clear, gone again unless it is finished.
pub struct NewFile<'a> {
    path: &'a Path,
    /// While it is not finished.
    file: Option<File>,
}

impl<'a> NewFile<'a> {
    pub fn at(path: &'a Path) -> Self {
        Self { path, file: None }
    }

    fn discard(&mut self) {
        if self.file.take().is_some() {
            let _ = std::fs::remove_file(self.path);
        }
    }
}

impl Out for NewFile<'_> {
    fn begin(&mut self, _bytes: u64) -> Result<(), Error> {
        self.discard();
        let file = private().write(true).create_new(true).open(self.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(self.path),
            _ => Error::file(self.path, &error),
        })?;
        self.file = Some(file);
        Ok(())
    }

    fn write(&mut self, content: &[u8]) -> Result<(), Error> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(content).map_err(|error| Error::file(self.path, &error))
    }

    fn finish(&mut self) -> Result<(), Error> {
        if let Some(file) = &self.file {
            file.sync_all().map_err(|error| Error::file(self.path, &error))?;
        }
        self.file = None;
        Ok(())
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Memory, wiped in the end. It is reserved at once: growing would leave copies behind.
impl Out for Zeroizing<Vec<u8>> {
    fn begin(&mut self, bytes: u64) -> Result<(), Error> {
        let mut fresh = Zeroizing::new(Vec::<u8>::new());
        let reserved = usize::try_from(bytes).is_ok_and(|bytes| fresh.try_reserve_exact(bytes).is_ok());
        if !reserved {
            return Err(Error::Invalid("the attachment does not fit into memory: ask for parts of it".into()));
        }
        *self = fresh;
        Ok(())
    }

    fn write(&mut self, content: &[u8]) -> Result<(), Error> {
        self.extend_from_slice(content);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

pub fn exists(path: &Path) -> Error {
    Error::Invalid(format!("{} exists already: name another file", path.display()))
}

/// For files that nobody else may read.
pub fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
