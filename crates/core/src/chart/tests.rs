use super::*;
use crate::body::Packer;
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
        log.insert(&self.org.directory, entry.clone(), Arrival::at(self.org.directory.now()))
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
    let foreign =
        EntryHeader { org: OrgId([0; 32]), ..scene.org.next(&log, &scene.ben, EntryKind::Change, &scene.key) };
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
        seal_grants(&scene.org.directory, by.holder(), &scene.key, 1, [(member(&eva), to_eva[0].1)], &mut rng())
            .unwrap()
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
    let body = seal_body(&header, &scene.key, &Body::default().encode(&mut Packer::default()), &mut rng());
    assert!(open_body(&header, &body, &scene.key).is_ok());
    assert!(open_body(&EntryHeader { author: scene.ana.id, ..header }, &body, &scene.key).is_err());
}

#[test]
fn ent_11_what_arrives_after_a_revocation_that_it_does_not_know_waits() {
    let scene = Scene::new();
    let base = scene.log();
    let late = scene.org.change(&base, &scene.ben, &scene.key);
    let honest = scene.org.change(&base, &scene.ana, &scene.key);
    let (_, rekey) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    let log = scene.org.log(&[&scene.genesis, &rekey, &honest, &late]);
    assert_eq!(standing(&log, &late), Standing::Quarantined);
    assert_eq!(standing(&log, &honest), Standing::Counts);
    assert!(!log.parents().contains(&late.id()), "nobody builds on it by accident");
    // Received before the revocation: it counts, and goes on counting.
    let log = scene.org.log(&[&scene.genesis, &late, &rekey]);
    assert_eq!(standing(&log, &late), Standing::Counts);
}

#[test]
fn ent_11_ent_14_a_quarantined_grant_gives_nobody_anything() {
    let mut scene = Scene::new();
    let eva = scene.org.join(Role::Clinician);
    let base = scene.log();
    let (_, rekey) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    // Ben was a manager once and pretends not to know that this has ended.
    let all = [(member(&scene.ana), Access::Manage), (member(&scene.ben), Access::Manage)];
    let (key, genesis) = scene.org.genesis(&scene.ana, &all);
    let base_two = scene.org.log(&[&genesis]);
    let (_, revoke) = scene.org.rekey(&base_two, &scene.ana, &[&key], &all[..1]);
    let to_eva =
        seal_grants(&scene.org.directory, scene.ben.holder(), &key, 1, [(member(&eva), Access::Write)], &mut rng());
    let grant =
        EntryHeader { grants: to_eva.unwrap(), ..scene.org.next(&base_two, &scene.ben, EntryKind::Grant, &key) };
    let grant = scene.org.seal(&scene.ben, grant, &key);
    let mut log = scene.org.log(&[&genesis, &revoke, &grant]);
    assert_eq!(standing(&log, &grant), Standing::Quarantined);
    let on_top = EntryHeader { parents: vec![grant.id()], ..scene.org.next(&base_two, &eva, EntryKind::Change, &key) };
    let on_top = scene.org.seal(&eva, on_top, &key);
    let refused = scene.insert(&mut log, &on_top).unwrap_err();
    assert!(refused == EntryError::OnQuarantined && refused.is_pending());
    assert_eq!(log.access().access_of(&scene.org.directory, eva.id, scene.org.directory.now()), None);
    // Nor does a rekey of his take the chart away from those who have it.
    let (_, coup) = scene.org.rekey(&base_two, &scene.ben, &[&key], &all[1..]);
    scene.insert(&mut log, &coup).unwrap();
    assert_eq!(standing(&log, &coup), Standing::Quarantined);
    assert_eq!(log.access().grants().keys().collect::<Vec<_>>(), [&member(&scene.ana)]);
    assert!(!scene.org.log(&[&scene.genesis, &rekey]).access().grants().is_empty());
}

#[test]
fn ent_13_a_manager_admits_changes_and_nobody_admits_their_own() {
    let scene = Scene::new();
    let base = scene.log();
    let late = scene.org.change(&base, &scene.ben, &scene.key);
    let (new, rekey) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    let log = scene.org.log(&[&scene.genesis, &rekey, &late]);
    let mut parents = log.parents();
    parents.push(late.id());
    parents.sort();
    let admit = EntryHeader { parents, ..scene.org.next(&log, &scene.ana, EntryKind::Admit, &new) };
    let admit = scene.org.seal(&scene.ana, admit, &new);
    let admitted = scene.org.log(&[&scene.genesis, &rekey, &late, &admit]);
    assert_eq!(standing(&admitted, &late), Standing::Counts);
    // Ben, who wrote it, has no right to; nor had he as a writer before.
    let own =
        EntryHeader { parents: vec![late.id()], ..scene.org.next(&base, &scene.ben, EntryKind::Admit, &scene.key) };
    let own = scene.org.seal(&scene.ben, own, &scene.key);
    let mut log = scene.org.log(&[&scene.genesis, &rekey, &late]);
    assert_eq!(scene.insert(&mut log, &own), Err(EntryError::OnQuarantined));
    assert_eq!(standing(&log, &late), Standing::Quarantined);
}

#[test]
fn ent_13_what_was_rejected_can_still_be_admitted_and_the_log_knows_who_decided_last() {
    let scene = Scene::new();
    let base = scene.log();
    let late = scene.org.change(&base, &scene.ben, &scene.key);
    let (new, rekey) = scene.org.rekey(&base, &scene.ana, &[&scene.key], &[(member(&scene.ana), Access::Manage)]);
    let settle = |log: &ChartLog, kind: EntryKind| {
        let mut parents = log.parents();
        parents.push(late.id());
        parents.sort();
        let header = EntryHeader { parents, ..scene.org.next(log, &scene.ana, kind, &new) };
        scene.org.seal(&scene.ana, header, &new)
    };
    let decided = |log: &ChartLog| log.decided_by(&late.id()).map(VerifiedEntry::id);
    let waiting = scene.org.log(&[&scene.genesis, &rekey, &late]);
    assert_eq!((standing(&waiting, &late), decided(&waiting)), (Standing::Quarantined, None));
    let reject = settle(&waiting, EntryKind::Reject);
    let rejected = scene.org.log(&[&scene.genesis, &rekey, &late, &reject]);
    assert_eq!((standing(&rejected, &late), decided(&rejected)), (Standing::Rejected, Some(reject.id())));
    let admit = settle(&rejected, EntryKind::Admit);
    let admitted = scene.org.log(&[&scene.genesis, &rekey, &late, &reject, &admit]);
    assert_eq!((standing(&admitted, &late), decided(&admitted)), (Standing::Counts, Some(admit.id())));
    // Nobody had to decide about what counted from the beginning, though the admission names it as a parent.
    assert!(admitted.decided_by(&reject.id()).is_none());
}

#[test]
fn ent_12_what_a_leaver_hands_in_later_waits_and_what_was_here_before_stays() {
    let mut scene = Scene::new();
    let entry = scene.org.change(&scene.log(), &scene.ben, &scene.key);
    let before = scene.org.directory.now();
    scene.org.act(Act::MemberRetire { member: scene.ben.id }).unwrap();
    let judged = |arrived| {
        let mut log = scene.log();
        log.insert(&scene.org.directory, entry.clone(), Arrival::at(arrived)).unwrap();
        log
    };
    assert_eq!(standing(&judged(before), &entry), Standing::Counts);
    let late = judged(scene.org.directory.now());
    assert_eq!(standing(&late, &entry), Standing::Quarantined);
    // The next writer does not let it in by going on.
    let next = scene.org.change(&late, &scene.ana, &scene.key);
    assert!(!next.peek().parents.contains(&entry.id()));
}

#[test]
fn a_manager_repairs_a_chart_whose_key_was_handed_out_wrongly() {
    let scene = Scene::new();
    let log = scene.log();
    let grants: Vec<_> = log.access().grants().iter().map(|(to, access)| (*to, *access)).collect();
    // Ben turns the key over and seals rubbish to the others.
    let (hidden, rekey) = scene.org.rekey(&log, &scene.ben, &[&scene.key], &grants);
    let log = scene.org.log(&[&scene.genesis, &rekey]);
    let replaced = [(hidden.check(), None), (scene.key.check(), Some(&scene.key))].into();
    let (key, previous) = new_epoch_key(scene.org.directory.org(), 3, &replaced, &mut rng());
    let to = [(member(&scene.ana), Access::Manage)];
    let grants = seal_grants(&scene.org.directory, scene.ana.holder(), &key, 3, to, &mut rng()).unwrap();
    let header = EntryHeader { grants, previous, epoch: 3, ..scene.org.next(&log, &scene.ana, EntryKind::Rekey, &key) };
    let repair = scene.org.seal(&scene.ana, header, &key);
    let log = scene.org.log(&[&scene.genesis, &rekey, &repair]);
    assert!(keys_of(&scene, &log, &scene.ana).contains_key(&scene.key.check()));
    assert!(!log.needs_rekey(&scene.org.directory));
}

#[test]
fn two_revocations_made_apart_both_hold_and_the_next_rekey_joins_them() {
    let mut org = Org::new();
    let [ana, dan, ben, carl] = [(); 4].map(|()| org.join(Role::Clinician));
    let all = [
        (member(&ana), Access::Manage),
        (member(&dan), Access::Manage),
        (member(&ben), Access::Write),
        (member(&carl), Access::Read),
    ];
    let (key, genesis) = org.genesis(&ana, &all);
    let base = org.log(&[&genesis]);
    let (without_ben, one) = org.rekey(&base, &ana, &[&key], &[all[0], all[1], all[3]]);
    let (without_carl, two) = org.rekey(&base, &dan, &[&key], &all[..3]);
    let log = org.log(&[&genesis, &one, &two]);
    assert_eq!(log.access(), org.log(&[&genesis, &two, &one]).access());
    let mut managers = [member(&ana), member(&dan)];
    managers.sort();
    assert_eq!(log.access().grants().keys().copied().collect::<Vec<_>>(), managers);
    assert!(log.needs_rekey(&org.directory));
    // Writing under one of the two keys, which somebody revoked may hold, is refused.
    let mut refusing = org.log(&[&genesis, &one, &two]);
    let under_one = EntryHeader { epoch: 2, ..org.next(&log, &ana, EntryKind::Change, &without_carl) };
    let refused = refusing.insert(&org.directory, org.seal(&ana, under_one, &without_carl), Arrival::at(0));
    assert_eq!(refused, Err(EntryError::WrongEpoch));
    let (_, joined) = org.rekey(&log, &ana, &[&without_ben, &without_carl], &all[..2]);
    let log = org.log(&[&genesis, &one, &two, &joined]);
    assert!(!log.needs_rekey(&org.directory));
    let mut held = BTreeMap::new();
    open_chart_keys(&log, org.directory.org(), ana.holder(), &mut held);
    assert_eq!(held.len(), 4);
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
