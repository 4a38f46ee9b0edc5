//! What was edited apart, and deciding it.

use super::LineParts;
use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// A resource whose versions differ.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ConflictLine {
    pub chart: String,
    pub patient: String,
    pub key: String,
    /// The resource as it is shown now.
    pub line: LineParts,
    /// Elements that differ.
    pub elements: u32,
}

/// Everything that is needed to decide.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    pub chart: String,
    pub patient: String,
    pub key: String,
    /// Every version, each whole.
    pub versions: Vec<ConflictVersion>,
    pub elements: Vec<ConflictElement>,
    /// What is shown until somebody decides, as FHIR JSON over several lines.
    pub merged: Option<String>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ConflictVersion {
    pub version: String,
    pub author_name: String,
    pub device: Option<String>,
    pub time_ms: f64,
    /// FHIR JSON over several lines; absent where this version deletes.
    pub text: Option<String>,
}

/// An element with the different values that it was given.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ConflictElement {
    /// `name[0].family`; empty for the resource itself.
    pub path: String,
    /// The values are objects of the members that stand for the element: of a choice of types, or of a value and its
    /// extension.
    pub members: bool,
    pub alternatives: Vec<ConflictAlternative>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ConflictAlternative {
    /// The versions that have this value.
    pub versions: Vec<String>,
    /// As JSON; absent where these versions removed the element.
    pub value: Option<String>,
}

/// For one element, the version whose value holds.
#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ElementChoice {
    pub path: String,
    pub version: String,
}
