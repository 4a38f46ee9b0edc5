//! A server and other devices: `sync`, `invite`, `enrol`, `device`, `evict`, `lease`, `quarantine`, `server set`.

use super::people::done;
use crate::args::network::{
    CaseloadArgs, DeviceCommand, EnrolArgs, InviteArgs, LeaseArgs, LeaseCommand, QuarantineCommand, SettleArgs,
    SyncArgs,
};
use crate::args::{PatientArg, Shared};
use crate::{ask, net, out};
use std::io::Read;
use std::time::Duration;
use wardbook_client::record::json::Json;
use wardbook_client::sync::http::Https;
use wardbook_client::sync::transport::Transport;
use wardbook_client::sync::{Caseload, InviteFor, NewMemberInfo, SyncReport, enrol as join, lease_request};
use wardbook_client::{
    ChartId, Credential, Decision, EntryId, Error, InviteLink, LeaseStanding, Quarantined, Secret, ServerLink, Session,
    SyncOnly, Vault,
};
use zeroize::Zeroizing;

/// A server that cannot be reached is tried again after so long, while watching.
const AGAIN: Duration = Duration::from_secs(15);
/// A link is read from standard input up to here.
const LINK_BYTES_MAX: u64 = 16 * 1024;

pub fn sync(shared: &Shared, args: &SyncArgs) -> Result<u8, Error> {
    let vault = ask::open(shared)?;
    let mut link = net::link(&vault)?;
    let user = ask::user(shared)?;
    let password = ask::secret(shared.password_file.as_deref(), &format!("Password of {user}: "))?;
    let waiting = vault.unlock_to_sync(&user, &Credential::Password(&password));
    let mut waiting = waiting.map_err(|(_, error)| error)?;
    let code = once(shared, &mut waiting, &mut link)?;
    if !args.watch {
        return Ok(code);
    }
    loop {
        // The vault is free for other commands while nothing happens: what they write is found at the next turn.
        let (path, authorization, size) = waiting.ask_for_news();
        drop(waiting);
        let news = link.wait(&path, authorization, size);
        if news.is_err() {
            std::thread::sleep(AGAIN);
        }
        let vault = ask::open(shared)?;
        // Nothing there and nothing here: it only says that the connection lives.
        if news.is_ok_and(|told| told == size) && vault.unsent()? == 0 {
            waiting = vault.unlock_to_sync(&user, &Credential::Password(&password)).map_err(|(_, error)| error)?;
            continue;
        }
        waiting = vault.unlock_to_sync(&user, &Credential::Password(&password)).map_err(|(_, error)| error)?;
        match once(shared, &mut waiting, &mut link) {
            Ok(_) => {}
            Err(error @ Error::Offline(_)) => eprintln!("wardbook: {error}"),
            Err(error) => return Err(error),
        }
    }
}

fn once(shared: &Shared, waiting: &mut SyncOnly, link: &mut Https) -> Result<u8, Error> {
    let (bar, mut progress) = net::bar();
    let done = waiting.sync(link, &mut progress);
    bar.finish_and_clear();
    let report = done?;
    net::show(shared, &report);
    let held = report.held_back.is_some() || !report.held_attachments.is_empty();
    Ok(match (held, report.alarms.is_empty()) {
        (_, false) => 12,
        (true, true) => 11,
        (false, true) => 0,
    })
}

/// The link of a server and a checked connection to it.
pub fn server(text: &str) -> Result<(ServerLink, String, Https), Error> {
    let server = ServerLink::from_text(text).map_err(|error| Error::Invalid(error.to_string()))?;
    let certificate = Https::pinned_certificate(&server.base, &server.fingerprint)?;
    let link = Https::new(&server.base, &certificate)?;
    Ok((server, certificate, link))
}

pub fn server_set(shared: &Shared, text: &str) -> Result<u8, Error> {
    let (server, certificate, mut link) = server(text)?;
    // The lease may have ended while the server was not found at its old address.
    let mut waiting = ask::unlock_to_sync(shared)?;
    let moves = waiting.vault().has_server();
    waiting.set_server(&mut link, &server, &certificate)?;
    if moves && !shared.json {
        println!("This device reaches its server at {} from now on. Do the same on every other device.", server.base);
    }
    once(shared, &mut waiting, &mut link)
}

pub fn accept_restored(shared: &Shared) -> Result<u8, Error> {
    let mut session = ask::unlock_to_sync(shared)?;
    let mut link = net::link(session.vault())?;
    let lost = session.accept_restored(&mut link)?;
    let (bar, mut progress) = net::bar();
    let report = session.sync(&mut link, &mut progress);
    bar.finish_and_clear();
    let report = report?;
    if !shared.json {
        println!(
            "The server had lost {} of its log. Every device hands in again what it has of what was lost.",
            out::counted(lost, "place", "places")
        );
    }
    net::show(shared, &report);
    Ok(0)
}

pub fn invite(shared: &Shared, args: &InviteArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let mut link = net::link(session.vault())?;
    if args.withdraw {
        let count = session.withdraw_invites(&mut link)?;
        return done(shared, &format!("{} withdrawn.", out::counted(count, "invite was", "invites were")));
    }
    let teams = args.teams.iter().map(|team| session.find_team(team)).collect::<Result<Vec<_>, _>>()?;
    let member = (!args.device_only).then(|| (args.role.into(), teams));
    let what = InviteFor { member, device: !args.member_only, hours: args.hours };
    let invited = session.invite(&mut link, &what)?;
    if shared.json {
        out::print(&out::object([
            ("link", out::text(&invited.link)),
            ("expires", out::text(&out::time(invited.expires_ms))),
        ]));
        return Ok(0);
    }
    println!("Hand this over in person, or in a message that only the newcomer reads: whoever has it first may join.");
    println!("It can be used once, until {}.\n", out::time(invited.expires_ms));
    println!("    wardbook enrol '{}'\n", *invited.link);
    println!("{}", wardbook_server::http::qr(&invited.link));
    Ok(0)
}

pub fn enrol(shared: &Shared, args: &EnrolArgs) -> Result<u8, Error> {
    let text = if args.link == "-" {
        let mut text = String::new();
        let read = std::io::stdin().take(LINK_BYTES_MAX).read_to_string(&mut text);
        read.map_err(|error| Error::Invalid(format!("standard input gave no link: {error}")))?;
        Secret::new(text)
    } else {
        Secret::new(args.link.clone())
    };
    let invite = InviteLink::from_text(text.expose().trim()).map_err(|error| Error::Invalid(error.to_string()))?;
    let certificate = Https::pinned_certificate(&invite.base, &invite.fingerprint)?;
    let mut link = Https::new(&invite.base, &certificate)?;
    let password = match &shared.member {
        Some(user) => Some(ask::new_secret(args.new.new_password_file.as_deref(), &format!("for {user}"))?),
        None => None,
    };
    let user = shared.member.as_deref().unwrap_or_default();
    let display = args.name.as_deref().unwrap_or(user);
    let member = password.as_ref().map(|password| NewMemberInfo { user, display, password });
    // Somebody whose answer was lost comes again.
    let again = Vault::is_at(&shared.vault) && ask::open(shared)?.is_joining_anew()?;
    let (vault, mut code) = if Vault::is_at(&shared.vault) && !again {
        let Some(member) = &member else {
            return Err(Error::Invalid(
                "there is a vault in this folder already: name another folder for a new device, `wardbook --vault NEWDIR \
                 enrol LINK`, or say with --member USER who joins on this one"
                    .into(),
            ));
        };
        let mut vault = ask::open(shared)?;
        let code = vault.join_here(&invite, &mut link, member)?;
        (vault, code)
    } else {
        let joined = join(&shared.vault, &invite, &mut link, &certificate, &args.device, member.as_ref())?;
        (joined.vault, joined.recovery_code)
    };
    let synced = password.as_ref().map(|password| first_sync(vault, (user, password), args, &mut link, &mut code));
    // Whatever became of the sync: the code is shown once and kept nowhere.
    if shared.json {
        let received = synced.as_ref().and_then(|synced| synced.as_ref().ok()).map_or(0, |report| report.received);
        out::print(&out::object([
            ("vault", out::text(&shared.vault.display().to_string())),
            ("recoveryCode", out::optional(code.as_ref().map(|code| code.as_str()))),
            ("received", out::count(received)),
        ]));
        return synced.transpose().map(|_| 0);
    }
    println!("{} is a vault of the organisation now.", shared.vault.display());
    if let Some(code) = code {
        println!(
            "\nRecovery code of {user}, for a forgotten password. Print it now: it is shown once and kept nowhere.\n\n    {}\n",
            *code
        );
    }
    match synced.transpose()? {
        Some(report) => net::show(shared, &report),
        None => println!("Next: `wardbook sync --member USER` fetches the charts, with the password of any member."),
    }
    Ok(0)
}

/// Fetches the charts of who has just joined. The code of a first attempt whose answer was lost was never shown: then a new
/// one is made.
fn first_sync(
    vault: Vault,
    (user, password): (&str, &Secret),
    args: &EnrolArgs,
    link: &mut Https,
    code: &mut Option<Zeroizing<String>>,
) -> Result<SyncReport, Error> {
    let unlocked = vault.unlock_to_sync(user, &Credential::Password(password));
    let mut waiting = unlocked.map_err(|(_, error)| error)?;
    if !args.caseload_teams.is_empty() {
        waiting.hold_teams(&args.caseload_teams)?;
    }
    let (bar, mut progress) = net::bar();
    let done = waiting.sync(link, &mut progress);
    bar.finish_and_clear();
    let report = done?;
    if code.is_none() {
        let mut session = waiting.into_session().map_err(|(_, error)| error)?;
        *code = Some(session.new_recovery_code()?);
        session.sync(link, &mut |_| {})?;
    }
    Ok(report)
}

pub fn device(shared: &Shared, command: DeviceCommand) -> Result<u8, Error> {
    match command {
        DeviceCommand::List => {
            let devices = ask::unlock(shared)?.devices();
            if shared.json {
                out::print(&out::list(devices.iter().map(|device| {
                    out::object([
                        ("id", out::text(&device.id.to_string())),
                        ("name", out::text(&device.name)),
                        ("enrolled", Json::Bool(device.enrolled)),
                        ("here", Json::Bool(device.here)),
                    ])
                })));
                return Ok(0);
            }
            let state = |enrolled, here| {
                if here {
                    "this one"
                } else if enrolled {
                    "enrolled"
                } else {
                    "retired"
                }
            };
            let rows = devices.into_iter().map(|device| {
                let id: String = device.id.to_string().chars().take(12).collect();
                [device.name, id, state(device.enrolled, device.here).to_owned()]
            });
            out::table(["Device", "Id", ""], rows);
            Ok(0)
        }
        DeviceCommand::Retire { device } => {
            let mut session = net::unlock_to_change(shared)?;
            let id = session.find_device(&device)?;
            session.retire_device(id)?;
            done(
                shared,
                &format!(
                    "{device} is retired. The server refuses it from now on, and it wipes its keys when it next reaches the server."
                ),
            )
        }
        DeviceCommand::Caseload(args) => caseload(shared, &args),
    }
}

fn caseload(shared: &Shared, args: &CaseloadArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    if args.all {
        session.set_caseload(Caseload::All)?;
    } else if !args.patients.is_empty() || !args.teams.is_empty() {
        let charts = args.patients.iter().map(|patient| find_chart(&mut session, patient)).collect::<Result<_, _>>()?;
        let teams = args.teams.iter().map(|team| session.find_team(team)).collect::<Result<_, _>>()?;
        session.set_caseload(Caseload::Some { charts, teams })?;
    }
    let (charts, teams) = match session.caseload()? {
        Caseload::All => {
            return done(shared, "This device holds every chart of the organisation.");
        }
        Caseload::Some { charts, teams } => (charts, teams),
    };
    let teams: Vec<_> = teams.iter().map(|team| session.team_name(team)).collect();
    if shared.json {
        out::print(&out::object([
            ("charts", out::list(charts.iter().map(|chart| out::text(&chart.to_string())))),
            ("teams", out::list(teams.iter().map(|team| out::text(team)))),
        ]));
    } else {
        println!(
            "This device holds {} by choice, and the charts of: {}.",
            out::counted(charts.len(), "chart", "charts"),
            if teams.is_empty() { "no team".to_owned() } else { teams.join(", ") }
        );
        println!("The next `wardbook sync` brings what is missing and removes the rest.");
    }
    Ok(0)
}

pub fn evict(shared: &Shared, args: &PatientArg) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let chart = find_chart(&mut session, &args.patient)?;
    session.evict(chart)?;
    done(shared, "The chart is no longer on this device. The server keeps it.")
}

/// A chart by its id also where it is not on this device.
fn find_chart(session: &mut Session, text: &str) -> Result<ChartId, Error> {
    ChartId::from_text(&text.to_ascii_lowercase()).map_or_else(|| session.find_chart(text), Ok)
}

pub fn lease(shared: &Shared, args: LeaseArgs) -> Result<u8, Error> {
    match args.command.unwrap_or(LeaseCommand::Show) {
        LeaseCommand::Show => show_lease(shared),
        LeaseCommand::Extend { request, hours } => {
            let (device, lease) = lease_request(&request).ok_or_else(|| {
                Error::Invalid("the request is DEVICE-LEASE, as `wardbook lease` shows it on the other device".into())
            })?;
            let lines = ask::unlock_to_sync(shared)?.sign_extension(device, lease, hours)?;
            if shared.json {
                out::print(&out::object([
                    ("hours", out::number(hours.into())),
                    ("code", out::list(lines.iter().map(|line| out::text(line)))),
                ]));
                return Ok(0);
            }
            println!(
                "Read this out, line by line. The other device checks each line: `wardbook lease enter --hours {hours}`\n"
            );
            lines.iter().enumerate().for_each(|(number, line)| println!("  {}. {}", number + 1, **line));
            Ok(0)
        }
        LeaseCommand::Enter { hours, code_file } => {
            let mut vault = ask::open(shared)?;
            let lines = match &code_file {
                Some(file) => ask::secrets(file)?,
                None => (1..=4).map(|line| ask::secret(None, &format!("Line {line}: "))).collect::<Result<_, _>>()?,
            };
            let info = vault.extend_lease(hours, &lines)?;
            done(shared, &format!("This device may work offline until {}.", out::time(info.until_ms)))
        }
    }
}

fn show_lease(shared: &Shared) -> Result<u8, Error> {
    let vault = ask::open(shared)?;
    let Some(info) = vault.lease() else {
        return done(
            shared,
            if vault.has_server() {
                "This device has no lease yet: run `wardbook sync`."
            } else {
                "This vault has no server, and needs no lease."
            },
        );
    };
    let request = info.request();
    let (word, standing) = match info.standing {
        LeaseStanding::Holds { .. } => {
            ("holds", format!("This device may work offline until {}.", out::time(info.until_ms)))
        }
        LeaseStanding::Ended { .. } => (
            "ended",
            format!(
                "The lease of this device ended at {}: it stays locked until `wardbook sync` reaches the server.",
                out::time(info.until_ms)
            ),
        ),
        LeaseStanding::ClockBack { by_ms } => (
            "clock-back",
            format!(
                "The clock of this device is {} behind a time that it has shown before: it stays locked until that is set right or `wardbook sync` reaches the server.",
                out::counted(by_ms / 60_000, "minute", "minutes")
            ),
        ),
    };
    if shared.json {
        out::print(&out::object([
            ("standing", out::text(word)),
            ("until", out::text(&out::time(info.until_ms))),
            ("untilMs", out::number(info.until_ms)),
            ("synced", out::optional(vault.last_synced_ms().map(out::time).as_deref())),
            ("unsent", out::count(vault.unsent()?)),
            ("request", out::text(&request)),
        ]));
        return Ok(if word == "holds" { 0 } else { 13 });
    }
    println!("{standing}");
    if let Some(ms) = vault.last_synced_ms() {
        println!(
            "It last exchanged everything at {}; {} since.",
            out::time(ms),
            out::counted(vault.unsent()?, "object waits to be sent", "objects wait to be sent")
        );
    }
    println!(
        "Where no server can be reached, an officer extends it by telephone. Tell them this request:\n\n    {request}\n\nThey run `wardbook lease extend REQUEST --hours N` and read four lines out, for `wardbook lease enter --hours N` here."
    );
    Ok(if word == "holds" { 0 } else { 13 })
}

pub fn quarantine(shared: &Shared, command: QuarantineCommand) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    match command {
        QuarantineCommand::List { all } => list_quarantine(shared, &mut session, all),
        QuarantineCommand::Admit(args) => {
            // What was set aside is admitted by its id alone.
            let held =
                if args.entries.is_empty() { session.quarantine()? } else { session.quarantine_with_decided()? };
            let (chart, only) = to_settle(&mut session, &args, held)?;
            let count = session.admit(chart, only.as_deref())?;
            if count == 0 {
                return done(
                    shared,
                    "No change waits in this chart. One that was set aside is admitted by its id: see \
                     `wardbook quarantine list --all`.",
                );
            }
            done(shared, &format!("{} now.", out::counted(count, "change counts", "changes count")))
        }
        QuarantineCommand::Reject(args) => {
            let held = session.quarantine()?;
            let (chart, only) = to_settle(&mut session, &args, held)?;
            let count = session.reject(chart, only.as_deref())?;
            done(shared, &format!("{} set aside. Nothing was deleted.", out::counted(count, "entry is", "entries are")))
        }
    }
}

fn to_settle(
    session: &mut Session,
    args: &SettleArgs,
    mut waiting: Vec<Quarantined>,
) -> Result<(ChartId, Option<Vec<EntryId>>), Error> {
    waiting.retain(|held| held.decision.is_none_or(|decision| !decision.admitted));
    // An officer names a chart that they cannot open by the beginning of its id.
    let by_id =
        waiting.iter().find(|held| args.patient.len() >= 8 && held.chart.to_string().starts_with(&args.patient));
    let chart = match by_id {
        Some(held) => held.chart,
        None => session.find_chart(&args.patient)?,
    };
    if args.entries.is_empty() {
        return Ok((chart, None));
    }
    let mut only = Vec::new();
    for text in &args.entries {
        let found: Vec<_> = waiting
            .iter()
            .filter(|held| held.chart == chart && text.len() >= 6 && held.entry.to_string().starts_with(text))
            .collect();
        match found.as_slice() {
            [one] => only.push(one.entry),
            _ => {
                return Err(Error::Invalid(format!(
                    "no single entry in quarantine begins with {text:?}: see `wardbook quarantine list`, with --all \
                     for those that were set aside"
                )));
            }
        }
    }
    Ok((chart, Some(only)))
}

fn list_quarantine(shared: &Shared, session: &mut Session, all: bool) -> Result<u8, Error> {
    let waiting = if all { session.quarantine_with_decided()? } else { session.quarantine()? };
    let decided = |decision: Decision| if decision.admitted { "admitted" } else { "set aside" };
    let why = |late| if late { "after its lease" } else { "after access was lost" };
    let titles: Vec<_> =
        waiting.iter().map(|held| session.chart(held.chart).map(|chart| chart.title()).unwrap_or_default()).collect();
    if shared.json {
        let line = |(held, title): (&Quarantined, &String)| {
            let (by, time_ms) =
                (held.decision.map(|decision| decision.by), held.decision.and_then(|held| held.time_ms));
            out::object([
                ("chart", out::text(&held.chart.to_string())),
                ("patient", out::text(title)),
                ("entry", out::text(&held.entry.to_string())),
                ("author", out::text(&session.member_name(&held.author).0)),
                ("kind", out::text(&format!("{:?}", held.kind).to_lowercase())),
                ("why", out::text(why(held.late))),
                ("time", out::optional(held.time_ms.map(out::time).as_deref())),
                ("resources", out::list(held.resources.iter().map(|resource| out::text(resource)))),
                ("decided", out::optional(held.decision.map(decided))),
                ("decidedBy", out::optional(by.map(|by| session.member_name(&by).0).as_deref())),
                ("decidedTime", out::optional(time_ms.map(out::time).as_deref())),
            ])
        };
        out::print(&out::list(waiting.iter().zip(&titles).map(line)));
        return Ok(0);
    }
    if waiting.is_empty() {
        println!("{}", if all { "Nothing is or was in quarantine." } else { "Nothing is in quarantine." });
        return Ok(0);
    }
    let state = |held: &Quarantined| {
        let Some(decision) = held.decision else { return why(held.late).to_owned() };
        let time = decision.time_ms.map(|ms| format!(", {}", out::time(ms))).unwrap_or_default();
        format!("{}; {} by {}{time}", why(held.late), decided(decision), session.member_name(&decision.by).0)
    };
    let short = |id: String| id.chars().take(12).collect::<String>();
    out::table(
        ["Chart", "Patient", "Entry", "By", "When", "What", "Why"],
        waiting.iter().zip(&titles).map(|(held, title)| {
            let what = if held.resources.is_empty() {
                format!("{:?}", held.kind).to_lowercase()
            } else {
                held.resources.join(", ")
            };
            [
                short(held.chart.to_string()),
                title.clone(),
                short(held.entry.to_string()),
                session.member_name(&held.author).0,
                held.time_ms.map(out::time).unwrap_or_default(),
                what,
                state(held),
            ]
        }),
    );
    println!(
        "Let them count with `wardbook quarantine admit --patient CHART [ENTRY…]`, or set them aside with `reject`. \
         One that was set aside is admitted by its id."
    );
    Ok(0)
}
