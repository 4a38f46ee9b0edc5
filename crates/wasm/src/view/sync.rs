//! What waits, and what an exchange did.

use crate::failure::Outcome;
use crate::js::{count, large, time};
use crate::state::Reach;
use crate::types::{HeldAttachment, LeaseLine, NewsRequest, RefusedObject, SyncProgress, SyncReport, SyncStatus};
use wardbook_client::{Vault, sync as client};

/// # Errors
/// The disk's.
pub fn status(vault: &Vault, reach: &Reach) -> Outcome<SyncStatus> {
    let has_server = vault.has_server();
    Ok(SyncStatus {
        has_server,
        server: vault.server_base().map(str::to_owned),
        synced_ms: vault.last_synced_ms().map(time),
        offline_since_ms: reach.offline_since_ms.map(time),
        failure: reach.failure.clone(),
        unsent: if has_server { count(vault.unsent()?) } else { 0 },
        unsent_bytes: if has_server { large(vault.unsent_bytes()?) } else { 0.0 },
        lease: vault.lease().as_ref().map(LeaseLine::from),
        alarms: vault.alarms(),
    })
}

pub fn progress(progress: &client::SyncProgress) -> SyncProgress {
    SyncProgress {
        sent: count(progress.sent),
        to_send: count(progress.to_send),
        received: count(progress.received),
        to_receive: large(progress.to_receive),
        charts: count(progress.charts),
    }
}

pub fn report(report: &client::SyncReport) -> SyncReport {
    let refused =
        report.refused.iter().map(|(what, why)| RefusedObject { what: what.clone(), why: format!("{why:?}") });
    let held = report.held_attachments.iter().map(|held| HeldAttachment {
        chart: held.chart.to_string(),
        blob: held.blob.to_string(),
        reason: held.reason.clone(),
    });
    SyncReport {
        sent: count(report.sent),
        received: count(report.received),
        refused: refused.collect(),
        held_back: report.held_back.clone(),
        held_attachments: held.collect(),
        conflicts: count(report.conflicts),
        quarantined: count(report.quarantined),
        passed_over: count(report.passed_over),
        passwords: report.passwords.clone(),
        renewed: report.renewed,
        moved: report.moved,
    }
}

pub fn news((url, authorization, size): (String, String, u64)) -> NewsRequest {
    NewsRequest { url, authorization, size: large(size) }
}
