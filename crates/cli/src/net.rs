//! The way to the server, where there is one.

use crate::args::Shared;
use crate::{ask, out};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use wardbook_client::sync::http::Https;
use wardbook_client::sync::{SyncProgress, SyncReport};
use wardbook_client::{Error, Session, Vault};

/// A connection to the vault's server. Nothing is sent yet.
pub fn link(vault: &Vault) -> Result<Https, Error> {
    match (vault.server_base(), vault.server_certificate()) {
        (Some(base), Some(certificate)) => Https::new(base, certificate),
        _ => Err(Error::Invalid(
            "this vault has no server: `wardbook server set LINK` puts its organisation on one".into(),
        )),
    }
}

/// A session that has what the server has, if the vault has one, for changing members, teams, devices and policy: they are
/// changed on top of that, or not at all.
pub fn unlock_to_change(shared: &Shared) -> Result<Session, Error> {
    let mut session = ask::unlock(shared)?;
    if session.vault().has_server() {
        let mut link = link(session.vault())?;
        match session.sync(&mut link, &mut |_| {}) {
            Err(Error::Offline(reason)) => return Err(Error::directory_offline(&reason)),
            done => drop(done?),
        }
        session.connect(Box::new(link));
    }
    Ok(session)
}

/// The same for showing them, which is done without the server too.
pub fn unlock_to_show(shared: &Shared) -> Result<Session, Error> {
    let mut session = ask::unlock(shared)?;
    if session.vault().has_server() {
        let mut link = link(session.vault())?;
        match session.sync(&mut link, &mut |_| {}) {
            Err(Error::Offline(reason)) => {
                eprintln!("The server was not reached ({reason}): this is what the device knew when it last was.");
            }
            done => drop(done?),
        }
    }
    Ok(session)
}

/// A bar that shows how far a sync is.
pub fn bar() -> (ProgressBar, impl FnMut(&SyncProgress)) {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    let shown = bar.clone();
    (bar, move |progress: &SyncProgress| {
        shown.set_message(if progress.charts > 0 {
            format!("{} brought up to date", out::counted(progress.charts, "chart", "charts"))
        } else {
            format!(
                "sent {} of {}, received {}, {} to come",
                progress.sent, progress.to_send, progress.received, progress.to_receive
            )
        });
    })
}

/// What a sync did, for people or programs.
pub fn show(shared: &Shared, report: &SyncReport) {
    if shared.json {
        let refused = report
            .refused
            .iter()
            .map(|(what, why)| out::object([("what", out::text(what)), ("reason", out::text(&format!("{why:?}")))]));
        let held = report.held_attachments.iter().map(|held| {
            out::object([
                ("chart", out::text(&held.chart.to_string())),
                ("blob", out::text(&held.blob.to_string())),
                ("reason", out::text(&held.reason)),
            ])
        });
        out::print(&out::object([
            ("sent", out::count(report.sent)),
            ("received", out::count(report.received)),
            ("statements", out::count(report.statements)),
            ("heldBack", out::optional(report.held_back.as_deref())),
            ("heldAttachments", out::list(held)),
            ("conflicts", out::count(report.conflicts)),
            ("quarantined", out::count(report.quarantined)),
            ("passedOver", out::count(report.passed_over)),
            ("refused", out::list(refused)),
            ("alarms", out::list(report.alarms.iter().map(|alarm| out::text(alarm)))),
            ("passwords", out::list(report.passwords.iter().map(|told| out::text(told)))),
            ("newIdentity", wardbook_client::record::json::Json::Bool(report.renewed)),
            ("roundTrips", out::count(report.round_trips)),
            ("leaseUntil", out::optional(report.lease_until_ms.map(out::time).as_deref())),
        ]));
        return;
    }
    println!(
        "Sent {}, received {} and {}.",
        report.sent,
        out::counted(report.received, "entry", "entries"),
        out::counted(report.statements, "change of the directory", "changes of the directory")
    );
    if report.conflicts > 0 {
        println!(
            "{} in conflict: see `wardbook conflicts`.",
            out::counted(report.conflicts, "element is", "elements are")
        );
    }
    if report.quarantined > 0 {
        println!(
            "{} in quarantine: see `wardbook quarantine list`.",
            out::counted(report.quarantined, "entry is", "entries are")
        );
    }
    if report.passed_over > 0 {
        println!(
            "{} passed over.",
            out::counted(report.passed_over, "entry broke a rule and was", "entries broke a rule and were")
        );
    }
    for (what, why) in &report.refused {
        println!("Not taken by the server: {what} ({why:?}).");
    }
    if let Some(why) = &report.held_back {
        eprintln!(
            "The server had no room for what waits here ({why}). It stays on this device, and is handed in again."
        );
    }
    for held in &report.held_attachments {
        let chart: String = held.chart.to_string().chars().take(12).collect();
        eprintln!("Attachment {} of chart {chart} waits on this device: {}.", held.blob, held.reason);
    }
    if report.renewed {
        println!(
            "This device had been put back to an earlier state: it goes on under a new identity, and nothing was lost."
        );
    }
    if let Some(until) = report.lease_until_ms {
        println!("This device may work offline until {}.", out::time(until));
    }
    for told in &report.passwords {
        println!("Changed on two devices: {told}.");
    }
    for alarm in &report.alarms {
        eprintln!("ALARM: {alarm}.");
    }
    if !report.alarms.is_empty() {
        eprintln!("Each sync says so until somebody runs `wardbook verify --server --acknowledge`.");
    }
}
