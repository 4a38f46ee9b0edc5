//! Members, teams, devices, invites and policy.

use crate::clock;
use crate::failure::Outcome;
use crate::ids;
use crate::js::time;
use crate::types::{
    Caseload, CaseloadChart, CaseloadForm, Device, Failure, InviteForm, InviteLine, InviteState, Member, Policy,
    PolicyForm, PolicyLimits, Role, Team,
};
use wardbook_client::sync::{Caseload as Held, InviteFor};
use wardbook_client::{ChartId, EVERYONE, InviteClosed, Kdf, Policy as Rules, Session, calibrated};

/// All members, also those who left.
pub fn members(session: &Session) -> Vec<Member> {
    let me = session.me();
    let members = session.members().into_iter().map(|member| Member {
        me: member.id == me,
        id: member.id.to_string(),
        user: member.user,
        name: member.display,
        role: member.role.map(Role::from),
        teams: member.teams,
    });
    members.collect()
}

pub fn teams(session: &Session) -> Vec<Team> {
    let mine = session.member_name(&session.me()).0;
    let teams = session.teams().into_iter().map(|team| Team {
        id: team.id.to_string(),
        name: team.name,
        mine: team.members.contains(&mine),
        everyone: team.id == EVERYONE,
        members: team.members,
    });
    teams.collect()
}

/// All devices, also those that were retired.
pub fn devices(session: &Session) -> Vec<Device> {
    let devices = session.devices().into_iter().map(|device| Device {
        id: device.id.to_string(),
        name: device.name,
        enrolled: device.enrolled,
        here: device.here,
    });
    devices.collect()
}

/// # Errors
/// No server.
pub fn caseload(session: &mut Session) -> Outcome<Caseload> {
    Ok(match session.caseload()? {
        Held::All => Caseload { all: true, charts: Vec::new(), teams: Vec::new() },
        Held::Some { charts, teams } => Caseload {
            all: false,
            teams: teams.iter().map(|team| session.team_name(team)).collect(),
            charts: charts.into_iter().map(|chart| caseload_chart(session, chart)).collect(),
        },
    })
}

fn caseload_chart(session: &mut Session, chart: ChartId) -> CaseloadChart {
    CaseloadChart { chart: chart.to_string(), patient: session.chart(chart).ok().map(|chart| chart.title()) }
}

/// # Errors
/// No server; unknown teams.
pub fn set_caseload(session: &mut Session, form: &CaseloadForm) -> Outcome<()> {
    let caseload = if form.all {
        Held::All
    } else {
        let charts = form.charts.iter().map(|chart| ids::chart(chart)).collect::<Outcome<_>>()?;
        let teams = form.teams.iter().map(|team| session.find_team(team)).collect::<Result<_, _>>()?;
        Held::Some { charts, teams }
    };
    Ok(session.set_caseload(caseload)?)
}

/// # Errors
/// Unknown teams; nobody and nothing is invited.
pub fn invite_for(session: &Session, form: &InviteForm) -> Outcome<InviteFor> {
    if form.role.is_none() && !form.device {
        return Err(Failure::invalid("an invite is for a member, a device, or both"));
    }
    let teams = form.teams.iter().map(|team| session.find_team(team)).collect::<Result<Vec<_>, _>>()?;
    let member = form.role.map(|role| (role.into(), teams));
    Ok(InviteFor { member, device: form.device, hours: form.hours })
}

/// All invites, the latest first. Their links are not among them: those were shown once.
pub fn invites(session: &Session) -> Vec<InviteLine> {
    let now_ms = clock::now_ms();
    let invites = session.vault().directory().invites().iter().rev().map(|open| {
        let invited = open.invite.member.as_ref();
        let teams = invited.into_iter().flat_map(|member| &member.teams).filter(|team| **team != EVERYONE);
        InviteLine {
            state: match open.closed {
                Some(InviteClosed::Used) => InviteState::Used,
                Some(InviteClosed::Withdrawn) => InviteState::Withdrawn,
                None if open.invite.expires_ms < now_ms => InviteState::Expired,
                None => InviteState::Open,
            },
            role: invited.map(|member| member.role.into()),
            teams: teams.map(|team| session.team_name(team)).collect(),
            device: open.invite.device,
            expires_ms: time(open.invite.expires_ms),
            by: session.member_name(&open.by).1,
        }
    });
    invites.collect()
}

pub fn policy(session: &Session) -> Policy {
    let rules = session.vault().directory().policy();
    Policy {
        password_chars_min: rules.password_chars_min,
        lease_hours: rules.lease_hours,
        fips_only: is_fips(rules.kdf),
        limits: PolicyLimits {
            password_chars_floor: Rules::PASSWORD_CHARS_FLOOR,
            password_chars_ceiling: Rules::PASSWORD_CHARS_CEILING,
            lease_hours_max: Rules::LEASE_HOURS_MAX,
        },
    }
}

/// What holds with those changes.
pub fn changed_policy(session: &Session, form: &PolicyForm) -> Rules {
    let mut rules = *session.vault().directory().policy();
    rules.password_chars_min = form.password_chars_min.unwrap_or(rules.password_chars_min);
    rules.lease_hours = form.lease_hours.unwrap_or(rules.lease_hours);
    if let Some(fips) = form.fips_only.filter(|fips| *fips != is_fips(rules.kdf)) {
        rules.kdf = calibrated(fips);
    }
    rules
}

fn is_fips(kdf: Kdf) -> bool {
    matches!(kdf, Kdf::Pbkdf2 { .. })
}
