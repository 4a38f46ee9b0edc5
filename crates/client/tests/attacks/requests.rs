//! What reaches the server without the right signatures, what a hostile server learns from garbage, and old slots.

use crate::insider::{ask, entry, handing_in, problem};
use crate::network::{Net, Sent};
use crate::organisation::{ANA, Scene, caught, note, observation_text, read};
use wardbook_client::sync::transport::{Answer, Call};
use wardbook_client::{Credential, Error, Secret, SyncOnly, Vault};
use wardbook_core::keys::SigningKey;
use wardbook_store::{Kind, Store};
use wardbook_wire::exchange::{InviteRequest, WelcomeRequest};
use wardbook_wire::log::{Item, KeyringObject, LeafKind, ObjectBytes, Range};
use wardbook_wire::request::{Caller, Request};
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{DeviceId, MemberId, Unverified, VerifyKey, strict};

/// REQ-01 to REQ-05: who signs with the wrong keys, or not at all, or again what somebody else has signed, stores nothing.
#[test]
fn nobody_without_signatures_reaches_storage() {
    let scene = Scene::new();
    let (shared, net) = (scene.charts.shared, &scene.net);
    let insider = scene.insider("laptop", "ben");
    let log = insider.log(shared);
    let honest = insider.seal(&log, insider.header(&log), "one", observation_text("one", "61"));
    let other = insider.seal(&log, insider.header(&log), "two", observation_text("two", "62"));
    let (body, changed) = (handing_in(vec![entry(&honest)]), handing_in(vec![entry(&other)]));
    let (body, changed) = (strict::encode(&body), strict::encode(&changed));
    let tablet = scene.insider("tablet", "ana");
    let size = net.size();

    // Nobody has signed.
    let welcome = WelcomeRequest { key: VerifyKey([1; 32]), sealed: ObjectBytes(vec![1; 100]) };
    let blob = format!("blobs/{}", "a".repeat(64));
    let sealed = strict::encode(&welcome);
    let calls = [
        ("POST", "sync", &body),
        ("POST", "invite", &body),
        ("POST", "welcome", &sealed),
        ("PATCH", blob.as_str(), &body),
        ("POST", "history", &body),
        ("POST", "objects", &body),
        ("POST", "statements", &body),
        ("POST", "seen", &body),
        ("GET", "welcome", &sealed),
    ];
    for (method, route, body) in calls {
        for authorization in [None, Some("Wardbook AAAA".to_owned()), Some("Bearer ben".to_owned())] {
            let answer = call(net, &scene, method, route, authorization, body);
            assert_eq!((answer.status, problem(&answer).as_str()), (401, "challenge"), "{method} {route}");
        }
    }
    // Somebody else has: another member, another device, nobody known, one of two, both in the wrong order.
    let (device, member) = (&insider.device_key, &insider.ring.keys.signing);
    let own = SigningKey::from_seed(&[66; 32]);
    let as_other = |device: DeviceId, member: MemberId| Caller::Member { device, member };
    let forged: [(Caller, Vec<&SigningKey>); 8] = [
        (as_other(insider.device, tablet.member()), vec![device, member]),
        (as_other(tablet.device, insider.member()), vec![device, member]),
        (as_other(tablet.device, tablet.member()), vec![device, member]),
        (as_other(DeviceId([9; 16]), MemberId([9; 16])), vec![&own, &own]),
        (insider.caller(), vec![&own, &own]),
        (insider.caller(), vec![device]),
        (insider.caller(), vec![member, device]),
        (insider.caller(), vec![device, member, &own]),
    ];
    for (caller, keys) in forged {
        let answer = ask(net, scene.org, caller, &keys, "sync", &body);
        assert_eq!((answer.status, problem(&answer).as_str()), (401, "signature"), "{caller:?}");
    }
    // An invite that nobody made.
    let point = Range::default().point();
    let joining = strict::encode(&InviteRequest { point, objects: vec![entry(&honest)] });
    let answer = ask(net, scene.org, Caller::Invite(own.verify_key()), &[&own], "invite", &joining);
    assert_eq!((answer.status, problem(&answer).as_str()), (401, "signature"));
    let answer = ask(net, scene.org, insider.caller(), &[device, member], "welcome", &sealed);
    assert_eq!((answer.status, problem(&answer).as_str()), (403, "invite"), "only admins invite");
    assert_eq!(net.size(), size);

    // What Ben has signed, once more, and for something else.
    let mut ben = scene.open("laptop", "ben");
    note(&mut ben, shared, "three", "63");
    scene.sync(&mut ben).unwrap();
    let size = net.size();
    for sent in net.take_sent().into_iter().filter(|sent| sent.status == 200) {
        let Sent { method, path, authorization, body, .. } = sent;
        let again = |path: &str, body: &[u8]| {
            let authorization = authorization.clone();
            let answer = net.honest(&Call { method: &method, path, authorization, body, range: None, offset: None });
            (answer.status, problem(&answer))
        };
        assert_eq!(again(&path, &body), (401, "replay".to_owned()));
        assert_eq!(again(&path, &changed), (401, "signature".to_owned()));
        assert_eq!(again(&format!("{path}?again"), &body), (401, "signature".to_owned()));
    }
    assert_eq!(net.size(), size);
    // Nothing of it is there.
    let mut ana = scene.open("tablet", "ana");
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "three").as_deref(), Some("63"));
    assert_eq!((read(&mut ana, shared, "one"), read(&mut ana, shared, "two")), (None, None));
}

fn call(net: &Net, scene: &Scene, method: &str, route: &str, authorization: Option<String>, body: &[u8]) -> Answer {
    let path = wardbook_wire::exchange::path(scene.org, route);
    net.honest(&Call { method, path: &path, authorization, body, range: None, offset: None })
}

/// A11: slots and keyrings of the server's making are passed over, whatever is wrong with them, and what the device sends
/// does not depend on it.
#[test]
fn a11_garbage_gets_no_answer_that_depends_on_a_key() {
    let mut seen = Vec::new();
    for variant in 0..6 {
        let scene = Scene::new();
        let store = Store::open(&scene.path("laptop")).unwrap();
        let ben_is = scene_member(&scene, "ben");
        let keyring = store.get(Kind::Keyring, &[], ben_is.as_bytes()).unwrap().unwrap();
        let mut slots = store.list_all(Kind::Slot).unwrap().into_iter().map(|row| row.value);
        let slot = slots.find(|bytes| Unverified::<Slot>::decode(bytes).unwrap().peek().member == ben_is);
        drop(store);
        let (slot, org) = (slot.unwrap(), scene.org);
        scene.net.on_sync(move |net, request, answer| {
            let (slot, keyring) = spoiled(net, variant, &slot, &keyring);
            net.forge(answer, LeafKind::Slot, Request::digest(&slot), org.into(), slot);
            net.forge(answer, LeafKind::Keyring, Request::digest(&keyring), org.into(), keyring);
            net.sign_again(request.point, answer);
        });
        let mut ben = scene.open("laptop", "ben");
        scene.net.take_sent();
        let report = scene.sync(&mut ben).unwrap();
        assert!(report.alarms.is_empty(), "{report:?}");
        let sent = scene.net.take_sent();
        seen.push(
            sent.into_iter().map(|sent| (sent.method, sent.path, sent.body.len(), sent.status)).collect::<Vec<_>>(),
        );
        drop(ben);
        // He unlocks as before, and reads what he read.
        let mut ben = scene.open("laptop", "ben");
        assert_eq!(read(&mut ben, scene.charts.shared, "pulse").as_deref(), Some("72"));
    }
    assert!(seen.iter().all(|requests| *requests == seen[0]), "{seen:?}");

    // Bytes that are not those of their leaf are refused as such.
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    ana.new_recovery_code().unwrap();
    scene.sync(&mut ana).unwrap();
    let mut ben = scene.open("laptop", "ben");
    scene.net.on_sync(|_, _, answer| {
        for item in &mut answer.items {
            if let Item::Leaf { leaf, object: Some(ObjectBytes(bytes)) } = item
                && leaf.kind == LeafKind::Slot
            {
                bytes[20] ^= 1;
            }
        }
    });
    assert!(caught(scene.sync(&mut ben)).contains("LOG-06"));
    scene.net.be_honest();
    note(&mut ben, scene.charts.shared, "one", "61");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "one").as_deref(), Some("61"));
}

fn scene_member(scene: &Scene, user: &str) -> MemberId {
    let session = scene.open("tablet", "ana");
    session.find_member(user).unwrap()
}

/// A slot and a keyring that are wrong in one way each: no message at all, signed by the server, changed inside, changed in
/// what is sealed, another's, with versions that cannot be passed.
fn spoiled(net: &Net, variant: usize, slot: &[u8], keyring: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut slot_of = Unverified::<Slot>::decode(slot).unwrap().peek().clone();
    let mut ring_of = Unverified::<KeyringObject>::decode(keyring).unwrap().peek().clone();
    (slot_of.version, ring_of.version) = (u64::MAX, u64::MAX);
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    match variant {
        0 => (vec![7; slot.len()], vec![7; keyring.len()]),
        1 => (net.sign(&slot_of), net.sign(&ring_of)),
        2 => (flipped(slot, slot.len() - 1), flipped(keyring, keyring.len() - 1)),
        3 => (flipped(slot, slot.len() / 2), flipped(keyring, keyring.len() / 2)),
        4 => {
            slot_of.sealed.fill(0);
            ring_of.sealed.fill(0);
            (net.sign(&slot_of), net.sign(&ring_of))
        }
        _ => (Vec::new(), Vec::new()),
    }
}

fn with_password(vault: Vault, user: &str, password: &str) -> Result<SyncOnly, (Box<Vault>, Error)> {
    vault.unlock_to_sync(user, &Credential::Password(&Secret::new(password.to_owned())))
}

/// A4: a password was changed, and a device that was away gets the old slot from the server.
#[test]
fn a4_an_old_slot_does_not_open_a_device_that_comes_late() {
    let scene = Scene::new();
    let store = Store::open(&scene.path("cart")).unwrap();
    let rows = store.list_all(Kind::Slot).unwrap();
    drop(store);
    let mut ana = scene.open("tablet", "ana");
    let member = ana.me();
    let is_old = |bytes: &[u8]| {
        let slot = Unverified::<Slot>::decode(bytes).unwrap();
        slot.peek().member == member && slot.peek().kind == SlotKind::Password
    };
    let old = rows.into_iter().map(|row| row.value).find(|bytes| is_old(bytes)).unwrap();
    let new = "forgotten walnut harbour engine";
    ana.change_password(&Secret::new(new.to_owned())).unwrap();
    scene.sync(&mut ana).unwrap();

    // In the place of the new one.
    let given = old.clone();
    scene.net.on_sync(move |_, _, answer| {
        let mut slots = answer.items.iter_mut().filter_map(|item| match item {
            Item::Leaf { leaf, object } if leaf.kind == LeafKind::Slot => object.as_mut(),
            _ => None,
        });
        slots.next_back().unwrap().0.clone_from(&given);
    });
    assert!(matches!(scene.first("cart", "ben"), Err(Error::Cheat(told)) if told.contains("LOG-06")));

    // At its own place, before the new one.
    let (given, id) = (old.clone(), Request::digest(&old));
    scene.net.on_sync(move |_, _, answer| {
        for item in &mut answer.items {
            if let Item::Leaf { leaf, object } = item
                && leaf.id == id
            {
                assert!(object.is_none(), "the server has it no more");
                *object = Some(ObjectBytes(given.clone()));
            }
        }
    });
    drop(scene.first("cart", "ben").unwrap());
    scene.net.be_honest();
    let vault = Vault::open(&scene.path("cart")).unwrap();
    let Err((vault, error)) = with_password(vault, "ana", ANA) else { panic!("the old password opens") };
    assert!(matches!(error, Error::NotUnlocked), "{error}");
    let unlocked = with_password(*vault, "ana", new).map_err(|(_, error)| error).unwrap();
    let mut ana_there = unlocked.into_session().map_err(|(_, error)| error).unwrap();
    note(&mut ana_there, scene.charts.shared, "one", "61");
    scene.sync(&mut ana_there).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "one").as_deref(), Some("61"));
}
