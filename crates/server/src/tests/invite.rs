//! Using an invite.

use crate::testing::{Clinic, HOUR, NOW, Who, asking, call, code, folded, key, object, statement, verify_key};
use crate::{Answer, ContentKind};
use wardbook_wire::exchange::{
    InviteRequest, Object, Outcome, Refusal, SyncAnswer, WELCOME_BYTES_MAX, WelcomeRequest, path,
};
use wardbook_wire::log::{Item, LeafKind, ObjectBytes, Range};
use wardbook_wire::request::Caller;
use wardbook_wire::statement::{Invite, InvitedMember, Join};
use wardbook_wire::{Act, Author, Role, TeamId, strict};

const NOT_ALLOWED: Outcome = Outcome::Refused(Refusal::NotAllowed);

/// An invite for a clinician with a device; its key is that of seed 70.
fn invited(clinic: &mut Clinic) {
    let member = Some(InvitedMember { role: Role::Clinician, teams: vec![] });
    let invite = Invite { key: verify_key(&key(70)), member, device: true, expires_ms: NOW + HOUR };
    clinic.state(Act::Invite(invite));
}

fn send(clinic: &mut Clinic, objects: Vec<Object>) -> Answer {
    let body = strict::encode(&InviteRequest { point: Range::default().point(), objects });
    by_invite(clinic, "POST", "invite", &body)
}

fn by_invite(clinic: &mut Clinic, method: &str, route: &str, body: &[u8]) -> Answer {
    let (route, holder) = (path(clinic.org(), route), key(70));
    clinic.send(Caller::Invite(verify_key(&holder)), &[&holder], call(method, &route, body, 0))
}

fn read(answer: &Answer) -> SyncAnswer {
    assert_eq!(answer.status, 200, "{}", code(answer));
    strict::decode(&answer.body, usize::MAX).unwrap()
}

/// The statement, slots and keyring of who joins.
fn joining(clinic: &Clinic, who: &Who) -> Vec<Object> {
    let join = Join { member: Some(who.as_member(Role::Clinician)), teams: vec![], device: Some(who.as_device()) };
    let bytes = clinic.chain.make(Author::Invite(verify_key(&key(70))), &key(70), Act::Join(join));
    let org = clinic.org();
    vec![statement(&bytes), who.slot(org, 2, 1), who.slot(org, 3, 1), who.keyring(org, 1)]
}

/// Kinds of the leaves that come with their bytes.
fn given(answer: &SyncAnswer) -> Vec<LeafKind> {
    let leaves = answer.items.iter().filter_map(|item| match item {
        Item::Leaf { leaf, object: Some(_) } => Some(leaf.kind),
        _ => None,
    });
    leaves.collect()
}

#[test]
fn the_holder_reads_the_directory_joins_and_then_gets_the_rest() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), Who::new(2));
    let chart = clinic.genesis(&admin, 1, TeamId([5; 16]));
    clinic.push(&admin, vec![admin.slot(clinic.org(), 1, 1), admin.keyring(clinic.org(), 1), object(&chart)]);
    invited(&mut clinic);
    // Somebody who is nobody yet gets statements only.
    let first = read(&send(&mut clinic, vec![]));
    assert_eq!(given(&first), [LeafKind::Statement; 5]);
    clinic.follow(&Range::default(), &first, 1);
    let objects = joining(&clinic, &who);
    let joined = read(&send(&mut clinic, objects.clone()));
    assert!(joined.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. })), "{:?}", joined.outcomes);
    clinic.follow(&Range::default(), &joined, 1);
    let (slot, keyring) = (LeafKind::Slot, LeafKind::Keyring);
    let others = [slot, keyring, LeafKind::Statement, LeafKind::Statement, slot, slot, keyring];
    assert_eq!(given(&joined), [&[LeafKind::Statement; 4][..], &others].concat());
    // The answer was lost: the same again is a success, and adds nothing.
    let again = read(&send(&mut clinic, objects));
    assert_eq!((&again.outcomes, &again.checkpoint), (&joined.outcomes, &joined.checkpoint));
    // From here on they are a member on a device, which has its own objects already.
    let synced = clinic.sync(&who, &asking(vec![]));
    assert_eq!(folded(&Range::default(), &synced.items), folded(&Range::default(), &joined.items));
    assert_eq!(given(&synced).len(), 4 + 3 + 1);
    // Without the statement that used it the invite is nothing any more.
    let answer = send(&mut clinic, vec![]);
    assert_eq!((answer.status, code(&answer).as_str()), (410, "invite"));
    assert!(String::from_utf8(answer.body).unwrap().contains("used already"));
    let other = joining(&clinic, &Who::new(3));
    assert_eq!(send(&mut clinic, other).status, 410);
}

#[test]
fn req_01_an_invite_that_is_closed_says_why_and_an_unknown_one_is_nobody() {
    let mut clinic = Clinic::new();
    let says = |clinic: &mut Clinic, status, text: &str| {
        for (method, route) in [("POST", "invite"), ("GET", "welcome")] {
            let body = strict::encode(&InviteRequest { point: Range::default().point(), objects: vec![] });
            let answer = by_invite(clinic, method, route, if method == "GET" { &b""[..] } else { &body[..] });
            assert_eq!((answer.status, code(&answer).as_str()), (status, "invite"));
            assert!(String::from_utf8(answer.body).unwrap().contains(text), "{text}");
        }
    };
    for (method, route) in [("POST", "invite"), ("GET", "welcome"), ("POST", "sync")] {
        let answer = by_invite(&mut clinic, method, route, b"");
        assert_eq!((answer.status, code(&answer).as_str()), (401, "signature"), "{route}");
    }
    invited(&mut clinic);
    clinic.now = NOW + HOUR + 1;
    says(&mut clinic, 410, "expired");
    // The directory says the same of a statement that comes too late.
    let late = joining(&clinic, &Who::new(2));
    assert_eq!(send(&mut clinic, late).status, 410);
    clinic.now = NOW;
    let (admin, second) = (clinic.admin.clone(), clinic.newcomer(4));
    clinic.state(Act::RoleSet { member: second.member, role: Role::Admin });
    clinic.admin = second;
    clinic.state(Act::RoleSet { member: admin.member, role: Role::Reader });
    says(&mut clinic, 403, "no longer an admin");
    clinic.state(Act::InviteRevoke { key: verify_key(&key(70)) });
    says(&mut clinic, 403, "withdrawn");
    // An invite opens no other route.
    for route in ["sync", "history", "seen", "objects", "statements"] {
        let answer = by_invite(&mut clinic, "POST", route, &strict::encode(&asking(vec![])));
        assert_ne!(answer.status, 200, "{route}");
    }
}

/// The request that joined, again, brings nothing to who was retired meanwhile.
#[test]
fn srv_10_an_invite_is_used_up_once_who_joined_by_it_has_left() {
    let who = Who::new(2);
    for act in [Act::DeviceRetire { device: who.device }, Act::MemberRetire { member: who.member }] {
        let mut clinic = Clinic::new();
        invited(&mut clinic);
        let objects = joining(&clinic, &who);
        read(&send(&mut clinic, objects.clone()));
        clinic.chain.push(objects[0].bytes().to_vec());
        read(&send(&mut clinic, objects.clone()));
        clinic.state(act);
        let answer = send(&mut clinic, objects);
        assert_eq!((answer.status, code(&answer).as_str()), (410, "invite"));
        assert!(String::from_utf8(answer.body).unwrap().contains("used already"));
    }
}

#[test]
fn srv_10_the_holder_hands_in_what_joins_and_nothing_else() {
    let mut clinic = Clinic::new();
    invited(&mut clinic);
    let (admin, who, org) = (clinic.admin.clone(), Who::new(2), clinic.org());
    let size = clinic.point().size;
    let bytes = clinic.chain.make(
        Author::Member(admin.member),
        &admin.member_key,
        Act::MemberAdd(Who::new(5).as_member(Role::Reader)),
    );
    let entry = object(&clinic.genesis(&admin, 1, TeamId([5; 16])));
    let objects = vec![statement(&bytes), who.slot(org, 2, 1), entry.clone()];
    let answer = read(&send(&mut clinic, objects));
    assert_eq!(answer.outcomes, [NOT_ALLOWED; 3]);
    assert_eq!(clinic.point().size, size);
    let mut objects = joining(&clinic, &who);
    objects.extend([entry, admin.slot(org, 9, 1), statement(&bytes)]);
    let answer = read(&send(&mut clinic, objects));
    assert_eq!(answer.outcomes[4..], [NOT_ALLOWED; 3]);
    assert_eq!(clinic.point().size, size + 4);
}

/// Whoever joined without a slot could never unlock.
#[test]
fn srv_10_a_newcomer_is_taken_whole_or_not_at_all() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), Who::new(2));
    clinic.push(&admin, vec![admin.slot(clinic.org(), 2, 5)]);
    invited(&mut clinic);
    let before = clinic.point();
    let objects = joining(&clinic, &who);
    let answer = read(&send(&mut clinic, objects));
    let wait = Outcome::Wait(Refusal::NotAllowed);
    assert_eq!(answer.outcomes, [wait.clone(), Outcome::Refused(Refusal::NotNewer), wait.clone(), wait]);
    assert_eq!(clinic.point(), before);
    assert!(!given(&answer).contains(&LeafKind::Slot));
    // A statement that was made before another came first is made anew.
    let stale = joining(&clinic, &who);
    clinic.newcomer(6);
    let answer = read(&send(&mut clinic, stale));
    assert_eq!(answer.outcomes[0], Outcome::Refused(Refusal::NotNext));
}

#[test]
fn a_welcome_waits_until_the_invite_is_used() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(4));
    let body = |sealed| strict::encode(&WelcomeRequest { key: verify_key(&key(70)), sealed: ObjectBytes(sealed) });
    assert_eq!(code(&clinic.post(&admin, "welcome", &body(vec![1]))), "invite");
    invited(&mut clinic);
    assert_eq!(by_invite(&mut clinic, "GET", "welcome", b"").status, 404);
    assert_eq!(clinic.post(&who, "welcome", &body(vec![1])).status, 403);
    assert_eq!(code(&clinic.post(&admin, "welcome", &body(vec![1; WELCOME_BYTES_MAX + 1]))), "too-large");
    let largest = vec![2; WELCOME_BYTES_MAX];
    assert_eq!(clinic.post(&admin, "welcome", &body(largest.clone())).status, 204);
    let answer = by_invite(&mut clinic, "GET", "welcome", b"");
    assert_eq!((answer.status, answer.kind, answer.body), (200, ContentKind::Bytes, largest));
    let objects = joining(&clinic, &Who::new(2));
    read(&send(&mut clinic, objects));
    assert_eq!(by_invite(&mut clinic, "GET", "welcome", b"").status, 410);
    let database = clinic.folder.path().join("orgs").join(clinic.org().to_string()).join("org.db");
    let held: i64 = rusqlite::Connection::open(database)
        .unwrap()
        .query_row("SELECT count(*) FROM welcome", [], |row| row.get(0))
        .unwrap();
    assert_eq!(held, 0);
}
