//! Who may open a chart.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// How far access goes; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    Read,
    Write,
    Manage,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AccessPage {
    pub grants: Vec<AccessLine>,
    /// Of the one who asks.
    pub mine: Option<Access>,
    /// Somebody who had access has left: the next change makes a new key.
    pub waits_for_new_key: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AccessLine {
    /// A user name, or `team:NAME`: what `grant` and `revoke` take.
    pub grantee: String,
    pub name: String,
    pub access: Access,
    /// Display names, where it is a team.
    pub members: Vec<String>,
    pub team: bool,
}

/// What is left after access was taken back.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Revoked {
    /// What they may still do through a team.
    pub left: Option<Access>,
}
