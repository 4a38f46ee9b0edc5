//! Members, teams, devices, invites and policy.

use super::Role;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use zeroize::Zeroizing;

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub id: String,
    pub user: String,
    pub name: String,
    /// Absent: has left.
    pub role: Option<Role>,
    pub teams: Vec<String>,
    /// The one who asks.
    pub me: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub id: String,
    pub name: String,
    /// User names.
    pub members: Vec<String>,
    /// The one who asks is in it.
    pub mine: bool,
    /// The team of everyone, which nobody leaves.
    pub everyone: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    pub id: String,
    pub name: String,
    /// False once it was retired, or went on under another identity.
    pub enrolled: bool,
    /// This browser.
    pub here: bool,
}

/// Which charts this device holds.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Caseload {
    /// Every chart of the organisation; the lists are empty then.
    pub all: bool,
    pub charts: Vec<CaseloadChart>,
    /// Names of teams.
    pub teams: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CaseloadChart {
    pub chart: String,
    /// Absent while it has not come yet, or for who may not open it.
    pub patient: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CaseloadForm {
    pub all: bool,
    #[serde(default)]
    pub charts: Vec<String>,
    #[serde(default)]
    pub teams: Vec<String>,
}

/// Who or what is invited.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct InviteForm {
    /// Absent: a device alone.
    #[serde(default)]
    pub role: Option<Role>,
    #[serde(default)]
    pub teams: Vec<String>,
    /// A new device too; false for somebody who uses one that is enrolled.
    pub device: bool,
    pub hours: u32,
}

/// An invite to hand over. The link is a secret until it is used.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct InviteMade {
    #[tsify(type = "string")]
    pub link: Zeroizing<String>,
    pub expires_ms: f64,
}

/// An invite that was made, and what became of it.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct InviteLine {
    pub state: InviteState,
    pub role: Option<Role>,
    pub teams: Vec<String>,
    pub device: bool,
    pub expires_ms: f64,
    pub by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum InviteState {
    Open,
    Used,
    Withdrawn,
    Expired,
}

#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    pub password_chars_min: u32,
    pub lease_hours: u32,
    /// FIPS-approved algorithms only.
    pub fips_only: bool,
    pub limits: PolicyLimits,
}

/// What an organisation may choose.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PolicyLimits {
    pub password_chars_floor: u32,
    pub password_chars_ceiling: u32,
    pub lease_hours_max: u32,
}

/// What is to change; what is absent stays.
#[derive(Clone, Copy, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PolicyForm {
    #[serde(default)]
    pub password_chars_min: Option<u32>,
    #[serde(default)]
    pub lease_hours: Option<u32>,
    #[serde(default)]
    pub fips_only: Option<bool>,
}
