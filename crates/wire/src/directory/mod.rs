//! The directory: one chain of signed statements that says who is a member, a device, a team (`spec/directory.md`).
//!
//! [`Directory::apply`] takes a statement only if its author had the right to make it at that point of the chain, so
//! whoever serves the chain can withhold its end but change nothing in it. Everything is kept with the position at
//! which it began and ended, because entries are judged by the directory that their author knew.

mod team;

pub use team::{Epoch, Team};

use crate::statement::{Invite, Join, JoinedTeam, NewDevice, NewMember, SealKey, Server};
use crate::{
    Act, Author, DeviceId, MemberId, OrgId, Policy, Role, Statement, StatementId, TeamId, Unverified, Verified,
    VerifyKey, WireError,
};
use std::collections::BTreeMap;

/// An X-Wing public key.
pub(crate) const SEAL_KEY_BYTES: usize = 1216;

/// Keys that one member can replace (DIR-12): requests are checked with those before, too.
const REKEYS_MAX: usize = 64;

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
    #[error("a server does not continue the one before it (DIR-09)")]
    BadServer,
    #[error("an invite is not valid: it names nothing, or something unknown (DIR-10)")]
    BadInvite,
    #[error("the invite is not known, or was withdrawn (DIR-11)")]
    UnknownInvite,
    #[error("the invite has been used already (DIR-11)")]
    InviteUsed,
    #[error("what joins is not what was invited (DIR-11)")]
    NotAsInvited,
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
    invites: Vec<OpenInvite>,
    /// All servers so far, the current one last, with the position of each statement.
    servers: Vec<(Position, Server)>,
    /// When the current one became that, where a server said so, in milliseconds since 1970.
    server_since_ms: Option<i64>,
}

/// An invite with what became of it.
#[derive(Clone, Debug)]
pub struct OpenInvite {
    pub invite: Invite,
    pub by: MemberId,
    /// Used or withdrawn.
    pub closed: Option<Closed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Used,
    Withdrawn,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub id: MemberId,
    /// The current one; [`Member::verify_key_at`] for those before.
    pub verify_key: VerifyKey,
    pub seal_key: SealKey,
    /// Keys that were replaced, with the position from which they no longer held; oldest first.
    earlier: Vec<(Position, VerifyKey)>,
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
    /// It went on under another id by itself; nobody took anything from it.
    renewed: bool,
}

impl Device {
    /// From when somebody has taken the device's rights away.
    pub fn lost_at(&self) -> Option<Position> {
        self.retired.filter(|_| !self.renewed)
    }
}

impl Member {
    /// The key that this member signed with as of a position.
    pub fn verify_key_at(&self, position: Position) -> &VerifyKey {
        let earlier = self.earlier.iter().find(|(until, _)| position < *until);
        earlier.map_or(&self.verify_key, |(_, key)| key)
    }

    /// True if the key that was theirs as of one position had been replaced by another.
    pub fn rekeyed_between(&self, since: Position, until: Position) -> bool {
        self.earlier.iter().any(|(at, _)| since < *at && *at <= until)
    }

    /// Keys that were replaced, the latest first.
    pub fn earlier_keys(&self) -> impl Iterator<Item = &VerifyKey> {
        self.earlier.iter().rev().map(|(_, key)| key)
    }

    fn has_key(&self, key: &VerifyKey) -> bool {
        self.verify_key == *key || self.earlier.iter().any(|(_, held)| held == key)
    }

    /// The role as of a position; None before they joined and after they left.
    pub fn role_at(&self, position: Position) -> Option<Role> {
        let left = self.retired.is_some_and(|at| at <= position);
        self.roles.iter().rev().find(|(from, _)| *from <= position).map(|(_, role)| *role).filter(|_| !left)
    }
}

impl Directory {
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
            invites: Vec::new(),
            servers: Vec::new(),
            server_since_ms: None,
        })
    }

    /// Takes the next statement of the chain. On an error nothing has changed.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<StatementId, DirectoryError> {
        self.apply_at(bytes, None)
    }

    /// As [`Directory::apply`], for a statement that a server received at that time, in milliseconds since 1970.
    ///
    /// # Errors
    /// As [`Directory::apply`].
    pub fn apply_at(&mut self, bytes: &[u8], received_ms: Option<i64>) -> Result<StatementId, DirectoryError> {
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
            Author::Invite(key) => key,
            Author::Device(device) => {
                self.device_at(device, self.next()).ok_or(DirectoryError::UnknownAuthor)?.verify_key // DIR-03
            }
        };
        let verified = unverified.verify(&key)?;
        let id = StatementId(verified.digest());
        self.check_right(&verified)?;
        let Statement { author, act, .. } = verified.into_inner();
        self.change(author, act, received_ms)?;
        self.positions.insert(id, self.next());
        self.chain.push(id);
        Ok(id)
    }

    /// DIR-04: admins change the directory; the root key only names the first admin and restores an admin.
    fn check_right(&self, statement: &Verified<Statement>) -> Result<(), DirectoryError> {
        let allowed = match statement.author {
            Author::Member(author) => match &statement.act {
                Act::MemberRekey { .. } => true,
                Act::Join(_) | Act::DeviceRenew(_) => false,
                _ => self.role_at(author, self.next()) == Some(Role::Admin),
            },
            Author::Invite(_) => matches!(statement.act, Act::Join(_)),
            Author::Device(_) => matches!(statement.act, Act::DeviceRenew(_)),
            Author::Root => match &statement.act {
                Act::MemberAdd(member) => self.members.is_empty() && member.role == Role::Admin,
                Act::RoleSet { role, .. } => *role == Role::Admin,
                _ => false,
            },
        };
        if allowed { Ok(()) } else { Err(DirectoryError::NoRight) } // DIR-04
    }

    fn change(&mut self, author: Author, act: Act, received_ms: Option<i64>) -> Result<(), DirectoryError> {
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
            Act::ServerSet(server) => {
                self.set_server(server)?;
                self.server_since_ms = received_ms;
            }
            Act::Invite(invite) => self.invite(author, invite)?,
            Act::InviteRevoke { key } => {
                let open = self.invites.iter_mut().find(|open| open.invite.key == key && open.closed.is_none());
                open.ok_or(DirectoryError::UnknownInvite)?.closed = Some(Closed::Withdrawn); // DIR-11
            }
            Act::Join(join) => self.join(author, join)?,
            Act::MemberRekey { verify_key, seal_key } => self.rekey_member(author, verify_key, seal_key)?,
            Act::DeviceRenew(new) => self.renew(author, new)?,
        }
        Ok(())
    }

    fn add_member(&mut self, new: NewMember) -> Result<(), DirectoryError> {
        let key_in_use = self.members.values().any(|held| held.has_key(&new.verify_key));
        if self.members.contains_key(&new.member) || key_in_use || new.seal_key.0.len() != SEAL_KEY_BYTES {
            return Err(DirectoryError::BadReference); // DIR-05
        }
        let NewMember { member: id, role, verify_key, seal_key, name } = new;
        let roles = vec![(self.next(), role)];
        self.members.insert(id, Member { id, verify_key, seal_key, earlier: Vec::new(), name, roles, retired: None });
        Ok(())
    }

    fn enrol(&mut self, new: NewDevice) -> Result<(), DirectoryError> {
        let key_in_use = self.devices.values().any(|held| held.verify_key == new.verify_key);
        if self.devices.contains_key(&new.device) || key_in_use || new.seal_key.0.len() != SEAL_KEY_BYTES {
            return Err(DirectoryError::BadReference); // DIR-05
        }
        let NewDevice { device: id, verify_key, name, .. } = new;
        let device = Device { id, verify_key, name, enrolled: self.next(), retired: None, renewed: false };
        self.devices.insert(id, device);
        Ok(())
    }

    fn check_admin_remains(&self, without: MemberId) -> Result<(), DirectoryError> {
        let is_admin = |member: &&Member| member.role_at(self.next()) == Some(Role::Admin);
        let remains = self.members.values().filter(is_admin).any(|member| member.id != without);
        if remains { Ok(()) } else { Err(DirectoryError::LastAdmin) } // DIR-07
    }

    /// DIR-09: generations count up, and each but the first says where the one before ended.
    fn set_server(&mut self, server: Server) -> Result<(), DirectoryError> {
        let next = self.server().map_or(0, |held| held.generation) + 1;
        if server.generation != next || server.base.is_none() != (next == 1) {
            return Err(DirectoryError::BadServer); // DIR-09
        }
        self.servers.push((self.next(), server));
        Ok(())
    }

    /// DIR-10: a key that was never used, somebody or something to join, and teams that exist.
    fn invite(&mut self, author: Author, invite: Invite) -> Result<(), DirectoryError> {
        let Author::Member(by) = author else { return Err(DirectoryError::NoRight) }; // DIR-04
        let teams = invite.member.as_ref().map(|member| member.teams.as_slice()).unwrap_or_default();
        let known = teams.iter().all(|team| self.teams.contains_key(team)) && teams.is_sorted_by(|a, b| a < b);
        let fresh = self.invites.iter().all(|open| open.invite.key != invite.key);
        if !known || !fresh || (invite.member.is_none() && !invite.device) {
            return Err(DirectoryError::BadInvite); // DIR-10
        }
        self.invites.push(OpenInvite { invite, by, closed: None });
        Ok(())
    }

    /// DIR-11: an open invite, and exactly what it names. Whoever made it is still an admin. Whether it is in time is for the
    /// server to say, when it is used: the chain has no clock.
    fn join(&mut self, author: Author, join: Join) -> Result<(), DirectoryError> {
        let Author::Invite(key) = author else { return Err(DirectoryError::NoRight) }; // DIR-04
        let at = self.next();
        let open = self.invites.iter().find(|open| open.invite.key == key).ok_or(DirectoryError::UnknownInvite)?;
        match open.closed {
            Some(Closed::Used) => return Err(DirectoryError::InviteUsed), // DIR-11
            Some(Closed::Withdrawn) => return Err(DirectoryError::UnknownInvite), // DIR-11
            None => {}
        }
        if self.role_at(open.by, at) != Some(Role::Admin) {
            return Err(DirectoryError::UnknownInvite); // DIR-11
        }
        let role_fits = match (&open.invite.member, &join.member) {
            (None, None) => join.teams.is_empty(),
            (Some(invited), Some(member)) => {
                invited.role == member.role && join.teams.iter().all(|joined| invited.teams.contains(&joined.team))
            }
            _ => false,
        };
        if !role_fits || open.invite.device != join.device.is_some() {
            return Err(DirectoryError::NotAsInvited); // DIR-11
        }
        let mut after = self.clone();
        if let Some(member) = join.member {
            let id = member.member;
            after.add_member(member)?;
            for JoinedTeam { team, epoch, secret } in join.teams {
                let team = after.teams.get_mut(&team).filter(|team| team.epoch() == epoch);
                let team = team.filter(|_| secret.member == id).ok_or(DirectoryError::BadTeam)?;
                team.add(secret, at, &after.members).ok_or(DirectoryError::BadTeam)?; // DIR-06
            }
        }
        join.device.map(|device| after.enrol(device)).transpose()?;
        for open in after.invites.iter_mut().filter(|open| open.invite.key == key) {
            open.closed = Some(Closed::Used);
        }
        *self = after;
        Ok(())
    }

    /// DIR-12: keys that nobody has had, put in place of one's own, so many times.
    fn rekey_member(&mut self, author: Author, verify_key: VerifyKey, seal_key: SealKey) -> Result<(), DirectoryError> {
        let Author::Member(id) = author else { return Err(DirectoryError::NoRight) }; // DIR-04
        let in_use = self.members.values().any(|held| held.has_key(&verify_key));
        let at = self.next();
        let fits = !in_use && seal_key.0.len() == SEAL_KEY_BYTES;
        let member = self.members.get_mut(&id).filter(|member| fits && member.earlier.len() < REKEYS_MAX);
        let member = member.ok_or(DirectoryError::BadReference)?; // DIR-12
        member.earlier.push((at, member.verify_key));
        (member.verify_key, member.seal_key) = (verify_key, seal_key);
        Ok(())
    }

    /// DIR-13: the new device is enrolled, the old one ends.
    fn renew(&mut self, author: Author, new: NewDevice) -> Result<(), DirectoryError> {
        let Author::Device(old) = author else { return Err(DirectoryError::NoRight) }; // DIR-04
        let at = self.next();
        self.enrol(new)?; // DIR-13
        if let Some(device) = self.devices.get_mut(&old) {
            (device.retired, device.renewed) = (Some(at), true);
        }
        Ok(())
    }

    /// The server that relays for the organisation; None where there is none.
    pub fn server(&self) -> Option<&Server> {
        self.servers.last().map(|(_, server)| server)
    }

    /// When the current server became that, in milliseconds since 1970; None where no server has said so.
    pub fn server_since_ms(&self) -> Option<i64> {
        self.server_since_ms
    }

    /// Every server there was, oldest first, with the position from which it was the one.
    pub fn servers(&self) -> &[(Position, Server)] {
        &self.servers
    }

    /// All invites, oldest first.
    pub fn invites(&self) -> &[OpenInvite] {
        &self.invites
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

    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.get(id)
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
    let allowed = Policy::PASSWORD_CHARS_FLOOR..=Policy::PASSWORD_CHARS_CEILING;
    let long = allowed.contains(&policy.password_chars_min);
    let lease = (1..=Policy::LEASE_HOURS_MAX).contains(&policy.lease_hours);
    if long && lease && policy.kdf.check().is_ok() { Ok(()) } else { Err(DirectoryError::BadPolicy) } // DIR-08
}
