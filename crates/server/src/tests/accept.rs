//! What is taken into the log, and what is not.

use crate::testing::{Chain, Clinic, Who, asking, call, code, folded, key, object, open, sign, statement, verify_key};
use crate::{Limits, Registration, backup};
use sha2::{Digest, Sha256};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::entry::EntryHeader;
use wardbook_wire::exchange::{
    CallerStanding, Object, Outcome, Refusal, StatementsAnswer, StatementsRequest, SyncRequest, path,
};
use wardbook_wire::log::{Item, LeafKind, LogPoint, ObjectBytes, Range, TreeHash};
use wardbook_wire::slot::Slot;
use wardbook_wire::statement::Server;
use wardbook_wire::{
    Act, Author, BlobId, ChartId, DeviceId, EntryId, MemberId, OrgId, Role, StatementId, TeamId, Unverified, strict,
};

const TEAM: TeamId = TeamId([5; 16]);
const MALFORMED: Outcome = Outcome::Refused(Refusal::Malformed);
const OTHER: Outcome = Outcome::Refused(Refusal::OtherOrganisation);
const UNKNOWN: Outcome = Outcome::Refused(Refusal::UnknownAuthor);
const BAD_SIGNATURE: Outcome = Outcome::Refused(Refusal::BadSignature);
const NOT_NEWER: Outcome = Outcome::Refused(Refusal::NotNewer);
const NOT_ALLOWED: Outcome = Outcome::Refused(Refusal::NotAllowed);
const BREAKS_RULE: Outcome = Outcome::Refused(Refusal::BreaksRule);
const NO_PARENT: Outcome = Outcome::Wait(Refusal::MissingParent);

fn logged(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Logged { index } => *index,
        other => panic!("{other:?}"),
    }
}

#[test]
fn srv_01_what_cannot_be_read_is_refused() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let before = clinic.point();
    let bytes = || ObjectBytes(vec![0x83, 1, 2]);
    let objects = vec![
        Object::Statement(bytes()),
        Object::Entry(bytes()),
        Object::Slot(bytes()),
        Object::Keyring(bytes()),
        // Something else than it says.
        Object::Slot(ObjectBytes(clinic.genesis(&admin, 1, TEAM).encode())),
    ];
    assert_eq!(clinic.push(&admin, objects), [MALFORMED; 5]);
    assert_eq!(clinic.point(), before);
}

#[test]
fn srv_02_objects_of_another_organisation_are_refused() {
    let mut clinic = Clinic::new();
    let (admin, org) = (clinic.admin.clone(), OrgId([3; 32]));
    let entry = admin.sign_entry(EntryHeader { org, ..clinic.genesis_header(&admin, 1, TEAM) }, vec![]);
    let mut chain = clinic.chain.clone();
    chain.org = org;
    let author = Author::Member(admin.member);
    let other = chain.make(author, &admin.member_key, Act::MemberRetire { member: admin.member });
    let genesis = Chain::new(2).statements[0].clone();
    let objects =
        vec![object(&entry), admin.slot(org, 1, 1), admin.keyring(org, 1), statement(&other), statement(&genesis)];
    assert_eq!(clinic.push(&admin, objects), [OTHER; 5]);
}

#[test]
fn srv_03_unknown_authors_and_devices_are_refused() {
    let mut clinic = Clinic::new();
    let (admin, stranger) = (clinic.admin.clone(), Who::new(9));
    let header = clinic.genesis_header(&admin, 1, TEAM);
    let unknown_device = admin.sign_entry(EntryHeader { device: DeviceId([9; 16]), ..header }, vec![]);
    let act = Act::MemberRetire { member: admin.member };
    let of_stranger = clinic.chain.make(Author::Member(stranger.member), &stranger.member_key, act);
    let objects = vec![
        object(&clinic.genesis(&stranger, 1, TEAM)),
        object(&unknown_device),
        stranger.slot(clinic.org(), 1, 1),
        stranger.keyring(clinic.org(), 1),
        statement(&of_stranger),
    ];
    assert_eq!(clinic.push(&admin, objects), [UNKNOWN; 5]);
}

#[test]
fn srv_04_signatures_that_do_not_match_are_refused() {
    let mut clinic = Clinic::new();
    let (admin, org) = (clinic.admin.clone(), clinic.org());
    let wrong = Who { member_key: key(77), ..admin.clone() };
    let act = Act::MemberRetire { member: admin.member };
    let bytes = clinic.chain.make(Author::Member(admin.member), &wrong.member_key, act);
    let objects =
        vec![object(&clinic.genesis(&wrong, 1, TEAM)), wrong.slot(org, 1, 1), wrong.keyring(org, 1), statement(&bytes)];
    assert_eq!(clinic.push(&admin, objects), [BAD_SIGNATURE; 4]);
}

/// Enough for several threads: what is wrong is found at its place, and the order stays.
#[test]
fn srv_04_many_signatures_are_checked_in_order() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let wrong = Who { member_key: key(77), ..admin.clone() };
    let bad = |n: u8| n % 7 == 3;
    let sign = |n: u8| object(&clinic.genesis(if bad(n) { &wrong } else { &admin }, n, TEAM));
    let objects: Vec<_> = (0..150).map(sign).collect();
    let size = clinic.point().size;
    let outcomes = clinic.push(&admin, objects);
    let mut next = size;
    for (n, outcome) in (0u8..).zip(&outcomes) {
        if bad(n) {
            assert_eq!(*outcome, BAD_SIGNATURE);
        } else {
            assert_eq!(logged(outcome), next);
            next += 1;
        }
    }
    assert_eq!((outcomes.len(), clinic.point().size), (150, next));
}

#[test]
fn srv_05_an_entry_waits_for_its_parents() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (one, two) = (clinic.genesis(&admin, 1, TEAM), clinic.genesis(&admin, 2, TEAM));
    let child = clinic.change(&admin, one.chart(), one.id(), vec![1]);
    let grandchild = clinic.change(&admin, one.chart(), child.id(), vec![2]);
    assert_eq!(clinic.push(&admin, vec![object(&grandchild), object(&child)]), [NO_PARENT, NO_PARENT]);
    // Parents before children, all in one request.
    let objects = [&one, &two, &child, &grandchild].map(object).to_vec();
    let size = clinic.point().size;
    let outcomes = clinic.push(&admin, objects.clone());
    assert_eq!(outcomes.iter().map(logged).collect::<Vec<_>>(), [size, size + 1, size + 2, size + 3]);
    // A parent in another chart is none.
    let crossed = clinic.change(&admin, one.chart(), two.id(), vec![3]);
    let nowhere = clinic.change(&admin, ChartId([8; 32]), one.id(), vec![3]);
    assert_eq!(clinic.push(&admin, vec![object(&crossed), object(&nowhere)]), [NO_PARENT, NO_PARENT]);
    // The same again changes nothing, twice in one request neither.
    let before = clinic.point();
    assert_eq!(clinic.push(&admin, objects.clone()), outcomes);
    assert_eq!(clinic.push(&admin, [objects.clone(), objects].concat()), [outcomes.clone(), outcomes].concat());
    assert_eq!(clinic.point(), before);
}

#[test]
fn srv_05_an_entry_waits_for_the_statement_that_it_names() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let mut header = clinic.genesis_header(&admin, 1, TEAM);
    header.directory = StatementId([9; 32]);
    let early = admin.sign_entry(header, vec![]);
    assert_eq!(clinic.push(&admin, vec![object(&early)]), [NO_PARENT]);
    // The statement may come in the same request, whatever its place there.
    let who = Who::new(2);
    let author = Author::Member(admin.member);
    let bytes = clinic.chain.make(author, &admin.member_key, Act::MemberAdd(who.as_member(Role::Reader)));
    clinic.chain.push(bytes.clone());
    let entry = clinic.genesis(&admin, 1, TEAM);
    let outcomes = clinic.push(&admin, vec![object(&entry), statement(&bytes)]);
    assert!(logged(&outcomes[0]) > logged(&outcomes[1]));
}

/// What was signed with an old key counts for what was written under it.
#[test]
fn an_entry_is_checked_with_the_key_that_its_author_had() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (before, forged) = (clinic.genesis(&admin, 1, TEAM), clinic.genesis_header(&admin, 2, TEAM));
    let seal_key = wardbook_wire::statement::SealKey(vec![0; 1216]);
    let next = Who { member_key: key(60), ..admin.clone() };
    clinic.state(Act::MemberRekey { verify_key: verify_key(&next.member_key), seal_key });
    let after = clinic.genesis(&next, 3, TEAM);
    let old_key = admin.sign_entry(clinic.genesis_header(&admin, 4, TEAM), vec![]);
    let new_key = next.sign_entry(forged, vec![]);
    let outcomes = clinic.push(&next, [&before, &after, &old_key, &new_key].map(object).to_vec());
    assert!(logged(&outcomes[0]) < logged(&outcomes[1]));
    assert_eq!(outcomes[2..], [BAD_SIGNATURE, BAD_SIGNATURE]);
    // Whoever still signs requests with the old key reads and hands in nothing.
    let answer = clinic.sync(&admin, &asking(vec![object(&clinic.genesis(&admin, 5, TEAM))]));
    assert_eq!((answer.standing, &answer.outcomes[..]), (CallerStanding::KeysReplaced, &[NOT_ALLOWED][..]));
}

#[test]
fn srv_06_a_statement_follows_the_head() {
    let mut clinic = Clinic::new();
    let (admin, author) = (clinic.admin.clone(), Author::Member(clinic.admin.member));
    let add = |n| Act::MemberAdd(Who::new(n).as_member(Role::Reader));
    let (one, two) =
        (clinic.chain.make(author, &admin.member_key, add(2)), clinic.chain.make(author, &admin.member_key, add(3)));
    let outcomes = clinic.push(&admin, vec![statement(&one), statement(&two)]);
    assert_eq!(outcomes[1], Outcome::Refused(Refusal::NotNext));
    // The same once more is in the log already.
    assert_eq!(clinic.push(&admin, vec![statement(&one)]), outcomes[..1]);
}

#[test]
fn srv_07_a_statement_keeps_the_rules_of_the_directory() {
    let mut clinic = Clinic::new();
    let (admin, author) = (clinic.admin.clone(), Author::Member(clinic.admin.member));
    let acts = [
        Act::MemberRetire { member: admin.member },
        Act::RoleSet { member: MemberId([9; 16]), role: Role::Admin },
        Act::ServerSet(Server { key: clinic.service.verify_key(), generation: 1, base: None }),
    ];
    for act in acts {
        let bytes = clinic.chain.make(author, &admin.member_key, act);
        assert_eq!(clinic.push(&admin, vec![statement(&bytes)]), [BREAKS_RULE]);
    }
}

#[test]
fn srv_08_slots_and_keyrings_count_up_and_old_ones_are_gone() {
    let mut clinic = Clinic::new();
    let (admin, who, org) = (clinic.admin.clone(), clinic.newcomer(2), clinic.org());
    let (slot, keyring) = (admin.slot(org, 1, 2), admin.keyring(org, 2));
    let first = clinic.push(&admin, vec![slot.clone(), keyring.clone()]);
    assert_eq!(clinic.push(&admin, vec![slot.clone(), keyring.clone()]), first);
    let older = vec![admin.slot(org, 1, 1), admin.keyring(org, 1), changed(&admin, &slot)];
    assert_eq!(clinic.push(&admin, older), [NOT_NEWER, NOT_NEWER, NOT_NEWER]);
    // Somebody else's user name.
    assert_eq!(clinic.push(&who, vec![who.slot(org, 1, 3)]), [NOT_NEWER]);
    let newer = vec![admin.slot(org, 1, 3), admin.keyring(org, 7), admin.slot(org, 2, 1)];
    clinic.push(&admin, newer.clone()).iter().for_each(|outcome| assert!(logged(outcome) > 0));
    let held = sealed(&mut clinic);
    assert_eq!(held, newer.iter().map(|object| object.bytes().to_vec()).collect::<Vec<_>>());
    // The bytes of what was replaced are gone from the file, too.
    let path = clinic.folder.path().join("orgs").join(org.to_string()).join("org.db");
    rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let file = std::fs::read(&path).unwrap();
    let found = |object: &Object| file.windows(64).any(|window| *window == object.bytes()[object.bytes().len() - 64..]);
    assert!(!found(&slot) && !found(&keyring) && newer.iter().all(found));
    // A name is free once its owner has left, and counts anew.
    clinic.state(Act::RoleSet { member: who.member, role: Role::Admin });
    clinic.state(Act::MemberRetire { member: admin.member });
    clinic.admin = who.clone();
    let outcomes = clinic.push(&who, vec![who.slot(org, 1, 1), admin.slot(org, 1, 9)]);
    assert!(matches!(outcomes[..], [Outcome::Logged { .. }, UNKNOWN]), "{outcomes:?}");
    assert_eq!(clinic.push(&who, vec![changed(&who, &who.slot(org, 1, 1))]), [NOT_NEWER]);
}

/// There is no renaming: a second slot of a kind is not that of the member's own client.
#[test]
fn srv_08_a_member_has_one_slot_of_each_kind() {
    let mut clinic = Clinic::new();
    let (admin, org) = (clinic.admin.clone(), clinic.org());
    let both = clinic.push(&admin, vec![admin.slot(org, 1, 1), admin.slot(org, 2, 1)]);
    assert!(both.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. })), "{both:?}");
    let elsewhere = vec![admin.slot(org, 3, 9), admin.slot(org, 4, 9)];
    assert_eq!(clinic.push(&admin, elsewhere), [NOT_NEWER, NOT_NEWER]);
    let newer = clinic.push(&admin, vec![admin.slot(org, 1, 2), admin.slot(org, 2, 2)]);
    assert!(newer.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. })), "{newer:?}");
}

/// After a second restore the base of the first is nowhere any more.
#[test]
fn srv_07_of_several_generations_the_last_has_its_base_here() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (held, server_key) = (clinic.point(), clinic.service.verify_key());
    let set = |chain: &Chain, signer: &Who, generation, base| {
        let act = Act::ServerSet(Server { key: server_key, generation, base: Some(base) });
        statement(&chain.make(Author::Member(admin.member), &signer.member_key, act))
    };
    let lost = LogPoint { size: held.size + 5, root: TreeHash([7; 32]) };
    let forked = LogPoint { root: TreeHash([1; 32]), ..held };
    let mut chain = clinic.chain.clone();
    let second = set(&chain, &admin, 2, lost);
    chain.push(second.bytes().to_vec());
    let stranger = Who { member_key: key(77), ..admin.clone() };
    let third = set(&chain, &admin, 3, held);
    let (wrong, forged) = (set(&chain, &admin, 3, forked), set(&chain, &stranger, 3, held));
    let at = |generation, objects| SyncRequest { generation, point: held, ..asking(objects) };
    // Nothing is taken where the last does not go on from here, or is none.
    let refused =
        [(2, vec![&second]), (2, vec![&second, &wrong]), (3, vec![&second, &wrong]), (2, vec![&second, &forged])];
    for (generation, objects) in refused {
        let objects = objects.into_iter().cloned().collect();
        assert_eq!(code(&clinic.try_sync(&admin, &at(generation, objects))), "generation");
    }
    assert_eq!(clinic.point(), held);
    let answer = clinic.sync(&admin, &at(3, vec![second, third]));
    assert!(answer.outcomes.iter().all(|outcome| logged(outcome) >= held.size));
}

#[test]
fn dir_12_a_member_replaces_their_keys_so_many_times() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (mut chain, mut signer, mut objects) = (clinic.chain.clone(), admin.member_key.clone(), vec![]);
    for seed in 130..=194 {
        let next = key(seed);
        let seal_key = wardbook_wire::statement::SealKey(vec![0; 1216]);
        let act = Act::MemberRekey { verify_key: verify_key(&next), seal_key };
        let bytes = chain.make(Author::Member(admin.member), &signer, act);
        objects.push(statement(&bytes));
        chain.push(bytes);
        signer = next;
    }
    let outcomes = clinic.push(&admin, objects);
    let taken = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Logged { .. })).count();
    assert_eq!((taken, outcomes.last()), (64, Some(&BREAKS_RULE)));
}

/// Another slot of the same version.
fn changed(who: &Who, slot: &Object) -> Object {
    let mut slot = Unverified::<Slot>::decode(slot.bytes()).unwrap().peek().clone();
    slot.salt = [1; 32];
    Object::Slot(ObjectBytes(sign(&who.member_key, &slot)))
}

/// Slots and keyrings as somebody else gets them.
fn sealed(clinic: &mut Clinic) -> Vec<Vec<u8>> {
    let admin = clinic.admin.clone();
    let answer = clinic.sync(&admin, &SyncRequest { mine_too: true, ..asking(vec![]) });
    let sealed = answer.items.into_iter().filter_map(|item| match item {
        Item::Leaf { leaf, object } if matches!(leaf.kind, LeafKind::Slot | LeafKind::Keyring) => object,
        _ => None,
    });
    sealed.map(|object| object.0).collect()
}

#[test]
fn srv_09_an_entry_waits_for_its_attachments() {
    let mut clinic = Clinic::new();
    let (admin, bytes) = (clinic.admin.clone(), b"sealed bytes of an attachment".to_vec());
    let blob = BlobId(Sha256::digest(&bytes).into());
    let chart = clinic.genesis(&admin, 1, TEAM);
    let header = EntryHeader { blobs: vec![blob], ..clinic.change_header(&admin, chart.chart(), chart.id()) };
    let entry = object(&admin.sign_entry(header, vec![1]));
    let outcomes = clinic.push(&admin, vec![object(&chart), entry.clone()]);
    assert_eq!(outcomes[1], Outcome::Wait(Refusal::MissingBlob));
    let route = format!("{}?complete", path(clinic.org(), &format!("blobs/{blob}")));
    let upload = crate::Call { offset: Some(0), ..call("PATCH", &route, &bytes, 0) };
    let answer = clinic.send(admin.caller(), &[&admin.device_key, &admin.member_key], upload);
    assert_eq!(answer.status, 201, "{}", code(&answer));
    assert!(matches!(clinic.push(&admin, vec![entry])[..], [Outcome::Logged { .. }]));
    let route = path(clinic.org(), &format!("blobs/{blob}"));
    let answer = clinic.send(admin.caller(), &[&admin.device_key, &admin.member_key], call("GET", &route, b"", 0));
    assert_eq!((answer.status, answer.body), (200, bytes));
}

/// A server that was put back from a backup goes on in a new generation, from a point that it has.
#[test]
fn a_server_that_was_put_back_goes_on_in_a_new_generation() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    clinic.push(&admin, vec![object(&clinic.genesis(&admin, 1, TEAM))]);
    let copy = tempfile::tempdir().unwrap();
    backup(clinic.folder.path(), copy.path()).unwrap();
    let lost = object(&clinic.genesis(&admin, 2, TEAM));
    let who = clinic.newcomer(2);
    clinic.push(&admin, vec![lost.clone()]);
    let whole = clinic.sync(&admin, &asking(vec![]));
    let mine = folded(&Range::default(), &whole.items);
    let at = SyncRequest { point: mine.point(), ..asking(vec![]) };
    // The backup takes the server's place.
    clinic.service = open(copy.path(), Limits::default(), Registration::Closed, 3);
    assert_eq!(code(&clinic.try_sync(&admin, &at)), "log-behind");
    let body = strict::encode(&StatementsRequest { after: clinic.chain.head });
    let answer = clinic.post(&admin, "statements", &body);
    let answer: StatementsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!((answer.generation, answer.statements.len()), (1, 0));
    let key = clinic.service.verify_key();
    let held = Checkpoint::open(&answer.checkpoint, clinic.org(), answer.generation, &key).unwrap().point;
    assert!(held.size < mine.size());
    let missing: Vec<_> = clinic.chain.statements[4..].iter().map(|bytes| statement(bytes)).collect();
    let next = |clinic: &Clinic, base| {
        let server = Server { key: clinic.service.verify_key(), generation: 2, base: Some(base) };
        clinic.chain.make(Author::Member(admin.member), &admin.member_key, Act::ServerSet(server))
    };
    // A point that this log has not gone through is no base, and then the generation is still the first.
    let wrong = next(&clinic, LogPoint { size: held.size, root: TreeHash([1; 32]) });
    let objects = [missing.clone(), vec![statement(&wrong)]].concat();
    let request = SyncRequest { generation: 2, point: held, ..asking(objects) };
    assert_eq!(code(&clinic.try_sync(&admin, &request)), "generation");
    let set = next(&clinic, held);
    let objects = [missing, vec![statement(&set), lost]].concat();
    let request = SyncRequest { generation: 2, point: held, ..asking(objects) };
    let answer = clinic.sync(&admin, &request);
    assert!(answer.outcomes.iter().all(|outcome| logged(outcome) >= held.size));
    let start = Range::from_parts(held.size, folded_to(&whole.items, held.size)).unwrap();
    clinic.follow(&start, &answer, 2);
    clinic.chain.push(set);
    assert_eq!(code(&clinic.try_sync(&who, &at)), "generation");
    let answer = clinic.sync(&who, &SyncRequest { generation: 2, point: held, ..asking(vec![]) });
    clinic.follow(&start, &answer, 2);
}

/// The peaks of the first leaves.
fn folded_to(items: &[Item], size: u64) -> Vec<TreeHash> {
    folded(&Range::default(), &items[..size as usize]).peaks().to_vec()
}

#[test]
fn a_point_that_the_log_has_not_gone_through_is_told() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let point = clinic.point();
    let at = |point| SyncRequest { point, ..asking(vec![]) };
    assert!(clinic.sync(&admin, &at(point)).items.is_empty());
    let forked = LogPoint { root: TreeHash([1; 32]), ..point };
    assert_eq!(code(&clinic.try_sync(&admin, &at(forked))), "log-forked");
    let longer = LogPoint { size: point.size + 1, ..point };
    assert_eq!(code(&clinic.try_sync(&admin, &at(longer))), "log-behind");
    let generation = SyncRequest { generation: 2, ..at(point) };
    assert_eq!(code(&clinic.try_sync(&admin, &generation)), "generation");
    let ids = [EntryId([1; 32]), clinic.genesis(&admin, 1, TEAM).id()];
    // Refused as a whole: nothing of such a request is taken.
    let pushed = SyncRequest { objects: vec![object(&clinic.genesis(&admin, 1, TEAM))], ..at(forked) };
    assert_eq!(code(&clinic.try_sync(&admin, &pushed)), "log-forked");
    assert_eq!(clinic.point(), point);
    let body = strict::encode(&wardbook_wire::exchange::ObjectsRequest { entries: ids.to_vec() });
    let answer = clinic.post(&admin, "objects", &body);
    let answer: wardbook_wire::exchange::ObjectsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!(answer.entries, [None, None]);
}
