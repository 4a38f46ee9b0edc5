//! What became of one resource: every version with who made it, when, and on which device.

use super::held::Behind;
use crate::failure::Outcome;
use crate::ids;
use crate::js::time;
use crate::types::{Failure, HistoryItem};
use std::collections::HashMap;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::{ChartId, DeviceId, Session};

/// Oldest first.
///
/// # Errors
/// No such resource; as [`Session::chart`].
pub fn history(session: &mut Session, id: ChartId, key: &ResourceKey) -> Outcome<Vec<HistoryItem>> {
    let items = session.chart(id)?.history(key);
    if items.is_empty() {
        return Err(Failure::not_found(&key.to_string()));
    }
    let devices = Devices::of(session);
    let mut behind = Behind::new(session, id)?;
    let mut before: Option<&Json> = None;
    let mut shown = Vec::with_capacity(items.len());
    for item in &items {
        let content = item.content.as_ref();
        shown.push(HistoryItem {
            version: ids::version(&item.version),
            author_name: behind.name(&item.author),
            device: devices.name(&item.device),
            time_ms: time(item.time_ms),
            current: item.current,
            deleted: content.is_none(),
            delivery: behind.delivery(&item.version),
            changed: before.zip(content).map(|(before, after)| changed(before, after)).unwrap_or_default(),
            text: content.map(Json::to_lines),
        });
        before = content;
    }
    Ok(shown)
}

/// Names of devices.
pub struct Devices(HashMap<DeviceId, String>);

impl Devices {
    pub fn of(session: &Session) -> Self {
        Self(session.devices().into_iter().map(|device| (device.id, device.name)).collect())
    }

    pub fn name(&self, device: &DeviceId) -> Option<String> {
        self.0.get(device).cloned()
    }
}

/// Names of the top elements in which two versions differ, in the order of the alphabet.
fn changed(before: &Json, after: &Json) -> Vec<String> {
    let names = |json: &Json| -> Vec<String> {
        let members = json.as_object().into_iter().flat_map(|object| object.iter());
        members.map(|(name, _)| name.to_owned()).collect()
    };
    let mut differ: Vec<_> = names(before).into_iter().chain(names(after)).collect();
    differ.retain(|name| before.get(name) != after.get(name));
    differ.sort_unstable();
    differ.dedup();
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_named_by_their_top_elements() {
        let [one, other] = [r#"{"a":1,"b":[1],"c":2}"#, r#"{"c":2,"b":[1,2],"d":0}"#];
        let [one, other] = [one, other].map(|text| Json::parse(text.as_bytes()).unwrap());
        assert_eq!(changed(&one, &other), ["a", "b", "d"]);
        assert!(changed(&one, &one).is_empty());
    }
}
