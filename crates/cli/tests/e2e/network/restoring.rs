//! Servers and devices that were put back to an earlier state, and a server that shows two logs.

use super::{Network, copy_all, flag};
use crate::support::number;
use std::path::Path;
use wardbook_client::record::json::Json;

const PATIENT: &str = "Patient/joao-ferreira";

/// Another folder in the place of the server's; what was there goes to `aside`.
fn swap_in(network: &mut Network, folder: &Path, aside: &Path) {
    network.server.stop();
    std::fs::rename(&network.server.data, aside).unwrap();
    std::fs::rename(folder, &network.server.data).unwrap();
    network.server.start_again(0);
}

#[test]
fn a07_a_server_that_was_put_back_is_named_and_goes_on_when_an_admin_says_so() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.proven(&one, "ana");
    let root = network.scene.folder.path().to_owned();
    let (backup, aside) = (root.join("backup"), root.join("server-before"));
    let data = network.server.data.to_str().unwrap().to_owned();
    let to = backup.to_str().unwrap();
    let made = network.json(&one, "ana", &["server", "backup", to, "--data", &data]);
    assert_eq!(number(&made, "organisations"), 1);
    network.fails(&one, "ana", 7, &["server", "backup", to, "--data", &data]);

    // After the backup: entries of both devices, a statement, a new password.
    network.edit(&one, "ana", PATIENT, "telecom[0].value=+351 555 0001");
    network.sync(&one, "ana");
    network.ok(&one, "ana", &["team", "create", "Later", "ana"]);
    network.sync(&two, "ben");
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=married");
    network.ok(&two, "ben", &["passwd", "--new-password-file", &network.scene.path("new")]);
    std::fs::copy(root.join("new"), root.join("ben")).unwrap();
    network.sync(&two, "ben");
    let before = network.whole(&two, "ben");

    swap_in(&mut network, &backup, &aside);
    let refused = [
        network.fails(&two, "ben", 12, &["sync"]),
        network.fails(&one, "ana", 12, &["sync"]),
        network.fails(&one, "ana", 12, &["verify", "--server"]),
    ];
    for said in refused {
        assert!(said.contains("earlier state") && said.contains("accept-restored"), "{said}");
    }
    // Work goes on offline meanwhile.
    network.edit(&two, "ben", PATIENT, "active=true");
    network.fails(&two, "ben", 4, &["server", "accept-restored"]);
    network.ok(&one, "ana", &["server", "accept-restored"]);
    assert!(network.fails(&one, "ana", 7, &["server", "accept-restored"]).contains("not behind"));
    network.sync(&two, "ben");
    network.sync(&one, "ana");
    let after = network.whole(&two, "ben");
    assert_eq!(after, [before[0], before[1], before[2] + 1, before[3]]);
    assert_eq!(after, network.whole(&one, "ben"));
    for (vault, user) in [(&one, "ana"), (&two, "ben")] {
        let seen = network.ferreira(vault, user);
        for part in ["+351 555 0001", "married", r#""active":true"#] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
        network.proven(vault, user);
    }
    let teams = network.json(&two, "ben", &["team", "list"]);
    assert!(teams.as_array().unwrap().iter().any(|team| team.text("name") == Some("Later")));

    // A device that joins now gets all of it, with the new password.
    let three = network.enrol("three", None, &network.invite(&["--device-only"]));
    network.sync(&three, "ben");
    assert_eq!(network.whole(&three, "ben"), after);
    assert_eq!(number(&network.sync(&two, "ben"), "roundTrips"), 1);
}

#[test]
fn a08_a_server_that_shows_two_logs_is_named_by_who_sees_both() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.sync(&one, "ana");
    let root = network.scene.folder.path().to_owned();
    let (fork, aside) = (root.join("fork"), root.join("aside"));
    network.server.stop();
    copy_all(&network.server.data, &fork);
    network.server.start_again(0);
    // One log for Ana, the longer one, and another for Ben, who each notice nothing.
    for value in ["0001", "0002", "0003", "0004"] {
        network.edit(&one, "ana", PATIENT, &format!("telecom[0].value=+351 555 {value}"));
    }
    network.sync(&one, "ana");
    swap_in(&mut network, &fork, &aside);
    network.edit(&two, "ben", PATIENT, "maritalStatus.text=married");
    network.sync(&two, "ben");
    let before = network.whole(&two, "ben");

    swap_in(&mut network, &aside, &fork);
    let said = network.fails(&two, "ben", 12, &["sync"]);
    assert!(said.contains("another one than this device has seen"), "{said}");
    network.fails(&two, "ben", 12, &["verify", "--server"]);
    assert_eq!(network.whole(&two, "ben"), before, "nothing of its answers was taken");
    assert!(network.ferreira(&two, "ben").contains("married"));

    // Ana's device finds out too, once it reads what Ben wrote after he had seen the other log.
    network.edit(&two, "ben", PATIENT, "active=true");
    let stick = network.scene.path("stick");
    network.ok(&two, "ben", &["bundle", "export", &stick]);
    network.ok(&one, "ana", &["bundle", "import", &stick]);
    let args = ["sync", "--json"];
    let report = super::parse(&super::ended(&network.run(&one, "ana", &args), 12, &args).0);
    let alarms: Vec<_> = report.items("alarms").iter().filter_map(Json::as_str).collect();
    assert!(alarms.iter().any(|alarm| alarm.contains("LOG-07")), "{}", report.to_text());
    let args = ["verify", "--server", "--acknowledge"];
    let told = super::ended(&network.run(&one, "ana", &args), 12, &args).0;
    assert!(told.contains("LOG-07") && told.contains("acknowledged by you"), "{told}");
    assert!(network.sync(&one, "ana").items("alarms").is_empty());
    assert!(!network.proven(&one, "ana").items("acknowledged").is_empty());
}

#[test]
fn a25_a_device_that_was_put_back_goes_on_under_a_new_identity_and_nothing_is_lost() {
    let network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    network.sync(&two, "ben");
    let earlier = network.scene.folder.path().join("earlier");
    copy_all(&two, &earlier);
    for set in ["maritalStatus.text=married", "telecom[0].value=+351 555 0007"] {
        network.edit(&two, "ben", PATIENT, set);
        network.sync(&two, "ben");
    }
    std::fs::remove_dir_all(&two).unwrap();
    std::fs::rename(&earlier, &two).unwrap();
    assert!(!network.ferreira(&two, "ben").contains("married"));
    network.edit(&two, "ben", PATIENT, "active=true");
    network.sync(&one, "ana");
    network.edit(&one, "ana", PATIENT, "gender=other");
    network.sync(&one, "ana");

    let report = network.sync(&two, "ben");
    assert!(flag(&report, "newIdentity"), "{}", report.to_text());
    let report = network.sync(&two, "ben");
    assert_eq!((flag(&report, "newIdentity"), number(&report, "roundTrips")), (false, 1), "{}", report.to_text());
    network.sync(&one, "ana");
    let seen = network.ferreira(&two, "ben");
    for part in ["married", "+351 555 0007", r#""active":true"#, r#""gender":"other""#] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert_eq!(seen, network.ferreira(&one, "ana"));
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    let devices = network.json(&two, "ben", &["device", "list"]);
    let of_two = devices.as_array().unwrap().iter().filter(|device| device.text("name") == Some("two"));
    let mut states: Vec<_> = of_two.map(|device| (flag(device, "enrolled"), flag(device, "here"))).collect();
    states.sort_unstable();
    assert_eq!(states, [(false, false), (true, true)], "{}", devices.to_text());
    for (vault, user) in [(&one, "ana"), (&two, "ben")] {
        network.proven(vault, user);
    }
}
