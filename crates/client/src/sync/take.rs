//! Taking an answer in: the log goes on exactly where this device left it, every object is the one that its leaf names, and
//! the whole is what the server has signed. Otherwise nothing of it is taken.

use super::apart::Outrun;
use super::{OutboxKey, SyncReport};
use crate::chart::{Place, entry_row, split_entry_row};
use crate::vault::statement_key;
use crate::{Error, Vault};
use std::collections::{BTreeMap, BTreeSet};
use wardbook_core::chart::Arrival;
use wardbook_store::{Batch, Kind};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::directory::Directory;
use wardbook_wire::exchange::{CallerStanding, Object, Refusal, SyncAnswer, Want};
use wardbook_wire::log::{Item, Leaf, LeafKind, ObjectBytes, Range, Seen};
use wardbook_wire::request::Request;
use wardbook_wire::{ChartId, Entry, EntryId, StatementId};

/// Objects of the request, by the ids of the leaves that they become.
pub(super) type Mine = BTreeMap<[u8; 32], Object>;

/// What stays of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Places,
    /// Statements, slots and keyrings without their places in the log: the answer passed charts over that this device
    /// holds, so the next one begins where the last one ended.
    Objects,
}

/// What an answer left to be done.
#[derive(Default)]
pub(super) struct Left {
    /// Charts that changed.
    pub touched: BTreeSet<ChartId>,
    /// Objects that wait for others: they are handed in again once those are in.
    pub waiting: Vec<(OutboxKey, String, Refusal)>,
    /// Entries that the server says it has: their leaves have to come.
    pub told: Vec<OutboxKey>,
    /// Charts that are wanted and whose beginning was passed over.
    pub history: BTreeSet<ChartId>,
    /// The answer left out something that this device handed in once and does not have any more.
    pub lost_own: bool,
    /// Slots of this device that were refused, because the server has others of their members.
    pub outrun: Vec<Outrun>,
}

/// The id of the leaf that an object becomes.
pub(super) fn leaf_id(object: &Object) -> [u8; 32] {
    let bytes = object.bytes();
    match object {
        Object::Statement(_) => statement_id(bytes),
        Object::Entry(_) => Entry::decode(bytes).map(|entry| entry.id().0).unwrap_or_default(),
        Object::Slot(_) | Object::Keyring(_) => Request::digest(bytes),
    }
}

fn statement_id(bytes: &[u8]) -> [u8; 32] {
    use wardbook_wire::signed::{Domain, Signed};
    let signed = wardbook_wire::strict::decode::<Signed>(bytes, usize::MAX);
    signed.map(|signed| Domain::STATEMENT.digest(&signed.bytes)).unwrap_or_default()
}

impl Vault {
    /// Checks an answer and stores what it brought, all of it or nothing.
    pub(super) fn take(
        &mut self,
        answer: &SyncAnswer,
        mine: &Mine,
        report: &mut SyncReport,
        left: &mut Left,
        mut batch: Batch,
        keep: Keep,
    ) -> Result<(), Error> {
        let Some(before) = self.sync.clone() else { return Err(no_server()) };
        let directory = self.directory.clone();
        let slots = self.state.slots.clone();
        // Of earlier answers, which were stored whatever becomes of this one.
        let touched = (keep == Keep::Objects).then(|| std::mem::take(&mut left.touched));
        let taken = self.take_items(answer, mine, report, left, &mut batch).and_then(|()| {
            if left.lost_own {
                return Err(Error::damaged("something that this device handed in itself"));
            }
            self.take_end(answer)?;
            if keep == Keep::Objects {
                self.sync = Some(before.clone());
                [Kind::Entry, Kind::Stream, Kind::Outbox, Kind::Pending]
                    .into_iter()
                    .for_each(|kind| batch.drop_kind(kind));
            }
            self.write_sync(&mut batch);
            self.commit_with_state(batch)
        });
        if let Some(touched) = touched {
            left.touched = touched;
        }
        if let Err(error) = taken {
            self.sync = Some(before);
            self.directory = directory;
            self.state.slots = slots;
            return Err(error);
        }
        Ok(())
    }

    fn take_items(
        &mut self,
        answer: &SyncAnswer,
        mine: &Mine,
        report: &mut SyncReport,
        left: &mut Left,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let own_stream = self.identity.org.into();
        for outrun in std::mem::take(&mut left.outrun) {
            self.sync_mut()?.state.note_outrun(outrun);
        }
        let (mut counts, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for item in &answer.items {
            let sync = self.sync_mut()?;
            let index = sync.state.range.size();
            match item {
                Item::Skip(subtree) => {
                    if answer.standing == CallerStanding::Enrolled && sync.state.want == Want::All {
                        return Err(Error::cheat("it passed over a chart that this device wants (LOG-05)")); // LOG-05
                    }
                    let fits = sync.state.range.push(*subtree, &mut |_, _| {});
                    fits.map_err(|_| Error::cheat("it passed over a part of the log that does not fit (LOG-03)"))?;
                }
                Item::Leaf { leaf, object } => {
                    sync.state.range.push_leaf(leaf);
                    if leaf.stream == own_stream {
                        if leaf.seq != sync.state.own.len() as u64 + 1 {
                            return Err(left_out()); // LOG-05
                        }
                        sync.state.own.push(index);
                        self.take_own(leaf, index, object.as_ref(), mine, report, left, batch)?;
                    } else {
                        self.take_entry(
                            leaf,
                            index,
                            object.as_ref(),
                            mine,
                            report,
                            left,
                            (&mut counts, &mut taken),
                            batch,
                        )?;
                    }
                }
            }
        }
        for (chart, count) in counts {
            // Its entry in the list is made anew, also if this process ends before it comes to that.
            batch.delete(Kind::Cover, &[], chart.as_bytes());
            batch.put(Kind::Stream, &[], chart.as_bytes(), u64::to_be_bytes(count).to_vec());
        }
        Ok(())
    }

    /// A statement, slot or keyring.
    #[expect(clippy::too_many_arguments, reason = "one leaf with everything that it may change")]
    fn take_own(
        &mut self,
        leaf: &Leaf,
        index: u64,
        object: Option<&ObjectBytes>,
        mine: &Mine,
        report: &mut SyncReport,
        left: &mut Left,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let bytes = object.map(|object| object.0.as_slice()).or_else(|| mine.get(&leaf.id).map(Object::bytes));
        match leaf.kind {
            LeafKind::Entry => Err(Error::cheat("it filed an entry among the statements (LOG-06)")),
            LeafKind::Statement => {
                let place = self.sync_mut()?.state.statements.len();
                self.sync_mut()?.state.statements.push(index);
                if let Some(held) = self.directory.chain().get(place) {
                    let same = held.0 == leaf.id;
                    return if same {
                        Ok(())
                    } else {
                        Err(Error::cheat("its directory is another one than this device's (DIR-02)"))
                    };
                }
                let Some(bytes) = bytes else {
                    left.lost_own = true;
                    return Ok(());
                };
                let applied = self.directory.apply_at(bytes, Some(leaf.received_ms));
                let id = applied.map_err(|error| Error::cheat(&error.to_string()))?;
                if id != StatementId(leaf.id) {
                    return Err(other_object()); // LOG-06
                }
                batch.put(Kind::Statement, &[], &statement_key(self.directory.now()), bytes.to_vec());
                report.statements += 1;
                Ok(())
            }
            LeafKind::Slot | LeafKind::Keyring => {
                // Without its bytes it was replaced since, or is this device's own.
                let Some(bytes) = bytes else { return Ok(()) };
                if Request::digest(bytes) != leaf.id {
                    return Err(other_object()); // LOG-06
                }
                if leaf.kind == LeafKind::Slot {
                    self.take_logged_slot(bytes, batch)
                } else {
                    crate::bundle::take_keyring(self, bytes, batch)
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one leaf with everything that it may change")]
    fn take_entry(
        &mut self,
        leaf: &Leaf,
        index: u64,
        object: Option<&ObjectBytes>,
        mine: &Mine,
        report: &mut SyncReport,
        left: &mut Left,
        (counts, taken): (&mut BTreeMap<ChartId, u64>, &mut BTreeSet<EntryId>),
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let (chart, id) = (ChartId(leaf.stream.0), EntryId(leaf.id));
        if leaf.kind != LeafKind::Entry {
            return Err(Error::cheat("it filed something else among the entries of a chart (LOG-06)"));
        }
        let held = match counts.get(&chart) {
            Some(held) => *held,
            None => self.stream_count(chart)?,
        };
        if leaf.seq != held + 1 {
            // Of a chart that was not wanted so far something was passed over: it is asked for from its beginning.
            let state = &self.sync_mut()?.state;
            return if held == 0 || state.widened || state.want != Want::All {
                left.history.insert(chart);
                self.sync_mut()?.state.widened = true;
                Ok(())
            } else {
                Err(left_out()) // LOG-05
            };
        }
        let given = object.map(|object| object.0.as_slice()).or_else(|| mine.get(&leaf.id).map(Object::bytes));
        let stored = self.store.get(Kind::Entry, chart.as_bytes(), id.as_bytes())?;
        let stored = stored.as_deref().and_then(|row| split_entry_row(row).ok());
        if stored.is_some_and(|(place, _)| place.index.is_some_and(|held| held != index)) || !taken.insert(id) {
            return Err(Error::cheat("it filed one entry twice (LOG-06)")); // LOG-06
        }
        let own = stored.map(|(_, bytes)| bytes);
        let Some(bytes) = given.or(own) else {
            left.lost_own = true;
            return Ok(());
        };
        let entry = check_entry(&self.directory, leaf, bytes)?;
        counts.insert(chart, leaf.seq);
        // Not the directory that this device has: a bundle may have brought more of it than the log.
        let position = self.sync_mut()?.state.position_at(index);
        let arrival = Arrival { position, late: leaf.late };
        let place = Place { index: Some(index), arrival };
        batch.put(Kind::Entry, chart.as_bytes(), id.as_bytes(), entry_row(place, bytes));
        batch.delete(Kind::Pending, chart.as_bytes(), id.as_bytes());
        batch.delete(Kind::Outbox, chart.as_bytes(), id.as_bytes());
        if let Some(seen) = entry.peek().seen {
            self.sync_mut()?.state.note_unproven(id, entry.peek().author, seen);
        }
        left.touched.insert(chart);
        if object.is_some() {
            report.received += 1;
        }
        Ok(())
    }

    /// What is signed: the log with the rest, the lease.
    fn take_end(&mut self, answer: &SyncAnswer) -> Result<(), Error> {
        let (org, device) = (self.identity.org, self.identity.device);
        let Some(server) = self.directory.server().copied() else { return Err(no_server()) };
        let head = self.directory.head();
        let sync = self.sync_mut()?;
        let mut whole = sync.state.range.clone();
        fold(&mut whole, &answer.rest)?;
        let checkpoint = Checkpoint::open(&answer.checkpoint, org, server.generation, &server.key);
        let checkpoint = checkpoint.map_err(|error| Error::cheat(&error.to_string()))?; // LOG-01
        if checkpoint.point != whole.point() {
            return Err(Error::cheat("its log is not the continuation of the one that it signed before (LOG-03)"));
        }
        sync.state.generation = server.generation;
        sync.state.checkpoint = answer.checkpoint.clone();
        sync.state.challenge = Some(answer.challenge);
        let point = sync.state.range.point();
        sync.state.note_point(point);
        if let Some(bytes) = &answer.lease {
            let lease = wardbook_core::lease::take_lease(&self.directory, device, &bytes.0);
            let lease = lease.map_err(|error| Error::cheat(&error.to_string()))?;
            let seen = Seen { generation: server.generation, point };
            let held = self.sync_mut()?.state.lease_number;
            let newer = lease.lease.number > held;
            if !answer.rest.is_empty() || lease.lease.directory != head || lease.lease.seen != seen || !newer {
                return Err(Error::cheat("its lease is for another state of the log (LSE-01)"));
            }
            let sync = self.sync_mut()?;
            sync.state.lease = Some(bytes.clone());
            sync.state.extension = None;
            (sync.state.attempt, sync.state.lease_number) = ([0; 16], lease.lease.number);
            sync.state.synced_ms = lease.lease.issued_ms;
            sync.lease = Some(lease);
            // The server's clock corrects what this device's own clock made it believe.
            self.state.latest_ms = lease.lease.issued_ms;
        }
        Ok(())
    }

    pub(super) fn write_sync(&self, batch: &mut Batch) {
        if let Some(sync) = &self.sync {
            sync.state.write(&self.site, batch);
        }
    }
}

/// LOG-06: the entry that the leaf names, as its author signed it, with a directory that is known by now.
pub(super) fn check_entry(directory: &Directory, leaf: &Leaf, bytes: &[u8]) -> Result<Entry, Error> {
    let entry = Entry::decode(bytes).map_err(|error| Error::cheat(&error.to_string()))?;
    let header = entry.peek();
    if entry.id().0 != leaf.id || entry.chart() != ChartId(leaf.stream.0) || header.org != directory.org() {
        return Err(other_object()); // LOG-06
    }
    let position = directory.position(&header.directory).ok_or_else(left_out)?;
    let author = directory.member(&header.author).ok_or_else(other_object)?;
    // The id does not cover the signature: one that was spoiled would make others pass over the entry.
    entry.clone().verify(author.verify_key_at(position)).map_err(|_| other_object())?; // LOG-06
    Ok(entry)
}

/// Appends stretches of the log.
pub(super) fn fold(range: &mut Range, rest: &[wardbook_wire::log::Subtree]) -> Result<(), Error> {
    for subtree in rest {
        let fits = range.push(*subtree, &mut |_, _| {});
        fits.map_err(|_| Error::cheat("it passed over a part of the log that does not fit (LOG-03)"))?;
    }
    Ok(())
}

pub(super) fn no_server() -> Error {
    Error::Invalid("this vault has no server: `wardbook server set LINK` puts its organisation on one".into())
}

pub(super) fn left_out() -> Error {
    Error::cheat("it left something out of the log (LOG-05)")
}

pub(super) fn other_object() -> Error {
    Error::cheat("it handed out something else than its log says (LOG-06)")
}
