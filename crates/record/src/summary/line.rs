//! One line about any resource, for history lists and search hits.

use super::chart::name;
use super::coded::{codes, concept, concepts, is_entered_in_error, words};
use super::observations::value_in_words;
use super::text::{TEXT_CHARS_MAX, clean_text, shown};
use super::when::When;
use crate::json::Json;
use crate::resource::ResourceKey;

/// Where resources keep the time that they are about, the most telling first.
const TIMES: [&str; 18] = [
    "effectiveDateTime",
    "effectivePeriod",
    "onsetDateTime",
    "onsetPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "performedDateTime",
    "performedPeriod",
    "period",
    "started",
    "authoredOn",
    "date",
    "created",
    "recordedDate",
    "recorded",
    "issued",
    "sent",
    "birthDate",
];

/// "Condition: Sprain of ankle, 2013-06-13 (resolved)"; type and id where a resource does not say what it is.
///
/// Unlike a summary it also describes what was entered in error, and says so.
pub fn line(key: &ResourceKey, json: &Json) -> String {
    let mut out = match what(json) {
        Some(what) => format!("{}: {what}", key.kind),
        None => key.to_string(),
    };
    if key.kind == "Observation" {
        out = format!("{out}: {}", value_in_words(json));
    }
    if let Some(when) = when_of(json) {
        out = format!("{out}, {}", when.day());
    }
    let status = || codes(json.get("clinicalStatus")).next().or_else(|| json.text("status")).and_then(words);
    let status = if is_entered_in_error(json) { Some("entered in error".to_owned()) } else { status() };
    if let Some(status) = status {
        out = format!("{out} ({status})");
    }
    clean_text(&out, TEXT_CHARS_MAX)
}

/// The time that any resource is about.
pub fn when_of(json: &Json) -> Option<When> {
    When::of(json, &TIMES)
}

fn what(json: &Json) -> Option<String> {
    let coded = || ["vaccineCode", "medicationCodeableConcept"].into_iter().find_map(|name| concept(json.get(name)));
    let referred = || json.at(["medicationReference", "display"]).and_then(Json::as_str).and_then(shown);
    let listed = |name: &str| concepts(json, name).into_iter().next();
    name(json)
        .or_else(coded)
        .or_else(referred)
        .or_else(|| json.text("title").and_then(shown))
        .or_else(|| listed("type"))
        .or_else(|| json.text("description").and_then(shown))
        .or_else(|| listed("category"))
}
