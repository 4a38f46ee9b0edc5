//! Writing: a resource as text in both directions, and drafts.

use super::Held;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A resource for the editor.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ResourceText {
    pub held: Held,
    /// FHIR JSON over several lines; numbers have the digits that they were written with.
    pub text: String,
    /// The versions that the text shows: give them back when saving, so that a change which came in between is not
    /// written over.
    pub versions: Vec<String>,
}

/// What an editor was opened with: [`ResourceText`] gave it.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Edited {
    pub key: String,
    pub versions: Vec<String>,
}

/// Something was written.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    pub held: Held,
    pub versions: Vec<String>,
    /// What looks wrong and was written all the same.
    pub warnings: Vec<String>,
}

/// Something typed and not written yet, of this member only.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct DraftLine {
    pub key: String,
    pub saved_ms: f64,
}
