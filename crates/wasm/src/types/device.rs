//! What this browser is at the moment: nothing yet, locked, waiting for its server, or open.

use super::Failure;
use serde::Serialize;
use tsify::Tsify;

/// Which screen comes first.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum DeviceStatus {
    /// No vault in this browser: enrol with an invite, or create an organisation.
    Empty,
    /// Somebody began to join, and the answer was lost: enrolling with the same link again goes on where it stopped,
    /// unless they give it up.
    Joining,
    /// There is a vault, and it cannot be opened: in another tab, damaged, or without its site key.
    Unusable(Unusable),
    /// Somebody has to unlock.
    Locked(VaultLine),
    /// Somebody has unlocked, and records open after the next sync.
    Waiting(Waiting),
    Open(Opened),
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Unusable {
    pub failure: Failure,
}

/// What a locked vault tells about itself.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct VaultLine {
    pub organisation: String,
    /// `https://host:port`; none for an organisation without a server.
    pub server: Option<String>,
    pub lease: Option<LeaseLine>,
    /// What waits to be sent.
    pub unsent: u32,
    /// When everything was last exchanged, by the server's clock.
    pub synced_ms: Option<f64>,
    /// Failed attempts since the last success.
    pub failed_attempts: u32,
    /// Opening had to rebuild the storage: how many objects were kept and lost.
    pub repaired: Option<Repaired>,
}

#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Repaired {
    pub kept: u32,
    pub lost: u32,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    pub vault: VaultLine,
    /// The user name that was typed.
    pub user: String,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    pub vault: VaultLine,
    /// What people call this device.
    pub device_name: String,
    pub me: Me,
}

/// The member who has unlocked.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    pub id: String,
    pub user: String,
    pub name: String,
    pub role: Role,
    /// Names of their teams, without that of everyone.
    pub teams: Vec<String>,
}

/// What a member may do in the organisation; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Reader,
    Clinician,
    Officer,
    Admin,
}

/// How long this device may work without its server.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LeaseLine {
    pub standing: LeaseStanding,
    pub until_ms: f64,
    /// Minutes that the clock is behind, with `clockBack`.
    pub behind_minutes: Option<u32>,
    /// What an officer needs on the telephone to extend it.
    pub request: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum LeaseStanding {
    Holds,
    Ended,
    /// The clock is behind a time that it has shown before.
    ClockBack,
}
