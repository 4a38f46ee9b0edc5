//! Rebuilding a vault from whatever is whole in its two copies.

use crate::copy::{Copy, Stored, remove};
use crate::{Batch, Kind, MAIN, MIRROR, Repair, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const REBUILT: &str = "rebuilt.db";
const ASKED: &str = "repair-needed";

/// Leaves a note that a read or check found damage, so that the next open rebuilds.
pub(crate) fn ask_for(folder: &Path) {
    // If even this cannot be written, the damage will be found again.
    let _ = std::fs::write(folder.join(ASKED), b"");
}

pub(crate) fn is_asked_for(folder: &Path) -> bool {
    folder.join(ASKED).exists()
}

/// Rebuilds both copies from the rows that are whole in either; of two whole rows the later one counts.
pub(crate) fn rebuild(folder: &Path, main: Option<Copy>, mirror: Option<Copy>) -> Result<Repair, StoreError> {
    // Left over where an earlier repair was stopped: it may hold what was whole in a file that is set aside by now.
    let earlier = Copy::open(&folder.join(REBUILT)).ok();
    if main.is_none() && mirror.is_none() && earlier.is_none() {
        return Err(StoreError::Damaged);
    }
    let mut rows = BTreeMap::<(i64, Vec<u8>, Vec<u8>), Stored>::new();
    let mut broken = BTreeSet::new();
    let mut generation = 0;
    for copy in [&main, &mirror, &earlier].into_iter().flatten() {
        generation = generation.max(copy.generation().unwrap_or(0));
        copy.scan(|stored| {
            let id = (stored.kind, stored.row.owner.clone(), stored.row.key.clone());
            if !stored.is_whole() {
                broken.insert(id);
            } else if rows.get(&id).is_none_or(|held| held.generation < stored.generation) {
                generation = generation.max(stored.generation);
                rows.insert(id, stored.clone());
            }
        })?;
    }
    let kept = rows.len();
    let lost = broken.iter().filter(|id| !rows.contains_key(*id)).count();
    drop(earlier);
    let target = folder.join(REBUILT);
    let fresh = folder.join("rebuilding.db");
    remove(&fresh)?;
    let rebuilt = Copy::create(&fresh)?;
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by_key(|stored| stored.seq);
    let mut batch = Batch::new();
    for stored in rows {
        if let Some(kind) = kind_of(stored.kind) {
            batch.put(kind, &stored.row.owner, &stored.row.key, stored.row.value);
        }
    }
    rebuilt.write(&batch, generation + 1)?;
    rebuilt.replace(&target)?;
    drop(rebuilt);
    remove(&fresh)?;
    let rebuilt = Copy::open(&target)?;
    // Everything is safe in the third file; only now are the others touched.
    let damaged = [(MAIN, main), (MIRROR, mirror)];
    let mut set_aside = Vec::new();
    for (name, copy) in damaged {
        let faulty = copy.as_ref().is_none_or(|copy| copy.check().map_or(true, |faults| faults > 0));
        drop(copy);
        if faulty && folder.join(name).exists() {
            set_aside.push(aside(folder, name)?);
        }
        rebuilt.replace(&folder.join(name))?;
    }
    drop(rebuilt);
    remove(&target)?;
    let _ = std::fs::remove_file(folder.join(ASKED));
    Ok(Repair { kept, lost, set_aside })
}

/// Renames a damaged file to the first free name.
fn aside(folder: &Path, name: &str) -> Result<String, StoreError> {
    let free = (1..1000).map(|n| format!("{name}.damaged-{n}")).find(|name| !folder.join(name).exists());
    let free = free.ok_or_else(|| StoreError::Io("too many damaged files in the vault folder".into()))?;
    std::fs::rename(folder.join(name), folder.join(&free))?;
    remove(&folder.join(name))?;
    Ok(free)
}

fn kind_of(number: i64) -> Option<Kind> {
    use Kind::{Blob, ChartKeys, Cover, Device, Draft, Entry, Keyring, Outbox, Pending, Slot, Statement, Stream};
    let kinds = [Statement, Slot, Keyring, Device, Entry, Pending, Cover, ChartKeys, Stream, Outbox, Draft, Blob];
    kinds.into_iter().find(|kind| *kind as i64 == number)
}
