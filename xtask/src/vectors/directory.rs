//! `directory.json`: a chain with every act, what follows from it, and statements that are refused.

use super::rng::VectorRng;
use super::scene::{DEVICE, POLICY, Person, Scene, TEAM};
use super::{flipped, hex};
use crate::Result;
use serde_json::{Value, json};
use wardbook_core::directory::{Directory, open_name, seal_team_epoch, sign_next};
use wardbook_core::keys::{ParentKey, SigningKey, TeamSecret};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::statement::{Genesis, SealKey, SealedBytes, SealedSecret, TeamEpoch};
use wardbook_wire::{Act, Author, DeviceId, MemberId, OrgId, Policy, Role, Statement, TeamId, strict};

pub fn make(scene: &Scene) -> Result<Value> {
    let directory = &scene.directory;
    let people = [&scene.admin, &scene.ana, &scene.ben];
    let members = directory.members().map(|member| -> Result<Value> {
        let (short, display) = open_name(&scene.names, directory.org(), &member.id.0, &member.name)?;
        let role = member.role_at(directory.now()).map(|role| role as u8);
        Ok(json!({ "member": hex(member.id.0), "role": role, "user": short, "name": display }))
    });
    let teams = directory.teams().map(|team| {
        let members: Vec<_> = team.members().map(|member| hex(member.0)).collect();
        json!({ "team": hex(team.id.0), "epoch": team.epoch(), "members": members })
    });
    Ok(json!({
        "about": "spec/directory.md. `after` is how many statements of the chain come before a fault.",
        "root_seed": hex(scene.root.seed()),
        "directory_key": hex(scene.names.expose()),
        "people": people.map(person),
        "team_secrets": scene.secrets.each_ref().map(|secret| hex(secret.expose())),
        "chain": scene.chain.iter().map(|step| json!({
            "name": step.name,
            "id": hex(step.id.0),
            "statement": hex(&step.bytes),
        })).collect::<Vec<_>>(),
        "result": {
            "org": hex(directory.org().0),
            "head": hex(directory.head().0),
            "policy": hex(strict::encode(directory.policy())),
            "members": members.collect::<Result<Vec<_>>>()?,
            "teams": teams.collect::<Vec<_>>(),
            "team_epochs_opened": { "ana": [1, 2], "ben": [1] },
        },
        "genesis_faults": genesis_faults(scene),
        "faults": faults(scene)?,
        "team_faults": [team_fault(scene)?],
    }))
}

fn person(person: &Person) -> Value {
    json!({
        "name": person.name,
        "member": hex(person.id.0),
        "signing_seed": hex(person.keys.signing.seed()),
        "sealing_seed": hex(person.keys.sealing.seed()),
    })
}

fn genesis_faults(scene: &Scene) -> Vec<Value> {
    let other = SigningKey::generate(&mut VectorRng::new("other root"));
    let make = |policy| Genesis { nonce: [1; 32], root: scene.root.verify_key(), policy };
    let statement = |act| Statement { org: None, previous: None, author: Author::Root, act };
    let good = statement(Act::Genesis(make(POLICY)));
    let weak = statement(Act::Genesis(make(Policy { kdf: Kdf::Pbkdf2 { rounds: 1 }, ..POLICY })));
    let member = Statement { author: scene.admin.author(), ..good.clone() };
    let with_org = Statement { org: Some(scene.directory.org()), ..good.clone() };
    [
        ("signed_by_another_key", "SIG-01", other.sign(&good)),
        ("another_act", "DIR-01", scene.root.sign(&statement(Act::PolicySet(POLICY)))),
        ("author_is_a_member", "DIR-01", scene.root.sign(&member)),
        ("names_an_organisation", "DIR-01", scene.root.sign(&with_org)),
        ("weak_policy", "DIR-08", scene.root.sign(&weak)),
    ]
    .into_iter()
    .map(|(name, rule, bytes)| json!({ "name": name, "rule": rule, "statement": hex(bytes) }))
    .collect()
}

/// Who signs a fault, over the state that they sign on.
struct Faults<'a> {
    scene: &'a Scene,
    made: Vec<Value>,
}

impl Faults<'_> {
    fn push(&mut self, name: &str, rule: &str, after: usize, statement: &[u8]) {
        self.made.push(json!({ "name": name, "rule": rule, "after": after, "statement": hex(statement) }));
    }

    fn by(
        &mut self,
        name: &str,
        rule: &str,
        after: usize,
        (author, key): (Author, &SigningKey),
        act: Act,
    ) -> Result<()> {
        let statement = sign_next(&self.scene.directory_after(after)?, author, key, act);
        self.push(name, rule, after, &statement);
        Ok(())
    }

    fn by_admin(&mut self, name: &str, rule: &str, after: usize, act: Act) -> Result<()> {
        let admin = &self.scene.admin;
        self.by(name, rule, after, (admin.author(), &admin.keys.signing), act)
    }
}

fn faults(scene: &Scene) -> Result<Vec<Value>> {
    let mut faults = Faults { scene, made: Vec::new() };
    framing(&mut faults)?;
    authors(&mut faults)?;
    acts(&mut faults)?;
    teams(&mut faults)?;
    Ok(faults.made)
}

fn framing(faults: &mut Faults<'_>) -> Result<()> {
    let admin = &faults.scene.admin;
    let act = || Act::PolicySet(POLICY);
    let here: Directory = faults.scene.directory_after(9)?;
    let good = sign_next(&here, admin.author(), &admin.keys.signing, act());
    let foreign =
        Statement { org: Some(OrgId([9; 32])), previous: Some(here.head()), author: admin.author(), act: act() };
    let foreign = admin.keys.signing.sign(&foreign);
    faults.push("trailing_byte", "ENC-02", 9, &[good.as_slice(), &[0]].concat());
    faults.push("flipped_signature", "SIG-01", 9, &flipped(&good, -1));
    faults.push("follows_an_older_statement", "DIR-02", 10, &good);
    faults.push("other_organisation", "DIR-02", 9, &foreign);
    Ok(())
}

fn authors(faults: &mut Faults<'_>) -> Result<()> {
    let scene = faults.scene;
    let act = || Act::PolicySet(POLICY);
    let of = |person: &Person| person.author();
    faults.by("signed_by_somebody_else", "SIG-01", 9, (of(&scene.admin), &scene.ben.keys.signing), act())?;
    faults.by("author_is_unknown", "DIR-03", 9, (Author::Member(MemberId([9; 16])), &scene.ben.keys.signing), act())?;
    faults.by("author_has_left", "DIR-03", 12, (of(&scene.ben), &scene.ben.keys.signing), act())?;
    faults.by("author_is_no_admin", "DIR-04", 9, (of(&scene.ana), &scene.ana.keys.signing), act())?;
    faults.by("root_sets_a_policy", "DIR-04", 9, (Author::Root, &scene.root), act())?;
    let clinician = Act::RoleSet { member: scene.ana.id, role: Role::Clinician };
    faults.by("root_sets_another_role", "DIR-04", 9, (Author::Root, &scene.root), clinician)
}

fn acts(faults: &mut Faults<'_>) -> Result<()> {
    let scene = faults.scene;
    let (admin, nobody) = (scene.admin.id, MemberId([9; 16]));
    let genesis = Genesis { nonce: [1; 32], root: scene.root.verify_key(), policy: POLICY };
    faults.by_admin("genesis_again", "DIR-01", 9, Act::Genesis(genesis))?;
    let unknown = Act::RoleSet { member: nobody, role: Role::Reader };
    faults.by_admin("role_of_nobody", "DIR-05", 9, unknown)?;
    faults.by_admin("retire_nobody", "DIR-05", 9, Act::MemberRetire { member: nobody })?;
    faults.by_admin("retire_twice", "DIR-05", 11, Act::MemberRetire { member: scene.ben.id })?;
    faults.by_admin("retire_unknown_device", "DIR-05", 9, Act::DeviceRetire { device: DeviceId([9; 16]) })?;
    faults.by_admin("retire_device_twice", "DIR-05", 12, Act::DeviceRetire { device: DEVICE })?;
    let mut short = scene.new_member(
        &Person::new("eva", 0xe7, &mut VectorRng::new("eva")),
        Role::Reader,
        &mut VectorRng::new("eva's name"),
    );
    short.seal_key = SealKey(vec![0; 31]);
    faults.by_admin("seal_key_of_another_length", "DIR-05", 9, Act::MemberAdd(short))?;
    faults.by_admin("last_admin_retires", "DIR-07", 12, Act::MemberRetire { member: admin })?;
    let down = Act::RoleSet { member: admin, role: Role::Officer };
    faults.by_admin("last_admin_steps_down", "DIR-07", 12, down)?;
    for (name, policy) in [
        ("password_too_short", Policy { password_chars_min: 7, ..POLICY }),
        ("password_too_long", Policy { password_chars_min: 129, ..POLICY }),
        ("kdf_below_floor", Policy { kdf: Kdf::Argon2id { memory_kib: 1024, passes: 3 }, ..POLICY }),
        ("kdf_above_ceiling", Policy { kdf: Kdf::Pbkdf2 { rounds: u32::MAX }, ..POLICY }),
    ] {
        faults.by_admin(name, "DIR-08", 9, Act::PolicySet(policy))?;
    }
    Ok(())
}

/// Small team states: what is sealed in them is not looked at before the state is.
fn teams(faults: &mut Faults<'_>) -> Result<()> {
    let (ana, ben) = (faults.scene.ana.id, faults.scene.ben.id);
    let secret = |member| SealedSecret { member, sealed: SealedBytes(vec![0]) };
    let next = TeamEpoch {
        team: TEAM,
        epoch: 3,
        seal_key: SealKey(vec![]),
        name: vec![],
        secrets: vec![secret(ana), secret(ben)],
        previous: Some(SealedBytes(vec![0])),
    };
    for (name, epoch) in [
        ("epoch_skipped", TeamEpoch { epoch: 4, ..next.clone() }),
        ("epoch_repeated", TeamEpoch { epoch: 2, ..next.clone() }),
        ("nothing_handed_on", TeamEpoch { previous: None, ..next.clone() }),
        ("members_unsorted", TeamEpoch { secrets: vec![secret(ben), secret(ana)], ..next.clone() }),
        ("member_twice", TeamEpoch { secrets: vec![secret(ana), secret(ana)], ..next.clone() }),
        ("no_members", TeamEpoch { secrets: vec![], ..next.clone() }),
        ("member_unknown", TeamEpoch { secrets: vec![secret(MemberId([9; 16]))], ..next.clone() }),
    ] {
        faults.by_admin(name, "DIR-06", 9, Act::TeamRekey(epoch))?;
    }
    faults.by_admin("member_has_left", "DIR-06", 11, Act::TeamRekey(next.clone()))?;
    let again = TeamEpoch { epoch: 1, previous: None, ..next.clone() };
    faults.by_admin("team_created_twice", "DIR-06", 9, Act::TeamCreate(again.clone()))?;
    let late = TeamEpoch { team: TeamId([9; 16]), epoch: 2, ..again };
    faults.by_admin("team_created_at_epoch_2", "DIR-06", 9, Act::TeamCreate(late))?;
    faults.by_admin("added_twice", "DIR-06", 9, Act::TeamAdd { team: TEAM, secret: secret(ana) })?;
    let unknown = Act::TeamAdd { team: TeamId([9; 16]), secret: secret(ana) };
    faults.by_admin("unknown_team", "DIR-05", 9, unknown)
}

/// A statement that counts, with a secret from which another key follows than the one it names.
fn team_fault(scene: &Scene) -> Result<Value> {
    let rng = &mut VectorRng::new("team fault");
    let (named, given) = (TeamSecret::generate(rng), TeamSecret::generate(rng));
    let directory = scene.directory_after(5)?;
    let mut epoch = seal_team_epoch(&directory, TEAM, vec![], &[scene.ana.id], (&given, None), rng)?;
    epoch.seal_key = named.sealing_key().public().clone();
    let statement = sign_next(&directory, scene.admin.author(), &scene.admin.keys.signing, Act::TeamCreate(epoch));
    Ok(json!({ "name": "secret_of_another_key", "rule": "TEAM-01", "after": 5, "statement": hex(statement) }))
}
