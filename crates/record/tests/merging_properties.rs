//! What holds for every merge (`spec/merging.md`), shown on resources with random edits and on arbitrary JSON.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use wardbook_record::json::{Json, Object};
use wardbook_record::merge::{Merged, merge};
use wardbook_record::versions::{Version, Versions};

/// Names that meet the rules about units, atoms and identity, and others.
const NAMES: &[&str] = &[
    "resourceType",
    "id",
    "status",
    "code",
    "coding",
    "text",
    "value",
    "unit",
    "system",
    "use",
    "url",
    "given",
    "_given",
    "name",
    "telecom",
    "contact",
    "extension",
    "valueString",
    "valueQuantity",
    "_valueString",
    "interpretation",
    "birthDate",
    "_birthDate",
    "period",
    "start",
    "end",
    "note",
];

const RESOURCES: &[&str] = &[
    r#"{"resourceType":"Patient","id":"p","active":true,"name":[{"use":"official","family":"Berg","given":["Maja","Ann"],
        "_given":[null,{"extension":[{"url":"urn:call","valueBoolean":true}]}]},{"text":"Maja Ek"}],"birthDate":"1970-03-30",
        "telecom":[{"system":"phone","value":"1","use":"home"},{"system":"email","value":"m@example.org"}],
        "contact":[{"name":{"family":"Ek"},"telecom":[{"value":"2"}]}]}"#,
    r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
        "component":[{"code":{"text":"systolic"},"valueQuantity":{"value":120,"unit":"mmHg"},"interpretation":[{"text":"N"}]},
        {"code":{"text":"diastolic"},"valueQuantity":{"value":80.0,"unit":"mmHg"}}],"note":[{"text":"sitting"}]}"#,
    r#"{"resourceType":"MedicationRequest","id":"m","status":"active","medicationCodeableConcept":{"text":"Furosemide"},
        "dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},
        "doseAndRate":[{"doseQuantity":{"value":20,"unit":"mg"}}]}],"reasonCode":[{"text":"oedema"}]}"#,
];

fn object(members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let mut object = Object::default();
    members.into_iter().for_each(|(name, value)| object.insert(name, value));
    Json::Object(object)
}

fn anything() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (0i64..4).prop_map(|number| Json::Number(number.into())),
        "[a-c]{0,2}".prop_map(Json::String),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..6).prop_map(Json::Array), vec((select(NAMES), inner), 0..6).prop_map(object),]
    })
}

/// A resource, or anything at all.
fn resource() -> impl Strategy<Value = Json> {
    let known = select(RESOURCES).prop_map(|text| Json::parse(text.as_bytes()).unwrap_or(Json::Null));
    prop_oneof![3 => known, 1 => anything()]
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Replace,
    Remove,
    Add,
}

/// Walks inwards by `path` and acts where it ends.
#[derive(Clone, Debug)]
struct Edit {
    path: Vec<u8>,
    action: Action,
    name: &'static str,
    value: Json,
}

fn edit() -> impl Strategy<Value = Edit> {
    let action = select(vec![Action::Replace, Action::Remove, Action::Add]);
    // Few enough values that two heads make the same edit now and then.
    let value = (0u8..30).prop_map(|number| Json::from(format!("new {number}").as_str()));
    (vec(any::<u8>(), 1..6), action, select(NAMES), value).prop_map(|(path, action, name, value)| Edit {
        path,
        action,
        name,
        value,
    })
}

fn apply(target: &mut Json, path: &[u8], edit: &Edit) {
    let Some((first, rest)) = path.split_first() else {
        *target = edit.value.clone();
        return;
    };
    let action = if rest.is_empty() { edit.action } else { Action::Replace };
    match target {
        Json::Object(members) => {
            let name = members.iter().nth(usize::from(*first) % members.len().max(1)).map(|(name, _)| name.to_owned());
            match (action, name) {
                (Action::Remove, Some(name)) => drop(members.remove(&name)),
                (Action::Replace, Some(name)) => {
                    members.get_mut(&name).into_iter().for_each(|at| apply(at, rest, edit))
                }
                (_, _) => members.insert(edit.name, edit.value.clone()),
            }
        }
        Json::Array(items) => {
            let at = usize::from(*first) % items.len().max(1);
            match action {
                Action::Remove if at < items.len() => drop(items.remove(at)),
                Action::Replace if at < items.len() => {
                    items.get_mut(at).into_iter().for_each(|item| apply(item, rest, edit));
                }
                _ => items.insert(at, edit.value.clone()),
            }
        }
        scalar => *scalar = edit.value.clone(),
    }
}

/// A base and what several heads made of it; none: deleted, or nothing in common.
fn edited() -> impl Strategy<Value = (Option<Json>, Vec<Option<Json>>)> {
    let head = (vec(edit(), 0..4), prop::bool::weighted(0.1));
    (resource(), prop::bool::weighted(0.1), vec(head, 1..5)).prop_map(|(base, unrelated, heads)| {
        let head = |(edits, deleted): (Vec<Edit>, bool)| {
            let mut content = base.clone();
            edits.iter().for_each(|edit| apply(&mut content, &edit.path, edit));
            (!deleted).then_some(content)
        };
        let heads = heads.into_iter().map(head).collect();
        ((!unrelated).then_some(base), heads)
    })
}

fn merged(base: Option<&Json>, heads: &[Option<Json>]) -> Merged {
    merge(base, &heads.iter().map(Option::as_ref).collect::<Vec<_>>())
}

/// The texts of all values that are neither objects nor arrays.
fn leaves(value: &Json, into: &mut BTreeSet<String>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        Json::Object(members) => members.iter().for_each(|(_, member)| leaves(member, into)),
        scalar => {
            into.insert(scalar.to_text());
        }
    }
}

fn has_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty() || items.iter().any(has_empty),
        Json::Object(members) => members.is_empty() || members.iter().any(|(_, member)| has_empty(member)),
        _ => false,
    }
}

fn text(value: &Option<Json>) -> Option<String> {
    value.as_ref().map(Json::to_text)
}

/// The places of `keys` in the order of their values: a random order of that many things.
fn order(keys: &[u32]) -> Vec<usize> {
    let mut places: Vec<(u32, usize)> = keys.iter().copied().zip(0..).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, place)| place).collect()
}

/// Contents that a version of the test below may have; an empty text deletes.
const CONTENTS: &[&str] = &[
    "",
    r#"{"resourceType":"Patient","gender":"male","telecom":[{"value":"1"}]}"#,
    r#"{"resourceType":"Patient","gender":"female","telecom":[{"value":"1"},{"value":"2"}]}"#,
    r#"{"resourceType":"Patient","gender":"male","active":true,"telecom":[{"value":"3"}]}"#,
    r#"{"resourceType":"Patient","active":false}"#,
];

/// Versions, each with a bit mask that picks its bases among those before it. Ids are in another order.
fn history() -> impl Strategy<Value = Vec<Version<u32>>> {
    let id = |place: usize| u32::try_from(place * 5 + 3).unwrap_or_default() % 16;
    vec((any::<u16>(), any::<u16>(), select(CONTENTS)), 1..12).prop_map(move |list| {
        let version = |(place, (some, others, content)): (usize, (u16, u16, &'static str))| {
            let bases = (0..place).filter(|base| some & others & (1u16 << *base) != 0).map(id).collect();
            Version { id: id(place), bases, content: Json::parse(content.as_bytes()).ok() }
        };
        list.into_iter().enumerate().map(version).collect()
    })
}

fn held(versions: impl IntoIterator<Item = Version<u32>>) -> Versions<u32> {
    let mut held = Versions::default();
    versions.into_iter().for_each(|version| held.insert(version));
    held
}

proptest! {
    /// MRG-01
    #[test]
    fn the_order_of_heads_changes_nothing((base, heads) in edited(), keys in vec(any::<u32>(), 4)) {
        let order: Vec<usize> = order(&keys).into_iter().filter(|place| *place < heads.len()).collect();
        let permuted: Vec<Option<Json>> = order.iter().filter_map(|place| heads.get(*place).cloned()).collect();
        let (one, other) = (merged(base.as_ref(), &heads), merged(base.as_ref(), &permuted));
        prop_assert_eq!(text(&one.value), text(&other.value));
        prop_assert_eq!(one.conflicts.len(), other.conflicts.len());
        for ((path, values), (other_path, other_values)) in one.conflicts.iter().zip(&other.conflicts) {
            prop_assert_eq!(path, other_path);
            let permuted: Vec<_> = order.iter().filter_map(|place| values.get(*place)).map(text).collect();
            prop_assert_eq!(permuted, other_values.iter().map(text).collect::<Vec<_>>());
        }
    }

    /// MRG-05
    #[test]
    fn a_single_change_stands((base, heads) in edited()) {
        for head in &heads {
            let others = [vec![head.clone(), base.clone()], vec![base.clone(), head.clone()], vec![head.clone(); 2], vec![head.clone()]];
            for sides in others {
                prop_assert_eq!(merged(base.as_ref(), &sides), Merged { value: head.clone(), conflicts: Vec::new() });
            }
        }
    }

    /// MRG-17, MRG-20
    #[test]
    fn nothing_that_a_head_introduced_is_lost((base, heads) in edited()) {
        let Merged { value, conflicts } = merged(base.as_ref(), &heads);
        let mut held = BTreeSet::new();
        value.iter().chain(conflicts.iter().flat_map(|(_, values)| values).flatten()).for_each(|value| leaves(value, &mut held));
        let mut introduced = BTreeSet::new();
        heads.iter().flatten().for_each(|head| leaves(head, &mut introduced));
        let mut before = BTreeSet::new();
        base.iter().for_each(|base| leaves(base, &mut before));
        for leaf in introduced.difference(&before) {
            prop_assert!(held.contains(leaf), "{leaf}");
        }
        if !base.iter().chain(heads.iter().flatten()).any(has_empty) {
            prop_assert!(!value.iter().any(has_empty));
        }
    }

    /// MRG-07: a conflict has two sides, is listed once, and lists every head.
    #[test]
    fn conflicts_are_real((base, heads) in edited()) {
        let conflicts = merged(base.as_ref(), &heads).conflicts;
        for (path, values) in &conflicts {
            prop_assert_eq!(values.len(), heads.len());
            prop_assert!(values.iter().any(|value| Some(value) != values.first()), "{path}");
        }
        let paths: BTreeSet<_> = conflicts.iter().map(|(path, _)| path).collect();
        prop_assert_eq!(paths.len(), conflicts.len());
    }

    /// MRG-06
    #[test]
    fn disjoint_edits_combine(owners in vec((0usize..3, any::<bool>()), 9)) {
        let names = ["gender", "birthDate", "active", "language", "maritalStatus", "telecom", "contact", "photo", "link"];
        let of = |owns: &dyn Fn(usize) -> bool| {
            let members = names.iter().zip(&owners).filter_map(|(name, (owner, removed))| match (owns(*owner), *removed) {
                (true, true) => None,
                (changed, _) => Some((*name, Json::from(if changed { "new" } else { "old" }))),
            });
            object([("resourceType", Json::from("Patient"))].into_iter().chain(members))
        };
        let heads = [Some(of(&|owner| owner == 1)), Some(of(&|owner| owner == 2))];
        let all = merged(Some(&of(&|_| false)), &heads);
        prop_assert_eq!(all, Merged { value: Some(of(&|owner| owner > 0)), conflicts: Vec::new() });
    }

    /// Unrelated values neither panic nor lose anything.
    #[test]
    fn anything_merges(base in anything(), heads in vec(anything(), 2..4)) {
        let heads: Vec<Option<Json>> = heads.into_iter().map(Some).collect();
        let Merged { value, conflicts } = merged(Some(&base), &heads);
        let mut held = BTreeSet::new();
        value.iter().chain(conflicts.iter().flat_map(|(_, values)| values).flatten()).for_each(|value| leaves(value, &mut held));
        leaves(&base, &mut held);
        let mut introduced = BTreeSet::new();
        heads.iter().flatten().for_each(|head| leaves(head, &mut introduced));
        prop_assert!(introduced.is_subset(&held));
    }

    /// MRG-01, MRG-02, MRG-03, MRG-04
    #[test]
    fn order_of_arrival_and_repetition_change_nothing(history in history(), keys in vec(any::<u32>(), 24)) {
        let expected = held(history.iter().cloned());
        let arrivals: Vec<usize> = order(&keys).into_iter().map(|place| place % history.len()).collect();
        let everything_twice = arrivals.iter().filter_map(|place| history.get(*place).cloned()).chain(history.iter().cloned());
        let arrived = held(everything_twice);
        let (one, other) = (expected.view(), arrived.view());
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.content.as_deref().map(Json::to_text), other.content.as_deref().map(Json::to_text));
        for conflict in &one.conflicts {
            prop_assert!(conflict.alternatives.len() > 1);
            let mut heads: Vec<u32> = conflict.alternatives.iter().flat_map(|alternative| alternative.heads.clone()).collect();
            heads.sort_unstable();
            prop_assert_eq!(&heads, &one.heads);
        }
    }

    /// MRG-18
    #[test]
    fn a_version_made_from_all_heads_is_the_view(history in history(), content in select(CONTENTS)) {
        let mut versions = held(history);
        let content = Json::parse(content.as_bytes()).ok();
        versions.insert(Version { id: 100, bases: versions.heads(), content: content.clone() });
        let view = versions.view();
        prop_assert_eq!(view.heads, vec![100]);
        prop_assert!(view.conflicts.is_empty());
        prop_assert_eq!(view.content.as_deref(), content.as_ref());
    }

    /// Taking a head's side leaves nothing of the others at the elements in conflict, and decides nothing else.
    #[test]
    fn taking_every_side_gives_the_view_where_heads_agree(history in history()) {
        let versions = held(history);
        let view = versions.view();
        for head in &view.heads {
            let taken = versions.taking(*head);
            if view.conflicts.is_empty() {
                prop_assert_eq!(taken.as_ref(), view.content.as_deref());
            } else if view.conflicts.iter().any(|conflict| conflict.path.is_root()) {
                prop_assert_eq!(taken.as_ref(), versions.get(head).and_then(|version| version.content.as_ref()));
            }
        }
    }
}
