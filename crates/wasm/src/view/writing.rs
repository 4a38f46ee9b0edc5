//! A resource as text, out of a chart and into it.

use super::held;
use crate::failure::Outcome;
use crate::ids;
use crate::types::{Edited, Failure, FailureKind, ResourceText, Written};
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::{Resource, ResourceKey};
use wardbook_client::{ChartId, Session, VersionRef};

/// # Errors
/// The text is not one FHIR resource.
pub fn resource_of(text: &str) -> Outcome<Resource> {
    let json = Json::parse(text.as_bytes()).map_err(|error| Failure::invalid(format!("the resource is {error}")))?;
    Resource::from_json(json, None).map_err(|error| Failure::invalid(error.to_string()))
}

/// For the editor.
///
/// # Errors
/// No such resource, or it was deleted.
pub fn text(session: &mut Session, id: ChartId, key: &ResourceKey) -> Outcome<ResourceText> {
    let content = session.chart(id)?.view(key).and_then(|view| view.content);
    let text = content.as_deref().map(Json::to_lines).ok_or_else(|| Failure::not_found(&key.to_string()))?;
    Ok(ResourceText { held: held::of_one(session, id, key)?, text, versions: held::versions(session, id, key) })
}

/// Writes a new resource, or another version of the one that was edited. A change that others made since the editor was
/// opened stays: both are merged, and what differs waits for somebody to decide.
///
/// # Errors
/// The text is no resource, or another one than was edited; no right; the disk's.
pub fn put(session: &mut Session, id: ChartId, text: &str, edited: Option<&Edited>) -> Outcome<Written> {
    let resource = resource_of(text)?;
    let warnings = resource.warnings();
    let key = match edited {
        Some(edited) => {
            let key = ids::key(&edited.key)?;
            check_same(&key, &resource)?;
            let versions = ids::versions_from(&edited.versions)?;
            session.put_from(id, key.clone(), resource, &versions)?;
            key
        }
        None => {
            let key = resource.key().clone();
            if session.chart(id)?.view(&key).is_some() {
                let message = format!("{key} is in this chart already, or was: open it to change it");
                return Err(Failure::new(FailureKind::Conflict, message));
            }
            session.put(id, resource)?;
            key
        }
    };
    written(session, id, &key, warnings)
}

/// Deletes a resource as it was shown. Its history stays.
///
/// # Errors
/// Somebody has changed it since; no such resource; no right.
pub fn remove(session: &mut Session, id: ChartId, key: &ResourceKey, shown: &[String]) -> Outcome<()> {
    session.chart(id)?;
    check_shown(key, &session.heads(id, key), shown)?;
    Ok(session.delete(id, key)?)
}

/// # Errors
/// A resource has other versions by now than somebody was shown.
pub fn check_shown(key: &ResourceKey, heads: &[VersionRef], shown: &[String]) -> Outcome<()> {
    if ids::versions_from(shown)? == heads {
        return Ok(());
    }
    let message = format!("somebody else has changed {key} since it was opened: look at it again");
    Err(Failure::new(FailureKind::Conflict, message))
}

/// What the screen is told of a resource that was written.
///
/// # Errors
/// As [`held::of_one`].
pub fn written(session: &mut Session, id: ChartId, key: &ResourceKey, warnings: Vec<String>) -> Outcome<Written> {
    Ok(Written { held: held::of_one(session, id, key)?, versions: held::versions(session, id, key), warnings })
}

/// Type and id of a resource stay as they are. One that came without an id is held under another than its content has.
pub fn check_same(key: &ResourceKey, resource: &Resource) -> Outcome<()> {
    let named = resource.json().text("id").is_some();
    if resource.key().kind == key.kind && (!named || resource.key().id == key.id) {
        return Ok(());
    }
    Err(Failure::invalid("the type and id of a resource stay as they are: add another one instead"))
}
