//! Members whose clients do as they like: more than their rights, in another's name, after they have lost them, or so large
//! and deep that others should choke. And a server that lies about when something came.

use crate::insider::{Insider, entry};
use crate::network::HOUR_MS;
use crate::organisation::{Scene, caught, note, observation_text, read, try_note, unlock};
use rand_core::UnwrapErr;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::{Access, Error, Grantee, Session};
use wardbook_core::chart::seal_grants;
use wardbook_wire::entry::{KeyTo, PARENTS_MAX};
use wardbook_wire::exchange::{Outcome, Refusal};
use wardbook_wire::log::{Item, LeafKind};
use wardbook_wire::statement::SealedBytes;
use wardbook_wire::{ChartId, Entry, EntryHeader, EntryId, EntryKind, Grant, MemberId};

/// The entry is in the log.
fn logged(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. }))
}

/// Ben on a device that has had no lease: it hands in what was made elsewhere, and no answer is due to it (LSE-06).
fn carrier(scene: &Scene) -> Insider {
    scene.insider("cart", "ben")
}

fn observed(insider: &Insider, chart: ChartId, id: &str, change: impl FnOnce(&mut EntryHeader)) -> Vec<u8> {
    let log = insider.log(chart);
    let mut header = insider.header(&log);
    change(&mut header);
    insider.seal(&log, header, id, observation_text(id, "forged"))
}

/// A28: writing with the right to read, sharing without the right to, going back to an older directory, and writing on
/// after access was taken back, all by a client that does not ask.
#[test]
fn a28_what_somebody_may_not_write_counts_for_nobody() {
    let scene = Scene::new();
    let (shared, read_only) = (scene.charts.shared, scene.charts.read_only);
    let (insider, carrier) = (scene.insider("laptop", "ben"), carrier(&scene));
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let to_himself = {
        let log = insider.log(shared);
        let (header, keys) = (insider.header(&log), insider.keys(&log));
        let key = &keys[&header.key];
        let to = [(Grantee::Member(insider.member()), Access::Manage)];
        seal_grants(&insider.directory, insider.holder(), key, 1, to, &mut UnwrapErr(getrandom::SysRng)).unwrap()
    };
    // One statement before the one that the latest entry knows.
    let log = insider.log(shared);
    let latest = log.entry(&log.parents()[0]).unwrap().0.header().directory;
    let older = insider.directory.chain()[insider.directory.position(&latest).unwrap() as usize - 1];
    let forged = [
        observed(&insider, read_only, "reader", |_| {}),
        observed(&insider, shared, "grant", |header| {
            (header.kind, header.grants) = (EntryKind::Grant, to_himself);
        }),
        observed(&insider, shared, "older", |header| header.directory = older),
    ];
    assert!(logged(&carrier.push(&scene.net, forged.iter().map(|bytes| entry(bytes)).collect())));
    let report = scene.sync(&mut ana).unwrap();
    assert_eq!((report.received, report.passed_over, report.quarantined), (3, 3, 0), "{report:?}");
    scene.sync(&mut ben).unwrap();
    for session in [&mut ana, &mut ben] {
        for (chart, id) in [(read_only, "reader"), (shared, "grant"), (shared, "older")] {
            assert_eq!(read(session, chart, id), None, "{id}");
        }
        let (grants, _, _) = session.access(shared).unwrap();
        assert!(grants.iter().all(|held| held.grantee != "ben"), "{grants:?}");
    }
    // An honest client says so before.
    assert!(matches!(try_note(&mut ben, read_only, "reader", "60"), Err(Error::NoRight(_))));

    // After access was taken back, as if he had not heard of it.
    let again = insider.log(shared);
    ana.revoke(shared, Grantee::Team(scene.ward)).unwrap();
    scene.sync(&mut ana).unwrap();
    let late = insider.seal(&again, insider.header(&again), "late", observation_text("late", "forged"));
    assert!(logged(&carrier.push(&scene.net, vec![entry(&late)])));
    let report = scene.sync(&mut ana).unwrap();
    assert_eq!((report.quarantined, read(&mut ana, shared, "late")), (1, None), "{report:?}");
    scene.sync(&mut ben).unwrap();
    assert_eq!(read(&mut ben, shared, "late"), None);
    let waiting = ana.quarantine().unwrap();
    assert!(waiting.len() == 1 && waiting[0].author == insider.member() && !waiting[0].late, "{waiting:?}");
    assert_eq!(ana.reject(shared, None).unwrap(), 1);
    note(&mut ana, shared, "one", "61");
    scene.sync(&mut ana).unwrap();
    assert!(ana.quarantine().unwrap().is_empty());
    assert_eq!(read(&mut ana, shared, "late"), None);

    // ENT-13: what was set aside is kept, with who decided, and can still be admitted by its name.
    let decided = ana.quarantine_with_decided().unwrap();
    let decision = decided[0].decision.unwrap();
    assert!(decided.len() == 1 && !decision.admitted && decision.by == ana.me(), "{decided:?}");
    assert!(decision.time_ms.is_some());
    assert_eq!(ana.admit(shared, None).unwrap(), 0);
    assert_eq!(ana.admit(shared, Some(&[decided[0].entry])).unwrap(), 1);
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "late").as_deref(), Some("forged"));
    assert!(ana.quarantine_with_decided().unwrap()[0].decision.unwrap().admitted);
}

/// A29: an entry that says it is another member's. The server refuses it; one that hands it out all the same achieves
/// nothing either.
#[test]
fn a29_nobody_writes_in_anothers_name() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let ana_is = scene.insider("tablet", "ana").member();
    let (insider, carrier) = (scene.insider("laptop", "ben"), carrier(&scene));
    let forged = observed(&insider, shared, "forged", |header| header.author = ana_is);
    let stranger = observed(&insider, shared, "forged", |header| header.author = MemberId([9; 16]));
    assert_eq!(
        carrier.push(&scene.net, vec![entry(&forged), entry(&stranger)]),
        [Outcome::Refused(Refusal::BadSignature), Outcome::Refused(Refusal::UnknownAuthor)]
    );
    let id = Entry::decode(&forged).unwrap().id();
    scene.net.on_sync(move |net, request, answer| {
        net.forge(answer, LeafKind::Entry, id.0, shared.into(), forged.clone());
        net.sign_again(request.point, answer);
    });
    let mut ana = scene.open("tablet", "ana");
    match scene.sync(&mut ana) {
        Ok(_) | Err(Error::Cheat(_)) => assert_eq!(read(&mut ana, shared, "forged"), None),
        Err(other) => panic!("{other}"),
    }
    assert_eq!(read(&mut ana, shared, "pulse").as_deref(), Some("72"));

    // Two members on one device: each entry has the name of the session that it was written in.
    let scene = Scene::new();
    let mut ben = scene.open("laptop", "ben");
    let ben_is = ben.me();
    note(&mut ben, shared, "one", "61");
    let vault = ben.lock();
    let mut ana = unlock(vault, "ana", scene.code("ana")).unwrap();
    note(&mut ana, shared, "two", "62");
    scene.sync(&mut ana).unwrap();
    drop(ana);
    let mut ana = scene.open("tablet", "ana");
    scene.sync(&mut ana).unwrap();
    for (id, author) in [("one", ben_is), ("two", ana_is)] {
        assert_eq!(written_by(&mut ana, shared, id), [author]);
    }
}

fn written_by(session: &mut Session, chart: ChartId, id: &str) -> Vec<MemberId> {
    let key: ResourceKey = format!("Observation/{id}").parse().unwrap();
    session.chart(chart).unwrap().history(&key).iter().map(|item| item.author).collect()
}

/// A30: entries with too many parents, a header of half a megabyte, and records without a bottom.
#[test]
fn a30_entries_that_should_choke_others_are_refused_or_passed_over_and_the_rest_comes() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let (insider, carrier) = (scene.insider("laptop", "ben"), carrier(&scene));
    let log = insider.log(shared);
    let header = insider.header(&log);
    let many = (0..=PARENTS_MAX as u8).map(|n| EntryId([n; 32])).collect();
    let crowded = insider.sign(&EntryHeader { parents: many, ..header.clone() }, vec![0; 100]);
    let sealed = KeyTo::Member(SealedBytes(vec![7; 600_000]));
    let grant = Grant { to: Grantee::Member(insider.member()), access: Access::Read, key: sealed };
    let huge = EntryHeader { kind: EntryKind::Grant, grants: vec![grant], ..header.clone() };
    let huge = insider.sign(&huge, vec![0; 100]);
    let deep = format!(
        r#"{{"resourceType":"Observation","id":"deep","extension":{}{}}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let deep = insider.seal(&log, header.clone(), "deep", deep);
    let garbage = insider.sign(&header, vec![255; 5000]);
    let path = insider.seal(&log, header.clone(), "../../../etc/passwd", observation_text("path", "forged"));
    let honest = insider.seal(&log, header, "honest", observation_text("honest", "60"));
    let objects = [&crowded, &huge, &deep, &garbage, &path, &honest].map(|bytes| entry(bytes)).to_vec();
    let outcomes = carrier.push(&scene.net, objects);
    let malformed = Outcome::Refused(Refusal::Malformed);
    assert_eq!(outcomes[..2], [malformed.clone(), malformed]);
    assert!(logged(&outcomes[2..]), "{outcomes:?}");

    let mut ana = scene.open("tablet", "ana");
    note(&mut ana, shared, "one", "61");
    let report = scene.sync(&mut ana).unwrap();
    assert_eq!(report.received, 4, "{report:?}");
    assert_eq!(read(&mut ana, shared, "honest").as_deref(), Some("60"));
    assert_eq!((read(&mut ana, shared, "deep"), read(&mut ana, shared, "path")), (None, None));
    assert_eq!(ana.chart(shared).unwrap().damaged(), 3);
    note(&mut ana, shared, "two", "62");
    scene.sync(&mut ana).unwrap();
    let mut ben = scene.open("laptop", "ben");
    scene.sync(&mut ben).unwrap();
    for (id, text) in [("one", "61"), ("two", "62"), ("honest", "60")] {
        assert_eq!(read(&mut ben, shared, id).as_deref(), Some(text));
    }

    // A server that logs what it should have refused is caught by it.
    scene.net.on_sync(move |net, request, answer| {
        net.forge(answer, LeafKind::Entry, [3; 32], shared.into(), crowded.clone());
        net.sign_again(request.point, answer);
    });
    assert!(caught(scene.sync(&mut ben)).contains("ENT-01"));
    scene.net.be_honest();
    note(&mut ben, shared, "three", "63");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "three").as_deref(), Some("63"));
}

/// A14: the server says of an honest entry that it came late, and of a late one that it did not, by turning its clock. Its
/// word is in the leaf, the same for everybody; an officer's is stronger.
#[test]
fn a14_a_server_that_lies_about_time_lies_to_everybody_alike_and_an_officer_decides() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    note(&mut ben, shared, "honest", "61");
    scene.net.set_clock_ahead(80 * HOUR_MS);
    assert_eq!(scene.sync(&mut ben).unwrap().quarantined, 1);
    scene.net.set_clock_ahead(0);
    scene.sync(&mut ben).unwrap();
    assert_eq!(scene.sync(&mut ana).unwrap().quarantined, 1);
    assert_eq!((read(&mut ben, shared, "honest"), read(&mut ana, shared, "honest")), (None, None));

    // To one device alone it cannot say so.
    scene.net.on_sync(|_, _, answer| {
        let late = answer.items.iter_mut().find_map(|item| match item {
            Item::Leaf { leaf, .. } if leaf.late => Some(leaf),
            _ => None,
        });
        late.unwrap().late = false;
    });
    assert!(matches!(scene.first("cart", "olga"), Err(Error::Cheat(_))));
    scene.net.be_honest();
    let mut olga = scene.first("cart", "olga").unwrap();
    let waiting = olga.quarantine().unwrap();
    assert!(waiting.len() == 1 && waiting[0].late && waiting[0].author == ben.me(), "{waiting:?}");
    assert_eq!(olga.admit(shared, None).unwrap(), 1);
    scene.sync(&mut olga).unwrap();
    for session in [&mut ana, &mut ben] {
        scene.sync(session).unwrap();
        assert_eq!(read(session, shared, "honest").as_deref(), Some("61"));
    }

    // Ben's lease ended 8 hours ago. A server that tells the truth says that this is late.
    scene.net.set_clock_ahead(-80 * HOUR_MS);
    scene.sync(&mut ben).unwrap();
    note(&mut ben, shared, "late", "62");
    scene.net.set_clock_ahead(0);
    assert_eq!(scene.sync(&mut ben).unwrap().quarantined, 1);
    // One that turns its clock back lets it through, for everybody, at a time that everybody can read.
    scene.net.set_clock_ahead(-80 * HOUR_MS);
    scene.sync(&mut ben).unwrap();
    note(&mut ben, shared, "lie", "63");
    scene.sync(&mut ben).unwrap();
    scene.net.set_clock_ahead(0);
    for session in [&mut ana, &mut ben] {
        scene.sync(session).unwrap();
        assert_eq!((read(session, shared, "late"), read(session, shared, "lie").as_deref()), (None, Some("63")));
        assert!(session.verify_server(&mut scene.net.link(), &mut |_, _| {}).unwrap().findings.is_empty());
    }
}
