//! The real server over real files in a folder that goes with the run: it can be ended at any call, copied and put back.

use crate::Failure;
use crate::chance::Chance;
use std::path::{Path, PathBuf};
use wardbook_server::{Answer, Call, Limits, Registration, Service};

/// A server, and the folder that holds it and its backups.
pub struct Server {
    base: PathBuf,
    folder: PathBuf,
    /// Folders made so far, which are numbered.
    folders: u32,
    chance: Chance,
    service: Option<Service>,
}

impl Server {
    /// Opens the server in a folder below `base`, which is made where it is missing.
    pub fn open(base: &Path, seed: u64) -> Result<Self, Failure> {
        let folder = base.join("server");
        let chance = Chance::new("server", seed);
        let mut server = Self { base: base.to_owned(), folder, folders: 0, chance, service: None };
        server.start()?;
        Ok(server)
    }

    fn start(&mut self) -> Result<(), Failure> {
        self.service = None;
        self.service = Some(self.service_over(&self.folder.clone())?);
        Ok(())
    }

    fn service_over(&mut self, folder: &Path) -> Result<Service, Failure> {
        let random = Chance::new("process of a server", self.chance.number());
        Ok(Service::open(folder, limits(), Registration::Open, Box::new(random.into_filler()))?)
    }

    /// None while it is not running.
    pub fn handle(&self, call: &Call<'_>) -> Option<Answer> {
        self.service.as_ref().map(|service| service.handle(call))
    }

    /// Where its key is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends the process without any farewell and starts it again.
    pub fn crash(&mut self) -> Result<(), Failure> {
        self.start()
    }

    /// A copy of its folder as it is now.
    pub fn backup(&mut self) -> Result<PathBuf, Failure> {
        let to = self.fresh_folder("backup");
        wardbook_server::backup(&self.folder, &to)?;
        Ok(to)
    }

    /// Goes on from a backup, which stays as it is.
    pub fn restore(&mut self, backup: &Path) -> Result<(), Failure> {
        let to = self.fresh_folder("server");
        wardbook_server::backup(backup, &to)?;
        self.service = None;
        self.folder = to;
        self.start()
    }

    /// Another server with the same key and the log of a backup.
    pub fn twin(&mut self, backup: &Path) -> Result<Service, Failure> {
        let to = self.fresh_folder("twin");
        wardbook_server::backup(backup, &to)?;
        self.service_over(&to)
    }

    fn fresh_folder(&mut self, name: &str) -> PathBuf {
        self.folders += 1;
        self.base.join(format!("{name}-{}", self.folders))
    }
}

/// Time in a run is short: rates would only slow it down.
fn limits() -> Limits {
    Limits {
        device_requests_per_minute: 1_000_000,
        org_requests_per_minute: 1_000_000,
        unsigned_requests_per_second: 1_000_000,
        ..Limits::default()
    }
}

/// A folder that goes with the run, in memory where the system has such a place.
pub fn temporary_folder() -> Result<tempfile::TempDir, Failure> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("wardbook-sim-");
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? })
}

/// Every file below a folder, by its path from there.
pub fn files_of(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let (mut files, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(path);
            } else {
                files.push((path, std::fs::read(entry.path())?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Writes what [`files_of`] gave.
pub fn write_files(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    for (path, bytes) in files {
        let to = folder.join(path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(to, bytes)?;
    }
    Ok(())
}
