//! Who may open a chart: giving access, taking it back, and showing it.

use crate::{EVERYONE, Error, Session};
use wardbook_core::chart::{Grants, access_in};
use wardbook_store::Batch;
use wardbook_wire::{Access, ChartId, Grantee, MemberId, Role, TeamId};

/// Access to a chart, for showing.
#[derive(Clone, Debug)]
pub struct AccessInfo {
    /// A user name, or `team:NAME`.
    pub grantee: String,
    pub access: Access,
    pub display: String,
}

impl Session {
    /// The teams that this member is in, without that of everyone.
    pub fn my_teams(&self) -> Vec<TeamId> {
        self.teams_of(self.me())
    }

    /// The same of any member.
    pub(crate) fn teams_of(&self, member: MemberId) -> Vec<TeamId> {
        let teams = self.vault.directory.teams();
        let theirs = teams.filter(|team| team.id != EVERYONE && team.members().any(|held| held == member));
        theirs.map(|team| team.id).collect()
    }

    /// Who gets new charts: the team that is named, else one's only team, else oneself.
    ///
    /// # Errors
    /// No team of that name.
    pub fn share_with(&self, team: Option<&str>) -> Result<Grants, Error> {
        let to = match (team, self.my_teams().as_slice()) {
            (Some(name), _) => Grantee::Team(self.find_team(name)?),
            (None, [only]) => Grantee::Team(*only),
            (None, _) => Grantee::Member(self.me()),
        };
        Ok([(to, Access::Manage)].into())
    }

    /// Gives access to a member or team. Less access than before is a revocation of the rest.
    ///
    /// # Errors
    /// [`Error::NoRight`] without the right to manage.
    pub fn grant(&mut self, id: ChartId, to: Grantee, access: Access) -> Result<(), Error> {
        self.change_access(id, |session, chart, batch| {
            let mut grants = chart.log.access().grants().clone();
            let held = grants.get(&to).copied();
            grants.insert(to, access);
            session.require_manager(&grants)?;
            if chart.log.needs_rekey(&session.vault.directory) || held > Some(access) {
                return session.rekey(chart, &grants, batch);
            }
            if held == Some(access) {
                Ok(())
            } else {
                session.append_grant(chart, &Grants::from([(to, access)]), batch)
            }
        })
    }

    /// Takes access back: a new key, which goes to those who remain.
    ///
    /// # Errors
    /// [`Error::NoRight`]; nobody could manage the chart any more; nothing to take back.
    pub fn revoke(&mut self, id: ChartId, from: Grantee) -> Result<(), Error> {
        self.change_access(id, |session, chart, batch| {
            let mut grants = chart.log.access().grants().clone();
            if grants.remove(&from).is_none() {
                return Err(Error::Invalid(
                    "that member or team was not given access itself: see `wardbook access` for who was".into(),
                ));
            }
            session.require_manager(&grants)?;
            session.rekey(chart, &grants, batch)
        })
    }

    /// Somebody who is still here, and may write, can manage the chart.
    fn require_manager(&self, grants: &Grants) -> Result<(), Error> {
        let (directory, now) = (&self.vault.directory, self.vault.directory.now());
        let can = |member| {
            let writes = directory.role_at(member, now) >= Some(Role::Clinician);
            writes && access_in(grants, directory, member, now) == Some(Access::Manage)
        };
        if directory.members().any(|member| can(member.id)) {
            return Ok(());
        }
        Err(Error::Invalid("nobody could manage this chart any more: grant somebody else `manage` first".into()))
    }

    /// What a member may still do in a chart, by themself or through a team.
    ///
    /// # Errors
    /// As [`Session::chart`].
    pub fn access_left(&mut self, id: ChartId, member: MemberId) -> Result<Option<Access>, Error> {
        let access = self.chart(id)?.log.access();
        let directory = &self.vault.directory;
        Ok(access.access_of(directory, member, directory.now()))
    }

    fn change_access(
        &mut self,
        id: ChartId,
        change: impl FnOnce(&Self, &mut crate::Chart, &mut Batch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut chart = self.take_chart(id)?;
        self.require(&chart, Access::Manage)?;
        let mut batch = Batch::new();
        change(self, &mut chart, &mut batch)?;
        self.finish(chart, batch)
    }

    /// Who can open the chart, its epoch, and whether its key waits to be turned over.
    ///
    /// # Errors
    /// [`Error::NoChart`].
    pub fn access(&mut self, id: ChartId) -> Result<(Vec<AccessInfo>, u64, bool), Error> {
        self.chart(id)?;
        let Some(chart) = self.open.get(&id) else { return Err(Error::NoChart(String::new())) };
        let access = chart.log.access();
        let waiting = chart.log.needs_rekey(&self.vault.directory);
        let named = access.grants().iter().map(|(to, access)| {
            let (grantee, display) = self.grantee_name(to);
            AccessInfo { grantee, display, access: *access }
        });
        Ok((named.collect(), access.epoch(), waiting))
    }

    fn grantee_name(&self, grantee: &Grantee) -> (String, String) {
        match grantee {
            Grantee::Member(id) => self.member_name(id),
            Grantee::Team(id) => {
                let name = self.team_name(id);
                (format!("team:{name}"), name)
            }
        }
    }
}
