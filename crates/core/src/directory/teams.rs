//! Teams: who shares charts with whom, and the secret that opens them, epoch by epoch.

use super::{Directory, Member, Position};
use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::hpke_seal::{open_with, seal_to};
use crate::keys::{ParentKey, SealingKey, TeamSecret};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use wardbook_wire::statement::{SealKey, SealedBytes, SealedSecret, TeamEpoch};
use wardbook_wire::{MemberId, OrgId, TeamId};

#[derive(Clone, Debug)]
pub struct Team {
    pub id: TeamId,
    epochs: Vec<Epoch>,
}

/// One epoch: from its first statement until the next epoch's.
#[derive(Clone, Debug)]
struct Epoch {
    number: u64,
    from: Position,
    seal_key: SealKey,
    name: Vec<u8>,
    members: BTreeMap<MemberId, (Position, SealedBytes)>,
    previous: Option<SealedBytes>,
}

impl Team {
    /// DIR-06: epoch 1, nothing before it, known members in ascending order.
    pub(super) fn create(new: TeamEpoch, at: Position, members: &BTreeMap<MemberId, Member>) -> Option<Self> {
        let id = new.team;
        let first = new.epoch == 1 && new.previous.is_none();
        Some(Self { id, epochs: vec![Epoch::new(new, at, members).filter(|_| first)?] })
    }

    /// DIR-06: somebody known who is not in the team yet.
    pub(super) fn add(
        &mut self,
        secret: SealedSecret,
        at: Position,
        members: &BTreeMap<MemberId, Member>,
    ) -> Option<()> {
        let known = members.get(&secret.member).is_some_and(|member| member.role_at(at).is_some());
        let epoch = self.epochs.last_mut()?;
        if !known || epoch.members.contains_key(&secret.member) {
            return None;
        }
        epoch.members.insert(secret.member, (at, secret.sealed));
        Some(())
    }

    /// DIR-06: the next epoch. An admin outside the team cannot hand the secret before it on: then those who join later do
    /// not open it, and those who were in the team have it already.
    pub(super) fn rekey(&mut self, new: TeamEpoch, at: Position, members: &BTreeMap<MemberId, Member>) -> Option<()> {
        let next = new.epoch == self.epoch() + 1;
        self.epochs.push(Epoch::new(new, at, members).filter(|_| next)?);
        Some(())
    }

    fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }

    /// The current epoch.
    pub fn epoch(&self) -> u64 {
        self.last().map_or(0, |epoch| epoch.number)
    }

    /// The public sealing key of an epoch.
    pub fn seal_key(&self, epoch: u64) -> Option<&SealKey> {
        self.epochs.iter().find(|held| held.number == epoch).map(|held| &held.seal_key)
    }

    /// The sealed name.
    pub fn name(&self) -> &[u8] {
        self.last().map_or(&[], |epoch| &epoch.name)
    }

    /// The current members.
    pub fn members(&self) -> impl Iterator<Item = MemberId> {
        self.last().into_iter().flat_map(|epoch| epoch.members.keys().copied())
    }

    pub(super) fn has_at(&self, member: MemberId, position: Position) -> bool {
        let epoch = self.epochs.iter().rev().find(|epoch| epoch.from <= position);
        epoch.and_then(|epoch| epoch.members.get(&member)).is_some_and(|(joined, _)| *joined <= position)
    }

    pub(super) fn rekeyed_at(&self) -> impl Iterator<Item = Position> {
        self.epochs.iter().map(|epoch| epoch.from)
    }

    /// Everyone who has held the secret of `epoch`: its members and those of all later epochs, which open it too.
    pub fn holders_since(&self, epoch: u64) -> impl Iterator<Item = MemberId> {
        self.epochs.iter().filter(move |held| held.number >= epoch).flat_map(|held| held.members.keys().copied())
    }
}

impl Epoch {
    fn new(new: TeamEpoch, at: Position, members: &BTreeMap<MemberId, Member>) -> Option<Self> {
        let sorted =
            new.secrets.is_sorted_by(|a, b| a.member < b.member) && new.seal_key.0.len() == super::SEAL_KEY_BYTES;
        let known = |id: &MemberId| members.get(id).is_some_and(|member| member.role_at(at).is_some());
        if !sorted || new.secrets.is_empty() || !new.secrets.iter().all(|item| known(&item.member)) {
            return None;
        }
        Some(Self {
            number: new.epoch,
            from: at,
            seal_key: new.seal_key,
            name: new.name,
            members: new.secrets.into_iter().map(|item| (item.member, (at, item.sealed))).collect(),
            previous: new.previous,
        })
    }
}

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

fn seal_secret(
    directory: &Directory,
    team: TeamId,
    epoch: u64,
    member: MemberId,
    secret: &TeamSecret,
    rng: &mut impl CryptoRng,
) -> Result<SealedSecret, OpenError> {
    let to = &directory.member(&member).ok_or(OpenError)?.seal_key;
    let context = context(directory.org(), &team, Kind::TeamSecretToMember, epoch);
    Ok(SealedSecret { member, sealed: seal_to(to, &context, secret.expose(), rng)? })
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
        for epoch in team.epochs.iter().rev() {
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
    let (_, sealed) = epoch.members.get(&member)?;
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
