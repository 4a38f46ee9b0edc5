//! An organisation with real keys on a real service, for tests: what clients would do, written out by hand.

use crate::{Answer, Call, ContentKind, Limits, Registration, Service};
use ed25519_dalek::{Signer, SigningKey};
use std::path::Path;
use tempfile::TempDir;
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::entry::{Access, EntryHeader, EntryKind, Grant, Grantee, KeyCheck, KeyTo};
use wardbook_wire::exchange::{CreateRequest, LeaseWish, Object, Outcome, SyncAnswer, SyncRequest, Want, path};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::lease::Lease;
use wardbook_wire::log::{Item, KeyringObject, LogPoint, ObjectBytes, Range};
use wardbook_wire::request::{CHALLENGE_HEADER, Caller, Challenge, Request, SignedRequest};
use wardbook_wire::signed::{Domain, Signable, Signed};
use wardbook_wire::slot::{Lookup, Slot, SlotKind};
use wardbook_wire::statement::{Genesis, NewDevice, NewMember, SealKey, SealedBytes, Server};
use wardbook_wire::{
    Act, Author, ChartId, DeviceId, Entry, EntryId, LeaseId, MemberId, OrgId, Policy, Role, Statement, StatementId,
    TeamId, Unverified, VerifyKey, strict,
};

pub(crate) const NOW: i64 = 1_700_000_000_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const CODE: &str = "let us in";

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn verify_key(key: &SigningKey) -> VerifyKey {
    VerifyKey(key.verifying_key().to_bytes())
}

pub(crate) fn sign<T: Signable>(key: &SigningKey, message: &T) -> Vec<u8> {
    let bytes = strict::encode(message);
    let signature = key.sign(&T::DOMAIN.message(&bytes)).to_bytes();
    strict::encode(&Signed { bytes, signature })
}

/// A member on a device.
#[derive(Clone)]
pub(crate) struct Who {
    pub device: DeviceId,
    pub member: MemberId,
    pub device_key: SigningKey,
    pub member_key: SigningKey,
}

impl Who {
    /// Below 100.
    pub fn new(n: u8) -> Self {
        let (device_key, member_key) = (key(n), key(100 + n));
        Self { device: DeviceId([n; 16]), member: MemberId([n; 16]), device_key, member_key }
    }

    pub fn caller(&self) -> Caller {
        Caller::Member { device: self.device, member: self.member }
    }

    pub fn as_member(&self, role: Role) -> NewMember {
        let verify_key = verify_key(&self.member_key);
        NewMember { member: self.member, role, verify_key, seal_key: SealKey(vec![0; 1216]), name: vec![1] }
    }

    pub fn as_device(&self) -> NewDevice {
        let verify_key = verify_key(&self.device_key);
        NewDevice { device: self.device, verify_key, seal_key: SealKey(vec![0; 1216]), name: vec![2] }
    }

    pub fn sign_entry(&self, header: EntryHeader, body: Vec<u8>) -> Entry {
        let bytes = EntryHeader::to_sign(&strict::encode(&header), &body);
        let signature = self.member_key.sign(&Domain::ENTRY.message(&bytes)).to_bytes();
        Entry::assemble(header, body, signature).unwrap()
    }

    /// Even lookups are of passwords, odd ones of recovery codes.
    pub fn slot(&self, org: OrgId, lookup: u8, version: u64) -> Object {
        let kind = if lookup.is_multiple_of(2) { SlotKind::Password } else { SlotKind::Recovery };
        let lookup = Lookup([lookup; 32]);
        let (salt, sealed) = ([7; 32], vec![8; 114]);
        let slot = Slot { org, member: self.member, kind, lookup, version, kdf: Kdf::PBKDF2_FLOOR, salt, sealed };
        Object::Slot(ObjectBytes(sign(&self.member_key, &slot)))
    }

    pub fn keyring(&self, org: OrgId, version: u64) -> Object {
        let keyring = KeyringObject { org, member: self.member, version, sealed: vec![9; 300] };
        Object::Keyring(ObjectBytes(sign(&self.member_key, &keyring)))
    }
}

/// The statements of an organisation so far.
#[derive(Clone)]
pub(crate) struct Chain {
    pub org: OrgId,
    pub head: StatementId,
    pub statements: Vec<Vec<u8>>,
}

impl Chain {
    pub fn new(seed: u8) -> Self {
        let policy = Policy { kdf: Kdf::PBKDF2_FLOOR, password_chars_min: 15, lease_hours: 72 };
        let genesis = Genesis { nonce: [seed; 32], root: verify_key(&key(99)), policy };
        let statement = Statement { org: None, previous: None, author: Author::Root, act: Act::Genesis(genesis) };
        let bytes = sign(&key(99), &statement);
        let head = statement_id(&bytes);
        Self { org: head.into(), head, statements: vec![bytes] }
    }

    /// The next statement, which is not added.
    pub fn make(&self, author: Author, key: &SigningKey, act: Act) -> Vec<u8> {
        sign(key, &Statement { org: Some(self.org), previous: Some(self.head), author, act })
    }

    pub fn push(&mut self, bytes: Vec<u8>) {
        self.head = statement_id(&bytes);
        self.statements.push(bytes);
    }

    pub fn objects(&self) -> Vec<Object> {
        self.statements.iter().map(|bytes| statement(bytes)).collect()
    }
}

pub(crate) fn statement_id(bytes: &[u8]) -> StatementId {
    let signed: Signed = strict::decode(bytes, bytes.len()).unwrap();
    StatementId(Domain::STATEMENT.digest(&signed.bytes))
}

pub(crate) fn statement(bytes: &[u8]) -> Object {
    Object::Statement(ObjectBytes(bytes.to_vec()))
}

pub(crate) fn object(entry: &Entry) -> Object {
    Object::Entry(ObjectBytes(entry.encode()))
}

pub(crate) fn open(folder: &Path, limits: Limits, registration: Registration, seed: u8) -> Service {
    let mut n = seed;
    let rng = move |bytes: &mut [u8]| {
        n = n.wrapping_add(1);
        bytes.fill(n);
    };
    Service::open(folder, limits, registration, Box::new(rng)).unwrap()
}

/// What a request is, without signatures.
pub(crate) fn call<'a>(method: &'a str, path: &'a str, body: &'a [u8], now_ms: i64) -> Call<'a> {
    Call { method, path, authorization: None, body, range: None, offset: None, now_ms }
}

/// The problem that an answer is; empty for none.
pub(crate) fn code(answer: &Answer) -> String {
    if answer.kind != ContentKind::Problem {
        return String::new();
    }
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    body["type"].as_str().unwrap().strip_prefix("urn:wardbook:problem:").unwrap().to_owned()
}

pub(crate) fn challenge_of(answer: &Answer) -> Option<Challenge> {
    let header = answer.headers.iter().find(|(name, _)| *name == CHALLENGE_HEADER)?;
    Challenge::from_text(&header.1)
}

/// A service with one organisation, its admin on a device.
pub(crate) struct Clinic {
    pub folder: TempDir,
    pub service: Service,
    pub chain: Chain,
    pub admin: Who,
    pub now: i64,
    nonce: u64,
    /// For the next request of each caller, as far as one was given.
    challenges: Vec<(Caller, Challenge)>,
}

impl Clinic {
    pub fn new() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = open(folder.path(), limits, Registration::Code(CODE.into()), 40);
        let (chain, admin) = founded(1, &service);
        let clinic = Self { folder, service, chain, admin, now: NOW, nonce: 0, challenges: vec![] };
        let answer = clinic.create(clinic.chain.objects(), CODE);
        assert_eq!(answer.status, 200, "{}", code(&answer));
        clinic
    }

    /// The same folder, opened again.
    pub fn restart(self, limits: Limits) -> Self {
        let Self { folder, service, chain, admin, now, nonce, challenges } = self;
        drop(service);
        let service = open(folder.path(), limits, Registration::Code(CODE.into()), 80);
        Self { folder, service, chain, admin, now, nonce, challenges }
    }

    pub fn org(&self) -> OrgId {
        self.chain.org
    }

    pub fn create(&self, objects: Vec<Object>, code: &str) -> Answer {
        let body = strict::encode(&CreateRequest { code: code.to_owned(), objects });
        self.service.handle(&call("POST", &path(self.org(), "create"), &body, self.now))
    }

    pub fn header(&self, request: Request, keys: &[&SigningKey]) -> String {
        let bytes = strict::encode(&request);
        let signatures: Vec<_> = keys.iter().map(|key| key.sign(&Domain::REQUEST.message(&bytes)).to_bytes()).collect();
        SignedRequest::new(request, signatures).to_header()
    }

    /// A request with a nonce that was not used.
    pub fn request(&mut self, caller: Caller, challenge: Challenge, method: &str, path: &str, body: &[u8]) -> Request {
        self.nonce += 1;
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.nonce.to_be_bytes());
        let (method, path) = (method.to_owned(), path.to_owned());
        Request { org: self.org(), caller, challenge, nonce, method, path, body: Request::digest(body) }
    }

    /// Signs and sends, with a challenge fetched first.
    pub fn send(&mut self, caller: Caller, keys: &[&SigningKey], like: Call<'_>) -> Answer {
        let held = self.challenges.iter().find(|(of, _)| *of == caller);
        let mut challenge = held.map_or(Challenge([0; 24]), |(_, challenge)| *challenge);
        for _ in 0..2 {
            let request = self.request(caller, challenge, like.method, like.path, like.body);
            let header = self.header(request, keys);
            let answer = self.service.handle(&Call { authorization: Some(&header), now_ms: self.now, ..like });
            if let Some(next) = challenge_of(&answer) {
                challenge = next;
                self.challenges.retain(|(of, _)| *of != caller);
                self.challenges.push((caller, next));
            }
            if code(&answer) != "challenge" {
                return answer;
            }
        }
        panic!("no challenge holds");
    }

    pub fn post(&mut self, who: &Who, route: &str, body: &[u8]) -> Answer {
        let path = path(self.org(), route);
        self.send(who.caller(), &[&who.device_key, &who.member_key], call("POST", &path, body, 0))
    }

    pub fn try_sync(&mut self, who: &Who, request: &SyncRequest) -> Answer {
        self.post(who, "sync", &strict::encode(request))
    }

    pub fn sync(&mut self, who: &Who, request: &SyncRequest) -> SyncAnswer {
        let answer = self.try_sync(who, request);
        assert_eq!(answer.status, 200, "{}", code(&answer));
        strict::decode(&answer.body, usize::MAX).unwrap()
    }

    /// Hands in objects and gives what became of them.
    pub fn push(&mut self, who: &Who, objects: Vec<Object>) -> Vec<Outcome> {
        self.sync(who, &asking(objects)).outcomes
    }

    /// A statement of the admin, which is taken.
    pub fn state(&mut self, act: Act) {
        let admin = self.admin.clone();
        let bytes = self.chain.make(Author::Member(admin.member), &admin.member_key, act);
        let outcomes = self.push(&admin, vec![statement(&bytes)]);
        assert!(matches!(outcomes[..], [Outcome::Logged { .. }]), "{outcomes:?}");
        self.chain.push(bytes);
    }

    /// A clinician on a device of their own.
    pub fn newcomer(&mut self, n: u8) -> Who {
        let who = Who::new(n);
        self.state(Act::MemberAdd(who.as_member(Role::Clinician)));
        self.state(Act::DeviceEnrol(who.as_device()));
        who
    }

    pub fn genesis_header(&self, who: &Who, n: u8, team: TeamId) -> EntryHeader {
        let key = KeyTo::TeamSecret { epoch: 1, sealed: SealedBytes(vec![n]) };
        let grant = Grant { to: Grantee::Team(team), access: Access::Write, key };
        EntryHeader {
            org: self.org(),
            chart: None,
            kind: EntryKind::Genesis,
            parents: vec![],
            author: who.member,
            device: who.device,
            directory: self.chain.head,
            epoch: 1,
            key: KeyCheck([n; 32]),
            grants: vec![grant],
            previous: vec![],
            seen: None,
            lease: None,
            blobs: vec![],
        }
    }

    /// Opens a chart for a team.
    pub fn genesis(&self, who: &Who, n: u8, team: TeamId) -> Entry {
        who.sign_entry(self.genesis_header(who, n, team), vec![n; 10])
    }

    pub fn change_header(&self, who: &Who, chart: ChartId, parent: EntryId) -> EntryHeader {
        EntryHeader {
            chart: Some(chart),
            kind: EntryKind::Change,
            parents: vec![parent],
            grants: vec![],
            ..self.genesis_header(who, 0, TeamId([0; 16]))
        }
    }

    pub fn change(&self, who: &Who, chart: ChartId, parent: EntryId, body: Vec<u8>) -> Entry {
        who.sign_entry(self.change_header(who, chart, parent), body)
    }

    /// The answer leads from a range to the signed checkpoint; gives the range at the end of its items.
    pub fn follow(&self, range: &Range, answer: &SyncAnswer, generation: u64) -> Range {
        let range = folded(range, &answer.items);
        let mut end = range.clone();
        answer.rest.iter().for_each(|subtree| end.push(*subtree, &mut |_, _| {}).unwrap());
        let checkpoint = Checkpoint::open(&answer.checkpoint, self.org(), generation, &self.service.verify_key());
        assert_eq!(checkpoint.unwrap().point, end.point());
        range
    }

    /// The whole log as a member gets it, checked.
    pub fn point(&mut self) -> LogPoint {
        let admin = self.admin.clone();
        let answer = self.sync(&admin, &asking(vec![]));
        assert!(answer.rest.is_empty());
        self.follow(&Range::default(), &answer, 1).point()
    }
}

/// The genesis, the first admin with a device, and this server.
pub(crate) fn founded(seed: u8, service: &Service) -> (Chain, Who) {
    let (mut chain, admin) = (Chain::new(seed), Who::new(1));
    chain.push(chain.make(Author::Root, &key(99), Act::MemberAdd(admin.as_member(Role::Admin))));
    let author = Author::Member(admin.member);
    chain.push(chain.make(author, &admin.member_key, Act::DeviceEnrol(admin.as_device())));
    let server = Server { key: service.verify_key(), generation: 1, base: None };
    chain.push(chain.make(author, &admin.member_key, Act::ServerSet(server)));
    (chain, admin)
}

/// Everything from the beginning.
pub(crate) fn asking(objects: Vec<Object>) -> SyncRequest {
    SyncRequest {
        generation: 1,
        point: Range::default().point(),
        want: Want::All,
        objects,
        extensions: vec![],
        lease: None,
        mine_too: false,
    }
}

pub(crate) fn wish(held: u64, attempt: u8) -> Option<LeaseWish> {
    Some(LeaseWish { held, attempt: [attempt; 16] })
}

pub(crate) fn lease_of(answer: &SyncAnswer, service: &Service) -> (LeaseId, Lease) {
    let bytes = &answer.lease.as_ref().unwrap().0;
    let lease = Unverified::<Lease>::decode(bytes).unwrap().verify(&service.verify_key()).unwrap();
    (LeaseId(lease.digest()), lease.into_inner())
}

pub(crate) fn folded(range: &Range, items: &[Item]) -> Range {
    let mut range = range.clone();
    for item in items {
        match item {
            Item::Leaf { leaf, .. } => range.push_leaf(leaf),
            Item::Skip(subtree) => range.push(*subtree, &mut |_, _| {}).unwrap(),
        }
    }
    range
}
