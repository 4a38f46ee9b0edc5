//! Several members on one device: passwords, recovery, sharing, taking back.

use crate::support::{Scene, number, shared};

#[test]
fn two_members_on_one_device_see_each_others_work_and_a_third_sees_nothing() {
    let scene = Scene::samples();
    scene.ok("ana", &["edit", "Patient/joao-ferreira", "--set", "telecom[0].value=+351 555 0199"]);
    let seen = scene.ok("ben", &["get", "Patient/joao-ferreira"]);
    assert!(seen.contains("+351 555 0199") && seen.contains(r#""birthDate":"1957-03-02""#), "{seen}");
    let history = scene.json("ben", &["history", "Patient/joao-ferreira"]);
    let history = history.as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((history[1].text("author"), history[1].text("authorName")), (Some("ana"), Some("Ana Lindqvist")));
    // Eva is told the same about a chart that exists and about one that does not.
    let exists = scene.fails("eva", 4, &["chart", "Ferreira"]);
    let not = scene.fails("eva", 4, &["chart", "Zzyzx"]);
    assert_eq!(exists.replace("Ferreira", "NAME"), not.replace("Zzyzx", "NAME"));
    assert!(exists.contains("no chart that you may open matches"), "{exists}");
}

#[test]
fn wrong_passwords_and_unknown_users_get_one_answer_and_slow_everybody_down() {
    let scene = Scene::team();
    let wrong = scene.write("wrong", "not the password at all\n");
    let try_as = |user: &str| {
        let output = scene.command(user, &["patients", "--password-file", &wrong]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    // The file of an unknown user is the wrong one too.
    let unknown = scene.command("ana", &["patients", "--member", "nobody"]).output().unwrap();
    assert_eq!((unknown.status.code(), String::from_utf8(unknown.stderr).unwrap()), try_as("ana"));
    for _ in 0..4 {
        assert_eq!(try_as("ben").0, Some(3));
    }
    let (code, said) = try_as("ana");
    assert!(code == Some(3) && said.contains("wait"), "{said}");
    let doctor = scene.json("ana", &["doctor"]);
    assert!(number(&doctor, "failedAttempts") >= 5);
    assert_eq!(doctor.items("failedAttemptTimes").len() as i64, number(&doctor, "failedAttempts"));
    // After the wait the right password works, and the count starts anew.
    std::thread::sleep(std::time::Duration::from_secs(4));
    scene.ok("ana", &["patients"]);
    assert_eq!(number(&scene.json("ana", &["doctor"]), "failedAttempts"), 0);
}

#[test]
fn a_changed_password_opens_and_the_old_one_does_not() {
    let scene = Scene::team();
    scene.ok("ben", &["passwd", "--new-password-file", &scene.path("new")]);
    scene.fails("ben", 3, &["patients"]);
    std::fs::copy(scene.folder.path().join("new"), scene.folder.path().join("ben")).unwrap();
    scene.ok("ben", &["patients"]);
    let weak = scene.write("weak", "password\n");
    assert!(scene.fails("ben", 7, &["passwd", "--new-password-file", &weak]).contains("needs 15"));
}

#[test]
fn a_recovery_code_opens_once_and_makes_a_new_password_and_code() {
    let scene = Scene::empty();
    let made = scene.json("ana", &["init", "--organisation", "Harbour Clinic"]);
    let code = scene.write("code", made.text("recoveryCode").unwrap());
    let args = ["recover", "--code-file", &code, "--new-password-file", &scene.path("new")];
    let printed = scene.ok("ana", &args);
    assert!(printed.contains("Recovery code of ana"));
    scene.fails("ana", 3, &["patients"]);
    std::fs::copy(scene.folder.path().join("new"), scene.folder.path().join("ana")).unwrap();
    scene.ok("ana", &["patients"]);
    scene.fails("ana", 3, &args);
    let misspelt = scene.write("code", "these are not twelve words");
    assert!(
        scene
            .fails("ana", 7, &["recover", "--code-file", &misspelt, "--new-password-file", &scene.path("new")])
            .contains("12 English words")
    );
}

#[test]
fn root_shares_restore_an_admin() {
    let scene = Scene::empty();
    let made = scene.json("ana", &["init", "--organisation", "Harbour Clinic"]);
    scene.ok("ana", &["member", "add", "ben", "--new-password-file", &scene.path("ben")]);
    assert!(scene.fails("ben", 4, &["team", "create", "Night", "ben"]).contains("only an admin"));
    let shares: Vec<_> = made.items("rootShares").iter().map(|share| share.as_str().unwrap()).collect();
    assert_eq!(shares.len(), 3);
    let one = scene.write("shares", shares[0]);
    assert!(
        scene
            .fails("ben", 7, &["recover", "--appoint", "ben", "--shares-file", &one])
            .contains("2 different root shares")
    );
    let two = scene.write("shares", [shares[2], shares[0]].join("\n"));
    scene.ok("ben", &["recover", "--appoint", "ben", "--shares-file", &two]);
    scene.ok("ben", &["team", "create", "Night", "ben"]);
}

#[test]
fn access_is_given_by_degrees_and_taken_back() {
    let scene = Scene::samples();
    let chart = ["chart", "Ferreira"];
    scene.fails("eva", 4, &chart);
    scene.ok("ana", &["grant", "Ferreira", "--to", "eva", "--access", "read"]);
    scene.ok("eva", &chart);
    let edit = ["edit", "Patient/joao-ferreira", "--set", "active=true"];
    assert!(scene.fails("eva", 4, &edit).contains("not change"));
    scene.ok("ana", &["grant", "Ferreira", "--to", "eva", "--access", "write"]);
    scene.ok("eva", &edit);
    assert!(scene.fails("eva", 4, &["grant", "Ferreira", "--to", "ben"]).contains("not share"));
    scene.ok("ana", &["revoke", "Ferreira", "--from", "eva"]);
    scene.fails("eva", 4, &chart);
    let access = scene.json("ana", &["access", "Ferreira"]);
    assert_eq!(number(&access, "epoch"), 2);
    // What Eva wrote before stays, and others go on.
    assert!(scene.ok("ben", &["get", "Patient/joao-ferreira"]).contains(r#""active":true"#));
    scene.ok("ben", &["edit", "Patient/joao-ferreira", "--set", "active=false"]);
    assert!(scene.fails("ana", 7, &["revoke", "Ferreira", "--from", "team:Night"]).contains("nobody could manage"));
    scene.ok("ana", &["verify"]);
}

#[test]
fn who_leaves_a_team_loses_its_charts_and_the_next_writer_makes_a_new_key() {
    let scene = Scene::samples();
    scene.ok("ben", &["chart", "Ferreira"]);
    scene.ok("ana", &["team", "remove", "Night", "ben"]);
    scene.fails("ben", 4, &["chart", "Ferreira"]);
    let access = scene.json("ana", &["access", "Ferreira"]);
    assert_eq!((number(&access, "epoch"), access.get("waitsForNewKey").unwrap().as_bool()), (1, Some(true)));
    scene.ok("ana", &["edit", "Patient/joao-ferreira", "--set", "active=true"]);
    let access = scene.json("ana", &["access", "Ferreira"]);
    assert_eq!((number(&access, "epoch"), access.get("waitsForNewKey").unwrap().as_bool()), (2, Some(false)));
    scene.ok("ana", &["team", "add", "Night", "eva"]);
    assert!(scene.ok("eva", &["get", "Patient/joao-ferreira"]).contains(r#""active":true"#));
    scene.ok("ana", &["member", "retire", "eva"]);
    scene.fails("eva", 3, &["patients"]);
}

#[test]
fn shared_resources_are_everyones_and_patients_are_not() {
    let Some(data) = shared("synthea-r4") else { return };
    let scene = Scene::team();
    let hospital = data.join("hospitalInformation1559319163815.json");
    let patient = data.join("Gustavo_Mejía_59a8543c-e24f-4a01-b28b-47ccde6bc11d.json");
    scene.ok("ana", &["import", hospital.to_str().unwrap(), patient.to_str().unwrap(), "--team", "Night"]);
    let seen = scene.json("eva", &["patients"]);
    let kinds: Vec<_> = seen.as_array().unwrap().iter().map(|found| found.text("kind").unwrap()).collect();
    assert_eq!(kinds, ["organisation"]);
    assert_eq!(scene.json("ben", &["patients", "gustavo mejia"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_chart_always_has_somebody_who_manages_it_and_nobody_is_too_important_to_leave() {
    let scene = Scene::samples();
    scene.ok("ana", &["grant", "Ferreira", "--to", "ana", "--access", "manage"]);
    scene.ok("ana", &["revoke", "Ferreira", "--from", "team:Night"]);
    assert!(
        scene
            .fails("ana", 7, &["grant", "Ferreira", "--to", "ana", "--access", "read"])
            .contains("nobody could manage")
    );
    assert!(scene.fails("ana", 7, &["revoke", "Ferreira", "--from", "ana"]).contains("nobody could manage"));
    // Taken off the list, and still in through a team: the program says so.
    scene.ok("ana", &["grant", "Ferreira", "--to", "ben", "--access", "write"]);
    scene.ok("ana", &["grant", "Ferreira", "--to", "team:Night", "--access", "read"]);
    assert!(
        scene.ok("ana", &["revoke", "Ferreira", "--from", "ben"]).contains("may still read this chart through a team")
    );
    // The only member of a team of which the admin is none.
    scene.ok("ana", &["team", "create", "Alone", "eva"]);
    scene.ok("ana", &["member", "retire", "eva"]);
    assert!(scene.fails("eva", 3, &["patients"]).contains("not right"));
    // A user name that comes back has slots that open.
    scene.ok("ana", &["member", "add", "eva", "--new-password-file", &scene.path("eva")]);
    scene.ok("eva", &["patients"]);
    assert!(
        scene
            .fails("ana", 7, &["member", "add", "new", "--team", "Typo", "--new-password-file", &scene.path("new")])
            .contains("Typo")
    );
    scene.ok("ana", &["member", "add", "new", "--team", "Night", "--new-password-file", &scene.path("new")]);
}
