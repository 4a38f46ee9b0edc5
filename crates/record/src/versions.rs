//! The versions of one resource and what they show together (`spec/merging.md`, rules MRG-01 to MRG-04 and MRG-18).
//!
//! ```text
//!        a          a version names the versions that it was made from: its bases
//!       / \
//!      b   c        b and c are heads: nobody has edited either yet
//!       \ /
//!        d          made from both, d is the only head, and what was in conflict is decided
//! ```
//!
//! The view is a function of the set of versions. Order of arrival and the clocks of authors change nothing.

use crate::json::Json;
use crate::merge::{Path, canonical, merge, merge_ancestors, merge_taking};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Heads that are merged over their common ancestors, at most (MRG-04); one bit each. A chart entry names no more
/// parents than this either.
pub const HEADS_MAX: usize = 64;
/// Levels of common ancestors that were themselves merged from several, at most (MRG-04). One takes two people who both
/// merge the same two versions, each in their own way.
pub const CROSSINGS_MAX: usize = 16;

/// One whole version of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Version<V> {
    /// Stands for exactly this version, everywhere; derived from its content and bases, so that no version can be
    /// among its own ancestors.
    pub id: V,
    /// The versions that this one was made from. Those that are not held are as if not named.
    pub bases: Vec<V>,
    /// None: this version deletes the resource.
    pub content: Option<Json>,
}

/// The versions of one resource that are held so far.
#[derive(Clone, Debug)]
pub struct Versions<V> {
    held: BTreeMap<V, Version<V>>,
    /// Whatever a held version names as its base, held or not.
    named: BTreeSet<V>,
    heads: BTreeSet<V>,
}

/// What a resource looks like now.
#[derive(Clone, Debug, PartialEq)]
pub struct View<'a, V> {
    /// The versions that nobody has edited yet, in order of their ids.
    pub heads: Vec<V>,
    /// Borrowed from the head if there is one only, merged from several otherwise; none: deleted or empty.
    pub content: Option<Cow<'a, Json>>,
    /// The elements that differ between the heads, in the order of the document.
    pub conflicts: Vec<Conflict<V>>,
}

/// An element that the heads changed in different ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict<V> {
    pub path: Path,
    /// Two or more, in the order of their first heads; every head is in one of them.
    pub alternatives: Vec<Alternative<V>>,
}

/// One value of an element in conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative<V> {
    /// The heads that hold this value.
    pub heads: Vec<V>,
    /// None: these heads removed the element.
    pub value: Option<Json>,
}

impl<V> Default for Versions<V> {
    fn default() -> Self {
        Self { held: BTreeMap::new(), named: BTreeSet::new(), heads: BTreeSet::new() }
    }
}

impl<V: Copy + Ord> Versions<V> {
    /// Takes a version in; one that is held already changes nothing (MRG-01).
    pub fn insert(&mut self, version: Version<V>) {
        if self.held.contains_key(&version.id) {
            return;
        }
        // MRG-02, MRG-18: a version supersedes all of its bases, whether they are here already or come later.
        for base in version.bases.iter().filter(|base| **base != version.id) {
            self.named.insert(*base);
            self.heads.remove(base);
        }
        if !self.named.contains(&version.id) {
            self.heads.insert(version.id);
        }
        self.held.insert(version.id, version);
    }

    /// The versions that no held version names as its base, in order of their ids.
    pub fn heads(&self) -> Vec<V> {
        self.heads.iter().copied().collect()
    }

    pub fn get(&self, id: &V) -> Option<&Version<V>> {
        self.held.get(id)
    }

    /// All versions, in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Version<V>> {
        self.held.values()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What the versions show together.
    pub fn view(&self) -> View<'_, V> {
        let heads = self.heads();
        // MRG-02
        if let [only] = heads.as_slice() {
            let content = self.content(only).map(Cow::Borrowed);
            return View { heads, content, conflicts: Vec::new() };
        }
        let merged = merge(self.base(&heads).as_deref(), &self.contents(&heads));
        let conflicts = merged
            .conflicts
            .into_iter()
            .map(|(path, values)| Conflict { path, alternatives: grouped(&heads, values) })
            .collect();
        View { heads, content: merged.value.map(Cow::Owned), conflicts }
    }

    /// The view with the values of one head wherever the heads are in conflict; of a version that is no head, its
    /// content. None: deleted, empty or not held.
    pub fn taking(&self, id: V) -> Option<Json> {
        let heads = self.heads();
        match heads.iter().position(|head| *head == id) {
            Some(taken) if heads.len() > 1 => merge_taking(self.base(&heads).as_deref(), &self.contents(&heads), taken),
            _ => self.content(&id).cloned(),
        }
    }

    fn content(&self, id: &V) -> Option<&Json> {
        self.held.get(id)?.content.as_ref()
    }

    fn contents(&self, ids: &[V]) -> Vec<Option<&Json>> {
        ids.iter().map(|id| self.content(id)).collect()
    }

    /// What the heads are compared with (MRG-03): their nearest common ancestor, or several merged into one (MRG-04).
    fn base(&self, heads: &[V]) -> Option<Cow<'_, Json>> {
        let mut crossings = Vec::new();
        let mut nearest = self.nearest_common(heads);
        while nearest.len() > 1 && crossings.len() < CROSSINGS_MAX {
            let further = self.nearest_common(&nearest);
            crossings.push(std::mem::replace(&mut nearest, further));
        }
        let mut base = match nearest.as_slice() {
            [one] => self.content(one).map(Cow::Borrowed),
            _ => None,
        };
        for ancestors in crossings.iter().rev() {
            base = merge_ancestors(base.as_deref(), &self.contents(ancestors)).map(Cow::Owned);
        }
        base
    }

    /// The versions that all of `ids` descend from and none of whose descendants they all descend from too. A version
    /// counts as its own ancestor.
    fn nearest_common(&self, ids: &[V]) -> Vec<V> {
        if ids.is_empty() || ids.len() > HEADS_MAX {
            return Vec::new();
        }
        // Each version gathers one bit per id that descends from it. A version is visited again only when it gathers
        // more, so at most 64 times, whatever the shape of the graph.
        let mut reached: BTreeMap<V, u64> = BTreeMap::new();
        let mut queue = Vec::new();
        for (bit, id) in ids.iter().enumerate() {
            *reached.entry(*id).or_default() |= 1u64 << bit;
            queue.push(*id);
        }
        while let Some(id) = queue.pop() {
            let bits = reached.get(&id).copied().unwrap_or_default();
            for base in self.bases(&id) {
                let gathered = reached.entry(base).or_default();
                if (*gathered | bits) != *gathered {
                    *gathered |= bits;
                    queue.push(base);
                }
            }
        }
        let all = u64::MAX >> (HEADS_MAX - ids.len());
        let common: Vec<V> = reached.into_iter().filter(|(_, bits)| *bits == all).map(|(id, _)| id).collect();
        // Every ancestor of a common one is common, so those with a common descendant are bases of a common one.
        let further: BTreeSet<V> = common.iter().flat_map(|id| self.bases(id)).collect();
        common.into_iter().filter(|id| !further.contains(id)).collect()
    }

    /// The bases of a version that are held (MRG-02).
    fn bases(&self, id: &V) -> impl Iterator<Item = V> {
        let named = self.held.get(id).into_iter().flat_map(|version| version.bases.iter().copied());
        named.filter(move |base| base != id && self.held.contains_key(base))
    }
}

fn grouped<V: Copy>(heads: &[V], values: Vec<Option<Json>>) -> Vec<Alternative<V>> {
    let mut places = HashMap::new();
    let mut alternatives: Vec<Alternative<V>> = Vec::new();
    for (head, value) in heads.iter().copied().zip(values) {
        let place = *places.entry(value.as_ref().map(canonical)).or_insert(alternatives.len());
        match alternatives.get_mut(place) {
            Some(alternative) => alternative.heads.push(head),
            None => alternatives.push(Alternative { heads: vec![head], value }),
        }
    }
    alternatives
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    /// Versions from `(id, bases, content)`; an empty content deletes.
    fn versions(list: &[(u32, &[u32], &str)]) -> Versions<u32> {
        let mut versions = Versions::default();
        for (id, bases, content) in list {
            let content = (!content.is_empty()).then(|| json(content));
            versions.insert(Version { id: *id, bases: bases.to_vec(), content });
        }
        versions
    }

    fn shown(view: &View<'_, u32>) -> String {
        view.content.as_ref().map_or("deleted".to_owned(), |content| content.to_text())
    }

    /// Each conflict as `path: heads=value …`.
    fn conflicts(view: &View<'_, u32>) -> Vec<String> {
        let alternative = |alternative: &Alternative<u32>| {
            let value = alternative.value.as_ref().map_or("removed".to_owned(), Json::to_text);
            format!("{:?}={value}", alternative.heads)
        };
        let conflict = |conflict: &Conflict<u32>| {
            let alternatives: Vec<_> = conflict.alternatives.iter().map(alternative).collect();
            format!("{}: {}", conflict.path, alternatives.join(" "))
        };
        view.conflicts.iter().map(conflict).collect()
    }

    const BASE: &str = r#"{"resourceType":"Patient","gender":"female","active":true}"#;

    /// MRG-02
    #[test]
    fn one_head_is_borrowed_as_it_is() {
        assert!(Versions::<u32>::default().is_empty());
        assert_eq!(Versions::<u32>::default().view().content, None);

        let edited = r#"{"resourceType":"Patient","name":[],"x":{}}"#;
        let versions = versions(&[(1, &[], BASE), (2, &[1], edited)]);
        let view = versions.view();
        assert_eq!((view.heads.as_slice(), shown(&view)), ([2].as_slice(), edited.to_owned()));
        assert!(
            matches!(view.content, Some(Cow::Borrowed(content)) if std::ptr::eq(content, versions.get(&2).unwrap().content.as_ref().unwrap()))
        );
        assert_eq!(versions.iter().map(|version| version.id).collect::<Vec<_>>(), [1, 2]);
    }

    /// MRG-02: a base that is not held is as if not named; when it comes, it is no head.
    #[test]
    fn bases_that_are_not_held_are_tolerated() {
        let mut versions = versions(&[(2, &[1], BASE)]);
        assert_eq!(versions.heads(), [2]);
        versions.insert(Version { id: 1, bases: vec![0, 1], content: None });
        assert_eq!(versions.heads(), [2]);
        assert_eq!(shown(&versions.view()), BASE);
    }

    /// MRG-03
    #[test]
    fn heads_are_compared_with_their_nearest_common_ancestor() {
        let versions = versions(&[
            (1, &[], r#"{"resourceType":"Patient","gender":"male"}"#),
            (2, &[1], r#"{"resourceType":"Patient","gender":"female"}"#),
            (3, &[2], r#"{"resourceType":"Patient","gender":"female","active":true}"#),
            // Against version 1 both would have changed the gender; against version 2 only this one did.
            (4, &[2], r#"{"resourceType":"Patient","gender":"other"}"#),
        ]);
        let view = versions.view();
        assert_eq!(view.heads, [3, 4]);
        assert_eq!(shown(&view), r#"{"resourceType":"Patient","gender":"other","active":true}"#);
        assert!(view.conflicts.is_empty());
    }

    /// MRG-03: without a common ancestor, what both have and hold differently is in conflict.
    #[test]
    fn unrelated_versions_are_merged_over_nothing() {
        let versions = versions(&[
            (1, &[], r#"{"resourceType":"Patient","gender":"male"}"#),
            (2, &[9], r#"{"resourceType":"Patient","gender":"female","active":true}"#),
        ]);
        let view = versions.view();
        assert_eq!(shown(&view), r#"{"resourceType":"Patient","gender":"female","active":true}"#);
        assert_eq!(conflicts(&view), [r#"gender: [1]="male" [2]="female""#]);
    }

    /// MRG-04: two people both merged 2 and 3, in different ways; 2 and 3 are both nearest.
    #[test]
    fn crossed_versions_are_compared_with_their_merged_ancestors() {
        let crossed = |four: &str, five: &str| {
            versions(&[
                (1, &[], r#"{"resourceType":"Patient","gender":"male"}"#),
                (2, &[1], r#"{"resourceType":"Patient","gender":"female"}"#),
                (3, &[1], r#"{"resourceType":"Patient","gender":"other","active":true}"#),
                (4, &[2, 3], four),
                (5, &[2, 3], five),
            ])
        };
        let (four, five) = (
            r#"{"resourceType":"Patient","gender":"female","active":true}"#,
            r#"{"resourceType":"Patient","gender":"other"}"#,
        );
        let versions = crossed(four, five);
        let view = versions.view();
        // The gender was in conflict between 2 and 3: neither decision counts as the unchanged one. `active` was not,
        // so that its removal by 5 stands.
        assert_eq!(conflicts(&view), [r#"gender: [4]="female" [5]="other""#]);
        assert_eq!(shown(&view), r#"{"resourceType":"Patient","gender":"female"}"#);

        let agreed = crossed(four, four);
        assert_eq!((shown(&agreed.view()), agreed.view().conflicts.len()), (four.to_owned(), 0));
    }

    /// MRG-04: an item in conflict keeps its place in the merged ancestors.
    #[test]
    fn crossed_versions_of_a_list_item_stay_in_conflict() {
        let line = |first: &str| {
            format!(
                r#"{{"resourceType":"Patient","telecom":[{{"system":"phone","value":"{first}"}},{{"value":"z"}}]}}"#
            )
        };
        let (a, b, c, d, e) = (line("a"), line("b"), line("c"), line("d"), line("e"));
        let versions = versions(&[(1, &[], &a), (2, &[1], &b), (3, &[1], &c), (4, &[2, 3], &d), (5, &[2, 3], &e)]);
        let view = versions.view();
        assert_eq!(
            conflicts(&view),
            [r#"telecom[0]: [4]={"system":"phone","value":"d"} [5]={"system":"phone","value":"e"}"#]
        );
        assert_eq!(shown(&view), d);
    }

    /// MRG-08
    #[test]
    fn a_deletion_and_an_edit_are_in_conflict() {
        let edited = r#"{"resourceType":"Patient","gender":"female"}"#;
        let versions = versions(&[(1, &[], BASE), (2, &[1], ""), (3, &[1], edited)]);
        let view = versions.view();
        assert_eq!(shown(&view), edited);
        assert_eq!(conflicts(&view), [format!(": [2]=removed [3]={edited}")]);
        assert!(view.conflicts.first().is_some_and(|conflict| conflict.path.is_root()));
        assert_eq!(versions.taking(2), None);
        assert_eq!(versions.taking(3), Some(json(edited)));
    }

    /// MRG-06: deleting is an edit, which nobody contradicted.
    #[test]
    fn a_deletion_that_nobody_contradicts_stands() {
        let view_of = |list: &[(u32, &[u32], &str)]| shown(&versions(list).view());
        assert_eq!(view_of(&[(1, &[], BASE), (2, &[1], "")]), "deleted");
        assert_eq!(view_of(&[(1, &[], BASE), (2, &[1], ""), (3, &[1], "")]), "deleted");
        assert_eq!(view_of(&[(1, &[], BASE), (2, &[1], ""), (3, &[1], BASE)]), "deleted");
        assert_eq!(view_of(&[(1, &[], ""), (2, &[1], BASE), (3, &[1], "")]), BASE);
    }

    /// MRG-18
    #[test]
    fn a_version_made_from_all_heads_decides() {
        let with = |gender: &str| format!(r#"{{"resourceType":"Patient","gender":"{gender}"}}"#);
        let (one, two, three) = (with("male"), with("unknown"), with("other"));
        let mut versions = versions(&[(1, &[], BASE), (2, &[1], &one), (3, &[1], &two), (4, &[1], &one)]);
        let view = versions.view();
        // `active` was removed by all of them; of the gender, the last value that all had is shown.
        assert_eq!(shown(&view), with("female"));
        assert_eq!(conflicts(&view), [r#"gender: [2, 4]="male" [3]="unknown""#.to_owned()]);

        versions.insert(Version { id: 5, bases: vec![2, 3], content: Some(json(&three)) });
        assert_eq!(versions.heads(), [4, 5]);
        assert_eq!(versions.view().conflicts.len(), 1);
        versions.insert(Version { id: 6, bases: vec![4, 5], content: Some(json(&three)) });
        let view = versions.view();
        assert_eq!((view.heads.as_slice(), view.conflicts.len(), shown(&view)), ([6].as_slice(), 0, three));
    }

    /// What was not in conflict stays merged when one version's side is taken.
    #[test]
    fn taking_a_side_decides_only_the_conflicts() {
        let versions = versions(&[
            (1, &[], BASE),
            (2, &[1], r#"{"resourceType":"Patient","gender":"male","active":true,"birthDate":"1970-01-01"}"#),
            (3, &[1], r#"{"resourceType":"Patient","active":false}"#),
        ]);
        let expect = |id: u32, text: &str| assert_eq!(versions.taking(id), Some(json(text)), "{id}");
        expect(2, r#"{"resourceType":"Patient","gender":"male","active":false,"birthDate":"1970-01-01"}"#);
        expect(3, r#"{"resourceType":"Patient","active":false,"birthDate":"1970-01-01"}"#);
        expect(1, BASE);
        assert_eq!(versions.taking(7), None);
    }

    /// MRG-01
    #[test]
    fn a_version_that_comes_again_changes_nothing() {
        let mut versions = versions(&[(1, &[], BASE), (2, &[1], ""), (3, &[2], BASE)]);
        versions.insert(Version { id: 2, bases: vec![1], content: None });
        versions.insert(Version { id: 1, bases: Vec::new(), content: Some(json(BASE)) });
        assert_eq!((versions.heads(), shown(&versions.view())), (vec![3], BASE.to_owned()));
    }

    #[test]
    fn histories_of_ten_thousand_versions_are_walked_without_recursion() {
        let mut chain = Versions::default();
        for id in 1..=10_000u32 {
            chain.insert(Version { id, bases: vec![id - 1], content: Some(json(BASE)) });
        }
        chain.insert(Version { id: 20_000, bases: vec![1], content: None });
        chain.insert(Version { id: 20_001, bases: vec![5_000], content: None });
        assert_eq!(chain.nearest_common(&[20_000, 20_001, 10_000]), [1]);
        assert_eq!(chain.nearest_common(&[20_001, 10_000]), [5_000]);
        assert_eq!(shown(&chain.view()), "deleted");
    }

    /// MRG-04: past the limit of crossings the heads are merged over nothing, in bounded time.
    #[test]
    fn endless_crossings_end() {
        let mut ladder = Versions::default();
        let mut insert = |id: u32, bases: &[u32], text: &str| {
            ladder.insert(Version { id, bases: bases.to_vec(), content: Some(json(text)) });
        };
        insert(1, &[], BASE);
        insert(2, &[], BASE);
        for id in (3..10_000).step_by(2) {
            insert(id, &[id - 2, id - 1], BASE);
            insert(id + 1, &[id - 2, id - 1], r#"{"resourceType":"Patient","gender":"male"}"#);
        }
        let view = ladder.view();
        assert_eq!(view.heads.len(), 2);
        assert_eq!(conflicts(&view), [r#"gender: [9999]="female" [10000]="male""#]);
    }

    /// MRG-04: more heads than the limit are merged over nothing.
    #[test]
    fn very_many_heads_are_merged_over_nothing() {
        let at = |heads: u32| {
            let mut versions = versions(&[(0, &[], r#"{"resourceType":"Patient","gender":"male"}"#)]);
            for id in 1..=heads {
                let text = if id == 1 {
                    r#"{"resourceType":"Patient","gender":"other"}"#
                } else {
                    r#"{"resourceType":"Patient","gender":"male"}"#
                };
                versions.insert(Version { id, bases: vec![0], content: Some(json(text)) });
            }
            versions.view().conflicts.len()
        };
        assert_eq!((at(64), at(65)), (0, 1));
    }
}
