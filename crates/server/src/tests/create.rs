//! Putting an organisation on a server.

use crate::testing::{CODE, Chain, Clinic, NOW, Who, asking, call, code, founded, object, open, statement, verify_key};
use crate::{Limits, Registration};
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{CreateRequest, Object, Outcome, Refusal, SyncAnswer, path};
use wardbook_wire::log::{Item, LeafKind, LogPoint, Range, TreeHash};
use wardbook_wire::statement::Server;
use wardbook_wire::{Act, Author, Role, TeamId, strict};

const TEAM: TeamId = TeamId([5; 16]);

fn create(service: &crate::Service, chain: &Chain, objects: Vec<Object>, given: &str) -> crate::Answer {
    let body = strict::encode(&CreateRequest { code: given.to_owned(), objects });
    service.handle(&call("POST", &path(chain.org, "create"), &body, NOW))
}

#[test]
fn an_organisation_comes_with_its_directory_slots_and_keyrings() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path(), Limits::default(), Registration::Open, 1);
    let (chain, admin) = founded(1, &service);
    let mut objects = chain.objects();
    objects.extend([admin.slot(chain.org, 1, 1), admin.keyring(chain.org, 1)]);
    let answer = create(&service, &chain, objects.clone(), "");
    let answer: SyncAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!(answer.outcomes, (0..6).map(|index| Outcome::Logged { index }).collect::<Vec<_>>());
    let range = crate::testing::folded(&Range::default(), &answer.items);
    let checkpoint = Checkpoint::open(&answer.checkpoint, chain.org, 1, &service.verify_key()).unwrap();
    assert_eq!((checkpoint.point, answer.rest.len()), (range.point(), 0));
    // Nobody has signed for it, so slots and keyrings are not handed out.
    let sealed = answer.items.iter().filter(|item| match item {
        Item::Leaf { leaf, object } => leaf.kind != LeafKind::Statement && object.is_some(),
        Item::Skip(_) => true,
    });
    assert_eq!(sealed.count(), 0);
    // The answer was lost: the same again is the same.
    let again = create(&service, &chain, objects.clone(), "");
    let again: SyncAnswer = strict::decode(&again.body, usize::MAX).unwrap();
    assert_eq!((again.outcomes, again.checkpoint), (answer.outcomes, answer.checkpoint));
    // And so is what was added meanwhile.
    let mut longer = chain.clone();
    let add = Act::MemberAdd(Who::new(2).as_member(Role::Reader));
    longer.push(longer.make(Author::Member(admin.member), &admin.member_key, add));
    let again = create(&service, &longer, longer.objects(), "");
    let again: SyncAnswer = strict::decode(&again.body, usize::MAX).unwrap();
    assert_eq!(again.outcomes[4], Outcome::Logged { index: 6 });
    // A chain that is not the one held, from there on, is another.
    assert_eq!(code(&create(&service, &chain, objects, "")), "exists");
}

#[test]
fn registration_needs_the_code_and_room() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { orgs_max: 1, ..Limits::default() };
    let service = open(folder.path(), limits, Registration::Code(CODE.into()), 1);
    let ((one, _), (two, _)) = (founded(1, &service), founded(2, &service));
    assert_ne!(one.org, two.org);
    for wrong in ["", "let us i", "let us in "] {
        let answer = create(&service, &one, one.objects(), wrong);
        assert_eq!((answer.status, code(&answer).as_str()), (403, "registration"));
    }
    assert_eq!(service.stats().orgs, 0);
    assert_eq!(create(&service, &one, one.objects(), CODE).status, 200);
    assert_eq!(code(&create(&service, &two, two.objects(), CODE)), "registration");
    assert_eq!(create(&service, &one, one.objects(), CODE).status, 200);
    drop(service);
    let service = open(folder.path(), Limits::default(), Registration::Closed, 1);
    assert_eq!(code(&create(&service, &two, two.objects(), CODE)), "registration");
}

#[test]
fn what_is_not_a_chain_with_this_server_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path(), Limits::default(), Registration::Open, 1);
    let (chain, admin) = founded(1, &service);
    let whole = chain.objects();
    let with_server = |server: Server| {
        let mut other = Chain { statements: chain.statements[..3].to_vec(), ..chain.clone() };
        other.head = crate::testing::statement_id(&other.statements[2]);
        other.push(other.make(Author::Member(admin.member), &admin.member_key, Act::ServerSet(server)));
        other.objects()
    };
    let mut altered = chain.statements.clone();
    let end = altered[2].len() - 1;
    altered[2][end] ^= 1;
    let elsewhere = Server { key: verify_key(&crate::testing::key(9)), generation: 1, base: None };
    let cases = [
        vec![],
        whole[..3].to_vec(),
        whole[1..].to_vec(),
        [&whole[..1], &whole[2..]].concat(),
        altered.iter().map(|bytes| statement(bytes)).collect(),
        vec![admin.slot(chain.org, 1, 1)],
        with_server(elsewhere),
    ];
    for objects in cases {
        let answer = create(&service, &chain, objects, "");
        assert_eq!((answer.status, code(&answer).as_str()), (400, "malformed"));
    }
    // The log of a new server begins with nothing; it cannot go on from what another server had.
    let key = service.verify_key();
    let mut moved = Chain { statements: chain.statements[..3].to_vec(), ..chain.clone() };
    moved.head = crate::testing::statement_id(&moved.statements[2]);
    let author = Author::Member(admin.member);
    moved.push(moved.make(author, &admin.member_key, Act::ServerSet(elsewhere)));
    let base = Some(LogPoint { size: 4, root: TreeHash([1; 32]) });
    let mut bad = moved.clone();
    bad.push(bad.make(author, &admin.member_key, Act::ServerSet(Server { key, generation: 2, base })));
    assert_eq!(code(&create(&service, &bad, bad.objects(), "")), "malformed");
    assert_eq!((service.stats().orgs, std::fs::read_dir(folder.path().join("creating")).unwrap().count()), (0, 0));
    let base = Some(Range::default().point());
    moved.push(moved.make(author, &admin.member_key, Act::ServerSet(Server { key, generation: 2, base })));
    assert_eq!(create(&service, &moved, moved.objects(), "").status, 200);
}

#[test]
fn srv_10_charts_do_not_come_with_an_unsigned_request() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path(), Limits::default(), Registration::Open, 1);
    let (chain, admin) = founded(1, &service);
    // Signed by the admin of another clinic of the same keys, which is enough to make an entry.
    let clinic = Clinic::new();
    let header = wardbook_wire::EntryHeader { org: chain.org, ..clinic.genesis_header(&admin, 1, TEAM) };
    let mut objects = chain.objects();
    objects.push(object(&admin.sign_entry(header, vec![])));
    let answer = create(&service, &chain, objects, "");
    let answer: SyncAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!(answer.outcomes[4], Outcome::Refused(Refusal::NotAllowed));
    assert_eq!(answer.items.len(), 4);
}

/// A16: what is signed for one organisation, or is in it, is nothing in another, although both are on this server and
/// have the same members and keys.
#[test]
fn organisations_are_apart() {
    let mut clinic = Clinic::new();
    let (second, admin) = founded(2, &clinic.service);
    assert_eq!(create(&clinic.service, &second, second.objects(), CODE).status, 200);
    let entry = clinic.genesis(&admin, 1, TEAM);
    clinic.push(&admin, vec![object(&entry), admin.slot(clinic.org(), 1, 1)]);
    let first = std::mem::replace(&mut clinic.chain, second);
    let items = clinic.sync(&admin, &asking(vec![])).items;
    assert_eq!(items.len(), 4);
    let body = strict::encode(&wardbook_wire::exchange::ObjectsRequest { entries: vec![entry.id()] });
    let answer = clinic.post(&admin, "objects", &body);
    let answer: wardbook_wire::exchange::ObjectsAnswer = strict::decode(&answer.body, usize::MAX).unwrap();
    assert_eq!(answer.entries, [None]);
    let outcomes =
        clinic.push(&admin, vec![object(&entry), admin.slot(first.org, 1, 2), statement(&first.statements[3])]);
    assert_eq!(outcomes, [const { Outcome::Refused(Refusal::OtherOrganisation) }; 3]);
}
