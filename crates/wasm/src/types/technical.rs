//! The technical page, and what checking found.

use serde::Serialize;
use tsify::Tsify;

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Technical {
    pub version: String,
    pub organisation: String,
    pub device: String,
    pub device_name: Option<String>,
    /// Id of the latest statement of the directory, and how many there are.
    pub directory_head: String,
    pub statements: u32,
    pub members: u32,
    pub devices: u32,
    /// How keys are derived from passwords.
    pub passwords: String,
    pub server: Option<String>,
    /// The log as this device knows it.
    pub log: Option<LogLine>,
    pub failed_attempts: u32,
    pub failed_attempts_ms: Vec<f64>,
    pub storage: StorageLine,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    pub generation: f64,
    pub size: f64,
    /// The server's signed note.
    pub checkpoint: String,
}

#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct StorageLine {
    /// Charts that the member who asks may open; absent while locked.
    pub charts: Option<u32>,
    pub resources: Option<f64>,
    pub unsent: u32,
    pub unsent_bytes: f64,
}

/// What checking this device's own storage found.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    pub charts: f64,
    pub charts_opened: f64,
    pub entries: f64,
    pub waiting: f64,
    pub findings: Vec<Finding>,
}

/// What checking against the server's log found.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ServerVerification {
    /// Places of the log here.
    pub size: f64,
    pub proven: f64,
    pub unsent: u32,
    pub findings: Vec<Finding>,
    /// Alarms that somebody has acknowledged on this device.
    pub acknowledged: Vec<AcknowledgedAlarm>,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedAlarm {
    pub what: String,
    /// User name.
    pub by: String,
    pub time_ms: f64,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub what: String,
    pub reason: String,
}

/// Places done and places in all; `all` is 0 where that is not known.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CheckProgress {
    pub done: f64,
    pub all: f64,
}
