//! The way between devices and the server, and everything that a hostile server can do: it holds the server's own key, sees
//! and changes whatever passes, keeps copies of itself and turns its clock.

use ed25519_dalek::{Signer, SigningKey};
use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use wardbook_client::sync::transport::{Answer, Call, NoAnswer, Transport};
use wardbook_server::{Limits, Registration, Service};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{ANSWER_BYTES_MAX, REQUEST_BYTES_MAX, SyncAnswer, SyncRequest};
use wardbook_wire::lease::Lease;
use wardbook_wire::log::{Item, Leaf, LeafKind, LogPoint, ObjectBytes, Range, StreamId};
use wardbook_wire::request::{CHALLENGE_HEADER, Challenge};
use wardbook_wire::signed::{Signable, Signed};
use wardbook_wire::{OrgId, Unverified, VerifyKey, strict};

pub const HOUR_MS: i64 = 3_600_000;
/// Tests ask faster than people do.
const REQUESTS_MAX: u32 = 1_000_000;

/// The real server over one folder.
pub struct Server {
    service: Service,
    folder: PathBuf,
}

impl Server {
    pub fn open(folder: PathBuf) -> Self {
        let limits = Limits {
            device_requests_per_minute: REQUESTS_MAX,
            org_requests_per_minute: REQUESTS_MAX,
            unsigned_requests_per_second: REQUESTS_MAX,
            ..Limits::default()
        };
        let random = |bytes: &mut [u8]| UnwrapErr(SysRng).fill_bytes(bytes);
        let service = Service::open(&folder, limits, Registration::Open, Box::new(random)).unwrap();
        Self { service, folder }
    }

    /// The same server as it is now, in another folder.
    pub fn twin(&self) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.with_file_name(format!("twin-{number}"));
        wardbook_server::backup(&self.folder, &folder).unwrap();
        Self::open(folder)
    }

    fn handle(&self, call: &Call<'_>, now_ms: i64) -> Answer {
        let answer = self.service.handle(&wardbook_server::Call {
            method: call.method,
            path: call.path,
            authorization: call.authorization.as_deref(),
            body: call.body,
            range: call.range,
            offset: call.offset,
            now_ms,
        });
        let challenge = answer.headers.iter().find(|(name, _)| *name == CHALLENGE_HEADER);
        let challenge = challenge.and_then(|(_, text)| Challenge::from_text(text));
        Answer { status: answer.status, body: answer.body, challenge, ..Answer::default() }
    }
}

/// What the server knows of its log, as far as answers have told it.
#[derive(Clone, Default)]
pub struct Known {
    ranges: BTreeMap<LogPoint, Range>,
    seqs: BTreeMap<StreamId, u64>,
}

impl Known {
    fn range(&self, at: LogPoint) -> Option<Range> {
        if at.size == 0 { Some(Range::default()) } else { self.ranges.get(&at).cloned() }
    }

    fn follow(&mut self, from: LogPoint, answer: &SyncAnswer) {
        let Some(mut range) = self.range(from) else { return };
        for item in &answer.items {
            append(&mut range, item);
            self.ranges.insert(range.point(), range.clone());
            if let Item::Leaf { leaf, .. } = item {
                let seq = self.seqs.entry(leaf.stream).or_default();
                *seq = leaf.seq.max(*seq);
            }
        }
    }
}

fn append(range: &mut Range, item: &Item) {
    match item {
        Item::Leaf { leaf, .. } => range.push_leaf(leaf),
        Item::Skip(subtree) => range.push(*subtree, &mut |_, _| {}).unwrap(),
    }
}

/// A request that a device has sent, with the body of its answer.
pub struct Sent {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: Vec<u8>,
    pub status: u16,
    pub answer: Vec<u8>,
}

type Cheat = Box<dyn FnMut(&Net, &Call<'_>) -> Answer>;

pub struct Net {
    org: OrgId,
    key: SigningKey,
    server: RefCell<Server>,
    cheat: RefCell<Option<Cheat>>,
    known: RefCell<Known>,
    sent: RefCell<Vec<Sent>>,
    /// What the server's clock is ahead by, in milliseconds.
    ahead_ms: Cell<i64>,
}

impl Net {
    pub fn over(server: Server, org: OrgId, known: Known) -> Rc<Self> {
        let file = std::fs::read(server.folder.join("server.key")).unwrap();
        let seed = file.strip_prefix(b"WBserver").unwrap().first_chunk::<32>().unwrap();
        Rc::new(Self {
            org,
            key: SigningKey::from_bytes(seed),
            server: RefCell::new(server),
            cheat: RefCell::new(None),
            known: RefCell::new(known),
            sent: RefCell::default(),
            ahead_ms: Cell::new(0),
        })
    }

    pub fn link(self: &Rc<Self>) -> Link {
        Link(Rc::clone(self))
    }

    /// Another log under the same key, which begins as this one and goes on by itself.
    pub fn fork(&self) -> Rc<Self> {
        Self::over(self.twin(), self.org, self.known())
    }

    pub fn known(&self) -> Known {
        self.known.borrow().clone()
    }

    pub fn twin(&self) -> Server {
        self.server.borrow().twin()
    }

    /// Puts another server in the place of this one, which is given back.
    pub fn swap(&self, server: Server) -> Server {
        self.server.replace(server)
    }

    /// Leaves in the log.
    pub fn size(&self) -> u64 {
        self.server.borrow().service.log_size(self.org).unwrap()
    }

    pub fn set_clock_ahead(&self, ms: i64) {
        self.ahead_ms.set(ms);
    }

    /// By the server's clock.
    pub fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond() + self.ahead_ms.get()
    }

    /// What devices have sent since this was last asked.
    pub fn take_sent(&self) -> Vec<Sent> {
        self.sent.take()
    }

    /// What the real server answers.
    pub fn honest(&self, call: &Call<'_>) -> Answer {
        let answer = self.server.borrow().handle(call, self.now_ms());
        let from = match call.path.rsplit('/').next() {
            Some("create") => Some(Range::default().point()),
            Some("sync") => strict::decode::<SyncRequest>(call.body, REQUEST_BYTES_MAX).ok().map(|sync| sync.point),
            _ => None,
        };
        if let Some(from) = from.filter(|_| answer.status == 200) {
            self.known.borrow_mut().follow(from, &sync_answer(&answer.body));
        }
        answer
    }

    /// From now on devices get what this makes of their requests.
    pub fn cheat(&self, cheat: impl FnMut(&Self, &Call<'_>) -> Answer + 'static) {
        *self.cheat.borrow_mut() = Some(Box::new(cheat));
    }

    /// From now on answers to syncs are changed, and nothing else.
    pub fn on_sync(&self, mut change: impl FnMut(&Self, &SyncRequest, &mut SyncAnswer) + 'static) {
        self.cheat(move |net, call| {
            let mut answer = net.honest(call);
            if call.path.ends_with("/sync") && answer.status == 200 {
                let request: SyncRequest = strict::decode(call.body, REQUEST_BYTES_MAX).unwrap();
                let mut content = sync_answer(&answer.body);
                change(net, &request, &mut content);
                answer.body = strict::encode(&content);
            }
            answer
        });
    }

    pub fn be_honest(&self) {
        *self.cheat.borrow_mut() = None;
    }

    /// The travelling form, signed with the server's key.
    pub fn sign<T: Signable>(&self, message: &T) -> Vec<u8> {
        let bytes = strict::encode(message);
        let signature = self.key.sign(&T::DOMAIN.message(&bytes)).to_bytes();
        strict::encode(&Signed { bytes, signature })
    }

    pub fn checkpoint(&self, point: LogPoint) -> String {
        let checkpoint = Checkpoint { org: self.org, generation: 1, point };
        let signature = self.key.sign(checkpoint.text().as_bytes()).to_bytes();
        checkpoint.note(&VerifyKey(self.key.verifying_key().to_bytes()), &signature)
    }

    /// Signs the log that an answer leads to, and the lease for it.
    pub fn sign_again(&self, from: LogPoint, answer: &mut SyncAnswer) {
        let mut range = self.known.borrow().range(from).expect("an answer led there");
        answer.items.iter().for_each(|item| append(&mut range, item));
        let end = range.point();
        answer.rest.iter().for_each(|subtree| append(&mut range, &Item::Skip(*subtree)));
        answer.checkpoint = self.checkpoint(range.point());
        if answer.lease.is_some() {
            self.change_lease(answer, |lease| lease.seen.point = end);
        }
    }

    pub fn change_lease(&self, answer: &mut SyncAnswer, change: impl FnOnce(&mut Lease)) {
        let held = answer.lease.take().expect("the answer brings a lease");
        let mut lease = *Unverified::<Lease>::decode(&held.0).unwrap().peek();
        change(&mut lease);
        answer.lease = Some(ObjectBytes(self.sign(&lease)));
    }

    /// Adds a leaf of the server's own making, numbered as the next of its stream.
    pub fn forge(&self, answer: &mut SyncAnswer, kind: LeafKind, id: [u8; 32], stream: StreamId, object: Vec<u8>) {
        let held = self.known.borrow().seqs.get(&stream).copied().unwrap_or(0);
        let here = answer.items.iter().map(|item| match item {
            Item::Leaf { leaf, .. } if leaf.stream == stream => leaf.seq,
            _ => 0,
        });
        let seq = here.max().unwrap_or(0).max(held) + 1;
        let leaf = Leaf { kind, id, stream, seq, received_ms: self.now_ms(), late: false };
        answer.items.push(Item::Leaf { leaf, object: Some(ObjectBytes(object)) });
    }
}

pub fn sync_answer(body: &[u8]) -> SyncAnswer {
    strict::decode(body, ANSWER_BYTES_MAX).unwrap()
}

/// The numbers of the items that are entries with their bytes.
pub fn entries(answer: &SyncAnswer) -> Vec<usize> {
    let is_entry =
        |item: &Item| matches!(item, Item::Leaf { leaf, object } if leaf.kind == LeafKind::Entry && object.is_some());
    (0..answer.items.len()).filter(|at| is_entry(&answer.items[*at])).collect()
}

/// A way on which the answers to some requests are lost.
pub struct Losing(pub Link, pub fn(&Call<'_>) -> bool);

impl Transport for Losing {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let answer = self.0.call(call)?;
        if self.1(call) { Err(NoAnswer("the connection broke off".into())) } else { Ok(answer) }
    }

    fn pause(&mut self, secs: u64) {
        self.0.pause(secs);
    }

    fn wait(&mut self, path: &str, authorization: String, size: u64) -> Result<u64, NoAnswer> {
        self.0.wait(path, authorization, size)
    }
}

/// One device's way to the server.
pub struct Link(Rc<Net>);

impl Transport for Link {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let net = &*self.0;
        let answer = match net.cheat.borrow_mut().as_mut() {
            Some(cheat) => cheat(net, call),
            None => net.honest(call),
        };
        net.sent.borrow_mut().push(Sent {
            method: call.method.to_owned(),
            path: call.path.to_owned(),
            authorization: call.authorization.clone(),
            body: call.body.to_vec(),
            status: answer.status,
            answer: answer.body.clone(),
        });
        Ok(answer)
    }

    fn pause(&mut self, _: u64) {}

    fn wait(&mut self, _: &str, _: String, _: u64) -> Result<u64, NoAnswer> {
        Err(NoAnswer("there are no events here".into()))
    }
}
