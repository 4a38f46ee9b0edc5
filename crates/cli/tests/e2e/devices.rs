//! Two vault folders of one organisation, edited apart and merged through sealed files.

use crate::support::{Scene, number};
use std::path::{Path, PathBuf};
use wardbook_client::record::json::Json;

/// A second device, made from a bundle with its transfer code.
fn second(scene: &Scene) -> PathBuf {
    let file = scene.path("new-device");
    let made = scene.json("ana", &["bundle", "export", &file, "--new-device", "tablet 2"]);
    let code = scene.write("transfer-code", made.text("transferCode").unwrap());
    let vault = scene.folder.path().join("second");
    scene.ok_in(&vault, "ana", &["bundle", "import", &file, "--code-file", &code]);
    vault
}

/// Carries everything from one vault to the other.
fn carry(scene: &Scene, user: &str, from: &Path, to: &Path) -> Json {
    let file = scene.path("stick");
    scene.ok_in(from, user, &["bundle", "export", &file]);
    let output = scene.command_in(to, user, &["bundle", "import", &file, "--json"]).output().unwrap();
    Json::parse(output.stdout.trim_ascii()).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn patient(scene: &Scene, vault: &Path) -> String {
    scene.ok_in(vault, "ben", &["get", "Patient/joao-ferreira"])
}

#[test]
fn any_member_unlocks_a_device_that_they_never_used() {
    let scene = Scene::samples();
    let other = second(&scene);
    assert!(patient(&scene, &other).contains("Ferreira"));
    let eva = scene.command_in(&other, "eva", &["chart", "Ferreira"]).output().unwrap();
    assert_eq!(eva.status.code(), Some(4));
    // The file alone, or with another code, opens nothing.
    let wrong = scene.write("wrong", "legal winner thank year wave sausage worth useful legal winner thank yellow");
    let third = scene.folder.path().join("third");
    let refused = scene
        .command_in(&third, "ana", &["bundle", "import", &scene.path("new-device"), "--code-file", &wrong])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(5));
    assert!(!third.join("vault.db").exists());
}

#[test]
fn edits_of_different_elements_combine_and_of_the_same_element_wait_for_a_decision() {
    let scene = Scene::samples();
    let (one, two) = (scene.vault.clone(), second(&scene));
    let edit = |vault: &Path, user: &str, set: &str| {
        scene.ok_in(vault, user, &["edit", "Patient/joao-ferreira", "--set", set])
    };
    edit(&one, "ana", "telecom[0].value=+351 555 0001");
    edit(&two, "ben", "maritalStatus.text=married");
    edit(&one, "ana", "gender=other");
    edit(&two, "ben", "gender=unknown");
    assert_eq!(number(&carry(&scene, "ana", &one, &two), "entries"), 2);
    assert_eq!(number(&carry(&scene, "ben", &two, &one), "entries"), 2);
    assert_eq!(number(&carry(&scene, "ben", &two, &one), "entries"), 0, "the same again is nothing");
    for vault in [&one, &two] {
        let merged = patient(&scene, vault);
        assert!(merged.contains("+351 555 0001") && merged.contains("married"), "{merged}");
    }
    assert_eq!(patient(&scene, &one), patient(&scene, &two), "both devices show the same");
    let conflicts = scene.json("ana", &["conflicts"]);
    let conflict = &conflicts.as_array().unwrap()[0];
    assert_eq!(conflict.text("resource"), Some("Patient/joao-ferreira"));
    let element = &conflict.items("elements")[0];
    assert_eq!(element.text("element"), Some("gender"));
    let values: Vec<_> =
        element.items("alternatives").iter().map(|alternative| alternative.text("value").unwrap()).collect();
    assert_eq!(
        {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            sorted
        },
        ["other", "unknown"]
    );
    // Nobody edits over a conflict by accident; a person decides on one device, and it is decided on both.
    scene.fails("ana", 8, &["edit", "Patient/joao-ferreira", "--set", "active=true"]);
    let wanted =
        element.items("alternatives").iter().find(|alternative| alternative.text("value") == Some("unknown")).unwrap();
    let version = wanted.items("versions")[0].to_text();
    scene.ok("ana", &["resolve", "Patient/joao-ferreira", "--take", &version]);
    carry(&scene, "ana", &one, &two);
    for vault in [&one, &two] {
        let decided = patient(&scene, vault);
        assert!(
            decided.contains(r#""gender":"unknown""#)
                && decided.contains("married")
                && decided.contains("+351 555 0001"),
            "{decided}"
        );
        assert_eq!(scene.ok_in(vault, "ben", &["conflicts", "--json"]).trim(), "[]");
    }
}

#[test]
fn records_and_members_travel_together() {
    let scene = Scene::samples();
    let two = second(&scene);
    scene.ok("ana", &["member", "add", "new", "--new-password-file", &scene.path("new")]);
    scene.ok("ana", &["team", "add", "Night", "new"]);
    scene.ok_in(&two, "ben", &["edit", "Patient/joao-ferreira", "--set", "active=true"]);
    carry(&scene, "ana", &scene.vault, &two);
    scene.ok_in(&two, "new", &["edit", "Patient/joao-ferreira", "--set", "maritalStatus.text=single"]);
    carry(&scene, "ben", &two, &scene.vault);
    let merged = patient(&scene, &scene.vault);
    assert!(merged.contains(r#""active":true"#) && merged.contains("single"), "{merged}");
    for vault in [&scene.vault, &two] {
        let verified = Json::parse(scene.ok_in(vault, "ana", &["verify", "--json"]).trim().as_bytes()).unwrap();
        assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
    }
}

#[test]
fn what_was_written_apart_from_a_revocation_waits_until_it_is_admitted() {
    let scene = Scene::samples();
    scene.ok("ana", &["grant", "Ferreira", "--to", "eva", "--access", "write"]);
    let two = second(&scene);
    scene.ok("ana", &["revoke", "Ferreira", "--from", "eva"]);
    scene.ok_in(&two, "eva", &["edit", "Patient/joao-ferreira", "--set", "maritalStatus.text=late"]);
    carry(&scene, "ana", &two, &scene.vault);
    assert!(!patient(&scene, &scene.vault).contains("late"));
    assert_eq!(number(&scene.json("ana", &["chart", "Ferreira"]), "waiting"), 1);
    scene.fails("eva", 4, &["chart", "Ferreira"]);
    scene.ok("ben", &["edit", "Patient/joao-ferreira", "--set", "active=true"]);
    assert!(!patient(&scene, &scene.vault).contains("late"), "going on does not let it in");
    scene.ok("ana", &["admit", "Ferreira"]);
    let admitted = patient(&scene, &scene.vault);
    assert!(admitted.contains("late") && admitted.contains(r#""active":true"#), "{admitted}");
}

#[test]
fn bnd_01_a_damaged_cut_or_foreign_bundle_changes_nothing() {
    let scene = Scene::samples();
    let file = scene.path("stick");
    scene.ok("ana", &["bundle", "export", &file]);
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for (name, bytes) in
        [("cut", &whole[..whole.len() - 1]), ("half", &whole[..whole.len() / 2]), ("flipped", &flipped)]
    {
        let bad = scene.write(name, bytes);
        scene.fails("ana", 5, &["bundle", "import", &bad]);
    }
    let foreign = Scene::samples();
    foreign.fails("ana", 5, &["bundle", "import", &file]);
    scene.fails("ana", 7, &["bundle", "import", &scene.write("text", "no bundle at all, just some text")]);
    assert_eq!(scene.json("ana", &["verify"]).items("findings").len(), 0);
}

#[test]
fn directories_that_were_changed_apart_are_named_and_later_records_wait() {
    let scene = Scene::samples();
    let two = second(&scene);
    scene.ok_in(&two, "ben", &["edit", "Patient/joao-ferreira", "--set", "maritalStatus.text=before"]);
    scene.ok("ana", &["team", "create", "Day", "ana"]);
    scene.ok_in(&two, "ana", &["team", "create", "Weekend", "ana"]);
    scene.ok_in(&two, "ben", &["edit", "Patient/joao-ferreira", "--set", "active=true"]);
    let merged = carry(&scene, "ana", &two, &scene.vault);
    assert!(merged.text("diverged").unwrap().contains("changed on both devices"), "{}", merged.to_text());
    let here = patient(&scene, &scene.vault);
    assert!(here.contains("before") && !here.contains(r#""active":true"#), "{here}");
    assert_eq!(number(&merged, "pending"), 1);
    assert_eq!(number(&scene.json("ana", &["verify"]), "waiting"), 1);
}
