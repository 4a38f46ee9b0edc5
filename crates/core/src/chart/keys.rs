//! Handing chart keys over, and collecting the ones that a member can open.
//!
//! ```text
//! to a member:        HPKE to their key,         context [org, ChartKeyToMember, key check, epoch, 0]
//! to a team (author is in it):  box under the team secret, context [org, ChartKeyToTeam, key check, team epoch, 0]
//! to a team (author is not):    HPKE to the team's key,     the same context
//! older key:          box under the newer key,   context [org, ChartKeyPrevious, newer ‖ older key check, epoch, 0]
//! ```

use super::ChartLog;
use crate::OpenError;
use crate::directory::Directory;
use crate::envelope::{self, Context, Kind};
use crate::hpke_seal::{open_with, seal_to};
use crate::keys::{ChartKey, ParentKey, SealingKey, TeamSecret};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use wardbook_wire::entry::{KeyCheck, KeyTo, PreviousKey};
use wardbook_wire::statement::SealedBytes;
use wardbook_wire::{Access, Grant, Grantee, MemberId, OrgId, TeamId};

/// Whose keys are tried.
#[derive(Clone, Copy)]
pub struct KeyHolder<'a> {
    pub member: MemberId,
    pub sealing: &'a SealingKey,
    /// Replaced by [`KeyHolder::sealing`]; what was sealed to them still opens.
    pub earlier: &'a [SealingKey],
    pub teams: &'a BTreeMap<(TeamId, u64), TeamSecret>,
}

/// The team epoch that a grant's key was sealed under; 0 for a person.
pub(super) fn team_epoch(key: &KeyTo) -> u64 {
    match key {
        KeyTo::Member(_) => 0,
        KeyTo::Team { epoch, .. } | KeyTo::TeamSecret { epoch, .. } => *epoch,
    }
}

/// Seals a chart key to each grantee.
///
/// # Errors
/// A grantee that the directory does not know.
pub fn seal_grants(
    directory: &Directory,
    by: KeyHolder<'_>,
    key: &ChartKey,
    epoch: u64,
    grants: impl IntoIterator<Item = (Grantee, Access)>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Grant>, OpenError> {
    let check = key.check();
    let mut sealed = Vec::new();
    for (to, access) in grants {
        let key = match to {
            Grantee::Member(member) => {
                let to = &directory.member(&member).ok_or(OpenError)?.seal_key;
                KeyTo::Member(seal_to(to, &to_member(directory.org(), &check, epoch), key.expose(), rng)?)
            }
            Grantee::Team(id) => {
                let team = directory.team(&id).ok_or(OpenError)?;
                let epoch = team.epoch();
                let context = to_team(directory.org(), &check, epoch);
                match by.teams.get(&(id, epoch)) {
                    Some(secret) => {
                        let sealed = SealedBytes(envelope::seal(secret, &context, key.expose(), rng));
                        KeyTo::TeamSecret { epoch, sealed }
                    }
                    None => {
                        let to = team.seal_key(epoch).ok_or(OpenError)?;
                        KeyTo::Team { epoch, sealed: seal_to(to, &context, key.expose(), rng)? }
                    }
                }
            }
        };
        sealed.push(Grant { to, access, key });
    }
    sealed.sort_by_key(|grant| grant.to);
    Ok(sealed)
}

/// A fresh key that opens the ones before it. A replaced key that its maker does not hold (its last holder handed out
/// something else) is named without being opened, so that a chart can be repaired.
pub fn new_epoch_key(
    org: OrgId,
    epoch: u64,
    replaced: &BTreeMap<KeyCheck, Option<&ChartKey>>,
    rng: &mut impl CryptoRng,
) -> (ChartKey, Vec<PreviousKey>) {
    let key = ChartKey::generate(rng);
    let mut previous = Vec::with_capacity(replaced.len());
    for (check, old) in replaced {
        let id = pair(&key.check(), check);
        let sealed =
            old.map(|old| envelope::seal(&key, &older(org, &id, epoch), old.expose(), rng)).unwrap_or_default();
        previous.push(PreviousKey { key: *check, sealed: SealedBytes(sealed) });
    }
    (key, previous)
}

/// Adds every chart key of the log that the holder can open, the newest first and older ones through it.
///
/// A key counts only if it has the check that the signed header names (ENT-09): nobody can be given another key than
/// the other readers.
pub fn open_chart_keys(log: &ChartLog, org: OrgId, holder: KeyHolder<'_>, held: &mut BTreeMap<KeyCheck, ChartKey>) {
    for (entry, _) in log.entries().collect::<Vec<_>>().into_iter().rev() {
        let header = entry.header();
        if let std::collections::btree_map::Entry::Vacant(e) = held.entry(header.key) {
            let opened =
                header.grants.iter().find_map(|grant| open_grant(org, header.epoch, &header.key, grant, holder));
            if let Some(key) = opened {
                e.insert(key);
            }
        }
        for previous in &header.previous {
            let Some(newer) = held.get(&header.key).filter(|_| !held.contains_key(&previous.key)) else { continue };
            let id = pair(&header.key, &previous.key);
            let opened = envelope::open(newer, &older(org, &id, header.epoch), &previous.sealed.0).ok();
            let opened =
                opened.and_then(|bytes| ChartKey::from_slice(&bytes)).filter(|key| key.check() == previous.key);
            if let Some(key) = opened {
                held.insert(previous.key, key); // ENT-09
            }
        }
    }
}

fn open_grant(org: OrgId, epoch: u64, check: &KeyCheck, grant: &Grant, holder: KeyHolder<'_>) -> Option<ChartKey> {
    let bytes = match (&grant.to, &grant.key) {
        (Grantee::Member(member), KeyTo::Member(sealed)) if *member == holder.member => {
            let keys = std::iter::once(holder.sealing).chain(holder.earlier);
            let context = to_member(org, check, epoch);
            keys.into_iter().find_map(|key| open_with(key, &context, sealed).ok())?.to_vec()
        }
        (Grantee::Team(team), KeyTo::Team { epoch, sealed }) => {
            let secret = holder.teams.get(&(*team, *epoch))?;
            open_with(&secret.sealing_key(), &to_team(org, check, *epoch), sealed).ok()?.to_vec()
        }
        (Grantee::Team(team), KeyTo::TeamSecret { epoch, sealed }) => {
            let secret = holder.teams.get(&(*team, *epoch))?;
            envelope::open(secret, &to_team(org, check, *epoch), &sealed.0).ok()?.to_vec()
        }
        _ => return None,
    };
    let bytes = zeroize::Zeroizing::new(bytes);
    ChartKey::from_slice(&bytes).filter(|key| key.check() == *check) // ENT-09
}

fn to_member(org: OrgId, check: &KeyCheck, epoch: u64) -> Context<'_> {
    Context { org, kind: Kind::ChartKeyToMember, id: &check.0, epoch, position: 0 }
}

fn to_team(org: OrgId, check: &KeyCheck, team_epoch: u64) -> Context<'_> {
    Context { org, kind: Kind::ChartKeyToTeam, id: &check.0, epoch: team_epoch, position: 0 }
}

fn older(org: OrgId, pair: &[u8; 64], epoch: u64) -> Context<'_> {
    Context { org, kind: Kind::ChartKeyPrevious, id: pair, epoch, position: 0 }
}

fn pair(newer: &KeyCheck, older: &KeyCheck) -> [u8; 64] {
    let mut id = [0; 64];
    let (left, right) = id.split_at_mut(32);
    left.copy_from_slice(&newer.0);
    right.copy_from_slice(&older.0);
    id
}
