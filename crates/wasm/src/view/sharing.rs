//! Who may open a chart.

use crate::failure::Outcome;
use crate::types::{Access, AccessLine, AccessPage, Revoked};
use wardbook_client::{ChartId, Grantee, Session};

/// # Errors
/// No such chart, or no access to it.
pub fn access(session: &mut Session, id: ChartId) -> Outcome<AccessPage> {
    let (grants, _, waits_for_new_key) = session.access(id)?;
    let mine = session.access_left(id, session.me())?.map(Access::from);
    let lines = grants.into_iter().map(|grant| {
        let team = grant.grantee.strip_prefix("team:").map(|name| members(session, name));
        AccessLine {
            name: grant.display,
            access: grant.access.into(),
            team: team.is_some(),
            members: team.unwrap_or_default(),
            grantee: grant.grantee,
        }
    });
    Ok(AccessPage { grants: lines.collect(), mine, waits_for_new_key })
}

/// Display names of a team; none of one that is not known here.
fn members(session: &Session, name: &str) -> Vec<String> {
    let Ok(team) = session.find_team(name) else { return Vec::new() };
    let team = session.vault().directory().team(&team);
    let members = team.into_iter().flat_map(|team| team.members());
    let mut names: Vec<_> = members.map(|member| session.member_name(&member).1).collect();
    names.sort();
    names
}

/// # Errors
/// No right to manage; nobody of that name.
pub fn grant(session: &mut Session, id: ChartId, to: &str, access: Access) -> Outcome<()> {
    let to = session.find_grantee(to)?;
    Ok(session.grant(id, to, access.into())?)
}

/// # Errors
/// No right to manage; nobody of that name, or without access of their own; nobody could manage the chart any more.
pub fn revoke(session: &mut Session, id: ChartId, from: &str) -> Outcome<Revoked> {
    let from = session.find_grantee(from)?;
    session.revoke(id, from)?;
    let left = match from {
        // Whoever took it from themself sees nothing any more.
        Grantee::Member(member) => session.access_left(id, member).unwrap_or(None),
        Grantee::Team(_) => None,
    };
    Ok(Revoked { left: left.map(Access::from) })
}
