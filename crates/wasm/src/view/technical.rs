//! The technical page, and what checking found.

use super::device::device_name;
use crate::failure::Outcome;
use crate::js::{count, large, time};
use crate::state::State;
use crate::types::{AcknowledgedAlarm, Finding, LogLine, ServerVerification, StorageLine, Technical, Verification};
use wardbook_client as client;

/// # Errors
/// There is no vault; the disk's.
pub fn page(state: &mut State) -> Outcome<Technical> {
    let (charts, resources, device_name) = match state.session() {
        Ok(session) => {
            let (mut charts, mut resources) = (0, 0);
            session.search_where("", &mut |found| {
                charts += 1;
                resources += u64::from(found.cover.resources);
                false
            })?;
            (Some(charts), Some(large(resources)), Some(device_name(session)))
        }
        Err(_) => (None, None, None),
    };
    let vault = state.vault()?;
    let (directory, device) = (vault.directory(), vault.device_state());
    Ok(Technical {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        organisation: directory.org().to_string(),
        device: vault.device_id().to_string(),
        device_name,
        directory_head: directory.head().to_string(),
        statements: count(directory.chain().len()),
        members: count(directory.members().count()),
        devices: count(directory.devices().count()),
        passwords: directory.policy().kdf.to_string(),
        server: vault.server_base().map(str::to_owned),
        log: vault.log().map(|log| LogLine {
            generation: large(log.generation),
            size: large(log.size),
            checkpoint: log.checkpoint,
        }),
        failed_attempts: device.failures,
        failed_attempts_ms: device.attempts_ms.iter().map(|ms| time(*ms)).collect(),
        storage: StorageLine {
            charts,
            resources,
            unsent: count(vault.unsent()?),
            unsent_bytes: large(vault.unsent_bytes()?),
        },
    })
}

pub fn verification(done: &client::Verification) -> Verification {
    Verification {
        charts: large(done.charts),
        charts_opened: large(done.charts_opened),
        entries: large(done.entries),
        waiting: large(done.waiting),
        findings: done.findings.iter().map(Finding::from).collect(),
    }
}

pub fn server_verification(done: &client::sync::ServerVerification) -> ServerVerification {
    let acknowledged = done.acknowledged.iter().map(|alarm| AcknowledgedAlarm {
        what: alarm.what.clone(),
        by: alarm.by.clone(),
        time_ms: time(alarm.time_ms),
    });
    ServerVerification {
        size: large(done.size),
        proven: large(done.proven),
        unsent: count(done.unsent),
        findings: done.findings.iter().map(Finding::from).collect(),
        acknowledged: acknowledged.collect(),
    }
}
