//! The page of one chart.

use super::patients;
use super::plain::identifiers;
use super::records::{Records, read};
use crate::failure::Outcome;
use crate::js::{count, time};
use crate::types::{
    Allergies, Allergy, Banner, ChartPage, Encounter, KindCount, ListedAllergies, Medication, NoKnownAllergies, Problem,
};
use std::cmp::Reverse;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{self, Summary, When};
use wardbook_client::{Access, ChartId, Role, Session};

/// # Errors
/// No such chart, or no access to it; damage.
pub fn page(session: &mut Session, id: ChartId) -> Outcome<ChartPage> {
    let found = patients::found(session, id)?;
    let can_write = found.access >= Access::Write && session.role() >= Some(Role::Clinician);
    let as_of_ms = session.vault().last_synced_ms().map(time);
    read(session, id, |records| {
        let summary = records.summary();
        let (allergies, allergies_not_listed) = allergies(records);
        let (problems, problems_refuted) = problems(records);
        ChartPage {
            chart: id.to_string(),
            role: found.role.into(),
            banner: banner(&summary, &found.cover.patient_ids),
            allergies,
            allergies_not_listed,
            problems,
            problems_refuted,
            medications: medications(records),
            encounters: encounters(records),
            counts: counts(&summary),
            entered_in_error: count(summary.entered_in_error),
            conflicts: count(records.chart.conflicts().len()),
            waiting: count(records.chart.waiting()),
            damaged: count(records.chart.damaged()),
            unsent: count(records.unsent()),
            can_write,
            as_of_ms,
        }
    })
}

pub fn banner(summary: &Summary, patient_ids: &[String]) -> Banner {
    let banner = &summary.banner;
    Banner {
        patient_ids: patient_ids.to_vec(),
        name: banner.name.clone(),
        other_names: banner.other_names.clone(),
        born: banner.born.clone(),
        sex: banner.sex.clone(),
        identifiers: identifiers(&banner.identifiers),
        died: banner.died.clone(),
    }
}

pub fn counts(summary: &Summary) -> Vec<KindCount> {
    summary.counts.iter().map(|(kind, number)| KindCount { kind: kind.clone(), count: count(*number) }).collect()
}

/// What is known of allergies, and how many records are not among them.
pub fn allergies(records: &Records<'_>) -> (Allergies, u32) {
    let (mut allergies, mut no_known, mut not_listed) = (Vec::new(), Vec::<String>::new(), 0);
    for (key, json) in records.of_kind("AllergyIntolerance") {
        let alone = records.alone(key, json);
        not_listed += count(alone.allergies_not_listed);
        match alone.allergies {
            summary::Allergies::NoneRecorded => {}
            summary::Allergies::NoKnown(statements) => {
                no_known.extend(statements.into_iter().filter(|said| !no_known.contains(said)).collect::<Vec<_>>());
            }
            summary::Allergies::Listed { allergies: listed, .. } => {
                allergies.extend(listed.items.into_iter().map(|item| allergy(records, key, item)));
            }
        }
    }
    allergies.sort_by(|one: &Allergy, other| (!one.high_risk, &one.what).cmp(&(!other.high_risk, &other.what)));
    let known = match (allergies.is_empty(), no_known.is_empty()) {
        (true, true) => Allergies::NoneRecorded,
        (true, false) => Allergies::NoKnown(NoKnownAllergies { statements: no_known }),
        (false, _) => Allergies::Listed(ListedAllergies { allergies, no_known }),
    };
    (known, not_listed)
}

fn allergy(records: &Records<'_>, key: &ResourceKey, item: summary::Allergy) -> Allergy {
    Allergy {
        held: records.held(key),
        what: item.what,
        high_risk: item.high_risk,
        reactions: item.reactions,
        onset: written(item.onset.as_ref()),
        certainty: item.certainty,
    }
}

/// Problems, and how many were ruled out.
pub fn problems(records: &Records<'_>) -> (Vec<Problem>, u32) {
    let (mut problems, mut refuted) = (Vec::new(), 0);
    for (key, json) in records.of_kind("Condition") {
        let alone = records.alone(key, json).problems;
        refuted += count(alone.refuted);
        let active = alone.active.items.into_iter().map(|item| (false, item));
        for (past, item) in active.chain(alone.past.items.into_iter().map(|item| (true, item))) {
            let problem = Problem {
                held: records.held(key),
                what: item.what,
                status: item.status,
                onset: written(item.onset.as_ref()),
                ended: written(item.ended.as_ref()),
                severity: item.severity,
                certainty: item.certainty,
                past,
            };
            problems.push(((past, Reverse(item.onset)), problem));
        }
    }
    (in_order(problems), refuted)
}

pub fn medications(records: &Records<'_>) -> Vec<Medication> {
    let mut medications = Vec::new();
    for kind in ["MedicationRequest", "MedicationStatement"] {
        for (key, json) in records.of_kind(kind) {
            let alone = records.alone(key, json).medications;
            let current = alone.current.items.into_iter().map(|item| (false, item));
            for (past, item) in current.chain(alone.past.items.into_iter().map(|item| (true, item))) {
                let medication = Medication {
                    held: records.held(key),
                    what: item.what,
                    dosage: item.dosage,
                    started: written(item.started.as_ref()),
                    status: item.status,
                    do_not_give: item.do_not_give,
                    past,
                };
                medications.push(((past, Reverse(item.started)), medication));
            }
        }
    }
    in_order(medications)
}

pub fn encounters(records: &Records<'_>) -> Vec<Encounter> {
    let encounters = records.of_kind("Encounter").filter_map(|(key, json)| {
        let item = records.alone(key, json).encounters.items.into_iter().next()?;
        let encounter = Encounter {
            held: records.held(key),
            what: item.what,
            class: item.class,
            start: written(item.start.as_ref()),
            end: written(item.end.as_ref()),
            reason: item.reason,
            status: item.status,
        };
        Some((Reverse(item.start.or(item.end)), encounter))
    });
    in_order(encounters.collect())
}

/// A time as the record has it.
pub fn written(when: Option<&When>) -> Option<String> {
    when.map(|when| when.text().to_owned())
}

/// Sorted by the order beside them; those of one place keep theirs.
pub fn in_order<O: Ord, T>(mut items: Vec<(O, T)>) -> Vec<T> {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    items.into_iter().map(|(_, item)| item).collect()
}
