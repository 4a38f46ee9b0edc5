//! Enrolling by a link, creating an organisation, and the codes that are shown once.

use super::{DeviceStatus, Failure};
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use zeroize::Zeroizing;

/// What a pasted or opened link is.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LinkLine {
    pub kind: LinkKind,
    /// `https://host:port` of the server that it names.
    pub base: String,
    /// False: this page came from elsewhere, so open the link itself in the browser.
    pub same_origin: bool,
    /// The invite is for the organisation whose vault is in this browser already: use it to join here.
    pub same_organisation: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum LinkKind {
    /// Lets an organisation be put on a server.
    Server,
    /// Lets a person or device join an organisation.
    Invite,
}

/// A new organisation, with its first admin. The password is given apart from this.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationForm {
    pub name: String,
    pub user: String,
    pub display: String,
    pub device_name: String,
    /// Of so many root shares, that many restore an admin.
    pub shares_needed: u8,
    pub shares_made: u8,
    /// FIPS-approved algorithms only.
    pub fips_only: bool,
    /// The link that the server printed, to be checked before anything is made; none for an organisation without a server.
    #[serde(default)]
    pub server_link: Option<String>,
}

/// Shown once and kept nowhere: print it.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationMade {
    pub organisation: String,
    #[tsify(type = "string")]
    pub recovery_code: Zeroizing<String>,
    #[tsify(type = "string[]")]
    pub root_shares: Vec<Zeroizing<String>>,
    pub shares_needed: u8,
}

/// Somebody who joins by an invite. The password is given apart from this.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct EnrolForm {
    pub link: String,
    pub device_name: String,
    /// Absent for an invite that is for a device alone.
    #[serde(default)]
    pub member: Option<NewMemberForm>,
    /// Names of teams whose charts this device holds; absent or empty for every chart.
    #[serde(default)]
    pub hold_teams: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NewMemberForm {
    pub user: String,
    pub display: String,
}

/// Somebody has joined.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Enrolled {
    /// Shown once and kept nowhere. None for a device alone, and where that of an earlier attempt was lost with its answer: then
    /// the member makes a new one after the first exchange.
    #[tsify(type = "string | undefined")]
    pub recovery_code: Option<Zeroizing<String>>,
    /// Joined, and not let in yet: unlocking failed, or a team is not known.
    pub failure: Option<Failure>,
    /// Nobody has joined, and the invite was not used: it brought the key that this browser had lost, so the vault that was
    /// here opens again.
    pub key_was_back: bool,
    /// Charts come with the first exchange.
    pub status: DeviceStatus,
}

/// A recovery code, shown once.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCode {
    #[tsify(type = "string")]
    pub words: Zeroizing<String>,
}

/// Four lines of words that an officer reads out.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionCode {
    pub hours: u32,
    #[tsify(type = "string[]")]
    pub lines: Vec<Zeroizing<String>>,
}
