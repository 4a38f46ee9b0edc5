//! One line about any resource, for history lists and search hits.

use super::chart::name;
use super::coded::{ITEMS_MAX, codes, concept, concepts, is_entered_in_error, words};
use super::observations::{Flag, value_in_words};
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

/// What one line says, part by part, for who puts it into words of another language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineParts {
    /// "Sprain of ankle"; absent where a resource does not say what it is.
    pub what: Option<String>,
    /// Of an observation: "70.50 kg".
    pub value: Option<String>,
    /// Why that value stands out.
    pub flag: Option<Flag>,
    pub when: Option<When>,
    /// "resolved", "entered in error".
    pub status: Option<String>,
}

impl LineParts {
    /// Unlike a summary it also describes what was entered in error, and says so.
    pub fn of(key: &ResourceKey, json: &Json) -> Self {
        let status = || codes(json.get("clinicalStatus")).next().or_else(|| json.text("status")).and_then(words);
        let (value, flag) = (key.kind == "Observation").then(|| value_in_words(json)).unzip();
        Self {
            what: what(&key.kind, json),
            value,
            flag: flag.flatten(),
            when: when_of(json),
            status: if is_entered_in_error(json) { Some("entered in error".to_owned()) } else { status() },
        }
    }
}

/// "Condition: Sprain of ankle, 2013-06-13 (resolved)"; type and id where a resource does not say what it is.
pub fn line(key: &ResourceKey, json: &Json) -> String {
    let LineParts { what, value, flag, when, status } = LineParts::of(key, json);
    let mut out = what.map_or_else(|| key.to_string(), |what| format!("{}: {what}", key.kind));
    if let Some(value) = value {
        out = format!("{out}: {value}");
    }
    if let Some(flag) = flag {
        out = format!("{out} ({})", flag.as_str());
    }
    if let Some(when) = when {
        out = format!("{out}, {}", when.day());
    }
    if let Some(status) = status {
        out = format!("{out} ({status})");
    }
    clean_text(&out, TEXT_CHARS_MAX)
}

/// The time that any resource is about.
pub fn when_of(json: &Json) -> Option<When> {
    When::of(json, &TIMES)
}

fn what(kind: &str, json: &Json) -> Option<String> {
    if kind == "DocumentReference" {
        return Some(document(json));
    }
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

/// What a document is called: as a whole, as its file, or by its kind.
fn document(json: &Json) -> String {
    let title = |content: &Json| content.get("attachment")?.text("title").and_then(shown);
    let titles = || json.items("content").iter().take(ITEMS_MAX).find_map(title);
    let kind = || concepts(json, "type").into_iter().next();
    let called = json.text("description").and_then(shown).or_else(titles).or_else(kind);
    called.unwrap_or_else(|| "Document".to_owned())
}
