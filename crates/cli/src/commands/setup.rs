//! Making a vault and looking after it: `init`, `doctor`, `verify`.

use crate::args::{InitArgs, Shared};
use crate::{ask, out};
use wardbook_client::{Created, Error, NewOrganisation, SiteKeyPlace, Vault};

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
    let Created { vault, secrets } = Vault::create(&shared.vault, &new)?;
    if shared.json {
        out::print(&out::object([
            ("organisation", out::text(&vault.directory().org().to_string())),
            ("vault", out::text(&shared.vault.display().to_string())),
            ("rootShares", out::list(secrets.root_shares.iter().map(|share| out::text(share)))),
            ("recoveryCode", out::text(&secrets.recovery_code)),
            ("siteKey", out::text(&place(vault.site_key_place()))),
        ]));
        return Ok(0);
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
    println!("Next: add members with `wardbook member add USER`, a team with `wardbook team create`.");
    Ok(0)
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
            ("passwords", out::text(&format!("{:?}", directory.policy().kdf))),
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
        "Passwords       {:?}, at least {} characters",
        directory.policy().kdf,
        directory.policy().password_chars_min
    );
    println!(
        "Members         {} (with those who left), {} devices",
        directory.members().count(),
        directory.devices().count()
    );
    println!("Failed attempts {} since the last unlock, {} remembered", state.failures, state.attempts_ms.len());
    for ms in state.attempts_ms.iter().rev().take(5) {
        println!("                {}", out::time(*ms));
    }
    Ok(0)
}

pub fn verify(shared: &Shared) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let bar = super::moving::spinner("Checking");
    let done = session.verify(&mut |charts| bar.set_message(format!("Checking, {charts} charts done")))?;
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
            "Whole: {} directory statements, {} slots, {} entries in {} charts; opened and read: {} charts with {} resources.",
            done.statements, done.slots, done.entries, done.charts, done.charts_opened, done.resources
        );
        if done.charts_opened < done.charts {
            println!("The content of the other charts can be checked by members who may open them.");
        }
        if done.waiting > 0 {
            println!(
                "{} entries are kept aside: they wait for others to arrive, or for somebody to admit them.",
                done.waiting
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
