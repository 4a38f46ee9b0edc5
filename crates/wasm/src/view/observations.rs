//! Observations by kind, for plotting. What is read is the text; the numbers are for the eye.

use super::chart::{in_order, written};
use super::records::{Records, read};
use crate::failure::Outcome;
use crate::types::{PlotNumber, Point, Series};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{ObservationLine, When};
use wardbook_client::{ChartId, Session};

/// Components of one observation that are drawn, at most: a panel with more is read as a table.
const PARTS_MAX: usize = 24;

/// All observations of a chart, by kind: the kind that was measured last comes first.
///
/// # Errors
/// No such chart, or no access to it; damage.
pub fn series(session: &mut Session, id: ChartId) -> Outcome<Vec<Series>> {
    read(session, id, of_chart)
}

/// Series under way: each point with its time.
struct Collected {
    series: Series,
    points: Vec<(Option<When>, Point)>,
}

pub fn of_chart(records: &Records<'_>) -> Vec<Series> {
    let mut kinds = BTreeMap::<String, Collected>::new();
    for (key, json) in records.of_kind("Observation") {
        // None where it was entered in error.
        let Some(line) = records.alone(key, json).observations.items.into_iter().next() else { continue };
        let kind = Kind::of(key, json, &line);
        let collected = kinds.entry(kind.id.clone()).or_insert_with(|| Collected::new(kind));
        for category in codes(json.items("category")) {
            if !collected.series.categories.contains(&category) {
                collected.series.categories.push(category);
            }
        }
        let when = line.when.clone();
        collected.points.push((when, point(records, key, json, line)));
    }
    let finished = kinds.into_values().map(Collected::finish);
    in_order(finished.map(|(latest, series)| (Reverse(latest), series)).collect())
}

/// What counts as the same kind: the first code, else the words; what has neither stands alone.
struct Kind {
    id: String,
    what: String,
}

impl Kind {
    fn of(key: &ResourceKey, json: &Json, line: &ObservationLine) -> Self {
        let code = json.get("code");
        let coding = code.and_then(|code| code.items("coding").iter().find(|coding| coding.text("code").is_some()));
        let what = line.what.clone();
        let id = match coding {
            Some(coding) => part_id(coding),
            None if code.is_some() => what.to_lowercase(),
            None => key.to_string(),
        };
        Self { id, what }
    }
}

impl Collected {
    fn new(kind: Kind) -> Self {
        let Kind { id, what } = kind;
        let series = Series { id, what, categories: Vec::new(), unit: None, points: Vec::new() };
        Self { series, points: Vec::new() }
    }

    /// Oldest first; what has no time comes before all.
    fn finish(self) -> (Option<When>, Series) {
        let latest = self.points.iter().map(|(when, _)| when.clone()).max().flatten();
        let mut series = self.series;
        series.points = in_order(self.points);
        series.unit = series.points.last().and_then(|point| point.unit.clone());
        (latest, series)
    }
}

fn point(records: &Records<'_>, key: &ResourceKey, json: &Json, line: ObservationLine) -> Point {
    Point {
        held: records.held(key),
        when: written(line.when.as_ref()),
        numbers: numbers(records, key, json, &line),
        value: line.value,
        unit: line.unit,
        range: line.range,
        flag: line.flag.map(Into::into),
        status: line.status,
    }
}

/// The value of the observation itself, else those of its components.
fn numbers(records: &Records<'_>, key: &ResourceKey, json: &Json, line: &ObservationLine) -> Vec<PlotNumber> {
    if let Some(number) = number(json, String::new(), line) {
        return vec![number];
    }
    let components = json.items("component").iter().take(PARTS_MAX).filter_map(|component| {
        // A component is built like an observation: code, value, range, interpretation.
        let line = records.alone(key, component).observations.items.into_iter().next()?;
        let coding = component.get("code").and_then(|code| code.items("coding").first());
        number(component, coding.map(part_id).unwrap_or_else(|| line.what.to_lowercase()), &line)
    });
    components.collect()
}

/// A number to draw. One with a comparator ("<5") is none: where it is, is not known.
fn number(json: &Json, part: String, line: &ObservationLine) -> Option<PlotNumber> {
    let measured = json.get("valueQuantity").filter(|value| value.get("comparator").is_none());
    let whole = || json.get("valueInteger")?.as_number()?.to_f64();
    let value = match measured {
        Some(measured) => amount(measured)?,
        None => whole()?,
    };
    let range = match json.items("referenceRange") {
        [only] => Some(only),
        _ => None,
    };
    let limit = |name: &str| {
        let limit = range?.get(name)?;
        same_unit(measured, limit).then(|| amount(limit)).flatten()
    };
    let (low, high) = (limit("low"), limit("high"));
    Some(PlotNumber { part, what: line.what.clone(), value, unit: line.unit.clone(), low, high })
}

fn amount(quantity: &Json) -> Option<f64> {
    quantity.get("value")?.as_number()?.to_f64()
}

/// A limit without any unit is in that of the value.
fn same_unit(measured: Option<&Json>, limit: &Json) -> bool {
    let of = |quantity: &Json, name: &str| quantity.text(name).map(str::to_owned);
    let both = |name| measured.and_then(|measured| of(measured, name)).zip(of(limit, name));
    match (both("code"), both("unit")) {
        (Some((one, other)), _) | (None, Some((one, other))) => one == other,
        (None, None) => of(limit, "code").is_none() && of(limit, "unit").is_none(),
    }
}

fn part_id(coding: &Json) -> String {
    format!("{}|{}", coding.text("system").unwrap_or_default(), coding.text("code").unwrap_or_default())
}

/// The codes of a list of CodeableConcepts.
fn codes(concepts: &[Json]) -> Vec<String> {
    let codings = concepts.iter().flat_map(|concept| concept.items("coding"));
    codings.filter_map(|coding| coding.text("code")).map(str::to_owned).collect()
}
