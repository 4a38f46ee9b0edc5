//! Attachments out of the vault: opened into a file that the person names or into memory, from this device or from the
//! server.

use super::Blobs;
use super::out::{NewFile, Out, exists};
use crate::sync::transport::Transport;
use crate::{Error, Session};
use std::ops::Range;
use std::path::Path;
use wardbook_core::OpenError;
use wardbook_core::blob::{BlobOpener, BlobRef, CHUNK_BYTES, HEAD_BYTES, Layout, TAG_BYTES};
use wardbook_wire::{BlobId, ChartId, OrgId, exchange};
use zeroize::Zeroizing;

/// Bytes asked for in one request, about.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// Chunks that are read together: as many as one request brings.
const CHUNKS: u64 = PIECE_BYTES / (CHUNK_BYTES + TAG_BYTES) as u64;

/// Which attachment, which part of it, and where to.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub chart: ChartId,
    pub blob: BlobId,
    /// The first byte and the last one, as in HTTP; None for all.
    pub range: Option<(u64, Option<u64>)>,
    /// A file that does not exist yet.
    pub out: &'a Path,
}

/// What [`Session::fetch`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: u64,
    /// Of the whole attachment.
    pub length: u64,
    pub content_type: String,
}

/// Sealed bytes of one blob, exactly those of a range.
type ReadSealed<'a> = dyn FnMut(&Range<u64>) -> Result<Vec<u8>, Error> + 'a;

impl Session {
    /// Opens an attachment, or a part of it, into a new file that only its owner can read. What is not on this device comes
    /// from the server; a whole one stays here then, sealed. A fetch that broke off goes on where it stopped.
    ///
    /// `progress` gets the bytes done and the bytes in all, first of fetching, then of opening.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the file exists; [`Error::File`] where the attachment is not here and no link is given;
    /// [`Error::Cheat`] where the server gave something else (BLB-03); damage. There is no file then.
    pub fn fetch(
        &mut self,
        link: Option<&mut dyn Transport>,
        wanted: &Wanted<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Fetched, Error> {
        if wanted.out.symlink_metadata().is_ok() {
            return Err(exists(wanted.out));
        }
        let blob = self.attachment(wanted.chart, &wanted.blob)?;
        let range = content_range(&blob, wanted.range)?;
        self.open_attachment(link, wanted.chart, &blob, &range, &mut NewFile::at(wanted.out), progress)?;
        Ok(Fetched { bytes: range.end - range.start, length: blob.length, content_type: blob.content_type })
    }

    /// As [`Session::fetch`], into memory.
    ///
    /// # Errors
    /// As [`Session::fetch`]; [`Error::Invalid`] also where it does not fit.
    pub fn read_attachment(
        &mut self,
        link: Option<&mut dyn Transport>,
        chart: ChartId,
        blob: BlobId,
        range: Option<(u64, Option<u64>)>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let blob = self.attachment(chart, &blob)?;
        let range = content_range(&blob, range)?;
        let mut content = Zeroizing::new(Vec::new());
        self.open_attachment(link, chart, &blob, &range, &mut content, progress)?;
        Ok(content)
    }

    fn attachment(&mut self, chart: ChartId, blob: &BlobId) -> Result<BlobRef, Error> {
        let held = self.chart(chart)?.blob(blob).cloned();
        held.ok_or_else(|| Error::NoResource(format!("attachment {blob}")))
    }

    fn open_attachment(
        &mut self,
        link: Option<&mut dyn Transport>,
        chart: ChartId,
        blob: &BlobRef,
        range: &Range<u64>,
        out: &mut dyn Out,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Error> {
        if Blobs::of(&self.vault.store)?.has(blob) {
            match self.open_here(chart, blob, range, out, progress) {
                // What was changed on this disk comes again. Else its reference is wrong, and nothing would help.
                Err(Error::Damaged(_)) if Blobs::of(&self.vault.store)?.set_aside_if_damaged(&blob.id)? => {}
                done => return done,
            }
        }
        let Some(link) = link else {
            let reason = "it is not on this device, and there is no server to fetch it from".to_owned();
            return Err(Error::File { path: Blobs::of(&self.vault.store)?.place_name(&blob.id), reason });
        };
        if *range == (0..blob.length) {
            self.download(link, blob, progress)?;
            return self.open_here(chart, blob, range, out, progress);
        }
        let place = (self.vault.identity.org, chart);
        let mut read = |sealed: &Range<u64>| self.read_remote(&mut *link, &blob.id, sealed);
        open_into(out, place, blob, range, &mut read, progress)
    }

    /// Opens what is on this device.
    pub(super) fn open_here(
        &self,
        chart: ChartId,
        blob: &BlobRef,
        range: &Range<u64>,
        out: &mut dyn Out,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Error> {
        let held = Blobs::of(&self.vault.store)?;
        let place = (self.vault.identity.org, chart);
        open_into(out, place, blob, range, &mut |sealed: &Range<u64>| held.read(&blob.id, sealed), progress)
    }

    /// Fetches the whole, from where an earlier fetch broke off.
    fn download(
        &mut self,
        link: &mut dyn Transport,
        blob: &BlobRef,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Error> {
        let total = Layout::of(blob.length)?.sealed_bytes();
        let mut held = Blobs::of(&self.vault.store)?.begin_part(&blob.id, total)?;
        while held < total {
            progress(held, total);
            let piece = self.read_remote(&mut *link, &blob.id, &(held..total.min(held + PIECE_BYTES)))?;
            Blobs::of(&self.vault.store)?.add_to_part(&blob.id, held, &piece)?;
            held += piece.len() as u64;
        }
        progress(total, total);
        Blobs::of(&self.vault.store)?.take_part(&blob.id)
    }

    /// Exactly these sealed bytes, in as many answers as the server likes.
    fn read_remote(&mut self, link: &mut dyn Transport, blob: &BlobId, range: &Range<u64>) -> Result<Vec<u8>, Error> {
        let path = exchange::path(self.vault.identity.org, &format!("blobs/{blob}"));
        let mut bytes = Vec::new();
        loop {
            let first = range.start + bytes.len() as u64;
            if first >= range.end {
                return Ok(bytes);
            }
            let asked = Some((first, Some(range.end - 1)));
            let answer = self.authorised_call(&mut *link, "GET", &path, &[], asked, None)?;
            let fits = !answer.body.is_empty() && answer.body.len() as u64 <= range.end - first;
            // 200 begins at the beginning, whatever was asked for.
            if !fits || (answer.status != 206 && first != 0) {
                return Err(Error::cheat("it gave other bytes of an attachment than it was asked for"));
            }
            bytes.extend_from_slice(&answer.body);
        }
    }
}

/// Opens the chunks that hold a range of the content, and writes that range.
fn open_into(
    out: &mut dyn Out,
    (org, chart): (OrgId, ChartId),
    blob: &BlobRef,
    range: &Range<u64>,
    read: &mut ReadSealed<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), Error> {
    let damaged = |_: OpenError| Error::damaged("this attachment");
    let head = read(&(0..HEAD_BYTES as u64))?;
    let opener = BlobOpener::new(blob, org, chart, &head).map_err(damaged)?;
    let (layout, length) = (opener.layout(), range.end - range.start);
    let (chunks, mut done) = (layout.chunks_with(range), 0);
    out.begin(length)?;
    let mut next = chunks.start;
    while next < chunks.end {
        let end = chunks.end.min(next + CHUNKS);
        let sealed = read(&layout.sealed_range(&(next..end)))?;
        for (number, chunk) in (next..end).zip(sealed.chunks(CHUNK_BYTES + TAG_BYTES)) {
            let content = opener.open(number, chunk).map_err(damaged)?;
            let start = number * CHUNK_BYTES as u64;
            let from = range.start.saturating_sub(start);
            let to = range.end.saturating_sub(start).min(content.len() as u64);
            let part = content.get(from as usize..to as usize).unwrap_or_default();
            out.write(part)?;
            done += part.len() as u64;
        }
        next = end;
        progress(done, length);
    }
    if done != length {
        return Err(damaged(OpenError));
    }
    out.finish()
}

/// The bytes of the content that are asked for.
fn content_range(blob: &BlobRef, asked: Option<(u64, Option<u64>)>) -> Result<Range<u64>, Error> {
    let Some((first, last)) = asked else { return Ok(0..blob.length) };
    let end = last.map_or(blob.length, |last| last.saturating_add(1)).min(blob.length);
    if first < end { Ok(first..end) } else { Err(Error::Invalid(format!("the attachment has {} bytes", blob.length))) }
}
