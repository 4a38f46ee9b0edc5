//! A password and a recovery code that were changed on two devices, neither of which knew of the other.

use crate::organisation::{Scene, unlock_to_sync};
use wardbook_client::{Credential, Secret, Vault};

const FIRST: &str = "forgotten walnut harbour engine";
const SECOND: &str = "copper thistle morning barge";

fn opens(scene: &Scene, device: &str, credential: &Credential<'_>) -> bool {
    Vault::open(&scene.path(device)).unwrap().unlock_to_sync("ana", credential).is_ok()
}

/// SRV-08, SLOT-03: one version was made twice. The one in the log counts on every device, and whoever chose the other
/// hears of it.
#[test]
fn srv_08_of_two_passwords_chosen_apart_the_one_in_the_log_counts_everywhere() {
    let scene = Scene::new();
    let (mut here, mut there) = (scene.open("tablet", "ana"), scene.open("laptop", "ana"));
    let (first, second) = (Secret::new(FIRST.to_owned()), Secret::new(SECOND.to_owned()));
    here.change_password(&first).unwrap();
    there.change_password(&second).unwrap();
    let (code, other_code) = (here.new_recovery_code().unwrap(), there.new_recovery_code().unwrap());
    let (code, other_code) = (Secret::new(code.as_str().to_owned()), Secret::new(other_code.as_str().to_owned()));

    assert!(scene.sync(&mut here).unwrap().passwords.is_empty());
    let report = scene.sync(&mut there).unwrap();
    assert!(report.refused.is_empty() && report.alarms.is_empty(), "{report:?}");
    assert_eq!(report.passwords.len(), 2, "{report:?}");
    assert!(report.passwords.iter().all(|told| told.contains("ana") && told.contains("other device")), "{report:?}");
    assert!(report.passwords.iter().any(|told| told.contains("wardbook passwd")), "{report:?}");
    assert!(scene.sync(&mut here).unwrap().passwords.is_empty());
    assert_eq!((here.vault().unsent().unwrap(), there.vault().unsent().unwrap()), (0, 0));
    drop((here, there));
    drop(scene.first("cart", "ben").unwrap());
    for device in ["tablet", "laptop", "cart"] {
        assert!(opens(&scene, device, &Credential::Password(&first)), "{device}");
        assert!(!opens(&scene, device, &Credential::Password(&second)), "{device}");
        assert!(opens(&scene, device, &Credential::RecoveryCode(&code)), "{device}");
        assert!(!opens(&scene, device, &Credential::RecoveryCode(&other_code)), "{device}");
    }

    // Everybody on that device is told until she has been, once.
    let laptop = || Vault::open(&scene.path("laptop")).unwrap();
    let mut told = Vec::new();
    let mut ben = unlock_to_sync(laptop(), "ben", scene.code("ben"));
    told.push(ben.sync(&mut scene.net.link(), &mut |_| {}).unwrap().passwords.len());
    drop(ben);
    for _ in 0..2 {
        let unlocked = laptop().unlock_to_sync("ana", &Credential::Password(&first));
        let mut ana = unlocked.map_err(|(_, error)| error).unwrap();
        told.push(ana.sync(&mut scene.net.link(), &mut |_| {}).unwrap().passwords.len());
    }
    assert_eq!(told, [2, 2, 0]);
}

/// A change that another device's later one has overtaken is told as well.
#[test]
fn a_password_that_was_overtaken_by_a_newer_version_is_told() {
    let scene = Scene::new();
    let (mut here, mut there) = (scene.open("tablet", "ana"), scene.open("laptop", "ana"));
    let (first, second) = (Secret::new(FIRST.to_owned()), Secret::new(SECOND.to_owned()));
    there.change_password(&second).unwrap();
    here.change_password(&second).unwrap();
    here.change_password(&first).unwrap();
    scene.sync(&mut here).unwrap();
    assert_eq!(scene.sync(&mut there).unwrap().passwords.len(), 1);
    drop((here, there));
    assert!(opens(&scene, "laptop", &Credential::Password(&first)));
    assert!(!opens(&scene, "laptop", &Credential::Password(&second)));
}
