//! The device and its server: what was written here goes out, what others wrote comes in (`spec/exchange.md`).
//!
//! ```text
//! outbox ──► SyncRequest ──► server: one log for all ──► SyncAnswer ──take──► rows, in the order of the log
//!                                                             │
//!              range + items + rest = the signed checkpoint ──┘   else nothing is taken
//! ```
//!
//! Each step leaves the vault whole: a sync that breaks off goes on where it stopped, and what was handed in twice is in the
//! log once.

mod alarms;
mod apart;
mod attachments;
mod audit;
mod call;
mod certificate;
mod charts;
mod history;
#[cfg(feature = "http")]
pub mod http;
mod join;
mod lease;
mod pending;
mod publish;
mod restore;
mod server;
mod state;
mod take;
pub mod transport;

pub use alarms::AcknowledgedAlarm;
pub use attachments::HeldAttachment;
pub use audit::ServerVerification;
pub use certificate::fetch_certificate;
pub use charts::Caseload;
pub use join::{Enrolled, InviteFor, Invited, NewMemberInfo, enrol, reopen};
pub use lease::{ExtensionCode, LeaseInfo, lease_request};
pub(crate) use state::SyncState;

use crate::create::random;
use crate::{Error, Session, Vault};
use apart::Outrun;
use take::{Keep, Left, Mine, leaf_id, no_server};
use transport::Transport;
use wardbook_core::lease::HeldLease;
use wardbook_store::{Batch, Kind};
use wardbook_wire::ChartId;
use wardbook_wire::exchange::{
    CallerStanding, LeaseWish, OBJECTS_MAX, Object, Outcome, Refusal, SyncAnswer, SyncRequest, Want, problem,
};
use wardbook_wire::log::{ObjectBytes, Seen};

/// Bytes of objects in one request, about.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// The server of this vault, and the lease that holds.
#[derive(Clone, Debug)]
pub(crate) struct Sync {
    pub state: SyncState,
    pub lease: Option<HeldLease>,
}

impl Sync {
    /// What an entry says that its author had seen: of the generation in which the lease was given, so that the server
    /// can tell whether it has forgotten that.
    pub fn seen(&self) -> Seen {
        let held = self.lease.map(|held| held.lease.seen);
        held.filter(|seen| seen.generation < self.state.generation).unwrap_or_else(|| self.state.seen())
    }
}

/// The server's log as this device has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogInfo {
    pub generation: u64,
    /// Leaves, as far as they were exchanged.
    pub size: u64,
    /// The latest one, as the server signed it; empty before the first exchange.
    pub checkpoint: String,
}

/// Where a sync stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncProgress {
    pub sent: usize,
    pub to_send: usize,
    pub received: usize,
    /// Places of the log that are still to come.
    pub to_receive: u64,
    /// Charts whose lists are being brought up to date.
    pub charts: usize,
}

/// What a sync did, and what it found.
#[derive(Clone, Debug, Default)]
pub struct SyncReport {
    pub sent: usize,
    pub received: usize,
    pub statements: usize,
    /// Objects that the server did not take, with the reason.
    pub refused: Vec<(String, Refusal)>,
    /// Why the server had no room for what waits.
    pub held_back: Option<String>,
    /// Attachments that could not be handed in.
    pub held_attachments: Vec<HeldAttachment>,
    /// Elements in conflict, in charts that changed.
    pub conflicts: usize,
    /// Entries in quarantine, in charts that changed.
    pub quarantined: usize,
    /// Entries of others that broke a rule and are passed over.
    pub passed_over: usize,
    /// What speaks against the server or a member, and nobody has acknowledged.
    pub alarms: Vec<String>,
    /// What members of this device have to know: their password or code was changed on two devices apart.
    pub passwords: Vec<String>,
    /// This device had been put back to an earlier state and goes on under a new identity.
    pub renewed: bool,
    /// The server had been put back to an earlier state, and this device handed in again what it had lost.
    pub moved: bool,
    /// Requests that it took.
    pub round_trips: usize,
    pub lease_until_ms: Option<i64>,
}

/// Owner and key of a row of the outbox.
type OutboxKey = (Vec<u8>, Vec<u8>);

/// Where an object of the outbox is stored.
pub(crate) struct Waiting {
    owner: Vec<u8>,
    key: Vec<u8>,
    object: Object,
}

impl Vault {
    pub(crate) fn sync_mut(&mut self) -> Result<&mut Sync, Error> {
        self.sync.as_mut().ok_or_else(no_server)
    }

    /// True if this device exchanges with a server.
    pub fn has_server(&self) -> bool {
        self.sync.is_some()
    }

    /// The address of the server.
    pub fn server_base(&self) -> Option<&str> {
        self.sync.as_ref().map(|sync| sync.state.base.as_str())
    }

    /// The certificate that connections to the server are checked with, in PEM.
    pub fn server_certificate(&self) -> Option<&str> {
        self.sync.as_ref().map(|sync| sync.state.certificate.as_str())
    }

    /// When this device last exchanged everything, by the server's clock in milliseconds since 1970; 0 for never.
    pub fn synced_ms(&self) -> Option<i64> {
        self.sync.as_ref().map(|sync| sync.state.synced_ms)
    }

    /// The same where it ever did.
    pub fn last_synced_ms(&self) -> Option<i64> {
        self.synced_ms().filter(|ms| *ms > 0)
    }

    /// The server's log; none without a server.
    pub fn log(&self) -> Option<LogInfo> {
        let state = &self.sync.as_ref()?.state;
        let (generation, size, checkpoint) = (state.generation, state.range.size(), state.checkpoint.clone());
        Some(LogInfo { generation, size, checkpoint })
    }

    /// What waits to be handed in.
    pub fn unsent(&self) -> Result<usize, Error> {
        Ok(self.store.list_all(Kind::Outbox)?.iter().filter(|row| row.value.is_empty()).count())
    }

    /// Bytes of what waits to be handed in, without attachments.
    ///
    /// # Errors
    /// The disk's.
    pub fn unsent_bytes(&self) -> Result<u64, Error> {
        let mut bytes = 0;
        for row in self.store.list_all(Kind::Outbox)?.iter().filter(|row| row.value.is_empty()) {
            bytes += self.outbox_object(&row.owner, &row.key)?.map_or(0, |object| object.bytes().len() as u64);
        }
        Ok(bytes)
    }

    fn outbox_object(&self, owner: &[u8], key: &[u8]) -> Result<Option<Object>, Error> {
        let store = &self.store;
        if owner.is_empty() {
            let Some((kind, key)) = key.split_first() else { return Ok(None) };
            let slot = i64::from(*kind) == Kind::Slot as i64;
            let row = store.get(if slot { Kind::Slot } else { Kind::Keyring }, &[], key)?;
            let make = if slot { Object::Slot } else { Object::Keyring };
            return Ok(row.map(|bytes| make(ObjectBytes(bytes))));
        }
        let row = store.get(Kind::Entry, owner, key)?;
        let bytes = row.as_deref().and_then(|row| crate::chart::split_entry_row(row).ok()).map(|(_, bytes)| bytes);
        Ok(bytes.map(|bytes| Object::Entry(ObjectBytes(bytes.to_vec()))))
    }

    /// What waits to be handed in, as owner and key, the first of it last. Slots and keyrings go first: a member who
    /// changed a password on two devices is told so by what becomes of them.
    fn outbox(&self) -> Result<Vec<OutboxKey>, Error> {
        let rows = self.store.list_all(Kind::Outbox)?.into_iter().rev();
        let waits = rows.filter(|row| row.value.is_empty()).map(|row| (row.owner, row.key));
        let (own, mut waiting): (Vec<_>, Vec<_>) = waits.partition(|(owner, _)| owner.is_empty());
        waiting.extend(own);
        Ok(waiting)
    }

    /// How many leaves of a chart this device holds.
    pub(crate) fn stream_count(&self, chart: ChartId) -> Result<u64, Error> {
        let row = self.store.get(Kind::Stream, &[], chart.as_bytes())?;
        Ok(row.and_then(|row| row.first_chunk().copied()).map_or(0, u64::from_be_bytes))
    }

    /// Every entry, slot and keyring waits to be handed in: for a vault that gets a server.
    pub(crate) fn fill_outbox(&self, batch: &mut Batch) -> Result<(), Error> {
        for kind in [Kind::Slot, Kind::Keyring] {
            for row in self.store.list_all(kind)? {
                batch.put(Kind::Outbox, &[], &own_key(kind, &row.key), Vec::new());
            }
        }
        for chart in self.store.owners(Kind::Entry)? {
            for row in self.store.list(Kind::Entry, &chart)? {
                if row.value.first_chunk::<8>() == Some(&u64::MAX.to_be_bytes()) {
                    batch.put(Kind::Outbox, &chart, &row.key, Vec::new());
                }
            }
        }
        Ok(())
    }
}

/// The name of a slot's or keyring's row in the outbox.
pub(crate) fn own_key(kind: Kind, key: &[u8]) -> Vec<u8> {
    [&[kind as i64 as u8], key].concat()
}

impl Session {
    /// Exchanges everything with the server: hands in what waits, takes what came, renews the lease.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Cheat`] with nothing taken of the answer that gave the server away; [`Error::Retired`].
    /// What was exchanged before stays.
    pub fn sync(
        &mut self,
        link: &mut dyn Transport,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Result<SyncReport, Error> {
        let (mut report, mut left) = (SyncReport::default(), Left::default());
        let position = self.vault.directory.now();
        let done = self.exchange_with_pending(link, &mut report, &mut left, progress);
        if let Err(error @ Error::Retired(_)) = done {
            return Err(error);
        }
        // What cannot be removed now is asked for still, and the next sync comes back to it.
        let _ = self.sweep_blobs();
        // What was taken is listed even if the exchange broke off, with the keys of teams that came with it.
        // What came of members and teams may change every line of the list, and entries those of their charts.
        if report.moved || report.renewed || self.vault.directory.now() != position {
            self.close_charts();
        }
        let listed = self.refresh_teams().and_then(|()| self.list_touched(&left.touched, &mut report, progress));
        if listed.is_err() {
            self.close_charts();
        }
        done?;
        listed?;
        self.vault.forget_retired()?;
        self.keep_what_is_held(&mut report)?;
        report.lease_until_ms = self.vault.sync_mut()?.lease.map(|lease| lease.until_ms);
        report.alarms = self.vault.alarms();
        report.passwords = self.outrun();
        Ok(report)
    }

    fn exchange_all(
        &mut self,
        link: &mut dyn Transport,
        report: &mut SyncReport,
        left: &mut Left,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Result<(), Error> {
        let mut queue = self.vault.outbox()?;
        let mut was_widened = self.vault.sync_mut()?.state.widened;
        let (to_send, mut sent, mut mine_too) = (queue.len(), 0, false);
        loop {
            let waiting = self.next_waiting(&mut queue)?;
            self.send_named_blobs(link, &waiting, report)?;
            let objects: Vec<_> = waiting.iter().map(|waiting| waiting.object.clone()).collect();
            let answer = match self.exchange_once(link, objects, mine_too, report) {
                Err(Error::Server { code, .. }) if code == problem::DEVICE_RESTORED && !report.renewed => {
                    self.renew(link, report)?;
                    was_widened |= self.vault.sync_mut()?.state.widened;
                    queue.extend(waiting.into_iter().rev().map(|waiting| (waiting.owner, waiting.key)));
                    continue;
                }
                Err(Error::Server { code, .. }) if code == problem::GENERATION && !report.moved => {
                    report.moved = true;
                    self.follow_generation(link)?;
                    was_widened |= self.vault.sync_mut()?.state.widened;
                    queue = self.vault.outbox()?;
                    continue;
                }
                // What comes in, and the lease, do not wait for what the server has no room for.
                Err(Error::Server { code, detail }) if is_full(&code) && !waiting.is_empty() => {
                    report.held_back = Some(detail);
                    queue.clear();
                    continue;
                }
                Err(Error::Server { code, detail }) => return Err(server_says(code, detail)),
                done => done?,
            };
            let mine: Mine = waiting.iter().map(|held| (leaf_id(&held.object), held.object.clone())).collect();
            let (size, items) = (self.vault.sync_mut()?.state.range.size(), answer.items.len());
            let batch = self.note_outcomes(&waiting, &answer, report, left)?;
            let keep = match answer.standing {
                CallerStanding::Enrolled => Keep::Places,
                CallerStanding::KeysReplaced => {
                    // Charts are passed over until the member comes with the new keys.
                    self.vault.sync_mut()?.state.widened = true;
                    Keep::Places
                }
                CallerStanding::MemberRetired | CallerStanding::DeviceRetired => Keep::Objects,
            };
            let taken = self.vault.take(&answer, &mine, report, left, batch, keep);
            if std::mem::take(&mut left.lost_own) {
                if mine_too {
                    return Err(Error::cheat("it keeps back a part of its log that was asked for (LOG-06)")); // LOG-06
                }
                mine_too = true;
                queue.extend(waiting.into_iter().rev().map(|waiting| (waiting.owner, waiting.key)));
                continue;
            }
            taken?;
            mine_too = false;
            let to_receive = answer.rest.iter().map(|subtree| 1u64 << subtree.level.min(62)).sum();
            progress(&SyncProgress { sent: report.sent, to_send, received: report.received, to_receive, charts: 0 });
            if keep == Keep::Objects {
                self.follow_directory(link)?;
            }
            if self.adopt_next_identity()? {
                report.renewed = true;
                continue;
            }
            if answer.standing != CallerStanding::KeysReplaced || answer.rest.is_empty() {
                self.end_if_retired(answer.standing)?;
            }
            if queue.is_empty() && report.sent > sent {
                // What they waited for may be there now.
                sent = report.sent;
                queue.extend(left.waiting.drain(..).rev().map(|(key, ..)| key));
            }
            if answer.rest.is_empty() && queue.is_empty() {
                break;
            }
            // An honest server always goes on.
            if items == 0 && waiting.is_empty() && self.vault.sync_mut()?.state.range.size() == size {
                return Err(Error::cheat("its log does not go on where it ended (LOG-03)"));
            }
        }
        report.refused.extend(left.waiting.drain(..).map(|(_, what, why)| (what, why)));
        // What is in the log of a chart that was passed over so far comes with its history.
        for (owner, key) in &left.told {
            if self.vault.store.get(Kind::Outbox, owner, key)?.is_some() {
                left.history.extend(ChartId::from_slice(owner));
            }
        }
        // Whoever writes in a chart works with it: it belongs to the caseload from here on.
        if let Want::Some { charts, .. } = &mut self.vault.sync_mut()?.state.want {
            charts.extend(&left.history);
            charts.sort_unstable();
            charts.dedup();
        }
        let state = &self.vault.sync_mut()?.state;
        let mut charts = std::mem::take(&mut left.history);
        let history = match (&state.want, was_widened) {
            (Want::All, true) => Want::All,
            (Want::Some { charts: wanted, teams }, true) => {
                charts.extend(wanted);
                Want::Some { charts: charts.into_iter().collect(), teams: teams.clone() }
            }
            _ => Want::Some { charts: charts.into_iter().collect(), teams: Vec::new() },
        };
        self.fetch_history(link, &history, left, report)?;
        if std::mem::take(&mut self.vault.sync_mut()?.state.widened) {
            self.evict_unwanted()?;
        }
        for (owner, key) in std::mem::take(&mut left.told) {
            if self.vault.store.get(Kind::Outbox, &owner, &key)?.is_some() {
                return Err(Error::cheat("it said that it holds an entry, and its log does not have it (LOG-06)"));
            }
        }
        self.check_seen(link, report)
    }

    /// One request with its answer.
    pub(crate) fn exchange_once(
        &mut self,
        link: &mut dyn Transport,
        objects: Vec<Object>,
        mine_too: bool,
        report: &mut SyncReport,
    ) -> Result<SyncAnswer, Error> {
        let sync = self.vault.sync_mut()?;
        let fresh = sync.state.attempt == [0; 16];
        if fresh {
            sync.state.attempt = random();
        }
        let wish = LeaseWish { held: sync.state.lease_number, attempt: sync.state.attempt };
        let request = SyncRequest {
            generation: sync.state.generation,
            point: sync.state.range.point(),
            want: sync.state.want.clone(),
            objects,
            extensions: sync.state.extension.into_iter().collect(),
            lease: Some(wish),
            mine_too,
        };
        // The attempt is on disk before the server knows of it: whoever lacks it was put back to an earlier state.
        if fresh {
            let mut batch = Batch::new();
            self.vault.write_sync(&mut batch);
            self.vault.store.commit(&batch)?;
        }
        report.round_trips += 1;
        self.exchange(link, "sync", &request)
    }

    /// What to hand in next: as much as one request takes, from the end of the queue.
    fn next_waiting(&self, queue: &mut Vec<OutboxKey>) -> Result<Vec<Waiting>, Error> {
        let (mut waiting, mut bytes) = (Vec::new(), 0);
        while let Some((owner, key)) = queue.pop() {
            let Some(object) = self.vault.outbox_object(&owner, &key)? else {
                // It is not here any more: of a member who has left.
                let mut batch = Batch::new();
                batch.delete(Kind::Outbox, &owner, &key);
                self.vault.store.commit(&batch)?;
                continue;
            };
            bytes += object.bytes().len();
            if !waiting.is_empty() && (bytes > REQUEST_BYTES || waiting.len() >= OBJECTS_MAX) {
                queue.push((owner, key));
                break;
            }
            waiting.push(Waiting { owner, key, object });
        }
        Ok(waiting)
    }

    /// What the server said of each object: kept in the outbox, marked, or gone from it.
    fn note_outcomes(
        &mut self,
        waiting: &[Waiting],
        answer: &SyncAnswer,
        report: &mut SyncReport,
        left: &mut Left,
    ) -> Result<Batch, Error> {
        if answer.outcomes.len() != waiting.len() {
            return Err(Error::cheat("it did not say what became of each object"));
        }
        let mut batch = Batch::new();
        for (held, outcome) in waiting.iter().zip(&answer.outcomes) {
            match outcome {
                Outcome::Logged { .. } => {
                    report.sent += 1;
                    // An entry leaves the outbox with its leaf: the server's word alone is no receipt.
                    if held.owner.is_empty() {
                        batch.delete(Kind::Outbox, &held.owner, &held.key);
                    } else {
                        left.told.push((held.owner.clone(), held.key.clone()));
                    }
                }
                Outcome::Wait(refusal) => {
                    left.waiting.push(((held.owner.clone(), held.key.clone()), held.name(), *refusal));
                }
                Outcome::Refused(refusal) => {
                    if *refusal == Refusal::NotNewer {
                        // Another device of this member was faster: what it wrote comes with the answer.
                        left.outrun.extend(Outrun::of(&held.object));
                    } else {
                        report.refused.push((held.name(), *refusal));
                    }
                    if *refusal == Refusal::NotAllowed || *refusal == Refusal::NotNext {
                        continue;
                    }
                    batch.delete(Kind::Outbox, &held.owner, &held.key);
                    if *refusal != Refusal::NotNewer {
                        batch.put(Kind::Outbox, &held.owner, &held.key, vec![1 + *refusal as u8]);
                    }
                }
            }
        }
        Ok(batch)
    }

    pub(super) fn end_if_retired(&mut self, standing: CallerStanding) -> Result<(), Error> {
        let (directory, now) = (&self.vault.directory, self.vault.directory.now());
        // Nobody is retired on the server's word: the signed statement decides.
        let device = directory.device(&self.vault.identity.device);
        if directory.device_at(self.vault.identity.device, now).is_none() {
            if device.is_none_or(|device| device.lost_at().is_none()) {
                return Err(Error::Retired(
                    "this is a copy of a device that has gone on under another identity since: enrol it anew in an empty folder, and carry over what \
                     was not sent with `wardbook bundle export` and `bundle import`"
                        .into(),
                ));
            }
            self.vault.wipe()?;
            return Err(Error::Retired(
                "this device was retired: its keys have been wiped, and nothing in this vault can be opened any more"
                    .into(),
            ));
        }
        if self.role().is_none() {
            self.vault.forget_member(self.me())?;
            return Err(Error::Retired(
                "you were retired from the organisation: your keys have been wiped from this device".into(),
            ));
        }
        match standing {
            CallerStanding::Enrolled => Ok(()),
            CallerStanding::KeysReplaced => Err(Error::Retired(
                "your keys were replaced on another device, and the new ones are here now: unlock again, with the password that you chose there".into(),
            )),
            _ => Err(Error::cheat("it says that this device or member was retired, and no admin has said so")),
        }
    }
}

impl Waiting {
    /// For people: what kind of thing it is.
    fn name(&self) -> String {
        match &self.object {
            Object::Statement(_) => "a statement".into(),
            Object::Entry(_) => format!("an entry of chart {}", short(&self.owner)),
            Object::Slot(_) => "a password slot".into(),
            Object::Keyring(_) => "a keyring".into(),
        }
    }
}

fn short(id: &[u8]) -> String {
    ChartId::from_slice(id).map(|id| id.to_string().chars().take(12).collect()).unwrap_or_default()
}

/// There is no room for what was handed in.
fn is_full(code: &str) -> bool {
    [problem::QUOTA, problem::FULL, problem::TOO_LARGE].contains(&code)
}

/// Refusals that speak against the server are told as such.
fn server_says(code: String, detail: String) -> Error {
    match code.as_str() {
        problem::LOG_BEHIND => Error::cheat(
            "its log is shorter than the one that this device has seen (LOG-04): it was put back to an earlier state",
        ),
        problem::LOG_FORKED => Error::cheat("its log is another one than this device has seen (LOG-03)"),
        _ => Error::Server { code, detail },
    }
}
