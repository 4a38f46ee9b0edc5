//! What waits, what was exchanged, and until when this device may work alone.

use super::{Failure, LeaseLine};
use serde::Serialize;
use tsify::Tsify;

/// Being offline is no error: it says since when, and what waits.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SyncStatus {
    /// False for an organisation without a server: nothing waits then.
    pub has_server: bool,
    pub server: Option<String>,
    /// When everything was last exchanged, by the server's clock.
    pub synced_ms: Option<f64>,
    /// When the server was first not reached, since the last time that it was; by this device's clock.
    pub offline_since_ms: Option<f64>,
    /// Why the last sync was not completed; absent once one is.
    pub failure: Option<Failure>,
    /// Objects that wait to be sent, and their bytes without attachments.
    pub unsent: u32,
    pub unsent_bytes: f64,
    pub lease: Option<LeaseLine>,
    /// What speaks against the server or a member, and nobody has acknowledged.
    pub alarms: Vec<String>,
}

/// Where a sync stands.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SyncProgress {
    pub sent: u32,
    pub to_send: u32,
    pub received: u32,
    /// Places of the log that are still to come.
    pub to_receive: f64,
    /// Charts whose lists are being brought up to date.
    pub charts: u32,
}

/// What a sync did.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SyncReport {
    pub sent: u32,
    pub received: u32,
    /// What the server did not take.
    pub refused: Vec<RefusedObject>,
    /// Why the server had no room for what waits.
    pub held_back: Option<String>,
    /// Attachments that wait on this device, with the reason.
    pub held_attachments: Vec<HeldAttachment>,
    pub conflicts: u32,
    pub quarantined: u32,
    pub passed_over: u32,
    /// What members of this device have to know: their password or code was changed on two devices apart.
    pub passwords: Vec<String>,
    /// This device had been put back to an earlier state, and goes on under a new identity.
    pub renewed: bool,
    /// The server had been put back, and got again what it had lost.
    pub moved: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RefusedObject {
    pub what: String,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct HeldAttachment {
    pub chart: String,
    pub blob: String,
    pub reason: String,
}

/// What opens the stream of news: `GET url` with this `Authorization`, then lines of `data: SIZE`. Ask for a new one
/// after each sync; one that is answered with 401 was made from an old challenge, and the next sync brings another.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NewsRequest {
    /// Path from the first `/` on, on the page's own origin.
    pub url: String,
    pub authorization: String,
    /// Size of the log here: more than this is news.
    pub size: f64,
}
