//! How long a device works by itself: leases that it should not have, clocks, and a device that was retired.

use crate::insider::{entry, problem};
use crate::network::{HOUR_MS, Net};
use crate::organisation::{Scene, Snapshot, caught, note, observation_text, read, unlock_to_sync};
use wardbook_client::{DeviceId, Error, LeaseStanding, Vault};
use wardbook_core::keys::SigningKey;
use wardbook_wire::exchange::{HistoryRequest, ObjectsRequest, Outcome, Refusal};
use wardbook_wire::lease::Lease;
use wardbook_wire::log::ObjectBytes;
use wardbook_wire::{EntryId, OrgId, StatementId, Unverified, strict};

const MINUTE_MS: i64 = 60_000;

type Change = fn(&mut Lease);

/// A15: leases for another device, organisation or state, too long or without sense, and by somebody else.
#[test]
fn a15_a_lease_that_a_device_should_not_have_is_refused() {
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();
    let held = ben.vault().lease().unwrap();
    let changes: [(&str, &str, Change); 8] = [
        ("of another device", "LSE-01", |lease| lease.device = DeviceId([9; 16])),
        ("of another organisation", "LSE-01", |lease| lease.org = OrgId([9; 32])),
        ("of another directory", "LSE-01", |lease| lease.directory = StatementId([9; 32])),
        ("of another log", "LSE-01", |lease| lease.seen.point.size += 1),
        ("an hour too long", "LSE-02", |lease| lease.expires_ms += HOUR_MS),
        ("without an end", "LSE-02", |lease| lease.expires_ms = i64::MAX),
        ("that has begun long ago", "LSE-02", |lease| lease.issued_ms = i64::MIN),
        ("that ends before it begins", "LSE-02", |lease| lease.expires_ms = lease.issued_ms - 1),
    ];
    for (what, rule, change) in changes {
        scene.net.on_sync(move |net, _, answer| net.change_lease(answer, change));
        let told = caught(scene.sync(&mut ben));
        assert!(told.contains(rule), "{what}: {told}");
    }
    scene.net.on_sync(|_, _, answer| {
        let lease = *Unverified::<Lease>::decode(&answer.lease.as_ref().unwrap().0).unwrap().peek();
        answer.lease = Some(ObjectBytes(SigningKey::from_seed(&[66; 32]).sign(&lease)));
    });
    assert!(caught(scene.sync(&mut ben)).contains("SIG-01"));
    let now = ben.vault().lease().unwrap();
    assert_eq!((now.lease, now.until_ms), (held.lease, held.until_ms));

    scene.net.be_honest();
    scene.sync(&mut ben).unwrap();
    assert!(ben.vault().lease().unwrap().number > held.number);
    drop(ben);
    assert!(scene.try_open("laptop", "ben").is_ok());
}

/// A15: each lease is as long as the policy allows, and begins in ten years: it opens nothing until then.
#[test]
fn a15_a_lease_from_the_future_does_not_hold_until_then() {
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    scene.net.on_sync(|net: &Net, _, answer| {
        net.change_lease(answer, |lease| {
            lease.issued_ms += 10 * 365 * 24 * HOUR_MS;
            lease.expires_ms += 10 * 365 * 24 * HOUR_MS;
        });
    });
    let _ = scene.sync(&mut ben);
    let held = ben.vault().lease().unwrap();
    let hours = (held.until_ms - scene.net.now_ms()) / HOUR_MS;
    let open = matches!(held.standing, LeaseStanding::Holds { .. });
    assert!(!open || hours <= 72, "LSE-02, LSE-04: it holds for {hours} hours");
    drop(ben);
    assert!(matches!(scene.try_open("laptop", "ben"), Err(Error::LeaseEnded(_))) || hours <= 72);
    scene.net.be_honest();
    let mut ben = scene.first("laptop", "ben").unwrap();
    assert_eq!(read(&mut ben, scene.charts.shared, "pulse").as_deref(), Some("72"));
}

/// A15, A24: a lease ends, and a clock that is turned back does not bring it back. The device's clock is the system's here;
/// what is moved is the server's, which the device takes as the time that it has seen.
#[test]
fn a24_a_lease_ends_and_a_clock_turned_back_keeps_the_device_closed() {
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    scene.net.set_clock_ahead(-80 * HOUR_MS);
    scene.sync(&mut ben).unwrap();
    drop(ben);
    let closed = |scene: &Scene, because: &str| match scene.try_open("laptop", "ben") {
        Err(Error::LeaseEnded(told)) => assert!(told.contains(because), "{told}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opens"),
    };
    closed(&scene, "ended 8 hours ago");

    // Ten hours ahead: from then on this device's clock is one that was turned back.
    scene.net.set_clock_ahead(10 * HOUR_MS);
    let mut unlocked = unlock_to_sync(Vault::open(&scene.path("laptop")).unwrap(), "ben", scene.code("ben"));
    unlocked.sync(&mut scene.net.link(), &mut |_| {}).unwrap();
    assert!(matches!(unlocked.into_session(), Err((_, Error::LeaseEnded(_)))));
    closed(&scene, "behind");
    let standing = Vault::open(&scene.path("laptop")).unwrap().lease().unwrap().standing;
    assert!(matches!(standing, LeaseStanding::ClockBack { by_ms } if by_ms > 9 * HOUR_MS), "{standing:?}");

    // Some minutes are the difference of two honest clocks.
    scene.net.set_clock_ahead(3 * MINUTE_MS);
    let mut ben = scene.first("laptop", "ben").unwrap();
    note(&mut ben, scene.charts.shared, "one", "61");
    scene.sync(&mut ben).unwrap();
    drop(ben);
    scene.net.set_clock_ahead(0);
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();
    let mut ana = scene.open("tablet", "ana");
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "one").as_deref(), Some("61"));
}

/// A23: a device is retired; copies of its folder are used, by the client and by a changed one.
#[test]
fn a23_a_copy_of_a_retired_device_is_refused_and_wipes_itself() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let copy = Snapshot::of(&scene.path("laptop"));
    copy.put(&scene.path("copy"));
    copy.put(&scene.path("changed"));
    let mut ana = scene.open("tablet", "ana");
    let laptop = ana.find_device("laptop").unwrap();
    ana.retire_device(laptop).unwrap();

    // Until its lease ends it opens what it holds; the first sync ends that.
    let mut ben = scene.open("copy", "ben");
    assert_eq!(read(&mut ben, shared, "pulse").as_deref(), Some("72"));
    note(&mut ben, shared, "one", "61");
    assert!(matches!(scene.sync(&mut ben), Err(Error::Retired(_))));
    drop(ben);
    assert!(!scene.path("copy").join("site.key").exists());
    assert!(matches!(Vault::open(&scene.path("copy")), Err(Error::NoSiteKey(_))));

    let thief = scene.insider("changed", "ben");
    let size = scene.net.size();
    let log = thief.log(shared);
    let forged = thief.seal(&log, thief.header(&log), "two", observation_text("two", "62"));
    assert_eq!(thief.push(&scene.net, vec![entry(&forged)]), [Outcome::Refused(Refusal::NotAllowed)]);
    let objects = strict::encode(&ObjectsRequest { entries: vec![EntryId(shared.0)] });
    let (charts, teams) = (vec![shared], Vec::new());
    let history = HistoryRequest { generation: 1, from: 0, to: size, charts, teams, all: false };
    for (route, body) in [("objects", objects), ("history", strict::encode(&history))] {
        let answer = thief.post(&scene.net, route, &body);
        assert_eq!((answer.status, problem(&answer).as_str()), (403, "retired"), "{route}");
    }
    assert_eq!(scene.net.size(), size);
    // His entry by another's hand: it is in the log then, and waits for somebody to admit it.
    let carrier = scene.insider("cart", "ana");
    assert!(matches!(carrier.push(&scene.net, vec![entry(&forged)])[..], [Outcome::Logged { .. }]));
    let report = scene.sync(&mut ana).unwrap();
    assert_eq!((report.quarantined, read(&mut ana, shared, "two")), (1, None));

    // Ben himself goes on elsewhere.
    let mut ben = scene.first("cart", "ben").unwrap();
    note(&mut ben, shared, "three", "63");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "three").as_deref(), Some("63"));
    assert_eq!(read(&mut ana, shared, "one"), None);
}
