//! A member who has taken their client apart: all the keys that a vault and a recovery code give, and requests and entries
//! of their own making.

use crate::network::Net;
use getrandom::SysRng;
use minicbor::{Decode, Encode};
use rand_core::{Rng, UnwrapErr};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use wardbook_client::Vault;
use wardbook_client::sync::transport::{Answer, Call};
use wardbook_core::body::{Body, Change, Content, Packer};
use wardbook_core::chart::{Arrival, ChartLog, KeyHolder, open_chart_keys, seal_body};
use wardbook_core::directory::{Directory, open_team_secrets, sign_next};
use wardbook_core::envelope::{self, Context};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{ChartKey, SigningKey, SiteKey};
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{self, Unlock};
use wardbook_store::{Kind, Row, Store};
use wardbook_wire::entry::KeyCheck;
use wardbook_wire::exchange::{Object, Outcome, SyncRequest, Want, path};
use wardbook_wire::log::{KeyringObject, ObjectBytes, Range};
use wardbook_wire::request::{Caller, Challenge, Request, SignedRequest};
use wardbook_wire::signed::Domain;
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{
    Act, Author, ChartId, DeviceId, Entry, EntryHeader, EntryKind, LeaseId, MemberId, OrgId, Unverified, strict,
};

/// What is stored before each entry: index(8), late(1), position(8).
const PLACE_BYTES: usize = 17;

pub struct Insider {
    pub org: OrgId,
    pub device: DeviceId,
    pub device_key: SigningKey,
    pub ring: Keyring,
    pub directory: Directory,
    lease: Option<LeaseId>,
    entries: Vec<Row>,
}

/// The identity of a device as it is sealed.
#[derive(Encode, Decode)]
struct Identity {
    #[cbor(n(0), with = "minicbor::bytes")]
    org: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    device: [u8; 16],
    #[cbor(n(2), with = "minicbor::bytes")]
    signing: [u8; 32],
    #[cbor(n(3), with = "minicbor::bytes")]
    sealing: [u8; 32],
}

/// An entry as it travels, whatever its header says.
#[derive(Encode)]
struct Frame {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl Insider {
    /// Opens everything of a vault that nobody else has open.
    pub fn of(folder: &Path, user: &str, code: &str) -> Self {
        let vault = Vault::open(folder).unwrap();
        let (directory, lease) = (vault.directory().clone(), vault.lease().map(|held| held.lease));
        drop(vault);
        let store = Store::open(folder).unwrap();
        let site = SiteKey::from_slice(&fs::read(folder.join("site.key")).unwrap()[..32]).unwrap();
        let lookup = slots::lookup(&site, SlotKind::Recovery, user);
        let slot = store.get(Kind::Slot, &[], &lookup.0).unwrap().unwrap();
        let slot = Unverified::<Slot>::decode(&slot).unwrap();
        let key = directory.member(&slot.peek().member).unwrap().verify_key;
        let slot = slot.verify(&key).unwrap();
        let code = RecoveryCode::from_words(code).unwrap();
        let ring_key = slots::open(&slot, &site, &Unlock::Recovery(&code)).unwrap();
        let ring = store.get(Kind::Keyring, &[], slot.member.as_bytes()).unwrap().unwrap();
        let ring = Unverified::<KeyringObject>::decode(&ring).unwrap().verify(&key).unwrap();
        let mut ring = Keyring::open(&ring_key, directory.org(), slot.member, &ring.sealed).unwrap();
        open_team_secrets(&directory, ring.member, &ring.keys.sealing, &mut ring.teams);
        let sealed = store.get(Kind::Device, &[], b"identity").unwrap().unwrap();
        let kind = envelope::Kind::DeviceSecrets;
        let context = Context { org: OrgId([0; 32]), kind, id: b"this device", epoch: 0, position: 0 };
        let identity: Identity = strict::decode(&envelope::open(&site, &context, &sealed).unwrap(), 10_000).unwrap();
        assert_eq!(OrgId(identity.org), directory.org());
        Self {
            org: directory.org(),
            device: DeviceId(identity.device),
            device_key: SigningKey::from_seed(&identity.signing),
            ring,
            lease,
            entries: store.list_all(Kind::Entry).unwrap(),
            directory,
        }
    }

    pub fn member(&self) -> MemberId {
        self.ring.member
    }

    pub fn holder(&self) -> KeyHolder<'_> {
        let ring = &self.ring;
        KeyHolder { member: ring.member, sealing: &ring.keys.sealing, earlier: &ring.earlier, teams: &ring.teams }
    }

    /// A chart as the vault has it.
    pub fn log(&self, chart: ChartId) -> ChartLog {
        let mut rows: Vec<_> = self.entries.iter().filter(|row| row.owner == chart.as_bytes()).collect();
        rows.sort_by_key(|row| row.value.first_chunk::<8>().copied());
        let mut log = ChartLog::new(chart);
        for row in rows {
            let (place, bytes) = row.value.split_at(PLACE_BYTES);
            let arrival = Arrival { position: u64::from_be_bytes(place[9..].try_into().unwrap()), late: place[8] != 0 };
            log.insert(&self.directory, Entry::decode(bytes).unwrap(), arrival).unwrap();
        }
        log
    }

    /// The keys of a chart that this member's keys open.
    pub fn keys(&self, log: &ChartLog) -> BTreeMap<KeyCheck, ChartKey> {
        let mut keys = BTreeMap::new();
        open_chart_keys(log, self.org, self.holder(), &mut keys);
        keys
    }

    /// The header of a change that an honest client would make next.
    pub fn header(&self, log: &ChartLog) -> EntryHeader {
        let access = log.access();
        EntryHeader {
            org: self.org,
            chart: Some(log.chart()),
            kind: EntryKind::Change,
            parents: log.parents(),
            author: self.member(),
            device: self.device,
            directory: self.directory.head(),
            epoch: access.epoch(),
            key: access.current_keys().next().unwrap(),
            grants: Vec::new(),
            previous: Vec::new(),
            seen: None,
            lease: self.lease,
            blobs: Vec::new(),
        }
    }

    /// An entry that holds one observation of that text, signed and sealed with what the header asks for.
    pub fn seal(&self, log: &ChartLog, header: EntryHeader, id: &str, json: String) -> Vec<u8> {
        let content = Some(Content(json.into_bytes()));
        let (kind, id) = ("Observation".to_owned(), id.to_owned());
        let changes = vec![Change { kind, id, full_url: None, bases: Vec::new(), content }];
        let packed = Body { time_ms: 0, changes, blobs: Vec::new() }.encode(&mut Packer::default());
        let body = seal_body(&header, &self.keys(log)[&header.key], &packed, &mut UnwrapErr(SysRng));
        self.sign(&header, body)
    }

    /// Signs an entry that a client would not even put together.
    pub fn sign(&self, header: &EntryHeader, body: Vec<u8>) -> Vec<u8> {
        let header = strict::encode(header);
        let signature = self.ring.keys.signing.sign_bytes(Domain::ENTRY, &EntryHeader::to_sign(&header, &body));
        strict::encode(&Frame { header, body, signature })
    }

    /// A statement on top of the directory as this member knows it.
    pub fn state(&self, act: Act) -> Object {
        let signing = &self.ring.keys.signing;
        Object::Statement(ObjectBytes(sign_next(&self.directory, Author::Member(self.member()), signing, act)))
    }

    pub fn caller(&self) -> Caller {
        Caller::Member { device: self.device, member: self.member() }
    }

    /// Hands objects in and gives what became of them.
    pub fn push(&self, net: &Net, objects: Vec<Object>) -> Vec<Outcome> {
        let keys = [&self.device_key, &self.ring.keys.signing];
        let answer = ask(net, self.org, self.caller(), &keys, "sync", &strict::encode(&handing_in(objects)));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        crate::network::sync_answer(&answer.body).outcomes
    }

    /// What the server says to another request.
    pub fn post(&self, net: &Net, route: &str, body: &[u8]) -> Answer {
        ask(net, self.org, self.caller(), &[&self.device_key, &self.ring.keys.signing], route, body)
    }
}

/// Hands in and asks for nothing.
pub fn handing_in(objects: Vec<Object>) -> SyncRequest {
    SyncRequest {
        generation: 1,
        point: Range::default().point(),
        want: Want::Some { charts: Vec::new(), teams: Vec::new() },
        objects,
        extensions: Vec::new(),
        lease: None,
        mine_too: false,
    }
}

pub fn entry(bytes: &[u8]) -> Object {
    Object::Entry(ObjectBytes(bytes.to_vec()))
}

/// Sends a request that names a caller and is signed with those keys, with a challenge of the server's.
pub fn ask(net: &Net, org: OrgId, caller: Caller, keys: &[&SigningKey], route: &str, body: &[u8]) -> Answer {
    let path = path(org, route);
    let mut challenge = Challenge([0; 24]);
    for _ in 0..2 {
        let mut nonce = [0; 16];
        UnwrapErr(SysRng).fill_bytes(&mut nonce);
        let (method, path_of) = ("POST".to_owned(), path.clone());
        let request = Request { org, caller, challenge, nonce, method, path: path_of, body: Request::digest(body) };
        let bytes = strict::encode(&request);
        let signatures: Vec<_> = keys.iter().map(|key| key.sign_bytes(Domain::REQUEST, &bytes)).collect();
        let authorization = Some(SignedRequest::new(request, signatures).to_header());
        let call = Call { method: "POST", path: &path, authorization, body, range: None, offset: None };
        let answer = net.honest(&call);
        if problem(&answer) != "challenge" {
            return answer;
        }
        challenge = answer.challenge.unwrap();
    }
    panic!("no challenge holds");
}

/// The problem that an answer is; empty for none.
pub fn problem(answer: &Answer) -> String {
    let json = wardbook_client::record::json::Json::parse(&answer.body).ok();
    let kind = json.as_ref().and_then(|json| json.text("type")).unwrap_or_default();
    kind.strip_prefix("urn:wardbook:problem:").unwrap_or_default().to_owned()
}
