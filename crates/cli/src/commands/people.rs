//! Members, teams and passwords.

use crate::args::{MemberCommand, NewPassword, PolicyArgs, RecoverArgs, Shared, TeamCommand};
use crate::{ask, net, out};
use wardbook_client::{Credential, Error, Role};

pub fn passwd(shared: &Shared, args: &NewPassword) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let new = ask::new_secret(args.new_password_file.as_deref(), "")?;
    session.change_password(&new)?;
    done(shared, "Your password is changed. The old one no longer opens anything on this device.")
}

pub fn recover(shared: &Shared, args: &RecoverArgs) -> Result<u8, Error> {
    if let (Some(user), Some(shares)) = (&args.appoint, &args.shares_file) {
        let mut session = net::unlock_to_change(shared)?;
        session.appoint_admin(user, &ask::secrets(shares)?)?;
        return done(shared, &format!("{user} is an admin now."));
    }
    let user = ask::user(shared)?;
    let vault = ask::open(shared)?;
    let code = ask::secret(args.code_file.as_deref(), &format!("Recovery code of {user}: "))?;
    let mut session = vault.unlock(&user, &Credential::RecoveryCode(&code)).map_err(|(_, error)| error)?;
    let new = ask::new_secret(args.new.new_password_file.as_deref(), "")?;
    session.change_password(&new)?;
    let code = session.new_recovery_code()?;
    show_code(shared, &user, &code);
    Ok(0)
}

fn show_code(shared: &Shared, user: &str, code: &str) {
    if shared.json {
        out::print(&out::object([("member", out::text(user)), ("recoveryCode", out::text(code))]));
    } else {
        println!(
            "Recovery code of {user}, for a forgotten password. Print it now: it is shown once and kept nowhere.\n\n    {code}\n"
        );
    }
}

pub fn member(shared: &Shared, command: MemberCommand) -> Result<u8, Error> {
    let shows = matches!(command, MemberCommand::List);
    let mut session = if shows { net::unlock_to_show(shared)? } else { net::unlock_to_change(shared)? };
    match command {
        MemberCommand::Add { user, name, role, teams, new } => {
            let password = ask::new_secret(new.new_password_file.as_deref(), &format!("for {user}"))?;
            teams.iter().try_for_each(|team| session.find_team(team).map(|_| ()))?;
            let code = session.add_member(&user, name.as_deref().unwrap_or(&user), role.into(), &password)?;
            // First of all: whatever happens next, the code is shown nowhere else.
            show_code(shared, &user, &code);
            for team in &teams {
                session.add_to_team(team, &user)?;
            }
            Ok(0)
        }
        MemberCommand::List => {
            let members = session.members();
            if shared.json {
                out::print(&out::list(members.iter().map(|member| {
                    out::object([
                        ("user", out::text(&member.user)),
                        ("name", out::text(&member.display)),
                        ("role", out::optional(member.role.map(role_word))),
                        ("teams", out::list(member.teams.iter().map(|team| out::text(team)))),
                    ])
                })));
            } else {
                let rows = members.into_iter().map(|member| {
                    [
                        member.user,
                        member.display,
                        member.role.map_or("left", role_word).to_owned(),
                        member.teams.join(", "),
                    ]
                });
                out::table(["User", "Name", "Role", "Teams"], rows);
            }
            Ok(0)
        }
        MemberCommand::Retire { user } => {
            session.retire_member(&user)?;
            done(
                shared,
                &format!(
                    "{user} can open nothing that is written from now on. Charts get new keys when they are next written."
                ),
            )
        }
        MemberCommand::Rekey(new) => {
            let password = ask::new_secret(new.new_password_file.as_deref(), "for your new keys")?;
            let code = session.rekey_self(&password)?;
            let (user, _) = session.member_name(&session.me());
            show_code(shared, &user, &code);
            if !shared.json {
                println!(
                    "Your keys are new. The password that you just chose opens them, on every device after its next sync."
                );
            }
            Ok(0)
        }
        MemberCommand::Role { user, role } => {
            let role = role.into();
            session.set_role(&user, role)?;
            done(shared, &format!("{user} is {} now.", role_word(role)))
        }
    }
}

pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Clinician => "clinician",
        Role::Officer => "officer",
        Role::Admin => "admin",
    }
}

pub fn team(shared: &Shared, command: TeamCommand) -> Result<u8, Error> {
    let shows = matches!(command, TeamCommand::List);
    let mut session = if shows { net::unlock_to_show(shared)? } else { net::unlock_to_change(shared)? };
    match command {
        TeamCommand::Create { name, users } => {
            session.create_team(&name, &users)?;
            done(shared, &format!("Team {name} has {}.", out::counted(users.len(), "member", "members")))
        }
        TeamCommand::Add { team, user } => {
            session.add_to_team(&team, &user)?;
            done(shared, &format!("{user} can open the charts of {team}."))
        }
        TeamCommand::Remove { team, user } => {
            session.remove_from_team(&team, &user)?;
            done(shared, &format!("{user} is no longer in {team}. Its charts get new keys when they are next written."))
        }
        TeamCommand::List => {
            let teams = session.teams();
            if shared.json {
                out::print(&out::list(teams.iter().map(|team| {
                    out::object([
                        ("name", out::text(&team.name)),
                        ("epoch", out::number(i64::try_from(team.epoch).unwrap_or(i64::MAX))),
                        ("members", out::list(team.members.iter().map(|user| out::text(user)))),
                    ])
                })));
            } else {
                out::table(["Team", "Members"], teams.into_iter().map(|team| [team.name, team.members.join(", ")]));
            }
            Ok(0)
        }
    }
}

pub fn policy(shared: &Shared, args: &PolicyArgs) -> Result<u8, Error> {
    let shows = args.password_length.is_none() && args.fips.is_none() && args.lease.is_none();
    let mut session = if shows { net::unlock_to_show(shared)? } else { net::unlock_to_change(shared)? };
    let mut policy = *session.vault().directory().policy();
    if shows {
        return done(
            shared,
            &format!(
                "Passwords have at least {} characters and are derived with {}. A device may work {} without the server.",
                policy.password_chars_min,
                policy.kdf,
                out::counted(policy.lease_hours, "hour", "hours")
            ),
        );
    }
    if let Some(length) = args.password_length {
        policy.password_chars_min = length;
    }
    if let Some(hours) = args.lease {
        policy.lease_hours = hours;
    }
    if let Some(fips) = args.fips {
        policy.kdf = wardbook_client::calibrated(fips);
    }
    session.set_policy(policy)?;
    done(shared, "The policy is changed. It holds for every password that is set from now on.")
}

/// Says that something was done.
pub fn done(shared: &Shared, message: &str) -> Result<u8, Error> {
    if shared.json {
        out::print(&out::object([("done", out::text(message))]));
    } else {
        println!("{message}");
    }
    Ok(0)
}
