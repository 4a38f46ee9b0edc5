//! A chart as a FHIR file, in the clear: a collection Bundle with every resource.

use super::patients;
use super::records::{Records, read};
use crate::failure::Outcome;
use crate::js::count;
use crate::types::ExportedText;
use wardbook_client::record::json::{Json, Object};
use wardbook_client::record::resource::{ResourceKey, full_url_or_default, is_id};
use wardbook_client::{ChartId, Session};

/// # Errors
/// No such chart, or no access to it; damage.
pub fn chart(session: &mut Session, id: ChartId) -> Outcome<ExportedText> {
    let name = file_name(session, id, "")?;
    read(session, id, |records| {
        let entries: Vec<_> = records.all().map(|(key, json)| entry(records, key, json)).collect();
        let resources = entries.len();
        let bundle = object([
            ("resourceType", Some("Bundle".into())),
            ("type", Some("collection".into())),
            ("entry", Some(Json::Array(entries)).filter(|_| resources > 0)),
        ]);
        exported(records, name, &bundle, resources)
    })
}

/// What is said of every file: what it lacks.
pub fn exported(records: &Records<'_>, name: String, bundle: &Json, resources: usize) -> ExportedText {
    let chart = records.chart;
    ExportedText {
        name,
        text: bundle.to_text(),
        resources: count(resources),
        conflicts: count(chart.conflicts().iter().map(|held| held.conflicts.len()).sum()),
        left_out: count(chart.damaged() + chart.waiting()),
    }
}

/// A resource as an entry of a Bundle, under the name that it came with.
pub fn entry(records: &Records<'_>, key: &ResourceKey, json: &Json) -> Json {
    object([("fullUrl", Some(full_url(records, key).as_str().into())), ("resource", Some(json.clone()))])
}

pub fn full_url(records: &Records<'_>, key: &ResourceKey) -> String {
    full_url_or_default(key, records.chart.full_url(key))
}

/// By the patient's FHIR id where that can be part of a file name; nothing else about them.
pub fn file_name(session: &mut Session, id: ChartId, suffix: &str) -> Outcome<String> {
    let patient = patients::found(session, id)?.cover.patient_ids.into_iter().next().filter(|patient| is_id(patient));
    Ok(format!("{}{suffix}.json", patient.unwrap_or_else(|| id.to_string())))
}

/// An object of those members that have a value.
pub fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let mut object = Object::default();
    for (name, value) in members {
        if let Some(value) = value {
            object.insert(name, value);
        }
    }
    Json::Object(object)
}
