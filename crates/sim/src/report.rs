//! What a run did, for one line of output.

use crate::Failure;
use crate::network::NetCounts;
use std::fmt;

/// Counts of one run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub steps: u64,
    /// Entries of the ledger: writes that were acknowledged.
    pub written: u64,
    pub entries: u64,
    pub charts: u64,
    pub devices: u64,
    pub conflicts: u64,
    pub quarantined: u64,
    pub syncs: u64,
    pub crashes: u64,
    pub device_restores: u64,
    /// Devices that went on under a new identity.
    pub renewals: u64,
    pub server_crashes: u64,
    pub server_restores: u64,
    /// Chances that a cheating server took.
    pub cheats: u64,
    /// Refusals and alarms that named the server.
    pub detections: u64,
    /// Access of a person to a chart that was compared with the model.
    pub access_checks: u64,
    pub network: NetCounts,
}

/// How a seed ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seed: u64,
    pub report: Report,
    /// Of everything that happened, in hexadecimal.
    pub digest: String,
    /// The step and the invariant that does not hold.
    pub failure: Option<String>,
}

impl Outcome {
    pub(crate) fn failed(seed: u64, failure: &Failure) -> Self {
        Self { seed, report: Report::default(), digest: String::new(), failure: Some(failure.to_string()) }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { steps, written, entries, charts, devices, conflicts, quarantined, .. } = self.report;
        let Report { syncs, crashes, device_restores, renewals, server_crashes, server_restores, .. } = self.report;
        let Report { cheats, detections, access_checks, network, .. } = self.report;
        write!(
            f,
            "seed {}: {steps} steps, {devices} devices, {charts} charts, {entries} entries ({written} acknowledged), {conflicts} conflicts, \
             {quarantined} quarantined, {syncs} syncs, {crashes} crashes, {device_restores} restored devices ({renewals} renewed), server {server_crashes} crashes \
             {server_restores} restored, {} calls ({} lost, {} unanswered, {} doubled, {} garbled), {access_checks} access checks, {cheats} cheats \
             {detections} detected, digest {}",
            self.seed, network.calls, network.lost, network.unanswered, network.doubled, network.garbled, self.digest
        )?;
        match &self.failure {
            Some(failure) => write!(f, "\n  FAILED {failure}"),
            None => Ok(()),
        }
    }
}
