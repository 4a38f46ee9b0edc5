//! Who may ask.

use crate::testing::{Clinic, HOUR, NOW, Who, asking, call, challenge_of, code, key, object, statement};
use crate::{Answer, Call, ContentKind, Limits};
use wardbook_wire::exchange::{CallerStanding, Outcome, Refusal, SyncRequest, path};
use wardbook_wire::log::{Item, LeafKind, Range};
use wardbook_wire::request::{Caller, Challenge};
use wardbook_wire::{Act, Author, TeamId, strict};

const TEAM: TeamId = TeamId([5; 16]);

/// A challenge for the admin, as a request without a valid one gets it.
fn fetched(clinic: &mut Clinic) -> Challenge {
    let (route, body) = (path(clinic.org(), "sync"), strict::encode(&asking(vec![])));
    let admin = clinic.admin.clone();
    let request = clinic.request(admin.caller(), Challenge([0; 24]), "POST", &route, &body);
    let header = clinic.header(request, &[&admin.device_key, &admin.member_key]);
    let answer = clinic.service.handle(&with(call("POST", &route, &body, clinic.now), &header));
    assert_eq!((answer.status, code(&answer).as_str()), (401, "challenge"));
    challenge_of(&answer).unwrap()
}

fn with<'a>(call: Call<'a>, header: &'a str) -> Call<'a> {
    Call { authorization: Some(header), ..call }
}

#[test]
fn req_01_a_request_is_signed_by_a_known_device_and_member_in_this_order() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (route, body) = (path(clinic.org(), "sync"), strict::encode(&asking(vec![])));
    let like = call("POST", &route, &body, 0);
    let (device, member, other) = (&admin.device_key, &admin.member_key, key(77));
    for keys in [&[device, &other][..], &[&other, member], &[member, device], &[device], &[device, member, member], &[]]
    {
        let answer = clinic.send(admin.caller(), keys, like);
        assert_eq!((answer.status, code(&answer).as_str()), (401, "signature"));
        assert!(challenge_of(&answer).is_some());
    }
    let stranger = Who::new(9);
    let caller = Caller::Member { device: admin.device, member: stranger.member };
    assert_eq!(code(&clinic.send(caller, &[device, &stranger.member_key], like)), "signature");
    let caller = Caller::Member { device: stranger.device, member: admin.member };
    assert_eq!(code(&clinic.send(caller, &[&stranger.device_key, member], like)), "signature");
    // The key of an invite, known or not, opens nothing but `invite` and `welcome`.
    let invite = Caller::Invite(crate::testing::verify_key(&other));
    assert_eq!(code(&clinic.send(invite, &[&other], like)), "signature");
    let good = clinic.send(admin.caller(), &[device, member], like);
    assert_eq!((good.status, good.kind), (200, ContentKind::Cbor));
    assert!(challenge_of(&good).is_some());
}

#[test]
fn req_02_a_challenge_is_this_servers_and_of_today() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (route, body) = (path(clinic.org(), "sync"), strict::encode(&asking(vec![])));
    let send = |clinic: &mut Clinic, challenge| {
        let request = clinic.request(admin.caller(), challenge, "POST", &route, &body);
        let header = clinic.header(request, &[&admin.device_key, &admin.member_key]);
        clinic.service.handle(&with(call("POST", &route, &body, clinic.now), &header))
    };
    let challenge = fetched(&mut clinic);
    assert_eq!(send(&mut clinic, challenge).status, 200);
    clinic.now = NOW + 23 * HOUR;
    assert_eq!(send(&mut clinic, challenge).status, 200);
    clinic.now = NOW + 24 * HOUR;
    let late = send(&mut clinic, challenge);
    assert_eq!((late.status, code(&late).as_str()), (401, "challenge"));
    let next = challenge_of(&late).unwrap();
    assert_eq!(send(&mut clinic, next).status, 200);
    // A restart ends all challenges, so that nothing of before can be repeated.
    let mut clinic = clinic.restart(Limits::default());
    assert_eq!(code(&send(&mut clinic, next)), "challenge");
}

#[test]
fn req_03_a_request_again_is_refused() {
    let mut clinic = Clinic::new();
    let (route, body) = (path(clinic.org(), "sync"), strict::encode(&asking(vec![])));
    let (admin, challenge) = (clinic.admin.clone(), fetched(&mut clinic));
    let request = clinic.request(admin.caller(), challenge, "POST", &route, &body);
    let header = clinic.header(request, &[&admin.device_key, &admin.member_key]);
    let like = with(call("POST", &route, &body, clinic.now), &header);
    assert_eq!(clinic.service.handle(&like).status, 200);
    let again = clinic.service.handle(&like);
    assert_eq!((again.status, code(&again).as_str()), (401, "replay"));
    assert!(challenge_of(&again).is_some());
}

#[test]
fn req_04_a_signature_is_for_one_method_path_and_body() {
    let mut clinic = Clinic::new();
    let (route, body) = (path(clinic.org(), "sync"), strict::encode(&asking(vec![])));
    let (admin, challenge) = (clinic.admin.clone(), fetched(&mut clinic));
    let other = path(clinic.org(), "history");
    let queried = format!("{route}?x");
    let blob = path(clinic.org(), &format!("blobs/{}", "a".repeat(64)));
    let sent = &body[..];
    let calls =
        [("POST", &route, &b"other"[..]), ("POST", &other, sent), ("POST", &queried, sent), ("GET", &blob, sent)];
    for (method, sent_path, sent_body) in calls {
        let request = clinic.request(admin.caller(), challenge, "POST", &route, &body);
        let header = clinic.header(request, &[&admin.device_key, &admin.member_key]);
        let answer = clinic.service.handle(&with(call(method, sent_path, sent_body, clinic.now), &header));
        assert_eq!((answer.status, code(&answer).as_str()), (401, "signature"), "{method} {sent_path}");
    }
    // Signed for this path, but naming another organisation.
    let mut request = clinic.request(admin.caller(), challenge, "POST", &route, &body);
    request.org = wardbook_wire::OrgId([1; 32]);
    let header = clinic.header(request, &[&admin.device_key, &admin.member_key]);
    assert_eq!(code(&clinic.service.handle(&with(call("POST", &route, &body, clinic.now), &header))), "signature");
}

#[test]
fn req_05_what_is_not_signed_reaches_nothing() {
    let clinic = Clinic::new();
    for route in ["sync", "invite", "history", "seen", "objects", "statements", "welcome"] {
        let route = path(clinic.org(), route);
        for header in [None, Some("Wardbook "), Some("Wardbook AAAA"), Some("Bearer x")] {
            let answer = clinic.service.handle(&Call { authorization: header, ..call("POST", &route, b"", NOW) });
            assert_eq!((answer.status, code(&answer).as_str()), (401, "challenge"), "{route}");
            assert_eq!(challenge_of(&answer), None);
        }
        let elsewhere = route.replace(&clinic.org().to_string(), &"0".repeat(64));
        assert_eq!(clinic.service.handle(&call("POST", &elsewhere, b"", NOW)).status, 404);
    }
    assert_eq!(clinic.service.handle(&call("GET", "/etc/passwd", b"", NOW)).status, 404);
    assert_eq!(clinic.service.handle(&call("GET", "/v1/server", b"", NOW)).status, 200);
}

#[test]
fn req_05_a_retired_device_gets_statements_and_nothing_else() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    let chart = clinic.genesis(&admin, 1, TEAM);
    clinic.push(&admin, vec![object(&chart), admin.slot(clinic.org(), 1, 1), admin.keyring(clinic.org(), 1)]);
    clinic.state(Act::DeviceRetire { device: who.device });
    let mine = clinic.genesis(&who, 2, TEAM);
    let objects = vec![object(&mine), who.slot(clinic.org(), 2, 1), object(&chart)];
    let answer = clinic.sync(&who, &SyncRequest { lease: crate::testing::wish(0, 1), ..asking(objects) });
    assert_eq!(answer.standing, CallerStanding::DeviceRetired);
    let not_allowed = Outcome::Refused(Refusal::NotAllowed);
    assert_eq!(answer.outcomes[..2], [not_allowed.clone(), not_allowed]);
    // What is in the log already is told so.
    assert!(matches!(answer.outcomes[2], Outcome::Logged { .. }));
    assert_eq!(answer.lease, None);
    let (mut statements, mut sealed) = (0, 0);
    for item in &answer.items {
        match item {
            Item::Leaf { leaf, object } => {
                assert_ne!(leaf.kind, LeafKind::Entry);
                assert_eq!(object.is_some(), leaf.kind == LeafKind::Statement);
                let count = if object.is_some() { &mut statements } else { &mut sealed };
                *count += 1;
            }
            Item::Skip(_) => {}
        }
    }
    assert_eq!((statements, sealed), (clinic.chain.statements.len(), 2));
    clinic.follow(&Range::default(), &answer, 1);
    // Statements they get by themselves, too.
    let body = body_of("statements", &clinic.chain.statements[0]);
    assert_eq!(statements_of(&clinic.post(&who, "statements", &body)), clinic.chain.statements[1..]);
    for route in ["history", "seen", "objects", "welcome"] {
        let answer = clinic.post(&who, route, &body_of(route, &clinic.chain.statements[0]));
        assert_eq!((answer.status, code(&answer).as_str()), (403, "retired"), "{route}");
    }
    let blob = path(clinic.org(), &format!("blobs/{}", "a".repeat(64)));
    let keys = [&who.device_key, &who.member_key];
    assert_eq!(code(&clinic.send(who.caller(), &keys, call("HEAD", &blob, b"", 0))), "retired");
    assert_eq!(code(&events(&mut clinic, &who).unwrap_err()), "retired");
    assert_eq!(events(&mut clinic, &admin).unwrap(), clinic.org());
}

#[test]
fn req_05_a_retired_member_gets_statements_on_whatever_device() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    clinic.state(Act::MemberRetire { member: who.member });
    let on_admins_device = Who { device: admin.device, device_key: admin.device_key.clone(), ..who };
    let bytes =
        clinic.chain.make(Author::Member(admin.member), &admin.member_key, Act::DeviceRetire { device: admin.device });
    let answer = clinic.sync(&on_admins_device, &asking(vec![statement(&bytes)]));
    assert_eq!(answer.standing, CallerStanding::MemberRetired);
    // Not even a statement that somebody else has signed.
    assert_eq!(answer.outcomes, [Outcome::Refused(Refusal::NotAllowed)]);
    let body = body_of("statements", &clinic.chain.statements[0]);
    let answer = clinic.post(&on_admins_device, "statements", &body);
    assert_eq!(statements_of(&answer), clinic.chain.statements[1..]);
    assert_eq!(clinic.sync(&admin, &asking(vec![])).standing, CallerStanding::Enrolled);
}

#[test]
fn req_05_replaced_keys_read_the_organisations_own_stream_and_nothing_else() {
    let mut clinic = Clinic::new();
    let (admin, who) = (clinic.admin.clone(), clinic.newcomer(2));
    let chart = clinic.genesis(&who, 1, TEAM);
    clinic.push(&who, vec![object(&chart), who.slot(clinic.org(), 1, 1)]);
    let next = Who { member_key: key(60), ..admin.clone() };
    let seal_key = wardbook_wire::statement::SealKey(vec![0; 1216]);
    clinic.state(Act::MemberRekey { verify_key: crate::testing::verify_key(&next.member_key), seal_key });
    let answer = clinic.sync(&admin, &SyncRequest { lease: crate::testing::wish(0, 1), ..asking(vec![]) });
    assert_eq!((answer.standing, &answer.lease), (CallerStanding::KeysReplaced, &None));
    let kinds = answer.items.iter().filter_map(|item| match item {
        Item::Leaf { leaf, object: Some(_) } => Some(leaf.kind),
        _ => None,
    });
    // What others have handed in; their own statements they have.
    assert_eq!(kinds.filter(|kind| *kind == LeafKind::Slot).count(), 1);
    clinic.follow(&Range::default(), &answer, 1);
    let body = body_of("statements", &clinic.chain.statements[0]);
    assert_eq!(statements_of(&clinic.post(&admin, "statements", &body)), clinic.chain.statements[1..]);
    assert_eq!(code(&clinic.post(&admin, "objects", &body_of("objects", &[]))), "retired");
    assert_eq!(clinic.sync(&next, &asking(vec![])).standing, CallerStanding::Enrolled);
}

/// Statements of an answer.
fn statements_of(answer: &Answer) -> Vec<Vec<u8>> {
    assert_eq!(answer.status, 200, "{}", code(answer));
    let answer: wardbook_wire::exchange::StatementsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    answer.statements.into_iter().map(|statement| statement.0).collect()
}

fn events(clinic: &mut Clinic, who: &Who) -> Result<wardbook_wire::OrgId, Answer> {
    let route = path(clinic.org(), "events");
    let fetch = clinic.request(who.caller(), Challenge([0; 24]), "GET", &route, b"");
    let header = clinic.header(fetch, &[&who.device_key, &who.member_key]);
    let refused = clinic.service.authorise_events(&with(call("GET", &route, b"", clinic.now), &header)).unwrap_err();
    let request = clinic.request(who.caller(), challenge_of(&refused).unwrap(), "GET", &route, b"");
    let header = clinic.header(request, &[&who.device_key, &who.member_key]);
    clinic.service.authorise_events(&with(call("GET", &route, b"", clinic.now), &header))
}

/// A body that the route can read.
fn body_of(route: &str, genesis: &[u8]) -> Vec<u8> {
    use wardbook_wire::exchange::{HistoryRequest, ObjectsRequest, SeenRequest, StatementsRequest, WelcomeRequest};
    let sealed = wardbook_wire::log::ObjectBytes(vec![]);
    match route {
        "history" => {
            strict::encode(&HistoryRequest { generation: 1, from: 0, to: 0, charts: vec![], teams: vec![], all: false })
        }
        "seen" => strict::encode(&SeenRequest { generation: 1, sizes: vec![], size: 0 }),
        "objects" => strict::encode(&ObjectsRequest { entries: vec![] }),
        "welcome" => strict::encode(&WelcomeRequest { key: wardbook_wire::VerifyKey([1; 32]), sealed }),
        _ => strict::encode(&StatementsRequest { after: crate::testing::statement_id(genesis) }),
    }
}

#[test]
fn bodies_that_cannot_be_read_are_problems() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    for route in ["sync", "history", "seen", "objects", "statements", "welcome"] {
        for body in [&b""[..], b"\xff\xff", b"{}"] {
            let answer = clinic.post(&admin, route, body);
            assert_eq!((answer.status, code(&answer).as_str()), (400, "malformed"), "{route}");
        }
    }
}
