//! Everything in a chart by the time that it is about, and what became of one resource.

use super::{Delivery, Flag, Held};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

#[derive(Clone, Debug, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct TimelineQuery {
    /// Resource types; absent or empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Items that are passed over, newest first.
    #[serde(default)]
    pub skip: u32,
    pub most: u32,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    pub items: Vec<TimelineItem>,
    /// Items after these.
    pub more: u32,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    pub held: Held,
    /// The time that it is about, as written; absent where the record does not say.
    pub when: Option<String>,
    pub line: LineParts,
    pub entered_in_error: bool,
}

/// One line about a resource, in parts: a screen puts them into the words of whoever reads.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LineParts {
    /// FHIR type.
    pub kind: String,
    /// Absent where the record does not say what it is.
    pub what: Option<String>,
    /// Of an observation.
    pub value: Option<String>,
    /// Why that value stands out.
    pub flag: Option<Flag>,
    /// Day, month, year or words.
    pub day: Option<String>,
    pub status: Option<String>,
}

/// A version of a resource.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    pub version: String,
    pub author_name: String,
    /// Name of the device on which it was made, where this device knows it.
    pub device: Option<String>,
    /// By the clock of that device.
    pub time_ms: f64,
    /// Shown now.
    pub current: bool,
    pub deleted: bool,
    pub delivery: Delivery,
    /// Top elements that differ from the version listed before.
    pub changed: Vec<String>,
    /// FHIR JSON over several lines; absent where this version deletes.
    pub text: Option<String>,
}
