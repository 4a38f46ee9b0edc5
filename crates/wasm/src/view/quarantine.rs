//! Entries that are kept aside until somebody decides.

use crate::failure::Outcome;
use crate::ids;
use crate::js::time;
use crate::types::{QuarantineDecision, QuarantineReason, Quarantined};
use wardbook_client::{EntryId, Session};

/// What waits, and with `decided_too` what was decided: that reads every chart of this device.
///
/// # Errors
/// Damage.
pub fn list(session: &mut Session, decided_too: bool) -> Outcome<Vec<Quarantined>> {
    let held = if decided_too { session.quarantine_with_decided()? } else { session.quarantine()? };
    let mut shown = Vec::with_capacity(held.len());
    for held in held {
        // An officer may settle what they cannot read.
        let patient = session.chart(held.chart).ok().map(|chart| chart.title());
        shown.push(Quarantined {
            chart: held.chart.to_string(),
            patient,
            entry: held.entry.to_string(),
            author_name: session.member_name(&held.author).1,
            kind: held.kind.into(),
            why: if held.late { QuarantineReason::AfterLease } else { QuarantineReason::AfterAccessLost },
            time_ms: held.time_ms.map(time),
            resources: held.resources,
            decision: held.decision.map(|decision| QuarantineDecision {
                admitted: decision.admitted,
                by: session.member_name(&decision.by).1,
                time_ms: decision.time_ms.map(time),
            }),
        });
    }
    Ok(shown)
}

/// The entries that are meant; none for all of a chart.
///
/// # Errors
/// A text that is no id.
pub fn only(entries: Option<Vec<String>>) -> Outcome<Option<Vec<EntryId>>> {
    entries.map(|entries| entries.iter().map(|entry| ids::entry(entry)).collect()).transpose()
}
