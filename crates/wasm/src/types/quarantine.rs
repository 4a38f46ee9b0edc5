//! Entries that are kept aside until somebody decides.

use serde::Serialize;
use tsify::Tsify;

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    pub chart: String,
    /// Absent for who may settle it and not read it.
    pub patient: Option<String>,
    pub entry: String,
    pub author_name: String,
    pub kind: EntryKind,
    pub why: QuarantineReason,
    pub time_ms: Option<f64>,
    /// `Type/id` of what it changes.
    pub resources: Vec<String>,
    /// Absent while it waits.
    pub decision: Option<QuarantineDecision>,
}

/// What was decided last about an entry.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct QuarantineDecision {
    /// It counts; otherwise it was set aside, and can still be admitted.
    pub admitted: bool,
    pub by: String,
    pub time_ms: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum EntryKind {
    Genesis,
    Change,
    Grant,
    Rekey,
    Admit,
    Reject,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum QuarantineReason {
    /// It came after the end of the lease of its device.
    AfterLease,
    /// It came after its author had lost access.
    AfterAccessLost,
}
