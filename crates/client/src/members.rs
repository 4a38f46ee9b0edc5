//! Members, teams and passwords: what changes the directory and the slots.

use crate::create::{EVERYONE, People, put_keyring, put_slot, random};
use crate::{Error, Secret, Session, password, rng};
use wardbook_core::directory::{seal_name, seal_team_epoch, seal_team_join, sign_next};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{KeyringKey, MemberKeys, RootKey, TeamSecret};
use wardbook_core::password::normalise_user;
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{self, SlotOf, Unlock};
use wardbook_store::{Batch, Kind};
use wardbook_wire::slot::{Lookup, SlotKind};
use wardbook_wire::{Act, Author, Grantee, MemberId, Policy, Role, TeamId};
use zeroize::Zeroizing;

/// A member, for showing.
#[derive(Clone, Debug)]
pub struct MemberInfo {
    pub id: MemberId,
    pub user: String,
    pub display: String,
    /// None: has left.
    pub role: Option<Role>,
    pub teams: Vec<String>,
}

/// A team, for showing.
#[derive(Clone, Debug)]
pub struct TeamInfo {
    pub id: TeamId,
    pub name: String,
    pub epoch: u64,
    /// User names.
    pub members: Vec<String>,
}

impl Session {
    /// Adds a member whose password is typed on this device; gives the recovery code to print once.
    ///
    /// # Errors
    /// Not an admin; the user name is taken; the password is weak.
    pub fn add_member(
        &mut self,
        user: &str,
        display: &str,
        role: Role,
        password: &Secret,
    ) -> Result<Zeroizing<String>, Error> {
        if self.find_member(user).is_ok() {
            return Err(Error::Conflict(format!("there is a member {user:?} already")));
        }
        let (keys, ring_key) = (MemberKeys::generate(&mut rng()), KeyringKey::generate(&mut rng()));
        let mut batch = Batch::new();
        let policy = *self.vault.directory.policy();
        let people = People {
            seen: &self.vault.state.slots,
            org: self.vault.identity.org,
            site: &self.vault.site,
            names: &self.ring.directory_key,
            policy: &policy,
        };
        let joined = people.join((user, display, role), password, (&keys, &ring_key), &mut batch)?;
        let ring = Keyring {
            member: joined.member,
            keys,
            earlier: Vec::new(),
            directory_key: self.ring.directory_key.clone(),
            teams: [].into(),
        };
        put_keyring(&ring, &ring_key, people.org, 1, &mut batch);
        self.in_directory(batch, |session, batch| {
            session.state(Act::MemberAdd(joined.statement.clone()), batch)?;
            session.join_team(EVERYONE, joined.member, batch)
        })?;
        Ok(joined.recovery_code)
    }

    /// Takes a member's rights away and turns over the keys of their teams.
    ///
    /// # Errors
    /// Not an admin; the last admin.
    pub fn retire_member(&mut self, user: &str) -> Result<(), Error> {
        let member = self.find_member(user)?;
        self.in_directory(Batch::new(), |session, batch| {
            let teams = session.vault.directory.teams().filter(|team| team.members().any(|id| id == member));
            let teams: Vec<_> = teams.map(|team| team.id).collect();
            session.state(Act::MemberRetire { member }, batch)?;
            teams.iter().try_for_each(|team| session.leave_team(*team, member, batch))
        })
    }

    /// # Errors
    /// Not an admin; the last admin.
    pub fn set_role(&mut self, user: &str, role: Role) -> Result<(), Error> {
        let member = self.find_member(user)?;
        self.in_directory(Batch::new(), |session, batch| session.state(Act::RoleSet { member, role }, batch))
    }

    /// # Errors
    /// Not an admin; below the floor.
    pub fn set_policy(&mut self, policy: Policy) -> Result<(), Error> {
        self.in_directory(Batch::new(), |session, batch| session.state(Act::PolicySet(policy), batch))
    }

    /// Makes a team of those members and of the admin who makes it, unless it is without them.
    ///
    /// # Errors
    /// Not an admin; unknown members; the name is taken.
    pub fn create_team(&mut self, name: &str, users: &[String]) -> Result<TeamId, Error> {
        if self.find_team(name).is_ok() || name.trim().is_empty() {
            return Err(Error::Conflict(format!("a team cannot be called {name:?}: the name is taken or empty")));
        }
        let members = users.iter().map(|user| self.find_member(user)).collect::<Result<Vec<_>, _>>()?;
        if members.is_empty() {
            return Err(Error::Invalid("a team has at least one member".into()));
        }
        let (team, secret) = (TeamId(random()), TeamSecret::generate(&mut rng()));
        let name = seal_name(&self.ring.directory_key, self.vault.identity.org, &team.0, "", name.trim(), &mut rng());
        self.in_directory(Batch::new(), |session, batch| {
            // To the keys that the members have by now.
            let directory = &session.vault.directory;
            let epoch = seal_team_epoch(directory, team, name.clone(), &members, (&secret, None), &mut rng());
            let epoch = epoch.map_err(|_| Error::damaged("a public key in the directory"))?;
            session.state(Act::TeamCreate(epoch), batch)
        })?;
        Ok(team)
    }

    /// # Errors
    /// Not an admin, or not in the team: only who holds its secret can pass it on.
    pub fn add_to_team(&mut self, team: &str, user: &str) -> Result<(), Error> {
        let (team, member) = (self.find_team(team)?, self.find_member(user)?);
        self.in_directory(Batch::new(), |session, batch| session.join_team(team, member, batch))
    }

    /// Takes a member out; the team gets a new secret, and its charts new keys when they are next written.
    ///
    /// # Errors
    /// Not an admin; not in the team; the last one in it.
    pub fn remove_from_team(&mut self, team: &str, user: &str) -> Result<(), Error> {
        let (team, member) = (self.find_team(team)?, self.find_member(user)?);
        if team == EVERYONE {
            return Err(Error::Invalid("everyone is in this team: use `wardbook member retire` for who leaves".into()));
        }
        self.in_directory(Batch::new(), |session, batch| session.leave_team(team, member, batch))
    }

    fn join_team(&mut self, team: TeamId, member: MemberId, batch: &mut Batch) -> Result<(), Error> {
        if self.vault.directory.team(&team).is_some_and(|team| team.members().any(|id| id == member)) {
            return Err(Error::Conflict("that member is in the team already".into()));
        }
        let secret = self.team_secret(team)?;
        let secret = seal_team_join(&self.vault.directory, team, member, &secret, &mut rng());
        let secret = secret.map_err(|_| Error::damaged("a public key in the directory"))?;
        self.state(Act::TeamAdd { team, secret }, batch)
    }

    fn leave_team(&mut self, team: TeamId, member: MemberId, batch: &mut Batch) -> Result<(), Error> {
        let directory = &self.vault.directory;
        let members: Vec<_> = directory.team(&team).into_iter().flat_map(|team| team.members()).collect();
        if !members.contains(&member) {
            return Err(Error::Invalid("that member is not in the team".into()));
        }
        let now = directory.now();
        let remaining: Vec<_> =
            members.into_iter().filter(|id| *id != member && directory.role_at(*id, now).is_some()).collect();
        // Nobody is kept in the organisation by being the last of a team: who retires them takes the team over.
        let retired = directory.role_at(member, now).is_none();
        let remaining = if remaining.is_empty() && retired { vec![self.me()] } else { remaining };
        if remaining.is_empty() {
            return Err(Error::Invalid("a team has at least one member: add somebody first".into()));
        }
        // An admin outside the team cannot hand the old secret on; those who remain have it.
        let (old, new) = (self.team_secret(team).ok(), TeamSecret::generate(&mut rng()));
        let name =
            seal_name(&self.ring.directory_key, directory.org(), &team.0, "", &self.team_name(&team), &mut rng());
        let epoch = seal_team_epoch(directory, team, name, &remaining, (&new, old.as_ref()), &mut rng());
        let epoch = epoch.map_err(|_| Error::damaged("a public key in the directory"))?;
        self.state(Act::TeamRekey(epoch), batch)
    }

    pub(crate) fn team_secret(&self, team: TeamId) -> Result<TeamSecret, Error> {
        let epoch = self.vault.directory.team(&team).map_or(0, |team| team.epoch());
        let secret = self.ring.teams.get(&(team, epoch)).cloned();
        secret.ok_or_else(|| Error::NoRight("you are not in this team: an admin who is in it can change it".into()))
    }

    /// Does statements that belong together, all or none; where there is a server, in its order.
    pub(crate) fn in_directory(
        &mut self,
        mut batch: Batch,
        mut act: impl FnMut(&mut Self, &mut Batch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.take_made();
        if self.vault.has_server() {
            let Some(mut link) = self.link.take() else {
                return Err(Error::directory_offline("this session has no connection to it"));
            };
            let done = self.publish(link.as_mut(), batch, &mut act);
            self.link = Some(link);
            // What others changed is taken even where this failed.
            return done.and(self.refresh_teams());
        }
        if self.vault.directory.server().is_some() {
            return Err(Error::Invalid(
                "the organisation has a server: this device has to join it with `wardbook enrol` before it can change members, teams or devices".into(),
            ));
        }
        let before = self.vault.directory.clone();
        let done = act(self, &mut batch).and_then(|()| Ok(self.vault.store.commit(&batch)?));
        if done.is_err() {
            self.vault.directory = before;
        }
        done?;
        self.close_charts();
        self.vault.forget_retired()?;
        self.refresh_teams()
    }

    /// All members, also those who left.
    pub fn members(&self) -> Vec<MemberInfo> {
        let directory = &self.vault.directory;
        let mut members: Vec<_> = directory
            .members()
            .map(|member| {
                let (user, display) = self.member_name(&member.id);
                let role = member.role_at(directory.now());
                let teams = self.teams_of(member.id).iter().map(|team| self.team_name(team)).collect();
                MemberInfo { id: member.id, user, display, role, teams }
            })
            .collect();
        members.sort_by(|a, b| a.user.cmp(&b.user));
        members
    }

    pub fn teams(&self) -> Vec<TeamInfo> {
        let mut teams: Vec<_> = self
            .vault
            .directory
            .teams()
            .map(|team| {
                let mut members: Vec<_> = team.members().map(|id| self.member_name(&id).0).collect();
                members.sort();
                TeamInfo { id: team.id, name: self.team_name(&team.id), epoch: team.epoch(), members }
            })
            .collect();
        teams.sort_by(|a, b| a.name.cmp(&b.name));
        teams
    }

    /// # Errors
    /// Nobody of that user name, or they have left.
    pub fn find_member(&self, user: &str) -> Result<MemberId, Error> {
        let wanted = normalise_user(user);
        let found = self.members().into_iter().find(|member| member.user == wanted && member.role.is_some());
        found
            .map(|member| member.id)
            .ok_or_else(|| Error::Invalid(format!("there is no member {user:?}: see `wardbook member list`")))
    }

    /// # Errors
    /// No team of that name.
    pub fn find_team(&self, name: &str) -> Result<TeamId, Error> {
        let wanted = normalise_user(name);
        let found = self.teams().into_iter().find(|team| normalise_user(&team.name) == wanted);
        found
            .map(|team| team.id)
            .ok_or_else(|| Error::Invalid(format!("there is no team {name:?}: see `wardbook team list`")))
    }

    /// A member's user name, or `team:NAME`.
    ///
    /// # Errors
    /// Neither is known.
    pub fn find_grantee(&self, text: &str) -> Result<Grantee, Error> {
        match text.strip_prefix("team:") {
            Some(team) => self.find_team(team).map(Grantee::Team),
            None => self.find_member(text).map(Grantee::Member),
        }
    }

    /// Changes this member's password by writing one slot; nothing else changes.
    ///
    /// # Errors
    /// The new password is weak.
    pub fn change_password(&mut self, new: &Secret) -> Result<(), Error> {
        let (user, display) = self.member_name(&self.me());
        let new = new.as_password()?;
        password::check_new(&new, self.vault.directory.policy(), &[&user, &display])?;
        self.replace_slot(&user, &Unlock::Password(&new))
    }

    /// Makes a new recovery code, which ends the old one.
    ///
    /// # Errors
    /// The disk's.
    pub fn new_recovery_code(&mut self) -> Result<Zeroizing<String>, Error> {
        let (user, _) = self.member_name(&self.me());
        let code = RecoveryCode::generate(&mut rng());
        self.replace_slot(&user, &Unlock::Recovery(&code))?;
        Ok(code.to_words())
    }

    fn replace_slot(&mut self, user: &str, unlock: &Unlock<'_>) -> Result<(), Error> {
        let lookup = slots::lookup(&self.vault.site, unlock.kind(), user);
        let version = self.slot_version(&lookup, unlock.kind())?.saturating_add(1);
        let of = SlotOf { org: self.vault.identity.org, member: self.me(), user, version };
        let mut batch = Batch::new();
        let kdf = self.vault.directory.policy().kdf;
        put_slot(of, &self.vault.site, kdf, unlock, &self.ring_key, &self.ring.keys, &mut batch)?;
        self.vault.state.note_slot(lookup, version);
        self.vault.commit_with_state(batch)
    }

    pub(crate) fn slot_version(&self, lookup: &Lookup, kind: SlotKind) -> Result<u64, Error> {
        let stored = self.vault.store.get(Kind::Slot, &[], &lookup.0)?;
        let stored = stored.and_then(|bytes| self.vault.verify_slot(&bytes)).filter(|slot| slot.kind == kind);
        let seen = self.vault.state.slots.get(lookup).copied().unwrap_or(0);
        Ok(stored.map_or(0, |slot| slot.version).max(seen))
    }

    /// With enough root shares, makes a member an admin: for an organisation that has lost its admins.
    ///
    /// # Errors
    /// Shares that are not this organisation's.
    pub fn appoint_admin(&mut self, user: &str, shares: &[Secret]) -> Result<(), Error> {
        let shares: Vec<_> = shares.iter().map(Secret::expose).collect();
        let root = RootKey::from_shares(&shares).map_err(|error| Error::Invalid(error.to_string()))?;
        let directory = &self.vault.directory;
        if root.0.verify_key() != *directory.root() {
            return Err(Error::Invalid("these root shares belong to another organisation".into()));
        }
        let member = self.find_member(user)?;
        self.in_directory(Batch::new(), |session, batch| {
            let act = Act::RoleSet { member, role: Role::Admin };
            let bytes = sign_next(&session.vault.directory, Author::Root, &root.0, act);
            session.vault.directory.apply(&bytes)?;
            session.vault.made.push(bytes.clone());
            batch.put(Kind::Statement, &[], &crate::vault::statement_key(session.vault.directory.now()), bytes);
            Ok(())
        })
    }
}
