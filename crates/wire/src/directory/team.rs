//! Teams: who shares charts with whom, epoch by epoch. Who holds which secret is sealed; who is in a team is not.

use super::{Member, Position, SEAL_KEY_BYTES};
use crate::statement::{SealKey, SealedBytes, SealedSecret, TeamEpoch};
use crate::{MemberId, TeamId};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Team {
    pub id: TeamId,
    epochs: Vec<Epoch>,
}

/// One epoch: from its first statement until the next epoch's.
#[derive(Clone, Debug)]
pub struct Epoch {
    pub number: u64,
    from: Position,
    pub seal_key: SealKey,
    name: Vec<u8>,
    members: BTreeMap<MemberId, (Position, SealedBytes)>,
    /// The secret of the epoch before, sealed under this one's.
    pub previous: Option<SealedBytes>,
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

    /// All epochs, oldest first.
    pub fn epochs(&self) -> impl DoubleEndedIterator<Item = &Epoch> {
        self.epochs.iter()
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
        let sorted = new.secrets.is_sorted_by(|a, b| a.member < b.member) && new.seal_key.0.len() == SEAL_KEY_BYTES;
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

    /// The epoch's secret as it was sealed to one of its members.
    pub fn sealed_to(&self, member: &MemberId) -> Option<&SealedBytes> {
        self.members.get(member).map(|(_, sealed)| sealed)
    }
}
