//! Making a vault and looking after it: `init`, `doctor`, `verify`.

use crate::args::network::VerifyArgs;
use crate::args::{InitArgs, Shared};
use crate::{ask, net, out};
use wardbook_client::sync::AcknowledgedAlarm;
use wardbook_client::{Created, Credential, Error, NewOrganisation, Session, SiteKeyPlace, Vault};

pub fn init(shared: &Shared, args: &InitArgs) -> Result<u8, Error> {
    let user = ask::user(shared)?;
    let password = ask::new_secret(shared.password_file.as_deref(), &format!("for {user}"))?;
    let new = NewOrganisation {
        name: &args.organisation,
        user: &user,
        display: args.name.as_deref().unwrap_or(&user),
        password: &password,
        device_name: &args.device,
        shares_needed: args.shares.0,
        shares_made: args.shares.1,
        fips_only: args.fips,
    };
    // The link is checked before anything is made.
    let mut server = args.server.as_deref().map(super::network::server).transpose()?;
    let Created { mut vault, secrets } = Vault::create(&shared.vault, &new)?;
    let mut unreached = None;
    if let Some((server, certificate, link)) = &mut server {
        let unlocked = vault.unlock(&user, &Credential::Password(&password));
        let mut session = unlocked.map_err(|(_, error)| error)?;
        let put = session.set_server(link, server, certificate);
        // The codes below are shown whatever happens: the vault is there.
        unreached = put.and_then(|()| session.sync(link, &mut |_| {})).err();
        vault = session.lock();
    }
    let on_server = vault.server_base().map(str::to_owned);
    if shared.json {
        out::print(&out::object([
            ("server", out::optional(on_server.as_deref())),
            ("organisation", out::text(&vault.directory().org().to_string())),
            ("vault", out::text(&shared.vault.display().to_string())),
            ("rootShares", out::list(secrets.root_shares.iter().map(|share| out::text(share)))),
            ("recoveryCode", out::text(&secrets.recovery_code)),
            ("siteKey", out::text(&place(vault.site_key_place()))),
        ]));
        return unreached.map_or(Ok(0), Err);
    }
    println!("{} is set up in {}, with {user} as its first admin.\n", args.organisation, shared.vault.display());
    println!("Print this page now. It is shown once and kept nowhere.\n");
    println!("Recovery code of {user}, for a forgotten password:\n\n    {}\n", *secrets.recovery_code);
    println!(
        "Root shares: any {} of them restore an admin when all are gone. Give each to another person:\n",
        args.shares.0
    );
    for (number, share) in secrets.root_shares.iter().enumerate() {
        println!("    {}. {}", number + 1, **share);
    }
    println!("\nThe site key of this device is in {}.", place(vault.site_key_place()));
    match &on_server {
        Some(base) => println!("It is on the server {base}. Next: `wardbook team create`, then `wardbook invite`."),
        None => println!("Next: add members with `wardbook member add USER`, a team with `wardbook team create`."),
    }
    if unreached.is_some() {
        eprintln!("The organisation could not be put on the server: repeat that with `wardbook server set LINK`.");
    }
    unreached.map_or(Ok(0), Err)
}

fn place(place: &SiteKeyPlace) -> String {
    match place {
        SiteKeyPlace::KeyStore => "the key store of this user account".to_owned(),
        SiteKeyPlace::File(path) => format!("{} (mode 0600; this system offered no key store)", path.display()),
    }
}

pub fn doctor(shared: &Shared) -> Result<u8, Error> {
    let vault = ask::open(shared)?;
    let (directory, state) = (vault.directory(), vault.device_state());
    let in_file = matches!(vault.site_key_place(), SiteKeyPlace::File(_));
    if shared.json {
        out::print(&out::object([
            ("organisation", out::text(&directory.org().to_string())),
            ("device", out::text(&vault.device_id().to_string())),
            ("siteKey", out::text(if in_file { "file" } else { "keystore" })),
            ("members", out::count(directory.members().count())),
            ("devices", out::count(directory.devices().count())),
            ("statements", out::count(directory.chain().len())),
            ("passwords", out::text(&directory.policy().kdf.to_string())),
            ("passwordLength", out::number(directory.policy().password_chars_min.into())),
            ("failedAttempts", out::number(state.failures.into())),
            ("failedAttemptTimes", out::list(state.attempts_ms.iter().map(|ms| out::text(&out::time(*ms))))),
        ]));
        return Ok(0);
    }
    println!("Vault           {}", vault.folder().display());
    println!("Organisation    {}", directory.org());
    println!("This device     {}", vault.device_id());
    println!("Site key        {}", place(vault.site_key_place()));
    if in_file {
        println!(
            "                Whoever copies this folder whole can try passwords; each try costs what is said below."
        );
    }
    println!(
        "Passwords       {}, at least {} characters",
        directory.policy().kdf,
        directory.policy().password_chars_min
    );
    println!(
        "Members         {} (with those who left), {}",
        directory.members().count(),
        out::counted(directory.devices().count(), "device", "devices")
    );
    println!("Failed attempts {} since the last unlock, {} remembered", state.failures, state.attempts_ms.len());
    for ms in state.attempts_ms.iter().rev().take(5) {
        println!("                {}", out::time(*ms));
    }
    Ok(0)
}

pub fn verify(shared: &Shared, args: &VerifyArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    if args.server {
        return verify_server(shared, &mut session, args.acknowledge);
    }
    let bar = super::moving::spinner("Checking");
    let done = session.verify(&mut |charts| {
        bar.set_message(format!("Checking, {} done", out::counted(charts, "chart", "charts")));
    })?;
    bar.finish_and_clear();
    if shared.json {
        let finding = |finding: &wardbook_client::Finding| {
            out::object([("what", out::text(&finding.what)), ("reason", out::text(&finding.reason))])
        };
        let number = |value: u64| out::number(i64::try_from(value).unwrap_or(i64::MAX));
        out::print(&out::object([
            ("statements", number(done.statements)),
            ("slots", number(done.slots)),
            ("charts", number(done.charts)),
            ("chartsOpened", number(done.charts_opened)),
            ("entries", number(done.entries)),
            ("resources", number(done.resources)),
            ("waiting", number(done.waiting)),
            ("findings", out::list(done.findings.iter().map(finding))),
        ]));
    } else {
        println!(
            "Whole: {}, {}, {} in {}; opened and read: {} with {}.",
            out::counted(done.statements, "directory statement", "directory statements"),
            out::counted(done.slots, "slot", "slots"),
            out::counted(done.entries, "entry", "entries"),
            out::counted(done.charts, "chart", "charts"),
            out::counted(done.charts_opened, "chart", "charts"),
            out::counted(done.resources, "resource", "resources")
        );
        if done.charts_opened < done.charts {
            println!("The content of the other charts can be checked by members who may open them.");
        }
        if done.waiting > 0 {
            println!(
                "{} kept aside, for others to arrive or for somebody to admit.",
                out::counted(done.waiting, "entry is", "entries are")
            );
        }
        for finding in &done.findings {
            println!("Not whole: {}: {}", finding.what, finding.reason);
        }
        if done.findings.is_empty() {
            println!("Nothing is damaged.");
        }
    }
    Ok(if done.findings.is_empty() { 0 } else { 5 })
}

/// What this device holds against the server's log.
fn verify_server(shared: &Shared, session: &mut Session, acknowledge: bool) -> Result<u8, Error> {
    let mut link = net::link(session.vault())?;
    let bar = super::moving::spinner("Checking against the server's log");
    let done = session.verify_server(&mut link, &mut |at, of| bar.set_message(format!("Checking place {at} of {of}")));
    bar.finish_and_clear();
    let done = done?;
    let number = |value: u64| out::number(i64::try_from(value).unwrap_or(i64::MAX));
    if shared.json {
        let finding = |finding: &wardbook_client::Finding| {
            out::object([("what", out::text(&finding.what)), ("reason", out::text(&finding.reason))])
        };
        let acknowledged = |alarm: &AcknowledgedAlarm| {
            out::object([
                ("what", out::text(&alarm.what)),
                ("by", out::text(&alarm.by)),
                ("time", out::text(&out::time(alarm.time_ms))),
            ])
        };
        out::print(&out::object([
            ("size", number(done.size)),
            ("serverSize", number(done.server_size)),
            ("proven", number(done.proven)),
            ("unsent", out::count(done.unsent)),
            ("checkpoint", out::text(&done.checkpoint)),
            ("findings", out::list(done.findings.iter().map(finding))),
            ("acknowledged", out::list(done.acknowledged.iter().map(acknowledged))),
        ]));
    } else {
        println!(
            "The log as this device knows it ({}) is the beginning of the server's ({}), which the server has signed.",
            out::counted(done.size, "place", "places"),
            out::counted(done.server_size, "place", "places")
        );
        println!(
            "{} proven to be in it; {} not been handed in yet.",
            out::counted(done.proven, "entry of this device is", "entries of this device are"),
            out::counted(done.unsent, "has", "have")
        );
        for finding in &done.findings {
            println!("Not as it should be: {}: {}", finding.what, finding.reason);
        }
        for alarm in &done.acknowledged {
            println!("Acknowledged by {} at {}: {}.", alarm.by, out::time(alarm.time_ms), alarm.what);
        }
        println!("\n{}", done.checkpoint);
    }
    // What was shown is what is acknowledged.
    if acknowledge {
        let count = session.acknowledge_alarms()?;
        if !shared.json {
            println!("{} acknowledged by you now.", out::counted(count, "alarm is", "alarms are"));
        }
    }
    Ok(if done.findings.is_empty() { 0 } else { 12 })
}
