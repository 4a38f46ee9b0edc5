//! When the device or the server was put back to an earlier state, or somebody was retired.

use super::SyncReport;
use super::take::{fold, no_server};
use super::transport::Transport;
use crate::create::{new_device, random};
use crate::device::Identity;
use crate::vault::statement_key;
use crate::{Error, Role, Session, Vault, rng, site};
use wardbook_core::directory::{Directory, sign_next};
use wardbook_core::keys::DeviceKeys;
use wardbook_store::{Batch, Kind};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{
    CallerStanding, Object, Outcome, SeenAnswer, SeenRequest, StatementsAnswer, StatementsRequest, SyncAnswer,
    SyncRequest, problem,
};
use wardbook_wire::log::{LogPoint, ObjectBytes, Range};
use wardbook_wire::statement::Server;
use wardbook_wire::{Act, Author, DeviceId, MemberId, OrgId};

const TRIES: usize = 8;
/// Points of the log that the server is asked about at once.
const POINTS_AT_ONCE: usize = 200;

impl Session {
    /// This device was put back to an earlier state: it goes on under a new identity, so that nobody mistakes the two
    /// histories for one.
    pub(super) fn renew(&mut self, link: &mut dyn Transport, report: &mut SyncReport) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.follow_directory(link)?;
            let generation = self.vault.sync_mut()?.state.generation;
            if self.vault.directory.server().is_some_and(|server| server.generation > generation) {
                self.follow_generation(link)?;
            }
            let directory = &self.vault.directory;
            let org = directory.org();
            let next = Identity { org, device: DeviceId(random()), keys: DeviceKeys::generate(&mut rng()) };
            let old = &self.vault.identity;
            let name = directory.device(&old.device).map(|device| device.name.clone()).unwrap_or_default();
            let (_, name) = self.open_name(&old.device.0, &name);
            let act = Act::DeviceRenew(new_device(&next, &self.ring.directory_key, &name));
            let statement = sign_next(directory, Author::Device(old.device), &old.keys.signing, act);
            let state = &self.vault.sync_mut()?.state;
            let request = SyncRequest {
                generation: state.generation,
                point: state.range.point(),
                want: state.want.clone(),
                objects: vec![Object::Statement(ObjectBytes(statement.clone()))],
                extensions: Vec::new(),
                lease: None,
                mine_too: false,
            };
            // On disk first: if the answer is lost, the next sync finds the statement in the log and this identity here.
            let mut batch = Batch::new();
            next.write_next(&self.vault.site, &mut batch);
            self.vault.store.commit(&batch)?;
            let answer: SyncAnswer = self.exchange(link, "sync", &request)?;
            report.round_trips += 1;
            if matches!(answer.outcomes.first(), Some(Outcome::Logged { .. })) {
                report.renewed = true;
                // With the statement: until its place in the log comes, this device has to know that it is enrolled.
                let mut directory = self.vault.directory.clone();
                directory.apply(&statement)?;
                let mut batch = Batch::new();
                batch.put(Kind::Statement, &[], &statement_key(directory.now()), statement);
                self.become_device(next, batch)?;
                self.vault.directory = directory;
                return Ok(());
            }
        }
        Err(Error::Conflict("this device could not take a new identity: try `wardbook sync` again in a moment".into()))
    }

    /// Goes on under the identity that this device was about to take, if the log has it: the answer had been lost.
    pub(super) fn adopt_next_identity(&mut self) -> Result<bool, Error> {
        let (directory, now) = (&self.vault.directory, self.vault.directory.now());
        if directory.device_at(self.vault.identity.device, now).is_some() {
            return Ok(false);
        }
        let next = Identity::read_next(&self.vault.site, &self.vault.store)?;
        match next.filter(|next| directory.device_at(next.device, now).is_some()) {
            Some(next) => self.become_device(next, Batch::new()).map(|()| true),
            None => Ok(false),
        }
    }

    fn become_device(&mut self, next: Identity, mut batch: Batch) -> Result<(), Error> {
        let sync = self.vault.sync_mut()?;
        (sync.lease, sync.state.lease, sync.state.challenge) = (None, None, None);
        (sync.state.attempt, sync.state.lease_number) = ([0; 16], 0);
        let earlier = std::mem::replace(&mut self.vault.identity, next);
        earlier.write_earlier(&self.vault.site, &mut batch);
        self.vault.identity.write(&self.vault.site, &mut batch);
        self.vault.write_sync(&mut batch);
        Ok(self.vault.store.commit(&batch)?)
    }

    /// Takes the statements that came since, without their places in the log: those come with the log.
    pub(super) fn follow_directory(&mut self, link: &mut dyn Transport) -> Result<StatementsAnswer, Error> {
        let (directory, batch, answer) = self.later_statements(link)?;
        self.vault.store.commit(&batch)?;
        if directory.now() != self.vault.directory.now() {
            self.close_charts();
        }
        self.vault.directory = directory;
        Ok(answer)
    }

    /// The directory with the statements that the server has past this device's, checked; their rows, which are not
    /// written yet; and the answer that brought no more.
    pub(super) fn later_statements(
        &mut self,
        link: &mut dyn Transport,
    ) -> Result<(Directory, Batch, StatementsAnswer), Error> {
        let (mut directory, mut batch) = (self.vault.directory.clone(), Batch::new());
        loop {
            let after = directory.head();
            let answer: StatementsAnswer = self.exchange(link, "statements", &StatementsRequest { after })?;
            if answer.statements.is_empty() {
                return Ok((directory, batch, answer));
            }
            for bytes in &answer.statements {
                directory.apply(&bytes.0).map_err(|error| Error::cheat(&error.to_string()))?;
                batch.put(Kind::Statement, &[], &statement_key(directory.now()), bytes.0.clone());
            }
        }
    }

    /// The log goes on in a new generation, which an admin's statement says: what this device has past what both have is
    /// handed in again.
    pub(super) fn follow_generation(&mut self, link: &mut dyn Transport) -> Result<(), Error> {
        self.follow_directory(link)?;
        if !self.adopt_next_identity()? {
            self.end_if_retired(CallerStanding::Enrolled)?;
        }
        let held = self.vault.sync_mut()?.state.generation;
        let server = self.vault.directory.server().copied().ok_or_else(no_server)?;
        let Some(base) = server.base.filter(|_| server.generation > held) else {
            return Err(Error::cheat("it goes on in another generation, and no admin has said so (LOG-02)"));
        };
        let common = self.common_with(link, server.generation, &base)?;
        // Open charts know places of the log that are no more.
        self.open.clear();
        self.vault.fall_back_to(common, server.generation)
    }

    /// The longest log that this device has seen and that the server's log of that point goes on from.
    fn common_with(&mut self, link: &mut dyn Transport, generation: u64, end: &LogPoint) -> Result<Range, Error> {
        let state = &self.vault.sync_mut()?.state;
        let mut points = state.points.clone();
        points.push(state.range.point());
        points.retain(|point| point.size > 0 && point.size <= end.size);
        points.sort_unstable();
        points.dedup();
        points.reverse();
        for part in points.chunks(POINTS_AT_ONCE) {
            let sizes = part.iter().map(|point| point.size).collect();
            let answer: SeenAnswer = self.exchange(link, "seen", &SeenRequest { generation, sizes, size: end.size })?;
            for (point, proof) in part.iter().zip(&answer.proofs) {
                let Some(range) = Range::from_parts(proof.range.size(), proof.range.peaks().to_vec()) else { continue };
                let mut whole = range.clone();
                if range.point() == *point && fold(&mut whole, &proof.rest).is_ok() && whole.point() == *end {
                    return Ok(range);
                }
            }
        }
        Ok(Range::default())
    }

    /// An admin's decision that the server was put back to an earlier state, by somebody who may: its log goes on as it is
    /// now, and every device hands in again what it lost. Gives how many places of the log this device had beyond it.
    ///
    /// # Errors
    /// Not an admin; the server has everything that this device has seen.
    pub fn accept_restored(&mut self, link: &mut dyn Transport) -> Result<u64, Error> {
        if self.role() != Some(Role::Admin) {
            return Err(Error::NoRight("only an admin decides that a restored server goes on".into()));
        }
        let (seen, common) = match self.state_restored(link) {
            // A backup from before this device took its present identity knows the one it had.
            Err(Error::Server { code, detail }) if code == problem::SIGNATURE => {
                let earlier = Identity::read_earlier(&self.vault.site, &self.vault.store)?;
                let earlier = earlier.ok_or(Error::Server { code, detail })?;
                let present = std::mem::replace(&mut self.vault.identity, earlier);
                let done = self.state_restored(link);
                self.vault.identity = present;
                done?
            }
            done => done?,
        };
        self.follow_generation(link)?;
        Ok(seen.saturating_sub(common))
    }

    /// Hands in what the server lost of the directory, and the statement that its log goes on. Gives the length of the log
    /// that this device had, and of the part that the server's log goes on from.
    fn state_restored(&mut self, link: &mut dyn Transport) -> Result<(u64, u64), Error> {
        let org = self.vault.identity.org;
        let after = self.vault.directory.head();
        let answer: StatementsAnswer = self.exchange(link, "statements", &StatementsRequest { after })?;
        let server = self.vault.directory.server().copied().ok_or_else(no_server)?;
        let held = checkpoint_of(&answer, org, &server)?;
        let (base, mine) = (held.point, self.vault.sync_mut()?.state.range.point());
        let common = self.common_with(link, held.generation, &base)?;
        if held.generation == server.generation && common.point() == mine {
            return Err(Error::Invalid(
                "the server's log is not behind this device's: there is nothing to accept".into(),
            ));
        }
        let next = Server { key: server.key, generation: server.generation + 1, base: Some(base) };
        let author = Author::Member(self.me());
        let statement = sign_next(&self.vault.directory, author, &self.ring.keys.signing, Act::ServerSet(next));
        // The server needs every statement that it lost before it can take this one.
        let known = self.vault.sync_mut()?.state.statements.partition_point(|index| *index < common.size());
        let mut objects: Vec<_> = self.vault.statement_rows()?.into_iter().skip(known).collect();
        objects.push(statement);
        let request = SyncRequest {
            generation: next.generation,
            point: base,
            want: self.vault.sync_mut()?.state.want.clone(),
            objects: objects.into_iter().map(|bytes| Object::Statement(ObjectBytes(bytes))).collect(),
            extensions: Vec::new(),
            lease: None,
            mine_too: true,
        };
        let handed = self.exchange::<_, SyncAnswer>(link, "sync", &request)?;
        if !matches!(handed.outcomes.last(), Some(Outcome::Logged { .. })) {
            return Err(Error::Conflict(
                "the server did not take the admin's statement: its directory has changed apart from this device's. Let the admin do this \
                 whose device has the most of it"
                    .into(),
            ));
        }
        Ok((mine.size, common.size()))
    }
}

/// What the server has signed of its log, in whichever generation: a backup from before an earlier restore is in an
/// older one.
pub(super) fn checkpoint_of(answer: &StatementsAnswer, org: OrgId, server: &Server) -> Result<Checkpoint, Error> {
    let held = (1..=server.generation)
        .rev()
        .find_map(|generation| Checkpoint::open(&answer.checkpoint, org, generation, &server.key).ok());
    held.ok_or_else(|| Error::cheat("its checkpoint is not signed by the organisation's server (LOG-01)"))
}

impl Vault {
    /// Forgets the places of the log past a point, and hands those objects in again.
    fn fall_back_to(&mut self, base: Range, generation: u64) -> Result<(), Error> {
        let (mut batch, mut sync) = (Batch::new(), self.sync_mut()?.clone());
        for chart in self.store.owners(Kind::Entry)? {
            let mut kept = 0u64;
            for row in self.store.list(Kind::Entry, &chart)? {
                let Ok((place, bytes)) = crate::chart::split_entry_row(&row.value) else { continue };
                match place.index {
                    Some(index) if index >= base.size() => {
                        let place = crate::chart::Place { index: None, ..place };
                        batch.put(Kind::Entry, &chart, &row.key, crate::chart::entry_row(place, bytes));
                        batch.put(Kind::Outbox, &chart, &row.key, Vec::new());
                    }
                    Some(_) => kept += 1,
                    None => batch.put(Kind::Outbox, &chart, &row.key, Vec::new()),
                }
            }
            // One whose history was being fetched has no count yet, and is fetched anew.
            match self.store.get(Kind::Stream, &[], &chart)? {
                Some(_) => batch.put(Kind::Stream, &[], &chart, kept.to_be_bytes().to_vec()),
                None => sync.state.widened = true,
            }
        }
        for kind in [Kind::Slot, Kind::Keyring] {
            for row in self.store.list_all(kind)? {
                batch.put(Kind::Outbox, &[], &super::own_key(kind, &row.key), Vec::new());
            }
        }
        let state = &mut sync.state;
        state.generation = generation;
        state.own.retain(|index| *index < base.size());
        state.statements.retain(|index| *index < base.size());
        state.points.retain(|point| point.size <= base.size());
        state.passed = state.passed.filter(|point| point.size <= base.size());
        state.range = base;
        // The lease stays: its number tells the server that it was put back, and not this device.
        sync.state.write(&self.site, &mut batch);
        self.store.commit(&batch)?;
        self.sync = Some(sync);
        Ok(())
    }

    /// Every statement, from the genesis on.
    pub(crate) fn statement_rows(&self) -> Result<Vec<Vec<u8>>, Error> {
        let mut rows = self.store.list_all(Kind::Statement)?;
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// Removes everything that opens anything from this device.
    pub(super) fn wipe(&mut self) -> Result<(), Error> {
        site::forget(self.store.folder())?;
        let mut batch = Batch::new();
        for kind in [Kind::Slot, Kind::Keyring, Kind::Device, Kind::ChartKeys, Kind::Draft] {
            for owner in self.store.owners(kind)? {
                for row in self.store.list(kind, &owner)? {
                    batch.delete(kind, &owner, &row.key);
                }
            }
        }
        Ok(self.store.commit(&batch)?)
    }

    /// Removes what opens anything for members who have left.
    pub(crate) fn forget_retired(&mut self) -> Result<(), Error> {
        let (directory, now) = (&self.directory, self.directory.now());
        let left = |member: &&wardbook_wire::directory::Member| member.role_at(now).is_none();
        let left: Vec<_> = directory.members().filter(left).map(|member| member.id).collect();
        for member in left {
            if self.store.get(Kind::Keyring, &[], member.as_bytes())?.is_some() {
                self.forget_member(member)?;
            }
        }
        Ok(())
    }

    /// Removes what opens anything for one member.
    pub(super) fn forget_member(&mut self, member: MemberId) -> Result<(), Error> {
        let mut batch = Batch::new();
        for row in self.store.list_all(Kind::Slot)? {
            let slot = wardbook_wire::Unverified::<wardbook_wire::slot::Slot>::decode(&row.value);
            if let Ok(slot) = slot
                && slot.peek().member == member
            {
                // The name is free again, and whoever takes it begins anew.
                self.state.slots.remove(&slot.peek().lookup);
                batch.delete(Kind::Slot, &[], &row.key);
            }
        }
        batch.delete(Kind::Keyring, &[], member.as_bytes());
        for kind in [Kind::ChartKeys, Kind::Draft] {
            for row in self.store.list(kind, member.as_bytes())? {
                batch.delete(kind, member.as_bytes(), &row.key);
            }
        }
        self.commit_with_state(batch)
    }
}
