//! Who may open a chart, and what was edited apart.

use super::people::done;
use super::records::{locate, read_resource, set_all};
use crate::args::{ConflictsArgs, GrantArgs, PatientArg, ResolveArgs, RevokeArgs, Shared};
use crate::{ask, out};
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::Resource;
use wardbook_client::record::summary::clean_text;
use wardbook_client::{Access, Error, Grantee, Session, Unresolved};

pub fn grant(shared: &Shared, args: &GrantArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let id = session.find_chart(&args.patient.patient)?;
    let to = session.find_grantee(&args.to)?;
    let access = Access::from(args.access);
    session.grant(id, to, access)?;
    done(shared, &format!("{} may {} this chart.", args.to, word(access)))
}

fn word(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::Manage => "manage",
    }
}

pub fn revoke(shared: &Shared, args: &RevokeArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let id = session.find_chart(&args.patient.patient)?;
    let from = session.find_grantee(&args.from)?;
    session.revoke(id, from)?;
    // The revoker may have revoked themself, and then sees nothing any more.
    let left = match from {
        Grantee::Member(member) => session.access_left(id, member).unwrap_or(None),
        Grantee::Team(_) => None,
    };
    if let Some(left) = left {
        return done(
            shared,
            &format!(
                "{} was taken off the list and may still {} this chart through a team: see `wardbook access`.",
                args.from,
                word(left)
            ),
        );
    }
    done(
        shared,
        &format!(
            "{} can open nothing that is written to this chart from now on. What they read before, they may have kept.",
            args.from
        ),
    )
}

pub fn access(shared: &Shared, args: &PatientArg) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let id = session.find_chart(&args.patient)?;
    let (grants, epoch, waiting) = session.access(id)?;
    if shared.json {
        let grant = |grant: &wardbook_client::AccessInfo| {
            out::object([
                ("grantee", out::text(&grant.grantee)),
                ("name", out::text(&grant.display)),
                ("access", out::text(word(grant.access))),
            ])
        };
        out::print(&out::object([
            ("epoch", out::number(i64::try_from(epoch).unwrap_or(i64::MAX))),
            ("waitsForNewKey", Json::Bool(waiting)),
            ("grants", out::list(grants.iter().map(grant))),
        ]));
        return Ok(0);
    }
    out::table(
        ["Who", "Name", "May"],
        grants.into_iter().map(|grant| [grant.grantee, grant.display, word(grant.access).to_owned()]),
    );
    println!(
        "Key number {epoch}.{}",
        if waiting { " Somebody who had access has left: the next change makes a new key." } else { "" }
    );
    Ok(0)
}

pub fn admit(shared: &Shared, args: &PatientArg) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let id = session.find_chart(&args.patient)?;
    let admitted = session.admit(id, None)?;
    done(shared, &format!("{} now.", out::counted(admitted, "change counts", "changes count")))
}

pub fn conflicts(shared: &Shared, args: &ConflictsArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let charts = match &args.patient {
        Some(patient) => vec![session.find_chart(patient)?],
        None => {
            session.all_charts()?.into_iter().filter(|found| found.conflicts > 0).map(|found| found.chart).collect()
        }
    };
    let mut printed = Vec::new();
    for id in charts {
        let (title, unresolved) = {
            let chart = session.chart(id)?;
            (chart.title(), chart.conflicts())
        };
        for item in unresolved {
            if shared.json {
                printed.push(conflict_json(&session, id, &item));
            } else {
                show(&session, id, &title, &item);
                printed.push(Json::Null);
            }
        }
    }
    if shared.json {
        out::print(&out::list(printed));
    } else if printed.is_empty() {
        println!("Nothing is in conflict.");
    } else {
        println!(
            "Decide with `wardbook resolve TYPE/ID --take NUMBER`, or element by element with --set. Nothing is lost by waiting."
        );
    }
    Ok(0)
}

/// The versions that differ, in the order in which they are numbered.
fn versions(
    session: &Session,
    id: wardbook_client::ChartId,
    item: &Unresolved,
) -> Vec<(wardbook_client::VersionRef, String)> {
    let heads = session.heads(id, &item.key);
    heads
        .into_iter()
        .map(|head| {
            let by = session
                .made_by(id, &head)
                .map(|(author, ms)| format!("{}, {}", session.member_name(&author).1, out::time(ms)));
            (head, by.unwrap_or_default())
        })
        .collect()
}

fn show(session: &Session, id: wardbook_client::ChartId, title: &str, item: &Unresolved) {
    println!("{} in the chart of {}", item.key, clean_text(title, 120));
    let versions = versions(session, id, item);
    let rows = item.conflicts.iter().flat_map(|conflict| {
        let versions = &versions;
        conflict.alternatives.iter().flat_map(move |alternative| {
            alternative.heads.iter().map(move |head| {
                let number = versions.iter().position(|(version, _)| version == head);
                let by = number.and_then(|number| versions.get(number)).map(|(_, by)| by.clone()).unwrap_or_default();
                let value = alternative.value.as_ref().map_or_else(|| "removed".to_owned(), Json::to_text);
                [conflict.path.to_string(), number.map_or(String::new(), |number| (number + 1).to_string()), by, value]
            })
        })
    });
    out::table(["Element", "Version", "By", "Value"], rows.collect::<Vec<_>>());
}

fn conflict_json(session: &Session, id: wardbook_client::ChartId, item: &Unresolved) -> Json {
    let versions = versions(session, id, item);
    let number = |head| {
        versions.iter().position(|(version, _)| version == head).map_or(Json::Null, |number| out::count(number + 1))
    };
    let elements = item.conflicts.iter().map(|conflict| {
        let alternatives = conflict.alternatives.iter().map(|alternative| {
            out::object([
                ("versions", out::list(alternative.heads.iter().map(number))),
                ("value", alternative.value.clone().unwrap_or(Json::Null)),
                ("removed", Json::Bool(alternative.value.is_none())),
            ])
        });
        out::object([("element", out::text(&conflict.path.to_string())), ("alternatives", out::list(alternatives))])
    });
    out::object([
        ("chart", out::text(&id.to_string())),
        ("resource", out::text(&item.key.to_string())),
        ("versions", out::list(versions.iter().map(|(_, by)| out::text(by)))),
        ("elements", out::list(elements)),
    ])
}

pub fn resolve(shared: &Shared, args: &ResolveArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (id, key) = locate(&mut session, &args.resource)?;
    let chart = session.chart(id)?;
    let view = chart.view(&key).ok_or_else(|| Error::NoResource(key.to_string()))?;
    if view.heads.len() < 2 {
        return Err(Error::Invalid(format!("{key} is not in conflict")));
    }
    let merged = view.content.map(std::borrow::Cow::into_owned);
    let decided = if let Some(number) = args.take {
        let head = number.checked_sub(1).and_then(|at| view.heads.get(at));
        let head =
            *head.ok_or_else(|| Error::Invalid(format!("versions are numbered from 1 to {}", view.heads.len())))?;
        chart.taking(&key, head)
    } else if let Some(file) = &args.file {
        Some(read_resource(file)?.into_parts().1)
    } else if !args.set.is_empty() {
        Some(set_all(merged.unwrap_or(Json::Null), &args.set)?)
    } else {
        return Err(Error::Invalid(
            "say what holds: --take NUMBER (see `wardbook conflicts`), --set ELEMENT=VALUE, or --file FILE".into(),
        ));
    };
    match decided {
        Some(json) => {
            let resource = Resource::from_json(json, None).map_err(|error| Error::Invalid(error.to_string()))?;
            session.put_as(id, key.clone(), resource)?;
        }
        None => session.delete(id, &key)?,
    }
    done(shared, &format!("{key} is decided."))
}
