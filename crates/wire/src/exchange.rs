//! What devices and the server say to each other (`spec/exchange.md`). Bodies of requests and answers are CBOR, type
//! `application/cbor`; errors are problem details (RFC 9457).
//!
//! | method, path below `/v1/orgs/{organisation in hex}` | request | answer |
//! | --- | --- | --- |
//! | `POST /create` | [`CreateRequest`], unsigned, with the server's registration code | [`SyncAnswer`] |
//! | `POST /sync` | [`SyncRequest`] | [`SyncAnswer`] |
//! | `POST /invite` | [`InviteRequest`], signed by the invite's key | [`SyncAnswer`] |
//! | `POST /welcome` | [`WelcomeRequest`] | nothing |
//! | `GET /welcome`, signed by the invite's key | | the sealed bytes, until the invite has been used |
//! | `POST /history` | [`HistoryRequest`] | [`HistoryAnswer`] |
//! | `POST /seen` | [`SeenRequest`] | [`SeenAnswer`] |
//! | `POST /objects` | [`ObjectsRequest`] | [`ObjectsAnswer`] |
//! | `POST /statements` | [`StatementsRequest`] | [`StatementsAnswer`] |
//! | `GET /events` | | server-sent events: `log` with the size of the log in decimal |
//! | `HEAD, PATCH, GET /blobs/{blob in hex}` | sealed bytes | sealed bytes |
//!
//! `GET /v1/server` (unsigned) tells [`ServerInfo`], and `GET /v1/ca` the certificate that its links pin, in PEM.

use crate::lease::GivenExtension;
use crate::log::{Item, LogPoint, ObjectBytes, Range, Subtree};
use crate::request::Challenge;
use crate::{ChartId, EntryId, OrgId, StatementId, TeamId, VerifyKey};
use minicbor::{Decode, Encode};

/// A request, at most: some entries of the largest kind.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Objects in one request, at most.
pub const OBJECTS_MAX: usize = 4096;
/// Charts and teams named in one request, at most.
pub const WANTED_MAX: usize = 100_000;
/// Bytes of objects in one answer, unless a single one is larger.
pub const ANSWER_BYTES: u64 = 4 * 1024 * 1024;
/// An answer, at most: one object of the largest kind above [`ANSWER_BYTES`], with its items.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A sealed welcome, at most.
pub const WELCOME_BYTES_MAX: usize = 256 * 1024;
/// An attachment, sealed, at most: 2 GiB of content with its padding (BLB-04).
pub const BLOB_BYTES_MAX: u64 = 2_215_133_250;
/// Items in one answer, at most.
pub const ITEMS_MAX: usize = 8192;

/// What a server says of itself before anything else.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ServerInfo {
    /// Signs its checkpoints and leases.
    #[n(0)]
    pub key: VerifyKey,
    #[n(1)]
    pub version: String,
}

/// Something that is handed in, in its travelling form.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Object {
    #[n(0)]
    Statement(#[n(0)] ObjectBytes),
    #[n(1)]
    Entry(#[n(0)] ObjectBytes),
    #[n(2)]
    Slot(#[n(0)] ObjectBytes),
    #[n(3)]
    Keyring(#[n(0)] ObjectBytes),
}

impl Object {
    /// The travelling form.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Statement(bytes) | Self::Entry(bytes) | Self::Slot(bytes) | Self::Keyring(bytes) => &bytes.0,
        }
    }
}

/// What became of an object that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// It is in the log, now or since earlier.
    #[n(0)]
    Logged {
        #[n(0)]
        index: u64,
    },
    /// It is not, and what it needs may come later.
    #[n(1)]
    Wait(#[n(0)] Refusal),
    /// It is not and will not be.
    #[n(2)]
    Refused(#[n(0)] Refusal),
}

/// Why an object is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    /// SRV-01: not in the accepted encoding, or too large.
    #[n(0)]
    Malformed,
    /// SRV-02: it belongs to another organisation.
    #[n(1)]
    OtherOrganisation,
    /// SRV-03: its author or device is not in the directory.
    #[n(2)]
    UnknownAuthor,
    /// SRV-04: its signature does not match.
    #[n(3)]
    BadSignature,
    /// SRV-05: a parent, or the statement that it names, is not in the log.
    #[n(4)]
    MissingParent,
    /// SRV-06: a statement does not follow the head of the directory: another came first.
    #[n(5)]
    NotNext,
    /// SRV-07: a statement breaks a rule of the directory.
    #[n(6)]
    BreaksRule,
    /// SRV-08: a slot or keyring is not newer than the one held.
    #[n(7)]
    NotNewer,
    /// SRV-09: an attachment that the entry names has not been handed in whole.
    #[n(8)]
    MissingBlob,
    /// SRV-10: whoever hands it in has been retired, or is somebody with an invite.
    #[n(9)]
    NotAllowed,
}

/// Which parts of the log a device wants. Its organisation's own stream always comes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Want {
    /// Every chart.
    #[n(0)]
    All,
    /// These charts, and every chart that one of these teams was ever granted. Ascending.
    #[n(1)]
    Some {
        #[n(0)]
        charts: Vec<ChartId>,
        #[n(1)]
        teams: Vec<TeamId>,
    },
}

/// Puts an organisation on a server: its chain so far, slots and keyrings. Charts follow by [`SyncRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CreateRequest {
    /// As printed by the server; empty where it takes anybody.
    #[n(0)]
    pub code: String,
    /// Statements first, from the genesis on; the last one or an earlier one names this server.
    #[n(1)]
    pub objects: Vec<Object>,
}

/// Hands in and asks for more, in one round trip.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SyncRequest {
    #[n(0)]
    pub generation: u64,
    /// The log as this device has it.
    #[n(1)]
    pub point: LogPoint,
    #[n(2)]
    pub want: Want,
    /// At most [`OBJECTS_MAX`]; statements before what names them, parents before children.
    #[n(3)]
    pub objects: Vec<Object>,
    /// Officers' extensions, before the objects that rest on them.
    #[n(4)]
    pub extensions: Vec<GivenExtension>,
    /// Set where the device asks for a new lease; it gets one where the answer reaches the end of the log.
    #[n(5)]
    pub lease: Option<LeaseWish>,
    /// True where the device has lost what it handed in itself, and wants it back.
    #[n(6)]
    pub mine_too: bool,
}

/// What a device knows of its leases. The attempt tells a device whose last answer was lost on the way from one that was
/// put back to an earlier state (LSE-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LeaseWish {
    /// The number of the latest lease that it holds; 0 for none.
    #[n(0)]
    pub held: u64,
    /// Random, stored before the first request that has it is sent, and kept until a lease has come.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub attempt: [u8; 16],
}

/// Whether the caller still belongs to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum CallerStanding {
    #[n(0)]
    Enrolled,
    /// Gets statements and nothing else, so that the device sees for itself.
    #[n(1)]
    MemberRetired,
    /// The same.
    #[n(2)]
    DeviceRetired,
    /// The member signed with keys that they have replaced: gets the organisation's own stream, with the new slots and
    /// keyring, and nothing else.
    #[n(3)]
    KeysReplaced,
}

/// The answer to a sync, in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SyncAnswer {
    #[n(0)]
    pub standing: CallerStanding,
    /// One for each object of the request.
    #[n(1)]
    pub outcomes: Vec<Outcome>,
    /// From the request's point on.
    #[n(2)]
    pub items: Vec<Item>,
    /// From the end of `items` to the size of the checkpoint; empty at the end of the log.
    #[n(3)]
    pub rest: Vec<Subtree>,
    /// The signed note.
    #[n(4)]
    pub checkpoint: String,
    /// Signed, where it was asked for and `rest` is empty.
    #[n(5)]
    pub lease: Option<ObjectBytes>,
    #[n(6)]
    pub challenge: Challenge,
    /// The server's clock, in milliseconds since 1970.
    #[n(7)]
    pub now_ms: i64,
}

/// Uses an invite: without `join` it only fetches what the holder needs to decide and to make their keys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InviteRequest {
    /// The log as the newcomer has it: nothing at first.
    #[n(0)]
    pub point: LogPoint,
    /// The statement with its slots and keyring.
    #[n(1)]
    pub objects: Vec<Object>,
}

/// Leaves what the holder of an invite needs; sealed under the secret in the link.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WelcomeRequest {
    /// The invite's.
    #[n(0)]
    pub key: VerifyKey,
    /// At most [`WELCOME_BYTES_MAX`].
    #[n(1)]
    pub sealed: ObjectBytes,
}

/// Parts of the log that a device has passed over before: charts that it wants from now on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HistoryRequest {
    #[n(0)]
    pub generation: u64,
    /// Items begin here.
    #[n(1)]
    pub from: u64,
    /// And end here at the latest: the size of the log as the device has it.
    #[n(2)]
    pub to: u64,
    /// Ascending.
    #[n(3)]
    pub charts: Vec<ChartId>,
    /// Every chart that one of these teams was ever granted. Ascending.
    #[n(4)]
    pub teams: Vec<TeamId>,
    /// Every chart.
    #[n(5)]
    pub all: bool,
}

/// The items from `from` on; the device goes on where they end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HistoryAnswer {
    #[n(0)]
    pub items: Vec<Item>,
}

/// Proofs that logs of these sizes are the beginning of the log of the given size.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeenRequest {
    #[n(0)]
    pub generation: u64,
    #[n(1)]
    pub sizes: Vec<u64>,
    #[n(2)]
    pub size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeenAnswer {
    #[n(0)]
    pub proofs: Vec<SeenProof>,
}

/// A smaller log, and what leads from it to the larger one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeenProof {
    #[n(0)]
    pub range: Range,
    #[n(1)]
    pub rest: Vec<Subtree>,
}

/// Objects by the ids of their leaves, for what was lost on the device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ObjectsRequest {
    #[n(0)]
    pub entries: Vec<EntryId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ObjectsAnswer {
    #[n(0)]
    pub entries: Vec<Option<ObjectBytes>>,
}

/// The directory after a statement, whatever the generation of the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StatementsRequest {
    #[n(0)]
    pub after: StatementId,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StatementsAnswer {
    /// In order; empty where `after` is the head or not known.
    #[n(0)]
    pub statements: Vec<ObjectBytes>,
    /// The log as the server has it now, signed.
    #[n(1)]
    pub checkpoint: String,
    #[n(2)]
    pub generation: u64,
    #[n(3)]
    pub challenge: Challenge,
}

/// The `type` of a problem (RFC 9457) after `urn:wardbook:problem:`.
pub mod problem {
    /// 401: the challenge is missing, old or not this server's. The answer has a new one.
    pub const CHALLENGE: &str = "challenge";
    /// 401: a signature does not match, or the caller is not known.
    pub const SIGNATURE: &str = "signature";
    /// 401: this very request was seen before.
    pub const REPLAY: &str = "replay";
    /// 403: the device, the member or both were retired.
    pub const RETIRED: &str = "retired";
    /// 403: the registration code is wrong, or the server takes no new organisations.
    pub const REGISTRATION: &str = "registration";
    /// 404: no such organisation, object or attachment.
    pub const NOT_FOUND: &str = "not-found";
    /// 409: the organisation is on this server already.
    pub const EXISTS: &str = "exists";
    /// 409: the device has leases of a later state than it says (LSE-06).
    pub const DEVICE_RESTORED: &str = "device-restored";
    /// 409: the log of the device is longer than the server's: the server was put back to an earlier state.
    pub const LOG_BEHIND: &str = "log-behind";
    /// 409: the log of the device is not the beginning of the server's.
    pub const LOG_FORKED: &str = "log-forked";
    /// 409: the log goes on in another generation.
    pub const GENERATION: &str = "generation";
    /// 400: not in the accepted encoding.
    pub const MALFORMED: &str = "malformed";
    /// 410, 403: an invite that was used, withdrawn, has expired or never was.
    pub const INVITE: &str = "invite";
    /// 413.
    pub const TOO_LARGE: &str = "too-large";
    /// 429, with Retry-After.
    pub const TOO_MANY: &str = "too-many";
    /// 507: the organisation's or device's share of the server is used up.
    pub const QUOTA: &str = "quota";
    /// 507: the server's disk is full.
    pub const FULL: &str = "full";
    /// 500.
    pub const INTERNAL: &str = "internal";
}

/// The path of a route of an organisation.
pub fn path(org: OrgId, route: &str) -> String {
    format!("/v1/orgs/{org}/{route}")
}
