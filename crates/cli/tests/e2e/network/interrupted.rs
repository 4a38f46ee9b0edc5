//! Processes that are killed in the middle of an exchange: what is handed in twice is there once, and nothing is lost.

use super::proxy::Rule;
use super::{Network, ward};
use crate::support::number;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const PATIENTS: usize = 400;
/// Characters of each note: the whole is more than one request or answer takes.
const NOTE: usize = 18 * 1024;
/// Each 16 KiB wait so long, so that there is a middle.
const SLOW_MS: u64 = 12;

/// Who is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Victim {
    Server,
    Device,
}

/// Begins a sync and kills one end of it; true if it was still running.
fn broken_sync(network: &mut Network, vault: &Path, user: &str, victim: Victim, after: Duration) -> bool {
    let mut command = network.command(vault, user, &["sync"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let running = child.try_wait().unwrap().is_none();
    if victim == Victim::Server {
        network.server.kill();
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 10)), "{code:?}");
        network.server.start_again(0);
    } else {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    running
}

/// Kills both ends in turn at moments spread over the time that a sync takes.
fn break_often(network: &mut Network, vault: &Path, user: &str) {
    network.proxy().set(Rule::Slow(SLOW_MS));
    let mut broken = 0;
    for round in 0..6u64 {
        let victim = if round % 2 == 0 { Victim::Server } else { Victim::Device };
        let after = Duration::from_millis(600 + 350 * round);
        broken += usize::from(broken_sync(network, vault, user, victim, after));
    }
    network.proxy().set(Rule::Pass);
    assert!(broken >= 2, "only {broken} were in the middle of it");
}

#[test]
fn a_large_exchange_gets_through_however_often_server_and_devices_are_killed() {
    let mut network = Network::behind_proxy();
    let (one, two) = (network.one.clone(), network.two());
    let file = network.scene.write("ward.ndjson", ward(PATIENTS, NOTE));
    let report = network.json(&one, "ana", &["import", &file, "--team", "Night"]);
    assert_eq!(number(&report, "imported"), 2 * PATIENTS as i64, "{}", report.to_text());
    let imported = network.whole(&one, "ana");

    break_often(&mut network, &one, "ana");
    network.sync(&one, "ana");
    assert_eq!(network.whole(&one, "ana"), imported);
    assert_eq!(number(&network.proven(&one, "ana"), "unsent"), 0);

    break_often(&mut network, &two, "ben");
    network.sync(&two, "ben");
    assert_eq!(network.whole(&two, "ben"), imported);
    assert!(network.ok(&two, "ben", &["get", "Observation/obs-0399", "--patient", "gen-0399"]).contains("Round"));
    for (vault, user) in [(&one, "ana"), (&two, "ben")] {
        let report = network.sync(vault, user);
        let counts = (number(&report, "sent"), number(&report, "received"), number(&report, "roundTrips"));
        assert_eq!(counts, (0, 0, 1), "{}", report.to_text());
    }
    // The same file again is nothing new on either device.
    let again = network.json(&two, "ben", &["import", &file, "--team", "Night"]);
    assert_eq!((number(&again, "imported"), number(&again, "changed")), (0, 0), "{}", again.to_text());
    network.proven(&two, "ben");
}
