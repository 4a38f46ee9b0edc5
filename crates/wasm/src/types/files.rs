//! Records in and out: import, export, print.

use super::{Allergies, Banner, Encounter, KindCount, Medication, NoteLine, Problem, Series};
use serde::Serialize;
use tsify::Tsify;

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ImportProgress {
    pub files_done: u32,
    pub files: u32,
    pub file: String,
    pub resources: f64,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    pub new: f64,
    pub changed: f64,
    pub unchanged: f64,
    pub new_charts: f64,
    pub refused: f64,
    /// The first thousand.
    pub refusals: Vec<ImportLine>,
    /// Imported, and looks wrong.
    pub warnings: Vec<ImportLine>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ImportLine {
    pub file: String,
    /// Number of the entry or line from 1; 0 for the whole file.
    pub entry: u32,
    pub resource: Option<String>,
    pub reason: String,
}

/// A FHIR file in the clear: keep it as you would keep paper.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ExportedText {
    /// A name for the file, without anything about the patient but their FHIR id.
    pub name: String,
    pub text: String,
    pub resources: u32,
    /// Elements that are not decided: the file has one value of each.
    pub conflicts: u32,
    /// Entries that are damaged or wait for admission, and are not in the file.
    pub left_out: u32,
}

/// What a printed handover says. Every page names the patient, the time and who printed it.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PrintPage {
    pub banner: Banner,
    pub allergies: Allergies,
    pub problems: Vec<Problem>,
    pub medications: Vec<Medication>,
    /// Each with its newest point only.
    pub observations: Vec<Series>,
    pub encounters: Vec<Encounter>,
    pub notes: Vec<NoteLine>,
    pub counts: Vec<KindCount>,
    pub conflicts: u32,
    pub printed_by: String,
    pub as_of_ms: Option<f64>,
}
