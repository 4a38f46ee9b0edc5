//! The list of patients, searched as somebody types, and a new patient.

use super::Access;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// What is searched for.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PatientQuery {
    /// Names, birth dates and identifiers, also mistyped; empty for all.
    pub text: String,
    /// Only charts that one of my teams was given.
    #[serde(default)]
    pub my_teams: bool,
    /// Only charts that I opened lately, the latest first.
    #[serde(default)]
    pub recent: bool,
    /// Lines in the answer, at most.
    pub most: u32,
}

/// Lines, and how many more match: what is shown adds up to what is held.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PatientList {
    pub patients: Vec<PatientLine>,
    pub more: u32,
}

/// A chart in a list.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PatientLine {
    pub chart: String,
    pub role: ChartRole,
    /// The patient's name; empty for charts that are no patient's.
    pub name: String,
    pub other_names: Vec<String>,
    /// FHIR date, which may be a year or a month only.
    pub birth_date: Option<String>,
    /// FHIR administrative gender.
    pub gender: Option<String>,
    /// Those that say what they are come first.
    pub identifiers: Vec<Identifier>,
    pub deceased: bool,
    /// Elements that wait for somebody to decide.
    pub conflicts: u32,
    pub access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum ChartRole {
    Patient,
    /// Practitioners, places and others that charts share.
    Organisation,
    /// Records that name no patient.
    Unfiled,
}

/// A number by which a person is known somewhere.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Identifier {
    /// What kind of number it is: "MRN", "Passport".
    pub label: Option<String>,
    pub value: String,
    pub system: Option<String>,
}

/// A chart that may be of the same person as the one being registered, and what speaks for it.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    pub patient: PatientLine,
    /// A name within two typing errors.
    pub name: bool,
    pub birth_date: bool,
    pub identifier: bool,
}

/// A chart was opened for a new patient.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PatientAdded {
    pub chart: String,
    /// `Patient/id`.
    pub key: String,
}
