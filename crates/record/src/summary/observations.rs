//! Observations: the newest of each kind, every value with its own time, unit, range and flag.

use super::chart::Chart;
use super::coded::{ITEMS_MAX, codes, concept, number, quantity, quantity_value, range, unit, words};
use super::output::{Section, Tree};
use super::text::{clean_text, shown};
use super::when::When;
use crate::json::Json;
use crate::resource::ResourceKey;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

const OBSERVATIONS_MAX: usize = 300;
/// Components shown of one observation, at most.
const COMPONENTS_MAX: usize = 24;
/// Characters of a code with its system that tell kinds apart.
const KIND_CHARS_MAX: usize = 500;
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// The newest observation with one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservationLine {
    pub what: String,
    /// When it was measured; never when it was merely reported.
    pub when: Option<When>,
    /// "161.3", "120/80", "Never smoker"; for a panel, its components. "Not recorded" where there is none.
    pub value: String,
    pub unit: Option<String>,
    /// Reference range: "3.1–6.2 mmol/l".
    pub range: Option<String>,
    pub flag: Option<Flag>,
    /// Where it is not final: "preliminary", "cancelled".
    pub status: Option<String>,
    /// Earlier observations with the same code.
    pub earlier: usize,
}

/// Why a value stands out, as the record says, else by its reference range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    Low,
    High,
    CriticalLow,
    CriticalHigh,
    /// Abnormal without a direction, or in several.
    Abnormal,
}

impl Flag {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::CriticalLow => "critically low",
            Self::CriticalHigh => "critically high",
            Self::Abnormal => "abnormal",
        }
    }
}

/// The newest per code, newest first. `total` of the section counts codes; with `earlier` they add up to what is held.
pub(super) fn newest(chart: &Chart<'_, '_>) -> Section<ObservationLine> {
    let mut newest: BTreeMap<String, (Option<When>, &Json, usize)> = BTreeMap::new();
    for (key, json) in chart.of_kind("Observation") {
        let when = taken(json);
        match newest.entry(kind(key, json)) {
            Entry::Vacant(entry) => {
                entry.insert((when, json, 0));
            }
            Entry::Occupied(mut entry) => {
                let (latest, best, earlier) = entry.get_mut();
                *earlier += 1;
                if when > *latest {
                    (*latest, *best) = (when, json);
                }
            }
        }
    }
    let lines = newest.into_values().map(|(when, json, earlier)| ObservationLine::of(json, when, earlier)).collect();
    Section::newest(lines, OBSERVATIONS_MAX, |line: &ObservationLine| line.when.as_ref())
}

/// What counts as the same kind of observation: its first code, else its text. Without either it stands alone.
fn kind(key: &ResourceKey, json: &Json) -> String {
    let code = json.get("code");
    let coded = code.and_then(|code| {
        let coding = code.items("coding").iter().find(|coding| coding.text("code").is_some())?;
        Some(format!("{}|{}", coding.text("system").unwrap_or_default(), coding.text("code")?))
    });
    let kind = coded.or_else(|| Some(concept(code)?.to_lowercase())).unwrap_or_else(|| key.to_string());
    clean_text(&kind, KIND_CHARS_MAX)
}

fn taken(json: &Json) -> Option<When> {
    When::of(json, &["effectiveDateTime", "effectivePeriod", "effectiveInstant"])
}

impl ObservationLine {
    fn of(json: &Json, when: Option<When>, earlier: usize) -> Self {
        let Reading { value, unit, flag } = Reading::of(json);
        Self {
            what: concept(json.get("code")).unwrap_or_else(|| "Observation not named".to_owned()),
            when,
            value,
            unit,
            range: ranges(json),
            flag,
            status: json.text("status").filter(|status| *status != "final").and_then(words),
            earlier,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .text("when", self.when.as_ref().map(When::text))
            .text("value", self.value.as_str())
            .text("unit", self.unit.as_deref())
            .text("range", self.range.as_deref())
            .text("flag", self.flag.map(Flag::as_str))
            .text("status", self.status.as_deref())
            .count("earlier", self.earlier)
            .done()
    }
}

/// The value of an observation with its unit, and why it stands out.
pub(super) fn value_in_words(json: &Json) -> (String, Option<Flag>) {
    let Reading { value, unit, flag } = Reading::of(json);
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    (format!("{value}{unit}"), flag)
}

/// What was read, of an observation or of one component.
struct Reading {
    value: String,
    unit: Option<String>,
    flag: Option<Flag>,
}

impl Reading {
    fn of(json: &Json) -> Self {
        let components = json.items("component");
        let flags = components.iter().take(COMPONENTS_MAX).filter_map(flag);
        let flag = flag(json).or_else(|| flags.reduce(|a, b| if a == b { a } else { Flag::Abnormal }));
        if let Some((value, unit)) = value(json) {
            return Self { value: with_components(value, json), unit, flag };
        }
        if let Some((value, unit)) = blood_pressure(components) {
            return Self { value, unit, flag };
        }
        let value = component_texts(components)
            .or_else(|| Some(format!("Not recorded: {}", concept(json.get("dataAbsentReason"))?)))
            .unwrap_or_else(|| "Not recorded".to_owned());
        Self { value, unit: None, flag }
    }
}

/// The value and its unit, whatever its type.
fn value(json: &Json) -> Option<(String, Option<String>)> {
    if let Some(measured) = json.get("valueQuantity")
        && let Some(value) = quantity_value(measured)
    {
        return Some((value, unit(measured)));
    }
    let ratio = || {
        let ratio = json.get("valueRatio")?;
        Some(format!("{} : {}", quantity(ratio.get("numerator")?)?, quantity(ratio.get("denominator")?)?))
    };
    let yes_or_no = || {
        let word = if json.get("valueBoolean")?.as_bool()? { "Yes" } else { "No" };
        Some(word.to_owned())
    };
    let time = || When::of(json, &["valueDateTime", "valuePeriod"]).map(|when| when.text().to_owned());
    concept(json.get("valueCodeableConcept"))
        .or_else(|| json.text("valueString").or_else(|| json.text("valueTime")).and_then(shown))
        .or_else(|| number(json.get("valueInteger")?.as_number()?))
        .or_else(|| range(json.get("valueRange")?))
        .or_else(ratio)
        .or_else(yes_or_no)
        .or_else(time)
        .or_else(|| json.get("valueSampledData").map(|_| "Recorded curve".to_owned()))
        .map(|value| (value, None))
}

/// "120/80" from the two components of a blood pressure, where they are in one unit.
fn blood_pressure(components: &[Json]) -> Option<(String, Option<String>)> {
    let of = |wanted: &str| {
        let is_it = |component: &&Json| codes(component.get("code")).any(|code| code == wanted);
        components.iter().take(COMPONENTS_MAX).find(is_it)?.get("valueQuantity")
    };
    let (systolic, diastolic) = (of(SYSTOLIC)?, of(DIASTOLIC)?);
    let value = format!("{}/{}", quantity_value(systolic)?, quantity_value(diastolic)?);
    (unit(systolic) == unit(diastolic)).then(|| (value, unit(systolic)))
}

fn with_components(value: String, json: &Json) -> String {
    match component_texts(json.items("component")) {
        Some(parts) => format!("{value} ({parts})"),
        None => value,
    }
}

/// "Heart rate: 2; Colour: 1", with the count of those left out.
fn component_texts(components: &[Json]) -> Option<String> {
    let mut parts: Vec<String> = components.iter().take(COMPONENTS_MAX).filter_map(component_text).collect();
    match components.len().saturating_sub(COMPONENTS_MAX) {
        0 => {}
        more => parts.push(format!("and {more} more")),
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn component_text(component: &Json) -> Option<String> {
    let what = concept(component.get("code"))?;
    let Some((value, unit)) = value(component) else { return Some(format!("{what}: not recorded")) };
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let flag = flag(component).map(|flag| format!(" ({})", flag.as_str())).unwrap_or_default();
    Some(format!("{what}: {value}{unit}{flag}"))
}

fn ranges(json: &Json) -> Option<String> {
    let in_words = |item: &Json| {
        let text = item.text("text").and_then(shown).or_else(|| range(item))?;
        Some(match concept(item.get("type")) {
            Some(kind) => format!("{kind}: {text}"),
            None => text,
        })
    };
    let texts: Vec<String> = json.items("referenceRange").iter().take(ITEMS_MAX).filter_map(in_words).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// The flag that the record gives by its interpretation, else what the reference range says.
fn flag(json: &Json) -> Option<Flag> {
    let interpretations = json.items("interpretation").iter().take(ITEMS_MAX);
    let single = json.get("interpretation").filter(|value| value.as_object().is_some());
    let mut normal = false;
    for code in interpretations.chain(single).flat_map(|item| codes(Some(item)).take(ITEMS_MAX)) {
        match code {
            "L" | "LU" | "LX" | "<" => return Some(Flag::Low),
            "H" | "HU" | "HX" | ">" => return Some(Flag::High),
            "LL" => return Some(Flag::CriticalLow),
            "HH" => return Some(Flag::CriticalHigh),
            "A" | "AA" => return Some(Flag::Abnormal),
            "N" => normal = true,
            _ => {}
        }
    }
    if normal { None } else { against_range(json) }
}

/// Compares with the reference range where there is one only, for everybody, and in the same unit.
fn against_range(json: &Json) -> Option<Flag> {
    let [range] = json.items("referenceRange") else { return None };
    let for_normal = range.get("type").is_none_or(|kind| codes(Some(kind)).any(|code| code == "normal"));
    if !for_normal || range.get("appliesTo").is_some() || range.get("age").is_some() {
        return None;
    }
    let measured = json.get("valueQuantity").filter(|value| value.get("comparator").is_none())?;
    let amount = |quantity: &Json| quantity.get("value")?.as_number()?.to_f64();
    let limit = |name: &str| {
        let limit = range.get(name)?;
        same_unit(measured, limit).then(|| amount(limit)).flatten()
    };
    let value = amount(measured)?;
    if limit("low").is_some_and(|low| value < low) {
        Some(Flag::Low)
    } else if limit("high").is_some_and(|high| value > high) {
        Some(Flag::High)
    } else {
        None
    }
}

/// Codes decide where both have one; a limit without any unit is in that of the value.
fn same_unit(value: &Json, limit: &Json) -> bool {
    match (value.text("code"), limit.text("code")) {
        (Some(a), Some(b)) => a == b,
        _ => unit(limit).is_none_or(|limit| unit(value) == Some(limit)),
    }
}
