//! Attachments to the server, in pieces, from where an earlier upload stopped.

use super::folder::{BlobFolder, read_range};
use crate::sync::transport::{Answer, Transport};
use crate::{Error, Session};
use std::fs::File;
use wardbook_wire::exchange::{self, problem};
use wardbook_wire::{BlobId, OrgId};

/// Bytes in one request.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// How often the server may send an upload back to where it was before.
const SETBACKS_MAX: u32 = 3;
/// The status of a blob that the server has whole.
const WHOLE: u16 = 201;

/// One attachment on its way.
struct Upload<'a> {
    folder: &'a BlobFolder,
    blob: BlobId,
    /// Sealed bytes.
    length: u64,
    path: String,
}

impl Session {
    /// Hands in those of these attachments that the server does not have whole. What is not on this device is passed over:
    /// the server tells when an entry names it. `progress` gets the bytes done and the bytes in all.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Server`]; [`Error::Damaged`] for one that was changed on this disk, which is set aside.
    pub fn send_blobs(
        &mut self,
        link: &mut dyn Transport,
        ids: &[BlobId],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Error> {
        let folder = BlobFolder::of(self.vault.folder())?;
        let here: Vec<_> = ids.iter().filter_map(|blob| Some((*blob, folder.length(blob)?))).collect();
        let total: u64 = here.iter().map(|(_, length)| length).sum();
        let mut before = 0;
        for (blob, length) in here {
            let upload = Upload { folder: &folder, blob, length, path: path(self.vault.identity.org, &blob) };
            self.send_blob(&mut *link, &upload, &mut |sent| progress(before + sent.min(length), total))?;
            before += length;
        }
        Ok(())
    }

    fn send_blob(
        &mut self,
        link: &mut dyn Transport,
        upload: &Upload<'_>,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), Error> {
        let place = upload.folder.place(&upload.blob);
        let mut file = File::open(&place).map_err(|error| Error::file(&place, &error))?;
        let (mut offset, mut setbacks) = (self.offset_of(&mut *link, upload)?, 0);
        loop {
            sent(offset);
            // The server may hold more than there is, which is somebody else's: completing it makes it begin again.
            let end = upload.length.min(offset.saturating_add(PIECE_BYTES)).max(offset);
            let piece = if offset < end { read_range(&mut file, &place, &(offset..end))? } else { Vec::new() };
            let query = if end >= upload.length { "?complete" } else { "" };
            let target = format!("{}{query}", upload.path);
            let next = match self.authorised_call(&mut *link, "PATCH", &target, &piece, None, Some(offset)) {
                Ok(answer) if answer.status == WHOLE => {
                    sent(upload.length);
                    return Ok(());
                }
                Ok(answer) => answer.offset.unwrap_or(end),
                Err(Error::Server { code, detail }) if code == problem::MALFORMED => {
                    if upload.folder.set_aside_if_damaged(&upload.blob)? {
                        return Err(Error::Damaged(format!(
                            "attachment {} was changed on this disk and is set aside: attach the file again",
                            upload.blob
                        )));
                    }
                    if setbacks >= SETBACKS_MAX {
                        return Err(Error::Server { code, detail });
                    }
                    self.offset_of(&mut *link, upload)?
                }
                Err(error) => return Err(error),
            };
            if next <= offset {
                setbacks += 1;
            }
            if setbacks > SETBACKS_MAX {
                return Err(Error::cheat("it takes an attachment and does not have it then"));
            }
            offset = next;
        }
    }

    /// How much of it the server holds. A server that does not know it, or fails, tells so again when it gets a piece.
    fn offset_of(&mut self, link: &mut dyn Transport, upload: &Upload<'_>) -> Result<u64, Error> {
        match self.authorised_call(link, "HEAD", &upload.path, &[], None, None) {
            Ok(Answer { offset, .. }) => Ok(offset.unwrap_or_default()),
            Err(Error::Server { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn path(org: OrgId, blob: &BlobId) -> String {
    exchange::path(org, &format!("blobs/{blob}"))
}
