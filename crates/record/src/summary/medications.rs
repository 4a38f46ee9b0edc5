//! Medications, from prescriptions and from statements: what a person takes now, apart from what is over.

use super::chart::{Chart, name};
use super::coded::{ITEMS_MAX, concept, number, quantity, range, words};
use super::output::{Section, Tree};
use super::text::shown;
use super::when::When;
use crate::json::Json;

const MEDICATIONS_MAX: usize = 200;
/// What a person took is looked up when needed; the newest are enough at a glance.
const PAST_MAX: usize = 50;

/// The MedicationRequests and MedicationStatements of a chart; both sections add up to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medications {
    /// Active ones, newest first. On hold, intended, or of unknown status are here too, and marked: leaving out what
    /// a person may be taking would be worse.
    pub current: Section<Medication>,
    /// Stopped, completed, cancelled, not taken, or drafts; newest first.
    pub past: Section<Medication>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medication {
    pub what: String,
    pub dosage: Option<String>,
    /// When it was prescribed, or since when it is taken.
    pub started: Option<When>,
    /// Absent for a plainly active one: else "on hold", "stopped", "proposal", "status not stated".
    pub status: Option<String>,
    /// The order says not to give this.
    pub do_not_give: bool,
}

impl Medications {
    pub(super) fn of(chart: &Chart<'_, '_>) -> Self {
        let (mut current, mut past) = (Vec::new(), Vec::new());
        for kind in ["MedicationRequest", "MedicationStatement"] {
            for (_, json) in chart.of_kind(kind) {
                let medication = Medication::of(chart, json);
                match json.text("status") {
                    Some("stopped" | "completed" | "cancelled" | "draft" | "not-taken") => past.push(medication),
                    _ => current.push(medication),
                }
            }
        }
        Self {
            current: Section::newest(current, MEDICATIONS_MAX, Medication::started),
            past: Section::newest(past, PAST_MAX, Medication::started),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        Tree::new().json("current", self.current.to_json(Medication::to_json)).count("past", self.past.total()).done()
    }
}

impl Medication {
    fn of<'a>(chart: &Chart<'a, '_>, json: &'a Json) -> Self {
        let intent = json.text("intent").filter(|intent| matches!(*intent, "proposal" | "plan" | "option"));
        let status = match json.text("status") {
            Some("active") => intent.and_then(words),
            Some(code) => words(code),
            None => Some("status not stated".to_owned()),
        };
        Self {
            what: medication_name(chart, json).unwrap_or_else(|| "Medication not named".to_owned()),
            dosage: dosages(json),
            started: When::of(json, &["authoredOn", "effectivePeriod", "effectiveDateTime"]),
            status,
            do_not_give: json.get("doNotPerform").and_then(Json::as_bool) == Some(true),
        }
    }

    fn started(&self) -> Option<&When> {
        self.started.as_ref()
    }

    fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .text("dosage", self.dosage.as_deref())
            .text("started", self.started.as_ref().map(When::text))
            .text("status", self.status.as_deref())
            .flag("doNotGive", self.do_not_give)
            .done()
    }
}

/// The medication's own name before the display of a reference, which may be out of date.
fn medication_name<'a>(chart: &Chart<'a, '_>, json: &'a Json) -> Option<String> {
    let reference = json.get("medicationReference");
    concept(json.get("medicationCodeableConcept"))
        .or_else(|| name(chart.resolve(json, reference?)?))
        .or_else(|| reference?.text("display").and_then(shown))
}

fn dosages(json: &Json) -> Option<String> {
    let items = ["dosageInstruction", "dosage"].into_iter().flat_map(|name| json.items(name).iter().take(ITEMS_MAX));
    let texts: Vec<String> = items.filter_map(dosage).collect();
    shown(&texts.join("; "))
}

/// The text of a Dosage, else what its parts say: "1 tablet, Oral use, 2 x per day, as needed".
fn dosage(json: &Json) -> Option<String> {
    if let Some(text) = json.text("text").and_then(shown) {
        return Some(text);
    }
    let as_needed = json.get("asNeededBoolean").and_then(Json::as_bool) == Some(true);
    let needed_for = concept(json.get("asNeededCodeableConcept")).map(|reason| format!("as needed for {reason}"));
    let parts = [
        json.items("doseAndRate").first().and_then(dose),
        concept(json.get("route")),
        json.get("timing").and_then(timing),
        needed_for.or_else(|| as_needed.then(|| "as needed".to_owned())),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn dose(json: &Json) -> Option<String> {
    let dose = json.get("doseQuantity").and_then(quantity).or_else(|| range(json.get("doseRange")?))?;
    // A bare number would read as anything.
    let bare = dose.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    Some(if bare { format!("dose {dose}") } else { dose })
}

fn timing(json: &Json) -> Option<String> {
    let rhythm = || {
        let repeat = json.get("repeat")?;
        let text = |name: &str| repeat.get(name)?.as_number().and_then(number);
        let up_to = |least: String, most: &str| match text(most) {
            Some(most) => format!("{least}–{most}"),
            None => least,
        };
        let frequency = up_to(text("frequency")?, "frequencyMax");
        let period = up_to(text("period")?, "periodMax");
        let once = period.parse::<f64>() == Ok(1.0);
        let unit = match repeat.text("periodUnit")? {
            "s" => "second",
            "min" => "minute",
            "h" => "hour",
            "d" => "day",
            "wk" => "week",
            "mo" => "month",
            "a" => "year",
            _ => return None,
        };
        Some(if once { format!("{frequency} x per {unit}") } else { format!("{frequency} x per {period} {unit}s") })
    };
    concept(json.get("code")).or_else(rhythm)
}
