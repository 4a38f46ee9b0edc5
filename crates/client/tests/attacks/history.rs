//! A server that goes back, shows two logs or keeps silent, and a device that was put back.

use crate::insider::entry;
use crate::network::{HOUR_MS, Net};
use crate::organisation::{Scene, Snapshot, caught, first, note, observation_text, read, unlock};
use std::rc::Rc;
use wardbook_client::sync::SyncReport;
use wardbook_client::sync::transport::Answer;
use wardbook_client::{Error, Session, Vault};
use wardbook_store::{Kind, Store};
use wardbook_wire::exchange::{CallerStanding, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer, SyncRequest};
use wardbook_wire::log::{KeyringObject, LeafKind};
use wardbook_wire::request::{Challenge, Request};
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{Unverified, strict};

fn sync_with(session: &mut Session, net: &Rc<Net>) -> Result<SyncReport, Error> {
    session.sync(&mut net.link(), &mut |_| {})
}

/// A7: the whole server is put back to an earlier state, with its key.
#[test]
fn a7_a_server_that_was_put_back_is_caught_and_nothing_is_taken_or_lost() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let earlier = scene.net.twin();
    note(&mut ana, shared, "one", "61");
    scene.sync(&mut ana).unwrap();
    ana.create_team("Night", &["ana".to_owned()]).unwrap();
    scene.sync(&mut ben).unwrap();
    let (head, until) = (ben.vault().directory().head(), ben.vault().lease().unwrap().until_ms);

    let now = scene.net.swap(earlier);
    note(&mut ben, shared, "two", "62");
    for session in [&mut ana, &mut ben] {
        let told = caught(scene.sync(session));
        for word in ["LOG-04", "earlier state", "Nothing of its answer was taken", "accept-restored", "offline"] {
            assert!(told.contains(word), "{told}");
        }
        assert_eq!(read(session, shared, "one").as_deref(), Some("61"));
        caught(session.verify_server(&mut scene.net.link(), &mut |_, _| {}));
    }
    assert!(matches!(ana.create_team("Late", &["ana".to_owned()]), Err(Error::Cheat(_))));
    assert_eq!((ben.vault().directory().head(), ben.vault().lease().unwrap().until_ms), (head, until));
    assert_eq!(ben.vault().unsent().unwrap(), 1);
    note(&mut ben, shared, "three", "63");

    // Only an admin's statement leads to another log; here the right one comes back.
    assert!(matches!(ben.accept_restored(&mut scene.net.link()), Err(Error::NoRight(_))));
    drop(scene.net.swap(now));
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    for (id, text) in [("one", "61"), ("two", "62"), ("three", "63")] {
        for session in [&mut ana, &mut ben] {
            assert_eq!(read(session, shared, id).as_deref(), Some(text));
        }
    }
}

/// A7, A4: slots and keyrings alone are put back, in leaves that the server adds to its log.
#[test]
fn a7_old_slots_and_keyrings_are_not_taken_for_newer_ones() {
    let scene = Scene::new();
    let org = scene.org;
    let mut ana = scene.open("tablet", "ana");
    let member = ana.me();
    let store = Store::open(&scene.path("laptop")).unwrap();
    let keyring = store.get(Kind::Keyring, &[], member.as_bytes()).unwrap().unwrap();
    let rows = store.list_all(Kind::Slot).unwrap();
    drop(store);
    let is_old = |bytes: &[u8]| {
        let slot = Unverified::<Slot>::decode(bytes).unwrap();
        slot.peek().member == member && slot.peek().kind == SlotKind::Recovery
    };
    let slot = rows.into_iter().map(|row| row.value).find(|bytes| is_old(bytes)).unwrap();
    let code = ana.new_recovery_code().unwrap();
    // A new team gives her keyring a secret more.
    ana.create_team("Night", &["ana".to_owned()]).unwrap();
    scene.sync(&mut ana).unwrap();
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();

    let (old_slot, old_keyring) = (slot.clone(), keyring.clone());
    scene.net.on_sync(move |net, request, answer| {
        net.forge(answer, LeafKind::Slot, Request::digest(&old_slot), org.into(), old_slot.clone());
        net.forge(answer, LeafKind::Keyring, Request::digest(&old_keyring), org.into(), old_keyring.clone());
        net.sign_again(request.point, answer);
    });
    scene.sync(&mut ben).unwrap();
    drop(ben);
    let store = Store::open(&scene.path("laptop")).unwrap();
    assert!(store.list_all(Kind::Slot).unwrap().iter().all(|row| row.value != slot));
    let held = store.get(Kind::Keyring, &[], member.as_bytes()).unwrap().unwrap();
    let version = |bytes: &[u8]| Unverified::<KeyringObject>::decode(bytes).unwrap().peek().version;
    assert!(version(&held) > version(&keyring));
    drop(store);
    assert!(matches!(scene.try_open("laptop", "ana"), Err(Error::NotUnlocked)), "her old code opens again");
    let vault = Vault::open(&scene.path("laptop")).unwrap();
    assert!(unlock(vault, "ana", &code).is_ok());

    // Whoever was not cheated goes on; who was, finds out with the first honest answer.
    scene.net.be_honest();
    note(&mut ana, scene.charts.shared, "one", "61");
    scene.sync(&mut ana).unwrap();
    caught(scene.sync(&mut scene.open("laptop", "ben")));
}

/// A8: two devices are shown two logs; each finds out once it sees anything of the other.
#[test]
fn a8_two_logs_are_noticed_by_whoever_sees_both() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let fork = scene.net.fork();
    for (id, text) in [("one", "61"), ("two", "62"), ("three", "63")] {
        note(&mut ana, shared, id, text);
    }
    scene.sync(&mut ana).unwrap();
    note(&mut ben, shared, "four", "64");
    assert!(sync_with(&mut ben, &fork).unwrap().alarms.is_empty());
    // What he writes now says what he has seen.
    note(&mut ben, shared, "five", "65");
    sync_with(&mut ben, &fork).unwrap();

    // The log that Ana has is shown to him.
    let told = caught(scene.sync(&mut ben));
    assert!(told.contains("LOG-03") && told.contains("another one than this device has seen"), "{told}");
    assert_eq!((read(&mut ben, shared, "one"), read(&mut ben, shared, "five").as_deref()), (None, Some("65")));
    // And his to her.
    caught(sync_with(&mut ana, &fork));

    // What he wrote reaches her another way: she reads in it that he was shown something else.
    let stick = scene.path("stick");
    ben.export_bundle(&stick).unwrap();
    ana.import_bundle(&stick).unwrap();
    let report = scene.sync(&mut ana).unwrap();
    assert!(report.alarms.iter().any(|alarm| alarm.contains("LOG-07")), "{report:?}");
    let found = ana.verify_server(&mut scene.net.link(), &mut |_, _| {}).unwrap().findings;
    assert!(found.iter().any(|finding| finding.reason.contains("LOG-07")), "{found:?}");
    // Once somebody has acknowledged it, syncs say nothing of it any more, and it is still to be seen.
    assert_eq!(ana.acknowledge_alarms().unwrap(), report.alarms.len());
    assert!(scene.sync(&mut ana).unwrap().alarms.is_empty());
    let checked = ana.verify_server(&mut scene.net.link(), &mut |_, _| {}).unwrap();
    assert!(!checked.findings.iter().any(|finding| finding.reason.contains("LOG-07")), "{checked:?}");
    assert!(checked.acknowledged.iter().any(|alarm| alarm.what.contains("LOG-07") && alarm.by == "ana"), "{checked:?}");
    for (id, text) in [("one", "61"), ("two", "62"), ("three", "63")] {
        assert_eq!(read(&mut ana, shared, id).as_deref(), Some(text));
    }
    note(&mut ana, shared, "six", "66");
    scene.sync(&mut ana).unwrap();
}

/// Everything is fine, nothing is new and nothing is taken, says the server, as of a log that it shows for ever.
fn keep_silent(net: &Net) {
    net.cheat(|net, call| {
        if !call.path.ends_with("/sync") {
            return net.honest(call);
        }
        let request: SyncRequest = strict::decode(call.body, REQUEST_BYTES_MAX).unwrap();
        let answer = SyncAnswer {
            standing: CallerStanding::Enrolled,
            outcomes: request.objects.iter().map(|_| Outcome::Wait(Refusal::MissingParent)).collect(),
            items: Vec::new(),
            rest: Vec::new(),
            checkpoint: net.checkpoint(request.point),
            lease: None,
            challenge: Challenge([0; 24]),
            now_ms: net.now_ms(),
        };
        Answer { status: 200, body: strict::encode(&answer), ..Answer::default() }
    });
}

/// A17: a retirement is kept from a device. Without a lease it shows how old its knowledge is, and locks; a lease names the
/// directory as the device has it, so that a server that goes on giving them has to show it another log for good.
#[test]
fn a17_what_is_withheld_ages_locks_and_shows() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let mut ben = scene.open("laptop", "ben");
    // The last honest exchange was 80 hours ago; the policy gives 72.
    scene.net.set_clock_ahead(-80 * HOUR_MS);
    scene.sync(&mut ben).unwrap();
    scene.net.set_clock_ahead(0);
    let (known, lease) = (ben.vault().synced_ms().unwrap(), ben.vault().lease().unwrap());
    assert!(known < scene.net.now_ms() - 79 * HOUR_MS);
    let fork = scene.net.fork();
    let mut ana = scene.open("tablet", "ana");
    ana.retire_member("ben").unwrap();

    keep_silent(&scene.net);
    note(&mut ben, shared, "one", "61");
    let report = scene.sync(&mut ben).unwrap();
    assert_eq!((report.received, report.refused.len()), (0, 1));
    assert_eq!((ben.vault().synced_ms(), ben.vault().lease().unwrap().lease), (Some(known), lease.lease));
    assert_eq!(ben.vault().unsent().unwrap(), 1);
    drop(ben);
    assert!(matches!(scene.try_open("laptop", "ben"), Err(Error::LeaseEnded(_))));
    assert!(matches!(scene.first("laptop", "ben"), Err(Error::LeaseEnded(_))), "silence brings no lease");

    // Leases of another log open the device; what is written there is nobody else's.
    let before = Snapshot::of(&scene.path("laptop"));
    let vault = Vault::open(&scene.path("laptop")).unwrap();
    let mut ben = first(vault, "ben", scene.code("ben"), &mut fork.link()).unwrap();
    note(&mut ben, shared, "two", "62");
    sync_with(&mut ben, &fork).unwrap();
    scene.net.be_honest();
    caught(scene.sync(&mut ben));
    drop(ben);

    // The honest server tells him, and what he wrote in the dark is nowhere.
    before.put(&scene.path("laptop"));
    assert!(matches!(scene.first("laptop", "ben"), Err(Error::Retired(_))));
    scene.sync(&mut ana).unwrap();
    assert_eq!((read(&mut ana, shared, "one"), read(&mut ana, shared, "two")), (None, None));
    note(&mut ana, shared, "three", "63");
    scene.sync(&mut ana).unwrap();
}

/// A25: an older copy of a vault folder is put in the place of the vault.
#[test]
fn a25_a_device_that_was_put_back_goes_on_under_another_identity_and_loses_nothing() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let laptop = scene.path("laptop");
    let mut ana = scene.open("tablet", "ana");
    let older = Snapshot::of(&laptop);
    let mut ben = scene.open("laptop", "ben");
    let device = ben.vault().device_id();
    note(&mut ben, shared, "one", "61");
    scene.sync(&mut ben).unwrap();
    drop(ben);

    older.put(&laptop);
    // A changed client that says nothing of its lease hands in nothing under the name that the device had.
    let changed = scene.insider("laptop", "ben");
    let log = changed.log(shared);
    let forged = changed.seal(&log, changed.header(&log), "four", observation_text("four", "64"));
    assert_eq!(changed.push(&scene.net, vec![entry(&forged)]), [Outcome::Wait(Refusal::NotAllowed)]);
    let mut ben = scene.open("laptop", "ben");
    assert_eq!(read(&mut ben, shared, "one"), None);
    note(&mut ben, shared, "two", "62");
    note(&mut ana, shared, "three", "63");
    scene.sync(&mut ana).unwrap();
    let report = scene.sync(&mut ben).unwrap();
    assert!(report.renewed && report.alarms.is_empty(), "{report:?}");
    assert_ne!(ben.vault().device_id(), device);
    let report = scene.sync(&mut ben).unwrap();
    assert!(!report.renewed && report.round_trips == 1, "{report:?}");
    scene.sync(&mut ana).unwrap();
    for session in [&mut ana, &mut ben] {
        for (id, text) in [("one", "61"), ("two", "62"), ("three", "63")] {
            assert_eq!(read(session, shared, id).as_deref(), Some(text));
        }
        let devices = session.devices();
        let laptops: Vec<_> = devices.iter().filter(|held| held.name == "laptop").map(|held| held.enrolled).collect();
        assert_eq!(laptops, [true, false]);
    }
}

/// A7, LOG-02: the server says that the log goes on in another generation, so that devices forget what they have seen.
#[test]
fn a7_log_02_a_generation_that_no_admin_has_begun_is_not_followed() {
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    note(&mut ben, scene.charts.shared, "one", "61");
    scene.net.cheat(|net, call| {
        if !call.path.ends_with("/sync") {
            return net.honest(call);
        }
        let body = br#"{"type":"urn:wardbook:problem:generation","status":409,"detail":"another generation"}"#.to_vec();
        Answer { status: 409, body, ..Answer::default() }
    });
    let told = caught(scene.sync(&mut ben));
    assert!(told.contains("LOG-02"), "{told}");
    scene.net.be_honest();
    assert_eq!(scene.sync(&mut ben).unwrap().sent, 1);
}
