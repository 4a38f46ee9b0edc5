//! Somebody in the middle: connections that break, bytes that are changed, another certificate (attack A20).

use super::proxy::{Rule, Way};
use super::{Network, Server, ended, flag};
use crate::support::number;

const PATIENT: &str = "Patient/joao-ferreira";

#[test]
fn whatever_happens_to_a_connection_a_sync_fails_cleanly_and_the_next_one_makes_up_for_it() {
    let network = Network::behind_proxy();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    // How many bytes an exchange of this kind takes.
    let edit = |count: usize| network.edit(&two, "ben", PATIENT, &format!("telecom[0].value=+351 555 {count:04}"));
    network.sync(&two, "ben");
    edit(0);
    let moved = || (network.proxy().moved(Way::ToServer), network.proxy().moved(Way::ToDevice));
    moved();
    network.sync(&two, "ben");
    let (up, down) = moved();
    let rules = [
        Rule::CutAnswer(0),
        Rule::CutAnswer(down / 4),
        Rule::CutAnswer(down / 2),
        Rule::CutAnswer(down * 8 / 10),
        Rule::CutRequest(100),
        Rule::CutRequest(up / 2),
        Rule::CutRequest(up * 8 / 10),
        Rule::FlipAnswer(50),
        Rule::FlipAnswer(down / 2),
        Rule::FlipAnswer(down * 8 / 10),
        Rule::FlipRequest(100),
        Rule::FlipRequest(up / 2),
        Rule::FlipRequest(up * 8 / 10),
    ];
    for (before, rule) in rules.into_iter().enumerate() {
        edit(before + 1);
        network.proxy().set(rule);
        let said = network.fails(&two, "ben", 10, &["sync"]);
        assert!(said.contains("was not reached"), "{rule:?}: {said}");
        network.proxy().set(Rule::Pass);
        let report = network.sync(&two, "ben");
        assert!(!flag(&report, "newIdentity"), "{rule:?}: {}", report.to_text());
        assert_eq!(report.items("refused").len() + report.items("alarms").len(), 0, "{rule:?}: {}", report.to_text());
    }
    // A slow connection is a connection.
    network.proxy().set(Rule::Slow(100));
    assert_eq!(number(&network.sync(&one, "ana"), "received"), 14);
    network.proxy().set(Rule::Pass);
    assert!(network.ferreira(&one, "ana").contains("+351 555 0013"));
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    network.proven(&two, "ben");
}

#[test]
fn a_device_whose_answer_was_lost_is_not_taken_for_one_that_was_put_back() {
    let mut network = Network::behind_proxy();
    network.import_samples();
    let two = network.two();
    network.sync(&two, "ben");
    network.proxy().moved(Way::ToDevice);
    network.sync(&two, "ben");
    let usual = network.proxy().moved(Way::ToDevice);
    // The server has done its part, and the device does not hear of it: several times in a row.
    for _ in 0..2 {
        network.proxy().set(Rule::CutAnswer(usual - 300));
        network.fails(&two, "ben", 10, &["sync"]);
    }
    network.proxy().set(Rule::Pass);
    let report = network.sync(&two, "ben");
    assert!(!flag(&report, "newIdentity"), "{}", report.to_text());
    // And between, one that the server never hears of.
    network.proxy().set(Rule::CutAnswer(usual - 300));
    network.fails(&two, "ben", 10, &["sync"]);
    network.proxy().set(Rule::Pass);
    network.server.stop();
    network.fails(&two, "ben", 10, &["sync"]);
    network.server.start_again(0);
    let report = network.sync(&two, "ben");
    assert!(!flag(&report, "newIdentity"), "{}", report.to_text());
    assert_eq!(network.json(&two, "ben", &["device", "list"]).as_array().unwrap().len(), 2);
}

#[test]
fn a20_whoever_has_another_certificate_is_refused() {
    let mut network = Network::new();
    network.import_samples();
    let two = network.two();
    let link = network.invite(&["--device-only"]);
    network.edit(&two, "ben", PATIENT, "active=true");
    let address = network.server.address;
    network.server.stop();
    let mut other = Server::start_at(&network.scene.folder.path().join("other-server"), address, &[]);
    let said = network.fails(&two, "ben", 10, &["sync"]);
    assert!(said.to_lowercase().contains("certificate"), "{said}");
    network.fails(&two, "ben", 10, &["verify", "--server"]);
    let three = network.scene.folder.path().join("three");
    let said = ended(&network.try_enrol(&three, None, &link), 12, &["enrol"]).1;
    assert!(said.contains("NET-01"), "{said}");
    assert!(!three.join("vault.db").exists());
    // It was asked for its certificate, and told nothing.
    let log = std::fs::read_to_string(&other.log).unwrap();
    assert!(!log.contains("/sync"), "something was sent to it: {log}");
    other.kill();
    network.server.start_again(0);
    assert_eq!(number(&network.sync(&two, "ben"), "sent"), 1);
    network.enrol("three", None, &link);
}

#[test]
fn joining_that_broke_off_goes_on_where_it_stopped_and_is_done_once() {
    let network = Network::behind_proxy();
    let link = network.invite(&["--device-only"]);
    let two = network.scene.folder.path().join("two");
    let mut broken = 0;
    for step in 0..40 {
        network.proxy().set(Rule::CutAnswer(1200 + 1200 * step));
        let output = network.try_enrol(&two, None, &link);
        if output.status.success() {
            break;
        }
        let said = ended(&output, 10, &["enrol"]).1;
        assert!(said.contains("was not reached"), "{said}");
        broken += 1;
    }
    network.proxy().set(Rule::Pass);
    assert!((2..40).contains(&broken), "{broken} attempts broke off");
    network.sync(&two, "ana");
    let devices = network.json(&two, "ana", &["device", "list"]);
    assert_eq!(devices.as_array().unwrap().len(), 2, "{}", devices.to_text());
    network.proven(&two, "ana");
}
