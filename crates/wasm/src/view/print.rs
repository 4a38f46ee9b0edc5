//! A handover on paper: what the chart's page has, the newest of each observation, and the notes.

use super::records::read;
use super::{chart, notes, observations, patients};
use crate::failure::Outcome;
use crate::js::{count, time};
use crate::types::PrintPage;
use wardbook_client::{ChartId, Session};

/// # Errors
/// No such chart, or no access to it; damage.
pub fn page(session: &mut Session, id: ChartId) -> Outcome<PrintPage> {
    let found = patients::found(session, id)?;
    let printed_by = session.member_name(&session.me()).1;
    let as_of_ms = session.vault().last_synced_ms().map(time);
    read(session, id, |records| {
        let summary = records.summary();
        let mut series = observations::of_chart(records);
        for kind in &mut series {
            let earlier = kind.points.len().saturating_sub(1);
            kind.points.drain(..earlier);
        }
        PrintPage {
            banner: chart::banner(&summary, &found.cover.patient_ids),
            allergies: chart::allergies(records).0,
            problems: chart::problems(records).0.into_iter().filter(|problem| !problem.past).collect(),
            medications: chart::medications(records).into_iter().filter(|held| !held.past).collect(),
            observations: series,
            encounters: chart::encounters(records),
            notes: notes::of_chart(records),
            counts: chart::counts(&summary),
            conflicts: count(records.chart.conflicts().len()),
            printed_by,
            as_of_ms,
        }
    })
}
