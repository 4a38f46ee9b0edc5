//! Attachments beside exported records, under the names by which the records point to them.

use super::out::NewFile;
use super::{Blobs, blobs_named_in};
use crate::{Error, Session};
use std::path::{Path, PathBuf};
use wardbook_core::blob::BlobRef;
use wardbook_wire::ChartId;

/// What [`Session::export_attachments`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportedAttachments {
    pub files: Vec<PathBuf>,
    /// Attachments that only the server has: `wardbook fetch` brings them.
    pub left_out: u64,
}

impl Session {
    /// How many attachments the resources of these charts point to.
    ///
    /// # Errors
    /// As [`Session::chart`].
    pub fn count_attachments(&mut self, charts: &[ChartId]) -> Result<usize, Error> {
        let mut count = 0;
        for chart in charts {
            count += self.blobs_shown(*chart)?.len();
        }
        Ok(count)
    }

    /// Writes the attachments of these charts that are on this device to `attachments/<hex>` in a folder. One that is there
    /// already is left as it is.
    ///
    /// # Errors
    /// As [`Session::fetch`].
    pub fn export_attachments(&mut self, charts: &[ChartId], out: &Path) -> Result<ExportedAttachments, Error> {
        let out = out.join("attachments");
        let mut done = ExportedAttachments::default();
        for chart in charts {
            for blob in self.blobs_shown(*chart)? {
                if !Blobs::of(&self.vault.store)?.has(&blob) {
                    done.left_out += 1;
                    continue;
                }
                let path = out.join(blob.id.to_string());
                if !path.exists() {
                    std::fs::create_dir_all(&out).map_err(|error| Error::file(&out, &error))?;
                    self.open_here(*chart, &blob, &(0..blob.length), &mut NewFile::at(&path), &mut |_, _| {})?;
                }
                done.files.push(path);
            }
        }
        Ok(done)
    }

    /// What the resources of a chart point to as they stand now, once each.
    fn blobs_shown(&mut self, id: ChartId) -> Result<Vec<BlobRef>, Error> {
        let chart = self.chart(id)?;
        let mut named = Vec::new();
        for (_, json) in chart.resources() {
            blobs_named_in(&json, &mut named);
        }
        Ok(named.iter().filter_map(|blob| chart.blob(blob)).cloned().collect())
    }
}
