//! What was edited apart: every value with who wrote it, and the ways to decide.

use super::history::Devices;
use super::writing::{check_same, resource_of, written};
use crate::failure::Outcome;
use crate::ids;
use crate::js::{count, time};
use crate::pretty::pretty;
use crate::types::{
    Conflict, ConflictAlternative, ConflictElement, ConflictLine, ConflictVersion, ElementChoice, Failure, FailureKind,
    Written,
};
use wardbook_client::record::element;
use wardbook_client::record::json::{Json, Object};
use wardbook_client::record::resource::{Resource, ResourceKey};
use wardbook_client::record::summary::line;
use wardbook_client::record::versions::Conflict as Differing;
use wardbook_client::{ChartId, Session, VersionRef};

/// In one chart, or in all that this member may open.
///
/// # Errors
/// Damage; no such chart.
pub fn list(session: &mut Session, id: Option<ChartId>) -> Outcome<Vec<ConflictLine>> {
    let charts = match id {
        Some(id) => vec![id],
        None => {
            let found = session.search_where("", &mut |found| found.conflicts > 0)?;
            found.into_iter().map(|found| found.chart).collect()
        }
    };
    let mut lines = Vec::new();
    for id in charts {
        let chart = session.chart(id)?;
        let patient = chart.title();
        for held in chart.conflicts() {
            let content = chart.view(&held.key).and_then(|view| view.content);
            lines.push(ConflictLine {
                chart: id.to_string(),
                patient: patient.clone(),
                key: held.key.to_string(),
                line: content.map_or_else(|| held.key.to_string(), |content| line(&held.key, &content)),
                elements: count(held.conflicts.len()),
            });
        }
    }
    Ok(lines)
}

/// # Errors
/// Nothing of it is in conflict.
pub fn detail(session: &mut Session, id: ChartId, key: &ResourceKey) -> Outcome<Conflict> {
    let chart = session.chart(id)?;
    let view = chart.view(key).filter(|view| view.heads.len() > 1).ok_or_else(|| none(key))?;
    let (heads, patient) = (view.heads, chart.title());
    let merged = view.content.as_deref().map(pretty);
    let elements = view.conflicts.iter().map(shown).collect();
    let versions: Vec<_> = chart.history(key).into_iter().filter(|item| heads.contains(&item.version)).collect();
    let devices = Devices::of(session);
    let versions = versions.into_iter().map(|item| {
        let (author, author_name) = session.member_name(&item.author);
        ConflictVersion {
            version: ids::version(&item.version),
            author,
            author_name,
            device: devices.made_on(session, id, &item.version),
            time_ms: time(item.time_ms),
            text: item.content.as_ref().map(pretty),
        }
    });
    let versions = versions.collect();
    Ok(Conflict { chart: id.to_string(), patient, key: key.to_string(), versions, elements, merged })
}

fn shown(conflict: &Differing<VersionRef>) -> ConflictElement {
    let alternatives = conflict.alternatives.iter().map(|alternative| ConflictAlternative {
        versions: alternative.heads.iter().map(ids::version).collect(),
        value: alternative.value.as_ref().map(pretty),
    });
    ConflictElement { path: conflict.path.to_string(), alternatives: alternatives.collect() }
}

/// What the resource becomes by those choices, to be looked at before it is decided. Elements that nobody chose for
/// stay as they are shown.
///
/// # Errors
/// A choice that names no element in conflict, or one that only a whole version or a text can decide.
pub fn combine(session: &mut Session, id: ChartId, key: &ResourceKey, choices: &[ElementChoice]) -> Outcome<String> {
    let view = session.chart(id)?.view(key).filter(|view| view.heads.len() > 1).ok_or_else(|| none(key))?;
    let mut json = view.content.as_deref().cloned().unwrap_or_else(|| Json::Object(Object::default()));
    // From the end of the document on: what is taken out of a list moves only what comes after it.
    for conflict in view.conflicts.iter().rev() {
        let path = conflict.path.to_string();
        let Some(choice) = choices.iter().find(|choice| choice.path == path) else { continue };
        let version = ids::version_from(&choice.version)?;
        let chosen = conflict.alternatives.iter().find(|alternative| alternative.heads.contains(&version));
        let chosen = chosen.ok_or_else(|| Failure::invalid(format!("that version has no value for {path}")))?;
        set(&mut json, conflict, chosen.value.as_ref())?;
    }
    let known = |choice: &ElementChoice| view.conflicts.iter().any(|conflict| conflict.path.to_string() == choice.path);
    if let Some(unknown) = choices.iter().find(|choice| !known(choice)) {
        return Err(Failure::invalid(format!("{} is not in conflict", unknown.path)));
    }
    Ok(pretty(&json))
}

/// Puts one of the alternatives in its place.
fn set(json: &mut Json, conflict: &Differing<VersionRef>, value: Option<&Json>) -> Outcome<()> {
    let path = conflict.path.to_string();
    if conflict.path.is_root() {
        let whole = value.ok_or_else(|| Failure::invalid("to delete it, take the version that deletes it"))?;
        *json = whole.clone();
        return Ok(());
    }
    // A choice of types and what belongs to it: the alternatives are objects of the members that stand for it.
    if path.ends_with("[x]") {
        let parent = path.rsplit_once('.').map(|(parent, _)| format!("{parent}.")).unwrap_or_default();
        let all = conflict.alternatives.iter().filter_map(|alternative| alternative.value.as_ref()?.as_object());
        let mut names: Vec<_> = all.flat_map(|object| object.iter()).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let member = value.and_then(|value| value.get(name)).cloned();
            place(json, &format!("{parent}{name}"), member)?;
        }
        return Ok(());
    }
    place(json, &path, value.cloned())
}

fn place(json: &mut Json, path: &str, value: Option<Json>) -> Outcome<()> {
    let removes = value.is_none();
    match element::set(json, path, value) {
        Ok(()) => Ok(()),
        // It is not there, as was chosen.
        Err(element::ElementError::NoPlace) if removes => Ok(()),
        Err(error) => Err(Failure::invalid(format!("{path}: {error}"))),
    }
}

/// Takes the values of one version wherever versions differ.
///
/// # Errors
/// It is none of them; no right.
pub fn take(session: &mut Session, id: ChartId, key: &ResourceKey, version: &str) -> Outcome<()> {
    let version = ids::version_from(version)?;
    let chart = session.chart(id)?;
    let view = chart.view(key).filter(|view| view.heads.len() > 1).ok_or_else(|| none(key))?;
    if !view.heads.contains(&version) {
        return Err(none(key));
    }
    match chart.taking(key, version) {
        Some(json) => {
            let resource = Resource::from_json(json, None).map_err(|error| Failure::invalid(error.to_string()))?;
            session.put_as(id, key.clone(), resource)?;
        }
        None => session.delete(id, key)?,
    }
    Ok(())
}

/// Decides by a text.
///
/// # Errors
/// The text is no resource, or another one; nothing is in conflict; no right.
pub fn decide(session: &mut Session, id: ChartId, key: &ResourceKey, text: &str) -> Outcome<Written> {
    let resource = resource_of(text)?;
    check_same(key, &resource)?;
    if session.chart(id)?.view(key).is_none_or(|view| view.heads.len() < 2) {
        return Err(none(key));
    }
    let warnings = resource.warnings();
    session.put_as(id, key.clone(), resource)?;
    written(session, id, key, warnings)
}

/// Somebody else may have decided it meanwhile.
fn none(key: &ResourceKey) -> Failure {
    Failure::new(FailureKind::Conflict, format!("{key} is not in conflict, or not any more"))
}
