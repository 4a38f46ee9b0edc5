//! Encounters: when a person was seen, how, and why.

use super::chart::Chart;
use super::coded::{ITEMS_MAX, concept, concepts, words};
use super::output::{Section, Tree};
use super::text::shown;
use super::when::When;
use crate::json::Json;

const ENCOUNTERS_MAX: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncounterLine {
    pub what: String,
    /// "Ambulatory", "Emergency", "Inpatient".
    pub class: Option<String>,
    pub start: Option<When>,
    pub end: Option<When>,
    pub reason: Option<String>,
    /// Unless finished: "planned", "in progress", "cancelled".
    pub status: Option<String>,
}

/// Newest first.
pub(super) fn newest(chart: &Chart<'_, '_>) -> Section<EncounterLine> {
    let encounters = chart.of_kind("Encounter").map(|(_, json)| EncounterLine::of(chart, json)).collect();
    Section::newest(encounters, ENCOUNTERS_MAX, |line: &EncounterLine| line.start.as_ref().or(line.end.as_ref()))
}

impl EncounterLine {
    fn of<'a>(chart: &Chart<'a, '_>, json: &'a Json) -> Self {
        let period = json.get("period");
        let at = |end: &str| period?.text(end).and_then(When::parse);
        Self {
            what: concepts(json, "type").into_iter().next().unwrap_or_else(|| "Encounter".to_owned()),
            class: json.get("class").and_then(class),
            start: at("start"),
            end: at("end"),
            reason: reason(chart, json),
            status: json.text("status").filter(|status| *status != "finished").and_then(words),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .text("class", self.class.as_deref())
            .text("start", self.start.as_ref().map(When::text))
            .text("end", self.end.as_ref().map(When::text))
            .text("reason", self.reason.as_deref())
            .text("status", self.status.as_deref())
            .done()
    }
}

/// The class is a Coding in R4: its display, else the words for the usual codes.
fn class(coding: &Json) -> Option<String> {
    let known = || match coding.text("code")? {
        "AMB" => Some("Ambulatory"),
        "EMER" => Some("Emergency"),
        "IMP" => Some("Inpatient"),
        "ACUTE" => Some("Inpatient acute"),
        "OBSENC" => Some("Observation"),
        "SS" => Some("Short stay"),
        "HH" => Some("Home health"),
        "FLD" => Some("Field"),
        "VR" => Some("Virtual"),
        other => Some(other),
    };
    coding.text("display").or_else(known).and_then(shown).or_else(|| concept(Some(coding)))
}

fn reason<'a>(chart: &Chart<'a, '_>, json: &'a Json) -> Option<String> {
    let mut reasons = concepts(json, "reasonCode");
    if reasons.is_empty() {
        let references = json.items("reasonReference").iter().take(ITEMS_MAX);
        reasons.extend(references.filter_map(|reference| chart.named(json, Some(reference))));
    }
    (!reasons.is_empty()).then(|| reasons.join(", "))
}
