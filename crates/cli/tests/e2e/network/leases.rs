//! How long a device works without its server, by clocks that the tests set.

use super::{Network, clocks_can_be_set, ended, parse};
use crate::support::number;
use std::path::Path;
use wardbook_client::record::json::Json;

const PATIENT: &str = "Patient/joao-ferreira";
const HOUR_MS: i64 = 3_600_000;

/// What `lease` says on a device, ending with that code.
fn lease(network: &Network, vault: &Path, code: i32) -> Json {
    let args = ["lease", "--json"];
    parse(&ended(&network.run(vault, "ben", &args), code, &args).0)
}

/// Restarts the server with its clock, and moves those of the devices.
fn set_clocks(network: &mut Network, hours: i64) {
    network.server.stop();
    network.server.start_again(hours);
    network.hours = hours;
}

#[test]
fn a15_a_device_locks_after_its_lease_and_an_officers_code_opens_it_again() {
    if !clocks_can_be_set() {
        return;
    }
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let held = lease(&network, &two, 0);
    assert_eq!((held.text("standing"), number(&held, "unsent")), (Some("holds"), 0));
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=married");

    // 80 hours later, which is 8 more than the policy says.
    network.hours = 80;
    let ended = lease(&network, &two, 13);
    assert_eq!((ended.text("standing"), number(&ended, "unsent")), (Some("ended"), 1));
    for args in
        [&["patients"][..], &["get", PATIENT], &["edit", PATIENT, "--set", "active=true"], &["verify"], &["passwd"]]
    {
        let said = network.fails(&two, "ben", 13, args);
        assert!(said.contains("wardbook sync"), "{args:?}: {said}");
    }
    // A wrong password is told as such all the same.
    network.fails(&two, "ben", 3, &["patients", "--password-file", &network.scene.path("eva")]);

    // By telephone: the officer's device is elsewhere, and its clock is right.
    let request = ended.text("request").unwrap().to_owned();
    network.hours = 0;
    assert!(network.fails(&one, "ana", 7, &["lease", "extend", &request, "--hours", "169"]).contains("168"));
    network.sync(&one, "ana");
    network.fails(&one, "ben", 4, &["lease", "extend", &request, "--hours", "24"]);
    let given = network.json(&one, "ana", &["lease", "extend", &request, "--hours", "24"]);
    let lines: Vec<_> = given.items("code").iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let code = network.scene.write("code", lines.join("\n"));
    let swapped = network.scene.write("swapped", [lines[1], lines[0], lines[2], lines[3]].join("\n"));
    network.hours = 80;
    network.fails(&two, "ben", 7, &["lease", "enter", "--hours", "48", "--code-file", &code]);
    network.fails(&two, "ben", 7, &["lease", "enter", "--hours", "24", "--code-file", &swapped]);
    network.fails(&two, "ben", 13, &["patients"]);
    network.ok(&two, "ben", &["lease", "enter", "--hours", "24", "--code-file", &code]);
    assert_eq!(number(&lease(&network, &two, 0), "untilMs"), number(&ended, "untilMs") + 24 * HOUR_MS);
    network.edit(&two, "ben", PATIENT, "active=true");
    network.hours = 97;
    network.fails(&two, "ben", 13, &["patients"]);

    // The server takes what was written under the extension as in time, and gives a new lease.
    set_clocks(&mut network, 94);
    let report = network.sync(&two, "ben");
    assert_eq!((number(&report, "sent"), number(&report, "quarantined")), (2, 0), "{}", report.to_text());
    let renewed = lease(&network, &two, 0);
    assert!(number(&renewed, "untilMs") > number(&ended, "untilMs") + 90 * HOUR_MS);

    // A clock that is turned back brings no lease back, and a sync does not take the time from it.
    network.hours = 0;
    let said = network.fails(&two, "ben", 13, &["patients"]);
    assert!(said.contains("minutes behind"), "{said}");
    assert_eq!(lease(&network, &two, 13).text("standing"), Some("clock-back"));
    network.hours = 94;
    network.ok(&two, "ben", &["patients"]);
    network.sync(&one, "ana");
    let seen = network.ferreira(&one, "ana");
    assert!(seen.contains("married") && seen.contains(r#""active":true"#), "{seen}");

    // The policy makes the next lease shorter.
    network.ok(&one, "ana", &["policy", "--lease", "1"]);
    network.sync(&two, "ben");
    assert!(number(&lease(&network, &two, 0), "untilMs") < number(&renewed, "untilMs") - 60 * HOUR_MS);
    network.hours = 96;
    network.fails(&two, "ben", 13, &["patients"]);
}

#[test]
fn what_comes_after_its_lease_waits_until_an_officer_decides() {
    if !clocks_can_be_set() {
        return;
    }
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let file = network.scene.path("new");
    network.ok(&one, "ana", &["member", "add", "new", "--role", "officer", "--new-password-file", &file]);
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=admitted");
    network.edit(&two, "ben", "Patient/mirela-ionescu", "maritalStatus.text=rejected");
    set_clocks(&mut network, 80);
    // Ben's device was away for too long.
    assert_eq!(number(&network.sync(&two, "ben"), "quarantined"), 2);
    assert!(!network.ferreira(&two, "ben").contains("admitted"));
    network.sync(&one, "ana");
    assert!(!network.ferreira(&one, "ana").contains("admitted"));

    // The officer cannot read either chart, and decides about both.
    network.fails(&one, "new", 4, &["chart", "Ferreira"]);
    let waiting = network.json(&one, "new", &["quarantine", "list"]);
    let waiting = waiting.as_array().unwrap();
    assert_eq!(waiting.len(), 2);
    for held in waiting {
        assert_eq!((held.text("author"), held.text("why")), (Some("ben"), Some("after its lease")));
        assert!(held.items("resources").is_empty() && held.text("time").is_none(), "{}", held.to_text());
    }
    let (ferreira, ionescu) = (network.chart_id("Ferreira"), network.chart_id("Ionescu"));
    let of = |chart: &str| waiting.iter().find(|held| held.text("chart") == Some(chart)).unwrap();
    let entry: String = of(&ferreira).text("entry").unwrap().chars().take(12).collect();
    network.fails(&one, "new", 7, &["quarantine", "admit", "--patient", &ionescu, &entry]);
    network.ok(&one, "new", &["quarantine", "admit", "--patient", &ferreira, &entry]);
    network.ok(&one, "new", &["quarantine", "reject", "--patient", &ionescu]);
    assert_eq!(network.ok(&one, "new", &["quarantine", "list", "--json"]).trim(), "[]");
    assert!(network.ferreira(&one, "ana").contains("admitted"));
    network.sync(&one, "new");
    network.sync(&two, "ben");
    assert!(network.ferreira(&two, "ben").contains("admitted"));
    let mirela = || network.ok(&two, "ben", &["get", "Patient/mirela-ionescu"]);
    assert!(!mirela().contains("rejected"), "{}", mirela());

    // Both decisions are on record, also for Ben, and what was set aside is still there to be admitted, by its id.
    for (vault, user) in [(&one, "new"), (&two, "ben")] {
        let decided = network.json(vault, user, &["quarantine", "list", "--all"]);
        for (chart, word) in [(&ferreira, "admitted"), (&ionescu, "set aside")] {
            let mut held = decided.as_array().unwrap().iter();
            let held = held.find(|held| held.text("chart") == Some(chart.as_str())).unwrap();
            let decision = (held.text("decided"), held.text("decidedBy"), held.text("decidedTime"));
            assert_eq!(decision, (Some(word), Some("new"), None), "{}", decided.to_text());
        }
    }
    let entry: String = of(&ionescu).text("entry").unwrap().chars().take(12).collect();
    assert!(network.ok(&one, "ana", &["quarantine", "admit", "--patient", &ionescu]).contains("list --all"));
    network.ok(&one, "new", &["quarantine", "admit", "--patient", &ionescu, &entry]);
    network.sync(&one, "new");
    network.sync(&two, "ben");
    assert!(mirela().contains("rejected"), "{}", mirela());
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
}
