//! Attachments of what waits in the outbox: on the server before the entries that name them, or named in the report.

use super::transport::Transport;
use super::{SyncReport, Waiting};
use crate::attachments::Unsent;
use crate::{Error, Session};
use wardbook_store::Kind;
use wardbook_wire::exchange::Object;
use wardbook_wire::{BlobId, ChartId, Entry, EntryId};

/// An attachment that could not be handed in. It waits on this device with the entry that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAttachment {
    pub chart: ChartId,
    pub entry: EntryId,
    pub blob: BlobId,
    /// Why, and what to do next.
    pub reason: String,
}

impl Session {
    /// Hands in what these entries name. Entries wait for an attachment that does not go (SRV-09), and everything else goes on.
    pub(super) fn send_named_blobs(
        &mut self,
        link: &mut dyn Transport,
        waiting: &[Waiting],
        report: &mut SyncReport,
    ) -> Result<(), Error> {
        let mut named = Vec::<(BlobId, ChartId, EntryId)>::new();
        for held in waiting {
            let Object::Entry(bytes) = &held.object else { continue };
            let Ok(entry) = Entry::decode(&bytes.0) else { continue };
            for blob in &entry.peek().blobs {
                // A file that was attached again is named twice.
                if named.iter().all(|(known, ..)| known != blob) {
                    named.push((*blob, entry.chart(), entry.id()));
                }
            }
        }
        if named.is_empty() {
            return Ok(());
        }
        let blobs: Vec<_> = named.iter().map(|(blob, ..)| *blob).collect();
        for Unsent { blob, reason } in self.send_blobs(link, &blobs, &mut |_, _| {})? {
            let known = report.held_attachments.iter().any(|held| held.blob == blob);
            let from = named.iter().find(|(named, ..)| *named == blob).filter(|_| !known);
            if let Some((_, chart, entry)) = from {
                report.held_attachments.push(HeldAttachment { chart: *chart, entry: *entry, blob, reason });
            }
        }
        Ok(())
    }

    /// Leaves those in the report that wait still: a later attempt may have gone well, and the server may have had them.
    pub(super) fn keep_what_is_held(&self, report: &mut SyncReport) -> Result<(), Error> {
        for held in std::mem::take(&mut report.held_attachments) {
            let row = self.vault.store.get(Kind::Outbox, held.chart.as_bytes(), held.entry.as_bytes())?;
            if row.is_some_and(|row| row.is_empty()) {
                report.held_attachments.push(held);
            }
        }
        Ok(())
    }
}
