//! Attachments to the server, in pieces, from where an earlier upload stopped.

use super::Blobs;
use crate::sync::transport::{Answer, Transport};
use crate::{Error, Session};
use wardbook_wire::exchange::{self, problem};
use wardbook_wire::{BlobId, OrgId};

/// Bytes in one request.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// How often the server may send an upload back to where it was before.
const SETBACKS_MAX: u32 = 3;
/// The status of a blob that the server has whole.
const WHOLE: u16 = 201;

/// An attachment that stays on this device although the server was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub blob: BlobId,
    /// Why, and what to do next.
    pub reason: String,
}

/// One attachment on its way.
struct Upload {
    blob: BlobId,
    /// Sealed bytes.
    length: u64,
    path: String,
}

impl Session {
    /// Hands in those of these attachments that the server does not have whole, and gives those that it could not hand in:
    /// one of them holds up nothing else. `progress` gets the bytes done and the bytes in all.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Cheat`].
    pub fn send_blobs(
        &mut self,
        link: &mut dyn Transport,
        ids: &[BlobId],
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<Unsent>, Error> {
        let total: u64 = {
            let held = Blobs::of(&self.vault.store)?;
            ids.iter().filter_map(|blob| held.length(blob)).sum()
        };
        let (mut before, mut unsent) = (0, Vec::new());
        for blob in ids {
            let held = Blobs::of(&self.vault.store)?;
            let Some(length) = held.length(blob) else {
                unsent.push(Unsent { blob: *blob, reason: missing(&held, blob) });
                continue;
            };
            let upload = Upload { blob: *blob, length, path: path(self.vault.identity.org, blob) };
            let done = self.send_blob(&mut *link, &upload, &mut |sent| progress(before + sent.min(length), total));
            before += length;
            let reason = match done {
                Ok(()) => continue,
                Err(Error::Damaged(reason)) => reason,
                Err(Error::Server { code, detail }) => refused(&code, &detail),
                Err(error @ Error::File { .. }) => {
                    format!("{error}; if that stays so, delete this file and attach the original to the chart again")
                }
                Err(error) => return Err(error),
            };
            unsent.push(Unsent { blob: *blob, reason });
        }
        Ok(unsent)
    }

    fn send_blob(&mut self, link: &mut dyn Transport, upload: &Upload, sent: &mut dyn FnMut(u64)) -> Result<(), Error> {
        let (mut offset, mut setbacks) = (self.offset_of(&mut *link, upload)?, 0);
        loop {
            sent(offset);
            // The server may hold more than there is, which is somebody else's: completing it makes it begin again.
            let end = upload.length.min(offset.saturating_add(PIECE_BYTES)).max(offset);
            let piece = if offset < end {
                Blobs::of(&self.vault.store)?.read(&upload.blob, &(offset..end))?
            } else {
                Vec::new()
            };
            let query = if end >= upload.length { "?complete" } else { "" };
            let target = format!("{}{query}", upload.path);
            let next = match self.authorised_call(&mut *link, "PATCH", &target, &piece, None, Some(offset)) {
                Ok(answer) if answer.status == WHOLE => {
                    sent(upload.length);
                    return Ok(());
                }
                Ok(answer) => answer.offset.unwrap_or(end),
                // A copy without any bytes is refused for its size.
                Err(Error::Server { code, detail }) if code == problem::MALFORMED || upload.length == 0 => {
                    let held = Blobs::of(&self.vault.store)?;
                    if held.set_aside_if_damaged(&upload.blob)? {
                        return Err(Error::Damaged(missing(&held, &upload.blob)));
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
    fn offset_of(&mut self, link: &mut dyn Transport, upload: &Upload) -> Result<u64, Error> {
        match self.authorised_call(link, "HEAD", &upload.path, &[], None, None) {
            Ok(Answer { offset, .. }) => Ok(offset.unwrap_or_default()),
            Err(Error::Server { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

fn refused(code: &str, detail: &str) -> String {
    let next = match code {
        problem::TOO_LARGE | problem::QUOTA => "whoever runs the server can raise that limit, and ",
        _ => "",
    };
    format!("the server did not take it ({detail}): {next}each `wardbook sync` hands it in again")
}

/// Why the sealed bytes of an attachment are not here. Attached again, the file becomes the same blob (BLB-08).
fn missing(held: &Blobs<'_>, blob: &BlobId) -> String {
    let what =
        if held.has_damaged(blob) { "was changed on this disk and is set aside" } else { "is not here any more" };
    format!("its sealed copy {what}: attach the same file to the same chart again, then run `wardbook sync`")
}

fn path(org: OrgId, blob: &BlobId) -> String {
    exchange::path(org, &format!("blobs/{blob}"))
}
