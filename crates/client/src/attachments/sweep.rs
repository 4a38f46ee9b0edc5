//! Sealed attachments that no entry names any more: those of charts that were evicted, and copies whose entry did not reach
//! the disk.
//!
//! ```text
//! note on the disk ──► the chart's rows go, in one commit ──► sweep: files that no entry names go ──► the note goes
//! ```
//!
//! Wherever that ends early the note is still there, and the next sync sweeps.

use super::Blobs;
use crate::chart::read_entry_row;
use crate::{Error, Session};
use std::collections::BTreeSet;
use wardbook_store::{Kind, Row, Store};
use wardbook_wire::BlobId;

impl Session {
    /// For whoever is about to remove entries.
    pub(crate) fn ask_for_sweep(&self) -> Result<(), Error> {
        Blobs::existing(&self.vault.store).map_or(Ok(()), |blobs| blobs.ask_for_sweep())
    }

    /// Where it was asked for, removes the sealed bytes of attachments that no entry on this device names. Entries that wait to
    /// be handed in are on this device, so what they bring stays, and so does what is being fetched.
    ///
    /// # Errors
    /// The disk's. Where an entry cannot be read nothing is removed: it may name anything.
    pub(crate) fn sweep_blobs(&self) -> Result<(), Error> {
        let store = &self.vault.store;
        let held = Blobs::existing(store).filter(Blobs::sweep_is_asked_for);
        let Some(held) = held else { return Ok(()) };
        let mut unnamed = held.files()?;
        // Named one by one, because a damaged index can hide a chart from the list of all.
        for blob in waiting(store, &store.list_all(Kind::Outbox)?)? {
            unnamed.remove(&blob); // BLB-07
        }
        for kind in [Kind::Entry, Kind::Pending] {
            for chart in store.owners(kind)? {
                // Reading every entry takes a while, and most devices hold few attachments.
                if unnamed.is_empty() {
                    return held.remove(&[]);
                }
                for row in store.list(kind, &chart)? {
                    for blob in named_by(&row.value)? {
                        unnamed.remove(&blob); // BLB-07
                    }
                }
            }
        }
        let files: Vec<_> = unnamed.into_values().flatten().collect();
        held.remove(&files)
    }
}

/// The attachments of entries that wait to be handed in, by rows of the outbox: the server may not have them.
pub(super) fn waiting(store: &Store, outbox: &[Row]) -> Result<BTreeSet<BlobId>, Error> {
    let mut blobs = BTreeSet::new();
    for row in outbox {
        if let Some(entry) = store.get(Kind::Entry, &row.owner, &row.key)? {
            blobs.extend(named_by(&entry)?);
        }
    }
    Ok(blobs)
}

fn named_by(row: &[u8]) -> Result<Vec<BlobId>, Error> {
    let (_, entry) = read_entry_row(row).map_err(|_| Error::damaged("an entry"))?;
    Ok(entry.peek().blobs.clone())
}
