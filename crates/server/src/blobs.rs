//! Attachments as they are handed in, kept and given back: sealed bytes under their own hash (`spec/attachments.md`).
//!
//! ```text
//! <organisation>/uploads/<hex>.part                       what has come of one so far
//!      │  the last piece has come, and its SHA-256 is its name
//!      ▼
//! <organisation>/blobs/<first two digits>/<hex>           whole
//! ```
//!
//! A piece is taken only at the end of what is held, so an upload that broke off goes on there. Whoever hands in something
//! else under a name spoils nothing: the hash is checked before the blob is there for anybody.

use crate::call::{Answer, Call, ContentKind};
use crate::problem::Problem;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::UNIX_EPOCH;
use wardbook_wire::BlobId;
use wardbook_wire::exchange::{BLOB_BYTES_MAX, problem as code};

/// Bytes in one answer, at most: it is held in memory until it is sent.
const ANSWER_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// An upload that nobody went on with for so long is given up: a device that comes back later begins again.
const UPLOAD_MS_MAX: u64 = 7 * 24 * 3600 * 1000;
const HASH_BUFFER_BYTES: usize = 256 * 1024;
const OFFSET: &str = "upload-offset";
const COMPLETE: &str = "upload-complete";

/// The attachments of one organisation.
pub struct BlobStore {
    whole: PathBuf,
    uploads: PathBuf,
    /// Bytes on disk, of whole ones and of uploads.
    bytes: AtomicU64,
    /// Blobs that somebody writes right now: one at a time.
    busy: Mutex<HashSet<BlobId>>,
    freed: Condvar,
}

impl BlobStore {
    /// Opens the folders of an organisation, which are made where they are missing.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(org_folder: &Path) -> io::Result<Self> {
        let (whole, uploads) = (org_folder.join("blobs"), org_folder.join("uploads"));
        fs::create_dir_all(&whole)?;
        fs::create_dir_all(&uploads)?;
        let mut bytes = bytes_in(&uploads)?;
        for shelf in fs::read_dir(&whole)? {
            let shelf = shelf?;
            if shelf.file_type()?.is_dir() {
                bytes += bytes_in(&shelf.path())?;
            }
        }
        let (bytes, busy, freed) = (AtomicU64::new(bytes), Mutex::default(), Condvar::new());
        Ok(Self { whole, uploads, bytes, busy, freed })
    }

    /// True if all of a blob is here.
    pub fn is_whole(&self, blob: BlobId) -> bool {
        self.place(blob).is_file()
    }

    /// Bytes on disk, of whole blobs and of uploads.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Removes uploads that nobody went on with for seven days, and tells how many.
    ///
    /// # Errors
    /// The disk's.
    pub fn sweep(&self, now_ms: i64) -> io::Result<usize> {
        let now_ms = u64::try_from(now_ms).unwrap_or_default();
        let mut removed = 0;
        for upload in fs::read_dir(&self.uploads)? {
            let upload = upload?;
            let name = upload.file_name();
            let blob = name.to_str().and_then(|name| name.strip_suffix(".part")).and_then(BlobId::from_text);
            let Some(blob) = blob else { continue };
            let _held = self.hold(blob);
            // It may have been completed since the folder was read.
            let Some(found) = there(fs::metadata(upload.path()))? else { continue };
            let written = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            let written_ms = u64::try_from(written.as_millis()).unwrap_or(u64::MAX);
            if now_ms.saturating_sub(written_ms) > UPLOAD_MS_MAX {
                self.remove(&upload.path(), found.len())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn place(&self, blob: BlobId) -> PathBuf {
        let name = blob.to_string();
        let shelf: String = name.chars().take(2).collect();
        self.whole.join(shelf).join(name)
    }

    fn upload(&self, blob: BlobId) -> PathBuf {
        self.uploads.join(format!("{blob}.part"))
    }

    /// Waits until nobody else writes this blob.
    fn hold(&self, blob: BlobId) -> Held<'_> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while !busy.insert(blob) {
            busy = self.freed.wait(busy).unwrap_or_else(PoisonError::into_inner);
        }
        Held { store: self, blob }
    }

    fn head(&self, blob: BlobId) -> io::Result<Answer> {
        if let Some(whole) = there(fs::metadata(self.place(blob)))? {
            let mut answer = held(200, whole.len(), true);
            answer.headers.push(("content-length", whole.len().to_string()));
            return Ok(answer);
        }
        Ok(match there(fs::metadata(self.upload(blob)))? {
            Some(upload) => held(200, upload.len(), false),
            None => not_found(),
        })
    }

    fn get(&self, blob: BlobId, range: Option<(u64, Option<u64>)>) -> io::Result<Answer> {
        let Some(mut file) = there(File::open(self.place(blob)))? else { return Ok(not_found()) };
        let length = file.metadata()?.len();
        let (first, last) = range.unwrap_or((0, None));
        // One past the last byte that is given.
        let end =
            last.map_or(length, |last| last.saturating_add(1)).min(length).min(first.saturating_add(ANSWER_BYTES_MAX));
        if first >= end {
            let mut answer =
                Problem::new(code::MALFORMED, "the attachment has no such bytes").with_status(416).answer();
            answer.headers.push(("content-range", format!("bytes */{length}")));
            return Ok(answer);
        }
        file.seek(SeekFrom::Start(first))?;
        let mut body = Vec::new();
        file.take(end - first).read_to_end(&mut body)?;
        let whole = range.is_none() && end == length;
        let headers =
            if whole { vec![] } else { vec![("content-range", format!("bytes {first}-{}/{length}", end - 1))] };
        Ok(Answer { status: if whole { 200 } else { 206 }, kind: ContentKind::Bytes, body, headers })
    }

    fn patch(
        &self,
        blob: BlobId,
        call: &Call<'_>,
        quota: &mut dyn FnMut(u64) -> Result<(), Answer>,
    ) -> io::Result<Answer> {
        let _held = self.hold(blob);
        if let Some(whole) = there(fs::metadata(self.place(blob)))? {
            return Ok(held(201, whole.len(), true));
        }
        let path = self.upload(blob);
        let here = there(fs::metadata(&path))?.map_or(0, |upload| upload.len());
        let Some(offset) = call.offset else { return Ok(refused(400, "an Upload-Offset is missing", here)) };
        if offset > here {
            return Ok(refused(409, "the piece does not follow what is held", here)); // BLB-06
        }
        if offset < here {
            // These bytes were taken before, and the answer was lost on the way.
            return Ok(held(204, here, false)); // BLB-06
        }
        let added = call.body.len() as u64;
        let length = here.saturating_add(added);
        if length == 0 || length > BLOB_BYTES_MAX {
            let detail = "an attachment has some bytes, and at most 2 GiB";
            return Ok(Problem::new(code::TOO_LARGE, detail).answer()); // BLB-04
        }
        if added > 0 {
            if let Err(answer) = quota(added) {
                return Ok(answer);
            }
            append(&path, here, call.body)?;
            self.bytes.fetch_add(added, Ordering::Relaxed);
        }
        if is_last(call.path) { self.complete(blob, &path, length) } else { Ok(held(204, length, false)) }
    }

    /// Moves an upload to its place, if it is what its name says.
    fn complete(&self, blob: BlobId, path: &Path, length: u64) -> io::Result<Answer> {
        if hash(path)? != blob.0 {
            self.remove(path, length)?;
            return Ok(refused(422, "the attachment is not the one that its name says: begin again", 0)); // BLB-03
        }
        File::open(path)?.sync_all()?;
        let place = self.place(blob);
        let shelf = place.parent().unwrap_or(&self.whole);
        fs::create_dir_all(shelf)?;
        fs::rename(path, &place)?;
        for folder in [shelf, self.whole.as_path(), self.uploads.as_path()] {
            sync_folder(folder)?;
        }
        Ok(held(201, length, true))
    }

    fn remove(&self, path: &Path, length: u64) -> io::Result<()> {
        fs::remove_file(path)?;
        self.bytes.fetch_sub(length, Ordering::Relaxed);
        Ok(())
    }
}

/// One writer at a time, for one blob.
struct Held<'a> {
    store: &'a BlobStore,
    blob: BlobId,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.store.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.blob);
        self.store.freed.notify_all();
    }
}

/// Answers a request for one blob, which the caller was checked to be allowed. `quota` is asked before bytes are added.
pub(crate) fn handle(
    store: &BlobStore,
    call: &Call<'_>,
    blob: BlobId,
    quota: &mut dyn FnMut(u64) -> Result<(), Answer>,
) -> Answer {
    let answer = match call.method {
        "HEAD" => store.head(blob),
        "GET" => store.get(blob, call.range),
        "PATCH" => {
            // Beginning one is rare beside sending it. What cannot be removed now is met again by the next.
            if call.offset == Some(0) {
                let _ = store.sweep(call.now_ms);
            }
            store.patch(blob, call, quota)
        }
        _ => Ok(Problem::new(code::MALFORMED, "an attachment takes HEAD, GET and PATCH").with_status(405).answer()),
    };
    answer.unwrap_or_else(|error| Problem::from(error).answer())
}

/// How much is held, and whether that is all.
fn held(status: u16, bytes: u64, whole: bool) -> Answer {
    let complete = if whole { "?1" } else { "?0" };
    let headers = vec![(OFFSET, bytes.to_string()), (COMPLETE, complete.to_owned())];
    Answer { status, kind: ContentKind::Bytes, body: Vec::new(), headers }
}

fn refused(status: u16, detail: &str, bytes: u64) -> Answer {
    let mut answer = Problem::new(code::MALFORMED, detail).with_status(status).answer();
    answer.headers.push((OFFSET, bytes.to_string()));
    answer
}

fn not_found() -> Answer {
    Problem::new(code::NOT_FOUND, "there is no such attachment here, or not all of it yet").answer()
}

/// The query of the last piece.
fn is_last(path: &str) -> bool {
    path.split_once('?').is_some_and(|(_, query)| query == "complete")
}

/// What is not there is no failure.
fn there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// All of the bytes, or none of them where the disk is full.
fn append(path: &Path, here: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let written = file.write_all(bytes);
    if written.is_err() {
        file.set_len(here)?;
    }
    written
}

fn hash(path: &Path) -> io::Result<[u8; 32]> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0u8; HASH_BUFFER_BYTES]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn bytes_in(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        let found = file?.metadata()?;
        bytes += if found.is_file() { found.len() } else { 0 };
    }
    Ok(bytes)
}

/// Makes a change of names last. Only Unix opens folders as files.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        _folder: tempfile::TempDir,
        path: PathBuf,
        store: BlobStore,
    }

    fn scene() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("org");
        Scene { store: BlobStore::open(&path).unwrap(), _folder: folder, path }
    }

    fn sealed(length: usize) -> (BlobId, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        (BlobId(Sha256::digest(&bytes).into()), bytes)
    }

    fn call<'a>(method: &'a str, path: &'a str, body: &'a [u8]) -> Call<'a> {
        Call { method, path, authorization: None, body, range: None, offset: None, now_ms: 0 }
    }

    fn answer(store: &BlobStore, call: &Call<'_>, blob: BlobId) -> Answer {
        handle(store, call, blob, &mut |_| Ok(()))
    }

    fn head(store: &BlobStore, blob: BlobId) -> (u16, Option<String>) {
        let answer = answer(store, &call("HEAD", "/", &[]), blob);
        (answer.status, header(&answer, OFFSET))
    }

    fn patch(store: &BlobStore, blob: BlobId, offset: u64, body: &[u8], last: bool) -> (u16, Option<String>) {
        let path = if last { "/x?complete" } else { "/x" };
        let answer = answer(store, &Call { offset: Some(offset), ..call("PATCH", path, body) }, blob);
        (answer.status, header(&answer, OFFSET))
    }

    fn get(store: &BlobStore, blob: BlobId, range: Option<(u64, Option<u64>)>) -> Answer {
        answer(store, &Call { range, ..call("GET", "/", &[]) }, blob)
    }

    fn header(answer: &Answer, name: &str) -> Option<String> {
        answer.headers.iter().find(|(held, _)| *held == name).map(|(_, value)| value.clone())
    }

    fn at(offset: u64) -> Option<String> {
        Some(offset.to_string())
    }

    #[test]
    fn a_blob_comes_in_pieces_and_goes_out_in_ranges() {
        let scene = scene();
        let (blob, bytes) = sealed(1000);
        assert_eq!(head(&scene.store, blob), (404, None));
        assert_eq!(get(&scene.store, blob, None).status, 404);
        assert_eq!(patch(&scene.store, blob, 0, &bytes[..400], false), (204, at(400)));
        assert_eq!(head(&scene.store, blob), (200, at(400)));
        assert_eq!((scene.store.is_whole(blob), get(&scene.store, blob, None).status), (false, 404));
        assert_eq!(patch(&scene.store, blob, 400, &bytes[400..], true), (201, at(1000)));
        assert!(scene.store.is_whole(blob));
        assert_eq!(patch(&scene.store, blob, 400, &bytes[400..], true), (201, at(1000)), "once more is a no-op");

        let whole = answer(&scene.store, &call("HEAD", "/", &[]), blob);
        assert_eq!((header(&whole, "content-length"), header(&whole, COMPLETE)), (at(1000), Some("?1".into())));
        let all = get(&scene.store, blob, None);
        assert_eq!((all.status, all.body.as_slice(), all.headers.len()), (200, bytes.as_slice(), 0));
        let part = get(&scene.store, blob, Some((10, Some(19))));
        assert_eq!((part.status, part.body.as_slice()), (206, &bytes[10..20]));
        assert_eq!(header(&part, "content-range"), Some("bytes 10-19/1000".into()));
        assert_eq!(get(&scene.store, blob, Some((990, Some(5000)))).body, &bytes[990..]);
        assert_eq!(get(&scene.store, blob, Some((990, None))).body, &bytes[990..]);
        for (first, last) in [(1000, None), (u64::MAX, Some(u64::MAX)), (5, Some(4))] {
            let answer = get(&scene.store, blob, Some((first, last)));
            assert_eq!((answer.status, header(&answer, "content-range")), (416, Some("bytes */1000".into())));
        }
        assert_eq!(answer(&scene.store, &call("PUT", "/", &[]), blob).status, 405);
        assert_eq!(scene.store.bytes(), 1000);
        assert_eq!(BlobStore::open(&scene.path).unwrap().bytes(), 1000);
    }

    #[test]
    fn large_blobs_are_given_in_several_answers() {
        let scene = scene();
        let (blob, bytes) = sealed(ANSWER_BYTES_MAX as usize + 5);
        assert_eq!(patch(&scene.store, blob, 0, &bytes, true).0, 201);
        let first = get(&scene.store, blob, None);
        assert_eq!((first.status, first.body.len() as u64), (206, ANSWER_BYTES_MAX));
        let rest = get(&scene.store, blob, Some((ANSWER_BYTES_MAX, None)));
        assert_eq!((rest.status, rest.body.as_slice()), (206, &bytes[ANSWER_BYTES_MAX as usize..]));
    }

    #[test]
    fn blb_03_what_is_not_named_by_its_hash_is_thrown_away() {
        let scene = scene();
        let (blob, bytes) = sealed(100);
        assert_eq!(patch(&scene.store, blob, 0, &bytes[..99], true), (422, at(0)));
        assert_eq!((head(&scene.store, blob), scene.store.bytes()), ((404, None), 0));
        assert_eq!(patch(&scene.store, blob, 0, b"somebody else's", false), (204, at(15)));
        assert_eq!(patch(&scene.store, blob, 15, &bytes[15..], true), (422, at(0)));
        assert_eq!(patch(&scene.store, blob, 0, &bytes, true), (201, at(100)));
    }

    #[test]
    fn blb_04_more_than_the_largest_file_is_refused() {
        let scene = scene();
        let (blob, _) = sealed(1);
        let file = File::create(scene.store.upload(blob)).unwrap();
        file.set_len(BLOB_BYTES_MAX).unwrap();
        assert_eq!(patch(&scene.store, blob, BLOB_BYTES_MAX, &[1], false).0, 413);
        assert_eq!(patch(&scene.store, sealed(2).0, 0, &[], true).0, 413);
    }

    #[test]
    fn blb_06_a_piece_is_taken_only_where_it_belongs() {
        let scene = scene();
        let (blob, bytes) = sealed(100);
        assert_eq!(patch(&scene.store, blob, 10, &bytes[10..20], false), (409, at(0)));
        assert_eq!(patch(&scene.store, blob, 0, &bytes[..50], false), (204, at(50)));
        assert_eq!(patch(&scene.store, blob, 0, &bytes[..50], false), (204, at(50)), "the answer was lost");
        assert_eq!(patch(&scene.store, blob, 60, &bytes[60..], true), (409, at(50)));
        assert_eq!(answer(&scene.store, &call("PATCH", "/x", &bytes), blob).status, 400);
        // All is there, and the request that said so was lost.
        assert_eq!(patch(&scene.store, blob, 50, &bytes[50..], false), (204, at(100)));
        assert_eq!(patch(&scene.store, blob, 50, &bytes[50..], true), (204, at(100)));
        assert_eq!(patch(&scene.store, blob, 100, &[], true), (201, at(100)));
    }

    #[test]
    fn bytes_over_the_quota_are_not_written() {
        let scene = scene();
        let (blob, bytes) = sealed(100);
        let mut asked = Vec::new();
        let over = Call { offset: Some(0), ..call("PATCH", "/x", &bytes) };
        let answer = handle(&scene.store, &over, blob, &mut |added| {
            asked.push(added);
            Err(Problem::new(code::QUOTA, "full").answer())
        });
        assert_eq!((answer.status, asked), (507, vec![100]));
        assert_eq!((head(&scene.store, blob).0, scene.store.bytes()), (404, 0));
    }

    #[test]
    fn two_uploads_of_one_blob_at_once_do_not_mix() {
        let scene = scene();
        let (blob, bytes) = sealed(50_000);
        let (store, bytes) = (&scene.store, &bytes);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(move || {
                    for start in (0..bytes.len()).step_by(1000) {
                        let end = start + 1000;
                        let (status, _) = patch(store, blob, start as u64, &bytes[start..end], end == bytes.len());
                        assert!(matches!(status, 201 | 204), "{status}");
                    }
                });
            }
        });
        assert_eq!(patch(store, blob, bytes.len() as u64, &[], true), (201, at(50_000)));
        assert_eq!((store.is_whole(blob), store.bytes()), (true, 50_000));
    }

    #[test]
    fn uploads_that_nobody_goes_on_with_are_removed() {
        let scene = scene();
        let (blob, bytes) = sealed(100);
        patch(&scene.store, blob, 0, &bytes[..50], false);
        let written = fs::metadata(scene.store.upload(blob)).unwrap().modified().unwrap();
        let now_ms = written.duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        assert_eq!(scene.store.sweep(now_ms + 1000).unwrap(), 0);
        assert_eq!(head(&scene.store, blob).0, 200);
        assert_eq!(scene.store.sweep(now_ms + UPLOAD_MS_MAX as i64 + 1000).unwrap(), 1);
        assert_eq!((head(&scene.store, blob).0, scene.store.bytes()), (404, 0));
    }

    #[test]
    fn an_upload_that_begins_removes_those_that_were_given_up() {
        let scene = scene();
        let ((old, bytes), (new, _)) = (sealed(100), sealed(99));
        patch(&scene.store, old, 0, &bytes[..50], false);
        let written = fs::metadata(scene.store.upload(old)).unwrap().modified().unwrap();
        let written_ms = written.duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        for (days, left) in [(1, 200), (8, 404)] {
            let now_ms = written_ms + days * 24 * 3600 * 1000;
            let begin = Call { offset: Some(0), now_ms, ..call("PATCH", "/x", &bytes[..10]) };
            assert_eq!(answer(&scene.store, &begin, new).status, 204);
            assert_eq!(head(&scene.store, old).0, left, "after {days} days");
        }
    }
}
