//! Members and devices that leave, and keys that are replaced.

use super::{Network, flag, parse};
use crate::support::number;
use wardbook_client::record::json::Json;

const PATIENT: &str = "Patient/joao-ferreira";

fn epoch(network: &Network, team: &str) -> i64 {
    let teams = network.json(&network.one, "ana", &["team", "list"]);
    number(teams.as_array().unwrap().iter().find(|held| held.text("name") == Some(team)).unwrap(), "epoch")
}

#[test]
fn a14_a_retired_member_is_out_at_once_and_their_late_work_waits_for_a_decision() {
    let network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.eva_joins_on(&two);
    network.sync(&one, "ana");
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=late");
    let before = epoch(&network, "Night");
    network.ok(&one, "ana", &["member", "retire", "ben"]);
    assert_eq!(epoch(&network, "Night"), before + 1);
    let access = network.json(&one, "ana", &["access", "Ferreira"]);
    assert!(number(&access, "epoch") == 1 && flag(&access, "waitsForNewKey"), "{}", access.to_text());

    // The server takes nothing from him, and his keys go from the device; the device stays the others'.
    let said = network.fails(&two, "ben", 3, &["sync"]);
    assert!(said.contains("you were retired"), "{said}");
    network.fails(&two, "ben", 3, &["patients"]);
    network.fails(&one, "ben", 3, &["patients"]);
    let report = network.sync(&two, "eva");
    assert_eq!(number(&report, "quarantined"), 1, "{}", report.to_text());
    assert!(!network.ferreira(&two, "eva").contains("late"));

    // What he wrote is not lost.
    network.sync(&one, "ana");
    assert!(!network.ferreira(&one, "ana").contains("late"));
    let waiting = network.json(&one, "ana", &["quarantine", "list"]);
    let waiting = waiting.as_array().unwrap();
    assert_eq!((waiting.len(), waiting[0].text("author")), (1, Some("ben")));
    assert_eq!(waiting[0].text("why"), Some("after access was lost"));
    assert_eq!(waiting[0].items("resources").first().and_then(Json::as_str), Some(PATIENT));
    network.ok(&one, "ana", &["quarantine", "admit", "--patient", "Ferreira"]);
    assert!(network.ferreira(&one, "ana").contains("late"));

    // The next change makes a new key, which the others have.
    network.edit(&one, "ana", PATIENT, "active=true");
    let access = network.json(&one, "ana", &["access", "Ferreira"]);
    assert!(number(&access, "epoch") == 2 && !flag(&access, "waitsForNewKey"), "{}", access.to_text());
    network.sync(&one, "ana");
    network.sync(&two, "eva");
    let seen = network.ferreira(&two, "eva");
    assert!(seen.contains("late") && seen.contains(r#""active":true"#), "{seen}");
    assert_eq!(network.whole(&two, "eva"), network.whole(&one, "eva"));
}

#[test]
fn a23_a_retired_device_wipes_itself_and_opens_nothing_any_more() {
    let network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.ok(&one, "ana", &["device", "retire", "two"]);
    // Offline it does not know yet.
    network.ok(&two, "ben", &["chart", "Ferreira"]);
    let said = network.fails(&two, "ben", 3, &["sync"]);
    assert!(said.contains("this device was retired"), "{said}");
    for name in ["site.key", "site.key.copy"] {
        assert!(!two.join(name).exists(), "{name} is still there");
    }
    for user in ["ben", "ana"] {
        let said = network.fails(&two, user, 3, &["patients"]);
        assert!(said.contains("site key"), "{said}");
    }
    network.fails(&two, "ben", 3, &["sync"]);
    let devices = network.json(&one, "ana", &["device", "list"]);
    let two_of = devices.as_array().unwrap().iter().find(|device| device.text("name") == Some("two")).unwrap();
    assert!(!flag(two_of, "enrolled"), "{}", devices.to_text());
    assert!(network.fails(&one, "ana", 7, &["device", "retire", "reception desk"]).contains("another one"));
    // Ben himself goes on elsewhere.
    network.sync(&one, "ana");
    network.ok(&one, "ben", &["chart", "Ferreira"]);
    let three = network.enrol("three", None, &network.invite(&["--device-only"]));
    network.sync(&three, "ben");
    assert_eq!(network.whole(&three, "ben"), network.whole(&one, "ben"));
}

#[test]
fn a_members_new_keys_reach_the_other_devices_and_the_old_password_ends_there() {
    let network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let three = network.enrol("three", None, &network.invite(&["--device-only"]));
    network.sync(&three, "ana");
    let with = |vault: &std::path::Path, password: &str, args: &[&str]| {
        let file = network.scene.path(password);
        let args = [args, &["--password-file", file.as_str()]].concat();
        network.run(vault, "ana", &args).status.code()
    };
    let made =
        network.ok(&one, "ana", &["member", "rekey", "--new-password-file", &network.scene.path("new"), "--json"]);
    assert!(parse(&made).text("recoveryCode").is_some());
    let chart = ["chart", "Ferreira"];
    assert_eq!((with(&one, "ana", &chart), with(&one, "new", &chart)), (Some(3), Some(0)));

    // Somebody else's sync brings them to device two.
    assert_eq!(with(&two, "ana", &chart), Some(0), "it has not heard of them yet");
    network.sync(&two, "ben");
    assert_eq!((with(&two, "ana", &chart), with(&two, "new", &chart)), (Some(3), Some(0)));

    // Her own sync with the old ones brings them to device three, which says so.
    let said = network.fails(&three, "ana", 3, &["sync"]);
    assert!(said.contains("unlock again"), "{said}");
    assert_eq!((with(&three, "ana", &chart), with(&three, "new", &chart)), (Some(3), Some(0)));

    // What she writes with the new keys counts, and she still reads what was sealed to the old ones.
    let edit = ["edit", PATIENT, "--set", "active=true"];
    assert_eq!((with(&three, "new", &edit), with(&three, "new", &["sync"])), (Some(0), Some(0)));
    network.sync(&two, "ben");
    assert!(network.ferreira(&two, "ben").contains(r#""active":true"#));
    network.whole(&two, "ben");
}
