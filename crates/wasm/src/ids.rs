//! Ids as they travel: hexadecimal digits, `Type/id` for resources, `ENTRY.NUMBER` for versions.

use crate::failure::Outcome;
use crate::types::Failure;
use wardbook_client::attachments::blob_named;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::{BlobId, ChartId, DeviceId, EntryId, LeaseId, VersionRef, sync};

pub fn chart(text: &str) -> Outcome<ChartId> {
    ChartId::from_text(text).ok_or_else(|| Failure::invalid("this is not the id of a chart"))
}

pub fn entry(text: &str) -> Outcome<EntryId> {
    EntryId::from_text(text).ok_or_else(|| Failure::invalid("this is not the id of an entry"))
}

pub fn device(text: &str) -> Outcome<DeviceId> {
    DeviceId::from_text(text).ok_or_else(|| Failure::invalid("this is not the id of a device"))
}

pub fn blob(text: &str) -> Outcome<BlobId> {
    blob_named(text).ok_or_else(|| Failure::invalid("this is not the id of an attachment"))
}

pub fn key(text: &str) -> Outcome<ResourceKey> {
    text.parse().map_err(|error| Failure::invalid(format!("{text:?} is {error}")))
}

/// What a locked device shows and an officer types: `DEVICE-LEASE`.
pub fn lease_request(text: &str) -> Outcome<(DeviceId, LeaseId)> {
    let typed: String = text.split_whitespace().collect();
    sync::lease_request(&typed)
        .ok_or_else(|| Failure::invalid("the request is DEVICE-LEASE, as the other device shows it"))
}

pub fn version(version: &VersionRef) -> String {
    format!("{}.{}", version.entry, version.index)
}

pub fn version_from(text: &str) -> Outcome<VersionRef> {
    let parts = text
        .split_once('.')
        .and_then(|(entry, index)| Some(VersionRef { entry: EntryId::from_text(entry)?, index: index.parse().ok()? }));
    parts.ok_or_else(|| Failure::invalid("this is not the name of a version"))
}

pub fn versions_from(texts: &[String]) -> Outcome<Vec<VersionRef>> {
    let mut versions = texts.iter().map(|text| version_from(text)).collect::<Outcome<Vec<_>>>()?;
    versions.sort_unstable();
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_are_written() {
        let id = ChartId(core::array::from_fn(|at| at as u8 * 7));
        assert_eq!(chart(&id.to_string()).unwrap(), id);
        let held = VersionRef { entry: EntryId(id.0), index: 12 };
        assert_eq!(version_from(&version(&held)).unwrap(), held);
        let request = format!(" {}-{}\n", DeviceId([7; 16]), LeaseId([8; 32]));
        assert_eq!(lease_request(&request.to_uppercase()).unwrap(), (DeviceId([7; 16]), LeaseId([8; 32])));
    }

    #[test]
    fn other_texts_are_refused() {
        let id = ChartId([171; 32]).to_string();
        for text in ["", "ab", &id.to_uppercase(), &id[1..], &format!("{id}00"), &format!("+{}", &id[1..])] {
            assert!(chart(text).is_err(), "{text}");
        }
        for text in [id.as_str(), &format!("{id}."), &format!("{id}.x"), &format!("{id}.-1")] {
            assert!(version_from(text).is_err(), "{text}");
        }
        assert!(lease_request("ab-cd").is_err() && key("patient/x").is_err());
    }
}
