//! What the references of a chart point at within it.

use crate::json::Json;
use crate::resource::ResourceKey;
use std::collections::HashMap;

/// Resources by what references call them: `Type/id` or `urn:uuid:id`.
pub struct Targets<'a> {
    by_key: HashMap<(&'a str, &'a str), &'a Json>,
    by_id: HashMap<&'a str, &'a Json>,
}

impl<'a> Targets<'a> {
    /// Where several have one id, `urn:uuid:id` is the last of them.
    pub fn of(resources: &[(&'a ResourceKey, &'a Json)]) -> Self {
        Self {
            by_key: resources.iter().map(|(key, json)| ((key.kind.as_str(), key.id.as_str()), *json)).collect(),
            by_id: resources.iter().map(|(key, json)| (key.id.as_str(), *json)).collect(),
        }
    }

    /// An absolute URL is never taken for a resource of this chart that happens to have the same id.
    pub fn find(&self, reference: &str) -> Option<&'a Json> {
        let held = match reference.strip_prefix("urn:uuid:") {
            Some(id) => self.by_id.get(id),
            None => unversioned(reference).split_once('/').and_then(|key| self.by_key.get(&key)),
        };
        held.copied()
    }
}

/// A reference without the version that it may name: `Medication/m` of `Medication/m/_history/2`.
pub fn unversioned(reference: &str) -> &str {
    reference.split("/_history/").next().unwrap_or(reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_find_what_they_name_and_nothing_else() {
        let key: ResourceKey = "Medication/m".parse().unwrap();
        let json = Json::from("held");
        let targets = Targets::of(&[(&key, &json)]);
        for reference in ["Medication/m", "Medication/m/_history/2", "urn:uuid:m"] {
            assert_eq!(targets.find(reference), Some(&json), "{reference}");
        }
        for reference in ["", "m", "Medication/", "Patient/m", "urn:uuid:", "https://other.example/Medication/m"] {
            assert_eq!(targets.find(reference), None, "{reference}");
        }
    }
}
