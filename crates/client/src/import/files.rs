//! Files and folders to import, where there are any.

use super::{ImportReport, PATIENTS, Progress};
use crate::{Error, Session};
use std::fs::File;
use std::path::PathBuf;
use wardbook_core::chart::Grants;
use wardbook_record::reader::layout_of;

impl Session {
    /// Imports files and folders (their `.json`, `.ndjson` and `.jsonl`). New charts are shared as `to` says.
    ///
    /// A refused entry never takes the rest down; a file that cannot be read to its end leaves nothing behind.
    ///
    /// # Errors
    /// Those that end the whole import: a missing path, a full disk. Files before it stay imported.
    pub fn import(
        &mut self,
        paths: &[PathBuf],
        to: &Grants,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<ImportReport, Error> {
        let files = files_of(paths)?.into_iter().map(|path| {
            let name = path.display().to_string();
            (name, move || File::open(&path).map_err(|error| Error::file(&path, &error)))
        });
        self.import_files(files.collect(), to, progress)
    }
}

fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let order = |entry: &walkdir::DirEntry| {
                let name = entry.file_name().to_owned();
                (!name.to_string_lossy().starts_with(PATIENTS), name)
            };
            for found in walkdir::WalkDir::new(path).sort_by_key(order) {
                let found = found
                    .map_err(|error| Error::File { path: path.display().to_string(), reason: error.to_string() })?;
                if found.file_type().is_file() && layout_of(&found.file_name().to_string_lossy()).is_some() {
                    files.push(found.into_path());
                }
            }
        } else {
            std::fs::metadata(path).map_err(|error| Error::file(path, &error))?;
            files.push(path.clone());
        }
    }
    Ok(files)
}
