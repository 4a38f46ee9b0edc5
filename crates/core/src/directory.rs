//! The directory: one chain of signed statements that says who is a member, a device, a team (`spec/directory.md`).
//!
//! [`Directory::apply`] takes a statement only if its author had the right to make it at that point of the chain, so
//! whoever serves the chain can withhold its end but change nothing in it. Everything is kept with the position at
//! which it began and ended, because entries are judged by the directory that their author knew.

mod names;
mod teams;

pub use names::{open_name, seal_name};
pub use teams::{Team, open_team_secrets, seal_team_epoch, seal_team_join};

use crate::keys::SigningKey;
use std::collections::BTreeMap;
use wardbook_wire::statement::{Genesis, NewDevice, NewMember, SealKey};
use wardbook_wire::{
    Act, Author, DeviceId, MemberId, OrgId, Policy, Role, Statement, StatementId, TeamId, Unverified, Verified,
    VerifyKey, WireError,
};

/// An X-Wing public key.
const SEAL_KEY_BYTES: usize = 1216;

/// Number of a statement in the chain, from 0 for the genesis.
pub type Position = u64;

/// Why a statement does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the directory does not start with the genesis of this organisation (DIR-01)")]
    NotGenesis,
    #[error("a statement does not follow the one before it (DIR-02)")]
    NotNext,
    #[error("the author of a statement is not known or has left (DIR-03)")]
    UnknownAuthor,
    #[error("the author of a statement had no right to make it (DIR-04)")]
    NoRight,
    #[error("a statement names somebody or something that is not known, or that exists already (DIR-05)")]
    BadReference,
    #[error("a team's state is not consistent (DIR-06)")]
    BadTeam,
    #[error("an organisation keeps at least one admin (DIR-07)")]
    LastAdmin,
    #[error("a policy is below the floor (DIR-08)")]
    BadPolicy,
}

/// Who is who, after a number of statements.
#[derive(Clone, Debug)]
pub struct Directory {
    org: OrgId,
    chain: Vec<StatementId>,
    positions: BTreeMap<StatementId, Position>,
    root: VerifyKey,
    policy: Policy,
    members: BTreeMap<MemberId, Member>,
    devices: BTreeMap<DeviceId, Device>,
    teams: BTreeMap<TeamId, Team>,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub id: MemberId,
    pub verify_key: VerifyKey,
    pub seal_key: SealKey,
    /// Sealed user and display name.
    pub name: Vec<u8>,
    /// Roles with the position from which each holds; never empty.
    roles: Vec<(Position, Role)>,
    retired: Option<Position>,
}

#[derive(Clone, Debug)]
pub struct Device {
    pub id: DeviceId,
    pub verify_key: VerifyKey,
    pub name: Vec<u8>,
    enrolled: Position,
    retired: Option<Position>,
}

impl Member {
    /// The role as of a position; None before they joined and after they left.
    pub fn role_at(&self, position: Position) -> Option<Role> {
        let left = self.retired.is_some_and(|at| at <= position);
        self.roles.iter().rev().find(|(from, _)| *from <= position).map(|(_, role)| *role).filter(|_| !left)
    }
}

impl Directory {
    /// Makes the genesis of a new organisation; gives its travelling form.
    pub fn genesis(root: &SigningKey, nonce: [u8; 32], policy: Policy) -> Vec<u8> {
        let genesis = Genesis { nonce, root: root.verify_key(), policy };
        root.sign(&Statement { org: None, previous: None, author: Author::Root, act: Act::Genesis(genesis) })
    }

    /// Starts from a genesis.
    ///
    /// # Errors
    /// DIR-01 unless it is a genesis, signed by the root key that it names; DIR-08.
    pub fn start(genesis: &[u8]) -> Result<Self, DirectoryError> {
        let unverified = Unverified::<Statement>::decode(genesis)?;
        let Statement { org: None, previous: None, author: Author::Root, act: Act::Genesis(content) } =
            unverified.peek().clone()
        else {
            return Err(DirectoryError::NotGenesis); // DIR-01
        };
        check_policy(&content.policy)?;
        let id = StatementId(unverified.verify(&content.root)?.digest());
        Ok(Self {
            org: id.into(),
            chain: vec![id],
            positions: BTreeMap::from([(id, 0)]),
            root: content.root,
            policy: content.policy,
            members: BTreeMap::new(),
            devices: BTreeMap::new(),
            teams: BTreeMap::new(),
        })
    }

    /// Signs a statement that follows the current head; gives its travelling form for [`Directory::apply`].
    pub fn sign_next(&self, author: Author, signing: &SigningKey, act: Act) -> Vec<u8> {
        signing.sign(&Statement { org: Some(self.org), previous: Some(self.head()), author, act })
    }

    /// Takes the next statement of the chain. On an error nothing has changed.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<StatementId, DirectoryError> {
        let unverified = Unverified::<Statement>::decode(bytes)?;
        let statement = unverified.peek();
        if statement.org != Some(self.org) || statement.previous != Some(self.head()) {
            return Err(DirectoryError::NotNext); // DIR-02
        }
        let key = match statement.author {
            Author::Root => self.root,
            Author::Member(member) => {
                let member = self.members.get(&member).filter(|member| member.role_at(self.next()).is_some());
                member.ok_or(DirectoryError::UnknownAuthor)?.verify_key // DIR-03
            }
        };
        let verified = unverified.verify(&key)?;
        let id = StatementId(verified.digest());
        self.check_right(&verified)?;
        self.change(verified.into_inner().act)?;
        self.positions.insert(id, self.next());
        self.chain.push(id);
        Ok(id)
    }

    /// DIR-04: admins change the directory; the root key only names the first admin and restores an admin.
    fn check_right(&self, statement: &Verified<Statement>) -> Result<(), DirectoryError> {
        let allowed = match statement.author {
            Author::Member(author) => self.role_at(author, self.next()) == Some(Role::Admin),
            Author::Root => match &statement.act {
                Act::MemberAdd(member) => self.members.is_empty() && member.role == Role::Admin,
                Act::RoleSet { role, .. } => *role == Role::Admin,
                _ => false,
            },
        };
        if allowed { Ok(()) } else { Err(DirectoryError::NoRight) } // DIR-04
    }

    fn change(&mut self, act: Act) -> Result<(), DirectoryError> {
        let at = self.next();
        match act {
            Act::Genesis(_) => return Err(DirectoryError::NotGenesis), // DIR-01
            Act::MemberAdd(new) => self.add_member(new)?,
            Act::MemberRetire { member } => {
                self.check_admin_remains(member)?;
                let member = self.members.get_mut(&member).filter(|member| member.retired.is_none());
                member.ok_or(DirectoryError::BadReference)?.retired = Some(at); // DIR-05
            }
            Act::RoleSet { member, role } => {
                if role != Role::Admin {
                    self.check_admin_remains(member)?;
                }
                let member = self.members.get_mut(&member).filter(|member| member.retired.is_none());
                member.ok_or(DirectoryError::BadReference)?.roles.push((at, role)); // DIR-05
            }
            Act::DeviceEnrol(new) => self.enrol(new)?,
            Act::DeviceRetire { device } => {
                let device = self.devices.get_mut(&device).filter(|device| device.retired.is_none());
                device.ok_or(DirectoryError::BadReference)?.retired = Some(at); // DIR-05
            }
            Act::TeamCreate(epoch) => {
                let fresh = !self.teams.contains_key(&epoch.team);
                let team = Team::create(epoch, at, &self.members).filter(|_| fresh);
                let team = team.ok_or(DirectoryError::BadTeam)?; // DIR-06
                self.teams.insert(team.id, team);
            }
            Act::TeamAdd { team, secret } => {
                let team = self.teams.get_mut(&team).ok_or(DirectoryError::BadReference)?;
                team.add(secret, at, &self.members).ok_or(DirectoryError::BadTeam)?; // DIR-06
            }
            Act::TeamRekey(epoch) => {
                let team = self.teams.get_mut(&epoch.team).ok_or(DirectoryError::BadReference)?;
                team.rekey(epoch, at, &self.members).ok_or(DirectoryError::BadTeam)?; // DIR-06
            }
            Act::PolicySet(policy) => {
                check_policy(&policy)?;
                self.policy = policy;
            }
        }
        Ok(())
    }

    fn add_member(&mut self, new: NewMember) -> Result<(), DirectoryError> {
        let key_in_use = self.members.values().any(|held| held.verify_key == new.verify_key);
        if self.members.contains_key(&new.member) || key_in_use || new.seal_key.0.len() != SEAL_KEY_BYTES {
            return Err(DirectoryError::BadReference); // DIR-05
        }
        let NewMember { member: id, role, verify_key, seal_key, name } = new;
        let roles = vec![(self.next(), role)];
        self.members.insert(id, Member { id, verify_key, seal_key, name, roles, retired: None });
        Ok(())
    }

    fn enrol(&mut self, new: NewDevice) -> Result<(), DirectoryError> {
        let key_in_use = self.devices.values().any(|held| held.verify_key == new.verify_key);
        if self.devices.contains_key(&new.device) || key_in_use || new.seal_key.0.len() != SEAL_KEY_BYTES {
            return Err(DirectoryError::BadReference); // DIR-05
        }
        let NewDevice { device: id, verify_key, name, .. } = new;
        self.devices.insert(id, Device { id, verify_key, name, enrolled: self.next(), retired: None });
        Ok(())
    }

    fn check_admin_remains(&self, without: MemberId) -> Result<(), DirectoryError> {
        let is_admin = |member: &&Member| member.role_at(self.next()) == Some(Role::Admin);
        let remains = self.members.values().filter(is_admin).any(|member| member.id != without);
        if remains { Ok(()) } else { Err(DirectoryError::LastAdmin) } // DIR-07
    }

    pub fn org(&self) -> OrgId {
        self.org
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn root(&self) -> &VerifyKey {
        &self.root
    }

    /// The latest statement.
    pub fn head(&self) -> StatementId {
        self.chain.last().copied().unwrap_or(StatementId(self.org.0))
    }

    /// The position of the head.
    pub fn now(&self) -> Position {
        self.next() - 1
    }

    fn next(&self) -> Position {
        self.chain.len() as Position
    }

    /// Ids of all statements, from the genesis on.
    pub fn chain(&self) -> &[StatementId] {
        &self.chain
    }

    pub fn position(&self, statement: &StatementId) -> Option<Position> {
        self.positions.get(statement).copied()
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    pub fn role_at(&self, member: MemberId, position: Position) -> Option<Role> {
        self.members.get(&member)?.role_at(position)
    }

    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    pub fn device_at(&self, device: DeviceId, position: Position) -> Option<&Device> {
        let here = |held: &&Device| held.enrolled <= position && held.retired.is_none_or(|at| at > position);
        self.devices.get(&device).filter(here)
    }

    pub fn teams(&self) -> impl Iterator<Item = &Team> {
        self.teams.values()
    }

    pub fn team(&self, id: &TeamId) -> Option<&Team> {
        self.teams.get(id)
    }

    /// True if the person was in the team, and in the organisation, as of that position.
    pub fn in_team_at(&self, team: TeamId, member: MemberId, position: Position) -> bool {
        self.role_at(member, position).is_some()
            && self.teams.get(&team).is_some_and(|team| team.has_at(member, position))
    }

    /// Positions after `since` at which this member may have lost something, ascending.
    pub fn losses_after(&self, member: MemberId, since: Position) -> Vec<Position> {
        let own = self.members.get(&member).into_iter();
        let own = own.flat_map(|held| held.roles.iter().map(|(at, _)| *at).chain(held.retired));
        let teams = self.teams.values().flat_map(Team::rekeyed_at);
        let mut positions: Vec<_> = own.chain(teams).filter(|at| *at > since).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

fn check_policy(policy: &Policy) -> Result<(), DirectoryError> {
    let long = (Policy::PASSWORD_CHARS_FLOOR..=128).contains(&policy.password_chars_min);
    if long && policy.kdf.check().is_ok() { Ok(()) } else { Err(DirectoryError::BadPolicy) } // DIR-08
}

#[cfg(test)]
mod tests;
