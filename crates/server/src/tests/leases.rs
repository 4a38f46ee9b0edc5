//! Leases, lateness, and devices that were put back.

use crate::testing::{Clinic, HOUR, NOW, Who, asking, code, key, lease_of, object, statement, wish};
use ed25519_dalek::Signer;
use wardbook_wire::entry::EntryHeader;
use wardbook_wire::exchange::{CallerStanding, Object, Outcome, Refusal, SyncAnswer, SyncRequest};
use wardbook_wire::lease::{Extension, GivenExtension, LEASE_GRACE_MS};
use wardbook_wire::log::Item;
use wardbook_wire::signed::Domain;
use wardbook_wire::{Act, Author, LeaseId, Role, TeamId, strict};

const TEAM: TeamId = TeamId([5; 16]);

fn leased(held: u64, attempt: u8) -> SyncRequest {
    SyncRequest { lease: wish(held, attempt), ..asking(vec![]) }
}

#[test]
fn a_lease_names_the_device_the_directory_and_the_log() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let answer = clinic.sync(&admin, &leased(0, 1));
    let (_, lease) = lease_of(&answer, &clinic.service);
    assert_eq!((lease.org, lease.device, lease.number), (clinic.org(), admin.device, 1));
    assert_eq!((lease.issued_ms, lease.expires_ms), (NOW, NOW + 72 * HOUR));
    assert_eq!((lease.directory, lease.seen.generation), (clinic.chain.head, 1));
    assert_eq!(lease.seen.point, clinic.point());
    let answer = clinic.sync(&admin, &leased(1, 2));
    assert_eq!(lease_of(&answer, &clinic.service).1.number, 2);
    assert_eq!(clinic.service.stats().leases_issued, 2);
}

/// The late entries of an answer, by their place.
fn late(clinic: &mut Clinic, objects: Vec<Object>) -> Vec<bool> {
    let admin = clinic.admin.clone();
    let count = objects.len();
    // The one attempt that these tests make: its answer may have been lost.
    let outcomes = clinic.sync(&admin, &SyncRequest { objects, ..leased(0, 1) }).outcomes;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Logged { .. })), "{outcomes:?}");
    let items = clinic.sync(&admin, &asking(vec![])).items;
    let late = items[items.len() - count..].iter().map(|item| match item {
        Item::Leaf { leaf, .. } => leaf.late,
        Item::Skip(_) => panic!("everything was asked for"),
    });
    late.collect()
}

/// ENT-15: the server judges by its own clock and its own leases.
#[test]
fn ent_15_what_comes_after_the_end_of_its_lease_is_late() {
    let mut clinic = Clinic::new();
    let (admin, other) = (clinic.admin.clone(), clinic.newcomer(2));
    let first = clinic.sync(&admin, &leased(0, 1));
    let of_other = clinic.sync(&other, &leased(0, 1));
    let ids = [lease_of(&first, &clinic.service).0, lease_of(&of_other, &clinic.service).0, LeaseId([9; 32])];
    let under = |clinic: &Clinic, n: u8, lease| {
        object(&admin.sign_entry(EntryHeader { lease, ..clinic.genesis_header(&admin, n, TEAM) }, vec![]))
    };
    clinic.now = NOW + 72 * HOUR + LEASE_GRACE_MS;
    // In time; another device's; one that was never issued; none at all.
    let objects = [Some(ids[0]), Some(ids[1]), Some(ids[2]), None]
        .into_iter()
        .zip(1..)
        .map(|(lease, n)| under(&clinic, n, lease));
    let objects = objects.collect();
    assert_eq!(late(&mut clinic, objects), [false, true, true, true]);
    clinic.now += 1;
    let objects = vec![under(&clinic, 9, Some(ids[0]))];
    assert_eq!(late(&mut clinic, objects), [true]);
    assert_eq!(clinic.service.stats().quarantined, 4);
}

/// ENT-15: an organisation that worked without a server hands in its past.
#[test]
fn ent_15_what_was_written_before_there_was_a_server_needs_no_lease() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let before = crate::testing::statement_id(&clinic.chain.statements[2]);
    let header = EntryHeader { directory: before, ..clinic.genesis_header(&admin, 1, TEAM) };
    let objects = vec![object(&admin.sign_entry(header, vec![])), object(&clinic.genesis(&admin, 2, TEAM))];
    assert_eq!(late(&mut clinic, objects), [false, true]);
}

#[test]
fn an_officers_extension_counts_and_others_do_not() {
    let mut clinic = Clinic::new();
    let (admin, clinician) = (clinic.admin.clone(), clinic.newcomer(2));
    let answer = clinic.sync(&admin, &leased(0, 1));
    let (id, _) = lease_of(&answer, &clinic.service);
    let extension = Extension { org: clinic.org(), device: admin.device, lease: id, hours: 10 };
    let given = |by: &Who, extension: Extension| {
        let signature = by.member_key.sign(&Domain::EXTENSION.message(&strict::encode(&extension))).to_bytes();
        GivenExtension { extension, officer: by.member, signature }
    };
    let forged = Who { member_key: key(77), ..admin.clone() };
    let wrong = vec![
        given(&clinician, extension),
        given(&forged, extension),
        given(&admin, Extension { hours: 10_000, ..extension }),
        given(&admin, Extension { device: clinician.device, ..extension }),
        given(&admin, Extension { lease: LeaseId([1; 32]), ..extension }),
    ];
    let under = |clinic: &Clinic, n: u8| {
        let header = EntryHeader { lease: Some(id), ..clinic.genesis_header(&admin, n, TEAM) };
        object(&admin.sign_entry(header, vec![]))
    };
    clinic.now = NOW + 82 * HOUR;
    clinic.sync(&admin, &SyncRequest { extensions: wrong, ..asking(vec![]) });
    let objects = vec![under(&clinic, 1)];
    assert_eq!(late(&mut clinic, objects), [true]);
    assert_eq!(clinic.service.stats().extensions_ignored, 5);
    // Before the objects that rest on it, in the same request.
    let objects = vec![under(&clinic, 2)];
    clinic.sync(&admin, &SyncRequest { extensions: vec![given(&admin, extension)], objects, ..leased(0, 1) });
    assert_eq!(clinic.service.stats().quarantined, 1);
    clinic.state(Act::RoleSet { member: clinician.member, role: Role::Officer });
    let longer = given(&clinician, Extension { hours: 20, ..extension });
    clinic.now = NOW + 92 * HOUR;
    let objects = vec![under(&clinic, 3)];
    clinic.sync(&admin, &SyncRequest { extensions: vec![longer], objects, ..leased(0, 1) });
    assert_eq!(clinic.service.stats().quarantined, 1);
}

#[test]
fn lse_06_a_device_that_was_put_back_is_told_before_anything_is_taken() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    for n in 1..4 {
        clinic.sync(&admin, &leased(u64::from(n) - 1, n));
    }
    let entry = object(&clinic.genesis(&admin, 1, TEAM));
    let before = clinic.point();
    for (held, attempt) in [(1, 1), (0, 0), (2, 2)] {
        let request = SyncRequest { objects: vec![entry.clone()], ..leased(held, attempt) };
        let answer = clinic.try_sync(&admin, &request);
        assert_eq!((answer.status, code(&answer).as_str()), (409, "device-restored"), "{held}");
    }
    assert_eq!(clinic.point(), before);
    // It takes on a new identity; the rest comes again under that.
    let next = Who { device: Who::new(7).device, device_key: key(7), ..admin.clone() };
    let renew = clinic.chain.make(Author::Device(admin.device), &admin.device_key, Act::DeviceRenew(next.as_device()));
    let objects = vec![statement(&renew), entry.clone()];
    let answer = clinic.sync(&admin, &SyncRequest { objects, ..leased(1, 50) });
    assert!(matches!(answer.outcomes[0], Outcome::Logged { .. }));
    assert_eq!((&answer.outcomes[1], answer.lease), (&Outcome::Wait(Refusal::NotAllowed), None));
    assert_eq!(clinic.sync(&admin, &asking(vec![])).standing, CallerStanding::DeviceRetired);
    let answer = clinic.sync(&next, &SyncRequest { objects: vec![entry], ..leased(0, 60) });
    assert!(matches!(answer.outcomes[..], [Outcome::Logged { .. }]));
    assert_eq!(lease_of(&answer, &clinic.service).1.number, 1);
}

#[test]
fn lse_06_entries_wait_while_the_wish_is_left_out() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (held, entry) = (object(&clinic.genesis(&admin, 1, TEAM)), object(&clinic.genesis(&admin, 2, TEAM)));
    // A device that never had a lease has none to tell of.
    assert!(matches!(clinic.push(&admin, vec![held.clone()])[..], [Outcome::Logged { .. }]));
    clinic.sync(&admin, &leased(0, 1));
    let objects = vec![held, entry.clone(), admin.slot(clinic.org(), 1, 1), admin.keyring(clinic.org(), 1)];
    let outcomes = clinic.push(&admin, objects);
    let logged = |outcome: &Outcome| matches!(outcome, Outcome::Logged { .. });
    assert_eq!(outcomes.iter().map(logged).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(outcomes[1], Outcome::Wait(Refusal::NotAllowed));
    clinic.newcomer(2);
    let answer = clinic.sync(&admin, &SyncRequest { objects: vec![entry], ..leased(1, 2) });
    assert!(matches!(answer.outcomes[..], [Outcome::Logged { .. }]));
}

#[test]
fn lse_06_a_lost_answer_is_no_earlier_state() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let number = |clinic: &Clinic, answer: &SyncAnswer| lease_of(answer, &clinic.service).1.number;
    clinic.sync(&admin, &leased(0, 1));
    // The answer was lost, and so are the next ones: the device keeps its attempt until it is answered.
    for expected in 2..5 {
        let answer = clinic.sync(&admin, &leased(0, 1));
        assert_eq!(number(&clinic, &answer), expected);
    }
    // A server that was put back has forgotten some: the device has not.
    let answer = clinic.sync(&admin, &leased(9, 4));
    assert_eq!(number(&clinic, &answer), 10);
}

#[test]
fn nobody_who_was_retired_in_the_request_gets_a_lease() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let retire = Act::DeviceRetire { device: admin.device };
    let bytes = clinic.chain.make(Author::Member(admin.member), &admin.member_key, retire);
    let answer = clinic.sync(&admin, &SyncRequest { objects: vec![statement(&bytes)], ..leased(0, 1) });
    assert!(matches!(answer.outcomes[..], [Outcome::Logged { .. }]));
    assert_eq!(answer.lease, None);
}
