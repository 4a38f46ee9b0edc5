//! What this device knows of its server and of the log, sealed under the site key.

use super::alarms::Alarm;
use super::apart::Outrun;
use crate::{Error, rng};
use minicbor::{Decode, Encode};
use wardbook_core::envelope::{self, Context, Kind};
use wardbook_core::keys::SiteKey;
use wardbook_core::lease::{HeldLease, extend, take_lease};
use wardbook_store::{Batch, Kind as Row, Store};
use wardbook_wire::directory::{Directory, Position};
use wardbook_wire::exchange::Want;
use wardbook_wire::lease::GivenExtension;
use wardbook_wire::log::{LogPoint, ObjectBytes, Range, Seen};
use wardbook_wire::request::Challenge;
use wardbook_wire::{DeviceId, EntryId, MemberId, OrgId, strict};

const KEY: &[u8] = b"sync";
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Points of the log that are remembered as checked.
const POINTS_KEPT: usize = 512;
/// Points that wait for a proof: of more, the first are proven and the rest at later syncs.
const UNPROVEN_MAX: usize = 4096;

/// What an author says that they had seen of the log.
#[derive(Clone, Copy, Debug, Encode, Decode)]
pub(crate) struct Unproven {
    #[n(0)]
    pub seen: Seen,
    #[n(1)]
    pub entry: EntryId,
    /// Who signed the entry; none in what an older version kept.
    #[n(2)]
    pub author: Option<MemberId>,
}

#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct SyncState {
    /// `https://host:port`.
    #[n(0)]
    pub base: String,
    /// The certificate that connections are checked with, in PEM.
    #[n(1)]
    pub certificate: String,
    #[n(2)]
    pub generation: u64,
    #[n(3)]
    pub range: Range,
    /// Places in the log of the organisation's own stream, ascending.
    #[n(4)]
    pub own: Vec<u64>,
    /// Those of them that are statements.
    #[n(5)]
    pub statements: Vec<u64>,
    /// The latest one, as the server signed it.
    #[n(6)]
    pub checkpoint: String,
    #[n(7)]
    pub lease: Option<ObjectBytes>,
    #[n(8)]
    pub extension: Option<GivenExtension>,
    /// The `attempt` of the latest request.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub attempt: [u8; 16],
    #[n(10)]
    pub challenge: Option<Challenge>,
    #[n(11)]
    pub want: Want,
    /// When everything had been exchanged, by the server's clock in milliseconds since 1970; 0 for never.
    #[n(12)]
    pub synced_ms: i64,
    /// Points that were shown to be part of this log.
    #[n(13)]
    pub points: Vec<LogPoint>,
    /// Alarms in words, as older versions kept them: [`SyncState::read`] puts them among the others.
    #[n(14)]
    pub old_alarms: Vec<String>,
    /// The caseload has grown since the last sync: charts that were passed over are fetched from their beginning.
    #[n(15)]
    pub widened: bool,
    /// A point that the log was at before this device began to follow it: it has to come by there.
    #[n(16)]
    pub passed: Option<LogPoint>,
    /// What authors say they had seen of the log, and no proof has come for yet: one entry for each point.
    #[n(17)]
    pub unproven: Vec<Unproven>,
    /// Of the latest lease that came, whether it holds or not.
    #[n(18)]
    pub lease_number: u64,
    /// What spoke against the server or a member. (Fields from here on are left out where there is nothing, as older
    /// versions did.)
    #[n(19)]
    pub alarms: Option<Vec<Alarm>>,
    /// Slots of this device that do not count, until their members have been told.
    #[n(20)]
    pub outrun: Option<Vec<Outrun>>,
}

impl SyncState {
    pub fn new(base: String, certificate: String) -> Self {
        Self {
            base,
            certificate,
            generation: 1,
            range: Range::default(),
            own: Vec::new(),
            statements: Vec::new(),
            checkpoint: String::new(),
            lease: None,
            extension: None,
            attempt: [0; 16],
            challenge: None,
            want: Want::All,
            synced_ms: 0,
            points: Vec::new(),
            old_alarms: Vec::new(),
            widened: false,
            passed: None,
            unproven: Vec::new(),
            lease_number: 0,
            alarms: None,
            outrun: None,
        }
    }

    /// The log as this device has seen it.
    pub fn seen(&self) -> Seen {
        Seen { generation: self.generation, point: self.range.point() }
    }

    /// The directory as of a place in the log: the position of the latest statement before it.
    pub fn position_at(&self, index: u64) -> Position {
        (self.statements.partition_point(|at| *at < index) as Position).saturating_sub(1)
    }

    pub fn note_point(&mut self, point: LogPoint) {
        if !self.points.contains(&point) {
            self.points.push(point);
            let surplus = self.points.len().saturating_sub(POINTS_KEPT);
            self.points.drain(..surplus);
        }
    }

    pub fn note_unproven(&mut self, entry: EntryId, author: MemberId, seen: Seen) {
        let known = self.points.contains(&seen.point) || self.unproven.iter().any(|held| held.seen == seen);
        if seen.generation == self.generation && seen.point.size > 0 && !known && self.unproven.len() < UNPROVEN_MAX {
            self.unproven.push(Unproven { seen, entry, author: Some(author) });
        }
    }

    pub fn write(&self, site: &SiteKey, batch: &mut Batch) {
        let bytes = strict::encode(self);
        batch.put(Row::Device, &[], KEY, envelope::seal(site, &context(), &bytes, &mut rng()));
    }

    /// None where this device has no server.
    pub fn read(site: &SiteKey, store: &Store) -> Result<Option<Self>, Error> {
        let damaged = || Error::damaged("what this device knows of its server");
        let Some(sealed) = store.get(Row::Device, &[], KEY)? else { return Ok(None) };
        let bytes = envelope::open(site, &context(), &sealed).map_err(|_| damaged())?;
        let mut state: Self = strict::decode(&bytes, BYTES_MAX).map_err(|_| damaged())?;
        let old = std::mem::take(&mut state.old_alarms).into_iter();
        let old: Vec<_> = old.map(|what| Alarm { what, author: None, acknowledged: None }).collect();
        if !old.is_empty() {
            state.alarms.get_or_insert_default().extend(old);
        }
        Ok(Some(state))
    }

    /// The lease with its extension, checked again.
    pub fn held_lease(&self, directory: &Directory, device: DeviceId) -> Option<HeldLease> {
        let held = take_lease(directory, device, &self.lease.as_ref()?.0).ok()?;
        let longer = self
            .extension
            .filter(|given| given.extension.lease == held.id)
            .and_then(|given| extend(directory, &held, given.extension.hours, given.signature).ok());
        Some(longer.map_or(held, |(longer, _)| longer))
    }
}

fn context() -> Context<'static> {
    Context { org: OrgId([0; 32]), kind: Kind::DeviceState, id: b"this device: sync", epoch: 0, position: 0 }
}
