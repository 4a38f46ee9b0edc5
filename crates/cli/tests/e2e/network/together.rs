//! Several people at once on several devices: what they did apart comes together, and everybody sees the same.

use super::{Network, flag};
use crate::support::number;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use wardbook_client::record::json::Json;

const PATIENT: &str = "Patient/joao-ferreira";

#[test]
fn three_members_on_two_devices_edit_apart_and_end_the_same() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.eva_joins_on(&two);
    network.sync(&two, "eva");
    network.sync(&one, "ana");
    assert_eq!(network.server.stop(), Some(0));
    network.edit(&one, "ana", PATIENT, "telecom[0].value=+351 555 0001");
    network.edit(&one, "ana", PATIENT, "gender=other");
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=married");
    network.edit(&two, "ben", PATIENT, "gender=unknown");
    network.edit(&two, "eva", PATIENT, "active=true");
    let said = network.fails(&one, "ana", 10, &["sync"]);
    assert!(said.contains("kept on this device"), "{said}");
    network.server.start_again(0);

    // One member's sync carries what everybody wrote on that device.
    let count = |report: &Json| (number(report, "sent"), number(report, "received"), number(report, "conflicts"));
    assert_eq!(count(&network.sync(&one, "ana")), (2, 0, 0));
    assert_eq!(count(&network.sync(&two, "ben")), (3, 2, 1));
    assert_eq!(count(&network.sync(&one, "ana")), (0, 3, 1));
    let merged = network.ferreira(&one, "ana");
    for part in ["+351 555 0001", "married", r#""active":true"#] {
        assert!(merged.contains(part), "{part}: {merged}");
    }
    assert_eq!(merged, network.ferreira(&two, "eva"));
    let mut numbers = Vec::new();
    for vault in [&one, &two] {
        let conflicts = network.json(vault, "ana", &["conflicts"]);
        let conflict = &conflicts.as_array().unwrap()[0];
        assert_eq!(conflict.text("resource"), Some(PATIENT));
        let elements = conflict.items("elements");
        assert_eq!((elements.len(), elements[0].text("element")), (1, Some("gender")));
        let wanted = elements[0].items("alternatives").iter().find(|held| held.text("value") == Some("unknown"));
        numbers.push(wanted.unwrap().items("versions")[0].to_text());
    }
    assert_eq!(numbers[0], numbers[1], "versions have the same numbers everywhere");

    // One person decides, and it is decided.
    network.fails(&two, "eva", 8, &["edit", PATIENT, "--set", "active=false"]);
    network.ok(&one, "ana", &["resolve", PATIENT, "--take", &numbers[0]]);
    network.sync(&one, "ana");
    network.sync(&two, "eva");
    for (vault, user) in [(&one, "ana"), (&two, "ben")] {
        assert!(network.ferreira(vault, user).contains(r#""gender":"unknown""#));
        assert_eq!(network.ok(vault, user, &["conflicts", "--json"]).trim(), "[]");
    }

    // Where nothing is new, that is one request.
    network.sync(&one, "ana");
    for (vault, user) in [(&one, "ana"), (&two, "ben"), (&two, "eva")] {
        let report = network.sync(vault, user);
        assert_eq!(count(&report), (0, 0, 0));
        assert_eq!((number(&report, "roundTrips"), flag(&report, "newIdentity")), (1, false), "{}", report.to_text());
    }
    for user in ["ana", "ben", "eva"] {
        assert_eq!(network.whole(&one, user), network.whole(&two, user));
    }
    assert!(number(&network.proven(&two, "ben"), "proven") > 0);
}

/// Ends with the test.
struct Watcher {
    child: Child,
    reports: Receiver<Json>,
}

impl Watcher {
    fn new(network: &Network, vault: &std::path::Path, user: &str) -> Self {
        let mut command = network.command(vault, user, &["sync", "--watch", "--json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, reports) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let Ok(report) = Json::parse(line.as_bytes()) else { continue };
                if sender.send(report).is_err() {
                    return;
                }
            }
        });
        Self { child, reports }
    }

    /// Waits until it has received something.
    fn received(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let report = self.reports.recv_timeout(left).expect("the watcher received nothing");
            if number(&report, "received") > 0 {
                return;
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_device_that_watches_gets_what_others_write_and_leaves_the_vault_free() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let watcher = Watcher::new(&network, &two, "ben");
    // Its first exchange, with nothing new.
    watcher.reports.recv_timeout(Duration::from_secs(30)).unwrap();
    network.edit(&one, "ana", PATIENT, "telecom[0].value=+351 555 0002");
    network.sync(&one, "ana");
    watcher.received();
    assert!(network.ferreira(&two, "ben").contains("+351 555 0002"));
    // The server goes away and comes back.
    network.server.kill();
    network.edit(&one, "ana", PATIENT, "telecom[0].value=+351 555 0003");
    network.server.start_again(0);
    network.sync(&one, "ana");
    watcher.received();
    assert!(network.ferreira(&two, "ben").contains("+351 555 0003"));
}
