//! Merging concurrent versions of one resource, element by element (`spec/merging.md`, rules MRG-05 to MRG-20).
//!
//! ```text
//! element   at most one value differs from the base -> that value          MRG-05
//!    |      removed by one head, changed by another -> conflict            MRG-08
//!    +- object   unit by unit, unless its parts mean nothing apart         MRG-06, MRG-12 to MRG-16
//!    +- array    items aligned with the base, insertions of all combined   MRG-09 to MRG-11
//!    `- rest     conflict: listed with what each head holds                MRG-07
//! ```
//!
//! The result is a function of the values alone. No clock and no order of arrival takes part (MRG-01), and whatever
//! a head introduced is either in the merged value or among a conflict's alternatives (MRG-20).

mod align;
mod elements;
mod same;
#[cfg(test)]
mod tests;

use crate::json::{Json, Object};
use align::{Alignment, Keys, align};
use elements::Unit;
pub(crate) use same::canonical;
use same::same;
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Members that one object may have over all its versions and still be merged member by member (MRG-19). FHIR's
/// largest resources have about 60; looking a member up takes time in proportion to their number.
pub const MEMBERS_MAX: usize = 200;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Member(String),
    /// The index in the merged array.
    Item(usize),
}

/// Where an element is in the merged resource: `name[0].family`. The resource itself is the empty path, and a choice
/// of types is named as FHIR names it: `value[x]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// True for the resource itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if at == 0 => formatter.write_str(name)?,
                Step::Member(name) => write!(formatter, ".{name}")?,
                Step::Item(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What several versions make together.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// For showing. At a conflict it holds the base's value where there is one (MRG-07); none: deleted or empty.
    pub value: Option<Json>,
    /// Elements that the heads changed in different ways, in the order of the document, each with what every head
    /// holds there, in the order of the heads given; none: removed. Where several members form one unit, a head's
    /// value is an object of those members.
    pub conflicts: Vec<(Path, Vec<Option<Json>>)>,
}

/// Merges the `heads` of one resource over the version they have in common. A head that is none is a deletion; a
/// base that is none is an empty resource. Without heads the result is the base.
///
/// The order of `heads` changes nothing but the order of each conflict's alternatives.
pub fn merge(base: Option<&Json>, heads: &[Option<&Json>]) -> Merged {
    run(base, heads, Purpose::Show)
}

/// Merges ancestors into a base for versions that descend from all of them. What is in conflict is absent from it, so
/// that descendants who differ there are in conflict, and no side counts as unchanged (MRG-04).
pub(crate) fn merge_ancestors(base: Option<&Json>, ancestors: &[Option<&Json>]) -> Option<Json> {
    run(base, ancestors, Purpose::Base).value
}

/// Merges as [`merge`] does and takes, at each conflict, what the head of that index holds.
pub(crate) fn merge_taking(base: Option<&Json>, heads: &[Option<&Json>], taken: usize) -> Option<Json> {
    run(base, heads, Purpose::Take(taken)).value
}

/// What one version holds at the element in question.
type Side<'a> = Option<&'a Json>;

/// What stands at a conflict.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// What is shown until a person has decided.
    Show,
    /// The side of one head.
    Take(usize),
    /// Nothing.
    Base,
}

fn run(base: Side<'_>, heads: &[Side<'_>], purpose: Purpose) -> Merged {
    // MRG-01: all that follows sees the heads in the order of their texts, so the caller's order cannot matter.
    let mut ordered: Vec<(Option<String>, usize, Side<'_>)> =
        heads.iter().enumerate().map(|(at, head)| (head.map(Json::to_text), at, *head)).collect();
    ordered.sort_by(|a, b| a.0.cmp(&b.0));
    let sides: Vec<Side<'_>> = ordered.iter().map(|(_, _, side)| *side).collect();

    let purpose = match purpose {
        Purpose::Take(given) => Purpose::Take(ordered.iter().position(|(_, at, _)| *at == given).unwrap_or(given)),
        other => other,
    };

    let mut merger = Merger { purpose, path: Vec::new(), conflicts: Vec::new(), covered: purpose != Purpose::Show };
    let value = merger.element(base, &sides);

    let as_given = |alternatives: Vec<Option<Json>>| -> Vec<Option<Json>> {
        let mut placed: Vec<_> = ordered.iter().map(|(_, at, _)| *at).zip(alternatives).collect();
        placed.sort_by_key(|(at, _)| *at);
        placed.into_iter().map(|(_, value)| value).collect()
    };
    let conflicts = merger.conflicts.into_iter().map(|(path, values)| (path, as_given(values))).collect();
    Merged { value, conflicts }
}

struct Merger {
    purpose: Purpose,
    path: Vec<Step>,
    conflicts: Vec<(Path, Vec<Option<Json>>)>,
    /// True while an outer conflict lists everything that could be listed.
    covered: bool,
}

impl Merger {
    fn element(&mut self, base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
        if let Some(side) = agreed(base, heads) {
            return side.cloned();
        }
        let mut changed = heads.iter().copied().filter(|head| !same(*head, base));
        if changed.clone().any(|head| head.is_none()) {
            self.removed(base, heads)
        } else if changed.clone().flatten().all(|head| head.as_object().is_some()) {
            self.object(base, heads)
        } else if changed.all(|head| head.and_then(Json::as_array).is_some()) {
            self.array(base, heads)
        } else {
            self.conflict(heads, shown(base, heads))
        }
    }

    /// MRG-08: one head removed what another changed. The change stays
    /// in sight. A deleted resource is this at the root.
    fn removed(&mut self, base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
        let present: Vec<Side<'_>> = heads.iter().map(|head| head.or(base)).collect();
        let covered = std::mem::replace(&mut self.covered, true);
        let kept = self.element(base, &present);
        self.covered = covered;
        self.conflict(heads, kept)
    }

    fn object(&mut self, base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
        let names = names(base, heads);
        // MRG-19, MRG-14, MRG-15
        if names.len() > MEMBERS_MAX || elements::is_atom(&names) || !is_one_thing(base, heads, &names) {
            return self.conflict(heads, shown(base, heads));
        }
        // MRG-06
        let mut merged = Object::default();
        for unit in elements::units(&names) {
            if self.in_meta() && elements::STAMPS.contains(&unit.label.as_str()) {
                stamp(&unit, base, heads, &mut merged);
            } else {
                self.unit(&unit, base, heads, &mut merged);
            }
        }
        // MRG-17
        (!merged.is_empty()).then_some(Json::Object(merged))
    }

    /// Members that belong together: merged on their own where only one of them changed, else all or nothing
    /// (MRG-12, MRG-13).
    fn unit(&mut self, unit: &Unit<'_>, base: Side<'_>, heads: &[Side<'_>], merged: &mut Object) {
        let is_changed = |name: &str| heads.iter().any(|head| !same(member(*head, name), member(base, name)));
        let changed: Vec<&str> = unit.names.iter().copied().filter(|name| is_changed(name)).collect();
        if changed.len() > 1 || changed.iter().any(|name| unit.has_twin(name)) {
            let parts: Vec<Option<Json>> = heads.iter().map(|head| part(unit, *head)).collect();
            let parts: Vec<Side<'_>> = parts.iter().map(Option::as_ref).collect();
            let base = part(unit, base);
            let whole = self.at(Step::Member(unit.label.clone()), |merger| merger.whole(base.as_ref(), &parts));
            for (name, value) in whole.iter().filter_map(Json::as_object).flat_map(|members| members.iter()) {
                merged.insert(name, value.clone());
            }
            return;
        }
        for name in unit.names.iter().copied() {
            let value = if changed.contains(&name) {
                let (base, heads) = (member(base, name), members(heads, name));
                self.at(Step::Member(name.to_owned()), |merger| {
                    // MRG-11
                    if elements::is_sequence(name) { merger.whole(base, &heads) } else { merger.element(base, &heads) }
                })
            } else {
                member(base, name).cloned()
            };
            if let Some(value) = value {
                merged.insert(name, value);
            }
        }
    }

    /// Never looks inside: one head's value, or a conflict.
    fn whole(&mut self, base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
        match agreed(base, heads) {
            Some(side) => side.cloned(),
            None => self.conflict(heads, shown(base, heads)),
        }
    }

    /// MRG-09: items that stand for the same item of the base are merged. MRG-10: what the heads inserted is combined.
    fn array(&mut self, base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
        let mut keys = Keys::default();
        let base_items = keys.items(items(base));
        let alignments: Option<Vec<Alignment<'_>>> =
            heads.iter().map(|head| align(&base_items, &keys.items(items(*head)))).collect();
        let Some(alignments) = alignments else {
            // MRG-19
            return self.conflict(heads, shown(base, heads));
        };

        let mut merged = Vec::new();
        let mut inserted: HashMap<usize, usize> = HashMap::new();
        let mut inserted_by: HashMap<(usize, usize), usize> = HashMap::new();
        for gap in 0..=base_items.len() {
            for (head, alignment) in alignments.iter().enumerate() {
                for item in alignment.inserted.get(gap).into_iter().flatten() {
                    // An item that two heads inserted is one item; one that a head inserted twice is two.
                    let by_head = inserted_by.entry((head, item.key)).or_default();
                    let by_all = inserted.entry(item.key).or_default();
                    *by_head += 1;
                    if *by_head > *by_all {
                        *by_all += 1;
                        merged.push(item.value.clone());
                    }
                }
            }
            if let Some(item) = base_items.get(gap) {
                let sides: Vec<Side<'_>> =
                    alignments.iter().map(|alignment| alignment.counterparts.get(gap).copied().flatten()).collect();
                let value = self.at(Step::Item(merged.len()), |merger| merger.element(Some(item.value), &sides));
                merged.extend(value);
            }
        }
        // MRG-17
        (!merged.is_empty()).then_some(Json::Array(merged))
    }

    /// MRG-07: lists what every head holds, so that nothing is lost (MRG-20), and gives what is shown meanwhile.
    fn conflict(&mut self, heads: &[Side<'_>], shown: Option<Json>) -> Option<Json> {
        if !self.covered {
            self.conflicts.push((Path(self.path.clone()), heads.iter().map(|head| head.cloned()).collect()));
        }
        match (self.purpose, self.path.last()) {
            (Purpose::Show, _) => shown,
            (Purpose::Take(head), _) => heads.get(head).and_then(|head| head.cloned()),
            // MRG-04: an item keeps its place in the array, so that the descendants' items still align with it.
            (Purpose::Base, Some(Step::Item(_))) => Some(Json::Null),
            (Purpose::Base, _) => None,
        }
    }

    fn at<T>(&mut self, step: Step, merge: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let merged = merge(self);
        self.path.pop();
        merged
    }

    fn in_meta(&self) -> bool {
        matches!(self.path.last(), Some(Step::Member(name)) if name == "meta")
    }
}

/// MRG-05: the one value that the heads changed the base to, or the base where none changed it; none where they
/// changed it in different ways.
fn agreed<'a>(base: Side<'a>, heads: &[Side<'a>]) -> Option<Side<'a>> {
    let mut changed = heads.iter().copied().filter(|head| !same(*head, base));
    let Some(first) = changed.next() else { return Some(base) };
    changed.all(|head| same(head, first)).then_some(first)
}

/// MRG-07 and MRG-08: what is shown where whole values are in conflict. A change is shown rather than a removal, the
/// base rather than one of several changes, and the least text where there is no base.
fn shown(base: Side<'_>, heads: &[Side<'_>]) -> Option<Json> {
    let present: Vec<Side<'_>> = heads.iter().map(|head| head.or(base)).collect();
    if let Some(side) = agreed(base, &present) {
        return side.cloned();
    }
    // A null base is an item in conflict among the ancestors (MRG-04), or no value either way.
    let base = base.filter(|base| **base != Json::Null);
    base.or_else(|| present.iter().copied().flatten().min_by_key(|value| value.to_text())).cloned()
}

/// MRG-15: whether all heads that edited this object still speak of the same thing. `meta` does not count as an edit.
fn is_one_thing(base: Side<'_>, heads: &[Side<'_>], names: &[&str]) -> bool {
    let is_edited = |head: Side<'_>| {
        let mut names = names.iter().filter(|name| **name != "meta");
        names.any(|name| !same(member(head, name), member(base, name)))
    };
    let mut edited = heads.iter().copied().filter(|head| is_edited(*head));
    let Some(first) = edited.next() else { return true };
    edited.all(|head| elements::IDENTITY.iter().all(|name| same(member(head, name), member(first, name))))
}

/// MRG-16: a stamp of the server that stored a version is left out where the heads carry different ones.
fn stamp(unit: &Unit<'_>, base: Side<'_>, heads: &[Side<'_>], merged: &mut Object) {
    for name in unit.names.iter().copied() {
        if let Some(Some(value)) = agreed(member(base, name), &members(heads, name)) {
            merged.insert(name, value.clone());
        }
    }
}

/// The names of the members of all sides: those of the base first, each in the order of its object.
fn names<'a>(base: Side<'a>, heads: &[Side<'a>]) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    std::iter::once(base)
        .chain(heads.iter().copied())
        .filter_map(|side| side.and_then(Json::as_object))
        .flat_map(|object| object.iter())
        .map(|(name, _)| name)
        .filter(|name| seen.insert(*name))
        .collect()
}

fn member<'a>(side: Side<'a>, name: &str) -> Side<'a> {
    side?.get(name)
}

fn members<'a>(heads: &[Side<'a>], name: &str) -> Vec<Side<'a>> {
    heads.iter().map(|head| member(*head, name)).collect()
}

fn items<'a>(side: Side<'a>) -> &'a [Json] {
    side.and_then(Json::as_array).unwrap_or_default()
}

/// The members of one unit as an object of their own; none where the side has none of them.
fn part(unit: &Unit<'_>, side: Side<'_>) -> Option<Json> {
    let mut members = Object::default();
    for name in unit.names.iter().copied() {
        if let Some(value) = member(side, name) {
            members.insert(name, value.clone());
        }
    }
    (!members.is_empty()).then_some(Json::Object(members))
}
