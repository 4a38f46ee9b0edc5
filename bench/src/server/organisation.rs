//! An organisation of one member on two devices, and entries of that member, apart from what is measured.

use super::device::{Device, GENERATION, NOW_MS, asking, check};
use crate::Fallible;
use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use std::thread;
use wardbook_client::sync::transport::{Call, Transport};
use wardbook_core::directory::{Directory, genesis, sign_next};
use wardbook_core::keys::SigningKey;
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::entry::{KeyCheck, KeyTo};
use wardbook_wire::exchange::{CreateRequest, LeaseWish, Object, ServerInfo, SyncAnswer, SyncRequest, path};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::lease::Lease;
use wardbook_wire::log::{Item, Leaf, LeafKind, ObjectBytes, Range, Seen};
use wardbook_wire::statement::{NewDevice, NewMember, SealKey, SealedBytes, Server};
use wardbook_wire::{
    Access, Act, Author, ChartId, DeviceId, EntryHeader, EntryKind, Grant, Grantee, LeaseId, MemberId, OrgId, Policy,
    Role, StatementId, TeamId, Unverified, VerifyKey, WireError, strict,
};

const MEMBER: MemberId = MemberId([1; 16]);
/// Hands in.
const WRITER: DeviceId = DeviceId([1; 16]);
/// Gets what the other has handed in.
const READER: DeviceId = DeviceId([2; 16]);
/// Of the one lease that is asked for.
const ATTEMPT: [u8; 16] = [1; 16];
const SEAL_KEY_BYTES: usize = 1216;
/// Of sealed names and of a chart key that is sealed under a team's secret, about.
const SEALED_BYTES: usize = 80;
const NOISE_BYTES: usize = 64 * 1024;

/// An entry, and the leaf that it becomes on a service that is called directly.
pub struct Written {
    pub object: Object,
    pub leaf: Leaf,
}

/// A chart's id, and its entries with their places.
type Chart = (ChartId, Vec<(usize, Written)>);

/// Makes entries for the writing device.
pub struct Scribe {
    org: OrgId,
    key: SigningKey,
    directory: StatementId,
    lease: LeaseId,
    seen: Seen,
    /// Bodies are cut out of it: the server can neither open nor compress them.
    noise: Vec<u8>,
    /// New charts so far.
    charts: u64,
}

impl Scribe {
    /// One entry for each place of the plan, which says to which of so many new charts it belongs, and the ids of these
    /// charts. The first entry of a chart is its genesis; each further one names the one before it as parent. All cores
    /// sign.
    pub fn write(
        &mut self,
        plan: &[usize],
        charts: usize,
        body_bytes: usize,
    ) -> Fallible<(Vec<Written>, Vec<ChartId>)> {
        let first = self.charts;
        self.charts += charts as u64;
        let mut places = vec![Vec::new(); charts];
        for (place, chart) in plan.iter().enumerate() {
            places.get_mut(*chart).ok_or("the plan names a chart too many")?.push(place);
        }
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let share = charts.div_ceil(cores).max(1);
        let scribe = &*self;
        let parts = thread::scope(|scope| {
            let shares = (first..).step_by(share).zip(places.chunks(share));
            let threads: Vec<_> = shares
                .map(|(number, places)| scope.spawn(move || scribe.write_charts(number, places, body_bytes)))
                .collect();
            threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
        });
        let mut entries: Vec<Option<Written>> = plan.iter().map(|_| None).collect();
        let mut ids = Vec::with_capacity(charts);
        for part in parts {
            for (chart, written) in part.map_err(|_| "a thread that signs has ended badly")?? {
                ids.push(chart);
                for (place, entry) in written {
                    if let Some(empty) = entries.get_mut(place) {
                        *empty = Some(entry);
                    }
                }
            }
        }
        Ok((entries.into_iter().flatten().collect(), ids))
    }

    fn write_charts(&self, first: u64, charts: &[Vec<usize>], body_bytes: usize) -> Result<Vec<Chart>, WireError> {
        (first..).zip(charts).map(|(number, places)| self.write_chart(number, places, body_bytes)).collect()
    }

    fn write_chart(&self, number: u64, places: &[usize], body_bytes: usize) -> Result<Chart, WireError> {
        let mut header = self.genesis(number);
        let mut written = Vec::with_capacity(places.len());
        for (seq, place) in (1..).zip(places) {
            let start = (number as usize).wrapping_mul(61).wrapping_add(*place) % (NOISE_BYTES - body_bytes);
            let body = self.noise.get(start..start + body_bytes).unwrap_or_default().to_vec();
            let entry = self.key.sign_entry(header.clone(), body)?;
            let (id, chart) = (entry.id(), entry.chart());
            let leaf =
                Leaf { kind: LeafKind::Entry, id: id.0, stream: chart.into(), seq, received_ms: NOW_MS, late: false };
            written.push((*place, Written { object: Object::Entry(ObjectBytes(entry.encode())), leaf }));
            header = EntryHeader {
                chart: Some(chart),
                kind: EntryKind::Change,
                parents: vec![id],
                grants: Vec::new(),
                ..header
            };
        }
        Ok((header.chart.ok_or(WireError::BadEntry)?, written))
    }

    fn genesis(&self, number: u64) -> EntryHeader {
        let mut key = [0; 32];
        key.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, part)| *byte = part);
        let sealed = KeyTo::TeamSecret { epoch: 1, sealed: SealedBytes(vec![0; SEALED_BYTES]) };
        EntryHeader {
            org: self.org,
            chart: None,
            kind: EntryKind::Genesis,
            parents: Vec::new(),
            author: MEMBER,
            device: WRITER,
            directory: self.directory,
            epoch: 1,
            key: KeyCheck(key),
            grants: vec![Grant { to: Grantee::Team(TeamId([1; 16])), access: Access::Write, key: sealed }],
            previous: Vec::new(),
            seen: Some(self.seen),
            lease: Some(self.lease),
            blobs: Vec::new(),
        }
    }
}

/// An organisation on a server: one member, on two devices.
pub struct Organisation {
    pub id: OrgId,
    server: VerifyKey,
    pub scribe: Scribe,
    pub writer: Device,
    pub reader: Device,
    /// The log, with everything that was prepared for handing in.
    pub range: Range,
}

impl Organisation {
    /// Puts a new organisation on a server. Both devices have a challenge then, and the writing one a lease.
    pub fn found(link: &mut dyn Transport, code: &str) -> Fallible<Self> {
        let to_server =
            Call { method: "GET", path: "/v1/server", authorization: None, body: &[], range: None, offset: None };
        let answer = link.call(&to_server)?;
        check(answer.status, &answer.body)?;
        let server = strict::decode::<ServerInfo>(&answer.body, usize::MAX)?.key;

        let mut rng = UnwrapErr(SysRng);
        let [root, member_key, writer_key, reader_key]: [SigningKey; 4] =
            std::array::from_fn(|_| SigningKey::generate(&mut rng));
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let policy = Policy {
            kdf: Kdf::ARGON2_FLOOR,
            password_chars_min: Policy::PASSWORD_CHARS_MIN,
            lease_hours: Policy::LEASE_HOURS,
        };
        let start = genesis(&root, nonce, policy);
        let mut directory = Directory::start(&start)?;
        let id = directory.org();
        let mut objects = vec![Object::Statement(ObjectBytes(start))];
        let acts = [
            (Author::Root, &root, Act::MemberAdd(new_admin(&member_key))),
            (Author::Member(MEMBER), &member_key, Act::DeviceEnrol(new_device(WRITER, &writer_key))),
            (Author::Member(MEMBER), &member_key, Act::DeviceEnrol(new_device(READER, &reader_key))),
            (
                Author::Member(MEMBER),
                &member_key,
                Act::ServerSet(Server { key: server, generation: GENERATION, base: None }),
            ),
        ];
        for (author, key, act) in acts {
            let bytes = sign_next(&directory, author, key, act);
            directory.apply(&bytes)?;
            objects.push(Object::Statement(ObjectBytes(bytes)));
        }
        let body = strict::encode(&CreateRequest { code: code.to_owned(), objects });
        let to = path(id, "create");
        let answer = link.call(&Call {
            method: "POST",
            path: &to,
            authorization: None,
            body: &body,
            range: None,
            offset: None,
        })?;
        check(answer.status, &answer.body)?;
        let mut range = Range::default();
        for item in &strict::decode::<SyncAnswer>(&answer.body, usize::MAX)?.items {
            let Item::Leaf { leaf, .. } = item else { return Err("a statement was passed over".into()) };
            range.push_leaf(leaf);
        }

        let device = |device, key| Device::new(id, (device, key), (MEMBER, member_key.clone()));
        let (mut writer, mut reader) = (device(WRITER, writer_key), device(READER, reader_key));
        let nothing = asking(range.point(), Vec::new());
        reader.post(link, "sync", &strict::encode(&nothing))?;
        let wish = SyncRequest { lease: Some(LeaseWish { held: 0, attempt: ATTEMPT }), ..nothing };
        let answer = writer.post(link, "sync", &strict::encode(&wish))?;
        let lease = strict::decode::<SyncAnswer>(&answer, usize::MAX)?.lease.ok_or("the server gave no lease")?;
        let lease = Unverified::<Lease>::decode(&lease.0)?.verify(&server)?;
        let mut noise = vec![0; NOISE_BYTES];
        rng.fill_bytes(&mut noise);
        let scribe = Scribe {
            org: id,
            key: member_key,
            directory: directory.head(),
            lease: LeaseId(lease.digest()),
            seen: lease.seen,
            noise,
            charts: 0,
        };
        Ok(Self { id, server, scribe, writer, reader, range })
    }

    /// The body of a sync that hands these in, after everything that was prepared before.
    pub fn hand_in(&mut self, entries: &[Written]) -> Vec<u8> {
        let objects = entries.iter().map(|entry| entry.object.clone()).collect();
        // Requests are made before any is sent, so each names the first lease, as a device does that missed the answers.
        let lease = Some(LeaseWish { held: 1, attempt: ATTEMPT });
        let body = strict::encode(&SyncRequest { lease, ..asking(self.range.point(), objects) });
        entries.iter().for_each(|entry| self.range.push_leaf(&entry.leaf));
        body
    }

    /// After the last request that was prepared, the server's log is the one that was computed here.
    pub fn check_end(&self, answer: &SyncAnswer) -> Fallible<()> {
        let checkpoint = Checkpoint::open(&answer.checkpoint, self.id, GENERATION, &self.server)?;
        if checkpoint.point == self.range.point() { Ok(()) } else { Err("the log is not the expected one".into()) }
    }
}

fn new_admin(key: &SigningKey) -> NewMember {
    NewMember {
        member: MEMBER,
        role: Role::Admin,
        verify_key: key.verify_key(),
        seal_key: SealKey(vec![0; SEAL_KEY_BYTES]),
        name: vec![0; SEALED_BYTES],
    }
}

fn new_device(device: DeviceId, key: &SigningKey) -> NewDevice {
    NewDevice {
        device,
        verify_key: key.verify_key(),
        seal_key: SealKey(vec![0; SEAL_KEY_BYTES]),
        name: vec![0; SEALED_BYTES],
    }
}
