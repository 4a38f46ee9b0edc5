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
    /// The link that the server printed; none for an organisation without a server.
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
    /// The organisation was made, and could not be put on the server: try again from the page of the server.
    pub server_failure: Option<Failure>,
    pub status: DeviceStatus,
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
    /// Shown once and kept nowhere; none for a device alone.
    #[tsify(type = "string | undefined")]
    pub recovery_code: Option<Zeroizing<String>>,
    /// Joined, and the charts could not be fetched yet: the next sync brings them.
    pub sync_failure: Option<Failure>,
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
