//! What happens to a vault: killed processes, flipped bits, lost files, a full disk, two processes.

use crate::support::{Scene, copy, files, number, samples, shared};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Ends a command with SIGKILL after a while; true if it had not finished yet.
fn kill_after(scene: &Scene, user: &str, args: &[&str], delay: Duration) -> bool {
    let mut child = scene.command(user, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// Kills the command at moments spread over the time that it takes, each on a fresh copy, and checks what is left.
fn kill_everywhere(scene: &Scene, user: &str, args: &[&str], check: impl Fn(&Scene, bool)) {
    let whole = scene.folder.path().join("whole");
    copy(&scene.vault, &whole);
    let start = Instant::now();
    scene.ok(user, args);
    let length = start.elapsed();
    let mut killed = 0;
    for moment in 1..=20u32 {
        std::fs::remove_dir_all(&scene.vault).unwrap();
        copy(&whole, &scene.vault);
        let running = kill_after(scene, user, args, length * moment / 20);
        killed += usize::from(running);
        check(scene, running);
    }
    assert!(killed >= 5, "only {killed} runs were killed before their end");
}

#[test]
fn a_killed_import_leaves_whole_files_only() {
    let scene = Scene::team();
    let records = samples();
    kill_everywhere(&scene, "ana", &["import", records.to_str().unwrap(), "--team", "Night"], |scene, _| {
        let verified = scene.json("ana", &["verify"]);
        assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
        // Files in order: 13 resources, 4, 2 observations, 2.
        let resources = number(&verified, "resources");
        assert!([0, 13, 17, 19, 21].contains(&resources), "{resources}");
        assert!(scene.ok("ana", &["import", samples().to_str().unwrap(), "--team", "Night"]).contains("Imported"));
        assert_eq!(number(&scene.json("ana", &["verify"]), "resources"), 21);
    });
}

#[test]
fn a_killed_edit_is_there_or_not_and_what_was_acknowledged_stays() {
    let scene = Scene::samples();
    scene.ok("ana", &["edit", "Patient/joao-ferreira", "--set", "telecom[0].value=acknowledged"]);
    kill_everywhere(&scene, "ben", &["edit", "Patient/joao-ferreira", "--set", "active=true"], |scene, _| {
        let patient = scene.ok("ana", &["get", "Patient/joao-ferreira"]);
        assert!(patient.contains("acknowledged"), "{patient}");
        assert_eq!(scene.json("ana", &["verify"]).items("findings").len(), 0);
    });
}

#[test]
fn a_killed_revocation_is_done_or_not() {
    let scene = Scene::samples();
    scene.ok("ana", &["grant", "Ferreira", "--to", "eva", "--access", "write"]);
    kill_everywhere(&scene, "ana", &["revoke", "Ferreira", "--from", "eva"], |scene, _| {
        let epoch = number(&scene.json("ana", &["access", "Ferreira"]), "epoch");
        let opens = scene.run("eva", &["chart", "Ferreira"]).status.success();
        assert_eq!(opens, epoch == 1, "epoch {epoch}");
        assert_eq!(scene.json("ana", &["verify"]).items("findings").len(), 0);
    });
}

#[test]
fn after_a_killed_passwd_exactly_one_password_opens() {
    let scene = Scene::samples();
    kill_everywhere(&scene, "ben", &["passwd", "--new-password-file", &scene.path("new")], |scene, _| {
        let opens = |file: &str| {
            scene.command("ben", &["patients", "--password-file", &scene.path(file)]).output().unwrap().status.success()
        };
        assert!(opens("ben") != opens("new"));
    });
}

#[test]
fn one_flipped_bit_in_any_file_loses_nothing() {
    let scene = Scene::samples();
    let whole = scene.folder.path().join("whole");
    copy(&scene.vault, &whole);
    let mut seed = 7u64;
    for (path, bytes) in files(&whole) {
        if bytes.is_empty() {
            continue;
        }
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 20) as usize % bytes.len();
            std::fs::remove_dir_all(&scene.vault).unwrap();
            copy(&whole, &scene.vault);
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (seed >> 61);
            let name = path.file_name().unwrap();
            std::fs::write(scene.vault.join(name), damaged).unwrap();
            let place = format!("{} byte {at}", name.display());
            let patient = scene.run("ben", &["get", "Patient/joao-ferreira"]);
            assert!(patient.status.success(), "{place}: {}", String::from_utf8_lossy(&patient.stderr));
            // The first check may find damage, which the next command repairs.
            let first = scene.run("ana", &["verify"]).status.code();
            assert!(matches!(first, Some(0 | 5)), "{place}: {first:?}");
            let verified = scene.json("ana", &["verify"]);
            assert_eq!(
                (number(&verified, "resources"), verified.items("findings").len()),
                (21, 0),
                "{place}: {}",
                verified.to_text()
            );
        }
    }
}

#[test]
fn a_second_process_waits_or_says_so() {
    let scene = Scene::samples();
    let lock = std::fs::File::options().write(true).open(scene.vault.join("lock")).unwrap();
    lock.lock().unwrap();
    let busy = scene.command("ana", &["patients"]).env("WARDBOOK_LOCK_WAIT_MS", "200").output().unwrap();
    assert_eq!(busy.status.code(), Some(6));
    assert!(String::from_utf8(busy.stderr).unwrap().contains("another wardbook process"));
    let waiting = scene.command("ana", &["patients"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    assert!(waiting.wait_with_output().unwrap().status.success());
    // Two edits at once: both are there.
    let edit = |set: &str| {
        scene.command("ana", &["edit", "Patient/joao-ferreira", "--set", set]).stdout(Stdio::null()).spawn().unwrap()
    };
    let both = [edit("active=true"), edit("gender=other")];
    for mut child in both {
        assert!(child.wait().unwrap().success());
    }
    let patient = scene.ok("ben", &["get", "Patient/joao-ferreira"]);
    assert!(patient.contains(r#""active":true"#) && patient.contains(r#""gender":"other""#), "{patient}");
}

/// Needs the right to mount a small file system, as CI has.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_changes_nothing_and_says_so() {
    let Some(data) = shared("synthea-r4") else { return };
    let mut scene = Scene::empty();
    let disk = scene.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = |args: &[&str]| {
        std::process::Command::new(args[0]).args(&args[1..]).status().is_ok_and(|status| status.success())
    };
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk.to_str().unwrap()]) {
        eprintln!("skipped: this user may not mount a file system");
        return;
    }
    scene.vault = disk.join("vault");
    scene.ok("ana", &["init", "--organisation", "Harbour Clinic"]);
    scene.ok("ana", &["import", samples().to_str().unwrap()]);
    let before = number(&scene.json("ana", &["verify"]), "resources");
    let full = scene.run("ana", &["import", data.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    // Room again, as a person would make it.
    assert!(mount(&["mount", "-o", "remount,size=60m", disk.to_str().unwrap()]));
    let verified = scene.json("ana", &["verify"]);
    let (resources, findings) = (number(&verified, "resources"), verified.items("findings").len());
    scene.run("ana", &["import", data.to_str().unwrap()]);
    let after = number(&scene.json("ana", &["verify"]), "resources");
    mount(&["umount", disk.to_str().unwrap()]);
    assert_eq!(full.status.code(), Some(9), "{said}");
    assert!(said.contains("disk is full"), "{said}");
    assert!(resources >= before && findings == 0, "{}", verified.to_text());
    assert!(after > 2000, "{after}");
}
