//! Observations by kind, for plotting and as a table: every value has its own time, range and flag.

use super::Held;
use serde::Serialize;
use tsify::Tsify;

/// All observations of one kind, oldest first.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// The same for all of them: `system|code`, or the words where there is no code.
    pub id: String,
    pub what: String,
    /// FHIR categories: `vital-signs`, `laboratory`.
    pub categories: Vec<String>,
    /// Unit of the newest point.
    pub unit: Option<String>,
    pub points: Vec<Point>,
}

/// One observation.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    pub held: Held,
    /// When it was measured, as written; absent where the record does not say.
    pub when: Option<String>,
    /// As written: "161.3", "120/80", "Never smoker".
    pub value: String,
    pub unit: Option<String>,
    /// Reference range in words.
    pub range: Option<String>,
    pub flag: Option<Flag>,
    /// Unless final.
    pub status: Option<String>,
    /// What can be drawn: none for words, two for a blood pressure.
    pub numbers: Vec<PlotNumber>,
}

/// A number to draw. It is an approximation; what is read is the text.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PlotNumber {
    /// `system|code` of the component; empty for the observation itself.
    pub part: String,
    pub what: String,
    pub value: f64,
    pub unit: Option<String>,
    /// Reference range, where the record has one in the same unit.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// Why a value stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum Flag {
    Low,
    High,
    CriticalLow,
    CriticalHigh,
    Abnormal,
}
