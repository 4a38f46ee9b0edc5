//! Invites: who may join with them, once, and what they see then.

use super::{Network, clocks_can_be_set, ended};
use crate::support::samples;
use std::path::Path;

/// Joining that must fail with that code; gives what was said.
fn refused(network: &Network, vault: &str, user: Option<&str>, link: &str, code: i32) -> String {
    let vault = network.scene.folder.path().join(vault);
    let said = ended(&network.try_enrol(&vault, user, link), code, &["enrol"]).1;
    assert!(!vault.join("vault.db").exists(), "there is a vault all the same");
    said
}

fn sees(network: &Network, vault: &Path, user: &str, patient: &str) -> bool {
    let output = network.run(vault, user, &["chart", patient]);
    assert!(matches!(output.status.code(), Some(0 | 4)), "{}", String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

#[test]
fn a19_newcomers_join_by_link_once_and_see_their_teams_charts_alone() {
    let mut network = Network::new();
    let one = network.one.clone();
    network.ok(&one, "ana", &["team", "create", "Day", "ana"]);
    for (file, team) in [("joao-ferreira.json", "Night"), ("mirela-ionescu.json", "Day")] {
        network.ok(&one, "ana", &["import", samples().join(file).to_str().unwrap(), "--team", team]);
    }
    network.sync(&one, "ana");

    // A member with their device.
    let link = network.invite(&["--team", "Night"]);
    let mut altered = link.clone();
    let at = altered.len() - 20;
    let other = if &altered[at..=at] == "q" { "p" } else { "q" };
    altered.replace_range(at..=at, other);
    assert!(refused(&network, "two", Some("ben"), &altered, 7).contains("altered"));
    let two = network.enrol("two", Some("ben"), &link);
    assert!(sees(&network, &two, "ben", "Ferreira") && !sees(&network, &two, "ben", "Ionescu"));
    assert!(refused(&network, "again", Some("eva"), &link, 7).contains("used already"));

    // A member alone, on a device that is there; the user name has to be free.
    let link = network.invite(&["--member-only", "--team", "Day"]);
    assert!(refused(&network, "new", Some("eva"), &link, 7).contains("enrolled already"));
    let taken = ended(&network.try_enrol(&two, Some("ben"), &link), 8, &["enrol"]).1;
    assert!(taken.contains("choose another user name"), "{taken}");
    ended(&network.try_enrol(&two, Some("eva"), &link), 0, &["enrol"]);
    assert!(sees(&network, &two, "eva", "Ionescu") && !sees(&network, &two, "eva", "Ferreira"));

    // A device alone: whoever is a member uses it, and it has nobody's charts before that.
    let link = network.invite(&["--device-only"]);
    for user in [None, Some("new")] {
        let said = ended(&network.try_enrol(&two, user, &link), 7, &["enrol"]).1;
        assert!(said.contains("a vault in this folder already") && said.contains("--vault NEWDIR"), "{said}");
    }
    let three = network.enrol("three", None, &link);
    network.fails(&three, "ben", 13, &["patients"]);
    network.sync(&three, "ben");
    assert!(sees(&network, &three, "ben", "Ferreira") && sees(&network, &three, "eva", "Ionescu"));
    assert!(!sees(&network, &three, "eva", "Ferreira"));
    network.ok(&three, "ana", &["verify"]);

    // Everybody learns of everybody.
    network.sync(&one, "ana");
    let members = network.json(&one, "ana", &["member", "list"]);
    let users: Vec<_> = members.as_array().unwrap().iter().map(|member| member.text("user").unwrap()).collect();
    assert_eq!(users, ["ana", "ben", "eva"]);
    assert_eq!(network.json(&one, "ana", &["device", "list"]).as_array().unwrap().len(), 3);

    // Only admins invite, and what they withdraw is worth nothing.
    network.fails(&two, "ben", 4, &["invite"]);
    let link = network.invite(&["--hours", "1", "--team", "Night"]);
    if clocks_can_be_set() {
        network.server.stop();
        network.server.start_again(2);
        assert!(refused(&network, "late", Some("new"), &link, 7).contains("expired"));
        network.server.stop();
        network.server.start_again(0);
    }
    network.ok(&one, "ana", &["invite", "--withdraw"]);
    assert!(refused(&network, "withdrawn", Some("new"), &link, 7).contains("withdrawn"));
}
