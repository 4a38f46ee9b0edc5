//! Test vectors of the protocol: `spec/vectors/*.json`, the same bytes on every run.
//!
//! Each module makes the file of its name through the public interface of `wire` and `core`. Faults are named for what is
//! wrong and carry the rule that refuses them. `crates/core/tests/vectors.rs` reads the files back.

mod directory;
mod encoding;
mod entries;
mod envelope;
mod keys;
mod rng;
mod scene;
mod slots;

use crate::Result;
use std::fs;
use std::path::Path;

const FOLDER: &str = "spec/vectors";

/// Writes every file.
pub fn write(root: &Path) -> Result<()> {
    for (name, text) in all()? {
        fs::write(root.join(FOLDER).join(name), text)?;
    }
    Ok(())
}

/// Fails where a file is not what the code gives.
pub fn check(root: &Path) -> Result<()> {
    let mut stale = Vec::new();
    for (name, text) in all()? {
        if fs::read_to_string(root.join(FOLDER).join(name)).ok().as_ref() != Some(&text) {
            stale.push(format!("{FOLDER}/{name} differs from what the code gives: run `cargo xtask vectors`"));
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(stale.join("\n").into()) }
}

fn all() -> Result<Vec<(&'static str, String)>> {
    let scene = scene::Scene::new()?;
    [
        ("encoding.json", encoding::make()),
        ("keys.json", keys::make()?),
        ("envelope.json", envelope::make()?),
        ("slots.json", slots::make()?),
        ("directory.json", directory::make(&scene)?),
        ("entries.json", entries::make(&scene)?),
    ]
    .into_iter()
    .map(|(name, value)| -> Result<(&'static str, String)> { Ok((name, serde_json::to_string_pretty(&value)? + "\n")) })
    .collect()
}

/// Lower-case hex.
fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A copy with one bit of that byte flipped; counts from the end when negative.
fn flipped(bytes: &[u8], at: isize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let at = if at < 0 { bytes.len().wrapping_add_signed(at) } else { at.unsigned_abs() };
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1;
    }
    changed
}
