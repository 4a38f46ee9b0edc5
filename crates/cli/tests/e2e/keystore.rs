//! The site key in a real key store: the Secret Service of a session bus of its own, with gnome-keyring behind it.

use crate::support::{Scene, files};
use std::process::Command;

/// Starts a key store in a session bus of its own and runs a shell script in it.
fn in_session(scene: &Scene, script: &str) -> String {
    let script = format!(
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sleep 1; {script}; \
         kill $(pgrep -P $$ gnome-keyring-d) 2>/dev/null; true"
    );
    let home = scene.folder.path();
    let output = Command::new("dbus-run-session")
        .args(["--", "bash", "-c", &script])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("WARDBOOK_KEYSTORE")
        .env("WARDBOOK_VAULT", &scene.vault)
        .env("WARDBOOK_MEMBER", "ana")
        .env("WARDBOOK_PASSWORD_FILE", scene.path("ana"))
        .env("W", env!("CARGO_BIN_EXE_wardbook"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn a23_a_vault_whose_site_key_is_in_the_key_store_does_not_open_elsewhere() {
    let there =
        |program: &str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there("dbus-run-session") || !there("gnome-keyring-daemon") {
        eprintln!("skipped: there is no key store on this machine");
        return;
    }
    let scene = Scene::empty();
    let said = in_session(&scene, r#""$W" init --organisation Harbour; "$W" patients --json; "$W" doctor --json"#);
    assert!(said.contains("in the key store of this user account"), "{said}");
    assert!(said.contains(r#""siteKey":"keystore""#) && said.contains(r#""kind":"organisation""#), "{said}");
    let names: Vec<_> = files(&scene.vault).into_iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
    assert!(names.iter().all(|name| name != "site.key" && name != "site.key.copy"), "{names:?}");
    // Whoever has the folder and the password, and not the key store of this user, opens nothing.
    assert!(scene.fails("ana", 3, &["patients"]).contains("key store of this user does not give it"));
}
