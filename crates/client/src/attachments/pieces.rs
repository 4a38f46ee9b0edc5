//! Sealed attachments on this device where there are no files: rows of the store, in pieces. What `folder` does with files.
//!
//! | owner | key | value |
//! | --- | --- | --- |
//! | blob id | number of the piece (4 bytes, big-endian) | sealed bytes, [`PIECE_BYTES`] in all but the last |
//! | empty | blob id | state (1 byte) ‖ sealed bytes that are here (8 bytes, big-endian) |
//! | empty | `sweep-needed` | empty: there may be some which no entry names |
//!
//! Pieces and what is said of them are written at once, so nothing is here that is not said. What is being sealed is in
//! memory until it is whole, beside its content, which is in memory anyway.

use crate::Error;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use wardbook_store::{Batch, Kind, Store, StoreError};
use wardbook_wire::BlobId;

/// Small enough to be read for one chunk, and few rows for a scan of some hundred megabytes.
const PIECE_BYTES: u64 = 1024 * 1024;
const PIECE_LEN: usize = PIECE_BYTES as usize;
const SWEEP_NEEDED: &[u8] = b"sweep-needed";

pub(super) struct BlobPieces<'a>(&'a Store);

/// What is here of an attachment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole = 1,
    /// The beginning of one that is being fetched.
    Part = 2,
    /// It was found to be changed, and its bytes are gone.
    Damaged = 3,
}

/// One that is being sealed.
#[derive(Default)]
pub(super) struct Sealing(Vec<Vec<u8>>);

impl Sealing {
    pub fn write(&mut self, sealed: &[u8]) -> Result<(), Error> {
        let mut rest = sealed;
        while !rest.is_empty() {
            if self.0.last().is_none_or(|piece| piece.len() >= PIECE_LEN) {
                self.0.push(Vec::with_capacity(PIECE_LEN.min(rest.len())));
            }
            let Some(piece) = self.0.last_mut() else { return Ok(()) };
            let (now, later) = rest.split_at(rest.len().min(PIECE_LEN.saturating_sub(piece.len())));
            piece.extend_from_slice(now);
            rest = later;
        }
        Ok(())
    }
}

impl<'a> BlobPieces<'a> {
    /// Those of a vault.
    pub fn of(store: &'a Store) -> Result<Self, Error> {
        Ok(Self(store))
    }

    /// Those of a vault, which may be none.
    pub fn existing(store: &'a Store) -> Option<Self> {
        Some(Self(store))
    }

    /// Where it is or would be, for telling people.
    pub fn place_name(&self, blob: &BlobId) -> String {
        format!("attachment {blob}")
    }

    fn note(&self, blob: &BlobId) -> Result<Option<(State, u64)>, Error> {
        let Some(note) = self.0.get(Kind::Blob, &[], blob.as_bytes())? else { return Ok(None) };
        let (state, length) = note.split_first_chunk::<1>().ok_or_else(damaged)?;
        let state = [State::Whole, State::Part, State::Damaged].into_iter().find(|known| [*known as u8] == *state);
        let length = <[u8; 8]>::try_from(length).map_err(|_| damaged())?;
        Ok(Some((state.ok_or_else(damaged)?, u64::from_be_bytes(length))))
    }

    /// Sealed bytes that are here, of all that there may be.
    fn held(&self, blob: &BlobId) -> Result<u64, Error> {
        Ok(self.note(blob)?.map_or(0, |(_, length)| length))
    }

    /// Sealed bytes of one that is here whole.
    pub fn length(&self, blob: &BlobId) -> Option<u64> {
        let note = self.note(blob).ok().flatten();
        note.filter(|(state, _)| *state == State::Whole).map(|(_, length)| length)
    }

    pub fn create(&self) -> Result<Sealing, Error> {
        Ok(Sealing::default())
    }

    /// Writes one that was sealed.
    pub fn keep(&self, sealing: Sealing, blob: &BlobId) -> Result<(), Error> {
        let mut batch = self.without(blob)?;
        let length: u64 = sealing.0.iter().map(|piece| piece.len() as u64).sum();
        for (number, piece) in (0u32..).zip(sealing.0) {
            batch.put(Kind::Blob, blob.as_bytes(), &number.to_be_bytes(), piece);
        }
        put_note(blob, State::Whole, length, &mut batch);
        Ok(self.0.commit(&batch)?)
    }

    /// Exactly these sealed bytes of one that is here whole.
    pub fn read(&self, blob: &BlobId, range: &Range<u64>) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        while range.start + (bytes.len() as u64) < range.end {
            let at = range.start + bytes.len() as u64;
            let piece = self.piece(blob, at / PIECE_BYTES)?;
            let from = at % PIECE_BYTES;
            let to = (from + (range.end - at)).min(piece.len() as u64);
            let found = piece.get(from as usize..to as usize).filter(|found| !found.is_empty());
            bytes.extend_from_slice(found.ok_or_else(damaged)?);
        }
        Ok(bytes)
    }

    fn piece(&self, blob: &BlobId, number: u64) -> Result<Vec<u8>, Error> {
        let number = u32::try_from(number).map_err(|_| damaged())?;
        match self.0.get(Kind::Blob, blob.as_bytes(), &number.to_be_bytes()) {
            Err(StoreError::Damaged) => Err(damaged()),
            found => found?.ok_or_else(damaged),
        }
    }

    /// How much of one that is being fetched is here. What ends within a piece, or is more than there is, is thrown away.
    pub fn begin_part(&self, blob: &BlobId, sealed_bytes: u64) -> Result<u64, Error> {
        match self.note(blob)? {
            Some((State::Part, held)) if held == sealed_bytes => Ok(held),
            Some((State::Part, held)) if held < sealed_bytes && held.is_multiple_of(PIECE_BYTES) => Ok(held),
            _ => {
                let mut batch = self.without(blob)?;
                put_note(blob, State::Part, 0, &mut batch);
                self.0.commit(&batch)?;
                Ok(0)
            }
        }
    }

    /// Adds what was fetched to the `held` bytes that are here, which are whole pieces.
    pub fn add_to_part(&self, blob: &BlobId, held: u64, fetched: &[u8]) -> Result<(), Error> {
        let (mut batch, first) = (Batch::new(), u32::try_from(held / PIECE_BYTES).map_err(|_| damaged())?);
        for (number, piece) in (first..).zip(fetched.chunks(PIECE_LEN)) {
            batch.put(Kind::Blob, blob.as_bytes(), &number.to_be_bytes(), piece.to_vec());
        }
        put_note(blob, State::Part, held + fetched.len() as u64, &mut batch);
        Ok(self.0.commit(&batch)?)
    }

    /// Makes what was fetched a whole one, if it is what it is named.
    ///
    /// # Errors
    /// BLB-03; what came is thrown away then.
    pub fn take_part(&self, blob: &BlobId) -> Result<(), Error> {
        let length = self.held(blob)?;
        if self.hash(blob, length)? != blob.0 {
            self.0.commit(&self.without(blob)?)?;
            return Err(Error::cheat("an attachment that it gave is not the one that its name says (BLB-03)")); // BLB-03
        }
        let mut batch = Batch::new();
        put_note(blob, State::Whole, length, &mut batch);
        Ok(self.0.commit(&batch)?)
    }

    /// Gives up the bytes of one that is not what it is named; true if so.
    pub fn set_aside_if_damaged(&self, blob: &BlobId) -> Result<bool, Error> {
        let length = self.held(blob)?;
        // A piece that is missing or cannot be read is damage too.
        let whole = match self.hash(blob, length) {
            Ok(hash) => hash == blob.0, // BLB-03
            Err(Error::Damaged(_)) => false,
            Err(error) => return Err(error),
        };
        if whole {
            return Ok(false);
        }
        let mut batch = self.without(blob)?;
        put_note(blob, State::Damaged, 0, &mut batch);
        self.0.commit(&batch)?;
        Ok(true)
    }

    /// True where one was given up.
    pub fn has_damaged(&self, blob: &BlobId) -> bool {
        matches!(self.note(blob), Ok(Some((State::Damaged, _))))
    }

    /// What is here of each attachment: whole, begun or given up.
    pub fn files(&self) -> Result<BTreeMap<BlobId, Vec<BlobId>>, Error> {
        let notes = self.0.list(Kind::Blob, &[])?;
        let blobs = notes.iter().filter_map(|row| BlobId::from_slice(&row.key));
        Ok(blobs.map(|blob| (blob, vec![blob])).collect())
    }

    /// Notes that something may be here which no entry names, until a sweep is done.
    pub fn ask_for_sweep(&self) -> Result<(), Error> {
        let mut batch = Batch::new();
        batch.put(Kind::Blob, &[], SWEEP_NEEDED, Vec::new());
        Ok(self.0.commit(&batch)?)
    }

    pub fn sweep_is_asked_for(&self) -> bool {
        matches!(self.0.get(Kind::Blob, &[], SWEEP_NEEDED), Ok(Some(_)))
    }

    /// Ends a sweep: removes what it found, with the note that asked for it.
    pub fn remove(&self, blobs: &[BlobId]) -> Result<(), Error> {
        let mut batch = Batch::new();
        for blob in blobs {
            batch.append(self.without(blob)?);
        }
        batch.delete(Kind::Blob, &[], SWEEP_NEEDED);
        Ok(self.0.commit(&batch)?)
    }

    /// Removes everything of one, in a batch to add to.
    fn without(&self, blob: &BlobId) -> Result<Batch, Error> {
        let mut batch = Batch::new();
        let length = self.held(blob)?;
        let pieces = u32::try_from(length.div_ceil(PIECE_BYTES)).map_err(|_| damaged())?;
        for number in 0..pieces {
            batch.delete(Kind::Blob, blob.as_bytes(), &number.to_be_bytes());
        }
        batch.delete(Kind::Blob, &[], blob.as_bytes());
        Ok(batch)
    }

    fn hash(&self, blob: &BlobId, length: u64) -> Result<[u8; 32], Error> {
        let mut hash = Sha256::new();
        for number in 0..length.div_ceil(PIECE_BYTES) {
            hash.update(self.piece(blob, number)?);
        }
        Ok(hash.finalize().into())
    }
}

fn put_note(blob: &BlobId, state: State, length: u64, batch: &mut Batch) {
    let note = [[state as u8].as_slice(), &length.to_be_bytes()].concat();
    batch.put(Kind::Blob, &[], blob.as_bytes(), note);
}

fn damaged() -> Error {
    Error::damaged("this attachment")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(sealed: &[u8]) -> BlobId {
        BlobId(Sha256::digest(sealed).into())
    }

    fn sealed(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n * 13 + n / 97) as u8).collect()
    }

    fn keep(pieces: &BlobPieces<'_>, sealed: &[u8]) -> BlobId {
        let mut sealing = pieces.create().unwrap();
        sealed.chunks(65_552).for_each(|chunk| sealing.write(chunk).unwrap());
        pieces.keep(sealing, &id(sealed)).unwrap();
        id(sealed)
    }

    #[test]
    fn what_is_kept_is_read_by_ranges() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let pieces = BlobPieces::of(&store).unwrap();
        let bytes = sealed(2 * PIECE_LEN + 100);
        let blob = keep(&pieces, &bytes);
        let end = bytes.len() as u64;
        assert_eq!(pieces.length(&blob), Some(end));
        for range in [0..66, 0..end, PIECE_BYTES - 1..PIECE_BYTES + 1, end - 1..end, 5..5] {
            let expected = &bytes[range.start as usize..range.end as usize];
            assert!(pieces.read(&blob, &range).unwrap() == expected, "{range:?}");
        }
        assert!(pieces.read(&blob, &(end - 1..end + 1)).is_err());
        assert!(pieces.length(&BlobId([1; 32])).is_none() && pieces.read(&BlobId([1; 32]), &(0..1)).is_err());
        assert_eq!(pieces.place_name(&BlobId([0; 32])), format!("attachment {}", "00".repeat(32)));
    }

    #[test]
    fn blb_03_what_is_fetched_goes_on_and_is_kept_only_if_it_is_what_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let pieces = BlobPieces::of(&store).unwrap();
        let bytes = sealed(2 * PIECE_LEN + 100);
        let (blob, total, first) = (id(&bytes), bytes.len() as u64, 2 * PIECE_LEN);
        assert_eq!(pieces.begin_part(&blob, total).unwrap(), 0);
        pieces.add_to_part(&blob, 0, &bytes[..first]).unwrap();
        assert_eq!(pieces.begin_part(&blob, total).unwrap(), 2 * PIECE_BYTES);
        assert_eq!(pieces.length(&blob), None);
        pieces.add_to_part(&blob, 2 * PIECE_BYTES, &bytes[first..]).unwrap();
        assert_eq!(pieces.begin_part(&blob, total).unwrap(), total);
        pieces.take_part(&blob).unwrap();
        assert!(pieces.length(&blob) == Some(total) && pieces.read(&blob, &(0..total)).unwrap() == bytes);

        let other = BlobId([7; 32]);
        assert_eq!(pieces.begin_part(&other, 10).unwrap(), 0);
        pieces.add_to_part(&other, 0, b"0123456789").unwrap();
        assert!(matches!(pieces.take_part(&other), Err(Error::Cheat(_))));
        assert!(!pieces.files().unwrap().contains_key(&other));
        assert!(store.list(Kind::Blob, other.as_bytes()).unwrap().is_empty());
        // What ends within a piece begins anew.
        pieces.add_to_part(&other, 0, b"01234").unwrap();
        assert_eq!(pieces.begin_part(&other, 10).unwrap(), 0);
    }

    #[test]
    fn blb_03_what_was_changed_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let pieces = BlobPieces::of(&store).unwrap();
        let (changed, lost) = (keep(&pieces, &sealed(1000)), keep(&pieces, &sealed(2000)));
        assert!(!pieces.set_aside_if_damaged(&changed).unwrap());
        let mut batch = Batch::new();
        batch.put(Kind::Blob, changed.as_bytes(), &[0; 4], sealed(999));
        batch.delete(Kind::Blob, lost.as_bytes(), &[0; 4]);
        store.commit(&batch).unwrap();
        for blob in [changed, lost] {
            assert!(pieces.set_aside_if_damaged(&blob).unwrap() && pieces.has_damaged(&blob));
            assert!(pieces.length(&blob).is_none() && store.list(Kind::Blob, blob.as_bytes()).unwrap().is_empty());
        }
        // Attached again, it is whole again.
        assert_eq!(keep(&pieces, &sealed(1000)), changed);
        assert!(pieces.length(&changed) == Some(1000) && !pieces.has_damaged(&changed));
    }

    #[test]
    fn blb_07_a_sweep_removes_what_it_is_told_and_its_note() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let pieces = BlobPieces::existing(&store).unwrap();
        let (stays, goes) = (keep(&pieces, &sealed(1000)), keep(&pieces, &sealed(2000)));
        assert!(!pieces.sweep_is_asked_for());
        pieces.ask_for_sweep().unwrap();
        assert!(pieces.sweep_is_asked_for());
        assert_eq!(pieces.files().unwrap().len(), 2);
        pieces.remove(&[goes]).unwrap();
        assert!(!pieces.sweep_is_asked_for() && pieces.length(&goes).is_none() && pieces.length(&stays).is_some());
        assert_eq!(store.owners(Kind::Blob).unwrap().len(), 2, "the notes and one attachment");
    }
}
