//! Why something was not done: what every method throws.

use serde::Serialize;
use tsify::Tsify;

/// What a screen treats in its own way. Everything else is shown as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The same for an unknown user, a wrong password and a wrong code.
    WrongPassword,
    /// Too many failed attempts: wait `waitSecs`.
    TooSoon,
    /// So many failed attempts that only a recovery code opens.
    Blocked,
    /// A new password that is not taken; the message says what to do instead.
    WeakPassword,
    /// The device has to reach its server before records open again.
    LeaseExpired,
    /// The server was not reached: what was done is kept here.
    Offline,
    /// The browser gives no more room.
    StorageFull,
    /// Another tab or window has the vault open.
    Busy,
    /// Stored bytes are not what they were; the technical page says more.
    Damaged,
    /// The site key of this vault is not in this browser any more.
    NoSiteKey,
    /// This member lacks the right, or the server said no (`code` says why).
    Refused,
    /// No such chart or resource, or no access to it.
    NotFound,
    /// What was typed or given is not right; the message says how.
    Invalid,
    /// Somebody else was faster, or something has to be decided first.
    Conflict,
    /// The server contradicts what it signed. Nothing of its answer was taken.
    ServerCaught,
    /// This device or member was retired; its keys are wiped.
    Retired,
    /// Nobody is unlocked, or there is no vault yet.
    Locked,
    Other,
}

/// What was not done, in words that say what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    /// With `tooSoon`.
    pub wait_secs: Option<u32>,
    /// The server's code of a refusal: `quota`, `full`, `registration` and so on.
    pub code: Option<String>,
}
