//! Team secrets: making, handing over and opening them, epoch by epoch.

use super::{Directory, Team};
use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::hpke_seal::{open_with, seal_to};
use crate::keys::{ParentKey, SealingKey, TeamSecret};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use wardbook_wire::directory::Epoch;
use wardbook_wire::statement::{SealKey, SealedBytes, SealedSecret, TeamEpoch};
use wardbook_wire::{MemberId, OrgId, TeamId};

/// Makes a team's next epoch (or its first, without `previous`) for those members.
///
/// # Errors
/// HPK-01: a member's sealing key is malformed.
pub fn seal_team_epoch(
    directory: &Directory,
    team: TeamId,
    name: Vec<u8>,
    members: &[MemberId],
    (secret, previous): (&TeamSecret, Option<&TeamSecret>),
    rng: &mut impl CryptoRng,
) -> Result<TeamEpoch, OpenError> {
    let org = directory.org();
    let epoch = directory.team(&team).map_or(0, Team::epoch) + 1;
    let mut members = members.to_vec();
    members.sort_unstable();
    members.dedup();
    let mut secrets = Vec::with_capacity(members.len());
    for member in members {
        secrets.push(seal_secret(directory, team, epoch, member, secret, rng)?);
    }
    let previous = previous.map(|old| {
        SealedBytes(envelope::seal(secret, &context(org, &team, Kind::TeamSecretPrevious, epoch), old.expose(), rng))
    });
    Ok(TeamEpoch { team, epoch, seal_key: secret.sealing_key().public().clone(), name, secrets, previous })
}

/// Seals a team's current secret to somebody who joins.
///
/// # Errors
/// HPK-01, or an unknown member or team.
pub fn seal_team_join(
    directory: &Directory,
    team: TeamId,
    member: MemberId,
    secret: &TeamSecret,
    rng: &mut impl CryptoRng,
) -> Result<SealedSecret, OpenError> {
    let epoch = directory.team(&team).ok_or(OpenError)?.epoch();
    seal_secret(directory, team, epoch, member, secret, rng)
}

/// Seals a team's secret to somebody who is not in the directory yet: what a newcomer does for themself.
///
/// # Errors
/// HPK-01.
pub fn seal_team_secret(
    org: OrgId,
    (team, epoch): (TeamId, u64),
    (member, to): (MemberId, &SealKey),
    secret: &TeamSecret,
    rng: &mut impl CryptoRng,
) -> Result<SealedSecret, OpenError> {
    let context = context(org, &team, Kind::TeamSecretToMember, epoch);
    Ok(SealedSecret { member, sealed: seal_to(to, &context, secret.expose(), rng)? })
}

fn seal_secret(
    directory: &Directory,
    team: TeamId,
    epoch: u64,
    member: MemberId,
    secret: &TeamSecret,
    rng: &mut impl CryptoRng,
) -> Result<SealedSecret, OpenError> {
    let to = &directory.member(&member).ok_or(OpenError)?.seal_key;
    seal_team_secret(directory.org(), (team, epoch), (member, to), secret, rng)
}

/// Adds to `held` every team secret that this member can open and does not hold yet. True if there was any.
///
/// A secret counts only if the team's sealing key of that epoch follows from it (TEAM-01), so a secret of somebody's
/// own making is not taken.
pub fn open_team_secrets(
    directory: &Directory,
    member: MemberId,
    sealing: &SealingKey,
    held: &mut BTreeMap<(TeamId, u64), TeamSecret>,
) -> bool {
    let before = held.len();
    for team in directory.teams() {
        let mut newer: Option<&Epoch> = None;
        for epoch in team.epochs().rev() {
            if !held.contains_key(&(team.id, epoch.number)) {
                let secret = open_sealed(directory.org(), team, epoch, member, sealing)
                    .or_else(|| open_previous(directory.org(), team, newer?, held))
                    .filter(|secret| secret.sealing_key().public() == &epoch.seal_key); // TEAM-01
                if let Some(secret) = secret {
                    held.insert((team.id, epoch.number), secret);
                }
            }
            newer = Some(epoch);
        }
    }
    held.len() > before
}

fn open_sealed(org: OrgId, team: &Team, epoch: &Epoch, member: MemberId, sealing: &SealingKey) -> Option<TeamSecret> {
    let sealed = epoch.sealed_to(&member)?;
    let context = context(org, &team.id, Kind::TeamSecretToMember, epoch.number);
    TeamSecret::from_slice(open_with(sealing, &context, sealed).ok()?.as_slice())
}

fn open_previous(
    org: OrgId,
    team: &Team,
    newer: &Epoch,
    held: &BTreeMap<(TeamId, u64), TeamSecret>,
) -> Option<TeamSecret> {
    let secret = held.get(&(team.id, newer.number))?;
    let context = context(org, &team.id, Kind::TeamSecretPrevious, newer.number);
    TeamSecret::from_slice(&envelope::open(secret, &context, &newer.previous.as_ref()?.0).ok()?)
}

fn context(org: OrgId, team: &TeamId, kind: Kind, epoch: u64) -> Context<'_> {
    Context { org, kind, id: team.as_bytes(), epoch, position: 0 }
}
