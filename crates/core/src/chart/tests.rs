use super::*;
use crate::testing::{Org, Person, rng};
use wardbook_wire::{Act, DeviceId, OrgId, StatementId};

/// Ana manages, Ben writes, Carl reads.
struct Scene {
    org: Org,
    ana: Person,
    ben: Person,
    carl: Person,
    key: ChartKey,
    genesis: Entry,
}

impl Scene {
    fn new() -> Self {
        let mut org = Org::new();
        let [ana, ben, carl] = [(); 3].map(|()| org.join(Role::Clinician));
        let grants = [(member(&ana), Access::Manage), (member(&ben), Access::Write), (member(&carl), Access::Read)];
        let (key, genesis) = org.genesis(&ana, &grants);
        Self { org, ana, ben, carl, key, genesis }
    }

    fn log(&self) -> ChartLog {
        self.org.log(&[&self.genesis])
    }

    fn insert(&self, log: &mut ChartLog, entry: &Entry) -> Result<(), EntryError> {
        log.insert(&self.org.directory, entry.clone(), self.org.directory.now())
    }

    fn refuse(&self, author: &Person, header: EntryHeader) -> EntryError {
        self.insert(&mut self.log(), &self.org.seal(author, header, &self.key)).unwrap_err()
    }
}

fn member(person: &Person) -> Grantee {
    Grantee::Member(person.id)
}

fn keys_of(scene: &Scene, log: &ChartLog, person: &Person) -> BTreeMap<KeyCheck, ChartKey> {
    let mut held = BTreeMap::new();
    open_chart_keys(log, scene.org.directory.org(), person.holder(), &mut held);
    held
}

fn standing(log: &ChartLog, entry: &Entry) -> Standing {
    log.entry(&entry.id()).unwrap().1
}

#[test]
fn who_may_write_writes_and_all_readers_open_it() {
    let scene = Scene::new();
    let entry = scene.org.change(&scene.log(), &scene.ben, &scene.key);
    let log = scene.org.log(&[&scene.genesis, &entry, &entry]);
    assert_eq!(log.entries().count(), 2);
    for person in [&scene.ana, &scene.ben, &scene.carl] {
        let keys = keys_of(&scene, &log, person);
        let (held, _) = log.entry(&entry.id()).unwrap();
        assert_eq!(open_body(held.header(), held.body(), &keys[&held.header().key]).unwrap(), Body::default());
    }
    assert!(keys_of(&scene, &log, &Person::new()).is_empty());
}

#[test]
fn ent_02_entries_of_another_chart_or_organisation_are_refused() {
    let (scene, other) = (Scene::new(), Scene::new());
    let mut log = scene.log();
    assert_eq!(scene.insert(&mut log, &other.genesis), Err(EntryError::OtherChart));
    let foreign = EntryHeader { org: OrgId([0; 32]), ..scene.org.next(&log, &scene.ben, EntryKind::Change, &scene.key) };
    assert_eq!(scene.refuse(&scene.ben, foreign), EntryError::OtherChart);
}

#[test]
fn ent_03_a_missing_parent_leaves_an_entry_pending() {
    let scene = Scene::new();
    let header = scene.org.next(&scene.log(), &scene.ben, EntryKind::Change, &scene.key);
    let refused = scene.refuse(&scene.ben, EntryHeader { parents: vec![EntryId([1; 32])], ..header });
    assert!(refused == EntryError::MissingParent && refused.is_pending());
}

#[test]
fn ent_04_an_unknown_statement_leaves_an_entry_pending() {
    let scene = Scene::new();
    let header = scene.org.next(&scene.log(), &scene.ben, EntryKind::Change, &scene.key);
    let refused = scene.refuse(&scene.ben, EntryHeader { directory: StatementId([1; 32]), ..header });
    assert!(refused == EntryError::UnknownStatement && refused.is_pending());
}

#[test]
fn ent_05_nobody_backdates_to_an_older_directory() {
    let scene = Scene::new();
    let old = scene.org.directory.chain()[4];
    let header = scene.org.next(&scene.log(), &scene.ben, EntryKind::Change, &scene.key);
    assert_eq!(scene.refuse(&scene.ben, EntryHeader { directory: old, ..header }), EntryError::DirectoryWentBack);
}

#[test]
fn ent_06_strangers_leavers_and_unknown_devices_are_refused() {
    let mut scene = Scene::new();
    let stranger = Person::new();
    let header = |scene: &Scene, author| scene.org.next(&scene.log(), author, EntryKind::Change, &scene.key);
    assert_eq!(scene.refuse(&stranger, header(&scene, &stranger)), EntryError::NotEnrolled);
    let device = EntryHeader { device: DeviceId([1; 16]), ..header(&scene, &scene.ben) };
    assert_eq!(scene.refuse(&scene.ben, device), EntryError::NotEnrolled);
    scene.org.act(Act::MemberRetire { member: scene.ben.id }).unwrap();
    assert_eq!(scene.refuse(&scene.ben, header(&scene, &scene.ben)), EntryError::NotEnrolled);
}

#[test]
fn sig_01_signing_as_somebody_else_is_refused() {
    let scene = Scene::new();
    let header = scene.org.next(&scene.log(), &scene.ben, EntryKind::Change, &scene.key);
    assert_eq!(scene.refuse(&scene.carl, header), EntryError::Wire(WireError::BadSignature));
}

#[test]
fn ent_07_each_act_needs_its_right() {
    let mut scene = Scene::new();
    let next = |scene: &Scene, author, kind| scene.org.next(&scene.log(), author, kind, &scene.key);
    // Reading is not writing.
    assert_eq!(scene.refuse(&scene.carl, next(&scene, &scene.carl, EntryKind::Change)), EntryError::NoRight);
    // Writing is not managing.
    let to_eva = [(member(&Person::new()), Access::Read)];
    let eva = scene.org.join(Role::Clinician);
    let grants = |scene: &Scene, by: &Person| {
        seal_grants(&scene.org.directory, by.holder(), &scene.key, 1, [(member(&eva), to_eva[0].1)], &mut rng()).unwrap()
    };
    let grant = EntryHeader { grants: grants(&scene, &scene.ben), ..next(&scene, &scene.ben, EntryKind::Grant) };
    assert_eq!(scene.refuse(&scene.ben, grant), EntryError::NoRight);
    let (_, rekey) = scene.org.rekey(&scene.log(), &scene.ben, &[&scene.key], &[(member(&scene.ben), Access::Manage)]);
    assert_eq!(scene.insert(&mut scene.log(), &rekey), Err(EntryError::NoRight));
    assert_eq!(scene.refuse(&scene.ben, next(&scene, &scene.ben, EntryKind::Admit)), EntryError::NoRight);
    // A reader by role writes nothing, whatever was granted.
    scene.org.act(Act::RoleSet { member: scene.ben.id, role: Role::Reader }).unwrap();
    assert_eq!(scene.refuse(&scene.ben, next(&scene, &scene.ben, EntryKind::Change)), EntryError::NoRight);
}

#[test]
fn a_writer_turns_the_key_over_without_changing_access() {
    let scene = Scene::new();
    let log = scene.log();
    let grants: Vec<_> = log.access().grants().iter().map(|(to, access)| (*to, *access)).collect();
    let (_, rekey) = scene.org.rekey(&log, &scene.ben, &[&scene.key], &grants);
    scene.insert(&mut scene.log(), &rekey).unwrap();
}

#[test]
fn ent_08_writing_under_a_replaced_epoch_is_refused() {
    let scene = Scene::new();
    let (_, rekey) = scene.org.rekey(&scene.log(), &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    let mut log = scene.org.log(&[&scene.genesis, &rekey]);
    let old = EntryHeader { epoch: 1, ..scene.org.next(&log, &scene.ana, EntryKind::Change, &scene.key) };
    let old = scene.org.seal(&scene.ana, old, &scene.key);
    assert_eq!(scene.insert(&mut log, &old), Err(EntryError::WrongEpoch));
    let skipped = EntryHeader { epoch: 7, ..scene.org.next(&log, &scene.ana, EntryKind::Change, &scene.key) };
    let skipped = scene.org.seal(&scene.ana, skipped, &scene.key);
    assert_eq!(scene.insert(&mut log, &skipped), Err(EntryError::WrongEpoch));
}

#[test]
fn after_a_revocation_the_old_keys_open_nothing_new_and_the_new_key_opens_everything() {
    let scene = Scene::new();
    let first = scene.org.change(&scene.log(), &scene.ben, &scene.key);
    let log = scene.org.log(&[&scene.genesis, &first]);
    let remain = [(member(&scene.ana), Access::Manage), (member(&scene.ben), Access::Write)];
    let (new, rekey) = scene.org.rekey(&log, &scene.ana, &[&scene.key], &remain);
    let log = scene.org.log(&[&scene.genesis, &first, &rekey]);
    let later = scene.org.change(&log, &scene.ben, &new);
    let log = scene.org.log(&[&scene.genesis, &first, &rekey, &later]);
    assert_eq!(keys_of(&scene, &log, &scene.ben).len(), 2);
    let carls = keys_of(&scene, &log, &scene.carl);
    assert_eq!(carls.keys().collect::<Vec<_>>(), [&scene.key.check()]);
    let (later, _) = log.entry(&later.id()).unwrap();
    assert!(open_body(later.header(), later.body(), &scene.key).is_err());
    assert_eq!(log.access().access_of(&scene.org.directory, scene.carl.id, scene.org.directory.now()), None);
}

#[test]
fn ent_09_a_key_other_than_the_named_one_is_not_taken() {
    let scene = Scene::new();
    let other = ChartKey::generate(&mut rng());
    let grants = [(member(&scene.ana), Access::Manage), (member(&scene.ben), Access::Read)];
    let mut given = seal_grants(&scene.org.directory, scene.ana.holder(), &scene.key, 1, grants, &mut rng()).unwrap();
    // The key that Ben is given is sealed for the right place, but it is another one.
    let context = Context {
        org: scene.org.directory.org(),
        kind: Kind::ChartKeyToMember,
        id: &scene.key.check().0,
        epoch: 1,
        position: 0,
    };
    let to_ben = crate::hpke_seal::seal_to(
        scene.ben.keys.sealing.public(),
        &context,
        crate::keys::ParentKey::expose(&other),
        &mut rng(),
    );
    let bens = given.iter_mut().find(|grant| grant.to == member(&scene.ben)).unwrap();
    bens.key = wardbook_wire::entry::KeyTo::Member(to_ben.unwrap());
    let header = EntryHeader { grants: given, ..scene.org.header(&scene.ana, EntryKind::Genesis, &scene.key) };
    let log = scene.org.log(&[&scene.org.seal(&scene.ana, header.clone(), &scene.key)]);
    assert!(keys_of(&scene, &log, &scene.ben).is_empty());
    assert_eq!(keys_of(&scene, &log, &scene.ana).len(), 1);
    assert!(open_body(&header, &[], &other).is_err());
}

#[test]
fn ent_10_a_body_moved_to_another_entry_does_not_open() {
    let scene = Scene::new();
    let log = scene.log();
    let header = scene.org.next(&log, &scene.ben, EntryKind::Change, &scene.key);
    let body = seal_body(&header, &scene.key, &Body::default(), &mut rng());
    assert!(open_body(&header, &body, &scene.key).is_ok());
    assert!(open_body(&EntryHeader { author: scene.ana.id, ..header }, &body, &scene.key).is_err());
}

#[test]
fn ent_11_writing_at_the_time_of_a_revocation_waits_for_admission() {
    let scene = Scene::new();
    let base = scene.log();
    let late = scene.org.change(&base, &scene.ben, &scene.key);
    let honest = scene.org.change(&base, &scene.ana, &scene.key);
    let (new, rekey) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    for order in [[&late, &honest, &rekey], [&rekey, &honest, &late], [&honest, &rekey, &late]] {
        let log = scene.org.log(&[&[&scene.genesis], order.as_slice()].concat());
        assert_eq!(standing(&log, &late), Standing::Quarantined);
        assert_eq!(standing(&log, &honest), Standing::Counts);
        assert_eq!(standing(&log, &rekey), Standing::Counts);
    }
    // Whoever built the revocation on top of it has seen it: it counts.
    let seen = scene.org.log(&[&scene.genesis, &late]);
    let (_, after) = scene.org.rekey(&seen, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    assert_eq!(standing(&scene.org.log(&[&scene.genesis, &late, &after]), &late), Standing::Counts);
    // Admission by a manager.
    let log = scene.org.log(&[&scene.genesis, &late, &rekey]);
    let admit = scene.org.seal(&scene.ana, scene.org.next(&log, &scene.ana, EntryKind::Admit, &new), &new);
    assert_eq!(standing(&scene.org.log(&[&scene.genesis, &late, &rekey, &admit]), &late), Standing::Counts);
}

#[test]
fn ent_12_what_a_leaver_hands_in_later_waits_and_what_was_here_before_stays() {
    let mut scene = Scene::new();
    let entry = scene.org.change(&scene.log(), &scene.ben, &scene.key);
    let before = scene.org.directory.now();
    scene.org.act(Act::MemberRetire { member: scene.ben.id }).unwrap();
    let judged = |arrived| {
        let mut log = scene.log();
        log.insert(&scene.org.directory, entry.clone(), arrived).unwrap();
        log.judge(&scene.org.directory);
        log
    };
    assert_eq!(standing(&judged(before), &entry), Standing::Counts);
    let late = judged(scene.org.directory.now());
    assert_eq!(standing(&late, &entry), Standing::Quarantined);
    // Somebody who knew of the departure and built on it has accepted it.
    let on_top = scene.org.change(&late, &scene.ana, &scene.key);
    let log = scene.org.log(&[&scene.genesis, &entry, &on_top]);
    assert_eq!(standing(&log, &entry), Standing::Counts);
}

#[test]
fn two_revocations_made_apart_both_hold_and_the_next_rekey_joins_them() {
    let scene = Scene::new();
    let base = scene.log();
    let all = [(member(&scene.ana), Access::Manage), (member(&scene.ben), Access::Write), (member(&scene.carl), Access::Read)];
    let (without_ben, one) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[all[0], all[2]]);
    let (without_carl, two) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[all[0], all[1]]);
    let log = scene.org.log(&[&scene.genesis, &one, &two]);
    assert_eq!(log.access(), scene.org.log(&[&scene.genesis, &two, &one]).access());
    assert_eq!(log.access().grants().keys().collect::<Vec<_>>(), [&member(&scene.ana)]);
    assert!(log.needs_rekey(&scene.org.directory));
    let mut old = [&without_ben, &without_carl];
    old.sort_by_key(|key| key.check());
    let (_, joined) = scene.org.rekey(&log, &scene.ana, &old, &[all[0]]);
    let log = scene.org.log(&[&scene.genesis, &one, &two, &joined]);
    assert!(!log.needs_rekey(&scene.org.directory));
    assert_eq!(keys_of(&scene, &log, &scene.ana).len(), 4);
}

#[test]
fn a_team_opens_charts_and_leaving_it_asks_for_a_rekey() {
    let mut org = Org::new();
    let (mut ana, mut ben, mut eva) = (org.join(Role::Clinician), org.join(Role::Clinician), org.join(Role::Clinician));
    let team = org.team(1, &mut [&mut ana, &mut ben]);
    let (key, inside) = org.genesis(&ana, &[(Grantee::Team(team), Access::Manage)]);
    let (_, outside) = org.genesis(&eva, &[(Grantee::Team(team), Access::Manage)]);
    for (entry, boxed) in [(&inside, true), (&outside, false)] {
        let log = org.log(&[entry]);
        let held = matches!(entry.peek().grants[0].key, wardbook_wire::entry::KeyTo::TeamSecret { .. });
        assert_eq!(held, boxed, "a member of the team seals under its secret, anybody else to its public key");
        let mut keys = BTreeMap::new();
        open_chart_keys(&log, org.directory.org(), ben.holder(), &mut keys);
        assert_eq!(keys.len(), 1);
    }
    org.team_join(team, &ana, &mut eva);
    assert!(!org.log(&[&inside]).needs_rekey(&org.directory));
    org.team_rekey(team, &mut [&mut ana, &mut eva]);
    let log = org.log(&[&inside]);
    assert!(log.needs_rekey(&org.directory), "Ben still holds the key");
    let (_, rekey) = org.rekey(&log, &eva, &[&key], &[(Grantee::Team(team), Access::Manage)]);
    assert!(!org.log(&[&inside, &rekey]).needs_rekey(&org.directory));
}
