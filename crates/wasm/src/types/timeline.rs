//! Everything in a chart by the time that it is about, and what became of one resource.

use super::{Delivery, Held};
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
    pub kind: String,
    /// The time that it is about, as written; absent where the record does not say.
    pub when: Option<String>,
    /// One line about it.
    pub line: String,
    pub entered_in_error: bool,
}

/// A version of a resource.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    pub version: String,
    pub author: String,
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
