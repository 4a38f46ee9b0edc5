//! The list of patients, likely duplicates, and a chart for a new patient.

use super::plain::identifiers;
use super::writing::resource_of;
use crate::failure::Outcome;
use crate::js::count;
use crate::types::{Duplicate, Failure, FailureKind, PatientAdded, PatientLine, PatientList, PatientQuery};
use wardbook_client::record::cover::{Cover, likeness};
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::Resource;
use wardbook_client::{ChartId, ChartRole, Found, Grantee, Session};

/// Charts that match, best first; `recent` are those that this member opened lately, the latest first.
///
/// # Errors
/// Damage.
pub fn search(session: &mut Session, query: &PatientQuery, recent: &[ChartId]) -> Outcome<PatientList> {
    let (most, mut matching) = (query.most as usize, 0_usize);
    let teams = session.my_teams();
    let mut found = session.search_where(&query.text, &mut |found| {
        let shared = || found.shared_with.iter().any(|to| matches!(to, Grantee::Team(team) if teams.contains(team)));
        let fits = (!query.recent || recent.contains(&found.chart)) && (!query.my_teams || shared());
        matching += usize::from(fits);
        // Recent ones are few, and get their own order below.
        fits && (query.recent || matching <= most)
    })?;
    if query.recent {
        found.sort_by_key(|found| recent.iter().position(|chart| *chart == found.chart));
        found.truncate(most);
    }
    let more = count(matching.saturating_sub(found.len()));
    Ok(PatientList { patients: found.iter().map(line).collect(), more })
}

/// The chart as it is listed: with the access of who asks and the patient's ids.
///
/// # Errors
/// Nothing that this member may open has that id.
pub fn found(session: &mut Session, id: ChartId) -> Outcome<Found> {
    let missing = || Failure::new(FailureKind::NotFound, "there is no such chart, or you have no access to it");
    session.listed(id)?.ok_or_else(missing)
}

pub fn line(found: &Found) -> PatientLine {
    let cover = &found.cover;
    let patient = found.role == ChartRole::Patient;
    PatientLine {
        chart: found.chart.to_string(),
        role: found.role.into(),
        name: if patient { cover.title() } else { String::new() },
        other_names: cover.names.iter().skip(1).cloned().collect(),
        birth_date: cover.birth_date.clone(),
        gender: cover.gender.clone(),
        identifiers: identifiers(&cover.identifiers),
        deceased: cover.deceased,
        conflicts: found.conflicts,
        access: found.access.into(),
    }
}

/// Charts that may be of the person who is being registered, the likeliest first. `text` is their Patient as typed so
/// far.
///
/// # Errors
/// The text is no JSON; damage.
pub fn duplicates(session: &mut Session, text: &str, most: u32) -> Outcome<Vec<Duplicate>> {
    let json = Json::parse(text.as_bytes()).map_err(|error| Failure::invalid(format!("the patient is {error}")))?;
    let incoming = Cover::of(std::iter::once(&json), 0);
    let alike = |found: &Found| likeness(&found.cover, &incoming).filter(|_| found.role == ChartRole::Patient);
    let found = session.search_where("", &mut |found| alike(found).is_some())?;
    let mut duplicates: Vec<_> = found
        .iter()
        .filter_map(|found| {
            let alike = alike(found)?;
            let (name, birth_date, identifier) = (alike.name, alike.birth_date, alike.identifier);
            Some(Duplicate { patient: line(found), name, birth_date, identifier })
        })
        .collect();
    let weight = |held: &Duplicate| (held.identifier, u8::from(held.name) + u8::from(held.birth_date));
    duplicates.sort_by_key(|duplicate| std::cmp::Reverse(weight(duplicate)));
    duplicates.truncate(most as usize);
    Ok(duplicates)
}

/// Opens a chart for a patient and shares it. The same again gives the chart that is there: an app can end between
/// registering somebody and forgetting what was typed for it.
///
/// # Errors
/// Not a Patient; a chart of another patient of that id is here already; no right.
pub fn add(session: &mut Session, text: &str, team: Option<&str>) -> Outcome<PatientAdded> {
    let resource = resource_of(text)?;
    let key = resource.key().clone();
    if key.kind != "Patient" {
        return Err(Failure::invalid("a chart is opened with a Patient"));
    }
    let chart = match registered(session, &resource)? {
        Some(chart) => chart,
        None => {
            let to = session.share_with(team)?;
            session.new_patient(resource, &to)?
        }
    };
    Ok(PatientAdded { chart: chart.to_string(), key: key.to_string() })
}

/// The chart of a patient that says the very same.
fn registered(session: &mut Session, patient: &Resource) -> Outcome<Option<ChartId>> {
    let key = patient.key();
    for chart in session.charts_of_patient(&key.id)? {
        let content = session.chart(chart)?.view(key).and_then(|view| view.content);
        if content.as_deref() == Some(patient.json()) {
            return Ok(Some(chart));
        }
    }
    Ok(None)
}

/// Chart ids as the list of those opened lately is kept.
pub fn recent_from(text: &str) -> Vec<ChartId> {
    text.lines().filter_map(ChartId::from_text).collect()
}

/// The list with one more at its front.
pub fn recent_with(recent: &[ChartId], id: ChartId, most: usize) -> String {
    let rest = recent.iter().copied().filter(|held| *held != id);
    let lines: Vec<_> = std::iter::once(id).chain(rest).take(most).map(|id| id.to_string()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_opened_last_comes_first_and_once() {
        let [a, b, c] = [1, 2, 3].map(|byte| ChartId([byte; 32]));
        let held = recent_from(&recent_with(&[a, b, c], b, 3));
        assert_eq!(held, [b, a, c]);
        assert_eq!(recent_from(&recent_with(&held, ChartId([9; 32]), 2)), [ChartId([9; 32]), b]);
        assert!(recent_from("nothing\n\n").is_empty());
    }
}
