//! Who is who: keys swapped, statements and secrets of somebody's own making, an admin who lets themself in.

use crate::insider::entry;
use crate::network::{Losing, Net, sync_answer};
use crate::organisation::{Scene, caught, invite, join, note, observation_text, read};
use std::collections::BTreeMap;
use wardbook_client::sync::transport::Call;
use wardbook_client::{Access, Error, Grantee, Role, Secret};
use wardbook_core::chart::{open_body, open_chart_keys};
use wardbook_core::directory::{Directory, open_team_secrets, seal_team_epoch};
use wardbook_core::keys::{SealingKey, SigningKey, TeamSecret};
use wardbook_wire::exchange::{Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer, SyncRequest};
use wardbook_wire::log::{Item, Leaf, LeafKind, ObjectBytes};
use wardbook_wire::signed::{Domain, Signed};
use wardbook_wire::statement::{Join, NewDevice, NewMember, SealKey};
use wardbook_wire::{Act, Author, DeviceId, MemberId, Statement, Unverified, VerifyKey, strict};

/// The server's own, to which it would like secrets to be sealed.
fn own_seal_key() -> SealKey {
    SealingKey::from_seed(&[66; 32]).public().clone()
}

fn own_verify_key() -> VerifyKey {
    SigningKey::from_seed(&[66; 32]).verify_key()
}

fn random() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}

fn id_of(statement: &[u8]) -> [u8; 32] {
    let signed: Signed = strict::decode(statement, statement.len()).unwrap();
    Domain::STATEMENT.digest(&signed.bytes)
}

/// Puts the server's key in the place of each new member's; gives how many there were. With `net` the statement is signed
/// again, with the only key that the server has, and the leaf names it.
fn swap_keys(items: &mut [Item], net: Option<&Net>) -> usize {
    let mut swapped = 0;
    for item in items {
        let Item::Leaf { leaf, object: Some(ObjectBytes(bytes)) } = item else { continue };
        if leaf.kind != LeafKind::Statement {
            continue;
        }
        let signature = strict::decode::<Signed>(bytes, bytes.len()).unwrap().signature;
        let mut statement = Unverified::<Statement>::decode(bytes).unwrap().peek().clone();
        let Act::MemberAdd(new) = &mut statement.act else { continue };
        (new.seal_key, new.verify_key) = (own_seal_key(), own_verify_key());
        *bytes = match net {
            Some(net) => net.sign(&statement),
            None => strict::encode(&Signed { bytes: strict::encode(&statement), signature }),
        };
        if net.is_some() {
            leaf.id = id_of(bytes);
        }
        swapped += 1;
    }
    swapped
}

fn has_own_key(directory: &Directory) -> bool {
    directory.members().any(|member| member.seal_key == own_seal_key() || member.verify_key == own_verify_key())
}

/// A1: a member's public keys are changed on their way to another device and to a newcomer.
#[test]
fn a1_a_key_that_was_swapped_on_its_way_is_not_believed() {
    let scene = Scene::new();
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let password = Secret::new("cinnamon gravel trumpet ladder".to_owned());
    ana.add_member("eva", "Eva", Role::Clinician, &password).unwrap();
    let head = ben.vault().directory().head();

    scene.net.on_sync(|_, _, answer| assert_eq!(swap_keys(&mut answer.items, None), 1));
    assert!(caught(scene.sync(&mut ben)).contains("SIG-01"));
    scene.net.on_sync(|net, request, answer| {
        assert_eq!(swap_keys(&mut answer.items, Some(net)), 1);
        net.sign_again(request.point, answer);
    });
    assert!(caught(scene.sync(&mut ben)).contains("SIG-01"));
    assert_eq!(ben.vault().directory().head(), head);
    assert!(ben.find_member("eva").is_err(), "nothing can be sealed to her yet");

    // Somebody who joins starts with nothing but the link.
    scene.net.be_honest();
    let link = invite(&mut ana, &scene.net, None, true);
    scene.net.cheat(|net, call| {
        let mut answer = net.honest(call);
        if call.path.ends_with("/invite") && answer.status == 200 {
            let mut content = sync_answer(&answer.body);
            assert!(swap_keys(&mut content.items, Some(net)) > 0);
            answer.body = strict::encode(&content);
        }
        answer
    });
    assert!(caught(join(&scene.path("new"), &link, &scene.net, None)).contains("SIG-01"));
    assert!(!scene.path("new").join("vault.db").exists());

    // Once the server is honest, both know her by her own keys.
    scene.net.be_honest();
    assert_eq!(scene.sync(&mut ben).unwrap().statements, 3);
    let (joined, _) = join(&scene.path("new"), &link, &scene.net, None).unwrap();
    let eva = ana.find_member("eva").unwrap();
    let key_in = |directory: &Directory| directory.member(&eva).unwrap().seal_key.clone();
    let directories = [ana.vault().directory(), ben.vault().directory(), joined.directory()];
    assert!(directories.iter().all(|directory| !has_own_key(directory)));
    assert!(directories.iter().all(|directory| key_in(directory) == key_in(directories[0])));
}

/// A2: the server adds members and devices, in everybody's name that there is.
#[test]
fn a2_statements_of_the_servers_own_making_do_not_count() {
    let scene = Scene::new();
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let (directory, admin) = (ben.vault().directory().clone(), ana.me());
    let (org, head, laptop) = (directory.org(), directory.head(), ben.vault().device_id());
    let device = || NewDevice {
        device: DeviceId([66; 16]),
        verify_key: own_verify_key(),
        seal_key: own_seal_key(),
        name: Vec::new(),
    };
    let member = || NewMember {
        member: MemberId([66; 16]),
        role: Role::Admin,
        verify_key: own_verify_key(),
        seal_key: own_seal_key(),
        name: Vec::new(),
    };
    let joining = || Act::Join(Join { member: None, teams: Vec::new(), device: Some(device()) });
    let acts = [
        (Author::Member(admin), Act::MemberAdd(member()), "SIG-01"),
        (Author::Member(admin), Act::DeviceEnrol(device()), "SIG-01"),
        (Author::Member(admin), Act::RoleSet { member: ben.me(), role: Role::Admin }, "SIG-01"),
        (Author::Member(MemberId([66; 16])), Act::DeviceEnrol(device()), "DIR-03"),
        (Author::Root, Act::RoleSet { member: ben.me(), role: Role::Admin }, "SIG-01"),
        (Author::Device(laptop), Act::DeviceRenew(device()), "SIG-01"),
        (Author::Invite(own_verify_key()), joining(), "SIG-01"),
    ];
    for (author, act, rule) in acts {
        let statement = Statement { org: Some(org), previous: Some(head), author, act };
        forge_statement(&scene, statement);
        let told = caught(scene.sync(&mut ben));
        assert!(told.contains(rule), "{author:?}: {told}");
    }
    // Its key is that of an invite that nobody made.
    let key = SigningKey::from_seed(&[66; 32]);
    let author = Author::Invite(own_verify_key());
    let statement = Statement { org: Some(org), previous: Some(head), author, act: joining() };
    forge_leaf(&scene, key.sign(&statement));
    assert!(caught(scene.sync(&mut ben)).contains("DIR-11"));
    assert_eq!(ben.vault().directory().head(), head);

    scene.net.be_honest();
    ana.create_team("Night", &["ana".to_owned(), "ben".to_owned()]).unwrap();
    assert_eq!(scene.sync(&mut ben).unwrap().statements, 1);
    assert!(ben.find_team("Night").is_ok() && !has_own_key(ben.vault().directory()));
}

/// The server adds a statement to the log, signed with its own key.
fn forge_statement(scene: &Scene, statement: Statement) {
    let bytes = scene.net.sign(&statement);
    forge_leaf(scene, bytes);
}

fn forge_leaf(scene: &Scene, bytes: Vec<u8>) {
    let org = scene.org;
    scene.net.on_sync(move |net: &Net, request: &SyncRequest, answer: &mut SyncAnswer| {
        net.forge(answer, LeafKind::Statement, id_of(&bytes), org.into(), bytes.clone());
        net.sign_again(request.point, answer);
    });
}

/// A12: a team's secret that the server has made, or that it got an admin's client to hand over.
#[test]
fn a12_a_team_secret_of_somebody_elses_making_is_not_taken() {
    let scene = Scene::new();
    let admin = scene.insider("tablet", "ana");
    let (theirs, shown) = (TeamSecret::generate(&mut random()), TeamSecret::generate(&mut random()));
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let members = [ana.me(), ben.me()];
    let previous = &admin.ring.teams[&(scene.ward, 1)];
    // One secret to the members; the team's public key is another's.
    let secrets = (&theirs, Some(previous));
    let mut epoch =
        seal_team_epoch(&admin.directory, scene.ward, Vec::new(), &members, secrets, &mut random()).unwrap();
    let (org, head) = (scene.org, admin.directory.head());
    let author = Author::Member(admin.member());
    let act = Act::TeamRekey(epoch.clone());
    forge_statement(&scene, Statement { org: Some(org), previous: Some(head), author, act });
    assert!(caught(scene.sync(&mut ben)).contains("SIG-01"));
    scene.net.be_honest();

    epoch.seal_key = shown.sealing_key().public().clone();
    let outcomes = admin.push(&scene.net, vec![admin.state(Act::TeamRekey(epoch))]);
    assert!(matches!(outcomes[..], [Outcome::Logged { .. }]), "{outcomes:?}");
    assert_eq!(scene.sync(&mut ben).unwrap().statements, 1);
    // What is written now is sealed neither to that secret nor lost.
    note(&mut ben, scene.charts.shared, "pulse", "80");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, scene.charts.shared, "pulse").as_deref(), Some("80"));
    drop((ana, ben));
    for (device, user) in [("laptop", "ben"), ("tablet", "ana")] {
        let insider = scene.insider(device, user);
        assert_eq!(insider.directory.team(&scene.ward).unwrap().epoch(), 2);
        assert!(!insider.ring.teams.contains_key(&(scene.ward, 2)), "TEAM-01: {user} believes it");
    }
}

/// A31: an admin adds themself to a team by a client that leaves out what an honest one asks for.
#[test]
fn a31_an_admin_who_lets_themself_in_is_seen_by_everybody_and_reads_nothing_of_before() {
    let scene = Scene::new();
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    let night = ana.create_team("Night", &["ben".to_owned()]).unwrap();
    scene.sync(&mut ben).unwrap();
    let to = [(Grantee::Member(ben.me()), Access::Manage), (Grantee::Team(night), Access::Write)];
    let chart = scene.open_chart(&mut ben, "petrescu", &to);
    note(&mut ben, chart, "pulse", "91");
    scene.sync(&mut ben).unwrap();
    scene.sync(&mut ana).unwrap();
    assert!(matches!(ana.add_to_team("Night", "ana"), Err(Error::NoRight(_))));
    assert!(ana.chart(chart).is_err());
    let members = [ana.me(), ben.me()];
    drop(ana);

    let admin = scene.insider("tablet", "ana");
    let secret = TeamSecret::generate(&mut random());
    let name = admin.directory.team(&night).unwrap().name().to_vec();
    let epoch = seal_team_epoch(&admin.directory, night, name, &members, (&secret, None), &mut random()).unwrap();
    let outcomes = admin.push(&scene.net, vec![admin.state(Act::TeamRekey(epoch))]);
    assert!(matches!(outcomes[..], [Outcome::Logged { .. }]), "{outcomes:?}");

    let mut olga = scene.first("cart", "olga").unwrap();
    scene.sync(&mut ben).unwrap();
    for session in [&mut ben, &mut olga] {
        let night = session.teams().into_iter().find(|team| team.name == "Night").unwrap();
        assert_eq!((night.epoch, night.members), (2, vec!["ana".to_owned(), "ben".to_owned()]));
    }
    let mut ana = scene.open("tablet", "ana");
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, chart, "pulse"), None);
    assert!(ana.chart(chart).is_err() || ana.chart(chart).unwrap().is_empty());
    // The nurse goes on.
    note(&mut ben, chart, "pulse", "88");
    assert_eq!(read(&mut ben, chart, "pulse").as_deref(), Some("88"));
}

/// A32: who has left keeps every key that they had, and gets from the server whatever is written.
#[test]
fn a32_who_has_left_opens_nothing_that_is_written_afterwards() {
    let scene = Scene::new();
    let shared = scene.charts.shared;
    let leaver = scene.insider("laptop", "ben");
    let before = leaver.log(shared).entries().count();
    let mut ana = scene.open("tablet", "ana");
    ana.retire_member("ben").unwrap();
    note(&mut ana, shared, "pulse", "64");
    scene.sync(&mut ana).unwrap();
    assert_eq!(read(&mut ana, shared, "pulse").as_deref(), Some("64"));
    let (_, epoch, waits) = ana.access(shared).unwrap();
    assert_eq!((epoch, waits), (2, false));
    drop(ana);

    // All that there is, as Ana's device has it, with the directory as it is now.
    let everything = scene.insider("tablet", "ana");
    let log = everything.log(shared);
    let mut ring = leaver.ring.clone();
    assert!(!open_team_secrets(&everything.directory, ring.member, &ring.keys.sealing, &mut ring.teams));
    let mut keys = BTreeMap::new();
    open_chart_keys(&log, scene.org, leaver.holder(), &mut keys);
    let opens = log.entries().map(|(entry, _)| {
        let key = keys.get(&entry.header().key);
        key.is_some_and(|key| open_body(entry.header(), entry.body(), key).is_ok())
    });
    let opens: Vec<bool> = opens.collect();
    assert_eq!(opens.iter().filter(|opens| **opens).count(), before);
    assert!(opens.len() >= before + 2 && opens[before..].iter().all(|opens| !opens), "{opens:?}");
    // He hands nothing in either.
    let log = leaver.log(shared);
    let late = leaver.seal(&log, leaver.header(&log), "late", observation_text("late", "late"));
    assert_eq!(leaver.push(&scene.net, vec![entry(&late)]), [Outcome::Refused(Refusal::NotAllowed)]);
}

/// Statements that were left out, changed in order or repeated do not make another directory.
#[test]
fn a2_the_chain_is_taken_in_its_order_or_not_at_all() {
    let scene = Scene::new();
    let (mut ana, mut ben) = (scene.open("tablet", "ana"), scene.open("laptop", "ben"));
    for name in ["One", "Two", "Three"] {
        ana.create_team(name, &["ana".to_owned()]).unwrap();
    }
    let of_statements = |answer: &SyncAnswer| -> Vec<usize> {
        let is = |item: &Item| matches!(item, Item::Leaf { leaf, .. } if leaf.kind == LeafKind::Statement);
        (0..answer.items.len()).filter(|at| is(&answer.items[*at])).collect()
    };
    scene.net.on_sync(move |net, request, answer| {
        let at = of_statements(answer)[1];
        answer.items.remove(at);
        number_anew(answer);
        net.sign_again(request.point, answer);
    });
    assert!(caught(scene.sync(&mut ben)).contains("DIR-02"));
    scene.net.on_sync(move |net, request, answer| {
        let at = of_statements(answer);
        answer.items.swap(at[0], at[1]);
        number_anew(answer);
        net.sign_again(request.point, answer);
    });
    assert!(caught(scene.sync(&mut ben)).contains("DIR-02"));
    scene.net.be_honest();
    assert_eq!(scene.sync(&mut ben).unwrap().statements, 3);
    assert!(["One", "Two", "Three"].iter().all(|name| ben.find_team(name).is_ok()));
}

/// Numbers the leaves of the organisation's stream as if they had always stood so.
fn number_anew(answer: &mut SyncAnswer) {
    let own = answer.items.iter_mut().filter_map(|item| match item {
        Item::Leaf { leaf, .. } if leaf.kind != LeafKind::Entry => Some(leaf),
        _ => None,
    });
    let leaves: Vec<&mut Leaf> = own.collect();
    let first = leaves.iter().map(|leaf| leaf.seq).min().unwrap_or(1);
    for (seq, leaf) in (first..).zip(leaves) {
        leaf.seq = seq;
    }
}

fn hands_statements_in(call: &Call<'_>) -> bool {
    let request = strict::decode::<SyncRequest>(call.body, REQUEST_BYTES_MAX);
    let is_statement = |object: &Object| matches!(object, Object::Statement(_));
    request.is_ok_and(|request| request.objects.iter().any(is_statement))
}

/// Decision 016: where no answer comes the directory stays as it is here, and nobody is told that nothing has happened
/// when the server may have taken the change.
#[test]
fn a_change_of_the_directory_whose_answer_was_lost_is_said_to_be_open() {
    let scene = Scene::new();
    let mut ana = scene.open("tablet", "ana");
    ana.connect(Box::new(Losing(scene.net.link(), hands_statements_in)));
    match ana.create_team("Day", &["ana".to_owned()]) {
        Err(Error::DirectoryOffline(told)) => assert!(told.contains("may have taken it"), "{told}"),
        other => panic!("{other:?}"),
    }
    assert!(ana.find_team("Day").is_err());
    scene.sync(&mut ana).unwrap();
    assert!(ana.find_team("Day").is_ok());
}
