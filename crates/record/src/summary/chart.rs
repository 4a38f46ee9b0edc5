//! The resources of one chart, by which references are followed.

use super::coded::{ITEMS_MAX, concept, is_entered_in_error};
use super::targets::{Targets, unversioned};
use super::text::shown;
use crate::cover::display_name;
use crate::json::Json;
use crate::resource::ResourceKey;

/// The resources of a chart that were not entered in error, in the order of their keys.
pub(super) struct Chart<'a, 'l> {
    resources: Vec<(&'a ResourceKey, &'a Json)>,
    targets: Targets<'a>,
    lookup: &'l dyn Fn(&str) -> Option<&'a Json>,
    /// Resources left out because they were entered in error.
    pub entered_in_error: usize,
}

impl<'a, 'l> Chart<'a, 'l> {
    pub fn new(
        resources: impl Iterator<Item = (&'a ResourceKey, &'a Json)>,
        lookup: &'l dyn Fn(&str) -> Option<&'a Json>,
    ) -> Self {
        let (errors, mut resources): (Vec<_>, Vec<_>) = resources.partition(|(_, json)| is_entered_in_error(json));
        // The summary must not depend on the order in which resources arrived.
        resources.sort_by_key(|(key, _)| *key);
        Self { targets: Targets::of(&resources), resources, lookup, entered_in_error: errors.len() }
    }

    pub fn all(&self) -> impl Iterator<Item = (&'a ResourceKey, &'a Json)> {
        self.resources.iter().copied()
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&'a ResourceKey, &'a Json)> {
        self.all().filter(move |(key, _)| key.kind == kind)
    }

    /// What a FHIR Reference within `owner` points at: a contained resource, one of this chart, else whatever `lookup`
    /// knows.
    pub fn resolve(&self, owner: &'a Json, reference: &Json) -> Option<&'a Json> {
        let target = reference.text("reference")?;
        if let Some(id) = target.strip_prefix('#') {
            return owner.items("contained").iter().find(|json| json.text("id") == Some(id));
        }
        let held = self.targets.find(target).or_else(|| (self.lookup)(unversioned(target)));
        held.filter(|json| !is_entered_in_error(json))
    }

    /// The name of what a reference points at: its `display`, else the resource's own name or code.
    pub fn named(&self, owner: &'a Json, reference: Option<&Json>) -> Option<String> {
        let reference = reference?;
        reference.text("display").and_then(shown).or_else(|| name(self.resolve(owner, reference)?))
    }

    /// The first of a list of references that has a name.
    pub fn first_named(&self, owner: &'a Json, list: &str) -> Option<String> {
        owner.items(list).iter().take(ITEMS_MAX).find_map(|reference| self.named(owner, Some(reference)))
    }
}

/// What a resource is called: a person's name, an organisation's name, or its code.
pub(super) fn name(json: &Json) -> Option<String> {
    let of_person = || json.items("name").iter().take(ITEMS_MAX).find_map(display_name);
    json.text("name").and_then(shown).or_else(of_person).or_else(|| concept(json.get("code")))
}
