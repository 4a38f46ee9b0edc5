//! What was edited apart: every value with who wrote it, and the ways to decide.

use super::history::Devices;
use super::plain::line_parts;
use super::writing::{check_same, check_shown, resource_of, written};
use crate::failure::Outcome;
use crate::ids;
use crate::js::{count, time};
use crate::types::{
    Conflict, ConflictAlternative, ConflictElement, ConflictLine, ConflictVersion, ElementChoice, Failure, FailureKind,
    Written,
};
use wardbook_client::record::element;
use wardbook_client::record::json::{Json, Object};
use wardbook_client::record::merge::{Step, merge};
use wardbook_client::record::resource::{Resource, ResourceKey};
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
                line: line_parts(&held.key, content.as_deref()),
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
    let merged = view.content.as_deref().map(Json::to_lines);
    let elements = view.conflicts.iter().map(shown).collect();
    let versions: Vec<_> = chart.history(key).into_iter().filter(|item| heads.contains(&item.version)).collect();
    let devices = Devices::of(session);
    let versions = versions.into_iter().map(|item| ConflictVersion {
        version: ids::version(&item.version),
        author_name: session.member_name(&item.author).1,
        device: devices.name(&item.device),
        time_ms: time(item.time_ms),
        text: item.content.as_ref().map(Json::to_lines),
    });
    let versions = versions.collect();
    Ok(Conflict { chart: id.to_string(), patient, key: key.to_string(), versions, elements, merged })
}

fn shown(conflict: &Differing<VersionRef>) -> ConflictElement {
    let alternatives = conflict.alternatives.iter().map(|alternative| ConflictAlternative {
        versions: alternative.heads.iter().map(ids::version).collect(),
        value: alternative.value.as_ref().map(Json::to_lines),
    });
    let (path, members) = (conflict.path.to_string(), is_of_members(conflict));
    ConflictElement { path, members, alternatives: alternatives.collect() }
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
    Ok(json.to_lines())
}

/// Puts one of the alternatives in its place.
fn set(json: &mut Json, conflict: &Differing<VersionRef>, value: Option<&Json>) -> Outcome<()> {
    if conflict.path.is_root() {
        let whole = value.ok_or_else(|| Failure::invalid("to delete it, take the version that deletes it"))?;
        *json = whole.clone();
        return Ok(());
    }
    if is_of_members(conflict) {
        return set_members(json, conflict, value);
    }
    place(json, &conflict.path.to_string(), value.cloned())
}

/// Whether the alternatives of an element are objects of the members that stand for it: of a choice of types, which goes
/// by `value[x]`, or of a value and its extension, which go by the name of the value.
fn is_of_members(conflict: &Differing<VersionRef>) -> bool {
    let Some(Step::Member(label)) = conflict.path.steps().last() else { return false };
    // Only primitives have extensions beside them, so a value is no object of these names itself.
    let stands_for = |name: &str, value: &Json| {
        name.strip_prefix('_') == Some(label.as_str()) || (name == label && value.as_object().is_none())
    };
    let mut values = conflict.alternatives.iter().filter_map(|alternative| alternative.value.as_ref());
    label.ends_with("[x]")
        || values.all(|value| {
            let object = value.as_object().filter(|object| !object.is_empty());
            object.is_some_and(|object| object.iter().all(|(name, value)| stands_for(name, value)))
        })
}

/// Puts the members of one alternative in the place of all that are shown for the element.
fn set_members(json: &mut Json, conflict: &Differing<VersionRef>, value: Option<&Json>) -> Outcome<()> {
    let path = conflict.path.to_string();
    let above = conflict.path.steps().split_last().map_or(&[][..], |(_, above)| above);
    let mut object = inside(json, above).and_then(Json::as_object).cloned().unwrap_or_default();
    let values = conflict.alternatives.iter().filter_map(|alternative| alternative.value.as_ref()?.as_object());
    let names: Vec<_> = values.flat_map(Object::iter).map(|(name, _)| name).collect();
    // What is shown may have members that no version has any more.
    let shown: Vec<_> = object.iter().map(|(name, _)| name.to_owned()).collect();
    for name in shown.iter().filter(|shown| names.iter().any(|name| name == shown || are_one(name, shown))) {
        if value.is_none_or(|value| value.get(name).is_none()) {
            object.remove(name);
        }
    }
    for (name, member) in value.and_then(Json::as_object).into_iter().flat_map(Object::iter) {
        object.insert(name, member.clone());
    }
    match path.rsplit_once('.') {
        Some((above, _)) => place(json, above, (!object.is_empty()).then_some(Json::Object(object))),
        None => {
            *json = Json::Object(object);
            Ok(())
        }
    }
}

fn inside<'a>(json: &'a Json, steps: &[Step]) -> Option<&'a Json> {
    steps.iter().try_fold(json, |json, step| match step {
        Step::Member(name) => json.get(name),
        Step::Item(index) => json.as_array()?.get(*index),
    })
}

/// Whether merging takes two members of an object for one thing: only then can changes of the one and of the other be in
/// conflict.
fn are_one(one: &str, other: &str) -> bool {
    let holding = |first: &str, second: &str| {
        // With a type of its own it is no data type, which would be one thing as a whole.
        let members = [("resourceType", "Basic"), (one, first), (other, second)];
        let mut object = Object::default();
        members.into_iter().for_each(|(name, value)| object.insert(name, Json::from(value)));
        Json::Object(object)
    };
    let (base, first, second) = (holding("a", "a"), holding("b", "a"), holding("a", "b"));
    let merged = merge(Some(&base), &[Some(&first), Some(&second)]);
    merged.conflicts.iter().any(|(path, _)| !path.is_root())
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
/// It is none of them, or others have come since they were shown; no right.
pub fn take(session: &mut Session, id: ChartId, key: &ResourceKey, version: &str, shown: &[String]) -> Outcome<()> {
    let version = ids::version_from(version)?;
    check_undecided(session, id, key, shown)?;
    let chart = session.chart(id)?;
    if !chart.view(key).is_some_and(|view| view.heads.contains(&version)) {
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
/// The text is no resource, or another one; nothing is in conflict, or between others than were shown; no right.
pub fn decide(session: &mut Session, id: ChartId, key: &ResourceKey, text: &str, shown: &[String]) -> Outcome<Written> {
    let resource = resource_of(text)?;
    check_same(key, &resource)?;
    check_undecided(session, id, key, shown)?;
    let warnings = resource.warnings();
    session.put_as(id, key.clone(), resource)?;
    written(session, id, key, warnings)
}

/// Deciding replaces every version, so there must be none that was not shown.
fn check_undecided(session: &mut Session, id: ChartId, key: &ResourceKey, shown: &[String]) -> Outcome<()> {
    let view = session.chart(id)?.view(key).filter(|view| view.heads.len() > 1).ok_or_else(|| none(key))?;
    check_shown(key, &view.heads, shown)
}

/// Somebody else may have decided it meanwhile.
fn none(key: &ResourceKey) -> Failure {
    Failure::new(FailureKind::Conflict, format!("{key} is not in conflict, or not any more"))
}
