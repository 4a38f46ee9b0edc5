//! What a step was last made from. A step whose inputs have the same SHA-256 is not done again: neither times of files,
//! which a checkout changes, nor tools that take a while to find nothing to do are asked.

use crate::Result;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Below the root of the workspace.
const FOLDER: &str = "target/web-stamps";

/// The inputs of one step as they are now, and where it is noted what they were.
pub struct Stamp {
    note: PathBuf,
    hash: String,
}

impl Stamp {
    /// Takes the hash of files, and of all files of folders, by their paths from the root.
    ///
    /// # Errors
    /// An input that is not there or cannot be read.
    pub fn of(root: &Path, step: &str, inputs: &[String]) -> Result<Self> {
        let mut hash = Sha256::new();
        for input in inputs {
            for file in files(&root.join(input)).map_err(|error| format!("{input}: {error}"))? {
                let path = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
                let bytes = fs::read(&file).map_err(|error| format!("{path}: {error}"))?;
                // With both lengths in it, no two lists of files are hashed as the same bytes.
                hash.update(format!("{} {path} {}\n", path.len(), bytes.len()));
                hash.update(&bytes);
            }
        }
        let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { note: root.join(FOLDER).join(step), hash })
    }

    /// Whether the step was done with these inputs.
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.note).is_ok_and(|noted| noted == self.hash)
    }

    /// Notes that it was.
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn keep(&self) -> Result<()> {
        if let Some(folder) = self.note.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(&self.note, &self.hash)?)
    }
}

/// A file itself, or every file below a folder, in one order on every machine.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        found.extend(files(&entry?.path())?);
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_current_until_a_byte_or_a_name_of_its_inputs_changes() {
        let root = std::env::temp_dir().join(format!("wardbook-stamp-{}", std::process::id()));
        fs::create_dir_all(root.join("src/deep")).unwrap();
        fs::write(root.join("src/deep/a"), "1").unwrap();
        fs::write(root.join("lock"), "1").unwrap();
        let stamp = || Stamp::of(&root, "step", &["src".to_owned(), "lock".to_owned()]).unwrap();
        assert!(!stamp().is_current());
        stamp().keep().unwrap();
        assert!(stamp().is_current());
        fs::write(root.join("src/deep/a"), "2").unwrap();
        assert!(!stamp().is_current());
        fs::write(root.join("src/deep/a"), "1").unwrap();
        assert!(stamp().is_current());
        fs::rename(root.join("src/deep/a"), root.join("src/a")).unwrap();
        assert!(!stamp().is_current());
        assert!(Stamp::of(&root, "step", &["nothing".to_owned()]).is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}
