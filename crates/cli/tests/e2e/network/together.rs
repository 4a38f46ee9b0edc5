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

#[test]
fn what_a_bundle_brought_too_early_is_kept_and_counts_after_the_next_sync() {
    let network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    // Ana's device knew of a team when she wrote; device two has not heard of it.
    network.ok(&one, "ana", &["team", "create", "Day", "ana"]);
    network.edit(&one, "ana", PATIENT, "maritalStatus.text=married");
    let stick = network.scene.path("stick");
    network.ok(&one, "ana", &["bundle", "export", &stick]);
    let import = ["bundle", "import", stick.as_str()];
    let came = |merged: &Json| (number(merged, "entries"), number(merged, "pending"));
    for _ in 0..2 {
        let merged = network.json(&two, "ben", &import);
        assert_eq!(came(&merged), (0, 1), "{}", merged.to_text());
    }
    assert!(network.ok(&two, "ben", &import).contains("wardbook sync"));
    assert!(!network.ferreira(&two, "ben").contains("married"));

    // The log has the team and not yet what she wrote: Ben's device takes that now, and hands it in.
    let report = network.sync(&two, "ben");
    assert_eq!(number(&report, "sent"), 1, "{}", report.to_text());
    assert!(network.ferreira(&two, "ben").contains("married"));
    assert_eq!(number(&network.json(&two, "ben", &["verify"]), "waiting"), 0);
    assert_eq!(came(&network.json(&two, "ben", &import)), (0, 0));
    network.sync(&one, "ana");
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    network.proven(&two, "ben");
}

#[test]
fn members_and_teams_are_not_changed_where_the_server_is_not_reached() {
    let mut network = Network::new();
    let one = network.one.clone();
    network.server.kill();
    let before = network.json(&one, "ana", &["doctor"]);
    let file = network.scene.path("new");
    for args in [
        &["team", "create", "Day", "ana"][..],
        &["member", "add", "new", "--new-password-file", file.as_str()],
        &["policy", "--lease", "24"],
        &["invite", "--device-only"],
    ] {
        let said = network.fails(&one, "ana", 10, args);
        assert!(said.contains("nothing has changed") && said.contains("wardbook sync"), "{args:?}: {said}");
        assert!(!said.contains("is kept on this device"), "{args:?}: {said}");
    }
    // What the device knew is shown all the same, and nothing of the above is in it, nor comes later.
    assert!(network.ok(&one, "ana", &["team", "list"]).contains("Night"));
    network.server.start_again(0);
    network.sync(&one, "ana");
    let after = network.json(&one, "ana", &["doctor"]);
    assert_eq!(number(&after, "statements"), number(&before, "statements"));
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
