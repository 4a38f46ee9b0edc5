//! Objects on their way into the log.
//!
//! ```text
//! statement ──────────────────────────────apply──► directory (a copy)  ──append──► leaf
//! entry, slot, keyring ──read──► Unchecked ──verify──► Checked ──settle──► leaf
//!                                   (on several threads)    (parents, attachments, versions)
//! ```
//!
//! All of one request happens in one transaction and on copies of what is in memory; [`Taken`] replaces that after the
//! commit, so a request that fails half-way leaves nothing behind.

mod verify;

use crate::ServerError;
use crate::blobs::BlobStore;
use crate::leases;
use crate::log::{self, NewLeaf};
use crate::org::Org;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use verify::{Checked, Step, Unchecked, verify_all};
use wardbook_wire::directory::{Directory, DirectoryError};
use wardbook_wire::entry::VerifiedEntry;
use wardbook_wire::exchange::{Object, Outcome, Refusal};
use wardbook_wire::log::{KeyringObject, LeafKind, LogPoint, Range, StreamId};
use wardbook_wire::signed::{Signable, Signed};
use wardbook_wire::slot::Slot;
use wardbook_wire::{
    Act, DeviceId, Entry, Grantee, MemberId, Statement, StatementId, Unverified, Verified, VerifyKey, WireError, strict,
};

/// One request's objects, being taken.
pub(crate) struct Taking<'a> {
    db: &'a Connection,
    blobs: &'a BlobStore,
    held: &'a Directory,
    /// The directory after the statements of this request.
    changed: Option<Directory>,
    range: Range,
    now_ms: i64,
    by: Option<DeviceId>,
    /// A log that only begins: servers before this one are no business of it.
    begins: bool,
    /// Statements of those who joined are taken: from them, or from an admin who hands in the past again.
    joins: bool,
    entries: u64,
    late: u64,
}

/// What a request has added.
pub(crate) struct Taken {
    /// None where it is as before.
    pub directory: Option<Directory>,
    pub range: Range,
    pub entries: u64,
    /// Of those, the ones in quarantine.
    pub late: u64,
}

/// A statement with its id, its signature unchecked.
pub(crate) fn read_statement(bytes: &[u8]) -> Result<(StatementId, Statement), WireError> {
    let statement = Unverified::<Statement>::decode(bytes)?.peek().clone();
    let signed: Signed = strict::decode(bytes, bytes.len())?;
    Ok((StatementId(Statement::DOMAIN.digest(&signed.bytes)), statement))
}

/// The point that a new generation goes on from, where the statement sets one.
fn based(statement: &Statement) -> Option<LogPoint> {
    match &statement.act {
        Act::ServerSet(server) => server.base,
        _ => None,
    }
}

/// Slots and keyrings are named by their travelling form.
fn sealed_id(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Whose slot or keyring it is, where it is one.
pub(crate) fn owner(object: &Object) -> Option<MemberId> {
    match object {
        Object::Slot(bytes) => Unverified::<Slot>::decode(&bytes.0).ok().map(|slot| slot.peek().member),
        Object::Keyring(bytes) => {
            Unverified::<KeyringObject>::decode(&bytes.0).ok().map(|keyring| keyring.peek().member)
        }
        Object::Statement(_) | Object::Entry(_) => None,
    }
}

/// Where the log would have it.
fn place(object: &Object) -> Option<(LeafKind, [u8; 32])> {
    match object {
        Object::Statement(bytes) => read_statement(&bytes.0).ok().map(|(id, _)| (LeafKind::Statement, id.0)),
        Object::Entry(bytes) => Entry::decode(&bytes.0).ok().map(|entry| (LeafKind::Entry, entry.id().0)),
        Object::Slot(bytes) => Some((LeafKind::Slot, sealed_id(&bytes.0))),
        Object::Keyring(bytes) => Some((LeafKind::Keyring, sealed_id(&bytes.0))),
    }
}

impl<'a> Taking<'a> {
    pub fn new(db: &'a Connection, org: &'a Org, now_ms: i64, by: Option<DeviceId>) -> Self {
        let Org { blobs, directory, range, .. } = org;
        let range = range.clone();
        Self {
            db,
            blobs,
            held: directory,
            changed: None,
            range,
            now_ms,
            by,
            begins: false,
            joins: false,
            entries: 0,
            late: 0,
        }
    }

    /// A log with nothing in it yet but its genesis, from which the directory was started.
    pub fn begin(
        db: &'a Connection,
        blobs: &'a BlobStore,
        directory: &'a Directory,
        genesis: &[u8],
        now_ms: i64,
    ) -> Result<Self, ServerError> {
        let range = Range::default();
        let mut taking = Self {
            db,
            blobs,
            held: directory,
            changed: None,
            range,
            now_ms,
            by: None,
            begins: true,
            joins: true,
            entries: 0,
            late: 0,
        };
        let org = directory.org();
        taking.append(LeafKind::Statement, org.0, org.into(), false, genesis)?;
        Ok(taking)
    }

    /// Takes statements of those who join, whose invite has been looked at.
    pub fn with_joins(self, joins: bool) -> Self {
        Self { joins, ..self }
    }

    /// With the statements that were taken so far.
    pub fn directory(&self) -> &Directory {
        self.changed.as_ref().unwrap_or(self.held)
    }

    pub fn finish(self) -> Taken {
        Taken { directory: self.changed, range: self.range, entries: self.entries, late: self.late }
    }

    /// For somebody who may add nothing: whatever is in the log already is told so, the rest is refused (SRV-10).
    pub fn only_known(&self, objects: &[Object]) -> Result<Vec<Option<Outcome>>, ServerError> {
        let refused = Outcome::Refused(Refusal::NotAllowed); // SRV-10
        let known = |object: &Object| match place(object) {
            Some((kind, id)) => self.logged(kind, &id),
            None => Ok(None),
        };
        objects.iter().map(|object| Ok(Some(known(object)?.unwrap_or(refused.clone())))).collect()
    }

    /// For a device that has had a lease and says nothing of it: entries wait until it does, unless they are in the log
    /// already (LSE-06).
    pub fn without_entries(&self, objects: &[Object]) -> Result<Vec<Option<Outcome>>, ServerError> {
        let wait = Outcome::Wait(Refusal::NotAllowed); // LSE-06
        let decide = |object: &Object| match (object, place(object)) {
            (Object::Entry(_), Some((kind, id))) => Ok(Some(self.logged(kind, &id)?.unwrap_or(wait.clone()))),
            _ => Ok(None),
        };
        objects.iter().map(decide).collect()
    }

    /// First pass: every statement that has not been decided about, in order.
    pub fn statements(&mut self, objects: &[Object], decided: &mut [Option<Outcome>]) -> Result<(), ServerError> {
        let continues = self.continues(objects, decided)?;
        for (object, outcome) in objects.iter().zip(decided) {
            let Object::Statement(bytes) = object else { continue };
            if outcome.is_none() {
                *outcome = Some(self.statement(&bytes.0, continues)?);
            }
        }
        Ok(())
    }

    /// Second pass: everything else, in order.
    pub fn others(&mut self, objects: &[Object], decided: Vec<Option<Outcome>>) -> Result<Vec<Outcome>, ServerError> {
        let mut steps = Vec::with_capacity(objects.len());
        for (object, outcome) in objects.iter().zip(decided) {
            steps.push(match outcome {
                Some(outcome) => Step::Decided(outcome),
                None => self.read(object)?,
            });
        }
        let mut outcomes = Vec::with_capacity(objects.len());
        for (object, step) in objects.iter().zip(verify_all(steps)) {
            outcomes.push(match step {
                Step::Decided(outcome) => outcome,
                Step::Checked(Checked::Entry(entry)) => self.entry(object.bytes(), &entry)?,
                Step::Checked(Checked::Slot(slot)) => self.slot(object.bytes(), &slot)?,
                Step::Checked(Checked::Keyring(keyring)) => self.keyring(object.bytes(), &keyring)?,
                // Not reached: every signature has been looked at.
                Step::Signed(_) => Outcome::Refused(Refusal::BadSignature), // SRV-04
            });
        }
        Ok(outcomes)
    }

    fn append(
        &mut self,
        kind: LeafKind,
        id: [u8; 32],
        stream: StreamId,
        late: bool,
        object: &[u8],
    ) -> Result<u64, ServerError> {
        let new = NewLeaf { kind, id, stream, received_ms: self.now_ms, late, device: self.by, object };
        log::append(self.db, &mut self.range, &new)
    }

    fn logged(&self, kind: LeafKind, id: &[u8; 32]) -> Result<Option<Outcome>, ServerError> {
        Ok(log::find(self.db, kind, id)?.map(|(index, _)| Outcome::Logged { index }))
    }

    fn statement(&mut self, bytes: &[u8], continues: bool) -> Result<Outcome, ServerError> {
        let Ok((id, statement)) = read_statement(bytes) else {
            return Ok(Outcome::Refused(Refusal::Malformed)); // SRV-01
        };
        if let Some(logged) = self.logged(LeafKind::Statement, &id.0)? {
            return Ok(logged);
        }
        let org = self.held.org();
        if statement.org != Some(org) {
            return Ok(Outcome::Refused(Refusal::OtherOrganisation)); // SRV-02
        }
        if matches!(statement.act, Act::Join(_)) && !self.joins {
            return Ok(Outcome::Refused(Refusal::NotAllowed)); // SRV-10
        }
        if !continues && based(&statement).is_some() {
            return Ok(Outcome::Refused(Refusal::BreaksRule)); // SRV-07
        }
        let held = self.held;
        let directory = self.changed.get_or_insert_with(|| held.clone());
        if let Err(error) = directory.apply_at(bytes, Some(self.now_ms)) {
            return Ok(Outcome::Refused(refusal(error)));
        }
        let index = self.append(LeafKind::Statement, id.0, org.into(), false, bytes)?;
        Ok(Outcome::Logged { index })
    }

    /// A new generation goes on from a point that this log has gone through. Of several in one request that is the last
    /// that the directory takes: those before it are the past, handed in again, and the logs that they went on from are
    /// gone.
    fn continues(&self, objects: &[Object], decided: &[Option<Outcome>]) -> Result<bool, ServerError> {
        let statements = objects.iter().zip(decided).filter_map(|(object, outcome)| match object {
            Object::Statement(bytes) if outcome.is_none() => {
                read_statement(&bytes.0).ok().map(|(_, statement)| (&bytes.0, statement))
            }
            _ => None,
        });
        let statements: Vec<_> = statements.collect();
        if self.begins || !statements.iter().any(|(_, statement)| based(statement).is_some()) {
            return Ok(true);
        }
        let (mut after, mut last) = (self.directory().clone(), None);
        for (bytes, statement) in &statements {
            let joins = matches!(statement.act, Act::Join(_));
            if (self.joins || !joins) && after.apply_at(bytes, Some(self.now_ms)).is_ok() {
                last = based(statement).or(last);
            }
        }
        match last {
            Some(base) => Org::has_been_at(self.db, self.range.size(), base),
            None => Ok(true),
        }
    }

    /// Finds the key to check with.
    fn read(&self, object: &Object) -> Result<Step, ServerError> {
        let refused = |refusal| Ok(Step::Decided(Outcome::Refused(refusal)));
        let (org, directory) = (self.held.org(), self.directory());
        match object {
            Object::Statement(_) => refused(Refusal::Malformed), // The first pass has decided about these.
            Object::Entry(bytes) => {
                let Ok(entry) = Entry::decode(&bytes.0) else { return refused(Refusal::Malformed) }; // SRV-01
                if entry.peek().org != org {
                    return refused(Refusal::OtherOrganisation); // SRV-02
                }
                if let Some(logged) = self.logged(LeafKind::Entry, &entry.id().0)? {
                    return Ok(Step::Decided(logged));
                }
                let header = entry.peek();
                let Some(position) = directory.position(&header.directory) else {
                    return Ok(Step::Decided(Outcome::Wait(Refusal::MissingParent))); // SRV-05
                };
                let (Some(author), Some(_)) = (directory.member(&header.author), directory.device(&header.device))
                else {
                    return refused(Refusal::UnknownAuthor); // SRV-03
                };
                let key = *author.verify_key_at(position);
                Ok(Step::Signed(Unchecked::Entry(Box::new(entry), key)))
            }
            Object::Slot(bytes) => {
                let Ok(slot) = Unverified::<Slot>::decode(&bytes.0) else { return refused(Refusal::Malformed) }; // SRV-01
                if slot.peek().org != org {
                    return refused(Refusal::OtherOrganisation); // SRV-02
                }
                if let Some(logged) = self.logged(LeafKind::Slot, &sealed_id(&bytes.0))? {
                    return Ok(Step::Decided(logged));
                }
                let Some(key) = current_key(directory, slot.peek().member) else {
                    return refused(Refusal::UnknownAuthor); // SRV-03
                };
                Ok(Step::Signed(Unchecked::Slot(slot, key)))
            }
            Object::Keyring(bytes) => {
                let Ok(keyring) = Unverified::<KeyringObject>::decode(&bytes.0) else {
                    return refused(Refusal::Malformed); // SRV-01
                };
                if keyring.peek().org != org {
                    return refused(Refusal::OtherOrganisation); // SRV-02
                }
                if let Some(logged) = self.logged(LeafKind::Keyring, &sealed_id(&bytes.0))? {
                    return Ok(Step::Decided(logged));
                }
                let Some(key) = current_key(directory, keyring.peek().member) else {
                    return refused(Refusal::UnknownAuthor); // SRV-03
                };
                Ok(Step::Signed(Unchecked::Keyring(keyring, key)))
            }
        }
    }

    fn entry(&mut self, bytes: &[u8], entry: &VerifiedEntry) -> Result<Outcome, ServerError> {
        let id = entry.id();
        // The same may have come twice in one request.
        if let Some(logged) = self.logged(LeafKind::Entry, &id.0)? {
            return Ok(logged);
        }
        let (header, chart) = (entry.header(), entry.chart());
        let stream = StreamId::from(chart);
        for parent in &header.parents {
            let found = log::find(self.db, LeafKind::Entry, &parent.0)?;
            if found.is_none_or(|(_, held)| held != stream) {
                return Ok(Outcome::Wait(Refusal::MissingParent)); // SRV-05
            }
        }
        if !header.blobs.iter().all(|blob| self.blobs.is_whole(*blob)) {
            return Ok(Outcome::Wait(Refusal::MissingBlob)); // SRV-09
        }
        let late = leases::late(self.db, self.directory(), header, self.now_ms)?;
        let index = self.append(LeafKind::Entry, id.0, stream, late, bytes)?;
        let mut granted = self.db.prepare_cached("INSERT OR IGNORE INTO grant_to (team, chart) VALUES (?1, ?2)")?;
        for grant in &header.grants {
            if let Grantee::Team(team) = grant.to {
                granted.execute(params![team.0, chart.0])?;
            }
        }
        self.entries += 1;
        self.late += u64::from(late);
        Ok(Outcome::Logged { index })
    }

    fn slot(&mut self, bytes: &[u8], slot: &Verified<Slot>) -> Result<Outcome, ServerError> {
        let id = sealed_id(bytes);
        if let Some(logged) = self.logged(LeafKind::Slot, &id)? {
            return Ok(logged);
        }
        // Nobody is renamed: a second slot of a kind would stay beside the first and open what that no longer does.
        let elsewhere = self
            .db
            .prepare_cached("SELECT 1 FROM slot WHERE member = ?1 AND kind = ?2 AND lookup != ?3")?
            .exists(params![slot.member.0, slot.kind as i64, slot.lookup.0])?;
        if elsewhere {
            return Ok(Outcome::Refused(Refusal::NotNewer)); // SRV-08
        }
        let held: Option<(i64, i64, [u8; 16])> = self
            .db
            .prepare_cached("SELECT version, idx, member FROM slot WHERE lookup = ?1")?
            .query_row([slot.lookup.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        if let Some((version, index, member)) = held {
            let member = MemberId(member);
            // The name of who has left is free, and counts anew.
            let held = if member == slot.member {
                slot.version <= version as u64
            } else {
                current_key(self.directory(), member).is_some()
            };
            if held {
                return Ok(Outcome::Refused(Refusal::NotNewer)); // SRV-08
            }
            log::forget(self.db, index as u64)?;
        }
        let index = self.append(LeafKind::Slot, id, slot.org.into(), false, bytes)?;
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO slot (lookup, member, kind, version, idx) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![slot.lookup.0, slot.member.0, slot.kind as i64, slot.version as i64, index as i64])?;
        Ok(Outcome::Logged { index })
    }

    fn keyring(&mut self, bytes: &[u8], keyring: &Verified<KeyringObject>) -> Result<Outcome, ServerError> {
        let id = sealed_id(bytes);
        if let Some(logged) = self.logged(LeafKind::Keyring, &id)? {
            return Ok(logged);
        }
        let held: Option<(i64, i64)> = self
            .db
            .prepare_cached("SELECT version, idx FROM keyring WHERE member = ?1")?
            .query_row([keyring.member.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((version, index)) = held {
            if keyring.version <= version as u64 {
                return Ok(Outcome::Refused(Refusal::NotNewer)); // SRV-08
            }
            log::forget(self.db, index as u64)?;
        }
        let index = self.append(LeafKind::Keyring, id, keyring.org.into(), false, bytes)?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO keyring (member, version, idx) VALUES (?1, ?2, ?3)")?
            .execute(params![keyring.member.0, keyring.version as i64, index as i64])?;
        Ok(Outcome::Logged { index })
    }
}

/// The key of a member who belongs to the organisation now.
fn current_key(directory: &Directory, member: MemberId) -> Option<VerifyKey> {
    directory.role_at(member, directory.now())?;
    directory.member(&member).map(|member| member.verify_key)
}

fn refusal(error: DirectoryError) -> Refusal {
    match error {
        DirectoryError::Wire(WireError::BadSignature) => Refusal::BadSignature, // SRV-04
        DirectoryError::Wire(_) => Refusal::Malformed,                          // SRV-01
        DirectoryError::NotNext => Refusal::NotNext,                            // SRV-06
        DirectoryError::UnknownAuthor => Refusal::UnknownAuthor,                // SRV-03
        _ => Refusal::BreaksRule,                                               // SRV-07
    }
}
