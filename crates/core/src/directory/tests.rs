use super::*;
use crate::keys::SigningKey;
use crate::keys::{MemberKeys, RootKey, TeamSecret};
use crate::testing::{Org, POLICY, Person, rng};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::log::{LogPoint, TreeHash};
use wardbook_wire::statement::{Invite, InvitedMember, Join, NewDevice, Server};
use wardbook_wire::{DeviceId, MemberId, Role, TeamId, WireError};

fn refusal(org: &mut Org, act: Act) -> DirectoryError {
    org.act(act).unwrap_err()
}

#[test]
fn dir_01_a_chain_starts_with_a_genesis_that_its_root_signed() {
    let (root, other) = (RootKey::generate(&mut rng()), RootKey::generate(&mut rng()));
    let genesis = genesis(&root.0, [1; 32], POLICY);
    let directory = Directory::start(&genesis).unwrap();
    assert_eq!(directory.org().0, directory.head().0);
    let forged = Genesis { nonce: [1; 32], root: root.0.verify_key(), policy: POLICY };
    let forged = Statement { org: None, previous: None, author: Author::Root, act: Act::Genesis(forged) };
    assert_eq!(Directory::start(&other.0.sign(&forged)).unwrap_err(), DirectoryError::Wire(WireError::BadSignature));
    let no_genesis = Statement { act: Act::MemberRetire { member: MemberId([1; 16]) }, ..forged };
    assert_eq!(Directory::start(&root.0.sign(&no_genesis)).unwrap_err(), DirectoryError::NotGenesis);
}

#[test]
fn dir_02_a_statement_follows_the_head_of_its_own_organisation() {
    let mut org = Org::new();
    let person = Person::new();
    let add = Act::MemberAdd(org.new_member(&person, Role::Reader));
    let bytes = sign_next(&org.directory, Author::Member(org.admin.id), &org.admin.keys.signing, add);
    org.join(Role::Reader);
    assert_eq!(org.directory.apply(&bytes).unwrap_err(), DirectoryError::NotNext);
    assert_eq!(Org::new().directory.apply(&bytes).unwrap_err(), DirectoryError::NotNext);
}

#[test]
fn dir_03_strangers_and_those_who_left_cannot_speak() {
    let mut org = Org::new();
    let (stranger, leaver) = (Person::new(), org.join(Role::Admin));
    org.act(Act::MemberRetire { member: leaver.id }).unwrap();
    for person in [stranger, leaver] {
        let act = Act::MemberAdd(org.new_member(&Person::new(), Role::Admin));
        let refused = org.apply(Author::Member(person.id), &person.keys.signing, act).unwrap_err();
        assert_eq!(refused, DirectoryError::UnknownAuthor);
    }
}

#[test]
fn sig_01_nobody_speaks_for_somebody_else() {
    let mut org = Org::new();
    let act = Act::MemberAdd(org.new_member(&Person::new(), Role::Admin));
    let key = MemberKeys::generate(&mut rng()).signing;
    let refused = org.apply(Author::Member(org.admin.id), &key, act).unwrap_err();
    assert_eq!(refused, DirectoryError::Wire(WireError::BadSignature));
}

#[test]
fn dir_04_only_admins_change_the_directory_and_root_only_names_admins() {
    let mut org = Org::new();
    for role in [Role::Reader, Role::Clinician, Role::Officer] {
        let person = org.join(role);
        let act = Act::RoleSet { member: person.id, role: Role::Admin };
        let refused = org.apply(Author::Member(person.id), &person.keys.signing, act).unwrap_err();
        assert_eq!(refused, DirectoryError::NoRight);
    }
    let root = org.root.0.clone();
    let add = Act::MemberAdd(org.new_member(&Person::new(), Role::Admin));
    assert_eq!(org.apply(Author::Root, &root, add).unwrap_err(), DirectoryError::NoRight);
    let person = org.join(Role::Reader);
    org.apply(Author::Root, &root, Act::RoleSet { member: person.id, role: Role::Admin }).unwrap();
    assert_eq!(org.directory.role_at(person.id, org.directory.now()), Some(Role::Admin));
}

#[test]
fn dir_05_ids_and_keys_are_used_once_and_must_exist() {
    let mut org = Org::new();
    let person = org.join(Role::Reader);
    let again = Act::MemberAdd(org.new_member(&person, Role::Reader));
    assert_eq!(refusal(&mut org, again), DirectoryError::BadReference);
    let twin = Person { id: MemberId([7; 16]), ..person };
    let twin = Act::MemberAdd(org.new_member(&twin, Role::Reader));
    assert_eq!(refusal(&mut org, twin), DirectoryError::BadReference);
    let nobody = MemberId([8; 16]);
    assert_eq!(refusal(&mut org, Act::RoleSet { member: nobody, role: Role::Admin }), DirectoryError::BadReference);
    assert_eq!(refusal(&mut org, Act::DeviceRetire { device: DeviceId([8; 16]) }), DirectoryError::BadReference);
}

#[test]
fn dir_06_teams_go_from_one_consistent_epoch_to_the_next() {
    let mut org = Org::new();
    let (mut ana, mut ben) = (org.join(Role::Clinician), org.join(Role::Clinician));
    let team = org.team(1, &mut [&mut ana]);
    org.team_join(team, &ana, &mut ben);
    let old = ana.teams[&(team, 1)].clone();
    let secret = TeamSecret::generate(&mut rng());
    let members = [ana.id, ben.id];
    let mut good = seal_team_epoch(&org.directory, team, vec![], &members, (&secret, Some(&old)), &mut rng()).unwrap();
    for bad in [TeamEpochEdit::epoch(&good, 3), TeamEpochEdit::reversed(&good), TeamEpochEdit::empty(&good)] {
        assert_eq!(refusal(&mut org, Act::TeamRekey(bad)), DirectoryError::BadTeam);
    }
    let again = seal_team_join(&org.directory, team, ben.id, &old, &mut rng()).unwrap();
    assert_eq!(refusal(&mut org, Act::TeamAdd { team, secret: again }), DirectoryError::BadTeam);
    good.secrets.retain(|item| item.member == ana.id);
    org.act(Act::TeamRekey(good)).unwrap();
    assert!(!org.directory.in_team_at(team, ben.id, org.directory.now()));
    assert!(org.directory.in_team_at(team, ben.id, org.directory.now() - 1));
}

/// Faults for the test above.
struct TeamEpochEdit;

impl TeamEpochEdit {
    fn epoch(good: &wardbook_wire::statement::TeamEpoch, epoch: u64) -> wardbook_wire::statement::TeamEpoch {
        wardbook_wire::statement::TeamEpoch { epoch, ..good.clone() }
    }

    fn reversed(good: &wardbook_wire::statement::TeamEpoch) -> wardbook_wire::statement::TeamEpoch {
        let secrets = good.secrets.iter().rev().cloned().collect();
        wardbook_wire::statement::TeamEpoch { secrets, ..good.clone() }
    }

    fn empty(good: &wardbook_wire::statement::TeamEpoch) -> wardbook_wire::statement::TeamEpoch {
        wardbook_wire::statement::TeamEpoch { secrets: vec![], ..good.clone() }
    }
}

#[test]
fn team_01_a_secret_that_does_not_give_the_team_key_is_not_taken() {
    let mut org = Org::new();
    let mut ana = org.join(Role::Clinician);
    let (named, given) = (TeamSecret::generate(&mut rng()), TeamSecret::generate(&mut rng()));
    let team = TeamId([1; 16]);
    let mut epoch = seal_team_epoch(&org.directory, team, vec![], &[ana.id], (&given, None), &mut rng()).unwrap();
    epoch.seal_key = named.sealing_key().public().clone();
    org.act(Act::TeamCreate(epoch)).unwrap();
    org.refresh(&mut [&mut ana]);
    assert!(ana.teams.is_empty());
}

#[test]
fn who_joins_opens_the_past_and_who_left_does_not_open_what_follows() {
    let mut org = Org::new();
    let (mut ana, mut ben, mut eva) = (org.join(Role::Clinician), org.join(Role::Clinician), org.join(Role::Clinician));
    let team = org.team(1, &mut [&mut ana, &mut ben]);
    org.team_rekey(team, &mut [&mut ana]);
    org.team_join(team, &ana, &mut eva);
    org.refresh(&mut [&mut ben]);
    assert_eq!(eva.teams.len(), 2, "the new secret opens the old one");
    assert_eq!(ben.teams.keys().collect::<Vec<_>>(), [&(team, 1)]);
}

#[test]
fn dir_07_the_last_admin_stays() {
    let mut org = Org::new();
    let admin = org.admin.id;
    assert_eq!(refusal(&mut org, Act::MemberRetire { member: admin }), DirectoryError::LastAdmin);
    assert_eq!(refusal(&mut org, Act::RoleSet { member: admin, role: Role::Reader }), DirectoryError::LastAdmin);
    org.join(Role::Admin);
    org.act(Act::MemberRetire { member: admin }).unwrap();
}

#[test]
fn dir_08_a_policy_stays_above_the_floor() {
    let mut org = Org::new();
    for policy in [
        Policy { password_chars_min: 7, ..POLICY },
        Policy { kdf: Kdf::Argon2id { memory_kib: 1024, passes: 3 }, ..POLICY },
    ] {
        assert_eq!(refusal(&mut org, Act::PolicySet(policy)), DirectoryError::BadPolicy);
    }
    org.act(Act::PolicySet(Policy { kdf: Kdf::PBKDF2_FLOOR, ..POLICY })).unwrap();
}

#[test]
fn names_open_for_their_object_only() {
    let org = Org::new();
    let admin = org.directory.member(&org.admin.id).unwrap();
    let open = |id: &MemberId| open_name(&org.names, org.directory.org(), &id.0, &admin.name);
    assert_eq!(open(&org.admin.id).unwrap(), ("user".to_owned(), "Name".to_owned()));
    assert!(open(&MemberId([1; 16])).is_err());
}

fn server(generation: u64, base: Option<u64>) -> Act {
    let point = |size| LogPoint { size, root: TreeHash([1; 32]) };
    Act::ServerSet(Server { key: RootKey::generate(&mut rng()).0.verify_key(), generation, base: base.map(point) })
}

#[test]
fn dir_09_servers_follow_one_another() {
    let mut org = Org::new();
    for bad in [server(2, None), server(1, Some(0)), server(0, None)] {
        assert_eq!(refusal(&mut org, bad), DirectoryError::BadServer);
    }
    org.act(server(1, None)).unwrap();
    for bad in [server(1, None), server(2, None), server(3, Some(5))] {
        assert_eq!(refusal(&mut org, bad), DirectoryError::BadServer);
    }
    org.act(server(2, Some(5))).unwrap();
    assert_eq!(org.directory.server().map(|server| server.generation), Some(2));
    assert_eq!(org.directory.servers().len(), 2);
}

/// An invite, with the key that uses it.
fn invite(org: &mut Org, member: Option<InvitedMember>, device: bool) -> SigningKey {
    let key = RootKey::generate(&mut rng()).0;
    org.act(Act::Invite(Invite { key: key.verify_key(), member, device, expires_ms: 5 })).unwrap();
    key
}

fn device(id: u8) -> NewDevice {
    let keys = crate::keys::DeviceKeys::generate(&mut rng());
    let seal_key = keys.sealing.public().clone();
    NewDevice { device: DeviceId([id; 16]), verify_key: keys.signing.verify_key(), seal_key, name: vec![] }
}

#[test]
fn dir_10_an_invite_names_somebody_or_something_and_teams_that_exist() {
    let mut org = Org::new();
    let key = RootKey::generate(&mut rng()).0.verify_key();
    let of = |member, device| Act::Invite(Invite { key, member, device, expires_ms: 5 });
    let unknown = InvitedMember { role: Role::Clinician, teams: vec![TeamId([8; 16])] };
    for bad in [of(None, false), of(Some(unknown), true)] {
        assert_eq!(refusal(&mut org, bad), DirectoryError::BadInvite);
    }
    org.act(of(None, true)).unwrap();
    assert_eq!(refusal(&mut org, of(None, true)), DirectoryError::BadInvite, "a key is used once");
    let clinician = org.join(Role::Clinician);
    let bytes = sign_next(&org.directory, Author::Member(clinician.id), &clinician.keys.signing, of(None, true));
    assert_eq!(org.directory.apply(&bytes).unwrap_err(), DirectoryError::NoRight);
}

#[test]
fn dir_11_an_invite_lets_in_once_and_nobody_but_whom_it_names() {
    let mut org = Org::new();
    let clinician = || Some(InvitedMember { role: Role::Clinician, teams: vec![] });
    let key = invite(&mut org, clinician(), true);
    let person = Person::new();
    let join = |org: &Org, role, device| {
        Act::Join(Join { member: Some(org.new_member(&person, role)), teams: vec![], device })
    };
    let author = Author::Invite(key.verify_key());
    for (bad, wrong) in [
        (join(&org, Role::Admin, Some(device(5))), DirectoryError::NotAsInvited),
        (join(&org, Role::Clinician, None), DirectoryError::NotAsInvited),
        (Act::Join(Join { member: None, teams: vec![], device: Some(device(5)) }), DirectoryError::NotAsInvited),
    ] {
        assert_eq!(org.apply(author, &key, bad).unwrap_err(), wrong);
    }
    let stranger = RootKey::generate(&mut rng()).0;
    let good = join(&org, Role::Clinician, Some(device(5)));
    let refused = org.apply(Author::Invite(stranger.verify_key()), &stranger, good.clone()).unwrap_err();
    assert_eq!(refused, DirectoryError::UnknownInvite);
    assert!(org.apply(author, &stranger, good.clone()).is_err(), "another key signed it");
    org.apply(author, &key, good).unwrap();
    assert_eq!(org.directory.role_at(person.id, org.directory.now()), Some(Role::Clinician));
    let again = Act::Join(Join { member: None, teams: vec![], device: Some(device(6)) });
    assert_eq!(org.apply(author, &key, again).unwrap_err(), DirectoryError::InviteUsed);
    let key = invite(&mut org, None, true);
    org.act(Act::InviteRevoke { key: key.verify_key() }).unwrap();
    let late = Act::Join(Join { member: None, teams: vec![], device: Some(device(7)) });
    let refused = org.apply(Author::Invite(key.verify_key()), &key, late).unwrap_err();
    assert_eq!(refused, DirectoryError::UnknownInvite);
}

#[test]
fn dir_12_members_replace_their_own_keys_and_the_old_ones_are_over() {
    let mut org = Org::new();
    let ana = org.join(Role::Reader);
    let before = org.directory.now();
    let keys = MemberKeys::generate(&mut rng());
    let act = |keys: &MemberKeys| Act::MemberRekey {
        verify_key: keys.signing.verify_key(),
        seal_key: keys.sealing.public().clone(),
    };
    let author = Author::Member(ana.id);
    assert_eq!(org.apply(author, &ana.keys.signing, act(&ana.keys)).unwrap_err(), DirectoryError::BadReference);
    let taken = act(&org.admin.keys.clone());
    assert_eq!(org.apply(author, &ana.keys.signing, taken).unwrap_err(), DirectoryError::BadReference);
    org.apply(author, &ana.keys.signing, act(&keys)).unwrap();
    let member = org.directory.member(&ana.id).unwrap();
    assert_eq!(*member.verify_key_at(before), ana.keys.signing.verify_key());
    assert_eq!(*member.verify_key_at(org.directory.now()), keys.signing.verify_key());
    assert!(member.rekeyed_between(before, org.directory.now()));
    let refused = org.apply(author, &ana.keys.signing, act(&MemberKeys::generate(&mut rng()))).unwrap_err();
    assert_eq!(refused, DirectoryError::Wire(WireError::BadSignature));
}

#[test]
fn dir_13_a_device_goes_on_under_a_new_identity_by_itself() {
    let mut org = Org::new();
    let old = crate::keys::DeviceKeys::generate(&mut rng());
    let seal_key = old.sealing.public().clone();
    let id = DeviceId([4; 16]);
    org.act(Act::DeviceEnrol(NewDevice { device: id, verify_key: old.signing.verify_key(), seal_key, name: vec![] }))
        .unwrap();
    assert_eq!(refusal(&mut org, Act::DeviceRenew(device(5))), DirectoryError::NoRight);
    let known = Act::DeviceRenew(NewDevice { device: id, ..device(5) });
    assert_eq!(org.apply(Author::Device(id), &old.signing, known).unwrap_err(), DirectoryError::BadReference);
    org.apply(Author::Device(id), &old.signing, Act::DeviceRenew(device(5))).unwrap();
    let now = org.directory.now();
    assert!(org.directory.device_at(id, now).is_none() && org.directory.device_at(DeviceId([5; 16]), now).is_some());
    assert_eq!(org.directory.device(&id).unwrap().lost_at(), None, "nobody took anything from it");
    let refused = org.apply(Author::Device(id), &old.signing, Act::DeviceRenew(device(6))).unwrap_err();
    assert_eq!(refused, DirectoryError::UnknownAuthor);
}
