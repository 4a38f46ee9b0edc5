//! Who has access after an entry, as a function of its causal past.
//!
//! Grants add; a rekey replaces the whole list. Where two lines of history meet, the one that knows more rekeys
//! prevails; where each knows a rekey that the other does not, only what both allow remains: taking away wins.

use super::Grants;
use crate::directory::{Directory, Position};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use wardbook_wire::entry::KeyCheck;
use wardbook_wire::{Access, EntryHeader, EntryId, EntryKind, Grantee, MemberId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessState {
    grants: Grants,
    /// Genesis and all rekeys of the causal past with the key that each made.
    rekeys: BTreeMap<EntryId, KeyCheck>,
    /// Keys that no later rekey has replaced.
    current: BTreeSet<KeyCheck>,
    epoch: u64,
}

impl AccessState {
    /// The state where several lines of history meet. Independent of their order.
    pub(super) fn join(states: &[Rc<Self>]) -> Rc<Self> {
        match states {
            [] => Rc::default(),
            [one] => one.clone(),
            [first, rest @ ..] if rest.iter().all(|state| state == first) => first.clone(),
            _ => Rc::new(Self::join_different(states)),
        }
    }

    fn join_different(states: &[Rc<Self>]) -> Self {
        let subset =
            |a: &Self, b: &Self| a.rekeys.len() < b.rekeys.len() && a.rekeys.keys().all(|id| b.rekeys.contains_key(id));
        let latest: Vec<&Self> =
            states.iter().map(Rc::as_ref).filter(|state| !states.iter().any(|other| subset(state, other))).collect();
        // Lines that know the same rekeys: grants add up.
        let mut lines = BTreeMap::<Vec<EntryId>, Grants>::new();
        for state in &latest {
            let grants = lines.entry(state.rekeys.keys().copied().collect()).or_default();
            for (grantee, access) in &state.grants {
                let held = grants.entry(*grantee).or_insert(*access);
                *held = (*held).max(*access);
            }
        }
        // Lines that know different rekeys: what all of them allow.
        let mut lines = lines.into_values();
        let first = lines.next().unwrap_or_default();
        let grants = lines.fold(first, |held, other| {
            held.into_iter()
                .filter_map(|(grantee, access)| Some((grantee, access.min(*other.get(&grantee)?))))
                .collect()
        });
        let replaced = |key: &KeyCheck| states.iter().any(|state| state.has_key(key) && !state.current.contains(key));
        Self {
            grants,
            current: latest.iter().flat_map(|state| &state.current).filter(|key| !replaced(key)).copied().collect(),
            rekeys: states.iter().flat_map(|state| &state.rekeys).map(|(id, key)| (*id, *key)).collect(),
            epoch: states.iter().map(|state| state.epoch).max().unwrap_or(0),
        }
    }

    /// The state after an entry that was found valid.
    pub(super) fn after(self: &Rc<Self>, id: EntryId, header: &EntryHeader) -> Rc<Self> {
        let mut next = match header.kind {
            EntryKind::Change | EntryKind::Admit | EntryKind::Reject => return self.clone(),
            EntryKind::Grant => Self::clone(self),
            EntryKind::Genesis | EntryKind::Rekey => Self {
                grants: Grants::new(),
                rekeys: self.rekeys.iter().map(|(id, key)| (*id, *key)).chain([(id, header.key)]).collect(),
                current: BTreeSet::from([header.key]),
                epoch: header.epoch,
            },
        };
        for grant in &header.grants {
            let held = next.grants.entry(grant.to).or_insert(grant.access);
            *held = (*held).max(grant.access);
        }
        Rc::new(next)
    }

    /// The access of a person as of a position of the directory.
    pub fn access_of(&self, directory: &Directory, member: MemberId, position: Position) -> Option<Access> {
        access_in(&self.grants, directory, member, position)
    }

    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Keys to write under: one, or several after rekeys made apart. Ascending.
    pub fn current_keys(&self) -> impl Iterator<Item = KeyCheck> {
        self.current.iter().copied()
    }

    pub(super) fn has_key(&self, key: &KeyCheck) -> bool {
        self.rekeys.values().any(|held| held == key)
    }

    /// True if that rekey is in the causal past.
    pub(super) fn follows(&self, rekey: &EntryId) -> bool {
        self.rekeys.contains_key(rekey)
    }

    /// True if a rekey names exactly those who have access, without people who have left the organisation.
    pub(super) fn has_same_grants(&self, header: &EntryHeader, directory: &Directory, position: Position) -> bool {
        remaining(&self.grants, directory, position)
            .into_iter()
            .eq(header.grants.iter().map(|grant| (grant.to, grant.access)))
    }
}

/// The access that grants give a person, by themself or through a team, as of a position of the directory.
pub fn access_in(grants: &Grants, directory: &Directory, member: MemberId, position: Position) -> Option<Access> {
    directory.role_at(member, position)?;
    let holds = |grantee: &Grantee| match grantee {
        Grantee::Member(id) => *id == member,
        Grantee::Team(team) => directory.in_team_at(*team, member, position),
    };
    grants.iter().filter(|(grantee, _)| holds(grantee)).map(|(_, access)| *access).max()
}

/// Grants without people who have left the organisation.
pub fn remaining(grants: &Grants, directory: &Directory, position: Position) -> Grants {
    let left = |to: &Grantee| matches!(to, Grantee::Member(id) if directory.role_at(*id, position).is_none());
    grants.iter().filter(|(to, _)| !left(to)).map(|(to, access)| (*to, *access)).collect()
}
