//! Who could open a key, by the public headers alone: an upper bound that knows nothing of the rules for writing.
//!
//! ```text
//! key ◄── granted to a member
//! key ◄── granted to a team at an epoch ◄── whoever held the team's secret of that epoch or a later one
//! key ◄── named by a newer key as what it replaces ◄── whoever could open the newer key
//! ```

use crate::model::HeldEntry;
use std::collections::{BTreeMap, BTreeSet};
use wardbook_wire::directory::Directory;
use wardbook_wire::entry::{KeyCheck, KeyTo};
use wardbook_wire::{Grantee, MemberId};

/// For each key of a chart, everybody who could open it.
pub fn holders(entries: &[HeldEntry], directory: &Directory) -> BTreeMap<KeyCheck, BTreeSet<MemberId>> {
    let mut holders = BTreeMap::<KeyCheck, BTreeSet<MemberId>>::new();
    for entry in entries {
        let held = holders.entry(entry.header.key).or_default();
        for grant in &entry.header.grants {
            match (grant.to, &grant.key) {
                (Grantee::Member(member), _) => {
                    held.insert(member);
                }
                (Grantee::Team(team), KeyTo::Team { epoch, .. } | KeyTo::TeamSecret { epoch, .. }) => {
                    held.extend(directory.team(&team).into_iter().flat_map(|team| team.holders_since(*epoch)));
                }
                (Grantee::Team(_), KeyTo::Member(_)) => {}
            }
        }
    }
    // As often as there are keys at most: each round carries every holder one key further back.
    for _ in 0..=entries.len() {
        let before: usize = holders.values().map(BTreeSet::len).sum();
        for entry in entries {
            let newer = holders.get(&entry.header.key).cloned().unwrap_or_default();
            for previous in entry.header.previous.iter().filter(|previous| !previous.sealed.0.is_empty()) {
                holders.entry(previous.key).or_default().extend(newer.iter().copied());
            }
        }
        if holders.values().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    holders
}
