//! The page of one chart: banner, problems, medications, allergies, encounters.

use super::{ChartRole, Identifier};
use serde::Serialize;
use tsify::Tsify;

/// What stands behind a line: which resource, who wrote it last, and how far it has come.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// `Type/id`.
    pub key: String,
    pub delivery: Delivery,
    /// Display name of who wrote the current version; with several, the latest by their clocks.
    pub author: String,
    pub written_ms: f64,
    /// Elements that were edited apart and wait for somebody to decide.
    pub conflicts: u32,
}

/// How far the current version of a resource has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum Delivery {
    /// The server did not take it.
    Refused,
    /// On this device only.
    Here,
    /// In the server's log.
    Sent,
    /// Somebody on another device has gone on from it.
    Seen,
}

/// A chart as it is opened.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ChartPage {
    pub chart: String,
    pub role: ChartRole,
    pub banner: Banner,
    pub allergies: Allergies,
    /// Allergies that are over, refuted, or that nobody asked about.
    pub allergies_not_listed: u32,
    /// Newest first, those that are over last.
    pub problems: Vec<Problem>,
    /// Ruled out; never listed.
    pub problems_refuted: u32,
    pub medications: Vec<Medication>,
    pub encounters: Vec<Encounter>,
    /// Resources by type, without those entered in error.
    pub counts: Vec<KindCount>,
    pub entered_in_error: u32,
    /// Resources that were edited apart.
    pub conflicts: u32,
    /// Entries that wait for somebody to admit them.
    pub waiting: u32,
    /// Entries that cannot be read.
    pub damaged: u32,
    /// Resources of which something has not reached the server.
    pub unsent: u32,
    /// Role and access together: false for who may only read.
    pub can_write: bool,
    /// When this device last exchanged everything, by the server's clock.
    pub as_of_ms: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct KindCount {
    pub kind: String,
    pub count: u32,
}

/// Who this is. What is unknown says "Not known".
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Banner {
    /// FHIR ids of the patient, the one in use first.
    pub patient_ids: Vec<String>,
    pub name: String,
    pub other_names: Vec<String>,
    /// FHIR date.
    pub born: String,
    pub sex: String,
    pub identifiers: Vec<Identifier>,
    /// Date of death or "Not known"; absent for the living.
    pub died: Option<String>,
}

/// What is known of a person's allergies: nothing recorded is not the same as none known.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Allergies {
    NoneRecorded,
    NoKnown(NoKnownAllergies),
    Listed(ListedAllergies),
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NoKnownAllergies {
    pub statements: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ListedAllergies {
    /// Dangerous ones first.
    pub allergies: Vec<Allergy>,
    /// "No known food allergy" and the like.
    pub no_known: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Allergy {
    pub held: Held,
    pub what: String,
    pub high_risk: bool,
    pub reactions: Vec<String>,
    pub onset: Option<String>,
    /// Unless confirmed.
    pub certainty: Option<String>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    pub held: Held,
    pub what: String,
    /// Absent where it is plainly active.
    pub status: Option<String>,
    pub onset: Option<String>,
    pub ended: Option<String>,
    pub severity: Option<String>,
    /// Unless confirmed.
    pub certainty: Option<String>,
    /// Resolved, inactive or in remission.
    pub past: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Medication {
    pub held: Held,
    pub what: String,
    pub dosage: Option<String>,
    pub started: Option<String>,
    /// Absent where it is plainly active.
    pub status: Option<String>,
    pub do_not_give: bool,
    /// Stopped, completed, cancelled, not taken, or a draft.
    pub past: bool,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Encounter {
    pub held: Held,
    pub what: String,
    pub class: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub reason: Option<String>,
    /// Unless finished.
    pub status: Option<String>,
}
